//! What an erasure says: which events are to be forgotten, by their places. It knows nothing of whether it counts.

use minicbor::{Decode, Decoder, Encode};

use super::{
    ClearFact, Need, ReadError, Sealed,
    gaps::{Gaps, Stretch, are_too_many},
};
use crate::{
    event::LogHeader,
    id::{EventId, LAST_PLACE, LogId, Reference, ShortId},
    limits,
};

/// Places of one log that are erased: all from one to another, or all but for gaps.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Encode, Decode)]
#[cbor(array)]
pub struct ErasedSpan {
    /// The log they are places of.
    #[n(0)]
    pub log: LogId,
    /// The first place.
    #[n(1)]
    pub first: u64,
    /// The last place.
    #[n(2)]
    pub last: u64,
    /// The short id of the last event: tells which branch is meant.
    #[n(3)]
    pub check: ShortId,
    /// What of them is not meant; none if all are.
    #[n(4)]
    pub gaps: Option<Gaps>,
}

impl ErasedSpan {
    /// The places that are meant.
    pub fn stretch(&self) -> Stretch<'_> {
        Stretch { first: self.first, last: self.last, gaps: self.gaps.as_ref() }
    }
}

/// One aggregate, with all events of it that the author held.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct ErasedAggregate {
    /// The creating event. Whatever builds on it is erased on arrival, named or not.
    #[n(0)]
    pub creating: Reference,
    /// Where its events stand.
    #[cbor(n(1), default, skip_if = "Vec::is_empty")]
    pub spans: Vec<ErasedSpan>,
}

/// Aggregates are to be forgotten, all events of each.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Erased {
    /// The aggregates that are to be forgotten, with all of their events.
    #[n(0)]
    pub aggregates: Vec<ErasedAggregate>,
    /// Numbers to be kept of them, sealed for the community.
    #[n(1)]
    pub totals: Option<Sealed>,
}

impl Erased {
    /// Its number on the wire, in the topic `erasure`.
    pub const KIND: u16 = 64;
    /// The version in which it is written today.
    pub const VERSION: u16 = 1;
    /// Its stable code.
    pub const CODE: &'static str = "erased";
    /// What its author needs.
    pub const NEED: Need = Need::COORDINATOR;

    /// The payload of the event.
    pub fn encode(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        // A `Vec` takes any length, and derived encodings make no errors of their own.
        let _infallible = minicbor::encode(self, &mut bytes);
        bytes
    }

    /// Reads a payload and checks it. Never panics.
    ///
    /// # Errors
    /// Why it is not what the kind in this version says.
    pub fn read(kind: u16, version: u16, payload: &[u8]) -> Result<Self, ReadError> {
        match (kind, version) {
            (Self::KIND, Self::VERSION) => {}
            (Self::KIND, _) => return Err(ReadError::Version { kind, version }),
            _ => return Err(ReadError::Kind { kind }),
        }
        Self::decode(payload)
    }

    /// What can be read of a later version: it says in these fields what this one says.
    ///
    /// # Errors
    /// [`ReadError::Newer`] if nothing.
    pub fn read_in_part(payload: &[u8]) -> Result<Self, ReadError> {
        Self::decode(payload).map_err(|_| ReadError::Newer)
    }

    fn decode(payload: &[u8]) -> Result<Self, ReadError> {
        let mut from = Decoder::new(payload);
        let erased: Self = from.decode().map_err(|_| ReadError::Malformed("structure"))?;
        if from.position() != payload.len() {
            return Err(ReadError::Malformed("bytes after the end"));
        }
        erased.check()?;
        Ok(erased)
    }

    /// The spans of places that it names, of all aggregates.
    pub fn spans(&self) -> impl Iterator<Item = &ErasedSpan> {
        self.aggregates.iter().flat_map(|aggregate| &aggregate.spans)
    }

    /// Checks what the types cannot say. Judged at the author and at a receiver alike.
    ///
    /// # Errors
    /// [`ReadError::Malformed`] with the first rule that is broken.
    pub fn check(&self) -> Result<(), ReadError> {
        if self.aggregates.is_empty() || self.aggregates.len() > limits::ERASED_SPANS {
            return Err(ReadError::Malformed("number of aggregates"));
        }
        if self.spans().any(|span| span.last < span.first) {
            return Err(ReadError::Malformed("a span ends before it begins"));
        }
        if self.spans().any(|span| span.last > LAST_PLACE) {
            return Err(ReadError::Malformed("a place that no log has"));
        }
        let gaps = |span: &ErasedSpan| span.gaps.as_ref().map_or(Some(0), |gaps| gaps.count(span.first, span.last));
        let gaps: Option<usize> = self.spans().map(gaps).sum();
        let gaps = gaps.ok_or(ReadError::Malformed("gaps of a span"))?;
        if are_too_many(self.spans().count(), gaps) {
            return Err(ReadError::Malformed("number of spans"));
        }
        if self.totals.as_ref().is_some_and(|totals| totals.bytes.len() > limits::FIELD) {
            return Err(ReadError::Malformed("length of the totals"));
        }
        Ok(())
    }
}

/// One readable event of the topic `erasure`, counted or not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ErasureFact {
    /// The log it stands in.
    pub log: LogHeader,
    /// Its place in the log.
    pub seq: u64,
    /// Its id: the chain hash.
    pub id: EventId,
    /// What it says.
    pub erased: Erased,
    /// Whether only a later build reads it whole: then it is obeyed as far as it can be read, and shown.
    pub newer: bool,
    /// Bytes of its body as it is stored.
    pub size: u64,
}

impl ClearFact for ErasureFact {
    fn log(&self) -> &LogHeader {
        &self.log
    }

    fn seq(&self) -> u64 {
        self.seq
    }

    fn id(&self) -> EventId {
        self.id
    }

    fn size(&self) -> u64 {
        self.size
    }
}

impl ErasureFact {
    /// How other events name it.
    pub fn reference(&self) -> Reference {
        Reference { log: self.log.id(), seq: self.seq, check: self.id.short() }
    }

    /// How many aggregates it names, and spans of places.
    pub fn things(&self) -> usize {
        self.erased.aggregates.len().saturating_add(self.erased.spans().count())
    }
}
