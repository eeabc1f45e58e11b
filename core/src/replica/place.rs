//! Placing: what becomes of each event that enters the log, and what it does to aggregates and screens.
//!
//! Runs inside the transaction that appends. Whatever goes wrong, the transaction is rolled back and what was
//! folded meanwhile is forgotten, so nothing is ever half applied.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    community::Community,
    fate::{Fate, against_erasure, fate, fold, is_outside},
    judge::Bench,
    update::Update,
};
use crate::{
    aggregate::{Cell, Filed, Folded, Held, Judge, Placed, REVIEW, Registry, Row},
    event::{LogHeader, Topic, Verified, VerifiedRun},
    id::{DeviceId, EpochId, EventId, LogId, Reference},
    key::DeviceKeys,
    roster::{About, CutHead, Standing, affected, roomier},
    sabotage::Rule,
    store::{AggregateId, Judged, Judgement, Pos, Rows, Store, StoreError, Stored, Write},
};

/// Aggregates kept folded in memory: about 20 KB each.
const WARM: usize = 256;

/// A folded aggregate and what of it stands in the read model.
pub(super) struct Warm {
    pub(super) id: AggregateId,
    pub(super) folded: Folded,
    /// What the read model holds of it; `None` when that is not known.
    shown: Option<Shown>,
}

/// What of an aggregate stands in the read model.
#[derive(Default)]
struct Shown {
    rows: Rows,
    search: Option<String>,
}

/// Folded aggregates, the least recently used going first.
pub(super) struct Cache(lru::LruCache<Reference, Warm>);

impl Default for Cache {
    fn default() -> Self {
        Self(lru::LruCache::new(std::num::NonZeroUsize::new(WARM).unwrap_or(std::num::NonZeroUsize::MIN)))
    }
}

impl Cache {
    /// Forgets what was folded: after a transaction that was rolled back.
    pub(super) fn clear(&mut self) {
        self.0.clear();
    }
}

/// One transaction's worth of placing.
pub(super) struct Placing<'a> {
    pub(super) write: Write<'a>,
    pub(super) community: &'a mut Community,
    keys: &'a DeviceKeys,
    pub(super) registry: &'a Registry,
    cache: &'a mut Cache,
    touched: BTreeMap<Reference, BTreeSet<Reference>>,
    /// Roster events were placed that the roster does not know yet.
    roster_changed: bool,
    /// Devices whose logs have to be judged again, though the roster did not change.
    again: BTreeSet<DeviceId>,
    /// Events whose judgement changed: what rests on them is to be asked about again.
    pub(super) changed: Vec<Reference>,
    /// Erasures were placed that are not obeyed yet.
    erasures_changed: bool,
    /// Logs for parts of which events have come to wait.
    awaited: BTreeSet<LogId>,
    news: BTreeSet<Update>,
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
            again: BTreeSet::new(),
            changed: Vec::new(),
            erasures_changed: false,
            awaited: BTreeSet::new(),
            news: BTreeSet::new(),
        })
    }

    /// Places the events of a run that were just appended, in their order.
    pub(super) fn place_run(&mut self, run: &VerifiedRun, appended: &[Pos]) -> Result<(), StoreError> {
        self.look_for_ends(run);
        let held_before = run.events().len().saturating_sub(appended.len());
        for (event, pos) in run.events().iter().skip(held_before).zip(appended) {
            let stored = Stored::appended(*run.header(), event, *pos);
            self.place_one(&stored)?;
            self.name_back(&stored)?;
            self.free()?;
        }
        let begins = run.events().first().is_some_and(|first| first.seq == 0);
        if begins { self.free_void(run.header()) } else { Ok(()) }
    }

    /// A log has come to be known: what waits for a part of it that can never count waits for nothing.
    fn free_void(&mut self, header: &LogHeader) -> Result<(), StoreError> {
        let bench = Bench::new(&self.write, self.community);
        let mut void = self.write.awaited(header.id())?;
        void.retain(|dep| bench.void(*dep));
        bench.done()?;
        self.changed.extend(void);
        self.free()
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

    /// Whether one of these events ends a log for somebody: until it came, all up to its place stood, whatever branch
    /// it was on, so that the log has to be judged again (R8).
    fn look_for_ends(&mut self, run: &VerifiedRun) {
        let (roster, device, log) = (&self.community.roster, run.header().device, run.header().id());
        let ends = |event: &Verified| roster.ends_at(device, log, CutHead { seq: event.seq, id: event.id });
        if roster.has_ends(device) && run.events().iter().any(ends) {
            self.again.insert(device);
        }
    }

    /// A log has too many branches: nothing of it counts until a cut says what does.
    pub(super) fn silence(&mut self, header: &LogHeader) {
        if self.community.crowd(header) {
            self.again.insert(header.device);
            self.news.insert(Update::Roster);
        }
    }

    /// Takes roster events and erasures into account that were placed since; whatever they change is judged again.
    pub(super) fn settle_roster(&mut self) -> Result<(), StoreError> {
        let (mut devices, again) = (self.again.clone(), std::mem::take(&mut self.again));
        let mut roster = std::mem::take(&mut self.roster_changed);
        if !std::mem::take(&mut self.erasures_changed) && !roster && devices.is_empty() {
            return Ok(());
        }
        let keys_before = self.community.keyring.held().clone();
        let (mut old_roster, mut crowded) = (None, BTreeSet::new());
        if roster {
            self.news.insert(Update::Roster);
            let unread = self.community.roster.unread().count();
            match self.community.refresh(&self.write, self.keys)? {
                Some(old) => {
                    devices.extend(affected(&old, &self.community.roster));
                    crowded.extend(roomier(&old, &self.community.roster));
                    old_roster = Some(old);
                }
                None => roster = false,
            }
            if unread != self.community.roster.unread().count() {
                self.news.insert(Update::Newer);
            }
        }
        // Erasures before the rest is judged: nothing erased is shown in between.
        let turned = self.community.refresh_erasures(&self.write)?;
        if roster || !devices.is_empty() {
            let old = old_roster.as_ref();
            self.judge_erasures(&devices, |device| old.filter(|_| !again.contains(&device)))?;
            self.reconsider(&devices, &crowded, &keys_before)?;
        }
        for erasure in &turned.erasures {
            if let Some(stored) = self.write.event(erasure.reference())? {
                self.judge(&stored, against_erasure(&self.write, self.community, &stored), None, 0)?;
            }
        }
        if turned.before.differ(&self.community.erasures) {
            self.news.insert(Update::Erased);
            self.reconsider_erased(&turned.before, &turned.erasures)?;
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
        let kept = matches!(reason, Held::Erased | Held::Missing | Held::Sealed).then_some(stored.aggregate).flatten();
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

    /// This device.
    pub(super) fn own(&self) -> DeviceId {
        self.keys.device()
    }

    /// The logs for parts of which events have come to wait.
    pub(super) fn take_awaited(&mut self) -> BTreeSet<LogId> {
        std::mem::take(&mut self.awaited)
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
                self.cache.0.put(aggregate, Warm { id, folded, shown: Some(Shown::default()) });
                self.touched.entry(aggregate).or_default().insert(aggregate);
                Ok(())
            }
        }
    }

    /// Adds a readable event to its aggregate and keeps what became of it and of others.
    fn add(&mut self, stored: &Stored, aggregate: Reference, filed: Filed) -> Result<(), StoreError> {
        let event = filed.reference;
        let Some(mut warm) = self.take(aggregate)? else {
            // Its creating event is about to fall.
            return self.hold(stored, Held::Parked, Some(aggregate));
        };
        let bench = Bench::new(&self.write, self.community);
        let mut placed = warm.folded.add(self.registry, filed, &bench).unwrap_or_default();
        if placed.is_empty() {
            placed = warm.folded.retry(self.registry, event, &bench);
        }
        if placed.is_empty() {
            placed.extend(warm.folded.placed(event).map(|known| (event, known.clone())));
        }
        bench.done()?;
        let id = warm.id;
        self.cache.0.put(aggregate, warm);
        self.keep(aggregate, id, placed, Some(stored))
    }

    /// The aggregate out of the cache, or folded from the store.
    fn take(&mut self, aggregate: Reference) -> Result<Option<Warm>, StoreError> {
        if let Some(warm) = self.cache.0.pop(&aggregate) {
            return Ok(Some(warm));
        }
        let Some((id, _)) = self.write.aggregate(aggregate)? else { return Ok(None) };
        let Some((folded, _)) = fold(&self.write, self.community, self.registry, aggregate, id)? else {
            return Ok(None);
        };
        // Read, not folded: an event that waits in the store may count in this fold already, because what it waits for
        // was appended a moment ago, and is not shown yet.
        let tables = self.registry.tables_of(folded.kind());
        let rows = self.write.numbered_rows(id, &tables)?;
        Ok(Some(Warm { id, folded, shown: Some(Shown { rows, search: None }) }))
    }

    /// An aggregate to decide on; `None` if there is none of this name.
    pub(super) fn look(&mut self, aggregate: Reference) -> Result<Option<&Folded>, StoreError> {
        let Some(mut warm) = self.take(aggregate)? else { return Ok(None) };
        warm.folded.settle(self.registry);
        self.cache.0.put(aggregate, warm);
        Ok(self.cache.0.peek(&aggregate).map(|warm| &warm.folded))
    }

    /// An aggregate that was looked at.
    pub(super) fn peek(&self, aggregate: Reference) -> Option<&Folded> {
        self.cache.0.peek(&aggregate).map(|warm| &warm.folded)
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
    fn keep(
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
            let waits = match placed {
                Placed::Counts(lamport) => {
                    self.judge(stored, None, Some(id), lamport)?;
                    self.touched.entry(aggregate).or_default().insert(event);
                    self.absent(aggregate, event)?
                }
                Placed::Held(reason) => {
                    self.judge(stored, Some(reason), Some(id), 0)?;
                    self.absent(aggregate, event)?
                }
                Placed::Parked(missing) => {
                    self.judge(stored, Some(Held::Parked), Some(id), 0)?;
                    missing
                }
            };
            if !waits.is_empty() {
                self.park(stored, &waits)?;
            }
        }
        Ok(())
    }

    /// What an event names that is not in storage and was not waited for, because it could never count. Should that
    /// change, the event waits for it.
    fn absent(&self, aggregate: Reference, event: Reference) -> Result<Vec<Reference>, StoreError> {
        let mut absent = Vec::new();
        let folded = self.cache.0.peek(&aggregate).map(|warm| &warm.folded);
        for dep in folded.map(|folded| folded.named_elsewhere(self.registry, event)).unwrap_or_default() {
            if !self.write.has(dep)? {
                absent.push(dep);
            }
        }
        Ok(absent)
    }

    /// Asks again about whatever rests on an event whose judgement changed, and about what rests on those. References
    /// are hashes, so what rests on what has no circles: each change is passed on once, and the walk ends.
    pub(super) fn free(&mut self) -> Result<(), StoreError> {
        if Rule::Free.is_left_out() {
            self.changed.clear();
        }
        while let Some(event) = self.changed.pop() {
            for pos in self.write.unpark(event)? {
                let Some(stored) = self.write.event_at(pos)? else { continue };
                // What was placed in spite of it takes note by itself when it turns up in the same aggregate.
                if stored.judged == Judged::Held(Held::Parked)
                    || (stored.judged != Judged::NotYet && stored.aggregate.is_none())
                {
                    self.place_one(&stored)?;
                }
            }
        }
        Ok(())
    }

    /// Asks again about aggregates, and about events: with the aggregate in whose fold they stand, or each for itself.
    pub(super) fn ask_again(
        &mut self,
        mut aggregates: BTreeSet<Reference>,
        events: BTreeSet<Pos>,
    ) -> Result<(), StoreError> {
        let mut alone = Vec::new();
        for pos in events {
            let Some(stored) = self.write.event_at(pos)?.filter(|stored| stored.judged != Judged::NotYet) else {
                continue;
            };
            let unread = matches!(stored.judged, Judged::Held(Held::Erased | Held::Missing | Held::Sealed));
            match stored.aggregate.filter(|_| !unread) {
                Some(id) => aggregates.extend(self.write.reference(Pos(id.0))?),
                None => alone.push(pos),
            }
        }
        self.fold_all_again(aggregates)?;
        for pos in alone {
            if let Some(stored) = self.write.event_at(pos)? {
                self.place_one(&stored)?;
            }
        }
        self.free()
    }

    /// Judges again whatever a changed roster or keyring may judge otherwise: the aggregates in which the devices
    /// concerned have written, what is held of these devices, what waits for something of theirs, what had no room of those
    /// that have more now, what was sealed under a key that is held now, and whatever is sealed under one that is held no
    /// longer.
    fn reconsider(
        &mut self,
        devices: &BTreeSet<DeviceId>,
        crowded: &BTreeSet<DeviceId>,
        keys_before: &BTreeSet<EpochId>,
    ) -> Result<(), StoreError> {
        let (mut aggregates, mut events) = (BTreeSet::new(), BTreeSet::new());
        for device in crowded.difference(devices) {
            for id in self.write.aggregates_holding(*device, Held::Crowded as u8)? {
                aggregates.extend(self.write.reference(Pos(id.0))?);
            }
        }
        for device in devices.iter().filter(|_| !Rule::JudgeAnew.is_left_out()) {
            for id in self.write.aggregates_of_device(*device)? {
                aggregates.extend(self.write.reference(Pos(id.0))?);
            }
            events.extend(self.write.held_of(*device)?);
            events.extend(self.write.waiting_for(*device)?);
        }
        let now = self.community.keyring.held().clone();
        for epoch in now.difference(keys_before) {
            events.extend(self.write.held_under(*epoch, Held::Sealed)?);
        }
        for pos in self.write.sealed_under(&keys_before.difference(&now).copied().collect())? {
            if let Some(stored) = self.write.event_at(pos)?.filter(|stored| stored.judged != Judged::NotYet) {
                aggregates.extend(self.judge_named(&stored)?);
            }
        }
        self.ask_again(aggregates, events)
    }

    pub(super) fn fold_all_again(&mut self, aggregates: BTreeSet<Reference>) -> Result<(), StoreError> {
        for aggregate in aggregates {
            if let Some((id, _)) = self.write.aggregate(aggregate)? {
                self.fold_again(aggregate, id)?;
            }
        }
        Ok(())
    }

    /// Folds an aggregate anew from the store, its creating event included.
    fn fold_again(&mut self, aggregate: Reference, id: AggregateId) -> Result<(), StoreError> {
        let before = self.cache.0.pop(&aggregate);
        match fold(&self.write, self.community, self.registry, aggregate, id)? {
            Some((folded, placed)) => {
                self.cache.0.put(aggregate, Warm { id, folded, shown: before.and_then(|warm| warm.shown) });
                self.touched.entry(aggregate).or_default();
                self.keep(aggregate, id, placed, None)
            }
            None => self.dissolve(aggregate, id),
        }
    }

    /// The creating event counts no longer: the aggregate goes, its events are held.
    fn dissolve(&mut self, aggregate: Reference, id: AggregateId) -> Result<(), StoreError> {
        self.write.put_rows(id, Vec::new())?;
        self.write.set_search(id, None)?;
        self.touched.remove(&aggregate);
        let mut events = self.write.events_of(id)?;
        for stored in &mut events {
            self.write.judge(stored.pos, Judgement { judged: stored.judged, aggregate: None, lamport: 0 })?;
            // They belong nowhere now: what is judged next must not name what is gone.
            stored.aggregate = None;
        }
        if let Some((_, name)) = self.write.aggregate(aggregate)?
            && let Some((kind, _)) = self.registry.kinds().find(|(kind, _)| *kind == name)
        {
            self.news.insert(Update::Changed { kind, aggregate, events: Vec::new() });
        }
        self.write.remove_aggregate(id)?;
        // The creating one first: the others share its fate.
        events.sort_by_key(|stored| stored.reference() != aggregate);
        events.iter().try_for_each(|stored| self.place_one(stored))
    }

    /// Writes a judgement down, if it is another than before.
    pub(super) fn judge(
        &mut self,
        stored: &Stored,
        reason: Option<Held>,
        aggregate: Option<AggregateId>,
        lamport: u64,
    ) -> Result<(), StoreError> {
        let judged = Judged::from(reason);
        if stored.judged.reason().is_some() {
            self.write.park(stored.pos, &[])?;
        }
        if stored.judged != judged {
            self.changed.push(stored.reference());
            if [stored.judged, judged].contains(&Judged::Held(Held::Newer)) {
                self.news.insert(Update::Newer);
            }
        }
        if (stored.judged, stored.aggregate, stored.lamport) == (judged, aggregate, lamport) {
            return Ok(());
        }
        self.write.judge(stored.pos, Judgement { judged, aggregate, lamport })
    }

    /// Brings the read model up to date and commits. What the screen should know comes back.
    pub(super) fn commit(mut self) -> Result<Vec<Update>, StoreError> {
        self.settle_roster()?;
        let mut news: Vec<Update> = std::mem::take(&mut self.news).into_iter().collect();
        for (aggregate, events) in std::mem::take(&mut self.touched) {
            news.extend(self.show(aggregate, events)?);
        }
        self.write.commit()?;
        Ok(news)
    }

    fn show(&mut self, aggregate: Reference, events: BTreeSet<Reference>) -> Result<Vec<Update>, StoreError> {
        let Some(mut warm) = self.take(aggregate)? else { return Ok(Vec::new()) };
        warm.folded.settle(self.registry);
        let rows = warm.folded.rows();
        let rows = match &warm.shown {
            Some(shown) => self.write.replace_rows(warm.id, &shown.rows, rows)?,
            None => self.write.put_rows(warm.id, rows)?,
        };
        let now = Shown { rows, search: warm.folded.search() };
        let before = warm.shown.replace(Shown::default()).unwrap_or_default();
        if before.search != now.search {
            self.write.set_search(warm.id, now.search.as_deref())?;
        }
        let kind = warm.folded.kind();
        let of_review = before.rows.rows.iter().filter(|row| row.table == REVIEW.name);
        let known: BTreeSet<&[Cell]> = of_review.map(|row| row.cells.as_slice()).collect();
        let is_new = |row: &&Row| row.table == REVIEW.name && !known.contains(row.cells.as_slice());
        let codes = now.rows.rows.iter().filter(is_new).filter_map(|row| row.cells.first()?.text());
        let reviews = codes.map(|code| Update::Review { kind, aggregate, code: code.to_owned() });
        let changed = Update::Changed { kind, aggregate, events: events.into_iter().collect() };
        let news = std::iter::once(changed).chain(reviews).collect();
        warm.shown = Some(now);
        self.cache.0.put(aggregate, warm);
        Ok(news)
    }
}
