//! What a person can do with the catalogue, and why it may be refused.

#[cfg(feature = "uniffi")]
use crate::bindings::module_path;

use serde::{Deserialize, Serialize};

use super::Class;
use crate::{
    aggregate::{Aggregate, WorldError},
    event::ItemId,
    vocabulary::Refuse,
};

/// One unit of a product: `{ unit: "box", contains: 2, of: "strip" }`; the smallest contains nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record), uniffi(name = "ProductUnit"))]
pub struct Unit {
    /// Its name.
    pub unit: String,
    /// How many of the smaller unit it contains.
    #[serde(default)]
    #[cfg_attr(feature = "uniffi", uniffi(default))]
    pub contains: Option<u32>,
    /// The smaller unit.
    #[serde(default)]
    #[cfg_attr(feature = "uniffi", uniffi(default))]
    pub of: Option<String>,
}

/// What the catalogue says of a product.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record), uniffi(name = "ProductDetails"))]
pub struct Details {
    /// The name on the package; needed.
    #[cfg_attr(feature = "uniffi", uniffi(default))]
    pub name: String,
    /// The generic name.
    #[cfg_attr(feature = "uniffi", uniffi(default))]
    pub generic: String,
    /// The brand.
    #[cfg_attr(feature = "uniffi", uniffi(default))]
    pub brand: String,
    /// The strength.
    #[cfg_attr(feature = "uniffi", uniffi(default))]
    pub strength: String,
    /// The form.
    #[cfg_attr(feature = "uniffi", uniffi(default))]
    pub form: String,
    /// The barcode.
    #[cfg_attr(feature = "uniffi", uniffi(default))]
    pub barcode: String,
    /// Other names.
    #[cfg_attr(feature = "uniffi", uniffi(default))]
    pub aliases: Vec<String>,
    /// Its units.
    #[cfg_attr(feature = "uniffi", uniffi(default))]
    pub units: Vec<Unit>,
}

/// What changes; what is `None` stays, an empty text clears.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record), uniffi(name = "ProductChange"))]
pub struct Change {
    /// The name on the package.
    #[cfg_attr(feature = "uniffi", uniffi(default))]
    pub name: Option<String>,
    /// The generic name.
    #[cfg_attr(feature = "uniffi", uniffi(default))]
    pub generic: Option<String>,
    /// The brand.
    #[cfg_attr(feature = "uniffi", uniffi(default))]
    pub brand: Option<String>,
    /// The strength.
    #[cfg_attr(feature = "uniffi", uniffi(default))]
    pub strength: Option<String>,
    /// The form.
    #[cfg_attr(feature = "uniffi", uniffi(default))]
    pub form: Option<String>,
    /// The barcode.
    #[cfg_attr(feature = "uniffi", uniffi(default))]
    pub barcode: Option<String>,
    /// The class.
    #[cfg_attr(feature = "uniffi", uniffi(default))]
    pub class: Option<Class>,
    /// Other names to add.
    #[cfg_attr(feature = "uniffi", uniffi(default))]
    pub add_aliases: Vec<String>,
    /// Other names to remove.
    #[cfg_attr(feature = "uniffi", uniffi(default))]
    pub remove_aliases: Vec<ItemId>,
    /// Units to add.
    #[cfg_attr(feature = "uniffi", uniffi(default))]
    pub add_units: Vec<Unit>,
    /// Units to remove.
    #[cfg_attr(feature = "uniffi", uniffi(default))]
    pub remove_units: Vec<ItemId>,
}

/// What a person can do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "uniffi", derive(uniffi::Enum), uniffi(name = "ProductCommand"))]
pub enum Command {
    /// Lists a product with its class.
    List {
        /// What the catalogue says of it.
        details: Details,
        /// What may be done with it.
        class: Class,
    },
    /// Proposes a product; its class waits for a leader.
    Propose {
        /// What the catalogue says of it.
        details: Details,
    },
    /// Changes what is said of it.
    Edit(Box<Change>),
    /// Takes it out of the catalogue.
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
    /// Listing makes a product, all else needs one.
    #[error("listing and proposing make a product, other commands need one")]
    Target,
    /// A product needs a name.
    #[error("a product needs a name")]
    NoName,
    /// A text beyond the limit.
    #[error("{field} is longer than {limit} bytes")]
    TooLong {
        /// Which text.
        field: &'static str,
        /// Bytes it may have.
        limit: usize,
    },
    /// More of something than fits one event.
    #[error("{got} {what}, at most {limit}")]
    TooMany {
        /// Of what.
        what: &'static str,
        /// How many.
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
