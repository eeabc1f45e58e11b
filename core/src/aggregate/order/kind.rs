//! The events of an order: their numbers, and who may write them.
#![allow(missing_docs)] // each is the kind of the payload of that name

use crate::{aggregate::KindSpec, roster::Need};

pub const POSTED: u16 = 0x0100;
pub const EDITED: u16 = 0x0101;
pub const CLAIMED: u16 = 0x0102;
pub const RELEASED: u16 = 0x0103;
pub const TAKEN_OVER: u16 = 0x0104;
pub const ASSIGNED: u16 = 0x0105;
pub const HAND_OVER_OFFERED: u16 = 0x0106;
pub const HAND_OVER_ACCEPTED: u16 = 0x0107;
pub const PURCHASED: u16 = 0x0108;
pub const ENTRUSTED: u16 = 0x0109;
pub const PASSED_ON: u16 = 0x010a;
pub const RETURNED: u16 = 0x010b;
pub const ATTEMPTED: u16 = 0x010c;
pub const DELIVERED: u16 = 0x010d;
pub const CONFIRMED: u16 = 0x010e;
pub const REIMBURSED: u16 = 0x010f;
pub const CANCELLED: u16 = 0x0110;
pub const REOPENED: u16 = 0x0111;
pub const STILL_NEEDED: u16 = 0x0112;
pub const DUPLICATE_OF: u16 = 0x0113;
pub const COMMENTED: u16 = 0x0114;
pub const MOVED: u16 = 0x0115;
pub const RESOLVED: u16 = 0x0116;
pub const CORRECTED: u16 = 0x0117;

/// Who leads where the order is.
const LEADS: Need = Need::LEADER.or(Need::COORDINATOR);
/// Who may end it.
const ENDS: Need = Need::AUTHOR.or(LEADS);

/// Which events there are, and who may write them.
pub(super) const TABLE: &[KindSpec] = &[
    KindSpec::new(POSTED, "posted", Need::MEMBER).creating(),
    KindSpec::new(EDITED, "edited", Need::MEMBER),
    KindSpec::new(CLAIMED, "claimed", Need::MEMBER),
    KindSpec::new(RELEASED, "released", Need::MEMBER),
    KindSpec::new(TAKEN_OVER, "taken_over", Need::MEMBER),
    KindSpec::new(ASSIGNED, "assigned", LEADS),
    KindSpec::new(HAND_OVER_OFFERED, "hand_over_offered", Need::MEMBER),
    KindSpec::new(HAND_OVER_ACCEPTED, "hand_over_accepted", Need::MEMBER),
    KindSpec::new(PURCHASED, "purchased", Need::MEMBER),
    KindSpec::new(ENTRUSTED, "entrusted", Need::MEMBER),
    KindSpec::new(PASSED_ON, "passed_on", Need::MEMBER),
    KindSpec::new(RETURNED, "returned", Need::MEMBER),
    KindSpec::new(ATTEMPTED, "attempted", Need::MEMBER),
    KindSpec::new(DELIVERED, "delivered", Need::MEMBER),
    KindSpec::new(CONFIRMED, "confirmed", Need::MEMBER),
    KindSpec::new(REIMBURSED, "reimbursed", Need::MEMBER),
    KindSpec::new(CANCELLED, "cancelled", ENDS),
    KindSpec::new(REOPENED, "reopened", Need::MEMBER),
    KindSpec::new(STILL_NEEDED, "still_needed", Need::MEMBER),
    KindSpec::new(DUPLICATE_OF, "duplicate_of", ENDS),
    KindSpec::new(COMMENTED, "commented", Need::MEMBER),
    KindSpec::new(MOVED, "moved", ENDS),
    KindSpec::new(RESOLVED, "resolved", LEADS),
    KindSpec::new(CORRECTED, "corrected", Need::TARGET_AUTHOR.or(LEADS)),
];
