//! Events that only a later build reads: which of those that are held, by whom, and what each is about.
//!
//! A number says what an event is about; whoever judges it gives the number. Screens ask each time that they are drawn,
//! and a liar writes as many such events as there is room for. So they are sorted where they are written, and counted
//! up to a bound.

use rusqlite::params;

use super::{Pos, StoreError, View, Write, bytes, count, int};
use crate::id::DeviceId;

/// Held events by one device and about one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Noted {
    /// Who wrote them.
    pub device: DeviceId,
    /// What they are about.
    pub about: u8,
    /// How many there are, counted up to a bound.
    pub events: u64,
    /// The first that was stored.
    pub first: Pos,
}

impl Write<'_> {
    /// Notes that only a later build reads this event of a device, and what it is about; `None` takes the note away.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn note_newer(&mut self, device: DeviceId, pos: Pos, about: Option<u8>) -> Result<(), StoreError> {
        match about {
            Some(about) => {
                let sql = "INSERT OR REPLACE INTO newer (pos, device, about) VALUES (?, ?, ?)";
                self.run(sql, params![pos.0, device.as_bytes(), about])
            }
            None => self.run("DELETE FROM newer WHERE pos = ?", [pos.0]),
        }?;
        Ok(())
    }
}

impl View {
    /// What was noted, by device and by what it is about. At most `most` events of each are counted.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn newer(&self, most: usize) -> Result<Vec<Noted>, StoreError> {
        let mut all: Vec<Noted> = Vec::new();
        loop {
            let (after, about) =
                all.last().map_or((&[][..], 0), |last| (last.device.as_bytes().as_slice(), last.about));
            let Some((device, about)) = self.newer_behind(after, about)? else { return Ok(all) };
            let sql = "SELECT count(*), min(pos) FROM
                (SELECT pos FROM newer WHERE device = ? AND about = ? ORDER BY pos LIMIT ?)";
            let counted = self
                .one(sql, params![device.as_bytes(), about, int(most)], |row| Ok((count(row, 0)?, Pos(row.get(1)?))))?;
            let Some((events, first)) = counted else { return Ok(all) };
            all.push(Noted { device, about, events, first });
        }
    }

    /// The next device, and what of it was noted, behind these. One look or two, however many events there are: SQLite seeks by
    /// the first column alone where two are compared together.
    fn newer_behind(&self, device: &[u8], about: u8) -> Result<Option<(DeviceId, u8)>, StoreError> {
        let found = |row: &rusqlite::Row<'_>| Ok((bytes(row, 0, DeviceId::from_slice)?, row.get::<_, u8>(1)?));
        let same = "SELECT device, about FROM newer WHERE device = ? AND about > ? ORDER BY about LIMIT 1";
        if let Some(next) = self.one(same, params![device, about], found)? {
            return Ok(Some(next));
        }
        let other = "SELECT device, about FROM newer WHERE device > ? ORDER BY device, about LIMIT 1";
        self.one(other, [device], found)
    }
}
