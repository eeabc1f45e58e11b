//! Who is who: nobody answers to another's key, no key that a member announces stands in the way of a cut, and whoever
//! hides behind a thousand lives is cut with all of them.

use linli_core::{
    aggregate::Held,
    event::{Compartment, Topic},
    id::{EpochId, Reference},
    key::{DeviceKeys, KitLanguage, KitWords, SecretStore},
    replica::{MembersError, Replica, What},
    roster::{
        Admitted, KeyRotated, Keyring, Revocation, Revoked, Role, RosterCommand, RosterEvent, RosterRefusal, Who,
        Withdrawal,
    },
};
use linli_tests::{
    Break, Ended, Forger, World, hand_over,
    people::{LAN, MEI, WU},
    revoke,
};

use crate::say;

/// Every point of small order of X25519, as it should be written and as it should not.
const UNUSABLE: [&str; 7] = [
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0100000000000000000000000000000000000000000000000000000000000000",
    "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
    "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "0000000000000000000000000000000000000000000000000000000000000080",
];

#[test]
fn nobody_announces_a_key_for_another_or_with_anothers_t4() {
    let mut world = World::community(1, 2);
    let founder = world.at(LAN).record();
    let mut thief = Forger::with_keys_of(&mut world, WU).in_topic(&world, WU, Topic::Roster);
    let own = world.at(WU).record();
    // The founder's record as the thief's own, the founder's sealing key under the thief's name and the other way round.
    thief.roster(&RosterEvent::KeyRotated(KeyRotated { record: founder }));
    let mut borrowed = own;
    borrowed.sealing = founder.sealing;
    thief.roster(&RosterEvent::KeyRotated(KeyRotated { record: borrowed }));
    borrowed = founder;
    borrowed.sealing = own.sealing;
    thief.roster(&RosterEvent::KeyRotated(KeyRotated { record: borrowed }));
    tell_all(&world, &mut thief, &[LAN, MEI]);

    for phone in [LAN, MEI] {
        let roster = world.at(phone).roster();
        assert_eq!(roster.device(founder.device).map(|device| device.record), Some(founder));
        assert_eq!(roster.device(own.device).map(|device| device.record), Some(own));
    }
    revoke(&mut world, LAN, own.device).unwrap();
    assert_eq!(
        world.meet(LAN, MEI, Break::Never).ended,
        Ended::InStep,
        "the founder is the founder, the thief is gone"
    );
    assert!(world.at(MEI).roster().may_connect(founder.device) && !world.at(MEI).roster().may_connect(own.device));
    assert!(opens_the_newest(&world, MEI, LAN) && !opens_the_newest(&world, WU, LAN));
}

#[test]
fn a_key_that_nothing_can_be_sealed_to_stands_in_the_way_of_no_cut_and_of_no_new_key_t4() {
    let mut world = World::seeded(2);
    let founder = world.phone();
    world.at(founder).found(None).unwrap();
    let (coordinator, volunteer) = (world.join(LAN, Role::Coordinator), world.join(LAN, Role::Volunteer));
    let thief = world.join(LAN, Role::Volunteer);
    world.settle();
    let everybody = [founder, coordinator, volunteer];
    // Rotated to by a volunteer, admitted by a coordinator: each of them, signed as it should be.
    let mut rotates = Forger::with_keys_of(&mut world, volunteer).in_topic(&world, volunteer, Topic::Roster);
    let mut admits = Forger::with_keys_of(&mut world, coordinator).in_topic(&world, coordinator, Topic::Roster);
    for sealing in UNUSABLE.map(|text| <[u8; 32]>::try_from(hex::decode(text).unwrap()).unwrap()) {
        rotates.roster(&RosterEvent::KeyRotated(KeyRotated { record: keys(&world, volunteer).record_of(sealing) }));
        let record = DeviceKeys::generate(&mut world.dice).record_of(sealing);
        let member = Some(linli_core::id::MemberId::first_device(record.device));
        let admitted = Admitted { record, role: Role::Volunteer, member, label: None, addresses: Vec::new() };
        admits.roster(&RosterEvent::Admitted(admitted));
        let id = world.command();
        let asked = world.at(founder).admit(id, record, Role::Volunteer, None, None);
        assert!(matches!(asked, Err(MembersError::Refused(_))), "{asked:?}");
    }
    tell_all(&world, &mut rotates, &everybody);
    tell_all(&world, &mut admits, &everybody);

    let device = world.device(thief);
    revoke(&mut world, founder, device).unwrap();
    let id = world.command();
    let rotate = RosterCommand::Rotate { compartment: Compartment::Community };
    world.at(founder).change_roster(id, rotate).unwrap();
    for phone in [coordinator, volunteer] {
        assert_eq!(world.meet(founder, phone, Break::Never).ended, Ended::InStep);
        assert!(opens_the_newest(&world, phone, founder));
    }
    assert_eq!(world.at(founder).roster().devices().count(), 4, "nobody with such a key was admitted");
    assert!(!opens_the_newest(&world, thief, founder));
}

#[test]
fn whoever_wrote_in_a_thousand_lives_is_cut_with_all_of_them_r8() {
    let mut world = World::community(3, 2);
    let order = say::post(&mut world, WU);
    world.settle();
    let (device, tag) = (world.device(WU), world.tag(LAN, Topic::Common));
    let (mut last, mut runs) = (Vec::new(), Vec::new());
    for _ in 0..1_000 {
        let mut life = Forger::with_keys_of(&mut world, WU);
        last.push(life.write(&say::comment(order)));
        runs.extend(life.runs());
    }
    hand_over(&world, LAN, device, tag, &runs).unwrap();

    revoke(&mut world, LAN, device).unwrap();

    let stand = last.iter().filter(|event| say::verdict(&world, LAN, **event) == Some(None)).count();
    assert_eq!(stand, 1_000, "one cut names the last event of each");
    world.meet(LAN, MEI, Break::Never);
    assert!(world.at(MEI).roster().is_revoked(device));
    assert_eq!(world.at(MEI).roster().digest(), world.at(LAN).roster().digest());
    let mut beyond = Forger::with_keys_of(&mut world, WU);
    let late = beyond.write(&say::comment(order));
    hand_over(&world, LAN, world.device(MEI), tag, &beyond.runs()).unwrap();
    assert_ne!(say::verdict(&world, LAN, late), Some(None), "and nothing more");
}

/// What a phone shows of an event: its code, and why it does not count.
fn shown(world: &World, phone: usize, event: Reference) -> (Option<&'static str>, Option<Held>) {
    let log = world.at(phone).log(None, 500).unwrap().items;
    let line = log.into_iter().find(|line| line.event == event).expect("it is in the log");
    (line.code, line.held)
}

#[test]
fn what_nobody_may_say_in_the_roster_is_shown_as_held_and_not_as_done() {
    let mut world = World::community(4, 2);
    let (founder, other) = (world.device(LAN), world.device(MEI));
    let mut forger = Forger::with_keys_of(&mut world, WU).in_topic(&world, WU, Topic::Roster);
    let revoked = |device| RosterEvent::Revoked(Revoked { device, cuts: Vec::new(), replaces: Vec::new(), act: None });
    let below = forger.roster(&revoked(other));
    let above = forger.roster(&revoked(founder));
    let unknown = forger.raw(EpochId::ZERO, say::comment(below).to_bytes(below.log).unwrap());
    let garbled = forger.raw(EpochId::ZERO, vec![0xff; 8]);
    tell_all(&world, &mut forger, &[LAN, MEI]);
    let coordinator = world.join(LAN, Role::Coordinator);
    world.settle();
    let mut from_below = Forger::with_keys_of(&mut world, coordinator).in_topic(&world, coordinator, Topic::Roster);
    let asked = from_below.roster(&revoked(founder));
    tell_all(&world, &mut from_below, &[LAN, MEI]);

    for phone in [LAN, MEI] {
        for event in [below, above, asked] {
            assert_eq!(shown(&world, phone, event), (Some("revoked"), Some(Held::Unentitled)));
        }
        assert_eq!(shown(&world, phone, unknown).1, Some(Held::Newer));
        assert_eq!(shown(&world, phone, garbled).1, Some(Held::Malformed));
        let held = |reason| -> Vec<Reference> {
            let lines = world.at(phone).held_events(reason, None, 500).unwrap().items;
            lines.into_iter().map(|line| line.event).collect()
        };
        assert_eq!(held(Some(Held::Unentitled)), [below, above, asked]);
        assert_eq!(held(None), [below, above, unknown, garbled, asked]);
        let first = world.at(phone).held_events(None, None, 2).unwrap();
        assert_eq!(first.items.iter().map(|line| line.event).collect::<Vec<_>>(), [below, above]);
        let rest = world.at(phone).held_events(None, first.next.as_ref(), 500).unwrap().items;
        assert_eq!(rest.iter().map(|line| line.event).collect::<Vec<_>>(), [unknown, garbled, asked]);
        assert!(world.at(phone).roster().requests().any(|request| request.event == asked), "and it is asked for");
        assert!((0..4).all(|one| world.at(phone).roster().may_connect(world.device(one))));
    }
    world.at(MEI).rebuild().unwrap();
    assert_eq!(shown(&world, MEI, below), (Some("revoked"), Some(Held::Unentitled)), "the same when all is read again");
}

#[test]
fn the_last_coordinator_names_a_successor_or_has_the_kit_at_hand() {
    let mut world = World::seeded(5);
    let founder = world.phone();
    let (_, kit) = world.at(founder).found_with_kit(None).unwrap();
    let words: KitWords = kit.words(KitLanguage::English).join(" ").parse().unwrap();
    world.join(founder, Role::Volunteer);
    world.settle();
    let own = world.device(founder);
    let last = |refused: Result<(), MembersError>| {
        assert_eq!(refused, Err(MembersError::Refused(RosterRefusal::LastCoordinator { kit: true })));
    };
    let ids = [world.command(), world.command(), world.command(), world.command()];

    last(world.at(founder).leave(ids[0]));
    last(world.at(founder).revoke(ids[1], Revocation::of(Who::Device(own))));
    let shown = world.at(founder).would_fall(&Revocation::of(Who::Device(own)));
    assert!(matches!(shown, Err(MembersError::Refused(RosterRefusal::LastCoordinator { .. }))), "{shown:?}");
    assert!(world.at(founder).roster().may_connect(own), "nothing was written");
    let successor = world.join(founder, Role::Coordinator);
    world.at(founder).leave(ids[2]).unwrap();
    world.meet(WU, successor, Break::Never);
    world.meet(founder, successor, Break::Never);

    world.at(successor).withdraw(ids[3], Withdrawal::Leave { kit_at_hand: true }).unwrap();
    let new = world.phone();
    let recovery = world.at(new).recover_with_kit(&words, &world.at(WU).welcome().unwrap()).unwrap();
    drop(recovery);

    let mut alone = World::community(6, 1);
    let id = alone.command();
    let kept = alone.at(0).withdraw(id, Withdrawal::Leave { kit_at_hand: true });
    let none = RosterRefusal::LastCoordinator { kit: false };
    assert_eq!(kept, Err(MembersError::Refused(none)), "there is no kit that could be at hand");
}

#[test]
fn a_roster_log_of_thousands_of_branches_is_bounded_and_hides_nobody_elses_events_r7() {
    let mut world = World::seeded(7);
    let founder = world.phone();
    world.at(founder).found(None).unwrap();
    let (thief, volunteer) = (world.join(LAN, Role::Coordinator), world.join(LAN, Role::Volunteer));
    world.settle();
    let tag = world.tag(LAN, Topic::Roster);
    let root = Forger::with_keys_of(&mut world, thief).in_topic(&world, thief, Topic::Roster);
    let record = |world: &mut World| {
        let record = DeviceKeys::generate(&mut world.dice).record();
        let member = Some(linli_core::id::MemberId::first_device(record.device));
        RosterEvent::Admitted(Admitted { record, role: Role::Volunteer, member, label: None, addresses: Vec::new() })
    };
    let stored = |world: &World| world.at(LAN).stats().unwrap().events;
    let before = stored(&world);
    for _ in 0..100 {
        let mut branch = root.twin();
        branch.roster(&record(&mut world));
        hand_over(&world, LAN, root.device(), tag, &branch.runs()).unwrap();
    }
    assert!(stored(&world) - before <= 17, "no more branches are kept than tell that there are too many");
    let mut runs = Vec::new();
    for _ in 0..300 {
        let mut life = Forger::with_keys_of(&mut world, thief).in_topic(&world, thief, Topic::Roster);
        life.roster(&record(&mut world));
        runs.extend(life.runs());
    }
    hand_over(&world, LAN, root.device(), tag, &runs).unwrap();

    let roster = world.at(LAN).roster();
    assert_eq!(
        roster.devices().count(),
        3 + 300,
        "what was said in branches counts for nothing, in other lives it does"
    );
    assert!((0..3).all(|phone| roster.may_connect(world.device(phone))), "and nobody else's word is lost");
    let newcomer = world.join(LAN, Role::Volunteer);
    world.meet(LAN, volunteer, Break::Never);
    world.meet(volunteer, newcomer, Break::Never);
    assert!(world.at(volunteer).roster().may_connect(world.device(newcomer)));
    assert_eq!(world.at(volunteer).roster().digest(), world.at(LAN).roster().digest());
    let device = world.device(thief);
    revoke(&mut world, LAN, device).unwrap();
    assert!(world.at(LAN).roster().is_revoked(device));
}

/// T3, T4: whoever has the founder's phone heaps up lives and keys that nothing can be sealed to; the kit cuts it.
#[test]
fn nothing_that_a_stolen_founder_writes_stands_in_the_way_of_the_kit_t3() {
    let mut world = World::seeded(21);
    let founder = world.phone();
    let (_, kit) = world.at(founder).found_with_kit(None).unwrap();
    let words: KitWords = kit.words(KitLanguage::English).join(" ").parse().unwrap();
    let volunteer = world.join(founder, Role::Volunteer);
    world.settle();
    let order = say::post(&mut world, volunteer);
    world.settle();
    let (device, common, roster) =
        (world.device(founder), world.tag(volunteer, Topic::Common), world.tag(volunteer, Topic::Roster));
    let unusable: [u8; 32] = hex::decode(UNUSABLE[0]).unwrap().try_into().unwrap();
    let (mut acts, mut says) = (Vec::new(), Vec::new());
    for _ in 0..300 {
        let mut life = Forger::with_keys_of(&mut world, founder);
        life.write(&say::comment(order));
        acts.extend(life.runs());
    }
    for _ in 0..100 {
        let mut life = Forger::with_keys_of(&mut world, founder).in_topic(&world, founder, Topic::Roster);
        life.roster(&RosterEvent::KeyRotated(KeyRotated { record: keys(&world, founder).record_of(unusable) }));
        let record = DeviceKeys::generate(&mut world.dice).record_of(unusable);
        let member = Some(linli_core::id::MemberId::first_device(record.device));
        let role = Role::Coordinator;
        life.roster(&RosterEvent::Admitted(Admitted { record, role, member, label: None, addresses: Vec::new() }));
        says.extend(life.runs());
    }
    hand_over(&world, volunteer, device, common, &acts).unwrap();
    hand_over(&world, volunteer, device, roster, &says).unwrap();

    let new = world.phone();
    let recovery = world.at(new).recover_with_kit(&words, &world.at(volunteer).welcome().unwrap()).unwrap();
    let mut news = Vec::new();
    world.at(volunteer).export_bundle(What::All, &mut news, |_| {}).unwrap();
    recovery.kit().import_bundle(news.as_slice(), |_| {}).unwrap();
    recovery.withdraw_founder(None).unwrap();
    recovery.finish(None, None).unwrap();

    for _ in 0..2 {
        assert_eq!(world.meet(new, volunteer, Break::Never).ended, Ended::InStep);
    }
    assert!([new, volunteer].iter().all(|phone| !world.at(*phone).roster().may_connect(device)));
    assert_eq!(world.at(new).state_hash().unwrap(), world.at(volunteer).state_hash().unwrap());
    assert!(opens_the_newest(&world, volunteer, new) && !opens_the_newest(&world, founder, new));
}

fn keys(world: &World, phone: usize) -> DeviceKeys {
    let kept = world.secrets(phone).get("device-keys").unwrap().unwrap();
    DeviceKeys::from_slice(&kept).unwrap()
}

/// Hands to everybody what a forger wrote in the roster.
fn tell_all(world: &World, forger: &mut Forger, phones: &[usize]) {
    let runs = forger.runs();
    for phone in phones.iter().filter(|phone| world.device(**phone) != forger.device()) {
        let tag = world.tag(*phone, Topic::Roster);
        hand_over(world, *phone, forger.device(), tag, &runs).expect("the session goes on");
    }
}

/// Whether a phone opens the key that another would write under.
fn opens_the_newest(world: &World, phone: usize, writer: usize) -> bool {
    let newest = |replica: &Replica, keys: &DeviceKeys| -> Option<EpochId> {
        let roster = replica.roster();
        roster.writing_epoch(Compartment::Community, &Keyring::open(keys, &roster))
    };
    let epoch = newest(world.at(writer), &keys(world, writer)).expect("the writer holds a key");
    Keyring::open(&keys(world, phone), &world.at(writer).roster()).key(epoch).is_some()
}
