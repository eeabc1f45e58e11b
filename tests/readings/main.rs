//! What people write, scan and paste, read by the engine's public doors and held to the one right outcome.
//!
//! The cases lie in `tests/cases`, whose README says how they are judged. `LINLI_CASES=DIRECTORY` replays another set of
//! the same shape. One line per file says `NAME: RIGHT of ALL`, each case that went wrong is printed with what came.

#![expect(clippy::expect_used, reason = "a case that cannot be read has failed")]

mod addresses;
mod anything;
mod case;
mod chats;
mod lists;
mod pairs;
mod quantities;
mod scans;
mod screens;
mod times;

use std::path::{Path, PathBuf};

use case::{Case, Verdict};
use serde_json::Value;

/// In a hundred: what every file is to reach.
const GOAL: usize = 97;

/// The files, in the order in which they are told of.
const FILES: [&str; 11] = [
    "addresses",
    "quantities",
    "times",
    "expiry",
    "gs1",
    "phones",
    "batches",
    "products",
    "chatlists",
    "terminal",
    "csv",
];

/// Characters of an input, and of what came, that are printed.
const SHOWN: usize = 300;

/// Files of which a wrong value is worse than a hundred questions: none at all may come.
const GRAVE: [&str; 6] = ["addresses", "quantities", "products", "batches", "expiry", "gs1"];

#[test]
fn what_people_write_is_read_as_it_was_meant() {
    let own = Path::new(env!("CARGO_MANIFEST_DIR")).join("cases");
    let other = std::env::var_os("LINLI_CASES").map(PathBuf::from);
    let set = other.as_ref().unwrap_or(&own);
    let registers = case::registers(set);
    let mut faults = Vec::new();

    for file in FILES {
        let cases = case::all(set, file);
        let (mut right, mut values) = (0, 0);
        for case in &cases {
            match judge(file, case, set, &registers) {
                Verdict::Right => right += 1,
                Verdict::Wrong(came) => say(case, "", &came),
                Verdict::WrongValue(came) => {
                    values += 1;
                    say(case, "WRONG VALUE ", &came);
                }
            }
        }
        println!("{file}: {right} of {}", cases.len());
        if right * 100 < cases.len() * GOAL {
            faults.push(format!("{file}: {right} of {}, at least {GOAL} in 100", cases.len()));
        }
        if GRAVE.contains(&file) && values > 0 {
            faults.push(format!("{file}: {values} wrong values"));
        }
    }

    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}

fn judge(file: &str, case: &Case, set: &Path, registers: &Value) -> Verdict {
    match file {
        "addresses" => addresses::judge(case, registers),
        "quantities" => quantities::judge(case),
        "times" => times::judge_time(case),
        "phones" => pairs::judge_phones(case),
        "products" => pairs::judge_products(case),
        "batches" => pairs::judge_batches(case),
        "gs1" => scans::judge(case),
        "expiry" => times::judge_expiry(case),
        "terminal" => screens::judge(case),
        "chatlists" => chats::judge(case, registers),
        _ => lists::judge(case, set, registers),
    }
}

/// Prints what went wrong on one line, long texts cut short.
fn say(case: &Case, kind: &str, came: &str) {
    let short = |text: &str| text.chars().take(SHOWN).collect::<String>();
    println!("  {}: {} {kind}came: {}", case.id, short(&case.input.to_string()), short(came));
}
