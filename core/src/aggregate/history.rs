//! The counted events of one aggregate, and who knew of what.

use std::collections::BTreeMap;

use super::knowledge::{Knowledge, Known, Unanswered};
use crate::{
    count::{self, Work},
    id::{DeviceId, EventId, LogId, MemberId, Reference},
    roster::Standing,
    time::WallMs,
};

/// What the history knows of one counted event, whatever it says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Act {
    /// How other events name it.
    pub reference: Reference,
    /// Its id: the chain hash.
    pub id: EventId,
    /// 1 + the greatest lamport of what it builds on.
    pub lamport: u64,
    /// The member who acted.
    pub by: MemberId,
    /// On which device.
    pub device: DeviceId,
    /// What the roster said of the author.
    pub standing: Standing,
    /// When, by the author's clock: a claim.
    pub wall: WallMs,
}

/// The counted events of one aggregate in their one order, (lamport, id), and who knew of what.
///
/// An index is a place in that order. Ancestors always stand before their descendants.
#[derive(Clone, Debug, Default)]
pub struct History {
    acts: Vec<Act>,
    /// What stands for each act in the knowledge, where an event stays however many come before it.
    knowers: Vec<usize>,
    places: BTreeMap<Reference, usize>,
    knowledge: Knowledge,
}

impl History {
    /// All acts in order.
    pub fn acts(&self) -> &[Act] {
        &self.acts
    }

    /// The act at an index.
    ///
    /// # Panics
    /// If the index is not of this history.
    pub fn act(&self, at: usize) -> &Act {
        &self.acts[at]
    }

    /// Takes note of what an event builds on, in whatever order events come; what stands for it in the knowledge.
    pub(super) fn learn(&mut self, log: LogId, deps: &[usize]) -> usize {
        self.knowledge.add(log, deps)
    }

    /// The same of an event that does not count: whoever builds on it knew what its author knew, and not of it.
    pub(super) fn learn_through(&mut self, deps: &[usize]) -> usize {
        self.knowledge.add_through(deps)
    }

    /// Who knew of whom.
    pub(super) fn knowledge(&self) -> &Knowledge {
        &self.knowledge
    }

    /// Adds the newest act, of which note was taken. The caller keeps the order: its (lamport, id) is the greatest.
    pub(super) fn append(&mut self, act: Act, knower: usize) -> usize {
        let at = self.acts.len();
        self.places.insert(act.reference, at);
        self.knowers.push(knower);
        self.acts.push(act);
        at
    }

    /// Forgets all acts, and not who knew of whom.
    pub(super) fn begin_again(&mut self) {
        self.acts.clear();
        self.knowers.clear();
        self.places.clear();
    }

    /// Adds the newest act, whose author knew of those at these indexes.
    #[cfg(test)]
    pub(crate) fn push(&mut self, act: Act, deps: &[usize]) -> usize {
        let deps: Vec<usize> = deps.iter().map(|dep| self.knower(*dep)).collect();
        let knower = self.learn(act.reference.log, &deps);
        self.append(act, knower)
    }

    fn knower(&self, at: usize) -> usize {
        self.knowers.get(at).copied().unwrap_or(usize::MAX)
    }

    /// The index of a referenced act, if it counts here.
    pub fn find(&self, reference: Reference) -> Option<usize> {
        self.places.get(&reference).copied()
    }

    /// Whether the author of `later` knew of `earlier` when acting.
    pub fn knew(&self, later: usize, earlier: usize) -> bool {
        count::note(Work::Asked, 1);
        self.knowledge.knew(self.knower(later), self.knower(earlier))
    }

    /// These acts and all that their authors knew, to ask [`knew_all`](Self::knew_all) of many.
    pub(super) fn all_of(&self, acts: impl IntoIterator<Item = usize>) -> Known {
        let mut known = Known::default();
        for act in acts {
            count::note(Work::Asked, 1);
            self.knowledge.add_to(&mut known, self.knower(act));
        }
        known
    }

    /// Whether an act is among that.
    pub(super) fn is_in(&self, known: &Known, act: usize) -> bool {
        count::note(Work::Asked, 1);
        self.knowledge.is_in(known, self.knower(act))
    }

    /// Of these acts, in order, those that no later one of them knew of; in order too.
    pub(super) fn newest_of(&self, acts: impl DoubleEndedIterator<Item = usize>) -> Vec<usize> {
        let (mut known, mut newest) = (Known::default(), Vec::new());
        for act in acts.rev() {
            count::note(Work::Asked, 1);
            if !self.knowledge.is_in(&known, self.knower(act)) {
                self.knowledge.add_to(&mut known, self.knower(act));
                newest.push(act);
            }
        }
        newest.reverse();
        newest
    }

    /// What the authors of these acts knew, without the acts themselves but where another of them knew of one.
    pub(super) fn known_to(&self, acts: impl IntoIterator<Item = usize>) -> Known {
        let mut known = Known::default();
        for act in acts {
            count::note(Work::Asked, 1);
            self.knowledge.add_past_to(&mut known, self.knower(act));
        }
        known
    }

    /// Whether the author of an act knew all of these.
    pub(super) fn knew_all(&self, later: usize, known: &Known) -> bool {
        count::note(Work::Asked, 1);
        self.knowledge.knew_all(self.knower(later), known)
    }

    /// Adds an act to those that stand until somebody who knew of them acts.
    pub(super) fn leave_open(&self, open: &mut Unanswered, act: usize) {
        open.add(&self.knowledge, self.knower(act), act);
    }

    /// Takes an act out of those; whether it was there.
    pub(super) fn take_back(&self, open: &mut Unanswered, act: usize) -> bool {
        open.remove(&self.knowledge, self.knower(act))
    }

    /// Takes out of those what the author of an act knew of; which.
    pub(super) fn answer(&self, open: &mut Unanswered, act: usize) -> Vec<usize> {
        open.answer(&self.knowledge, self.knower(act))
    }

    /// Whether the author of an act knew of any of those.
    pub(super) fn knew_any(&self, act: usize, open: &Unanswered) -> bool {
        open.any_known(&self.knowledge, self.knower(act))
    }

    /// Of each chain the last of those that the author of an act knew of, or that it is itself.
    pub(super) fn last_known(&self, act: usize, open: &Unanswered) -> Vec<usize> {
        open.last_known(&self.knowledge, self.knower(act))
    }

    /// Whether neither knew of the other.
    pub fn concurrent(&self, one: usize, other: usize) -> bool {
        one != other && !self.knew(one, other) && !self.knew(other, one)
    }
}

/// What is fixed by the creating event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Birth {
    /// The aggregate's name: the reference of its creating event.
    pub aggregate: Reference,
    /// Who made it.
    pub author: MemberId,
    /// The building it belongs to, if it belongs to one.
    pub building: Option<String>,
}
