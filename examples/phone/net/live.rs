//! Live: listening for other phones, with or without the board on the screen.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use clap::Args;
use linli_core::{
    id::{DeviceId, Reference},
    net::{Dialling, Expected, Node, NodeOptions},
    replica::OrderFilter,
};
use serde_json::json;
use tokio::time::{sleep, timeout};

use super::{Screen, addresses, listen_at, runtime, shown_addresses, start, unreached};
use crate::{answer::Answer, banner, failure::Outcome, home::Phone, out, peers, show};

/// News that come within this time are shown at once.
const TOGETHER: Duration = Duration::from_millis(200);

/// How often the screen is looked at, if nothing else happens: times on it age.
const LOOK: Duration = Duration::from_secs(60);

/// How long behind the moment at which an alert gets louder: then it is.
const BEHIND: Duration = Duration::from_millis(100);

/// As long as nobody waits.
const FOR_EVER: Duration = Duration::from_secs(365 * 24 * 60 * 60);

#[derive(Args)]
pub(crate) struct Live {
    #[arg(long = "at", value_name = "PORT|ADDRESS:PORT")]
    listen_at: Option<String>,
    #[arg(long = "with", value_name = "ADDRESS:PORT", value_delimiter = ',')]
    addresses: Vec<String>,
    #[arg(long)]
    nearby: bool,
    #[arg(long = "for", value_name = "SECONDS")]
    seconds: Option<u64>,
}

/// What the screen shows already.
#[derive(Default)]
struct Shown {
    /// Who is connected, and whether in step.
    peers: BTreeMap<DeviceId, bool>,
    /// Why a dialled phone is not.
    failed: Vec<String>,
    orders: BTreeMap<Reference, String>,
    /// Who needs help, as it was said last.
    alerts: BTreeMap<Reference, Vec<String>>,
    meetings: u64,
}

pub(crate) fn listen(phone: &Phone, live: &Live, screen: Screen) -> Outcome<Answer> {
    run(phone, live, screen, |shown, node| {
        show_alerts(phone, screen, shown)?;
        show_peers(phone, node, screen, shown)
    })
}

pub(crate) fn watch(phone: &Phone, live: &Live, screen: Screen) -> Outcome<Answer> {
    run(phone, live, screen, |shown, node| match screen {
        Screen::Terminal => draw(phone, node),
        Screen::Lines | Screen::Json => {
            show_alerts(phone, screen, shown)?;
            show_peers(phone, node, screen, shown)?;
            show_orders(phone, screen, shown)
        }
    })
}

/// Listens, and looks again whenever something changed, until it is time to end.
fn run(
    phone: &Phone,
    live: &Live,
    screen: Screen,
    mut look: impl FnMut(&mut Shown, &Node) -> Outcome<()>,
) -> Outcome<Answer> {
    let others = addresses(&live.addresses)?;
    let mut options = NodeOptions { nearby: live.nearby, ..NodeOptions::default() };
    if let Some(at) = &live.listen_at {
        options.listen = Some(listen_at(at)?);
    }
    runtime()?.block_on(async {
        let mut updates = phone.replica.subscribe();
        let node = start(phone, options)?;
        if !others.is_empty() {
            node.dial(&others, Expected::Member).map_err(|why| unreached(&why, &live.addresses.join(", ")))?;
        }
        let at = shown_addresses(&node);
        let text = phone.words.say_with("screen.listening", json!({ "addresses": at }));
        screen.say(&json!({ "listening": { "port": node.port(), "addresses": at } }), text)?;
        let (mut shown, mut changes) = (Shown::default(), node.changes());
        let end = sleep(live.seconds.map_or(FOR_EVER, Duration::from_secs).min(FOR_EVER));
        tokio::pin!(end);
        loop {
            look(&mut shown, &node)?;
            tokio::select! {
                () = sleep(pause(phone)) => {}
                () = &mut end => break,
                _interrupted = tokio::signal::ctrl_c() => break,
                _update = updates.next() => {}
                _changed = changes.changed() => {}
            }
            while let Ok(Some(_)) = timeout(TOGETHER, updates.next()).await {
                // A screen that is behind reads everything again anyway.
                while updates.take().is_some() {}
                look(&mut shown, &node)?;
                if end.is_elapsed() {
                    break;
                }
            }
        }
        look(&mut shown, &node)?;
        node.shutdown().await;
        let ended = json!({ "ended": { "meetings": shown.meetings } });
        let text = phone.words.say_with("done.listened", json!({ "meetings": shown.meetings }));
        Ok(Answer::new(ended, [text]))
    })
}

/// Until the screen is looked at although nothing happens.
fn pause(phone: &Phone) -> Duration {
    let louder = phone.replica.next_escalation().ok().flatten();
    louder.map_or(LOOK, |louder| (louder + BEHIND).min(LOOK))
}

/// Who needs help, and whom somebody cares for since.
fn show_alerts(phone: &Phone, screen: Screen, shown: &mut Shown) -> Outcome<()> {
    let mut alerts = BTreeMap::new();
    for one in banner::on_top(phone) {
        let (alert, lines) = (one.line.card.alert, banner::lines_of(phone, &one));
        if shown.alerts.get(&alert) != Some(&lines) {
            screen.say_all(&json!({ "alert": banner::document(phone, &one) }), &lines)?;
        }
        alerts.insert(alert, lines);
    }
    for alert in shown.alerts.keys().filter(|alert| !alerts.contains_key(alert)) {
        let text = phone.words.say_with("screen.alert_answered", json!({ "alert": alert }));
        screen.say(&json!({ "answered": alert }), text)?;
    }
    shown.alerts = alerts;
    Ok(())
}

/// Who came, who is in step, who went, and who cannot be reached.
fn show_peers(phone: &Phone, node: &Node, screen: Screen, shown: &mut Shown) -> Outcome<()> {
    let connected: BTreeMap<DeviceId, bool> =
        node.connected().into_iter().map(|one| (one.device, one.in_step)).collect();
    let say = |key: &str, what: &str, device: DeviceId| {
        let text = phone.words.say_with(key, json!({ "who": phone.device_name(device) }));
        screen.say(&json!({ what: { "device": device } }), text)
    };
    for (device, in_step) in &connected {
        let before = shown.peers.get(device);
        if before.is_none() {
            shown.meetings += 1;
            say("screen.came", "connected", *device)?;
        }
        if *in_step && before != Some(&true) {
            say("screen.came_in_step", "in_step", *device)?;
        }
    }
    for device in shown.peers.keys().filter(|device| !connected.contains_key(device)) {
        say("screen.went", "gone", *device)?;
    }
    shown.peers = connected;
    for dialled in node.dialled() {
        let Dialling::Waiting { why, .. } = &dialled.state else { continue };
        let at: BTreeSet<String> = dialled.addresses.iter().map(ToString::to_string).collect();
        let failure = unreached(why, &at.into_iter().collect::<Vec<_>>().join(", "));
        let lines = failure.lines(phone.words);
        if shown.failed != lines {
            screen.say_all(&failure.json(phone.words), &lines)?;
            shown.failed = lines;
        }
    }
    Ok(())
}

/// Orders that are new on the board or have changed, and those that have left it.
fn show_orders(phone: &Phone, screen: Screen, shown: &mut Shown) -> Outcome<()> {
    let mut orders = BTreeMap::new();
    for line in phone.replica.board(&OrderFilter::default())?.items {
        let text = show::order_line(phone, &line);
        if shown.orders.get(&line.order) != Some(&text) {
            screen.say(&json!({ "order": line }), text.clone())?;
        }
        orders.insert(line.order, text);
    }
    for order in shown.orders.keys().filter(|order| !orders.contains_key(order)) {
        let text = phone.words.say_with("screen.left_board", json!({ "order": order }));
        screen.say(&json!({ "left": order }), text)?;
    }
    shown.orders = orders;
    Ok(())
}

/// The whole screen anew: the board, and how this phone stands to the others.
fn draw(phone: &Phone, node: &Node) -> Outcome<()> {
    let board = phone.replica.board(&OrderFilter::default())?;
    let mut lines = banner::lines(phone, &banner::on_top(phone));
    lines.extend(board.items.iter().map(|line| show::order_line(phone, line)));
    if board.items.is_empty() {
        lines.push(phone.words.plain("screen.nothing"));
    }
    lines.push(String::new());
    lines.extend(peers::lines(phone, &phone.replica.sync_state()?));
    lines.push(phone.words.say_with("screen.listening", json!({ "addresses": shown_addresses(node) })));
    out::redraw(&lines)
}
