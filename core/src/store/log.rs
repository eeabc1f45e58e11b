//! Appending to logs, their heads and their branches.
//!
//! A log without forks is one branch. Where a second event claims a place, a new branch begins; both go on as chains
//! of their own (R7). A branch never forks inside, so an event's parent is the one before it in its branch, or, for
//! the first, in the branch it is based on.

use std::collections::{BTreeMap, BTreeSet};

use rusqlite::params;

use super::{
    Pos, Room, StoreError, View, Write, bytes, count, int,
    stored::{At, KEY, Stored},
};
use crate::{
    count::{Work, note},
    event::{Content, Entry, Head, LogHeader, Verified, VerifiedRun},
    id::{CommunityId, DeviceId, EpochId, EventId, Incarnation, LogId, ShortId, TopicTag},
    limits,
};

/// One branch and its head.
#[derive(Clone, Copy)]
pub(super) struct Branch {
    pub(super) id: i64,
    pub(super) log: LogId,
    pub(super) base: Option<i64>,
    pub(super) first: u64,
    pub(super) head_pos: i64,
    pub(super) head: Head,
}

impl Branch {
    /// Whether it has an event of its own at a place.
    pub(super) fn holds(&self, seq: u64) -> bool {
        (self.first..=self.head.seq).contains(&seq)
    }
}

/// A branch of a log, by the store's own key. It is the same for as long as the store keeps what it holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct BranchKey(pub(super) i64);

/// Of the events of a log, branch by branch: behind which.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Behind {
    /// The branch it stands in.
    pub branch: BranchKey,
    /// The place in it.
    pub seq: u64,
}

impl Behind {
    /// Behind this event, where its branch was read.
    pub fn of(stored: &Stored) -> Option<Self> {
        stored.branch.map(|branch| Self { branch: BranchKey(branch.0), seq: stored.seq })
    }
}

/// One branch of a log: on which it is based, its first place and its last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BranchSpan {
    /// What the store names it by.
    pub key: BranchKey,
    /// The branch in which the event before its first stands.
    pub base: Option<BranchKey>,
    /// Its first place.
    pub first: u64,
    /// Its last place.
    pub last: u64,
}

/// Chains laid upon each other: the last place in each branch that one of them takes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reach(BTreeMap<BranchKey, u64>);

impl Reach {
    /// Whether an event at this place of a branch stands in one of the chains.
    pub fn covers(&self, branch: BranchKey, seq: u64) -> bool {
        self.0.get(&branch).is_some_and(|last| seq <= *last)
    }

    /// The last place in a branch that one of the chains takes.
    pub fn last_in(&self, branch: BranchKey) -> Option<u64> {
        self.0.get(&branch).copied()
    }

    /// Lays the chain that ends at this place of a branch upon the others. `base` tells on which branch one is based, and its
    /// first place.
    pub fn follow(
        &mut self,
        branch: BranchKey,
        seq: u64,
        base: impl Fn(BranchKey) -> Option<(Option<BranchKey>, u64)>,
    ) {
        let mut next = Some((branch, seq));
        while let Some((branch, last)) = next.take() {
            note(Work::Asked, 1);
            // Where another chain goes as far, all before it is known.
            if self.covers(branch, last) {
                break;
            }
            self.0.insert(branch, last);
            if let Some((Some(base), first)) = base(branch) {
                next = first.checked_sub(1).map(|before| (base, before));
            }
        }
    }

    /// Lays others upon these.
    pub fn join(&mut self, others: &Self) {
        for (branch, last) in others.iter() {
            let known = self.0.entry(branch).or_insert(last);
            *known = last.max(*known);
        }
    }

    /// Each branch that the chains take, and the last place in it.
    pub fn iter(&self) -> impl Iterator<Item = (BranchKey, u64)> {
        self.0.iter().map(|(branch, last)| (*branch, *last))
    }

    /// Branches that the chains take.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is no chain.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// Where what is new in a run goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Onward {
    /// Nowhere: all of it is held.
    Held,
    /// On with this branch.
    Branch(BranchKey),
    /// Into a branch that it begins, or a log.
    Begins,
}

/// The end of a branch that stands in none of some chains.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LooseEnd {
    /// The branch that ends there.
    pub branch: BranchKey,
    /// The place of its first event.
    pub first: u64,
    /// Its last event.
    pub head: Head,
}

impl LooseEnd {
    /// How many events it has.
    pub fn events(&self) -> u64 {
        self.head.seq.saturating_sub(self.first).saturating_add(1)
    }
}

/// All up to one event, as branches that follow on each other: the key of each and its first place, newest first.
pub struct Chain {
    last: u64,
    branches: Vec<(i64, u64)>,
}

impl Write<'_> {
    /// Stores those events of a run that are not held yet and returns their positions, in order.
    ///
    /// # Errors
    /// [`StoreError::Gap`] when what the run follows on is not held; other reasons why not one event is stored.
    pub fn append(&mut self, run: &VerifiedRun) -> Result<Vec<Pos>, StoreError> {
        let log = run.header().id();
        let known = self.log(log)?;
        let parent = self.admit(run, log, known)?;
        let (mut held, mut fresh) = (parent, run.events());
        while let Some((event, later)) = fresh.split_first() {
            let Some(at) = self.locate(log, event.seq, event.id)? else { break };
            (held, fresh) = (Some(at), later);
        }
        let Some(first) = fresh.first() else { return Ok(Vec::new()) };
        if known.is_none_or(|known| known.community == CommunityId::ZERO) {
            self.put_log(run.header(), log)?;
        }
        let (branch, begins) = match self.branch_that_goes_on(held, first.seq)? {
            Some(branch) => (branch, false),
            None => (self.add_branch(log, held, first.seq)?, true),
        };
        let mut stored = Vec::with_capacity(fresh.len());
        let mut seal = (first.epoch, self.seal(run.header().community, first.epoch)?);
        for event in fresh {
            if event.epoch != seal.0 {
                seal = (event.epoch, self.seal(run.header().community, event.epoch)?);
            }
            stored.push(self.put_event(branch, seal.1, event)?);
        }
        let bytes = fresh.iter().map(|event| event.content.stored_len() as u64).sum();
        let room = Room { bytes, events: stored.len() as u64, branches: u64::from(begins) };
        self.take_room(run.header().device, run.header().topic, room)?;
        if let (Some(pos), Some(signature)) = (stored.last(), run.events().last().and_then(|last| last.signature)) {
            let head = params![pos.0, signature.as_bytes(), branch];
            self.run("UPDATE branch SET head = ?, signature = ? WHERE id = ?", head)?;
        }
        Ok(stored)
    }

    /// Whether a run may be stored at all; gives what it follows on.
    fn admit(&self, run: &VerifiedRun, log: LogId, held: Option<LogHeader>) -> Result<Option<At>, StoreError> {
        let community = run.header().community;
        let kept = |event: &&Verified| event.seq.is_multiple_of(limits::SIGNATURE_EVERY);
        if let Some(event) = run.events().iter().filter(kept).find(|event| event.signature.is_none()) {
            return Err(StoreError::Unsigned { log, seq: event.seq });
        }
        if held.is_some_and(|held| LogHeader { community, ..held } != *run.header()) {
            return Err(StoreError::Collision { log });
        }
        let elsewhere = |held: CommunityId| ![held, community].contains(&CommunityId::ZERO) && held != community;
        if held.is_some_and(|held| elsewhere(held.community)) {
            return Err(StoreError::Community {
                log,
                seq: run.parent().map_or(0, |parent| parent.seq.saturating_add(1)),
            });
        }
        let Some(parent) = run.parent() else {
            // Only the founding event is of no community, and it stands alone in its run.
            let fits = community != CommunityId::ZERO || run.events().len() == 1;
            return if fits { Ok(None) } else { Err(StoreError::Community { log, seq: 0 }) };
        };
        let gap = StoreError::Gap { log, seq: parent.seq };
        let at = self.locate(log, parent.seq, parent.id)?.ok_or(gap)?;
        let before = self.community_of(at.pos)?;
        let fits = community != CommunityId::ZERO && (before == community || before == CommunityId::ZERO);
        if fits { Ok(Some(at)) } else { Err(StoreError::Community { log, seq: parent.seq.saturating_add(1) }) }
    }

    fn put_log(&mut self, header: &LogHeader, log: LogId) -> Result<(), StoreError> {
        let LogHeader { community, topic, device, incarnation } = header;
        self.run(
            "INSERT INTO log (name, community, topic, device, incarnation) VALUES (?1, ?2, ?3, ?4, ?5)
             ON CONFLICT (name) DO UPDATE SET community = ?2 WHERE community = zeroblob(32)",
            params![log.as_bytes(), community.as_bytes(), topic.as_bytes(), device.as_bytes(), incarnation.as_bytes()],
        )?;
        Ok(())
    }

    /// A new branch of a log, whose first event stands at `seq` and follows on `parent`.
    fn add_branch(&mut self, log: LogId, parent: Option<At>, seq: u64) -> Result<i64, StoreError> {
        self.add(
            "INSERT INTO branch (log, base, first, head, signature)
             SELECT id, ?2, ?3, 0, x'' FROM log WHERE name = ?1",
            params![log.as_bytes(), parent.map(|at| at.branch), int(seq)],
        )
    }

    /// The key under which a community and an epoch are kept together.
    fn seal(&mut self, community: CommunityId, epoch: EpochId) -> Result<i64, StoreError> {
        let both = [community.as_bytes().as_slice(), epoch.as_bytes()];
        match self.one("SELECT id FROM seal WHERE community = ? AND epoch = ?", both, |row| row.get(0))? {
            Some(seal) => Ok(seal),
            None => self.add("INSERT INTO seal (community, epoch) VALUES (?, ?)", both),
        }
    }

    fn put_event(&mut self, branch: i64, seal: i64, event: &Verified) -> Result<Pos, StoreError> {
        let kept = event.signature.filter(|_| event.seq.is_multiple_of(limits::SIGNATURE_EVERY));
        let (erased, content) = match &event.content {
            Content::Here(body) => (false, &**body),
            Content::Erased(hash) => (true, hash.as_slice()),
        };
        let pos = self.add(
            "INSERT INTO event (branch, seq, id, seal, lamport, erased, signature, content)
             VALUES (?, ?, ?, ?, 0, ?, ?, ?)",
            params![
                branch,
                int(event.seq),
                event.id.as_bytes(),
                seal,
                erased,
                kept.as_ref().map(|signature| signature.as_bytes().as_slice()),
                content
            ],
        )?;
        Ok(Pos(pos))
    }
}

impl View {
    /// Where what is new in a run goes.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn onward(&self, run: &VerifiedRun) -> Result<Onward, StoreError> {
        let log = run.header().id();
        let mut held = match run.parent() {
            Some(parent) => self.locate(log, parent.seq, parent.id)?,
            None => None,
        };
        for event in run.events() {
            match self.locate(log, event.seq, event.id)? {
                Some(at) => held = Some(at),
                None => {
                    let branch = self.branch_that_goes_on(held, event.seq)?;
                    return Ok(branch.map_or(Onward::Begins, |branch| Onward::Branch(BranchKey(branch))));
                }
            }
        }
        Ok(Onward::Held)
    }

    /// The branch in which the event at `seq` stands that follows on `parent`: the parent's own, unless that already goes
    /// on with another.
    fn branch_that_goes_on(&self, parent: Option<At>, seq: u64) -> Result<Option<i64>, StoreError> {
        let Some(at) = parent else { return Ok(None) };
        Ok(self.pos_in(at.branch, seq)?.is_none().then_some(at.branch))
    }

    /// What each branch of a log has behind places that are known, the branches in the order in which they came.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn loose_ends(
        &self,
        log: LogId,
        known: impl Fn(BranchKey) -> Option<u64>,
    ) -> Result<Vec<LooseEnd>, StoreError> {
        let loose = |branch: Branch| {
            let key = BranchKey(branch.id);
            let first = known(key).map_or(branch.first, |last| last.saturating_add(1).max(branch.first));
            (first <= branch.head.seq).then_some(LooseEnd { branch: key, first, head: branch.head })
        };
        Ok(self.branches_of_log(log)?.into_iter().filter_map(loose).collect())
    }

    /// The event at a place of the chain that ends with another; `None` if that is not held, or stands before it.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn event_before(&self, log: LogId, end: Head, seq: u64) -> Result<Option<EventId>, StoreError> {
        let at = self.locate(log, end.seq, end.id)?.filter(|_| seq <= end.seq);
        at.map_or(Ok(None), |at| self.ancestor(at, seq))
    }

    fn community_of(&self, pos: i64) -> Result<CommunityId, StoreError> {
        let sql = "SELECT s.community FROM event e CROSS JOIN seal s ON s.id = e.seal WHERE e.pos = ?";
        self.one(sql, [pos], |row| bytes(row, 0, CommunityId::from_slice))?.ok_or(StoreError::NoSuchPlace)
    }

    /// The position of a branch's event.
    pub(super) fn pos_in(&self, branch: i64, seq: u64) -> Result<Option<i64>, StoreError> {
        self.one("SELECT pos FROM event WHERE branch = ? AND seq = ?", [branch, int(seq)], |row| row.get(0))
    }

    /// What the events of a log share. While its founding event alone is held, the community is zero.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn log(&self, log: LogId) -> Result<Option<LogHeader>, StoreError> {
        let sql = "SELECT community, topic, device, incarnation FROM log WHERE name = ?";
        self.one(sql, [log.as_bytes()], header)
    }

    /// Every log, by (community, topic, device, incarnation).
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn logs(&self) -> Result<Vec<LogHeader>, StoreError> {
        let sql = "SELECT community, topic, device, incarnation FROM log ORDER BY 1, 2, 3, 4";
        self.all(sql, [], header)
    }

    /// The logs of a device behind one of them, or all, in the order in which they came: at most `limit`, each with what to
    /// go on behind.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn logs_of_behind(
        &self,
        device: DeviceId,
        after: i64,
        limit: usize,
    ) -> Result<Vec<(i64, LogHeader)>, StoreError> {
        let sql = "SELECT community, topic, device, incarnation, id FROM log INDEXED BY log_by_device
            WHERE device = ? AND id > ? ORDER BY id LIMIT ?";
        self.all(sql, params![device.as_bytes(), after, int(limit)], |row| Ok((row.get(4)?, header(row)?)))
    }

    /// The logs of a device, in the order in which they came.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn logs_of(&self, device: DeviceId) -> Result<Vec<LogHeader>, StoreError> {
        let sql = "SELECT community, topic, device, incarnation FROM log WHERE device = ? ORDER BY id";
        self.all(sql, [device.as_bytes()], header)
    }

    /// Some logs of a device in a topic: at most `limit`.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn logs_in(&self, device: DeviceId, topic: TopicTag, limit: usize) -> Result<Vec<LogHeader>, StoreError> {
        let sql =
            "SELECT community, topic, device, incarnation FROM log WHERE device = ? AND topic = ? ORDER BY id LIMIT ?";
        self.all(sql, params![device.as_bytes(), topic.as_bytes(), int(limit)], header)
    }

    /// The head of every branch of a log, in the order in which the branches came.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn heads(&self, log: LogId) -> Result<Vec<Head>, StoreError> {
        Ok(self.branches_of_log(log)?.into_iter().map(|branch| branch.head).collect())
    }

    /// Logs of more than so many branches.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn logs_with_branches(&self, most: usize) -> Result<BTreeSet<LogId>, StoreError> {
        let sql = "SELECT name FROM log WHERE id IN (SELECT log FROM branch GROUP BY log HAVING count(*) > ?)";
        self.all(sql, [int(most)], |row| bytes(row, 0, LogId::from_slice))
    }

    /// Logs with more than one branch: the first place at which two events stand, and the head of each branch.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn forks(&self) -> Result<Vec<(LogHeader, u64, Vec<Head>)>, StoreError> {
        let sql = "SELECT name FROM log WHERE id IN (SELECT log FROM branch GROUP BY log HAVING count(*) > 1)
            ORDER BY name";
        let logs: Vec<LogId> = self.all(sql, [], |row| bytes(row, 0, LogId::from_slice))?;
        let mut forks = Vec::with_capacity(logs.len());
        for log in logs {
            let branches = self.branches_of_log(log)?;
            // The first branch is the oldest; where all begin at once, they differ from the first event on.
            let since = branches.iter().skip(1).map(|branch| branch.first).min().unwrap_or(0);
            let heads = branches.iter().map(|branch| branch.head).collect();
            forks.extend(self.log(log)?.map(|header| (header, since, heads)));
        }
        Ok(forks)
    }

    /// The events of a log at a place: what a run from the next place on may follow on.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn parents_at(&self, log: LogId, seq: u64) -> Result<Vec<Head>, StoreError> {
        Ok(self.all_at(log, seq)?.into_iter().map(|at| Head { seq, id: at.id }).collect())
    }

    /// A version vector: one entry for each branch head of a topic, sorted.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn entries(&self, topic: TopicTag) -> Result<Vec<Entry>, StoreError> {
        let mut entries: Vec<_> = self
            .branches_of_topic(topic)?
            .into_iter()
            .map(|branch| Entry { log: branch.log, seq: branch.head.seq, short: branch.head.id.short() })
            .collect();
        entries.sort_unstable();
        Ok(entries)
    }

    /// Whether the event `id` at `seq` is the head so named, or an ancestor of it; `None` if that head is not held.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn is_ancestor(
        &self,
        log: LogId,
        seq: u64,
        id: EventId,
        head_seq: u64,
        head_id: EventId,
    ) -> Result<Option<bool>, StoreError> {
        let Some(head) = self.locate(log, head_seq, head_id)? else { return Ok(None) };
        if seq > head_seq {
            return Ok(Some(false));
        }
        Ok(Some(self.ancestor(head, seq)? == Some(id)))
    }

    /// The branch in which an event stands; `None` if it is not held.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn branch_at(&self, log: LogId, seq: u64, id: EventId) -> Result<Option<BranchKey>, StoreError> {
        Ok(self.locate(log, seq, id)?.map(|at| BranchKey(at.branch)))
    }

    /// The branch in which the event stands that is named by the beginning of its id; `None` if it is not held.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn branch_of(&self, log: LogId, seq: u64, check: ShortId) -> Result<Option<BranchKey>, StoreError> {
        Ok(self.locate_short(log, seq, check)?.map(|at| BranchKey(at.branch)))
    }

    /// A log's branches, each after its base.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn branch_spans(&self, log: LogId) -> Result<Vec<BranchSpan>, StoreError> {
        let span = |branch: Branch| BranchSpan {
            key: BranchKey(branch.id),
            base: branch.base.map(BranchKey),
            first: branch.first,
            last: branch.head.seq,
        };
        Ok(self.branches_of_log(log)?.into_iter().map(span).collect())
    }

    /// Events of a log from one place up to another, branch by branch, behind one of them: at most `limit`, and what to go on
    /// behind if there may be more. All of them, or those whose bodies are gone. It costs as many rows as it gives, and a look
    /// at each branch that begins before.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn events_behind(
        &self,
        log: LogId,
        (first, last): (u64, u64),
        after: Behind,
        gone: bool,
        limit: usize,
    ) -> Result<(Vec<Stored>, Option<Behind>), StoreError> {
        let of_log = format!("SELECT id FROM branch WHERE log = {KEY} AND id >= ? AND first <= ? ORDER BY id");
        let branches: Vec<i64> =
            self.all(&of_log, params![log.as_bytes(), after.branch.0, int(last)], |row| row.get(0))?;
        let which = if gone { "AND e.erased = 1" } else { "" };
        let page = format!("e.branch = ? {which} AND e.seq BETWEEN ? AND ? ORDER BY e.seq LIMIT ?");
        let mut events = Vec::new();
        for branch in branches {
            let from = if branch == after.branch.0 { first.max(after.seq.saturating_add(1)) } else { first };
            let left = limit.saturating_sub(events.len());
            events.extend(self.stored(&page, params![branch, int(from), int(last), int(left)])?);
            if events.len() >= limit {
                let rest = events.last().map(|last| Behind { branch: BranchKey(branch), seq: last.seq });
                return Ok((events, rest));
            }
        }
        Ok((events, None))
    }

    /// The events at some places of a branch.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn ids_between(&self, branch: BranchKey, first: u64, last: u64) -> Result<Vec<(u64, EventId)>, StoreError> {
        let sql = "SELECT seq, id FROM event WHERE branch = ? AND seq BETWEEN ? AND ?";
        self.all(sql, params![branch.0, int(first), int(last)], |row| {
            Ok((count(row, 0)?, bytes(row, 1, EventId::from_slice)?))
        })
    }

    /// All events at some places of a log, each with its place and its branch.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn branches_between(
        &self,
        log: LogId,
        first: u64,
        last: u64,
    ) -> Result<Vec<(u64, EventId, BranchKey)>, StoreError> {
        let sql = "SELECT e.seq, e.id, e.branch FROM log l CROSS JOIN branch b ON b.log = l.id
            CROSS JOIN event e ON e.branch = b.id AND e.seq BETWEEN ? AND ? WHERE l.name = ?";
        self.all(sql, params![int(first), int(last), log.as_bytes()], |row| {
            Ok((count(row, 0)?, bytes(row, 1, EventId::from_slice)?, BranchKey(row.get(2)?)))
        })
    }

    /// The chain that ends at an event, to ask about many others; `None` if that event is not held.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn chain(&self, log: LogId, seq: u64, id: EventId) -> Result<Option<Chain>, StoreError> {
        let Some(end) = self.locate(log, seq, id)? else { return Ok(None) };
        let mut chain = Chain { last: seq, branches: Vec::new() };
        let mut branch = Some(end.branch);
        while let Some(at) = branch
            && let Some((base, first)) = self.base_of(at)?
        {
            chain.branches.push((at, first));
            branch = base;
        }
        Ok(Some(chain))
    }

    /// Whether an event stands in a chain.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn stands_in(&self, chain: &Chain, seq: u64, id: EventId) -> Result<bool, StoreError> {
        let branch = chain.branches.iter().find(|(_, first)| *first <= seq);
        let Some((branch, _)) = branch.filter(|_| seq <= chain.last) else { return Ok(false) };
        let sql = "SELECT id FROM event WHERE branch = ? AND seq = ?";
        let there = self.one(sql, [*branch, int(seq)], |row| bytes(row, 0, EventId::from_slice))?;
        Ok(there == Some(id))
    }

    /// The id of the event at `seq` in the chain that ends at `head`, which is not before it.
    pub(super) fn ancestor(&self, head: At, seq: u64) -> Result<Option<EventId>, StoreError> {
        let mut branch = head.branch;
        while let Some((base, first)) = self.base_of(branch)? {
            match base {
                Some(base) if seq < first => branch = base,
                _ => break,
            }
        }
        let sql = "SELECT id FROM event WHERE branch = ? AND seq = ?";
        self.one(sql, [branch, int(seq)], |row| bytes(row, 0, EventId::from_slice))
    }

    fn base_of(&self, branch: i64) -> Result<Option<(Option<i64>, u64)>, StoreError> {
        self.one("SELECT base, first FROM branch WHERE id = ?", [branch], |row| Ok((row.get(0)?, count(row, 1)?)))
    }

    /// A log's branches, each after its base.
    pub(super) fn branches_of_log(&self, log: LogId) -> Result<Vec<Branch>, StoreError> {
        self.all(&format!("{BRANCHES} WHERE b.log = {KEY} ORDER BY b.id"), [log.as_bytes()], branch)
    }

    /// A topic's branches, log by log, each after its base.
    pub(super) fn branches_of_topic(&self, topic: TopicTag) -> Result<Vec<Branch>, StoreError> {
        let of_topic = "WHERE b.log IN (SELECT id FROM log WHERE topic = ?) ORDER BY b.log, b.id";
        self.all(&format!("{BRANCHES} {of_topic}"), [topic.as_bytes()], branch)
    }

    /// The branch of this key.
    pub(super) fn branch(&self, id: i64) -> Result<Option<Branch>, StoreError> {
        self.one(&format!("{BRANCHES} WHERE b.id = ?"), [id], branch)
    }

    /// Whether an event with this beginning of an id stands, at `seq`, in the chain that ends at `head`.
    pub(super) fn has_ancestor(&self, head: At, seq: u64, short: ShortId) -> Result<bool, StoreError> {
        Ok(self.ancestor(head, seq)?.is_some_and(|id| id.short() == short))
    }
}

const BRANCHES: &str = "SELECT b.id, l.name, b.base, b.first, b.head, e.seq, e.id
    FROM branch b CROSS JOIN event e ON e.pos = b.head CROSS JOIN log l ON l.id = b.log";

fn branch(row: &rusqlite::Row<'_>) -> rusqlite::Result<Branch> {
    Ok(Branch {
        id: row.get(0)?,
        log: bytes(row, 1, LogId::from_slice)?,
        base: row.get(2)?,
        first: count(row, 3)?,
        head_pos: row.get(4)?,
        head: Head { seq: count(row, 5)?, id: bytes(row, 6, EventId::from_slice)? },
    })
}

fn header(row: &rusqlite::Row<'_>) -> rusqlite::Result<LogHeader> {
    Ok(LogHeader {
        community: bytes(row, 0, CommunityId::from_slice)?,
        topic: bytes(row, 1, TopicTag::from_slice)?,
        device: bytes(row, 2, DeviceId::from_slice)?,
        incarnation: bytes(row, 3, Incarnation::from_slice)?,
    })
}
