//! Sending: searches, chunks, the window, acknowledgements.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::{
    super::{
        SessionError,
        bounds::{Bound, runs_in},
        frame::Frame,
        runs::{Given, estimate},
        topic::{Cursor, Topic},
        words::{Outgoing, Output, Refusal, number},
    },
    Session,
};
use crate::{event::Entry, id::LogId, id::TopicTag, limits};

/// A run that was handed out and has no answer yet.
#[derive(Debug)]
struct Sent {
    place: usize,
    last: Entry,
    events: u64,
    bytes: usize,
}

/// What is on its way to the peer.
#[derive(Debug, Default)]
pub(super) struct Sending {
    given: Given,
    sent: VecDeque<Sent>,
    unacknowledged: usize,
    /// How many of them are of each log, by the place of the topic.
    on_the_way: BTreeMap<(usize, LogId), usize>,
    /// Runs of the first topic, the roster, among those sent.
    roster: usize,
    /// A large run of which a part was sent: what is left.
    open: Option<VecDeque<u8>>,
}

impl Sending {
    /// Whether every run that was handed out has its answer.
    pub(super) fn is_acknowledged(&self) -> bool {
        self.sent.is_empty()
    }

    /// Whether something of a log is on its way.
    pub(super) fn is_on_the_way(&self, place: usize, log: LogId) -> bool {
        self.on_the_way.contains_key(&(place, log))
    }

    /// One run of a log was answered. Whether it was the last.
    fn arrived(&mut self, place: usize, log: LogId) -> bool {
        let left = self.on_the_way.get_mut(&(place, log)).map_or(0, |count| {
            *count = count.saturating_sub(1);
            *count
        });
        if left == 0 {
            self.on_the_way.remove(&(place, log));
        }
        left == 0
    }

    /// How much is kept.
    pub(super) fn bounds(&self) -> Vec<Bound> {
        let Self { given, sent, unacknowledged, on_the_way, roster, open } = self;
        let open = open.as_ref().map_or(0, VecDeque::len);
        let bound = |what, kept, limit| Bound { what, kept, limit, ours: 0 };
        let mut bounds = vec![
            bound("bytes on the way", *unacknowledged, limits::UNANSWERED),
            bound("runs on the way", sent.len(), runs_in(limits::UNANSWERED)),
            bound("logs of runs on the way", on_the_way.len(), sent.len()),
            bound("roster runs on the way", *roster, sent.len()),
            bound("bytes of a run in parts, to it", open, limits::RUN),
        ];
        bounds.extend(given.bounds());
        bounds
    }

    /// Bytes that may be begun in this topic: the window, and a chunk more to overtake a later topic.
    fn room(&self, place: usize) -> usize {
        if self.sent.is_empty() {
            return usize::MAX;
        }
        let overtakes = self.sent.back().is_some_and(|sent| sent.place > place);
        let limit = limits::UNACKNOWLEDGED + if overtakes { limits::CHUNK } else { 0 };
        limit.saturating_sub(self.unacknowledged)
    }
}

impl Session {
    /// Begins a search for what the peer lacks, if there is anything.
    pub(super) fn search(&mut self, place: usize, only: Option<&BTreeSet<LogId>>) {
        let topic = &mut self.topics[place];
        let logs = topic.take_searches(only);
        if logs.is_empty() {
            return;
        }
        topic.cursor = Cursor::Open;
        self.outputs.push_back(Output::Search { topic: topic.tag, logs });
    }

    /// The driver's answer to a load.
    pub(super) fn loaded(&mut self, tag: TopicTag, runs: Vec<Outgoing>, done: bool) -> Result<(), SessionError> {
        let misuse = |what| Err(SessionError::Misuse { what });
        let Some(topic) = self.topics.iter_mut().find(|topic| topic.tag == tag && topic.cursor == Cursor::Asked) else {
            return misuse("loaded what was not asked for");
        };
        if runs.is_empty() && !done {
            return misuse("loaded nothing, and not done");
        }
        topic.cursor = if done { Cursor::None } else { Cursor::Open };
        for outgoing in runs {
            if outgoing.run.links.is_empty() {
                return misuse("loaded an empty run");
            }
            if !topic.shut.contains_key(&outgoing.run.log) && !topic.theirs.is_silenced(outgoing.run.log) {
                topic.send_later(outgoing);
            }
        }
        Ok(())
    }

    /// Goes on with whatever can go on: searches that were put off, loads, *done*.
    pub(super) fn serve(&mut self) {
        for place in 0..self.topics.len() {
            if self.topics[place].is_idle() {
                self.begin_next_search(place);
            }
            self.load(place);
            let open = self.sending.open.is_some();
            let topic = &mut self.topics[place];
            if topic.owes_done && topic.is_idle() && !open {
                topic.owes_done = false;
                self.notes.push_back(Frame::Done { topic: number(place) }.to_bytes());
            }
        }
    }

    fn begin_next_search(&mut self, place: usize) {
        let (topic, sending) = (&mut self.topics[place], &self.sending);
        if topic.owed.is_empty() && topic.ripe.is_empty() {
            return;
        }
        // A log that is on its way is not searched again: what the peer then has is not known yet.
        let (mut logs, ripe) =
            (std::mem::take(&mut topic.owed), topic.take_ripe(|log| sending.is_on_the_way(place, log)));
        for log in ripe {
            if let Some((why, events)) = topic.shut.remove(&log) {
                let count = self.progress.not_taken.of(why);
                *count = count.saturating_sub(events);
            }
            logs.insert(log);
        }
        if !logs.is_empty() {
            self.search(place, Some(&logs));
        }
    }

    fn load(&mut self, place: usize) {
        let room = self.sending.room(place).min(limits::CHUNK);
        if !self.may_send(place) || room == 0 {
            return;
        }
        let topic = &mut self.topics[place];
        if topic.cursor == Cursor::Open && topic.ready.is_empty() {
            topic.cursor = Cursor::Asked;
            self.outputs.push_back(Output::Load { topic: topic.tag, bytes: room });
        }
    }

    /// Whether it is this topic's turn: nothing of an earlier topic waits to be sent, and of the first, the
    /// roster, nothing is unanswered, so that the peer knows whose logs these are.
    fn may_send(&self, place: usize) -> bool {
        let roster_known = place == 0 || self.sending.roster == 0;
        roster_known && self.topics.iter().take(place).all(Topic::is_drained)
    }

    /// The next frame of runs, if one may go.
    pub(super) fn next_chunk(&mut self) -> Option<Vec<u8>> {
        if let Some(open) = self.sending.open.take() {
            return Some(self.next_part(open));
        }
        let place = (0..self.topics.len()).find(|place| !self.topics[*place].ready.is_empty())?;
        let first = estimate(&self.topics[place].ready.front()?.run);
        if !self.may_send(place) || first > self.sending.room(place) {
            return None;
        }
        let mut bytes = vec![number(place)];
        while let Some(outgoing) = self.topics[place].ready.pop_front() {
            self.write(place, &outgoing, &mut bytes);
            let next = self.topics[place].ready.front().map_or(usize::MAX, |next| estimate(&next.run));
            if next > self.sending.room(place) || bytes.len().saturating_add(next) > limits::CHUNK {
                break;
            }
        }
        if bytes.len() > limits::CHUNK {
            return Some(self.next_part(bytes.into()));
        }
        Some(Frame::Runs { bytes: &bytes }.to_bytes())
    }

    fn write(&mut self, place: usize, outgoing: &Outgoing, bytes: &mut Vec<u8>) {
        let before = bytes.len();
        self.sending.given.write(bytes, &outgoing.run, self.community);
        let (length, events) = (bytes.len() - before, outgoing.run.links.len() as u64);
        self.sending.unacknowledged += length;
        self.sending.roster += usize::from(place == 0);
        *self.sending.on_the_way.entry((place, outgoing.run.log)).or_default() += 1;
        self.sending.sent.push_back(Sent { place, last: outgoing.entry(), events, bytes: length });
        self.progress.sent.events += events;
        self.progress.sent.bytes += length as u64;
    }

    fn next_part(&mut self, mut open: VecDeque<u8>) -> Vec<u8> {
        let part: Vec<u8> = open.drain(..open.len().min(limits::CHUNK)).collect();
        let last = open.is_empty();
        self.sending.open = (!last).then_some(open);
        Frame::Part { bytes: &part, last }.to_bytes()
    }

    /// The peer answered the oldest runs.
    pub(super) fn acknowledged(&mut self, runs: u64, refused: Option<Refusal>) -> Result<(), SessionError> {
        for _ in 0..runs {
            let Some(sent) = self.sending.sent.pop_front() else {
                return Err(SessionError::OutOfTurn { got: "ack", state: "nothing is unacknowledged" });
            };
            self.sending.unacknowledged = self.sending.unacknowledged.saturating_sub(sent.bytes);
            self.sending.roster -= usize::from(sent.place == 0);
            let last = self.sending.arrived(sent.place, sent.last.log);
            let topic = &mut self.topics[sent.place];
            if last && topic.pulls.contains_key(&sent.last.log) {
                topic.ripe.insert(sent.last.log);
            }
            let is_of_log = |outgoing: &Outgoing| outgoing.run.log == sent.last.log;
            // Whoever refuses one run of a log is sent no more of it.
            let first = sent.last.seq.saturating_add(1).saturating_sub(sent.events);
            let end = if refused.is_some() { u64::MAX } else { sent.last.seq };
            let room = limits::FILLED.saturating_sub(self.filled.len());
            let filled = topic.filled_by(sent.last.log, first, end).take(room);
            self.filled.extend(filled.map(|hole| (topic.tag, hole)));
            if refused == Some(Refusal::Silenced) && topic.mine.is_silenced(sent.last.log) {
                // Now both have enough branches to know.
                topic.ready.retain(|outgoing| !is_of_log(outgoing));
                topic.theirs.learn(Entry::silenced(sent.last.log));
                continue;
            }
            if let Some(why) = refused {
                topic.theirs.remove(sent.last.log);
                let dropped = topic.ready.iter().filter(|run| is_of_log(run)).map(|run| run.run.links.len() as u64);
                let events = dropped.fold(sent.events, u64::saturating_add);
                topic.ready.retain(|outgoing| !is_of_log(outgoing));
                let shut = topic.shut.entry(sent.last.log).or_insert((why, 0));
                shut.1 = shut.1.saturating_add(events);
                let count = self.progress.not_taken.of(shut.0);
                *count = count.saturating_add(events);
                continue;
            }
            if let Some(have) = topic.pulls.get_mut(&sent.last.log) {
                // Of what it has of a log the newest is what counts.
                let forgotten = (have.len() >= limits::NAMED_HEADS).then(|| have.remove(0));
                have.push(sent.last);
                topic.pulled = topic.pulled.saturating_add(usize::from(forgotten.is_none()));
            }
            self.outputs.push_back(Output::PeerHas { topic: topic.tag, entry: sent.last });
        }
        Ok(())
    }
}
