//! Every code that the engine can give has a sentence in both languages. Codes without a list of their own are read
//! out of the source that declares them.

use std::collections::BTreeSet;

use linli_core::{
    aggregate::{
        Held, Registry,
        alert::{Escalation, WHATS},
        order::Status,
        product::Class,
    },
    replica::NewerWhat,
    roster::TABLE,
};

use super::{Lang, Words, has, help::COMMANDS};

fn lacking(keys: impl IntoIterator<Item = String>) -> Vec<String> {
    keys.into_iter().filter(|key| !has(key)).collect()
}

/// A unit variant's code, as it is serialized.
fn code(value: impl serde::Serialize) -> String {
    serde_json::to_value(value).expect("plain enums serialize").as_str().expect("as a text").to_owned()
}

#[test]
fn every_kind_of_event_has_a_sentence() {
    let registry = Registry::default();
    let kinds = registry.kinds().map(|(aggregate, spec)| format!("event.{aggregate}.{}", spec.code));
    let roster = TABLE.iter().map(|spec| format!("event.roster.{}", spec.code));

    assert_eq!(lacking(kinds.chain(roster)), Vec::<String>::new());
}

#[test]
fn every_status_and_reason_to_hold_has_a_word() {
    let statuses = [
        Status::Open,
        Status::Claimed,
        Status::Purchased,
        Status::Delivered,
        Status::Confirmed,
        Status::Cancelled,
        Status::Moved,
        Status::Duplicate,
    ];
    let loud = [
        Escalation::Answered,
        Escalation::Fresh,
        Escalation::TellLeaders,
        Escalation::TellCoordinators,
        Escalation::CallEmergencyNumber,
        Escalation::NobodyHasIt,
    ];

    assert_eq!(lacking(statuses.map(|status| format!("status.{}", status.code()))), Vec::<String>::new());
    assert_eq!(lacking(Held::ALL.map(|held| format!("held.{}", code(held)))), Vec::<String>::new());
    assert_eq!(lacking(loud.map(|loud| format!("escalation.{}", loud.code()))), Vec::<String>::new());
    assert_eq!(lacking(NewerWhat::ALL.map(|what| format!("newer.{}", code(what)))), Vec::<String>::new());
    assert_eq!(lacking(Class::ALL.map(|class| format!("class.{}", class.code()))), Vec::<String>::new());
    assert_eq!(lacking(WHATS.iter().map(|what| format!("what.{what}"))), Vec::<String>::new());
}

/// The variants of an enum in a source file, in snake case.
fn variants(source: &str, name: &str) -> BTreeSet<String> {
    let begin = source.find(&format!("pub enum {name} {{")).expect("the enum stands in this file");
    let body = &source[begin..];
    let body = &body[..body.find("\n}").expect("it ends")];
    let lines = body.lines().skip(1).filter_map(|line| line.strip_prefix("    "));
    let names = lines.filter(|line| line.starts_with(|c: char| c.is_ascii_uppercase()));
    names
        .map(|line| {
            let name: String = line.chars().take_while(char::is_ascii_alphanumeric).collect();
            let mut snake = String::new();
            for (at, c) in name.char_indices() {
                if c.is_ascii_uppercase() && at > 0 {
                    snake.push('_');
                }
                snake.push(c.to_ascii_lowercase());
            }
            snake
        })
        .collect()
}

macro_rules! source {
    ($path:literal) => {
        include_str!(concat!("../../../core/src/", $path))
    };
}

#[test]
fn every_refusal_has_a_sentence() {
    let refusals = [
        ("refusal.order", source!("aggregate/order/refusal.rs"), "Refusal"),
        ("refusal.box", source!("aggregate/medicine_box/wish.rs"), "Refusal"),
        ("refusal.product", source!("aggregate/product/wish.rs"), "Refusal"),
        ("refusal.recall", source!("aggregate/recall/decide.rs"), "Refusal"),
        ("refusal.alert", source!("aggregate/alert/decide.rs"), "AlertRefusal"),
        ("refusal.building", source!("aggregate/building/decide.rs"), "BuildingRefusal"),
        ("refusal.settings", source!("aggregate/settings/decide.rs"), "SettingsRefusal"),
        ("refusal.household", source!("aggregate/household/wish.rs"), "HouseholdRefusal"),
        ("refusal.roster", source!("roster/command.rs"), "RosterRefusal"),
        ("refusal.address", source!("aggregate/address/mod.rs"), "AddressError"),
        ("hidden", source!("aggregate/medicine_box/offer.rs"), "Hidden"),
    ];

    for (prefix, source, name) in refusals {
        let codes = variants(source, name);
        assert!(codes.len() > 5, "{prefix}: only {codes:?}");
        assert_eq!(lacking(codes.iter().map(|code| format!("{prefix}.{code}"))), Vec::<String>::new());
    }
}

/// What stands in quotes right behind a word in a source file.
fn quoted<'a>(source: &'a str, before: &'a str) -> impl Iterator<Item = &'a str> {
    source.split(before).skip(1).filter_map(|rest| rest.trim_start().strip_prefix('"')?.split('"').next())
}

#[test]
fn everything_to_look_at_has_a_sentence() {
    let found = [
        quoted(source!("aggregate/order/review.rs"), "found(").collect::<Vec<_>>(),
        quoted(source!("aggregate/order/review.rs"), "though_ended(").collect(),
        quoted(source!("aggregate/medicine_box/rows.rs"), "point(").collect(),
        quoted(source!("aggregate/medicine_box/rows.rs"), "code:").collect(),
        quoted(source!("aggregate/product/mod.rs"), "Review { code:").collect(),
        quoted(source!("aggregate/recall/mod.rs"), "Review { code:").collect(),
        quoted(source!("aggregate/alert/rows.rs"), "code:").collect(),
        quoted(source!("aggregate/household/rows.rs"), "code:").collect(),
        quoted(source!("aggregate/content.rs"), "Review { code:").collect(),
    ];
    let codes: BTreeSet<&str> = found.into_iter().flatten().collect();

    assert!(codes.len() > 15, "only {codes:?}");
    assert_eq!(lacking(codes.iter().map(|code| format!("review.{code}"))), Vec::<String>::new());
    assert!(has("review.conflicting_edit") && has("review.conflicting_removal"));
}

#[test]
fn both_languages_use_the_same_parameters() {
    let holes = |text: &str| -> BTreeSet<String> {
        text.split('{').skip(1).filter_map(|rest| Some(rest.split_once('}')?.0.to_owned())).collect()
    };
    for (key, (en, zh)) in super::table() {
        assert_eq!(holes(en), holes(zh), "{key}");
    }
}

#[test]
fn no_key_stands_twice() {
    let all = [super::codes::EVENTS, super::codes::CODES, super::refusals::REFUSALS, super::screen::SCREEN];
    let all = all.into_iter().flatten().chain(super::errors::ERRORS);
    let mut seen = BTreeSet::new();

    let twice: Vec<&str> = all.map(|(key, ..)| *key).filter(|key| !seen.insert(*key)).collect();

    assert_eq!(twice, Vec::<&str>::new());
}

#[test]
fn every_failure_of_the_program_has_a_sentence() {
    let sources = [
        include_str!("../failure.rs"),
        include_str!("../desk.rs"),
        include_str!("../ids.rs"),
        include_str!("../order/mod.rs"),
        include_str!("../order/args.rs"),
        include_str!("../boxes/mod.rs"),
        include_str!("../boxes/args.rs"),
        include_str!("../product.rs"),
        include_str!("../place.rs"),
        include_str!("../people.rs"),
        include_str!("../look.rs"),
        include_str!("../local.rs"),
        include_str!("../upkeep.rs"),
        include_str!("../withdraw.rs"),
        include_str!("../bundle.rs"),
        include_str!("../relay.rs"),
        include_str!("../net/mod.rs"),
        include_str!("../net/sync.rs"),
        include_str!("../net/live.rs"),
        include_str!("../net/invite.rs"),
        include_str!("../household/mod.rs"),
        include_str!("../kit.rs"),
        include_str!("../show/order.rs"),
        include_str!("../show/medicine.rs"),
    ];
    let given = |before: &'static str| sources.iter().flat_map(move |source| quoted(source, before));
    let codes: BTreeSet<&str> =
        ["Failure::new(", "Self::new(", "Failure::usage(", "Self::usage("].into_iter().flat_map(given).collect();

    assert!(codes.len() > 30, "only {codes:?}");
    assert_eq!(lacking(codes.iter().map(|code| format!("error.{code}"))), Vec::<String>::new());
}

#[test]
fn every_end_of_an_invitation_has_a_sentence() {
    let source = include_str!("../net/invite.rs");
    let codes: BTreeSet<&str> = quoted(source, "=>").filter(|code| code.contains('_')).collect();

    assert!(codes.len() > 14, "only {codes:?}");
    assert_eq!(lacking(codes.iter().map(|code| format!("error.{code}"))), Vec::<String>::new());
}

#[test]
fn a_sentence_names_members_and_references() {
    let words = Words(Lang::Zh);
    let params = serde_json::json!({
        "holder": "00".repeat(32), "holder_name": "Wu", "since": 0, "since_local": "1970-01-01 08:00",
    });

    assert_eq!(words.say_with("refusal.order.held_by", params), "Wu 正在负责此单（自 1970-01-01 08:00）。");
    let to = format!("{}-1-a1b2c3{}", "00".repeat(16), "00".repeat(13));
    let moved = serde_json::json!({ "to": to });
    assert_eq!(Words(Lang::En).say_with("refusal.order.goes_on", moved), "The order goes on as #a1b2c3.");
}

#[test]
fn every_command_with_an_example_is_known_once() {
    let mut seen = BTreeSet::new();

    assert!(COMMANDS.iter().all(|(path, ..)| seen.insert(*path)));
    assert!(COMMANDS.iter().all(|(path, example, zh)| {
        let shown = example.split_whitespace().collect::<Vec<_>>().join(" ");
        !zh.is_empty() && shown.contains(path.split(' ').next_back().unwrap_or_default())
            || path.split(' ').count() == 1 && !zh.is_empty()
    }));
}

fn arguments_of(command: &clap::Command, all: &mut BTreeSet<String>) {
    all.extend(command.get_arguments().map(|arg| arg.get_id().as_str().to_owned()));
    command.get_subcommands().for_each(|sub| arguments_of(sub, all));
}

#[test]
fn every_argument_is_explained_in_chinese() {
    let command = <crate::args::Cli as clap::CommandFactory>::command();
    let mut all = BTreeSet::new();
    arguments_of(&command, &mut all);
    let lacking: Vec<&String> =
        all.iter().filter(|id| super::arguments::ARGUMENTS.iter().all(|(known, _)| known != id)).collect();

    assert!(all.len() > 100, "only {}", all.len());
    assert_eq!(lacking, Vec::<&String>::new());
}
