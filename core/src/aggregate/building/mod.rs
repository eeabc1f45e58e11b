//! The building register: which buildings there are, what is in them, in which order somebody walks.
//!
//! A building is named by its label, fixed when it is listed; orders and alerts carry that label. This folder knows
//! what coordinators wrote of one building. Whether two were listed under one label is a query's to see.

mod decide;
#[cfg(test)]
mod tests;

use minicbor::{Decode, Encode};
use serde::{Deserialize, Serialize};

use super::{
    Aggregate, Birth, Desk, Draft, FieldSpec, Found, History, Item, KindSpec, ListSpec, Malformed, Row, Schema,
    Subject, Table, address, decode,
};
use crate::{
    event::{ItemId, Topic},
    id::Reference,
    roster::Need,
};

pub use decide::{BuildingChange, BuildingRefusal, BuildingWish};

/// Numbers of the document's fields and lists.
pub mod field {
    /// A name beside the label.
    pub const NAME: u16 = 1;
    /// The place in the walk through the compound, smallest first.
    pub const WALK_ORDER: u16 = 2;
    /// How to get in: door code, stairs, whom to ring.
    pub const ENTRANCE_NOTE: u16 = 3;
    /// List: the units (单元).
    pub const UNITS: u16 = 1;
    /// List: rooms that belong to no unit, such as a shop or a porter's lodge.
    pub const OUTSIDE_ROOMS: u16 = 2;
    /// Of an item: the label of the unit or room.
    pub const LABEL: u16 = 1;
    /// Of a unit: its floors.
    pub const FLOORS: u16 = 2;
    /// Of a unit: rooms on each floor.
    pub const ROOMS_PER_FLOOR: u16 = 3;
}

/// Numbers of the events.
pub mod kind {
    /// A building was put into the register.
    pub const LISTED: u16 = 0x0600;
    /// What stands of it changed.
    pub const EDITED: u16 = 0x0601;
    /// It is no longer used.
    pub const RETIRED: u16 = 0x0602;
}

/// One row for each building. A building without a place in the walk stands behind those with one
/// (`walk_order` is the greatest number then); `label_key` sorts labels by their numbers.
pub const BUILDING: Table = Table {
    name: "building",
    columns: &["label", "label_key", "name", "walk_order", "open", "entrance_note", "units", "outside_rooms"],
    indexes: &[&["open", "walk_order", "label_key"], &["label", "open"]],
};

const UNIT_FIELDS: &[FieldSpec] = &[
    FieldSpec { field: field::LABEL, name: "label" },
    FieldSpec { field: field::FLOORS, name: "floors" },
    FieldSpec { field: field::ROOMS_PER_FLOOR, name: "rooms_per_floor" },
];

/// The building aggregate.
pub struct Building;

/// What events other than edits say of a building.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BuildingState {
    retired: bool,
}

/// What an event of a building says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum BuildingFact {
    /// It is in the register.
    Listed {
        /// Its label.
        label: String,
    },
    /// The document changed.
    Edited,
    /// It is no longer used. For good: what is wrong about that is listed anew.
    Retired,
}

/// A unit (单元) of a building.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unit {
    /// The item; `None` for one that is to be added.
    #[serde(default)]
    pub item: Option<ItemId>,
    /// Its label, such as `2`.
    pub label: String,
    /// How many floors it has, if known.
    #[serde(default)]
    pub floors: Option<i64>,
    /// How many rooms a floor has, if known.
    #[serde(default)]
    pub rooms_per_floor: Option<i64>,
}

/// A room that belongs to no unit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutsideRoom {
    /// The item.
    pub item: ItemId,
    /// Its label.
    pub label: String,
}

/// A building as screens show it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct BuildingView {
    /// The building.
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

#[derive(Encode, Decode)]
#[cbor(map)]
struct ListedPayload {
    #[n(0)]
    label: String,
}

/// Edited and retired: nothing.
#[derive(Encode, Decode)]
#[cbor(map)]
struct EmptyPayload {}

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
        let [label, _, name, walk_order, open, entrance_note, units, outside_rooms] = found.cells.as_slice() else {
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

impl Aggregate for Building {
    const NAME: &'static str = "building";
    const TOPIC: Topic = Topic::Common;
    const KINDS: &'static [KindSpec] = &[
        KindSpec { kind: kind::LISTED, version: 1, code: "listed", need: Need::COORDINATOR, creates: true },
        KindSpec { kind: kind::EDITED, version: 1, code: "edited", need: Need::COORDINATOR, creates: false },
        KindSpec { kind: kind::RETIRED, version: 1, code: "retired", need: Need::COORDINATOR, creates: false },
    ];
    const CONTENT: Schema = Schema {
        fields: &[
            FieldSpec { field: field::NAME, name: "name" },
            FieldSpec { field: field::WALK_ORDER, name: "walk_order" },
            FieldSpec { field: field::ENTRANCE_NOTE, name: "entrance_note" },
        ],
        lists: &[
            ListSpec { list: field::UNITS, name: "units", fields: UNIT_FIELDS },
            ListSpec {
                list: field::OUTSIDE_ROOMS,
                name: "outside_rooms",
                fields: &[FieldSpec { field: field::LABEL, name: "label" }],
            },
        ],
    };
    const TABLES: &'static [Table] = &[BUILDING];

    type Fact = BuildingFact;
    type State = BuildingState;
    type Wish = BuildingWish;
    type Refusal = BuildingRefusal;

    fn read(kind: u16, version: u16, payload: &[u8]) -> Result<BuildingFact, Malformed> {
        match (kind, version) {
            (kind::LISTED, 1) => {
                let ListedPayload { label } = decode(payload)?;
                if !address::is_label(&label) {
                    return Err(Malformed("a building's label is out of bounds"));
                }
                Ok(BuildingFact::Listed { label })
            }
            (kind::EDITED, 1) => decode(payload).map(|_: EmptyPayload| BuildingFact::Edited),
            (kind::RETIRED, 1) => decode(payload).map(|_: EmptyPayload| BuildingFact::Retired),
            _ => Err(Malformed("no such kind and version")),
        }
    }

    fn building(fact: &BuildingFact) -> Option<String> {
        if let BuildingFact::Listed { label } = fact { Some(label.clone()) } else { None }
    }

    fn apply(state: &mut BuildingState, fact: &BuildingFact, _at: usize, _history: &History, _birth: &Birth) {
        if *fact == BuildingFact::Retired {
            state.retired = true;
        }
    }

    fn rows(subject: &Subject<'_, BuildingState>) -> Vec<Row> {
        let view = BuildingView::of(subject);
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
        ];
        vec![Row { table: BUILDING.name, cells }]
    }

    fn search(subject: &Subject<'_, BuildingState>) -> Option<String> {
        let view = BuildingView::of(subject);
        Some([view.label, view.name.unwrap_or_default()].join(" ").trim().to_owned())
    }

    fn line(card: &Found) -> Vec<String> {
        BUILDING.texts(card, &["label", "name"])
    }

    fn erasable(_: Option<&Found>) -> bool {
        false
    }

    fn decide(
        subject: Option<&Subject<'_, BuildingState>>,
        wish: BuildingWish,
        desk: &Desk<'_>,
    ) -> Result<Vec<Draft>, BuildingRefusal> {
        decide::decide(subject, wish, desk)
    }
}
