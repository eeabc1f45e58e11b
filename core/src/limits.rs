//! Every size and limit in one place.
//!
//! A limit is judged twice: at the author, who gets a typed error, and at a receiver, who holds the event as
//! malformed or ends the session. Raising one is a new format version, because a receiver with the lower limit
//! judges the same bytes otherwise.

/// Bytes of a sealed body, its 16-byte tag included.
pub const SEALED_BODY: usize = 32 * 1024;
/// Bytes of one text or payload field.
pub const FIELD: usize = 8 * 1024;
/// Edits in one event.
pub const EDITS: usize = 256;
/// Deps named by one event.
pub const DEPS: usize = 64;
/// Nesting of CBOR containers in a body.
pub const NESTING: usize = 16;
/// The greatest lamport an event may have.
pub const LAMPORT: u64 = 100_000;
/// Content events of one document that are compiled; later ones have no effect and are shown.
pub const CONTENT_EVENTS: usize = 1_000;
/// Events between two kept signatures: every seq that is a multiple of this is signed.
pub const SIGNATURE_EVERY: u64 = 32;
/// Branches of one log beyond which it is silenced (outside the roster).
pub const BRANCHES: usize = 16;
/// Events kept beyond a cut.
pub const BEYOND_CUT: u64 = 256;
/// Wraps of an epoch key in one event.
pub const WRAPS: usize = 300;

/// Events of one batch that a transaction takes from a peer.
pub const BATCH_EVENTS: usize = 256;
/// Milliseconds after which such a batch is closed.
pub const BATCH_MS: u64 = 250;

/// Bytes of one frame of a session.
pub const FRAME: usize = 80 * 1024;
/// Bytes of runs in one chunk.
pub const CHUNK: usize = 64 * 1024;
/// Bytes sent and not yet acknowledged.
pub const UNACKNOWLEDGED: usize = 1024 * 1024;
/// Logs above which entries are compared by buckets first.
pub const ENTRIES_WITHOUT_BUCKETS: usize = 256;
/// Milliseconds for which news of others' events are gathered before they are announced.
pub const ANNOUNCE_MS: u64 = 200;

/// Milliseconds between two updates on how far a transfer is.
pub const PROGRESS_MS: u64 = 500;
/// Bytes of runs that are read from a bundle, and from the store for one, before they are handed on.
pub const BUNDLE_BATCH: usize = 1024 * 1024;

/// Milliseconds by which a movement must precede a concurrent count to be contained in it.
pub const COUNT_SLACK_MS: i64 = 5 * 60 * 1000;
/// Milliseconds after which an urgent claim without progress is shown as lapsed.
pub const LEASE_URGENT_MS: i64 = 60 * 60 * 1000;
/// Milliseconds after which a normal claim without progress is shown as lapsed.
pub const LEASE_NORMAL_MS: i64 = 6 * 60 * 60 * 1000;
/// Milliseconds after which a need that nobody refreshed is pointed out.
pub const STALE_MS: i64 = 48 * 60 * 60 * 1000;
/// Milliseconds within which two orders of one room for one item are likely duplicates.
pub const DUPLICATE_MS: i64 = 24 * 60 * 60 * 1000;
/// Milliseconds after which an alert that is on no other phone says so.
pub const NOBODY_HAS_IT_MS: u64 = 10_000;

/// Rows of one page of a query.
pub const PAGE: usize = 500;
