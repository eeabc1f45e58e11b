//! Missing bodies: an event came without its body or lost it, and no erasure that counts names it up to an end that is
//! held (R5).
//!
//! A holder asks for such a body at every meeting, until somebody brings it. A holder that reads bodies judges the
//! event *missing*; one that reads none only notes it. It refuses to know what a body says.

use std::collections::BTreeMap;

use super::{Quota, Rules, quota, rules::Turned, silence};
use crate::{
    event::{Content, Entry, Head, Held, Hole, Topic, VerifiedRun},
    id::{DeviceId, LogId, Reference, TopicTag},
    limits,
    roster::ErasedSpan,
    store::{
        Behind, Judged, Judgement, Lacked, Lacking, Look, Pos, Round, StoreError, Stored, Stretch, View, Which, Write,
    },
};

/// Places of a log that are looked through in one go.
pub const PLACES: usize = 256;
/// What looking through them costs beside what is found there, counted as events.
pub const LEAFING: usize = 8;

/// Things named by an erasure to note of which costs no more than to look at an event: each is a row or two.
pub const THINGS: usize = 8;

/// What looking at a log costs beside what is found there, counted as events.
const LOG: usize = 2;
/// Erasures or logs that are read in one go.
const PAGE: usize = 64;
/// Logs of a device in which erasures fell that are noted one by one.
const ERASING: usize = 64;

/// What marks bodies that are missing and not told one by one.
const REST_CONTEXT: &str = "linli 2026 missing bodies v2";

/// The version vectors of topics as a peer is told them: each says beside the heads of a log which bodies are missing, so that
/// a peer who has them brings them. Those who lack the same say the same, but where more are missing than one device looks
/// at: it is `own`, and marks these as its own.
///
/// # Errors
/// When the store fails.
pub fn vectors(
    view: &View,
    rules: &Rules,
    own: DeviceId,
    topics: impl IntoIterator<Item = TopicTag>,
) -> Result<Vec<(TopicTag, Vec<Entry>)>, StoreError> {
    let (lacking, mut left) = (view.lacking_logs()?, limits::MISSING_IN_ALL);
    let mut vectors = Vec::new();
    for topic in topics {
        let mut entries = silence::entries(view, rules, topic)?;
        entries.sort_unstable();
        let mut wanted = Vec::new();
        for of in &lacking {
            let at = entries.partition_point(|entry| entry.log < of.log);
            let known = entries.get(at).filter(|entry| entry.log == of.log);
            // Of a log that is silent nothing more is taken.
            if known.is_some_and(|known| !known.is_silenced()) {
                wanted.extend(told(view, rules, own, *of, &mut left)?);
            }
        }
        entries.extend(wanted);
        entries.sort_unstable();
        vectors.push((topic, entries));
    }
    Ok(vectors)
}

/// What is said of a log of which bodies may be missing, where so much is `left` to be looked at.
///
/// # Errors
/// When the store fails.
pub(super) fn holes(
    view: &View,
    rules: &Rules,
    own: DeviceId,
    log: LogId,
    left: &mut usize,
) -> Result<Vec<Entry>, StoreError> {
    view.lacking_log(log)?.map_or(Ok(Vec::new()), |of| told(view, rules, own, of, left))
}

/// The same of one of which some are.
fn told(view: &View, rules: &Rules, own: DeviceId, of: Lacking, left: &mut usize) -> Result<Vec<Entry>, StoreError> {
    let Lacking { log, first } = of;
    if *left == 0 {
        return Ok(vec![Entry::hole(log, Hole { first, last: None, tip: Hole::tip_of(own.as_bytes()) })]);
    }
    let Lacked { branches, rest, looked } = view.lacked_of(log, limits::MISSING.min(*left))?;
    *left = left.saturating_sub(looked.saturating_add(branches.len()).saturating_add(LOG));
    let mut wanted = uncut(view, rules, log, branches)?;
    wanted.sort_unstable_by_key(|stretch| (stretch.first, stretch.last.seq, stretch.last.id));
    let before = wanted.partition_point(|stretch: &Stretch| rest.is_none_or(|rest| stretch.first < rest));
    let few = rest.is_none() && wanted.len() <= limits::HOLES;
    let (told, more) = wanted.split_at(if few { before } else { before.min(limits::HOLES.saturating_sub(1)) });
    let hole = |of: &Stretch| {
        let (first, last, tip) = (of.first, Some(of.last.seq), Hole::tip_of(of.last.id.as_bytes()));
        Entry::hole(log, Hole { first, last, tip })
    };
    let mark = if rest.is_some() { Hole::tip_of(own.as_bytes()) } else { mark_of(more) };
    let first = more.first().map(|more| more.first).into_iter().chain(rest).min();
    let open = first.map(|first| Entry::hole(log, Hole { first, last: None, tip: mark }));
    Ok(told.iter().map(hole).chain(open).collect())
}

/// What tells stretches that are not told one by one from others.
fn mark_of(stretches: &[Stretch]) -> [u8; Hole::TIP] {
    let mut hash = blake3::Hasher::new_derive_key(REST_CONTEXT);
    for Stretch { first, last } in stretches {
        hash.update(&first.to_be_bytes()).update(&last.seq.to_be_bytes()).update(last.id.as_bytes());
    }
    Hole::tip_of(hash.finalize().as_bytes())
}

/// What of the stretches of each branch lies before what is cut, or a stranger's. Whatever follows on that in its branch is so
/// too, so that few are asked about, and whoever judges has said so already: of that nobody asks for a body.
fn uncut(view: &View, rules: &Rules, log: LogId, branches: Vec<Vec<Stretch>>) -> Result<Vec<Stretch>, StoreError> {
    let header = if rules.is_blind() { view.log(log)? } else { None };
    let Some(header) = header else { return Ok(branches.into_iter().flatten().collect()) };
    let chains = rules.chains(view);
    let is_cut = |head: Head| rules.against_by(&header, head.seq, head.id, &chains).is_some();
    let mut uncut = Vec::new();
    for stretches in branches {
        let whole = stretches.last().is_none_or(|last| !is_cut(last.last));
        let end = if whole { stretches.len() } else { stretches.partition_point(|of| !is_cut(of.last)) };
        uncut.extend(stretches.iter().take(end));
        if let Some(of) = stretches.get(end) {
            uncut.extend(before_cut(view, log, *of, is_cut)?);
        }
    }
    Ok(uncut)
}

/// What of a stretch lies before what is cut of it.
fn before_cut(
    view: &View,
    log: LogId,
    of: Stretch,
    is_cut: impl Fn(Head) -> bool,
) -> Result<Option<Stretch>, StoreError> {
    let uncut = |seq: u64| {
        let id = view.event_before(log, of.last, seq)?.ok_or(StoreError::NoSuchPlace)?;
        let head = Head { seq, id };
        Ok::<_, StoreError>((!is_cut(head)).then_some(head))
    };
    let (mut low, mut high) = (of.first, of.last.seq);
    while low < high {
        let middle = low.midpoint(high);
        if uncut(middle)?.is_some() { low = middle.saturating_add(1) } else { high = middle }
    }
    let before = low.checked_sub(1).filter(|before| *before >= of.first);
    let last = before.map_or(Ok(None), uncut)?;
    Ok(last.map(|last| Stretch { last, ..of }))
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
    let rest = (to < last).then(|| Look::Erased { log, first: to.saturating_add(1), last });
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

    /// Whoever opens no body notes which erasures count no longer, so that bodies may be missing now where they name any: in few
    /// rows, however much that is. Whether there are such; they are for [`look_for_missing`](Self::look_for_missing).
    ///
    /// # Errors
    /// When the store fails.
    pub fn note_fallen(&self, write: &mut Write<'_>, turned: &Turned) -> Result<bool, StoreError> {
        let fell = |erasure: &Reference| {
            turned.before.counted().contains(erasure) && !self.erasures.counted().contains(erasure)
        };
        let mut of = BTreeMap::<DeviceId, BTreeMap<LogId, (u64, u64)>>::new();
        for fact in turned.erasures.iter().filter(|fact| fell(&fact.reference())) {
            let logs = of.entry(fact.log.device).or_default();
            let (first, last) = logs.entry(fact.log.id()).or_insert((fact.seq, fact.seq));
            (*first, *last) = (fact.seq.min(*first), fact.seq.max(*last));
        }
        let any = !of.is_empty();
        for (device, logs) in of {
            if logs.len() > ERASING {
                write.look_again(Look::Erasing { device, after: 0 }, Round::Next)?;
                continue;
            }
            for (log, (first, last)) in logs {
                write.look_again(Which::Turned.between(log, first, last), Round::Next)?;
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
            let Some(look) = write.take_look()? else {
                if write.begin_round()? {
                    left = left.saturating_sub(1);
                    continue;
                }
                return Ok(false);
            };
            left = left.saturating_sub(match look {
                Look::Erasing { device, after } => self.look_for_fallen(write, device, after)?,
                Look::Places { which: Which::Turned, log, first, last, after } => {
                    self.look_at_fallen(write, log, (first, last), after, left)?
                }
                Look::Erased { log, first, last } => self.look_at_gone(write, log, first, last)?,
                // Of what is sealed or waits nothing is known here.
                Look::Device { .. }
                | Look::Places { .. }
                | Look::Lost { .. }
                | Look::Awaited { .. }
                | Look::Sealed { .. } => LEAFING,
            });
        }
        write.is_due()
    }

    /// The next logs of a device in which it erased are to be looked at. What that cost, counted as events.
    fn look_for_fallen(&self, write: &mut Write<'_>, device: DeviceId, after: i64) -> Result<usize, StoreError> {
        let (page, tag) = (write.logs_of_behind(device, after, PAGE)?, self.tag(Topic::Erasure));
        for (_, header) in page.iter().filter(|(_, header)| header.topic == tag) {
            write.look_again(Which::Turned.of(header.id()), Round::This)?;
        }
        if let Some((after, _)) = page.last().filter(|_| page.len() >= PAGE) {
            write.look_again(Look::Erasing { device, after: *after }, Round::This)?;
        }
        Ok(page.len().saturating_add(LEAFING))
    }

    /// The places are to be looked at that the next erasures of a log name which do not count, as far as this transaction goes,
    /// which may look at so much. What that cost.
    fn look_at_fallen(
        &self,
        write: &mut Write<'_>,
        log: LogId,
        (first, last): (u64, u64),
        after: Behind,
        left: usize,
    ) -> Result<usize, StoreError> {
        let (page, mut rest) = write.events_behind(log, (first, last), after, false, PAGE)?;
        let (mut named, mut cost) = (BTreeMap::new(), LEAFING);
        for stored in &page {
            cost = cost.saturating_add(1);
            let falls = !self.erasures.counted().contains(&stored.reference());
            if let Some(fact) = self.erased().find(stored.reference()).filter(|_| falls) {
                cost = cost.saturating_add(fact.things() / THINGS);
                fact.erased.aggregates.iter().for_each(|aggregate| widen(&mut named, &aggregate.spans));
            }
            if cost >= left {
                rest = Behind::of(stored);
                break;
            }
        }
        for (log, (first, last)) in named {
            if write.log(log)?.is_some() {
                write.look_again(Look::Erased { log, first, last }, Round::This)?;
            }
        }
        let rest = rest.map(|after| Look::Places { which: Which::Turned, log, first, last, after });
        rest.map_or(Ok(()), |rest| write.look_again(rest, Round::This))?;
        Ok(cost)
    }

    /// Notes which bodies are missing at the next places of a log. What that cost.
    fn look_at_gone(&self, write: &mut Write<'_>, log: LogId, first: u64, last: u64) -> Result<usize, StoreError> {
        let (to, rest) = leaf(write, log, first, last)?;
        let gone = write.gone_between(log, first, to)?;
        let cost = gone.len().saturating_add(LEAFING);
        for stored in gone {
            let missing = !self.is_named(write, &stored)?;
            self.note(write, &stored, missing)?;
        }
        rest.map_or(Ok(()), |rest| write.look_again(rest, Round::This))?;
        Ok(cost)
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
