//! Somebody goes: shown beforehand, done, seen by all; a right is taken; a phone leaves and is wiped.

use serde_json::Value;

use super::hand::Homes;

#[test]
fn a_phone_is_withdrawn_and_everybody_sees_it() {
    let homes = Homes::community(&["Wu", "Mei"]);
    homes.did("Wu", "order post 3-2-1804 --kind medicine --item 药+1+盒");
    homes.meet("Mei", "Wu");

    let shown = homes.did("lan", "revoke Wu --dry-run");
    assert_eq!((&shown["written"], &shown["falls"]["admissions"]), (&Value::Bool(false), &Value::Array(Vec::new())));
    assert_eq!(line(&homes.did("lan", "members"), "Wu")["withdrawn"], false);
    let done = homes.type_in("lan", ["revoke", "Wu", "--lang", "zh"]);
    assert_eq!((done.code, done.out.trim()), (0, "已停用，密钥已更换"));
    assert_eq!(homes.json("lan", "revoke Wu").error(), "withdrawn");
    homes.meet("Mei", "lan");

    let members = homes.did("Mei", "members");
    assert_eq!(
        (&line(&members, "Wu")["withdrawn"], line(&members, "Wu")["beyond_cut"].as_u64()),
        (&Value::Bool(true), Some(1))
    );
    assert_eq!(homes.json("Wu", "sync --with-home lan").code, 1, "no connection");
    // Lan cut at what she had: the order that Mei brought counts once the cut is raised.
    homes.did("lan", "cut Wu");
    homes.meet("Mei", "lan");
    assert_eq!(line(&homes.did("Mei", "members"), "Wu")["beyond_cut"], 0);
}

#[test]
fn a_right_is_taken_and_a_phone_leaves() {
    let homes = Homes::community(&["Wu"]);
    homes.did("lan", "grant Wu leader --building 3");
    homes.did("lan", "ungrant Wu leader --building 3");
    assert_eq!(line(&homes.did("lan", "members"), "Wu")["rights"], Value::Array(Vec::new()));
    homes.did("Wu", "order post 3-2-1804 --kind medicine --item 药+1+盒");

    assert_eq!(homes.json("Wu", "leave").error(), "unsent");
    homes.meet("Wu", "lan");
    homes.did("Wu", "leave");
    let _dropped = homes.json("Wu", "sync --with-home ../lan");
    homes.did("Wu", "wipe --yes");

    assert_eq!(homes.json("Wu", "members").error(), "no_home");
}

/// What `members` says of a person's device.
fn line<'a>(members: &'a Value, name: &str) -> &'a Value {
    let lines = members.as_array().expect("a list");
    lines.iter().find(|line| line["name"] == name).expect("they are listed")
}
