//! The table of words as a whole: every code of the engine has both languages, every parameter that a sentence uses
//! exists, no key is unused. Who asks for a sentence is looked up in the sources of the apps, which are in three languages.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use clap::CommandFactory;
use linli_core::{
    aggregate::{Registry, Schema, alert::Escalation, order::Status},
    replica::NewerWhat,
    roster::{Need, TABLE, invite::Ended},
    sentence::{self, names},
    vocabulary::Coded,
};
use serde_json::json;

use super::{Lang, Words, help};
use crate::wrong::Wrong;

const EN: Words = Words(Lang::En);
const ZH: Words = Words(Lang::Zh);

#[test]
fn every_code_of_the_engine_has_a_sentence() {
    let codes = codes();

    assert!(codes.len() > 350, "only {}", codes.len());
    assert_eq!(lacking(codes), Vec::<String>::new());
    assert_eq!((Status::Open.code(), Escalation::Fresh.code()), ("open", "fresh"));
}

/// The fields that aggregates have, and what people write into events.
#[test]
fn every_field_that_the_engine_names_has_a_word() {
    let registry = Registry::default();
    let mut named: BTreeSet<&str> = registry
        .says()
        .flat_map(|(_, terms)| terms.params)
        .filter(|param| param.text)
        .map(|param| param.name)
        .collect();
    for (_, Schema { fields, lists }) in registry.schemas() {
        named.extend(lists.iter().map(|list| list.name));
        named.extend(fields.iter().chain(lists.iter().flat_map(|list| list.fields)).map(|spec| spec.name));
    }

    assert!(named.len() > 50 && named.contains("why") && named.contains("zh"), "only {named:?}");
    assert_eq!(lacking(named.into_iter().map(|name| format!("field.{name}"))), Vec::<String>::new());
}

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

/// What the engine gives with each code.
fn given() -> BTreeMap<String, BTreeSet<String>> {
    let lines = Registry::default().codes().into_iter();
    lines.map(|line| (format!("{}.{}", line.family, line.code), line.params.into_iter().collect())).collect()
}

/// What stands in quotes on each line.
fn strings(source: &str) -> impl Iterator<Item = &str> {
    source.lines().flat_map(|line| line.split('"').skip(1).step_by(2))
}

/// The parameters that a sentence names and nobody gives.
fn ungiven(key: &str, sentence: &str, given: &BTreeSet<String>) -> Vec<String> {
    names(sentence).filter(|name| !given.contains(*name)).map(|name| format!("{key}: {name}")).collect()
}

#[test]
fn every_parameter_of_an_engines_sentence_exists() {
    let wrong = given().into_iter().flat_map(|(key, given)| {
        let sentence = EN.template(&key).unwrap_or_default();
        ungiven(&key, sentence, &given)
    });

    assert_eq!(wrong.collect::<Vec<_>>(), Vec::<String>::new());
}

/// Where sentences are asked for: by the apps, by the engine's codes, and by other sentences.
struct Askers {
    codes: BTreeSet<String>,
    /// What each file of the apps has in quotes.
    apps: Vec<BTreeSet<String>>,
    /// What the engine has in quotes, and the apps too.
    quoted: BTreeSet<String>,
    /// Names in all of them.
    words: BTreeSet<String>,
    /// Codes that people type, as the help of arguments names them.
    typed: BTreeSet<String>,
    /// Families that sentences form parameters with.
    formed: BTreeSet<&'static str>,
}

/// What `screen.money` is given as a whole, by the engine.
const OF_A_STRUCT: [&str; 3] = ["cost", "reimbursed", "owed"];

impl Askers {
    fn read() -> Self {
        let is_test = |path: &str| path.contains("ests");
        let apps = ["examples/phone", "examples/android", "examples/ios"].into_iter().flat_map(sources);
        let apps = apps.filter(|(path, _)| !is_test(path)).map(|(_, text)| text);
        let apps: Vec<String> = apps.chain([source("examples/report.py")]).collect();
        let engine = ["core/src", "ffi/src"].into_iter().flat_map(|folder| sources(folder).into_values());
        let all: Vec<String> = engine.chain(apps.iter().cloned()).collect();
        let names = |text: &str| {
            let words = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
            words.map(str::to_owned).collect::<Vec<_>>()
        };
        let help = rows().filter(|(key, ..)| key.starts_with("argument."));
        let forms = rows().flat_map(|(_, en, _)| en.split('{').skip(1)).filter_map(|rest| rest.split('}').next());
        Self {
            codes: codes(),
            apps: apps.iter().map(|text| strings(text).map(str::to_owned).collect()).collect(),
            quoted: all.iter().flat_map(|text| strings(text)).map(str::to_owned).collect(),
            words: all.iter().flat_map(|text| names(text)).collect(),
            typed: help.flat_map(|(_, en, _)| names(en)).collect(),
            formed: forms.filter_map(|hole| Some(hole.split_once(':')?.1)).collect(),
        }
    }

    /// The files of the apps that ask for a sentence by its whole key.
    fn say(&self, key: &str) -> Vec<&BTreeSet<String>> {
        self.apps.iter().filter(|file| file.contains(key)).collect()
    }

    /// Whether a sentence is asked for: whole, as a code, or as one of a family whose codes somebody gives.
    fn ask_for(&self, key: &str) -> bool {
        if !self.say(key).is_empty() || self.codes.contains(key) || self.formed.contains(key) {
            return true;
        }
        let (family, code) = key.rsplit_once('.').expect("a key has a family");
        let wider = family.split('.').next().unwrap_or_default();
        // Fields and sums are names in structures. Kotlin shouts its variants.
        let is_given = |code: &str| {
            let named = ["field", "flow"].contains(&wider) && self.words.contains(code);
            let variant = [camel(code), code.to_uppercase()].iter().any(|name| self.words.contains(name));
            named || variant || self.quoted.contains(code) || self.typed.contains(code)
        };
        let opened = |opening: &str| {
            let holes = ["{", "$", "\\("].map(|hole| format!("{opening}{hole}"));
            self.apps.iter().flatten().any(|text| holes.iter().any(|hole| text.starts_with(hole.as_str())))
        };
        let formed = [family, wider].iter().any(|family| self.formed.contains(family));
        let asked = || formed || opened(&format!("{family}.")) || self.apps.iter().any(|file| file.contains(family));
        // `"error.ask_$code"` asks for a family of its own.
        let (kind, rest) = code.split_once('_').unwrap_or(("", code));
        (is_given(code) && asked()) || (is_given(rest) && opened(&format!("{family}.{kind}_")))
    }

    /// The parameters that a sentence of a screen names, and that no file which asks for it gives.
    fn ungiven(&self, key: &str, sentence: &str) -> Vec<String> {
        let said = self.say(key);
        let mut given: BTreeSet<String> = said.iter().flat_map(|file| file.iter().cloned()).collect();
        given.extend(OF_A_STRUCT.map(str::to_owned));
        // Of the engine's sentences the engine says what is given.
        if said.is_empty() || self.codes.contains(key) { Vec::new() } else { ungiven(key, sentence, &given) }
    }
}

/// Families of help: what they are checked against stands elsewhere here.
const HELP: [&str; 4] = ["help.", "example.", "argument.", "value."];
/// Shows how JSON looks, which looks like parameters.
const TOUR: &str = "page.tour";

#[test]
fn no_key_is_unused_and_every_parameter_of_a_screen_exists() {
    let askers = Askers::read();
    let (mut unused, mut wrong) = (Vec::new(), Vec::new());
    for (key, en, _) in rows().filter(|(key, ..)| HELP.iter().all(|family| !key.starts_with(family))) {
        if !askers.ask_for(key) {
            unused.push(key);
        }
        if key != TOUR {
            wrong.extend(askers.ungiven(key, en));
        }
    }

    assert_eq!((unused, wrong), (Vec::new(), Vec::<String>::new()));
}

#[test]
fn what_is_wrong_with_a_table_is_seen() {
    let (askers, given) = (Askers::read(), given());
    let never = ["screen.never_said", "act.never_done", "event.order.never_done", "refusal.order.never_given"];
    let never =
        never.into_iter().chain(["error.never_met", "status.order.never_so", "thing.never_owned", "hint.never_so"]);

    assert_eq!(never.filter(|key| askers.ask_for(key)).collect::<Vec<_>>(), Vec::<&str>::new());
    assert_eq!(lacking(["refusal.order.never_given".to_owned()]), ["refusal.order.never_given"]);
    assert_eq!(askers.ungiven("screen.held_by", "held by {nobody}"), ["screen.held_by: nobody"]);
    for key in ["refusal.order.held_by", "event.order.purchased", "review.contested"] {
        let sentence = "{nobody} gives {this?}";
        assert_eq!(ungiven(key, sentence, &given[key]), [format!("{key}: nobody"), format!("{key}: this")]);
    }
}

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

fn top() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("examples lie in the checkout").to_path_buf()
}

fn source(path: &str) -> String {
    fs::read_to_string(top().join(path)).expect("a source file")
}

/// Every source file below a folder, by its path.
fn sources(folder: &str) -> BTreeMap<String, String> {
    let (mut found, mut open) = (BTreeMap::new(), vec![top().join(folder)]);
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|ending| ["rs", "kt", "swift"].iter().any(|one| ending == *one)) {
                found.insert(path.display().to_string(), fs::read_to_string(&path).expect("a text"));
            }
        }
    }
    found
}

fn lacking(keys: impl IntoIterator<Item = String>) -> Vec<String> {
    keys.into_iter().filter(|key| !EN.has(key)).collect()
}

/// A unit variant's code, as it is serialized.
fn code(value: impl serde::Serialize) -> String {
    serde_json::to_value(value).expect("plain enums serialize").as_str().expect("as a text").to_owned()
}

fn camel(code: &str) -> String {
    let mut words = code.split('_').map(|word| word[..1].to_uppercase() + &word[1..]);
    words.by_ref().collect()
}

/// Every code that the engine gives, as a key of the table.
fn codes() -> BTreeSet<String> {
    let mut keys: BTreeSet<String> =
        Registry::default().codes().into_iter().map(|line| format!("{}.{}", line.family, line.code)).collect();
    keys.extend(TABLE.iter().map(|spec| format!("event.roster.{}", spec.code)));
    keys.insert("event.erasure.erased".to_owned());
    keys.extend(Ended::CODES.iter().map(|code| format!("error.invitation_{code}")));
    keys.extend(NewerWhat::ALL.map(|what| format!("newer.{}", code(what))));
    // What is answered stands on no screen's top.
    let loud = Escalation::CODES.iter().filter(|code| **code != Escalation::Answered.code());
    keys.extend(loud.map(|code| format!("todo.{code}")));
    keys.extend(Need::NAMES.iter().map(|(_, name)| format!("need.{name}")));
    keys
}
