//! Bodies: what an event says, to those who may read it. Packed, and in one encoding only (R2).
//!
//! A body begins with a list of the parts that it has. So a build that knows fewer parts tells a newer body from a
//! garbled one.

use super::{
    BodyError, Edit, ItemId, Scalar,
    names::{Numbers, Table, array, bytes, number, small},
    payload::{Turn, turned},
};
use crate::{
    id::{LogId, Reference},
    limits,
    qty::Qty,
    time::WallMs,
    varint,
};

/// What an event says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Body {
    /// The aggregate it belongs to; none in a creating event and in the roster.
    pub aggregate: Option<Reference>,
    /// The heads of what the author's fold contained, beside the implied ones: a set, which a body holds in ascending
    /// order.
    pub deps: Vec<Reference>,
    /// When, by the author's clock: a claim.
    pub wall: WallMs,
    /// The kind of event.
    pub kind: u16,
    /// The kind's version, from 1; [`Body::UNREAD`] of one that this build reads in part.
    pub version: u16,
    /// CBOR that the kind defines, with definite lengths, shortest numbers and the keys of maps in ascending order of
    /// their bytes. Names in it stand as their types encode them.
    pub payload: Vec<u8>,
    /// What it does to the document.
    pub edits: Vec<Edit>,
    /// 16 random bytes in care bodies, so that equal bodies are not seen to be equal.
    pub salt: Option<[u8; 16]>,
}

/// Which parts a body has.
mod part {
    /// A table of names.
    pub(super) const NAMES: u64 = 1;
    /// An aggregate: the first name of the table.
    pub(super) const AGGREGATE: u64 = 1 << 1;
    pub(super) const DEPS: u64 = 1 << 2;
    pub(super) const PAYLOAD: u64 = 1 << 3;
    pub(super) const EDITS: u64 = 1 << 4;
    pub(super) const SALT: u64 = 1 << 5;
    /// A version other than 1.
    pub(super) const VERSION: u64 = 1 << 6;
    /// Fields of later builds.
    pub(super) const LATER: u64 = 1 << 7;
    pub(super) const ALL: u64 = (1 << 8) - 1;
}

/// What an edit does, in the low three bits before the number of its field or list.
mod act {
    pub(super) const PUT: u64 = 0;
    pub(super) const ADD: u64 = 1;
    pub(super) const PUT_ITEM: u64 = 2;
    pub(super) const REMOVE: u64 = 3;
}

/// Values that are no text. A text is its length and [`TEXT`](self::value::TEXT).
mod value {
    pub(super) const NULL: u64 = 0;
    pub(super) const FALSE: u64 = 1;
    pub(super) const TRUE: u64 = 2;
    pub(super) const INT: u64 = 3;
    pub(super) const FRACTION: u64 = 4;
    pub(super) const TEXT: u64 = 8;
}

impl Body {
    /// The version of a body that only a later build reads whole. None is written so.
    pub const UNREAD: u16 = 0;

    /// Checks every limit and packs. `own` is the log that the event stands in.
    ///
    /// # Errors
    /// The first limit that is passed, or what cannot be said in one way only.
    pub fn to_bytes(&self, own: LogId) -> Result<Vec<u8>, BodyError> {
        self.check()?;
        self.packed(own)
    }

    /// Packs, whatever the limits say.
    pub(super) fn packed(&self, own: LogId) -> Result<Vec<u8>, BodyError> {
        let mut deps = self.deps.clone();
        deps.sort_unstable();
        deps.dedup();
        let mut numbers = Numbers::new(own);
        let aggregate = self.aggregate.map(|aggregate| numbers.event(aggregate));
        let deps: Vec<u64> = deps.into_iter().map(|dep| numbers.event(dep)).collect();
        turned(&self.payload, Turn::Meet(&mut numbers))?;

        let mut rest = Vec::new();
        if !deps.is_empty() {
            varint::put(&mut rest, deps.len() as u64);
            deps.iter().for_each(|dep| varint::put(&mut rest, *dep));
        }
        if !self.payload.is_empty() {
            let payload = turned(&self.payload, Turn::Number(&mut numbers))?;
            varint::put(&mut rest, payload.len() as u64);
            rest.extend_from_slice(&payload);
        }
        if !self.edits.is_empty() {
            varint::put(&mut rest, self.edits.len() as u64);
            self.edits.iter().try_for_each(|edit| put_edit(&mut rest, edit, &mut numbers))?;
        }
        rest.extend(self.salt.iter().flatten());

        let parts = [
            (part::NAMES, !numbers.is_empty()),
            (part::AGGREGATE, aggregate.is_some()),
            (part::DEPS, !deps.is_empty()),
            (part::PAYLOAD, !self.payload.is_empty()),
            (part::EDITS, !self.edits.is_empty()),
            (part::SALT, self.salt.is_some()),
            (part::VERSION, self.version != 1),
        ];
        let parts = parts.into_iter().filter(|(_, there)| *there).fold(0, |all, (part, _)| all | part);
        let mut out = Vec::with_capacity(rest.len() + 64);
        varint::put(&mut out, parts);
        varint::put(&mut out, self.kind.into());
        if self.version != 1 {
            varint::put(&mut out, self.version.into());
        }
        varint::put(&mut out, varint::fold(self.wall.0));
        if !numbers.is_empty() {
            numbers.write(&mut out);
        }
        out.extend_from_slice(&rest);
        Ok(out)
    }

    /// Unpacks and checks every limit. Costs no more than the bytes are long. `own` is the log that the event stands
    /// in.
    ///
    /// # Errors
    /// Why this is no body; [`BodyError::Newer`] if only a later build can tell.
    pub fn from_bytes(packed: &[u8], own: LogId) -> Result<Self, BodyError> {
        match Self::read(packed, own)? {
            (body, None) => Ok(body),
            (_, Some(newer)) => Err(BodyError::Newer(newer)),
        }
    }

    /// The same, but of a body that only a later build reads whole what can be read: the parts stand in one order for good,
    /// those of later builds behind them. Its version is [`UNREAD`](Self::UNREAD) then.
    ///
    /// # Errors
    /// Why this is no body, whatever a later build knows.
    pub fn from_bytes_in_part(packed: &[u8], own: LogId) -> Result<Self, BodyError> {
        Ok(match Self::read(packed, own)? {
            (body, None) => body,
            (body, Some(_)) => Self { version: Self::UNREAD, ..body },
        })
    }

    /// What can be read, and what was met that a later build knows.
    fn read(packed: &[u8], own: LogId) -> Result<(Self, Option<&'static str>), BodyError> {
        let rest = &mut &*packed;
        let parts = number(rest)?;
        let has = |part: u64| parts & part != 0;
        let mut newer = (parts & !part::ALL != 0).then_some("a part");
        let kind = small(rest)?;
        let version = if has(part::VERSION) { small(rest)? } else { 1 };
        if version == 0 || (version == 1 && has(part::VERSION)) {
            return Err(BodyError::Garbled("version"));
        }
        let wall = WallMs(varint::unfold(number(rest)?));
        let mut table = if has(part::NAMES) { Table::read(rest, own)? } else { Table::empty(own) };
        let aggregate = has(part::AGGREGATE).then(|| table.event(0)).transpose()?;
        let deps = if has(part::DEPS) { read_deps(rest, &mut table)? } else { Vec::new() };
        let payload = if has(part::PAYLOAD) {
            let length = number(rest)?;
            not_none(usize::from(length > 0))?;
            turned(bytes(rest, length)?, Turn::Restore(&mut table))?
        } else {
            Vec::new()
        };
        let mut body = Self { aggregate, deps, wall, kind, version, payload, edits: Vec::new(), salt: None };
        match body.read_rest(rest, &mut table, has) {
            Err(BodyError::Newer(what)) => newer = newer.or(Some(what)),
            read => read?,
        }
        if newer.is_none() {
            if !rest.is_empty() {
                return Err(BodyError::Garbled("bytes after the end"));
            }
            table.close()?;
        }
        body.check()?;
        Ok((body, newer))
    }

    fn read_rest(&mut self, rest: &mut &[u8], table: &mut Table, has: impl Fn(u64) -> bool) -> Result<(), BodyError> {
        if has(part::EDITS) {
            self.edits = read_edits(rest, table)?;
        }
        self.salt = has(part::SALT).then(|| array(rest)).transpose()?;
        if has(part::LATER) { pass_over(rest) } else { Ok(()) }
    }

    /// Fields that its edits write.
    pub(crate) fn puts(&self) -> usize {
        self.edits.iter().map(Edit::puts).sum()
    }

    fn check(&self) -> Result<(), BodyError> {
        at_most("deps", self.deps.len(), limits::DEPS)?;
        at_most("edits", self.edits.len(), limits::EDITS)?;
        at_most("edits", self.puts(), limits::EDITS)?;
        let mut texts = self.edits.iter().flat_map(Edit::values).filter_map(Scalar::text);
        texts.try_for_each(|text| at_most("bytes in a text", text.len(), limits::FIELD))?;
        if self.version == 0 {
            return Err(BodyError::Garbled("version"));
        }
        Ok(())
    }
}

fn read_deps(rest: &mut &[u8], table: &mut Table) -> Result<Vec<Reference>, BodyError> {
    let count = not_none(counted("deps", number(rest)?, limits::DEPS)?)?;
    let mut deps: Vec<Reference> = Vec::new();
    for _ in 0..count {
        let dep = table.event(number(rest)?)?;
        if deps.last().is_some_and(|last| *last >= dep) {
            return Err(BodyError::Garbled("deps out of order"));
        }
        deps.push(dep);
    }
    Ok(deps)
}

fn read_edits(rest: &mut &[u8], table: &mut Table) -> Result<Vec<Edit>, BodyError> {
    let count = not_none(counted("edits", number(rest)?, limits::EDITS)?)?;
    (0..count).map(|_| read_edit(rest, table)).collect()
}

fn put_edit(out: &mut Vec<u8>, edit: &Edit, numbers: &mut Numbers) -> Result<(), BodyError> {
    let head = |act: u64, of: &u16| u64::from(*of) << 3 | act;
    let mut item = |item: &ItemId| {
        let (adder, nth) = numbers.item(*item);
        [adder, nth.into()]
    };
    match edit {
        Edit::Put { field, value } => {
            varint::put(out, head(act::PUT, field));
            put_value(out, value);
        }
        Edit::Add { list, fields } => {
            let mut fields: Vec<&(u16, Scalar)> = fields.iter().collect();
            fields.sort_by_key(|(field, _)| *field);
            if fields.windows(2).any(|pair| matches!(pair, [one, other] if one.0 == other.0)) {
                return Err(BodyError::Garbled("fields out of order"));
            }
            varint::put(out, head(act::ADD, list));
            varint::put(out, fields.len() as u64);
            for (field, value) in fields {
                varint::put(out, (*field).into());
                put_value(out, value);
            }
        }
        Edit::PutItem { list, item: of, field, value } => {
            varint::put(out, head(act::PUT_ITEM, list));
            item(of).into_iter().for_each(|number| varint::put(out, number));
            varint::put(out, (*field).into());
            put_value(out, value);
        }
        Edit::Remove { list, item: of } => {
            varint::put(out, head(act::REMOVE, list));
            item(of).into_iter().for_each(|number| varint::put(out, number));
        }
    }
    Ok(())
}

fn read_edit(rest: &mut &[u8], table: &mut Table) -> Result<Edit, BodyError> {
    let head = number(rest)?;
    let of = u16::try_from(head >> 3).map_err(|_| BodyError::Garbled("a number is too great"))?;
    Ok(match head & 7 {
        act::PUT => Edit::Put { field: of, value: read_value(rest)? },
        act::ADD => {
            let mut fields: Vec<(u16, Scalar)> = Vec::new();
            for _ in 0..counted("edits", number(rest)?, limits::EDITS)? {
                let field = small(rest)?;
                if fields.last().is_some_and(|(last, _)| *last >= field) {
                    return Err(BodyError::Garbled("fields out of order"));
                }
                fields.push((field, read_value(rest)?));
            }
            Edit::Add { list: of, fields }
        }
        act::PUT_ITEM => {
            let item = table.item(number(rest)?, small(rest)?)?;
            Edit::PutItem { list: of, item, field: small(rest)?, value: read_value(rest)? }
        }
        act::REMOVE => Edit::Remove { list: of, item: table.item(number(rest)?, small(rest)?)? },
        _ => return Err(BodyError::Newer("an edit")),
    })
}

fn put_value(out: &mut Vec<u8>, value: &Scalar) {
    match value {
        Scalar::Null => varint::put(out, value::NULL),
        Scalar::Bool(false) => varint::put(out, value::FALSE),
        Scalar::Bool(true) => varint::put(out, value::TRUE),
        Scalar::Int(number) => {
            varint::put(out, value::INT);
            varint::put(out, varint::fold(*number));
        }
        Scalar::Fraction(qty) => match qty.units() {
            Some(units) => put_value(out, &Scalar::Int(units)),
            None => {
                varint::put(out, value::FRACTION);
                varint::put(out, varint::fold(qty.thousandths()));
            }
        },
        Scalar::Text(text) => {
            varint::put(out, text.len() as u64 + value::TEXT);
            out.extend_from_slice(text.as_bytes());
        }
    }
}

fn read_value(rest: &mut &[u8]) -> Result<Scalar, BodyError> {
    Ok(match number(rest)? {
        value::NULL => Scalar::Null,
        value::FALSE => Scalar::Bool(false),
        value::TRUE => Scalar::Bool(true),
        value::INT => Scalar::Int(varint::unfold(number(rest)?)),
        value::FRACTION => match Qty::of_thousandths(varint::unfold(number(rest)?)) {
            whole if whole.is_whole() => return Err(BodyError::Garbled("a whole number in thousandths")),
            qty => Scalar::Fraction(qty),
        },
        other => {
            let Some(length) = other.checked_sub(value::TEXT) else { return Err(BodyError::Newer("a value")) };
            let text = bytes(rest, counted("bytes in a text", length, limits::FIELD)? as u64)?;
            let text = std::str::from_utf8(text).map_err(|_| BodyError::Garbled("a text is no UTF-8"))?;
            Scalar::Text(text.to_owned())
        }
    })
}

/// Fields of later builds: odd ones may be passed over, even ones may not.
fn pass_over(rest: &mut &[u8]) -> Result<(), BodyError> {
    let (mut last, count) = (None, number(rest)?);
    not_none(usize::from(count > 0))?;
    let mut known = true;
    for _ in 0..count {
        let field = number(rest)?;
        let length = number(rest)?;
        bytes(rest, length)?;
        if last.is_some_and(|last| last >= field) {
            return Err(BodyError::Garbled("fields out of order"));
        }
        known &= field % 2 == 1;
        last = Some(field);
    }
    if known { Ok(()) } else { Err(BodyError::Newer("a field")) }
}

/// A count of no more than the limit.
fn counted(what: &'static str, got: u64, limit: usize) -> Result<usize, BodyError> {
    let got = usize::try_from(got).unwrap_or(usize::MAX);
    at_most(what, got, limit)?;
    Ok(got)
}

/// What a part holds, if it holds something: else it is not there.
fn not_none(count: usize) -> Result<usize, BodyError> {
    if count == 0 { Err(BodyError::Garbled("an empty part")) } else { Ok(count) }
}

impl Edit {
    /// Fields it writes: an item added with many counts as many, and all else as one.
    fn puts(&self) -> usize {
        if let Edit::Add { fields, .. } = self { fields.len().max(1) } else { 1 }
    }

    /// The values it writes.
    fn values(&self) -> impl Iterator<Item = &Scalar> {
        let (one, many) = match self {
            Edit::Put { value, .. } | Edit::PutItem { value, .. } => (Some(value), &[][..]),
            Edit::Add { fields, .. } => (None, fields.as_slice()),
            Edit::Remove { .. } => (None, &[][..]),
        };
        one.into_iter().chain(many.iter().map(|(_, value)| value))
    }
}

fn at_most(what: &'static str, got: usize, limit: usize) -> Result<(), BodyError> {
    if got > limit { Err(BodyError::TooMany { what, got, limit }) } else { Ok(()) }
}
