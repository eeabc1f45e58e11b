//! Bundles: runs as a file, for a memory card or a chat.
//!
//! A [`BundleWriter`] is given runs and gives bytes; a [`BundleReader`] is pushed bytes of any size and gives runs,
//! holding no more than one run beside what was pushed. Neither opens a file or asks whether a run is true: that is
//! proved by its signature when it is taken in, as over a link. Bodies stay sealed, so that a file shows no more than
//! a relay sees. What is whole before a cut or a damage is given out first.
//!
//! # Layout
//!
//! `magic:8, version varint, community:32, record*`. A record is one byte and what follows it:
//!
//! | byte | record | layout of the rest |
//! |---|---|---|
//! | 0 | end | digest:32; nothing follows |
//! | 1 | topic | tag:16; the runs that follow are of this topic |
//! | 2 | run | length varint, then a run of so many bytes as in a [frame](super::frame) |
//!
//! Logs and epochs are numbered over the whole file, as in one direction of a session. A header follows where its log
//! has no number yet. The digest is BLAKE3 derive_key `linli 2026 bundle v2` over all bytes before it.

use std::collections::BTreeMap;

use super::{
    FrameError,
    bytes::{Reader, put_varint},
    frame::NUMBERS,
    runs::{Given, Learned, RUN},
};
use crate::{
    event::{LogHeader, Run},
    id::{CommunityId, LogId, TopicTag},
};

/// The version of the layout that this build writes and reads.
pub const BUNDLE_VERSION: u64 = 2;
/// What every bundle begins with. As in PNG: not text, and broken by whoever takes it for text.
const MAGIC: [u8; 8] = *b"\x89LNLI\r\n\x1a";
const CONTEXT: &str = "linli 2026 bundle v2";
const DIGEST: usize = 32;

const END: u8 = 0;
const TOPIC: u8 = 1;
const ONE_RUN: u8 = 2;

/// What is wrong with a bundle. All runs given out before stay good.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BundleError {
    /// There is not one byte.
    #[error("the file is empty")]
    Empty,
    /// It does not begin as a bundle does.
    #[error("the file is no bundle")]
    NotABundle,
    /// It was written in another version of the layout. Nothing after the version was read.
    #[error("the bundle has version {theirs}, we read {ours}")]
    Version {
        /// Ours.
        ours: u64,
        /// The file's.
        theirs: u64,
    },
    /// It is of another community.
    #[error("the bundle is of another community")]
    Community,
    /// It ends before its end.
    #[error("the bundle ends too early")]
    Truncated,
    /// A record does not fit the layout.
    #[error("the bundle is damaged: {0}")]
    Damaged(#[from] FrameError),
    /// Every record fits the layout, but the digest at the end says that some byte was changed.
    #[error("the bundle is damaged: its digest differs")]
    Digest,
    /// Bytes after the end.
    #[error("{bytes} bytes after the bundle's end")]
    Trailing {
        /// How many, of those that were pushed so far.
        bytes: usize,
    },
}

/// Turns runs into the bytes of a bundle.
#[derive(Debug)]
pub struct BundleWriter {
    community: CommunityId,
    given: Given,
    topic: Option<TopicTag>,
    hash: blake3::Hasher,
}

impl BundleWriter {
    /// Begins a bundle: its first bytes go to the end of `out`.
    pub fn new(community: CommunityId, out: &mut Vec<u8>) -> Self {
        let begin = out.len();
        out.extend_from_slice(&MAGIC);
        put_varint(out, BUNDLE_VERSION);
        out.extend_from_slice(community.as_bytes());
        let hash = blake3::Hasher::new_derive_key(CONTEXT);
        let mut writer = Self { community, given: Given::default(), topic: None, hash };
        writer.add(out, begin);
        writer
    }

    /// Adds a run, with its header, of a topic: its bytes go to the end of `out`. The roster's runs come first, so that
    /// who wrote the others is known; runs of one log in ascending order.
    pub fn run(&mut self, topic: TopicTag, mut run: Run, out: &mut Vec<u8>) {
        let begin = out.len();
        if self.topic.replace(topic) != Some(topic) {
            out.push(TOPIC);
            out.extend_from_slice(topic.as_bytes());
        }
        if self.given.knows(run.log) {
            run.header = None;
        }
        let mut bytes = Vec::new();
        self.given.write(&mut bytes, &run, self.community);
        out.push(ONE_RUN);
        put_varint(out, bytes.len() as u64);
        out.extend_from_slice(&bytes);
        self.add(out, begin);
    }

    /// Ends the bundle: its last bytes go to the end of `out`.
    pub fn finish(mut self, out: &mut Vec<u8>) {
        let begin = out.len();
        out.push(END);
        self.add(out, begin);
        out.extend_from_slice(self.hash.finalize().as_bytes());
    }

    fn add(&mut self, out: &[u8], begin: usize) {
        self.hash.update(out.get(begin..).unwrap_or_default());
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// Magic, version and community are awaited.
    Head,
    Records,
    /// The end came, and its digest was right.
    Ended,
    Failed,
}

/// Finds the runs in the bytes of a bundle.
#[derive(Debug)]
pub struct BundleReader {
    community: CommunityId,
    stage: Stage,
    /// Pushed and not yet read, behind `at` bytes that were.
    buffer: Vec<u8>,
    at: usize,
    hash: blake3::Hasher,
    learned: Learned,
    headers: BTreeMap<LogId, LogHeader>,
    topic: Option<TopicTag>,
}

impl BundleReader {
    /// Awaits a bundle of this community.
    pub fn new(community: CommunityId) -> Self {
        Self {
            community,
            stage: Stage::Head,
            buffer: Vec::new(),
            at: 0,
            hash: blake3::Hasher::new_derive_key(CONTEXT),
            learned: Learned::default(),
            headers: BTreeMap::new(),
            topic: None,
        }
    }

    /// Takes the next bytes of the file. Ask for [`next_run`](Self::next_run) until there is none before pushing more:
    /// what was not asked for stays in memory.
    pub fn push(&mut self, bytes: &[u8]) {
        self.buffer.drain(..self.at.min(self.buffer.len()));
        self.at = 0;
        self.buffer.extend_from_slice(bytes);
    }

    /// Whether the file is a bundle of this community, in this version.
    pub fn is_ours(&self) -> bool {
        matches!(self.stage, Stage::Records | Stage::Ended)
    }

    /// The next run and its topic, not yet believed; `None` when more bytes are needed, and at the end. It has its
    /// header, but for a log that this file did not name with one.
    ///
    /// # Errors
    /// What is wrong. Nothing more comes of this file then.
    pub fn next_run(&mut self) -> Result<Option<(TopicTag, Run)>, BundleError> {
        let found = self.find();
        if found.is_err() {
            self.stage = Stage::Failed;
        }
        found
    }

    /// Says that no more bytes come.
    ///
    /// # Errors
    /// [`BundleError::Empty`] or [`BundleError::Truncated`]: the end was not there.
    pub fn finish(&self) -> Result<(), BundleError> {
        match self.stage {
            Stage::Head if self.buffer.is_empty() => Err(BundleError::Empty),
            Stage::Head | Stage::Records => Err(BundleError::Truncated),
            Stage::Ended | Stage::Failed => Ok(()),
        }
    }

    fn find(&mut self) -> Result<Option<(TopicTag, Run)>, BundleError> {
        if self.stage == Stage::Head && !self.read_head()? {
            return Ok(None);
        }
        while self.stage == Stage::Records {
            let mut from = Reader::new(self.buffer.get(self.at..).unwrap_or_default());
            let before = from.left();
            let (Some(record), used) = (enough(read_record(&mut from))?, before - from.left()) else {
                return Ok(None);
            };
            match record {
                Record::Topic(tag) => self.topic = Some(tag),
                Record::Run(bytes) => {
                    let topic = self.topic.ok_or(FrameError::Kind { kind: ONE_RUN })?;
                    let mut inner = Reader::new(bytes);
                    let mut run = self.learned.read(&mut inner, self.community, topic)?;
                    inner.end()?;
                    self.remember(&mut run);
                    self.advance(used);
                    return Ok(Some((topic, run)));
                }
                Record::End(digest) => {
                    self.advance(used - DIGEST);
                    if self.hash.finalize().as_bytes() != &digest {
                        return Err(BundleError::Digest);
                    }
                    self.at += DIGEST;
                    self.stage = Stage::Ended;
                    continue;
                }
            }
            self.advance(used);
        }
        let bytes = self.buffer.len() - self.at;
        if self.stage == Stage::Ended && bytes > 0 { Err(BundleError::Trailing { bytes }) } else { Ok(None) }
    }

    /// Whether the head was there and is right.
    fn read_head(&mut self) -> Result<bool, BundleError> {
        let mut from = Reader::new(&self.buffer);
        let begins = from.left().min(MAGIC.len());
        if self.buffer.get(..begins) != MAGIC.get(..begins) {
            return Err(BundleError::NotABundle);
        }
        let Some(theirs) = enough(from.take(MAGIC.len()).and_then(|_| from.varint()))? else { return Ok(false) };
        if theirs != BUNDLE_VERSION {
            return Err(BundleError::Version { ours: BUNDLE_VERSION, theirs });
        }
        let Some(community) = enough(from.array())? else { return Ok(false) };
        if CommunityId::from_bytes(community) != self.community {
            return Err(BundleError::Community);
        }
        let used = self.buffer.len() - from.left();
        self.advance(used);
        self.stage = Stage::Records;
        Ok(true)
    }

    /// Passes over bytes that were read.
    fn advance(&mut self, used: usize) {
        let end = self.at.saturating_add(used);
        self.hash.update(self.buffer.get(self.at..end).unwrap_or_default());
        self.at = end;
    }

    /// Gives a run the header that the file named before. Only the founding event is of no community.
    fn remember(&mut self, run: &mut Run) {
        match run.header {
            Some(header) if self.headers.len() < NUMBERS => {
                self.headers.insert(run.log, LogHeader { community: self.community, ..header });
            }
            Some(_) => {}
            None => run.header = self.headers.get(&run.log).copied(),
        }
    }
}

enum Record<'a> {
    Topic(TopicTag),
    Run(&'a [u8]),
    End([u8; DIGEST]),
}

fn read_record<'a>(from: &mut Reader<'a>) -> Result<Record<'a>, FrameError> {
    match from.byte()? {
        END => from.array().map(Record::End),
        TOPIC => from.array().map(TopicTag::from_bytes).map(Record::Topic),
        ONE_RUN => {
            let (got, limit) = (from.varint()?, RUN as u64);
            if got > limit {
                return Err(FrameError::TooMany { what: "bytes of a run", got, limit });
            }
            from.take(got as usize).map(Record::Run)
        }
        kind => Err(FrameError::Kind { kind }),
    }
}

/// Nothing where only more bytes are needed.
fn enough<T>(read: Result<T, FrameError>) -> Result<Option<T>, FrameError> {
    match read {
        Ok(read) => Ok(Some(read)),
        Err(FrameError::Short) => Ok(None),
        Err(error) => Err(error),
    }
}
