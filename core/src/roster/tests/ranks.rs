use super::*;
use crate::roster::{Verdict, affected};

#[test]
fn ranks_follow_kit_founder_and_the_tree_of_admissions() {
    let mut world = World::seeded(1);
    let (kit, founder) = (world.kit.device(), world.founder.device());
    let volunteer = world.admitted(founder, Role::Volunteer).device();
    let first = world.admitted(founder, Role::Coordinator).device();
    let second = world.admitted(founder, Role::Coordinator).device();
    let below_first = world.admitted(first, Role::Coordinator).device();
    let of_the_kit = world.admitted(kit, Role::Coordinator).device();
    let below_the_kits = world.admitted(of_the_kit, Role::Coordinator).device();

    let roster = world.fold();

    let mut ranked: Vec<_> = roster.devices().map(|device| (device.rank, device.record.device)).collect();
    ranked.sort();
    let ranked: Vec<_> = ranked.into_iter().map(|(_, device)| device).collect();
    assert_eq!(ranked, [kit, founder, of_the_kit, below_the_kits, first, below_first, second, volunteer]);
    assert_eq!(roster.founder(), Some(founder));
    assert_eq!(roster.member_of(kit), roster.member_of(founder));
}

#[test]
fn whom_the_kit_admits_is_above_the_founder_if_the_same_use_withdrew_it() {
    let mut world = World::seeded(11);
    let (kit, founder) = (world.kit.device(), world.founder.device());
    let (one, other) = (world.device(), world.device());
    let first_use = world.header(kit, ROSTER);
    let second_use = LogHeader { incarnation: Incarnation::from_bytes([9; 8]), ..first_use };
    world.write_in(first_use, admission(one.record(), Role::Coordinator));
    world.write_in(second_use, admission(other.record(), Role::Coordinator));
    let coordinator = world.admitted(founder, Role::Coordinator).device();
    let cuts = vec![world.cut_now(founder, ROSTER)];
    let revoked = Revoked { device: founder, cuts, replaces: Vec::new(), act: None };
    let rank = |world: &World, device| world.fold().device(device).expect("admitted").rank;
    assert!(rank(&world, founder) < rank(&world, one.device()) && rank(&world, founder) < rank(&world, other.device()));

    world.write_in(second_use, RosterEvent::Revoked(revoked));

    assert!(rank(&world, kit) < rank(&world, other.device()));
    assert!(rank(&world, other.device()) < rank(&world, founder), "admitted in the use that withdrew the founder");
    assert!(rank(&world, founder) < rank(&world, one.device()), "in another use");
    assert!(rank(&world, one.device()) < rank(&world, coordinator));
}

#[test]
fn a_later_incarnation_admits_after_the_one_it_names() {
    let mut world = World::seeded(2);
    let founder = world.founder.device();
    let (older, newer) = (world.device().device(), world.device().device());
    let mut later = world.header(founder, ROSTER);
    later.incarnation = Incarnation::from_bytes([9; 8]);
    let mut latest = later;
    latest.incarnation = Incarnation::from_bytes([7; 8]);
    let any = world.founder.record();
    let record = |device| DeviceRecord { device, ..any };
    world.write_in(latest, RosterEvent::Resumed(Resumed { after: later.id() }));
    world.write_in(latest, admission(record(newer), Role::Coordinator));
    world.write_in(later, RosterEvent::Resumed(Resumed { after: world.header(founder, ROSTER).id() }));
    world.write_in(later, admission(record(older), Role::Coordinator));

    let roster = world.fold();

    let rank = |device| roster.device(device).expect("admitted").rank;
    assert!(rank(older) < rank(newer));
}

#[test]
fn incarnations_that_name_each_other_in_a_ring_are_read_all_the_same() {
    let mut world = World::seeded(3);
    let one = world.header(world.founder.device(), ROSTER);
    let other = LogHeader { incarnation: Incarnation::from_bytes([9; 8]), ..one };
    world.write_in(one, RosterEvent::Resumed(Resumed { after: other.id() }));
    world.write_in(other, RosterEvent::Resumed(Resumed { after: one.id() }));
    let record = world.device().record();
    world.write_in(other, admission(record, Role::Volunteer));

    assert!(world.fold().may_connect(record.device));
}

#[test]
fn a_key_is_admitted_once_by_whoever_ranks_first() {
    let mut world = World::seeded(4);
    let founder = world.founder.device();
    let coordinator = world.admitted(founder, Role::Coordinator).device();
    let record = world.device().record();
    world.write(coordinator, admission(record, Role::Coordinator));
    world.write(founder, admission(record, Role::Volunteer));

    let roster = world.fold();

    let device = roster.device(record.device).expect("admitted");
    assert_eq!((device.role, device.admitted_by), (Role::Volunteer, Some(founder)));
}

#[test]
fn what_strangers_and_volunteers_write_changes_nothing() {
    let mut world = World::seeded(5);
    let founder = world.founder.device();
    let volunteer = world.admitted(founder, Role::Volunteer).device();
    let before = world.fold();
    let (stranger, friend) = (world.device(), world.device());
    for by in [stranger.device(), volunteer] {
        world.write(by, admission(friend.record(), Role::Coordinator));
        world.write(by, admission(stranger.record(), Role::Coordinator));
        world.revoke(by, founder, Vec::new());
        world.write(by, RosterEvent::Granted(Granted { device: by, grant: Grant::Care, after: Vec::new(), act: None }));
    }

    assert_eq!(world.fold().digest(), before.digest());
    let header = world.header(stranger.device(), COMMON);
    let at = world.act(&header);
    assert_eq!(world.verdict(&header, at), Verdict::Stranger);
}

#[test]
fn only_this_communitys_founding_event_counts_without_a_community() {
    let mut world = World::seeded(6);
    let (origin, before) = (world.facts[0].clone(), world.fold());
    let other = World::seeded(7);
    world.facts.insert(0, other.facts[0].clone());
    let zero = LogHeader { community: CommunityId::ZERO, ..world.header(world.founder.device(), ROSTER) };
    let record = world.device().record();
    let at = world.act(&zero);
    world.write_at(zero, at, admission(record, Role::Coordinator));

    assert_eq!(world.fold().digest(), before.digest());
    assert_eq!(before.verdict(&origin.log, 0, origin.id, &world), Verdict::Counts);
    assert_eq!(before.verdict(&zero, at.seq, at.id, &world), Verdict::Stranger);
    assert_eq!(origin.log.id(), world.header(world.founder.device(), ROSTER).id());
}

#[test]
fn without_the_founding_event_nobody_is_known() {
    let world = World::seeded(8);

    let roster = Roster::fold(world.community, &world.facts[1..], &world);

    assert_eq!(roster.founder(), None);
    assert!(!roster.may_connect(world.founder.device()));
}

#[test]
fn who_left_is_not_welcome_but_what_they_did_stands() {
    let mut world = World::seeded(9);
    let volunteer = world.admitted(world.founder.device(), Role::Volunteer).device();
    let header = world.header(volunteer, COMMON);
    let at = world.act(&header);
    let before = world.fold();
    world.write(volunteer, RosterEvent::Left);

    let after = world.fold();

    assert!(before.may_connect(volunteer) && !after.may_connect(volunteer));
    assert_eq!(after.verdict(&header, at.seq, at.id, &world), Verdict::Counts);
    assert!(affected(&before, &after).is_empty());
}

#[test]
fn a_device_changes_its_own_keys_and_nobody_elses() {
    let mut world = World::seeded(10);
    let founder = world.founder.device();
    let volunteer = world.admitted(founder, Role::Volunteer);
    let new = volunteer.record_of(world.device().record().sealing);
    world.write(volunteer.device(), RosterEvent::KeyRotated(KeyRotated { record: new }));
    let stolen = DeviceRecord { sealing: new.sealing, ..world.founder.record() };
    world.write(volunteer.device(), RosterEvent::KeyRotated(KeyRotated { record: stolen }));

    let roster = world.fold();

    assert_eq!(roster.device(volunteer.device()).map(|device| device.record), Some(new));
    assert_eq!(roster.device(founder).map(|device| device.record), Some(world.founder.record()));
}
