//! Room runs out for nobody unawares: once three quarters of it are used, it is told to whoever writes, and to those who may
//! give more (T4).

use linli_core::{
    aggregate::{
        encode,
        medicine_box::{self, Goods, What, When},
        order::Commented,
    },
    event::{Body, EventError, Topic},
    id::{DeviceId, LogId, Reference, ShortId},
    limits,
    replica::{LittleRoom, Reminder, RoomIn, SubmitError, Update},
    roster::{Erased, ErasedAggregate, ErasedSpan, Role},
};
use linli_tests::{
    Break, Forger, World, hand_over,
    people::{LAN, MEI, WU, ZHAO},
};
use rand::RngExt;

use crate::{
    crowds::{give, heap, low, town},
    say::{self, in_box, post, stocked},
};

#[test]
fn who_gives_room_is_told_before_a_volunteer_stands_at_the_box_and_is_refused_t4() {
    let mut world = town(371, 2);
    let [product, shelf, _] = stocked(&mut world, LAN, "ibuprofen", "hall");
    world.settle();
    let volunteer = world.device(MEI);
    give_much(&mut world, MEI, product, shelf);
    world.settle();
    assert_eq!(reminders(&world, 4), vec![vec![]; 4], "there is room");
    let mut updates = world.at(WU).subscribe();

    let taken = take_until_told(&mut world, MEI, product, shelf);

    assert!((1..100).contains(&taken), "{taken}");
    let [own] = &little(&world, MEI)[..] else { panic!("one box") };
    let RoomIn::Thing { aggregate, kind, line } = &own.within else { panic!("{own:?}") };
    assert_eq!((own.device, *aggregate, kind.as_str(), own.left, own.may_give), (volunteer, shelf, "box", 25, false));
    assert!(line.contains("hall"), "{line}");
    world.settle();
    let [here, of] = [vec![Reminder::RoomHere], vec![Reminder::RoomOf]];
    assert_eq!(reminders(&world, 4), [of.clone(), of, here, vec![]], "who has no rank is told of nobody");
    assert!(std::iter::from_fn(|| updates.take()).any(|update| update == Update::Roster), "screens are told to ask");
    assert!(little(&world, WU).iter().all(|one| one.may_give && one.device == volunteer));
    [WU, MEI].iter().for_each(|phone| world.assert_one_truth(*phone));
    assert_eq!(told(&world, WU), told(&world, MEI), "made anew it is the same");

    give(&mut world, WU, volunteer, 1).unwrap();
    assert_eq!(little(&world, WU), []);
    world.settle();
    assert_eq!(reminders(&world, 4), vec![vec![]; 4]);
    take(&mut world, MEI, product, shelf);
    world.settle();
    world.assert_one_truth(WU);
    world.assert_equal();

    // It falls with whoever gave it.
    let (id, giver) = (world.command(), world.device(WU));
    let except = [volunteer].into_iter().collect();
    let cut = linli_core::roster::Revocation { except, ..low(giver) };
    world.at(LAN).revoke(id, cut).unwrap();
    world.catch_up(LAN);
    assert_eq!(world.at(LAN).reminders().unwrap(), [Reminder::SecondCoordinator, Reminder::RoomOf]);
    world.meet(LAN, MEI, Break::Never);
    assert_eq!(world.at(MEI).reminders().unwrap(), [Reminder::RoomHere]);
}

/// A coordinator gives their own phone more; those below cannot, and are told nothing.
#[test]
fn a_coordinator_whose_own_room_runs_out_gives_it_more() {
    let mut world = town(372, 1);
    let [product, shelf, _] = stocked(&mut world, LAN, "ibuprofen", "hall");
    world.settle();
    give_much(&mut world, LAN, product, shelf);
    take_until_told(&mut world, LAN, product, shelf);
    world.settle();
    assert_eq!(reminders(&world, 3), [vec![Reminder::RoomHere], vec![], vec![]]);
    assert!(little(&world, LAN)[0].may_give);
    let full = loop {
        let id = world.command();
        let edit = medicine_box::Command::Edit { place: None, note: Some("x".repeat(7_000)) };
        if let Err(refused) = world.at(LAN).submit::<medicine_box::MedicineBox>(id, Some(shelf), edit) {
            break refused;
        }
    };
    assert_eq!(full, SubmitError::Limit(EventError::Crowded));

    let founder = world.device(LAN);
    give(&mut world, LAN, founder, 1).unwrap();

    assert_eq!(little(&world, LAN), []);
    take(&mut world, LAN, product, shelf);
    world.assert_one_truth(LAN);
}

/// Comments with much in them, of whoever has the keys of phone 2, as many bytes of room.
fn comments(world: &mut World, order: Reference, room: u64) {
    let mut forger = Forger::with_keys_of(world, MEI);
    let mut used = 0;
    for nth in 0.. {
        let payload = encode(&Commented { text: format!("{nth}-{}", "x".repeat(7_000)) });
        used += limits::EVENT_ROOM + payload.len() as u64;
        if used > room {
            break;
        }
        forger.write(&Body { payload, ..say::comment(order) });
    }
    let (device, tag, runs) = (world.device(MEI), world.tag(LAN, Topic::Common), forger.runs());
    hand_over(world, LAN, device, tag, &runs).unwrap();
}

/// Whoever fills room for its own sake is named in the same way, with nothing left, until they are cut; the fullest first.
#[test]
fn a_liar_who_fills_rooms_is_named_t4() {
    let mut world = town(373, 2);
    let orders: Vec<Reference> = (0..2).map(|_| post(&mut world, ZHAO)).collect();
    world.settle();
    let liar = world.device(MEI);
    for (nth, order) in orders.iter().enumerate() {
        let part = if nth == 0 { 2 * limits::AGGREGATE_ROOM } else { limits::AGGREGATE_ROOM * 13 / 16 };
        comments(&mut world, *order, part);
    }

    let named = little(&world, LAN);
    assert_eq!(named.len(), orders.len());
    let RoomIn::Thing { aggregate, kind, .. } = &named[0].within else { panic!("{named:?}") };
    assert_eq!((*aggregate, kind.as_str(), named[0].left), (orders[0], "order", 0));
    assert!(named.iter().all(|one| one.device == liar && (one.left > 0) != (one == &named[0])));
    world.meet(LAN, WU, Break::Never);
    world.meet(LAN, ZHAO, Break::Never);
    [LAN, WU].iter().for_each(|phone| world.assert_one_truth(*phone));
    assert_eq!(told(&world, WU), told(&world, LAN));
    assert_eq!(little(&world, ZHAO), [], "a volunteer is told of nobody");

    // With room for it what was left out counts, and fills that.
    give(&mut world, LAN, liar, 1).unwrap();
    world.catch_up(LAN);
    assert_eq!(told(&world, LAN), [(liar, named[0].within.clone())]);
    world.assert_one_truth(LAN);
    let id = world.command();
    world.at(LAN).revoke(id, low(liar)).unwrap();
    world.catch_up(LAN);
    assert_eq!(little(&world, LAN), []);
    world.assert_one_truth(LAN);
}

/// In the roster it is told long before a key finds no room.
#[test]
fn room_in_the_roster_and_among_erasures_is_told_too() {
    let mut world = town(374, 1);
    let coordinator = world.device(WU);
    let of_it = |within: RoomIn| [(coordinator, within)];
    let mut forger = Forger::with_keys_of(&mut world, WU).in_topic(&world, WU, Topic::Roster);
    heap(&mut world, &mut forger, (limits::ROSTER_ROOM - limits::ROSTER_RESERVE) * 4 / 5);
    let (tag, runs) = (world.tag(LAN, Topic::Roster), forger.runs());
    hand_over(&world, LAN, coordinator, tag, &runs).unwrap();
    world.settle();
    assert_eq!([told(&world, LAN), told(&world, WU)], [of_it(RoomIn::Roster), of_it(RoomIn::Roster)]);
    assert_eq!(reminders(&world, 3), [vec![Reminder::RoomOf], vec![Reminder::RoomHere], vec![]]);
    give(&mut world, WU, coordinator, 1).unwrap();
    world.settle();
    assert_eq!(reminders(&world, 3), vec![vec![]; 3]);

    let mut forger = Forger::with_keys_of(&mut world, WU).in_topic(&world, WU, Topic::Erasure);
    let mut written = 0;
    while written < 2 * limits::ERASURE_ROOM * 4 / 5 {
        let erased = Erased { aggregates: vec![nowhere(&mut world)], totals: None }.encode();
        written += limits::EVENT_ROOM + erased.len() as u64;
        forger.clear(Erased::KIND, Erased::VERSION, erased);
    }
    let (tag, runs) = (world.tag(LAN, Topic::Erasure), forger.runs());
    hand_over(&world, LAN, coordinator, tag, &runs).unwrap();
    world.settle();
    assert_eq!([told(&world, LAN), told(&world, WU)], [of_it(RoomIn::Erasures), of_it(RoomIn::Erasures)]);
    give(&mut world, LAN, coordinator, 1).unwrap();
    world.settle();
    assert_eq!(reminders(&world, 3), vec![vec![]; 3]);
}

/// An aggregate that is nowhere, with spans of what is nowhere.
fn nowhere(world: &mut World) -> ErasedAggregate {
    let mut event = || Reference {
        log: LogId::from_bytes(world.dice.random()),
        seq: world.dice.random_range(0..1 << 40),
        check: ShortId::from_bytes(world.dice.random()),
    };
    let creating = event();
    let span = |last: Reference| ErasedSpan { log: last.log, first: 0, last: last.seq, check: last.check, gaps: None };
    ErasedAggregate { creating, spans: (0..300).map(|_| span(event())).collect() }
}

/// Who joins later asks the same of what it brought.
#[test]
fn a_new_coordinator_is_told_of_what_filled_before() {
    let mut world = town(375, 1);
    let order = post(&mut world, LAN);
    world.settle();
    comments(&mut world, order, limits::AGGREGATE_ROOM * 13 / 16);
    let newcomer = world.join(LAN, Role::Coordinator);
    world.settle();

    assert_eq!(told(&world, newcomer), told(&world, LAN));
    assert_eq!(told(&world, LAN).len(), 1);
    world.assert_equal();
}

fn reminders(world: &World, phones: usize) -> Vec<Vec<Reminder>> {
    (0..phones).map(|phone| world.at(phone).reminders().unwrap()).collect()
}

fn little(world: &World, phone: usize) -> Vec<LittleRoom> {
    world.at(phone).little_room().unwrap()
}

/// Whose rooms are told of on a phone, and what they are for.
fn told(world: &World, phone: usize) -> Vec<(DeviceId, RoomIn)> {
    little(world, phone).into_iter().map(|one| (one.device, one.within)).collect()
}

/// A phone gives much to a box with much to read on it, so that a little less than three quarters of its room are used.
fn give_much(world: &mut World, phone: usize, product: Reference, shelf: Reference) {
    for nth in 0..79 {
        let goods = Goods { product, batch: Some(format!("b{nth}")), expiry: None, unit: "tablet".into() };
        let donate = medicine_box::Command::Donate {
            goods,
            qty: 10.into(),
            origin: Some("x".repeat(7_000)),
            opened: false,
            blister_intact: true,
            when: When::default(),
        };
        in_box(world, phone, Some(shelf), donate).unwrap();
    }
}

fn take(world: &mut World, phone: usize, product: Reference, shelf: Reference) {
    let what = What::Product { product, qty: 1.into(), unit: None };
    let take =
        medicine_box::Command::Take { what, room: None, order: None, override_reason: None, when: When::default() };
    in_box(world, phone, Some(shelf), take).unwrap();
}

fn take_until_told(world: &mut World, phone: usize, product: Reference, shelf: Reference) -> usize {
    let takes = (0..200).take_while(|_| {
        let told = !world.at(phone).reminders().unwrap().is_empty();
        (!told).then(|| take(world, phone, product, shelf)).is_some()
    });
    takes.count()
}
