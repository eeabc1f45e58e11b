use super::{Around, Building, Door, Field, Register, Rooms, Unit, door};
use crate::written::Reading;

#[test]
fn a_door_is_one_however_it_is_written() {
    reads(&[
        ("2栋1单元302", "2-1-302"),
        ("二号楼一单元三零二室", "2-1-302"),
        ("２＃１－３０２", "2-1-302"),
        ("清河小区2幢1门3楼302", "2-1-302"),
        ("清河路9号2号楼1单元302", "2-1-302"),
        ("302室 1单元 2号楼", "2-1-302"),
        ("Unit 1, Room 302, Building 2", "2-1-302"),
        ("2-1-3-02", "2-1-302"),
        ("桂园甲单元201", "桂园-甲-201"),
        ("6a-702", "6A-1-702"),
        ("5号楼", "5-_-_"),
        ("5-3-302", "5-_-302"),
        ("5-302室", "5-_-302"),
    ]);
}

#[test]
fn the_register_decides() {
    reads(&[
        ("2-1102", "2-2-1102"),
        ("2-302", "Unit Ambiguous 2-1-302 2-2-302"),
        ("5-603", "5-_-603"),
        ("3-1-302", "NoSuchBuilding"),
        ("2-3-302", "NoSuchUnit"),
        ("2-1-702", "NoSuchRoom"),
        ("5-604", "NoSuchRoom"),
        ("东湖小区2栋1单元302", "OtherCompound"),
    ]);
}

#[test]
fn what_is_not_said_or_is_said_twice_is_asked() {
    reads(&[
        ("302", "Building Missing"),
        ("1单元302", "Building Missing"),
        ("2楼1单元302", "2-1-302"),
        ("2楼1单元202", "Building Ambiguous"),
        ("2号楼1单元4楼302", "Room Contradiction"),
        ("2号楼1单元3楼", "Room Missing"),
        ("6A-1-3楼", "Room Missing"),
        ("2栋5号楼302", "Building Contradiction"),
        ("1-3-2", "Building Missing"),
        ("21302", "Address Ambiguous"),
        ("2-1-302对面", "Address Relation"),
        ("2-1-302或2-1-303", "Address Several"),
        ("2号楼1单元302/303", "Address Several"),
        ("2号楼1单元302-303", "Address Several"),
        ("2号楼1单元3О2", "Room LookAlike 2-1-302"),
        ("2号楼1单元3σ2", "Room LookAlike 2-1-302"),
        ("**号楼302", "Building Masked"),
        ("13900000012", "NotAnAddress"),
        ("", "Empty"),
    ]);
}

#[test]
fn a_name_may_have_any_word_in_it() {
    let register = Register { names: vec!["祥和苑".to_owned()], ..register() };

    assert_eq!(told("祥和苑2-1-302", Around { register: Some(&register), ..Around::default() }), "2-1-302");
}

#[test]
fn what_is_given_and_the_field_say_what_a_number_is() {
    let register = register();
    let given = Door { building: "2".to_owned(), unit: Some("2".to_owned()), room: None };
    let around = |field| Around { register: Some(&register), given: Some(&given), field };

    assert_eq!(told("1102", around(Some(Field::Room))), "2-2-1102");
    assert_eq!(told("5号楼603", around(None)), "Building Contradiction");
    assert_eq!(told("５", Around { register: Some(&register), field: Some(Field::Building), given: None }), "5-_-_");
    assert_eq!(told("2-1-302", Around::default()), "2-1-302");
    assert_eq!(told("2-1", Around::default()), "Address Ambiguous");
    assert_eq!(told("2组12号", Around::default()), "Address Ambiguous");
}

fn floors(floors: u32, per_floor: u32) -> Rooms {
    Rooms { floors, per_floor, ..Rooms::default() }
}

fn building(label: &str, units: &[(&str, u32)], own: u32) -> Building {
    let unit = |(label, high): &(&str, u32)| Unit { label: (*label).to_owned(), rooms: floors(*high, 3) };
    Building { label: label.to_owned(), name: None, units: units.iter().map(unit).collect(), rooms: floors(own, 3) }
}

/// Buildings 2 (units 1 and 2, of which 2 is higher), 5 (no units), 6A (one unit) and 桂园 (units 甲 and 乙).
fn register() -> Register {
    Register {
        names: vec!["清河小区".to_owned()],
        addresses: vec!["清河路9号".to_owned()],
        buildings: vec![
            building("2", &[("1", 6), ("2", 12)], 0),
            building("5", &[], 6),
            building("6A", &[("1", 8)], 0),
            building("桂园", &[("甲", 6), ("乙", 6)], 0),
        ],
    }
}

fn shown(door: &Door) -> String {
    let parts = [Some(door.building.clone()), door.unit.clone(), door.room.clone()];
    parts.map(|part| part.unwrap_or_else(|| "_".to_owned())).join("-")
}

fn told(text: &str, around: Around<'_>) -> String {
    match door(text, around) {
        Reading::Read(door) => shown(&door),
        Reading::Ask(question) => {
            let among = question.among.iter().map(shown).collect::<Vec<_>>().join(" ");
            format!("{:?} {:?} {among}", question.about, question.because).trim_end().to_owned()
        }
        Reading::Refuse(refusal) => format!("{refusal:?}"),
    }
}

#[track_caller]
fn reads(cases: &[(&str, &str)]) {
    let register = register();
    for (text, right) in cases {
        assert_eq!(told(text, Around { register: Some(&register), ..Around::default() }), *right, "{text}");
    }
}
