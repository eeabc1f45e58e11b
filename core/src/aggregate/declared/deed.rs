//! What a person does to a declared aggregate, as data, and the event it becomes.

use std::collections::BTreeMap;

use minicbor::bytes::ByteArray;
use serde::{Deserialize, Serialize};

use super::{
    declaration::{BUILDING, ROOM, Type, UNIT},
    shape::{FieldShape, Shape},
    state::{Said, State},
};
use crate::{
    aggregate::{
        Birth, Draft, Payload,
        address::{Part, part_label},
        encode,
    },
    event::{Edit, ItemId, Scalar},
    limits,
    vocabulary::{Refuse, Says},
};

/// What a person does: one event, what it says and what it edits. As JSON, what is empty may be left out.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Deed {
    /// The code of the event's kind, such as `lent`.
    pub kind: String,
    /// What it says, by the names of the kind's parameters; what is left out is nothing.
    pub says: BTreeMap<String, Scalar>,
    /// Fields to put, by name.
    pub fields: BTreeMap<String, Scalar>,
    /// Items to add, by the name of their list: of each its fields by name.
    pub add: BTreeMap<String, Vec<BTreeMap<String, Scalar>>>,
    /// Fields of items to put, by the name of the list and the item.
    pub items: BTreeMap<String, BTreeMap<ItemId, BTreeMap<String, Scalar>>>,
    /// Items to remove, by the name of their list.
    pub remove: BTreeMap<String, Vec<ItemId>>,
}

/// Why a deed is refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, thiserror::Error, strum::IntoStaticStr, strum::VariantNames, Says)]
#[serde(tag = "code", rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Refusal {
    /// The creating event makes one, all others need one.
    #[error("the creating event makes one, others need one")]
    Target,
    /// The declaration has nothing of this name.
    #[error("{name:?} is not declared")]
    Undeclared {
        /// The name as the deed has it: of a field, a list, an event or a parameter.
        name: String,
    },
    /// A value is of another type than is declared.
    #[error("{name} has values of another type")]
    Type {
        /// The field or parameter that was given the value.
        name: String,
    },
    /// A text beyond the limit.
    #[error("{field} is longer than {limit} bytes")]
    TooLong {
        /// The field or parameter that holds too much.
        field: String,
        /// Bytes it may have.
        limit: usize,
    },
    /// A room of no building: the event that made it says none, or one that is no label.
    #[error("a room needs its building, which the creating event says as a label")]
    NoBuilding,
    /// The status does not allow it.
    #[error("{kind} does not fit the status {status}")]
    OutOfTurn {
        /// What was to be done.
        kind: String,
        /// The status it has now.
        status: String,
    },
}

impl Refuse for Refusal {
    const BY: &'static str = "declared";
}

impl Shape {
    /// The event that a deed becomes.
    pub(crate) fn decide(&self, subject: Option<(&Birth, &State)>, deed: &Deed) -> Result<Draft, Refusal> {
        let undeclared = |name: &str| Refusal::Undeclared { name: name.to_owned() };
        let (spec, says) = self.coded(&deed.kind).ok_or_else(|| undeclared(&deed.kind))?;
        if spec.creates == subject.is_some() {
            return Err(Refusal::Target);
        }
        if let Some((_, state)) = subject.filter(|(_, state)| !state.fits(spec.kind)) {
            return Err(Refusal::OutOfTurn { kind: deed.kind.clone(), status: state.status().to_owned() });
        }
        if let Some(name) = deed.says.keys().find(|name| says.iter().all(|(said, _)| said != name)) {
            return Err(undeclared(name));
        }
        let values = says.iter().map(|(name, of)| {
            let value = deed.says.get(*name).cloned().unwrap_or(Scalar::Null);
            let is_building = spec.creates && *name == BUILDING;
            fitting(name, *of, if is_building { labelled(Part::Building, value) } else { value })
        });
        let values = values.collect::<Result<Vec<_>, _>>()?;
        let building = match subject {
            Some((birth, _)) => birth.building.as_deref(),
            None => deed.says.get(BUILDING).and_then(Scalar::text),
        };
        // It would be found under no building: neither handed out nor erased with its room.
        if self.names_room(deed) && building.is_none_or(|building| part_label(Part::Building, building).is_err()) {
            return Err(Refusal::NoBuilding);
        }
        let said = Said {
            declaration: spec.creates.then(|| ByteArray::from(self.hash)),
            values: (!values.is_empty()).then_some(values),
        };
        Ok(Draft {
            aggregate: self.name,
            target: subject.map(|(birth, _)| birth.aggregate),
            behind: None,
            kind: spec.kind,
            payload: Payload::Ready(encode(&said)),
            edits: self.edits(deed)?,
        })
    }

    fn names_room(&self, deed: &Deed) -> bool {
        let room = deed.fields.get(ROOM).and_then(Scalar::text);
        self.field(ROOM).is_some() && room.is_some_and(|room| !room.is_empty())
    }

    fn edits(&self, deed: &Deed) -> Result<Vec<Edit>, Refusal> {
        let list = |name: &String| self.list(name).ok_or_else(|| Refusal::Undeclared { name: name.clone() });
        let mut edits: Vec<Edit> = Vec::new();
        // Only where there is a room is a unit the one of an address.
        let room = self.field(ROOM);
        let unit = room.and_then(|_| self.field(UNIT));
        for (field, value) in put(&self.fields, &deed.fields)? {
            let value = match Some(field) {
                part if part == room => labelled(Part::Room, value),
                part if part == unit => labelled(Part::Unit, value),
                _ => value,
            };
            edits.push(Edit::Put { field, value });
        }
        for (name, added) in &deed.add {
            let (list, fields) = list(name)?;
            for item in added {
                edits.push(Edit::Add { list, fields: put(fields, item)? });
            }
        }
        for (name, items) in &deed.items {
            let (list, fields) = list(name)?;
            for (item, values) in items {
                let values = put(fields, values)?.into_iter();
                edits.extend(values.map(|(field, value)| Edit::PutItem { list, item: *item, field, value }));
            }
        }
        for (name, items) in &deed.remove {
            let (list, _) = list(name)?;
            edits.extend(items.iter().map(|item| Edit::Remove { list, item: *item }));
        }
        Ok(edits)
    }
}

/// A label in normal form; what is none stays as it is.
fn labelled(part: Part, value: Scalar) -> Scalar {
    value.text().and_then(|text| part_label(part, text).ok()).map_or(value, Scalar::Text)
}

/// Values by the numbers of their fields.
fn put(fields: &[FieldShape], values: &BTreeMap<String, Scalar>) -> Result<Vec<(u16, Scalar)>, Refusal> {
    let numbered = values.iter().map(|(name, value)| {
        let field = fields.iter().find(|field| field.name == name);
        let field = field.ok_or_else(|| Refusal::Undeclared { name: name.clone() })?;
        Ok((field.field, fitting(name, field.of, value.clone())?))
    });
    numbered.collect()
}

fn fitting(name: &str, of: Type, value: Scalar) -> Result<Scalar, Refusal> {
    if !of.has(&value) {
        return Err(Refusal::Type { name: name.to_owned() });
    }
    if value.text().is_some_and(|text| text.len() > limits::FIELD) {
        return Err(Refusal::TooLong { field: name.to_owned(), limit: limits::FIELD });
    }
    Ok(value)
}
