//! The store: logs, what was judged of them, and the caches made from them, in one SQLite file.
//!
//! Only verified runs come in, whole transactions go to disk (R6), and everything is read back as typed values. All
//! SQL of the project stands in this folder. The store refuses to know what an event says, whether it counts and
//! what an aggregate is: it keeps the verdicts, rows and texts that it is given.
//!
//! [`Store`] owns the home directory and its one writing connection; [`Write`] is one transaction of it;
//! [`Reader`]s look on from other threads and never make it wait. All three read through [`View`].

mod answers;
mod at_rest;
mod clean;
mod commands;
#[cfg(feature = "sabotage")]
mod damage;
mod error;
mod heaped;
mod held;
mod holes;
mod lacks;
mod log;
mod looks;
mod newer;
mod numbers;
mod open;
mod parked;
mod peers;
mod place;
mod private;
mod recovery;
mod room;
mod rows;
mod salvage;
mod schema;
mod search;
mod secrets;
mod select;
mod serve;
mod stored;
#[cfg(test)]
mod tests;
mod unopened;
mod upkeep;

use std::{collections::BTreeMap, ops::Deref, path::PathBuf, sync::Arc};

use rusqlite::{Connection, OptionalExtension, Params, Row as SqlRow, params};

use crate::{
    count::{self, Work},
    row::Table,
};

pub use at_rest::{DATABASE_KEY, DATABASE_KEY_LEN};
pub use commands::Remembered;
#[cfg(feature = "sabotage")]
#[doc(hidden)]
pub use damage::Harm;
pub use error::{Damage, StoreError, is_no_room};
pub use held::{Judged, Judgement};
pub use holes::{Lacked, Lacking, Stretch};
pub use lacks::{few_lacks, lacks_any};
pub use log::{Behind, BranchKey, BranchSpan, Chain, LooseEnd, Onward, Reach};
pub use looks::{Awaited, Look, Round, Which};
pub use newer::Noted;
pub use numbers::Rows;
pub use open::lock_file;
pub use parked::Waits;
pub use peers::{Heard, Peer, Stats};
pub use place::with_suffix;
pub use private::{close_to_others, create_private, make_dir, replace_file, sync_dir};
pub use room::{Lent, Room};
pub use salvage::Salvaged;
pub use search::terms;
pub use secrets::DirSecrets;
pub use serve::{Missing, Span};
pub use stored::{BranchId, Stored};
use unopened::of_database;

/// Whether this build keeps encrypted databases, and no others.
const SEALS: bool = cfg!(feature = "sqlcipher");

/// When this replica stored an event: 1 for the first, then one more each. Positions are never used again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Pos(pub i64);

/// An aggregate in this store: the position of its creating event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AggregateId(pub i64);

/// Everything that can be asked, on whichever connection.
pub struct View {
    db: Connection,
    tables: Arc<[Table]>,
    answers: answers::Answers,
}

/// The home directory of one replica, locked against a second, and its writing connection.
pub struct Store {
    view: View,
    dir: PathBuf,
    key: at_rest::FileKey,
    place: place::Place,
    trip: answers::Trip,
    /// How its connections are opened.
    how: open::How,
    /// Dropped after the connection is closed; none where nothing can be written.
    _clean: Option<clean::CleanStop>,
    /// Held open for its lock, which ends with it; none where not even a lock can be made.
    lock: Option<std::fs::File>,
    /// Why nothing is written now.
    barred: Option<StoreError>,
}

/// What opens connections that only read, without asking the store.
#[derive(Clone)]
pub struct Readers {
    path: PathBuf,
    key: at_rest::FileKey,
    tables: Arc<[Table]>,
    cache_kib: u32,
    trip: answers::Trip,
    how: open::How,
}

/// A connection that only reads; it sees each commit as a whole.
pub struct Reader {
    view: View,
}

/// One transaction. Dropped without [`commit`](Write::commit) it leaves no trace.
pub struct Write<'a> {
    view: &'a View,
    place: &'a place::Place,
    /// What is heaped up otherwise than the tables say.
    heaped: BTreeMap<heaped::Heap, i64>,
    /// A statement failed, so that something may be half applied.
    broken: bool,
}

impl Deref for Store {
    type Target = View;

    fn deref(&self) -> &View {
        &self.view
    }
}

impl Deref for Reader {
    type Target = View;

    fn deref(&self) -> &View {
        &self.view
    }
}

impl Deref for Write<'_> {
    type Target = View;

    fn deref(&self) -> &View {
        self.view
    }
}

impl Store {
    /// Begins a transaction.
    ///
    /// # Errors
    /// When SQLite refuses; [`StoreError::Full`] in a store that was [opened to be read](Self::open_to_read) alone, and
    /// what it is [barred](Self::bar) for.
    pub fn write(&mut self) -> Result<Write<'_>, StoreError> {
        if let Some(why) = &self.barred {
            return Err(why.clone());
        }
        if self._clean.is_none() {
            return Err(StoreError::Full);
        }
        self.view.told(self.view.db.execute_batch("BEGIN IMMEDIATE"))?;
        self.view.begin_answers();
        Ok(Write { view: &self.view, place: &self.place, heaped: BTreeMap::new(), broken: false })
    }

    /// Refuses to write from now on, for this reason; for none it writes again.
    pub fn bar(&mut self, why: Option<StoreError>) {
        self.barred = why;
    }

    /// Moves all that was committed into the main file and empties the write-ahead log, so that nothing forgotten
    /// stays in it (R5). Readers in the middle of a statement put it off.
    ///
    /// # Errors
    /// [`StoreError::Busy`] when it was put off.
    pub fn scrub(&mut self) -> Result<(), StoreError> {
        let done = self.view.db.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0));
        let busy: bool = self.view.told(done)?;
        if busy { Err(StoreError::Busy) } else { Ok(()) }
    }

    /// Gives the space of what was forgotten back to the disk. Needs as much of it again for as long as it takes.
    ///
    /// # Errors
    /// When SQLite refuses, or the disk is full.
    pub fn compact(&mut self) -> Result<(), StoreError> {
        self.view.told(self.view.db.execute_batch("VACUUM"))?;
        self.scrub()
    }

    /// Lets the file grow to so many pages only, but never below what it has: a full disk, for tests.
    ///
    /// # Errors
    /// When SQLite refuses.
    #[doc(hidden)]
    pub fn limit_pages(&mut self, pages: u32) -> Result<(), StoreError> {
        Ok(self.view.db.pragma_update_and_check(None, "max_page_count", pages, |_| Ok(()))?)
    }
}

impl Reader {
    /// Asks several questions of one and the same commit: what is written meanwhile is seen by none of them.
    ///
    /// # Errors
    /// When one of them was not answered, whatever came out; else what they answer.
    pub fn at_once<T>(&self, ask: impl FnOnce(&Self) -> Result<T, StoreError>) -> Result<T, StoreError> {
        let _seen = self.view.db.unchecked_transaction()?;
        self.view.begin_answers();
        self.view.checked(|| ask(self))
    }
}

impl Write<'_> {
    /// Makes everything durable and visible.
    ///
    /// # Errors
    /// When it could not be made durable, or a statement failed before; nothing is applied then. [`StoreError::Gone`]
    /// where the home was removed meanwhile: the system would go on writing into files that nobody finds again. And the
    /// first failure where a question was not answered since the transaction began: whatever was decided without an
    /// answer is not written.
    pub fn commit(mut self) -> Result<(), StoreError> {
        // SQLite ends the whole transaction by itself after some failures.
        if self.broken || self.db.is_autocommit() {
            return Err(StoreError::RolledBack);
        }
        self.note_heaped()?;
        self.view.answered()?;
        self.place.is_here()?;
        count::note(Work::Commit, 1);
        self.view.told(self.db.execute_batch("COMMIT"))
    }

    /// Runs one statement and tells how many rows it changed.
    fn run(&mut self, sql: &str, params: impl Params) -> Result<usize, StoreError> {
        let done = self.view.db.prepare_cached(sql).and_then(|mut statement| {
            let changed = statement.execute(params);
            note_steps(&statement);
            changed
        });
        self.broken |= done.is_err();
        let changed = self.view.told(done)?;
        count::note(Work::RowWritten, changed as u64);
        Ok(changed)
    }

    /// Runs one statement that gives back the rows it changed.
    fn take<T>(
        &mut self,
        sql: &str,
        params: impl Params,
        read: impl FnMut(&SqlRow<'_>) -> rusqlite::Result<T>,
    ) -> Result<Vec<T>, StoreError> {
        let changed = self.view.all::<T, Vec<T>>(sql, params, read);
        self.broken |= changed.is_err();
        let changed = changed?;
        count::note(Work::RowWritten, changed.len() as u64);
        Ok(changed)
    }

    /// Runs one statement that adds a row and gives the row's key.
    fn add(&mut self, sql: &str, params: impl Params) -> Result<i64, StoreError> {
        self.run(sql, params)?;
        Ok(self.db.last_insert_rowid())
    }

    /// Runs statements without parameters.
    fn run_all(&mut self, sql: &str) -> Result<(), StoreError> {
        let done = self.view.db.execute_batch(sql);
        self.broken |= done.is_err();
        self.view.told(done)
    }

    /// Keeps a small value under a key of the caller's, in place of what was there.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn set_meta(&mut self, key: &str, value: &[u8]) -> Result<(), StoreError> {
        self.run("INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)", params![key, value])?;
        Ok(())
    }

    /// Keeps nothing under a key any more.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn remove_meta(&mut self, key: &str) -> Result<(), StoreError> {
        self.run("DELETE FROM meta WHERE key = ?", [key])?;
        Ok(())
    }
}

impl Drop for Write<'_> {
    fn drop(&mut self) {
        if !self.db.is_autocommit() {
            // If this fails, the connection is beyond help, and the next BEGIN says so.
            let _ = self.db.execute_batch("ROLLBACK");
        }
    }
}

impl View {
    /// Writes everything as of now into the home `dir`, which must hold none yet: durable when this returns.
    ///
    /// # Errors
    /// When SQLite refuses, or the disk is full.
    pub fn copy_to(&self, dir: &std::path::Path) -> Result<(), StoreError> {
        make_dir(dir)?;
        let file = open::file_in(dir);
        // Under another name until it is whole: half a copy must not be taken for a home.
        let half = open::unfinished_in(dir)?;
        let done = self.db.execute("VACUUM INTO ?", [half.to_string_lossy()]);
        done.map_err(|error| of_database(error.into(), &half))?;
        std::fs::File::open(&half)?.sync_all()?;
        std::fs::rename(&half, &file)?;
        Ok(sync_dir(dir)?)
    }

    /// The value kept under a key.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn meta(&self, key: &str) -> Result<Option<Vec<u8>>, StoreError> {
        self.one("SELECT value FROM meta WHERE key = ?", [key], |row| row.get(0))
    }

    /// All keys from one on and before another, in order.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn meta_keys(&self, from: &str, before: &str) -> Result<Vec<String>, StoreError> {
        self.all("SELECT key FROM meta WHERE key >= ? AND key < ? ORDER BY key", [from, before], |row| row.get(0))
    }

    /// The first row of an answer, if there is one.
    fn one<T>(
        &self,
        sql: &str,
        params: impl Params,
        read: impl FnOnce(&SqlRow<'_>) -> rusqlite::Result<T>,
    ) -> Result<Option<T>, StoreError> {
        self.ask(|| {
            let mut statement = self.db.prepare_cached(sql)?;
            let found = statement.query_row(params, read).optional();
            note_steps(&statement);
            count::note(Work::RowRead, u64::from(matches!(found, Ok(Some(_)))));
            Ok(found?)
        })
    }

    /// All rows of an answer.
    fn all<T, C: FromIterator<T>>(
        &self,
        sql: &str,
        params: impl Params,
        mut read: impl FnMut(&SqlRow<'_>) -> rusqlite::Result<T>,
    ) -> Result<C, StoreError> {
        let read = |row: &SqlRow<'_>| {
            count::note(Work::RowRead, 1);
            read(row)
        };
        self.ask(|| {
            let mut statement = self.db.prepare_cached(sql)?;
            let found = statement.query_map(params, read)?.collect::<rusqlite::Result<C>>();
            note_steps(&statement);
            Ok(found?)
        })
    }
}

/// Takes note of the steps that a statement has made since the last time.
fn note_steps(statement: &rusqlite::Statement<'_>) {
    if cfg!(feature = "count") {
        let steps = statement.reset_status(rusqlite::StatementStatus::VmStep);
        count::note(Work::Step, u64::try_from(steps).unwrap_or(0));
    }
}

/// A number as SQLite keeps it. Nothing is stored beyond the greatest it can keep, so that one is found nowhere.
fn int(number: impl TryInto<i64>) -> i64 {
    number.try_into().unwrap_or(i64::MAX)
}

/// A cell of fixed-size bytes.
fn bytes<T>(row: &SqlRow<'_>, at: usize, read: impl FnOnce(&[u8]) -> Option<T>) -> rusqlite::Result<T> {
    let cell = row.get_ref(at)?;
    let found = cell.as_bytes().ok().and_then(read);
    found.ok_or_else(|| rusqlite::Error::InvalidColumnType(at, "bytes".to_owned(), cell.data_type()))
}

/// A cell with a place or a count.
fn count(row: &SqlRow<'_>, at: usize) -> rusqlite::Result<u64> {
    let number: i64 = row.get(at)?;
    u64::try_from(number).map_err(|_| rusqlite::Error::IntegralValueOutOfRange(at, number))
}
