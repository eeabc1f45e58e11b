//! How a running relay is doing, as its status page says.

use std::{
    fmt::Write as _,
    io::{Read, Write},
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream},
    time::Duration,
};

use anyhow::{Context, bail};
use linli_core::text;
use linli_relay::config::Config;
use serde_json::Value;

use crate::output::Output;

const PATIENCE: Duration = Duration::from_secs(10);
/// Bytes of a report, at most.
const LONGEST: u64 = 64_000_000;

/// Asks the relay that runs with these settings.
pub(crate) fn status(config: &Config, output: Output) -> anyhow::Result<()> {
    let at = reachable(config.status.value);
    let report = ask(at, config.status_token.value.0.as_deref())?;
    let report: Value = serde_json::from_str(&report).with_context(|| format!("what answers on {at} is no relay"))?;
    output.say(&report, tell(&report).trim_end())
}

/// An address to come to: one that is listened on may be all of them.
fn reachable(at: SocketAddr) -> SocketAddr {
    let ip = match at.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    SocketAddr::new(ip, at.port())
}

/// HTTP 1.0: one question, one answer, and nothing in pieces.
fn ask(at: SocketAddr, word: Option<&str>) -> anyhow::Result<String> {
    let mut stream = TcpStream::connect_timeout(&at, PATIENCE)
        .with_context(|| format!("no relay answers on {at}; start it with `linli-relay serve`"))?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    let word = word.map(|word| format!("Authorization: Bearer {word}\r\n")).unwrap_or_default();
    let no_relay = || format!("what answers on {at} is no relay");
    // In one piece: whatever hangs up before it has heard all of it is no relay either.
    let request = format!("GET /status.json HTTP/1.0\r\nHost: {at}\r\n{word}\r\n");
    stream.write_all(request.as_bytes()).with_context(no_relay)?;
    let mut answer = String::new();
    stream.take(LONGEST).read_to_string(&mut answer).with_context(no_relay)?;
    let (head, body) = answer.split_once("\r\n\r\n").with_context(no_relay)?;
    match head.split_ascii_whitespace().nth(1) {
        Some("200") => Ok(body.to_owned()),
        Some("401") => bail!("the relay on {at} wants its word: set --status-token as it is set there"),
        _ => bail!("the relay on {at} does not say how it is: {}", head.lines().next().unwrap_or_default()),
    }
}

fn tell(report: &Value) -> String {
    let number = |from: &Value, name: &str| from.get(name).and_then(Value::as_u64).unwrap_or(0);
    let word = |from: &Value, name: &str| {
        from.get(name).and_then(Value::as_str).map_or_else(|| "?".to_owned(), |word| text::clean(word).into_owned())
    };
    let list = |name: &str| report.get(name).and_then(Value::as_array).cloned().unwrap_or_default();
    let ran = number(report, "ran_ms") / 60_000;
    let mut text = format!("relay {}, version {}, ", word(report, "relay"), word(report, "version"));
    let communities = list("communities");
    // Writing to a text does not fail.
    let _ = writeln!(text, "running for {} h {} min, {} communities", ran / 60, ran % 60, communities.len());
    for community in &communities {
        let devices = community.get("devices").and_then(Value::as_array).map_or(0, Vec::len);
        let sick = community.get("well").and_then(Value::as_bool) != Some(true);
        let checked = community.get("checked").and_then(Value::as_bool) == Some(true);
        let _ = writeln!(
            text,
            "{}  {} of {devices} devices connected, {} events, {} of {} MB, to send {}, to receive {}{}{}",
            word(community, "id"),
            number(community, "connected"),
            number(community, "events"),
            number(community, "bytes") / 1_000_000,
            number(community, "quota") / 1_000_000,
            number(community, "to_send"),
            number(community, "to_receive"),
            if checked { "; checked after a stop that was not clean: whole" } else { "" },
            if sick { "; ITS STORE DOES NOT TAKE WHAT COMES" } else { "" },
        );
    }
    for shut in list("shut") {
        let _ = writeln!(text, "{}  CANNOT BE OPENED: {}", word(&shut, "id"), word(&shut, "why"));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_listened_on_everywhere_is_asked_here() {
        let asked = |at: &str| reachable(at.parse().unwrap_or_else(|_| ([0, 0, 0, 0], 0).into())).to_string();

        assert_eq!(asked("0.0.0.0:4480"), "127.0.0.1:4480");
        assert_eq!(asked("[::]:4480"), "[::1]:4480");
        assert_eq!(asked("10.1.2.3:4480"), "10.1.2.3:4480");
    }
}
