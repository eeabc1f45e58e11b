//! What a leader can do with a recall, and why it may be refused.

#[cfg(feature = "uniffi")]
use crate::bindings::module_path;

use serde::{Deserialize, Serialize};

use super::{Recall, Scope};
use crate::{
    aggregate::{Aggregate, WorldError},
    id::Reference,
    vocabulary::Refuse,
};

/// What a person can do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "uniffi", derive(uniffi::Enum), uniffi(name = "RecallCommand"))]
pub enum Command {
    /// Recalls a product or batches of it.
    Raise {
        /// The product.
        product: Reference,
        /// What of it.
        scope: Scope,
        /// Why; may be empty.
        #[serde(default)]
        #[cfg_attr(feature = "uniffi", uniffi(default))]
        reason: String,
        /// The authority or maker who recalls; may be empty.
        #[serde(default)]
        #[cfg_attr(feature = "uniffi", uniffi(default))]
        issuer: String,
    },
    /// Changes it; what is `None` stays.
    Edit {
        /// What is recalled.
        #[serde(default)]
        #[cfg_attr(feature = "uniffi", uniffi(default))]
        scope: Option<Scope>,
        /// The reason, in words; an empty text clears it.
        #[serde(default)]
        #[cfg_attr(feature = "uniffi", uniffi(default))]
        reason: Option<String>,
        /// Who recalls.
        #[serde(default)]
        #[cfg_attr(feature = "uniffi", uniffi(default))]
        issuer: Option<String>,
    },
    /// Ends it.
    Withdraw {
        /// Why; may be empty.
        #[serde(default)]
        #[cfg_attr(feature = "uniffi", uniffi(default))]
        why: String,
    },
}

/// Why a command is refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, thiserror::Error, strum::IntoStaticStr, strum::VariantNames)]
#[serde(tag = "code", rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Refusal {
    /// Raising makes a recall, all else needs one.
    #[error("raising makes a recall, other commands need one")]
    Target,
    /// The product is not in the catalogue here.
    #[error("the product {product} is not in the catalogue")]
    UnknownProduct {
        /// The product that was named.
        product: Reference,
    },
    /// No batches, an empty one, or more than fit.
    #[error("a recall names 1 to {limit} batches, or all")]
    Batches {
        /// How many at most.
        limit: usize,
    },
    /// A text beyond the limit.
    #[error("{field} is longer than {limit} bytes")]
    TooLong {
        /// Which text.
        field: &'static str,
        /// Bytes it may have.
        limit: usize,
    },
    /// Nothing would change.
    #[error("nothing would change")]
    Nothing,
    /// It has been withdrawn.
    #[error("the recall was withdrawn")]
    Withdrawn,
    /// The store could not answer.
    #[error("{reason}")]
    Store {
        /// What it said.
        reason: String,
    },
}

impl Refuse for Refusal {
    const BY: &'static str = Recall::NAME;
}

impl From<WorldError> for Refusal {
    fn from(error: WorldError) -> Self {
        Refusal::Store { reason: error.0 }
    }
}
