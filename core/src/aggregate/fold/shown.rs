//! What a folded aggregate shows: its document, heads, rows and history, to screens, decisions and whoever acts next.

#[cfg(feature = "uniffi")]
use crate::bindings::module_path;

use std::{cmp::Reverse, collections::BTreeSet};

use super::{Folded, Known, Placed};
use crate::{
    aggregate::{
        Aggregate, Birth, Content, Document, History, Review, Row, Subject, address, declared,
        document::Source,
        registry::{REVIEW, ROOM_USED, Registry},
        room::Place,
    },
    event::Held,
    id::{DeviceId, LogId, MemberId, Reference, ShortId},
    label, limits,
};

/// One event of an aggregate's history, for a screen.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct Told {
    /// The event that is told of.
    pub event: Reference,
    /// A stable code, such as `claimed`.
    pub code: &'static str,
    /// What its sentence needs.
    pub params: serde_json::Value,
    /// What it did to the document.
    pub edits: Vec<crate::event::Edit>,
    /// Who acted; none if the device is not admitted.
    pub by: Option<MemberId>,
    /// On which device.
    pub device: DeviceId,
    /// When, by the author's clock.
    pub wall: crate::time::WallMs,
    /// Why it does not count, if it does not.
    pub held: Option<Held>,
}

/// What a folded aggregate shows.
impl Folded {
    /// The aggregate type's name.
    pub fn kind(&self) -> &'static str {
        self.kind
    }

    /// What its creating event fixed.
    pub fn birth(&self) -> &Birth {
        &self.birth
    }

    /// The document's values.
    pub fn content(&self) -> &Content {
        &self.content
    }

    /// The counted events.
    pub fn history(&self) -> &History {
        &self.history
    }

    /// The Automerge document, compiled for the occasion.
    pub fn document(&self) -> Document {
        let mut document = Document::new(self.schema);
        for known in self.order.values().filter_map(|reference| self.known.get(reference)) {
            let deps = self.counted_deps(known);
            document.add(source(known, &deps, self.birth.aggregate));
        }
        document
    }

    /// Counted events that an event builds on, those for which there is no room followed through.
    fn counted_deps(&self, known: &Known) -> Vec<Reference> {
        let (mut open, mut seen, mut counted) = (vec![&known.deps], BTreeSet::new(), Vec::new());
        while let Some(deps) = open.pop() {
            for dep in deps.iter().filter(|dep| seen.insert(**dep)) {
                match self.known.get(dep) {
                    Some(Known { placed: Placed::Counts(_), .. }) => counted.push(*dep),
                    Some(known) => open.push(&known.deps),
                    None => {}
                }
            }
        }
        counted
    }

    /// All that a decision of this aggregate's type looks at; `None` if it is of another type.
    pub fn subject<A: Aggregate>(&self) -> Option<Subject<'_, A::State>> {
        let state = self.state.state().downcast_ref::<A::State>()?;
        Some(Subject { birth: &self.birth, state, content: &self.content, history: &self.history })
    }

    /// The same of one that was declared; `None` if it was not.
    pub(crate) fn declared(&self) -> Option<&declared::State> {
        self.state.state().downcast_ref()
    }

    /// Events on which no other builds, greatest (lamport, id) first: the deps of whoever acts next, at most
    /// [`limits::DEPS`]. Where there are more, each device has its turn: nobody's heap hides what others said.
    pub fn heads(&self) -> Vec<Reference> {
        let turns = self.heads.values().flat_map(|of_device| of_device.iter().rev().take(limits::DEPS).enumerate());
        let mut heads: Vec<(usize, &Place, &Reference)> =
            turns.map(|(turn, (place, head))| (turn, place, head)).collect();
        heads.sort_unstable_by_key(|(turn, place, _)| (*turn, Reverse(*place)));
        heads.truncate(limits::DEPS);
        heads.sort_unstable_by_key(|(_, place, _)| Reverse(*place));
        heads.into_iter().map(|(_, _, head)| *head).collect()
    }

    /// The last event of a log here that is readable, whatever became of it: what that log's next one implies.
    pub fn last_of(&self, log: LogId) -> Option<Reference> {
        let first = Reference { log, seq: 0, check: ShortId::ZERO };
        let last = Reference { log, seq: u64::MAX, check: ShortId::from_bytes([0xff; ShortId::LEN]) };
        let known = self.known.range(first..=last).next_back().map(|(reference, _)| *reference);
        known.max(self.asleep.range(first..=last).next_back().map(|(reference, _)| *reference))
    }

    /// The read-model rows: the type's own, then one for each thing to look at, and for each device that has little room left.
    pub fn rows(&self) -> Vec<Row> {
        let mut rows = self.state.rows(&self.birth, &self.content, &self.history);
        // Beside each thing to look at, so that of what is no label there are not as many copies.
        let building = self.birth.building.as_deref().filter(|building| address::is_label(building));
        let compared = building.map(label::building);
        rows.extend(self.review().into_iter().map(|review| Row {
            table: REVIEW.name,
            cells: vec![
                review.code.into(),
                review.params.to_string().into(),
                building.into(),
                self.kind.into(),
                compared.as_deref().into(),
            ],
        }));
        let used = self.rooms.iter().map(|(device, room)| (device, room.parts()));
        rows.extend(used.filter(|(_, parts)| *parts >= limits::ROOM_TOLD).map(|(device, parts)| Row {
            table: ROOM_USED.name,
            cells: vec![(*device).into(), i64::try_from(parts).unwrap_or(i64::MAX).into(), self.kind.into()],
        }));
        rows
    }

    /// What a person should look at, conflicting edits among it.
    pub fn review(&self) -> Vec<Review> {
        let mut review = self.state.review(&self.birth, &self.content, &self.history);
        review.extend(self.content.conflicts(self.schema, |list, field| self.state.settles(list, field)));
        review
    }

    /// The text under which it can be found.
    pub fn search(&self) -> Option<String> {
        self.state.search(&self.birth, &self.content, &self.history)
    }

    /// A hash over which events count, the document's values and the rows: equal on every replica that holds the
    /// same events and keys. Change hashes are not in it (R1).
    pub fn digest(&self) -> [u8; 32] {
        let mut hash = blake3::Hasher::new_derive_key(DIGEST_CONTEXT);
        hash.update(&self.birth.aggregate.to_bytes());
        for (lamport, id) in self.order.keys() {
            hash.update(&lamport.to_be_bytes()).update(id.as_bytes());
        }
        let content = serde_json::to_vec(&self.content).unwrap_or_default();
        hash.update(&(content.len() as u64).to_be_bytes()).update(&content);
        for row in self.rows() {
            let row = serde_json::to_vec(&(row.table, row.cells)).unwrap_or_default();
            hash.update(&(row.len() as u64).to_be_bytes()).update(&row);
        }
        *hash.finalize().as_bytes()
    }

    /// Every event here in order, counted ones first, then those held, for a screen.
    pub fn told(&self, registry: &Registry) -> Vec<Told> {
        let counted = self.order.values().filter_map(|reference| self.known.get(reference));
        let held = self.known.values().filter(|known| !matches!(known.placed, Placed::Counts(_)));
        counted.chain(held).map(|known| self.tell(registry, known)).collect()
    }

    fn tell(&self, registry: &Registry, known: &Known) -> Told {
        let body = &known.filed.body;
        let params = registry.named(self.kind).map(|kept| kept.params(body.kind, body.version, &body.payload));
        Told {
            event: known.filed.reference,
            code: registry.kind(body.kind).map_or("unknown", |spec| spec.code),
            params: params.unwrap_or_default(),
            edits: body.edits.clone(),
            by: known.by,
            device: known.filed.log.device,
            wall: body.wall,
            held: match known.placed {
                Placed::Counts(_) => None,
                Placed::Held(held) => Some(held),
                Placed::Parked(_) => Some(Held::Parked),
            },
        }
    }
}

/// A known event as far as its document is concerned.
fn source<'a>(known: &'a Known, deps: &'a [Reference], aggregate: Reference) -> Source<'a> {
    Source {
        reference: known.filed.reference,
        id: known.filed.id,
        deps,
        edits: &known.filed.body.edits,
        creates: known.filed.reference == aggregate,
    }
}

const DIGEST_CONTEXT: &str = "linli 2026 aggregate digest v1";
