//! The upkeep of forgetting: terms that begin and end, stragglers that nobody named, orders closed long ago.

use std::collections::BTreeSet;

use serde::Serialize;

use super::EraseError;
use crate::{
    aggregate::{Held, Match, Select, medicine_box::BOX_MOVE},
    event::Content,
    id::{CommandId, Reference},
    limits,
    replica::{Engine, Replica},
    roster::Device,
    store::{Pos, StoreError},
};

/// The main file still has to be written over, because somebody was reading when bytes were forgotten.
const SCRUB: &str = "erasure-scrub";
const DAY_MS: i64 = 24 * 60 * 60 * 1_000;
/// Orders that are erased by themselves in one go.
const AT_ONCE: usize = 256;

/// What an upkeep did.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Tended {
    /// Closed orders that were erased now; they are shown nowhere any more.
    pub erased: Vec<Reference>,
    /// Events of erased aggregates that came late and were named now.
    pub stragglers: u64,
    /// Bodies that were forgotten now, for good.
    pub forgotten: u64,
}

impl Replica {
    /// Does what is due, on every phone once in a while, such as once an hour and when the app is opened: forgets
    /// what was erased 72 hours of running time ago. A coordinator's replica also names events of erased aggregates
    /// that came late, and erases orders that are closed for as many days as the settings say, with nothing owed,
    /// entrusted or to be looked at, and no take for them within 90 days.
    ///
    /// # Errors
    /// [`EraseError::Store`] when the store fails; what was done before stands.
    pub fn tend(&self) -> Result<Tended, EraseError> {
        self.begin_terms()?;
        let forgotten = self.forget_due()?;
        let mut tended = Tended { forgotten, ..Tended::default() };
        if self.is_coordinator() && self.is_ready() {
            tended.stragglers = self.name_stragglers()?;
            tended.erased = self.closed_long_ago()?;
            if !tended.erased.is_empty() {
                self.erase(self.command_of(&tended.erased), &tended.erased)?;
            }
        }
        Ok(tended)
    }

    /// Whether this device is a coordinator's, and not withdrawn.
    pub(super) fn is_coordinator(&self) -> bool {
        let Some(community) = self.snapshot() else { return false };
        let device = community.roster.device(community.me);
        device.is_some_and(Device::is_on_duty)
    }

    /// A command id that is the same for the same aggregates: an upkeep broken off writes nothing twice.
    fn command_of(&self, aggregates: &[Reference]) -> CommandId {
        let mut hash = blake3::Hasher::new_derive_key("linli 2026 upkeep erasure v1");
        aggregates.iter().for_each(|aggregate| {
            hash.update(&aggregate.to_bytes());
        });
        let mut id = [0; 16];
        hash.finalize_xof().fill(&mut id);
        CommandId::from_bytes(id)
    }

    /// Notes of erasures that count, and were not noted yet, that they are held from now on. One that counts no
    /// longer begins anew should it ever count again.
    pub(in crate::replica) fn begin_terms(&self) -> Result<(), StoreError> {
        let now = self.running();
        let clock = self.inner.clock.as_ref();
        self.with_engine(|engine| {
            let Some(community) = engine.community.as_mut() else { return Ok(()) };
            let noted = community.turned_terms(now);
            if noted.is_empty() {
                return Ok(());
            }
            let mut write = engine.store.write()?;
            for (erasure, term) in &noted {
                term.keep(&mut write, *erasure)?;
            }
            self.inner.running.keep(&mut write, clock)?;
            write.commit()?;
            community.terms.extend(noted);
            self.publish(engine);
            Ok(())
        })
    }

    /// Forgets what is named by erasures held for long enough; the number of bodies.
    pub(in crate::replica) fn forget_due(&self) -> Result<u64, StoreError> {
        let now = self.running();
        let clock = self.inner.clock.as_ref();
        self.with_engine(|engine| {
            let Some(due) = engine.community.as_ref().map(|community| community.due_erasures(now)) else {
                return Ok(0);
            };
            let forgotten = if due.is_empty() { 0 } else { engine.forget_named(&due, &self.inner.running, clock)? };
            if forgotten > 0 {
                self.publish(engine);
            }
            if engine.store.meta(SCRUB)?.as_deref() == Some(&[1]) {
                engine.scrub()?;
            }
            Ok(forgotten)
        })
    }

    /// Orders that are closed for long enough and have nothing about them that is still open.
    fn closed_long_ago(&self) -> Result<Vec<Reference>, EraseError> {
        let settings = self.settings().map_err(EraseError::from_query)?;
        let now = self.inner.clock.wall().0;
        let before = now.saturating_sub(settings.erase_after_days.max(1).saturating_mul(DAY_MS));
        let taken_since = now.saturating_sub(limits::ERASE_TAKE_DAYS.saturating_mul(DAY_MS));
        let mut closed = Select::from("order_card").is("open", false).ascending("ended_at").limit(AT_ONCE);
        for column in ["owed", "entrusted", "review", "conflicts", "contested"] {
            closed = closed.is(column, 0_i64);
        }
        // The newest claim of several decides: one clock set back must not make a new order old.
        for column in ["opened", "refreshed", "ended_at"] {
            closed = closed.and(column, Match::Below(before.into()));
        }
        Ok(self.read(|reader| {
            let mut due = Vec::new();
            for row in reader.select(&closed)? {
                let takes = Select::from(BOX_MOVE.name).is("for_order", row.aggregate);
                let recent = takes.and("wall", Match::AtLeast(taken_since.into())).limit(1);
                if reader.select(&recent)?.is_empty() {
                    due.push(row.aggregate);
                }
            }
            Ok(due)
        })?)
    }

    /// Names events of erased aggregates that no erasure names yet; how many.
    fn name_stragglers(&self) -> Result<u64, EraseError> {
        let Some(community) = self.snapshot() else { return Ok(0) };
        let stragglers = self.read(|reader| {
            let (mut after, mut found) = (Pos::default(), BTreeSet::new());
            loop {
                let page = reader.held(Some(Held::Erased as u8), after, 512)?;
                let Some(last) = page.last() else { return Ok(found) };
                after = last.pos;
                for stored in page.iter().filter(|stored| matches!(stored.content, Content::Here(_))) {
                    if community.is_erasable(stored.log.topic) && !community.is_named(reader, stored)? {
                        found.insert(stored.pos);
                    }
                }
            }
        })?;
        if stragglers.is_empty() {
            return Ok(0);
        }
        let aggregates = self.read(|reader| {
            let mut aggregates = BTreeSet::new();
            for pos in &stragglers {
                let Some(stored) = reader.event_at(*pos)? else { continue };
                let filed = crate::replica::place::opened(&stored, &community).ok();
                aggregates.extend(filed.map(|filed| filed.body.aggregate.unwrap_or(filed.reference)));
            }
            Ok(aggregates)
        })?;
        self.write_erasure(None, &aggregates.into_iter().collect::<Vec<_>>())?;
        Ok(u64::try_from(stragglers.len()).unwrap_or(u64::MAX))
    }
}

impl Engine {
    /// Forgets the bodies that these erasures name, in one transaction.
    fn forget_named(
        &mut self,
        due: &BTreeSet<Reference>,
        running: &crate::replica::Running,
        clock: &dyn crate::time::Clock,
    ) -> Result<u64, StoreError> {
        let Some(community) = self.community.as_mut() else { return Ok(0) };
        let mut write = self.store.write()?;
        let (forgotten, done) = community.forget(&mut write, due)?;
        write.compact_search()?;
        write.set_meta(SCRUB, &[1])?;
        running.keep(&mut write, clock)?;
        write.commit()?;
        community.terms.extend(done);
        self.cache.clear();
        Ok(forgotten)
    }

    /// Empties the write-ahead log; later, if somebody is reading just then.
    fn scrub(&mut self) -> Result<(), StoreError> {
        // The note goes first, and with the log: what is left of it says nothing.
        let mut write = self.store.write()?;
        write.set_meta(SCRUB, &[0])?;
        write.commit()?;
        match self.store.scrub() {
            Err(StoreError::Busy) => {
                let mut write = self.store.write()?;
                write.set_meta(SCRUB, &[1])?;
                write.commit()
            }
            done => done,
        }
    }
}
