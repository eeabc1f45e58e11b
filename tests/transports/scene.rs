//! What these tests do over and over.

use std::{
    net::{Ipv4Addr, SocketAddr},
    sync::Arc,
    time::{Duration, Instant},
};

use linli_core::{
    aggregate::order::{NewOrder, Order, Wish},
    id::Reference,
    net::{Expected, Node, NodeOptions},
    roster::Role,
    time::SystemClock,
};
use linli_tests::World;

/// A founder and so many volunteers, in step, whose clocks are this machine's.
pub(crate) fn street(seed: u64, volunteers: usize) -> World {
    let mut world = World::seeded(seed);
    let phones: Vec<usize> = (0..=volunteers).map(|_| world.phone_with_clock(Arc::new(SystemClock))).collect();
    world.at(0).found(None).unwrap();
    for phone in phones.into_iter().skip(1) {
        let (record, id) = (world.at(phone).record(), world.command());
        world.at(0).admit(id, record, Role::Volunteer, None, None).unwrap();
        let welcome = world.at(0).welcome().unwrap();
        world.at(phone).join(&welcome).unwrap();
    }
    world.settle();
    world
}

pub(crate) fn post(world: &mut World, phone: usize) -> Reference {
    let order =
        NewOrder { building: "3".into(), kind: "grocery".into(), note: Some("milk".into()), ..NewOrder::default() };
    let id = world.command();
    world.at(phone).submit::<Order>(id, None, Wish::Post(Box::new(order))).unwrap().aggregate
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

/// Waits until something holds.
///
/// # Panics
/// If it does not within so many seconds.
pub(crate) async fn within(seconds: u64, what: &str, mut holds: impl FnMut() -> bool) {
    let end = Instant::now() + Duration::from_secs(seconds);
    while !holds() {
        assert!(Instant::now() < end, "{what} within {seconds} s");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}
