//! A node: what listens, dials, and keeps connections for one host.

use std::{
    io,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use parking_lot::Mutex;
use socket2::{Domain, Protocol, Socket, Type};
use tokio::{net::TcpListener, sync::watch, time::timeout};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::{
    Expected, Host, NetError,
    calls::{Calls, Connected},
    dial, discovery, quic,
    room::{Met, Room, Seats},
    shared::{Dialling, Nearby, NodeOptions, Shared, Target, Tokens},
    sighting::Sightings,
    tcp,
    tls::Tls,
};

/// Ports tried until one is free for UDP and TCP alike.
const PORTS: usize = 16;
/// Connections that TCP may hold before they are accepted.
const BACKLOG: i32 = 1_024;
/// What open conversations get to end.
const GRACE: Duration = Duration::from_secs(2);

/// Why a node does not start.
#[derive(Clone, Debug, thiserror::Error)]
pub enum NodeError {
    /// The address cannot be listened on.
    #[error("cannot listen on {address}: {kind}")]
    Listen {
        /// The address that the options name.
        address: SocketAddr,
        /// What the system says.
        kind: io::ErrorKind,
    },
    /// TLS or QUIC cannot be set up.
    #[error(transparent)]
    Setup(#[from] NetError),
}

/// A peer that is dialled, for a screen.
#[derive(Clone, Debug)]
pub struct Dialled {
    /// The device that must answer, or any of the community.
    pub expected: Expected,
    /// The addresses at which it is tried.
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

impl Node {
    /// Begins to listen. Needs a tokio runtime with IO and time.
    ///
    /// # Errors
    /// Why it cannot.
    pub fn start(host: Arc<dyn Host>, options: NodeOptions) -> Result<Self, NodeError> {
        let (sightings, before) = (Sightings::new(host.now()), host.met());
        let tls = Tls::new(host);
        let (udp, tcp) = sockets(options.listen)?;
        let again = udp.try_clone().map_err(NetError::from)?;
        let endpoint = quic::endpoint(&tls, udp, tcp.is_some(), options.at_most)?;
        let at_most = options.at_most;
        let seats = Seats { all: at_most.handshakes, per_address: at_most.handshakes_per_address };
        let stop = CancellationToken::new();
        let shared = Arc::new(Shared {
            tls,
            endpoint,
            quic_room: Room::until(seats, stop.clone()),
            tcp_room: Room::until(seats, stop.clone()),
            met: Met::default(),
            tokens: Tokens::default(),
            tasks: TaskTracker::new(),
            stop,
            network: watch::Sender::new(0),
            changed: watch::Sender::new(0),
            calls: Mutex::new(Calls::new(options.at_most, before)),
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
        dial::aim(&self.shared, addresses, expected, None).map(TargetId)
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
