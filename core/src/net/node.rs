//! A node: what listens, dials, and keeps connections for one host.

use std::{
    collections::BTreeMap,
    io,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use parking_lot::Mutex;
use quinn::Endpoint;
use socket2::{Domain, Protocol, Socket, Type};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpListener,
    sync::watch,
    time::timeout,
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::{
    Expected, Host, NetError,
    calls::{Call, Calls, Connected, Crowd},
    dial::{self, Dialling, Target},
    discovery::{self, Nearby},
    drive::{Driver, Line, Over, Seen},
    quic,
    room::{Met, Room, Seats},
    sighting::Sightings,
    tcp,
    tls::Tls,
};
use crate::{id::DeviceId, key::Beacon, limits};

/// Ports tried until one is free for UDP and TCP alike.
const PORTS: usize = 16;
/// Connections that TCP may hold before they are accepted.
const BACKLOG: i32 = 1_024;
/// What open conversations get to end.
const GRACE: Duration = Duration::from_secs(2);

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
    pub crowd: Crowd,
}

impl Default for NodeOptions {
    fn default() -> Self {
        Self {
            listen: Some(SocketAddr::from((Ipv6Addr::UNSPECIFIED, 0))),
            nearby: true,
            keep_alive: Duration::from_millis(limits::KEEP_ALIVE_MS),
            crowd: Crowd::default(),
        }
    }
}

/// Why a node does not start.
#[derive(Clone, Debug, thiserror::Error)]
pub enum NodeError {
    /// The address cannot be listened on.
    #[error("cannot listen on {address}: {kind}")]
    Listen {
        /// Which address.
        address: SocketAddr,
        /// Why.
        kind: io::ErrorKind,
    },
    /// TLS or QUIC cannot be set up.
    #[error(transparent)]
    Setup(#[from] NetError),
}

/// A peer that is dialled, for a screen.
#[derive(Clone, Debug)]
pub struct Dialled {
    /// Whom.
    pub expected: Expected,
    /// Where.
    pub addresses: Vec<SocketAddr>,
    /// How it is doing.
    pub state: Dialling,
}

/// Names a peer that is dialled, to [`hang up`](Node::hang_up).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct TargetId(pub(super) u64);

/// What listens and dials for a host, until it is dropped or [shut down](Self::shutdown).
///
/// ```
/// # use std::sync::Arc;
/// # use linli_core::{id::CommandId, key::MemorySecrets, net::{Expected, NodeOptions}, replica::{Options, Replica}, roster::Role};
/// # let homes = [tempfile::tempdir()?, tempfile::tempdir()?];
/// # let open = |nth: usize| Replica::open(Options::new(homes[nth].path(), Arc::new(MemorySecrets::default())));
/// # let (lan, wu) = (open(0)?, open(1)?);
/// # lan.found(Some("Lan".into()))?;
/// # lan.admit(CommandId::from_bytes([1; 16]), wu.record(), Role::Volunteer, None, Some("Wu".into()))?;
/// # wu.join(&lan.welcome()?)?;
/// # tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(async {
/// let options = NodeOptions { listen: Some(([127, 0, 0, 1], 0).into()), nearby: false, ..NodeOptions::default() };
/// let (here, there) = (lan.start_node(options.clone())?, wu.start_node(options)?);
/// there.dial(&[([127, 0, 0, 1], here.port()).into()], Expected::Unlisted(lan.device()))?; // and again when it breaks
/// let mut changes = there.changes();
/// while !there.connected().iter().any(|peer| peer.in_step) {
///     changes.changed().await?;
/// }
/// here.shutdown().await;
/// there.shutdown().await;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Node {
    pub(super) shared: Arc<Shared>,
    /// A second handle to the socket, to be bound anew.
    socket: std::net::UdpSocket,
}

/// What the tasks of a node have in common.
#[derive(Debug)]
pub(super) struct Shared {
    pub(super) tls: Tls,
    pub(super) endpoint: Endpoint,
    pub(super) options: NodeOptions,
    /// Handshakes with whoever dials: apart, so that whoever keeps one way busy leaves the other open.
    pub(super) quic_room: Room,
    pub(super) tcp_room: Room,
    /// Where from keys were proved.
    pub(super) met: Met,
    pub(super) tokens: quic::Tokens,
    pub(super) tasks: TaskTracker,
    pub(super) stop: CancellationToken,
    /// Changes when the network does.
    pub(super) network: watch::Sender<u64>,
    /// Changes when connections or targets do.
    changed: watch::Sender<u64>,
    calls: Mutex<Calls>,
    targets: Mutex<Targets>,
    pub(super) nearby: watch::Sender<Nearby>,
    pub(super) sightings: Mutex<Sightings>,
}

#[derive(Debug, Default)]
struct Targets {
    next: u64,
    open: BTreeMap<u64, Target>,
}

impl Node {
    /// Begins to listen. Needs a tokio runtime with IO and time.
    ///
    /// # Errors
    /// Why it cannot.
    pub fn start(host: Arc<dyn Host>, options: NodeOptions) -> Result<Self, NodeError> {
        let sightings = Sightings::new(host.now());
        let tls = Tls::new(host);
        let (udp, tcp) = sockets(options.listen)?;
        let again = udp.try_clone().map_err(NetError::from)?;
        let endpoint = quic::endpoint(&tls, udp, tcp.is_some(), options.crowd)?;
        let crowd = options.crowd;
        let seats = Seats { all: crowd.handshakes, per_address: crowd.handshakes_per_address };
        let shared = Arc::new(Shared {
            tls,
            endpoint,
            quic_room: Room::new(seats),
            tcp_room: Room::new(seats),
            met: Met::default(),
            tokens: quic::Tokens::default(),
            tasks: TaskTracker::new(),
            stop: CancellationToken::new(),
            network: watch::Sender::new(0),
            changed: watch::Sender::new(0),
            calls: Mutex::new(Calls::new(options.crowd)),
            options,
            targets: Mutex::default(),
            nearby: watch::Sender::new(Nearby::Off),
            sightings: Mutex::new(sightings),
        });
        if let Some(tcp) = tcp {
            let listener = TcpListener::from_std(tcp).map_err(NetError::from)?;
            shared.tasks.spawn(tcp::accept(shared.clone(), listener));
            shared.tasks.spawn(quic::accept(shared.clone()));
        }
        if shared.options.nearby {
            shared.tasks.spawn(discovery::run(shared.clone()));
        }
        Ok(Self { shared, socket: again })
    }

    /// Dials a peer at these addresses, and again whenever it is not connected, until it is given up. Addresses of a
    /// peer that is dialled already are added to those known.
    ///
    /// # Errors
    /// [`NetError::Crowded`] when too many peers are dialled.
    pub fn dial(&self, addresses: &[SocketAddr], expected: Expected) -> Result<TargetId, NetError> {
        self.shared.aim(addresses, expected, None).map(TargetId)
    }

    /// Gives up a peer that is dialled; a connection that was dialled ends.
    pub fn hang_up(&self, target: TargetId) {
        if let Some(target) = self.shared.target(target.0) {
            target.stop.cancel();
        }
    }

    /// Who is connected.
    pub fn connected(&self) -> Vec<Connected> {
        self.shared.calls.lock().connected()
    }

    /// Who is dialled.
    pub fn dialled(&self) -> Vec<Dialled> {
        let targets = self.shared.targets.lock();
        let line = |target: &Target| Dialled {
            expected: target.expected,
            addresses: target.addresses.clone(),
            state: target.state.clone(),
        };
        targets.open.values().map(line).collect()
    }

    /// Changes whenever one of these answers does.
    pub fn changes(&self) -> watch::Receiver<u64> {
        self.shared.changed.subscribe()
    }

    /// Whether phones nearby can be found.
    pub fn nearby(&self) -> Nearby {
        self.shared.nearby.borrow().clone()
    }

    /// The port it listens on, or dials from.
    pub fn port(&self) -> u16 {
        self.shared.port()
    }

    /// Addresses at which others may reach this node: what to show in a QR code. Those of loopback are left out.
    pub fn local_addresses(&self) -> Vec<SocketAddr> {
        self.shared.local_addresses()
    }

    /// The network is another one: connections go on from here, and whoever is missed is dialled at once.
    pub fn network_changed(&self) {
        // The same socket, so that the port stays; what matters is that each connection shows itself on the new way.
        let rebound = self.socket.try_clone().and_then(|socket| self.shared.endpoint.rebind(socket));
        if let Err(error) = rebound {
            tracing::warn!(%error, "the socket could not be bound anew");
        }
        self.shared.network.send_modify(|count| *count = count.wrapping_add(1));
    }

    /// Ends all conversations and stops listening.
    pub async fn shutdown(self) {
        self.shared.stop.cancel();
        self.shared.tasks.close();
        // Whoever does not end in time is cut off.
        let _cut_off = timeout(GRACE, self.shared.tasks.wait()).await;
        self.shared.endpoint.close(0_u32.into(), b"");
        let _unsaid = timeout(GRACE, self.shared.endpoint.wait_idle()).await;
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        self.shared.stop.cancel();
        self.shared.endpoint.close(0_u32.into(), b"");
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

    /// Takes in a connection whose peer is proved.
    pub(super) fn open(self: &Arc<Self>, call: Call) -> Result<Open, NetError> {
        if call.device == self.host().device() {
            return Err(NetError::Ourselves);
        }
        let id = self.calls.lock().open(call.clone())?;
        Ok(Open { shared: self.clone(), id, call })
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

    /// Dials a peer, if it is not dialled yet.
    pub(super) fn aim(
        self: &Arc<Self>,
        addresses: &[SocketAddr],
        expected: Expected,
        mark: Option<Beacon>,
    ) -> Result<u64, NetError> {
        let mut targets = self.targets.lock();
        let same = |target: &Target| {
            target.expected == expected
                && !target.stop.is_cancelled()
                && (expected != Expected::Member || addresses.iter().any(|address| target.addresses.contains(address)))
        };
        if let Some((id, target)) = targets.open.iter_mut().find(|(_, target)| same(target)) {
            target.nearby &= mark.is_some();
            if mark.is_none() && target.learn(addresses) {
                target.poke.notify_one();
            }
            // One found in two ways is dialled in one.
            return if mark.is_some() && target.mark != mark { Err(NetError::Twice) } else { Ok(*id) };
        }
        if targets.open.len() >= limits::TARGETS {
            return Err(NetError::Crowded);
        }
        let id = targets.next;
        targets.next = id.wrapping_add(1);
        let mut target = Target::new(expected, mark, self.stop.child_token());
        target.learn(addresses);
        targets.open.insert(id, target);
        self.tasks.spawn(dial::keep(self.clone(), id));
        Ok(id)
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
}

impl Open {
    /// Drives the conversation until it is over.
    pub(super) async fn run<L: Line, R: AsyncRead + Unpin, W: AsyncWrite + Unpin>(
        &self,
        driver: Driver<L, R, W>,
    ) -> NetError {
        let Over { why, elsewhere } = driver.run(&self.call.stop, |seen| self.see(seen)).await;
        if let Some(address) = elsewhere {
            self.shared.host().sent(self.call.device, address);
        }
        // Stopped alone, and not with all others: another connection with this device stays.
        let alone = matches!(why, NetError::Stopped) && !self.shared.stop.is_cancelled();
        if alone { NetError::Twice } else { why }
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

/// A UDP socket, and where to listen a TCP one on the same port.
fn sockets(listen: Option<SocketAddr>) -> Result<(std::net::UdpSocket, Option<std::net::TcpListener>), NodeError> {
    let any = SocketAddr::from((Ipv6Addr::UNSPECIFIED, 0));
    let address = listen.unwrap_or(any);
    let fail = |address, error: &io::Error| NodeError::Listen { address, kind: error.kind() };
    let mut failed = io::Error::from(io::ErrorKind::AddrInUse);
    for _ in 0..PORTS {
        let udp = match bind_udp(address) {
            Ok(udp) => udp,
            Err(error) => return Err(fail(address, &error)),
        };
        if listen.is_none() {
            return Ok((udp, None));
        }
        match udp.local_addr().and_then(bind_tcp) {
            Ok(tcp) => return Ok((udp, Some(tcp))),
            Err(error) if address.port() != 0 => return Err(fail(address, &error)),
            Err(error) => failed = error,
        }
    }
    Err(fail(address, &failed))
}

fn bind_udp(address: SocketAddr) -> io::Result<std::net::UdpSocket> {
    let bound = bind(address, Type::DGRAM, Protocol::UDP);
    // Where there is no IPv6, "everywhere" is all of IPv4.
    let everywhere = address.ip() == IpAddr::V6(Ipv6Addr::UNSPECIFIED);
    match bound {
        Err(_) if everywhere => {
            bind(SocketAddr::from((Ipv4Addr::UNSPECIFIED, address.port())), Type::DGRAM, Protocol::UDP)
        }
        bound => bound,
    }
    .map(Into::into)
}

fn bind_tcp(address: SocketAddr) -> io::Result<std::net::TcpListener> {
    let socket = bind(address, Type::STREAM, Protocol::TCP)?;
    socket.listen(BACKLOG)?;
    Ok(socket.into())
}

fn bind(address: SocketAddr, kind: Type, protocol: Protocol) -> io::Result<Socket> {
    let socket = Socket::new(Domain::for_address(address), kind, Some(protocol))?;
    if address.ip() == IpAddr::V6(Ipv6Addr::UNSPECIFIED) {
        socket.set_only_v6(false)?;
    }
    if kind == Type::STREAM {
        // A port is free again at once after a restart.
        socket.set_reuse_address(cfg!(unix))?;
    }
    socket.set_nonblocking(true)?;
    socket.bind(&address.into())?;
    Ok(socket)
}
