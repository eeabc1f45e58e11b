//! A phone that was away for a week, on a slow pipe: what is urgent comes first.

use linli_core::{
    key::{DeviceKeys, wrap},
    time::{Clock, ManualClock},
};
use linli_tests::{MORNING, somewhere};
use rand::SeedableRng;
use rand_chacha::ChaCha20Rng;

use crate::{
    conversation::Node,
    memory::{COMMON, COMMUNITY, Keeper, MemoryLogs, ROSTER, TOPICS, URGENT, keys, stocked},
    wire::{Pipe, Wire, pass},
};

/// A slow pipe: 20 KB a second, 200 ms each way.
const SLOW: Pipe = Pipe { latency: 200, rate: Some(20_000) };

#[test]
fn after_a_week_the_urgent_topic_is_complete_within_8_s_and_64_kb() {
    let (behind, all) = week();

    urgent_is_complete_in_time(behind, &all, &Node::of(all.clone(), 501));
}

#[test]
fn a_relay_brings_the_urgent_topic_in_the_same_time() {
    let (behind, all) = week();
    let home = somewhere();
    let relay = Node::new(stocked(&all, home.path()), COMMUNITY, keys(501).device(), TOPICS.to_vec());

    urgent_is_complete_in_time(behind, &all, &relay);
}

#[test]
fn an_alert_raised_in_the_middle_of_a_long_transfer_overtakes_it() {
    let clock = ManualClock::at(MORNING);
    let (own, mut all) = (keys(1), MemoryLogs::default());
    all.write(&own, COMMON, 5_000, 200);
    let (phone, other) = (Node::of(MemoryLogs::default(), 500), Node::of(all, 1));
    let mut wires = [Wire::new(phone.conversation(&clock), other.conversation(&clock), SLOW)];
    pass(&clock, &mut wires, |_, _| phone.look(|memory| memory.len_of(COMMON)) < 500);

    let began = clock.mono().0;
    other.write(&own, URGENT, 1, 200);
    pass(&clock, &mut wires, |_, _| phone.look(|memory| memory.len_of(URGENT)) == 0);

    let took = clock.mono().0 - began;
    println!("an alert in the middle of a transfer: {took} ms");
    assert!(phone.look(|memory| memory.len_of(COMMON)) < 4_000, "the transfer was in its middle");
    assert!(took <= 5_000, "{took} ms: at most one chunk stands before it");
}

/// Bytes of an epoch key wrapped for so many devices: for each its id and what HPKE makes of a key of 32 bytes.
fn rotation(devices: &[DeviceKeys]) -> usize {
    let mut dice = ChaCha20Rng::seed_from_u64(1);
    let wraps = devices.iter().map(|one| {
        let wrap = wrap(&mut dice, one.device(), &one.record().sealing, b"epoch", &[7; 32]).expect("a good key");
        32 + wrap.encapsulated.len() + wrap.sealed.len() + 8
    });
    wraps.sum::<usize>() + 200
}

/// What a hundred devices wrote, and what a phone holds that was away for the last week of it and missed a rotation.
fn week() -> (MemoryLogs, MemoryLogs) {
    let devices: Vec<DeviceKeys> = (0..100).map(keys).collect();
    let mut all = MemoryLogs::default();
    for own in &devices {
        all.write(own, URGENT, 3, 200);
        all.write(own, COMMON, 40, 200);
        all.write(&devices[0], ROSTER, 1, 250);
    }
    let before = all.clone();
    let wraps = rotation(&devices);
    (0..wraps / 8_000).for_each(|_| drop(all.write(&devices[0], ROSTER, 1, 8_000)));
    all.write(&devices[0], ROSTER, 1, wraps % 8_000);
    for own in &devices {
        all.write(own, COMMON, 500, 200);
    }
    // An alert for every other device, with what follows: acknowledged, handed over, resolved.
    for own in devices.iter().step_by(2) {
        all.write(own, URGENT, 3, 200);
    }
    (before, all)
}

fn urgent_is_complete_in_time<K: Keeper + 'static>(behind: MemoryLogs, all: &MemoryLogs, other: &Node<K>) {
    let clock = ManualClock::at(MORNING);
    let backlog = all.len() - behind.len();
    let phone = Node::of(behind, 500);

    let mut wires = [Wire::new(phone.conversation(&clock), other.conversation(&clock), SLOW)];
    let began = clock.mono().0;
    pass(&clock, &mut wires, |_, _| phone.look(|memory| memory.len_of(URGENT)) < all.len_of(URGENT));

    let (took, bytes) = (clock.mono().0 - began, wires[0].bytes());
    println!("{backlog} events behind: urgent complete after {took} ms and {bytes} bytes");
    assert!(backlog >= 50_000);
    assert_eq!(phone.look(|memory| memory.len_of(ROSTER)), all.len_of(ROSTER), "the roster came first");
    assert!(took <= 8_000, "{took} ms");
    assert!(bytes <= 64_000, "{bytes} bytes");
}
