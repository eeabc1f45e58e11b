//! Who may do what: the role × command table on real phones.

use linli_core::{
    aggregate::order::{Order, Refusal},
    event::{Compartment, Topic},
    id::Reference,
    key::{DeviceKeys, SecretStore},
    replica::{MembersError, SubmitError},
    roster::{Cut, CutHead, Grant, Keyring, KeysSealed, Need, Role, RosterCommand, RosterEvent, RosterRefusal},
};
use linli_tests::{
    Forger, World, hand_over,
    people::{LAN, MEI, WU, ZHAO},
};

use crate::say::{self, Command};

#[test]
fn assigning_is_for_the_buildings_leader_and_coordinators() {
    let (mut world, order) = scene(1);
    let member = world.member(ZHAO);

    let answers = may(&mut world, order, &Command::Assign { member });

    assert_eq!(answers, [true, true, false, false]);
    let refused = say::submit(&mut world, MEI, Some(order), Command::Assign { member }).unwrap_err();
    let need = Need::LEADER.or(Need::COORDINATOR);
    assert_eq!(refused, SubmitError::<Refusal>::NotEntitled { code: "assigned", need });
    world.settle();
    world.assert_equal();
}

#[test]
fn an_order_is_ended_by_its_author_and_those_who_lead() {
    let (mut world, _) = scene(2);
    let own = say::post(&mut world, ZHAO);
    world.settle();

    let answers = may(&mut world, own, &Command::Cancel { why: None });

    assert_eq!(answers, [true, true, false, true]);
    world.settle();
    world.assert_equal();
}

#[test]
fn the_roster_is_changed_by_coordinators_only() {
    let (mut world, _) = scene(3);
    let stranger = world.phone();
    let (record, device) = (world.at(stranger).record(), world.device(ZHAO));
    let grant = Grant::Leader { buildings: vec!["3".into()] };
    let admit = RosterCommand::Admit { record, role: Role::Volunteer, member: None, name: None };
    let commands =
        [admit, RosterCommand::Grant { device, grant }, RosterCommand::Rotate { compartment: Compartment::Community }];

    for command in commands {
        let id = world.command();
        let before = world.at(WU).state_hash().unwrap();
        let refused = world.at(WU).change_roster(id, command.clone()).unwrap_err();
        assert!(matches!(refused, MembersError::Refused(RosterRefusal::NotAllowed { .. })), "{refused:?}");
        assert_eq!(world.at(WU).state_hash().unwrap(), before);
        world.at(LAN).change_roster(id, command).unwrap();
    }
}

#[test]
fn a_right_that_was_taken_away_covers_nothing_later() {
    let (mut world, order) = scene(4);
    let (device, member, id) = (world.device(WU), world.member(ZHAO), world.command());
    let logs = world.at(LAN).look(|reader| {
        let own = reader.logs()?.into_iter().filter(|log| log.device == device);
        own.map(|log| Ok((log, reader.heads(log.id())?))).collect::<Result<Vec<_>, _>>()
    });
    let logs = logs.unwrap();
    let heads = logs.iter().map(|(log, heads)| Cut {
        log: log.id(),
        heads: heads.iter().map(|head| CutHead { seq: head.seq, id: head.id }).collect(),
    });
    let incarnations = logs.iter().map(|(log, _)| log.incarnation).collect();
    let grant = Grant::Leader { buildings: vec!["3".into()] };
    let removal = RosterCommand::RemoveGrant { device, grant, heads: heads.collect(), incarnations };
    world.at(LAN).change_roster(id, removal).unwrap();

    // They have not heard yet, and assign; they also claim, which needs no right.
    let assigned = say::submit(&mut world, WU, Some(order), Command::Assign { member }).unwrap();
    let other = say::post(&mut world, WU);
    world.settle();

    let held = world.at(MEI).look(|reader| reader.event(assigned.events[0])).unwrap().unwrap().judged;
    assert_eq!(held.reason(), Some(linli_core::aggregate::Held::Unentitled));
    assert_eq!(world.at(LAN).order(order).unwrap().view.card.holder, None);
    assert!(world.at(LAN).order(other).is_ok(), "the voice stays (R8)");
    let refused = say::submit(&mut world, WU, Some(order), Command::Assign { member }).unwrap_err();
    assert!(matches!(refused, SubmitError::NotEntitled { .. }), "{refused:?}");
    world.assert_equal();
}

#[test]
fn whoever_takes_a_volunteers_keys_opens_no_care_body_t5() {
    let (mut world, _) = scene(5);
    let stolen = world.secrets(ZHAO).get("device-keys").unwrap().unwrap();
    let keys = DeviceKeys::from_slice(&stolen).unwrap();
    let opens = |world: &World| {
        let roster = world.at(ZHAO).roster();
        let keyring = Keyring::open(&keys, &roster);
        let care: Vec<_> = roster.epochs(Compartment::Care).collect();
        assert!(!care.is_empty());
        keyring.held().iter().filter(|epoch| care.iter().any(|care| care.id == **epoch)).count()
    };
    assert_eq!(opens(&world), 0);
    // Nor one that a new key is made with, or that is given to whoever lacks one.
    let (rotate, wrap) = (world.command(), world.command());
    world.at(LAN).change_roster(rotate, RosterCommand::Rotate { compartment: Compartment::Care }).unwrap();
    let _nobody = world.at(LAN).change_roster(wrap, RosterCommand::WrapLacking);
    world.settle();
    assert_eq!(opens(&world), 0);

    let (id, device) = (world.command(), world.device(ZHAO));
    world.at(LAN).grant(id, device, Grant::Care).unwrap();
    world.settle();

    assert_eq!(opens(&world), 2, "the newest opens all");
}

#[test]
fn a_coordinator_who_relabels_the_key_of_care_brings_it_to_nobody_t5() {
    let mut world = World::community(8, 1);
    let liar = world.join(LAN, Role::Coordinator);
    world.settle();
    let care = world.at(LAN).roster().epochs(Compartment::Care).next().unwrap().id;
    let mut forger = Forger::with_keys_of(&mut world, liar).in_topic(&world, liar, Topic::Roster);
    let lie = KeysSealed {
        compartment: Compartment::Community,
        generation: 5,
        epoch: care,
        parents: Vec::new(),
        wraps: Vec::new(),
    };
    forger.roster(&RosterEvent::KeysSealed(lie));
    let (through, tag) = (world.device(liar), world.tag(LAN, Topic::Roster));
    hand_over(&world, LAN, through, tag, &forger.runs()).unwrap();
    assert!(world.at(LAN).roster().epoch(Compartment::Community, care).is_some(), "the lie was heard");

    let newcomer = world.join(LAN, Role::Volunteer);
    let (rotate, wrap) = (world.command(), world.command());
    world.at(LAN).change_roster(rotate, RosterCommand::Rotate { compartment: Compartment::Community }).unwrap();
    let _nobody_lacks_one = world.at(LAN).change_roster(wrap, RosterCommand::WrapLacking);
    world.settle();

    for phone in [WU, liar, newcomer] {
        let secret = world.secrets(phone).get("device-keys").unwrap().unwrap();
        let keyring = Keyring::open(&DeviceKeys::from_slice(&secret).unwrap(), &world.at(phone).roster());
        assert!(keyring.key(care).is_none(), "phone {phone} opens what households said");
        assert_eq!(keyring.held().len(), 2);
    }
    world.assert_equal();
}

#[test]
fn a_command_is_bound_to_what_it_is_about() {
    let (mut world, order) = scene(6);
    let other = say::post(&mut world, LAN);
    let id = world.command();
    world.at(LAN).submit::<Order>(id, Some(order), Command::StillNeeded).unwrap();

    let answer = world.at(LAN).submit::<Order>(id, Some(other), Command::StillNeeded);

    assert_eq!(answer, Err(SubmitError::Reused));
}

/// A founder, a leader of building 3, a leader of building 4 and a volunteer; an order of the founder's in building 3.
fn scene(seed: u64) -> (World, Reference) {
    let mut world = World::community(seed, 3);
    for (phone, building) in [(1, "3"), (2, "4")] {
        let (id, device) = (world.command(), world.device(phone));
        world.at(LAN).grant(id, device, Grant::Leader { buildings: vec![building.into()] }).unwrap();
    }
    let order = say::post(&mut world, LAN);
    world.settle();
    (world, order)
}

/// Whether each phone's member may do it; a refusal must change nothing.
fn may(world: &mut World, order: Reference, command: &Command) -> Vec<bool> {
    let mut answers = Vec::new();
    for phone in 0..world.len() {
        let before = world.at(phone).state_hash().unwrap();
        let answer = say::submit(world, phone, Some(order), command.clone());
        if answer.is_err() {
            assert!(matches!(answer, Err(SubmitError::NotEntitled { .. })), "{answer:?}");
            assert_eq!(world.at(phone).state_hash().unwrap(), before);
        }
        answers.push(answer.is_ok());
    }
    answers
}
