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

const fn event(kind: u16, code: &'static str, need: Need) -> KindSpec {
    KindSpec { kind, version: 1, code, need, creates: false }
}

/// Who leads where the order is.
const LEADS: Need = Need::LEADER.or(Need::COORDINATOR);
/// Who may end it.
const ENDS: Need = Need::AUTHOR.or(LEADS);

/// Which events there are, and who may write them.
pub(super) const TABLE: &[KindSpec] = &[
    KindSpec { creates: true, ..event(POSTED, "posted", Need::MEMBER) },
    event(EDITED, "edited", Need::MEMBER),
    event(CLAIMED, "claimed", Need::MEMBER),
    event(RELEASED, "released", Need::MEMBER),
    event(TAKEN_OVER, "taken_over", Need::MEMBER),
    event(ASSIGNED, "assigned", LEADS),
    event(HAND_OVER_OFFERED, "hand_over_offered", Need::MEMBER),
    event(HAND_OVER_ACCEPTED, "hand_over_accepted", Need::MEMBER),
    event(PURCHASED, "purchased", Need::MEMBER),
    event(ENTRUSTED, "entrusted", Need::MEMBER),
    event(PASSED_ON, "passed_on", Need::MEMBER),
    event(RETURNED, "returned", Need::MEMBER),
    event(ATTEMPTED, "attempted", Need::MEMBER),
    event(DELIVERED, "delivered", Need::MEMBER),
    event(CONFIRMED, "confirmed", Need::MEMBER),
    event(REIMBURSED, "reimbursed", Need::MEMBER),
    event(CANCELLED, "cancelled", ENDS),
    event(REOPENED, "reopened", Need::MEMBER),
    event(STILL_NEEDED, "still_needed", Need::MEMBER),
    event(DUPLICATE_OF, "duplicate_of", ENDS),
    event(COMMENTED, "commented", Need::MEMBER),
    event(MOVED, "moved", ENDS),
    event(RESOLVED, "resolved", LEADS),
    event(CORRECTED, "corrected", Need::TARGET_AUTHOR.or(LEADS)),
];
