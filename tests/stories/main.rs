//! Stories of a community: what people do, and what every phone shows in the end.
// A story that cannot go on has failed.
#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used)]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a story that is refused where it should not be has failed"
)]

mod documents;
mod members;
mod orders;
mod queries;
