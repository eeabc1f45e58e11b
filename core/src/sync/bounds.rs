//! Bounds: what is kept of one peer, each thing beside its limit.
//!
//! Each type that holds something for a conversation takes itself apart field by field to count it, so a field that
//! nobody counts does not compile. It refuses to know what follows from too much: the place where it comes forgets it,
//! or ends the conversation.

use crate::{key::Signature, limits};

/// One thing that a peer can make somebody keep.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bound {
    /// What it is.
    pub what: &'static str,
    /// How much of it is kept.
    pub kept: usize,
    /// How much a peer can make that, by [`limits`].
    pub limit: usize,
    /// How much of it may be there beside, for want of a peer: it goes by what is held here.
    pub ours: usize,
}

impl Bound {
    /// Whether more is kept than may be.
    pub fn is_passed(&self) -> bool {
        self.kept > self.limit.saturating_add(self.ours)
    }
}

/// Runs that fit into so many bytes: none is shorter than its signature.
pub(super) fn runs_in(bytes: usize) -> usize {
    bytes / Signature::LEN
}

/// Bytes that are made, at most, of each entry held here while two replicas compare: each of a few turns lists it, answers a
/// list with it, or says what is in a part of the tree around it.
pub(super) const COMPARED_OF_ENTRY: usize = 8 * 256;

/// How much is kept of the topics of a session, counted together.
#[derive(Debug, Default)]
pub(super) struct OfTopics {
    /// Entries that are held here, and logs at most.
    pub(super) held: usize,
    /// Entries and logs that the peer named beyond them, in whatever list.
    pub(super) named: usize,
    /// What the peer asked for, as it lies there, beside what is counted of it.
    pub(super) pulls: usize,
    pub(super) pulled: usize,
    /// Logs that are held here and of which something is to be done, list by list.
    pub(super) to_do: usize,
    /// Runs that wait to be sent.
    pub(super) ready: usize,
    /// Holes: those that the peer said to have, those for which logs were searched, those for which none is.
    pub(super) lacks: usize,
    pub(super) searched: usize,
    pub(super) rests: usize,
}

impl OfTopics {
    pub(super) fn bounds(&self, topics: usize) -> Vec<Bound> {
        let Self { held, named, pulls, pulled, to_do, ready, lacks, searched, rests } = *self;
        let heads = held.saturating_mul(limits::NAMED_HEADS);
        let holes = held.saturating_mul(limits::HOLES);
        let of_topic = limits::PUSHED + runs_in(limits::CHUNK) + 1;
        let bound = |what, kept, limit, ours| Bound { what, kept, limit, ours };
        vec![
            bound("topics", topics, limits::TOPICS, 0),
            bound("entries and logs that it names", named, limits::NAMED, heads),
            bound("what it asks for", pulls, pulled, 0),
            bound("logs to do something about", to_do, 0, held.saturating_mul(LISTS)),
            bound("runs to be sent", ready, of_topic.saturating_mul(topics), 0),
            bound("holes that it has", lacks, limits::NAMED, holes),
            bound("holes that were searched for", searched, lacks, 0),
            bound("holes that rest", rests, limits::FILLED, 0),
        ]
    }
}

/// Lists of a topic in which only logs stand that are held here.
const LISTS: usize = 5;
