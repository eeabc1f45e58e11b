//! Choices that may be absent, read so that a choice of a later build is not taken for none.
//!
//! The derived reading takes an unknown word for none where a field may be absent, and loses its place behind it. So
//! each field that holds a choice and may be absent is read here.

use minicbor::{
    Decode, Decoder, Encode, Encoder,
    decode::Error as Unreadable,
    encode::{Error as Unwritable, Write},
};

/// Something that only a later build reads.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("of a later version")]
pub(super) struct Later;

/// Whether something could not be read because only a later build reads it.
pub(super) fn is_later(error: &Unreadable) -> bool {
    error.is_unknown_variant() || error.is_custom()
}

/// Writes a choice, or nothing.
pub(super) fn encode<C, T: Encode<C>, W: Write>(
    choice: &Option<T>,
    out: &mut Encoder<W>,
    ctx: &mut C,
) -> Result<(), Unwritable<W::Error>> {
    choice.encode(out, ctx)
}

/// Reads a choice, or nothing.
pub(super) fn decode<'b, C, T: Decode<'b, C>>(from: &mut Decoder<'b>, ctx: &mut C) -> Result<Option<T>, Unreadable> {
    let at = from.position();
    let later = |error: Unreadable| if is_later(&error) { Unreadable::custom(Later).at(at) } else { error };
    Option::decode(from, ctx).map_err(later)
}

/// Whether there is none.
pub(super) fn is_nil<T>(choice: &Option<T>) -> bool {
    choice.is_none()
}

/// What a choice is read as that is absent or null.
#[allow(clippy::option_option, reason = "as the derived code asks for it")]
pub(super) fn nil<T>() -> Option<Option<T>> {
    Some(None)
}
