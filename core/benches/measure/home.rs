//! Homes: directories with a replica in them, new ones for a measurement and large ones that are kept.

use std::{
    fs,
    io::IsTerminal,
    path::{Path, PathBuf},
    sync::Arc,
    time::Instant,
};

use anyhow::{Context, Result};
use linli_core::{
    replica::{Options, Replica},
    store::DirSecrets,
    time::{Clock, ManualClock, WallMs},
};
use rusqlite::{Connection, OpenFlags};
use tempfile::TempDir;

use crate::{replay::Replay, week};

/// Kept homes of another version are made anew: raised whenever what is in them changes.
const VERSION: u32 = 2;

/// Opens the replica of a home, secrets beside the database.
pub(crate) fn open(home: &Path, clock: Arc<dyn Clock>) -> Result<Replica> {
    let secrets = Arc::new(DirSecrets::open(&home.join("secrets"))?);
    Ok(Replica::open(Options { clock, ..Options::new(home, secrets) })?)
}

/// A clock that stands where weeks begin.
pub(crate) fn clock() -> ManualClock {
    ManualClock::at(WallMs(0))
}

/// A home with a thrown week of so many orders, written by one phone; made at the first call and kept.
pub(crate) fn kept(orders: usize) -> Result<PathBuf> {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().context("the target directory")?;
    let home = target.join("bench-homes").join(format!("v{VERSION}-{orders}"));
    let whole = home.join("whole");
    if !whole.exists() {
        if home.exists() {
            fs::remove_dir_all(&home)?;
        }
        make(&home, orders)?;
        fs::write(whole, "")?;
    }
    Ok(home)
}

/// Writes a home in memory where the system has a place for that, because a durable commit costs nothing there, and
/// moves it to where it belongs.
fn make(home: &Path, orders: usize) -> Result<()> {
    let memory = Path::new("/dev/shm");
    let draft = if memory.is_dir() { TempDir::new_in(memory)? } else { TempDir::new_in(env!("CARGO_TARGET_TMPDIR"))? };
    fill(draft.path(), orders)?;
    copy(draft.path(), home)?;
    // The first opening after a copy looks at every page: not what is measured.
    drop(open(home, Arc::new(clock()))?);
    Ok(())
}

fn fill(home: &Path, orders: usize) -> Result<()> {
    let clock = clock();
    let replica = open(home, Arc::new(clock.clone()))?;
    replica.found(None)?;
    let week = week::thrown(orders, 7);
    let mut replay = Replay::new(clock);
    let began = Instant::now();
    for (done, action) in week.iter().enumerate() {
        replay.play(&replica, action)?;
        if done % 10_000 == 0 && std::io::stderr().is_terminal() {
            eprint!("\rmaking a home of {orders} orders: {done} of {} actions", week.len());
        }
    }
    eprintln!("\rmade a home of {orders} orders: {} actions in {:.0} s", week.len(), began.elapsed().as_secs_f64());
    Ok(())
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let (from, to) = (entry.path(), to.join(entry.file_name()));
        if entry.file_type()?.is_dir() { copy(&from, &to)? } else { fs::copy(from, to).map(drop)? }
    }
    Ok(())
}

/// Looks into a home's database beside its replica.
pub(crate) fn database(home: &Path) -> Result<Connection> {
    Ok(Connection::open_with_flags(home.join("linli.db"), OpenFlags::SQLITE_OPEN_READ_ONLY)?)
}

/// Bytes of a home's database with all that SQLite keeps beside it.
pub(crate) fn bytes(home: &Path) -> Result<u64> {
    let files = ["linli.db", "linli.db-wal", "linli.db-shm"];
    Ok(files.iter().filter_map(|file| fs::metadata(home.join(file)).ok()).map(|about| about.len()).sum())
}
