//! What a running node does by itself: upkeep, without a call of the app's.

use std::{sync::Arc, time::Duration};

use linli_core::{
    event::Compartment,
    limits,
    net::Node,
    roster::Role,
    time::{Clock, ManualClock, SystemClock},
};
use linli_tests::{
    World, epochs,
    people::{LAN, MEI, WU},
};

use crate::scene::{address, expect, here, post, within};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_coordinators_nodes_one_replaces_the_key_when_somebody_leaves() {
    let (mut world, clock) = scene(1);
    let nodes = nodes(&world).await;
    let id = world.command();

    world.at(MEI).leave(id).unwrap();
    world.meet(MEI, WU, linli_tests::Break::Never);

    let both = || {
        clock.advance(Duration::from_millis(20)); // what is announced goes out together after a moment
        epochs(&world, LAN) == 2 && epochs(&world, WU) == 2
    };
    within(10, "the first by rank replaces it", both).await;
    let roster = world.at(WU).roster();
    let open = roster.epochs(Compartment::Community).map(|epoch| roster.withdrawn_recipients(epoch)).min();
    assert_eq!(open, Some(0), "the new key is open to nobody who left");
    tokio::time::sleep(Duration::from_millis(2 * limits::TEND_SOON_MS)).await;
    assert_eq!((epochs(&world, LAN), epochs(&world, WU)), (2, 2), "the other has heard of it");
    for node in nodes {
        node.shutdown().await;
    }
    world.at(WU).verify().unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_carries_erasures_out_and_the_phone_does_not_have_to_ask() {
    let (mut world, clock) = scene(2);
    let order = post(&mut world, MEI);
    world.settle();
    let id = world.command();
    world.at(LAN).erase(id, &[order]).unwrap();
    world.settle();
    let bodies = |world: &World| world.at(MEI).look(|reader| reader.stats()).unwrap().body_bytes;
    let before = bodies(&world);

    clock.advance(Duration::from_millis(limits::FORGET_MS));
    let node = world.at(MEI).start_node(here()).unwrap();

    within(5, "the body goes at the start", || bodies(&world) < before).await;
    node.shutdown().await;
}

/// A founder, another coordinator and a volunteer, whose phones run on one clock that the test moves.
fn scene(seed: u64) -> (World, ManualClock) {
    let mut world = World::seeded(seed);
    let clock = ManualClock::at(SystemClock.wall());
    for _ in 0..3 {
        world.phone_with_clock(Arc::new(clock.clone()));
    }
    world.at(LAN).found(None).unwrap();
    for (phone, role) in [(1, Role::Coordinator), (2, Role::Volunteer)] {
        let (record, id) = (world.at(phone).record(), world.command());
        world.at(LAN).admit(id, record, role, None, None).unwrap();
        let welcome = world.at(LAN).welcome().unwrap();
        world.at(phone).join(&welcome).unwrap();
    }
    world.settle();
    (world, clock)
}

/// The two coordinators' nodes, in step.
async fn nodes(world: &World) -> [Node; 2] {
    let nodes = [0, 1].map(|phone| world.at(phone).start_node(here()).unwrap());
    nodes[1].dial(&[address(&nodes[0])], expect(world, LAN)).unwrap();
    let in_step = |node: &Node| node.connected().first().is_some_and(|peer| peer.in_step);
    within(5, "they are in step", || nodes.iter().all(in_step)).await;
    nodes
}
