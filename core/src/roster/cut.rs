//! Cuts: what of a device's logs stands once it is withdrawn (R8).

use std::collections::{BTreeMap, BTreeSet};

use minicbor::Encode;

use super::{Cut, CutHead, Revoked};
use crate::id::{EventId, LogId, Reference};

/// What the roster asks about chains. Whoever keeps the logs answers, from what is held and nothing else.
pub trait Chains {
    /// Whether the event at (`seq`, `id`) is the head or a chain ancestor of it; `None` while the head is not held.
    fn is_ancestor(&self, log: LogId, seq: u64, id: EventId, head_seq: u64, head_id: EventId) -> Option<bool>;
}

/// Ends of logs, as one event names them.
pub(super) type Heads = BTreeMap<LogId, BTreeSet<CutHead>>;

/// The named heads by log.
pub(super) fn heads(cuts: &[Cut]) -> Heads {
    cuts.iter().map(|cut| (cut.log, cut.heads.iter().copied().collect())).collect()
}

/// The same as an event names them.
pub(super) fn cuts(heads: &Heads) -> Vec<Cut> {
    heads.iter().map(|(log, heads)| Cut { log: *log, heads: heads.iter().copied().collect() }).collect()
}

/// Whether an event stands in the chain of a named head. While a head is not held, all up to its place does.
pub(super) fn within(heads: &Heads, log: LogId, at: CutHead, chains: &dyn Chains) -> bool {
    heads
        .get(&log)
        .into_iter()
        .flatten()
        .any(|head| chains.is_ancestor(log, at.seq, at.id, head.seq, head.id).unwrap_or(at.seq <= head.seq))
}

/// One counted cut of a device.
#[derive(Clone, Debug, PartialEq, Eq, Encode)]
struct Cutting {
    #[n(0)]
    rank: u32,
    #[n(1)]
    heads: Heads,
}

/// All counted cuts of one device.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode)]
pub(super) struct Cuts {
    #[n(0)]
    cuts: BTreeMap<Reference, Cutting>,
    /// Cuts named as replaced, with the highest rank that replaces them.
    #[n(1)]
    replaced: BTreeMap<Reference, u32>,
}

impl Cuts {
    /// Adds the cut made by an author of this rank.
    pub(super) fn add(&mut self, reference: Reference, rank: u32, revoked: &Revoked) {
        self.cuts.insert(reference, Cutting { rank, heads: heads(&revoked.cuts) });
        for replaced in revoked.replaces.iter().filter(|replaced| **replaced != reference) {
            let by = self.replaced.entry(*replaced).or_insert(rank);
            *by = rank.min(*by);
        }
    }

    /// Whether every cut that is not replaced lets the event stand.
    pub(super) fn admit(&self, log: LogId, at: CutHead, chains: &dyn Chains) -> bool {
        self.standing().all(|(_, cut)| within(&cut.heads, log, at, chains))
    }

    /// Whether some cut that is not replaced lets the event stand, whatever the others say: it leads to a named head.
    pub(super) fn leads(&self, log: LogId, at: CutHead, chains: &dyn Chains) -> bool {
        self.standing().any(|(_, cut)| within(&cut.heads, log, at, chains))
    }

    /// The cuts that are not replaced.
    pub(super) fn references(&self) -> impl Iterator<Item = Reference> {
        self.standing().map(|(reference, _)| *reference)
    }

    /// The cuts that are not replaced, each with its author's rank.
    pub(super) fn ranks(&self) -> impl Iterator<Item = (Reference, u32)> {
        self.standing().map(|(reference, cut)| (*reference, cut.rank))
    }

    /// What a cut lets stand, replaced or not.
    pub(super) fn named_by(&self, reference: Reference) -> Option<Vec<Cut>> {
        self.cuts.get(&reference).map(|cut| cuts(&cut.heads))
    }

    /// Whether a cut that is not replaced says what of this log counts.
    pub(super) fn names(&self, log: LogId) -> bool {
        self.standing().any(|(_, cut)| cut.heads.contains_key(&log))
    }

    /// Whether a cut that is not replaced names this event as a head.
    pub(super) fn ends_at(&self, log: LogId, at: CutHead) -> bool {
        self.standing().any(|(_, cut)| cut.heads.get(&log).is_some_and(|heads| heads.contains(&at)))
    }

    /// A cut falls to one that names it, if the author of that one is not of lower rank.
    fn standing(&self) -> impl Iterator<Item = (&Reference, &Cutting)> {
        self.cuts.iter().filter(|(reference, cut)| self.replaced.get(reference).is_none_or(|by| *by > cut.rank))
    }
}
