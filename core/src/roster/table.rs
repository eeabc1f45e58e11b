//! The role × command table of the roster: who may write which event, as data. Refusals, the fold, tests and docs
//! come from it.

use super::Need;

/// The version in which every kind is written today.
pub(super) const VERSION: u16 = 1;

/// One kind of roster event: a row of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RosterSpec {
    /// The number on the wire, 1 to 63.
    pub kind: u16,
    /// The newest version this build understands; all from 1 up to it are understood.
    pub version: u16,
    /// A stable code, such as `admitted`: apps translate it.
    pub code: &'static str,
    /// What its author needs.
    pub need: Need,
}

const fn row(kind: u16, code: &'static str, need: Need) -> RosterSpec {
    RosterSpec { kind, version: VERSION, code, need }
}

/// Every roster event. That cuts and removals reach only oneself and lower ranks is the fold's to judge.
pub const TABLE: [RosterSpec; 11] = [
    row(1, "founded", Need::SELF),
    row(2, "admitted", Need::COORDINATOR.or(Need::KIT)),
    row(3, "granted", Need::COORDINATOR),
    row(4, "grant_removed", Need::COORDINATOR),
    row(5, "revoked", Need::COORDINATOR.or(Need::KIT)),
    row(6, "left", Need::SELF),
    row(7, "keys_sealed", Need::COORDINATOR.or(Need::KIT)),
    row(8, "key_rotated", Need::SELF),
    row(9, "resumed", Need::SELF),
    row(10, "relay_moved", Need::COORDINATOR),
    row(11, "room_given", Need::COORDINATOR.or(Need::KIT)),
];

impl RosterSpec {
    /// The row of a kind.
    pub fn of(kind: u16) -> Option<&'static RosterSpec> {
        TABLE.iter().find(|spec| spec.kind == kind)
    }
}
