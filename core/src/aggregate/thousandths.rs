//! Quantities as payloads hold them: in thousandths, so that half a tablet can be written one day.
//!
//! This build counts whole units. Only a later build reads a part of a unit: the event is held as newer, and counts
//! once a later build opens the home.

use minicbor::{
    Decoder, Encoder,
    decode::Error as Unreadable,
    encode::{Error as Unwritable, Write},
};

use super::choice::Later;

const EACH: i64 = 1_000;

/// Writes units as thousandths.
pub(super) fn encode<C, T: Copy + Into<i64>, W: Write>(
    units: &T,
    out: &mut Encoder<W>,
    _: &mut C,
) -> Result<(), Unwritable<W::Error>> {
    out.i64((*units).into().saturating_mul(EACH))?.ok()
}

/// Reads thousandths as units.
pub(super) fn decode<'b, C, T: TryFrom<i64>>(from: &mut Decoder<'b>, _: &mut C) -> Result<T, Unreadable> {
    let at = from.position();
    let thousandths = from.i64()?;
    if thousandths % EACH != 0 {
        return Err(Unreadable::custom(Later).at(at));
    }
    T::try_from(thousandths / EACH).map_err(|_| Unreadable::message("no such quantity").at(at))
}

/// The same where there may be none.
pub(super) mod option {
    use super::{Decoder, Encoder, Unreadable, Unwritable, Write};

    /// Writes units as thousandths, or nothing.
    pub(in crate::aggregate) fn encode<C, T: Copy + Into<i64>, W: Write>(
        units: &Option<T>,
        out: &mut Encoder<W>,
        ctx: &mut C,
    ) -> Result<(), Unwritable<W::Error>> {
        match units {
            Some(units) => super::encode(units, out, ctx),
            None => out.null()?.ok(),
        }
    }

    /// Reads thousandths as units, or nothing.
    pub(in crate::aggregate) fn decode<'b, C, T: TryFrom<i64>>(
        from: &mut Decoder<'b>,
        ctx: &mut C,
    ) -> Result<Option<T>, Unreadable> {
        if from.datatype()? == minicbor::data::Type::Null {
            return from.null().map(|()| None);
        }
        super::decode(from, ctx).map(Some)
    }

    /// Whether there is none.
    pub(in crate::aggregate) fn is_nil<T>(units: &Option<T>) -> bool {
        units.is_none()
    }

    /// What a quantity is read as that is absent or null.
    #[allow(clippy::option_option, reason = "as the derived code asks for it")]
    pub(in crate::aggregate) fn nil<T>() -> Option<Option<T>> {
        Some(None)
    }
}
