//! The other phones: when they were last heard from, how far apart they are, what is on its way.

use linli_core::{
    replica::{Flow, PeerState, SyncState},
    sync::NotTaken,
};
use serde_json::json;

use crate::{answer::Answer, failure::Outcome, home::Phone, show::join};

pub(crate) fn peers(phone: &Phone) -> Outcome<Answer> {
    let state = phone.replica.sync_state()?;
    Ok(Answer::new(&state, lines(phone, &state)))
}

/// How fresh the news here are, then one line for each phone.
pub(crate) fn lines(phone: &Phone, state: &SyncState) -> Vec<String> {
    let when = phone.local.show_if(state.contact);
    let fresh = json!({ "age": age(phone, state.age), "when": when });
    let mut lines = vec![phone.words.say_with("screen.news_age", fresh).trim_end().to_owned()];
    lines.extend(state.peers.iter().map(|peer| line(phone, peer)));
    lines
}

fn age(phone: &Phone, age: linli_core::replica::Age) -> String {
    phone.words.word("age", json!(age).as_str().unwrap_or_default())
}

pub(crate) fn line(phone: &Phone, peer: &PeerState) -> String {
    let who = phone.device_name(peer.device);
    let when = phone.local.show_if(peer.contact);
    let seen = json!({ "who": who, "age": age(phone, peer.age), "when": when });
    let count = |key: &str, events: u64| phone.words.say_with(key, json!({ "events": events }));
    let (behind, ahead) = (peer.behind.unwrap_or(0), peer.ahead);
    let known = peer.behind.is_some();
    join([
        phone.words.say_with("screen.peer", seen).trim_end().to_owned(),
        if peer.relay { phone.words.word("role", "relay") } else { String::new() },
        if peer.connected { phone.words.plain("screen.connected") } else { String::new() },
        if behind > 0 { count("screen.behind", behind) } else { String::new() },
        if ahead > 0 { count("screen.ahead", ahead) } else { String::new() },
        if known && behind == 0 && ahead == 0 { phone.words.plain("screen.in_step") } else { String::new() },
        peer.transfer.map(|transfer| flow(phone, "screen.receiving", transfer.received)).unwrap_or_default(),
        peer.transfer.map(|transfer| flow(phone, "screen.sending", transfer.sent)).unwrap_or_default(),
        not_taken(phone, peer.not_taken).join("; "),
    ])
}

/// What a peer turned away, a sentence for each reason.
pub(crate) fn not_taken(phone: &Phone, not_taken: NotTaken) -> Vec<String> {
    let NotTaken { full, stranger, beyond, silenced, incomplete, unknown } = not_taken;
    let reasons = [
        ("screen.not_taken.full", full),
        ("screen.not_taken.stranger", stranger),
        ("screen.not_taken.beyond", beyond),
        ("screen.not_taken.silenced", silenced),
        ("screen.not_taken.incomplete", incomplete),
        ("screen.not_taken.unknown", unknown),
    ];
    let told = reasons.into_iter().filter(|(_, events)| *events > 0);
    told.map(|(key, events)| phone.words.say_with(key, json!({ "events": events }))).collect()
}

/// How far one direction is; nothing where there is nothing to carry.
pub(crate) fn flow(phone: &Phone, key: &str, flow: Flow) -> String {
    if flow.expected.max(flow.events) == 0 {
        return String::new();
    }
    let expected = flow.expected.max(flow.events);
    phone.words.say_with(key, json!({ "events": flow.events, "expected": expected, "kb": flow.bytes.div_ceil(1024) }))
}
