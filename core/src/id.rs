//! Names: fixed-size ids with few doors.
//!
//! An id is bytes with a meaning. Bytes come in through `from_bytes`, text through [`FromStr`]; both are
//! checked for length and nothing else, because whether a device or an event exists is for the log to say.
//! This module knows no keys, no hashes and no clock.

use std::{fmt, str::FromStr};

use minicbor::data::Tag;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Why a text is not an id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum IdError {
    /// The text has the wrong length.
    #[error("an id of this kind has {expected} hexadecimal digits, not {got}")]
    Length {
        /// Digits an id of this kind has.
        expected: usize,
        /// Digits the text has.
        got: usize,
    },
    /// The text holds something that is no hexadecimal digit.
    #[error("an id is written in hexadecimal digits")]
    Digit,
}

/// The greatest place that anything may name: what a store counts to. No log gets there.
pub(crate) const LAST_PLACE: u64 = i64::MAX as u64;

/// CBOR tags behind which names stand in a payload. In a body each has a number in their place.
pub(crate) mod tag {
    /// Of an event.
    pub(crate) const EVENT: u64 = 6;
    /// Of an item of a list.
    pub(crate) const ITEM: u64 = 7;
    /// Of a log.
    pub(crate) const LOG: u64 = 8;
}

macro_rules! id_type {
    ($(#[$doc:meta])* $name:ident, $len:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name([u8; $len]);

        impl $name {
            /// Bytes in an id of this kind.
            pub const LEN: usize = $len;
            /// All bytes zero: the absent value, never the name of anything.
            pub const ZERO: Self = Self([0; $len]);

            /// Takes exactly as many bytes as such an id has.
            pub const fn from_bytes(bytes: [u8; $len]) -> Self {
                Self(bytes)
            }

            /// Takes a slice, if its length fits.
            pub fn from_slice(bytes: &[u8]) -> Option<Self> {
                bytes.try_into().ok().map(Self)
            }

            /// The bytes themselves.
            pub const fn as_bytes(&self) -> &[u8; $len] {
                &self.0
            }
        }

        /// Whole and copyable.
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&hex::encode(self.0))
            }
        }

        /// Eight digits, for log lines.
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&hex::encode(&self.0[..4]))
            }
        }

        impl FromStr for $name {
            type Err = IdError;

            fn from_str(text: &str) -> Result<Self, IdError> {
                let mut bytes = [0; $len];
                if text.len() != 2 * $len {
                    return Err(IdError::Length { expected: 2 * $len, got: text.len() });
                }
                hex::decode_to_slice(text, &mut bytes).map_err(|_| IdError::Digit)?;
                Ok(Self(bytes))
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
                out.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                String::deserialize(from)?.parse().map_err(serde::de::Error::custom)
            }
        }
    };
}

/// CBOR of ids that stand in a body as often as they are meant: a byte string.
macro_rules! as_bytes {
    ($($name:ident)*) => {
        $(
            impl<C> minicbor::Encode<C> for $name {
                fn encode<W: minicbor::encode::Write>(
                    &self,
                    out: &mut minicbor::Encoder<W>,
                    _: &mut C,
                ) -> Result<(), minicbor::encode::Error<W::Error>> {
                    out.bytes(&self.0)?.ok()
                }
            }

            impl<'b, C> minicbor::Decode<'b, C> for $name {
                fn decode(from: &mut minicbor::Decoder<'b>, _: &mut C) -> Result<Self, minicbor::decode::Error> {
                    let at = from.position();
                    Self::from_slice(from.bytes()?)
                        .ok_or_else(|| minicbor::decode::Error::message("an id has the wrong length").at(at))
                }
            }
        )*
    };
}

id_type! {
    /// A community (小区): the id of its founding event.
    CommunityId, 32
}
id_type! {
    /// A device, named by its public Ed25519 signing key.
    DeviceId, 32
}
id_type! {
    /// A member, a person: named by the first device admitted for them.
    MemberId, 32
}
id_type! {
    /// An event: its chain hash.
    EventId, 32
}
id_type! {
    /// An epoch key, named by a hash of it.
    EpochId, 16
}
id_type! {
    /// What stands on the wire for a topic: a keyed hash that says nothing to outsiders.
    TopicTag, 16
}
id_type! {
    /// A caller's own name for one command. The same id again returns the first result.
    CommandId, 16
}
id_type! {
    /// One life of a device's database. A restored or copied database takes a new one.
    Incarnation, 8
}
id_type! {
    /// A log: the first 16 bytes of a hash of (device, incarnation, topic tag), so that nobody finds two logs of one
    /// name.
    LogId, 16
}
id_type! {
    /// The first 16 bytes of an event id: enough that nobody finds two events of one place and one name.
    ShortId, 16
}

as_bytes! { CommunityId DeviceId MemberId EventId EpochId TopicTag CommandId Incarnation ShortId }

impl EventId {
    /// The first 16 bytes.
    pub fn short(&self) -> ShortId {
        let mut short = [0; ShortId::LEN];
        short.copy_from_slice(&self.0[..ShortId::LEN]);
        ShortId(short)
    }
}

impl MemberId {
    /// The member whose first device this is.
    pub fn first_device(device: DeviceId) -> Self {
        Self(*device.as_bytes())
    }
}

/// How one event names another: the log, the place in it, and enough of the id to tell branches apart.
///
/// An aggregate is named by the reference of its creating event. Text: `log-seq-check`, hexadecimal, decimal,
/// hexadecimal.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Reference {
    /// The log the event stands in.
    pub log: LogId,
    /// Its place in the log, from 0.
    pub seq: u64,
    /// The first 16 bytes of its id.
    pub check: ShortId,
}

impl Reference {
    /// Bytes of the packed form: log, seq big-endian, check.
    pub const LEN: usize = LogId::LEN + 8 + ShortId::LEN;

    /// The packed form; sorts as the reference does.
    pub fn to_bytes(self) -> [u8; Self::LEN] {
        let mut bytes = [0; Self::LEN];
        bytes[..LogId::LEN].copy_from_slice(&self.log.0);
        bytes[LogId::LEN..LogId::LEN + 8].copy_from_slice(&self.seq.to_be_bytes());
        bytes[LogId::LEN + 8..].copy_from_slice(&self.check.0);
        bytes
    }

    /// Reads the packed form.
    pub fn from_bytes(bytes: [u8; Self::LEN]) -> Self {
        Self {
            log: LogId(part(&bytes, 0)),
            seq: u64::from_be_bytes(part(&bytes, LogId::LEN)),
            check: ShortId(part(&bytes, LogId::LEN + 8)),
        }
    }

    /// Reads the packed form from a slice, if its length fits.
    pub fn from_slice(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self::from_bytes)
    }
}

/// So many bytes of a packed reference, from a place on.
fn part<const N: usize>(bytes: &[u8; Reference::LEN], from: usize) -> [u8; N] {
    std::array::from_fn(|at| bytes[from + at])
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}-{}", self.log, self.seq, self.check)
    }
}

impl fmt::Debug for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}-{}", self.log, self.seq)
    }
}

impl FromStr for Reference {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        let mut parts = text.split('-');
        let (Some(log), Some(seq), Some(check), None) = (parts.next(), parts.next(), parts.next(), parts.next()) else {
            return Err(IdError::Digit);
        };
        Ok(Self { log: log.parse()?, seq: seq.parse().map_err(|_| IdError::Digit)?, check: check.parse()? })
    }
}

impl Serialize for Reference {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        out.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Reference {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        String::deserialize(from)?.parse().map_err(serde::de::Error::custom)
    }
}

/// CBOR in payloads: a tag, and the bytes.
impl<C> minicbor::Encode<C> for LogId {
    fn encode<W: minicbor::encode::Write>(
        &self,
        out: &mut minicbor::Encoder<W>,
        _: &mut C,
    ) -> Result<(), minicbor::encode::Error<W::Error>> {
        out.tag(Tag::new(tag::LOG))?.bytes(&self.0)?.ok()
    }
}

impl<'b, C> minicbor::Decode<'b, C> for LogId {
    fn decode(from: &mut minicbor::Decoder<'b>, _: &mut C) -> Result<Self, minicbor::decode::Error> {
        tagged(from, tag::LOG)?;
        sized(from, Self::from_slice)
    }
}

/// Passes over a tag.
fn tagged(from: &mut minicbor::Decoder<'_>, tag: u64) -> Result<(), minicbor::decode::Error> {
    let at = from.position();
    if from.tag()? == Tag::new(tag) {
        return Ok(());
    }
    Err(minicbor::decode::Error::message("a name has another tag").at(at))
}

fn sized<T>(
    from: &mut minicbor::Decoder<'_>,
    read: impl FnOnce(&[u8]) -> Option<T>,
) -> Result<T, minicbor::decode::Error> {
    let at = from.position();
    read(from.bytes()?).ok_or_else(|| minicbor::decode::Error::message("an id has the wrong length").at(at))
}

/// CBOR in payloads: a tag, and an array of log, seq, check.
impl<C> minicbor::Encode<C> for Reference {
    fn encode<W: minicbor::encode::Write>(
        &self,
        out: &mut minicbor::Encoder<W>,
        _: &mut C,
    ) -> Result<(), minicbor::encode::Error<W::Error>> {
        out.tag(Tag::new(tag::EVENT))?.array(3)?.bytes(&self.log.0)?.u64(self.seq)?.bytes(&self.check.0)?.ok()
    }
}

impl<'b, C> minicbor::Decode<'b, C> for Reference {
    fn decode(from: &mut minicbor::Decoder<'b>, _: &mut C) -> Result<Self, minicbor::decode::Error> {
        tagged(from, tag::EVENT)?;
        let at = from.position();
        if from.array()? != Some(3) {
            return Err(minicbor::decode::Error::message("a reference has three parts").at(at));
        }
        let log = sized(from, LogId::from_slice)?;
        Ok(Self { log, seq: from.u64()?, check: sized(from, ShortId::from_slice)? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_and_references_survive_text_and_bytes() {
        let reference =
            Reference { log: LogId::from_bytes([1; 16]), seq: u64::MAX, check: ShortId::from_bytes([0xfe; 16]) };

        assert_eq!(reference.to_string().parse(), Ok(reference));
        assert_eq!(Reference::from_bytes(reference.to_bytes()), reference);
        let cbor = minicbor::to_vec(reference).expect("a vector takes any length");
        assert_eq!(minicbor::decode::<Reference>(&cbor).expect("just written"), reference);
    }

    #[test]
    fn text_that_is_no_id_says_why() {
        assert_eq!("abc".parse::<LogId>(), Err(IdError::Length { expected: 32, got: 3 }));
        assert_eq!("z".repeat(32).parse::<LogId>(), Err(IdError::Digit));
        assert_eq!("not-a-reference-at-all".parse::<Reference>(), Err(IdError::Digit));
    }
}
