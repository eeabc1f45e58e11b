//! Stories of giving, splitting, finding and setting aside.

use super::{LAN, WU, count, donate, donation, goods, refusal, shared_box, story::name, take};
use crate::{
    aggregate::{
        medicine_box::{Command, Day, Refusal, Unfit, When, balance, balance_of},
        product::Class,
    },
    qty::Qty,
};

#[test]
fn unfit_donations_are_refused_with_the_reason() {
    let (mut story, own, product) = shared_box(1);
    let prescription = story.product(2, Some(Class::Prescription));
    let nowhere = name(9, 9);
    let mut donate = |goods, qty| refusal(story.command(LAN, 1, Some(own), donation(goods, qty)));

    assert_eq!(donate(goods(prescription, None, None), 1), Refusal::Prescription { product: prescription });
    assert_eq!(donate(goods(nowhere, None, None), 1), Refusal::UnknownProduct { product: nowhere });
    let expiry = "2022-03-31".parse::<Day>().expect("a day");
    assert_eq!(donate(goods(product, None, Some("2022-03")), 1), Refusal::Expired { expiry });
    assert_eq!(
        donate(goods(product, None, None), 0),
        Refusal::Quantity { qty: 0.into(), least: Qty::LEAST, most: 1_000_000.into() }
    );
    assert_eq!(
        donate(goods(product, None, None), -3),
        Refusal::Quantity { qty: (-3).into(), least: Qty::LEAST, most: 1_000_000.into() }
    );

    let mut opened = |blister_intact| {
        let goods = goods(product, None, None);
        let when = When::default();
        let command = Command::Donate { goods, qty: 1.into(), origin: None, opened: true, blister_intact, when };
        story.command(LAN, 1, Some(own), command)
    };
    assert_eq!(refusal(opened(false)), Refusal::OpenedPackage);
    assert!(opened(true).is_ok());
}

#[test]
fn goods_are_good_through_their_last_day() {
    let (mut story, own, product) = shared_box(1);

    let today = story.command(LAN, 1, Some(own), donation(goods(product, None, Some("2022-04-01")), 1));
    let next_day = story.command(LAN, 24 * 60, Some(own), donation(goods(product, None, Some("2022-04-01")), 1));

    assert!(today.is_ok());
    assert!(matches!(refusal(next_day), Refusal::Expired { .. }));
}

#[test]
fn a_split_strip_keeps_its_batch() {
    let (mut story, own, product) = shared_box(1);
    let strip = donate(&mut story, LAN, 1, own, product, 2);

    let into_unit = "粒".to_owned();
    let command =
        Command::Split { lot: strip, qty: 1.into(), into_qty: Some(10.into()), into_unit, when: When::default() };
    let tablets = story.command(LAN, 2, Some(own), command).expect("one strip is there")[0];
    take(&mut story, LAN, 3, own, tablets, 4);

    let state = story.fold(LAN, own).state;
    assert_eq!([state.stock(strip), state.stock(tablets)], [1, 6]);
    let split = state.goods(tablets).expect("it has its parent's");
    assert_eq!((split.batch.as_deref(), split.unit.as_str()), (Some("A1"), "粒"));
    assert_eq!(state.origin(tablets).and_then(|origin| origin.parent), Some(strip));
    assert!(balance_of(&state, strip).holds() && balance_of(&state, tablets).holds());
}

#[test]
fn found_goods_are_set_aside_and_can_be_let_go() {
    let (mut story, own, product) = shared_box(1);
    let lot = donate(&mut story, LAN, 1, own, product, 10);

    let find = |unfit| Command::Find { unfit, qty: 3.into(), why: "wet".into(), when: When::default() };
    let wet = story.command(LAN, 2, Some(own), find(Unfit::Lot(lot))).expect("three are there")[0];
    let stray = story.command(LAN, 3, Some(own), find(Unfit::Goods(goods(product, None, None)))).expect("new goods")[0];

    let state = story.fold(LAN, own).state;
    assert_eq!([lot, wet, stray].map(|lot| state.stock(lot)), [7, 3, 3]);
    assert_eq!([lot, wet, stray].map(|lot| state.quarantined(lot)), [false, true, true]);
    assert_eq!(balance(&state).found, 3);

    story.command(LAN, 4, Some(own), Command::LiftQuarantine { lot: wet, why: "dry".into() }).expect("it is set aside");
    assert!(!story.fold(LAN, own).state.quarantined(wet));
}

#[test]
fn what_is_set_aside_again_meanwhile_stays_aside() {
    let (mut story, own, product) = shared_box(2);
    let lot = donate(&mut story, LAN, 1, own, product, 10);
    story.command(LAN, 2, Some(own), Command::Quarantine { lot, why: "odd smell".into() }).expect("anybody may");
    story.settle();

    story.command(LAN, 3, Some(own), Command::LiftQuarantine { lot, why: "fine".into() }).expect("it is set aside");
    story.command(WU, 3, Some(own), Command::Quarantine { lot, why: "it does smell".into() }).expect("anybody may");
    story.settle();

    assert!(story.fold(LAN, own).state.quarantined(lot));
}

#[test]
fn a_wish_for_more_ends_when_it_comes_and_low_stock_is_shown() {
    let (mut story, own, product) = shared_box(1);
    let ask = Command::AskRestock { product, qty: 20.into(), unit: "片".into(), note: String::new() };
    story.command(LAN, 1, Some(own), ask).expect("anybody may ask");
    let set = Command::SetRestock { product, unit: "片".into(), below: Some(5.into()) };
    story.command(LAN, 1, Some(own), set).expect("a keeper");
    let asked_and_low = |story: &super::Boxes| {
        let state = story.fold(LAN, own);
        let rows = <super::MedicineBox as crate::aggregate::Aggregate>::rows(&state.subject());
        let cells = &rows[0].cells;
        (cells[11].int(), cells[12].int())
    };
    assert_eq!(asked_and_low(&story), (Some(1), Some(1)));

    let lot = donate(&mut story, LAN, 2, own, product, 20);
    assert_eq!(asked_and_low(&story), (Some(0), Some(0)));

    count(&mut story, LAN, 3, own, lot, 4);
    assert_eq!(asked_and_low(&story), (Some(0), Some(1)));
}

#[test]
fn days_are_read_as_packages_write_them() {
    let day = |text: &str| text.parse::<Day>().map(Day::number);

    assert_eq!(day("2024-02"), Ok(20_240_229));
    assert_eq!(day("2023-02"), Ok(20_230_228));
    assert_eq!(day("2024-05-07"), Ok(20_240_507));
    assert!(day("2023-02-29").is_err() && day("2024-13").is_err() && day("soon").is_err() && day("2024").is_err());
    assert!(day("4294967295-12").is_err() && day("2024-05-07-1").is_err());
}

#[test]
fn the_local_day_turns_at_local_midnight_and_no_clock_breaks_it() {
    use crate::time::WallMs;
    let evening = WallMs(1_648_742_399_999); // 31 March 2022, 15:59:59.999 in UTC

    assert_eq!(Day::of(evening, 480).number(), 20_220_331);
    assert_eq!(Day::of(evening.plus(1), 480).number(), 20_220_401);
    assert_eq!(Day::of(WallMs(0), 0).number(), 19_700_101);
    assert_eq!(Day::of(WallMs(i64::MIN), 480).number(), 19_000_101);
    assert_eq!(Day::of(WallMs(i64::MAX), 480).number(), 29_991_231);
}
