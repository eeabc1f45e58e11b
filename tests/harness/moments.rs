//! Every moment at which a kill may come, and what it would leave on the disk.
//!
//! A test runs as a process of its own and is stopped at each call by which it changes a file or a directory. What a
//! kill leaves is what the files hold then, so they are copied, and it goes on: one run shows all of its moments. Power
//! cuts, which leave less, are not shown by this.

use std::{
    fs,
    path::{Path, PathBuf},
};

use nix::libc;
use tempfile::TempDir;

use crate::{
    somewhere,
    watched::{Call, watch, writes},
};

/// Copies of a directory, one for each moment, in their order.
pub struct Moments {
    /// Where each lies. They may be written to.
    pub all: Vec<PathBuf>,
    dir: TempDir,
}

/// Runs one test of this program, by its whole name, as the process that is [`watched`](crate::watched::watched), and
/// copies `dir` at every moment in which it differs from the one before, the last included.
///
/// # Panics
/// When the process cannot be watched, or fails.
pub fn moments(test: &str, scene: &str, dir: &Path) -> Moments {
    let mut moments = Moments { all: Vec::new(), dir: somewhere() };
    let mut before = Vec::new();
    watch(test, scene, dir, |_, call| {
        if matches!(call, Call::Begins(call, arguments) if changes_files(call, arguments)) {
            moments.note(dir, &mut before);
        }
    });
    moments.note(dir, &mut before);
    moments
}

impl Moments {
    fn note(&mut self, dir: &Path, before: &mut Vec<(PathBuf, Vec<u8>)>) {
        let mut now = Vec::new();
        read_all(dir, Path::new(""), &mut now);
        if *before == now {
            return;
        }
        let copy = self.dir.path().join(self.all.len().to_string());
        write_all(&copy, &now);
        self.all.push(copy);
        *before = now;
    }
}

/// Copies a directory with all that is in it.
///
/// # Panics
/// When it cannot be read or written.
pub fn copy_all(from: &Path, to: &Path) {
    let mut files = Vec::new();
    read_all(from, Path::new(""), &mut files);
    write_all(to, &files);
}

fn write_all(to: &Path, files: &[(PathBuf, Vec<u8>)]) {
    fs::create_dir_all(to).expect("a directory");
    for (name, bytes) in files {
        let file = to.join(name);
        match file.file_name() {
            Some(_) if !name.as_os_str().to_string_lossy().ends_with('/') => {
                fs::create_dir_all(file.parent().expect("a directory")).expect("a directory");
                fs::write(file, bytes).expect("room");
            }
            _ => fs::create_dir_all(file).expect("a directory"),
        }
    }
}

/// All files by name, those excepted that hold nothing which outlives a process.
fn read_all(dir: &Path, under: &Path, into: &mut Vec<(PathBuf, Vec<u8>)>) {
    let entries = fs::read_dir(dir.join(under)).expect("a directory");
    let mut names: Vec<PathBuf> = entries.map(|entry| under.join(entry.expect("an entry").file_name())).collect();
    names.sort();
    for name in names {
        let path = dir.join(&name);
        if path.is_dir() {
            into.push((name.join(""), Vec::new()));
            read_all(dir, &name, into);
        } else if !name.to_string_lossy().ends_with("-shm") {
            into.push((name, fs::read(path).expect("a file")));
        }
    }
}

/// Whether a call does something to a file or directory.
fn changes_files(call: i64, arguments: [u64; 3]) -> bool {
    let makes = |flags: u64| flags & (libc::O_CREAT | libc::O_TRUNC) as u64 != 0;
    match call {
        call if writes(call, arguments) => true,
        libc::SYS_openat => makes(arguments[2]),
        libc::SYS_ftruncate | libc::SYS_truncate | libc::SYS_fallocate => true,
        libc::SYS_renameat | libc::SYS_renameat2 | libc::SYS_unlinkat | libc::SYS_mkdirat | libc::SYS_linkat => true,
        call => is_older(call, makes(arguments[1])),
    }
}

/// Calls that newer machines do without.
#[cfg(target_arch = "x86_64")]
fn is_older(call: i64, makes: bool) -> bool {
    match call {
        libc::SYS_open => makes,
        libc::SYS_creat | libc::SYS_rename | libc::SYS_unlink | libc::SYS_rmdir | libc::SYS_mkdir | libc::SYS_link => {
            true
        }
        _ => false,
    }
}

#[cfg(not(target_arch = "x86_64"))]
fn is_older(_: i64, _: bool) -> bool {
    false
}
