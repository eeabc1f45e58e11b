//! Missing bodies, stretch by stretch (R5): which of a log are missing here, and which of those that a peer lacks are
//! here.
//!
//! A bounded number is looked at, however many are missing.

use std::collections::{BTreeMap, BTreeSet};

use rusqlite::params;

use super::{StoreError, View, bytes, count, int, log::Branch};
use crate::{
    event::{Head, Hole},
    id::{EventId, LogId},
    limits,
};

/// Events of one chain, each following on the one before, whose bodies are missing; no other follows on any but the last. So
/// it is the same in every store that holds the same, in whatever order it came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stretch {
    /// The place of the first.
    pub first: u64,
    /// The last of them.
    pub last: Head,
}

/// A log of which bodies are missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lacking {
    /// The log that lacks them.
    pub log: LogId,
    /// The place of the first event without its body, on whatever branch.
    pub first: u64,
}

/// What is missing of a log.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lacked {
    /// Of each branch, by places.
    pub branches: Vec<Vec<Stretch>>,
    /// From where on there is more than was looked at, on whatever branch.
    pub rest: Option<u64>,
    /// How many events were looked at.
    pub looked: usize,
}

/// Events without bodies that are looked at together.
const PAGE: usize = 64;

impl View {
    /// The logs of which bodies are missing, in the order of their names. It costs a look at each branch of which one is,
    /// however many there are in it.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn lacking_logs(&self) -> Result<Vec<Lacking>, StoreError> {
        let sql = "WITH RECURSIVE one(branch) AS (
                SELECT min(branch) FROM event INDEXED BY event_missing WHERE held = 9 AND erased = 1
                UNION ALL
                SELECT (SELECT min(branch) FROM event INDEXED BY event_missing
                    WHERE held = 9 AND erased = 1 AND branch > one.branch)
                FROM one WHERE branch IS NOT NULL)
            SELECT l.name, min((SELECT min(e.seq) FROM event e INDEXED BY event_missing
                WHERE e.held = 9 AND e.erased = 1 AND e.branch = one.branch))
            FROM one CROSS JOIN branch b ON b.id = one.branch CROSS JOIN log l ON l.id = b.log
            GROUP BY l.name ORDER BY l.name";
        self.all(sql, [], |row| Ok(Lacking { log: bytes(row, 0, LogId::from_slice)?, first: count(row, 1)? }))
    }

    /// The same of one log; `None` where no body of it is missing.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn lacking_log(&self, log: LogId) -> Result<Option<Lacking>, StoreError> {
        Ok(self.first_missing(log, i64::MIN)?.map(|first| Lacking { log, first }))
    }

    /// The first place of a log, on this branch or one that came after it, whose body is missing.
    fn first_missing(&self, log: LogId, from: i64) -> Result<Option<u64>, StoreError> {
        let sql = "SELECT min((SELECT min(e.seq) FROM event e INDEXED BY event_missing
                WHERE e.held = 9 AND e.erased = 1 AND e.branch = b.id))
            FROM log l CROSS JOIN branch b ON b.log = l.id WHERE l.name = ? AND b.id >= ?";
        let first =
            |row: &rusqlite::Row<'_>| Ok(row.get::<_, Option<i64>>(0)?.and_then(|first| u64::try_from(first).ok()));
        Ok(self.one(sql, params![log.as_bytes(), from], first)?.flatten())
    }

    /// What is missing of a log. At most so many events without bodies are looked at, and one more.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn lacked_of(&self, log: LogId, most: usize) -> Result<Lacked, StoreError> {
        let branches = self.branches_of_log(log)?;
        let fork = |branch: &Branch| Some((branch.base?, branch.first.checked_sub(1)?));
        let forks: BTreeSet<(i64, u64)> = branches.iter().filter_map(fork).collect();
        let mut lacked = Lacked::default();
        for branch in &branches {
            let left = most.saturating_sub(lacked.looked);
            if left == 0 {
                lacked.rest = lacked.rest.into_iter().chain(self.first_missing(log, branch.id)?).min();
                break;
            }
            let heads = self.missing_heads(branch, left.saturating_add(1))?;
            lacked.looked = lacked.looked.saturating_add(heads.len());
            let goes_on = |one: &Head, next: &Head| {
                one.seq.checked_add(1) == Some(next.seq) && !forks.contains(&(branch.id, one.seq))
            };
            let mut stretches = heads.chunk_by(goes_on);
            if heads.len() > left {
                // Where the last one ends was not seen.
                let open = stretches.next_back().and_then(|heads| heads.first()).map(|first| first.seq);
                lacked.rest = lacked.rest.into_iter().chain(open).min();
            }
            let ends = |of: &[Head]| Some(Stretch { first: of.first()?.seq, last: *of.last()? });
            lacked.branches.push(stretches.filter_map(ends).collect());
        }
        Ok(lacked)
    }

    /// The first events of a branch whose bodies are missing.
    fn missing_heads(&self, branch: &Branch, most: usize) -> Result<Vec<Head>, StoreError> {
        let sql = "SELECT seq, id FROM event INDEXED BY event_missing
            WHERE held = 9 AND erased = 1 AND branch = ? ORDER BY seq LIMIT ?";
        let head = |row: &rusqlite::Row<'_>| Ok(Head { seq: count(row, 0)?, id: bytes(row, 1, EventId::from_slice)? });
        self.all(sql, [branch.id, int(most)], head)
    }

    /// From where on each branch of a log is to be brought to a peer that lacks these bodies: where the first of them is that is
    /// not missing here. `ours` are all its branches. Beyond what is looked at, of which so much is `left`, any may be here.
    pub(super) fn brought_from(
        &self,
        ours: &[Branch],
        holes: impl IntoIterator<Item = Hole>,
        left: &mut usize,
    ) -> Result<BTreeMap<i64, u64>, StoreError> {
        let (mut from, most) = (BTreeMap::<i64, u64>::new(), limits::MISSING.min(*left));
        let mut of_log = most;
        let mut holes: Vec<Hole> = holes.into_iter().collect();
        holes.sort_unstable_by_key(|hole| hole.first);
        for hole in holes {
            let known = |branch: &Branch| from.get(&branch.id).is_some_and(|from| *from <= hole.first);
            // What is brought from there on anyway needs no look.
            if ours.iter().filter(|branch| hole.first <= branch.head.seq).all(known) {
                continue;
            }
            of_log = of_log.saturating_sub(1);
            if of_log == 0 {
                ours.iter().filter_map(|branch| part(branch, hole, u64::MAX)).for_each(|of| is_here(&mut from, of));
                continue;
            }
            for (branch, first, last) in self.parts_of(ours, hole)? {
                if let Some(seq) = self.first_here(branch, first, last, &mut of_log)? {
                    is_here(&mut from, (branch, seq, last));
                }
            }
        }
        *left = left.saturating_sub(most.saturating_sub(of_log));
        Ok(from)
    }

    /// The parts of branches in which these events stand: of the chain that they are of, if it is held here, else of any.
    fn parts_of(&self, ours: &[Branch], hole: Hole) -> Result<Vec<(i64, u64, u64)>, StoreError> {
        let mut of = None;
        for branch in ours.iter().filter(|branch| hole.last.is_some_and(|last| branch.holds(last))) {
            let id = hole.last.map_or(Ok(None), |last| self.id_in(branch.id, last))?;
            if id.is_some_and(|id| Hole::tip_of(id.as_bytes()) == hole.tip) {
                of = Some(branch);
                break;
            }
        }
        let mut last = hole.last.unwrap_or(u64::MAX);
        if of.is_none() {
            return Ok(ours.iter().filter_map(|branch| part(branch, hole, last)).collect());
        }
        let mut parts = Vec::new();
        while let Some(branch) = of.filter(|_| hole.first <= last) {
            parts.extend(part(branch, hole, last));
            let Some(before) = branch.first.checked_sub(1) else { break };
            last = before;
            of = ours.iter().find(|other| Some(other.id) == branch.base);
        }
        Ok(parts)
    }

    /// The first place of a branch, of those from one up to another, whose body is not missing; `left` events without bodies
    /// are looked at, and behind them any may be here.
    fn first_here(&self, branch: i64, first: u64, last: u64, left: &mut usize) -> Result<Option<u64>, StoreError> {
        let mut next = first;
        while next <= last {
            let most = PAGE.min(*left);
            let places = self.missing_in(branch, next, last, most)?;
            *left = left.saturating_sub(places.len());
            for place in &places {
                if *place != next {
                    return Ok(Some(next));
                }
                next = next.saturating_add(1);
            }
            if places.len() < most || most == 0 {
                return Ok((next <= last).then_some(next));
            }
        }
        Ok(None)
    }

    /// The places of a branch whose bodies are missing, ascending.
    fn missing_in(&self, branch: i64, first: u64, last: u64, most: usize) -> Result<Vec<u64>, StoreError> {
        let sql = "SELECT seq FROM event INDEXED BY event_missing
            WHERE held = 9 AND erased = 1 AND branch = ? AND seq BETWEEN ? AND ? ORDER BY seq LIMIT ?";
        self.all(sql, [branch, int(first), int(last), int(most)], |row| count(row, 0))
    }

    pub(super) fn id_in(&self, branch: i64, seq: u64) -> Result<Option<EventId>, StoreError> {
        let sql = "SELECT id FROM event WHERE branch = ? AND seq = ?";
        self.one(sql, [branch, int(seq)], |row| bytes(row, 0, EventId::from_slice))
    }
}

/// What of a branch, up to a place, stands in a hole: the branch, and from where to where.
fn part(branch: &Branch, hole: Hole, last: u64) -> Option<(i64, u64, u64)> {
    let (first, last) = (hole.first.max(branch.first), last.min(branch.head.seq));
    (first <= last).then_some((branch.id, first, last))
}

/// From this place on a branch is brought, or from before.
fn is_here(from: &mut BTreeMap<i64, u64>, (branch, seq, _): (i64, u64, u64)) {
    let least = from.entry(branch).or_insert(seq);
    *least = seq.min(*least);
}
