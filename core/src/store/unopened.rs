//! Why a database cannot be opened or written to, or a file beside it: SQLite says that it cannot, and not what the system
//! said.
//!
//! So the file system is asked as SQLite asked it. No file of the database is opened for that, because whoever closes one
//! lets go of every lock that this process has on it.

use std::{
    fs::{self, File},
    io::{self, ErrorKind, Read as _},
    path::Path,
};

use super::{
    StoreError,
    place::{BESIDE, with_suffix},
};

/// What SQLite adds to a file at once.
const PAGE: u64 = 4_096;

/// An error with its reason, where it is only that something of the database `path` cannot be opened, or that the disk
/// fails, which SQLite also says where a quota or a bound on files is reached.
pub(super) fn of_database(error: StoreError, path: &Path) -> StoreError {
    let seen = match error {
        StoreError::CannotOpen => look(path),
        StoreError::Failing => write_as_much(path),
        _ => return error,
    };
    seen.map_or_else(StoreError::from, |()| error)
}

/// Looks at a database and what SQLite keeps beside it, and makes a file there for a moment.
fn look(path: &Path) -> io::Result<()> {
    fs::metadata(path)?;
    for suffix in BESIDE {
        if fs::metadata(with_suffix(path, suffix)).is_ok_and(|about| about.is_dir()) {
            return Err(ErrorKind::IsADirectory.into());
        }
    }
    tried(path, |probe| fs::write(probe, [0; 4_096]))
}

/// Makes a file, for a moment, that is a page longer than the longest of the database. It is never longer than what SQLite
/// was about to write: some systems end a process that goes beyond a bound on files.
fn write_as_much(path: &Path) -> io::Result<()> {
    let beside = BESIDE.iter().map(|suffix| with_suffix(path, suffix)).chain([path.to_path_buf()]);
    let longest = beside.filter_map(|file| fs::metadata(file).ok()).map(|about| about.len()).max().unwrap_or(0);
    tried(path, |probe| {
        let mut file = File::create(probe)?;
        file.set_len(longest + PAGE)?;
        // More than is left where a few pages did not fit.
        io::copy(&mut io::repeat(0).take((longest + PAGE).min(64 * PAGE)), &mut file)?;
        file.sync_all()
    })
}

/// Does something with a file beside a database, which is gone afterwards.
fn tried(path: &Path, make: impl FnOnce(&Path) -> io::Result<()>) -> io::Result<()> {
    let probe = with_suffix(path, "-tried");
    let made = make(&probe);
    let _absent = fs::remove_file(&probe);
    made
}
