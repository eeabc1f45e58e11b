//! A member's device in hostile hands: what it writes is held, not counted; all else goes on.

use linli_core::{
    aggregate::{
        Held, encode,
        order::{Assigned, Confirmation, kind},
    },
    count::{self, Work},
    event::{Body, Content, Edit, ItemId, Scalar, Topic},
    id::{DeviceId, EventId, Reference},
    limits,
    replica::LinkError,
    roster::{Revocation, Role, Who},
    sync::{FrameError, Outgoing, SessionError},
    time::WallMs,
};
use linli_tests::{
    Break, Ended, Forger, World, hand_over,
    people::{LAN, MEI, WU},
};

use crate::say::{self, Command, body, claim, comment, verdict};

#[test]
fn honest_events_between_malformed_ones_count() {
    let (mut world, order, mut forger) = scene(1);
    let garbled = forger.write(&body(order, kind::COMMENTED, encode(&7_u8)));
    let honest = forger.write(&comment(order));
    let noise = forger.seal(b"no CBOR at all");
    let (epoch, bytes) = forger.last_bytes();
    let displaced = forger.raw(epoch, bytes);
    let unsealed = forger.raw(epoch, vec![0; 40]);
    let last = forger.write(&comment(order));

    hand(&world, LAN, forger.device(), &forger.twin().runs()).unwrap();

    assert_eq!(verdict(&world, LAN, garbled), Some(Some(Held::Malformed)));
    assert_eq!(verdict(&world, LAN, noise), Some(Some(Held::Malformed)));
    assert_eq!(verdict(&world, LAN, displaced), Some(Some(Held::Malformed)), "a body opens in its own place only (R4)");
    assert_eq!(verdict(&world, LAN, unsealed), Some(Some(Held::Malformed)));
    assert_eq!([honest, last].map(|event| verdict(&world, LAN, event)), [Some(None); 2]);
    agree(&mut world);
}

/// T4.
#[test]
fn a_run_that_nobody_signed_ends_the_session_and_names_whose_it_says_to_be() {
    let (mut world, order, mut forger) = scene(3);
    forger.write(&comment(order));
    let mut runs = forger.runs();
    let mut stranger = Forger::stranger(&mut world, LAN);
    stranger.write(&comment(order));
    runs[0].run.signature = stranger.runs().remove(0).run.signature;
    let log = runs[0].run.log;

    let ended = hand(&world, LAN, forger.device(), &runs).unwrap_err();

    assert_eq!(ended, LinkError::Session(SessionError::Invalid { log, author: Some(forger.device()) }));
    agree(&mut world);
}

#[test]
fn an_oversized_body_ends_the_session_and_nothing_else() {
    let (mut world, order, mut forger) = scene(2);
    forger.write(&comment(order));
    let large = forger.raw(forger.last_bytes().0, vec![7; 33 * 1024]);
    let before = world.at(LAN).state_hash().unwrap();

    let ended = hand(&world, LAN, forger.device(), &forger.twin().runs()).unwrap_err();

    let LinkError::Session(SessionError::Frame(FrameError::TooMany { .. })) = ended else { panic!("{ended:?}") };
    assert_eq!(verdict(&world, LAN, large), None);
    assert_eq!(world.at(LAN).state_hash().unwrap(), before);
    say::submit(&mut world, MEI, Some(order), Command::Claim).unwrap();
    agree(&mut world);
}

#[test]
fn a_kind_from_the_future_is_kept_and_forwarded_t6() {
    let (mut world, order, mut forger) = scene(3);
    let newer = forger.write(&body(order, 0x7fff, encode(&"what only newer builds know")));
    let version = forger.write(&Body { version: 9, ..comment(order) });
    hand(&world, LAN, forger.device(), &forger.runs()).unwrap();

    let meeting = world.meet(MEI, LAN, Break::Never);

    assert_eq!(meeting.ended, Ended::InStep);
    for phone in [LAN, MEI] {
        assert_eq!(verdict(&world, phone, newer), Some(Some(Held::Newer)));
        assert_eq!(verdict(&world, phone, version), Some(Some(Held::Newer)));
    }
    let shown = world.at(MEI).held_events(Some(Held::Newer), None, 10).unwrap();
    assert_eq!(shown.items.len(), 2, "the screen can say that it needs an update");
    agree(&mut world);
}

#[test]
fn a_strangers_log_is_not_taken_in_and_costs_the_messenger_nothing() {
    let (mut world, order, forger) = scene(4);
    let mut stranger = Forger::stranger(&mut world, WU);
    let theirs = stranger.write(&claim(order));

    hand(&world, LAN, forger.device(), &stranger.runs()).unwrap();

    assert_eq!(verdict(&world, LAN, theirs), None);
    agree(&mut world);
}

#[test]
fn a_claim_dated_1970_comes_after_what_its_author_knew_r9() {
    let (mut world, order, mut forger) = scene(5);
    let first = say::submit(&mut world, MEI, Some(order), Command::Claim).unwrap().events[0];
    world.settle();

    let backdated = forger.write(&Body { wall: WallMs(0), deps: vec![first], ..claim(order) });
    let postdated = forger.write(&Body { wall: WallMs(i64::MAX), ..comment(order) });
    hand(&world, LAN, forger.device(), &forger.runs()).unwrap();

    assert_eq!([backdated, postdated].map(|event| verdict(&world, LAN, event)), [Some(None); 2]);
    agree(&mut world);
    assert_eq!(world.at(LAN).order(order).unwrap().view.card.holder, Some(world.member(MEI)));
}

#[test]
fn an_event_that_comes_before_what_it_builds_on_waits_for_it() {
    let (mut world, order, mut forger) = scene(6);
    let mut other = Forger::with_keys_of(&mut world, MEI);
    let first = forger.write(&comment(order));
    let second = other.write(&Body { deps: vec![first], ..comment(order) });
    hand(&world, LAN, other.device(), &other.twin().runs()).unwrap();
    assert_eq!(verdict(&world, LAN, second), Some(Some(Held::Parked)));

    hand(&world, LAN, forger.device(), &forger.runs()).unwrap();

    assert_eq!([first, second].map(|event| verdict(&world, LAN, event)), [Some(None); 2]);
    agree(&mut world);
}

#[test]
fn an_event_stored_before_its_order_counts_after_rebuilding_too() {
    let (mut world, _, mut forger) = scene(7);
    let newcomer = world.join(LAN, Role::Volunteer);
    world.meet(newcomer, LAN, Break::Never);
    let order = say::post(&mut world, MEI);
    let early = forger.write(&comment(order));
    hand(&world, newcomer, forger.device(), &forger.runs()).unwrap();
    assert_eq!(verdict(&world, newcomer, early), Some(Some(Held::Parked)));
    world.meet(newcomer, MEI, Break::Never);
    assert_eq!(verdict(&world, newcomer, early), Some(None));
    let before = world.at(newcomer).state_hash().unwrap();

    world.at(newcomer).rebuild().unwrap();

    assert_eq!(world.at(newcomer).state_hash().unwrap(), before);
    assert_eq!(world.at(newcomer).verify().unwrap().faults, []);
    agree(&mut world);
}

#[test]
fn runs_that_come_again_are_stored_once() {
    let (mut world, order, mut forger) = scene(8);
    forger.write(&comment(order));
    let runs = forger.runs();
    hand(&world, LAN, forger.device(), &runs).unwrap();
    let before = (world.at(LAN).state_hash().unwrap(), world.at(LAN).stats().unwrap().events);

    hand(&world, LAN, forger.device(), &[runs.clone(), runs.clone()].concat()).unwrap();
    world.close(LAN);
    world.open(LAN);
    hand(&world, LAN, forger.device(), &runs).unwrap();

    assert_eq!((world.at(LAN).state_hash().unwrap(), world.at(LAN).stats().unwrap().events), before);
    agree(&mut world);
}

#[test]
fn a_run_that_fits_nowhere_is_asked_for_once_however_often_the_rest_of_its_log_comes() {
    let (mut world, order, mut forger) = scene(13);
    forger.write(&comment(order));
    let mut other = Forger::with_keys_of(&mut world, WU);
    other.write(&claim(order));
    let held = forger.runs();
    hand(&world, LAN, forger.device(), &held).unwrap();
    let before = world.at(LAN).state_hash().unwrap();
    let next = forger.write(&comment(order));
    let mut astray = forger.runs();
    astray[0].run.signature = other.runs()[0].run.signature;

    // It ends: the harness gives up where the phone asks again and again.
    hand(&world, LAN, forger.device(), &[held, astray].concat()).unwrap();

    assert_eq!((verdict(&world, LAN, next), world.at(LAN).state_hash().unwrap()), (None, before));
    agree(&mut world);
}

/// The newer branch ends before the older one.
#[test]
fn a_run_that_fits_nowhere_is_asked_for_once_though_its_log_has_branches() {
    let (mut world, order, mut forger) = scene(14);
    forger.write(&comment(order));
    let (stem, mut longer, mut shorter) = (forger.runs(), forger.twin(), forger.twin());
    (0..2).for_each(|_| _ = longer.write(&comment(order)));
    shorter.write(&Body { wall: WallMs(1), ..comment(order) });
    let held = [stem, longer.runs(), shorter.runs()].concat();
    hand(&world, LAN, forger.device(), &held).unwrap();
    let before = world.at(LAN).state_hash().unwrap();
    let next = longer.write(&comment(order));
    let mut astray = longer.runs();
    astray[0].run.signature = held[0].run.signature;

    hand(&world, LAN, forger.device(), &[held, astray].concat()).unwrap();

    assert_eq!((verdict(&world, LAN, next), world.at(LAN).state_hash().unwrap()), (None, before));
    agree(&mut world);
}

/// R8. Somebody builds on an event so far beyond a cut that nobody keeps it: that does not make the phone ask for what it
/// turned away as often as the beginning of the log is told.
#[test]
fn what_lies_too_far_beyond_a_cut_is_asked_for_once_though_somebody_builds_on_it() {
    let (mut world, order, mut cut) = scene(15);
    let (id, device) = (world.command(), world.device(WU));
    world.at(LAN).revoke(id, Revocation::of(Who::Device(device))).unwrap();
    let written: Vec<Reference> = (0..limits::BEYOND_CUT + 45).map(|_| cut.write(&comment(order))).collect();
    let mut friend = Forger::with_keys_of(&mut world, MEI);
    let builds = friend.write(&comment(written[written.len() - 1]));
    hand(&world, LAN, friend.device(), &friend.runs()).unwrap();
    let runs = cut.runs();

    hand(&world, LAN, friend.device(), &runs).unwrap();
    hand(&world, LAN, friend.device(), &[runs.clone(), runs].concat()).unwrap();

    let kept = written.iter().filter(|event| verdict(&world, LAN, **event).is_some()).count() as u64;
    assert!((1..=limits::BEYOND_CUT).contains(&kept), "{kept}");
    assert_eq!(verdict(&world, LAN, builds), Some(Some(Held::Parked)));
    world.assert_one_truth(LAN);
}

/// A head that a cut names has its log judged anew when it comes, and not as often as it is told.
#[test]
fn a_named_head_that_is_told_again_costs_no_judgement() {
    let (mut world, order, mut cut) = scene(16);
    (0..20).for_each(|_| _ = cut.write(&comment(order)));
    let runs = cut.runs();
    hand(&world, LAN, cut.device(), &runs).unwrap();
    let (id, device) = (world.command(), world.device(WU));
    world.at(LAN).revoke(id, Revocation::of(Who::Device(device))).unwrap();
    world.catch_up(LAN);
    cut.write(&comment(order));
    let mut astray = cut.runs();
    astray[0].run.signature = runs[0].run.signature;
    let before = count::done_here(Work::Folded);

    // What fits nowhere makes the phone be told all of it.
    hand(&world, LAN, world.device(MEI), &[runs, astray].concat()).unwrap();

    assert_eq!(count::done_here(Work::Folded), before);
}

#[test]
fn what_the_roster_does_not_allow_is_held_and_not_counted() {
    let (mut world, order, mut forger) = scene(9);
    let member = world.member(WU);
    let assigned = forger.write(&body(order, kind::ASSIGNED, encode(&Assigned { member })));
    let honest = forger.write(&comment(order));

    hand(&world, LAN, forger.device(), &forger.runs()).unwrap();

    assert_eq!(verdict(&world, LAN, assigned), Some(Some(Held::Unentitled)));
    assert_eq!(verdict(&world, LAN, honest), Some(None));
    assert_eq!(world.at(LAN).order(order).unwrap().view.card.holder, None);
    agree(&mut world);
}

#[test]
fn a_run_that_a_relay_changed_on_the_way_is_not_believed() {
    let (mut world, order, mut forger) = scene(10);
    let event = forger.write(&comment(order));
    let honest = forger.runs();
    let mut changed = honest.clone();
    let Content::Here(bytes) = &changed[0].run.links[0].content else { panic!("it was just written") };
    let mut bytes = bytes.to_vec();
    bytes[3] ^= 1;
    changed[0].run.links[0].content = Content::Here(bytes.into());

    // However the conversation ends, nothing of it is kept, and the true run is still welcome (R3).
    let _ended = hand(&world, LAN, forger.device(), &changed);
    assert_eq!(verdict(&world, LAN, event), None);
    hand(&world, LAN, forger.device(), &honest).unwrap();

    assert_eq!(verdict(&world, LAN, event), Some(None));
    agree(&mut world);
}

#[test]
fn both_branches_of_a_cloned_phone_count_r7() {
    let (mut world, order, mut phone) = scene(11);
    phone.write(&comment(order));
    let mut clone = phone.twin();
    let (here, there) = (phone.write(&comment(order)), clone.write(&claim(order)));

    hand(&world, LAN, phone.device(), &phone.twin().runs()).unwrap();
    hand(&world, MEI, clone.device(), &clone.twin().runs()).unwrap();
    agree(&mut world);

    assert_ne!(here, there);
    for phone in 0..3 {
        assert_eq!([here, there].map(|event| verdict(&world, phone, event)), [Some(None); 2], "phone {phone}");
    }
    say::submit(&mut world, WU, Some(order), Command::StillNeeded).unwrap();
    agree(&mut world);
}

#[test]
fn edits_that_make_no_sense_do_nothing_and_break_nothing_r1() {
    let (mut world, order, mut forger) = scene(12);
    let nowhere = ItemId::new(EventId::ZERO, u16::MAX);
    let edits = vec![
        Edit::Put { field: u16::MAX, value: Scalar::Int(i64::MIN) },
        Edit::Put { field: 2, value: Scalar::Text("\u{202e}".repeat(2_000)) },
        Edit::Remove { list: 1, item: nowhere },
        Edit::PutItem { list: 99, item: nowhere, field: 1, value: Scalar::Null },
        Edit::Add { list: 77, fields: vec![(0, Scalar::Bool(true))] },
    ];
    let event = forger.write(&Body { edits, ..body(order, kind::EDITED, encode(&Confirmation {})) });

    hand(&world, LAN, forger.device(), &forger.runs()).unwrap();

    assert!(verdict(&world, LAN, event).is_some());
    let change =
        linli_core::aggregate::order::Change::Put { field: "note".into(), value: Scalar::Text("二单元".into()) };
    say::submit(&mut world, LAN, Some(order), Command::Edit { changes: vec![change] }).unwrap();
    assert!(automerge::AutoCommit::load(&world.at(LAN).export(order).unwrap().unwrap()).is_ok());
    agree(&mut world);
}

/// A community of three, an order of the founder's that all know, and whoever has the keys of phone 1.
fn scene(seed: u64) -> (World, Reference, Forger) {
    let mut world = World::community(seed, 2);
    let order = say::post(&mut world, LAN);
    world.settle();
    let forger = Forger::with_keys_of(&mut world, WU);
    (world, order, forger)
}

fn hand(world: &World, to: usize, from: DeviceId, runs: &[Outgoing]) -> Result<(), LinkError> {
    hand_over(world, to, from, world.tag(to, Topic::Common), runs)
}

/// All phones meet and agree, and making the caches again changes nothing.
fn agree(world: &mut World) {
    world.settle();
    world.assert_equal();
    for phone in 0..world.len() {
        let before = world.at(phone).state_hash().unwrap();
        world.at(phone).rebuild().unwrap();
        assert_eq!(world.at(phone).state_hash().unwrap(), before, "phone {phone}");
    }
}
