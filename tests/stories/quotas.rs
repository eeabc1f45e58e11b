//! A member who heaps up junk: it takes its own room and nobody else's (T4).

use linli_core::{
    event::{Body, Topic},
    id::{DeviceId, EpochId, Reference},
    keep::{Quota, weight},
    limits,
    net::Conversation,
    replica::{Link, Options, Replica, What},
    roster::{Revocation, Role, Who},
    sync::Outgoing,
};
use linli_tests::{
    Break, Forger, World, hand_over,
    people::{CHEN, LAN, MEI, WU, ZHAO},
    revoke,
};

use crate::say::{Command, comment, post, raise, submit, verdict};

/// T4.
#[test]
fn junk_in_the_roster_takes_a_volunteers_few_kilobytes_and_holds_up_nobody() {
    let mut world = World::community(301, 2);
    for topic in [Topic::Roster, Topic::Erasure] {
        let mut forger = Forger::with_keys_of(&mut world, WU).in_topic(&world, WU, topic);
        let runs = junk(&mut forger, 200);
        hand_over(&world, LAN, forger.device(), world.tag(LAN, topic), &runs).unwrap();
    }

    let order = post(&mut world, WU);
    let (late, id) = (world.phone(), world.command());
    let new = world.at(late).record();
    world.at(LAN).admit(id, new, Role::Volunteer, None, None).unwrap();
    world.at(late).join(&world.at(LAN).welcome().unwrap()).unwrap();
    world.settle();

    let device = world.device(WU);
    for phone in [LAN, MEI, late] {
        let taken = room(&world, phone, device, &[Topic::Roster, Topic::Erasure]);
        let branches = 2 * limits::BRANCH_ROOM;
        assert!(taken <= limits::CLEAR_ROOM + branches, "{taken} bytes on phone {phone}");
        assert!(world.at(phone).order(order).is_ok(), "what it wrote as a member is on phone {phone}");
    }
    assert!(world.at(MEI).roster().device(new.device).is_some());
    world.assert_equal();
    world
        .at(LAN)
        .look(|reader| {
            let counted = reader.rooms()?.into_iter().map(|(_, _, room)| room.bytes).sum::<u64>();
            assert_eq!(counted, reader.stats()?.body_bytes, "what is counted is what is there");
            Ok(())
        })
        .unwrap();
}

/// T4.
#[test]
fn what_one_device_heaps_up_leaves_room_for_whoever_has_little() {
    let quota = Quota { community: 4_000_000, device: 3_000_000 };
    let mut world = World::community(302, 3);
    keep_little(&mut world, LAN, quota);
    for phone in [WU, MEI] {
        let mut forger = Forger::with_keys_of(&mut world, phone);
        let runs = junk(&mut forger, 200);
        hand_over(&world, LAN, forger.device(), world.tag(LAN, Topic::Common), &runs).unwrap();
    }

    let order = post(&mut world, ZHAO);
    assert_eq!(world.meet(ZHAO, LAN, Break::Never).ended, linli_tests::Ended::InStep);

    let taken: Vec<u64> = (1..3).map(|phone| room(&world, LAN, world.device(phone), &Topic::ALL)).collect();
    assert!(taken.iter().all(|taken| *taken <= quota.device), "{taken:?}");
    assert!(taken.iter().sum::<u64>() <= quota.community, "{taken:?}");
    assert!(world.at(LAN).order(order).is_ok());
}

/// T4: who took all that whoever comes first may have keeps no call for help out, not of one who wrote more than its part.
#[test]
fn an_alert_finds_room_whatever_was_heaped_up() {
    let quota = Quota { community: 4_000_000, device: 3_000_000 };
    let mut world = World::community(303, 3);
    keep_little(&mut world, LAN, quota);
    let tag = world.tag(LAN, Topic::Common);
    for phone in [WU, MEI] {
        let mut forger = Forger::with_keys_of(&mut world, phone);
        let runs = junk(&mut forger, 200);
        hand_over(&world, LAN, forger.device(), tag, &runs).unwrap();
    }
    let mut forger = Forger::with_keys_of(&mut world, ZHAO);
    for bytes in [30_000; 16].into_iter().chain([200; 60]) {
        forger.raw(EpochId::ZERO, vec![0x55; bytes]);
        hand_over(&world, LAN, forger.device(), tag, &forger.runs()).unwrap();
    }
    let mut forger = Forger::with_keys_of(&mut world, WU).in_topic(&world, WU, Topic::Urgent);
    let runs = junk(&mut forger, 20);
    hand_over(&world, LAN, forger.device(), world.tag(LAN, Topic::Urgent), &runs).unwrap();
    let order = post(&mut world, ZHAO);

    let alerts = [0; 6].map(|_| raise(&mut world, ZHAO, None));
    world.meet(ZHAO, LAN, Break::Never);

    assert!(world.at(LAN).order(order).is_err(), "for all else its part is taken");
    assert!(alerts.iter().all(|alert| world.at(LAN).alert(*alert).is_ok()));
    let urgent = room(&world, LAN, world.device(WU), &[Topic::Urgent]);
    assert!(urgent > 0 && urgent <= limits::URGENT_ROOM, "{urgent} bytes of junk among alerts");
}

/// Of a file is told, as of a meeting, how much was not taken for want of room.
#[test]
fn a_bundle_tells_how_much_found_no_room() {
    let mut world = World::community(304, 2);
    let order = post(&mut world, MEI);
    world.settle();
    keep_little(&mut world, LAN, Quota { community: 4_000_000, device: 1_000_000 });
    let mut forger = Forger::with_keys_of(&mut world, WU);
    let runs = junk(&mut forger, 200);
    hand_over(&world, MEI, forger.device(), world.tag(MEI, Topic::Common), &runs).unwrap();
    let late = submit(&mut world, MEI, Some(order), Command::Claim).unwrap().events[0];
    let mut bundle = Vec::new();
    world.at(MEI).export_bundle(What::All, &mut bundle, |_| {}).unwrap();

    let taken = world.at(LAN).import_bundle(&bundle[..], |_| {}).unwrap();

    assert_eq!(verdict(&world, LAN, late), Some(None));
    let stored = world.at(LAN).look(|reader| reader.heads(forger.place().0)).unwrap()[0].seq + 1;
    assert_eq!((taken.refused.full + stored, taken.refused.gap, taken.refused.beyond), (200, 0, 0), "{taken:?}");
    assert!(taken.refused.full > 100);
}

/// T4, R8: phones that were full of different things agree again behind a cut, whoever makes it and hears of it first.
#[test]
fn a_cut_makes_phones_agree_that_were_full_of_different_junk() {
    let quota = Quota { community: 100_000_000, device: 1_500_000 };
    let both: &[usize] = &[0, 2];
    for (seed, cutters, meetings) in [
        (303, &both[..1], [[0, 2], [0, 3], [2, 3]]),
        (304, &both[..1], [[0, 3], [3, 2], [0, 2]]),
        (305, &both[1..], [[2, 0], [0, 3], [2, 3]]),
        (306, both, [[0, 2], [0, 3], [2, 3]]),
        (307, both, [[3, 2], [0, 3], [2, 0]]),
    ] {
        let mut world = World::community(seed, 1);
        for role in [Role::Coordinator, Role::Volunteer] {
            let (phone, id) = (world.phone(), world.command());
            let record = world.at(phone).record();
            world.at(LAN).admit(id, record, role, None, None).unwrap();
            world.at(phone).join(&world.at(LAN).welcome().unwrap()).unwrap();
        }
        world.settle();
        (0..4).filter(|phone| *phone != WU).for_each(|phone| keep_little(&mut world, phone, quota));
        let (tag, device) = (world.tag(LAN, Topic::Common), world.device(WU));
        for phone in [LAN, MEI] {
            let mut forger = Forger::with_keys_of(&mut world, WU);
            let runs = junk(&mut forger, 32);
            hand_over(&world, phone, forger.device(), tag, &runs).unwrap();
            assert!(
                room(&world, phone, device, &[Topic::Common]) > quota.device / 2,
                "there is no room for the other's"
            );
        }
        for phone in cutters {
            let id = world.command();
            world.at(*phone).revoke(id, Revocation::of(Who::Device(device))).unwrap();
        }

        for _ in 0..3 {
            for [one, other] in meetings {
                assert_eq!(world.meet(one, other, Break::Never).ended, linli_tests::Ended::InStep, "{seed}");
            }
        }

        let hash = |phone: usize| world.at(phone).state_hash().unwrap();
        assert_eq!((hash(MEI), hash(ZHAO)), (hash(LAN), hash(LAN)), "{seed}");
        let logs = |phone: usize| world.at(phone).look(|reader| reader.entries(tag)).unwrap();
        assert_eq!((logs(MEI), logs(ZHAO)), (logs(LAN), logs(LAN)), "{seed}: what stands by a cut is everywhere");
    }
}

/// The founder is full of one half of what phone 1 heaped up. Phone 2 has the other half, in several logs whose ends build
/// on each other, and builds on the last.
fn built_on_junk(seed: u64, quota: Quota) -> (World, Reference) {
    let mut world = World::community(seed, 3);
    let order = post(&mut world, LAN);
    world.settle();
    (0..4).filter(|phone| *phone != WU).for_each(|phone| keep_little(&mut world, phone, quota));
    let tag = world.tag(LAN, Topic::Common);
    let mut heap = Forger::with_keys_of(&mut world, WU);
    let device = heap.device();
    hand_over(&world, LAN, device, tag, &junk(&mut heap, 64)).unwrap();
    let (mut deps, mut runs) = (Vec::new(), Vec::new());
    for _ in 0..3 {
        let mut heap = Forger::with_keys_of(&mut world, WU);
        let below = junk(&mut heap, 8);
        deps = vec![heap.write(&Body { deps, ..comment(order) })];
        runs.extend(below.into_iter().chain(heap.runs()));
    }
    hand_over(&world, MEI, device, tag, &runs).unwrap();
    assert_eq!(verdict(&world, MEI, deps[0]), Some(None));
    (world, order)
}

/// T4: what is turned away as *full* does not hold up whoever built on it.
#[test]
fn what_somebody_honest_builds_on_is_taken_beyond_its_authors_room() {
    let quota = Quota { community: 100_000_000, device: 1_500_000 };
    let (mut world, order) = built_on_junk(308, quota);
    let claimed = submit(&mut world, MEI, Some(order), Command::Claim).unwrap().events[0];

    assert_eq!(world.meet(MEI, LAN, Break::Never).ended, linli_tests::Ended::InStep);

    assert_eq!(verdict(&world, LAN, claimed), Some(None), "what it waits for is taken in the same meeting");
    assert_eq!(world.at(LAN).order(order).unwrap().view.card.holder, Some(world.member(MEI)));
    let taken = room(&world, LAN, world.device(WU), &[Topic::Common]);
    assert!(taken <= quota.device * 2, "{taken} bytes");
    world.at(LAN).rebuild().unwrap();
    assert_eq!(world.at(LAN).verify().unwrap().faults, []);
}

/// T4: two friends who name each other's junk have it kept on their accounts, and on nobody else's.
#[test]
fn friends_lend_each_other_no_more_than_their_own_second_room() {
    let quota = Quota { community: 12_000_000, device: 1_500_000 };
    let mut world = World::community(309, 3);
    let order = post(&mut world, LAN);
    world.settle();
    keep_little(&mut world, LAN, quota);
    let tag = world.tag(LAN, Topic::Common);
    for (author, friend) in [(WU, MEI), (MEI, WU)] {
        let mut heap = Forger::with_keys_of(&mut world, author);
        let runs = junk(&mut heap, 400);
        let names = Body { deps: vec![heap.write(&comment(order))], ..comment(order) };
        let mut waits = Forger::with_keys_of(&mut world, friend);
        waits.write(&names);
        hand_over(&world, LAN, waits.device(), tag, &waits.runs()).unwrap();
        for _ in 0..3 {
            hand_over(&world, LAN, heap.device(), tag, &runs).unwrap();
        }
    }

    let claimed = submit(&mut world, ZHAO, Some(order), Command::Claim).unwrap().events[0];
    world.meet(ZHAO, LAN, Break::Never);

    for phone in [WU, MEI] {
        let taken = room(&world, LAN, world.device(phone), &[Topic::Common]);
        assert!(taken > quota.device && taken <= quota.device * 2, "{taken} bytes of phone {phone}");
    }
    assert_eq!(verdict(&world, LAN, claimed), Some(None));
}

/// T4: accounts are shared as rooms are: one device does not use up what another's events wait for.
#[test]
fn an_account_is_used_up_by_nobody_else() {
    let quota = Quota { community: 6_000_000, device: 2_000_000 };
    let (mut world, order) = built_on_junk(310, quota);
    let tag = world.tag(LAN, Topic::Common);
    // Phone 3 has a friend of phone 1's who names more than there is room for.
    let mut heap = Forger::with_keys_of(&mut world, WU);
    let mut below = junk(&mut heap, 300);
    let names = Body { deps: vec![heap.write(&comment(order))], ..comment(order) };
    below.extend(heap.runs());
    let mut waits = Forger::with_keys_of(&mut world, ZHAO);
    waits.write(&names);
    hand_over(&world, LAN, waits.device(), tag, &waits.runs()).unwrap();
    hand_over(&world, LAN, heap.device(), tag, &below).unwrap();

    let claimed = submit(&mut world, MEI, Some(order), Command::Claim).unwrap().events[0];
    world.meet(MEI, LAN, Break::Never);

    assert_eq!(verdict(&world, LAN, claimed), Some(None));
}

/// T4: whoever lives a life for each event, or a branch, has no more of them than its room holds; all others meet as before.
#[test]
fn lives_and_branches_without_number_take_their_authors_room() {
    let quota = Quota { community: 100_000_000, device: 1_500_000 };
    let mut world = World::community(311, 1);
    let order = post(&mut world, LAN);
    world.settle();
    keep_little(&mut world, LAN, quota);
    let (tag, device) = (world.tag(LAN, Topic::Common), world.device(WU));
    let mut runs = Vec::new();
    for life in 0_u16..700 {
        let mut forger = Forger::with_keys_of(&mut world, WU);
        let mut twin = forger.twin();
        let [high, low] = life.to_be_bytes();
        forger.raw(EpochId::ZERO, vec![high, low]);
        twin.raw(EpochId::ZERO, vec![high, low, low]);
        runs.extend(forger.runs().into_iter().chain(twin.runs()));
    }
    hand_over(&world, LAN, device, tag, &runs).unwrap();

    let most = limits::FEW_BRANCHES + quota.device / limits::BRANCH_ROOM;
    let branches = world.at(LAN).look(|reader| reader.entries(tag)).unwrap().len() as u64;
    assert!((limits::FEW_BRANCHES + 2..=most + 2).contains(&branches), "{branches} branches");
    let (late, id) = (world.phone(), world.command());
    let new = world.at(late).record();
    world.at(LAN).admit(id, new, Role::Volunteer, None, None).unwrap();
    world.at(late).join(&world.at(LAN).welcome().unwrap()).unwrap();
    assert_eq!(world.meet(late, LAN, Break::Never).ended, linli_tests::Ended::InStep);
    assert!(world.at(late).order(order).is_ok());
}

/// T4: what is noted of what an event waits for takes its author's room, and that of whoever waits for it through others,
/// until it comes.
#[test]
fn what_an_event_waits_for_takes_its_authors_room_until_it_comes() {
    let quota = Quota { community: 100_000_000, device: 1_500_000 };
    let mut world = World::community(315, 3);
    let order = post(&mut world, LAN);
    world.settle();
    keep_little(&mut world, LAN, quota);
    let tag = world.tag(LAN, Topic::Common);
    // Phone 1 keeps back what phone 2 names in each of its events; phone 3 names those.
    let mut kept = Forger::with_keys_of(&mut world, WU);
    let deps: Vec<Reference> = (0..limits::DEPS).map(|_| kept.write(&comment(order))).collect();
    let mut heap = Forger::with_keys_of(&mut world, MEI);
    let named: Vec<Reference> = (0..300).map(|_| heap.write(&Body { deps: deps.clone(), ..comment(order) })).collect();
    let mut friend = Forger::with_keys_of(&mut world, ZHAO);
    for names in named.chunks(limits::DEPS).cycle().take(300) {
        friend.write(&Body { deps: names.to_vec(), ..comment(order) });
    }
    let (heaped, friendly) = (heap.runs(), friend.runs());
    let file = |world: &World| world.at(LAN).stats().unwrap().file_bytes;
    let before = file(&world);
    let last = |runs: &[Outgoing], forger: &Forger| {
        let (log, next) = forger.place();
        let check = runs.last().unwrap().last;
        Reference { log, seq: next - 1, check }
    };
    let (of_heap, of_friend) = (last(&heaped, &heap), last(&friendly, &friend));

    hand_over(&world, LAN, heap.device(), tag, &heaped).unwrap();
    hand_over(&world, LAN, friend.device(), tag, &friendly).unwrap();
    let grown = file(&world) - before;
    assert!(grown <= 2 * 2 * quota.device, "{grown} bytes for two devices");
    // What the friend waits for is taken on its account, which has an end too.
    hand_over(&world, LAN, heap.device(), tag, &heaped).unwrap();
    let grown = file(&world) - before;
    assert!(grown <= 2 * 3 * quota.device, "{grown} bytes for two rooms and an account");
    assert_eq!(
        [of_heap, of_friend].map(|event| verdict(&world, LAN, event)),
        [None; 2],
        "there is no room for the last"
    );
    assert_eq!(world.at(LAN).verify().unwrap().faults, []);

    hand_over(&world, LAN, kept.device(), tag, &kept.runs()).unwrap();
    assert_eq!(world.at(LAN).verify().unwrap().faults, []);
    hand_over(&world, LAN, heap.device(), tag, &heaped).unwrap();
    hand_over(&world, LAN, friend.device(), tag, &friendly).unwrap();

    assert_eq!([of_heap, of_friend].map(|event| verdict(&world, LAN, event)), [Some(None); 2]);
    assert_eq!(world.at(LAN).verify().unwrap().faults, []);
}

/// T4, R8: the first event of a log that a friend names is kept although its device was cut, as far as the friend's account goes.
#[test]
fn what_a_friend_names_of_whoever_was_cut_takes_the_friends_account_and_no_more() {
    let quota = Quota { community: 12_000_000, device: 1_500_000 };
    let mut world = World::community(317, 3);
    let order = post(&mut world, LAN);
    world.settle();
    keep_little(&mut world, LAN, quota);
    let (tag, device) = (world.tag(LAN, Topic::Common), world.device(WU));
    revoke(&mut world, LAN, device).unwrap();
    let mut friend = Forger::with_keys_of(&mut world, MEI);
    let mut name = |world: &mut World| {
        let mut runs = Vec::new();
        let deps = (0..limits::DEPS).map(|_| {
            let mut life = Forger::with_keys_of(world, WU);
            let first = life.raw(EpochId::ZERO, vec![0x55; 30_000]);
            runs.extend(life.runs());
            first
        });
        let names = friend.write(&Body { deps: deps.collect(), ..comment(order) });
        hand_over(world, LAN, friend.device(), tag, &friend.runs()).unwrap();
        hand_over(world, LAN, friend.device(), tag, &runs).unwrap();
        names
    };

    let first = name(&mut world);
    assert_eq!(verdict(&world, LAN, first), Some(None), "it is known whose they are, so that nothing waits for them");
    (0..8).for_each(|_| _ = name(&mut world));

    let taken = room(&world, LAN, device, &[Topic::Common]);
    assert!(taken <= quota.device * 2, "{taken} bytes");
    assert_eq!(world.at(LAN).verify().unwrap().faults, []);
}

/// T4, R8: whoever was cut has no more room behind the ends of many logs than behind one.
#[test]
fn what_lies_beyond_the_ends_of_many_logs_takes_no_more_than_beyond_one() {
    let quota = Quota { community: 100_000_000, device: 1_500_000 };
    let mut world = World::community(318, 2);
    keep_little(&mut world, LAN, quota);
    let (tag, device, friend) = (world.tag(LAN, Topic::Common), world.device(WU), world.device(MEI));
    let mut lives: Vec<Forger> = (0..50).map(|_| Forger::with_keys_of(&mut world, WU)).collect();
    lives.iter_mut().for_each(|life| _ = life.raw(EpochId::ZERO, vec![0x55; 30]));
    let runs: Vec<Outgoing> = lives.iter_mut().flat_map(Forger::runs).collect();
    hand_over(&world, LAN, friend, tag, &runs).unwrap();
    revoke(&mut world, LAN, device).unwrap();

    for life in &mut lives {
        let runs = junk(life, 20);
        hand_over(&world, LAN, friend, tag, &runs).unwrap();
    }

    let event = limits::EVENT_ROOM + limits::SEALED_BODY as u64 + limits::BRANCH_ROOM;
    let taken = room(&world, LAN, device, &[Topic::Common]);
    assert!(taken <= quota.device + limits::BEYOND_CUT * event, "{taken} bytes");
}

/// T4: whoever lives more lives than their room holds has as few again on a friend's account.
#[test]
fn a_friend_lends_room_for_as_few_lives_as_a_room_holds() {
    let quota = Quota { community: 100_000_000, device: 1_500_000 };
    let mut world = World::community(319, 2);
    let order = post(&mut world, LAN);
    world.settle();
    keep_little(&mut world, LAN, quota);
    let (tag, device) = (world.tag(LAN, Topic::Common), world.device(WU));
    let live = |world: &mut World| {
        let mut life = Forger::with_keys_of(world, WU);
        let first = life.raw(EpochId::ZERO, vec![0x55; 2]);
        (first, life.runs())
    };
    let runs: Vec<Outgoing> = (0..1_130).flat_map(|_| live(&mut world).1).collect();
    hand_over(&world, LAN, device, tag, &runs).unwrap();

    let mut friend = Forger::with_keys_of(&mut world, MEI);
    for _ in 0..4 {
        let (deps, runs): (Vec<_>, Vec<_>) = (0..limits::DEPS).map(|_| live(&mut world)).unzip();
        friend.write(&Body { deps, ..comment(order) });
        hand_over(&world, LAN, friend.device(), tag, &friend.runs()).unwrap();
        hand_over(&world, LAN, friend.device(), tag, &runs.concat()).unwrap();
    }

    let most = limits::FEW_BRANCHES + 2 * (quota.device / limits::BRANCH_ROOM);
    let branches = world.at(LAN).look(|reader| reader.entries(tag)).unwrap().len() as u64;
    assert!(branches <= most + 4, "{branches} branches");
}

/// T3, T4: whom a coordinator let in who fell has, with all others so let in, what is left for whoever comes first.
#[test]
fn all_whose_admission_fell_have_together_no_more_than_is_left_for_anybody() {
    let quota = Quota { community: 6_000_000, device: 2_000_000 };
    let mut world = World::of_roles(321, &[Role::Coordinator, Role::Volunteer]);
    let accomplices = [0; 8].map(|_| world.join(WU, Role::Volunteer));
    world.settle();
    let order = post(&mut world, LAN);
    keep_little(&mut world, LAN, quota);
    let (tag, thief) = (world.tag(LAN, Topic::Common), world.device(WU));
    let devices = accomplices.map(|phone| world.device(phone));
    let low = Revocation { heads: Some(Vec::new()), except: devices.into(), ..Revocation::of(Who::Device(thief)) };
    let id = world.command();
    world.at(LAN).revoke(id, low).unwrap();
    let mut friend = Forger::with_keys_of(&mut world, MEI);

    for phone in accomplices {
        let mut runs = Vec::new();
        let deps = (0..60).map(|_| {
            let mut life = Forger::with_keys_of(&mut world, phone);
            let first = life.raw(EpochId::ZERO, vec![0x55; 30_000]);
            runs.extend(life.runs());
            first
        });
        friend.write(&Body { deps: deps.collect(), ..comment(order) });
        hand_over(&world, LAN, friend.device(), tag, &friend.runs()).unwrap();
        hand_over(&world, LAN, friend.device(), tag, &runs).unwrap();
    }

    let taken = devices.iter().map(|device| room(&world, LAN, *device, &[Topic::Common])).sum::<u64>();
    // What is left in rooms, and all that the friend's account lends.
    assert!(taken <= quota.community + quota.community / 2, "{taken} bytes");
}

/// Two phones that are connected say to each other what they have to say. How many bytes.
fn talk(links: &mut [Link; 2]) -> usize {
    let mut bytes = 0;
    loop {
        let said = [0, 1].map(|side: usize| links[side].send(usize::MAX).unwrap());
        if said.iter().all(Vec::is_empty) {
            return bytes;
        }
        bytes += said.iter().map(Vec::len).sum::<usize>();
        links[1].receive(&said[0]).unwrap();
        links[0].receive(&said[1]).unwrap();
    }
}

/// T4: small events that wait for a log without room do not have it brought with each of them.
#[test]
fn what_has_no_room_is_not_asked_for_with_each_event_that_waits_for_it() {
    let quota = Quota { community: 100_000_000, device: 1_000_000 };
    let mut world = World::community(316, 4);
    let order = post(&mut world, LAN);
    world.settle();
    keep_little(&mut world, LAN, quota);
    let tag = world.tag(LAN, Topic::Common);
    let mut heap = Forger::with_keys_of(&mut world, WU);
    hand_over(&world, LAN, heap.device(), tag, &junk(&mut heap, 64)).unwrap();
    let mut more = Forger::with_keys_of(&mut world, WU);
    let mut below = junk(&mut more, 160);
    let last = more.write(&comment(order));
    below.extend(more.runs());
    hand_over(&world, MEI, more.device(), tag, &below).unwrap();
    let mut links = [world.at(LAN).link(world.device(MEI)).unwrap(), world.at(MEI).link(world.device(LAN)).unwrap()];
    talk(&mut links);
    let mut friend = Forger::with_keys_of(&mut world, ZHAO);
    let mut bytes = Vec::new();
    for _ in 0..12 {
        friend.write(&Body { deps: vec![last], ..comment(order) });
        hand_over(&world, LAN, friend.device(), tag, &friend.runs()).unwrap();
        bytes.push(talk(&mut links));
    }

    assert!(bytes[0] > 500_000, "the friend's account takes a part: {bytes:?}");
    // Something of it came since, so that it is asked for once more; and the events themselves are passed on.
    assert!(bytes[2..].iter().all(|bytes| *bytes < 2_000), "{bytes:?}");
    // Another's account has room.
    let mut other = Forger::with_keys_of(&mut world, CHEN);
    other.write(&Body { deps: vec![last], ..comment(order) });
    hand_over(&world, LAN, other.device(), tag, &other.runs()).unwrap();
    assert!(talk(&mut links) > 500_000);
}

/// T4, T9: whoever copied a phone's keys fills a few rooms on it and not its disk, and it goes on writing.
#[test]
fn what_others_bring_of_a_phone_itself_has_a_bound() {
    let quota = Quota { community: 6_000_000, device: 1_500_000 };
    let mut world = World::community(322, 2);
    keep_little(&mut world, LAN, quota);
    let (tag, friend) = (world.tag(LAN, Topic::Common), world.device(MEI));
    for _ in 0..10 {
        let mut copy = Forger::with_keys_of(&mut world, LAN);
        let runs = junk(&mut copy, 40);
        hand_over(&world, LAN, friend, tag, &runs).unwrap();
    }

    let taken = room(&world, LAN, world.device(LAN), &Topic::ALL);
    assert!(taken > quota.device, "what it wrote before it was restored comes back");
    assert!(taken <= limits::OWN_TIMES * quota.device, "{taken} bytes");
    let [own, others] = [LAN, WU].map(|phone| post(&mut world, phone));
    world.meet(WU, LAN, Break::Never);
    assert!([own, others].iter().all(|order| world.at(LAN).order(*order).is_ok()));
}

/// So many events of 30 KB that say nothing, in a log of their own.
fn junk(forger: &mut Forger, events: usize) -> Vec<Outgoing> {
    for _ in 0..events {
        forger.raw(EpochId::ZERO, vec![0x55; 30_000]);
    }
    forger.runs()
}

/// The room that a device takes on a phone, in some topics.
fn room(world: &World, phone: usize, device: DeviceId, topics: &[Topic]) -> u64 {
    let rooms = world.at(phone).look(|reader| reader.rooms_of(device)).unwrap();
    let tags: Vec<_> = topics.iter().map(|topic| world.tag(phone, *topic)).collect();
    rooms.into_iter().filter(|(tag, _)| tags.contains(tag)).map(|(_, room)| weight(room)).sum()
}

/// From now on a phone keeps no more than this.
fn keep_little(world: &mut World, phone: usize, quota: Quota) {
    world.close(phone);
    let replica = Replica::open(Options { quota, ..world.options(phone) }).unwrap();
    world.put(phone, replica);
}
