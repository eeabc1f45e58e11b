//! What one conversation costs, and what it withstands: sessions over pipes with a clock that only the test moves.
//!
//! Where real replicas are affordable they talk; where the size is the point, sessions over keepers of logs do.
// A story that cannot go on has failed.
#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used)]

mod conversation;
mod cut;
mod difference;
mod hostile;
mod liar;
mod memory;
mod mesh;
mod relay;
mod say;
mod slow;
mod turned;
mod wire;
