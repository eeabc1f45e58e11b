//! What is heaped up: how many bytes of room one device takes in one aggregate, and how many lie beyond `HELD_ROOM`
//! there, summed over all aggregates.
//!
//! Whoever reads an aggregate again reads or looks through all of it, whatever it is held for, unless nothing is known
//! of what an event says. So it is counted where judgements are written, and where it is noted that an event waits for
//! the aggregate that it names. The creating event names the aggregate in both, so a sum is the same before that event
//! is here and after.
//!
//! An event that counts writes no row for it. Changes are gathered, and written once for each aggregate and device. The
//! store refuses to know what is too much.

use std::collections::BTreeMap;

use rusqlite::params;

use super::{AggregateId, Pos, StoreError, View, Write, bytes, count, int};
use crate::{
    event::Held,
    id::{DeviceId, Reference},
    limits,
};

/// What is heaped up by one device in one aggregate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Heap {
    of: Of,
    device: DeviceId,
}

/// An aggregate that is here, or the creating event that something names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Of {
    Here(AggregateId),
    Named(Reference),
}

impl Heap {
    /// That of what is held in an aggregate.
    pub(super) fn here(aggregate: AggregateId, device: DeviceId) -> Self {
        Self { of: Of::Here(aggregate), device }
    }

    /// That of what waits for a creating event.
    pub(super) fn named(creating: Reference, device: DeviceId) -> Self {
        Self { of: Of::Named(creating), device }
    }
}

/// Bytes of room of an event with such a body.
pub(super) fn room_of(body: u64) -> u64 {
    limits::EVENT_ROOM.saturating_add(body)
}

fn beyond(room: u64) -> u64 {
    room.saturating_sub(limits::HELD_ROOM)
}

impl Write<'_> {
    /// So much more is heaped up, or less.
    pub(super) fn heap_up(&mut self, heap: Heap, more: i64) {
        if more != 0 {
            let sum = self.heaped.entry(heap).or_default();
            *sum = sum.saturating_add(more);
        }
    }

    /// Writes down what changed of it since: whoever asks for it in this transaction is told otherwise before.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn note_heaped(&mut self) -> Result<(), StoreError> {
        let mut heaps: BTreeMap<(Reference, DeviceId), i64> = BTreeMap::new();
        for (Heap { of, device }, more) in std::mem::take(&mut self.heaped) {
            let creating = match of {
                Of::Named(creating) => Some(creating),
                Of::Here(id) => self.reference(Pos(id.0))?,
            };
            if let Some(creating) = creating {
                let sum = heaps.entry((creating, device)).or_default();
                *sum = sum.saturating_add(more);
            }
        }
        heaps.into_iter().filter(|(_, more)| *more != 0).try_for_each(|(heap, more)| self.put_heap(heap, more))
    }

    fn put_heap(&mut self, (creating, device): (Reference, DeviceId), more: i64) -> Result<(), StoreError> {
        let (creating, device) = (creating.to_bytes(), device.as_bytes());
        let sql = "SELECT room FROM heaped WHERE creating = ? AND device = ?";
        let before = self.one(sql, params![creating, device], |row| count(row, 0))?.unwrap_or(0);
        let after = before.saturating_add_signed(more);
        if after == 0 {
            self.run("DELETE FROM heaped WHERE creating = ? AND device = ?", params![creating, device])?;
        } else {
            let sql = "INSERT OR REPLACE INTO heaped (creating, device, room) VALUES (?, ?, ?)";
            self.run(sql, params![creating, device, int(after)])?;
        }
        let more = int(beyond(after)).saturating_sub(int(beyond(before)));
        if more != 0 {
            self.run(
                "INSERT INTO noted (device, waits, beyond) VALUES (?, 0, max(0, ?2))
                 ON CONFLICT (device) DO UPDATE SET beyond = max(0, beyond + ?2)",
                params![device, more],
            )?;
        }
        Ok(())
    }

    /// Forgets all of it; the sums are forgotten with what waits.
    pub(super) fn clear_heaps(&mut self) -> Result<(), StoreError> {
        self.heaped.clear();
        self.run("DELETE FROM heaped", []).map(drop)
    }
}

impl View {
    /// How many bytes of room are held of a device beyond [`limits::HELD_ROOM`] in each aggregate, in sum.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn held_beyond(&self, device: DeviceId) -> Result<u64, StoreError> {
        let sql = "SELECT beyond FROM noted WHERE device = ?";
        Ok(self.one(sql, [device.as_bytes()], |row| count(row, 0))?.unwrap_or(0))
    }

    /// What is held of each device of one aggregate, named by its creating event: bytes of room.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn heaped(&self) -> Result<BTreeMap<(Reference, DeviceId), u64>, StoreError> {
        let heaps: Vec<_> = self.all("SELECT creating, device, room FROM heaped", [], |row| {
            let creating = bytes(row, 0, |bytes| Some(Reference::from_bytes(bytes.try_into().ok()?)))?;
            Ok(((creating, bytes(row, 1, DeviceId::from_slice)?), count(row, 2)?))
        })?;
        Ok(heaps.into_iter().collect())
    }

    /// The same by a look at every event: what is noted must say so.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn heaped_by_events(&self) -> Result<BTreeMap<(Reference, DeviceId), u64>, StoreError> {
        let mut heaps: BTreeMap<(Reference, DeviceId), u64> = BTreeMap::new();
        let sql = "SELECT e.aggregate, l.device, e.held, length(e.content) FROM event e
            CROSS JOIN branch b ON b.id = e.branch CROSS JOIN log l ON l.id = b.log
            WHERE e.held > 0 AND e.aggregate IS NOT NULL";
        let held: Vec<(i64, DeviceId, Option<u8>, u64)> = self
            .all(sql, [], |row| Ok((row.get(0)?, bytes(row, 1, DeviceId::from_slice)?, row.get(2)?, count(row, 3)?)))?;
        for (id, device, held, body) in held {
            if held.and_then(Held::from_code).is_some_and(|reason| !reason.is_unread())
                && let Some(creating) = self.reference(Pos(id))?
            {
                let room = heaps.entry((creating, device)).or_default();
                *room = room.saturating_add(room_of(body));
            }
        }
        for (creating, device, more) in self.heaped_by_waits()? {
            let room = heaps.entry((creating, device)).or_default();
            *room = room.saturating_add(more);
        }
        Ok(heaps)
    }
}
