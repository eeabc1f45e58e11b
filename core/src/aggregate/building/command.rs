//! What a coordinator can do with a building.

#[cfg(feature = "uniffi")]
use crate::bindings::module_path;

use serde::{Deserialize, Serialize};

use super::Unit;
use crate::event::ItemId;

/// What a coordinator can do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "uniffi", derive(uniffi::Enum))]
pub enum BuildingCommand {
    /// Put a building into the register.
    List {
        /// Its label, as people write it: 3号楼 becomes `3`.
        label: String,
        /// What else is known.
        #[serde(default)]
        #[cfg_attr(feature = "uniffi", uniffi(default))]
        changes: Vec<BuildingChange>,
    },
    /// Change what stands of it.
    Edit {
        /// What becomes different, one by one.
        changes: Vec<BuildingChange>,
    },
    /// It is no longer used.
    Retire,
}

/// One change. An empty text and `None` clear.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "uniffi", derive(uniffi::Enum))]
pub enum BuildingChange {
    /// The name beside the label.
    Name(String),
    /// The place in the walk through the compound.
    WalkOrder(Option<i64>),
    /// How to get in.
    EntranceNote(String),
    /// A unit: added without an item, changed with one.
    Unit(Unit),
    /// A unit that is not there.
    RemoveUnit(ItemId),
    /// A room outside of units.
    AddOutsideRoom(String),
    /// A room outside of units that is not there.
    RemoveOutsideRoom(ItemId),
}
