//! Dialling: whom to reach, at which addresses, and when to try again.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use quinn::Connection;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    sync::Notify,
    task::JoinSet,
    time::{Instant, sleep, sleep_until, timeout},
};
use tokio_util::sync::CancellationToken;

use super::{
    Expected, NetError,
    drive::{Driver, Line},
    node::Shared,
    quic, tcp,
};
use crate::{id::DeviceId, key::Beacon, limits};

/// How a peer that is dialled is doing.
#[derive(Clone, Debug)]
pub enum Dialling {
    /// It is being tried.
    Trying,
    /// There is a connection with it.
    Connected,
    /// The last attempt failed; the next follows by itself, or at once when the network changes.
    Waiting {
        /// Attempts that failed since the last connection.
        tries: u32,
        /// Why the last one did.
        why: NetError,
    },
}

/// A peer that is dialled until told otherwise.
#[derive(Clone, Debug)]
pub(super) struct Target {
    pub(super) expected: Expected,
    pub(super) addresses: Vec<SocketAddr>,
    pub(super) state: Dialling,
    /// Found by itself, and forgotten by itself.
    pub(super) nearby: bool,
    /// The mark under which it was found.
    pub(super) mark: Option<Beacon>,
    pub(super) poke: Arc<Notify>,
    pub(super) stop: CancellationToken,
}

impl Target {
    pub(super) fn new(expected: Expected, mark: Option<Beacon>, stop: CancellationToken) -> Self {
        let (addresses, poke) = (Vec::new(), Arc::new(Notify::new()));
        Self { expected, addresses, state: Dialling::Trying, nearby: mark.is_some(), mark, poke, stop }
    }

    /// Adds addresses; whether there were new ones.
    pub(super) fn learn(&mut self, addresses: &[SocketAddr]) -> bool {
        let before = self.addresses.len();
        for address in addresses {
            if !self.addresses.contains(address) && self.addresses.len() < limits::ADDRESSES {
                self.addresses.push(*address);
            }
        }
        self.addresses.len() > before
    }
}

/// Keeps a peer connected until it is given up.
pub(super) async fn keep(shared: Arc<Shared>, id: u64) {
    let mut tries = 0_u32;
    let mut network = shared.network.subscribe();
    while let Some(target) = shared.target(id) {
        shared.dialling(id, Dialling::Trying);
        let Ended { why, met, .. } = attempt(&shared, id, &target).await;
        tries = if met { 0 } else { tries.saturating_add(1) };
        // Who was heard out, well or not, does not ask again by itself.
        let asked = met && matches!(target.expected, Expected::Inviter { .. });
        let given_up = asked || matches!(why, NetError::Ourselves) || (target.nearby && tries >= limits::NEARBY_TRIES);
        if target.stop.is_cancelled() || given_up {
            break;
        }
        tracing::debug!(tries, %why, "a peer is not connected");
        let pause = pause(steps(tries, &why), rand::random_range(0.5..1.0));
        shared.dialling(id, Dialling::Waiting { tries, why });
        tokio::select! {
            () = target.stop.cancelled() => break,
            () = sleep(pause) => {}
            () = target.poke.notified() => tries = 0,
            changed = network.changed() => match changed {
                Ok(()) => tries = 0,
                Err(_) => break,
            }
        }
    }
    shared.forget(id);
}

/// How often the pause is doubled after so many failures. Where somebody is there and had no room for now, trying again
/// is what helps: every fourth time alone.
fn steps(tries: u32, why: &NetError) -> u32 {
    match why {
        NetError::Crowded | NetError::Closed | NetError::Broken(_) => tries.div_ceil(4),
        _ => tries,
    }
}

/// How long to wait after so many failures; `part` of it, so that phones that lost a network do not come back at once.
fn pause(tries: u32, part: f64) -> Duration {
    let ms = limits::REDIAL_MS.saturating_mul(1_u64.checked_shl(tries).unwrap_or(u64::MAX));
    Duration::from_millis(ms.min(limits::REDIAL_MOST_MS)).mul_f64(part)
}

/// How a connection ended.
pub(super) struct Ended {
    pub(super) why: NetError,
    /// With whom it was, if that was proved.
    pub(super) device: Option<DeviceId>,
    /// Whether the peer had said hello.
    pub(super) met: bool,
}

impl From<NetError> for Ended {
    fn from(why: NetError) -> Self {
        Self { why, device: None, met: false }
    }
}

/// One connection, from dialling to its end; or the end of another one that there is. Given up, it still takes leave of
/// whom it reached.
async fn attempt(shared: &Arc<Shared>, id: u64, target: &Target) -> Ended {
    let Target { expected, addresses, stop, .. } = target;
    if let Expected::Device(device) | Expected::Unlisted(device) = *expected
        && shared.is_connected(device)
    {
        return other(shared, id, device, stop).await;
    }
    let reached = tokio::select! {
        () = stop.cancelled() => Err(NetError::Stopped),
        reached = reach(shared, addresses, *expected) => reached,
    };
    let ended = match reached {
        Err(why) => return why.into(),
        Ok(Reached::Quic(connection)) => {
            shared.dialling(id, Dialling::Connected);
            quic::carry(shared, connection, *expected, true, stop).await
        }
        Ok(Reached::Tcp(line)) => {
            shared.dialling(id, Dialling::Connected);
            tcp::carry(shared, *line, true, stop).await
        }
    };
    match ended {
        Ended { why: NetError::Twice, device: Some(device), .. } => other(shared, id, device, stop).await,
        ended => ended,
    }
}

/// Drives the dialogue in which one side asks to be admitted.
pub(super) async fn ask<L, R, W>(stop: &CancellationToken, driver: Driver<L, R, W>) -> Ended
where
    L: Line,
    R: AsyncRead + Unpin,
    W: AsyncWrite + Unpin,
{
    let mut met = false;
    let why = driver.run(stop, |seen| met |= seen.met).await.why;
    Ended { why, device: None, met }
}

/// Waits for the end of another connection with the same device.
async fn other(shared: &Arc<Shared>, id: u64, device: DeviceId, stop: &CancellationToken) -> Ended {
    shared.dialling(id, Dialling::Connected);
    tokio::select! {
        () = stop.cancelled() => return NetError::Stopped.into(),
        () = shared.until_gone(device) => {}
    }
    Ended { why: NetError::Closed, device: Some(device), met: true }
}

enum Reached {
    Quic(Connection),
    Tcp(Box<tcp::Line>),
}

/// Tries all addresses at once; the first that answers wins.
async fn reach(shared: &Arc<Shared>, addresses: &[SocketAddr], expected: Expected) -> Result<Reached, NetError> {
    let mut tries = JoinSet::new();
    for address in addresses.iter().copied() {
        let shared = shared.clone();
        tries.spawn(async move { reach_one(&shared, address, expected).await });
    }
    let mut why = NetError::Silent;
    while let Some(tried) = tries.join_next().await {
        match tried {
            Ok(Ok(reached)) => return Ok(reached),
            // Being turned away says more than silence.
            Ok(Err(error)) if matches!(why, NetError::Silent | NetError::Broken(_)) => why = error,
            Ok(Err(_)) | Err(_) => {}
        }
    }
    Err(why)
}

/// QUIC; when it is silent for a while, or cannot be, TCP beside it. Where TCP cannot be either, QUIC is given as long
/// once more.
async fn reach_one(shared: &Arc<Shared>, address: SocketAddr, expected: Expected) -> Result<Reached, NetError> {
    let quic = quic::dial(shared, address, expected);
    tokio::pin!(quic);
    let silent = match timeout(Duration::from_millis(limits::QUIC_SILENT_MS), &mut quic).await {
        Ok(Ok(connection)) => return Ok(Reached::Quic(connection)),
        Ok(Err(why @ (NetError::Stranger | NetError::Refused | NetError::Ourselves))) => return Err(why),
        Ok(Err(_)) => false,
        Err(_) => true,
    };
    let tcp = tcp::dial(shared, address, expected);
    tokio::pin!(tcp);
    if !silent {
        return Ok(Reached::Tcp(Box::new(tcp.await?)));
    }
    let mut failed = NetError::Silent;
    let (mut quic_open, mut tcp_open) = (true, true);
    let mut last = Instant::now();
    while quic_open || tcp_open {
        tokio::select! {
            () = sleep_until(last), if !tcp_open => break,
            answer = &mut quic, if quic_open => match answer {
                Ok(connection) => return Ok(Reached::Quic(connection)),
                Err(why) => (failed, quic_open) = (why, false),
            },
            answer = &mut tcp, if tcp_open => match answer {
                Ok(line) => return Ok(Reached::Tcp(Box::new(line))),
                Err(why) => {
                    (failed, tcp_open) = (why, false);
                    last = Instant::now() + Duration::from_millis(limits::QUIC_SILENT_MS);
                }
            },
        }
    }
    Err(failed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_there_was_no_room_it_is_tried_ten_times_within_a_minute() {
        let no_room = [NetError::Crowded, NetError::Closed, NetError::Broken(std::io::ErrorKind::ConnectionReset)];
        for why in &no_room {
            let waited: Duration = (1..=10).map(|tries| pause(steps(tries, why), 1.0)).sum();
            assert!(waited <= Duration::from_secs(60), "{why}: {waited:?}");
        }
        assert_eq!(steps(7, &NetError::Silent), 7);
        assert_eq!(steps(7, &NetError::Refused), 7);
    }

    #[test]
    fn attempts_grow_rare_and_never_rarer_than_five_minutes() {
        let pauses: Vec<Duration> = (1..70).map(|tries| pause(tries, 1.0)).collect();

        assert!(pauses.is_sorted());
        assert_eq!(pauses[0], Duration::from_secs(2));
        assert_eq!(pauses[68], Duration::from_secs(300));
        assert_eq!(pause(70, 0.5), Duration::from_secs(150));
    }
}
