//! A small disk of its own, which a test fills, makes read-only and gives room again.

use std::{
    fs::{self, File},
    io::{ErrorKind, Write as _},
    path::{Path, PathBuf},
    process::Command,
};

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
        eprintln!("skipped: no disk can be mounted here (that takes root)");
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

    /// Fills it to the last byte.
    ///
    /// # Panics
    /// When something else than want of room ends it.
    pub fn fill(&self) {
        let mut film = File::create(self.film()).expect("a file");
        let mut piece = 1 << 20;
        while piece > 0 {
            match film.write(&vec![7; piece]) {
                Ok(written) if written > 0 => {}
                Ok(_) => piece /= 2,
                Err(error) => {
                    assert_eq!(error.kind(), ErrorKind::StorageFull);
                    piece /= 2;
                }
            }
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

    /// Takes that away again.
    ///
    /// # Panics
    /// If it was not filled.
    pub fn make_room(&self) {
        fs::remove_file(self.film()).expect("it was filled");
    }

    fn film(&self) -> PathBuf {
        self.0.join("film")
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let _unmounted = Command::new("umount").arg("-l").arg(&self.0).status();
    }
}
