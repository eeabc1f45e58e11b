//! Addresses as people type them, at every door: read by the register, asked about where they may be several.

use crate::hand::Homes;

#[test]
fn an_address_is_read_by_the_register_and_never_guessed() {
    let homes = Homes::community(&["Wu"]);
    homes.did("lan", "building list 3号楼 --unit 1:18:4 --unit 2:30:4");
    homes.did("lan", "building list 18 --unit 1:6:4");
    homes.meet("Wu", "lan");
    let refused = |address: &str| homes.json("Wu", &format!("order post {address} --kind grocery --item 米")).error();

    for (address, why) in [
        ("2单元18楼1804室", "no_building"),
        ("1804", "no_building"),
        ("9-2-1804", "no_such_building"),
        ("3-7-1804", "no_such_unit"),
        ("3-1-999", "no_such_room"),
        ("3-1804", "ambiguous"),
    ] {
        assert_eq!(refused(address), why, "{address}");
    }
    let asked = homes.type_in("Wu", ["order", "post", "3-1804", "--kind", "grocery", "--item", "米"]).err;
    assert!(asked.contains("3-1-1804") && asked.contains("3-2-1804"), "{asked}");

    for address in ["三栋二单元1804室", "３号楼２单元１８０４", "3-2-18楼1804", "Room+1804,+Unit+2,+Bldg+3"]
    {
        homes.did("Wu", &format!("order post {address} --kind grocery --item 米"));
    }
    homes.did("Wu", "order post 3-1-18A --kind grocery --item 米");
    homes.meet("Wu", "lan");
    for building in ["3", "3号楼", "三栋", "３"] {
        let board = homes.did("lan", &format!("board --building {building}"));
        assert_eq!(board["items"].as_array().map(Vec::len), Some(5), "{building}");
    }
    assert_eq!(homes.did("lan", "board --building 18")["items"].as_array().map(Vec::len), Some(0));
    assert_eq!(homes.did("lan", "about 三号楼2单元1804")["orders"].as_array().map(Vec::len), Some(4));
    let erased = homes.did("lan", "about 3号楼一单元18a室 --erase --yes");
    assert_eq!(erased["erased"].as_array().map(Vec::len), Some(1), "18A is a room, and it is found");
    assert_eq!(homes.did("Wu", "search 三幢")["items"].as_array().map(Vec::len), Some(6), "orders and the building");
}

#[test]
fn help_is_called_to_whatever_place_was_typed() {
    let homes = Homes::community(&["Wu"]);
    homes.did("lan", "building list 3 --unit 1:18:4");
    homes.meet("Wu", "lan");

    homes.did("Wu", "alert raise fall --at 2单元18楼1804室");
    homes.did("Wu", "alert raise fall --at 9-2-1804");
    let alerts = homes.type_in("Wu", ["alert", "list"]).out;

    assert!(alerts.contains("2单元18楼1804室") && alerts.contains("9-2-1804"), "{alerts}");
}

#[test]
fn who_is_to_lead_a_building_that_is_not_listed_is_told_so() {
    let homes = Homes::community(&["Wu"]);
    homes.did("lan", "building list 3");

    let led = homes.type_in("lan", ["grant", "Wu", "leader", "--building", "三栋"]).out;
    let nowhere = homes.type_in("lan", ["grant", "Wu", "leader", "--building", "33号楼"]).out;

    assert!(!led.contains("register"), "{led}");
    assert!(nowhere.contains("The register of buildings has no 33"), "{nowhere}");
}
