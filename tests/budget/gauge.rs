//! What one thing at a time costs, counted: the same on every machine, however fast or busy it is.
//!
//! Each case is held to three budgets. What one input may cost at most, whoever heaped up what before, is the engine's
//! promise (T4): [`BUDGET`] and [`MEMORY`]. What the costliest input of a case and all of them together did cost when they
//! were last looked at stands in [`figures`], a line for each case: a case that comes to cost a quarter more fails, whatever
//! room the promise leaves. Times are printed beside, and judged by nobody.

use std::{
    alloc::System,
    cell::Cell,
    fs,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use linli_core::count::{self, Work};
use linli_tests::{
    cpu,
    price::{BUDGET, BYTES_A_NANOSECOND, price},
};
use stats_alloc::{INSTRUMENTED_SYSTEM, StatsAlloc};

use crate::figures;

#[global_allocator]
static MEMORY_OF_ALL: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// How many bytes one input may need on top of what was there, at any time.
const MEMORY: u64 = 64 * 1024 * 1024;

/// All are the whole process's: one case at a time.
static ALONE: Mutex<()> = Mutex::new(());

thread_local! {
    /// Whether this thread is the one that may work now.
    static TURN: Cell<bool> = const { Cell::new(false) };
}

/// The turn of one case, from before its first phone until its last is gone.
struct Turn {
    _alone: MutexGuard<'static, ()>,
}

impl Turn {
    fn begin() -> Self {
        let turn = Self { _alone: ALONE.lock().unwrap_or_else(PoisonError::into_inner) };
        TURN.set(true);
        turn
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        TURN.set(false);
    }
}

/// Whoever makes a world asks this first: what it costs would be counted to whoever measures meanwhile.
///
/// # Panics
/// If no [`Meter`] was begun in this thread before.
pub(crate) fn must_have_its_turn() {
    assert!(TURN.get(), "a case begins its gauge before it makes a world");
}

/// Work of each kind, in the order of [`Work::ALL`], and bytes allocated behind it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Cost(pub(crate) [u64; KINDS]);

/// How many columns a [`Cost`] has.
pub(crate) const KINDS: usize = Work::ALL.len() + 1;

impl Cost {
    /// What was done so far.
    fn now() -> Self {
        let mut cost = Self::default();
        for (column, work) in cost.0.iter_mut().zip(Work::ALL) {
            *column = count::done(work);
        }
        cost.0[KINDS - 1] = MEMORY_OF_ALL.stats().bytes_allocated as u64;
        cost
    }

    fn since(self, before: Self) -> Self {
        Self(std::array::from_fn(|column| self.0[column] - before.0[column]))
    }

    fn plus(self, more: Self) -> Self {
        Self(std::array::from_fn(|column| self.0[column] + more.0[column]))
    }

    /// The greater of both in each column, each for itself.
    fn most(self, other: Self) -> Self {
        Self(std::array::from_fn(|column| self.0[column].max(other.0[column])))
    }

    /// What it comes to in nanoseconds on the machine that the budget was made for, which checks a signature in 54 µs.
    pub(crate) fn price(self) -> u64 {
        let works = Work::ALL.iter().zip(self.0).map(|(work, times)| times * price(*work));
        works.sum::<u64>() + self.0[KINDS - 1] / BYTES_A_NANOSECOND
    }

    /// The names of the columns.
    pub(crate) fn names() -> [&'static str; KINDS] {
        std::array::from_fn(|column| Work::ALL.get(column).map_or("bytes", |work| work.name()))
    }
}

/// Counts what inputs cost, one after the other.
pub(crate) struct Meter {
    /// The most of each kind that one input cost.
    pub(crate) input: Cost,
    /// All that they cost together.
    pub(crate) sum: Cost,
    /// What each input came to.
    prices: Vec<u64>,
    memory: u64,
    time: Duration,
    times: Duration,
    _turn: Turn,
}

impl Meter {
    pub(crate) fn begin() -> Self {
        let turn = Turn::begin();
        let (input, sum, time) = (Cost::default(), Cost::default(), Duration::ZERO);
        Self { input, sum, prices: Vec::new(), memory: 0, time, times: time, _turn: turn }
    }

    /// Measures one input.
    pub(crate) fn input(&mut self, take_in: impl FnOnce()) {
        // The peak of memory begins anew here (proc_pid_clear_refs(5)).
        fs::write("/proc/self/clear_refs", "5").expect("the peak can be reset");
        let (memory, time, before) = (peak(), cpu::user(), Cost::now());
        take_in();
        let (cost, time) = (Cost::now().since(before), cpu::user() - time);
        self.memory = self.memory.max(peak().saturating_sub(memory));
        (self.input, self.sum) = (self.input.most(cost), self.sum.plus(cost));
        (self.time, self.times) = (self.time.max(time), self.times + time);
        self.prices.push(cost.price());
    }
}

/// Measures the inputs of one case, and holds them to the budgets when it goes.
pub(crate) struct Gauge {
    name: &'static str,
    meter: Meter,
}

impl Gauge {
    pub(crate) fn begin(name: &'static str) -> Self {
        Self { name, meter: Meter::begin() }
    }

    /// What the case is called in the figures.
    pub(crate) fn name(&self) -> &'static str {
        self.name
    }

    /// Measures one input.
    pub(crate) fn input(&mut self, take_in: impl FnOnce()) {
        self.meter.input(take_in);
    }

    /// Holds the last inputs to what the first ones cost.
    ///
    /// # Panics
    /// If they cost more than the growth allows.
    pub(crate) fn grows(&self, growth: Growth) {
        let prices = &self.meter.prices;
        let mean = |some: &[u64]| some.iter().sum::<u64>() / some.len() as u64;
        let (first, last) = (mean(&prices[..BATCH]), mean(&prices[prices.len() - BATCH..]));
        let inputs = (prices.len() - BATCH) as u64;
        let more = last.saturating_sub(first) as f64 / inputs as f64;
        let name = self.name;
        println!(
            "{name}: {} µs by price in the beginning, {} µs at the end: {more:.0} ns more with each",
            first / 1_000,
            last / 1_000
        );
        let most = match growth {
            Growth::Flat => first + first / 4 + SLACK,
            Growth::Each(nanoseconds) => first + first / 4 + SLACK + inputs * nanoseconds,
        };
        assert!(last <= most, "{name}: {last} ns, {most} at most");
    }
}

/// What each input of a heap may cost more than the one before it.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Growth {
    /// Nothing: however many there were before.
    Flat,
    /// So many nanoseconds by price.
    Each(u64),
}

/// Inputs that are taken together, at either end of a heap.
const BATCH: usize = 100;
/// Nanoseconds that are nothing: trees grow deeper.
const SLACK: u64 = 20_000;

impl Drop for Gauge {
    fn drop(&mut self) {
        let Self { name, meter: Meter { input, sum, prices, memory, time, times, .. } } = self;
        let (inputs, price) = (prices.len(), prices.iter().max().copied().unwrap_or(0));
        let (ms, megabytes) = (price as f64 / 1e6, *memory as f64 / 1e6);
        println!("{name}: {inputs} inputs, at most {ms:.1} ms by price and {megabytes:.1} MB at a time");
        println!("  in this build, here and now: at most {time:.1?}, in sum {times:.1?}");
        for (what, cost) in [("input", &*input), ("sum", &*sum)] {
            println!("  {}", figures::line(name, what, cost));
        }
        if std::thread::panicking() {
            return;
        }
        assert!(inputs > 0, "{name}: nothing was measured");
        assert!(*memory <= MEMORY, "{name}: {memory} bytes for one input");
        assert!(price <= BUDGET, "{name}: an input that costs {price} ns by price: {input:?}");
        figures::hold(name, input, sum);
    }
}

/// The most memory that was resident since the last reset.
fn peak() -> u64 {
    let status = fs::read_to_string("/proc/self/status").expect("the process has a status");
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).expect("it tells the peak");
    1024 * line.trim().trim_end_matches(" kB").parse::<u64>().expect("in kB")
}
