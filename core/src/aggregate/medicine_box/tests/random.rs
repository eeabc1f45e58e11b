//! Random weeks of three phones that meet now and then: the sums hold.

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha20Rng;

use super::{super::stock::Causes, Boxes, LAN, goods, open, story::Story};
use crate::{
    aggregate::{
        History,
        medicine_box::{
            Command, Correction, Count, Knowledge, Part, Portion, Stock, Unfit, What, When, balance, balance_of,
            containment, ledger, transfers,
        },
        product::Class,
    },
    id::Reference,
    qty::Qty,
};

const PHONES: usize = 3;
const STEPS: usize = 70;

#[test]
fn ledger_is_stock_however_phones_meet() {
    for seed in 0..40 {
        let mut dice = ChaCha20Rng::seed_from_u64(seed);
        let mut story: Boxes = Story::salted(PHONES, seed);
        let product = story.product(1, Some(Class::OverTheCounter));
        let boxes = [open(&mut story, LAN), open(&mut story, LAN)];
        story.settle();
        for step in 0..STEPS {
            act(&mut story, &mut dice, step as i64 * 3, boxes, product);
        }
        story.settle();
        check(&story, seed, boxes);
    }
}

fn check(story: &Boxes, seed: u64, boxes: [Reference; 2]) {
    for own in boxes {
        let whole = story.fold(LAN, own);
        assert!(balance(&whole.state).holds(), "seed {seed}");
        for (name, lot) in whole.state.lots() {
            let qty = lot.stock.qty();
            assert!(balance_of(&whole.state, name).holds(), "seed {seed}");
            assert_eq!(ledger(&whole.state, name).last().map_or(Qty::ZERO, |line| line.running), qty, "seed {seed}");
        }
        for (_, lot) in whole.state.lots() {
            assert_eq!(lot.stock.qty(), reckoned(&lot.stock, &whole.history), "seed {seed}");
            let mut anew = lot.stock.clone();
            anew.settle(&Causes::new(&whole.history));
            assert_eq!(anew, lot.stock, "judged step by step or at once, seed {seed}");
        }
    }
    assert!(transfers(&story.world(LAN)).expect("rows in memory").totals().holds(), "seed {seed}");
}

/// Whatever a member writes, of lots that were, will be or never are: the sums hold, and no heap has two names.
#[test]
fn ledger_is_stock_whatever_events_say() {
    for seed in 0..60 {
        let mut dice = ChaCha20Rng::seed_from_u64(seed);
        let mut story: Boxes = Story::salted(PHONES, seed);
        let product = story.product(1, Some(Class::OverTheCounter));
        let boxes = [open(&mut story, LAN), open(&mut story, LAN)];
        let mut names = vec![super::story::name(9, 9)];
        story.settle();
        for step in 0..STEPS {
            let phone = dice.random_range(0..PHONES);
            if dice.random_bool(0.2) {
                story.meet(phone, dice.random_range(0..PHONES));
                continue;
            }
            names.push(story.to_come(phone, dice.random_range(0..12)));
            let own = boxes[dice.random_range(0..2)];
            let said = say(&mut dice, &names, boxes, product);
            names.push(story.write_bytes(phone, step as i64 * 3, own, said));
        }
        story.settle();
        check(&story, seed, boxes);
        for own in boxes {
            let whole = story.fold(LAN, own);
            let rows = <super::MedicineBox as crate::aggregate::Aggregate>::rows(&whole.subject());
            for (name, lot) in whole.state.lots() {
                assert_eq!(whole.state.name(name), name, "seed {seed}");
                let of_lot =
                    rows.iter().filter(|row| row.table == "box_move" && row.cells[0].reference() == Some(name));
                let sum: Qty = of_lot.map(|row| row.cells[3].qty().expect("a quantity")).sum();
                assert_eq!(sum, lot.stock.qty(), "seed {seed}");
            }
        }
    }
}

/// Some of a lot, from a least on: whole ones, halves and thousandths.
fn some(dice: &mut ChaCha20Rng, least: i64) -> Qty {
    let whole = Qty::whole(dice.random_range(least..12));
    let part = if dice.random_bool(0.5) { 0 } else { [500, 250, 1][dice.random_range(0..3)] };
    whole.saturating_add(Qty::of_thousandths(part))
}

/// Anything that the format can express about lots, parcels and counts.
fn say(dice: &mut ChaCha20Rng, names: &[Reference], boxes: [Reference; 2], product: Reference) -> (u16, Vec<u8>) {
    use crate::aggregate::{encode, medicine_box as m};
    let any = |dice: &mut ChaCha20Rng| names[dice.random_range(0..names.len())];
    let (lot, event, qty) = (any(dice), any(dice), some(dice, 0));
    let mut lots: Vec<Reference> = (0..dice.random_range(1..5)).map(|_| any(dice)).collect();
    lots.sort_unstable();
    lots.dedup();
    let parts: Vec<Part> = lots.iter().map(|lot| Part { lot: *lot, qty: some(dice, 1) }).collect();
    // Few parcels, so that several receipts are of one.
    let sent = names[dice.random_range(0..names.len().min(3))];
    let happened_at = dice.random_bool(0.2).then(|| super::story::minute(dice.random_range(0..200)));
    let goods = goods(product, Some("B"), None);
    let why = String::from("so");
    match dice.random_range(0..10) {
        0 => (
            super::kind::DONATED,
            encode(&m::Donated {
                goods,
                qty: qty.saturating_add(Qty::LEAST),
                origin: None,
                opened: false,
                blister_intact: true,
                happened_at,
            }),
        ),
        1 => {
            let taken = m::Taken { room: None, order: None, parts, override_reason: None, happened_at };
            (super::kind::TAKEN, encode(&taken))
        }
        2 | 3 => (super::kind::COUNTED, encode(&m::Counted { parts, blind: false, happened_at })),
        4 => {
            let found = m::Found { lot: Some(lot), goods: None, qty: qty.saturating_add(Qty::LEAST), why, happened_at };
            (super::kind::FOUND, encode(&found))
        }
        5..=7 => {
            let received = m::Received {
                sent,
                from: boxes[0],
                to: boxes[dice.random_range(0..2)],
                lot: Some(lot),
                goods,
                sent_qty: 9.into(),
                qty,
                happened_at,
            };
            (super::kind::RECEIVED, encode(&received))
        }
        8 => (super::kind::QUARANTINED, encode(&m::Quarantine { lot, why })),
        _ => {
            let parts = dice.random_bool(0.5).then_some(parts);
            let value = Correction { undone: dice.random_bool(0.3), qty: Some(qty), parts, ..Correction::default() };
            (super::kind::CORRECTED, encode(&m::Corrected { event, value, why }))
        }
    }
}

/// Stock by the letter of the rule, from nothing but who knew of what.
fn reckoned(stock: &Stock, history: &History) -> Qty {
    let dated_before = |count: &Count| {
        let mut seen = stock.counts().iter().filter(|other| history.knew(count.at, other.at));
        count.moment.happened_at.is_some_and(|on| seen.any(|other| on < other.moment.time()))
    };
    let newest = stock.counts().iter().filter(|count| !dated_before(count)).max_by_key(|count| count.at);
    let outside = stock.moves().iter().filter(|movement| {
        newest.is_none_or(|count| {
            let knowledge = match (history.knew(count.at, movement.at), history.knew(movement.at, count.at)) {
                (true, _) => Knowledge::CountKnew,
                (_, true) => Knowledge::MovementKnew,
                _ => Knowledge::Neither,
            };
            !containment(knowledge, movement.moment, count.moment).contained
        })
    });
    newest.map(|count| count.qty).into_iter().chain(outside.map(|movement| movement.qty)).sum()
}

/// One random act of one random phone; refusals are part of the week.
fn act(story: &mut Boxes, dice: &mut ChaCha20Rng, at: i64, boxes: [Reference; 2], product: Reference) {
    let phone = dice.random_range(0..PHONES);
    let other = dice.random_range(0..PHONES);
    let here = dice.random_range(0..2);
    let (own, elsewhere) = (boxes[here], boxes[1 - here]);
    let state = story.fold(phone, own).state;
    let lots: Vec<Reference> = state.lots().map(|(name, _)| name).collect();
    let lot = if lots.is_empty() { super::story::name(9, 9) } else { lots[dice.random_range(0..lots.len())] };
    let qty = some(dice, 0);
    let when = When {
        already_happened: dice.random_bool(0.5),
        happened_at: dice.random_bool(0.2).then(|| super::story::minute(at - dice.random_range(0..90))),
    };
    let parts = vec![Portion { lot, qty }];
    let command = match dice.random_range(0..14) {
        0 | 1 => {
            let expiry = dice.random_bool(0.7).then_some("2024-05");
            Command::Donate {
                goods: goods(product, Some("B"), expiry),
                qty,
                origin: None,
                opened: false,
                blister_intact: true,
                when,
            }
        }
        2 => Command::Take { what: What::Lots(parts), room: None, order: None, override_reason: None, when },
        3 => {
            let what = What::Product { product, qty, unit: None };
            Command::Take { what, room: Some(super::room("101")), order: None, override_reason: None, when }
        }
        4 => Command::Return { parts, room: None, when },
        5 => Command::Split { lot, qty, into_qty: Some(qty.saturating_mul(10)), into_unit: "粒".into(), when },
        6 | 7 => Command::Count { parts, blind: dice.random_bool(0.5), when },
        8 => Command::Find { unfit: Unfit::Lot(lot), qty, why: String::new(), when },
        9 => Command::Discard { lot, qty, why: String::new(), when },
        10 => Command::Send { to: elsewhere, lot, qty, when },
        11 => {
            let all = transfers(&story.world(phone)).expect("rows in memory").transfers;
            let Some(transfer) = all.iter().find(|transfer| transfer.received.is_none()) else { return };
            let command = Command::Receive { sent: transfer.sent, qty, parcel: None, when };
            let _refused = story.command(phone, at, Some(transfer.to), command);
            return;
        }
        12 => {
            let events: Vec<Reference> = state.entries().map(|(event, _)| event).collect();
            if events.is_empty() {
                return;
            }
            let value = match dice.random_range(0..3) {
                0 => Correction { undone: true, ..Correction::default() },
                1 => Correction { qty: Some(qty), ..Correction::default() },
                _ => Correction { parts: Some(vec![Part { lot, qty }]), ..Correction::default() },
            };
            Command::Correct { event: events[dice.random_range(0..events.len())], value, why: String::new() }
        }
        _ => {
            story.meet(phone, other);
            return;
        }
    };
    let _refused = story.command(phone, at, Some(own), command);
}

#[test]
fn on_one_phone_stock_is_what_a_child_would_reckon() {
    for seed in 0..30 {
        let mut dice = ChaCha20Rng::seed_from_u64(seed);
        let (mut story, own, product) = super::shared_box(1);
        let lot = super::donate(&mut story, LAN, 0, own, product, 50);
        let mut there: i64 = 50;
        for at in 1..40 {
            let qty = dice.random_range(1..9);
            if dice.random_bool(0.2) {
                super::count(&mut story, LAN, at, own, lot, qty);
                there = qty;
            } else if story.command(LAN, at, Some(own), super::taking(lot, qty)).is_ok() {
                there -= qty;
            }
            assert_eq!(story.fold(LAN, own).state.stock(lot), there, "seed {seed}");
        }
    }
}

#[test]
fn no_payload_makes_reading_panic() {
    let mut dice = ChaCha20Rng::seed_from_u64(5);
    let (mut story, own, product) = super::shared_box(1);
    let lot = super::donate(&mut story, LAN, 0, own, product, 50);
    let donated = crate::aggregate::encode(&super::super::Donated {
        goods: goods(product, Some("B"), Some("2024-05")),
        qty: 3.into(),
        origin: Some("shop".into()),
        opened: true,
        blister_intact: true,
        happened_at: Some(super::story::MORNING),
    });
    let counted = crate::aggregate::encode(&super::super::Counted {
        parts: vec![Part { lot, qty: 0.into() }],
        blind: true,
        happened_at: Some(super::story::MORNING),
    });
    for _ in 0..20_000 {
        let mut bytes = if dice.random_bool(0.5) { donated.clone() } else { counted.clone() };
        for _ in 0..dice.random_range(0..4) {
            let at = dice.random_range(0..bytes.len());
            bytes[at] = dice.random();
        }
        bytes.truncate(dice.random_range(0..=bytes.len()));
        for spec in <super::MedicineBox as crate::aggregate::Aggregate>::KINDS {
            let _verdict = <super::MedicineBox as crate::aggregate::Aggregate>::read(spec.kind, 1, &bytes);
        }
    }
}
