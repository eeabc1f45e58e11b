use super::*;
use crate::{event::Compartment, roster::Keyring};

#[test]
fn a_second_phone_belongs_to_its_person() {
    let mut world = World::seeded(1);
    let founder = twin(&world.founder);
    let (first, second) = (world.device(), world.device());
    world.command(&founder, admit(first.record())).expect("admitted");
    let member = Some(MemberId::first_device(first.device()));
    let record = second.record();
    let command = RosterCommand::Admit { record, role: Role::Volunteer, member, name: None };
    world.command(&founder, command).expect("admitted");

    let roster = world.fold();

    assert_eq!(roster.member_of(second.device()), roster.member_of(first.device()));
    let member = MemberId::from_bytes([9; 32]);
    let record = world.device().record();
    let unknown = RosterCommand::Admit { record, role: Role::Volunteer, member: Some(member), name: None };
    assert_eq!(world.command(&founder, unknown), Err(RosterRefusal::UnknownMember { member }));
}

#[test]
fn a_volunteer_is_told_what_admitting_needs() {
    let mut world = World::seeded(2);
    let volunteer = world.admitted(world.founder.device(), Role::Volunteer);
    let record = world.device().record();

    let refused = world.command(&volunteer, admit(record));

    let needs = vec!["coordinator", "recovery kit"];
    assert_eq!(refused, Err(RosterRefusal::NotAllowed { event: "admitted", needs }));
}

#[test]
fn a_key_is_admitted_once_and_never_again_after_a_cut() {
    let mut world = World::seeded(3);
    let founder = twin(&world.founder);
    let keys = world.device();
    let (device, record) = (keys.device(), keys.record());
    world.command(&founder, admit(record)).expect("admitted");
    assert_eq!(world.command(&founder, admit(record)), Err(RosterRefusal::AlreadyAdmitted { device }));

    world.revoke(founder.device(), device, Vec::new());

    assert_eq!(world.command(&founder, admit(record)), Err(RosterRefusal::Withdrawn { device }));
    assert_eq!(world.command(&keys, admit(record)), Err(RosterRefusal::NotAdmitted { device }));
}

#[test]
fn granting_care_brings_the_care_keys() {
    let mut world = World::seeded(4);
    let founder = twin(&world.founder);
    let carer = world.device();
    world.command(&founder, admit(carer.record())).expect("admitted");
    let command = RosterCommand::Grant { device: carer.device(), grant: Grant::Care };
    world.command(&founder, command.clone()).expect("granted");

    let roster = world.fold();

    let ring = Keyring::open(&carer, &roster);
    assert!(roster.writing_epoch(Compartment::Care, &ring).is_some());
    assert_eq!(roster.entitled(Compartment::Care).count(), 3);
    assert_eq!(world.command(&founder, command), Err(RosterRefusal::AlreadyGranted));
}

#[test]
fn a_right_taken_and_given_again_names_the_removal() {
    let mut world = World::seeded(5);
    let founder = twin(&world.founder);
    let device = world.admitted(founder.device(), Role::Volunteer).device();
    let grant = Grant::Leader { buildings: vec!["3".to_owned()] };
    let give = RosterCommand::Grant { device, grant: grant.clone() };
    let take = RosterCommand::RemoveGrant { device, grant, heads: Vec::new(), incarnations: Vec::new() };
    assert_eq!(world.command(&founder, take.clone()), Err(RosterRefusal::NotGranted));
    world.command(&founder, give.clone()).expect("granted");
    world.command(&founder, take).expect("removed");
    assert_eq!(world.fold().rights_of(device).count(), 0);

    world.command(&founder, give).expect("granted again");

    assert_eq!(world.fold().rights_of(device).count(), 1);
}

#[test]
fn nobody_takes_a_right_from_above() {
    let mut world = World::seeded(6);
    let founder = world.founder.device();
    let coordinator = world.admitted(founder, Role::Coordinator);
    let (heads, incarnations) = (Vec::new(), Vec::new());
    let command = RosterCommand::RemoveGrant { device: founder, grant: Grant::Care, heads, incarnations };

    assert_eq!(world.command(&coordinator, command), Err(RosterRefusal::Rank { device: founder }));
}

#[test]
fn a_relay_has_addresses_and_no_rights() {
    let mut world = World::seeded(7);
    let founder = twin(&world.founder);
    let record = world.device().record();
    let addresses = vec!["relay.example:4433".to_owned()];
    let name = Some("relay".to_owned());
    world
        .command(&founder, RosterCommand::AdmitRelay { record, addresses: addresses.clone(), name })
        .expect("admitted");

    let roster = world.fold();

    let relay = roster.device(record.device).expect("admitted");
    assert_eq!((relay.role, relay.member, &relay.addresses), (Role::Relay, None, &addresses));
    let command = RosterCommand::Grant { device: record.device, grant: Grant::Care };
    assert_eq!(world.command(&founder, command), Err(RosterRefusal::Role { role: Role::Relay }));
}

#[test]
fn a_relay_that_moves_is_reached_where_the_last_move_says() {
    let mut world = World::seeded(9);
    let founder = twin(&world.founder);
    let coordinator = world.admitted(founder.device(), Role::Coordinator);
    let record = world.device().record();
    let device = record.device;
    let at = |place: &str| vec![format!("{place}.example:4433")];
    let to = |place: &str| RosterCommand::MoveRelay { device, addresses: at(place) };
    world
        .command(&founder, RosterCommand::AdmitRelay { record, addresses: at("office"), name: None })
        .expect("admitted");
    assert_eq!(world.fold().relays()[0].addresses, at("office"));
    world.command(&founder, to("school")).expect("moved");
    world.command(&coordinator, to("hall")).expect("any coordinator may");
    assert_eq!(world.fold().relays()[0].addresses, at("hall"));

    // Two who did not hear each other: phones try both, until somebody says which.
    let apart = |place| RosterEvent::RelayMoved(RelayMoved { device, addresses: at(place), replaces: Vec::new() });
    world.write(founder.device(), apart("east"));
    let both = world.fold().relays()[0].addresses.clone();
    assert!(both.len() == 2 && both.contains(&at("hall")[0]) && both.contains(&at("east")[0]), "{both:?}");
    world.command(&founder, to("west")).expect("moved");
    assert_eq!(world.fold().relays()[0].addresses, at("west"));

    // With whoever moved it falls the move: the admission's address holds again.
    let mut earlier = world.facts.clone();
    earlier.retain(|fact| !matches!(&fact.event, RosterEvent::RelayMoved(_)));
    assert_eq!(Roster::fold(world.community, &earlier, &world).relays()[0].addresses, at("office"));
}

#[test]
fn only_relays_move_only_coordinators_move_them_and_never_to_nowhere() {
    let mut world = World::seeded(10);
    let founder = twin(&world.founder);
    let volunteer = world.admitted(founder.device(), Role::Volunteer);
    let relay = world.admitted(founder.device(), Role::Relay).device();
    let to = |device, addresses| RosterCommand::MoveRelay { device, addresses };
    let somewhere = || vec!["relay.example:4433".to_owned()];

    let refused = world.command(&volunteer, to(relay, somewhere()));
    assert_eq!(refused, Err(RosterRefusal::NotAllowed { event: "relay_moved", needs: vec!["coordinator"] }));
    let refused = world.command(&founder, to(volunteer.device(), somewhere()));
    assert_eq!(refused, Err(RosterRefusal::Role { role: Role::Volunteer }));
    assert!(matches!(world.command(&founder, to(relay, Vec::new())), Err(RosterRefusal::Malformed { .. })));
    world.revoke(founder.device(), relay, Vec::new());
    assert_eq!(world.command(&founder, to(relay, somewhere())), Err(RosterRefusal::Withdrawn { device: relay }));
}

#[test]
fn the_kit_admits_a_new_coordinator_and_gives_no_grants() {
    let mut world = World::seeded(8);
    let kit = twin(&world.kit);
    let heir = world.device();
    let command = RosterCommand::Admit { record: heir.record(), role: Role::Coordinator, member: None, name: None };
    world.command(&kit, command).expect("the kit admits");
    assert_eq!(Keyring::open(&heir, &world.fold()).held().len(), 1);

    let refused = world.command(&kit, RosterCommand::Grant { device: heir.device(), grant: Grant::Care });

    assert_eq!(refused, Err(RosterRefusal::NotAllowed { event: "granted", needs: vec!["coordinator"] }));
}

fn twin(keys: &DeviceKeys) -> DeviceKeys {
    DeviceKeys::from_slice(&keys.to_secret()).expect("just stored")
}

fn admit(record: DeviceRecord) -> RosterCommand {
    RosterCommand::Admit { record, role: Role::Volunteer, member: None, name: None }
}
