//! Silence: what is kept of events that do not count, because they lie beyond a cut or in a log with too many branches.
//!
//! Both are bounded, so that a stolen phone cannot fill every other. An event that was turned away is asked for again
//! when the roster changes.

use std::{collections::BTreeSet, sync::Arc};

use super::{Checked, Rules, chains::Leading, fallen};
use crate::{
    event::{Entry, Head, LogHeader, Verified, VerifiedRun},
    id::{EventId, LogId, Reference, TopicTag},
    limits,
    roster::{CutHead, Together},
    sabotage::Rule,
    store::{LooseEnd, Onward, Reach, Span, StoreError, View},
};

/// Logs of a device read at a time.
const PAGE: usize = 256;

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
            entries.push(Entry::silenced(log));
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
pub fn missing(view: &View, rules: &Rules, topic: TopicTag, have: &[Entry]) -> Result<Vec<Span>, StoreError> {
    let mut spans = view.missing_first(topic, have, |log, last| first(view, rules, log, last))?;
    spans.retain(|span| !have.contains(&Entry::silenced(span.log)));
    Ok(spans)
}

/// Whether a run is turned away, because it goes too far beyond a cut, or its log is silenced.
///
/// What leads to a head that some cut or removal names is never turned away, though another cut may say that it does
/// not count: two coordinators who each knew another branch judge by both heads. So only what counts nowhere is bounded,
/// and nothing is judged by that.
///
/// # Errors
/// When the store fails.
pub(super) fn is_too_far(view: &View, rules: &Rules, run: &VerifiedRun, leads: Leads) -> Result<bool, StoreError> {
    let header = *run.header();
    let silenced = rules.is_silenced(&header);
    if !silenced && rules.explains(&header) {
        return fallen::are_too_many(view, rules, run);
    }
    if !silenced && !rules.roster.has_ends(header.device) {
        return Ok(false);
    }
    let (mut new, mut leading) = (0, false);
    for event in run.events() {
        let reference = Reference { log: header.id(), seq: event.seq, check: event.id.short() };
        if view.has(reference)? {
            continue;
        }
        let takes = !silenced && leads.takes(event.seq);
        leading |= takes;
        let cut = || rules.is_beyond(&header, event.seq, event.id, view);
        new += u64::from(silenced || (!takes && (leads.crowds(event.seq) || cut())));
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

/// Up to where what is new in a run leads to a head that some cut or removal names, or may.
///
/// While such a head is not held, whatever stands before its place may lead there: in so many branches of its log as came
/// first, for whoever holds the device's key makes as many as they like. A chain beyond these is taken once it was seen to
/// lead there ([`Tracks`](super::Tracks)). What leads to a head that is held is held as well.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Leads {
    /// Up to here it does.
    led: Option<u64>,
    /// Up to here that is known, for the head came or what leads to it was seen.
    sure: Option<u64>,
    /// Up to here it might, were there not as many branches already: it counts until the head comes, and is kept as what is
    /// beyond a cut.
    crowded: Option<u64>,
}

impl Leads {
    /// `led` are events of which that is known.
    pub(super) fn of(
        view: &View,
        rules: &Rules,
        run: &VerifiedRun,
        led: &BTreeSet<EventId>,
    ) -> Result<Self, StoreError> {
        let header = run.header();
        if !rules.roster.has_ends(header.device) || Rule::NamedHead.is_left_out() {
            return Ok(Self::default());
        }
        let acts = rules.roster.ends_in(header.device, header.id());
        let leads = |event: &&Verified| led.contains(&event.id) || is_end(&acts, event.seq, event.id);
        let known = run.events().iter().rev().find(leads).map(|event| event.seq);
        let mut found = Self { led: known, sure: known, crowded: None };
        for leading in leading(view, rules, header)?.into_iter().filter(|leading| known < Some(leading.open)) {
            let to = if may_lead(view, run, &leading)? { &mut found.led } else { &mut found.crowded };
            *to = (*to).max(Some(leading.open));
        }
        Ok(found)
    }

    /// Whether an event of the run does, if it is not held.
    pub(super) fn takes(self, seq: u64) -> bool {
        Some(seq) <= self.led
    }

    /// Whether that is known.
    pub(super) fn is_sure(self, seq: u64) -> bool {
        Some(seq) <= self.sure
    }

    /// Whether it is one too many of those that may.
    pub(super) fn crowds(self, seq: u64) -> bool {
        Some(seq) > self.led && Some(seq) <= self.crowded
    }
}

fn is_end(acts: &[Arc<Together>], seq: u64, id: EventId) -> bool {
    acts.iter().any(|acts| acts.names(CutHead { seq, id }))
}

/// Where something of a log may lead to heads that are not held, of acts that are asked together.
fn leading(view: &View, rules: &Rules, header: &LogHeader) -> Result<Vec<Leading>, StoreError> {
    let (chains, log) = (rules.chains(view), header.id());
    let asked = rules.roster.asked_together(header).into_iter();
    let found = asked.map(|acts| Leading::of(view, log, &chains.led(&acts)?));
    found.filter_map(Result::transpose).collect()
}

/// Whether a run goes on where something may lead to such a head.
fn may_lead(view: &View, run: &VerifiedRun, leading: &Leading) -> Result<bool, StoreError> {
    Ok(match view.onward(run)? {
        Onward::Held => true,
        Onward::Branch(branch) => leading.takes(Some(branch)),
        Onward::Begins => leading.takes(None),
    })
}

/// Of runs that came together, in order, what is seen to lead to a head that some cut or removal names: it is taken, though
/// what may lead there fills all the branches that are left to it. Of what comes in more parts [`Tracks`](super::Tracks) tell.
pub fn led(rules: &Rules, runs: &[Checked]) -> BTreeSet<EventId> {
    let mut led = BTreeSet::new();
    for run in runs.iter().rev().flatten() {
        let header = run.header();
        if !rules.roster.has_ends(header.device) {
            continue;
        }
        let acts = rules.roster.ends_in(header.device, header.id());
        let last = run.events().iter().rposition(|event| led.contains(&event.id) || is_end(&acts, event.seq, event.id));
        if let Some(leads) = last.and_then(|last| run.events().get(..=last)) {
            led.extend(leads.iter().map(|event| event.id).chain(run.parent().map(|parent| parent.id)));
        }
    }
    led
}

/// The last place of a head of this log that some cut or removal names and nobody here holds.
///
/// # Errors
/// When the store fails.
pub(super) fn open_until(view: &View, rules: &Rules, header: &LogHeader) -> Result<Option<u64>, StoreError> {
    if Rule::NamedHead.is_left_out() {
        return Ok(None);
    }
    rules.chains(view).open(&rules.roster.ends_in(header.device, header.id()))
}

/// The last of these events of a log that some cut or removal names as a head.
pub(super) fn last_named(rules: &Rules, header: &LogHeader, events: &[Head]) -> Option<Head> {
    let acts = rules.roster.ends_in(header.device, header.id());
    events.iter().rev().find(|event| is_end(&acts, event.seq, event.id)).copied()
}

/// What of a log with several branches, of which the longest ends at `last`, leads to heads that are held and that some cut or
/// removal names: that is sent first, for whoever does not hold them takes of the rest what comes first.
///
/// # Errors
/// When the store fails.
pub(super) fn first(view: &View, rules: &Rules, log: LogId, last: u64) -> Result<Reach, StoreError> {
    let Some(header) = view.log(log)?.filter(|header| rules.roster.has_ends(header.device)) else {
        return Ok(Reach::default());
    };
    rules.chains(view).held(&rules.roster.ends_in(header.device, log), last)
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
    let (mut acts, mut leads) = (Vec::new(), Vec::new());
    if !Rule::NamedHead.is_left_out() {
        (acts, leads) = (rules.roster.ends_in(device, log), leading(view, rules, &header)?);
    }
    let (ends, mut events) = (rules.chains(view).led(&acts)?, 0_u64);
    for mut loose in view.loose_ends(log, |branch| ends.last_in(branch))? {
        if loose.first == 0 && founder && is_founding(view, rules, loose, log)? {
            loose.first = 1;
        }
        let open = leads.iter().filter(|leads| loose.first <= leads.open).map(|leads| leads.open).max();
        let led = leads.iter().filter(|leads| leads.takes(Some(loose.branch))).map(|leads| leads.open).max();
        loose.first = led.map_or(loose.first, |led| loose.first.max(led.saturating_add(1)));
        if let Some(open) = open.filter(|open| loose.first <= loose.head.seq.min(*open)) {
            let last = open.min(loose.head.seq);
            events = events.saturating_add(LooseEnd { head: Head { seq: last, ..loose.head }, ..loose }.events());
            loose.first = open.saturating_add(1);
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
    let is_cut = |seq: u64, id: EventId| rules.is_beyond(header, seq, id, view);
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
