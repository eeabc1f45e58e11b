//! Names that two bear, names that look like another's, names that look like ids: whom a door means, and what a screen
//! shows of it.

use serde_json::Value;

use super::hand::{Homes, short};

#[test]
fn every_door_refuses_a_name_that_two_bear_and_says_between_whom() {
    let homes = called(&["Ben", "ben", "Mei"]);
    let order = short(&homes.did("lan", "order post 3-2-1804 --kind medicine --item 药+1+盒"));
    let household = short(&homes.did("lan", "household add 5-1-302 --person 王奶奶=独居 --consent 探访"));
    let record = homes.did("new", "id")["record"].as_str().expect("a record").to_owned();
    let ([(one, at_one), (_, at_other)], before) =
        (["p0", "p1"].map(|home| id(&homes, home)), homes.did("lan", "verify"));

    let doors = [
        "grant Ben care",
        "ungrant Ben care",
        "revoke Ben",
        "revoke Ben --dry-run",
        "revoke Ben --person",
        "revoke Mei --except Ben",
        "cut Ben",
        "admit RECORD --member Ben",
        "invite --member Ben",
        "order assign ORDER Ben",
        "order hand-over ORDER Ben",
        "order entrust ORDER key --to Ben",
        "order pass-on ORDER key --to Ben",
        "order pass-on ORDER key --to me --from Ben",
        "order return ORDER key --from Ben",
        "resolve ORDER --to Ben",
        "household pair HOUSEHOLD Ben",
        "household confirm HOUSEHOLD --outcome well --by Ben",
        "relay move Ben 192.0.2.1:4433",
        "bundle export x.linli --for Ben",
    ];
    for door in doors {
        let line = door.replace("ORDER", &order).replace("HOUSEHOLD", &household).replace("RECORD", &record);
        assert_eq!(homes.json("lan", &line).error(), "ambiguous", "{door}");
        let words: Vec<&str> = line.split(' ').collect();
        let told = said(&homes, &words);
        assert!(told.contains(&at_one) && told.contains(&at_other), "{door}: {told}");
    }
    assert_eq!(homes.did("lan", "verify"), before, "nothing was written");

    for named in [at_one.as_str(), &at_one[1..], &one, &format!("Ben {at_one}")] {
        homes.type_in("lan", ["--json", "grant", named, "care"]).json();
        assert_eq!(rights(&homes, &one), serde_json::json!(["care"]), "{named}");
        homes.type_in("lan", ["--json", "ungrant", named, "care"]).json();
    }
    assert_eq!(homes.type_in("lan", ["--json", "grant", &format!("Mei {at_one}"), "care"]).error(), "unknown");
}

#[test]
fn an_id_wins_over_a_name_that_looks_like_it() {
    let homes = called(&["Ben"]);
    let (ben, handle) = id(&homes, "p0");
    admitted(&homes, "thief", &handle[1..]);
    let (thief, at_thief) = id(&homes, "thief");

    homes.type_in("lan", ["--json", "grant", &handle[1..], "care"]).json();

    assert_eq!((rights(&homes, &ben), rights(&homes, &thief)), (serde_json::json!(["care"]), serde_json::json!([])));
    let shown = homes.type_in("lan", ["peers"]).out;
    assert!(shown.contains(&format!("{} {at_thief}", &handle[1..])), "never alone: {shown}");
    // Fewer digits than screens show may be a name as well: of two different ones neither is guessed.
    admitted(&homes, "short", &handle[1..6]);
    assert_eq!(homes.json("lan", &format!("grant {} care", &handle[1..6])).error(), "ambiguous");
    homes.did("lan", &format!("ungrant {} care", &handle[..6]));
}

#[test]
fn digits_of_an_id_that_is_not_here_yet_are_nobodys_name() {
    let homes = called(&["Ben"]);
    let (ben, handle) = id(&homes, "p0");
    // Another coordinator's phone has not heard of Ben, and knows somebody who is called as Ben's id begins.
    let elsewhere = called(&[&handle[1..]]);
    let (called, at_called) = id(&elsewhere, "p0");

    assert_eq!(elsewhere.json("lan", &format!("grant {} care", &handle[1..])).error(), "ambiguous");
    let told = said(&elsewhere, &["grant", &handle[1..], "care"]);
    assert!(told.contains(&at_called), "who is called so: {told}");
    assert_eq!(elsewhere.json("lan", &format!("grant {ben} care")).error(), "unknown");
    elsewhere.did("lan", &format!("grant {at_called} care"));
    assert_eq!(rights(&elsewhere, &called), serde_json::json!(["care"]));
}

#[test]
fn a_name_that_bears_anothers_id_is_not_shown_alone() {
    let homes = called(&["Wu"]);
    let (wu, handle) = id(&homes, "p0");
    admitted(&homes, "thief", &format!("Wu {handle}"));
    let (thief, at_thief) = id(&homes, "thief");

    let shown = homes.type_in("lan", ["peers"]).out;

    assert!(shown.contains(&format!("Wu {handle} {at_thief}")), "{shown}");
    homes.type_in("lan", ["--json", "grant", &format!("Wu {handle}"), "care"]).json();
    assert_eq!((rights(&homes, &wu), rights(&homes, &thief)), (serde_json::json!(["care"]), serde_json::json!([])));
}

#[test]
fn whoever_was_withdrawn_is_not_chosen_by_name() {
    let homes = called(&["Ben"]);
    let (old, at_old) = id(&homes, "p0");
    homes.did("lan", "revoke Ben");

    for door in ["grant Ben care", "revoke Ben", "revoke Ben --person", "bundle export x.linli --for Ben"] {
        assert_eq!(homes.json("lan", door).error(), "withdrawn", "{door}");
        let words: Vec<&str> = door.split(' ').collect();
        assert!(said(&homes, &words).contains(&at_old), "{door}");
    }
    admitted(&homes, "new", "Ben");
    let (new, _) = id(&homes, "new");
    for door in ["grant Ben care", "revoke Ben", "cut Ben"] {
        assert_eq!(homes.json("lan", door).error(), "ambiguous", "{door}");
    }

    homes.did("lan", &format!("cut {at_old}"));
    homes.did("lan", &format!("grant {} care", &new[..8]));
    assert_eq!((rights(&homes, &old), rights(&homes, &new)), (serde_json::json!([]), serde_json::json!(["care"])));
}

#[test]
fn a_person_with_a_new_phone_is_meant_by_name() {
    let homes = called(&["Ben"]);
    let record = homes.did("new", "id")["record"].as_str().expect("a record").to_owned();
    homes.type_in("lan", ["--json", "admit", &record, "--name", "Ben", "--member", "Ben"]).json();
    let (_, at_old) = id(&homes, "p0");
    assert_eq!(homes.json("lan", "grant Ben care").error(), "ambiguous", "on which phone");

    homes.did("lan", &format!("revoke {at_old}"));
    homes.did("lan", "grant Ben care");

    let (new, _) = id(&homes, "new");
    assert_eq!(rights(&homes, &new), serde_json::json!(["care"]));
}

#[test]
fn a_name_that_only_looks_the_same_shows() {
    // A Cyrillic letter, a letter that nobody sees, full width, a mark that turns the direction, another case.
    for spoofed in ["\u{041c}ei", "Me\u{200b}i", "\u{ff2d}ei", "Mei\u{202e}", "MEI", "M ei"] {
        let homes = called(&["Mei", spoofed]);
        let ([(_, honest), (_, false_one)], order) = (
            ["p0", "p1"].map(|home| id(&homes, home)),
            short(&homes.did("p1", "order post 3-2-1804 --kind medicine --item 药+1+盒")),
        );
        homes.meet("lan", "p1");

        assert_eq!(homes.json("lan", "grant Mei care").error(), "ambiguous", "{spoofed:?}");
        let shown = homes.type_in("lan", ["order", "show", &order]).out;
        assert!(shown.contains(&false_one) && !shown.contains(&honest), "{spoofed:?}: {shown}");
        assert!(!shown.contains(['\u{200b}', '\u{202e}']), "{spoofed:?}: {shown}");
    }
    let homes = called(&["Mei", "Ben"]);
    assert!(!homes.type_in("lan", ["peers"]).out.contains('@'), "nobody is taken for another");
}

#[test]
fn a_product_is_not_taken_for_another() {
    let homes = Homes::community(&[]);
    let one = short(&homes.did("lan", "product add 布洛芬 --alias ibuprofen --class supply"));
    let other = short(&homes.did("lan", &format!("product add {one} --class supply")));
    homes.did("lan", "product add 布洛芬片 --alias ibuprofen --class supply");

    assert_eq!(homes.json("lan", "product show ibuprofen").error(), "ambiguous");
    assert_eq!(homes.json("lan", "product show ibupr0fen").error(), "ambiguous");
    assert_eq!(homes.json("lan", &format!("product show {one}")).error(), "ambiguous", "a name, and an id");
    let shown = homes.did("lan", &format!("product show #{one}"));
    assert_eq!(shown["line"]["name"], "布洛芬");
    homes.did("lan", &format!("product show {other}"));
}

/// Whoever lists something under another's name takes that name from nobody for long.
#[test]
fn a_withdrawn_product_leaves_its_name_to_others() {
    let homes = Homes::community(&[]);
    let meant = homes.did("lan", "product add 布洛芬 --alias ibuprofen --class supply");
    let second = short(&homes.did("lan", "product add ibuprofen --class supply"));
    let third = short(&homes.did("lan", "product add ibupr0fen --class supply"));
    assert_eq!(homes.json("lan", "product show ibuprofen").error(), "ambiguous");
    homes.did("lan", &format!("product withdraw #{second} --why twice"));
    assert_eq!(homes.json("lan", "product show ibuprofen").error(), "ambiguous", "two still stand");
    homes.did("lan", &format!("product withdraw #{third} --why twice"));

    assert_eq!(homes.did("lan", "product show ibuprofen")["line"]["name"], "布洛芬");
    assert_eq!(homes.did("lan", &format!("product show #{second}"))["line"]["name"], "ibuprofen");
    homes.did("lan", &format!("product withdraw #{} --why over", short(&meant)));
    assert_eq!(homes.json("lan", "product show ibuprofen").error(), "ambiguous", "none stands");
    assert_eq!(homes.did("lan", "product show 布洛芬")["line"]["name"], "布洛芬", "of one name there is one");
}

#[test]
fn digits_that_begin_two_ids_name_neither() {
    let homes = Homes::community(&[]);
    // Of 65,536 beginnings of four digits, two in so many are all but sure to be the same.
    let rows: String = (0..1_200).map(|nth| format!("p{nth}x,,,supply,\n")).collect();
    std::fs::write(homes.path("many.csv"), format!("name,generic,form,class,aliases\n{rows}")).expect("a file");
    homes.did("lan", "product import many.csv");
    let listed = homes.did("lan", "product list");
    let mut seen = std::collections::BTreeMap::new();
    let shared = listed.as_array().expect("a list").iter().find_map(|line| {
        let whole = line["product"].as_str().expect("an id");
        let digits = whole.rsplit('-').next().expect("a check");
        seen.insert(&digits[..4], whole).map(|before| (&digits[..4], before, whole))
    });
    let (digits, one, other) = shared.expect("two that begin alike");

    for door in ["product show", "product withdraw", "recall raise", "log", "export"] {
        let line = format!("{door} #{digits}{}", if door == "export" { " out" } else { "" });
        assert_eq!(homes.json("lan", &line).error(), "ambiguous", "{door}");
        let told = homes.json("lan", &line).err;
        assert!(told.contains(one) && told.contains(other), "{door}: {told}");
    }
    homes.did("lan", &format!("product show {one}"));
}

/// Lan, and others under names of their own; the homes are called `p0`, `p1`, and so on.
fn called(names: &[&str]) -> Homes {
    let homes = Homes::community(&[]);
    for (nth, name) in names.iter().enumerate() {
        admitted(&homes, &format!("p{nth}"), name);
    }
    homes
}

fn admitted(homes: &Homes, home: &str, name: &str) {
    let record = homes.did(home, "id")["record"].as_str().expect("a record").to_owned();
    let welcome = homes.type_in("lan", ["--json", "admit", &record, "--name", name]).json();
    homes.type_in(home, ["--json", "join", welcome["welcome"].as_str().expect("a welcome")]).json();
    homes.meet(home, "lan");
}

/// A device's id, and the beginning of it as screens show it.
fn id(homes: &Homes, home: &str) -> (String, String) {
    let id = homes.did(home, "id")["device"].as_str().expect("an id").to_owned();
    let handle = format!("@{}", &id[..8]);
    (id, handle)
}

fn rights(homes: &Homes, device: &str) -> Value {
    let members = homes.did("lan", "members");
    let line = members.as_array().expect("a list").iter().find(|line| line["device"] == device);
    line.expect("it is listed")["rights"].clone()
}

/// What a refusal says, as a person reads it.
fn said(homes: &Homes, words: &[&str]) -> String {
    let said = homes.type_in("lan", words);
    assert_eq!(said.code, 1, "{words:?}: {}", said.out);
    said.err
}
