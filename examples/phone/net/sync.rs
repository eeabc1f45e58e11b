//! One meeting: with a phone at an address, or with whoever is nearby; over when both are in step.

use std::{collections::BTreeMap, net::SocketAddr, time::Duration};

use indicatif::ProgressBar;
use linli_core::{
    id::DeviceId,
    net::{Connected, Dialling, Expected, Nearby, NetError, Node, NodeOptions},
    sync::Tally,
};
use serde_json::{Value, json};
use tokio::time::{Instant, timeout};

use super::{addresses, canonical, runtime, spinner, start, unreached};
use crate::{
    answer::Answer,
    failure::{Failure, Outcome},
    home::Phone,
    out,
    peers::flow,
    wrong::Wrong,
};

/// How often a screen is told how far a transfer is.
const LOOK: Duration = Duration::from_millis(250);
/// How long nobody new must be found before a meeting with whoever is nearby is over.
const NOBODY_NEW: Duration = Duration::from_secs(3);

/// Meets the phone at one of these addresses.
pub(crate) fn with(phone: &Phone, texts: &[String], patience: Duration) -> Outcome<Answer> {
    let (addresses, at) = (addresses(texts)?, texts.join(", "));
    one_meeting(phone, async |node, bar| {
        node.dial(&addresses, Expected::Member).map_err(|why| unreached(&why, &at))?;
        until_in_step(phone, node, &addresses, &at, patience, bar).await
    })
}

/// Runs a node that only dials, until somebody was met or it is given up.
fn one_meeting(phone: &Phone, meet: impl AsyncFnOnce(&Node, &ProgressBar) -> Outcome<Connected>) -> Outcome<Answer> {
    runtime()?.block_on(async {
        let node = start(phone, NodeOptions { listen: None, nearby: false, ..NodeOptions::default() })?;
        let bar = spinner();
        let met = meet(&node, &bar).await;
        bar.finish_and_clear();
        node.shutdown().await;
        Ok(report(phone, &[met?]))
    })
}

async fn until_in_step(
    phone: &Phone,
    node: &Node,
    addresses: &[SocketAddr],
    at: &str,
    patience: Duration,
    bar: &ProgressBar,
) -> Outcome<Connected> {
    let (mut changes, end) = (node.changes(), Instant::now() + patience);
    loop {
        let theirs =
            |met: &&Connected| met.dialled && addresses.iter().any(|one| canonical(*one) == canonical(met.address));
        let connected = node.connected();
        if let Some(met) = connected.iter().find(theirs) {
            out::progress(bar, &progress(phone, met));
            if met.in_step {
                return Ok(*met);
            }
        } else if Instant::now() >= end {
            return Err(unreached(&NetError::Silent, at));
        }
        let dialled = node.dialled();
        match dialled.iter().find(|dialled| dialled.expected == Expected::Member).map(|dialled| &dialled.state) {
            // It was given up: the address leads back here.
            None => return Err(unreached(&NetError::Ourselves, at)),
            Some(Dialling::Waiting { why: NetError::Twice, .. } | Dialling::Trying | Dialling::Connected) => {}
            Some(Dialling::Waiting { why, .. }) => return Err(unreached(why, at)),
        }
        let _changed = timeout(LOOK, changes.changed()).await;
    }
}

/// Meets any relay of the roster; where several answer, the first that comes to be in step.
pub(crate) fn with_relay(phone: &Phone, patience: Duration) -> Outcome<Answer> {
    let roster = phone.replica.roster();
    let relays: BTreeMap<DeviceId, &[String]> =
        roster.relays().into_iter().map(|relay| (relay.record.device, relay.addresses.as_slice())).collect();
    if phone.replica.member().is_some() && relays.is_empty() {
        return Err(Failure::new(Wrong::NoRelay, json!({})));
    }
    let at = relays.values().copied().flatten().cloned().collect::<Vec<_>>().join(", ");
    // The node dials the relays by itself.
    one_meeting(phone, async |node, bar| until_relayed(phone, node, &relays, &at, patience, bar).await)
}

async fn until_relayed(
    phone: &Phone,
    node: &Node,
    relays: &BTreeMap<DeviceId, &[String]>,
    at: &str,
    patience: Duration,
    bar: &ProgressBar,
) -> Outcome<Connected> {
    let (mut changes, end) = (node.changes(), Instant::now() + patience);
    loop {
        let connected = node.connected();
        let met: Vec<&Connected> = connected.iter().filter(|met| relays.contains_key(&met.device)).collect();
        if let Some(met) = met.iter().find(|met| met.in_step) {
            return Ok(**met);
        }
        if let Some(met) = met.first() {
            out::progress(bar, &progress(phone, met));
        } else {
            let failed = failures(node, relays);
            match failed.first() {
                Some(why) if failed.len() == relays.len() => return Err(unreached(why, at)),
                why if Instant::now() >= end => return Err(unreached(why.unwrap_or(&NetError::Silent), at)),
                _ => {}
            }
        }
        let _changed = timeout(LOOK, changes.changed()).await;
    }
}

/// Why relays were not reached, of those whose last attempt failed.
fn failures(node: &Node, relays: &BTreeMap<DeviceId, &[String]>) -> Vec<NetError> {
    let of_relay = |expected| matches!(expected, Expected::Device(device) if relays.contains_key(&device));
    let dialled = node.dialled().into_iter().filter(|dialled| of_relay(dialled.expected));
    let waiting = dialled.filter_map(|dialled| match dialled.state {
        Dialling::Waiting { why, .. } => Some(why),
        Dialling::Trying | Dialling::Connected => None,
    });
    waiting.collect()
}

/// Meets whoever of the community shows up on this network.
pub(crate) fn nearby(phone: &Phone, patience: Duration) -> Outcome<Answer> {
    runtime()?.block_on(async {
        let node = start(phone, NodeOptions { nearby: true, ..NodeOptions::default() })?;
        let bar = spinner();
        let met = look_around(phone, &node, patience, &bar).await;
        let state = node.nearby();
        bar.finish_and_clear();
        node.shutdown().await;
        match (met.is_empty(), state) {
            (false, _) => Ok(report(phone, &met)),
            (true, Nearby::NoMulticast) => Err(Failure::new(Wrong::NoMulticast, json!({}))),
            (true, _) => Err(Failure::new(Wrong::NobodyNearby, json!({}))),
        }
    })
}

/// Those that came to be in step.
async fn look_around(phone: &Phone, node: &Node, patience: Duration, bar: &ProgressBar) -> Vec<Connected> {
    let mut met = BTreeMap::<DeviceId, Connected>::new();
    let mut changes = node.changes();
    let (mut last_new, end) = (Instant::now(), Instant::now() + patience);
    loop {
        let connected = node.connected();
        let busy = connected.iter().find(|one| !one.in_step).copied();
        if let Some(busy) = &busy {
            out::progress(bar, &progress(phone, busy));
            last_new = Instant::now();
        }
        for one in connected.into_iter().filter(|one| one.in_step) {
            if met.insert(one.device, one).is_none() {
                last_new = Instant::now();
            }
        }
        let done = !met.is_empty() && last_new.elapsed() > NOBODY_NEW;
        if done || (busy.is_none() && Instant::now() >= end) || node.nearby() == Nearby::NoMulticast {
            return met.into_values().collect();
        }
        let _changed = timeout(LOOK, changes.changed()).await;
    }
}

fn progress(phone: &Phone, met: &Connected) -> String {
    let flows = [("screen.receiving", met.progress.received), ("screen.sending", met.progress.sent)];
    let flows = flows.map(|(key, tally)| flow(phone, key, tally.into()));
    format!("{}  {}  {}", phone.device_name(met.device), flows[0], flows[1])
}

fn tally(tally: Tally) -> Value {
    json!({ "events": tally.events, "bytes": tally.bytes })
}

fn report(phone: &Phone, met: &[Connected]) -> Answer {
    let document = |met: &Connected| {
        json!({
            "with": met.device,
            "address": canonical(met.address).to_string(),
            "via": format!("{:?}", met.via).to_lowercase(),
            "sent": tally(met.progress.sent),
            "received": tally(met.progress.received),
            "not_taken": met.progress.not_taken,
        })
    };
    let line = |met: &Connected| {
        let not_taken = met.progress.not_taken;
        let sent = met.progress.sent.events.saturating_sub(not_taken.all());
        let said =
            json!({ "who": phone.device_name(met.device), "sent": sent, "received": met.progress.received.events });
        let told = crate::peers::not_taken(phone, not_taken);
        [vec![phone.words.say_with("done.met", said)], told].concat().join("; ")
    };
    let documents: Vec<Value> = met.iter().map(document).collect();
    Answer::new(json!({ "met": documents }), met.iter().map(line))
}
