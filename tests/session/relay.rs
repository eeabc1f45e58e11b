//! A keeper of logs without any key, between phones that never meet: it serves whatever phones serve each other.

use linli_core::{event::Topic, id::Reference, key::MemorySecrets, roster::Role, store::Store};
use linli_tests::{
    World,
    people::{LAN, WU},
    somewhere,
};
use tempfile::TempDir;

use crate::{
    conversation::Node,
    memory::keys,
    say::{claim, post},
    wire::{FAST, Wire, settle},
};

#[test]
fn two_phones_that_never_meet_agree_through_a_relay_without_keys() {
    let mut world = founder_and_newcomer(8);
    let (relay, _home) = relay(&world);
    let orders: Vec<Reference> = (0..40).map(|_| post(&mut world, LAN)).collect();

    visit(&world, LAN, &relay);
    visit(&world, WU, &relay);
    claim(&mut world, WU, orders[3]);
    visit(&world, WU, &relay);
    visit(&world, LAN, &relay);

    world.assert_equal();
    for phone in [LAN, WU] {
        let wire = visit(&world, phone, &relay);
        assert_eq!(wire.frames(), 2, "equal: a hello each way");
        assert!(wire.bytes() <= 200, "{} bytes", wire.bytes());
    }
}

#[test]
fn a_relay_passes_a_claim_on_as_it_comes_for_230_bytes_on_each_side() {
    let mut world = founder_and_newcomer(9);
    let (relay, _home) = relay(&world);
    let orders: Vec<Reference> = (0..20).map(|_| post(&mut world, LAN)).collect();
    visit(&world, LAN, &relay);
    let mut wires = [link(&world, WU, &relay), link(&world, LAN, &relay)];
    let clock = world.clock.clone();
    settle(&clock, &mut wires);
    claim(&mut world, WU, orders[0]);
    settle(&clock, &mut wires);

    for order in &orders[1..] {
        let before = [wires[0].bytes(), wires[1].bytes()];
        claim(&mut world, WU, *order);
        settle(&clock, &mut wires);
        let costs = [wires[0].bytes() - before[0], wires[1].bytes() - before[1]];
        // News names log and head at full length, and so does whoever asks for it.
        assert!(costs.iter().all(|cost| *cost <= 230), "{costs:?}");
    }

    world.assert_equal();
}

#[test]
fn a_transfer_from_a_relay_that_breaks_again_and_again_ends_right() {
    let mut world = founder_and_newcomer(10);
    let (relay, _home) = relay(&world);
    for _ in 0..200 {
        post(&mut world, LAN);
    }
    visit(&world, LAN, &relay);

    let clock = world.clock.clone();
    for cut in 1..30 {
        let mut wires = [link(&world, WU, &relay)];
        crate::wire::pass(&clock, &mut wires, |wires, busy| busy && wires[0].bytes() < 1_000 * cut);
    }
    let wire = visit(&world, WU, &relay);

    assert!(wire.ends.iter().all(|end| end.is_in_step()));
    world.assert_equal();
}

/// A store that folds no roster, holds no key and knows of topics only what they are called on the wire.
fn relay(world: &World) -> (Node<Store>, TempDir) {
    let home = somewhere();
    let store = Store::open(home.path(), &MemorySecrets::default(), &[]).expect("an empty home opens");
    let topics = Topic::ALL.map(|topic| world.tag(LAN, topic)).to_vec();
    (Node::new(store, world.at(LAN).community().unwrap(), keys(99).device(), topics), home)
}

fn link(world: &World, phone: usize, relay: &Node<Store>) -> Wire {
    Wire::new(world.at(phone).link(keys(99).device()).unwrap(), relay.conversation(&world.clock), FAST)
}

/// Phone and relay talk until both are silent.
fn visit(world: &World, phone: usize, relay: &Node<Store>) -> Wire {
    let mut wires = [link(world, phone, relay)];
    settle(&world.clock, &mut wires);
    let [wire] = wires;
    wire
}

/// A founder and a volunteer who was admitted with a printed code, and has met nobody since.
fn founder_and_newcomer(seed: u64) -> World {
    let mut world = World::seeded(seed);
    let founder = world.phone();
    world.at(founder).found(None).unwrap();
    world.join(founder, Role::Volunteer);
    world
}
