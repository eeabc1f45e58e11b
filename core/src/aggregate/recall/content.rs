//! What people edit together of a recall.

use crate::aggregate::{FieldSpec, Schema};

/// Why the goods are recalled.
pub const REASON: u16 = 0;
/// Who recalled them: an authority or maker, not a neighbour.
pub const ISSUER: u16 = 1;

/// What is edited together.
pub(super) const SCHEMA: Schema = Schema {
    fields: &[FieldSpec { field: REASON, name: "reason" }, FieldSpec { field: ISSUER, name: "issuer" }],
    lists: &[],
};
