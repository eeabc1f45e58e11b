//! What is kept of logs that do not count, and how much of them: events beyond a cut, logs with too many branches.
//!
//! Both are bounded, so that a stolen phone cannot fill every other; what is turned away is asked for again when the
//! roster changes.

use super::Rules;
use crate::{
    event::{Entry, Head, Held, LogHeader, VerifiedRun},
    id::{DeviceId, EventId, LogId, Reference, ShortId, TopicTag},
    limits,
    sabotage::Rule,
    store::{LooseEnd, Span, StoreError, View},
};

/// Logs of a device read at a time.
const PAGE: usize = 256;

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
    let open = open_up_to(view, rules, &header)?;
    let (mut new, mut leading) = (0, false);
    for event in run.events() {
        let reference = Reference { log: header.id(), seq: event.seq, check: event.id.short() };
        if view.has(reference)? {
            continue;
        }
        let leads = !silenced && Some(event.seq) <= open;
        leading |= leads;
        let cut = || rules.against(&header, event.seq, event.id, view) == Some(Held::Cut);
        new += u64::from(silenced || (!leads && cut()));
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

/// The last place up to which an event of a log that is not held may lead to what some cut or removal names: that of a named
/// head which is not held. What leads to one that is held is held as well.
///
/// # Errors
/// When the store fails.
pub(super) fn open_up_to(view: &View, rules: &Rules, header: &LogHeader) -> Result<Option<u64>, StoreError> {
    let log = header.id();
    for end in ends_in(rules, header.device, log).rev() {
        if !view.has(Reference { log, seq: end.seq, check: end.id.short() })? {
            return Ok(Some(end.seq));
        }
    }
    Ok(None)
}

/// The heads of a log that cuts or removals name, by their places.
fn ends_in(rules: &Rules, device: DeviceId, log: LogId) -> impl DoubleEndedIterator<Item = Head> {
    let named = !Rule::NamedHead.is_left_out();
    let ends = named.then(|| rules.roster.ends_in(device, log)).unwrap_or_default();
    ends.into_iter().map(|head| Head { seq: head.seq, id: head.id })
}

/// How many events are kept beyond all cuts where this log belongs: each log that a cut names stands alone, all others
/// of the device together. Not counted further than the bound, so that few logs are looked at, however many there are.
fn beyond(view: &View, rules: &Rules, header: &LogHeader) -> Result<u64, StoreError> {
    let (device, roster) = (header.device, &rules.roster);
    if roster.names_log(device, header.id()) || !roster.is_revoked(device) {
        return kept_beyond(view, rules, header);
    }
    let (mut kept, mut after) = (0_u64, 0);
    loop {
        let page = view.logs_of_behind(device, after, PAGE)?;
        for (_, log) in page.iter().filter(|(_, log)| !roster.names_log(device, log.id())) {
            kept = kept.saturating_add(kept_beyond(view, rules, log)?);
            if kept > limits::BEYOND_CUT {
                return Ok(kept);
            }
        }
        match page.last() {
            Some((last, _)) => after = *last,
            None => return Ok(kept),
        }
    }
}

/// Events of one log beyond all cuts. Nothing that was judged before is asked, for a relay judges nothing and nobody the
/// roster. Whatever follows on an event beyond a cut lies beyond as well: so of each branch the first is looked for, and the
/// work grows with the branches, not with the events.
fn kept_beyond(view: &View, rules: &Rules, header: &LogHeader) -> Result<u64, StoreError> {
    let (log, device) = (header.id(), header.device);
    let header = LogHeader { community: rules.id, ..*header };
    let founder = rules.roster.founder() == Some(device);
    let mut events = 0_u64;
    for mut loose in view.loose_ends(log, ends_in(rules, device, log))? {
        if loose.first == 0 && founder && is_founding(view, rules, loose, log)? {
            loose.first = 1;
        }
        if is_cut_from(view, rules, &header, &mut loose)? {
            events = events.saturating_add(loose.events());
        }
        if events > limits::BEYOND_CUT {
            break;
        }
    }
    Ok(events)
}

/// The founding event stands by itself, whatever is cut.
fn is_founding(view: &View, rules: &Rules, loose: LooseEnd, log: LogId) -> Result<bool, StoreError> {
    if loose.head.seq == 0 {
        return Ok(loose.head.id.as_bytes() == rules.id.as_bytes());
    }
    Ok(view.event_before(log, loose.head, 0)?.is_some_and(|first| first.as_bytes() == rules.id.as_bytes()))
}

/// Whether an end of a branch is cut, or a part of it, which it is then.
fn is_cut_from(view: &View, rules: &Rules, header: &LogHeader, loose: &mut LooseEnd) -> Result<bool, StoreError> {
    let is_cut = |seq: u64, id: EventId| rules.against(header, seq, id, view) == Some(Held::Cut);
    if loose.first > loose.head.seq || !is_cut(loose.head.seq, loose.head.id) {
        return Ok(false);
    }
    // Whoever is withdrawn has nothing left where no cut names a head. Who lost a right has, in other topics and before.
    let (mut stands, mut cut) = (loose.first, loose.head.seq);
    while stands < cut && !rules.roster.is_revoked(header.device) {
        let middle = stands + (cut - stands) / 2;
        match view.event_before(header.id(), loose.head, middle)? {
            Some(id) if !is_cut(middle, id) => stands = middle.saturating_add(1),
            _ => cut = middle,
        }
    }
    loose.first = stands;
    Ok(true)
}
