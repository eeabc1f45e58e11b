//! Stories of the store, and the small world they share.

mod at_rest;
mod homes;
mod logs;
mod rows;
mod searches;
mod serving;
mod verdicts;

use std::path::Path;

use rand::SeedableRng;
use rand_chacha::ChaCha20Rng;
use tempfile::TempDir;

use super::*;
use crate::{
    event::{Body, Head, Held, LogHeader, VerifiedRun, Writer},
    id::{CommunityId, Incarnation, LogId, Reference, TopicTag},
    key::{Compartment, DeviceKeys, EpochKey, MemorySecrets, SecretStore},
    time::WallMs,
};

pub(super) const COMMON: TopicTag = TopicTag::from_bytes([1; 16]);
pub(super) const ROSTER: TopicTag = TopicTag::from_bytes([2; 16]);
pub(super) const COMMUNITY: CommunityId = CommunityId::from_bytes([9; 32]);

/// A store in a directory of its own.
pub(super) struct Home {
    pub(super) dir: TempDir,
    pub(super) store: Store,
}

/// What the app of all these homes keeps; builds that do not encrypt leave it alone.
pub(super) fn secrets() -> MemorySecrets {
    let secrets = MemorySecrets::default();
    secrets.put(DATABASE_KEY, &[0x5b; 32]).expect("kept in memory");
    secrets
}

pub(super) fn open(dir: &Path, tables: &[Table]) -> Result<Store, StoreError> {
    Store::open(dir, &secrets(), tables)
}

/// A connection to a home's file beside the store.
pub(super) fn raw(file: &Path) -> Connection {
    let key = super::at_rest::FileKey::kept(&secrets()).expect("kept in memory");
    super::open::connect(file, &key, rusqlite::OpenFlags::SQLITE_OPEN_READ_WRITE).expect("a file of ours")
}

pub(super) fn home() -> Home {
    home_with(&[])
}

pub(super) fn home_with(tables: &[Table]) -> Home {
    let dir = tempfile::tempdir().expect("a directory");
    let store = open(dir.path(), tables).expect("a new home opens");
    Home { dir, store }
}

impl Home {
    /// Closes the store and opens it again.
    pub(super) fn reopen(self, tables: &[Table]) -> Home {
        let Home { dir, store } = self;
        drop(store);
        let store = open(dir.path(), tables).expect("the home opens again");
        Home { dir, store }
    }

    pub(super) fn append(&mut self, run: &VerifiedRun) -> Result<Vec<Pos>, StoreError> {
        let mut write = self.store.write()?;
        let stored = write.append(run)?;
        write.commit()?;
        Ok(stored)
    }
}

/// A device that writes runs.
pub(super) struct Pen {
    pub(super) keys: DeviceKeys,
    pub(super) header: LogHeader,
    pub(super) head: Option<Head>,
}

pub(super) fn pen(seed: u64) -> Pen {
    let keys = DeviceKeys::generate(&mut ChaCha20Rng::seed_from_u64(seed));
    let header = LogHeader {
        community: COMMUNITY,
        topic: COMMON,
        device: keys.device(),
        incarnation: Incarnation::from_bytes([7; 8]),
    };
    Pen { keys, header, head: None }
}

impl Pen {
    pub(super) fn log(&self) -> LogId {
        self.header.id()
    }

    /// Writes one event for each text, in one transaction.
    pub(super) fn write(&mut self, texts: &[&str]) -> VerifiedRun {
        self.write_under(texts, None)
    }

    pub(super) fn write_under(&mut self, texts: &[&str], key: Option<&EpochKey>) -> VerifiedRun {
        let mut writer = Writer::new(&self.keys, self.header, self.head);
        for text in texts {
            self.head = Some(writer.append(&body(text), key).expect("a small body"));
        }
        writer.finish().expect("something was written")
    }

    /// Writes so many events, a transaction each.
    pub(super) fn write_many(&mut self, count: usize, text: &str) -> Vec<VerifiedRun> {
        (0..count).map(|nth| self.write(&[&format!("{text} {nth}")])).collect()
    }

    /// The same device, from an earlier head: what a clone is.
    pub(super) fn cloned_at(&self, head: Option<Head>) -> Pen {
        let keys = DeviceKeys::from_slice(&self.keys.to_secret()).expect("just stored");
        Pen { keys, header: self.header, head }
    }
}

fn body(text: &str) -> Body {
    Body {
        aggregate: None,
        deps: Vec::new(),
        wall: WallMs(0),
        kind: 1,
        version: 1,
        payload: minicbor::to_vec(text).expect("a vector takes any length"),
        edits: Vec::new(),
        salt: None,
    }
}

/// The last event's head.
pub(super) fn end(run: &VerifiedRun) -> Head {
    let last = run.events().last().expect("never empty");
    Head { seq: last.seq, id: last.id }
}

pub(super) fn reference(run: &VerifiedRun) -> Reference {
    let head = end(run);
    Reference { log: run.header().id(), seq: head.seq, check: head.id.short() }
}

/// Makes `count` aggregates, each of one event.
pub(super) fn aggregates(home: &mut Home, count: usize) -> Vec<AggregateId> {
    let mut pen = pen(99);
    let mut write = home.store.write().expect("begin");
    let made = (0..count)
        .map(|_| {
            let run = pen.write(&["made"]);
            let pos = write.append(&run).expect("follows")[0];
            write.create_aggregate(reference(&run), "order", pos).expect("held")
        })
        .collect();
    write.commit().expect("commit");
    made
}
