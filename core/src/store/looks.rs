//! Looks, as they are noted: what is to be looked at again, events that a change of the roster or a new key may have made otherwise.
//!
//! They were too many for the transaction of that change. So they are noted in few rows, however many they are, and
//! taken off a part at a time, in rounds, with whatever else is due. What is noted while a round goes on waits for the
//! next, so nobody who notes much keeps a round from its end. The store refuses to know what is looked for.

use rusqlite::{Row as SqlRow, params};

use super::{Behind, BranchKey, Pos, StoreError, View, Write, bytes, count, int};
use crate::id::{DeviceId, EpochId, LAST_PLACE, LogId, Reference, ShortId};

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

/// Which events between two places of a log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Which {
    /// All, whatever became of them.
    Judged,
    /// Those that an erasure names now.
    Named,
    /// Those whose bodies are gone.
    Gone,
    /// All, which are erasures.
    Erasures,
    /// The same: among them are some that began to count or ceased to, perhaps more than once.
    Turned,
}

impl Which {
    /// All of these in a log.
    pub fn of(self, log: LogId) -> Look {
        self.between(log, 0, LAST_PLACE)
    }

    /// These from one place to another.
    pub fn between(self, log: LogId, first: u64, last: u64) -> Look {
        Look::Places { which: self, log, first, last, after: Behind::default() }
    }

    fn what(self) -> u8 {
        match self {
            Which::Judged => JUDGED,
            Which::Named => NAMED,
            Which::Gone => GONE,
            Which::Erasures => ERASURES,
            Which::Turned => TURNED,
        }
    }
}

/// When something is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Round {
    /// In the round that goes on: it is left of what was taken from it, or follows from that.
    This,
    /// In the next.
    Next,
}

impl Round {
    pub(super) fn ahead(self) -> i64 {
        match self {
            Round::This => 0,
            Round::Next => 1,
        }
    }
}

/// One of them: what is left of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Look {
    /// Logs of a device, and who waits for them.
    Device {
        /// The device whose logs they are.
        device: DeviceId,
        /// Behind which log, by its number.
        after: i64,
    },
    /// Logs of a device in which it erased.
    Erasing {
        /// The device that erased.
        device: DeviceId,
        /// Behind which log, by its number.
        after: i64,
    },
    /// Events of a log, from one place to another.
    Places {
        /// Which of them.
        which: Which,
        /// The log they stand in.
        log: LogId,
        /// The first place.
        first: u64,
        /// The last place, itself included.
        last: u64,
        /// Behind which of them.
        after: Behind,
    },
    /// Events that are sealed under keys which are held no longer.
    Lost {
        /// Behind which position.
        after: Pos,
    },
    /// Events of a log that are held as erased, from one place to another.
    Erased {
        /// The log they stand in.
        log: LogId,
        /// The first place.
        first: u64,
        /// The last place, itself included.
        last: u64,
    },
    /// Aggregates in which somebody names an event of a log that is not here.
    Awaited {
        /// The log of the event.
        log: LogId,
        /// Behind which of those that wait.
        after: Awaited,
        /// The last place.
        last: u64,
    },
    /// Events that are sealed under a key and held.
    Sealed {
        /// The epoch of the key.
        epoch: EpochId,
        /// Which of the reasons that are gone through, by its number among them.
        reason: u8,
        /// Behind which position.
        after: Pos,
    },
}

// In this order they are looked at: what may go comes first, and what follows from a look behind it.
const DEVICE: u8 = 0;
const ERASING: u8 = 1;
const JUDGED: u8 = 2;
const ERASURES: u8 = 3;
const TURNED: u8 = 4;
const NAMED: u8 = 5;
const GONE: u8 = 6;
const LOST: u8 = 7;
const ERASED: u8 = 8;
const AWAITED: u8 = 9;
const SEALED: u8 = 10;

/// A look as it stands in a row.
struct Row<'l> {
    what: u8,
    name: &'l [u8],
    first: u64,
    last: u64,
    short: ShortId,
    behind: i64,
    seq: u64,
}

impl<'l> Row<'l> {
    /// Of all that has this name.
    fn new(what: u8, name: &'l [u8]) -> Self {
        Self { what, name, first: 0, last: u64::MAX, short: ShortId::ZERO, behind: 0, seq: 0 }
    }

    /// Of some places of a log.
    fn places(what: u8, log: &'l LogId, first: u64, last: u64, after: Behind) -> Self {
        Self { first, last, behind: after.branch.0, seq: after.seq, ..Self::new(what, log.as_bytes()) }
    }

    fn of(look: &'l Look) -> Self {
        match look {
            Look::Device { device, after } => Self { behind: *after, ..Self::new(DEVICE, device.as_bytes()) },
            Look::Erasing { device, after } => Self { behind: *after, ..Self::new(ERASING, device.as_bytes()) },
            Look::Places { which, log, first, last, after } => Self::places(which.what(), log, *first, *last, *after),
            Look::Lost { after } => Self { behind: after.0, ..Self::new(LOST, &[]) },
            Look::Erased { log, first, last } => Self::places(ERASED, log, *first, *last, Behind::default()),
            Look::Awaited { log, after, last } => {
                let Awaited { seq, check, aggregate } = *after;
                let of_log = Self::new(AWAITED, log.as_bytes());
                Self { first: seq, last: *last, short: check, behind: aggregate.0, ..of_log }
            }
            Look::Sealed { epoch, reason, after } => {
                Self { first: u64::from(*reason), behind: after.0, ..Self::new(SEALED, epoch.as_bytes()) }
            }
        }
    }
}

fn read(row: &SqlRow<'_>) -> rusqlite::Result<Look> {
    let (first, last, behind): (_, _, i64) = (count(row, 2)?, count(row, 3)?, row.get(5)?);
    let after = Behind { branch: BranchKey(behind), seq: count(row, 6)? };
    let log = || bytes(row, 1, LogId::from_slice);
    let places = |which, log| Look::Places { which, log, first, last, after };
    Ok(match row.get(0)? {
        DEVICE => Look::Device { device: bytes(row, 1, DeviceId::from_slice)?, after: behind },
        ERASING => Look::Erasing { device: bytes(row, 1, DeviceId::from_slice)?, after: behind },
        JUDGED => places(Which::Judged, log()?),
        NAMED => places(Which::Named, log()?),
        GONE => places(Which::Gone, log()?),
        LOST => Look::Lost { after: Pos(behind) },
        ERASURES => places(Which::Erasures, log()?),
        TURNED => places(Which::Turned, log()?),
        ERASED => Look::Erased { log: log()?, first, last },
        AWAITED => {
            let check = bytes(row, 4, |short| Some(ShortId::from_slice(short).unwrap_or(ShortId::ZERO)))?;
            Look::Awaited { log: log()?, after: Awaited { seq: first, check, aggregate: Pos(behind) }, last }
        }
        _ => {
            let reason = u8::try_from(first).unwrap_or(u8::MAX);
            Look::Sealed { epoch: bytes(row, 1, EpochId::from_slice)?, reason, after: Pos(behind) }
        }
    })
}

impl Write<'_> {
    /// Notes what is to be looked at again. Of one device, log or key the least place of two counts in a round, and the greatest.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn look_again(&mut self, look: Look, round: Round) -> Result<(), StoreError> {
        let Row { what, name, first, last, short, behind, seq } = Row::of(&look);
        self.run(
            "INSERT INTO look (round, what, name, first, last, short, behind, seq)
                 VALUES ((SELECT number FROM round) + ?, ?, ?, ?, ?, ?, ?, ?)
             ON CONFLICT (round, what, name) DO UPDATE SET first = min(first, excluded.first),
                 last = max(last, excluded.last), short = zeroblob(0), behind = 0, seq = 0",
            params![round.ahead(), what, name, int(first), int(last), short.as_bytes(), behind, int(seq)],
        )?;
        Ok(())
    }

    /// Takes what comes first of that in the round that goes on.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn take_look(&mut self) -> Result<Option<Look>, StoreError> {
        let sql = "DELETE FROM look WHERE (round, what, name) = (SELECT round, what, name FROM look
                WHERE round <= (SELECT number FROM round) ORDER BY round, what, name LIMIT 1)
            RETURNING what, name, first, last, short, behind, seq";
        Ok(self.take(sql, [], read)?.into_iter().next())
    }

    /// Begins the next round, once nothing is left of the one that goes on; whether anything waits for it.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn begin_round(&mut self) -> Result<bool, StoreError> {
        let waits = self.is_due()?;
        if waits {
            self.run("UPDATE round SET number = number + 1", [])?;
        }
        Ok(waits)
    }

    /// The aggregate of a creating event is to be made or folded again, behind all looks of a round.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn make_again(&mut self, creating: Pos, round: Round) -> Result<(), StoreError> {
        self.run(
            "INSERT INTO remake (pos, round) VALUES (?, (SELECT number FROM round) + ?)
             ON CONFLICT (pos) DO UPDATE SET round = excluded.round WHERE excluded.round < round",
            params![creating.0, round.ahead()],
        )?;
        Ok(())
    }

    /// Takes the first of these in the round that goes on.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn take_remake(&mut self) -> Result<Option<Pos>, StoreError> {
        let sql = "DELETE FROM remake WHERE pos = (SELECT pos FROM remake
                WHERE round <= (SELECT number FROM round) ORDER BY round, pos LIMIT 1) RETURNING pos";
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
