//! The recovery kit: 24 words on paper, when the founder's phone is gone.

use std::collections::BTreeSet;

use linli_core::{
    key::{KitLanguage, KitWords, SecretStore},
    replica::{KitError, MembersError, Recovery, Reminder, Replica, What},
    roster::{Grant, Revocation, Right, Role, RosterRefusal, Who},
};
use linli_tests::{
    Break, Ended, World, meet,
    people::{LAN, MEI, WU, ZHAO},
};
use rand::SeedableRng;
use rand_chacha::ChaCha20Rng;

use crate::say;

/// T3: whoever loses the founder's phone has the words.
#[test]
fn a_kit_restores_a_community_whose_founder_phone_is_lost() {
    let (mut world, words) = founded(1);
    let order = say::post(&mut world, LAN);
    world.meet(LAN, WU, Break::Never);
    let lost = world.device(LAN);
    world.close(LAN);
    let new = world.phone();

    let recovery = begin(&world, new, &words);
    assert!(matches!(recovery.finish(None, None), Err(KitError::NotHeard)), "it hears before it speaks");
    sync(recovery.kit(), world.at(WU));
    recovery.finish(None, Some("Mei".into())).unwrap();
    drop(recovery);
    sync(world.at(new), world.at(WU));

    let roster = world.at(WU).roster();
    let own = roster.device(world.device(new)).unwrap();
    assert_eq!((own.role, world.at(WU).name_of(own)), (Role::Coordinator, Some("Mei".into())));
    assert!(own.rank > roster.device(lost).unwrap().rank, "the founder stays above, and may yet be found");
    let id = world.command();
    let withdrawn = world.at(new).revoke(id, Revocation::of(Who::Device(lost)));
    assert!(matches!(withdrawn, Err(MembersError::Refused(RosterRefusal::Rank { .. }))), "{withdrawn:?}");
    assert!(roster.rights_of(world.device(new)).any(|right| *right == Right::Care));
    assert!(world.at(new).is_ready() && world.at(new).order(order).is_ok());
    let next = world.join(new, Role::Volunteer);
    sync(world.at(next), world.at(new));
    assert!(world.at(next).is_ready(), "and admits others");
}

/// The kit stands under the founder's name, and lies in a drawer.
#[test]
fn withdrawing_the_founder_as_a_person_leaves_the_kit() {
    let (mut world, words) = founded(11);
    let kit = words.parse::<KitWords>().unwrap().keys().device();
    let (id, founder) = (world.command(), world.member(LAN));
    let revocation = Revocation { kit_at_hand: true, ..Revocation::of(Who::Member(founder)) };

    world.at(LAN).revoke(id, revocation).unwrap();

    let roster = world.at(LAN).roster();
    assert!(roster.is_revoked(world.device(LAN)) && !roster.is_revoked(kit));
    assert_eq!(roster.requests().count(), 0, "nobody asks for the kit's withdrawal");
}

/// How many kits' directories lie in a home.
fn kits_in(home: &std::path::Path) -> usize {
    let names = std::fs::read_dir(home).unwrap().map(|entry| entry.unwrap().file_name());
    names.filter(|name| name.to_string_lossy().starts_with("kit")).count()
}

/// Somebody begins once more on the same phone, because the first try seemed to hang.
#[test]
fn two_restorations_at_once_leave_each_other_alone_and_what_a_kill_left_goes() {
    let (mut world, words) = founded(31);
    let new = world.phone();
    let killed = world.home(new).join("kit-7");
    std::fs::create_dir(&killed).unwrap();
    std::fs::write(killed.join("linli.db"), b"half of it").unwrap();
    let (first, second) = (begin(&world, new, &words), begin(&world, new, &words));
    assert_eq!(kits_in(world.home(new)), 2);

    sync(first.kit(), world.at(WU));
    first.finish(None, None).unwrap();
    drop(first);
    sync(world.at(new), world.at(WU));
    sync(second.kit(), world.at(WU));
    second.finish(None, None).unwrap();
    drop(second);

    assert_eq!(kits_in(world.home(new)), 0);
    sync(world.at(new), world.at(WU));
    world.settle();
    world.assert_equal();
    assert_eq!(world.at(LAN).roster().device(world.device(new)).unwrap().role, Role::Coordinator);
}

#[test]
fn a_kit_leaves_nothing_behind_and_speaks_under_a_new_incarnation_each_time() {
    let (mut world, words) = founded(2);
    let kit = words.parse::<KitWords>().unwrap().keys();
    for _ in 0..2 {
        let new = world.phone();
        let recovery = begin(&world, new, &words);
        sync(recovery.kit(), world.at(WU));
        recovery.finish(None, None).unwrap();
        drop(recovery);
        sync(world.at(new), world.at(WU));
        assert_eq!(kits_in(world.home(new)), 0);
        let kept = world.secrets(new).get("device-keys").unwrap().unwrap();
        assert_ne!(kept.as_slice(), kit.to_secret().as_slice());
    }
    world.settle();

    let lines = world.at(WU).log(None, 500).unwrap().items;
    let by_kit = lines.iter().filter(|line| line.device == kit.device());
    assert_eq!(by_kit.clone().map(|line| line.event.log).collect::<BTreeSet<_>>().len(), 2);
    let codes: BTreeSet<_> = by_kit.filter_map(|line| line.code).collect();
    assert_eq!(codes, BTreeSet::from(["admitted", "keys_sealed", "resumed"]), "it admits, and nothing else");
    let roster = world.at(LAN).roster();
    assert!([MEI, ZHAO].iter().all(|phone| roster.device(world.device(*phone)).unwrap().role == Role::Coordinator));
    assert!(roster.rights_of(kit.device()).all(|right| *right == Right::Care));
    world.assert_equal();
}

#[test]
fn a_bundle_is_enough_to_hear_from() {
    let (mut world, words) = founded(3);
    let mut news = Vec::new();
    world.at(WU).export_bundle(What::All, &mut news, |_| {}).unwrap();
    let new = world.phone();

    let recovery = begin(&world, new, &words);
    recovery.kit().import_bundle(news.as_slice(), |_| {}).unwrap();
    recovery.finish(Some(world.member(LAN)), None).unwrap();

    assert_eq!(world.at(new).member(), Some(world.member(LAN)), "the same person");
    assert!(world.at(new).is_ready());
}

#[test]
fn another_communitys_kit_restores_nothing() {
    let ((mut world, _), (_, words)) = (founded(4), founded(5));
    let new = world.phone();

    let recovery = begin(&world, new, &words);
    sync(recovery.kit(), world.at(WU));
    assert!(matches!(recovery.finish(None, None), Err(KitError::OtherKit)));
    drop(recovery);

    assert_eq!(world.at(new).community(), None);
    let words: KitWords = words.parse().unwrap();
    let (elsewhere, _) = founded(14);
    let taken = elsewhere.at(1).recover_with_kit(&words, &world.at(WU).welcome().unwrap());
    assert!(matches!(taken, Err(KitError::Members(MembersError::AlreadyAMember))));
}

/// T3: the kit repairs a stolen founder's phone, and nobody whom it only admits stands above the founder.
#[test]
fn whom_the_kit_admits_stands_above_the_founder_only_if_the_same_use_withdrew_it() {
    let (mut world, words) = founded(15);
    let coordinator = world.join(LAN, Role::Coordinator);
    world.settle();
    let rank = |world: &World, phone: usize| {
        let roster = world.at(WU).roster();
        roster.device(world.device(phone)).unwrap().rank
    };
    let helper = world.phone();
    let recovery = begin(&world, helper, &words);
    sync(recovery.kit(), world.at(WU));
    assert_eq!(recovery.founder_above().unwrap(), Some(world.device(LAN)));
    recovery.finish(None, None).unwrap();
    drop(recovery);
    sync(world.at(helper), world.at(WU));
    assert!(rank(&world, LAN) < rank(&world, helper), "the kit only admitted it");
    assert!(rank(&world, helper) < rank(&world, coordinator), "right below the founder");
    let below = world.join(helper, Role::Coordinator);
    sync(world.at(helper), world.at(WU));
    assert!(rank(&world, LAN) < rank(&world, below));

    // The founder's phone turns out to be stolen: the same words, on a phone that belongs already.
    let recovery = begin(&world, helper, &words);
    sync(recovery.kit(), world.at(WU));
    recovery.withdraw_founder(None).unwrap();
    recovery.finish(None, None).unwrap();
    drop(recovery);
    let repair = world.phone();
    let recovery = begin(&world, repair, &words);
    sync(recovery.kit(), world.at(helper));
    assert!(recovery.withdraw_founder(None).is_err(), "it is withdrawn already");
    recovery.finish(None, None).unwrap();
    drop(recovery);
    sync(world.at(helper), world.at(WU));
    sync(world.at(repair), world.at(WU));
    let (thief, roster) = (world.device(LAN), world.at(WU).roster());
    assert!(roster.is_revoked(thief) && roster.may_connect(world.device(helper)));
    assert!(rank(&world, LAN) < rank(&world, repair), "this use did not withdraw it: another one had");
    // What the thief says now of whoever stands below it counts nowhere: it lies beyond the cut.
    let id = world.command();
    world.at(LAN).revoke(id, Revocation::of(Who::Device(world.device(coordinator)))).unwrap();
    assert!(world.at(WU).roster().may_connect(world.device(coordinator)));
}

#[test]
fn a_thief_who_withdraws_the_founders_phone_before_the_kit_does_gains_nothing_t3() {
    for heads in [Some(Vec::new()), None] {
        let (mut world, words) = founded(17);
        let helper = world.join(LAN, Role::Coordinator);
        sync(world.at(LAN), world.at(WU));
        sync(world.at(helper), world.at(WU));
        // Nothing of the founder's stands, whoever it let in included; or all of it, and the kit finds it done already.
        let (id, founder) = (world.command(), world.device(LAN));
        let own = Revocation { heads, kit_at_hand: true, ..Revocation::of(Who::Device(founder)) };
        world.at(LAN).revoke(id, own).unwrap();
        // A phone that is withdrawn is heard no more: its last words go round as a file.
        let mut file = Vec::new();
        world.at(LAN).export_bundle(What::All, &mut file, |_| {}).unwrap();
        for phone in [WU, helper] {
            world.at(phone).import_bundle(&mut file.as_slice(), |_| {}).unwrap();
        }

        let new = world.phone();
        let recovery = begin(&world, new, &words);
        sync(recovery.kit(), world.at(WU));
        assert_eq!(recovery.founder_above().unwrap(), Some(founder), "whoever uses the kit is asked");
        recovery.withdraw_founder(None).unwrap();
        assert_eq!(recovery.founder_above().unwrap(), None);
        recovery.finish(None, Some("Mei".into())).unwrap();
        drop(recovery);
        sync(world.at(new), world.at(WU));
        sync(world.at(WU), world.at(helper));

        let roster = world.at(helper).roster();
        let on_duty = |phone: usize| roster.may_connect(world.device(phone));
        assert!(!on_duty(LAN) && on_duty(WU) && on_duty(helper) && on_duty(new));
        assert!(roster.device(world.device(new)).unwrap().rank < roster.device(founder).unwrap().rank);
        let order = say::post(&mut world, helper);
        sync(world.at(helper), world.at(new));
        assert!(world.at(new).order(order).is_ok());
    }
}

#[test]
fn whom_the_kit_admits_while_it_withdraws_the_founder_is_out_of_the_thiefs_reach_t3() {
    let (mut world, words) = founded(16);
    let new = world.phone();
    let recovery = begin(&world, new, &words);
    sync(recovery.kit(), world.at(WU));
    recovery.withdraw_founder(None).unwrap();
    recovery.finish(None, Some("Mei".into())).unwrap();
    drop(recovery);
    sync(world.at(new), world.at(WU));

    let roster = world.at(WU).roster();
    let (own, founder) = (world.device(new), world.device(LAN));
    assert!(roster.device(own).unwrap().rank < roster.device(founder).unwrap().rank);
    assert!(roster.may_connect(own) && !roster.may_connect(founder));
    assert!(world.at(new).is_ready() && roster.rights_of(own).any(|right| *right == Right::Care));
}

#[test]
fn each_use_of_the_kit_on_one_phone_gives_anew_what_was_taken_since() {
    let (mut world, words) = founded(18);
    let new = world.phone();
    for nth in 0..3 {
        let recovery = begin(&world, new, &words);
        sync(recovery.kit(), world.at(LAN));
        recovery.finish(None, None).unwrap();
        recovery.finish(None, None).unwrap();
        drop(recovery);
        sync(world.at(new), world.at(LAN));
        assert!(world.at(new).reads_care(), "use {nth}");
        let register = world.at(new).log(None, 500).unwrap().items;
        let given = register.iter().filter(|line| line.device == world.device(new) && line.code == Some("granted"));
        assert_eq!(given.count(), nth + 1, "once in each use");

        let (id, device) = (world.command(), world.device(new));
        world.at(LAN).remove_grant(id, device, Grant::Care).unwrap();
        sync(world.at(LAN), world.at(new));
        assert!(!world.at(new).reads_care());
    }
}

#[test]
fn a_second_coordinator_is_asked_for_until_there_is_one() {
    let (mut world, words) = founded(6);
    let codes = |world: &World, phone: usize| world.at(phone).reminders().unwrap();
    assert_eq!(codes(&world, LAN), [Reminder::SecondCoordinator], "the kit is none");
    assert_eq!(Reminder::SecondCoordinator.code(), "second_coordinator");
    assert_eq!(codes(&world, WU), [], "a volunteer cannot help");

    let new = world.phone();
    let recovery = begin(&world, new, &words);
    sync(recovery.kit(), world.at(LAN));
    recovery.finish(Some(world.member(LAN)), None).unwrap();
    sync(world.at(new), world.at(LAN));
    assert_eq!(codes(&world, LAN), [Reminder::SecondCoordinator], "another phone of the same person is none");
    world.join(LAN, Role::Coordinator);
    assert_eq!(codes(&world, LAN), []);
}

#[test]
fn a_kit_is_no_coordinator_for_everyday() {
    let (mut world, words) = founded(7);
    let new = world.phone();
    let recovery = begin(&world, new, &words);
    sync(recovery.kit(), world.at(WU));

    let right = recovery.kit().grant(world.command(), world.device(WU), Grant::Care);

    assert!(matches!(right, Err(MembersError::Refused(RosterRefusal::NotAllowed { event: "granted", .. }))));
}

/// A founder with a kit and one volunteer, in step; and the words.
fn founded(seed: u64) -> (World, String) {
    let mut world = World::seeded(seed);
    let founder = world.phone();
    let (_, kit) = world.at(founder).found_with_kit(Some("Lan".into())).unwrap();
    world.join(founder, Role::Volunteer);
    world.settle();
    (world, kit.words(KitLanguage::English).join(" "))
}

fn sync(one: &Replica, other: &Replica) {
    let meeting = meet(one, other, &mut ChaCha20Rng::seed_from_u64(0), Break::Never);
    assert_eq!(meeting.ended, Ended::InStep);
}

fn begin(world: &World, phone: usize, words: &str) -> Recovery {
    let words: KitWords = words.parse().unwrap();
    world.at(phone).recover_with_kit(&words, &world.at(WU).welcome().unwrap()).unwrap()
}
