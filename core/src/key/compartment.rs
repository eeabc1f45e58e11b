//! Compartments: who can read what a key seals.

use minicbor::{Decode, Decoder, Encode, Encoder, decode, encode};
use serde::Serialize;

/// Who can read: each compartment has its own epoch keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Compartment {
    /// All members who stand.
    Community,
    /// Holders of the `care` grant.
    Care,
}

impl Compartment {
    /// Its number on the wire.
    pub const fn code(self) -> u8 {
        match self {
            Compartment::Community => 0,
            Compartment::Care => 1,
        }
    }

    /// The compartment with this number.
    pub const fn from_code(code: u8) -> Option<Self> {
        match code {
            0 => Some(Compartment::Community),
            1 => Some(Compartment::Care),
            _ => None,
        }
    }
}

/// CBOR: its number.
impl<C> Encode<C> for Compartment {
    fn encode<W: encode::Write>(&self, out: &mut Encoder<W>, _: &mut C) -> Result<(), encode::Error<W::Error>> {
        out.u8(self.code())?.ok()
    }
}

impl<'b, C> Decode<'b, C> for Compartment {
    fn decode(from: &mut Decoder<'b>, _: &mut C) -> Result<Self, decode::Error> {
        let at = from.position();
        Self::from_code(from.u8()?).ok_or_else(|| decode::Error::message("no such compartment").at(at))
    }
}
