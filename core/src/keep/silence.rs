//! What is kept of logs that do not count, and how much of them: events beyond a cut, logs with too many branches.
//!
//! Both are bounded, so that a stolen phone cannot fill every other; what is turned away is asked for again when the
//! roster changes.

use std::collections::BTreeMap;

use super::Rules;
use crate::{
    event::{Entry, Held, LogHeader, Topic, VerifiedRun},
    id::{DeviceId, LogId, Reference, ShortId, TopicTag},
    limits,
    store::{Span, StoreError, View},
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
        if crowded && view.log(log)?.is_some_and(|header| rules.is_silenced(&header)) {
            entries.push(entry(log));
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
/// # Errors
/// When the store fails.
pub fn is_too_far(view: &View, rules: &Rules, run: &VerifiedRun) -> Result<bool, StoreError> {
    let header = *run.header();
    let silenced = rules.is_silenced(&header);
    if !silenced && !rules.roster.has_ends(header.device) {
        return Ok(false);
    }
    let mut new = 0;
    for event in run.events() {
        let reference = Reference { log: header.id(), seq: event.seq, check: event.id.short() };
        let beyond = silenced || rules.against(&header, event.seq, event.id, view) == Some(Held::Cut);
        new += u64::from(beyond && !view.has(reference)?);
    }
    if new == 0 || silenced {
        return Ok(new > 0);
    }
    // Somebody built on this log before they heard of the cut. Its first event is always taken: by it everybody knows
    // whose log that is, and that what they named is void, whether it is kept here or not.
    if matches!(run.events(), [first] if first.seq == 0) && !view.awaited(header.id())?.is_empty() {
        return Ok(false);
    }
    Ok(beyond(view, rules, &header)?.saturating_add(new) > limits::BEYOND_CUT)
}

/// How many events are kept beyond a cut where this log belongs: each log that a cut names stands alone, all others of
/// the device together.
fn beyond(view: &View, rules: &Rules, header: &LogHeader) -> Result<u64, StoreError> {
    let (device, roster) = (header.device, &rules.roster);
    let kept = kept_beyond(view, rules, device)?;
    let log = header.id();
    if roster.names_log(device, log) || !roster.is_revoked(device) {
        return Ok(kept.get(&log).copied().unwrap_or(0));
    }
    Ok(kept.iter().filter(|(log, _)| !roster.names_log(device, **log)).map(|(_, events)| *events).sum())
}

/// Events of a device beyond its cuts, by log. Those of the roster carry no judgement and are judged here.
fn kept_beyond(view: &View, rules: &Rules, device: DeviceId) -> Result<BTreeMap<LogId, u64>, StoreError> {
    let mut kept = view.held_of_device(device, Held::Cut as u8)?;
    let roster = rules.tag(Topic::Roster);
    for header in view.logs()?.into_iter().filter(|header| header.device == device && header.topic == roster) {
        let log = header.id();
        let (mut from, mut events) = (0, 0_u64);
        loop {
            let page = view.events_of_log(log, from, PAGE)?;
            let Some(last) = page.last() else { break };
            from = last.seq.saturating_add(1);
            let cut =
                |event: &&crate::store::Stored| rules.against(&event.log, event.seq, event.id, view) == Some(Held::Cut);
            events += page.iter().filter(cut).count() as u64;
        }
        kept.insert(log, events);
    }
    Ok(kept)
}
