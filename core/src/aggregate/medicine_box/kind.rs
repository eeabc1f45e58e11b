//! The events of a box: their numbers, and who may write them.

use crate::{aggregate::KindSpec, roster::Need};

/// The box is set up.
pub const OPENED: u16 = 0x0300;
/// Its place or note changes.
pub const EDITED: u16 = 0x0301;
/// Goods are given.
pub const DONATED: u16 = 0x0302;
/// Goods are taken.
pub const TAKEN: u16 = 0x0303;
/// Goods are taken, a keeper passing over a limit or a missing class.
pub const TAKEN_BY_OVERRIDE: u16 = 0x0304;
/// Goods come back.
pub const RETURNED: u16 = 0x0305;
/// A lot is split into a smaller unit.
pub const SPLIT: u16 = 0x0306;
/// What is there is counted.
pub const COUNTED: u16 = 0x0307;
/// Unfit goods are discovered.
pub const FOUND: u16 = 0x0308;
/// Goods are thrown away.
pub const DISCARDED: u16 = 0x0309;
/// Goods leave for another box.
pub const SENT: u16 = 0x030a;
/// Goods arrive from another box.
pub const RECEIVED: u16 = 0x030b;
/// A lot is set aside.
pub const QUARANTINED: u16 = 0x030c;
/// A lot is let go again.
pub const QUARANTINE_LIFTED: u16 = 0x030d;
/// More of a product is asked for.
pub const RESTOCK_ASKED: u16 = 0x030e;
/// When stock is low is set.
pub const RESTOCK_SET: u16 = 0x030f;
/// How much a household may take is set.
pub const LIMIT_SET: u16 = 0x0310;
/// The box is given up.
pub const CLOSED: u16 = 0x0311;
/// What is left of a closed box goes on here.
pub const CARRIED_OVER: u16 = 0x0312;
/// An earlier event was a slip.
pub const CORRECTED: u16 = 0x0313;

const KEEPER: Need = Need::KEEPER.or(Need::COORDINATOR);
const STEWARD: Need = KEEPER.or(Need::LEADER).or(Need::AUTHOR);
const CORRECTOR: Need = KEEPER.or(Need::LEADER).or(Need::TARGET_AUTHOR);

/// Which events there are, and who may write them.
pub(super) const TABLE: &[KindSpec] = &[
    KindSpec::new(OPENED, "opened", Need::MEMBER).creating(),
    KindSpec::new(EDITED, "edited", Need::MEMBER),
    KindSpec::new(DONATED, "donated", Need::MEMBER),
    KindSpec::new(TAKEN, "taken", Need::MEMBER),
    KindSpec::new(TAKEN_BY_OVERRIDE, "taken_by_override", KEEPER),
    KindSpec::new(RETURNED, "returned", Need::MEMBER),
    KindSpec::new(SPLIT, "split", Need::MEMBER),
    KindSpec::new(COUNTED, "counted", Need::MEMBER),
    KindSpec::new(FOUND, "found", Need::MEMBER),
    KindSpec::new(DISCARDED, "discarded", Need::MEMBER),
    KindSpec::new(SENT, "sent", Need::MEMBER),
    KindSpec::new(RECEIVED, "received", Need::MEMBER),
    KindSpec::new(QUARANTINED, "quarantined", Need::MEMBER),
    KindSpec::new(QUARANTINE_LIFTED, "quarantine_lifted", KEEPER),
    KindSpec::new(RESTOCK_ASKED, "restock_asked", Need::MEMBER),
    KindSpec::new(RESTOCK_SET, "restock_set", STEWARD),
    KindSpec::new(LIMIT_SET, "limit_set", STEWARD),
    KindSpec::new(CLOSED, "closed", STEWARD),
    KindSpec::new(CARRIED_OVER, "carried_over", STEWARD),
    KindSpec::new(CORRECTED, "corrected", CORRECTOR),
];
