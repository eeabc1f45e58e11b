//! What of an order a person should look at: contradictions that nobody who saw them has settled.
//!
//! A leader's `resolved` settles what its author knew of. A correction takes away what it withdraws.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::{
    aggregate::{History, Review, knowledge::Known},
    id::MemberId,
};

use super::{
    fact::Fact,
    outcome::{Outcome, Status},
    state::State,
};

/// What of an order a person should look at: a code of the review queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, strum::IntoStaticStr, strum::VariantNames)]
#[strum(serialize_all = "snake_case")]
pub enum Finding {
    /// Several claimed it, none knowing of the others.
    Contested,
    /// It was assigned to several.
    AssignedDifferently,
    /// It was delivered more than once.
    DeliveredTwice,
    /// It was delivered though it had been cancelled, or was being.
    DeliveredAfterCancel,
    /// It was bought though it had been cancelled, or was being.
    PurchasedAfterCancel,
    /// It was confirmed, and nobody says to have delivered it.
    ConfirmedWithoutDelivery,
    /// More was paid back than was spent.
    Overpaid,
    /// Somebody passed on what they did not have.
    ThingsDoNotAddUp,
    /// Who claimed it may not know that it has ended.
    ClaimOnClosed,
    /// Who bought or went there is not who holds it.
    WentOnBesideTheHolder,
    /// It was corrected in different ways.
    CorrectionsDiffer,
}

/// Everything to look at, in a fixed order.
pub(super) fn review(state: &State, history: &History, outcome: &Outcome) -> Vec<Review> {
    let resolved = state.entries.iter().filter(|entry| matches!(entry.stands, Some(Fact::Resolved(_))));
    let resolved: Vec<usize> = resolved.map(|entry| entry.at).collect();
    let seen = history.all_of(resolved.iter().copied());
    let context = Reviewer { state, history, outcome, resolved, seen };
    let found = [
        context.contested(),
        context.assigned_differently(),
        context.delivered_twice(),
        context.though_ended(Finding::DeliveredAfterCancel, &outcome.deliveries),
        context.though_ended(Finding::PurchasedAfterCancel, &outcome.purchases),
        context.confirmed_undelivered(),
        context.overpaid(),
        context.things_do_not_add_up(),
    ];
    let mut reviews: Vec<Review> = found.into_iter().flatten().collect();
    reviews.extend(context.claims_on_closed());
    reviews.extend(context.went_on_beside_the_holder());
    reviews.extend(context.corrections_differ());
    reviews
}

struct Reviewer<'a> {
    state: &'a State,
    history: &'a History,
    outcome: &'a Outcome,
    /// What leaders resolved.
    resolved: Vec<usize>,
    /// That, and all that they knew.
    seen: Known,
}

/// People of whom one thing is told by name: more are no worse.
const NAMED: usize = 64;

fn found(finding: Finding, params: Value) -> Option<Review> {
    Some(Review::of(finding, params))
}

impl Reviewer<'_> {
    fn by(&self, at: usize) -> MemberId {
        self.history.act(at).by
    }

    /// Who did these, the first of them.
    fn all_by(&self, acts: &[usize]) -> Vec<MemberId> {
        acts.iter().take(NAMED).map(|&at| self.by(at)).collect()
    }

    /// Whether somebody who may settle knew of all of these.
    fn settled(&self, acts: &[usize]) -> bool {
        let seen = acts.iter().all(|at| self.history.is_in(&self.seen, *at));
        if acts.len() < 2 || !seen {
            return seen;
        }
        let all = self.history.all_of(acts.iter().copied());
        self.resolved.iter().any(|resolved| self.history.knew_all(*resolved, &all))
    }

    fn contested(&self) -> Option<Review> {
        let holder = self.outcome.holder.filter(|_| self.outcome.contested())?;
        let contenders: Vec<_> = self.outcome.contenders.iter().map(|hold| hold.member).collect();
        found(Finding::Contested, json!({ "holder": holder.member, "contenders": contenders }))
    }

    fn assigned_differently(&self) -> Option<Review> {
        let (one, other) = self.outcome.assigned_differently.filter(|_| self.outcome.status.is_open())?;
        let to = |at| match self.state.entry(at).and_then(|entry| entry.stands.as_ref()) {
            Some(Fact::Assigned(assigned)) => Some(assigned.member),
            Some(Fact::Resolved(resolved)) => Some(resolved.to),
            _ => None,
        };
        // Whoever decides again, having seen both, settles it.
        let decides = |fact: &Option<Fact>| matches!(fact, Some(Fact::Assigned(_) | Fact::Resolved(_)));
        let decided = self.state.entries.iter().any(|entry| {
            decides(&entry.stands) && self.history.knew(entry.at, one) && self.history.knew(entry.at, other)
        });
        if decided {
            return None;
        }
        found(Finding::AssignedDifferently, json!({ "holder": to(other), "other": to(one) }))
    }

    fn delivered_twice(&self) -> Option<Review> {
        let deliveries = &self.outcome.deliveries;
        if !self.outcome.delivered_twice || self.settled(deliveries) {
            return None;
        }
        found(Finding::DeliveredTwice, json!({ "by": self.all_by(deliveries) }))
    }

    /// What was done although somebody had decided, or was deciding, that it need not be.
    fn though_ended(&self, finding: Finding, done: &[usize]) -> Option<Review> {
        let Outcome { cancels, moved, duplicate, .. } = self.outcome;
        let last = *done.last()?;
        let decisions = moved.map(|(at, _)| at).into_iter().chain(duplicate.map(|(at, _)| at));
        // A cancellation that knew of the purchase is a decision about it.
        let all = self.history.all_of(done.iter().copied());
        let beside = |decision: &usize| !self.history.knew_all(*decision, &all);
        let ended = cancels.iter().copied().chain(decisions).find(beside)?;
        if self.settled(&[ended, last]) {
            return None;
        }
        found(
            finding,
            json!({ "by": self.all_by(done), "ended_by": self.by(ended), "knew": self.history.knew(last, ended) }),
        )
    }

    fn confirmed_undelivered(&self) -> Option<Review> {
        let first = *self.outcome.confirmations.first()?;
        if !self.outcome.deliveries.is_empty() || self.settled(&[first]) {
            return None;
        }
        found(Finding::ConfirmedWithoutDelivery, json!({ "by": self.by(first) }))
    }

    fn overpaid(&self) -> Option<Review> {
        let money = self.outcome.money;
        if money.owed >= 0 {
            return None;
        }
        found(Finding::Overpaid, json!({ "cost": money.cost, "reimbursed": money.reimbursed }))
    }

    fn things_do_not_add_up(&self) -> Option<Review> {
        let short: Vec<_> = self.outcome.custody.iter().filter(|custody| custody.amount < 0).collect();
        if short.is_empty() { None } else { found(Finding::ThingsDoNotAddUp, json!({ "custody": short })) }
    }

    /// Who claimed not knowing that the order had ended may be on the way.
    fn claims_on_closed(&self) -> Vec<Review> {
        let Outcome { status, standing, deliveries, .. } = self.outcome;
        let Some(ended) = self.outcome.ended else { return Vec::new() };
        let delivered = matches!(status, Status::Delivered | Status::Confirmed);
        let carriers: BTreeSet<MemberId> = deliveries.iter().filter(|_| delivered).map(|&at| self.by(at)).collect();
        let unaware = standing
            .iter()
            .filter(|hold| !carriers.contains(&hold.member) && self.history.concurrent(hold.since, ended));
        let mut told = BTreeSet::new();
        unaware
            .filter(|hold| told.insert(hold.member))
            .filter_map(|hold| found(Finding::ClaimOnClosed, json!({ "member": hold.member, "status": status })))
            .collect()
    }

    /// Who bought or went there unseen by whoever took the order over or was given it.
    fn went_on_beside_the_holder(&self) -> Vec<Review> {
        let Some(holder) = self.outcome.holder.filter(|_| self.outcome.status.is_open()) else { return Vec::new() };
        let Outcome { purchases, attempts, contenders, .. } = self.outcome;
        // One thing to look at for each person.
        let mut told: BTreeSet<MemberId> = contenders.iter().map(|hold| hold.member).collect();
        told.insert(holder.member);
        let mut beside = Vec::new();
        for &at in purchases.iter().chain(attempts) {
            let member = self.by(at);
            let apart = !told.contains(&member) && self.history.concurrent(at, holder.since);
            if apart && !self.settled(&[at]) {
                told.insert(member);
                let params = json!({ "member": member, "holder": holder.member });
                beside.extend(found(Finding::WentOnBesideTheHolder, params));
            }
        }
        beside
    }

    fn corrections_differ(&self) -> Vec<Review> {
        let disputed = self.state.entries.iter().filter_map(|entry| {
            let correction = entry.corrected.as_ref().filter(|correction| correction.disputed)?;
            let event = self.history.act(entry.at).reference;
            found(
                Finding::CorrectionsDiffer,
                json!({ "event": event, "shown": correction.value, "by": self.by(correction.at) }),
            )
        });
        disputed.collect()
    }
}
