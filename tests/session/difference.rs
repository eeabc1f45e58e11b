//! Two replicas compare: nothing differs, or a little.

use std::collections::BTreeMap;

use linli_core::{store::Store, time::ManualClock};
use linli_tests::{MORNING, somewhere};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha20Rng;

use crate::{
    desk::{Desk, Node},
    shelf::{COMMON, COMMUNITY, Keeper, Shelf, TOPICS, URGENT, keys},
    wire::{FAST, Pipe, Wire, settle},
};

/// So many events of so many devices: most in `common`, every tenth in `urgent`.
fn community(devices: u64, events: usize, bytes: usize) -> Shelf {
    let mut shelf = Shelf::default();
    let each = events / devices as usize;
    for device in 0..devices {
        let own = keys(device);
        shelf.write(&own, URGENT, each / 10, bytes);
        shelf.write(&own, COMMON, each - each / 10, bytes);
    }
    shelf
}

fn one_round_trip<K: Keeper + 'static>(one: Desk<K>, other: Desk<K>, clock: &ManualClock) {
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

#[test]
fn equal_replicas_of_100_000_events_and_200_devices_end_after_one_round_trip_and_200_bytes() {
    let (clock, shelf) = (ManualClock::at(MORNING), community(200, 100_000, 60));
    assert_eq!(shelf.len(), 100_000);
    let (one, other) = (Node::of(shelf.clone(), 0), Node::of(shelf, 1));

    one_round_trip(one.desk(&clock), other.desk(&clock), &clock);
}

#[test]
fn equal_stores_end_after_one_round_trip_and_200_bytes() {
    let (clock, shelf, homes) = (ManualClock::at(MORNING), community(200, 10_000, 60), [somewhere(), somewhere()]);
    let nodes: Vec<Node<Store>> = (0..2)
        .map(|which| {
            let mut store = Store::open(homes[which].path(), &[]).expect("an empty home opens");
            for topic in TOPICS {
                for span in shelf.missing(topic, &[]) {
                    crate::shelf::take_in(&mut store, COMMUNITY, topic, shelf.load(&span).run).expect("it follows on");
                }
            }
            Node::new(store, COMMUNITY, keys(which as u64).device(), TOPICS.to_vec())
        })
        .collect();

    one_round_trip(nodes[0].desk(&clock), nodes[1].desk(&clock), &clock);
}

/// 44,000 events in 300 logs, as in two months of 100 buildings: few devices write most.
fn two_months(dice: &mut ChaCha20Rng) -> Shelf {
    let mut shelf = Shelf::default();
    let devices: Vec<_> = (0..300).map(keys).collect();
    for own in &devices {
        shelf.write(own, COMMON, dice.random_range(1..10), 150);
    }
    while shelf.len() < 44_000 {
        let own = &devices[dice.random_range(0..300).min(dice.random_range(0..300))];
        shelf.write(own, COMMON, dice.random_range(1..40), 40 + dice.random_range(100..200));
    }
    shelf
}

#[test]
fn half_a_percent_each_way_flows_after_two_round_trips_and_costs_half_as_much_again_at_most() {
    let (clock, mut dice) = (ManualClock::at(MORNING), ChaCha20Rng::seed_from_u64(3));
    let all = two_months(&mut dice);
    let missing = all.len() / 200;
    // Each lacks other events, in logs that are written as often as they are long.
    let mut logs = all.logs_of_events();
    logs.sort();
    let halves = [0, 1].map(|half: u8| {
        let mine: Vec<_> = logs.iter().filter(|log| log.as_bytes()[7] % 2 == half).collect();
        let mut less: BTreeMap<_, usize> = BTreeMap::new();
        for _ in 0..missing {
            *less.entry(*mine[dice.random_range(0..mine.len())]).or_default() += 1;
        }
        all.without(&less)
    });
    let own: Vec<(usize, usize)> = halves.iter().map(|half| all.own_bytes_beyond(half)).collect();
    let (own, events) = (own[0].0 + own[1].0, own[0].1 + own[1].1);
    let [one, other] = halves.map(|half| Node::of(half, dice.random()));

    let latency = 100;
    let began = linli_core::time::Clock::mono(&clock).0;
    let pipe = Pipe { latency, rate: None };
    let mut wires = [Wire::new(one.desk(&clock), other.desk(&clock), pipe)];
    settle(&clock, &mut wires);

    let bytes = wires[0].bytes();
    let first = wires[0].ways.iter().map(|way| way.first_runs.expect("runs flowed") - began).max().expect("two ways");
    let trips = first as f64 / (2 * latency) as f64;
    println!("0.5 % each way: {events} events of {own} own bytes, {bytes} bytes, {trips} round trips before they flow");
    assert_eq!(one.look(Shelf::len), all.len());
    assert_eq!(other.look(Shelf::len), all.len());
    assert!(trips <= 2.0, "{trips} round trips");
    assert!(bytes * 2 <= own * 3, "{bytes} bytes for {own}");
}
