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
/// Which events there are, and who may write them.
pub(super) const TABLE: &[KindSpec] = &[
    KindSpec::new(REGISTERED, "registered", Need::CARE).creating(),
    KindSpec::new(EDITED, "edited", Need::CARE),
    KindSpec::new(CONSENTED, "consented", Need::CARE),
    KindSpec::new(CONSENT_WITHDRAWN, "consent_withdrawn", Need::CARE),
    KindSpec::new(PLANNED, "planned", Need::CARE),
    KindSpec::new(PLAN_ENDED, "plan_ended", Need::CARE),
    KindSpec::new(POSTED, "posted", Need::CARE),
    KindSpec::new(VISITED, "visited", Need::CARE),
    KindSpec::new(SKIPPED, "skipped", Need::CARE),
    KindSpec::new(PAIRED, "paired", Need::CARE),
    KindSpec::new(UNPAIRED, "unpaired", Need::CARE),
    KindSpec::new(CLOSED, "closed", Need::CARE),
    KindSpec::new(CORRECTED, "corrected", Need::CARE),
];
