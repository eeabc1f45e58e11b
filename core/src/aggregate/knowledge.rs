//! Knowledge: of each event of an aggregate all others that it builds on, kept so that asking costs the same whatever
//! there is.
//!
//! Events stand in *chains*: each one's author knew of the one before it. Of a chain, who knows one knows all before it,
//! so what an event knows is a number for each chain. Those numbers are shared in blocks between events that know nearly
//! the same. It knows nothing of what events say, nor of what counts.

use std::{
    collections::BTreeMap,
    sync::{Arc, LazyLock},
};

use crate::id::LogId;

/// Chains of one block.
const BLOCK: usize = 32;

/// A block of chains of which nothing is known: one for all, so that a crowd who know nothing of each other cost little.
static NOTHING: LazyLock<Arc<[u32; BLOCK]>> = LazyLock::new(Arc::default);

/// How many events of each chain are known.
#[derive(Clone, Debug, Default)]
struct Past(Vec<Arc<[u32; BLOCK]>>);

impl Past {
    fn of(&self, chain: usize) -> u32 {
        self.0.get(chain / BLOCK).and_then(|block| block.get(chain % BLOCK)).copied().unwrap_or(0)
    }

    fn learn(&mut self, chain: usize, known: u32) {
        if self.of(chain) >= known {
            return;
        }
        if self.0.len() <= chain / BLOCK {
            self.0.resize(chain / BLOCK + 1, NOTHING.clone());
        }
        if let Some(block) = self.0.get_mut(chain / BLOCK)
            && let Some(of) = Arc::make_mut(block).get_mut(chain % BLOCK)
        {
            *of = known;
        }
    }

    /// Whether nothing is known there that is not known here. Blocks that both share need no look.
    fn holds(&self, other: &Past) -> bool {
        other.0.iter().enumerate().all(|(nth, theirs)| match self.0.get(nth) {
            Some(ours) => {
                Arc::ptr_eq(ours, theirs) || ours.iter().zip(theirs.iter()).all(|(ours, theirs)| ours >= theirs)
            }
            None => theirs.iter().all(|theirs| *theirs == 0),
        })
    }

    fn join(&mut self, other: &Past) {
        for (nth, theirs) in other.0.iter().enumerate() {
            let Some(ours) = self.0.get_mut(nth) else {
                self.0.push(theirs.clone());
                continue;
            };
            if Arc::ptr_eq(ours, theirs) || ours.iter().zip(theirs.iter()).all(|(ours, theirs)| ours >= theirs) {
                continue;
            }
            if ours.iter().zip(theirs.iter()).all(|(ours, theirs)| ours <= theirs) {
                *ours = theirs.clone();
                continue;
            }
            for (ours, theirs) in Arc::make_mut(ours).iter_mut().zip(theirs.iter()) {
                *ours = (*ours).max(*theirs);
            }
        }
    }
}

/// What some events know together.
#[derive(Clone, Debug, Default)]
pub(super) struct Known(Past);

/// One event: its place in its chain, from 1, and all that it knows, itself among it.
#[derive(Clone, Debug)]
struct Knower {
    chain: usize,
    nth: u32,
    past: Past,
}

/// Who knew of whom, by the order in which they were added.
#[derive(Clone, Debug, Default)]
pub(super) struct Knowledge {
    knowers: Vec<Knower>,
    /// How many events each chain has.
    lengths: Vec<u32>,
    /// The chains that hold events of a log: one, unless it is forked.
    of_log: BTreeMap<LogId, Vec<usize>>,
}

impl Knowledge {
    /// Adds an event that builds on these, which were added before. Its index.
    pub(super) fn add(&mut self, log: LogId, deps: &[usize]) -> usize {
        let mut deps = deps.iter().filter_map(|dep| self.knowers.get(*dep));
        let mut past = deps.next().map(|dep| dep.past.clone()).unwrap_or_default();
        deps.for_each(|dep| past.join(&dep.past));
        let chains = self.of_log.entry(log).or_default();
        let goes_on = chains.iter().copied().find(|chain| self.lengths.get(*chain) == Some(&past.of(*chain)));
        let chain = goes_on.unwrap_or_else(|| {
            chains.push(self.lengths.len());
            self.lengths.push(0);
            self.lengths.len() - 1
        });
        let nth = past.of(chain).saturating_add(1);
        if let Some(length) = self.lengths.get_mut(chain) {
            *length = nth;
        }
        past.learn(chain, nth);
        self.knowers.push(Knower { chain, nth, past });
        self.knowers.len() - 1
    }

    /// These events together, and all that they knew.
    pub(super) fn all_of(&self, events: &[usize]) -> Known {
        let mut known = Known::default();
        events.iter().for_each(|event| self.add_to(&mut known, *event));
        known
    }

    /// Adds an event, and all that it knew.
    pub(super) fn add_to(&self, known: &mut Known, event: usize) {
        if let Some(event) = self.knowers.get(event) {
            known.0.join(&event.past);
        }
    }

    /// Whether an event is among that.
    pub(super) fn is_in(&self, known: &Known, event: usize) -> bool {
        self.knowers.get(event).is_some_and(|event| known.0.of(event.chain) >= event.nth)
    }

    /// Whether the author of an event knew all of that.
    pub(super) fn knew_all(&self, later: usize, known: &Known) -> bool {
        self.knowers.get(later).is_some_and(|later| later.past.holds(&known.0))
    }

    /// Whether the author of one event knew of another. Nobody is said to know of their own.
    pub(super) fn knew(&self, later: usize, earlier: usize) -> bool {
        match (self.knowers.get(later), self.knowers.get(earlier)) {
            (Some(later), Some(earlier)) => {
                let own = later.chain == earlier.chain && later.nth == earlier.nth;
                !own && later.past.of(earlier.chain) >= earlier.nth
            }
            _ => false,
        }
    }
}
