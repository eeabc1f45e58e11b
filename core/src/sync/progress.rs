//! How far a session is, and what a peer turned away.
//!
//! Figures for screens and for the next session; nothing is decided by them.

#[cfg(feature = "uniffi")]
use crate::bindings::module_path;

use super::{bounds::Bound, words::Refusal};
use crate::id::TopicTag;

/// Events and bytes in one direction.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Events in runs that were handed out to be sent, or came whole.
    pub events: u64,
    /// Bytes of those runs.
    pub bytes: u64,
    /// Events that comparing found to be missing; forks and refusals make it a guess.
    pub expected: u64,
}

/// How far a session is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// The first topic that is not in step yet; none once all are, and before the hello.
    pub topic: Option<TopicTag>,
    /// To the peer.
    pub sent: Tally,
    /// From the peer.
    pub received: Tally,
    /// Events among those sent that the peer turned away, and has not asked for since.
    pub not_taken: NotTaken,
}

/// Events that a peer turned away, by why. What is not zero should be shown: those events are not on their way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct NotTaken {
    /// There is no room for them.
    pub full: u64,
    /// Whoever wrote them is a stranger to the peer.
    pub stranger: u64,
    /// They lie beyond a cut.
    pub beyond: u64,
    /// Their log is silenced.
    pub silenced: u64,
    /// What they build on, or a body, is not there.
    pub incomplete: u64,
    /// For a reason of a newer version.
    pub unknown: u64,
}

impl NotTaken {
    /// All of them.
    pub fn all(&self) -> u64 {
        let Self { full, stranger, beyond, silenced, incomplete, unknown } = *self;
        [full, stranger, beyond, silenced, incomplete, unknown].into_iter().fold(0, u64::saturating_add)
    }

    /// Where events turned away for this reason are counted.
    pub(super) fn of(&mut self, why: Refusal) -> &mut u64 {
        match why {
            Refusal::Full => &mut self.full,
            Refusal::Stranger => &mut self.stranger,
            Refusal::Beyond => &mut self.beyond,
            Refusal::Silenced => &mut self.silenced,
            Refusal::Gap | Refusal::Unnamed => &mut self.incomplete,
            Refusal::Unknown | Refusal::Invalid { .. } => &mut self.unknown,
        }
    }
}

/// What a session keeps of what its peer said or asked for. Each has a bound in [`limits`](crate::limits).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Kept {
    /// Entries and logs that the peer named beyond what is held here, at most [`NAMED`](crate::limits::NAMED).
    pub named: usize,
    /// Bytes that came and are not answered yet.
    pub bytes: usize,
    /// Bytes to be said, about, but for runs.
    pub unsaid: usize,
    /// The first thing of which more is kept than may be: there is none, or it is a fault of this program.
    pub passed: Option<Bound>,
}
