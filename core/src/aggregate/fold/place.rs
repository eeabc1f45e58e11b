//! Placing: what becomes of an event behind what it builds on, and of those that waited for it.
//!
//! It knows what is parked for what, and which events an event follows on. It refuses to know what they say.

use std::collections::BTreeSet;

use super::{Filed, Folded, Judge, Known, Placed};
use crate::{
    aggregate::registry::Registry,
    event::Held,
    id::{Reference, ShortId},
    roster::Standing,
};

impl Folded {
    pub(super) fn place_all(
        &mut self,
        registry: &Registry,
        first: Filed,
        judge: &dyn Judge,
        most: usize,
    ) -> Vec<(Reference, Placed)> {
        let (mut changed, mut left) = (Vec::new(), most);
        let mut open = vec![first];
        while let Some(filed) = open.pop() {
            let reference = filed.reference;
            // Who waited for two events is freed by both.
            if self.placed(reference).is_some_and(|placed| !matches!(placed, Placed::Parked(_))) {
                continue;
            }
            changed.push(reference);
            let placed = self.place(registry, filed, judge, &mut changed);
            if !matches!(placed, Placed::Parked(_)) {
                let freed = self.waiting.remove(&reference).unwrap_or_default();
                // Those of one log in its order: each of them follows on the one before.
                let known = freed.iter().take(left).rev().filter_map(|one| self.known.get(one));
                open.extend(known.map(|known| known.filed.clone()));
                left = left.saturating_sub(freed.len());
            }
        }
        let mut told = BTreeSet::new();
        changed.retain(|one| told.insert(*one));
        changed.into_iter().filter_map(|one| Some((one, self.placed(one)?.clone()))).collect()
    }

    /// Places an event; `out` is told which others have no effect any more.
    fn place(&mut self, registry: &Registry, filed: Filed, judge: &dyn Judge, out: &mut Vec<Reference>) -> Placed {
        let (reference, previous) = (filed.reference, self.previous(&filed, judge));
        let placed = self.place_behind(registry, filed, previous, judge, out);
        if let Some(known) = self.known.get_mut(&reference) {
            known.previous = previous.map(|previous| previous.seq);
        }
        placed
    }

    fn place_behind(
        &mut self,
        registry: &Registry,
        filed: Filed,
        previous: Option<Reference>,
        judge: &dyn Judge,
        out: &mut Vec<Reference>,
    ) -> Placed {
        // What the roster holds waits for nothing: one truth, whatever else is known.
        if let Some(held) = judge.against(&filed) {
            self.hold(filed, Placed::Held(held), BTreeSet::new(), 0, judge);
            return Placed::Held(held);
        }
        // Explicit deps, the creating event, the author's own last event here, and what a correction corrects.
        let mut named: BTreeSet<Reference> = filed.body.deps.iter().copied().collect();
        named.insert(self.birth.aggregate);
        named.extend(previous);
        named.extend(self.fact(registry, &filed).ok().and_then(|(_, fact)| fact.target));
        named.remove(&filed.reference);
        let missing: Vec<Reference> = named.iter().copied().filter(|dep| self.waits_for(*dep, judge)).collect();
        if !missing.is_empty() {
            for dep in &missing {
                self.waiting.entry(*dep).or_default().insert(filed.reference);
            }
            let placed = Placed::Parked(missing);
            self.hold(filed, placed.clone(), named, 0, judge);
            return placed;
        }
        self.passed_over.extend(named.iter().filter(|dep| !self.known.contains_key(dep)));
        let (deps, reach) = (self.effective(&named), self.reach(&named));
        match self.weigh(registry, &filed, reach, judge) {
            Ok(weighed) => self.count(filed, deps, weighed, out),
            Err(held) => {
                self.hold(filed, Placed::Held(held), deps, reach, judge);
                Placed::Held(held)
            }
        }
    }

    /// Keeps an event that waits, for whatever that is.
    pub(super) fn let_wait(&mut self, filed: Filed, judge: &dyn Judge) {
        let (reference, previous) = (filed.reference, self.previous(&filed, judge));
        self.hold(filed, Placed::Parked(Vec::new()), BTreeSet::new(), 0, judge);
        if let Some(known) = self.known.get_mut(&reference) {
            known.previous = previous.map(|previous| previous.seq);
        }
    }

    /// Keeps an event that does not count.
    fn hold(&mut self, filed: Filed, placed: Placed, deps: BTreeSet<Reference>, lamport: u64, judge: &dyn Judge) {
        let by = judge.member(filed.log.device).filter(|_| !matches!(placed, Placed::Parked(_)));
        let standing = Standing::NONE;
        let known = Known { filed, placed, deps, lamport, knower: None, previous: None, by, standing };
        self.known.insert(known.filed.reference, known);
    }

    /// The author's own last event here before this one, on its branch.
    fn previous(&self, filed: &Filed, judge: &dyn Judge) -> Option<Reference> {
        let Reference { log, seq, .. } = filed.reference;
        let at = |seq| Reference { log, seq, check: ShortId::ZERO };
        let mut before = self.known.range(at(0)..at(seq)).rev();
        before.find(|(_, known)| judge.precedes(&known.filed, filed)).map(|(reference, _)| *reference)
    }

    fn waits_for(&self, dep: Reference, judge: &dyn Judge) -> bool {
        match self.known.get(&dep) {
            Some(known) => matches!(known.placed, Placed::Parked(_)),
            None if self.coming.contains(&dep) => true,
            None if judge.stored(dep) => judge.comes_later(dep, self.birth.aggregate),
            None => !judge.void(dep),
        }
    }

    /// Whether an event stands here, counted or held for what it says.
    pub(super) fn is_told_of(&self, event: Reference) -> bool {
        match self.placed(event) {
            Some(Placed::Counts(_)) => true,
            Some(Placed::Held(held)) => held.is_followed() || *held == Held::Crowded,
            Some(Placed::Parked(_)) | None => false,
        }
    }

    /// What is left of deps when void ones are dropped and held ones followed through: events of which note was taken.
    fn effective(&self, named: &BTreeSet<Reference>) -> BTreeSet<Reference> {
        let mut left = BTreeSet::new();
        for (dep, known) in named.iter().filter_map(|dep| Some((*dep, self.known.get(dep)?))) {
            match &known.placed {
                Placed::Counts(_) | Placed::Held(Held::Crowded) if known.knower.is_some() => {
                    left.insert(dep);
                }
                // Its own were reduced when it was placed.
                Placed::Held(held) if held.is_followed() || *held == Held::Crowded => left.extend(&known.deps),
                Placed::Counts(_) | Placed::Held(_) | Placed::Parked(_) => {}
            }
        }
        left
    }

    /// The greatest lamport of deps, whether or not there was room for them; held ones are followed through.
    fn reach(&self, named: &BTreeSet<Reference>) -> u64 {
        let known = named.iter().filter_map(|dep| self.known.get(dep));
        let reach = known.filter_map(|known| match &known.placed {
            Placed::Counts(_) => Some(known.lamport),
            Placed::Held(held) if held.is_followed() || *held == Held::Crowded => Some(known.lamport),
            Placed::Held(_) | Placed::Parked(_) => None,
        });
        reach.max().unwrap_or(0)
    }
}
