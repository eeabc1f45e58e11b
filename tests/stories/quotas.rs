//! A member who heaps up junk: it takes its own room and nobody else's (T4).

use linli_core::{
    event::Topic,
    id::{DeviceId, EpochId},
    keep::{Quota, weight},
    limits,
    replica::{Options, Replica},
    roster::{Revocation, Role, Who},
    sync::Outgoing,
};
use linli_tests::{Break, Forger, World, hand_over};

use crate::say::post;

/// So many events of 30 KB that say nothing, in a log of their own.
fn junk(forger: &mut Forger, events: usize) -> Vec<Outgoing> {
    for _ in 0..events {
        forger.raw(EpochId::ZERO, vec![0x55; 30_000]);
    }
    forger.runs()
}

/// The room that a device takes on a phone, in some topics.
fn room(world: &World, phone: usize, device: DeviceId, topics: &[Topic]) -> u64 {
    let rooms = world.at(phone).look(|reader| reader.rooms_of(device)).unwrap();
    let tags: Vec<_> = topics.iter().map(|topic| world.tag(phone, *topic)).collect();
    rooms.into_iter().filter(|(tag, _)| tags.contains(tag)).map(|(_, room)| weight(room)).sum()
}

/// From now on a phone keeps no more than this.
fn keep_little(world: &mut World, phone: usize, quota: Quota) {
    world.close(phone);
    let replica = Replica::open(Options { quota, ..world.options(phone) }).unwrap();
    world.put(phone, replica);
}

/// T4.
#[test]
fn junk_in_the_roster_takes_a_volunteers_few_kilobytes_and_holds_up_nobody() {
    let mut world = World::community(301, 2);
    for topic in [Topic::Roster, Topic::Erasure] {
        let mut forger = Forger::with_keys_of(&mut world, 1).in_topic(&world, 1, topic);
        let runs = junk(&mut forger, 200);
        hand_over(&world, 0, forger.device(), world.tag(0, topic), &runs).unwrap();
    }

    let order = post(&mut world, 1);
    let (late, id) = (world.phone(), world.command());
    let new = world.at(late).record();
    world.at(0).admit(id, new, Role::Volunteer, None, None).unwrap();
    world.at(late).join(&world.at(0).welcome().unwrap()).unwrap();
    world.settle();

    let device = world.device(1);
    for phone in [0, 2, late] {
        let taken = room(&world, phone, device, &[Topic::Roster, Topic::Erasure]);
        assert!(taken <= limits::CLEAR_ROOM, "{taken} bytes on phone {phone}");
        assert!(world.at(phone).order(order).is_ok(), "what it wrote as a member is on phone {phone}");
    }
    assert!(world.at(2).roster().device(new.device).is_some());
    world.assert_equal();
    world
        .at(0)
        .look(|reader| {
            let counted = reader.rooms()?.into_iter().map(|(_, _, room)| room.bytes).sum::<u64>();
            assert_eq!(counted, reader.stats()?.body_bytes, "what is counted is what is there");
            Ok(())
        })
        .unwrap();
}

/// T4.
#[test]
fn what_one_device_heaps_up_leaves_room_for_whoever_has_little() {
    let quota = Quota { community: 4_000_000, device: 3_000_000 };
    let mut world = World::community(302, 3);
    keep_little(&mut world, 0, quota);
    for phone in [1, 2] {
        let mut forger = Forger::with_keys_of(&mut world, phone);
        let runs = junk(&mut forger, 200);
        hand_over(&world, 0, forger.device(), world.tag(0, Topic::Common), &runs).unwrap();
    }

    let order = post(&mut world, 3);
    assert_eq!(world.meet(3, 0, Break::Never).ended, linli_tests::Ended::InStep);

    let taken: Vec<u64> = (1..3).map(|phone| room(&world, 0, world.device(phone), &Topic::ALL)).collect();
    assert!(taken.iter().all(|taken| *taken <= quota.device), "{taken:?}");
    assert!(taken.iter().sum::<u64>() <= quota.community, "{taken:?}");
    assert!(world.at(0).order(order).is_ok());
}

/// T4, R8: phones that were full of different things agree again behind a cut, whoever makes it and hears of it first.
#[test]
fn a_cut_makes_phones_agree_that_were_full_of_different_junk() {
    let quota = Quota { community: 100_000_000, device: 1_500_000 };
    let both: &[usize] = &[0, 2];
    for (seed, cutters, meetings) in [
        (303, &both[..1], [[0, 2], [0, 3], [2, 3]]),
        (304, &both[..1], [[0, 3], [3, 2], [0, 2]]),
        (305, &both[1..], [[2, 0], [0, 3], [2, 3]]),
        (306, both, [[0, 2], [0, 3], [2, 3]]),
        (307, both, [[3, 2], [0, 3], [2, 0]]),
    ] {
        let mut world = World::community(seed, 1);
        for role in [Role::Coordinator, Role::Volunteer] {
            let (phone, id) = (world.phone(), world.command());
            let record = world.at(phone).record();
            world.at(0).admit(id, record, role, None, None).unwrap();
            world.at(phone).join(&world.at(0).welcome().unwrap()).unwrap();
        }
        world.settle();
        (0..4).filter(|phone| *phone != 1).for_each(|phone| keep_little(&mut world, phone, quota));
        let (tag, device) = (world.tag(0, Topic::Common), world.device(1));
        for phone in [0, 2] {
            let mut forger = Forger::with_keys_of(&mut world, 1);
            let runs = junk(&mut forger, 32);
            hand_over(&world, phone, forger.device(), tag, &runs).unwrap();
            assert!(
                room(&world, phone, device, &[Topic::Common]) > quota.device / 2,
                "there is no room for the other's"
            );
        }
        for phone in cutters {
            let id = world.command();
            world.at(*phone).revoke(id, Revocation::of(Who::Device(device))).unwrap();
        }

        for _ in 0..3 {
            for [one, other] in meetings {
                assert_eq!(world.meet(one, other, Break::Never).ended, linli_tests::Ended::InStep, "{seed}");
            }
        }

        let hash = |phone: usize| world.at(phone).state_hash().unwrap();
        assert_eq!((hash(2), hash(3)), (hash(0), hash(0)), "{seed}");
        let logs = |phone: usize| world.at(phone).look(|reader| reader.entries(tag)).unwrap();
        assert_eq!((logs(2), logs(3)), (logs(0), logs(0)), "{seed}: what stands by a cut is everywhere");
    }
}
