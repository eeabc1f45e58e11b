//! Random weeks of a small community: vague actions become exact steps, and after each the invariants must hold. In some
//! communities somebody lies.
//!
//! `SEED=n` replays one seed and prints its steps; `SEEDS=n` runs so many from 0, however long that takes. Without
//! either as many run as fit [`TIME`], and [`LIARS`] with members who lie; these begin at `FROM=n`, so that many can be
//! run in splits, by so many `WORKERS=n`. A seed that fails prints its steps and how to replay it. `SABOTAGE=rule`, or `all`,
//! tells which seed notices that a rule is left out; what it prints on the way says so.
// A simulation that cannot go on has failed.
#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used)]

mod action;
mod cbor;
mod cut;
mod decree;
mod doubt;
mod found;
mod heap;
mod invariant;
mod liar;
mod lie;
mod office;
mod pass;
mod sabotage;
mod siege;
mod step;
mod talk;
mod town;
mod work;

use std::{
    panic::{AssertUnwindSafe, catch_unwind, resume_unwind},
    sync::atomic::{AtomicU64, Ordering},
    time::{Duration, Instant},
};

use linli_core::{memo, sabotage::Rule};
use linli_tests::loud;
use parking_lot::Mutex;
use rand::RngExt;
use town::Town;

/// How long a run takes that is told nothing else, at most by one seed.
const TIME: Duration = Duration::from_secs(40);
/// Steps of one seed.
const STEPS: usize = 120;
/// Seeds of members who lie in a run that is told nothing else.
const LIARS: u64 = 300;
/// Seeds that fail beyond which no more are tried.
const FAILURES: usize = 20;
/// Seeds that are lived at once.
const WORKERS: u64 = 2;
/// Steps of one such seed.
const LIES: usize = 32;
/// Of so many of these after one it is asked whether what honest phones write passes.
const ASKED: usize = 8;

#[test]
fn whatever_a_community_does_its_phones_agree_in_the_end() {
    loud::listen();
    if let Some(seed) = wished("SEED") {
        live(seed, true);
        return;
    }
    let seeds = wished("SEEDS");
    let began = Instant::now();
    let (mut seed, mut done, mut not_done) = (0, 0, 0);
    while seeds.map_or(began.elapsed() < TIME, |seeds| seed < seeds) {
        let (answered, refused) = live(seed, false);
        (done, not_done) = (done + answered, not_done + refused);
        seed += 1;
    }
    println!("{seed} seeds, {done} commands carried out, {not_done} refused, {:?}", began.elapsed());
    assert!(done > not_done / 3, "the dice ask for what can be done");
}

#[test]
fn whatever_a_member_tells_the_honest_agree_in_the_end() {
    loud::listen();
    if let Some(seed) = wished("SEED") {
        outlast(seed, true);
        return;
    }
    let (from, seeds) = (wished("FROM").unwrap_or(0), wished("SEEDS").unwrap_or(LIARS));
    let wanted = std::env::var("SABOTAGE").ok();
    for (rule, _) in sabotage::SABOTAGES {
        if wanted.as_ref().is_some_and(|wanted| wanted == "all" || *wanted == format!("{rule:?}")) {
            let noticed = outlast_all(from, seeds, 1, Some(rule));
            println!(
                "without {rule:?}: {}",
                noticed.first().map_or("not noticed".into(), |seed| format!("seed {seed}"))
            );
        }
    }
    if wanted.is_none() {
        let failed = outlast_all(from, seeds, FAILURES, None);
        assert!(failed.is_empty(), "seeds that failed: {failed:?}");
    }
}

/// Lives so many seeds, without a rule or with all of them, until so many failed: these.
fn outlast_all(from: u64, seeds: u64, failures: usize, without: Option<Rule>) -> Vec<u64> {
    let began = Instant::now();
    let (next, failed, costs) = (AtomicU64::new(from), Mutex::new(Vec::new()), Mutex::new([0; 4]));
    let one = |seed| match without {
        Some(rule) => rule.left_out(|| outlast(seed, false)),
        None => outlast(seed, false),
    };
    let work = || {
        while failed.lock().len() < failures {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if seed >= from + seeds {
                break;
            }
            match catch_unwind(|| one(seed)) {
                Ok(cost) => costs.lock().iter_mut().zip(cost).for_each(|(most, cost)| *most = cost.max(*most)),
                Err(_) => failed.lock().push(seed),
            }
        }
    };
    let workers = wished("WORKERS").unwrap_or(WORKERS);
    std::thread::scope(|scope| (0..workers).for_each(|_| drop(scope.spawn(work))));
    let [most, average, peak, all] = costs.lock().map(|cost| cost as f64 / 1e6);
    println!("{seeds} seeds of members who lie, from {from}, {:?}", began.elapsed());
    println!("  by price a step cost at most {most:.1} ms, and on average over a life at most {average:.1} ms");
    println!("  a step needed at most {peak:.1} MB at a time, a town {all:.1} MB");
    failed.into_inner()
}

/// One seed in which somebody lies, until they are cut off. What the costliest step cost by price, each on average, and how
/// many bytes a step needed at a time, and all.
fn outlast(seed: u64, aloud: bool) -> [u64; 4] {
    let town = replayable(Town::besieged(seed, aloud), seed, |town| {
        town.gather();
        town.besiege();
        for nth in 1..=LIES {
            let lie = town.lie().filter(|_| town.world.dice.random_bool(0.4));
            let step = lie.unwrap_or_else(|| town.draw());
            town.take(step);
            if nth % ASKED == 0 {
                town.honest_events_pass();
            }
        }
        town.outlast();
    });
    [town.bill.most, town.bill.average(), town.bill.peaks.0, town.bill.peaks.1]
}

/// One seed from founding to agreement. Returns how many commands were carried out and how many refused.
fn live(seed: u64, aloud: bool) -> (usize, usize) {
    let town = replayable(Town::founded(seed, aloud), seed, |town| {
        town.gather();
        for _ in 0..STEPS {
            let step = town.draw();
            town.take(step);
        }
        town.settle();
    });
    (town.answered.len(), town.refused)
}

/// Lives a seed; if that fails, prints its steps and how to replay it.
fn replayable(mut town: Town, seed: u64, live: impl FnOnce(&mut Town)) -> Town {
    let lived = catch_unwind(AssertUnwindSafe(|| memo::remembering(|| live(&mut town))));
    if let Err(why) = lived {
        for (nth, step) in town.steps.iter().enumerate() {
            eprintln!("{nth:4}  {step}");
        }
        eprintln!("replay with: SEED={seed} cargo test --release -p linli-tests --test simulation whatever_a");
        resume_unwind(why);
    }
    town
}

fn wished(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}
