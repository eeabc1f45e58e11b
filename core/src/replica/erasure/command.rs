//! Erasing as a command: all events of whole aggregates are named, durable before anything is gone (R6).

use std::collections::{BTreeMap, BTreeSet};

use super::share::{Cut, NAME, Shares, weight};
use crate::{
    aggregate::Registry,
    event::{Body, EventError, Topic, VerifiedRun},
    id::{CommandId, DeviceId, LogId, Reference, ShortId},
    limits,
    replica::{
        Engine, QueryError, Replica,
        command::{AppendError, Scribe},
        fate::{is_outside, opened},
        place::Placing,
        query::card,
        update::News,
    },
    roster::{About, Erased, ErasedAggregate, ErasedSpan, Gaps, Need, Sealed},
    store::{BranchKey, Pos, StoreError, Stored, View, Waits},
    time::WallMs,
};

/// About how many bytes of a payload names may take.
const NAMES: usize = 20_000;
/// For whom something is erased.
#[derive(Clone, Copy)]
pub(super) enum For<'a> {
    /// For a person, whose command has this id.
    Person(CommandId),
    /// By itself: what of it fits into the shares of its authors.
    Closed,
    /// By itself, and it is erased already: what of these events is not named yet, as far as it fits.
    Late(&'a BTreeMap<Pos, DeviceId>),
}

/// What an erasure wrote, and what of it did not fit.
#[derive(Default)]
pub(super) struct Wrote {
    pub(super) events: Vec<Reference>,
    pub(super) cut: Cut,
    /// How many events it named.
    pub(super) named: u64,
}

/// Why nothing was erased.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EraseError {
    /// Only coordinators erase.
    #[error("erasing needs: {}", need.names().collect::<Vec<_>>().join(" or "))]
    NotEntitled {
        /// Any of these rights would do.
        need: Need,
    },
    /// No such aggregate is known here, or it does not count.
    #[error("there is nothing of the name {0} here")]
    Unknown(Reference),
    /// It holds nothing about a person, and others rest on it; a box is first closed and carried over.
    #[error("a {kind} is kept: {aggregate}")]
    Kept {
        /// The aggregate's type.
        kind: String,
        /// The aggregate that was to be erased.
        aggregate: Reference,
    },
    /// The command id was used before, for something else.
    #[error("this command id was used for another command")]
    Reused,
    /// Not a member yet, or withdrawn.
    #[error("this device is not a member, or was withdrawn")]
    NotAMember,
    /// Something passes a limit.
    #[error(transparent)]
    Limit(#[from] EventError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl EraseError {
    pub(super) fn from_query(error: QueryError) -> Self {
        match error {
            QueryError::Store(error) => error.into(),
            _ => Self::NotAMember,
        }
    }
}

impl From<AppendError> for EraseError {
    fn from(error: AppendError) -> Self {
        match error {
            AppendError::NoKey => Self::NotAMember,
            AppendError::Limit(error) => error.into(),
            AppendError::Store(error) => error.into(),
        }
    }
}

/// What an erasure leaves: its runs for peers, the news for screens, what was written.
type Done = Result<(Vec<(Topic, VerifiedRun)>, News, Wrote), EraseError>;

impl Replica {
    /// Erases whole aggregates: they are absent from every screen at once, here and on every phone that hears of it,
    /// and their bytes go after 72 hours. Coordinators only. The same `id` again writes nothing. Gives the erasing
    /// events.
    ///
    /// # Errors
    /// Why nothing was erased.
    pub fn erase(&self, id: CommandId, aggregates: &[Reference]) -> Result<Vec<Reference>, EraseError> {
        Ok(self.write_erasure(For::Person(id), aggregates)?.events)
    }

    /// Numbers kept of what was erased, by type, kind and outcome, such as `order.medicine.delivered`: as far as
    /// their keys are held here. What several erased apart counts once, as the first of these erasures in the order of their
    /// names says.
    pub fn erased_totals(&self) -> BTreeMap<String, u64> {
        let Some(community) = self.snapshot() else { return BTreeMap::new() };
        let (mut all, mut told) = (BTreeMap::<String, u64>::new(), BTreeSet::new());
        let counted = community.erasures.counted();
        for fact in counted.iter().filter_map(|erasure| community.erased().find(*erasure)) {
            let Some(totals) = fact.erased.totals.as_ref() else { continue };
            let text =
                community.keyring.label_key(totals.epoch).and_then(|key| totals.open_totals(key, fact.log.device).ok());
            let kept = text.and_then(|text| serde_json::from_str::<Totals>(&text).ok());
            for (what, places) in kept.unwrap_or_default() {
                let of = places.into_iter().filter_map(|place| fact.erased.aggregates.get(usize::from(place)));
                let new = of.filter(|aggregate| told.insert(aggregate.creating)).count() as u64;
                if new > 0 {
                    let sum = all.entry(what).or_default();
                    *sum = sum.saturating_add(new);
                }
            }
        }
        all
    }

    /// Writes erasures of aggregates, all events of each that are held here.
    pub(super) fn write_erasure(&self, whom: For<'_>, aggregates: &[Reference]) -> Result<Wrote, EraseError> {
        let now = self.inner.clock.wall();
        let wanted: BTreeSet<Reference> = aggregates.iter().copied().collect();
        let (runs, news, wrote) = self.with_engine(|engine| {
            let digest = digest(&wanted);
            if let For::Person(id) = whom
                && let Some((known, result)) = engine.store.command(id)?
            {
                if known != digest {
                    return Err(EraseError::Reused);
                }
                let damaged = |_| StoreError::Damaged { detail: "a kept command result".to_owned() };
                let events = serde_json::from_str(&result).map_err(damaged)?;
                return Ok((Vec::new(), News::default(), Wrote { events, ..Wrote::default() }));
            }
            engine.leave_fork(Topic::Erasure)?;
            let done = engine.erase(self, whom, digest, &wanted, now);
            if done.is_err() {
                engine.forget()?;
            }
            self.publish(engine);
            done
        })?;
        self.begin_terms()?;
        self.announce(runs, news);
        self.finish_idly();
        Ok(wrote)
    }
}

fn digest(wanted: &BTreeSet<Reference>) -> [u8; 32] {
    let bytes: Vec<u8> = wanted.iter().flat_map(|aggregate| aggregate.to_bytes()).collect();
    blake3::derive_key("linli 2026 erasure command digest v1", &bytes)
}

impl Engine {
    fn erase(
        &mut self,
        replica: &Replica,
        whom: For<'_>,
        digest: [u8; 32],
        wanted: &BTreeSet<Reference>,
        now: WallMs,
    ) -> Done {
        let registry = &replica.inner.registry;
        let community = self.community.as_mut().ok_or(EraseError::NotAMember)?;
        let me = community.me;
        if community.roster.device(me).is_none_or(|device| device.withdrawn) {
            return Err(EraseError::NotAMember);
        }
        let mut placing = Placing::begin(&mut self.store, community, &self.keys, registry, &mut self.cache)?;
        if !placing.own_standing(Topic::Erasure, &About::default())?.may(Erased::NEED) {
            return Err(EraseError::NotEntitled { need: Erased::NEED });
        }
        if !matches!(whom, For::Late(_)) {
            wanted.iter().try_for_each(|aggregate| may_go(&placing, registry, *aggregate))?;
        }
        let (named, cut) = chosen(&placing, whom, wanted)?;
        let mut wrote = Wrote { cut, named: places(&named), ..Wrote::default() };
        if named.is_empty() {
            return Ok((Vec::new(), News::default(), wrote));
        }
        let wanted: BTreeSet<Reference> = named.keys().copied().collect();
        let is_new = !matches!(whom, For::Late(_));
        let mut counted = if is_new { counted_as(&placing, registry, &wanted)? } else { BTreeMap::new() };
        let key = placing.community.writing_key(Topic::Common).ok().flatten();
        let (mut named, mut parts) = (in_parts(named), Vec::new());
        while !named.is_empty() {
            let rest = named.split_off(fitting(&named));
            let aggregates = std::mem::replace(&mut named, rest);
            let totals = totals(&aggregates, &mut counted);
            let text = serde_json::to_string(&totals).unwrap_or_default();
            let key = key.filter(|_| !totals.is_empty() && text.len() < limits::FIELD - 64);
            let totals = key.map(|key| Sealed::seal_totals(&mut self.dice, key, me, &text));
            parts.push(Erased { aggregates, totals });
        }
        let (placing_ref, keys, dice) = (&mut placing, &self.keys, &mut self.dice);
        let mut scribe = Scribe { placing: placing_ref, keys, dice, now, runs: Vec::new(), written: Vec::new() };
        for erased in parts {
            scribe.append(Topic::Erasure, &body(&erased, now))?;
        }
        let Scribe { runs, written: events, .. } = scribe;
        placing.settle_roster()?;
        let (erasures, room) = (&placing.community.erasures, placing.community.roster.erasure_room(me));
        let crowded = events.iter().any(|event| erasures.is_crowded(*event));
        if crowded || erasures.used(me) >= room {
            return Err(EventError::Crowded.into());
        }
        if let For::Person(id) = whom {
            let result = serde_json::to_string(&events).unwrap_or_default();
            placing.write.remember_command(id, &digest, &result)?;
        }
        let news = placing.commit()?;
        wrote.events = events;
        Ok((runs, news, wrote))
    }
}

fn body(erased: &Erased, now: WallMs) -> Body {
    Body {
        aggregate: None,
        deps: Vec::new(),
        wall: now,
        kind: Erased::KIND,
        version: Erased::VERSION,
        payload: erased.encode(),
        edits: Vec::new(),
        salt: None,
    }
}

/// How many of the aggregates fit into one event; at least one.
fn fitting(named: &[ErasedAggregate]) -> usize {
    let (mut bytes, mut count) = (0, 0);
    let fits = |aggregate: &&ErasedAggregate| {
        let (more, spans) = aggregate.spans.iter().map(size).fold((NAME, 0), |all, of| (all.0 + of.0, all.1 + of.1));
        (bytes, count) = (bytes + more, count + spans);
        bytes <= NAMES && count <= limits::ERASED_SPANS
    };
    named.iter().take_while(fits).count().max(1)
}

/// About how many bytes a span takes, and for how many spans it counts with its gaps.
fn size(span: &ErasedSpan) -> (usize, usize) {
    let gaps = span.gaps.as_ref().and_then(|gaps| gaps.count(span.first, span.last));
    (usize::try_from(weight(span)).unwrap_or(usize::MAX), gaps.unwrap_or(0).saturating_add(1))
}

/// Aggregates in parts, each of which fits into an event.
fn in_parts(named: BTreeMap<Reference, Vec<ErasedSpan>>) -> Vec<ErasedAggregate> {
    let mut parts = Vec::new();
    for (creating, spans) in named {
        let (mut part, mut bytes, mut count) = (Vec::new(), NAME, 0);
        for span in spans {
            let (more, spans) = size(&span);
            if bytes + more > NAMES || count + spans > limits::ERASED_SPANS {
                parts.push(ErasedAggregate { creating, spans: std::mem::take(&mut part) });
                (bytes, count) = (NAME, 0);
            }
            (bytes, count) = (bytes + more, count + spans);
            part.push(span);
        }
        parts.push(ErasedAggregate { creating, spans: part });
    }
    parts
}

/// How many places are named.
fn places(named: &BTreeMap<Reference, Vec<ErasedSpan>>) -> u64 {
    let runs = named.values().flatten().flat_map(|span| span.stretch().runs());
    runs.map(|(first, last)| (last - first).saturating_add(1)).fold(0, u64::saturating_add)
}

/// What is to be named of aggregates, and what does not fit.
fn chosen(
    placing: &Placing<'_>,
    whom: For<'_>,
    wanted: &BTreeSet<Reference>,
) -> Result<(BTreeMap<Reference, Vec<ErasedSpan>>, Cut), StoreError> {
    let events = match whom {
        For::Late(late) => late_of(placing, wanted, late)?,
        _ => all_of(placing, wanted)?,
    };
    let (mut named, mut cut) = (names(placing, events)?, Cut::default());
    let view: &View = &placing.write;
    let shares = || Shares::of(view, placing.community);
    match whom {
        For::Person(_) => {}
        For::Closed => cut.of_orders(view, &mut shares()?, &mut named)?,
        For::Late(_) => cut.of_late(view, &mut shares()?, &mut named)?,
    }
    Ok((named, cut))
}

/// Whether an aggregate may be erased: what the community rests on is not, an open box neither.
fn may_go(placing: &Placing<'_>, registry: &Registry, aggregate: Reference) -> Result<(), EraseError> {
    let (_, kind) = placing.write.aggregate(aggregate)?.ok_or(EraseError::Unknown(aggregate))?;
    let card = card(&placing.write, registry, aggregate, &kind)?;
    if registry.erasable(&kind, card.as_ref()) { Ok(()) } else { Err(EraseError::Kept { kind, aggregate }) }
}

/// Those that rest on a creating event which are read in one go.
const PAGE: usize = 128;

/// Events of aggregates, by the position of each.
type OfEach = BTreeMap<Reference, BTreeMap<Pos, Stored>>;

/// All events of aggregates that are held here, those that do not count too: what belongs nowhere rests on the creating event.
fn all_of(placing: &Placing<'_>, wanted: &BTreeSet<Reference>) -> Result<OfEach, StoreError> {
    let mut events = OfEach::new();
    for aggregate in wanted {
        let of = events.entry(*aggregate).or_default();
        of.extend(placing.write.event(*aggregate)?.map(|stored| (stored.pos, stored)));
        if let Some((id, _)) = placing.write.aggregate(*aggregate)? {
            of.extend(placing.write.events_of(id)?.into_iter().map(|stored| (stored.pos, stored)));
        }
        let mut after = Waits::default();
        loop {
            let page = placing.write.waiting_on(*aggregate, after, PAGE)?;
            let Some(last) = page.last().copied() else { break };
            after = last;
            for waits in page {
                let Some(stored) = placing.write.event_at(waits.pos)? else { continue };
                if opened(&stored, placing.community).is_ok_and(|filed| filed.body.aggregate == Some(*aggregate)) {
                    of.insert(stored.pos, stored);
                }
            }
        }
    }
    Ok(events)
}

/// Those of some events that no erasure which counts names yet.
fn late_of(
    placing: &Placing<'_>,
    wanted: &BTreeSet<Reference>,
    late: &BTreeMap<Pos, DeviceId>,
) -> Result<OfEach, StoreError> {
    let mut events = OfEach::new();
    for pos in late.keys() {
        let Some(stored) = placing.write.event_at(*pos)? else { continue };
        let Ok(filed) = opened(&stored, placing.community) else { continue };
        let of = filed.body.aggregate.unwrap_or(filed.reference);
        if wanted.contains(&of) && !placing.community.is_named(&placing.write, &stored)? {
            events.entry(of).or_default().insert(stored.pos, stored);
        }
    }
    Ok(events)
}

/// Events as spans.
fn names(placing: &Placing<'_>, events: OfEach) -> Result<BTreeMap<Reference, Vec<ErasedSpan>>, StoreError> {
    let spans_of = |(creating, events): (Reference, BTreeMap<Pos, Stored>)| {
        let mut spans = spans(placing, events.into_values())?;
        // Those of who made it come first: what an event says of it besides is theirs.
        spans.sort_by_key(|span| span.log != creating.log);
        Ok((creating, spans))
    };
    events.into_iter().map(spans_of).collect()
}

/// Events of a branch by place, each with whether others may hold the chain up to there and no further.
type OfBranch = BTreeMap<u64, (ShortId, bool)>;

/// Events as spans: one for each branch in which they stand, and more only where it has more gaps than an event can say, or
/// where others may hold less of it and would never have its end.
fn spans(placing: &Placing<'_>, events: impl Iterator<Item = Stored>) -> Result<Vec<ErasedSpan>, StoreError> {
    let (mut branches, mut loose) = (BTreeMap::<(LogId, BranchKey), OfBranch>::new(), 0_usize);
    for stored in events {
        let log = stored.log.id();
        let Some(branch) = placing.write.branch_at(log, stored.seq, stored.id)? else { continue };
        let is_loose = stored.judged.reason().is_some_and(is_outside);
        loose += usize::from(is_loose);
        branches.entry((log, branch)).or_default().insert(stored.seq, (stored.id.short(), is_loose));
    }
    let mut spans = Vec::new();
    for ((log, _), places) in branches {
        for runs in pieces(&places, loose.div_ceil(limits::ENDS_APART).max(1)) {
            if let (Some((first, _)), Some((_, last))) = (runs.first(), runs.last())
                && let Some((check, _)) = places.get(last)
            {
                let gaps = Gaps::between(&runs);
                spans.push(ErasedSpan { log, first: *first, last: *last, check: *check, gaps });
            }
        }
    }
    Ok(spans)
}

/// Places of a branch as runs, in pieces that are each one span: of those that others may not hold so many in one.
fn pieces(places: &OfBranch, of_loose: usize) -> Vec<Vec<(u64, u64)>> {
    let mut pieces = Vec::<Vec<(u64, u64)>>::new();
    let (mut before, mut taken) = (false, 0);
    for (seq, (_, is_loose)) in places {
        let is_full = *is_loose != before || (*is_loose && taken >= of_loose);
        (before, taken) = (*is_loose, if is_full { 1 } else { taken + 1 });
        let Some(runs) = pieces.last_mut().filter(|_| !is_full) else {
            pieces.push(vec![(*seq, *seq)]);
            continue;
        };
        let count = runs.len();
        match runs.last_mut().filter(|(_, last)| last.checked_add(1) == Some(*seq)) {
            Some((_, last)) => *last = *seq,
            None if count < limits::ERASED_SPANS => runs.push((*seq, *seq)),
            None => {
                taken = 1;
                pieces.push(vec![(*seq, *seq)]);
            }
        }
    }
    pieces
}

/// What is counted of the aggregates that an event erases, each by its place among them: of each type, and of orders of each
/// kind that ended in which way.
type Totals = BTreeMap<String, Vec<u16>>;

/// As what each of these is counted.
fn counted_as(
    placing: &Placing<'_>,
    registry: &Registry,
    wanted: &BTreeSet<Reference>,
) -> Result<BTreeMap<Reference, String>, StoreError> {
    let mut counted = BTreeMap::new();
    for aggregate in wanted {
        let Some((_, kind)) = placing.write.aggregate(*aggregate)? else { continue };
        let card = card(&placing.write, registry, *aggregate, &kind)?;
        counted.insert(*aggregate, registry.counted_as(&kind, card.as_ref()));
    }
    Ok(counted)
}

/// What of that these are, each once, though several parts name it.
fn totals(aggregates: &[ErasedAggregate], counted: &mut BTreeMap<Reference, String>) -> Totals {
    let mut totals = Totals::new();
    for (place, aggregate) in (0..).zip(aggregates) {
        if let Some(what) = counted.remove(&aggregate.creating) {
            totals.entry(what).or_default().push(place);
        }
    }
    totals
}
