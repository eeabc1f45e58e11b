//! What stands above every screen: who needs help, until somebody has said that they care for it, and what to do now.

use std::collections::BTreeSet;

use linli_core::replica::AlertOnTop;
use serde_json::{Value, json};

use crate::{
    answer::Answer,
    failure::{Above, Outcome},
    home::Phone,
    show::{alert_place, join},
    words::short,
};

/// What a command came to, below whoever needs help now: what it brought in is among them. A document that is a list has
/// no room for it.
pub(crate) fn above(phone: &Phone, came: Outcome<Answer>) -> Outcome<Answer> {
    let on_top = on_top(phone);
    let documents: Vec<Value> = on_top.iter().map(|one| document(phone, one)).collect();
    match came {
        Ok(mut answer) => {
            answer.lines.splice(0..0, lines(phone, &on_top));
            if let Some(room) = answer.json.as_object_mut() {
                // What is known of a room has alerts of its own.
                room.entry("alerts").or_insert_with(|| documents.into());
            }
            Ok(answer)
        }
        Err(mut failure) => {
            failure.above = (!on_top.is_empty())
                .then(|| Box::new(Above { lines: lines(phone, &on_top), alerts: documents.into() }));
            Err(failure)
        }
    }
}

/// What stands on top now. What a command did stands whatever can be said of alerts, so who cannot read them shows none.
pub(crate) fn on_top(phone: &Phone) -> Vec<AlertOnTop> {
    phone.replica.alerts_on_top().unwrap_or_default()
}

/// All of it for people, with how many more there are.
pub(crate) fn lines(phone: &Phone, on_top: &[AlertOnTop]) -> Vec<String> {
    let mut lines: Vec<String> = on_top.iter().flat_map(|one| lines_of(phone, one)).collect();
    let mut told = BTreeSet::new();
    for one in on_top.iter().map(|one| &one.line).filter(|line| line.more > 0) {
        if told.insert(one.card.raised_by) {
            let params = json!({ "who": phone.member_name(one.card.raised_by), "count": one.more });
            lines.push(phone.words.say_with("screen.more_alerts", params));
        }
    }
    lines
}

/// One of them: who needs help and where, what to do now, what to type.
pub(crate) fn lines_of(phone: &Phone, one: &AlertOnTop) -> Vec<String> {
    let (words, card) = (phone.words, &one.line.card);
    let name = short(card.alert);
    let what = join([
        words.plain("screen.help_needed"),
        name.clone(),
        words.word("what", &card.what),
        alert_place(phone, card),
        one.text.clone().unwrap_or_default(),
        words.word("status.alert", card.status.code()),
        phone.member_name(card.raised_by),
        phone.local.show(card.since),
    ]);
    let how = words.say_with("hint.answer_alert", json!({ "alert": name.trim_start_matches('#') }));
    vec![what, format!("  {}", to_do(phone, one)), format!("  {how}")]
}

/// The same for scripts, with what to do now in words.
pub(crate) fn document(phone: &Phone, one: &AlertOnTop) -> Value {
    let mut document = json!(one);
    document["do"] = to_do(phone, one).into();
    document
}

fn to_do(phone: &Phone, one: &AlertOnTop) -> String {
    let key = format!("todo.{}", one.line.escalation.code());
    phone.words.say_with(&key, json!({ "number": one.emergency_number }))
}
