//! The relay in the office, end to end: its real program as a process, and phones of buildings that never meet.
//!
//! Run with: cargo test -p linli-tests --test relay

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that cannot go on ends")]

mod askers;
mod blind;
mod blocked;
mod crowd;
mod disk;
mod erasure;
mod flood;
mod frozen;
mod hello;
mod kills;
mod members;
mod moved;
mod power;
mod scene;
mod stories;
