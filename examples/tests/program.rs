//! The examples as programs.

use std::{
    ffi::OsStr,
    path::{Path, PathBuf},
    process::Command,
};

/// An example, built if it is not up to date, so that a test of it also runs alone.
pub(crate) fn built(example: &str) -> PathBuf {
    let mut build = Command::new(env!("CARGO"));
    // The whole workspace, as the gate tests it: another choice would compile the engine once more.
    build.args(["build", "--quiet", "--workspace", "--example", example]);
    let this = std::env::current_exe().expect("this test is a program");
    let profile = this.parent().and_then(Path::parent).expect("it stands in target/PROFILE/deps");
    if profile.file_name() == Some(OsStr::new("release")) {
        build.arg("--release");
    }
    assert!(build.status().expect("cargo is there").success());
    profile.join("examples").join(format!("{example}{}", std::env::consts::EXE_SUFFIX))
}
