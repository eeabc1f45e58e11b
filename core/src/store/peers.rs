//! Peers: who was met when, and who has what, as far as they said so themselves.

use rusqlite::params;
use serde::Serialize;

use super::{StoreError, View, Write, bytes, count, int, log_key};
use crate::{
    event::Entry,
    id::{DeviceId, LogId, ShortId},
    time::WallMs,
};

/// Another device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Peer {
    /// Which.
    pub device: DeviceId,
    /// When it was last in touch, by this device's clock.
    pub contact: Option<WallMs>,
}

/// Sizes, for a status page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Stats {
    /// Events held, whether they count or not.
    pub events: u64,
    /// Bytes of their bodies.
    pub body_bytes: u64,
    /// Logs.
    pub logs: u64,
    /// Aggregates.
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
                params![peer, log_key(log), short.as_bytes(), int(seq)],
            )?;
        }
        Ok(())
    }

    /// Drops entries of a peer that a newer one contains. What is not held here cannot be compared: of two such
    /// entries the later is taken to contain the earlier.
    fn forget_what_is_contained(&mut self, peer: i64, newer: Entry) -> Result<(), StoreError> {
        let older: Vec<(ShortId, u64)> = self.all(
            "SELECT short, seq FROM peer_has WHERE log = ? AND peer = ? AND seq < ?",
            [log_key(newer.log), peer, int(newer.seq)],
            |row| Ok((bytes(row, 0, ShortId::from_slice)?, count(row, 1)?)),
        )?;
        if older.is_empty() {
            return Ok(());
        }
        let head = self.locate_short(newer.log, newer.seq, newer.short)?;
        for (short, seq) in older {
            if head.map_or(Ok(true), |head| self.has_ancestor(head, seq, short))? {
                let key = params![log_key(newer.log), peer, short.as_bytes()];
                self.run("DELETE FROM peer_has WHERE log = ? AND peer = ? AND short = ?", key)?;
            }
        }
        Ok(())
    }

    /// Notes when a peer was in touch.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn set_peer_contact(&mut self, device: DeviceId, at: WallMs) -> Result<(), StoreError> {
        let peer = self.peer(device)?;
        self.run("UPDATE peer SET contact = ? WHERE id = ?", [at.0, peer])?;
        Ok(())
    }

    fn peer(&mut self, device: DeviceId) -> Result<i64, StoreError> {
        match self.one("SELECT id FROM peer WHERE device = ?", [device.as_bytes()], |row| row.get(0))? {
            Some(peer) => Ok(peer),
            None => self.add("INSERT INTO peer (device) VALUES (?)", [device.as_bytes()]),
        }
    }
}

impl View {
    /// The peers that said they have a log up to a place, or further, on whichever branch; sorted.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn who_has(&self, log: LogId, seq: u64) -> Result<Vec<DeviceId>, StoreError> {
        self.all(
            "SELECT DISTINCT p.device FROM peer_has h CROSS JOIN peer p ON p.id = h.peer
             WHERE h.log = ? AND h.seq >= ? ORDER BY p.device",
            [log_key(log), int(seq)],
            |row| bytes(row, 0, DeviceId::from_slice),
        )
    }

    /// Every peer, sorted by device.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn peers(&self) -> Result<Vec<Peer>, StoreError> {
        self.all("SELECT device, contact FROM peer ORDER BY device", [], |row| {
            let contact: Option<i64> = row.get(1)?;
            Ok(Peer { device: bytes(row, 0, DeviceId::from_slice)?, contact: contact.map(WallMs) })
        })
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
