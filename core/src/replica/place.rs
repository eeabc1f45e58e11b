//! Placing: what becomes of each event that enters the log, and what it does to aggregates and screens.
//!
//! Runs inside the transaction that appends. Whatever goes wrong, the transaction is rolled back and what was
//! folded meanwhile is forgotten, so nothing is ever half applied.

use std::collections::{BTreeMap, BTreeSet};

use super::{community::Community, judge::Bench, update::Update};
use crate::{
    aggregate::{Filed, Folded, Held, Placed, REVIEW, Registry, Row},
    event::{Content, LogHeader, Topic, Verified, VerifiedRun, open},
    id::{DeviceId, EventId, Reference, ShortId},
    keep::{Branches, read_erasure},
    key::DeviceKeys,
    roster::{About, CutHead, Erased, ErasedSpan, Erasures, Naming, ReadError, Standing, affected},
    store::{AggregateId, Judgement, Pos, Store, StoreError, Stored, UNJUDGED, View, Write},
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
    rows: Vec<Row>,
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
    registry: &'a Registry,
    cache: &'a mut Cache,
    touched: BTreeMap<Reference, BTreeSet<Reference>>,
    /// Roster events were placed that the roster does not know yet.
    roster_changed: bool,
    /// Devices whose logs have to be judged again, though the roster did not change.
    again: BTreeSet<DeviceId>,
    /// Erasures were placed that are not obeyed yet.
    erasures_changed: bool,
    news: BTreeSet<Update>,
}

/// Opens a stored body and files it, or says why it is held. Whatever belongs to an erased aggregate is erased, named
/// by the erasure or not (R5).
pub(super) fn file(view: &View, stored: &Stored, community: &Community) -> Result<Result<Filed, Held>, StoreError> {
    let named = community.is_named(view, stored)?;
    if named || matches!(stored.content, Content::Erased(_)) {
        return Ok(Err(if named { Held::Erased } else { Held::Missing }));
    }
    Ok(opened(stored, community).and_then(|filed| {
        let aggregate = filed.body.aggregate.unwrap_or(filed.reference);
        if community.erasures.is_erased(aggregate) { Err(Held::Erased) } else { Ok(filed) }
    }))
}

/// Opens a stored body and files it, erased or not.
pub(super) fn opened(stored: &Stored, community: &Community) -> Result<Filed, Held> {
    let Content::Here(bytes) = &stored.content else { return Err(Held::Missing) };
    let topic = community.topic(stored.log.topic).ok_or(Held::Malformed)?;
    let key = match topic.compartment() {
        Some(compartment) => Some(community.key(compartment, stored.epoch).ok_or(Held::Sealed)?),
        None => None,
    };
    let body = open(&stored.header(), bytes, key).map_err(|_| Held::Malformed)?;
    Ok(Filed { reference: stored.reference(), id: stored.id, log: stored.log, body })
}

/// An aggregate folded from the store, with what became of each of its events but the creating one.
type FoldedFrom = (Folded, Vec<(Reference, Placed)>);

/// Folds an aggregate as it stands in the store; `None` if its creating event does not count.
pub(super) fn fold(
    view: &View,
    community: &Community,
    registry: &Registry,
    aggregate: Reference,
    id: AggregateId,
) -> Result<Option<FoldedFrom>, StoreError> {
    let stored = view.events_of(id)?;
    let mut filed = Vec::with_capacity(stored.len());
    for event in &stored {
        filed.extend(file(view, event, community)?.ok());
    }
    let bench = Bench::new(view, community);
    let folded = Folded::load(registry, aggregate, filed, &bench);
    bench.done()?;
    Ok(folded.ok().map(|(mut folded, placed)| {
        folded.settle(registry);
        (folded, placed)
    }))
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
            erasures_changed: false,
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
            self.free(stored.reference())?;
        }
        let begins = run.events().first().is_some_and(|first| first.seq == 0);
        if begins { self.free_void(run.header()) } else { Ok(()) }
    }

    /// A log has come to be known: what waits for a part of it that can never count waits for nothing.
    fn free_void(&mut self, header: &LogHeader) -> Result<(), StoreError> {
        let log = header.id();
        for seq in self.write.awaited(log)? {
            if self.community.against(header, seq, EventId::ZERO, &self.write).is_some() {
                self.free(Reference { log, seq, check: ShortId::ZERO })?;
            }
        }
        Ok(())
    }

    /// Places stored events, in their order.
    pub(super) fn place(&mut self, events: &[Pos]) -> Result<(), StoreError> {
        for pos in events {
            let Some(stored) = self.write.event_at(*pos)? else { continue };
            self.place_one(&stored)?;
            self.free(stored.reference())?;
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
        let mut devices = std::mem::take(&mut self.again);
        let roster = std::mem::take(&mut self.roster_changed);
        if !std::mem::take(&mut self.erasures_changed) && !roster && devices.is_empty() {
            return Ok(());
        }
        if roster {
            self.news.insert(Update::Roster);
            let old = self.community.refresh(&self.write, self.keys)?;
            devices.extend(affected(&old, &self.community.roster));
        }
        // Erasures before the rest is judged: nothing erased is shown in between.
        let before = self.community.refresh_erasures(&self.write)?;
        if roster || !devices.is_empty() {
            self.judge_erasures()?;
            self.reconsider(&devices)?;
        }
        if before != self.community.erasures {
            self.news.insert(Update::Erased);
            self.reconsider_erased(&before)?;
        }
        Ok(())
    }

    fn place_one(&mut self, stored: &Stored) -> Result<(), StoreError> {
        match self.community.topic(stored.log.topic) {
            Some(Topic::Roster) => {
                self.roster_changed = true;
                return self.judge(stored.pos, None, None, 0);
            }
            Some(Topic::Erasure) => {
                self.erasures_changed = true;
                return self.judge(stored.pos, self.against_erasure(stored), None, 0);
            }
            None => return self.judge(stored.pos, Some(Held::Newer), None, 0),
            Some(Topic::Urgent | Topic::Common | Topic::Care) => {}
        }
        if let Some(reason) = self.community.against(&stored.log, stored.seq, stored.id, &self.write) {
            return self.judge(stored.pos, Some(reason), stored.aggregate, 0);
        }
        match file(&self.write, stored, self.community)? {
            Ok(filed) => self.place_filed(stored, filed),
            Err(reason) => {
                self.judge(stored.pos, Some(reason), stored.aggregate, 0)?;
                self.name_back(stored)
            }
        }
    }

    /// The end of a span has come: what stands before it in that chain is known to be named now.
    fn name_back(&mut self, end: &Stored) -> Result<(), StoreError> {
        let erasures = self.community.erasures.clone();
        if erasures.is_empty() {
            return Ok(());
        }
        let log = end.log.id();
        let ends = |naming: &&Naming| naming.span.last == end.seq && naming.span.first < end.seq;
        for naming in erasures.at(log, end.seq).filter(ends) {
            for stored in self.write.events_between(log, naming.span.first, end.seq.saturating_sub(1))? {
                if stored.held != Held::Erased as u8 && stored.held != UNJUDGED {
                    self.judge_named(&stored)?;
                }
            }
        }
        Ok(())
    }

    fn place_filed(&mut self, stored: &Stored, filed: Filed) -> Result<(), StoreError> {
        let topic = self.community.topic(stored.log.topic);
        let spec = self.registry.kind(filed.body.kind);
        if spec.is_some_and(|spec| spec.creates) {
            return self.create(stored, filed, topic);
        }
        let Some(aggregate) = filed.body.aggregate else {
            let reason = if spec.is_none() { Held::Newer } else { Held::Malformed };
            return self.judge(stored.pos, Some(reason), None, 0);
        };
        if let Some(warm) = self.cache.0.peek(&aggregate) {
            // What is warm counts, and lives in the topic of its type.
            return if self.registry.topic(warm.folded.kind()) == topic {
                self.add(stored, aggregate, filed)
            } else {
                self.judge(stored.pos, Some(Held::Malformed), None, 0)
            };
        }
        // While all is judged anew, what was stored later has no judgement yet.
        let judged = self.write.event(aggregate)?.filter(|creating| creating.held != UNJUDGED);
        let Some(creating) = judged else {
            self.write.park(stored.pos, &[(aggregate.log, aggregate.seq)])?;
            return self.judge(stored.pos, Some(Held::Parked), None, 0);
        };
        if creating.held != 0 {
            // What rests on an event that does not count shares its fate.
            return self.judge(stored.pos, Held::from_code(creating.held), None, 0);
        }
        if self.write.aggregate(aggregate)?.is_none() {
            return self.judge(stored.pos, Some(Held::Malformed), None, 0);
        }
        if creating.log.topic != stored.log.topic {
            return self.judge(stored.pos, Some(Held::Malformed), None, 0);
        }
        self.add(stored, aggregate, filed)
    }

    fn create(&mut self, stored: &Stored, filed: Filed, topic: Option<Topic>) -> Result<(), StoreError> {
        let owner = self.registry.owner(filed.body.kind).unwrap_or_default();
        let aggregate = filed.reference;
        let folded = if self.registry.topic(owner) == topic {
            let bench = Bench::new(&self.write, self.community);
            let folded = Folded::create(self.registry, filed, &bench);
            bench.done()?;
            folded
        } else {
            Err(Held::Malformed)
        };
        match folded {
            Err(reason) => self.judge(stored.pos, Some(reason), None, 0),
            Ok(folded) => {
                let id = self.write.create_aggregate(aggregate, folded.kind(), stored.pos)?;
                self.judge(stored.pos, None, Some(id), 1)?;
                self.cache.0.put(aggregate, Warm { id, folded, shown: Some(Shown::default()) });
                self.touched.entry(aggregate).or_default().insert(aggregate);
                Ok(())
            }
        }
    }

    /// Adds a readable event to its aggregate and keeps what became of it and of others.
    fn add(&mut self, stored: &Stored, aggregate: Reference, filed: Filed) -> Result<(), StoreError> {
        let event = filed.reference;
        let Some(mut warm) = self.take(aggregate)? else { return Ok(()) };
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
        let rows = self.write.rows_in(id, &tables)?.into_values().flatten().collect();
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
        Ok(self.community.roster.standing(&log, next, EventId::ZERO, about, &Branches(&self.write)))
    }

    /// Why an event of an aggregate is held, if it is.
    pub(super) fn held(&self, event: Reference, aggregate: Reference) -> Result<Option<Held>, StoreError> {
        if self.peek(aggregate).is_some_and(|folded| folded.lamport(event).is_some()) {
            return Ok(None);
        }
        Ok(self.write.event(event)?.and_then(|stored| Held::from_code(stored.held)))
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
            let (pos, held) = match at_hand.filter(|stored| stored.reference() == event) {
                Some(stored) => (stored.pos, stored.held),
                None => match self.write.event(event)? {
                    Some(stored) => (stored.pos, stored.held),
                    None => continue,
                },
            };
            if held == Held::Parked as u8 {
                self.write.park(pos, &[])?;
            }
            match placed {
                Placed::Counts(lamport) => {
                    self.judge(pos, None, Some(id), lamport)?;
                    self.touched.entry(aggregate).or_default().insert(event);
                }
                Placed::Held(reason) => self.judge(pos, Some(reason), Some(id), 0)?,
                Placed::Parked(missing) => {
                    let places: Vec<_> = missing.iter().map(|dep| (dep.log, dep.seq)).collect();
                    self.write.park(pos, &places)?;
                    self.judge(pos, Some(Held::Parked), Some(id), 0)?;
                }
            }
        }
        Ok(())
    }

    /// Looks again at what waited for an event, and at what waited for those.
    fn free(&mut self, event: Reference) -> Result<(), StoreError> {
        let mut open = vec![event];
        while let Some(event) = open.pop() {
            for pos in self.write.unpark(event.log, event.seq)? {
                let Some(stored) = self.write.event_at(pos)? else { continue };
                if stored.held == Held::Parked as u8 {
                    self.place_one(&stored)?;
                    open.push(stored.reference());
                }
            }
        }
        Ok(())
    }

    /// Judges again whatever a changed roster or keyring may judge otherwise: held events, and the aggregates in
    /// which the devices concerned have written.
    fn reconsider(&mut self, devices: &BTreeSet<DeviceId>) -> Result<(), StoreError> {
        for device in devices {
            for id in self.write.aggregates_of_device(*device)? {
                if let Some(aggregate) = self.write.reference(Pos(id.0))? {
                    self.fold_again(aggregate, id)?;
                }
            }
        }
        // An aggregate that comes to count may free events that share its fate; each pass frees some or is the last.
        while self.reconsider_held(false)? {}
        Ok(())
    }

    /// Places held events again; whether any judgement changed. Those that are erased or missing only if `erased`.
    fn reconsider_held(&mut self, erased: bool) -> Result<bool, StoreError> {
        let (mut after, mut any) = (Pos::default(), false);
        loop {
            let page = self.write.held(None, after, 512)?;
            let Some(last) = page.last() else { return Ok(any) };
            after = last.pos;
            for stored in page.iter().filter(|stored| erased || may_change(stored.held)) {
                self.place_one(stored)?;
                let now = self.write.event_at(stored.pos)?.map(|stored| stored.held);
                if now != Some(stored.held) {
                    any = true;
                    self.free(stored.reference())?;
                }
            }
        }
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
        self.write.put_rows(id, &[])?;
        self.write.set_search(id, None)?;
        self.touched.remove(&aggregate);
        let mut events = self.write.events_of(id)?;
        for stored in &mut events {
            self.judge(stored.pos, Some(Held::Parked), None, 0)?;
            // They belong nowhere now: what is judged next must not name what is gone.
            stored.aggregate = None;
        }
        if let Some((_, name)) = self.write.aggregate(aggregate)?
            && let Some((kind, _)) = self.registry.kinds().find(|(kind, _)| *kind == name)
        {
            self.news.insert(Update::Changed { kind, aggregate, events: Vec::new() });
        }
        self.write.remove_aggregate(id)?;
        events.iter().try_for_each(|stored| self.place_one(stored))
    }

    fn judge(
        &mut self,
        pos: Pos,
        reason: Option<Held>,
        aggregate: Option<AggregateId>,
        lamport: u64,
    ) -> Result<(), StoreError> {
        self.write.judge(pos, Judgement { held: reason.map_or(0, |reason| reason as u8), aggregate, lamport })
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
        let now = Shown { rows: warm.folded.rows(), search: warm.folded.search() };
        match &warm.shown {
            Some(shown) => self.write.replace_rows(warm.id, &shown.rows, &now.rows)?,
            None => self.write.put_rows(warm.id, &now.rows)?,
        }
        let before = warm.shown.replace(Shown::default()).unwrap_or_default();
        if before.search != now.search {
            self.write.set_search(warm.id, now.search.as_deref())?;
        }
        let kind = warm.folded.kind();
        let is_new = |row: &&Row| row.table == REVIEW.name && !before.rows.contains(row);
        let codes = now.rows.iter().filter(is_new).filter_map(|row| row.cells.first()?.text());
        let reviews = codes.map(|code| Update::Review { kind, aggregate, code: code.to_owned() });
        let changed = Update::Changed { kind, aggregate, events: events.into_iter().collect() };
        let news = std::iter::once(changed).chain(reviews).collect();
        warm.shown = Some(now);
        self.cache.0.put(aggregate, warm);
        Ok(news)
    }
}

/// What erasures do (R5).
impl Placing<'_> {
    /// Why an erasure does not count.
    fn against_erasure(&self, stored: &Stored) -> Option<Held> {
        let chains = Branches(&self.write);
        let roster = &self.community.roster;
        let verdict = self.community.against(&stored.log, stored.seq, stored.id, &self.write);
        let standing = roster.standing(&stored.log, stored.seq, stored.id, &About::default(), &chains);
        let read = || match read_erasure(stored) {
            Ok(_) if standing.may(Erased::NEED) => None,
            Ok(_) => Some(Held::Unentitled),
            Err(ReadError::Kind { .. } | ReadError::Version { .. }) => Some(Held::Newer),
            Err(ReadError::Malformed(_)) => Some(Held::Malformed),
        };
        verdict.or_else(read)
    }

    /// Judges every erasure again: after the roster changed.
    fn judge_erasures(&mut self) -> Result<(), StoreError> {
        let (tag, mut after) = (self.community.tag(Topic::Erasure), Pos::default());
        loop {
            let page = self.write.events_of_topic(tag, after, 512)?;
            let Some(last) = page.last() else { return Ok(()) };
            after = last.pos;
            for stored in &page {
                self.judge(stored.pos, self.against_erasure(stored), None, 0)?;
            }
        }
    }

    /// Judges again whatever is erased now and was not, or the reverse.
    fn reconsider_erased(&mut self, before: &Erasures) -> Result<(), StoreError> {
        let now = self.community.erasures.clone();
        let mut again: BTreeSet<Reference> = before.creating().symmetric_difference(now.creating()).copied().collect();
        let brought_back = before.creating().difference(now.creating()).next().is_some();
        let named = |erasures: &Erasures| -> BTreeSet<Naming> { erasures.namings().copied().collect() };
        for naming in named(before).symmetric_difference(&named(&now)) {
            let ErasedSpan { log, first, last, .. } = naming.span;
            for stored in self.write.events_between(log, first, last)? {
                again.extend(self.judge_named(&stored)?);
            }
        }
        for aggregate in again {
            if let Some((id, _)) = self.write.aggregate(aggregate)? {
                self.fold_again(aggregate, id)?;
            }
        }
        while self.reconsider_held(brought_back)? {}
        Ok(())
    }

    /// Judges one event again whose naming changed; the aggregate that is to be folded again for it.
    fn judge_named(&mut self, stored: &Stored) -> Result<Option<Reference>, StoreError> {
        let topic = self.community.topic(stored.log.topic).and_then(Topic::compartment);
        if topic.is_none() {
            return Ok(None); // neither members nor erasures are ever erased
        }
        let Some(id) = stored.aggregate else {
            self.place_one(stored)?;
            self.free(stored.reference())?;
            return Ok(None);
        };
        if let Err(reason) = file(&self.write, stored, self.community)? {
            self.judge(stored.pos, Some(reason), Some(id), 0)?;
        }
        self.write.reference(Pos(id.0))
    }

    /// What of a run is erased and was forgotten here already is not written to the disk again; a body that is missing
    /// and is wanted comes back.
    pub(super) fn forgetting(&self, run: &mut VerifiedRun) -> Result<(), StoreError> {
        self.community.strip(&self.write, run)
    }

    /// Puts bodies back that were missing under an erasure which counts no longer.
    pub(super) fn refill(&mut self, run: &VerifiedRun, stored: usize) -> Result<(), StoreError> {
        if self.community.erasures.is_empty() {
            return Ok(());
        }
        let log = run.header().id();
        let known = run.events().len().saturating_sub(stored);
        for event in run.events().iter().take(known) {
            let Content::Here(body) = &event.content else { continue };
            let reference = Reference { log, seq: event.seq, check: event.id.short() };
            let Some(held) = self.write.event(reference)?.filter(|held| held.held == Held::Missing as u8) else {
                continue;
            };
            if matches!(held.content, Content::Erased(_)) && self.write.refill(held.pos, body)? {
                self.place(&[held.pos])?;
                while self.reconsider_held(true)? {}
            }
        }
        Ok(())
    }
}

/// Whether a changed roster or keyring can change this judgement.
fn may_change(held: u8) -> bool {
    !matches!(Held::from_code(held), Some(Held::Erased | Held::Missing))
}
