//! Obeying: what erasures do to the events that they name, when they begin to count, and when what they name comes
//! late (R5). What comes back once they cease to is for `replica/again.rs`.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use crate::{
    event::{Topic, VerifiedRun},
    id::{DeviceId, LAST_PLACE, LogId, Reference},
    keep::{Places, Quota, refill},
    replica::{
        fate::{Fate, fate},
        place::Placing,
    },
    roster::{ErasureFact, Erasures, Roster},
    store::{Judged, Look, Pos, StoreError, Stored, Write},
};

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
    fn stored(&self, write: &Write<'_>, log: LogId) -> Result<Vec<Stored>, StoreError> {
        let mut stored = Vec::new();
        for (places, gone) in [(&self.named, false), (&self.open, true)] {
            for (first, last) in places.iter() {
                stored.extend(write.unerased_between(log, first, last, gone)?);
            }
        }
        Ok(stored)
    }
}

impl Placing<'_> {
    /// The end of a span has come: what stands before it in that chain is known to be named now.
    pub(in crate::replica) fn name_back(&mut self, end: &Stored) -> Result<(), StoreError> {
        let log = end.log.id();
        let first = self.community.erasures.named_ends().first_of(log, end.seq, end.id.short());
        let Some(first) = first.filter(|first| *first < end.seq) else { return Ok(()) };
        let mut again = BTreeSet::new();
        for stored in self.write.unerased_between(log, first, end.seq.saturating_sub(1), false)? {
            if stored.judged != Judged::NotYet {
                again.extend(self.judge_named(&stored)?);
            }
        }
        self.fold_all_again(again)
    }

    /// The erasures of devices are to be judged again, a part at a time: after the roster changed. `old` is the roster as it
    /// was, where that tells which of them may be judged otherwise now.
    pub(in crate::replica) fn judge_erasures<'r>(
        &mut self,
        devices: &BTreeSet<DeviceId>,
        old: impl Fn(DeviceId) -> Option<&'r Roster>,
    ) -> Result<(), StoreError> {
        let tag = self.community.tag(Topic::Erasure);
        let logs = self.write.logs()?.into_iter().filter(|log| log.topic == tag && devices.contains(&log.device));
        for log in logs.collect::<Vec<_>>() {
            let (device, name) = (log.device, log.id());
            if !old(device).is_some_and(|old| old.judges_alike(&self.community.roster, device, name)) {
                self.look_later(Look::Erasures { log: name, first: 0, last: LAST_PLACE })?;
            }
        }
        Ok(())
    }

    /// Judges again whatever is erased now and was not, and what waits for it: what these erasures name, as far as they began
    /// to count. Nobody sees it from now on, so nothing of it is left for later. What those name that ceased to is.
    pub(in crate::replica) fn reconsider_erased(
        &mut self,
        before: &Erasures,
        erasures: &[Arc<ErasureFact>],
    ) -> Result<(), StoreError> {
        let now = self.community.erasures.clone();
        let gone: Vec<Reference> = now.creating().difference(before.creating()).copied().collect();
        let (mut again, mut waiting): (BTreeSet<Reference>, _) = (gone.iter().copied().collect(), BTreeSet::new());
        let began = |fact: &&Arc<ErasureFact>| {
            let event = fact.reference();
            now.counted().contains(&event) && !before.counted().contains(&event)
        };
        for (log, of) in self.places_named(erasures.iter().filter(began)) {
            for stored in of.stored(&self.write, log)? {
                again.extend(self.judge_named(&stored)?);
            }
            // What stands at a place that is named is not waited for. Most places were named before.
            for (first, last) in of.all.iter() {
                let awaited = self.write.awaited_between(log, first, last)?.into_iter();
                for seq in awaited.filter(|seq| !before.named_ends().names(log, *seq, *seq)) {
                    waiting.extend(self.write.waiting_between(log, seq, seq)?);
                }
            }
        }
        self.ask_again(again, waiting)?;
        for creating in gone {
            if let Some(stored) = self.write.event(creating)?.filter(|stored| stored.judged != Judged::Counts) {
                self.place_one(&stored)?;
            }
            self.changed.push(creating);
        }
        self.free()
    }

    /// The places that erasures which count name, each once.
    fn places_named<'f>(&self, erasures: impl Iterator<Item = &'f Arc<ErasureFact>>) -> BTreeMap<LogId, Turning> {
        let mut of = BTreeMap::<LogId, Turning>::new();
        for span in erasures.flat_map(|fact| &fact.erased.aggregates).flat_map(|aggregate| &aggregate.spans) {
            let of = of.entry(span.log).or_default();
            of.all.add(span.first, span.last);
            let places = if self.community.is_end_held(span) { &mut of.named } else { &mut of.open };
            places.add(span.first, span.last);
        }
        of
    }

    /// Judges one event again that is named by another erasure now or opens no longer; the aggregate that is to be folded
    /// again for it.
    pub(in crate::replica) fn judge_named(&mut self, stored: &Stored) -> Result<Option<Reference>, StoreError> {
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

    /// What of a run is erased and was forgotten here already is not written to the disk again; a body that is missing
    /// and is wanted comes back.
    pub(in crate::replica) fn forgetting(&self, run: &mut VerifiedRun) {
        self.community.strip(run);
    }

    /// Puts bodies back that were missing under an erasure which counts no longer, or before an end that is not here.
    pub(in crate::replica) fn refill(
        &mut self,
        quota: &Quota,
        run: &VerifiedRun,
        stored: usize,
    ) -> Result<(), StoreError> {
        let own = self.own();
        let refilled = refill(&mut self.write, self.community, quota, own, run, stored)?;
        self.place(&refilled)
    }
}
