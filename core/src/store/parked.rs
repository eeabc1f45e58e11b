//! What waits: which events rest on which others, which of these have come or changed, and how much is noted of that
//! for each device.
//!
//! Any number may wait for one event. So those that rest on it are given out a few at a time, those of one aggregate
//! beside each other. The rest is *due*: it stands here until somebody goes on with it. The store refuses to know when
//! that is.

use std::collections::{BTreeMap, BTreeSet};

use rusqlite::{Params, params};

use super::{
    Pos, Round, StoreError, View, Write, bytes, count,
    heaped::{Heap, room_of},
    int,
};
use crate::{
    event::Held,
    id::{DeviceId, LogId, Reference, ShortId},
    limits,
};

/// One that rests on another: in the order in which they are given out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Waits {
    /// The aggregate it belonged to when it was noted; 0 for none.
    aggregate: i64,
    /// Where it stands.
    pub pos: Pos,
}

impl Waits {
    /// Whether it belonged to no aggregate then: what it rests on is the creating event of its own.
    pub fn is_of_none(self) -> bool {
        self.aggregate == 0
    }
}

impl Write<'_> {
    /// Notes which events one rests on, instead of those noted before. They need not be held. Whoever waits for the one
    /// waits for these too.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn park(&mut self, pos: Pos, rests_on: &[Reference]) -> Result<(), StoreError> {
        if rests_on.is_empty() {
            return self.unnote("pos = ?", [pos.0]).map(drop);
        }
        let Some(event) = self.event_at(pos)? else { return Err(StoreError::NoSuchPlace) };
        let (author, aggregate) = (event.log.device, event.aggregate.map_or(0, |id| id.0));
        // Where it belongs to none yet, what it rests on is the creating event of its own.
        let heaped = aggregate == 0 && !event.judged.reason().is_some_and(Held::is_unread);
        let room = if heaped { room_of(event.content.stored_len() as u64) } else { 0 };
        // One event may rest on very many: what stays is not written again.
        let named: BTreeSet<Reference> = rests_on.iter().copied().collect();
        let mut rested = BTreeSet::new();
        for (event, known_in, took) in self.rests_noted(pos, author)? {
            if (known_in, took) == (aggregate, room) && named.contains(&event) {
                rested.insert(event);
            } else {
                self.rest_no_more(event, Waits { aggregate: known_in, pos })?;
            }
        }
        let new: Vec<Reference> = named.difference(&rested).copied().collect();
        if new.is_empty() {
            return Ok(());
        }
        let mut waiting = Vec::new();
        for device in self.waiters(event.reference())? {
            if self.noted_of(device)? < limits::WAITS_BEHIND {
                waiting.push(device);
            }
        }
        waiting.push(author);
        waiting.sort_unstable();
        waiting.dedup();
        for device in &waiting {
            let (mut noted, room) = (0, if *device == author { room } else { 0 });
            for event in &new {
                let Reference { log, seq, check } = event;
                let (short, device) = (check.as_bytes(), device.as_bytes());
                let row = params![log.as_bytes(), int(*seq), short, aggregate, pos.0, device, int(room)];
                let sql = "INSERT OR IGNORE INTO parked (log, seq, short, aggregate, pos, device, room)
                    VALUES (?, ?, ?, ?, ?, ?, ?)";
                noted += self.run(sql, row)?;
            }
            self.note_more(*device, noted)?;
        }
        new.iter().for_each(|event| self.heap_up(Heap::named(*event, author), int(room)));
        // Of a log that is not here nothing waits.
        let sql = "SELECT p.log, p.seq, p.short FROM parked p CROSS JOIN log l ON l.name = p.log WHERE p.pos = ?";
        let here = self.rests(sql, pos)?;
        self.wait_behind(here, &waiting)
    }

    /// These devices wait for events, and so for whatever each of them that is held waits for itself. A walk goes so far
    /// and no farther; the next event that waits goes on with it. Nor is more noted of a device that has many.
    fn wait_behind(&mut self, mut events: Vec<Reference>, waiting: &[DeviceId]) -> Result<(), StoreError> {
        let mut free = Vec::with_capacity(waiting.len());
        for device in waiting {
            if !events.is_empty() && self.noted_of(*device)? < limits::WAITS_BEHIND {
                free.push(*device);
            }
        }
        let mut left = limits::WAITS_WALKED;
        while let Some(event) = events.pop().filter(|_| !free.is_empty()) {
            let Some(pos) = self.pos_of(event)? else { continue };
            let mut new = 0;
            for device in &free {
                let sql = "INSERT OR IGNORE INTO parked (log, seq, short, aggregate, pos, device, room)
                    SELECT DISTINCT log, seq, short, aggregate, pos, ?1, 0 FROM parked WHERE pos = ?2";
                let noted = self.run(sql, params![device.as_bytes(), pos.0])?;
                self.note_more(*device, noted)?;
                new += noted;
            }
            left = left.saturating_sub(new);
            if left == 0 {
                return Ok(());
            }
            if new > 0 {
                events.extend(self.rests("SELECT log, seq, short FROM parked WHERE pos = ?", pos)?);
            }
        }
        Ok(())
    }

    /// One does not rest on an event any more, which arrived or was judged anew. Whether it did, and rests on nothing
    /// else now.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn unpark(&mut self, event: Reference, waits: Waits) -> Result<bool, StoreError> {
        if !self.rest_no_more(event, waits)? {
            return Ok(false);
        }
        Ok(self.one("SELECT 1 FROM parked WHERE pos = ? LIMIT 1", [waits.pos.0], |_| Ok(()))?.is_none())
    }

    /// Those that rest on an event are still to be asked about again, from behind one of them on.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn put_due(&mut self, event: Reference, after: Waits, round: Round) -> Result<(), StoreError> {
        let Reference { log, seq, check } = event;
        self.run(
            "INSERT INTO due (log, seq, short, aggregate, pos, round)
                 VALUES (?, ?, ?, ?, ?, (SELECT number FROM round) + ?)
             ON CONFLICT (log, seq, short) DO UPDATE SET aggregate = excluded.aggregate, pos = excluded.pos,
                 round = min(round, excluded.round)",
            params![log.as_bytes(), int(seq), check.as_bytes(), after.aggregate, after.pos.0, round.ahead()],
        )?;
        Ok(())
    }

    /// Takes what is due for the longest time in the round that goes on, and from behind whom on.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn take_due(&mut self) -> Result<Option<(Reference, Waits)>, StoreError> {
        let sql = "DELETE FROM due WHERE id = (SELECT id FROM due
                WHERE round <= (SELECT number FROM round) ORDER BY round, id LIMIT 1)
            RETURNING log, seq, short, aggregate, pos";
        let due =
            self.take(sql, [], |row| Ok((named(row, 0)?, Waits { aggregate: row.get(3)?, pos: Pos(row.get(4)?) })))?;
        Ok(due.into_iter().next())
    }

    /// Forgets who waits for what, and what is due.
    pub(super) fn clear_waits(&mut self) -> Result<(), StoreError> {
        self.run("DELETE FROM parked", [])?;
        self.run("DELETE FROM noted", [])?;
        self.run("DELETE FROM due", [])?;
        self.clear_looks()
    }

    fn note_more(&mut self, device: DeviceId, rows: usize) -> Result<(), StoreError> {
        if rows > 0 {
            self.run(
                "INSERT INTO noted (device, waits, beyond) VALUES (?, ?, 0)
                 ON CONFLICT (device) DO UPDATE SET waits = waits + excluded.waits",
                params![device.as_bytes(), int(rows)],
            )?;
        }
        Ok(())
    }

    /// One does not rest on an event any more; whether it did.
    fn rest_no_more(&mut self, event: Reference, waits: Waits) -> Result<bool, StoreError> {
        let Reference { log, seq, check } = event;
        let rests = params![log.as_bytes(), int(seq), check.as_bytes(), waits.aggregate, waits.pos.0];
        self.unnote("log = ? AND seq = ? AND short = ? AND aggregate = ? AND pos = ?", rests)
    }

    /// Forgets rows about what is waited for; whether there were any.
    fn unnote(&mut self, which: &str, params: impl Params) -> Result<bool, StoreError> {
        let sql = format!("DELETE FROM parked WHERE {which} RETURNING device, room, log, seq, short");
        let gone = self.take(&sql, params, |row| Ok((device(row)?, row.get::<_, i64>(1)?, named(row, 2)?)))?;
        let mut rows = BTreeMap::<DeviceId, usize>::new();
        for (device, room, event) in &gone {
            *rows.entry(*device).or_default() += 1;
            self.heap_up(Heap::named(*event, *device), room.saturating_neg());
        }
        for (device, fewer) in rows {
            let sql = "UPDATE noted SET waits = max(0, waits - ?) WHERE device = ?";
            self.run(sql, params![int(fewer), device.as_bytes()])?;
        }
        Ok(!gone.is_empty())
    }
}

impl View {
    /// On which events one rests, of which aggregate it was when that was noted, and what room it took of what is heaped up.
    fn rests_noted(&self, pos: Pos, author: DeviceId) -> Result<Vec<(Reference, i64, u64)>, StoreError> {
        let sql = "SELECT log, seq, short, aggregate, room FROM parked WHERE pos = ? AND device = ?";
        let noted = params![pos.0, author.as_bytes()];
        self.all(sql, noted, |row| Ok((named(row, 0)?, row.get(3)?, count(row, 4)?)))
    }

    /// Those that rest on an event, behind one of them: so many, those of one aggregate beside each other.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn waiting_on(&self, event: Reference, after: Waits, most: usize) -> Result<Vec<Waits>, StoreError> {
        let Reference { log, seq, check } = event;
        let sql = "SELECT DISTINCT aggregate, pos FROM parked
            WHERE log = ?1 AND seq = ?2 AND short = ?3 AND (aggregate, pos) > (?4, ?5)
            ORDER BY aggregate, pos LIMIT ?6";
        let behind = params![log.as_bytes(), int(seq), check.as_bytes(), after.aggregate, after.pos.0, int(most)];
        self.all(sql, behind, |row| Ok(Waits { aggregate: row.get(0)?, pos: Pos(row.get(1)?) }))
    }

    /// What room those take that wait for the aggregate which they name, by its creating event and by device.
    pub(super) fn heaped_by_waits(&self) -> Result<Vec<(Reference, DeviceId, u64)>, StoreError> {
        let sql =
            "SELECT log, seq, short, device, sum(room) FROM parked WHERE room > 0 GROUP BY log, seq, short, device";
        self.all(sql, [], |row| Ok((named(row, 0)?, bytes(row, 3, DeviceId::from_slice)?, count(row, 4)?)))
    }

    fn rests(&self, sql: &'static str, pos: Pos) -> Result<Vec<Reference>, StoreError> {
        self.all(sql, [pos.0], |row| named(row, 0))
    }

    /// Whether anything is due, or to be looked at again.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn is_due(&self) -> Result<bool, StoreError> {
        let sql =
            "SELECT 1 WHERE EXISTS (SELECT 1 FROM due) OR EXISTS (SELECT 1 FROM look) OR EXISTS (SELECT 1 FROM remake)";
        Ok(self.one(sql, [], |_| Ok(()))?.is_some())
    }

    /// Whether an event that is held is yet to be judged for the first time, or rests on this creating event and belongs nowhere
    /// yet: then it is judged once that counts.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn is_to_be_judged(&self, event: Reference, creating: Reference) -> Result<bool, StoreError> {
        let Some(pos) = self.pos_of(event)? else { return Ok(false) };
        let Reference { log, seq, check } = creating;
        let sql = "SELECT 1 FROM event e WHERE e.pos = ?1 AND (e.held IS NULL OR (e.held > 0 AND e.held <> ?2
            AND EXISTS (SELECT 1 FROM parked p
                WHERE p.log = ?3 AND p.seq = ?4 AND p.short = ?5 AND p.aggregate = 0 AND p.pos = ?1)))";
        let rests = params![pos.0, Held::Malformed as u8, log.as_bytes(), int(seq), check.as_bytes()];
        Ok(self.one(sql, rests, |_| Ok(()))?.is_some())
    }

    /// Of those of an aggregate that rest on an event some, behind a position, that wait, or that were judged in spite of it.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn resting_on(
        &self,
        event: Reference,
        aggregate: Pos,
        wait: bool,
        after: Pos,
        limit: usize,
    ) -> Result<Vec<Pos>, StoreError> {
        let Reference { log, seq, check } = event;
        let sql = "SELECT DISTINCT p.pos FROM parked p CROSS JOIN event e ON e.pos = p.pos
            WHERE p.log = ?1 AND p.seq = ?2 AND p.short = ?3 AND p.aggregate = ?4 AND p.pos > ?5 AND (e.held = ?6) = ?7
            ORDER BY p.pos LIMIT ?8";
        let (short, parked) = (check.as_bytes(), Held::Parked as u8);
        let rests = params![log.as_bytes(), int(seq), short, aggregate.0, after.0, parked, wait, int(limit)];
        self.all(sql, rests, |row| row.get(0).map(Pos))
    }

    /// How often it is noted that a device waits for some event, with its own events or through others.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn noted_of(&self, device: DeviceId) -> Result<u64, StoreError> {
        let noted = self.one("SELECT waits FROM noted WHERE device = ?", [device.as_bytes()], |row| count(row, 0))?;
        Ok(noted.unwrap_or(0))
    }

    /// The same of each device of which something is noted.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn noted(&self) -> Result<BTreeMap<DeviceId, u64>, StoreError> {
        let noted: Vec<_> = self.all("SELECT device, waits FROM noted", [], |row| {
            Ok((bytes(row, 0, DeviceId::from_slice)?, count(row, 1)?))
        })?;
        Ok(noted.into_iter().collect())
    }

    /// Whether some event rests on one of a log. It need not be held.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn is_awaited(&self, log: LogId) -> Result<bool, StoreError> {
        Ok(self.one("SELECT 1 FROM parked WHERE log = ? LIMIT 1", [log.as_bytes()], |_| Ok(()))?.is_some())
    }

    /// The devices whose events wait for an event, themselves or through others; some of them, where they are many.
    fn waiters(&self, event: Reference) -> Result<Vec<DeviceId>, StoreError> {
        let Reference { log, seq, check } = event;
        let sql = "SELECT DISTINCT device FROM parked WHERE log = ? AND seq = ? AND short = ? ORDER BY device LIMIT ?";
        let named = params![log.as_bytes(), int(seq), check.as_bytes(), int(limits::WAITERS)];
        self.all(sql, named, |row| bytes(row, 0, DeviceId::from_slice))
    }

    /// The devices whose events wait for an event of a log at a place or behind it, in order. Each costs one look.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn waiting_in(&self, log: LogId, from: u64) -> Result<Vec<DeviceId>, StoreError> {
        let sql = "WITH RECURSIVE next (device) AS (
                SELECT min(device) FROM parked WHERE log = ?1
                UNION ALL
                SELECT (SELECT min(device) FROM parked WHERE log = ?1 AND device > next.device)
                FROM next WHERE device IS NOT NULL)
            SELECT device FROM next WHERE device IS NOT NULL
                AND EXISTS (SELECT 1 FROM parked p WHERE p.log = ?1 AND p.device = next.device AND p.seq >= ?2)";
        self.all(sql, params![log.as_bytes(), int(from)], |row| bytes(row, 0, DeviceId::from_slice))
    }

    /// How many devices' events wait for something of a log; who waits for what stands behind all that is held counts twice.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn waiters_of(&self, log: LogId) -> Result<usize, StoreError> {
        let behind = self.heads(log)?.iter().map(|head| head.seq.saturating_add(1)).max().unwrap_or(0);
        Ok(self.waiting_in(log, 0)?.len().saturating_add(self.waiting_in(log, behind)?.len()))
    }

    /// The places of a log, among these, at which some event is on which another rests. It need not be held.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn awaited_between(&self, log: LogId, first: u64, last: u64) -> Result<Vec<u64>, StoreError> {
        let sql = "SELECT DISTINCT seq FROM parked WHERE log = ? AND seq BETWEEN ? AND ? ORDER BY 1";
        self.all(sql, params![log.as_bytes(), int(first), int(last)], |row| count(row, 0))
    }
}

fn device(row: &rusqlite::Row<'_>) -> rusqlite::Result<DeviceId> {
    bytes(row, 0, DeviceId::from_slice)
}

/// Reads the columns `log`, `seq` and `short`, which stand side by side.
fn named(row: &rusqlite::Row<'_>, at: usize) -> rusqlite::Result<Reference> {
    let (log, check) = (bytes(row, at, LogId::from_slice)?, bytes(row, at + 2, ShortId::from_slice)?);
    Ok(Reference { log, seq: count(row, at + 1)?, check })
}
