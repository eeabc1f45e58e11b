//! What an upkeep costs that has nothing to do, whatever is held: it looks at nothing twice (T4).

use linli_core::{count::Work, event::Topic};
use linli_tests::{Forger, hand_over};

use crate::{
    clear::{VOLUNTEER, town},
    gauge::Meter,
    make::{comment, post},
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
    let [few, many] = [(961, 200), (962, 400)].map(|(seed, late)| read(seed, late));

    assert!(many < few + 100, "{few} rows of 200 events, {many} of 400");
}
