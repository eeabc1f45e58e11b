//! The document of a building: the numbers of what coordinators edit together.

use crate::aggregate::{FieldSpec, ListSpec, Schema};

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

const UNIT_FIELDS: &[FieldSpec] = &[
    FieldSpec { field: field::LABEL, name: "label" },
    FieldSpec { field: field::FLOORS, name: "floors" },
    FieldSpec { field: field::ROOMS_PER_FLOOR, name: "rooms_per_floor" },
];

/// What is edited together.
pub(super) const SCHEMA: Schema = Schema {
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
