//! Why what a person wants to do with the catalogue is refused.

use serde::Serialize;

use crate::{
    aggregate::{Aggregate, WorldError},
    vocabulary::{Refuse, Says},
};

/// Why a command is refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, thiserror::Error, strum::IntoStaticStr, strum::VariantNames, Says)]
#[serde(tag = "code", rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Refusal {
    /// Listing makes a product, all else needs one.
    #[error("listing and proposing make a product, other commands need one")]
    Target,
    /// A product needs a name.
    #[error("a product needs a name")]
    NoName,
    /// A text beyond the limit.
    #[error("{field} is longer than {limit} bytes")]
    TooLong {
        /// The name of the field that holds too much.
        field: &'static str,
        /// Bytes it may have.
        limit: usize,
    },
    /// More of something than fits one event.
    #[error("{got} {what}, at most {limit}")]
    TooMany {
        /// The name of the list that holds too much, such as `aliases`.
        what: &'static str,
        /// How many of them were given.
        got: usize,
        /// How many at most.
        limit: usize,
    },
    /// Neither 1 to 32 letters nor digits.
    #[error("a barcode has up to 32 letters and digits")]
    Barcode,
    /// A unit without a name, named twice, of an unknown smaller unit, in a circle, or containing nothing or too much.
    #[error("the unit {unit} does not fit the others")]
    Unit {
        /// The name of the unit.
        unit: String,
    },
    /// Nothing would change.
    #[error("nothing would change")]
    Nothing,
    /// It has been withdrawn.
    #[error("the product was withdrawn")]
    Withdrawn,
    /// The store could not answer.
    #[error("{reason}")]
    Store {
        /// What it said.
        reason: String,
    },
}

impl Refuse for Refusal {
    const BY: &'static str = super::Product::NAME;
}

impl From<WorldError> for Refusal {
    fn from(error: WorldError) -> Self {
        Refusal::Store { reason: error.0 }
    }
}
