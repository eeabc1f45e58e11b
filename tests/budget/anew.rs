//! What one device has heaped up in one aggregate is read again when that is not in memory, and judged again when the roster
//! says otherwise of the device. Whatever it is, both keep to the budget (T4): a device whose room would hold 200,000 events has
//! it full of some thousand that are held there.

use linli_core::{
    event::{Body, Held, Topic},
    id::{Incarnation, Reference},
    limits,
    roster::{Grant, Revocation, Who},
    sync::Outgoing,
};
use linli_tests::{
    Forger, World, hand_over, held_for,
    people::{LAN, MEI, WU},
};
use rand::RngExt;

use crate::{
    comment_by,
    gauge::Gauge,
    heaps::nowhere,
    make::{act, comment, post, texts},
    scene,
};

/// Whoever hears of it all.
const HEARER: usize = MEI;

/// More than any phone takes that is held of one device in one order.
const TOO_MANY: usize = 12_000;

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
    fills(&world, Held::Parked, 700);
    read_and_judged_again(gauge, world, order);
}

#[test]
fn comments_that_wait_for_one_event_each_are_read_again_within_the_budget_t4() {
    let gauge = Gauge::begin("read again: waits for one");
    let (mut world, order, mut forger) = scene(202);
    for _ in 0..TOO_MANY {
        let deps = vec![nowhere(&mut world)];
        forger.write(&Body { deps, ..comment(order) });
    }
    bring(&world, &mut forger);
    fills(&world, Held::Parked, 5_000);
    read_and_judged_again(gauge, world, order);
}

#[test]
fn what_no_build_knows_is_read_again_within_the_budget_t4() {
    let gauge = Gauge::begin("read again: of a newer kind");
    let (world, order, mut forger) = scene(203);
    (0..TOO_MANY).for_each(|_| _ = forger.write(&unknown(order)));
    bring(&world, &mut forger);
    fills(&world, Held::Newer, 5_000);
    read_and_judged_again(gauge, world, order);
}

/// As many bytes as a device has room for.
#[test]
fn long_texts_that_no_build_knows_are_read_again_within_the_budget_t4() {
    let gauge = Gauge::begin("read again: long and of a newer kind");
    let (world, order, mut forger) = scene(207);
    let body = Body { edits: texts(3, limits::FIELD), ..unknown(order) };
    (0..2_400).for_each(|_| _ = forger.write(&body));
    bring(&world, &mut forger);
    fills(&world, Held::Newer, 100);
    read_and_judged_again(gauge, world, order);
}

#[test]
fn what_is_not_what_its_kind_says_is_read_again_within_the_budget_t4() {
    let gauge = Gauge::begin("read again: malformed");
    let (world, order, mut forger) = scene(208);
    let garbled = Body { payload: vec![0xf6], ..comment(order) };
    (0..TOO_MANY).for_each(|_| _ = forger.write(&garbled));
    bring(&world, &mut forger);
    fills(&world, Held::Malformed, 5_000);
    read_and_judged_again(gauge, world, order);
}

/// Nobody knows of the order yet.
#[test]
fn what_waits_for_an_order_that_comes_late_is_read_again_within_the_budget_t4() {
    let mut gauge = Gauge::begin("read again: before the order");
    let (mut world, _, mut forger) = scene(209);
    let late = post(&mut world);
    (0..TOO_MANY).for_each(|_| _ = forger.write(&unknown(late)));
    bring(&world, &mut forger);
    fills(&world, Held::Parked, 5_000);
    heard_in(&mut gauge, &world, Topic::Common);
    fills(&world, Held::Newer, 5_000);
    read_and_judged_again(gauge, world, late);
}

#[test]
fn comments_for_which_there_is_no_room_are_read_again_within_the_budget_t4() {
    let gauge = Gauge::begin("read again: crowded");
    let (world, order, mut forger) = scene(204);
    (0..TOO_MANY).for_each(|_| _ = forger.write(&comment(order)));
    bring(&world, &mut forger);
    fills(&world, Held::Crowded, 5_000);
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
    let (id, device) = (world.command(), world.device(WU));
    let low = Revocation { heads: Some(Vec::new()), ..Revocation::of(Who::Device(device)) };
    world.at(LAN).revoke(id, low).unwrap();

    heard(&mut gauge, &world);
    read_again(&mut gauge, &mut world, order);

    assert_eq!(held(&world, Held::Cut), EVENTS);
    assert_eq!(world.at(HEARER).verify().unwrap().faults, []);
}

/// What no build knows.
fn unknown(order: Reference) -> Body {
    act(order, 0x7fff, vec![0xa0])
}

/// Brings to the hearer what was written, unmeasured.
fn bring(world: &World, forger: &mut Forger) {
    let (device, tag) = (forger.device(), world.tag(LAN, Topic::Common));
    for runs in forger.runs().chunks(64) {
        hand_over(world, HEARER, device, tag, runs).unwrap();
    }
}

fn held(world: &World, reason: Held) -> usize {
    held_for(world, HEARER, reason)
}

/// What is held for a reason is as much as finds room, and no more.
fn fills(world: &World, reason: Held, most: usize) {
    let held = held(world, reason);
    assert!((most / 2..=most).contains(&held), "{held} are held");
}

/// The hearer hears what the founder says of members, and goes on until nothing is due.
fn heard(gauge: &mut Gauge, world: &World) {
    heard_in(gauge, world, Topic::Roster);
}

fn heard_in(gauge: &mut Gauge, world: &World, topic: Topic) {
    let runs: Vec<Outgoing> = world.own_runs(LAN, topic);
    gauge.input(|| hand_over(world, HEARER, world.device(LAN), world.tag(LAN, topic), &runs).unwrap());
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
    let (id, device) = (world.command(), world.device(WU));
    world.at(LAN).grant(id, device, Grant::Leader { buildings: vec!["3".into()] }).unwrap();
    heard(&mut gauge, &world);
    gauge.input(|| comment_by(&mut world, HEARER, order));
    assert_eq!(world.at(HEARER).verify().unwrap().faults, []);
}
