//! Later: what this build makes out of a roster event that only a later build reads whole.
//!
//! A phone that was not brought up to date must not let in or give keys to somebody withdrawn. It must also keep and
//! pass on what an admitted device writes. So the first field of some kinds means the same in every version for good,
//! and some numbers are kept for kinds that withdraw. Everything else says nothing here, and is shown (T6).
//!
//! Of a device whose role is not known here no more is made out, even where its events can be read.

use minicbor::{Decode, Encode};
use serde::Serialize;

use super::{Admitted, Need, Role, RosterSpec, Sealed};
use crate::{
    id::{DeviceId, MemberId, Reference},
    key::DeviceRecord,
    time::WallMs,
};

/// Numbers kept for kinds that withdraw a device, which stands in their field 0.
pub const WITHDRAWING: std::ops::Range<u16> = 32..48;

/// A roster event that only a later build reads whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Later {
    /// Its kind, by number.
    pub kind: u16,
    /// What every version of this kind says.
    pub gist: Gist,
}

/// What can be read of such an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Gist {
    /// A device is admitted, in a role that is not known.
    Admits(Box<Admitted>),
    /// A device is withdrawn, its author's own if none is named. From where on, is not known.
    Withdraws(Option<DeviceId>),
    /// A device has lost something. What, is not known.
    Limits(DeviceId),
    /// Nothing of it can be made out here.
    Unknown,
}

#[derive(Decode)]
#[cbor(map)]
struct Named {
    #[n(0)]
    device: DeviceId,
}

#[derive(Decode)]
#[cbor(map)]
struct Recorded {
    #[n(0)]
    record: DeviceRecord,
    #[n(2)]
    member: Option<MemberId>,
    #[n(3)]
    label: Option<Sealed>,
}

impl Later {
    /// Reads what can be read. Never panics.
    pub fn read(kind: u16, payload: &[u8]) -> Self {
        let named = || minicbor::decode::<Named>(payload).ok().map(|named| named.device);
        let gist = match kind {
            2 => minicbor::decode::<Recorded>(payload).ok().and_then(|it| Gist::admits(it.record, it.member, it.label)),
            4 => named().map(Gist::Limits),
            6 => Some(Gist::Withdraws(None)),
            5 => named().map(|device| Gist::Withdraws(Some(device))),
            kind if WITHDRAWING.contains(&kind) => named().map(|device| Gist::Withdraws(Some(device))),
            _ => None,
        };
        Self { kind, gist: gist.unwrap_or(Gist::Unknown) }
    }

    /// The device it is about, as far as that can be read; none where that is the author.
    pub fn device(&self) -> Option<DeviceId> {
        match &self.gist {
            Gist::Admits(admitted) => Some(admitted.record.device),
            Gist::Withdraws(device) => *device,
            Gist::Limits(device) => Some(*device),
            Gist::Unknown => None,
        }
    }

    /// What its author needs. Kinds that are not known are coordinators' to write, or say nothing here.
    pub(super) fn need(&self) -> Need {
        RosterSpec::of(self.kind).map_or(Need::COORDINATOR.or(Need::KIT), |spec| spec.need)
    }
}

/// What such an event does here, as far as it can be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Encode, Serialize)]
#[cbor(index_only)]
#[serde(rename_all = "snake_case")]
pub enum Touch {
    /// It withdraws a device, which is not let in any more and gets no keys. What the device wrote behind that still
    /// counts here.
    #[n(0)]
    Withdrawal,
    /// It takes something from a device: here no keys of `care` are given to it any more, and nothing is taken.
    #[n(1)]
    Removal,
    /// It admits a device, whose acts do not count here.
    #[n(2)]
    Admission,
    /// It cannot be told what.
    #[n(3)]
    Unknown,
}

/// A roster event that only a later build reads whole, or whose author is in a role that only one knows; by somebody who
/// belongs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Encode, Serialize)]
pub struct Unread {
    /// The event that is not read whole.
    #[n(0)]
    pub event: Reference,
    /// Its kind, by number.
    #[n(1)]
    pub kind: u16,
    /// What it does.
    #[n(2)]
    pub touch: Touch,
    /// Who wrote it.
    #[n(3)]
    pub by: DeviceId,
    /// About whom, as far as that can be read.
    #[n(4)]
    pub about: Option<DeviceId>,
    /// When, by its author's clock: a claim.
    #[n(5)]
    pub wall: WallMs,
    /// Whether its author may write such events, as far as that can be told: whoever is in a role that is not known may.
    #[n(6)]
    pub entitled: bool,
}

impl Gist {
    /// That this device is admitted, in a role that is not known; none of parts that are out of bounds in whatever role.
    pub(super) fn admits(record: DeviceRecord, member: Option<MemberId>, label: Option<Sealed>) -> Option<Self> {
        let admitted = Admitted { record, role: Role::Later, member, label, addresses: Vec::new() };
        admitted.check_parts().is_ok().then(|| Gist::Admits(Box::new(admitted)))
    }

    pub(super) const fn touch(&self) -> Touch {
        match self {
            Gist::Admits(_) => Touch::Admission,
            Gist::Withdraws(_) => Touch::Withdrawal,
            Gist::Limits(_) => Touch::Removal,
            Gist::Unknown => Touch::Unknown,
        }
    }
}
