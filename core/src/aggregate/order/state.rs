//! What an order's events fold into: everything said, in order, each as it was written and as it was corrected.
//!
//! Nothing is concluded here. Who holds the order and how it stands is worked out of the whole, in
//! [`outcome`](super::outcome()).

use std::collections::BTreeMap;

use crate::{
    aggregate::{History, encode, knowledge::Unanswered},
    id::Reference,
};

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
    /// The reason, in words; never empty.
    pub why: String,
    /// Of those that fit, and of which no later one knew, another says otherwise.
    pub disputed: bool,
    /// Where there is more than this of which no later one knew.
    newest: Option<Box<Newest>>,
}

/// Corrections of one event of which no later one knew.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Newest {
    acts: Unanswered,
    /// What each says, as it is encoded.
    says: BTreeMap<usize, Vec<u8>>,
    /// How many say so.
    alike: BTreeMap<Vec<u8>, usize>,
}

impl Newest {
    /// With one more, behind those that stand so far; none where it knew of them all.
    fn with(before: Correcting, at: usize, value: &Correction, history: &History) -> Option<Box<Self>> {
        let Correcting { at: last, value: said, newest, .. } = before;
        if newest.is_none() && history.knew(at, last) {
            return None;
        }
        let mut newest = newest.unwrap_or_else(|| {
            let mut alone = Box::<Self>::default();
            alone.add(last, &said, history);
            alone
        });
        newest.add(at, value, history);
        (newest.says.len() > 1).then_some(newest)
    }

    fn add(&mut self, at: usize, value: &Correction, history: &History) {
        for answered in history.answer(&mut self.acts, at) {
            let Some(said) = self.says.remove(&answered) else { continue };
            if let Some(alike) = self.alike.get_mut(&said) {
                *alike = alike.saturating_sub(1);
                if *alike == 0 {
                    self.alike.remove(&said);
                }
            }
        }
        history.leave_open(&mut self.acts, at);
        let said = encode(value);
        *self.alike.entry(said.clone()).or_default() += 1;
        self.says.insert(at, said);
    }

    fn differ(&self) -> bool {
        self.alike.len() > 1
    }
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

    /// The last correction in (lamport, id) stands. It is disputed while those of which no later one knew differ.
    fn correct(&mut self, corrected: &Corrected, at: usize, history: &History) {
        let Some(target) = history.find(corrected.event) else { return };
        let Ok(nth) = self.entries.binary_search_by_key(&target, |entry| entry.at) else { return };
        let Some(entry) = self.entries.get_mut(nth) else { return };
        if !entry.said.fits(&corrected.value) {
            return;
        }
        let before = entry.corrected.take();
        let newest = before.and_then(|before| Newest::with(before, at, &corrected.value, history));
        entry.stands = entry.said.with(&corrected.value);
        let (value, why, disputed) =
            (corrected.value.clone(), corrected.why.clone(), newest.as_ref().is_some_and(|newest| newest.differ()));
        entry.corrected = Some(Correcting { at, value, why, disputed, newest });
    }
}
