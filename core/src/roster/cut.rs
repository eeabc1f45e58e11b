//! Cuts: what of a device's logs stands once it is withdrawn (R8).

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use minicbor::Encode;

use super::{
    Cut, CutHead, Revoked,
    together::{ActName, Ends, Kept, Together},
};
use crate::{
    count::{self, Work},
    id::{DeviceId, EventId, LogId, Reference},
    limits,
};

/// What the roster asks about chains. Whoever keeps the logs answers, from what is held and nothing else.
pub trait Chains {
    /// Whether the event at (`seq`, `id`) is the head or a chain ancestor of it; `None` while the head is not held.
    fn is_ancestor(&self, log: LogId, seq: u64, id: EventId, head_seq: u64, head_id: EventId) -> Option<bool>;

    /// Whether an event stands in the chain of one of these heads; `None` where it may, because a head is not held, which
    /// all up to its place may lead to. So a head before the event's place is not asked about. Whoever has many questions about
    /// the same heads answers better.
    fn is_within(&self, at: CutHead, ends: Ends<'_>) -> Option<bool> {
        one_of(self, at, ends.log, ends.last_first())
    }

    /// Whether an event stands in the chain of a head of each of these acts; `None` where it stands in some, or may, because
    /// heads of others are not held. Whoever has many questions about the same acts answers better.
    fn is_within_all(&self, at: CutHead, acts: &Together) -> Option<bool> {
        let mut answer = Some(true);
        for heads in acts.acts() {
            match one_of(self, at, acts.log(), heads.iter().copied()) {
                Some(true) => {}
                Some(false) => return Some(false),
                None => answer = None,
            }
        }
        answer
    }

    /// Whether so much of a log may lead to those heads of these acts that are not held that nothing counts by such a head.
    /// Never for whoever keeps all that there is.
    fn is_doubtful(&self, _log: LogId, _acts: &[Arc<Together>]) -> bool {
        false
    }
}

/// Whether an event stands in the chain of one of these heads, of which the last come first.
fn one_of(
    chains: &(impl Chains + ?Sized),
    at: CutHead,
    log: LogId,
    heads: impl Iterator<Item = CutHead>,
) -> Option<bool> {
    let mut answer = Some(false);
    for head in heads.take_while(|head| head.seq >= at.seq) {
        count::note(Work::Asked, 1);
        match chains.is_ancestor(log, at.seq, at.id, head.seq, head.id) {
            Some(true) => return Some(true),
            Some(false) => {}
            None => answer = None,
        }
    }
    answer
}

/// Ends of logs, as one event names them.
pub(super) type Heads = BTreeMap<LogId, BTreeSet<CutHead>>;

/// The same as an event names them.
pub(super) fn cuts(heads: &Heads) -> Vec<Cut> {
    heads.iter().map(|(log, heads)| Cut { log: *log, heads: heads.iter().copied().collect() }).collect()
}

/// Whether an event stands in the chain of a head that an act names; `None` where it may.
pub(super) fn within(heads: &Heads, act: ActName, log: LogId, at: CutHead, chains: &dyn Chains) -> Option<bool> {
    // Behind all heads nothing is to be asked.
    let named = heads.get(&log).filter(|heads| heads.last().is_some_and(|last| last.seq >= at.seq));
    count::note(Work::Asked, 1);
    named.map_or(Some(false), |heads| chains.is_within(at, Ends::of(act, log, heads)))
}

/// What an act names of a log, if anything.
pub(super) fn ends_of(heads: &Heads, act: ActName, log: LogId) -> Option<Ends<'_>> {
    heads.get(&log).map(|heads| Ends::of(act, log, heads))
}

/// Adds named heads to those that are there.
pub(super) fn add_heads(heads: &mut Heads, cuts: &[Cut]) {
    for cut in cuts {
        heads.entry(cut.log).or_default().extend(&cut.heads);
    }
}

/// What events say together: one alone, or all of one author that carry the same number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Encode)]
pub(super) enum Act {
    /// One event by itself.
    #[n(0)]
    One(#[n(0)] Reference),
    /// All events of one author that carry this number.
    #[n(1)]
    Several(#[n(0)] DeviceId, #[n(1)] u64),
}

impl Act {
    /// That of an event.
    pub(super) fn of(reference: Reference, by: DeviceId, number: Option<u64>) -> Self {
        number.map_or(Self::One(reference), |number| Self::Several(by, number))
    }
}

/// One counted cut of a device.
#[derive(Clone, Debug, PartialEq, Eq, Encode)]
struct Cutting {
    #[n(0)]
    rank: u32,
    #[n(1)]
    heads: Heads,
    /// The events that say so.
    #[n(2)]
    events: BTreeSet<Reference>,
    #[cbor(skip)]
    name: ActName,
}

/// What one fold of the roster takes over from the one before it, and readers from writers, without a copy.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Shared<T>(pub(super) Arc<T>);

impl<C, T: Encode<C>> Encode<C> for Shared<T> {
    fn encode<W: minicbor::encode::Write>(
        &self,
        to: &mut minicbor::Encoder<W>,
        context: &mut C,
    ) -> Result<(), minicbor::encode::Error<W::Error>> {
        self.0.encode(to, context)
    }
}

/// All counted cuts of one device.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode)]
pub(super) struct Cuts {
    #[n(0)]
    cuts: BTreeMap<Act, Shared<Cutting>>,
    /// Cuts named as replaced, with the highest rank that replaces them.
    #[n(1)]
    replaced: BTreeMap<Reference, u32>,
    /// Those that stand, by the rank of their author, and a few that were replaced since: however often somebody cuts again,
    /// few are looked at.
    #[cbor(skip)]
    recent: BTreeMap<u32, BTreeSet<Act>>,
    /// The events of acts that have several, and of each act how many are not replaced: whoever asks looks at none of them.
    #[cbor(skip)]
    parts: BTreeMap<Reference, Act>,
    #[cbor(skip)]
    left: BTreeMap<Act, usize>,
    /// What those that stand name of each log, if each names some of it: those by an author of this rank left out.
    #[cbor(skip)]
    admitting: Kept<(Option<u32>, LogId), Option<Together>>,
    /// What those name that name some of it.
    #[cbor(skip)]
    naming: Kept<(Option<u32>, LogId), Together>,
}

impl Cutting {
    fn say(&mut self, reference: Reference, revoked: &Revoked) {
        add_heads(&mut self.heads, &revoked.cuts);
        self.events.insert(reference);
        self.name = self.name.with(reference);
    }
}

impl Cuts {
    /// Adds the cut made by an author of this rank. `before` are the device's cuts as they were folded last: what a single
    /// event says is taken over from there, for an event says the same for ever.
    pub(super) fn add(
        &mut self,
        reference: Reference,
        by: DeviceId,
        rank: u32,
        revoked: &Revoked,
        before: Option<&Self>,
    ) {
        self.admitting.clear();
        self.naming.clear();
        for replaced in revoked.replaces.iter().filter(|replaced| **replaced != reference) {
            self.replace(*replaced, rank);
        }
        let act = Act::of(reference, by, revoked.act);
        let mut recent = self.recent.remove(&rank).unwrap_or_default();
        recent.retain(|act| self.cuts.get(act).is_some_and(|cut| self.stands(act, &cut.0)));
        let full = !self.cuts.contains_key(&act) && recent.len() >= limits::CUTS;
        if !full {
            recent.insert(act);
        }
        self.recent.insert(rank, recent);
        if full {
            return;
        }
        let alone = matches!(act, Act::One(_));
        let known = before.and_then(|before| before.cuts.get(&act)).filter(|cut| alone && cut.0.rank == rank);
        match (self.cuts.get_mut(&act), known) {
            (Some(_), _) if alone => {}
            (Some(cut), _) => Arc::make_mut(&mut cut.0).say(reference, revoked),
            (None, Some(known)) => drop(self.cuts.insert(act, known.clone())),
            (None, None) => {
                let (heads, events, name) = (Heads::new(), BTreeSet::new(), ActName::default());
                let mut cut = Cutting { rank, heads, events, name };
                cut.say(reference, revoked);
                self.cuts.insert(act, Shared(Arc::new(cut)));
            }
        }
        if !alone && self.parts.insert(reference, act).is_none() && !self.is_replaced(reference, rank) {
            *self.left.entry(act).or_default() += 1;
        }
    }

    /// An event is named as replaced by an author of this rank.
    fn replace(&mut self, event: Reference, rank: u32) {
        let of = self.parts.get(&event).and_then(|act| Some((*act, self.cuts.get(act)?.0.rank)));
        let stood = of.is_some_and(|(_, of)| !self.is_replaced(event, of));
        let by = self.replaced.entry(event).or_insert(rank);
        *by = rank.min(*by);
        if let Some((act, _)) = of.filter(|(_, of)| stood && self.is_replaced(event, *of))
            && let Some(left) = self.left.get_mut(&act)
        {
            *left = left.saturating_sub(1);
        }
    }

    /// Whether an event by an author of this rank is.
    fn is_replaced(&self, event: Reference, rank: u32) -> bool {
        count::note(Work::Asked, 1);
        self.replaced.get(&event).is_some_and(|by| *by <= rank)
    }

    /// Whether every cut that is not replaced lets the event stand, those by an author of this rank left out. What may lead to
    /// a head that is not held does, unless the log is doubtful.
    pub(super) fn admit(
        &self,
        but: Option<u32>,
        log: LogId,
        at: CutHead,
        chains: &dyn Chains,
        is_doubtful: &dyn Fn() -> bool,
    ) -> bool {
        count::note(Work::Asked, 1);
        let all = self.admitting.get_or((but, log), || {
            Together::if_each(log, self.standing_but(but).map(|cut| ends_of(&cut.heads, cut.name, log)))
        });
        let within = all.as_ref().as_ref().map_or(Some(false), |all| chains.is_within_all(at, all));
        within.unwrap_or_else(|| !is_doubtful())
    }

    /// What each cut that is not replaced names of a log.
    pub(super) fn heads_of(&self, log: LogId) -> Vec<BTreeSet<CutHead>> {
        self.standing().map(|cut| cut.heads.get(&log).cloned().unwrap_or_default()).collect()
    }

    /// What all cuts that are not replaced name of a log; those by an author of this rank left out.
    pub(super) fn ends_in(&self, but: Option<u32>, log: LogId) -> Arc<Together> {
        self.naming.get_or((but, log), || {
            Together::of(log, self.standing_but(but).filter_map(|cut| ends_of(&cut.heads, cut.name, log)))
        })
    }

    /// The last place of a log that every cut which is not replaced may let stand; none if one lets nothing stand.
    pub(super) fn last_place(&self, log: LogId) -> Option<u64> {
        let last = |cut: &Cutting| cut.heads.get(&log).and_then(|heads| heads.last()).map(|head| head.seq);
        let mut standing = self.standing().inspect(|_| count::note(Work::Asked, 1));
        standing.try_fold(u64::MAX, |least, cut| Some(least.min(last(cut)?)))
    }

    /// The cuts that are not replaced.
    pub(super) fn references(&self) -> impl Iterator<Item = Reference> {
        let mut all: Vec<Reference> = self.standing().flat_map(|cut| cut.events.iter().copied()).collect();
        all.sort_unstable();
        all.into_iter()
    }

    /// Every counted cut, replaced or not.
    pub(super) fn made(&self) -> impl Iterator<Item = Reference> {
        self.cuts.values().flat_map(|cut| cut.0.events.iter().copied())
    }

    /// The authors' ranks of the cuts that are not replaced.
    pub(super) fn ranks(&self) -> impl Iterator<Item = u32> {
        self.standing().map(|cut| cut.rank)
    }

    /// The authors' ranks of all counted cuts, replaced or not.
    pub(super) fn authors(&self) -> BTreeSet<u32> {
        self.cuts.values().map(|cut| cut.0.rank).collect()
    }

    /// What the cuts of these events let stand, replaced or not; the one cut of several events is named by its first.
    pub(super) fn named_by(&self, events: &BTreeSet<Reference>) -> impl Iterator<Item = Vec<Cut>> {
        let named = |cut: &&Shared<Cutting>| cut.0.events.first().is_some_and(|first| events.contains(first));
        self.cuts.values().filter(named).map(|cut| cuts(&cut.0.heads))
    }

    /// Whether a cut that is not replaced says what of this log counts, be it of how many heads: those of an author of this
    /// rank left out.
    pub(super) fn names(&self, but: Option<u32>, log: LogId) -> bool {
        self.standing_but(but).inspect(|_| count::note(Work::Asked, 1)).any(|cut| cut.heads.contains_key(&log))
    }

    /// The cuts that are not replaced.
    fn standing(&self) -> impl Iterator<Item = &Cutting> {
        let recent = self.recent.values().flatten().filter_map(|act| Some((act, &*self.cuts.get(act)?.0)));
        recent.filter(|(act, cut)| self.stands(act, cut)).map(|(_, cut)| cut)
    }

    fn standing_but(&self, rank: Option<u32>) -> impl Iterator<Item = &Cutting> {
        self.standing().filter(move |cut| Some(cut.rank) != rank)
    }

    /// A cut falls to one that names it, all its events if it has several, and whose author is not of lower rank.
    fn stands(&self, act: &Act, cut: &Cutting) -> bool {
        match act {
            Act::One(event) => !self.is_replaced(*event, cut.rank),
            Act::Several(..) => self.left.get(act).is_some_and(|left| *left > 0),
        }
    }
}
