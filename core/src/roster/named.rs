//! The places that erasures name, by log: found by place, whatever was heaped up.
//!
//! It grows by layers. One erasure more makes a small one, small ones are laid together, and what is laid together is never
//! touched again: so each costs what it says, and a copy shares all there is. It knows nothing of what counts.

use std::{cmp::Reverse, sync::Arc};

use super::{ErasedAggregate, ErasedSpan, ErasureFact};
use crate::id::{DeviceId, LogId, Reference};

/// Places of one layer, beyond which it grows no more.
const LAYER: usize = 4_096;
/// Of so many places it is known how far back the first of them reaches.
const BLOCK: usize = 32;

/// A span and who names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) span: ErasedSpan,
    pub(super) creating: Reference,
    pub(super) by: Reference,
    pub(super) device: DeviceId,
}

/// All of them.
#[derive(Clone, Debug, Default)]
pub struct Named {
    layers: Vec<Arc<Layer>>,
    len: usize,
}

/// Some of them, by log and last place.
#[derive(Clone, Debug)]
struct Layer {
    places: Vec<Place>,
    /// The first place of each block.
    first: Vec<u64>,
}

impl Layer {
    fn of(mut places: Vec<Place>) -> Self {
        places.sort_by_key(Place::key);
        let first = places.chunks(BLOCK).map(|block| block.iter().map(|place| place.span.first).min().unwrap_or(0));
        let first = first.collect();
        Self { places, first }
    }

    /// Those of a log that end at a place or behind it and begin before it. Blocks that begin behind it are passed over:
    /// else whoever names places far away would have all of them looked at.
    fn at(&self, log: LogId, seq: u64) -> impl Iterator<Item = Place> {
        let begin = self.places.partition_point(|place| place.key() < (log, seq));
        let blocks = self.places.chunks(BLOCK).zip(&self.first).enumerate().skip(begin / BLOCK);
        let of_log = blocks.take_while(move |(_, (block, _))| block.first().is_some_and(|place| place.span.log <= log));
        let near = of_log.filter(move |(_, (_, first))| **first <= seq).flat_map(|(_, (block, _))| block);
        near.copied().filter(move |place| place.span.log == log && (place.span.first..=place.span.last).contains(&seq))
    }
}

impl Place {
    fn key(&self) -> (LogId, u64) {
        (self.span.log, self.span.last)
    }
}

impl Named {
    /// Takes in what one more erasure names.
    pub fn add(&mut self, fact: &ErasureFact) {
        let (by, device) = (fact.reference(), fact.log.device);
        let of = |ErasedAggregate { creating, spans }: &ErasedAggregate| {
            let creating = *creating;
            spans.iter().map(move |span| Place { span: *span, creating, by, device }).collect::<Vec<_>>()
        };
        let mut places: Vec<Place> = fact.erased.aggregates.iter().flat_map(of).collect();
        if places.is_empty() {
            return;
        }
        self.len = self.len.saturating_add(places.len());
        let fits = |layer: &&Arc<Layer>, places: &[Place]| {
            layer.places.len() <= 2 * places.len() && layer.places.len() + places.len() <= LAYER
        };
        while let Some(layer) = self.layers.last().filter(|layer| fits(layer, &places)) {
            places.extend(&layer.places);
            self.layers.pop();
        }
        self.layers.push(Arc::new(Layer::of(places)));
        // The great ones first: what is small stays at the end, where it is laid together.
        self.layers.sort_by_key(|layer| Reverse(layer.places.len()));
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Those of a place, on whichever branch.
    pub(super) fn at(&self, log: LogId, seq: u64) -> impl Iterator<Item = Place> {
        self.layers.iter().flat_map(move |layer| layer.at(log, seq))
    }
}

#[cfg(test)]
mod tests {
    use rand::{RngExt, SeedableRng};
    use rand_chacha::ChaCha20Rng;

    use super::*;
    use crate::{
        event::LogHeader,
        id::{CommunityId, EventId, Incarnation, ShortId, TopicTag},
        roster::Erased,
    };

    #[test]
    fn what_is_named_is_found_at_each_of_its_places_and_nowhere_else() {
        let mut dice = ChaCha20Rng::seed_from_u64(7);
        let (mut named, mut all) = (Named::default(), Vec::new());
        let log = |nth: u8| LogId::from_bytes([nth; 16]);
        let (check, device) = (ShortId::from_bytes([1; 16]), DeviceId::from_bytes([2; 32]));
        let (community, topic) = (CommunityId::ZERO, TopicTag::ZERO);
        let header = LogHeader { community, topic, device, incarnation: Incarnation::from_bytes([0; 8]) };
        for seq in 0..3_000 {
            let spans: Vec<ErasedSpan> = (0..dice.random_range(0..6))
                .map(|_| {
                    let first = dice.random_range(0..400);
                    ErasedSpan {
                        log: log(dice.random_range(0..3)),
                        first,
                        last: first + dice.random_range(0..9),
                        check,
                    }
                })
                .collect();
            all.extend(spans.iter().map(|span| (seq, *span)));
            let creating = Reference { log: log(9), seq: 0, check };
            let erased = Erased { aggregates: vec![ErasedAggregate { creating, spans }], totals: None };
            named.add(&ErasureFact { log: header, seq, id: EventId::ZERO, erased, newer: false, size: 0 });
        }

        assert_eq!(named.len(), all.len());
        for (nth, seq) in (0..3).flat_map(|nth| (0..420).map(move |seq| (nth, seq))) {
            let mut found: Vec<_> = named.at(log(nth), seq).map(|place| (place.by.seq, place.span)).collect();
            let covers = |span: &ErasedSpan| span.log == log(nth) && (span.first..=span.last).contains(&seq);
            let mut expected: Vec<_> = all.iter().filter(|(_, span)| covers(span)).copied().collect();
            found.sort_unstable();
            expected.sort_unstable();
            assert_eq!(found, expected);
        }
    }
}
