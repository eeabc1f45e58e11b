//! Two replicas compare: nothing differs, or a little.

use std::collections::BTreeMap;

use linli_core::{
    store::Store,
    time::{Clock, ManualClock},
};
use linli_tests::{MORNING, somewhere};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha20Rng;

use crate::{
    conversation::{Node, NodeConversation},
    memory::{COMMON, COMMUNITY, Keeper, MemoryLogs, TOPICS, URGENT, keys, stocked},
    wire::{FAST, Pipe, Wire, settle},
};

#[test]
fn equal_replicas_of_100_000_events_and_200_devices_end_after_one_round_trip_and_200_bytes() {
    let (clock, memory) = (ManualClock::at(MORNING), community(200, 100_000, 60));
    assert_eq!(memory.len(), 100_000);
    let (one, other) = (Node::of(memory.clone(), 0), Node::of(memory, 1));

    one_round_trip(one.conversation(&clock), other.conversation(&clock), &clock);
}

#[test]
fn equal_stores_end_after_one_round_trip_and_200_bytes() {
    let (clock, memory, homes) = (ManualClock::at(MORNING), community(200, 10_000, 60), [somewhere(), somewhere()]);
    let nodes = [0, 1].map(|which| {
        let store: Store = stocked(&memory, homes[which].path());
        Node::new(store, COMMUNITY, keys(which as u64).device(), TOPICS.to_vec())
    });

    one_round_trip(nodes[0].conversation(&clock), nodes[1].conversation(&clock), &clock);
}

#[test]
fn a_session_that_brings_one_event_to_500_devices_costs_a_thousand_bytes() {
    let (clock, mut memory) = (ManualClock::at(MORNING), community(500, 10_000, 60));
    let (old, own) = (memory.clone(), keys(7));
    memory.write(&own, COMMON, 1, 150);
    for (which, homes) in [[&memory, &old], [&old, &memory]].into_iter().enumerate() {
        let [one, other] = [0, 1].map(|end| Node::of(homes[end].clone(), end as u64));
        let mut wires = [Wire::new(one.conversation(&clock), other.conversation(&clock), FAST)];

        settle(&clock, &mut wires);

        println!("one event, 500 devices, way {which}: {} bytes, {} frames", wires[0].bytes(), wires[0].frames());
        assert!([one, other].iter().all(|node| node.look(MemoryLogs::len) == memory.len()));
        assert!(wires[0].bytes() <= 1_000, "{} bytes", wires[0].bytes());
    }
}

/// 44,000 events in 300 logs, as in two months of 100 buildings: few devices write most.
fn two_months(dice: &mut ChaCha20Rng) -> MemoryLogs {
    let mut memory = MemoryLogs::default();
    let devices: Vec<_> = (0..300).map(keys).collect();
    for own in &devices {
        memory.write(own, COMMON, dice.random_range(1..10), 150);
    }
    while memory.len() < 44_000 {
        let own = &devices[dice.random_range(0..300).min(dice.random_range(0..300))];
        memory.write(own, COMMON, dice.random_range(1..8), 40 + dice.random_range(100..200));
    }
    memory
}

/// Two memories that each lack half a percent of the events, none of them both, in logs drawn as often as they are long.
fn halves(all: &MemoryLogs, dice: &mut ChaCha20Rng) -> [MemoryLogs; 2] {
    let logs = all.logs_of_events();
    [0, 1].map(|half: u8| {
        let mine: Vec<_> = logs.iter().filter(|log| log.as_bytes()[7] % 2 == half).collect();
        let mut less: BTreeMap<_, usize> = BTreeMap::new();
        // Every draw takes the rest of a transaction with it: about three events.
        for _ in 0..all.len() / 550 {
            *less.entry(*mine[dice.random_range(0..mine.len())]).or_default() += 1;
        }
        let half = all.without(&less);
        let missing = (all.len() - half.len()) as f64 / all.len() as f64;
        assert!((0.004..0.007).contains(&missing), "{missing} are missing");
        half
    })
}

/// Bodies that either lacks, with one signature for each log touched.
fn own_bytes(all: &MemoryLogs, halves: &[MemoryLogs; 2]) -> usize {
    halves.iter().map(|half| all.own_bytes_beyond(half)).sum()
}

fn flows_early_and_cheaply<A: Keeper + 'static, B: Keeper + 'static>(one: &Node<A>, other: &Node<B>, own: usize) {
    let (clock, latency) = (ManualClock::at(MORNING), 100);
    let began = clock.mono().0;
    let mut wires = [Wire::new(one.conversation(&clock), other.conversation(&clock), Pipe { latency, rate: None })];
    settle(&clock, &mut wires);

    let bytes = wires[0].bytes();
    let first = wires[0].ways.iter().map(|way| way.first_runs.expect("runs flowed") - began).max().expect("two ways");
    let trips = first as f64 / (2 * latency) as f64;
    println!("0.5 % each way: {own} own bytes, {bytes} bytes, {trips} round trips before events flow");
    assert!(trips <= 2.0, "{trips} round trips");
    assert!(bytes * 2 <= own * 3, "{bytes} bytes for {own}");
}

#[test]
fn half_a_percent_each_way_flows_after_two_round_trips_and_costs_half_as_much_again_at_most() {
    let mut dice = ChaCha20Rng::seed_from_u64(3);
    let all = two_months(&mut dice);
    let halves = halves(&all, &mut dice);
    let own = own_bytes(&all, &halves);
    let [one, other] = halves.map(|half| Node::of(half, dice.random()));

    flows_early_and_cheaply(&one, &other, own);

    assert!([one, other].iter().all(|node| node.look(MemoryLogs::len) == all.len()));
}

#[test]
fn half_a_percent_each_way_costs_as_little_with_a_relay() {
    let mut dice = ChaCha20Rng::seed_from_u64(4);
    let all = two_months(&mut dice);
    let halves = halves(&all, &mut dice);
    let (own, home) = (own_bytes(&all, &halves), somewhere());
    let relay = Node::new(stocked(&halves[1], home.path()), COMMUNITY, keys(900).device(), TOPICS.to_vec());
    let [phone, _] = halves.map(|half| Node::of(half, 901));

    flows_early_and_cheaply(&phone, &relay, own);

    assert_eq!(phone.look(MemoryLogs::len), all.len());
    assert_eq!(relay.look(|store| Keeper::entries(store, COMMON)), all.entries(COMMON));
}

/// So many events of so many devices: most in `common`, every tenth in `urgent`.
fn community(devices: u64, events: usize, bytes: usize) -> MemoryLogs {
    let mut memory = MemoryLogs::default();
    let each = events / devices as usize;
    for device in 0..devices {
        let own = keys(device);
        memory.write(&own, URGENT, each / 10, bytes);
        memory.write(&own, COMMON, each - each / 10, bytes);
    }
    memory
}

fn one_round_trip<K: Keeper + 'static>(one: NodeConversation<K>, other: NodeConversation<K>, clock: &ManualClock) {
    let mut wires = [Wire::new(one, other, FAST)];
    settle(clock, &mut wires);
    let [wire] = &wires;
    let (bytes, frames) = (wire.bytes(), wire.frames());
    println!("equal replicas: {bytes} bytes, {frames} frames");
    assert!(bytes <= 200, "{bytes} bytes");
    assert_eq!(frames, 2, "a hello each way and nothing after it");
    assert!(wire.ends.iter().all(|end| end.is_in_step()));
    assert!(wire.ends.iter().all(|end| end.deadline().is_none()), "nobody owes anything");
}
