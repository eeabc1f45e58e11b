//! Somebody needs help: it stands on top of whatever a phone shows, in words, until somebody cares for it.

use super::{
    hand::{Homes, Said, short},
    network::Live,
};

const SCREENS: [&str; 15] = [
    "board",
    "board --all",
    "round",
    "conflicts",
    "search milk",
    "boxes",
    "product list",
    "recall list",
    "alert list",
    "household list",
    "building all",
    "settings show",
    "log",
    "members",
    "peers",
];

#[test]
fn an_alert_stands_above_every_screen_until_acknowledged() {
    let homes = Homes::community(&["Wu"]);
    homes.did("lan", "settings set emergency_number=999");
    let alert = short(&homes.did("lan", "alert raise chest_pain --at 3-2-1804"));
    let lan = homes.path("lan").display().to_string();
    let words = |line: &str| line.split(' ').map(str::to_owned).collect::<Vec<_>>();

    // It comes by a meeting, and stands above what that came to.
    let met = homes.type_in("Wu", ["sync", "--with-home", &lan]);
    assert!(is_loud(&met, "999"), "{}", met.out);
    for screen in SCREENS {
        let said = homes.type_in("Wu", words(screen));
        assert!(is_loud(&said, "999"), "{screen}: {}{}", said.out, said.err);
    }
    let wrong = homes.type_in("Wu", ["order", "claim", "ffff"]);
    assert!(wrong.code == 1 && is_loud(&wrong, "999"), "{}", wrong.err);
    let chinese = homes.type_in("Wu", ["--lang", "zh", "board"]);
    let top = top(&chinese);
    assert!(top[0].starts_with("有人求助") && top[0].contains("胸痛") && top[1].contains("拨打 999"), "{top:?}");
    for screen in ["board", "conflicts", "settings show", "peers", "verify"] {
        let alerts = homes.did("Wu", screen)["alerts"].clone();
        assert_eq!(alerts.as_array().map(Vec::len), Some(1), "{screen}");
        assert_eq!(alerts[0]["line"]["card"]["what"], "chest_pain");
        assert!(alerts[0]["do"].as_str().is_some_and(|to_do| to_do.contains("999")));
    }
    let refused: serde_json::Value =
        serde_json::from_str(&homes.json("Wu", "order claim ffff").err).expect("a document");
    assert_eq!((&refused["error"]["code"], refused["alerts"].as_array().map(Vec::len)), (&"unknown".into(), Some(1)));

    homes.did("Wu", &format!("alert ack {alert}"));
    homes.meet("Wu", "lan");

    for home in ["Wu", "lan"] {
        for screen in SCREENS {
            let said = homes.type_in(home, words(screen));
            assert!(!said.out.contains("HELP NEEDED"), "{home} {screen}: {}", said.out);
        }
        assert_eq!(homes.did(home, "board")["alerts"].as_array().map(Vec::len), Some(0));
    }
}

#[test]
fn an_alert_comes_up_on_a_screen_that_is_watched_and_goes_when_somebody_cares() {
    let homes = Homes::community(&["Wu"]);
    let mut watching = Live::begin(&homes, "lan", ["watch", "--at", "127.0.0.1:0", "--for", "60"]);
    let at = format!("127.0.0.1:{}", watching.until("listening")["port"]);

    let alert = short(&homes.did("Wu", "alert raise 我爸胸口痛 --at 3-2-1804"));
    homes.did("Wu", &format!("sync --with {at}"));
    let shown = watching.until("alert");
    assert_eq!((&shown["line"]["card"]["what"], &shown["text"]), (&"chest_pain".into(), &"我爸胸口痛".into()));
    assert!(shown["do"].as_str().is_some_and(|to_do| to_do.contains("call 120")));

    homes.did("Wu", &format!("alert respond {alert}"));
    homes.did("Wu", &format!("sync --with {at}"));
    assert_eq!(watching.until("answered"), shown["line"]["card"]["alert"]);
}

#[test]
fn chinese_names_and_free_words_are_understood() {
    let homes = Homes::community(&[]);
    let raised = |what: &str| {
        let raised = homes.type_in("lan", ["--json", "alert", "raise", what, "--at", "3-2-1804"]).json();
        let seen = homes.did("lan", &format!("alert show {}", short(&raised)));
        (seen["line"]["card"]["what"].clone(), seen["view"]["text"].clone())
    };
    let nothing = serde_json::Value::Null;

    assert_eq!(raised("胸痛"), ("chest_pain".into(), nothing.clone()));
    assert_eq!(raised("Chest pain"), ("chest_pain".into(), nothing.clone()));
    assert_eq!(raised("燃气泄漏"), ("gas".into(), nothing));
    assert_eq!(raised("我爸胸口痛得厉害"), ("chest_pain".into(), "我爸胸口痛得厉害".into()));
    assert_eq!(raised("my mother fell in the bath"), ("fall".into(), "my mother fell in the bath".into()));
    assert_eq!(raised("手被门夹住了"), ("other".into(), "手被门夹住了".into()));
    let shown = homes.type_in("lan", ["--lang", "zh", "board"]).out;
    assert!(shown.contains("胸痛") && shown.contains("拨打 120"), "{shown}");
}

#[test]
fn help_lists_every_code() {
    let homes = Homes::community(&[]);
    let codes = linli_core::aggregate::alert::WHATS;
    for words in [["alert", "--help"].as_slice(), &["alert", "raise", "--help"], &["alert", "codes"]] {
        let said = homes.type_in("lan", words);
        assert_eq!(said.code, 0, "{}", said.err);
        for code in codes {
            assert!(said.out.contains(code), "{words:?} does not name {code}");
        }
    }
    let chinese = homes.type_in("lan", ["--lang", "zh", "alert", "codes"]).out;
    assert!(chinese.lines().any(|line| line.contains("chest_pain") && line.contains("胸痛")), "{chinese}");
    assert_eq!(homes.did("lan", "alert codes")["codes"].as_array().map(Vec::len), Some(codes.len()));
}

/// The table of words and what is understood are two: whatever a screen calls a code is understood as it.
#[test]
fn whatever_a_screen_calls_it_is_understood() {
    for line in include_str!("../../words/words.tsv").lines() {
        let Some((code, names)) = line.strip_prefix("what.").and_then(|line| line.split_once('\t')) else { continue };
        // A number, in a correction, is said by a sentence of the same family.
        if code == "minutes" {
            continue;
        }
        for name in names.split('\t') {
            let meant = linli_core::aggregate::alert::meant(name).expect("it says something");
            assert_eq!((meant.what, meant.says_more), (code, false), "{name}");
        }
    }
}

/// The first lines of what a command said to people, answered or refused.
fn top(said: &Said) -> Vec<String> {
    let both = format!("{}{}", said.out, said.err);
    both.lines().take(3).map(str::to_owned).collect()
}

/// Whether a chest pain stands on top, with what to do now.
fn is_loud(said: &Said, number: &str) -> bool {
    let [what, to_do, how] = &top(said)[..] else { return false };
    what.starts_with("HELP NEEDED")
        && what.contains("chest pain")
        && what.contains("3-2-1804")
        && to_do.contains(&format!("call {number}"))
        && how.contains("phone alert ack ")
}
