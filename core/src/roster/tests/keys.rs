use std::collections::BTreeSet;

use super::*;
use crate::{
    event::Compartment,
    key::{EpochKey, wrap},
    roster::{Keyring, Sealed, command::NewEpoch, epoch::purpose},
};

/// Rotates a compartment for whoever is entitled, as any coordinator's replica would.
fn rotate(world: &mut World, by: &DeviceKeys, compartment: Compartment, recipients: &[DeviceRecord]) -> EpochKey {
    let roster = world.fold();
    let ring = Keyring::open(by, &roster);
    let old = roster.writing_epoch(compartment, ring.held()).expect("a key is held");
    let generation = roster.epoch(old).map_or(0, |epoch| epoch.generation + 1);
    let key = EpochKey::generate(&mut world.dice);
    let new = NewEpoch { community: world.community, compartment, generation, key: &key };
    let parent = ring.key(old).expect("held");
    for event in new.seal(&mut world.dice, recipients, &[parent]).expect("usable keys") {
        world.write(by.device(), event);
    }
    key
}

fn twin(keys: &DeviceKeys) -> DeviceKeys {
    DeviceKeys::from_slice(&keys.to_secret()).expect("just stored")
}

fn admit(world: &mut World, name: Option<&str>) -> DeviceKeys {
    let (founder, keys) = (twin(&world.founder), world.device());
    let name = name.map(str::to_owned);
    let wish = RosterWish::Admit { record: keys.record(), role: Role::Volunteer, member: None, name };
    world.wish(&founder, wish).expect("a coordinator admits");
    keys
}

#[test]
fn wraps_open_only_for_their_recipients() {
    let mut world = World::seeded(1);
    let volunteer = admit(&mut world, Some("volunteer"));
    let stranger = world.device();
    let roster = world.fold();

    let ring = Keyring::open(&volunteer, &roster);

    let epoch = roster.writing_epoch(Compartment::Community, ring.held()).expect("held");
    assert_eq!(ring.key(epoch).map(EpochKey::id), Some(epoch));
    assert_eq!(roster.writing_epoch(Compartment::Care, ring.held()), None, "care needs the grant");
    assert!(Keyring::open(&stranger, &roster).held().is_empty());
    assert_eq!(Keyring::open(&world.founder, &roster).held().len(), 2);
    assert_eq!(Keyring::open(&world.kit, &roster).held().len(), 2);
}

#[test]
fn names_open_with_the_communitys_key_and_for_their_device_only() {
    let mut world = World::seeded(2);
    let volunteer = admit(&mut world, Some("volunteer")).device();
    let roster = world.fold();
    let ring = Keyring::open(&world.founder, &roster);
    let label = |id| roster.device(id).and_then(|device| device.label.as_ref()).expect("named");
    let open = |label: &Sealed, id| label.open(ring.key(label.epoch).expect("held"), id);

    assert_eq!(open(label(volunteer), volunteer).as_deref(), Ok("volunteer"));
    assert_eq!(open(label(world.founder.device()), world.founder.device()).as_deref(), Ok("founder"));
    assert!(open(label(volunteer), world.founder.device()).is_err());
}

#[test]
fn the_newest_key_opens_all_history() {
    let mut world = World::seeded(3);
    let founder = twin(&world.founder);
    let newcomer = world.admitted(founder.device(), Role::Volunteer);
    let first = world.fold().epochs(Compartment::Community).next().expect("founded with keys").id;
    let records = [founder.record(), newcomer.record()];
    rotate(&mut world, &founder, Compartment::Community, &records[..1]);
    let newest = rotate(&mut world, &founder, Compartment::Community, &records);
    let roster = world.fold();

    let ring = Keyring::open(&newcomer, &roster);

    assert_eq!(ring.held().len(), 3);
    assert!(ring.key(first).is_some());
    assert_eq!(roster.writing_epoch(Compartment::Community, ring.held()), Some(newest.id()));
}

#[test]
fn a_wrap_that_opens_to_another_key_is_ignored_and_shown() {
    let mut world = World::seeded(4);
    let volunteer = admit(&mut world, None);
    let (claimed, real) = (EpochKey::generate(&mut world.dice), EpochKey::generate(&mut world.dice));
    let record = volunteer.record();
    let purpose = purpose(world.community, Compartment::Community, claimed.id());
    let false_wrap =
        wrap(&mut world.dice, record.device, &record.sealing, &purpose, real.as_secret()).expect("a usable key");
    let sealed = KeysSealed {
        compartment: Compartment::Community,
        generation: 9,
        epoch: claimed.id(),
        parents: Vec::new(),
        wraps: vec![false_wrap],
    };
    world.write(world.founder.device(), RosterEvent::KeysSealed(sealed));

    let ring = Keyring::open(&volunteer, &world.fold());

    assert_eq!(ring.strange(), &BTreeSet::from([claimed.id()]));
    assert!(ring.key(claimed.id()).is_none() && ring.key(real.id()).is_none());
}

#[test]
fn one_writes_under_the_key_with_the_fewest_withdrawn_recipients() {
    let mut world = World::seeded(5);
    let founder = twin(&world.founder);
    let volunteer = admit(&mut world, None);
    let both = [founder.record(), volunteer.record()];
    let small = rotate(&mut world, &founder, Compartment::Community, &both[..1]);
    let large = rotate(&mut world, &founder, Compartment::Community, &both);
    let writes = |world: &World| {
        let roster = world.fold();
        roster.writing_epoch(Compartment::Community, Keyring::open(&founder, &roster).held())
    };
    assert_eq!(writes(&world), Some(large.id()));

    world.revoke(founder.device(), volunteer.device(), Vec::new());

    assert_eq!(writes(&world), Some(small.id()));
    let roster = world.fold();
    assert_eq!(roster.withdrawn_recipients(roster.epoch(large.id()).expect("announced")), 1);
}

#[test]
fn who_made_a_key_knows_it() {
    let mut world = World::seeded(6);
    let founder = twin(&world.founder);
    let coordinator = world.admitted(founder.device(), Role::Coordinator);
    world.wish(&founder, RosterWish::WrapLacking).expect("a coordinator wraps");
    let theirs = rotate(&mut world, &coordinator, Compartment::Community, &[founder.record()]);
    let cut = world.cut_now(coordinator.device(), ROSTER);
    world.revoke(founder.device(), coordinator.device(), vec![cut]);

    let roster = world.fold();

    assert_eq!(roster.withdrawn_recipients(roster.epoch(theirs.id()).expect("announced")), 1);
}

#[test]
fn a_key_whose_event_fell_still_opens_but_nothing_new_is_written_under_it() {
    let mut world = World::seeded(7);
    let founder = twin(&world.founder);
    let coordinator = world.admitted(founder.device(), Role::Coordinator);
    world.wish(&founder, RosterWish::WrapLacking).expect("a coordinator wraps");
    let cut = world.cut_now(coordinator.device(), ROSTER);
    let fallen = rotate(&mut world, &coordinator, Compartment::Community, &[founder.record()]);
    world.revoke(founder.device(), coordinator.device(), vec![cut]);
    let roster = world.fold();

    let ring = Keyring::open(&founder, &roster);

    assert!(ring.key(fallen.id()).is_some());
    let writes = roster.writing_epoch(Compartment::Community, ring.held()).expect("the first key");
    assert_ne!(writes, fallen.id());
}

#[test]
fn entitled_devices_without_a_wrap_are_found_and_given_one() {
    let mut world = World::seeded(8);
    let founder = twin(&world.founder);
    let volunteer = world.admitted(founder.device(), Role::Volunteer);
    let relay = world.admitted(founder.device(), Role::Relay);
    let roster = world.fold();
    let epoch = roster.epochs(Compartment::Community).next().expect("founded with keys").id;
    let lacking: Vec<_> = roster.lacking(epoch).iter().map(|device| device.record.device).collect();
    assert_eq!(lacking, [volunteer.device()]);

    world.wish(&founder, RosterWish::WrapLacking).expect("a coordinator wraps");

    let roster = world.fold();
    assert!(roster.lacking(epoch).is_empty());
    assert!(Keyring::open(&volunteer, &roster).key(epoch).is_some());
    assert!(Keyring::open(&relay, &roster).held().is_empty());
    assert_eq!(world.wish(&founder, RosterWish::WrapLacking), Ok(Vec::new()));
}

#[test]
fn a_whole_neighbourhood_lacking_keys_gets_them_in_events_that_fit() {
    let mut world = World::seeded(9);
    let founder = twin(&world.founder);
    for _ in 0..250 {
        world.admitted(founder.device(), Role::Volunteer);
    }

    let written = world.wish(&founder, RosterWish::WrapLacking).expect("a coordinator wraps");

    assert_eq!(written.len(), 2);
    let largest = world.facts.iter().map(|fact| fact.event.encode().len()).max().expect("events");
    assert!(largest + 200 < crate::limits::SEALED_BODY, "{largest} bytes");
}
