//! What people edit together of a box.

use crate::aggregate::{FieldSpec, Schema};

/// Where the box is.
pub const PLACE: u16 = 0;
/// A word about it.
pub const NOTE: u16 = 1;

/// What is edited together.
pub(super) const SCHEMA: Schema = Schema {
    fields: &[FieldSpec { field: PLACE, name: "place" }, FieldSpec { field: NOTE, name: "note" }],
    lists: &[],
};
