//! Words and fractions of later (T6): what says something in a way that is not known here waits for who knows it, also where
//! nothing might be said.

use linli_core::{
    aggregate::{
        Held, encode,
        medicine_box::{
            Corrected, Correction, Part, Taken,
            kinds::{CORRECTED, LIMIT_SET, TAKEN},
        },
        order::kind,
        product,
        recall::{self, Recall, Scope},
    },
    event::Topic,
    replica::NewerWhat,
};
use linli_tests::{Forger, World, hand_over};

use crate::say::{self, body, verdict};

const FIRST: usize = 0;

/// The same with another quantity, in thousandths: half a unit where there were two.
fn halved(payload: &[u8]) -> Vec<u8> {
    let at = payload.windows(3).position(|window| window == [0x19, 0x07, 0xd0]).expect("two units are 2000");
    [&payload[..at], &[0x19, 0x01, 0xf4], &payload[at + 3..]].concat()
}

#[test]
fn half_a_tablet_and_a_word_of_later_wait_for_it_t6() {
    let mut world = World::community(14, 2);
    let order = say::post(&mut world, FIRST);
    let [_, medicine_box, lot] = say::stocked(&mut world, FIRST, "布洛芬", "gate");
    world.settle();
    let mut forger = Forger::with_keys_of(&mut world, 1);
    let parts = |qty| vec![Part { lot, qty }];
    let taken = |qty| Taken { parts: parts(qty), room: None, order: None, override_reason: None, happened_at: None };
    let whole = forger.write(&body(medicine_box, TAKEN, encode(&taken(2))));
    let held = [
        forger.write(&body(medicine_box, TAKEN, halved(&encode(&taken(2))))),
        // Delivered in a way that is not known: {0: 9}.
        forger.write(&body(order, kind::DELIVERED, vec![0xa1, 0x00, 0x09])),
    ];
    hand_over(&world, 0, forger.device(), world.tag(0, Topic::Common), &forger.runs()).unwrap();
    world.settle();

    for phone in 0..world.len() {
        assert_eq!(verdict(&world, phone, whole), Some(None), "phone {phone}");
        assert_eq!(held.map(|event| verdict(&world, phone, event)), [Some(Some(Held::Newer)); 2], "phone {phone}");
        assert_eq!(world.at(phone).box_detail(medicine_box).unwrap().balance.stock, 8);
        world.assert_one_truth(phone);
    }
}

#[test]
fn a_word_of_later_is_not_taken_for_none_where_there_may_be_none_t6() {
    let mut world = World::community(15, 2);
    let [product, medicine_box, lot] = say::stocked(&mut world, FIRST, "布洛芬", "gate");
    let raise = recall::Command::Raise { product, scope: Scope::All, reason: "impure".into(), issuer: String::new() };
    let id = world.command();
    let recall = world.at(FIRST).submit::<Recall>(id, None, raise).unwrap().aggregate;
    world.settle();
    let mut forger = Forger::with_keys_of(&mut world, FIRST);
    let value = Correction { parts: Some(vec![Part { lot, qty: 2 }]), ..Correction::default() };
    let corrected = Corrected { event: lot, value, why: "half of it".into() };
    let held = [
        // What is recalled is said in a way that is not known: {0: [7, []]}.
        forger.write(&body(recall, recall::EDITED, vec![0xa1, 0x00, 0x82, 0x07, 0x80])),
        // A class that is not known: {0: 9}, and the same with an item behind it, as long as what is passed over.
        forger.write(&body(product, product::EDITED, vec![0xa1, 0x00, 0x09])),
        forger.write(&body(product, product::EDITED, vec![0xa1, 0x00, 0x09, 0x01])),
        // Two units and a half in a week: {1: 2500, 2: 7}.
        forger.write(&body(medicine_box, LIMIT_SET, vec![0xa2, 0x01, 0x19, 0x09, 0xc4, 0x02, 0x07])),
        forger.write(&body(medicine_box, CORRECTED, halved(&encode(&corrected)))),
    ];
    hand_over(&world, 1, forger.device(), world.tag(1, Topic::Common), &forger.runs()).unwrap();
    world.settle();

    for phone in 0..world.len() {
        assert_eq!(held.map(|event| verdict(&world, phone, event)), [Some(Some(Held::Newer)); 5], "phone {phone}");
        let lines = world.at(phone).needs_newer_app().unwrap();
        assert!(lines.iter().any(|line| line.what == NewerWhat::Recall), "what is recalled never changes in silence");
        world.assert_one_truth(phone);
    }
}
