//! Peers: who was met when, and who has what, as far as they said so themselves.

#[cfg(feature = "uniffi")]
use crate::bindings::module_path;

use std::collections::BTreeSet;

use rusqlite::{params, params_from_iter};
use serde::Serialize;

use super::{StoreError, View, Write, bytes, count, int};
use crate::{
    event::Entry,
    id::{DeviceId, LogId, ShortId, TopicTag},
    limits,
    time::WallMs,
};

/// When a peer was in touch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Heard {
    /// By this device's clock then.
    pub wall: WallMs,
    /// In milliseconds for which this replica had been running; unknown for contacts noted by the first builds.
    pub running: Option<u64>,
}

impl Heard {
    /// How long ago that is at `now`, in milliseconds ([`WallMs::age`]): the greater of what the wall clock says and of the time
    /// for which the replica ran since, as far as both moments note that (R9). A wall clock that was set back, so that this lies
    /// ahead of it, says nothing; the running time alone counts then, which only grows.
    pub fn age(self, now: Heard) -> u64 {
        let ran = self.running.zip(now.running).map_or(0, |(then, now)| now.saturating_sub(then));
        self.wall.age(now.wall, ran)
    }
}

/// Another device, and how far what it said to hold is from what is held here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Peer {
    /// The device that was met.
    pub device: DeviceId,
    /// When it was last in touch.
    pub contact: Option<Heard>,
    /// Events held here that it did not say to have. Forks make it a guess.
    pub behind: u64,
    /// Events it said to have that are not held here. Forks make it a guess.
    pub ahead: u64,
}

/// Sizes, for a status page.
#[derive(Clone, Copy, Default, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record), uniffi(name = "StoreStats"))]
pub struct Stats {
    /// Events held, whether they count or not.
    pub events: u64,
    /// Bytes of their bodies.
    pub body_bytes: u64,
    /// Logs held, one for each device, incarnation and topic.
    pub logs: u64,
    /// Aggregates of which something is held.
    pub aggregates: u64,
    /// Bytes of the main file.
    pub file_bytes: u64,
}

impl Write<'_> {
    /// Notes that a peer has everything up to these entries. What it had before, it still has.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn note_peer_has(&mut self, device: DeviceId, entries: &[Entry]) -> Result<(), StoreError> {
        let peer = self.peer(device)?;
        for &Entry { log, seq, short } in entries {
            self.forget_what_is_contained(peer, Entry { log, seq, short })?;
            self.run(
                "INSERT OR IGNORE INTO peer_has (peer, log, short, seq) VALUES (?, ?, ?, ?)",
                params![peer, log.as_bytes(), short.as_bytes(), int(seq)],
            )?;
            self.forget_branches(peer, log)?;
        }
        Ok(())
    }

    /// Keeps no more branches of a log of what a peer says to have than it can name in one session.
    fn forget_branches(&mut self, peer: i64, log: LogId) -> Result<(), StoreError> {
        let more: Vec<ShortId> = self.all(
            "SELECT short FROM peer_has WHERE log = ? AND peer = ? ORDER BY seq DESC, short LIMIT -1 OFFSET ?",
            params![log.as_bytes(), peer, limits::NAMED_HEADS as i64],
            |row| bytes(row, 0, ShortId::from_slice),
        )?;
        for short in more {
            let key = params![log.as_bytes(), peer, short.as_bytes()];
            self.run("DELETE FROM peer_has WHERE log = ? AND peer = ? AND short = ?", key)?;
        }
        Ok(())
    }

    /// Drops entries of a peer that a newer one contains. What is not held here cannot be compared: of two such
    /// entries the later is taken to contain the earlier.
    fn forget_what_is_contained(&mut self, peer: i64, newer: Entry) -> Result<(), StoreError> {
        let older: Vec<(ShortId, u64)> = self.all(
            "SELECT short, seq FROM peer_has WHERE log = ? AND peer = ? AND seq < ?",
            params![newer.log.as_bytes(), peer, int(newer.seq)],
            |row| Ok((bytes(row, 0, ShortId::from_slice)?, count(row, 1)?)),
        )?;
        if older.is_empty() {
            return Ok(());
        }
        let head = self.locate_short(newer.log, newer.seq, newer.short)?;
        for (short, seq) in older {
            if head.map_or(Ok(true), |head| self.has_ancestor(head, seq, short))? {
                let key = params![newer.log.as_bytes(), peer, short.as_bytes()];
                self.run("DELETE FROM peer_has WHERE log = ? AND peer = ? AND short = ?", key)?;
            }
        }
        Ok(())
    }

    /// Notes when a peer was in touch.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn set_peer_contact(&mut self, device: DeviceId, at: Heard) -> Result<(), StoreError> {
        let peer = self.peer(device)?;
        let contact = params![at.wall.0, at.running.map(int), peer];
        self.run("UPDATE peer SET contact = ?, running = ? WHERE id = ?", contact)?;
        Ok(())
    }

    pub(super) fn peer(&mut self, device: DeviceId) -> Result<i64, StoreError> {
        match self.one("SELECT id FROM peer WHERE device = ?", [device.as_bytes()], |row| row.get(0))? {
            Some(peer) => Ok(peer),
            None => self.add("INSERT INTO peer (device) VALUES (?)", [device.as_bytes()]),
        }
    }
}

impl View {
    /// Devices that were ever in touch, the first of them first, so many at most.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn met(&self, most: usize) -> Result<Vec<DeviceId>, StoreError> {
        let sql = "SELECT device FROM peer WHERE contact IS NOT NULL ORDER BY id LIMIT ?";
        self.all(sql, [int(most)], |row| bytes(row, 0, DeviceId::from_slice))
    }

    /// Events of a device that no peer said to have. Forks make it a guess.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn unheard(&self, device: DeviceId) -> Result<u64, StoreError> {
        let sql = "WITH ours AS (SELECT l.name AS log, max(e.seq) AS last FROM log l CROSS JOIN branch b ON b.log = l.id
                CROSS JOIN event e ON e.pos = b.head WHERE l.device = ? GROUP BY l.id)
            SELECT coalesce(sum(max(last - coalesce((SELECT max(seq) FROM peer_has h WHERE h.log = ours.log), -1), 0)), 0)
            FROM ours";
        Ok(self.one(sql, [device.as_bytes()], |row| count(row, 0))?.unwrap_or(0))
    }

    /// The peers that said they have a log up to a place, or further, on whichever branch; sorted.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn who_has(&self, log: LogId, seq: u64) -> Result<Vec<DeviceId>, StoreError> {
        self.all(
            "SELECT DISTINCT p.device FROM peer_has h CROSS JOIN peer p ON p.id = h.peer
             WHERE h.log = ? AND h.seq >= ? ORDER BY p.device",
            params![log.as_bytes(), int(seq)],
            |row| bytes(row, 0, DeviceId::from_slice),
        )
    }

    /// Every peer, sorted by device. Looks at all that every peer said, so not for every screen.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn peers(&self) -> Result<Vec<Peer>, StoreError> {
        // How many events a log has, here and there: one more than its last place. What a peer says is capped, so that
        // no sum of it overflows.
        let sql = "WITH ours AS (SELECT l.name AS log, max(e.seq) + 1 AS events FROM branch b
                CROSS JOIN event e ON e.pos = b.head CROSS JOIN log l ON l.id = b.log GROUP BY l.id),
            theirs AS (SELECT peer, log, min(max(seq), 4294967295) + 1 AS events FROM peer_has GROUP BY peer, log)
            SELECT p.device, p.contact, p.running,
                (SELECT coalesce(sum(events), 0) FROM ours) - coalesce(sum(min(ours.events, theirs.events)), 0),
                coalesce(sum(max(theirs.events - ours.events, 0)), 0)
            FROM peer p LEFT JOIN theirs ON theirs.peer = p.id LEFT JOIN ours ON ours.log = theirs.log
            GROUP BY p.id ORDER BY p.device";
        self.all(sql, [], |row| {
            let (wall, running): (Option<i64>, Option<i64>) = (row.get(1)?, row.get(2)?);
            let running = running.and_then(|running| u64::try_from(running).ok());
            Ok(Peer {
                device: bytes(row, 0, DeviceId::from_slice)?,
                contact: wall.map(|wall| Heard { wall: WallMs(wall), running }),
                behind: count(row, 3)?,
                ahead: count(row, 4)?,
            })
        })
    }

    /// Up to where a peer said to have each log, on each branch.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn peer_has(&self, device: DeviceId) -> Result<BTreeSet<Entry>, StoreError> {
        self.all(
            "SELECT h.log, h.seq, h.short FROM peer p CROSS JOIN peer_has h ON h.peer = p.id WHERE p.device = ?",
            [device.as_bytes()],
            |row| {
                let short = bytes(row, 2, ShortId::from_slice)?;
                Ok(Entry { log: bytes(row, 0, LogId::from_slice)?, seq: count(row, 1)?, short })
            },
        )
    }

    /// Whether a peer is noted to have everything up to this entry, as it said.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn is_noted(&self, device: DeviceId, entry: Entry) -> Result<bool, StoreError> {
        let sql = "SELECT 1 FROM peer p CROSS JOIN peer_has h ON h.log = ? AND h.peer = p.id AND h.short = ?
            WHERE p.device = ? AND h.seq = ?";
        let this = params![entry.log.as_bytes(), entry.short.as_bytes(), device.as_bytes(), int(entry.seq)];
        Ok(self.one(sql, this, |_| Ok(()))?.is_some())
    }

    /// Whether a peer said to have anything that is held here in other topics than these. Looks at what it has until there is
    /// such a thing.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn has_beside(&self, device: DeviceId, topics: &[TopicTag]) -> Result<bool, StoreError> {
        let holes = vec!["?"; topics.len()].join(", ");
        let sql = format!(
            "SELECT 1 FROM peer p CROSS JOIN peer_has h INDEXED BY peer_has_of ON h.peer = p.id
                CROSS JOIN log l ON l.name = h.log WHERE p.device = ? AND l.topic NOT IN ({holes}) LIMIT 1"
        );
        let these = topics.iter().map(|topic| topic.as_bytes().as_slice());
        let these = params_from_iter(std::iter::once(device.as_bytes().as_slice()).chain(these));
        Ok(self.one(&sql, these, |_| Ok(()))?.is_some())
    }

    /// Sizes. Looks at every event, so not for every screen.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn stats(&self) -> Result<Stats, StoreError> {
        let sql = "SELECT count(*), coalesce(sum(length(content)), 0),
                (SELECT count(*) FROM log), (SELECT count(*) FROM aggregate),
                (SELECT page_count * page_size FROM pragma_page_count, pragma_page_size) FROM event";
        let read = |row: &rusqlite::Row<'_>| {
            Ok(Stats {
                events: count(row, 0)?,
                body_bytes: count(row, 1)?,
                logs: count(row, 2)?,
                aggregates: count(row, 3)?,
                file_bytes: count(row, 4)?,
            })
        };
        self.one(sql, [], read)?.ok_or(StoreError::NoSuchPlace)
    }
}
