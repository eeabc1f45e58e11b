//! A recorded lockdown, replayed on many real phones.
//!
//! Every phone is a replica with a database of its own. Devices do what the recording says their owners tried, meet at
//! random over pipes that break anywhere, and are cut off for hours. At the end everybody meets, and the program
//! proves that all phones hold the same state and that every ledger comes to its stock. What the recording lacks to
//! prove anything (rival claims, conflicting edits, counts at the same time) is added from the seed.

mod act;
mod exchange;
mod plan;
mod proof;
mod replay;
mod report;
mod rows;
mod tally;
#[cfg(test)]
mod tests;
mod town;

use std::{
    io::{self, Write},
    path::{Path, PathBuf},
    process::ExitCode,
    time::Instant,
};

use anyhow::{Context, Result};
use clap::{Parser, ValueEnum};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use linli_core::{store::Harm, text::clean_lines};
use linli_tests::{cpu, trace::Trace};

use crate::{plan::Wanted, report::Figures, town::Town};

const RECORDED: &[u8] = include_bytes!("../data/month.jsonl.gz");

/// Replays a recorded lockdown on many real phones and proves that they end up the same.
///
/// Each phone is a replica with a SQLite database of its own and does what its device did in the recording: posts
/// orders, claims them, edits, delivers, gives to boxes, takes, counts. Phones meet at random, more often in their own
/// building, over pipes that break in the middle of a frame; buildings are cut off from one another for hours. Facts
/// that contradict what a phone knows are often insisted on, commands are refused and counted by reason.
///
/// The same seed gives the same figures, however many threads there are.
#[derive(Parser, Debug)]
#[command(
    name = "lockdown",
    after_help = "Exit code: 0 everything is proven; 1 something differs, or too little was seen to prove anything; \
                  2 the arguments or the recording are wrong.\n\nExamples:\n  \
                  cargo run --release --example lockdown\n  \
                  cargo run --release --example lockdown -- --trace week.jsonl.gz --phones 200 --seed 3 --json\n  \
                  cargo run --release --example lockdown -- --sabotage drop-event    (must exit 1)"
)]
struct Args {
    /// A recording: JSON lines, gzipped or not (examples/data/README.md); a month of 50 devices if left out.
    #[arg(long, value_name = "FILE")]
    trace: Option<PathBuf>,
    /// How many phones; as many as the recording has devices if left out. With fewer, devices share phones.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(2..))]
    phones: Option<u32>,
    /// What decides all that is left to chance.
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
    /// Chance meetings of each phone a day, about; people also meet when one needs to ask another.
    #[arg(long, value_name = "N", default_value_t = 1.5)]
    meetings: f64,
    /// Threads; the figures do not depend on it.
    #[arg(long, value_name = "N", default_value_t = 2, value_parser = clap::value_parser!(u32).range(1..))]
    threads: u32,
    /// How many phones are verified event by event; those that differ are in any case, and all are compared.
    #[arg(long, value_name = "N", default_value_t = 10)]
    verify: usize,
    /// Starts a real relay, a process of its own, between the buildings: phones of different buildings sync with it and
    /// never with each other. Who hears what first then depends on the machine, and with it the figures; the proof is
    /// the same.
    #[arg(long)]
    relay: bool,
    /// Keeps the phones' homes in this directory, which must be new or empty.
    #[arg(long, value_name = "DIR")]
    keep: Option<PathBuf>,
    /// Prints the figures as JSON.
    #[arg(long)]
    json: bool,
    /// Shows no progress.
    #[arg(long)]
    quiet: bool,
    /// Damages one phone before the proof, which must then fail.
    #[arg(long, value_name = "HOW")]
    sabotage: Option<Sabotage>,
}

/// What is done to one phone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Sabotage {
    /// It loses an event without a word.
    DropEvent,
    /// Two events of a log change places.
    SwapOrder,
    /// The ledger of a box shows a take twice.
    DoubleTake,
}

fn main() -> ExitCode {
    let args = Args::parse();
    let trace = match read(args.trace.as_deref()) {
        Ok(trace) => trace,
        Err(error) => {
            complain(&error);
            return ExitCode::from(2);
        }
    };
    match lockdown(&args, &trace) {
        Ok((town, figures)) => {
            let printed = if args.json { report::json(&figures) } else { report::print(&town, &figures) };
            if let Err(error) = printed.and_then(|text| say(&text)) {
                complain(&error);
                return ExitCode::FAILURE;
            }
            ExitCode::from(u8::from(!figures.proven()))
        }
        Err(error) => {
            complain(&error);
            ExitCode::FAILURE
        }
    }
}

/// Prints the report. Whoever reads may have gone away: that is no fault. A full disk is.
fn say(report: &str) -> Result<()> {
    let mut out = io::stdout();
    match writeln!(out, "{}", clean_lines(report)).and_then(|()| out.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(error).context("the report could not be written")
        }
        _ => Ok(()),
    }
}

/// Says what went wrong, if anybody listens.
fn complain(error: &anyhow::Error) {
    let _unheard = writeln!(io::stderr(), "{}", clean_lines(&format!("{error:#}")));
}

fn read(path: Option<&Path>) -> Result<Trace> {
    match path {
        None => Trace::read(RECORDED).context("the recording in this program"),
        Some(path) => Trace::open(path).with_context(|| path.display().to_string()),
    }
}

/// The whole replay.
fn lockdown(args: &Args, trace: &Trace) -> Result<(Homes, Figures)> {
    let threads = args.threads as usize;
    let phones = args.phones.map_or(trace.header.devices.max(2), |phones| phones as usize);
    let wanted = Wanted { phones, seed: args.seed, meetings: args.meetings };
    let plan = plan::draw(trace, wanted, &offered(&town::catalogue()?));
    let dir = homes(args.keep.as_deref())?;

    let (mut watch, progress) = (Watch::start(), progress(args));
    progress.set_message("the community is founded");
    let town = Town::found(&plan, args.seed, dir.path(), args.relay)?;
    let founded = watch.lap();

    progress.set_length(plan.steps.len() as u64);
    progress.set_message("a recorded lockdown");
    let mut tally = replay::replay(&town, &plan.steps, threads, &|| progress.inc(1));
    let replayed = watch.lap();

    progress.set_message("everybody meets");
    let ends = plan.steps.last().map_or(plan.begins.0, |last| last.at);
    let at_rest = tally.failures.is_empty() && proof::settle(&town, ends, threads, &mut tally);
    let settled = watch.lap();

    if let Some(sabotage) = args.sabotage {
        damage(&town, sabotage, args.seed)?;
    }
    progress.set_position(0);
    progress.set_length(phones as u64);
    progress.set_message("every phone is held to all others");
    let checked = proof::check(&town, args.verify.clamp(1, phones), threads, &|| progress.inc(1))?;
    progress.finish_and_clear();
    let cpu = cpu::user().as_secs_f64();
    let seconds = report::Seconds { founded, replayed, settled, proven: watch.lap(), cpu };
    let figures = Figures::draw(trace, &plan, args.seed, &town, tally, at_rest, &checked, seconds)?;
    Ok((Homes { town, _dir: dir }, figures))
}

/// The phones, and where they live until nobody looks any more.
struct Homes {
    town: Town,
    _dir: Dir,
}

impl std::ops::Deref for Homes {
    type Target = Town;

    fn deref(&self) -> &Town {
        &self.town
    }
}

enum Dir {
    Kept(PathBuf),
    Passing(tempfile::TempDir),
}

impl Dir {
    fn path(&self) -> &Path {
        match self {
            Dir::Kept(path) => path,
            Dir::Passing(dir) => dir.path(),
        }
    }
}

fn homes(keep: Option<&Path>) -> Result<Dir> {
    let Some(path) = keep else { return Ok(Dir::Passing(tempfile::tempdir().context("a temporary directory")?)) };
    std::fs::create_dir_all(path).with_context(|| path.display().to_string())?;
    let taken = std::fs::read_dir(path)?.next().is_some();
    anyhow::ensure!(!taken, "{} is not empty", path.display());
    Ok(Dir::Kept(path.to_owned()))
}

/// Medicines that boxes take: those of the catalogue which need no prescription.
fn offered(catalogue: &[linli_core::aggregate::product::Record]) -> impl Fn(&str) -> bool + '_ {
    |name| catalogue.iter().any(|record| record.name == name && record.class != "prescription")
}

fn damage(town: &Town, sabotage: Sabotage, seed: u64) -> Result<()> {
    let harm = match sabotage {
        Sabotage::DropEvent => Harm::DropEvent,
        Sabotage::SwapOrder => Harm::SwapOrder,
        Sabotage::DoubleTake => Harm::DoubleTake,
    };
    let phone = (seed % (town.phones.len() as u64 - 1)) as usize + 1;
    let done = town.phones[phone].replica.damage(harm)?;
    anyhow::ensure!(done, "there was nothing to sabotage on phone {phone}");
    Ok(())
}

fn progress(args: &Args) -> ProgressBar {
    let hidden = args.json || args.quiet;
    // Hidden by itself where nobody watches a terminal.
    let target = if hidden { ProgressDrawTarget::hidden() } else { ProgressDrawTarget::stderr() };
    let bar = ProgressBar::with_draw_target(None, target);
    if let Ok(style) = ProgressStyle::with_template("{msg} {wide_bar} {pos}/{len} {elapsed}") {
        bar.set_style(style);
    }
    bar
}

struct Watch(Instant);

impl Watch {
    fn start() -> Self {
        Self(Instant::now())
    }

    /// Seconds since the last lap.
    fn lap(&mut self) -> f64 {
        let now = Instant::now();
        let seconds = now.duration_since(self.0).as_secs_f64();
        self.0 = now;
        seconds
    }
}
