//! Random weeks of a small community: vague actions become exact steps, and after each the invariants must hold.
//!
//! `SEED=n` replays one seed and prints its steps; `SEEDS=n` runs so many from 0, however long that takes. Without
//! either as many run as fit [`TIME`]. A seed that fails prints its steps and how to replay it.
// A simulation that cannot go on has failed.
#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used)]

mod action;
mod invariant;
mod step;
mod town;

use std::{
    panic::{AssertUnwindSafe, catch_unwind, resume_unwind},
    time::{Duration, Instant},
};

use linli_tests::loud;
use town::Town;

/// How long a run without further wishes takes, at most by one seed.
const TIME: Duration = Duration::from_secs(40);
/// Steps of one seed.
const STEPS: usize = 120;

fn wished(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

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
    assert!(done > not_done / 3, "the dice wish for what can be done");
}

/// One seed from founding to agreement. Returns how many commands were carried out and how many refused.
fn live(seed: u64, aloud: bool) -> (usize, usize) {
    let mut town = Town::founded(seed, aloud);
    let lived = catch_unwind(AssertUnwindSafe(|| {
        town.gather();
        for _ in 0..STEPS {
            let step = town.draw();
            town.take(step);
        }
        town.settle();
    }));
    if let Err(why) = lived {
        for (nth, step) in town.steps.iter().enumerate() {
            eprintln!("{nth:4}  {step}");
        }
        eprintln!("replay with: SEED={seed} cargo test --release -p linli-tests --test simulation");
        resume_unwind(why);
    }
    (town.answered.len(), town.refused)
}
