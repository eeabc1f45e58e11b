//! Stories of boxes that send, receive, close and carry over.

use super::{Boxes, HAPPENED, LAN, WU, count, donate, goods, open, refusal, shared_box, take};
use crate::{
    aggregate::medicine_box::{
        Command, Correction, Mismatch, Parcel, Portion, Refusal, Totals, balance, kind, transfers,
    },
    id::Reference,
    vocabulary::Refuse,
};

#[test]
fn a_parcel_is_in_transit_until_it_is_received_and_the_difference_shows() {
    let Sent { mut story, from, to, lot, sent } = parcel(1);
    let totals = |story: &Boxes| transfers(&story.world(LAN)).expect("rows in memory").totals();
    assert_eq!(
        totals(&story),
        Totals { sent: 8.into(), received: 0.into(), in_transit: 8.into(), difference: 0.into() }
    );

    let arrived = story.command(LAN, 3, Some(to), receive(sent, 7)).expect("it is for this box")[0];

    assert_eq!(
        totals(&story),
        Totals { sent: 8.into(), received: 7.into(), in_transit: 0.into(), difference: 1.into() }
    );
    assert!(totals(&story).holds());
    let state = story.fold(LAN, to).state;
    assert_eq!([story.fold(LAN, from).state.stock(lot), state.stock(arrived)], [2, 7]);
    assert_eq!(state.goods(arrived).and_then(|goods| goods.batch), Some("A1".into()));
    assert_eq!(state.origin(arrived).and_then(|origin| origin.parent), Some(lot));
    assert_eq!(story.fold(LAN, to).reviews(), ["transfer_difference"]);
}

#[test]
fn an_empty_parcel_has_arrived_too() {
    let Sent { mut story, to, sent, .. } = parcel(1);

    story.command(LAN, 3, Some(to), receive(sent, 0)).expect("nothing was in it");

    let totals = transfers(&story.world(LAN)).expect("rows in memory").totals();
    assert_eq!(totals, Totals { sent: 8.into(), received: 0.into(), in_transit: 0.into(), difference: 8.into() });
}

#[test]
fn two_people_receive_one_parcel_once() {
    let Sent { mut story, to, sent, .. } = parcel(2);

    let one = story.command(LAN, 3, Some(to), receive(sent, 8)).expect("not known to be received")[0];
    let other = story.command(WU, 3, Some(to), receive(sent, 8)).expect("not known to be received")[0];
    take(&mut story, WU, 4, to, other, 3);
    story.settle();

    let folded = story.fold(LAN, to);
    assert_eq!(balance(&folded.state).stock, 5);
    assert_eq!([folded.state.stock(one), folded.state.stock(other)], [5, 5]);
    assert_eq!(folded.state.lots().count(), 1);
    assert_eq!(folded.reviews(), ["received_twice"]);
    let transfers = transfers(&story.world(LAN)).expect("rows in memory");
    assert_eq!(transfers.unmatched.iter().map(|receipt| receipt.why).collect::<Vec<_>>(), [Mismatch::Again]);
    let again = refusal(story.command(LAN, 5, Some(to), receive(sent, 8)));
    assert!(matches!(again, Refusal::AlreadyReceived { .. }));
}

#[test]
fn a_receipt_undone_lets_the_other_count() {
    let Sent { mut story, to, sent, .. } = parcel(2);
    let one = story.command(LAN, 3, Some(to), receive(sent, 8)).expect("not known to be received")[0];
    story.command(WU, 3, Some(to), receive(sent, 6)).expect("not known to be received");
    story.settle();
    let first = story.fold(LAN, to).state.receipt(sent).expect("one counts");

    let value = Correction { undone: true, ..Correction::default() };
    story
        .command(LAN, 4, Some(to), Command::Correct { event: first, value, why: "other parcel".into() })
        .expect("a slip");

    let folded = story.fold(LAN, to);
    let left = if first == one { 6 } else { 8 };
    assert_eq!(balance(&folded.state).stock, left);
    assert!(!folded.reviews().contains(&"received_twice"));
}

#[test]
fn a_parcel_for_another_box_is_refused_and_does_not_count() {
    let Sent { mut story, to, sent, from, .. } = parcel(1);
    let third = open(&mut story, LAN);
    assert_eq!(refusal(story.command(LAN, 3, Some(third), receive(sent, 8))), Refusal::NotForThisBox { to });

    let product = story.product(1, Some(crate::aggregate::product::Class::OverTheCounter));
    let ask = Command::AskRestock { product, qty: 5.into(), unit: "片".into(), note: String::new() };
    let asked = story.command(LAN, 3, Some(third), ask).expect("anybody may ask")[0];
    let goods = goods(product, None, None);
    let received = crate::aggregate::medicine_box::Received {
        sent,
        from,
        to,
        lot: None,
        goods,
        sent_qty: 8.into(),
        qty: 8.into(),
        happened_at: None,
    };
    story.write(LAN, 4, Some(third), kind::RECEIVED, &received);

    let folded = story.fold(LAN, third);
    assert_eq!(folded.state.lots().count(), 0);
    assert_eq!(folded.state.asks().map(|(ask, _)| ask).collect::<Vec<_>>(), [asked], "nothing came in here");
    assert_eq!(folded.reviews(), ["received_elsewhere"]);
    let transfers = transfers(&story.world(LAN)).expect("rows in memory");
    assert_eq!(transfers.unmatched[0].why, Mismatch::OtherBox);
    assert_eq!(transfers.totals().in_transit, 8);
}

#[test]
fn a_parcel_whose_sending_is_not_known_yet_is_received_by_what_stands_on_it() {
    let Sent { mut story, from, to, lot, .. } = parcel(1);
    let product = story.fold(LAN, from).state.goods(lot).expect("known").product;
    let unheard = super::story::name(7, 7);
    assert_eq!(refusal(story.command(LAN, 3, Some(to), receive(unheard, 4))), Refusal::UnknownParcel { sent: unheard });

    let goods = goods(product, Some("A1"), Some("2024-12"));
    let parcel = Some(Parcel { from, to, lot: Some(lot), goods, qty: 4.into() });
    let command = Command::Receive { sent: unheard, qty: 4.into(), parcel, when: HAPPENED };
    let arrived = story.command(LAN, 3, Some(to), command).expect("it says what it is")[0];

    assert_eq!(story.fold(LAN, to).state.stock(arrived), 4);
    let transfers = transfers(&story.world(LAN)).expect("rows in memory");
    assert_eq!(transfers.unmatched[0].why, Mismatch::NoSent);
}

#[test]
fn a_closed_box_is_carried_over_by_a_count() {
    let (mut story, old, product) = shared_box(1);
    let new = open(&mut story, LAN);
    let lot = donate(&mut story, LAN, 1, old, product, 10);
    assert_eq!(
        refusal(story.command(LAN, 2, Some(old), Command::Close { why: String::new(), anyway: false })),
        Refusal::StillStocked { lots: 1 }
    );

    let counted = vec![Portion { lot, qty: 9.into() }];
    let command = Command::CarryOver { into: new, counted, why: "moved".into() };
    let written = story.command(LAN, 3, Some(old), command).expect("all is counted");

    let (old_state, new_state) = (story.fold(LAN, old).state, story.fold(LAN, new).state);
    assert_eq!([balance(&old_state).stock, balance(&new_state).stock], [0, 9]);
    assert!(balance(&old_state).holds() && balance(&new_state).holds());
    assert_eq!(new_state.goods(written[2]).and_then(|goods| goods.batch), Some("A1".into()));
    assert_eq!(refusal(story.command(LAN, 4, Some(old), super::taking(lot, 1))), Refusal::Closed);
}

#[test]
fn nothing_is_sent_or_carried_into_a_closed_box_but_what_went_there_already() {
    let (mut story, own, product) = shared_box(1);
    let closed = open(&mut story, LAN);
    let lot = donate(&mut story, LAN, 1, own, product, 10);
    story.command(LAN, 2, Some(closed), Command::Close { why: String::new(), anyway: false }).expect("it is empty");
    let send = |when| Command::Send { to: closed, lot, qty: 2.into(), when };
    let carry = Command::CarryOver { into: closed, counted: vec![Portion { lot, qty: 10.into() }], why: String::new() };

    assert_eq!(refusal(story.command(LAN, 3, Some(own), carry)), Refusal::OtherClosed { to: closed });
    let refused = refusal(story.command(LAN, 3, Some(own), send(super::When::default())));
    assert_eq!(refused, Refusal::OtherClosed { to: closed });
    assert!(refused.is_warning());
    story.command(LAN, 3, Some(own), send(HAPPENED)).expect("it is there");
}

#[test]
fn what_happens_to_a_closed_box_is_shown() {
    let (mut story, own, product) = shared_box(2);
    let lot = donate(&mut story, LAN, 1, own, product, 10);
    story.settle();
    count(&mut story, LAN, 2, own, lot, 10);
    story.command(LAN, 3, Some(own), Command::Close { why: String::new(), anyway: true }).expect("anyway");

    let what = super::What::Lots(vec![Portion { lot, qty: 1.into() }]);
    let command = Command::Take { what, room: None, order: None, override_reason: None, when: HAPPENED };
    story.command(LAN, 4, Some(own), command).expect("a fact");

    assert_eq!(story.fold(LAN, own).reviews(), ["moved_after_closing"]);
}

struct Sent {
    story: Boxes,
    from: Reference,
    to: Reference,
    lot: Reference,
    sent: Reference,
}

/// Eight of ten tablets on the way to another box; every phone knows.
fn parcel(phones: usize) -> Sent {
    let (mut story, from, product) = shared_box(phones);
    let to = open(&mut story, LAN);
    let lot = donate(&mut story, LAN, 1, from, product, 10);
    let command = Command::Send { to, lot, qty: 8.into(), when: super::When::default() };
    let sent = story.command(LAN, 2, Some(from), command).expect("eight are there")[0];
    story.settle();
    Sent { story, from, to, lot, sent }
}

fn receive(sent: Reference, qty: i64) -> Command {
    Command::Receive { sent, qty: qty.into(), parcel: None, when: super::When::default() }
}
