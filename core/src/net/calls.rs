//! Calls: which connections there are, and how many there may be.
//!
//! Where all places are taken it says which connection makes room. Of two connections with one device it says which
//! stays.

use std::{
    collections::{BTreeMap, BTreeSet},
    net::SocketAddr,
    time::Duration,
};

use tokio_util::sync::CancellationToken;

use super::{NetError, beforehand::MetBefore, drive::Seen, room::network};
use crate::{
    id::{CommunityId, DeviceId},
    limits,
    sync::Progress,
    time::Mono,
};

/// Milliseconds within which two devices that dial each other are taken to have crossed.
const CROSSED_MS: u64 = 10_000;
/// Milliseconds for which whoever has proved a key may say nothing, and keep its place.
const SILENT_MS: u64 = 250;

/// What carries a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Via {
    /// QUIC, over UDP.
    Quic,
    /// TLS over TCP.
    Tcp,
}

/// How many may be there at a time. Where all are, the device that was met last gives way to one met before it, and no
/// community of a relay takes the room of another's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ConnectionLimits {
    /// Connections in all.
    pub connections: usize,
    /// Connections of one device.
    pub per_device: usize,
    /// Connections from one address, or one /64 of IPv6.
    pub per_address: usize,
    /// Handshakes under way, over QUIC and TCP each, up to the hello. Half of them are for addresses and keys met before.
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
    /// The device that said hello.
    pub device: DeviceId,
    /// Where, at the time it began.
    pub address: SocketAddr,
    /// The transport that carries it.
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
    /// With which community it is counted, where there are several.
    community: Option<CommunityId>,
    /// When the peer's key was proved.
    since: Mono,
    /// When the peer said hello.
    met: Option<Mono>,
    seen: Seen,
}

impl Call {
    pub(super) fn new(device: DeviceId, address: SocketAddr, via: Via, dialled: bool, stop: CancellationToken) -> Self {
        let (community, since, met) = (None, Mono(0), None);
        Self { device, address, via, dialled, stop, community, since, met, seen: Seen::default() }
    }

    fn dialler(&self, ours: DeviceId) -> DeviceId {
        if self.dialled { ours } else { self.device }
    }
}

/// All connections that are open, and who was met before.
#[derive(Debug, Default)]
pub(super) struct Calls {
    at_most: ConnectionLimits,
    next: u64,
    open: BTreeMap<u64, Call>,
    met: MetBefore,
}

/// Which connections count towards a limit.
type Counted<'a> = &'a dyn Fn(&Call) -> bool;

impl Calls {
    /// `met` are devices that said hello before, the first of them first.
    pub(super) fn new(at_most: ConnectionLimits, met: Vec<(DeviceId, Option<CommunityId>)>) -> Self {
        Self { at_most, met: MetBefore::of(met), ..Self::default() }
    }

    /// Takes in a connection whose peer is proved and belongs to these communities, where there are several. Where there
    /// is no room, another one makes it: see [`in_the_way`](Self::in_the_way).
    pub(super) fn open(&mut self, call: Call, communities: &[CommunityId], now: Mono) -> Result<u64, NetError> {
        // Who dials a device it is connected with has met it under another address.
        if call.dialled && self.is_connected(call.device) {
            return Err(NetError::Twice);
        }
        let load =
            |community: &CommunityId| self.open.values().filter(|open| open.community == Some(*community)).count();
        let community = communities.iter().copied().min_by_key(load);
        let call = Call { community, since: now, ..call };
        let (all, network) = (self.at_most, network(call.address));
        let mut gone = Vec::new();
        let limits: [(usize, Counted<'_>); 3] = [
            (all.per_device, &|open| open.device == call.device),
            (all.per_address, &|open| self::network(open.address) == network),
            (all.connections, &|_| true),
        ];
        for (most, counts) in limits {
            let here = self.open.iter().map(|(id, open)| (*id, open));
            let here: Vec<(u64, &Call)> = here.filter(|(id, open)| counts(open) && !gone.contains(id)).collect();
            if here.len() >= most {
                gone.push(self.in_the_way(&call, &here).ok_or(NetError::Crowded)?);
            }
        }
        for id in gone {
            if let Some(loser) = self.open.remove(&id) {
                loser.stop.cancel();
            }
        }
        let id = self.next;
        self.next = self.next.wrapping_add(1);
        self.open.insert(id, call);
        Ok(id)
    }

    /// Which of these connections ends for another one, if any does. One that the same device dialled long ago, for it has
    /// lost that. Else one of the community that has most of them, where that has more than the other's own would have
    /// then; else one of the same community. Of those it is who has said nothing for longest, else whose device was met
    /// last, after that which comes. None that this side dialled.
    fn in_the_way(&self, call: &Call, here: &[(u64, &Call)]) -> Option<u64> {
        let lost = |open: &Call| open.met.is_some_and(|met| call.since.since(met) > CROSSED_MS);
        if let Some((id, _)) = here.iter().find(|(_, open)| open.device == call.device && !open.dialled && lost(open)) {
            return Some(*id);
        }
        let mut loads = BTreeMap::<Option<CommunityId>, usize>::new();
        for (_, open) in here {
            *loads.entry(open.community).or_default() += 1;
        }
        let own = loads.get(&call.community).copied().unwrap_or_default();
        let (most, load) = loads.into_iter().max_by_key(|(_, load)| *load)?;
        let from = if load > own.saturating_add(1) { most } else { call.community };
        let may_go = || here.iter().filter(|(_, open)| open.community == from && !open.dialled);
        let silent = |(_, open): &&(u64, &Call)| open.met.is_none() && call.since.since(open.since) >= SILENT_MS;
        if let Some((id, _)) = may_go().find(silent) {
            return Some(*id);
        }
        let comes = if call.dialled { 0 } else { self.met.rank(&call.device) };
        let ranked =
            may_go().filter(|(_, open)| open.met.is_some()).map(|(id, open)| (self.met.rank(&open.device), *id));
        let (last, id) = ranked.max()?;
        (from != call.community || last > comes).then_some(id)
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
            let here: BTreeSet<DeviceId> = self.open.values().map(|open| open.device).collect();
            self.met.note(newer.device, newer.community, &here);
            let rivals = self.open.iter().filter(|(other, open)| **other != id && open.device == newer.device);
            for (_, older) in rivals {
                if let Some(loser) = loser(older, &newer, ours, now) {
                    loser.stop.cancel();
                }
            }
        }
        news
    }

    /// Whether it has not made room for another one.
    pub(super) fn holds(&self, id: u64) -> bool {
        self.open.contains_key(&id)
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
        let ids: Vec<u64> = made.iter().map(|call| calls.open(call.clone(), &[], Mono(0)).expect("few")).collect();
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
        let first = calls.open(call(GREAT, false), &[], Mono(0)).expect("few");
        calls.see(first, met(), SMALL, Mono(0));

        assert!(matches!(calls.open(call(GREAT, true), &[], Mono(0)), Err(NetError::Twice)));
    }

    /// Devices come in turn, a second apart, and say hello where they find room.
    fn come(calls: &mut Calls, devices: &[u8], communities: &[CommunityId]) -> Vec<Option<u64>> {
        let hello = |nth: &u8| {
            let now = Mono(calls.next * 1_000);
            let id = calls.open(call(DeviceId::from_bytes([*nth; 32]), false), communities, now).ok()?;
            calls.see(id, met(), SMALL, now);
            calls.open.retain(|_, open| !open.stop.is_cancelled());
            Some(id)
        };
        devices.iter().map(hello).collect()
    }

    fn here(calls: &Calls) -> Vec<u8> {
        let mut here: Vec<u8> = calls.connected().iter().map(|one| one.device.as_bytes()[0]).collect();
        here.sort_unstable();
        here
    }

    fn full(connections: usize) -> Calls {
        Calls::new(ConnectionLimits { connections, ..ConnectionLimits::default() }, Vec::new())
    }

    #[test]
    fn who_said_hello_to_an_earlier_process_was_met_before() {
        let at_most = ConnectionLimits { connections: 2, ..ConnectionLimits::default() };
        let met = [8, 9].map(|nth| (DeviceId::from_bytes([nth; 32]), None));
        let mut calls = Calls::new(at_most, met.to_vec());

        come(&mut calls, &[1, 2, 9, 8, 3], &[]);

        assert_eq!(here(&calls), [8, 9]);
    }

    #[test]
    fn who_was_met_last_gives_way_to_whoever_was_met_before() {
        let mut calls = full(3);
        let ids = come(&mut calls, &[9, 8, 7], &[]);
        ids.into_iter().flatten().for_each(|id| calls.close(id));

        assert_eq!(
            come(&mut calls, &[8, 30, 31, 32], &[]).iter().flatten().count(),
            3,
            "a new one takes nobody's place"
        );
        assert_eq!(come(&mut calls, &[7, 9], &[]).iter().flatten().count(), 2);

        assert_eq!(here(&calls), [7, 8, 9]);
        assert_eq!(come(&mut calls, &[32, 33], &[]), [None, None]);
    }

    #[test]
    fn who_says_nothing_gives_way_first_and_not_within_a_moment() {
        let mut calls = full(2);
        come(&mut calls, &[50], &[]);
        let silent = calls.open(call(SMALL, false), &[], Mono(9_000)).expect("room");

        assert!(matches!(calls.open(call(GREAT, false), &[], Mono(9_001)), Err(NetError::Crowded)));
        assert!(calls.open(call(GREAT, false), &[], Mono(9_000 + SILENT_MS)).is_ok());
        assert!(!calls.holds(silent) && here(&calls) == [50]);
    }

    #[test]
    fn no_community_takes_the_room_of_another_and_a_device_of_both_takes_the_lesser() {
        let (mut calls, [ours, theirs]) = (full(9), [[1; 32], [2; 32]].map(CommunityId::from_bytes));
        let many: Vec<u8> = (100..140).collect();
        come(&mut calls, &many, &[theirs]);
        assert_eq!(here(&calls).len(), 9, "nobody else is there");

        come(&mut calls, &[1, 2, 3, 4, 5, 6, 7, 8], &[ours]);
        come(&mut calls, &many, &[theirs]);

        assert_eq!(here(&calls), [1, 2, 3, 4, 100, 101, 102, 103, 104], "the first of each");
        assert!(come(&mut calls, &[9], &[theirs, ours])[0].is_none(), "they are equal");
        come(&mut calls, &[200], &[CommunityId::from_bytes([3; 32])]);
        assert_eq!(here(&calls), [1, 2, 3, 4, 100, 101, 102, 103, 200]);
    }

    #[test]
    fn who_comes_again_takes_its_own_place_and_no_others() {
        let mut calls = full(2);
        come(&mut calls, &[1, 2], &[]);
        let second = calls.connected()[1].device;

        let again = calls.open(call(DeviceId::from_bytes([1; 32]), false), &[], Mono(60_000)).expect("its own");

        assert!(calls.holds(again) && calls.open.len() == 2 && calls.is_connected(second));
    }

    #[test]
    fn what_this_side_dialled_stays_and_finds_room() {
        let mut calls = full(2);
        come(&mut calls, &[1, 3], &[]);

        let dialled = calls.open(call(GREAT, true), &[], Mono(9_000)).expect("the last one's");
        calls.see(dialled, met(), SMALL, Mono(9_000));
        come(&mut calls, &[3], &[]);

        assert_eq!(here(&calls), [1, 2]);
    }
}
