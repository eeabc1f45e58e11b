//! What one device heaps up on a relay takes its own room, in every topic, and is told so.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on ends")]

use std::sync::Arc;

use linli_core::{
    event::Topic,
    id::{DeviceId, EpochId},
    keep::{Answer, Holder, Inbox, Quota, weight},
    limits,
    net::Host,
    roster::{Revocation, Who},
    sync::{Config, Refusal},
};
use linli_relay::{Communities, CommunityStore, Home, Speed};
use linli_tests::{
    Forger, World, hand_over_in,
    people::{CHEN, LAN, MEI, WU},
};

/// Nobody is slowed.
const FAST: Speed = Speed { per_second: 1_000_000, burst: 1_000_000 };

/// T4.
#[test]
fn junk_in_any_topic_is_turned_away_with_a_reason_and_all_others_are_taken() {
    let quota = Quota { community: 6_000_000, device: 2_000_000 };
    let (mut world, _communities, store, _dir) = scene(61, 4, quota);

    for phone in 1..=3 {
        for topic in [Topic::Roster, Topic::Erasure, Topic::Common, Topic::Urgent] {
            let (_, full) = junk(&mut world, &store, phone, topic, 100);
            assert!(full > 0, "phone {phone} in {topic:?}");
        }
        let used = used(&store, world.device(phone));
        let clear = limits::CLEAR_ROOM + 2 * limits::BRANCH_ROOM;
        assert!(used <= quota.device + clear, "{used} bytes of phone {phone}");
    }

    let order = linli_core::aggregate::order::NewOrder {
        building: "3".into(),
        kind: "grocery".into(),
        note: Some("milk".into()),
        ..linli_core::aggregate::order::NewOrder::default()
    };
    let id = world.command();
    let command = linli_core::aggregate::order::Command::Post(Box::new(order));
    world.at(CHEN).submit::<linli_core::aggregate::order::Order>(id, None, command).unwrap();
    assert!(all_taken(&bring(&world, &store, 4, Topic::Common)), "an honest order finds room");
    let (id, device) = (world.command(), world.device(WU));
    world.at(LAN).revoke(id, Revocation::of(Who::Device(device))).unwrap();
    assert!(all_taken(&bring(&world, &store, 0, Topic::Roster)), "and so does the roster");
    assert!(store.rules().roster.is_withdrawn(device));
    let all = store.usage().unwrap().bytes;
    assert!(all <= quota.community + 4 * (limits::CLEAR_ROOM + 2 * limits::BRANCH_ROOM), "{all} bytes in all");
}

/// T4, R8.
#[test]
fn a_cut_gives_the_room_back_that_was_taken_first() {
    let quota = Quota { community: 4_000_000, device: 2_500_000 };
    let (mut world, _communities, store, _dir) = scene(62, 3, quota);
    junk(&mut world, &store, 1, Topic::Common, 200);
    junk(&mut world, &store, 2, Topic::Common, 200);
    let (before, _) = junk(&mut world, &store, 3, Topic::Common, 64);

    let (id, device) = (world.command(), world.device(WU));
    world.at(LAN).revoke(id, Revocation::of(Who::Device(device))).unwrap();
    bring(&world, &store, 0, Topic::Roster);
    let (after, _) = junk(&mut world, &store, 3, Topic::Common, 64);

    assert!(after > before, "{after} runs of one device are taken, {before} before");
}

/// T4, R8: a relay, which judges nothing, keeps as little beyond a cut as a phone does, whoever brings it.
#[test]
fn beyond_a_cut_a_relay_keeps_a_few_hundred_events_in_all_topics() {
    let (mut world, _communities, store, _dir) = scene(63, 2, Quota::default());
    let id = world.command();
    let order = linli_core::aggregate::order::NewOrder {
        building: "3".into(),
        kind: "grocery".into(),
        note: Some("milk".into()),
        ..linli_core::aggregate::order::NewOrder::default()
    };
    let command = linli_core::aggregate::order::Command::Post(Box::new(order));
    world.at(WU).submit::<linli_core::aggregate::order::Order>(id, None, command).unwrap();
    world.settle();
    assert!(all_taken(&bring(&world, &store, 0, Topic::Common)));
    let (id, device) = (world.command(), world.device(WU));
    world.at(LAN).revoke(id, Revocation::of(Who::Device(device))).unwrap();
    assert!(all_taken(&bring(&world, &store, 0, Topic::Roster)));
    let events = || -> u64 {
        store.read(|reader| reader.rooms_of(device)).unwrap().into_iter().map(|(_, room)| room.events).sum()
    };
    let before = events();

    // Behind the head that the cut names, and in logs of which it knows nothing.
    let mut named = Forger::behind(&mut world, WU, 0, Topic::Common, 0);
    let strays = [Topic::Urgent, Topic::Erasure, Topic::Common, Topic::Urgent];
    let mut heaps = vec![(Topic::Common, &mut named)];
    let mut strays: Vec<(Topic, Forger)> = strays
        .map(|topic| (topic, Forger::with_keys_of(&mut world, WU).in_topic(&world, WU, topic)))
        .into_iter()
        .collect();
    heaps.extend(strays.iter_mut().map(|(topic, forger)| (*topic, forger)));
    for (topic, heap) in heaps {
        for _ in 0..500 {
            heap.raw(EpochId::ZERO, vec![0x55; 3_000]);
        }
        let runs = heap.runs().into_iter().map(|outgoing| outgoing.run).collect();
        let answers = store.ingest(world.tag(WU, topic), runs, &Arc::<Inbox>::default()).unwrap();
        let beyond = |answer: &Answer| matches!(answer, Answer::Refused { why: Refusal::Beyond | Refusal::Gap, .. });
        assert!(answers.iter().any(beyond), "{topic:?} has an end");
    }

    let kept = events() - before;
    assert!((limits::BEYOND_CUT..=2 * limits::BEYOND_CUT).contains(&kept), "{kept} events beyond the cut");
}

/// R8, T4: what was held already changes no roster, so it does not make a relay ask again for what it turned away.
#[test]
fn beyond_a_cut_a_relay_asks_for_what_it_turned_away_once() {
    let (mut world, communities, store, _dir) = scene(64, 2, Quota::default());
    let (id, device) = (world.command(), world.device(WU));
    world.at(LAN).revoke(id, Revocation::of(Who::Device(device))).unwrap();
    assert!(all_taken(&bring(&world, &store, 0, Topic::Roster)));
    let mut heap = Forger::with_keys_of(&mut world, WU).in_topic(&world, WU, Topic::Roster);
    (0..limits::BEYOND_CUT + 45).for_each(|_| _ = heap.raw(EpochId::ZERO, vec![0x55; 30]));
    let from = world.device(MEI);
    let vector = |topic| {
        let tag = world.tag(MEI, topic);
        (tag, store.read(|reader| reader.entries(tag)).unwrap().into_iter().collect())
    };
    let topics = Topic::ALL.map(vector).to_vec();
    let claims = Config { community: store.community(), device: from, topics, nonce: [5; 8] };

    let told = hand_over_in(communities.converse(from).unwrap(), claims, world.tag(MEI, Topic::Roster), &heap.runs());

    assert!(told.is_ok(), "{told:?}");
    let events = |rooms: Vec<(_, linli_core::store::Room)>| rooms.into_iter().map(|(_, room)| room.events).sum::<u64>();
    let kept = events(store.read(|reader| reader.rooms_of(device)).unwrap());
    assert!((200..=limits::BEYOND_CUT + 2).contains(&kept), "{kept}");
}

/// A founder with volunteers, and a relay that has their roster.
fn scene(seed: u64, volunteers: usize, quota: Quota) -> (World, Communities, CommunityStore, tempfile::TempDir) {
    let dir = linli_tests::somewhere();
    let home = Home::new(dir.path());
    let mut world = World::community(seed, volunteers);
    home.allow(&world.admit_relay(LAN, home.keys().unwrap().record())).unwrap();
    world.settle();
    let communities = Communities::open(home, quota, FAST, Arc::new(world.clock.clone())).unwrap();
    let store = communities.stores().pop().unwrap();
    bring(&world, &store, 0, Topic::Roster);
    (world, communities, store, dir)
}

/// A phone brings all it has of a topic; how it was answered.
fn bring(world: &World, store: &CommunityStore, phone: usize, topic: Topic) -> Vec<Answer> {
    let tag = world.tag(phone, topic);
    let runs = world.at(phone).look(|reader| {
        let spans = reader.missing(tag, &[])?;
        spans.iter().map(|span| reader.load(span)).collect::<Result<Vec<_>, _>>()
    });
    store.ingest(tag, runs.unwrap(), &Arc::<Inbox>::default()).unwrap()
}

/// A device brings so many events of 30 KB that say nothing; how many runs were taken, and how many found no room.
fn junk(world: &mut World, store: &CommunityStore, phone: usize, topic: Topic, events: usize) -> (usize, usize) {
    let mut forger = Forger::with_keys_of(world, phone).in_topic(world, phone, topic);
    for _ in 0..events {
        forger.raw(EpochId::ZERO, vec![0x55; 30_000]);
    }
    let runs = forger.runs().into_iter().map(|outgoing| outgoing.run).collect();
    let answers = store.ingest(world.tag(phone, topic), runs, &Arc::<Inbox>::default()).unwrap();
    let taken = answers.iter().filter(|answer| matches!(answer, Answer::Committed { .. })).count();
    let full = |answer: &&Answer| matches!(answer, Answer::Refused { why: Refusal::Full | Refusal::Gap, .. });
    assert_eq!(taken + answers.iter().filter(full).count(), answers.len());
    (taken, answers.len() - taken)
}

fn used(store: &CommunityStore, device: DeviceId) -> u64 {
    store.read(|reader| reader.rooms_of(device)).unwrap().into_iter().map(|(_, room)| weight(room)).sum()
}

fn all_taken(answers: &[Answer]) -> bool {
    !answers.is_empty() && answers.iter().all(|answer| matches!(answer, Answer::Committed { .. }))
}
