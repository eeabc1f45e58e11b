//! What a box has to offer: first expired, first out, and what was kept back and why.

#[cfg(feature = "uniffi")]
use crate::bindings::module_path;

use std::collections::BTreeMap;

use serde::Serialize;

use super::{Day, Goods, Hidden, Part, State, product_facts::ProductFacts};
use crate::{aggregate::product::Class, id::Reference, qty::Qty};

/// What is asked of a box.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ask<'a> {
    /// Of which product.
    pub product: Reference,
    /// How much is wanted, in `unit`.
    pub qty: Qty,
    /// In which unit; `None` is the unit of the lot that goes first.
    pub unit: Option<&'a str>,
    /// A keeper takes it upon them: what [`Hidden::may_be_overridden`] does not keep back.
    pub overridden: bool,
}

/// A lot that is kept back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct HiddenLot {
    /// The lot that is kept back.
    pub lot: Reference,
    /// The reason for which it is kept back.
    pub why: Hidden,
}

/// What a box offers of a product.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record), uniffi(name = "BoxOffer"))]
pub struct Offer {
    /// From which lots, first to expire first; of unknown expiry last.
    pub picks: Vec<Part>,
    /// Lots of the product that were kept back, and why.
    pub hidden: Vec<HiddenLot>,
    /// How much is missing.
    pub missing: Qty,
}

/// When a lot's turn comes: unknown expiry last, then by expiry, then who came first.
type Turn = (bool, Option<Day>, usize, Reference);

/// Chooses lots for what is asked. Pure: the day and what is known of the product are arguments.
pub fn offer(state: &State, ask: &Ask<'_>, facts: &ProductFacts, today: Day) -> Offer {
    let mut offer = Offer::default();
    let mut fit: BTreeMap<Turn, (Qty, String)> = BTreeMap::new();
    for (name, lot) in state.lots() {
        let Some(goods) = state.goods(name).filter(|goods| goods.product == ask.product) else { continue };
        let unfit = unfit(state, name, &goods, facts, today);
        match unfit.filter(|why| !(ask.overridden && why.may_be_overridden())) {
            Some(why) => offer.hidden.push(HiddenLot { lot: name, why }),
            None if lot.stock.qty() <= Qty::ZERO => offer.hidden.push(HiddenLot { lot: name, why: Hidden::Empty }),
            None => {
                let made = state.origin(name).map_or(usize::MAX, |origin| origin.at);
                fit.insert((goods.expiry.is_none(), goods.expiry, made, name), (lot.stock.qty(), goods.unit));
            }
        }
    }
    let mut unit = ask.unit.map(|unit| unit.trim().to_owned());
    offer.missing = ask.qty;
    for ((_, _, _, name), (stock, its)) in fit {
        if unit.get_or_insert_with(|| its.trim().to_owned()) != its.trim() {
            offer.hidden.push(HiddenLot { lot: name, why: Hidden::OtherUnit { unit: its } });
            continue;
        }
        let qty = stock.min(offer.missing);
        if qty > Qty::ZERO {
            offer.picks.push(Part { lot: name, qty });
            offer.missing = offer.missing.saturating_sub(qty);
        }
    }
    offer
}

/// Why a lot must not be handed out, whatever is left of it. The gravest reason first.
pub fn unfit(state: &State, lot: Reference, goods: &Goods, facts: &ProductFacts, today: Day) -> Option<Hidden> {
    if state.quarantined(lot) {
        return Some(Hidden::Quarantined);
    }
    let recalled = facts.recalled(goods.batch.as_deref());
    if let Some(recalled @ Hidden::Recalled { .. }) = recalled {
        return Some(recalled);
    }
    if let Some(expiry) = goods.expiry.filter(|expiry| *expiry < today) {
        return Some(Hidden::Expired { expiry });
    }
    match facts.class {
        Some(Class::Prescription) => Some(Hidden::Prescription),
        // What a keeper may take upon them comes behind what nobody may: else it would hide that.
        Some(Class::OverTheCounter | Class::Device | Class::Supply) => recalled,
        None => recalled.or(Some(Hidden::NoClass)),
    }
}
