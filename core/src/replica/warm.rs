//! Warm aggregates: which are kept folded in memory, and what of each stands in the read model.

use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicU64, Ordering},
};

use crate::{
    aggregate::Folded,
    id::Reference,
    limits,
    store::{AggregateId, Pos, Rows},
};

/// A folded aggregate and what of it stands in the read model.
pub(super) struct Warm {
    pub(super) id: AggregateId,
    pub(super) folded: Folded,
    /// What the read model holds of it; `None` when that is not known.
    pub(super) shown: Option<Shown>,
}

/// What of an aggregate stands in the read model.
#[derive(Default)]
pub(super) struct Shown {
    pub(super) rows: Rows,
    pub(super) search: Option<String>,
}

/// Folded aggregates, the least recently used going first.
pub(super) struct Cache {
    pub(super) warm: lru::LruCache<Reference, Warm>,
    /// Something may be due in the store: false only if nothing is.
    pub(super) due: Arc<AtomicBool>,
    /// How many rounds of what is due have begun.
    pub(super) rounds: Arc<AtomicU64>,
    /// From where on events came to be held, since an upkeep asked, that may be to be named as erased.
    pub(super) turned: Pos,
}

impl Default for Cache {
    fn default() -> Self {
        let warm = std::num::NonZeroUsize::new(limits::WARM).unwrap_or(std::num::NonZeroUsize::MIN);
        Self { warm: lru::LruCache::new(warm), due: Arc::default(), rounds: Arc::default(), turned: Pos::default() }
    }
}

impl Cache {
    /// Something is due now.
    pub(super) fn note_due(&self) {
        self.due.store(true, Ordering::Relaxed);
    }

    /// So many rounds of what is due have begun, and stand.
    pub(super) fn note_rounds(&self, begun: u64) {
        self.rounds.fetch_add(begun, Ordering::Relaxed);
    }

    /// Forgets what was folded: after a transaction that was rolled back. What it took off from what is due stands there
    /// again.
    pub(super) fn clear(&mut self) {
        self.warm.clear();
        self.note_due();
    }
}
