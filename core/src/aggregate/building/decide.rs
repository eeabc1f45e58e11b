//! What becomes of a command: one event, or a refusal.

use super::{
    BUILDING, Building, BuildingChange, BuildingCommand, BuildingRefusal, BuildingState, Unit,
    fact::{EmptyPayload, ListedPayload},
    field, kind,
};
use crate::{
    aggregate::{
        Content, DecisionContext, Draft, Item, Select, Subject, Value,
        address::{self, Part},
    },
    event::{Edit, ItemId, Scalar},
    limits,
};

/// The most floors a unit, and rooms a floor, can have.
pub(super) const MOST: i64 = 1_000;

pub(super) fn decide(
    subject: Option<&Subject<'_, BuildingState>>,
    command: BuildingCommand,
    context: &DecisionContext<'_>,
) -> Result<Vec<Draft>, BuildingRefusal> {
    let draft = match (subject, command) {
        (None, BuildingCommand::List { label, changes }) => list(&label, changes, context)?,
        (None, _) => return Err(BuildingRefusal::NoBuilding),
        (Some(_), BuildingCommand::List { .. }) => return Err(BuildingRefusal::NotNew),
        (Some(building), _) if building.state.retired => return Err(BuildingRefusal::Retired),
        (Some(building), BuildingCommand::Edit { changes }) => {
            let edits = edits(building.content, changes)?;
            if edits.is_empty() {
                return Err(BuildingRefusal::NothingChanged);
            }
            Draft::on::<Building>(building.birth.aggregate, kind::EDITED, &EmptyPayload {}).edits(edits)
        }
        (Some(building), BuildingCommand::Retire) => {
            Draft::on::<Building>(building.birth.aggregate, kind::RETIRED, &EmptyPayload {})
        }
    };
    Ok(vec![draft])
}

fn list(label: &str, changes: Vec<BuildingChange>, context: &DecisionContext<'_>) -> Result<Draft, BuildingRefusal> {
    let label = part_label(Part::Building, label)?;
    let compared = address::compared(Part::Building, &label);
    let same = Select::from(BUILDING.name).is("compared", compared).is("open", true).limit(1);
    if let Some(found) = context.world.select(&same)?.first() {
        return Err(BuildingRefusal::AlreadyListed { label, building: found.aggregate });
    }
    let edits = edits(&Content::default(), changes)?;
    Ok(Draft::new::<Building>(kind::LISTED, &ListedPayload { label }).edits(edits))
}

/// The edits that the changes come to; only what differs from the document is written.
fn edits(content: &Content, changes: Vec<BuildingChange>) -> Result<Vec<Edit>, BuildingRefusal> {
    let mut edits = Vec::new();
    for change in changes {
        match change {
            BuildingChange::Name(name) => put(content, field::NAME, text("name", name)?, &mut edits),
            BuildingChange::WalkOrder(place) => put(content, field::WALK_ORDER, place.into(), &mut edits),
            BuildingChange::EntranceNote(note) => {
                put(content, field::ENTRANCE_NOTE, text("entrance_note", note)?, &mut edits);
            }
            BuildingChange::Unit(unit) => edits.extend(unit_edits(content, unit, &edits)?),
            BuildingChange::RemoveUnit(item) => edits.push(remove(content, field::UNITS, item)?),
            BuildingChange::AddOutsideRoom(room) => {
                let label = part_label(Part::Room, &room)?;
                edits.push(add(content, field::OUTSIDE_ROOMS, vec![(field::LABEL, label.into())], &edits)?);
            }
            BuildingChange::RemoveOutsideRoom(item) => edits.push(remove(content, field::OUTSIDE_ROOMS, item)?),
        }
    }
    match edits.len() {
        got if got > limits::EDITS => Err(BuildingRefusal::TooMany { got, limit: limits::EDITS }),
        _ => Ok(edits),
    }
}

fn unit_edits(content: &Content, unit: Unit, so_far: &[Edit]) -> Result<Vec<Edit>, BuildingRefusal> {
    let values: Vec<(u16, Scalar)> = vec![
        (field::LABEL, part_label(Part::Unit, &unit.label)?.into()),
        (field::FLOORS, count("floors", unit.floors)?),
        (field::ROOMS_PER_FLOOR, count("rooms_per_floor", unit.rooms_per_floor)?),
    ];
    let Some(item) = unit.item else {
        let known = values.into_iter().filter(|(_, value)| *value != Scalar::Null).collect();
        return Ok(vec![add(content, field::UNITS, known, so_far)?]);
    };
    let fields = item_of(content, field::UNITS, item)?;
    let differ = values.into_iter().filter(|(field, value)| differs(fields.fields.get(field), value));
    Ok(differ.map(|(field, value)| Edit::PutItem { list: field::UNITS, item, field, value }).collect())
}

/// An added item, unless the list has one with this label, or this event adds one.
fn add(content: &Content, list: u16, fields: Vec<(u16, Scalar)>, so_far: &[Edit]) -> Result<Edit, BuildingRefusal> {
    let label = fields.iter().find(|(field, _)| *field == field::LABEL).and_then(|(_, value)| value.text());
    let part = if list == field::UNITS { Part::Unit } else { Part::Room };
    let is_it = |other: Option<&str>| {
        label.zip(other).is_some_and(|(one, other)| address::compared(part, one) == address::compared(part, other))
    };
    let stands = content.items(list).any(|(_, item)| is_it(item.text(field::LABEL)));
    let edit = Edit::Add { list, fields: fields.clone() };
    let is_same = |other: &Edit| match other {
        Edit::Add { list: other, fields } => {
            *other == list && fields.iter().any(|(field, value)| *field == field::LABEL && is_it(value.text()))
        }
        _ => false,
    };
    if stands || so_far.iter().any(is_same) {
        return Err(BuildingRefusal::AlreadyThere { label: label.unwrap_or_default().to_owned() });
    }
    Ok(edit)
}

fn remove(content: &Content, list: u16, item: ItemId) -> Result<Edit, BuildingRefusal> {
    item_of(content, list, item).map(|_| Edit::Remove { list, item })
}

fn item_of(content: &Content, list: u16, item: ItemId) -> Result<&Item, BuildingRefusal> {
    content.lists.get(&list).and_then(|items| items.get(&item)).ok_or(BuildingRefusal::NoSuchItem { item })
}

fn put(content: &Content, field: u16, value: Scalar, edits: &mut Vec<Edit>) {
    if differs(content.fields.get(&field), &value) {
        edits.push(Edit::Put { field, value });
    }
}

/// Whether writing the value changes anything: what is shown, or a conflict that it settles.
fn differs(values: Option<&Vec<Value>>, value: &Scalar) -> bool {
    match values.map(Vec::as_slice) {
        None | Some([]) => *value != Scalar::Null,
        Some([only]) => only.value != *value,
        Some(_) => true,
    }
}

fn part_label(part: Part, text: &str) -> Result<String, BuildingRefusal> {
    address::part_label(part, text).map_err(|why| BuildingRefusal::Label { part, why })
}

fn text(field: &'static str, text: String) -> Result<Scalar, BuildingRefusal> {
    match text.trim() {
        "" => Ok(Scalar::Null),
        text if text.len() > limits::FIELD => Err(BuildingRefusal::TooLong { field, limit: limits::FIELD }),
        text => Ok(text.into()),
    }
}

fn count(field: &'static str, value: Option<i64>) -> Result<Scalar, BuildingRefusal> {
    match value {
        Some(value) if !(1..=MOST).contains(&value) => Err(BuildingRefusal::OutOfRange { field, least: 1, most: MOST }),
        value => Ok(value.into()),
    }
}
