//! The ends that erasures name, by log: each is found by its place, whatever was heaped up.
//!
//! An end is an event up to which places are named. Where several erasures name every place up to the same end, the
//! first place that any of them names is kept. One that leaves gaps names each place apart, in as few bytes as it is
//! said.
//!
//! The index grows by layers. Each erasure makes a small layer, small layers are laid together, and a layer that was
//! laid together is never touched again. So each erasure costs what it says, and a copy shares everything. It knows
//! neither what counts nor what is held.

use std::{cmp::Reverse, collections::BTreeMap, sync::Arc};

use super::{
    ErasedSpan, ErasureFact,
    gaps::{Gaps, Stretch, Trail},
};
use crate::{
    count::{self, Work},
    id::{LogId, ShortId},
};

/// Ends of one layer, with the gaps before them, beyond which it grows no more.
const LAYER: usize = 1 << 15;

/// An end, the first place that is named up to it, and what between them is not.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct End {
    log: LogId,
    last: u64,
    check: ShortId,
    first: u64,
    gaps: Option<Gaps>,
}

impl End {
    fn name(&self) -> (LogId, u64, ShortId) {
        (self.log, self.last, self.check)
    }

    fn stretch(&self) -> Stretch<'_> {
        Stretch { first: self.first, last: self.last, gaps: self.gaps.as_ref() }
    }

    /// How much it adds to a layer.
    fn weight(&self) -> usize {
        self.gaps.as_ref().map_or(1, |_| self.stretch().runs().count())
    }
}

/// Some of the ends that erasures name.
#[derive(Clone, Debug, Default)]
pub struct Named {
    layers: Vec<Arc<Layer>>,
    len: usize,
}

/// Some of them, by log and last place.
#[derive(Clone, Debug)]
struct Layer {
    ends: Vec<End>,
    /// Of each end the first place that it or one behind it in its log is named with, of those without gaps.
    least: Vec<u64>,
    /// The places of each log that are named with gaps.
    gapped: BTreeMap<LogId, Trail>,
    weight: usize,
}

impl From<&ErasedSpan> for End {
    fn from(span: &ErasedSpan) -> Self {
        Self { log: span.log, last: span.last, check: span.check, first: span.first, gaps: span.gaps.clone() }
    }
}

impl Layer {
    fn of(mut ends: Vec<End>) -> Self {
        // Of the same end what begins first comes first, and stays: it alone, where it has no gaps.
        ends.sort_unstable();
        ends.dedup_by(|one, before| one.name() == before.name() && (before.gaps.is_none() || one == before));
        let mut least: Vec<u64> = ends.iter().map(|end| end.gaps.as_ref().map_or(end.first, |_| u64::MAX)).collect();
        for at in (1..ends.len()).rev() {
            if let (Some(one), Some(next)) = (ends.get(at - 1), ends.get(at))
                && one.log == next.log
                && let Some([before, behind]) = least.get_mut(at - 1..=at)
            {
                *before = (*before).min(*behind);
            }
        }
        let weight = ends.iter().map(End::weight).sum();
        let mut runs = BTreeMap::<LogId, Vec<(u64, u64)>>::new();
        for end in ends.iter().filter(|end| end.gaps.is_some()) {
            runs.entry(end.log).or_default().extend(end.stretch().runs());
        }
        let gapped = runs.into_iter().map(|(log, runs)| (log, Trail::of(runs))).collect();
        Self { ends, least, gapped, weight }
    }

    /// All that is named up to an end, or with gaps up to it.
    fn up_to(&self, log: LogId, last: u64, check: ShortId) -> impl Iterator<Item = &End> {
        let from = self.ends.get(self.at(log, last, check)..).unwrap_or_default();
        from.iter().take_while(move |end| end.name() == (log, last, check))
    }

    /// The place of the first end of a log that is not before this one.
    fn at(&self, log: LogId, last: u64, check: ShortId) -> usize {
        self.ends.partition_point(|end| (end.log, end.last, end.check) < (log, last, check))
    }
}

impl Named {
    /// All ends of these erasures.
    pub fn of<'a>(facts: impl Iterator<Item = &'a ErasureFact>) -> Self {
        let (mut named, mut ends, mut weight) = (Self::default(), Vec::new(), 0);
        let mut close = |ends: &mut Vec<End>| {
            named.len = named.len.saturating_add(ends.len());
            named.layers.push(Arc::new(Layer::of(std::mem::take(ends))));
        };
        for end in facts.flat_map(|fact| fact.erased.spans()).map(End::from) {
            weight += end.weight();
            ends.push(end);
            if weight >= LAYER {
                weight = 0;
                close(&mut ends);
            }
        }
        if !ends.is_empty() {
            close(&mut ends);
        }
        named
    }

    /// Takes in what one more erasure names.
    pub fn add(&mut self, fact: &ErasureFact) {
        let mut ends: Vec<End> = fact.erased.spans().map(End::from).collect();
        if ends.is_empty() {
            return;
        }
        self.len = self.len.saturating_add(ends.len());
        let mut weight: usize = ends.iter().map(End::weight).sum();
        let fits = |layer: &&Arc<Layer>, weight: usize| layer.weight <= 2 * weight && layer.weight + weight <= LAYER;
        while let Some(layer) = self.layers.last().filter(|layer| fits(layer, weight)) {
            weight += layer.weight;
            ends.extend(layer.ends.iter().cloned());
            self.layers.pop();
        }
        self.layers.push(Arc::new(Layer::of(ends)));
        // The great ones first: what is small stays at the end, where it is laid together.
        self.layers.sort_by_key(|layer| Reverse(layer.weight));
    }

    /// How many were taken in.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The first place that is named up to this end, gaps or not; none if nobody names it.
    pub fn first_of(&self, log: LogId, last: u64, check: ShortId) -> Option<u64> {
        let found = self.layers.iter().filter_map(|layer| {
            count::note(Work::Asked, 1);
            layer.up_to(log, last, check).next().map(|end| end.first)
        });
        found.min()
    }

    /// All places that are named up to this end, some of them more than once.
    pub fn up_to(&self, log: LogId, last: u64, check: ShortId) -> impl Iterator<Item = Stretch<'_>> {
        self.layers.iter().flat_map(move |layer| {
            count::note(Work::Asked, 1);
            layer.up_to(log, last, check).map(End::stretch)
        })
    }

    /// Whether a place of a log is named up to some end from this place on, which is not before it; of what is named with gaps
    /// it is enough that the place itself is.
    pub fn names(&self, log: LogId, seq: u64, end_from: u64) -> bool {
        self.layers.iter().any(|layer| {
            count::note(Work::Asked, 1);
            let at = layer.at(log, end_from.max(seq), ShortId::from_bytes([0; ShortId::LEN]));
            let behind = layer.ends.get(at).filter(|end| end.log == log).and(layer.least.get(at));
            behind.is_some_and(|first| *first <= seq) || layer.gapped.get(&log).is_some_and(|trail| trail.holds(seq))
        })
    }

    /// How many ends there are in a log, some of them more than once.
    pub fn ends_in(&self, log: LogId) -> usize {
        let end = |layer: &Layer| layer.ends.partition_point(|end| end.log <= log);
        self.layers.iter().map(|layer| end(layer) - layer.ends.partition_point(|end| end.log < log)).sum()
    }

    /// All ends of a log.
    pub fn all_of(&self, log: LogId) -> impl Iterator<Item = (u64, ShortId)> {
        self.layers.iter().flat_map(move |layer| {
            let from = layer.ends.partition_point(|end| end.log < log);
            let of_log = layer.ends.get(from..).unwrap_or_default().iter().take_while(move |end| end.log == log);
            of_log.map(|end| (end.last, end.check))
        })
    }

    /// The ends up to which a place of a log is named, by last place and beginning of an id.
    #[cfg(test)]
    fn ends_of(&self, log: LogId, seq: u64) -> impl Iterator<Item = (u64, ShortId)> {
        let ends = self.layers.iter().flat_map(move |layer| {
            let from = layer.at(log, seq, ShortId::from_bytes([0; ShortId::LEN]));
            layer.ends.get(from..).unwrap_or_default().iter().take_while(move |end| end.log == log)
        });
        let ends = ends.inspect(|_| count::note(Work::Asked, 1));
        let over = move |end: &&End| end.stretch().runs().any(|(first, last)| first <= seq && seq <= last);
        ends.filter(over).map(|end| (end.last, end.check))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use rand::{RngExt, SeedableRng};
    use rand_chacha::ChaCha20Rng;

    use super::*;
    use crate::{
        event::LogHeader,
        id::{CommunityId, DeviceId, EventId, Incarnation, Reference, TopicTag},
        roster::{Erased, ErasedAggregate},
    };

    #[test]
    fn what_is_named_is_found_at_each_of_its_places_and_nowhere_else() {
        let mut dice = ChaCha20Rng::seed_from_u64(7);
        let log = |nth: u8| LogId::from_bytes([nth; 16]);
        let check = |nth: u8| ShortId::from_bytes([nth; 16]);
        let (community, topic) = (CommunityId::ZERO, TopicTag::ZERO);
        let device = DeviceId::from_bytes([2; 32]);
        let header = LogHeader { community, topic, device, incarnation: Incarnation::from_bytes([0; 8]) };
        let mut facts = Vec::new();
        for seq in 0..3_000 {
            let span = |dice: &mut ChaCha20Rng| {
                let first = dice.random_range(0..4_000);
                let mut runs = vec![(first, first + dice.random_range(0..9))];
                while dice.random_range(0..3) == 0 {
                    let from = runs[runs.len() - 1].1 + dice.random_range(2..40);
                    runs.push((from, from + dice.random_range(0..3)));
                }
                let (log, last) = (log(dice.random_range(0..3)), runs[runs.len() - 1].1);
                ErasedSpan { log, first, last, check: check(dice.random_range(0..3)), gaps: Gaps::between(&runs) }
            };
            let spans: Vec<ErasedSpan> = (0..dice.random_range(0..6)).map(|_| span(&mut dice)).collect();
            let creating = Reference { log: log(9), seq: 0, check: check(1) };
            let erased = Erased { aggregates: vec![ErasedAggregate { creating, spans }], totals: None };
            facts.push(ErasureFact { log: header, seq, id: EventId::ZERO, erased, newer: false, size: 0 });
        }
        let mut grown = Named::default();
        facts.iter().for_each(|fact| grown.add(fact));
        let all: Vec<&ErasedSpan> = facts.iter().flat_map(|fact| fact.erased.spans()).collect();

        for named in [grown, Named::of(facts.iter())] {
            assert_eq!(named.len(), all.len());
            for (nth, seq) in (0..3).flat_map(|nth| (0..4_020).step_by(37).map(move |seq| (nth, seq))) {
                let here = || all.iter().filter(|span| span.log == log(nth));
                let over = |span: &&&ErasedSpan| span.stretch().runs().any(|(one, end)| (one..=end).contains(&seq));
                let found: BTreeSet<_> = named.ends_of(log(nth), seq).collect();
                let expected: BTreeSet<_> = here().filter(over).map(|span| (span.last, span.check)).collect();
                assert_eq!(found, expected);
                for from in [seq, seq + 2] {
                    let expected = here().filter(over).any(|span| span.last >= from || span.gaps.is_some());
                    assert_eq!(named.names(log(nth), seq, from), expected);
                }
                for nth_check in 0..3 {
                    let same = |span: &&&ErasedSpan| (span.last, span.check) == (seq, check(nth_check));
                    let expected = here().filter(same).map(|span| span.first).min();
                    assert_eq!(named.first_of(log(nth), seq, check(nth_check)), expected);
                    let whole = here().filter(same).filter(|span| span.gaps.is_none()).map(|span| span.first).min();
                    let gapless = named.up_to(log(nth), seq, check(nth_check)).filter(|stretch| stretch.gaps.is_none());
                    assert_eq!(gapless.map(|stretch| stretch.first).min(), whole);
                }
            }
        }
    }
}
