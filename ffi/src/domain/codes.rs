//! Every code that the engine can give, so that an app can see whether it has words for all.

use linli_core::vocabulary::{CodeLine, Coded};

use crate::{
    LinliError,
    life::{read_declarations, registry},
};

/// Every code that the engine can give, those of events and of errors (`error`) among them; codes of the roster's events stand in
/// the table of rights ([`Phone::table`](crate::Phone)). `declarations` are aggregates of the app's own, as
/// [`Phone::open`](crate::Phone) has them: their events and statuses are among the codes.
///
/// # Errors
/// `InvalidInput` for a declaration that makes no sense.
#[uniffi::export(default(declarations = []))]
pub fn codes(declarations: Vec<String>) -> Result<Vec<CodeLine>, LinliError> {
    let error = |code: &&str| CodeLine {
        family: "error".to_owned(),
        code: (*code).to_owned(),
        warning: false,
        params: Vec::new(),
    };
    let mut codes = registry(&read_declarations(&declarations)?)?.codes();
    codes.extend(LinliError::CODES.iter().map(error));
    Ok(codes)
}
