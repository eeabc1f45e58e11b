//! Where an open database lies, and whether it still does (R6).
//!
//! A process whose open file was removed writes on into it, and loses everything with the last handle. So before each
//! commit it is asked whether the file under that name is the file that was opened. It knows names and inodes, and no
//! more.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use super::StoreError;

/// What SQLite keeps beside a database.
pub(super) const BESIDE: [&str; 3] = ["-journal", "-wal", "-shm"];

/// A name beside another: the same with something behind it, extension or not.
pub fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut path = path.as_os_str().to_owned();
    path.push(suffix);
    path.into()
}

/// The database that was opened, and where.
pub(super) struct Place {
    file: PathBuf,
    wal: PathBuf,
    inode: u64,
}

impl Place {
    /// That of the database which lies there now.
    pub(super) fn of(file: &Path) -> io::Result<Self> {
        Ok(Self { file: file.to_owned(), wal: with_suffix(file, "-wal"), inode: inode(file)? })
    }

    /// Whether it lies there still, and the write-ahead log with it, where every transaction goes first.
    ///
    /// # Errors
    /// [`StoreError::Gone`] if not.
    pub(super) fn is_here(&self) -> Result<(), StoreError> {
        let same = inode(&self.file).is_ok_and(|inode| inode == self.inode);
        if same && self.wal.exists() { Ok(()) } else { Err(StoreError::Gone) }
    }
}

/// Which file has a name; systems without such a number tell only whether one has it.
fn inode(file: &Path) -> io::Result<u64> {
    let about = fs::metadata(file)?;
    #[cfg(unix)]
    return Ok(std::os::unix::fs::MetadataExt::ino(&about));
    #[cfg(not(unix))]
    return Ok(drop(about)).map(|()| 0);
}
