//! What an upkeep costs that has nothing to do, whatever is held: it looks at nothing twice (T4).

use linli_core::{
    count::Work,
    event::Topic,
    id::Incarnation,
    limits,
    roster::{Erased, ErasedAggregate, ErasedSpan},
};
use linli_tests::{Forger, hand_over, people::LAN};
use rand::RngExt;

use crate::{
    clear::{LIAR, VOLUNTEER, forger, town},
    gauge::{Cost, Meter},
    heaps::nowhere,
    make::{act, comment, post},
};

#[test]
fn an_upkeep_looks_at_nothing_that_it_has_looked_at_t4() {
    // The last are named in more than one round.
    let [few, many] = [(961, 200), (962, 1_200)].map(|(seed, late)| read(seed, late));

    assert!(many < few + 100, "{few} rows of 200 events, {many} of 1,200");
}

/// Rows that are read where an order is erased beside so many held events about another.
fn erased_beside(seed: u64, held: usize) -> u64 {
    let mut meter = Meter::begin();
    let mut world = town(seed);
    let [order, other] = [post(&mut world), post(&mut world)];
    world.settle();
    let mut writer = Forger::with_keys_of(&mut world, VOLUNTEER);
    for _ in 0..held {
        writer.write(&act(other, 0x7fff, vec![0xa0]));
    }
    let (device, tag, runs) = (writer.device(), world.tag(LAN, Topic::Common), writer.runs());
    hand_over(&world, LAN, device, tag, &runs).unwrap();
    assert_eq!(world.held(LAN).len(), held);
    let id = world.command();

    meter.input(|| assert_eq!(world.at(LAN).erase(id, &[order]).unwrap().len(), 1));

    of(meter.sum, Work::RowRead)
}

#[test]
fn whoever_erases_reads_nothing_of_what_is_held_about_other_things_t4() {
    let [few, many] = [(963, 100), (964, 400)].map(|(seed, held)| erased_beside(seed, held));

    assert!(many < few + 20, "{few} rows beside 100 events, {many} beside 400");
}

/// What an upkeep costs that forgets the first event of each of so many logs.
fn forgotten(seed: u64, logs: usize) -> Cost {
    let mut meter = Meter::begin();
    let mut world = town(seed);
    let order = post(&mut world);
    world.settle();
    let writer = Forger::with_keys_of(&mut world, VOLUNTEER);
    let mut eraser = forger(&mut world, LIAR, Topic::Erasure);
    let mut spans = Vec::new();
    for _ in 0..logs {
        let mut alone = writer.twin().in_life(Incarnation::from_bytes(world.dice.random()));
        let said = alone.write(&comment(order));
        spans.push(ErasedSpan { log: said.log, first: said.seq, last: said.seq, check: said.check, gaps: None });
        hand_over(&world, LAN, alone.device(), world.tag(LAN, Topic::Common), &alone.runs()).unwrap();
    }
    for spans in spans.chunks(limits::ERASED_SPANS) {
        let aggregates = vec![ErasedAggregate { creating: nowhere(&mut world), spans: spans.to_vec() }];
        eraser.clear(Erased::KIND, Erased::VERSION, Erased { aggregates, totals: None }.encode());
    }
    hand_over(&world, LAN, eraser.device(), world.tag(LAN, Topic::Erasure), &eraser.runs()).unwrap();
    assert_eq!(world.at(LAN).tend().unwrap().forgotten, 0);
    world.pass(limits::FORGET_MS / 60_000);

    meter.input(|| assert_eq!(world.at(LAN).tend().unwrap().forgotten, logs as u64));

    meter.sum
}

#[test]
fn what_is_forgotten_in_parts_costs_the_same_for_each_part_t4() {
    const FEW: usize = 100;
    const MANY: usize = 700;
    let [few, many] = [(965, FEW), (966, MANY)].map(|(seed, logs)| forgotten(seed, logs));

    let [commits, steps] = [Work::Commit, Work::Step].map(|work| [few, many].map(|cost| of(cost, work)));
    assert!(commits[1] >= commits[0] + 2, "{commits:?} transactions");
    let each = [steps[0] / FEW as u64, steps[1] / MANY as u64];
    println!("{each:?} steps for each");
    assert!(each[1] <= each[0] + each[0] / 8, "{each:?} steps for each");
}

/// How much of it is work of one kind.
pub(crate) fn of(cost: Cost, kind: Work) -> u64 {
    Work::ALL.iter().zip(cost.0).filter(|(work, _)| **work == kind).map(|(_, times)| times).sum()
}

/// Rows that an upkeep reads once it has named so many late events.
fn read(seed: u64, late: usize) -> u64 {
    let mut meter = Meter::begin();
    let mut world = town(seed);
    let order = post(&mut world);
    world.settle();
    let id = world.command();
    world.at(LAN).erase(id, &[order]).unwrap();
    let mut writer = Forger::with_keys_of(&mut world, VOLUNTEER);
    for _ in 0..late {
        writer.write(&comment(order));
    }
    let (device, tag, runs) = (writer.device(), world.tag(LAN, Topic::Common), writer.runs());
    hand_over(&world, LAN, device, tag, &runs).unwrap();
    assert_eq!(world.at(LAN).tend().unwrap().stragglers, late as u64);
    assert_eq!(world.at(LAN).tend().unwrap().stragglers, 0);

    meter.input(|| assert_eq!(world.at(LAN).tend().unwrap().stragglers, 0));

    let read = of(meter.sum, Work::RowRead);
    writer.write(&comment(order));
    hand_over(&world, LAN, device, tag, &writer.runs()).unwrap();
    assert_eq!(world.at(LAN).tend().unwrap().stragglers, 1, "and what came since is named");
    read
}
