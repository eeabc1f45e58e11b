//! Every code that the engine can give beside those of events, so that an app can see whether it has words for all.
//!
//! Codes of events stand in the table of rights ([`Phone::table`](crate::Phone)).

use linli_core::vocabulary as core;

use crate::{
    LinliError,
    life::{read_declarations, registry},
};

/// A code that an app may be given, and has words for.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Record)]
pub struct CodeLine {
    /// What it is a code of: `refusal.order`, `review`, `hidden`, `status.order`, `held`.
    pub family: String,
    /// The code.
    pub code: String,
    /// Of a refusal: whether the same command, said to have happened, goes through.
    pub warning: bool,
}

/// Every code that the engine can give, beside those of events. `declarations` are aggregates of the app's own, as
/// [`Phone::open`](crate::Phone) has them: their statuses are among the codes.
///
/// # Errors
/// `InvalidInput` for a declaration that makes no sense.
#[uniffi::export(default(declarations = []))]
pub fn codes(declarations: Vec<String>) -> Result<Vec<CodeLine>, LinliError> {
    let codes = registry(&read_declarations(&declarations)?)?.codes();
    let codes = codes.into_iter().filter(|line| !line.family.starts_with("event."));
    Ok(codes.map(|core::CodeLine { family, code, warning }| CodeLine { family, code, warning }).collect())
}
