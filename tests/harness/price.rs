//! What counted work comes to in nanoseconds on the machine that the budgets were made for, which checks a signature in
//! 54 µs.

use linli_core::count::Work;

/// What one input may cost.
pub const BUDGET: u64 = 50_000_000;
/// Bytes that are allocated in a nanosecond.
pub const BYTES_A_NANOSECOND: u64 = 2;

/// Nanoseconds for each time.
pub const fn price(work: Work) -> u64 {
    match work {
        Work::Signature => 54_000,
        Work::Agreement => 90_000,
        Work::Folded => 1_500,
        Work::Asked => 50,
        Work::Step => 20,
        Work::RowRead => 200,
        Work::RowWritten => 2_000,
        Work::Commit => 30_000,
    }
}
