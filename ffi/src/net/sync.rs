//! How this phone stands to the others, and who has what.

use linli_core::{
    event::Topic,
    id::{DeviceId, MemberId, Reference},
    replica::{self, Age, Replica},
    sync,
    time::WallMs,
};

use crate::{LinliError, Phone};

/// How this phone stands to all others.
#[derive(Clone, Debug, uniffi::Record)]
pub struct SyncState {
    /// How long ago the newest contact with anybody is: how old the news on this phone may be.
    pub age: Age,
    /// When that was, by this device's clock then.
    pub contact: Option<WallMs>,
    /// Everybody who belongs, the longest silent last.
    pub peers: Vec<PeerState>,
}

/// How this phone stands to another device.
#[derive(Clone, Debug, uniffi::Record)]
pub struct PeerState {
    /// The device.
    pub device: DeviceId,
    /// Whose it is; none for a relay.
    pub member: Option<MemberId>,
    /// The name, where there is one and the key that seals it is held.
    pub name: Option<String>,
    /// The name for a screen, as in `MemberLine`.
    pub shown: String,
    /// Whether it is a relay.
    pub relay: bool,
    /// Whether a link to it is open and it has said hello.
    pub connected: bool,
    /// Whether the last link to it since this phone was opened came to the end of what differed, then.
    pub in_step: bool,
    /// When it was last heard from, by this device's clock then.
    pub contact: Option<WallMs>,
    /// How long ago that is; fresh while connected.
    pub age: Age,
    /// Events held here that it is not known to have; none if nothing is known of what it has. A guess.
    pub behind: Option<u64>,
    /// Events it said to have that are not held here. A guess.
    pub ahead: u64,
    /// What is on its way, until both are in step.
    pub transfer: Option<Transfer>,
    /// Events that it turned away in the last link to it since this phone was opened, and has not asked for since.
    pub not_taken: NotTaken,
}

/// Events that a peer turned away, by why. What is not zero should be shown: those events are not on their way.
#[derive(Clone, Copy, Debug, uniffi::Record)]
pub struct NotTaken {
    /// There is no room for them: a quota is used up.
    pub full: u64,
    /// The peer does not know whoever wrote them.
    pub stranger: u64,
    /// They lie beyond a cut.
    pub beyond: u64,
    /// The device that wrote them has contradicted itself too often.
    pub silenced: u64,
    /// What they build on is not there.
    pub incomplete: u64,
    /// For a reason that a newer version knows.
    pub unknown: u64,
}

impl From<sync::NotTaken> for NotTaken {
    fn from(not_taken: sync::NotTaken) -> Self {
        let sync::NotTaken { full, stranger, beyond, silenced, incomplete, unknown } = not_taken;
        Self { full, stranger, beyond, silenced, incomplete, unknown }
    }
}

/// What is on its way between two phones.
#[derive(Clone, Debug, uniffi::Record)]
pub struct Transfer {
    /// What it is about; none between two topics.
    pub topic: Option<Topic>,
    /// To the peer.
    pub sent: Flow,
    /// From the peer.
    pub received: Flow,
}

/// One direction of a transfer.
#[derive(Clone, Debug, uniffi::Record)]
pub struct Flow {
    /// Events so far.
    pub events: u64,
    /// Bytes so far.
    pub bytes: u64,
    /// Events that comparing found to be missing. A guess.
    pub expected: u64,
}

/// Who is known to hold an event, beside this device.
#[derive(Clone, Debug, uniffi::Record)]
pub struct WhoHas {
    /// Devices of people.
    pub devices: Vec<DeviceId>,
    /// Whether a relay has it.
    pub relay: bool,
}

impl From<replica::Flow> for Flow {
    fn from(flow: replica::Flow) -> Self {
        Self { events: flow.events, bytes: flow.bytes, expected: flow.expected }
    }
}

impl From<replica::PeerState> for PeerState {
    fn from(peer: replica::PeerState) -> Self {
        let transfer = |way: replica::Transfer| Transfer {
            topic: way.topic,
            sent: way.sent.into(),
            received: way.received.into(),
        };
        Self {
            device: peer.device,
            member: peer.member,
            name: peer.name,
            shown: peer.shown,
            relay: peer.relay,
            connected: peer.connected,
            in_step: peer.in_step,
            contact: peer.contact,
            age: peer.age,
            behind: peer.behind,
            ahead: peer.ahead,
            transfer: peer.transfer.map(transfer),
            not_taken: peer.not_taken.into(),
        }
    }
}

#[uniffi::export]
impl Phone {
    /// When the others were last heard from, how far apart they are, and what is on its way. Ask again after each
    /// `Update.Peer`, and as time passes.
    pub async fn sync_state(&self) -> Result<SyncState, LinliError> {
        let state = self.call(Replica::sync_state).await?;
        let peers = state.peers.into_iter().map(Into::into).collect();
        Ok(SyncState { age: state.age, contact: state.contact, peers })
    }

    /// Who is known to hold an event, or what an event made, beside this device.
    pub async fn who_has(&self, event: Reference) -> Result<WhoHas, LinliError> {
        let known = self.call(move |replica| replica.who_has(event)).await?;
        Ok(WhoHas { devices: known.devices, relay: known.relay })
    }
}
