//! A disk that is worn out: what is written to it fails, and what is read does not.

use std::{
    fs::{self, File},
    path::Path,
};

use nix::libc;

use crate::watched::{Call, answer, watch, writes};

/// While a file of this name lies in the directory of a scene, its disk is worn out.
const WORN: &str = "worn";

/// Runs one test of this program, by its whole name, as the process that is [`watched`](crate::watched::watched), on a disk
/// that it may [wear out](wear_out).
///
/// # Panics
/// When the process cannot be watched, or fails.
pub fn on_a_disk_that_wears_out(test: &str, scene: &str, dir: &Path) {
    let sign = dir.join(WORN);
    let mut fails = false;
    watch(test, scene, dir, |thread, call| match call {
        Call::Begins(call, arguments) => fails = makes_last(call, arguments) && sign.exists(),
        Call::Ends if fails => answer(thread, libc::EIO),
        Call::Ends => {}
    });
}

/// In the process that is watched: from now on nothing can be written.
///
/// # Panics
/// When that cannot be said.
pub fn wear_out(dir: &Path) {
    File::create(dir.join(WORN)).expect("a file");
}

/// In the process that is watched: from now on it is as a disk should be.
///
/// # Panics
/// When it was not worn out.
pub fn replace(dir: &Path) {
    fs::remove_file(dir.join(WORN)).expect("it was worn out");
}

/// Whether a call writes to a file, or sees to it that what was written lasts.
fn makes_last(call: i64, arguments: [u64; 3]) -> bool {
    writes(call, arguments) || matches!(call, libc::SYS_fsync | libc::SYS_fdatasync | libc::SYS_ftruncate)
}
