//! The table of words beside all who ask for a sentence: every code of the engine has both languages, every parameter that a
//! sentence uses exists, every key that an app asks for is there and no key is unused, and the relay's page says the same.
//!
//! Of the engine nothing is asked but which codes there are. How the terminal reads the table it tests itself.

use std::collections::{BTreeMap, BTreeSet};

use linli_core::aggregate::{Registry, Schema, alert::Escalation, order::Status};

use crate::{
    askers::{Askers, said_by_key},
    none,
    source::{top, tree},
    table::{codes, given, lacking, rows, ungiven},
};

/// Families that are not looked up here: the terminal's help, and the relay's page, which has a copy.
const ELSEWHERE: [&str; 5] = ["help.", "example.", "argument.", "value.", RELAY];
/// Shows how JSON looks, which looks like parameters.
const TOUR: &str = "page.tour";
/// The family of the relay's page.
const RELAY: &str = "relay.";

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
fn every_parameter_of_an_engines_sentence_exists() {
    let wrong = given().into_iter().flat_map(|(key, given)| {
        let sentence = rows().find(|(named, ..)| *named == key).map(|(_, en, _)| en);
        ungiven(&key, sentence.unwrap_or_default(), &given)
    });

    assert_eq!(wrong.collect::<Vec<_>>(), Vec::<String>::new());
}

#[test]
fn no_key_is_unused_and_every_parameter_of_a_screen_exists() {
    let askers = Askers::read(&tree());
    let (mut unused, mut wrong) = (Vec::new(), Vec::new());
    for (key, en, _) in rows().filter(|(key, ..)| ELSEWHERE.iter().all(|family| !key.starts_with(family))) {
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
    let (askers, given) = (Askers::read(&tree()), given());
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

#[test]
fn every_sentence_that_an_app_asks_for_is_there() {
    let asked = said_by_key(&tree());

    assert!(asked.len() > 150, "only {}", asked.len());
    assert_eq!(lacking(asked), Vec::<String>::new());
}

/// The page of the relay has no table beside it: what it has of the words is compared.
#[test]
fn the_relays_page_says_what_the_table_says() {
    let page = std::fs::read_to_string(top().join("relay/src/status/page.html")).expect("the page is there");
    let (_, page) = page.split_once("var WORDS = ").expect("it has words");
    let (page, _) = page.split_once(";\n").expect("they end");
    let page: BTreeMap<String, BTreeMap<String, String>> = serde_json::from_str(page).expect("they are JSON");
    let key = |key: &String| if key.contains('.') { key.clone() } else { format!("{RELAY}{key}") };
    let [en, zh] = ["en", "zh"].map(|language| page[language].iter().map(|(of, said)| (key(of), said.as_str())));
    let (en, zh): (BTreeMap<String, &str>, BTreeMap<String, &str>) = (en.collect(), zh.collect());
    let wanted: Vec<_> =
        rows().filter(|(key, ..)| key.starts_with(RELAY) || en.contains_key(*key) || zh.contains_key(*key)).collect();
    let other = wanted.iter().filter(|(key, of_en, of_zh)| en.get(*key) != Some(of_en) || zh.get(*key) != Some(of_zh));

    none(other.map(|(key, ..)| format!("{key} is another there")).collect());
    assert_eq!((en.len(), zh.len()), (wanted.len(), wanted.len()), "all of them stand in the table");
}
