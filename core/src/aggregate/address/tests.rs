use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha20Rng;

use super::*;

#[test]
fn one_room_is_written_in_many_ways() {
    for text in [
        "3-2-1804",
        " 3 - 2 - 1804 ",
        "３－２－１８０４",
        "3—2—1804",
        "03-02-1804",
        "3/2/1804",
        "3号楼2单元1804",
        "3号楼2单元1804室",
        "3 号楼 2 单元 1804 室",
        "3栋2单元1804室",
        "3栋2单元1804号",
        "３栋２单元１８０４室",
        "三号楼二单元一八零四室",
        "三栋二单元1804",
        "3号楼2门1804",
        "3#2-1804",
        "3#楼2单元1804",
        "3 2 1804",
        "No.3 Unit 2 Room 1804",
        "no 3, unit no. 2, rm1804",
        "Bldg 3 Unit 2 1804",
        "Bldg3-Unit2-1804",
        "Room 1804, Unit 2, Building 3",
    ] {
        assert_eq!(shown(text), "3-2-1804", "{text}");
    }
}

#[test]
fn a_building_may_have_no_units() {
    for text in ["3幢1804", "3-1804", "3--1804", "3#1804", "3号1804室", "Building 3 Room 1804"] {
        assert_eq!(shown(text), "3-1804", "{text}");
    }
    assert_eq!(shown("3栋5室"), "3--5");
    assert_eq!(shown("3幢0804"), "3-804");
}

#[test]
fn a_building_or_a_unit_is_an_address_too() {
    assert_eq!(shown("三号楼"), "3");
    assert_eq!(shown("十二号楼"), "12");
    assert_eq!(shown("一百零三栋"), "103--");
    assert_eq!(shown("二十栋"), "20");
    assert_eq!(shown("三号楼二单元"), "3-2");
    assert_eq!(shown("a座"), "A");
    assert_eq!(shown("B1栋"), "B1");
    assert_eq!(shown("3-2"), "3-2");
    assert_eq!(shown("3栋100单元"), "3-100-");
}

#[test]
fn what_cannot_be_read_says_why() {
    let word = |word: &str| AddressError::UnknownWord { word: word.to_owned() };
    let unreadable = |text: &str| AddressError::Unreadable { text: text.to_owned() };

    assert_eq!(refused("  "), AddressError::Empty);
    assert_eq!(refused("东门"), AddressError::NoNumber);
    assert_eq!(refused("gate"), AddressError::NoNumber);
    assert_eq!(refused("--"), AddressError::NoNumber);
    assert_eq!(refused("gate 3"), word("GATE"));
    assert_eq!(refused("阳光小区3栋"), word("阳光小区"));
    assert_eq!(refused("3号门"), AddressError::NoBuilding);
    assert_eq!(refused("2单元1804"), AddressError::NoBuilding);
    assert_eq!(refused("-2-1804"), AddressError::NoBuilding);
    assert_eq!(refused("3栋5楼"), AddressError::Twice { part: Part::Building });
    assert_eq!(refused("1-2-3-4"), AddressError::TooManyParts);
    assert_eq!(refused("3栋2单元1804 7"), AddressError::TooManyParts);
    assert_eq!(refused("3十号楼"), unreadable("十"));
    assert_eq!(refused("十百号楼"), unreadable("十百"));
    assert_eq!(refused("3 unit"), unreadable("UNIT"));
    assert_eq!(refused(&"3".repeat(33)), AddressError::TooLong { limit: LABEL });
    assert_eq!(refused(&"3".repeat(300)), AddressError::TooLong { limit: TEXT });
}

#[test]
fn nothing_is_guessed_at() {
    assert_eq!(refused("2单元18楼1804室"), AddressError::NoBuilding);
    assert_eq!(refused("18楼1804"), AddressError::NoBuilding);
    assert_eq!(refused("1804"), AddressError::NoBuilding);
    assert_eq!(shown("3栋2单元18楼1804室"), "3-2-1804");
    assert_eq!(shown("3楼2单元1804"), "3-2-1804");
    assert_eq!((shown("3-18A"), shown("3-2-18A"), shown("3栋18a")), ("3-18A".into(), "3-2-18A".into(), "3-18A".into()));
    assert_eq!("3-18A".parse::<Address>().map(|door| door.room().map(str::to_owned)), Ok(Some("18A".to_owned())));
    let either = ["3-1-1804", "3号楼1804单元1室"].map(str::to_owned).to_vec();
    assert_eq!(refused("3-1804-1"), AddressError::Ambiguous { candidates: either });
}

#[test]
fn labels_of_one_building_are_one_label() {
    for text in ["3", "３", " 03 ", "3号楼", "三栋", "3#", "Bldg. 3", "No.3"] {
        assert_eq!(part_label(Part::Building, text).as_deref(), Ok("3"), "{text}");
    }
    assert_eq!(part_label(Part::Building, " 幼儿园 ").as_deref(), Ok("幼儿园"));
    assert_eq!(part_label(Part::Building, "3栋1804"), Err(AddressError::TooManyParts));
    assert_eq!(part_label(Part::Unit, "二单元").as_deref(), Ok("2"));
    assert_eq!(part_label(Part::Room, "１８０４室").as_deref(), Ok("1804"));
    assert_eq!(part_label(Part::Room, "门卫室").as_deref(), Ok("门卫室"));
    assert_eq!(label("  "), Err(AddressError::Empty));
    assert_eq!(label(&"园".repeat(11)), Err(AddressError::TooLong { limit: LABEL }));
    assert!(matches!(label("a\u{0}b"), Err(AddressError::Unreadable { .. })));
}

#[test]
fn doors_are_sorted_as_somebody_walks() {
    let mut doors: Vec<Address> = ["10", "2-10-101", "2-2-1804", "2-2-301", "2-2", "2", "3A", "3", "A", "2--5"]
        .map(|text| text.parse().expect(text))
        .to_vec();
    doors.sort();

    let walked: Vec<String> = doors.iter().map(Address::to_string).collect();
    assert_eq!(walked, ["2", "2--5", "2-2", "2-2-301", "2-2-1804", "2-10-101", "3", "3A", "10", "A"]);
}

#[test]
fn it_is_said_in_two_languages_and_understood() {
    let room: Address = "3-2-1804".parse().expect("an address");

    assert_eq!(room.in_words(Language::Zh), "3号楼2单元1804室");
    assert_eq!(room.in_words(Language::En), "Building 3, Unit 2, Room 1804");
}

#[test]
fn nothing_panics_and_what_is_shown_is_read_again() {
    const PIECES: [&str; 40] = [
        "3", "0", "18", "1804", "A", "b", "-", "--", " ", "号", "楼", "栋", "单元", "单", "门", "室", "#", "十", "百",
        "零", "一", "九", "千", "Unit", "No.", "rm", "Bldg", "gate", "，", "３", "①", "㈢", "ﬃ", "\u{301}", "\u{0}",
        "😀", "东", "/", "。", "0000",
    ];
    let mut dice = ChaCha20Rng::seed_from_u64(7);
    let mut read = 0;
    for _ in 0..30_000 {
        let text: String = (0..dice.random_range(0..9)).map(|_| PIECES[dice.random_range(0..PIECES.len())]).collect();
        for part in [Part::Building, Part::Unit, Part::Room] {
            if let Ok(label) = part_label(part, &text) {
                assert_eq!(part_label(part, &label), Ok(label.clone()), "{text}");
            }
        }
        let Ok(address) = text.parse::<Address>() else { continue };
        read += 1;
        assert_eq!(address.to_string().parse(), Ok(address.clone()), "{text}");
        for language in [Language::Zh, Language::En] {
            assert_eq!(address.in_words(language).parse(), Ok(address.clone()), "{text}");
        }
        let parts = Address::new(address.building(), address.unit(), address.room());
        assert_eq!(parts, Ok(address));
    }
    assert!(read > 1_000, "only {read} were read");
}

fn shown(text: &str) -> String {
    text.parse::<Address>().map_or_else(|why| format!("{text}: {why}"), |address| address.to_string())
}

fn refused(text: &str) -> AddressError {
    text.parse::<Address>().expect_err(text)
}
