//! Stories of a community: what people do, and what every phone shows in the end.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a story that is refused where it should not be has failed"
)]

mod documents;
mod members;
mod orders;
mod queries;
