//! Keys are replaced and given without anybody asking: by coordinators' replicas, in turn.

use std::time::Duration;

use linli_core::{
    event::{Compartment, Topic},
    id::{DeviceId, EventId, LogId},
    limits,
    replica::{Reminder, Tended},
    roster::{Cut, CutHead, Revoked, Role, RosterEvent},
    time::WallMs,
};
use linli_tests::{
    Break, Forger, World, epochs, hand_over,
    people::{LAN, LIN, MEI, WU},
};
use rand::RngExt;

#[test]
fn when_somebody_left_the_first_coordinator_replaces_the_key_at_once_and_the_others_wait() {
    let mut world = scene(1, 3);
    let (volunteer, id) = (3, world.command());
    world.at(volunteer).leave(id).unwrap();
    for coordinator in 0..3 {
        let _dropped = world.meet(volunteer, coordinator, Break::Never);
        let left = world.device(volunteer);
        assert!(!world.at(coordinator).roster().may_connect(left), "phone {coordinator}");
    }

    assert!(!rotated(&world, WU) && !rotated(&world, MEI), "it is another's turn");
    assert!(rotated(&world, LAN));
    world.pass(4);
    assert!(!rotated(&world, WU), "not yet");
    world.meet(LAN, WU, Break::Never);
    world.pass(10);

    assert!(!rotated(&world, WU), "it has been done");
    assert!(rotated(&world, MEI), "who has not heard does it too");
    for coordinator in [WU, MEI, WU, MEI] {
        world.meet(LAN, coordinator, Break::Never);
    }
    world.pass(60);
    assert!((0..3).all(|phone| tend(&world, phone) == Tended::default()), "both keys are good");
    assert_eq!(epochs(&world, LAN), 3);
}

#[test]
fn five_coordinators_who_replace_an_old_key_apart_agree_on_one() {
    let mut world = scene(2, 5);
    for phone in 0..5 {
        assert_eq!(tend(&world, phone), Tended::default());
    }
    world.clock.advance(Duration::from_millis(limits::ROTATE_MS + 5 * limits::TURN_MS));

    assert!((0..5).all(|phone| rotated(&world, phone)), "none has heard of another");
    world.settle();
    world.settle();

    assert!((0..5).all(|phone| tend(&world, phone) == Tended::default()), "once is enough");
    assert_eq!(epochs(&world, LIN), 6);
    world.assert_equal();
}

#[test]
fn a_wall_clock_set_back_does_not_keep_a_key_for_ever_r9() {
    let world = scene(3, 2);
    tend(&world, LAN);
    world.clock.advance(Duration::from_millis(limits::ROTATE_MS / 2));
    world.clock.set_wall(linli_tests::MORNING);
    assert!(!rotated(&world, LAN));
    world.clock.advance(Duration::from_millis(limits::ROTATE_MS / 2));

    assert!(rotated(&world, LAN), "the running time tells");
}

#[test]
fn a_wall_clock_that_jumps_to_and_fro_does_not_replace_a_key_at_every_jump_r9() {
    let world = scene(5, 1);
    tend(&world, LAN);
    let (mut replaced, hours) = (0, 48);
    for hour in 0..hours {
        world.clock.advance(Duration::from_secs(60 * 60));
        world.clock.set_wall([WallMs(4_070_908_800_000), WallMs(0)][hour % 2]);
        replaced += usize::from(rotated(&world, LAN));
    }

    assert!((1..=4).contains(&replaced), "{replaced} times in {hours} hours");
}

#[test]
fn concurrent_withdrawals_lead_to_a_key_that_neither_opens() {
    let mut world = scene(4, 2);
    let other = world.join(LAN, Role::Volunteer);
    world.settle();
    let (first, second) = (world.device(MEI), world.device(other));
    for (by, device) in [(LAN, first), (WU, second)] {
        let id = world.command();
        let who = linli_core::roster::Who::Device(device);
        world.at(by).revoke(id, linli_core::roster::Revocation::of(who)).unwrap();
    }
    world.meet(LAN, WU, Break::Never);
    let open = |world: &World| {
        let roster = world.at(LAN).roster();
        let newest = roster.epochs(Compartment::Community).map(|epoch| roster.withdrawn_recipients(epoch)).min();
        newest.expect("there are keys")
    };
    assert!(open(&world) > 0, "each key went to one of the two");

    assert!(rotated(&world, LAN));

    assert_eq!(open(&world), 0);
    world.meet(LAN, WU, Break::Never);
    world.pass(30);
    assert_eq!(tend(&world, WU), Tended::default());
}

/// Cuts of nobody that leave a device so little of its room in the roster, handed to another.
fn fill_roster(world: &mut World, of: usize, to: usize, left: u64) {
    let mut forger = Forger::with_keys_of(world, of).in_topic(world, of, Topic::Roster);
    let head = CutHead { seq: 9, id: EventId::from_bytes([7; 32]) };
    let mut room = world.at(to).roster().room_left(world.device(of));
    while room > left {
        let cuts = (0..300).map(|_| Cut { log: LogId::from_bytes(world.dice.random()), heads: vec![head] }).collect();
        let device = DeviceId::from_bytes(world.dice.random());
        let event = RosterEvent::Revoked(Revoked { device, cuts, replaces: Vec::new(), act: None });
        room = room.saturating_sub(event.weight());
        forger.roster(&event);
    }
    hand_over(world, to, world.device(of), world.tag(to, Topic::Roster), &forger.runs()).unwrap();
}

/// Nobody waits for a turn of whoever has no room left for a key; their own person is told what to do.
#[test]
fn who_has_no_room_left_for_keys_is_told_so_and_the_next_does_it_at_once() {
    let mut world = scene(6, 2);
    fill_roster(&mut world, LAN, WU, limits::ROSTER_RESERVE);
    world.settle();
    let (volunteer, id) = (2, world.command());
    world.at(volunteer).leave(id).unwrap();
    [LAN, WU].iter().for_each(|phone| _ = world.meet(volunteer, *phone, Break::Never));

    assert_eq!(tend(&world, LAN), Tended::default(), "nothing fails");
    assert!(rotated(&world, WU), "at once");

    let reminders = |world: &World, phone: usize| world.at(phone).reminders().unwrap();
    assert_eq!(reminders(&world, LAN), [Reminder::RoomForKeys]);
    assert_eq!(reminders(&world, WU), []);
    let (id, founder) = (world.command(), world.device(LAN));
    world.at(WU).give_room(id, founder, 1).unwrap_err();
    world.at(LAN).give_room(id, founder, 1).unwrap();
    tend(&world, LAN);
    assert_eq!(reminders(&world, LAN), []);
}

/// Where there is nobody else, the upkeep comes to its end all the same, and goes on once there is room.
#[test]
fn a_lone_coordinator_without_room_for_keys_tends_the_rest_and_is_told_what_to_do() {
    let mut world = scene(7, 1);
    let other = world.join(LAN, Role::Volunteer);
    world.settle();
    fill_roster(&mut world, LAN, other, limits::ROSTER_RESERVE);
    world.settle();
    let (volunteer, id) = (1, world.command());
    world.at(volunteer).leave(id).unwrap();
    let _dropped = world.meet(volunteer, LAN, Break::Never);

    assert_eq!(tend(&world, LAN), Tended::default());

    assert!(world.at(LAN).reminders().unwrap().contains(&Reminder::RoomForKeys));
    let (id, founder) = (world.command(), world.device(LAN));
    world.at(LAN).give_room(id, founder, 1).unwrap();
    assert!(rotated(&world, LAN));
    assert!(!world.at(LAN).reminders().unwrap().contains(&Reminder::RoomForKeys));
}

/// A founder, more coordinators, and a volunteer who comes last.
fn scene(seed: u64, coordinators: usize) -> World {
    let mut world = World::seeded(seed);
    let founder = world.phone();
    world.at(founder).found(None).unwrap();
    for _ in 1..coordinators {
        world.join(LAN, Role::Coordinator);
    }
    world.join(LAN, Role::Volunteer);
    world.settle();
    world
}

fn tend(world: &World, phone: usize) -> Tended {
    world.at(phone).tend().unwrap()
}

fn rotated(world: &World, phone: usize) -> bool {
    !tend(world, phone).rotated.is_empty()
}
