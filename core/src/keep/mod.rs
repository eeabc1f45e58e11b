//! Keeping: what every holder of logs does with them, whether it can read what they say or not.
//!
//! [`Rules`] is what the events in the clear say of all others: who belongs, what is cut, silenced, erased.
//! [`Checker`] verifies what a peer sends by them, [`append`] stores it within a [`Quota`], [`silence`] bounds what is kept of
//! what does not count, [`Term`] says when bodies go; a [`SyncConversation`] answers a peer from the logs of any [`Holder`].
//! It refuses to know keys of epochs, what a body says, who is connected and what time it is.

mod admissions;
mod answer;
mod append;
mod chains;
mod check;
mod conversation;
mod ends;
mod fallen;
mod forget;
mod holder;
mod inbox;
mod kept;
mod marked;
mod missing;
mod quota;
mod rules;
pub mod silence;
mod term;
mod tracks;

pub use answer::{Answer, Checked, heads_of, refilled};
pub use append::{Appended, append, committed};
pub use chains::Branches;
pub use check::{Checker, Tries};
pub use conversation::{LinkError, SyncConversation};
pub use ends::Places;
pub use forget::Forgotten;
pub use holder::{Holder, Shared, Unchecked};
pub use inbox::{Fills, Inbox, Inboxes, Note, Tails};
pub use missing::{LEAFING, PLACES, THINGS, leaf, refill, vectors, widen};
pub use quota::{Quota, weight};
pub use rules::{Rules, Turned, fact, read_erasure};
pub use term::{NEVER, Term, keep_terms, note_scrub, scrub_if_due};
pub use tracks::{Tracked, Tracks};
