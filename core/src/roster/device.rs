//! What the roster tells of single devices: who was admitted, and which withdrawals have no effect.

use minicbor::Encode;
use serde::Serialize;

use super::{Role, Sealed};
use crate::{
    id::{DeviceId, MemberId, Reference},
    key::DeviceRecord,
    time::WallMs,
};

/// An admitted device.
#[derive(Clone, Debug, PartialEq, Eq, Encode)]
pub struct Device {
    /// Its public keys.
    #[n(0)]
    pub record: DeviceRecord,
    /// Whose device it is; none for a relay.
    #[n(1)]
    pub member: Option<MemberId>,
    /// Its role, for good.
    #[n(2)]
    pub role: Role,
    /// Whether it is the recovery kit, which writes nothing but the roster.
    #[n(3)]
    pub kit: bool,
    /// Its place in the order of ranks, from 0, which is the highest.
    #[n(4)]
    pub rank: u32,
    /// Who admitted it; none for founder and kit.
    #[n(5)]
    pub admitted_by: Option<DeviceId>,
    /// The event that admitted it.
    #[n(6)]
    pub admitted: Reference,
    /// When, by the admitter's clock: a claim.
    #[n(7)]
    pub wall: WallMs,
    /// Where a relay is reached: as its admission says, or the moves since.
    #[n(8)]
    pub addresses: Vec<String>,
    /// The person's or relay's name, sealed for the community.
    #[n(9)]
    pub label: Option<Sealed>,
    /// Whether it was revoked or has left: no connection, no new keys.
    #[n(10)]
    pub withdrawn: bool,
    /// Whether it went of itself.
    #[n(11)]
    pub left: bool,
}

impl Device {
    /// Whether it acts as a coordinator's now. The kit lies in a drawer and does not.
    pub fn is_on_duty(&self) -> bool {
        self.role == Role::Coordinator && !self.kit && !self.withdrawn
    }
}

/// A withdrawal from below: it has no effect, and is shown to all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Encode, Serialize)]
pub struct Request {
    /// The event that asks.
    #[n(0)]
    pub event: Reference,
    /// Its kind: a cut, or the removal of a grant.
    #[n(1)]
    pub kind: u16,
    /// The device that asks.
    #[n(2)]
    pub by: DeviceId,
    /// The device it is about.
    #[n(3)]
    pub device: DeviceId,
    /// When, by the asker's clock: a claim.
    #[n(4)]
    pub wall: WallMs,
}

/// A withdrawal that does not count, because its author was cut before it or their admission fell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Encode, Serialize)]
pub struct Fallen {
    /// The event that fell.
    #[n(0)]
    pub event: Reference,
    /// Its kind: a cut, or the removal of a grant.
    #[n(1)]
    pub kind: u16,
    /// Whose it was.
    #[n(2)]
    pub by: DeviceId,
    /// Whom it had withdrawn.
    #[n(3)]
    pub device: DeviceId,
    /// When, by the author's clock: a claim.
    #[n(4)]
    pub wall: WallMs,
}
