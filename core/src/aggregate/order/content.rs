//! What people edit together in an order: its fields, its items, what a new one says of them, and how a screen or a search
//! reads them.
//!
//! An edit is judged by its author's replica; a stranger's may put anything into a field. So nothing here trusts a
//! field to hold what its name promises.

#[cfg(feature = "uniffi")]
use crate::bindings::module_path;

use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;

use super::fact::Way;
use crate::{
    aggregate::{Content, FieldSpec, ListSpec, Schema},
    event::Scalar,
    qty::Qty,
    time::WallMs,
};

/// Declares the fields at the root: each with its number and its name in the document, and what a new order says of it.
macro_rules! fields {
    ($($(#[$about:meta])* $field:ident = $number:literal, $name:literal, $said:expr;)*) => {
        /// Numbers of the fields at the root.
        pub mod field {
            $($(#[$about])* pub const $field: u16 = $number;)*
        }

        pub(super) const FIELDS: &[FieldSpec] = &[$(named(field::$field, $name),)*];

        impl NewOrder {
            /// What it says of each field.
            pub(super) fn said(&self) -> Vec<(FieldSpec, Option<Scalar>)> {
                vec![$({
                    let said: fn(&NewOrder) -> Option<Scalar> = $said;
                    (named(field::$field, $name), said(self))
                },)*]
            }
        }
    };
}

fields! {
    /// Text: a code of the community's table of kinds.
    KIND = 1, "kind", |order| Some(order.kind.as_str().into());
    /// Text: a code of [`Urgency`](super::Urgency).
    URGENCY = 2, "urgency", |order| Some(order.urgency.code().into());
    /// Text: the unit (staircase) within the building.
    UNIT = 3, "unit", |order| words(&order.unit);
    /// Text: the room.
    ROOM = 4, "room", |order| words(&order.room);
    /// Text: whom to call, name and number.
    CONTACT = 5, "contact", |order| words(&order.contact);
    /// Text: everything else. One scalar, so that two corrections stand side by side.
    NOTE = 6, "note", |order| words(&order.note);
    /// Number: until when it is needed, milliseconds since 1970.
    NEEDED_BY = 7, "needed_by", |order| moment(order.needed_by);
    /// Text: the hospital of an escort.
    HOSPITAL = 8, "hospital", |order| words(&order.escort.hospital);
    /// Text: the department there.
    DEPARTMENT = 9, "department", |order| words(&order.escort.department);
    /// Number: when the appointment is, milliseconds since 1970.
    APPOINTMENT = 10, "appointment", |order| moment(order.escort.appointment);
    /// Text: how the person moves, such as walks, wheelchair, lying.
    MOBILITY = 11, "mobility", |order| words(&order.escort.mobility);
}

/// A text, if there is one.
fn words(text: &Option<String>) -> Option<Scalar> {
    text.as_deref().filter(|text| !text.trim().is_empty()).map(Scalar::from)
}

fn moment(wall: Option<WallMs>) -> Option<Scalar> {
    wall.map(|wall| wall.0.into())
}

/// Numbers of an item's fields.
pub mod item_field {
    /// Text: what is asked for.
    pub const NAME: u16 = 1;
    /// Number, whole or not: how many of [`UNIT`].
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

pub(super) const ITEM_FIELDS: &[FieldSpec] = &[
    named(item_field::NAME, "name"),
    named(item_field::QTY, "qty"),
    named(item_field::UNIT, "unit"),
    named(item_field::PRODUCT, "product"),
];

pub(super) const SCHEMA: Schema =
    Schema { fields: FIELDS, lists: &[ListSpec { list: ITEMS, name: "items", fields: ITEM_FIELDS }] };

/// An item to add.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct NewItem {
    /// What is asked for, as people call it; never empty.
    pub name: String,
    /// How much: more than nothing.
    #[cfg_attr(feature = "uniffi", uniffi(default))]
    pub qty: Option<Qty>,
    /// Of what, such as box, kg.
    #[cfg_attr(feature = "uniffi", uniffi(default))]
    pub unit: Option<String>,
    /// The reference of a product in the catalogue.
    #[cfg_attr(feature = "uniffi", uniffi(default))]
    pub product: Option<String>,
}

/// Where to accompany somebody.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct Escort {
    /// The hospital, by name.
    #[cfg_attr(feature = "uniffi", uniffi(default))]
    pub hospital: Option<String>,
    /// The department in it.
    #[cfg_attr(feature = "uniffi", uniffi(default))]
    pub department: Option<String>,
    /// When the appointment is.
    #[cfg_attr(feature = "uniffi", uniffi(default))]
    pub appointment: Option<WallMs>,
    /// How the person moves.
    #[cfg_attr(feature = "uniffi", uniffi(default))]
    pub mobility: Option<String>,
}

/// A new order.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct NewOrder {
    /// The building; needed, fixed for life.
    pub building: String,
    /// The unit (单元), if the building has any.
    #[cfg_attr(feature = "uniffi", uniffi(default))]
    pub unit: Option<String>,
    /// The room, if one is named.
    #[cfg_attr(feature = "uniffi", uniffi(default))]
    pub room: Option<String>,
    /// A code of the community's table of kinds; needed.
    pub kind: String,
    /// How soon it must be.
    pub urgency: Urgency,
    /// Whom to call.
    #[cfg_attr(feature = "uniffi", uniffi(default))]
    pub contact: Option<String>,
    /// Everything else, in words.
    #[cfg_attr(feature = "uniffi", uniffi(default))]
    pub note: Option<String>,
    /// The last moment at which it still helps.
    #[cfg_attr(feature = "uniffi", uniffi(default))]
    pub needed_by: Option<WallMs>,
    /// What is asked for.
    #[cfg_attr(feature = "uniffi", uniffi(default))]
    pub items: Vec<NewItem>,
    /// Where to accompany somebody.
    #[cfg_attr(feature = "uniffi", uniffi(default))]
    pub escort: Escort,
    /// Who asked, if not the author.
    #[cfg_attr(feature = "uniffi", uniffi(default))]
    pub asked_by: Option<String>,
    /// By which way.
    pub way: Way,
    /// When it was asked, if it is written down later.
    #[cfg_attr(feature = "uniffi", uniffi(default))]
    pub happened_at: Option<WallMs>,
}

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
#[cfg_attr(feature = "uniffi", derive(uniffi::Enum))]
pub enum Urgency {
    /// Within the day.
    #[default]
    Normal,
    /// Within the hour.
    Urgent,
    /// At once, before all else.
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
