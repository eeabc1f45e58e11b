//! Files for their owner alone: what a home holds is nobody else's to read, whatever the umask says.
//!
//! Knows permissions and how a file takes another's place. Refuses to know what is in a file. Where a system has other
//! means than Unix' modes, all of this leaves them as they are.

use std::{
    fs::{self, DirBuilder, File, OpenOptions},
    io::{self, Write as _},
    path::Path,
};

/// A directory: its owner may do everything, others nothing.
#[cfg(unix)]
const DIR: u32 = 0o700;
/// A file: its owner reads and writes.
#[cfg(unix)]
const FILE: u32 = 0o600;
/// Where many owners share one directory, it is not a home's to close.
#[cfg(unix)]
const SHARED: u32 = 0o1000;

/// Makes a directory, and those it lies in, for the owner alone. One that is there stays as it is.
///
/// # Errors
/// What the file system says.
pub fn make_dir(dir: &Path) -> io::Result<()> {
    if dir.is_dir() {
        return Ok(());
    }
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, DIR);
    builder.create(dir)?;
    #[cfg(unix)]
    set_mode(dir, DIR)?;
    Ok(())
}

/// Makes a file that must not be there yet, for the owner alone.
///
/// # Errors
/// What the file system says; [`AlreadyExists`](io::ErrorKind::AlreadyExists) where there is one.
pub fn create_private(path: &Path) -> io::Result<File> {
    open_private(path, OpenOptions::new().write(true).create_new(true))
}

/// Lets the owner of a file write to it again, and nobody else.
pub(super) fn give_owner(path: &Path) -> io::Result<()> {
    #[cfg(unix)]
    return set_mode(path, FILE);
    #[cfg(not(unix))]
    Ok(())
}

/// Opens a file, which is the owner's alone if it is made by it.
pub(super) fn open_private(path: &Path, options: &mut OpenOptions) -> io::Result<File> {
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(options, FILE);
    let file = options.open(path)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        // The umask may have taken even the owner's rights, and what was there may have others'.
        if file.metadata()?.permissions().mode() & 0o777 != FILE {
            let _not_ours = file.set_permissions(fs::Permissions::from_mode(FILE));
        }
    }
    Ok(file)
}

/// Puts a file in the place of another, for its owner alone: after a power cut there is the old one or the new one, whole.
///
/// # Errors
/// What the file system says.
pub fn replace_file(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let beside = path.with_extension("new");
    let mut file = open_private(&beside, OpenOptions::new().write(true).create(true).truncate(true))?;
    let written = file.write_all(bytes).and_then(|()| file.sync_all()).and_then(|()| fs::rename(&beside, path));
    if written.is_err() {
        // Half a file takes room where there is none; if it cannot go either, the next one takes its place.
        let _stays = fs::remove_file(&beside);
    }
    written?;
    path.parent().map_or(Ok(()), sync_dir)
}

/// Makes what was made, renamed or removed in a directory durable. Only Unix can and needs to.
///
/// # Errors
/// What the file system says.
pub fn sync_dir(dir: &Path) -> io::Result<()> {
    if cfg!(unix) { File::open(dir)?.sync_all() } else { Ok(()) }
}

/// Takes from everybody else what they may do with the files of a home, and with the home itself if it is not a
/// directory that many share. What belongs to another owner stays as it is.
///
/// # Errors
/// When the directory cannot be listed.
pub fn close_to_others(dir: &Path, is_ours: impl Fn(&str) -> bool) -> io::Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let others = |mode: u32| mode & 0o077 != 0;
        let mut has_ours = false;
        let mut has_theirs = false;
        for entry in fs::read_dir(dir)? {
            let entry = entry?;
            if !is_ours(&entry.file_name().to_string_lossy()) {
                has_theirs = true;
                continue;
            }
            has_ours = true;
            // A file of SQLite's may go at any moment.
            let Ok(about) = entry.metadata() else { continue };
            if about.is_file() && others(about.permissions().mode()) {
                let _not_ours = set_mode(&entry.path(), FILE);
            }
        }
        let mode = fs::metadata(dir)?.permissions().mode();
        if others(mode) && mode & SHARED == 0 && (has_ours || !has_theirs) {
            let _not_ours = set_mode(dir, DIR);
        }
    }
    Ok(())
}

#[cfg(unix)]
fn set_mode(path: &Path, mode: u32) -> io::Result<()> {
    fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(mode))
}
