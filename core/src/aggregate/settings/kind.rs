//! The events of the settings: their numbers, and who may write them.

use crate::{aggregate::KindSpec, roster::Need};

/// The settings were made.
pub const CREATED: u16 = 0x0700;
/// The settings were changed.
pub const EDITED: u16 = 0x0701;

/// Which events there are, and who may write them.
pub(super) const TABLE: &[KindSpec] = &[
    KindSpec::new(CREATED, "created", Need::COORDINATOR).creating(),
    KindSpec::new(EDITED, "edited", Need::COORDINATOR),
];
