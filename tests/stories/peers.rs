//! Peers: who was heard from when, how far apart phones are, and who has what.

use linli_core::{
    net::Conversation,
    replica::{Age, Link, PeerState, Update},
    roster::Role,
    time::WallMs,
};
use linli_tests::{
    Break, Ended, MORNING, World,
    people::{LAN, MEI, WU},
};

use crate::say;

const DAY: u64 = 24 * 60;

#[test]
fn news_age_visibly_until_somebody_is_met() {
    let mut world = World::seeded(1);
    let founder = world.phone();
    world.at(founder).found(None).unwrap();
    assert_eq!(age(&world, founder), Age::Never, "there is nobody yet");
    let wu = world.join(founder, Role::Volunteer);
    let mei = world.join(founder, Role::Volunteer);
    assert_eq!(age(&world, founder), Age::Never);

    world.meet(founder, wu, Break::Never);
    world.pass(DAY + 1);
    assert_eq!(state(&world, founder, wu).age, Age::OverADay);
    world.meet(founder, mei, Break::Never);
    world.pass(2 * DAY);

    let seen = world.at(founder).sync_state().unwrap();
    assert_eq!(seen.age, Age::OverADay, "the newest contact is Mei's");
    let ages: Vec<_> = seen.peers.iter().map(|peer| (peer.device, peer.age)).collect();
    assert_eq!(ages, [(world.device(mei), Age::OverADay), (world.device(wu), Age::OverThreeDays)]);
    assert_eq!(seen.contact, seen.peers[0].contact);
}

#[test]
fn a_clock_that_is_set_back_makes_nobody_fresh_for_ever_r9() {
    let mut world = World::community(2, 1);
    world.pass(DAY + 1);
    assert_eq!(age(&world, LAN), Age::OverADay);

    world.clock.set_wall(WallMs(0));
    assert_eq!(age(&world, LAN), Age::OverADay, "the phone has run for a day since, whatever its clock says");
    world.close(LAN);
    world.open(LAN);
    assert_eq!(age(&world, LAN), Age::OverADay, "and knows it after a restart");

    world.meet(LAN, WU, Break::Never);
    world.clock.set_wall(WallMs(-MORNING.0));
    assert_eq!(age(&world, LAN), Age::Fresh, "a contact in the future has just been");
    world.pass(3 * DAY + 1);
    assert_eq!(age(&world, LAN), Age::OverThreeDays, "and ages while the phone runs");

    world.clock.set_wall(MORNING);
    world.meet(LAN, WU, Break::Never);
    world.clock.set_wall(MORNING.plus(100 * 24 * 60 * 60 * 1000));
    assert_eq!(age(&world, LAN), Age::OverThreeDays, "a clock set forward makes news look older");
}

#[test]
fn how_far_phones_are_apart_is_known_from_what_they_said() {
    let mut world = World::community(3, 2);
    let newcomer = world.join(LAN, Role::Volunteer);
    assert_eq!(state(&world, LAN, newcomer).behind, None, "nothing is known of it");
    world.meet(LAN, WU, Break::Never);
    assert_eq!((state(&world, LAN, WU).behind, state(&world, LAN, WU).ahead), (Some(0), 0));
    let behind = state(&world, LAN, MEI).behind.unwrap();

    say::post(&mut world, LAN);
    say::post(&mut world, LAN);

    assert_eq!(state(&world, LAN, WU).behind, Some(2));
    assert_eq!(state(&world, LAN, MEI).behind, Some(behind + 2));
    assert_eq!(state(&world, WU, LAN).behind, Some(0));
    world.settle();
    for phone in 1..world.len() {
        assert_eq!(state(&world, LAN, phone).behind, Some(0), "phone {phone}");
        assert_eq!(state(&world, phone, LAN).ahead, 0);
    }
}

#[test]
fn a_transfer_that_broke_off_tells_what_is_still_there() {
    let mut world = World::community(4, 1);
    for _ in 0..40 {
        say::post(&mut world, LAN);
    }

    let broken = world.meet(LAN, WU, Break::After(3_000));

    assert!(matches!(broken.ended, Ended::Cut { .. }));
    let seen = state(&world, WU, LAN);
    assert!(seen.ahead > 0 && !seen.connected, "{seen:?}");
    assert_eq!(seen.transfer, None, "nothing is on its way any more");
    assert_eq!(seen.age, Age::Fresh);
    world.meet(LAN, WU, Break::Never);
    assert_eq!(state(&world, WU, LAN).ahead, 0);
}

/// Carries what one side has to say, in one piece of at most so many bytes.
fn carry(from: &mut Link, to: &mut Link, most: usize) -> bool {
    let piece = from.send(most).unwrap();
    to.receive(&piece).unwrap();
    !piece.is_empty()
}

#[test]
fn a_running_transfer_shows_how_far_it_is() {
    let mut world = World::community(5, 1);
    let order = say::post(&mut world, LAN);
    for _ in 1..60 {
        say::submit(&mut world, LAN, Some(order), say::Command::Comment { text: "on my way ".repeat(500) }).unwrap();
    }
    let mut updates = world.at(WU).subscribe();
    let (one, other) = (world.device(LAN), world.device(WU));
    let (mut here, mut there) = (world.at(LAN).link(other).unwrap(), world.at(WU).link(one).unwrap());
    assert!(!state(&world, WU, LAN).connected, "it has not said hello");
    let (mut seen, mut sent) = (Vec::new(), Vec::new());

    while carry(&mut here, &mut there, 2_000) | carry(&mut there, &mut here, 2_000) {
        seen.extend(state(&world, WU, LAN).transfer.map(|transfer| transfer.received));
        sent.extend(state(&world, LAN, WU).transfer.map(|transfer| transfer.sent));
    }

    for flows in [&seen, &sent] {
        assert!(flows.is_sorted_by_key(|flow| (flow.events, flow.bytes)));
        let last = flows.last().unwrap();
        assert_eq!(last.expected, 60);
        assert!(flows.iter().any(|flow| flow.events > 0 && flow.bytes > 1_000), "{flows:?}");
    }
    let state_now = state(&world, WU, LAN);
    assert_eq!((state_now.connected, state_now.transfer, state_now.ahead), (true, None, 0));
    drop((here, there));
    assert!(!state(&world, WU, LAN).connected);
    let told = std::iter::from_fn(|| updates.take()).filter(|update| *update == Update::Peer { device: one }).count();
    assert!((2..40).contains(&told), "told of the peer when something changed, {told} times");
}

#[test]
fn an_open_link_keeps_news_fresh() {
    let world = World::community(6, 1);
    let (one, other) = (world.device(LAN), world.device(WU));
    let (mut here, mut there) = (world.at(LAN).link(other).unwrap(), world.at(WU).link(one).unwrap());
    while carry(&mut here, &mut there, 2_000) | carry(&mut there, &mut here, 2_000) {}

    world.pass(5 * DAY);
    let during = (state(&world, LAN, WU).age, age(&world, LAN));
    drop((here, there));

    assert_eq!(during, (Age::Fresh, Age::Fresh));
}

#[test]
fn who_got_an_event_from_a_third_is_known_when_met() {
    let mut world = World::community(7, 2);
    let order = say::post(&mut world, LAN);
    world.meet(LAN, WU, Break::Never);
    assert_eq!(world.at(LAN).who_has(order).unwrap().devices, [world.device(WU)]);
    world.meet(WU, MEI, Break::Never);
    assert_eq!(
        world.at(LAN).who_has(order).unwrap().devices,
        [world.device(WU)],
        "nothing is believed of third parties"
    );

    world.meet(LAN, MEI, Break::Never);

    let mut both = [world.device(WU), world.device(MEI)];
    both.sort();
    assert_eq!(world.at(LAN).who_has(order).unwrap().devices, both, "they were in step from the hello on");
    assert!(world.at(MEI).who_has(order).unwrap().devices.contains(&world.device(WU)), "who brought it has it");
}

#[test]
fn whether_a_relay_has_an_event_is_told() {
    let mut world = World::community(8, 1);
    let relay = world.join(LAN, Role::Relay);
    let order = say::post(&mut world, LAN);
    assert!(!world.at(LAN).who_has(order).unwrap().relay);

    world.meet(LAN, relay, Break::Never);

    assert!(world.at(LAN).who_has(order).unwrap().relay);
    assert_eq!(world.at(LAN).who_has(order).unwrap().devices, []);
    assert!(state(&world, LAN, relay).relay);
    world.meet(WU, LAN, Break::Never);
    assert!(!world.at(WU).who_has(order).unwrap().relay, "it has not met the relay");
}

#[test]
fn who_was_brought_what_over_a_live_link_is_known() {
    let mut world = World::community(9, 1);
    let (one, other) = (world.device(LAN), world.device(WU));
    let (mut here, mut there) = (world.at(LAN).link(other).unwrap(), world.at(WU).link(one).unwrap());
    while carry(&mut here, &mut there, 2_000) | carry(&mut there, &mut here, 2_000) {}

    let order = say::post(&mut world, LAN);
    while carry(&mut here, &mut there, 2_000) | carry(&mut there, &mut here, 2_000) {}

    assert_eq!(world.at(LAN).who_has(order).unwrap().devices, [other], "it acknowledged");
    drop((here, there));
    assert_eq!(state(&world, LAN, WU).behind, Some(0));
    assert_eq!(state(&world, WU, LAN).behind, Some(0), "what it brought it has");
}

/// How one phone stands to another.
fn state(world: &World, phone: usize, peer: usize) -> PeerState {
    let device = world.device(peer);
    let peers = world.at(phone).sync_state().unwrap().peers;
    peers.into_iter().find(|state| state.device == device).unwrap()
}

fn age(world: &World, phone: usize) -> Age {
    world.at(phone).sync_state().unwrap().age
}
