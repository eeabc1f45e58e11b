//! Room that runs out: what a phone says of it before and when it is refused, and that what it advises works when typed.

use std::sync::Arc;

use linli_core::{
    aggregate::order::{Command, Order},
    id::{CommandId, Reference},
    replica::{Options, Replica},
    store::DirSecrets,
};

use super::hand::{Homes, Said, short};

#[test]
fn room_that_runs_out_is_told_to_both_and_given_as_it_is_advised() {
    let homes = Homes::community(&["wu"]);
    let posted = homes.did("lan", "order post 3-2-1804 --kind grocery --note milk");
    let (order, aggregate) =
        (short(&posted), posted["aggregate"].as_str().expect("an id").parse().expect("a reference"));
    homes.meet("lan", "wu");
    assert_eq!(comment(&homes, "wu", aggregate, 70), 70);
    let quiet = typed(&homes, "wu", ["order", "comment", &order, "here"]);
    assert!(!quiet.out.contains("room"), "{}", quiet.out);
    comment(&homes, "wu", aggregate, 3);

    let en = typed(&homes, "wu", ["order", "comment", &order, "there"]);
    let zh = typed(&homes, "wu", ["--lang", "zh", "order", "comment", &order, "there"]);
    assert_eq!((en.code, zh.code), (0, 0), "{}{}", en.err, zh.err);
    assert!(en.out.contains("This phone has little room left to write more in order #"), "{}", en.out);
    assert!(zh.out.contains("本机在需求 #") && zh.out.contains("可写的空间所剩不多"), "{}", zh.out);
    let left = homes.did("wu", &format!("order comment {order} and+there"));
    assert!(left["room_left"].as_u64().is_some_and(|left| (15..25).contains(&left)), "{left}");
    homes.meet("lan", "wu");
    let (mine, hers) = (typed(&homes, "wu", ["members"]).out, typed(&homes, "lan", ["members"]).out);
    assert!(mine.contains("Ask a coordinator") && !mine.contains("wu has little room"), "{mine}");
    assert!(typed(&homes, "lan", ["--lang", "zh", "tend"]).out.contains("wu在需求 #"));
    let (tended, document) = (typed(&homes, "lan", ["tend"]).out, homes.did("lan", "tend"));
    assert!(hers.contains("3-2-1804") && tended.contains("in order #"), "{hers}{tended}");
    assert!(
        !tended.contains("1804") && !document.to_string().contains("1804"),
        "a log says nothing of where people live"
    );
    assert_eq!(document["little_room"][0]["within"]["in"], "thing");

    let room = advised(&hers, "wu has little room left to write more in order #");
    assert_eq!(room, advised(&mine, "This phone has little room left"), "both say the same");
    let given = typed(&homes, "lan", room.iter().map(String::as_str));
    assert_eq!(given.code, 0, "{}", given.err);
    homes.meet("lan", "wu");

    for home in ["lan", "wu"] {
        let said = typed(&homes, home, ["members"]).out;
        assert!(!said.contains("little room"), "{said}");
    }
    assert_eq!(comment(&homes, "wu", aggregate, 40), 40, "more than was left before");
}

#[test]
fn a_coordinator_who_is_refused_reads_how_to_go_on() {
    let homes = Homes::community(&[]);
    let posted = homes.did("lan", "order post 3-2-1804 --kind grocery --note milk");
    let (order, aggregate) =
        (short(&posted), posted["aggregate"].as_str().expect("an id").parse().expect("a reference"));
    comment(&homes, "lan", aggregate, 200);
    let word = "x".repeat(8_000);
    let ask = |lang: &str| typed(&homes, "lan", ["--lang", lang, "order", "comment", &order, &word]);
    let (en, zh) = (ask("en"), ask("zh"));
    assert_eq!((en.code, zh.code), (1, 1));
    assert!(en.err.contains("on a coordinator’s own phone it is `phone room me`"), "{}", en.err);
    assert!(zh.err.contains("若本机就是网格员的手机，运行 phone room me"), "{}", zh.err);
    let members = typed(&homes, "lan", ["members"]).out;
    assert_eq!(advised(&members, "This phone has little room left"), ["room", "me"]);

    let given = typed(&homes, "lan", ["room", "me"]);

    assert_eq!(given.code, 0, "{}", given.err);
    assert_eq!(ask("en").code, 0);
    assert!(!typed(&homes, "lan", ["members"]).out.contains("little room"));
}

/// Comments with much in them, written on a phone that nobody looks at, until so many are written or one is refused.
fn comment(homes: &Homes, home: &str, order: Reference, most: usize) -> usize {
    let home = homes.path(home);
    let secrets = Arc::new(DirSecrets::open(&home.join("secrets")).expect("keys"));
    let phone = Replica::open(Options::new(&home, secrets)).expect("it opens");
    let say = |_: &usize| {
        let command = Command::Comment { text: "x".repeat(8_000) };
        phone.submit::<Order>(CommandId::from_bytes(rand::random()), Some(order), command).is_ok()
    };
    (0..most).take_while(say).count()
}

/// What stands between these words, and is to be typed.
#[track_caller]
fn advised(said: &str, line: &str) -> Vec<String> {
    let at = said.lines().position(|told| told.contains(line)).unwrap_or_else(|| panic!("{line}: {said}"));
    let hint = said.lines().nth(at + 1).expect("a hint");
    let typed = hint.split_once("phone room ").expect("a command").1;
    let whom: String = typed.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '@').collect();
    vec!["room".to_owned(), whom]
}

fn typed<'a>(homes: &Homes, home: &str, words: impl IntoIterator<Item = &'a str>) -> Said {
    homes.type_in(home, words)
}
