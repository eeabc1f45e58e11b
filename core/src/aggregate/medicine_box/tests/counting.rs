//! Stories of counts, corrections and what does not add up.

use super::{HAPPENED, LAN, WU, count, donate, paper_take, shared_box, story::minute, take, taking};
use crate::aggregate::medicine_box::{
    Command, Correction, LedgerEntry, Part, Portion, Refusal, When, balance, kind, ledger,
};
use crate::vocabulary::Refuse;

#[test]
fn a_take_that_happened_before_an_unsynced_count_is_contained() {
    let (mut story, own, product) = shared_box(2);
    let lot = donate(&mut story, LAN, 1, own, product, 20);
    story.settle();

    take(&mut story, LAN, 10, own, lot, 5);
    count(&mut story, WU, 60, own, lot, 15);
    story.settle();

    let folded = story.fold(LAN, own);
    assert_eq!(folded.state.stock(lot), 15);
    assert_eq!(folded.reviews(), ["uncertain_lot"]);
}

#[test]
fn a_take_within_five_minutes_of_an_unsynced_count_is_added() {
    let (mut story, own, product) = shared_box(2);
    let lot = donate(&mut story, LAN, 1, own, product, 20);
    story.settle();

    take(&mut story, LAN, 56, own, lot, 5);
    count(&mut story, WU, 60, own, lot, 15);
    story.settle();

    assert_eq!(story.fold(LAN, own).state.stock(lot), 10);
    assert_eq!(story.fold(LAN, own).reviews(), ["uncertain_lot"]);
}

#[test]
fn a_take_after_the_count_it_had_seen_is_added_whatever_its_clock() {
    let (mut story, own, product) = shared_box(2);
    let lot = donate(&mut story, LAN, 1, own, product, 20);
    count(&mut story, LAN, 60, own, lot, 18);
    story.settle();

    take(&mut story, WU, -500_000, own, lot, 5);

    let folded = story.fold(WU, own);
    assert_eq!(folded.state.stock(lot), 13);
    assert!(folded.reviews().is_empty());
}

#[test]
fn paper_typed_in_after_a_count_is_contained_if_it_happened_before() {
    let (mut story, own, product) = shared_box(1);
    let lot = donate(&mut story, LAN, 1, own, product, 20);
    count(&mut story, LAN, 60, own, lot, 15);

    paper_take(&mut story, LAN, (90, 30), own, lot, 5);

    assert_eq!(story.fold(LAN, own).state.stock(lot), 15);
    assert_eq!(story.fold(LAN, own).reviews(), ["uncertain_lot"]);
}

#[test]
fn one_more_count_in_sight_of_all_settles_a_lot() {
    let (mut story, own, product) = shared_box(2);
    let lot = donate(&mut story, LAN, 1, own, product, 20);
    count(&mut story, LAN, 60, own, lot, 15);
    paper_take(&mut story, LAN, (90, 30), own, lot, 5);
    story.settle();

    count(&mut story, WU, 120, own, lot, 15);

    assert!(story.fold(WU, own).reviews().is_empty());
    assert_eq!(story.fold(WU, own).state.stock(lot), 15);
}

#[test]
fn one_more_count_settles_a_lot_whatever_date_on_paper_stands_in_it_t7() {
    let in_2099 = 60_000_000;
    let (mut story, own, product) = shared_box(1);
    let lot = donate(&mut story, LAN, 1, own, product, 20);
    paper_take(&mut story, LAN, (90, in_2099), own, lot, 5);
    count(&mut story, LAN, 120, own, lot, 15);

    assert_eq!(story.fold(LAN, own).state.stock(lot), 15, "the counter had seen that take");
    assert!(story.fold(LAN, own).reviews().is_empty());

    let counted = |happened: i64, qty: i64| Command::Count {
        parts: vec![Portion { lot, qty: qty.into() }],
        blind: true,
        when: When { already_happened: true, happened_at: Some(minute(happened)) },
    };
    story.command(LAN, 130, Some(own), counted(in_2099, 1)).expect("a fact");
    story.command(LAN, 150, Some(own), counted(140, 14)).expect("a fact");
    assert_eq!(story.fold(LAN, own).state.stock(lot), 1, "dated before a count it knew, and nobody has counted since");

    count(&mut story, LAN, 160, own, lot, 13);
    assert_eq!(story.fold(LAN, own).state.stock(lot), 13);
    story.command(LAN, 200, Some(own), counted(190, 12)).expect("a fact");
    assert_eq!(story.fold(LAN, own).state.stock(lot), 12, "what was counted at the shelf since then settled that date");
    story.command(LAN, 210, Some(own), counted(150, 11)).expect("a fact");
    assert_eq!(story.fold(LAN, own).state.stock(lot), 12, "dated before the count at the shelf");
}

#[test]
fn concurrent_counts_that_differ_are_uncertain() {
    let (mut story, own, product) = shared_box(2);
    let lot = donate(&mut story, LAN, 1, own, product, 20);
    story.settle();

    count(&mut story, LAN, 60, own, lot, 18);
    count(&mut story, WU, 60, own, lot, 17);
    story.settle();

    assert_eq!(story.fold(LAN, own).reviews(), ["uncertain_lot"]);
    assert_eq!(story.fold(LAN, own).state, story.fold(WU, own).state);
}

#[test]
fn concurrent_counts_that_agree_are_certain() {
    let (mut story, own, product) = shared_box(2);
    let lot = donate(&mut story, LAN, 1, own, product, 20);
    story.settle();

    count(&mut story, LAN, 60, own, lot, 18);
    count(&mut story, WU, 61, own, lot, 18);
    story.settle();

    assert!(story.fold(LAN, own).reviews().is_empty());
}

#[test]
fn a_back_dated_count_is_history_only() {
    let (mut story, own, product) = shared_box(1);
    let lot = donate(&mut story, LAN, 1, own, product, 20);
    count(&mut story, LAN, 60, own, lot, 15);

    let when = When { already_happened: true, happened_at: Some(minute(30)) };
    let command = Command::Count { parts: vec![Portion { lot, qty: 19.into() }], blind: true, when };
    story.command(LAN, 90, Some(own), command).expect("a fact");

    let state = story.fold(LAN, own).state;
    assert_eq!(state.stock(lot), 15);
    let last = ledger(&state, lot).pop().expect("three lines");
    assert_eq!(last.entry, LedgerEntry::Count { counted: 19.into(), stands: false, history_only: true });
    assert_eq!([last.effect, last.running], [0, 15]);
}

#[test]
fn nothing_is_clamped_a_shortfall_is_shown() {
    let (mut story, own, product) = shared_box(2);
    let lot = donate(&mut story, LAN, 1, own, product, 3);
    story.settle();

    take(&mut story, LAN, 10, own, lot, 2);
    take(&mut story, WU, 10, own, lot, 2);
    story.settle();

    let folded = story.fold(LAN, own);
    assert_eq!(folded.state.stock(lot), -1);
    assert_eq!(folded.reviews(), ["shortfall"]);
    assert!(balance(&folded.state).holds());
}

#[test]
fn more_than_there_is_warns_and_is_accepted_once_it_has_happened() {
    let (mut story, own, product) = shared_box(1);
    let lot = donate(&mut story, LAN, 1, own, product, 3);

    let warning = super::refusal(story.command(LAN, 2, Some(own), taking(lot, 4)));
    assert_eq!(warning, Refusal::MoreThanThere { lot, asked: 4.into(), there: 3.into() });
    assert!(warning.is_warning());

    let Command::Take { what, .. } = taking(lot, 4) else { unreachable!() };
    let command = Command::Take { what, room: None, order: None, override_reason: None, when: HAPPENED };
    story.command(LAN, 3, Some(own), command).expect("facts are not refused");
    assert_eq!(story.fold(LAN, own).state.stock(lot), -1);
}

#[test]
fn a_corrected_take_counts_as_it_should_have_been_said() {
    let (mut story, own, product) = shared_box(1);
    let (right, wrong) = (donate(&mut story, LAN, 1, own, product, 9), donate(&mut story, LAN, 1, own, product, 9));
    let slip = take(&mut story, LAN, 10, own, wrong, 4);
    count(&mut story, LAN, 20, own, wrong, 5);

    let value = Correction { parts: Some(vec![Part { lot: right, qty: 3.into() }]), ..Correction::default() };
    let command = Command::Correct { event: slip, value, why: "wrong lot".into() };
    story.command(LAN, 30, Some(own), command).expect("a slip can be corrected");

    let state = story.fold(LAN, own).state;
    assert_eq!([state.stock(right), state.stock(wrong)], [6, 5]);
    assert!(balance(&state).holds());
}

#[test]
fn what_did_not_happen_can_be_undone_and_taken_back() {
    let (mut story, own, product) = shared_box(1);
    let lot = donate(&mut story, LAN, 1, own, product, 9);
    let slip = count(&mut story, LAN, 20, own, lot, 5);
    let correct = |value| Command::Correct { event: slip, value, why: String::new() };

    story.command(LAN, 30, Some(own), correct(Correction { undone: true, ..Correction::default() })).expect("undone");
    assert_eq!(story.fold(LAN, own).state.stock(lot), 9);

    let parts = Some(vec![Part { lot, qty: 6.into() }]);
    story.command(LAN, 31, Some(own), correct(Correction { parts, ..Correction::default() })).expect("said again");
    assert_eq!(story.fold(LAN, own).state.stock(lot), 6);
}

#[test]
fn a_correction_that_does_not_fit_is_refused() {
    let (mut story, own, product) = shared_box(1);
    let lot = donate(&mut story, LAN, 1, own, product, 9);

    let value = Correction { parts: Some(vec![Part { lot, qty: 1.into() }]), ..Correction::default() };
    let refused = story.command(LAN, 2, Some(own), Command::Correct { event: lot, value, why: String::new() });

    assert_eq!(super::refusal(refused), Refusal::NotCorrectable { event: lot });
}

#[test]
fn a_reference_to_a_lot_that_does_not_count_makes_a_placeholder() {
    let (mut story, own, _) = shared_box(1);
    let nowhere = super::story::name(9, 9);

    paper_take(&mut story, LAN, (10, 10), own, nowhere, 2);

    let folded = story.fold(LAN, own);
    assert_eq!(folded.state.stock(nowhere), -2);
    assert_eq!(folded.reviews(), ["unknown_lot", "shortfall"]);
    assert!(folded.state.goods(nowhere).is_none());
}

#[test]
fn a_lot_named_twice_in_one_count_is_malformed() {
    let lot = super::story::name(9, 9);
    let part = Part { lot, qty: 0.into() };
    let counted = crate::aggregate::medicine_box::Counted { parts: vec![part, part], blind: false, happened_at: None };
    let read = <crate::aggregate::medicine_box::MedicineBox as crate::aggregate::Aggregate>::read;

    assert!(read(kind::COUNTED, 1, &crate::aggregate::encode(&counted)).is_err());
    assert!(read(kind::COUNTED, 2, &[]).is_err());
    assert!(read(kind::DONATED, 1, &[0xa0]).is_err());
    assert!(read(0x3ff, 1, &[0xa0]).is_err());
}
