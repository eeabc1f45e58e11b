//! Answers that cannot be said: a full disk behind the pipe, nobody who reads.

use std::{
    fs::OpenOptions,
    os::unix::fs::{MetadataExt as _, PermissionsExt as _},
    process::{Command, Stdio},
};

use super::hand::{Homes, program, short};

#[test]
fn an_answer_that_cannot_be_written_fails_the_command() {
    let homes = Homes::community(&["Wu"]);
    let order = short(&homes.did("lan", "order post 3-2-1804 --kind medicine --item 药+1+盒"));
    let medicine_box = short(&homes.did("lan", "box open --place lobby"));

    let lines = [
        "--help",
        "board",
        "--json board",
        "id",
        "welcome",
        "members",
        "peers",
        "round",
        "boxes",
        "log",
        "verify",
        "settings show",
        "listen --at 127.0.0.1:0 --for 1",
        "watch --at 127.0.0.1:0 --for 1",
        "invite --at 127.0.0.1:0",
        "about 3-2-1804",
        &format!("order show {order}"),
        &format!("box show {medicine_box}"),
        &format!("order claim {order}"),
    ];
    for line in lines {
        let (code, said) = into_full(&homes, line);
        assert_eq!(code, Some(1), "{line}: {said}");
        assert!(said.contains("could not be written") || said.contains("unwritable_output"), "{line}: {said}");
    }
    assert_eq!(
        homes.did("lan", &format!("order show {order}"))["line"]["card"]["status"],
        "claimed",
        "what was done stands"
    );
}

#[test]
fn words_that_nobody_reads_are_missed() {
    let homes = Homes::new();
    let mut command = Command::new(program());
    command.arg("--home").arg(homes.path("lan")).args(["found", "--name", "Lan"]);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it runs");
    drop(child.stdout.take());

    assert_ne!(child.wait().expect("it ends").code(), Some(0), "the words of the kit reached nobody");
}

/// A command of a home under other circumstances: words that stand before the program's name. Its code, and the code of
/// the error it tells.
fn under(homes: &Homes, before: &[&str], line: &str) -> (Option<i32>, String) {
    let mut command = Command::new(before[0]);
    command.args(&before[1..]).arg(program()).env("LANG", "C").current_dir("/");
    command.arg("--json").arg("--home").arg(homes.path("lan")).args(line.split(' '));
    let done = command.output().expect("it runs");
    let said: serde_json::Value = serde_json::from_slice(&done.stderr).unwrap_or_default();
    (done.status.code(), said["error"]["code"].as_str().unwrap_or_default().to_owned())
}

/// T8: each has words of its own, and a way out.
#[test]
fn too_few_open_files_are_not_told_as_a_full_disk_t8() {
    let homes = Homes::community(&[]);

    let mut told = Vec::new();
    for files in 4..40 {
        let limit = format!("--nofile={files}");
        // With fewer yet no program is even loaded, or it has no runtime.
        let (code, error) = under(&homes, &["prlimit", &limit], "board");
        told.extend((code == Some(0) || !error.is_empty()).then_some(error));
    }

    assert!(!told.contains(&"disk_full".to_owned()), "{told:?}");
    assert!(told.contains(&"too_many_files".to_owned()) && told.contains(&String::new()), "{told:?}");
}

/// T8. Where this process may do everything, the command is another user's.
#[test]
fn a_home_that_may_not_be_written_is_read_and_is_not_told_as_a_full_disk_t8() {
    let homes = Homes::community(&[]);
    let home = homes.path("lan");
    let root = homes.path("").metadata().expect("it is there").uid() == 0;
    let nobody = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"];
    let before = if root { &nobody[..] } else { &["env"][..] };
    if root {
        let given = Command::new("chown").args(["-R", "65534:65534"]).arg(homes.path("")).status();
        assert!(given.expect("it runs").success());
    }

    for denied in ["linli.db", ""] {
        let (what, mode) = (home.join(denied), if denied.is_empty() { 0o500 } else { 0o400 });
        let before_that = what.metadata().expect("it is there").permissions();
        std::fs::set_permissions(&what, std::fs::Permissions::from_mode(mode)).expect("it is ours");
        let (reads, writes) = (
            under(&homes, before, "board"),
            under(&homes, before, "order post 3-2-1804 --kind grocery --item 米+1+袋"),
        );
        std::fs::set_permissions(&what, before_that).expect("it is ours");

        assert_eq!(reads, (Some(0), String::new()), "{denied}");
        assert_eq!(writes, (Some(1), "io".to_owned()), "{denied}");
    }
    let (code, error) = under(&homes, before, "order post 3-2-1804 --kind grocery --item 米+1+袋");
    assert_eq!((code, error), (Some(0), String::new()), "where it may, it does");
}

/// A command whose answer goes to `/dev/full`, where no byte can be written: its code and what it says of that.
fn into_full(homes: &Homes, line: &str) -> (Option<i32>, String) {
    let full = OpenOptions::new().write(true).open("/dev/full").expect("this system has one");
    let mut command = Command::new(program());
    command.env("LANG", "C").current_dir(homes.path("")).arg("--home").arg(homes.path("lan"));
    let done = command.args(line.split(' ')).stdout(full).stderr(Stdio::piped()).output().expect("it runs");
    (done.status.code(), String::from_utf8_lossy(&done.stderr).into_owned())
}
