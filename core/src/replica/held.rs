//! For how long this replica has held each event: marks of how far its store reached at moments of its running time.
//!
//! An event lies behind every mark made before it came, and at or before the first mark made after. Nothing else is
//! kept: some hundred marks for everything, closer the younger they are. So an age is right to a minute or to a
//! thirty-second part of itself, and from a month on to a day. An age is never told too great.

use std::sync::Arc;

use crate::store::Pos;

const LEN: usize = 16;
const MINUTE_MS: u64 = 60 * 1_000;
const DAY_MS: u64 = 24 * 60 * MINUTE_MS;

/// How far the store reached at a moment of running time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Mark {
    running: u64,
    newest: Pos,
}

impl Mark {
    fn of(bytes: &[u8]) -> Option<Self> {
        let (running, newest) = bytes.split_first_chunk()?;
        let newest = i64::from_be_bytes(newest.try_into().ok()?);
        Some(Self { running: u64::from_be_bytes(*running), newest: Pos(newest) })
    }

    fn to_bytes(self) -> [u8; LEN] {
        let both = u128::from(self.running) << 64 | u128::from(self.newest.0.cast_unsigned());
        both.to_be_bytes()
    }
}

/// Marks, the oldest first; neither running time nor place ever goes back from one to the next.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Marks(Arc<Vec<Mark>>);

impl Marks {
    pub(super) fn from_bytes(bytes: &[u8]) -> Self {
        Self(Arc::new(bytes.chunks(LEN).filter_map(Mark::of).collect()))
    }

    pub(super) fn to_bytes(&self) -> Vec<u8> {
        self.0.iter().flat_map(|mark| mark.to_bytes()).collect()
    }

    /// Notes how far the store reaches now; whether that is news.
    pub(super) fn reach(&mut self, running: u64, newest: Pos) -> bool {
        if newest == Pos::default() || self.0.last().is_some_and(|last| last.newest == newest) {
            return false;
        }
        let mut marks = std::mem::take(&mut self.0);
        let all = Arc::make_mut(&mut marks);
        // A store that reaches less far was made anew: what its places were once is not what they are.
        all.retain(|mark| mark.newest < newest && mark.running <= running);
        all.push(Mark { running, newest });
        thin(all, running);
        self.0 = marks;
        true
    }

    /// Up to where the store reached so many milliseconds ago, or longer.
    pub(super) fn reached(&self, running: u64, ago: u64) -> Pos {
        let after = self.0.partition_point(|mark| mark.running.saturating_add(ago) <= running);
        after.checked_sub(1).and_then(|last| self.0.get(last)).map_or(Pos::default(), |mark| mark.newest)
    }

    /// For how many milliseconds what is stored at a place is held; never more than it is.
    fn since(&self, running: u64, pos: Pos) -> u64 {
        let first = self.0.partition_point(|mark| mark.newest < pos);
        self.0.get(first).map_or(0, |mark| running.saturating_sub(mark.running))
    }
}

/// Leaves out what lies closer together than its age asks for. First and last stay.
fn thin(marks: &mut Vec<Mark>, running: u64) {
    let mut kept: Vec<Mark> = Vec::with_capacity(marks.len());
    for (nth, mark) in marks.iter().enumerate().rev() {
        let before = nth.checked_sub(1).and_then(|before| marks.get(before));
        let close = kept.last().zip(before).is_some_and(|(after, before)| {
            let age = running.saturating_sub(after.running);
            after.running.saturating_sub(before.running) <= apart(age)
        });
        if !close {
            kept.push(*mark);
        }
    }
    kept.reverse();
    *marks = kept;
}

/// How far apart marks of this age may lie.
fn apart(age: u64) -> u64 {
    (age / 32).min(DAY_MS.max(age / 400)).max(MINUTE_MS)
}

/// For how long everything is held, at one moment.
#[derive(Clone, Debug, Default)]
pub(super) struct HeldFor {
    pub(super) running: u64,
    pub(super) marks: Marks,
}

impl HeldFor {
    /// For how many milliseconds of running time what is stored at a place is held.
    pub(super) fn since(&self, pos: Option<Pos>) -> u64 {
        pos.map_or(0, |pos| self.marks.since(self.running, pos))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_age_is_never_more_than_it_is_and_little_less() {
        let mut marks = Marks::default();
        // Something comes every forty minutes for half a year, with a silence of two days in between.
        let came: Vec<u64> = (0..6_500).map(|nth| nth * 40 * MINUTE_MS + u64::from(nth > 4_000) * 2 * DAY_MS).collect();
        for (pos, at) in (1..).zip(&came) {
            marks.reach(*at, Pos(pos));
        }
        let now = came[came.len() - 1] + 3 * MINUTE_MS;

        assert!(marks.0.len() < 600, "{} marks", marks.0.len());
        for (pos, at) in (1..).zip(&came) {
            let (age, told) = (now - at, marks.since(now, Pos(pos)));
            assert!(told <= age && told + 2 * apart(age) + 40 * MINUTE_MS >= age, "{told} for {age}");
        }
        assert_eq!(Marks::from_bytes(&marks.to_bytes()), marks);
        assert_eq!(marks.since(now, Pos(99_999)), 0, "not here yet");
    }

    #[test]
    fn what_nothing_came_after_ages_all_the_same() {
        let mut marks = Marks::default();
        marks.reach(5_000, Pos(3));
        assert!(!marks.reach(6_000, Pos(3)));

        assert_eq!(marks.since(90_000, Pos(3)), 85_000);
        assert_eq!((marks.reached(90_000, 85_000), marks.reached(90_000, 85_001)), (Pos(3), Pos::default()));
    }

    #[test]
    fn a_store_that_was_made_anew_is_young() {
        let mut marks = Marks::default();
        marks.reach(1_000, Pos(100));
        marks.reach(2 * DAY_MS, Pos(40));

        assert_eq!(marks.since(2 * DAY_MS, Pos(40)), 0);
    }
}
