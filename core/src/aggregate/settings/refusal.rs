//! Why what a coordinator wants to do with the settings is refused.

use serde::Serialize;

use super::Settings;
use crate::{
    aggregate::{Aggregate, WorldError},
    event::ItemId,
    id::Reference,
    vocabulary::{Refuse, Says},
};

/// Why a command is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, Serialize, strum::IntoStaticStr, strum::VariantNames, Says)]
#[serde(tag = "code", rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum SettingsRefusal {
    /// The community has settings: edit them.
    #[error("the settings are made already")]
    AlreadyMade {
        /// The settings there are.
        settings: Reference,
    },
    /// Not lower-case letters, digits and `_`, or longer than [`CODE`](super::CODE).
    #[error("{term} is not a code of at most {limit} bytes")]
    NotACode {
        /// What was given.
        term: String,
        /// Bytes it may have.
        limit: usize,
    },
    /// The table has this code, offered or not.
    #[error("{term} is in the table")]
    AlreadyThere {
        /// The code that is taken.
        term: String,
    },
    /// No such term.
    #[error("no term {item} is here")]
    NoSuchTerm {
        /// The item named.
        item: ItemId,
    },
    /// A name is needed.
    #[error("{field} is empty")]
    Empty {
        /// The name of the field that is empty.
        field: &'static str,
    },
    /// A text is longer than [`NAME`](super::NAME).
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
    /// A number out of its range.
    #[error("{field} is not from {least} to {most}")]
    OutOfRange {
        /// The name of the field that holds the number.
        field: &'static str,
        /// The least it may be.
        least: i64,
        /// The most it may be.
        most: i64,
    },
    /// Nothing is to be changed.
    #[error("nothing is to be changed")]
    NothingChanged,
    /// There are no settings to edit.
    #[error("the settings are not made yet")]
    NotMade,
    /// The store could not answer.
    #[error("{message}")]
    Store {
        /// What it said.
        message: String,
    },
}

impl Refuse for SettingsRefusal {
    const BY: &'static str = Settings::NAME;
}

impl From<WorldError> for SettingsRefusal {
    fn from(error: WorldError) -> Self {
        SettingsRefusal::Store { message: error.0 }
    }
}
