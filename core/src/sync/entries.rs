//! Version vectors: what somebody holds of a topic, and digests that compare it in a few bytes.

use std::collections::BTreeSet;

use crate::{
    event::Entry,
    id::{LogId, ShortId},
    limits,
};

const DIGEST_CONTEXT: &str = "linli 2026 sync digest v2";

/// 8 bytes of BLAKE3 over sorted entries. Enough against accidents; whoever wants to be seen as equal may say so
/// anyway, and wrongs only themselves.
pub type Digest = [u8; 8];

/// Buckets of a vector: by the first byte of the log, which is a hash and so spreads evenly.
pub(super) const BUCKETS: usize = 256;

/// Entries of one topic, sorted: one for each branch head of each log.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Vector(BTreeSet<Entry>);

fn first_of(log: LogId) -> Entry {
    Entry { log, seq: 0, short: ShortId::ZERO }
}

fn last_of(log: LogId) -> Entry {
    Entry { log, seq: u64::MAX, short: ShortId::from_bytes([0xff; ShortId::LEN]) }
}

/// The digest of entries in ascending order: of each log, seq big-endian, short id.
fn digest<'a>(entries: impl Iterator<Item = &'a Entry>) -> Digest {
    let mut hash = blake3::Hasher::new_derive_key(DIGEST_CONTEXT);
    for entry in entries {
        hash.update(entry.log.as_bytes()).update(&entry.seq.to_be_bytes()).update(entry.short.as_bytes());
    }
    let mut digest = Digest::default();
    hash.finalize_xof().fill(&mut digest);
    digest
}

pub(super) fn bucket(log: LogId) -> usize {
    usize::from(log.as_bytes()[0])
}

impl FromIterator<Entry> for Vector {
    fn from_iter<I: IntoIterator<Item = Entry>>(entries: I) -> Self {
        Self(entries.into_iter().collect())
    }
}

impl Vector {
    /// The digest of the whole.
    pub fn digest(&self) -> Digest {
        digest(self.0.iter())
    }

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
        let heads: Vec<Entry> = self.heads(last.log).collect();
        if let [head] = heads.as_slice()
            && head.seq.checked_add(1) == Some(first)
        {
            self.0.remove(head);
        }
        self.0.insert(last);
    }

    /// Adds what a peer says of itself, keeping at most twice [`limits::BRANCHES`] of a log: old heads are
    /// forgotten first. To forget what a peer has costs a few bytes later, no more.
    pub(super) fn learn(&mut self, entry: Entry) {
        self.0.insert(entry);
        let surplus = self.heads(entry.log).count().saturating_sub(2 * limits::BRANCHES);
        for old in self.heads(entry.log).take(surplus).collect::<Vec<_>>() {
            self.0.remove(&old);
        }
    }

    /// A digest for each bucket.
    pub(super) fn buckets(&self) -> Vec<Digest> {
        (0..=u8::MAX)
            .map(|which| {
                let (mut low, mut high) = ([0; LogId::LEN], [0xff; LogId::LEN]);
                (low[0], high[0]) = (which, which);
                digest(self.0.range(first_of(LogId::from_bytes(low))..=last_of(LogId::from_bytes(high))))
            })
            .collect()
    }
}
