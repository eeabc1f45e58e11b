//! Stories of two and three replicas.

mod bounds;
mod bundle;
mod golden;
mod holes;
mod hostile;
mod log;
mod pair;
mod signs;
mod silent;
mod world;

use std::collections::BTreeSet;

use log::{CARE, COMMON, ERASURE, ROSTER, URGENT, header, keys};
use rand::RngExt;
use world::World;

use super::{Input, Outgoing, Output, Reason, STALL};

#[test]
fn equal_replicas_of_200_devices_end_after_one_round_trip_and_200_bytes() {
    let mut world = World::of(2, 1);
    for device in 0..200 {
        let keys = keys(1000 + device);
        world.logs[0].append(&keys, COMMON, 1, 20);
        world.logs[0].append(&keys, CARE, 1, 20);
    }
    world.logs[1] = world.logs[0].clone();

    let link = world.connect(0, 1);
    assert!(world.cross());

    assert!(!world.cross(), "nothing follows the hellos");
    assert!(world.bytes(link) <= 200, "{} bytes", world.bytes(link));
    assert!(world.heard(link, 0, &Output::InStep) && world.heard(link, 1, &Output::InStep));
    assert_eq!(world.links[link][0].session.progress().topic, None);
}

#[test]
fn a_delta_flows_both_ways_within_two_round_trips() {
    let mut world = World::of(2, 2);
    world.logs[0].append(&world.keys[0], COMMON, 40, 20);
    world.logs[1] = world.logs[0].clone();
    world.logs[0].append(&world.keys[0], COMMON, 3, 20);
    world.logs[1].append(&world.keys[1], COMMON, 70, 20);

    let link = world.connect(0, 1);
    let first = crossings(&mut world, link, 0);
    let second = first + crossings(&mut world, link, 1);
    assert!(first.max(second) <= 3, "hello, a list, its answer");
    world.settle();

    world.assert_equal();
    assert!(world.heard(link, 0, &Output::InStep) && world.heard(link, 1, &Output::InStep));
    let progress = world.links[link][0].session.progress();
    assert_eq!((progress.sent.events, progress.sent.expected), (3, 3));
    assert_eq!((progress.received.events, progress.received.expected), (70, 70));
    assert_eq!(world.peer_has(link, 0), world.logs[1].entries_of(header(&world.keys[0], COMMON).id()));
}

#[test]
fn of_a_thousand_logs_two_that_differ_are_found_after_two_round_trips_and_1500_bytes() {
    let mut world = World::of(2, 3);
    for device in 0..1000 {
        world.logs[0].append(&keys(1000 + device), COMMON, 1, 20);
    }
    world.logs[1] = world.logs[0].clone();
    world.logs[0].append(&world.keys[0], COMMON, 1, 20);
    world.logs[1].append(&keys(1500), COMMON, 2, 20);

    let link = world.connect(0, 1);
    let mut trips = [crossings(&mut world, link, 0), crossings(&mut world, link, 1)];
    trips[1] += trips[0];
    assert!(trips[0] <= 4 || trips[1] <= 4, "events flow after two round trips");
    assert!(trips.iter().all(|crossings| *crossings <= 5), "both ways half a one later: {trips:?}");
    world.settle();

    world.assert_equal();
    assert!(world.bytes(link) < 1500, "{} bytes", world.bytes(link));
}

#[test]
fn a_newcomer_and_a_replica_of_many_logs_understand_each_other() {
    let mut world = World::of(2, 4);
    for device in 0..300 {
        world.logs[0].append(&keys(1000 + device), COMMON, 1, 20);
    }
    world.logs[1].append(&keys(1005), COMMON, 1, 20);
    world.logs[1].append(&world.keys[1], COMMON, 1, 20);

    let link = world.connect(0, 1);
    world.settle();

    world.assert_equal();
    assert!(world.heard(link, 0, &Output::InStep) && world.heard(link, 1, &Output::InStep));
}

#[test]
fn the_roster_is_answered_before_any_other_topic_is_sent() {
    let mut world = World::of(2, 5);
    for topic in [CARE, COMMON, ERASURE, URGENT, ROSTER] {
        world.logs[0].append(&world.keys[0], topic, 100, 30);
    }
    world.load = 1;

    let link = world.connect(0, 1);
    crossings(&mut world, link, 0);
    assert!(world.logs[1].committed.is_empty());
    world.cross();
    assert!(world.logs[1].committed.iter().all(|(topic, ..)| *topic == ROSTER));
    assert!(!world.logs[1].committed.is_empty());
    world.settle();

    world.assert_equal();
    let mut order: Vec<_> = world.logs[1].committed.iter().map(|(topic, ..)| *topic).collect();
    order.dedup();
    assert_eq!(order, [ROSTER, URGENT, ERASURE, COMMON, CARE]);
}

#[test]
fn an_urgent_event_overtakes_a_large_backlog() {
    let mut world = World::of(2, 6);
    world.logs[0].append(&world.keys[0], COMMON, 600, 7000);
    world.connect(0, 1);
    for _ in 0..4 {
        world.cross();
    }
    assert!(!world.logs[1].vector(COMMON).is_empty(), "the backlog flows");

    world.write(0, URGENT, 1, 50);
    world.cross();

    assert_eq!(world.logs[1].vector(URGENT), world.logs[0].vector(URGENT));
    assert_ne!(world.logs[1].vector(COMMON), world.logs[0].vector(COMMON));
    world.settle();
    world.assert_equal();
}

#[test]
fn a_run_larger_than_a_frame_comes_in_parts_and_the_window_holds() {
    let mut world = World::of(2, 7);
    world.logs[0].append(&world.keys[0], COMMON, 400, 8000);

    let link = world.connect(0, 1);
    crossings(&mut world, link, 0);
    let in_flight = world.links[link][1].inbox.len();
    world.settle();

    assert!(in_flight > 700_000 && in_flight <= 1024 * 1024 + 4096, "{in_flight} bytes");
    assert!(sent(&world, link, 0, 6) > 0);
    world.assert_equal();
}

#[test]
fn a_new_claim_costs_at_most_240_bytes_on_a_live_session() {
    let mut world = World::of(2, 8);
    for node in [0, 1] {
        world.logs[node].append(&world.keys[0], COMMON, 300, 20);
    }
    world.logs[1] = world.logs[0].clone();
    let link = world.connect(0, 1);
    world.settle();
    let before = world.bytes(link);

    world.write(0, COMMON, 1, 70);
    let body = body_bytes(&world.links[link][0].outputs);
    world.settle();

    world.assert_equal();
    let cost = world.bytes(link) - before;
    assert!((95..=99).contains(&body), "{body} bytes of body");
    assert!(cost <= 240, "{cost} bytes");
    assert_eq!(world.peer_has(link, 0).len(), 1);
}

/// Bytes of the body in the last frame of runs, which holds one event of a log named for the first time.
fn body_bytes(outputs: &[Output]) -> usize {
    let runs =
        outputs.iter().rev().find_map(|output| if let Output::Send(frame) = output { Some(frame) } else { None });
    runs.expect("a frame was sent").len() - (2 + 17 + 2 + 1 + 17 + 2 + 64)
}

#[test]
fn news_goes_down_a_chain_once_and_is_never_echoed() {
    let mut world = World::of(3, 9);
    let (ab, bc) = (world.connect(0, 1), world.connect(1, 2));
    world.settle();

    world.write(0, COMMON, 2, 30);
    world.write(0, COMMON, 1, 30);
    world.settle();

    world.assert_equal();
    assert_eq!(sent(&world, ab, 0, 8), 0, "own events are pushed, not announced");
    assert_eq!((sent(&world, ab, 1, 4), sent(&world, ab, 1, 8)), (0, 0), "no echo to A");
    assert_eq!((sent(&world, bc, 0, 8), sent(&world, bc, 1, 9)), (1, 1), "B announces once, C pulls once");
    assert_eq!((sent(&world, bc, 1, 4), sent(&world, bc, 1, 8)), (0, 0), "no echo to B");
    assert!(world.logs.iter().flat_map(|log| &log.committed).all(|(.., new)| *new), "nothing came twice");
}

#[test]
fn in_a_triangle_all_learn_everything() {
    let mut world = World::of(3, 10);
    for (one, other) in [(0, 1), (1, 2), (2, 0)] {
        world.connect(one, other);
    }
    for _ in 0..40 {
        let (node, topic) = (world.dice.random_range(0..3), [ROSTER, URGENT, COMMON][world.dice.random_range(0..3)]);
        world.write(node, topic, 1, 30);
        world.cross();
        world.pass(70);
    }
    world.settle();

    world.assert_equal();
}

#[test]
fn a_link_cut_anywhere_is_taken_up_again_by_comparing() {
    for seed in 0..200 {
        let mut world = World::of(2, seed);
        for node in [0, 1] {
            for topic in [ROSTER, COMMON] {
                let count = world.dice.random_range(1..80);
                world.logs[node].append(&world.keys[node], topic, count, 40);
            }
        }
        world.load = 500;
        for _ in 0..3 {
            let link = world.connect(0, 1);
            let slices = world.dice.random_range(0..60);
            world.trickle(link, slices / 2);
            world.write(0, URGENT, 1, 10);
            world.write(1, COMMON, 1, 10);
            world.trickle(link, slices / 2);
            world.links.clear();
        }

        world.connect(0, 1);
        world.settle();

        world.assert_equal();
    }
}

#[test]
fn a_fork_reaches_both_sides_whatever_the_lengths() {
    for (one, other) in [(5, 5), (3, 40), (70, 2), (1, 33)] {
        let mut world = World::of(3, 11);
        world.logs[0].append(&world.keys[2], COMMON, 40, 20);
        world.logs[1] = world.logs[0].clone();
        world.logs[0].append(&world.keys[2], COMMON, one, 20);
        world.logs[1].append(&world.keys[2], COMMON, other, 21);
        world.logs.truncate(2);

        world.connect(0, 1);
        world.settle();

        world.assert_equal();
        assert_eq!(world.logs[0].entries_of(header(&world.keys[2], COMMON).id()).len(), 2);
    }
}

#[test]
fn logs_of_strangers_are_refused_and_asked_for_again_when_the_roster_changes() {
    let mut world = World::of(2, 12);
    let stranger = keys(77);
    world.logs[1].admitted = Some(BTreeSet::from([world.keys[0].device()]));
    world.logs[0].append(&world.keys[0], COMMON, 10, 20);
    world.logs[0].append(&stranger, COMMON, 100, 20);
    let link = world.connect(0, 1);
    world.settle();
    assert_eq!(world.logs[1].vector(COMMON).len(), 1);
    assert!(world.heard(link, 1, &Output::InStep), "a refusal is no fault");

    world.logs[1].admitted = None;
    world.tell(link, 1, Input::RosterChanged);
    world.settle();

    world.assert_equal();
}

#[test]
fn a_stranger_admitted_while_its_log_is_on_the_way_loses_nothing() {
    let mut world = World::of(2, 13);
    world.logs[1].admitted = Some(BTreeSet::new());
    world.logs[0].append(&world.keys[0], COMMON, 300, 20);
    world.load = 1;
    let link = world.connect(0, 1);
    crossings(&mut world, link, 0);
    world.deliver(link, 1, 3000);

    world.logs[1].admitted = None;
    world.tell(link, 1, Input::RosterChanged);
    world.settle();

    world.assert_equal();
}

#[test]
fn a_peer_that_owes_an_answer_for_30_seconds_is_left() {
    let mut world = World::of(2, 14);
    let silent = world.connect(0, 1);
    world.pass(STALL);
    assert_eq!(world.closed(silent, 0), Some(Reason::Stalled));

    world.links.clear();
    let deaf = world.connect(0, 1);
    world.settle();
    assert_eq!(world.links[deaf][0].session.deadline(), None, "nobody owes anything");
    world.write(0, COMMON, 1, 10);
    world.pass(STALL - 1);
    assert_eq!(world.closed(deaf, 0), None);
    world.pass(1);
    assert_eq!(world.closed(deaf, 0), Some(Reason::Stalled));
    assert_eq!(world.links[deaf][0].session.deadline(), None);
}

#[test]
fn what_is_written_between_hello_and_comparing_arrives() {
    let mut world = World::of(2, 15);
    world.logs[0].append(&world.keys[0], COMMON, 5, 20);
    world.connect(0, 1);
    world.write(0, COMMON, 1, 20);
    world.write(1, URGENT, 1, 20);
    world.cross();
    world.write(0, COMMON, 1, 20);
    world.settle();

    world.assert_equal();
    let duplicates = world.logs.iter().flat_map(|log| &log.committed).filter(|(.., new)| !new).count();
    assert_eq!(duplicates, 0);
}

#[test]
fn misuse_by_the_driver_is_named() {
    let mut world = World::of(1, 16);
    let mut end = world.end(0);
    let runs: Vec<Outgoing> = world.logs[0].append(&world.keys[0], COMMON, 1, 10);

    let told = end.session.handle(Input::Loaded { topic: COMMON, runs, done: true }, world.now);

    assert_eq!(told, Err(super::SessionError::Misuse { what: "loaded what was not asked for" }));
    assert_eq!(end.session.handle(Input::Tick, world.now), Err(super::SessionError::Over));
    assert_eq!(end.session.poll(), None);
}

/// Frames of one kind that an end has sent.
fn sent(world: &World, link: usize, side: usize, kind: u8) -> usize {
    let of_kind = |output: &&Output| matches!(output, Output::Send(frame) if frame[0] == kind);
    world.links[link][side].outputs.iter().filter(of_kind).count()
}

/// Crossings until an end has sent runs.
fn crossings(world: &mut World, link: usize, side: usize) -> usize {
    let flows = |world: &World| [4, 5, 6].iter().any(|kind| sent(world, link, side, *kind) > 0);
    let mut count = 0;
    while !flows(world) {
        assert!(world.cross(), "runs flow before all is silent");
        count += 1;
    }
    count
}
