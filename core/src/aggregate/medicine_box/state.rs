//! What the events of a box fold into.

use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet},
};

use serde::Serialize;

use super::{
    CarriedOver, Corrected, Correction, Donated, Fact, Found, Goods, Part, Received, Split,
    stock::{Causes, Containment, Count, Flow, Moment, Move, Stock},
};
use crate::{
    aggregate::{Birth, History, knowledge::Unanswered},
    id::Reference,
    qty::Qty,
    sabotage::Rule,
};

/// Splits of splits beyond which a lineage is not followed.
pub(super) const LINEAGE: usize = 64;

/// What the events of a box fold into.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct State {
    pub(super) lots: BTreeMap<Reference, Lot>,
    /// What moved, was counted or set aside, as it was said.
    entries: BTreeMap<Reference, Entry>,
    /// What it should have said.
    corrections: BTreeMap<Reference, Correction>,
    /// Receipts of each `sent`, in order.
    receipts: BTreeMap<Reference, Vec<Reference>>,
    /// Those of them that happened, by place in the history.
    happened: BTreeMap<Reference, BTreeMap<usize, Reference>>,
    /// Later receipts of a parcel name the first one's lot: it is one heap of goods on the shelf.
    same: BTreeMap<Reference, Reference>,
    asks: BTreeMap<Reference, OpenAsk>,
    /// The same, of each product.
    asked: BTreeMap<Reference, Unanswered>,
    restock: BTreeMap<(Reference, String), Qty>,
    limits: BTreeMap<Option<Reference>, Limit>,
    closed: Option<Closing>,
    /// Lots of which something was said that is not judged yet.
    unsettled: BTreeSet<Reference>,
    /// Events that say something else since they were entered.
    corrected: BTreeSet<Reference>,
    /// What they said, by the lots of which they said it.
    stale: BTreeMap<Reference, BTreeSet<Reference>>,
}

/// A lot: named by the event that made it. One that no counted event made is unknown, never an error.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lot {
    /// Its movements and counts.
    pub stock: Stock,
    /// The events that set it aside and that nobody who knew of them has lifted.
    quarantines: Unanswered,
}

/// One event that moves, counts or sets aside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its place in the history.
    pub at: usize,
    /// The time at which it happened, as its author claims.
    pub moment: Moment,
    /// What it said, uncorrected.
    pub fact: Fact,
}

/// An open wish for more of a product.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct OpenAsk {
    /// Its place in the history.
    pub at: usize,
    /// The product that is wanted.
    pub product: Reference,
    /// How much more is wanted, in `unit`.
    pub qty: Qty,
    /// In which unit.
    pub unit: String,
    /// A word on why.
    pub note: String,
}

/// How much one household may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Limit {
    /// Where in the history it was set.
    pub at: usize,
    /// How much, in the lots' own units; `None`: no limit.
    pub qty: Option<Qty>,
    /// In how many days.
    pub days: u16,
}

/// How a box ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Closing {
    /// Where in the history.
    pub at: usize,
    /// The reason, in words; may be empty.
    pub why: String,
    /// The box that took over.
    pub into: Option<Reference>,
}

/// What one event does to which lots: movements and counts.
type Entered = (Vec<(Reference, Move)>, Vec<(Reference, Count)>);

/// Where a lot comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin<'a> {
    /// The making event's code.
    pub code: &'static str,
    /// Its place in the history.
    pub at: usize,
    /// The time at which it was made, as its author claims.
    pub moment: Moment,
    /// What stands on the package; a split-off lot has what its parent has.
    pub goods: Option<&'a Goods>,
    /// The lot it comes from, here or in another box.
    pub parent: Option<Reference>,
    /// Its own unit, where it differs from the parent's.
    pub unit: Option<&'a str>,
    /// What the donor said of where it comes from.
    pub source: Option<&'a str>,
}

impl State {
    /// All lots by name, unknown ones too.
    pub fn lots(&self) -> impl Iterator<Item = (Reference, &Lot)> {
        self.lots.iter().map(|(name, lot)| (*name, lot))
    }

    /// The lot of this name. The second receipt of a parcel names the first one's lot.
    pub fn lot(&self, name: Reference) -> Option<&Lot> {
        self.lots.get(&self.name(name))
    }

    /// The name a lot goes by.
    pub fn name(&self, lot: Reference) -> Reference {
        self.same.get(&lot).copied().unwrap_or(lot)
    }

    /// How much of a lot there is; negative is a shortfall.
    pub fn stock(&self, lot: Reference) -> Qty {
        self.lot(lot).map_or(Qty::ZERO, |lot| lot.stock.qty())
    }

    /// What stands on a lot's package; `None` for an unknown lot.
    pub fn goods(&self, lot: Reference) -> Option<Goods> {
        let (mut at, mut unit) = (self.name(lot), None);
        for _ in 0..LINEAGE {
            let origin = self.origin(at)?;
            unit = unit.or(origin.unit);
            if let Some(goods) = origin.goods {
                let unit = unit.map_or_else(|| goods.unit.clone(), str::to_owned);
                return Some(Goods { unit, ..goods.clone() });
            }
            at = self.name(origin.parent?);
        }
        None
    }

    /// Where a lot comes from; `None` for an unknown lot.
    pub fn origin<'a>(&'a self, lot: Reference) -> Option<Origin<'a>> {
        let maker = self.maker(self.name(lot));
        let entry = self.entries.get(&maker)?;
        let corrected = self.corrections.get(&maker).and_then(|value| value.goods.as_ref());
        let origin = |code, goods: Option<&'a Goods>, parent, unit, source| {
            let goods = corrected.filter(|_| goods.is_some()).or(goods);
            Some(Origin { code, at: entry.at, moment: entry.moment, goods, parent, unit, source })
        };
        match &entry.fact {
            Fact::Donated(Donated { goods, origin: source, .. }) => {
                origin("donated", Some(goods), None, None, source.as_deref())
            }
            Fact::Split(Split { lot, into_unit, .. }) => origin("split", None, Some(*lot), Some(into_unit), None),
            Fact::Found(Found { lot, goods, .. }) => origin("found", goods.as_ref(), *lot, None, None),
            // A receipt of what was sent to another box makes nothing here.
            Fact::Received(Received { sent, goods, lot, .. }) if self.received_here(*sent, maker) => {
                origin("received", Some(goods), *lot, None, None)
            }
            Fact::CarriedOver(CarriedOver { goods, lot, .. }) => {
                origin("carried_over", Some(goods), Some(*lot), None, None)
            }
            _ => None,
        }
    }

    /// Whether a lot, or one it was split off, is set aside.
    pub fn quarantined(&self, lot: Reference) -> bool {
        let mut at = self.name(lot);
        for _ in 0..LINEAGE {
            if self.lots.get(&at).is_some_and(|lot| !lot.quarantines.is_empty()) {
                return true;
            }
            let Some(parent) = self.origin(at).and_then(|origin| origin.parent) else { return false };
            at = self.name(parent);
        }
        false
    }

    /// The events that move, count or set aside, by name.
    pub fn entries(&self) -> impl Iterator<Item = (Reference, &Entry)> {
        self.entries.iter().map(|(event, entry)| (*event, entry))
    }

    /// One such event.
    pub fn entry(&self, event: Reference) -> Option<&Entry> {
        self.entries.get(&event)
    }

    /// What an event says after corrections; `None` if it did not happen, or is not here.
    pub fn said(&self, event: Reference) -> Option<Fact> {
        self.stands(event).map(Cow::into_owned)
    }

    /// The same, copied where it was corrected alone.
    pub(super) fn stands(&self, event: Reference) -> Option<Cow<'_, Fact>> {
        let entry = self.entries.get(&event)?;
        match self.corrections.get(&event) {
            Some(correction) if correction.undone => None,
            Some(correction) => Some(Cow::Owned(correction.apply(&entry.fact))),
            None => Some(Cow::Borrowed(&entry.fact)),
        }
    }

    /// What an event should have said, if anybody corrected it.
    pub fn correction(&self, event: Reference) -> Option<&Correction> {
        self.corrections.get(&event)
    }

    /// All receipts of a `sent` that this box got, in order.
    pub fn receipts(&self, sent: Reference) -> &[Reference] {
        self.receipts.get(&sent).map_or(&[], Vec::as_slice)
    }

    /// Whether a receipt of a `sent` is one for this box, counting or not.
    pub fn received_here(&self, sent: Reference, receipt: Reference) -> bool {
        self.same.contains_key(&receipt) || self.receipts(sent).first() == Some(&receipt)
    }

    /// Every `sent` something was received of, with all receipts in order.
    pub fn parcels(&self) -> impl Iterator<Item = (Reference, &[Reference])> {
        self.receipts.iter().map(|(sent, receipts)| (*sent, receipts.as_slice()))
    }

    /// The receipt of a `sent` that counts: the first that happened.
    pub fn receipt(&self, sent: Reference) -> Option<Reference> {
        self.happened.get(&sent)?.values().next().copied()
    }

    /// Open wishes for more, by the asking event.
    pub fn asks(&self) -> impl Iterator<Item = (Reference, &OpenAsk)> {
        self.asks.iter().map(|(event, ask)| (*event, ask))
    }

    /// Below which stock a product is low, by (product, unit).
    pub fn restock(&self) -> impl Iterator<Item = (&(Reference, String), Qty)> {
        self.restock.iter().map(|(key, below)| (key, *below))
    }

    /// What the box says of a product: its own limit, else the one for all. `None` where it says nothing.
    pub fn limit(&self, product: Reference) -> Option<Limit> {
        self.limits.get(&Some(product)).or_else(|| self.limits.get(&None)).copied()
    }

    /// All limits that were set, by product; `None` is for all others.
    pub fn limits(&self) -> impl Iterator<Item = (Option<Reference>, Limit)> {
        self.limits.iter().map(|(product, limit)| (*product, *limit))
    }

    /// How the box ended, if it did.
    pub fn closed(&self) -> Option<&Closing> {
        self.closed.as_ref()
    }

    fn undone(&self, event: Reference) -> bool {
        self.corrections.get(&event).is_some_and(|correction| correction.undone)
    }

    /// The event that made a lot: of several receipts of one parcel the one that counts.
    fn maker(&self, lot: Reference) -> Reference {
        match self.entries.get(&lot).map(|entry| &entry.fact) {
            Some(Fact::Received(received)) => self.receipt(received.sent).unwrap_or(lot),
            _ => lot,
        }
    }

    pub(super) fn apply(&mut self, fact: &Fact, at: usize, history: &History, birth: &Birth) {
        let act = history.act(at);
        let causes = Causes::new(history);
        match fact {
            Fact::Opened(_) | Fact::Edited(_) => {}
            Fact::QuarantineLifted(lift) => {
                let lot = self.name(lift.lot);
                // A lift ends what its author knew of; set aside meanwhile by somebody else it stays.
                history.answer(&mut self.lots.entry(lot).or_default().quarantines, at);
            }
            Fact::RestockAsked(asked) => {
                let (qty, unit, note) = (asked.qty, asked.unit.clone(), asked.note.clone());
                self.asks.insert(act.reference, OpenAsk { at, product: asked.product, qty, unit, note });
                history.leave_open(self.asked.entry(asked.product).or_default(), at);
            }
            Fact::RestockSet(set) => {
                let key = (set.product, set.unit.trim().to_owned());
                match set.below {
                    Some(below) => self.restock.insert(key, below),
                    None => self.restock.remove(&key),
                };
            }
            Fact::LimitSet(set) => {
                self.limits.insert(set.product, Limit { at, qty: set.qty, days: set.days });
            }
            Fact::Corrected(corrected) => self.correct(corrected, history),
            Fact::Closed(closed) => {
                self.closed = Some(Closing { at, why: closed.why.clone(), into: closed.into });
                self.record(fact, at, history, birth, &causes);
            }
            Fact::Donated(_)
            | Fact::Taken(_)
            | Fact::Returned(_)
            | Fact::Split(_)
            | Fact::Counted(_)
            | Fact::Found(_)
            | Fact::Discarded(_)
            | Fact::Sent(_)
            | Fact::Received(_)
            | Fact::Quarantined(_)
            | Fact::CarriedOver(_) => self.record(fact, at, history, birth, &causes),
        }
    }

    /// Judges each lot of which something was said, once for all that was said.
    pub(super) fn settle(&mut self, history: &History) {
        let causes = Causes::new(history);
        self.enter_corrected();
        for lot in std::mem::take(&mut self.unsettled) {
            if let Some(lot) = self.lots.get_mut(&lot) {
                lot.stock.settle(&causes);
            }
        }
    }

    fn record(&mut self, fact: &Fact, at: usize, history: &History, birth: &Birth, causes: &Causes<'_>) {
        let act = history.act(at);
        let event = act.reference;
        let moment = Moment { wall: act.wall, happened_at: fact.happened_at() };
        self.entries.insert(event, Entry { at, moment, fact: fact.clone() });
        if let Fact::Received(received) = fact
            && received.to == birth.aggregate
        {
            let receipts = self.receipts.entry(received.sent).or_default();
            let first = receipts.first().copied();
            receipts.push(event);
            self.happened.entry(received.sent).or_default().insert(at, event);
            if let Some(first) = first {
                self.same.insert(event, first);
                self.join(event, first, history);
            }
        }
        if !matches!(fact, Fact::Received(received) if received.to != birth.aggregate) {
            self.end_asks(fact, at, history);
        }
        if self.origin(event).is_some() {
            // A lot of which nothing arrived is a lot too.
            self.lots.entry(self.name(event)).or_default();
        }
        let (moves, counts) = self.entered(event);
        for (lot, movement) in moves {
            self.lots.entry(lot).or_default().stock.moved(movement, causes);
        }
        for (lot, count) in counts {
            self.unsettled.insert(lot);
            self.lots.entry(lot).or_default().stock.counted(count);
        }
        self.set_aside(event, history);
    }

    /// A lot turns out to be another one: what was said of it is said of that.
    fn join(&mut self, later: Reference, first: Reference, history: &History) {
        let Some(lot) = self.lots.remove(&later) else { return };
        let into = self.lots.entry(first).or_default();
        for set in lot.quarantines.numbers() {
            history.leave_open(&mut into.quarantines, set);
        }
        into.stock.join(lot.stock);
        self.unsettled.insert(first);
    }

    /// What comes in of a product ends the wishes for it that were known.
    fn end_asks(&mut self, fact: &Fact, at: usize, history: &History) {
        let (Fact::Donated(Donated { goods, .. })
        | Fact::Received(Received { goods, .. })
        | Fact::CarriedOver(CarriedOver { goods, .. })) = fact
        else {
            return;
        };
        let Some(open) = self.asked.get_mut(&goods.product) else { return };
        for known in history.answer(open, at) {
            self.asks.remove(&history.act(known).reference);
        }
    }

    fn set_aside(&mut self, event: Reference, history: &History) {
        let Some(entry) = self.entries.get(&event) else { return };
        let (at, lot) = match &entry.fact {
            Fact::Quarantined(quarantine) => (entry.at, self.name(quarantine.lot)),
            Fact::Found(_) | Fact::CarriedOver(CarriedOver { quarantined: true, .. }) => (entry.at, event),
            _ => return,
        };
        if !self.undone(event) {
            history.leave_open(&mut self.lots.entry(lot).or_default().quarantines, at);
        }
    }

    fn correct(&mut self, corrected: &Corrected, history: &History) {
        let event = corrected.event;
        let parcel = match self.entries.get(&event) {
            Some(Entry { at, fact: Fact::Received(received), .. }) if self.received_here(received.sent, event) => {
                Some((received.sent, *at))
            }
            _ => None,
        };
        // Which receipt of a parcel counts may change: the one that did steps back, the one that does comes in.
        self.enter_again(parcel.map_or(Some(event), |(sent, _)| self.receipt(sent)));
        self.corrections.entry(event).or_default().merge(&corrected.value);
        if let Some((sent, at)) = parcel {
            let undone = self.undone(event);
            let happened = self.happened.entry(sent).or_default();
            if undone {
                happened.remove(&at)
            } else {
                happened.insert(at, event)
            };
            self.enter_again(self.receipt(sent));
        }
        self.correct_quarantine(event, history);
    }

    /// What an event says is to be entered anew, once for all that corrects it.
    fn enter_again(&mut self, event: Option<Reference>) {
        let Some(event) = event.filter(|event| self.corrected.insert(*event)) else { return };
        let (moves, counts) = self.entered(event);
        for lot in moves.iter().map(|(lot, _)| lot).chain(counts.iter().map(|(lot, _)| lot)) {
            self.stale.entry(*lot).or_default().insert(event);
        }
    }

    /// Takes out what corrected events said, and enters what they say.
    fn enter_corrected(&mut self) {
        for (lot, events) in std::mem::take(&mut self.stale) {
            let lot = self.name(lot);
            if let Some(known) = self.lots.get_mut(&lot) {
                known.stock.withdraw(&events);
                self.unsettled.insert(lot);
            }
        }
        for event in std::mem::take(&mut self.corrected) {
            let (moves, counts) = self.entered(event);
            for (lot, movement) in moves {
                self.unsettled.insert(lot);
                self.lots.entry(lot).or_default().stock.put_move(movement);
            }
            for (lot, count) in counts {
                self.unsettled.insert(lot);
                self.lots.entry(lot).or_default().stock.counted(count);
            }
        }
    }

    fn correct_quarantine(&mut self, event: Reference, history: &History) {
        let Some(Entry { at, fact: Fact::Quarantined(quarantine), .. }) = self.entries.get(&event) else { return };
        let (at, lot) = (*at, self.name(quarantine.lot));
        history.take_back(&mut self.lots.entry(lot).or_default().quarantines, at);
        self.set_aside(event, history);
    }

    /// What an event, corrected, does to which lots.
    fn entered(&self, event: Reference) -> Entered {
        let (Some(entry), Some(fact)) = (self.entries.get(&event), self.stands(event)) else {
            return Default::default();
        };
        if let Fact::Received(received) = &*fact
            && self.receipt(received.sent) != Some(event)
            && !Rule::FirstReceipt.is_left_out()
        {
            return Default::default();
        }
        let (at, moment) = (entry.at, entry.moment);
        // One heap under two names is one line: what was said of both adds up.
        let mut moves: BTreeMap<(Reference, Flow), Qty> = BTreeMap::new();
        for (lot, flow, qty) in flows(&fact, event) {
            let sum = moves.entry((self.name(lot), flow)).or_default();
            *sum = sum.saturating_add(qty);
        }
        let moves = moves.into_iter().map(|((lot, flow), qty)| {
            (lot, Move { event, at, moment, flow, qty, containment: Containment::default() })
        });
        let mut counts: BTreeMap<Reference, Qty> = BTreeMap::new();
        let parts = if let Fact::Counted(counted) = &*fact { counted.parts.as_slice() } else { &[] };
        for part in parts {
            let sum = counts.entry(self.name(part.lot)).or_default();
            *sum = sum.saturating_add(part.qty);
        }
        let counts = counts.into_iter().map(|(lot, qty)| (lot, Count { event, at, moment, qty, history_only: false }));
        (moves.collect(), counts.collect())
    }
}

/// What moves, by the event that says so: (lot, why, signed quantity).
fn flows(fact: &Fact, event: Reference) -> Vec<(Reference, Flow, Qty)> {
    let come = |parts: &[Part], flow| parts.iter().map(|part| (part.lot, flow, part.qty)).collect();
    let go = |parts: &[Part], flow| parts.iter().map(|part| (part.lot, flow, part.qty.saturating_neg())).collect();
    match fact {
        Fact::Donated(donated) => vec![(event, Flow::Donated, donated.qty)],
        Fact::Taken(taken) => go(&taken.parts, Flow::Taken),
        Fact::Returned(returned) => come(&returned.parts, Flow::Returned),
        Fact::Split(split) => {
            vec![(split.lot, Flow::SplitOut, split.qty.saturating_neg()), (event, Flow::SplitIn, split.into_qty)]
        }
        Fact::Found(Found { lot: Some(lot), qty, .. }) => {
            vec![(*lot, Flow::SplitOut, qty.saturating_neg()), (event, Flow::SplitIn, *qty)]
        }
        Fact::Found(Found { lot: None, qty, .. }) => vec![(event, Flow::Found, *qty)],
        Fact::Discarded(discarded) => vec![(discarded.lot, Flow::Discarded, discarded.qty.saturating_neg())],
        Fact::Sent(sent) => vec![(sent.lot, Flow::Sent, sent.qty.saturating_neg())],
        Fact::Received(received) => vec![(event, Flow::Received, received.qty)],
        Fact::CarriedOver(carried) => vec![(event, Flow::CarriedIn, carried.qty)],
        Fact::Closed(closed) => go(&closed.parts, Flow::CarriedOut),
        Fact::Opened(_)
        | Fact::Edited(_)
        | Fact::Counted(_)
        | Fact::Quarantined(_)
        | Fact::QuarantineLifted(_)
        | Fact::RestockAsked(_)
        | Fact::RestockSet(_)
        | Fact::LimitSet(_)
        | Fact::Corrected(_) => Vec::new(),
    }
}

impl Lot {
    /// Whether it is set aside itself, whatever it was split off.
    pub fn set_aside(&self) -> bool {
        !self.quarantines.is_empty()
    }
}

impl Correction {
    fn merge(&mut self, later: &Correction) {
        self.undone = later.undone;
        self.qty = later.qty.or(self.qty);
        self.into_qty = later.into_qty.or(self.into_qty);
        self.parts = later.parts.clone().or_else(|| self.parts.take());
        self.goods = later.goods.clone().or_else(|| self.goods.take());
    }

    /// The fact as it should have been.
    fn apply(&self, fact: &Fact) -> Fact {
        let mut fact = fact.clone();
        match &mut fact {
            Fact::Donated(Donated { qty, .. })
            | Fact::Found(Found { qty, .. })
            | Fact::Discarded(super::Discarded { qty, .. })
            | Fact::Sent(super::Sent { qty, .. })
            | Fact::Received(Received { qty, .. })
            | Fact::CarriedOver(CarriedOver { qty, .. }) => *qty = self.qty.unwrap_or(*qty),
            Fact::Split(split) => {
                split.qty = self.qty.unwrap_or(split.qty);
                split.into_qty = self.into_qty.unwrap_or(split.into_qty);
            }
            Fact::Taken(super::Taken { parts, .. })
            | Fact::Returned(super::Returned { parts, .. })
            | Fact::Counted(super::Counted { parts, .. })
            | Fact::Closed(super::Closed { parts, .. }) => {
                if let Some(corrected) = &self.parts {
                    parts.clone_from(corrected);
                }
            }
            Fact::Opened(_)
            | Fact::Edited(_)
            | Fact::Quarantined(_)
            | Fact::QuarantineLifted(_)
            | Fact::RestockAsked(_)
            | Fact::RestockSet(_)
            | Fact::LimitSet(_)
            | Fact::Corrected(_) => {}
        }
        fact
    }
}
