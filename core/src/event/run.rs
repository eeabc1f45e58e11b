//! Runs: consecutive events of one log, chained, up to a signature that proves them all (R3).

use std::sync::Arc;

use super::{Body, BodyError, Header, LogHeader};
use crate::{
    id::{EpochId, EventId, LogId, ShortId},
    key::{DeviceKeys, EpochKey, KeyError, OpenError, Signature, verify},
    limits,
    sabotage::Rule,
};

const CHAIN_CONTEXT: &str = "linli 2026 event chain v2";
const BODY_CONTEXT: &str = "linli 2026 event body v2";
const SIGN_CONTEXT: &str = "linli event v2";

/// Where a log, or one branch of it, ends for somebody: one line of a version vector.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Entry {
    /// The log that ends there.
    pub log: LogId,
    /// The last event's place.
    pub seq: u64,
    /// The first 16 bytes of its id.
    pub short: ShortId,
}

impl Entry {
    /// The one entry of a silenced log, the same on every replica that holds enough of its branches to know (R7). It
    /// stands at no place: whoever says it needs no more of the log.
    pub fn silenced(log: LogId) -> Self {
        Self { log, seq: 0, short: ShortId::from_bytes([0xff; ShortId::LEN]) }
    }

    /// Whether it says that its log is silenced.
    pub fn is_silenced(&self) -> bool {
        *self == Self::silenced(self.log)
    }
}

/// The end of a chain: what the next event builds on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head {
    /// The last event's place.
    pub seq: u64,
    /// The last event's id.
    pub id: EventId,
}

impl Head {
    /// The same as vectors name it.
    pub fn entry(self, log: LogId) -> Entry {
        Entry { log, seq: self.seq, short: self.id.short() }
    }
}

/// What stands in a body's place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content {
    /// The body as its author sealed it, or in the clear where the topic is.
    Here(Arc<[u8]>),
    /// Erased; BLAKE3 of what was there keeps the chain whole (R5).
    Erased([u8; 32]),
}

impl Content {
    /// The hash to which the chain commits.
    pub fn hash(&self) -> [u8; 32] {
        match self {
            Content::Here(bytes) => blake3::derive_key(BODY_CONTEXT, bytes),
            Content::Erased(hash) => *hash,
        }
    }

    /// Bytes that stand in a store for it.
    pub fn stored_len(&self) -> usize {
        match self {
            Content::Here(bytes) => bytes.len(),
            Content::Erased(hash) => hash.len(),
        }
    }
}

/// One event as it travels: all that cannot be derived.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// The epoch key that seals the body; zero where bodies stand in the clear.
    pub epoch: EpochId,
    /// The body, or its hash where it is gone.
    pub content: Content,
}

/// Consecutive events of one log and the signature over the last: not yet believed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Run {
    /// The log that the events stand in.
    pub log: LogId,
    /// The log's header, for a receiver who may not know it.
    pub header: Option<LogHeader>,
    /// The first event's place.
    pub first: u64,
    /// The events; at least one, at most [`limits::SIGNATURE_EVERY`], and none behind a multiple of it.
    pub links: Vec<Link>,
    /// Over the last event's id.
    pub signature: Signature,
}

/// The beginning of a run whose end did not come: nothing proves it yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tail {
    /// The log that the events stand in.
    pub log: LogId,
    /// The first event's place.
    pub first: u64,
    /// The events; at least one.
    pub links: Vec<Link>,
}

/// One event whose chain and signature have been checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verified {
    /// Its place in the log.
    pub seq: u64,
    /// Its id: the chain hash.
    pub id: EventId,
    /// The epoch key that seals the body.
    pub epoch: EpochId,
    /// The body, or its hash where it is gone.
    pub content: Content,
    /// The signature over it, where there is one.
    pub signature: Option<Signature>,
}

/// Consecutive events whose chain and signatures have been checked: all that a store appends.
///
/// There is no way to make one but [`Run::verify`] and [`Writer::append`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifiedRun {
    header: LogHeader,
    parent: Option<Head>,
    events: Vec<Verified>,
}

/// Why a run is turned away. Nothing of it is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EventError {
    /// No events, or more than fit between two kept signatures.
    #[error("a run of {got} events; 1 to {limit} are allowed", limit = limits::SIGNATURE_EVERY)]
    Length {
        /// Events it has.
        got: usize,
    },
    /// The run goes on behind a place whose signature everybody keeps, and so would leave it out.
    #[error("the run goes on behind event {seq}, whose signature is kept")]
    Across {
        /// The place with the signature.
        seq: u64,
    },
    /// The header belongs to another log.
    #[error("the header is not that of log {log:?}")]
    Header {
        /// The log that was named.
        log: LogId,
    },
    /// The run does not follow on what it is said to follow on.
    #[error("event {seq} does not follow on {parent:?}")]
    Parent {
        /// The run's first place.
        seq: u64,
        /// The place of the event before it, if there is one.
        parent: Option<u64>,
    },
    /// A body beyond the limit.
    #[error(transparent)]
    Body(#[from] BodyError),
    /// The signature does not prove these events.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The sealed body does not open.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The place after the greatest.
    #[error("the log is full")]
    Full,
    /// This device has said as much in one aggregate, in the roster or among erasures as it has room for: no more of it
    /// would count there.
    #[error("this device has no room left for more of this: it would not count")]
    Crowded,
}

fn chain(header: &Header, previous: EventId, body: &[u8; 32]) -> EventId {
    let mut hash = blake3::Hasher::new_derive_key(CHAIN_CONTEXT);
    hash.update(&header.to_bytes()).update(previous.as_bytes()).update(body);
    EventId::from_bytes(*hash.finalize().as_bytes())
}

/// What makes an event's nonce unique: device, incarnation, topic tag, seq big-endian.
fn place(header: &Header) -> Vec<u8> {
    [
        header.log.device.as_bytes().as_slice(),
        header.log.incarnation.as_bytes(),
        header.log.topic.as_bytes(),
        &header.seq.to_be_bytes(),
    ]
    .concat()
}

impl Run {
    /// Consecutive events of a log of which the last is signed.
    fn of(header: LogHeader, events: &[Verified]) -> Option<Self> {
        let (first, signature) = (events.first()?.seq, events.last()?.signature?);
        let links = events.iter().map(|event| Link { epoch: event.epoch, content: event.content.clone() }).collect();
        Some(Self { log: header.id(), header: Some(header), first, links, signature })
    }

    /// Checks chain and signature on top of what comes before. One signature check, whatever the length.
    ///
    /// # Errors
    /// Why not one event of it is believed.
    pub fn verify(self, header: LogHeader, parent: Option<Head>) -> Result<VerifiedRun, EventError> {
        self.last(header, parent)?;
        self.verify_on(&self.bodies()?, header, parent)
    }

    /// The hash of each body, to be made once, on however many events the run is tried.
    ///
    /// # Errors
    /// That a body is beyond the limit.
    pub fn bodies(&self) -> Result<Vec<[u8; 32]>, EventError> {
        let hash = |link: &Link| match &link.content {
            Content::Here(bytes) if bytes.len() > limits::SEALED_BODY => {
                Err(BodyError::TooLarge { got: bytes.len(), limit: limits::SEALED_BODY }.into())
            }
            content => Ok(content.hash()),
        };
        self.links.iter().map(hash).collect()
    }

    /// The place of its last event, if it may follow on `parent`.
    fn last(&self, header: LogHeader, parent: Option<Head>) -> Result<u64, EventError> {
        let count = self.links.len();
        if count == 0 || count as u64 > limits::SIGNATURE_EVERY {
            return Err(EventError::Length { got: count });
        }
        if header.id() != self.log || self.header.is_some_and(|given| given != header) {
            return Err(EventError::Header { log: self.log });
        }
        if parent.map_or(Some(0), |parent| parent.seq.checked_add(1)) != Some(self.first) {
            return Err(EventError::Parent { seq: self.first, parent: parent.map(|parent| parent.seq) });
        }
        let last = self.first.checked_add(count as u64 - 1).ok_or(EventError::Full)?;
        // Else an author could hand out a log that nobody can pass on in parts (R3).
        let kept = self.first.div_ceil(limits::SIGNATURE_EVERY).saturating_mul(limits::SIGNATURE_EVERY);
        if kept < last {
            return Err(EventError::Across { seq: kept });
        }
        Ok(last)
    }

    /// The same as [`verify`](Self::verify), with the hashes of its bodies.
    ///
    /// # Errors
    /// Why not one event of it is believed.
    pub fn verify_on(
        &self,
        bodies: &[[u8; 32]],
        header: LogHeader,
        parent: Option<Head>,
    ) -> Result<VerifiedRun, EventError> {
        let last = self.last(header, parent)?;
        if bodies.len() != self.links.len() {
            return Err(EventError::Length { got: bodies.len() });
        }
        let mut previous = parent.map_or(EventId::ZERO, |parent| parent.id);
        let mut events = Vec::with_capacity(self.links.len());
        for ((seq, link), body) in (self.first..=last).zip(&self.links).zip(bodies) {
            let id = chain(&Header { log: header, seq, epoch: link.epoch }, previous, body);
            let content = link.content.clone();
            events.push(Verified { seq, id, epoch: link.epoch, content, signature: None });
            previous = id;
        }
        if !Rule::Signature.is_left_out() {
            verify(header.device, SIGN_CONTEXT, previous.as_bytes(), &self.signature)?;
        }
        if let Some(last) = events.last_mut() {
            last.signature = Some(self.signature);
        }
        Ok(VerifiedRun { header, parent, events })
    }
}

impl Tail {
    /// The place after its last event.
    fn end(&self) -> Option<u64> {
        self.first.checked_add(self.links.len() as u64)
    }

    /// Where it ends, if it follows on `parent`. Whoever wrote it is asked to go on from there.
    pub fn tip(&self, header: &LogHeader, parent: Head) -> Option<Entry> {
        if header.id() != self.log || parent.seq.checked_add(1) != Some(self.first) {
            return None;
        }
        let (seq, places) = (self.end()?.checked_sub(1)?, self.first..);
        let id = places.zip(&self.links).fold(parent.id, |previous, (seq, link)| {
            chain(&Header { log: *header, seq, epoch: link.epoch }, previous, &link.content.hash())
        });
        Some(Entry { log: self.log, seq, short: id.short() })
    }

    /// Whether events of this log from this place on are its continuation.
    pub fn goes_on(&self, log: LogId, first: u64) -> bool {
        self.log == log && self.end() == Some(first)
    }

    /// With what goes on behind it.
    pub fn with(mut self, links: Vec<Link>) -> Self {
        self.links.extend(links);
        self
    }
}

impl VerifiedRun {
    /// What the events share.
    pub fn header(&self) -> &LogHeader {
        &self.header
    }

    /// The event before the first, if there is one.
    pub fn parent(&self) -> Option<Head> {
        self.parent
    }

    /// The events, oldest first; never empty.
    pub fn events(&self) -> &[Verified] {
        &self.events
    }

    /// Puts the hash in the place of each body for which `gone` says so: the chain holds as before (R5).
    pub fn forget(&mut self, mut gone: impl FnMut(&Self, &Verified) -> bool) {
        let gone: Vec<bool> = self.events.iter().map(|event| gone(self, event)).collect();
        for (event, _) in self.events.iter_mut().zip(gone).filter(|(_, gone)| *gone) {
            event.content = Content::Erased(event.content.hash());
        }
    }

    /// The events as they travel, cut behind every kept signature, each part with the header.
    pub fn to_runs(&self) -> Vec<Run> {
        let kept = |event: &Verified| event.seq.is_multiple_of(limits::SIGNATURE_EVERY);
        let parts = self.events.split_inclusive(kept);
        parts.filter_map(|part| Run::of(self.header, part)).collect()
    }
}

impl Verified {
    /// Opens and decodes the body.
    ///
    /// # Errors
    /// That it does not open, or what is wrong with it. An erased body does not open.
    pub fn open(&self, log: &LogHeader, key: Option<&EpochKey>) -> Result<Body, EventError> {
        let Content::Here(bytes) = &self.content else { return Err(OpenError.into()) };
        open(&Header { log: *log, seq: self.seq, epoch: self.epoch }, bytes, key)
    }
}

/// Opens and decodes a body as it is stored. Without a key the body is taken to stand in the clear. One that only a later
/// build reads whole says what can be read, with the version [`Body::UNREAD`].
///
/// # Errors
/// That it does not open, or what is wrong with it.
pub fn open(header: &Header, bytes: &[u8], key: Option<&EpochKey>) -> Result<Body, EventError> {
    let Some(key) = key else { return Ok(Body::from_bytes_in_part(bytes, header.log.id())?) };
    let plain = key.open(header.log.topic, &place(header), &header.to_bytes(), bytes)?;
    Ok(Body::from_bytes_in_part(&plain, header.log.id())?)
}

/// Writes events at the end of one's own log: seals, chains, signs.
#[derive(Debug)]
pub struct Writer<'a> {
    keys: &'a DeviceKeys,
    header: LogHeader,
    parent: Option<Head>,
    events: Vec<Verified>,
}

impl<'a> Writer<'a> {
    /// Starts after `head`. The log must be this device's.
    pub fn new(keys: &'a DeviceKeys, header: LogHeader, head: Option<Head>) -> Self {
        Self { keys, header, parent: head, events: Vec::new() }
    }

    /// Adds one event and returns its place and id. `key` is none where bodies stand in the clear.
    ///
    /// # Errors
    /// The limit the body passes; nothing is added then.
    pub fn append(&mut self, body: &Body, key: Option<&EpochKey>) -> Result<Head, EventError> {
        let head = self.events.last().map_or(self.parent, |last| Some(Head { seq: last.seq, id: last.id }));
        let seq = head.map_or(Some(0), |head| head.seq.checked_add(1)).ok_or(EventError::Full)?;
        let header = Header { log: self.header, seq, epoch: key.map_or(EpochId::ZERO, EpochKey::id) };
        let plain = body.to_bytes(self.header.id())?;
        let sealed = match key {
            Some(key) => key.seal(header.log.topic, &place(&header), &header.to_bytes(), &plain),
            None => plain,
        };
        if sealed.len() > limits::SEALED_BODY {
            return Err(BodyError::TooLarge { got: sealed.len(), limit: limits::SEALED_BODY }.into());
        }
        let content = Content::Here(sealed.into());
        let id = chain(&header, head.map_or(EventId::ZERO, |head| head.id), &content.hash());
        let signature = seq.is_multiple_of(limits::SIGNATURE_EVERY).then(|| self.sign(id));
        self.events.push(Verified { seq, id, epoch: header.epoch, content, signature });
        Ok(Head { seq, id })
    }

    /// Signs the last event and hands all over; `None` if nothing was added.
    pub fn finish(mut self) -> Option<VerifiedRun> {
        let id = self.events.last()?.id;
        let signature = self.sign(id);
        self.events.last_mut()?.signature = Some(signature);
        Some(VerifiedRun { header: self.header, parent: self.parent, events: self.events })
    }

    fn sign(&self, id: EventId) -> Signature {
        self.keys.sign(SIGN_CONTEXT, id.as_bytes())
    }
}
