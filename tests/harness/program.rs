//! Programs of this workspace, built by the tests that start them.

use std::{
    ffi::{OsStr, OsString},
    path::{Path, PathBuf},
    process::Command,
};

/// What cargo tells a test about its own package. Build scripts read that, and would run again for another package.
const ABOUT_US: [&str; 6] =
    ["CARGO_PKG_", "CARGO_MANIFEST_", "CARGO_BIN_", "CARGO_CRATE_NAME", "CARGO_PRIMARY_PACKAGE", "CARGO_TARGET_TMPDIR"];

/// A program, built if it is not up to date, so that a test of it also runs alone.
///
/// # Panics
/// When it cannot be built.
pub fn built(name: &str, example: bool) -> PathBuf {
    let this = std::env::current_exe().expect("this is a program");
    // It stands in PROFILE/deps, or in PROFILE/examples.
    let profile = this.parent().and_then(Path::parent).expect("a directory");
    let folder = if example { profile.join("examples") } else { profile.to_owned() };
    let program = folder.join(format!("{name}{}", std::env::consts::EXE_SUFFIX));
    let mut build = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    let about_us = |variable: &OsString| {
        let variable = variable.to_string_lossy();
        ABOUT_US.iter().any(|start| variable.starts_with(start))
    };
    std::env::vars_os().map(|(variable, _)| variable).filter(about_us).for_each(|variable| {
        build.env_remove(variable);
    });
    // The whole workspace and an example, as the gate tests it: another choice would compile the engine once more.
    build.args(["build", "--quiet", "--workspace", "--example", if example { name } else { "phone" }]);
    if !example {
        build.args(["--bin", name]);
    }
    if let Some(chosen) = std::env::var_os("LINLI_FEATURES") {
        build.arg("--features").arg(chosen);
    }
    // The folder is called like the profile, but for that of development.
    if let Some(other) = profile.file_name().filter(|name| *name != OsStr::new("debug")) {
        build.arg("--profile").arg(other);
    }
    let done = build.status().is_ok_and(|status| status.success());
    assert!(done || program.exists(), "{name} cannot be built");
    program
}
