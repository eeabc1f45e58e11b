//! The last step of putting a copy back: it takes the place of what was there.
//!
//! Whoever opens a home asks for it first, because a restore may have been killed just before. It refuses to know what is
//! in a home.

use std::{fs, io, path::Path};

use linli_core::store::{sync_dir, with_suffix};

/// What a copy is called behind its name once it is whole and what it replaces is on its way out.
pub(crate) const WHOLE: &str = ".restored";

/// Finishes a restore that was killed between its last two steps: without this a relay would begin anew there, with keys
/// that nobody knows.
///
/// # Errors
/// What the file system says.
pub(crate) fn settle(dir: &Path) -> io::Result<()> {
    let whole = with_suffix(dir, WHOLE);
    if !whole.is_dir() || dir.exists() {
        return Ok(());
    }
    match place(&whole, dir) {
        // Somebody else took the step.
        Err(error) if error.kind() == io::ErrorKind::NotFound && dir.is_dir() => Ok(()),
        placed => placed,
    }
}

/// Gives a directory another name, durably.
pub(crate) fn place(from: &Path, to: &Path) -> io::Result<()> {
    fs::rename(from, to)?;
    match std::path::absolute(to)?.parent() {
        Some(parent) => sync_dir(parent),
        None => Ok(()),
    }
}
