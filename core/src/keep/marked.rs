//! The heads that acts name of one log: which of them are held, and in which branch.
//!
//! Each head is looked up once, however many acts name it. From then on only what came since is looked at. It refuses
//! to know what a head is named for.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    count::{self, Work},
    id::{EventId, LogId},
    roster::CutHead,
    store::{BranchKey, BranchSpan, Pos, Reach, StoreError, View},
};

/// Places of a log that are looked up at once, where several of them are asked about.
const BLOCK: u64 = 64;

/// The heads of one log that were asked about.
#[derive(Default)]
pub(super) struct Marked {
    branches: BTreeMap<BranchKey, BranchSpan>,
    held: BTreeMap<CutHead, BranchKey>,
    absent: BTreeSet<CutHead>,
    /// What had come last when that was so.
    newest: Pos,
    /// How many of those that were absent have come.
    came: u64,
}

impl Marked {
    /// Nothing yet, for the so manieth time: so what was laid out of what was known before is not taken for what is known now.
    pub(super) fn new(times: u64) -> Self {
        Self { came: times << 32, ..Self::default() }
    }

    /// How many heads it knows of.
    pub(super) fn len(&self) -> usize {
        self.held.len().saturating_add(self.absent.len())
    }

    /// How many of those that were absent have come.
    pub(super) fn came(&self) -> u64 {
        self.came
    }

    /// The branch of a head that was looked for; none if it is not held.
    pub(super) fn branch_of(&self, head: CutHead) -> Option<BranchKey> {
        count::note(Work::Asked, 1);
        self.held.get(&head).copied()
    }

    /// Lays the chain of a head that is held upon others.
    pub(super) fn follow(&self, reach: &mut Reach, branch: BranchKey, seq: u64) {
        reach.follow(branch, seq, |branch| self.branches.get(&branch).map(|span| (span.base, span.first)));
    }

    /// Whether what a view shows, of which this came last, is all that was looked at here.
    pub(super) fn is_at(&self, newest: Pos) -> bool {
        newest >= self.newest
    }

    /// Takes note of what came since. Whoever looks at an earlier state of the store learns what came after it.
    pub(super) fn refresh(&mut self, view: &View, log: LogId, newest: Pos) -> Result<(), StoreError> {
        if newest <= self.newest {
            return Ok(());
        }
        for span in view.branch_spans(log)? {
            let known = self.branches.get(&span.key).map(|known| known.last.saturating_add(1));
            self.look_between(view, &span, known.unwrap_or(span.first))?;
            self.branches.insert(span.key, span);
        }
        self.newest = newest;
        Ok(())
    }

    /// Looks for absent heads at the places of a branch from `first` on: each by itself where they are few.
    fn look_between(&mut self, view: &View, span: &BranchSpan, first: u64) -> Result<(), StoreError> {
        if first > span.last {
            return Ok(());
        }
        let (from, to) = (at(first, 0x00), at(span.last, 0xff));
        let places: BTreeSet<u64> = self.absent.range(from..=to).map(|head| head.seq).collect();
        count::note(Work::Asked, places.len().saturating_add(1) as u64);
        let (Some(least), Some(most)) = (places.first().copied(), places.last().copied()) else { return Ok(()) };
        let mut found = Vec::new();
        if (places.len() as u64) < most.saturating_sub(least) / 4 {
            for place in places {
                found.extend(view.ids_between(span.key, place, place)?);
            }
        } else {
            found = view.ids_between(span.key, least, most)?;
        }
        for (seq, id) in found {
            let head = CutHead { seq, id };
            if self.absent.remove(&head) {
                self.held.insert(head, span.key);
                self.came = self.came.saturating_add(1);
            }
        }
        Ok(())
    }

    /// Looks for heads that were not looked for before. All that came before is known. What is not in a view behind which
    /// something came that was looked at here may have come with that: it is not known to be absent.
    pub(super) fn look_for(
        &mut self,
        (view, newest): (&View, Pos),
        log: LogId,
        heads: impl Iterator<Item = CutHead>,
    ) -> Result<(), StoreError> {
        let new: BTreeSet<CutHead> = heads
            .inspect(|_| count::note(Work::Asked, 1))
            .filter(|head| !self.held.contains_key(head) && !self.absent.contains(head))
            .collect();
        let last = self.branches.values().map(|span| span.last).max();
        let new: Vec<CutHead> = new.into_iter().collect();
        for near in new.chunk_by(|one, other| one.seq / BLOCK == other.seq / BLOCK) {
            let (Some(least), Some(most)) = (near.first(), near.last()) else { continue };
            let found: BTreeMap<CutHead, BranchKey> = if Some(least.seq) <= last {
                let between = view.branches_between(log, least.seq, most.seq)?;
                between.into_iter().map(|(seq, id, branch)| (CutHead { seq, id }, branch)).collect()
            } else {
                BTreeMap::new()
            };
            for head in near {
                match found.get(head) {
                    Some(branch) => drop(self.held.insert(*head, *branch)),
                    None if self.is_at(newest) => drop(self.absent.insert(*head)),
                    None => {}
                }
            }
        }
        Ok(())
    }
}

/// The first or the last head that there may be at a place.
fn at(seq: u64, byte: u8) -> CutHead {
    CutHead { seq, id: EventId::from_bytes([byte; 32]) }
}
