//! What people edit together in one aggregate: its schema, and the document's values as plain data.
//!
//! Knows nothing of Automerge and nothing of events: [`cells`](super::cells) say what stands, and rows, reviews and
//! decisions look at it.

use std::collections::BTreeMap;

use serde::Serialize;

use super::Review;
use crate::{
    event::{ItemId, Scalar},
    qty::Qty,
    vocabulary::Says,
};

/// A scalar field of a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FieldSpec {
    /// The number on the wire.
    pub field: u16,
    /// The key in the Automerge document, and the code shown to apps.
    pub name: &'static str,
}

/// A list of items of a document: an Automerge map from item id to a map of fields.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ListSpec {
    /// The number on the wire.
    pub list: u16,
    /// The key in the Automerge document.
    pub name: &'static str,
    /// What an item holds.
    pub fields: &'static [FieldSpec],
}

/// What people edit together in one aggregate. All containers exist from the creating event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Schema {
    /// Scalar fields at the root.
    pub fields: &'static [FieldSpec],
    /// Lists of items.
    pub lists: &'static [ListSpec],
}

impl Schema {
    /// Nothing is edited together.
    pub const EMPTY: Schema = Schema { fields: &[], lists: &[] };
}

/// The fields of a document that say for which room it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RoomFields {
    /// The unit, if the document has such a field.
    pub unit: Option<u16>,
    /// The field of the room.
    pub room: u16,
}

/// One value of a field, and the first 16 bytes of the id of the event that wrote it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Value {
    /// What was written.
    pub value: Scalar,
    /// First 16 bytes of the writing event's id: its Automerge actor.
    #[serde(skip)]
    pub by: [u8; 16],
}

/// An item as it stands.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Item {
    /// Field number to its different concurrent values, by (lamport, id); the last is the one read. Never empty lists.
    pub fields: BTreeMap<u16, Vec<Value>>,
    /// Somebody removed the item while somebody else edited it: both stand until a person chooses.
    pub removal_contested: bool,
}

/// The document as it stands. Different concurrent values of a field stand side by side.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Content {
    /// Field number to its different concurrent values, by (lamport, id); the last is the one read. Never empty lists.
    pub fields: BTreeMap<u16, Vec<Value>>,
    /// List number to its items, in the order of their ids.
    pub lists: BTreeMap<u16, BTreeMap<ItemId, Item>>,
}

fn shown(values: Option<&Vec<Value>>) -> Option<&Scalar> {
    values.and_then(|values| values.last()).map(|value| &value.value)
}

impl Content {
    /// The value shown for a field.
    pub fn get(&self, field: u16) -> Option<&Scalar> {
        shown(self.fields.get(&field))
    }

    /// The text shown for a field.
    pub fn text(&self, field: u16) -> Option<&str> {
        self.get(field).and_then(Scalar::text)
    }

    /// The number shown for a field.
    pub fn int(&self, field: u16) -> Option<i64> {
        self.get(field).and_then(Scalar::int)
    }

    /// The items of a list.
    pub fn items(&self, list: u16) -> impl Iterator<Item = (&ItemId, &Item)> {
        self.lists.get(&list).into_iter().flatten()
    }
}

impl Content {
    /// Fields with more than one value and contested removals, for the review queue. Where a field of the document, or of a
    /// list, settles by itself which value stands, nobody is asked.
    pub(super) fn conflicts(&self, schema: &Schema, settles: impl Fn(Option<u16>, u16) -> bool) -> Vec<Review> {
        let mut found = Vec::new();
        for spec in schema.fields {
            let values = self.fields.get(&spec.field).map_or(&[][..], Vec::as_slice);
            if values.len() > 1 && !settles(None, spec.field) {
                found.push(Review::found(&Finding::ConflictingEdit {
                    list: None,
                    item: None,
                    field: spec.name,
                    values,
                }));
            }
        }
        for list in schema.lists {
            for (id, item) in self.items(list.list) {
                if item.removal_contested {
                    found.push(Review::found(&Finding::ConflictingRemoval { list: list.name, item: *id }));
                }
                for spec in list.fields {
                    let values = item.fields.get(&spec.field).map_or(&[][..], Vec::as_slice);
                    if values.len() > 1 && !settles(Some(list.list), spec.field) {
                        let (list, item) = (Some(list.name), Some(*id));
                        found.push(Review::found(&Finding::ConflictingEdit { list, item, field: spec.name, values }));
                    }
                }
            }
        }
        found
    }
}

/// What of any document a person should look at: a code of the review queue.
#[derive(Debug, Serialize, strum::IntoStaticStr, strum::VariantNames, Says)]
#[serde(tag = "code", rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub(super) enum Finding<'a> {
    /// A field has several values, and nobody has chosen yet.
    ConflictingEdit {
        #[serde(skip_serializing_if = "Option::is_none")]
        list: Option<&'static str>,
        #[serde(skip_serializing_if = "Option::is_none")]
        item: Option<ItemId>,
        field: &'static str,
        values: &'a [Value],
    },
    /// An item was removed by one and kept by another, and nobody has chosen yet.
    ConflictingRemoval { list: &'static str, item: ItemId },
}

/// The code of what two put into one field of a list, beside each other.
pub const CONFLICT: &str = "conflicting_edit";

impl Item {
    /// The value shown for a field.
    pub fn get(&self, field: u16) -> Option<&Scalar> {
        shown(self.fields.get(&field))
    }

    /// The text shown for a field.
    pub fn text(&self, field: u16) -> Option<&str> {
        self.get(field).and_then(Scalar::text)
    }

    /// The number shown for a field, whole or not.
    pub fn qty(&self, field: u16) -> Option<Qty> {
        self.get(field).and_then(Scalar::qty)
    }

    /// The number shown for a field.
    pub fn int(&self, field: u16) -> Option<i64> {
        self.get(field).and_then(Scalar::int)
    }
}
