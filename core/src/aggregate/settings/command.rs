//! What a coordinator can do with the settings.

#[cfg(feature = "uniffi")]
use crate::bindings::module_path;

use serde::{Deserialize, Serialize};

use super::field;
use crate::event::ItemId;

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
    /// Change what stands of them.
    Edit {
        /// What becomes different, one by one.
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
        /// The table it is added to.
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
        /// The table it stands in.
        table: Vocabulary,
        /// The term to change, as the view of the settings names it.
        item: ItemId,
        /// Its name in Chinese.
        zh: String,
        /// Its name in English.
        en: String,
        /// Whether it is offered.
        active: bool,
    },
}
