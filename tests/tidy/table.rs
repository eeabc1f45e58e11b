//! The table of words and what the engine says in codes: the keys that there are, and those that there must be.

use std::collections::{BTreeMap, BTreeSet};

use linli_core::{
    aggregate::{Registry, alert::Escalation},
    replica::NewerWhat,
    roster::{Need, TABLE as ROSTER, invite::Ended},
    sentence::{self, names},
    vocabulary::Coded,
};

/// The table of words.
const TABLE: &str = include_str!("../../examples/words/words.tsv");

/// Key, English and Chinese of each sentence.
pub(crate) fn rows() -> impl Iterator<Item = (&'static str, &'static str, &'static str)> {
    sentence::rows(TABLE)
}

/// Those of some keys that have no sentence.
pub(crate) fn lacking(keys: impl IntoIterator<Item = String>) -> Vec<String> {
    let there: BTreeSet<&str> = rows().map(|(key, ..)| key).collect();
    keys.into_iter().filter(|key| !there.contains(key.as_str())).collect()
}

/// What the engine gives with each code.
pub(crate) fn given() -> BTreeMap<String, BTreeSet<String>> {
    let lines = Registry::default().codes().into_iter();
    lines.map(|line| (format!("{}.{}", line.family, line.code), line.params.into_iter().collect())).collect()
}

/// The parameters that a sentence names and nobody gives.
pub(crate) fn ungiven(key: &str, sentence: &str, given: &BTreeSet<String>) -> Vec<String> {
    names(sentence).filter(|name| !given.contains(*name)).map(|name| format!("{key}: {name}")).collect()
}

/// A unit variant's code, as it is serialized.
fn code(value: impl serde::Serialize) -> String {
    serde_json::to_value(value).expect("plain enums serialize").as_str().expect("as a text").to_owned()
}

/// Every code that the engine gives, as a key of the table.
pub(crate) fn codes() -> BTreeSet<String> {
    let mut keys: BTreeSet<String> =
        Registry::default().codes().into_iter().map(|line| format!("{}.{}", line.family, line.code)).collect();
    keys.extend(ROSTER.iter().map(|spec| format!("event.roster.{}", spec.code)));
    keys.insert("event.erasure.erased".to_owned());
    keys.extend(Ended::CODES.iter().map(|code| format!("error.invitation_{code}")));
    keys.extend(NewerWhat::ALL.map(|what| format!("newer.{}", code(what))));
    // What is answered stands on no screen's top.
    let loud = Escalation::CODES.iter().filter(|code| **code != Escalation::Answered.code());
    keys.extend(loud.map(|code| format!("todo.{code}")));
    keys.extend(Need::NAMES.iter().map(|(_, name)| format!("need.{name}")));
    keys
}
