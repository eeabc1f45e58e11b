//! Peers whose process stands still while its kernel goes on taking bytes, on a clock that the test moves.

use std::time::Duration;

use linli_core::{
    limits,
    net::{Conversation, NetError, PipeSession},
    time::Clock,
};
use linli_tests::{
    World,
    people::{LAN, WU},
};

use crate::scene::{carry, ends, has, post, write};

const MINUTE: u64 = 60_000;

#[test]
fn an_idle_pipe_whose_peer_is_frozen_ends_within_three_minutes() {
    let world = World::community(31, 1);
    let [mut dials, mut waits] = idle(&world);

    let ended = [alone(&world, &mut dials), alone(&world, &mut waits)];

    for ((why, after), most) in ended.into_iter().zip([135_000, 155_000]) {
        assert!(matches!(why, NetError::Silent) && after <= most && most <= 3 * MINUTE, "{why:?} after {after} ms");
    }
}

#[test]
fn with_something_to_say_it_ends_within_a_minute() {
    for (phone, letters) in [(0, 4), (1, 4), (0, 8_000), (1, 8_000)] {
        let mut world = World::community(32, 1);
        let mut ends = idle(&world);
        // As many as a session sends before it waits for an answer.
        for _ in 0..limits::UNACKNOWLEDGED / letters.max(8_000) {
            write(&mut world, phone, &"x".repeat(letters));
        }

        let (why, after) = alone(&world, &mut ends[1 - phone]);

        assert!(matches!(why, NetError::Silent | NetError::Closed) && after <= MINUTE, "{why:?} after {after} ms");
    }
}

#[test]
fn an_idle_pipe_between_two_that_live_stays_and_costs_little() {
    let mut world = World::community(33, 1);
    let mut ends = idle(&world);
    let (began, mut wakes, mut pieces) = (world.clock.mono(), [0_u64; 2], 0_u64);

    while world.clock.mono().since(began) < 60 * MINUTE {
        for end in 0..2 {
            if ends[end].deadline().is_some_and(|due| due <= world.clock.mono()) {
                wakes[end] += 1;
                ends[end].tick().unwrap();
            }
        }
        carry(&mut ends, 64 * 1024, &mut |_, bytes| {
            pieces += u64::from(!bytes.is_empty());
            bytes
        })
        .unwrap();
        wait(&world, &[&ends[0], &ends[1]]);
    }

    assert!(wakes.iter().all(|wakes| *wakes <= 90), "{wakes:?} wake-ups in an hour");
    // Over TCP each piece is a packet, and none needs more than one to acknowledge it.
    assert!((30..=120).contains(&pieces), "{pieces} pieces in an hour, twice as many packets");
    let order = post(&mut world, LAN);
    carry(&mut ends, 1_000, &mut |_, bytes| bytes).unwrap();
    assert!(has(&world, WU, order));
}

/// Two phones in step over a pipe, a while ago.
fn idle(world: &World) -> [PipeSession; 2] {
    let mut ends = ends(world, WU, 0);
    carry(&mut ends, 1_000, &mut |_, bytes| bytes).unwrap();
    assert!(ends.iter().all(PipeSession::is_in_step));
    world.clock.advance(Duration::from_secs(10));
    ends
}

/// Lets time pass until the next of these ends wants to look at the clock.
fn wait(world: &World, ends: &[&PipeSession]) {
    let due = ends.iter().filter_map(|end| end.deadline()).min().unwrap();
    world.clock.advance(Duration::from_millis(due.since(world.clock.mono())));
}

/// Drives one end whose peer is frozen; what ended it, and when.
fn alone(world: &World, end: &mut PipeSession) -> (NetError, u64) {
    let began = world.clock.mono();
    loop {
        if let Err(why) = end.tick() {
            return (why, world.clock.mono().since(began));
        }
        // The kernel takes it.
        let _taken = end.send(64 * 1024).unwrap();
        if end.closed().is_some() {
            return (NetError::Closed, world.clock.mono().since(began));
        }
        wait(world, &[end]);
    }
}
