//! People and devices: who belongs.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{Community, Replica};
use crate::{
    id::{DeviceId, MemberId},
    roster::{Device, Right, Role},
};

/// A device of the roster.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct MemberLine {
    /// The device.
    pub device: DeviceId,
    /// Whose it is; none for a relay.
    pub member: Option<MemberId>,
    /// The name, where there is one and the key that seals it is held.
    pub name: Option<String>,
    /// Its role, for good.
    pub role: Role,
    /// What it may do beyond its role.
    pub rights: Vec<Right>,
    /// Whether it is the recovery kit.
    pub kit: bool,
    /// Its place in the order of ranks; 0 is the highest.
    pub rank: u32,
    /// Who admitted it.
    pub admitted_by: Option<DeviceId>,
    /// Whether it was revoked or has left.
    pub withdrawn: bool,
    /// Whether it is this device.
    pub me: bool,
}

impl Replica {
    /// Everybody, by rank; withdrawn devices too.
    pub fn members(&self) -> Vec<MemberLine> {
        let Some(community) = self.snapshot() else { return Vec::new() };
        let mut lines: Vec<MemberLine> = community
            .roster
            .devices()
            .map(|device| MemberLine {
                device: device.record.device,
                member: device.member,
                name: name(&community, device),
                role: device.role,
                rights: community.roster.rights_of(device.record.device).cloned().collect(),
                kit: device.kit,
                rank: device.rank,
                admitted_by: device.admitted_by,
                withdrawn: device.withdrawn,
                me: device.record.device == community.me,
            })
            .collect();
        lines.sort_by_key(|line| (line.rank, line.device));
        lines
    }

    /// Members' names, where they have one and the key that seals it is held. Of several devices the highest rank's.
    pub fn names(&self) -> BTreeMap<MemberId, String> {
        let mut names = BTreeMap::new();
        for line in self.members() {
            if let (Some(member), Some(name)) = (line.member, line.name) {
                names.entry(member).or_insert(name);
            }
        }
        names
    }
}

pub(super) fn name(community: &Community, device: &Device) -> Option<String> {
    let label = device.label.as_ref()?;
    label.open(community.keyring.label_key(label.epoch)?, device.record.device).ok()
}
