//! Rooms: how much each device may say, and how much of that is left in the roster.
//!
//! The fold has found who gave it.

use std::collections::{BTreeMap, BTreeSet};

use super::{RoomGiven, Roster, RosterEvent};
use crate::{id::DeviceId, limits};

/// Bytes that a key takes which is sealed for one device; how many stand in an event; and what else stands there at most, with
/// what is kept around it.
const WRAP: u64 = 128;
const WRAPS_OF_EVENT: u64 = 200;
const REST_OF_EVENT: u64 = 8 * 1024;

impl Roster {
    /// How many rooms a device has in each aggregate, in the roster and among erasures: its own, and those that it was given,
    /// [`limits::ROOMS`] at most.
    pub fn rooms_of(&self, device: DeviceId) -> u64 {
        let own = self.own_rooms.get(&device).into_iter().flat_map(BTreeMap::values);
        own.fold(self.rooms_from_above(device), |all, rooms| all.saturating_add(*rooms)).min(limits::ROOMS)
    }

    /// The same without those that it gave itself.
    pub(super) fn rooms_from_above(&self, device: DeviceId) -> u64 {
        let given = self.given.get(&device).copied().unwrap_or(0);
        given.saturating_add(1).min(limits::ROOMS)
    }

    /// Who has more than one room.
    pub(super) fn roomy(&self) -> impl Iterator<Item = DeviceId> {
        self.given.keys().chain(self.own_rooms.keys()).copied()
    }

    /// Bytes of room that a device has for what it says in the roster.
    pub(super) fn roster_room(&self, device: DeviceId) -> u64 {
        limits::ROSTER_ROOM.saturating_mul(self.rooms_of(device))
    }

    /// Bytes of room that are left to a device for what it says in the roster; none once something of it is crowded.
    pub fn room_left(&self, device: DeviceId) -> u64 {
        let used = self.used.get(&device).copied().unwrap_or(0);
        self.roster_room(device).saturating_sub(used)
    }

    /// Whether a device has room in the roster to replace a key, given to everybody, beside what it leaves for withdrawals.
    pub fn has_room_for_keys(&self, device: DeviceId) -> bool {
        let recipients = self.devices().filter(|device| !device.withdrawn).count() as u64;
        let events = (recipients / WRAPS_OF_EVENT).saturating_add(1);
        let key = recipients.saturating_mul(WRAP).saturating_add(events.saturating_mul(REST_OF_EVENT));
        self.room_left(device) >= limits::ROSTER_RESERVE.saturating_add(key)
    }

    /// How much is left to a device of its room in the roster, in percent, without what it leaves for withdrawals.
    pub fn roster_percent_left(&self, device: DeviceId) -> u64 {
        let [room, left] = [self.roster_room(device), self.room_left(device)];
        let [room, left] = [room, left].map(|bytes| bytes.saturating_sub(limits::ROSTER_RESERVE));
        percent(left, room)
    }

    /// So many parts of a room used in an aggregate, [`limits::ROOM_PARTS`] of each room, and it is told that little is left.
    pub fn told_from(&self, device: DeviceId) -> i64 {
        i64::try_from(limits::ROOM_TOLD.saturating_mul(self.rooms_of(device))).unwrap_or(i64::MAX)
    }

    /// Whether a device may give another, or itself, more room.
    pub fn may_give_room(&self, by: DeviceId, to: DeviceId) -> bool {
        let (Some(own), Some(other)) = (self.device(by), self.device(to)) else { return false };
        let below = !own.withdrawn && !other.withdrawn && own.rank <= other.rank;
        let given = RosterEvent::RoomGiven(RoomGiven { device: to, rooms: 1 });
        below && self.rooms_of(to) < limits::ROOMS && self.may_write(by, &given)
    }

    /// Bytes of room that a device has for what it erases.
    pub fn erasure_room(&self, device: DeviceId) -> u64 {
        limits::ERASURE_ROOM.saturating_mul(self.rooms_of(device))
    }
}

/// How much of so many is left, in percent.
pub fn percent(left: u64, of: u64) -> u64 {
    left.saturating_mul(100) / of.max(1)
}

/// The devices that have more room by the new roster: of what was left out of theirs some may count.
pub fn roomier(old: &Roster, new: &Roster) -> BTreeSet<DeviceId> {
    new.roomy().filter(|id| old.rooms_of(*id) < new.rooms_of(*id)).collect()
}
