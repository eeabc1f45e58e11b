//! What was sealed under a key opens with it, whatever becomes of the event that gave it: cut off, crowded out, or by somebody
//! whose admission fell (T4, R8).

use linli_core::{
    event::{Compartment, Held, Topic},
    id::{DeviceId, EpochId, Reference},
    key::{KitLanguage, KitWords, Wrap},
    limits,
    replica::What,
    roster::{Epoch, KeysSealed, Revocation, Role, RosterCommand, RosterEvent, Who},
};
use linli_tests::{
    Break, Forger, World, hand_over,
    people::{CHEN, LAN, MEI, WU, ZHAO},
};
use rand::RngExt;

use crate::{
    crowds::{alike, give, heap, low, town},
    say::{comment, post, verdict},
};

/// What a coordinator heaps up puts its own giving of a key out of its room. What others wrote under that key counts all the
/// same, for whoever comes later too, once the key is replaced; and what is stored is what is found anew.
#[test]
fn a_key_opens_what_others_wrote_though_its_giving_is_crowded_out_t4() {
    let mut world = town(341, 1);
    let (device, tag) = (world.device(WU), world.tag(LAN, Topic::Roster));
    let key = new_key(&mut world, WU);
    world.settle();
    let order = post_under(&mut world, MEI, key);
    world.settle();
    assert_eq!(verdict(&world, LAN, order), Some(None));
    let mut thief = read_before_own(&mut world, WU, LAN);
    heap(&mut world, &mut thief, limits::ROSTER_ROOM + 100_000);
    let runs = thief.runs();
    hand_over(&world, LAN, device, tag, &runs).unwrap();

    world.assert_one_truth(LAN);
    assert_eq!(verdict(&world, LAN, order), Some(None), "another's word is not crowded out");
    let counts =
        |epoch: EpochId| world.at(LAN).roster().epoch(Compartment::Community, epoch).is_some_and(|it| it.counts);
    assert!(!counts(key), "nothing new is written under it");

    let id = world.command();
    world.at(LAN).revoke(id, low(device)).unwrap();
    let newcomer = world.join(LAN, Role::Volunteer);
    world.meet(LAN, newcomer, Break::Never);
    assert_eq!(verdict(&world, newcomer, order), Some(None), "the key that follows the cut seals it");
    world.meet(LAN, MEI, Break::Never);
    [LAN, MEI, newcomer].iter().for_each(|phone| world.assert_one_truth(*phone));
    alike(&world, &[LAN, MEI, newcomer]);
}

/// The same where what is heaped up is keys, as much as there is room for by itself: what somebody knows already came before it.
/// To whom it came first, the key that follows a cut opens what others wrote.
#[test]
fn keys_that_a_thief_heaps_up_put_out_none_that_is_known_t4() {
    let mut world = town(346, 2);
    let (device, tag) = (world.device(WU), world.tag(LAN, Topic::Roster));
    new_key(&mut world, WU);
    world.settle();
    let mut thief = read_before_own(&mut world, WU, LAN);
    heap_of_keys(&mut world, &mut thief, limits::ROSTER_ROOM + 100_000);
    let runs = thief.runs();
    hand_over(&world, ZHAO, device, tag, &runs).unwrap();
    let key = new_key(&mut world, WU);
    [LAN, MEI].iter().for_each(|phone| _ = world.meet(WU, *phone, Break::Never));
    let order = post_under(&mut world, MEI, key);
    world.meet(MEI, LAN, Break::Never);
    hand_over(&world, LAN, device, tag, &runs).unwrap();
    world.meet(MEI, ZHAO, Break::Never);

    assert_eq!(
        [LAN, MEI, ZHAO].map(|phone| verdict(&world, phone, order)),
        [Some(None), Some(None), Some(Some(Held::Sealed))]
    );
    [LAN, MEI, ZHAO].iter().for_each(|phone| world.assert_one_truth(*phone));
    let id = world.command();
    world.at(LAN).revoke(id, low(device)).unwrap();
    [MEI, ZHAO].iter().for_each(|phone| _ = world.meet(LAN, *phone, Break::Never));
    assert_eq!([LAN, MEI, ZHAO].map(|phone| verdict(&world, phone, order)), [Some(None); 3]);
    [LAN, MEI, ZHAO].iter().for_each(|phone| world.assert_one_truth(*phone));
    alike(&world, &[LAN, MEI, ZHAO]);
}

/// R8: what lies beyond a cut makes no difference. Here one phone holds more of it than others.
#[test]
fn what_is_heaped_up_beyond_a_cut_takes_no_key_from_honest_events_r8() {
    let mut world = town(342, 2);
    let (device, tag) = (world.device(WU), world.tag(LAN, Topic::Roster));
    let key = new_key(&mut world, WU);
    world.meet(WU, MEI, Break::Never);
    let order = post_under(&mut world, MEI, key);
    let mut thief = read_before_own(&mut world, WU, WU);
    // The founder has heard of neither, so that the key that follows the cut seals nothing of this one.
    let id = world.command();
    world.at(LAN).revoke(id, low(device)).unwrap();
    world.meet(LAN, MEI, Break::Never);
    world.meet(LAN, ZHAO, Break::Never);
    assert_eq!(
        [LAN, MEI, ZHAO].map(|phone| verdict(&world, phone, order)),
        [Some(None); 3],
        "the key still opens what is honest"
    );
    alike(&world, &[LAN, MEI, ZHAO]);

    // Some 110 events, below BEYOND_CUT; brought by another, for whoever was cut is not let in.
    heap(&mut world, &mut thief, limits::ROSTER_ROOM + 100_000);
    let runs = thief.runs();
    hand_over(&world, ZHAO, world.device(MEI), tag, &runs).unwrap();

    world.assert_one_truth(ZHAO);
    assert_eq!(verdict(&world, ZHAO, order), Some(None));
    alike(&world, &[LAN, MEI, ZHAO]);
}

/// The kit can always cut: whatever the thief of the founder's phone heaped up, be it what put out of its room the keys that
/// the founder had given to the kit.
#[test]
fn a_kit_cuts_though_the_keys_it_was_given_are_crowded_t3() {
    let mut world = World::seeded(343);
    let founder = world.phone();
    let (_, kit) = world.at(founder).found_with_kit(None).unwrap();
    world.join(founder, Role::Volunteer);
    world.settle();
    let (device, tag) = (world.device(LAN), world.tag(LAN, Topic::Roster));
    let (honest, _) = world.at(WU).cut_at(device, &[]).unwrap();
    let mut thief = read_before_own(&mut world, LAN, WU);
    heap(&mut world, &mut thief, limits::ROSTER_ROOM + 100_000);
    let runs = thief.runs();
    hand_over(&world, WU, device, tag, &runs).unwrap();

    let new = world.phone();
    let words: KitWords = kit.words(KitLanguage::English).join(" ").parse().unwrap();
    let recovery = world.at(new).recover_with_kit(&words, &world.at(WU).welcome().unwrap()).unwrap();
    let mut news = Vec::new();
    world.at(WU).export_bundle(What::All, &mut news, |_| {}).unwrap();
    recovery.kit().import_bundle(news.as_slice(), |_| {}).unwrap();
    recovery.withdraw_founder(Some(honest)).expect("the kit can always cut");
    let roster = recovery.kit().roster();
    let replaced = |epoch: &&Epoch| epoch.counts && roster.withdrawn_recipients(epoch) == 0;
    assert!(
        roster.epochs(Compartment::Community).any(|epoch| replaced(&epoch)),
        "and replaces what the thief can open"
    );
    recovery.finish(None, None).expect("and goes on");
    drop(recovery);

    let roster = world.at(new).roster();
    assert!(roster.is_revoked(device) && roster.may_connect(world.device(new)) && roster.may_connect(world.device(WU)));
    world.assert_one_truth(new);
}

/// A room that falls may take keys with it, where more of them came first than there is room for then: what is sealed under
/// them is judged again.
#[test]
fn a_key_that_is_lost_with_a_room_leaves_one_truth_r8() {
    let mut world = town(345, 0);
    for role in [Role::Coordinator, Role::Volunteer, Role::Volunteer] {
        world.join(LAN, role);
    }
    world.settle();
    let (device, tag) = (world.device(MEI), world.tag(LAN, Topic::Roster));
    give(&mut world, WU, device, 1).unwrap();
    new_key(&mut world, MEI);
    world.settle();
    let mut thief = read_before_own(&mut world, MEI, LAN);
    heap_of_keys(&mut world, &mut thief, limits::ROSTER_ROOM + 100_000);
    let runs = thief.runs();
    hand_over(&world, CHEN, device, tag, &runs).unwrap();
    let key = new_key(&mut world, MEI);
    world.meet(MEI, ZHAO, Break::Never);
    let order = post_under(&mut world, ZHAO, key);
    world.meet(ZHAO, CHEN, Break::Never);
    assert_eq!(verdict(&world, CHEN, order), Some(None), "there is room for all");

    // Whoever gave the room is cut off by somebody who knows nothing of the key, and does not give the room again.
    let (id, giver, except) = (world.command(), world.device(WU), [device].into());
    world.at(LAN).revoke(id, Revocation { except, ..low(giver) }).unwrap();
    world.meet(LAN, CHEN, Break::Never);

    assert_eq!(verdict(&world, CHEN, order), Some(Some(Held::Sealed)));
    world.assert_one_truth(CHEN);
}

/// R8: what lies beyond a cut is shown in the history of what it is about as soon as it can be read, as it would be had the
/// key been here first.
#[test]
fn what_is_cut_is_told_of_once_its_key_comes() {
    let mut world = town(347, 2);
    let order = post(&mut world, LAN);
    world.settle();
    let device = world.device(MEI);
    let (heads, _) = world.at(LAN).cut_at(device, &[]).unwrap();
    let key = new_key(&mut world, WU);
    world.meet(WU, MEI, Break::Never);
    let mut thief = Forger::with_keys_of(&mut world, MEI);
    let said = thief.write(&comment(order));
    hand_over(&world, ZHAO, device, world.tag(ZHAO, Topic::Common), &thief.runs()).unwrap();
    assert_eq!(verdict(&world, ZHAO, said), Some(Some(Held::Sealed)), "it is written under {key:?}");
    let id = world.command();
    world.at(LAN).revoke(id, Revocation { heads: Some(heads), ..Revocation::of(Who::Device(device)) }).unwrap();
    world.meet(LAN, ZHAO, Break::Never);
    assert_eq!(verdict(&world, ZHAO, said), Some(Some(Held::Cut)));
    let told = |world: &World| {
        let history = world.at(ZHAO).history(order).unwrap();
        history.into_iter().map(|told| (told.event, told.held)).collect::<Vec<_>>()
    };
    assert!(told(&world).iter().all(|(event, _)| *event != said));

    world.meet(WU, ZHAO, Break::Never);

    assert!(told(&world).contains(&(said, Some(Held::Cut))));
    let at_once = told(&world);
    world.assert_one_truth(ZHAO);
    assert_eq!(told(&world), at_once, "and as it is told anew");
}

/// A life of a phone's keys in the roster that is read before that phone's own log there, as `holder` holds it.
fn read_before_own(world: &mut World, phone: usize, holder: usize) -> Forger {
    let own = Forger::behind(world, phone, holder, Topic::Roster, 0).place().0;
    loop {
        let life = Forger::with_keys_of(world, phone).in_topic(world, phone, Topic::Roster);
        if life.place().0 < own {
            return life;
        }
    }
}

/// A new key of the community, by a coordinator.
fn new_key(world: &mut World, phone: usize) -> EpochId {
    let id = world.command();
    world.at(phone).change_roster(id, RosterCommand::Rotate { compartment: Compartment::Community }).unwrap();
    let roster = world.at(phone).roster();
    roster.epochs(Compartment::Community).max_by_key(|epoch| epoch.generation).unwrap().id
}

/// An order that somebody writes under a key.
fn post_under(world: &mut World, phone: usize, key: EpochId) -> Reference {
    let order = post(world, phone);
    let stored = world.at(phone).look(|reader| reader.event(order)).unwrap().unwrap();
    assert_eq!(stored.epoch, key, "it is the one to write under");
    order
}

/// Keys for nobody that fill so much of the room that a device has in the roster.
fn heap_of_keys(world: &mut World, forger: &mut Forger, bytes: u64) {
    let mut written = 0;
    while written < bytes {
        let wraps = (0..limits::WRAPS).map(|_| Wrap {
            device: DeviceId::from_bytes(world.dice.random()),
            encapsulated: vec![7; 32],
            sealed: vec![7; 48],
        });
        let event = RosterEvent::KeysSealed(KeysSealed {
            compartment: Compartment::Community,
            generation: 9,
            wraps: wraps.collect(),
            epoch: EpochId::from_bytes(world.dice.random()),
            parents: Vec::new(),
        });
        written += event.weight();
        forger.roster(&event);
    }
}
