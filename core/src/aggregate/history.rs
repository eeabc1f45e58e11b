//! The counted events of one aggregate, and who knew of what.

use std::collections::BTreeMap;

use super::knowledge::{Knowledge, Known};
use crate::{
    count::{self, Work},
    id::{DeviceId, EventId, MemberId, Reference},
    roster::Standing,
    time::WallMs,
};

/// What the history knows of one counted event, whatever it says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Act {
    /// How other events name it.
    pub reference: Reference,
    /// Its id.
    pub id: EventId,
    /// 1 + the greatest lamport of what it builds on.
    pub lamport: u64,
    /// Who acted.
    pub by: MemberId,
    /// On which device.
    pub device: DeviceId,
    /// What the roster said of the author.
    pub standing: Standing,
    /// When, by the author's clock: a claim.
    pub wall: WallMs,
    /// Indexes in the history of the acts it builds on directly.
    pub deps: Vec<usize>,
}

/// The counted events of one aggregate in their one order, (lamport, id), and who knew of what.
///
/// An index is a place in that order. Ancestors always stand before their descendants.
#[derive(Clone, Debug, Default)]
pub struct History {
    acts: Vec<Act>,
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

    /// Adds the newest act. The caller keeps the order: its (lamport, id) is the greatest.
    pub(crate) fn push(&mut self, act: Act) -> usize {
        let at = self.acts.len();
        self.places.insert(act.reference, at);
        self.knowledge.add(act.reference.log, &act.deps);
        self.acts.push(act);
        at
    }

    /// The index of a referenced act, if it counts here.
    pub fn find(&self, reference: Reference) -> Option<usize> {
        self.places.get(&reference).copied()
    }

    /// Whether the author of `later` knew of `earlier` when acting.
    pub fn knew(&self, later: usize, earlier: usize) -> bool {
        count::note(Work::Asked, 1);
        self.knowledge.knew(later, earlier)
    }

    /// These acts and all that their authors knew, to ask [`knew_all`](Self::knew_all) of many.
    pub(super) fn all_of(&self, acts: &[usize]) -> Known {
        count::note(Work::Asked, acts.len() as u64);
        self.knowledge.all_of(acts)
    }

    /// Of these acts, in order, those that no later one of them knew of; in order too.
    pub(super) fn newest_of(&self, acts: impl DoubleEndedIterator<Item = usize>) -> Vec<usize> {
        let (mut known, mut newest) = (Known::default(), Vec::new());
        for act in acts.rev() {
            count::note(Work::Asked, 1);
            if !self.knowledge.is_in(&known, act) {
                self.knowledge.add_to(&mut known, act);
                newest.push(act);
            }
        }
        newest.reverse();
        newest
    }

    /// Whether the author of an act knew all of these.
    pub(super) fn knew_all(&self, later: usize, known: &Known) -> bool {
        count::note(Work::Asked, 1);
        self.knowledge.knew_all(later, known)
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
