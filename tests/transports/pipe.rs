//! Byte pipes of an app's own, and what can happen to bytes on them.

use std::time::Duration;

use linli_core::net::{Conversation, Expected, NetError};
use linli_tests::{
    World,
    people::{LAN, MEI, WU},
};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha20Rng;

use crate::scene::{carry, ends, has, post, withdraw};

#[test]
fn two_phones_sync_over_a_pipe_that_delivers_twenty_bytes_at_a_time() {
    let mut world = World::community(11, 1);
    let order = post(&mut world, LAN);
    let mut ends = ends(&world, WU, 0);

    carry(&mut ends, 20, &mut |_, bytes| bytes).unwrap();

    assert!(ends.iter().all(|end| end.is_met() && end.is_in_step()));
    assert_eq!(ends[1].peer(), Some(world.device(WU)));
    assert!(has(&world, WU, order));
    world.assert_equal();
}

#[test]
fn a_pipe_that_dies_anywhere_loses_nothing() {
    let seed = 12;
    let (mut world, mut dice) = (World::community(seed, 1), ChaCha20Rng::seed_from_u64(seed));
    for _ in 0..40 {
        post(&mut world, LAN);
    }

    for _ in 0..30 {
        let mut left: usize = dice.random_range(0..12_000);
        let cut = carry(&mut ends(&world, WU, 0), 500, &mut |_, mut bytes| {
            bytes.truncate(left);
            left -= bytes.len();
            bytes
        });
        // Bytes that end in the middle are no fault; what follows them after a gap would be one.
        assert!(cut.is_ok(), "seed {seed}: {cut:?}");
    }
    carry(&mut ends(&world, WU, 0), 500, &mut |_, bytes| bytes).unwrap();

    world.assert_equal();
}

#[test]
fn both_ends_derive_the_same_secret_for_a_person_to_compare() {
    let world = World::community(13, 1);
    let mut ends = ends(&world, WU, 0);

    assert!(ends[0].export("linli digits", b"").is_err(), "not before the handshake");
    carry(&mut ends, 1_000, &mut |_, bytes| bytes).unwrap();

    let secrets = ends.each_ref().map(|end| end.export("linli digits", b"context").unwrap());
    assert_eq!(secrets[0], secrets[1]);
    assert_ne!(ends[0].export("linli digits", b"another").unwrap(), secrets[0]);
    assert_eq!(ends[1].spoken(), Some(&b"linli/2"[..]));
}

/// T1: an outsider reads nothing and writes nothing.
#[test]
fn an_unknown_key_is_refused_in_the_handshake() {
    let (world, strangers) = (World::community(14, 0), World::community(15, 0));
    let record = world.at(LAN).record();
    let expected = Expected::Unlisted(record.device);
    let mut ends = [strangers.at(0).dial_pipe(expected).unwrap(), world.at(LAN).accept_pipe().unwrap()];

    let refused = carry(&mut ends, 1_000, &mut |_, bytes| bytes);

    assert!(matches!(refused, Err((1, NetError::Stranger))), "{refused:?}");
    assert!(!ends[0].is_met() && ends[1].peer().is_none());
    let told = ends[1].send(1_000).unwrap();
    assert!(matches!(ends[0].receive(&told), Err(NetError::Refused)), "and is told so");
}

#[test]
fn who_dials_one_phone_does_not_talk_to_another() {
    let world = World::community(16, 2);
    let mut ends =
        [world.at(WU).dial_pipe(crate::scene::expect(&world, MEI)).unwrap(), world.at(LAN).accept_pipe().unwrap()];

    let refused = carry(&mut ends, 1_000, &mut |_, bytes| bytes);

    assert!(matches!(refused, Err((0, NetError::Stranger))), "{refused:?}");
}

/// T3 and R8: a stolen phone, once its withdrawal is known.
#[test]
fn a_withdrawn_key_loses_its_connection_at_once_and_is_refused_from_then_on() {
    let mut world = World::community(17, 2);
    let mut live = ends(&world, MEI, 1);
    carry(&mut live, 1_000, &mut |_, bytes| bytes).unwrap();
    let thief = world.device(MEI);

    withdraw(&mut world, thief, 1);
    let dropped = live[1].tick();
    let again = carry(&mut ends(&world, MEI, 1), 1_000, &mut |_, bytes| bytes);

    assert!(
        matches!(dropped, Err(NetError::Conversation(linli_core::net::ConversationError::Withdrawn))),
        "{dropped:?}"
    );
    assert!(matches!(again, Err((1, NetError::Stranger))), "{again:?}");
}

/// What can befall the byte at a place.
#[derive(Clone, Copy, Debug)]
enum Fault {
    Flipped,
    Dropped,
    Doubled,
    Swapped,
}

impl Fault {
    const ALL: [Fault; 4] = [Fault::Flipped, Fault::Dropped, Fault::Doubled, Fault::Swapped];

    fn befall(self, bytes: &mut Vec<u8>, at: usize) {
        match self {
            Fault::Flipped => bytes[at] ^= 1 << (at % 8),
            Fault::Dropped => drop(bytes.remove(at)),
            Fault::Doubled => bytes.insert(at, bytes[at]),
            Fault::Swapped if at + 1 < bytes.len() => bytes.swap(at, at + 1),
            Fault::Swapped => {}
        }
    }
}

#[test]
fn every_damaged_byte_gives_a_typed_error_and_an_intact_log() {
    let mut world = World::community(18, 1);
    let order = post(&mut world, LAN);
    // How long the exchange is, from a pair that has nothing to say to each other any more.
    world.settle();
    let mut lengths = [0, 0];
    carry(&mut ends(&world, WU, 0), usize::MAX, &mut |from, bytes| {
        lengths[from] += bytes.len();
        bytes
    })
    .unwrap();
    let hash = world.at(LAN).state_hash().unwrap();

    let mut failed = 0;
    for (end, length) in lengths.into_iter().enumerate() {
        for (at, fault) in (0..length).flat_map(|at| Fault::ALL.map(|fault| (at, fault))) {
            failed += usize::from(damage(&world, end, at, fault));
        }
    }

    assert!(failed > (lengths[0] + lengths[1]) * 3, "{failed} of {lengths:?}: most damage is noticed");
    assert!(has(&world, WU, order));
    assert_eq!(world.at(LAN).state_hash().unwrap(), hash);
    world.assert_equal();
}

/// One exchange with one fault; whether it failed. It either fails with a typed error, at once or by silence, or the
/// fault changed nothing (a byte that TLS ignores, two equal ones swapped) and both ends are in step.
fn damage(world: &World, end: usize, at: usize, fault: Fault) -> bool {
    let mut passed = 0;
    let mut ends = ends(world, WU, 0);
    let ended = carry(&mut ends, usize::MAX, &mut |from, mut bytes| {
        if from == end {
            if (passed..passed + bytes.len()).contains(&at) {
                fault.befall(&mut bytes, at - passed);
                passed += 1 + bytes.len(); // never again
            }
            passed += bytes.len();
        }
        bytes
    });
    if ended.is_err() {
        return true;
    }
    if ends.iter().all(|end| end.is_in_step()) {
        return false;
    }
    world.clock.advance(Duration::from_secs(40));
    let gave_up = ends.each_mut().map(|end| end.tick().is_err() || end.closed().is_some());
    assert!(gave_up.contains(&true), "{fault:?} at {at} of end {end}: nobody notices");
    true
}
