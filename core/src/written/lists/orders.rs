//! Orders out of a form that people filled in.

use super::{
    Around, Beside, Field, Order, Stop, ask,
    cell::{Cells, bare},
    sure,
};
use crate::written::{
    About, Because, Reading,
    calendar::{Date, Local},
    quantity::{Item, item},
    unit::Unit,
    when::{self, Purpose, When, when},
};

const DAY_MINUTES: i64 = 24 * 60;

/// Reads a row.
pub(super) fn read(cells: &Cells, around: Around<'_>) -> Result<Order, Stop> {
    let asked_at = cells.get(Field::AskedAt).map(|text| asked(text, around)).transpose()?;
    let who = cells.person(Field::Who)?;
    let phones = cells.phones(around.area)?;
    let address = cells.address(around.register)?;
    let items = wanted(cells)?;
    Ok(Order { asked_at, address, who, phones, items, note: cells.text(Field::Note) })
}

/// When it was asked for: a number of days, or a time as people and programs write it.
fn asked(text: &str, around: Around<'_>) -> Result<When, Stop> {
    let now = around.now.or_else(|| Local::new(around.today, 23, 59));
    let Some(now) = now else { return ask(About::Time, Because::Unreadable) };
    let found = match serial(text).or_else(|| stamp(text)) {
        Some(found) => found,
        None => sure(when(text, when::Around { now, purpose: Purpose::HappenedAt, english: false }))?,
    };
    let late = match found {
        When::At(time) => time > now,
        When::Day(day) => day > now.date(),
        _ => return ask(About::Time, Because::Ambiguous),
    };
    if late { super::refuse(crate::written::Refusal::Future) } else { Ok(found) }
}

/// `46354.4063`: a day as spreadsheets keep it, with a part of one.
fn serial(text: &str) -> Option<When> {
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    let digits = |text: &str| text.bytes().all(|c| c.is_ascii_digit());
    let number: i64 = whole.parse().ok().filter(|_| whole.len() == 5 && digits(whole) && digits(part))?;
    let date = Date::of_sheet(number)?;
    if part.is_empty() {
        return Some(When::Day(date));
    }
    // To the minute: six digits are finer than that.
    let part: String = part.chars().chain("000000".chars()).take(6).collect();
    let minute = (part.parse::<i64>().ok()? * DAY_MINUTES + 500_000) / 1_000_000;
    Local::new(date, 0, 0)?.plus_minutes(minute).map(When::At)
}

/// `2026/11/28 9:30:15`, `2026-11-28T09:30`: what programs write.
fn stamp(text: &str) -> Option<When> {
    let text = text.trim_end_matches(['z', 'Z']);
    let (day, clock) = text.split_once([' ', 'T']).unwrap_or((text, ""));
    let day: Vec<&str> = day.split(['-', '/', '.']).collect();
    let [year, month, day] = day[..] else { return None };
    let number = |text: &str| text.parse::<i64>().ok().filter(|_| text.bytes().all(|c| c.is_ascii_digit()));
    let date = Date::new(number(year).filter(|_| year.len() == 4)?, number(month)?, number(day)?)?;
    let clock = clock.trim();
    if clock.is_empty() {
        return Some(When::Day(date));
    }
    let parts: Vec<&str> = clock.split([':', '.']).collect();
    let (hour, minute) = (number(parts.first()?)?, number(parts.get(1)?)?);
    let seconds = parts.get(2..).unwrap_or_default().iter().all(|part| number(part).is_some());
    Local::new(date, hour, minute).filter(|_| seconds).map(When::At)
}

/// What is wanted, with the amount of its own column.
fn wanted(cells: &Cells) -> Result<Vec<Item>, Stop> {
    let Some(items) = cells.get(Field::Items) else { return ask(About::Name, Because::Missing) };
    let Some(qty) = cells.get(Field::Qty) else { return sure(item(items)) };
    let bare = qty.strip_suffix(".0").unwrap_or(qty);
    let unit = match (cells.get(Field::Measure), cells.unit_of(Field::Qty)) {
        (Some(word), _) => word.to_owned(),
        (None, Some(unit)) => unit.code().to_owned(),
        (None, None) => String::new(),
    };
    if !unit.is_empty() && Unit::of_word(&unit).is_none() {
        return ask(About::Unit, Because::Unreadable);
    }
    let number = bare.bytes().all(|c| c.is_ascii_digit());
    // An amount in both cells may be one, or two.
    if matches!(item(items), Reading::Read(_)) {
        return ask(About::Qty, Because::Several);
    }
    let sign = if number && unit.is_empty() { "×" } else { "" };
    sure(item(&format!("{items} {sign}{bare}{unit}")))
}

/// How two orders for one door stand.
pub(super) fn beside(one: &Order, other: &Order) -> Beside {
    let names = |order: &Order| order.items.iter().map(|item| bare(&item.name)).collect::<Vec<_>>();
    let shares = names(one).iter().any(|name| names(other).contains(name));
    let same = one.items == other.items && one.who.as_deref().map(bare) == other.who.as_deref().map(bare);
    match (same && one.asked_at == other.asked_at && one.note == other.note, shares) {
        (true, _) => Beside::Same,
        (false, true) => Beside::Ask(About::Row, Because::Duplicate),
        (false, false) => Beside::Other,
    }
}
