//! Logs as the fold of the roster reads them: in order, and each as far as it may count.

use super::{LogFacts, RosterFact, said::Ahead};
use crate::id::{CommunityId, LogId, Reference};

/// A fact, and its log's name, which takes a hash to find.
#[derive(Clone, Copy)]
pub(super) struct Told<'a> {
    pub(super) fact: &'a RosterFact,
    pub(super) log: LogId,
}

impl Told<'_> {
    pub(super) fn reference(&self) -> Reference {
        Reference { log: self.log, seq: self.fact.seq, check: self.fact.id.short() }
    }
}

/// The logs of a device in the order in which they are read.
pub(super) type Order<'a> = Vec<Log<'a>>;

/// One log while it is read, as cuts are then.
#[derive(Clone, Copy)]
pub(super) struct Log<'a> {
    pub(super) name: LogId,
    pub(super) facts: &'a LogFacts<RosterFact>,
    pub(super) community: CommunityId,
    /// Whether it has too many branches, and no cut says which of them count.
    pub(super) silent: bool,
    /// The last place at which something of it may count; none if nothing does.
    pub(super) last: Option<u64>,
}

impl<'a> Log<'a> {
    pub(super) fn told(self) -> impl Iterator<Item = Told<'a>> {
        // The founding event stands in its author's first log, alone without a community.
        let ours = self.facts.iter().filter(move |fact| fact.log.community == self.community);
        ours.map(move |fact| Told { fact, log: self.name })
    }

    /// What of it is read ahead of all else, as far as it may count.
    pub(super) fn ahead_until_over(self, what: Ahead) -> impl Iterator<Item = Told<'a>> {
        let ours = self.facts.ahead(what).filter(move |fact| fact.log.community == self.community);
        let standing = ours.take_while(move |fact| !self.is_over_at(fact.seq));
        standing.map(move |fact| Told { fact, log: self.name })
    }

    pub(super) fn told_until_over(self) -> impl Iterator<Item = Told<'a>> {
        self.told().take_while(move |told| !self.is_over_at(told.fact.seq))
    }

    /// Whether nothing counts from a place on.
    pub(super) fn is_over_at(self, seq: u64) -> bool {
        self.silent || self.last.is_none_or(|last| last < seq)
    }
}

/// What of some logs is read ahead of all else, in order.
pub(super) fn ahead<'a>(order: &Order<'a>, what: Ahead) -> impl Iterator<Item = Told<'a>> {
    order.iter().flat_map(move |log| log.ahead_until_over(what))
}
