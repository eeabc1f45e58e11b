//! Cells: the values that stand in each field of a document after typed edits.
//!
//! A put replaces the values that its author knew. It stands beside all others until somebody who knows of it puts
//! again. An Automerge document of the same edits holds the same values (R1).
//!
//! No Automerge is needed for that. An edit costs what it touches, however many edits came before it or beside it, so a
//! document takes any number of them. [`document`](super::document) makes the Automerge file on demand.

use std::collections::BTreeMap;

use super::{
    Content, Item, Schema, Value,
    knowledge::{Knowledge, Known, Unanswered},
};
use crate::{
    event::{Edit, ItemId, Scalar},
    id::{DeviceId, EventId},
    limits,
    sabotage::Rule,
};

/// A value put into a field, and when: by its event's place in the order, and the edit's in the event.
#[derive(Clone, Debug)]
struct Put {
    event: usize,
    at: (u64, EventId, u16),
    device: DeviceId,
    value: Scalar,
}

/// An event that edits.
#[derive(Clone, Copy, Debug)]
pub(super) struct Editing<'a> {
    /// Its index in the knowledge.
    pub(super) event: usize,
    /// Its id, whose first half marks what it wrote.
    pub(super) id: EventId,
    /// Its place in time by what it builds on.
    pub(super) lamport: u64,
    /// On which device it was written.
    pub(super) device: DeviceId,
    /// What it does.
    pub(super) edits: &'a [Edit],
}

/// The values of one field that stand, by the index of their events in the knowledge.
#[derive(Clone, Debug, Default)]
struct Cell {
    puts: BTreeMap<usize, Put>,
    standing: Unanswered,
}

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
    /// All of them, by their places in that order.
    all: Unanswered,
    /// Those that nobody replaced who knew of them.
    standing: Unanswered,
}

/// The values of a document after a set of events.
#[derive(Clone, Debug, Default)]
pub(super) struct Cells {
    fields: BTreeMap<u16, Cell>,
    lists: BTreeMap<u16, BTreeMap<ItemId, Slot>>,
}

impl Cells {
    /// Adds an event that counts, of whose deps those that count were added. The order of concurrent ones makes no
    /// difference.
    pub(super) fn add(&mut self, editing: &Editing<'_>, known: &Knowledge) {
        let Editing { event, id, lamport, device, edits } = *editing;
        let put = |nth: u16, value: &Scalar| Put { event, at: (lamport, id, nth), device, value: value.clone() };
        for (nth, edit) in (0..).zip(edits) {
            match edit {
                Edit::Put { field, value } => replace(self.fields.entry(*field).or_default(), put(nth, value), known),
                Edit::Add { list, fields } => {
                    let mut slot = Slot::default();
                    for (field, value) in fields {
                        replace(slot.fields.entry(*field).or_default(), put(nth, value), known);
                    }
                    slot.stand(Stand { event, keeps: true }, known);
                    self.lists.entry(*list).or_default().insert(ItemId::new(id, nth), slot);
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
            slots.filter_map(|(id, slot)| Some((*id, item(slot)?))).collect()
        };
        Content {
            fields: shown(&self.fields),
            lists: schema.lists.iter().map(|spec| (spec.list, items(&spec.list))).collect(),
        }
    }
}

fn item(slot: &Slot) -> Option<Item> {
    let removal_contested = slot.standing().any(|stand| !stand.keeps);
    let stands = slot.standing().any(|stand| stand.keeps);
    stands.then(|| Item { fields: shown(&slot.fields), removal_contested })
}

fn shown(fields: &BTreeMap<u16, Cell>) -> BTreeMap<u16, Vec<Value>> {
    let shown = fields.iter().map(|(field, cell)| (*field, values(cell)));
    shown.filter(|(_, values)| !values.is_empty()).collect()
}

/// The different values of a field, by (lamport, id): the last is the one that is read. Equal values are one, a lone
/// null is none; of one device's, who can only be of several lives or branches, the last few.
fn values(cell: &Cell) -> Vec<Value> {
    let mut puts: Vec<&Put> = cell.puts.values().collect();
    puts.sort_unstable_by_key(|put| put.at);
    if puts.len() > limits::VALUES {
        let mut of_device: BTreeMap<DeviceId, usize> = BTreeMap::new();
        let mut last: Vec<&Put> = puts
            .into_iter()
            .rev()
            .filter(|put| {
                let count = of_device.entry(put.device).or_default();
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

/// Puts a value in the place of those that its event knew of, or put itself.
fn replace(cell: &mut Cell, put: Put, known: &Knowledge) {
    // As if a put of what is shown changed nothing.
    if Rule::Choice.is_left_out()
        && cell.puts.values().max_by_key(|other| other.at).is_some_and(|shown| shown.value == put.value)
    {
        return;
    }
    let event = put.event;
    // One event's later edit of the same field stands for its earlier ones, which replaced the others.
    if cell.puts.insert(event, put).is_none() {
        for replaced in cell.standing.answer(known, event) {
            cell.puts.remove(&replaced);
        }
        cell.standing.add(known, event, event);
    }
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
    fn standing(&self) -> impl Iterator<Item = &Stand> {
        self.standing.numbers().filter_map(|nth| self.stands.get(nth))
    }

    fn stand(&mut self, stand: Stand, known: &Knowledge) {
        // One event's later edit of the same item stands for its earlier ones.
        if let Some(last) = self.stands.last_mut().filter(|last| last.event == stand.event) {
            *last = stand;
            return;
        }
        let nth = self.stands.len();
        self.standing.answer(known, stand.event);
        self.standing.add(known, stand.event, nth);
        self.all.add(known, stand.event, nth);
        self.stands.push(stand);
    }

    /// Whether anybody keeps the item among what an event's author knew.
    fn stands_for(&self, event: usize, known: &Knowledge) -> bool {
        if let Some(last) = self.stands.last().filter(|last| last.event == event) {
            return last.keeps;
        }
        // Newest first, so that whoever was replaced comes after who replaced them.
        let mut last = self.all.last_known(known, event);
        last.sort_unstable();
        let mut seen = Known::default();
        for stand in last.into_iter().rev().filter_map(|nth| self.stands.get(nth)) {
            if !known.is_in(&seen, stand.event) && stand.keeps {
                return true;
            }
            known.add_to(&mut seen, stand.event);
        }
        false
    }
}
