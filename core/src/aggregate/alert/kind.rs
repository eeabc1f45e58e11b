//! The events of an alert: their numbers, and who may write them.

use crate::{aggregate::KindSpec, roster::Need};

/// Somebody needs help.
pub const RAISED: u16 = 0x0500;
/// Somebody has seen it.
pub const ACKNOWLEDGED: u16 = 0x0501;
/// Somebody is on their way.
pub const RESPONDING: u16 = 0x0502;
/// An ambulance has taken over.
pub const HANDED_TO_AMBULANCE: u16 = 0x0503;
/// It is over.
pub const RESOLVED: u16 = 0x0504;
/// It is not over, or nobody came.
pub const RAISED_AGAIN: u16 = 0x0505;
/// A word on it.
pub const COMMENTED: u16 = 0x0506;
/// A mis-tap undone.
pub const CORRECTED: u16 = 0x0507;
/// The text, the contact, the unit or the room changed.
pub const EDITED: u16 = 0x0508;

/// Which events there are, and who may write them.
pub(super) const TABLE: &[KindSpec] = &[
    KindSpec::new(RAISED, "raised", Need::MEMBER).creating(),
    KindSpec::new(ACKNOWLEDGED, "acknowledged", Need::MEMBER),
    KindSpec::new(RESPONDING, "responding", Need::MEMBER),
    KindSpec::new(HANDED_TO_AMBULANCE, "handed_to_ambulance", Need::MEMBER),
    KindSpec::new(RESOLVED, "resolved", Need::MEMBER),
    KindSpec::new(RAISED_AGAIN, "raised_again", Need::MEMBER),
    KindSpec::new(COMMENTED, "commented", Need::MEMBER),
    KindSpec::new(CORRECTED, "corrected", Need::TARGET_AUTHOR.or(Need::LEADER).or(Need::COORDINATOR)),
    KindSpec::new(EDITED, "edited", Need::MEMBER),
];
