//! The lock on a relay's data: one process at a time, and the next one is told which.

use std::{
    fs::{self, File, OpenOptions, TryLockError},
    path::Path,
};

use anyhow::{Context, bail};
use linli_core::store::{close_to_others, is_no_room, lock_file, make_dir};

use crate::{
    home::{COMMUNITIES, KEYS},
    last_step::settle,
};

const LOCK: &str = "relay.lock";
const HOLDER: &str = "relay.pid";

/// Holds a data directory until it is dropped, or the process ends however it may.
#[derive(Debug)]
pub struct Lock {
    _file: File,
}

impl Lock {
    /// Takes the lock, and notes who has it. From then on nobody but the owner reads what is there, whatever was before.
    ///
    /// # Errors
    /// Who has it already, or what the file system says.
    pub fn take(data: &Path) -> anyhow::Result<Self> {
        let open = || {
            settle(data)?;
            make_dir(data)?;
            match OpenOptions::new().write(true).create(true).truncate(false).open(data.join(LOCK)) {
                // On a disk that is read-only, what is there can be locked all the same.
                Err(error) if is_no_room(error.kind()) => File::open(data.join(LOCK)),
                opened => opened,
            }
        };
        let file = open().with_context(|| format!("{} cannot be written", data.display()))?;
        match lock_file(&file) {
            // What was waited for was put aside meanwhile, and another directory is in its place.
            Ok(()) if !is_still(&file, &data.join(LOCK)) => {
                bail!("{} was replaced just now; start once more", data.display())
            }
            Ok(()) => {
                // Beside the lock, because a locked file cannot be read everywhere.
                match fs::write(data.join(HOLDER), std::process::id().to_string()) {
                    Err(error) if !is_no_room(error.kind()) => return Err(error.into()),
                    // Where there is no room, who comes second is told less.
                    _ => {}
                }
                close_to_others(data, |name| [LOCK, HOLDER, KEYS, COMMUNITIES].contains(&name))?;
                Ok(Self { _file: file })
            }
            Err(TryLockError::WouldBlock) => match fs::read_to_string(data.join(HOLDER)) {
                Ok(pid) => bail!("a relay runs on this data, as process {}; stop it first", pid.trim()),
                Err(_unknown) => bail!("a relay runs on this data; stop it first"),
            },
            Err(TryLockError::Error(error)) => Err(error.into()),
        }
    }
}

/// Whether an open file is the one of this name.
#[cfg(unix)]
fn is_still(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    let which = |about: fs::Metadata| (about.dev(), about.ino());
    match (file.metadata().map(which), fs::metadata(path).map(which)) {
        (Ok(one), Ok(other)) => one == other,
        _ => false,
    }
}

/// Elsewhere no directory gets another name while somebody holds a file in it.
#[cfg(not(unix))]
fn is_still(_file: &File, _path: &Path) -> bool {
    true
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn who_comes_second_is_told_who_is_there() {
        let dir = tempfile::tempdir().unwrap();
        let first = Lock::take(dir.path()).unwrap();

        let refused = Lock::take(dir.path()).unwrap_err().to_string();

        assert!(refused.contains(&std::process::id().to_string()), "{refused}");
        drop(first);
        Lock::take(dir.path()).unwrap();
    }
}
