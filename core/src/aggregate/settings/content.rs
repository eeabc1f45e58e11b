//! The document of the settings: the numbers of what coordinators edit together.

use crate::aggregate::{FieldSpec, ListSpec, Schema};

/// Numbers of the document's fields and lists.
pub mod field {
    /// Whom to call when nobody comes.
    pub const EMERGENCY_NUMBER: u16 = 1;
    /// Minutes by which local time is ahead of UTC.
    pub const UTC_OFFSET_MINUTES: u16 = 2;
    /// The time zone's name, to be shown.
    pub const TIME_ZONE: u16 = 3;
    /// Minutes after which an urgent claim without progress is shown as lapsed.
    pub const LEASE_URGENT_MINUTES: u16 = 4;
    /// Minutes after which a normal claim without progress is shown as lapsed.
    pub const LEASE_NORMAL_MINUTES: u16 = 5;
    /// What a household may take of one product in one period, where its box sets nothing.
    pub const TAKE_LIMIT: u16 = 6;
    /// Days after which closed orders are erased.
    pub const ERASE_AFTER_DAYS: u16 = 7;
    /// List: kinds of orders.
    pub const ORDER_KINDS: u16 = 1;
    /// List: categories of reports.
    pub const CATEGORIES: u16 = 2;
    /// Of an item: its stable code.
    pub const CODE: u16 = 1;
    /// Of an item: its name in Chinese.
    pub const ZH: u16 = 2;
    /// Of an item: its name in English.
    pub const EN: u16 = 3;
    /// Of an item: whether it is offered. One that is not still names what bears its code.
    pub const ACTIVE: u16 = 4;
}

const TERM_FIELDS: &[FieldSpec] = &[
    FieldSpec { field: field::CODE, name: "code" },
    FieldSpec { field: field::ZH, name: "zh" },
    FieldSpec { field: field::EN, name: "en" },
    FieldSpec { field: field::ACTIVE, name: "active" },
];

/// What is edited together.
pub(super) const SCHEMA: Schema = Schema {
    fields: &[
        FieldSpec { field: field::EMERGENCY_NUMBER, name: "emergency_number" },
        FieldSpec { field: field::UTC_OFFSET_MINUTES, name: "utc_offset_minutes" },
        FieldSpec { field: field::TIME_ZONE, name: "time_zone" },
        FieldSpec { field: field::LEASE_URGENT_MINUTES, name: "lease_urgent_minutes" },
        FieldSpec { field: field::LEASE_NORMAL_MINUTES, name: "lease_normal_minutes" },
        FieldSpec { field: field::TAKE_LIMIT, name: "take_limit" },
        FieldSpec { field: field::ERASE_AFTER_DAYS, name: "erase_after_days" },
    ],
    lists: &[
        ListSpec { list: field::ORDER_KINDS, name: "order_kinds", fields: TERM_FIELDS },
        ListSpec { list: field::CATEGORIES, name: "categories", fields: TERM_FIELDS },
    ],
};
