//! Rooms: devices that have little room left, told before they are refused.
//!
//! A phone is told of its own rooms. A coordinator's phone is also told of those of phones to which it may give more.
//! The read model says how much of a room is used ([`ROOM_USED`]), the roster how many rooms there are. A question
//! costs a row or two for each such device that has used three quarters of a room anywhere, and a page of them at most.

#[cfg(feature = "uniffi")]
use crate::bindings::module_path;

use std::{
    collections::BTreeSet,
    ops::Bound::{Excluded, Unbounded},
};

use serde::Serialize;

use super::{Community, QueryError, Replica, short};
use crate::{
    aggregate::{Cell, Found, Match, ROOM_USED, Select},
    id::{DeviceId, Reference},
    limits,
    roster::percent,
    store::{Reader, StoreError},
};

/// What a room is for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "in", rename_all = "snake_case")]
#[cfg_attr(feature = "uniffi", derive(uniffi::Enum))]
pub enum RoomIn {
    /// What the device writes about one thing.
    Thing {
        /// The aggregate, by its creating event.
        aggregate: Reference,
        /// Its type, such as `box`.
        kind: String,
        /// What it is, in a few words of the people who wrote it.
        line: String,
    },
    /// What it says in the roster, but for withdrawals, for which a part is kept.
    Roster,
    /// What it erases.
    Erasures,
}

/// A room of which three quarters are used: what finds no place in it has no effect.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct LittleRoom {
    /// Whose it is.
    pub device: DeviceId,
    /// What it is for.
    pub within: RoomIn,
    /// How much of it is left, in percent.
    pub left: u64,
    /// Whether this phone may give more: [`give_room`](Replica::give_room).
    pub may_give: bool,
}

impl Replica {
    /// Where this phone has little room left, and, on a coordinator's, where phones have to which it may give more; this one's
    /// first. Of each device [`limits::TOLD_OF_ONE`] things at most are told, those with least left.
    ///
    /// # Errors
    /// [`QueryError::NotAMember`] before founding or joining, or when the store fails.
    pub fn little_room(&self) -> Result<Vec<LittleRoom>, QueryError> {
        let community = self.joined()?;
        let (roster, own) = (&community.roster, community.me);
        let things = self.permitted(&Select::from(ROOM_USED.name))?;
        if roster.device(own).is_none_or(|device| device.withdrawn) {
            return Ok(Vec::new());
        }
        Ok(self.read(|reader| {
            let mut told = self.things_of(reader, &community, &things, own)?;
            told.extend(beside(&community, own));
            // The kit, which is met while it is at work alone, reminds nobody.
            if !roster.device(own).is_some_and(|device| device.is_on_duty()) {
                return Ok(told);
            }
            let below = |device: &DeviceId| *device != own && roster.may_give_room(own, *device);
            let devices: BTreeSet<DeviceId> =
                roster.devices().map(|device| device.record.device).filter(below).collect();
            for device in users(reader, &things, &devices)? {
                told.extend(self.things_of(reader, &community, &things, device)?);
            }
            told.extend(devices.into_iter().flat_map(|device| beside(&community, device)));
            Ok(told)
        })?)
    }

    /// How much room is left to this phone in one thing, if that is little.
    ///
    /// # Errors
    /// As [`little_room`](Self::little_room).
    pub fn little_room_in(&self, aggregate: Reference) -> Result<Option<LittleRoom>, QueryError> {
        let community = self.joined()?;
        let thing = self.permitted(&Select::from(ROOM_USED.name).of(aggregate))?;
        if community.roster.device(community.me).is_none_or(|device| device.withdrawn) {
            return Ok(None);
        }
        Ok(self.read(|reader| self.things_of(reader, &community, &thing, community.me))?.pop())
    }

    /// The things in which a device has little room left.
    fn things_of(
        &self,
        reader: &Reader,
        community: &Community,
        things: &Select,
        device: DeviceId,
    ) -> Result<Vec<LittleRoom>, StoreError> {
        let all = limits::ROOM_PARTS.saturating_mul(community.roster.rooms_of(device));
        let least = Match::AtLeast(community.roster.told_from(device).into());
        let select = things.clone().is("device", device).and("parts", least);
        let rows = reader.select(&select.descending("parts").limit(limits::TOLD_OF_ONE))?;
        let little = |row: Found| {
            let (aggregate, kind) = (row.aggregate, super::text(&ROOM_USED, &row, "type"));
            let parts = ROOM_USED.cell(&row, "parts").int().and_then(|parts| u64::try_from(parts).ok()).unwrap_or(all);
            let left = percent(all.saturating_sub(parts), all);
            let line = short(reader, self.registry(), aggregate, &kind)?;
            Ok(LittleRoom::of(community, device, RoomIn::Thing { aggregate, kind, line }, left))
        };
        rows.into_iter().map(little).collect()
    }
}

impl LittleRoom {
    fn of(community: &Community, device: DeviceId, within: RoomIn, left: u64) -> Self {
        Self { device, within, left, may_give: community.roster.may_give_room(community.me, device) }
    }
}

/// Those of these devices that have used much of a room in some thing, a page at most. Reads a row for each of them at most:
/// from one that is not among them it goes on at the next that is.
fn users(reader: &Reader, things: &Select, among: &BTreeSet<DeviceId>) -> Result<Vec<DeviceId>, StoreError> {
    let (mut users, mut next) = (Vec::new(), among.first());
    while let Some(from) = next.filter(|_| users.len() < limits::PAGE) {
        let at_least = things.clone().and("device", Match::AtLeast(Cell::Bytes(from.as_bytes().to_vec())));
        let found = reader.select(&at_least.ascending("device").limit(1))?.pop();
        let bytes = found.as_ref().and_then(|row| ROOM_USED.cell(row, "device").bytes());
        let Some(device) = bytes.and_then(DeviceId::from_slice) else { break };
        users.extend(among.get(&device));
        next = among.range((Excluded(device), Unbounded)).next();
    }
    Ok(users)
}

/// The roster and the erasures, where a device has little room left in them.
fn beside(community: &Community, device: DeviceId) -> impl Iterator<Item = LittleRoom> {
    let roster = &community.roster;
    let room = roster.erasure_room(device);
    let left = percent(room.saturating_sub(community.erasures.used(device)), room);
    let both = [(RoomIn::Roster, roster.roster_percent_left(device)), (RoomIn::Erasures, left)];
    let told = percent(limits::ROOM_PARTS.saturating_sub(limits::ROOM_TOLD), limits::ROOM_PARTS);
    both.into_iter()
        .filter(move |(_, left)| *left <= told)
        .map(move |(within, left)| LittleRoom::of(community, device, within, left))
}
