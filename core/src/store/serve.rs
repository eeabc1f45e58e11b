//! What a peer lacks, as runs: cut at kept signatures, in the order in which they were stored (§7).

use std::{
    cmp::{Ordering, Reverse},
    collections::{BTreeMap, BinaryHeap},
};

use super::{
    BranchKey, Damage, Pos, Reach, StoreError, View, bytes, count, int, log::Branch, salvage::readable, stored,
};
use crate::{
    count::Work,
    event::{Entry, Head, Link, LogHeader, Run},
    id::{CommunityId, EpochId, LogId, TopicTag},
    limits,
};

/// Consecutive events of one branch that a peer lacks, up to a kept signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// The log that the branch belongs to.
    pub log: LogId,
    /// The first event's place.
    pub first: u64,
    /// The last event's place.
    pub last: u64,
    /// When the last event was stored; also tells the branch.
    pub last_pos: Pos,
    /// Whether the peer named the log, so that it has the header.
    pub known_log: bool,
}

/// What a peer lacks of some logs, found span by span as it is asked for, in the order in which their last events were
/// stored, but never before the run they follow on, and what can wait behind all else. It knows one place of each branch, however
/// much is missing.
#[derive(Debug, Default)]
pub struct Missing {
    ready: BinaryHeap<Reverse<Due>>,
    /// Branches that begin behind a run which is to be sent itself, by the branch of that run.
    behind: BTreeMap<i64, Vec<Due>>,
}

/// A span, its place in the order of sending, and where its branch ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Due {
    /// Whether it can wait.
    late: bool,
    order: i64,
    branch: i64,
    /// The place of the event that the branch follows on in another.
    fork: u64,
    head: u64,
    /// The last place in the branch that cannot wait.
    soon: Option<u64>,
    span: Span,
}

impl Ord for Due {
    fn cmp(&self, other: &Self) -> Ordering {
        let of = |due: &Self| (due.late, due.order, due.branch, due.span.first);
        of(self).cmp(&of(other))
    }
}

impl PartialOrd for Due {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Missing {
    /// The next span, if there is one.
    pub fn peek(&self) -> Option<&Span> {
        self.ready.peek().map(|Reverse(due)| &due.span)
    }

    /// How many branches it goes along at once: all that it keeps.
    pub fn width(&self) -> usize {
        self.ready.len().saturating_add(self.behind.values().map(Vec::len).sum())
    }

    /// Goes on behind the next span.
    ///
    /// # Errors
    /// When SQLite refuses, or the view is not of the store that was searched.
    pub fn advance(&mut self, view: &View) -> Result<(), StoreError> {
        let Some(Reverse(due)) = self.ready.pop() else { return Ok(()) };
        let mut waiting = self.behind.remove(&due.branch).unwrap_or_default();
        let is_free = |waits: &mut Due| waits.fork <= due.span.last;
        for freed in waiting.extract_if(.., is_free) {
            self.ready.push(Reverse(Due { order: freed.order.max(due.order), ..freed }));
        }
        if !waiting.is_empty() {
            self.behind.insert(due.branch, waiting);
        }
        let next = due.span.last.checked_add(1);
        if let Some(next) = next.map(|next| view.due(&due, next)).transpose()?.flatten() {
            let (late, order) = (next.late || due.late, next.order.max(due.order));
            self.ready.push(Reverse(Due { late, order, ..next }));
        }
        Ok(())
    }
}

impl View {
    /// What a peer lacks of these logs, of each of which it has some entries. The work grows with what is named.
    ///
    /// An entry that is not held, at a place where the log is, or beside other branches, tells of a fork whose shared
    /// part is unknown: it contains nothing then. One beyond the only head is taken to contain all there is. A
    /// [hole](Entry::hole) among them says what bodies of that are lacked: its branch is wanted from the first on that is here.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn search<'a>(&self, logs: impl IntoIterator<Item = (LogId, &'a [Entry])>) -> Result<Missing, StoreError> {
        self.search_first(logs, |_, _| Ok(Reach::default()))
    }

    /// The same, where of some logs with several branches these chains come first: all else of such a log can wait. `first` is
    /// told where the longest of the branches ends.
    ///
    /// # Errors
    /// When SQLite refuses, or the chains are not told.
    pub fn search_first<'a>(
        &self,
        logs: impl IntoIterator<Item = (LogId, &'a [Entry])>,
        first: impl Fn(LogId, u64) -> Result<Reach, StoreError>,
    ) -> Result<Missing, StoreError> {
        let (mut missing, mut left) = (Missing::default(), limits::MISSING_IN_ALL);
        for (log, theirs) in logs {
            self.search_log(&self.branches_of_log(log)?, theirs, &first, &mut missing, &mut left)?;
        }
        Ok(missing)
    }

    /// All spans of a topic that a peer with these entries lacks, as [`search`](Self::search) finds them.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn missing(&self, topic: TopicTag, have: &[Entry]) -> Result<Vec<Span>, StoreError> {
        self.missing_first(topic, have, |_, _| Ok(Reach::default()))
    }

    /// The same, as [`search_first`](Self::search_first) finds them.
    ///
    /// # Errors
    /// When SQLite refuses, or the chains are not told.
    pub fn missing_first(
        &self,
        topic: TopicTag,
        have: &[Entry],
        first: impl Fn(LogId, u64) -> Result<Reach, StoreError>,
    ) -> Result<Vec<Span>, StoreError> {
        let mut theirs = BTreeMap::<LogId, Vec<Entry>>::new();
        for entry in have {
            theirs.entry(entry.log).or_default().push(*entry);
        }
        let (mut missing, mut left) = (Missing::default(), limits::MISSING_IN_ALL);
        for ours in self.branches_of_topic(topic)?.chunk_by(|one, other| one.log == other.log) {
            let theirs = ours.first().and_then(|branch| theirs.get(&branch.log)).map_or(&[][..], Vec::as_slice);
            self.search_log(ours, theirs, &first, &mut missing, &mut left)?;
        }
        let mut spans = Vec::new();
        while let Some(span) = missing.peek() {
            spans.push(*span);
            missing.advance(self)?;
        }
        Ok(spans)
    }

    /// `ours` are a log's branches, each after its base. What `first` says of it does not wait. So much is `left` to be looked at
    /// of what bodies the peer lacks.
    fn search_log(
        &self,
        ours: &[Branch],
        theirs: &[Entry],
        first: &impl Fn(LogId, u64) -> Result<Reach, StoreError>,
        missing: &mut Missing,
        left: &mut usize,
    ) -> Result<(), StoreError> {
        if same(ours, theirs) {
            return Ok(());
        }
        let mut known = BTreeMap::<i64, u64>::new();
        let mut ahead = false;
        let brought = self.brought_from(ours, theirs.iter().filter_map(Entry::as_hole), left)?;
        for entry in theirs.iter().filter(|entry| !entry.is_hole()) {
            match self.locate_short(entry.log, entry.seq, entry.short)? {
                Some(at) => mark_chain(&mut known, ours, at.branch, entry.seq),
                None => ahead |= matches!(ours, [only] if entry.seq > only.head.seq),
            }
        }
        if let [only] = ours
            && ahead
            && known.is_empty()
        {
            known.insert(only.id, only.head.seq);
        }
        let from = |branch: &Branch| {
            let from = known.get(&branch.id).map_or(branch.first, |seq| seq.saturating_add(1));
            brought.get(&branch.id).map_or(from, |hole| from.min(*hole))
        };
        let first = match ours {
            [one, _, ..] => first(one.log, ours.iter().map(|branch| branch.head.seq).max().unwrap_or_default())?,
            _ => Reach::default(),
        };
        for branch in ours {
            let fork = branch.first.saturating_sub(1);
            let span = Span { log: branch.log, first: 0, last: 0, last_pos: Pos(0), known_log: !theirs.is_empty() };
            let soon = if first.is_empty() { Some(u64::MAX) } else { first.last_in(BranchKey(branch.id)) };
            let begin = Due { late: false, order: 0, branch: branch.id, fork, head: branch.head.seq, soon, span };
            let Some(due) = self.due(&begin, from(branch))? else { continue };
            let base = branch.base.and_then(|base| ours.iter().find(|branch| branch.id == base));
            match base.filter(|base| due.span.first == branch.first && (from(base)..=base.head.seq).contains(&fork)) {
                Some(base) => missing.behind.entry(base.id).or_default().push(due),
                None => missing.ready.push(Reverse(due)),
            }
        }
        Ok(())
    }

    /// The span of a branch that begins at `first`, if the branch goes so far.
    fn due(&self, of: &Due, first: u64) -> Result<Option<Due>, StoreError> {
        let Some((first, last)) = cuts(first, of.head).next() else { return Ok(None) };
        let pos = self.pos_in(of.branch, last)?.ok_or(StoreError::NoSuchPlace)?;
        let late = of.soon.is_none_or(|soon| soon < first);
        Ok(Some(Due { late, order: pos, span: Span { first, last, last_pos: Pos(pos), ..of.span }, ..*of }))
    }

    /// The runs of a log that can be read, branch by branch, each after its base. Damaged ones are left out.
    pub(super) fn readable(&self, log: LogId) -> Result<Vec<Run>, StoreError> {
        let mut runs = Vec::new();
        for branch in readable(self.branches_of_log(log))?.unwrap_or_default() {
            for (first, last) in cuts(branch.first, branch.head.seq) {
                let Some(pos) = readable(self.pos_in(branch.id, last))?.flatten() else { continue };
                let span = Span { log, first, last, last_pos: Pos(pos), known_log: false };
                runs.extend(readable(self.load(&span))?);
            }
        }
        Ok(runs)
    }

    /// The run of a span, always with its header. If the log has grown since and the span's last signature is no
    /// longer kept, the run goes on to the next one that is.
    ///
    /// # Errors
    /// When SQLite refuses, or the span is not of this store.
    pub fn load(&self, span: &Span) -> Result<Run, StoreError> {
        let sql = "SELECT branch FROM event WHERE pos = ? AND seq = ?";
        let branch = self.one(sql, [span.last_pos.0, int(span.last)], |row| row.get(0))?;
        let branch = branch.map_or(Ok(None), |branch| self.branch(branch))?;
        let branch = branch.filter(|branch| branch.log == span.log).ok_or(StoreError::NoSuchPlace)?;
        let held = self.log(span.log)?.ok_or(StoreError::NoSuchPlace)?;
        let last = cuts(span.last, branch.head.seq).next().map_or(span.last, |(_, last)| last);
        let mut community = held.community;
        let mut signature = None;
        let mut links = Vec::new();
        self.ask(|| {
            let mut statement = self.db.prepare_cached(
                "SELECT s.community, s.epoch, e.erased, e.content,
                     CASE WHEN e.pos = ? THEN (SELECT signature FROM branch WHERE id = e.branch) ELSE e.signature END
                 FROM event e CROSS JOIN seal s ON s.id = e.seal
                 WHERE e.branch = ? AND e.seq BETWEEN ? AND ? ORDER BY e.seq",
            )?;
            let mut rows = statement.query([branch.head_pos, branch.id, int(span.first), int(last)])?;
            while let Some(row) = rows.next()? {
                count::note(Work::RowRead, 1);
                community = bytes(row, 0, CommunityId::from_slice)?;
                links.push(Link { epoch: bytes(row, 1, EpochId::from_slice)?, content: stored::content(row, 2)? });
                signature = stored::signature(row, 4)?;
            }
            drop(rows);
            super::note_steps(&statement);
            Ok(())
        })?;
        let expected = last.checked_sub(span.first).and_then(|more| more.checked_add(1));
        if expected != u64::try_from(links.len()).ok() {
            return Err(StoreError::NoSuchPlace);
        }
        let signature = signature.ok_or_else(|| StoreError::Damaged { detail: "a signature is gone".to_owned() })?;
        let header = LogHeader { community, ..held };
        Ok(Run { log: span.log, header: Some(header), first: span.first, links, signature })
    }

    /// The position of what was stored last; 0 where nothing is.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn newest(&self) -> Result<Pos, StoreError> {
        Ok(Pos(self.one("SELECT coalesce(max(pos), 0) FROM event", [], |row| row.get(0))?.unwrap_or(0)))
    }

    /// How many events from `first` up to this one, in its branch, were stored after a position.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn stored_since(&self, last: Entry, first: u64, since: Pos) -> Result<u64, StoreError> {
        let Some(at) = self.locate_short(last.log, last.seq, last.short)? else { return Ok(0) };
        let sql = "SELECT count(*) FROM event WHERE branch = ? AND seq BETWEEN ? AND ? AND pos > ?";
        let params = [at.branch, int(first), int(last.seq), since.0];
        Ok(self.one(sql, params, |row| count(row, 0))?.unwrap_or(0))
    }

    /// Hashes a whole log again and checks its kept signatures.
    ///
    /// # Errors
    /// The first damage found.
    pub fn verify_chain(&self, log: LogId) -> Result<(), Damage> {
        let branches = self.branches_of_log(log)?;
        if branches.is_empty() {
            return Err(Damage::Absent(log));
        }
        for branch in branches {
            let mut parent = match (branch.base, branch.first.checked_sub(1)) {
                (Some(base), Some(seq)) => {
                    let id = self.id_in(base, seq)?.ok_or(StoreError::NoSuchPlace)?;
                    Some(Head { seq, id })
                }
                _ => None,
            };
            for (first, last) in cuts(branch.first, branch.head.seq) {
                parent = self.verify_run(&branch, first, last, parent)?;
            }
        }
        Ok(())
    }

    /// Verifies one run on top of its parent and gives its last event.
    fn verify_run(&self, branch: &Branch, first: u64, last: u64, parent: Option<Head>) -> Result<Option<Head>, Damage> {
        let log = branch.log;
        let last_pos = self.pos_in(branch.id, last)?.map(Pos).ok_or(Damage::Changed { log, seq: last })?;
        let run = self.load(&Span { log, first, last, last_pos, known_log: false })?;
        let header = run.header.ok_or(Damage::Absent(log))?;
        let run = run.verify(header, parent).map_err(|why| Damage::Broken { log, seq: first, why })?;
        for event in run.events() {
            if self.id_in(branch.id, event.seq)? != Some(event.id) {
                return Err(Damage::Changed { log, seq: event.seq });
            }
        }
        Ok(run.events().last().map(|event| Head { seq: event.seq, id: event.id }))
    }
}

/// Whether a peer has exactly the heads that are held here.
fn same(ours: &[Branch], theirs: &[Entry]) -> bool {
    ours.len() == theirs.len()
        && ours.iter().all(|branch| {
            let head = Entry { log: branch.log, seq: branch.head.seq, short: branch.head.id.short() };
            theirs.contains(&head)
        })
}

/// Notes that a chain is known up to a place of a branch, and with it what that branch is based on.
fn mark_chain(known: &mut BTreeMap<i64, u64>, ours: &[Branch], mut id: i64, mut seq: u64) {
    while let Some(branch) = ours.iter().find(|branch| branch.id == id) {
        let most = known.entry(id).or_insert(seq);
        *most = seq.max(*most);
        match (branch.base, branch.first.checked_sub(1)) {
            (Some(base), Some(before)) => (id, seq) = (base, before),
            _ => break,
        }
    }
}

/// Cuts `from..=head` behind every place whose signature is kept.
fn cuts(from: u64, head: u64) -> impl Iterator<Item = (u64, u64)> {
    let end_from = move |first: u64| {
        let kept = first.div_ceil(limits::SIGNATURE_EVERY).saturating_mul(limits::SIGNATURE_EVERY);
        (first <= head).then(|| (first, kept.min(head)))
    };
    std::iter::successors(end_from(from), move |(_, last)| last.checked_add(1).and_then(end_from))
}
