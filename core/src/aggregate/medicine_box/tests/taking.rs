//! Stories of taking: who goes first, what is kept back, how much a household may take.

use super::{Boxes, HAPPENED, LAN, WU, donate, donation, goods, refusal, room, shared_box, story::minute};
use crate::{
    aggregate::{
        Aggregate,
        medicine_box::{
            Command, Hidden, HiddenLot, MedicineBox, Offer, Part, Portion, Refusal, Room, What, When, kind, offer,
            product_facts,
        },
        product::Class,
    },
    id::Reference,
    qty::Qty,
};

#[test]
fn the_first_to_expire_goes_first_and_hidden_lots_say_why() {
    let (mut story, own, product) = shared_box(1);
    let mut give = |batch, expiry, qty| {
        story.command(LAN, 1, Some(own), donation(goods(product, batch, expiry), qty)).expect("fit today")[0]
    };
    let late = give(Some("L"), Some("2024-12"), 10);
    let soon = give(Some("S"), Some("2022-06"), 4);
    let forever = give(Some("F"), None, 10);
    let expired = give(Some("E"), Some("2022-04"), 9);
    let recalled = give(Some(" x-1 "), Some("2024-01"), 9);
    let unmarked = give(None, Some("2024-01"), 9);
    let aside = give(Some("Q"), Some("2024-01"), 9);
    let gone = give(Some("G"), Some("2024-01"), 9);
    story.command(LAN, 2, Some(own), Command::Quarantine { lot: aside, why: "torn".into() }).expect("anybody may");
    super::take(&mut story, LAN, 2, own, gone, 9);
    let recall = story.recall(1, product, Some("Ｘ-1"), 3);

    let in_may = 40 * 24 * 60;
    let offer = offered(&story, own, product, 16, in_may);

    let part = |lot, qty: i64| Part { lot, qty: qty.into() };
    assert_eq!(offer.picks, [part(soon, 4), part(late, 10), part(forever, 2)]);
    let why = |lot| offer.hidden.iter().find(|hidden| hidden.lot == lot).map(|hidden| hidden.why.clone());
    assert_eq!(why(expired), Some(Hidden::Expired { expiry: "2022-04".parse().expect("a day") }));
    assert_eq!(why(recalled), Some(Hidden::Recalled { recall }));
    assert_eq!(why(unmarked), Some(Hidden::UnknownBatch { recall }));
    assert_eq!(why(aside), Some(Hidden::Quarantined));
    assert_eq!(why(gone), Some(Hidden::Empty));
    assert_eq!((offer.hidden.len(), offer.missing), (5, Qty::ZERO));
}

#[test]
fn goods_without_class_wait_for_the_keeper() {
    let (mut story, own, _) = shared_box(1);
    let new = story.product(3, None);
    let lot = donate(&mut story, LAN, 1, own, new, 5);

    let refused = refusal(story.command(LAN, 2, Some(own), super::taking(lot, 1)));
    assert_eq!(refused, Refusal::Unfit { lot, why: Hidden::NoClass });

    let what = What::Product { product: new, qty: 1.into(), unit: None };
    let reason = Some("looked at it".to_owned());
    let command = Command::Take { what, room: None, order: None, override_reason: reason, when: When::default() };
    assert!(story.command(LAN, 3, Some(own), command).is_ok());
    assert_eq!(story.fold(LAN, own).state.stock(lot), 4);
}

#[test]
fn no_keeper_hands_out_what_is_expired_because_its_batch_is_unknown_too() {
    let (mut story, own, product) = shared_box(1);
    let unmarked = goods(product, None, Some("2022-04"));
    let lot = story.command(LAN, 1, Some(own), donation(unmarked, 5)).expect("fit today")[0];
    story.recall(1, product, Some("X1"), 2);
    let in_may = 40 * 24 * 60;
    let what = What::Product { product, qty: 1.into(), unit: None };
    let reason = Some("it looks like another batch".to_owned());
    let command = Command::Take { what, room: None, order: None, override_reason: reason, when: When::default() };

    let refused = refusal(story.command(LAN, in_may, Some(own), command));

    let hidden = vec![(lot, Hidden::Expired { expiry: "2022-04".parse().expect("a day") })];
    assert_eq!(refused, Refusal::NotEnough { asked: 1.into(), missing: 1.into(), hidden });
}

#[test]
fn what_needs_a_prescription_is_never_offered() {
    let (mut story, own, _) = shared_box(1);
    let new = story.product(3, None);
    let lot = donate(&mut story, LAN, 1, own, new, 5);
    story.around = Boxes::phones(0).around;
    let new = story.product(3, Some(Class::Prescription));

    let refused = refusal(story.command(LAN, 2, Some(own), ask(new, 1, None)));

    let hidden = vec![(lot, Hidden::Prescription)];
    assert_eq!(refused, Refusal::NotEnough { asked: 1.into(), missing: 1.into(), hidden });
}

#[test]
fn units_are_not_mixed() {
    let (mut story, own, product) = shared_box(1);
    let tablets = donate(&mut story, LAN, 1, own, product, 5);
    let whole = crate::aggregate::medicine_box::Goods { unit: "盒".into(), ..goods(product, None, None) };
    let boxes = story.command(LAN, 2, Some(own), donation(whole, 5)).expect("fit")[0];

    let offer = offered(&story, own, product, 7, 3);

    assert_eq!(offer.picks, [Part { lot: tablets, qty: 5.into() }]);
    assert_eq!(offer.hidden, [HiddenLot { lot: boxes, why: Hidden::OtherUnit { unit: "盒".into() } }]);
    assert_eq!(offer.missing, 2);
}

#[test]
fn a_household_takes_no_more_than_its_limit_unless_a_keeper_says_why() {
    let (mut story, own, product) = shared_box(1);
    donate(&mut story, LAN, 1, own, product, 50);
    let limit = Command::SetLimit { product: None, qty: Some(6.into()), days: 7 };
    story.command(LAN, 1, Some(own), limit).expect("a keeper");

    assert_eq!(refusal(story.command(LAN, 2, Some(own), ask(product, 4, None))), Refusal::RoomNeeded { product });
    story.command(LAN, 2, Some(own), ask(product, 4, Some(room("302")))).expect("within the limit");
    let refused = refusal(story.command(LAN, 3, Some(own), ask(product, 4, Some(room(" ３02 ")))));
    assert_eq!(refused, Refusal::OverLimit { product, limit: 6.into(), days: 7, taken: 4.into(), asked: 4.into() });
    assert!(story.command(LAN, 3, Some(own), ask(product, 4, Some(room("303")))).is_ok());
    assert!(story.command(LAN, 8 * 24 * 60, Some(own), ask(product, 4, Some(room("302")))).is_ok());

    let what = What::Product { product, qty: 4.into(), unit: None };
    let override_reason = Some("three ill children".to_owned());
    let command = Command::Take { what, room: Some(room("303")), order: None, override_reason, when: When::default() };
    assert!(story.command(LAN, 4, Some(own), command).is_ok());
    assert!(story.fold(LAN, own).reviews().is_empty());
}

#[test]
fn an_override_is_a_kind_of_its_own_that_keepers_write() {
    let spec = MedicineBox::KINDS.iter().find(|spec| spec.kind == kind::TAKEN_BY_OVERRIDE).expect("in the table");
    let needs: Vec<&str> = spec.need.names().collect();
    assert_eq!(needs, ["keeper of the box", "coordinator"]);

    let taken = |override_reason| {
        let parts = vec![Part { lot: super::story::name(1, 1), qty: 1.into() }];
        let taken = super::Taken { room: None, order: None, parts, override_reason, happened_at: None };
        crate::aggregate::encode(&taken)
    };
    assert!(MedicineBox::read(kind::TAKEN, 1, &taken(Some("because".into()))).is_err());
    assert!(MedicineBox::read(kind::TAKEN_BY_OVERRIDE, 1, &taken(None)).is_err());
}

#[test]
fn two_phones_that_together_pass_the_limit_are_shown() {
    let (mut story, own, product) = shared_box(2);
    donate(&mut story, LAN, 1, own, product, 50);
    let limit = Command::SetLimit { product: Some(product), qty: Some(6.into()), days: 7 };
    story.command(LAN, 1, Some(own), limit).expect("a keeper");
    story.settle();

    story.command(LAN, 2, Some(own), ask(product, 4, Some(room("302")))).expect("within the limit");
    story.command(WU, 2, Some(own), ask(product, 4, Some(room("302")))).expect("within the limit, as far as known");
    story.settle();

    assert_eq!(story.fold(LAN, own).reviews(), ["limit_exceeded"]);
}

#[test]
fn a_take_dated_in_2099_is_no_reason_to_ask_about_those_of_today_t7() {
    let (mut story, own, product) = shared_box(2);
    donate(&mut story, LAN, 1, own, product, 50);
    let limit = Command::SetLimit { product: Some(product), qty: Some(6.into()), days: 7 };
    story.command(LAN, 1, Some(own), limit).expect("a keeper");
    story.settle();

    let when = When { already_happened: true, happened_at: Some(minute(60_000_000)) };
    let what = What::Product { product, qty: 4.into(), unit: None };
    let in_2099 = Command::Take { what, room: Some(room("302")), order: None, override_reason: None, when };
    story.command(WU, 2, Some(own), in_2099).expect("a fact");
    // So that what is said next comes behind it.
    donate(&mut story, LAN, 2, own, product, 1);
    story.command(LAN, 2, Some(own), ask(product, 4, Some(room("302")))).expect("within the limit, as far as known");
    story.settle();

    assert!(story.fold(LAN, own).reviews().is_empty());
}

#[test]
fn what_has_happened_is_written_down_although_nothing_was_there() {
    let (mut story, own, product) = shared_box(1);
    let lot = donate(&mut story, LAN, 1, own, product, 3);

    let what = What::Product { product, qty: 5.into(), unit: None };
    let command = Command::Take { what, room: None, order: None, override_reason: None, when: HAPPENED };
    story.command(LAN, 2, Some(own), command).expect("a fact");

    assert_eq!(story.fold(LAN, own).state.stock(lot), -2);
}

#[test]
fn what_comes_back_is_there_again() {
    let (mut story, own, product) = shared_box(1);
    let lot = donate(&mut story, LAN, 1, own, product, 3);
    super::take(&mut story, LAN, 2, own, lot, 3);

    let parts = vec![Portion { lot, qty: 2.into() }];
    story
        .command(LAN, 3, Some(own), Command::Return { parts, room: None, when: When::default() })
        .expect("brought back");

    assert_eq!(story.fold(LAN, own).state.stock(lot), 2);
}

fn ask(product: Reference, qty: i64, room: Option<Room>) -> Command {
    let what = What::Product { product, qty: qty.into(), unit: None };
    Command::Take { what, room, order: None, override_reason: None, when: When::default() }
}

fn offered(story: &Boxes, own: Reference, product: Reference, qty: i64, at: i64) -> Offer {
    let facts = product_facts(&story.world(LAN), product).expect("rows in memory");
    let today = crate::aggregate::medicine_box::Day::of(minute(at), 480);
    let ask = crate::aggregate::medicine_box::Ask { product, qty: qty.into(), unit: None, overridden: false };
    offer(&story.fold(LAN, own).state, &ask, &facts, today)
}
