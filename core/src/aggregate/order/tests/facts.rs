//! Facts beside decisions, money, things, corrections.

use std::convert::Infallible;

use super::story::{
    HOUR, Story, cancelled, claimed, deliver, delivered, member, purchase, purchased, released, reopened,
};
use crate::aggregate::order::{
    Ages, CardEvents, Command, Confirmation, Corrected, Correction, Fact, How, Leases, OrderCard, Refusal, Resolved,
    Status, Thing, card,
};
use crate::{aggregate::settings::Settings, id::Reference, time::WallMs, vocabulary::Refuse};

#[test]
fn delivered_beats_a_concurrent_cancel() {
    let mut story = Story::new();
    let claim = story.say('a', &[0], claimed());
    let cancel = story.say('p', &[claim], cancelled());
    assert_eq!(story.all().outcome().status, Status::Cancelled);

    let done = story.say('a', &[claim], delivered(false));
    assert_eq!(story.all().outcome().status, Status::Delivered);
    assert_eq!(story.all().reviews(), ["delivered_after_cancel"]);

    story.say('l', &[cancel, done], Fact::Resolved(Resolved { to: member('a') }));
    assert!(story.all().reviews().is_empty(), "somebody has seen it");
}

#[test]
fn two_deliveries_show_delivered_twice() {
    let mut story = Story::new();
    let one = story.say('a', &[0], delivered(false));
    let other = story.say('b', &[0], delivered(false));
    assert!(story.all().outcome().delivered_twice);
    assert_eq!(story.all().reviews(), ["delivered_twice"]);

    story.say('b', &[one, other], corrected(&story, other, Correction::Withdrawn));
    assert!(!story.all().outcome().delivered_twice, "it was a mis-tap");
    assert_eq!(story.all().outcome().status, Status::Delivered);
}

#[test]
fn a_second_delivery_that_knew_of_the_first_is_one_only_if_it_insists() {
    let mut story = Story::new();
    let first = story.hear('a', &[0], deliver(false)).expect("nothing speaks against it");

    let warning = story.hear('b', &[first], deliver(false)).expect_err("it is there");
    assert_eq!(warning, Refusal::WarnDelivered { by: member('a'), when: WallMs(1_000) });
    assert!(warning.is_warning());

    story.hear('b', &[first], deliver(true)).expect("what happened is never refused");
    assert!(story.all().outcome().delivered_twice);
}

#[test]
fn a_delivery_after_a_reopening_is_no_second_one() {
    let mut story = Story::new();
    let first = story.say('a', &[0], delivered(false));
    let again = story.say('l', &[first], reopened());
    story.say('a', &[again], delivered(false));

    assert!(!story.all().outcome().delivered_twice);
    assert_eq!(story.all().outcome().status, Status::Delivered);
}

#[test]
fn what_happened_to_a_cancelled_order_is_questioned_once_and_then_kept() {
    let mut story = Story::new();
    let cancel = story.say('p', &[0], cancelled());

    let warning = story.hear('a', &[cancel], purchase(900, false)).expect_err("it is cancelled");
    assert_eq!(warning, Refusal::WarnEnded { status: Status::Cancelled });
    story.hear('a', &[cancel], purchase(900, true)).expect("what happened is never refused");

    assert_eq!(story.all().outcome().status, Status::Cancelled);
    assert_eq!(story.all().reviews(), ["purchased_after_cancel"]);
}

#[test]
fn a_claim_on_an_order_that_ended_unseen_is_shown() {
    let mut story = Story::new();
    let cancel = story.say('p', &[0], cancelled());
    let claim = story.say('a', &[0], claimed());
    assert_eq!(story.all().reviews(), ["claim_on_closed"]);

    story.say('a', &[cancel, claim], released());
    assert!(story.all().reviews().is_empty());
}

#[test]
fn money_adds_up_whatever_is_reopened() {
    let mut story = Story::new();
    let buy = story.say('a', &[0], purchased(1_250));
    let again = story.say('l', &[buy], reopened());
    let more = story.say('a', &[again], purchased(750));

    let warning = story.hear('p', &[more], Command::Reimburse { cents: 2_500, already_happened: false });
    assert_eq!(warning, Err(Refusal::WarnOverpaid { owed: 2_000 }));
    let paid = story.hear('p', &[more], Command::Reimburse { cents: 2_000, already_happened: false }).expect("owed");
    assert_eq!(story.all().outcome().money.owed, 0);

    story.say('a', &[paid], corrected(&story, more, Correction::Purchased { cost_cents: Some(700), got: vec![] }));
    assert_eq!(story.all().outcome().money.owed, -50, "nothing is clamped");
    assert_eq!(story.all().reviews(), ["overpaid"]);
}

#[test]
fn things_are_followed_from_hand_to_hand() {
    let mut story = Story::new();
    let entrust =
        |thing, amount_cents| Command::Entrust { thing, label: None, amount_cents, to: None, happened_at: None };
    let card = story.hear('a', &[0], entrust(Thing::InsuranceCard, None)).expect("fine");
    let cash = story.hear('a', &[card], entrust(Thing::Cash, Some(10_000))).expect("fine");
    let on = Command::PassOn {
        thing: Thing::InsuranceCard,
        label: None,
        amount_cents: None,
        from: None,
        to: member('b'),
        already_happened: false,
        happened_at: None,
    };
    let passed = story.hear('a', &[cash], on).expect("they have it");
    let back = |amount_cents, already_happened| Command::Return {
        thing: Thing::Cash,
        label: None,
        amount_cents: Some(amount_cents),
        from: Some(member('a')),
        already_happened,
        happened_at: None,
    };
    let too_much = story.hear('a', &[passed], back(10_001, false));
    assert_eq!(too_much, Err(Refusal::WarnNotEntrusted { member: member('a') }));
    story.hear('a', &[passed], back(10_000, false)).expect("they have it");

    let custody = story.all().outcome().custody;
    assert_eq!(custody.len(), 1);
    assert_eq!((custody[0].thing, custody[0].member, custody[0].amount), (Thing::InsuranceCard, member('b'), 1));
}

#[test]
fn a_correction_can_be_taken_back_and_two_unlike_ones_are_shown() {
    let mut story = Story::new();
    let done = story.say('a', &[0], delivered(false));
    let one = story.say('a', &[done], corrected(&story, done, Correction::Withdrawn));
    assert_eq!(story.all().outcome().status, Status::Open);

    let other = story.say('l', &[done], corrected(&story, done, Correction::Delivered { how: How::LeftAtDoor }));
    assert_eq!(story.all().outcome().status, Status::Delivered);
    assert_eq!(story.all().reviews(), ["corrections_differ"]);

    story.say('l', &[one, other], corrected(&story, done, Correction::AsWritten));
    assert_eq!(story.all().outcome().status, Status::Delivered);
    assert!(story.all().reviews().is_empty());
}

#[test]
fn who_corrects_knowing_one_of_two_unlike_corrections_settles_nothing_however_ties_fall() {
    let cost = |cents| Correction::Purchased { cost_cents: Some(cents), got: vec![] };
    for dice in 0..16 {
        let mut story = Story::with_dice(dice);
        let done = story.say('a', &[0], purchased(900));
        let one = story.say('a', &[done], corrected(&story, done, cost(10)));
        let on = story.say('a', &[one], corrected(&story, done, cost(12)));
        let apart = story.say('l', &[done], corrected(&story, done, cost(30)));
        assert_eq!(story.all().reviews(), ["corrections_differ"], "dice {dice}");

        let same = story.say('l', &[apart], corrected(&story, done, cost(12)));
        assert!(story.all().reviews().is_empty(), "dice {dice}: both say the same in the end");

        story.say('p', &[same], corrected(&story, done, cost(40)));
        assert_eq!(story.all().reviews(), ["corrections_differ"], "dice {dice}");
        story.say('l', &[on, 6], corrected(&story, done, cost(11)));
        assert!(story.all().reviews().is_empty(), "dice {dice}: somebody who knew all decided");
    }
}

#[test]
fn a_confirmation_without_a_delivery_is_shown_and_ends_nothing() {
    let mut story = Story::new();
    story.say('p', &[0], Fact::Confirmed(Confirmation {}));

    assert_eq!(story.all().outcome().status, Status::Open);
    assert_eq!(story.all().reviews(), ["confirmed_without_delivery"]);
}

/// The ages of a card where every event of it is held for so long.
fn ages(card: &OrderCard, now: i64, held_for: i64) -> Ages {
    let event = Reference::from_bytes([7; Reference::LEN]);
    let (claimed, progress) = (card.claimed.map(|_| event), card.progress.map(|_| event));
    let events = CardEvents { posted: event, refreshed: event, claimed, progress };
    let Ok(ages) = Ages::of(card, &events, WallMs(now), |_| Ok::<_, Infallible>(held_for.cast_unsigned()));
    ages
}

#[test]
fn a_lease_lapses_and_a_need_grows_stale_by_the_hour_of_the_screen() {
    let mut story = Story::new();
    let leases = Leases::from(&Settings::defaults());
    let claim = story.say('a', &[0], claimed());
    let shown = card(&story.all().subject());
    assert!(!ages(&shown, 1_000 + 6 * HOUR, 0).lapsed(&shown, leases));
    assert!(ages(&shown, 1_001 + 6 * HOUR, 0).lapsed(&shown, leases));
    let hourly = Leases { normal: HOUR, ..leases };
    assert!(ages(&shown, 1_001 + HOUR, 0).lapsed(&shown, hourly), "as the settings say");
    assert!(ages(&shown, 1_001 + 48 * HOUR, 0).stale(&shown));

    story.now = 1_000 + 5 * HOUR;
    let bought = story.say('a', &[claim], purchased(300));
    story.say('p', &[bought], Fact::StillNeeded(Confirmation {}));
    let shown = card(&story.all().subject());
    assert!(!ages(&shown, 1_001 + 6 * HOUR, 0).lapsed(&shown, leases), "the holder got on with it");
    assert!(!ages(&shown, 1_001 + 48 * HOUR, 0).stale(&shown));
}

#[test]
fn a_clock_in_the_future_keeps_nothing_young_r9() {
    let mut story = Story::new();
    let leases = Leases::from(&Settings::defaults());
    story.now = 4_070_908_800_000;
    let claim = story.say('a', &[0], claimed());
    story.say('p', &[claim], Fact::StillNeeded(Confirmation {}));
    let shown = card(&story.all().subject());

    for now in [i64::MIN, -1, 0, 1_000, 4_070_908_800_000] {
        assert!(!ages(&shown, now, 6 * HOUR).lapsed(&shown, leases), "at {now}");
        assert!(ages(&shown, now, 6 * HOUR + 1).lapsed(&shown, leases), "at {now}");
        assert!(!ages(&shown, now, 48 * HOUR).stale(&shown), "at {now}");
        assert!(ages(&shown, now, 48 * HOUR + 1).stale(&shown), "at {now}");
    }
}

#[test]
fn what_is_needed_by_a_time_is_overdue_once_that_time_was_run_r9() {
    let story = Story::new();
    let mut shown = card(&story.all().subject());
    shown.needed_by = Some(WallMs(1_000 + 3 * HOUR));

    assert_eq!(ages(&shown, 1_000, 0).overdue_in(&shown), Some(3 * HOUR));
    assert_eq!(ages(&shown, 1_000 + 2 * HOUR, 0).overdue_in(&shown), Some(HOUR));
    assert_eq!(ages(&shown, -9 * HOUR, 2 * HOUR).overdue_in(&shown), Some(HOUR), "our clock was set back");
    assert!(ages(&shown, -9 * HOUR, 3 * HOUR + 1).overdue(&shown));
    shown.opened = WallMs(4_070_908_800_000);
    assert!(!ages(&shown, 1_000, 90 * HOUR).overdue(&shown), "asked by a clock in 2099: its time says nothing");
}

fn corrected(story: &Story, act: usize, value: Correction) -> Fact {
    Fact::Corrected(Corrected { event: story.reference(act), value, why: "wrong tap".into() })
}
