//! What is kept of logs that do not count, and how much of them: events beyond a cut, logs with too many branches.
//!
//! Both are bounded, so that a stolen phone cannot fill every other; what is turned away is asked for again when the
//! roster changes.

use super::Rules;
use crate::{
    event::{Entry, Held, LogHeader, Topic, VerifiedRun},
    id::{EventId, LogId, Reference, ShortId, TopicTag},
    limits,
    roster::CutHead,
    sabotage::Rule,
    store::{Pos, Span, StoreError, View},
};

/// Events of a log read at a time.
const PAGE: usize = 512;

/// The one entry of a silenced log, the same on every replica that holds enough of its branches to know.
pub fn entry(log: LogId) -> Entry {
    Entry { log, seq: 0, short: ShortId::from_bytes([0xff; ShortId::LEN]) }
}

/// A version vector as it goes into digests: a silenced log stands in it with one constant entry.
///
/// # Errors
/// When the store fails.
pub fn entries(view: &View, rules: &Rules, topic: TopicTag) -> Result<Vec<Entry>, StoreError> {
    let mut entries = Vec::new();
    for branches in view.entries(topic)?.chunk_by(|one, other| one.log == other.log) {
        let Some(log) = branches.first().map(|first| first.log) else { continue };
        let crowded = branches.len() > limits::BRANCHES;
        let noted = crowded || rules.is_noted(log);
        if noted && view.log(log)?.is_some_and(|header| rules.is_silenced(&header)) {
            // Of a device with too many roster logs everybody holds others: none of them stands there.
            entries.extend(crowded.then(|| entry(log)));
        } else {
            entries.extend(branches);
        }
    }
    Ok(entries)
}

/// What a peer with these entries lacks. Of a log that it silenced it needs no more.
///
/// # Errors
/// When the store fails.
pub fn missing(view: &View, topic: TopicTag, have: &[Entry]) -> Result<Vec<Span>, StoreError> {
    let mut spans = view.missing(topic, have)?;
    spans.retain(|span| !have.contains(&entry(span.log)));
    Ok(spans)
}

/// Whether a run is turned away, because it goes too far beyond a cut, or its log is silenced.
///
/// What leads to a head that some cut or removal names is never turned away, though another cut may say that it does
/// not count: two coordinators who each knew another branch judge by both heads. While such a head is not held, all up
/// to its place may lead there. So only what counts nowhere is bounded, and nothing is judged by that.
///
/// # Errors
/// When the store fails.
pub fn is_too_far(view: &View, rules: &Rules, run: &VerifiedRun) -> Result<bool, StoreError> {
    let header = *run.header();
    let silenced = rules.is_silenced(&header);
    if !silenced && !rules.roster.has_ends(header.device) {
        return Ok(false);
    }
    let (mut new, mut leading) = (0, false);
    for event in run.events() {
        let reference = Reference { log: header.id(), seq: event.seq, check: event.id.short() };
        if view.has(reference)? {
            continue;
        }
        leading |= !silenced && leads(view, rules, &header, event.seq, event.id);
        new += u64::from(silenced || counts_nowhere(view, rules, &header, event.seq, event.id));
    }
    if new == 0 || silenced {
        return Ok(new > 0);
    }
    // A run that brings a named head, or more of what leads there, is taken whole: its events come and go together.
    if leading {
        return Ok(false);
    }
    // Somebody built on this log before they heard of the cut. Its first event is always taken: by it everybody knows
    // whose log that is, and that what they named is void, whether it is kept here or not.
    if matches!(run.events(), [first] if first.seq == 0) && rules.may_be_awaited(&header, view)? {
        return Ok(false);
    }
    Ok(!Rule::BeyondCut.is_left_out() && beyond(view, rules, &header)?.saturating_add(new) > limits::BEYOND_CUT)
}

/// Whether an event is beyond every cut there is.
fn counts_nowhere(view: &View, rules: &Rules, header: &LogHeader, seq: u64, id: EventId) -> bool {
    rules.against(header, seq, id, view) == Some(Held::Cut) && !leads(view, rules, header, seq, id)
}

/// Whether an event leads to what some cut or removal names, or may.
pub(super) fn leads(view: &View, rules: &Rules, header: &LogHeader, seq: u64, id: EventId) -> bool {
    !Rule::NamedHead.is_left_out()
        && rules.roster.leads_to_an_end(header.device, header.id(), CutHead { seq, id }, &rules.chains(view))
}

/// How many events are kept beyond all cuts where this log belongs: each log that a cut names stands alone, all others
/// of the device together. Not counted further than the bound.
fn beyond(view: &View, rules: &Rules, header: &LogHeader) -> Result<u64, StoreError> {
    let (device, roster) = (header.device, &rules.roster);
    let own = header.id();
    let alone = roster.names_log(device, own) || !roster.is_revoked(device);
    let mut kept = 0;
    let together = |log: LogId| if alone { log == own } else { !roster.names_log(device, log) };
    for log in view.logs()?.into_iter().filter(|log| log.device == device && together(log.id())) {
        kept += kept_beyond(view, rules, &log, kept)?;
    }
    Ok(kept)
}

/// Events of one log beyond all cuts. Those of the roster carry no judgement and are judged here; of the others only
/// those that are cut are looked at.
fn kept_beyond(view: &View, rules: &Rules, header: &LogHeader, already: u64) -> Result<u64, StoreError> {
    let (log, mut after, mut from, mut events) = (header.id(), Pos::default(), 0, 0_u64);
    let judged = header.topic != rules.tag(Topic::Roster);
    loop {
        let page =
            if judged { view.held_in_log(log, Held::Cut, after, PAGE)? } else { view.events_of_log(log, from, PAGE)? };
        for event in &page {
            events += u64::from(counts_nowhere(view, rules, &event.log, event.seq, event.id));
            if already.saturating_add(events) > limits::BEYOND_CUT {
                return Ok(events);
            }
        }
        let Some(last) = page.last() else { return Ok(events) };
        (after, from) = (last.pos, last.seq.saturating_add(1));
    }
}
