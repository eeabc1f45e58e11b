//! Updates: what a screen should know, by id. Pulled, never pushed into a callback, so no lock is ever held across
//! foreign code.

#[cfg(feature = "uniffi")]
use crate::bindings::module_path;

use std::collections::BTreeSet;

use serde::Serialize;
use tokio::sync::broadcast;

use crate::id::{DeviceId, LogId, Reference};

/// News for the screen.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(tag = "update", rename_all = "snake_case")]
#[cfg_attr(feature = "uniffi", derive(uniffi::Enum))]
pub enum Update {
    /// An aggregate changed.
    Changed {
        /// Its type, such as `order`.
        kind: &'static str,
        /// The aggregate, by its creating event.
        aggregate: Reference,
        /// The events that count for the first time; none if only a judgement changed.
        events: Vec<Reference>,
    },
    /// Something of an aggregate is to be looked at: contested, delivered twice, a conflicting edit.
    Review {
        /// The aggregate's type.
        kind: &'static str,
        /// The aggregate, by its creating event.
        aggregate: Reference,
        /// The code of what is to be looked at.
        code: String,
    },
    /// Somebody was admitted, granted or withdrawn, a key arrived, or somebody's room runs out: what
    /// [`reminders`](super::Replica::reminders) tells may be another.
    Roster,
    /// The invitation stands otherwise: look at [`inviting`](super::Replica::inviting).
    Invitation,
    /// Something was erased, or came back because its erasure counts no longer.
    Erased,
    /// Something came that only a newer app reads whole, or can be read now: look at
    /// [`needs_newer_app`](super::Replica::needs_newer_app).
    Newer,
    /// Another device is known to hold more than before.
    Peer {
        /// The device that holds more.
        device: DeviceId,
    },
    /// Too much happened since the last look: read again whatever is on the screen.
    Missed,
}

/// What is to be told once a transaction is durable.
#[derive(Debug, Default)]
pub(super) struct News {
    /// Told to screens.
    pub(super) updates: Vec<Update>,
    /// To conversations: logs for parts of which events have come to wait.
    pub(super) awaited: BTreeSet<LogId>,
    /// To conversations: the roster judges otherwise than before. An event in it that has no effect asks nobody for anything.
    pub(super) roster_turned: bool,
}

impl From<Vec<Update>> for News {
    fn from(updates: Vec<Update>) -> Self {
        Self { updates, ..Self::default() }
    }
}

/// A subscription. It ends when the replica closes.
#[derive(Debug)]
pub struct Updates(pub(super) broadcast::Receiver<Update>);

impl Updates {
    /// Waits for the next update; `None` once the replica is closed.
    pub async fn next(&mut self) -> Option<Update> {
        match self.0.recv().await {
            Ok(update) => Some(update),
            Err(broadcast::error::RecvError::Lagged(_)) => Some(Update::Missed),
            Err(broadcast::error::RecvError::Closed) => None,
        }
    }

    /// The same for callers without an async runtime: blocks the thread.
    pub fn wait(&mut self) -> Option<Update> {
        match self.0.blocking_recv() {
            Ok(update) => Some(update),
            Err(broadcast::error::RecvError::Lagged(_)) => Some(Update::Missed),
            Err(broadcast::error::RecvError::Closed) => None,
        }
    }

    /// What is there now, without waiting.
    pub fn take(&mut self) -> Option<Update> {
        match self.0.try_recv() {
            Ok(update) => Some(update),
            Err(broadcast::error::TryRecvError::Lagged(_)) => Some(Update::Missed),
            Err(broadcast::error::TryRecvError::Empty | broadcast::error::TryRecvError::Closed) => None,
        }
    }
}
