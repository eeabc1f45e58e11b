//! What people edit together of a product.

use crate::aggregate::{FieldSpec, ListSpec, Schema};

/// The name on the package, as neighbours say it.
pub const NAME: u16 = 0;
/// The generic name.
pub const GENERIC: u16 = 1;
/// The brand, or who makes it.
pub const BRAND: u16 = 2;
/// The strength, such as `0.5 g`.
pub const STRENGTH: u16 = 3;
/// The form, such as `tablet`.
pub const FORM: u16 = 4;
/// The number under the barcode.
pub const BARCODE: u16 = 5;
/// The list of other names.
pub const ALIASES: u16 = 0;
/// The list of units: box → strip → tablet.
pub const UNITS: u16 = 1;
/// In [`ALIASES`]: the name.
pub const ALIAS: u16 = 0;
/// In [`UNITS`]: the unit's name.
pub const UNIT: u16 = 0;
/// In [`UNITS`]: how many of the smaller unit it contains.
pub const CONTAINS: u16 = 1;
/// In [`UNITS`]: the smaller unit's name; nothing for the smallest.
pub const OF: u16 = 2;

/// What is edited together.
pub(super) const SCHEMA: Schema = Schema {
    fields: &[
        FieldSpec { field: NAME, name: "name" },
        FieldSpec { field: GENERIC, name: "generic" },
        FieldSpec { field: BRAND, name: "brand" },
        FieldSpec { field: STRENGTH, name: "strength" },
        FieldSpec { field: FORM, name: "form" },
        FieldSpec { field: BARCODE, name: "barcode" },
    ],
    lists: &[
        ListSpec { list: ALIASES, name: "aliases", fields: &[FieldSpec { field: ALIAS, name: "name" }] },
        ListSpec {
            list: UNITS,
            name: "units",
            fields: &[
                FieldSpec { field: UNIT, name: "unit" },
                FieldSpec { field: CONTAINS, name: "contains" },
                FieldSpec { field: OF, name: "of" },
            ],
        },
    ],
};
