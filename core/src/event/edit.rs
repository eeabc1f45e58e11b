//! Typed edits: what an event may do to a document, in our own bounded encoding (R1).
//!
//! Every replica compiles them into an Automerge change itself; no Automerge bytes come from a peer.

#[cfg(feature = "uniffi")]
use crate::bindings::module_path;

use std::{fmt, str::FromStr};

use minicbor::{Decode, Decoder, Encode, Encoder, data::Tag, decode, encode};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::{
    id::{EventId, IdError, ShortId, tag},
    limits,
    qty::Qty,
};

/// A value of a field. A text is one scalar: two corrections of it stand side by side, they are never spliced.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(untagged)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Enum))]
pub enum Scalar {
    /// Nothing: the field is cleared.
    Null,
    /// Yes or no.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// A number that is none: one and a half. What is whole is an [`Int`](Self::Int), and made one by `From<Qty>`.
    Fraction(#[serde(deserialize_with = "fraction")] Qty),
    /// A text of at most [`limits::FIELD`] bytes.
    Text(String),
}

impl Scalar {
    /// The text, if it is one.
    pub fn text(&self) -> Option<&str> {
        if let Scalar::Text(text) = self { Some(text) } else { None }
    }

    /// The number, if it is a whole one.
    pub fn int(&self) -> Option<i64> {
        if let Scalar::Int(value) = self { Some(*value) } else { None }
    }

    /// The number, if it is one, whole or not, that a quantity can be.
    pub fn qty(&self) -> Option<Qty> {
        match self {
            Scalar::Int(units) => Qty::checked_whole(*units),
            Scalar::Fraction(qty) => Some(*qty),
            Scalar::Null | Scalar::Bool(_) | Scalar::Text(_) => None,
        }
    }
}

/// So that one number has one form.
fn fraction<'de, D: Deserializer<'de>>(from: D) -> Result<Qty, D::Error> {
    let qty = Qty::deserialize(from)?;
    if qty.is_whole() { Err(serde::de::Error::custom("a whole number has no point")) } else { Ok(qty) }
}

impl From<&str> for Scalar {
    fn from(text: &str) -> Self {
        Scalar::Text(text.to_owned())
    }
}

impl From<String> for Scalar {
    fn from(text: String) -> Self {
        Scalar::Text(text)
    }
}

impl From<i64> for Scalar {
    fn from(value: i64) -> Self {
        Scalar::Int(value)
    }
}

impl From<Qty> for Scalar {
    fn from(qty: Qty) -> Self {
        qty.units().map_or(Scalar::Fraction(qty), Scalar::Int)
    }
}

impl From<bool> for Scalar {
    fn from(value: bool) -> Self {
        Scalar::Bool(value)
    }
}

impl<T: Into<Scalar>> From<Option<T>> for Scalar {
    fn from(value: Option<T>) -> Self {
        value.map_or(Scalar::Null, Into::into)
    }
}

/// An item of a list: derived from the event that adds it, so that nobody can choose another's (R2).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ItemId([u8; ItemId::LEN]);

impl ItemId {
    /// Bytes of an item's name: the adding event's short id, and the edit's index in it.
    pub const LEN: usize = ShortId::LEN + 2;

    /// The item that the `nth` edit of an event adds.
    pub fn new(event: EventId, nth: u16) -> Self {
        Self::of(event.short(), nth)
    }

    /// The same, of an event by its short id.
    pub(super) fn of(event: ShortId, nth: u16) -> Self {
        let mut bytes = [0; Self::LEN];
        bytes[..ShortId::LEN].copy_from_slice(event.as_bytes());
        bytes[ShortId::LEN..].copy_from_slice(&nth.to_be_bytes());
        Self(bytes)
    }

    /// The event that adds it, and the edit's place in that.
    pub(super) fn parts(self) -> (ShortId, u16) {
        let (mut event, mut nth) = ([0; ShortId::LEN], [0; 2]);
        event.copy_from_slice(&self.0[..ShortId::LEN]);
        nth.copy_from_slice(&self.0[ShortId::LEN..]);
        (ShortId::from_bytes(event), u16::from_be_bytes(nth))
    }

    pub(super) const fn from_bytes(bytes: [u8; Self::LEN]) -> Self {
        Self(bytes)
    }

    pub(super) const fn as_bytes(&self) -> &[u8; Self::LEN] {
        &self.0
    }
}

impl fmt::Display for ItemId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

impl fmt::Debug for ItemId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for ItemId {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        let mut bytes = [0; Self::LEN];
        if text.len() != 2 * Self::LEN {
            return Err(IdError::Length { expected: 2 * Self::LEN, got: text.len() });
        }
        hex::decode_to_slice(text, &mut bytes).map_err(|_| IdError::Digit)?;
        Ok(Self(bytes))
    }
}

impl Serialize for ItemId {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        out.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for ItemId {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        String::deserialize(from)?.parse().map_err(serde::de::Error::custom)
    }
}

/// One edit. Field and list numbers are those of the aggregate's schema.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "uniffi", derive(uniffi::Enum))]
pub enum Edit {
    /// Puts a field at the root.
    Put {
        /// The field's number in the schema.
        field: u16,
        /// Its new value.
        value: Scalar,
    },
    /// Adds an item, named by this event and this edit's place in it.
    Add {
        /// The list's number in the schema.
        list: u16,
        /// Its first values.
        fields: Vec<(u16, Scalar)>,
    },
    /// Puts a field of an item. An item that is not there, or removed, stays as it is.
    PutItem {
        /// The list's number in the schema.
        list: u16,
        /// The item to change.
        item: ItemId,
        /// Which field of it.
        field: u16,
        /// Its new value.
        value: Scalar,
    },
    /// Removes an item. A concurrent edit of it stands beside the removal until a person chooses.
    Remove {
        /// The list's number in the schema.
        list: u16,
        /// The item to remove.
        item: ItemId,
    },
}

impl Edit {
    /// Puts a field at the root.
    pub fn put(field: u16, value: impl Into<Scalar>) -> Self {
        Edit::Put { field, value: value.into() }
    }
}

/// CBOR in payloads, which have no fractions: none is read, and who writes one has an unreadable payload. In an edit a value is
/// packed as the rest of a body is.
impl<C> Encode<C> for Scalar {
    fn encode<W: encode::Write>(&self, out: &mut Encoder<W>, _: &mut C) -> Result<(), encode::Error<W::Error>> {
        match self {
            Scalar::Null => out.null()?.ok(),
            Scalar::Bool(value) => out.bool(*value)?.ok(),
            Scalar::Int(value) => out.i64(*value)?.ok(),
            Scalar::Fraction(qty) => out.f64(qty.as_f64())?.ok(),
            Scalar::Text(text) => out.str(text)?.ok(),
        }
    }
}

impl<'b, C> Decode<'b, C> for Scalar {
    fn decode(from: &mut Decoder<'b>, _: &mut C) -> Result<Self, decode::Error> {
        use minicbor::data::Type;
        let at = from.position();
        Ok(match from.datatype()? {
            Type::Null => {
                from.null()?;
                Scalar::Null
            }
            Type::Bool => Scalar::Bool(from.bool()?),
            Type::String => {
                let text = from.str()?;
                if text.len() > limits::FIELD {
                    return Err(decode::Error::message("a text is too long").at(at));
                }
                Scalar::Text(text.to_owned())
            }
            _ => Scalar::Int(from.i64()?),
        })
    }
}

/// CBOR in payloads: a tag, and the bytes. In a body a number stands in their place.
impl<C> Encode<C> for ItemId {
    fn encode<W: encode::Write>(&self, out: &mut Encoder<W>, _: &mut C) -> Result<(), encode::Error<W::Error>> {
        out.tag(Tag::new(tag::ITEM))?.bytes(&self.0)?.ok()
    }
}

impl<'b, C> Decode<'b, C> for ItemId {
    fn decode(from: &mut Decoder<'b>, _: &mut C) -> Result<Self, decode::Error> {
        let at = from.position();
        if from.tag()? != Tag::new(tag::ITEM) {
            return Err(decode::Error::message("an item's name has another tag").at(at));
        }
        let bytes = from.bytes()?.try_into().map_err(|_| decode::Error::message("an item id has 18 bytes").at(at))?;
        Ok(Self(bytes))
    }
}
