//! Every code that the engine can give beside those of events, so that an app can see whether it has words for all.
//!
//! Codes of events stand in the table of rights ([`Phone::table`](crate::Phone)).

use linli_core::{aggregate::Registry, vocabulary as core};

use crate::LinliError;

/// A code that an app may be given, and has words for.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Record)]
pub struct CodeLine {
    /// What it is a code of: `refusal.order`, `review`, `hidden`, `status.order`, `held`.
    pub family: String,
    /// The code.
    pub code: String,
    /// Of a refusal: whether the same wish, said to have happened, goes through.
    pub warning: bool,
}

/// Every code that the engine can give, beside those of events.
///
/// # Errors
/// None; a function that can throw outlives a fault inside.
#[uniffi::export]
pub fn codes() -> Result<Vec<CodeLine>, LinliError> {
    Ok(lines())
}

fn lines() -> Vec<CodeLine> {
    let of_engine = Registry::default().codes().into_iter().filter(|line| !line.family.starts_with("event."));
    of_engine.map(|core::CodeLine { family, code, warning }| CodeLine { family, code, warning }).collect()
}
