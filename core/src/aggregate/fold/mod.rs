//! The fold: from the set of an aggregate's events to its state, in whatever order they come.
//!
//! A [`Folded`] holds every readable event of one aggregate. Each is *placed*: it counts, or it is held with a
//! reason, or parked for a dep that is not in storage. What counts is put in the one order (lamport, id) and
//! applied; an event that comes late is put where it belongs and the state is folded again. Who knew of whom, and what
//! stands in the document, is never folded again for that. What storage and roster say comes through [`Judge`]; time and
//! secrets do not come here at all.

mod shown;

use std::collections::{BTreeMap, BTreeSet};

use super::{
    Act, Birth, Content, History, KindSpec, Malformed, Schema,
    any::{AnyAggregate, AnyState, ReadFact},
    cells::{Cells, Editing},
    registry::Registry,
    room::{Place, Room, weight},
};
use crate::{
    count::{self, Work},
    event::{Body, Held, LogHeader},
    id::{DeviceId, EventId, LogId, MemberId, Reference, ShortId},
    roster::{About, Standing},
    sabotage::Rule,
};

pub use shown::Told;

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
    /// Bytes of its body as it is stored.
    pub size: u64,
}

/// What the fold asks of storage and roster.
pub trait Judge {
    /// Why an event does not count, going by log and roster alone; `None` if nothing speaks against it.
    fn against(&self, filed: &Filed) -> Option<Held>;
    /// What the roster lets the author do.
    fn standing(&self, filed: &Filed, about: &About<'_>) -> Standing;
    /// How many rooms a device has.
    fn rooms(&self, device: DeviceId) -> u64;
    /// Whose device it is.
    fn member(&self, device: DeviceId) -> Option<MemberId>;
    /// Who wrote an event, by its log alone.
    fn author(&self, reference: Reference) -> Option<MemberId>;
    /// Whether an event is in storage, whatever became of it.
    fn stored(&self, reference: Reference) -> bool;
    /// Whether an event that is in storage may be added to this aggregate yet: it was not asked about so far.
    fn comes_later(&self, reference: Reference, aggregate: Reference) -> bool;
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
    /// Events it builds on directly of which note was taken; for a held one, those it is followed through to.
    deps: BTreeSet<Reference>,
    /// Its lamport, if it counts or there is no room for it; for another, the greatest of what it builds on.
    lamport: u64,
    /// What stands for it in the history's knowledge, if note was taken of it.
    knower: Option<usize>,
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
    /// What counts.
    order: BTreeMap<Place, Reference>,
    /// What has an effect, of each device.
    rooms: BTreeMap<DeviceId, Room>,
    /// Events of each device of which note was taken and on which none of them builds.
    heads: BTreeMap<DeviceId, BTreeMap<Place, Reference>>,
    history: History,
    state: Box<dyn AnyState>,
    schema: &'static Schema,
    cells: Cells,
    content: Content,
    /// What is still to be applied, newest last; `None` to fold all again.
    unapplied: Option<Vec<Reference>>,
    content_is_old: bool,
    /// An event's edits are in the cells that has no effect any more.
    cells_are_old: bool,
}

/// What an event was found to be when it was weighed.
struct Weighed {
    lamport: u64,
    by: MemberId,
    standing: Standing,
    rooms: u64,
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
        let rooms = judge.rooms(creating.log.device);
        let mut folded = Self::empty(kept, birth);
        folded.count(creating, BTreeSet::new(), Weighed { lamport: 1, by: author, standing, rooms }, &mut Vec::new());
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
            rooms: BTreeMap::new(),
            heads: BTreeMap::new(),
            history: History::default(),
            state: kept.fresh(),
            schema: kept.schema(),
            cells: Cells::default(),
            content: Content::default(),
            unapplied: Some(Vec::new()),
            content_is_old: true,
            cells_are_old: false,
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
        Self::load_as_known(registry, aggregate, events, &BTreeSet::new(), judge)
    }

    /// The same where it is known that some of them wait: they wait on, though what they wait for may be here, until
    /// [`retry`](Self::retry) looks at them.
    ///
    /// # Errors
    /// As [`Folded::load`].
    pub fn load_as_known(
        registry: &Registry,
        aggregate: Reference,
        events: Vec<Filed>,
        waiting: &BTreeSet<Reference>,
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
            if waiting.contains(&filed.reference) && judge.against(&filed).is_none() {
                folded.let_wait(filed, judge);
            } else if !folded.known.contains_key(&filed.reference) {
                folded.place_all(registry, filed, judge, usize::MAX);
            }
        }
        let placed = folded.known.iter().map(|(reference, known)| (*reference, known.placed.clone()));
        let placed = placed.filter(|(reference, _)| *reference != aggregate).collect();
        Ok((folded, placed))
    }

    /// Adds one event and tells what became of it, and of others because of it: of those that waited for it, so many at
    /// most. The rest waits until [`retry`](Self::retry) looks at it. An event that is here already changes nothing and
    /// tells nothing.
    ///
    /// # Errors
    /// As [`Folded::load`], should all have to be placed again.
    pub fn add(
        &mut self,
        registry: &Registry,
        filed: Filed,
        judge: &dyn Judge,
        most: usize,
    ) -> Result<Vec<(Reference, Placed)>, Held> {
        if self.known.contains_key(&filed.reference) {
            return Ok(Vec::new());
        }
        if !self.turns_up_late(&filed, judge) {
            return Ok(self.place_all(registry, filed, judge, most));
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

    /// Looks again at an event that waits, and at those that wait for it, so many at most.
    pub fn retry(
        &mut self,
        registry: &Registry,
        event: Reference,
        judge: &dyn Judge,
        most: usize,
    ) -> Vec<(Reference, Placed)> {
        match self.known.get(&event) {
            Some(Known { filed, placed: Placed::Parked(_), .. }) => {
                let filed = filed.clone();
                self.place_all(registry, filed, judge, most)
            }
            _ => Vec::new(),
        }
    }

    fn place_all(
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
    fn let_wait(&mut self, filed: Filed, judge: &dyn Judge) {
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
    fn is_told_of(&self, event: Reference) -> bool {
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
    fn weigh(&self, registry: &Registry, filed: &Filed, reach: u64, judge: &dyn Judge) -> Result<Weighed, Held> {
        let (spec, fact) = self.fact(registry, filed)?;
        // One more at most with each stored event: no chain is long enough to end the numbers.
        let lamport = reach.saturating_add(1);
        let by = judge.member(filed.log.device).ok_or(Held::Stranger)?;
        // Only of an event that is here is it known, to everybody alike, who wrote it.
        let target = fact.target.filter(|target| self.is_told_of(*target));
        let standing = standing(&self.birth, filed, target, judge);
        if standing.may(spec.need) || Rule::Need.is_left_out() {
            Ok(Weighed { lamport, by, standing, rooms: judge.rooms(filed.log.device) })
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

    /// Puts an event in its place that counts if there is room for it. The state follows when it is next looked at.
    fn count(&mut self, filed: Filed, deps: BTreeSet<Reference>, weighed: Weighed, out: &mut Vec<Reference>) -> Placed {
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
        };
        if crowded {
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

    /// Takes note of what an event builds on. What it builds on is no head any more.
    fn learn(&mut self, log: LogId, deps: &BTreeSet<Reference>) -> usize {
        let mut knowers = Vec::with_capacity(deps.len());
        for known in deps.iter().filter_map(|dep| self.known.get(dep)) {
            knowers.extend(known.knower);
            if let Some(of_device) = self.heads.get_mut(&known.filed.log.device) {
                of_device.remove(&(known.lamport, known.filed.id));
            }
        }
        self.history.learn(log, &knowers)
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
