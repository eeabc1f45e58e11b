//! Recovery of a home: its database is set aside, and a note says how far that came.
//!
//! Every step may be the last one before a kill. So the note is durable before the step that it tells of, and the next
//! open goes on from there. Nothing is ever deleted: a file may be the only copy of something. It knows files and their
//! names, and refuses to know what is in them.

use std::{
    fs,
    io::ErrorKind,
    path::{Path, PathBuf},
};

use super::{
    Store, StoreError,
    open::{file_in, lock},
    place::{BESIDE, with_suffix},
    private::{make_dir, replace_file, sync_dir},
};

const NOTE: &str = "linli.recovering";
const ASIDE: &str = "linli.damaged-";
/// The new database is begun, and what can be read of those set aside is not in it yet.
const SALVAGING: &str = "salvaging";

impl Store {
    /// Sets the database of a home aside, with what SQLite keeps beside it, so that a new one can take its place; and
    /// notes that a recovery is under way until [`end_recovery`](Self::end_recovery). Where the database lies now, if
    /// there was one.
    ///
    /// # Errors
    /// [`StoreError::InUse`] while somebody has it open, or what the file system says; again goes on where it ended.
    pub fn begin_recovery(dir: &Path) -> Result<Option<PathBuf>, StoreError> {
        make_dir(dir)?;
        let _lock = lock(dir)?;
        let number = match noted(dir)? {
            Some(Step::SettingAside(number)) => number,
            Some(Step::Salvaging) | None => unused(dir)?,
        };
        let aside = set_aside(dir, number)?;
        Ok(aside.try_exists()?.then_some(aside))
    }

    /// Whether a recovery is under way, which is brought to where a new database can be opened. To be asked before
    /// that.
    ///
    /// # Errors
    /// As [`begin_recovery`](Self::begin_recovery).
    pub fn resume_recovery(dir: &Path) -> Result<bool, StoreError> {
        if noted(dir)?.is_none() {
            return Ok(false);
        }
        let _lock = lock(dir)?;
        match noted(dir)? {
            Some(Step::SettingAside(number)) => set_aside(dir, number).map(|_| true),
            Some(Step::Salvaging) => Ok(true),
            None => Ok(false),
        }
    }

    /// Whether a recovery is under way whose new database can be opened, asked without writing.
    ///
    /// # Errors
    /// [`StoreError::Full`] where the database is yet to be set aside, which takes writing.
    pub fn is_recovering(dir: &Path) -> Result<bool, StoreError> {
        match noted(dir)? {
            Some(Step::SettingAside(_)) => Err(StoreError::Full),
            Some(Step::Salvaging) => Ok(true),
            None => Ok(false),
        }
    }

    /// Notes that everything which could be read of the files set aside is in the new database.
    ///
    /// # Errors
    /// What the file system says.
    pub fn end_recovery(dir: &Path) -> Result<(), StoreError> {
        match fs::remove_file(dir.join(NOTE)) {
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
            removed => Ok(removed.and_then(|()| sync_dir(dir))?),
        }
    }

    /// The databases of a home that were set aside, oldest first.
    ///
    /// # Errors
    /// What the file system says.
    pub fn asides(dir: &Path) -> Result<Vec<PathBuf>, StoreError> {
        let mut numbers = Vec::new();
        for entry in fs::read_dir(dir)? {
            let name = entry?.file_name();
            let number =
                name.to_str().and_then(|name| name.strip_prefix(ASIDE)?.strip_suffix(".db")?.parse::<u32>().ok());
            numbers.extend(number);
        }
        numbers.sort_unstable();
        Ok(numbers.into_iter().map(|number| aside(dir, number)).collect())
    }
}

/// How far a recovery came.
enum Step {
    /// The database is being renamed to the one set aside of this number.
    SettingAside(u32),
    Salvaging,
}

fn noted(dir: &Path) -> Result<Option<Step>, StoreError> {
    match fs::read_to_string(dir.join(NOTE)) {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        note => Ok(Some(note?.parse().map_or(Step::Salvaging, Step::SettingAside))),
    }
}

/// The first number under which nothing lies: of a database that was lost, its log alone may.
fn unused(dir: &Path) -> Result<u32, StoreError> {
    let mut taken = 0_u32;
    for entry in fs::read_dir(dir)? {
        let name = entry?.file_name();
        let number = name.to_str().and_then(|name| name.strip_prefix(ASIDE)?.split_once('.')?.0.parse().ok());
        taken = number.unwrap_or(0).max(taken);
    }
    Ok(taken.saturating_add(1))
}

fn set_aside(dir: &Path, number: u32) -> Result<PathBuf, StoreError> {
    replace_file(&dir.join(NOTE), number.to_string().as_bytes())?;
    let aside = aside(dir, number);
    for suffix in BESIDE.into_iter().chain([""]) {
        match fs::rename(with_suffix(&file_in(dir), suffix), with_suffix(&aside, suffix)) {
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(error.into()),
            _ => {}
        }
    }
    sync_dir(dir)?;
    replace_file(&dir.join(NOTE), SALVAGING.as_bytes())?;
    Ok(aside)
}

fn aside(dir: &Path, number: u32) -> PathBuf {
    dir.join(format!("{ASIDE}{number}.db"))
}
