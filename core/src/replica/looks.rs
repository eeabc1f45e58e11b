//! Looks: events that a change may have made otherwise are looked at again and judged anew, a part at a time.
//!
//! A cut takes away all that a device said, or brings back all that it erased. A log that falls silent takes along what
//! it said. A key may open years of events. Events that come later are judged by the change at once; earlier ones a
//! moment later.
//!
//! So the transaction that hears of the change notes in the store where to look: a row for a device, a log or a key.
//! The rest is done in parts, together with whatever else is due. That is a *round*:
//!
//! 1. All events are looked at. An event that comes back is *parked* in its aggregate, and nobody folds it yet.
//! 2. Each aggregate is folded again as a whole, so nobody sees half of one. Only what waits for a creating event
//!    comes behind it, as it always does.
//! 3. Whoever waits for an event that counts now is asked.
//!
//! A change that is heard of meanwhile waits for the next round, so nobody who says much keeps a round from its end.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    fate::{Fate, against_erasure, fate, is_outside},
    judge::Bench,
    place::Placing,
};
use crate::{
    aggregate::{Held, Judge},
    event::{LogHeader, Topic},
    id::{DeviceId, EpochId, LAST_PLACE, LogId, Reference},
    keep::{LEAFING, PLACES, THINGS, leaf, read_erasure, widen},
    roster::ErasureFact,
    store::{Awaited, Behind, Judged, Judgement, Look, Pos, Round, StoreError, Stored, Waits, Which},
};

/// Erasures or aggregates that are read in one go.
const PAGE: usize = 64;

/// Why events are held of which more can be told once they are opened. Of all but the first that is the aggregate in which
/// they are shown.
const SEALED: [Held; 4] = [Held::Sealed, Held::Cut, Held::Stranger, Held::Silenced];

impl Placing<'_> {
    /// Notes what is to be looked at again.
    pub(super) fn look_later(&mut self, look: Look) -> Result<(), StoreError> {
        self.note(look, Round::Next)
    }

    pub(super) fn note(&mut self, look: Look, round: Round) -> Result<(), StoreError> {
        self.cache.note_due();
        self.write.look_again(look, round)
    }

    /// Notes what is left of a look, or follows from it.
    fn look_on(&mut self, look: Look) -> Result<(), StoreError> {
        self.note(look, Round::This)
    }

    /// Looks at the next part of what is to be looked at again; whether there was any.
    pub(super) fn look_again(&mut self) -> Result<bool, StoreError> {
        match self.write.take_look()? {
            Some(Look::Device { device, after }) => self.look_at_device(device, after)?,
            Some(Look::Erasing { device, after }) => self.look_at_erasing(device, after)?,
            Some(Look::Places { which, log, first, last, after }) => {
                self.look_at_places(which, log, (first, last), after)?;
            }
            Some(Look::Lost { after }) => self.look_at_lost(after)?,
            Some(Look::Erased { log, first, last }) => self.look_at_erased(log, first, last)?,
            Some(Look::Awaited { log, after, last }) => self.look_at_awaited(log, after, last)?,
            Some(Look::Sealed { epoch, reason, after }) => self.look_at_sealed(epoch, reason, after)?,
            None => {
                let Some(creating) = self.write.take_remake()? else { return Ok(false) };
                self.make_again(creating)?;
            }
        }
        Ok(true)
    }

    /// Looks at what a device said, and for what of it others wait: its logs, one after the other.
    fn look_at_device(&mut self, device: DeviceId, after: i64) -> Result<(), StoreError> {
        let rest = self.follow_logs(device, after, |placing, header| placing.looks_of(header))?;
        rest.map_or(Ok(()), |after| self.look_on(Look::Device { device, after }))
    }

    /// Looks for logs of a device in which it erased.
    fn look_at_erasing(&mut self, device: DeviceId, after: i64) -> Result<(), StoreError> {
        let tag = self.community.tag(Topic::Erasure);
        let erasures = |header: &LogHeader| (header.topic == tag).then(|| Which::Erasures.of(header.id()));
        let rest = self.follow_logs(device, after, |_, header| Ok(Vec::from_iter(erasures(header))))?;
        rest.map_or(Ok(()), |after| self.look_on(Look::Erasing { device, after }))
    }

    /// Looks at what follows from some logs of a device; behind which it is to be gone on.
    fn follow_logs(
        &mut self,
        device: DeviceId,
        after: i64,
        looks: impl Fn(&Self, &LogHeader) -> Result<Vec<Look>, StoreError>,
    ) -> Result<Option<i64>, StoreError> {
        let page = self.write.logs_of_behind(device, after, PAGE)?;
        let rest = page.last().filter(|_| page.len() >= PAGE).map(|(last, _)| *last);
        for (_, header) in page {
            looks(self, &header)?.into_iter().try_for_each(|look| self.look_on(look))?;
            self.spend(1);
        }
        self.spend(LEAFING);
        Ok(rest)
    }

    /// What is to be looked at where a log is judged otherwise: what stands in it, and who waits for that.
    pub(super) fn looks_of(&self, header: &LogHeader) -> Result<Vec<Look>, StoreError> {
        let (log, mut looks) = (header.id(), Vec::new());
        // Members are judged by the roster, erasures where it looks at them.
        if self.community.is_erasable(header.topic) {
            looks.push(Which::Judged.of(log));
        }
        if self.write.is_awaited(log)? {
            looks.push(Look::Awaited { log, after: Awaited::from(0), last: LAST_PLACE });
        }
        Ok(looks)
    }

    /// Who waits for what stands in a log between two places is to be looked at.
    pub(super) fn ask_waiting_later(
        &mut self,
        log: LogId,
        first: u64,
        last: u64,
        round: Round,
    ) -> Result<(), StoreError> {
        if self.write.is_awaited(log)? {
            self.note(Look::Awaited { log, after: Awaited::from(first), last }, round)?;
        }
        Ok(())
    }

    /// The aggregate of a creating event is to be made or folded again; where that is not here, who waits for it is asked.
    pub(super) fn make_later(&mut self, creating: Reference, round: Round) -> Result<(), StoreError> {
        self.cache.note_due();
        match self.write.pos_of(creating)? {
            Some(pos) => self.write.make_again(pos, round),
            None => self.free_later(creating, round),
        }
    }

    /// Who waits for an event is asked behind all looks, if anybody does.
    fn free_later(&mut self, event: Reference, round: Round) -> Result<(), StoreError> {
        if !self.write.waiting_on(event, Waits::default(), 1)?.is_empty() {
            self.cache.note_due();
            self.write.put_due(event, Waits::default(), round)?;
        }
        Ok(())
    }

    /// Looks at some events of a log.
    fn look_at_places(
        &mut self,
        which: Which,
        log: LogId,
        (first, last): (u64, u64),
        after: Behind,
    ) -> Result<(), StoreError> {
        let (page, mut rest) = self.write.events_behind(log, (first, last), after, which == Which::Gone, PAGE)?;
        if [Which::Erasures, Which::Turned].contains(&which) {
            rest = self.look_at_erasures(which, &page)?.or(rest);
        } else {
            self.spend(page.len() / LEAFING);
            for stored in page.iter().filter(|stored| stored.judged != Judged::NotYet) {
                if self.is_among(which, stored)? {
                    self.look_at(stored)?;
                }
            }
        }
        self.spend(LEAFING);
        rest.map_or(Ok(()), |after| self.look_on(Look::Places { which, log, first, last, after }))
    }

    /// Whether an event is one of those that may be judged otherwise now.
    fn is_among(&self, which: Which, stored: &Stored) -> Result<bool, StoreError> {
        let erased = stored.judged == Judged::Held(Held::Erased);
        Ok(match which {
            Which::Named => !erased && self.community.is_named(&self.write, stored)?,
            Which::Gone => !erased,
            Which::Judged | Which::Erasures | Which::Turned => true,
        })
    }

    /// Looks at events that are sealed under keys which are held no longer.
    fn look_at_lost(&mut self, after: Pos) -> Result<(), StoreError> {
        let mut page = self.write.sealed_behind(after, PLACES)?;
        let rest = page.last().filter(|_| page.len() >= PLACES).map(|(last, _)| *last);
        page.retain(|(_, epoch)| !self.community.keyring.held().contains(epoch));
        for (pos, _) in page {
            if let Some(stored) = self.write.event_at(pos)?.filter(|stored| stored.judged != Judged::NotYet) {
                self.look_at(&stored)?;
            }
        }
        self.spend(LEAFING);
        rest.map_or(Ok(()), |after| self.look_on(Look::Lost { after }))
    }

    /// Judges erasures again, as far as this transaction goes: each may name very much. Behind which it is to be gone on, if these
    /// are not all.
    fn look_at_erasures(&mut self, which: Which, page: &[Stored]) -> Result<Option<Behind>, StoreError> {
        let mut named = BTreeMap::new();
        let mut rest = None;
        for stored in page {
            self.look_at_erasure(which, stored, &mut named)?;
            if self.allowance == 0 {
                rest = Behind::of(stored);
                break;
            }
        }
        for (log, (first, last)) in named {
            if self.write.log(log)?.is_some() {
                self.look_on(Look::Erased { log, first, last })?;
            }
            self.ask_waiting_later(log, first, last, Round::This)?;
        }
        Ok(rest)
    }

    /// Judges an erasure again. Where it may have turned, what it names is to be looked at, whatever was said of it last: it may
    /// have turned back since, and what came in between was judged by that. One that cannot be read never turns.
    fn look_at_erasure(
        &mut self,
        which: Which,
        stored: &Stored,
        named: &mut BTreeMap<LogId, (u64, u64)>,
    ) -> Result<(), StoreError> {
        self.spend(1);
        let counts = self.community.erasures.counted().contains(&stored.reference());
        // Of one that is held as newer nothing is known but that: it may be one that cannot be read.
        let turned = match stored.judged {
            Judged::Counts => !counts,
            Judged::Held(reason) => counts && reason != Held::Newer,
            Judged::NotYet => false,
        };
        if turned && which != Which::Turned {
            return Ok(()); // it is looked at for that
        }
        self.judge(stored, against_erasure(&self.write, self.community, stored), None, 0)?;
        if which != Which::Turned {
            return Ok(());
        }
        let Ok(erasure) = read_erasure(stored, self.community.reads()) else { return Ok(()) };
        self.spend(erasure.things() / THINGS);
        // One that only a later build reads whole is obeyed as well, as far as it can be read.
        if counts { self.take_away(&erasure) } else { self.give_back(&erasure, named) }
    }

    /// What an erasure named that counts no longer: the aggregates are made again, and of each log it adds the places. Another may
    /// have begun to erase them while this one did, and left them to it.
    fn give_back(&mut self, fallen: &ErasureFact, named: &mut BTreeMap<LogId, (u64, u64)>) -> Result<(), StoreError> {
        for aggregate in &fallen.erased.aggregates {
            widen(named, &aggregate.spans);
            // Where it is not here, what was erased with it waits for it.
            self.make_later(aggregate.creating, Round::This)?;
        }
        Ok(())
    }

    /// Looks at events of a log that are held as erased.
    fn look_at_erased(&mut self, log: LogId, first: u64, last: u64) -> Result<(), StoreError> {
        let (to, rest) = leaf(&self.write, log, first, last)?;
        for stored in self.write.held_between(log, first, to, Held::Erased)? {
            self.look_at(&stored)?;
        }
        self.spend(LEAFING);
        rest.map_or(Ok(()), |rest| self.look_on(rest))
    }

    /// What stands at a place that is named, or beyond a cut, is not waited for: who waits for nothing else is asked about. At one
    /// that is so no longer it is, and what was judged in spite of it is judged again with its aggregate.
    fn look_at_awaited(&mut self, log: LogId, after: Awaited, last: u64) -> Result<(), StoreError> {
        let page = self.write.awaited_in(log, after, last, PAGE)?;
        let rest = page.last().filter(|_| page.len() >= PAGE).copied();
        for (event, aggregate) in page.into_iter().filter(|(_, aggregate)| *aggregate != Pos::default()) {
            self.spend(1);
            let bench = Bench::new(&self.write, self.community);
            let void = !bench.stored(event) && bench.void(event);
            bench.done()?;
            if void && !self.ask_in_vain(event, aggregate)? {
                let after =
                    Awaited { seq: event.seq, check: event.check, aggregate: Pos(aggregate.0.saturating_sub(1)) };
                return self.look_on(Look::Awaited { log, after, last });
            }
            if !void && !self.write.resting_on(event, aggregate, false, Pos::default(), 1)?.is_empty() {
                self.write.make_again(aggregate, Round::This)?;
            }
        }
        self.spend(LEAFING);
        match rest {
            Some((event, aggregate)) => {
                let after = Awaited { seq: event.seq, check: event.check, aggregate };
                self.look_on(Look::Awaited { log, after, last })
            }
            None => Ok(()),
        }
    }

    /// Asks about those of an aggregate that wait for an event in vain, as far as this transaction goes; whether that was all.
    fn ask_in_vain(&mut self, event: Reference, aggregate: Pos) -> Result<bool, StoreError> {
        let mut after = Pos::default();
        loop {
            let page = self.write.resting_on(event, aggregate, true, after, PAGE)?;
            let whole = page.len() >= PAGE;
            for pos in page {
                if self.allowance == 0 {
                    return Ok(false);
                }
                let before = self.work;
                if let Some(stored) = self.write.event_at(pos)? {
                    self.place_one(&stored)?;
                }
                self.spend(self.work.saturating_sub(before).saturating_add(1));
                after = pos;
            }
            if !whole {
                return Ok(true);
            }
        }
    }

    /// Looks at events that are sealed under a key and held.
    fn look_at_sealed(&mut self, epoch: EpochId, reason: u8, after: Pos) -> Result<(), StoreError> {
        let Some(held) = SEALED.get(usize::from(reason)).filter(|_| self.community.keyring.held().contains(&epoch))
        else {
            return Ok(());
        };
        let page = self.write.held_under(epoch, *held, after, PLACES)?;
        let rest = page.last().filter(|_| page.len() >= PLACES).map(|(last, _)| *last);
        for (pos, _) in page.into_iter().filter(|(_, under)| *under) {
            if let Some(stored) = self.write.event_at(pos)? {
                self.look_at(&stored)?;
            }
        }
        self.spend(LEAFING);
        let (reason, after) = rest.map_or((reason.saturating_add(1), Pos::default()), |last| (reason, last));
        self.look_on(Look::Sealed { epoch, reason, after })
    }

    /// Looks at one event: if it is held for something else now, it is held for that; if its aggregate is to say what becomes
    /// of it, that is made or folded again.
    fn look_at(&mut self, stored: &Stored) -> Result<(), StoreError> {
        self.spend(1);
        match fate(&self.write, self.community, self.registry, stored)? {
            Fate::Counts => self.judge(stored, None, None, 0),
            Fate::Held(reason, rests_on) => {
                let changed = self.changed.len();
                self.hold(stored, reason, rests_on)?;
                let Some(id) = stored.aggregate.filter(|_| stored.judged != Judged::Held(reason)) else {
                    return Ok(());
                };
                // Until that is folded again it says what it said: who waits for the event is asked behind that.
                self.changed.truncate(changed);
                self.free_later(stored.reference(), Round::This)?;
                self.write.make_again(Pos(id.0), Round::This)
            }
            Fate::Creates(_) => self.write.make_again(stored.pos, Round::This),
            Fate::Belongs(_, aggregate) => {
                let Some((id, _)) = self.write.aggregate(aggregate)? else { return Ok(()) };
                // In its aggregate it is already, which says the rest, but for what no fold reads.
                let left_out = |reason: Held| reason.is_unread() || is_outside(reason);
                if stored.aggregate == Some(id) && !stored.judged.reason().is_some_and(left_out) {
                    return self.write.make_again(Pos(id.0), Round::This);
                }
                self.write.park(stored.pos, &[])?;
                let waits = Judgement { judged: Judged::Held(Held::Parked), aggregate: Some(id), lamport: 0 };
                self.write.judge(stored.pos, waits)?;
                self.write.make_again(Pos(id.0), Round::This)
            }
        }
    }

    /// Makes or folds the aggregate of a creating event again; whoever waits for that is asked about.
    fn make_again(&mut self, creating: Pos) -> Result<(), StoreError> {
        let Some(stored) = self.write.event_at(creating)? else { return Ok(()) };
        let (event, before) = (stored.reference(), self.work);
        if self.write.aggregate(event)?.is_some() {
            self.fold_all_again(BTreeSet::from([event]))?;
        } else if stored.judged != Judged::Counts {
            self.place_one(&stored)?;
        }
        self.spend(self.work.saturating_sub(before).saturating_add(LEAFING));
        self.changed.push(event);
        Ok(())
    }
}
