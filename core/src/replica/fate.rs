//! Fate: whether one event counts, by its log, the roster, the erasures, its body, and what is stored of others.
//!
//! The order in which it asks is the precedence of the reasons to hold an event (FORMAT.md). The same questions are
//! asked when an event is placed, when it is placed again and when all is verified. So no answer depends on what was
//! known first.
//!
//! An event that rests on one that does not count names that one, and is asked about again when that changes.

use super::{community::Community, judge::Bench};
use std::collections::BTreeMap;

use crate::{
    aggregate::{Filed, Folded, Held, Placed, Registry, Waiting, recall},
    event::{Body, Content, Topic, open},
    id::Reference,
    keep::read_erasure,
    roster::{About, Erased, ReadError},
    store::{AggregateId, Judged, StoreError, Stored, View},
};

/// What becomes of an event.
pub(super) enum Fate {
    /// It counts, and belongs to no aggregate.
    Counts,
    /// It is held. It may rest on the creating event that it names: once that changes, this may.
    Held(Held, Option<Reference>),
    /// It would make an aggregate.
    Creates(Filed),
    /// It belongs to an aggregate that counts, whose fold says the rest.
    Belongs(Filed, Reference),
}

/// What a held event is about that only a later build reads, as far as can be told here. All but the last protect people (T6).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Concern {
    /// Something is to be forgotten.
    Erasure,
    /// A medicine is recalled.
    Recall,
    /// Somebody calls for help.
    Alert,
    /// Anything else, whatever it is.
    Other,
}

impl Concern {
    const ALL: [Concern; 4] = [Concern::Erasure, Concern::Recall, Concern::Alert, Concern::Other];

    /// That of an event.
    pub(super) fn of(stored: &Stored, community: &Community) -> Self {
        match community.topic(stored.log.topic) {
            Some(Topic::Erasure) => Concern::Erasure,
            Some(Topic::Urgent) => Concern::Alert,
            _ => match opened(stored, community) {
                Ok(filed) if recall::NUMBERS.contains(&filed.body.kind) => Concern::Recall,
                _ => Concern::Other,
            },
        }
    }

    /// As it is stored.
    pub(super) fn number(self) -> u8 {
        self as u8
    }

    /// As it was stored.
    pub(super) fn numbered(number: u8) -> Self {
        Self::ALL.get(usize::from(number)).copied().unwrap_or(Concern::Other)
    }
}

/// What becomes of an event, by what is stored now.
pub(super) fn fate(
    view: &View,
    community: &Community,
    registry: &Registry,
    stored: &Stored,
) -> Result<Fate, StoreError> {
    let topic = match community.topic(stored.log.topic) {
        Some(Topic::Roster) => return Ok(Fate::Counts),
        Some(Topic::Erasure) => {
            let against = against_erasure(view, community, stored);
            return Ok(against.map_or(Fate::Counts, |reason| Fate::Held(reason, None)));
        }
        None => return Ok(Fate::Held(Held::Newer, None)),
        Some(topic) => topic,
    };
    if let Some(reason) = community.against(&stored.log, stored.seq, stored.id, view) {
        // History shows it beside what counts, so it is told what it would have belonged to.
        let named = opened(stored, community).ok().and_then(|filed| filed.body.aggregate);
        return Ok(Fate::Held(reason, named));
    }
    let filed = match legible(view, stored, community)? {
        Ok(filed) => filed,
        Err(reason) => return Ok(Fate::Held(reason, None)),
    };
    if community.erasures.is_erased(filed.body.aggregate.unwrap_or(filed.reference)) {
        return Ok(Fate::Held(Held::Erased, filed.body.aggregate));
    }
    among(view, registry, filed, topic)
}

/// What becomes of a readable event that nothing outside of its aggregate speaks against.
fn among(view: &View, registry: &Registry, filed: Filed, topic: Topic) -> Result<Fate, StoreError> {
    let Some(aggregate) = filed.body.aggregate else {
        let spec = registry.kind(filed.body.kind);
        let owner = registry.owner(filed.body.kind).unwrap_or_default();
        if spec.is_some_and(|spec| spec.creates) && registry.topic(owner) == Some(topic) {
            return Ok(Fate::Creates(filed));
        }
        let newer = spec.is_none() || registry.is_declared_otherwise(&filed.body);
        return Ok(Fate::Held(if newer { Held::Newer } else { Held::Malformed }, None));
    };
    // While all is judged anew, what was stored later has no judgement yet.
    let judged = view.event(aggregate)?.filter(|creating| creating.judged != Judged::NotYet);
    let Some(creating) = judged else { return Ok(Fate::Held(Held::Parked, Some(aggregate))) };
    if let Some(reason) = creating.judged.reason() {
        // What rests on an event that does not count shares its fate.
        return Ok(Fate::Held(reason, Some(aggregate)));
    }
    if creating.log.topic != filed.log.topic || view.aggregate(aggregate)?.is_none() {
        return Ok(Fate::Held(Held::Malformed, Some(aggregate)));
    }
    Ok(Fate::Belongs(filed, aggregate))
}

/// Whether the roster alone holds an event for this reason, whatever it says.
pub(super) fn is_outside(reason: Held) -> bool {
    matches!(reason, Held::Stranger | Held::Cut | Held::Silenced)
}

/// Opens a stored body and files it, or says why it is held. Whatever belongs to an erased aggregate is erased, named
/// by the erasure or not (R5).
fn file(view: &View, stored: &Stored, community: &Community) -> Result<Result<Filed, Held>, StoreError> {
    Ok(legible(view, stored, community)?.and_then(|filed| {
        let aggregate = filed.body.aggregate.unwrap_or(filed.reference);
        if community.erasures.is_erased(aggregate) { Err(Held::Erased) } else { Ok(filed) }
    }))
}

/// Opens a stored body that no erasure names and files it.
fn legible(view: &View, stored: &Stored, community: &Community) -> Result<Result<Filed, Held>, StoreError> {
    let named = community.is_named(view, stored)?;
    if named || matches!(stored.content, Content::Erased(_)) {
        return Ok(Err(if named { Held::Erased } else { Held::Missing }));
    }
    Ok(opened(stored, community))
}

/// Opens a stored body and files it, erased or not.
pub(super) fn opened(stored: &Stored, community: &Community) -> Result<Filed, Held> {
    let Content::Here(bytes) = &stored.content else { return Err(Held::Missing) };
    let topic = community.topic(stored.log.topic).ok_or(Held::Malformed)?;
    let key = match topic.compartment() {
        Some(compartment) => Some(community.key(compartment, stored.epoch).ok_or(Held::Sealed)?),
        None => None,
    };
    let mut body = open(&stored.header(), bytes, key).map_err(|_| Held::Malformed)?;
    let reference = stored.reference();
    let reads = community.reads();
    let known = reads.edits(body.kind, &body.edits);
    body.version = if known { reads.version(body.kind, body.version, reference) } else { Body::UNREAD };
    Ok(Filed { reference, id: stored.id, log: stored.log, body, size: bytes.len() as u64 })
}

/// An aggregate folded from the store, with what became of its events but the creating one: of each, or where all are judged
/// [again](Fold::Again), of each that is judged otherwise than it was or names something elsewhere.
type FoldedFrom = (Folded, Vec<(Reference, Placed)>);

/// How a judgement by a fold is written down.
pub(super) fn verdict(placed: &Placed) -> (Judged, u64) {
    match placed {
        Placed::Counts(lamport) => (Judged::Counts, *lamport),
        Placed::Held(reason) => (Judged::Held(*reason), 0),
        Placed::Parked(_) => (Judged::Held(Held::Parked), 0),
    }
}

/// How much of what is stored of an aggregate is believed.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Fold {
    /// What was judged: what waits or is not read, waits and is not read until somebody asks about it again, though what it
    /// lacked may be here. So that it says what the read model shows, to go on from there: what waits is not opened, and what
    /// the roster holds is left out.
    AsJudged,
    /// The same, with all that is held, for a screen.
    Shown,
    /// That those wait of which it is noted for what: whoever finds that it comes no more asks about them. And what the roster
    /// holds, until that was looked at. All else is judged again.
    Again,
    /// Nothing is believed: all is judged again.
    Anew,
}

impl Fold {
    /// The reasons for which events are held that it does not read.
    fn leaves_out(self) -> &'static [Held] {
        const OUTSIDE: [Held; 3] = [Held::Stranger, Held::Cut, Held::Silenced];
        const UNREAD: [Held; 3] = [Held::Erased, Held::Missing, Held::Sealed];
        const BOTH: [Held; 7] = {
            let ([a, b, c], [d, e, f]) = (OUTSIDE, UNREAD);
            [a, b, c, d, e, f, Held::Parked]
        };
        match self {
            Fold::AsJudged => &BOTH,
            Fold::Shown => &UNREAD,
            Fold::Again => &OUTSIDE,
            Fold::Anew => &[],
        }
    }
}

/// Folds an aggregate as it stands in the store; `None` if its creating event does not count.
pub(super) fn fold(
    view: &View,
    community: &Community,
    registry: &Registry,
    (aggregate, id): (Reference, AggregateId),
    how: Fold,
) -> Result<Option<FoldedFrom>, StoreError> {
    let mut waiting = Waiting::default();
    if matches!(how, Fold::AsJudged | Fold::Again) {
        waiting.asleep = view.waiting_in_aggregate(id, how == Fold::Again)?;
    }
    let stored = view.events_to_fold(id, how.leaves_out(), how == Fold::Again)?;
    let mut filed = Vec::with_capacity(stored.len());
    for event in &stored {
        if how == Fold::Shown && event.judged == Judged::Held(Held::Parked) {
            waiting.shown.insert(event.reference());
        }
        filed.extend(file(view, event, community)?.ok());
    }
    let branches = stored.iter().filter_map(|event| Some((event.id, event.branch?))).collect();
    let bench = Bench::new(view, community).with(branches);
    let folded = Folded::load_as_known(registry, aggregate, filed, waiting, &bench);
    bench.done()?;
    Ok(folded.ok().map(|(mut folded, mut placed)| {
        if how == Fold::Again {
            let was: BTreeMap<_, _> = stored.iter().map(|event| (event.id.short(), event)).collect();
            // For what waits is noted here on what: nobody else did, or it were not told.
            let stays = |(event, placed): &(Reference, Placed)| {
                let was = was.get(&event.check).filter(|was| was.aggregate == Some(id));
                !matches!(placed, Placed::Parked(_))
                    && was.is_some_and(|was| verdict(placed) == (was.judged, was.lamport))
                    && folded.named_elsewhere(registry, *event).is_empty()
            };
            placed.retain(|one| !stays(one));
        }
        folded.settle(registry);
        (folded, placed)
    }))
}

/// Why an erasure does not count.
pub(super) fn against_erasure(view: &View, community: &Community, stored: &Stored) -> Option<Held> {
    let standing =
        community.roster.standing(&stored.log, stored.seq, stored.id, &About::default(), &community.chains(view));
    let read = || match read_erasure(stored, community.reads()) {
        Ok(fact) if standing.may(Erased::NEED) => fact.newer.then_some(Held::Newer),
        Ok(_) => Some(standing.lack()),
        Err(ReadError::Kind { .. } | ReadError::Version { .. } | ReadError::Newer) => Some(Held::Newer),
        Err(ReadError::Malformed(_)) => Some(Held::Malformed),
    };
    let crowded = || community.erasures.is_crowded(stored.reference()).then_some(Held::Crowded);
    community.against(&stored.log, stored.seq, stored.id, view).or_else(read).or_else(crowded)
}
