//! Ids and times as apps see them: texts and numbers, under names of their own.
//!
//! The text of an id is the one that everything else of Linli prints. A text that is none is answered with
//! [`LinliError::InvalidInput`].

use std::str::FromStr;

use linli_core::{
    event::ItemId,
    id::{CommandId, CommunityId, DeviceId, LogId, MemberId, Reference},
    time::WallMs,
};

use crate::LinliError;

/// Reads an id out of a caller's text.
pub(crate) fn read<T: FromStr>(field: &str, text: &str) -> Result<T, LinliError>
where
    T::Err: std::fmt::Display,
{
    let reason = |error: T::Err| LinliError::InvalidInput { field: field.to_owned(), reason: error.to_string() };
    text.trim().parse().map_err(reason)
}

macro_rules! text_ids {
    ($($id:ident: $field:literal),* $(,)?) => {
        $(uniffi::custom_type!($id, String, {
            remote,
            try_lift: |text| Ok(read($field, &text)?),
            lower: |id| id.to_string(),
        });)*
    };
}

text_ids! {
    CommunityId: "community",
    DeviceId: "device",
    MemberId: "member",
    CommandId: "command",
    LogId: "log",
    Reference: "reference",
    ItemId: "item",
}

uniffi::custom_type!(WallMs, i64, {
    remote,
    try_lift: |ms| Ok(WallMs(ms)),
    lower: |wall| wall.0,
});

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
