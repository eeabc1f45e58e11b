//! What these tests do over and over.

use std::{
    collections::BTreeSet,
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

use linli_core::{
    aggregate::order::{Command, NewOrder, Order},
    id::{DeviceId, Reference},
    net::{Expected, Node, NodeOptions},
    roster::{RelayCard, RelayPass, Role},
    time::SystemClock,
};
use linli_tests::{World, office::Office, people::LAN};
use tempfile::TempDir;

/// Seconds after which whatever should have happened has not. Loopback is quick; what takes long is a phone that waits
/// before it dials again.
pub(crate) const PATIENCE: u64 = 60;

/// A relay, and phones that reach nothing but it.
pub(crate) struct Scene {
    pub(crate) world: World,
    pub(crate) office: Office,
    pub(crate) nodes: Vec<Node>,
    pub(crate) dir: TempDir,
}

/// As phones are on the network, but that they find a broken connection sooner.
pub(crate) fn dialling() -> NodeOptions {
    NodeOptions { listen: None, nearby: false, keep_alive: Duration::from_millis(300), ..NodeOptions::default() }
}

impl Scene {
    /// A founder and so many volunteers, each of whom has met nobody but the relay.
    pub(crate) async fn begin(seed: u64, volunteers: usize) -> Self {
        let dir = linli_tests::somewhere();
        let office = Office::open(dir.path());
        Self::at(seed, volunteers, office, dir).await
    }

    pub(crate) async fn at(seed: u64, volunteers: usize, office: Office, dir: TempDir) -> Self {
        let mut world = World::seeded(seed);
        let founder = world.phone_with_clock(Arc::new(SystemClock));
        world.at(founder).found(Some("Lan Xiaoyun".to_owned())).unwrap();
        let id = world.command();
        world.at(founder).admit_relay(id, office.card(), Some("office".to_owned())).unwrap();
        office.allow(&world.at(founder).relay_pass().unwrap());
        let nodes = vec![world.at(founder).start_node(dialling()).unwrap()];
        let mut scene = Self { world, office, nodes, dir };
        for _ in 0..volunteers {
            scene.join().await;
        }
        scene
    }

    /// One more volunteer, who is admitted in the founder's building and hears of it from the relay alone.
    pub(crate) async fn join(&mut self) -> usize {
        let phone = self.admit();
        self.go_online(phone);
        let replica = self.world.at(phone).clone();
        within(PATIENCE, "the newcomer is admitted", || replica.is_ready()).await;
        phone
    }

    /// The same, who does not reach the relay yet.
    pub(crate) fn admit(&mut self) -> usize {
        let phone = self.world.phone_with_clock(Arc::new(SystemClock));
        let (record, id) = (self.world.at(phone).record(), self.world.command());
        self.world.at(LAN).admit(id, record, Role::Volunteer, None, Some(format!("Zhao Guoqiang {phone}"))).unwrap();
        let welcome = self.world.at(LAN).welcome().unwrap();
        self.world.at(phone).join(&welcome).unwrap();
        phone
    }

    /// A newcomer dials the relay by its code: its roster is still empty.
    pub(crate) fn go_online(&mut self, phone: usize) {
        let node = self.world.at(phone).start_node(dialling()).unwrap();
        let RelayCard { record, .. } = self.office.card();
        node.dial(&[self.office.address()], Expected::Unlisted(record.device)).unwrap();
        self.nodes.push(node);
    }

    pub(crate) fn relay(&self) -> DeviceId {
        self.office.card().record.device
    }

    /// An order in a building, with a note of any length.
    pub(crate) fn post(&mut self, phone: usize, building: &str, note: &str) -> Reference {
        let order = NewOrder {
            building: building.to_owned(),
            kind: "medicine".to_owned(),
            note: Some(note.to_owned()),
            ..NewOrder::default()
        };
        let id = self.world.command();
        self.world.at(phone).submit::<Order>(id, None, Command::Post(Box::new(order))).unwrap().aggregate
    }

    /// Those of these orders that the relay has acknowledged to some phone.
    pub(crate) fn acknowledged(&self, orders: &[Reference]) -> Vec<Reference> {
        let has = |order: &&Reference| {
            (0..self.world.len()).any(|phone| self.world.at(phone).who_has(**order).is_ok_and(|who| who.relay))
        };
        orders.iter().filter(has).copied().collect()
    }

    /// Waits until all phones hold these orders and are equal.
    pub(crate) async fn settle(&self, orders: &[Reference]) {
        let all = |phone: usize| orders.iter().all(|order| self.world.at(phone).order(*order).is_ok());
        within(PATIENCE, "every phone has every order", || (0..self.world.len()).all(all)).await;
        within(PATIENCE, "all phones are equal", || {
            let hash = |phone: usize| self.world.at(phone).state_hash().unwrap().to_string();
            (0..self.world.len()).map(hash).collect::<BTreeSet<_>>().len() == 1
        })
        .await;
        self.world.assert_equal();
    }

    /// Whether a phone is connected with the relay, and in step.
    pub(crate) fn is_in_step(&self, phone: usize) -> bool {
        self.nodes[phone].connected().iter().any(|one| one.device == self.relay() && one.in_step)
    }

    pub(crate) fn pass(&self) -> RelayPass {
        self.world.at(LAN).relay_pass().unwrap()
    }

    /// Whoever waits before the next attempt does so at once.
    pub(crate) fn poke(&self) {
        self.nodes.iter().for_each(Node::network_changed);
    }
}

/// How much longer everything may take on a machine that is busy with other things.
const BUSY: u64 = 6;

/// Waits until something holds.
///
/// # Panics
/// If it does not within so many seconds of an idle machine.
pub(crate) async fn within(seconds: u64, what: &str, mut holds: impl FnMut() -> bool) {
    let end = Instant::now() + Duration::from_secs(seconds * BUSY);
    while !holds() {
        assert!(Instant::now() < end, "{what} within {seconds} s");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// A copy of a directory and all in it.
pub(crate) fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let to = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &to);
        } else {
            std::fs::copy(entry.path(), to).unwrap();
        }
    }
}
