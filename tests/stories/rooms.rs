//! Withdrawals and room: whatever a thief heaped up, a cut finds room, what stands behind it has its effect, and nobody is
//! shut in (R8, T3).

use linli_core::{
    event::{Held, Topic},
    id::{DeviceId, LogId, Reference, ShortId},
    key::{DeviceKeys, KitLanguage, KitWords},
    limits,
    replica::What,
    roster::{Erased, ErasedAggregate, ErasedSpan, Revocation, Revoked, Role, RoomGiven, RosterEvent, Who},
};
use linli_tests::{
    Break, Forger, World, hand_over, held_in_roster,
    people::{LAN, MEI, WU, ZHAO},
    revoke,
};
use rand::RngExt;

use crate::{crowds::heap, say::post};

/// Nobody knows which log is the thief's: what came first stands, and what came later as far as it puts nothing out.
#[test]
fn what_a_thief_heaps_up_in_another_life_puts_nothing_of_a_lost_phone_out_r8() {
    let mut world = town(361);
    let (friend, lost) = (admit(&mut world, WU), world.device(WU));
    world.settle();
    let mut thief = thief_before(&mut world, WU, Topic::Roster);
    let last = heap(&mut world, &mut thief, limits::ROSTER_ROOM + 100_000);
    hand(&world, LAN, WU, Topic::Roster, &mut thief);
    assert!(!world.at(LAN).roster().may_connect(friend), "the heap is read first");

    revoke(&mut world, LAN, lost).unwrap();

    assert!(world.at(LAN).roster().may_connect(friend));
    let by = world.at(LAN).roster().device(friend).and_then(|friend| friend.admitted_by);
    assert_eq!(by, Some(lost), "the lost phone's own word counts");
    assert_eq!(held_in_roster(&world, LAN, last), Some(Held::Cut));
    assert!(world.at(LAN).roster().room_left(lost) > 0, "nothing that stands is crowded");
    world.meet(LAN, ZHAO, Break::Never);
    assert!(world.at(ZHAO).roster().may_connect(friend));
    [LAN, ZHAO].iter().for_each(|phone| world.assert_one_truth(*phone));
}

/// Whoever has the phone itself goes on in its own log.
#[test]
fn a_log_in_which_a_thief_goes_on_stands_up_to_where_there_is_room_r8() {
    let mut world = town(362);
    let (friend, lost) = (admit(&mut world, WU), world.device(WU));
    world.settle();
    let log = Forger::behind(&mut world, WU, LAN, Topic::Roster, 0).place().0;
    let (held_of_it, _) = world.at(LAN).cut_at(lost, &[]).unwrap();
    let end = held_of_it.iter().find(|cut| cut.log == log).unwrap().heads[0];
    let mut thief = Forger::behind(&mut world, WU, LAN, Topic::Roster, end.seq);
    let last = heap(&mut world, &mut thief, 2 * limits::ROSTER_ROOM);
    let mut beside = thief_of(&mut world, WU, Topic::Roster);
    let nobody = heap(&mut world, &mut beside, 1);
    for forger in [&mut thief, &mut beside] {
        hand(&world, LAN, WU, Topic::Roster, forger);
    }

    revoke(&mut world, LAN, lost).unwrap();

    let roster = world.at(LAN).roster();
    let by = roster.device(friend).and_then(|friend| friend.admitted_by);
    assert_eq!((by, roster.may_connect(friend)), (Some(lost), true), "what was said before stands");
    assert_eq!([last, nobody].map(|event| held_in_roster(&world, LAN, event)), [Some(Held::Cut); 2]);
    assert!(roster.room_left(lost) > 0);
    world.assert_one_truth(LAN);
}

/// The kit can always cut, whatever the thief of the founder's phone heaped up, be it what put out of its room the keys that
/// the founder had given to the kit; and whoever has nothing but the words says nothing of heads.
#[test]
fn a_kit_that_is_told_nothing_cuts_though_the_keys_it_was_given_are_crowded_t3() {
    let mut world = World::seeded(363);
    let founder = world.phone();
    let (_, kit) = world.at(founder).found_with_kit(None).unwrap();
    world.join(founder, Role::Volunteer);
    world.settle();
    let (device, volunteer) = (world.device(LAN), world.device(WU));
    let mut thief = thief_before(&mut world, LAN, Topic::Roster);
    let last = heap(&mut world, &mut thief, limits::ROSTER_ROOM + 100_000);
    hand(&world, WU, LAN, Topic::Roster, &mut thief);
    assert!(!world.at(WU).roster().may_connect(volunteer), "the founder's own word is put out");

    let new = world.phone();
    let words: KitWords = kit.words(KitLanguage::English).join(" ").parse().unwrap();
    let recovery = world.at(new).recover_with_kit(&words, &world.at(WU).welcome().unwrap()).unwrap();
    let mut news = Vec::new();
    world.at(WU).export_bundle(What::All, &mut news, |_| {}).unwrap();
    recovery.kit().import_bundle(news.as_slice(), |_| {}).unwrap();
    recovery.withdraw_founder(None).expect("the kit can always cut");
    recovery.finish(None, None).expect("and goes on");
    drop(recovery);

    let roster = world.at(new).roster();
    assert!(roster.is_revoked(device) && roster.may_connect(world.device(new)) && roster.may_connect(volunteer));
    assert_eq!(held_in_roster(&world, new, last), Some(Held::Cut));
    world.assert_one_truth(new);
    world.meet(new, WU, Break::Never);
    assert!(world.at(WU).roster().may_connect(volunteer) && world.at(WU).is_ready());
    world.assert_one_truth(WU);
}

/// What a kit said in earlier uses leaves room for the next.
#[test]
fn a_kit_that_has_said_much_restores_a_community_all_the_same() {
    let mut world = World::seeded(368);
    let founder = world.phone();
    let (_, kit) = world.at(founder).found_with_kit(None).unwrap();
    world.join(founder, Role::Volunteer);
    world.settle();
    let words: KitWords = kit.words(KitLanguage::English).join(" ").parse().unwrap();
    let tag = world.tag(WU, Topic::Roster);
    let mut earlier = Forger::with_keys(&mut world, WU, &words.keys()).in_topic(&world, WU, Topic::Roster);
    heap(&mut world, &mut earlier, limits::ROSTER_ROOM - limits::ROSTER_RESERVE);
    let runs = earlier.runs();
    hand_over(&world, WU, earlier.device(), tag, &runs).unwrap();

    let new = world.phone();
    let recovery = world.at(new).recover_with_kit(&words, &world.at(WU).welcome().unwrap()).unwrap();
    let mut news = Vec::new();
    world.at(WU).export_bundle(What::All, &mut news, |_| {}).unwrap();
    recovery.kit().import_bundle(news.as_slice(), |_| {}).unwrap();
    recovery.withdraw_founder(None).unwrap();
    recovery.finish(None, None).unwrap();

    assert!(world.at(new).roster().is_revoked(world.device(LAN)) && world.at(new).is_ready());
    world.assert_one_truth(new);
}

/// What was erased before a thief heaped up erasures stays erased (T10).
#[test]
fn what_a_thief_heaps_up_as_erasures_brings_nothing_back_once_it_is_cut_t3() {
    let mut world = town(364);
    let order = post(&mut world, ZHAO);
    world.settle();
    let (id, lost) = (world.command(), world.device(WU));
    world.at(WU).erase(id, &[order]).unwrap();
    world.settle();
    let mut thief = thief_before(&mut world, WU, Topic::Erasure);
    let mut written = 0;
    while written < limits::ERASURE_ROOM {
        let nowhere = |world: &mut World| Reference {
            log: LogId::from_bytes(world.dice.random()),
            seq: world.dice.random_range(0..1 << 40),
            check: ShortId::from_bytes(world.dice.random()),
        };
        let span = |world: &mut World| {
            let last = nowhere(world);
            ErasedSpan { log: last.log, first: 0, last: last.seq, check: last.check, gaps: None }
        };
        let spans = (0..300).map(|_| span(&mut world)).collect();
        let aggregates = vec![ErasedAggregate { creating: nowhere(&mut world), spans }];
        let erased = Erased { aggregates, totals: None }.encode();
        written += limits::EVENT_ROOM + erased.len() as u64;
        thief.clear(Erased::KIND, Erased::VERSION, erased);
    }
    hand(&world, LAN, WU, Topic::Erasure, &mut thief);
    assert!(world.at(LAN).order(order).is_ok(), "the heap is read first");

    revoke(&mut world, LAN, lost).unwrap();

    assert!(world.at(LAN).order(order).is_err(), "what was erased is erased");
    world.meet(LAN, ZHAO, Break::Never);
    assert!(world.at(ZHAO).order(order).is_err());
    [LAN, ZHAO].iter().for_each(|phone| world.assert_one_truth(*phone));
}

/// Whose room fell with whoever had given it makes room for what it said, and cuts.
#[test]
fn a_coordinator_whose_given_room_fell_cuts_all_the_same_t3() {
    let mut world = town(365);
    let [giver, office, volunteer] = [WU, MEI, ZHAO].map(|phone| world.device(phone));
    let id = world.command();
    world.at(WU).give_room(id, office, 1).unwrap();
    let mut earlier = thief_of(&mut world, MEI, Topic::Roster);
    let last = heap(&mut world, &mut earlier, limits::ROSTER_ROOM * 3 / 2);
    hand(&world, LAN, MEI, Topic::Roster, &mut earlier);
    world.settle();
    assert_eq!(held_in_roster(&world, MEI, last), None, "it was written in the room that was given");
    // The thief of the giver's phone withdraws it from the beginning: no honest phone had a hand in it.
    let mut thief = thief_of(&mut world, WU, Topic::Roster);
    let own = Revoked { device: giver, cuts: Vec::new(), replaces: Vec::new(), act: None };
    thief.roster(&RosterEvent::Revoked(own));
    // By another, for whoever is withdrawn is not let in.
    let (tag, runs) = (world.tag(MEI, Topic::Roster), thief.runs());
    hand_over(&world, MEI, volunteer, tag, &runs).unwrap();
    assert_eq!(world.at(MEI).roster().rooms_of(office), 1);
    assert_eq!(held_in_roster(&world, MEI, last), Some(Held::Crowded));

    revoke(&mut world, MEI, volunteer).unwrap();

    assert!(world.at(MEI).roster().is_revoked(volunteer));
    assert_eq!(held_in_roster(&world, MEI, last), None, "and all that it said counts again");
    world.meet(MEI, LAN, Break::Never);
    assert!(world.at(LAN).roster().is_revoked(volunteer) && world.at(LAN).roster().is_revoked(giver));
    [LAN, MEI].iter().for_each(|phone| world.assert_one_truth(*phone));
    assert_eq!(world.at(LAN).state_hash().unwrap(), world.at(MEI).state_hash().unwrap());
}

/// What somebody gives themselves counts wherever it stands, on every phone, whatever came first.
#[test]
fn room_that_a_coordinator_gives_itself_behind_a_heap_counts_for_all_of_it() {
    let mut world = town(366);
    let office = world.device(MEI);
    let mut forger = thief_of(&mut world, MEI, Topic::Roster);
    let last = heap(&mut world, &mut forger, limits::ROSTER_ROOM + 100_000);
    hand(&world, LAN, MEI, Topic::Roster, &mut forger);
    assert_eq!(held_in_roster(&world, LAN, last), Some(Held::Crowded));

    let given = forger.roster(&RosterEvent::RoomGiven(RoomGiven { device: office, rooms: 1 }));
    hand(&world, LAN, MEI, Topic::Roster, &mut forger);

    assert_eq!([last, given].map(|event| held_in_roster(&world, LAN, event)), [None; 2]);
    assert_eq!(world.at(LAN).roster().rooms_of(office), 2);
    world.assert_one_truth(LAN);
    world.settle();
    world.assert_equal();
}

/// Rooms that fall with a cut are shown with what else falls, and given again with it.
#[test]
fn rooms_that_fall_are_shown_and_given_again_r8() {
    let mut world = town(367);
    let [giver, office, volunteer] = [WU, MEI, ZHAO].map(|phone| world.device(phone));
    for (device, rooms) in [(office, 1), (volunteer, 20)] {
        for rooms in [rooms % limits::ROOMS_GIVEN, rooms / limits::ROOMS_GIVEN * limits::ROOMS_GIVEN] {
            let id = world.command();
            (rooms > 0).then(|| world.at(WU).give_room(id, device, rooms).unwrap());
        }
    }
    world.settle();
    let low = Revocation { heads: Some(Vec::new()), ..Revocation::of(Who::Device(giver)) };
    let mut fell = world.at(LAN).would_fall(&low).unwrap().rooms;
    fell.sort();
    let mut expected = vec![(office, 1), (volunteer, 20)];
    expected.sort();
    assert_eq!(fell, expected);

    let id = world.command();
    let except = [volunteer].into_iter().collect();
    world.at(LAN).revoke(id, Revocation { except, ..low }).unwrap();

    let roster = world.at(LAN).roster();
    assert_eq!((roster.rooms_of(office), roster.rooms_of(volunteer)), (2, 1), "but not to whom is left out");
    world.meet(LAN, MEI, Break::Never);
    assert_eq!(world.at(MEI).roster().rooms_of(office), 2);
    [LAN, MEI].iter().for_each(|phone| world.assert_one_truth(*phone));
}

/// A founder, two coordinators, of whom the first stands above the second, and a volunteer, in step.
fn town(seed: u64) -> World {
    World::of_roles(seed, &[Role::Coordinator, Role::Coordinator, Role::Volunteer])
}

/// Whoever has a phone's keys, in a life of its own.
fn thief_of(world: &mut World, phone: usize, topic: Topic) -> Forger {
    Forger::with_keys_of(world, phone).in_topic(world, phone, topic)
}

/// The same in a life that is read before that phone's own log.
fn thief_before(world: &mut World, phone: usize, topic: Topic) -> Forger {
    let own = Forger::behind(world, phone, phone, topic, 0).place().0;
    loop {
        let life = thief_of(world, phone, topic);
        if life.place().0 < own {
            return life;
        }
    }
}

fn hand(world: &World, to: usize, of: usize, topic: Topic, forger: &mut Forger) {
    let (device, tag, runs) = (world.device(of), world.tag(to, topic), forger.runs());
    hand_over(world, to, device, tag, &runs).unwrap();
}

/// Somebody whom a phone lets in.
fn admit(world: &mut World, by: usize) -> DeviceId {
    let (id, friend) = (world.command(), DeviceKeys::generate(&mut world.dice).record());
    world.at(by).admit(id, friend, Role::Volunteer, None, None).unwrap();
    friend.device
}
