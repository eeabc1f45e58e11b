//! The mark of a clean stop: what the file looked like when it was last closed.
//!
//! Checking every page takes as long as the log is large, and a phone is opened many times a day. So the check is
//! left out where the file is just as it was closed; after a kill, a power cut or somebody else's hand it is made.

use std::{
    fs::{self, OpenOptions},
    io::Write as _,
    path::{Path, PathBuf},
    time::UNIX_EPOCH,
};

use super::{StoreError, private::open_private};

const MARK: &str = "linli.clean";

/// Marks the file when dropped, which must be after the last connection that writes is closed.
pub(super) struct CleanStop {
    file: PathBuf,
}

impl CleanStop {
    /// Takes the mark away: from now on a stop is unclean unless it says otherwise.
    pub(super) fn begin(file: &Path) -> Result<Self, StoreError> {
        match fs::remove_file(mark(file)) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error.into()),
            _ => Ok(Self { file: file.to_owned() }),
        }
    }
}

impl Drop for CleanStop {
    fn drop(&mut self) {
        if let Some(looks) = looks(&self.file) {
            // Without the mark the next open takes longer, that is all.
            let _unmarked = open_private(&mark(&self.file), OpenOptions::new().write(true).create(true).truncate(true))
                .and_then(|mut mark| mark.write_all(looks.as_bytes()));
        }
    }
}

/// Whether the file is just as it was left by a clean stop.
pub(super) fn is_clean(file: &Path) -> bool {
    looks(file).is_some_and(|looks| fs::read_to_string(mark(file)).is_ok_and(|marked| marked == looks))
}

/// Size and time of change; none if a write-ahead log is left beside the file.
fn looks(file: &Path) -> Option<String> {
    let mut wal = file.as_os_str().to_owned();
    wal.push("-wal");
    if fs::metadata(wal).is_ok_and(|wal| wal.len() > 0) {
        return None;
    }
    let about = fs::metadata(file).ok()?;
    let changed = about.modified().ok()?.duration_since(UNIX_EPOCH).ok()?;
    Some(format!("{} {}", about.len(), changed.as_nanos()))
}

fn mark(file: &Path) -> PathBuf {
    file.with_file_name(MARK)
}
