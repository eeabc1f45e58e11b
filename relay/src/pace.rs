//! Pace: how fast one device may bring events, so that one that floods leaves the disk to the others.
//!
//! Each device has a token bucket. Events count whether they are taken or refused, because checking costs as much. A
//! device that is faster is slowed: nothing more is read from it for a while, and nothing of it is lost. It refuses to
//! know what the events are.

use std::{collections::BTreeMap, time::Duration};

use linli_core::{id::DeviceId, limits, time::Mono};
use parking_lot::Mutex;

const MILLI: u64 = 1_000;

/// How fast a device may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Speed {
    /// Events a second, in the long run; at least one.
    pub per_second: u64,
    /// Events at once.
    pub burst: u64,
}

impl Default for Speed {
    /// In the long run, more than a whole community makes in its worst minute. At once, a month of a community, so that
    /// a phone that was away is not held up.
    fn default() -> Self {
        Self { per_second: 1_000, burst: 20_000 }
    }
}

/// How fast each device has been.
#[derive(Debug, Default)]
pub(crate) struct Paces(Mutex<Track>);

#[derive(Debug, Default)]
struct Track {
    speed: Speed,
    devices: BTreeMap<DeviceId, Pace>,
}

/// Thousandths of events that a device has to its credit, or owes.
#[derive(Debug)]
struct Pace {
    credit: i64,
    at: Mono,
}

impl Paces {
    /// From now on devices may be so fast.
    pub(crate) fn set(&self, speed: Speed) {
        *self.0.lock() = Track { speed, devices: BTreeMap::new() };
    }

    /// Notes that a device brought events. How long to read no more from it; none if it may go on.
    pub(crate) fn spend(&self, device: DeviceId, events: u64, now: Mono) -> Option<Duration> {
        let Track { speed, devices } = &mut *self.0.lock();
        let (rate, full) = (speed.per_second.max(1), signed(speed.burst.saturating_mul(MILLI)));
        let pace = devices.entry(device).or_insert(Pace { credit: full, at: now });
        // A thousandth of an event for each millisecond and event a second.
        let earned = signed(now.since(pace.at).saturating_mul(rate));
        pace.at = now;
        pace.credit = pace.credit.saturating_add(earned).min(full).saturating_sub(signed(events.saturating_mul(MILLI)));
        let owed = pace.credit.saturating_neg();
        let wait = u64::try_from(owed).unwrap_or(0).div_ceil(rate);
        if devices.len() > limits::MET_DEVICES
            && let Some(oldest) = devices.iter().min_by_key(|(_, pace)| pace.at).map(|(device, _)| *device)
        {
            devices.remove(&oldest);
        }
        (wait > 0).then(|| Duration::from_millis(wait))
    }
}

fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const WU: DeviceId = DeviceId::from_bytes([1; 32]);
    const LI: DeviceId = DeviceId::from_bytes([2; 32]);

    const BURST: u64 = 20_000;
    const A_SECOND: u64 = 1_000;

    #[test]
    fn a_month_at_once_is_no_flood_but_more_waits_its_second() {
        let paces = Paces::default();

        assert_eq!(paces.spend(WU, BURST, Mono(0)), None);
        assert_eq!(paces.spend(WU, 500, Mono(0)), Some(Duration::from_millis(500)));

        assert_eq!(paces.spend(LI, 500, Mono(0)), None, "others are not held up");
        assert_eq!(paces.spend(WU, 0, Mono(500)), None, "it has waited");
        assert_eq!(paces.spend(WU, A_SECOND, Mono(500)), Some(Duration::from_secs(1)));
    }

    #[test]
    fn of_more_devices_than_are_remembered_the_one_that_brought_nothing_for_longest_goes() {
        let (paces, most) = (Paces::default(), u64::try_from(limits::MET_DEVICES).unwrap_or(u64::MAX));
        let device = |nth: u64| {
            let mut id = [0; 32];
            id[..8].copy_from_slice(&nth.to_be_bytes());
            DeviceId::from_bytes(id)
        };

        for nth in (1..=most + 1).rev() {
            paces.spend(device(nth), BURST, Mono(most + 1 - nth));
        }

        let kept = &paces.0.lock().devices;
        assert!(kept.len() == limits::MET_DEVICES && !kept.contains_key(&device(most + 1)));
    }

    #[test]
    fn credit_never_grows_beyond_the_burst() {
        let paces = Paces::default();

        paces.spend(WU, 1, Mono(0));

        assert_eq!(paces.spend(WU, BURST, Mono(u64::MAX)), None);
        assert!(paces.spend(WU, 1, Mono(u64::MAX)).is_some());
    }
}
