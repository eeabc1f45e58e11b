//! Which connections there are, how many may be, and which of two with one device stays.

use std::{
    collections::BTreeMap,
    net::{IpAddr, Ipv6Addr, SocketAddr},
    sync::Arc,
};

use parking_lot::Mutex;
use tokio_util::sync::CancellationToken;

use super::{NetError, drive::Seen};
use crate::{id::DeviceId, limits, sync::Progress, time::Mono};

/// Milliseconds within which two devices that dial each other are taken to have crossed.
const CROSSED_MS: u64 = 10_000;

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
pub struct Crowd {
    /// Connections in all.
    pub connections: usize,
    /// Connections of one device.
    pub per_device: usize,
    /// Connections from one address, or one /64 of IPv6.
    pub per_address: usize,
    /// Handshakes under way, over QUIC and TCP each.
    pub handshakes: usize,
    /// Handshakes under way with one address.
    pub handshakes_per_address: usize,
}

/// What a phone has to do with.
impl Default for Crowd {
    fn default() -> Self {
        Self {
            connections: limits::CONNECTIONS,
            per_device: limits::CONNECTIONS_PER_DEVICE,
            per_address: limits::CONNECTIONS_PER_ADDRESS,
            handshakes: limits::HANDSHAKES,
            handshakes_per_address: limits::HANDSHAKES_PER_ADDRESS,
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
    crowd: Crowd,
    next: u64,
    open: BTreeMap<u64, Call>,
}

impl Calls {
    pub(super) fn new(crowd: Crowd) -> Self {
        Self { crowd, ..Self::default() }
    }

    /// Takes in a connection whose peer is proved.
    pub(super) fn open(&mut self, call: Call) -> Result<u64, NetError> {
        let count = |same: &dyn Fn(&Call) -> bool| self.open.values().filter(|open| same(open)).count();
        let network = network(call.address);
        if self.open.len() >= self.crowd.connections
            || count(&|open| open.device == call.device) >= self.crowd.per_device
            || count(&|open| self::network(open.address) == network) >= self.crowd.per_address
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

/// What stands for whoever has an address: the address itself, of an IPv6 one the part that a network is given.
fn network(address: SocketAddr) -> IpAddr {
    match address.ip().to_canonical() {
        IpAddr::V6(ip) if !ip.is_loopback() => {
            let [a, b, c, d, ..] = ip.segments();
            IpAddr::V6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
        }
        ip => ip,
    }
}

/// Handshakes under way with whoever it may be.
#[derive(Clone, Debug, Default)]
pub(super) struct Handshakes {
    crowd: Crowd,
    open: Arc<Mutex<BTreeMap<IpAddr, usize>>>,
}

/// The right to one handshake, until it goes.
#[derive(Debug)]
pub(super) struct Handshake {
    all: Handshakes,
    network: IpAddr,
}

impl Handshakes {
    pub(super) fn new(crowd: Crowd) -> Self {
        Self { crowd, ..Self::default() }
    }

    /// The right to one more, if there are not too many.
    pub(super) fn begin(&self, address: SocketAddr) -> Option<Handshake> {
        let network = network(address);
        let mut open = self.open.lock();
        let here = open.get(&network).copied().unwrap_or(0);
        if here >= self.crowd.handshakes_per_address || open.values().sum::<usize>() >= self.crowd.handshakes {
            return None;
        }
        open.insert(network, here.saturating_add(1));
        Some(Handshake { all: self.clone(), network })
    }

    /// Whether so many are under way that an address should prove itself first.
    pub(super) fn are_many(&self) -> bool {
        self.open.lock().values().sum::<usize>() >= self.crowd.handshakes / 4
    }
}

impl Drop for Handshake {
    fn drop(&mut self) {
        let mut open = self.all.open.lock();
        if let Some(count) = open.get_mut(&self.network) {
            *count = count.saturating_sub(1);
            if *count == 0 {
                open.remove(&self.network);
            }
        }
    }
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
    fn one_address_cannot_take_all_handshakes() {
        let (all, one, other) = (Handshakes::default(), [10, 0, 0, 1], [10, 0, 0, 2]);
        let begin = |ip: [u8; 4], port: u16| all.begin(SocketAddr::from((ip, port)));

        let mut held: Vec<Handshake> = (0..).map_while(|port| begin(one, port)).collect();

        assert_eq!(held.len(), limits::HANDSHAKES_PER_ADDRESS);
        assert!(begin(other, 0).is_some());
        held.pop();
        assert!(begin(one, 0).is_some(), "one that ended makes room");
    }
}
