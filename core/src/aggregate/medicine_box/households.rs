//! How much households took, as far as limits ask. Times are claims: they are shown, and warn; nothing is undone.

use std::collections::BTreeMap;

use super::{Fact, Part, Room, State, lineage::Lineages};
use crate::{id::Reference, label, qty::Qty, time::WallMs};

const DAY_MS: i64 = 24 * 60 * 60 * 1000;

/// A take beyond the limit that held when it was written down.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Excess {
    /// The event of the take.
    pub(super) event: Reference,
    /// The product of which too much was taken.
    pub(super) product: Reference,
    /// What a household might take in those days.
    pub(super) limit: Qty,
    /// Days that the limit is for.
    pub(super) days: u16,
    /// What the household took within it, this take too.
    pub(super) taken: Qty,
}

/// What one household did with one product, in the order of the history.
struct Use {
    event: Reference,
    at: usize,
    time: WallMs,
    qty: Qty,
    /// Taken, and no keeper answered for it.
    judged: bool,
}

/// What a household took of a product within so many days, less what it brought back, by the age of each take here.
pub(super) fn taken_within<E>(
    state: &State,
    (room, product, days): (&Room, Reference, u16),
    now: WallMs,
    held_for: impl Fn(Reference) -> Result<u64, E>,
) -> Result<Qty, E> {
    let uses = uses(state);
    let period = DAY_MS.saturating_mul(days.into()).cast_unsigned();
    let mut sum = Qty::ZERO;
    for one in uses.get(&(key(room), product)).into_iter().flatten() {
        // Where the claimed time is past the period, nothing makes it younger.
        let recent = one.time.age(now, 0) < period && one.time.age(now, held_for(one.event)?) < period;
        sum = sum.saturating_add(if recent { one.qty } else { Qty::ZERO });
    }
    Ok(sum)
}

/// Takes beyond the limits that were set before them.
pub(super) fn excesses(state: &State) -> Vec<Excess> {
    if state.limits().next().is_none() {
        return Vec::new();
    }
    let mut all = Vec::new();
    for ((_, product), uses) in uses(state) {
        let Some(limit) = state.limit(product) else { continue };
        let Some(most) = limit.qty else { continue };
        let mut sums = Sums::of(uses.iter().map(|one| one.time));
        let period = DAY_MS.saturating_mul(limit.days.into());
        for one in &uses {
            sums.add(one.time, one.qty);
            // What is dated a period later or more, as by a clock in 2099, is no reason to ask about this one.
            let later = sums.after(one.time.plus(period.saturating_sub(1)));
            let taken = sums.after(one.time.plus(-period)).saturating_sub(later);
            if one.judged && one.at > limit.at && taken > most {
                all.push(Excess { event: one.event, product, limit: most, days: limit.days, taken });
            }
        }
    }
    all
}

/// Quantities by time, of which those after any time add up in few steps (a Fenwick tree).
struct Sums {
    times: Vec<WallMs>,
    sums: Vec<Qty>,
}

impl Sums {
    /// Of nothing yet, at these times.
    fn of(times: impl Iterator<Item = WallMs>) -> Self {
        let mut times: Vec<WallMs> = times.collect();
        times.sort_unstable();
        times.dedup();
        Self { sums: vec![Qty::ZERO; times.len() + 1], times }
    }

    fn add(&mut self, time: WallMs, qty: Qty) {
        // The latest comes first, so that what is after a time is a beginning.
        let mut at = self.times.len() - self.times.partition_point(|other| *other < time);
        while let Some(sum) = self.sums.get_mut(at).filter(|_| at > 0) {
            *sum = sum.saturating_add(qty);
            at += at & at.wrapping_neg();
        }
    }

    fn after(&self, time: WallMs) -> Qty {
        let (mut at, mut all) = (self.times.len() - self.times.partition_point(|other| *other <= time), Qty::ZERO);
        while at > 0 {
            all = all.saturating_add(self.sums.get(at).copied().unwrap_or_default());
            at &= at - 1;
        }
        all
    }
}

fn uses(state: &State) -> BTreeMap<(Room, Reference), Vec<Use>> {
    let mut events: Vec<(Reference, usize, WallMs)> =
        state.entries().map(|(event, entry)| (event, entry.at, entry.moment.time())).collect();
    events.sort_by_key(|(_, at, _)| *at);
    let lineages = Lineages::of(state);
    let mut all: BTreeMap<(Room, Reference), Vec<Use>> = BTreeMap::new();
    for (event, at, time) in events {
        let Some((room, parts, back, judged)) = use_of(state, event) else { continue };
        let room = key(&room);
        for part in parts {
            let Some(product) = lineages.of_lot(part.lot).product() else { continue };
            let qty = if back { part.qty.saturating_neg() } else { part.qty };
            let one = Use { event, at, time, qty, judged };
            all.entry((room.clone(), product)).or_default().push(one);
        }
    }
    all
}

/// Who took or brought back what: the latter where the third says so. The fourth: nobody answers for it.
fn use_of(state: &State, event: Reference) -> Option<(Room, Vec<Part>, bool, bool)> {
    // Only takes and returns are worth a corrected copy.
    if !matches!(state.entry(event)?.fact, Fact::Taken(_) | Fact::Returned(_)) {
        return None;
    }
    match state.said(event)? {
        Fact::Taken(taken) => Some((taken.room?, taken.parts, false, taken.override_reason.is_none())),
        Fact::Returned(returned) => Some((returned.room?, returned.parts, true, false)),
        _ => None,
    }
}

/// A room as it is compared.
fn key(room: &Room) -> Room {
    let Room { building, unit, room } = room;
    Room { building: label::building(building), unit: label::unit(unit), room: label::room(room) }
}
