//! Obeying erasures: what happens to the events that they name, when an erasure begins to count and when such an event
//! comes late (R5).
//!
//! Where an erasure ceases to count, `replica/looks.rs` brings back what it named.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use crate::{
    event::{Topic, VerifiedRun},
    id::{DeviceId, LogId, Reference},
    keep::{Places, Quota, Turned, refill},
    limits,
    replica::{
        community::Community,
        fate::{Fate, against_erasure, fate},
        place::Placing,
        update::Update,
    },
    roster::{ErasureFact, Erasures, Roster},
    store::{Judged, Look, Pos, Round, StoreError, Stored, Which, Write},
};

/// Bodies went since the last upkeep forgot something, and more than they may say the same.
pub(super) const LEFT: &str = "erasure-left";

/// As many things and places are looked at where an erasure begins to count. Of one that names more, each thing that is erased
/// as a whole is no longer shown after a moment, as are the places in whatever they are of.
const AT_ONCE: u64 = 1_024;

/// Places of a log that erasures name which began to count.
#[derive(Default)]
struct Turning {
    all: Places,
    /// Before ends that are held.
    named: Places,
    /// Before ends that are not: of what stands there only what is gone may be meant.
    open: Places,
}

impl Turning {
    /// The events that may be judged otherwise now. Each is looked at once, however many name it.
    fn stored(&self, write: &Write<'_>, community: &Community, log: LogId) -> Result<Vec<Stored>, StoreError> {
        let mut stored = Vec::new();
        for (first, last) in self.named.iter() {
            stored.extend(named_between(write, community, log, first, last)?);
        }
        for (first, last) in self.open.iter() {
            stored.extend(write.unerased_between(log, first, last, true)?);
        }
        Ok(stored)
    }
}

/// The events at some places that are named and not held as erased.
fn named_between(
    write: &Write<'_>,
    community: &Community,
    log: LogId,
    first: u64,
    last: u64,
) -> Result<Vec<Stored>, StoreError> {
    let mut named = Vec::new();
    for stored in write.unerased_between(log, first, last, false)? {
        if community.is_named(write, &stored)? {
            named.push(stored);
        }
    }
    Ok(named)
}

impl Placing<'_> {
    /// The end of a span has come: what stands before it in that chain is known to be named now.
    pub(in crate::replica) fn name_back(&mut self, end: &Stored) -> Result<(), StoreError> {
        let log = end.log.id();
        let mut again = BTreeSet::new();
        let mut named = Places::default();
        let before = self.community.named_before(log, end.seq, end.id);
        before.into_iter().for_each(|(first, last)| named.add(first, last));
        if named.count() > AT_ONCE {
            let turning = Turning { all: named.clone(), named, open: Places::default() };
            return self.reconsider_places(log, &turning, Round::Next);
        }
        for (first, last) in named.iter() {
            for stored in named_between(&self.write, self.community, log, first, last)? {
                if stored.judged != Judged::NotYet {
                    again.extend(self.judge_named(&stored)?);
                }
            }
        }
        if again.is_empty() { Ok(()) } else { self.fold_all_again(again) }
    }

    /// The erasures of devices are to be judged again, a part at a time: after the roster changed. `old` is the roster as it
    /// was, where that tells which of them may be judged otherwise now.
    pub(in crate::replica) fn judge_erasures(
        &mut self,
        devices: &BTreeSet<DeviceId>,
        old: Option<&Roster>,
    ) -> Result<(), StoreError> {
        let tag = self.community.tag(Topic::Erasure);
        for device in devices {
            let logs = self.write.logs_in(*device, tag, limits::ERASING_LOGS)?;
            if logs.len() >= limits::ERASING_LOGS {
                self.look_later(Look::Erasing { device: *device, after: 0 })?;
                continue;
            }
            for log in logs {
                if !old.is_some_and(|old| old.judges_alike(&self.community.roster, *device, log.id())) {
                    self.look_later(Which::Erasures.of(log.id()))?;
                }
            }
        }
        Ok(())
    }

    /// Erasures have come, or count otherwise than before: they are judged, and so is what they name. Nobody sees from now on what
    /// begins to be erased, so nothing of it is left for later, but where it is very much. What comes back does so a part at a
    /// time.
    pub(in crate::replica) fn settle_erasures(&mut self, turned: &Turned) -> Result<(), StoreError> {
        let now = self.community.erasures.clone();
        let counts = |fact: &Arc<ErasureFact>| now.counted().contains(&fact.reference());
        let begin_again = turned.erasures.iter().skip(turned.new).filter(|fact| counts(fact));
        let is_much = begin_again.map(|fact| fact.things() as u64).fold(0, u64::saturating_add) > AT_ONCE;
        let (mut at_once, mut later) = (Vec::new(), BTreeMap::new());
        for (nth, fact) in turned.erasures.iter().enumerate() {
            if nth < turned.new || (counts(fact) && !is_much) {
                at_once.push(fact.clone());
            } else {
                let (first, last) = later.entry(fact.log.id()).or_insert((fact.seq, fact.seq));
                (*first, *last) = (fact.seq.min(*first), fact.seq.max(*last));
            }
        }
        for (log, (first, last)) in later {
            self.look_later(Which::Turned.between(log, first, last))?;
        }
        for fact in &at_once {
            if let Some(stored) = self.write.event(fact.reference())? {
                self.judge(&stored, against_erasure(&self.write, self.community, &stored), None, 0)?;
            }
        }
        if turned.before.differ(&now) {
            self.news.insert(Update::Erased);
            at_once.retain(counts);
            self.reconsider_erased(&turned.before, &at_once)?;
        }
        Ok(())
    }

    /// Judges again whatever is erased now and was not, and what waits for it: what these erasures name, which begin to count.
    fn reconsider_erased(&mut self, before: &Erasures, began: &[Arc<ErasureFact>]) -> Result<(), StoreError> {
        let now = self.community.erasures.clone();
        let creating = began.iter().flat_map(|fact| &fact.erased.aggregates).map(|aggregate| aggregate.creating);
        let gone: BTreeSet<Reference> = creating.filter(|creating| !before.is_erased(*creating)).collect();
        let places = self.places_named(began.iter().map(|fact| &**fact));
        if places.values().map(|of| of.all.count()).fold(gone.len() as u64, u64::saturating_add) > AT_ONCE {
            return self.reconsider_later(&gone, &places, Round::Next);
        }
        let mut again = gone.clone();
        for (log, of) in places {
            for stored in of.stored(&self.write, self.community, log)? {
                again.extend(self.judge_named(&stored)?);
            }
            // What stands at a place that is named is not waited for, and nobody sees what waits. Most places were named before.
            for (first, last) in of.all.iter() {
                let awaited = self.write.awaited_between(log, first, last)?.into_iter();
                let names = |of: &Erasures, seq| of.named_ends().names(log, seq, seq);
                for seq in awaited.filter(|seq| !names(before, *seq) && names(&now, *seq)) {
                    self.ask_waiting_later(log, seq, seq, Round::Next)?;
                }
            }
        }
        self.fold_all_again(again)?;
        self.free()?;
        for creating in gone {
            if let Some(stored) = self.write.event(creating)?.filter(|stored| stored.judged != Judged::Counts) {
                self.place_one(&stored)?;
            }
            self.changed.push(creating);
        }
        self.free()
    }

    /// Whatever an erasure names that begins to count is to be judged again, a part at a time.
    pub(in crate::replica) fn take_away(&mut self, began: &ErasureFact) -> Result<(), StoreError> {
        let gone = began.erased.aggregates.iter().map(|aggregate| aggregate.creating).collect();
        let places = self.places_named(std::iter::once(began));
        self.reconsider_later(&gone, &places, Round::This)
    }

    fn reconsider_later(
        &mut self,
        gone: &BTreeSet<Reference>,
        places: &BTreeMap<LogId, Turning>,
        round: Round,
    ) -> Result<(), StoreError> {
        gone.iter().try_for_each(|creating| self.make_later(*creating, round))?;
        places.iter().try_for_each(|(log, of)| self.reconsider_places(*log, of, round))
    }

    /// What is named before ends that are held is to be looked at; before those that are not, what is gone.
    fn reconsider_places(&mut self, log: LogId, of: &Turning, round: Round) -> Result<(), StoreError> {
        if self.write.log(log)?.is_some() {
            if let Some((first, last)) = of.named.extent() {
                self.note(Which::Named.between(log, first, last), round)?;
            }
            if let Some((first, last)) = of.open.extent() {
                self.note(Which::Gone.between(log, first, last), round)?;
            }
        }
        of.all.extent().map_or(Ok(()), |(first, last)| self.ask_waiting_later(log, first, last, round))
    }

    /// The places that erasures which count name, each once, and what lies between those that are near each other.
    fn places_named<'f>(&self, erasures: impl Iterator<Item = &'f ErasureFact>) -> BTreeMap<LogId, Turning> {
        let mut of = BTreeMap::<LogId, Turning>::new();
        for span in erasures.flat_map(|fact| fact.erased.spans()) {
            let of = of.entry(span.log).or_default();
            let places = if self.community.is_end_held(span) { &mut of.named } else { &mut of.open };
            for (first, last) in span.stretch().near() {
                of.all.add(first, last);
                places.add(first, last);
            }
        }
        of
    }

    /// Judges one event again that is named by another erasure now or opens no longer; the aggregate that is to be folded
    /// again for it.
    fn judge_named(&mut self, stored: &Stored) -> Result<Option<Reference>, StoreError> {
        let topic = self.community.topic(stored.log.topic).and_then(Topic::compartment);
        if topic.is_none() {
            return Ok(None); // neither members nor erasures are ever erased
        }
        let Some(id) = stored.aggregate else {
            self.place_one(stored)?;
            return Ok(None);
        };
        if let Fate::Held(reason, rests_on) = fate(&self.write, self.community, self.registry, stored)? {
            self.hold(stored, reason, rests_on)?;
        }
        self.write.reference(Pos(id.0))
    }

    /// Ends of spans have come whose erasures are carried out: what stands before them goes now, and what is left of it
    /// elsewhere with the next upkeep.
    pub(in crate::replica) fn forget_behind(&mut self, run: &VerifiedRun, stored: usize) -> Result<(), StoreError> {
        if self.community.forget_behind(&mut self.write, run, stored)? > 0 {
            self.write.set_meta(LEFT, &[1])?;
        }
        Ok(())
    }

    /// What of a run is erased and was forgotten here already is not written to the disk again; a body that is missing
    /// and is wanted comes back.
    pub(in crate::replica) fn forgetting(&self, run: &mut VerifiedRun) {
        self.community.strip(run);
    }

    /// Puts bodies back that were missing under an erasure which counts no longer, or before an end that is not here; whether
    /// there were any.
    pub(in crate::replica) fn refill(
        &mut self,
        quota: &Quota,
        run: &VerifiedRun,
        stored: usize,
    ) -> Result<bool, StoreError> {
        let own = self.own();
        let refilled = refill(&mut self.write, self.community, quota, own, run, stored)?;
        self.place(&refilled)?;
        Ok(!refilled.is_empty())
    }
}
