//! What all nouns are told in: codes, counts, names, values of fields, places in lists.
//!
//! Ids, days and places in lists cross as texts, times as milliseconds since 1970; both keep their names as types. All
//! of it is the core's: nothing is decided here.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use linli_core::{
    aggregate::{Position, medicine_box::Day},
    event::{Edit, ItemId, Scalar},
    id::{Incarnation, MemberId, Reference},
};

use crate::{LinliError, ids::read};

/// A stable code, such as `delivered_twice`, for an app to translate.
pub(crate) type Code = &'static str;
/// How many.
pub(crate) type Count = usize;
/// A JSON value as text: the parameters of a sentence.
pub(crate) type Json = serde_json::Value;
/// Members' names.
pub(crate) type Names = BTreeMap<MemberId, String>;
/// Fields by their names, each with the values that stand.
pub(crate) type Fields = BTreeMap<&'static str, Vec<Scalar>>;
/// References in their order, each once.
pub(crate) type References = BTreeSet<Reference>;
/// Days in their order, each once.
pub(crate) type Days = BTreeSet<Day>;
/// Counts by what was counted.
pub(crate) type Counts = BTreeMap<String, u64>;

/// What only comes out of the engine cannot be handed in.
#[derive(Debug, thiserror::Error)]
#[error("this comes out of the engine and is never handed in")]
struct OneWay;

uniffi::custom_type!(
    /// A stable code, such as `delivered_twice`, for an app to translate.
    Code, String, { remote, lower: |code| code.to_owned(), try_lift: |_code| Err(OneWay.into()) }
);
uniffi::custom_type!(
    /// How many.
    Count, u64, {
        remote,
        lower: |count| u64::try_from(count).unwrap_or(u64::MAX),
        try_lift: |count| Ok(usize::try_from(count).unwrap_or(usize::MAX)),
    }
);
uniffi::custom_type!(
    /// A JSON value as text: the parameters of a sentence.
    Json, String, {
        remote,
        lower: |json| json.to_string(),
        try_lift: |json| Ok(as_json("json", &json)?),
    }
);
uniffi::custom_type!(
    /// Members' names, where they have one and the key that seals it is held.
    Names, HashMap<MemberId, String>, {
        remote,
        lower: |names| names.into_iter().collect(),
        try_lift: |names| Ok(names.into_iter().collect()),
    }
);
uniffi::custom_type!(
    /// Fields by their names; the last value is shown, more than one is a conflict.
    Fields, HashMap<String, Vec<Scalar>>, {
        remote,
        lower: |fields| fields.into_iter().map(|(name, values)| (name.to_owned(), values)).collect(),
        try_lift: |_fields| Err(OneWay.into()),
    }
);
uniffi::custom_type!(
    /// References in their order, each once.
    References, Vec<Reference>, {
        remote,
        lower: |references| references.into_iter().collect(),
        try_lift: |references| Ok(references.into_iter().collect()),
    }
);
uniffi::custom_type!(
    /// Days in their order, each once.
    Days, Vec<Day>, {
        remote,
        lower: |days| days.into_iter().collect(),
        try_lift: |days| Ok(days.into_iter().collect()),
    }
);
uniffi::custom_type!(
    /// Counts by what was counted, such as `order.medicine.delivered`.
    Counts, HashMap<String, u64>, {
        remote,
        lower: |counts| counts.into_iter().collect(),
        try_lift: |counts| Ok(counts.into_iter().collect()),
    }
);
uniffi::custom_type!(
    /// Where a page ended: handed in again as it is, with the same question.
    Position, String, {
        remote,
        lower: |position| serde_json::to_string(&position).unwrap_or_default(),
        try_lift: |position| Ok(as_json("after", &position)?),
    }
);
uniffi::custom_type!(
    /// A calendar day: `2024-05-31`; `2024-05` is the last day of the month, as packages say it.
    Day, String, { remote, lower: |day| day.to_string(), try_lift: |day| Ok(read("day", &day)?) }
);
uniffi::custom_type!(
    /// One life of a device's database: 16 hexadecimal digits.
    Incarnation, String, { remote, lower: |life| life.to_string(), try_lift: |life| Ok(read("incarnation", &life)?) }
);

/// A value of a field.
#[uniffi::remote(Enum)]
pub enum Scalar {
    /// Nothing: the field is cleared.
    Null,
    /// Yes or no.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// A text.
    Text(String),
}

/// A field's number and the value put into it.
pub(crate) type FieldValue = (u16, Scalar);

/// A field's number and the value put into it.
#[derive(Clone, Debug, uniffi::Record)]
pub struct NumberedValue {
    /// The field's number in the aggregate's schema.
    pub field: u16,
    /// Its value.
    pub value: Scalar,
}

uniffi::custom_type!(
    /// A field's number and the value put into it.
    FieldValue, NumberedValue, {
        remote,
        lower: |pair| NumberedValue { field: pair.0, value: pair.1 },
        try_lift: |pair| Ok((pair.field, pair.value)),
    }
);

/// One edit of what people edit together. Numbers of fields and lists are those of the aggregate's schema.
#[uniffi::remote(Enum)]
pub enum Edit {
    /// Puts a field.
    Put {
        /// Which field.
        field: u16,
        /// Its new value.
        value: Scalar,
    },
    /// Adds an item.
    Add {
        /// Which list.
        list: u16,
        /// Its first values.
        fields: Vec<FieldValue>,
    },
    /// Puts a field of an item.
    PutItem {
        /// Which list.
        list: u16,
        /// Which item.
        item: ItemId,
        /// Which field of it.
        field: u16,
        /// Its new value.
        value: Scalar,
    },
    /// Removes an item.
    Remove {
        /// Which list.
        list: u16,
        /// Which item.
        item: ItemId,
    },
}

/// Reads what crossed as JSON out of a caller's text.
fn as_json<T: serde::de::DeserializeOwned>(field: &str, text: &str) -> Result<T, LinliError> {
    serde_json::from_str(text).map_err(|error| LinliError::input(field, error))
}

/// Rows wanted, as core counts them; 0 is as many as a page holds.
pub(crate) fn rows(limit: u64) -> usize {
    usize::try_from(limit).unwrap_or(usize::MAX)
}
