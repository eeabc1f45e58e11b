//! What one device has heaped up in one aggregate is read again when that is not in memory, and judged again when the roster
//! says otherwise of the device. Whatever it is, both keep to the budget (T4).

use linli_core::{
    event::{Body, Held, Topic},
    id::{Incarnation, Reference},
    limits,
    roster::{Grant, Revocation, Who},
    sync::Outgoing,
};
use linli_tests::{Forger, World, hand_over};
use rand::RngExt;

use crate::{
    comment_by,
    gauge::Gauge,
    heaps::nowhere,
    make::{act, comment},
    scene,
};

/// Whoever hears of it all.
const HEARER: usize = 2;

/// What no build knows.
fn unknown(order: Reference) -> Body {
    act(order, 0x7fff, vec![0xa0])
}

/// Brings to the hearer what was written, unmeasured.
fn bring(world: &World, forger: &mut Forger) {
    let (device, tag) = (forger.device(), world.tag(0, Topic::Common));
    for runs in forger.runs().chunks(64) {
        hand_over(world, HEARER, device, tag, runs).unwrap();
    }
}

fn held(world: &World, reason: Held) -> usize {
    world.held(HEARER).iter().filter(|(_, held)| *held == reason).count()
}

/// The hearer hears what the founder says of members, and goes on until nothing is due.
fn heard(gauge: &mut Gauge, world: &World) {
    let runs: Vec<Outgoing> = world.own_runs(0, Topic::Roster);
    gauge.input(|| hand_over(world, HEARER, world.device(0), world.tag(0, Topic::Roster), &runs).unwrap());
    let mut more = true;
    while more {
        gauge.input(|| more = world.at(HEARER).go_on().unwrap());
    }
}

/// The hearer's phone is opened anew, and somebody acts.
fn read_again(gauge: &mut Gauge, world: &mut World, order: Reference) {
    world.close(HEARER);
    world.open(HEARER);
    gauge.input(|| comment_by(world, HEARER, order));
}

/// So it is; then the roster says otherwise of the device, and somebody acts.
fn read_and_judged_again(mut gauge: Gauge, mut world: World, order: Reference) {
    read_again(&mut gauge, &mut world, order);
    let (id, device) = (world.command(), world.device(1));
    world.at(0).grant(id, device, Grant::Leader { buildings: vec!["3".into()] }).unwrap();
    heard(&mut gauge, &world);
    gauge.input(|| comment_by(&mut world, HEARER, order));
    assert_eq!(world.at(HEARER).verify().unwrap().faults, []);
}

#[test]
fn comments_that_wait_for_many_events_each_are_read_again_within_the_budget_t4() {
    const EVENTS: usize = 1_200;
    let gauge = Gauge::begin("read again: waits for many");
    let (mut world, order, mut forger) = scene(201);
    for _ in 0..EVENTS {
        let deps = (0..limits::DEPS).map(|_| nowhere(&mut world)).collect();
        forger.write(&Body { deps, ..comment(order) });
    }
    bring(&world, &mut forger);
    assert_eq!(held(&world, Held::Parked), EVENTS);
    read_and_judged_again(gauge, world, order);
}

#[test]
fn comments_that_wait_for_one_event_each_are_read_again_within_the_budget_t4() {
    const EVENTS: usize = 4_000;
    let gauge = Gauge::begin("read again: waits for one");
    let (mut world, order, mut forger) = scene(202);
    for _ in 0..EVENTS {
        let deps = vec![nowhere(&mut world)];
        forger.write(&Body { deps, ..comment(order) });
    }
    bring(&world, &mut forger);
    assert_eq!(held(&world, Held::Parked), EVENTS);
    read_and_judged_again(gauge, world, order);
}

#[test]
fn what_no_build_knows_is_read_again_within_the_budget_t4() {
    const EVENTS: usize = 4_000;
    let gauge = Gauge::begin("read again: of a newer kind");
    let (world, order, mut forger) = scene(203);
    for _ in 0..EVENTS {
        forger.write(&unknown(order));
    }
    bring(&world, &mut forger);
    assert_eq!(held(&world, Held::Newer), EVENTS);
    read_and_judged_again(gauge, world, order);
}

#[test]
fn comments_for_which_there_is_no_room_are_read_again_within_the_budget_t4() {
    let gauge = Gauge::begin("read again: crowded");
    let (world, order, mut forger) = scene(204);
    (0..6_000).for_each(|_| _ = forger.write(&comment(order)));
    bring(&world, &mut forger);
    assert!(held(&world, Held::Crowded) > 3_000);
    read_and_judged_again(gauge, world, order);
}

/// A thousand comments that know nothing of each other, and a thousand events that do not count, each of which knows them all:
/// what these know is kept as what others know, not for each by itself.
#[test]
fn held_events_that_know_all_comments_are_read_again_within_the_budget_t4() {
    const EACH: usize = 1_000;
    let gauge = Gauge::begin("read again: knows all");
    let (mut world, order, mut forger) = scene(205);
    let mut said = Vec::new();
    for _ in 0..EACH {
        let mut alone = forger.twin().in_life(Incarnation::from_bytes(world.dice.random()));
        said.push(alone.write(&comment(order)));
        bring(&world, &mut alone);
    }
    for deps in said.chunks(limits::DEPS) {
        forger.write(&Body { deps: deps.to_vec(), ..unknown(order) });
    }
    for _ in 0..EACH {
        forger.write(&unknown(order));
    }
    bring(&world, &mut forger);
    assert!(held(&world, Held::Newer) > EACH);
    read_and_judged_again(gauge, world, order);
}

#[test]
fn comments_beyond_a_cut_are_read_again_within_the_budget_t4() {
    const EVENTS: usize = 4_000;
    let mut gauge = Gauge::begin("read again: beyond a cut");
    let (mut world, order, mut forger) = scene(206);
    (0..EVENTS).for_each(|_| _ = forger.write(&comment(order)));
    bring(&world, &mut forger);
    let (id, device) = (world.command(), world.device(1));
    let low = Revocation { heads: Some(Vec::new()), ..Revocation::of(Who::Device(device)) };
    world.at(0).revoke(id, low).unwrap();

    heard(&mut gauge, &world);
    read_again(&mut gauge, &mut world, order);

    assert_eq!(held(&world, Held::Cut), EVENTS);
    assert_eq!(world.at(HEARER).verify().unwrap().faults, []);
}
