//! Peers: when each was heard from, how far apart it is, what is on its way, and who has what.
//!
//! How fresh news are is worked out when asked. It is shown and decides nothing (R9).

#[cfg(feature = "uniffi")]
use crate::bindings::module_path;

use std::{cmp::Reverse, collections::BTreeMap};

use serde::Serialize;

use super::{Community, QueryError, Replica, people::name};
use crate::{
    event::Topic,
    id::{DeviceId, MemberId, Reference},
    replica::meetings::Meeting,
    roster::{Device, Role},
    store::{Heard, Peer, Reader, StoreError},
    sync::{NotTaken, Tally},
    time::WallMs,
};

const DAY_MS: u64 = 24 * 60 * 60 * 1000;

/// How long ago somebody was heard from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "uniffi", derive(uniffi::Enum))]
pub enum Age {
    /// Within a day.
    Fresh,
    /// More than a day ago.
    OverADay,
    /// More than three days ago.
    OverThreeDays,
    /// Not yet, on this device.
    Never,
}

impl Age {
    /// The age of a contact. It never looks fresh for ever ([`Heard::age`]); a clock that was set forward makes it look older
    /// than it is, and the worst of that is one meeting too many.
    fn of(heard: Option<Heard>, now: Heard) -> Self {
        let Some(heard) = heard else { return Age::Never };
        match heard.age(now) {
            ms if ms > 3 * DAY_MS => Age::OverThreeDays,
            ms if ms > DAY_MS => Age::OverADay,
            _ => Age::Fresh,
        }
    }
}

/// How this replica stands to all others.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct SyncState {
    /// How long ago the newest contact with anybody is: how old the news on this phone may be.
    pub age: Age,
    /// When that was, by this device's clock then.
    pub contact: Option<WallMs>,
    /// Everybody who belongs, the longest silent last. Withdrawn devices and the recovery kit are left out.
    pub peers: Vec<PeerState>,
}

/// How this replica stands to another device.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct PeerState {
    /// The device it stands to.
    pub device: DeviceId,
    /// Whose it is; none for a relay.
    pub member: Option<MemberId>,
    /// The name, as in [`MemberLine`](super::MemberLine).
    pub name: Option<String>,
    /// The name for a screen, as in [`MemberLine`](super::MemberLine).
    pub shown: String,
    /// Whether it is a relay.
    pub relay: bool,
    /// Whether a link to it is open and it has said hello.
    pub connected: bool,
    /// Whether the last link to it since this replica was opened came to the end of what differed, then.
    pub in_step: bool,
    /// When it was last heard from, by this device's clock then.
    pub contact: Option<WallMs>,
    /// How long ago that is; fresh while connected.
    pub age: Age,
    /// Events held here that it is not known to have; `None` if nothing is known of what it has. Forks make it a guess.
    pub behind: Option<u64>,
    /// Events it said to have that are not held here. Forks make it a guess.
    pub ahead: u64,
    /// What is on its way, until both are in step.
    pub transfer: Option<Transfer>,
    /// Events that it turned away in the last link to it since this replica was opened, and has not asked for since.
    pub not_taken: NotTaken,
}

/// What is on its way between two replicas.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct Transfer {
    /// What it is about; none between two topics.
    pub topic: Option<Topic>,
    /// To the peer.
    pub sent: Flow,
    /// From the peer.
    pub received: Flow,
}

/// One direction of a transfer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct Flow {
    /// Events so far.
    pub events: u64,
    /// Bytes of their runs so far.
    pub bytes: u64,
    /// Events that comparing found to be missing. Forks and refusals make it a guess.
    pub expected: u64,
}

impl From<Tally> for Flow {
    fn from(Tally { events, bytes, expected }: Tally) -> Self {
        Self { events, bytes, expected }
    }
}

/// Who is known to hold an event, beside this device.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct WhoHas {
    /// Devices of people, its author's among them.
    pub devices: Vec<DeviceId>,
    /// Whether a relay has it.
    pub relay: bool,
}

impl Replica {
    /// Who is known to hold an event, beside this device: its author, and whoever said so of itself, and did not say at the last
    /// meeting that its body is missing there. What created an aggregate is named as the aggregate is.
    ///
    /// # Errors
    /// [`QueryError::Unknown`] where the event is not held here, or when the store fails.
    pub fn who_has(&self, event: Reference) -> Result<WhoHas, QueryError> {
        let community = self.joined()?;
        let unknown = QueryError::Unknown { kind: "event", reference: event };
        self.read(|reader| holders(reader, &community, event))?.ok_or(unknown)
    }

    /// When the others were last heard from, how far apart they are, and what is on its way. Ask again after each
    /// [`Update::Peer`](crate::replica::Update::Peer), and as time passes. Looks at all that every peer said, so for one
    /// screen and not for every line of a list.
    ///
    /// # Errors
    /// [`QueryError::NotAMember`] before founding or joining, or when the store fails.
    pub fn sync_state(&self) -> Result<SyncState, QueryError> {
        let community = self.joined()?;
        let known: BTreeMap<DeviceId, Peer> =
            self.read(|reader| reader.peers())?.into_iter().map(|peer| (peer.device, peer)).collect();
        let (met, people) = (self.inner.meetings.all(), self.people());
        let now = self.moment();
        let others = community
            .roster
            .devices()
            .filter(|device| device.record.device != community.me && !device.withdrawn && !device.kit);
        let mut peers: Vec<PeerState> = others
            .map(|device| {
                let id = device.record.device;
                let (known, met) = (known.get(&id), met.get(&id));
                let heard = met.and_then(|met| met.heard).or(known.and_then(|known| known.contact));
                let age = Age::of(heard, now);
                PeerState {
                    shown: people.shown_device(id),
                    ..state(&community, device, known, met, heard.map(|heard| heard.wall), age)
                }
            })
            .collect();
        peers.sort_by_key(|peer| (peer.age, Reverse(peer.contact), peer.device));
        self.keep_running_time();
        let newest = peers.first();
        Ok(SyncState {
            age: newest.map_or(Age::Never, |newest| newest.age),
            contact: newest.and_then(|newest| newest.contact),
            peers,
        })
    }
}

fn state(
    community: &Community,
    device: &Device,
    known: Option<&Peer>,
    met: Option<&Meeting>,
    contact: Option<WallMs>,
    age: Age,
) -> PeerState {
    let open = met.filter(|met| met.is_open());
    let transfer = open.filter(|met| !met.in_step).map(|met| Transfer {
        topic: met.progress.topic.and_then(|tag| community.topic(tag)),
        sent: met.progress.sent.into(),
        received: met.progress.received.into(),
    });
    PeerState {
        device: device.record.device,
        member: device.member,
        name: name(community, device),
        shown: String::new(),
        relay: device.role == Role::Relay,
        connected: open.is_some(),
        in_step: met.is_some_and(|met| met.in_step),
        contact,
        age: if open.is_some() { Age::Fresh } else { age },
        behind: known.map(|known| known.behind),
        ahead: known.map_or(0, |known| known.ahead).max(met.map_or(0, Meeting::awaited)),
        transfer,
        not_taken: met.map(|met| met.progress.not_taken).unwrap_or_default(),
    }
}

/// Who holds an event, beside this device; `None` if this one does not.
pub(super) fn holders(reader: &Reader, community: &Community, event: Reference) -> Result<Option<WhoHas>, StoreError> {
    let Some(log) = reader.log(event.log)? else { return Ok(None) };
    if !reader.has(event)? {
        return Ok(None);
    }
    let lacking = reader.who_lacks(event)?;
    let mut devices = reader.who_has(event.log, event.seq)?;
    devices.retain(|device| !lacking.contains(device));
    devices.push(log.device);
    devices.sort_unstable();
    devices.dedup();
    devices.retain(|device| *device != community.me);
    let is_relay = |device: &DeviceId| community.roster.device(*device).is_some_and(|it| it.role == Role::Relay);
    let (relays, devices): (Vec<_>, Vec<_>) = devices.into_iter().partition(is_relay);
    Ok(Some(WhoHas { devices, relay: !relays.is_empty() }))
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: u64 = 60 * 60 * 1000;

    fn age(wall: i64, running: u64) -> Age {
        let heard = Heard { wall: WallMs(1_000 * HOUR as i64), running: Some(100 * HOUR) };
        Age::of(Some(heard), Heard { wall: WallMs(wall * HOUR as i64), running: Some(running * HOUR) })
    }

    #[test]
    fn a_contact_ages_by_the_clock_that_has_gone_further_r9() {
        assert_eq!(Age::of(None, Heard { wall: WallMs(0), running: Some(0) }), Age::Never);
        assert_eq!(age(1_000, 100), Age::Fresh);
        assert_eq!(age(1_024, 100), Age::Fresh, "a day is not over a day");
        assert_eq!(age(1_025, 100), Age::OverADay);
        assert_eq!(age(1_073, 100), Age::OverThreeDays);
        assert_eq!(age(1_000, 125), Age::OverADay, "the wall clock stood still");
        assert_eq!(age(0, 100), Age::Fresh, "set back: nothing is known but that no time was run since");
        assert_eq!(age(0, 173), Age::OverThreeDays, "set back: not fresh for ever");
        assert_eq!(age(1_025, 0), Age::OverADay, "what ran before a kill was not all noted");
    }
}
