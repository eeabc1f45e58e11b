//! The fold: from the set of an aggregate's events to its state, in whatever order they come.
//!
//! A [`Folded`] holds every readable event of one aggregate. Each is *placed*: it counts, or it is held with a reason,
//! or it is parked for a dep that is not in storage. What counts is put in the one order (lamport, id) and applied.
//!
//! An event that comes late is put where it belongs, and the state is folded again. The knowledge of who knew of whom
//! and the values in the document are not: they are brought up to date.
//!
//! [`Judge`] says what storage and roster know. The fold knows no time and no secrets.

mod effect;
mod place;
mod shown;
mod weigh;

use std::collections::{BTreeMap, BTreeSet};

use super::{
    Birth, Content, History, Schema,
    any::{AnyAggregate, AnyState},
    cells::Cells,
    filed::Filed,
    registry::Registry,
    room::{Place, Room},
};
use crate::{
    event::Held,
    id::{DeviceId, EventId, MemberId, Reference, ShortId},
    roster::{About, Standing},
};
use weigh::{Weighed, read, standing};

pub use place::DEPS_OF_ONE;
pub use shown::Told;

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
    /// Whether an event, of which reference and id are known, stands before `later` on one branch of one log.
    fn precedes(&self, earlier: (Reference, EventId), later: &Filed) -> bool;
}

/// What is known of an aggregate's events before they are folded: which wait for something, and are not asked about.
#[derive(Clone, Debug, Default)]
pub struct Waiting {
    /// Of those that are at hand to be shown.
    pub shown: BTreeSet<Reference>,
    /// Those of which nothing else is at hand, by reference, with their ids.
    pub asleep: BTreeMap<Reference, EventId>,
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
    /// Nothing behind it is a head any more.
    covered: bool,
}

/// One aggregate, folded. [`Folded::settle`] before looking at it.
pub struct Folded {
    kind: &'static str,
    birth: Birth,
    known: BTreeMap<Reference, Known>,
    /// Who waits for what that is parked or not in storage.
    waiting: BTreeMap<Reference, BTreeSet<Reference>>,
    /// Events that wait and were not read, with their ids: [`add`](Self::add) looks at one.
    asleep: BTreeMap<Reference, EventId>,
    /// Events of this aggregate that are about to be placed.
    coming: BTreeSet<Reference>,
    /// Deps passed over because they were not readable here; should one turn up, all is placed again.
    passed_over: BTreeSet<Reference>,
    /// Events that count, in the order of the aggregate.
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
            asleep: BTreeMap::new(),
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
        Self::load_as_known(registry, aggregate, events, Waiting::default(), judge)
    }

    /// The same where it is known that some wait: they wait on, though what they wait for may be here, until
    /// [`retry`](Self::retry) looks at them, or [`add`](Self::add) at those asleep, of which nothing is told.
    ///
    /// # Errors
    /// As [`Folded::load`].
    pub fn load_as_known(
        registry: &Registry,
        aggregate: Reference,
        events: Vec<Filed>,
        waiting: Waiting,
        judge: &dyn Judge,
    ) -> Result<(Self, Vec<(Reference, Placed)>), Held> {
        let mut rest = events;
        let at = rest.iter().position(|filed| filed.reference == aggregate).ok_or(Held::Parked)?;
        let creating = rest.swap_remove(at);
        let mut folded = Self::create(registry, creating, judge)?;
        folded.asleep = waiting.asleep;
        // One log's events in its order, so that none turns up before its author's earlier ones.
        rest.sort_by_key(|filed| filed.reference);
        folded.coming = rest.iter().map(|filed| filed.reference).collect();
        for filed in rest {
            folded.coming.remove(&filed.reference);
            if waiting.shown.contains(&filed.reference) && judge.against(&filed).is_none() {
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
        // Whoever was asleep was taken for waiting, and not for absent.
        let slept = self.asleep.remove(&filed.reference).is_some();
        if slept || !self.turns_up_late(&filed, judge) {
            return Ok(self.place_all(registry, filed, judge, most));
        }
        let mut events: Vec<Filed> = self.known.values().map(|known| known.filed.clone()).collect();
        events.push(filed);
        let waiting = Waiting { asleep: std::mem::take(&mut self.asleep), ..Waiting::default() };
        let (folded, placed) = Self::load_as_known(registry, self.birth.aggregate, events, waiting, judge)?;
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
        let name = (filed.reference, filed.id);
        self.passed_over.contains(&filed.reference) || nexts.any(|(_, known)| judge.precedes(name, &known.filed))
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

    /// How many events are here; those asleep are not.
    pub fn events(&self) -> usize {
        self.known.len()
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
        named.filter(|dep| !self.known.contains_key(dep) && !self.asleep.contains_key(dep)).collect()
    }

    /// The lamport of a counted event.
    pub fn lamport(&self, event: Reference) -> Option<u64> {
        match self.known.get(&event)?.placed {
            Placed::Counts(lamport) => Some(lamport),
            Placed::Held(_) | Placed::Parked(_) => None,
        }
    }
}
