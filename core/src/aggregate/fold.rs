//! The fold: from the set of an aggregate's events to its state, in whatever order they come.
//!
//! A [`Folded`] holds every readable event of one aggregate. Each is *placed*: it counts, or it is held with a
//! reason, or parked for a dep that is not in storage. What counts is put in the one order (lamport, id) and
//! applied; an event that comes late is put where it belongs and the state is folded again from there. What storage
//! and roster say comes through [`Judge`]; time and secrets do not come here at all.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    Act, Aggregate, Birth, Content, Document, History, KindSpec, Malformed, Review, Row, Schema, Subject,
    cells::Cells,
    document::Source,
    registry::{AnyAggregate, AnyState, REVIEW, ReadFact, Registry},
};
use crate::{
    count::{self, Work},
    event::{Body, Held, LogHeader},
    id::{DeviceId, EventId, LogId, MemberId, Reference, ShortId},
    limits,
    roster::{About, Standing},
    sabotage::Rule,
};

/// A readable event, as filed in a log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Filed {
    /// How other events name it.
    pub reference: Reference,
    /// Its id.
    pub id: EventId,
    /// The log it stands in.
    pub log: LogHeader,
    /// What it says.
    pub body: Body,
}

/// What the fold asks of storage and roster.
pub trait Judge {
    /// Why an event does not count, going by log and roster alone; `None` if nothing speaks against it.
    fn against(&self, filed: &Filed) -> Option<Held>;
    /// What the roster lets the author do.
    fn standing(&self, filed: &Filed, about: &About<'_>) -> Standing;
    /// Whose device it is.
    fn member(&self, device: DeviceId) -> Option<MemberId>;
    /// Who wrote an event, by its log alone.
    fn author(&self, reference: Reference) -> Option<MemberId>;
    /// Whether an event is in storage, whatever became of it.
    fn stored(&self, reference: Reference) -> bool;
    /// Whether an event can never count, going by the reference and the roster alone: beyond a cut, a stranger's.
    fn void(&self, reference: Reference) -> bool;
    /// Whether `earlier` stands before `later` on one branch of one log.
    fn precedes(&self, earlier: &Filed, later: &Filed) -> bool;
}

/// What became of an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Placed {
    /// It counts, with this lamport.
    Counts(u64),
    /// It is held.
    Held(Held),
    /// It waits for these.
    Parked(Vec<Reference>),
}

#[derive(Clone, Debug)]
struct Known {
    filed: Filed,
    placed: Placed,
    /// Counted events it builds on directly; for a held one, those it is followed through to.
    deps: BTreeSet<Reference>,
    /// The place of its author's last event here before it, on its branch.
    previous: Option<u64>,
    by: Option<MemberId>,
    standing: Standing,
}

/// One aggregate, folded. [`Folded::settle`] before looking at it.
pub struct Folded {
    kind: &'static str,
    birth: Birth,
    known: BTreeMap<Reference, Known>,
    /// Who waits for what that is parked or not in storage.
    waiting: BTreeMap<Reference, BTreeSet<Reference>>,
    /// Events of this aggregate that are about to be placed.
    coming: BTreeSet<Reference>,
    /// Deps passed over because they were not readable here; should one turn up, all is placed again.
    passed_over: BTreeSet<Reference>,
    order: BTreeMap<(u64, EventId), Reference>,
    history: History,
    state: Box<dyn AnyState>,
    schema: &'static Schema,
    cells: Cells,
    content: Content,
    /// What is still to be applied, newest last; `None` to fold all again.
    unapplied: Option<Vec<Reference>>,
    content_is_old: bool,
}

/// What an event was found to be when it was weighed.
struct Weighed {
    lamport: u64,
    by: MemberId,
    standing: Standing,
}

/// One event of an aggregate's history, for a screen.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct Told {
    /// The event.
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

impl Folded {
    /// Starts an aggregate from its creating event.
    ///
    /// # Errors
    /// Why the creating event does not count; there is no aggregate then.
    pub fn create(registry: &Registry, creating: Filed, judge: &dyn Judge) -> Result<Self, Held> {
        let spec = *registry.kind(creating.body.kind).ok_or(Held::Newer)?;
        let (Some(kind), true) = (registry.owner(spec.kind), spec.creates) else { return Err(Held::Malformed) };
        let kept = registry.named(kind).ok_or(Held::Newer)?;
        if creating.body.aggregate.is_some() || !creating.body.deps.is_empty() {
            return Err(Held::Malformed);
        }
        if let Some(held) = judge.against(&creating) {
            return Err(held);
        }
        let fact = read(kept, &spec, &creating)?;
        let author = judge.member(creating.log.device).ok_or(Held::Stranger)?;
        let birth = Birth { aggregate: creating.reference, author, building: fact.building };
        let standing = standing(&birth, &creating, fact.target, judge);
        if !standing.may(spec.need) {
            return Err(standing.lack());
        }
        let mut folded = Self::empty(kept, birth);
        folded.count(creating, BTreeSet::new(), Weighed { lamport: 1, by: author, standing });
        Ok(folded)
    }

    fn empty(kept: &dyn AnyAggregate, birth: Birth) -> Self {
        Self {
            kind: kept.name(),
            birth,
            known: BTreeMap::new(),
            waiting: BTreeMap::new(),
            coming: BTreeSet::new(),
            passed_over: BTreeSet::new(),
            order: BTreeMap::new(),
            history: History::default(),
            state: kept.fresh(),
            schema: kept.schema(),
            cells: Cells::default(),
            content: Content::default(),
            unapplied: Some(Vec::new()),
            content_is_old: true,
        }
    }

    /// Folds all events of an aggregate, whatever their order. Tells what became of each but the creating one.
    ///
    /// # Errors
    /// Why the creating event does not count, or [`Held::Parked`] if it is not among them.
    pub fn load(
        registry: &Registry,
        aggregate: Reference,
        events: Vec<Filed>,
        judge: &dyn Judge,
    ) -> Result<(Self, Vec<(Reference, Placed)>), Held> {
        let (creating, mut rest): (Vec<_>, Vec<_>) = events.into_iter().partition(|filed| filed.reference == aggregate);
        let creating = creating.into_iter().next().ok_or(Held::Parked)?;
        let mut folded = Self::create(registry, creating, judge)?;
        // One log's events in its order, so that none turns up before its author's earlier ones.
        rest.sort_by_key(|filed| filed.reference);
        folded.coming = rest.iter().map(|filed| filed.reference).collect();
        for filed in rest {
            folded.coming.remove(&filed.reference);
            if !folded.known.contains_key(&filed.reference) {
                folded.place_all(registry, filed, judge);
            }
        }
        let placed = folded.known.iter().map(|(reference, known)| (*reference, known.placed.clone()));
        let placed = placed.filter(|(reference, _)| *reference != aggregate).collect();
        Ok((folded, placed))
    }

    /// Adds one event and tells what became of it, and of others because of it. An event that is here already
    /// changes nothing and tells nothing.
    ///
    /// # Errors
    /// As [`Folded::load`], should all have to be placed again.
    pub fn add(
        &mut self,
        registry: &Registry,
        filed: Filed,
        judge: &dyn Judge,
    ) -> Result<Vec<(Reference, Placed)>, Held> {
        if self.known.contains_key(&filed.reference) {
            return Ok(Vec::new());
        }
        if !self.turns_up_late(&filed, judge) {
            return Ok(self.place_all(registry, filed, judge));
        }
        let mut events: Vec<Filed> = self.known.values().map(|known| known.filed.clone()).collect();
        events.push(filed);
        let (folded, placed) = Self::load(registry, self.birth.aggregate, events, judge)?;
        *self = folded;
        Ok(placed)
    }

    /// Whether others were placed as if this event were not readable: those that name it, and its author's next one on
    /// its branch. Of each branch one event is asked for: the others follow on one that is asked for.
    fn turns_up_late(&self, filed: &Filed, judge: &dyn Judge) -> bool {
        let Reference { log, seq, .. } = filed.reference;
        let later = Reference { log, seq: seq.saturating_add(1), check: ShortId::ZERO };
        let of_log = self.known.range(later..).take_while(|(reference, _)| reference.log == log);
        let mut nexts = of_log.filter(|(_, known)| known.previous.is_none_or(|previous| previous <= seq));
        self.passed_over.contains(&filed.reference) || nexts.any(|(_, known)| judge.precedes(filed, &known.filed))
    }

    /// Looks again at an event that waits for something outside this aggregate.
    pub fn retry(&mut self, registry: &Registry, event: Reference, judge: &dyn Judge) -> Vec<(Reference, Placed)> {
        match self.known.get(&event) {
            Some(Known { filed, placed: Placed::Parked(_), .. }) => {
                let filed = filed.clone();
                self.place_all(registry, filed, judge)
            }
            _ => Vec::new(),
        }
    }

    fn place_all(&mut self, registry: &Registry, first: Filed, judge: &dyn Judge) -> Vec<(Reference, Placed)> {
        let mut told = Vec::new();
        let mut open = vec![first];
        while let Some(filed) = open.pop() {
            let reference = filed.reference;
            // Who waited for two events is freed by both.
            if self.placed(reference).is_some_and(|placed| !matches!(placed, Placed::Parked(_))) {
                continue;
            }
            let placed = self.place(registry, filed, judge);
            if !matches!(placed, Placed::Parked(_)) {
                let freed = self.waiting.remove(&reference).unwrap_or_default();
                open.extend(freed.iter().filter_map(|one| self.known.get(one)).map(|known| known.filed.clone()));
            }
            told.push((reference, placed));
        }
        told
    }

    fn place(&mut self, registry: &Registry, filed: Filed, judge: &dyn Judge) -> Placed {
        let (reference, previous) = (filed.reference, self.previous(&filed, judge));
        let placed = self.place_behind(registry, filed, previous, judge);
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
    ) -> Placed {
        // What the roster holds waits for nothing: one truth, whatever else is known.
        if let Some(held) = judge.against(&filed) {
            let by = judge.member(filed.log.device);
            self.keep(filed, Placed::Held(held), BTreeSet::new(), by, Standing::NONE);
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
            self.keep(filed, placed.clone(), named, None, Standing::NONE);
            return placed;
        }
        self.passed_over.extend(named.iter().filter(|dep| !self.known.contains_key(dep)));
        let deps = self.effective(&named);
        match self.weigh(registry, &filed, &deps, judge) {
            Ok(weighed) => {
                let lamport = weighed.lamport;
                self.count(filed, deps, weighed);
                Placed::Counts(lamport)
            }
            Err(held) => {
                let by = judge.member(filed.log.device);
                self.keep(filed, Placed::Held(held), deps, by, Standing::NONE);
                Placed::Held(held)
            }
        }
    }

    fn keep(
        &mut self,
        filed: Filed,
        placed: Placed,
        deps: BTreeSet<Reference>,
        by: Option<MemberId>,
        standing: Standing,
    ) {
        self.known.insert(filed.reference, Known { filed, placed, deps, previous: None, by, standing });
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
            None => self.coming.contains(&dep) || (!judge.stored(dep) && !judge.void(dep)),
        }
    }

    /// Whether an event stands here, counted or held for what it says.
    fn is_told_of(&self, event: Reference) -> bool {
        match self.placed(event) {
            Some(Placed::Counts(_)) => true,
            Some(Placed::Held(held)) => held.is_followed(),
            Some(Placed::Parked(_)) | None => false,
        }
    }

    /// What is left of deps when void ones are dropped and held ones followed through: counted events.
    fn effective(&self, named: &BTreeSet<Reference>) -> BTreeSet<Reference> {
        let mut counted = BTreeSet::new();
        for (dep, known) in named.iter().filter_map(|dep| Some((*dep, self.known.get(dep)?))) {
            match &known.placed {
                Placed::Counts(_) => {
                    counted.insert(dep);
                }
                // Its own were reduced to counted ones when it was placed.
                Placed::Held(held) if held.is_followed() => counted.extend(&known.deps),
                Placed::Held(_) | Placed::Parked(_) => {}
            }
        }
        counted
    }

    /// What an event that does not create says.
    fn fact<'r>(&self, registry: &'r Registry, filed: &Filed) -> Result<(&'r KindSpec, ReadFact), Held> {
        let spec = registry.kind(filed.body.kind).ok_or(Held::Newer)?;
        let kept = registry.named(self.kind).ok_or(Held::Newer)?;
        if spec.creates || registry.owner(spec.kind) != Some(self.kind) {
            return Err(Held::Malformed);
        }
        Ok((spec, read(kept, spec, filed)?))
    }

    /// Whether an event that waits for nothing counts, with which lamport and standing.
    fn weigh(
        &self,
        registry: &Registry,
        filed: &Filed,
        deps: &BTreeSet<Reference>,
        judge: &dyn Judge,
    ) -> Result<Weighed, Held> {
        let (spec, fact) = self.fact(registry, filed)?;
        // One more at most with each stored event: no chain is long enough to end the numbers.
        let lamport = deps.iter().filter_map(|dep| self.lamport(*dep)).max().unwrap_or(0).saturating_add(1);
        let by = judge.member(filed.log.device).ok_or(Held::Stranger)?;
        // Only of an event that is here is it known, to everybody alike, who wrote it.
        let target = fact.target.filter(|target| self.is_told_of(*target));
        let standing = standing(&self.birth, filed, target, judge);
        if standing.may(spec.need) || Rule::Need.is_left_out() {
            Ok(Weighed { lamport, by, standing })
        } else {
            Err(standing.lack())
        }
    }

    /// What became of an event; `None` if it is not here.
    pub fn placed(&self, event: Reference) -> Option<&Placed> {
        self.known.get(&event).map(|known| &known.placed)
    }

    /// What an event names that is not here: events of other aggregates, and what is void or cannot be read.
    pub fn named_elsewhere(&self, registry: &Registry, event: Reference) -> Vec<Reference> {
        let Some(Known { filed, .. }) = self.known.get(&event) else { return Vec::new() };
        let target = self.fact(registry, filed).ok().and_then(|(_, fact)| fact.target);
        let named = filed.body.deps.iter().copied().chain(target);
        named.filter(|dep| !self.known.contains_key(dep)).collect()
    }

    /// The lamport of a counted event.
    pub fn lamport(&self, event: Reference) -> Option<u64> {
        match self.known.get(&event)?.placed {
            Placed::Counts(lamport) => Some(lamport),
            Placed::Held(_) | Placed::Parked(_) => None,
        }
    }

    /// Puts a counted event in its place. The state follows when it is next looked at.
    fn count(&mut self, filed: Filed, deps: BTreeSet<Reference>, weighed: Weighed) {
        let reference = filed.reference;
        let place = (weighed.lamport, filed.id);
        let newest = self.order.last_key_value().is_none_or(|(last, _)| *last < place);
        let touches = !filed.body.edits.is_empty();
        self.order.insert(place, reference);
        self.keep(filed, Placed::Counts(weighed.lamport), deps, Some(weighed.by), weighed.standing);
        self.content_is_old |= touches;
        self.edit(reference);
        match &mut self.unapplied {
            Some(unapplied) if newest => unapplied.push(reference),
            unapplied => *unapplied = None,
        }
    }

    /// Takes a counted event's edits in.
    fn edit(&mut self, reference: Reference) {
        let Some(known) = self.known.get(&reference) else { return };
        let deps: Vec<Reference> = known.deps.iter().copied().collect();
        self.cells.add(&source(known, &deps, self.birth.aggregate));
    }

    /// Brings state and content up to what has been placed. Costs what is new if it came in order, else all.
    pub fn settle(&mut self, registry: &Registry) {
        let unapplied = self.unapplied.take().unwrap_or_else(|| {
            self.history = History::default();
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
        if std::mem::take(&mut self.content_is_old) {
            self.content = self.cells.content(self.schema);
        }
    }

    fn apply(&mut self, reference: Reference) {
        let Some(Known { filed, placed: Placed::Counts(lamport), deps, by: Some(by), standing, .. }) =
            self.known.get(&reference)
        else {
            return;
        };
        let at = self.history.push(Act {
            reference,
            id: filed.id,
            lamport: *lamport,
            by: *by,
            device: filed.log.device,
            standing: *standing,
            wall: filed.body.wall,
            deps: deps.iter().filter_map(|dep| self.history.find(*dep)).collect(),
        });
        let fact = (filed.body.kind, filed.body.version, filed.body.payload.as_slice());
        count::note(Work::Folded, 1);
        self.state.apply(fact, at, &self.history, &self.birth);
    }
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
            let deps: Vec<Reference> = known.deps.iter().copied().collect();
            document.add(source(known, &deps, self.birth.aggregate));
        }
        document
    }

    /// All that a decision of this aggregate's type looks at; `None` if it is of another type.
    pub fn subject<A: Aggregate>(&self) -> Option<Subject<'_, A::State>> {
        let state = self.state.state().downcast_ref::<A::State>()?;
        Some(Subject { birth: &self.birth, state, content: &self.content, history: &self.history })
    }

    /// Counted events that no other counted event builds on, greatest (lamport, id) first: the deps of whoever acts
    /// next, at most [`limits::DEPS`].
    pub fn heads(&self) -> Vec<Reference> {
        let mut heads: BTreeMap<(u64, EventId), Reference> = self.order.clone();
        for reference in self.order.values() {
            for dep in self.known.get(reference).iter().flat_map(|known| &known.deps) {
                if let Some(known) = self.known.get(dep)
                    && let Placed::Counts(lamport) = known.placed
                {
                    heads.remove(&(lamport, known.filed.id));
                }
            }
        }
        heads.into_values().rev().take(limits::DEPS).collect()
    }

    /// The last event of a log here that is readable, whatever became of it: what that log's next one implies.
    pub fn last_of(&self, log: LogId) -> Option<Reference> {
        let first = Reference { log, seq: 0, check: ShortId::ZERO };
        let last = Reference { log, seq: u64::MAX, check: ShortId::from_bytes([0xff; ShortId::LEN]) };
        self.known.range(first..=last).next_back().map(|(reference, _)| *reference)
    }

    /// The read-model rows: the type's own, then one for each thing to look at.
    pub fn rows(&self) -> Vec<Row> {
        let mut rows = self.state.rows(&self.birth, &self.content, &self.history);
        rows.extend(self.review().into_iter().map(|review| Row {
            table: REVIEW.name,
            cells: vec![
                review.code.into(),
                review.params.to_string().into(),
                self.birth.building.clone().into(),
                self.kind.into(),
            ],
        }));
        rows
    }

    /// What a person should look at, conflicting edits among it.
    pub fn review(&self) -> Vec<Review> {
        let mut review = self.state.review(&self.birth, &self.content, &self.history);
        review.extend(self.content.conflicts(self.schema));
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
        lamport: match known.placed {
            Placed::Counts(lamport) => lamport,
            Placed::Held(_) | Placed::Parked(_) => 0,
        },
        device: known.filed.log.device,
        deps,
        edits: &known.filed.body.edits,
        creates: known.filed.reference == aggregate,
    }
}

const DIGEST_CONTEXT: &str = "linli 2026 aggregate digest v1";

/// Reads what an event says, if this build knows its kind and version and its edits fit the document.
fn read(kept: &dyn AnyAggregate, spec: &KindSpec, filed: &Filed) -> Result<ReadFact, Held> {
    let body = &filed.body;
    if body.version == Body::UNREAD || body.version > spec.version || kept.schema().check(&body.edits).is_err() {
        return Err(Held::Newer);
    }
    let held = |error| if error == Malformed::NEWER { Held::Newer } else { Held::Malformed };
    kept.read(body.kind, body.version, &body.payload).map_err(held)
}

fn standing(birth: &Birth, filed: &Filed, target: Option<Reference>, judge: &dyn Judge) -> Standing {
    let about = About {
        author: Some(birth.author),
        target_author: target.and_then(|target| judge.author(target)),
        building: birth.building.as_deref(),
        aggregate: Some(birth.aggregate),
    };
    judge.standing(filed, &about)
}
