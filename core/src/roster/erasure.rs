//! Erasures (R5): what a coordinator says is to be forgotten, and the one answer that all such events give together.
//!
//! An `erased` event stands in the clear, so that a relay obeys it too: it names creating events and places in logs
//! and refuses to know what stood there. That the body of a place may be gone follows from such an event alone.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use super::{
    About, Chains, ClearFact, Erased, ErasureFact, Named, Roster, Said, Verdict,
    said::{Budget, Crowded},
};
use crate::{
    count::{self, Work},
    event::LogHeader,
    id::{DeviceId, EventId, Reference},
    sabotage::Rule,
};

/// What all erasures together say. The default forgets nothing.
#[derive(Clone, Debug, Default)]
pub struct Erasures {
    creating: Arc<BTreeSet<Reference>>,
    counted: BTreeSet<Reference>,
    /// Whose erasures say something, whether they count or not: of coordinators, and of whoever was one.
    heard: BTreeSet<DeviceId>,
    /// From where on there is no room for them.
    crowded: Crowded,
    used: BTreeMap<DeviceId, u64>,
    /// What coordinators name, whether it counts or not.
    explained: Named,
    /// What those name that count.
    named: Named,
}

impl Erasures {
    /// Folds the set of erasures. Those of others than coordinators count for nothing, and say nothing of whoever never was
    /// one; those in logs that are silenced do not count, nor do those for which their device has no room. `fresh` are those
    /// that came since the fold before. What is not new costs little, and what a device heaped up beyond its room nothing.
    pub fn fold(
        said: &Said<ErasureFact>,
        fresh: &[Arc<ErasureFact>],
        roster: &Roster,
        silenced: impl Fn(&LogHeader) -> bool,
        chains: &dyn Chains,
        before: &Self,
    ) -> Arc<Self> {
        let mut erasures = Self::default();
        let mut new = Vec::new();
        for device in said.devices() {
            let Some((_, first)) = said.logs_of(device).next() else { continue };
            let standing = roster.standing(first.header(), 0, EventId::ZERO, &About::default(), chains);
            let may = standing.may(Erased::NEED) || Rule::ErasureNeed.is_left_out();
            let counts = may && roster.device(device).is_some();
            // Bodies have gone for whoever was a coordinator, though their admission fell since.
            if counts || roster.was_coordinator(device) {
                erasures.heard.insert(device);
            }
            if !counts {
                continue;
            }
            let mut room = Budget::of(roster.erasure_room(device));
            for (log, facts) in said.logs_of(device).filter(|(_, facts)| !silenced(facts.header())) {
                let Some(last) = roster.last_place(device, log) else { continue };
                for fact in facts.iter().take_while(|fact| fact.seq <= last) {
                    if roster.verdict(&fact.log, fact.seq, fact.id, chains) != Verdict::Counts {
                        continue;
                    }
                    if !room.take(fact.weight()) {
                        erasures.crowded.from(log, fact.seq, fact.id);
                        break;
                    }
                    let event = Reference { log, seq: fact.seq, check: fact.id.short() };
                    if before.counted.contains(&event) {
                        count::note(Work::Asked, 1);
                    } else {
                        count::note(Work::Folded, 1);
                        new.push(fact);
                    }
                    erasures.counted.insert(event);
                }
            }
            erasures.used.insert(device, room.used());
        }
        let creating = |fact: &ErasureFact| fact.erased.aggregates.iter().map(|of| of.creating).collect::<Vec<_>>();
        let grown = before.counted.len().saturating_add(new.len()) == erasures.counted.len();
        (erasures.explained, erasures.named) = erasures.named(said, fresh, &new, before, grown);
        erasures.creating = match (grown, new.is_empty()) {
            (true, true) => before.creating.clone(),
            (true, false) => {
                let mut all = BTreeSet::clone(&before.creating);
                all.extend(new.into_iter().flat_map(|fact| creating(fact)));
                Arc::new(all)
            }
            (false, _) => {
                let counted = erasures.counted.iter().filter_map(|event| said.find(*event));
                Arc::new(counted.flat_map(|fact| creating(fact)).collect())
            }
        };
        Arc::new(erasures)
    }

    /// What those that are heard name, and what those that count do.
    fn named(
        &self,
        said: &Said<ErasureFact>,
        fresh: &[Arc<ErasureFact>],
        new: &[&Arc<ErasureFact>],
        before: &Self,
        grown: bool,
    ) -> (Named, Named) {
        let heard = |fact: &&Arc<ErasureFact>| self.heard.contains(&fact.log.device);
        let explained = if before.heard == self.heard {
            let mut explained = before.explained.clone();
            fresh.iter().filter(heard).for_each(|fact| explained.add(fact));
            explained
        } else {
            Named::of(said.iter().filter(heard).map(|fact| &**fact))
        };
        let named = if grown {
            let mut named = before.named.clone();
            new.iter().for_each(|fact| named.add(fact));
            named
        } else {
            Named::of(self.counted.iter().filter_map(|event| said.find(*event)).map(|fact| &**fact))
        };
        (explained, named)
    }

    /// Whether nothing was ever erased.
    pub fn is_empty(&self) -> bool {
        self.creating.is_empty() && self.explained.is_empty()
    }

    /// Whether an aggregate is erased, by the reference of its creating event.
    pub fn is_erased(&self, creating: Reference) -> bool {
        self.creating.contains(&creating)
    }

    /// The aggregates that are erased.
    pub fn creating(&self) -> &BTreeSet<Reference> {
        &self.creating
    }

    /// The erasures that count.
    pub fn counted(&self) -> &BTreeSet<Reference> {
        &self.counted
    }

    /// Whether there is no room for an erasure that nothing else speaks against.
    pub fn is_crowded(&self, erasure: Reference) -> bool {
        self.crowded.holds(erasure)
    }

    /// Bytes of room that what a device erased takes; all of its room once something of it is crowded.
    pub fn used(&self, device: DeviceId) -> u64 {
        self.used.get(&device).copied().unwrap_or(0)
    }

    /// Whether the other says something else, or of something else.
    pub fn differ(&self, other: &Self) -> bool {
        self.counted != other.counted || self.heard != other.heard || self.explained.len() != other.explained.len()
    }

    /// The ends that coordinators name, in erasures that do not count too: a body may be gone for each.
    pub fn explained(&self) -> &Named {
        &self.explained
    }

    /// The ends that are named by those that count.
    pub fn named_ends(&self) -> &Named {
        &self.named
    }
}
