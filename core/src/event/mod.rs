//! Events: one signed fact in a log, from its typed body to its bytes and back.
//!
//! A header that a relay can read; a body sealed for the members; a chain hash that is the event's id; signatures
//! that prove whole prefixes. Trust is a type: what comes from outside is a [`Run`]; [`Run::verify`] makes it a
//! [`VerifiedRun`], the only thing a store appends. This module knows keys, ids and limits. It refuses to know
//! who is admitted, what an order is, or whether anything counts.

mod body;
mod edit;
mod header;
mod held;
mod names;
mod payload;
mod reads;
mod run;
#[cfg(test)]
pub(crate) mod tests;
mod topic;

pub use body::{Body, BodyError};
pub use edit::{Edit, ItemId, Scalar};
pub use header::{Header, LogHeader};
pub use held::Held;
#[cfg(feature = "older")]
pub use reads::Lacks;
pub use reads::Reads;
pub use run::{Content, Entry, EventError, Head, Link, Run, Tail, Verified, VerifiedRun, Writer, open};
pub use topic::Topic;

pub use crate::key::Compartment;
