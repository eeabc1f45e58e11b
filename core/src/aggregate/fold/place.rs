//! Placing: an event is judged once all that it builds on is here, and then whoever waited for it is judged.
//!
//! It knows which event is parked for which, and which events an event follows. It refuses to know what they say.

use std::collections::BTreeSet;

use super::{Filed, Folded, Judge, Known, Placed};
use crate::{
    aggregate::registry::Registry,
    event::Held,
    id::{EventId, Reference, ShortId},
    roster::Standing,
};

/// To ask about so many deps is as much as to place one event more.
pub const DEPS_OF_ONE: usize = 4;

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
                let mut known = Vec::new();
                for filed in freed.iter().filter_map(|one| self.known.get(one)).map(|known| &known.filed) {
                    if left == 0 {
                        break;
                    }
                    left = left.saturating_sub(1 + filed.body.deps.len() / DEPS_OF_ONE);
                    known.push(filed.clone());
                }
                // Those of one log in its order: each of them follows on the one before.
                open.extend(known.into_iter().rev());
            }
        }
        if changed.len() > 1 {
            let mut told = BTreeSet::new();
            changed.retain(|one| told.insert(*one));
        }
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
        // What builds on it is followed through to what it builds on itself.
        let followed = matches!(&placed, Placed::Held(held) if held.is_followed());
        let knower = followed.then(|| self.history.learn_through(&self.knowers(&deps)));
        let known = Known { filed, placed, deps, lamport, knower, previous: None, by, standing, covered: false };
        self.known.insert(known.filed.reference, known);
    }

    /// The author's own last event here before this one, on its branch.
    fn previous(&self, filed: &Filed, judge: &dyn Judge) -> Option<Reference> {
        let Reference { log, seq, .. } = filed.reference;
        let at = |seq| Reference { log, seq, check: ShortId::ZERO };
        let mut known = self.known.range(at(0)..at(seq)).rev().map(|(reference, known)| (*reference, known.filed.id));
        let mut asleep = self.asleep.range(at(0)..at(seq)).rev().map(|(reference, id)| (*reference, *id));
        let precedes = |name: &(Reference, EventId)| judge.precedes(*name, filed);
        let last = [known.find(precedes), asleep.find(precedes)];
        last.into_iter().flatten().map(|(reference, _)| reference).max()
    }

    fn waits_for(&self, dep: Reference, judge: &dyn Judge) -> bool {
        match self.known.get(&dep) {
            Some(known) => matches!(known.placed, Placed::Parked(_)),
            None if self.coming.contains(&dep) || self.asleep.contains_key(&dep) => true,
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

    /// What is left of deps when void ones are dropped: events of which note was taken.
    fn effective(&self, named: &BTreeSet<Reference>) -> BTreeSet<Reference> {
        let noted = |dep: &Reference| self.known.get(dep).is_some_and(|known| known.knower.is_some());
        named.iter().copied().filter(noted).collect()
    }

    /// What stands for them in the history's knowledge.
    pub(super) fn knowers(&self, deps: &BTreeSet<Reference>) -> Vec<usize> {
        deps.iter().filter_map(|dep| self.known.get(dep)?.knower).collect()
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
