//! Configuration: flags, environment, a TOML file and defaults, in this order.

use std::{
    fmt, fs,
    net::{Ipv4Addr, Ipv6Addr, SocketAddr},
    path::{Path, PathBuf},
};

use anyhow::Context;
use clap::Args;
use linli_core::{keep::Quota, limits};
use serde::{Deserialize, Serialize};

use crate::pace::Speed;

const MEGABYTE: u64 = 1_000_000;

/// What may be set, and where: each setting as a flag, in the environment, or in the file under the same name.
#[derive(Args, Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Layer {
    /// Where keys and communities are kept
    #[arg(long, global = true, env = "LINLI_RELAY_DATA", value_name = "DIR")]
    pub data: Option<PathBuf>,
    /// Where phones come, over QUIC (UDP) and TCP alike
    #[arg(long, global = true, env = "LINLI_RELAY_LISTEN", value_name = "ADDRESS:PORT")]
    pub listen: Option<SocketAddr>,
    /// Where phones are told to come, such as relay.example:4433; several with commas. Without it: the addresses of
    /// this machine
    #[arg(long, global = true, env = "LINLI_RELAY_ANNOUNCE", value_name = "NAME:PORT", value_delimiter = ',')]
    pub announce: Option<Vec<String>>,
    /// Where the status page is
    #[arg(long, global = true, env = "LINLI_RELAY_STATUS", value_name = "ADDRESS:PORT")]
    pub status: Option<SocketAddr>,
    /// Who may see the status page from elsewhere: whoever gives this word
    #[arg(long, global = true, env = "LINLI_RELAY_STATUS_TOKEN", value_name = "WORD", hide_env_values = true)]
    pub status_token: Option<String>,
    /// Megabytes that all devices of one community may have kept here; half is in equal parts for each
    #[arg(long, global = true, env = "LINLI_RELAY_COMMUNITY_MB", value_name = "MB")]
    pub community_mb: Option<u64>,
    /// Megabytes that one device may have kept here, in bodies and 256 bytes for each event; phones take 64
    #[arg(long, global = true, env = "LINLI_RELAY_DEVICE_MB", value_name = "MB")]
    pub device_mb: Option<u64>,
    /// Connections at a time; where all are taken, communities share them, and the phone that came first stays
    #[arg(long, global = true, env = "LINLI_RELAY_CONNECTIONS", value_name = "COUNT")]
    pub connections: Option<usize>,
    /// The same from one address; phones behind one router share it
    #[arg(long, global = true, env = "LINLI_RELAY_PER_ADDRESS", value_name = "COUNT")]
    pub per_address: Option<usize>,
    /// Handshakes under way at a time, over UDP and TCP each, up to the hello; then the oldest makes room. Half are for
    /// addresses and keys that were here before
    #[arg(long, global = true, env = "LINLI_RELAY_HANDSHAKES", value_name = "COUNT")]
    pub handshakes: Option<usize>,
    /// The same from one address, which a whole building may share. A quarter is for keys that were here before
    #[arg(long, global = true, env = "LINLI_RELAY_HANDSHAKES_PER_ADDRESS", value_name = "COUNT")]
    pub handshakes_per_address: Option<usize>,
    /// Seconds that a handshake may take
    #[arg(long, global = true, env = "LINLI_RELAY_HANDSHAKE_SECONDS", value_name = "SECONDS")]
    pub handshake_seconds: Option<u64>,
    /// Events a second that one device may bring in the long run; a faster one is slowed, and loses nothing
    #[arg(long, global = true, env = "LINLI_RELAY_EVENTS_PER_SECOND", value_name = "COUNT")]
    pub events_per_second: Option<u64>,
    /// Events that one device may bring at once, before that counts: what a phone gathers while it is away
    #[arg(long, global = true, env = "LINLI_RELAY_EVENTS_AT_ONCE", value_name = "COUNT")]
    pub events_at_once: Option<u64>,
    /// What is logged: error, warn, info, debug
    #[arg(long, global = true, env = "LINLI_RELAY_LOG", value_name = "LEVEL")]
    pub log: Option<String>,
}

/// Where a setting came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum From {
    /// A flag, or the environment.
    Given,
    /// The configuration file.
    File,
    /// Nobody set it.
    Default,
}

impl fmt::Display for From {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Given => "flag or environment",
            Self::File => "file",
            Self::Default => "default",
        })
    }
}

/// A setting and where it came from.
#[derive(Clone, Debug, Serialize)]
pub struct Set<T> {
    /// The value that holds.
    pub value: T,
    /// Who set it.
    pub from: From,
}

/// All settings that hold.
#[derive(Clone, Debug, Serialize)]
pub struct Config {
    /// Where keys and communities are kept.
    pub data: Set<PathBuf>,
    /// Where phones come.
    pub listen: Set<SocketAddr>,
    /// Where phones are told to come; empty for the addresses of this machine.
    pub announce: Set<Vec<String>>,
    /// Where the status page is.
    pub status: Set<SocketAddr>,
    /// Whether whoever comes from elsewhere has to give a word; the word itself is never shown.
    pub status_token: Set<Token>,
    /// Megabytes of one community.
    pub community_mb: Set<u64>,
    /// Megabytes of one device.
    pub device_mb: Set<u64>,
    /// Connections at a time.
    pub connections: Set<usize>,
    /// Connections at a time from one address.
    pub per_address: Set<usize>,
    /// Handshakes under way at a time.
    pub handshakes: Set<usize>,
    /// Handshakes under way at a time with one address.
    pub handshakes_per_address: Set<usize>,
    /// Seconds that a handshake may take.
    pub handshake_seconds: Set<u64>,
    /// Events a second of one device, in the long run.
    pub events_per_second: Set<u64>,
    /// Events of one device at once.
    pub events_at_once: Set<u64>,
    /// What is logged.
    pub log: Set<String>,
}

/// A word that is compared and never shown.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Token(pub Option<String>);

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_some() { "set" } else { "not set" })
    }
}

impl Serialize for Token {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bool(self.0.is_some())
    }
}

fn pick<T>(given: Option<T>, file: Option<T>, default: impl FnOnce() -> T) -> Set<T> {
    match (given, file) {
        (Some(value), _) => Set { value, from: From::Given },
        (None, Some(value)) => Set { value, from: From::File },
        (None, None) => Set { value: default(), from: From::Default },
    }
}

impl Config {
    /// Puts the layers together. The file may be left out; one that is named must be there.
    ///
    /// # Errors
    /// What is wrong with the file.
    pub fn load(given: Layer, file: Option<&Path>) -> anyhow::Result<Self> {
        let file = match file {
            None => Layer::default(),
            Some(path) => {
                let text = fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
                toml::from_str(&text).with_context(|| format!("{} is not understood", path.display()))?
            }
        };
        let speed = Speed::default();
        Ok(Self {
            data: pick(given.data, file.data, data_dir),
            listen: pick(given.listen, file.listen, || SocketAddr::from((Ipv6Addr::UNSPECIFIED, 4433))),
            announce: pick(given.announce, file.announce, Vec::new),
            status: pick(given.status, file.status, || SocketAddr::from((Ipv4Addr::LOCALHOST, 4480))),
            status_token: pick(
                given.status_token.map(|word| Token(Some(word))),
                file.status_token.map(|word| Token(Some(word))),
                Token::default,
            ),
            community_mb: pick(given.community_mb, file.community_mb, || 4_000),
            device_mb: pick(given.device_mb, file.device_mb, || limits::DEVICE_ROOM / MEGABYTE),
            connections: pick(given.connections, file.connections, || 4_096),
            per_address: pick(given.per_address, file.per_address, || 1_024),
            handshakes: pick(given.handshakes, file.handshakes, || 256),
            handshakes_per_address: pick(given.handshakes_per_address, file.handshakes_per_address, || 128),
            handshake_seconds: pick(given.handshake_seconds, file.handshake_seconds, || limits::HANDSHAKE_MS / 1_000),
            events_per_second: pick(given.events_per_second, file.events_per_second, || speed.per_second),
            events_at_once: pick(given.events_at_once, file.events_at_once, || speed.burst),
            log: pick(given.log, file.log, || "info".to_owned()),
        })
    }

    /// How much may be kept.
    pub fn quota(&self) -> Quota {
        Quota {
            community: self.community_mb.value.saturating_mul(MEGABYTE),
            device: self.device_mb.value.saturating_mul(MEGABYTE),
        }
    }

    /// How fast each device may be.
    pub fn speed(&self) -> Speed {
        Speed { per_second: self.events_per_second.value, burst: self.events_at_once.value }
    }

    /// The settings as lines: name, value, where it came from.
    pub fn lines(&self) -> Vec<(&'static str, String, From)> {
        let Self { data, listen, announce, status, status_token, .. } = self;
        let Self { community_mb, device_mb, connections, per_address, handshakes, handshakes_per_address, .. } = self;
        let Self { handshake_seconds, events_per_second, events_at_once, log, .. } = self;
        let told =
            if announce.value.is_empty() { "this machine's addresses".to_owned() } else { announce.value.join(",") };
        vec![
            ("data", data.value.display().to_string(), data.from),
            ("listen", listen.value.to_string(), listen.from),
            ("announce", told, announce.from),
            ("status", status.value.to_string(), status.from),
            ("status-token", format!("{:?}", status_token.value), status_token.from),
            ("community-mb", community_mb.value.to_string(), community_mb.from),
            ("device-mb", device_mb.value.to_string(), device_mb.from),
            ("connections", connections.value.to_string(), connections.from),
            ("per-address", per_address.value.to_string(), per_address.from),
            ("handshakes", handshakes.value.to_string(), handshakes.from),
            ("handshakes-per-address", handshakes_per_address.value.to_string(), handshakes_per_address.from),
            ("handshake-seconds", handshake_seconds.value.to_string(), handshake_seconds.from),
            ("events-per-second", events_per_second.value.to_string(), events_per_second.from),
            ("events-at-once", events_at_once.value.to_string(), events_at_once.from),
            ("log", log.value.clone(), log.from),
        ]
    }
}

/// Where things lie if nobody says: what systemd gives a service, else the user's own data, else here.
fn data_dir() -> PathBuf {
    if let Some(state) = std::env::var_os("STATE_DIRECTORY") {
        return state.into();
    }
    let home = std::env::home_dir().filter(|home| home.is_absolute());
    home.map_or_else(|| PathBuf::from("linli-relay"), |home| home.join(".local/share/linli-relay"))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn a_flag_beats_the_file_and_the_file_the_default() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("relay.toml");
        fs::write(&file, "device-mb = 7\ncommunity-mb = 9\nstatus-token = \"plum\"\n").unwrap();
        let given = Layer { device_mb: Some(3), ..Layer::default() };

        let config = Config::load(given, Some(&file)).unwrap();

        assert_eq!((config.device_mb.value, config.device_mb.from), (3, From::Given));
        assert_eq!((config.community_mb.value, config.community_mb.from), (9, From::File));
        assert_eq!((config.connections.value, config.connections.from), (4_096, From::Default));
        let shown = format!("{:?} {:?} {}", config, config.lines(), serde_json::to_string(&config).unwrap());
        assert!(!shown.contains("plum"), "the word is shown nowhere");
    }

    #[test]
    fn a_word_that_is_no_setting_is_told() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("relay.toml");
        fs::write(&file, "devise-mb = 7\n").unwrap();

        let error = Config::load(Layer::default(), Some(&file)).unwrap_err();

        assert!(format!("{error:#}").contains("devise-mb"), "{error:#}");
    }
}
