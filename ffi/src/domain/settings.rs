//! The community's settings.

use linli_core::{
    aggregate::settings::{
        Settings, SettingsChange, SettingsView, SettingsWish, Term as SettingsTerm, Vocabulary as SettingsTable,
    },
    event::ItemId,
    id::{CommandId, Reference},
    replica::Receipt,
};

use crate::{LinliError, Phone};

#[uniffi::export]
impl Phone {
    /// Carries out a wish: `on` names the settings, and is left out for the wish that makes one. Durable when it
    /// returns. The same `id` again, after a crash too, writes nothing and answers the same.
    ///
    /// # Errors
    /// `Refused` with the code of the reason; where it is a warning, the same wish said to have happened goes through.
    #[uniffi::method(default(on = None))]
    pub async fn submit_settings(
        &self,
        id: CommandId,
        wish: SettingsWish,
        on: Option<Reference>,
    ) -> Result<Receipt, LinliError> {
        self.call(move |replica| replica.submit::<Settings>(id, on, wish)).await
    }

    /// The community's settings, with defaults where nobody has set anything.
    pub async fn settings(&self) -> Result<SettingsView, LinliError> {
        self.call(move |replica| replica.settings()).await
    }
}

/// A word of a community table: a kind of order, a category of a report.
#[uniffi::remote(Record)]
pub struct SettingsTerm {
    /// The item, to edit it by; `None` for a default that is in no document.
    #[uniffi(default)]
    pub item: Option<ItemId>,
    /// Its stable code; never changes.
    pub code: String,
    /// Its name in Chinese.
    pub zh: String,
    /// Its name in English.
    pub en: String,
    /// Whether it is offered.
    pub active: bool,
}

/// The settings as they hold: the document's, and defaults where it says nothing.
#[uniffi::remote(Record)]
pub struct SettingsView {
    /// The document; `None` while there is none.
    pub settings: Option<Reference>,
    /// Whom to call when nobody comes.
    pub emergency_number: String,
    /// The time zone's name.
    pub time_zone: String,
    /// Minutes by which local time is ahead of UTC.
    pub utc_offset_minutes: i64,
    /// Minutes after which an urgent claim without progress is shown as lapsed.
    pub lease_urgent_minutes: i64,
    /// Minutes after which a normal claim without progress is shown as lapsed.
    pub lease_normal_minutes: i64,
    /// What a household may take of one product in one period, where its box sets nothing; `None` is no limit.
    pub take_limit: Option<i64>,
    /// Days after which closed orders are erased.
    pub erase_after_days: i64,
    /// Kinds of orders, each code once.
    pub order_kinds: Vec<SettingsTerm>,
    /// Categories of reports, each code once.
    pub categories: Vec<SettingsTerm>,
}

/// Which community table.
#[uniffi::remote(Enum)]
pub enum SettingsTable {
    /// Kinds of orders.
    OrderKinds,
    /// Categories of reports.
    Categories,
}

/// One change. `None` and an empty text bring back the default.
#[uniffi::remote(Enum)]
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
        table: SettingsTable,
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
        table: SettingsTable,
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

/// What a coordinator can wish.
#[uniffi::remote(Enum)]
pub enum SettingsWish {
    /// Make the settings: the default kinds and categories, then these changes.
    Create {
        /// What is different from the defaults.
        #[uniffi(default)]
        changes: Vec<SettingsChange>,
    },
    /// Change them.
    Edit {
        /// What changes.
        changes: Vec<SettingsChange>,
    },
}
