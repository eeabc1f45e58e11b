//! Texts of callers that name something.
//!
//! The text of an id is the one that everything else of Linli prints. A text that is none is answered with
//! [`LinliError::InvalidInput`].

use std::str::FromStr;

use linli_core::id::CommandId;

use crate::LinliError;

/// Reads an id out of a caller's text.
pub(crate) fn read<T: FromStr>(field: &str, text: &str) -> Result<T, LinliError>
where
    T::Err: std::fmt::Display,
{
    let reason = |error: T::Err| LinliError::InvalidInput { field: field.to_owned(), reason: error.to_string() };
    text.trim().parse().map_err(reason)
}

/// Says that a text which crossed by itself, an id or a day, is none.
pub(crate) fn misread(field: &'static str, reason: String) -> uniffi::deps::anyhow::Error {
    LinliError::input(field, reason).into()
}

/// A new name for one command, out of the machine's randomness. Make one for each tap and keep it until the command has
/// answered: the same again, after a crash too, writes nothing twice.
#[uniffi::export]
pub fn new_command_id() -> Result<CommandId, LinliError> {
    use rand::TryRng;
    let mut bytes = [0; CommandId::LEN];
    rand::rngs::SysRng
        .try_fill_bytes(&mut bytes)
        .map_err(|error| LinliError::Storage { detail: format!("no randomness: {error}") })?;
    Ok(CommandId::from_bytes(bytes))
}
