//! What the screen shows of one thing: lines for people beside the engine's own views as JSON.

mod alert;
mod medicine;
mod order;
mod place;

use linli_core::{
    aggregate::{Review, Told},
    event::Scalar,
    id::Reference,
    replica::Receipt,
};
use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::{answer::Answer, failure::Outcome, home::Phone, words::short};

pub(crate) use alert::{alert, alerts, codes as alert_codes, place as alert_place, written_alert};
pub(crate) use medicine::{
    boxes, medicine_box, offer, product, products, recall, recalls, written_box, written_product, written_recall,
};
pub(crate) use order::{item, line as order_line, nth_value, order, written_order};
pub(crate) use place::{buildings, settings};

/// What a command left behind, with a line of what became of it.
pub(crate) fn receipt(of: &'static str, receipt: &Receipt, now: impl Serialize, lines: Vec<String>) -> Answer {
    let document = json!({
        "aggregate": receipt.aggregate,
        "short": short(receipt.aggregate),
        "kind": of,
        "events": receipt.events,
        "now": serde_json::to_value(now).unwrap_or_default(),
    });
    Answer::new(document, lines)
}

/// The same for what has no line of its own.
pub(crate) fn written(phone: &Phone, of: &'static str, done: &Receipt) -> Outcome<Answer> {
    let line = phone.words.say_with("done.written", json!({ "of": of, "short": short(done.aggregate) }));
    Ok(receipt(of, done, Value::Null, vec![line]))
}

/// Words that are there, with two spaces between.
pub(crate) fn join(words: impl IntoIterator<Item = String>) -> String {
    words.into_iter().filter(|word| !word.is_empty()).collect::<Vec<_>>().join("  ")
}

/// An address in short, as far as it goes: `3-2-1804`.
pub(crate) fn place_of(parts: [Option<&str>; 3]) -> String {
    parts.into_iter().flatten().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("-")
}

/// A building by its label.
pub(crate) fn building(phone: &Phone, label: &str) -> String {
    phone.words.say("screen.building", &texts([("building", label.to_owned())]))
}

/// A scalar as people read it.
pub(crate) fn scalar(phone: &Phone, field: &str, value: &Scalar) -> String {
    match value {
        Scalar::Null => String::new(),
        Scalar::Bool(yes) => phone.words.value(&Value::Bool(*yes)),
        Scalar::Int(ms) if matches!(field, "needed_by" | "appointment") => {
            phone.local.show(linli_core::time::WallMs(*ms))
        }
        Scalar::Int(number) => number.to_string(),
        Scalar::Fraction(qty) => qty.to_string(),
        Scalar::Text(text) => match field {
            "urgency" => phone.words.word("urgency", text),
            "kind" => phone.kind_name(text),
            _ => text.clone(),
        },
    }
}

/// The sentence for something to look at.
pub(crate) fn review(phone: &Phone, code: &str, params: &Value) -> String {
    let mut params = params.as_object().cloned().unwrap_or_default();
    phone.name(&mut params);
    if let (Some(values), Some(field)) = (params.get("values").and_then(Value::as_array), params.get("field")) {
        let field = field.as_str().unwrap_or_default();
        let said = |value: &Value| match serde_json::from_value(value.get("value").unwrap_or(value).clone()) {
            Ok(value) => scalar(phone, field, &value),
            Err(_) => phone.words.value(value),
        };
        let texts: Vec<String> = values.iter().map(said).collect();
        params.insert("values".to_owned(), phone.words.several(&texts).into());
    }
    phone.words.say(&format!("review.{code}"), &params)
}

pub(crate) fn reviews<'a>(phone: &'a Phone, all: &'a [Review]) -> impl Iterator<Item = String> + 'a {
    all.iter().map(|one| {
        let what = review(phone, one.code, &one.params);
        phone.words.say_with("screen.look", json!({ "what": what }))
    })
}

/// The history of an aggregate, line by line.
pub(crate) fn history(phone: &Phone, of: &str, all: &[Told]) -> Vec<String> {
    let mut lines = vec![phone.words.plain("screen.history")];
    lines.extend(all.iter().map(|told| {
        let who = told.by.map(|by| phone.member_name(by)).unwrap_or_else(|| phone.device_name(told.device));
        let mut params = told.params.as_object().cloned().unwrap_or_default();
        phone.name(&mut params);
        let what = phone.words.say(&format!("event.{of}.{}", told.code), &params);
        let held = told.held.map(|held| held_text(phone, &json!(held)));
        let line = texts([("when", phone.local.show(told.wall)), ("who", who), ("what", what)]);
        let line = phone.words.say("screen.history_line", &line);
        join([format!("  {}", short(told.event)), line, held.unwrap_or_default()])
    }));
    lines
}

/// Why something does not count.
pub(crate) fn held_text(phone: &Phone, held: &Value) -> String {
    let why = phone.words.word("held", held.as_str().unwrap_or_default());
    phone.words.say_with("screen.held", json!({ "why": why }))
}

/// An object of named texts for a sentence.
pub(crate) fn texts<const N: usize>(pairs: [(&str, String); N]) -> Map<String, Value> {
    pairs.into_iter().map(|(key, text)| (key.to_owned(), Value::String(text))).collect()
}

/// References as lists show them.
pub(crate) fn shorts<'a>(all: impl IntoIterator<Item = &'a Reference>) -> String {
    all.into_iter().map(|one| short(*one)).collect::<Vec<_>>().join(" ")
}
