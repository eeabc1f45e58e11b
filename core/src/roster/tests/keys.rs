use std::collections::BTreeSet;

use super::*;
use crate::{
    event::Compartment,
    id::EpochId,
    key::{EpochKey, wrap},
    limits,
    roster::{
        Keyring, Sealed, SealedParent,
        epoch::{purpose, seal_parent},
    },
};

#[test]
fn wraps_open_only_for_their_recipients() {
    let mut world = World::seeded(1);
    let volunteer = admit(&mut world, Some("volunteer"));
    let stranger = world.device();
    let roster = world.fold();

    let ring = Keyring::open(&volunteer, &roster);

    let epoch = roster.writing_epoch(Compartment::Community, &ring).expect("held");
    assert_eq!(ring.key(epoch).map(EpochKey::id), Some(epoch));
    assert_eq!(roster.writing_epoch(Compartment::Care, &ring), None, "care needs the grant");
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
    let open = |label: &Sealed, id| label.open(ring.label_key(label.epoch).expect("held"), id);

    assert_eq!(open(label(volunteer), volunteer).as_deref(), Ok("volunteer"));
    assert_eq!(open(label(world.founder.device()), world.founder.device()).as_deref(), Ok("founder"));
    assert!(open(label(volunteer), world.founder.device()).is_err());
}

#[test]
fn the_newest_key_opens_all_history() {
    let mut world = World::seeded(3);
    let founder = twin(&world.founder);
    rotate(&mut world, &founder);
    let newest = rotate(&mut world, &founder);
    let newcomer = admit(&mut world, None);
    let roster = world.fold();

    let ring = Keyring::open(&newcomer, &roster);

    let given: Vec<_> = roster
        .epochs(Compartment::Community)
        .filter(|epoch| epoch.recipients.contains(&newcomer.device()))
        .map(|epoch| epoch.id)
        .collect();
    assert_eq!(given, [newest]);
    assert_eq!(ring.held().len(), 3);
    assert_eq!(roster.writing_epoch(Compartment::Community, &ring), Some(newest));
}

#[test]
fn a_wrap_that_opens_to_another_key_is_ignored_and_shown() {
    let mut world = World::seeded(4);
    let volunteer = admit(&mut world, None);
    let (claimed, real) = (new_key(&mut world), new_key(&mut world));
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
    let volunteer = world.admitted(founder.device(), Role::Volunteer).device();
    let second = rotate(&mut world, &founder);
    let writes = |world: &World| {
        let roster = world.fold();
        roster.writing_epoch(Compartment::Community, &Keyring::open(&founder, &roster))
    };
    assert_eq!(writes(&world), Some(second), "the greatest generation");

    world.revoke(founder.device(), volunteer, Vec::new());
    let roster = world.fold();
    assert!(
        roster.epochs(Compartment::Community).all(|epoch| roster.withdrawn_recipients(epoch) == 1),
        "the volunteer was never given the first, and opens it with the second"
    );

    let third = rotate(&mut world, &founder);
    assert_eq!(writes(&world), Some(third));
    assert!(!world.fold().epoch(Compartment::Community, third).expect("announced").recipients.contains(&volunteer));
}

#[test]
fn who_made_a_key_knows_it() {
    let mut world = World::seeded(6);
    let coordinator = world.admitted(world.founder.device(), Role::Coordinator).device();
    let epoch = new_key(&mut world).id();
    let (compartment, parents, wraps) = (Compartment::Community, Vec::new(), Vec::new());
    let sealed = KeysSealed { compartment, generation: 1, epoch, parents, wraps };
    world.write(coordinator, RosterEvent::KeysSealed(sealed));
    let cut = world.cut_now(coordinator, ROSTER);
    world.revoke(world.founder.device(), coordinator, vec![cut]);

    let roster = world.fold();

    assert_eq!(roster.withdrawn_recipients(roster.epoch(compartment, epoch).expect("announced")), 1);
}

#[test]
fn a_key_whose_event_fell_still_opens_but_nothing_new_is_written_under_it() {
    let mut world = World::seeded(7);
    let founder = twin(&world.founder);
    let coordinator = world.admitted(founder.device(), Role::Coordinator);
    world.command(&founder, RosterCommand::WrapLacking).expect("a coordinator wraps");
    let cut = world.cut_now(coordinator.device(), ROSTER);
    let fallen = rotate(&mut world, &coordinator);
    world.revoke(founder.device(), coordinator.device(), vec![cut]);
    let roster = world.fold();
    let ring = Keyring::open(&founder, &roster);
    assert!(ring.key(fallen).is_some());
    assert_ne!(roster.writing_epoch(Compartment::Community, &ring), Some(fallen));

    let newest = rotate(&mut world, &founder);
    let newcomer = admit(&mut world, None);

    let ring = Keyring::open(&newcomer, &world.fold());
    assert!(ring.key(newest).is_some() && ring.key(fallen).is_some(), "what was written under it stays readable");
}

#[test]
fn nobody_rotates_without_a_key_to_replace() {
    let mut world = World::seeded(10);
    let coordinator = world.admitted(world.founder.device(), Role::Coordinator);

    let refused = world.command(&coordinator, RosterCommand::Rotate { compartment: Compartment::Care });

    assert_eq!(refused, Err(RosterRefusal::NoKey));
}

#[test]
fn entitled_devices_without_a_wrap_are_found_and_given_one() {
    let mut world = World::seeded(8);
    let founder = twin(&world.founder);
    let volunteer = world.admitted(founder.device(), Role::Volunteer);
    let relay = world.admitted(founder.device(), Role::Relay);
    let roster = world.fold();
    let epoch = roster.epochs(Compartment::Community).next().expect("founded with keys");
    let lacking: Vec<_> = roster.lacking(epoch).iter().map(|device| device.record.device).collect();
    assert_eq!(lacking, [volunteer.device()]);

    world.command(&founder, RosterCommand::WrapLacking).expect("a coordinator wraps");

    let epoch = epoch.id;
    let roster = world.fold();
    assert!(roster.epoch(Compartment::Community, epoch).is_some_and(|epoch| roster.lacking(epoch).is_empty()));
    assert!(Keyring::open(&volunteer, &roster).key(epoch).is_some());
    assert!(Keyring::open(&relay, &roster).held().is_empty());
    assert_eq!(world.command(&founder, RosterCommand::WrapLacking), Ok(Vec::new()));
}

/// A new key for its author alone, of a generation as great as can be.
fn claim_generation(world: &mut World, author: &DeviceKeys) {
    let (key, record) = (new_key(world), author.record());
    let (compartment, epoch, parents) = (Compartment::Community, key.id(), Vec::new());
    let purpose = purpose(world.community, compartment, epoch);
    let own = wrap(&mut world.dice, record.device, &record.sealing, &purpose, key.as_secret());
    let wraps = vec![own.expect("a usable key")];
    let sealed = KeysSealed { compartment, generation: u64::MAX, epoch, parents, wraps };
    world.write(author.device(), RosterEvent::KeysSealed(sealed));
}

/// T4: of two generations as great as can be the greater id would go first for ever.
#[test]
fn a_generation_that_somebody_claims_hides_no_later_key() {
    for seed in 60..72 {
        let mut world = World::seeded(seed);
        let founder = twin(&world.founder);
        claim_generation(&mut world, &founder);

        for _ in 0..2 {
            let later = rotate(&mut world, &founder);
            let roster = world.fold();
            let ring = Keyring::open(&founder, &roster);
            assert_eq!(roster.writing_epoch(Compartment::Community, &ring), Some(later), "seed {seed}");
        }
    }
}

#[test]
fn a_whole_neighbourhood_and_a_flood_of_keys_fit_into_events() {
    let mut world = World::seeded(9);
    let founder = twin(&world.founder);
    for _ in 0..230 {
        world.admitted(founder.device(), Role::Volunteer);
    }
    for _ in 0..70 {
        claim_generation(&mut world, &founder);
    }

    rotate(&mut world, &founder);

    let largest = world.facts.iter().map(|fact| fact.event.encode().len()).max().expect("events");
    assert!(largest + 100 < crate::limits::SEALED_BODY, "{largest} bytes");
    let last = world.facts.last().expect("just written").event.clone();
    let RosterEvent::KeysSealed(last) = last else { panic!("a rotation writes keys") };
    assert_eq!((last.wraps.len(), last.parents.len()), (12, 7));
}

#[test]
fn an_epoch_that_only_claims_to_open_another_does_not_hide_it_from_newcomers() {
    let mut world = World::seeded(11);
    let founder = twin(&world.founder);
    let first = world.fold().epochs(Compartment::Community).next().expect("founded with keys").id;
    let key = new_key(&mut world);
    let (compartment, epoch, record) = (Compartment::Community, key.id(), founder.record());
    let purpose = purpose(world.community, compartment, epoch);
    let wraps =
        vec![wrap(&mut world.dice, record.device, &record.sealing, &purpose, key.as_secret()).expect("a usable key")];
    let parents = vec![SealedParent { epoch: first, sealed: vec![7; 48] }];
    let sealed = KeysSealed { compartment, generation: 1, epoch, parents, wraps };
    world.write(founder.device(), RosterEvent::KeysSealed(sealed));

    let newcomer = admit(&mut world, None);

    let ring = Keyring::open(&newcomer, &world.fold());
    assert_eq!(ring.held(), &BTreeSet::from([first, epoch]));
    assert!(ring.strange().contains(&first));
}

#[test]
fn a_key_said_to_be_another_compartments_is_given_to_nobody_t5() {
    let mut world = World::seeded(12);
    let founder = twin(&world.founder);
    let liar = world.admitted(founder.device(), Role::Coordinator);
    let care = world.fold().epochs(Compartment::Care).next().expect("founded with keys").id;
    let before = Keyring::open(&founder, &world.fold()).held().len();
    // Told of by the highest in rank that an honest coordinator may be, first and last.
    for (generation, parents) in [(7, Vec::new()), (8, vec![SealedParent { epoch: care, sealed: vec![7; 48] }])] {
        let epoch = if parents.is_empty() { care } else { new_key(&mut world).id() };
        let lie = KeysSealed { compartment: Compartment::Community, generation, epoch, parents, wraps: Vec::new() };
        world.write(liar.device(), RosterEvent::KeysSealed(lie));
    }

    let newcomer = admit(&mut world, None);
    rotate(&mut world, &founder);
    world.command(&founder, RosterCommand::WrapLacking).expect("a coordinator wraps");

    let (roster, ring) = (world.fold(), Keyring::open(&founder, &world.fold()));
    assert!(Keyring::open(&newcomer, &roster).key(care).is_none());
    assert_eq!(ring.held().len(), before + 1, "the rotation's, and none that the liar made up");
    assert_eq!(roster.writing_epoch(Compartment::Care, &ring), Some(care), "care goes on under its key");
    let named = |compartment| roster.epoch(compartment, care).expect("announced");
    assert_eq!(ring.key_of(named(Compartment::Care)).map(EpochKey::id), Some(care));
    assert!(ring.key_of(named(Compartment::Community)).is_none());
}

#[test]
fn a_parent_of_another_compartment_does_not_open_t5() {
    let mut world = World::seeded(13);
    let founder = twin(&world.founder);
    let ring = Keyring::open(&founder, &world.fold());
    let care = world.fold().epochs(Compartment::Care).next().expect("founded with keys").id;
    let (key, record) = (new_key(&mut world), founder.record());
    let purpose = purpose(world.community, Compartment::Community, key.id());
    let own = wrap(&mut world.dice, record.device, &record.sealing, &purpose, key.as_secret()).expect("a usable key");
    let parents = vec![seal_parent(&key, ring.key(care).expect("the founder reads care"))];
    let sealed =
        KeysSealed { compartment: Compartment::Community, generation: 1, epoch: key.id(), parents, wraps: vec![own] };
    world.write(founder.device(), RosterEvent::KeysSealed(sealed));

    let newcomer = admit(&mut world, None);

    let ring = Keyring::open(&newcomer, &world.fold());
    assert!(ring.key(key.id()).is_some());
    assert!(ring.key(care).is_none(), "the key of a household stays with who cares for it");
    assert!(ring.strange().contains(&care));
}

#[test]
fn keys_that_open_each_other_in_a_ring_are_replaced_all_the_same() {
    let mut world = World::seeded(40);
    let founder = twin(&world.founder);
    let liar = world.admitted(founder.device(), Role::Coordinator);
    let (one, other) = (new_key(&mut world), new_key(&mut world));
    let current = world.fold().epochs(Compartment::Community).map(|epoch| epoch.id).collect::<BTreeSet<_>>();
    let ring = Keyring::open(&founder, &world.fold());
    let held: Vec<EpochKey> = current.iter().filter_map(|id| ring.key(*id).cloned()).collect();
    for (key, seals) in [(&one, &other), (&other, &one)] {
        let purpose = purpose(world.community, Compartment::Community, key.id());
        let record = founder.record();
        let wrap = wrap(&mut world.dice, record.device, &record.sealing, &purpose, key.as_secret()).expect("usable");
        let parents = [seals].into_iter().chain(&held).map(|parent| seal_parent(key, parent));
        let sealed = KeysSealed {
            compartment: Compartment::Community,
            generation: 5,
            epoch: key.id(),
            parents: parents.collect(),
            wraps: vec![wrap],
        };
        world.write(liar.device(), RosterEvent::KeysSealed(sealed));
    }

    let newest = rotate(&mut world, &founder);

    let roster = world.fold();
    let epoch = roster.epoch(Compartment::Community, newest).expect("just made");
    assert_eq!(epoch.generation, 6);
    let ring = Keyring::open(&founder, &roster);
    let opened: BTreeSet<EpochId> =
        epoch.open_parents(ring.key(newest).expect("given")).filter_map(|(id, key)| key.map(|_| id)).collect();
    assert!(opened.contains(&one.id()) || opened.contains(&other.id()), "whoever holds the new one opens the ring");
}

#[test]
fn the_largest_event_of_keys_has_room_in_a_body() {
    let key = new_key(&mut World::seeded(41));
    let wraps = |nth: usize| crate::key::Wrap {
        device: DeviceId::from_bytes(*blake3::hash(&nth.to_be_bytes()).as_bytes()),
        encapsulated: vec![0xff; 32],
        sealed: vec![0xff; 48],
    };
    let sealed = KeysSealed {
        compartment: Compartment::Care,
        generation: u64::MAX,
        epoch: key.id(),
        parents: vec![SealedParent { epoch: EpochId::ZERO, sealed: vec![0xff; 48] }; 64],
        wraps: (0..crate::limits::WRAPS).map(wraps).collect(),
    };
    let event = RosterEvent::KeysSealed(sealed);

    assert_eq!(event.check(), Ok(()));
    assert!(event.encode().len() + 64 <= crate::limits::SEALED_BODY, "{}", event.encode().len());
}

#[test]
fn what_is_said_of_who_was_given_which_key_does_not_multiply_t4() {
    let mut world = World::seeded(22);
    let (founder, liar) = (twin(&world.founder), world.admitted(world.founder.device(), Role::Coordinator));
    let mut noise = |bytes: usize| -> Vec<u8> { (0..bytes).map(|_| rand::RngExt::random(&mut world.dice)).collect() };
    let mut said: Vec<KeysSealed> = Vec::new();
    for _ in 0..80 {
        let parents =
            said.iter().rev().take(limits::PARENTS).map(|last| SealedParent { epoch: last.epoch, sealed: noise(48) });
        let parents = parents.collect();
        let device = |bytes: Vec<u8>| DeviceId::from_slice(&bytes).expect("32 bytes");
        let wraps = (0..limits::WRAPS).map(|_| {
            let device = device(noise(32));
            crate::key::Wrap { device, encapsulated: noise(32), sealed: noise(48) }
        });
        let wraps = wraps.collect();
        let epoch = EpochId::from_slice(&noise(16)).expect("16 bytes");
        said.push(KeysSealed { compartment: Compartment::Community, generation: 9, epoch, parents, wraps });
    }
    for sealed in said {
        world.write(liar.device(), RosterEvent::KeysSealed(sealed));
    }

    let roster = world.fold();

    let all: usize = roster.epochs(Compartment::Community).map(|epoch| roster.withdrawn_recipients(epoch)).sum();
    assert!((80 * 4..=80 * 8).contains(&all), "{all} in all");
    let ring = Keyring::open(&founder, &roster);
    let writes =
        roster.writing_epoch(Compartment::Community, &ring).and_then(|id| roster.epoch(Compartment::Community, id));
    assert_eq!(writes.map(|epoch| roster.withdrawn_recipients(epoch)), Some(0));
}

#[test]
fn keys_that_a_liar_heaps_up_are_given_to_everybody_as_one_t4() {
    let mut world = World::seeded(23);
    let founder = twin(&world.founder);
    let liar = world.admitted(founder.device(), Role::Coordinator);
    let others: Vec<DeviceKeys> = (0..5).map(|_| world.admitted(founder.device(), Role::Volunteer)).collect();
    let mut heap = Vec::new();
    for _ in 0..100 {
        let key = new_key(&mut world);
        let purpose = purpose(world.community, Compartment::Community, key.id());
        let to = founder.record();
        let wraps = vec![wrap(&mut world.dice, to.device, &to.sealing, &purpose, key.as_secret()).expect("usable")];
        let (compartment, parents) = (Compartment::Community, Vec::new());
        let sealed = KeysSealed { compartment, generation: 3, epoch: key.id(), parents, wraps };
        world.write(liar.device(), RosterEvent::KeysSealed(sealed));
        heap.push(key.id());
    }

    let given = world.command(&founder, RosterCommand::WrapLacking).expect("a coordinator with keys");
    let (newcomer, before) = (world.device(), world.facts.len());
    let admit = RosterCommand::Admit { record: newcomer.record(), role: Role::Volunteer, member: None, name: None };
    world.command(&founder, admit).expect("admitted");

    assert!(given.len() <= 3 && world.facts.len() - before <= 3, "{} events", given.len());
    let roster = world.fold();
    for keys in others.iter().chain([&newcomer, &liar]) {
        let ring = Keyring::open(keys, &roster);
        assert!(heap.iter().all(|key| ring.key(*key).is_some()), "whoever belongs opens all");
    }
}

/// A key that `by` gives to somebody.
fn given(world: &mut World, by: DeviceId, to: &DeviceKeys) -> EpochId {
    let (key, record) = (new_key(world), to.record());
    let (compartment, epoch, parents) = (Compartment::Community, key.id(), Vec::new());
    let purpose = purpose(world.community, compartment, epoch);
    let wrap = wrap(&mut world.dice, record.device, &record.sealing, &purpose, key.as_secret());
    let wraps = vec![wrap.expect("a usable key")];
    world.write(by, RosterEvent::KeysSealed(KeysSealed { compartment, generation: 1, epoch, parents, wraps }));
    epoch
}

/// A log of a device that is read before its own.
fn read_before(world: &World, device: DeviceId) -> crate::event::LogHeader {
    let own = world.header(device, ROSTER);
    let lives = (1_u64..).map(|life| Incarnation::from_bytes(life.to_be_bytes()));
    let mut logs = lives.map(|incarnation| crate::event::LogHeader { incarnation, ..own });
    logs.find(|log| log.id() < own.id()).expect("every other is")
}

/// Others write under a key whose giver was let in by somebody; that this somebody's keys say something else later takes it from
/// nobody. Whoever was never a coordinator gives none.
#[test]
fn a_key_opens_whatever_becomes_of_who_let_its_giver_in_t4() {
    let mut world = World::seeded(24);
    let founder = world.founder.device();
    let stolen = world.admitted(founder, Role::Coordinator).device();
    let friend = world.admitted(founder, Role::Volunteer);
    let forgotten = world.admitted(stolen, Role::Coordinator).device();
    let demoted = world.admitted(stolen, Role::Coordinator);
    let keys = [forgotten, demoted.device()].map(|giver| given(&mut world, giver, &friend));
    let volunteers = given(&mut world, friend.device(), &friend);
    let opens = |world: &World, keys: &[EpochId]| {
        let ring = Keyring::open(&friend, &world.fold());
        keys.iter().filter(|key| ring.key(**key).is_some()).count()
    };
    assert_eq!((opens(&world, &keys), opens(&world, &[volunteers])), (2, 0));

    let first = read_before(&world, stolen);
    world.write_in(first, admission(demoted.record(), Role::Volunteer));
    for _ in 0..limits::ROSTER_ROOM / 356 {
        let (device, cuts) = (DeviceId::from_bytes([9; 32]), Vec::new());
        world.write_in(first, RosterEvent::Revoked(Revoked { device, cuts, replaces: Vec::new(), act: None }));
    }

    let roster = world.fold();
    assert!(roster.device(forgotten).is_none(), "its admission is crowded out");
    assert_eq!(roster.device(demoted.device()).map(|device| device.role), Some(Role::Volunteer));
    assert_eq!((opens(&world, &keys), opens(&world, &[volunteers])), (2, 0));
    assert!(keys.iter().all(|key| roster.epoch(Compartment::Community, *key).is_some_and(|epoch| !epoch.counts)));
}

/// Rotates the community's key and returns the new one's name.
fn rotate(world: &mut World, by: &DeviceKeys) -> EpochId {
    let known: BTreeSet<_> = world.fold().epochs(Compartment::Community).map(|epoch| epoch.id).collect();
    world.command(by, RosterCommand::Rotate { compartment: Compartment::Community }).expect("a coordinator with a key");
    let roster = world.fold();
    let mut new = roster.epochs(Compartment::Community).map(|epoch| epoch.id).filter(|id| !known.contains(id));
    new.next().expect("one more than before")
}

fn twin(keys: &DeviceKeys) -> DeviceKeys {
    DeviceKeys::from_slice(&keys.to_secret()).expect("just stored")
}

fn admit(world: &mut World, name: Option<&str>) -> DeviceKeys {
    let (founder, keys) = (twin(&world.founder), world.device());
    let name = name.map(str::to_owned);
    let command = RosterCommand::Admit { record: keys.record(), role: Role::Volunteer, member: None, name };
    world.command(&founder, command).expect("a coordinator admits");
    keys
}

fn new_key(world: &mut World) -> EpochKey {
    EpochKey::generate(&mut world.dice, world.community, Compartment::Community)
}
