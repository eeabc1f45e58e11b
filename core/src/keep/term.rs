//! Terms: since when erasures are held, and which bodies they let go (R5).
//!
//! An erasure is obeyed as soon as it counts. Its bytes stay for 72 hours of this replica's own running time. So a
//! stolen coordinator's phone destroys nothing before it is cut: an erasure that falls in that time gives everything
//! back.
//!
//! Afterwards bodies are replaced by their hashes. Neither a link nor a bundle puts them on the disk again.

use std::collections::{BTreeMap, BTreeSet};

use super::ends::Before;
use crate::{
    id::{LogId, Reference},
    roster::{ErasedSpan, ErasureFact, Said},
    store::{Store, StoreError, View, Write},
};

/// When an erasure was first held that does not count.
pub const NEVER: u64 = u64::MAX;

const TERM: &str = "erasure";
/// The main file still has to be written over, because somebody was reading when bytes were forgotten.
const SCRUB: &str = "erasure-scrub";

/// Since when this replica holds an erasure that counts, and whether it has forgotten what that names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Term {
    /// Milliseconds of running time at which it was first held.
    pub since: u64,
    /// Whether what it names is forgotten.
    pub done: bool,
}

impl Term {
    /// What is noted of an erasure, if anything.
    ///
    /// # Errors
    /// When the store fails.
    pub fn of(view: &View, erasure: Reference) -> Result<Option<(Reference, Self)>, StoreError> {
        let noted = view.meta(&key(erasure))?;
        let term = noted.as_deref().and_then(|noted| {
            let (since, rest) = noted.split_first_chunk::<8>()?;
            Some(Self { since: u64::from_be_bytes(*since), done: rest == [1] })
        });
        Ok(term.map(|term| (erasure, term)))
    }

    /// Notes it.
    ///
    /// # Errors
    /// When the store fails.
    pub fn keep(self, write: &mut Write<'_>, erasure: Reference) -> Result<(), StoreError> {
        let mut noted = self.since.to_be_bytes().to_vec();
        noted.push(self.done.into());
        write.set_meta(&key(erasure), &noted)
    }
}

fn key(erasure: Reference) -> String {
    format!("{TERM}:{erasure}")
}

/// What is left to be forgotten of some erasures, log by log. Nobody else has it: who copies the rules begins anew.
#[derive(Default)]
pub(super) struct Going {
    pub(super) of: BTreeSet<Reference>,
    pub(super) logs: BTreeMap<LogId, Vec<ErasedSpan>>,
    pub(super) walk: Option<Walk>,
}

impl Clone for Going {
    fn clone(&self) -> Self {
        Self::default()
    }
}

impl Going {
    /// All that these name.
    pub(super) fn of(due: BTreeSet<Reference>, erased: &Said<ErasureFact>) -> Self {
        let mut logs = BTreeMap::<LogId, Vec<ErasedSpan>>::new();
        let facts = due.iter().filter_map(|erasure| erased.find(*erasure));
        for span in facts.flat_map(|fact| fact.erased.spans()) {
            logs.entry(span.log).or_default().push(span.clone());
        }
        Self { of: due, logs, walk: None }
    }
}

/// What of one log is forgotten, and from which place on.
pub(super) struct Walk {
    pub(super) log: LogId,
    pub(super) before: Before,
    pub(super) next: u64,
}

/// Notes terms that turned, in the transaction that also notes the running time by which they did.
///
/// # Errors
/// When the store fails.
pub fn keep_terms(write: &mut Write<'_>, turned: &[(Reference, Term)]) -> Result<(), StoreError> {
    turned.iter().try_for_each(|(erasure, term)| term.keep(write, *erasure))
}

/// Notes that bytes were forgotten, in the transaction that did it, until [`scrub_if_due`] has seen to it.
///
/// # Errors
/// When the store fails.
pub fn note_scrub(write: &mut Write<'_>) -> Result<(), StoreError> {
    write.set_meta(SCRUB, &[1])
}

/// Empties the write-ahead log of what was forgotten; later, if somebody is reading just then.
///
/// # Errors
/// When the store fails.
pub fn scrub_if_due(store: &mut Store) -> Result<(), StoreError> {
    if store.meta(SCRUB)?.as_deref() != Some(&[1]) {
        return Ok(());
    }
    // The note goes first, and with the log: what is left of it says nothing.
    let mut write = store.write()?;
    write.set_meta(SCRUB, &[0])?;
    write.commit()?;
    match store.scrub() {
        Err(StoreError::Busy) => {
            let mut write = store.write()?;
            note_scrub(&mut write)?;
            write.commit()
        }
        done => done,
    }
}
