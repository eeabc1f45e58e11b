//! Why what a coordinator wants to do with a building is refused.

use serde::Serialize;

use super::Building;
use crate::{
    aggregate::{
        Aggregate, WorldError,
        address::{AddressError, Part},
    },
    event::ItemId,
    id::Reference,
    vocabulary::{Refuse, Says},
};

/// Why a command is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, Serialize, strum::IntoStaticStr, strum::VariantNames, Says)]
#[serde(tag = "code", rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum BuildingRefusal {
    /// The label of the building, a unit or a room cannot be one.
    #[error("{}: {why}", part.code())]
    Label {
        /// What the label was meant for.
        part: Part,
        /// What is wrong with the label.
        why: AddressError,
    },
    /// A building in use has this label.
    #[error("building {label} is in the register")]
    AlreadyListed {
        /// The label that is taken.
        label: String,
        /// The building that has it.
        building: Reference,
    },
    /// The building has this unit or outside room.
    #[error("{label} is there already")]
    AlreadyThere {
        /// The label of the unit or room.
        label: String,
    },
    /// No such unit or outside room.
    #[error("no unit or room {item} is here")]
    NoSuchItem {
        /// The item named.
        item: ItemId,
    },
    /// A text is longer than [`limits::FIELD`](crate::limits::FIELD).
    #[error("{field} is longer than {limit} bytes")]
    TooLong {
        /// The name of the field that holds too much.
        field: &'static str,
        /// Bytes it may have.
        limit: usize,
    },
    /// More than [`limits::EDITS`](crate::limits::EDITS) at once.
    #[error("{got} changes at once, at most {limit}")]
    TooMany {
        /// Edits they would be.
        got: usize,
        /// Edits there may be.
        limit: usize,
    },
    /// A number that no building has.
    #[error("{field} is not from {least} to {most}")]
    OutOfRange {
        /// The name of the field that holds the number.
        field: &'static str,
        /// The least it may be.
        least: i64,
        /// The most it may be.
        most: i64,
    },
    /// It has been retired; list it anew.
    #[error("the building is retired")]
    Retired,
    /// Nothing is to be changed.
    #[error("nothing is to be changed")]
    NothingChanged,
    /// The command is about a building, and none is named.
    #[error("which building?")]
    NoBuilding,
    /// A new building is not listed on one that exists.
    #[error("a new building is not listed on an old one")]
    NotNew,
    /// The store could not answer.
    #[error("{message}")]
    Store {
        /// What it said.
        message: String,
    },
}

impl Refuse for BuildingRefusal {
    const BY: &'static str = Building::NAME;
}

impl From<WorldError> for BuildingRefusal {
    fn from(error: WorldError) -> Self {
        BuildingRefusal::Store { message: error.0 }
    }
}
