//! A day on several phones, typed in.

use super::hand::{Homes, short};

#[test]
fn two_phones_claim_at_once_and_the_leader_decides() {
    let homes = Homes::community(&["Wu", "Mei"]);
    let order = short(&homes.did("Wu", "order post 3-2-1804 --kind medicine --item 布洛芬+2+盒 --contact 13800000000"));
    homes.meet("Wu", "lan");
    homes.meet("Mei", "lan");

    homes.did("Wu", &format!("order claim {order}"));
    homes.did("Mei", &format!("order claim {order}"));
    homes.meet("Wu", "Mei");

    let seen = homes.did("Wu", &format!("order show {order}"));
    assert_eq!(seen["line"]["card"]["contested"], true);
    assert_eq!(seen["line"]["card"]["status"], "claimed");
    let queue = homes.did("Mei", "conflicts");
    assert_eq!(queue["items"][0]["code"], "contested");
    assert_eq!(homes.did("Wu", "board --contested")["items"].as_array().map(Vec::len), Some(1));
    assert_eq!(homes.json("Wu", &format!("resolve {order} --to Wu")).error(), "not_entitled");

    homes.meet("Wu", "lan");
    homes.did("lan", &format!("resolve {order} --to Mei"));
    homes.meet("Wu", "lan");

    let settled = homes.did("Wu", &format!("order show {order}"));
    assert_eq!(settled["line"]["card"]["contested"], false);
    assert_eq!(homes.did("Wu", "conflicts")["items"].as_array().map(Vec::len), Some(0));
    assert!(homes.type_in("Wu", ["order", "show", &order]).out.contains("Mei"));
}

#[test]
fn addresses_are_understood_as_people_write_them() {
    let homes = Homes::community(&[]);
    let forms = ["3-2-1804", "3号楼2单元1804", "三号楼二单元1804室", "Bldg+3,+Unit+2,+Room+1804"];

    for form in forms {
        let posted = homes.did("lan", &format!("order post {form} --kind 药品 --item 布洛芬*2盒"));
        let card = &posted["now"]["card"];
        assert_eq!((&card["building"], &card["unit"], &card["room"]), (&"3".into(), &"2".into(), &"1804".into()));
        assert_eq!(card["kind"], "medicine");
        assert_eq!(card["items"][0], "布洛芬 2 盒");
    }

    let lines = homes.did("lan", "board --building 3号楼");
    assert_eq!(lines["items"].as_array().map(Vec::len), Some(forms.len()));
}

#[test]
fn a_conflicting_edit_is_shown_and_chosen() {
    let homes = Homes::community(&["Wu"]);
    let order = short(&homes.did("lan", "order post 3-2-1804 --kind medicine --item 降压药+1+盒 --note 每天1片"));
    homes.meet("Wu", "lan");
    homes.did("lan", &format!("order edit {order} --set note=每天2片"));
    homes.did("Wu", &format!("order edit {order} --set note=每天3片"));
    homes.meet("Wu", "lan");

    let seen = homes.did("Wu", &format!("order show {order}"));
    let values = seen["view"]["fields"]["note"].as_array().expect("values").clone();
    assert_eq!(values.len(), 2);
    assert_eq!(homes.did("Wu", "conflicts --code conflicting_edit")["items"].as_array().map(Vec::len), Some(1));
    let text = homes.type_in("Wu", ["order", "show", &order]).out;
    assert!(text.contains("@1 ") && text.contains("@2 ") && text.contains(&format!("phone choose {order} note @N")));

    homes.did("Wu", &format!("choose {order} note @1"));

    let chosen = homes.did("Wu", &format!("order show {order}"));
    assert_eq!(chosen["view"]["fields"]["note"], serde_json::json!([values[0]]));
    assert_eq!(homes.did("Wu", "conflicts")["items"].as_array().map(Vec::len), Some(0));
}

#[test]
fn an_order_goes_all_the_way() {
    let homes = Homes::community(&["Wu"]);
    let order = short(&homes.did(
        "lan",
        "order post 5-1-302 --kind grocery --item 大米+1+袋 --item 鸡蛋*30个 --urgency urgent --asked-by 张阿姨 \
         --way phone --needed-by 2030-01-01+18:00 --contact 张阿姨+13812345678",
    ));
    homes.meet("Wu", "lan");

    homes.did("Wu", &format!("order claim {order}"));
    let round = homes.did("Wu", "round");
    assert_eq!(round["stops"][0]["building"], "5");
    assert_eq!(round["to_buy"].as_array().map(Vec::len), Some(2));
    homes.did("Wu", &format!("order entrust {order} cash --amount 100"));
    homes.did("Wu", &format!("order purchase {order} --cost 58.5 --got 1=1 --got 2=30"));
    homes.did("Wu", &format!("order attempt {order} nobody"));
    homes.did("Wu", &format!("order deliver {order} --at-door"));
    homes.did("Wu", &format!("order return {order} cash --amount 100"));
    homes.meet("Wu", "lan");
    homes.did("lan", &format!("order confirm {order}"));
    homes.did("lan", &format!("order reimburse {order} 58.50"));
    homes.did("lan", &format!("order comment {order} thanks"));

    let seen = homes.did("lan", &format!("order show {order}"));
    assert_eq!(seen["line"]["card"]["status"], "confirmed");
    assert_eq!(seen["view"]["money"], serde_json::json!({ "cost": 5850, "reimbursed": 5850, "owed": 0 }));
    assert_eq!(seen["view"]["custody"], serde_json::json!([]));
    let codes: Vec<&str> =
        seen["history"].as_array().expect("a history").iter().filter_map(|told| told["code"].as_str()).collect();
    assert_eq!(
        codes,
        [
            "posted",
            "claimed",
            "entrusted",
            "purchased",
            "attempted",
            "delivered",
            "returned",
            "confirmed",
            "reimbursed",
            "commented"
        ]
    );
    let text = homes.type_in("lan", ["order", "show", &order]).out;
    assert!(text.contains("2030-01-01 18:00"), "local time: {text}");
    assert!(homes.did("lan", "verify")["well"].as_bool().expect("a verdict"));
    homes.did("lan", "rebuild");
    assert_eq!(homes.did("lan", &format!("order show {order}"))["view"], seen["view"]);
}

#[test]
fn contacts_are_masked_in_lists_and_for_those_they_are_not_meant_for() {
    let homes = Homes::community(&["Wu"]);
    let order = short(&homes.did("lan", "order post 3-2-1804 --kind medicine --item 药 --contact 张阿姨+13812345678"));
    homes.meet("Wu", "lan");
    let whole = "13812345678";

    for home in ["Wu", "lan"] {
        assert!(!homes.type_in(home, ["board"]).out.contains(whole));
        assert!(!homes.json(home, "board").out.contains(whole));
    }
    assert!(!homes.json("Wu", &format!("order show {order}")).out.contains(whole));
    homes.did("Wu", &format!("order claim {order}"));
    assert!(homes.json("Wu", &format!("order show {order}")).out.contains(whole));
}

#[test]
fn the_same_command_id_writes_once() {
    let homes = Homes::community(&[]);
    let line = format!("order post 3-2-1804 --kind medicine --item 药 --command-id {}", "ab".repeat(16));

    let first = homes.did("lan", &line);
    let again = homes.did("lan", &line);
    let other = homes.json("lan", &line.replace("1804", "1805"));

    assert_eq!(first["aggregate"], again["aggregate"]);
    assert_eq!(homes.did("lan", "board")["items"].as_array().map(Vec::len), Some(1));
    assert_eq!(other.error(), "command_id_reused");
}

#[test]
fn the_board_goes_on_page_by_page() {
    let homes = Homes::community(&[]);
    for room in 101..106 {
        homes.did("lan", &format!("order post 3-2-{room} --kind medicine --item 药"));
    }

    let first = homes.did("lan", "board --limit 3");
    let next = first["next"].as_str().expect("there is more").to_owned();
    let rest = homes.did("lan", &format!("board --limit 3 --next {next}"));

    assert_eq!(first["items"].as_array().map(Vec::len), Some(3));
    assert_eq!(rest["items"].as_array().map(Vec::len), Some(2));
    assert_eq!(rest["next"], serde_json::Value::Null);
}

#[test]
fn buildings_settings_search_and_log_are_there() {
    let homes = Homes::community(&["Wu"]);
    homes.did("lan", "building list 3号楼 --unit 1:18:4 --unit 2 --walk 2 --entrance code+4711");
    homes.did("lan", "building edit 3 --name 东楼 --remove-unit 1");
    homes.did("lan", "settings set emergency_number=999 utc_offset_minutes=0");
    homes.did("lan", "settings add-term pets --zh 宠物 --en Pets");
    let order = short(&homes.did("lan", "order post 3-2-1804 --kind pets --item 猫粮+1+袋"));
    homes.did("lan", "settings edit-term pets --active false");
    assert_eq!(homes.json("lan", "order post 3-2-1804 --kind pets --item 猫粮+1+袋").error(), "unknown_kind");
    homes.meet("Wu", "lan");

    let buildings = homes.did("Wu", "building all");
    assert_eq!(buildings[0]["name"], "东楼");
    assert_eq!(buildings[0]["units"].as_array().map(Vec::len), Some(1));
    assert_eq!(homes.did("Wu", "settings show")["emergency_number"], "999");
    assert_eq!(homes.did("Wu", "search 猫粮")["items"].as_array().map(Vec::len), Some(1));
    homes.did("lan", "order post 3-2-1804 --kind medicine --item 猫粮罐+1+个");
    homes.meet("Wu", "lan");
    let first = homes.did("Wu", "search 猫粮 --limit 1");
    let next = first["next"].as_str().expect("there is more");
    let second = homes.did("Wu", &format!("search 猫粮 --limit 1 --next {next}"));
    assert_ne!(first["items"][0]["aggregate"], second["items"][0]["aggregate"]);
    assert_eq!(second["next"], serde_json::Value::Null, "and no more");
    let told = homes.did("Wu", &format!("log {order}"));
    assert_eq!(told[0]["code"], "posted");
    assert!(homes.did("Wu", "log --limit 100")["items"].as_array().is_some_and(|all| all.len() > 8));
    assert_eq!(homes.did("Wu", "log --held")["items"].as_array().map(Vec::len), Some(0));
    assert_eq!(homes.did("Wu", "members").as_array().map(Vec::len), Some(3), "and the kit");
    assert_eq!(homes.did("Wu", "peers")["peers"].as_array().map(Vec::len), Some(1));
    let file = homes.path("order.automerge");
    homes.did("Wu", &format!("export {order} {}", file.display()));
    assert!(std::fs::metadata(&file).is_ok_and(|file| file.len() > 100));
    assert_eq!(homes.json("Wu", &format!("export {order} {}", file.display())).error(), "unwritable_file");
}

#[test]
fn an_alert_is_raised_answered_and_raised_again() {
    let homes = Homes::community(&["Wu"]);
    let raised = homes.did("lan", "alert raise chest_pain --at 3-2-1804 --text cannot+breathe");
    let alert = short(&raised);
    assert_eq!(raised["now"]["escalation"]["code"], "fresh");
    homes.meet("Wu", "lan");

    homes.did("Wu", &format!("alert ack {alert}"));
    homes.did("Wu", &format!("alert respond {alert} --eta 5"));
    homes.did("Wu", &format!("alert hand {alert} --note district+hospital"));
    homes.did("Wu", &format!("alert resolve {alert}"));
    assert_eq!(homes.did("Wu", "alert list").as_array().map(Vec::len), Some(0));
    assert_eq!(homes.json("Wu", &format!("alert ack {alert}")).error(), "over");
    homes.did("Wu", &format!("alert again {alert} --why fell+again"));

    let seen = homes.did("Wu", &format!("alert show {alert}"));
    assert_eq!(seen["line"]["card"]["status"], "raised");
    assert_eq!(seen["line"]["on_other_devices"], 0, "nobody has heard of the second call yet");
    assert!(homes.type_in("Wu", ["--lang", "zh", "alert", "list"]).out.contains("胸痛"));
}

#[test]
fn both_languages_speak() {
    let homes = Homes::community(&[]);
    let order = short(&homes.did("lan", "order post 3-2-1804 --kind medicine --item 药"));
    let claim = ["order", "claim", &order];
    assert_eq!(homes.type_in("lan", claim).code, 0);

    let english = homes.type_in("lan", claim);
    let chinese = homes.type_in("lan", ["--lang", "zh"].into_iter().chain(claim));

    assert_eq!((english.code, english.err.trim()), (1, "You hold the order already."));
    assert_eq!((chinese.code, chinese.err.trim()), (1, "这个需求已由你负责。"));
    assert!(homes.type_in("lan", ["--lang=zh", "board"]).out.contains("已认领"));
}
