//! What people edit together of an alert.

use crate::aggregate::{FieldSpec, Schema};

/// Numbers of the document's fields.
pub mod field {
    /// What is the matter, in words.
    pub const TEXT: u16 = 1;
    /// Whom to call, and under which number.
    pub const CONTACT: u16 = 2;
    /// The unit of the building.
    pub const UNIT: u16 = 3;
    /// The room, or a place in words.
    pub const ROOM: u16 = 4;
}

/// What is edited together.
pub(super) const SCHEMA: Schema = Schema {
    fields: &[
        FieldSpec { field: field::TEXT, name: "text" },
        FieldSpec { field: field::CONTACT, name: "contact" },
        FieldSpec { field: field::UNIT, name: "unit" },
        FieldSpec { field: field::ROOM, name: "room" },
    ],
    lists: &[],
};
