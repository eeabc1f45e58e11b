//! Bodies that are missing: an event came without one, or it was forgotten, and no erasure that counts names it up to an end
//! that is held (R5). Whoever keeps it asks for it at every meeting, until somebody brings it.
//!
//! Whoever reads what it keeps judges events *missing* among all that it judges; whoever does not, notes that alone. It
//! refuses to know what a body says.

use std::collections::BTreeMap;

use super::{Quota, Rules, quota, rules::Turned, silence};
use crate::{
    event::{Content, Entry, Head, Held, VerifiedRun},
    id::{DeviceId, LogId, Reference, TopicTag},
    limits,
    roster::ErasedSpan,
    store::{Judged, Judgement, Look, Pos, StoreError, Stored, View, Write},
};

/// Places of a log that are looked through in one go.
pub const PLACES: usize = 256;
/// What looking through them costs beside what is found there, counted as events.
pub const LEAFING: usize = 8;

/// The version vectors of topics as a peer is told them: each says beside the heads of a log at which place the first body is
/// missing, so that a peer who has bodies from there on brings them. Those who lack the same say the same.
///
/// # Errors
/// When the store fails.
pub fn vectors(
    view: &View,
    rules: &Rules,
    topics: impl IntoIterator<Item = TopicTag>,
) -> Result<Vec<(TopicTag, Vec<Entry>)>, StoreError> {
    let missing = view.first_missing()?;
    let topics = topics.into_iter();
    topics.map(|topic| Ok((topic, wanting(view, rules, &missing, silence::entries(view, rules, topic)?)?))).collect()
}

fn wanting(
    view: &View,
    rules: &Rules,
    missing: &[(LogId, Head)],
    mut entries: Vec<Entry>,
) -> Result<Vec<Entry>, StoreError> {
    entries.sort_unstable();
    let mut wanted = Vec::new();
    for (log, first) in missing {
        let known = entries.get(entries.partition_point(|entry| entry.log < *log)).filter(|entry| entry.log == *log);
        // Of a log that is silent nothing more is taken; of what is cut nobody who judges asks for a body.
        if known.is_some_and(|known| !known.is_silenced()) && !is_cut(view, rules, *log, *first)? {
            wanted.push((*log, *first));
        }
    }
    entries.extend(first_places(wanted).into_iter().map(|(log, seq)| Entry::hole(log, seq)));
    entries.sort_unstable();
    Ok(entries)
}

/// The first place in each log, of those of its branches.
pub(super) fn first_places(missing: Vec<(LogId, Head)>) -> BTreeMap<LogId, u64> {
    let mut places = BTreeMap::new();
    for (log, at) in missing {
        let first = places.entry(log).or_insert(at.seq);
        *first = at.seq.min(*first);
    }
    places
}

/// Whether an event lies beyond a cut, or its device is a stranger: and so does whatever follows on it in its branch. Whoever
/// judges has said so already.
fn is_cut(view: &View, rules: &Rules, log: LogId, at: Head) -> Result<bool, StoreError> {
    let Some(header) = view.log(log)?.filter(|_| rules.is_blind()) else { return Ok(false) };
    Ok(rules.against(&header, at.seq, at.id, view).is_some())
}

/// Puts bodies back that a run brings, of those events that were held before it came: all but so many. Their author has as
/// much room for what comes back as for all else, so that nobody stores a little for much. Gives the events that have one
/// again.
///
/// # Errors
/// When the store fails.
pub fn refill(
    write: &mut Write<'_>,
    rules: &Rules,
    quota: &Quota,
    own: DeviceId,
    run: &VerifiedRun,
    stored: usize,
) -> Result<Vec<Pos>, StoreError> {
    let mut refilled = Vec::new();
    let known = run.events().get(..run.events().len().saturating_sub(stored)).unwrap_or_default();
    let (Some(first), Some(last)) = (known.first(), known.last()) else { return Ok(refilled) };
    // Whoever said that it is gone may be a stranger by now, or was turned away: what is missing is asked of the store.
    if write.held_between(run.header().id(), first.seq, last.seq, Held::Missing)?.is_empty() {
        return Ok(refilled);
    }
    for event in known {
        let reference = Reference { log: run.header().id(), seq: event.seq, check: event.id.short() };
        let Some(held) = write.event(reference)?.filter(is_missing) else { continue };
        if rules.is_named(write, &held)? {
            rules.note(write, &held, false)?;
            continue;
        }
        if let Content::Here(body) = &event.content
            && quota::takes_back(write, rules, quota, own, run.header(), body.len())?
            && write.refill(held.pos, body)?
        {
            rules.note(write, &held, false)?;
            refilled.push(held.pos);
        }
    }
    Ok(refilled)
}

fn is_missing(stored: &Stored) -> bool {
    stored.judged == Judged::Held(Held::Missing) && matches!(stored.content, Content::Erased(_))
}

/// Adds to what erasures name of each log, as its first place and its last, what these spans do: a few rows, however many name
/// the same log.
pub fn widen(named: &mut BTreeMap<LogId, (u64, u64)>, spans: &[ErasedSpan]) {
    for span in spans {
        let (first, last) = named.entry(span.log).or_insert((span.first, span.last));
        (*first, *last) = (span.first.min(*first), span.last.max(*last));
    }
}

/// Of the places of a log that are to be looked at again, the last of those that are looked at now, and what is left.
///
/// # Errors
/// When the store fails.
pub fn leaf(view: &View, log: LogId, first: u64, last: u64) -> Result<(u64, Option<Look>), StoreError> {
    let head = view.heads(log)?.iter().map(|head| head.seq).max().unwrap_or(0);
    let (last, to) = (last.min(head), first.saturating_add(PLACES as u64 - 1));
    let rest = (to < last).then(|| Look::Named { log, first: to.saturating_add(1), last });
    Ok((last.min(to), rest))
}

impl Rules {
    /// Whoever opens no body notes of what was just appended whether its body is missing; and of what stands before an end
    /// that came with it, that it is not.
    ///
    /// # Errors
    /// When the store fails.
    pub fn note_missing(&self, write: &mut Write<'_>, run: &VerifiedRun, stored: &[Pos]) -> Result<(), StoreError> {
        let (log, known) = (run.header().id(), run.events().len().saturating_sub(stored.len()));
        let named = self.erasures.named_ends();
        let mut before: Option<(u64, u64)> = None;
        for (event, pos) in run.events().iter().skip(known).zip(stored) {
            if let Some(first) = named.first_of(log, event.seq, event.id.short()) {
                before = Some((before.map_or(first, |(least, _)| first.min(least)), event.seq));
            }
            if matches!(event.content, Content::Erased(_)) {
                let stored = Stored::appended(*run.header(), event, *pos);
                let missing = !self.is_named(write, &stored)?;
                self.note(write, &stored, missing)?;
            }
        }
        if let Some((first, last)) = before {
            for stored in write.held_between(log, first, last, Held::Missing)? {
                if self.is_named(write, &stored)? {
                    self.note(write, &stored, false)?;
                }
            }
        }
        Ok(())
    }

    /// Whoever opens no body notes where bodies may be missing now because erasures count no longer: in few rows, however much
    /// they name. Whether there is such a place; it is for [`look_for_missing`](Self::look_for_missing).
    ///
    /// # Errors
    /// When the store fails.
    pub fn note_fallen(&self, write: &mut Write<'_>, turned: &Turned) -> Result<bool, StoreError> {
        let fell = |erasure: &Reference| {
            turned.before.counted().contains(erasure) && !self.erasures.counted().contains(erasure)
        };
        let fallen = turned.erasures.iter().filter(|fact| fell(&fact.reference()));
        let aggregates = fallen.flat_map(|fact| &fact.erased.aggregates);
        let mut named = BTreeMap::new();
        aggregates.for_each(|aggregate| widen(&mut named, &aggregate.spans));
        let mut any = false;
        for (log, (first, last)) in named {
            if write.log(log)?.is_some() {
                write.look_again(Look::Named { log, first, last })?;
                any = true;
            }
        }
        Ok(any)
    }

    /// Whoever opens no body notes of the next places what is missing there; whether more is to be looked at. One call is
    /// bounded work.
    ///
    /// # Errors
    /// When the store fails.
    pub fn look_for_missing(&self, write: &mut Write<'_>) -> Result<bool, StoreError> {
        let mut left = limits::FREED;
        while left > 0 {
            let Some(look) = write.take_look()? else { return Ok(false) };
            // Of what is sealed or waits nothing is known here.
            let Look::Named { log, first, last } = look else { continue };
            let (to, rest) = leaf(write, log, first, last)?;
            let gone = write.gone_between(log, first, to)?;
            left = left.saturating_sub(gone.len().saturating_add(LEAFING));
            for stored in gone {
                let missing = !self.is_named(write, &stored)?;
                self.note(write, &stored, missing)?;
            }
            rest.map_or(Ok(()), |rest| write.look_again(rest))?;
        }
        write.is_due()
    }

    /// What is judged by whoever judges nothing else.
    fn note(&self, write: &mut Write<'_>, stored: &Stored, missing: bool) -> Result<(), StoreError> {
        let judged = if missing { Judged::Held(Held::Missing) } else { Judged::NotYet };
        if !self.is_blind() || judged == stored.judged {
            return Ok(());
        }
        write.judge(stored.pos, Judgement { judged, aggregate: None, lamport: 0 })
    }
}
