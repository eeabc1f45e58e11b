//! Erasures (R5): what a coordinator says is to be forgotten, and the one answer that all such events give together.
//!
//! An `erased` event stands in the clear, so that a relay obeys it too: it names creating events and places in logs
//! and refuses to know what stood there. That the body of a place may be gone follows from such an event alone.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use minicbor::{Decode, Decoder, Encode};

use super::{
    About, Chains, Line, Named, Need, ReadError, Roster, Said, Sealed, Verdict,
    gaps::{Gaps, Stretch, are_too_many},
    said::{Budget, Crowded},
};
use crate::{
    count::{self, Work},
    event::LogHeader,
    id::{DeviceId, EventId, LAST_PLACE, LogId, Reference, ShortId},
    limits,
    sabotage::Rule,
};

/// Places of one log that are erased: all from one to another, or all but for gaps.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Encode, Decode)]
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
    /// What of them is not meant; none if all are.
    #[n(4)]
    pub gaps: Option<Gaps>,
}

impl ErasedSpan {
    /// The places.
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
    /// Its log.
    pub log: LogHeader,
    /// Its place in the log.
    pub seq: u64,
    /// Its id.
    pub id: EventId,
    /// What it says.
    pub erased: Erased,
    /// Whether only a later build reads it whole: then it is obeyed as far as it can be read, and shown.
    pub newer: bool,
    /// Bytes of its body as it is stored.
    pub size: u64,
}

impl Line for ErasureFact {
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

/// What all erasures together say. The default forgets nothing.
#[derive(Clone, Debug, Default)]
pub struct Erasures {
    creating: Arc<BTreeSet<Reference>>,
    counted: BTreeSet<Reference>,
    /// Whose erasures say something, whether they count or not: of coordinators, and of whoever was one.
    heard: BTreeSet<DeviceId>,
    /// From where on there is no room for them.
    crowded: Crowded,
    used: BTreeMap<DeviceId, u64>,
    /// What coordinators name, whether it counts or not.
    explained: Named,
    /// What those name that count.
    named: Named,
}

impl Erasures {
    /// Folds the set of erasures. Those of others than coordinators count for nothing, and say nothing of whoever never was one; those in logs that are silenced do not
    /// count, nor do those for which their device has no room. `fresh` are those that came since the fold before. What is not
    /// new costs little, and what a device heaped up beyond its room nothing.
    pub fn fold(
        said: &Said<ErasureFact>,
        fresh: &[Arc<ErasureFact>],
        roster: &Roster,
        silenced: impl Fn(&LogHeader) -> bool,
        chains: &dyn Chains,
        before: &Self,
    ) -> Arc<Self> {
        let mut erasures = Self::default();
        let mut new = Vec::new();
        for device in said.devices() {
            let Some((_, first)) = said.logs_of(device).next() else { continue };
            let standing = roster.standing(first.header(), 0, EventId::ZERO, &About::default(), chains);
            let may = standing.may(Erased::NEED) || Rule::ErasureNeed.is_left_out();
            let counts = may && roster.device(device).is_some();
            // Bodies have gone for whoever was a coordinator, though their admission fell since.
            if counts || roster.was_coordinator(device) {
                erasures.heard.insert(device);
            }
            if !counts {
                continue;
            }
            let mut room = Budget::of(roster.erasure_room(device));
            for (log, lines) in said.logs_of(device).filter(|(_, lines)| !silenced(lines.header())) {
                let Some(last) = roster.last_place(device, log) else { continue };
                for fact in lines.iter().take_while(|fact| fact.seq <= last) {
                    if roster.verdict(&fact.log, fact.seq, fact.id, chains) != Verdict::Counts {
                        continue;
                    }
                    if !room.take(fact.weight()) {
                        erasures.crowded.from(log, fact.seq, fact.id);
                        break;
                    }
                    let event = Reference { log, seq: fact.seq, check: fact.id.short() };
                    if before.counted.contains(&event) {
                        count::note(Work::Asked, 1);
                    } else {
                        count::note(Work::Folded, 1);
                        new.push(fact);
                    }
                    erasures.counted.insert(event);
                }
            }
            erasures.used.insert(device, room.used());
        }
        let creating = |fact: &ErasureFact| fact.erased.aggregates.iter().map(|of| of.creating).collect::<Vec<_>>();
        let grown = before.counted.len().saturating_add(new.len()) == erasures.counted.len();
        (erasures.explained, erasures.named) = erasures.named(said, fresh, &new, before, grown);
        erasures.creating = match (grown, new.is_empty()) {
            (true, true) => before.creating.clone(),
            (true, false) => {
                let mut all = BTreeSet::clone(&before.creating);
                all.extend(new.into_iter().flat_map(|fact| creating(fact)));
                Arc::new(all)
            }
            (false, _) => {
                let counted = erasures.counted.iter().filter_map(|event| said.find(*event));
                Arc::new(counted.flat_map(|fact| creating(fact)).collect())
            }
        };
        Arc::new(erasures)
    }

    /// What those that are heard name, and what those that count do.
    fn named(
        &self,
        said: &Said<ErasureFact>,
        fresh: &[Arc<ErasureFact>],
        new: &[&Arc<ErasureFact>],
        before: &Self,
        grown: bool,
    ) -> (Named, Named) {
        let heard = |fact: &&Arc<ErasureFact>| self.heard.contains(&fact.log.device);
        let explained = if before.heard == self.heard {
            let mut explained = before.explained.clone();
            fresh.iter().filter(heard).for_each(|fact| explained.add(fact));
            explained
        } else {
            Named::of(said.iter().filter(heard).map(|fact| &**fact))
        };
        let named = if grown {
            let mut named = before.named.clone();
            new.iter().for_each(|fact| named.add(fact));
            named
        } else {
            Named::of(self.counted.iter().filter_map(|event| said.find(*event)).map(|fact| &**fact))
        };
        (explained, named)
    }

    /// Whether nothing was ever erased.
    pub fn is_empty(&self) -> bool {
        self.creating.is_empty() && self.explained.is_empty()
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

    /// Whether there is no room for an erasure that nothing else speaks against.
    pub fn is_crowded(&self, erasure: Reference) -> bool {
        self.crowded.holds(erasure)
    }

    /// Bytes of room that what a device erased takes; all of its room once something of it is crowded.
    pub fn used(&self, device: DeviceId) -> u64 {
        self.used.get(&device).copied().unwrap_or(0)
    }

    /// Whether the other says something else, or of something else.
    pub fn differ(&self, other: &Self) -> bool {
        self.counted != other.counted || self.heard != other.heard || self.explained.len() != other.explained.len()
    }

    /// The ends that coordinators name, in erasures that do not count too: a body may be gone for each.
    pub fn explained(&self) -> &Named {
        &self.explained
    }

    /// The ends that are named by those that count.
    pub fn named_ends(&self) -> &Named {
        &self.named
    }
}
