//! Stories of recalls.

use super::{Command, EDITED, Edited, RAISED, Raised, Recall, Refusal, Scope};
use crate::{
    aggregate::{
        Aggregate, encode,
        medicine_box::{
            self, MedicineBox, When,
            tests::story::{LAN, Story, WU, name},
            touched,
        },
        product::Class,
    },
    id::Reference,
};

#[test]
fn a_recall_names_a_product_and_batches() {
    let mut story = Story::<Recall>::phones(1);
    let product = story.product(1, None);
    let refused = |scope| Story::<Recall>::phones(1).command(LAN, 0, None, raise(product, scope));
    assert_eq!(refused(Scope::All), Err(Refusal::UnknownProduct { product }));
    for scope in [batches(&[]), batches(&["A", " "])] {
        assert_eq!(story.command(LAN, 0, None, raise(product, scope)), Err(Refusal::Batches { limit: 256 }));
    }

    let recall = story.command(LAN, 0, None, raise(product, batches(&[" A1 "]))).expect("a leader")[0];

    let state = story.fold(LAN, recall).state;
    assert_eq!((state.product(), state.scope(), state.stands()), (Some(product), batches(&["A1"]), true));
}

#[test]
fn concurrent_scopes_add_up() {
    let mut story = Story::<Recall>::phones(2);
    let product = story.product(1, None);
    let recall = story.command(LAN, 0, None, raise(product, batches(&["A"]))).expect("a leader")[0];
    story.settle();

    story.write(LAN, 1, Some(recall), EDITED, &Edited { scope: Some(batches(&["B"])) });
    story.write(WU, 1, Some(recall), EDITED, &Edited { scope: Some(batches(&["C"])) });
    story.settle();
    assert_eq!(story.fold(LAN, recall).state.scope(), batches(&["B", "C"]));

    story.write(WU, 2, Some(recall), EDITED, &Edited { scope: Some(Scope::All) });
    assert_eq!(story.fold(WU, recall).state.scope(), Scope::All);
}

#[test]
fn a_withdrawal_ends_only_what_its_author_knew_of() {
    let mut story = Story::<Recall>::phones(2);
    let product = story.product(1, None);
    let recall = story.command(LAN, 0, None, raise(product, batches(&["A"]))).expect("a leader")[0];
    story.settle();

    story.command(LAN, 1, Some(recall), Command::Withdraw { why: "a mistake".into() }).expect("a leader");
    assert!(!story.fold(LAN, recall).state.stands());
    assert_eq!(story.fold(LAN, recall).state.scope(), batches(&["A"]));
    assert_eq!(story.command(LAN, 2, Some(recall), Command::Withdraw { why: String::new() }), Err(Refusal::Withdrawn));

    story.write(WU, 1, Some(recall), EDITED, &Edited { scope: Some(batches(&["B"])) });
    story.settle();
    let folded = story.fold(LAN, recall);
    assert!(folded.state.stands());
    assert_eq!(folded.state.scope(), batches(&["B"]));
    assert_eq!(folded.reviews(), ["withdrawal_contested"]);
}

#[test]
fn a_recall_finds_descendants_takers_transfers_orders_and_later_donations() {
    let mut boxes = Story::<MedicineBox>::phones(1);
    let product = boxes.product(1, Some(Class::OverTheCounter));
    let open = || medicine_box::Command::Open { building: None, place: String::new(), note: String::new() };
    let here = boxes.command(LAN, 0, None, open()).expect("anybody")[0];
    let there = boxes.command(LAN, 0, None, open()).expect("anybody")[0];
    let when = When::default();
    let donation = |batch: Option<&str>| medicine_box::Command::Donate {
        goods: medicine_box::Goods { product, batch: batch.map(Into::into), expiry: None, unit: "板".into() },
        qty: 10.into(),
        origin: None,
        opened: false,
        blister_intact: false,
        when,
    };
    let bad = boxes.command(LAN, 1, Some(here), donation(Some("bad 1"))).expect("fit")[0];
    let good = boxes.command(LAN, 1, Some(here), donation(Some("good"))).expect("fit")[0];
    let unmarked = boxes.command(LAN, 1, Some(here), donation(None)).expect("fit")[0];
    let split = medicine_box::Command::Split {
        lot: bad,
        qty: 2.into(),
        into_qty: Some(20.into()),
        into_unit: "粒".into(),
        when,
    };
    let tablets = boxes.command(LAN, 2, Some(here), split).expect("two are there")[0];
    let order = name(0xc0, 1);
    let take = medicine_box::Command::Take {
        what: medicine_box::What::Lots(vec![medicine_box::Portion { lot: tablets, qty: 6.into() }]),
        room: Some(medicine_box::Room { building: "3".into(), unit: "1".into(), room: "501".into() }),
        order: Some(order),
        override_reason: None,
        when,
    };
    boxes.command(LAN, 3, Some(here), take).expect("six are there");
    let send = medicine_box::Command::Send { to: there, lot: bad, qty: 5.into(), when };
    let sent = boxes.command(LAN, 4, Some(here), send).expect("eight are there")[0];
    let receive = medicine_box::Command::Receive { sent, qty: 5.into(), parcel: None, when };
    let arrived = boxes.command(LAN, 5, Some(there), receive).expect("it is for this box")[0];
    let recall = boxes.recall(1, product, Some("BAD1"), 6);
    let late = boxes.command(LAN, 7, Some(there), donation(Some("Bad1"))).expect("taken in, never offered")[0];

    let touched = touched(&boxes.world(LAN), recall).expect("rows in memory");

    let mut lots: Vec<(Reference, bool)> = touched.lots.iter().map(|lot| (lot.lot, lot.later)).collect();
    let mut expected = vec![(bad, false), (unmarked, false), (tablets, false), (arrived, false), (late, true)];
    lots.sort_unstable();
    expected.sort_unstable();
    assert_eq!(lots, expected);
    assert!(!touched.lots.iter().any(|lot| lot.lot == good));
    assert_eq!(touched.boxes.into_iter().collect::<Vec<_>>(), [here, there]);
    assert_eq!(touched.takes.len(), 1);
    assert_eq!(
        touched.takes[0].room,
        Some(medicine_box::Room { building: "3".into(), unit: "1".into(), room: "501".into() })
    );
    assert_eq!(touched.takes[0].qty, 6);
    assert_eq!(touched.transfers[0].sent_to, Some(there));
    assert_eq!(touched.orders.into_iter().collect::<Vec<_>>(), [order]);
}

#[test]
fn a_recall_follows_a_lot_under_every_name_that_it_goes_by() {
    let mut boxes = Story::<MedicineBox>::phones(2);
    let product = boxes.product(1, Some(Class::OverTheCounter));
    let goods =
        |batch: &str| medicine_box::Goods { product, batch: Some(batch.into()), expiry: None, unit: "板".into() };
    let when = When::default();
    let [here, there, beyond] = [(); 3].map(|()| {
        let open = medicine_box::Command::Open { building: None, place: String::new(), note: String::new() };
        boxes.command(LAN, 0, None, open).expect("anybody")[0]
    });
    let donation = medicine_box::Command::Donate {
        goods: goods("A1"),
        qty: 10.into(),
        origin: None,
        opened: false,
        blister_intact: false,
        when,
    };
    let lot = boxes.command(LAN, 1, Some(here), donation).expect("fit")[0];
    let send = |to, lot, qty: i64| medicine_box::Command::Send { to, lot, qty: qty.into(), when };
    let receive = |sent, qty: i64| medicine_box::Command::Receive { sent, qty: qty.into(), parcel: None, when };
    let sent = boxes.command(LAN, 2, Some(here), send(there, lot, 8)).expect("ten are there")[0];
    boxes.settle();
    // Both receive the parcel, neither knowing of the other, and send some of it on.
    let there_and_beyond = [0, 1].map(|phone| {
        let name = boxes.command(phone, 3, Some(there), receive(sent, 8)).expect("not known to be received")[0];
        let onward = boxes.command(phone, 4, Some(there), send(beyond, name, 2)).expect("eight are there")[0];
        (name, boxes.command(phone, 5, Some(beyond), receive(onward, 2)).expect("it is for this box")[0])
    });
    boxes.settle();
    for (event, _) in there_and_beyond {
        let value = medicine_box::Correction { goods: Some(goods("B2")), ..medicine_box::Correction::default() };
        let corrected = medicine_box::Corrected { event, value, why: "read again".into() };
        boxes.write(LAN, 6, Some(there), medicine_box::kind::CORRECTED, &corrected);
    }
    let recall = boxes.recall(1, product, Some("B2"), 7);

    let touched = touched(&boxes.world(LAN), recall).expect("rows in memory");

    let lots: Vec<Reference> = touched.lots.iter().map(|lot| lot.lot).collect();
    assert!(there_and_beyond.iter().all(|(_, lot)| lots.contains(lot)), "what was sent on under either name");
    assert!(!lots.contains(&lot), "what it came from is of another batch");
}

#[test]
fn payloads_that_say_something_else_are_malformed() {
    let product = name(1, 1);
    let read = |scope| Recall::read(RAISED, 1, &encode(&Raised { product, scope }));

    assert!(read(Scope::All).is_ok());
    assert!(read(batches(&["A"])).is_ok());
    assert!(read(batches(&[])).is_err());
    assert!(read(batches(&["　"])).is_err());
    assert!(read(batches(&["A"; 257])).is_err());
    assert!(Recall::read(RAISED, 1, &[0xa0]).is_err());
    assert!(Recall::read(RAISED, 2, &[0xa0]).is_err());
}

fn batches(some: &[&str]) -> Scope {
    Scope::Batches(some.iter().map(|batch| (*batch).to_owned()).collect())
}

fn raise(product: Reference, scope: Scope) -> Command {
    Command::Raise { product, scope, reason: "glass".into(), issuer: "the maker".into() }
}
