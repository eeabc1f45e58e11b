//! What screens and decisions see of the settings: a row for each value, and the view that they come to.

#[cfg(feature = "uniffi")]
use crate::bindings::module_path;

use serde::{Deserialize, Serialize};

use super::{Settings, field};
use crate::{
    aggregate::{Cell, Content, Found, Item, Row, Select, Subject, Table, World, WorldError, product::every},
    event::ItemId,
    id::Reference,
};

/// One row for each value, as JSON under its key; lists have a row for each term, in order.
pub const SETTINGS: Table = Table { name: "settings", columns: &["key", "value"], indexes: &[&["key"]] };

/// The numbers that can be set: key, field, least, most. What is out of range counts as not set.
pub(super) const NUMBERS: [(&str, u16, i64, i64); 5] = [
    ("utc_offset_minutes", field::UTC_OFFSET_MINUTES, -12 * 60, 14 * 60),
    ("lease_urgent_minutes", field::LEASE_URGENT_MINUTES, 1, 7 * 24 * 60),
    ("lease_normal_minutes", field::LEASE_NORMAL_MINUTES, 1, 7 * 24 * 60),
    ("take_limit", field::TAKE_LIMIT, 1, 10_000),
    ("erase_after_days", field::ERASE_AFTER_DAYS, 1, 3650),
];

/// A word of a community table: a kind of order, a category of a report.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record), uniffi(name = "SettingsTerm"))]
pub struct Term {
    /// The item, to edit it by; `None` for a default that is in no document.
    #[serde(default)]
    #[cfg_attr(feature = "uniffi", uniffi(default))]
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
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
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

impl SettingsView {
    /// The settings as a decision sees them.
    ///
    /// # Errors
    /// When the store cannot answer.
    pub fn seen_by(world: &dyn World) -> Result<Self, WorldError> {
        Ok(Self::from_rows(&every(world, Select::from(SETTINGS.name))?))
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

pub(super) fn rows(subject: &Subject<'_, ()>) -> Vec<Row> {
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

/// The terms of a list, in the order of their items. Of one code added twice at the same time the first holds.
pub(super) fn terms(content: &Content, list: u16) -> Vec<Term> {
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
