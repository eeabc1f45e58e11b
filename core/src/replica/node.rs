//! A replica on the network: who may connect, by the roster, and where peers were last reached.

use std::{fmt, net::SocketAddr, sync::Arc};

use rand::RngExt;

use super::Replica;
use crate::{
    id::{CommunityId, DeviceId},
    key::{Beacon, TlsKey, TopicKey},
    limits,
    net::{
        AnyConversation, Carried, ConversationError, Doorstep, Expected, Host, NetError, Node, NodeError, NodeOptions,
        PipeSession,
    },
    store::StoreError,
    time::Mono,
};

/// A replica as its transports see it.
struct ReplicaHost {
    replica: Replica,
    tls: TlsKey,
}

impl fmt::Debug for ReplicaHost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ReplicaHost({:?})", self.replica.device())
    }
}

impl Replica {
    /// Dials over a pipe of the app's own: Bluetooth, Wi-Fi Direct, a cable.
    ///
    /// # Errors
    /// [`NetError::Tls`] if TLS cannot be set up.
    pub fn dial_pipe(&self, expected: Expected) -> Result<PipeSession, NetError> {
        PipeSession::dial(self.door(), expected)
    }

    /// Waits at the other end of such a pipe.
    ///
    /// # Errors
    /// [`NetError::Tls`] if TLS cannot be set up.
    pub fn accept_pipe(&self) -> Result<PipeSession, NetError> {
        PipeSession::accept(self.door())
    }

    /// Begins to listen, to look for phones nearby, to dial peers where they were last reached, and the relays of the
    /// roster where it says, as long as it says so; and to [`tend`](Self::tend), at once, now and then, and soon after
    /// the roster changed. Needs a tokio runtime with IO and time. The node holds this replica open until it ends.
    ///
    /// # Errors
    /// Why it cannot.
    pub fn start_node(&self, options: NodeOptions) -> Result<Node, NodeError> {
        let node = Node::start(self.door(), options)?;
        let replica = self.clone();
        node.beside(|_dialler| replica.keep_tending());
        // What cannot be read now is found by other ways, or said by the next call that needs the store.
        for (device, address) in self.last_addresses().unwrap_or_default() {
            node.dial(&[address], Expected::Device(device))?;
        }
        let replica = self.clone();
        node.beside(|dialler| replica.keep_relays(dialler));
        Ok(node)
    }

    /// Where devices of the roster were last reached.
    ///
    /// # Errors
    /// When the store fails.
    pub fn last_addresses(&self) -> Result<Vec<(DeviceId, SocketAddr)>, StoreError> {
        let Some(community) = self.snapshot() else { return Ok(Vec::new()) };
        let welcome = community.roster.devices().map(|device| device.record.device);
        let welcome = welcome.filter(|device| *device != self.device() && community.roster.may_connect(*device));
        self.read(|reader| {
            let mut known = Vec::new();
            for device in welcome {
                let kept = reader.meta(&address_key(device))?;
                let address = kept.and_then(|kept| String::from_utf8(kept).ok()?.parse().ok());
                known.extend(address.map(|address| (device, address)));
            }
            Ok(known)
        })
    }

    /// What this phone shows of itself through a discovery of the app's own (Bluetooth, Wi-Fi Direct): never the same
    /// twice, and nothing to strangers. Ask for a new one every hour. `None` before founding or joining.
    pub fn beacon(&self) -> Option<Beacon> {
        let topic_key = self.topic_key()?;
        Some(topic_key.beacon(self.inner.engine.lock().dice.random(), b""))
    }

    /// Whether a beacon that the app has found is of this community. Dial whoever showed it: [`Node::dial`] with
    /// [`Expected::Member`], or [`dial_pipe`](Self::dial_pipe).
    pub fn recognises(&self, beacon: &Beacon) -> bool {
        self.topic_key().is_some_and(|topic_key| topic_key.recognises(beacon, b""))
    }

    fn topic_key(&self) -> Option<TopicKey> {
        self.welcome().ok().map(|welcome| welcome.topic_key)
    }

    fn door(&self) -> Arc<dyn Host> {
        Arc::new(ReplicaHost { replica: self.clone(), tls: self.inner.tls.clone() })
    }
}

fn address_key(device: DeviceId) -> String {
    format!("address:{device}")
}

impl Host for ReplicaHost {
    fn device(&self) -> DeviceId {
        self.replica.device()
    }

    fn tls(&self) -> &TlsKey {
        &self.tls
    }

    fn welcomes(&self, device: DeviceId) -> bool {
        self.replica.snapshot().is_some_and(|community| community.roster.may_connect(device))
    }

    fn converse(&self, peer: DeviceId) -> Result<AnyConversation, ConversationError> {
        Ok(Box::new(Carried(self.replica.link(peer)?)))
    }

    fn met(&self) -> Vec<(DeviceId, Option<CommunityId>)> {
        // Who cannot be asked for is met anew.
        let met = self.replica.read(|reader| reader.met(limits::MET_DEVICES)).unwrap_or_default();
        met.into_iter().map(|device| (device, None)).collect()
    }

    fn now(&self) -> Mono {
        self.replica.inner.clock.mono()
    }

    fn invites(&self) -> bool {
        self.replica.invites()
    }

    fn greet(&self, at: Doorstep) -> Result<AnyConversation, ConversationError> {
        self.replica.greet(at)
    }

    fn topic_key(&self) -> Option<TopicKey> {
        self.replica.topic_key()
    }

    fn sent(&self, relay: DeviceId, address: String) {
        self.replica.inner.moves.note(relay, address);
    }

    fn reached(&self, peer: DeviceId, address: SocketAddr) {
        let key = address_key(peer);
        let address = address.to_string().into_bytes();
        if self.replica.read(|reader| reader.meta(&key)).is_ok_and(|known| known.as_ref() == Some(&address)) {
            return;
        }
        let kept = self.replica.with_engine_idly(|engine| {
            let mut write = engine.store.write()?;
            write.set_meta(&key, &address)?;
            write.commit()
        });
        if let Err(error) = kept {
            tracing::warn!(%error, "where a peer was reached is not kept");
        }
    }
}
