//! The events of a household: their numbers, and who may write them.
#![allow(missing_docs)] // each is the kind of the payload of that name

use crate::{aggregate::KindSpec, roster::Need};

pub const REGISTERED: u16 = 0x0800;
pub const EDITED: u16 = 0x0801;
pub const CONSENTED: u16 = 0x0802;
pub const CONSENT_WITHDRAWN: u16 = 0x0803;
pub const PLANNED: u16 = 0x0804;
pub const PLAN_ENDED: u16 = 0x0805;
pub const POSTED: u16 = 0x0806;
pub const VISITED: u16 = 0x0807;
pub const SKIPPED: u16 = 0x0808;
pub const PAIRED: u16 = 0x0809;
pub const UNPAIRED: u16 = 0x080a;
pub const CLOSED: u16 = 0x080b;
pub const CORRECTED: u16 = 0x080c;

/// Holders of the `care` grant write everything here, and nobody else anything.
const fn row(kind: u16, code: &'static str) -> KindSpec {
    KindSpec { kind, version: 1, code, need: Need::CARE, creates: kind == REGISTERED }
}

/// Which events there are, and who may write them.
pub(super) const TABLE: &[KindSpec] = &[
    row(REGISTERED, "registered"),
    row(EDITED, "edited"),
    row(CONSENTED, "consented"),
    row(CONSENT_WITHDRAWN, "consent_withdrawn"),
    row(PLANNED, "planned"),
    row(PLAN_ENDED, "plan_ended"),
    row(POSTED, "posted"),
    row(VISITED, "visited"),
    row(SKIPPED, "skipped"),
    row(PAIRED, "paired"),
    row(UNPAIRED, "unpaired"),
    row(CLOSED, "closed"),
    row(CORRECTED, "corrected"),
];
