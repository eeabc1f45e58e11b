//! Work and memory, counted: what a step costs the phones and relays that take part, and a whole life in sum. What a liar
//! tells at a time, and what two who meet tell each other, is several inputs; all together they fit into what one may cost.
//!
//! By counts and not by the clock, so that it holds on any machine. What the test itself does to check is not counted, nor
//! is what SQLite keeps.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use linli_core::count::{self, Work};
use linli_tests::price::{BUDGET, price};

/// Bytes of memory that one step may need at a time, beyond what was in use before it.
const PEAK: u64 = 16 * 1024 * 1024;
/// Bytes that the phones and relays of one town may use at a time, beyond what they did when it was founded.
const MEMORY: u64 = 32 * 1024 * 1024;

/// What a step may cost on average over a life, by price.
const AVERAGE: u64 = 2_000_000;
/// Steps of a life before its average tells something.
const FEW: u64 = 20;

/// What something cost.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cost {
    /// What it cost by price.
    price: u64,
    /// Bytes that were in use at a time, beyond what was before.
    peak: u64,
    /// Bytes that were in use when it was done, beyond what was before.
    left: i64,
}

/// What a life has cost so far.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Bill {
    steps: u64,
    sum: u64,
    /// The costliest step.
    pub(crate) most: u64,
    /// What all steps together left in use.
    in_use: i64,
    /// The most bytes that a step needed at a time, and all of them.
    pub(crate) peaks: (u64, u64),
}

/// The work done on this thread so far, by price.
fn now() -> u64 {
    Work::ALL.iter().map(|work| count::done_here(*work).saturating_mul(price(*work))).sum()
}

/// Does something, and says what it cost on this thread.
pub(crate) fn count<T>(act: impl FnOnce() -> T) -> (T, Cost) {
    let (before, mut done) = (now(), None);
    // Whoever counts memory must be told that it is over, however it ends.
    let memory = allocation_counter::measure(|| done = Some(catch_unwind(AssertUnwindSafe(act))));
    let cost = Cost { price: now() - before, peak: memory.bytes_max, left: memory.bytes_current };
    match done.expect("it was done") {
        Ok(done) => (done, cost),
        Err(why) => resume_unwind(why),
    }
}

impl Cost {
    /// Whether anything was done.
    pub(crate) fn is_work(self) -> bool {
        self.price > 0
    }
}

impl Bill {
    /// Holds a step of so many inputs to what it may cost.
    ///
    /// # Panics
    /// If it cost more, or all of them together, or takes too much memory.
    pub(crate) fn charge(&mut self, cost: Cost, inputs: u64) {
        let Cost { price, peak, .. } = cost;
        assert!(price <= inputs * BUDGET, "a step cost {price} ns by price");
        (self.steps, self.sum, self.most) = (self.steps + 1, self.sum + price, self.most.max(price));
        assert!(self.steps < FEW || self.average() <= AVERAGE, "{} ns each by price", self.average());
        let all = self.note(cost);
        assert!(peak <= PEAK, "a step needed {peak} bytes at a time");
        assert!(all <= MEMORY, "{all} bytes are in use at a time");
    }

    /// Takes note of what is in use. How much that was at the most.
    pub(crate) fn note(&mut self, cost: Cost) -> u64 {
        let all = self.in_use.saturating_add_unsigned(cost.peak).max(0).unsigned_abs();
        self.peaks = (self.peaks.0.max(cost.peak), self.peaks.1.max(all));
        self.in_use += cost.left;
        all
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
