//! Sync: one conversation between two replicas, from hello to goodbye, without a socket or a clock.
//!
//! A [`Session`] is told what happened and when; it answers with frames to send, questions for the log, and what
//! the peer handed over. A [`Framer`] turns any byte pipe into frames. A [`BundleWriter`] and a [`BundleReader`] put the
//! same runs into a file. This module knows events, version vectors
//! and limits. It refuses to know the store, the roster, what an event says, and whether anything counts.
//!
//! Invariant: a session proves nothing. Who speaks is proved by the transport, who is welcome is the roster's
//! answer, and what is true is proved by signatures when the driver verifies a run.
//!
//! The layout of every frame is in [`frame`].
#![deny(clippy::wildcard_enum_match_arm)]

mod bounds;
mod bundle;
mod bytes;
mod compare;
mod entries;
mod error;
pub mod frame;
mod hello;
mod pipe;
mod progress;
mod runs;
mod session;
#[cfg(test)]
mod tests;
mod topic;
mod words;

pub use bounds::Bound;
pub use bundle::{BUNDLE_VERSION, BundleError, BundleReader, BundleWriter};
pub use entries::Vector;
pub use error::{FrameError, SessionError};
pub use hello::is_for;
pub use pipe::{Framer, frame_to_bytes};
pub use progress::{Kept, NotTaken, Progress, Tally};
pub use session::{Config, Input, Rest, STALL, Session};
pub use words::{Outgoing, Output, Reason, Refusal};
