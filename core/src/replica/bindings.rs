//! How names, days, places and sums cross to other languages, each under a name of its own.
//!
//! Ids, days, quantities and places in lists cross as texts, times as milliseconds since 1970. The text of an id is the one that
//! everything else of Linli prints. [`misread_as`] tells the bindings which text is none.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    fmt::Display,
    str::FromStr,
    sync::OnceLock,
};

use uniffi::deps::anyhow::{Error, anyhow};

use crate::{
    aggregate::{Position, medicine_box::Day},
    bindings::module_path,
    event::{ItemId, Scalar},
    id::{CommandId, CommunityId, DeviceId, Incarnation, LogId, MemberId, Reference},
    qty::Qty,
    time::WallMs,
};

/// Says that a text is not what a field takes: the field, and why.
pub type Misread = fn(&'static str, String) -> Error;

static MISREAD: OnceLock<Misread> = OnceLock::new();

/// How callers are told of texts that say nothing; what is given first holds. Before that no text is to be handed in.
pub fn misread_as(tell: Misread) {
    MISREAD.get_or_init(|| tell);
}

fn misread(field: &'static str, why: impl Display) -> Error {
    match MISREAD.get() {
        Some(tell) => tell(field, why.to_string()),
        None => anyhow!("{field}: {why}"),
    }
}

fn read<T: FromStr<Err: Display>>(field: &'static str, text: &str) -> Result<T, Error> {
    text.trim().parse().map_err(|error| misread(field, error))
}

fn as_json<T: serde::de::DeserializeOwned>(field: &'static str, text: &str) -> Result<T, Error> {
    serde_json::from_str(text).map_err(|error| misread(field, error))
}

/// What only comes out of the engine cannot be handed in.
fn one_way<T>() -> Result<T, Error> {
    Err(anyhow!("this comes out of the engine and is never handed in"))
}

/// A stable code, such as `delivered_twice`, for an app to translate.
pub type Code = &'static str;
/// A number of things; other languages know it as 64 bits.
pub type Count = usize;
/// A JSON value as text: the parameters of a sentence.
pub type Json = serde_json::Value;
/// The names of members, as this phone reads them.
pub type Names = BTreeMap<MemberId, String>;
/// Fields by their names, each with the values that stand.
pub type Fields = BTreeMap<&'static str, Vec<Scalar>>;
/// References in their order, each once.
pub type References = BTreeSet<Reference>;
/// Days in their order, each once.
pub type Days = BTreeSet<Day>;
/// Counts by what was counted.
pub type Counts = BTreeMap<String, u64>;
/// A field's number and the value put into it.
pub type FieldValue = (u16, Scalar);

macro_rules! text_ids {
    ($($id:ident: $field:literal),* $(,)?) => {
        $(uniffi::custom_type!($id, String, { try_lift: |text| read($field, &text), lower: |id| id.to_string() });)*
    };
}

text_ids! {
    CommunityId: "community",
    DeviceId: "device",
    MemberId: "member",
    CommandId: "command",
    LogId: "log",
    Reference: "reference",
    ItemId: "item",
}

uniffi::custom_type!(WallMs, i64, { try_lift: |ms| Ok(WallMs(ms)), lower: |wall| wall.0 });
uniffi::custom_type!(
    /// A calendar day: `2024-05-31`; `2024-05` is the last day of the month, as packages say it.
    Day, String, { try_lift: |day| read("day", &day), lower: |day| day.to_string() }
);
uniffi::custom_type!(
    /// How much, as a decimal text: `2`, `1.5`, `0.125`, at most three digits behind the point and no zeros that say nothing.
    /// A text, so that it is exact in every language and nobody takes a number of thousandths for it; for sums make a decimal
    /// of it.
    Qty, String, { try_lift: |qty| read("qty", &qty), lower: |qty| qty.to_string() }
);
uniffi::custom_type!(
    /// One life of a device's database: 16 hexadecimal digits.
    Incarnation, String, { try_lift: |life| read("incarnation", &life), lower: |life| life.to_string() }
);
uniffi::custom_type!(
    /// Where a page ended: handed in again as it is, with the same question.
    Position, String, {
        try_lift: |position| as_json("after", &position),
        lower: |position| serde_json::to_string(&position).unwrap_or_default(),
    }
);
uniffi::custom_type!(
    /// A stable code, such as `delivered_twice`, for an app to translate.
    Code, String, { remote, try_lift: |_code| one_way(), lower: |code| code.to_owned() }
);
uniffi::custom_type!(
    /// A number of things.
    Count, u64, {
        remote,
        try_lift: |count| Ok(usize::try_from(count).unwrap_or(usize::MAX)),
        lower: |count| u64::try_from(count).unwrap_or(u64::MAX),
    }
);
uniffi::custom_type!(
    /// A JSON value as text: the parameters of a sentence.
    Json, String, { remote, try_lift: |json| as_json("json", &json), lower: |json| json.to_string() }
);
uniffi::custom_type!(
    /// Members' names, where they have one and the key that seals it is held.
    Names, HashMap<MemberId, String>, {
        remote,
        try_lift: |names| Ok(names.into_iter().collect()),
        lower: |names| names.into_iter().collect(),
    }
);
uniffi::custom_type!(
    /// Fields by their names; the last value is shown, more than one is a conflict.
    Fields, HashMap<String, Vec<Scalar>>, {
        remote,
        try_lift: |_fields| one_way(),
        lower: |fields| fields.into_iter().map(|(name, values)| (name.to_owned(), values)).collect(),
    }
);
uniffi::custom_type!(
    /// References in their order, each once.
    References, Vec<Reference>, {
        remote,
        try_lift: |references| Ok(references.into_iter().collect()),
        lower: |references| references.into_iter().collect(),
    }
);
uniffi::custom_type!(
    /// Days in their order, each once.
    Days, Vec<Day>, {
        remote,
        try_lift: |days| Ok(days.into_iter().collect()),
        lower: |days| days.into_iter().collect(),
    }
);
uniffi::custom_type!(
    /// Counts by what was counted, such as `order.medicine.delivered`.
    Counts, HashMap<String, u64>, {
        remote,
        try_lift: |counts| Ok(counts.into_iter().collect()),
        lower: |counts| counts.into_iter().collect(),
    }
);

/// A field's number and the value put into it.
#[derive(Clone, Debug, uniffi::Record)]
pub struct NumberedValue {
    /// The field's number in the aggregate's schema.
    pub field: u16,
    /// The value put into it.
    pub value: Scalar,
}

uniffi::custom_type!(
    /// A field's number and the value put into it.
    FieldValue, NumberedValue, {
        remote,
        try_lift: |pair| Ok((pair.field, pair.value)),
        lower: |pair| NumberedValue { field: pair.0, value: pair.1 },
    }
);
