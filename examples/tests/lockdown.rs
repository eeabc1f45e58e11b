//! The recorded week as a program: it ends well, and whoever damages a phone is told so by its exit code.

#![allow(clippy::expect_used, reason = "a test that cannot go on ends")]

use std::{
    fs::File,
    io::{BufRead, BufReader, Write},
    path::Path,
    process::Command,
    sync::OnceLock,
};

use flate2::read::GzDecoder;
use linli_tests::program::built;
use serde_json::Value;

const RECORDED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/data/month.jsonl.gz");

#[test]
fn phones_that_agree_are_proven_and_the_program_ends_well() {
    let (code, figures) = replay(&[]);

    assert_eq!((code, &figures["differences"]), (0, &Value::Array(Vec::new())), "{figures:#}");
}

#[test]
fn a_dropped_event_is_found() {
    found("drop-event", "its state is");
}

#[test]
fn events_that_changed_places_are_found() {
    found("swap-order", "a log is damaged");
}

#[test]
fn a_take_written_down_twice_is_found() {
    found("double-take", "the ledger of lot");
}

#[test]
fn buildings_that_hear_of_each_other_from_the_relay_alone_are_proven_too() {
    let (code, figures) = replay(&["--relay"]);

    assert_eq!((code, &figures["differences"]), (0, &Value::Array(Vec::new())), "{figures:#}");
    assert!(figures["relayed"].as_u64().expect("a number") > 20, "{figures:#}");
}

/// The first days of the recording, which are too short to be held to what a whole one must show.
fn some_days(dir: &Path) -> std::path::PathBuf {
    let recorded = BufReader::new(GzDecoder::new(File::open(RECORDED).expect("the recording")));
    let path = dir.join("days.jsonl");
    let mut days = File::create(&path).expect("a file");
    for line in recorded.lines().take(300) {
        writeln!(days, "{}", line.expect("text")).expect("written");
    }
    path
}

/// Replays some days on six phones; the exit code and the figures.
fn replay(sabotage: &[&str]) -> (i32, Value) {
    static PROGRAM: OnceLock<std::path::PathBuf> = OnceLock::new();
    let dir = tempfile::tempdir().expect("a directory");
    let mut command = Command::new(PROGRAM.get_or_init(|| built("lockdown", true)));
    command.args(["--phones", "6", "--seed", "2", "--meetings", "12", "--verify", "1", "--json", "--trace"]);
    let output = command.arg(some_days(dir.path())).args(sabotage).output().expect("it runs");
    let figures = serde_json::from_slice(&output.stdout).expect("figures");
    (output.status.code().expect("no signal ended it"), figures)
}

#[track_caller]
fn found(sabotage: &str, said: &str) {
    let (code, figures) = replay(&["--sabotage", sabotage]);

    assert_eq!((code, &figures["proven"]), (1, &Value::Bool(false)));
    let differences = figures["differences"].as_array().expect("a list");
    let differences: Vec<&str> = differences.iter().filter_map(Value::as_str).collect();
    assert!(differences.iter().all(|difference| difference.starts_with("phone 3: ")), "{differences:#?}");
    assert!(differences.iter().any(|difference| difference.contains(said)), "{differences:#?}");
}
