//! What these tests do over and over.

use std::{
    net::{Ipv4Addr, SocketAddr},
    sync::Arc,
    time::{Duration, Instant},
};

use linli_core::{
    aggregate::order::{Command, NewOrder, Order},
    event::{Body, LogHeader, Topic, Writer},
    id::{DeviceId, Incarnation, Reference},
    key::{DeviceKeys, SecretStore},
    net::{Expected, Node, NodeOptions, PipeSession},
    roster::{Revoked, Role, RosterEvent},
    sync::Outgoing,
    time::{Clock, SystemClock},
};
pub(crate) use linli_tests::carry;
use linli_tests::{World, hand_over, people::LAN};
use rand::RngExt;

/// A founder and so many volunteers, in step, whose clocks are this machine's.
pub(crate) fn street(seed: u64, volunteers: usize) -> World {
    let mut world = World::seeded(seed);
    let phones: Vec<usize> = (0..=volunteers).map(|_| world.phone_with_clock(Arc::new(SystemClock))).collect();
    world.at(LAN).found(None).unwrap();
    for phone in phones.into_iter().skip(1) {
        let (record, id) = (world.at(phone).record(), world.command());
        world.at(LAN).admit(id, record, Role::Volunteer, None, None).unwrap();
        let welcome = world.at(LAN).welcome().unwrap();
        world.at(phone).join(&welcome).unwrap();
    }
    world.settle();
    world
}

pub(crate) fn post(world: &mut World, phone: usize) -> Reference {
    write(world, phone, "milk")
}

/// An order with a note of any length.
pub(crate) fn write(world: &mut World, phone: usize, note: &str) -> Reference {
    let order =
        NewOrder { building: "3".into(), kind: "grocery".into(), note: Some(note.into()), ..NewOrder::default() };
    let id = world.command();
    world.at(phone).submit::<Order>(id, None, Command::Post(Box::new(order))).unwrap().aggregate
}

pub(crate) fn has(world: &World, phone: usize, order: Reference) -> bool {
    world.at(phone).order(order).is_ok()
}

/// Any free port of this machine.
pub(crate) fn here() -> NodeOptions {
    NodeOptions { listen: Some(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))), nearby: false, ..NodeOptions::default() }
}

pub(crate) fn node(world: &World, phone: usize) -> Node {
    world.at(phone).start_node(here()).unwrap()
}

pub(crate) fn address(node: &Node) -> SocketAddr {
    SocketAddr::from((Ipv4Addr::LOCALHOST, node.port()))
}

pub(crate) fn expect(world: &World, phone: usize) -> Expected {
    Expected::Device(world.device(phone))
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
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// The founder withdraws a device, and one phone hears of it.
///
/// # Panics
/// If that phone does not take it in.
pub(crate) fn withdraw(world: &mut World, device: DeviceId, to: usize) {
    let secret = world.secrets(LAN).get("device-keys").unwrap().unwrap();
    let keys = DeviceKeys::from_slice(&secret).unwrap();
    let header = LogHeader {
        community: world.at(LAN).community().unwrap(),
        topic: world.tag(LAN, Topic::Roster),
        device: keys.device(),
        incarnation: Incarnation::from_bytes(world.dice.random()),
    };
    let event = RosterEvent::Revoked(Revoked { device, cuts: Vec::new(), replaces: Vec::new(), act: None });
    let body = Body {
        aggregate: None,
        deps: Vec::new(),
        wall: world.clock.wall(),
        kind: event.kind(),
        version: RosterEvent::VERSION,
        payload: event.encode(),
        edits: Vec::new(),
        salt: None,
    };
    let mut writer = Writer::new(&keys, header, None);
    let head = writer.append(&body, None).unwrap();
    let run = writer.finish().unwrap().to_runs().remove(0);
    let runs = [Outgoing { run, last: head.id.short() }];
    hand_over(world, to, keys.device(), header.topic, &runs).unwrap();
    assert!(world.at(to).roster().is_withdrawn(device));
}

/// The two ends of a pipe: the first phone dials the second.
pub(crate) fn ends(world: &World, dials: usize, waits: usize) -> [PipeSession; 2] {
    [world.at(dials).dial_pipe(expect(world, waits)).unwrap(), world.at(waits).accept_pipe().unwrap()]
}
