//! More devices than there is room for, all of the community (T4).

use std::{sync::Arc, time::Duration};

use linli_core::net::{ConnectionLimits, Expected, Node, NodeOptions};
use linli_tests::{
    World,
    mute::Mute,
    people::{CHEN, LAN, MEI},
};
use tokio::time::sleep;

use crate::scene::{address, expect, has, here, node, post, street, within};

/// Connections that there is room for.
const ROOM: usize = 4;

#[tokio::test(flavor = "multi_thread")]
async fn who_was_met_last_makes_room_for_who_was_met_before() {
    the_first_stay(51, ConnectionLimits { connections: ROOM, ..ConnectionLimits::default() }).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn so_it_is_behind_one_address() {
    the_first_stay(52, ConnectionLimits { per_address: ROOM, ..ConnectionLimits::default() }).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn members_who_say_nothing_after_the_handshake_make_room() {
    let mut world = street(53, 4);
    let hub = hub(&world, ConnectionLimits { connections: ROOM, ..ConnectionLimits::default() });
    let mute: Vec<Arc<Mute>> = (1..4).map(|phone| Mute::with_keys_of(&world, phone, &[])).collect();
    let expected = Expected::Unlisted(world.device(LAN));
    let flood: Vec<Node> = mute.iter().flat_map(|mute| [(); 3].map(|()| mute.dials(address(&hub), expected))).collect();
    sleep(Duration::from_secs(1)).await;

    let order = post(&mut world, LAN);
    let honest = dials(&world, CHEN, &hub);

    // Sooner than they are sent away for saying nothing for too long.
    within(2, "a phone syncs", || has(&world, CHEN, order)).await;
    assert_eq!(here_now(&world, &hub), [4]);
    drop((honest, flood));
}

fn hub(world: &World, at_most: ConnectionLimits) -> Node {
    world.at(LAN).start_node(NodeOptions { at_most, ..here() }).unwrap()
}

fn dials(world: &World, phone: usize, hub: &Node) -> Node {
    let dials = node(world, phone);
    dials.dial(&[address(hub)], expect(world, LAN)).unwrap();
    dials
}

fn here_now(world: &World, hub: &Node) -> Vec<usize> {
    let phones = 0..world.len();
    let is_here = |phone: &usize| hub.connected().iter().any(|one| one.device == world.device(*phone));
    phones.filter(is_here).collect()
}

/// Who came first has a place, however many came once since; who comes for the first time takes nobody's.
async fn the_first_stay(seed: u64, at_most: ConnectionLimits) {
    let mut world = street(seed, 8);
    let hub = hub(&world, at_most);
    for phone in 1..8 {
        let comes = dials(&world, phone, &hub);
        within(10, "it comes", || comes.connected().iter().any(|one| one.in_step)).await;
        comes.shutdown().await;
        within(10, "and goes", || hub.connected().is_empty()).await;
    }
    let later: Vec<Node> = (4..9).map(|phone| dials(&world, phone, &hub)).collect();
    within(10, "all places are taken", || hub.connected().len() == ROOM).await;

    let first: Vec<Node> = (1..4).map(|phone| dials(&world, phone, &hub)).collect();
    within(15, "the first are back", || here_now(&world, &hub).starts_with(&[1, 2, 3])).await;
    let order = post(&mut world, MEI);

    within(10, "they sync", || [0, 1, 2, 3].iter().all(|phone| has(&world, *phone, order))).await;
    // Whoever was sent away dials again, and so does whoever never found room.
    within(30, "the fourth place is the fourth's", || here_now(&world, &hub) == [1, 2, 3, 4]).await;
    for _ in 0..20 {
        sleep(Duration::from_millis(100)).await;
        assert!(hub.connected().len() <= ROOM);
        assert!(here_now(&world, &hub).starts_with(&[1, 2, 3]), "nobody takes it from them");
    }
    drop((first, later));
}
