//! Erasures (R5): what a coordinator says is to be forgotten, and the one answer that all such events give together.
//!
//! An `erased` event stands in the clear, so that a relay obeys it too: it names creating events and places in logs
//! and refuses to know what stood there. That the body of a place may be gone follows from such an event alone.

use std::{collections::BTreeSet, sync::Arc};

use minicbor::{Decode, Decoder, Encode};

use super::{About, Chains, Need, ReadError, Roster, Sealed, Verdict};
use crate::{
    count::{self, Work},
    event::LogHeader,
    id::{LAST_PLACE, LogId, Reference, ShortId},
    limits,
    sabotage::Rule,
};

/// Consecutive places of one log, all of which are erased.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Encode, Decode)]
#[cbor(array)]
pub struct ErasedSpan {
    /// The log.
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
    /// Which.
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

    /// The payload.
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

    /// Checks what the types cannot say. Judged at the author and at a receiver alike.
    ///
    /// # Errors
    /// [`ReadError::Malformed`] with the first rule that is broken.
    pub fn check(&self) -> Result<(), ReadError> {
        let spans = || self.aggregates.iter().flat_map(|aggregate| &aggregate.spans);
        if self.aggregates.is_empty() || self.aggregates.len() > limits::ERASED_SPANS {
            return Err(ReadError::Malformed("number of aggregates"));
        }
        if spans().count() > limits::ERASED_SPANS {
            return Err(ReadError::Malformed("number of spans"));
        }
        if spans().any(|span| span.last < span.first) {
            return Err(ReadError::Malformed("a span ends before it begins"));
        }
        if spans().any(|span| span.last > LAST_PLACE) {
            return Err(ReadError::Malformed("a place that no log has"));
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
    /// Its log.
    pub log: LogHeader,
    /// Its place in the log.
    pub seq: u64,
    /// Its id.
    pub id: crate::id::EventId,
    /// What it says.
    pub erased: Erased,
    /// Whether only a later build reads it whole: then it is obeyed as far as it can be read, and shown.
    pub newer: bool,
}

impl ErasureFact {
    /// How other events name it.
    pub fn reference(&self) -> Reference {
        Reference { log: self.log.id(), seq: self.seq, check: self.id.short() }
    }
}

/// A span, by whom it is named, and whether that counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Naming {
    /// The places.
    pub span: ErasedSpan,
    /// The aggregate they are said to belong to.
    pub creating: Reference,
    /// The erasure.
    pub by: Reference,
    /// Whether it counts; else its author is cut before it. A body may be gone for it all the same.
    pub counts: bool,
}

impl Naming {
    /// Comes before all others.
    const LEAST: Self = {
        let (log, check) = (LogId::from_bytes([0; LogId::LEN]), ShortId::from_bytes([0; ShortId::LEN]));
        let nothing = Reference { log, seq: 0, check };
        Self { span: ErasedSpan { log, first: 0, last: 0, check }, creating: nothing, by: nothing, counts: false }
    };
}

/// What all erasures together say. The default forgets nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Erasures {
    creating: BTreeSet<Reference>,
    counted: BTreeSet<Reference>,
    /// By log and last place.
    spans: BTreeSet<(LogId, u64, Naming)>,
}

impl Erasures {
    /// Folds the set of erasures: any order, duplicates welcome. Those of others than coordinators say nothing, and those in
    /// logs that are silenced do not count.
    pub fn fold(
        facts: &[ErasureFact],
        roster: &Roster,
        silenced: impl Fn(&LogHeader) -> bool,
        chains: &dyn Chains,
    ) -> Arc<Self> {
        let mut erasures = Self::default();
        for fact in facts {
            count::note(Work::Folded, 1);
            let verdict = roster.verdict(&fact.log, fact.seq, fact.id, chains);
            let standing = roster.standing(&fact.log, fact.seq, fact.id, &About::default(), chains);
            if verdict != Verdict::Stranger && (standing.may(Erased::NEED) || Rule::ErasureNeed.is_left_out()) {
                erasures.add(fact, verdict == Verdict::Counts && !silenced(&fact.log));
            }
        }
        Arc::new(erasures)
    }

    fn add(&mut self, fact: &ErasureFact, counts: bool) {
        let by = fact.reference();
        for ErasedAggregate { creating, spans } in &fact.erased.aggregates {
            if counts {
                self.creating.insert(*creating);
                self.counted.insert(by);
            }
            for span in spans {
                let naming = Naming { span: *span, creating: *creating, by, counts };
                self.spans.insert((span.log, span.last, naming));
            }
        }
    }

    /// Whether nothing was ever erased.
    pub fn is_empty(&self) -> bool {
        self.creating.is_empty() && self.spans.is_empty()
    }

    /// Whether an aggregate is erased, by the reference of its creating event.
    pub fn is_erased(&self, creating: Reference) -> bool {
        self.creating.contains(&creating)
    }

    /// The aggregates that are erased.
    pub fn creating(&self) -> &BTreeSet<Reference> {
        &self.creating
    }

    /// The erasures that count.
    pub fn counted(&self) -> &BTreeSet<Reference> {
        &self.counted
    }

    /// All namings, those that do not count too.
    pub fn namings(&self) -> impl Iterator<Item = &Naming> {
        self.spans.iter().map(|(.., naming)| naming)
    }

    /// The namings that stand in one and not in the other.
    pub fn differing<'a>(&'a self, other: &'a Self) -> impl Iterator<Item = &'a Naming> {
        self.spans.symmetric_difference(&other.spans).map(|(.., naming)| naming)
    }

    /// The namings of a place, on whichever branch.
    pub fn at(&self, log: LogId, seq: u64) -> impl Iterator<Item = &Naming> {
        // Spans that end before the place cannot contain it.
        let first = (log, seq, Naming::LEAST);
        let from = self.spans.range(first..).take_while(move |(of, ..)| *of == log);
        from.map(|(.., naming)| naming).filter(move |naming| naming.span.first <= seq)
    }
}
