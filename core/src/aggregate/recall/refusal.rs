//! Why what a leader wants to do with a recall is refused.

use serde::Serialize;

use super::Recall;
use crate::{
    aggregate::{Aggregate, WorldError},
    id::Reference,
    vocabulary::{Refuse, Says},
};

/// Why a command is refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, thiserror::Error, strum::IntoStaticStr, strum::VariantNames, Says)]
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
        /// The name of the field that holds too much.
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
