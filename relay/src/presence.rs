//! Who is present in a community: who is here, who was here last and when, and how many events each hour brought.
//!
//! It knows devices by their keys and counts events. It refuses to know addresses, names and what was said. Hours are
//! kept in memory alone, and for a week.

use std::collections::{BTreeMap, BTreeSet};

use linli_core::{id::DeviceId, limits, store::Heard, sync::Progress, time::WallMs};
use parking_lot::Mutex;

use crate::limits::HOURS;

const HOUR_MS: i64 = 3_600_000;

/// A device that is connected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Guest {
    /// The device that is connected.
    pub device: DeviceId,
    /// Whether all that differed when it came is exchanged.
    pub in_step: bool,
    /// How far that is.
    pub progress: Progress,
}

/// Who is here and who was. Everything takes the time as an argument.
#[derive(Debug, Default)]
pub struct Presence(Mutex<Pages>);

#[derive(Debug, Default)]
struct Pages {
    next: u64,
    here: BTreeMap<u64, Guest>,
    seen: BTreeMap<DeviceId, Heard>,
    /// Seen since the store was told last.
    unkept: BTreeSet<DeviceId>,
    hours: BTreeMap<i64, u64>,
}

impl Presence {
    /// Begins with what the store knows of the last contacts.
    pub(crate) fn new(seen: BTreeMap<DeviceId, Heard>) -> Self {
        Self(Mutex::new(Pages { seen, ..Pages::default() }))
    }

    /// A device has said hello. What it is called here until it goes.
    pub(crate) fn come(&self, device: DeviceId, now: Heard) -> u64 {
        let mut pages = self.0.lock();
        let id = pages.next;
        pages.next = id.wrapping_add(1);
        pages.here.insert(id, Guest { device, in_step: false, progress: Progress::default() });
        pages.see(device, now);
        id
    }

    /// How far it is.
    pub(crate) fn note(&self, id: u64, in_step: bool, progress: Progress) {
        if let Some(guest) = self.0.lock().here.get_mut(&id) {
            (guest.in_step, guest.progress) = (in_step, progress);
        }
    }

    /// It is gone.
    pub(crate) fn go(&self, id: u64, now: Heard) {
        let mut pages = self.0.lock();
        if let Some(guest) = pages.here.remove(&id) {
            pages.see(guest.device, now);
        }
    }

    /// So many events came at that time.
    pub(crate) fn count(&self, events: u64, now: WallMs) {
        let mut pages = self.0.lock();
        let count = pages.hours.entry(hour(now)).or_default();
        *count = count.saturating_add(events);
        let since = first_hour(now);
        // A clock that was set back leaves hours ahead of now; they go too.
        pages.hours.retain(|at, _| (since..=hour(now)).contains(at));
    }

    /// Who is here, in the order in which they came.
    pub fn here(&self) -> Vec<Guest> {
        self.0.lock().here.values().copied().collect()
    }

    /// When a device was here last, by the relay's clock and running time; now, if it is here.
    pub fn seen(&self, device: DeviceId, now: Heard) -> Option<Heard> {
        let pages = self.0.lock();
        let here = pages.here.values().any(|guest| guest.device == device);
        if here { Some(now) } else { pages.seen.get(&device).copied() }
    }

    /// How long ago that is, in milliseconds: the greater of what the clock says and of the time for which the relay ran since,
    /// so that no clock that is set back makes anybody seem to have been here a moment ago (R9).
    pub fn age(&self, device: DeviceId, now: Heard) -> Option<u64> {
        Some(self.seen(device, now)?.age(now))
    }

    /// Events of each hour of the last week, the current hour last.
    pub fn hours(&self, now: WallMs) -> Vec<u64> {
        let pages = self.0.lock();
        (first_hour(now)..=hour(now)).map(|at| pages.hours.get(&at).copied().unwrap_or(0)).collect()
    }

    /// Whom the store is to be told of: who is here, and who was since the last time.
    pub(crate) fn take_unkept(&self, now: Heard) -> Vec<(DeviceId, Heard)> {
        let mut pages = self.0.lock();
        let here: Vec<DeviceId> = pages.here.values().map(|guest| guest.device).collect();
        here.into_iter().for_each(|device| pages.see(device, now));
        let unkept = std::mem::take(&mut pages.unkept);
        unkept.into_iter().filter_map(|device| Some((device, *pages.seen.get(&device)?))).collect()
    }
}

impl Pages {
    fn see(&mut self, device: DeviceId, now: Heard) {
        self.seen.insert(device, now);
        self.unkept.insert(device);
        if self.seen.len() > limits::MET_DEVICES
            && let Some(oldest) =
                self.seen.iter().min_by_key(|(_, at)| (at.running, at.wall)).map(|(device, _)| *device)
        {
            self.seen.remove(&oldest);
            self.unkept.remove(&oldest);
        }
    }
}

fn hour(now: WallMs) -> i64 {
    now.0.div_euclid(HOUR_MS)
}

fn first_hour(now: WallMs) -> i64 {
    let before = i64::try_from(HOURS).unwrap_or(i64::MAX).saturating_sub(1);
    hour(now).saturating_sub(before)
}

#[cfg(test)]
mod tests {
    use super::*;

    const WU: DeviceId = DeviceId::from_bytes([1; 32]);
    const NOON: WallMs = WallMs(1_800_000_000_000);

    /// So many milliseconds behind noon, by a clock that goes as the relay runs.
    fn later(ms: i64) -> Heard {
        Heard { wall: NOON.plus(ms), running: Some(ms.unsigned_abs()) }
    }

    #[test]
    fn who_is_here_is_seen_now_and_who_went_when_it_went() {
        let presence = Presence::default();

        let id = presence.come(WU, later(0));
        assert_eq!(presence.seen(WU, later(5_000)), Some(later(5_000)));
        presence.go(id, later(7_000));

        assert_eq!(presence.seen(WU, later(HOUR_MS)), Some(later(7_000)));
        assert_eq!(presence.take_unkept(later(HOUR_MS)), [(WU, later(7_000))]);
        assert!(presence.take_unkept(later(HOUR_MS)).is_empty(), "the store knows");
    }

    #[test]
    fn how_long_ago_somebody_was_here_is_told_by_the_clock_that_has_gone_further_r9() {
        let presence = Presence::default();
        let id = presence.come(WU, later(0));
        let hour = u64::try_from(HOUR_MS).unwrap_or(0);
        assert_eq!(presence.age(WU, later(HOUR_MS)), Some(0), "it is here");
        presence.go(id, later(0));

        let age = |wall: i64, running| presence.age(WU, Heard { wall: NOON.plus(wall), running });
        assert_eq!(age(2 * HOUR_MS, Some(hour)), Some(2 * hour));
        assert_eq!(age(-5 * HOUR_MS, Some(3 * hour)), Some(3 * hour), "the clock was set back");
        assert_eq!(age(-5 * HOUR_MS, None), Some(0), "never less than nothing");
        assert_eq!(presence.age(DeviceId::from_bytes([2; 32]), later(0)), None);
    }

    #[test]
    fn of_more_devices_than_are_remembered_the_one_that_was_here_longest_ago_goes() {
        let (presence, most) = (Presence::default(), i64::try_from(limits::MET_DEVICES).unwrap_or(i64::MAX));
        let device = |nth: i64| {
            let mut id = [0; 32];
            id[..8].copy_from_slice(&nth.to_be_bytes());
            DeviceId::from_bytes(id)
        };

        for nth in (0..=most).rev() {
            // The clock goes backwards all the while, the relay does not.
            let running = u64::try_from(most - nth).ok();
            presence.come(device(nth), Heard { wall: NOON.plus(nth), running });
        }

        let pages = presence.0.lock();
        assert!(pages.seen.len() == limits::MET_DEVICES && !pages.seen.contains_key(&device(most)));
        assert!(pages.unkept.len() == limits::MET_DEVICES);
    }

    #[test]
    fn events_are_counted_by_the_hour_for_a_week() {
        let presence = Presence::default();

        presence.count(3, NOON);
        presence.count(4, NOON.plus(HOUR_MS));
        presence.count(5, NOON.plus(HOUR_MS));

        let hours = presence.hours(NOON.plus(HOUR_MS));
        assert_eq!((hours.len(), &hours[HOURS - 2..]), (HOURS, &[3, 9][..]));
        let later = NOON.plus(HOUR_MS * 168);
        presence.count(1, later);
        assert_eq!(presence.hours(later).iter().sum::<u64>(), 10, "the first hour is forgotten");
    }

    #[test]
    fn hours_that_a_wrong_clock_counted_ahead_do_not_stay() {
        let presence = Presence::default();

        presence.count(3, NOON.plus(HOUR_MS * 1_000_000));
        presence.count(1, NOON);

        assert_eq!(presence.hours(NOON).iter().sum::<u64>(), 1);
        assert_eq!(presence.0.lock().hours.len(), 1);
    }
}
