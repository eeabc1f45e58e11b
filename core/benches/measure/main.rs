//! What a replica costs: one JSON line per figure on standard output, progress on standard error.
//!
//! Every measurement runs on real replicas with real databases. Nothing outside the repository is needed: without
//! `--trace` the weeks are thrown with seeded dice.

mod cold;
mod cpu;
mod home;
mod meeting;
mod replay;
mod rotate;
mod search;
mod sync;
mod week;
mod write;

use std::path::PathBuf;

use anyhow::Result;
use clap::{Parser, ValueEnum};
use serde::Serialize;

/// Measures a replica; prints one JSON line per figure.
///
/// Run it as `cargo bench -p linli-core -- [TESTS] [OPTIONS]`. Sizes are in orders; an order makes about four
/// events. Homes for `cold` and `search` are made once and kept in `target/bench-homes`.
#[derive(Parser)]
struct Options {
    /// What to measure; everything if none is named.
    #[arg(value_enum)]
    tests: Vec<Test>,
    /// Small sizes, to see that everything runs.
    #[arg(long)]
    quick: bool,
    /// A recorded week to replay in `write` and `sync` in place of a thrown one: JSON lines, gzipped or not.
    #[arg(long, value_name = "FILE")]
    trace: Option<PathBuf>,
    /// Opens a home, lists a building and prints what it took: what `cold` runs in a process of its own.
    #[arg(long, hide = true, value_name = "HOME")]
    look: Option<PathBuf>,
    /// Given by cargo.
    #[arg(long, hide = true)]
    bench: bool,
}

/// What is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Test {
    /// Actions written, one durable commit each, beside raw SQLite in the same run; bytes on disk per event.
    Write,
    /// A home opened by a fresh process, and the first 50 open orders of one building.
    Cold,
    /// Full-text search, over orders on disk.
    Search,
    /// A full copy, a small difference, none, and one live action, over an in-memory pipe.
    Sync,
    /// One of many devices withdrawn: a new key for all others.
    Rotate,
}

fn main() -> Result<()> {
    let options = Options::parse();
    if let Some(home) = &options.look {
        return cold::look(home);
    }
    let wanted = |test| options.tests.is_empty() || options.tests.contains(&test);
    let trace = options.trace.as_deref();
    if wanted(Test::Write) {
        write::run(trace, if options.quick { 200 } else { 4_000 })?;
    }
    if wanted(Test::Sync) {
        let sizes: &[usize] = if options.quick { &[200] } else { &[1_000, 10_000] };
        sizes
            .iter()
            .take(if trace.is_some() { 1 } else { sizes.len() })
            .try_for_each(|size| sync::run(trace, *size))?;
    }
    if wanted(Test::Cold) {
        let sizes: &[usize] = if options.quick { &[1_000] } else { &[1_000, 10_000, 100_000] };
        sizes.iter().try_for_each(|size| cold::run(*size))?;
    }
    if wanted(Test::Rotate) {
        rotate::run(if options.quick { 50 } else { 500 })?;
    }
    if wanted(Test::Search) {
        search::run(if options.quick { 1_000 } else { 100_000 })?;
    }
    Ok(())
}

/// Prints one figure.
fn print(figure: &impl Serialize) -> Result<()> {
    println!("{}", serde_json::to_string(figure)?);
    Ok(())
}

/// Rounds to two digits behind the point, which is more than any machine holds still.
fn round(number: f64) -> f64 {
    (number * 100.0).round() / 100.0
}

/// The one in the middle.
fn median(mut numbers: Vec<f64>) -> f64 {
    numbers.sort_by(f64::total_cmp);
    numbers.get(numbers.len() / 2).copied().unwrap_or_default()
}
