//! A replica on the network: who may connect, by the roster, and where peers were last reached.

use std::{cmp::Reverse, collections::BTreeMap, fmt, net::SocketAddr, sync::Arc};

use rand::RngExt;

use super::Replica;
use crate::{
    id::{CommunityId, DeviceId},
    key::{Beacon, TlsKey, TopicKey},
    limits,
    net::{
        AnyConversation, Carried, ConversationError, Expected, Host, JoinConnection, NetError, Node, NodeError,
        NodeOptions, PipeSession,
    },
    store::{Heard, StoreError},
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
        PipeSession::dial(self.host(), expected)
    }

    /// Waits at the other end of such a pipe.
    ///
    /// # Errors
    /// [`NetError::Tls`] if TLS cannot be set up.
    pub fn accept_pipe(&self) -> Result<PipeSession, NetError> {
        PipeSession::accept(self.host())
    }

    /// Begins to listen, to look for phones nearby, to dial peers where they were last reached, and the relays of the
    /// roster where it says, as long as it says so; and to [`tend`](Self::tend), at once, now and then, and soon after
    /// the roster changed. Needs a tokio runtime with IO and time. The node holds this replica open until it ends.
    ///
    /// # Errors
    /// Why it cannot.
    pub fn start_node(&self, options: NodeOptions) -> Result<Node, NodeError> {
        let node = Node::start(self.host(), options)?;
        let replica = self.clone();
        node.beside(|_dialler| replica.keep_tending());
        // What cannot be read now is found by other ways.
        for (device, address) in self.last_met().unwrap_or_else(unread) {
            if let Err(why) = node.dial(&[address], Expected::Device(device)) {
                tracing::debug!(%why, "a peer is not dialled where it was last reached");
            }
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

    /// Those of them that were heard last, as many as are dialled: the rest of the places is for relays, and for who is found.
    fn last_met(&self) -> Result<Vec<(DeviceId, SocketAddr)>, StoreError> {
        let mut known = self.last_addresses()?;
        if known.len() > limits::LAST_MET {
            let heard = self.read(|reader| reader.peers())?;
            let heard: BTreeMap<DeviceId, Option<Heard>> =
                heard.into_iter().map(|peer| (peer.device, peer.contact)).collect();
            let when =
                |device: &DeviceId| heard.get(device).copied().flatten().map(|heard| (heard.running, heard.wall));
            known.sort_by_key(|(device, _)| Reverse(when(device)));
            known.truncate(limits::LAST_MET);
        }
        Ok(known)
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

    fn host(&self) -> Arc<dyn Host> {
        Arc::new(ReplicaHost { replica: self.clone(), tls: self.inner.tls.clone() })
    }
}

/// Hints for whom to dial that cannot be read: there are none, and it is said.
fn unread<T>(error: StoreError) -> Vec<T> {
    tracing::warn!(%error, "who was met before cannot be read");
    Vec::new()
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
        let met = self.replica.read(|reader| reader.met(limits::MET_DEVICES)).unwrap_or_else(unread);
        met.into_iter().map(|device| (device, None)).collect()
    }

    fn now(&self) -> Mono {
        self.replica.inner.clock.mono()
    }

    fn invites(&self) -> bool {
        self.replica.invites()
    }

    fn greet(&self, at: JoinConnection) -> Result<AnyConversation, ConversationError> {
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
        let known = self.replica.read(|reader| reader.meta(&key));
        let kept = known.and_then(|known| {
            if known.as_ref() == Some(&address) {
                return Ok(());
            }
            self.replica.with_engine_idly(|engine| {
                let mut write = engine.store.write()?;
                write.set_meta(&key, &address)?;
                write.commit()
            })
        });
        if let Err(error) = kept {
            tracing::warn!(%error, "where a peer was reached is not kept");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        id::CommandId,
        key::{DeviceKeys, MemorySecrets},
        replica::Options,
        roster::Role,
    };

    /// Whoever admits that many, or has met that many in the years, has a network all the same; and a relay is dialled.
    #[tokio::test]
    async fn however_many_devices_were_met_a_node_starts_and_relays_are_dialled() {
        let home = tempfile::tempdir().expect("a directory");
        let phone = Replica::open(Options::new(home.path(), Arc::new(MemorySecrets::default()))).expect("a new home");
        phone.found(None).expect("nothing was founded");
        let mut dice = rand::rng();
        let host = phone.host();
        for nth in 0..limits::TARGETS + 4 {
            let record = DeviceKeys::generate(&mut dice).record();
            let id = CommandId::from_bytes(dice.random());
            phone.admit(id, record, Role::Volunteer, None, None).expect("a founder admits");
            let [high, low] = u16::try_from(nth).expect("few").to_be_bytes();
            host.reached(record.device, SocketAddr::from(([10, 0, high, low], 4433)));
        }

        let options = NodeOptions { listen: None, nearby: false, ..NodeOptions::default() };
        let node = phone.start_node(options).expect("it starts");

        assert_eq!(phone.last_met().expect("the store answers").len(), limits::LAST_MET);
        let relay = DeviceKeys::generate(&mut dice).device();
        let address = SocketAddr::from(([10, 1, 0, 1], 4433));
        node.dial(&[address], Expected::Device(relay)).expect("there is a place for it");
        node.shutdown().await;
    }
}
