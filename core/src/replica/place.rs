//! Placing: what becomes of each event that enters the log, and what it does to aggregates and screens.
//!
//! Runs inside the transaction that appends. Whatever goes wrong, the transaction is rolled back and what was
//! folded meanwhile is forgotten, so nothing is ever half applied.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    community::Community,
    fate::{Concern, Fate, fate, is_outside},
    judge::Bench,
    update::{News, Update},
    warm::{Cache, Shown, Warm},
};
use crate::{
    aggregate::{DEPS_OF_ONE, Filed, Folded, Held, Placed, Registry},
    event::{Topic, VerifiedRun},
    id::{DeviceId, EventId, LogId, Reference},
    key::DeviceKeys,
    limits,
    roster::{About, Standing},
    sabotage::Rule,
    store::{AggregateId, Judged, Judgement, Pos, Round, Store, StoreError, Stored, Write},
};

/// One transaction's worth of placing.
pub(super) struct Placing<'a> {
    pub(super) write: Write<'a>,
    pub(super) community: &'a mut Community,
    pub(super) keys: &'a DeviceKeys,
    pub(super) registry: &'a Registry,
    pub(super) cache: &'a mut Cache,
    pub(super) touched: BTreeMap<Reference, BTreeSet<Reference>>,
    /// Roster events were placed that the roster does not know yet.
    pub(super) roster_changed: bool,
    /// What the roster knows by now judges something otherwise than before.
    pub(super) roster_turned: bool,
    /// Logs that have to be judged again, though the roster did not change.
    pub(super) again: BTreeSet<LogId>,
    /// Events whose judgement changed: what rests on them is to be asked about again.
    pub(super) changed: Vec<Reference>,
    /// Erasures were placed that are not obeyed yet.
    pub(super) erasures_changed: bool,
    /// Logs for parts of which events have come to wait.
    awaited: BTreeSet<LogId>,
    pub(super) news: BTreeSet<Update>,
    /// How many more events this transaction asks about that waited.
    pub(super) allowance: usize,
    /// When what is left of what this transaction asks about is gone on with.
    pub(super) round: Round,
    /// How many rounds of what is due it began.
    pub(super) begun: u64,
    /// Events that were placed, and that were read to fold an aggregate which was not in memory; and deps, so many for one.
    pub(super) work: usize,
}

impl<'a> Placing<'a> {
    pub(super) fn begin(
        store: &'a mut Store,
        community: &'a mut Community,
        keys: &'a DeviceKeys,
        registry: &'a Registry,
        cache: &'a mut Cache,
    ) -> Result<Self, StoreError> {
        Ok(Self {
            write: store.write()?,
            community,
            keys,
            registry,
            cache,
            touched: BTreeMap::new(),
            roster_changed: false,
            roster_turned: false,
            again: BTreeSet::new(),
            changed: Vec::new(),
            erasures_changed: false,
            awaited: BTreeSet::new(),
            news: BTreeSet::new(),
            allowance: limits::FREED,
            round: Round::Next,
            begun: 0,
            work: 0,
        })
    }

    /// Places the events of a run that were just appended, in their order.
    pub(super) fn place_run(&mut self, run: &VerifiedRun, appended: &[Pos]) -> Result<(), StoreError> {
        let held_before = run.events().len().saturating_sub(appended.len());
        self.look_for_ends(run, held_before)?;
        for (event, pos) in run.events().iter().skip(held_before).zip(appended) {
            let stored = Stored::appended(*run.header(), event, *pos);
            self.place_one(&stored)?;
            self.name_back(&stored)?;
            self.free()?;
        }
        self.forget_behind(run, appended.len())?;
        // Told again it frees nobody: what waits on in spite of it would be asked for as often.
        let begins = held_before == 0 && run.events().first().is_some_and(|first| first.seq == 0);
        let is_new = begins && self.write.heads(run.header().id())?.len() == 1;
        if is_new { self.free_void(run.header()) } else { Ok(()) }
    }

    /// Places stored events, in their order.
    pub(super) fn place(&mut self, events: &[Pos]) -> Result<(), StoreError> {
        for pos in events {
            let Some(stored) = self.write.event_at(*pos)? else { continue };
            self.place_one(&stored)?;
            self.free()?;
        }
        Ok(())
    }

    /// Does to an event what becomes of it. What rests on it is asked about again by [`free`](Self::free).
    pub(super) fn place_one(&mut self, stored: &Stored) -> Result<(), StoreError> {
        match self.community.topic(stored.log.topic).filter(|_| stored.judged == Judged::NotYet) {
            Some(Topic::Roster) => self.roster_changed = true,
            Some(Topic::Erasure) => self.erasures_changed = true,
            _ => {}
        }
        if Rule::OneOrder.is_left_out() && stored.judged == Judged::Held(Held::Erased) {
            return Ok(());
        }
        match fate(&self.write, self.community, self.registry, stored)? {
            Fate::Counts => self.judge(stored, None, None, 0),
            Fate::Held(reason, rests_on) => self.hold(stored, reason, rests_on),
            Fate::Creates(filed) => self.create(stored, filed),
            Fate::Belongs(filed, aggregate) => self.add(stored, aggregate, filed),
        }
    }

    /// Holds an event. What it rests on is noted, so that it is asked about again when that changes.
    pub(super) fn hold(
        &mut self,
        stored: &Stored,
        reason: Held,
        rests_on: Option<Reference>,
    ) -> Result<(), StoreError> {
        let named = match rests_on {
            Some(aggregate) => self.write.aggregate(aggregate)?,
            None => None,
        };
        let kept = stored.aggregate.filter(|_| reason.is_unread());
        let aggregate = match named {
            Some((id, _)) if is_outside(reason) => Some(id),
            _ => kept,
        };
        self.judge(stored, Some(reason), aggregate, 0)?;
        match rests_on.filter(|_| aggregate.is_none()) {
            Some(creating) => self.park(stored, &[creating]),
            None => Ok(()),
        }
    }

    fn park(&mut self, stored: &Stored, rests_on: &[Reference]) -> Result<(), StoreError> {
        self.awaited.extend(rests_on.iter().map(|event| event.log));
        self.write.park(stored.pos, rests_on)
    }

    /// The device that writes here.
    pub(super) fn own(&self) -> DeviceId {
        self.keys.device()
    }

    fn create(&mut self, stored: &Stored, filed: Filed) -> Result<(), StoreError> {
        // It must name none; where it does, it is erased with what it names.
        let (aggregate, named) = (filed.reference, filed.body.aggregate);
        let bench = Bench::new(&self.write, self.community);
        let folded = Folded::create(self.registry, filed, &bench);
        bench.done()?;
        match folded {
            Err(reason) => self.hold(stored, reason, named),
            Ok(folded) => {
                let id = self.write.create_aggregate(aggregate, folded.kind(), stored.pos)?;
                self.judge(stored, None, Some(id), 1)?;
                self.cache.warm.put(aggregate, Warm { id, folded, shown: Some(Shown::default()) });
                self.touched.entry(aggregate).or_default().insert(aggregate);
                Ok(())
            }
        }
    }

    /// Adds a readable event to its aggregate and keeps what became of it and of others.
    fn add(&mut self, stored: &Stored, aggregate: Reference, filed: Filed) -> Result<(), StoreError> {
        let (event, deps) = (filed.reference, filed.body.deps.len());
        let Some(mut warm) = self.take(aggregate)? else {
            // Its creating event is about to fall.
            return self.hold(stored, Held::Parked, Some(aggregate));
        };
        let bench = Bench::new(&self.write, self.community);
        let mut placed = warm.folded.add(self.registry, filed, &bench, self.allowance).unwrap_or_default();
        if placed.is_empty() {
            placed = warm.folded.retry(self.registry, event, &bench, self.allowance);
        }
        if placed.is_empty() {
            placed.extend(warm.folded.placed(event).map(|known| (event, known.clone())));
        }
        bench.done()?;
        let id = warm.id;
        self.cache.warm.put(aggregate, warm);
        self.work = self.work.saturating_add(placed.len()).saturating_add(deps / DEPS_OF_ONE);
        self.spend(placed.len().saturating_sub(1));
        self.keep(aggregate, id, placed, Some(stored))
    }

    /// What this device may do, were it to write now.
    pub(super) fn own_standing(&self, topic: Topic, about: &About<'_>) -> Result<Standing, StoreError> {
        let log = self.community.own_log(topic);
        let next = self.write.heads(log.id())?.iter().map(|head| head.seq + 1).max().unwrap_or(0);
        Ok(self.community.roster.standing(&log, next, EventId::ZERO, about, &self.community.chains(&self.write)))
    }

    /// Why an event of an aggregate is held, if it is.
    pub(super) fn held(&self, event: Reference, aggregate: Reference) -> Result<Option<Held>, StoreError> {
        if self.peek(aggregate).is_some_and(|folded| folded.lamport(event).is_some()) {
            return Ok(None);
        }
        Ok(self.write.event(event)?.and_then(|stored| stored.judged.reason()))
    }

    /// Writes down what became of an aggregate's events, of which one may be at hand.
    pub(super) fn keep(
        &mut self,
        aggregate: Reference,
        id: AggregateId,
        placed: Vec<(Reference, Placed)>,
        at_hand: Option<&Stored>,
    ) -> Result<(), StoreError> {
        for (event, placed) in placed {
            let found;
            let stored = match at_hand.filter(|stored| stored.reference() == event) {
                Some(stored) => stored,
                None => match self.write.event(event)? {
                    Some(stored) => {
                        found = stored;
                        &found
                    }
                    None => continue,
                },
            };
            let (reason, lamport, rests_on) = match placed {
                Placed::Counts(lamport) => {
                    self.touched.entry(aggregate).or_default().insert(event);
                    (None, lamport, self.absent(aggregate, event)?)
                }
                Placed::Held(reason) => (Some(reason), 0, self.absent(aggregate, event)?),
                Placed::Parked(missing) => (Some(Held::Parked), 0, missing),
            };
            self.work = self.work.saturating_add(rests_on.len() / DEPS_OF_ONE);
            self.judge_resting(
                stored,
                Judgement { judged: Judged::from(reason), aggregate: Some(id), lamport },
                &rests_on,
            )?;
        }
        Ok(())
    }

    /// What an event names that is not in storage and was not waited for, because it could never count. Should that
    /// change, the event waits for it.
    fn absent(&self, aggregate: Reference, event: Reference) -> Result<Vec<Reference>, StoreError> {
        let mut absent = Vec::new();
        let folded = self.cache.warm.peek(&aggregate).map(|warm| &warm.folded);
        for dep in folded.map(|folded| folded.named_elsewhere(self.registry, event)).unwrap_or_default() {
            if !self.write.has(dep)? {
                absent.push(dep);
            }
        }
        Ok(absent)
    }

    /// Writes down a judgement that rests on no other event, if it is another than before.
    pub(super) fn judge(
        &mut self,
        stored: &Stored,
        reason: Option<Held>,
        aggregate: Option<AggregateId>,
        lamport: u64,
    ) -> Result<(), StoreError> {
        self.judge_resting(stored, Judgement { judged: Judged::from(reason), aggregate, lamport }, &[])
    }

    /// Writes a judgement down, and on what it rests, each if it is another than before: one thing may rest on very much.
    fn judge_resting(
        &mut self,
        stored: &Stored,
        judgement: Judgement,
        rests_on: &[Reference],
    ) -> Result<(), StoreError> {
        self.judge_alone(stored, judgement)?;
        match rests_on {
            [] if stored.judged.reason().is_none() => Ok(()),
            rests_on => self.park(stored, rests_on),
        }
    }

    fn judge_alone(&mut self, stored: &Stored, judgement: Judgement) -> Result<(), StoreError> {
        let Judgement { judged, aggregate, lamport } = judgement;
        let reason = judged.reason();
        if stored.judged != judged {
            self.changed.push(stored.reference());
            if [stored.judged, judged].contains(&Judged::Held(Held::Newer)) {
                let about = reason.filter(|reason| *reason == Held::Newer).map(|_| Concern::of(stored, self.community));
                self.write.note_newer(stored.log.device, stored.pos, about.map(Concern::number))?;
                self.news.insert(Update::Newer);
            }
        }
        if (stored.judged, stored.aggregate, stored.lamport) == (judged, aggregate, lamport) {
            return Ok(());
        }
        if reason.is_some_and(|reason| reason == Held::Erased || is_outside(reason)) {
            self.cache.turned = self.cache.turned.min(stored.pos);
        }
        self.write.judge(stored.pos, judgement)
    }

    /// Takes into account what was placed, goes on with what is due as far as this transaction goes, brings the read model up
    /// to date and commits. What is to be told comes back.
    pub(super) fn commit(mut self) -> Result<News, StoreError> {
        self.settle_roster()?;
        self.go_on()?;
        let mut updates: Vec<Update> = std::mem::take(&mut self.news).into_iter().collect();
        for (aggregate, events) in std::mem::take(&mut self.touched) {
            updates.extend(self.show(aggregate, events)?);
        }
        self.write.commit()?;
        self.cache.note_rounds(self.begun);
        Ok(News { updates, awaited: self.awaited, roster_turned: self.roster_turned })
    }
}
