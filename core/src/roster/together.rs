//! What several acts name of one log, laid together: it is looked up once, however many acts there are.
//!
//! It refuses to know whose the acts are and which of them count.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    sync::Arc,
};

use parking_lot::Mutex;

use super::CutHead;
use crate::{
    count::{self, Work},
    id::{EventId, LogId, Reference},
    limits,
};

/// What one act names of one log.
#[derive(Clone, Copy, Debug)]
pub struct Ends<'a> {
    /// The act that names them.
    pub act: ActName,
    /// The log they stand in.
    pub log: LogId,
    heads: &'a BTreeSet<CutHead>,
}

impl<'a> Ends<'a> {
    /// What the act names as heads of the log.
    pub(super) fn of(act: ActName, log: LogId, heads: &'a BTreeSet<CutHead>) -> Self {
        Self { act, log, heads }
    }

    /// The heads that count, the last in the log first: of more than anybody honest names the last alone, for each costs a
    /// search.
    pub fn last_first(&self) -> impl Iterator<Item = CutHead> + Clone {
        self.heads.iter().rev().take(limits::CUT_HEADS).copied()
    }

    /// All that are named, whether they count or not.
    pub(super) fn all(&self) -> impl Iterator<Item = CutHead> {
        self.heads.iter().copied()
    }
}

/// An act by all events that it is made of, in the order in which they are read: what has one name says the same.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct ActName([u8; 32]);

impl ActName {
    /// The same act with one more event.
    #[must_use]
    pub(super) fn with(self, event: Reference) -> Self {
        let mut hash = blake3::Hasher::new();
        hash.update(&self.0)
            .update(event.log.as_bytes())
            .update(&event.seq.to_be_bytes())
            .update(event.check.as_bytes());
        Self(*hash.finalize().as_bytes())
    }

    /// Acts beside each other, with one more.
    #[must_use]
    pub(super) fn and(self, act: Self) -> Self {
        let mut hash = blake3::Hasher::new();
        hash.update(&self.0).update(&act.0);
        Self(*hash.finalize().as_bytes())
    }
}

/// What some acts name of one log; acts that name nothing of it are none of them.
#[derive(Debug)]
pub struct Together {
    name: ActName,
    log: LogId,
    /// The heads that count of each act, the last first: acts of which the same count stand here once.
    acts: BTreeSet<Vec<CutHead>>,
    /// All that are named, and whether they count.
    heads: BTreeMap<CutHead, bool>,
}

impl Together {
    /// These acts, in an order that is always the same for the same acts.
    pub(super) fn of<'a>(log: LogId, all: impl Iterator<Item = Ends<'a>>) -> Self {
        let (mut name, mut acts, mut heads) = (ActName::default(), BTreeSet::new(), BTreeMap::new());
        for ends in all {
            count::note(Work::Asked, 1);
            name = name.and(ends.act);
            heads.extend(ends.all().map(|head| (head, false)));
            acts.insert(ends.last_first().collect::<Vec<_>>());
        }
        for head in acts.iter().flatten() {
            heads.insert(*head, true);
        }
        count::note(Work::Asked, heads.len() as u64);
        Self { name, log, acts, heads }
    }

    /// The same of acts each of which names some of it; none if one names nothing.
    pub(super) fn if_each<'a>(log: LogId, all: impl Iterator<Item = Option<Ends<'a>>>) -> Option<Self> {
        let named: Option<Vec<Ends<'_>>> = all.inspect(|_| count::note(Work::Asked, 1)).collect();
        named.map(|ends| Self::of(log, ends.into_iter()))
    }

    /// All of them by one name: what has the same name says the same of the log.
    pub fn name(&self) -> ActName {
        self.name
    }

    /// The log they stand in.
    pub fn log(&self) -> LogId {
        self.log
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.acts.is_empty()
    }

    /// The heads that count of each act, the last first; no two are the same.
    pub fn acts(&self) -> impl Iterator<Item = &[CutHead]> {
        self.acts.iter().map(Vec::as_slice)
    }

    /// The heads that count of any act, the last first.
    pub fn last_first(&self) -> impl Iterator<Item = CutHead> + Clone {
        self.last_first_up_to(u64::MAX)
    }

    /// Those of them that stand no later than at this place.
    pub fn last_first_up_to(&self, last: u64) -> impl Iterator<Item = CutHead> + Clone {
        let end = CutHead { seq: last, id: EventId::from_bytes([0xff; 32]) };
        self.heads.range(..=end).rev().filter(|(_, counts)| **counts).map(|(head, _)| *head)
    }

    /// Whether an event is one of these.
    pub fn names(&self, at: CutHead) -> bool {
        count::note(Work::Asked, 1);
        self.heads.get(&at).copied().unwrap_or(false)
    }

    /// Whether an event is one of all that are named, whether they count or not.
    pub(super) fn names_at_all(&self, at: CutHead) -> bool {
        count::note(Work::Asked, 1);
        self.heads.contains_key(&at)
    }
}

/// What is made when it is asked for first, and kept while that of which it is made stays as it is: whoever has a copy of that
/// looks it up at the same place. No part of what is decided.
pub(super) struct Kept<K, V>(Arc<Mutex<BTreeMap<K, Arc<V>>>>);

impl<K: Ord, V> Kept<K, V> {
    pub(super) fn get_or(&self, key: K, make: impl FnOnce() -> V) -> Arc<V> {
        if let Some(known) = self.0.lock().get(&key) {
            return known.clone();
        }
        let made = Arc::new(make());
        let mut kept = self.0.lock();
        if kept.len() >= limits::TOGETHER {
            kept.clear();
        }
        kept.insert(key, made.clone());
        made
    }

    /// What it is made of has changed, here alone.
    pub(super) fn clear(&mut self) {
        match Arc::get_mut(&mut self.0) {
            Some(alone) => alone.get_mut().clear(),
            None => self.0 = Arc::default(),
        }
    }
}

impl<K, V> Default for Kept<K, V> {
    fn default() -> Self {
        Self(Arc::default())
    }
}

impl<K, V> Clone for Kept<K, V> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<K, V> PartialEq for Kept<K, V> {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl<K, V> Eq for Kept<K, V> {}

impl<K, V> fmt::Debug for Kept<K, V> {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str("Kept")
    }
}
