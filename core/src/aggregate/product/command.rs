//! What a person can do with the catalogue.

#[cfg(feature = "uniffi")]
use crate::bindings::module_path;

use serde::{Deserialize, Serialize};

use super::Class;
use crate::event::ItemId;

/// One unit of a product: `{ unit: "box", contains: 2, of: "strip" }`; the smallest contains nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record), uniffi(name = "ProductUnit"))]
pub struct Unit {
    /// Its name, such as `box`.
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
    /// The brand, or who makes it; may be empty.
    #[cfg_attr(feature = "uniffi", uniffi(default))]
    pub brand: String,
    /// The strength, such as `0.5 g`; may be empty.
    #[cfg_attr(feature = "uniffi", uniffi(default))]
    pub strength: String,
    /// The form, such as `tablet`; may be empty.
    #[cfg_attr(feature = "uniffi", uniffi(default))]
    pub form: String,
    /// The number under the barcode; may be empty.
    #[cfg_attr(feature = "uniffi", uniffi(default))]
    pub barcode: String,
    /// Other names that search finds it by.
    #[cfg_attr(feature = "uniffi", uniffi(default))]
    pub aliases: Vec<String>,
    /// Its units, each with what it contains.
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
    /// The brand, or who makes it.
    #[cfg_attr(feature = "uniffi", uniffi(default))]
    pub brand: Option<String>,
    /// The strength, such as `0.5 g`.
    #[cfg_attr(feature = "uniffi", uniffi(default))]
    pub strength: Option<String>,
    /// The form, such as `tablet`.
    #[cfg_attr(feature = "uniffi", uniffi(default))]
    pub form: Option<String>,
    /// The number under the barcode.
    #[cfg_attr(feature = "uniffi", uniffi(default))]
    pub barcode: Option<String>,
    /// What may be done with it.
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
