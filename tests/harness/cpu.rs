//! Processor time of this process.

use std::time::Duration;

use nix::sys::{
    resource::{UsageWho, getrusage},
    time::TimeValLike,
};

/// Time the processor has spent in this process's own code so far, on all threads, kernel excluded.
pub fn user() -> Duration {
    let used = getrusage(UsageWho::RUSAGE_SELF).map_or(0, |usage| usage.user_time().num_microseconds());
    Duration::from_micros(u64::try_from(used).unwrap_or_default())
}
