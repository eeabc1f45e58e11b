//! Attackers who get through the handshake and then say nothing, or one byte: each a node of its own, which dials again
//! whenever it is sent away.

use std::{net::SocketAddr, sync::Arc};

use linli_core::{
    event::Topic,
    id::DeviceId,
    key::{DeviceKeys, SecretStore, TlsKey},
    net::{
        AnyConversation, Conversation, ConversationError, ConversationState, Dialling, Expected, Host, JoinConnection,
        Node, NodeOptions, PipeSession,
    },
    sync::frame::{Frame, VERSION},
    time::{Clock, Mono, SystemClock},
};
use rand::SeedableRng;
use tokio::sync::Notify;

use crate::World;

/// Somebody who says so much of what should be said.
pub struct Mute {
    device: DeviceId,
    tls: TlsKey,
    says: &'static [u8],
}

impl Mute {
    /// A stranger, with keys of this seed.
    pub fn stranger(seed: u64, says: &'static [u8]) -> Arc<Self> {
        Self::with(&DeviceKeys::generate(&mut rand_chacha::ChaCha20Rng::seed_from_u64(seed)), says)
    }

    /// Whoever has a phone's keys.
    ///
    /// # Panics
    /// If it has none.
    pub fn with_keys_of(world: &World, phone: usize, says: &'static [u8]) -> Arc<Self> {
        let secret = world.secrets(phone).get("device-keys").expect("memory").expect("a device has keys");
        Self::with(&DeviceKeys::from_slice(&secret).expect("keys"), says)
    }

    fn with(keys: &DeviceKeys, says: &'static [u8]) -> Arc<Self> {
        Arc::new(Self { device: keys.device(), tls: keys.tls(), says })
    }

    /// Dials, again and again.
    ///
    /// # Panics
    /// If it cannot.
    pub fn dials(self: &Arc<Self>, address: SocketAddr, expected: Expected) -> Node {
        let options = NodeOptions { listen: None, nearby: false, ..NodeOptions::default() };
        let node = Node::start(self.clone(), options).expect("a socket");
        node.dial(&[address], expected).expect("the first");
        node
    }

    /// The end of a pipe that it dials over.
    ///
    /// # Panics
    /// If TLS cannot be set up.
    pub fn pipe(self: &Arc<Self>, expected: Expected) -> PipeSession {
        PipeSession::dial(self.clone(), expected).expect("TLS")
    }

    fn silence(&self) -> AnyConversation {
        Box::new(Silence { out: self.says.to_vec(), wake: Arc::default() })
    }
}

/// The first frame of a phone that speaks a later version, which says so much beside that it is as long as this.
///
/// # Panics
/// If the phone belongs nowhere.
pub fn hello(world: &World, phone: usize, long: usize) -> Vec<u8> {
    let community = world.at(phone).community().expect("it belongs somewhere");
    let (mut named, mut tag) = ([0; 16], [0; 4]);
    named.copy_from_slice(&community.as_bytes()[..16]);
    tag.copy_from_slice(&world.tag(phone, Topic::Roster).as_bytes()[..4]);
    let (device, topics) = (world.device(phone), vec![tag]);
    let frame = Frame::Hello { version: VERSION + 1, community: named, device, nonce: [1; 8], digest: [2; 16], topics };
    let mut bytes = frame.to_bytes();
    bytes.resize(long, 7);
    bytes
}

/// How many of these nodes are connected now.
pub fn connected(nodes: &[Node]) -> usize {
    let is = |node: &&Node| node.dialled().iter().any(|one| matches!(one.state, Dialling::Connected));
    nodes.iter().filter(is).count()
}

impl Host for Mute {
    fn device(&self) -> DeviceId {
        self.device
    }
    fn tls(&self) -> &TlsKey {
        &self.tls
    }
    fn welcomes(&self, _: DeviceId) -> bool {
        true
    }
    fn converse(&self, _: DeviceId) -> Result<AnyConversation, ConversationError> {
        Ok(self.silence())
    }
    fn greet(&self, _: JoinConnection) -> Result<AnyConversation, ConversationError> {
        Ok(self.silence())
    }
    fn now(&self) -> Mono {
        SystemClock.mono()
    }
}

struct Silence {
    out: Vec<u8>,
    wake: Arc<Notify>,
}

impl Conversation for Silence {
    type Error = ConversationError;

    fn receive(&mut self, _: &[u8]) -> Result<(), ConversationError> {
        Ok(())
    }
    fn send(&mut self, _: usize) -> Result<Vec<u8>, ConversationError> {
        Ok(std::mem::take(&mut self.out))
    }
    fn tick(&mut self) -> Result<(), ConversationError> {
        Ok(())
    }
    fn wake(&self) -> Arc<Notify> {
        self.wake.clone()
    }
    /// It is patient.
    fn state(&self) -> ConversationState {
        ConversationState { met: true, ..ConversationState::default() }
    }
}
