//! Forgetting: which bodies erasures let go, and how these go from the disk in parts (R5). It knows nothing of why an
//! erasure counts.

use std::collections::BTreeSet;

use super::{
    Places, Rules,
    term::{Going, NEVER, Term, Walk, keep_terms, note_scrub},
};
use crate::{
    event::{Content, Topic, Verified, VerifiedRun},
    id::{LogId, Reference, ShortId, TopicTag},
    limits,
    roster::{ErasedSpan, ErasureFact, Stretch},
    store::{StoreError, Stored, View, Write},
};

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
        let is_noted = |erasure: &Reference, term: &Term| term.since != NEVER || self.fell.contains(erasure);
        let falls = |(erasure, term): &(&Reference, &Term)| !counted.contains(erasure) && is_noted(erasure, term);
        let begun = counted.iter().filter(begins).map(|erasure| (*erasure, Term { since: running, done: false }));
        let fallen = self.terms.iter().filter(falls);
        let fallen = fallen.map(|(erasure, _)| (*erasure, Term { since: NEVER, done: false }));
        begun.chain(fallen).collect()
    }

    /// An erasure counts no longer: should it count again it begins anew, however soon that is.
    pub(super) fn end_term(&mut self, erasure: Reference) {
        self.carried.remove(&erasure);
        self.late.remove(&erasure);
        if self.going.of.contains(&erasure) {
            self.going = Going::default();
        }
        if let Some(term) = self.terms.get_mut(&erasure).filter(|term| term.since != NEVER) {
            *term = Term { since: NEVER, done: false };
            self.fell.insert(erasure);
        }
    }

    /// Whether there may be bodies to [forget](Self::forget) now. `running` is this replica's own running time in milliseconds.
    pub fn is_forgetting(&self, running: u64) -> bool {
        !self.going.of.is_empty() || self.due(running).next().is_some()
    }

    /// Erasures that were held for long enough and are not carried out.
    fn due(&self, running: u64) -> impl Iterator<Item = Reference> {
        let long_enough = move |term: &Term| !term.done && term.since.saturating_add(limits::FORGET_MS) <= running;
        let counted = self.erasures.counted().iter().copied();
        counted.filter(move |erasure| self.terms.get(erasure).is_some_and(long_enough))
    }

    /// Forgets bodies that erasures name which were held for long enough, as many as go in one transaction: it goes on behind the
    /// last. `running` is this replica's own running time in milliseconds. Once that is committed it is to be
    /// [noted](Self::note_forgotten); else all begins anew, and what is gone costs a look.
    ///
    /// # Errors
    /// When the store fails.
    pub fn forget(&mut self, write: &mut Write<'_>, running: u64) -> Result<Forgotten, StoreError> {
        let mut going = std::mem::take(&mut self.going);
        if going.of.is_empty() {
            let due: BTreeSet<Reference> = self.due(running).collect();
            if due.is_empty() {
                return Ok(Forgotten { bodies: 0, more: false, over: Vec::new(), going });
            }
            // What comes of it from now on is not written again.
            self.carried = due.clone();
            self.forgotten = self.carried_out();
            self.late.clear();
            going = Going::of(due, self.erased());
        }
        let (mut bodies, mut spent) = (0_u64, 0_u64);
        while spent < FORGOTTEN {
            let mut walk = match going.walk.take() {
                Some(walk) => walk,
                None => match going.logs.pop_first() {
                    Some((log, spans)) => {
                        self.walk(write, log, spans.iter().map(|span| (span.stretch(), span.check)))?
                    }
                    None => break,
                },
            };
            spent = spent.saturating_add(1);
            if let Some(gone) = self.forget_next(write, &mut walk)? {
                bodies = bodies.saturating_add(gone.bodies);
                spent = spent.saturating_add(gone.cost());
                going.walk = Some(walk);
            }
        }
        if going.walk.is_some() || !going.logs.is_empty() {
            return Ok(Forgotten { bodies, more: true, over: Vec::new(), going });
        }
        let over = |erasure: &Reference| Some((*erasure, Term { done: true, ..*self.terms.get(erasure)? }));
        let over: Vec<(Reference, Term)> = going.of.difference(&self.late).filter_map(over).collect();
        keep_terms(write, &over)?;
        let is_other = |erasure| !going.of.contains(&erasure) && !self.late.contains(&erasure);
        let others = self.due(running).any(is_other);
        // What came late is gone through once more at once, and what comes late then with the next upkeep: so nobody who brings
        // one end after the other keeps an upkeep from its end.
        self.again = !self.late.is_empty() && !self.again;
        Ok(Forgotten { bodies, more: others || self.again, over, going: Going::default() })
    }

    /// Takes note of what was forgotten.
    pub fn note_forgotten(&mut self, forgotten: Forgotten) {
        self.going = forgotten.going;
        self.note_terms(forgotten.over);
    }

    /// Forgets the bodies before those ends that came with a run and are named by erasures which are carried out: when they
    /// were, the ends were not here, and nothing was known to stand before them. `stored` events of the run, its last, are
    /// new. How many bodies. Where they are very many, the erasures are carried out again.
    ///
    /// # Errors
    /// When the store fails.
    pub fn forget_behind(
        &mut self,
        write: &mut Write<'_>,
        run: &VerifiedRun,
        stored: usize,
    ) -> Result<u64, StoreError> {
        let log = run.header().id();
        let named = run.events().iter().rev().take(stored).flat_map(|event| {
            let check = event.id.short();
            self.forgotten.up_to(log, event.seq, check).map(move |stretch| (stretch, check))
        });
        let mut named = named.peekable();
        if named.peek().is_none() {
            return Ok(0);
        }
        let (mut walk, mut bodies, mut spent) = (self.walk(write, log, named)?, 0_u64, 0_u64);
        while let Some(gone) = self.forget_next(write, &mut walk)? {
            bodies = bodies.saturating_add(gone.bodies);
            spent = spent.saturating_add(gone.cost());
            if spent >= FORGOTTEN {
                self.carry_out_again(write, run, stored)?;
                break;
            }
        }
        if bodies > 0 {
            note_scrub(write)?;
        }
        Ok(bodies)
    }

    /// The erasures that are carried out and name an end among the last events of a run are to be carried out once more; and those
    /// that are just carried out, unless they will come to that log.
    fn carry_out_again(&mut self, write: &mut Write<'_>, run: &VerifiedRun, last: usize) -> Result<(), StoreError> {
        let log = run.header().id();
        let ends: BTreeSet<(u64, ShortId)> =
            run.events().iter().rev().take(last).map(|event| (event.seq, event.id.short())).collect();
        let is_end = |span: &ErasedSpan| span.log == log && ends.contains(&(span.last, span.check));
        let names = |fact: &ErasureFact| fact.erased.spans().any(is_end);
        let passed = |erasure: &Reference| self.going.of.contains(erasure) && !self.going.logs.contains_key(&log);
        let late =
            self.terms.iter().filter(|(erasure, term)| !self.late.contains(*erasure) && (term.done || passed(erasure)));
        let late = late.filter(|(erasure, _)| self.erased().find(**erasure).is_some_and(|fact| names(fact)));
        let late: Vec<(Reference, Term)> =
            late.map(|(erasure, term)| (*erasure, Term { done: false, ..*term })).collect();
        keep_terms(write, &late)?;
        self.late.extend(late.iter().map(|(erasure, _)| *erasure));
        // What is gone is not written again meanwhile.
        self.carried.extend(late.iter().map(|(erasure, _)| *erasure));
        self.terms.extend(late);
        Ok(())
    }

    /// What stands in a log before those of some ends that are held, from its first place on.
    fn walk<'a>(
        &self,
        view: &View,
        log: LogId,
        named: impl Iterator<Item = (Stretch<'a>, ShortId)>,
    ) -> Result<Walk, StoreError> {
        Ok(Walk { log, before: self.ends.before(view, self.both(), log, named)?, next: 0 })
    }

    /// Forgets the bodies at the next places: however much it is, little of it is in memory. None behind the last.
    fn forget_next(&self, write: &mut Write<'_>, walk: &mut Walk) -> Result<Option<Gone>, StoreError> {
        let Some((first, last)) = walk.before.places.from(walk.next) else { return Ok(None) };
        let to = last.min(first.saturating_add(PAGE - 1));
        walk.next = to.saturating_add(1);
        let mut gone = Gone { places: to.saturating_sub(first), bodies: 0 };
        for stored in write.kept_between(walk.log, first, to)? {
            if self.is_erasable(stored.log.topic) && walk.before.holds(write, walk.log, stored.seq, stored.id)? {
                write.erase(stored.pos)?;
                gone.bodies = gone.bodies.saturating_add(1);
            }
        }
        Ok(Some(gone))
    }
}

/// How many places were looked at, but one, and the bodies that were forgotten there.
struct Gone {
    places: u64,
    bodies: u64,
}

impl Gone {
    /// What that cost, in bodies.
    fn cost(&self) -> u64 {
        (self.places / PLACES_A_BODY).saturating_add(1).saturating_add(self.bodies)
    }
}

/// What was forgotten in one go.
pub struct Forgotten {
    /// How many bodies.
    pub bodies: u64,
    /// Whether there may be more.
    pub more: bool,
    /// The terms that are over with that.
    over: Vec<(Reference, Term)>,
    /// What is left.
    going: Going,
}

/// Bodies that are forgotten in one transaction, about.
const FORGOTTEN: u64 = 512;
/// Places whose bodies are read in one go.
const PAGE: u64 = 256;
/// Places to look at which costs no more than to forget a body.
const PLACES_A_BODY: u64 = 32;
