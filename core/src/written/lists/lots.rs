//! Lots of a medicine box.

use super::{
    Around, Beside, Field, Lot, Stop, ask,
    cell::{Cells, bare},
    refuse, sure,
};
use crate::{
    qty::Qty,
    written::{
        About, Because, Refusal,
        batch::{self, Nearness},
        calendar::month_named,
        expiry::{Source, expiry},
        numeral::{self, Number},
        product::sized,
        unit::{self, Unit},
    },
};

/// Pieces of one lot beyond which a number was mistyped.
const MOST: Qty = Qty::whole(10_000);

/// Reads a row.
pub(super) fn read(cells: &Cells, around: Around<'_>) -> Result<Lot, Stop> {
    let Some(name) = cells.text(Field::Name) else { return refuse(Refusal::NoName) };
    let strength = cells.text(Field::Strength);
    if strength.is_none() && cells.has(Field::Strength) && !sized(&name) {
        return ask(About::Strength, Because::Missing);
    }
    let batch = batch_of(cells)?;
    let expiry = last_day(cells, around)?;
    let (qty, unit) = amount(cells)?;
    Ok(Lot { name, strength, form: cells.text(Field::Form), batch, expiry, qty, unit })
}

/// The batch. `2.3E+05` and a day are what a spreadsheet made of one.
fn batch_of(cells: &Cells) -> Result<String, Stop> {
    let Some(text) = cells.get(Field::Batch) else { return ask(About::Batch, Because::Missing) };
    let text = batch::key(text.trim_end_matches(".0"));
    let small = text.to_lowercase();
    let power = small
        .split_once("e+")
        .is_some_and(|(front, _)| front.contains('.') && front.bytes().all(|c| c.is_ascii_digit() || c == b'.'));
    let day = text.contains(['年', '月', ':']) || text.matches('/').count() == 2 || is_day(&text);
    if power || day || batch::compare(&text, &text) != Nearness::Equal {
        return ask(About::Batch, Because::Unreadable);
    }
    Ok(text)
}

/// `23-MAY`, `2023-5-1`: what a spreadsheet writes for a day.
fn is_day(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let number = |part: &str| !part.is_empty() && part.bytes().all(|c| c.is_ascii_digit());
    let month = |part: &str| part.len() == 3 && month_named(&part.to_lowercase()).is_some();
    match parts[..] {
        [one, other] => (number(one) && month(other)) || (month(one) && number(other)),
        [year, month, day] => year.len() == 4 && number(year) && number(month) && number(day),
        _ => false,
    }
}

fn last_day(cells: &Cells, around: Around<'_>) -> Result<crate::written::calendar::Date, Stop> {
    let read = |text: &str| sure(expiry(text, around.today, Source::Spreadsheet));
    match (cells.get(Field::Expiry), cells.get(Field::Fails)) {
        (Some(text), None) => read(text),
        // The first bad day: the one before is the last good one.
        (None, Some(text)) => match read(text)?.plus(-1) {
            Some(day) => Ok(day),
            None => refuse(Refusal::NoSuchDay),
        },
        (Some(_), Some(_)) => ask(About::Expiry, Because::Several),
        (None, None) => ask(About::Expiry, Because::Missing),
    }
}

/// How much, of which unit: the unit in its own cell, behind the number, or in the heading.
fn amount(cells: &Cells) -> Result<(Qty, Unit), Stop> {
    let Some(text) = cells.get(Field::Qty) else { return ask(About::Qty, Because::Missing) };
    let bare = text.strip_suffix(".0").unwrap_or(text);
    if bare.starts_with('-') && bare.contains(|c: char| c.is_ascii_digit()) {
        return refuse(Refusal::Negative);
    }
    let chars: Vec<char> = bare.chars().collect();
    let Some(found) = numeral::number(&chars) else { return ask(About::Qty, Because::NotANumber) };
    let qty = match found.number {
        Number::Exact(value) => Qty::of_thousandths(value),
        Number::TooFine => return ask(About::Qty, Because::TooFine),
        _ => return ask(About::Qty, Because::NotANumber),
    };
    let behind: String = chars[found.len..].iter().collect();
    let behind = behind.trim();
    let own = match behind {
        "" => None,
        word => match Unit::of_word(word) {
            Some(unit) => Some(unit),
            None => return ask(About::Qty, Because::Unreadable),
        },
    };
    let told = match cells.get(Field::Unit) {
        Some(word) => match Unit::of_word(word) {
            Some(unit) => Some(unit),
            None => return ask(About::Unit, Because::Unreadable),
        },
        None => cells.unit_of(Field::Qty),
    };
    let unit = match (own, told) {
        (Some(own), Some(told)) if own != told => return ask(About::Unit, Because::Contradiction),
        (Some(unit), _) | (None, Some(unit)) => unit,
        (None, None) => return ask(About::Unit, Because::Missing),
    };
    held(qty, unit)
}

/// The amount, where a box may hold so much.
fn held(qty: Qty, unit: Unit) -> Result<(Qty, Unit), Stop> {
    if qty == Qty::ZERO {
        return refuse(Refusal::Zero);
    }
    if !qty.is_whole() && matches!(unit.sort(), unit::Sort::Piece) && !unit.is_cut() {
        return ask(About::Qty, Because::NotWhole);
    }
    if qty > MOST { ask(About::Qty, Because::Strange) } else { Ok((qty, unit)) }
}

/// How two lots of one name and batch stand.
pub(super) fn beside(one: &Lot, other: &Lot) -> Beside {
    let strength = |lot: &Lot| lot.strength.as_deref().map(bare);
    if strength(one) != strength(other) || one.form.as_deref().map(bare) != other.form.as_deref().map(bare) {
        return Beside::Other;
    }
    match (one.expiry == other.expiry, one.qty == other.qty && one.unit == other.unit) {
        (true, true) => Beside::Same,
        (true, false) => Beside::Ask(About::Qty, Because::Duplicate),
        (false, _) => Beside::Ask(About::Expiry, Because::Contradiction),
    }
}
