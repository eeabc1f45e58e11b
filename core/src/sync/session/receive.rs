//! Receiving: parts are joined, runs are handed over, and each gets one answer.

use std::collections::VecDeque;

use super::{
    super::{
        FrameError, SessionError,
        bounds::{Bound, runs_in},
        bytes::Reader,
        frame::Frame,
        runs::Learned,
        words::{Output, Refusal},
    },
    Session,
};
use crate::{
    event::{Entry, Run, Tail},
    id::{LogId, TopicTag},
    limits,
    sabotage::Rule,
};

/// A run that was handed over and has no answer yet.
#[derive(Debug)]
struct Waiting {
    place: usize,
    log: LogId,
    last: u64,
    bytes: usize,
}

/// What can be used of a frame that broke off.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rest {
    /// The topic of the runs.
    pub topic: TopicTag,
    /// Runs that came whole, not yet believed.
    pub runs: Vec<Run>,
    /// The beginning of one more.
    pub tail: Option<Tail>,
}

/// What is on its way from the peer.
#[derive(Debug, Default)]
pub(super) struct Receiving {
    learned: Learned,
    waiting: VecDeque<Waiting>,
    bytes: usize,
    /// The parts of a run that came so far.
    open: Vec<u8>,
}

impl Receiving {
    /// Whether the rest of a run is awaited.
    pub(super) fn is_open(&self) -> bool {
        !self.open.is_empty()
    }

    /// Bytes that came and have no answer yet, and what stands for numbers.
    pub(super) fn bytes(&self) -> usize {
        self.bytes.saturating_add(self.open.len()).saturating_add(self.learned.bytes())
    }

    /// How much is kept.
    pub(super) fn bounds(&self) -> Vec<Bound> {
        let Self { learned, waiting, bytes, open } = self;
        let bound = |what, kept, limit| Bound { what, kept, limit, ours: 0 };
        let mut bounds = vec![
            bound("bytes without an answer", *bytes, limits::UNANSWERED),
            bound("runs without an answer", waiting.len(), runs_in(limits::UNANSWERED)),
            bound("bytes of a run in parts", open.len(), limits::RUN),
        ];
        bounds.extend(learned.bounds());
        bounds
    }

    /// Whether nothing waits for the driver's answer.
    pub(super) fn is_answered(&self) -> bool {
        self.waiting.is_empty() && self.open.is_empty()
    }
}

impl Session {
    /// Whole runs came.
    pub(super) fn runs(&mut self, bytes: &[u8]) -> Result<(), SessionError> {
        if self.receiving.is_open() {
            return Err(SessionError::OutOfTurn { got: "runs", state: "the rest of a run is awaited" });
        }
        self.accept(bytes).map(|_| ())
    }

    /// A part of one run came.
    pub(super) fn part(&mut self, bytes: &[u8], last: bool) -> Result<(), SessionError> {
        let got = self.receiving.open.len() + bytes.len();
        if got > limits::RUN {
            return Err(SessionError::Window { got, limit: limits::RUN });
        }
        self.receiving.open.extend_from_slice(bytes);
        if !last {
            return Ok(());
        }
        let whole = std::mem::take(&mut self.receiving.open);
        if self.accept(&whole)? != 1 {
            return Err(SessionError::OutOfTurn { got: "several runs", state: "one run is open" });
        }
        Ok(())
    }

    /// The pipe broke: reads what came of the last frame, `frame`, so that it need not be sent again. The session is
    /// over then.
    pub fn rest(&mut self, frame: &[u8]) -> Option<Rest> {
        if self.is_over() {
            return None;
        }
        let mut bytes = std::mem::take(&mut self.receiving.open);
        match frame.split_first() {
            Some((4, more)) if bytes.is_empty() => bytes.extend_from_slice(more),
            Some((5 | 6, more)) if bytes.len() + more.len() <= limits::RUN => bytes.extend_from_slice(more),
            Some(_) => return None,
            None => {}
        }
        let mut from = Reader::new(&bytes);
        let place = from.byte().and_then(|topic| self.live("runs", topic).map_err(|_| FrameError::Short)).ok()?;
        let topic = self.topics[place].tag;
        let mut rest = Rest { topic, runs: Vec::new(), tail: None };
        loop {
            let mut start = from;
            match self.receiving.learned.read(&mut from, self.community, topic) {
                Ok(run) => rest.runs.push(run),
                Err(FrameError::Short) => {
                    rest.tail = self.receiving.learned.read_tail(&mut start, self.community, topic).ok();
                    break;
                }
                Err(_) => break,
            }
        }
        self.end();
        Some(rest)
    }

    /// Reads a topic and its runs, hands them over, and says how many they were.
    fn accept(&mut self, bytes: &[u8]) -> Result<usize, SessionError> {
        let mut from = Reader::new(bytes);
        let place = self.live("runs", from.byte()?)?;
        let topic = self.topics[place].tag;
        let mut runs = Vec::new();
        while !from.is_empty() || runs.is_empty() {
            let before = from.left();
            let run = self.receiving.learned.read(&mut from, self.community, topic)?;
            self.await_answer(place, &run, before - from.left())?;
            runs.push(run);
        }
        let count = runs.len();
        self.outputs.push_back(Output::Received { topic, runs });
        Ok(count)
    }

    fn await_answer(&mut self, place: usize, run: &Run, bytes: usize) -> Result<(), SessionError> {
        let beyond = FrameError::Value { what: "the first seq of a run", got: run.first };
        let last = run.first.checked_add(run.links.len() as u64 - 1).ok_or(beyond)?;
        self.receiving.bytes += bytes;
        if self.receiving.bytes > limits::UNANSWERED {
            return Err(SessionError::Window { got: self.receiving.bytes, limit: limits::UNANSWERED });
        }
        self.receiving.waiting.push_back(Waiting { place, log: run.log, last, bytes });
        self.progress.received.events += run.links.len() as u64;
        self.progress.received.bytes += bytes as u64;
        Ok(())
    }

    fn answer(&mut self, log: LogId, refused: Option<Refusal>) -> Result<Waiting, SessionError> {
        let waiting = self.receiving.waiting.pop_front().filter(|waiting| waiting.log == log);
        let waiting = waiting.ok_or(SessionError::Misuse { what: "an answer to another run than the oldest" })?;
        self.receiving.bytes = self.receiving.bytes.saturating_sub(waiting.bytes);
        self.acknowledge(refused);
        Ok(waiting)
    }

    /// One more answer; the same ones that wait to be sent go in one frame.
    fn acknowledge(&mut self, refused: Option<Refusal>) {
        match self.answers.back_mut() {
            Some((same, runs)) if *same == refused => *runs = runs.saturating_add(1),
            Some(_) | None => self.answers.push_back((refused, 1)),
        }
    }

    /// The next frame of answers.
    pub(super) fn next_answer(&mut self) -> Option<Vec<u8>> {
        let (refused, runs) = self.answers.pop_front()?;
        Some(Frame::Ack { runs, refused }.to_bytes())
    }

    /// The driver stored the oldest run.
    pub(super) fn committed(&mut self, last: Entry, mut heads: Vec<Entry>) -> Result<(), SessionError> {
        // As they stand in a vector, whatever the order in which the branches came.
        heads.sort_unstable();
        let waiting = self.answer(last.log, None)?;
        if waiting.last != last.seq || heads.iter().any(|head| head.log != last.log) {
            return Err(SessionError::Misuse { what: "an answer that names other events" });
        }
        let topic = &mut self.topics[waiting.place];
        // Whoever sends of a silenced log what makes it silent here still needs nothing of it.
        if !topic.theirs.is_silenced(last.log) {
            if let [only] = heads.as_slice()
                && *only == last
            {
                // There is one branch: what the peer said to have of it before stands behind this.
                let behind: Vec<Entry> = topic.theirs.heads(last.log).filter(|head| head.seq > last.seq).collect();
                topic.theirs.replace(last.log, behind);
            }
            topic.theirs.learn(last);
        }
        // What was held already closes no gap: a run that fits nowhere would be asked for as often as the rest came.
        if !topic.mine.heads(last.log).eq(heads.iter().copied()) || Rule::AskOnce.is_left_out() {
            topic.asked.remove(&last.log);
        }
        topic.mine.replace(last.log, heads);
        topic.refused.remove(&last.log);
        self.note_news(waiting.place, last.log);
        Ok(())
    }

    /// The driver did not store the oldest run.
    pub(super) fn refuse(&mut self, log: LogId, why: Refusal) -> Result<(), SessionError> {
        let place = self.answer(log, Some(why))?.place;
        // What is forgotten comes again with another session.
        let room = self.named().saturating_add(2) <= limits::NAMED;
        let topic = &mut self.topics[place];
        match why {
            Refusal::Invalid { author } => return Err(SessionError::Invalid { log, author }),
            Refusal::Stranger
            | Refusal::Beyond
            | Refusal::Silenced
            | Refusal::Unnamed
            | Refusal::Full
            | Refusal::Unknown => {
                if room {
                    topic.refused.insert(log, why);
                }
            }
            Refusal::Gap => {
                if room && !topic.refused.contains_key(&log) && topic.asked.insert(log) {
                    topic.wanted.insert(log);
                }
            }
        }
        if self.answers.len() > limits::UNHEARD_ANSWERS {
            let limit = limits::UNHEARD_ANSWERS;
            return Err(SessionError::TooMany { what: "unheard answers", limit });
        }
        Ok(())
    }
}
