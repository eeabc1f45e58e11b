//! Relays: what a coordinator shows one, admitting and moving it, and dialling all of them for as long as a node runs.

use std::{
    collections::{BTreeMap, BTreeSet},
    net::{IpAddr, SocketAddr},
    time::Duration,
};

use parking_lot::Mutex;
use tokio::{
    net::lookup_host,
    sync::Notify,
    time::{Instant, sleep, timeout},
};

use super::{MembersError, Replica, Update};
use crate::{
    event::Topic,
    id::{CommandId, DeviceId},
    limits,
    net::{Dialler, Expected, TargetId},
    roster::{RelayCard, RelayPass, RosterCommand},
};

/// What a name may take to be looked up.
const LOOKUP: Duration = Duration::from_secs(10);
/// How often the addresses of relays that are not connected are looked up again.
const AGAIN: Duration = Duration::from_millis(limits::RELAY_LOOKUP_MS);
/// News that come within this time are heard together.
const TOGETHER: Duration = Duration::from_millis(50);

impl Replica {
    /// What a relay is told of this community, so that it keeps it: name it with `linli-relay allow`. It holds no secret
    /// that opens anything, and this device comes first.
    ///
    /// # Errors
    /// [`MembersError::NotAMember`] before founding or joining.
    pub fn relay_pass(&self) -> Result<RelayPass, MembersError> {
        let welcome = self.welcome()?;
        let tags = Topic::ALL.into_iter().map(|topic| (topic, welcome.topic_key.tag(topic.name())));
        Ok(RelayPass { community: welcome.community, device: self.device(), tags: tags.collect() })
    }

    /// Admits a relay by what it shows of itself.
    ///
    /// # Errors
    /// Why not.
    pub fn admit_relay(&self, id: CommandId, card: RelayCard, name: Option<String>) -> Result<(), MembersError> {
        let RelayCard { record, addresses } = card;
        self.change_roster(id, RosterCommand::AdmitRelay { record, addresses, name })
    }

    /// Says where a relay is reached from now on, such as `relay.example:4433`.
    ///
    /// # Errors
    /// Why not.
    pub fn move_relay(&self, id: CommandId, device: DeviceId, addresses: Vec<String>) -> Result<(), MembersError> {
        self.change_roster(id, RosterCommand::MoveRelay { device, addresses })
    }

    /// Where the relays of the roster are reached, as the roster says.
    fn relays(&self) -> BTreeMap<DeviceId, Vec<String>> {
        let Some(community) = self.snapshot() else { return BTreeMap::new() };
        let relays = community.roster.relays().into_iter().take(limits::RELAYS);
        relays.map(|relay| (relay.record.device, relay.addresses.clone())).collect()
    }

    /// Dials every relay of the roster, where it says, for as long as it says so.
    pub(super) async fn keep_relays(self, dialler: Dialler) {
        let (mut updates, mut network) = (self.subscribe(), dialler.network());
        let mut dialled = BTreeMap::<DeviceId, Aim>::new();
        loop {
            self.dial_relays(&dialler, &mut dialled).await;
            self.follow_relays(&dialler, &mut dialled).await;
            tokio::select! {
                () = self.inner.moves.news.notified() => {}
                () = sleep(AGAIN) => dialled.values_mut().for_each(|aim| aim.due = true),
                changed = network.changed() => match changed {
                    Ok(()) => dialled.values_mut().for_each(|aim| aim.due = true),
                    Err(_) => return,
                },
                open = roster_news(&mut updates) => if !open { return },
            }
        }
    }

    async fn dial_relays(&self, dialler: &Dialler, dialled: &mut BTreeMap<DeviceId, Aim>) {
        let relays = self.relays();
        dialled.retain(|device, aim| {
            let stays = relays.contains_key(device);
            if let (false, Some(target)) = (stays, aim.target) {
                dialler.hang_up(target);
            }
            stays
        });
        for (device, addresses) in relays {
            let aim = dialled.entry(device).or_default();
            let due = aim.due && !dialler.is_connected(device);
            if aim.known == addresses && !due {
                continue;
            }
            let found = look_up(&addresses).await;
            if found.is_empty() {
                continue;
            }
            match dialler.dial(&found, Expected::Device(device)) {
                Ok(target) => (aim.known, aim.due, aim.target) = (addresses, false, Some(target)),
                Err(why) => tracing::debug!(%why, "a relay is not dialled"),
            }
        }
    }

    /// Goes where relays said that they keep the community: there alone, until it is time to look up again where the
    /// roster says. The same key is expected there. Two places that send to each other are followed once in that time.
    async fn follow_relays(&self, dialler: &Dialler, dialled: &mut BTreeMap<DeviceId, Aim>) {
        let said = std::mem::take(&mut *self.inner.moves.said.lock());
        for (device, address) in said {
            let Some(aim) = dialled.get_mut(&device) else { continue };
            if aim.followed.is_some_and(|at| at.elapsed() < AGAIN) {
                continue;
            }
            let found = look_up(&[address]).await;
            if !found.is_empty() && dialler.dial(&found, Expected::Device(device)).is_ok() {
                aim.followed = Some(Instant::now());
            }
        }
    }
}

/// Where relays said that they keep the community, until somebody goes there: the last word of each.
#[derive(Default)]
pub(super) struct Moves {
    said: Mutex<BTreeMap<DeviceId, String>>,
    news: Notify,
}

impl Moves {
    /// One said so: a relay of the roster, whose key was proved.
    pub(super) fn note(&self, relay: DeviceId, address: String) {
        self.said.lock().insert(relay, address);
        self.news.notify_one();
    }
}

/// A relay that is dialled.
#[derive(Default)]
struct Aim {
    /// As which addresses.
    known: Vec<String>,
    /// Whether these are to be looked up again.
    due: bool,
    target: Option<TargetId>,
    /// When it was followed to where it said.
    followed: Option<Instant>,
}

/// Waits until the roster may have changed; whether the replica is still open.
async fn roster_news(updates: &mut super::Updates) -> bool {
    loop {
        match updates.next().await {
            None => return false,
            Some(Update::Roster | Update::Missed) => break,
            Some(_) => {}
        }
    }
    while timeout(TOGETHER, updates.next()).await.is_ok_and(|update| update.is_some()) {}
    true
}

/// The addresses that these texts mean now.
async fn look_up(texts: &[String]) -> Vec<SocketAddr> {
    let mut found = BTreeSet::new();
    for (host, port) in texts.iter().filter_map(|text| host_and_port(text)) {
        if let Ok(Ok(addresses)) = timeout(LOOKUP, lookup_host((host, port))).await {
            found.extend(addresses);
        }
    }
    found.into_iter().take(limits::ADDRESSES).collect()
}

/// Reads `relay.example:4433`, `192.0.2.1` or `[2001:db8::1]:4433`; without a port, the one that relays have.
fn host_and_port(text: &str) -> Option<(&str, u16)> {
    let bare = text.trim_start_matches('[').trim_end_matches(']');
    if bare.parse::<IpAddr>().is_ok() {
        return Some((bare, limits::RELAY_PORT));
    }
    match text.rsplit_once(':') {
        Some((host, port)) => {
            let host = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
            Some((host, port.parse().ok()?))
        }
        None => Some((text, limits::RELAY_PORT)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_read_with_and_without_a_port() {
        for (text, read) in [
            ("relay.example:4711", Some(("relay.example", 4711))),
            ("relay.example", Some(("relay.example", 4433))),
            ("192.0.2.1", Some(("192.0.2.1", 4433))),
            ("192.0.2.1:80", Some(("192.0.2.1", 80))),
            ("2001:db8::1", Some(("2001:db8::1", 4433))),
            ("[2001:db8::1]", Some(("2001:db8::1", 4433))),
            ("[2001:db8::1]:80", Some(("2001:db8::1", 80))),
            ("relay.example:port", None),
        ] {
            assert_eq!(host_and_port(text), read, "{text}");
        }
    }
}
