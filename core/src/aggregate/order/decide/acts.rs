//! Decisions about an order: who holds it, whether it goes on.

use crate::{
    aggregate::{Aggregate, WorldError, settings::SettingsView},
    id::{MemberId, Reference},
    time::WallMs,
};

use super::{Case, Decision, needed, optional};
use crate::aggregate::order::{
    Order,
    card::{card_events, card_of},
    fact::{
        Assigned, Commented, Confirmation, Corrected, Correction, DuplicateOf, HandOverAccepted, HandOverOffered,
        MAX_CENTS, Reason, Resolved, TakenOver,
    },
    holder::Hold,
    kind,
    outcome::Status,
    refusal::Refusal,
    review::review,
    view::{Ages, Leases},
};

impl Case<'_> {
    pub(super) fn claim(&self) -> Decision {
        self.still_open()?;
        match self.outcome.holder {
            Some(hold) if hold.member == self.context.by => Err(Refusal::AlreadyYours),
            Some(hold) => Err(Refusal::HeldBy { holder: hold.member, since: self.claimed(hold) }),
            None => self.one(kind::CLAIMED, &Confirmation {}),
        }
    }

    /// Whoever stands anywhere can leave, contenders too, and after the end as well.
    pub(super) fn release(&self, why: Option<String>) -> Decision {
        if !self.outcome.stands(self.context.by) {
            return Err(Refusal::NotYours);
        }
        self.one(kind::RELEASED, &Reason { why: optional("why", why)? })
    }

    pub(super) fn take_over(&self, anyway: bool) -> Decision {
        self.still_open()?;
        let holder = self.outcome.holder.ok_or(Refusal::NotHeld)?;
        if holder.member == self.context.by {
            return Err(Refusal::AlreadyYours);
        }
        if !anyway && !self.lease_lapsed()? {
            return Err(Refusal::WarnLeaseRuns { holder: holder.member, since: self.claimed(holder) });
        }
        let claim = self.subject.history.act(holder.since).reference;
        self.one(kind::TAKEN_OVER, &TakenOver { claim })
    }

    fn lease_lapsed(&self) -> Result<bool, WorldError> {
        let leases = Leases::from(&SettingsView::seen_by(self.context.world)?);
        let (card, events) = (card_of(self.subject, &self.outcome), card_events(self.subject, &self.outcome));
        let ages = Ages::of(&card, &events, self.context.now, |event| self.context.world.held_for(event))?;
        Ok(ages.lapsed(&card, leases))
    }

    fn claimed(&self, hold: Hold) -> Option<WallMs> {
        Some(self.subject.history.act(hold.since).wall)
    }

    pub(super) fn assign(&self, member: MemberId) -> Decision {
        self.still_open()?;
        if self.outcome.held_by(member) && !self.outcome.contested() {
            return Err(Refusal::NothingChanges);
        }
        self.one(kind::ASSIGNED, &Assigned { member })
    }

    pub(super) fn offer(&self, to: MemberId) -> Decision {
        self.still_open()?;
        if !self.outcome.held_by(self.context.by) {
            return Err(Refusal::NotYours);
        }
        if to == self.context.by {
            return Err(Refusal::ToOneself);
        }
        self.one(kind::HAND_OVER_OFFERED, &HandOverOffered { to })
    }

    pub(super) fn accept(&self, offer: Option<Reference>) -> Decision {
        self.still_open()?;
        let mine = self.outcome.offers.iter().filter(|open| open.to == self.context.by);
        let mut named = mine.map(|open| self.subject.history.act(open.at).reference);
        let found = match offer {
            None => named.next_back(),
            Some(offer) => named.find(|open| *open == offer),
        };
        self.one(kind::HAND_OVER_ACCEPTED, &HandOverAccepted { offer: found.ok_or(Refusal::NoOffer)? })
    }

    /// A contest, or anything else where contradictions stand: the leader has seen them.
    pub(super) fn resolve(&self, to: MemberId) -> Decision {
        if review(self.subject.state, self.subject.history, &self.outcome).is_empty() {
            return Err(Refusal::NotContested);
        }
        let progressed = [&self.outcome.deliveries, &self.outcome.purchases];
        let acted = progressed.into_iter().flatten().any(|&at| self.subject.history.act(at).by == to);
        if !self.outcome.stands(to) && !acted {
            return Err(Refusal::NotAClaimant { member: to });
        }
        self.one(kind::RESOLVED, &Resolved { to })
    }

    pub(super) fn confirm(&self) -> Decision {
        match self.outcome.status {
            Status::Delivered => self.one(kind::CONFIRMED, &Confirmation {}),
            Status::Confirmed => Err(Refusal::NothingChanges),
            _ => Err(Refusal::NotDelivered),
        }
    }

    pub(super) fn cancel(&self, why: Option<String>) -> Decision {
        self.still_open()?;
        self.one(kind::CANCELLED, &Reason { why: optional("why", why)? })
    }

    pub(super) fn reopen(&self, why: Option<String>) -> Decision {
        match (self.outcome.status, self.outcome.moved) {
            (Status::Moved, Some((_, to))) => Err(Refusal::GoesOn { to }),
            (status, _) if status.is_open() => Err(Refusal::NotEnded),
            _ => self.one(kind::REOPENED, &Reason { why: optional("why", why)? }),
        }
    }

    pub(super) fn still_needed(&self) -> Decision {
        self.still_open()?;
        self.one(kind::STILL_NEEDED, &Confirmation {})
    }

    pub(super) fn duplicate_of(&self, order: Reference) -> Decision {
        self.still_open()?;
        if order == self.subject.birth.aggregate {
            return Err(Refusal::SameOrder);
        }
        if !self.context.world.exists(Order::NAME, order)? {
            return Err(Refusal::UnknownOrder { order });
        }
        self.one(kind::DUPLICATE_OF, &DuplicateOf { order })
    }

    pub(super) fn comment(&self, text: String) -> Decision {
        needed("text", &text)?;
        self.one(kind::COMMENTED, &Commented { text })
    }

    pub(super) fn correct(&self, event: Reference, value: Correction, why: String) -> Decision {
        needed("why", &why)?;
        let at = self.subject.history.find(event).ok_or(Refusal::UnknownEvent { event })?;
        let entry = self.subject.state.entry(at).ok_or(Refusal::UnknownEvent { event })?;
        match &value {
            Correction::Purchased { cost_cents, got } => {
                cost_cents.map_or(Ok(()), |cents| super::positive("cost_cents", cents, MAX_CENTS))?;
                self.got(got)?;
            }
            Correction::Reimbursed { cents } => super::positive("cents", *cents, MAX_CENTS)?,
            Correction::Carried { amount_cents } => super::positive("amount_cents", *amount_cents, MAX_CENTS)?,
            _ => {}
        }
        if !entry.said.fits(&value) {
            return Err(Refusal::DoesNotFit);
        }
        if entry.said.with(&value) == entry.stands && !entry.corrected.as_ref().is_some_and(|known| known.disputed) {
            return Err(Refusal::NothingChanges);
        }
        self.one(kind::CORRECTED, &Corrected { event, value, why })
    }
}
