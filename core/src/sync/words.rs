//! The words of a session: what it wants, what it sends, why a run was not stored.

use crate::{
    event::{Entry, Run},
    id::{DeviceId, LogId, ShortId, TopicTag},
};

/// A log that is asked for, and what of it is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// The log that is asked for.
    pub log: LogId,
    /// Heads of it that the asker has, or ends of what came there and was refused; all of this log.
    pub have: Vec<Entry>,
}

/// A run on its way to the peer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outgoing {
    /// The run, with its header: the session leaves it out where the peer knows the log.
    pub run: Run,
    /// The short id of its last event.
    pub last: ShortId,
}

impl Outgoing {
    /// Its last event.
    pub(super) fn entry(&self) -> Entry {
        let seq = self.run.first.saturating_add((self.run.links.len() as u64).saturating_sub(1));
        Entry { log: self.run.log, seq, short: self.last }
    }
}

/// Why a run was not stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// Its device is not in the roster. No fault of the peer; asked for again when the roster changes.
    Stranger,
    /// What it builds on is not here: no event before its first, or none that the signature fits. The log is asked
    /// for once more.
    Gap,
    /// It lies too far beyond a cut. No fault of the peer; asked for again when the roster changes.
    Beyond,
    /// It lies in a log that was silenced, because it has too many branches (R7). No fault of the peer; asked for again
    /// when the roster changes.
    Silenced,
    /// A body is gone that no erasure held here names (R5). No fault of the peer, which may know more; another may have
    /// the body. Asked for again when erasures come, or the roster changes.
    Unnamed,
    /// There is no room for it. No fault of the peer; asked for again when the roster changes, when something waits for it,
    /// or in another session.
    Full,
    /// For a reason of a newer version: only a peer says so.
    Unknown,
    /// No honest peer sends it (another log's header, a body beyond the limit). Ends the session.
    Invalid {
        /// Whose log it claims to be of, if that is known.
        author: Option<DeviceId>,
    },
}

/// What the session wants. Drain it with [`Session::poll`](super::Session::poll).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Output {
    /// Send this frame, with its length before it ([`frame_to_bytes`](super::frame_to_bytes)). Frames are made when
    /// they are asked for: a driver that polls only while the pipe takes bytes lets urgent news overtake.
    Send(Vec<u8>),
    /// The peer said who it is. Compare with whom the transport proved.
    Met {
        /// Who it says it is.
        device: DeviceId,
    },
    /// Search what the peer lacks of these logs (`store.search(topic, &logs)`) and keep the result, in the order in
    /// which the last events of its runs were stored, or some of it first. Replaces nothing: per topic there is one search at
    /// a time.
    Search {
        /// The topic to search in.
        topic: TopicTag,
        /// The logs, ascending, with what to take for the peer's. Wanted is every event that is not one of these nor
        /// before one of them in its chain. An entry that the store does not know adds nothing: where a log has no
        /// other, the whole log is wanted (a new log, or a fork that neither side can place; duplicates do no harm).
        logs: Vec<Wanted>,
    },
    /// Hand over the next runs of the search with [`Input::Loaded`](super::Input::Loaded): about this many bytes, at least one run.
    Load {
        /// The topic that is searched.
        topic: TopicTag,
        /// Bytes that are welcome, at most [`CHUNK`](crate::limits::CHUNK).
        bytes: usize,
    },
    /// Runs came, not yet believed. Verify, commit or refuse each, and answer for each in this order.
    Received {
        /// The topic of the runs.
        topic: TopicTag,
        /// The runs. The header is there if the peer believed that the log is new here.
        runs: Vec<Run>,
    },
    /// The peer has stored this event durably, and all before it in its chain.
    PeerHas {
        /// The topic of the log.
        topic: TopicTag,
        /// The event that is held there.
        entry: Entry,
    },
    /// All that the two hellos differed in is exchanged and answered. Said once; the session goes on live.
    InStep,
    /// The peer keeps the community elsewhere. Go there if it is a relay of the roster, once. The session is over.
    Elsewhere {
        /// Host and port.
        address: String,
    },
    /// The session is over: close the pipe.
    Close(Reason),
}

/// Why a session ended without an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// The driver wished so.
    Asked,
    /// The peer owed an answer for [`STALL`](super::STALL) milliseconds.
    Stalled,
    /// One of the two said that the community is kept elsewhere.
    Elsewhere,
}

/// The number under which the peer knows one of our topics; there are at most [`TOPICS`](crate::limits::TOPICS).
pub(super) fn number(place: usize) -> u8 {
    u8::try_from(place).unwrap_or(u8::MAX)
}
