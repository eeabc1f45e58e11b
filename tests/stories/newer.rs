//! Phones that were not brought up to date (T6): what they cannot read they keep and pass on, fold around it, and say
//! who wrote it; a withdrawal, a recall, an erasure, an alert never pass in silence. Brought up to date they hold what all
//! others hold.

use std::collections::BTreeSet;

use linli_core::{
    aggregate::{
        Held,
        alert::{Alert, AlertCommand},
        encode,
        order::{Commented, kind},
        recall::{self, Recall, Scope},
    },
    event::{Body, Compartment, Content, Edit, Lacks, Scalar, Topic},
    id::{DeviceId, MemberId, Reference},
    key::DeviceRecord,
    net::Conversation,
    replica::{NewerLine, NewerWhat, OrderFilter, Replica, SubmitError, Update},
    roster::{Admitted, Grant, Revocation, Role, RosterCommand, RosterEvent, Who},
    sync::{Framer, frame_to_bytes},
};
use linli_tests::{
    Break, Ended, Forger, MORNING, World, hand_over,
    people::{LAN, MEI, WU},
};

use crate::say::{self, Command, body, comment, verdict};

/// A newer phone, two older ones in a row, and a newer one behind them, which hears of the first through them alone.
const FIRST: usize = 0;
pub(crate) const OLDER: [usize; 2] = [1, 2];
pub(crate) const BEHIND: usize = 3;

#[test]
fn a_kind_of_later_is_kept_passed_on_and_folded_around_t6() {
    let mut world = scene(1, &lacks_kinds(&[kind::COMMENTED, kind::STILL_NEEDED]));
    let order = say::post(&mut world, FIRST);
    let note =
        say::submit(&mut world, FIRST, Some(order), Command::Comment { text: "ring twice".into() }).unwrap().events;
    let claimed = say::submit(&mut world, FIRST, Some(order), Command::Claim).unwrap().events;
    along(&mut world);

    assert_passed_on(&world, &[order, note[0], claimed[0]]);
    for phone in OLDER {
        assert_eq!(verdict(&world, phone, note[0]), Some(Some(Held::Newer)));
        assert_eq!(verdict(&world, phone, claimed[0]), Some(None), "what builds on it counts");
        assert_eq!(world.at(phone).order(order).unwrap().view.card.holder, Some(world.member(FIRST)));
        assert_eq!(told(&world, phone), BTreeSet::from([(NewerWhat::Other, false)]));
    }
    along(&mut world);
    bring_up_to_date(&mut world);
}

#[test]
fn whoever_subscribes_hears_that_something_needs_a_newer_app_t6() {
    let mut world = scene(14, &lacks_kinds(&[kind::COMMENTED]));
    let order = say::post(&mut world, FIRST);
    along(&mut world);
    let mut updates = world.at(OLDER[0]).subscribe();
    let mut hears = || std::iter::from_fn(|| updates.take()).filter(|update| *update == Update::Newer).count();
    say::submit(&mut world, FIRST, Some(order), Command::Claim).unwrap();
    along(&mut world);
    assert_eq!(hears(), 0);

    say::submit(&mut world, FIRST, Some(order), Command::Comment { text: "ring twice".into() }).unwrap();
    along(&mut world);

    assert_eq!(hears(), 1);
    assert!(!world.at(OLDER[0]).needs_newer_app().unwrap().is_empty());
    bring_up_to_date(&mut world);
}

#[test]
fn an_aggregate_of_later_waits_whole_t6() {
    let mut world = scene(2, &lacks_kinds(&[kind::POSTED]));
    let order = say::post(&mut world, FIRST);
    let claimed = say::submit(&mut world, FIRST, Some(order), Command::Claim).unwrap().events[0];
    along(&mut world);

    assert_passed_on(&world, &[order, claimed]);
    for phone in OLDER {
        assert_eq!([order, claimed].map(|event| verdict(&world, phone, event)), [Some(Some(Held::Newer)); 2]);
        assert_eq!(world.at(phone).board(&OrderFilter::default()).unwrap().items, []);
    }
    bring_up_to_date(&mut world);
}

/// A number in LEB128.
fn varint(mut number: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    while number > 127 {
        bytes.push((number & 127) as u8 | 128);
        number >>= 7;
    }
    bytes.push(number as u8);
    bytes
}

/// A body to which a later build added a part, or later fields.
fn with_part(forger: &Forger, body: &Body, part: u64, rest: &[u8]) -> Vec<u8> {
    let bytes = body.to_bytes(forger.place().0).unwrap();
    assert!(bytes[0] < 128, "no such part yet");
    [varint(u64::from(bytes[0]) | part), bytes[1..].to_vec(), rest.to_vec()].concat()
}

#[test]
fn fields_and_parts_of_later_are_passed_over_or_held_and_deps_go_on_through_them_t6() {
    let mut world = World::community(3, 2);
    let order = say::post(&mut world, FIRST);
    let claimed = say::submit(&mut world, FIRST, Some(order), Command::Claim).unwrap().events[0];
    world.settle();
    let mut forger = Forger::with_keys_of(&mut world, WU);
    let mut with_key_99 = [encode(&Commented { text: "hi".into() }), vec![0x18, 99, 7]].concat();
    with_key_99[0] += 1;
    let passed_over = [
        forger.write(&body(order, kind::COMMENTED, with_key_99)),
        // A later field of an odd number.
        forger.seal(&with_part(&forger, &comment(order), 128, &[1, 1, 2, 7, 7])),
    ];
    let on_claim = Body { deps: vec![claimed], ..comment(order) };
    let held = [
        forger.seal(&with_part(&forger, &on_claim, 128, &[1, 2, 2, 7, 7])),
        forger.seal(&with_part(&forger, &on_claim, 256, b"whatever")),
        forger.write(&Body { edits: vec![Edit::Put { field: 999, value: Scalar::Bool(true) }], ..edited(order) }),
        forger.write(&Body { version: 2, ..on_claim.clone() }),
    ];
    let next = forger.write(&comment(order));
    hand_over(&world, LAN, forger.device(), world.tag(LAN, Topic::Common), &forger.runs()).unwrap();
    world.settle();

    for phone in 0..world.len() {
        assert_eq!(passed_over.map(|event| verdict(&world, phone, event)), [Some(None); 2], "phone {phone}");
        assert_eq!(held.map(|event| verdict(&world, phone, event)), [Some(Some(Held::Newer)); 4], "phone {phone}");
        let lamport = |event| world.at(phone).look(|reader| reader.event(event)).unwrap().unwrap().lamport;
        assert!(lamport(next) > lamport(claimed), "what a newer event builds on, the next one does");
        let lines = world.at(phone).needs_newer_app().unwrap();
        assert_eq!(
            lines.iter().map(|line| (line.what, line.device, line.events)).collect::<Vec<_>>(),
            [(NewerWhat::Other, forger.device(), 4)]
        );
        world.assert_one_truth(phone);
    }
}

fn edited(order: Reference) -> Body {
    body(order, kind::EDITED, vec![0xa0])
}

#[test]
fn a_withdrawal_of_later_shuts_the_door_gives_no_keys_and_is_said_aloud_t6_r8() {
    const COORDINATOR: usize = 4;
    const THIEF: usize = 5;
    let mut world = scene(4, &lacks_versions(&[5]));
    assert_eq!(world.join(FIRST, Role::Coordinator), COORDINATOR);
    assert_eq!(world.join(FIRST, Role::Volunteer), THIEF);
    world.settle();
    world.downgrade(COORDINATOR, lacks_versions(&[5]));
    let order = say::post(&mut world, FIRST);
    world.settle();
    let late = say::submit(&mut world, THIEF, Some(order), Command::Claim).unwrap().events[0];
    world.meet(THIEF, OLDER[0], Break::Never);

    let id = world.command();
    let thief = world.device(THIEF);
    world.at(FIRST).revoke(id, Revocation::of(Who::Device(thief))).unwrap();
    along(&mut world);
    world.meet(OLDER[1], COORDINATOR, Break::Never);

    assert!(world.at(BEHIND).roster().is_revoked(thief), "the cut went through older phones");
    for phone in [OLDER[0], OLDER[1], COORDINATOR] {
        let roster = world.at(phone).roster();
        assert!(!roster.is_revoked(thief) && !roster.may_connect(thief), "phone {phone} does not let the thief in");
        assert!(world.at(phone).link(thief).is_err());
        assert_eq!(verdict(&world, phone, late), Some(None), "from where on, is not known here");
        assert_eq!(told(&world, phone), BTreeSet::from([(NewerWhat::Withdrawal, true)]), "phone {phone}");
        let line = &world.at(phone).needs_newer_app().unwrap()[0];
        assert_eq!((line.about, line.events), (Some(thief), 1));
        let shown = world.at(phone).held_events(Some(Held::Newer), None, 10).unwrap();
        assert_eq!(shown.items.iter().map(|line| line.code).collect::<Vec<_>>(), [Some("revoked")]);
    }
    // Else an older coordinator would give the thief the new key, and those who know better replace it, for ever.
    let wraps = |world: &World, phone: usize| {
        let roster = world.at(phone).roster();
        let given = roster.epochs(linli_core::event::Compartment::Community).max_by_key(|epoch| epoch.generation);
        given.unwrap().recipients.clone()
    };
    assert!(!wraps(&world, COORDINATOR).contains(&thief));
    world.pass(60 * 24 * 200);
    assert!(world.at(COORDINATOR).tend().unwrap().rotated.is_empty(), "who should hold keys is for others to say");
    assert!(!wraps(&world, COORDINATOR).contains(&thief));

    along(&mut world);
    bring_up_to_date(&mut world);
    world.update(COORDINATOR);
    assert!(world.at(COORDINATOR).roster().is_revoked(thief));
    for phone in [OLDER[0], OLDER[1], COORDINATOR] {
        assert_eq!(verdict(&world, phone, late), Some(Some(Held::Cut)), "phone {phone}");
    }
    world.at(COORDINATOR).tend().unwrap();
    world.meet(COORDINATOR, FIRST, Break::Never);
    assert_eq!(hash(&world, COORDINATOR), hash(&world, FIRST));
}

#[test]
fn a_kind_that_is_kept_for_withdrawals_is_felt_by_this_build_t6_r8() {
    let mut world = World::community(5, 3);
    let thief = world.device(MEI);
    let mut forger = Forger::with_keys_of(&mut world, LAN).in_topic(&world, LAN, Topic::Roster);
    // Kind 40, of which nothing is known but its number and field 0, by the founder; then by a volunteer.
    let payload = [&[0xa2, 0x00, 0x58, 0x20][..], thief.as_bytes(), &[0x05, 0x07]].concat();
    let cut = forger.clear(40, 1, payload);
    hand_over(&world, WU, forger.device(), world.tag(WU, Topic::Roster), &forger.runs()).unwrap();
    let mut below = Forger::with_keys_of(&mut world, BEHIND).in_topic(&world, LAN, Topic::Roster);
    let founder = world.device(LAN);
    let payload = [&[0xa1, 0x00, 0x58, 0x20][..], founder.as_bytes()].concat();
    below.clear(40, 1, payload);
    hand_over(&world, WU, below.device(), world.tag(WU, Topic::Roster), &below.runs()).unwrap();

    let roster = world.at(WU).roster();
    assert!(!roster.may_connect(thief));
    assert!(roster.may_connect(founder), "a volunteer withdraws nobody, in whatever kind");
    let lines = world.at(WU).needs_newer_app().unwrap();
    let lines: Vec<_> = lines.iter().map(|line| (line.what, line.device, line.about)).collect();
    assert_eq!(
        lines,
        [(NewerWhat::Withdrawal, founder, Some(thief)), (NewerWhat::Other, below.device(), Some(founder))]
    );
    assert_eq!(world.at(WU).held_events(Some(Held::Newer), None, 9).unwrap().items.len(), 2);
    assert!(kept(&world, WU, cut).is_some());
    world.assert_one_truth(WU);
}

/// The devices to which keys of `care` were given that replaced the first.
fn given_care(world: &World, phone: usize) -> BTreeSet<DeviceId> {
    let roster = world.at(phone).roster();
    let later = roster.epochs(Compartment::Care).filter(|epoch| epoch.generation > 0);
    later.flat_map(|epoch| epoch.recipients.clone()).collect()
}

fn give_care(world: &mut World, phones: &[usize]) {
    for phone in phones {
        let (id, device) = (world.command(), world.device(*phone));
        world.at(FIRST).grant(id, device, Grant::Care).unwrap();
    }
}

#[test]
fn who_lost_care_in_a_form_of_later_gets_no_key_of_it_in_the_wake_of_a_withdrawal_t5_t6() {
    const OLD: usize = 4;
    const HOLDER: usize = 5;
    let lacks = lacks_versions(&[4]);
    let mut world = scene(15, &lacks);
    assert_eq!(world.join(FIRST, Role::Coordinator), OLD);
    assert_eq!(world.join(FIRST, Role::Volunteer), HOLDER);
    give_care(&mut world, &[OLD, HOLDER, BEHIND]);
    world.settle();
    world.downgrade(OLD, lacks);
    let [lost, holder] = [BEHIND, HOLDER].map(|phone| world.device(phone));
    let id = world.command();
    world.at(FIRST).remove_grant(id, lost, Grant::Care).unwrap();
    world.meet(FIRST, OLD, Break::Never);
    assert!(given_care(&world, OLD).contains(&holder), "the key was replaced for the others");

    let id = world.command();
    world.at(OLD).change_roster(id, RosterCommand::WrapLacking).unwrap();
    assert!(!given_care(&world, OLD).contains(&lost), "a key that it lacks is not given to it");
    let id = world.command();
    world.at(OLD).revoke(id, Revocation::of(Who::Device(holder))).unwrap();

    let newest = world.at(OLD).roster().epochs(Compartment::Care).max_by_key(|epoch| epoch.generation).unwrap().clone();
    let who: BTreeSet<usize> = (0..world.len()).filter(|it| newest.recipients.contains(&world.device(*it))).collect();
    assert_eq!(who, BTreeSet::from([FIRST, OLD]));
    assert!(!given_care(&world, OLD).contains(&lost));
    let lines = world.at(OLD).needs_newer_app().unwrap();
    let lines: Vec<_> = lines.iter().map(|line| (line.what, line.protects, line.about)).collect();
    assert_eq!(lines, [(NewerWhat::Removal, true, Some(lost))]);
    world.meet(OLD, FIRST, Break::Never);
    along(&mut world);
    bring_up_to_date(&mut world);
}

#[test]
fn who_lost_care_in_a_form_of_later_gets_no_key_of_it_when_whoever_took_it_is_gone_t5_t6() {
    const OLD: usize = 4;
    let lacks = lacks_versions(&[4]);
    let mut world = scene(16, &lacks);
    assert_eq!(world.join(FIRST, Role::Coordinator), OLD);
    give_care(&mut world, &[OLD, BEHIND]);
    world.settle();
    world.downgrade(OLD, lacks);
    let lost = world.device(BEHIND);
    let id = world.command();
    world.at(FIRST).remove_grant(id, lost, Grant::Care).unwrap();
    let id = world.command();
    world.at(FIRST).leave(id).unwrap();
    let _dropped = world.meet(FIRST, OLD, Break::Never);
    assert!(!world.at(OLD).roster().is_behind(), "whoever said it is gone");

    let mut replaced = 0;
    for _ in 0..20 {
        world.pass(60);
        replaced += world.at(OLD).tend().unwrap().rotated.len();
    }

    assert_eq!(replaced, 2, "the keys of both, once");
    assert!(given_care(&world, OLD).contains(&world.device(OLD)));
    assert!(!given_care(&world, OLD).contains(&lost));
}

fn nothing() -> Body {
    Body {
        aggregate: None,
        deps: Vec::new(),
        wall: MORNING,
        kind: 0,
        version: 1,
        payload: Vec::new(),
        edits: Vec::new(),
        salt: None,
    }
}

#[test]
fn a_recall_of_later_is_said_aloud_by_its_author_t6() {
    let mut world = scene(6, &lacks_kinds(&[recall::RAISED, recall::EDITED, recall::WITHDRAWN]));
    let [product, ..] = say::stocked(&mut world, FIRST, "布洛芬", "gate");
    let raise = recall::Command::Raise { product, scope: Scope::All, reason: "impure".into(), issuer: String::new() };
    let id = world.command();
    let raised = world.at(FIRST).submit::<Recall>(id, None, raise).unwrap().events;
    // Junk of another's hides nothing.
    let mut forger = Forger::with_keys_of(&mut world, BEHIND);
    for _ in 0..600 {
        forger.write(&Body { kind: 0x7fff, ..nothing() });
    }
    along(&mut world);
    assert_passed_on(&world, &raised);
    assert_eq!(told(&world, OLDER[0]), BTreeSet::from([(NewerWhat::Recall, true)]));
    let runs = forger.runs();
    hand_over(&world, OLDER[0], forger.device(), world.tag(WU, Topic::Common), &runs).unwrap();
    let lines = world.at(OLDER[0]).needs_newer_app().unwrap();
    let lines: Vec<_> = lines.iter().map(|line| (line.what, line.device, line.events)).collect();
    assert_eq!(lines, [(NewerWhat::Recall, world.device(FIRST), 1), (NewerWhat::Other, world.device(BEHIND), 600)]);
    assert_eq!(world.at(OLDER[0]).recalls().unwrap(), []);

    world.update(OLDER[0]);
    assert_eq!(world.at(OLDER[0]).recalls().unwrap().len(), 1);
    world.assert_one_truth(OLDER[0]);
}

#[test]
fn no_heap_of_its_own_author_hides_a_recall_or_an_erasure_of_later_t6() {
    let mut world = World::community(17, 2);
    let (common, erasure) = (world.tag(LAN, Topic::Common), world.tag(LAN, Topic::Erasure));
    let mut writer = Forger::with_keys_of(&mut world, BEHIND - 1);
    for _ in 0..600 {
        writer.write(&Body { kind: 0x7fff, ..nothing() });
    }
    writer.write(&Body { kind: recall::RAISED, version: 2, ..nothing() });
    writer.write(&Body { kind: 0x04ff, ..nothing() });
    hand_over(&world, WU, writer.device(), common, &writer.runs()).unwrap();
    let mut forgets = Forger::with_keys_of(&mut world, BEHIND - 1).in_topic(&world, LAN, Topic::Erasure);
    forgets.clear(70, 1, vec![0xa0]);
    hand_over(&world, WU, forgets.device(), erasure, &forgets.runs()).unwrap();
    world.settle();

    for phone in 0..2 {
        let lines = world.at(phone).needs_newer_app().unwrap();
        let lines: Vec<_> = lines.iter().map(|line| (line.what, line.protects, line.events)).collect();
        let told = [(NewerWhat::Erasure, true, 1), (NewerWhat::Recall, true, 2), (NewerWhat::Other, false, 600)];
        assert_eq!(lines, told, "phone {phone}");
        world.assert_one_truth(phone);
    }
    let (id, writer) = (world.command(), writer.device());
    let cut = Revocation { heads: Some(Vec::new()), ..Revocation::of(Who::Device(writer)) };
    world.at(LAN).revoke(id, cut).unwrap();
    assert_eq!(world.at(LAN).needs_newer_app().unwrap(), [], "what lies beyond a cut needs nothing");
    world.meet(LAN, WU, Break::Never);
    (0..2).for_each(|phone| world.assert_one_truth(phone));
}

#[test]
fn an_erasure_of_later_is_obeyed_as_far_as_it_can_be_read_and_said_aloud_t6_r5() {
    for (seed, lacks, obeyed) in [(7, lacks_versions(&[64]), true), (8, lacks_kinds(&[64]), false)] {
        let mut world = scene(seed, &lacks);
        let order = say::post(&mut world, FIRST);
        along(&mut world);
        say::submit(&mut world, FIRST, Some(order), Command::Cancel { why: None }).unwrap();
        along(&mut world);
        let id = world.command();
        world.at(FIRST).erase(id, &[order]).unwrap();
        along(&mut world);

        for phone in OLDER {
            assert_eq!(world.at(phone).order(order).is_err(), obeyed, "phone {phone}");
            assert_eq!(told(&world, phone), BTreeSet::from([(NewerWhat::Erasure, true)]), "phone {phone}");
        }
        assert!(world.at(BEHIND).order(order).is_err());
        bring_up_to_date(&mut world);
        assert!(world.at(OLDER[0]).order(order).is_err());
    }
}

#[test]
fn an_older_coordinator_erases_nothing_by_itself_of_which_it_reads_a_part_t6_r5() {
    let mut world = World::community(9, 1);
    let [kept_on, closed] = [0; 2].map(|_| say::post(&mut world, LAN));
    for order in [kept_on, closed] {
        say::submit(&mut world, LAN, Some(order), Command::Cancel { why: None }).unwrap();
    }
    say::submit(&mut world, LAN, Some(kept_on), Command::Reopen { why: None }).unwrap();
    world.downgrade(LAN, lacks_kinds(&[kind::REOPENED]));
    for _ in 0..40 {
        world.pass(24 * 60);
        world.at(LAN).tend().unwrap();
    }
    assert!(world.at(LAN).order(closed).is_err(), "closed long ago");
    assert!(world.at(LAN).order(kept_on).is_ok(), "what it cannot read may keep it");
    world.update(LAN);
    assert!(world.at(LAN).order(kept_on).unwrap().view.card.status.is_open());
}

#[test]
fn a_topic_of_later_stands_in_nobodys_way_t6() {
    let mut world = scene(10, &Lacks { topics: [Topic::Urgent].into(), ..Lacks::default() });
    let raise = |what: &str| AlertCommand::Raise {
        what: what.into(),
        building: None,
        unit: None,
        room: None,
        text: None,
        contact: None,
    };
    let id = world.command();
    let alert = world.at(FIRST).submit::<Alert>(id, None, raise("fall")).unwrap().aggregate;
    let order = say::post(&mut world, FIRST);
    along(&mut world);
    assert!(OLDER.into_iter().chain([BEHIND]).all(|phone| world.at(phone).order(order).is_ok()));
    assert_eq!(verdict(&world, OLDER[0], alert), None, "not synced, and not lost: those who know it have it");
    OLDER.iter().for_each(|phone| world.assert_one_truth(*phone));

    OLDER.iter().for_each(|phone| world.update(*phone));
    along(&mut world);
    assert_eq!(world.at(BEHIND).alerts(true).unwrap().len(), 1);
    bring_up_to_date(&mut world);
}

#[test]
fn a_device_in_a_role_of_later_is_heard_and_passed_on_and_its_acts_wait_t6() {
    const NEWCOMER: usize = 4;
    let mut world = scene(11, &Lacks { roles: [0].into(), ..Lacks::default() });
    let order = say::post(&mut world, FIRST);
    assert_eq!(world.join(FIRST, Role::Coordinator), NEWCOMER);
    world.meet(FIRST, NEWCOMER, Break::Never);
    along(&mut world);
    let claimed = say::submit(&mut world, NEWCOMER, Some(order), Command::Claim).unwrap().events[0];
    assert_eq!(world.meet(NEWCOMER, OLDER[0], Break::Never).ended, Ended::InStep, "it is let in");
    along(&mut world);
    let device = world.device(NEWCOMER);

    assert_passed_on(&world, &[claimed]);
    for phone in OLDER {
        let roster = world.at(phone).roster();
        assert_eq!(roster.device(device).unwrap().role, Role::Later);
        assert_eq!(verdict(&world, phone, claimed), Some(Some(Held::Newer)), "its rights are not known");
        let lines = world.at(phone).needs_newer_app().unwrap();
        assert!(lines.iter().any(|line| line.what == NewerWhat::Admission && line.about == Some(device)));
    }
    assert_eq!(world.at(BEHIND).order(order).unwrap().view.card.holder, Some(world.member(NEWCOMER)));
    bring_up_to_date(&mut world);
    assert_eq!(world.at(OLDER[0]).order(order).unwrap().view.card.holder, Some(world.member(NEWCOMER)));
}

/// What its device may do is for a newer app to say; nothing of this one is at fault.
#[test]
fn whoever_was_let_in_in_a_role_of_later_is_refused_until_their_own_app_is_newer_t6() {
    let mut world = World::community(21, 0);
    let order = say::post(&mut world, FIRST);
    let phone = world.join(FIRST, Role::Coordinator);
    world.meet(FIRST, phone, Break::Never);
    world.downgrade(phone, Lacks { roles: [0].into(), ..Lacks::default() });
    let events = |world: &World| world.at(phone).look(|reader| reader.stats()).unwrap().events;
    let before = events(&world);

    let claimed = say::submit(&mut world, phone, Some(order), Command::Claim);

    assert!(matches!(claimed, Err(SubmitError::NotEntitled { .. })), "{claimed:?}");
    assert_eq!(events(&world), before, "a refusal writes nothing");
    world.update(phone);
    assert!(say::submit(&mut world, phone, Some(order), Command::Claim).is_ok());
}

#[test]
fn what_a_device_in_a_role_of_later_says_of_others_is_felt_and_said_aloud_t3_t6() {
    const THIEF: usize = 4;
    const DEPUTY: usize = 5;
    const NEWCOMER: usize = 6;
    let mut world = scene(18, &Lacks { roles: [0].into(), ..Lacks::default() });
    assert_eq!(world.join(FIRST, Role::Volunteer), THIEF);
    assert_eq!(world.join(FIRST, Role::Coordinator), DEPUTY);
    world.meet(FIRST, DEPUTY, Break::Never);
    along(&mut world);
    let [thief, deputy] = [THIEF, DEPUTY].map(|phone| world.device(phone));
    let id = world.command();
    world.at(DEPUTY).revoke(id, Revocation::of(Who::Device(thief))).unwrap();
    assert_eq!(world.join(DEPUTY, Role::Volunteer), NEWCOMER);
    world.meet(DEPUTY, NEWCOMER, Break::Never);
    let order = say::post(&mut world, NEWCOMER);
    assert_eq!(world.meet(DEPUTY, OLDER[0], Break::Never).ended, Ended::InStep);
    assert_eq!(world.meet(NEWCOMER, OLDER[0], Break::Never).ended, Ended::InStep, "it is let in");
    along(&mut world);

    assert_passed_on(&world, &[order]);
    let newcomer = world.device(NEWCOMER);
    for phone in OLDER {
        let roster = world.at(phone).roster();
        assert!(!roster.may_connect(thief) && !roster.is_revoked(thief), "phone {phone} does not let the thief in");
        assert_eq!(roster.device(newcomer).map(|device| device.role), Some(Role::Later));
        let lines = world.at(phone).needs_newer_app().unwrap();
        let told = |what, about| {
            let is = |line: &&NewerLine| (line.what, line.about, line.device) == (what, Some(about), deputy);
            lines.iter().find(is).map(|line| line.protects)
        };
        assert_eq!(told(NewerWhat::Withdrawal, thief), Some(true), "{lines:?}");
        assert_eq!(told(NewerWhat::Admission, newcomer), Some(false), "{lines:?}");
    }
    along(&mut world);
    bring_up_to_date(&mut world);
    assert!(world.at(OLDER[0]).roster().is_revoked(thief));
    assert!(world.at(OLDER[0]).order(order).is_ok());
}

#[test]
fn whoever_cuts_an_admitter_sees_who_cannot_be_admitted_again_t6() {
    let mut world = World::community(19, 1);
    let lost = world.join(LAN, Role::Coordinator);
    world.settle();
    let (newer, plain) = (world.phone(), world.phone());
    let [newer, plain] = [newer, plain].map(|phone| world.at(phone).record());
    let admitted = |record: DeviceRecord, role| {
        let member = Some(MemberId::first_device(record.device));
        RosterEvent::Admitted(Admitted { record, role, member, label: None, addresses: Vec::new() })
    };
    let mut admitter = Forger::with_keys_of(&mut world, lost).in_topic(&world, LAN, Topic::Roster);
    admitter.roster(&admitted(newer, Role::Later));
    admitter.roster(&admitted(plain, Role::Volunteer));
    hand_over(&world, LAN, admitter.device(), world.tag(LAN, Topic::Roster), &admitter.runs()).unwrap();

    let cut = Revocation { heads: Some(Vec::new()), ..Revocation::of(Who::Device(world.device(lost))) };
    let fall = world.at(LAN).would_fall(&cut).unwrap();
    let seen: BTreeSet<_> = fall.admissions.iter().map(|lost| (lost.device, lost.again)).collect();
    assert_eq!(seen, BTreeSet::from([(newer.device, false), (plain.device, true)]));
    let id = world.command();
    world.at(LAN).revoke(id, cut).unwrap();

    let roster = world.at(LAN).roster();
    assert!(roster.device(newer.device).is_none() && roster.may_connect(plain.device));
}

#[test]
fn a_key_sealed_by_an_algorithm_of_later_leaves_its_events_sealed_t6() {
    let mut world = scene(12, &Lacks::default());
    let id = world.command();
    let compartment = linli_core::event::Compartment::Community;
    world.at(FIRST).change_roster(id, RosterCommand::Rotate { compartment }).unwrap();
    let sealed = newest_of_roster(world.at(FIRST));
    OLDER.iter().for_each(|phone| world.downgrade(*phone, Lacks { events: [sealed].into(), ..Lacks::default() }));
    let order = say::post(&mut world, FIRST);
    along(&mut world);

    assert_passed_on(&world, &[sealed, order]);
    for phone in OLDER {
        assert_eq!(verdict(&world, phone, order), Some(Some(Held::Sealed)));
        assert_eq!(told(&world, phone), BTreeSet::from([(NewerWhat::Roster, true)]));
    }
    let under_the_old_key = say::post(&mut world, OLDER[0]);
    along(&mut world);
    assert!(world.at(BEHIND).order(under_the_old_key).is_ok());
    bring_up_to_date(&mut world);
}

fn newest_of_roster(replica: &Replica) -> Reference {
    let log = replica.log(None, 50).unwrap().items;
    let sealed = log.into_iter().find(|line| line.kind == Some("roster") && line.code == Some("keys_sealed"));
    sealed.expect("it was just written").event
}

#[test]
fn frames_of_later_and_a_greater_version_are_skipped_t6() {
    let mut world = World::community(13, 1);
    let order = say::post(&mut world, LAN);
    let mut links = [world.at(LAN).link(world.device(WU)).unwrap(), world.at(WU).link(world.device(LAN)).unwrap()];
    let mut framers = [Framer::new(), Framer::new()];
    let mut silent = 0;
    while silent < 2 {
        for from in [0, 1] {
            let bytes = links[from].send(usize::MAX).unwrap();
            silent = if bytes.is_empty() { silent + 1 } else { 0 };
            framers[from].push(&bytes);
            while let Some(mut frame) = framers[from].next_frame().unwrap() {
                if from == 0 && frame[0] == 0 {
                    // A hello of version 3, which says more behind the tags.
                    frame[1] = 3;
                    frame.extend_from_slice(b"and more");
                }
                let mut frames = vec![frame];
                if from == 0 {
                    frames.extend((64..=255).map(|kind| vec![kind, 1, 2, 3]));
                }
                for frame in frames {
                    links[1 - from].receive(&frame_to_bytes(&frame)).unwrap();
                }
            }
        }
    }
    assert!(world.at(WU).order(order).is_ok());
}

fn lacks_kinds(kinds: &[u16]) -> Lacks {
    Lacks { kinds: kinds.iter().copied().collect(), ..Lacks::default() }
}

fn lacks_versions(kinds: &[u16]) -> Lacks {
    Lacks { versions: kinds.iter().copied().collect(), ..Lacks::default() }
}

/// Four phones in step, of which two are older.
pub(crate) fn scene(seed: u64, lacks: &Lacks) -> World {
    let mut world = World::community(seed, 3);
    OLDER.iter().for_each(|phone| world.downgrade(*phone, lacks.clone()));
    world
}

/// News go along the row and back.
pub(crate) fn along(world: &mut World) {
    for (one, other) in [(LAN, WU), (WU, MEI), (MEI, BEHIND), (MEI, WU), (WU, LAN)] {
        assert_eq!(world.meet(one, other, Break::Never).ended, Ended::InStep, "{one} and {other}");
    }
}

/// An event as a phone keeps it: its place, its epoch, its bytes, and a signature if it has one.
fn kept(world: &World, phone: usize, event: Reference) -> Option<Vec<u8>> {
    let stored = world.at(phone).look(|reader| reader.event(event)).unwrap()?;
    let content = match &stored.content {
        Content::Here(bytes) => bytes.to_vec(),
        Content::Erased(hash) => hash.to_vec(),
    };
    Some([stored.header().to_bytes().as_slice(), stored.id.as_bytes(), &content].concat())
}

/// Everybody holds these, byte for byte.
#[track_caller]
pub(crate) fn assert_passed_on(world: &World, events: &[Reference]) {
    for event in events {
        let first = kept(world, FIRST, *event);
        assert!(first.is_some());
        OLDER.into_iter().chain([BEHIND]).for_each(|phone| assert_eq!(kept(world, phone, *event), first, "{phone}"));
    }
}

/// What a phone says that it cannot read, and whether it says so loudly.
pub(crate) fn told(world: &World, phone: usize) -> BTreeSet<(NewerWhat, bool)> {
    let lines = world.at(phone).needs_newer_app().unwrap();
    assert!(lines.iter().all(|line| line.device == world.device(FIRST)), "its author is named: {lines:?}");
    lines.into_iter().map(|line| (line.what, line.protects)).collect()
}

fn hash(world: &World, phone: usize) -> linli_core::replica::StateHash {
    world.at(phone).state_hash().unwrap()
}

/// The older ones are whole as they are; brought up to date, all hold the same, and nothing is left to tell.
#[track_caller]
pub(crate) fn bring_up_to_date(world: &mut World) {
    assert_eq!(hash(world, FIRST), hash(world, BEHIND), "what went through older phones is what it was");
    OLDER.iter().for_each(|phone| world.assert_one_truth(*phone));
    for phone in OLDER {
        world.update(phone);
        assert_eq!(hash(world, phone), hash(world, FIRST), "phone {phone}");
        assert_eq!(world.at(phone).needs_newer_app().unwrap(), [], "phone {phone}");
        world.assert_one_truth(phone);
    }
}
