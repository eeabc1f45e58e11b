//! From a command for a box to its events.

mod goods;
mod take;
mod transfer;

use std::collections::BTreeSet;

use super::{
    Closed, Command, Counted, Edited, Fact, LimitSet, MedicineBox, NOTE, Opened, PARTS, PERIOD_DAYS, PLACE, Part,
    Portion, QTY, Quarantine, Refusal, RestockAsked, RestockSet, State, kind,
};
use crate::{
    aggregate::{Aggregate, DecisionContext, Draft, Subject, World, building::Door, product::Product},
    event::Edit,
    id::Reference,
    limits,
    qty::Qty,
    written::unit::Unit,
};

/// All that deciding about a box that exists has at hand.
struct Counter<'a> {
    state: &'a State,
    own: Reference,
    context: &'a DecisionContext<'a>,
}

pub(super) fn decide(
    subject: Option<&Subject<'_, State>>,
    command: Command,
    context: &DecisionContext<'_>,
) -> Result<Vec<Draft>, Refusal> {
    let Some(subject) = subject else { return open(command, context.world) };
    let at = Counter { state: subject.state, own: subject.birth.aggregate, context };
    if subject.state.closed().is_some() && !goes_on_when_closed(&command) {
        return Err(Refusal::Closed);
    }
    match command {
        Command::Open { .. } => Err(Refusal::Target),
        Command::Edit { place, note } => at.edit(place, note),
        Command::Donate { goods, qty, origin, opened, blister_intact, when } => {
            at.donate(goods, qty, origin, opened, blister_intact, when)
        }
        Command::Take { what, room, order, override_reason, when } => {
            at.take(&what, room, order, override_reason, when)
        }
        Command::Return { parts, room, when } => at.give_back(&parts, room, when),
        Command::Split { lot, qty, into_qty, into_unit, when } => at.split(lot, qty, into_qty, &into_unit, when),
        Command::Count { parts, blind, when } => {
            let parts = at.cut_parts(&parts, Qty::ZERO, when.happened())?;
            Ok(vec![at.draft(kind::COUNTED, &Counted { parts, blind, happened_at: when.happened_at })])
        }
        Command::Find { unfit, qty, why, when } => at.find(unfit, qty, why, when),
        Command::Discard { lot, qty, why, when } => at.discard(lot, qty, why, when),
        Command::Send { to, lot, qty, when } => at.send(to, lot, qty, when),
        Command::Receive { sent, qty, parcel, when } => at.receive(sent, qty, parcel, when),
        Command::Quarantine { lot, why } => {
            at.known(lot)?;
            Ok(vec![at.draft(kind::QUARANTINED, &Quarantine { lot, why: bounded("why", why)? })])
        }
        Command::LiftQuarantine { lot, why } => at.lift(lot, why),
        Command::AskRestock { product, qty, unit, note } => at.ask_restock(product, qty, unit, note),
        Command::SetRestock { product, unit, below } => at.set_restock(product, unit, below),
        Command::SetLimit { product, qty, days } => at.set_limit(product, qty, days),
        Command::CarryOver { into, counted, why } => at.carry_over(into, &counted, why),
        Command::Close { why, anyway } => at.close(why, anyway),
        Command::Correct { event, value, why } => at.correct(event, value, why),
    }
}

/// Facts that have happened, and corrections, are written down for a closed box too.
fn goes_on_when_closed(command: &Command) -> bool {
    match command {
        Command::Donate { when, .. }
        | Command::Take { when, .. }
        | Command::Return { when, .. }
        | Command::Split { when, .. }
        | Command::Count { when, .. }
        | Command::Find { when, .. }
        | Command::Discard { when, .. }
        | Command::Send { when, .. }
        | Command::Receive { when, .. } => when.happened(),
        Command::Correct { .. } | Command::Open { .. } => true,
        Command::Edit { .. }
        | Command::Quarantine { .. }
        | Command::LiftQuarantine { .. }
        | Command::AskRestock { .. }
        | Command::SetRestock { .. }
        | Command::SetLimit { .. }
        | Command::CarryOver { .. }
        | Command::Close { .. } => false,
    }
}

fn open(command: Command, world: &dyn World) -> Result<Vec<Draft>, Refusal> {
    let Command::Open { building, place, note } = command else { return Err(Refusal::Target) };
    let building = building.map(|building| filled("building", &building)).transpose()?;
    let building = building.map(|building| Door::named(&building, None, None)?.listed(world)).transpose()?;
    let building = building.map(|door| door.building);
    let mut edits = Vec::new();
    for (field, name, text) in [(PLACE, "place", place), (NOTE, "note", note)] {
        if !text.trim().is_empty() {
            edits.push(Edit::put(field, bounded(name, text)?));
        }
    }
    Ok(vec![Draft::new::<MedicineBox>(kind::OPENED, &Opened { building }).edits(edits)])
}

impl Counter<'_> {
    fn draft(&self, kind: u16, payload: &impl minicbor::Encode<()>) -> Draft {
        Draft::on::<MedicineBox>(self.own, kind, payload)
    }

    fn edit(&self, place: Option<String>, note: Option<String>) -> Result<Vec<Draft>, Refusal> {
        let mut edits = Vec::new();
        for (field, name, text) in [(PLACE, "place", place), (NOTE, "note", note)] {
            if let Some(text) = text {
                edits.push(Edit::put(field, bounded(name, text)?));
            }
        }
        if edits.is_empty() {
            return Err(Refusal::Nothing);
        }
        Ok(vec![self.draft(kind::EDITED, &Edited {}).edits(edits)])
    }

    fn lift(&self, lot: Reference, why: String) -> Result<Vec<Draft>, Refusal> {
        let Some(found) = self.state.lot(lot) else { return Err(Refusal::UnknownLot { lot }) };
        if !found.set_aside() {
            return Err(Refusal::NotQuarantined { lot });
        }
        Ok(vec![self.draft(kind::QUARANTINE_LIFTED, &Quarantine { lot, why: bounded("why", why)? })])
    }

    fn ask_restock(&self, product: Reference, qty: Qty, unit: String, note: String) -> Result<Vec<Draft>, Refusal> {
        self.listed(product)?;
        let (qty, unit, note) = (amount(qty, Qty::LEAST)?, filled("unit", &unit)?, bounded("note", note)?);
        Ok(vec![self.draft(kind::RESTOCK_ASKED, &RestockAsked { product, qty, unit, note })])
    }

    fn set_restock(&self, product: Reference, unit: String, below: Option<Qty>) -> Result<Vec<Draft>, Refusal> {
        self.listed(product)?;
        let (unit, below) = (filled("unit", &unit)?, below.map(|below| amount(below, Qty::LEAST)).transpose()?);
        Ok(vec![self.draft(kind::RESTOCK_SET, &RestockSet { product, unit, below })])
    }

    fn set_limit(&self, product: Option<Reference>, qty: Option<Qty>, days: u16) -> Result<Vec<Draft>, Refusal> {
        product.map_or(Ok(()), |product| self.listed(product))?;
        if !(1..=PERIOD_DAYS).contains(&days) {
            return Err(Refusal::Period { most: PERIOD_DAYS });
        }
        let qty = qty.map(|qty| amount(qty, Qty::ZERO)).transpose()?;
        Ok(vec![self.draft(kind::LIMIT_SET, &LimitSet { product, qty, days })])
    }

    fn close(&self, why: String, anyway: bool) -> Result<Vec<Draft>, Refusal> {
        let lots = self.state.lots().filter(|(_, lot)| lot.stock.qty() != Qty::ZERO).count();
        if lots > 0 && !anyway {
            return Err(Refusal::StillStocked { lots });
        }
        let closed = Closed { why: bounded("why", why)?, into: None, parts: Vec::new() };
        Ok(vec![self.draft(kind::CLOSED, &closed)])
    }

    fn correct(&self, event: Reference, value: super::Correction, why: String) -> Result<Vec<Draft>, Refusal> {
        let Some(entry) = self.state.entry(event) else { return Err(Refusal::NotCorrectable { event }) };
        let (qty, into, parts, goods) = match &entry.fact {
            Fact::Donated(_) | Fact::Received(_) | Fact::CarriedOver(_) => (true, false, false, true),
            Fact::Found(found) => (true, false, false, found.goods.is_some()),
            Fact::Discarded(_) | Fact::Sent(_) => (true, false, false, false),
            Fact::Split(_) => (true, true, false, false),
            Fact::Taken(_) | Fact::Returned(_) | Fact::Counted(_) | Fact::Closed(_) => (false, false, true, false),
            _ => (false, false, false, false),
        };
        let fits = (qty || value.qty.is_none())
            && (into || value.into_qty.is_none())
            && (parts || value.parts.is_none())
            && (goods || value.goods.is_none());
        let says = value.undone
            || value.qty.is_some()
            || value.into_qty.is_some()
            || value.parts.is_some()
            || value.goods.is_some();
        if !fits || !says {
            return Err(Refusal::NotCorrectable { event });
        }
        for qty in value.qty.into_iter().chain(value.into_qty) {
            amount(qty, Qty::ZERO)?;
        }
        if let Some(parts) = &value.parts {
            let portions: Vec<Portion> = parts.iter().map(|part| Portion { lot: part.lot, qty: part.qty }).collect();
            self.parts(&portions, Qty::ZERO, false)?;
        }
        let goods = value.goods.clone().map(|goods| self.goods(goods)).transpose()?;
        let value = super::Correction { goods, ..value };
        let corrected = super::Corrected { event, value, why: bounded("why", why)? };
        Ok(vec![self.draft(kind::CORRECTED, &corrected)])
    }

    fn known(&self, lot: Reference) -> Result<(), Refusal> {
        if self.state.lot(lot).is_some() { Ok(()) } else { Err(Refusal::UnknownLot { lot }) }
    }

    fn listed(&self, product: Reference) -> Result<(), Refusal> {
        let listed = self.context.world.exists(Product::NAME, product)?;
        if listed { Ok(()) } else { Err(Refusal::UnknownProduct { product }) }
    }

    /// Checks parts: lots that are here (of what has happened, others too), each once.
    fn parts(&self, portions: &[Portion], least: Qty, happened: bool) -> Result<Vec<Part>, Refusal> {
        let names: BTreeSet<Reference> = portions.iter().map(|portion| self.state.name(portion.lot)).collect();
        if portions.is_empty() || portions.len() > PARTS || names.len() != portions.len() {
            return Err(Refusal::Lots);
        }
        let part = |portion: &Portion| {
            if !happened {
                self.known(portion.lot)?;
            }
            Ok(Part { lot: portion.lot, qty: amount(portion.qty, least)? })
        };
        portions.iter().map(part).collect()
    }

    /// The same, warning of parts of capsules.
    fn cut_parts(&self, portions: &[Portion], least: Qty, happened: bool) -> Result<Vec<Part>, Refusal> {
        let parts = self.parts(portions, least, happened)?;
        parts.iter().try_for_each(|part| self.cut(part.lot, part.qty, happened))?;
        Ok(parts)
    }

    /// Warns of a part of a capsule, out of a lot that is here.
    fn cut(&self, lot: Reference, qty: Qty, happened: bool) -> Result<(), Refusal> {
        self.state.goods(lot).map_or(Ok(()), |goods| cut(&goods.unit, qty, happened))
    }

    /// Warns of taking more than there is.
    fn enough(&self, lot: Reference, asked: Qty, happened: bool) -> Result<(), Refusal> {
        let there = self.state.stock(lot);
        if !happened && there < asked {
            return Err(Refusal::MoreThanThere { lot, asked, there });
        }
        Ok(())
    }
}

fn amount(qty: Qty, least: Qty) -> Result<Qty, Refusal> {
    let most = QTY;
    if (least..=most).contains(&qty) { Ok(qty) } else { Err(Refusal::Quantity { qty, least, most }) }
}

/// Warns of a part of what is not cut. Units that are not known may be.
fn cut(unit: &str, qty: Qty, happened: bool) -> Result<(), Refusal> {
    let whole = happened || qty.is_whole() || Unit::of_word(unit).is_none_or(Unit::is_cut);
    if whole { Ok(()) } else { Err(Refusal::NotCut { qty, unit: unit.to_owned() }) }
}

fn bounded(field: &'static str, text: String) -> Result<String, Refusal> {
    if text.len() > limits::FIELD { Err(Refusal::TooLong { field, limit: limits::FIELD }) } else { Ok(text) }
}

fn filled(field: &'static str, text: &str) -> Result<String, Refusal> {
    let text = text.trim();
    if text.is_empty() { Err(Refusal::Empty { field }) } else { bounded(field, text.to_owned()) }
}
