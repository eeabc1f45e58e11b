//! Fifty phones, each connected with each: what news costs, what a return costs, and that silence costs nothing.

use linli_core::{id::Reference, net::Conversation, time::ManualClock};
use linli_tests::{MORNING, World};

use crate::{
    conversation::Node,
    memory::{COMMON, MemoryLogs, URGENT, keys},
    say::{claim, post},
    wire::{ANNOUNCE, End, FAST, PULL, RUNS, Wire, settle},
};

#[test]
fn a_claim_on_a_live_session_costs_220_bytes_both_ways_at_most() {
    let mut world = World::community(2, 1);
    let clock = world.clock.clone();
    let orders: Vec<Reference> = (0..40).map(|_| post(&mut world, 0)).collect();
    let mut wires = [link(&world, 0, 1)];
    settle(&clock, &mut wires);

    let mut costs = Vec::new();
    for order in &orders {
        let before = wires[0].bytes();
        claim(&mut world, 1, *order);
        settle(&clock, &mut wires);
        costs.push(wires[0].bytes() - before);
    }

    let (first, most) = (costs[0], costs[1..].iter().max().unwrap());
    println!("a claim on a live session: {first} bytes for a new log, then {most} at most");
    assert!(*most <= 220, "{costs:?}");
    assert!(first <= 220 + 40 + 16 + 16, "a new log's header, id and epoch are said once: {first}");
    world.assert_equal();
}

#[test]
fn in_a_mesh_of_fifty_phones_a_claim_crosses_each_link_once_and_a_return_costs_2000_messages_at_most() {
    let mut world = World::community(6, 49);
    let clock = world.clock.clone();
    let orders: Vec<Reference> = (0..12).map(|phone| post(&mut world, phone)).collect();
    world.settle();
    let everybody = pairs(50, None);
    let mut wires: Vec<Wire> = everybody.iter().map(|(one, other)| link(&world, *one, *other)).collect();
    settle(&clock, &mut wires);

    // Live: one claim.
    let (runs, all) = (frames(&wires, &RUNS), all_frames(&wires));
    claim(&mut world, 20, orders[0]);
    settle(&clock, &mut wires);
    let (runs, all) = (frames(&wires, &RUNS) - runs, all_frames(&wires) - all);
    println!("a claim in a mesh of fifty: {runs} copies of its body, {all} frames");
    assert!((49..=60).contains(&runs), "{runs} copies");
    assert_eq!(frames(&wires, &[PULL]), 0, "who is connected with the author pulls nothing");

    // One goes away, and comes back with news of its own.
    let mut of_seven = everybody.iter().map(|(one, other)| [*one, *other].contains(&7));
    wires.retain(|_| !of_seven.next().unwrap());
    for phone in 0..10 {
        claim(&mut world, phone + 30, orders[1 + phone]);
    }
    settle(&clock, &mut wires);
    claim(&mut world, 7, orders[11]);
    post(&mut world, 7);
    let before = all_frames(&wires);
    wires.extend((0..50).filter(|other| *other != 7).map(|other| link(&world, 7, other)));
    settle(&clock, &mut wires);
    let all = all_frames(&wires) - before;
    println!("one of fifty comes back: {all} frames in the whole mesh");
    assert!(all <= 2_000, "{all} frames");
    drop(wires);
    let hash = world.at(0).state_hash().unwrap();
    assert!((0..50).all(|phone| world.at(phone).state_hash().unwrap() == hash), "all agree");
}

/// Fifty nodes that hold 1,000 aggregates of four events each.
fn town() -> (ManualClock, Vec<Node<MemoryLogs>>) {
    let mut memory = MemoryLogs::default();
    for device in 0..50 {
        memory.write(&keys(device), COMMON, 80, 180);
    }
    let nodes = (0..50).map(|device| Node::of(memory.clone(), device)).collect();
    (ManualClock::at(MORNING), nodes)
}

fn connect(clock: &ManualClock, nodes: &[Node<MemoryLogs>], pairs: &[(usize, usize)]) -> Vec<Wire> {
    pairs
        .iter()
        .map(|(one, other)| Wire::new(nodes[*one].conversation(clock), nodes[*other].conversation(clock), FAST))
        .collect()
}

#[test]
fn one_of_fifty_with_1000_aggregates_reconnects_within_2000_messages() {
    let (clock, nodes) = town();
    let mut wires = connect(&clock, &nodes, &pairs(50, Some(7)));
    settle(&clock, &mut wires);
    for device in (10..50).step_by(2) {
        nodes[device].write(&keys(device as u64), COMMON, 2, 180);
    }
    nodes[10].write(&keys(10), URGENT, 1, 180);
    settle(&clock, &mut wires);
    nodes[7].write(&keys(7), COMMON, 5, 180);

    let before = all_frames(&wires);
    let fresh: Vec<_> = (0..50).filter(|other| *other != 7).map(|other| (7, other)).collect();
    wires.extend(connect(&clock, &nodes, &fresh));
    settle(&clock, &mut wires);

    let all = all_frames(&wires) - before;
    println!("one of fifty comes back, 41 events behind and 5 ahead: {all} frames in the whole mesh");
    assert!(nodes.iter().all(|node| node.look(MemoryLogs::len) == 4_046));
    assert!(all <= 2_000, "{all} frames");
}

#[test]
fn a_storm_of_reconnections_costs_messages_in_proportion_to_what_differs() {
    let (clock, nodes) = town();
    let storm = |nodes: &[Node<MemoryLogs>]| {
        let mut wires = connect(&clock, nodes, &pairs(50, None));
        settle(&clock, &mut wires);
        all_frames(&wires)
    };

    let nothing = storm(&nodes);
    assert_eq!(nothing, 2 * 1225, "two hellos on each link, and nothing else");
    nodes[3].write(&keys(3), COMMON, 1, 180);
    let one = storm(&nodes);
    println!("1225 links made anew: {nothing} frames when nothing differs, {one} when one phone holds one event more");
    // On 49 links it differs: entries and done both ways, the run, its answer. Who has it from there announces it once
    // to each other phone.
    assert!(one - nothing <= 49 * 6 + 49 * 48, "{one} frames");
    assert_eq!(storm(&nodes), nothing);
}

#[test]
fn news_comes_down_a_chain_by_announcement_and_is_never_echoed() {
    let (clock, nodes) = town();
    let mut wires = connect(&clock, &nodes, &[(0, 1), (1, 2), (2, 3)]);
    settle(&clock, &mut wires);

    nodes[0].write(&keys(0), COMMON, 1, 180);
    settle(&clock, &mut wires);

    let kinds = |wire: &Wire| {
        let of = |side: usize, kind: u8| wire.ways[side].frames.get(&kind).copied().unwrap_or_default();
        [0, 1].map(|side| (of(side, 4), of(side, 7), of(side, ANNOUNCE), of(side, PULL)))
    };
    // Runs, answers, announcements, pulls: from the author, and back.
    assert_eq!(kinds(&wires[0]), [(1, 0, 0, 0), (0, 1, 0, 0)]);
    assert_eq!(kinds(&wires[1]), [(1, 0, 1, 0), (0, 1, 0, 1)]);
    assert_eq!(kinds(&wires[2]), [(1, 0, 1, 0), (0, 1, 0, 1)]);
    assert!(nodes[..4].iter().all(|node| node.look(MemoryLogs::len) == 4_001));
}

#[test]
fn a_silent_session_says_nothing_for_a_day_and_has_no_deadline() {
    let mut world = World::community(9, 1);
    let clock = world.clock.clone();
    post(&mut world, 0);
    let mut wires = [link(&world, 0, 1)];
    settle(&clock, &mut wires);
    let before = wires[0].bytes();

    for _ in 0..24 {
        assert!(wires[0].ends.iter().all(|end| end.deadline().is_none()));
        world.pass(60);
        wires[0].ends.iter_mut().for_each(|end: &mut Box<End>| end.tick().unwrap());
        settle(&clock, &mut wires);
    }

    assert_eq!(wires[0].bytes(), before);
}

#[test]
fn a_peer_that_hears_nothing_delays_no_command_and_no_other_peer() {
    let mut world = World::community(11, 2);
    let clock = world.clock.clone();
    let mut dead = world.at(0).link(world.device(2)).unwrap();
    let hello = dead.send(usize::MAX).unwrap();
    let mut wires = [link(&world, 0, 1)];
    settle(&clock, &mut wires);

    for _ in 0..50 {
        post(&mut world, 0);
    }
    settle(&clock, &mut wires);

    let [one, other] = [0, 1].map(|phone| world.at(phone).state_hash().unwrap());
    assert_eq!(one, other, "the living peer has everything");
    assert!(!hello.is_empty());
    world.clock.advance(std::time::Duration::from_secs(31));
    dead.tick().unwrap();
    assert_eq!(dead.closed(), Some(linli_core::sync::Reason::Stalled), "who owes a hello for 30 s is left");
}

#[test]
fn a_newcomer_is_sent_everything_once() {
    let mut world = World::community(12, 3);
    for phone in 0..4 {
        for _ in 0..40 {
            post(&mut world, phone);
        }
    }
    world.settle();
    let newcomer = world.join(0, linli_core::roster::Role::Volunteer);
    let clock = world.clock.clone();

    let mut wires = [link(&world, 0, newcomer)];
    settle(&clock, &mut wires);

    let count = |phone: usize| {
        let bodies = world.at(phone).look(|reader| {
            let mut bytes = 0;
            for header in reader.logs()? {
                let events = reader.events_between(header.id(), 0, 10_000)?;
                bytes += events.iter().map(body_of).sum::<usize>();
            }
            Ok(bytes)
        });
        bodies.unwrap()
    };
    let (own, bytes) = (count(0), wires[0].bytes());
    println!("a newcomer: {own} bytes of bodies, {bytes} bytes");
    assert_eq!(wires[0].frames_of(&[PULL]), 0, "nothing was refused");
    assert!(bytes * 10 <= own * 13, "{bytes} bytes for {own}");
}

fn body_of(event: &linli_core::store::Stored) -> usize {
    match &event.content {
        linli_core::event::Content::Here(body) => body.len(),
        linli_core::event::Content::Erased(hash) => hash.len(),
    }
}

/// Every pair of `count`, with one of them left out if wished.
fn pairs(count: usize, but: Option<usize>) -> Vec<(usize, usize)> {
    let all = (0..count).flat_map(|one| (one + 1..count).map(move |other| (one, other)));
    all.filter(|(one, other)| but.is_none_or(|but| *one != but && *other != but)).collect()
}

fn link(world: &World, one: usize, other: usize) -> Wire {
    let ends = [(one, other), (other, one)].map(|(here, there)| world.at(here).link(world.device(there)).unwrap());
    let [one, other] = ends;
    Wire::new(one, other, FAST)
}

fn frames(wires: &[Wire], kinds: &[u8]) -> usize {
    wires.iter().map(|wire| wire.frames_of(kinds)).sum()
}

fn all_frames(wires: &[Wire]) -> usize {
    wires.iter().map(Wire::frames).sum()
}
