//! What an order's events fold into: everything said, in order, each as it was written and as it was corrected.
//!
//! Nothing is concluded here. Who holds the order and how it stands is worked out of the whole, in
//! [`outcome`](super::outcome()).

use crate::{aggregate::History, id::Reference};

use super::fact::{Corrected, Correction, Fact, Posted};

/// One event that has a bearing on the outcome.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its place in the history.
    pub at: usize,
    /// What it said.
    pub said: Fact,
    /// What it says once corrected; `None` when withdrawn.
    pub stands: Option<Fact>,
    /// The event it names, if that came before it and counts.
    pub names: Option<usize>,
    /// The correction that stands.
    pub corrected: Option<Correcting>,
}

/// A correction of one event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Correcting {
    /// Its place in the history.
    pub at: usize,
    /// What the event should have said.
    pub value: Correction,
    /// Why.
    pub why: String,
    /// Somebody else, not knowing of this one, said otherwise, and nobody has corrected both.
    pub disputed: bool,
}

/// An order, folded.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct State {
    /// The creating event.
    pub posted: Option<Posted>,
    /// All others that say more than their edits, in (lamport, id).
    pub entries: Vec<Entry>,
}

/// Adds one event. Total.
pub(super) fn apply(state: &mut State, fact: &Fact, at: usize, history: &History) {
    match fact {
        Fact::Posted(posted) => {
            state.posted.get_or_insert_with(|| posted.clone());
        }
        Fact::Edited(_) => {}
        Fact::Corrected(corrected) => state.correct(corrected, at, history),
        other => state.entries.push(Entry {
            at,
            said: other.clone(),
            stands: Some(other.clone()),
            names: named(other).and_then(|reference| history.find(reference)).filter(|&named| named < at),
            corrected: None,
        }),
    }
}

/// The event of the same order that a fact builds on by name.
fn named(fact: &Fact) -> Option<Reference> {
    match fact {
        Fact::TakenOver(over) => Some(over.claim),
        Fact::HandOverAccepted(accepted) => Some(accepted.offer),
        _ => None,
    }
}

impl State {
    /// The entry that stands at a place in the history. Entries are in that order.
    pub(super) fn entry(&self, at: usize) -> Option<&Entry> {
        self.entries.binary_search_by_key(&at, |entry| entry.at).ok().and_then(|nth| self.entries.get(nth))
    }

    /// The last correction in (lamport, id) stands. Whether it knew of the one before decides whether they differ.
    fn correct(&mut self, corrected: &Corrected, at: usize, history: &History) {
        let Some(target) = history.find(corrected.event) else { return };
        let Ok(nth) = self.entries.binary_search_by_key(&target, |entry| entry.at) else { return };
        let Some(entry) = self.entries.get_mut(nth) else { return };
        if !entry.said.fits(&corrected.value) {
            return;
        }
        let disputed = entry.corrected.as_ref().is_some_and(|before| {
            let unseen = !history.knew(at, before.at);
            unseen && (before.disputed || before.value != corrected.value)
        });
        entry.stands = entry.said.with(&corrected.value);
        entry.corrected = Some(Correcting { at, value: corrected.value.clone(), why: corrected.why.clone(), disputed });
    }
}
