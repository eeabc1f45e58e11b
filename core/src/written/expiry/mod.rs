//! The last day on which a package is good, as it is printed on it, typed from it or exported by a spreadsheet.
//!
//! A month is good through its last day. The day on which goods were made, a batch, and a length of time are no expiry.
//! Years of two digits are asked about unless only one reading exists, and so are days and months that could change
//! places.

mod label;
mod printed;
#[cfg(test)]
mod tests;

use label::{Token, tokens};
use printed::{Label, Printed};

use super::{About, Because, Reading, Refusal, calendar::Date, given};

/// Where a text comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// Typed or read from a package.
    Typed,
    /// A cell of a spreadsheet, where a day may be a number.
    Spreadsheet,
}

/// Years from today, either way, beyond which a package was misread.
const YEARS: i64 = 20;

/// Words for: it is not known.
const UNKNOWN: [&str; 15] = [
    "看不清",
    "看不见",
    "不清楚",
    "模糊",
    "无",
    "没有",
    "不详",
    "不明",
    "未知",
    "见包装",
    "见盒",
    "见瓶",
    "长期",
    "unknown",
    "n/a",
];

/// Reads the last good day. What is past is read as it stands.
pub fn expiry(text: &str, today: Date, source: Source) -> Reading<Date> {
    let plain = match given(text) {
        Ok(plain) => plain.to_lowercase(),
        Err(refusal) => return Reading::Refuse(refusal),
    };
    if source == Source::Spreadsheet
        && let Some(reading) = cell(&plain, today)
    {
        return reading;
    }
    if plain.chars().all(|c| c == '#') {
        return ask(Because::Unreadable);
    }
    if UNKNOWN.iter().any(|word| plain.starts_with(word)) || plain.chars().all(|c| matches!(c, '-' | '/' | '?' | '*')) {
        return ask(Because::Unknown);
    }
    // The writer is not sure, or could not read all of it.
    if plain.contains(['?', '*', '□']) || plain.contains("...") {
        return ask(Because::Unreadable);
    }
    if let Some(digits) = look_alike(&plain) {
        let meant = read(&tokens(&digits), today);
        return Reading::meaning(About::Expiry, Because::LookAlike, meant);
    }
    read(&tokens(&plain), today)
}

fn ask(because: Because) -> Reading<Date> {
    Reading::ask(About::Expiry, because)
}

/// A number in a cell: the day that a spreadsheet keeps as one.
fn cell(plain: &str, today: Date) -> Option<Reading<Date>> {
    let (whole, part) = plain.split_once('.').unwrap_or((plain, ""));
    let number = whole.parse::<i64>().ok().filter(|_| part.chars().all(|c| c.is_ascii_digit()))?;
    if whole.len() >= 6 || (!part.is_empty() && whole.len() < 5) {
        return None;
    }
    let day = Date::of_sheet(number).filter(|day| (day.year() - today.year()).abs() <= YEARS);
    Some(day.map_or_else(|| ask(Because::Strange), Reading::Read))
}

/// The text with digits for letters that stand between digits, where there are such.
fn look_alike(plain: &str) -> Option<String> {
    let chars: Vec<char> = plain.chars().collect();
    let near = |at: usize| chars.get(at).is_some_and(|c| c.is_ascii_digit() || matches!(c, '-' | '/' | '.'));
    let turned = chars.iter().enumerate().map(|(at, c)| {
        let between = (at > 0 && near(at - 1)) && (at + 1 == chars.len() || near(at + 1));
        match c {
            'o' if between => '0',
            'l' | 'i' | '|' if between => '1',
            c => *c,
        }
    });
    let turned: String = turned.collect();
    (turned != plain).then_some(turned)
}

/// What was found, by what it is labelled as.
#[derive(Default)]
struct Found {
    good: Vec<Printed>,
    fails: Vec<Printed>,
    made: Vec<Printed>,
    plain: Vec<Printed>,
    batch: bool,
    lasts: Option<i64>,
    length: bool,
    opened: bool,
    best: bool,
    other: bool,
}

fn sorted(tokens: &[Token]) -> Found {
    let (mut found, mut label) = (Found::default(), None);
    for (at, token) in tokens.iter().enumerate() {
        match (token, label) {
            // `2025.5.10生产`: the word stands behind its date.
            (Token::Label(Label::Made), None)
                if !found.plain.is_empty() && !matches!(tokens.get(at + 1), Some(Token::Printed(_))) =>
            {
                found.made.extend(found.plain.pop());
            }
            (Token::Label(next), _) => {
                found.opened |= *next == Label::Opened;
                found.batch |= *next == Label::Batch;
                found.best |= *next == Label::Best;
                label = Some(*next);
                continue;
            }
            (Token::Length(_), Some(Label::Opened)) => {}
            (Token::Length(months), _) => {
                found.length = true;
                found.lasts = *months;
            }
            (Token::Printed(printed), Some(Label::Good | Label::Best)) => found.good.push(printed.clone()),
            (Token::Printed(printed), Some(Label::Fails)) => found.fails.push(printed.clone()),
            (Token::Printed(printed), Some(Label::Made)) => found.made.push(printed.clone()),
            (Token::Printed(_), Some(Label::Batch | Label::Opened)) => {}
            (Token::Printed(printed), None) => found.plain.push(printed.clone()),
            (Token::Other, Some(Label::Batch)) => {}
            (Token::Other, _) => found.other = true,
        }
        label = None;
    }
    found
}

/// The expiry out of what was found.
fn read(tokens: &[Token], today: Date) -> Reading<Date> {
    let found = sorted(tokens);
    if found.other && found.good.is_empty() && found.fails.is_empty() {
        let none = found.plain.is_empty() && found.made.is_empty() && !found.length && !found.batch;
        return if none { Reading::Refuse(Refusal::NotADate) } else { ask(Because::Unreadable) };
    }
    if found.other || found.best || (found.length && !found.plain.is_empty()) {
        return ask(Because::Ambiguous);
    }
    let dates = found.good.len() + found.fails.len() + found.plain.len();
    if dates > 1 {
        return ask(Because::Several);
    }
    let last = match (found.good.first(), found.fails.first(), found.plain.first()) {
        (Some(printed), ..) | (_, _, Some(printed)) => printed.last(),
        (_, Some(printed), _) => printed.last_before(),
        (None, None, None) => unsaid(&found),
    };
    match last {
        Reading::Read(day) if found.opened => Reading::among(About::Expiry, Because::AfterOpening, vec![day]),
        Reading::Read(_) if found.plain.len() == 1 && (!found.made.is_empty() || found.batch) => ask(Because::Several),
        Reading::Read(day) if found.made.iter().any(|made| made.first().is_some_and(|made| made > day)) => {
            ask(Because::Contradiction)
        }
        Reading::Read(day) if (day.year() - today.year()).abs() > YEARS => {
            Reading::among(About::Expiry, Because::Strange, vec![day])
        }
        last => last,
    }
}

/// What follows where no day is named as the last good one.
fn unsaid(found: &Found) -> Reading<Date> {
    match (&found.made[..], found.lasts) {
        ([made], Some(months)) => made.lasting(months).map_or_else(|| made.last(), Reading::Read),
        ([], _) if found.opened && !found.length => ask(Because::AfterOpening),
        ([], _) if found.batch => ask(Because::Batch),
        ([], _) if found.length || found.opened => ask(Because::Missing),
        ([], _) => Reading::Refuse(Refusal::NotADate),
        _ => ask(Because::ProductionDate),
    }
}
