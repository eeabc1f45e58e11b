//! Changes: what becomes of stored events, which are judged anew, when the roster changes, a key comes or goes, or a log
//! comes to its end.

use std::collections::BTreeSet;

use super::{
    fate::{Fate, Fold, fate, fold},
    place::Placing,
    update::Update,
    warm::Warm,
};
use crate::{
    event::{LogHeader, Topic, Verified, VerifiedRun},
    id::{DeviceId, EpochId, LAST_PLACE, LogId, Reference},
    roster::{CutHead, affected, roomier},
    sabotage::Rule,
    store::{AggregateId, Judged, Judgement, Look, Pos, Round, StoreError, Which},
};

impl Placing<'_> {
    /// Whether one of these events, behind so many that were held before, ends a log for somebody: until it came, all up to
    /// its place stood, whatever branch it was on, so that the log has to be judged again (R8). Of one branch all stands on, but
    /// of what is not held there nothing is waited for any more.
    pub(super) fn look_for_ends(&mut self, run: &VerifiedRun, held_before: usize) -> Result<(), StoreError> {
        let (roster, device, log) = (&self.community.roster, run.header().device, run.header().id());
        let ends = |event: &Verified| roster.ends_at(device, log, CutHead { seq: event.seq, id: event.id });
        if roster.has_ends(device) && run.events().iter().skip(held_before).any(ends) {
            if self.write.heads(log)?.len() > 1 {
                self.again.insert(log);
            } else {
                self.ask_waiting_later(log, 0, LAST_PLACE, Round::Next)?;
            }
        }
        Ok(())
    }

    /// Where a log has too many branches, nothing of it counts until a cut says what does, and the head that it names is here.
    pub(super) fn silence(&mut self, header: &LogHeader, branches: usize) -> Result<(), StoreError> {
        if self.community.crowd(header, branches, &self.write)? {
            self.again.insert(header.id());
            self.roster_turned = true;
            self.news.insert(Update::Roster);
        }
        Ok(())
    }

    /// Takes roster events and erasures into account that were placed since; whatever they change is judged again.
    pub(super) fn settle_roster(&mut self) -> Result<(), StoreError> {
        let (mut devices, again) = (BTreeSet::new(), std::mem::take(&mut self.again));
        let mut roster = std::mem::take(&mut self.roster_changed);
        if !std::mem::take(&mut self.erasures_changed) && !roster && again.is_empty() {
            return Ok(());
        }
        let keys_before = self.community.keyring.held().clone();
        let (mut old_roster, mut crowded) = (None, BTreeSet::new());
        if roster {
            self.news.insert(Update::Roster);
            let unread = self.community.roster.unread().count();
            match self.community.refresh(&self.write, self.keys)? {
                Some(old) => {
                    self.roster_turned = true;
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
        // Erasures before the rest is judged: nothing erased is shown in between (R5).
        let turned = self.community.refresh_erasures(&self.write)?;
        if roster {
            self.judge_erasures(&devices, old_roster.as_ref())?;
            self.reconsider(devices.union(&crowded), &keys_before)?;
        }
        again.into_iter().try_for_each(|log| self.judge_log(log))?;
        self.settle_erasures(&turned)
    }

    /// A log is to be judged again, a part at a time.
    fn judge_log(&mut self, log: LogId) -> Result<(), StoreError> {
        let Some(header) = self.write.log(log)?.filter(|_| !Rule::JudgeAnew.is_left_out()) else { return Ok(()) };
        if self.community.topic(header.topic) == Some(Topic::Erasure) {
            self.look_later(Which::Erasures.of(log))?;
        }
        self.looks_of(&header)?.into_iter().try_for_each(|look| self.look_later(look))
    }

    /// Whatever a changed roster or keyring may judge otherwise is to be looked at, a part at a time: what these devices said,
    /// and who waits for something of theirs, and whatever is sealed under a key that came, or that is held no longer.
    fn reconsider<'d>(
        &mut self,
        devices: impl Iterator<Item = &'d DeviceId>,
        keys_before: &BTreeSet<EpochId>,
    ) -> Result<(), StoreError> {
        for device in devices.filter(|_| !Rule::JudgeAnew.is_left_out()) {
            self.look_later(Look::Device { device: *device, after: 0 })?;
        }
        let now = self.community.keyring.held().clone();
        for epoch in now.difference(keys_before) {
            if self.write.is_sealed_under(*epoch)? {
                self.look_later(Look::Sealed { epoch: *epoch, reason: 0, after: Pos::default() })?;
            }
        }
        for epoch in keys_before.difference(&now) {
            if self.write.is_sealed_under(*epoch)? {
                // Of all that are lost at once.
                return self.look_later(Look::Lost { after: Pos::default() });
            }
        }
        Ok(())
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
    pub(super) fn fold_again(&mut self, aggregate: Reference, id: AggregateId) -> Result<(), StoreError> {
        let before = self.cache.warm.pop(&aggregate);
        if !self.has_creating(aggregate, id)? {
            return self.dissolve(aggregate, id);
        }
        match fold(&self.write, self.community, self.registry, (aggregate, id), Fold::Again)? {
            Some((folded, placed)) => {
                self.work = self.work.saturating_add(folded.events());
                self.cache.warm.put(aggregate, Warm { id, folded, shown: before.and_then(|warm| warm.shown) });
                self.touched.entry(aggregate).or_default();
                self.keep(aggregate, id, placed, None)
            }
            None => self.dissolve(aggregate, id),
        }
    }

    /// Whether the creating event of an aggregate that stands counts. It may have been held since that was made, and count
    /// again: then it says so from now on.
    fn has_creating(&mut self, aggregate: Reference, id: AggregateId) -> Result<bool, StoreError> {
        let Some(creating) = self.write.event(aggregate)? else { return Ok(false) };
        if (creating.judged, creating.aggregate) == (Judged::Counts, Some(id)) {
            return Ok(true);
        }
        let creates = matches!(fate(&self.write, self.community, self.registry, &creating)?, Fate::Creates(_));
        if creates {
            self.judge(&creating, None, Some(id), 1)?;
        }
        Ok(creates)
    }

    /// The creating event counts no longer: the aggregate goes, its events are held.
    fn dissolve(&mut self, aggregate: Reference, id: AggregateId) -> Result<(), StoreError> {
        self.write.put_rows(id, Vec::new())?;
        self.write.set_search(id, None)?;
        self.touched.remove(&aggregate);
        let mut events = self.write.events_of(id)?;
        if !events.iter().any(|stored| stored.reference() == aggregate) {
            events.extend(self.write.event(aggregate)?);
        }
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
}
