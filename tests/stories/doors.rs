//! Doors, however people write them: one building, one board, one limit, one leader; and what the register says of them.

use linli_core::{
    aggregate::{
        address::AddressError,
        alert::AlertCommand,
        building::{Building, BuildingChange, BuildingCommand, BuildingRefusal, Unit},
        household::{Household, HouseholdChange, HouseholdCommand, HouseholdRefusal, NewHousehold, NewPerson},
        medicine_box::{self, Portion, Room, What, When},
        order::{Change, NewOrder, Posted, Refusal, Way, field, kind},
    },
    event::{Body, Edit, Topic},
    id::Reference,
    replica::{DoorError, HouseholdFilter, OrderFilter, QueryError, Receipt, SubmitError},
    roster::{Grant, Right, RosterCommand},
    written::door::Door,
};
use linli_tests::{
    Forger, World, hand_over,
    people::{LAN, MEI, WU},
};
use minicbor::to_vec as encode;

use crate::say::{self, Command};

/// One building as six people write it.
const THREE: [&str; 6] = ["3", "3号楼", " 3 ", "三栋", "３", "Bldg. 03"];
/// One room of it.
const ROOM: [&str; 6] = ["1804", "1804室", " 1804 ", "一八零四", "１８０４", "rm 1804"];

#[test]
fn one_building_is_one_board_however_it_is_written() {
    let mut world = World::community(901, 2);
    let mut orders = Vec::new();
    for (building, room) in THREE.into_iter().zip(ROOM) {
        orders.push(posted(&mut world, WU, (building, None, room)).unwrap());
    }
    posted(&mut world, WU, ("13", None, "1804")).unwrap();
    world.settle();
    orders.sort();

    for (building, room) in THREE.into_iter().zip(ROOM) {
        assert_eq!(board(&world, MEI, building), orders, "{building}");
        let of_room = world.at(MEI).orders_of_room(building, None, room).unwrap();
        assert_eq!(of_room.len(), orders.len(), "{building} {room}");
        assert_eq!(world.at(LAN).about(building, None, room).unwrap().orders.len(), orders.len(), "{building} {room}");
    }
    let written = world.at(MEI).order(orders[0]).unwrap().line.card;
    assert_eq!((written.building.as_str(), written.room.as_deref()), ("3", Some("1804")));
    assert_eq!(world.at(MEI).likely_duplicates(orders[0]).unwrap().len(), orders.len() - 1);
    world.assert_equal();
}

#[test]
fn what_was_written_before_is_one_with_what_is_written_now() {
    let mut world = World::community(902, 2);
    lead(&mut world, WU, "3");
    let old = as_before(&mut world, "三号楼", "１８０４室");
    let new = posted(&mut world, WU, ("3", None, "1804")).unwrap();
    world.settle();
    let mut both = vec![old, new];
    both.sort();

    assert_eq!((board(&world, MEI, "3"), board(&world, MEI, "3栋")), (both.clone(), both.clone()));
    let shown = world.at(MEI).order(old).unwrap().line.card;
    assert_eq!(shown.building, "三号楼", "nobody changes what somebody wrote");
    let member = world.member(MEI);
    say::submit(&mut world, WU, Some(old), Command::Assign { member }).expect("the leader of 3 leads 三号楼");
    world.settle();
    world.close(MEI);
    world.open(MEI);
    assert_eq!(board(&world, MEI, "３"), both, "read from the disk again");
    let id = world.command();
    let mut erased = world.at(LAN).erase_about(id, "3", None, "1804").unwrap().erased;
    erased.sort();
    assert_eq!(erased, both);
    world.settle();
    world.assert_equal();
}

#[test]
fn who_leads_a_building_leads_it_however_the_grant_writes_it() {
    let mut world = World::community(903, 2);
    lead(&mut world, WU, "３号楼");
    let order = posted(&mut world, MEI, ("3", None, "1804")).unwrap();
    let other = posted(&mut world, MEI, ("4", None, "1804")).unwrap();
    world.settle();
    let member = world.member(MEI);
    let assign = || Command::Assign { member };

    say::submit(&mut world, WU, Some(order), assign()).expect("3 is ３号楼");
    let refused = say::submit(&mut world, WU, Some(other), assign()).unwrap_err();

    assert!(matches!(refused, SubmitError::NotEntitled { .. }), "{refused:?}");
    let rights: Vec<Right> = world.at(MEI).roster().rights_of(world.device(WU)).cloned().collect();
    assert_eq!(rights, [Right::leader("三栋")]);
    let (id, device) = (world.command(), world.device(WU));
    let again = world.at(LAN).grant(id, device, Grant::Leader { buildings: vec!["三栋".into()] });
    assert!(again.is_err(), "they lead it already");
    let grant = Grant::Leader { buildings: vec!["第三幢".into()] };
    let (id, heads, incarnations) = (world.command(), Vec::new(), Vec::new());
    world.at(LAN).change_roster(id, RosterCommand::RemoveGrant { device, grant, heads, incarnations }).unwrap();
    world.settle();
    assert_eq!(world.at(MEI).roster().rights_of(device).count(), 0);
    world.assert_equal();
}

#[test]
fn a_household_has_one_limit_however_its_room_is_written() {
    let mut world = World::community(904, 1);
    let [_, shelf, lot] = say::stocked(&mut world, LAN, "布洛芬", "大厅");
    let limit = medicine_box::Command::SetLimit { days: 7, product: None, qty: Some(3.into()) };
    say::in_box(&mut world, LAN, Some(shelf), limit).unwrap();
    world.settle();

    take(&mut world, WU, shelf, lot, ("3号楼", "2单元", "1804室")).unwrap();
    take(&mut world, WU, shelf, lot, ("３", "２", "１８０４")).unwrap();
    take(&mut world, WU, shelf, lot, ("三栋", "二单元", " 1804 ")).unwrap();
    let beyond = take(&mut world, WU, shelf, lot, ("3", "2", "1804")).unwrap_err();

    let SubmitError::Refused(medicine_box::Refusal::OverLimit { taken, .. }) = beyond else { panic!("{beyond:?}") };
    assert_eq!(taken, 3);
    world.settle();
    let about = world.at(LAN).about("3号楼", Some("2"), "1804").unwrap();
    assert_eq!(about.takes.len(), 3);
    assert_eq!(world.at(LAN).boxes(Some("三栋")).unwrap().len(), 1);
}

#[test]
fn the_register_decides_and_what_is_ambiguous_is_asked() {
    let mut world = World::community(905, 1);
    register(&mut world);

    for (door, why) in [
        (("9", Some("2"), "1804"), no_building("9")),
        (("3", Some("1"), "999"), no_room("999")),
        (("3", Some("1"), "3104"), no_room("3104")),
        (("3", Some("7"), "1804"), no_unit("7")),
        (("3", None, "1804"), between(&["3-1-1804", "3-2-1804"])),
        (("5", None, "101"), between(&["E5", "W5"])),
    ] {
        let refused = posted(&mut world, WU, door).unwrap_err();
        let SubmitError::Refused(Refusal::Label { why: told, .. }) = refused else { panic!("{door:?}: {refused:?}") };
        assert_eq!(told, why, "{door:?}");
    }
    for (door, [building, unit, room]) in [
        (("三栋", Some("二单元"), "1804室"), ["3", "2", "1804"]),
        // One unit alone has that floor.
        (("3号楼", None, "2901"), ["3", "2", "2901"]),
        (("3", Some("1"), "18A"), ["3", "1", "18A"]),
        (("兰苑", Some("1"), "101"), ["8", "1", "101"]),
        (("3", Some("1"), "门卫室"), ["3", "1", "门卫室"]),
    ] {
        let order = posted(&mut world, WU, door).unwrap_or_else(|why| panic!("{door:?}: {why}"));
        let card = world.at(WU).order(order).unwrap().line.card;
        let parts = [Some(card.building.as_str()), card.unit.as_deref(), card.room.as_deref()];
        assert_eq!(parts, [Some(building), Some(unit), Some(room)], "{door:?}");
    }
    let again = BuildingCommand::List { label: "三栋".into(), changes: Vec::new() };
    let id = world.command();
    let twice = world.at(LAN).submit::<Building>(id, None, again).unwrap_err();
    assert!(matches!(twice, SubmitError::Refused(BuildingRefusal::AlreadyListed { .. })), "{twice:?}");
}

#[test]
fn an_order_and_a_household_are_edited_by_the_register() {
    let mut world = World::community(906, 1);
    register(&mut world);
    let order = posted(&mut world, WU, ("3", Some("1"), "1804")).unwrap();
    let put = |field: &str, value: &str| {
        let change = Change::Put { field: field.into(), value: value.into() };
        Command::Edit { changes: vec![change] }
    };

    let refused = say::submit(&mut world, WU, Some(order), put("room", "999")).unwrap_err();
    assert!(matches!(refused, SubmitError::Refused(Refusal::Label { field: "room", .. })), "{refused:?}");
    say::submit(&mut world, WU, Some(order), put("room", "１８０３室")).unwrap();
    let same = say::submit(&mut world, WU, Some(order), put("unit", "一单元")).unwrap_err();
    assert_eq!(same, SubmitError::Refused(Refusal::NothingChanges));
    assert_eq!(world.at(WU).order(order).unwrap().line.card.room.as_deref(), Some("1803"));
    let moved = Command::Move { building: "三号楼".into(), unit: None, room: Some("1804".into()) };
    let nowhere = Command::Move { building: "99".into(), unit: None, room: None };
    assert!(say::submit(&mut world, WU, Some(order), moved).is_err());
    let refused = say::submit(&mut world, WU, Some(order), nowhere).unwrap_err();
    assert!(matches!(refused, SubmitError::Refused(Refusal::Label { field: "building", .. })), "{refused:?}");

    let home = household(&mut world, "三号楼", "2单元", "1804室").unwrap();
    let household_of = |world: &World, text: &str| {
        let filter = HouseholdFilter { building: Some(text.into()), ..HouseholdFilter::default() };
        world.at(LAN).households(&filter).unwrap().items.len()
    };
    assert_eq!(THREE.map(|text| household_of(&world, text)), [1; 6]);
    let wrong = household(&mut world, "3", "2", "9904").unwrap_err();
    assert!(matches!(wrong, SubmitError::Refused(HouseholdRefusal::Label { field: "room", .. })), "{wrong:?}");
    let id = world.command();
    let edit = HouseholdCommand::Edit { changes: vec![HouseholdChange::Room("999".into())] };
    let wrong = world.at(LAN).submit::<Household>(id, Some(home), edit).unwrap_err();
    assert!(matches!(wrong, SubmitError::Refused(HouseholdRefusal::Label { field: "room", .. })), "{wrong:?}");
}

#[test]
fn nobody_waits_for_help_because_of_the_register() {
    let mut world = World::community(907, 1);
    register(&mut world);
    for (building, room, [at, unit]) in
        [("99号楼", "101", ["99", ""]), ("3", "2901", ["3", "2"]), ("3", "1804", ["3", ""])]
    {
        let raise = AlertCommand::Raise {
            what: "fall".into(),
            building: Some(building.into()),
            unit: None,
            room: Some(room.into()),
            text: None,
            contact: None,
        };
        let id = world.command();
        let alert = world.at(WU).submit::<linli_core::aggregate::alert::Alert>(id, None, raise).unwrap().aggregate;
        let card = world.at(WU).alert(alert).unwrap().view.card;
        assert_eq!((card.building.as_deref(), card.unit.unwrap_or_default().as_str()), (Some(at), unit));
    }
    let [_, shelf, lot] = say::stocked(&mut world, LAN, "布洛芬", "大厅");
    world.settle();
    let refused = take(&mut world, WU, shelf, lot, ("3", "1", "999")).unwrap_err();
    assert!(matches!(refused, SubmitError::Refused(medicine_box::Refusal::Label { .. })), "{refused:?}");
    let when = When { already_happened: true, ..When::default() };
    taken(&mut world, WU, shelf, lot, ("3", "1", "999"), when).expect("what has happened is written down");
}

#[test]
fn a_door_in_one_text_is_read_by_the_register() {
    let mut world = World::community(908, 1);
    let alone = |world: &World, text: &str| world.at(WU).door(text).map(shown);
    assert_eq!(alone(&world, "3-2-1804"), Ok("3-2-1804".to_owned()), "where nothing is listed");
    assert_eq!(alone(&world, "2单元18楼1804室"), Err(DoorError::Address(AddressError::NoBuilding)));
    register(&mut world);
    world.settle();

    for (text, right) in [
        ("三号楼二单元1804室", "3-2-1804"),
        ("3-2-18楼1804", "3-2-1804"),
        ("1804室2单元3栋", "3-2-1804"),
        ("3-2901", "3-2-2901"),
        ("兰苑1单元101", "8-1-101"),
        ("3-2", "3-2"),
        ("三栋", "3"),
    ] {
        assert_eq!(alone(&world, text), Ok(right.to_owned()), "{text}");
    }
    for (text, why) in [
        ("2单元18楼1804室", AddressError::NoBuilding),
        ("1804", AddressError::NoBuilding),
        ("9-2-1804", no_building("9")),
        ("3-1-999", no_room("999")),
        ("3-1804", between(&["3-1-1804", "3-2-1804"])),
    ] {
        assert_eq!(alone(&world, text), Err(DoorError::Address(why)), "{text}");
    }
    assert!(matches!(alone(&world, "3-1804-1"), Err(DoorError::Address(_))), "neither unit 1804 nor room 1");
    assert_eq!(world.at(WU).door_sought("9-2-1804").map(shown), Ok("9-2-1804".to_owned()), "it may have been before");
    assert_eq!((world.at(WU).is_listed("三栋"), world.at(WU).is_listed("9")), (Ok(true), Ok::<_, QueryError>(false)));
}

#[test]
fn a_building_is_found_by_each_of_its_names() {
    let mut world = World::community(909, 1);
    let old = as_before(&mut world, "三栋", "1804");
    let new = posted(&mut world, WU, ("3", Some("2"), "1804")).unwrap();
    posted(&mut world, WU, ("13", None, "1")).unwrap();
    world.settle();
    let mut both = [old, new];
    both.sort();

    for text in ["三栋", "3号楼", "3幢", "三号楼 1804", "3楼", "１８０４室 三座"] {
        let mut found: Vec<_> =
            world.at(LAN).search(text, None, 0).unwrap().items.iter().map(|hit| hit.aggregate).collect();
        found.retain(|hit| both.contains(hit) || *hit != old);
        found.sort();
        assert!(both.iter().all(|order| found.contains(order)), "{text}: {found:?}");
    }
    assert_eq!(world.at(LAN).search("二单元", None, 0).unwrap().items.len(), 1);
}

type Said<'a> = (&'a str, Option<&'a str>, &'a str);

fn posted(
    world: &mut World,
    phone: usize,
    (building, unit, room): Said<'_>,
) -> Result<Reference, SubmitError<Refusal>> {
    let (building, unit, room) = (building.to_owned(), unit.map(str::to_owned), Some(room.to_owned()));
    let order = NewOrder { building, unit, room, ..say::order() };
    say::submit(world, phone, None, Command::Post(Box::new(order))).map(|receipt| receipt.aggregate)
}

/// An order as a build wrote it that took a label as it was typed, on every phone.
fn as_before(world: &mut World, building: &str, room: &str) -> Reference {
    let mut forger = Forger::with_keys_of(world, WU);
    let posted =
        Posted { building: building.into(), asked_by: None, way: Way::default(), happened_at: None, moved_from: None };
    let salt = Some(rand::RngExt::random(&mut world.dice));
    let body = Body {
        aggregate: None,
        deps: Vec::new(),
        wall: linli_tests::MORNING,
        kind: kind::POSTED,
        version: 1,
        payload: encode(&posted).unwrap(),
        edits: vec![Edit::put(field::ROOM, room), Edit::put(field::KIND, "medicine")],
        salt,
    };
    let order = forger.write(&body);
    let runs = forger.runs();
    for phone in 0..world.len() {
        let from = world.device(if phone == WU { LAN } else { WU });
        hand_over(world, phone, from, world.tag(phone, Topic::Common), &runs).unwrap();
    }
    order
}

fn board(world: &World, phone: usize, building: &str) -> Vec<Reference> {
    let filter = OrderFilter { buildings: vec![building.into()], ..OrderFilter::default() };
    let mut orders: Vec<Reference> =
        world.at(phone).board(&filter).unwrap().items.iter().map(|line| line.order).collect();
    orders.sort();
    orders
}

fn lead(world: &mut World, phone: usize, building: &str) {
    let (id, device) = (world.command(), world.device(phone));
    world.at(LAN).grant(id, device, Grant::Leader { buildings: vec![building.into()] }).unwrap();
}

fn take(
    world: &mut World,
    phone: usize,
    shelf: Reference,
    lot: Reference,
    room: (&str, &str, &str),
) -> Result<Receipt, SubmitError<medicine_box::Refusal>> {
    taken(world, phone, shelf, lot, room, When::default())
}

fn taken(
    world: &mut World,
    phone: usize,
    shelf: Reference,
    lot: Reference,
    (building, unit, room): (&str, &str, &str),
    when: When,
) -> Result<Receipt, SubmitError<medicine_box::Refusal>> {
    let room = Some(Room { building: building.into(), unit: unit.into(), room: room.into() });
    let what = What::Lots(vec![Portion { lot, qty: 1.into() }]);
    let take = medicine_box::Command::Take { what, room, order: None, override_reason: None, when };
    say::in_box(world, phone, Some(shelf), take)
}

fn household(
    world: &mut World,
    building: &str,
    unit: &str,
    room: &str,
) -> Result<Reference, SubmitError<HouseholdRefusal>> {
    let new = NewHousehold {
        building: building.into(),
        unit: Some(unit.into()),
        room: Some(room.into()),
        people: vec![NewPerson { name: "陈奶奶".into(), why: None }],
        ..NewHousehold::default()
    };
    let id = world.command();
    world.at(LAN).submit::<Household>(id, None, HouseholdCommand::Register(Box::new(new))).map(|done| done.aggregate)
}

/// Building 3 with 18 and 30 floors of four rooms, 8 which is called 兰苑, E5 and W5 of which nothing more is known.
fn register(world: &mut World) {
    let unit = |label: &str, floors| {
        let (item, label) = (None, label.to_owned());
        BuildingChange::Unit(Unit { item, label, floors: Some(floors), rooms_per_floor: Some(4) })
    };
    for (label, changes) in [
        ("3号楼", vec![unit("1", 18), unit("2单元", 30)]),
        ("8", vec![BuildingChange::Name("兰苑".into()), unit("1", 6)]),
        ("E5", Vec::new()),
        ("W5", Vec::new()),
    ] {
        let id = world.command();
        let list = BuildingCommand::List { label: label.into(), changes };
        world.at(LAN).submit::<Building>(id, None, list).unwrap();
    }
    world.settle();
}

fn shown(Door { building, unit, room }: Door) -> String {
    [Some(building), unit, room].into_iter().flatten().collect::<Vec<_>>().join("-")
}

fn no_building(building: &str) -> AddressError {
    let known = ["3", "8", "E5", "W5"].map(str::to_owned).to_vec();
    AddressError::NoSuchBuilding { building: building.into(), known }
}

fn no_unit(unit: &str) -> AddressError {
    let known = ["1", "2"].map(str::to_owned).to_vec();
    AddressError::NoSuchUnit { building: "3".into(), unit: unit.into(), known }
}

fn no_room(room: &str) -> AddressError {
    AddressError::NoSuchRoom { building: "3".into(), room: room.into() }
}

fn between(doors: &[&str]) -> AddressError {
    AddressError::Ambiguous { candidates: doors.iter().map(|door| (*door).to_owned()).collect() }
}
