//! The events of a building: their numbers, and who may write them.

use crate::{aggregate::KindSpec, roster::Need};

/// A building was put into the register.
pub const LISTED: u16 = 0x0600;
/// What stands of it changed.
pub const EDITED: u16 = 0x0601;
/// It is no longer used.
pub const RETIRED: u16 = 0x0602;

/// Which events there are, and who may write them.
pub(super) const TABLE: &[KindSpec] = &[
    KindSpec::new(LISTED, "listed", Need::COORDINATOR).creating(),
    KindSpec::new(EDITED, "edited", Need::COORDINATOR),
    KindSpec::new(RETIRED, "retired", Need::COORDINATOR),
];
