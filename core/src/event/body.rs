//! Bodies: what an event says, to those who may read it. CBOR with integer keys.

use minicbor::{Decode, Decoder, Encode, data::Type};

use super::Edit;
use crate::{id::Reference, limits, time::WallMs};

/// What an event says. Fields that a newer build adds are skipped here and kept in the stored bytes.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Body {
    /// The aggregate it belongs to; none in a creating event and in the roster.
    #[n(0)]
    pub aggregate: Option<Reference>,
    /// The heads of what the author's fold contained, beside the implied ones.
    #[cbor(n(1), default, skip_if = "Vec::is_empty")]
    pub deps: Vec<Reference>,
    /// When, by the author's clock: a claim.
    #[n(2)]
    pub wall: WallMs,
    /// The kind of event.
    #[n(3)]
    pub kind: u16,
    /// The kind's version, from 1.
    #[n(4)]
    pub version: u16,
    /// CBOR that the kind defines.
    #[cbor(n(5), with = "minicbor::bytes")]
    pub payload: Vec<u8>,
    /// What it does to the document.
    #[cbor(n(6), default, skip_if = "Vec::is_empty")]
    pub edits: Vec<Edit>,
    /// 16 random bytes in care bodies, so that equal bodies are not seen to be equal.
    #[cbor(n(7), with = "minicbor::bytes")]
    pub salt: Option<Vec<u8>>,
}

/// Why bytes are not a body, or a body is not fit to be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BodyError {
    /// Larger than [`limits::SEALED_BODY`] when sealed.
    #[error("a body of {got} bytes is larger than {limit}")]
    TooLarge {
        /// Bytes it has.
        got: usize,
        /// Bytes it may have.
        limit: usize,
    },
    /// More of something than the limit.
    #[error("{got} {what}, at most {limit} are allowed")]
    TooMany {
        /// Of what.
        what: &'static str,
        /// How many there are.
        got: usize,
        /// How many there may be.
        limit: usize,
    },
    /// Containers inside containers beyond [`limits::NESTING`].
    #[error("containers nested more than {limit} deep")]
    TooDeep {
        /// How deep they may be.
        limit: usize,
    },
    /// Not CBOR, or not the CBOR of a body.
    #[error("not a body: {0}")]
    Garbled(&'static str),
}

impl Body {
    /// Checks every limit and encodes.
    ///
    /// # Errors
    /// The first limit that is passed.
    pub fn to_bytes(&self) -> Result<Vec<u8>, BodyError> {
        self.check()?;
        let bytes = minicbor::to_vec(self).map_err(|_| BodyError::Garbled("encoding"))?;
        check_shape(&bytes, limits::SEALED_BODY)?;
        check_shape(&self.payload, limits::FIELD)?;
        Ok(bytes)
    }

    /// Decodes and checks every limit. Costs no more than the bytes are long.
    ///
    /// # Errors
    /// Why this is no body.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, BodyError> {
        check_shape(bytes, limits::SEALED_BODY)?;
        let mut decoder = Decoder::new(bytes);
        let body: Body = decoder.decode().map_err(|_| BodyError::Garbled("structure"))?;
        if decoder.position() != bytes.len() {
            return Err(BodyError::Garbled("bytes after the end"));
        }
        body.check()?;
        check_shape(&body.payload, limits::FIELD)?;
        Ok(body)
    }

    fn check(&self) -> Result<(), BodyError> {
        at_most("deps", self.deps.len(), limits::DEPS)?;
        at_most("edits", self.edits.len(), limits::EDITS)?;
        at_most("edits", self.edits.iter().map(Edit::puts).sum(), limits::EDITS)?;
        at_most("bytes of salt", self.salt.as_ref().map_or(0, Vec::len), 16)?;
        if self.version == 0 {
            return Err(BodyError::Garbled("versions start at 1"));
        }
        Ok(())
    }
}

impl Edit {
    /// Fields it writes: an item added with many counts as many.
    fn puts(&self) -> usize {
        if let Edit::Add { fields, .. } = self { fields.len().max(1) } else { 1 }
    }
}

fn at_most(what: &'static str, got: usize, limit: usize) -> Result<(), BodyError> {
    if got > limit { Err(BodyError::TooMany { what, got, limit }) } else { Ok(()) }
}

/// Walks CBOR without building anything: definite lengths, nesting within bounds, texts within [`limits::FIELD`]
/// and byte strings within `longest` (the payload as a whole may be longer than a field), nothing cut short.
fn check_shape(bytes: &[u8], longest: usize) -> Result<(), BodyError> {
    let mut from = Decoder::new(bytes);
    let mut left: Vec<u64> = Vec::new();
    let garbled = |_| BodyError::Garbled("CBOR");
    while from.position() < bytes.len() {
        let children = match from.datatype().map_err(garbled)? {
            Type::Array => from.array().map_err(garbled)?.unwrap_or(0),
            Type::Map => from.map().map_err(garbled)?.unwrap_or(0).saturating_mul(2),
            Type::ArrayIndef | Type::MapIndef | Type::BytesIndef | Type::StringIndef | Type::Break => {
                return Err(BodyError::Garbled("indefinite lengths"));
            }
            Type::Tag => {
                from.tag().map_err(garbled)?;
                1
            }
            Type::String => {
                at_most("bytes in a text", from.str().map_err(garbled)?.len(), limits::FIELD)?;
                0
            }
            Type::Bytes => {
                at_most("bytes in a field", from.bytes().map_err(garbled)?.len(), longest)?;
                0
            }
            _ => {
                from.skip().map_err(garbled)?;
                0
            }
        };
        if children > bytes.len() as u64 {
            return Err(BodyError::Garbled("more promised than there is"));
        }
        if children > 0 {
            left.push(children);
            if left.len() > limits::NESTING {
                return Err(BodyError::TooDeep { limit: limits::NESTING });
            }
            continue;
        }
        while let Some(open) = left.last_mut() {
            *open -= 1;
            if *open > 0 {
                break;
            }
            left.pop();
        }
    }
    if left.is_empty() { Ok(()) } else { Err(BodyError::Garbled("cut short")) }
}
