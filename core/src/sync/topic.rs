//! What a session knows of one topic: what we hold, what the peer holds, and what is on its way.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::{
    Vector,
    bounds::OfTopics,
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
    /// The holes of what is here.
    pub(super) lacking: Vector,
    /// Those of what the peer has, as it said.
    pub(super) lacks: Vector,
    /// Those of these for which the log was searched: once, for nobody knows who has what is missing.
    pub(super) searched: Vector,
    /// Ends of what came before an earlier session with this peer broke off, and is not held.
    pub(super) tails: Vec<Entry>,
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
    /// What of some of them is known beside what is held: it is not to be sent again.
    pub(super) behind: BTreeMap<LogId, Vec<Entry>>,
    /// Logs that our driver refused, and why, to be asked for when that may have changed.
    pub(super) refused: BTreeMap<LogId, Refusal>,
    /// Those of them for which the peer was brought them too often before.
    pub(super) rests: Vector,
    /// Logs asked for because of a gap; once, until something new of them is committed.
    pub(super) asked: BTreeSet<LogId>,
    /// Whether *done* is still to be said.
    pub(super) owes_done: bool,
    /// Whether *done* is still to be heard.
    pub(super) awaits_done: bool,
}

impl Topic {
    /// `said` is our vector of the hello; `theirs` holds it until the peer's is known.
    pub(super) fn new(tag: TopicTag, said: Vector) -> Self {
        let mut mine = said.clone();
        let lacking = mine.take_holes();
        Self {
            tag,
            stage: Stage::Apart,
            mine,
            theirs: said,
            lacking,
            lacks: Vector::default(),
            searched: Vector::default(),
            tails: Vec::new(),
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
            behind: BTreeMap::new(),
            refused: BTreeMap::new(),
            rests: Vector::default(),
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

    /// The peer's vector is known.
    pub(super) fn hear_vector(&mut self, mut said: Vector) {
        self.lacks = said.take_holes();
        self.theirs = said;
    }

    /// What the peer lacks of a log of which something may be here: we do not lack the very same. What of it is here the
    /// driver's search finds out.
    fn may_fill(&self, log: LogId) -> Vec<Entry> {
        let silenced = self.mine.is_silenced(log) || self.theirs.is_silenced(log);
        let reach = self.mine.heads(log).next_back().filter(|_| !silenced);
        let Some(reach) = reach else { return Vec::new() };
        let over = [&self.lacking, &self.searched, &self.rests];
        let may = |hole: &Entry| {
            let begun = hole.as_hole().is_some_and(|hole| hole.first <= reach.seq);
            begun && !over.iter().any(|of| of.contains(hole))
        };
        self.lacks.heads(log).filter(may).collect()
    }

    /// Bodies came back: these are the holes of a log now. Whether the peer may lack some of the bodies.
    pub(super) fn refilled(&mut self, log: LogId, holes: Vec<Entry>) -> bool {
        let filled: Vec<Entry> = self.lacking.heads(log).filter(|hole| !holes.contains(hole)).collect();
        self.lacking.replace(log, holes);
        let again = |hole: &Entry| filled.iter().any(|filled| meets(hole, filled));
        for hole in self.searched.heads(log).filter(again).collect::<Vec<_>>() {
            self.searched.forget(&hole);
        }
        self.is_live() && !self.may_fill(log).is_empty()
    }

    /// Entries and logs that the peer named beyond what is held here, with what it asked for.
    pub(super) fn named(&self) -> usize {
        let beyond = self.theirs.len().saturating_sub(self.mine.len());
        let holes = self.lacks.len().saturating_sub(self.lacking.len());
        let behind: usize = self.behind.values().map(Vec::len).sum();
        beyond + holes + self.refused.len() + self.asked.len() + self.wanted.len() + behind + self.pulled
    }

    /// Counts what is kept; [`named`](Self::named) has the fields that are left out.
    pub(super) fn count(&self, of: &mut OfTopics) {
        let Self {
            tag: _,
            stage: _,
            mine,
            theirs: _,
            lacking: _,
            lacks,
            searched,
            tails: _,
            cursor: _,
            ready,
            owed,
            pulls,
            pulled,
            ripe,
            shut,
            news,
            due,
            wanted: _,
            behind: _,
            refused: _,
            rests,
            asked: _,
            owes_done: _,
            awaits_done: _,
        } = self;
        let add = |to: &mut usize, more: &[usize]| *to = more.iter().copied().fold(*to, usize::saturating_add);
        add(&mut of.held, &[mine.len()]);
        add(&mut of.named, &[self.named()]);
        add(&mut of.pulls, &[pulls.len(), pulls.values().map(Vec::len).sum()]);
        add(&mut of.pulled, &[*pulled]);
        add(&mut of.to_do, &[owed.len(), ripe.len(), shut.len(), news.len(), due.len()]);
        add(&mut of.ready, &[ready.len()]);
        add(&mut of.lacks, &[lacks.len()]);
        add(&mut of.searched, &[searched.len()]);
        add(&mut of.rests, &[rests.len()]);
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

    /// Of these logs, or all, those of which the peer lacks something and which are not held back, each with what it has,
    /// and what bodies of that it lacks.
    pub(super) fn take_searches(&mut self, only: Option<&BTreeSet<LogId>>) -> Vec<Wanted> {
        let mut logs = only.map_or_else(|| self.mine.logs(), |only| only.iter().copied().collect());
        logs.retain(|log| !self.shut.contains_key(log));
        let mut due = Vec::new();
        for log in logs {
            let holes = self.may_fill(log);
            if holes.is_empty() && self.unknown_to_peer(log).is_empty() {
                continue;
            }
            holes.iter().for_each(|hole| self.searched.insert(*hole));
            due.push(Wanted { log, have: self.theirs.heads(log).chain(holes).collect() });
        }
        due
    }

    /// The holes for which a log was searched and in which one of these events stands.
    pub(super) fn filled_by(&self, log: LogId, first: u64, last: u64) -> impl Iterator<Item = Entry> {
        let meets = move |hole: &Entry| hole.as_hole().is_some_and(|hole| hole.meets(first, last));
        self.searched.heads(log).filter(meets)
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

    /// Events that each is expected to send: we, the peer. Log by log; forks make it a guess.
    pub(super) fn expected(&self) -> (u64, u64) {
        let (ours, theirs) = ((&self.mine, &self.lacking), (&self.theirs, &self.lacks));
        (events_for(ours, theirs), events_for(theirs, ours))
    }
}

/// Whether two holes of a log may have an event in common.
fn meets(one: &Entry, other: &Entry) -> bool {
    let Some((one, other)) = one.as_hole().zip(other.as_hole()) else { return false };
    one.meets(other.first, other.last.unwrap_or(u64::MAX))
}

/// Events of one vector beyond another, and those that are sent again because bodies of them are missing there.
fn events_for((has, lacking): (&Vector, &Vector), (gets, lacks): (&Vector, &Vector)) -> u64 {
    let reach = |vector: &Vector, log| vector.heads(log).next_back().map_or(0, |head| head.seq.saturating_add(1));
    let of_log = |log: LogId| {
        let hole = lacks.heads(log).find(|hole| !lacking.contains(hole)).and_then(|hole| hole.as_hole());
        let from = hole.map_or_else(|| reach(gets, log), |hole| reach(gets, log).min(hole.first));
        reach(has, log).saturating_sub(from)
    };
    has.logs().into_iter().map(of_log).fold(0, u64::saturating_add)
}
