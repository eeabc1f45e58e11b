//! Looking again, a part at a time: what a device or a log said that is judged otherwise now, what erasures named that count no
//! longer, and what a key opens that came, or opens no more that went.
//!
//! A cut takes away all that a device said, or makes all that it erased come back; a log that falls silent takes along what it
//! said; a key may open years. What came since is judged by that at once; what was there is looked at a moment later. So the
//! transaction that hears of it notes in the store where to look, in a row for a device, a log or a key, and the rest is done
//! in parts, with whatever else is due. First all events are looked at: each that comes back is *parked* in its aggregate, and
//! folded by nobody. Then each aggregate is made or folded again, as a whole: so nobody sees half of one, but what waits for a
//! creating event, which comes behind it as it does for any other.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    fate::{Fate, against_erasure, fate, is_outside, is_unread},
    judge::Bench,
    place::Placing,
};
use crate::{
    aggregate::{Held, Judge},
    id::{DeviceId, EpochId, LAST_PLACE, LogId, Reference, TopicTag},
    keep::{LEAFING, PLACES, leaf, read_erasure, widen},
    roster::ErasureFact,
    store::{Awaited, Judged, Judgement, Look, Pos, StoreError, Stored, Waits},
};

/// Erasures or aggregates that are read in one go.
const PAGE: usize = 64;

/// Why events are held of which more can be told once they are opened. Of all but the first that is the aggregate in which
/// they are shown.
const SEALED: [Held; 4] = [Held::Sealed, Held::Cut, Held::Stranger, Held::Silenced];

impl Placing<'_> {
    /// Notes what is to be looked at again.
    pub(super) fn look_later(&mut self, look: Look) -> Result<(), StoreError> {
        self.cache.note_due();
        self.write.look_again(look)
    }

    /// Looks at the next part of what is to be looked at again; whether there was any.
    pub(super) fn look_again(&mut self) -> Result<bool, StoreError> {
        match self.write.take_look()? {
            Some(Look::Device { device, after }) => self.look_at_device(device, after)?,
            Some(Look::Judged { log, first, last }) => self.look_at_judged(log, first, last)?,
            Some(Look::Lost { after }) => self.look_at_lost(after)?,
            Some(Look::Erasures { log, first, last }) => self.look_at_erasures(log, first, last)?,
            Some(Look::Named { log, first, last }) => self.look_at_named(log, first, last)?,
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
        let page = self.write.logs_of_behind(device, after, PAGE)?;
        let rest = page.last().filter(|_| page.len() >= PAGE).map(|(last, _)| *last);
        for (_, header) in page {
            self.turn_later(header.id(), Some(header.topic), 0, LAST_PLACE)?;
            self.spend(1);
        }
        self.spend(LEAFING);
        rest.map_or(Ok(()), |after| self.look_later(Look::Device { device, after }))
    }

    /// What stands in a log between two places, and who waits for that, is to be looked at.
    pub(super) fn turn_later(
        &mut self,
        log: LogId,
        topic: Option<TopicTag>,
        first: u64,
        last: u64,
    ) -> Result<(), StoreError> {
        // Members are judged by the roster, erasures where it looks at them.
        if topic.is_some_and(|topic| self.community.is_erasable(topic)) {
            self.look_later(Look::Judged { log, first, last })?;
        }
        self.ask_waiting_later(log, first, last)
    }

    /// Who waits for what stands in a log between two places is to be looked at.
    pub(super) fn ask_waiting_later(&mut self, log: LogId, first: u64, last: u64) -> Result<(), StoreError> {
        if self.write.is_awaited(log)? {
            self.look_later(Look::Awaited { log, after: Awaited::from(first), last })?;
        }
        Ok(())
    }

    /// The aggregate of a creating event is to be made or folded again; where that is not here, who waits for it is asked.
    pub(super) fn make_later(&mut self, creating: Reference) -> Result<(), StoreError> {
        self.cache.note_due();
        match self.write.pos_of(creating)? {
            Some(pos) => self.write.make_again(pos),
            None => self.write.put_due(creating, Waits::default()),
        }
    }

    /// Looks at events of a log, whatever became of them.
    fn look_at_judged(&mut self, log: LogId, first: u64, last: u64) -> Result<(), StoreError> {
        let rest = self.each_between(log, first, last, |placing, stored| match stored.judged {
            Judged::NotYet => Ok(()),
            _ => placing.look_at(stored),
        })?;
        self.spend(LEAFING);
        rest.map_or(Ok(()), |first| self.look_later(Look::Judged { log, first, last }))
    }

    /// Does something to the events of a log from one place to another, as far as this transaction goes; from where on it is to
    /// be gone on with.
    fn each_between(
        &mut self,
        log: LogId,
        first: u64,
        last: u64,
        mut each: impl FnMut(&mut Self, &Stored) -> Result<(), StoreError>,
    ) -> Result<Option<u64>, StoreError> {
        let page = self.write.events_of_log(log, first, PAGE)?;
        let (whole, mut rest) = (page.len() >= PAGE, page.last().and_then(|end| end.seq.checked_add(1)));
        let mut place = first;
        for stored in page {
            // Of one place all, however many branches there are.
            if stored.seq > last || (self.allowance == 0 && stored.seq > place) {
                rest = Some(stored.seq);
                break;
            }
            place = stored.seq;
            each(self, &stored)?;
        }
        Ok(rest.filter(|rest| *rest <= last && (whole || self.allowance == 0)))
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
        rest.map_or(Ok(()), |after| self.look_later(Look::Lost { after }))
    }

    /// Judges erasures again; what those named that count no longer is to be looked at.
    fn look_at_erasures(&mut self, log: LogId, first: u64, last: u64) -> Result<(), StoreError> {
        let mut named = BTreeMap::new();
        let rest = self.each_between(log, first, last, |placing, stored| {
            // One that only a later build reads whole is obeyed as well, as far as it can be read.
            let counted = [Judged::Counts, Judged::Held(Held::Newer)].contains(&stored.judged);
            placing.judge(stored, against_erasure(&placing.write, placing.community, stored), None, 0)?;
            placing.spend(1);
            if counted
                && !placing.community.erasures.counted().contains(&stored.reference())
                && let Ok(fallen) = read_erasure(stored, placing.community.reads())
            {
                placing.give_back(&fallen, &mut named)?;
            }
            Ok(())
        })?;
        self.look_at_places(named)?;
        rest.map_or(Ok(()), |first| self.look_later(Look::Erasures { log, first, last }))
    }

    /// What an erasure named that counts no longer: the aggregates are made again, and of each log it adds the places.
    fn give_back(&mut self, fallen: &ErasureFact, named: &mut BTreeMap<LogId, (u64, u64)>) -> Result<(), StoreError> {
        for aggregate in &fallen.erased.aggregates {
            // A log that is named is looked up, which is less than to look at an event.
            self.spend(1 + aggregate.spans.len() / 4);
            widen(named, &aggregate.spans);
            // Where it is not here, what was erased with it waits for it.
            if !self.community.erasures.is_erased(aggregate.creating) {
                self.make_later(aggregate.creating)?;
            }
        }
        Ok(())
    }

    fn look_at_places(&mut self, named: BTreeMap<LogId, (u64, u64)>) -> Result<(), StoreError> {
        for (log, (first, last)) in named {
            if self.write.log(log)?.is_some() {
                self.look_later(Look::Named { log, first, last })?;
            }
            self.ask_waiting_later(log, first, last)?;
        }
        Ok(())
    }

    /// Looks at events of a log that are held as erased.
    fn look_at_named(&mut self, log: LogId, first: u64, last: u64) -> Result<(), StoreError> {
        let (to, rest) = leaf(&self.write, log, first, last)?;
        for stored in self.write.held_between(log, first, to, Held::Erased)? {
            self.look_at(&stored)?;
        }
        self.spend(LEAFING);
        rest.map_or(Ok(()), |rest| self.look_later(rest))
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
                return self.look_later(Look::Awaited { log, after, last });
            }
            if !void && !self.write.resting_on(event, aggregate, false, Pos::default(), 1)?.is_empty() {
                self.write.make_again(aggregate)?;
            }
        }
        self.spend(LEAFING);
        match rest {
            Some((event, aggregate)) => {
                let after = Awaited { seq: event.seq, check: event.check, aggregate };
                self.look_later(Look::Awaited { log, after, last })
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
        self.look_later(Look::Sealed { epoch, reason, after })
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
                let event = stored.reference();
                if !self.write.waiting_on(event, Waits::default(), 1)?.is_empty() {
                    self.cache.note_due();
                    self.write.put_due(event, Waits::default())?;
                }
                self.write.make_again(Pos(id.0))
            }
            Fate::Creates(_) => self.write.make_again(stored.pos),
            Fate::Belongs(_, aggregate) => {
                let Some((id, _)) = self.write.aggregate(aggregate)? else { return Ok(()) };
                // In its aggregate it is already, which says the rest, but for what no fold reads.
                let left_out = |reason| is_unread(reason) || is_outside(reason);
                if stored.aggregate == Some(id) && !stored.judged.reason().is_some_and(left_out) {
                    return self.write.make_again(Pos(id.0));
                }
                self.write.park(stored.pos, &[])?;
                let waits = Judgement { judged: Judged::Held(Held::Parked), aggregate: Some(id), lamport: 0 };
                self.write.judge(stored.pos, waits)?;
                self.write.make_again(Pos(id.0))
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
