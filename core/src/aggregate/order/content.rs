//! What people edit together in an order: its fields, its items, and how a screen or a search reads them.
//!
//! An edit is judged by its author's replica; a stranger's may put anything into a field. So nothing here trusts a
//! field to hold what its name promises.

use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;

use crate::aggregate::{Content, FieldSpec, ListSpec, Schema};

/// Numbers of the fields at the root.
pub mod field {
    /// Text: a code of the community's table of kinds.
    pub const KIND: u16 = 1;
    /// Text: a code of [`Urgency`](super::Urgency).
    pub const URGENCY: u16 = 2;
    /// Text: the unit (staircase) within the building.
    pub const UNIT: u16 = 3;
    /// Text: the room.
    pub const ROOM: u16 = 4;
    /// Text: whom to call, name and number.
    pub const CONTACT: u16 = 5;
    /// Text: everything else. One scalar, so that two corrections stand side by side.
    pub const NOTE: u16 = 6;
    /// Number: until when it is needed, milliseconds since 1970.
    pub const NEEDED_BY: u16 = 7;
    /// Text: the hospital of an escort.
    pub const HOSPITAL: u16 = 8;
    /// Text: the department there.
    pub const DEPARTMENT: u16 = 9;
    /// Number: when the appointment is, milliseconds since 1970.
    pub const APPOINTMENT: u16 = 10;
    /// Text: how the person moves, such as walks, wheelchair, lying.
    pub const MOBILITY: u16 = 11;
}

/// Numbers of an item's fields.
pub mod item_field {
    /// Text: what is asked for.
    pub const NAME: u16 = 1;
    /// Number: how many of [`UNIT`].
    pub const QTY: u16 = 2;
    /// Text: of what, such as box, kg.
    pub const UNIT: u16 = 3;
    /// Text: the reference of a product in the catalogue.
    pub const PRODUCT: u16 = 4;
}

/// Number of the list of items.
pub const ITEMS: u16 = 1;

const fn named(field: u16, name: &'static str) -> FieldSpec {
    FieldSpec { field, name }
}

pub(super) const FIELDS: &[FieldSpec] = &[
    named(field::KIND, "kind"),
    named(field::URGENCY, "urgency"),
    named(field::UNIT, "unit"),
    named(field::ROOM, "room"),
    named(field::CONTACT, "contact"),
    named(field::NOTE, "note"),
    named(field::NEEDED_BY, "needed_by"),
    named(field::HOSPITAL, "hospital"),
    named(field::DEPARTMENT, "department"),
    named(field::APPOINTMENT, "appointment"),
    named(field::MOBILITY, "mobility"),
];

pub(super) const ITEM_FIELDS: &[FieldSpec] = &[
    named(item_field::NAME, "name"),
    named(item_field::QTY, "qty"),
    named(item_field::UNIT, "unit"),
    named(item_field::PRODUCT, "product"),
];

pub(super) const SCHEMA: Schema =
    Schema { fields: FIELDS, lists: &[ListSpec { list: ITEMS, name: "items", fields: ITEM_FIELDS }] };

/// How soon it is needed.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Serialize,
    Deserialize,
    strum::IntoStaticStr,
    strum::VariantNames,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Urgency {
    /// Within the day.
    #[default]
    Normal,
    /// Within the hour.
    Urgent,
    /// Now.
    Emergency,
}

impl Urgency {
    /// The code in the document.
    pub fn code(self) -> &'static str {
        self.into()
    }

    /// The urgency with this code.
    pub fn from_code(code: &str) -> Option<Self> {
        [Urgency::Normal, Urgency::Urgent, Urgency::Emergency].into_iter().find(|urgency| urgency.code() == code)
    }

    /// 0 normal, 1 urgent, 2 emergency.
    pub const fn rank(self) -> i64 {
        match self {
            Urgency::Normal => 0,
            Urgency::Urgent => 1,
            Urgency::Emergency => 2,
        }
    }
}

/// The most urgent of the values that stand: while people disagree, the order is not made to wait.
pub(super) fn urgency(content: &Content) -> Urgency {
    let values = content.fields.get(&field::URGENCY).into_iter().flatten();
    values.filter_map(|value| value.value.text().and_then(Urgency::from_code)).max().unwrap_or_default()
}

/// A field's text, if it has any.
pub(super) fn text(content: &Content, field: u16) -> Option<&str> {
    content.text(field).filter(|text| !text.is_empty())
}

/// Fields and items over which people disagree.
pub(super) fn conflicts(content: &Content) -> usize {
    let root = content.fields.values().filter(|values| values.len() > 1).count();
    let items = content.items(ITEMS).map(|(_, item)| {
        item.fields.values().filter(|values| values.len() > 1).count() + usize::from(item.removal_contested)
    });
    root + items.sum::<usize>()
}

/// Text as it is compared: full width and half width are one, so are upper and lower case; no white space.
pub(super) fn plain(text: &str) -> String {
    text.nfkc().flat_map(char::to_lowercase).filter(|char| !char.is_whitespace()).collect()
}

/// The parts of an address that are there, in short: `3-2-1804`.
pub(super) fn address(building: &str, content: &Content) -> String {
    let parts = [Some(building), text(content, field::UNIT), text(content, field::ROOM)];
    parts.into_iter().flatten().collect::<Vec<_>>().join("-")
}

/// The same as people write it: `3号楼 2单元 1804`.
pub(super) fn address_in_words(building: &str, content: &Content) -> String {
    let mut words = vec![with_word(building, "号楼")];
    words.extend(text(content, field::UNIT).map(|unit| with_word(unit, "单元")));
    words.extend(text(content, field::ROOM).map(str::to_owned));
    words.join(" ")
}

/// A bare number or letter gets the word that people put behind it.
fn with_word(part: &str, word: &str) -> String {
    if part.chars().all(|char| char.is_ascii_alphanumeric()) { format!("{part}{word}") } else { part.to_owned() }
}
