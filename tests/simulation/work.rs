//! Work, counted: what a step costs the phones and relays that take part, and a whole life in sum. What a liar tells at a
//! time, and what two who meet tell each other, is several inputs; all together they fit into what one may cost.
//!
//! By counts and not by the clock, so that it holds on any machine. What the test itself does to check is not counted.

use std::alloc::System;

use linli_core::count::{self, Work};
use linli_tests::price::{BUDGET, price};
use stats_alloc::{INSTRUMENTED_SYSTEM, StatsAlloc};

#[global_allocator]
static MEMORY_OF_ALL: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// Bytes of memory that may be in use, by all phones and relays of all towns that are lived at once.
const MEMORY: usize = 256 * 1024 * 1024;

/// What a step may cost on average over a life, by price.
const AVERAGE: u64 = 2_000_000;
/// Steps of a life before its average tells something.
const FEW: u64 = 20;

/// What a life has cost so far.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Bill {
    steps: u64,
    sum: u64,
    /// The costliest step.
    pub(crate) most: u64,
}

/// The work done on this thread so far, by price.
pub(crate) fn now() -> u64 {
    Work::ALL.iter().map(|work| count::done_here(*work).saturating_mul(price(*work))).sum()
}

/// Bytes of memory that are in use, by all threads together, without what SQLite has.
fn in_use() -> usize {
    let stats = MEMORY_OF_ALL.stats();
    stats.bytes_allocated.saturating_sub(stats.bytes_deallocated)
}

impl Bill {
    /// Holds a step of so many inputs, before which so much had been done, to what it may cost.
    ///
    /// # Panics
    /// If it cost more, or all of them together, or takes too much memory.
    pub(crate) fn charge(&mut self, before: u64, inputs: u64) {
        let cost = now() - before;
        assert!(cost <= inputs * BUDGET, "a step cost {cost} ns by price");
        (self.steps, self.sum, self.most) = (self.steps + 1, self.sum + cost, self.most.max(cost));
        assert!(self.steps < FEW || self.average() <= AVERAGE, "{} ns each by price", self.average());
        assert!(in_use() <= MEMORY, "{} bytes are in use", in_use());
    }

    /// Takes a heap of so many runs for as many steps: each may come by itself.
    pub(crate) fn heap(&mut self, runs: u64) {
        self.steps += runs;
    }

    /// What a step cost on average.
    pub(crate) fn average(&self) -> u64 {
        self.sum / self.steps.max(1)
    }
}
