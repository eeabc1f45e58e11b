//! Events: one signed fact in a log, from its typed body to its bytes and back.
//!
//! A header that a relay can read; a body sealed for the members; a chain hash that is the event's id; signatures
//! that prove whole prefixes. Trust is a type: what comes from outside is a [`Run`]; [`Run::verify`] makes it a
//! [`VerifiedRun`], the only thing a store appends. This module knows keys, ids and limits. It refuses to know
//! who is admitted, what an order is, or whether anything counts.
//!
//! The shapes that an event goes through, from a command to a screen:
//!
//! | shape | where | what is known |
//! |---|---|---|
//! | `Draft` | `aggregate` | what a decision wants written; its place is still open |
//! | [`Body`] | here | what it says, to whom it belongs, what it builds on, when it was written |
//! | [`Link`] | here | its body sealed, as it travels |
//! | [`Run`] | here | consecutive links and one signature: not yet believed |
//! | [`VerifiedRun`], [`Verified`] | here | chain and signature are checked, its id is known |
//! | `Stored` | `store` | it is durable and has a position; `Judged` says whether it counts |
//! | `Filed` | `aggregate` | its body is open again: readable, with its reference |
//! | `Known` | `aggregate` | it is placed in its aggregate: it counts, is held or waits |
//! | `Act` | `aggregate` | it counts: who did it, with which rights, at which place of the history |
//! | `Told` | `aggregate` | what a screen shows of it |
//!
//! A command goes down all of it on one phone; an event from a peer comes in as a [`Run`].

mod body;
mod edit;
mod error;
mod header;
mod held;
mod hole;
mod names;
mod payload;
mod reads;
mod run;
#[cfg(test)]
pub(crate) mod tests;
mod topic;

pub use body::Body;
pub use edit::{Edit, ItemId, Scalar};
pub use error::BodyError;
pub use header::{Header, LogHeader};
pub use held::Held;
pub use hole::Hole;
#[cfg(feature = "older")]
pub use reads::Lacks;
pub use reads::Reads;
pub use run::{Content, Entry, EventError, Head, Link, Run, Tail, Verified, VerifiedRun, Writer, open};
pub use topic::Topic;

pub use crate::key::Compartment;
