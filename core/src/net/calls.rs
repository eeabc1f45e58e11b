//! Which connections there are, how many may be, and which of two with one device stays.

use std::{
    collections::{BTreeMap, BTreeSet},
    net::SocketAddr,
    time::Duration,
};

use tokio_util::sync::CancellationToken;

use super::{NetError, drive::Seen, room::network};
use crate::{id::DeviceId, limits, sync::Progress, time::Mono};

/// Milliseconds within which two devices that dial each other are taken to have crossed.
const CROSSED_MS: u64 = 10_000;
/// Devices remembered that said hello before.
const MET: usize = 16_384;

/// What carries a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Via {
    /// QUIC.
    Quic,
    /// TLS over TCP.
    Tcp,
}

/// How many may be there at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ConnectionLimits {
    /// Connections in all.
    pub connections: usize,
    /// Connections of one device.
    pub per_device: usize,
    /// Connections from one address, or one /64 of IPv6.
    pub per_address: usize,
    /// Handshakes under way, over QUIC and TCP each. Half of them are for addresses and keys met before.
    pub handshakes: usize,
    /// Handshakes under way with one address. A quarter of them is for keys met before.
    pub handshakes_per_address: usize,
    /// What a handshake may take.
    pub handshake: Duration,
}

/// What a phone has to do with.
impl Default for ConnectionLimits {
    fn default() -> Self {
        Self {
            connections: limits::CONNECTIONS,
            per_device: limits::CONNECTIONS_PER_DEVICE,
            per_address: limits::CONNECTIONS_PER_ADDRESS,
            handshakes: limits::HANDSHAKES,
            handshakes_per_address: limits::HANDSHAKES_PER_ADDRESS,
            handshake: Duration::from_millis(limits::HANDSHAKE_MS),
        }
    }
}

/// A connection whose peer has said hello.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Connected {
    /// Who.
    pub device: DeviceId,
    /// Where, at the time it began.
    pub address: SocketAddr,
    /// By what.
    pub via: Via,
    /// Whether this side dialled.
    pub dialled: bool,
    /// Whether all that differed at the start is exchanged.
    pub in_step: bool,
    /// How far it is.
    pub progress: Progress,
}

/// A connection, from the proof of the peer's key to its end.
#[derive(Clone, Debug)]
pub(super) struct Call {
    pub(super) device: DeviceId,
    pub(super) address: SocketAddr,
    pub(super) via: Via,
    pub(super) dialled: bool,
    pub(super) stop: CancellationToken,
    /// When the peer said hello.
    met: Option<Mono>,
    seen: Seen,
}

impl Call {
    pub(super) fn new(device: DeviceId, address: SocketAddr, via: Via, dialled: bool, stop: CancellationToken) -> Self {
        Self { device, address, via, dialled, stop, met: None, seen: Seen::default() }
    }

    fn dialler(&self, ours: DeviceId) -> DeviceId {
        if self.dialled { ours } else { self.device }
    }
}

/// All connections.
#[derive(Debug, Default)]
pub(super) struct Calls {
    at_most: ConnectionLimits,
    next: u64,
    open: BTreeMap<u64, Call>,
    /// Devices that said hello before.
    met: BTreeSet<DeviceId>,
}

impl Calls {
    pub(super) fn new(at_most: ConnectionLimits) -> Self {
        Self { at_most, ..Self::default() }
    }

    /// Takes in a connection whose peer is proved.
    pub(super) fn open(&mut self, call: Call) -> Result<u64, NetError> {
        let count = |same: &dyn Fn(&Call) -> bool| self.open.values().filter(|open| same(open)).count();
        let network = network(call.address);
        // A quarter is for devices met before: whoever is admitted by the dozen keeps nobody out who was here.
        let known = self.met.contains(&call.device);
        let part = |all: usize| if known { all } else { (all.saturating_mul(3) / 4).max(1) };
        if self.open.len() >= part(self.at_most.connections)
            || count(&|open| open.device == call.device) >= self.at_most.per_device
            || count(&|open| self::network(open.address) == network) >= part(self.at_most.per_address)
        {
            return Err(NetError::Crowded);
        }
        // Who dials a device it is connected with has met it under another address.
        if call.dialled && self.is_connected(call.device) {
            return Err(NetError::Twice);
        }
        let id = self.next;
        self.next = self.next.wrapping_add(1);
        self.open.insert(id, call);
        Ok(id)
    }

    /// Notes what was seen of a connection; whether that is news for others. Where the peer has just said hello, one
    /// of two connections with it ends.
    pub(super) fn see(&mut self, id: u64, seen: Seen, ours: DeviceId, now: Mono) -> bool {
        let Some(call) = self.open.get_mut(&id) else { return false };
        let news = (call.seen.met, call.seen.in_step) != (seen.met, seen.in_step);
        let first = seen.met && call.met.is_none();
        call.seen = seen;
        if first {
            call.met = Some(now);
            let newer = call.clone();
            self.met.insert(newer.device);
            if self.met.len() > MET {
                self.met.pop_first();
            }
            let rivals = self.open.iter().filter(|(other, open)| **other != id && open.device == newer.device);
            for (_, older) in rivals {
                if let Some(loser) = loser(older, &newer, ours, now) {
                    loser.stop.cancel();
                }
            }
        }
        news
    }

    pub(super) fn close(&mut self, id: u64) {
        self.open.remove(&id);
    }

    pub(super) fn is_met(&self, id: u64) -> bool {
        self.open.get(&id).is_some_and(|call| call.met.is_some())
    }

    pub(super) fn is_connected(&self, device: DeviceId) -> bool {
        self.open.values().any(|call| call.device == device && call.met.is_some() && !call.stop.is_cancelled())
    }

    pub(super) fn connected(&self) -> Vec<Connected> {
        let met = self.open.values().filter(|call| call.met.is_some() && !call.stop.is_cancelled());
        met.map(|call| Connected {
            device: call.device,
            address: call.address,
            via: call.via,
            dialled: call.dialled,
            in_step: call.seen.in_step,
            progress: call.seen.progress,
        })
        .collect()
    }
}

/// Which of two connections with one device ends; both ends must come to the same answer, or only one may have any.
///
/// One that was met long ago gives way to one that the other side dials: it would not have dialled had it not lost the
/// first. Two that crossed: the one stays that the device with the smaller id dialled. Two dialled by one side: that
/// side ends the second.
fn loser<'a>(older: &'a Call, newer: &'a Call, ours: DeviceId, now: Mono) -> Option<&'a Call> {
    let met = older.met?;
    if !newer.dialled && now.since(met) > CROSSED_MS {
        return Some(older);
    }
    if older.dialled == newer.dialled {
        return newer.dialled.then_some(newer);
    }
    let first = ours.min(older.device);
    Some(if older.dialler(ours) == first { newer } else { older })
}

#[cfg(test)]
mod tests {
    use super::*;

    const SMALL: DeviceId = DeviceId::from_bytes([1; 32]);
    const GREAT: DeviceId = DeviceId::from_bytes([2; 32]);

    fn met() -> Seen {
        Seen { met: true, ..Seen::default() }
    }

    fn call(device: DeviceId, dialled: bool) -> Call {
        let address = SocketAddr::from(([10, 0, 0, 1], 4433));
        Call::new(device, address, Via::Quic, dialled, CancellationToken::new())
    }

    /// Opens calls with `device` in turn, each met; which of them still stand.
    fn standing(ours: DeviceId, device: DeviceId, dialled: &[bool], apart: u64) -> Vec<bool> {
        let mut calls = Calls::default();
        let made: Vec<Call> = dialled.iter().map(|dialled| call(device, *dialled)).collect();
        let ids: Vec<u64> = made.iter().map(|call| calls.open(call.clone()).expect("few")).collect();
        for (nth, id) in ids.iter().enumerate() {
            calls.see(*id, met(), ours, Mono(nth as u64 * apart));
        }
        made.iter().map(|call| !call.stop.is_cancelled()).collect()
    }

    #[test]
    fn of_two_calls_that_cross_both_ends_keep_the_same() {
        let at_small = standing(SMALL, GREAT, &[true, false], 1);
        let at_great = standing(GREAT, SMALL, &[true, false], 1);

        assert_eq!(at_small, [true, false], "its own");
        assert_eq!(at_great, [false, true], "the other's");
        assert_eq!(standing(SMALL, GREAT, &[false, true], 1), [false, true], "in whatever order they came");
    }

    #[test]
    fn of_two_calls_one_way_the_dialler_alone_ends_one() {
        assert_eq!(standing(SMALL, GREAT, &[true, true], 1), [true, false]);
        assert_eq!(standing(GREAT, SMALL, &[false, false], 1), [true, true]);
    }

    #[test]
    fn who_dials_again_after_long_has_lost_the_first_call() {
        for ours in [SMALL, GREAT] {
            let other = if ours == SMALL { GREAT } else { SMALL };
            assert_eq!(standing(ours, other, &[false, false], CROSSED_MS + 1), [false, true]);
            assert_eq!(standing(ours, other, &[true, false], CROSSED_MS + 1), [false, true]);
        }
    }

    #[test]
    fn a_device_that_is_connected_is_not_dialled_again() {
        let mut calls = Calls::default();
        let first = calls.open(call(GREAT, false)).expect("few");
        calls.see(first, met(), SMALL, Mono(0));

        assert!(matches!(calls.open(call(GREAT, true)), Err(NetError::Twice)));
    }

    #[test]
    fn devices_met_before_find_room_however_many_new_ones_come() {
        let at_most = ConnectionLimits { connections: 8, per_address: 8, ..ConnectionLimits::default() };
        let (mut calls, known) = (Calls::new(at_most), DeviceId::from_bytes([200; 32]));
        let first = calls.open(call(known, false)).expect("few");
        calls.see(first, met(), SMALL, Mono(0));
        calls.close(first);

        let new = (10..30).filter(|nth| calls.open(call(DeviceId::from_bytes([*nth; 32]), false)).is_ok()).count();

        assert_eq!(new, 6);
        assert!(calls.open(call(known, false)).is_ok());
    }
}
