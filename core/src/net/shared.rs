//! What the tasks of a node have in common: its sockets and rooms, who is connected, who is dialled, and how a
//! connection ended.
//!
//! It knows no transport.

#[cfg(feature = "uniffi")]
use crate::bindings::module_path;

use std::{
    collections::BTreeMap,
    net::{IpAddr, Ipv6Addr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use parking_lot::Mutex;
use quinn::{Endpoint, TokenMemoryCache};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    sync::{Notify, watch},
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::{
    Conversation, Expected, Host, NetError,
    calls::{Call, Calls, ConnectionLimits},
    drive::{Driver, Over, Seen},
    recent::Recent,
    room::{Met, Room, Seat},
    sighting::Sightings,
    tls::Tls,
};
use crate::{id::DeviceId, key::Beacon, limits};

/// How a node runs.
#[derive(Clone, Debug)]
pub struct NodeOptions {
    /// Where to listen, UDP and TCP alike; port 0 for any that is free; none to dial only.
    pub listen: Option<SocketAddr>,
    /// Whether to show itself to its community, and look for it, by multicast on the local network.
    pub nearby: bool,
    /// Time between two beats at which silent peers are asked for a sign of life, all at once.
    pub keep_alive: Duration,
    /// How many may be there at a time.
    pub at_most: ConnectionLimits,
}

impl Default for NodeOptions {
    fn default() -> Self {
        Self {
            listen: Some(SocketAddr::from((Ipv6Addr::UNSPECIFIED, 0))),
            nearby: true,
            keep_alive: Duration::from_millis(limits::KEEP_ALIVE_MS),
            at_most: ConnectionLimits::default(),
        }
    }
}

/// How a peer that is dialled is doing.
#[derive(Clone, Debug)]
pub enum Dialling {
    /// It is being tried.
    Trying,
    /// There is a connection with it.
    Connected,
    /// The last attempt failed; the next follows by itself, or at once when the network changes.
    Waiting {
        /// Attempts that failed since the last connection.
        tries: u32,
        /// Why the last one did.
        why: NetError,
    },
}

/// A peer that is dialled until told otherwise.
#[derive(Clone, Debug)]
pub(super) struct Target {
    pub(super) expected: Expected,
    pub(super) addresses: Vec<SocketAddr>,
    pub(super) state: Dialling,
    /// Found by itself, and forgotten by itself.
    pub(super) nearby: bool,
    /// The mark under which it was found.
    pub(super) mark: Option<Beacon>,
    pub(super) poke: Arc<Notify>,
    pub(super) stop: CancellationToken,
}

impl Target {
    pub(super) fn new(expected: Expected, mark: Option<Beacon>, stop: CancellationToken) -> Self {
        let (addresses, poke) = (Vec::new(), Arc::new(Notify::new()));
        Self { expected, addresses, state: Dialling::Trying, nearby: mark.is_some(), mark, poke, stop }
    }

    /// Adds addresses; whether there were new ones.
    pub(super) fn learn(&mut self, addresses: &[SocketAddr]) -> bool {
        let before = self.addresses.len();
        for address in addresses {
            if !self.addresses.contains(address) && self.addresses.len() < limits::ADDRESSES {
                self.addresses.push(*address);
            }
        }
        self.addresses.len() > before
    }
}

/// Whether phones nearby can be found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Enum))]
pub enum Nearby {
    /// It was not asked for, or this device belongs to no community yet.
    #[default]
    Off,
    /// It shows itself, and looks for others.
    Looking {
        /// Marks of the community that were seen since the last start or change of network.
        seen: u64,
    },
    /// There is no network to look in, or it lets no multicast out. Everything else works.
    NoMulticast,
}

/// What the tasks of a node have in common.
#[derive(Debug)]
pub(super) struct Shared {
    pub(super) tls: Tls,
    pub(super) endpoint: Endpoint,
    pub(super) options: NodeOptions,
    /// Whoever dials, up to the hello: apart, so that whoever keeps one way busy leaves the other open.
    pub(super) quic_room: Room,
    pub(super) tcp_room: Room,
    /// Where from keys were proved.
    pub(super) met: Met,
    pub(super) tokens: Tokens,
    pub(super) tasks: TaskTracker,
    pub(super) stop: CancellationToken,
    /// Changes when the network does.
    pub(super) network: watch::Sender<u64>,
    /// Changes when connections or targets do.
    pub(super) changed: watch::Sender<u64>,
    pub(super) calls: Mutex<Calls>,
    pub(super) targets: Mutex<Targets>,
    pub(super) nearby: watch::Sender<Nearby>,
    pub(super) sightings: Mutex<Sightings>,
}

#[derive(Debug, Default)]
pub(super) struct Targets {
    pub(super) next: u64,
    pub(super) open: BTreeMap<u64, Target>,
}

/// Tokens that peers gave for the next time, by address.
#[derive(Debug)]
pub(super) struct Tokens(Mutex<Recent<SocketAddr, Arc<TokenMemoryCache>>>);

impl Default for Tokens {
    fn default() -> Self {
        Self(Mutex::new(Recent::new(limits::TOKENS)))
    }
}

impl Tokens {
    pub(super) fn of(&self, address: SocketAddr) -> Arc<TokenMemoryCache> {
        self.0.lock().touch(address, || Arc::new(TokenMemoryCache::new(1, 2))).clone()
    }
}

impl Shared {
    pub(super) fn host(&self) -> &Arc<dyn Host> {
        self.tls.host()
    }

    pub(super) fn port(&self) -> u16 {
        self.endpoint.local_addr().map_or(0, |address| address.port())
    }

    pub(super) fn local_addresses(&self) -> Vec<SocketAddr> {
        self.endpoint.local_addr().map(reachable).unwrap_or_default()
    }

    fn news(&self) {
        self.changed.send_modify(|count| *count = count.wrapping_add(1));
    }

    /// Takes in a connection whose peer is proved; whoever dialled here holds a seat until the hello.
    pub(super) fn open(self: &Arc<Self>, call: Call, seat: Option<Seat>) -> Result<Open, NetError> {
        if call.device == self.host().device() {
            return Err(NetError::Ourselves);
        }
        let (communities, now) = (self.host().communities(call.device), self.host().now());
        let id = self.calls.lock().open(call.clone(), &communities, now)?;
        if let Some(seat) = &seat {
            seat.prove();
        }
        Ok(Open { shared: self.clone(), id, call, seat: Mutex::new(seat) })
    }

    pub(super) fn is_connected(&self, device: DeviceId) -> bool {
        self.calls.lock().is_connected(device)
    }

    /// Waits until a device is not connected any more.
    pub(super) async fn until_gone(&self, device: DeviceId) {
        let mut changed = self.changed.subscribe();
        while self.is_connected(device) {
            tokio::select! {
                () = self.stop.cancelled() => return,
                changed = changed.changed() => if changed.is_err() { return },
            }
        }
    }

    /// Has a peer dialled at these addresses alone from the next attempt on, which follows at once if they are new.
    pub(super) fn redirect(&self, id: u64, addresses: &[SocketAddr]) {
        if let Some(target) = self.targets.lock().open.get_mut(&id)
            && target.addresses != addresses
        {
            target.addresses.clear();
            target.learn(addresses);
            target.poke.notify_one();
        }
    }

    pub(super) fn target(&self, id: u64) -> Option<Target> {
        self.targets.lock().open.get(&id).cloned()
    }

    pub(super) fn dialling(&self, id: u64, state: Dialling) {
        if let Some(target) = self.targets.lock().open.get_mut(&id) {
            target.state = state;
        }
        self.news();
    }

    pub(super) fn forget(&self, id: u64) {
        let target = self.targets.lock().open.remove(&id);
        if let Some(mark) = target.and_then(|target| target.mark) {
            self.sightings.lock().give_up(&mark, self.host().now());
        }
        self.news();
    }
}

/// A connection among all, until this goes.
pub(super) struct Open {
    shared: Arc<Shared>,
    id: u64,
    pub(super) call: Call,
    /// Where the other side dialled and has not said hello.
    seat: Mutex<Option<Seat>>,
}

impl Open {
    /// Why it was stopped.
    pub(super) fn stopped(&self) -> NetError {
        let lost = self.seat.lock().as_ref().is_some_and(Seat::is_lost);
        if self.shared.stop.is_cancelled() {
            NetError::Stopped
        } else if lost || !self.shared.calls.lock().holds(self.id) {
            NetError::Crowded
        } else {
            // Stopped alone, and not with all others: another connection with this device stays.
            NetError::Twice
        }
    }

    /// Drives the conversation until it is over.
    pub(super) async fn run<
        C: Conversation<Error = NetError> + Send + 'static,
        R: AsyncRead + Unpin,
        W: AsyncWrite + Unpin,
    >(
        &self,
        driver: Driver<C, R, W>,
    ) -> NetError {
        let Over { why, elsewhere } = driver.run(&self.call.stop, |seen| self.see(seen)).await;
        if let Some(address) = elsewhere {
            self.shared.host().sent(self.call.device, address);
        }
        if matches!(why, NetError::Stopped) { self.stopped() } else { why }
    }

    fn see(&self, seen: Seen) {
        let (ours, now) = (self.shared.host().device(), self.shared.host().now());
        let (first, news) = {
            let mut calls = self.shared.calls.lock();
            let before = calls.is_met(self.id);
            let news = calls.see(self.id, seen, ours, now);
            (!before && seen.met, news)
        };
        if news {
            self.shared.news();
        }
        if first {
            drop(self.seat.lock().take());
            self.shared.met.note(self.call.address);
        }
        // A QUIC peer dials from where it listens; from a TCP port nobody listens.
        if first && (self.call.dialled || self.call.via == super::Via::Quic) {
            let (host, Call { device, address, .. }) = (self.shared.host().clone(), self.call.clone());
            let address = SocketAddr::new(address.ip().to_canonical(), address.port());
            self.shared.tasks.spawn_blocking(move || host.reached(device, address));
        }
    }

    pub(super) fn is_met(&self) -> bool {
        self.shared.calls.lock().is_met(self.id)
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.shared.calls.lock().close(self.id);
        self.shared.news();
    }
}

/// How a connection ended.
pub(super) struct Ended {
    pub(super) why: NetError,
    /// With whom it was, if that was proved.
    pub(super) device: Option<DeviceId>,
    /// Whether the peer had said hello.
    pub(super) met: bool,
}

impl From<NetError> for Ended {
    fn from(why: NetError) -> Self {
        Self { why, device: None, met: false }
    }
}

/// Drives the dialogue in which one side asks to be admitted. Whoever asks here holds a seat, and keeps it from the moment
/// the secret is shown.
pub(super) async fn ask<C, R, W>(stop: &CancellationToken, driver: Driver<C, R, W>, seat: Option<&Seat>) -> Ended
where
    C: Conversation<Error = NetError> + Send + 'static,
    R: AsyncRead + Unpin,
    W: AsyncWrite + Unpin,
{
    let mut met = false;
    let tell = |seen: Seen| {
        if seen.met
            && !met
            && let Some(seat) = seat
        {
            seat.keep();
        }
        met |= seen.met;
    };
    let why = driver.run(stop, tell).await.why;
    let why = if seat.is_some_and(Seat::is_lost) { NetError::Crowded } else { why };
    Ended { why, device: None, met }
}

/// Addresses at which others may reach whoever listens here. Those of loopback are left out.
pub fn reachable(listen: SocketAddr) -> Vec<SocketAddr> {
    if !listen.ip().is_unspecified() {
        return vec![listen];
    }
    let interfaces = if_addrs::get_if_addrs().unwrap_or_default();
    let reachable = |ip: &IpAddr| match ip {
        IpAddr::V4(ip) => !ip.is_loopback(),
        // An address of this link alone means nothing without the interface's name.
        IpAddr::V6(ip) => listen.is_ipv6() && !ip.is_loopback() && !ip.is_unicast_link_local(),
    };
    let ips = interfaces.iter().map(if_addrs::Interface::ip).filter(reachable);
    ips.map(|ip| SocketAddr::new(ip, listen.port())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_kept_of_as_many_addresses_as_fit_those_dialled_last() {
        let (tokens, at) = (Tokens::default(), |port: usize| SocketAddr::from(([10, 0, 0, 1], port as u16)));
        let kept: Vec<_> = (0..limits::TOKENS).map(|port| tokens.of(at(port))).collect();
        assert!(Arc::ptr_eq(&tokens.of(at(0)), &kept[0]), "it is the same as long as it fits");

        tokens.of(at(limits::TOKENS));

        assert!(!Arc::ptr_eq(&tokens.of(at(1)), &kept[1]), "of one more the one dialled longest ago is forgotten");
        assert!(Arc::ptr_eq(&tokens.of(at(0)), &kept[0]) && Arc::ptr_eq(&tokens.of(at(9)), &kept[9]));
    }
}
