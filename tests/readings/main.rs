//! What people write, scan and paste, read by the engine's public doors and held to the one right outcome.
//!
//! The cases lie in `tests/cases`, whose README says how they are judged. `LINLI_CASES=DIRECTORY` replays another set of
//! the same shape. One line per file says `NAME: RIGHT of ALL`, each case that went wrong is printed with what came.

#![expect(clippy::expect_used, reason = "a case that cannot be read has failed")]

mod addresses;
mod anything;
mod case;
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

/// Each file and how many of its cases here must be right. The goal is 97 in 100 of every file. Those with a lower floor
/// have not reached it: their floor is what holds today, and may only rise.
const FLOORS: [(&str, Floor); 11] = [
    ("addresses", Floor::Goal),
    ("quantities", Floor::Goal),
    ("times", Floor::Goal),
    ("expiry", Floor::Goal),
    ("gs1", Floor::Goal),
    ("phones", Floor::Goal),
    ("batches", Floor::Goal),
    ("products", Floor::Goal),
    ("chatlists", Floor::AtLeast(0)), // not reached: no reader yet
    ("terminal", Floor::AtLeast(48)), // not reached: no door knows how many columns there are
    ("csv", Floor::AtLeast(0)),       // not reached: no reader yet
];

/// Characters of an input, and of what came, that are printed.
const SHOWN: usize = 300;

/// Files of which a wrong value is worse than a hundred questions: none at all may come.
const GRAVE: [&str; 6] = ["addresses", "quantities", "products", "batches", "expiry", "gs1"];

/// What a file must reach.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Floor {
    /// The goal, in whatever set is replayed, and of the grave ones no wrong value.
    Goal,
    /// So many of the cases that lie here; of another set, none.
    AtLeast(usize),
}

fn judge(file: &str, case: &Case, registers: &Value) -> Verdict {
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
        _ => Verdict::Wrong("no reader".to_owned()),
    }
}

/// Prints what went wrong on one line, long texts cut short.
fn say(case: &Case, kind: &str, came: &str) {
    let short = |text: &str| text.chars().take(SHOWN).collect::<String>();
    println!("  {}: {} {kind}came: {}", case.id, short(&case.input.to_string()), short(came));
}

#[test]
fn what_people_write_is_read_as_it_was_meant() {
    let own = Path::new(env!("CARGO_MANIFEST_DIR")).join("cases");
    let other = std::env::var_os("LINLI_CASES").map(PathBuf::from);
    let registers = case::registers(other.as_ref().unwrap_or(&own));
    let mut faults = Vec::new();

    for (file, floor) in FLOORS {
        let cases = case::all(other.as_ref().unwrap_or(&own), file);
        let (mut right, mut values) = (0, 0);
        for case in &cases {
            match judge(file, case, &registers) {
                Verdict::Right => right += 1,
                Verdict::Wrong(came) => say(case, "", &came),
                Verdict::WrongValue(came) => {
                    values += 1;
                    say(case, "WRONG VALUE ", &came);
                }
            }
        }
        println!("{file}: {right} of {}", cases.len());
        let (held, goal) = match floor {
            Floor::AtLeast(least) => (other.is_some() || right >= least, least),
            Floor::Goal => (right * 100 >= cases.len() * GOAL, cases.len() * GOAL / 100),
        };
        if !held {
            faults.push(format!("{file}: {right} of {}, at least {goal}", cases.len()));
        }
        if floor == Floor::Goal && GRAVE.contains(&file) && values > 0 {
            faults.push(format!("{file}: {values} wrong values"));
        }
    }

    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}
