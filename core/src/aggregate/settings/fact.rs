//! What events of the settings say, and their payload.

use minicbor::{Decode, Encode};
use serde::Serialize;

use super::kind;
use crate::{
    aggregate::{Malformed, decode},
    vocabulary::Says,
};

/// What an event of the settings says: all is in its edits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Says)]
#[serde(untagged)]
pub enum SettingsFact {
    /// They were made.
    Created,
    /// The document changed.
    Edited,
}

/// Created and edited: nothing.
#[derive(Encode, Decode)]
#[cbor(map)]
pub(super) struct EmptyPayload {}

/// Reads a payload.
pub(super) fn read(kind: u16, version: u16, payload: &[u8]) -> Result<SettingsFact, Malformed> {
    let EmptyPayload {} = decode(payload)?;
    match (kind, version) {
        (kind::CREATED, 1) => Ok(SettingsFact::Created),
        (kind::EDITED, 1) => Ok(SettingsFact::Edited),
        _ => Err(Malformed("no such kind and version")),
    }
}
