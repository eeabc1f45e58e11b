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
use linli_tests::{Break, Forger, World, hand_over};
use rand::RngExt;

use crate::{
    crowds::{alike, give, heap, low, town},
    say::{comment, post, verdict},
};

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

/// What a coordinator heaps up puts its own giving of a key out of its room. What others wrote under that key counts all the
/// same, for whoever comes later too, once the key is replaced; and what is stored is what is found anew.
#[test]
fn a_key_opens_what_others_wrote_though_its_giving_is_crowded_out_t4() {
    let mut world = town(341, 1);
    let (device, tag) = (world.device(1), world.tag(0, Topic::Roster));
    let key = new_key(&mut world, 1);
    world.settle();
    let order = post_under(&mut world, 2, key);
    world.settle();
    assert_eq!(verdict(&world, 0, order), Some(None));
    let mut thief = read_before_own(&mut world, 1, 0);
    heap(&mut world, &mut thief, limits::ROSTER_ROOM + 100_000);
    let runs = thief.runs();
    hand_over(&world, 0, device, tag, &runs).unwrap();

    world.assert_one_truth(0);
    assert_eq!(verdict(&world, 0, order), Some(None), "another's word is not crowded out");
    let counts = |epoch: EpochId| world.at(0).roster().epoch(Compartment::Community, epoch).is_some_and(|it| it.counts);
    assert!(!counts(key), "nothing new is written under it");

    let id = world.command();
    world.at(0).revoke(id, low(device)).unwrap();
    let newcomer = world.join(0, Role::Volunteer);
    world.meet(0, newcomer, Break::Never);
    assert_eq!(verdict(&world, newcomer, order), Some(None), "the key that follows the cut seals it");
    world.meet(0, 2, Break::Never);
    [0, 2, newcomer].iter().for_each(|phone| world.assert_one_truth(*phone));
    alike(&world, &[0, 2, newcomer]);
}

/// The same where what is heaped up is keys, as much as there is room for by itself: what somebody knows already came before it.
/// To whom it came first, the key that follows a cut opens what others wrote.
#[test]
fn keys_that_a_thief_heaps_up_put_out_none_that_is_known_t4() {
    let mut world = town(346, 2);
    let (device, tag) = (world.device(1), world.tag(0, Topic::Roster));
    new_key(&mut world, 1);
    world.settle();
    let mut thief = read_before_own(&mut world, 1, 0);
    heap_of_keys(&mut world, &mut thief, limits::ROSTER_ROOM + 100_000);
    let runs = thief.runs();
    hand_over(&world, 3, device, tag, &runs).unwrap();
    let key = new_key(&mut world, 1);
    [0, 2].iter().for_each(|phone| _ = world.meet(1, *phone, Break::Never));
    let order = post_under(&mut world, 2, key);
    world.meet(2, 0, Break::Never);
    hand_over(&world, 0, device, tag, &runs).unwrap();
    world.meet(2, 3, Break::Never);

    assert_eq!(
        [0, 2, 3].map(|phone| verdict(&world, phone, order)),
        [Some(None), Some(None), Some(Some(Held::Sealed))]
    );
    [0, 2, 3].iter().for_each(|phone| world.assert_one_truth(*phone));
    let id = world.command();
    world.at(0).revoke(id, low(device)).unwrap();
    [2, 3].iter().for_each(|phone| _ = world.meet(0, *phone, Break::Never));
    assert_eq!([0, 2, 3].map(|phone| verdict(&world, phone, order)), [Some(None); 3]);
    [0, 2, 3].iter().for_each(|phone| world.assert_one_truth(*phone));
    alike(&world, &[0, 2, 3]);
}

/// R8: what lies beyond a cut makes no difference. Here one phone holds more of it than others.
#[test]
fn what_is_heaped_up_beyond_a_cut_takes_no_key_from_honest_events_r8() {
    let mut world = town(342, 2);
    let (device, tag) = (world.device(1), world.tag(0, Topic::Roster));
    let key = new_key(&mut world, 1);
    world.meet(1, 2, Break::Never);
    let order = post_under(&mut world, 2, key);
    let mut thief = read_before_own(&mut world, 1, 1);
    // The founder has heard of neither, so that the key that follows the cut seals nothing of this one.
    let id = world.command();
    world.at(0).revoke(id, low(device)).unwrap();
    world.meet(0, 2, Break::Never);
    world.meet(0, 3, Break::Never);
    assert_eq!(
        [0, 2, 3].map(|phone| verdict(&world, phone, order)),
        [Some(None); 3],
        "the key still opens what is honest"
    );
    alike(&world, &[0, 2, 3]);

    // Some 110 events, below BEYOND_CUT; brought by another, for whoever was cut is not let in.
    heap(&mut world, &mut thief, limits::ROSTER_ROOM + 100_000);
    let runs = thief.runs();
    hand_over(&world, 3, world.device(2), tag, &runs).unwrap();

    world.assert_one_truth(3);
    assert_eq!(verdict(&world, 3, order), Some(None));
    alike(&world, &[0, 2, 3]);
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
    let (device, tag) = (world.device(0), world.tag(0, Topic::Roster));
    let (honest, _) = world.at(1).cut_at(device, &[]).unwrap();
    let mut thief = read_before_own(&mut world, 0, 1);
    heap(&mut world, &mut thief, limits::ROSTER_ROOM + 100_000);
    let runs = thief.runs();
    hand_over(&world, 1, device, tag, &runs).unwrap();

    let new = world.phone();
    let words: KitWords = kit.words(KitLanguage::English).join(" ").parse().unwrap();
    let recovery = world.at(new).recover_with_kit(&words, &world.at(1).welcome().unwrap()).unwrap();
    let mut news = Vec::new();
    world.at(1).export_bundle(What::All, &mut news, |_| {}).unwrap();
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
    assert!(roster.is_revoked(device) && roster.may_connect(world.device(new)) && roster.may_connect(world.device(1)));
    world.assert_one_truth(new);
}

/// A room that falls may take keys with it, where more of them came first than there is room for then: what is sealed under
/// them is judged again.
#[test]
fn a_key_that_is_lost_with_a_room_leaves_one_truth_r8() {
    let mut world = town(345, 0);
    for role in [Role::Coordinator, Role::Volunteer, Role::Volunteer] {
        world.join(0, role);
    }
    world.settle();
    let (device, tag) = (world.device(2), world.tag(0, Topic::Roster));
    give(&mut world, 1, device, 1).unwrap();
    new_key(&mut world, 2);
    world.settle();
    let mut thief = read_before_own(&mut world, 2, 0);
    heap_of_keys(&mut world, &mut thief, limits::ROSTER_ROOM + 100_000);
    let runs = thief.runs();
    hand_over(&world, 4, device, tag, &runs).unwrap();
    let key = new_key(&mut world, 2);
    world.meet(2, 3, Break::Never);
    let order = post_under(&mut world, 3, key);
    world.meet(3, 4, Break::Never);
    assert_eq!(verdict(&world, 4, order), Some(None), "there is room for all");

    // Whoever gave the room is cut off by somebody who knows nothing of the key, and does not give the room again.
    let (id, giver, except) = (world.command(), world.device(1), [device].into());
    world.at(0).revoke(id, Revocation { except, ..low(giver) }).unwrap();
    world.meet(0, 4, Break::Never);

    assert_eq!(verdict(&world, 4, order), Some(Some(Held::Sealed)));
    world.assert_one_truth(4);
}

/// R8: what lies beyond a cut is shown in the history of what it is about as soon as it can be read, as it would be had the
/// key been here first.
#[test]
fn what_is_cut_is_told_of_once_its_key_comes() {
    let mut world = town(347, 2);
    let order = post(&mut world, 0);
    world.settle();
    let device = world.device(2);
    let (heads, _) = world.at(0).cut_at(device, &[]).unwrap();
    let key = new_key(&mut world, 1);
    world.meet(1, 2, Break::Never);
    let mut thief = Forger::with_keys_of(&mut world, 2);
    let said = thief.write(&comment(order));
    hand_over(&world, 3, device, world.tag(3, Topic::Common), &thief.runs()).unwrap();
    assert_eq!(verdict(&world, 3, said), Some(Some(Held::Sealed)), "it is written under {key:?}");
    let id = world.command();
    world.at(0).revoke(id, Revocation { heads: Some(heads), ..Revocation::of(Who::Device(device)) }).unwrap();
    world.meet(0, 3, Break::Never);
    assert_eq!(verdict(&world, 3, said), Some(Some(Held::Cut)));
    let told = |world: &World| {
        let history = world.at(3).history(order).unwrap();
        history.into_iter().map(|told| (told.event, told.held)).collect::<Vec<_>>()
    };
    assert!(told(&world).iter().all(|(event, _)| *event != said));

    world.meet(1, 3, Break::Never);

    assert!(told(&world).contains(&(said, Some(Held::Cut))));
    let at_once = told(&world);
    world.assert_one_truth(3);
    assert_eq!(told(&world), at_once, "and as it is told anew");
}
