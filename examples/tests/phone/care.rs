//! The care register from the command line: a visit from consent to confirmation, and nothing without the grant.

use crate::hand::{Homes, short};

const COMMANDS: [&str; 13] = [
    "household add 3-2-1804 --person 王奶奶=独居",
    "household edit HOUSEHOLD --note x",
    "household list",
    "household show HOUSEHOLD",
    "household consent HOUSEHOLD --purpose x",
    "household plan HOUSEHOLD --every 1",
    "household post HOUSEHOLD",
    "household visits",
    "household confirm HOUSEHOLD --outcome well",
    "household skip HOUSEHOLD --why x",
    "household pair HOUSEHOLD me",
    "household close HOUSEHOLD",
    "household correct HOUSEHOLD ffff --why x",
];

#[test]
fn a_visit_goes_its_way() {
    let (homes, household) = registered();
    let show = homes.did("lan", &format!("household show {household}"));
    assert_eq!(show["view"]["contacts"][0]["phone"], "13900004321");
    assert_eq!(show["view"]["contacts"][1]["name"], "邻居");
    homes.did("lan", &format!("household edit {household} --call-order 2,1 --note 耳背"));
    homes.did("lan", &format!("household pair {household} me"));
    assert_eq!(homes.did("lan", "household visits")["due"].as_array().map(Vec::len), Some(1));

    let posted = homes.did("lan", &format!("household post {household} --carry room,checklist"));
    let order = posted["short"].as_str().expect("the order").to_owned();
    homes.did("lan", &format!("order deliver {order}"));
    homes.did("lan", &format!("order comment {order} 血压150"));
    let visits = homes.did("lan", "household visits");
    assert_eq!(visits["proposed"][0]["comments"][0], "血压150");
    homes.did("lan", &format!("household confirm {household} --note 血压偏高"));

    let visits = homes.did("lan", "household visits");
    assert_eq!(
        (visits["due"].as_array().map(Vec::len), visits["proposed"].as_array().map(Vec::len)),
        (Some(0), Some(0))
    );
    let spoken = homes.type_in("lan", ["--lang", "zh", "household", "show", &household]);
    for words in ["同意：探访", "血压偏高", "平安", "联系 1：邻居", "每 1 天"] {
        assert!(spoken.out.contains(words), "{words}: {}", spoken.out);
    }
    let again = format!("household confirm {household} --outcome well --order {order}");
    assert_eq!(homes.json("lan", &again).error(), "warn_confirmed");
    let about = homes.did("lan", "about 3-2-1804");
    assert_eq!((about["households"].as_array().map(Vec::len), &about["care_hidden"]), (Some(1), &false.into()));
}

#[test]
fn without_the_grant_every_command_says_so_and_shows_nothing() {
    let (homes, household) = registered();
    homes.meet("wu", "lan");

    for line in COMMANDS {
        let said = homes.json("wu", &line.replace("HOUSEHOLD", &household));
        assert_eq!(said.error(), "care_hidden", "{line}");
        assert!(said.err.contains("care grant") && !said.err.contains("王"), "{}", said.err);
    }
    for line in ["search 王奶奶", "conflicts", "log", "board"] {
        let said = homes.did("wu", line).to_string();
        assert!(!said.contains("王奶奶") && !said.contains("household"), "{line}: {said}");
    }
    assert_eq!(homes.json("wu", &format!("log {household}")).error(), "unknown");

    homes.did("lan", "grant wu care");
    homes.meet("wu", "lan");
    let show = homes.did("wu", &format!("household show {household}"));
    assert_eq!(show["view"]["attention"][0]["why"], "独居");
}

/// Lan and Wu; Lan keeps a household in the register, with consent to daily visits from today on.
fn registered() -> (Homes, String) {
    let homes = Homes::community(&["wu"]);
    let add =
        "household add 3-2-1804 --person 王奶奶=独居 --call 女儿+13900004321 --call 邻居 --check 测血压 --consent 探访";
    let household = short(&homes.did("lan", add));
    homes.did("lan", &format!("household plan {household} --every 1"));
    (homes, household)
}
