//! Gaps: which places between a first and a last one are meant, where not all are.
//!
//! A device that writes in turns into two orders leaves one event of each between two of the other. A span says by
//! turns how many places are meant and how many are not, in one or two bytes each. So one span names a log's whole
//! share of an order, whatever its author did.
//!
//! Turns are read one after the other and never laid out, so a span costs no more memory than it has bytes. It refuses
//! to know what stands at a place.

use std::sync::Arc;

use minicbor::{Decode, Decoder, Encode, Encoder, bytes::ByteSlice};

use crate::{limits, varint};

/// Places that are not meant between two that are, up to which both are looked at in one go.
const NEAR: u64 = 32;
/// Runs of a trail that are read to find one place.
const MARK_EVERY: usize = 32;

/// Places of a span that are not meant: by turns how many are and how many are not, both at least one, up to the last gap.
/// What stands behind that is meant.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Gaps(Arc<[u8]>);

impl<C> Encode<C> for Gaps {
    fn encode<W: minicbor::encode::Write>(
        &self,
        to: &mut Encoder<W>,
        _: &mut C,
    ) -> Result<(), minicbor::encode::Error<W::Error>> {
        to.bytes(&self.0)?.ok()
    }
}

impl<'b, C> Decode<'b, C> for Gaps {
    fn decode(from: &mut Decoder<'b>, context: &mut C) -> Result<Self, minicbor::decode::Error> {
        let bytes: &ByteSlice = Decode::decode(from, context)?;
        Ok(Self(Arc::from(&**bytes)))
    }
}

impl Gaps {
    /// Those between runs of places, each a first and a last one, in order and none right behind another; none if there are
    /// none.
    pub fn between(runs: &[(u64, u64)]) -> Option<Self> {
        let mut said = Vec::new();
        for pair in runs.windows(2) {
            if let [(first, last), (next, _)] = pair {
                varint::put(&mut said, last.saturating_sub(*first).saturating_add(1));
                varint::put(&mut said, next.saturating_sub(*last).saturating_sub(1));
            }
        }
        (!said.is_empty()).then(|| Self(said.into()))
    }

    /// What was said, whatever it is.
    #[cfg(any(test, feature = "count"))]
    pub fn from_bytes(bytes: &[u8]) -> Self {
        Self(bytes.into())
    }

    /// They, as they are said.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// How many there are; none if they are not said in their one form, or do not fit between these places.
    pub fn count(&self, first: u64, last: u64) -> Option<usize> {
        let (mut rest, mut at, mut gaps) = (&*self.0, first, 0_usize);
        while !rest.is_empty() {
            for _ in 0..2 {
                let places = varint::take(&mut rest).ok().filter(|places| *places > 0)?;
                at = at.checked_add(places).filter(|at| *at <= last)?;
            }
            gaps = gaps.saturating_add(1);
        }
        (gaps > 0).then_some(gaps)
    }
}

/// Places of one log from a first to a last one, all or but for gaps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stretch<'a> {
    /// The first place that is meant.
    pub first: u64,
    /// The last place that is meant.
    pub last: u64,
    /// What between them is not meant.
    pub gaps: Option<&'a Gaps>,
}

impl<'a> Stretch<'a> {
    /// The places that are meant, each as the first and last of some that lie side by side, in order.
    pub fn runs(self) -> Runs<'a> {
        let rest = self.gaps.map_or(&[][..], |gaps| &gaps.0);
        Runs { rest, next: Some(self.first), last: self.last }
    }

    /// The same with those together that lie near each other: more than is meant, for whoever looks at each place again.
    pub fn near(self) -> impl Iterator<Item = (u64, u64)> + 'a {
        joined(self.runs())
    }
}

/// Places that are meant, one run after the other.
#[derive(Clone, Debug)]
pub struct Runs<'a> {
    rest: &'a [u8],
    next: Option<u64>,
    last: u64,
}

impl Iterator for Runs<'_> {
    type Item = (u64, u64);

    fn next(&mut self) -> Option<(u64, u64)> {
        let first = self.next.take()?;
        if self.rest.is_empty() {
            return Some((first, self.last));
        }
        // What is not of its one form was refused when it was read.
        let (run, gap) = (varint::take(&mut self.rest).ok()?, varint::take(&mut self.rest).ok()?);
        let behind = first.checked_add(run)?;
        self.next = behind.checked_add(gap).filter(|next| *next <= self.last);
        Some((first, behind.checked_sub(1)?))
    }
}

/// Runs of places with those together that lie near each other.
pub fn joined(runs: impl Iterator<Item = (u64, u64)>) -> impl Iterator<Item = (u64, u64)> {
    let mut runs = runs.peekable();
    std::iter::from_fn(move || {
        let (first, mut last) = runs.next()?;
        while let Some((_, end)) = runs.next_if(|(next, _)| *next <= last.saturating_add(NEAR)) {
            last = last.max(end);
        }
        Some((first, last))
    })
}

/// Many runs of places, kept in as few bytes as they are said in, and found by place.
#[derive(Clone, Debug, Default)]
pub(super) struct Trail {
    /// By turns how far it is to the next run and how many places that has.
    said: Vec<u8>,
    /// Where some of the runs begin, and where they are said.
    marks: Vec<(u64, usize)>,
}

impl Trail {
    /// Those of these runs, in whatever order.
    pub(super) fn of(mut runs: Vec<(u64, u64)>) -> Self {
        runs.sort_unstable();
        let (mut trail, mut behind, mut known) = (Self::default(), 0, 0);
        let mut runs = runs.into_iter().peekable();
        while let Some((first, mut last)) = runs.next() {
            while let Some((_, end)) = runs.next_if(|(next, _)| *next <= last.saturating_add(1)) {
                last = last.max(end);
            }
            if known % MARK_EVERY == 0 {
                trail.marks.push((first, trail.said.len()));
                behind = first;
            }
            varint::put(&mut trail.said, first - behind);
            varint::put(&mut trail.said, last - first);
            (behind, known) = (last, known + 1);
        }
        trail.said.shrink_to_fit();
        trail
    }

    /// Whether a place is among them.
    pub(super) fn holds(&self, seq: u64) -> bool {
        let mark = self.marks.partition_point(|(first, _)| *first <= seq).checked_sub(1);
        let Some((mut at, from)) = mark.and_then(|mark| self.marks.get(mark)).copied() else { return false };
        let mut rest = self.said.get(from..).unwrap_or_default();
        for _ in 0..MARK_EVERY {
            let (Ok(gap), Ok(run)) = (varint::take(&mut rest), varint::take(&mut rest)) else { return false };
            let first = at.saturating_add(gap);
            at = first.saturating_add(run);
            if seq <= at {
                return first <= seq;
            }
        }
        false
    }
}

/// Whether so many spans with so many gaps are too many for one event.
pub(super) fn are_too_many(spans: usize, gaps: usize) -> bool {
    spans.saturating_add(gaps) > limits::ERASED_SPANS
}

#[cfg(test)]
mod tests {
    use rand::{RngExt, SeedableRng};
    use rand_chacha::ChaCha20Rng;

    use super::*;

    #[test]
    fn the_places_that_are_meant_come_back_and_have_one_form() {
        let mut dice = ChaCha20Rng::seed_from_u64(11);
        for _ in 0..200 {
            let (mut runs, mut at) = (Vec::new(), dice.random_range(0..1_000_u64));
            for _ in 0..dice.random_range(1..300) {
                let (run, gap) = ([2, 200][dice.random_range(0..2)], [2, 40_000][dice.random_range(0..2)]);
                let last = at + dice.random_range(0..run);
                runs.push((at, last));
                at = last + 2 + dice.random_range(0..gap);
            }
            let (first, last) = (runs[0].0, runs[runs.len() - 1].1);
            let gaps = Gaps::between(&runs);
            let stretch = Stretch { first, last, gaps: gaps.as_ref() };

            assert_eq!(stretch.runs().collect::<Vec<_>>(), runs);
            assert_eq!(gaps.as_ref().map_or(Some(0), |gaps| gaps.count(first, last)), Some(runs.len() - 1));
            let near: Vec<_> = stretch.near().collect();
            assert!(runs.iter().all(|(one, end)| near.iter().any(|(from, to)| from <= one && end <= to)));
            assert!(near.windows(2).all(|pair| pair[1].0 > pair[0].1 + NEAR));
            let trail = Trail::of(runs.iter().rev().copied().collect());
            assert!(trail.said.len() <= 6 * runs.len());
            for _ in 0..200 {
                let seq = dice.random_range(first.saturating_sub(9)..last + 9);
                assert_eq!(trail.holds(seq), runs.iter().any(|(one, end)| (*one..=*end).contains(&seq)), "{seq}");
            }
        }
    }

    #[test]
    fn what_is_not_of_the_one_form_is_none_and_ends_where_it_ends() {
        let of = |bytes: &[u8]| Gaps::from_bytes(bytes).count(10, 20);

        assert_eq!([of(&[1, 1]), of(&[3, 4, 2, 1]), of(&[1, 9])], [Some(1), Some(2), Some(1)]);
        for wrong in [
            &[][..],
            &[1],
            &[0, 1],
            &[1, 0],
            &[1, 10],
            &[3, 4, 2],
            &[3, 4, 2, 2],
            &[0x81, 0, 1],
            &[1, 1, 0x80],
            &[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1, 1],
        ] {
            assert_eq!(of(wrong), None, "{wrong:?}");
            let gaps = Gaps::from_bytes(wrong);
            assert!(Stretch { first: 10, last: 20, gaps: Some(&gaps) }.runs().count() < 20);
        }
        let all = Gaps::from_bytes(&[1, 1]);
        assert_eq!(all.count(u64::MAX - 2, u64::MAX), Some(1));
        assert_eq!(all.count(u64::MAX - 1, u64::MAX), None);
    }
}
