//! The phone in a terminal as a new user meets it: the real program, run as a process, on fresh homes.

#![allow(clippy::expect_used, clippy::panic, reason = "a test that cannot go on ends")]

mod alerts;
mod bundles;
mod care;
mod doors;
mod erasure;
mod hand;
mod help;
mod invitation;
mod medicine;
mod names;
mod network;
mod newer;
mod output;
mod relay;
mod rooms;
mod screen;
mod story;
mod withdraw;
mod words;
mod wrong;
