//! What a coordinator can do with the settings, and why it may be refused.

#[cfg(feature = "uniffi")]
use crate::bindings::module_path;

use serde::{Deserialize, Serialize};

use super::{Settings, field};
use crate::{
    aggregate::{Aggregate, WorldError},
    event::ItemId,
    id::Reference,
    vocabulary::Refuse,
};

/// What a coordinator can do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "uniffi", derive(uniffi::Enum))]
pub enum SettingsCommand {
    /// Make the settings: the default kinds and categories, then these changes.
    Create {
        /// What is different from the defaults.
        #[serde(default)]
        #[cfg_attr(feature = "uniffi", uniffi(default))]
        changes: Vec<SettingsChange>,
    },
    /// Change them.
    Edit {
        /// What changes.
        changes: Vec<SettingsChange>,
    },
}

/// Which community table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "uniffi", derive(uniffi::Enum), uniffi(name = "SettingsTable"))]
pub enum Vocabulary {
    /// Kinds of orders.
    OrderKinds,
    /// Categories of reports.
    Categories,
}

impl Vocabulary {
    pub(super) const fn list(self) -> u16 {
        match self {
            Vocabulary::OrderKinds => field::ORDER_KINDS,
            Vocabulary::Categories => field::CATEGORIES,
        }
    }
}

/// One change. `None` and an empty text bring back the default.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "uniffi", derive(uniffi::Enum))]
pub enum SettingsChange {
    /// Whom to call when nobody comes.
    EmergencyNumber(String),
    /// The time zone's name.
    TimeZone(String),
    /// Minutes by which local time is ahead of UTC, from −720 to 840.
    UtcOffsetMinutes(Option<i64>),
    /// Minutes of an urgent claim's lease, up to a week.
    LeaseUrgentMinutes(Option<i64>),
    /// Minutes of a normal claim's lease, up to a week.
    LeaseNormalMinutes(Option<i64>),
    /// What a household may take of one product in one period.
    TakeLimit(Option<i64>),
    /// Days after which closed orders are erased, up to ten years.
    EraseAfterDays(Option<i64>),
    /// A new term, in a table that has no such code.
    AddTerm {
        /// The table.
        table: Vocabulary,
        /// Its code: lower-case letters, digits and `_`.
        code: String,
        /// Its name in Chinese.
        zh: String,
        /// Its name in English.
        en: String,
    },
    /// Other names of a term, or whether it is offered. Its code stays: orders and reports bear it.
    EditTerm {
        /// The table.
        table: Vocabulary,
        /// Which term.
        item: ItemId,
        /// Its name in Chinese.
        zh: String,
        /// Its name in English.
        en: String,
        /// Whether it is offered.
        active: bool,
    },
}

/// Why a command is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, Serialize, strum::IntoStaticStr, strum::VariantNames)]
#[serde(tag = "code", rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum SettingsRefusal {
    /// The community has settings: edit them.
    #[error("the settings are made already")]
    AlreadyMade {
        /// The settings.
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
        /// The code.
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
        /// Which field.
        field: &'static str,
    },
    /// A text is longer than [`NAME`](super::NAME).
    #[error("{field} is longer than {limit} bytes")]
    TooLong {
        /// Which field.
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
        /// Which field.
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
