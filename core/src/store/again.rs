//! What is to be looked at again: what a change of the roster or a new key may have made otherwise, and was too much to be
//! looked at in the transaction of that.
//!
//! It is noted in few rows, however much it is, and taken off a part at a time. The store refuses to know what is looked for.

use rusqlite::params;

use super::{Pos, StoreError, View, Write, bytes, count, int};
use crate::id::{DeviceId, EpochId, LogId, Reference, ShortId};

/// Of those that wait: behind whom.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Awaited {
    /// The place that is waited for.
    pub seq: u64,
    /// The short id that is waited for there.
    pub check: ShortId,
    /// The position of the creating event of the aggregate in which somebody waits; 0 for before all.
    pub aggregate: Pos,
}

impl Awaited {
    /// Before all who wait for what stands at a place or behind it.
    pub fn from(seq: u64) -> Self {
        Self { seq, check: ShortId::ZERO, aggregate: Pos::default() }
    }
}

/// One of them: what is left of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Look {
    /// Logs of a device, and who waits for them.
    Device {
        /// The device.
        device: DeviceId,
        /// Behind which log, by its number.
        after: i64,
    },
    /// Events of a log, whatever became of them, from one place to another.
    Judged {
        /// The log.
        log: LogId,
        /// The first place.
        first: u64,
        /// The last.
        last: u64,
    },
    /// Events that are sealed under keys which are held no longer.
    Lost {
        /// Behind which position.
        after: Pos,
    },
    /// Erasures in a log, from one place to another.
    Erasures {
        /// The log.
        log: LogId,
        /// The first place.
        first: u64,
        /// The last.
        last: u64,
    },
    /// Events of a log that are held as erased, from one place to another.
    Named {
        /// The log.
        log: LogId,
        /// The first place.
        first: u64,
        /// The last.
        last: u64,
    },
    /// Aggregates in which somebody names an event of a log that is not here.
    Awaited {
        /// The log.
        log: LogId,
        /// Behind whom.
        after: Awaited,
        /// The last place.
        last: u64,
    },
    /// Events that are sealed under a key and held.
    Sealed {
        /// The key.
        epoch: EpochId,
        /// Which of the reasons that are gone through, by its number among them.
        reason: u8,
        /// Behind which position.
        after: Pos,
    },
}

// In this order they are looked at: what may go comes first.
const DEVICE: u8 = 0;
const JUDGED: u8 = 1;
const LOST: u8 = 2;
const ERASURES: u8 = 3;
const NAMED: u8 = 4;
const AWAITED: u8 = 5;
const SEALED: u8 = 6;

impl Write<'_> {
    /// Notes what is to be looked at again. Of one device, log or key the least place of two counts, and the greatest.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn look_again(&mut self, look: Look) -> Result<(), StoreError> {
        let (what, name, first, last, short, behind) = match &look {
            Look::Device { device, after } => {
                (DEVICE, device.as_bytes().as_slice(), 0, u64::MAX, ShortId::ZERO, *after)
            }
            Look::Judged { log, first, last } => (JUDGED, log.as_bytes().as_slice(), *first, *last, ShortId::ZERO, 0),
            Look::Lost { after } => (LOST, [].as_slice(), 0, u64::MAX, ShortId::ZERO, after.0),
            Look::Erasures { log, first, last } => {
                (ERASURES, log.as_bytes().as_slice(), *first, *last, ShortId::ZERO, 0)
            }
            Look::Named { log, first, last } => (NAMED, log.as_bytes().as_slice(), *first, *last, ShortId::ZERO, 0),
            Look::Awaited { log, after, last } => {
                (AWAITED, log.as_bytes().as_slice(), after.seq, *last, after.check, after.aggregate.0)
            }
            Look::Sealed { epoch, reason, after } => {
                (SEALED, epoch.as_bytes().as_slice(), u64::from(*reason), u64::MAX, ShortId::ZERO, after.0)
            }
        };
        self.run(
            "INSERT INTO look (what, name, first, last, short, behind) VALUES (?, ?, ?, ?, ?, ?)
             ON CONFLICT (what, name) DO UPDATE SET
                 first = min(first, excluded.first), last = max(last, excluded.last), short = zeroblob(0), behind = 0",
            params![what, name, int(first), int(last), short.as_bytes(), behind],
        )?;
        Ok(())
    }

    /// Takes what comes first of that.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn take_look(&mut self) -> Result<Option<Look>, StoreError> {
        let sql = "DELETE FROM look WHERE (what, name) = (SELECT what, name FROM look ORDER BY what, name LIMIT 1)
            RETURNING what, name, first, last, short, behind";
        let taken = self.take(sql, [], |row| {
            let (first, last, behind) = (count(row, 2)?, count(row, 3)?, Pos(row.get(5)?));
            Ok(match row.get(0)? {
                DEVICE => Look::Device { device: bytes(row, 1, DeviceId::from_slice)?, after: behind.0 },
                JUDGED => Look::Judged { log: bytes(row, 1, LogId::from_slice)?, first, last },
                LOST => Look::Lost { after: behind },
                ERASURES => Look::Erasures { log: bytes(row, 1, LogId::from_slice)?, first, last },
                NAMED => Look::Named { log: bytes(row, 1, LogId::from_slice)?, first, last },
                AWAITED => {
                    let check = bytes(row, 4, |short| Some(ShortId::from_slice(short).unwrap_or(ShortId::ZERO)))?;
                    let after = Awaited { seq: first, check, aggregate: behind };
                    Look::Awaited { log: bytes(row, 1, LogId::from_slice)?, after, last }
                }
                _ => {
                    let reason = u8::try_from(first).unwrap_or(u8::MAX);
                    Look::Sealed { epoch: bytes(row, 1, EpochId::from_slice)?, reason, after: behind }
                }
            })
        })?;
        Ok(taken.into_iter().next())
    }

    /// The aggregate of a creating event is to be made or folded again.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn make_again(&mut self, creating: Pos) -> Result<(), StoreError> {
        self.run("INSERT OR IGNORE INTO remake (pos) VALUES (?)", [creating.0])?;
        Ok(())
    }

    /// Takes the first of these.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn take_remake(&mut self) -> Result<Option<Pos>, StoreError> {
        let sql = "DELETE FROM remake WHERE pos = (SELECT min(pos) FROM remake) RETURNING pos";
        Ok(self.take(sql, [], |row| row.get(0).map(Pos))?.into_iter().next())
    }

    /// Forgets all that.
    pub(super) fn clear_looks(&mut self) -> Result<(), StoreError> {
        self.run("DELETE FROM look", [])?;
        self.run("DELETE FROM remake", [])?;
        Ok(())
    }
}

impl View {
    /// Which events of a log are named and waited for, whether or not anybody waits for them, and in which aggregates: behind
    /// one of them, up to a place, so many at most.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn awaited_in(
        &self,
        log: LogId,
        after: Awaited,
        last: u64,
        limit: usize,
    ) -> Result<Vec<(Reference, Pos)>, StoreError> {
        let sql = "SELECT DISTINCT seq, short, aggregate FROM parked
            WHERE log = ?1 AND (seq, short, aggregate) > (?2, ?3, ?4) AND seq <= ?5
            ORDER BY seq, short, aggregate LIMIT ?6";
        let behind =
            params![log.as_bytes(), int(after.seq), after.check.as_bytes(), after.aggregate.0, int(last), int(limit)];
        self.all(sql, behind, |row| {
            let check = bytes(row, 1, ShortId::from_slice)?;
            Ok((Reference { log, seq: count(row, 0)?, check }, Pos(row.get(2)?)))
        })
    }
}
