use super::*;
use crate::{
    limits,
    roster::{Need, Right, Verdict, affected},
};

#[test]
fn a_cut_ends_a_log_at_its_head_and_what_it_does_not_name_at_nothing_r8() {
    let mut world = World::seeded(1);
    let founder = world.founder.device();
    let volunteer = world.admitted(founder, Role::Volunteer).device();
    let (common, care) = (world.header(volunteer, COMMON), world.header(volunteer, CARE));
    let (before, in_care) = (world.act(&common), world.act(&care));
    let cut = world.cut_now(volunteer, COMMON);
    let old = world.fold();
    world.revoke(founder, volunteer, vec![cut]);
    let beyond = world.act(&common);
    let back_dated = world.chain(common.id(), None);

    assert_eq!(world.verdict(&common, before), Verdict::Counts);
    assert_eq!(world.verdict(&common, beyond), Verdict::Cut);
    assert_eq!(world.verdict(&common, back_dated), Verdict::Cut);
    assert_eq!(world.verdict(&care, in_care), Verdict::Cut);
    assert!(!world.fold().may_connect(volunteer));
    assert_eq!(affected(&old, &world.fold()), [volunteer].into());
}

#[test]
fn while_the_named_head_is_not_held_the_log_counts_up_to_its_place() {
    let mut world = World::seeded(2);
    let founder = world.founder.device();
    let volunteer = world.admitted(founder, Role::Volunteer).device();
    let common = world.header(volunteer, COMMON);
    let acts = [world.act(&common), world.act(&common), world.act(&common)];
    let unheld = CutHead { seq: 1, id: EventId::from_bytes([9; 32]) };
    world.revoke(founder, volunteer, vec![Cut { log: common.id(), heads: vec![unheld] }]);

    let verdicts = acts.map(|at| world.verdict(&common, at));

    assert_eq!(verdicts, [Verdict::Counts, Verdict::Counts, Verdict::Cut]);
}

#[test]
fn a_withdrawal_from_below_is_a_request() {
    let mut world = World::seeded(3);
    let founder = world.founder.device();
    let coordinator = world.admitted(founder, Role::Coordinator).device();
    let asked = world.revoke(coordinator, founder, Vec::new());
    let removed =
        GrantRemoved { device: founder, grant: Grant::Care, heads: Vec::new(), incarnations: Vec::new(), act: None };
    let also_asked = world.write(coordinator, RosterEvent::GrantRemoved(removed));

    let roster = world.fold();

    assert!(roster.may_connect(founder));
    assert!(roster.rights_of(founder).any(|right| *right == Right::Care));
    let requests: Vec<_> = roster.requests().map(|request| (request.event, request.by, request.device)).collect();
    assert_eq!(requests, [(asked, coordinator, founder), (also_asked, coordinator, founder)]);
}

#[test]
fn what_a_cut_coordinator_did_beyond_it_falls_and_is_listed() {
    let mut world = World::seeded(4);
    let founder = world.founder.device();
    let coordinator = world.admitted(founder, Role::Coordinator).device();
    let kept = world.admitted(coordinator, Role::Volunteer).device();
    let cut = world.cut_now(coordinator, ROSTER);
    let lost = world.admitted(coordinator, Role::Coordinator).device();
    let lost_too = world.admitted(lost, Role::Volunteer).device();
    let by_the_thief = world.revoke(coordinator, kept, Vec::new());
    let by_the_lost = world.revoke(lost, kept, Vec::new());
    assert!(!world.fold().may_connect(kept));
    world.revoke(founder, coordinator, vec![cut]);

    let roster = world.fold();

    assert!(roster.may_connect(kept));
    assert!(roster.device(lost).is_none() && roster.device(lost_too).is_none());
    let mut fallen: Vec<_> = roster.fallen().map(|fallen| fallen.event).collect();
    let mut expected = [by_the_thief, by_the_lost];
    fallen.sort();
    expected.sort();
    assert_eq!(fallen, expected);
}

#[test]
fn a_cut_may_be_raised_by_one_who_is_not_below_its_author() {
    let mut world = World::seeded(5);
    let founder = world.founder.device();
    let first = world.admitted(founder, Role::Coordinator).device();
    let second = world.admitted(founder, Role::Coordinator).device();
    let volunteer = world.admitted(founder, Role::Volunteer).device();
    let common = world.header(volunteer, COMMON);
    let low = world.act(&common);
    let low_cut = world.cut_now(volunteer, COMMON);
    let high = world.act(&common);
    let high_cut = world.cut_now(volunteer, COMMON);
    let strict = world.revoke(first, volunteer, vec![low_cut]);

    let raise = Revoked { device: volunteer, cuts: vec![high_cut], replaces: vec![strict], act: None };
    world.write(second, RosterEvent::Revoked(raise.clone()));
    assert_eq!(world.verdict(&common, low), Verdict::Counts);
    assert_eq!(world.verdict(&common, high), Verdict::Cut, "the second ranks below the first");

    world.write(founder, RosterEvent::Revoked(raise));
    assert_eq!(world.verdict(&common, high), Verdict::Counts);
    assert!(!world.fold().may_connect(volunteer), "a key once revoked never returns");
}

#[test]
fn of_cuts_that_do_not_replace_each_other_all_must_admit() {
    let mut world = World::seeded(6);
    let founder = world.founder.device();
    let coordinator = world.admitted(founder, Role::Coordinator).device();
    let volunteer = world.admitted(founder, Role::Volunteer).device();
    let common = world.header(volunteer, COMMON);
    let low = world.act(&common);
    let low_cut = world.cut_now(volunteer, COMMON);
    let high = world.act(&common);
    let high_cut = world.cut_now(volunteer, COMMON);
    world.revoke(founder, volunteer, vec![high_cut]);
    world.revoke(coordinator, volunteer, vec![low_cut]);

    assert_eq!(world.verdict(&common, low), Verdict::Counts);
    assert_eq!(world.verdict(&common, high), Verdict::Cut);
    assert_eq!(world.fold().cuts_of(volunteer).count(), 2);
}

#[test]
fn the_kit_cuts_a_stolen_founder_and_the_founding_stands() {
    let mut world = World::seeded(7);
    let (founder, kit) = (world.founder.device(), world.kit.device());
    let cut = world.cut_now(founder, ROSTER);
    let accomplice = world.admitted(founder, Role::Coordinator).device();
    world.revoke(founder, kit, Vec::new());
    world.revoke(kit, founder, vec![cut]);
    let heir = world.admitted(kit, Role::Coordinator).device();

    let roster = world.fold();

    assert_eq!(roster.founder(), Some(founder));
    assert!(!roster.may_connect(founder));
    assert!(roster.device(accomplice).is_none());
    assert!(roster.may_connect(heir) && roster.may_connect(kit));
}

#[test]
fn a_device_that_cuts_itself_before_the_cut_still_cuts_itself() {
    let mut world = World::seeded(8);
    let coordinator = world.admitted(world.founder.device(), Role::Coordinator).device();
    let undone = world.admitted(coordinator, Role::Volunteer).device();
    world.revoke(coordinator, coordinator, Vec::new());

    let roster = world.fold();

    assert!(!roster.may_connect(coordinator));
    assert!(roster.device(undone).is_none());
}

#[test]
fn a_thief_cannot_uncut_a_phone_by_cutting_it_again() {
    let mut world = World::seeded(9);
    let founder = world.founder.device();
    let coordinator = world.admitted(founder, Role::Coordinator).device();
    let cut = world.cut_now(coordinator, ROSTER);
    let strict = world.revoke(founder, coordinator, vec![cut]);
    world.admitted(coordinator, Role::Volunteer);
    let cuts = vec![world.cut_now(coordinator, ROSTER)];
    world.write(
        coordinator,
        RosterEvent::Revoked(Revoked { device: coordinator, cuts, replaces: vec![strict], act: None }),
    );

    assert_eq!(world.fold().cuts_of(coordinator).collect::<Vec<_>>(), [strict]);
}

#[test]
fn a_right_covers_a_log_from_its_beginning_and_ends_at_the_named_heads() {
    let mut world = World::seeded(10);
    let founder = world.founder.device();
    let leader = world.admitted(founder, Role::Volunteer).device();
    let common = world.header(leader, COMMON);
    let early = world.act(&common);
    let grant = Grant::Leader { buildings: vec!["3".to_owned()] };
    world.write(
        founder,
        RosterEvent::Granted(Granted { device: leader, grant: grant.clone(), after: Vec::new(), act: None }),
    );
    let heads = vec![world.cut_now(leader, COMMON)];
    let incarnations = vec![common.incarnation];
    let removed = world.write(
        founder,
        RosterEvent::GrantRemoved(GrantRemoved {
            device: leader,
            grant: grant.clone(),
            heads,
            incarnations,
            act: None,
        }),
    );
    let late = world.act(&common);
    let here = About { building: Some("3"), ..About::default() };
    let there = About { building: Some("4"), ..About::default() };

    assert!(world.standing(&common, early, &here).may(Need::LEADER));
    assert!(world.standing(&common, early, &there).may(Need::ANY_LEADER));
    assert!(!world.standing(&common, early, &there).may(Need::LEADER));
    assert!(!world.standing(&common, late, &here).may(Need::LEADER.or(Need::ANY_LEADER)));
    assert_eq!(world.verdict(&common, late), Verdict::Counts, "a right ends, not a voice");

    world.write(founder, RosterEvent::Granted(Granted { device: leader, grant, after: vec![removed], act: None }));
    let fresh = LogHeader { incarnation: Incarnation::from_bytes([5; 8]), ..common };
    let again = world.act(&fresh);
    assert!(world.standing(&fresh, again, &here).may(Need::LEADER));
    assert!(!world.standing(&common, late, &here).may(Need::LEADER), "given back covers a new incarnation only");
}

#[test]
fn losing_care_cuts_the_care_logs_and_nothing_else() {
    let mut world = World::seeded(11);
    let founder = world.founder.device();
    let carer = world.admitted(founder, Role::Volunteer).device();
    world.write(
        founder,
        RosterEvent::Granted(Granted { device: carer, grant: Grant::Care, after: Vec::new(), act: None }),
    );
    let (care, common) = (world.header(carer, CARE), world.header(carer, COMMON));
    let before = world.act(&care);
    let heads = vec![world.cut_now(carer, CARE)];
    let removed =
        GrantRemoved { device: carer, grant: Grant::Care, heads, incarnations: vec![care.incarnation], act: None };
    world.write(founder, RosterEvent::GrantRemoved(removed));
    let (after, elsewhere) = (world.act(&care), world.act(&common));

    assert_eq!(world.verdict(&care, before), Verdict::Counts);
    assert_eq!(world.verdict(&care, after), Verdict::Cut);
    assert_eq!(world.verdict(&common, elsewhere), Verdict::Counts);
    assert!(world.fold().may_connect(carer));
}

#[test]
fn relays_and_the_kit_have_no_rights_over_aggregates() {
    let mut world = World::seeded(12);
    let relay = world.admitted(world.founder.device(), Role::Relay).device();
    for device in [relay, world.kit.device()] {
        let header = world.header(device, COMMON);
        let at = world.act(&header);

        assert_eq!(world.standing(&header, at, &About::default()), Standing::NONE);
    }
}

#[test]
fn members_authors_and_keepers_are_told_apart() {
    let mut world = World::seeded(13);
    let founder = world.founder.device();
    let keeper = world.admitted(founder, Role::Volunteer).device();
    let kept = Reference::from_bytes([4; 40]);
    let grant = Grant::Keeper { boxes: vec![kept] };
    world.write(founder, RosterEvent::Granted(Granted { device: keeper, grant, after: Vec::new(), act: None }));
    let header = world.header(keeper, COMMON);
    let at = world.act(&header);
    let own = Some(MemberId::first_device(keeper));
    let about = About { author: own, aggregate: Some(kept), ..About::default() };

    let standing = world.standing(&header, at, &about);

    let expected = Standing::NONE.with(Need::MEMBER).with(Need::AUTHOR).with(Need::KEEPER);
    assert_eq!(standing, expected);
}

#[test]
fn a_cut_of_several_events_is_one_cut_r8() {
    let mut world = World::seeded(40);
    let founder = world.founder.device();
    let volunteer = world.admitted(founder, Role::Volunteer).device();
    let (common, care) = (world.header(volunteer, COMMON), world.header(volunteer, CARE));
    let (said, wrote) = (world.act(&common), world.act(&care));
    let part = |cuts, act| RosterEvent::Revoked(Revoked { device: volunteer, cuts, replaces: Vec::new(), act });
    let (one, other) = (world.cut_now(volunteer, COMMON), world.cut_now(volunteer, CARE));

    world.write(founder, part(vec![one], Some(7)));
    assert_eq!(world.verdict(&care, wrote), Verdict::Cut, "the rest has not come yet");
    world.write(founder, part(vec![other.clone()], Some(7)));

    assert_eq!(world.verdict(&common, said), Verdict::Counts);
    assert_eq!(world.verdict(&care, wrote), Verdict::Counts);
    let beyond = world.act(&care);
    assert_eq!(world.verdict(&care, beyond), Verdict::Cut);
    let coordinator = world.admitted(founder, Role::Coordinator).device();
    world.write(coordinator, part(vec![other], Some(7)));
    assert_eq!(world.verdict(&common, said), Verdict::Cut, "another's cut of the same number is another cut");
    assert_eq!(world.fold().cuts_of(volunteer).count(), 3);
}

#[test]
fn a_right_taken_in_several_events_is_taken_once_and_given_again_after_all_of_them() {
    let mut world = World::seeded(41);
    let founder = world.founder.device();
    let carer = world.admitted(founder, Role::Volunteer).device();
    let granted = |after, act| RosterEvent::Granted(Granted { device: carer, grant: Grant::Care, after, act });
    world.write(founder, granted(Vec::new(), None));
    let care = world.header(carer, CARE);
    let said = world.act(&care);
    let removed = |heads, incarnations| {
        RosterEvent::GrantRemoved(GrantRemoved { device: carer, grant: Grant::Care, heads, incarnations, act: Some(7) })
    };
    let first = world.write(founder, removed(vec![world.cut_now(carer, CARE)], Vec::new()));
    let second = world.write(founder, removed(Vec::new(), vec![care.incarnation]));
    let later = world.act(&care);
    let has = |world: &World| world.fold().rights_of(carer).any(|right| *right == Right::Care);

    assert_eq!(world.verdict(&care, said), Verdict::Counts);
    assert_eq!(world.verdict(&care, later), Verdict::Cut);
    assert!(!has(&world));
    world.write(founder, granted(vec![first], Some(8)));
    assert!(!has(&world), "one of the two is not named yet");
    world.write(founder, granted(vec![second], Some(8)));
    assert!(has(&world));
    let anew = LogHeader { incarnation: Incarnation::from_bytes([9; 8]), ..care };
    let act = world.act(&anew);
    assert_eq!(world.verdict(&anew, act), Verdict::Counts);
    assert_eq!(world.verdict(&care, later), Verdict::Cut);
}

/// Counts how often a chain is asked about.
struct Asked<'a>(&'a World, std::cell::Cell<usize>);

impl Chains for Asked<'_> {
    fn is_ancestor(&self, log: LogId, seq: u64, id: EventId, head_seq: u64, head: EventId) -> Option<bool> {
        self.1.set(self.1.get() + 1);
        self.0.is_ancestor(log, seq, id, head_seq, head)
    }
}

#[test]
fn however_much_a_liars_cuts_name_little_is_asked_for_each_event_t4() {
    let mut world = World::seeded(20);
    let liar = world.admitted(world.founder.device(), Role::Coordinator).device();
    let friend = world.admitted(liar, Role::Volunteer).device();
    let common = world.header(friend, COMMON);
    // A branch that no cut leaves, beside one of which every event is named as a head, again and again.
    let first = world.act(&common);
    let mut aside = vec![world.chain(common.id(), Some(first))];
    let mut heads = Vec::new();
    for _ in 0..200 {
        aside.push(world.chain(common.id(), aside.last().copied()));
        heads.push(world.act(&common));
    }
    for _ in 0..50 {
        world.revoke(liar, friend, vec![Cut { log: common.id(), heads: heads.clone() }]);
    }
    let roster = world.fold();

    for at in [first].iter().chain(&heads).chain(&aside) {
        let asked = Asked(&world, 0.into());
        let verdict = roster.verdict(&common, at.seq, at.id, &asked);
        assert_eq!(verdict == Verdict::Counts, *at == first || heads.contains(at));
        let asked = asked.1.get();
        assert!(asked <= limits::CUT_HEADS.max(limits::CUTS), "{asked} times for {at:?}");
    }
}
