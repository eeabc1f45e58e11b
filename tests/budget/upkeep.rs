//! What an upkeep costs that has nothing to do, whatever is held: it looks at nothing twice (T4).

use linli_core::{count::Work, event::Topic};
use linli_tests::{Forger, hand_over};

use crate::{
    clear::{VOLUNTEER, town},
    gauge::Meter,
    make::{act, comment, post},
};

/// Rows that an upkeep reads once it has named so many late events.
fn read(seed: u64, late: usize) -> u64 {
    let mut meter = Meter::begin();
    let mut world = town(seed);
    let order = post(&mut world);
    world.settle();
    let id = world.command();
    world.at(0).erase(id, &[order]).unwrap();
    let mut writer = Forger::with_keys_of(&mut world, VOLUNTEER);
    for _ in 0..late {
        writer.write(&comment(order));
    }
    let (device, tag, runs) = (writer.device(), world.tag(0, Topic::Common), writer.runs());
    hand_over(&world, 0, device, tag, &runs).unwrap();
    assert_eq!(world.at(0).tend().unwrap().stragglers, late as u64);
    assert_eq!(world.at(0).tend().unwrap().stragglers, 0);

    meter.input(|| assert_eq!(world.at(0).tend().unwrap().stragglers, 0));

    let rows = Work::ALL.iter().position(|work| *work == Work::RowRead).unwrap();
    let read = meter.sum.0[rows];
    writer.write(&comment(order));
    hand_over(&world, 0, device, tag, &writer.runs()).unwrap();
    assert_eq!(world.at(0).tend().unwrap().stragglers, 1, "and what came since is named");
    read
}

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
    let (device, tag, runs) = (writer.device(), world.tag(0, Topic::Common), writer.runs());
    hand_over(&world, 0, device, tag, &runs).unwrap();
    assert_eq!(world.held(0).len(), held);
    let id = world.command();

    meter.input(|| assert_eq!(world.at(0).erase(id, &[order]).unwrap().len(), 1));

    let rows = Work::ALL.iter().position(|work| *work == Work::RowRead).unwrap();
    meter.sum.0[rows]
}

#[test]
fn whoever_erases_reads_nothing_of_what_is_held_about_other_things_t4() {
    let [few, many] = [(963, 100), (964, 400)].map(|(seed, held)| erased_beside(seed, held));

    assert!(many < few + 20, "{few} rows beside 100 events, {many} beside 400");
}
