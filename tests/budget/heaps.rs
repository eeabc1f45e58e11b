//! What has been heaped up makes the next input little dearer, and where that can be no dearer at all (T4): hundreds and
//! thousands of the dearest inputs of each kind, one after the other, and what the last hundred cost beside the first.

use linli_core::{
    aggregate::{
        Aggregate, Held,
        alert::{self, Alert, AlertCommand},
        encode,
        medicine_box::{Command as BoxCommand, Counted, MedicineBox, Part, kind},
    },
    event::{Body, Topic},
    id::{DeviceId, EpochId, EventId, LogId, Reference, ShortId},
    limits,
    roster::{Cut, CutHead, Erased, ErasedAggregate, ErasedSpan, Resumed, Revocation, Revoked, Role, RosterEvent, Who},
    store::Pos,
    sync::Outgoing,
    time::WallMs,
};
use linli_tests::{
    Forger, World, hand_over,
    people::{LAN, MEI, WU},
};
use rand::RngExt;

use crate::{
    feeder::Feeder,
    gauge::{self, Gauge, Growth},
    make::{self, act, attempted, claim, comment, edited},
    scene,
};

/// Inputs of a heap.
const HEAP: usize = 300;

#[test]
fn concurrent_claims_heap_up_t4() {
    let mut gauge = Gauge::begin("heap of claims");
    let (mut world, order, _) = scene(21);
    heap(&mut gauge, &mut world, Topic::Common, HEAP, |world, nth| {
        let mut alone = Forger::with_keys_of(world, [WU, MEI][nth % 2]);
        alone.write(&claim(order));
        alone.write(&attempted(order));
        alone.runs()
    });
    gauge.grows(Growth::Each(7_000));
}

#[test]
fn concurrent_edits_heap_up_t4() {
    let mut gauge = Gauge::begin("heap of edits");
    let (mut world, order, _) = scene(22);
    heap(&mut gauge, &mut world, Topic::Common, HEAP, |world, nth| {
        let mut alone = Forger::with_keys_of(world, [WU, MEI][nth % 2]);
        alone.write(&edited(order, make::texts(limits::EDITS, 2)));
        alone.runs()
    });
    gauge.grows(Growth::Each(3_000));
}

#[test]
fn edits_of_one_log_heap_up_t4() {
    let mut gauge = Gauge::begin("heap of edits in a row");
    let (mut world, order, mut forger) = scene(23);
    heap(&mut gauge, &mut world, Topic::Common, HEAP, |_, _| {
        forger.write(&edited(order, make::texts(limits::EDITS, 2)));
        forger.runs()
    });
    gauge.grows(Growth::Flat);
}

#[test]
fn branches_heap_up_t4() {
    let mut gauge = Gauge::begin("heap of branches");
    let (mut world, order, mut forger) = scene(24);
    let mut stem: Option<Forger> = None;
    heap_of_meetings(&mut gauge, &mut world, Topic::Common, HEAP, |_, nth| {
        let Some(stem) = &stem else {
            forger.write(&comment(order));
            let runs = forger.runs();
            stem = Some(forger.twin());
            return runs;
        };
        let mut branch = stem.twin();
        branch.write(&Body { wall: WallMs(nth as i64), ..comment(order) });
        branch.runs()
    });
    gauge.grows(Growth::Flat);
}

/// A coordinator's phone in hostile hands, in the roster.
fn coordinator(seed: u64) -> (World, Forger) {
    gauge::must_have_its_turn();
    let mut world = World::of_roles(seed, &[Role::Coordinator, Role::Volunteer]);
    let forger = Forger::with_keys_of(&mut world, WU).in_topic(&world, WU, Topic::Roster);
    (world, forger)
}

#[test]
fn branches_of_roster_logs_heap_up_t4() {
    let mut gauge = Gauge::begin("heap of roster branches");
    let (mut world, mut forger) = coordinator(25);
    let mut stem: Option<Forger> = None;
    heap_of_meetings(&mut gauge, &mut world, Topic::Roster, 10 * HEAP, |world, _| {
        let device = DeviceId::from_bytes(world.dice.random());
        let revoked = RosterEvent::Revoked(Revoked { device, cuts: Vec::new(), replaces: Vec::new(), act: None });
        let Some(stem) = &stem else {
            forger.roster(&revoked);
            let runs = forger.runs();
            stem = Some(forger.twin());
            return runs;
        };
        let mut branch = stem.twin();
        branch.roster(&revoked);
        branch.runs()
    });
    gauge.grows(Growth::Flat);
}

#[test]
fn roster_logs_heap_up_t4() {
    let mut gauge = Gauge::begin("heap of roster logs");
    let (mut world, _) = coordinator(26);
    let mut before = None;
    heap(&mut gauge, &mut world, Topic::Roster, 3 * HEAP, |world, _| {
        let mut life = Forger::with_keys_of(world, WU).in_topic(world, WU, Topic::Roster);
        let device = DeviceId::from_bytes(world.dice.random());
        if let Some(after) = before.replace(life.place().0) {
            life.roster(&RosterEvent::Resumed(Resumed { after }));
        }
        life.roster(&RosterEvent::Revoked(Revoked { device, cuts: Vec::new(), replaces: Vec::new(), act: None }));
        life.runs()
    });
    // What begins a log is signed alone, so that each life comes in two runs, and with each all of them are read again.
    gauge.grows(Growth::Each(15_000));
}

#[test]
fn cuts_heap_up_t4() {
    let mut gauge = Gauge::begin("heap of cuts");
    let (mut world, mut forger) = coordinator(27);
    heap(&mut gauge, &mut world, Topic::Roster, HEAP, |world, _| {
        let head = CutHead { seq: 9, id: EventId::from_bytes([7; 32]) };
        let cuts = (0..300).map(|_| Cut { log: LogId::from_bytes(world.dice.random()), heads: vec![head] }).collect();
        let device = DeviceId::from_bytes(world.dice.random());
        forger.roster(&RosterEvent::Revoked(Revoked { device, cuts, replaces: Vec::new(), act: None }));
        forger.runs()
    });
    gauge.grows(Growth::Each(4_000));
}

/// Each takes the place of the one before it.
#[test]
fn cuts_of_one_device_heap_up_t4() {
    let mut gauge = Gauge::begin("heap of cuts of one device");
    let (mut world, mut forger) = coordinator(33);
    let device = DeviceId::from_bytes(world.dice.random());
    let mut last: Option<Reference> = None;
    heap(&mut gauge, &mut world, Topic::Roster, 2 * HEAP, |world, _| {
        let head = CutHead { seq: 9, id: EventId::from_bytes([7; 32]) };
        let cuts = vec![Cut { log: LogId::from_bytes(world.dice.random()), heads: vec![head] }];
        let revoked = Revoked { device, cuts, replaces: last.into_iter().collect(), act: None };
        last = Some(forger.roster(&RosterEvent::Revoked(revoked)));
        forger.runs()
    });
    gauge.grows(Growth::Each(4_000));
}

#[test]
fn keys_heap_up_t4() {
    let mut gauge = Gauge::begin("heap of keys");
    let (mut world, mut forger) = coordinator(28);
    let ours = world.device(LAN);
    heap(&mut gauge, &mut world, Topic::Roster, HEAP, |world, _| {
        let crowd: Vec<DeviceId> = (1..limits::WRAPS).map(|_| DeviceId::from_bytes(world.dice.random())).collect();
        forger.roster(&make::keys(&mut world.dice, std::iter::once(ours).chain(crowd)));
        forger.runs()
    });
    gauge.grows(Growth::Each(3_000));
}

#[test]
fn erasures_heap_up_t4() {
    let mut gauge = Gauge::begin("heap of erasures");
    let (mut world, forger) = coordinator(29);
    let mut forger = forger.in_topic(&world, WU, Topic::Erasure);
    heap(&mut gauge, &mut world, Topic::Erasure, HEAP, |world, _| {
        let span = |world: &mut World| {
            let last = nowhere(world);
            ErasedSpan { log: last.log, first: 0, last: last.seq, check: last.check, gaps: None }
        };
        let spans = (0..100).map(|_| span(world)).collect();
        let erased = Erased { aggregates: vec![ErasedAggregate { creating: nowhere(world), spans }], totals: None };
        forger.clear(Erased::KIND, Erased::VERSION, erased.encode());
        forger.runs()
    });
    gauge.grows(Growth::Each(22_000));
}

#[test]
fn answers_to_an_alert_heap_up_t4() {
    let mut gauge = Gauge::begin("heap of alerts");
    let (mut world, _, _) = scene(30);
    let (id, what) = (world.command(), "fire".to_owned());
    let raise = AlertCommand::Raise { what, building: None, unit: None, room: None, text: None, contact: None };
    let alert = world.at(LAN).submit::<Alert>(id, None, raise).unwrap().aggregate;
    world.settle();
    heap(&mut gauge, &mut world, Topic::Urgent, HEAP, |world, nth| {
        let mut alone = Forger::with_keys_of(world, [WU, MEI][nth % 2]).in_topic(world, WU, Topic::Urgent);
        alone.write(&act(alert, alert::kind::RAISED_AGAIN, vec![0xa0]));
        alone.write(&act(alert, alert::kind::RESOLVED, make::resolved()));
        alone.runs()
    });
    gauge.grows(Growth::Each(8_000));
}

#[test]
fn counts_of_a_box_heap_up_t4() {
    let mut gauge = Gauge::begin("heap of counts");
    let (mut world, _, _) = scene(31);
    let id = world.command();
    let open = BoxCommand::Open { building: Some("3".into()), place: "大厅".into(), note: String::new() };
    let shelf = world.at(LAN).submit::<MedicineBox>(id, None, open).unwrap().aggregate;
    world.settle();
    let lots: Vec<Reference> = (0..20).map(|_| nowhere(&mut world)).collect();
    heap(&mut gauge, &mut world, MedicineBox::TOPIC, HEAP, |world, nth| {
        let mut alone = Forger::with_keys_of(world, [WU, MEI][nth % 2]);
        let parts = lots.iter().map(|lot| Part { lot: *lot, qty: (nth as i64).into() }).collect();
        alone.write(&act(shelf, kind::COUNTED, encode(&Counted { parts, blind: false, happened_at: None })));
        alone.runs()
    });
    gauge.grows(Growth::Each(30_000));
}

#[test]
fn junk_heaps_up_t4() {
    let mut gauge = Gauge::begin("heap of junk");
    let (mut world, order, _) = scene(32);
    heap(&mut gauge, &mut world, Topic::Common, 2 * HEAP, |world, nth| {
        let mut alone = Forger::with_keys_of(world, WU);
        match nth % 4 {
            0 => _ = alone.seal(&[0x81; 1_000]),
            1 => _ = alone.write(&act(order, 0x7fff, vec![0xa0])),
            2 => _ = alone.write(&Body { deps: vec![nowhere(world)], ..comment(order) }),
            _ => _ = alone.write(&act(nowhere(world), 0x7fff, vec![0xa0])),
        }
        alone.runs()
    });
    gauge.grows(Growth::Flat);
}

/// What is told of events that only a later build reads costs the same, however many of them one device writes.
#[test]
fn what_needs_a_newer_app_is_told_at_one_price_t4_t6() {
    let mut gauge = Gauge::begin("what needs a newer app, told");
    let (mut world, order, _) = scene(36);
    let (tag, device) = (world.tag(LAN, Topic::Common), world.device(WU));
    let mut writer = Forger::with_keys_of(&mut world, WU);
    for heap in [2_000, 4_000] {
        for _ in 0..heap {
            writer.write(&Body { aggregate: None, ..act(order, 0x7fff, vec![0xa0]) });
        }
        hand_over(&world, LAN, device, tag, &writer.runs()).unwrap();
        for _ in 0..100 {
            gauge.input(|| assert_eq!(world.at(LAN).needs_newer_app().unwrap().len(), 1));
        }
    }
    gauge.grows(Growth::Flat);
}

/// Whoever is cut goes on, in ever new logs, beside thousands of somebody else's.
#[test]
fn logs_beyond_a_cut_heap_up_t4() {
    let mut gauge = Gauge::begin("heap beyond a cut");
    let (mut world, _, _) = scene(34);
    let (tag, friend) = (world.tag(LAN, Topic::Common), world.device(MEI));
    let mut lives = Vec::new();
    for _ in 0..2_000 {
        lives.extend(life(&mut world, MEI));
    }
    hand_over(&world, LAN, friend, tag, &lives).unwrap();
    let (id, device) = (world.command(), world.device(WU));
    world.at(LAN).revoke(id, Revocation::of(Who::Device(device))).unwrap();

    let mut feeder = Feeder::with(&world, LAN, friend);
    for _ in 0..2 * HEAP {
        let runs = life(&mut world, WU);
        gauge.input(|| feeder.bring(tag, &runs));
    }
    gauge.grows(Growth::Each(10_000));
    let logs = world.at(LAN).look(|reader| reader.logs_of(device)).unwrap().len() as u64;
    assert!((limits::BEYOND_CUT..=limits::BEYOND_CUT + 8).contains(&logs), "{logs} logs");
}

/// One event that says nothing, in a log of its own.
fn life(world: &mut World, phone: usize) -> Vec<Outgoing> {
    let mut alone = Forger::with_keys_of(world, phone);
    alone.raw(EpochId::ZERO, vec![0x55]);
    alone.runs()
}

/// Comments that wait for one event which somebody keeps back, in these orders in turn, each in a log that has no other in
/// its order; and that event.
fn waiting(world: &mut World, orders: &[Reference], rounds: usize) -> Forger {
    let mut kept = Forger::with_keys_of(world, WU);
    let dep = kept.write(&comment(orders[0]));
    let (from, tag) = (world.device(WU), world.tag(LAN, Topic::Common));
    for _ in 0..rounds {
        let mut alone = Forger::with_keys_of(world, WU);
        for order in orders {
            alone.write(&Body { deps: vec![dep], ..comment(*order) });
        }
        hand_over(world, LAN, from, tag, &alone.runs()).unwrap();
    }
    kept
}

/// What was kept back comes, and the phone goes on with what is due, a little at a time; how often.
fn release(gauge: &mut Gauge, world: &World, kept: &mut Forger) -> usize {
    let (from, tag, runs) = (world.device(WU), world.tag(LAN, Topic::Common), kept.runs());
    gauge.input(|| hand_over(world, LAN, from, tag, &runs).unwrap());
    let (mut times, mut more) = (0, true);
    while more {
        gauge.input(|| more = world.at(LAN).go_on().unwrap());
        times += 1;
    }
    times
}

/// How many events are parked.
fn parked(world: &World) -> usize {
    let held = world.at(LAN).look(|reader| reader.held(&[Held::Parked], Pos::default(), usize::MAX >> 1));
    held.unwrap().len()
}

#[test]
fn what_waits_for_one_event_in_many_orders_is_freed_a_little_at_a_time_t4() {
    let mut gauge = Gauge::begin("what waits in many orders");
    let (mut world, ..) = scene(36);
    let orders: Vec<Reference> = (0..HEAP).map(|_| make::post(&mut world)).collect();
    let mut kept = waiting(&mut world, &orders, 20);
    assert_eq!(parked(&world), 20 * HEAP);

    let times = release(&mut gauge, &world, &mut kept);

    assert_eq!(parked(&world), 0);
    // Each order is folded once for all that waits in it, and once more where a transaction ended in its middle.
    assert!(times <= 2 * (40 * HEAP) / limits::FREED, "{times} transactions");
    assert_eq!(world.at(LAN).verify().unwrap().faults, []);
}

#[test]
fn what_waits_in_one_order_for_one_of_its_events_is_freed_a_little_at_a_time_t4() {
    let mut gauge = Gauge::begin("what waits in one order");
    let (mut world, order, _) = scene(35);
    let mut kept = waiting(&mut world, &[order], 2 * HEAP);
    assert_eq!(parked(&world), 2 * HEAP);

    let times = release(&mut gauge, &world, &mut kept);

    assert_eq!(parked(&world), 0);
    assert!((HEAP / limits::FREED..=2 * (4 * HEAP) / limits::FREED).contains(&times), "{times} transactions");
    assert_eq!(world.at(LAN).verify().unwrap().faults, []);
}

/// What waits for an order came in such an order that each names one that came behind it.
#[test]
fn what_waits_for_an_order_and_names_what_came_later_is_freed_a_little_at_a_time_t4() {
    let mut gauge = Gauge::begin("what waits and names what came later");
    let (mut world, ..) = scene(37);
    let order = make::post_by(&mut world, WU);
    let (mut first, mut then) = (Forger::with_keys_of(&mut world, WU), Forger::with_keys_of(&mut world, WU));
    for _ in 0..2 * HEAP {
        let said = first.write(&comment(order));
        then.write(&Body { deps: vec![said], ..comment(order) });
    }
    let (from, tag) = (world.device(WU), world.tag(LAN, Topic::Common));
    for runs in [then.runs(), first.runs()] {
        hand_over(&world, LAN, from, tag, &runs).unwrap();
    }
    assert_eq!(parked(&world), 4 * HEAP);

    let own = world.own_runs(WU, Topic::Common);
    gauge.input(|| hand_over(&world, LAN, from, tag, &own).unwrap());
    let mut more = true;
    while more {
        gauge.input(|| more = world.at(LAN).go_on().unwrap());
    }

    assert_eq!(parked(&world), 0);
    assert_eq!(world.at(LAN).verify().unwrap().faults, []);
}

/// Brings a heap to the founder, each run measured alone.
fn heap(
    gauge: &mut Gauge,
    world: &mut World,
    topic: Topic,
    inputs: usize,
    mut next: impl FnMut(&mut World, usize) -> Vec<Outgoing>,
) {
    let (tag, from) = (world.tag(LAN, topic), world.device(WU));
    let mut feeder = Feeder::with(world, LAN, from);
    for nth in 0..inputs {
        let runs = next(world, nth);
        gauge.input(|| feeder.bring(tag, &runs));
    }
}

/// The same, where each comes with a conversation of its own: a peer pushes no branch of what it pushed before.
fn heap_of_meetings(
    gauge: &mut Gauge,
    world: &mut World,
    topic: Topic,
    inputs: usize,
    mut next: impl FnMut(&mut World, usize) -> Vec<Outgoing>,
) {
    let (tag, from) = (world.tag(LAN, topic), world.device(WU));
    for nth in 0..inputs {
        let runs = next(world, nth);
        gauge.input(|| {
            let _refused = hand_over(world, LAN, from, tag, &runs);
        });
    }
}

pub(crate) fn nowhere(world: &mut World) -> Reference {
    Reference {
        log: LogId::from_bytes(world.dice.random()),
        seq: world.dice.random_range(0..1 << 40),
        check: ShortId::from_bytes(world.dice.random()),
    }
}
