//! What the status page says, as data.

use std::sync::atomic::Ordering;

use linli_core::{
    id::{CommunityId, DeviceId},
    net::Host,
    roster,
    sync::Tally,
    time::WallMs,
    vocabulary::Coded,
};
use serde::{Deserialize, Serialize};

use crate::{Communities, CommunityStore};

/// Digits of an id that are shown: enough to tell a thousand devices apart, few enough to read out.
const DIGITS: usize = 12;

/// How a relay is doing.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Report {
    /// The version of the program.
    pub version: String,
    /// This relay, the beginning of its id.
    pub relay: String,
    /// When this was said, by the relay's clock, in milliseconds since 1970.
    pub now: WallMs,
    /// Since when it runs.
    pub started: WallMs,
    /// For how many milliseconds it has run since, by its clock or by its running time, whichever is more.
    pub ran_ms: u64,
    /// The communities it serves.
    pub communities: Vec<Community>,
    /// Communities that cannot be opened.
    pub shut: Vec<Shut>,
}

/// A community that cannot be opened, and why.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Shut {
    /// The beginning of its id.
    pub id: String,
    /// What stands in the way, as a sentence.
    pub why: String,
}

/// How a community is kept.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Community {
    /// The beginning of its id.
    pub id: String,
    /// Whether its store answers, and took what came last.
    pub well: bool,
    /// Whether the stop before this start was not clean, so that every page was checked. All were whole.
    pub checked: bool,
    /// Events that are held.
    pub events: u64,
    /// Bytes of bodies.
    pub bytes: u64,
    /// Bytes of bodies that it may have.
    pub quota: u64,
    /// Bytes of its files.
    pub file_bytes: u64,
    /// Devices that are connected.
    pub connected: u64,
    /// Events that connected devices still lack, as far as comparing told. It knows of no others.
    pub to_send: u64,
    /// Events that connected devices have and this relay still lacks, as far as comparing told.
    pub to_receive: u64,
    /// Its devices that may connect, by id.
    pub devices: Vec<Device>,
    /// Events of each hour of the last week, the hour of `now` last; since the start of the relay alone.
    pub hours: Vec<u64>,
    /// Events stored since the start.
    pub stored: u64,
    /// Runs refused since the start.
    pub refused: u64,
    /// Transactions since the start.
    pub commits: u64,
}

/// A device of the roster, and when it was here.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Device {
    /// The beginning of its id.
    pub id: String,
    /// Its role: `coordinator`, `volunteer` or `relay`.
    pub role: String,
    /// When it was connected last, by the relay's clock; never, as far as the relay remembers, if there is nothing.
    pub seen: Option<WallMs>,
    /// Milliseconds since, by that clock or by how long the relay ran meanwhile, whichever is more; 0 while it is connected.
    pub age_ms: Option<u64>,
    /// Whether it is connected.
    pub connected: bool,
    /// Whether it is connected and all that differed when it came is exchanged.
    pub in_step: bool,
}

impl Report {
    /// Looks at everything. Waits for transactions under way.
    pub(super) fn of(communities: &Communities, started: WallMs, ran: u64) -> Self {
        let now = communities.wall();
        let me = communities.device();
        Self {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            relay: beginning(me.as_bytes()),
            now,
            started,
            ran_ms: started.age(now, ran),
            communities: communities.stores().iter().map(|store| Community::of(store, me, now)).collect(),
            shut: communities
                .shut()
                .iter()
                .map(|(id, why)| Shut { id: community(*id), why: why.to_string() })
                .collect(),
        }
    }
}

impl Community {
    fn of(store: &CommunityStore, me: DeviceId, now: WallMs) -> Self {
        let (held, guests, meter) = (store.usage(), store.presence().here(), store.meter());
        let well = held.is_ok() && store.is_well();
        let held = held.unwrap_or_default();
        let devices = devices(store, me);
        let owed = |tally: Tally| tally.expected.saturating_sub(tally.events);
        let behind = guests.iter().filter(|guest| !guest.in_step);
        let (to_send, to_receive) = behind.fold((0_u64, 0_u64), |(send, receive), guest| {
            let progress = guest.progress;
            (send.saturating_add(owed(progress.sent)), receive.saturating_add(owed(progress.received)))
        });
        Self {
            id: community(store.community()),
            well,
            checked: store.was_checked(),
            events: held.events,
            bytes: held.bytes,
            quota: store.quota().community,
            file_bytes: held.file_bytes,
            connected: devices.iter().filter(|device| device.connected).count().try_into().unwrap_or(u64::MAX),
            to_send,
            to_receive,
            devices,
            hours: store.presence().hours(now),
            stored: meter.events.load(Ordering::Relaxed),
            refused: meter.refused.load(Ordering::Relaxed),
            commits: meter.commits.load(Ordering::Relaxed),
        }
    }
}

/// All that may come: not this relay itself, and not the recovery kit, which lies in a drawer.
fn devices(store: &CommunityStore, me: DeviceId) -> Vec<Device> {
    let (rules, guests) = (store.rules(), store.presence().here());
    let (roster, now) = (&rules.roster, store.heard());
    let expected = roster.devices().filter(|device| !device.kit && !device.withdrawn && device.record.device != me);
    let line = |device: &roster::Device| {
        let id = device.record.device;
        let mut here = guests.iter().filter(|guest| guest.device == id).peekable();
        Device {
            id: beginning(id.as_bytes()),
            role: device.role.code().to_owned(),
            seen: store.presence().seen(id, now).map(|seen| seen.wall),
            age_ms: store.presence().age(id, now),
            connected: here.peek().is_some(),
            in_step: here.any(|guest| guest.in_step),
        }
    };
    expected.map(line).collect()
}

fn community(id: CommunityId) -> String {
    beginning(id.as_bytes())
}

fn beginning(id: &[u8]) -> String {
    hex::encode(id).chars().take(DIGITS).collect()
}
