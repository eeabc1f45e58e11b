//! A node: what listens, finds phones nearby, dials peers and relays, and keeps connections.

use std::{
    net::SocketAddr,
    sync::{Arc, Weak},
};

use linli_core::{
    id::DeviceId,
    net::{self, Dialling, Nearby, Via},
    replica::Replica,
};
use parking_lot::Mutex;
use tokio::sync::watch;

use super::peer::Peer;
use crate::{
    LinliError, Phone,
    home::bundle::{Work, unless},
    ids::read,
    life::{Life, Part, Share, runtime, within},
};

/// Reads addresses such as `192.168.1.7:4711`.
pub(crate) fn addresses(texts: &[String]) -> Result<Vec<SocketAddr>, LinliError> {
    texts.iter().map(|text| read("addresses", text)).collect()
}

/// How a node runs.
#[derive(Clone, Debug, uniffi::Record)]
pub struct NodeOptions {
    /// Where to listen, UDP and TCP alike, such as `[::]:0` for any free port on every network; none to dial only.
    #[uniffi(default = Some("[::]:0"))]
    pub listen: Option<String>,
    /// Whether to show itself to its community, and look for it, by multicast on the local network. Android needs a
    /// multicast lock for it, iOS the local-network permission.
    #[uniffi(default = true)]
    pub nearby: bool,
}

impl NodeOptions {
    pub(crate) fn read(self) -> Result<net::NodeOptions, LinliError> {
        let listen = self.listen.map(|text| read("listen", &text)).transpose()?;
        Ok(net::NodeOptions { listen, nearby: self.nearby, ..net::NodeOptions::default() })
    }
}

/// A connection whose peer has said hello.
#[derive(Clone, Debug, uniffi::Record)]
pub struct ConnectedPeer {
    /// The device that said hello.
    pub device: DeviceId,
    /// Where, at the time it began.
    pub address: String,
    /// Over TCP; else over QUIC.
    pub tcp: bool,
    /// Whether this side dialled.
    pub dialled: bool,
    /// Whether all that differed at the start is exchanged.
    pub in_step: bool,
}

impl From<net::Connected> for ConnectedPeer {
    fn from(one: net::Connected) -> Self {
        Self {
            device: one.device,
            address: one.address.to_string(),
            tcp: one.via == Via::Tcp,
            dialled: one.dialled,
            in_step: one.in_step,
        }
    }
}

/// A peer that is dialled.
#[derive(Clone, Debug, uniffi::Record)]
pub struct DialledPeer {
    /// The device that must answer, or any of the community.
    pub peer: Peer,
    /// The addresses at which it is tried.
    pub addresses: Vec<String>,
    /// How it is doing.
    pub state: DiallingState,
}

/// How a peer that is dialled is doing.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Enum)]
pub enum DiallingState {
    /// It is being tried.
    Trying,
    /// There is a connection with it.
    Connected,
    /// The last attempt failed; the next follows by itself.
    Waiting {
        /// Attempts that failed since the last connection.
        tries: u32,
        /// Why the last one did: a code, as in `LinliError.Connection`.
        code: String,
        /// The same in English.
        reason: String,
    },
}

impl From<net::Dialled> for DialledPeer {
    fn from(one: net::Dialled) -> Self {
        let state = match one.state {
            Dialling::Trying => DiallingState::Trying,
            Dialling::Connected => DiallingState::Connected,
            Dialling::Waiting { tries, why } => {
                let (code, reason) = (crate::error::net_code(&why).to_owned(), why.to_string());
                DiallingState::Waiting { tries, code, reason }
            }
        };
        Self { peer: one.expected.into(), addresses: one.addresses.iter().map(ToString::to_string).collect(), state }
    }
}

/// A node at work, until it is stopped or the phone sleeps.
#[derive(uniffi::Object)]
pub struct Node {
    running: Mutex<Result<Running, LinliError>>,
    changed: watch::Sender<u64>,
}

struct Running {
    node: net::Node,
    /// Peers that were dialled, by the number they are given up by.
    targets: Vec<net::TargetId>,
    /// The replica is in use for as long as a task of the node may still run.
    share: Share,
}

impl Part for Node {
    fn let_go(&self, why: LinliError) {
        let before = std::mem::replace(&mut *self.running.lock(), Err(why));
        self.changed.send_modify(|count| *count += 1);
        if let (Ok(running), Ok(threads)) = (before, runtime()) {
            threads.spawn(running.end());
        }
    }
}

impl Running {
    async fn end(self) {
        self.node.shutdown().await;
        drop(self.share);
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        self.let_go(LinliError::Closed);
    }
}

impl Node {
    /// Starts a node on a replica.
    pub(crate) async fn begin(
        life: &Arc<Life>,
        start: impl FnOnce(&Replica) -> Result<net::Node, LinliError> + Send + 'static,
    ) -> Result<Arc<Self>, LinliError> {
        let share = life.share()?;
        // Nodes spawn tasks as they start, so they start within the runtime, which threads that may wait belong to.
        let node = life.call(start).await?;
        let changes = node.changes();
        let running = Mutex::new(Ok(Running { node, targets: Vec::new(), share }));
        let node = Arc::new(Self { running, changed: watch::Sender::new(0) });
        let part: Weak<Node> = Arc::downgrade(&node);
        runtime()?.spawn(pass_on(changes, Arc::downgrade(&node)));
        life.keep(part)?;
        Ok(node)
    }

    fn with<T>(&self, look: impl FnOnce(&net::Node) -> T) -> Result<T, LinliError> {
        match &*self.running.lock() {
            Ok(running) => Ok(look(&running.node)),
            Err(why) => Err(why.clone()),
        }
    }
}

/// Tells whoever waits of changes, for as long as the node is there.
async fn pass_on(mut changes: watch::Receiver<u64>, node: Weak<Node>) {
    while changes.changed().await.is_ok() {
        let Some(node) = node.upgrade() else { return };
        node.changed.send_modify(|count| *count += 1);
    }
}

#[uniffi::export]
impl Phone {
    /// Begins to listen, to look for phones nearby, to dial peers where they were last reached and the community's relays,
    /// and to tend. Stop it when the app leaves the foreground, unless a service keeps it running; `suspend` stops it too.
    pub async fn start_node(&self, options: NodeOptions) -> Result<Arc<Node>, LinliError> {
        let options = options.read()?;
        Node::begin(&self.life, move |replica| Ok(replica.start_node(options)?)).await
    }
}

#[uniffi::export]
impl Node {
    /// Ends all conversations and stops listening. Stopping twice is no error.
    pub async fn stop(&self) -> Result<(), LinliError> {
        let before = std::mem::replace(&mut *self.running.lock(), Err(LinliError::Closed));
        self.changed.send_modify(|count| *count += 1);
        if let Ok(running) = before {
            // To its end, though nobody may wait for it.
            let _ended = runtime()?.spawn(running.end()).await;
        }
        Ok(())
    }

    /// Dials a peer at addresses such as `192.168.1.7:4711`, and again whenever it is not connected, until it is given up.
    /// Returns what `hang_up` takes.
    pub fn dial(&self, addresses: Vec<String>, peer: Peer) -> Result<u64, LinliError> {
        let (addresses, expected) = (self::addresses(&addresses)?, peer.read()?);
        let mut running = self.running.lock();
        let Running { node, targets, .. } = running.as_mut().map_err(|why| why.clone())?;
        let target = within(|| node.dial(&addresses, expected))??;
        let number = targets.iter().position(|known| *known == target).unwrap_or_else(|| {
            targets.push(target);
            targets.len() - 1
        });
        Ok(number as u64)
    }

    /// Gives up a peer that is dialled; a connection that was dialled ends. A node that has stopped dials nobody: then this
    /// does nothing.
    pub fn hang_up(&self, dialled: u64) -> Result<(), LinliError> {
        let running = self.running.lock();
        let Ok(Running { node, targets, .. }) = &*running else { return Ok(()) };
        let target = usize::try_from(dialled).ok().and_then(|number| targets.get(number));
        let unknown = || LinliError::NotFound { kind: "dialled".to_owned(), name: dialled.to_string() };
        node.hang_up(*target.ok_or_else(unknown)?);
        Ok(())
    }

    /// Who is connected.
    pub fn connected(&self) -> Result<Vec<ConnectedPeer>, LinliError> {
        self.with(|node| node.connected().into_iter().map(Into::into).collect())
    }

    /// Who is dialled.
    pub fn dialled(&self) -> Result<Vec<DialledPeer>, LinliError> {
        self.with(|node| node.dialled().into_iter().map(Into::into).collect())
    }

    /// How often connections or dialled peers have changed since the start.
    pub fn change(&self) -> Result<u64, LinliError> {
        self.with(|_| *self.changed.borrow())
    }

    /// Waits until there was a change since the one that `change` or this counted last. Cancelling the wait changes
    /// nothing; cancelling `work` ends it.
    #[uniffi::method(default(work = None))]
    pub async fn next_change(&self, since: u64, work: Option<Arc<Work>>) -> Result<u64, LinliError> {
        let mut changed = self.changed.subscribe();
        unless(work, async {
            let count = changed.wait_for(|count| *count != since).await.map(|count| *count);
            let count = count.map_err(|_| LinliError::Closed)?;
            self.with(|_| count)
        })
        .await
    }

    /// Whether phones nearby can be found.
    pub fn nearby(&self) -> Result<Nearby, LinliError> {
        self.with(|node| node.nearby())
    }

    /// The port it listens on, or dials from.
    pub fn port(&self) -> Result<u16, LinliError> {
        self.with(net::Node::port)
    }

    /// Addresses at which others may reach this node: what an invitation names. Those of loopback are left out.
    pub fn local_addresses(&self) -> Result<Vec<String>, LinliError> {
        self.with(|node| node.local_addresses().iter().map(ToString::to_string).collect())
    }

    /// The network is another one: connections go on from here, and whoever is missed is dialled at once.
    pub fn network_changed(&self) -> Result<(), LinliError> {
        within(|| self.with(net::Node::network_changed))?
    }
}
