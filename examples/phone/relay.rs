//! Relays: the office's box that keeps and forwards. Admitting one, moving it, seeing how it is doing.

use clap::Subcommand;
use linli_core::{
    id::DeviceId,
    replica::PeerState,
    roster::{Device, RelayCard, Role},
};
use serde_json::json;

use crate::{
    answer::Answer,
    failure::{Failure, Outcome},
    home::Phone,
    net::picture,
    peers,
    wrong::Wrong,
};

#[derive(Subcommand)]
pub(crate) enum RelaySubcommand {
    Add {
        card: String,
        #[arg(long)]
        name: Option<String>,
    },
    List,
    Move {
        relay: String,
        #[arg(required = true, value_name = "ADDRESS:PORT")]
        reached: Vec<String>,
    },
    Pass,
}

pub(crate) fn run(phone: &Phone, command: RelaySubcommand) -> Outcome<Answer> {
    match command {
        RelaySubcommand::Add { card, name } => admit(phone, &card, name),
        RelaySubcommand::List => list(phone),
        RelaySubcommand::Move { relay, reached } => move_to(phone, &relay, &reached),
        RelaySubcommand::Pass => pass(phone, None),
    }
}

fn admit(phone: &Phone, card: &str, name: Option<String>) -> Outcome<Answer> {
    let wrong =
        |error: linli_core::roster::CodeError| Failure::new(Wrong::NotARelay, json!({ "detail": error.to_string() }));
    let card: RelayCard = card.parse().map_err(wrong)?;
    let device = card.record.device;
    phone.replica.admit_relay(phone.command, card, name)?;
    pass(phone, Some(device))
}

/// What a relay is shown, and who it is if it is new.
fn pass(phone: &Phone, relay: Option<DeviceId>) -> Outcome<Answer> {
    let text = phone.replica.relay_pass()?.to_string();
    let mut lines = Vec::new();
    if let Some(relay) = relay {
        lines.push(phone.words.say_with("done.relay_added", json!({ "relay": phone.device_name(relay) })));
    }
    lines.push(phone.words.plain("screen.relay_pass"));
    lines.extend(picture(&text));
    lines.push(format!("linli-relay allow {text}"));
    Ok(Answer::new(json!({ "relay": relay, "allow": text }), lines))
}

fn list(phone: &Phone) -> Outcome<Answer> {
    let (roster, state) = (phone.replica.roster(), phone.replica.sync_state()?);
    let (mut documents, mut lines) = (Vec::new(), Vec::new());
    for relay in roster.relays() {
        let peer = state.peers.iter().find(|peer| peer.device == relay.record.device);
        documents.push(document(phone, relay, peer));
        let how = peer.map(|peer| peers::line(phone, peer)).unwrap_or_default();
        lines.push(format!("{how}  {}", relay.addresses.join(", ")));
    }
    if lines.is_empty() {
        lines.push(phone.words.plain("screen.no_relay"));
    }
    Ok(Answer::new(documents, lines))
}

fn document(phone: &Phone, relay: &Device, peer: Option<&PeerState>) -> serde_json::Value {
    json!({
        "device": relay.record.device,
        "name": phone.replica.name_of(relay),
        "addresses": relay.addresses,
        "contact": peer.and_then(|peer| peer.contact),
        "age": peer.map(|peer| peer.age),
        "behind": peer.and_then(|peer| peer.behind),
        "ahead": peer.map(|peer| peer.ahead),
        "not_taken": peer.map(|peer| peer.not_taken),
    })
}

fn move_to(phone: &Phone, text: &str, reached: &[String]) -> Outcome<Answer> {
    let relay = phone.device(text)?;
    if phone.replica.roster().device(relay).is_none_or(|device| device.role != Role::Relay) {
        return Err(Failure::new(Wrong::IsNoRelay, json!({ "text": text })));
    }
    let reached: Vec<String> = reached.iter().map(|text| text.trim().to_owned()).collect();
    phone.replica.move_relay(phone.command, relay, reached.clone())?;
    let said = json!({ "relay": phone.device_name(relay), "addresses": reached.join(", ") });
    let text = phone.words.say_with("done.relay_moved", said);
    Ok(Answer::new(json!({ "relay": relay, "addresses": reached }), [text]))
}
