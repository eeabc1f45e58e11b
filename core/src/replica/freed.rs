//! Freeing: whoever rests on an event that came, or was judged anew, is asked about again.
//!
//! Any number may wait for one event. So a transaction asks about some of them, those of one aggregate one after the
//! other. The rest is *due*: it is noted in the store and waits on, until a later transaction goes on with it. What is
//! due is held, and nothing that counts depends on it; it only comes to count a little later than the event that it
//! waited for.
//!
//! It goes in rounds, together with what is to be looked at again (`replica/looks.rs`).

use std::sync::atomic::Ordering;

use super::{Engine, Replica, place::Placing, update::News};
use crate::{
    aggregate::{Held, Registry},
    event::LogHeader,
    id::{EventId, LAST_PLACE, Reference},
    sabotage::Rule,
    store::{Judged, Round, StoreError, Waits},
};

/// Those that rest on one event looked up in one go.
const PAGE: usize = 64;
/// Rounds that end until all is done which was noted before: that which goes on, and the next.
const ROUNDS: u64 = 2;

impl Placing<'_> {
    /// A log has come to be known: where a part of it can never count, the last of it cannot, and nobody waits for that. Whoever
    /// waits is looked at a part at a time.
    pub(super) fn free_void(&mut self, header: &LogHeader) -> Result<(), StoreError> {
        let log = header.id();
        let void = self.community.against(header, LAST_PLACE, EventId::ZERO, &self.write).is_some();
        if void { self.ask_waiting_later(log, 0, LAST_PLACE, Round::Next) } else { Ok(()) }
    }

    /// Asks again about whatever rests on an event whose judgement changed, and about what rests on those. References
    /// are hashes, so what rests on what has no circles: each change is passed on once, and the walk ends.
    pub(super) fn free(&mut self) -> Result<(), StoreError> {
        if Rule::Free.is_left_out() {
            self.changed.clear();
        }
        while let Some(event) = self.changed.pop() {
            self.free_behind(event, Waits::default())?;
        }
        Ok(())
    }

    /// Asks about those that rest on one event, behind one of them, as far as this transaction goes.
    fn free_behind(&mut self, event: Reference, mut after: Waits) -> Result<(), StoreError> {
        loop {
            let waiting = self.write.waiting_on(event, after, PAGE)?;
            let Some(last) = waiting.last().copied() else { return Ok(()) };
            for waits in waiting {
                if self.allowance == 0 {
                    self.cache.note_due();
                    return self.write.put_due(event, after, self.round);
                }
                let before = self.work;
                if self.write.unpark(event, waits)? {
                    self.ask_one(waits)?;
                }
                self.spend(self.work.saturating_sub(before).saturating_add(1));
                after = waits;
            }
            after = last;
        }
    }

    fn ask_one(&mut self, waits: Waits) -> Result<(), StoreError> {
        let Some(stored) = self.write.event_at(waits.pos)? else { return Ok(()) };
        // What was placed in spite of it takes note by itself when it turns up in the same aggregate.
        if stored.judged == Judged::Held(Held::Parked)
            || (stored.judged != Judged::NotYet && stored.aggregate.is_none())
        {
            self.place_one(&stored)?;
        }
        let event = stored.reference();
        if waits.is_of_none() && self.changed.last() != Some(&event) {
            // Who builds on it waited until it was asked about, whatever came of that.
            self.changed.push(event);
        }
        Ok(())
    }

    /// So much less is freed in this transaction.
    pub(super) fn spend(&mut self, events: usize) {
        self.allowance = self.allowance.saturating_sub(events);
    }

    /// Goes on with what is due, as far as this transaction goes: with the looks of a round, and behind them with those who wait
    /// since then, so that neither keeps the other from its end.
    pub(super) fn go_on(&mut self) -> Result<(), StoreError> {
        self.round = Round::This;
        while self.allowance > 0 && self.cache.due.load(Ordering::Relaxed) {
            if self.look_again()? {
                self.free()?;
            } else if let Some((event, after)) = self.write.take_due()? {
                self.spend(1);
                self.free_behind(event, after)?;
                self.free()?;
            } else if self.write.begin_round()? {
                self.begun = self.begun.saturating_add(1);
            } else {
                self.cache.due.store(false, Ordering::Relaxed);
            }
        }
        Ok(())
    }
}

impl Engine {
    /// One transaction of what is due, and what is to be told of it.
    fn go_on(&mut self, registry: &Registry) -> Result<News, StoreError> {
        self.refresh()?;
        let Some(community) = self.community.as_mut() else { return Ok(Default::default()) };
        Placing::begin(&mut self.store, community, &self.keys, registry, &mut self.cache)?.commit()
    }
}

impl Replica {
    /// Goes on with what is due: what waited for something that has come since, what a new key opens, what nobody erases any
    /// more, and what a cut or an erasure takes away, where that was too much to be placed together with what changed it. One
    /// call is one transaction of bounded work; whether more is due comes back. A link that has nothing to say makes it by
    /// itself, and so does [`tend`](Self::tend); each command and each event that comes does a part.
    ///
    /// # Errors
    /// When the store fails; what is due stays due.
    pub fn go_on(&self) -> Result<bool, StoreError> {
        let is_due = || self.inner.due.load(Ordering::Relaxed);
        if !is_due() || self.snapshot().is_none() {
            return Ok(false);
        }
        let news = self.with_engine_idly(|engine| {
            let done = engine.go_on(&self.inner.registry);
            if done.is_err() {
                engine.forget()?;
            }
            done
        })?;
        self.announce(Vec::new(), news);
        Ok(is_due())
    }

    /// Goes on where nobody waits for an answer; whether more is due, and it can be gone on with now.
    pub(super) fn goes_on_idly(&self) -> bool {
        if self.reads_alone() {
            return false;
        }
        self.go_on().unwrap_or_else(|error| {
            tracing::warn!(%error, "what is due is gone on with later");
            false
        })
    }

    /// Goes on until all is done that was due when it began, after something that a person did here: they see what came of it,
    /// and others come in between.
    pub(super) fn finish_idly(&self) {
        let rounds = self.rounds_ahead();
        while rounds() && self.goes_on_idly() {}
    }

    /// Goes on until all is done that was due when it began. Where nothing can be written, what is due stays due.
    pub(super) fn catch_up(&self) -> Result<(), StoreError> {
        let rounds = self.rounds_ahead();
        while rounds() {
            match self.go_on() {
                Ok(true) => {}
                Ok(false) => return Ok(()),
                Err(error) if error.is_unwritable() => return Ok(()),
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Whether the round that goes on is not over yet, nor the next, in which is what was noted meanwhile. What comes from now
    /// on is for a later one, so that whoever brings more and more keeps nobody here for ever.
    fn rounds_ahead(&self) -> impl Fn() -> bool {
        let over = || self.inner.rounds.load(Ordering::Relaxed);
        let last = over().saturating_add(ROUNDS);
        move || over() < last
    }
}
