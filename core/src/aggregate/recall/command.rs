//! What a leader can do with a recall.

#[cfg(feature = "uniffi")]
use crate::bindings::module_path;

use serde::{Deserialize, Serialize};

use super::Scope;
use crate::id::Reference;

/// What a person can do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "uniffi", derive(uniffi::Enum), uniffi(name = "RecallCommand"))]
pub enum Command {
    /// Recalls a product or batches of it.
    Raise {
        /// The product of the catalogue.
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
        /// The authority or maker who recalls; an empty text clears it.
        #[serde(default)]
        #[cfg_attr(feature = "uniffi", uniffi(default))]
        issuer: Option<String>,
    },
    /// Ends the recall.
    Withdraw {
        /// Why; may be empty.
        #[serde(default)]
        #[cfg_attr(feature = "uniffi", uniffi(default))]
        why: String,
    },
}
