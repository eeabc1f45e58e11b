//! One date as it is printed, and which days it may name.

use crate::written::{
    About, Because, Reading, Refusal,
    calendar::{Date, month_named, weekday_named},
    numeral::{self, Number},
    plain::{spaces, starts},
};

/// What a date is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Label {
    /// Good through it.
    Good,
    /// No longer good on it.
    Fails,
    /// At its best until it, which is another thing.
    Best,
    /// Made on it.
    Made,
    /// No date at all.
    Batch,
    /// Begins when the package is opened.
    Opened,
}

/// What one date says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Printed {
    /// A day of a year.
    Day(Date),
    /// A month of a year.
    Month(i64, i64),
    /// It must be asked about; what is worth offering.
    Open(Because, Vec<Date>),
    /// There is no such day.
    No(Refusal),
}

/// Years that a package may say.
const CENTURIES: std::ops::RangeInclusive<i64> = 1900..=2199;

impl Printed {
    /// The last good day, where the date is that.
    pub(super) fn last(&self) -> Reading<Date> {
        match self {
            Self::Day(day) => Reading::Read(*day),
            Self::Month(year, month) => or_none(Date::last_of(*year, *month)),
            Self::Open(because, among) => Reading::among(About::Expiry, *because, among.clone()),
            Self::No(refusal) => Reading::Refuse(*refusal),
        }
    }

    /// The last good day, where the date is the first bad one.
    pub(super) fn last_before(&self) -> Reading<Date> {
        match self.first() {
            Some(first) => or_none(first.plus(-1)),
            None => self.last(),
        }
    }

    /// Its first day.
    pub(super) fn first(&self) -> Option<Date> {
        match self {
            Self::Day(day) => Some(*day),
            Self::Month(year, month) => Date::new(*year, *month, 1),
            Self::Open(..) | Self::No(_) => None,
        }
    }

    /// The last good day of what was made then and is good for so many months.
    pub(super) fn lasting(&self, months: i64) -> Option<Date> {
        self.first()?.plus_months(months)?.plus(-1)
    }
}

fn or_none(day: Option<Date>) -> Reading<Date> {
    day.map_or(Reading::Refuse(Refusal::NoSuchDay), Reading::Read)
}

/// A date at the beginning, and its characters.
pub(super) fn printed(text: &[char], label: Option<Label>) -> Option<(Printed, usize)> {
    let (printed, len) = lettered(text).or_else(|| spoken(text)).or_else(|| numbered(text, label))?;
    Some((printed, len + behind(&text[len..])))
}

/// A time of day or a word for the end of the month, which change nothing.
fn behind(text: &[char]) -> usize {
    if text.first() == Some(&'底') {
        return 1;
    }
    let at = usize::from(matches!(text.first(), Some(' ' | 't')));
    let clock = text.get(at..).unwrap_or_default();
    let hours = numeral::digits(clock);
    let more = clock.iter().take_while(|c| c.is_ascii_digit() || matches!(c, ':' | '.' | 'z')).count();
    if at > 0 && (1..=2).contains(&hours) && clock.get(hours) == Some(&':') { at + more } else { 0 }
}

fn day(year: i64, month: i64, day: i64) -> Printed {
    if !CENTURIES.contains(&year) {
        return Printed::No(Refusal::NotADate);
    }
    Date::new(year, month, day).map_or(Printed::No(Refusal::NoSuchDay), Printed::Day)
}

fn month(year: i64, month: i64) -> Printed {
    match (CENTURIES.contains(&year), (1..=12).contains(&month)) {
        (true, true) => Printed::Month(year, month),
        (true, false) => Printed::No(Refusal::NoSuchDay),
        (false, _) => Printed::Open(Because::Unreadable, Vec::new()),
    }
}

/// The one day of several that is possible; asked about where there is more than one.
fn only(candidates: &[Option<Date>]) -> Printed {
    let mut days: Vec<Date> = candidates.iter().flatten().copied().collect();
    days.sort_unstable();
    days.dedup();
    match days[..] {
        [] => Printed::No(Refusal::NoSuchDay),
        [day] => Printed::Day(day),
        _ => Printed::Open(Because::Ambiguous, days),
    }
}

fn number(digits: &[char]) -> i64 {
    digits.iter().collect::<String>().parse().unwrap_or(i64::MAX)
}

/// Groups of digits with signs between them.
fn numbered(text: &[char], label: Option<Label>) -> Option<(Printed, usize)> {
    let first = numeral::digits(text);
    if first == 0 {
        return None;
    }
    let mut groups = vec![&text[..first]];
    let mut end = first;
    while let Some(len) = group(text, end, &groups) {
        groups.push(&text[end + 1..end + 1 + len]);
        end += 1 + len;
    }
    let lens: Vec<usize> = groups.iter().map(|group| group.len()).collect();
    let values: Vec<i64> = groups.iter().map(|group| number(group)).collect();
    let printed = match (&lens[..], &values[..]) {
        ([8], _) => eight(groups[0]),
        ([6], _) => six(groups[0]),
        ([4], [year]) if CENTURIES.contains(year) => Printed::Open(Because::Missing, Vec::new()),
        ([4, 1 | 2], [year, of]) => month(*year, *of),
        ([4, 1 | 2, 1 | 2], [year, month, of]) => day(*year, *month, *of),
        ([1 | 2, 4], [of, year]) => month(*year, *of),
        ([1 | 2, 1 | 2, 4], [one, other, year]) if CENTURIES.contains(year) => {
            only(&[Date::new(*year, *other, *one), Date::new(*year, *one, *other)])
        }
        ([1 | 2, 1 | 2, 4], _) => Printed::No(Refusal::NotADate),
        ([1 | 2, 1 | 2, 1 | 2], [one, two, three]) => short((*one, *two, *three)),
        ([1 | 2, 1 | 2], [one, other]) => two(*one, *other, label),
        ([1 | 2], _) if text.get(end).is_some_and(|c| c.is_alphabetic()) => return None,
        _ => Printed::Open(Because::Unreadable, Vec::new()),
    };
    Some((printed, end))
}

/// The length of the next group, behind a sign that the groups share. A space stands behind a whole year alone.
fn group(text: &[char], end: usize, groups: &[&[char]]) -> Option<usize> {
    let sign = *text.get(end)?;
    let len = numeral::digits(text.get(end + 1..)?);
    let year = groups[0].len() == 4 && CENTURIES.contains(&number(groups[0]));
    let fits = match sign {
        '-' | '/' | '.' | '。' | '·' => true,
        ' ' if groups[0].len() <= 2 => groups.len() == 1 && len == 4,
        ' ' => year && len <= 2 && text.get(end + 1 + len) != Some(&':'),
        _ => false,
    };
    // What comes behind a whole date is another one.
    let whole = groups.len() == 3 || (groups.len() == 2 && groups[1].len() == 4);
    (fits && len > 0 && !whole && !(year && len > 2)).then_some(len)
}

fn eight(digits: &[char]) -> Printed {
    let (year, rest) = (number(&digits[..4]), number(&digits[4..]));
    if (1990..=2199).contains(&year) {
        return day(year, rest / 100, rest % 100);
    }
    let (one, other, year) = (number(&digits[..2]), number(&digits[2..4]), rest);
    let days = [Date::new(year, other, one), Date::new(year, one, other)];
    let days: Vec<Date> = days.into_iter().flatten().filter(|_| CENTURIES.contains(&year)).collect();
    Printed::Open(if days.is_empty() { Because::Unreadable } else { Because::Ambiguous }, days)
}

/// `202705`, or six digits of which two are the year.
fn six(digits: &[char]) -> Printed {
    let (year, of) = (number(&digits[..4]), number(&digits[4..]));
    let (one, two, three) = (number(&digits[..2]), number(&digits[2..4]), number(&digits[4..]));
    let short = short((one, two, three));
    let whole = (2000..=2099).contains(&year).then(|| month(year, of));
    match (whole, short) {
        (Some(whole @ Printed::Month(..)), Printed::No(_)) => whole,
        (Some(Printed::No(refusal)), Printed::No(_)) => Printed::No(refusal),
        (Some(whole @ Printed::Month(year, of)), short) => {
            // `201205` is a month that is long past, or a day of another year.
            let mut among: Vec<Date> = Date::last_of(year, of).into_iter().collect();
            among.extend(whole.first().and(short.first()));
            Printed::Open(Because::Ambiguous, among)
        }
        (_, short) => short,
    }
}

/// Three numbers of which one is a year of two digits.
fn short((one, two, three): (i64, i64, i64)) -> Printed {
    only(&[Date::new(2000 + one, two, three), Date::new(2000 + three, two, one), Date::new(2000 + three, one, two)])
}

/// Two short numbers. Behind a label they are month and year, where one only can be the month.
fn two(one: i64, other: i64, label: Option<Label>) -> Printed {
    let (first, last) = (Date::last_of(2000 + other, one), Date::last_of(2000 + one, other));
    let labelled = matches!(label, Some(Label::Good | Label::Fails | Label::Made));
    match (first, last) {
        (Some(_), _) if labelled && other > 12 => Printed::Month(2000 + other, one),
        (None, None) => Printed::No(Refusal::NoSuchDay),
        (first, last) => Printed::Open(Because::Ambiguous, first.into_iter().chain(last).collect()),
    }
}

/// A whole number in digits or numerals, and its characters.
fn whole(text: &[char]) -> Option<(i64, usize)> {
    let digits = numeral::digits(text);
    let numerals = || text.iter().take_while(|c| numeral::digit(**c).is_some() || **c == '十').count();
    let run = if digits > 0 { digits } else { numerals() };
    let found = numeral::number(&text[..run])?;
    match found.number {
        Number::Exact(value) if found.len == run => Some((value / numeral::EACH, run)),
        _ => None,
    }
}

/// `2027年5月31日`, `5月31日`, `2027年`, `民国116年5月`.
fn spoken(text: &[char]) -> Option<(Printed, usize)> {
    let republic = if starts(text, "民国") { 2 } else { 0 };
    let blank = |at: usize| at + spaces(&text[at..]);
    let part = |at: usize, words: &[&str]| {
        let at = blank(at);
        let (value, len) = whole(text.get(at..)?)?;
        let end = blank(at + len);
        let word = words.iter().find(|word| starts(&text[end..], word))?;
        Some((value, end + word.chars().count()))
    };
    let year = part(republic, &["年"]);
    let (mut end, year) = year.map_or((republic, None), |(year, end)| (end, Some(year)));
    let of = part(end, &["月份", "月"]);
    end = of.map_or(end, |(_, end)| end);
    let date = of.and_then(|_| {
        part(end, &["日", "号"])
            .or_else(|| whole(text.get(blank(end)..)?).map(|(value, len)| (value, blank(end) + len)))
    });
    end = date.map_or(end, |(_, end)| end);
    let year = year.map(|year| {
        if republic > 0 {
            year + 1911
        } else if year < 100 {
            -1
        } else {
            year
        }
    });
    let said = match (year, of, date) {
        (None, None, _) => return None,
        (None, ..) => Printed::Open(Because::Missing, Vec::new()),
        (Some(-1), ..) => Printed::Open(Because::Ambiguous, Vec::new()),
        (Some(year), None, _) if text.get(end) == Some(&'底') => {
            Printed::Open(Because::Ambiguous, Date::last_of(year, 12).into_iter().collect())
        }
        (Some(_), None, _) => Printed::Open(Because::Missing, Vec::new()),
        (Some(year), Some((of, _)), None) => month(year, of),
        (Some(year), Some((month, _)), Some((of, _))) => day(year, month, of),
    };
    let said = match (republic, said) {
        (0, said) => said,
        (_, said) => {
            let last = said.last();
            Printed::Open(Because::Strange, last.value().copied().into_iter().collect())
        }
    };
    Some((said, end))
}

/// Letters at a place, and how many.
fn word(text: &[char], at: usize) -> (String, usize) {
    let len = text[at..].iter().take_while(|c| c.is_ascii_alphabetic()).count();
    (text[at..at + len].iter().collect(), len)
}

/// Behind the signs that stand between the parts of a date.
fn near(text: &[char], at: usize) -> usize {
    let sign = |c: &&char| matches!(c, ' ' | ',' | '-' | '/' | '.');
    at + text.get(at..).unwrap_or_default().iter().take_while(sign).count()
}

/// `2027 MAY 31`, `2027MAY`.
fn year_first(text: &[char]) -> Option<(Printed, usize)> {
    let digits = numeral::digits(text);
    let at = near(text, digits);
    let (name, len) = word(text, at);
    let of = month_named(&name).filter(|_| digits == 4)?;
    let year = number(&text[..digits]);
    let next = near(text, at + len);
    match numeral::digits(text.get(next..).unwrap_or_default()) {
        two @ 1..=2 => Some((day(year, of, number(&text[next..next + two])), next + two)),
        _ => Some((month(year, of), at + len)),
    }
}

/// `31 May 2027`, `May 31, 2027`, `MAY 2027`, `31MAY27`, with a day of the week in front.
fn lettered(text: &[char]) -> Option<(Printed, usize)> {
    let (first, len) = word(text, 0);
    let weekday = weekday_named(&first);
    let mut at = if weekday.is_some() { near(text, len) } else { 0 };
    let before = numeral::digits(&text[at..]);
    let front = (1..=2).contains(&before).then(|| number(&text[at..at + before]));
    if front.is_some() {
        at = near(text, at + before);
    } else if before > 0 {
        return year_first(text);
    }
    let (name, len) = word(text, at);
    let month_of = month_named(&name)?;
    let (numbers, end) = behind_month(text, at + len);
    let said = match (front, numbers.first().copied(), numbers.get(1).copied()) {
        (Some(of), Some((year, 4)), None) | (None, Some((of, 1 | 2)), Some((year, 4))) => day(year, month_of, of),
        (None, Some((year, 4)), None) => month(year, month_of),
        (Some(one), Some((other, 2)), None) => {
            only(&[Date::new(2000 + other, month_of, one), Date::new(2000 + one, month_of, other)])
        }
        (None, Some((one, 2)), None) | (Some(one), None, _) => {
            Printed::Open(Because::Ambiguous, Date::last_of(2000 + one, month_of).into_iter().collect())
        }
        _ => Printed::Open(Because::Ambiguous, Vec::new()),
    };
    match (weekday, said) {
        (Some(weekday), Printed::Day(day)) if day.weekday() != weekday => {
            Some((Printed::Open(Because::Contradiction, vec![day]), end))
        }
        (_, said) => Some((said, end)),
    }
}

/// Up to two numbers behind the name of a month, with their lengths, and where they end. A whole year ends them.
fn behind_month(text: &[char], mut end: usize) -> (Vec<(i64, usize)>, usize) {
    let mut numbers = Vec::new();
    while numbers.len() < 2 {
        let next = near(text, end);
        let len = numeral::digits(text.get(next..).unwrap_or_default());
        if len == 0 || len == 3 || len > 4 || numbers.last().is_some_and(|(_, len)| *len == 4) {
            break;
        }
        numbers.push((number(&text[next..next + len]), len));
        end = next + len;
    }
    (numbers, end)
}
