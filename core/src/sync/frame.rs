//! The frames of a session: their layout, written and read.
//!
//! What it must say to be read; when it is said, and what else may stand in it, is in `core/FORMAT.md`. Every frame is
//! preceded on the stream by its length (see [`Framer`](super::Framer)) and is at most [`limits::FRAME`] bytes long.
//!
//! # Notation
//! `u8` one byte; `varint` an unsigned number in LEB128, at most 64 bits, shortest form only; `x:8` eight bytes;
//! `*` as many as there are until the frame ends. Lists are strictly ascending where this page says *sorted*.
//! Whatever does not fit the layout to the last byte ends the session.
//!
//! An **entry** is `log:16, seq varint, short:16`, both ids at full length: they are compared with stored ids for equality, and
//! whoever finds two that look equal makes two replicas differ for good. One whose seq is 2^63 or more is a
//! [hole](crate::event::Entry::hole): it says of the log that bodies are missing, and names no event.
//!
//! A **topic** is one byte: its place, from 0, in the hello of whoever sends the frame.
//!
//! # Kinds
//!
//! | byte 0 | frame | layout of the rest |
//! |---|---|---|
//! | 0 | hello | version varint, community:16, device:32, nonce:8, digest:16, count u8, tag:4 × count |
//! | 1 | compare | more u8 (0 or 1), bytes* |
//! | 3 | done | topic |
//! | 4 | runs | topic, run* (at least one) |
//! | 5 | part | bytes* (at least one) |
//! | 6 | last part | bytes* (at least one) |
//! | 7 | ack | why u8, count varint at least 1 |
//! | 8 | announce | topic, entry* sorted (at least one) |
//! | 9 | pull | topic, (log:16, count varint, (seq varint, short:16) × count sorted)* sorted (at least one) |
//! | 10 | ping | nothing |
//! | 11 | pong | nothing |
//! | 12 | elsewhere | an address: 1 to 256 bytes of UTF-8 |
//! | from 64 | of a newer version | anything |
//!
//! **hello** is the first frame of either side and is never repeated. `community` is the first 16 bytes of its id,
//! `tag` the first 4 of the topic's. Topics stand in the order of sync, at most [`limits::TOPICS`]; the sender wants these, and
//! topics that both want are synced. A later version says a greater number and may say more behind the tags: both go on
//! in the smaller version. `nonce` is random. `digest` is the first 16 bytes of BLAKE3 derive_key
//! `linli 2026 sync digest v2` over all topics in this order, each as its tag:16, the number of its entries as u64
//! big-endian, and its entries, sorted, each as log:16, seq:8 big-endian, short:16. Where both want the same topics in the same
//! order and the digests are equal, all is in step and nothing else is said. With five topics a hello has 95 bytes, 96
//! with its length.
//!
//! **Comparing** else, on the vectors of which the hellos spoke, of all shared topics together. The smaller device
//! speaks first; then each answers the other's message. The bytes of a message are those of its *compare* frames, joined;
//! `more` is 1 in all of them but the last. A message speaks of nodes of a tree: all entries, the 16 parts by the first
//! nibble of the log, each part's by the second, and so on, six deep at most. It is a list of parts, sorted by node:
//!
//! | field | layout |
//! |---|---|
//! | node | u8: depth × 4 + what; then the nibbles, two to a byte, the last low half zero if they are odd |
//! | what 0: digests | digest:8 × 16, one for each child |
//! | what 1: list | count varint, (topic, entry) × count sorted by entry: all in this node |
//! | what 2: answer to a list | a bit for each entry of it, lowest bit first, in as many bytes as needed: 1 where it is held here too; then, as a list, what is held here beside |
//!
//! `digest` is the first 8 bytes of BLAKE3 keyed with derive_key `linli 2026 sync key v2` over both nonces, the smaller
//! device's first, over the entries as above. The first message speaks of the whole tree. To digests the answer
//! speaks of each child that differs; to a list there is one answer. A message that only answers lists is the last, and so
//! is one that says nothing which must be answered. Then both know what the other holds. Who speaks chooses: a list where a
//! node has at most 16 entries, digests else; a list up to 64 where half of the children differ. A list
//! may also name where an earlier session with the same peer broke off within a run: the last event
//! that came, beside the heads that are held. The peer goes on behind it.
//!
//! **runs**, **part**, **last part** carry events. The bytes of all *part* frames up to and with the *last part*,
//! joined, are what follows byte 0 of a *runs* frame that carries one run; no other events come between. A run:
//!
//! | field | layout |
//! |---|---|
//! | log | varint: 0, then the log:16, which takes the next number from 1; else the number of a log named before |
//! | first | varint: the seq of its first event |
//! | shape | varint: events (1 to 32) × 4 + (2 if the header's community is zero) + (1 if the header follows) |
//! | header | if it follows: device:32, incarnation:8; the topic is the frame's, the community the session's or zero |
//! | events | each: epoch varint: 0, then the id:16, which takes the next number from 2; 1 for none (zero); else a number |
//! | | then body varint: length × 2, then as many bytes; or 1, then the hash:32 of a body that was erased |
//! | signature | 64 bytes, over the last event's id |
//!
//! Numbers are given by the sender of the run, for one session and direction, to the first [`limits::NUMBERS`] logs and
//! epochs; later ones stay 0 and are spelled out each time. What has a number is never spelled out again. The header follows
//! where the sender believes that the receiver lacks the log. Topics are served in the order of the hello: no run of a later
//! topic while an earlier one has runs waiting, none but of the first topic while runs of the first are unacknowledged. Runs
//! of one log come in ascending order; runs of several in the order in which the sender stored their last events, but what
//! leads to none of the heads that cuts name of a log with several branches, last.
//!
//! **ack** answers the oldest `count` unanswered runs. `why` is 0 where they were committed, else they were refused:
//! 1 what they build on is not there, 2 of a stranger, 3 beyond a cut, 4 of a silenced log, 5 a body is gone that no
//! erasure names there, 6 there is no room; any other is a reason of a newer version. The sender holds a refused log
//! back until it is pulled. At most [`limits::UNACKNOWLEDGED`] bytes of runs are
//! unanswered, a chunk more where an earlier topic overtakes a later one; a single run may be larger.
//!
//! **done** says that all was sent which comparing found; once for each topic that differed.
//! **announce** says what the sender has beside what the receiver is known to have; **pull** asks for logs, and
//! says what of each is there (at most [`limits::BRANCHES`] heads, or the end of what came and was refused). Nothing answers a pull
//! that finds nothing. The smaller device gathers news for [`limits::ANNOUNCE_MS`] before it announces, the greater twice
//! as long, so that what a third told both is announced once between them.
//!
//! **ping** asks for a sign of life; **pong** gives it, unless anything else was said since. Neither puts off the time
//! within which an answer is owed. **elsewhere** says, as the first frame or later, where the community is kept by the
//! same relay device; it ends the session. Whoever hears it from another device than a relay of the roster ignores it,
//! and goes elsewhere once for one conversation.
//!
//! Kinds from [`NEWER`] on are a newer version's: they are skipped, at most [`limits::SKIPPED`] bytes of them in one
//! session. An unknown kind below it ends the session.
//!
//! Examples, byte for byte, stand in `core/FORMAT.md`; a test holds this code to them.

use super::words::Refusal;
pub use super::words::Wanted;
use super::{
    FrameError,
    bytes::{Reader, put_varint},
    entries::Whole,
};
use crate::{
    event::Entry,
    id::{DeviceId, LogId, ShortId},
    limits,
};

/// The version of the protocol that this build speaks.
pub const VERSION: u64 = 2;
/// The first kind of frame that a version may add which older ones skip.
pub const NEWER: u8 = 64;
/// Bytes of a nonce.
pub const NONCE: usize = 8;
/// A frame, without its length. Runs are left as bytes, because their numbers depend on what went before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Frame<'a> {
    /// Who speaks, and what of.
    Hello {
        /// The version that both can go on in.
        version: u64,
        /// The first 16 bytes of the community's id.
        community: [u8; 16],
        /// The device that speaks.
        device: DeviceId,
        /// A half of what keys the digests of this conversation.
        nonce: [u8; NONCE],
        /// The digest of all that is held.
        digest: Whole,
        /// What is wanted, in the order of sync: the first 4 bytes of each tag.
        topics: Vec<[u8; 4]>,
    },
    /// A piece of what is held where.
    Compare {
        /// Whether more of the message follows.
        more: bool,
        /// The piece of the message.
        bytes: &'a [u8],
    },
    /// All was sent that comparing found.
    Done {
        /// The sender's number of the topic.
        topic: u8,
    },
    /// Runs of one topic, whole.
    Runs {
        /// The topic and the runs.
        bytes: &'a [u8],
    },
    /// A part of one run.
    Part {
        /// What is to be joined.
        bytes: &'a [u8],
        /// Whether it is the last.
        last: bool,
    },
    /// The oldest runs are answered.
    Ack {
        /// How many runs this answers, the oldest first.
        runs: u64,
        /// Why they were refused, if they were.
        refused: Option<Refusal>,
    },
    /// News of others' events.
    Announce {
        /// The sender's number of the topic.
        topic: u8,
        /// The news, in ascending order.
        entries: Vec<Entry>,
    },
    /// Asks for logs.
    Pull {
        /// The sender's number of the topic.
        topic: u8,
        /// Sorted by log.
        logs: Vec<Wanted>,
    },
    /// A question for a sign of life.
    Ping,
    /// The sign of life that was asked for.
    Pong,
    /// The community is kept elsewhere.
    Elsewhere {
        /// Where: host and port, as in the roster.
        address: &'a str,
    },
    /// A frame of a newer version, to be skipped.
    Newer {
        /// The number of its kind.
        kind: u8,
        /// How long it is.
        bytes: usize,
    },
}

impl Frame<'_> {
    /// What it is called.
    pub fn name(&self) -> &'static str {
        match self {
            Frame::Hello { .. } => "hello",
            Frame::Compare { .. } => "compare",
            Frame::Done { .. } => "done",
            Frame::Runs { .. } => "runs",
            Frame::Part { .. } => "part",
            Frame::Ack { .. } => "ack",
            Frame::Announce { .. } => "announce",
            Frame::Pull { .. } => "pull",
            Frame::Ping => "ping",
            Frame::Pong => "pong",
            Frame::Elsewhere { .. } => "elsewhere",
            Frame::Newer { .. } => "a newer frame",
        }
    }

    /// Writes the frame, without its length.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = Vec::new();
        match self {
            Frame::Hello { version, community, device, nonce, digest, topics } => {
                out.push(0);
                put_varint(&mut out, *version);
                out.extend_from_slice(community);
                out.extend_from_slice(device.as_bytes());
                out.extend_from_slice(nonce);
                out.extend_from_slice(digest);
                out.push(u8::try_from(topics.len()).unwrap_or(u8::MAX));
                out.extend(topics.iter().flatten());
            }
            Frame::Compare { more, bytes } => {
                out.extend_from_slice(&[1, u8::from(*more)]);
                out.extend_from_slice(bytes);
            }
            Frame::Done { topic } => out.extend_from_slice(&[3, *topic]),
            Frame::Runs { bytes } => {
                out.push(4);
                out.extend_from_slice(bytes);
            }
            Frame::Part { bytes, last } => {
                out.push(5 + u8::from(*last));
                out.extend_from_slice(bytes);
            }
            Frame::Ack { runs, refused } => {
                out.extend_from_slice(&[7, refused.map_or(0, why)]);
                put_varint(&mut out, *runs);
            }
            Frame::Announce { topic, entries } => {
                out.extend_from_slice(&[8, *topic]);
                entries.iter().for_each(|entry| put_entry(&mut out, entry));
            }
            Frame::Pull { topic, logs } => {
                out.extend_from_slice(&[9, *topic]);
                logs.iter().for_each(|wanted| put_wanted(&mut out, wanted));
            }
            Frame::Ping => out.push(10),
            Frame::Pong => out.push(11),
            Frame::Elsewhere { address } => {
                out.push(12);
                out.extend_from_slice(address.as_bytes());
            }
            Frame::Newer { kind, bytes } => {
                out.push(*kind);
                out.resize(*bytes, 0);
            }
        }
        out
    }
}

impl<'a> Frame<'a> {
    /// Reads one. Costs no more than the bytes are long.
    ///
    /// # Errors
    /// The first thing that does not fit the layout.
    pub fn from_bytes(bytes: &'a [u8]) -> Result<Self, FrameError> {
        at_most("bytes in a frame", bytes.len(), limits::FRAME)?;
        let mut from = Reader::new(bytes);
        let kind = from.byte().map_err(|_| FrameError::Empty)?;
        let frame = match kind {
            0 => {
                at_most("bytes in a hello", bytes.len(), limits::HELLO)?;
                hello(&mut from)?
            }
            1 => Frame::Compare { more: flag("more", from.byte()?)?, bytes: from.rest() },
            3 => Frame::Done { topic: from.byte()? },
            4 => Frame::Runs { bytes: some(from.rest())? },
            5 | 6 => Frame::Part { bytes: some(from.rest())?, last: kind == 6 },
            7 => {
                let (code, runs) = (from.byte()?, from.varint()?);
                if runs == 0 {
                    return Err(FrameError::Value { what: "the number of runs", got: 0 });
                }
                Frame::Ack { runs, refused: refusal(code) }
            }
            8 => {
                let topic = from.byte()?;
                Frame::Announce { topic, entries: at_least_one(entries(&mut from)?)? }
            }
            9 => {
                let topic = from.byte()?;
                Frame::Pull { topic, logs: at_least_one(wanted(&mut from)?)? }
            }
            10 => Frame::Ping,
            11 => Frame::Pong,
            12 => Frame::Elsewhere { address: address(from.rest())? },
            kind if kind >= NEWER => Frame::Newer { kind, bytes: from.rest().len().saturating_add(1) },
            kind => return Err(FrameError::Kind { kind }),
        };
        from.end()?;
        Ok(frame)
    }
}

fn hello<'a>(from: &mut Reader<'_>) -> Result<Frame<'a>, FrameError> {
    let theirs = from.varint()?;
    if theirs < VERSION {
        return Err(FrameError::Version { ours: VERSION, theirs });
    }
    let (community, device) = (from.array()?, DeviceId::from_bytes(from.array()?));
    let (nonce, digest) = (from.array()?, from.array()?);
    let count = usize::from(from.byte()?);
    at_most("topics", count, limits::TOPICS)?;
    let mut topics: Vec<[u8; 4]> = Vec::new();
    for _ in 0..count {
        let tag = from.array()?;
        if topics.contains(&tag) {
            return Err(FrameError::Order);
        }
        topics.push(tag);
    }
    if theirs > VERSION {
        // What a newer version says beside is for its like.
        from.rest();
    }
    Ok(Frame::Hello { version: VERSION, community, device, nonce, digest, topics })
}

pub(super) fn put_entry(out: &mut Vec<u8>, entry: &Entry) {
    out.extend_from_slice(entry.log.as_bytes());
    put_varint(out, entry.seq);
    out.extend_from_slice(entry.short.as_bytes());
}

pub(super) fn read_entry(from: &mut Reader<'_>) -> Result<Entry, FrameError> {
    let log = LogId::from_bytes(from.array()?);
    Ok(Entry { log, seq: from.varint()?, short: ShortId::from_bytes(from.array()?) })
}

fn entries(from: &mut Reader<'_>) -> Result<Vec<Entry>, FrameError> {
    let mut entries: Vec<Entry> = Vec::new();
    while !from.is_empty() {
        let entry = read_entry(from)?;
        if entries.last().is_some_and(|before| *before >= entry) {
            return Err(FrameError::Order);
        }
        entries.push(entry);
    }
    Ok(entries)
}

fn put_wanted(out: &mut Vec<u8>, wanted: &Wanted) {
    out.extend_from_slice(wanted.log.as_bytes());
    put_varint(out, wanted.have.len() as u64);
    for entry in &wanted.have {
        put_varint(out, entry.seq);
        out.extend_from_slice(entry.short.as_bytes());
    }
}

fn wanted(from: &mut Reader<'_>) -> Result<Vec<Wanted>, FrameError> {
    let mut logs: Vec<Wanted> = Vec::new();
    while !from.is_empty() {
        let log = LogId::from_bytes(from.array()?);
        if logs.last().is_some_and(|before| before.log >= log) {
            return Err(FrameError::Order);
        }
        let (count, limit) = (from.varint()?, limits::BRANCHES as u64);
        if count > limit {
            return Err(FrameError::TooMany { what: "heads", got: count, limit });
        }
        let mut have: Vec<Entry> = Vec::new();
        for _ in 0..count {
            let entry = Entry { log, seq: from.varint()?, short: ShortId::from_bytes(from.array()?) };
            if have.last().is_some_and(|before| *before >= entry) {
                return Err(FrameError::Order);
            }
            have.push(entry);
        }
        logs.push(Wanted { log, have });
    }
    Ok(logs)
}

/// The number of a reason. What a peer is never told has the number of a reason of a newer version.
fn why(refusal: Refusal) -> u8 {
    match refusal {
        Refusal::Gap => 1,
        Refusal::Stranger => 2,
        Refusal::Beyond => 3,
        Refusal::Silenced => 4,
        Refusal::Unnamed => 5,
        Refusal::Full => 6,
        Refusal::Unknown | Refusal::Invalid { .. } => u8::MAX,
    }
}

fn refusal(code: u8) -> Option<Refusal> {
    Some(match code {
        0 => return None,
        1 => Refusal::Gap,
        2 => Refusal::Stranger,
        3 => Refusal::Beyond,
        4 => Refusal::Silenced,
        5 => Refusal::Unnamed,
        6 => Refusal::Full,
        _ => Refusal::Unknown,
    })
}

fn address(bytes: &[u8]) -> Result<&str, FrameError> {
    at_most("bytes of an address", some(bytes)?.len(), limits::ADDRESS)?;
    let broken = |error: std::str::Utf8Error| FrameError::Value {
        what: "a byte of an address",
        got: bytes.get(error.valid_up_to()).copied().unwrap_or_default().into(),
    };
    std::str::from_utf8(bytes).map_err(broken)
}

fn at_least_one<T>(list: Vec<T>) -> Result<Vec<T>, FrameError> {
    if list.is_empty() { Err(FrameError::Short) } else { Ok(list) }
}

fn some(bytes: &[u8]) -> Result<&[u8], FrameError> {
    if bytes.is_empty() { Err(FrameError::Short) } else { Ok(bytes) }
}

fn flag(what: &'static str, byte: u8) -> Result<bool, FrameError> {
    match byte {
        0 => Ok(false),
        1 => Ok(true),
        other => Err(FrameError::Value { what, got: u64::from(other) }),
    }
}

fn at_most(what: &'static str, got: usize, limit: usize) -> Result<(), FrameError> {
    if got > limit { Err(FrameError::TooMany { what, got: got as u64, limit: limit as u64 }) } else { Ok(()) }
}
