//! Terms: since when erasures are held, and which bodies they let go (R5).
//!
//! An erasure is obeyed as soon as it counts. Its bytes stay for 72 hours of this replica's own running time, so that
//! a stolen coordinator's phone cannot destroy anything before it is cut: until then an erasure that falls brings all
//! of it back. Afterwards bodies are replaced by their hashes, and neither a link nor a bundle puts them on the disk
//! again.

use std::collections::{BTreeMap, BTreeSet};

use super::{Places, Rules};
use crate::{
    event::{Content, Topic, Verified, VerifiedRun},
    id::{LogId, Reference, ShortId, TopicTag},
    limits,
    roster::Stretch,
    store::{Store, StoreError, Stored, View, Write},
};

/// When an erasure was first held that does not count.
pub const NEVER: u64 = u64::MAX;

const TERM: &str = "erasure";
/// Places whose bodies are read in one go.
const PAGE: u64 = 256;
/// The main file still has to be written over, because somebody was reading when bytes were forgotten.
const SCRUB: &str = "erasure-scrub";

/// Since when this replica holds an erasure that counts, and whether it has forgotten what that names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Term {
    /// Milliseconds of running time at which it was first held.
    pub since: u64,
    /// Whether what it names is forgotten.
    pub done: bool,
}

impl Term {
    /// What is noted of an erasure, if anything.
    ///
    /// # Errors
    /// When the store fails.
    pub fn of(view: &View, erasure: Reference) -> Result<Option<(Reference, Self)>, StoreError> {
        let noted = view.meta(&key(erasure))?;
        let term = noted.as_deref().and_then(|noted| {
            let (since, rest) = noted.split_first_chunk::<8>()?;
            Some(Self { since: u64::from_be_bytes(*since), done: rest == [1] })
        });
        Ok(term.map(|term| (erasure, term)))
    }

    /// Notes it.
    ///
    /// # Errors
    /// When the store fails.
    pub fn keep(self, write: &mut Write<'_>, erasure: Reference) -> Result<(), StoreError> {
        let mut noted = self.since.to_be_bytes().to_vec();
        noted.push(self.done.into());
        write.set_meta(&key(erasure), &noted)
    }
}

fn key(erasure: Reference) -> String {
    format!("{TERM}:{erasure}")
}

impl Rules {
    /// Whether events of this topic can be erased at all: never members, never erasures.
    pub fn is_erasable(&self, topic: TopicTag) -> bool {
        self.topic(topic).and_then(Topic::compartment).is_some()
    }

    /// Whether an erasure that counts names a stored event: the whole chain must be held up to the end that the erasure
    /// names. An end that is not here may be invented: until it is held, what came without its body is asked for.
    ///
    /// # Errors
    /// When the store fails.
    pub fn is_named(&self, view: &View, stored: &Stored) -> Result<bool, StoreError> {
        if self.erasures.is_empty() || !self.is_erasable(stored.log.topic) {
            return Ok(false);
        }
        let (log, seq, named) = (stored.log.id(), stored.seq, self.erasures.named_ends());
        if !named.names(log, seq, seq) {
            return Ok(false);
        }
        self.ends.erase(view, self.both(), log, seq, stored.id)
    }

    /// Whether the bodies that a run lacks may be lacking: an erasure held here names each, whether it counts or not.
    pub fn may_lack(&self, run: &VerifiedRun) -> bool {
        let lacks = |event: &Verified| matches!(event.content, Content::Erased(_));
        if !run.events().iter().any(lacks) {
            return true;
        }
        // By the place alone, on whatever branch: what comes in parts is judged as what comes at once.
        let (log, named) = (run.header().id(), self.erasures.explained());
        let may = |event: &Verified| !lacks(event) || named.names(log, event.seq, event.seq);
        self.is_erasable(run.header().topic) && run.events().iter().all(may)
    }

    /// Takes the bodies out of a run that were forgotten here already, so that nothing brings them back. Where the end that
    /// an erasure names is not in the run, what stands before it is held, and not written again; or it goes when the end comes.
    pub fn strip(&self, run: &mut VerifiedRun) {
        if self.forgotten.is_empty() || !self.is_erasable(run.header().topic) {
            return;
        }
        let (log, begin) = (run.header().id(), run.events().first().map_or(0, |first| first.seq));
        let mut goes = Places::default();
        for end in run.events() {
            let named = self.forgotten.up_to(log, end.seq, end.id.short()).flat_map(Stretch::runs);
            named.filter(|(_, last)| *last >= begin).for_each(|(first, last)| goes.add(first.max(begin), last));
        }
        run.forget(|_, event| goes.holds(event.seq));
    }

    /// Terms that begin or end now: of erasures that count and are not noted yet, and of noted ones that count no
    /// longer, which begin anew should they ever count again. `running` is this replica's own running time in
    /// milliseconds.
    pub fn turned_terms(&self, running: u64) -> Vec<(Reference, Term)> {
        let counted = self.erasures.counted();
        let begins = |erasure: &&Reference| self.terms.get(erasure).is_none_or(|term| term.since == NEVER);
        let falls = |(erasure, term): &(&Reference, &Term)| !counted.contains(erasure) && term.since != NEVER;
        let begun = counted.iter().filter(begins).map(|erasure| (*erasure, Term { since: running, done: false }));
        let fallen = self.terms.iter().filter(falls);
        let fallen = fallen.map(|(erasure, _)| (*erasure, Term { since: NEVER, done: false }));
        begun.chain(fallen).collect()
    }

    /// Erasures that were held for long enough and are not carried out.
    pub fn due_erasures(&self, running: u64) -> BTreeSet<Reference> {
        let long_enough = |term: &Term| !term.done && term.since.saturating_add(limits::FORGET_MS) <= running;
        let counted = self.erasures.counted().iter();
        counted.filter(|erasure| self.terms.get(erasure).is_some_and(long_enough)).copied().collect()
    }

    /// Forgets bodies that these erasures name, about so many. How many, and once none is left, the terms that are over with
    /// that.
    ///
    /// # Errors
    /// When the store fails.
    pub fn forget(&self, write: &mut Write<'_>, due: &BTreeSet<Reference>, most: u64) -> Result<Forgotten, StoreError> {
        let mut bodies = 0_u64;
        let facts = due.iter().filter_map(|erasure| self.erased().find(*erasure));
        let mut named = BTreeMap::<LogId, Vec<(Stretch<'_>, ShortId)>>::new();
        for span in facts.flat_map(|fact| &fact.erased.aggregates).flat_map(|aggregate| &aggregate.spans) {
            named.entry(span.log).or_default().push((span.stretch(), span.check));
        }
        for (log, named) in named {
            let left = most.saturating_sub(bodies);
            bodies = bodies.saturating_add(self.forget_before(write, log, named.into_iter(), left)?);
            if bodies >= most {
                return Ok(Forgotten { bodies, over: None });
            }
        }
        let over = |erasure: &Reference| Some((*erasure, Term { done: true, ..*self.terms.get(erasure)? }));
        let over: Vec<(Reference, Term)> = due.iter().filter_map(over).collect();
        keep_terms(write, &over)?;
        Ok(Forgotten { bodies, over: Some(over) })
    }

    /// Forgets the bodies before those ends that came with a run and are named by erasures which are carried out: when they
    /// were, the ends were not here, and nothing was known to stand before them. `stored` events of the run, its last, are
    /// new. How many bodies.
    ///
    /// # Errors
    /// When the store fails.
    pub fn forget_behind(&self, write: &mut Write<'_>, run: &VerifiedRun, stored: usize) -> Result<u64, StoreError> {
        let log = run.header().id();
        let named = run.events().iter().rev().take(stored).flat_map(|event| {
            let check = event.id.short();
            self.forgotten.up_to(log, event.seq, check).map(move |stretch| (stretch, check))
        });
        let mut named = named.peekable();
        if named.peek().is_none() {
            return Ok(0);
        }
        let forgotten = self.forget_before(write, log, named, u64::MAX)?;
        if forgotten > 0 {
            note_scrub(write)?;
        }
        Ok(forgotten)
    }

    /// Forgets bodies of a log that stand before those of some ends that are held, about so many. How many.
    fn forget_before<'a>(
        &self,
        write: &mut Write<'_>,
        log: LogId,
        named: impl Iterator<Item = (Stretch<'a>, ShortId)>,
        most: u64,
    ) -> Result<u64, StoreError> {
        let mut forgotten = 0_u64;
        let before = self.ends.before(write, self.both(), log, named)?;
        for (mut first, last) in before.places.iter() {
            // However much it is, little of it is in memory.
            while first <= last && forgotten < most {
                let to = last.min(first.saturating_add(PAGE));
                for stored in write.kept_between(log, first, to)? {
                    if self.is_erasable(stored.log.topic) && before.holds(write, log, stored.seq, stored.id)? {
                        write.erase(stored.pos)?;
                        forgotten = forgotten.saturating_add(1);
                    }
                }
                first = to.saturating_add(1);
            }
        }
        Ok(forgotten)
    }
}

/// What was forgotten in one go.
pub struct Forgotten {
    /// How many bodies.
    pub bodies: u64,
    /// The terms that are over with that; none while more is to be forgotten.
    pub over: Option<Vec<(Reference, Term)>>,
}

/// Bodies that are forgotten in one transaction, about.
pub const FORGOTTEN: u64 = 512;

/// Notes terms that turned, in the transaction that also notes the running time by which they did.
///
/// # Errors
/// When the store fails.
pub fn keep_terms(write: &mut Write<'_>, turned: &[(Reference, Term)]) -> Result<(), StoreError> {
    turned.iter().try_for_each(|(erasure, term)| term.keep(write, *erasure))
}

/// Notes that bytes were forgotten, in the transaction that did it, until [`scrub_if_due`] has seen to it.
///
/// # Errors
/// When the store fails.
pub fn note_scrub(write: &mut Write<'_>) -> Result<(), StoreError> {
    write.set_meta(SCRUB, &[1])
}

/// Empties the write-ahead log of what was forgotten; later, if somebody is reading just then.
///
/// # Errors
/// When the store fails.
pub fn scrub_if_due(store: &mut Store) -> Result<(), StoreError> {
    if store.meta(SCRUB)?.as_deref() != Some(&[1]) {
        return Ok(());
    }
    // The note goes first, and with the log: what is left of it says nothing.
    let mut write = store.write()?;
    write.set_meta(SCRUB, &[0])?;
    write.commit()?;
    match store.scrub() {
        Err(StoreError::Busy) => {
            let mut write = store.write()?;
            note_scrub(&mut write)?;
            write.commit()
        }
        done => done,
    }
}
