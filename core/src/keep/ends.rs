//! Ends of erasures: which places of a log are erased, up to the last events that erasures name (R5).
//!
//! The places before each end that is held are laid out once, branch by branch. An event that comes is looked up once
//! among the ends, and a question about an event costs a look at its branch, whatever was heaped up. An end that nobody
//! here holds says nothing. It refuses to know who names what.

use std::{collections::BTreeMap, sync::Arc};

use parking_lot::Mutex;

use crate::{
    count::{self, Work},
    id::{EventId, LogId, ShortId},
    roster::{ErasedSpan, Named, Stretch, joined},
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

    /// How many they are.
    pub fn count(&self) -> u64 {
        self.iter().fold(0, |count, (first, last)| count.saturating_add(last.saturating_sub(first)).saturating_add(1))
    }

    /// The first of them and the last.
    pub fn extent(&self) -> Option<(u64, u64)> {
        Some((*self.0.first_key_value()?.0, *self.0.last_key_value()?.1))
    }

    /// The next that lie side by side, from a place on, as a first place and a last.
    pub(super) fn from(&self, seq: u64) -> Option<(u64, u64)> {
        let at = self.0.range(..=seq).next_back().filter(|(_, last)| seq <= **last).map(|(_, last)| (seq, *last));
        at.or_else(|| self.0.range(seq..).next().map(|(first, last)| (*first, *last)))
    }

    /// They, as a first place and a last.
    pub fn iter(&self) -> impl Iterator<Item = (u64, u64)> {
        self.0.iter().map(|(first, last)| (*first, *last))
    }
}

/// Places of a log that are held, one bit for each: what is said of them in however many pieces takes no more.
#[derive(Clone, Debug, Default)]
pub(super) struct Bits {
    first: u64,
    words: Vec<u64>,
}

const WORD: u64 = u64::BITS as u64;

impl Bits {
    /// Of places from this one on.
    pub(super) fn from(first: u64) -> Self {
        Self { first, words: Vec::new() }
    }

    /// Adds those from one to another that are held, the first not before all.
    pub(super) fn add(&mut self, first: u64, last: u64) {
        let (from, to) = (first.saturating_sub(self.first), last.saturating_sub(self.first));
        let index = |at: u64| usize::try_from(at / WORD).unwrap_or(usize::MAX);
        let (one, end) = (index(from), index(to));
        if self.words.len() <= end {
            self.words.resize(end.saturating_add(1), 0);
        }
        for (at, word) in self.words.iter_mut().enumerate().take(end.saturating_add(1)).skip(one) {
            let low = if at == one { u64::MAX << (from % WORD) } else { u64::MAX };
            let high = if at == end { u64::MAX >> (WORD - 1 - to % WORD) } else { u64::MAX };
            *word |= low & high;
        }
    }

    /// Whether a place is among them.
    fn holds(&self, seq: u64) -> bool {
        let Some(at) = seq.checked_sub(self.first) else { return false };
        let word = usize::try_from(at / WORD).ok().and_then(|word| self.words.get(word));
        word.is_some_and(|word| word >> (at % WORD) & 1 == 1)
    }

    /// They, as a first place and a last of some that lie side by side.
    fn runs(&self) -> impl Iterator<Item = (u64, u64)> {
        let words = self.words.iter().zip(0_u64..).filter(|(word, _)| **word != 0);
        words.flat_map(|(word, nth)| {
            let (mut left, at) = (*word, self.first.saturating_add(nth.saturating_mul(WORD)));
            std::iter::from_fn(move || {
                let from = left.trailing_zeros();
                let run = left.checked_shr(from)?.trailing_ones();
                let ones = u64::MAX >> (u64::BITS - run);
                left &= !(ones << from);
                let first = at.saturating_add(from.into());
                Some((first, first.saturating_add(u64::from(run) - 1)))
            })
        })
    }
}

/// Places of a log that lead to ends, branch by branch.
#[derive(Clone, Debug, Default)]
pub(super) struct Laid(BTreeMap<BranchKey, Bits>);

impl Laid {
    /// Adds what is meant of a stretch up to an end that is held, in the chain that ends there.
    pub(super) fn add(&mut self, tree: &BTreeMap<BranchKey, BranchSpan>, end: BranchKey, stretch: Stretch<'_>) {
        let (mut chain, mut next) = (Vec::new(), Some((end, stretch.last)));
        while let Some((key, last)) = next.take()
            && let Some(branch) = tree.get(&key)
        {
            count::note(Work::Asked, 1);
            chain.push((key, branch.first.min(last), last));
            let before = branch.first.checked_sub(1).filter(|before| stretch.first <= *before);
            next = branch.base.zip(before);
        }
        for (first, last) in stretch.runs() {
            count::note(Work::Asked, stretch.gaps.is_some().into());
            // What lies behind in the chain has all been said of the branches before.
            while chain.last().is_some_and(|(_, _, to)| *to < first) {
                chain.pop();
            }
            for (key, from, to) in chain.iter().rev().take_while(|(_, from, _)| *from <= last) {
                let places = self.0.entry(*key).or_insert_with(|| Bits::from(*from));
                places.add(first.max(*from), last.min(*to));
            }
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
    /// The places, on whatever branch, and what lies between those that are near each other.
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
        let Some(branch) = view.branch_of(log, end.0, end.1)? else { return Ok(()) };
        self.hold(log, end, branch, ends.counted);
        Ok(())
    }

    /// An end is held: all that is named up to it and counts is laid out.
    fn hold(&mut self, log: LogId, end: (u64, ShortId), branch: BranchKey, counted: &Named) {
        self.held.insert(end, branch);
        for stretch in counted.up_to(log, end.0, end.1) {
            self.laid.add(&self.tree, branch, stretch);
        }
    }

    /// Places are named: if their end was known to be held before, they are all that is new.
    fn learn(
        &mut self,
        view: &View,
        log: LogId,
        span: &ErasedSpan,
        counts: bool,
        ends: Both<'_>,
    ) -> Result<(), StoreError> {
        let end = (span.last, span.check);
        match self.held.get(&end) {
            Some(branch) if counts => self.laid.add(&self.tree, *branch, span.stretch()),
            Some(_) => {}
            None => self.look_for(view, log, end, ends)?,
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
        self.hold(log, (seq, id.short()), branch, ends.counted);
    }

    /// Lays all out anew: fewer count than did.
    fn lay_again(&mut self, log: LogId, counted: &Named) {
        self.laid = Laid::default();
        for ((last, check), branch) in &self.held {
            for stretch in counted.up_to(log, *last, *check) {
                self.laid.add(&self.tree, *branch, stretch);
            }
        }
    }
}

impl Ends {
    /// Erasures, which count or do not, name these places: their ends are looked for.
    pub(super) fn learn<'a>(
        &self,
        view: &View,
        ends: Both<'_>,
        spans: impl Iterator<Item = (&'a ErasedSpan, bool)>,
    ) -> Result<(), StoreError> {
        let mut of = BTreeMap::<LogId, Vec<(&ErasedSpan, bool)>>::new();
        spans.for_each(|(span, counts)| of.entry(span.log).or_default().push((span, counts)));
        for (log, spans) in of {
            let mut state = self.state(view, log, ends)?;
            if state.tree.is_empty() {
                continue;
            }
            // Nobody else has it, so that nothing is copied.
            self.0.lock().remove(&log);
            let of_log = Arc::make_mut(&mut state);
            let head = of_log.tree.values().map(|branch| branch.last).max().unwrap_or(0);
            for (span, counts) in spans.into_iter().filter(|(span, _)| span.last <= head) {
                of_log.learn(view, log, span, counts, ends)?;
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
        named: impl Iterator<Item = (Stretch<'a>, ShortId)>,
    ) -> Result<Before, StoreError> {
        let state = self.state(view, log, ends)?;
        let mut before = Before { laid: Laid::default(), places: Places::default() };
        for (stretch, check) in named {
            if let Some(branch) = state.held.get(&(stretch.last, check)) {
                before.laid.add(&state.tree, *branch, stretch);
                stretch.near().for_each(|(first, last)| before.places.add(first, last));
            }
        }
        Ok(before)
    }

    /// The places, on whatever branch, that are named up to an end, and what lies between those that are near each other.
    pub(super) fn named_before(&self, named: &Named, log: LogId, last: u64, check: ShortId) -> Vec<(u64, u64)> {
        let Some(before) = last.checked_sub(1) else { return Vec::new() };
        let mut places = Bits::default();
        for stretch in named.up_to(log, last, check) {
            stretch
                .runs()
                .filter(|(first, _)| *first <= before)
                .for_each(|(one, end)| places.add(one, end.min(before)));
        }
        joined(places.runs()).collect()
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
    fn bits_are_the_places_that_were_added() {
        let mut bits = Bits::from(7);
        let added = [(7, 7), (9, 9), (70, 71), (60, 64), (135, 300), (134, 134), (340, 340)];
        for (first, last) in added {
            bits.add(first, last);
        }

        for seq in 0..500 {
            let expected = added.iter().any(|(first, last)| (*first..=*last).contains(&seq));
            assert_eq!(bits.holds(seq), expected, "{seq}");
            assert_eq!(bits.runs().any(|(first, last)| (first..=last).contains(&seq)), expected, "{seq}");
        }
        assert_eq!(joined(bits.runs()).collect::<Vec<_>>(), [(7, 9), (60, 71), (134, 300), (340, 340)]);
    }

    #[test]
    fn places_that_lie_side_by_side_are_one() {
        let mut places = Places::default();
        for (first, last) in [(5, 6), (9, 9), (20, 30), (7, 8), (22, 25), (0, 3), (29, 40), (u64::MAX, u64::MAX)] {
            places.add(first, last);
        }

        assert_eq!(places.iter().collect::<Vec<_>>(), [(0, 3), (5, 9), (20, 40), (u64::MAX, u64::MAX)]);
        let next = [0, 4, 7, 10, 40, 41].map(|seq| places.from(seq));
        let far = Some((u64::MAX, u64::MAX));
        assert_eq!(next, [Some((0, 3)), Some((5, 9)), Some((7, 9)), Some((20, 40)), Some((40, 40)), far]);
        assert_eq!([3, 4, 9, 10, 40, 41].map(|seq| places.holds(seq)), [true, false, true, false, true, false]);
    }
}
