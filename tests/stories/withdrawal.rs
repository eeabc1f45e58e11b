//! A phone is stolen, its cut comes late, too low or at a fork: nothing beyond counts, nobody above is removed (R8, T3).

use std::collections::BTreeSet;

use linli_core::{
    aggregate::{
        Held, encode,
        order::{Commented, kind},
    },
    event::{Body, Compartment, Topic},
    id::{DeviceId, EventId, Reference, ShortId},
    key::{DeviceKeys, SecretStore},
    replica::{LinkError, MembersError, Replica, SubmitError, Update},
    roster::{
        Admitted, Cut, CutHead, Grant, Keyring, Revocation, Revoked, Role, RosterCommand, RosterEvent, RosterRefusal,
        Who, Withdrawal,
    },
    store::StoreError,
    sync::Outgoing,
    time::WallMs,
};
use linli_tests::{
    Break, Ended, Forger, World, hand_over,
    people::{CHEN, LAN, MEI, WU, ZHAO},
    revoke,
};

use crate::say::{self, Command, body, claim, comment, verdict};

#[test]
fn a_stolen_volunteers_phone_is_out_t3() {
    // 0 coordinates, 1 and 2 help, 2 is stolen, 3 is a relay stand-in.
    let mut world = World::community(1, 2);
    let relay = world.join(LAN, Role::Relay);
    let honest = say::post(&mut world, MEI);
    world.settle();
    let thief = world.device(MEI);
    let mut fork = Forger::behind(&mut world, MEI, LAN, Topic::Common, 0);
    let mut fresh = Forger::with_keys_of(&mut world, MEI);

    // The thief writes at once, and hands it to a phone that has not heard; dates back; forks below the cut.
    let at_once = say::submit(&mut world, MEI, Some(honest), Command::Claim).unwrap().events[0];
    revoke(&mut world, LAN, thief).unwrap();
    assert_eq!(world.meet(WU, MEI, Break::Never).ended, Ended::InStep, "it has not heard yet");
    assert_eq!(verdict(&world, WU, at_once), Some(None));
    let dated_back = fresh.write(&Body { wall: WallMs(0), ..claim(honest) });
    let forked = fork.write(&claim(honest));
    let through = world.device(relay);
    hand(&world, WU, through, Topic::Common, &fresh.runs());
    hand(&world, relay, through_of(&world, WU), Topic::Common, &fork.runs());
    agree(&mut world, &[LAN, WU]);
    gather(&mut world, &[LAN, relay, WU]);

    for phone in [LAN, WU] {
        assert_eq!(verdict(&world, phone, honest), Some(None), "what it did before stands");
        let beyond = [at_once, dated_back, forked].map(|event| verdict(&world, phone, event));
        assert_eq!(beyond, [Some(Some(Held::Cut)); 3], "phone {phone}");
        assert_eq!(world.at(phone).order(honest).unwrap().view.card.holder, None);
        let listed: BTreeSet<Reference> =
            world.at(phone).beyond_cuts().unwrap().iter().map(|line| line.event).collect();
        assert_eq!(listed, BTreeSet::from([at_once, dated_back, forked]));
    }
    assert_eq!(world.at(relay).roster().digest(), world.at(LAN).roster().digest());
    assert!(matches!(world.at(LAN).link(thief), Err(LinkError::Withdrawn)), "no connection");
    assert!(matches!(world.at(WU).link(thief), Err(LinkError::Withdrawn)), "no connection");
    assert!(!opens(&world, MEI, LAN) && !opens(&world, MEI, WU), "no new key");
    agree(&mut world, &[LAN, WU]);
}

fn through_of(world: &World, phone: usize) -> DeviceId {
    world.device(phone)
}

#[test]
fn a_stolen_coordinators_phone_removes_nobody_above_it_and_what_it_did_falls_t3() {
    // 0 founded, 1 coordinates and is stolen, 2 and 3 help, 4 was admitted by 1 before.
    let mut world = World::of_roles(2, &[Role::Coordinator, Role::Volunteer, Role::Volunteer]);
    world.join(WU, Role::Volunteer);
    world.meet(LAN, WU, Break::Never);
    world.settle();
    let order = say::post(&mut world, MEI);
    world.settle();

    // The thief revokes everybody and admits an accomplice; a volunteer hears of it before the founder does.
    let accomplice = world.join(WU, Role::Coordinator);
    for phone in [MEI, ZHAO, CHEN] {
        let device = world.device(phone);
        revoke(&mut world, WU, device).unwrap();
    }
    let above = world.device(LAN);
    assert_eq!(revoke(&mut world, WU, above), Err(MembersError::Refused(RosterRefusal::Rank { device: above })));
    let mut forger = Forger::with_keys_of(&mut world, WU).in_topic(&world, WU, Topic::Roster);
    forger.roster(&RosterEvent::Revoked(Revoked { device: above, cuts: Vec::new(), replaces: Vec::new(), act: None }));
    let (runs, thief) = ([world.own_runs(WU, Topic::Roster), forger.runs()].concat(), world.device(WU));
    hand(&world, ZHAO, thief, Topic::Roster, &runs);
    assert!(!world.at(ZHAO).roster().may_connect(world.device(ZHAO)), "it believes the thief for now");
    assert!(matches!(say::submit(&mut world, ZHAO, Some(order), Command::Claim), Err(SubmitError::Withdrawn)));
    revoke(&mut world, LAN, thief).unwrap();

    agree(&mut world, &[LAN, MEI, ZHAO, CHEN]);

    let roster = world.at(ZHAO).roster();
    for phone in [LAN, MEI, ZHAO, CHEN] {
        assert!(roster.may_connect(world.device(phone)), "phone {phone}");
    }
    assert!(roster.device(world.device(accomplice)).is_none() && !roster.may_connect(thief));
    let fallen: BTreeSet<DeviceId> = roster.fallen().map(|fallen| fallen.device).collect();
    assert_eq!(
        fallen,
        [LAN, MEI, ZHAO, CHEN].map(|phone| world.device(phone)).into(),
        "coordinators see which withdrawals fell"
    );
    assert!([LAN, MEI, ZHAO].iter().all(|phone| !opens(&world, WU, *phone) && !opens(&world, accomplice, *phone)));
    say::submit(&mut world, ZHAO, Some(order), Command::Claim).unwrap();
    agree(&mut world, &[LAN, MEI, ZHAO, CHEN]);
}

#[test]
fn what_falls_with_a_low_cut_is_shown_and_stands_again() {
    let mut world = World::seeded(3);
    let founder = world.phone();
    world.at(founder).found(None).unwrap();
    world.join(LAN, Role::Coordinator);
    world.settle();
    let (coordinator, topic) = (world.device(WU), world.tag(LAN, Topic::Roster));
    let friend = world.join(WU, Role::Volunteer);
    world.meet(LAN, WU, Break::Never);
    world.settle();
    let order = say::post(&mut world, friend);
    world.settle();
    let friend = world.device(friend);
    let nothing = world
        .at(LAN)
        .look(|reader| Ok(reader.logs()?.into_iter().find(|log| log.device == coordinator && log.topic == topic)))
        .unwrap()
        .map(|log| Cut { log: log.id(), heads: Vec::new() });
    let low = Revocation { heads: Some(nothing.into_iter().collect()), ..Revocation::of(Who::Device(coordinator)) };

    let shown = world.at(LAN).would_fall(&low).unwrap();
    let (id, except) = (world.command(), BTreeSet::new());
    world.at(LAN).revoke(id, Revocation { except, ..low.clone() }).unwrap();
    world.at(LAN).revoke(id, low).unwrap();

    assert_eq!(shown.admissions.iter().map(|lost| lost.device).collect::<Vec<_>>(), [friend]);
    let roster = world.at(LAN).roster();
    assert_eq!(roster.device(friend).and_then(|friend| friend.admitted_by), Some(world.device(LAN)));
    gather(&mut world, &[LAN, MEI]);
    assert!(world.at(MEI).order(order).is_ok());
    agree(&mut world, &[LAN, MEI]);
}

#[test]
fn a_cut_is_raised_and_what_it_held_back_counts_again_r8() {
    let mut world = World::community(4, 2);
    let order = say::post(&mut world, LAN);
    world.settle();
    let late = say::submit(&mut world, WU, Some(order), Command::Claim).unwrap().events[0];
    let device = world.device(WU);
    revoke(&mut world, LAN, device).unwrap();
    // Another phone had heard the rest before it heard of the cut, and brings it.
    world.meet(MEI, WU, Break::Never);
    agree(&mut world, &[LAN, MEI]);
    assert_eq!(verdict(&world, LAN, late), Some(Some(Held::Cut)));
    let line = world.at(LAN).beyond_cuts().unwrap().pop().unwrap();
    assert_eq!((line.device, line.code, line.held), (device, Some("claimed"), Some(Held::Cut)));

    let id = world.command();
    let (except, restate) = (BTreeSet::new(), BTreeSet::new());
    world.at(LAN).withdraw(id, Withdrawal::Recut { device, heads: None, except, restate }).unwrap();

    agree(&mut world, &[LAN, MEI]);
    assert_eq!(verdict(&world, MEI, late), Some(None));
    assert!(!world.at(MEI).roster().may_connect(device), "a key once revoked never returns");
}

#[test]
fn only_256_events_beyond_a_cut_are_kept_and_the_rest_of_the_talk_goes_on() {
    let mut world = World::community(5, 2);
    let order = say::post(&mut world, LAN);
    world.settle();
    let mut forger = Forger::with_keys_of(&mut world, WU);
    let device = world.device(WU);
    revoke(&mut world, LAN, device).unwrap();
    let events: Vec<Reference> = (0..400).map(|_| forger.write(&comment(order))).collect();
    let runs = forger.runs();

    let messenger = world.device(MEI);
    hand(&world, LAN, messenger, Topic::Common, &runs);
    hand(&world, LAN, messenger, Topic::Common, &runs);

    let kept = events.iter().filter(|event| verdict(&world, LAN, **event).is_some()).count();
    assert_eq!(kept, 225, "whole runs: one event, then seven of 32");
    say::submit(&mut world, MEI, Some(order), Command::Claim).unwrap();
    agree(&mut world, &[LAN, MEI]);
    // In other logs of its own making it gets no further.
    let mut elsewhere = Forger::with_keys_of(&mut world, WU);
    let more: Vec<Reference> = (0..60).map(|_| elsewhere.write(&comment(order))).collect();
    hand(&world, LAN, messenger, Topic::Common, &elsewhere.runs());
    let kept = more.iter().filter(|event| verdict(&world, LAN, **event).is_some()).count();
    assert_eq!(kept, 1, "one event still fits, the run of 32 behind it does not");
}

#[test]
fn a_named_head_that_comes_later_decides_which_branch_stands_r8() {
    let mut world = World::community(6, 2);
    let order = say::post(&mut world, LAN);
    world.settle();
    let mut phone = Forger::with_keys_of(&mut world, WU);
    phone.write(&comment(order));
    let mut clone = phone.twin();
    let (here, there) = (phone.write(&comment(order)), clone.write(&claim(order)));
    let device = world.device(WU);
    hand(&world, LAN, device, Topic::Common, &phone.runs());
    hand(&world, MEI, device, Topic::Common, &clone.runs());
    assert_eq!(verdict(&world, MEI, there), Some(None));

    // The founder names the head of the branch it holds; the other phone holds the other one.
    revoke(&mut world, LAN, device).unwrap();
    gather(&mut world, &[LAN, MEI]);

    for phone in [LAN, MEI] {
        assert_eq!(verdict(&world, phone, here), Some(None), "phone {phone}");
        assert_eq!(verdict(&world, phone, there), Some(Some(Held::Cut)), "phone {phone}");
    }
    agree(&mut world, &[LAN, MEI]);
}

#[test]
fn a_log_of_more_than_sixteen_branches_is_silent_until_a_cut_says_what_counts_r7() {
    let mut world = World::community(7, 2);
    let order = say::post(&mut world, LAN);
    world.settle();
    let mut forger = Forger::with_keys_of(&mut world, WU);
    let device = world.device(WU);
    let first = forger.write(&comment(order));
    let mut branches: Vec<Forger> = (0..20).map(|_| forger.twin()).collect();
    let mut events = Vec::new();
    for (nth, branch) in branches.iter_mut().enumerate() {
        events.push(branch.write(&body(order, kind::COMMENTED, encode(&Commented { text: nth.to_string() }))));
        hand(&world, LAN, device, Topic::Common, &branch.runs());
        let silent = nth >= 16;
        assert_eq!(verdict(&world, LAN, first), Some(silent.then_some(Held::Silenced)), "{} branches", nth + 1);
    }
    let kept = events.iter().filter(|event| verdict(&world, LAN, **event).is_some()).count();
    assert_eq!(kept, 17, "more are not taken in");

    agree(&mut world, &[LAN, MEI]);
    assert_eq!(verdict(&world, MEI, events[0]), Some(Some(Held::Silenced)));
    let again = world.meet(LAN, MEI, Break::Never);
    assert!(again.turns <= 2 && again.bytes < 600, "the digests are equal: {again:?}");

    revoke(&mut world, LAN, device).unwrap();
    agree(&mut world, &[LAN, MEI]);
    assert_eq!(verdict(&world, MEI, first), Some(None), "the cut names what counts");
    assert_eq!(verdict(&world, MEI, events[0]), Some(None));
}

#[test]
fn a_late_cut_touches_only_what_the_device_wrote_in() {
    let mut world = World::community(8, 2);
    let (touched, untouched) = (say::post(&mut world, LAN), say::post(&mut world, MEI));
    world.settle();
    let late = say::submit(&mut world, WU, Some(touched), Command::Claim).unwrap().events[0];
    let device = world.device(WU);
    revoke(&mut world, LAN, device).unwrap();
    world.meet(WU, MEI, Break::Never);
    assert_eq!(verdict(&world, MEI, late), Some(None));
    let mut updates = world.at(MEI).subscribe();

    gather(&mut world, &[LAN, MEI]);

    let news: Vec<Update> = std::iter::from_fn(|| updates.take()).collect();
    let changed =
        |order| news.iter().any(|news| matches!(news, Update::Changed { aggregate, .. } if *aggregate == order));
    assert!(changed(touched) && !changed(untouched), "{news:?}");
    assert_eq!(verdict(&world, MEI, late), Some(Some(Held::Cut)));
    agree(&mut world, &[LAN, MEI]);
}

#[test]
fn an_order_that_was_posted_beyond_the_cut_goes_with_all_that_others_did_to_it_and_comes_back() {
    let mut world = World::community(12, 2);
    let order = say::post(&mut world, WU);
    world.meet(MEI, WU, Break::Never);
    let claimed = say::submit(&mut world, MEI, Some(order), Command::Claim).unwrap().events[0];
    let device = world.device(WU);
    revoke(&mut world, LAN, device).unwrap();

    agree(&mut world, &[LAN, MEI]);
    assert!(world.at(MEI).order(order).is_err());
    assert_eq!(verdict(&world, MEI, claimed), verdict(&world, LAN, claimed));
    let id = world.command();
    let (except, restate) = (BTreeSet::new(), BTreeSet::new());
    world.at(LAN).withdraw(id, Withdrawal::Recut { device, heads: None, except, restate }).unwrap();

    agree(&mut world, &[LAN, MEI]);
    assert_eq!(world.at(LAN).order(order).unwrap().view.card.holder, Some(world.member(MEI)));
}

#[test]
fn who_leaves_hands_over_first_and_comes_back_as_somebody_new() {
    let mut world = World::community(9, 1);
    let order = say::post(&mut world, WU);
    assert!(world.at(WU).unsent().unwrap() > 0, "nobody has it yet");
    world.settle();
    assert_eq!(world.at(WU).unsent().unwrap(), 0);
    let (member, old, id) = (world.member(WU), world.device(WU), world.command());

    world.at(WU).leave(id).unwrap();
    let _dropped = world.meet(WU, LAN, Break::Never);

    assert!(!world.at(LAN).roster().may_connect(old));
    assert!(world.at(LAN).order(order).is_ok(), "what they did stands");
    let home = world.home(WU).to_owned();
    assert!(world.secrets(WU).names().len() >= 3);
    let refused = Replica::wipe(&home, world.secrets(WU).as_ref()).unwrap_err();
    assert_eq!(refused, StoreError::InUse.into());
    world.close(WU);
    Replica::wipe(&home, world.secrets(WU).as_ref()).unwrap();
    assert!(std::fs::read_dir(&home).unwrap().next().is_none(), "nothing is left");
    assert_eq!(world.secrets(WU).names(), [""; 0], "no secret either");
    // The same person comes back on the same phone in another role, under a fresh key.
    world.open(WU);
    let (id, record) = (world.command(), world.at(WU).record());
    assert_ne!(record.device, old);
    world.at(LAN).admit(id, record, Role::Coordinator, Some(member), None).unwrap();
    let welcome = world.at(LAN).welcome().unwrap();
    world.at(WU).join(&welcome).unwrap();
    agree(&mut world, &[LAN, WU]);
    assert_eq!(world.member(WU), member);
    assert!(world.at(WU).roster().device(record.device).is_some_and(|device| device.role == Role::Coordinator));
}

#[test]
fn a_right_given_back_covers_a_new_incarnation_and_care_takes_its_key_along() {
    let mut world = World::community(10, 2);
    let (device, id) = (world.device(WU), world.command());
    world.at(LAN).grant(id, device, Grant::Care).unwrap();
    world.settle();
    let care = |world: &World| world.at(LAN).roster().epochs(Compartment::Care).count();
    assert_eq!(care(&world), 1);

    let id = world.command();
    world.at(LAN).remove_grant(id, device, Grant::Care).unwrap();

    assert_eq!(care(&world), 2, "a key that who lost the right does not hold");
    assert!(world.at(LAN).roster().rights_of(device).next().is_none());
    let id = world.command();
    world.at(LAN).grant(id, device, Grant::Care).unwrap();
    assert_eq!(world.at(LAN).roster().rights_of(device).count(), 1);
    agree(&mut world, &[LAN, WU, MEI]);
}

#[test]
fn a_thief_admits_itself_again_in_vain() {
    let mut world = World::seeded(11);
    let founder = world.phone();
    world.at(founder).found(None).unwrap();
    world.join(LAN, Role::Coordinator);
    world.join(LAN, Role::Volunteer);
    world.settle();
    let thief = world.device(WU);
    revoke(&mut world, LAN, thief).unwrap();
    let mut forger = Forger::with_keys_of(&mut world, WU).in_topic(&world, WU, Topic::Roster);
    let own = world.at(WU).record();
    let member = Some(world.member(WU));
    let (role, label, addresses) = (Role::Coordinator, None, Vec::new());
    forger.roster(&RosterEvent::Admitted(Admitted { record: own, role, member, label, addresses }));
    forger.roster(&RosterEvent::Left);
    let before = world.at(MEI).roster().digest();
    gather(&mut world, &[LAN, MEI]);
    let heard = world.at(MEI).roster().digest();
    assert_ne!(before, heard);

    let messenger = world.device(LAN);
    hand(&world, MEI, messenger, Topic::Roster, &forger.runs());

    assert_eq!(world.at(MEI).roster().digest(), heard, "what lies beyond the cut says nothing");
    assert_eq!(world.at(MEI).beyond_cuts().unwrap().len(), 2, "and is listed");
    agree(&mut world, &[LAN, MEI]);
}

#[test]
fn what_was_built_on_a_stranger_counts_for_whoever_comes_later_too_r8() {
    let mut world = World::seeded(21);
    let founder = world.phone();
    world.at(founder).found(None).unwrap();
    world.join(LAN, Role::Coordinator);
    world.join(LAN, Role::Volunteer);
    world.settle();
    let accomplice = world.join(WU, Role::Volunteer);
    world.meet(LAN, WU, Break::Never);
    world.settle();
    let order = say::post(&mut world, LAN);
    world.settle();
    let theirs = say::submit(&mut world, accomplice, Some(order), Command::Claim).unwrap().events[0];
    world.settle();
    let honest = say::submit(&mut world, MEI, Some(order), Command::StillNeeded).unwrap().events[0];
    world.settle();

    // The coordinator goes with nothing left standing, and the accomplice is not admitted again.
    let (thief, stranger) = (world.device(WU), world.device(accomplice));
    let low = Revocation { heads: Some(Vec::new()), except: [stranger].into(), ..Revocation::of(Who::Device(thief)) };
    let id = world.command();
    world.at(LAN).revoke(id, low).unwrap();
    gather(&mut world, &[LAN, MEI]);
    let newcomer = world.join(LAN, Role::Volunteer);
    gather(&mut world, &[LAN, newcomer, MEI]);

    for phone in [LAN, MEI, newcomer] {
        assert_eq!(verdict(&world, phone, honest), Some(None), "phone {phone}");
        assert_ne!(verdict(&world, phone, theirs), Some(None), "phone {phone}");
        world.assert_one_truth(phone);
    }
    agree(&mut world, &[LAN, MEI, newcomer]);
}

#[test]
fn a_place_that_no_log_has_is_no_name_r8() {
    let mut world = World::seeded(22);
    let founder = world.phone();
    world.at(founder).found(None).unwrap();
    for role in [Role::Coordinator, Role::Volunteer, Role::Volunteer, Role::Volunteer] {
        world.join(LAN, role);
    }
    let order = say::post(&mut world, LAN);
    world.settle();
    // What is behind the last place that a store counts to, named by one liar and cut there by another.
    let (mut office, mut friend) = (Forger::with_keys_of(&mut world, WU), Forger::with_keys_of(&mut world, MEI));
    let mut liar = Forger::with_keys_of(&mut world, ZHAO);
    let (log, last) = (friend.place().0, u64::MAX >> 1);
    let heads = vec![CutHead { seq: last, id: EventId::ZERO }];
    let (device, cuts, replaces) = (world.device(MEI), vec![Cut { log, heads }], Vec::new());
    office = office.in_topic(&world, WU, Topic::Roster);
    office.roster(&RosterEvent::Revoked(Revoked { device, cuts, replaces, act: None }));
    friend.write(&comment(order));
    let check = ShortId::from_bytes([7; ShortId::LEN]);
    let names = Reference { log, seq: u64::MAX, check };
    let built = liar.write(&Body { deps: vec![names], ..comment(order) });
    let (office, friend, liar) = (office.runs(), friend.runs(), liar.runs());

    let by = world.device(ZHAO);
    for (phone, first, second) in [(0, &liar, &friend), (4, &friend, &liar)] {
        hand(&world, phone, by, Topic::Roster, &office);
        hand(&world, phone, by, Topic::Common, first);
        hand(&world, phone, by, Topic::Common, second);
    }

    assert_eq!(verdict(&world, LAN, built), verdict(&world, CHEN, built));
    for phone in [LAN, CHEN] {
        world.assert_one_truth(phone);
    }
    agree(&mut world, &[LAN, CHEN]);
}

/// T3: whoever has a coordinator's phone lets a neighbour's in as a relay, which no key is for. Whoever withdraws the phone sees
/// that, lets it fall, and lets the neighbour in as a neighbour.
#[test]
fn whom_a_thief_let_in_as_what_they_are_not_is_let_in_again_t3() {
    let mut world = World::community(31, 1);
    let thief = world.join(LAN, Role::Coordinator);
    world.settle();
    let neighbour = world.phone();
    let (id, record) = (world.command(), world.at(neighbour).record());
    let as_a_relay = RosterCommand::AdmitRelay { record, addresses: Vec::new(), name: None };
    world.at(thief).change_roster(id, as_a_relay).unwrap();
    world.meet(LAN, thief, Break::Never);

    let cut = Revocation { heads: Some(Vec::new()), ..Revocation::of(Who::Device(world.device(thief))) };
    let fall = world.at(LAN).would_fall(&cut).unwrap();
    let seen: Vec<_> = fall.admissions.iter().map(|lost| (lost.device, lost.role)).collect();
    assert_eq!(seen, [(record.device, Role::Relay)]);
    let cut = Revocation { except: [record.device].into(), ..cut };
    let id = world.command();
    world.at(LAN).withdraw(id, Withdrawal::Revoke(cut)).unwrap();
    let id = world.command();
    world.at(LAN).admit(id, record, Role::Volunteer, None, None).unwrap();
    let welcome = world.at(LAN).welcome().unwrap();
    world.at(neighbour).join(&welcome).unwrap();
    assert_eq!(world.meet(LAN, neighbour, Break::Never).ended, Ended::InStep);

    let order = say::post(&mut world, neighbour);
    assert_eq!(world.meet(LAN, neighbour, Break::Never).ended, Ended::InStep);
    assert_eq!(verdict(&world, LAN, order), Some(None));
}

fn hand(world: &World, to: usize, from: DeviceId, topic: Topic, runs: &[Outgoing]) {
    hand_over(world, to, from, world.tag(to, topic), runs).expect("the session goes on");
}

/// These phones meet until all have heard everything.
fn gather(world: &mut World, phones: &[usize]) {
    for _ in 0..2 {
        for phone in &phones[1..] {
            let meeting = world.meet(phones[0], *phone, Break::Never);
            assert_eq!(meeting.ended, Ended::InStep, "phone {phone}");
        }
    }
}

/// These phones hold the same state, each in itself whole, and making the caches again changes nothing.
fn agree(world: &mut World, phones: &[usize]) {
    gather(world, phones);
    let hash = world.at(phones[0]).state_hash().unwrap();
    for phone in phones {
        assert_eq!(world.at(*phone).state_hash().unwrap(), hash, "phone {phone}");
        assert_eq!(world.at(*phone).verify().unwrap().faults, [], "phone {phone}");
    }
    world.at(phones[0]).rebuild().unwrap();
    assert_eq!(world.at(phones[0]).state_hash().unwrap(), hash, "rebuilt");
}

/// Whether whoever has a phone's keys opens what another writes now.
fn opens(world: &World, thief: usize, writer: usize) -> bool {
    let secret = world.secrets(thief).get("device-keys").unwrap().unwrap();
    let roster = world.at(writer).roster();
    let keyring = Keyring::open(&DeviceKeys::from_slice(&secret).unwrap(), &roster);
    let own = world.secrets(writer).get("device-keys").unwrap().unwrap();
    let own = Keyring::open(&DeviceKeys::from_slice(&own).unwrap(), &roster);
    let epoch = roster.writing_epoch(Compartment::Community, &own).unwrap();
    keyring.key(epoch).is_some()
}
