//! Version vectors: what somebody holds of a topic, and digests that compare it in a few bytes.

use std::collections::BTreeSet;

use crate::{
    event::Entry,
    id::{LogId, ShortId, TopicTag},
    limits,
};

const DIGEST_CONTEXT: &str = "linli 2026 sync digest v2";
const KEY_CONTEXT: &str = "linli 2026 sync key v2";

/// 8 bytes of keyed BLAKE3 over sorted entries, for one conversation: both sides made the key, so nobody else knew it
/// when their logs were made. Enough against accidents; whoever wants to be seen as equal may say so anyway, and wrongs
/// only themselves.
pub(super) type Digest = [u8; 8];

/// 16 bytes of BLAKE3 over all that a replica holds, the same in every conversation.
pub(super) type Whole = [u8; 16];

/// Entries of one topic, sorted: one for each branch head of each log, and one for each stretch of a log of which bodies are
/// missing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Vector(BTreeSet<Entry>);

fn first_of(log: LogId) -> Entry {
    Entry { log, seq: 0, short: ShortId::ZERO }
}

fn last_of(log: LogId) -> Entry {
    Entry { log, seq: u64::MAX, short: ShortId::from_bytes([0xff; ShortId::LEN]) }
}

/// The digest of whole vectors, in this order: of each topic its tag, how many entries, and each as log, seq
/// big-endian, short id.
pub(super) fn digest_of<'a>(topics: impl IntoIterator<Item = (TopicTag, &'a Vector)>) -> Whole {
    let mut hash = blake3::Hasher::new_derive_key(DIGEST_CONTEXT);
    for (tag, vector) in topics {
        hash.update(tag.as_bytes()).update(&(vector.len() as u64).to_be_bytes());
        vector.0.iter().for_each(|entry| add(&mut hash, entry));
    }
    let mut digest = Whole::default();
    hash.finalize_xof().fill(&mut digest);
    digest
}

/// The key of one conversation, from what both sides threw, that of the smaller device first.
pub(super) fn key_of(smaller: &[u8], greater: &[u8]) -> [u8; 32] {
    blake3::derive_key(KEY_CONTEXT, &[smaller, greater].concat())
}

/// The digest, under a conversation's key, of entries in ascending order.
pub(super) fn digest_under<'a>(key: &[u8; 32], entries: impl Iterator<Item = &'a Entry>) -> Digest {
    let mut hash = blake3::Hasher::new_keyed(key);
    entries.for_each(|entry| add(&mut hash, entry));
    let mut digest = Digest::default();
    hash.finalize_xof().fill(&mut digest);
    digest
}

fn add(hash: &mut blake3::Hasher, entry: &Entry) {
    hash.update(entry.log.as_bytes()).update(&entry.seq.to_be_bytes()).update(entry.short.as_bytes());
}

impl FromIterator<Entry> for Vector {
    fn from_iter<I: IntoIterator<Item = Entry>>(entries: I) -> Self {
        Self(entries.into_iter().collect())
    }
}

impl Vector {
    /// All entries, ascending.
    pub fn iter(&self) -> impl Iterator<Item = Entry> {
        self.0.iter().copied()
    }

    /// How many entries there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether this very entry is there.
    pub fn contains(&self, entry: &Entry) -> bool {
        self.0.contains(entry)
    }

    /// The heads of one log, ascending.
    pub fn heads(&self, log: LogId) -> impl DoubleEndedIterator<Item = Entry> {
        self.0.range(first_of(log)..=last_of(log)).copied()
    }

    /// Every log once, ascending.
    pub fn logs(&self) -> Vec<LogId> {
        let mut logs: Vec<LogId> = self.0.iter().map(|entry| entry.log).collect();
        logs.dedup();
        logs
    }

    /// Whether a log stands there as silenced.
    pub fn is_silenced(&self, log: LogId) -> bool {
        self.contains(&Entry::silenced(log))
    }

    /// Takes out what it says of bodies that are missing, of each log as much as anybody says. Heads are left.
    pub(super) fn take_holes(&mut self) -> Self {
        let mut holes = Self::default();
        for hole in self.0.extract_if(.., |entry| entry.is_hole()) {
            if holes.heads(hole.log).count() < limits::HOLES {
                holes.insert(hole);
            }
        }
        holes
    }

    /// Forgets one entry.
    pub(super) fn forget(&mut self, entry: &Entry) {
        self.0.remove(entry);
    }

    /// Adds an entry beside the others.
    pub fn insert(&mut self, entry: Entry) {
        self.0.insert(entry);
    }

    /// Forgets all entries of a log.
    pub fn remove(&mut self, log: LogId) {
        for entry in self.heads(log).collect::<Vec<_>>() {
            self.0.remove(&entry);
        }
    }

    /// Puts these heads in place of those that the log had.
    pub fn replace(&mut self, log: LogId, heads: impl IntoIterator<Item = Entry>) {
        self.remove(log);
        self.0.extend(heads);
    }

    /// Events were added that start at `first` and end at `last`. Where the log is no fork, they take the place of
    /// what they build on; else they stand beside it, because nobody said which branch they continue.
    pub fn advance(&mut self, first: u64, last: Entry) {
        let mut heads = self.heads(last.log);
        let only = heads.next().filter(|_| heads.next().is_none());
        drop(heads);
        if let Some(head) = only
            && head.seq.checked_add(1) == Some(first)
        {
            self.0.remove(&head);
        }
        self.0.insert(last);
    }

    /// Adds what a peer says of itself. Of a log at most [`limits::NAMED_HEADS`] entries
    /// are kept: old ones are forgotten first. To forget what a peer has costs a few bytes later, no more. A log is
    /// silenced to it or has entries: what it says last holds.
    pub(super) fn learn(&mut self, entry: Entry) {
        if entry.is_silenced() {
            self.remove(entry.log);
        } else {
            self.0.remove(&Entry::silenced(entry.log));
        }
        self.0.insert(entry);
        self.keep_few(entry.log);
    }

    /// Forgets the oldest entries of a log beyond [`limits::NAMED_HEADS`].
    pub(super) fn keep_few(&mut self, log: LogId) {
        let surplus = self.heads(log).count().saturating_sub(limits::NAMED_HEADS);
        for old in self.heads(log).take(surplus).collect::<Vec<_>>() {
            self.0.remove(&old);
        }
    }
}
