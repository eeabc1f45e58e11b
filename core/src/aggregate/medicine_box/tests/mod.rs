//! Stories of boxes.

mod counting;
mod donating;
mod random;
mod rule;
mod sending;
pub(crate) mod story;
mod taking;

use self::story::{LAN, Story, WU};
use super::{Command, Goods, MedicineBox, Part, Portion, Refusal, Room, Taken, What, When, kind};
use crate::{aggregate::product::Class, id::Reference};

pub(super) const HAPPENED: When = When { already_happened: true, happened_at: None };

#[test]
fn commands_are_plain_data() {
    let lot = story::name(1, 2);
    let text = format!(
        r#"{{"take": {{"what": {{"lots": [{{"lot": "{lot}", "qty": 2}}]}}, "room": {{"building": "12", "room": "302"}},
        "already_happened": true, "happened_at": 7}}}}"#
    );

    let command: Command = serde_json::from_str(&text).expect("a command");

    let when = When { already_happened: true, happened_at: Some(crate::time::WallMs(7)) };
    let room = Some(Room { unit: String::new(), ..room("302") });
    let what = What::Lots(vec![Portion { lot, qty: 2.into() }]);
    assert_eq!(command, Command::Take { what, room, order: None, override_reason: None, when });
    let again = serde_json::to_value(&command).expect("plain data");
    assert_eq!(serde_json::from_value::<Command>(again).expect("as written"), command);
    let donate =
        format!(r#"{{"donate": {{"goods": {{"product": "{lot}", "expiry": "2024-02", "unit": "片"}}, "qty": 3}}}}"#);
    let day = goods(lot, None, Some("2024-02-29"));
    assert_eq!(serde_json::from_str::<Command>(&donate).expect("a command"), donation(day, 3));
}

#[test]
fn refusals_carry_a_code() {
    let refusal = Refusal::MoreThanThere { lot: story::name(1, 2), asked: 4.into(), there: 3.into() };
    let value = serde_json::to_value(&refusal).expect("plain data");
    assert_eq!((value["code"].as_str(), value["there"].as_i64()), (Some("more_than_there"), Some(3)));
    let json = serde_json::to_value(Refusal::Closed).expect("plain data");
    assert_eq!(json, serde_json::json!({ "code": "closed" }));
}

pub(super) type Boxes = Story<MedicineBox>;

/// A box that every phone knows, and a product that needs no prescription.
pub(super) fn shared_box(phones: usize) -> (Boxes, Reference, Reference) {
    let mut story = Story::phones(phones);
    let product = story.product(1, Some(Class::OverTheCounter));
    let own = open(&mut story, LAN);
    story.settle();
    (story, own, product)
}

pub(super) fn open(story: &mut Boxes, phone: usize) -> Reference {
    let command = Command::Open { building: Some("12".into()), place: "大厅".into(), note: String::new() };
    story.command(phone, 0, None, command).expect("anybody may open a box")[0]
}

pub(super) fn goods(product: Reference, batch: Option<&str>, expiry: Option<&str>) -> Goods {
    let expiry = expiry.map(|text| text.parse().expect("a day"));
    Goods { product, batch: batch.map(str::to_owned), expiry, unit: "片".into() }
}

pub(super) fn donation(goods: Goods, qty: i64) -> Command {
    let when = When::default();
    Command::Donate { goods, qty: qty.into(), origin: None, opened: false, blister_intact: false, when }
}

/// A donation of tablets good until the end of 2024; the lot.
pub(super) fn donate(
    story: &mut Boxes,
    phone: usize,
    at: i64,
    own: Reference,
    product: Reference,
    qty: i64,
) -> Reference {
    let goods = goods(product, Some("A1"), Some("2024-12"));
    story.command(phone, at, Some(own), donation(goods, qty)).expect("a fit donation")[0]
}

pub(super) fn taking(lot: Reference, qty: i64) -> Command {
    let what = What::Lots(vec![Portion { lot, qty: qty.into() }]);
    Command::Take { what, room: None, order: None, override_reason: None, when: When::default() }
}

pub(super) fn take(story: &mut Boxes, phone: usize, at: i64, own: Reference, lot: Reference, qty: i64) -> Reference {
    story.command(phone, at, Some(own), taking(lot, qty)).expect("enough is there")[0]
}

pub(super) fn count(story: &mut Boxes, phone: usize, at: i64, own: Reference, lot: Reference, qty: i64) -> Reference {
    let parts = vec![Portion { lot, qty: qty.into() }];
    let command = Command::Count { parts, blind: false, when: When::default() };
    story.command(phone, at, Some(own), command).expect("anybody may count")[0]
}

/// A take written down later from paper.
pub(super) fn paper_take(
    story: &mut Boxes,
    phone: usize,
    (typed, happened): (i64, i64),
    own: Reference,
    lot: Reference,
    qty: i64,
) -> Reference {
    let happened_at = Some(story::minute(happened));
    let parts = vec![Part { lot, qty: qty.into() }];
    let taken = Taken { room: None, order: None, parts, override_reason: None, happened_at };
    story.write(phone, typed, Some(own), kind::TAKEN, &taken)
}

pub(super) fn room(number: &str) -> Room {
    Room { building: "12".into(), unit: "1".into(), room: number.into() }
}

pub(super) fn refusal(result: Result<Vec<Reference>, Refusal>) -> Refusal {
    result.expect_err("this must be refused")
}
