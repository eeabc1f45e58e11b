//! Cells: what stands in each field of a document after typed edits, whoever knew of whom.
//!
//! A put replaces the values that its author knew, and stands beside all others until somebody who knows of it puts
//! again. This is what the Automerge document of the same edits holds (R1), kept without Automerge: an edit costs what
//! it touches, whatever was edited before and however many did so at once. So there is no number of edits at which a
//! document ends. Automerge itself is made on demand, in [`document`](super::document).

use std::collections::BTreeMap;

use super::{Content, Item, Schema, Value, document::Source, knowledge::Knowledge};
use crate::{
    event::{Edit, ItemId, Scalar},
    id::{DeviceId, EventId, Reference},
    limits,
    sabotage::Rule,
};

/// A value put into a field, and when: by its event's place in the order, and the edit's in the event.
#[derive(Clone, Debug)]
struct Put {
    event: usize,
    at: (u64, EventId, u16),
    value: Scalar,
}

/// The values of one field that stand.
type Cell = Vec<Put>;

/// One event that keeps an item, by adding or editing it, or removes it.
#[derive(Clone, Copy, Debug)]
struct Stand {
    event: usize,
    keeps: bool,
}

/// An item, removed or not: what is removed for whoever edits it stays as it is.
#[derive(Clone, Debug, Default)]
struct Slot {
    fields: BTreeMap<u16, Cell>,
    /// Whoever kept or removed it, in the order in which they were added.
    stands: Vec<Stand>,
    /// Those that nobody replaced who knew of them.
    standing: Vec<Stand>,
}

/// The values of a document after a set of events.
#[derive(Clone, Debug, Default)]
pub(super) struct Cells {
    knowledge: Knowledge,
    events: BTreeMap<Reference, usize>,
    devices: Vec<DeviceId>,
    fields: BTreeMap<u16, Cell>,
    lists: BTreeMap<u16, BTreeMap<ItemId, Slot>>,
}

impl Cells {
    /// Adds a counted event whose deps were added. The order of concurrent ones makes no difference.
    pub(super) fn add(&mut self, source: &Source<'_>) {
        let deps: Vec<usize> = source.deps.iter().filter_map(|dep| self.events.get(dep)).copied().collect();
        let event = self.knowledge.add(source.reference.log, &deps);
        self.events.insert(source.reference, event);
        self.devices.push(source.device);
        let put = |nth: u16, value: &Scalar| Put { event, at: (source.lamport, source.id, nth), value: value.clone() };
        let known = &self.knowledge;
        for (nth, edit) in (0..).zip(source.edits) {
            match edit {
                Edit::Put { field, value } => replace(self.fields.entry(*field).or_default(), put(nth, value), known),
                Edit::Add { list, fields } => {
                    let mut slot = Slot::default();
                    for (field, value) in fields {
                        replace(slot.fields.entry(*field).or_default(), put(nth, value), known);
                    }
                    slot.stand(Stand { event, keeps: true }, known);
                    self.lists.entry(*list).or_default().insert(ItemId::new(source.id, nth), slot);
                }
                Edit::PutItem { list, item, field, value } => {
                    if let Some(slot) = find(&mut self.lists, *list, *item, event, known) {
                        replace(slot.fields.entry(*field).or_default(), put(nth, value), known);
                        slot.stand(Stand { event, keeps: true }, known);
                    }
                }
                Edit::Remove { list, item } => {
                    if let Some(slot) = find(&mut self.lists, *list, *item, event, known) {
                        slot.stand(Stand { event, keeps: false }, known);
                    }
                }
            }
        }
    }

    /// The values as they stand.
    pub(super) fn content(&self, schema: &Schema) -> Content {
        let items = |list: &u16| {
            let slots = self.lists.get(list).into_iter().flatten();
            slots.filter_map(|(id, slot)| Some((*id, self.item(slot)?))).collect()
        };
        Content {
            fields: self.shown(&self.fields),
            lists: schema.lists.iter().map(|spec| (spec.list, items(&spec.list))).collect(),
        }
    }

    fn item(&self, slot: &Slot) -> Option<Item> {
        let removal_contested = slot.standing.iter().any(|stand| !stand.keeps);
        let stands = slot.standing.iter().any(|stand| stand.keeps);
        stands.then(|| Item { fields: self.shown(&slot.fields), removal_contested })
    }

    fn shown(&self, fields: &BTreeMap<u16, Cell>) -> BTreeMap<u16, Vec<Value>> {
        let shown = fields.iter().map(|(field, cell)| (*field, self.values(cell)));
        shown.filter(|(_, values)| !values.is_empty()).collect()
    }

    /// The different values of a field, by (lamport, id): the last is the one that is read. Equal values are one, a lone
    /// null is none; of one device's, who can only be of several lives or branches, the last few.
    fn values(&self, cell: &Cell) -> Vec<Value> {
        let mut puts: Vec<&Put> = cell.iter().collect();
        puts.sort_unstable_by_key(|put| put.at);
        if puts.len() > limits::VALUES {
            let mut of_device: BTreeMap<Option<&DeviceId>, usize> = BTreeMap::new();
            let mut last: Vec<&Put> = puts
                .into_iter()
                .rev()
                .filter(|put| {
                    let count = of_device.entry(self.devices.get(put.event)).or_default();
                    *count += 1;
                    *count <= limits::VALUES
                })
                .collect();
            last.reverse();
            puts = last;
        }
        let mut values: Vec<Value> = Vec::new();
        for put in puts {
            values.retain(|other| other.value != put.value);
            let mut by = [0; 16];
            by.copy_from_slice(&put.at.1.as_bytes()[..16]);
            values.push(Value { value: put.value.clone(), by });
        }
        if values.iter().all(|value| value.value == Scalar::Null) { Vec::new() } else { values }
    }
}

/// Puts a value in the place of those that its event knew of, or put itself.
fn replace(cell: &mut Cell, put: Put, known: &Knowledge) {
    // As if a put of what is shown changed nothing.
    if Rule::Choice.is_left_out()
        && cell.iter().max_by_key(|other| other.at).is_some_and(|shown| shown.value == put.value)
    {
        return;
    }
    cell.retain(|other| other.event != put.event && !known.knew(put.event, other.event));
    cell.push(put);
}

/// An item that is there and stands for whoever wrote an event, somebody's concurrent removal notwithstanding.
fn find<'a>(
    lists: &'a mut BTreeMap<u16, BTreeMap<ItemId, Slot>>,
    list: u16,
    item: ItemId,
    event: usize,
    known: &Knowledge,
) -> Option<&'a mut Slot> {
    lists.get_mut(&list)?.get_mut(&item).filter(|slot| slot.stands_for(event, known))
}

impl Slot {
    fn stand(&mut self, stand: Stand, known: &Knowledge) {
        let older = |other: &Stand| other.event == stand.event || known.knew(stand.event, other.event);
        self.standing.retain(|other| !older(other));
        self.standing.push(stand);
        // One event's later edit of the same item stands for its earlier ones.
        if self.stands.last().is_some_and(|last| last.event == stand.event) {
            self.stands.pop();
        }
        self.stands.push(stand);
    }

    /// Whether anybody keeps the item among what an event's author knew.
    fn stands_for(&self, event: usize, known: &Knowledge) -> bool {
        let knew = |stand: &Stand| stand.event == event || known.knew(event, stand.event);
        if self.standing.iter().all(knew) {
            return self.standing.iter().any(|stand| stand.keeps);
        }
        // Somebody acted meanwhile. Newest first, so that whoever was replaced comes after who replaced them.
        let mut seen: Vec<Stand> = Vec::new();
        for stand in self.stands.iter().rev().filter(|stand| knew(stand)) {
            let replaced = seen.iter().any(|later| known.knew(later.event, stand.event));
            if !replaced && stand.keeps {
                return true;
            }
            if !replaced {
                seen.push(*stand);
            }
        }
        false
    }
}
