//! Amounts and items as people write them: `鸡蛋30枚`, `2 boxes of ibuprofen`, `布洛芬 0.3g*24粒/盒 两盒`.
//!
//! A strength, a pack or a dosage is no amount, and a number that is part of a name stays in it. A text is asked about
//! that says no number, more than one, or far more than a household orders.

mod chain;
mod convert;
mod draft;
mod item;
mod odd;
mod pieces;
mod share;
#[cfg(test)]
mod tests;
pub(super) mod words;

use serde::{Serialize, Serializer};

use super::{
    About, Because, Reading, Refusal, given,
    unit::{Sort, Unit},
};
use crate::qty::Qty;
pub use convert::convert;

/// So much of a unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Amount {
    /// How many of the unit.
    #[serde(serialize_with = "as_text")]
    pub qty: Qty,
    /// Of which unit; none where none was said.
    pub unit: Option<Unit>,
}

/// One step of a product's units: one `unit` contains so many `of`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Step {
    /// The unit that contains.
    pub unit: Unit,
    /// How many `of` are in one `unit`.
    #[serde(serialize_with = "as_text")]
    pub contains: Qty,
    /// Of what; none where no word was said.
    pub of: Option<Unit>,
}

/// Something that is wanted.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Item {
    /// What, as it was written. Empty in what is known beside a question about it.
    pub name: String,
    /// How much: several add up. Empty in what is known beside a question about it.
    pub amounts: Vec<Amount>,
    /// What one piece has, as it was written: a strength, a size.
    pub each: Option<String>,
    /// How it is packed, as was said: the outermost first.
    pub pack: Vec<Step>,
    /// What else was said.
    pub note: Option<String>,
}

/// What is read off a text is said as a text.
fn as_text<S: Serializer>(qty: &Qty, to: S) -> Result<S::Ok, S::Error> {
    to.collect_str(qty)
}

/// Reads what is wanted: one item, or several.
pub fn item(text: &str) -> Reading<Vec<Item>> {
    match given(text) {
        Ok(plain) => item::read(&plain),
        Err(refusal) => Reading::Refuse(refusal),
    }
}

/// Reads how much, where nothing else is said. Several amounts add up.
pub fn amount(text: &str) -> Reading<Vec<Amount>> {
    let plain = match given(text) {
        Ok(plain) => plain,
        Err(refusal) => return Reading::Refuse(refusal),
    };
    let chars: Vec<char> = plain.trim_end_matches(['。', '.', ',', ';']).chars().collect();
    if chars.first() == Some(&'-') && chars.iter().any(char::is_ascii_digit) {
        return Reading::Refuse(Refusal::Negative);
    }
    if words::look_alike(&chars, 0).is_some() {
        return Reading::ask(About::Qty, Because::LookAlike);
    }
    let Some((chain, end)) = chain::chain(&chars, 0) else {
        let none = chars.iter().all(|c| !c.is_ascii_digit());
        return if none { Reading::Refuse(Refusal::NoNumber) } else { Reading::ask(About::Qty, Because::Unreadable) };
    };
    if end < chars.len() {
        return Reading::ask(About::Qty, Because::Unreadable);
    }
    match chain::meaning(&chain) {
        chain::Meaning::Amounts { amounts, .. } => checked(amounts),
        chain::Meaning::Fault(because) => Reading::ask(About::Qty, because),
        chain::Meaning::Spec(_) => unclear(),
    }
}

fn unclear<T>() -> Reading<T> {
    Reading::ask(About::Qty, Because::Ambiguous)
}

fn checked(amounts: Vec<Amount>) -> Reading<Vec<Amount>> {
    if amounts.iter().any(|amount| amount.unit.is_none()) {
        return Reading::knowing(About::Unit, Because::Missing, amounts);
    }
    if amounts.iter().any(|amount| amount.unit.is_some_and(|unit| unit.sort() == Sort::Loose)) {
        return unclear();
    }
    match odd::odd(&amounts) {
        Some(odd::Odd::Zero) => Reading::Refuse(Refusal::Zero),
        Some(odd::Odd::Ask(about, because)) => Reading::ask(about, because),
        None => Reading::Read(amounts),
    }
}
