//! Words of later (T6): what says something in a way that is not known here waits for who knows it, also where nothing might be
//! said.

use std::collections::BTreeSet;

use linli_core::{
    aggregate::{
        Held, encode,
        order::{Change, Command, Corrected, Correction, Order, kind},
        product,
        recall::{self, Recall, Scope},
    },
    event::{Lacks, Topic},
    replica::NewerWhat,
};
use linli_tests::{
    Forger, World, hand_over,
    people::{LAN, WU},
};

use crate::{
    newer::{BEHIND, OLDER, along, assert_passed_on, bring_up_to_date, scene, told},
    say::{self, body, verdict},
};

const FIRST: usize = 0;

#[test]
fn a_word_of_later_waits_for_it_t6() {
    let mut world = World::community(14, 2);
    let order = say::post(&mut world, FIRST);
    world.settle();
    let mut forger = Forger::with_keys_of(&mut world, WU);
    let known = forger.write(&body(order, kind::DELIVERED, vec![0xa1, 0x00, 0x01]));
    let held = [
        // Delivered in a way that is not known: {0: 9}.
        forger.write(&body(order, kind::DELIVERED, vec![0xa1, 0x00, 0x09])),
        forger.write(&body(order, kind::CORRECTED, corrected_to(9, known))),
    ];
    hand_over(&world, LAN, forger.device(), world.tag(LAN, Topic::Common), &forger.runs()).unwrap();
    world.settle();

    for phone in 0..world.len() {
        assert_eq!(verdict(&world, phone, known), Some(None), "phone {phone}");
        assert_eq!(held.map(|event| verdict(&world, phone, event)), [Some(Some(Held::Newer)); 2], "phone {phone}");
        assert_eq!(world.at(phone).order(order).unwrap().view.deliveries.len(), 1);
        world.assert_one_truth(phone);
    }
}

#[test]
fn a_word_of_later_is_not_taken_for_none_where_there_may_be_none_t6() {
    let mut world = World::community(15, 2);
    let [product, ..] = say::stocked(&mut world, FIRST, "布洛芬", "gate");
    let raise = recall::Command::Raise { product, scope: Scope::All, reason: "impure".into(), issuer: String::new() };
    let id = world.command();
    let recall = world.at(FIRST).submit::<Recall>(id, None, raise).unwrap().aggregate;
    world.settle();
    let mut forger = Forger::with_keys_of(&mut world, FIRST);
    let held = [
        // What is recalled is said in a way that is not known: {0: [7, []]}.
        forger.write(&body(recall, recall::EDITED, vec![0xa1, 0x00, 0x82, 0x07, 0x80])),
        // A class that is not known: {0: 9}, and the same with an item behind it, as long as what is passed over.
        forger.write(&body(product, product::EDITED, vec![0xa1, 0x00, 0x09])),
        forger.write(&body(product, product::EDITED, vec![0xa1, 0x00, 0x09, 0x01])),
    ];
    hand_over(&world, WU, forger.device(), world.tag(WU, Topic::Common), &forger.runs()).unwrap();
    world.settle();

    for phone in 0..world.len() {
        assert_eq!(held.map(|event| verdict(&world, phone, event)), [Some(Some(Held::Newer)); 3], "phone {phone}");
        let lines = world.at(phone).needs_newer_app().unwrap();
        assert!(lines.iter().any(|line| line.what == NewerWhat::Recall), "what is recalled never changes in silence");
        world.assert_one_truth(phone);
    }
}

#[test]
fn a_field_of_later_holds_the_edit_that_has_it_and_no_other_t6() {
    let note = 6;
    let fields = [(kind::EDITED, None, note), (kind::EDITED, Some(1), 3)].into();
    let mut world = scene(15, &Lacks { fields, ..Lacks::default() });
    let put = |field: &str, value: &str| Change::Put { field: field.into(), value: value.into() };
    let edit = |changes: Vec<Change>| Command::Edit { changes };
    let order = say::post(&mut world, FIRST);
    let mut write = |command| say::submit(&mut world, FIRST, Some(order), command).unwrap().events[0];
    let read = write(edit(vec![put("room", "1805")]));
    let both = write(edit(vec![put("room", "1806"), put("note", "ring twice")]));
    let claimed = write(Command::Claim);
    along(&mut world);

    assert_passed_on(&world, &[order, read, both, claimed]);
    let rooms = |phone: usize| world.at(phone).order(order).unwrap().view.card.room.clone();
    assert_eq!(rooms(BEHIND), Some("1806".to_owned()));
    for phone in OLDER {
        assert_eq!(verdict(&world, phone, both), Some(Some(Held::Newer)), "with all its edits");
        assert_eq!([read, claimed].map(|event| verdict(&world, phone, event)), [Some(None); 2]);
        assert_eq!(rooms(phone), Some("1805".to_owned()));
        assert_eq!(told(&world, phone), BTreeSet::from([(NewerWhat::Other, false)]));
    }
    // An older phone edits what it knows, on top of what it does not.
    let id = world.command();
    let older = world.at(OLDER[0]).submit::<Order>(id, Some(order), edit(vec![put("room", "1807")]));
    assert!(older.is_ok(), "{older:?}");
    along(&mut world);
    bring_up_to_date(&mut world);
}

/// An event corrected to what is not known: nothing, with another number before it.
fn corrected_to(number: u8, event: linli_core::id::Reference) -> Vec<u8> {
    let payload = encode(&Corrected { event, value: Correction::Withdrawn, why: "wrong tap".into() });
    let at = payload.windows(3).rposition(|window| window[0] == 0x82 && window[1..] == [0x00, 0x80]);
    let at = at.expect("a choice without contents") + 1;
    [&payload[..at], &[number], &payload[at + 1..]].concat()
}
