//! Discovery: phones nearby are found by multicast DNS (RFC 6762), under a mark that only members know again. It is
//! never the only way to be found.
//!
//! A phone shows a random name, its addresses and a [`Beacon`] over them. All three are new at every start and every
//! hour, so an outsider cannot follow a phone, and cannot show other addresses under its mark.
//!
//! Where a mark of the community is seen, its addresses in a network of this device are dialled. The handshake proves
//! who is there.

use std::{
    collections::BTreeMap,
    net::{IpAddr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use mdns_sd::{ResolvedService, ServiceDaemon, ServiceEvent, ServiceInfo};
use tokio::{task::spawn_blocking, time::sleep};

use super::{
    Expected, dial,
    shared::{Nearby, Shared},
    sighting::Sightings,
};
use crate::{
    key::{Beacon, TopicKey},
    limits,
};

const SERVICE: &str = "_linli._udp.local.";
/// The property that carries the mark.
const MARK: &str = "b";
/// The property that carries the addresses under it, with spaces between them. What else the service says of its
/// addresses, nobody has signed.
const ADDRESSES: &str = "a";
/// Ports below are those of other services.
const FIRST_PORT: u16 = 1024;
/// How long to wait for a community, or a network, before looking again.
const LOOK_AGAIN: Duration = Duration::from_secs(10);

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
    *shared.sightings.lock() = Sightings::new(shared.host().now());
    loop {
        let wait = dial_next(shared);
        tokio::select! {
            () = shared.stop.cancelled() => break,
            () = &mut hour => break,
            _ = network.changed() => break,
            () = sleep(wait.unwrap_or_default()), if wait.is_some() => {}
            event = found.recv_async() => match event {
                Ok(ServiceEvent::ServiceResolved(service)) => meet(shared, key, &own, &service),
                Ok(ServiceEvent::ServiceRemoved(_, name)) => shared.sightings.lock().lose(&name),
                Ok(_) => {}
                Err(_) => break,
            }
        }
    }
    Duration::ZERO
}

/// Notes whoever shows a mark of the community.
fn meet(shared: &Arc<Shared>, key: &TopicKey, own: &str, service: &ResolvedService) {
    let shown = service.get_property_val_str(ADDRESSES).unwrap_or_default();
    let mark = service.get_property_val_str(MARK).and_then(|mark| mark.parse::<Beacon>().ok());
    let Some(mark) = mark.filter(|mark| key.recognises(mark, shown.as_bytes())) else { return };
    if service.get_fullname().starts_with(own) {
        return;
    }
    shared.nearby.send_modify(|nearby| {
        if let Nearby::Looking { seen } = nearby {
            *seen = seen.saturating_add(1);
        }
    });
    let networks: Vec<if_addrs::IfAddr> =
        if_addrs::get_if_addrs().unwrap_or_default().into_iter().map(|interface| interface.addr).collect();
    let here = reachable(shown, |ip| networks.iter().any(|network| lies_in(ip, network)));
    shared.sightings.lock().see(mark, service.get_fullname(), here, shared.host().now());
}

/// Those of the addresses shown that are worth dialling.
fn reachable(shown: &str, is_here: impl Fn(IpAddr) -> bool) -> Vec<SocketAddr> {
    let addresses = shown.split(' ').filter_map(|address| address.parse::<SocketAddr>().ok());
    let worth = |address: &SocketAddr| address.port() >= FIRST_PORT && is_here(address.ip());
    addresses.filter(worth).take(limits::NEARBY_ADDRESSES).collect()
}

/// Whether an address lies in the network of an interface, which is not this machine's own.
fn lies_in(ip: IpAddr, interface: &if_addrs::IfAddr) -> bool {
    match (ip, interface) {
        (IpAddr::V4(ip), if_addrs::IfAddr::V4(own)) => {
            !own.is_loopback() && ip.to_bits() & own.netmask.to_bits() == own.ip.to_bits() & own.netmask.to_bits()
        }
        (IpAddr::V6(ip), if_addrs::IfAddr::V6(own)) => {
            !own.is_loopback()
                && !ip.is_unicast_link_local()
                && ip.to_bits() & own.netmask.to_bits() == own.ip.to_bits() & own.netmask.to_bits()
        }
        _ => false,
    }
}

/// Dials whoever is due; how long to wait for the next.
fn dial_next(shared: &Arc<Shared>) -> Option<Duration> {
    loop {
        let now = shared.host().now();
        let next = shared.sightings.lock().next(now);
        let Some((mark, addresses)) = next else { return shared.sightings.lock().wait(now) };
        if let Err(error) = dial::aim(shared, &addresses, Expected::Member, Some(mark)) {
            tracing::debug!(%error, "a peer nearby is not dialled");
            shared.sightings.lock().give_up(&mark, now);
        }
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
        let shown = addresses.iter().filter(|address| !address.ip().is_loopback()).take(limits::NEARBY_ADDRESSES);
        let shown = shown.map(ToString::to_string).collect::<Vec<_>>().join(" ");
        let mark = key.beacon(rand::random(), shown.as_bytes()).to_string();
        let ips: Vec<String> = addresses.iter().map(|address| address.ip().to_string()).collect();
        let properties = BTreeMap::from([(MARK.to_owned(), mark), (ADDRESSES.to_owned(), shown)]);
        let properties = properties.into_iter().collect::<Vec<_>>();
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

#[cfg(test)]
mod sightings {
    use std::net::Ipv4Addr;

    use super::*;

    fn network(ip: [u8; 4], netmask: [u8; 4]) -> if_addrs::IfAddr {
        let (ip, netmask) = (Ipv4Addr::from(ip), Ipv4Addr::from(netmask));
        if_addrs::IfAddr::V4(if_addrs::Ifv4Addr { ip, netmask, prefixlen: 24, broadcast: None })
    }

    #[test]
    fn only_addresses_of_the_own_networks_are_dialled_and_no_port_of_another_service() {
        let own = network([192, 168, 1, 7], [255, 255, 255, 0]);
        let shown = "192.168.1.9:40000 203.0.113.5:40000 192.168.1.9:22 192.168.2.9:40000 127.0.0.1:40000 nonsense";

        let worth = reachable(shown, |ip| lies_in(ip, &own));

        assert_eq!(worth, [SocketAddr::from(([192, 168, 1, 9], 40_000))]);
        assert!(!lies_in(Ipv4Addr::LOCALHOST.into(), &network([127, 0, 0, 1], [255, 0, 0, 0])));
    }

    #[test]
    fn of_one_mark_few_addresses_are_dialled() {
        let shown = (1..=200).map(|host| format!("10.0.0.{host}:4433")).collect::<Vec<_>>().join(" ");

        assert_eq!(reachable(&shown, |_| true).len(), limits::NEARBY_ADDRESSES);
    }
}
