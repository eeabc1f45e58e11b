//! News while a session lives: own events are pushed, others' are announced and pulled.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    super::{
        SessionError,
        frame::Frame,
        topic::{Cursor, Topic},
        words::{Outgoing, Refusal, Wanted, number},
    },
    Session,
};
use crate::{
    event::Entry,
    id::{LogId, TopicTag},
    limits,
    sabotage::Rule,
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
            let topic = &mut self.topics[place];
            let was_silenced = topic.mine.is_silenced(log);
            topic.mine.replace(log, heads.iter().filter(|head| head.log == log).copied());
            if was_silenced && !topic.mine.is_silenced(log) {
                topic.unsilenced(log);
            }
            self.note_news(place, log);
        }
    }

    /// Bodies came back that the peer may lack as well: it is sent the log from where on it does.
    pub(super) fn refilled(&mut self, tag: TopicTag, log: LogId, holes: Vec<Entry>) {
        let Some(place) = self.place_of(tag) else { return };
        if self.topics[place].refilled(log, holes) {
            self.topics[place].owed.insert(log);
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

    /// What was gathered is to be announced, if it is time.
    pub(super) fn gather_news(&mut self) {
        if self.announce_at.is_some_and(|due| due <= self.now) {
            self.announce_at = None;
            self.topics.iter_mut().for_each(|topic| topic.due.append(&mut topic.news));
        }
    }

    /// The next frame that announces.
    pub(super) fn next_announcement(&mut self) -> Option<Vec<u8>> {
        for (place, topic) in self.topics.iter_mut().enumerate() {
            let mut entries = Vec::new();
            while entries.len() < limits::ANNOUNCED
                && let Some(log) = topic.due.pop_first()
            {
                entries.extend(topic.unknown_to_peer(log).into_iter().take(limits::ANNOUNCED));
            }
            // The last log of a full frame may have gone beyond it.
            let rest = entries.split_off(entries.len().min(limits::ANNOUNCED));
            topic.due.extend(rest.first().map(|entry| entry.log));
            if !entries.is_empty() {
                return Some(Frame::Announce { topic: number(place), entries }.to_bytes());
            }
        }
        None
    }

    /// The peer has news: what is new here too is pulled, unless its device was refused. What is said again before it
    /// was asked for is asked for once. What is silenced here is not asked for: the peer is told, and asks for what makes
    /// it silent there too.
    pub(super) fn announced(&mut self, topic: u8, entries: &[Entry]) -> Result<(), SessionError> {
        let place = self.live("announce", topic)?;
        let mut room = limits::NAMED.saturating_sub(self.named());
        let topic = &mut self.topics[place];
        let mut news = BTreeSet::new();
        for entry in entries.iter().filter(|entry| !entry.is_hole()) {
            let is_silenced_here = topic.mine.is_silenced(entry.log);
            if is_silenced_here || topic.theirs.is_silenced(entry.log) {
                news.insert(entry.log);
            }
            if topic.mine.contains(entry) {
                topic.theirs.learn(*entry);
                continue;
            }
            // Of what is forgotten nothing is asked: another session tells of it again.
            let left = room.checked_sub(2).or(Rule::Named.is_left_out().then_some(room));
            let Some(left) = left else { continue };
            room = left;
            topic.theirs.learn(*entry);
            if !is_silenced_here && !topic.refused.contains_key(&entry.log) {
                topic.wanted.insert(entry.log);
            }
        }
        news.into_iter().for_each(|log| self.note_news(place, log));
        Ok(())
    }

    /// The next frame that asks for logs.
    pub(super) fn next_pull(&mut self) -> Option<Vec<u8>> {
        for (place, topic) in self.topics.iter_mut().enumerate() {
            let mut logs = Vec::new();
            while logs.len() < limits::PULLED
                && let Some(log) = topic.wanted.pop_first()
            {
                let mut have: BTreeSet<Entry> = topic.behind.remove(&log).into_iter().flatten().collect();
                let room = limits::BRANCHES.saturating_sub(have.len());
                have.extend(topic.mine.heads(log).rev().take(room));
                let have = have.into_iter().collect();
                logs.push(Wanted { log, have });
            }
            if !logs.is_empty() {
                return Some(Frame::Pull { topic: number(place), logs }.to_bytes());
            }
        }
        None
    }

    /// The peer asks for logs. Logs that we do not hold are nothing to it.
    pub(super) fn pulled(&mut self, topic: u8, logs: Vec<Wanted>) -> Result<(), SessionError> {
        let place = self.live("pull", topic)?;
        for mut wanted in logs {
            wanted.have.retain(|entry| !entry.is_hole());
            let on_the_way = self.sending.is_on_the_way(place, wanted.log);
            if self.named().saturating_add(wanted.have.len()) >= limits::NAMED {
                break;
            }
            let topic = &mut self.topics[place];
            if topic.mine.heads(wanted.log).next().is_some() {
                topic.pull(wanted, on_the_way);
            }
        }
        Ok(())
    }

    /// The roster changed: whoever was a stranger may be one no more. What is still silenced would be refused again.
    pub(super) fn ask_refused_again(&mut self) {
        for topic in &mut self.topics {
            topic.asked.clear();
            let refused = std::mem::take(&mut topic.refused).into_iter();
            let (silenced, ask) = refused.partition(|(log, _)| topic.mine.is_silenced(*log));
            topic.refused = silenced;
            topic.wanted.extend(BTreeMap::into_keys(ask));
        }
    }

    /// Erasures came: they may name the bodies for want of which logs were refused.
    pub(super) fn ask_unnamed_again(&mut self) {
        for topic in &mut self.topics {
            let refused = std::mem::take(&mut topic.refused).into_iter();
            let (ask, others) = refused.partition(|(_, why)| *why == Refusal::Unnamed);
            topic.refused = others;
            for log in BTreeMap::into_keys(ask) {
                topic.asked.remove(&log);
                topic.wanted.insert(log);
            }
        }
    }

    /// Something waits for these logs: what was refused of them may be taken now.
    pub(super) fn ask_again(&mut self, logs: &BTreeSet<LogId>) {
        for topic in &mut self.topics {
            for log in logs {
                if topic.refused.remove(log).is_some() {
                    topic.asked.remove(log);
                    topic.wanted.insert(*log);
                }
            }
        }
    }
}

impl Session {
    /// A log is asked for as if this were held of it as well.
    pub(super) fn go_on(&mut self, tag: TopicTag, log: LogId, behind: Vec<Entry>) {
        // What is forgotten comes again with another session.
        let room = self.named().saturating_add(behind.len()) < limits::NAMED;
        let Some(place) = self.place_of(tag).filter(|_| room) else { return };
        let topic = &mut self.topics[place];
        if topic.is_live() {
            topic.wanted.insert(log);
            topic.behind.insert(log, behind);
        }
    }
}

impl Topic {
    /// A cut says what counts of a log that was silenced: it is asked for, and told, as if nothing had been heard of it.
    /// What the peer knows is found by its answers, whether it is silenced there too or not.
    fn unsilenced(&mut self, log: LogId) {
        if self.theirs.is_silenced(log) {
            self.theirs.remove(log);
        }
        self.refused.remove(&log);
        if self.is_live() {
            self.wanted.insert(log);
        }
    }

    /// Whether a run can go without a search: nothing else is on its way here, and the peer holds what it builds on.
    fn can_push(&self, outgoing: &Outgoing) -> bool {
        let (log, first) = (outgoing.run.log, outgoing.run.first);
        let apart = self.shut.contains_key(&log) || self.theirs.is_silenced(log);
        let many = self.ready.len() >= limits::PUSHED;
        if self.cursor != Cursor::None || apart || many || self.owed.contains(&log) {
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
        self.theirs.keep_few(outgoing.run.log);
        self.ready.push_back(outgoing);
    }
}
