//! From box to box: sending, receiving, carrying over.

use super::{Counter, amount, bounded};
use crate::{
    aggregate::{
        Aggregate, Draft, Select,
        medicine_box::{
            BOX, BOX_MOVE, CarriedOver, Closed, Counted, Goods, MedicineBox, Parcel, Part, Portion, Received, Refusal,
            Sent, When, kind, query::carried,
        },
    },
    id::Reference,
    qty::Qty,
};

impl Counter<'_> {
    pub(super) fn send(&self, to: Reference, lot: Reference, qty: Qty, when: When) -> Result<Vec<Draft>, Refusal> {
        let qty = amount(qty, Qty::LEAST)?;
        self.other_box(to, when.happened())?;
        let goods = self.state.goods(lot).ok_or(Refusal::UnknownLot { lot })?;
        if self.state.quarantined(lot) && !when.happened() {
            // What is set aside would arrive as if nothing were wrong with it.
            return Err(Refusal::Unfit { lot, why: crate::aggregate::medicine_box::Hidden::Quarantined });
        }
        self.cut(lot, qty, when.happened())?;
        self.enough(lot, qty, when.happened())?;
        Ok(vec![self.draft(kind::SENT, &Sent { to, lot, goods, qty, happened_at: when.happened_at })])
    }

    /// What the `sent` says, where it is here, goes before what stands on the parcel.
    pub(super) fn receive(
        &self,
        sent: Reference,
        qty: Qty,
        parcel: Option<Parcel>,
        when: When,
    ) -> Result<Vec<Draft>, Refusal> {
        let qty = amount(qty, Qty::ZERO)?;
        if let Some(receipt) = self.state.receipt(sent).filter(|_| !when.happened()) {
            return Err(Refusal::AlreadyReceived { receipt });
        }
        let Parcel { from, to, lot, goods, qty: sent_qty } = match self.parcel(sent)? {
            Some(parcel) => parcel,
            None => parcel.ok_or(Refusal::UnknownParcel { sent })?,
        };
        if to != self.own {
            return Err(Refusal::NotForThisBox { to });
        }
        let goods = self.goods(goods)?;
        let sent_qty = amount(sent_qty, Qty::LEAST)?;
        let received = Received { sent, from, to, lot, goods, sent_qty, qty, happened_at: when.happened_at };
        Ok(vec![self.draft(kind::RECEIVED, &received)])
    }

    fn parcel(&self, sent: Reference) -> Result<Option<Parcel>, Refusal> {
        let select = Select::from(BOX_MOVE.name).is("event", sent).is("kind", "sent").limit(1);
        Ok(self.context.world.select(&select)?.first().and_then(carried))
    }

    /// Counts, closes, and makes a lot in the other box of each that is left.
    pub(super) fn carry_over(&self, into: Reference, counted: &[Portion], why: String) -> Result<Vec<Draft>, Refusal> {
        self.other_box(into, false)?;
        let counted = self.parts(counted, Qty::ZERO, false)?;
        let uncounted = self.state.lots().filter(|(name, lot)| {
            lot.stock.qty() != Qty::ZERO && !counted.iter().any(|part| self.state.name(part.lot) == *name)
        });
        let uncounted = uncounted.count();
        if uncounted > 0 {
            return Err(Refusal::StillStocked { lots: uncounted });
        }
        let parts: Vec<Part> = counted.iter().copied().filter(|part| part.qty > Qty::ZERO).collect();
        let mut drafts = vec![self.draft(kind::COUNTED, &Counted { parts: counted, blind: false, happened_at: None })];
        let closed = Closed { why: bounded("why", why)?, into: Some(into), parts: parts.clone() };
        drafts.push(self.draft(kind::CLOSED, &closed));
        for part in parts {
            let goods: Goods = self.state.goods(part.lot).ok_or(Refusal::UnknownLot { lot: part.lot })?;
            let quarantined = self.state.quarantined(part.lot);
            let carried = CarriedOver { from: self.own, lot: part.lot, goods, qty: part.qty, quarantined };
            drafts.push(Draft::on::<MedicineBox>(into, kind::CARRIED_OVER, &carried));
        }
        Ok(drafts)
    }

    /// Whether things can go into another box: it is here, and open, but for what happened.
    fn other_box(&self, other: Reference, happened: bool) -> Result<(), Refusal> {
        if other == self.own {
            return Err(Refusal::SameBox);
        }
        let there = self.context.world.exists(MedicineBox::NAME, other)?;
        if !there {
            return Err(Refusal::UnknownBox { to: other });
        }
        let rows = self.context.world.select(&Select::from(BOX.name).of(other).limit(1))?;
        let closed = rows.iter().any(|row| BOX.cell(row, "open").int() == Some(0));
        if closed && !happened { Err(Refusal::OtherClosed { to: other }) } else { Ok(()) }
    }
}
