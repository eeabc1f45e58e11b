//! Answers that cannot be said: a full disk behind the pipe, nobody who reads.

use std::{
    fs::OpenOptions,
    process::{Command, Stdio},
};

use super::hand::{Homes, program, short};

/// A command whose answer goes to `/dev/full`, where no byte can be written: its code and what it says of that.
fn into_full(homes: &Homes, line: &str) -> (Option<i32>, String) {
    let full = OpenOptions::new().write(true).open("/dev/full").expect("this system has one");
    let mut command = Command::new(program());
    command.env("LANG", "C").current_dir(homes.path("")).arg("--home").arg(homes.path("lan"));
    let done = command.args(line.split(' ')).stdout(full).stderr(Stdio::piped()).output().expect("it runs");
    (done.status.code(), String::from_utf8_lossy(&done.stderr).into_owned())
}

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
