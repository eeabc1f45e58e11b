//! Meetings: what open links tell the rest of the replica about their peers while it lasts.
//!
//! Kept in memory alone: contacts and what a peer has are in the store, and how far a transfer is ends with the process.

use std::collections::BTreeMap;

use parking_lot::Mutex;

use crate::{id::DeviceId, store::Heard, sync::Progress};

/// All meetings since this replica was opened, the last of each peer.
#[derive(Default)]
pub(super) struct Meetings(Mutex<BTreeMap<DeviceId, Meeting>>);

/// The last meeting with one peer.
#[derive(Clone, Copy, Default)]
pub(super) struct Meeting {
    /// Links to it that are open.
    links: usize,
    /// When it last said something; nothing before its hello.
    pub(super) heard: Option<Heard>,
    /// How far its last link is, or was when it ended.
    pub(super) progress: Progress,
    /// Whether that link got to the end of what differed.
    pub(super) in_step: bool,
}

impl Meeting {
    /// Whether a link is open and the peer has said hello.
    pub(super) fn is_open(&self) -> bool {
        self.links > 0 && self.heard.is_some()
    }

    /// Events that the peer was found to have beyond what it has sent. A guess, as [`Progress`] is.
    pub(super) fn awaited(&self) -> u64 {
        let received = self.progress.received;
        if self.in_step { 0 } else { received.expected.saturating_sub(received.events) }
    }
}

impl Meetings {
    /// A link begins.
    pub(super) fn begin(&self, peer: DeviceId) {
        let mut all = self.0.lock();
        let links = all.get(&peer).map_or(0, |meeting| meeting.links);
        all.insert(peer, Meeting { links: links.saturating_add(1), ..Meeting::default() });
    }

    /// A link has heard from its peer, or has got further.
    pub(super) fn note(&self, peer: DeviceId, heard: Heard, progress: Progress, in_step: bool) {
        if let Some(meeting) = self.0.lock().get_mut(&peer) {
            *meeting = Meeting { links: meeting.links, heard: Some(heard), progress, in_step };
        }
    }

    /// A link is over.
    pub(super) fn end(&self, peer: DeviceId) {
        if let Some(meeting) = self.0.lock().get_mut(&peer) {
            meeting.links = meeting.links.saturating_sub(1);
        }
    }

    /// The last meeting with each peer.
    pub(super) fn all(&self) -> BTreeMap<DeviceId, Meeting> {
        self.0.lock().clone()
    }
}
