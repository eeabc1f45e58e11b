//! The office's relay, as a coordinator and a volunteer meet it: the real relay beside the real phone.

use linli_tests::office::Office;

use super::hand::Homes;

#[test]
fn phones_that_never_meet_share_a_board_through_the_relay() {
    let homes = Homes::community(&["Wu"]);
    assert_eq!(homes.json("Wu", "sync --relay").error(), "no_relay");
    let mut office = office(&homes);
    homes.did("lan", "order post 3-2-1804 --kind medicine --item 布洛芬+2+盒");
    let met = homes.did("lan", "sync --relay");
    assert_eq!(met["met"][0]["with"], office.card().record.device.to_string());
    // This once they do, so that Wu knows where the office is.
    homes.meet("Wu", "lan");
    homes.did("Wu", "order post 5-1-302 --kind grocery --item 大米+1+袋");

    homes.did("Wu", "sync --relay");
    homes.did("lan", "sync --relay");

    assert_eq!(homes.did("lan", "board")["items"].as_array().map(Vec::len), Some(2));
    let relays = homes.did("lan", "relay list");
    assert_eq!((&relays[0]["name"], &relays[0]["age"]), (&"office".into(), &"fresh".into()));
    assert_eq!(relays[0]["addresses"][0], office.address().to_string());
    assert_eq!((&relays[0]["behind"], &relays[0]["ahead"]), (&0.into(), &0.into()));
    let text = homes.type_in("lan", ["--lang", "zh", "relay", "list"]).out;
    assert!(text.contains("office") && text.contains("中继"), "{text}");
    assert!(homes.type_in("lan", ["relay", "pass"]).out.contains("linli-relay allow LINLI-ALLOW:"));
    office.kill();
    assert_eq!(homes.json("Wu", "sync --relay --patience 5").error(), "nobody_there");
}

#[test]
fn a_relay_is_added_once_by_a_coordinator_and_moved_by_one() {
    let homes = Homes::community(&["Wu"]);
    let office = office(&homes);
    let card = office.card().to_string();

    assert_eq!(homes.json("lan", &format!("relay add {card}")).error(), "already_admitted");
    assert_eq!(homes.json("Wu", &format!("relay add {card}")).error(), "not_allowed");
    let moved = homes.did("lan", "relay move office relay.example:4433 192.0.2.1");
    assert_eq!(moved["addresses"][1], "192.0.2.1");
    assert_eq!(homes.did("lan", "relay list")[0]["addresses"], moved["addresses"]);
    homes.meet("Wu", "lan");
    assert_eq!(homes.did("Wu", "relay list")[0]["addresses"], moved["addresses"]);
    assert_eq!(homes.json("Wu", "relay move office 192.0.2.2").error(), "not_allowed");
}

/// Lan has added a relay, which keeps the community.
fn office(homes: &Homes) -> Office {
    let office = Office::open(&homes.path("office"));
    let added = homes.did("lan", &format!("relay add {} --name office", office.card()));
    office.allow(&added["allow"].as_str().expect("a code").parse().expect("a pass"));
    office
}
