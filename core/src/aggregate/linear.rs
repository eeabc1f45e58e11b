//! A document while its edits follow one another: the last value of a field is the only one.
//!
//! Most documents never see two edits at once, and then need no Automerge to say what stands in them. This is what
//! Automerge would show for such a history, op for op (R1), at a fraction of the cost. It knows nothing of
//! concurrency: [`Linear::follows`] says when it ends, and from there on the document is compiled.

use std::collections::BTreeMap;

use super::{Content, Item, Schema, Value, document::Source};
use crate::{
    event::{Edit, ItemId, Scalar},
    id::Reference,
};

/// The values after a chain of edits.
#[derive(Clone, Debug, Default)]
pub(super) struct Linear {
    fields: BTreeMap<u16, Value>,
    lists: BTreeMap<u16, BTreeMap<ItemId, Slot>>,
    /// The newest edit that each event contains, counted from 1; 0 before any.
    knows: BTreeMap<Reference, u32>,
    newest: u32,
}

/// An item, removed or not: what was removed cannot be edited.
#[derive(Clone, Debug, Default)]
struct Slot {
    fields: BTreeMap<u16, Value>,
    removed: bool,
}

impl Linear {
    /// Whether an event is no edit, or one that contains all edits so far.
    pub(super) fn follows(&self, source: &Source<'_>) -> bool {
        source.edits.is_empty() || self.known_to(source) == self.newest
    }

    fn known_to(&self, source: &Source<'_>) -> u32 {
        source.deps.iter().filter_map(|dep| self.knows.get(dep)).copied().max().unwrap_or(0)
    }

    /// Makes the edits of an event that [`follows`](Self::follows); with `effect` false it only takes its place.
    pub(super) fn apply(&mut self, source: &Source<'_>, effect: bool) {
        let known = self.known_to(source);
        if !effect || source.edits.is_empty() {
            self.knows.insert(source.reference, known);
            return;
        }
        self.newest = self.newest.saturating_add(1);
        self.knows.insert(source.reference, self.newest);
        let mut by = [0; 16];
        by.copy_from_slice(&source.id.as_bytes()[..16]);
        for (nth, edit) in (0..).zip(source.edits) {
            match edit {
                Edit::Put { field, value } => put(&mut self.fields, *field, value, by),
                Edit::Add { list, fields } => {
                    let mut slot = Slot::default();
                    fields.iter().for_each(|(field, value)| put(&mut slot.fields, *field, value, by));
                    self.lists.entry(*list).or_default().insert(ItemId::new(source.id, nth), slot);
                }
                Edit::PutItem { list, item, field, value } => {
                    if let Some(slot) = self.slot(*list, *item) {
                        put(&mut slot.fields, *field, value, by);
                    }
                }
                Edit::Remove { list, item } => {
                    if let Some(slot) = self.slot(*list, *item) {
                        slot.removed = true;
                    }
                }
            }
        }
    }

    fn slot(&mut self, list: u16, item: ItemId) -> Option<&mut Slot> {
        self.lists.get_mut(&list)?.get_mut(&item).filter(|slot| !slot.removed)
    }

    /// The values as they stand.
    pub(super) fn content(&self, schema: &Schema, overflow: usize) -> Content {
        let items = |list: &u16| {
            let slots = self.lists.get(list).into_iter().flatten().filter(|(_, slot)| !slot.removed);
            slots.map(|(id, slot)| (*id, Item { fields: shown(&slot.fields), removal_contested: false })).collect()
        };
        Content {
            fields: shown(&self.fields),
            lists: schema.lists.iter().map(|spec| (spec.list, items(&spec.list))).collect(),
            overflow,
        }
    }
}

/// Puts a value. One that stands already stays its first writer's.
fn put(fields: &mut BTreeMap<u16, Value>, field: u16, value: &Scalar, by: [u8; 16]) {
    if fields.get(&field).is_none_or(|known| known.value != *value) {
        fields.insert(field, Value { value: value.clone(), by });
    }
}

/// A lone null is no value.
fn shown(fields: &BTreeMap<u16, Value>) -> BTreeMap<u16, Vec<Value>> {
    let values = fields.iter().filter(|(_, value)| value.value != Scalar::Null);
    values.map(|(field, value)| (*field, vec![value.clone()])).collect()
}
