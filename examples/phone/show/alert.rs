//! Alerts: how loud, who comes, who has it.

use std::collections::BTreeSet;

use linli_core::{
    aggregate::alert::{AlertCard, WHATS, words_of},
    replica::{AlertLine, Receipt},
};
use serde_json::json;

use super::{building, history, join, place_of, reviews, texts};
use crate::{
    answer::Answer,
    failure::Outcome,
    home::Phone,
    words::{Lang, short},
};

fn line(phone: &Phone, line: &AlertLine) -> String {
    let (words, card) = (phone.words, &line.card);
    let coming = card.responders.iter().map(|responder| {
        let who = phone.member_name(responder.saying.by);
        words.say_with("screen.responder", json!({ "who": who, "minutes": responder.eta_minutes }))
    });
    let mut parts = vec![
        short(card.alert),
        words.word("what", &card.what),
        place(phone, card),
        words.word("status.alert", card.status.code()),
        words.word("escalation", line.escalation.code()),
        match line.on_other_devices {
            0 => words.plain("screen.on_no_device"),
            count => words.say_with("screen.on_devices", json!({ "count": count })),
        },
    ];
    parts.extend(coming);
    parts.push(phone.local.show(card.since));
    join(parts)
}

/// Where somebody needs help.
pub(crate) fn place(phone: &Phone, card: &AlertCard) -> String {
    match (card.building.as_deref(), card.unit.as_deref(), card.room.as_deref()) {
        (Some(label), None, None) => building(phone, label),
        (label, unit, room) => place_of([label, unit, room]),
    }
}

/// Words that are shown of each code.
const EXAMPLES: usize = 4;

/// What people can call for help about, with words in which it is understood.
pub(crate) fn codes(phone: &Phone) -> Answer {
    let words = phone.words;
    let spoken = |word: &&'static str| word.is_ascii() == (words.0 == Lang::En);
    let line = |what: &&'static str| {
        let said: Vec<String> = words_of(what).filter(spoken).take(EXAMPLES).map(str::to_owned).collect();
        let such = words.say_with("screen.said_as", json!({ "words": said }));
        let such = if said.is_empty() { String::new() } else { such };
        join([(*what).to_owned(), words.word("what", what), such])
    };
    let document = |what: &&'static str| {
        let understood: Vec<&str> = words_of(what).collect();
        json!({ "code": what, "name": words.word("what", what), "words": understood })
    };
    Answer::new(json!({ "codes": WHATS.iter().map(document).collect::<Vec<_>>() }), WHATS.iter().map(line))
}

pub(crate) fn alerts(phone: &Phone, all: bool) -> Outcome<Answer> {
    let mut lines = phone.replica.alerts(true)?;
    if all {
        lines.extend(phone.replica.alerts(false)?);
    }
    let mut texts: Vec<String> = lines.iter().map(|one| line(phone, one)).collect();
    let more: BTreeSet<_> =
        lines.iter().map(|one| (one.card.raised_by, one.more)).filter(|(_, more)| *more > 0).collect();
    texts.extend(more.into_iter().map(|(raiser, more)| {
        phone.words.say_with("screen.more_alerts", json!({ "who": phone.member_name(raiser), "count": more }))
    }));
    Ok(Answer::new(&lines, texts))
}

pub(crate) fn alert(phone: &Phone, text: &str) -> Outcome<Answer> {
    let detail = phone.replica.alert(phone.reference("alert", text)?)?;
    let words = phone.words;
    let mut lines = vec![line(phone, &detail.line)];
    for said in &detail.view.raised {
        let params = texts([("who", phone.member_name(said.by)), ("when", phone.local.show(said.wall))]);
        lines.push(words.say("screen.raised", &params));
    }
    let field = |field: &str, value: &Option<String>| {
        let value = value.clone()?;
        Some(words.say("screen.field", &texts([("field", field.to_owned()), ("value", value)])))
    };
    lines.extend(field("text", &detail.view.text));
    lines.extend(field("contact", &detail.view.contact));
    lines.extend(reviews(phone, &detail.review));
    lines.extend(history(phone, "alert", &detail.history));
    Ok(Answer::new(&detail, lines))
}

pub(crate) fn written_alert(phone: &Phone, receipt: &Receipt) -> Outcome<Answer> {
    let detail = phone.replica.alert(receipt.aggregate)?;
    Ok(super::receipt("alert", receipt, &detail.line, vec![line(phone, &detail.line)]))
}
