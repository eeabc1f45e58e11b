//! What of an order a person should look at: contradictions that nobody who saw them has settled.
//!
//! A leader's `resolved` settles what its author knew of. A correction takes away what it withdraws.

use std::collections::BTreeSet;

use serde::Serialize;

use crate::{
    aggregate::{History, Review, knowledge::Known},
    id::{MemberId, Reference},
    vocabulary::Says,
};

use super::{
    fact::{Correction, Fact},
    outcome::{Custody, Outcome, Status},
    state::State,
};

/// What of an order a person should look at: a code of the review queue.
#[derive(Debug, Serialize, strum::IntoStaticStr, strum::VariantNames, Says)]
#[serde(tag = "code", rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
#[allow(missing_docs, reason = "the fields are what the sentence names")]
pub enum Finding {
    /// Several claimed it, none knowing of the others.
    Contested { holder: MemberId, contenders: Vec<MemberId> },
    /// It was assigned to several.
    AssignedDifferently { holder: Option<MemberId>, other: Option<MemberId> },
    /// It was delivered more than once.
    DeliveredTwice { by: Vec<MemberId> },
    /// It was delivered though it had been cancelled, or was being.
    DeliveredAfterCancel { by: Vec<MemberId>, ended_by: MemberId, knew: bool },
    /// It was bought though it had been cancelled, or was being.
    PurchasedAfterCancel { by: Vec<MemberId>, ended_by: MemberId, knew: bool },
    /// It was confirmed, and nobody says to have delivered it.
    ConfirmedWithoutDelivery { by: MemberId },
    /// More was paid back than was spent.
    Overpaid { cost: i64, reimbursed: i64 },
    /// Somebody passed on what they did not have.
    ThingsDoNotAddUp { custody: Vec<Custody> },
    /// Who claimed it may not know that it has ended.
    ClaimOnClosed { member: MemberId, status: Status },
    /// Who bought or went there is not who holds it.
    WentOnBesideTheHolder { member: MemberId, holder: MemberId },
    /// It was corrected in different ways.
    CorrectionsDiffer { event: Reference, shown: Correction, by: MemberId },
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
        context.though_ended(&outcome.deliveries).map(|(by, ended_by, knew)| Finding::DeliveredAfterCancel {
            by,
            ended_by,
            knew,
        }),
        context.though_ended(&outcome.purchases).map(|(by, ended_by, knew)| Finding::PurchasedAfterCancel {
            by,
            ended_by,
            knew,
        }),
        context.confirmed_undelivered(),
        context.overpaid(),
        context.things_do_not_add_up(),
    ];
    let mut findings: Vec<Finding> = found.into_iter().flatten().collect();
    findings.extend(context.claims_on_closed());
    findings.extend(context.went_on_beside_the_holder());
    findings.extend(context.corrections_differ());
    findings.iter().map(Review::found).collect()
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

    fn contested(&self) -> Option<Finding> {
        let holder = self.outcome.holder.filter(|_| self.outcome.contested())?;
        let contenders = self.outcome.contenders.iter().map(|hold| hold.member).collect();
        Some(Finding::Contested { holder: holder.member, contenders })
    }

    fn assigned_differently(&self) -> Option<Finding> {
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
        Some(Finding::AssignedDifferently { holder: to(other), other: to(one) })
    }

    fn delivered_twice(&self) -> Option<Finding> {
        let deliveries = &self.outcome.deliveries;
        if !self.outcome.delivered_twice || self.settled(deliveries) {
            return None;
        }
        Some(Finding::DeliveredTwice { by: self.all_by(deliveries) })
    }

    /// By whom something was done although somebody had decided, or was deciding, that it need not be, who that was, and
    /// whether it was known.
    fn though_ended(&self, done: &[usize]) -> Option<(Vec<MemberId>, MemberId, bool)> {
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
        Some((self.all_by(done), self.by(ended), self.history.knew(last, ended)))
    }

    fn confirmed_undelivered(&self) -> Option<Finding> {
        let first = *self.outcome.confirmations.first()?;
        if !self.outcome.deliveries.is_empty() || self.settled(&[first]) {
            return None;
        }
        Some(Finding::ConfirmedWithoutDelivery { by: self.by(first) })
    }

    fn overpaid(&self) -> Option<Finding> {
        let money = self.outcome.money;
        if money.owed >= 0 {
            return None;
        }
        Some(Finding::Overpaid { cost: money.cost, reimbursed: money.reimbursed })
    }

    fn things_do_not_add_up(&self) -> Option<Finding> {
        let custody: Vec<_> = self.outcome.custody.iter().filter(|custody| custody.amount < 0).cloned().collect();
        if custody.is_empty() { None } else { Some(Finding::ThingsDoNotAddUp { custody }) }
    }

    /// Who claimed not knowing that the order had ended may be on the way.
    fn claims_on_closed(&self) -> Vec<Finding> {
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
            .map(|hold| Finding::ClaimOnClosed { member: hold.member, status: *status })
            .collect()
    }

    /// Who bought or went there unseen by whoever took the order over or was given it.
    fn went_on_beside_the_holder(&self) -> Vec<Finding> {
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
                beside.push(Finding::WentOnBesideTheHolder { member, holder: holder.member });
            }
        }
        beside
    }

    fn corrections_differ(&self) -> Vec<Finding> {
        let disputed = self.state.entries.iter().filter_map(|entry| {
            let correction = entry.corrected.as_ref().filter(|correction| correction.disputed)?;
            let event = self.history.act(entry.at).reference;
            let (shown, by) = (correction.value.clone(), self.by(correction.at));
            Some(Finding::CorrectionsDiffer { event, shown, by })
        });
        disputed.collect()
    }
}
