//! A small disk of its own, which a test fills, makes read-only and gives room again.

use std::{
    fs::{self, File},
    io::{ErrorKind, Write as _},
    path::{Path, PathBuf},
    process::Command,
    thread,
    time::Duration,
};

/// How long a program takes to let go of what it was begun with.
const STRAY: Duration = Duration::from_millis(20);

/// A file system in memory, mounted until this goes.
pub struct Disk(PathBuf);

impl Disk {
    /// Mounts one of a size, as `mount` takes it: `4m`. None, which is said, where this process may not.
    ///
    /// # Panics
    /// When there is no place for it.
    pub fn mount(at: PathBuf, size: &str) -> Option<Self> {
        fs::create_dir_all(&at).expect("a directory");
        let options = format!("size={size}");
        let mount = Command::new("mount").args(["-t", "tmpfs", "-o", &options, "tmpfs"]).arg(&at).output();
        if mount.is_ok_and(|done| done.status.success()) {
            return Some(Self(at));
        }
        crate::skipped("no disk can be mounted here (that takes root)");
        None
    }

    /// Where it is.
    pub fn at(&self) -> &Path {
        &self.0
    }

    /// Changes how it is mounted: `ro`, `rw`, `size=100m`.
    ///
    /// # Panics
    /// When that is refused.
    pub fn remount(&self, how: &str) {
        let options = format!("remount,{how}");
        let done = Command::new("mount").args(["-o", &options]).arg(&self.0).status();
        assert!(done.expect("mount is there").success());
    }

    /// Fills it to the last byte. What was deleted here is free once nobody has it open any more, and a program that another
    /// thread is just beginning has it open for a moment: so it is filled until nothing more comes free.
    ///
    /// # Panics
    /// When something else than want of room ends it.
    pub fn fill(&self) {
        let mut film = File::create(self.film()).expect("a file");
        while pour(&mut film) {
            thread::sleep(STRAY);
        }
    }

    /// Fills it but for so many kibibytes.
    ///
    /// # Panics
    /// As [`fill`](Self::fill).
    pub fn fill_but_for(&self, kibibytes: u64) {
        self.fill();
        let film = File::options().write(true).open(self.film()).expect("it was filled");
        let long = film.metadata().expect("it is there").len();
        film.set_len(long.saturating_sub(kibibytes * 1024)).expect("less takes no room");
    }

    /// Takes that away again, whoever still has it open.
    ///
    /// # Panics
    /// If it was not filled.
    pub fn make_room(&self) {
        File::create(self.film()).expect("what is there becomes empty");
        fs::remove_file(self.film()).expect("it was filled");
    }

    fn film(&self) -> PathBuf {
        self.0.join("film")
    }
}

/// Every file of a home, as one piece.
///
/// # Panics
/// When one cannot be read.
pub fn bytes_of(home: &Path) -> Vec<u8> {
    let mut all = Vec::new();
    for entry in fs::read_dir(home).expect("a directory") {
        let path = entry.expect("an entry").path();
        if path.is_file() {
            all.extend(fs::read(path).expect("a file"));
        }
    }
    all
}

/// Writes as much as there is room for; whether there was any.
fn pour(film: &mut File) -> bool {
    let (mut piece, mut any) = (1 << 20, false);
    while piece > 0 {
        match film.write(&vec![7; piece]) {
            Ok(written) if written > 0 => any = true,
            Ok(_) => piece /= 2,
            Err(error) => {
                assert_eq!(error.kind(), ErrorKind::StorageFull);
                piece /= 2;
            }
        }
    }
    any
}

impl Drop for Disk {
    fn drop(&mut self) {
        let _unmounted = Command::new("umount").arg("-l").arg(&self.0).status();
    }
}
