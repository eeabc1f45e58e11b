//! Real replicas over real sockets on this machine, and over pipes that misbehave.
#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "what cannot be set up ends the test")]

mod askers;
mod bounds;
mod crowd;
mod invite;
mod pipe;
mod presence;
mod quic;
mod router;
mod scene;
mod tcp;
mod upkeep;
