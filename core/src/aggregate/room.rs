//! Room: how much of what one device says in one aggregate has an effect there.
//!
//! Of a device's events that would count, the first in the order of the aggregate do, as many as there is room for. The
//! set of these events alone decides which they are. Nobody takes another's room. So one member who heaps up events
//! makes nothing slow for good, and what others write stands beside it.
//!
//! It knows nothing of what events say.

use std::collections::BTreeMap;

use super::Filed;
use crate::{id::EventId, limits};

/// Where an event stands in the order of its aggregate: its lamport and its id.
pub(super) type Place = (u64, EventId);

/// The room of one device in one aggregate.
#[derive(Clone, Debug)]
pub(super) struct Room {
    room: u64,
    inside: BTreeMap<Place, u64>,
    used: u64,
    outside: BTreeMap<Place, u64>,
}

impl Room {
    /// As large as so many of what each device has.
    pub(super) fn of(rooms: u64) -> Self {
        let room = limits::AGGREGATE_ROOM.saturating_mul(rooms);
        Self { room, inside: BTreeMap::new(), used: 0, outside: BTreeMap::new() }
    }

    /// There is room for so many from now on. What was left out before is for a fold of all to bring in, and less room too.
    pub(super) fn widen(&mut self, rooms: u64) {
        self.room = self.room.max(limits::AGGREGATE_ROOM.saturating_mul(rooms));
    }

    /// Puts an event at its place. Those come back for which there is no room any more, itself perhaps among them.
    pub(super) fn put(&mut self, place: Place, bytes: u64) -> Vec<Place> {
        if self.outside.first_key_value().is_some_and(|(first, _)| *first < place) {
            self.outside.insert(place, bytes);
            return vec![place];
        }
        self.inside.insert(place, bytes);
        self.used = self.used.saturating_add(bytes);
        let mut out = Vec::new();
        while self.used > self.room {
            let Some((last, bytes)) = self.inside.pop_last() else { break };
            self.used = self.used.saturating_sub(bytes);
            self.outside.insert(last, bytes);
            out.push(last);
        }
        out
    }

    /// How many parts of a room are used, of which one room has [`limits::ROOM_PARTS`]: all of them once something is left out.
    pub(super) fn parts(&self) -> u64 {
        let used = if self.outside.is_empty() { self.used } else { self.room };
        used.saturating_mul(limits::ROOM_PARTS) / limits::AGGREGATE_ROOM
    }
}

/// Bytes of room that an event takes: its body as it is stored, what is kept around it, and each field that it writes.
pub(super) fn weight(filed: &Filed) -> u64 {
    let edits = limits::EDIT_ROOM.saturating_mul(filed.body.puts() as u64);
    limits::EVENT_ROOM.saturating_add(filed.size).saturating_add(edits)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(nth: u8) -> Place {
        (u64::from(nth), EventId::from_bytes([nth; 32]))
    }

    /// Which of these places are inside, put in this order.
    fn inside(order: &[u8]) -> Vec<Place> {
        let mut room = Room::of(1);
        for nth in order {
            // Places differ in what they take: small ones do not slip in behind a great one that found no room.
            let bytes = limits::AGGREGATE_ROOM / if nth % 3 == 0 { 2 } else { 5 };
            room.put(place(*nth), bytes);
        }
        room.inside.into_keys().collect()
    }

    #[test]
    fn what_is_inside_depends_on_the_set_alone() {
        let orders = [[0, 1, 2, 3, 4, 5, 6], [6, 5, 4, 3, 2, 1, 0], [3, 6, 0, 5, 1, 4, 2], [4, 2, 6, 1, 3, 0, 5]];

        let first = [place(0), place(1), place(2)].to_vec();

        assert!(orders.iter().all(|order| inside(order) == first));
    }

    #[test]
    fn whoever_comes_late_and_stands_before_puts_the_last_out() {
        let mut room = Room::of(1);
        let half = limits::AGGREGATE_ROOM / 2;
        assert_eq!(room.put(place(5), half), []);
        assert_eq!(room.put(place(7), half), []);

        assert_eq!(room.put(place(6), 1), [place(7)]);
        assert_eq!(room.put(place(8), 1), [place(8)]);
    }

    #[test]
    fn what_found_no_room_leaves_none_however_little_is_inside() {
        let mut room = Room::of(2);
        room.put(place(1), limits::AGGREGATE_ROOM / 2);
        assert_eq!(room.parts(), limits::ROOM_PARTS / 2);

        room.put(place(2), 2 * limits::AGGREGATE_ROOM);

        assert_eq!(room.parts(), 2 * limits::ROOM_PARTS);
    }
}
