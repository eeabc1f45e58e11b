//! The events of the settings: their numbers, and who may write them.

use crate::{aggregate::KindSpec, roster::Need};

/// The settings were made.
pub const CREATED: u16 = 0x0700;
/// They changed.
pub const EDITED: u16 = 0x0701;

/// Which events there are, and who may write them.
pub(super) const TABLE: &[KindSpec] = &[
    KindSpec { kind: CREATED, version: 1, code: "created", need: Need::COORDINATOR, creates: true },
    KindSpec { kind: EDITED, version: 1, code: "edited", need: Need::COORDINATOR, creates: false },
];
