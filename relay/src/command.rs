//! What the program does, one function for each command.

mod copy;
mod doctor;
mod status;

use std::fmt::Write as _;

use anyhow::Context;
use linli_core::{
    id::CommunityId,
    roster::RelayPass,
    store::{Readers, Stats, Store},
};
use linli_relay::{AT_THE_DISK, Home, Lock, Relay, card as card_of, config::Config};
use qrcode::{EcLevel, QrCode, render::unicode::Dense1x2};
use serde_json::json;

use crate::output::Output;
pub(crate) use copy::{backup, restore};
pub(crate) use doctor::doctor;
pub(crate) use status::status;

/// Runs a relay until somebody stops it.
pub(crate) fn serve(config: &Config, output: Output) -> anyhow::Result<()> {
    begin_logs(config, output)?;
    let mut builder = tokio::runtime::Builder::new_multi_thread();
    let runtime = builder.enable_all().max_blocking_threads(AT_THE_DISK).build()?;
    runtime.block_on(async {
        // Before it says that it serves: whoever reads that may stop it.
        let stopped = told_to_stop()?;
        let relay =
            Relay::start(config).await.with_context(|| format!("cannot serve {}", config.data.value.display()))?;
        let communities = relay.communities().stores().len();
        tracing::info!(version = env!("CARGO_PKG_VERSION"), port = relay.port(), communities, "serving");
        show(&relay, config, output)?;
        tokio::select! {
            () = relay.run() => {}
            stopped = stopped => stopped?,
        }
        tracing::info!("stopping");
        relay.stop().await;
        tracing::info!("stopped");
        Ok(())
    })
}

fn begin_logs(config: &Config, output: Output) -> anyhow::Result<()> {
    let filter = tracing_subscriber::EnvFilter::try_new(&config.log.value)
        .with_context(|| format!("log: `{}` is no level", config.log.value))?;
    let logs = tracing_subscriber::fmt().with_env_filter(filter).with_writer(move || output.log());
    if output.json {
        logs.json().init()
    } else {
        logs.init()
    }
    Ok(())
}

fn show(relay: &Relay, config: &Config, output: Output) -> anyhow::Result<()> {
    let card = relay.card();
    let communities = relay.communities().stores().len();
    let text = format!(
        "{}\nA coordinator admits this relay with: phone relay add {card}\n\
         Listening on port {} (UDP and TCP), status page on http://{}, data in {}, {communities} communities.",
        picture(&card.to_string()),
        relay.port(),
        relay.page(),
        config.data.value.display(),
    );
    let document = json!({
        "relay": card.to_string(),
        "port": relay.port(),
        "status": relay.page(),
        "communities": communities,
    });
    output.say(&document, &text)
}

/// A code as a picture, light on dark as terminals are.
fn picture(text: &str) -> String {
    let code = QrCode::with_error_correction_level(text.as_bytes(), EcLevel::L);
    let code =
        code.map(|code| code.render::<Dense1x2>().dark_color(Dense1x2::Light).light_color(Dense1x2::Dark).build());
    code.unwrap_or_default()
}

/// Listens for whoever stops this program from now on: what comes before it is waited for counts too.
#[cfg(unix)]
fn told_to_stop() -> std::io::Result<impl Future<Output = std::io::Result<()>>> {
    use tokio::signal::unix::{SignalKind, signal};
    let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        Ok(())
    })
}

#[cfg(not(unix))]
fn told_to_stop() -> std::io::Result<impl Future<Output = std::io::Result<()>>> {
    Ok(tokio::signal::ctrl_c())
}

/// Shows every setting.
pub(crate) fn config(config: &Config, output: Output) -> anyhow::Result<()> {
    let mut text = String::new();
    for (name, value, from) in config.lines() {
        writeln!(text, "{name:24}{value:40}  ({from})")?;
    }
    output.say(&serde_json::to_value(config)?, text.trim_end())
}

/// Shows the code by which a coordinator admits this relay.
pub(crate) fn card(config: &Config, output: Output) -> anyhow::Result<()> {
    let record = Home::new(&config.data.value).keys()?.record();
    let card = card_of(record, &config.announce.value, &doctor::local_addresses(config.listen.value)).to_string();
    output.say(&json!({ "relay": card }), &format!("{}\n{card}", picture(&card)))
}

/// Allows a community.
pub(crate) fn allow(config: &Config, code: &str, output: Output) -> anyhow::Result<()> {
    let pass: RelayPass = code.parse().context("this is not the code that a coordinator's phone shows")?;
    let new = Home::new(&config.data.value).allow(&pass)?;
    let text = if new { "allowed; a running relay takes it in within a second" } else { "was allowed before" };
    output.say(&json!({ "allowed": pass.community, "new": new }), &format!("{} {text}", pass.community))
}

/// Lists the communities.
pub(crate) fn communities(config: &Config, output: Output) -> anyhow::Result<()> {
    let home = Home::new(&config.data.value);
    let (mut all, mut text) = (Vec::new(), String::new());
    for (community, pass) in home.each_pass()? {
        if let Err(why) = pass {
            writeln!(text, "{community}  is not served: {why}")?;
            all.push(json!({ "community": community, "shut": why.to_string() }));
            continue;
        }
        let dir = home.community(community);
        let read = || Readers::of(&dir, &home.secrets(community)?, &[])?.open()?.stats();
        // A community that was allowed and never opened has no file yet.
        let stats = match if Store::is_there(&dir) { read() } else { Ok(Stats::default()) } {
            Ok(stats) => stats,
            Err(why) => {
                writeln!(text, "{community}  cannot be read: {why}")?;
                all.push(json!({ "community": community, "shut": why.to_string() }));
                continue;
            }
        };
        writeln!(
            text,
            "{}  {} events in {} logs, {} kB",
            community,
            stats.events,
            stats.logs,
            stats.file_bytes / 1000
        )?;
        all.push(json!({ "community": community, "held": stats }));
    }
    if all.is_empty() {
        "no community is allowed yet; see: linli-relay allow --help".clone_into(&mut text);
    }
    output.say(&all.into(), text.trim_end())
}

/// Gives space back to the disk.
pub(crate) fn compact(config: &Config, output: Output) -> anyhow::Result<()> {
    let home = Home::new(&config.data.value);
    let (mut before, mut after) = (0_u64, 0_u64);
    let _lock = Lock::take(home.dir())?;
    let mut left_out = Vec::new();
    for (community, pass) in home.each_pass()? {
        let done = pass.map_err(anyhow::Error::from).and_then(|_pass| compact_one(&home, community));
        match done {
            Ok((was, is)) => (before, after) = (before.saturating_add(was), after.saturating_add(is)),
            Err(why) => left_out.push((community, format!("{why:#}"))),
        }
    }
    let text = format!("{} kB before, {} kB now", before / 1000, after / 1000);
    output.say(&json!({ "bytes_before": before, "bytes": after }), &text)?;
    copy::none_left_out(&left_out, "not compacted")
}

/// Bytes before and after.
fn compact_one(home: &Home, community: CommunityId) -> anyhow::Result<(u64, u64)> {
    if !Store::is_there(&home.community(community)) {
        return Ok((0, 0));
    }
    let mut store = Store::open(&home.community(community), &home.secrets(community)?, &[])?;
    let before = store.stats()?.file_bytes;
    store.compact()?;
    Ok((before, store.stats()?.file_bytes))
}
