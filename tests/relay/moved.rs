//! A relay that keeps the community at another address from now on, and says so where it was before.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use linli_core::{
    id::DeviceId,
    key::TlsKey,
    net::{AnyConversation, Conversation, ConversationError, ConversationState, Host, Node, NodeOptions},
    sync::{Reason, frame::Frame, frame_to_bytes},
    time::{Clock, Mono, SystemClock},
};
use linli_relay::Home;
use linli_tests::{
    office::Office,
    people::{LAN, WU},
    ports::own_port,
};
use tokio::sync::Notify;

use super::scene::{PATIENCE, Scene, within};

#[tokio::test(flavor = "multi_thread")]
async fn phones_follow_a_relay_to_where_it_says_that_it_is_and_find_it_there_again() {
    let mut scene = Scene::begin(95, 1).await;
    within(PATIENCE, "all are in step", || (0..2).all(|phone| scene.is_in_step(phone))).await;
    let new = own_port();

    let (_porter, _said) = move_away(&mut scene, new, new);
    scene.poke();
    within(PATIENCE, "all are at the new place", || (0..2).all(|phone| scene.is_in_step(phone))).await;
    let orders = vec![scene.post(LAN, "3", "soap"), scene.post(WU, "5", "rice")];
    scene.settle(&orders).await;

    for phone in 0..2 {
        assert_eq!(scene.nodes[phone].connected()[0].address.port(), new.port());
        let known = || scene.world.at(phone).last_addresses().unwrap();
        within(PATIENCE, "it is remembered", || known().contains(&(scene.relay(), new))).await;
    }
}

/// T2.
#[tokio::test(flavor = "multi_thread")]
async fn a_relay_that_sends_in_a_circle_costs_little_and_keeps_nobody_from_coming_back() {
    let mut scene = Scene::begin(96, 0).await;
    within(PATIENCE, "it is in step", || scene.is_in_step(LAN)).await;
    let (old, new) = (scene.office.address(), own_port());
    let (porter, said) = move_away(&mut scene, new, old);
    scene.poke();
    within(PATIENCE, "it is sent about", || said.load(Ordering::Relaxed) > 1).await;
    tokio::time::sleep(Duration::from_secs(3)).await;
    let often = said.load(Ordering::Relaxed);
    assert!(scene.nodes[0].connected().is_empty() && often < 12, "{often} times");

    porter.shutdown().await;
    scene.office.kill();
    scene.office = Office::open_at(scene.office.data().parent().unwrap(), old, Vec::new());
    scene.poke();

    within(PATIENCE, "it comes back", || scene.is_in_step(LAN)).await;
}

/// What stands at the old address, with the relay's own keys.
struct Porter {
    device: DeviceId,
    tls: TlsKey,
    says: String,
    /// How often it said so.
    said: Arc<AtomicUsize>,
}

impl Host for Porter {
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
        self.said.fetch_add(1, Ordering::Relaxed);
        let word = frame_to_bytes(&Frame::Elsewhere { address: &self.says }.to_bytes());
        Ok(Box::new(Word { word: Some(word), wake: Arc::default() }))
    }
    fn now(&self) -> Mono {
        SystemClock.mono()
    }
}

/// A conversation of one word.
struct Word {
    word: Option<Vec<u8>>,
    wake: Arc<Notify>,
}

impl Conversation for Word {
    type Error = ConversationError;

    fn receive(&mut self, _: &[u8]) -> Result<(), ConversationError> {
        Ok(())
    }
    fn send(&mut self, _: usize) -> Result<Vec<u8>, ConversationError> {
        Ok(self.word.take().unwrap_or_default())
    }
    fn tick(&mut self) -> Result<(), ConversationError> {
        Ok(())
    }
    fn wake(&self) -> Arc<Notify> {
        self.wake.clone()
    }
    fn state(&self) -> ConversationState {
        let closed = self.word.is_none().then_some(Reason::Elsewhere);
        ConversationState { met: true, closed, ..ConversationState::default() }
    }
}

/// The relay goes on at a new address; at the old one somebody with its keys says this one.
fn move_away(scene: &mut Scene, new: SocketAddr, says: SocketAddr) -> (Node, Arc<AtomicUsize>) {
    let said = Arc::<AtomicUsize>::default();
    let (old, data) = (scene.office.address(), scene.office.data());
    scene.office.kill();
    let keys = Home::new(&data).keys().unwrap();
    let porter = Porter { device: keys.device(), tls: keys.tls(), says: says.to_string(), said: said.clone() };
    let options = NodeOptions { listen: Some(old), nearby: false, ..NodeOptions::default() };
    let node = Node::start(Arc::new(porter), options).unwrap();
    scene.office = Office::open_at(data.parent().unwrap(), new, Vec::new());
    (node, said)
}
