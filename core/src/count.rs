//! Work, counted: what an input costs, the same on every machine.
//!
//! Times tell how fast and how busy a machine is, and little of what a hostile input makes it do. So each place where
//! work is done calls `note`, and the test of budgets (T4) looks at the counts. Without the feature `count`, which no
//! app and no relay has, nothing is counted and `note` is empty.
//!
//! It knows kinds of work and how often each was done, on all threads together and on each. It refuses to know for
//! what.

/// A kind of work.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Work {
    /// A signature was checked.
    Signature,
    /// A secret was wrapped for a key, or a wrap was tried with one.
    Agreement,
    /// An event was applied to a state: of an aggregate, of the roster, of all erasures.
    Folded,
    /// A question was put to the roster or a history, or one step was made on the way to an answer.
    Asked,
    /// SQLite made a step of a statement (`SQLITE_STMTSTATUS_VM_STEP`).
    Step,
    /// SQLite handed out a row.
    RowRead,
    /// SQLite changed, added or removed a row.
    RowWritten,
    /// A transaction was made durable.
    Commit,
}

impl Work {
    /// All kinds, in the order of their numbers.
    pub const ALL: [Self; 8] = [
        Self::Signature,
        Self::Agreement,
        Self::Folded,
        Self::Asked,
        Self::Step,
        Self::RowRead,
        Self::RowWritten,
        Self::Commit,
    ];

    /// A short name, for a table.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Signature => "signatures",
            Self::Agreement => "agreements",
            Self::Folded => "folded",
            Self::Asked => "asked",
            Self::Step => "steps",
            Self::RowRead => "read",
            Self::RowWritten => "written",
            Self::Commit => "commits",
        }
    }
}

#[cfg(feature = "count")]
static DONE: [std::sync::atomic::AtomicU64; Work::ALL.len()] =
    [const { std::sync::atomic::AtomicU64::new(0) }; Work::ALL.len()];

#[cfg(feature = "count")]
std::thread_local! {
    static HERE: [std::cell::Cell<u64>; Work::ALL.len()] = const { [const { std::cell::Cell::new(0) }; Work::ALL.len()] };
}

/// Takes note of work.
#[cfg(feature = "count")]
pub(crate) fn note(work: Work, times: u64) {
    if let Some(done) = DONE.get(work as usize) {
        done.fetch_add(times, std::sync::atomic::Ordering::Relaxed);
    }
    HERE.with(|here| here.get(work as usize).map(|done| done.set(done.get().saturating_add(times))));
}

/// How often work of a kind was done on this thread so far.
#[cfg(feature = "count")]
pub fn done_here(work: Work) -> u64 {
    HERE.with(|here| here.get(work as usize).map_or(0, std::cell::Cell::get))
}

/// How often work of a kind was done in this process so far, on all threads.
#[cfg(feature = "count")]
pub fn done(work: Work) -> u64 {
    DONE.get(work as usize).map_or(0, |done| done.load(std::sync::atomic::Ordering::Relaxed))
}

/// Takes note of nothing.
#[cfg(not(feature = "count"))]
#[inline(always)]
pub(crate) const fn note(_work: Work, _times: u64) {}
