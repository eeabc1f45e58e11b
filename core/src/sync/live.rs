//! News while a session lives: own events are pushed, others' are announced and pulled.

use std::collections::BTreeSet;

use super::{
    Outgoing, Session, SessionError,
    compare::KEPT,
    frame::{ENTRIES, Frame, PULLS, Wanted},
    session::number,
    topic::Topic,
};
use crate::{
    event::Entry,
    id::{LogId, TopicTag},
    limits,
    time::Mono,
};

impl Session {
    /// Own events: pushed at once where the peer holds what they build on, else found by the next search.
    pub(super) fn appended(&mut self, tag: TopicTag, runs: Vec<Outgoing>) {
        let Some(place) = self.place_of(tag) else { return };
        let topic = &mut self.topics[place];
        for outgoing in runs {
            let last = outgoing.entry();
            topic.mine.advance(outgoing.run.first, last);
            if topic.theirs.contains(&last) && topic.is_live() {
                continue;
            }
            if let Some((why, events)) = topic.shut.get_mut(&last.log) {
                let more = outgoing.run.links.len() as u64;
                *events = events.saturating_add(more);
                let count = self.progress.not_taken.of(*why);
                *count = count.saturating_add(more);
            }
            if topic.is_live() && topic.can_push(&outgoing) {
                topic.send_later(outgoing);
            } else {
                topic.owed.insert(last.log);
            }
        }
    }

    /// Others' events that came by another way: to be announced.
    pub(super) fn stored(&mut self, tag: TopicTag, heads: Vec<Entry>) {
        let Some(place) = self.place_of(tag) else { return };
        let logs: BTreeSet<LogId> = heads.iter().map(|head| head.log).collect();
        for log in logs {
            self.topics[place].mine.replace(log, heads.iter().filter(|head| head.log == log).copied());
            self.note_news(place, log);
        }
    }

    /// Marks a log to be announced, if it holds what the peer is not known to have. What changes while a topic is
    /// compared is found by the search that follows.
    pub(super) fn note_news(&mut self, place: usize, log: LogId) {
        let topic = &mut self.topics[place];
        if topic.is_live() && !topic.shut.contains_key(&log) && !topic.unknown_to_peer(log).is_empty() {
            topic.news.insert(log);
            self.announce_at.get_or_insert(Mono(self.now.0.saturating_add(self.gather)));
        }
    }

    /// Announces what was gathered, if it is time.
    pub(super) fn announce(&mut self) {
        if self.announce_at.is_none_or(|due| due > self.now) {
            return;
        }
        self.announce_at = None;
        for (place, topic) in self.topics.iter_mut().enumerate() {
            let news = std::mem::take(&mut topic.news);
            let entries: Vec<Entry> = news.into_iter().flat_map(|log| topic.unknown_to_peer(log)).collect();
            for part in entries.chunks(ENTRIES) {
                let frame = Frame::Announce { topic: number(place), entries: part.to_vec() };
                self.notes.push_back(frame.to_bytes());
            }
        }
    }

    /// The peer has news: what is new here too is pulled, unless its device was refused.
    pub(super) fn announced(&mut self, topic: u8, entries: &[Entry]) -> Result<(), SessionError> {
        let place = self.live("announce", topic)?;
        let topic = &mut self.topics[place];
        let mut wanted = BTreeSet::new();
        for entry in entries {
            topic.theirs.learn(*entry);
            if !topic.mine.contains(entry) && !topic.refused.contains(&entry.log) {
                wanted.insert(entry.log);
            }
        }
        if topic.theirs.len() > KEPT {
            return Err(SessionError::TooMany { what: "entries", limit: KEPT });
        }
        self.pull(place, wanted);
        Ok(())
    }

    /// Asks for logs.
    pub(super) fn pull(&mut self, place: usize, logs: impl IntoIterator<Item = LogId>) {
        let topic = &self.topics[place];
        let greatest = |log| {
            let mut have: Vec<Entry> = topic.mine.heads(log).rev().take(limits::BRANCHES).collect();
            have.reverse();
            have
        };
        let wanted: Vec<Wanted> = logs.into_iter().map(|log| Wanted { log, have: greatest(log) }).collect();
        for part in wanted.chunks(PULLS) {
            self.notes.push_back(Frame::Pull { topic: number(place), logs: part.to_vec() }.to_bytes());
        }
    }

    /// The peer asks for logs. Logs that we do not hold are nothing to it.
    pub(super) fn pulled(&mut self, topic: u8, logs: Vec<Wanted>) -> Result<(), SessionError> {
        let place = self.live("pull", topic)?;
        let topic = &mut self.topics[place];
        for wanted in logs {
            if topic.mine.heads(wanted.log).next().is_some() {
                topic.pulls.insert(wanted.log, wanted.have);
            }
        }
        Ok(())
    }

    /// The roster changed: whoever was a stranger may be one no more.
    pub(super) fn ask_refused_again(&mut self) {
        for place in 0..self.topics.len() {
            let refused = std::mem::take(&mut self.topics[place].refused);
            self.topics[place].asked.clear();
            self.pull(place, refused);
        }
    }
}

impl Topic {
    /// Whether a run can go without a search: nothing else is on its way here, and the peer holds what it builds on.
    fn can_push(&self, outgoing: &Outgoing) -> bool {
        let (log, first) = (outgoing.run.log, outgoing.run.first);
        if self.cursor != super::topic::Cursor::None || self.shut.contains_key(&log) || self.owed.contains(&log) {
            return false;
        }
        let mut theirs = self.theirs.heads(log);
        match (theirs.next(), theirs.next()) {
            (None, _) => first == 0,
            (Some(head), None) => head.seq.checked_add(1) == Some(first),
            (Some(_), Some(_)) => false,
        }
    }

    /// Puts a run in line. From here on the peer is taken to have it: if it refuses, that is taken back.
    pub(super) fn send_later(&mut self, mut outgoing: Outgoing) {
        if self.theirs.heads(outgoing.run.log).next().is_some() {
            outgoing.run.header = None;
        }
        self.theirs.advance(outgoing.run.first, outgoing.entry());
        self.ready.push_back(outgoing);
    }
}
