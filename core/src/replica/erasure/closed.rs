//! Orders closed long ago, which a coordinator's replica erases by itself.
//!
//! A wall clock alone does not say what is long ago: a clock that jumps to 2099 would erase every closed order on every
//! phone. So two things must hold (R9). The order is closed for long enough by the wall clock. And everything about it
//! was held here for as long while this replica ran.

use super::{
    EraseError,
    share::{LeftOut, Shares},
};
use crate::{
    aggregate::{Held, Match, Position, Select, medicine_box::BOX_MOVE, order::ORDER_CARD},
    id::Reference,
    limits,
    replica::{Replica, held::HeldFor, query::every},
    store::{Judged, Pos, Reader, StoreError},
};

const DAY_MS: u64 = 24 * 60 * 60 * 1_000;
/// Orders that are erased by themselves in one go.
const AT_ONCE: usize = 256;

/// A limit of days, by both clocks: older is what is dated before, or ahead of now, and stored up to here.
struct Before {
    wall: i64,
    now: i64,
    pos: Pos,
}

impl Before {
    /// The dates that are before it, and those that say nothing: what is dated ahead was written before all the same, so how
    /// long it is held here decides alone.
    fn dated(&self) -> Match {
        Match::Outside(self.wall.into(), self.now.saturating_add(1).into())
    }

    fn is_dated(&self, wall: i64) -> bool {
        wall < self.wall || wall > self.now
    }
}

impl Replica {
    /// Orders that are closed for long enough and have nothing about them that is still open; and how many are passed over
    /// because it is known that they take more than is left to who posted them.
    pub(super) fn closed_long_ago(
        &self,
        left_out: &LeftOut,
        shares: &mut Shares,
    ) -> Result<(Vec<Reference>, u64), EraseError> {
        let settings = self.settings().map_err(EraseError::from_query)?;
        let days = u64::try_from(settings.erase_after_days.max(1)).unwrap_or(1);
        let held = self.holding();
        let (closed, taken) = (self.days_ago(days, &held), self.days_ago(limits::ERASE_TAKE_DAYS, &held));
        Ok(self.read(|reader| {
            let (mut due, mut waiting) = (Vec::new(), 0);
            let mut orders = orders_closed(&closed);
            loop {
                let page = reader.select(&orders)?;
                let Some(last) = page.last() else { break };
                orders.after = Some(Position { keys: Vec::new(), aggregate: last.aggregate, nth: last.nth });
                for order in page.into_iter().map(|row| row.aggregate) {
                    if left_out.waits(reader, shares, order)? {
                        waiting += 1;
                    } else if due.len() < AT_ONCE
                        && held_by(reader, order, closed.pos)?
                        && !is_taken_for(reader, order, &taken)?
                        && !is_read_in_part(reader, order)?
                    {
                        due.push(order);
                    }
                }
            }
            Ok((due, waiting))
        })?)
    }

    /// Where so many days ago is. Coordinators wait for each other, so that five of them rarely do the same.
    fn days_ago(&self, days: u64, held: &HeldFor) -> Before {
        let age = days.saturating_mul(DAY_MS);
        let waited = age.saturating_add(self.turn().unwrap_or(0).saturating_mul(limits::TURN_MS));
        let now = self.inner.clock.wall().0;
        let wall = now.saturating_sub(i64::try_from(age).unwrap_or(i64::MAX));
        Before { wall, now, pos: held.marks.reached(held.running, waited) }
    }
}

/// Orders that say to be closed before a time and have nothing about them that is open.
fn orders_closed(before: &Before) -> Select {
    let mut closed = Select::from(ORDER_CARD.name).is("open", false);
    for column in ["owed", "entrusted", "review", "conflicts", "contested"] {
        closed = closed.is(column, 0_i64);
    }
    // The newest claim of several decides: one clock set back must not make a new order old.
    for column in ["opened", "refreshed", "ended_at"] {
        closed = closed.and(column, before.dated());
    }
    closed
}

/// Whether everything about an aggregate was stored up to a position.
fn held_by(reader: &Reader, aggregate: Reference, pos: Pos) -> Result<bool, StoreError> {
    let Some((id, _)) = reader.aggregate(aggregate)? else { return Ok(false) };
    Ok(reader.newest_of(id)?.is_some_and(|newest| newest <= pos))
}

/// Whether something was said of an aggregate that only a newer app reads: it may be what keeps it.
fn is_read_in_part(reader: &Reader, aggregate: Reference) -> Result<bool, StoreError> {
    let Some((id, _)) = reader.aggregate(aggregate)? else { return Ok(false) };
    Ok(reader.events_of(id)?.iter().any(|stored| stored.judged == Judged::Held(Held::Newer)))
}

/// Whether something was taken for an order within the limit.
fn is_taken_for(reader: &Reader, order: Reference, before: &Before) -> Result<bool, StoreError> {
    let takes = Select::from(BOX_MOVE.name).is("for_order", order);
    for take in every(reader, takes)? {
        let dated = BOX_MOVE.cell(&take, "wall").int().is_some_and(|wall| before.is_dated(wall));
        let event = BOX_MOVE.cell(&take, "event").reference();
        let stored = event.map_or(Ok(None), |event| reader.event(event))?;
        if !dated || stored.is_none_or(|stored| stored.pos > before.pos) {
            return Ok(true);
        }
    }
    Ok(false)
}
