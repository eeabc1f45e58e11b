//! What one device can have count in one aggregate has a bound (T4): its room is filled with the dearest there is of each
//! kind, and what comes then, however late it claims to be, keeps to the budget. So does every input before.

use std::time::{Duration, Instant};

use linli_core::{
    aggregate::{
        Aggregate, alert,
        declared::Declaration,
        encode,
        household::{
            self, Consented, HouseholdFact, Planned, Posted, Registered, Skipped, VisitOutcome, Visited, Visitor, Why,
        },
        medicine_box::{
            Corrected, Correction, Counted, Day, Donated, Goods, LimitSet, MedicineBox, Part, Quarantine, Received,
            RestockAsked, Room, Split, Taken, kind,
        },
        order::{self, Assigned, Delivered, HandOverOffered, How, Reason},
        product, recall,
    },
    event::{Body, Content, Edit, ItemId, Scalar, Topic},
    id::{Incarnation, Reference},
    key::{DeviceKeys, SecretStore},
    limits,
    roster::{Grant, Keyring, Role},
    sync::Outgoing,
    time::WallMs,
};
use linli_tests::{
    Forger, MORNING, World, hand_over,
    people::{LAN, WU},
};
use rand::RngExt;
use serde_json::json;

use crate::{
    feeder::Feeder,
    gauge::{self, Gauge},
    heaps::nowhere,
    make::{self, act, attempted, claim, comment, edited, post},
};

/// Inputs that are measured once the room is full.
const MORE: usize = 20;
/// Inputs that come together before that, and the part of the room that these take at most.
const TOGETHER: usize = 256;
const PART: u64 = limits::AGGREGATE_ROOM / 8;

#[test]
fn claims_and_attempts_fill_an_order_t4() {
    full(Gauge::begin("full of claims"), order(51), |heap, nth| {
        _ = heap.write(if nth % 2 == 0 { claim(heap.about) } else { attempted(heap.about) });
    });
}

#[test]
fn claims_offers_and_releases_fill_an_order_t4() {
    full(Gauge::begin("full of releases"), order(52), |heap, nth| {
        let (deps, to) = (heap.some(), heap.world.member(LAN));
        _ = match nth % 4 {
            0 => heap.write(claim(heap.about)),
            1 => heap.say(Vec::new(), order::kind::ASSIGNED, encode(&Assigned { member: to })),
            2 => heap.say(deps, order::kind::HAND_OVER_OFFERED, encode(&HandOverOffered { to })),
            _ => heap.say(deps, order::kind::RELEASED, encode(&Reason { why: None })),
        };
    });
}

#[test]
fn deliveries_and_cancellations_fill_an_order_t4() {
    full(Gauge::begin("full of deliveries"), order(53), |heap, nth| {
        let deps = heap.some();
        let delivered = Delivered { how: How::LeftAtDoor, happened_at: None, already_happened: true };
        _ = match nth % 4 {
            0 => heap.say(Vec::new(), order::kind::DELIVERED, encode(&delivered)),
            1 => heap.say(deps, order::kind::CANCELLED, encode(&Reason { why: None })),
            2 => heap.say(deps, order::kind::REOPENED, encode(&Reason { why: None })),
            _ => heap.write(attempted(heap.about)),
        };
    });
}

#[test]
fn corrections_fill_an_order_t4() {
    full(Gauge::begin("full of corrections"), order(54), |heap, nth| {
        let Some(event) = (nth % 3 > 0).then(|| heap.written[heap.written.len() - nth % 3]) else {
            heap.write(attempted(heap.about));
            return;
        };
        let value = if nth % 3 == 1 { order::Correction::Withdrawn } else { order::Correction::AsWritten };
        let corrected = order::Corrected { event, value, why: "x".into() };
        heap.say(Vec::new(), order::kind::CORRECTED, encode(&corrected));
    });
}

#[test]
fn edits_fill_an_order_t4() {
    full(Gauge::begin("full of edits"), order(55), |heap, _| {
        _ = heap.write(edited(heap.about, make::texts(limits::EDITS, 2)))
    });
}

#[test]
fn short_edits_fill_an_order_t4() {
    full(Gauge::begin("full of short edits"), order(56), |heap, nth| {
        let put = Edit::Put { field: order::field::NOTE, value: Scalar::Int(nth as i64) };
        _ = heap.write(edited(heap.about, vec![put]));
    });
}

#[test]
fn items_fill_an_order_t4() {
    full(Gauge::begin("full of items"), order(57), |heap, _| _ = heap.write(edited(heap.about, make::items(60))));
}

#[test]
fn comments_fill_an_order_t4() {
    full(Gauge::begin("full of comments"), order(58), |heap, _| _ = heap.write(comment(heap.about)));
}

#[test]
fn an_alert_is_raised_again_and_again_t4() {
    let gauge = Gauge::begin("full of raisings");
    let raised = alert_of("fire");
    let heap = Heap::about(stolen(59), Topic::Urgent, alert::kind::RAISED, raised, Vec::new());
    full(gauge, heap, |heap, nth| {
        _ = match nth % 2 {
            0 => heap.say(Vec::new(), alert::kind::RAISED_AGAIN, vec![0xa0]),
            _ => heap.say(Vec::new(), alert::kind::RESOLVED, make::resolved()),
        };
    });
}

#[test]
fn one_raising_of_an_alert_is_resolved_again_and_again_t4() {
    let gauge = Gauge::begin("full of resolutions");
    let raised = alert_of("fire");
    let mut heap = Heap::about(stolen(60), Topic::Urgent, alert::kind::RAISED, raised, Vec::new());
    heap.say(Vec::new(), alert::kind::RAISED_AGAIN, vec![0xa0]);
    full(gauge, heap, |heap, _| {
        _ = heap.say(Vec::new(), alert::kind::RESOLVED, make::resolved());
    });
}

fn alert_of(what: &str) -> Vec<u8> {
    [&[0xa1, 0x00, 0x60 | what.len() as u8][..], what.as_bytes()].concat()
}

/// Twenty lots that nobody made.
fn lots(heap: &mut Heap, count: usize) -> Vec<Reference> {
    let one = nowhere(&mut heap.world);
    (0..count).map(|nth| Reference { seq: nth as u64, ..one }).collect()
}

fn counted(lots: &[Reference], qty: usize, happened_at: Option<WallMs>) -> Vec<u8> {
    let parts = lots.iter().map(|lot| Part { lot: *lot, qty: (qty as i64).into() }).collect();
    encode(&Counted { parts, blind: false, happened_at })
}

fn taken(lot: Reference, room: usize) -> Vec<u8> {
    let room = Some(Room { building: "3".into(), unit: "1".into(), room: (room % 2).to_string() });
    encode(&Taken {
        room,
        order: None,
        parts: vec![Part { lot, qty: 1.into() }],
        override_reason: None,
        happened_at: None,
    })
}

#[test]
fn counts_of_many_lots_fill_a_box_t4() {
    let gauge = Gauge::begin("full of counts");
    let mut heap = shelf(61);
    let lots = lots(&mut heap, 20);
    full(gauge, heap, |heap, nth| {
        _ = heap.say(Vec::new(), kind::COUNTED, counted(&lots, nth, None));
    });
}

#[test]
fn counts_of_all_lots_fill_a_box_t4() {
    let gauge = Gauge::begin("full of large counts");
    let mut heap = shelf(62);
    let lots = lots(&mut heap, 512);
    full(gauge, heap, |heap, nth| {
        _ = heap.say(Vec::new(), kind::COUNTED, counted(&lots, nth, None));
    });
}

/// Each count says of each take that it came before it, or after.
#[test]
fn takes_and_counts_that_contain_them_or_not_fill_a_box_t4() {
    let gauge = Gauge::begin("full of takes");
    let mut heap = shelf(63);
    let lot = lots(&mut heap, 1)[0];
    full(gauge, heap, |heap, nth| {
        _ = match nth % 8 {
            0 => {
                let on = WallMs(MORNING.0 + if nth % 16 == 0 { -1_000_000 } else { 1_000_000 } + nth as i64);
                heap.say(Vec::new(), kind::COUNTED, counted(&[lot], nth, Some(on)))
            }
            _ => heap.say(Vec::new(), kind::TAKEN, taken(lot, nth)),
        };
    });
}

#[test]
fn counts_on_paper_and_corrections_fill_a_box_t4() {
    let gauge = Gauge::begin("full of corrected counts");
    let mut heap = shelf(64);
    let lots = lots(&mut heap, 20);
    full(gauge, heap, |heap, nth| {
        if nth % 2 == 0 {
            let on = WallMs(MORNING.0 - 1_000 * nth as i64);
            heap.say(Vec::new(), kind::COUNTED, counted(&lots, nth, Some(on)));
            return;
        }
        let event = heap.written[heap.written.len() - 1];
        let parts = lots.iter().map(|lot| Part { lot: *lot, qty: 1.into() }).collect();
        let value = Correction { undone: false, qty: None, parts: Some(parts), goods: None, into_qty: None };
        heap.say(Vec::new(), kind::CORRECTED, encode(&Corrected { event, value, why: "x".into() }));
    });
}

#[test]
fn splits_of_splits_fill_a_box_t4() {
    let gauge = Gauge::begin("full of splits");
    let mut heap = shelf(65);
    let product = nowhere(&mut heap.world);
    let goods = Goods { product, batch: None, expiry: None, unit: "box".into() };
    let donated =
        Donated { goods, qty: 9.into(), origin: None, opened: false, blister_intact: false, happened_at: None };
    heap.say(Vec::new(), kind::DONATED, encode(&donated));
    full(gauge, heap, |heap, _| {
        let lot = heap.written[heap.written.len() - 1];
        let (unit, into_unit) = ("a".to_owned(), "a".to_owned());
        let split = Split { lot, qty: 1.into(), unit, into_qty: 1.into(), into_unit, happened_at: None };
        heap.say(Vec::new(), kind::SPLIT, encode(&split));
    });
}

#[test]
fn wishes_and_gifts_fill_a_box_t4() {
    let gauge = Gauge::begin("full of commands");
    let mut heap = shelf(66);
    let product = nowhere(&mut heap.world);
    full(gauge, heap, |heap, nth| {
        let deps = heap.some();
        let goods = Goods { product, batch: None, expiry: None, unit: "box".into() };
        let donated =
            Donated { goods, qty: 9.into(), origin: None, opened: false, blister_intact: false, happened_at: None };
        let asked = RestockAsked { product, qty: 1.into(), unit: "box".into(), note: String::new() };
        _ = match nth % 3 {
            0 => heap.say(deps, kind::DONATED, encode(&donated)),
            _ => heap.say(Vec::new(), kind::RESTOCK_ASKED, encode(&asked)),
        };
    });
}

#[test]
fn what_is_set_aside_and_let_go_fills_a_box_t4() {
    let gauge = Gauge::begin("full of quarantines");
    let mut heap = shelf(67);
    let lot = lots(&mut heap, 1)[0];
    full(gauge, heap, |heap, nth| {
        let (deps, payload) = (heap.some(), encode(&Quarantine { lot, why: "x".into() }));
        _ = match nth % 3 {
            0 => heap.say(deps, kind::QUARANTINE_LIFTED, payload),
            _ => heap.say(Vec::new(), kind::QUARANTINED, payload),
        };
    });
}

#[test]
fn receipts_of_one_parcel_fill_a_box_t4() {
    let gauge = Gauge::begin("full of receipts");
    let mut heap = shelf(68);
    let (sent, from) = (nowhere(&mut heap.world), nowhere(&mut heap.world));
    full(gauge, heap, |heap, nth| {
        let last = heap.written.last().copied();
        let Some(event) = last.filter(|_| nth % 2 == 1) else {
            let goods = Goods { product: from, batch: None, expiry: None, unit: "box".into() };
            let to = heap.about;
            let received =
                Received { sent, from, to, lot: None, goods, sent_qty: 9.into(), qty: 9.into(), happened_at: None };
            heap.say(Vec::new(), kind::RECEIVED, encode(&received));
            return;
        };
        let value = Correction { undone: true, qty: None, parts: None, goods: None, into_qty: None };
        heap.say(Vec::new(), kind::CORRECTED, encode(&Corrected { event, value, why: "x".into() }));
    });
}

#[test]
fn takes_of_one_room_beyond_a_limit_fill_a_box_t4() {
    let gauge = Gauge::begin("full of takes beyond a limit");
    let mut heap = shelf(69);
    let product = nowhere(&mut heap.world);
    let goods = Goods { product, batch: None, expiry: None, unit: "box".into() };
    let donated =
        Donated { goods, qty: 9.into(), origin: None, opened: false, blister_intact: false, happened_at: None };
    let lot = heap.say(Vec::new(), kind::DONATED, encode(&donated));
    heap.say(Vec::new(), kind::LIMIT_SET, encode(&LimitSet { product: None, qty: Some(1.into()), days: 7 }));
    let limit = heap.written.clone();
    full(gauge, heap, |heap, nth| {
        _ = heap.say(limit.clone(), kind::TAKEN, taken(lot, 2 * nth));
    });
}

#[test]
fn consents_and_pairings_fill_a_household_t4() {
    full(Gauge::begin("full of consents"), register(70), |heap, nth| {
        let deps = heap.some();
        let member = heap.world.member(nth % 2);
        _ = match nth % 4 {
            0 => heap.say(
                Vec::new(),
                household::kind::CONSENTED,
                encode(&Consented { purpose: "x".into(), until: None }),
            ),
            1 => heap.say(deps, household::kind::CONSENT_WITHDRAWN, encode(&Why { why: None })),
            2 => heap.say(Vec::new(), household::kind::PAIRED, encode(&Visitor { member })),
            _ => heap.say(deps, household::kind::UNPAIRED, encode(&Visitor { member })),
        };
    });
}

#[test]
fn plans_and_visits_fill_a_household_t4() {
    let day = |nth: usize| Day::from_1970(19_000 + nth as i64 % 900).unwrap();
    full(Gauge::begin("full of visits"), register(71), |heap, nth| {
        let order = nowhere(&mut heap.world);
        let said = match nth % 4 {
            0 => HouseholdFact::Planned(Planned { from: day(nth), every: Some(1) }),
            1 => HouseholdFact::Posted(Posted { due: day(nth), order }),
            2 => HouseholdFact::Skipped(Skipped { due: day(nth), why: "x".into() }),
            _ => HouseholdFact::Visited(Visited {
                outcome: VisitOutcome::ALL[nth / 4 % 5],
                day: day(nth),
                due: None,
                order: Some(order),
                by: None,
                note: None,
                already_happened: false,
            }),
        };
        _ = match &said {
            HouseholdFact::Planned(planned) => heap.say(Vec::new(), household::kind::PLANNED, encode(planned)),
            HouseholdFact::Posted(posted) => heap.say(Vec::new(), household::kind::POSTED, encode(posted)),
            HouseholdFact::Skipped(skipped) => heap.say(Vec::new(), household::kind::SKIPPED, encode(skipped)),
            HouseholdFact::Visited(visited) => heap.say(Vec::new(), household::kind::VISITED, encode(visited)),
            _ => return,
        };
    });
}

#[test]
fn classes_fill_a_product_t4() {
    let gauge = Gauge::begin("full of classes");
    let listed = encode(&product::Listed { class: product::Class::Supply });
    let heap = Heap::about(stolen(72), Topic::Common, product::LISTED, listed, vec![Edit::put(product::NAME, "x")]);
    full(gauge, heap, |heap, nth| {
        let class = Some(if nth % 2 == 0 { product::Class::Device } else { product::Class::Supply });
        _ = heap.say(Vec::new(), product::EDITED, encode(&product::Edited { class }));
    });
}

#[test]
fn scopes_fill_a_recall_t4() {
    let gauge = Gauge::begin("full of scopes");
    let mut world = stolen(73);
    let product = nowhere(&mut world);
    let raised = encode(&recall::Raised { product, scope: recall::Scope::All });
    let heap = Heap::about(world, Topic::Common, recall::RAISED, raised, Vec::new());
    full(gauge, heap, |heap, nth| {
        let scope = Some(recall::Scope::Batches(vec![nth.to_string()]));
        _ = heap.say(Vec::new(), recall::EDITED, encode(&recall::Edited { scope }));
    });
}

/// As many items as an event may add, and nothing in any of them: two bytes each on the wire, more than a kilobyte each in
/// the fold.
#[test]
fn empty_items_fill_an_order_t4() {
    let empty = || vec![Edit::Add { list: order::ITEMS, fields: Vec::new() }; limits::EDITS];
    full(Gauge::begin("full of empty items"), order(174), |heap, _| _ = heap.write(edited(heap.about, empty())));
}

/// Each item's field is put twice by two who know of the item and not of each other: a thing to look at for six bytes of
/// each.
#[test]
fn conflicts_fill_an_order_t4() {
    let fields = [order::item_field::NAME, order::item_field::QTY, order::item_field::UNIT, order::item_field::PRODUCT];
    let mut added: Option<Reference> = None;
    full(Gauge::begin("full of conflicts"), order(175), move |heap, nth| {
        let turn = nth % (1 + 2 * fields.len());
        let Some(adder) = added.filter(|_| turn > 0) else {
            let empty = vec![Edit::Add { list: order::ITEMS, fields: Vec::new() }; limits::EDITS];
            added = Some(heap.write(edited(heap.about, empty)));
            return;
        };
        let item = |nth: usize| format!("{}{nth:04x}", adder.check).parse::<ItemId>().unwrap();
        let (field, value) = (fields[(turn - 1) / 2], Scalar::Bool(turn.is_multiple_of(2)));
        let put = |nth| Edit::PutItem { list: order::ITEMS, item: item(nth), field, value: value.clone() };
        let edits = (0..limits::EDITS).map(put).collect();
        heap.write(Body { deps: vec![adder], ..edited(heap.about, edits) });
    });
}

fn tools(seed: u64) -> Heap {
    let declaration = json!({
        "name": "tool",
        "kinds": [
            { "kind": 0x8000, "code": "shelved", "creates": true, "says": [{ "name": "building", "type": "text" }] },
            { "kind": 0x8001, "code": "lent" },
            { "kind": 0x8002, "code": "returned" },
        ],
        "statuses": ["here", "away"],
        "transitions": [
            { "from": "here", "kind": "lent", "to": "away" },
            { "from": "away", "kind": "returned", "to": "here" },
        ],
    });
    let declaration: Declaration = declaration.to_string().parse().unwrap();
    let mut world = stolen(seed);
    world.declare(LAN, std::slice::from_ref(&declaration));
    let hash = declaration.hash();
    let shelved = [&[0xa2, 0, 0x58, 32][..], &hash, &[1, 0x81, 0x61, b'3']].concat();
    Heap::about(world, Topic::Common, 0x8000, shelved, Vec::new())
}

/// Nobody lent it, and all give it back.
#[test]
fn acts_out_of_turn_fill_a_declared_tool_t4() {
    full(Gauge::begin("full of acts out of turn"), tools(177), |heap, _| _ = heap.say(Vec::new(), 0x8002, vec![0xa0]));
}

/// A founder, and a coordinator's phone with the care register on it, in hostile hands.
fn stolen(seed: u64) -> World {
    gauge::must_have_its_turn();
    let mut world = World::of_roles(seed, &[Role::Coordinator]);
    let (id, device) = (world.command(), world.device(WU));
    world.at(LAN).grant(id, device, Grant::Care).unwrap();
    world.settle();
    world
}

/// What takes part in a heap: who writes, about what, and what was written.
struct Heap {
    world: World,
    forger: Forger,
    topic: Topic,
    about: Reference,
    written: Vec<Reference>,
    runs: Vec<Outgoing>,
}

impl Heap {
    /// About something that the phone made.
    fn on(mut world: World, topic: Topic, about: Reference) -> Self {
        world.settle();
        let forger = forger(&mut world, topic);
        Self { world, forger, topic, about, written: Vec::new(), runs: Vec::new() }
    }

    /// About something that the forger makes.
    fn about(mut world: World, topic: Topic, kind: u16, payload: Vec<u8>, edits: Vec<Edit>) -> Self {
        let mut forger = forger(&mut world, topic);
        let body = Body { aggregate: None, edits, ..act(Reference { seq: 0, ..nowhere(&mut world) }, kind, payload) };
        let about = forger.write(&body);
        let (tag, from, runs) = (world.tag(LAN, topic), world.device(WU), forger.runs());
        hand_over(&world, LAN, from, tag, &runs).unwrap();
        Self { world, forger, topic, about, written: Vec::new(), runs: Vec::new() }
    }

    /// An event in a log of its own, behind these.
    fn say(&mut self, deps: Vec<Reference>, kind: u16, payload: Vec<u8>) -> Reference {
        self.write(Body { deps, ..act(self.about, kind, payload) })
    }

    fn write(&mut self, body: Body) -> Reference {
        let mut alone = self.forger.twin().in_life(Incarnation::from_bytes(self.world.dice.random()));
        let reference = alone.write(&body);
        self.runs.extend(alone.runs());
        self.written.push(reference);
        reference
    }

    /// Some of what was written, as many as an event may name, spread over all.
    fn some(&mut self) -> Vec<Reference> {
        let count = self.written.len();
        let mut some: Vec<Reference> =
            (0..limits::DEPS.min(count)).map(|_| self.written[self.world.dice.random_range(0..count)]).collect();
        some.sort_unstable();
        some.dedup();
        some
    }
}

/// Whoever has the keys of Wu, those of the care register too.
fn forger(world: &mut World, topic: Topic) -> Forger {
    let forger = Forger::with_keys_of(world, WU).in_topic(world, WU, topic);
    let Some(compartment) = topic.compartment() else { return forger };
    let secret = world.secrets(WU).get("device-keys").unwrap().unwrap();
    let roster = world.at(WU).roster();
    let keyring = Keyring::open(&DeviceKeys::from_slice(&secret).unwrap(), &roster);
    let key = keyring.key(roster.writing_epoch(compartment, &keyring).unwrap()).unwrap().clone();
    forger.under(key)
}

/// The room that a run takes.
fn weight(run: &Outgoing) -> u64 {
    let bytes = |content: &Content| match content {
        Content::Here(bytes) => bytes.len() as u64,
        Content::Erased(_) => 0,
    };
    run.run.links.iter().map(|link| limits::EVENT_ROOM + bytes(&link.content)).sum()
}

/// Fills the room, then measures what comes.
fn full(mut gauge: Gauge, mut heap: Heap, mut next: impl FnMut(&mut Heap, usize)) {
    let name = gauge.name();
    let (tag, from) = (heap.world.tag(LAN, heap.topic), heap.world.device(WU));
    let (mut room, mut nth, mut made, began) = (0, 0, Duration::ZERO, Instant::now());
    while room <= limits::AGGREGATE_ROOM + limits::AGGREGATE_ROOM / 16 {
        let (making, before) = (Instant::now(), room);
        for _ in 0..TOGETHER {
            let known = heap.runs.len();
            next(&mut heap, nth);
            nth += 1;
            room += heap.runs[known..].iter().map(weight).sum::<u64>();
            if room > before + PART {
                break;
            }
        }
        made += making.elapsed();
        let runs = std::mem::take(&mut heap.runs);
        hand_over(&heap.world, LAN, from, tag, &runs).unwrap();
    }
    println!("{name}: {nth} inputs, which took {:.1?} to make and {:.1?} to take in", made, began.elapsed() - made);
    let mut feeder = Feeder::with(&heap.world, LAN, from);
    for more in 0..MORE {
        next(&mut heap, nth + more);
        let runs = std::mem::take(&mut heap.runs);
        gauge.input(|| feeder.bring(tag, &runs));
    }
    let crowded = heap.world.held(LAN).iter().filter(|(_, held)| *held == linli_core::event::Held::Crowded).count();
    assert!(crowded > 0, "{name}: the room is not full");
    assert_eq!(heap.world.at(LAN).verify().unwrap().faults, []);
}

fn order(seed: u64) -> Heap {
    let mut world = stolen(seed);
    let about = post(&mut world);
    Heap::on(world, Topic::Common, about)
}

fn shelf(seed: u64) -> Heap {
    let mut world = stolen(seed);
    let id = world.command();
    let open = linli_core::aggregate::medicine_box::Command::Open {
        building: Some("3".into()),
        place: "大厅".into(),
        note: String::new(),
    };
    let about = world.at(LAN).submit::<MedicineBox>(id, None, open).unwrap().aggregate;
    Heap::on(world, MedicineBox::TOPIC, about)
}

fn register(seed: u64) -> Heap {
    let registered = encode(&Registered { building: "3".into() });
    Heap::about(stolen(seed), Topic::Care, household::kind::REGISTERED, registered, Vec::new())
}
