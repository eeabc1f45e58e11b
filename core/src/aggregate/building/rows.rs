//! What screens see of buildings: a row each, and a view with the units.

#[cfg(feature = "uniffi")]
use crate::bindings::module_path;

use serde::{Deserialize, Serialize};

use super::{BuildingState, field};
use crate::{
    aggregate::{Found, Item, Row, Subject, Table, address},
    event::ItemId,
    id::Reference,
    label,
};

/// One row for each building. A building without a place in the walk stands behind those with one
/// (`walk_order` is the greatest number then); `label_key` sorts labels by their numbers; `compared` is the label as it is
/// compared.
pub const BUILDING: Table = Table {
    name: "building",
    columns: &[
        "label",
        "label_key",
        "name",
        "walk_order",
        "open",
        "entrance_note",
        "units",
        "outside_rooms",
        "compared",
    ],
    indexes: &[&["open", "walk_order", "label_key"], &["compared", "open"]],
};

/// A unit (单元) of a building.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record), uniffi(name = "BuildingUnit"))]
pub struct Unit {
    /// The item; `None` for one that is to be added.
    #[serde(default)]
    #[cfg_attr(feature = "uniffi", uniffi(default))]
    pub item: Option<ItemId>,
    /// Its label, such as `2`.
    pub label: String,
    /// How many floors it has, if known.
    #[serde(default)]
    #[cfg_attr(feature = "uniffi", uniffi(default))]
    pub floors: Option<i64>,
    /// How many rooms a floor has, if known.
    #[serde(default)]
    #[cfg_attr(feature = "uniffi", uniffi(default))]
    pub rooms_per_floor: Option<i64>,
}

/// A room that belongs to no unit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct OutsideRoom {
    /// Names the room in changes.
    pub item: ItemId,
    /// What addresses name it by.
    pub label: String,
}

/// A building as screens show it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct BuildingView {
    /// The building, by its creating event.
    pub building: Reference,
    /// Its label: what addresses name.
    pub label: String,
    /// A name beside it.
    pub name: Option<String>,
    /// The place in the walk through the compound.
    pub walk_order: Option<i64>,
    /// Whether it is in use.
    pub open: bool,
    /// How to get in.
    pub entrance_note: Option<String>,
    /// Its units, by label.
    pub units: Vec<Unit>,
    /// Its rooms outside of units, by label.
    pub outside_rooms: Vec<OutsideRoom>,
}

impl BuildingView {
    /// A folded building.
    pub fn of(subject: &Subject<'_, BuildingState>) -> Self {
        let content = subject.content;
        let text = |field| content.text(field).map(str::to_owned);
        let mut units: Vec<Unit> =
            content.items(field::UNITS).filter_map(|(item, fields)| unit(*item, fields)).collect();
        units.sort_by_key(|unit| address::sort_key(&unit.label));
        let outside = |(item, fields): (&ItemId, &Item)| {
            Some(OutsideRoom { item: *item, label: fields.text(field::LABEL)?.to_owned() })
        };
        let mut outside_rooms: Vec<OutsideRoom> = content.items(field::OUTSIDE_ROOMS).filter_map(outside).collect();
        outside_rooms.sort_by_key(|room| address::sort_key(&room.label));
        Self {
            building: subject.birth.aggregate,
            label: subject.birth.building.clone().unwrap_or_default(),
            name: text(field::NAME),
            walk_order: content.int(field::WALK_ORDER),
            open: !subject.state.retired,
            entrance_note: text(field::ENTRANCE_NOTE),
            units,
            outside_rooms,
        }
    }

    /// A building out of a row of [`BUILDING`], if the row is one.
    pub fn from_row(found: &Found) -> Option<Self> {
        let [label, _, name, walk_order, open, entrance_note, units, outside_rooms, _] = found.cells.as_slice() else {
            return None;
        };
        Some(Self {
            building: found.aggregate,
            label: label.text()?.to_owned(),
            name: name.text().map(str::to_owned),
            walk_order: walk_order.int().filter(|place| *place != i64::MAX),
            open: open.int()? != 0,
            entrance_note: entrance_note.text().map(str::to_owned),
            units: serde_json::from_str(units.text()?).ok()?,
            outside_rooms: serde_json::from_str(outside_rooms.text()?).ok()?,
        })
    }
}

fn unit(item: ItemId, fields: &Item) -> Option<Unit> {
    Some(Unit {
        item: Some(item),
        label: fields.text(field::LABEL)?.to_owned(),
        floors: fields.int(field::FLOORS),
        rooms_per_floor: fields.int(field::ROOMS_PER_FLOOR),
    })
}

pub(super) fn rows(subject: &Subject<'_, BuildingState>) -> Vec<Row> {
    let view = BuildingView::of(subject);
    let compared = label::building(&view.label);
    let cells = vec![
        view.label.as_str().into(),
        address::sort_key(&view.label).into(),
        view.name.into(),
        view.walk_order.unwrap_or(i64::MAX).into(),
        view.open.into(),
        view.entrance_note.into(),
        // Plain structs with text keys always have a JSON form.
        serde_json::to_string(&view.units).unwrap_or_default().into(),
        serde_json::to_string(&view.outside_rooms).unwrap_or_default().into(),
        compared.into(),
    ];
    vec![Row { table: BUILDING.name, cells }]
}

pub(super) fn search(subject: &Subject<'_, BuildingState>) -> Option<String> {
    let view = BuildingView::of(subject);
    let searched = address::searched(Some(&view.label), None, None);
    Some([view.label, searched, view.name.unwrap_or_default()].join(" ").trim().to_owned())
}
