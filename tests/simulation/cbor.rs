//! CBOR as a tree: what somebody changes who does not care what it says.

use minicbor::{
    Decoder, Encoder,
    data::{Tag, Type},
};
use rand::{Rng, RngExt, seq::IndexedRandom};

/// Nesting beyond which nothing is read: payloads within the limits end long before.
const DEEPEST: usize = 32;

/// One value of CBOR.
#[derive(Clone, Debug)]
pub(crate) enum Cbor {
    Null,
    Bool(bool),
    Int(i64),
    Bytes(Vec<u8>),
    Text(String),
    Array(Vec<Cbor>),
    Map(Vec<(Cbor, Cbor)>),
    /// What stands behind a tag: a name, mostly.
    Tag(u64, Box<Cbor>),
}

impl Cbor {
    /// Reads one value; none where there is anything else.
    pub(crate) fn read(bytes: &[u8]) -> Option<Self> {
        let mut from = Decoder::new(bytes);
        let value = Self::next(&mut from, DEEPEST)?;
        (from.position() == bytes.len()).then_some(value)
    }

    fn next(from: &mut Decoder<'_>, left: usize) -> Option<Self> {
        let left = left.checked_sub(1)?;
        Some(match from.datatype().ok()? {
            Type::Null => {
                from.null().ok()?;
                Self::Null
            }
            Type::Bool => Self::Bool(from.bool().ok()?),
            Type::Bytes => Self::Bytes(from.bytes().ok()?.to_vec()),
            Type::String => Self::Text(from.str().ok()?.to_owned()),
            Type::Array => {
                let count = from.array().ok()??;
                Self::Array((0..count).map(|_| Self::next(from, left)).collect::<Option<_>>()?)
            }
            Type::Map => {
                let count = from.map().ok()??;
                let pair = |_| Some((Self::next(from, left)?, Self::next(from, left)?));
                Self::Map((0..count).map(pair).collect::<Option<_>>()?)
            }
            Type::Tag => Self::Tag(from.tag().ok()?.as_u64(), Box::new(Self::next(from, left)?)),
            _ => Self::Int(from.i64().ok()?),
        })
    }

    /// The bytes that it is written as.
    pub(crate) fn write(&self) -> Vec<u8> {
        let mut out = Encoder::new(Vec::new());
        self.put(&mut out);
        out.into_writer()
    }

    fn put(&self, out: &mut Encoder<Vec<u8>>) {
        let written = match self {
            Self::Null => out.null().map(drop),
            Self::Bool(value) => out.bool(*value).map(drop),
            Self::Int(value) => out.i64(*value).map(drop),
            Self::Bytes(bytes) => out.bytes(bytes).map(drop),
            Self::Text(text) => out.str(text).map(drop),
            Self::Array(children) => out.array(children.len() as u64).map(drop),
            Self::Map(children) => out.map(children.len() as u64).map(drop),
            Self::Tag(tag, _) => out.tag(Tag::new(*tag)).map(drop),
        };
        written.expect("a vector takes any length");
        match self {
            Self::Array(children) => children.iter().for_each(|child| child.put(out)),
            Self::Map(children) => children.iter().for_each(|(key, value)| {
                key.put(out);
                value.put(out);
            }),
            Self::Tag(_, inner) => inner.put(out),
            _ => {}
        }
    }

    /// Changes one node, whichever it is: into another of these, or into something of its own kind that is strange.
    pub(crate) fn change(&mut self, dice: &mut impl Rng, others: &[Cbor]) {
        let mut nth = dice.random_range(0..self.count());
        if let Some(node) = self.nth(&mut nth) {
            node.twist(dice, others);
        }
    }

    fn count(&self) -> usize {
        1 + match self {
            Self::Array(children) => children.iter().map(Self::count).sum(),
            Self::Map(children) => children.iter().map(|(_, value)| value.count()).sum(),
            // A name is changed as a whole.
            _ => 0,
        }
    }

    fn nth(&mut self, left: &mut usize) -> Option<&mut Self> {
        if *left == 0 {
            return Some(self);
        }
        *left -= 1;
        match self {
            Self::Array(children) => children.iter_mut().find_map(|child| child.nth(left)),
            Self::Map(children) => children.iter_mut().find_map(|(_, value)| value.nth(left)),
            _ => None,
        }
    }

    fn twist(&mut self, dice: &mut impl Rng, others: &[Cbor]) {
        const NUMBERS: [i64; 14] =
            [0, 1, -1, 2, 3, 23, 24, 255, 1_000_000, 1_000_001, 20_991_231, i64::MAX, i64::MIN, 7];
        let names = || {
            others
                .iter()
                .filter(|other| matches!((other, &*self), (Self::Tag(one, _), Self::Tag(two, _)) if one == two))
        };
        if let Some(name) = names().collect::<Vec<_>>().choose(dice).filter(|_| dice.random_bool(0.8)) {
            *self = (*name).clone();
            return;
        }
        if dice.random_bool(0.3)
            && let Some(other) = others.choose(dice)
        {
            *self = other.clone();
            return;
        }
        match self {
            Self::Int(value) => *value = *NUMBERS.choose(dice).unwrap_or(&0),
            Self::Bool(value) => *value = !*value,
            Self::Bytes(bytes) if !bytes.is_empty() && dice.random_bool(0.5) => {
                let at = dice.random_range(0..bytes.len());
                bytes[at] ^= 1 << dice.random_range(0..8);
            }
            Self::Bytes(bytes) => bytes.truncate(bytes.len() / 2),
            Self::Text(text) if dice.random_bool(0.5) => text.clear(),
            Self::Text(text) => text.push_str("\u{202e}\u{1b}[2J\0 3号楼"),
            Self::Array(children) if !children.is_empty() && dice.random_bool(0.7) => {
                let at = dice.random_range(0..children.len());
                let child = children[at].clone();
                if dice.random_bool(0.5) { children.push(child) } else { drop(children.remove(at)) }
            }
            Self::Map(children) if !children.is_empty() && dice.random_bool(0.7) => {
                let at = dice.random_range(0..children.len());
                let (key, value) = children[at].clone();
                match dice.random_range(0..3) {
                    0 => children.push((key, value)), // a key twice: no body at all
                    1 => children.push((Self::Int(dice.random_range(0..12)), value)),
                    _ => drop(children.remove(at)),
                }
            }
            _ => *self = if dice.random_bool(0.5) { Self::Null } else { Self::Array(vec![self.clone()]) },
        }
    }
}
