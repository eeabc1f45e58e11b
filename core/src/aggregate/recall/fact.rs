//! What the events of a recall say.

#[cfg(feature = "uniffi")]
use crate::bindings::module_path;

use minicbor::{Decode, Encode};
use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;

use super::{EDITED, RAISED, WITHDRAWN};
use crate::{
    aggregate::{Malformed, choice, decode, product::bounded},
    id::Reference,
    vocabulary::Says,
};

/// Batches one recall names at most.
pub const BATCHES: usize = 256;

/// What of a product is recalled.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Encode, Decode)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "uniffi", derive(uniffi::Enum), uniffi(name = "RecallScope"))]
pub enum Scope {
    /// All of it.
    #[n(0)]
    All,
    /// These batches, as printed on the packages.
    #[n(1)]
    Batches(#[n(0)] Vec<String>),
}

/// A batch as it is compared: full-width and half-width are one, case and spaces do not matter.
pub fn batch_key(batch: &str) -> String {
    batch.nfkc().flat_map(char::to_uppercase).filter(|c| !c.is_whitespace()).collect()
}

/// A recall begins. Reason and issuer are edits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Encode, Decode, Says)]
#[cbor(map)]
pub struct Raised {
    /// The product of the catalogue.
    #[n(0)]
    pub product: Reference,
    /// What of it.
    #[n(1)]
    pub scope: Scope,
}

/// It changes: reason and issuer by edits, what is recalled by this.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Encode, Decode, Says)]
#[cbor(map)]
pub struct Edited {
    /// The new scope, if it changes.
    #[cbor(n(0), with = "choice", has_nil)]
    pub scope: Option<Scope>,
}

/// It no longer stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Encode, Decode, Says)]
#[cbor(map)]
pub struct Withdrawn {
    /// Why; may be empty.
    #[n(0)]
    pub why: String,
}

/// What an event of a recall says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Says)]
#[serde(untagged)]
pub enum Fact {
    /// The recall begins.
    Raised(Raised),
    /// Scope, reason or issuer changed.
    Edited(Edited),
    /// The recall ends.
    Withdrawn(Withdrawn),
}

pub(super) fn read(kind: u16, version: u16, payload: &[u8]) -> Result<Fact, Malformed> {
    if version != 1 {
        return Err(Malformed("no such version"));
    }
    Ok(match kind {
        RAISED => {
            let raised: Raised = decode(payload)?;
            check(&raised.scope)?;
            Fact::Raised(raised)
        }
        EDITED => {
            let edited: Edited = decode(payload)?;
            edited.scope.as_ref().map_or(Ok(()), check)?;
            Fact::Edited(edited)
        }
        WITHDRAWN => {
            let withdrawn: Withdrawn = decode(payload)?;
            bounded(&withdrawn.why)?;
            Fact::Withdrawn(withdrawn)
        }
        _ => return Err(Malformed("no such kind")),
    })
}

fn check(scope: &Scope) -> Result<(), Malformed> {
    let Scope::Batches(batches) = scope else { return Ok(()) };
    if batches.is_empty() || batches.len() > BATCHES {
        return Err(Malformed("no batches, or too many"));
    }
    if batches.iter().any(|batch| batch_key(batch).is_empty()) {
        return Err(Malformed("an empty batch"));
    }
    batches.iter().try_for_each(|batch| bounded(batch))
}
