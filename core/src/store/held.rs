//! What was judged: why an event is held, which aggregate it belongs to, what parked events wait for, what is erased.

use std::collections::BTreeMap;

use rusqlite::params;

use super::{AggregateId, Pos, StoreError, View, Write, bytes, count, int};
use crate::{
    event::Content,
    id::{DeviceId, LogId, Reference},
};

/// What [`Stored::held`](super::Stored::held) says of an event that was never judged.
pub const UNJUDGED: u8 = u8::MAX;

/// The verdict on one event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Judgement {
    /// 0 if it counts, else the caller's code for why it is held.
    pub held: u8,
    /// The aggregate it belongs to; must have been created.
    pub aggregate: Option<AggregateId>,
    /// Its lamport; 0 if it has none.
    pub lamport: u64,
}

impl Write<'_> {
    /// Writes a verdict down, in place of an earlier one.
    ///
    /// # Errors
    /// When SQLite refuses, or nothing stands at the position.
    pub fn judge(&mut self, pos: Pos, verdict: Judgement) -> Result<(), StoreError> {
        let held = (verdict.held != UNJUDGED).then_some(verdict.held);
        let aggregate = verdict.aggregate.map(|aggregate| aggregate.0);
        let changed = self.run(
            "UPDATE event SET held = ?, aggregate = ?, lamport = ? WHERE pos = ?",
            params![held, aggregate, int(verdict.lamport), pos.0],
        )?;
        if changed == 1 { Ok(()) } else { Err(StoreError::NoSuchPlace) }
    }

    /// Notes which absent places an event waits for, instead of those noted before.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn park(&mut self, pos: Pos, absent: &[(LogId, u64)]) -> Result<(), StoreError> {
        self.run("DELETE FROM parked WHERE pos = ?", [pos.0])?;
        for &(log, seq) in absent {
            let wait = params![log.as_bytes(), int(seq), pos.0];
            self.run("INSERT OR IGNORE INTO parked (log, seq, pos) VALUES (?, ?, ?)", wait)?;
        }
        Ok(())
    }

    /// Something arrived at a place: gives the events that waited for it and now wait for nothing else, in the order
    /// in which they were stored. Whether it was what they wait for is for the caller to judge.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn unpark(&mut self, log: LogId, seq: u64) -> Result<Vec<Pos>, StoreError> {
        let place = params![log.as_bytes(), int(seq)];
        let nobody = self.one("SELECT 1 FROM parked WHERE log = ? AND seq = ? LIMIT 1", place, |_| Ok(()))?.is_none();
        if nobody {
            return Ok(Vec::new());
        }
        let ready: Vec<_> = self.all(
            "SELECT pos FROM parked w WHERE log = ?1 AND seq = ?2 AND NOT EXISTS
                 (SELECT 1 FROM parked o WHERE o.pos = w.pos AND (o.log <> ?1 OR o.seq <> ?2))
             ORDER BY pos",
            place,
            |row| row.get(0).map(Pos),
        )?;
        self.run("DELETE FROM parked WHERE log = ? AND seq = ?", place)?;
        Ok(ready)
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
        Ok(())
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
        }
        Ok(fits)
    }

    /// Forgets all verdicts, aggregates and waits; the log stays. All events are unjudged then.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn clear_judgements(&mut self) -> Result<(), StoreError> {
        self.run("DELETE FROM parked", [])?;
        self.run("UPDATE event SET held = NULL, aggregate = NULL, lamport = 0", [])?;
        self.run("DELETE FROM aggregate", [])?;
        Ok(())
    }
}

impl View {
    /// The places of a log for which some event waits, in order.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn awaited(&self, log: LogId) -> Result<Vec<u64>, StoreError> {
        self.all("SELECT DISTINCT seq FROM parked WHERE log = ? ORDER BY seq", [log.as_bytes()], |row| count(row, 0))
    }

    /// How many events of a device are held for a reason, in each of its logs.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn held_of_device(&self, device: DeviceId, reason: u8) -> Result<BTreeMap<LogId, u64>, StoreError> {
        let sql = "SELECT l.name, count(*) FROM event e CROSS JOIN branch b ON b.id = e.branch
            CROSS JOIN log l ON l.id = b.log WHERE e.held > 0 AND e.held = ? AND l.device = ? GROUP BY l.id";
        let counts = params![i64::from(reason), device.as_bytes()];
        self.all(sql, counts, |row| Ok((bytes(row, 0, LogId::from_slice)?, count(row, 1)?)))
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
