//! On the network: listening, meeting a phone at an address or nearby, watching the board live.
//!
//! The home is open for as long as this runs, and one process at a time has a home: what others do is seen here as it
//! arrives.

mod invite;
mod live;
mod sync;

use std::{
    io::{self, IsTerminal},
    net::{Ipv4Addr, Ipv6Addr, SocketAddr, ToSocketAddrs},
    time::Duration,
};

use indicatif::ProgressBar;
use linli_core::net::{ConversationError, NetError, Node, NodeError, NodeOptions};
use serde_json::{Value, json};
use tokio::runtime::{Builder, Runtime};

use crate::{
    failure::{Failure, Outcome},
    home::Phone,
    out,
    wrong::Wrong,
};

pub(crate) use invite::{Invite, first_sync, invite, join_by, picture};
pub(crate) use live::{Live, listen, watch};
pub(crate) use sync::{nearby, with, with_relay};

/// Whether people look on, or a script reads.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Screen {
    /// A terminal: it is drawn anew.
    Terminal,
    /// Lines, one after the other.
    Lines,
    /// One JSON document on each line.
    Json,
}

impl Screen {
    /// What the standard output is.
    pub(crate) fn of(json: bool) -> Self {
        match (json, io::stdout().is_terminal()) {
            (true, _) => Self::Json,
            (false, true) => Self::Terminal,
            (false, false) => Self::Lines,
        }
    }

    /// Says one thing at once, in one line.
    fn say(self, document: &Value, line: String) -> Outcome<()> {
        self.say_all(document, &[line])
    }

    /// The same in several lines.
    fn say_all(self, document: &Value, lines: &[String]) -> Outcome<()> {
        if self == Self::Json { out::document(document) } else { out::lines(lines) }
    }
}

pub(crate) fn runtime() -> Outcome<Runtime> {
    let built = Builder::new_multi_thread().worker_threads(2).enable_all().build();
    built.map_err(|error| Failure::of_system(Wrong::Io, error.kind()))
}

fn start(phone: &Phone, options: NodeOptions) -> Outcome<Node> {
    if phone.replica.member().is_none() {
        return Err(Failure::new(Wrong::KnowsNobody, json!({})));
    }
    phone.replica.start_node(options).map_err(|error| unstarted(&error))
}

fn unstarted(error: &NodeError) -> Failure {
    match error {
        NodeError::Listen { address, kind } => {
            let at = json!({ "address": address.to_string(), "detail": kind.to_string() });
            Failure::new(Wrong::CannotListen, at)
        }
        NodeError::Setup(error) => unreached(error, ""),
    }
}

/// Reads `192.168.1.7:4711`, `[fe80::1]:4711` or `lan.local:4711`.
pub(crate) fn addresses(texts: &[String]) -> Outcome<Vec<SocketAddr>> {
    let mut found = Vec::new();
    for text in texts {
        let wrong = |_| Failure::usage(Wrong::NotAnAddress, json!({ "text": text }));
        found.extend(text.trim().to_socket_addrs().map_err(wrong)?);
    }
    Ok(found)
}

/// Reads where to listen: a port alone means every network of this machine.
fn listen_at(text: &str) -> Outcome<SocketAddr> {
    let everywhere = text.trim().parse().map(|port: u16| SocketAddr::from((Ipv6Addr::UNSPECIFIED, port)));
    let wrong = |_| Failure::usage(Wrong::NotAnAddress, json!({ "text": text }));
    everywhere.or_else(|_| text.trim().parse()).map_err(wrong)
}

/// An address as people write it, whatever the socket is.
fn canonical(address: SocketAddr) -> SocketAddr {
    SocketAddr::new(address.ip().to_canonical(), address.port())
}

/// Why a phone was not reached, and what to do about it.
fn unreached(why: &NetError, at: &str) -> Failure {
    let code = match why {
        NetError::Refused => Wrong::PeerRefuses,
        NetError::Stranger => Wrong::PeerIsStranger,
        NetError::Ourselves => Wrong::PeerIsMe,
        NetError::Conversation(ConversationError::Withdrawn) => Wrong::PeerWithdrawn,
        NetError::Conversation(_) => Wrong::Link,
        _ => Wrong::NobodyThere,
    };
    Failure::new(code, json!({ "address": at, "why": reason(why), "detail": why.to_string() }))
}

/// The code of what kept phones apart: `net.silent` has its words.
fn reason(why: &NetError) -> &'static str {
    match why {
        NetError::Tls(_) => "tls",
        NetError::Silent => "silent",
        NetError::Broken(_) => "broken",
        NetError::Crowded => "crowded",
        NetError::Twice => "twice",
        NetError::Closed => "closed",
        NetError::Stopped => "stopped",
        _ => "strange",
    }
}

/// Where a phone that listens can be dialled from the same machine too.
fn shown_addresses(node: &Node) -> Vec<String> {
    let mut shown: Vec<String> = node.local_addresses().iter().map(ToString::to_string).collect();
    if shown.is_empty() {
        shown.push(SocketAddr::from((Ipv4Addr::LOCALHOST, node.port())).to_string());
    }
    shown
}

/// How far a meeting is, for people alone.
fn spinner() -> ProgressBar {
    if !io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::new_spinner();
    bar.enable_steady_tick(Duration::from_millis(200));
    bar
}
