//! What only a later build reads whole (T6): who may have lost `care` by it is given no keys, by rank as by an honest removal,
//! until somebody gives it again behind that; and what is made out of what is said in a role of later.

use std::collections::BTreeSet;

use super::*;
use crate::event::{Compartment, Held};

#[test]
fn what_may_be_care_and_is_taken_in_a_form_of_later_takes_its_keys_by_rank_alone_t5_t6() {
    let mut world = World::seeded(1);
    let founder = twin(&world.founder);
    let (above, below) = (world.admitted(founder.device(), Role::Coordinator), carer(&mut world, &founder));
    world.command(&founder, give_care(above.device())).expect("granted");
    let lower = world.admitted(above.device(), Role::Coordinator);
    let stranger = world.device();

    for (by, device) in [(&below, above.device()), (&lower, above.device()), (&stranger, above.device())] {
        world.write(by.device(), takes(device));
        assert!(gets_keys(&world, device), "only who could take it honestly");
    }
    assert!(gets_keys(&world, below.device()));
    world.write(lower.device(), takes(below.device()));

    assert!(!gets_keys(&world, below.device()));
    let roster = world.fold();
    assert!(roster.rights_of(below.device()).any(|right| *right == Right::Care), "it is for others to say which right");
    assert!(roster.entitled(Compartment::Community).any(|device| device.record.device == below.device()));
    let held = |roster: &Roster| {
        let epoch = roster.epochs(Compartment::Care).next().expect("announced");
        (roster.withdrawn_recipients(epoch), roster.is_to_be_replaced(epoch))
    };
    assert_eq!(held(&roster), (1, false), "others are written under, and nothing is replaced by itself");
    world.revoke(founder.device(), below.device(), Vec::new());
    assert_eq!(held(&world.fold()), (1, true), "whoever is withdrawn besides is no case of doubt");
}

#[test]
fn what_was_taken_in_a_form_of_later_is_given_again_behind_it_or_falls_with_its_author_t5_t6() {
    let mut world = World::seeded(2);
    let founder = twin(&world.founder);
    let liar = world.admitted(founder.device(), Role::Coordinator);
    let carer = carer(&mut world, &founder);
    let device = carer.device();
    let taken = world.write(liar.device(), takes(device));
    let again = world.write(liar.device(), takes(device));
    assert!(!gets_keys(&world, device));
    let act = |after| RosterEvent::Granted(Granted { device, grant: Grant::Care, after, act: None });

    world.write(founder.device(), act(vec![taken]));
    assert!(!gets_keys(&world, device), "one of the two was not known");
    world.command(&founder, give_care(device)).expect("a person gives it again");

    assert!(gets_keys(&world, device));
    let Some(RosterEvent::Granted(granted)) =
        world.facts.iter().rev().map(|fact| &fact.event).find(|event| event.kind() == 3)
    else {
        panic!("it was just written")
    };
    assert_eq!(granted.after, BTreeSet::from([taken, again]).into_iter().collect::<Vec<_>>());
    assert_eq!(world.command(&founder, give_care(device)), Err(RosterRefusal::AlreadyGranted));
    world.write(liar.device(), takes(device));
    assert!(!gets_keys(&world, device));
    world.revoke(founder.device(), liar.device(), Vec::new());
    assert!(gets_keys(&world, device));
}

#[test]
fn whoever_is_in_a_role_of_later_withdraws_none_above_and_lets_in_whom_nobody_knows_t3_t6() {
    let mut world = World::seeded(3);
    let founder = twin(&world.founder);
    let coordinator = world.admitted(founder.device(), Role::Coordinator).device();
    let volunteer = world.admitted(founder.device(), Role::Volunteer).device();
    let deputies: Vec<_> = [0; 2].map(|_| world.admitted(founder.device(), Role::Later).device()).into();
    let guest = world.device();

    for device in [founder.device(), coordinator, deputies[0], volunteer] {
        world.revoke(deputies[1], device, Vec::new());
    }
    let admitted = world.write(deputies[1], admission(guest.record(), Role::Coordinator));

    let roster = world.fold();
    assert!([founder.device(), coordinator, deputies[0]].into_iter().all(|device| roster.may_connect(device)));
    assert!(!roster.may_connect(volunteer) && !roster.is_revoked(volunteer), "from where on, is not known");
    assert_eq!(roster.device(guest.device()).map(|guest| guest.role), Some(Role::Later));
    assert_eq!(roster.idle(admitted), Some(Held::Newer));
    let told: Vec<_> = roster.unread().map(|unread| (unread.by, unread.touch, unread.entitled)).collect();
    let withdrawal = (deputies[1], Touch::Withdrawal, true);
    assert_eq!(told.len(), 5);
    assert!(told.iter().all(|line| [withdrawal, (deputies[1], Touch::Admission, true)].contains(line)), "{told:?}");

    world.revoke(guest.device(), deputies[1], Vec::new());
    assert!(world.fold().may_connect(deputies[1]), "who was read before is above");
    world.revoke(founder.device(), deputies[1], Vec::new());
    let roster = world.fold();
    assert!(roster.may_connect(volunteer) && roster.device(guest.device()).is_none());
    let fell = roster.fallen().filter(|fallen| fallen.device == volunteer);
    assert_eq!(fell.count(), 1, "whoever cuts its author sees who is back");
}

#[test]
fn a_volunteer_makes_nobody_whom_a_later_build_would_hear_t6() {
    let mut world = World::seeded(4);
    let founder = world.founder.device();
    let [volunteer, other] = [0; 2].map(|_| world.admitted(founder, Role::Volunteer).device());
    let ghost = world.device();
    let admitted = world.write(volunteer, admission(ghost.record(), Role::Later));
    world.revoke(ghost.device(), other, Vec::new());
    world.revoke(volunteer, other, Vec::new());

    let roster = world.fold();
    assert!(roster.device(ghost.device()).is_none() && roster.may_connect(other));
    assert_eq!(roster.idle(admitted), Some(Held::Unentitled));
    assert_eq!(roster.unread().count(), 0);
}

fn twin(keys: &DeviceKeys) -> DeviceKeys {
    DeviceKeys::from_slice(&keys.to_secret()).expect("just stored")
}

fn takes(device: DeviceId) -> RosterEvent {
    RosterEvent::Later(Later { kind: 4, gist: Gist::Limits(device) })
}

fn carer(world: &mut World, by: &DeviceKeys) -> DeviceKeys {
    let carer = world.admitted(by.device(), Role::Volunteer);
    world.command(by, give_care(carer.device())).expect("granted");
    carer
}

fn give_care(device: DeviceId) -> RosterCommand {
    RosterCommand::Grant { device, grant: Grant::Care }
}

fn gets_keys(world: &World, device: DeviceId) -> bool {
    world.fold().entitled(Compartment::Care).any(|entitled| entitled.record.device == device)
}
