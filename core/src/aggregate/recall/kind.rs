//! The events of a recall: their numbers, and who may write them.

use crate::{aggregate::KindSpec, roster::Need};

/// The numbers kept for kinds of recalls, those of later builds among them.
pub const NUMBERS: std::ops::RangeInclusive<u16> = 0x0400..=0x04ff;
/// A recall begins.
pub const RAISED: u16 = 0x0400;
/// Its batches, reason or issuer change.
pub const EDITED: u16 = 0x0401;
/// It no longer stands.
pub const WITHDRAWN: u16 = 0x0402;

const RECALLER: Need = Need::ANY_LEADER.or(Need::COORDINATOR);

/// Which events there are, and who may write them.
pub(super) const TABLE: &[KindSpec] = &[
    KindSpec::new(RAISED, "raised", RECALLER).creating(),
    KindSpec::new(EDITED, "edited", RECALLER),
    KindSpec::new(WITHDRAWN, "withdrawn", RECALLER),
];
