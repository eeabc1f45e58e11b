//! The community's settings: kinds of orders, categories of reports, limits, the emergency number, local time.
//!
//! One document for all, edited by coordinators. Two made at the same time are no harm: all replicas take the one
//! with the smaller reference. This folder knows the document and what stands where it says nothing
//! ([`Settings::defaults`]); what is done with a setting is for who asks.

mod decide;
mod defaults;
#[cfg(test)]
mod tests;

use minicbor::{Decode, Encode};
use serde::{Deserialize, Serialize};

use super::{
    Aggregate, Birth, Cell, Content, Desk, Draft, FieldSpec, Found, History, Item, KindSpec, ListSpec, Malformed, Row,
    Schema, Select, Subject, Table, World, WorldError, decode,
};
use crate::{
    event::{ItemId, Topic},
    id::Reference,
    roster::Need,
};

pub use decide::{SettingsChange, SettingsRefusal, SettingsWish, Vocabulary};

/// Numbers of the document's fields and lists.
pub mod field {
    /// Whom to call when nobody comes.
    pub const EMERGENCY_NUMBER: u16 = 1;
    /// Minutes by which local time is ahead of UTC.
    pub const UTC_OFFSET_MINUTES: u16 = 2;
    /// The time zone's name, to be shown.
    pub const TIME_ZONE: u16 = 3;
    /// Minutes after which an urgent claim without progress is shown as lapsed.
    pub const LEASE_URGENT_MINUTES: u16 = 4;
    /// Minutes after which a normal claim without progress is shown as lapsed.
    pub const LEASE_NORMAL_MINUTES: u16 = 5;
    /// What a household may take of one product in one period, where its box sets nothing.
    pub const TAKE_LIMIT: u16 = 6;
    /// Days after which closed orders are erased.
    pub const ERASE_AFTER_DAYS: u16 = 7;
    /// List: kinds of orders.
    pub const ORDER_KINDS: u16 = 1;
    /// List: categories of reports.
    pub const CATEGORIES: u16 = 2;
    /// Of an item: its stable code.
    pub const CODE: u16 = 1;
    /// Of an item: its name in Chinese.
    pub const ZH: u16 = 2;
    /// Of an item: its name in English.
    pub const EN: u16 = 3;
    /// Of an item: whether it is offered. One that is not still names what bears its code.
    pub const ACTIVE: u16 = 4;
}

/// Numbers of the events.
pub mod kind {
    /// The settings were made.
    pub const CREATED: u16 = 0x0700;
    /// They changed.
    pub const EDITED: u16 = 0x0701;
}

/// One row for each value, as JSON under its key; lists have a row for each term, in order.
pub const SETTINGS: Table = Table { name: "settings", columns: &["key", "value"], indexes: &[&["key"]] };

/// Bytes of a code.
pub const CODE: usize = 32;
/// Bytes of a name, an emergency number, a time zone.
pub const NAME: usize = 64;

/// The numbers that can be set: key, field, least, most. What is out of range counts as not set.
const NUMBERS: [(&str, u16, i64, i64); 5] = [
    ("utc_offset_minutes", field::UTC_OFFSET_MINUTES, -12 * 60, 14 * 60),
    ("lease_urgent_minutes", field::LEASE_URGENT_MINUTES, 1, 7 * 24 * 60),
    ("lease_normal_minutes", field::LEASE_NORMAL_MINUTES, 1, 7 * 24 * 60),
    ("take_limit", field::TAKE_LIMIT, 1, 10_000),
    ("erase_after_days", field::ERASE_AFTER_DAYS, 1, 3650),
];

const TERM_FIELDS: &[FieldSpec] = &[
    FieldSpec { field: field::CODE, name: "code" },
    FieldSpec { field: field::ZH, name: "zh" },
    FieldSpec { field: field::EN, name: "en" },
    FieldSpec { field: field::ACTIVE, name: "active" },
];

/// The settings aggregate.
pub struct Settings;

/// What an event of the settings says: all is in its edits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum SettingsFact {
    /// They were made.
    Created,
    /// They changed.
    Edited,
}

/// A word of a community table: a kind of order, a category of a report.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Term {
    /// The item, to edit it by; `None` for a default that is in no document.
    #[serde(default)]
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
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
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
    pub order_kinds: Vec<Term>,
    /// Categories of reports, each code once.
    pub categories: Vec<Term>,
}

/// Created and edited: nothing.
#[derive(Encode, Decode)]
#[cbor(map)]
struct EmptyPayload {}

impl Settings {
    /// What holds while nobody has set anything.
    pub fn defaults() -> SettingsView {
        defaults::view()
    }
}

impl SettingsView {
    /// The settings as a decision sees them.
    ///
    /// # Errors
    /// When the store cannot answer.
    pub fn seen_by(world: &dyn World) -> Result<Self, WorldError> {
        Ok(Self::from_rows(&world.select(&Select::from(SETTINGS.name))?))
    }

    /// The settings out of all rows of [`SETTINGS`]: those of the smallest reference, over the defaults.
    pub fn from_rows(found: &[Found]) -> Self {
        let mut view = Settings::defaults();
        let Some(first) = found.iter().map(|found| found.aggregate).min() else { return view };
        view.settings = Some(first);
        let mut rows: Vec<&Found> = found.iter().filter(|found| found.aggregate == first).collect();
        rows.sort_by_key(|found| found.nth);
        let values = |key: &str| {
            rows.iter()
                .filter_map(move |found| match found.cells.as_slice() {
                    [name, value] if name.text() == Some(key) => value.text(),
                    _ => None,
                })
                .collect::<Vec<_>>()
        };
        let number = |key| values(key).first().and_then(|json| json.parse::<i64>().ok());
        let text = |key| values(key).first().and_then(|json| serde_json::from_str::<String>(json).ok());
        let terms = |key| values(key).iter().filter_map(|json| serde_json::from_str(json).ok()).collect::<Vec<Term>>();
        put(&mut view.emergency_number, text("emergency_number"));
        put(&mut view.time_zone, text("time_zone"));
        put(&mut view.utc_offset_minutes, number("utc_offset_minutes"));
        put(&mut view.lease_urgent_minutes, number("lease_urgent_minutes"));
        put(&mut view.lease_normal_minutes, number("lease_normal_minutes"));
        put(&mut view.erase_after_days, number("erase_after_days"));
        view.take_limit = number("take_limit");
        put(&mut view.order_kinds, Some(terms("order_kind")).filter(|terms| !terms.is_empty()));
        put(&mut view.categories, Some(terms("category")).filter(|terms| !terms.is_empty()));
        view
    }

    /// The kind of order with this code, offered or not.
    pub fn order_kind(&self, code: &str) -> Option<&Term> {
        self.order_kinds.iter().find(|term| term.code == code)
    }
}

fn put<T>(place: &mut T, value: Option<T>) {
    if let Some(value) = value {
        *place = value;
    }
}

impl Aggregate for Settings {
    const NAME: &'static str = "settings";
    const TOPIC: Topic = Topic::Common;
    const KINDS: &'static [KindSpec] = &[
        KindSpec { kind: kind::CREATED, version: 1, code: "created", need: Need::COORDINATOR, creates: true },
        KindSpec { kind: kind::EDITED, version: 1, code: "edited", need: Need::COORDINATOR, creates: false },
    ];
    const CONTENT: Schema = Schema {
        fields: &[
            FieldSpec { field: field::EMERGENCY_NUMBER, name: "emergency_number" },
            FieldSpec { field: field::UTC_OFFSET_MINUTES, name: "utc_offset_minutes" },
            FieldSpec { field: field::TIME_ZONE, name: "time_zone" },
            FieldSpec { field: field::LEASE_URGENT_MINUTES, name: "lease_urgent_minutes" },
            FieldSpec { field: field::LEASE_NORMAL_MINUTES, name: "lease_normal_minutes" },
            FieldSpec { field: field::TAKE_LIMIT, name: "take_limit" },
            FieldSpec { field: field::ERASE_AFTER_DAYS, name: "erase_after_days" },
        ],
        lists: &[
            ListSpec { list: field::ORDER_KINDS, name: "order_kinds", fields: TERM_FIELDS },
            ListSpec { list: field::CATEGORIES, name: "categories", fields: TERM_FIELDS },
        ],
    };
    const TABLES: &'static [Table] = &[SETTINGS];

    type Fact = SettingsFact;
    type State = ();
    type Wish = SettingsWish;
    type Refusal = SettingsRefusal;

    fn read(kind: u16, version: u16, payload: &[u8]) -> Result<SettingsFact, Malformed> {
        let EmptyPayload {} = decode(payload)?;
        match (kind, version) {
            (kind::CREATED, 1) => Ok(SettingsFact::Created),
            (kind::EDITED, 1) => Ok(SettingsFact::Edited),
            _ => Err(Malformed("no such kind and version")),
        }
    }

    fn apply(_: &mut (), _: &SettingsFact, _: usize, _: &History, _: &Birth) {}

    fn rows(subject: &Subject<'_, ()>) -> Vec<Row> {
        let content = subject.content;
        let mut rows = Vec::new();
        let mut add = |key: &str, json: String| {
            rows.push(Row { table: SETTINGS.name, cells: vec![key.into(), Cell::Text(json)] });
        };
        for (key, field) in [("emergency_number", field::EMERGENCY_NUMBER), ("time_zone", field::TIME_ZONE)] {
            if let Some(text) = content.text(field).filter(|text| !text.is_empty()) {
                add(key, json(text));
            }
        }
        for (key, field, least, most) in NUMBERS {
            if let Some(number) = content.int(field).filter(|number| (least..=most).contains(number)) {
                add(key, number.to_string());
            }
        }
        for (key, list) in [("order_kind", field::ORDER_KINDS), ("category", field::CATEGORIES)] {
            for term in terms(content, list) {
                add(key, json(&term));
            }
        }
        // All rows of all settings are asked for, so one that says nothing must be seen too.
        add("created", "true".to_owned());
        rows
    }

    fn erasable(_: Option<&Found>) -> bool {
        false
    }

    fn decide(
        subject: Option<&Subject<'_, ()>>,
        wish: SettingsWish,
        desk: &Desk<'_>,
    ) -> Result<Vec<Draft>, SettingsRefusal> {
        decide::decide(subject, wish, desk)
    }
}

/// The terms of a list, in the order of their items. Of one code added twice at the same time the first holds.
fn terms(content: &Content, list: u16) -> Vec<Term> {
    let mut terms: Vec<Term> = Vec::new();
    for term in content.items(list).filter_map(|(item, fields)| term(*item, fields)) {
        if terms.iter().all(|other| other.code != term.code) {
            terms.push(term);
        }
    }
    terms
}

fn term(item: ItemId, fields: &Item) -> Option<Term> {
    let name = |field| fields.text(field).unwrap_or_default().to_owned();
    Some(Term {
        item: Some(item),
        code: fields.text(field::CODE)?.to_owned(),
        zh: name(field::ZH),
        en: name(field::EN),
        // Off only where somebody said so.
        active: fields.get(field::ACTIVE) != Some(&false.into()),
    })
}

/// Plain structs with text keys, and texts, always have a JSON form.
fn json(value: &(impl Serialize + ?Sized)) -> String {
    serde_json::to_string(value).unwrap_or_default()
}
