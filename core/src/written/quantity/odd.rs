//! Odd amounts: those that can be read, and that no household orders.

use super::{Amount, Qty};
use crate::written::{About, Because, unit::Unit};

/// What is odd about amounts that can be read.
pub(super) enum Odd {
    /// Nothing at all is wanted.
    Zero,
    /// It must be asked about.
    Ask(About, Because),
}

/// The most of something whose unit was not said that is no strange amount.
const MOST: i64 = 50;

/// What is odd about these, if anything is.
pub(super) fn odd(amounts: &[Amount]) -> Option<Odd> {
    if amounts.iter().all(|amount| amount.qty == Qty::ZERO) {
        return Some(Odd::Zero);
    }
    let strange = |amount: &Amount| amount.qty > Qty::whole(amount.unit.map_or(MOST, Unit::most));
    let cut = |amount: &Amount| !amount.qty.is_whole() && amount.unit.is_some_and(|unit| !unit.is_cut());
    // Ten 块 of something are ten yuan, as people speak.
    let money = |amount: &Amount| amount.qty >= Qty::whole(10) && amount.unit.is_some_and(|unit| unit.code() == "块");
    let unsaid = |amount: &Amount| !amount.qty.is_whole() && amount.unit.is_none();
    if amounts.iter().any(strange) {
        Some(Odd::Ask(About::Qty, Because::Strange))
    } else if amounts.iter().any(money) {
        Some(Odd::Ask(About::Qty, Because::Money))
    } else if amounts.iter().any(cut) {
        Some(Odd::Ask(About::Qty, Because::NotWhole))
    } else if amounts.iter().any(unsaid) {
        Some(Odd::Ask(About::Unit, Because::Missing))
    } else {
        None
    }
}
