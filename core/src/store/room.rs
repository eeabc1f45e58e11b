//! Room: how much each device has stored, in each topic.
//!
//! It is counted as events are stored, so nobody looks at every event to know it.

use rusqlite::{Row, params};

use super::{StoreError, Stored, View, Write, bytes, count, heaped::Heap, held::is_heaped, int};
use crate::id::{DeviceId, TopicTag};

/// What events take.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Room {
    /// Bytes of their bodies, or of the hashes that stand in their places.
    pub bytes: u64,
    /// How many there are.
    pub events: u64,
    /// In how many branches, each log being one at least.
    pub branches: u64,
}

/// What of an author's stands on the account of another device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lent {
    /// Whose account it is.
    pub device: DeviceId,
    /// The author of what stands on it.
    pub author: DeviceId,
    /// What its events take, and a branch that began with them, where its author has many.
    pub room: Room,
    /// How often it was noted for that that the author waits.
    pub waits: u64,
    /// How many bytes of it are held beyond the first of an aggregate.
    pub beyond: u64,
}

impl View {
    /// What one device has stored, by topic.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn rooms_of(&self, device: DeviceId) -> Result<Vec<(TopicTag, Room)>, StoreError> {
        let sql = "SELECT topic, bytes, events, branches FROM room WHERE device = ?";
        self.all(sql, [device.as_bytes()], |row| Ok((bytes(row, 0, TopicTag::from_slice)?, room(row, 1)?)))
    }

    /// What one device has stored in a topic.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn room_in(&self, device: DeviceId, topic: TopicTag) -> Result<Room, StoreError> {
        let sql = "SELECT bytes, events, branches FROM room WHERE device = ? AND topic = ?";
        Ok(self.one(sql, params![device.as_bytes(), topic.as_bytes()], |row| room(row, 0))?.unwrap_or_default())
    }

    /// What each device has stored in a topic.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn rooms_in(&self, topic: TopicTag) -> Result<Vec<(DeviceId, Room)>, StoreError> {
        let sql = "SELECT device, bytes, events, branches FROM room WHERE topic = ?";
        self.all(sql, [topic.as_bytes()], |row| Ok((bytes(row, 0, DeviceId::from_slice)?, room(row, 1)?)))
    }

    /// What each device has stored, by device and topic.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn rooms(&self) -> Result<Vec<(DeviceId, TopicTag, Room)>, StoreError> {
        self.all("SELECT device, topic, bytes, events, branches FROM room ORDER BY device, topic", [], |row| {
            let (device, topic) = (bytes(row, 0, DeviceId::from_slice)?, bytes(row, 1, TopicTag::from_slice)?);
            Ok((device, topic, room(row, 2)?))
        })
    }
}

impl View {
    /// What stands on the account of another device than its author. What was noted when it was lent is no more than what is
    /// noted of its author now: it may have come to count since.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn lent(&self) -> Result<Vec<Lent>, StoreError> {
        let sql = "SELECT l.device, l.author, l.bytes, l.events, 0, min(l.waits, coalesce(n.waits, 0)),
                min(l.beyond, coalesce(n.beyond, 0))
            FROM lent l LEFT JOIN noted n ON n.device = l.author ORDER BY l.device, l.author";
        self.all(sql, [], |row| {
            let (device, author) = (bytes(row, 0, DeviceId::from_slice)?, bytes(row, 1, DeviceId::from_slice)?);
            Ok(Lent { device, author, room: room(row, 2)?, waits: count(row, 5)?, beyond: count(row, 6)? })
        })
    }
}

fn room(row: &Row<'_>, at: usize) -> rusqlite::Result<Room> {
    Ok(Room { bytes: count(row, at)?, events: count(row, at + 1)?, branches: count(row, at + 2)? })
}

impl Write<'_> {
    /// Counts what was stored.
    pub(super) fn take_room(&mut self, device: DeviceId, topic: TopicTag, room: Room) -> Result<(), StoreError> {
        // What was held already takes none.
        if room.events == 0 {
            return Ok(());
        }
        self.run(
            "INSERT INTO room (device, topic, bytes, events, branches) VALUES (?, ?, ?, ?, ?)
             ON CONFLICT (device, topic) DO UPDATE SET bytes = bytes + excluded.bytes,
                 events = events + excluded.events, branches = branches + excluded.branches",
            params![device.as_bytes(), topic.as_bytes(), int(room.bytes), int(room.events), int(room.branches)],
        )?;
        Ok(())
    }

    /// Notes that so much of an author's stands on another device's account.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn lend(&mut self, device: DeviceId, author: DeviceId, room: Room) -> Result<(), StoreError> {
        self.run(
            "INSERT INTO lent (device, author, bytes, events, waits, beyond) VALUES (?, ?, ?, ?, 0, 0)
             ON CONFLICT (device, author) DO UPDATE SET bytes = bytes + excluded.bytes, events = events + excluded.events",
            params![device.as_bytes(), author.as_bytes(), int(room.bytes), int(room.events)],
        )?;
        Ok(())
    }

    /// Notes that for what stands on another device's account so often more it is noted of an author that it waits, and so
    /// many bytes more are held beyond the first of an aggregate.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn lend_more(&mut self, device: DeviceId, author: DeviceId, waits: u64, beyond: u64) -> Result<(), StoreError> {
        let sql = "UPDATE lent SET waits = waits + ?, beyond = beyond + ? WHERE device = ? AND author = ?";
        self.run(sql, params![int(waits), int(beyond), device.as_bytes(), author.as_bytes()])?;
        Ok(())
    }

    /// Notes that an event takes so many bytes where it took others before.
    pub(super) fn change_room(&mut self, event: &Stored, after: usize) -> Result<(), StoreError> {
        let before = event.content.stored_len();
        if let Some(id) = event.aggregate.filter(|_| is_heaped(event.judged, event.aggregate)) {
            self.heap_up(Heap::here(id, event.log.device), int(after).saturating_sub(int(before)));
        }
        self.run(
            "UPDATE room SET bytes = max(0, bytes + ?2 - ?1) FROM (
                 SELECT l.device, l.topic FROM event e JOIN branch b ON b.id = e.branch JOIN log l ON l.id = b.log
                 WHERE e.pos = ?3) AS at
             WHERE room.device = at.device AND room.topic = at.topic",
            params![int(before), int(after), event.pos.0],
        )?;
        Ok(())
    }
}
