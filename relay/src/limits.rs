//! Every bound of a relay's own in one place: what it keeps of those who come, and how long they may take. What it shares
//! with phones stands in [`linli_core::limits`].

use std::time::Duration;

/// Connections to one file that read, at most: reading is brief, and an office's machine has few cores.
pub(crate) const READERS: usize = 4;
/// Conversations that wait for the disk at a time, each with a thread of its own: enough that many share one sync.
pub const AT_THE_DISK: usize = 64;
/// Hours of which the events are counted: a week.
pub const HOURS: usize = 168;
/// Requests for the status page at a time. Of those that are not whole, or wait behind a wrong word, the oldest makes room
/// for the next.
pub(crate) const REQUESTS: usize = 64;
/// What a request may take to be whole.
pub(crate) const REQUEST_HEAD: Duration = Duration::from_secs(5);
/// What a request, and its answer, may take.
pub(crate) const REQUEST: Duration = Duration::from_secs(20);
/// What a wrong word costs whoever tries words.
pub(crate) const WRONG_WORD: Duration = Duration::from_millis(500);
/// For how long a report is told again.
pub(crate) const FRESH: Duration = Duration::from_secs(1);
