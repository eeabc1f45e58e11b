//! Roster.
mod need;
pub use need::{Need, Standing};
