//! Whoever says more about one thing, in the roster or among erasures than there is room for: the rest has no effect, and
//! nobody else is touched (T4).

use linli_core::{
    aggregate::{
        encode,
        order::{Command, Commented, Order, Refusal},
    },
    event::{Body, EventError, Held, Topic},
    id::{DeviceId, EventId, LogId, Reference, ShortId},
    key::{DeviceKeys, KitLanguage, KitWords},
    limits,
    replica::{EraseError, MembersError, Receipt, SubmitError},
    roster::{
        Admitted, Cut, CutHead, Erased, ErasedAggregate, ErasedSpan, Revocation, Revoked, Role, RoomGiven, RosterEvent,
        RosterRefusal, Who,
    },
};
use linli_tests::{
    Break, Ended, Forger, World, hand_over, held_in_roster, meet,
    people::{LAN, MEI, WU, ZHAO},
};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha20Rng;

use crate::say::{self, post, verdict};

/// T4.
#[test]
fn whoever_has_said_enough_about_one_thing_is_told_so_and_nobody_else() {
    let mut world = World::community(311, 2);
    let order = post(&mut world, LAN);
    world.settle();

    let said = (0..500).take_while(|_| say(&mut world, WU, order, 8_000).is_ok()).count();
    let refused = say(&mut world, WU, order, 8_000);

    assert!((60..500).contains(&said), "{said}");
    assert_eq!(refused, Err(SubmitError::Limit(EventError::Crowded)));
    say(&mut world, MEI, order, 8_000).expect("others have room of their own");
    let elsewhere = post(&mut world, WU);
    say(&mut world, WU, elsewhere, 8_000).expect("and so has everybody elsewhere");
    world.settle();
    assert_eq!(world.at(LAN).history(order).unwrap().iter().filter(|told| told.held.is_some()).count(), 0);
    world.assert_equal();
}

/// What is too much for one thing has no effect, and says whose it is. Which of it is too much does not depend on who heard
/// what first, and nobody else's word is touched, though it builds on what is left out.
#[test]
fn what_a_device_heaps_up_in_one_thing_is_left_out_alike_everywhere_t4() {
    let mut world = World::community(312, 3);
    let order = post(&mut world, LAN);
    world.settle();
    let (device, tag) = (world.device(WU), world.tag(LAN, Topic::Common));
    let mut heap = Vec::new();
    let mut written = Vec::new();
    for life in 0..6 {
        let mut forger = Forger::with_keys_of(&mut world, WU);
        for nth in 0..40 {
            let text = format!("{life}-{nth}-{}", "x".repeat(7_000));
            written.push(forger.write(&Body { payload: encode(&Commented { text }), ..say::comment(order) }));
        }
        heap.push(forger.runs());
    }

    // Each hears of another part of it, and says something then.
    for (phone, lives) in [(0, [0, 1, 2, 3, 4, 5]), (2, [5, 4, 3, 2, 1, 0]), (3, [2, 5, 0, 3, 1, 4])] {
        for (nth, life) in lives.into_iter().enumerate() {
            hand_over(&world, phone, device, tag, &heap[life]).unwrap();
            if nth % 2 == 0 {
                say(&mut world, phone, order, 10).unwrap();
            }
        }
    }
    world.settle();

    let fates = |phone: usize| written.iter().map(|event| verdict(&world, phone, *event)).collect::<Vec<_>>();
    let left_out = fates(LAN).iter().filter(|fate| **fate == Some(Some(Held::Crowded))).count();
    assert!((100..180).contains(&left_out), "{left_out} of {}", written.len());
    for phone in [MEI, ZHAO] {
        assert_eq!(fates(phone), fates(LAN), "R9");
    }
    let told = world.at(LAN).history(order).unwrap();
    let crowded: Vec<_> = told.iter().filter(|told| told.held == Some(Held::Crowded)).collect();
    assert_eq!(crowded.len(), left_out);
    assert!(crowded.iter().all(|told| told.by == Some(world.member(WU))));
    let honest = told.iter().filter(|told| told.code == "commented" && told.device != device);
    assert_eq!(honest.filter(|told| told.held.is_none()).count(), 9);
    (0..4).for_each(|phone| assert_eq!(world.at(phone).verify().unwrap().faults, []));
    world.assert_equal();
}

/// A founder, a coordinator and as many volunteers, in step.
pub(crate) fn town(seed: u64, volunteers: usize) -> World {
    World::of_roles(seed, &[&[Role::Coordinator][..], &vec![Role::Volunteer; volunteers]].concat())
}

/// Whoever has the keys of the coordinator's phone, in the roster, in a life of its own.
fn in_roster(world: &mut World) -> Forger {
    Forger::with_keys_of(world, WU).in_topic(world, WU, Topic::Roster)
}

fn admission(keys: &DeviceKeys) -> RosterEvent {
    let (record, member) = (keys.record(), Some(linli_core::id::MemberId::first_device(keys.device())));
    RosterEvent::Admitted(Admitted { record, role: Role::Volunteer, member, label: None, addresses: Vec::new() })
}

/// A cut of nobody, of some 20,000 bytes.
fn junk(world: &mut World) -> RosterEvent {
    let head = CutHead { seq: 9, id: EventId::from_bytes([7; 32]) };
    let cuts = (0..300).map(|_| Cut { log: LogId::from_bytes(world.dice.random()), heads: vec![head] }).collect();
    let device = DeviceId::from_bytes(world.dice.random());
    RosterEvent::Revoked(Revoked { device, cuts, replaces: Vec::new(), act: None })
}

/// Junk that fills so much of the room that a device has in the roster. The last of it.
pub(crate) fn heap(world: &mut World, forger: &mut Forger, bytes: u64) -> Reference {
    let mut written = 0;
    loop {
        let event = junk(world);
        written += event.weight();
        let last = forger.roster(&event);
        if written >= bytes {
            return last;
        }
    }
}

/// What a coordinator says beyond its room admits and withdraws nobody, on whatever phone and in whatever order its logs
/// come; what others say counts, and their cuts of it are written.
#[test]
fn what_a_coordinator_heaps_up_in_the_roster_is_left_out_alike_everywhere_t4() {
    let mut world = town(321, 2);
    let (device, tag) = (world.device(WU), world.tag(LAN, Topic::Roster));
    let mut newcomers = Vec::new();
    let mut heaps = Vec::new();
    for _ in 0..4 {
        let mut forger = in_roster(&mut world);
        heap(&mut world, &mut forger, limits::ROSTER_ROOM * 2 / 5);
        let newcomer = DeviceKeys::generate(&mut world.dice);
        newcomers.push((newcomer.device(), forger.roster(&admission(&newcomer))));
        heaps.push(forger.runs());
    }

    for (phone, order) in [(0, [0, 1, 2, 3]), (2, [3, 2, 1, 0]), (3, [2, 0, 3, 1])] {
        for heap in order {
            hand_over(&world, phone, device, tag, &heaps[heap]).unwrap();
            world.assert_one_truth(phone);
        }
    }

    let welcome = |phone: usize| -> Vec<bool> {
        newcomers.iter().map(|(newcomer, _)| world.at(phone).roster().may_connect(*newcomer)).collect()
    };
    assert_eq!(welcome(LAN).iter().filter(|welcome| **welcome).count(), 2, "two and a half logs have room");
    assert!([MEI, ZHAO].iter().all(|phone| welcome(*phone) == welcome(LAN)), "R9");
    for (nth, (_, event)) in newcomers.iter().enumerate() {
        let held = (!welcome(LAN)[nth]).then_some(Held::Crowded);
        assert_eq!(held_in_roster(&world, LAN, *event), held);
    }
    world.settle();
    let (id, newcomer) = (world.command(), DeviceKeys::generate(&mut world.dice).record());
    let refused = world.at(WU).admit(id, newcomer, Role::Volunteer, None, None);
    assert_eq!(refused, Err(MembersError::Limit(EventError::Crowded)));
    let (id, newcomer) = (world.command(), DeviceKeys::generate(&mut world.dice).record());
    world.at(LAN).admit(id, newcomer, Role::Volunteer, None, None).expect("others have room of their own");
    let id = world.command();
    world.at(LAN).revoke(id, Revocation::of(Who::Device(device))).expect("and cut whom they like");
    [MEI, ZHAO].iter().for_each(|phone| _ = world.meet(LAN, *phone, Break::Never));
    assert!(world.at(MEI).roster().is_revoked(device) && world.at(MEI).roster().may_connect(newcomer.device));
    [LAN, MEI, ZHAO].iter().for_each(|phone| world.assert_one_truth(*phone));
    alike(&world, &[LAN, MEI, ZHAO]);
}

/// Room is counted over what would count: what a cut leaves out takes none, so the log that it names counts as far as the
/// room goes, whatever a thief heaped up beside it.
#[test]
fn a_cut_makes_room_for_the_log_that_it_names_r8() {
    let mut world = town(322, 1);
    let (device, tag) = (world.device(WU), world.tag(LAN, Topic::Roster));
    // The thief's log is read first, so that there is no room for the other.
    let mut lives = [in_roster(&mut world), in_roster(&mut world)];
    lives.sort_by_key(|life| life.place().0);
    let [mut thief, mut honest] = lives;
    heap(&mut world, &mut thief, limits::ROSTER_ROOM + 100_000);
    let newcomer = DeviceKeys::generate(&mut world.dice);
    heap(&mut world, &mut honest, limits::ROSTER_ROOM * 2 / 3);
    let admitted = honest.roster(&admission(&newcomer));
    let head = honest.head().expect("it wrote");
    for forger in [&mut thief, &mut honest] {
        let runs = forger.runs();
        hand_over(&world, LAN, device, tag, &runs).unwrap();
    }
    assert_eq!(held_in_roster(&world, LAN, admitted), Some(Held::Crowded));
    assert!(!world.at(LAN).roster().may_connect(newcomer.device()));

    let id = world.command();
    let cut = Cut { log: admitted.log, heads: vec![head] };
    let revocation = Revocation { heads: Some(vec![cut]), ..Revocation::of(Who::Device(device)) };
    world.at(LAN).revoke(id, revocation).unwrap();

    assert!(world.at(LAN).roster().may_connect(newcomer.device()));
    assert_eq!(held_in_roster(&world, LAN, admitted), None);
    world.meet(LAN, MEI, Break::Never);
    assert!(world.at(MEI).roster().may_connect(newcomer.device()));
    [LAN, MEI].iter().for_each(|phone| world.assert_one_truth(*phone));
}

/// Whoever stole the founder's phone has all of the founder's room, and none of the kit's.
#[test]
fn a_kit_finds_room_whatever_the_thief_of_the_founders_phone_heaped_up_t3() {
    let mut world = World::seeded(323);
    let founder = world.phone();
    let (_, kit) = world.at(founder).found_with_kit(None).unwrap();
    world.join(founder, Role::Volunteer);
    world.settle();
    let (device, tag) = (world.device(LAN), world.tag(LAN, Topic::Roster));
    let (honest, _) = world.at(WU).cut_at(device, &[]).unwrap();
    let mut thief = Forger::with_keys_of(&mut world, LAN).in_topic(&world, LAN, Topic::Roster);
    heap(&mut world, &mut thief, limits::ROSTER_ROOM + 100_000);
    let nobody = DeviceId::from_bytes(world.dice.random());
    let late = thief.roster(&RosterEvent::Revoked(Revoked {
        device: nobody,
        cuts: Vec::new(),
        replaces: Vec::new(),
        act: None,
    }));
    let runs = thief.runs();
    hand_over(&world, WU, device, tag, &runs).unwrap();
    assert_eq!(held_in_roster(&world, WU, late), Some(Held::Crowded));

    let new = world.phone();
    let words: KitWords = kit.words(KitLanguage::English).join(" ").parse().unwrap();
    let recovery = world.at(new).recover_with_kit(&words, &world.at(WU).welcome().unwrap()).unwrap();
    let mut dice = ChaCha20Rng::seed_from_u64(0);
    // The heap may have put out what the founder had said, whom it had admitted too, until the kit says which log stands.
    let _heard = meet(recovery.kit(), world.at(WU), &mut dice, Break::Never);
    let (id, heads) = (world.command(), Some(honest));
    recovery.kit().revoke(id, Revocation { heads, ..Revocation::of(Who::Device(device)) }).unwrap();
    assert_eq!(meet(recovery.kit(), world.at(WU), &mut dice, Break::Never).ended, Ended::InStep);
    recovery.finish(None, None).unwrap();
    drop(recovery);
    assert_eq!(meet(world.at(new), world.at(WU), &mut dice, Break::Never).ended, Ended::InStep);

    let roster = world.at(WU).roster();
    assert!(roster.is_revoked(device) && roster.may_connect(world.device(new)) && roster.may_connect(world.device(WU)));
    [WU, new].iter().for_each(|phone| world.assert_one_truth(*phone));
}

/// What a coordinator erases beyond its room stays; what others erase goes. Its own app says so.
#[test]
fn what_a_coordinator_heaps_up_as_erasures_is_left_out_alike_everywhere_t4() {
    let mut world = town(324, 2);
    let orders = [post(&mut world, LAN), post(&mut world, MEI), post(&mut world, ZHAO)];
    world.settle();
    let (device, tag) = (world.device(WU), world.tag(LAN, Topic::Erasure));
    let nowhere = |world: &mut World| Reference {
        log: LogId::from_bytes(world.dice.random()),
        seq: world.dice.random_range(0..1 << 40),
        check: ShortId::from_bytes(world.dice.random()),
    };
    let mut heaps = Vec::new();
    for order in &orders {
        let mut forger = Forger::with_keys_of(&mut world, WU).in_topic(&world, WU, Topic::Erasure);
        let mut written = 0;
        while written < limits::ERASURE_ROOM * 2 / 5 {
            let span = |world: &mut World| {
                let last = nowhere(world);
                ErasedSpan { log: last.log, first: 0, last: last.seq, check: last.check, gaps: None }
            };
            let spans = (0..300).map(|_| span(&mut world)).collect();
            let aggregates = vec![ErasedAggregate { creating: nowhere(&mut world), spans }];
            let erased = Erased { aggregates, totals: None }.encode();
            written += limits::EVENT_ROOM + erased.len() as u64;
            forger.clear(Erased::KIND, Erased::VERSION, erased);
        }
        let span = ErasedSpan { log: order.log, first: order.seq, last: order.seq, check: order.check, gaps: None };
        let aggregates = vec![ErasedAggregate { creating: *order, spans: vec![span] }];
        let erased = forger.clear(Erased::KIND, Erased::VERSION, Erased { aggregates, totals: None }.encode());
        heaps.push((erased, forger.runs()));
    }

    for (phone, lives) in [(0, [0, 1, 2]), (2, [2, 1, 0]), (3, [1, 2, 0])] {
        for life in lives {
            hand_over(&world, phone, device, tag, &heaps[life].1).unwrap();
            world.assert_one_truth(phone);
        }
    }

    let stands = |world: &World, phone: usize| {
        orders.iter().map(|order| world.at(phone).order(*order).is_ok()).collect::<Vec<_>>()
    };
    assert_eq!(stands(&world, LAN).iter().filter(|stands| **stands).count(), 1, "two and a half logs have room");
    assert!([MEI, ZHAO].iter().all(|phone| stands(&world, *phone) == stands(&world, LAN)), "R9");
    for (nth, (erased, _)) in heaps.iter().enumerate() {
        assert_eq!(verdict(&world, LAN, *erased), Some(stands(&world, LAN)[nth].then_some(Held::Crowded)));
    }
    let left = orders[stands(&world, LAN).iter().position(|stands| *stands).unwrap()];
    world.settle();
    // What was put out of the room comes back a part at a time.
    (0..4).for_each(|phone| world.catch_up(phone));
    let id = world.command();
    assert_eq!(world.at(WU).erase(id, &[left]), Err(EraseError::Limit(EventError::Crowded)));
    assert!(world.at(WU).order(left).is_ok(), "nothing is erased without effect");
    let id = world.command();
    world.at(LAN).erase(id, &[left]).expect("others have room of their own");
    world.settle();
    assert!(stands(&world, MEI).iter().all(|stands| !stands));
    (0..4).for_each(|phone| assert_eq!(world.at(phone).verify().unwrap().faults, []));

    let id = world.command();
    world.at(LAN).revoke(id, low(device)).unwrap();
    [MEI, ZHAO].iter().for_each(|phone| _ = world.meet(LAN, *phone, Break::Never));
    [LAN, MEI, ZHAO].iter().for_each(|phone| world.catch_up(*phone));
    assert_eq!(stands(&world, MEI).iter().filter(|stands| **stands).count(), 2, "R8");
    [LAN, MEI, ZHAO].iter().for_each(|phone| world.assert_one_truth(*phone));
    alike(&world, &[LAN, MEI, ZHAO]);
}

/// These phones have one state.
pub(crate) fn alike(world: &World, phones: &[usize]) {
    let hashes: Vec<_> = phones.iter().map(|phone| world.at(*phone).state_hash().unwrap()).collect();
    assert!(hashes.iter().all(|hash| *hash == hashes[0]), "phones {phones:?}");
}

/// A cut that lets nothing stand.
pub(crate) fn low(device: DeviceId) -> Revocation {
    Revocation { heads: Some(Vec::new()), ..Revocation::of(Who::Device(device)) }
}

pub(crate) fn give(world: &mut World, by: usize, device: DeviceId, rooms: u64) -> Result<(), MembersError> {
    let id = world.command();
    world.at(by).give_room(id, device, rooms)
}

/// A thing that lives for years never ends for anybody: whoever has filled their room in it is given more by a coordinator.
/// What others left out in the meantime counts then, everywhere; and it falls with whoever gave the room.
#[test]
fn a_coordinator_gives_room_and_what_was_left_out_counts_t4() {
    let mut world = town(331, 2);
    let order = post(&mut world, LAN);
    world.settle();
    let (writer, tag) = (world.device(MEI), world.tag(LAN, Topic::Common));
    let mut forger = Forger::with_keys_of(&mut world, MEI);
    let mut written = Vec::new();
    for nth in 0..220 {
        let text = format!("{nth}-{}", "x".repeat(7_000));
        written.push(forger.write(&Body { payload: encode(&Commented { text }), ..say::comment(order) }));
    }
    let runs = forger.runs();
    hand_over(&world, LAN, writer, tag, &runs).unwrap();
    let counted = |world: &World, phone: usize| {
        written.iter().filter(|event| verdict(world, phone, **event) == Some(None)).count()
    };
    let first = counted(&world, LAN);
    assert!((90..120).contains(&first), "{first}");

    assert_eq!(give(&mut world, WU, writer, 1), Ok(()));
    assert_eq!(counted(&world, LAN), first, "the founder has not heard of it");
    world.meet(LAN, WU, Break::Never);
    let second = counted(&world, LAN);
    assert!((2 * first - 2..=2 * first + 2).contains(&second), "{second} behind {first}");
    // Whoever hears of the giving first, and of what was written then, counts the same.
    world.meet(ZHAO, WU, Break::Never);
    world.settle();
    assert_eq!([WU, MEI, ZHAO].map(|phone| counted(&world, phone)), [second; 3], "R9");
    (0..4).for_each(|phone| world.assert_one_truth(phone));
    world.assert_equal();

    let (id, giver) = (world.command(), world.device(WU));
    let except = [writer].into_iter().collect();
    world.at(LAN).revoke(id, Revocation { except, ..low(giver) }).unwrap();
    assert_eq!(counted(&world, LAN), first, "it falls with whoever gave it, R8");
    for phone in [MEI, ZHAO] {
        world.meet(LAN, phone, Break::Never);
        world.catch_up(phone);
    }
    assert_eq!([MEI, ZHAO].map(|phone| counted(&world, phone)), [first; 2]);
    [LAN, MEI, ZHAO].iter().for_each(|phone| world.assert_one_truth(*phone));
    alike(&world, &[LAN, MEI, ZHAO]);
}

/// Whose own app has said that there is no room goes on once it has some.
#[test]
fn whoever_is_given_room_goes_on_where_they_were_refused() {
    let mut world = World::community(332, 1);
    let order = post(&mut world, LAN);
    world.settle();
    let said = (0..500).take_while(|_| say(&mut world, WU, order, 8_000).is_ok()).count();
    assert_eq!(say(&mut world, WU, order, 8_000), Err(SubmitError::Limit(EventError::Crowded)));
    let writer = world.device(WU);

    give(&mut world, LAN, writer, 2).unwrap();
    world.settle();

    let more = (0..2_000).take_while(|_| say(&mut world, WU, order, 8_000).is_ok()).count();
    assert!((2 * said - 2..=2 * said + 2).contains(&more), "{more} behind {said}");
    world.settle();
    assert!(world.at(LAN).history(order).unwrap().iter().all(|told| told.held.is_none()));
    world.assert_equal();
}

/// It is all the same whether anything was refused before, and who has the order in memory.
#[test]
fn whoever_is_given_room_before_it_is_needed_has_it_on_every_phone() {
    let mut world = World::community(333, 1);
    let order = post(&mut world, LAN);
    world.settle();
    (0..40).for_each(|_| drop(say(&mut world, WU, order, 8_000).unwrap()));
    world.settle();
    let writer = world.device(WU);

    give(&mut world, LAN, writer, 1).unwrap();
    world.settle();

    let more = (0..500).take_while(|_| say(&mut world, WU, order, 8_000).is_ok()).count();
    assert!(more > 120, "{more} behind 40: two rooms hold some 190");
    world.settle();
    assert!(world.at(LAN).history(order).unwrap().iter().all(|told| told.held.is_none()));
    [LAN, WU].iter().for_each(|phone| world.assert_one_truth(*phone));
    world.assert_equal();
}

/// Room is for those below to be given, and for oneself; so many, and no more.
#[test]
fn who_may_not_give_room_is_told_so() {
    let mut world = town(333, 1);
    let [founder, coordinator, volunteer] = [LAN, WU, MEI].map(|phone| world.device(phone));
    let nobody = DeviceKeys::generate(&mut world.dice).device();
    let refused = |answer: Result<(), MembersError>| match answer {
        Err(MembersError::Refused(refusal)) => refusal,
        other => panic!("{other:?}"),
    };

    assert!(matches!(
        refused(give(&mut world, MEI, volunteer, 1)),
        RosterRefusal::NotAllowed { event: "room_given", .. }
    ));
    assert_eq!(refused(give(&mut world, WU, founder, 1)), RosterRefusal::Rank { device: founder });
    assert_eq!(refused(give(&mut world, WU, nobody, 1)), RosterRefusal::UnknownDevice { device: nobody });
    for rooms in [0, limits::ROOMS_GIVEN + 1] {
        assert!(matches!(refused(give(&mut world, WU, volunteer, rooms)), RosterRefusal::Malformed { .. }));
    }
    assert_eq!(give(&mut world, WU, coordinator, 1), Ok(()));
    while world.at(WU).roster().rooms_of(volunteer) < limits::ROOMS {
        give(&mut world, WU, volunteer, limits::ROOMS_GIVEN).unwrap();
    }
    assert_eq!(refused(give(&mut world, WU, volunteer, 1)), RosterRefusal::RoomEnough { device: volunteer });
    // Whoever writes it all the same gives nothing, and it is shown.
    let mut forger = in_roster(&mut world);
    let given = forger.roster(&RosterEvent::RoomGiven(RoomGiven { device: founder, rooms: 3 }));
    let (tag, runs) = (world.tag(LAN, Topic::Roster), forger.runs());
    hand_over(&world, LAN, coordinator, tag, &runs).unwrap();
    assert_eq!(held_in_roster(&world, LAN, given), Some(Held::Unentitled));
    assert_eq!(world.at(LAN).roster().rooms_of(founder), 1);
    world.settle();
    let id = world.command();
    world.at(LAN).revoke(id, Revocation::of(Who::Device(volunteer))).unwrap();
    assert_eq!(refused(give(&mut world, LAN, volunteer, 1)), RosterRefusal::Withdrawn { device: volunteer });
}

/// Whoever has filled their own room in the roster gives themselves more with the last of it, and goes on; cuts come before
/// all that.
#[test]
fn a_coordinator_is_never_shut_in_by_what_it_wrote_itself() {
    let mut world = town(334, 1);
    let (device, tag) = (world.device(WU), world.tag(WU, Topic::Roster));
    let mut earlier = in_roster(&mut world);
    heap(&mut world, &mut earlier, limits::ROSTER_ROOM - limits::ROSTER_RESERVE - 30_000);
    let runs = earlier.runs();
    hand_over(&world, LAN, device, tag, &runs).unwrap();
    world.settle();
    let admit = |world: &mut World, by: usize| {
        let (id, newcomer) = (world.command(), DeviceKeys::generate(&mut world.dice).record());
        world.at(by).admit(id, newcomer, Role::Volunteer, None, None)
    };

    let admitted = (0..200).take_while(|_| admit(&mut world, WU).is_ok()).count();
    assert!((1..200).contains(&admitted), "{admitted}");
    assert_eq!(admit(&mut world, WU), Err(MembersError::Limit(EventError::Crowded)));
    let (id, volunteer) = (world.command(), world.device(MEI));
    world.at(WU).revoke(id, Revocation::of(Who::Device(volunteer))).expect("there is room for cuts");
    assert_eq!(give(&mut world, WU, device, 1), Ok(()));
    assert_eq!(admit(&mut world, WU), Ok(()));

    world.meet(LAN, WU, Break::Never);
    assert!(world.at(LAN).roster().is_revoked(volunteer));
    alike(&world, &[LAN, WU]);
}

/// Why an event has no effect does not hang on what came after it: a volunteer's cut of itself is not entitled, and takes no
/// room of anybody's.
#[test]
fn a_volunteers_cut_of_itself_is_unentitled_whatever_is_folded_after_it() {
    let mut world = town(344, 1);
    let (volunteer, tag) = (world.device(MEI), world.tag(LAN, Topic::Roster));
    let mut forger = Forger::with_keys_of(&mut world, MEI).in_topic(&world, MEI, Topic::Roster);
    let own = Revoked { device: volunteer, cuts: Vec::new(), replaces: Vec::new(), act: None };
    let own = forger.roster(&RosterEvent::Revoked(own));
    let runs = forger.runs();
    hand_over(&world, LAN, volunteer, tag, &runs).unwrap();
    assert_eq!(held_in_roster(&world, LAN, own), Some(Held::Unentitled));

    let (id, newcomer) = (world.command(), DeviceKeys::generate(&mut world.dice).record());
    world.at(LAN).admit(id, newcomer, Role::Volunteer, None, None).unwrap();

    assert_eq!(held_in_roster(&world, LAN, own), Some(Held::Unentitled));
}

fn say(world: &mut World, phone: usize, order: Reference, bytes: usize) -> Result<Receipt, SubmitError<Refusal>> {
    let id = world.command();
    world.at(phone).submit::<Order>(id, Some(order), Command::Comment { text: "x".repeat(bytes) })
}
