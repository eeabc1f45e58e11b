//! Ends that erasures name, as far as they are held: what of a log is erased, whatever was heaped up (R5).
//!
//! Of each log that is named the places before held ends are laid out, branch by branch; an event that comes is looked up once
//! among the ends, and a question about an event costs a look at its branch. An end that nobody holds says nothing here. It
//! refuses to know who names what.

use std::{collections::BTreeMap, sync::Arc};

use parking_lot::Mutex;

use crate::{
    count::{self, Work},
    id::{EventId, LogId, ShortId},
    roster::{ErasedSpan, Named},
    store::{BranchKey, BranchSpan, StoreError, View},
};

/// Events of a branch that are looked at at a time.
const PAGE: u64 = 512;

/// Places of a log, or of one of its branches, that lie side by side.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Places(BTreeMap<u64, u64>);

impl Places {
    /// Adds those from one to another.
    pub fn add(&mut self, first: u64, last: u64) {
        let (mut from, mut to) = (first, last);
        while let Some((known, end)) = self.0.range(..=to.saturating_add(1)).next_back().map(|(one, end)| (*one, *end))
            && end.saturating_add(1) >= from
        {
            (from, to) = (from.min(known), to.max(end));
            self.0.remove(&known);
        }
        self.0.insert(from, to);
    }

    /// Whether a place is among them.
    pub fn holds(&self, seq: u64) -> bool {
        self.0.range(..=seq).next_back().is_some_and(|(_, last)| seq <= *last)
    }

    /// They, as a first place and a last.
    pub fn iter(&self) -> impl Iterator<Item = (u64, u64)> {
        self.0.iter().map(|(first, last)| (*first, *last))
    }
}

/// Places of a log that lead to ends, branch by branch.
#[derive(Clone, Debug, Default)]
pub(super) struct Laid(BTreeMap<BranchKey, Places>);

impl Laid {
    /// Adds the places from `first` up to an end, in the chain that ends there.
    pub(super) fn add(&mut self, tree: &BTreeMap<BranchKey, BranchSpan>, end: BranchKey, first: u64, last: u64) {
        let mut next = Some((end, last));
        while let Some((key, last)) = next.take()
            && let Some(branch) = tree.get(&key)
        {
            count::note(Work::Asked, 1);
            if first <= last {
                self.0.entry(key).or_default().add(first.max(branch.first.min(last)), last);
            }
            let before = branch.first.checked_sub(1).filter(|before| first <= *before);
            next = branch.base.zip(before);
        }
    }

    /// Whether an event at this place of a branch is among them.
    pub(super) fn holds(&self, branch: BranchKey, seq: u64) -> bool {
        self.0.get(&branch).is_some_and(|places| places.holds(seq))
    }
}

/// What is known of the ends in one log.
#[derive(Clone, Debug, Default)]
struct OfLog {
    tree: BTreeMap<BranchKey, BranchSpan>,
    /// The ends that are held.
    held: BTreeMap<(u64, ShortId), BranchKey>,
    /// What leads to those that count.
    laid: Laid,
}

/// What is known of the ends in each log that is named and held. A copy learns for itself: it may look at an earlier state of
/// the same store.
#[derive(Default)]
pub(super) struct Ends(Mutex<BTreeMap<LogId, Arc<OfLog>>>);

impl Clone for Ends {
    fn clone(&self) -> Self {
        Self(Mutex::new(self.0.lock().clone()))
    }
}

/// What stands before some ends.
pub(super) struct Before {
    laid: Laid,
    /// The places, on whatever branch.
    pub(super) places: Places,
}

impl Before {
    /// Whether an event that is held is among it.
    pub(super) fn holds(&self, view: &View, log: LogId, seq: u64, id: EventId) -> Result<bool, StoreError> {
        Ok(view.branch_at(log, seq, id)?.is_some_and(|branch| self.laid.holds(branch, seq)))
    }
}

/// All ends that are named, and those whose erasures count.
#[derive(Clone, Copy)]
pub(super) struct Both<'a> {
    pub(super) named: &'a Named,
    pub(super) counted: &'a Named,
}

impl OfLog {
    /// A log that is named, as it is now; none if it is not here. Events are looked up among ends, or ends among events, of
    /// whichever there are fewer.
    fn found(view: &View, log: LogId, ends: Both<'_>) -> Result<Option<Arc<Self>>, StoreError> {
        let mut found = Self::default();
        let branches = view.branch_spans(log)?;
        let events =
            branches.iter().map(|branch| (branch.last - branch.first).saturating_add(1)).fold(0, u64::saturating_add);
        if branches.is_empty() {
            return Ok(None);
        }
        if ends.named.ends_in(log) as u64 > events {
            found.refresh(view, log, ends)?;
            return Ok(Some(Arc::new(found)));
        }
        found.tree = branches.into_iter().map(|branch| (branch.key, branch)).collect();
        for end in ends.named.all_of(log) {
            found.look_for(view, log, end, ends)?;
        }
        Ok(Some(Arc::new(found)))
    }

    /// Looks for an end.
    fn look_for(&mut self, view: &View, log: LogId, end: (u64, ShortId), ends: Both<'_>) -> Result<(), StoreError> {
        let known = self.held.get(&end).copied();
        let Some(branch) = known.map_or_else(|| view.branch_of(log, end.0, end.1), |known| Ok(Some(known)))? else {
            return Ok(());
        };
        self.held.insert(end, branch);
        if let Some(first) = ends.counted.first_of(log, end.0, end.1) {
            self.laid.add(&self.tree, branch, first, end.0);
        }
        Ok(())
    }

    /// Looks at events that came since: some may be ends.
    fn refresh(&mut self, view: &View, log: LogId, ends: Both<'_>) -> Result<(), StoreError> {
        for branch in view.branch_spans(log)? {
            let known = self.tree.insert(branch.key, branch);
            let mut from = known.map_or(branch.first, |known| known.last.saturating_add(1));
            while from <= branch.last {
                let to = branch.last.min(from.saturating_add(PAGE - 1));
                for (seq, id) in view.ids_between(branch.key, from, to)? {
                    self.meet(ends, log, branch.key, seq, id);
                }
                from = to.saturating_add(1);
            }
        }
        Ok(())
    }

    fn meet(&mut self, ends: Both<'_>, log: LogId, branch: BranchKey, seq: u64, id: EventId) {
        if ends.named.first_of(log, seq, id.short()).is_none() {
            return;
        }
        self.held.insert((seq, id.short()), branch);
        if let Some(first) = ends.counted.first_of(log, seq, id.short()) {
            self.laid.add(&self.tree, branch, first, seq);
        }
    }

    /// Lays all out anew: fewer count than did.
    fn lay_again(&mut self, log: LogId, counted: &Named) {
        self.laid = Laid::default();
        for ((last, check), branch) in &self.held {
            if let Some(first) = counted.first_of(log, *last, *check) {
                self.laid.add(&self.tree, *branch, first, *last);
            }
        }
    }
}

impl Ends {
    /// Erasures name these places: their ends are looked for.
    pub(super) fn learn<'a>(
        &self,
        view: &View,
        ends: Both<'_>,
        spans: impl Iterator<Item = &'a ErasedSpan>,
    ) -> Result<(), StoreError> {
        let mut of = BTreeMap::<LogId, Vec<&ErasedSpan>>::new();
        spans.for_each(|span| of.entry(span.log).or_default().push(span));
        for (log, spans) in of {
            let mut state = self.state(view, log, ends)?;
            if state.tree.is_empty() {
                continue;
            }
            // Nobody else has it, so that nothing is copied.
            self.0.lock().remove(&log);
            let of_log = Arc::make_mut(&mut state);
            let head = of_log.tree.values().map(|branch| branch.last).max().unwrap_or(0);
            for span in spans.into_iter().filter(|span| span.last <= head) {
                of_log.look_for(view, log, (span.last, span.check), ends)?;
            }
            self.0.lock().insert(log, state);
        }
        Ok(())
    }

    /// Fewer erasures count than did.
    pub(super) fn lay_again(&self, counted: &Named) {
        for (log, state) in self.0.lock().iter_mut() {
            Arc::make_mut(state).lay_again(*log, counted);
        }
    }

    /// Whether an event that is held stands before an end that is held and counts. It is asked about where it is named.
    pub(super) fn erase(
        &self,
        view: &View,
        ends: Both<'_>,
        log: LogId,
        seq: u64,
        id: EventId,
    ) -> Result<bool, StoreError> {
        let state = self.state(view, log, ends)?;
        let branch = match state.tree.len() {
            1 => state.tree.keys().next().copied(),
            _ => view.branch_at(log, seq, id)?,
        };
        count::note(Work::Asked, 1);
        Ok(branch.is_some_and(|branch| state.laid.holds(branch, seq)))
    }

    /// What stands before those of these ends that are held; and where.
    pub(super) fn before<'a>(
        &self,
        view: &View,
        ends: Both<'_>,
        log: LogId,
        spans: impl Iterator<Item = &'a ErasedSpan>,
    ) -> Result<Before, StoreError> {
        let state = self.state(view, log, ends)?;
        let mut before = Before { laid: Laid::default(), places: Places::default() };
        for span in spans {
            if let Some(branch) = state.held.get(&(span.last, span.check)) {
                before.laid.add(&state.tree, *branch, span.first, span.last);
                before.places.add(span.first, span.last);
            }
        }
        Ok(before)
    }

    /// Whether this end is held.
    pub(super) fn holds(&self, log: LogId, last: u64, check: ShortId) -> bool {
        count::note(Work::Asked, 1);
        self.0.lock().get(&log).is_some_and(|state| state.held.contains_key(&(last, check)))
    }

    fn state(&self, view: &View, log: LogId, ends: Both<'_>) -> Result<Arc<OfLog>, StoreError> {
        let known = self.0.lock().remove(&log);
        let Some(mut state) = known else {
            let Some(found) = OfLog::found(view, log, ends)? else { return Ok(Arc::default()) };
            self.0.lock().insert(log, found.clone());
            return Ok(found);
        };
        let branches = view.branch_spans(log)?;
        let known = |branch: &BranchSpan| state.tree.get(&branch.key).is_some_and(|known| known.last >= branch.last);
        if !branches.iter().all(known) {
            Arc::make_mut(&mut state).refresh(view, log, ends)?;
        }
        self.0.lock().insert(log, state.clone());
        Ok(state)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_that_lie_side_by_side_are_one() {
        let mut places = Places::default();
        for (first, last) in [(5, 6), (9, 9), (20, 30), (7, 8), (22, 25), (0, 3), (29, 40), (u64::MAX, u64::MAX)] {
            places.add(first, last);
        }

        assert_eq!(places.iter().collect::<Vec<_>>(), [(0, 3), (5, 9), (20, 40), (u64::MAX, u64::MAX)]);
        assert_eq!([3, 4, 9, 10, 40, 41].map(|seq| places.holds(seq)), [true, false, true, false, true, false]);
    }
}
