//! How much of a lot there is: its newest count, and the movements that count does not yet contain.
//!
//! Stock is never stored as a total. Nothing here is clamped: less than nothing is a shortfall, and shown.

#[cfg(feature = "uniffi")]
use crate::bindings::module_path;

use std::{cmp::Reverse, collections::BTreeSet};

use serde::Serialize;

use crate::{
    aggregate::{
        History,
        knowledge::{Known, Unanswered},
    },
    id::Reference,
    limits::COUNT_SLACK_MS,
    qty::Qty,
    time::WallMs,
};

/// When an act happened, as far as anybody claims.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    /// When it was written down, by its author's clock.
    pub wall: WallMs,
    /// When it happened, where it stood on paper first.
    pub happened_at: Option<WallMs>,
}

impl Moment {
    /// The time to compare by: the paper's, else the clock's.
    pub fn time(self) -> WallMs {
        self.happened_at.unwrap_or(self.wall)
    }
}

/// Who knew of whom when acting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Knowledge {
    /// The counter had seen the movement.
    CountKnew,
    /// Who moved the goods had seen the count.
    MovementKnew,
    /// Neither had seen the other.
    Neither,
}

/// Whether a count already contains a movement, and whether a clock had to say so.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct Containment {
    /// The count was made of what the movement had left.
    pub contained: bool,
    /// Time alone said so: what the authors knew did not, or said otherwise. Count again.
    pub by_time: bool,
}

/// Whether a count already contains a movement (R9: the one rule that reads a clock).
///
/// 1. Who counted at the shelf, not on paper, and had seen the movement counted what it left, whatever date it bears: one
///    more count, made in sight of all, always settles a lot, and no date on paper keeps it from that. What such a
///    count contains, one on paper contains whose author knew of it: [`Stock`] sees to that.
/// 2. Else, where one of the two was on paper first, the times decide, whatever was known: the order in which two slips
///    of paper are typed in says nothing about the shelf. Where what was known agrees, no doubt remains.
/// 3. Else what was known decides: a counter who had seen the movement counted what it left; who had seen the
///    count moved goods after it.
/// 4. Else the clocks: two phones apart. A movement more than five minutes earlier is contained; causality alone
///    would subtract a take that happened, unsynced, before the count. Nearer ones are added: a shortfall gets
///    looked for, a surplus nobody misses does not.
pub fn containment(knowledge: Knowledge, movement: Moment, count: Moment) -> Containment {
    let known = match knowledge {
        Knowledge::CountKnew => Some(true),
        Knowledge::MovementKnew => Some(false),
        Knowledge::Neither => None,
    };
    if known == Some(true) && count.happened_at.is_none() {
        return Containment { contained: true, by_time: false };
    }
    let on_paper = movement.happened_at.is_some() || count.happened_at.is_some();
    let (moved, counted) = (movement.time(), count.time());
    if on_paper && moved != counted {
        let contained = moved < counted;
        return Containment { contained, by_time: known != Some(contained) };
    }
    match known {
        Some(contained) => Containment { contained, by_time: false },
        None => Containment { contained: counted.since(moved) > COUNT_SLACK_MS, by_time: true },
    }
}

/// Why a quantity changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, strum::IntoStaticStr, strum::VariantNames)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
#[cfg_attr(feature = "uniffi", derive(uniffi::Enum), uniffi(name = "LotFlow"))]
pub enum Flow {
    /// Given by a neighbour.
    Donated,
    /// Arrived from another box.
    Received,
    /// Discovered, written down by nobody before.
    Found,
    /// Came back from a household.
    Returned,
    /// Made by a split, or set aside out of another lot.
    SplitIn,
    /// Went on from a closed box.
    CarriedIn,
    /// Taken for a household.
    Taken,
    /// Thrown away out of it.
    Discarded,
    /// Left for another box.
    Sent,
    /// Became another lot.
    SplitOut,
    /// Went on in another box when this one closed.
    CarriedOut,
}

impl Flow {
    /// A stable code.
    pub fn code(self) -> &'static str {
        self.into()
    }
}

/// One movement of a lot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Move {
    /// The event that says so.
    pub event: Reference,
    /// Its place in the history.
    pub at: usize,
    /// The time at which it happened, as its author claims.
    pub moment: Moment,
    /// The way in which the lot grew or shrank.
    pub flow: Flow,
    /// How much, in the lot's unit; what leaves is negative.
    pub qty: Qty,
    /// Whether the newest count contains it; without a count, nothing does.
    pub containment: Containment,
}

/// One count of a lot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Count {
    /// The event that says so.
    pub event: Reference,
    /// Its place in the history.
    pub at: usize,
    /// The time of the count, as its author claims.
    pub moment: Moment,
    /// How much was there.
    pub qty: Qty,
    /// It is dated before a count it had seen: shown, of no effect.
    pub history_only: bool,
}

/// The movements and counts of one lot.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stock {
    moves: Vec<Move>,
    counts: Vec<Count>,
    /// Places of standing counts that no later standing one had seen, ascending.
    heads: Vec<usize>,
    /// Something was said since all was judged; [`settle`](Self::settle) must follow before anybody looks.
    unsettled: bool,
}

impl Stock {
    /// Movements, in the order of the history.
    pub fn moves(&self) -> &[Move] {
        &self.moves
    }

    /// Counts, in the order of the history.
    pub fn counts(&self) -> &[Count] {
        &self.counts
    }

    /// The count that stands: the greatest by (lamport, id) that is not history only.
    pub fn newest(&self) -> Option<&Count> {
        self.count(*self.heads.last()?)
    }

    /// The count at a place of the history. They are in that order.
    fn count(&self, at: usize) -> Option<&Count> {
        self.counts.binary_search_by_key(&at, |count| count.at).ok().and_then(|nth| self.counts.get(nth))
    }

    /// How much there is; negative is a shortfall.
    pub fn qty(&self) -> Qty {
        let added = self.moves.iter().filter(|movement| !movement.containment.contained);
        added.fold(self.newest().map_or(Qty::ZERO, |count| count.qty), |sum, movement| sum.saturating_add(movement.qty))
    }

    /// What the newest count found beside what it contains: lost if negative.
    pub fn adjusted(&self) -> Qty {
        let Some(count) = self.newest() else { return Qty::ZERO };
        let contained = self.moves.iter().filter(|movement| movement.containment.contained);
        contained.fold(count.qty, |sum, movement| sum.saturating_sub(movement.qty))
    }

    /// Whether to count again: time alone decided about a movement, or concurrent counts differ.
    pub fn uncertain(&self) -> bool {
        let newest = self.newest().map(|newest| newest.qty);
        let mut standing = self.heads.iter().filter_map(|head| self.count(*head));
        let differ = standing.any(|count| Some(count.qty) != newest);
        differ || self.moves.iter().any(|movement| movement.containment.by_time)
    }

    /// Adds the newest movement.
    pub(super) fn moved(&mut self, mut movement: Move, causes: &Causes<'_>) {
        if let Some(count) = self.newest().filter(|_| !self.unsettled) {
            movement.containment = judge(&movement, count, causes);
        }
        self.moves.push(movement);
    }

    /// Adds a count; [`settle`](Self::settle) must follow.
    pub(super) fn counted(&mut self, count: Count) {
        self.counts.push(count);
        self.unsettled = true;
    }

    /// Adds a movement, whatever its place; [`settle`](Self::settle) must follow.
    pub(super) fn put_move(&mut self, movement: Move) {
        self.moves.push(movement);
        self.unsettled = true;
    }

    /// Takes in all that was said of the same heap under another name; [`settle`](Self::settle) must follow.
    pub(super) fn join(&mut self, other: Stock) {
        self.unsettled = true;
        self.moves.extend(other.moves);
        self.counts.extend(other.counts);
    }

    /// Takes out all that some events said; [`settle`](Self::settle) must follow.
    pub(super) fn withdraw(&mut self, events: &BTreeSet<Reference>) {
        self.moves.retain(|movement| !events.contains(&movement.event));
        self.counts.retain(|count| !events.contains(&count.event));
        self.unsettled = true;
    }

    /// Puts all in order. What one event said of one heap under two names is one line.
    fn sort(&mut self) {
        self.moves.sort_by_key(|movement| (movement.at, movement.flow));
        self.moves.dedup_by(|same, known| {
            let is = (same.at, same.flow) == (known.at, known.flow);
            known.qty = if is { known.qty.saturating_add(same.qty) } else { known.qty };
            is
        });
        self.counts.sort_by_key(|count| count.at);
        self.counts.dedup_by(|same, known| {
            let is = same.at == known.at;
            known.qty = if is { known.qty.saturating_add(same.qty) } else { known.qty };
            is
        });
    }

    /// Judges everything again after counts or corrections, of however many events: once.
    pub(super) fn settle(&mut self, causes: &Causes<'_>) {
        self.sort();
        self.mark_history(causes);
        let standing = self.counts.iter().filter(|count| !count.history_only);
        self.heads = causes.newest_of(standing.map(|count| count.at));
        self.judge_all(causes);
        self.unsettled = false;
    }

    /// Finds counts that are dated before one they had seen: the latest first, each asks who of those dated behind it it
    /// knew. What a count at the shelf had seen, which it knew too, is settled: a date in the future bars no later slip.
    fn mark_history(&mut self, causes: &Causes<'_>) {
        let dated: Vec<WallMs> = self.counts.iter().filter_map(|count| count.moment.happened_at).collect();
        let Some(first) = dated.iter().min() else {
            self.counts.iter_mut().for_each(|count| count.history_only = false);
            return;
        };
        let mut latest: Vec<(WallMs, usize)> =
            self.counts.iter().map(|count| (count.moment.time(), count.at)).filter(|(time, _)| time > first).collect();
        latest.sort_unstable();
        let at_the_shelf = self.at_the_shelf(causes);
        let mut asking: Vec<&mut Count> = self.counts.iter_mut().collect();
        asking.sort_by_key(|count| Reverse(count.moment.happened_at));
        let mut behind = Unanswered::default();
        for count in asking {
            let Some(on) = count.moment.happened_at else {
                count.history_only = false;
                continue;
            };
            while let Some((_, at)) = latest.pop_if(|(time, _)| *time > on) {
                causes.0.leave_open(&mut behind, at);
            }
            count.history_only = causes.knew_unsettled(count.at, &behind, &at_the_shelf);
        }
    }

    /// Counts at the shelf, not on paper.
    fn at_the_shelf(&self, causes: &Causes<'_>) -> Unanswered {
        let mut counts = Unanswered::default();
        for count in self.counts.iter().filter(|count| count.moment.happened_at.is_none()) {
            causes.0.leave_open(&mut counts, count.at);
        }
        counts
    }

    fn judge_all(&mut self, causes: &Causes<'_>) {
        let newest = self.newest().cloned();
        let on_paper = newest.as_ref().filter(|count| count.moment.happened_at.is_some());
        let settled = on_paper.map(|count| causes.settled(count.at, &self.at_the_shelf(causes)));
        for movement in &mut self.moves {
            let is_settled = settled.as_ref().is_some_and(|settled| causes.0.is_in(settled, movement.at));
            movement.containment = match &newest {
                Some(_) if is_settled => Containment { contained: true, by_time: false },
                Some(count) => judge(movement, count, causes),
                None => Containment::default(),
            };
        }
    }
}

fn judge(movement: &Move, count: &Count, causes: &Causes<'_>) -> Containment {
    let knowledge = if causes.knew(count.at, movement.at) {
        Knowledge::CountKnew
    } else if causes.knew(movement.at, count.at) {
        Knowledge::MovementKnew
    } else {
        Knowledge::Neither
    };
    containment(knowledge, movement.moment, count.moment)
}

/// Who knew of whom, as the history says.
pub(super) struct Causes<'h>(&'h History);

impl<'h> Causes<'h> {
    pub(super) fn new(history: &'h History) -> Self {
        Self(history)
    }

    pub(super) fn knew(&self, later: usize, earlier: usize) -> bool {
        self.0.knew(later, earlier)
    }

    /// Whether the author of an act knew of one of `some`, and of none of `settling` whose author had known of that one.
    fn knew_unsettled(&self, act: usize, some: &Unanswered, settling: &Unanswered) -> bool {
        if settling.is_empty() {
            return self.0.knew_any(act, some);
        }
        // Who knows an act knows those before it in its chain: the last of each chain speaks for all.
        let settled = self.settled(act, settling);
        self.0.last_known(act, some).into_iter().any(|known| !self.0.is_in(&settled, known))
    }

    /// What the authors of those of `settling` had known that the author of an act knew of.
    fn settled(&self, act: usize, settling: &Unanswered) -> Known {
        self.0.known_to(self.0.last_known(act, settling))
    }

    /// Of these acts, in order, those that no later one of them knew of.
    fn newest_of(&self, acts: impl DoubleEndedIterator<Item = usize>) -> Vec<usize> {
        self.0.newest_of(acts)
    }
}
