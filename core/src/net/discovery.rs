//! Who is nearby: multicast DNS (RFC 6762) under a mark that only members know again, never the only way to be found.
//!
//! A phone shows a random name and a [`Beacon`], both new at every start and every hour, so that an outsider cannot
//! follow it by what it shows. Where a mark of the community is seen, its addresses are dialled; who is there, the
//! handshake proves.

use std::{collections::BTreeMap, net::SocketAddr, sync::Arc, time::Duration};

use mdns_sd::{ResolvedService, ServiceDaemon, ServiceEvent, ServiceInfo};
use tokio::{task::spawn_blocking, time::sleep};

use super::{Expected, node::Shared};
use crate::{
    key::{Beacon, TopicKey},
    limits,
};

const SERVICE: &str = "_linli._udp.local.";
/// The property that carries the mark.
const MARK: &str = "b";
/// How long to wait for a community, or a network, before looking again.
const LOOK_AGAIN: Duration = Duration::from_secs(10);

/// Whether phones nearby can be found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Nearby {
    /// It was not asked for, or this device belongs to no community yet.
    #[default]
    Off,
    /// Looking; marks of the community that were seen since the last start or change of network.
    Looking {
        /// How many.
        seen: u64,
    },
    /// There is no network to look in, or it lets no multicast out. Everything else works.
    NoMulticast,
}

/// Shows itself and looks for others until told to stop.
pub(super) async fn run(shared: Arc<Shared>) {
    let mut network = shared.network.subscribe();
    while !shared.stop.is_cancelled() {
        let host = shared.host().clone();
        let key = spawn_blocking(move || host.topic_key()).await.ok().flatten();
        let wait = match &key {
            None => LOOK_AGAIN,
            Some(key) => look(&shared, key).await,
        };
        tokio::select! {
            () = shared.stop.cancelled() => {}
            () = sleep(wait) => {}
            changed = network.changed() => if changed.is_err() { return },
        }
    }
}

/// Looks for an hour, or until the network changes; how long to wait before looking again.
async fn look(shared: &Arc<Shared>, key: &TopicKey) -> Duration {
    let addresses = shared.local_addresses();
    let shown = Shown::new(key, &addresses, shared.port());
    let Some((_looking, found)) = shown.as_ref().and_then(Shown::begin) else {
        shared.nearby.send_replace(Nearby::NoMulticast);
        return LOOK_AGAIN;
    };
    shared.nearby.send_replace(Nearby::Looking { seen: 0 });
    let own = shown.map(|shown| shown.name).unwrap_or_default();
    let mut network = shared.network.subscribe();
    let hour = sleep(Duration::from_millis(limits::BEACON_MS));
    tokio::pin!(hour);
    loop {
        tokio::select! {
            () = shared.stop.cancelled() => break,
            () = &mut hour => break,
            _ = network.changed() => break,
            event = found.recv_async() => match event {
                Ok(ServiceEvent::ServiceResolved(service)) => meet(shared, key, &own, &service),
                Ok(_) => {}
                Err(_) => break,
            }
        }
    }
    Duration::ZERO
}

/// Dials whoever shows a mark of the community.
fn meet(shared: &Arc<Shared>, key: &TopicKey, own: &str, service: &ResolvedService) {
    let beacon = service.get_property_val_str(MARK).and_then(|mark| mark.parse::<Beacon>().ok());
    let known = beacon.is_some_and(|beacon| key.recognises(&beacon));
    if !known || service.get_fullname().starts_with(own) {
        return;
    }
    let mut addresses: Vec<SocketAddr> = service
        .get_addresses()
        .iter()
        .map(mdns_sd::ScopedIp::to_ip_addr)
        .filter(|ip| !matches!(ip, std::net::IpAddr::V6(ip) if ip.is_unicast_link_local()))
        .map(|ip| SocketAddr::new(ip, service.get_port()))
        .collect();
    addresses.sort_unstable();
    shared.nearby.send_modify(|nearby| {
        if let Nearby::Looking { seen } = nearby {
            *seen = seen.saturating_add(1);
        }
    });
    if let Err(error) = shared.aim(&addresses, Expected::Member, true) {
        tracing::debug!(%error, "a peer nearby is not dialled");
    }
}

/// What is shown.
struct Shown {
    name: String,
    info: ServiceInfo,
}

impl Shown {
    /// None without an address that others could reach.
    fn new(key: &TopicKey, addresses: &[SocketAddr], port: u16) -> Option<Self> {
        if addresses.iter().all(|address| address.ip().is_loopback()) {
            return None;
        }
        let name = hex::encode(rand::random::<[u8; 8]>());
        let mark = key.beacon(rand::random()).to_string();
        let ips: Vec<String> = addresses.iter().map(|address| address.ip().to_string()).collect();
        let properties = BTreeMap::from([(MARK.to_owned(), mark)]).into_iter().collect::<Vec<_>>();
        let info =
            ServiceInfo::new(SERVICE, &name, &format!("{name}.local."), ips.join(",").as_str(), port, &properties[..]);
        Some(Self { name, info: info.ok()? })
    }

    fn begin(&self) -> Option<(Looking, mdns_sd::Receiver<ServiceEvent>)> {
        let looking = Looking(ServiceDaemon::new().ok()?);
        let found = looking.0.browse(SERVICE).ok()?;
        looking.0.register(self.info.clone()).ok()?;
        Some((looking, found))
    }
}

/// A thread that shows and looks, and has sockets: it ends with this, also where something failed half-way, or whoever
/// waited for it is dropped.
struct Looking(ServiceDaemon);

impl Drop for Looking {
    fn drop(&mut self) {
        // It says goodbye on its own thread; when that fails nobody hears it, which is all that could be done.
        let _silent = self.0.shutdown();
    }
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::*;

    /// Whether the thread behind a handle has ended: its questions are answered no more.
    fn ended(daemon: &ServiceDaemon) -> bool {
        let end = Instant::now() + Duration::from_secs(30);
        while Instant::now() < end {
            match daemon.status().map(|answer| answer.recv_timeout(Duration::from_millis(50))) {
                Ok(Ok(mdns_sd::DaemonStatus::Shutdown)) | Err(_) => return true,
                Ok(_) => std::thread::sleep(Duration::from_millis(5)),
            }
        }
        false
    }

    #[test]
    fn the_thread_that_looks_ends_with_whoever_began_it() {
        let looking = Looking(ServiceDaemon::new().expect("this machine has a thread and a socket left"));
        let daemon = looking.0.clone();
        assert!(daemon.browse(SERVICE).is_ok());

        drop(looking);

        assert!(ended(&daemon));
    }
}
