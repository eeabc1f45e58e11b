//! Bundles: runs as a file, for a memory card or a chat.
//!
//! A [`BundleWriter`] is given runs and gives bytes; a [`BundleReader`] is pushed bytes of any size and gives runs,
//! holding no more than one run beside what was pushed. Neither opens a file or asks whether a run is true: that is
//! proved by its signature when it is taken in, as over a link. Bodies stay sealed, so that a file shows no more than
//! a relay sees.
//!
//! Every run stands for itself: behind a hole the next record is looked for, and nothing that the hole swallowed is
//! needed to read it.
//!
//! # Layout
//!
//! `magic:8, version varint, community:32, record*`. A record:
//!
//! | | |
//! |---|---|
//! | mark:4 | 89 `R` 0d 0a |
//! | kind u8 | 0 end, 1 run; others are a later version's and passed over |
//! | length:4 | of the content, big-endian, at most 1,049,856 |
//! | check:4 | of BLAKE3 derive_key `linli 2026 bundle record v2` over kind and length |
//! | content | of an end: digest:32. Of a run: tag:16, then a run as in a [frame](super::frame), its names spelled out |
//!
//! The digest is BLAKE3 derive_key `linli 2026 bundle v2` over all bytes before it.

use super::{
    FrameError,
    bytes::{Reader, put_varint},
    runs::{Given, Learned},
};
use crate::{
    event::Run,
    id::{CommunityId, TopicTag},
    limits,
    sabotage::Rule,
};

/// The version of the layout that this build writes and reads.
pub const BUNDLE_VERSION: u64 = 2;
/// What every bundle begins with. As in PNG: not text, and broken by whoever takes it for text.
const MAGIC: [u8; 8] = *b"\x89LNLI\r\n\x1a";
const CONTEXT: &str = "linli 2026 bundle v2";
const DIGEST: usize = 32;

/// What every record begins with.
const MARK: [u8; 4] = *b"\x89R\r\n";
const RECORD_CONTEXT: &str = "linli 2026 bundle record v2";
/// Bytes of a record before its content.
const HEAD: usize = MARK.len() + 1 + 4 + 4;

const END: u8 = 0;
const ONE_RUN: u8 = 1;

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
        /// The version that this build reads.
        ours: u64,
        /// The version of the file.
        theirs: u64,
    },
    /// It is of another community.
    #[error("the bundle is of another community")]
    Community,
    /// It ends before its end.
    #[error("the bundle ends too early")]
    Truncated,
    /// Something of it does not fit the layout: the first of the kind. What is whole behind it is found.
    #[error("the bundle is damaged: {0}")]
    Damaged(#[from] FrameError),
    /// Every record fits the layout, but the digest at the end says that some byte was changed.
    #[error("the bundle is damaged: its digest differs")]
    Digest,
    /// Bytes after the end. They were not read.
    #[error("{bytes} bytes after the bundle's end")]
    Trailing {
        /// How many bytes stand behind it.
        bytes: usize,
    },
}

/// Turns runs into the bytes of a bundle.
#[derive(Debug)]
pub struct BundleWriter {
    community: CommunityId,
    hash: blake3::Hasher,
}

impl BundleWriter {
    /// Begins a bundle: its first bytes go to the end of `out`.
    pub fn new(community: CommunityId, out: &mut Vec<u8>) -> Self {
        let begin = out.len();
        out.extend_from_slice(&MAGIC);
        put_varint(out, BUNDLE_VERSION);
        out.extend_from_slice(community.as_bytes());
        let mut writer = Self { community, hash: blake3::Hasher::new_derive_key(CONTEXT) };
        writer.add(out, begin);
        writer
    }

    /// Adds a run, with its header, of a topic: its bytes go to the end of `out`. The roster's runs come first, so that
    /// who wrote the others is known; runs of one log in ascending order.
    pub fn run(&mut self, topic: TopicTag, run: &Run, out: &mut Vec<u8>) {
        let begin = out.len();
        let mut content = topic.as_bytes().to_vec();
        Given::default().write(&mut content, run, self.community);
        put_head(out, ONE_RUN, content.len());
        out.extend_from_slice(&content);
        self.add(out, begin);
    }

    /// Ends the bundle: its last bytes go to the end of `out`.
    pub fn finish(mut self, out: &mut Vec<u8>) {
        let begin = out.len();
        put_head(out, END, DIGEST);
        self.add(out, begin);
        out.extend_from_slice(self.hash.finalize().as_bytes());
    }

    /// Counts bytes that another wrote as part of the file.
    #[cfg(test)]
    pub(super) fn hash_in(&mut self, bytes: &[u8]) {
        self.add(bytes, 0);
    }

    fn add(&mut self, out: &[u8], begin: usize) {
        self.hash.update(out.get(begin..).unwrap_or_default());
    }
}

/// Writes what stands before a record's content.
pub(super) fn put_head(out: &mut Vec<u8>, kind: u8, length: usize) {
    let length = u32::try_from(length).unwrap_or(u32::MAX);
    out.extend_from_slice(&MARK);
    out.push(kind);
    out.extend_from_slice(&length.to_be_bytes());
    out.extend_from_slice(&check(kind, length));
}

/// Tells a record's beginning from bytes that look like one.
fn check(kind: u8, length: u32) -> [u8; 4] {
    let mut check = [0; 4];
    let mut hash = blake3::Hasher::new_derive_key(RECORD_CONTEXT);
    hash.update(&[kind]).update(&length.to_be_bytes()).finalize_xof().fill(&mut check);
    check
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
    /// No more bytes come.
    closed: bool,
    /// The next bytes are within a hole: a record is looked for.
    searching: bool,
    /// Up to where the buffer lies in a record that was read, and is looked through for others.
    looked: usize,
    hash: blake3::Hasher,
    /// What was wrong first.
    fault: Option<BundleError>,
}

impl BundleReader {
    /// Awaits a bundle of this community.
    pub fn new(community: CommunityId) -> Self {
        Self {
            community,
            stage: Stage::Head,
            buffer: Vec::new(),
            at: 0,
            closed: false,
            searching: false,
            looked: 0,
            hash: blake3::Hasher::new_derive_key(CONTEXT),
            fault: None,
        }
    }

    /// Takes the next bytes of the file. Ask for [`next_run`](Self::next_run) until there is none before pushing more:
    /// what was not asked for stays in memory.
    pub fn push(&mut self, bytes: &[u8]) {
        self.buffer.drain(..self.at.min(self.buffer.len()));
        self.looked = self.looked.saturating_sub(self.at);
        self.at = 0;
        self.buffer.extend_from_slice(bytes);
    }

    /// Says that no more bytes come. Ask for [`next_run`](Self::next_run) again: behind a record that is not whole there
    /// may be others, if a part of the file was lost.
    pub fn close(&mut self) {
        self.closed = true;
    }

    /// Whether the file is a bundle of this community, in this version.
    pub fn is_ours(&self) -> bool {
        matches!(self.stage, Stage::Records | Stage::Ended)
    }

    /// The next run and its topic, not yet believed; `None` when more bytes are needed, and at the end.
    ///
    /// # Errors
    /// That it is no bundle which is read here. Nothing more comes of this file then. Of any other fault
    /// [`finish`](Self::finish) tells: what is whole behind it counts.
    pub fn next_run(&mut self) -> Result<Option<(TopicTag, Run)>, BundleError> {
        if self.stage == Stage::Head {
            match self.read_head() {
                Ok(true) => self.stage = Stage::Records,
                Ok(false) => return Ok(None),
                Err(error) => {
                    self.stage = Stage::Failed;
                    return Err(error);
                }
            }
        }
        while self.stage == Stage::Records {
            let Some((kind, length)) = self.next_record() else { return Ok(None) };
            let content = self.buffer.get(self.at + HEAD..self.at + HEAD + length).unwrap_or_default();
            match kind {
                ONE_RUN => match read_run(content, self.community) {
                    Ok(found) => {
                        self.pass(length);
                        return Ok(Some(found));
                    }
                    Err(error) => self.note(error.into()),
                },
                END => {
                    let digest = content.to_vec();
                    self.advance(HEAD);
                    if self.hash.finalize().as_bytes().as_slice() == digest {
                        self.at += length;
                        self.stage = Stage::Ended;
                    } else {
                        // One in a hole is no end: what comes behind it is read.
                        self.note(BundleError::Digest);
                        self.advance(length);
                    }
                    continue;
                }
                _ => {}
            }
            self.pass(length);
        }
        Ok(None)
    }

    /// Goes on behind a record, if another one begins there. Else bytes of it were lost or put in, and the next may begin
    /// within what was taken for a part of it; what is found there is not looked through again.
    fn pass(&mut self, length: usize) {
        let end = self.at.saturating_add(HEAD + length);
        let behind = self.buffer.get(end..).unwrap_or_default();
        let there = behind.len().min(MARK.len());
        if behind.get(..there) == MARK.get(..there) || self.at < self.looked {
            self.advance(HEAD + length);
        } else {
            self.looked = end;
            self.advance(HEAD);
        }
    }

    /// Says how the file ended, after [`close`](Self::close).
    ///
    /// # Errors
    /// What was wrong with it first.
    pub fn finish(&self) -> Result<(), BundleError> {
        let left = self.buffer.len().saturating_sub(self.at);
        match (self.stage, self.fault) {
            (Stage::Head, _) if self.buffer.is_empty() => Err(BundleError::Empty),
            (Stage::Head, _) => Err(BundleError::Truncated),
            (_, Some(fault)) => Err(fault),
            (Stage::Records, None) => Err(BundleError::Truncated),
            (Stage::Ended, None) if left > 0 => Err(BundleError::Trailing { bytes: left }),
            (Stage::Ended | Stage::Failed, None) => Ok(()),
        }
    }

    /// Kind and length of the record that begins at the next byte, once it is there as a whole. What is none is passed
    /// over; the work grows with the bytes, whatever they are.
    fn next_record(&mut self) -> Option<(u8, usize)> {
        loop {
            let rest = self.buffer.get(self.at..).unwrap_or_default();
            match record(rest) {
                // Whether another record follows says whether all of it is there.
                Begins::Whole { kind, length }
                    if kind != END && !self.closed && rest.len() < HEAD + length + MARK.len() =>
                {
                    return None;
                }
                Begins::Whole { kind, length } => {
                    self.searching = false;
                    return Some((kind, length));
                }
                Begins::Short if !self.closed => return None,
                // Where no record follows, the file was cut here, and is no damaged one.
                Begins::Short => {
                    let later = whole_in(rest.get(1..).unwrap_or_default())?;
                    self.note(FrameError::Short.into());
                    self.advance(1 + later);
                }
                Begins::Not(fault) => self.search(fault),
            }
        }
    }

    /// Goes on to the next place where a record may begin.
    fn search(&mut self, fault: FrameError) {
        if !std::mem::replace(&mut self.searching, true) {
            self.note(fault.into());
        }
        let behind = self.buffer.get(self.at + 1..).unwrap_or_default();
        // The end may hold the beginning of a mark.
        let kept = if self.closed { 0 } else { MARK.len() - 1 };
        let most = behind.len().saturating_sub(kept);
        let found = find(behind).filter(|_| !Rule::Resync.is_left_out());
        let next = found.unwrap_or(most).min(behind.len());
        self.advance(1 + next);
    }

    fn note(&mut self, fault: BundleError) {
        self.fault.get_or_insert(fault);
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
        Ok(true)
    }

    /// Passes over bytes that were read.
    fn advance(&mut self, used: usize) {
        let end = self.at.saturating_add(used);
        self.hash.update(self.buffer.get(self.at..end).unwrap_or_default());
        self.at = end;
    }
}

/// What begins here.
enum Begins {
    Whole { kind: u8, length: usize },
    Short,
    Not(FrameError),
}

fn record(bytes: &[u8]) -> Begins {
    let there = bytes.len().min(MARK.len());
    if bytes.get(..there) != MARK.get(..there) {
        return Begins::Not(FrameError::Value {
            what: "a mark",
            got: bytes.first().copied().unwrap_or_default().into(),
        });
    }
    let mut from = Reader::new(bytes.get(there..).unwrap_or_default());
    let head = from.byte().and_then(|kind| Ok((kind, u32::from_be_bytes(from.array()?), from.array()?)));
    let Ok((kind, length, told)) = head else { return Begins::Short };
    let limit = limits::RUN as u64;
    if check(kind, length) != told {
        return Begins::Not(FrameError::Value { what: "a record's check", got: kind.into() });
    }
    if u64::from(length) > limit || (kind == END && length as usize != DIGEST) {
        return Begins::Not(FrameError::TooMany { what: "bytes of a record", got: length.into(), limit });
    }
    if from.left() < length as usize { Begins::Short } else { Begins::Whole { kind, length: length as usize } }
}

/// Where the next record is whole, if one is.
fn whole_in(bytes: &[u8]) -> Option<usize> {
    let mut from = 0;
    loop {
        from += find(bytes.get(from..)?)?;
        if matches!(record(bytes.get(from..)?), Begins::Whole { .. }) {
            return Some(from);
        }
        from += 1;
    }
}

/// The next place that looks like a record's beginning.
fn find(bytes: &[u8]) -> Option<usize> {
    bytes.windows(MARK.len()).position(|window| window == MARK)
}

fn read_run(content: &[u8], community: CommunityId) -> Result<(TopicTag, Run), FrameError> {
    let mut from = Reader::new(content);
    let topic = TopicTag::from_bytes(from.array()?);
    let run = Learned::default().read(&mut from, community, topic)?;
    from.end()?;
    Ok((topic, run))
}

/// Nothing where only more bytes are needed.
fn enough<T>(read: Result<T, FrameError>) -> Result<Option<T>, FrameError> {
    match read {
        Ok(read) => Ok(Some(read)),
        Err(FrameError::Short) => Ok(None),
        Err(error) => Err(error),
    }
}
