//! What a phone would find: ports, address, clock, disk.

use std::{
    fs,
    io::Write,
    net::{SocketAddr, TcpListener, UdpSocket},
    path::Path,
    time::{Duration, Instant, SystemTime},
};

use linli_core::store::{create_private, make_dir};
use linli_relay::config::Config;
use serde_json::json;

use crate::output::Output;

/// Bytes that should be free.
const ROOM: u64 = 1_000_000_000;
/// Before this no relay was built: 2025-01-01.
const BUILT: Duration = Duration::from_secs(1_735_689_600);

/// How something is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Health {
    Good,
    Warn,
    Bad,
}

struct Finding {
    what: &'static str,
    health: Health,
    text: String,
}

/// Looks at everything, and fails if something would keep phones away.
pub(crate) fn doctor(config: &Config, output: Output) -> anyhow::Result<()> {
    let findings =
        [udp(config.listen.value), tcp(config.listen.value), address(config), clock(), disk(&config.data.value)];
    for finding in &findings {
        let (word, sign) = match finding.health {
            Health::Good => ("good", "✓"),
            Health::Warn => ("warn", "!"),
            Health::Bad => ("bad", "✗"),
        };
        let document = json!({ "what": finding.what, "health": word, "text": finding.text });
        output.say(&document, &format!("{sign} {:8} {}", finding.what, finding.text))?;
    }
    anyhow::ensure!(findings.iter().all(|finding| finding.health != Health::Bad), "phones could not use this relay");
    Ok(())
}

fn port(what: &'static str, bound: std::io::Result<()>, at: SocketAddr) -> Finding {
    match bound {
        Ok(()) => Finding { what, health: Health::Good, text: format!("{at} can be listened on") },
        Err(error) if error.kind() == std::io::ErrorKind::AddrInUse => {
            Finding { what, health: Health::Good, text: format!("{at} is in use; by this relay, if it runs") }
        }
        Err(error) => Finding { what, health: Health::Bad, text: format!("{at} cannot be listened on: {error}") },
    }
}

fn udp(at: SocketAddr) -> Finding {
    port("udp", UdpSocket::bind(at).map(drop), at)
}

fn tcp(at: SocketAddr) -> Finding {
    port("tcp", TcpListener::bind(at).map(drop), at)
}

fn address(config: &Config) -> Finding {
    let what = "address";
    let local = local_addresses(config.listen.value);
    if !config.announce.value.is_empty() {
        return Finding {
            what,
            health: Health::Good,
            text: format!("phones are told {}", config.announce.value.join(", ")),
        };
    }
    if local.is_empty() {
        let text = "this machine has no address that phones could reach; set --announce".to_owned();
        return Finding { what, health: Health::Bad, text };
    }
    let told = local.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    let text = format!("phones are told {told}: set --announce if they come from other networks");
    Finding { what, health: Health::Warn, text }
}

/// The addresses that a phone of the same network could reach.
pub(crate) fn local_addresses(listen: SocketAddr) -> Vec<SocketAddr> {
    linli_core::net::reachable(listen)
}

fn clock() -> Finding {
    let what = "clock";
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    if now < BUILT {
        let text = "this machine's clock stands in the past; times on the status page will be wrong".to_owned();
        return Finding { what, health: Health::Warn, text };
    }
    Finding { what, health: Health::Good, text: "the clock runs".to_owned() }
}

fn disk(data: &Path) -> Finding {
    let what = "disk";
    let bad = |error: std::io::Error| Finding {
        what,
        health: Health::Bad,
        text: format!("{} cannot be written: {error}", data.display()),
    };
    if let Err(error) = make_dir(data) {
        return bad(error);
    }
    let began = Instant::now();
    if let Err(error) = probe(&data.join("doctor.probe")) {
        return bad(error);
    }
    let took = began.elapsed();
    let free = fs4::available_space(data).unwrap_or(0);
    let text = format!("{} MB free; one durable write takes {:.1} ms", free / 1_000_000, took.as_secs_f64() * 1e3);
    Finding { what, health: if free < ROOM { Health::Warn } else { Health::Good }, text }
}

fn probe(file: &Path) -> std::io::Result<()> {
    let mut probe = create_private(file)?;
    probe.write_all(b"linli")?;
    probe.sync_all()?;
    fs::remove_file(file)
}
