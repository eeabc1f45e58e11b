//! Judgements: why an event is held, which aggregate it belongs to, and what is erased.

use rusqlite::params;

use super::{
    AggregateId, Pos, StoreError, View, Write, bytes, count,
    heaped::{Heap, room_of},
    int,
};
use crate::{
    event::{Content, Held},
    id::{DeviceId, EpochId, Reference},
};

/// Whether an event counts, as far as it was judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Judged {
    /// It was not judged yet, or by another build for a reason that this one does not know.
    NotYet,
    /// The event counts.
    Counts,
    /// It is held.
    Held(Held),
}

impl Judged {
    /// Why it is held, if it is.
    pub fn reason(self) -> Option<Held> {
        if let Self::Held(reason) = self { Some(reason) } else { None }
    }

    /// Out of the column of the log.
    pub(super) fn from_column(held: Option<u8>) -> Self {
        match held {
            None => Self::NotYet,
            Some(0) => Self::Counts,
            Some(code) => Held::from_code(code).map_or(Self::NotYet, Self::Held),
        }
    }

    fn column(self) -> Option<u8> {
        match self {
            Self::NotYet => None,
            Self::Counts => Some(0),
            Self::Held(reason) => Some(reason as u8),
        }
    }
}

impl From<Option<Held>> for Judged {
    fn from(reason: Option<Held>) -> Self {
        reason.map_or(Self::Counts, Self::Held)
    }
}

/// The verdict on one event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Judgement {
    /// Whether it counts.
    pub judged: Judged,
    /// The aggregate it belongs to; must have been created.
    pub aggregate: Option<AggregateId>,
    /// Its lamport; 0 if it has none.
    pub lamport: u64,
}

/// Whether an event so judged is among what is heaped up in an aggregate.
pub(super) fn is_heaped(judged: Judged, aggregate: Option<AggregateId>) -> bool {
    aggregate.is_some() && judged.reason().is_some_and(|reason| !reason.is_unread())
}

impl Write<'_> {
    /// Writes a verdict down, in place of an earlier one.
    ///
    /// # Errors
    /// When SQLite refuses, or nothing stands at the position.
    pub fn judge(&mut self, pos: Pos, verdict: Judgement) -> Result<(), StoreError> {
        let aggregate = verdict.aggregate.map(|aggregate| aggregate.0);
        let params = params![verdict.judged.column(), aggregate, int(verdict.lamport), pos.0];
        let sql = "UPDATE event SET held = ?1, aggregate = ?2, lamport = ?3 WHERE pos = ?4";
        if !is_heaped(verdict.judged, verdict.aggregate) {
            // Nearly always it took no such room before.
            let free = format!("{sql} AND (held IS NULL OR held = 0 OR aggregate IS NULL)");
            if self.run(&free, params)? == 1 {
                return Ok(());
            }
        }
        self.reheap(pos, verdict)?;
        let changed = self.run(sql, params)?;
        if changed == 1 { Ok(()) } else { Err(StoreError::NoSuchPlace) }
    }

    /// An event is about to be judged otherwise.
    fn reheap(&mut self, pos: Pos, verdict: Judgement) -> Result<(), StoreError> {
        let sql = "SELECT e.held, e.aggregate, length(e.content), l.device FROM event e
            CROSS JOIN branch b ON b.id = e.branch CROSS JOIN log l ON l.id = b.log WHERE e.pos = ?";
        let was = self.one(sql, [pos.0], |row| {
            let aggregate: Option<i64> = row.get(1)?;
            let device = bytes(row, 3, DeviceId::from_slice)?;
            Ok((Judged::from_column(row.get(0)?), aggregate.map(AggregateId), count(row, 2)?, device))
        })?;
        let Some((judged, aggregate, body, device)) = was else { return Err(StoreError::NoSuchPlace) };
        let room = int(room_of(body));
        let both = [(judged, aggregate, room.saturating_neg()), (verdict.judged, verdict.aggregate, room)];
        for (judged, aggregate, more) in both {
            if let Some(id) = aggregate.filter(|_| is_heaped(judged, aggregate)) {
                self.heap_up(Heap::here(id, device), more);
            }
        }
        Ok(())
    }

    /// Makes an aggregate of a kind, named by its creating event, which must be held. Made before, it stays as it is.
    ///
    /// # Errors
    /// [`StoreError::NotHeld`] when the reference is not that of the creating position.
    pub fn create_aggregate(
        &mut self,
        reference: Reference,
        kind: &str,
        creating: Pos,
    ) -> Result<AggregateId, StoreError> {
        if self.pos_of(reference)? != Some(creating) {
            return Err(StoreError::NotHeld(reference));
        }
        let kind = match self.one("SELECT id FROM kind WHERE name = ?", [kind], |row| row.get(0))? {
            Some(kind) => kind,
            None => self.add("INSERT INTO kind (name) VALUES (?)", [kind])?,
        };
        self.run("INSERT OR IGNORE INTO aggregate (id, kind) VALUES (?, ?)", [creating.0, kind])?;
        Ok(AggregateId(creating.0))
    }

    /// Forgets an event's body and keeps its hash, so that the chain stays whole (R5). Already erased is no error.
    /// The bytes are gone from the disk after the next [`scrub`](super::Store::scrub).
    ///
    /// # Errors
    /// When SQLite refuses, or nothing stands at the position.
    pub fn erase(&mut self, pos: Pos) -> Result<(), StoreError> {
        let event = self.event_at(pos)?.ok_or(StoreError::NoSuchPlace)?;
        let erase = params![event.content.hash(), pos.0];
        self.run("UPDATE event SET erased = 1, content = ? WHERE pos = ?", erase)?;
        self.change_room(&event, event.content.hash().len())
    }

    /// Puts a body back that is missing under an erasure which no longer counts. Whether it may come back is for the
    /// caller to judge; whether it is the one that was there, is checked: tells whether it was.
    ///
    /// # Errors
    /// When SQLite refuses, or nothing stands at the position.
    pub fn refill(&mut self, pos: Pos, body: &[u8]) -> Result<bool, StoreError> {
        let event = self.event_at(pos)?.ok_or(StoreError::NoSuchPlace)?;
        let fits = Content::Here(body.into()).hash() == event.content.hash();
        if fits {
            self.run("UPDATE event SET erased = 0, content = ? WHERE pos = ?", params![body, pos.0])?;
            self.change_room(&event, body.len())?;
        }
        Ok(fits)
    }

    /// Forgets all verdicts, aggregates and waits; the log stays. All events are unjudged then.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn clear_judgements(&mut self) -> Result<(), StoreError> {
        self.clear_waits()?;
        self.clear_heaps()?;
        self.run("DELETE FROM newer", [])?;
        self.run("UPDATE event SET held = NULL, aggregate = NULL, lamport = 0", [])?;
        self.run("DELETE FROM aggregate", [])?;
        Ok(())
    }
}

impl View {
    /// Whether any event is sealed under an epoch.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn is_sealed_under(&self, epoch: EpochId) -> Result<bool, StoreError> {
        Ok(self.one("SELECT 1 FROM seal WHERE epoch = ? LIMIT 1", [epoch.as_bytes()], |_| Ok(()))?.is_some())
    }

    /// Events that are held for a reason behind a position, so many at most, in the order in which they were stored; each with
    /// whether it is sealed under this epoch.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn held_under(
        &self,
        epoch: EpochId,
        reason: Held,
        after: Pos,
        limit: usize,
    ) -> Result<Vec<(Pos, bool)>, StoreError> {
        let sql = "SELECT e.pos, s.epoch = ? FROM event e INDEXED BY event_by_held CROSS JOIN seal s ON s.id = e.seal
            WHERE e.held > 0 AND e.held = ? AND e.pos > ? ORDER BY e.pos LIMIT ?";
        let behind = params![epoch.as_bytes(), reason as u8, after.0, int(limit)];
        self.all(sql, behind, |row| Ok((Pos(row.get(0)?), row.get(1)?)))
    }

    /// Sealed events behind a position, so many at most, in the order in which they were stored; each with its epoch.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn sealed_behind(&self, after: Pos, limit: usize) -> Result<Vec<(Pos, EpochId)>, StoreError> {
        let sql = "SELECT e.pos, s.epoch FROM event e CROSS JOIN seal s ON s.id = e.seal
            WHERE e.pos > ? ORDER BY e.pos LIMIT ?";
        self.all(sql, params![after.0, int(limit)], |row| Ok((Pos(row.get(0)?), bytes(row, 1, EpochId::from_slice)?)))
    }

    /// The aggregate so named and its kind.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn aggregate(&self, reference: Reference) -> Result<Option<(AggregateId, String)>, StoreError> {
        let Some(pos) = self.pos_of(reference)? else { return Ok(None) };
        let sql = "SELECT a.id, k.name FROM aggregate a CROSS JOIN kind k ON k.id = a.kind WHERE a.id = ?";
        self.one(sql, [pos.0], |row| Ok((AggregateId(row.get(0)?), row.get(1)?)))
    }

    /// Aggregates of one kind, or of all, behind another; at most `limit`, in the order in which their creating events
    /// were stored.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn aggregates(
        &self,
        kind: Option<&str>,
        after: Option<AggregateId>,
        limit: usize,
    ) -> Result<Vec<AggregateId>, StoreError> {
        let after = after.map_or(0, |after| after.0);
        let read = |row: &rusqlite::Row<'_>| row.get(0).map(AggregateId);
        match kind {
            Some(kind) => self.all(
                "SELECT id FROM aggregate WHERE kind = (SELECT id FROM kind WHERE name = ?) AND id > ?
                 ORDER BY id LIMIT ?",
                params![kind, after, int(limit)],
                read,
            ),
            None => {
                let sql = "SELECT id FROM aggregate NOT INDEXED WHERE id > ? ORDER BY id LIMIT ?";
                self.all(sql, [after, int(limit)], read)
            }
        }
    }
}
