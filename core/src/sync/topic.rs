//! What a session knows of one topic: what we hold, what the peer holds, and what is on its way.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::{
    Vector,
    words::{Outgoing, Refusal, Wanted},
};
use crate::{
    event::Entry,
    id::{LogId, TopicTag},
};

/// How far a topic is.
#[derive(Debug)]
pub(super) enum Stage {
    /// The peer does not want it, or has not spoken yet.
    Apart,
    /// Something differs; the peer's vector is awaited.
    Comparing,
    /// The peer's vector is known: runs, announcements and pulls may come and go.
    Live,
}

/// The driver's search for what the peer lacks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cursor {
    /// None is open.
    None,
    /// One is open and waits to be asked.
    Open,
    /// One is open and was asked for runs.
    Asked,
}

/// One topic of a session.
#[derive(Debug)]
pub(super) struct Topic {
    pub(super) tag: TopicTag,
    pub(super) stage: Stage,
    /// What we hold.
    pub(super) mine: Vector,
    /// What the peer says it holds, what was sent to it, and what it sent.
    pub(super) theirs: Vector,
    /// The end of what came of the last run before an earlier session with this peer broke off.
    pub(super) tail: Option<Entry>,
    pub(super) cursor: Cursor,
    /// Loaded and not yet written.
    pub(super) ready: VecDeque<Outgoing>,
    /// Our own logs that grew while a cursor was open.
    pub(super) owed: BTreeSet<LogId>,
    /// What the peer asked for, until its turn comes.
    pub(super) pulls: BTreeMap<LogId, Vec<Entry>>,
    /// How many heads these name, and the logs.
    pub(super) pulled: usize,
    /// Those of them of which nothing is on its way, so that what the peer has is known.
    pub(super) ripe: BTreeSet<LogId>,
    /// Logs that the peer refused, why, and how many events: held back until it pulls them.
    pub(super) shut: BTreeMap<LogId, (Refusal, u64)>,
    /// Logs that changed and may be news to the peer.
    pub(super) news: BTreeSet<LogId>,
    /// Those of them that it is time to announce.
    pub(super) due: BTreeSet<LogId>,
    /// Logs to ask the peer for.
    pub(super) wanted: BTreeSet<LogId>,
    /// Logs that our driver refused, to be asked for when the roster changes.
    pub(super) refused: BTreeSet<LogId>,
    /// Logs asked for because of a gap; once, until something new of them is committed.
    pub(super) asked: BTreeSet<LogId>,
    /// Whether *done* is still to be said.
    pub(super) owes_done: bool,
    /// Whether *done* is still to be heard.
    pub(super) awaits_done: bool,
}

impl Topic {
    pub(super) fn new(tag: TopicTag, mine: Vector) -> Self {
        Self {
            tag,
            stage: Stage::Apart,
            mine,
            theirs: Vector::default(),
            tail: None,
            cursor: Cursor::None,
            ready: VecDeque::new(),
            owed: BTreeSet::new(),
            pulls: BTreeMap::new(),
            pulled: 0,
            ripe: BTreeSet::new(),
            shut: BTreeMap::new(),
            news: BTreeSet::new(),
            due: BTreeSet::new(),
            wanted: BTreeSet::new(),
            refused: BTreeSet::new(),
            asked: BTreeSet::new(),
            owes_done: false,
            awaits_done: false,
        }
    }

    pub(super) fn is_live(&self) -> bool {
        matches!(self.stage, Stage::Live)
    }

    pub(super) fn is_comparing(&self) -> bool {
        matches!(self.stage, Stage::Comparing)
    }

    /// Whether nothing of it waits to be sent.
    pub(super) fn is_drained(&self) -> bool {
        !self.is_comparing() && self.cursor == Cursor::None && self.ready.is_empty()
    }

    /// Whether a new search may begin.
    pub(super) fn is_idle(&self) -> bool {
        self.is_live() && self.is_drained()
    }

    /// Heads of ours that the peer is not known to have. One head of ours below one of the peer's is most likely
    /// contained in it: if it is a fork, the peer finds out, serves its branch, and then we have two heads. A silenced
    /// log has no place that would tell: whoever does not know it for silenced lacks branches. Whoever does lacks nothing.
    pub(super) fn unknown_to_peer(&self, log: LogId) -> Vec<Entry> {
        if self.theirs.is_silenced(log) {
            return Vec::new();
        }
        let mine: Vec<Entry> = self.mine.heads(log).collect();
        if let [only] = mine.as_slice()
            && !only.is_silenced()
            && self.theirs.heads(log).next_back().is_some_and(|theirs| theirs.seq > only.seq)
        {
            return Vec::new();
        }
        mine.into_iter().filter(|entry| !self.theirs.contains(entry)).collect()
    }

    /// Of these logs, or all, those of which the peer lacks something and which are not held back, each with what it has.
    pub(super) fn to_search(&self, only: Option<&BTreeSet<LogId>>) -> Vec<Wanted> {
        let logs = only.map_or_else(|| self.mine.logs(), |only| only.iter().copied().collect());
        let due = logs.into_iter().filter(|log| !self.shut.contains_key(log) && !self.unknown_to_peer(*log).is_empty());
        due.map(|log| Wanted { log, have: self.theirs.heads(log).collect() }).collect()
    }

    /// Notes that the peer asks for a log, of which it has these.
    pub(super) fn pull(&mut self, wanted: Wanted, on_the_way: bool) {
        let more = wanted.have.len().saturating_add(1);
        let before = self.pulls.insert(wanted.log, wanted.have).map_or(0, |have| have.len().saturating_add(1));
        self.pulled = self.pulled.saturating_add(more).saturating_sub(before);
        if !on_the_way {
            self.ripe.insert(wanted.log);
        }
    }

    /// Takes what the peer asked for and can be served now: from here on it is taken to have what it said. What is on
    /// the way again will be ripe when it has arrived.
    pub(super) fn take_ripe(&mut self, on_the_way: impl Fn(LogId) -> bool) -> BTreeSet<LogId> {
        let mut ripe = std::mem::take(&mut self.ripe);
        ripe.retain(|log| !on_the_way(*log));
        for log in &ripe {
            let have = self.pulls.remove(log).unwrap_or_default();
            self.pulled = self.pulled.saturating_sub(have.len().saturating_add(1));
            self.theirs.replace(*log, have);
        }
        ripe
    }

    /// Events in one vector beyond the other, log by log; forks make it a guess.
    pub(super) fn events_beyond(one: &Vector, other: &Vector) -> u64 {
        let reach = |vector: &Vector, log| vector.heads(log).next_back().map_or(0, |head| head.seq.saturating_add(1));
        one.logs().into_iter().map(|log| reach(one, log).saturating_sub(reach(other, log))).fold(0, u64::saturating_add)
    }
}
