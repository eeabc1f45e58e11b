//! Seats for peers that are not known yet: a few, each lent for a short time.
//!
//! An outsider can ask for as many seats as it likes. So where all are taken, a seat that somebody has held longest
//! without getting further goes to the next who asks. A part of the seats is kept for addresses and keys that were met
//! before. It refuses to know what a seat is for.

use std::{
    collections::BTreeMap,
    net::{IpAddr, Ipv6Addr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use parking_lot::Mutex;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::recent::Recent;
use crate::limits;

/// How long a seat is never taken back: under any load, one handshake in a good network gets to its end.
const LEAST: Duration = Duration::from_millis(250);

/// How many seats there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seats {
    /// For all addresses together.
    pub all: usize,
    /// For one address, or one /64 of IPv6: phones behind one router share it.
    pub per_address: usize,
}

/// What is known of somebody who asks for a seat.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Standing {
    /// Nothing is known of it.
    #[default]
    New,
    /// Somebody proved a key from this address before.
    Address,
    /// This one did, and shows it.
    Key,
}

/// Seats, and who holds them. Clones share them.
#[derive(Clone, Debug)]
pub struct Room {
    seats: Seats,
    taken: Arc<Mutex<Taken>>,
    /// When it is closed, nobody has a seat any more.
    closed: CancellationToken,
}

#[derive(Debug, Default)]
struct Taken {
    next: u64,
    /// In the order in which they were taken.
    by: BTreeMap<u64, Holder>,
}

#[derive(Debug)]
struct Holder {
    network: IpAddr,
    standing: Standing,
    since: Instant,
    lost: CancellationToken,
    kept: bool,
}

/// A seat, until it goes.
#[derive(Debug)]
pub struct Seat {
    room: Room,
    id: u64,
    lost: CancellationToken,
}

impl Room {
    /// All seats are free.
    pub fn new(seats: Seats) -> Self {
        Self { seats, taken: Arc::default(), closed: CancellationToken::new() }
    }

    /// The same until it is closed.
    pub(super) fn until(seats: Seats, closed: CancellationToken) -> Self {
        Self { closed, ..Self::new(seats) }
    }

    /// A seat for somebody who comes from this address; the one that was held longest where all are taken. None where
    /// even that was taken a moment ago.
    pub fn take(&self, from: SocketAddr, standing: Standing) -> Option<Seat> {
        self.take_at(from, standing, Instant::now())
    }

    fn take_at(&self, from: SocketAddr, standing: Standing, now: Instant) -> Option<Seat> {
        let network = network(from);
        let mut taken = self.taken.lock();
        if let Some(victim) = taken.in_the_way(self.seats, network, standing) {
            taken.evict(victim?, now)?;
        }
        let (id, lost) = (taken.next, self.closed.child_token());
        taken.next = id.wrapping_add(1);
        taken.by.insert(id, Holder { network, standing, since: now, lost: lost.clone(), kept: false });
        Some(Seat { room: self.clone(), id, lost })
    }

    /// Whether so many are taken that an address should prove itself first.
    pub fn is_crowded(&self) -> bool {
        self.taken.lock().by.len() >= self.seats.all / 4
    }
}

/// The part of so many seats that one of this standing may have, with all who stand no better.
fn share(seats: usize, standing: Standing) -> usize {
    let part = match standing {
        Standing::New => seats.saturating_mul(2) / 4,
        Standing::Address => seats.saturating_mul(3) / 4,
        Standing::Key => seats,
    };
    part.max(1)
}

impl Taken {
    /// Whether somebody must go first, and who: of the same network where that has its part, else of the network that
    /// holds most. Nobody who stands better, or whose seat is kept.
    fn in_the_way(&self, seats: Seats, network: IpAddr, standing: Standing) -> Option<Option<u64>> {
        let below = || self.by.iter().filter(|(_, holder)| holder.standing <= standing);
        let oldest_of =
            |network: IpAddr| below().find(|(_, holder)| holder.network == network && !holder.kept).map(|(id, _)| *id);
        // Of one address, all who show no key together leave a part to those who do.
        let here = share(seats.per_address, standing.max(Standing::Address));
        if below().filter(|(_, holder)| holder.network == network).count() >= here {
            return Some(oldest_of(network));
        }
        if below().count() < share(seats.all, standing) {
            return None;
        }
        let mut by_network = BTreeMap::<IpAddr, usize>::new();
        for (_, holder) in below().filter(|(_, holder)| !holder.kept) {
            *by_network.entry(holder.network).or_default() += 1;
        }
        let most = by_network.values().max().copied();
        let crowded = |holder: &Holder| by_network.get(&holder.network).copied() == most && !holder.kept;
        Some(below().find(|(_, holder)| crowded(holder)).map(|(id, _)| *id))
    }

    /// Takes a seat back, unless it was taken a moment ago.
    fn evict(&mut self, id: u64, now: Instant) -> Option<()> {
        self.by.get(&id).filter(|holder| now.saturating_duration_since(holder.since) >= LEAST)?;
        self.by.remove(&id)?.lost.cancel();
        Some(())
    }
}

impl Seat {
    /// Waits until the seat is taken back.
    pub async fn lost(&self) {
        self.lost.cancelled().await;
    }

    /// From now on it is not taken back any more: whoever holds it got further, and ends by itself.
    pub fn keep(&self) {
        if let Some(holder) = self.room.taken.lock().by.get_mut(&self.id) {
            holder.kept = true;
        }
    }

    /// From now on it is held by somebody who has shown a key, and is not taken back for whoever has not.
    pub(super) fn prove(&self) {
        if let Some(holder) = self.room.taken.lock().by.get_mut(&self.id) {
            holder.standing = Standing::Key;
        }
    }

    /// Is cancelled when the seat is taken back, or the room is closed; never once the seat was given back.
    pub(super) fn ends(&self) -> &CancellationToken {
        &self.lost
    }

    /// Whether it was taken back for somebody else.
    pub(super) fn is_lost(&self) -> bool {
        self.lost.is_cancelled() && !self.room.closed.is_cancelled()
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.room.taken.lock().by.remove(&self.id);
    }
}

/// What stands for whoever has an address: the address itself, of an IPv6 one the part that a network is given.
pub(super) fn network(address: SocketAddr) -> IpAddr {
    match address.ip().to_canonical() {
        IpAddr::V6(ip) if !ip.is_loopback() => {
            let [a, b, c, d, ..] = ip.segments();
            IpAddr::V6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
        }
        ip => ip,
    }
}

/// Networks from which somebody proved a key, the last met of all.
#[derive(Debug)]
pub(super) struct Met(Mutex<Recent<IpAddr, ()>>);

impl Default for Met {
    fn default() -> Self {
        Self(Mutex::new(Recent::new(limits::MET_NETWORKS)))
    }
}

impl Met {
    /// Somebody proved a key from this address.
    pub(super) fn note(&self, address: SocketAddr) {
        self.0.lock().touch(network(address), || ());
    }

    /// What that says of whoever comes from this address and shows nothing.
    pub(super) fn standing(&self, address: SocketAddr) -> Standing {
        if self.0.lock().contains(&network(address)) { Standing::Address } else { Standing::New }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SEATS: Seats = Seats { all: 64, per_address: 32 };

    fn at(ip: u8, port: u16) -> SocketAddr {
        SocketAddr::from(([10, 0, 0, ip], port))
    }

    /// Somebody from these addresses takes seat after seat, a millisecond apart, and gets no further.
    fn flood(room: &Room, ips: &[u8], standing: Standing, from: Instant, count: u32) -> Vec<Seat> {
        let asked = (0..count).zip(ips.iter().cycle());
        asked
            .filter_map(|(nth, ip)| {
                room.take_at(at(*ip, nth as u16), standing, from + Duration::from_millis(nth.into()))
            })
            .collect()
    }

    fn held(seats: &[Seat]) -> usize {
        seats.iter().filter(|seat| !seat.lost.is_cancelled()).count()
    }

    #[test]
    fn whoever_has_sat_longest_makes_room() {
        let (room, began) = (Room::new(SEATS), Instant::now());

        let seats = flood(&room, &[1], Standing::New, began, 1_000);

        assert_eq!(held(&seats), 24, "three quarters of an address's seats");
        assert!(seats.iter().rev().take(24).all(|seat| !seat.lost.is_cancelled()), "the youngest");
    }

    #[test]
    fn a_seat_is_not_taken_back_within_a_moment() {
        let (room, now) = (Room::new(SEATS), Instant::now());

        let seats: Vec<Seat> = (0..100).filter_map(|port| room.take_at(at(1, port), Standing::New, now)).collect();

        assert_eq!((seats.len(), held(&seats)), (24, 24));
        assert!(room.take_at(at(1, 0), Standing::New, now + LEAST).is_some());
        assert_eq!(held(&seats), 23);
    }

    #[test]
    fn four_addresses_that_take_all_they_can_take_nothing_from_a_fifth() {
        let (room, began) = (Room::new(SEATS), Instant::now());
        let mut seats = flood(&room, &[1, 2, 3, 4], Standing::New, began, 1_000);

        let honest = room.take_at(at(5, 0), Standing::New, began + Duration::from_secs(1)).expect("a seat");
        seats.extend(flood(&room, &[1, 2, 3, 4], Standing::New, began + Duration::from_secs(2), 1_000));

        assert!(!honest.lost.is_cancelled());
        assert_eq!(held(&seats), 31, "and its own: half of all");
    }

    #[test]
    fn an_address_and_a_key_that_were_met_have_seats_that_strangers_never_hold() {
        let (room, began) = (Room::new(SEATS), Instant::now());
        let (met, later) = (Met::default(), began + Duration::from_millis(1_000));
        met.note(at(9, 1));
        assert_eq!((met.standing(at(9, 2)), met.standing(at(8, 2))), (Standing::Address, Standing::New));
        let strangers = flood(&room, &[1, 2, 3, 4], Standing::New, began, 1_000);
        let neighbours = flood(&room, &[9], Standing::Address, began, 1_000);
        assert_eq!((held(&strangers), held(&neighbours)), (32, 16), "half of all, and up to three quarters");

        let phone = room.take_at(at(9, 7), Standing::Key, later).expect("behind the same address");
        let again = flood(&room, &[9], Standing::Address, later, 1_000);

        assert!(!phone.lost.is_cancelled(), "who floods from there does not reach it");
        assert_eq!(held(&strangers), 32);
        assert_eq!(held(&again), 16);
    }

    #[test]
    fn a_seat_that_is_kept_stays_and_one_that_goes_is_free() {
        let (room, began) = (Room::new(Seats { all: 2, per_address: 2 }), Instant::now());
        let later = began + Duration::from_secs(1);
        let first = room.take_at(at(1, 1), Standing::Key, began).expect("free");
        first.keep();
        let second = room.take_at(at(1, 2), Standing::Key, began).expect("free");

        let third = room.take_at(at(1, 3), Standing::Key, later).expect("the second's");
        assert!(!first.lost.is_cancelled() && second.lost.is_cancelled());
        third.keep();
        assert!(room.take_at(at(1, 4), Standing::Key, later + LEAST).is_none(), "nobody can be asked to go");
        drop(first);
        assert!(room.take_at(at(1, 5), Standing::Key, later + LEAST).is_some());
    }

    #[test]
    fn no_more_networks_are_remembered_than_fit() {
        let met = Met::default();

        for nth in 0..=u32::try_from(limits::MET_NETWORKS).expect("few") {
            met.note(SocketAddr::from((std::net::Ipv4Addr::from_bits(nth), 1)));
        }

        let standing = |ip: [u8; 4]| met.standing(SocketAddr::from((ip, 1)));
        assert_eq!(standing([0, 0, 0, 0]), Standing::New, "the first is forgotten");
        assert_eq!(standing([0, 0, 0, 1]), Standing::Address);
    }

    #[test]
    fn who_has_shown_a_key_is_not_sent_away_for_whoever_has_not() {
        let (room, began) = (Room::new(SEATS), Instant::now());
        let member = room.take_at(at(1, 0), Standing::New, began).expect("free");
        member.prove();

        flood(&room, &[1], Standing::New, began + Duration::from_secs(1), 1_000);

        assert!(!member.lost.is_cancelled());
    }
}
