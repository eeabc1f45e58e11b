//! Tests that cannot run where they are.

use std::{
    io::{self, Write as _},
    thread,
};

/// Says which test does not run here, and why: past what a test program keeps to itself of a test that passes, so that
/// whoever runs all of them sees it.
pub fn skipped(why: &str) {
    let thread = thread::current();
    let _unsaid = writeln!(io::stderr(), "skipped: {}: {why}", thread.name().unwrap_or("a test"));
}
