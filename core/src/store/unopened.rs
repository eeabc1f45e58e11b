//! Why a database cannot be opened, or a file beside it: SQLite says that it cannot, and not what the system said.
//!
//! So the file system is asked as SQLite asked it. No file of the database is opened for that, because whoever closes one
//! lets go of every lock that this process has on it.

use std::{
    fs,
    io::{self, ErrorKind},
    path::Path,
};

use super::{
    StoreError,
    place::{BESIDE, with_suffix},
};

/// An error with its reason, where it is only that something of the database `path` cannot be opened.
pub(super) fn of_database(error: StoreError, path: &Path) -> StoreError {
    if error == StoreError::CannotOpen { look(path).map_or_else(StoreError::from, |()| error) } else { error }
}

/// Looks at a database and what SQLite keeps beside it, and makes a file there for a moment.
fn look(path: &Path) -> io::Result<()> {
    fs::metadata(path)?;
    for suffix in BESIDE {
        if fs::metadata(with_suffix(path, suffix)).is_ok_and(|about| about.is_dir()) {
            return Err(ErrorKind::IsADirectory.into());
        }
    }
    let probe = with_suffix(path, "-tried");
    let made = fs::write(&probe, [0; 4096]);
    let _absent = fs::remove_file(&probe);
    made
}
