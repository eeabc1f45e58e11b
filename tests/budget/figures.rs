//! What each case cost when it was last looked at: `figures.txt`, a line for its costliest input and one for all.
//!
//! `FIGURES=write cargo test … --test budget -- --test-threads 1`, in any build, writes what the cases cost now: for a new case,
//! and where a change is worth its price. The difference is to be read before it is committed.

use std::{env, fs, path::PathBuf};

use crate::gauge::{Cost, KINDS};

/// What may come on top of a figure: a quarter, and a little where there is next to nothing.
const MARGIN: u64 = 4;
const LITTLE: [u64; KINDS] = [2, 2, 4, 16, 400, 8, 8, 2, 64 * 1024];

/// One line: the case, what it is of, and the columns with their names.
pub(crate) fn line(name: &str, what: &str, cost: &Cost) -> String {
    let columns = Cost::names().into_iter().zip(cost.0).map(|(name, figure)| format!(" {name} {figure}"));
    format!("{name}, {what}:{}", columns.collect::<String>())
}

/// Fails if a case costs more than it did. Where asked for, writes down what it costs instead.
pub(crate) fn hold(name: &str, input: &Cost, sum: &Cost) {
    let all = fs::read_to_string(file()).expect("the figures can be read");
    if env::var("FIGURES").is_ok_and(|figures| figures == "write") {
        return write(&all, name, input, sum);
    }
    let faults = dearer(&all, name, input, sum);
    assert!(faults.is_empty(), "{name} costs more than it did (tests/budget/figures.txt): {}", faults.join("; "));
}

/// What a case costs more of than it did.
pub(crate) fn dearer(all: &str, name: &str, input: &Cost, sum: &Cost) -> Vec<String> {
    let mut faults = Vec::new();
    for (what, cost) in [("input", input), ("sum", sum)] {
        let Some(known) = known(all, name, what) else {
            println!("  {name} has no figures yet: it is held to the promise alone");
            continue;
        };
        let pairs = cost.0.into_iter().zip(known.0);
        for ((now, then), (little, kind)) in pairs.zip(LITTLE.into_iter().zip(Cost::names())) {
            if now > then + then / MARGIN + little {
                faults.push(format!("{kind} of the {what}: {now}, was {then}"));
            }
        }
    }
    faults
}

/// What a case cost; nothing for one that was not looked at yet.
fn known(all: &str, name: &str, what: &str) -> Option<Cost> {
    let head = format!("{name}, {what}:");
    let line = all.lines().find_map(|line| line.strip_prefix(&head))?;
    let words: Vec<&str> = line.split_whitespace().collect();
    let figure = |name: &str| {
        let at = words.iter().position(|word| *word == name)?;
        words.get(at + 1)?.parse().ok()
    };
    Some(Cost(Cost::names().map(|name| figure(name).unwrap_or_else(|| panic!("no figure for `{name}`: {line}")))))
}

fn write(all: &str, name: &str, input: &Cost, sum: &Cost) {
    let own = format!("{name}, ");
    let mut lines: Vec<String> = all.lines().filter(|line| !line.starts_with(&own)).map(str::to_owned).collect();
    lines.extend([line(name, "input", input), line(name, "sum", sum)]);
    lines.sort();
    fs::write(file(), lines.join("\n") + "\n").expect("the figures can be written");
}

fn file() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("budget/figures.txt")
}
