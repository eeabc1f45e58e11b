//! The program as the office meets it: run as a process, on fresh data, with what people get wrong.

#![allow(clippy::expect_used, clippy::panic, reason = "a test that cannot go on ends")]

#[path = "../kit.rs"]
mod kit;

mod commands;
mod serving;
mod stops;
