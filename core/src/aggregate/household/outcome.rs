//! How a household stands, worked out of everything said.
//!
//! Where people disagree, the careful answer holds. A withdrawal of consent ends every consent whose author did not
//! know of it. Of concurrent consents the one that ends first holds. Of one order one visit counts.

#[cfg(feature = "uniffi")]
use crate::bindings::module_path;

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::{
    HouseholdState,
    calendar::{Calendar, Plan},
    fact::{Corrected, HouseholdFact, Posted, Skipped, VisitOutcome},
};
use crate::{
    aggregate::{History, Subject, knowledge::Known, medicine_box::Day},
    id::{MemberId, Reference},
    time::WallMs,
};

/// A consent that stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record), uniffi(name = "CareConsent"))]
pub struct Consent {
    /// The event that wrote it down.
    pub event: Reference,
    /// What they agreed to, such as visits.
    pub purpose: String,
    /// The last day on which it holds.
    pub until: Option<Day>,
    /// Who wrote it down.
    pub by: MemberId,
    /// When, by their clock.
    pub wall: WallMs,
}

impl Consent {
    /// Whether it still holds on a day.
    pub fn holds(&self, today: Day) -> bool {
        self.until.is_none_or(|until| today <= until)
    }
}

/// A due visit that was posted as an order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record), uniffi(name = "VisitPosting"))]
pub struct Posting {
    /// The event that says so.
    pub event: Reference,
    /// The day it was due.
    pub due: Day,
    /// The order that stands on the board for it.
    pub order: Reference,
    /// Who posted it.
    pub by: MemberId,
    /// When, by their clock.
    pub wall: WallMs,
}

/// A visit that somebody wrote down.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record), uniffi(name = "CareVisit"))]
pub struct Visit {
    /// The event that wrote it down.
    pub event: Reference,
    /// What came of it, as corrected.
    pub outcome: VisitOutcome,
    /// On which day.
    pub day: Day,
    /// The due visit that it was.
    pub due: Option<Day>,
    /// The order whose outcome it is.
    pub order: Option<Reference>,
    /// Who was there.
    pub by: MemberId,
    /// Who wrote it down, or confirmed it.
    pub written_by: MemberId,
    /// When, by their clock.
    pub wall: WallMs,
    /// What is to be kept of it.
    pub note: Option<String>,
    /// Whether it counts: of one order one does.
    pub counts: bool,
}

/// A visit that was left out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record), uniffi(name = "VisitSkip"))]
pub struct Skip {
    /// The event that left it out.
    pub event: Reference,
    /// The day it was due.
    pub due: Day,
    /// Who left it out.
    pub by: MemberId,
    /// The reason, in words; never empty.
    pub why: String,
}

/// How a household stands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    /// The consent that stands, if one does; whether it still holds is asked with the day at hand.
    pub consent: Option<Consent>,
    /// Plans and what of them is settled.
    pub calendar: Calendar,
    /// Orders that were posted for it.
    pub postings: Vec<Posting>,
    /// Visits, in the order of their events.
    pub visits: Vec<Visit>,
    /// What was left out.
    pub skips: Vec<Skip>,
    /// Who is paired with it, the newest last.
    pub visitors: Vec<MemberId>,
    /// Whether it is closed.
    pub closed: bool,
    /// Visits of one order that were confirmed with different outcomes.
    pub differently: Vec<Reference>,
}

impl Outcome {
    /// Works it out.
    ///
    /// # Panics
    /// If the history is not the one the state was folded from.
    pub fn of(subject: &Subject<'_, HouseholdState>) -> Self {
        let said = Said::of(subject.state, subject.history);
        let mut outcome = Outcome { consent: said.consent(), ..Outcome::default() };
        outcome.calendar.plans = said.plans();
        for (at, fact) in said.standing() {
            let act = subject.history.act(at);
            let (event, by, wall) = (act.reference, act.by, act.wall);
            match fact {
                HouseholdFact::Posted(Posted { due, order }) => {
                    outcome.postings.push(Posting { event, due: *due, order: *order, by, wall });
                }
                HouseholdFact::Skipped(Skipped { due, why }) => {
                    outcome.calendar.settled.insert(*due);
                    outcome.skips.push(Skip { event, due: *due, by, why: why.clone() });
                }
                HouseholdFact::Visited(visited) => outcome.visits.push(Visit {
                    event,
                    outcome: said.corrected(at).and_then(|corrected| corrected.outcome).unwrap_or(visited.outcome),
                    day: visited.day,
                    due: visited.due,
                    order: visited.order,
                    by: visited.by.unwrap_or(by),
                    written_by: by,
                    wall,
                    note: visited.note.clone(),
                    counts: true,
                }),
                HouseholdFact::Closed(_) => outcome.closed = true,
                _ => {}
            }
        }
        outcome.visitors = said.visitors();
        outcome.settle();
        outcome
    }

    /// One visit of one order counts: the first in which somebody was reached, else the first. What counts and reached
    /// somebody is entered into the calendar.
    fn settle(&mut self) {
        let mut of: BTreeMap<Reference, usize> = BTreeMap::new();
        let mut differ = BTreeSet::new();
        for nth in 0..self.visits.len() {
            let Some(order) = self.visits[nth].order else { continue };
            let Some(&before) = of.get(&order) else {
                of.insert(order, nth);
                continue;
            };
            let (first, this) = (self.visits[before].outcome, self.visits[nth].outcome);
            if first != this && first.reached() == this.reached() && differ.insert(order) {
                self.differently.push(order);
            }
            let better = this.reached() && !first.reached();
            self.visits[if better { before } else { nth }].counts = false;
            if better {
                of.insert(order, nth);
            }
        }
        for visit in self.visits.iter().filter(|visit| visit.counts && visit.outcome.reached()) {
            self.calendar.reached.insert(visit.day);
            self.calendar.settled.extend(visit.due);
        }
    }

    /// The visit of an order that counts.
    pub fn visit_of(&self, order: Reference) -> Option<&Visit> {
        self.visits.iter().find(|visit| visit.counts && visit.order == Some(order))
    }

    /// The visits that count, by the order whose outcome they are.
    pub(super) fn visits_of_orders(&self) -> BTreeMap<Reference, &Visit> {
        let counting = self.visits.iter().filter(|visit| visit.counts);
        counting.filter_map(|visit| Some((visit.order?, visit))).collect()
    }

    /// Orders posted for a day.
    pub fn posted_for(&self, due: Day) -> impl Iterator<Item = &Posting> {
        self.postings.iter().filter(move |posting| posting.due == due)
    }
}

/// Everything said, with the corrections that stand.
struct Said<'a> {
    said: &'a BTreeMap<usize, HouseholdFact>,
    history: &'a History,
    corrections: BTreeMap<usize, &'a Corrected>,
}

impl<'a> Said<'a> {
    /// The last correction in (lamport, id) stands.
    fn of(state: &'a HouseholdState, history: &'a History) -> Self {
        let mut corrections = BTreeMap::new();
        for fact in state.said.values() {
            let HouseholdFact::Corrected(corrected) = fact else { continue };
            let Some(at) = history.find(corrected.event) else { continue };
            if state.said.get(&at).is_some_and(|fact| fact.accepts(corrected.outcome)) {
                corrections.insert(at, corrected);
            }
        }
        Self { said: &state.said, history, corrections }
    }

    fn corrected(&self, at: usize) -> Option<&'a Corrected> {
        self.corrections.get(&at).copied()
    }

    /// What was said and not undone, in order.
    fn standing(&self) -> impl Iterator<Item = (usize, &'a HouseholdFact)> {
        let undone = |at: &usize| self.corrections.get(at).is_some_and(|corrected| corrected.outcome.is_none());
        self.said.iter().filter(move |(at, _)| !undone(at)).map(|(at, fact)| (*at, fact))
    }

    fn consent(&self) -> Option<Consent> {
        let given: Vec<_> = self
            .standing()
            .filter_map(|(at, fact)| if let HouseholdFact::Consented(given) = fact { Some((at, given)) } else { None })
            .collect();
        let withdrawn: Vec<usize> = self
            .standing()
            .filter_map(|(at, fact)| matches!(fact, HouseholdFact::ConsentWithdrawn(_)).then_some(at))
            .collect();
        // A consent ends what its author knew of: an earlier consent, an earlier withdrawal.
        let ends = self.history.all_of(withdrawn);
        let newest: BTreeSet<usize> = self.history.newest_of(given.iter().map(|(at, _)| *at)).into_iter().collect();
        let standing = given.iter().filter(|(at, _)| newest.contains(at) && self.history.knew_all(*at, &ends));
        let strictest = standing.min_by_key(|(at, given)| (given.until.is_none(), given.until, *at))?;
        let act = self.history.act(strictest.0);
        Some(Consent {
            event: act.reference,
            purpose: strictest.1.purpose.clone(),
            until: strictest.1.until,
            by: act.by,
            wall: act.wall,
        })
    }

    fn plans(&self) -> Vec<Plan> {
        let ended: BTreeSet<Reference> = self
            .standing()
            .filter_map(|(_, fact)| if let HouseholdFact::PlanEnded(ended) = fact { Some(ended.plan) } else { None })
            .collect();
        let plan = |(at, fact): (usize, &HouseholdFact)| {
            let HouseholdFact::Planned(planned) = fact else { return None };
            let event = self.history.act(at).reference;
            (!ended.contains(&event)).then_some(Plan { event, from: planned.from, every: planned.every })
        };
        self.standing().filter_map(plan).collect()
    }

    /// Who is paired: a pairing ends with the end whose author knew of it.
    fn visitors(&self) -> Vec<MemberId> {
        let (mut paired, mut unpaired) = (BTreeMap::new(), BTreeMap::<MemberId, Vec<usize>>::new());
        for (at, fact) in self.standing() {
            if let HouseholdFact::Unpaired(visitor) = fact {
                unpaired.entry(visitor.member).or_default().push(at);
            }
        }
        let ends: BTreeMap<MemberId, Known> =
            unpaired.into_iter().map(|(member, ends)| (member, self.history.known_to(ends))).collect();
        for (at, fact) in self.standing() {
            let HouseholdFact::Paired(visitor) = fact else { continue };
            if !ends.get(&visitor.member).is_some_and(|known| self.history.is_in(known, at)) {
                paired.insert(visitor.member, at);
            }
        }
        let mut visitors: Vec<MemberId> = paired.keys().copied().collect();
        visitors.sort_by_key(|member| paired.get(member));
        visitors
    }
}
