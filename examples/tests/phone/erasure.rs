//! What is held about a room, from the command line: shown, handed out, erased only when it is confirmed.

use crate::hand::Homes;

#[test]
fn a_coordinator_shows_hands_out_and_erases_what_is_held_about_a_room() {
    let homes = Homes::community(&["wu"]);
    homes.did("wu", "order post 3-2-1804 --kind medicine --item 布洛芬+2+盒 --contact 张阿姨+13900001234");
    homes.did("wu", "order post 3-2-1805 --kind medicine --item 布洛芬+2+盒");
    homes.meet("wu", "lan");

    let about = homes.did("lan", "about 3号楼2单元1804");
    homes.did("lan", "about 3-2-1804 --export about.json");
    let handed = std::fs::read_to_string(homes.path("about.json")).expect("it was written");

    assert_eq!(about["orders"].as_array().map(Vec::len), Some(1));
    assert!(handed.contains("张阿姨 13900001234"), "{handed}");
    assert_eq!(homes.json("wu", "about 3-2-1804").error(), "not_entitled");
    assert_eq!(homes.json("lan", "about 3-2").error(), "not_a_room");
    assert_eq!(homes.json("lan", "about 3-2-1804 --erase").error(), "not_confirmed");
    assert_eq!(homes.did("lan", "board")["items"].as_array().map(Vec::len), Some(2));
    let erased = homes.did("lan", "about 3-2-1804 --erase --yes");
    assert_eq!(erased["erased"].as_array().map(Vec::len), Some(1));
    homes.meet("wu", "lan");
    assert_eq!(homes.did("wu", "board")["items"].as_array().map(Vec::len), Some(1));
    assert_eq!(homes.did("wu", "search 张阿姨")["items"].as_array().map(Vec::len), Some(0));
    assert_eq!(homes.did("lan", "tend")["forgotten"], 0, "not for three days");
    let spoken = homes.type_in("lan", ["--lang", "zh", "tend"]);
    assert!(spoken.out.contains("清除内容 0 条"), "{}", spoken.out);
}
