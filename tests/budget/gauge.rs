//! Processor time and memory of one thing at a time.

use std::{
    fs,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use linli_core::key::{DeviceKeys, verify};
use linli_tests::cpu;
use rand::SeedableRng;
use rand_chacha::ChaCha20Rng;

/// What one input may cost on a machine that checks a signature in [`CHECK`]; ten times that where nothing is optimized.
const TIME: Duration = Duration::from_millis(if cfg!(debug_assertions) { 500 } else { 50 });
/// What one signature costs on the machine that the budget was made for.
const CHECK: Duration = Duration::from_micros(54);
/// Signatures that are checked to learn how fast this machine is just now.
const CHECKS: u32 = 500;
const MEMORY: u64 = 64 * 1024 * 1024;

/// Both are the whole process's: one case at a time.
static ALONE: Mutex<()> = Mutex::new(());

/// Measures the inputs of one case, and holds the costliest to the budget when it goes.
pub(crate) struct Gauge {
    name: &'static str,
    inputs: usize,
    time: Duration,
    memory: u64,
    /// By how much this machine is slower, at the beginning or the end.
    slower: f64,
    _alone: MutexGuard<'static, ()>,
}

impl Gauge {
    pub(crate) fn begin(name: &'static str) -> Self {
        let alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
        Self { name, inputs: 0, time: Duration::ZERO, memory: 0, slower: slower(), _alone: alone }
    }

    /// One input.
    pub(crate) fn input(&mut self, take_in: impl FnOnce()) {
        // The peak of memory begins anew here (proc_pid_clear_refs(5)).
        fs::write("/proc/self/clear_refs", "5").expect("the peak can be reset");
        let (memory, time) = (peak(), cpu::user());
        take_in();
        self.time = self.time.max(cpu::user() - time);
        self.memory = self.memory.max(peak().saturating_sub(memory));
        self.inputs += 1;
    }
}

impl Drop for Gauge {
    fn drop(&mut self) {
        let (time, slower) = (self.time.div_f64(self.slower.max(slower())), self.slower);
        let Self { name, inputs, memory, .. } = self;
        let megabytes = *memory as f64 / 1e6;
        let ms = time.as_secs_f64() * 1e3;
        println!(
            "{name}: {inputs} inputs, at most {ms:.1} ms and {megabytes:.1} MB, on a machine {slower:.1} times slower"
        );
        if !std::thread::panicking() {
            assert!(*inputs > 0 && time <= TIME, "{name}: {time:?}");
            assert!(*memory <= MEMORY, "{name}: {memory} bytes");
        }
    }
}

/// By how much this machine is slower just now than the one that the budget was made for; 1 if it is faster.
fn slower() -> f64 {
    const CONTEXT: &str = "linli 2026 budget of a test";
    let keys = DeviceKeys::generate(&mut ChaCha20Rng::seed_from_u64(1));
    let signature = keys.sign(CONTEXT, b"pace");
    let time = cpu::user();
    for _ in 0..CHECKS {
        verify(keys.device(), CONTEXT, b"pace", &signature).expect("it fits");
    }
    ((cpu::user() - time).as_secs_f64() / (CHECK * CHECKS).as_secs_f64()).max(1.0)
}

/// The most memory that was resident since the last reset.
fn peak() -> u64 {
    let status = fs::read_to_string("/proc/self/status").expect("the process has a status");
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).expect("it tells the peak");
    1024 * line.trim().trim_end_matches(" kB").parse::<u64>().expect("in kB")
}
