//! Text as readers take it: one width, one kind of dash and space, without marks that nobody sees.

use unicode_normalization::UnicodeNormalization;

use crate::text;

/// Fractions that are one character, as thousandths; what is finer is written out.
const FRACTIONS: [(char, &str); 7] =
    [('½', "5"), ('¼', "25"), ('¾', "75"), ('⅛', "125"), ('⅜', "375"), ('⅝', "625"), ('⅞', "875")];

/// In NFKC, marks that cannot be seen left out, white space as one space, one kind of dash; without space at the ends.
/// `1½` is `1.5`.
pub(super) fn plain(text: &str) -> String {
    let mut wide = String::with_capacity(text.len());
    for c in text.chars() {
        match FRACTIONS.iter().find(|(sign, _)| *sign == c) {
            Some((_, digits)) => {
                let whole = wide.trim_end().ends_with(|c: char| c.is_ascii_digit());
                wide.truncate(wide.trim_end().len());
                wide.push_str(if whole { "." } else { "0." });
                wide.push_str(digits);
            }
            // The number of a line, not of what stands in it.
            None if matches!(c, '①'..='⑳' | '⒈'..='⒛' | '❶'..='❿') => wide.push_str(&numbered(c)),
            None => wide.push(c),
        }
    }
    let mut out = String::with_capacity(wide.len());
    for c in wide.nfkc() {
        match c {
            _ if is_unseen(c) => {}
            c if c.is_whitespace() => {
                if !out.ends_with(' ') {
                    out.push(' ');
                }
            }
            '‐' | '‑' | '‒' | '–' | '—' | '―' | '−' | '﹣' | '－' => out.push('-'),
            '⁄' | '∕' => out.push('/'),
            '〜' | '∼' | '～' => out.push('~'),
            '✕' | '✖' | '╳' | '⨯' => out.push('×'),
            '【' | '[' | '〔' => out.push('('),
            '】' | ']' | '〕' => out.push(')'),
            c => out.push(c),
        }
    }
    out.trim().to_owned()
}

/// `1.` for `①`.
fn numbered(c: char) -> String {
    let from = [('①', '⑳'), ('⒈', '⒛'), ('❶', '❿')].into_iter().find(|(first, last)| (*first..=*last).contains(&c));
    let number = from.map_or(0, |(first, _)| u32::from(c) - u32::from(first) + 1);
    format!("{number}.")
}

/// Marks that change nothing that is read: joiners, isolates, byte order marks, selectors, letters that fill a place.
pub(super) fn is_unseen(c: char) -> bool {
    text::is_hidden(c) || text::is_unseen(c) || (c.is_control() && !c.is_whitespace())
}

/// Marks that turn the order of reading around, and controls: what stands there is not what is seen.
pub(super) fn is_turning(c: char) -> bool {
    matches!(c, '\u{202a}'..='\u{202e}') || (c.is_control() && !c.is_whitespace())
}

/// Whether a text begins with a word, letter by letter.
pub(super) fn starts(text: &[char], word: &str) -> bool {
    text.len() >= word.chars().count() && word.chars().zip(text).all(|(one, other)| one == *other)
}

/// How many spaces a text begins with.
pub(super) fn spaces(text: &[char]) -> usize {
    text.iter().take_while(|c| **c == ' ').count()
}

/// Letters of Han.
pub(super) fn is_han(c: char) -> bool {
    matches!(c, '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{323af}' | '〇')
}

#[cfg(test)]
mod tests {
    use super::plain;

    #[test]
    fn width_dashes_spaces_and_what_is_not_seen_say_nothing() {
        assert_eq!(plain("　鸡蛋　１２ 个\u{200b} "), "鸡蛋 12 个");
        assert_eq!(plain("\u{202d}6–7\u{202c}"), "6-7");
        assert_eq!(plain("\u{3164}鸡\u{e0041}蛋\u{34f}12"), "鸡蛋12");
        assert_eq!(plain("2½ 盒，¼片"), "2.5 盒,0.25片");
        assert_eq!(plain("⅓片"), "1/3片");
    }
}
