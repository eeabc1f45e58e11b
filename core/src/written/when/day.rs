//! Days: which day is meant, given the day that it is.

use super::{Around, Purpose, word::Token};
use crate::written::{Because, Refusal, calendar::Date};

/// Why there is no one day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum NoDay {
    /// One of these is meant.
    Ask(Because, Vec<Date>),
    /// There is no such day, or it cannot be.
    Refuse(Refusal),
}

/// Hours of the night in which people still call the day that has begun tomorrow.
const NIGHT: i64 = 4 * 60;
/// Days by which a date without a year may be past before it is one of the next year.
const HALF_A_YEAR: i64 = 180;

/// What stands beside a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Beside {
    Nothing,
    /// A part of the day.
    Part,
    /// An hour of it.
    Hour,
}

/// The one day that the words name; none where they name none.
pub(super) fn day(tokens: &[Token], around: Around, beside: Beside) -> Result<Option<Date>, NoDay> {
    let year = tokens
        .iter()
        .find_map(|token| if let Token::YearOf(years) = token { Some(years + around.now.date().year()) } else { None });
    let month = tokens.iter().find_map(|token| if let Token::MonthOf(months) = token { Some(*months) } else { None });
    let mut found = None;
    let mut weekday = None;
    for token in tokens {
        let named = match token {
            Token::Shift(days) => shifted(*days, around)?,
            Token::Weekday(week, day) => {
                weekday = Some((*week, *day));
                continue;
            }
            Token::Next(day) => {
                let next = next(around.now.date(), *day);
                return Err(NoDay::Ask(Because::Ambiguous, [Some(next), next.plus(7)].into_iter().flatten().collect()));
            }
            Token::Date(said, month, day) => dated(said.or(year), *month, *day, around)?,
            Token::DayOfMonth(day) => match month {
                Some(months) => in_month(months, *day, around)?,
                None => of_month(*day, around)?,
            },
            Token::Pair(one, other, sign) => pair((*one, *other, *sign), around, beside)?,
            _ => continue,
        };
        if found.replace(named).is_some_and(|before| before != named) {
            return Err(NoDay::Ask(Because::Several, Vec::new()));
        }
    }
    match (found, weekday) {
        (Some(day), Some((_, weekday))) if day.weekday() != weekday => {
            Err(NoDay::Ask(Because::Contradiction, Vec::new()))
        }
        (None, Some((week, weekday))) => of_week(week, weekday, around).map(Some),
        (found, _) => Ok(found),
    }
}

fn near(day: Option<Date>) -> Result<Date, NoDay> {
    day.ok_or(NoDay::Refuse(Refusal::NoSuchTime))
}

fn shifted(days: i64, around: Around) -> Result<Date, NoDay> {
    let today = around.now.date();
    let day = near(today.plus(days))?;
    if days != 0 && around.now.minute() < NIGHT {
        let among = [near(today.plus(days - 1))?, day];
        return Err(NoDay::Ask(Because::Ambiguous, among.to_vec()));
    }
    Ok(day)
}

/// The next such day of the week, from tomorrow on.
fn next(today: Date, weekday: i64) -> Date {
    let ahead = (weekday - today.weekday() - 1).rem_euclid(7) + 1;
    today.plus(ahead).unwrap_or(today)
}

fn of_week(week: Option<i64>, weekday: i64, around: Around) -> Result<Date, NoDay> {
    let today = around.now.date();
    if let Some(week) = week {
        return near(today.plus(week * 7 + weekday - today.weekday()));
    }
    let next = next(today, weekday);
    let happened = around.purpose == Purpose::HappenedAt;
    let other = if happened { near(next.plus(-7))? } else { next };
    if weekday == today.weekday() {
        let among = if happened { vec![today, near(today.plus(-7))?] } else { vec![today, next] };
        return Err(NoDay::Ask(Because::Ambiguous, among));
    }
    Ok(other)
}

fn dated(year: Option<i64>, month: i64, day: i64, around: Around) -> Result<Date, NoDay> {
    if let Some(year) = year {
        return near(Date::new(year, month, day));
    }
    let today = around.now.date();
    let this = near(Date::new(today.year(), month, day).or_else(|| leap(today.year() + 1, month, day)))?;
    let (behind, happened) = (today.number() - this.number(), around.purpose == Purpose::HappenedAt);
    if !happened && behind > HALF_A_YEAR {
        return near(Date::new(today.year() + 1, month, day));
    }
    if happened && -behind > HALF_A_YEAR {
        return near(Date::new(today.year() - 1, month, day));
    }
    Ok(this)
}

/// 29 February of the next year, where that has one.
fn leap(year: i64, month: i64, day: i64) -> Option<Date> {
    if (month, day) == (2, 29) { Date::new(year, month, day) } else { None }
}

/// A day of a month that is counted from this one: `下个月3号`.
fn in_month(months: i64, day: i64, around: Around) -> Result<Date, NoDay> {
    let today = around.now.date();
    let first = near(Date::new(today.year(), today.month(), 1).and_then(|first| first.plus_months(months)))?;
    near(Date::new(first.year(), first.month(), day))
}

/// `30号`: of this month, where it is still to come; or has been.
fn of_month(day: i64, around: Around) -> Result<Date, NoDay> {
    let today = around.now.date();
    if !(1..=31).contains(&day) {
        return Err(NoDay::Refuse(Refusal::NoSuchTime));
    }
    let happened = around.purpose == Purpose::HappenedAt;
    let other = if happened { today.plus_months(-1) } else { today.plus_months(1) };
    let other: Vec<Date> = other.and_then(|other| Date::new(other.year(), other.month(), day)).into_iter().collect();
    match Date::new(today.year(), today.month(), day) {
        None => Err(NoDay::Ask(Because::NoSuchDay, other)),
        Some(this) if happened && this > today || !happened && this < today => {
            Err(NoDay::Ask(Because::Ambiguous, other))
        }
        Some(this) => Ok(this),
    }
}

/// `12/4`, `12.4`: the month stands before the day in Chinese. Beside an hour it is a date; by itself it may be anything.
fn pair((one, other, sign): (i64, i64, char), around: Around, beside: Beside) -> Result<Date, NoDay> {
    let first = dated(None, one, other, around).ok();
    let second = if around.english || first.is_none() { dated(None, other, one, around).ok() } else { None };
    match (first, second) {
        (None, None) => Err(NoDay::Refuse(Refusal::NotATime)),
        // `3.30` beside a part of the day may be an hour.
        (Some(day), None) if beside == Beside::Hour && sign != '-' && !around.english => Ok(day),
        (Some(day), None) if beside == Beside::Part && sign == '/' && !around.english => Ok(day),
        _ => Err(NoDay::Ask(Because::Ambiguous, first.into_iter().chain(second).collect())),
    }
}
