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
use crate::{answer::Answer, failure::Outcome, home::Phone, out, peers, show};

/// News that come within this time are shown at once.
const TOGETHER: Duration = Duration::from_millis(200);

/// How often the screen is looked at, if nothing else happens: times on it age.
const LOOK: Duration = Duration::from_secs(60);

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
    meetings: u64,
}

pub(crate) fn listen(phone: &Phone, live: &Live, screen: Screen) -> Outcome<Answer> {
    run(phone, live, screen, |shown, node| show_peers(phone, node, screen, shown))
}

pub(crate) fn watch(phone: &Phone, live: &Live, screen: Screen) -> Outcome<Answer> {
    run(phone, live, screen, |shown, node| match screen {
        Screen::Terminal => draw(phone, node),
        Screen::Lines | Screen::Json => {
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
                () = sleep(LOOK) => {}
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
    let mut lines: Vec<String> = board.items.iter().map(|line| show::order_line(phone, line)).collect();
    if lines.is_empty() {
        lines.push(phone.words.plain("screen.nothing"));
    }
    lines.push(String::new());
    lines.extend(peers::lines(phone, &phone.replica.sync_state()?));
    lines.push(phone.words.say_with("screen.listening", json!({ "addresses": shown_addresses(node) })));
    out::redraw(&lines)
}
