//! The upkeep of forgetting: terms that begin and end, stragglers that nobody named, bytes that go.

use std::collections::BTreeSet;

use super::{EraseError, Term, is_erasable};
use crate::{
    aggregate::Held,
    event::Content,
    id::{CommandId, Reference},
    limits,
    replica::{Engine, Replica, Tended},
    roster::Device,
    store::{Pos, StoreError},
};

/// The main file still has to be written over, because somebody was reading when bytes were forgotten.
const SCRUB: &str = "erasure-scrub";
/// When an erasure was first held that does not count.
const NEVER: u64 = u64::MAX;

impl Replica {
    /// What only a coordinator's replica does: names events of erased aggregates that came late, and erases orders
    /// that were closed long ago.
    pub(in crate::replica) fn tend_erasures(&self, tended: &mut Tended) -> Result<(), EraseError> {
        tended.stragglers = self.name_stragglers()?;
        let closed = self.closed_long_ago()?;
        if !closed.is_empty() {
            self.erase(self.command_of(&closed), &closed)?;
            tended.erased = closed;
        }
        Ok(())
    }

    /// Whether this device is a coordinator's, and not withdrawn.
    pub(in crate::replica) fn is_coordinator(&self) -> bool {
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
            let counted = community.erasures.counted();
            let begins = |erasure: &&Reference| community.terms.get(erasure).is_none_or(|term| term.since == NEVER);
            let falls = |(erasure, term): &(&Reference, &Term)| !counted.contains(erasure) && term.since != NEVER;
            let begun = counted.iter().filter(begins).map(|erasure| (*erasure, Term { since: now, done: false }));
            let fallen = community.terms.iter().filter(falls);
            let fallen = fallen.map(|(erasure, _)| (*erasure, Term { since: NEVER, done: false }));
            let noted: Vec<(Reference, Term)> = begun.chain(fallen).collect();
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
            let Some(due) = due(engine, now) else { return Ok(0) };
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
                    if is_erasable(&community, stored.log.topic) && !super::is_named(reader, &community, stored)? {
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

/// Erasures that were held for long enough and not carried out; `None` outside of a community.
fn due(engine: &Engine, now: u64) -> Option<BTreeSet<Reference>> {
    let community = engine.community.as_ref()?;
    let long_enough = |term: &Term| !term.done && term.since.saturating_add(limits::FORGET_MS) <= now;
    let counted = community.erasures.counted().iter();
    Some(counted.filter(|erasure| community.terms.get(erasure).is_some_and(long_enough)).copied().collect())
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
        let mut forgotten = 0_u64;
        let mut write = self.store.write()?;
        for naming in community.erasures.namings().filter(|naming| due.contains(&naming.by)) {
            let span = naming.span;
            for stored in write.events_between(span.log, span.first, span.last)? {
                let here = matches!(stored.content, Content::Here(_)) && is_erasable(community, stored.log.topic);
                if here && write.is_in_chain(span.log, stored.seq, stored.id, span.last, span.check)? == Some(true) {
                    write.erase(stored.pos)?;
                    forgotten = forgotten.saturating_add(1);
                }
            }
        }
        let done: Vec<(Reference, Term)> = due
            .iter()
            .filter_map(|erasure| Some((*erasure, Term { done: true, ..*community.terms.get(erasure)? })))
            .collect();
        for (erasure, term) in &done {
            term.keep(&mut write, *erasure)?;
        }
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
