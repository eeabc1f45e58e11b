//! What apps say: texts of others come out as they are, whatever they look like.

use std::collections::HashMap;

use linli_ffi::{
    LinliError,
    domain::codes::codes,
    words::{Cure, Problem, Words, problem_of},
};

/// What people may call themselves, or a product, which is JSON too.
const ODD: [&str; 7] = [r#"["Lan"]"#, r#"{"value":"Lan"}"#, "null", "false", "true", r#""Lan""#, "007"];

const TABLE: &str = "screen.who\tby {who}\t由{who}\n\
    screen.box_low\t{count|lot runs|lots run} low\t{count} 批快用完\n\
    refusal.product.taken\tit is {name}\t是{name}\n\
    refusal.box.not_enough\tkept back: {hidden}, of {asked}\t\n\
    error.not_found\tno {kind}\t\n\
    error.invitation_over\tover\t\n\
    error.invitation_expired\ttoo late\t\n";

#[test]
fn every_code_that_apps_are_given_has_a_sentence() {
    let told = include_str!("../../../examples/words/words.tsv");
    let words = Words::new(told.to_owned(), "zh-Hans-CN".to_owned());
    let keys: Vec<String> =
        codes(Vec::new()).unwrap().iter().map(|line| format!("{}.{}", line.family, line.code)).collect();

    assert!(keys.iter().filter(|key| key.starts_with("error.")).count() > 30, "only {keys:?}");
    let lacking: Vec<&String> = keys.iter().filter(|key| !words.has((*key).clone())).collect();
    assert_eq!(lacking, Vec::<&String>::new());
}

#[test]
fn a_text_that_looks_like_json_is_said_as_it_is() {
    let words = english();

    for odd in ODD {
        assert_eq!(words.say("screen.who".to_owned(), params([("who", odd)])), format!("by {odd}"));
        let missing = LinliError::NotFound { kind: odd.to_owned(), name: String::new() };
        assert_eq!(words.explain(problem_of(missing)), format!("no {odd}"));
    }
    assert_eq!(words.say("screen.box_low".to_owned(), params([("count", "1")])), "1 lot runs low");
}

#[test]
fn what_a_refusal_gives_is_said_as_it_is_given() {
    let words = english();
    let refusal = |by: &str, code: &str, params| Problem {
        key: format!("refusal.{by}.{code}"),
        cure: Cure::Tell,
        params,
        reason: String::new(),
    };

    let hidden = refusal("box", "not_enough", params([("hidden", r#"["a",["b",2]]"#), ("asked", "5")]));
    assert_eq!(words.explain(hidden), "kept back: a, b: 2, of 5");
}

#[test]
fn a_text_of_others_that_no_sentence_is_for_is_cleaned() {
    let words = english();
    let dirty = "a\u{1b}[2J\u{202e}b";

    let reason = words.say("event.order.of_tomorrow".to_owned(), params([("reason", dirty)]));
    let texts = [reason, words.word("held".to_owned(), dirty.to_owned()), words.say(dirty.to_owned(), HashMap::new())];

    for text in texts {
        assert!(text.contains('b') && !text.contains(['\u{1b}', '\u{202e}']), "{text:?}");
    }
}

#[test]
fn how_an_invitation_ended_is_said_in_general_where_the_table_lacks_its_code() {
    let over = |code: &str| english().explain(problem_of(LinliError::InvitationOver { code: code.to_owned() }));

    assert_eq!((over("expired").as_str(), over("of_tomorrow").as_str()), ("too late", "over"));
}

#[test]
fn a_file_that_could_not_be_written_may_be_tried_again() {
    assert_eq!(problem_of(LinliError::File { detail: String::new() }).cure, Cure::Retry);
}

fn english() -> std::sync::Arc<Words> {
    Words::new(TABLE.to_owned(), "en".to_owned())
}

fn params<const N: usize>(params: [(&str, &str); N]) -> HashMap<String, String> {
    params.map(|(name, text)| (name.to_owned(), text.to_owned())).into()
}
