//! The table of words as the terminal reads it: both languages say the same, what the terminal fails with and how it is called
//! is explained, sentences are filled in. What of it the engine and the apps ask for, `tests/tidy` looks up.

use std::collections::{BTreeMap, BTreeSet};

use clap::CommandFactory;
use linli_core::{
    sentence::{self, names},
    vocabulary::Coded,
};
use serde_json::json;

use super::{Lang, Words, help};
use crate::wrong::Wrong;

const EN: Words = Words(Lang::En);
const ZH: Words = Words(Lang::Zh);

#[test]
fn every_failure_of_the_terminal_has_a_sentence() {
    assert!(Wrong::CODES.len() > 80, "only {:?}", Wrong::CODES);
    assert_eq!(lacking(Wrong::CODES.iter().map(|code| format!("error.{code}"))), Vec::<String>::new());
}

#[test]
fn both_languages_say_something_with_the_same_parameters_and_no_key_stands_twice() {
    let holes = |text: &str| names(text).map(str::to_owned).collect::<BTreeSet<_>>();
    let (mut seen, mut lines) = (BTreeSet::new(), 0);
    for line in super::TABLE.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        assert_eq!(line.split('\t').count(), 3, "{line}");
        lines += 1;
    }
    for (key, en, zh) in rows() {
        assert!(seen.insert(key), "{key} stands twice");
        assert!(!en.is_empty() && !zh.is_empty() && en.trim() == en && zh.trim() == zh, "{key}");
        if key != TOUR {
            assert_eq!(holes(en), holes(zh), "{key}");
        }
    }
    assert_eq!(seen.len(), lines);
}

#[test]
fn a_chinese_sentence_speaks_chinese() {
    let typed = ["help.", "example.", "argument.", "page.", "hint.", "usage."];
    let outside = |text: &str| text.split(['{', '}']).step_by(2).collect::<String>();
    for (key, en, zh) in rows().filter(|(key, ..)| typed.iter().all(|typed| !key.starts_with(typed))) {
        let speaks = outside(zh).chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c));
        assert!(speaks || !outside(en).contains(char::is_alphabetic), "{key}: {zh}");
        let words = outside(zh);
        let foreign = words.split(|c: char| !c.is_ascii_alphabetic()).filter(|word| word.len() > 2).count();
        let command = ["phone ", "linli-relay ", "--", "listen"].iter().any(|command| zh.contains(command));
        assert!(command || foreign < 3, "{key}: {zh}");
    }
}

/// Families of help: what they are checked against stands elsewhere here.
const HELP: [&str; 4] = ["help.", "example.", "argument.", "value."];
/// Shows how JSON looks, which looks like parameters.
const TOUR: &str = "page.tour";

/// Every command with its path, and the arguments of each, with the names of their values.
fn commands(command: &clap::Command, path: &str, all: &mut BTreeMap<String, Vec<(String, Vec<String>)>>) {
    let values = |arg: &clap::Arg| -> Vec<String> {
        let taken = arg.get_value_names().filter(|_| arg.get_action().takes_values());
        taken.unwrap_or_default().iter().map(|name| format!("value.{name}")).collect()
    };
    let arguments = command.get_arguments().map(|arg| (arg.get_id().as_str().to_owned(), values(arg))).collect();
    all.insert(path.to_owned(), arguments);
    for sub in command.get_subcommands() {
        commands(sub, format!("{path} {}", sub.get_name()).trim_start(), all);
    }
}

#[test]
fn every_command_and_argument_is_explained_and_nothing_else_is() {
    let mut all = BTreeMap::new();
    commands(&crate::Cli::command(), "", &mut all);
    let built = ["argument.help", "argument.version", "value.COMMAND", "value.OPTIONS"];
    let mut wanted: BTreeSet<String> = built.map(str::to_owned).into();
    for (path, arguments) in &all {
        if !path.is_empty() {
            wanted.extend([format!("help.{path}"), format!("example.{path}")]);
        }
        wanted.extend(arguments.iter().map(|(argument, _)| help::key(path, argument, EN)));
        wanted.extend(arguments.iter().flat_map(|(_, values)| values.iter().cloned()));
    }
    let explained: BTreeSet<String> = rows()
        .map(|(key, ..)| key.to_owned())
        .filter(|key| HELP.iter().any(|family| key.starts_with(family)))
        .collect();

    assert!(all.len() > 130 && wanted.len() > 400, "only {} commands", all.len());
    assert_eq!(wanted.symmetric_difference(&explained).collect::<Vec<_>>(), Vec::<&String>::new());
    for path in all.keys().filter(|path| !path.is_empty()) {
        for words in [EN, ZH] {
            let example = words.plain(&format!("example.{path}"));
            let last = path.split(' ').next_back().expect("a name");
            assert!(example.contains(last) || !path.contains(' '), "{path}: {example}");
        }
    }
}

#[test]
fn a_sentence_names_members_references_and_times() {
    let params = json!({
        "holder": "00".repeat(32), "holder_name": "吴", "since": 0, "since_local": "1970-01-01 08:00",
    });

    assert_eq!(ZH.say_with("refusal.order.held_by", params), "吴正在负责这个需求（自 1970-01-01 08:00）。");
    let to = format!("{}-1-a1b2c3{}", "00".repeat(16), "00".repeat(13));
    assert_eq!(EN.say_with("refusal.order.goes_on", json!({ "to": to })), "The order goes on as #a1b2c3.");
}

#[test]
fn a_sentence_says_money_in_yuan_counts_nouns_and_leaves_out_what_is_missing() {
    let bought = json!({ "cost_cents": 2580, "got": [], "happened_at": null, "already_happened": false });
    assert_eq!(EN.say_with("event.order.purchased", bought.clone()), "bought it for 25.80 yuan");
    assert_eq!(ZH.say_with("event.order.purchased", bought), "买好了，花了 25.80 元");
    let over = json!({ "reimbursed": 3000, "cost": 5 });
    assert_eq!(ZH.say_with("review.overpaid", over), "结款 30.00 元，多于垫付的 0.05 元");

    let lots = |lots: u8| EN.say_with("refusal.box.still_stocked", json!({ "lots": lots }));
    assert_eq!((lots(1), lots(3)), ("1 lot is left in the box.".into(), "3 lots are left in the box.".into()));
    let nth = |place: u8| EN.say_with("error.kit_unknown_word", json!({ "place": place }));
    assert!(nth(3).starts_with("The 3rd word") && nth(12).starts_with("The 12th word"));
    assert!(ZH.say_with("error.kit_unknown_word", json!({ "place": 3 })).starts_with("第 3 个词"));
}

#[test]
fn a_sentence_shows_structures_in_words() {
    let goods = json!({ "product": "x", "product_name": "布洛芬", "batch": "2305", "expiry": null, "unit": "盒" });
    let given = json!({ "goods": goods, "qty": 2, "origin": null, "opened": false, "blister_intact": true });
    assert_eq!(ZH.say_with("event.box.donated", given), "捐入了 2 盒布洛芬，批号 2305，铝箔完整");

    let corrected = json!({ "event": "e", "value": { "purchased": { "cost_cents": 100, "got": [] } }, "why": "写错" });
    assert_eq!(ZH.say_with("event.order.corrected", corrected), "更正了记录 e：购买，花费 1.00 元（写错）");
    let hidden = json!([["a", { "code": "expired", "expiry": "2024-05-31" }], ["b", { "code": "empty" }]]);
    let missing = json!({ "missing": 3, "asked": 5, "hidden": hidden });
    assert_eq!(
        ZH.say_with("refusal.box.not_enough", missing),
        "需要 5，还缺 3。未提供：a：已过期（有效期至 2024-05-31）、b：已用完"
    );
    let unit =
        |list: &str| ZH.say_with("review.conflicting_edit", json!({ "field": "unit", "list": list, "values": "x" }));
    assert_eq!((unit("items"), unit("")), ("对“单位”有不同说法：x".into(), "对“单元”有不同说法：x".into()));
    // What a person wrote is no code, whatever it reads like.
    assert_eq!(ZH.say_with("event.order.cancelled", json!({ "why": "nobody" })), "取消了需求：nobody");
}

#[test]
fn a_sentence_says_what_ended_and_what_a_number_counts() {
    let limit = |qty| json!({ "product": null, "qty": qty, "days": 7 });
    assert_eq!(EN.say_with("event.box.limit_set", limit(json!(2))), "set a limit for each household: 2 in 7 days");
    assert_eq!(ZH.say_with("event.box.limit_set", limit(json!(2))), "设定了每户限量：每 7 天 2");
    assert_eq!(EN.say_with("event.box.limit_set", limit(json!(null))), "ended the limit for each household");
    assert_eq!(ZH.say_with("event.box.limit_set", limit(json!(null))), "取消了每户限量");
    let low = |below| json!({ "product": "x", "product_name": "布洛芬", "unit": "盒", "below": below });
    assert_eq!(ZH.say_with("event.box.restock_set", low(json!(3))), "设定了布洛芬的补货线：低于 3 盒");
    assert_eq!(ZH.say_with("event.box.restock_set", low(json!(null))), "取消了布洛芬的补货线");

    let corrected = |value| json!({ "event": "e", "value": value, "why": "误点" });
    let alert = |value| ZH.say_with("event.alert.corrected", corrected(value));
    assert_eq!(alert(json!("chest_pain")), "更正了记录 e：胸痛（误点）");
    assert_eq!(
        (alert(json!(5)), alert(json!(null))),
        ("更正了记录 e：5 分钟（误点）".into(), "更正了记录 e：已收回（误点）".into())
    );
    assert_eq!(EN.say_with("event.alert.corrected", corrected(json!(1))), "corrected e: 1 minute; 误点");
    let visit = |outcome| json!({ "event": "e", "outcome": outcome, "why": "写错" });
    assert_eq!(ZH.say_with("event.household.corrected", visit(json!("well"))), "更正了记录 e：平安（写错）");
    assert_eq!(ZH.say_with("event.household.corrected", visit(json!(null))), "更正了记录 e：没有发生（写错）");
}

fn rows() -> impl Iterator<Item = (&'static str, &'static str, &'static str)> {
    sentence::rows(super::TABLE)
}

fn lacking(keys: impl IntoIterator<Item = String>) -> Vec<String> {
    keys.into_iter().filter(|key| !EN.has(key)).collect()
}
