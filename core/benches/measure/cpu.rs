//! What this process has used of the machine.

use std::time::Duration;

use anyhow::{Context, Result};
use nix::sys::{
    resource::{UsageWho, getrusage},
    time::TimeValLike,
};

/// Time the processor spent in this process's own code, kernel excluded.
pub(crate) fn user() -> Result<Duration> {
    let used = getrusage(UsageWho::RUSAGE_SELF)?.user_time().num_microseconds();
    Ok(Duration::from_micros(u64::try_from(used)?))
}

/// Megabytes of memory this process holds now.
pub(crate) fn resident_mb() -> Result<f64> {
    let status = std::fs::read_to_string("/proc/self/status").context("resident memory is read on Linux only")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).context("no VmRSS")?;
    let kilobytes: f64 = line.trim().trim_end_matches("kB").trim().parse()?;
    Ok(kilobytes / 1024.0)
}
