//! What one member makes a coordinator's erasures cost (R5, T4): whoever writes in turns into two orders, forever late, or one
//! order after the other, takes a share of the room for erasures and no more, and keeps no other order from being erased.

use linli_core::{
    aggregate::{Held, order::kind},
    event::{Content, Topic},
    id::{LogId, Reference, ShortId},
    limits,
    roster::{Erased, ErasedAggregate, ErasedSpan, Role, RoomGiven, RosterEvent},
    store::Pos,
    sync::Outgoing,
    time::WallMs,
};
use linli_tests::{
    Forger, MORNING, World, hand_over,
    people::{LAN, MEI, WU},
};

use crate::say::{self, Command};

const FORTNIGHT: u64 = 15 * 24 * 60;

/// Before, each of these events took a span of 43 bytes.
#[test]
fn who_writes_in_turns_into_two_orders_costs_a_few_bytes_for_each_event_r5_t4() {
    let mut world = World::community(700, 1);
    let relay = world.join(LAN, Role::Relay);
    let [one, other] = [0, 1].map(|_| say::post(&mut world, WU));
    world.settle();
    let events = in_turns(&mut world, WU, &[one, other], 1_500);
    world.settle();
    let before = world.at(LAN).order(other).unwrap();

    erase(&mut world, &[one]);

    assert!(said(&world) < 1_500 * 4, "{} bytes for 1,500 events", said(&world));
    world.settle();
    for phone in 0..3 {
        world.pass(say::THREE_DAYS / 2);
        let _nothing_yet = world.at(phone).tend().unwrap();
        world.pass(say::THREE_DAYS);
        world.at(phone).tend().unwrap();
    }
    world.settle();
    let newcomer = world.join(LAN, Role::Volunteer);
    world.settle();
    for phone in [LAN, WU, relay, newcomer] {
        for pair in events.chunks(2) {
            assert_eq!(body_of(&world, phone, pair[0]), Some(Held::Erased), "phone {phone}");
            assert_eq!(body_of(&world, phone, pair[1]), None, "phone {phone}");
        }
        if phone != relay {
            assert!(world.at(phone).order(one).is_err());
            assert_eq!(world.at(phone).order(other).unwrap().view.comments, before.view.comments);
        }
        assert_eq!(world.at(phone).verify().unwrap().faults, [], "phone {phone}");
    }
    world.at(newcomer).rebuild().unwrap();
    let [hash, other] = [LAN, newcomer].map(|phone| world.at(phone).state_hash().unwrap());
    assert_eq!(hash, other);
}

/// A hole is taken where an erasure names the place, and not between two that it names.
#[test]
fn between_two_places_that_are_named_no_body_may_be_gone_r5() {
    let mut world = World::community(701, 1);
    let [one, other] = [0, 1].map(|_| say::post(&mut world, WU));
    let newcomer = world.join(LAN, Role::Volunteer);
    world.settle();
    let mut forger = Forger::with_keys_of(&mut world, WU);
    let events: Vec<Reference> = [one, other, one, other].map(|order| forger.write(&say::comment(order))).into();
    let mut runs = forger.runs();
    let (device, tag) = (world.device(WU), world.tag(LAN, Topic::Common));
    hand_over(&world, LAN, device, tag, &runs).unwrap();
    erase(&mut world, &[one]);
    let (device, erasures) = (world.device(WU), world.tag(LAN, Topic::Erasure));
    let written = world.at(LAN).look(|reader| {
        let runs =
            reader.missing(erasures, &[])?.iter().map(|span| reader.load(span)).collect::<Result<Vec<_>, _>>()?;
        let last = reader.events_of_topic(erasures, Pos::default(), 9)?.pop().expect("one").id.short();
        Ok(runs.into_iter().map(|run| Outgoing { run, last }).collect::<Vec<_>>())
    });
    let written = written.unwrap();
    hand_over(&world, newcomer, device, erasures, &written).unwrap();
    let holed = |runs: &mut Vec<Outgoing>, at: usize| {
        for Outgoing { run, .. } in
            runs.iter_mut().filter(|out| (out.run.first..).take(out.run.links.len()).any(|seq| seq == at as u64))
        {
            let link = &mut run.links[at - run.first as usize];
            link.content = Content::Erased(link.content.hash());
        }
    };

    let whole = runs.clone();
    holed(&mut runs, 1);
    let _refused = hand_over(&world, newcomer, world.device(WU), tag, &runs);
    assert_eq!(say::verdict(&world, newcomer, events[1]), None, "somebody emptied what nobody erased");
    runs = whole;
    for named in [0, 2] {
        holed(&mut runs, named);
    }
    hand_over(&world, newcomer, world.device(WU), tag, &runs).unwrap();

    assert_eq!(say::verdict(&world, newcomer, events[0]), Some(Some(Held::Erased)));
    assert!(say::verdict(&world, newcomer, events[3]).is_some());
    world.settle();
    world.assert_equal();
}

/// Half of the room for erasures, but for what is left for what events take besides.
const HALF: u64 = (limits::ERASURE_ROOM - limits::ERASURE_ROOM / 64) / 2;

/// Erasures of a coordinator that name a log, until so much is left of half a room.
fn fill(world: &mut World, log: LogId, left: u64) {
    let mut office = Forger::with_keys_of(world, LAN).in_topic(world, LAN, Topic::Erasure);
    while said(world) + left < HALF {
        let open = HALF - said(world) - left;
        let spans = if open > 30_000 { 512 } else { (open / 60).clamp(1, 400) };
        let check = |nth: u64| ShortId::from_bytes([nth as u8; ShortId::LEN]);
        let span = |nth| ErasedSpan { log, first: 1 << 40, last: (1 << 40) + nth, check: check(nth), gaps: None };
        let creating = Reference { log, seq: 1 << 39, check: check(1) };
        let erased = Erased {
            aggregates: vec![ErasedAggregate { creating, spans: (0..spans).map(span).collect() }],
            totals: None,
        };
        office.clear(Erased::KIND, Erased::VERSION, erased.encode());
        hand(world, &mut office, Topic::Erasure);
    }
}

fn cancel(world: &mut World, phone: usize, order: Reference) {
    say::submit(world, phone, Some(order), Command::Cancel { why: None }).unwrap();
}

/// A coordinator's phone erases of itself what is closed long ago. More orders of one member than it erases at once, one of
/// them greater than what is left to that member, keep nobody else's from being erased, however often it looks.
#[test]
fn who_has_taken_a_share_of_the_room_keeps_no_order_of_others_from_being_erased_r5_t4() {
    let mut world = World::community(702, 2);
    let [great, beside] = [0, 1].map(|_| say::post(&mut world, WU));
    let theirs: Vec<Reference> = (0..280).map(|_| say::post(&mut world, WU)).collect();
    let honest: Vec<Reference> = (0..3).map(|_| say::post(&mut world, MEI)).collect();
    world.settle();
    in_turns(&mut world, WU, &[great, beside, honest[0]], 1_200);
    for order in theirs.iter().chain([&great]) {
        cancel(&mut world, WU, *order);
    }
    for order in &honest {
        cancel(&mut world, MEI, *order);
    }
    world.settle();
    fill(&mut world, great.log, 2_000);
    world.pass(FORTNIGHT);

    let tended = world.at(LAN).tend().unwrap();

    assert!(honest.iter().all(|order| tended.erased.contains(order)), "{:?}", tended.erased.len());
    assert!(!tended.erased.contains(&great) && tended.erased.len() < 40, "{}", tended.erased.len());
    assert_eq!(tended.waiting as usize + tended.erased.len(), 284, "each of the others is told to wait");
    assert_eq!(world.at(LAN).erasures_waiting(), tended.waiting);
    let (bytes, waiting) = (said(&world), tended.waiting);
    for _ in 0..3 {
        let again = world.at(LAN).tend().unwrap();
        assert_eq!((again.erased.len(), again.stragglers, again.waiting), (0, 0, waiting));
    }
    assert_eq!(said(&world), bytes, "and nothing is said in vain");
    erase(&mut world, &[great]);
    assert!(world.at(LAN).order(great).is_err(), "by hand it goes");

    let mut office = Forger::with_keys_of(&mut world, LAN).in_topic(&world, LAN, Topic::Roster);
    office.roster(&RosterEvent::RoomGiven(RoomGiven { device: world.device(LAN), rooms: 1 }));
    hand(&world, &mut office, Topic::Roster);
    let after = [0, 1, 2].map(|_| world.at(LAN).tend().unwrap());
    assert_eq!(after[2].waiting, 0, "and with more room all goes");
    assert!(theirs.iter().all(|order| world.at(LAN).order(*order).is_err()));
    world.settle();
    world.assert_equal();
    assert_eq!(world.at(LAN).verify().unwrap().faults, []);
}

/// Who goes on about what is erased is named as far as their share goes, and then no more.
#[test]
fn who_comes_late_without_end_takes_a_share_of_the_room_and_no_more_r5_t4() {
    let mut world = World::community(703, 1);
    let order = say::post(&mut world, WU);
    world.settle();
    erase(&mut world, &[order]);
    fill(&mut world, order.log, 1_500);
    let mut forger = Forger::with_keys_of(&mut world, WU);
    let mut late = |world: &World| {
        forger.write(&say::comment(order));
        hand(world, &mut forger, Topic::Common);
        world.at(LAN).tend().unwrap().stragglers
    };

    let named: Vec<u64> = (0..12).map(|_| late(&world)).collect();

    assert!(named[0] == 1 && named[11] == 0, "{named:?}");
    assert!(said(&world) < HALF + 1_000);
    assert_eq!(world.at(LAN).erasures_waiting(), 0);
}

/// A date ahead is a claim. What is dated in 2099 is erased once it was held for as long as what has a true date.
#[test]
fn an_order_that_says_to_end_in_2099_is_erased_as_others_are_t7() {
    let mut world = World::community(704, 1);
    let orders = [0, 1].map(|_| say::post(&mut world, WU));
    world.settle();
    let mut forger = Forger::with_keys_of(&mut world, WU);
    for (order, wall) in orders.into_iter().zip([WallMs(4_070_908_800_000), MORNING]) {
        forger.write(&linli_core::event::Body { wall, ..say::body(order, kind::CANCELLED, vec![0xa0]) });
    }
    hand(&world, &mut forger, Topic::Common);
    assert_eq!(world.at(LAN).tend().unwrap().erased, []);
    world.pass(13 * 24 * 60);
    assert_eq!(world.at(LAN).tend().unwrap().erased, [], "held for less than a fortnight, whatever it says");
    // A clock that is set back, to before all of this, makes nothing old.
    world.clock.set_wall(WallMs(0));
    assert_eq!(world.at(LAN).tend().unwrap().erased, []);
    world.clock.set_wall(WallMs(MORNING.0 + 13 * 24 * 60 * 60_000));
    world.pass(2 * 24 * 60);

    let mut erased = world.at(LAN).tend().unwrap().erased;

    erased.sort_unstable();
    let mut both = orders.to_vec();
    both.sort_unstable();
    assert_eq!(erased, both);
}

/// The volunteer brings it.
fn hand(world: &World, forger: &mut Forger, topic: Topic) {
    let (device, tag, runs) = (world.device(WU), world.tag(LAN, topic), forger.runs());
    hand_over(world, LAN, device, tag, &runs).unwrap();
}

/// Comments on orders in turns, all in one log; they, in order.
fn in_turns(world: &mut World, phone: usize, orders: &[Reference], times: usize) -> Vec<Reference> {
    let mut forger = Forger::with_keys_of(world, phone);
    let all: Vec<Reference> =
        (0..times).flat_map(|_| orders).map(|order| forger.write(&say::comment(*order))).collect();
    hand(world, &mut forger, Topic::Common);
    all
}

fn erase(world: &mut World, aggregates: &[Reference]) -> Vec<Reference> {
    let id = world.command();
    world.at(LAN).erase(id, aggregates).unwrap()
}

/// Bytes that all erasures take.
fn said(world: &World) -> u64 {
    let tag = world.tag(LAN, Topic::Erasure);
    let written = world.at(LAN).look(|reader| reader.events_of_topic(tag, Pos::default(), 10_000)).unwrap();
    written.iter().map(|stored| limits::EVENT_ROOM + stored.content.stored_len() as u64).sum()
}

fn body_of(world: &World, phone: usize, event: Reference) -> Option<Held> {
    let stored = world.at(phone).look(|reader| reader.event(event)).unwrap().expect("it is here");
    assert!(matches!(stored.content, Content::Erased(_)) || stored.judged.reason() != Some(Held::Missing));
    stored.judged.reason().filter(|_| matches!(stored.content, Content::Erased(_)))
}
