//! Knowledge: which events of an aggregate each event builds on, directly or through others.
//!
//! Events stand in *chains*: each one's author knew of the one before it. Whoever knows one event of a chain knows all
//! before it, so an event's knowledge is one number for each chain. Events that know nearly the same share these
//! numbers in blocks. So a question costs the same however many events there are.
//!
//! It knows nothing of what events say, nor of what counts.

use std::{collections::BTreeMap, sync::Arc};

use crate::{
    count::{self, Work},
    id::LogId,
};

/// Chains of one block.
const BLOCK: usize = 32;

/// How many events of each chain are known: blocks of which something is known, by their number, in order.
#[derive(Clone, Debug, Default)]
struct Past(Vec<(usize, Block)>);

type Block = Arc<[u32; BLOCK]>;

impl Past {
    fn block(&self, nth: usize) -> Option<&Block> {
        let at = self.0.binary_search_by_key(&nth, |(nth, _)| *nth).ok()?;
        self.0.get(at).map(|(_, block)| block)
    }

    fn of(&self, chain: usize) -> u32 {
        self.block(chain / BLOCK).and_then(|block| block.get(chain % BLOCK)).copied().unwrap_or(0)
    }

    fn learn(&mut self, chain: usize, known: u32) {
        let nth = chain / BLOCK;
        let at = self.0.binary_search_by_key(&nth, |(nth, _)| *nth).unwrap_or_else(|at| {
            self.0.insert(at, (nth, Arc::default()));
            at
        });
        if let Some((_, block)) = self.0.get_mut(at)
            && let Some(of) = Arc::make_mut(block).get_mut(chain % BLOCK)
        {
            *of = known.max(*of);
        }
    }

    fn set(&mut self, chain: usize, known: u32) {
        if let Ok(at) = self.0.binary_search_by_key(&(chain / BLOCK), |(nth, _)| *nth)
            && let Some((_, block)) = self.0.get_mut(at)
            && let Some(of) = Arc::make_mut(block).get_mut(chain % BLOCK)
        {
            *of = known;
        }
    }

    /// Whether nothing is known there that is not known here. Blocks that both share need no look.
    fn holds(&self, other: &Past) -> bool {
        other.0.iter().all(|(nth, theirs)| {
            let holds = |ours: &Block| Arc::ptr_eq(ours, theirs) || at_least(ours, theirs);
            self.block(*nth).map_or_else(|| theirs.iter().all(|theirs| *theirs == 0), holds)
        })
    }

    fn join(&mut self, other: &Past) {
        if self.0.is_empty() {
            self.0.clone_from(&other.0);
            return;
        }
        for (nth, theirs) in &other.0 {
            let at = match self.0.binary_search_by_key(nth, |(nth, _)| *nth) {
                Ok(at) => at,
                Err(at) => {
                    self.0.insert(at, (*nth, theirs.clone()));
                    continue;
                }
            };
            let Some((_, ours)) = self.0.get_mut(at) else { continue };
            if Arc::ptr_eq(ours, theirs) || at_least(ours, theirs) {
                continue;
            }
            if at_least(theirs, ours) {
                *ours = theirs.clone();
                continue;
            }
            for (ours, theirs) in Arc::make_mut(ours).iter_mut().zip(theirs.iter()) {
                *ours = (*ours).max(*theirs);
            }
        }
    }
}

/// Whether of each chain as many are known here as there.
fn at_least(ours: &[u32; BLOCK], theirs: &[u32; BLOCK]) -> bool {
    ours.iter().zip(theirs.iter()).all(|(ours, theirs)| ours >= theirs)
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
        let mut past = self.past_of(deps);
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

    /// Adds what is no event of a chain, and stands for all that these know. Its index.
    pub(super) fn add_through(&mut self, deps: &[usize]) -> usize {
        let past = self.past_of(deps);
        self.knowers.push(Knower { chain: usize::MAX, nth: NONE, past });
        self.knowers.len() - 1
    }

    /// What these know together.
    fn past_of(&self, deps: &[usize]) -> Past {
        let mut deps = deps.iter().filter_map(|dep| self.knowers.get(*dep));
        let mut past = deps.next().map(|dep| dep.past.clone()).unwrap_or_default();
        deps.for_each(|dep| past.join(&dep.past));
        past
    }

    /// Adds an event, and all that it knew.
    pub(super) fn add_to(&self, known: &mut Known, event: usize) {
        if let Some(event) = self.knowers.get(event) {
            known.0.join(&event.past);
        }
    }

    /// Adds what the author of an event knew, and not the event itself.
    pub(super) fn add_past_to(&self, known: &mut Known, event: usize) {
        let Some(event) = self.knowers.get(event) else { return };
        let before = event.nth.saturating_sub(1).max(known.0.of(event.chain));
        known.0.join(&event.past);
        known.0.set(event.chain, before);
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

/// No event of a chain.
const NONE: u32 = u32::MAX;

/// Acts that stand until somebody who knew of them acts again: claims until they are released, wishes until they are met.
///
/// Whom somebody knew of them is asked by the block of chains, so that a crowd of answers to a crowd of acts costs little
/// more than both. Each act goes under a number of its owner's.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Unanswered {
    /// By chain, and place in it.
    acts: BTreeMap<(usize, u32), usize>,
    /// The first of each chain that is there, by the number of the block; none of a block in which there is none.
    first: Vec<(usize, Box<[u32; BLOCK]>)>,
}

impl Unanswered {
    /// Adds an act.
    pub(super) fn add(&mut self, knowledge: &Knowledge, event: usize, number: usize) {
        let Some(Knower { chain, nth, .. }) = knowledge.knowers.get(event) else { return };
        self.acts.insert((*chain, *nth), number);
        let block = chain / BLOCK;
        let at = self.block(block).unwrap_or_else(|at| {
            self.first.insert(at, (block, Box::new([NONE; BLOCK])));
            at
        });
        if let Some(first) = self.first.get_mut(at).and_then(|(_, first)| first.get_mut(chain % BLOCK)) {
            *first = (*nth).min(*first);
        }
    }

    /// Takes an act out; whether it was there.
    pub(super) fn remove(&mut self, knowledge: &Knowledge, event: usize) -> bool {
        let Some(Knower { chain, nth, .. }) = knowledge.knowers.get(event) else { return false };
        let there = self.acts.remove(&(*chain, *nth)).is_some();
        self.look_for_first(*chain);
        there
    }

    /// Takes out what the author of an event knew of, by number.
    pub(super) fn answer(&mut self, knowledge: &Knowledge, event: usize) -> Vec<usize> {
        let Some(later) = knowledge.knowers.get(event) else { return Vec::new() };
        let mut answered = Vec::new();
        for (chain, known) in self.known_to(later) {
            let own = |nth: u32| later.chain == chain && later.nth == nth;
            let known: Vec<_> = self.acts.range((chain, 0)..=(chain, known)).map(|(key, _)| *key).collect();
            answered.extend(known.into_iter().filter(|(_, nth)| !own(*nth)).filter_map(|key| self.acts.remove(&key)));
            self.look_for_first(chain);
        }
        answered
    }

    /// Whether the author of an event knew of any.
    pub(super) fn any_known(&self, knowledge: &Knowledge, event: usize) -> bool {
        let Some(later) = knowledge.knowers.get(event) else { return false };
        let known = self.known_to(later);
        known.into_iter().any(|(chain, known)| {
            let mut known = self.acts.range((chain, 0)..=(chain, known));
            known.any(|((chain, nth), _)| later.chain != *chain || later.nth != *nth)
        })
    }

    /// Of each chain the last act that the author of an event knew of, or wrote in it, by number.
    pub(super) fn last_known(&self, knowledge: &Knowledge, event: usize) -> Vec<usize> {
        let Some(later) = knowledge.knowers.get(event) else { return Vec::new() };
        let last = |(chain, known)| self.acts.range((chain, 0)..=(chain, known)).next_back().map(|(_, number)| *number);
        self.known_to(later).into_iter().filter_map(last).collect()
    }

    /// Whether there are none.
    pub(super) fn is_empty(&self) -> bool {
        self.acts.is_empty()
    }

    /// All that are there, in no order that means anything.
    pub(super) fn numbers(&self) -> impl Iterator<Item = usize> {
        self.acts.values().copied()
    }

    /// The chains of which somebody knew the first that is there, and up to where.
    fn known_to(&self, later: &Knower) -> Vec<(usize, u32)> {
        let mut found = Vec::new();
        let mut look = |nth: usize, past: &[u32; BLOCK], first: &[u32; BLOCK]| {
            count::note(Work::Asked, 1);
            if past.iter().zip(first).any(|(past, first)| past >= first) {
                let lanes = past.iter().zip(first).enumerate().filter(|(_, (past, first))| past >= first);
                found.extend(lanes.map(|(lane, (past, _))| (nth * BLOCK + lane, *past)));
            }
        };
        if later.past.0.len() < self.first.len() {
            for (nth, past) in &later.past.0 {
                let first = self.block(*nth).ok().and_then(|at| self.first.get(at));
                first.into_iter().for_each(|(_, first)| look(*nth, past, first));
            }
        } else {
            for (nth, first) in &self.first {
                later.past.block(*nth).into_iter().for_each(|past| look(*nth, past, first));
            }
        }
        found
    }

    /// Where a block is, or would be.
    fn block(&self, nth: usize) -> Result<usize, usize> {
        self.first.binary_search_by_key(&nth, |(nth, _)| *nth)
    }

    fn look_for_first(&mut self, chain: usize) {
        let next = self.acts.range((chain, 0)..=(chain, NONE)).next().map_or(NONE, |((_, nth), _)| *nth);
        let Ok(at) = self.block(chain / BLOCK) else { return };
        let Some((_, block)) = self.first.get_mut(at) else { return };
        if let Some(first) = block.get_mut(chain % BLOCK) {
            *first = next;
        }
        if block.iter().all(|first| *first == NONE) {
            self.first.remove(at);
        }
    }
}
