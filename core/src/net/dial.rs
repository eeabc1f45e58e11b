//! Dialling: whom to reach, at which addresses, and when to try again.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use quinn::Connection;
use tokio::{
    task::JoinSet,
    time::{Instant, sleep, sleep_until, timeout},
};
use tokio_util::sync::CancellationToken;

use super::{
    Expected, NetError, quic,
    shared::{Dialling, Ended, Shared, Target},
    tcp,
};
use crate::{id::DeviceId, key::Beacon, limits};

/// Dials a peer, if it is not dialled yet.
pub(super) fn aim(
    shared: &Arc<Shared>,
    addresses: &[SocketAddr],
    expected: Expected,
    mark: Option<Beacon>,
) -> Result<u64, NetError> {
    let mut targets = shared.targets.lock();
    let same = |target: &Target| {
        target.expected == expected
            && !target.stop.is_cancelled()
            && (expected != Expected::Member || addresses.iter().any(|address| target.addresses.contains(address)))
    };
    if let Some((id, target)) = targets.open.iter_mut().find(|(_, target)| same(target)) {
        target.nearby &= mark.is_some();
        if mark.is_none() && target.learn(addresses) {
            target.poke.notify_one();
        }
        // One found in two ways is dialled in one.
        return if mark.is_some() && target.mark != mark { Err(NetError::Twice) } else { Ok(*id) };
    }
    if targets.open.len() >= limits::TARGETS {
        return Err(NetError::Crowded);
    }
    let id = targets.next;
    targets.next = id.wrapping_add(1);
    let mut target = Target::new(expected, mark, shared.stop.child_token());
    target.learn(addresses);
    targets.open.insert(id, target);
    shared.tasks.spawn(keep(shared.clone(), id));
    Ok(id)
}

/// Keeps a peer connected until it is given up.
pub(super) async fn keep(shared: Arc<Shared>, id: u64) {
    let mut tries = 0_u32;
    let mut network = shared.network.subscribe();
    while let Some(target) = shared.target(id) {
        shared.dialling(id, Dialling::Trying);
        let Ended { why, met, .. } = attempt(&shared, id, &target).await;
        tries = if met { 0 } else { tries.saturating_add(1) };
        // A device that reached its inviter does not ask again by itself: a person decides that.
        let asked = met && matches!(target.expected, Expected::Inviter { .. });
        // A phone that is connected needs no second mark: whoever shows many would take the places of all others nearby.
        let again = target.nearby && matches!(why, NetError::Twice);
        let given_up =
            asked || again || matches!(why, NetError::Ourselves) || (target.nearby && tries >= limits::NEARBY_TRIES);
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
            quic::carry(shared, connection, *expected, None, stop).await
        }
        Ok(Reached::Tcp(connection)) => {
            shared.dialling(id, Dialling::Connected);
            tcp::carry(shared, *connection, None, stop).await
        }
    };
    match ended {
        Ended { why: NetError::Twice, device: Some(device), .. } if !target.nearby => {
            other(shared, id, device, stop).await
        }
        ended => ended,
    }
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
    Tcp(Box<tcp::TcpConnection>),
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
                Ok(connection) => return Ok(Reached::Tcp(Box::new(connection))),
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
