//! Stories of a community: what people do, and what every phone shows in the end.
// A story that cannot go on has failed.
#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used)]

mod documents;
mod members;
mod orders;
mod queries;
