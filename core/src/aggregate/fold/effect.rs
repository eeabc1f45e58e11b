//! Effects: an event that counts takes its place in the one order and is applied to state and document.
//!
//! An event for which its author has no room left stays without effect.

use std::collections::BTreeSet;

use super::{Filed, Folded, Known, Placed, weigh::Weighed};
use crate::{
    aggregate::{
        Act,
        cells::{Cells, Editing},
        registry::Registry,
        room::{Place, Room, weight},
    },
    count::{self, Work},
    event::Held,
    id::{LogId, Reference},
};

impl Folded {
    /// Puts an event in its place that counts if there is room for it. The state follows when it is next looked at.
    pub(super) fn count(
        &mut self,
        filed: Filed,
        deps: BTreeSet<Reference>,
        weighed: Weighed,
        out: &mut Vec<Reference>,
    ) -> Placed {
        let (reference, device) = (filed.reference, filed.log.device);
        let Weighed { lamport, by, standing, rooms } = weighed;
        let place = (lamport, filed.id);
        // Whatever its author heaps up, an aggregate stands.
        let bytes = if reference == self.birth.aggregate { 0 } else { weight(&filed) };
        let room = self.rooms.entry(device).or_insert_with(|| Room::of(rooms));
        room.widen(rooms);
        let left_out = room.put(place, bytes);
        let crowded = left_out.contains(&place);
        let placed = if crowded { Placed::Held(Held::Crowded) } else { Placed::Counts(lamport) };
        let touches = !filed.body.edits.is_empty();
        let log = filed.log.id();
        let mut known = Known {
            filed,
            placed: placed.clone(),
            deps,
            lamport,
            knower: None,
            previous: None,
            by: Some(by),
            standing,
            covered: false,
        };
        if crowded {
            // As of one for which there was room until another came.
            known.knower = Some(self.history.learn(log, &self.knowers(&known.deps)));
            self.known.insert(reference, known);
            return placed;
        }
        known.knower = Some(self.learn(log, &known.deps));
        self.known.insert(reference, known);
        self.heads.entry(device).or_default().insert(place, reference);
        let newest = self.order.last_key_value().is_none_or(|(last, _)| *last < place);
        self.order.insert(place, reference);
        self.content_is_old |= touches;
        self.edit(reference);
        match &mut self.unapplied {
            Some(unapplied) if newest && left_out.is_empty() => unapplied.push(reference),
            unapplied => *unapplied = None,
        }
        out.extend(left_out.into_iter().filter_map(|place| self.leave_out(place)));
        placed
    }

    /// Takes note of what an event builds on. What it builds on, itself or through what does not count, is no head any more.
    fn learn(&mut self, log: LogId, deps: &BTreeSet<Reference>) -> usize {
        let mut open: Vec<Reference> = deps.iter().copied().collect();
        while let Some(dep) = open.pop() {
            let Some(known) = self.known.get_mut(&dep) else { continue };
            if let Some(of_device) = self.heads.get_mut(&known.filed.log.device) {
                of_device.remove(&(known.lamport, known.filed.id));
            }
            // Once is enough: nothing becomes a head again.
            if !matches!(known.placed, Placed::Counts(_)) && !std::mem::replace(&mut known.covered, true) {
                count::note(Work::Asked, known.deps.len() as u64);
                open.extend(&known.deps);
            }
        }
        self.history.learn(log, &self.knowers(deps))
    }

    /// There is no room any more for what stands at a place.
    fn leave_out(&mut self, place: Place) -> Option<Reference> {
        let reference = self.order.remove(&place)?;
        let known = self.known.get_mut(&reference)?;
        known.placed = Placed::Held(Held::Crowded);
        self.cells_are_old |= !known.filed.body.edits.is_empty();
        Some(reference)
    }

    /// Takes a counted event's edits in.
    fn edit(&mut self, reference: Reference) {
        if let Some(editing) = self.known.get(&reference).and_then(editing) {
            self.cells.add(&editing, self.history.knowledge());
        }
    }

    /// Brings state and content up to what has been placed. Costs what is new if it came in order, else what counts.
    pub fn settle(&mut self, registry: &Registry) {
        let unapplied = self.unapplied.take().unwrap_or_else(|| {
            self.history.begin_again();
            if let Some(kept) = registry.named(self.kind) {
                self.state = kept.fresh();
            }
            self.order.values().copied().collect()
        });
        for reference in unapplied {
            self.apply(reference);
        }
        self.state.settle(&self.history);
        self.unapplied = Some(Vec::new());
        if std::mem::take(&mut self.cells_are_old) {
            self.cells = Cells::default();
            for editing in self.order.values().filter_map(|one| self.known.get(one)).filter_map(editing) {
                self.cells.add(&editing, self.history.knowledge());
            }
            self.content_is_old = true;
        }
        if std::mem::take(&mut self.content_is_old) {
            self.content = self.cells.content(self.schema);
        }
    }

    fn apply(&mut self, reference: Reference) {
        let Some(Known {
            filed, placed: Placed::Counts(lamport), knower: Some(knower), by: Some(by), standing, ..
        }) = self.known.get(&reference)
        else {
            return;
        };
        let act = Act {
            reference,
            id: filed.id,
            lamport: *lamport,
            by: *by,
            device: filed.log.device,
            standing: *standing,
            wall: filed.body.wall,
        };
        let at = self.history.append(act, *knower);
        let fact = (filed.body.kind, filed.body.version, filed.body.payload.as_slice());
        count::note(Work::Folded, 1);
        self.state.apply(fact, at, &self.history, &self.birth);
    }
}

/// A known event as far as its edits are concerned.
fn editing(known: &Known) -> Option<Editing<'_>> {
    let Filed { id, log, body, .. } = &known.filed;
    let Known { knower: Some(event), lamport, .. } = known else { return None };
    let editing = Editing { event: *event, id: *id, lamport: *lamport, device: log.device, edits: &body.edits };
    Some(editing).filter(|editing| !editing.edits.is_empty())
}
