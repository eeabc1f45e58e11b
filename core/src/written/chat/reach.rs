//! Telephone numbers in a line, cut out of it.

use super::words;
use crate::written::{
    numeral,
    phone::{Phone, phones},
};

/// Stands where a door or a telephone number stood.
pub(super) const CUT: char = '\u{1f}';

/// The text with its telephone numbers cut out, and those.
pub(super) fn dialled(text: &str, area: Option<&str>) -> (String, Vec<Phone>) {
    let chars: Vec<char> = text.chars().collect();
    let (mut out, mut found, mut at) = (String::with_capacity(text.len()), Vec::new(), 0);
    while at < chars.len() {
        let inside = at > 0 && (chars[at - 1].is_ascii_alphanumeric() || chars[at - 1] == '-');
        let len = if inside { 0 } else { number(&chars[at..]) };
        let said: String = chars[at..at + len].iter().collect();
        match phones(&said, area).value() {
            Some(read) if len > 0 => {
                found.extend(read.iter().cloned());
                let opened = out.trim_end().ends_with('(');
                out.truncate(unannounced(&out));
                out.push(CUT);
                at += len + usize::from(opened && chars.get(at + len) == Some(&')'));
            }
            _ => {
                out.push(chars[at]);
                at += 1;
            }
        }
    }
    found.dedup();
    (out, found)
}

/// Characters of a telephone number that begins here: a mobile, with spaces and dashes; a landline with its area.
fn number(text: &[char]) -> usize {
    // Another country: everything that is dialled.
    if text.first() == Some(&'+')
        && text.get(1).is_some_and(|c| matches!(c, '1'..='9'))
        && text.get(1..3) != Some(&['8', '6'])
    {
        let run = text[1..].iter().take_while(|c| c.is_ascii_digit() || matches!(c, ' ' | '-')).count();
        let said = 1 + run - text[1..=run].iter().rev().take_while(|c| !c.is_ascii_digit()).count();
        return if digits(&text[..said]) >= 7 { said } else { 0 };
    }
    let country = ["+86", "0086", "86"].iter().find(|code| code.chars().eq(text.iter().copied().take(code.len())));
    let from = country.map_or(0, |code| code.len());
    let from = from + text[from..].iter().take_while(|c| matches!(c, ' ' | '-')).count();
    let grouped = |from: usize, want: usize| {
        let (mut at, mut digits) = (from, 0);
        while digits < want {
            match text.get(at) {
                Some(c) if c.is_ascii_digit() => digits += 1,
                Some(' ' | '-') if digits > 0 && text.get(at + 1).is_some_and(char::is_ascii_digit) => {}
                _ => return 0,
            }
            at += 1;
        }
        if text.get(at).is_some_and(char::is_ascii_digit) { 0 } else { at }
    };
    // `14-302 15…` begins with a door.
    let together = numeral::digits(text.get(from..).unwrap_or_default()) >= 3;
    let mobile = together && text.get(from) == Some(&'1') && matches!(text.get(from + 1), Some('3'..='9'));
    if mobile {
        return grouped(from, 11);
    }
    if text.first() == Some(&'0') && text.get(1) != Some(&'0') {
        let area = numeral::digits(text);
        let joined = (3..=4).contains(&area) && matches!(text.get(area), Some('-' | ' '));
        let local = if joined { numeral::digits(&text[area + 1..]) } else { 0 };
        return match (area, local) {
            (_, 7..=8) => area + 1 + local,
            (10..=12, _) => area,
            _ => 0,
        };
    }
    0
}

/// How many digits stand in a text.
pub(super) fn digits(text: &[char]) -> usize {
    text.iter().filter(|c| c.is_ascii_digit()).count()
}

/// The length of a text without the word that announces a number at its end.
fn unannounced(text: &str) -> usize {
    let bare = text.trim_end_matches([' ', ':', '(']);
    let small = bare.to_lowercase();
    let word = words::PHONE.iter().find(|word| small.ends_with(**word) && small.len() == bare.len());
    word.map_or(text.trim_end_matches('(').len(), |word| bare.len() - word.len())
}
