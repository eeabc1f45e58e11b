//! What events of a building say, and their payloads.

use minicbor::{Decode, Encode};
use serde::Serialize;

use super::kind;
use crate::{
    aggregate::{Malformed, address, decode},
    vocabulary::Says,
};

/// What an event of a building says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Says)]
#[serde(untagged)]
pub enum BuildingFact {
    /// It is in the register.
    Listed {
        /// What addresses name it by.
        label: String,
    },
    /// The document changed.
    Edited,
    /// It is no longer used. For good: what is wrong about that is listed anew.
    Retired,
}

#[derive(Encode, Decode)]
#[cbor(map)]
pub(super) struct ListedPayload {
    #[n(0)]
    pub(super) label: String,
}

/// Edited and retired: nothing.
#[derive(Encode, Decode)]
#[cbor(map)]
pub(super) struct EmptyPayload {}

/// Reads a payload.
pub(super) fn read(kind: u16, version: u16, payload: &[u8]) -> Result<BuildingFact, Malformed> {
    match (kind, version) {
        (kind::LISTED, 1) => {
            let ListedPayload { label } = decode(payload)?;
            if !address::is_label(&label) {
                return Err(Malformed("a building's label is out of bounds"));
            }
            Ok(BuildingFact::Listed { label })
        }
        (kind::EDITED, 1) => decode(payload).map(|_: EmptyPayload| BuildingFact::Edited),
        (kind::RETIRED, 1) => decode(payload).map(|_: EmptyPayload| BuildingFact::Retired),
        _ => Err(Malformed("no such kind and version")),
    }
}
