//! News carried as files, and how fresh they are, typed in.

use super::hand::{Homes, short};

#[test]
fn a_file_carries_what_the_other_phone_lacks() {
    let homes = scene();

    let all = homes.did("lan", "bundle export all.linli --all");
    let some = homes.did("lan", "bundle export wu.linli --for Wu");
    let urgent = homes.did("lan", "bundle export urgent.linli --urgent");
    assert!(some["events"].as_u64() < all["events"].as_u64());
    assert!(urgent["events"].as_u64() < some["events"].as_u64());
    let first = homes.did("Wu", "bundle import urgent.linli wu.linli");
    let again = homes.did("Wu", "bundle import all.linli");

    assert_eq!(first["files"][0]["new"], 0);
    assert_eq!((&first["files"][1]["new"], &first["files"][1]["ending"]), (&1.into(), &"whole".into()));
    assert_eq!((&again["files"][0]["new"], &again["files"][0]["known"]), (&0.into(), &all["events"]));
    assert_eq!(orders(&homes, "Wu"), 2);
    assert_eq!(homes.did("lan", "verify")["state_hash"], homes.did("Wu", "verify")["state_hash"]);
    let files: Vec<_> = std::fs::read_dir(homes.path("")).expect("a directory").flatten().collect();
    assert_eq!(files.len(), 5, "two homes, three files, nothing half: {files:?}");
}

#[test]
fn a_broken_file_is_told_and_what_is_whole_counts() {
    let homes = scene();
    homes.did("lan", "bundle export all.linli");
    let whole = std::fs::read(homes.path("all.linli")).expect("a file");
    std::fs::write(homes.path("cut.linli"), &whole[..whole.len() - 40]).expect("a file");
    let mut damaged = whole.clone();
    damaged[whole.len() / 2] ^= 1;
    std::fs::write(homes.path("bad.linli"), damaged).expect("a file");
    std::fs::write(homes.path("list.txt"), "rice, oil").expect("a file");
    homes.did("other", "found");
    homes.did("other", "bundle export other.linli");

    let said = homes.json("Wu", "bundle import list.txt other.linli bad.linli cut.linli");

    assert_eq!((said.code, said.err.as_str()), (1, ""));
    let document: serde_json::Value = serde_json::from_str(&said.out).expect("one JSON document");
    let files = &document["files"];
    assert_eq!(files[0]["error"]["code"], "not_a_bundle");
    assert_eq!(files[1]["error"]["code"], "foreign_bundle");
    assert_eq!((&files[2]["ending"], &files[3]["ending"]), (&"damaged".into(), &"truncated".into()));
    assert!(files[2]["known"].as_u64() > Some(0), "{files}");
    for lang in ["en", "zh"] {
        let said = homes.type_in("Wu", ["--lang", lang, "bundle", "import", "cut.linli", "bad.linli", "list.txt"]);
        assert_eq!(said.code, 1);
        assert_eq!(said.out.matches("cut.linli").count(), 2, "{}", said.out);
        assert!(!said.out.contains('?'), "{}", said.out);
    }
}

#[test]
fn a_gap_names_the_remedy() {
    let homes = Homes::community(&["Wu", "Mei"]);
    let order = short(&homes.did("lan", "order post 3-2-1804 --kind medicine --item 药+1+盒"));
    homes.meet("Wu", "lan");
    homes.did("lan", &format!("order comment {order} now"));
    homes.did("lan", "bundle export wu.linli --for Wu");

    let early = homes.type_in("Mei", ["bundle", "import", "wu.linli"]);

    assert_eq!(early.code, 1);
    assert!(early.out.contains("then wu.linli again"), "{}", early.out);
}

#[test]
fn peers_say_how_fresh_news_are_and_how_far_apart_phones_are() {
    let homes = scene();

    let state = homes.did("lan", "peers");
    assert_eq!((&state["age"], &state["peers"][0]["age"]), (&"fresh".into(), &"fresh".into()));
    assert_eq!((&state["peers"][0]["name"], &state["peers"][0]["behind"]), (&"Wu".into(), &1.into()));
    assert!(homes.type_in("lan", ["peers"]).out.contains("lacks 1 of ours"));
    homes.meet("Wu", "lan");
    assert_eq!(homes.did("lan", "peers")["peers"][0]["behind"], 0);
    assert!(homes.type_in("lan", ["--lang", "zh", "peers"]).out.contains("已同步"));
}

/// Lan and Wu, who both have one order; another that only Lan has.
fn scene() -> Homes {
    let homes = Homes::community(&["Wu"]);
    homes.did("lan", "order post 5-1-302 --kind grocery --item 大米+1+袋");
    homes.meet("Wu", "lan");
    homes.did("lan", "order post 3-2-1804 --kind medicine --item 布洛芬+2+盒");
    homes
}

fn orders(homes: &Homes, home: &str) -> usize {
    homes.did(home, "board")["items"].as_array().map_or(0, Vec::len)
}
