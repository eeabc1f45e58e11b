//! Why a lot is kept back.

#[cfg(feature = "uniffi")]
use crate::bindings::module_path;

use serde::Serialize;

use super::Day;
use crate::{id::Reference, vocabulary::Says};

/// Why a lot is not offered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, strum::IntoStaticStr, strum::VariantNames, Says)]
#[serde(tag = "code", rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
#[cfg_attr(feature = "uniffi", derive(uniffi::Enum), uniffi(name = "LotHidden"))]
pub enum Hidden {
    /// Nothing is left of it.
    Empty,
    /// It is set aside.
    Quarantined,
    /// It was good until then.
    Expired {
        /// The last day it was good.
        expiry: Day,
    },
    /// Its batch, or the whole product, is recalled.
    Recalled {
        /// The recall that names it.
        recall: Reference,
    },
    /// Batches of the product are recalled, and this one's batch is unknown.
    UnknownBatch {
        /// The recall that names them.
        recall: Reference,
    },
    /// The product has no class yet, or is not in the catalogue here: it waits for the keeper.
    NoClass,
    /// The product needs a prescription.
    Prescription,
    /// Nobody here knows what it is.
    UnknownLot,
    /// It is counted in another unit than asked for.
    OtherUnit {
        /// The unit it is counted in.
        unit: String,
    },
}

impl Hidden {
    /// Whether a keeper may hand it out all the same, with a reason.
    pub fn may_be_overridden(&self) -> bool {
        matches!(self, Hidden::NoClass | Hidden::UnknownBatch { .. })
    }
}
