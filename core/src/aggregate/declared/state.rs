//! What events of a declared aggregate say and do: a status by the table of transitions, and what came out of turn.

use std::{any::Any, collections::BTreeMap};

use minicbor::{Decode, Encode, bytes::ByteArray};
use serde::Serialize;
use serde_json::json;

use super::{
    Merge,
    declaration::{BUILDING, ROOM, Type, UNIT},
    shape::{FIRST_FIELD, FieldShape, Shape},
};
use crate::{
    aggregate::{
        Birth, Cell, CodeLine, Content, Found, History, KindSpec, Malformed, Review, RoomFields, RoomName, Row, Schema,
        Table, Value,
        any::{AnyAggregate, AnyState, ReadFact},
        decode,
        knowledge::Unanswered,
    },
    event::{Scalar, Topic},
    id::{MemberId, Reference},
    limits,
    vocabulary::Says,
};

/// What of a declared aggregate a person should look at: a code of the review queue.
#[derive(Debug, Serialize, strum::IntoStaticStr, strum::VariantNames, Says)]
#[serde(tag = "code", rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub(crate) enum Finding {
    /// An event wanted a change of status that the status before it does not allow.
    OutOfTurn { event: Reference, by: MemberId, kind: Option<&'static str> },
}

/// Texts in the line of a list.
const IN_LINE: usize = 3;

/// What an event says. All of it is optional, so that a later version may say more.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub(super) struct Said {
    /// The declaration's hash; in the creating event.
    #[n(0)]
    pub(super) declaration: Option<ByteArray<32>>,
    /// Values of the kind's parameters, in their order.
    #[n(1)]
    pub(super) values: Option<Vec<Scalar>>,
}

/// A declared aggregate in the registry.
pub(crate) struct Declared(pub(crate) &'static Shape);

impl Declared {
    /// The values that an event says, by name.
    fn said(&self, kind: u16, version: u16, payload: &[u8]) -> Result<Vec<(&'static str, Scalar)>, Malformed> {
        let (spec, says) = self.0.kind(kind).ok_or(Malformed("no such kind"))?;
        if version != 1 {
            return Err(Malformed("no such version"));
        }
        let Said { declaration, values } = decode(payload)?;
        if declaration.is_some() != spec.creates {
            return Err(Malformed("a declaration where none belongs, or none where one does"));
        }
        // Whoever has another declaration is asked to bring the app up to date, and nothing is lost meanwhile.
        if declaration.is_some_and(|hash| *hash != self.0.hash) {
            return Err(Malformed::NEWER);
        }
        if values.is_some() == says.is_empty() {
            return Err(Malformed("values where the kind says nothing, or none where it does"));
        }
        let values = values.unwrap_or_default();
        if values.len() != says.len() {
            return Err(Malformed("more or less than the kind says"));
        }
        let said: Vec<_> = says.iter().zip(values).map(|((name, of), value)| (*name, *of, value)).collect();
        if said
            .iter()
            .any(|(_, of, value)| !of.has(value) || value.text().is_some_and(|text| text.len() > limits::FIELD))
        {
            return Err(Malformed("a value of another type, or a text too long"));
        }
        Ok(said.into_iter().map(|(name, _, value)| (name, value)).collect())
    }
}

impl AnyAggregate for Declared {
    fn name(&self) -> &'static str {
        self.0.name
    }

    fn topic(&self) -> Topic {
        Topic::Common
    }

    fn schema(&self) -> &'static Schema {
        &self.0.schema
    }

    fn tables(&self) -> &'static [Table] {
        &self.0.tables
    }

    fn codes(&self) -> Vec<CodeLine> {
        let event = |(spec, says): (&KindSpec, &Vec<(&str, Type)>)| CodeLine {
            family: format!("event.{}", self.0.name),
            code: spec.code.to_owned(),
            warning: false,
            params: says.iter().map(|(name, _)| (*name).to_owned()).collect(),
        };
        let events = self.0.kinds.iter().zip(&self.0.says).map(event);
        events.chain(CodeLine::of(&format!("status.{}", self.0.name), &self.0.statuses, &[])).collect()
    }

    fn line(&self, card: &Found) -> Vec<String> {
        let values = card.cells.iter().skip(FIRST_FIELD).filter_map(Cell::text);
        values.filter(|text| !text.is_empty()).take(IN_LINE).map(str::to_owned).collect()
    }

    fn rooms(&self) -> Option<Table> {
        self.room_fields().map(|_| self.0.tables[0])
    }

    /// Those of its fields that are called so.
    fn room_fields(&self) -> Option<RoomFields> {
        Some(RoomFields { unit: self.0.field(UNIT), room: self.0.field(ROOM)? })
    }

    fn room(&self, _: &Found) -> RoomName {
        RoomName::default()
    }

    fn erasable(&self, _: Option<&Found>) -> bool {
        true
    }

    fn counted_as(&self, card: &Found) -> Vec<String> {
        self.0.tables[0].texts(card, &[Shape::STATUS])
    }

    fn read(&self, kind: u16, version: u16, payload: &[u8]) -> Result<ReadFact, Malformed> {
        let said = self.said(kind, version, payload)?;
        let building = said.into_iter().find(|(name, _)| *name == BUILDING);
        let building = building.and_then(|(_, value)| value.text().map(str::to_owned));
        Ok(ReadFact { target: None, building })
    }

    fn params(&self, kind: u16, version: u16, payload: &[u8]) -> serde_json::Value {
        let said = self.said(kind, version, payload).unwrap_or_default();
        said.into_iter().map(|(name, value)| (name.to_owned(), json!(value))).collect()
    }

    fn fresh(&self) -> Box<dyn AnyState> {
        Box::new(State { shape: self.0, status: 0, out_of_turn: BTreeMap::new(), open: Unanswered::default() })
    }

    fn mark(&self) -> Option<[u8; 32]> {
        Some(self.0.hash)
    }

    fn is_declared_otherwise(&self, payload: &[u8]) -> bool {
        decode(payload).is_ok_and(|said: Said| said.declaration.is_some_and(|hash| *hash != self.0.hash))
    }

    fn shape(&self) -> Option<&'static dyn Any> {
        Some(self.0)
    }
}

/// What the events of a declared aggregate fold into.
#[derive(Clone, Debug)]
pub(crate) struct State {
    pub(crate) shape: &'static Shape,
    status: usize,
    /// Acts that wanted what the status before them does not allow, and whom nobody who knew of them followed; of each its
    /// kind.
    out_of_turn: BTreeMap<usize, u16>,
    open: Unanswered,
}

impl State {
    /// Its status, by the name that the declaration has for it.
    pub(crate) fn status(&self) -> &'static str {
        self.shape.statuses.get(self.status).copied().unwrap_or_default()
    }

    /// Whether an event of a kind fits the status.
    pub(super) fn fits(&self, kind: u16) -> bool {
        self.shape.leads.get(&kind).is_none_or(|leads| leads.contains_key(&self.status))
    }

    /// The kinds of events that fit its status.
    pub(crate) fn fitting(&self) -> impl Iterator<Item = &'static KindSpec> {
        self.shape.kinds.iter().filter(|spec| !spec.creates && self.fits(spec.kind))
    }

    /// What came out of turn and the author of an act knew of is looked at no more.
    fn answer(&mut self, at: usize, history: &History) {
        for known in history.answer(&mut self.open, at) {
            self.out_of_turn.remove(&known);
        }
    }
}

impl AnyState for State {
    fn apply(&mut self, (kind, ..): (u16, u16, &[u8]), at: usize, history: &History, _: &Birth) {
        match self.shape.leads.get(&kind).map(|leads| leads.get(&self.status)) {
            Some(Some(to)) => {
                self.status = *to;
                self.answer(at, history);
            }
            Some(None) => {
                self.out_of_turn.insert(at, kind);
                history.leave_open(&mut self.open, at);
            }
            // Nothing leads on from here: whoever saw it says so by whatever else there is to say.
            None if self.shape.ends.contains(&self.status) => self.answer(at, history),
            None => {}
        }
    }

    fn settle(&mut self, _: &History) {}

    fn rows(&self, _: &Birth, content: &Content, history: &History) -> Vec<Row> {
        let opened = history.acts().first().map(|act| Cell::Int(act.wall.0));
        let fields = self.shape.fields.iter().map(|field| {
            match field.shown(content.fields.get(&field.field).map_or(&[], Vec::as_slice)) {
                None | Some(Scalar::Null | Scalar::Fraction(_)) => Cell::Null,
                Some(Scalar::Bool(yes)) => (*yes).into(),
                Some(Scalar::Int(number)) => (*number).into(),
                Some(Scalar::Text(text)) => text.as_str().into(),
            }
        });
        let cells = [self.status().into(), opened.unwrap_or(Cell::Null)].into_iter().chain(fields).collect();
        vec![Row { table: self.shape.name, cells }]
    }

    fn review(&self, _: &Birth, _: &Content, history: &History) -> Vec<Review> {
        // Nothing that changes with the status: each turn would write all of them again.
        let told = |(at, kind): (&usize, &u16)| {
            let act = history.act(*at);
            let code = self.shape.kind(*kind).map(|(spec, _)| spec.code);
            Review::found(&Finding::OutOfTurn { event: act.reference, by: act.by, kind: code })
        };
        self.out_of_turn.iter().map(told).collect()
    }

    fn settles(&self, list: Option<u16>, field: u16) -> bool {
        let fields = list.map_or(Some(&self.shape.fields), |list| self.shape.items.get(&list));
        let spec = fields.and_then(|fields| fields.iter().find(|spec| spec.field == field));
        spec.is_some_and(|spec| spec.merge != Merge::Choose)
    }

    fn search(&self, _: &Birth, content: &Content, _: &History) -> Option<String> {
        let fields = content.fields.values();
        let items = content.lists.values().flat_map(|items| items.values()).flat_map(|item| item.fields.values());
        let texts = fields.chain(items).flatten().filter_map(|value| value.value.text());
        Some(texts.collect::<Vec<_>>().join(" "))
    }

    fn state(&self) -> &dyn Any {
        self
    }
}

impl FieldShape {
    /// The value that stands of those that nobody chose among; none where that is nothing. One of another type, which no
    /// honest app writes, does not stand.
    pub(super) fn shown<'a>(&self, values: &'a [Value]) -> Option<&'a Scalar> {
        let mut values = self.fitting(values);
        match self.merge {
            Merge::Choose | Merge::Last => values.next_back().filter(|value| is_something(value)),
            // Nothing is neither great nor small.
            Merge::Greatest => values.filter(|value| is_something(value)).max(),
            Merge::Least => values.filter(|value| is_something(value)).min(),
        }
    }

    /// All values that stand: one where nobody is asked to choose, none where there is nothing to choose among.
    pub(super) fn standing(&self, values: &[Value]) -> Vec<Scalar> {
        if self.merge != Merge::Choose {
            return self.shown(values).cloned().into_iter().collect();
        }
        if self.fitting(values).any(is_something) { self.fitting(values).cloned().collect() } else { Vec::new() }
    }

    fn fitting<'a>(&self, values: &'a [Value]) -> impl DoubleEndedIterator<Item = &'a Scalar> + use<'a> {
        let of = self.of;
        values.iter().map(|value| &value.value).filter(move |value| of.has(value))
    }
}

fn is_something(value: &Scalar) -> bool {
    *value != Scalar::Null
}
