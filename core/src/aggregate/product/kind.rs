//! The events of a product: their numbers, and who may write them.

use crate::{aggregate::KindSpec, roster::Need};

/// A product with its class enters the catalogue.
pub const LISTED: u16 = 0x0200;
/// A product enters the catalogue without class, proposed by a member.
pub const PROPOSED: u16 = 0x0201;
/// Texts, units or the class change.
pub const EDITED: u16 = 0x0202;
/// The product is no longer to be donated.
pub const WITHDRAWN: u16 = 0x0203;

const CATALOGUER: Need = Need::ANY_LEADER.or(Need::COORDINATOR);

/// Which events there are, and who may write them.
pub(super) const TABLE: &[KindSpec] = &[
    KindSpec::new(LISTED, "listed", CATALOGUER).creating(),
    KindSpec::new(PROPOSED, "proposed", Need::MEMBER).creating(),
    KindSpec::new(EDITED, "edited", CATALOGUER),
    KindSpec::new(WITHDRAWN, "withdrawn", CATALOGUER),
];
