//! What the events of a product say.

#[cfg(feature = "uniffi")]
use crate::bindings::module_path;

use minicbor::{Decode, Encode};
use serde::{Deserialize, Serialize};

use super::{EDITED, LISTED, PROPOSED, WITHDRAWN};
use crate::{
    aggregate::{Malformed, choice, decode},
    limits,
    vocabulary::Says,
};

/// What may be done with a product.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Serialize,
    Deserialize,
    Encode,
    Decode,
    strum::IntoStaticStr,
    strum::VariantNames,
)]
#[serde(rename_all = "snake_case")]
#[cbor(index_only)]
#[strum(serialize_all = "snake_case")]
#[cfg_attr(feature = "uniffi", derive(uniffi::Enum), uniffi(name = "ProductClass"))]
pub enum Class {
    /// Sold without prescription.
    #[n(0)]
    OverTheCounter,
    /// Needs a prescription: never donated to a box, never offered from one.
    #[n(1)]
    Prescription,
    /// A device, such as a thermometer.
    #[n(2)]
    Device,
    /// A supply, such as masks.
    #[n(3)]
    Supply,
}

impl Class {
    /// Every class there is.
    pub const ALL: [Class; 4] = [Class::OverTheCounter, Class::Prescription, Class::Device, Class::Supply];

    /// A stable code.
    pub fn code(self) -> &'static str {
        self.into()
    }

    /// The class with this code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|class| class.code() == code)
    }

    /// The greater, the more careful.
    pub(crate) const fn strictness(self) -> u8 {
        match self {
            Class::Supply => 0,
            Class::Device => 1,
            Class::OverTheCounter => 2,
            Class::Prescription => 3,
        }
    }
}

/// A product with its class enters the catalogue. Its texts are edits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Encode, Decode, Says)]
#[cbor(map)]
pub struct Listed {
    /// What may be done with it.
    #[n(0)]
    pub class: Class,
}

/// A product enters the catalogue without class. Its texts are edits.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Encode, Decode, Says)]
#[cbor(map)]
pub struct Proposed {}

/// Texts and units change by edits, the class by this.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Encode, Decode, Says)]
#[cbor(map)]
pub struct Edited {
    /// The new class, if it changes.
    #[cbor(n(0), with = "choice", has_nil)]
    pub class: Option<Class>,
}

/// The product is no longer to be donated; what boxes hold of it stays.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Encode, Decode, Says)]
#[cbor(map)]
pub struct Withdrawn {
    /// Why; may be empty.
    #[n(0)]
    pub why: String,
}

/// What an event of a product says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Says)]
#[serde(untagged)]
pub enum Fact {
    /// Entered with a class.
    Listed(Listed),
    /// Entered without one.
    Proposed(Proposed),
    /// Something that people edit together changed.
    Edited(Edited),
    /// No longer donated.
    Withdrawn(Withdrawn),
}

pub(super) fn read(kind: u16, version: u16, payload: &[u8]) -> Result<Fact, Malformed> {
    if version != 1 {
        return Err(Malformed("no such version"));
    }
    Ok(match kind {
        LISTED => Fact::Listed(decode(payload)?),
        PROPOSED => Fact::Proposed(decode(payload)?),
        EDITED => Fact::Edited(decode(payload)?),
        WITHDRAWN => {
            let withdrawn: Withdrawn = decode(payload)?;
            bounded(&withdrawn.why)?;
            Fact::Withdrawn(withdrawn)
        }
        _ => return Err(Malformed("no such kind")),
    })
}

/// Checks that a text is within [`limits::FIELD`].
pub(crate) fn bounded(text: &str) -> Result<(), Malformed> {
    if text.len() > limits::FIELD { Err(Malformed("a text is too long")) } else { Ok(()) }
}
