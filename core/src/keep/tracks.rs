//! Tracks: chains of which runs were turned away, although they may lead to a head that a cut names.
//!
//! A log can have so many branches that not all which may lead to a named head are taken. Such a chain is followed run
//! by run until a run brings the head. Then all before it is known to lead there and is asked for once more. So
//! whatever leads to a named head is taken in the end, whatever came before it.
//!
//! Of each log one chain is followed at a time, and one that was followed and taken in. Of each the ends of its runs
//! are kept, so that no other chain is mistaken for it. It refuses to know who cut what, and keeps no event.

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    mem,
};

use parking_lot::Mutex;

use super::{Answer, Rules, silence};
use crate::{
    event::{Entry, Head, LogHeader, VerifiedRun},
    id::{DeviceId, EventId, LogId, Reference},
    limits,
    store::{StoreError, View},
    sync::Refusal,
};

/// Chains of a log that are begun to be followed in one conversation until something of it is taken: whoever holds the heads brings
/// what leads there first.
const BEGUN: u8 = 1;

/// How often a peer is asked to go on behind the same end: it may have no more, and that is not always told.
const ASKED: u8 = 8;

/// Ends of runs of one chain, by their place.
#[derive(Debug, Default)]
struct Ends(BTreeMap<u64, EventId>);

impl Ends {
    fn insert(&mut self, end: Head) {
        self.0.insert(end.seq, end.id);
    }

    fn has(&self, event: &Head) -> bool {
        self.0.get(&event.seq) == Some(&event.id)
    }

    fn last(&self) -> Option<Head> {
        self.0.last_key_value().map(|(seq, id)| Head { seq: *seq, id: *id })
    }

    fn at(&self, seq: u64) -> Option<Head> {
        self.0.get(&seq).map(|id| Head { seq, id: *id })
    }

    /// The last of these events that is one of them: all before it belong to the chain.
    fn last_of(&self, events: impl DoubleEndedIterator<Item = Head>) -> Option<Head> {
        events.rev().find(|event| self.has(event))
    }

    /// Forgets every other one, but not the last: of runs that come together each is known by one behind it.
    fn thin(&mut self) {
        let (last, mut odd) = (self.last(), false);
        self.0.retain(|seq, _| {
            odd = !odd;
            !odd || last.is_some_and(|last| last.seq == *seq)
        });
    }
}

/// A chain of which nothing is taken.
#[derive(Debug)]
struct Followed {
    /// The first of its events that is not held, and one before it that is.
    first: Head,
    before: Option<Head>,
    ends: Ends,
    /// The last place of a named head that is not held.
    open: u64,
    /// Whether the peer has brought some of it since it was asked for.
    met: bool,
    /// Whether that was in an earlier conversation.
    earlier: bool,
    /// How often it was asked for behind the end where it is.
    asked: u8,
    /// Whether the peer may have more of it.
    more: bool,
}

impl Followed {
    fn go_on(&mut self, last: Head) {
        (self.asked, self.more) = (0, true);
        self.ends.insert(last);
    }

    /// Whether a peer who said to have these heads may have more of it.
    fn goes_on(&self, heads: &[Entry], log: LogId) -> bool {
        let tip = self.ends.last().filter(|tip| tip.seq < self.open && self.asked < ASKED);
        tip.is_some_and(|tip| !heads.contains(&tip.entry(log)))
    }
}

/// A chain that leads to a named head.
#[derive(Debug)]
struct Seen {
    /// What is held before the first of its events that was not.
    before: Option<Head>,
    /// The last is the named head.
    ends: Ends,
    /// What of it was taken last.
    taken: Option<Head>,
}

/// What is known of one log.
#[derive(Debug, Default)]
struct Track {
    followed: Option<Followed>,
    seen: Option<Seen>,
    /// Chains that were begun to be followed.
    begun: u8,
    /// Whether something more is known since it was asked for.
    moved: bool,
    /// Whether something was turned away since: the peer sends no more of it.
    shut: bool,
}

impl Track {
    /// Takes note of a run that was taken.
    fn taken(&mut self, links: &Links) {
        if let Some(seen) = &mut self.seen
            && let Some(last) = seen.ends.last_of(links.events.iter().copied())
        {
            if seen.taken.is_none_or(|taken| taken.seq < last.seq) {
                (seen.taken, self.moved, self.begun) = (Some(last), true, 0);
            }
            self.seen.take_if(|seen| seen.ends.last() == Some(last));
        }
        self.followed.take_if(|followed| links.events.contains(&followed.first));
    }

    /// Takes note of a run that was turned away and follows on this chain, if it does; `named` is the last of its events that is
    /// a named head.
    fn follow(&mut self, links: &Links, named: impl FnOnce() -> Option<Head>) -> bool {
        let Some(followed) = &mut self.followed else { return false };
        let Some((parent, last)) = links.parent.zip(links.events.last().copied()) else { return false };
        if !followed.ends.has(&parent) {
            return false;
        }
        (followed.met, followed.earlier) = (true, false);
        if followed.ends.last() == Some(parent) {
            followed.go_on(last);
            self.moved = true;
        }
        if let Some(named) = named() {
            let mut ends = mem::take(&mut followed.ends);
            ends.0.retain(|seq, _| *seq <= parent.seq);
            ends.insert(named);
            self.seen = Some(Seen { before: followed.before, ends, taken: None });
            (self.followed, self.moved, self.begun) = (None, true, 0);
        }
        true
    }

    /// Takes note of a run that was turned away and follows on what is held: `first` is the first of its events that is not.
    fn begin(&mut self, links: &Links, first: Head, open: u64) {
        let of_seen = |seen: &Seen| seen.ends.last_of(links.events.iter().copied()).is_some();
        if self.seen.as_ref().is_some_and(of_seen) {
            return;
        }
        match &mut self.followed {
            Some(followed) if followed.first == first => {
                // What of it is known from before need not come again.
                self.moved |= mem::take(&mut followed.earlier);
                followed.met = true;
            }
            Some(followed) if followed.met => {}
            _ if self.begun >= BEGUN => {}
            _ => {
                let (mut ends, before) = (Ends::default(), links.parent);
                links.events.last().into_iter().for_each(|last| ends.insert(*last));
                self.followed =
                    Some(Followed { first, before, ends, open, met: true, earlier: false, asked: 0, more: true });
                (self.begun, self.moved) = (self.begun.saturating_add(1), true);
            }
        }
    }

    /// What to say to have of the log, of whoever has these heads and is asked for more of it; nothing if there is no use.
    fn ask(&mut self, log: LogId, heads: &[Entry]) -> Option<Vec<Entry>> {
        if let Some(followed) = &mut self.followed {
            followed.more = followed.goes_on(heads, log);
        }
        if !(self.moved && self.shut) {
            return None;
        }
        (self.moved, self.shut) = (false, false);
        let mut behind = Vec::new();
        let followed = self.followed.as_mut().filter(|followed| followed.more);
        if self.seen.is_none() && followed.is_none() {
            return None;
        }
        if let Some(followed) = followed {
            behind.extend(followed.ends.last().map(|tip| tip.entry(log)));
            (followed.met, followed.asked) = (false, followed.asked.saturating_add(1));
        }
        behind.extend(self.seen.as_ref().and_then(|seen| seen.taken.or(seen.before)).map(|held| held.entry(log)));
        Some(behind)
    }

    /// How many ends of runs are kept.
    fn ends(&self) -> usize {
        let followed = self.followed.as_ref().map_or(0, |followed| followed.ends.0.len());
        followed.saturating_add(self.seen.as_ref().map_or(0, |seen| seen.ends.0.len()))
    }

    fn thin(&mut self) {
        self.followed.iter_mut().for_each(|followed| followed.ends.thin());
        self.seen.iter_mut().for_each(|seen| seen.ends.thin());
    }

    /// Whether it may make room for another.
    fn is_idle(&self) -> bool {
        self.seen.is_none() && self.followed.as_ref().is_none_or(|followed| followed.met || followed.earlier)
    }

    /// Whether what it leads to came from somebody else, or is named no more.
    fn is_done(&self, view: &View, rules: &Rules, log: LogId) -> Result<bool, StoreError> {
        if let Some(head) = self.seen.as_ref().and_then(|seen| seen.ends.last())
            && holds(view, log, &head)?
        {
            return Ok(true);
        }
        let Some(header) = view.log(log)? else { return Ok(true) };
        Ok(silence::open_until(view, rules, &header)?.is_none())
    }
}

fn holds(view: &View, log: LogId, event: &Head) -> Result<bool, StoreError> {
    view.has(Reference { log, seq: event.seq, check: event.id.short() })
}

/// A run, as its events name each other.
pub(super) struct Links {
    header: LogHeader,
    parent: Option<Head>,
    events: Vec<Head>,
}

impl Links {
    /// Of a run of which it may matter.
    pub(super) fn of(rules: &Rules, run: &VerifiedRun) -> Option<Self> {
        let header = *run.header();
        let events = || run.events().iter().map(|event| Head { seq: event.seq, id: event.id }).collect();
        rules.roster.has_ends(header.device).then(|| Self { header, parent: run.parent(), events: events() })
    }

    /// The first of its events that is not held, if what it follows on is.
    fn first_absent(&self, view: &View) -> Result<Option<Head>, StoreError> {
        let log = self.header.id();
        if let Some(parent) = &self.parent
            && !holds(view, log, parent)?
        {
            return Ok(None);
        }
        for event in &self.events {
            if !holds(view, log, event)? {
                return Ok(Some(*event));
            }
        }
        Ok(None)
    }
}

/// Up to where something of a log may lead to a named head that is not held, looked up once for what came together.
struct Open<'a> {
    view: &'a View,
    rules: &'a Rules,
    of: BTreeMap<LogId, Option<u64>>,
}

impl Open<'_> {
    fn until(&mut self, header: &LogHeader) -> Result<Option<u64>, StoreError> {
        let log = header.id();
        if let Some(known) = self.of.get(&log) {
            return Ok(*known);
        }
        let until = silence::open_until(self.view, self.rules, header)?;
        self.of.insert(log, until);
        Ok(until)
    }
}

/// What one peer brought that was turned away, log by log, from one conversation to the next. In memory alone: what is forgotten
/// is followed anew.
#[derive(Debug, Default)]
pub struct Tracks(BTreeMap<LogId, Track>);

impl Tracks {
    /// How many logs there are, of each of which as much is kept.
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// How many ends of runs are kept of all.
    pub(super) fn ends(&self) -> usize {
        self.0.values().map(Track::ends).sum()
    }

    /// Ends at a place, of runs that were turned away and are followed and of what is taken of such: what comes goes on there.
    pub(super) fn ends_at(&self, log: LogId, seq: u64) -> impl Iterator<Item = Head> {
        let track = self.0.get(&log);
        let followed = track.and_then(|track| track.followed.as_ref()?.ends.at(seq));
        let taken = track.and_then(|track| track.seen.as_ref()?.taken.filter(|taken| taken.seq == seq));
        taken.into_iter().chain(followed)
    }

    /// Adds what of these runs belongs to chains that were seen to lead to a named head.
    pub(super) fn lead(&self, links: &[Option<Links>], led: &mut BTreeSet<EventId>) {
        for links in links.iter().flatten() {
            let seen = self.0.get(&links.header.id()).and_then(|track| track.seen.as_ref());
            if let Some(last) = seen.and_then(|seen| seen.ends.last_of(links.events.iter().copied())) {
                let leads = links.events.iter().filter(|event| event.seq <= last.seq);
                led.extend(leads.map(|event| event.id));
            }
        }
    }

    /// Takes note of how runs were answered. One that follows on what was turned away was turned away as that was.
    pub(super) fn note(
        &mut self,
        view: &View,
        rules: &Rules,
        links: &[Option<Links>],
        answers: &mut [Answer],
    ) -> Result<(), StoreError> {
        let mut open = Open { view, rules, of: BTreeMap::new() };
        for (links, answer) in links.iter().zip(answers) {
            let Some(links) = links else { continue };
            let log = links.header.id();
            match answer {
                Answer::Committed { .. } => {
                    if let Some(track) = self.0.get_mut(&log) {
                        track.taken(links);
                    }
                }
                Answer::Refused { why: why @ (Refusal::Beyond | Refusal::Full | Refusal::Gap), .. } => {
                    if self.turned_away(&mut open, links, *why)? && *why == Refusal::Gap {
                        *why = Refusal::Beyond;
                    }
                }
                Answer::Refused { .. } => {}
            }
        }
        self.0.retain(|_, track| track.followed.is_some() || track.seen.is_some());
        while self.ends() > limits::TRACK_ENDS {
            // Those of the longest chains make room.
            let longest = self.0.values_mut().max_by_key(|track| track.ends());
            longest.into_iter().for_each(Track::thin);
        }
        Ok(())
    }

    /// Whether the run follows on what was turned away.
    fn turned_away(&mut self, of: &mut Open, links: &Links, why: Refusal) -> Result<bool, StoreError> {
        let (log, view, rules) = (links.header.id(), of.view, of.rules);
        let Some(open) = of.until(&links.header)? else { return Ok(false) };
        if links.events.first().is_none_or(|first| first.seq > open) {
            return Ok(false);
        }
        if let Some(track) = self.0.get_mut(&log) {
            track.shut = true;
            if track.follow(links, || silence::last_named(rules, &links.header, &links.events)) {
                return Ok(true);
            }
        }
        if why == Refusal::Gap {
            return Ok(false);
        }
        if let Some(first) = links.first_absent(view)? {
            self.make_room(view, rules, log)?;
            if self.0.len() < limits::TRACKS || self.0.contains_key(&log) {
                let track = self.0.entry(log).or_default();
                track.shut = true;
                track.begin(links, first, open);
            }
        }
        Ok(false)
    }

    /// For one log more, if one of those that are known has nothing to wait for.
    fn make_room(&mut self, view: &View, rules: &Rules, log: LogId) -> Result<(), StoreError> {
        if self.0.len() < limits::TRACKS || self.0.contains_key(&log) {
            return Ok(());
        }
        for (log, track) in &self.0 {
            if track.is_idle() || track.is_done(view, rules, *log)? {
                let log = *log;
                self.0.remove(&log);
                return Ok(());
            }
        }
        Ok(())
    }

    /// What is here of a chain of which a peer, who has these entries of the log, holds more: it brought that, and need not be
    /// brought it, though what it has is not here.
    pub(super) fn held_by(&self, log: LogId, have: &[Entry]) -> Option<Entry> {
        let seen = self.0.get(&log)?.seen.as_ref()?;
        let taken = seen.taken?;
        let is_behind = |entry: &Entry| seen.ends.at(entry.seq).is_some_and(|end| end.entry(log) == *entry);
        have.iter().any(|entry| entry.seq >= taken.seq && is_behind(entry)).then(|| taken.entry(log))
    }

    /// Behind what a peer, who says to have these heads of a log, is asked to go on with it, if it is.
    pub(super) fn ask(&mut self, log: LogId, heads: impl Iterator<Item = Entry>) -> Option<Vec<Entry>> {
        self.0.get_mut(&log)?.ask(log, &heads.collect::<Vec<_>>())
    }

    /// Behind what the peer is asked to go on as a conversation begins: an earlier one broke off there.
    pub(super) fn broken_off(&mut self) -> Vec<Entry> {
        let more = |(log, track): (&LogId, &mut Track)| {
            let followed = track.followed.as_mut().filter(|followed| followed.more && followed.asked < ASKED)?;
            followed.asked = followed.asked.saturating_add(1);
            followed.ends.last().map(|tip| tip.entry(*log))
        };
        self.0.iter_mut().filter_map(more).collect()
    }

    /// As the next conversation with the peer begins.
    fn begin_anew(&mut self) {
        for track in self.0.values_mut() {
            (track.begun, track.moved, track.shut) = (0, false, false);
            if let Some(followed) = &mut track.followed {
                (followed.met, followed.earlier) = (false, true);
            }
        }
    }
}

/// What a few peers brought that was turned away, until they come again. One more makes the one go that waits longest.
#[derive(Default)]
pub struct Tracked(Mutex<VecDeque<(DeviceId, Tracks)>>);

impl Tracked {
    /// Of this peer.
    pub fn take(&self, peer: DeviceId) -> Tracks {
        let mut tracked = self.0.lock();
        let at = tracked.iter().position(|(of, _)| *of == peer);
        at.and_then(|at| tracked.remove(at)).map(|(_, tracks)| tracks).unwrap_or_default()
    }

    /// Until this peer comes again.
    pub fn keep(&self, peer: DeviceId, mut tracks: Tracks) {
        let mut tracked = self.0.lock();
        tracked.retain(|(of, _)| *of != peer);
        if tracks.len() > 0 {
            tracks.begin_anew();
            tracked.push_back((peer, tracks));
        }
        if tracked.len() > limits::TRACKED {
            tracked.pop_front();
        }
    }
}
