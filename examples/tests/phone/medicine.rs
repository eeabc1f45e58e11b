//! Boxes, the catalogue and recalls, typed in.

use serde_json::Value;

use super::hand::{Homes, short};

#[test]
fn goods_go_in_out_and_are_counted() {
    let homes = Homes::community(&["Wu"]);
    homes.did("lan", "product add 布洛芬 --class over-the-counter --unit 盒=2*板 --unit 板=10*片 --alias 芬必得");
    let medicine_box = short(&homes.did("lan", "box open --building 3 --place lobby"));
    homes.meet("Wu", "lan");

    let given = lot(&homes.did("Wu", &format!("box donate {medicine_box} 芬必得 5 盒 --batch A1 --expiry 2039-05")));
    homes.did("Wu", &format!("box take {medicine_box} 2 布洛芬 --for 3-2-1804"));
    homes.did("Wu", &format!("box split {medicine_box} {given} 1 片"));
    homes.did("Wu", &format!("box count {medicine_box} {given}=2"));
    homes.did("Wu", &format!("box restock {medicine_box} 布洛芬 10 盒"));
    homes.did("lan", &format!("box limit {medicine_box} --qty 2 --days 7"));

    let seen = homes.did("Wu", &format!("box show {medicine_box}"));
    assert_eq!(seen["balance"]["donated"], 5);
    assert_eq!(seen["balance"]["taken"], 2);
    let lots = seen["lots"].as_array().expect("lots");
    assert_eq!(lots.len(), 2);
    assert!(lots.iter().any(|lot| lot["qty"] == 20 && lot["goods"]["unit"] == "片"));
    assert!(lots.iter().any(|lot| lot["qty"] == 2 && lot["goods"]["unit"] == "盒"));
    let offer = homes.did("Wu", &format!("box offer {medicine_box} 布洛芬 1 --unit 盒"));
    assert_eq!(offer["picks"].as_array().map(Vec::len), Some(1));
    assert!(homes.did("Wu", "verify")["well"].as_bool().expect("a verdict"));
    assert!(homes.type_in("Wu", ["box", "show", &medicine_box]).out.contains("ledger = stock"));
}

#[test]
fn halves_are_typed_and_printed_as_people_write_them() {
    let homes = Homes::community(&["Wu"]);
    homes.did("lan", "product add 华法林 --class over-the-counter --unit 板=10*片");
    let medicine_box = short(&homes.did("lan", "box open --building 3 --place lobby"));
    homes.meet("Wu", "lan");
    let order = short(&homes.did("Wu", "order post 3-2-1804 --kind grocery --item 大米+1.5+袋 --item 盐+0.5g+2+包"));

    let given = lot(&homes.did("Wu", &format!("box donate {medicine_box} 华法林 1.5 板")));
    let tablets = lot(&homes.did("Wu", &format!("box split {medicine_box} {given} 1/2 片")));
    homes.did("Wu", &format!("box take {medicine_box} 半 --lot {tablets} --for 3-2-1804"));
    homes.did("Wu", &format!("box count {medicine_box} {tablets}=4.25"));

    let seen = homes.did("Wu", &format!("box show {medicine_box}"));
    let balance = &seen["balance"];
    assert_eq!((&balance["split_in"], &balance["taken"], &balance["stock"]), (&5.into(), &0.5.into(), &5.25.into()));
    let printed = homes.type_in("Wu", ["box", "show", &medicine_box]).out;
    for said in ["4.25 片", "-0.5  = 4.5", "-0.25  = 4.25", "split 0.5 板"] {
        assert!(printed.contains(said), "{said}: {printed}");
    }
    let asked = homes.type_in("Wu", ["order", "show", &order]).out;
    assert!(asked.contains("大米 1.5 袋") && asked.contains("盐 0.5g 2 包"), "{asked}");
}

#[test]
fn a_recall_hides_what_it_touches_and_says_why() {
    let homes = Homes::community(&["Wu"]);
    homes.did("lan", "product add 布洛芬 --class over-the-counter");
    let medicine_box = short(&homes.did("lan", "box open --place lobby"));
    homes.did("lan", &format!("box donate {medicine_box} 布洛芬 5 盒 --batch A1 --expiry 2039-05"));
    homes.did("lan", &format!("box take {medicine_box} 1 布洛芬 --for 3-2-1804"));
    assert_eq!(homes.json("Wu", "recall raise 布洛芬 --batch A1").error(), "unknown");
    homes.meet("Wu", "lan");
    assert_eq!(homes.json("Wu", "recall raise 布洛芬 --batch A1").error(), "not_entitled");

    let recall = short(&homes.did("lan", "recall raise 布洛芬 --batch a1 --issuer the+maker"));

    let taken = homes.json("lan", &format!("box take {medicine_box} 1 布洛芬 --for 3-2-1804"));
    assert_eq!(taken.error(), "not_enough");
    let offer = homes.did("lan", &format!("box offer {medicine_box} 布洛芬"));
    assert_eq!(offer["hidden"][0]["why"]["code"], "recalled");
    let seen = homes.did("lan", &format!("recall show {recall}"));
    assert_eq!(seen["touched"]["takes"].as_array().map(Vec::len), Some(1));
    assert!(homes.type_in("lan", ["--lang", "zh", "box", "show", &medicine_box]).out.contains("已召回"));
    homes.did("lan", &format!("recall withdraw {recall} --why a+mistake"));
    assert_eq!(homes.did("lan", "recall list")[0]["stands"], false);
}

#[test]
fn a_parcel_goes_from_box_to_box() {
    let homes = Homes::community(&["Wu"]);
    homes.did("lan", "product add 口罩 --class supply");
    let one = short(&homes.did("lan", "box open --place lobby"));
    let other = short(&homes.did("lan", "box open --place gate"));
    let given = lot(&homes.did("lan", &format!("box donate {one} 口罩 10 只")));

    let sent = lot(&homes.did("lan", &format!("box send {one} {given} 4 --to {other}")));
    homes.meet("Wu", "lan");
    homes.did("Wu", &format!("box receive {other} {sent} 3"));

    let seen = homes.did("Wu", &format!("box show {other}"));
    assert_eq!(seen["balance"]["received"], 3);
    assert_eq!(homes.did("Wu", "conflicts")["items"][0]["code"], "transfer_difference");
    assert_eq!(homes.json("Wu", &format!("box receive {other} {sent} 3")).error(), "already_received");
    assert!(homes.did("Wu", "verify")["ledger"]["transfers"]["difference"] == 1);
    assert_eq!(homes.did("Wu", "boxes").as_array().map(Vec::len), Some(2));
}

#[test]
fn a_warning_names_the_flag_and_the_flag_works() {
    let homes = Homes::community(&[]);
    homes.did("lan", "product add 口罩 --class supply");
    let medicine_box = short(&homes.did("lan", "box open --place lobby"));
    let given = lot(&homes.did("lan", &format!("box donate {medicine_box} 口罩 1 只")));
    let discard = format!("box discard {medicine_box} {given} 3");

    let warned = homes.json("lan", &discard);
    let error: Value = serde_json::from_str(&warned.err).expect("one JSON document");
    homes.did("lan", &format!("{discard} --already-happened"));

    assert_eq!(warned.error(), "more_than_there");
    assert_eq!(error["error"]["retry_with"], "--already-happened");
    assert_eq!(homes.did("lan", "conflicts")["items"][0]["code"], "shortfall");
}

#[test]
fn a_catalogue_is_imported_once() {
    let homes = Homes::community(&[]);
    let file = homes.path("catalogue.csv");
    let text =
        "name,generic,form,class,aliases\n布洛芬,ibuprofen,胶囊,over_the_counter,芬必得;美林\n体温计,,,device,\n,,,,\n";
    std::fs::write(&file, text).expect("a file");
    let line = format!("product import {}", file.display());

    let first = homes.did("lan", &line);
    let again = homes.did("lan", &line);

    assert_eq!(first["added"].as_array().map(Vec::len), Some(2));
    assert_eq!(first["problems"].as_array().map(Vec::len), Some(1));
    assert_eq!(again["added"].as_array().map(Vec::len), Some(0));
    assert_eq!(homes.did("lan", "product show 美林")["line"]["name"], "布洛芬");
    assert_eq!(homes.did("lan", "product list --text 温").as_array().map(Vec::len), Some(1));
}

/// The lot that a donation made.
fn lot(done: &Value) -> String {
    let lot = done["events"][0].as_str().expect("an event");
    lot.rsplit('-').next().expect("its check")[..6].to_owned()
}
