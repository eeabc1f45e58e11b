//! People and devices: who belongs, who was heard from when, and who has what.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{Community, QueryError, Replica};
use crate::{
    id::{DeviceId, MemberId, Reference},
    roster::{Device, Right, Role},
    store::{Reader, StoreError},
    time::WallMs,
};

const DAY_MS: i64 = 24 * 60 * 60 * 1000;

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

/// How long ago somebody was heard from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Age {
    /// Within a day.
    Fresh,
    /// More than a day ago.
    OverADay,
    /// More than three days ago.
    OverThreeDays,
    /// Not yet, on this device.
    Never,
}

/// When another device was in touch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PeerState {
    /// The device.
    pub device: DeviceId,
    /// Whose it is; none for a relay.
    pub member: Option<MemberId>,
    /// The name, as in [`MemberLine`].
    pub name: Option<String>,
    /// Whether it is a relay.
    pub relay: bool,
    /// When it was last in touch, by this device's clock then.
    pub contact: Option<WallMs>,
    /// How long ago that is, by this device's clock now.
    pub age: Age,
}

/// Who is known to hold an event, beside this device.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct WhoHas {
    /// Devices of people, its author's among them.
    pub devices: Vec<DeviceId>,
    /// Whether a relay has it.
    pub relay: bool,
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

    /// Who is known to hold an event, beside this device: its author, and whoever said so.
    ///
    /// # Errors
    /// [`QueryError::Unknown`] where the event is not held here, or when the store fails.
    pub fn who_has(&self, event: Reference) -> Result<WhoHas, QueryError> {
        let community = self.joined()?;
        let unknown = QueryError::Unknown { kind: "event", reference: event };
        self.read(|reader| holders(reader, &community, event))?.ok_or(unknown)
    }

    /// When each other device was last in touch, the longest silent last. Withdrawn ones are left out.
    ///
    /// # Errors
    /// [`QueryError::NotAMember`] before founding or joining, or when the store fails.
    pub fn sync_state(&self) -> Result<Vec<PeerState>, QueryError> {
        let community = self.joined()?;
        let now = self.inner.clock.wall();
        let met: BTreeMap<DeviceId, Option<WallMs>> =
            self.read(|reader| reader.peers())?.into_iter().map(|peer| (peer.device, peer.contact)).collect();
        let others = community
            .roster
            .devices()
            .filter(|device| device.record.device != community.me && !device.withdrawn && !device.kit);
        let mut states: Vec<PeerState> = others
            .map(|device| {
                let contact = met.get(&device.record.device).copied().flatten();
                PeerState {
                    device: device.record.device,
                    member: device.member,
                    name: name(&community, device),
                    relay: device.role == Role::Relay,
                    contact,
                    age: age(contact, now),
                }
            })
            .collect();
        states.sort_by_key(|state| (state.age, std::cmp::Reverse(state.contact), state.device));
        Ok(states)
    }
}

fn age(contact: Option<WallMs>, now: WallMs) -> Age {
    match contact.map(|contact| now.since(contact)) {
        None => Age::Never,
        Some(ms) if ms > 3 * DAY_MS => Age::OverThreeDays,
        Some(ms) if ms > DAY_MS => Age::OverADay,
        Some(_) => Age::Fresh,
    }
}

fn name(community: &Community, device: &Device) -> Option<String> {
    let label = device.label.as_ref()?;
    label.open(community.key(label.epoch)?, device.record.device).ok()
}

/// Who holds an event, beside this device; `None` if this one does not.
pub(super) fn holders(reader: &Reader, community: &Community, event: Reference) -> Result<Option<WhoHas>, StoreError> {
    let Some(log) = reader.log(event.log)? else { return Ok(None) };
    if !reader.has(event)? {
        return Ok(None);
    }
    let mut devices = reader.who_has(event.log, event.seq)?;
    devices.push(log.device);
    devices.sort_unstable();
    devices.dedup();
    devices.retain(|device| *device != community.me);
    let is_relay = |device: &DeviceId| community.roster.device(*device).is_some_and(|it| it.role == Role::Relay);
    let (relays, devices): (Vec<_>, Vec<_>) = devices.into_iter().partition(is_relay);
    Ok(Some(WhoHas { devices, relay: !relays.is_empty() }))
}
