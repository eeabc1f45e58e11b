//! Payloads: CBOR of which this module knows the shape, and the names in it.
//!
//! In memory a name stands whole, behind a tag. In a body the number of that name stands in its place. Whoever defines
//! a kind sees the first form alone. All other bytes are copied as they are, and refused if they are not the only form
//! of what they say.

use super::{
    BodyError, ItemId,
    names::{Numbers, Table},
};
use crate::{
    id::{LogId, Reference, ShortId, tag},
    limits,
};

/// What becomes of a name.
pub(super) enum Turn<'a> {
    /// It gets a number; nothing is written.
    Meet(&'a mut Numbers),
    /// Its number is written.
    Number(&'a mut Numbers),
    /// It is written in the place of its number.
    Restore(&'a mut Table),
}

/// Copies a payload, names turned. Costs no more than the bytes are long.
///
/// # Errors
/// Why it is none.
pub(super) fn turned(payload: &[u8], turn: Turn<'_>) -> Result<Vec<u8>, BodyError> {
    let mut walk = Walk { rest: payload, out: Vec::with_capacity(payload.len()), turn, names: 0 };
    while !walk.rest.is_empty() {
        walk.value(0)?;
    }
    Ok(walk.out)
}

const UNSIGNED: u8 = 0;
const NEGATIVE: u8 = 1;
const BYTES: u8 = 2;
const TEXT: u8 = 3;
const ARRAY: u8 = 4;
const MAP: u8 = 5;
const TAG: u8 = 6;

const SHORT: BodyError = BodyError::Garbled("cut short");

struct Walk<'a, 'b> {
    rest: &'a [u8],
    out: Vec<u8>,
    turn: Turn<'b>,
    /// Names so far.
    names: usize,
}

impl<'a> Walk<'a, '_> {
    /// The kind of what comes next and its number; the bytes are not copied yet.
    fn head(&mut self) -> Result<(u8, u64, &'a [u8]), BodyError> {
        let all = self.rest;
        let (first, mut rest) = all.split_first().ok_or(SHORT)?;
        let (major, info) = (first >> 5, first & 0x1f);
        let width = match info {
            0..=23 => 0,
            24..=27 => 1_usize << (info - 24),
            31 => return Err(BodyError::Garbled("indefinite lengths")),
            _ => return Err(BodyError::Garbled("CBOR")),
        };
        let (bytes, more) = rest.split_at_checked(width).ok_or(SHORT)?;
        rest = more;
        let value = bytes.iter().fold(0, |value: u64, byte| value << 8 | u64::from(*byte));
        let value = if width == 0 { u64::from(info) } else { value };
        let least = match width {
            0 => 0,
            1 => 24,
            _ => 1 << (4 * width),
        };
        if major < 7 && value < least {
            return Err(BodyError::Garbled("a number is not in its shortest form"));
        }
        self.rest = rest;
        Ok((major, value, all.get(..=width).unwrap_or(all)))
    }

    /// One value and all in it.
    fn value(&mut self, depth: usize) -> Result<(), BodyError> {
        let (major, value, head) = self.head()?;
        if major == TAG && [tag::EVENT, tag::ITEM, tag::LOG].contains(&value) {
            return self.name(value);
        }
        self.out.extend_from_slice(head);
        match major {
            UNSIGNED | NEGATIVE => Ok(()),
            BYTES => self.string("bytes in a field", value).map(|_| ()),
            TEXT => {
                let text = self.string("bytes in a text", value)?;
                std::str::from_utf8(text).map(|_| ()).map_err(|_| BodyError::Garbled("a text is no UTF-8"))
            }
            ARRAY => self.children(value, depth),
            MAP => self.map(value, depth),
            TAG => self.children(1, depth),
            // True, false, null and numbers with a point; one byte more stands for what is none of them.
            _ if head.len() == 2 && value < 32 => Err(BodyError::Garbled("CBOR")),
            _ => Ok(()),
        }
    }

    fn string(&mut self, what: &'static str, length: u64) -> Result<&'a [u8], BodyError> {
        let length = usize::try_from(length).unwrap_or(usize::MAX);
        let (taken, rest) = self.rest.split_at_checked(length).ok_or(SHORT)?;
        if length > limits::FIELD {
            return Err(BodyError::TooMany { what, got: length, limit: limits::FIELD });
        }
        self.rest = rest;
        self.out.extend_from_slice(taken);
        Ok(taken)
    }

    /// Opens a container. An empty one opens none.
    fn open(&self, children: u64, depth: usize) -> Result<usize, BodyError> {
        if children > self.rest.len() as u64 {
            return Err(BodyError::Garbled("more promised than there is"));
        }
        if children > 0 && depth == limits::NESTING {
            return Err(BodyError::TooDeep { limit: limits::NESTING });
        }
        Ok(depth + 1)
    }

    fn children(&mut self, count: u64, depth: usize) -> Result<(), BodyError> {
        let inside = self.open(count, depth)?;
        (0..count).try_for_each(|_| self.value(inside))
    }

    fn map(&mut self, count: u64, depth: usize) -> Result<(), BodyError> {
        let inside = self.open(count.saturating_mul(2), depth)?;
        let mut last: Option<&[u8]> = None;
        for _ in 0..count {
            let (from, names) = (self.rest, self.names);
            self.value(inside)?;
            let key = from.get(..from.len() - self.rest.len()).unwrap_or(from);
            if self.names > names || last.is_some_and(|last| last >= key) {
                return Err(BodyError::Garbled("keys of a map out of order"));
            }
            last = Some(key);
            self.value(inside)?;
        }
        Ok(())
    }

    /// A name or its number, behind its tag.
    fn name(&mut self, kind: u64) -> Result<(), BodyError> {
        self.names += 1;
        if self.names > limits::NAMES {
            return Err(BodyError::TooMany { what: "names", got: self.names, limit: limits::NAMES });
        }
        put(&mut self.out, TAG, kind);
        if matches!(self.turn, Turn::Restore(_)) { self.restore(kind) } else { self.number(kind) }
    }

    fn number(&mut self, kind: u64) -> Result<(), BodyError> {
        match kind {
            tag::EVENT => {
                self.demand(ARRAY, 3)?;
                let log = LogId::from_bytes(self.array()?);
                let seq = self.argument(UNSIGNED)?;
                let event = Reference { log, seq, check: ShortId::from_bytes(self.array()?) };
                if let Turn::Meet(numbers) | Turn::Number(numbers) = &mut self.turn {
                    put(&mut self.out, UNSIGNED, numbers.event(event));
                }
            }
            tag::LOG => {
                let log = LogId::from_bytes(self.array()?);
                if let Turn::Meet(numbers) | Turn::Number(numbers) = &mut self.turn {
                    put(&mut self.out, UNSIGNED, numbers.log(log));
                }
            }
            _ => {
                let item = ItemId::from_bytes(self.array()?);
                // Items come after all events: only then it is known which of these added them.
                if let Turn::Number(numbers) = &mut self.turn {
                    let (adder, nth) = numbers.item(item);
                    put(&mut self.out, ARRAY, 2);
                    put(&mut self.out, UNSIGNED, adder);
                    put(&mut self.out, UNSIGNED, nth.into());
                }
            }
        }
        Ok(())
    }

    fn restore(&mut self, kind: u64) -> Result<(), BodyError> {
        let item = kind == tag::ITEM;
        if item {
            self.demand(ARRAY, 2)?;
        }
        let number = self.argument(UNSIGNED)?;
        let nth = if item { self.argument(UNSIGNED)? } else { 0 };
        let nth = u16::try_from(nth).map_err(|_| BodyError::Garbled("a number is too great"))?;
        let Turn::Restore(table) = &mut self.turn else { return Ok(()) };
        match kind {
            tag::EVENT => {
                let event = table.event(number)?;
                put(&mut self.out, ARRAY, 3);
                put_bytes(&mut self.out, event.log.as_bytes());
                put(&mut self.out, UNSIGNED, event.seq);
                put_bytes(&mut self.out, event.check.as_bytes());
            }
            tag::LOG => put_bytes(&mut self.out, table.log(number)?.as_bytes()),
            _ => put_bytes(&mut self.out, table.item(number, nth)?.as_bytes()),
        }
        Ok(())
    }

    fn argument(&mut self, major: u8) -> Result<u64, BodyError> {
        match self.head()? {
            (found, value, _) if found == major => Ok(value),
            _ => Err(BodyError::Garbled("a name of another shape")),
        }
    }

    fn demand(&mut self, major: u8, value: u64) -> Result<(), BodyError> {
        if self.argument(major)? == value { Ok(()) } else { Err(BodyError::Garbled("a name of another shape")) }
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], BodyError> {
        self.demand(BYTES, N as u64)?;
        super::names::array(&mut self.rest)
    }
}

/// Writes a head in its shortest form.
fn put(out: &mut Vec<u8>, major: u8, value: u64) {
    let bytes = value.to_be_bytes();
    let (info, width) = match value {
        0..24 => return out.push(major << 5 | bytes[7]),
        24..=0xff => (24, 1),
        0x100..=0xffff => (25, 2),
        0x1_0000..=0xffff_ffff => (26, 4),
        _ => (27, 8),
    };
    out.push(major << 5 | info);
    out.extend_from_slice(&bytes[8 - width..]);
}

fn put_bytes(out: &mut Vec<u8>, bytes: &[u8]) {
    put(out, BYTES, bytes.len() as u64);
    out.extend_from_slice(bytes);
}
