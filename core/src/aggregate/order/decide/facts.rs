//! What is said to have happened: questioned at most, never refused.

use crate::{id::MemberId, limits};

use super::{Case, Decision, optional, positive, some};
use crate::aggregate::order::{
    command::Command,
    fact::{Attempted, Carried, Delivered, Got, MAX_CENTS, Purchased, Reimbursed, Thing},
    kind,
    outcome::Status,
    refusal::Refusal,
};

impl Case<'_> {
    /// Whether the fact is well said, then whether anything speaks against it.
    pub(super) fn fact(&self, command: Command) -> Decision {
        match command {
            Command::Purchase { cost_cents, got, already_happened, happened_at } => {
                cost_cents.map_or(Ok(()), |cents| positive("cost_cents", cents, MAX_CENTS))?;
                self.got(&got)?;
                self.doubt(already_happened)?;
                self.doubt_purchase(already_happened)?;
                self.one(kind::PURCHASED, &Purchased { cost_cents, got, happened_at, already_happened })
            }
            Command::Attempt { outcome, already_happened, happened_at } => {
                self.doubt(already_happened)?;
                self.one(kind::ATTEMPTED, &Attempted { outcome, happened_at, already_happened })
            }
            Command::Deliver { how, already_happened, happened_at } => {
                self.doubt(already_happened)?;
                self.one(kind::DELIVERED, &Delivered { how, happened_at, already_happened })
            }
            Command::Reimburse { cents, already_happened } => {
                positive("cents", cents, MAX_CENTS)?;
                let owed = self.outcome.money.owed;
                if cents > owed && !already_happened {
                    return Err(Refusal::WarnOverpaid { owed });
                }
                self.one(kind::REIMBURSED, &Reimbursed { cents })
            }
            Command::Entrust { thing, label, amount_cents, to, happened_at } => {
                let to = Some(to.unwrap_or(self.context.by));
                let carried =
                    Carried { thing, label, amount_cents, from: None, to, happened_at, already_happened: false };
                self.carry(kind::ENTRUSTED, carried)
            }
            Command::PassOn { thing, label, amount_cents, from, to, already_happened, happened_at } => {
                let (from, to) = (Some(from.unwrap_or(self.context.by)), Some(to));
                let carried = Carried { thing, label, amount_cents, from, to, happened_at, already_happened };
                self.carry(kind::PASSED_ON, carried)
            }
            Command::Return { thing, label, amount_cents, from, already_happened, happened_at } => {
                let from = Some(from.unwrap_or(self.context.by));
                let carried = Carried { thing, label, amount_cents, from, to: None, happened_at, already_happened };
                self.carry(kind::RETURNED, carried)
            }
            _ => Err(Refusal::Target),
        }
    }

    /// Warns, unless it already happened, that the order has ended, is delivered, or is held by somebody else.
    fn doubt(&self, already_happened: bool) -> Result<(), Refusal> {
        if already_happened {
            return Ok(());
        }
        if let Some(&first) = self.outcome.deliveries.first() {
            let act = self.subject.history.act(first);
            return Err(Refusal::WarnDelivered { by: act.by, when: act.wall });
        }
        match (self.outcome.status, self.outcome.holder) {
            (status @ (Status::Cancelled | Status::Moved | Status::Duplicate), _) => Err(Refusal::WarnEnded { status }),
            (_, Some(hold)) if hold.member != self.context.by => Err(Refusal::WarnHeldBy { holder: hold.member }),
            _ => Ok(()),
        }
    }

    fn doubt_purchase(&self, already_happened: bool) -> Result<(), Refusal> {
        let buyers = self.outcome.purchases.iter().map(|&at| self.subject.history.act(at).by);
        match buyers.into_iter().find(|&by| by != self.context.by) {
            Some(by) if !already_happened => Err(Refusal::WarnPurchased { by }),
            _ => Ok(()),
        }
    }

    fn carry(&self, kind: u16, mut carried: Carried) -> Decision {
        carried.label = optional("label", carried.label)?;
        if carried.amount_cents.is_some() != (carried.thing == Thing::Cash) {
            return Err(Refusal::Amount);
        }
        carried.amount_cents.map_or(Ok(()), |cents| positive("amount_cents", cents, MAX_CENTS))?;
        if carried.from.is_some() && carried.from == carried.to {
            return Err(Refusal::ToOneself);
        }
        match carried.from {
            Some(member) if !carried.already_happened && !self.has(member, &carried) => {
                Err(Refusal::WarnNotEntrusted { member })
            }
            _ => self.one(kind, &carried),
        }
    }

    fn has(&self, member: MemberId, carried: &Carried) -> bool {
        let Carried { thing, label, amount_cents, .. } = carried;
        self.outcome.custody.iter().any(|custody| {
            custody.member == member
                && custody.thing == *thing
                && custody.label == *label
                && custody.amount >= amount_cents.unwrap_or(1)
        })
    }

    /// Quantities of items that are there.
    pub(super) fn got(&self, got: &[Got]) -> Result<(), Refusal> {
        if got.len() > limits::EDITS {
            return Err(Refusal::TooMany { got: got.len(), limit: limits::EDITS });
        }
        let items = self.subject.content.lists.get(&crate::aggregate::order::ITEMS);
        for Got { item, qty } in got {
            some(*qty)?;
            if items.is_none_or(|items| !items.contains_key(item)) {
                return Err(Refusal::UnknownItem { item: *item });
            }
        }
        Ok(())
    }
}
