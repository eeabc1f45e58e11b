//! Strengths and packs by their values.

use super::{Agreement, bare};
use crate::written::{
    numeral::{self, Number},
    plain::starts,
    unit,
};

/// What a number measures.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Sort {
    Mass,
    Volume,
    Dose,
    Percent,
    Length,
    Bare,
}

/// Words of measures, and what one is: in nanograms, nanolitres, thousandths of a unit, of a percent, of a millimetre.
const MEASURES: [(&str, Sort, i64); 24] = [
    ("万单位", Sort::Dose, 10_000_000),
    ("国际单位", Sort::Dose, 1000),
    ("单位", Sort::Dose, 1000),
    ("微克", Sort::Mass, 1000),
    ("毫克", Sort::Mass, 1_000_000),
    ("千克", Sort::Mass, 1_000_000_000_000),
    ("公斤", Sort::Mass, 1_000_000_000_000),
    ("毫升", Sort::Volume, 1_000_000),
    ("微升", Sort::Volume, 1000),
    ("毫米", Sort::Length, 1000),
    ("厘米", Sort::Length, 10_000),
    ("mcg", Sort::Mass, 1000),
    ("μg", Sort::Mass, 1000),
    ("ug", Sort::Mass, 1000),
    ("mg", Sort::Mass, 1_000_000),
    ("kg", Sort::Mass, 1_000_000_000_000),
    ("ml", Sort::Volume, 1_000_000),
    ("mm", Sort::Length, 1000),
    ("cm", Sort::Length, 10_000),
    ("iu", Sort::Dose, 1000),
    ("克", Sort::Mass, 1_000_000_000),
    ("升", Sort::Volume, 1_000_000_000),
    ("%", Sort::Percent, 1000),
    ("u", Sort::Dose, 1000),
];
/// The same for single letters, which other words begin with.
const LETTERS: [(&str, Sort, i64); 2] = [("g", Sort::Mass, 1_000_000_000), ("l", Sort::Volume, 1_000_000_000)];

/// A measure that begins a text, and its characters.
fn measure(text: &[char]) -> Option<(Sort, i64, usize)> {
    let fits = |word: &str| {
        let len = word.chars().count();
        let same = starts(text, word);
        let ends =
            !word.ends_with(|c: char| c.is_ascii_alphabetic()) || !text.get(len).is_some_and(char::is_ascii_alphabetic);
        (same && ends).then_some(len)
    };
    MEASURES.iter().chain(&LETTERS).find_map(|(word, sort, of)| Some((*sort, *of, fits(word)?)))
}

/// The measures of a strength, in an order of their own; none where it is no list of measures.
fn measures(text: &str) -> Option<Vec<(Sort, i64)>> {
    // `(按C16H19N3O5S计)` says what is weighed.
    let weighed = text.split_once("(按").map_or(text, |(front, _)| front);
    let text: Vec<char> = weighed.chars().collect();
    let (mut at, mut found) = (0, Vec::new());
    while at < text.len() {
        if matches!(text[at], ':' | '/' | '(' | ')' | '+' | ',' | '、' | '每' | '含' | '装') {
            at += 1;
            continue;
        }
        // `/粒`: in one of them, as any strength is.
        if let Some((_, len)) =
            unit::longest(&text[at..]).filter(|(unit, _)| unit.by_law().is_none() && unit.sort() != unit::Sort::Dose)
        {
            at += len;
            continue;
        }
        let number = match numeral::arabic(&text[at..]) {
            Some(number) => number,
            // `2g/ml` is of one.
            None => {
                let (sort, of, len) = measure(&text[at..])?;
                found.push((sort, of));
                at += len;
                continue;
            }
        };
        let Number::Exact(value) = number.number else { return None };
        at += number.len;
        let (sort, of, len) = measure(&text[at..]).unwrap_or((Sort::Bare, 1000, 0));
        at += len;
        found.push((sort, value.saturating_mul(of / 1000)));
    }
    found.sort_unstable();
    (!found.is_empty()).then_some(found)
}

/// How two strengths stand.
pub(super) fn strengths(one: Option<&str>, other: Option<&str>) -> Agreement {
    let (one, other) = match (bare(one), bare(other)) {
        (None, None) => return Agreement::Agrees,
        (Some(one), Some(other)) => (one, other),
        _ => return Agreement::Open,
    };
    let (Some(first), Some(second)) = (measures(&one), measures(&other)) else {
        return if one == other { Agreement::Agrees } else { Agreement::Open };
    };
    let unsaid = |found: &[(Sort, i64)]| found.iter().any(|(sort, _)| *sort == Sort::Bare);
    let sorts = |found: &[(Sort, i64)]| found.iter().map(|(sort, _)| *sort).collect::<Vec<_>>();
    match (unsaid(&first), unsaid(&second)) {
        (true, true) if first == second => Agreement::Agrees,
        (true, _) | (_, true) => Agreement::Open,
        _ if first == second => Agreement::Agrees,
        // A sum and its parts, a percentage and what it comes to: a pharmacist says so.
        _ if sorts(&first) != sorts(&second) => Agreement::Open,
        _ => Agreement::Differs,
    }
}

/// A pack: how many of what, the innermost first, and what they are in.
#[derive(Debug, PartialEq, Eq)]
struct Pack {
    counts: Vec<(i64, String)>,
    container: Option<String>,
}

/// A unit's own word, whatever word was written.
fn word(text: &str) -> String {
    unit::Unit::of_word(text).map_or_else(|| text.to_owned(), |unit| unit.code().to_owned())
}

fn pack(text: &str) -> Option<Pack> {
    let chars: Vec<char> = text.chars().collect();
    // An `x` between numbers is a sign, and in `box` is none.
    let sign =
        |at: usize| chars[at] == '×' || (chars[at] == 'x' && chars.get(at + 1).is_some_and(char::is_ascii_digit));
    let text: String = (0..chars.len()).map(|at| if sign(at) { '*' } else { chars[at] }).collect();
    let text = text.trim_start_matches('*').replace('每', "/").replace('装', "");
    let (front, container) = match text.split_once('/') {
        Some((front, container)) => (front.to_owned(), Some(word(container))),
        None => (text, None),
    };
    let mut counts = Vec::new();
    for part in front.split('*') {
        let chars: Vec<char> = part.chars().collect();
        let number = numeral::arabic(&chars)?;
        let Number::Exact(value) = number.number else { return None };
        counts.push((value, word(&chars[number.len..].iter().collect::<String>())));
    }
    Some(Pack { counts, container })
}

/// How two packs stand.
pub(super) fn packs(one: Option<&str>, other: Option<&str>) -> Agreement {
    let (one, other) = match (bare(one), bare(other)) {
        (None, None) => return Agreement::Agrees,
        (Some(one), Some(other)) if one == other => return Agreement::Agrees,
        (Some(one), Some(other)) => (one, other),
        _ => return Agreement::Open,
    };
    let (Some(first), Some(second)) = (pack(&one), pack(&other)) else { return Agreement::Open };
    if first == second {
        return Agreement::Agrees;
    }
    let contained = match (&first.container, &second.container) {
        (Some(one), Some(other)) => one == other,
        _ => true,
    };
    let total =
        |pack: &Pack| pack.counts.iter().try_fold(1000_i64, |all, (count, _)| Some(all.checked_mul(*count)? / 1000));
    let words = |pack: &Pack| pack.counts.iter().map(|(_, word)| word.clone()).collect::<Vec<_>>();
    let (one, other) = (words(&first), words(&second));
    let shared = one.iter().any(|word| other.contains(word));
    // People say 袋 for 包.
    let bags = |words: &[String]| matches!(words, [word] if word == "袋" || word == "包");
    // Masks are counted by 只, 个 and 片.
    let pieces =
        |words: &[String]| matches!(words, [word] if ["只", "个", "片", "枚", "张", "件"].contains(&word.as_str()));
    let inner = shared || (bags(&one) && bags(&other)) || (pieces(&one) && pieces(&other));
    if contained && inner && total(&first) == total(&second) { Agreement::Open } else { Agreement::Differs }
}
