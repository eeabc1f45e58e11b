//! One conversation between two replicas, from hello to goodbye.
//!
//! A [`Session`] is told what happened and when; it answers with frames to send, searches for the log, and runs
//! that the peer handed over. It never reads a clock, opens a socket or touches SQLite.
//!
//! The driver's loop, with no opinions of its own:
//! 1. Listen for what is stored from now on, then read the vectors for [`Config`], then [`Session::new`].
//! 2. Poll until `None`, or, while the pipe takes no bytes, [`Session::poll_work`]: a frame that is not made yet is
//!    the backpressure, and lets urgent news overtake. Searches
//!    and loads are asked of the store, runs received are verified on the heads that the store has before them and
//!    committed in batches, each then answered in the order of arrival.
//! 3. Wait for the first of: bytes from the pipe, an answer of the store, something stored, the deadline. Tell it.
//!    Back to 2.
//!
//! The first topic of [`Config::topics`] is the roster: until the peer has answered its runs no others are sent.

mod live;
mod receive;
mod send;

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::{
    SessionError, Vector,
    bounds::{Bound, COMPARED_OF_ENTRY, OfTopics, runs_in},
    compare::Compare,
    entries::{Whole, digest_of, key_of},
    frame::{Frame, NONCE, VERSION},
    hello::cut,
    progress::{Kept, Progress},
    topic::{Stage, Topic},
    words::{Outgoing, Output, Reason, Refusal},
};
use crate::{
    event::Entry,
    id::{CommunityId, DeviceId, LogId, TopicTag},
    limits,
    time::Mono,
};

use receive::Receiving;
pub use receive::Rest;
use send::Sending;

/// Milliseconds for which a peer may owe an answer (hello, entries, acknowledgement, the rest of a run) before the
/// session is closed. A session in which nobody owes anything has no such deadline: that the pipe lives is for the
/// transport to know.
pub const STALL: u64 = 30_000;

/// Who we are in this session and what we want of it.
#[derive(Clone, Debug)]
pub struct Config {
    /// The community both must belong to.
    pub community: CommunityId,
    /// The device that speaks here.
    pub device: DeviceId,
    /// The topics this replica keeps, each with all entries it holds at this moment, in the order of sync: roster,
    /// urgent, erasure, common, care. At most [`limits::TOPICS`]; more are left out. Where bodies are missing
    /// of a log, beside its heads [holes](Entry::hole) say which, at most [`limits::HOLES`].
    pub topics: Vec<(TopicTag, Vector)>,
    /// Random, and another for each session: with the peer's it keys the digests of this conversation.
    pub nonce: [u8; NONCE],
}

/// Something that happened.
///
/// The driver must take part in what all sessions learn: whatever is appended or committed after `Config::topics`
/// was read is told through [`Appended`](Input::Appended) or [`Stored`](Input::Stored). Telling the same twice
/// does no harm; that a log has *fewer* heads or events than before must not be told. Topics that are not shared
/// with the peer are ignored.
#[derive(Debug)]
pub enum Input<'a> {
    /// A whole frame came, without its length (see [`Framer`](super::Framer)).
    Frame(&'a [u8]),
    /// This device wrote events, durably (R6): they are pushed. Runs of one log in ascending order.
    Appended {
        /// The topic they were written in.
        topic: TopicTag,
        /// The events as runs.
        runs: Vec<Outgoing>,
    },
    /// Events of others were stored that came by another way. For every log named, all its heads.
    Stored {
        /// The topic of the logs.
        topic: TopicTag,
        /// The heads of each log, all of them.
        heads: Vec<Entry>,
    },
    /// Bodies of a log came back by another way: a peer that lacks them is brought them.
    Refilled {
        /// The topic of the log.
        topic: TopicTag,
        /// The log whose bodies came.
        log: LogId,
        /// The holes that it has still.
        holes: Vec<Entry>,
    },
    /// The answer to [`Output::Load`]: the next runs of the search, in the order in which their last events were
    /// stored. At least one unless `done`.
    Loaded {
        /// The topic that was searched.
        topic: TopicTag,
        /// The runs that were found next.
        runs: Vec<Outgoing>,
        /// Whether the search is at its end.
        done: bool,
    },
    /// The oldest run of [`Output::Received`] that has no answer yet is durable, or was there before.
    Committed {
        /// Its last event.
        last: Entry,
        /// All heads of its log now.
        heads: Vec<Entry>,
    },
    /// The oldest run of [`Output::Received`] that has no answer yet was not stored.
    Refused {
        /// The log it is of.
        log: LogId,
        /// The reason that the peer is told.
        why: Refusal,
    },
    /// Ask the peer for a sign of life, once it has said hello. It answers with a *pong*, unless it says something else
    /// meanwhile: whatever comes from it after this is the sign.
    Ping,
    /// The community is kept elsewhere: say so in place of all else, and end.
    Redirect {
        /// Host and port, 1 to [`limits::ADDRESS`] bytes.
        address: &'a str,
    },
    /// The roster changed: refused logs are asked for again. Whether the peer itself is still welcome is for the
    /// driver to ask; if not, [`Close`](Input::Close). To want another set of topics, begin another session.
    RosterChanged,
    /// Erasures were stored: what was refused for a body that none named is asked for again.
    Erased,
    /// Events wait for parts of these logs: those of them that were refused are asked for again.
    Awaited {
        /// The logs, known to this session or not.
        logs: BTreeSet<LogId>,
    },
    /// Something of a log was refused of which it is known how it goes on: the peer is asked for the log from there, and what else
    /// of it is not held.
    GoOn {
        /// The topic of the log.
        topic: TopicTag,
        /// The log that goes on.
        log: LogId,
        /// What the peer need not bring again, nor what is before it, beside what is held: a few entries.
        behind: Vec<Entry>,
    },
    /// Time passed; what was due is done.
    Tick,
    /// The driver ends the session.
    Close,
}

/// Bytes of one frame of answers, with its length.
const ANSWER: usize = 4;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    Hello,
    Open,
    Over,
}

/// One conversation with one peer.
#[derive(Debug)]
pub struct Session {
    phase: Phase,
    pub(super) community: CommunityId,
    device: DeviceId,
    pub(super) topics: Vec<Topic>,
    /// For each of the peer's topic numbers, our place of that topic, if we share it.
    theirs_to_ours: Vec<Option<usize>>,
    /// What of the shared topics differs, until it is known.
    compare: Option<Compare>,
    nonce: [u8; NONCE],
    /// What our hello said.
    digest: Whole,
    pub(super) outputs: VecDeque<Output>,
    /// Small frames, sent before any run. What a peer can make us say is not among them, but kept as what it is and
    /// made into frames when they are asked for: so the same asked twice takes no more room.
    pub(super) notes: VecDeque<Vec<u8>>,
    /// Answers to runs, the same ones together.
    pub(super) answers: VecDeque<(Option<Refusal>, u64)>,
    sending: Sending,
    receiving: Receiving,
    pub(super) progress: Progress,
    pub(super) announce_at: Option<Mono>,
    /// Milliseconds for which news is gathered. Of two devices one waits twice as long: whatever a third told both of
    /// them is then announced once between them, not twice.
    pub(super) gather: u64,
    /// Since when the peer owes an answer.
    owing_since: Option<Mono>,
    pub(super) now: Mono,
    in_step: bool,
    /// Whether a *ping* was heard, and nothing was said since.
    owes_pong: bool,
    /// Bytes of newer frames that were skipped.
    skipped: usize,
    /// For which holes of the peer's it was brought a log, topic by topic.
    filled: BTreeSet<(TopicTag, Entry)>,
}

impl Session {
    /// Begins: the hello is the first thing to be polled.
    pub fn new(config: Config, now: Mono) -> Self {
        let topics = config.topics.into_iter().take(limits::TOPICS);
        let mut session = Self {
            phase: Phase::Hello,
            community: config.community,
            device: config.device,
            topics: topics.map(|(tag, said)| Topic::new(tag, said)).collect(),
            theirs_to_ours: Vec::new(),
            compare: None,
            nonce: config.nonce,
            digest: Whole::default(),
            outputs: VecDeque::new(),
            notes: VecDeque::new(),
            answers: VecDeque::new(),
            sending: Sending::default(),
            receiving: Receiving::default(),
            progress: Progress::default(),
            announce_at: None,
            gather: limits::ANNOUNCE_MS,
            owing_since: Some(now),
            now,
            in_step: false,
            owes_pong: false,
            skipped: 0,
            filled: BTreeSet::new(),
        };
        session.digest = digest_of(session.topics.iter().map(|topic| (topic.tag, &topic.theirs)));
        let hello = Frame::Hello {
            version: VERSION,
            community: cut(session.community.as_bytes()),
            device: session.device,
            nonce: session.nonce,
            digest: session.digest,
            topics: session.topics.iter().map(|topic| cut(topic.tag.as_bytes())).collect(),
        };
        session.notes.push_back(hello.to_bytes());
        session
    }

    /// Asks the peer to go on behind events that came of a run before an earlier session with it broke off
    /// ([`rest`](Self::rest)), and that no signature proves yet, or that were turned away and are followed. To be said before the
    /// peer's hello is handed in, and only to the peer they came from: what is not true of its log harms nobody else.
    pub fn go_on_behind(&mut self, topic: TopicTag, tail: Entry) {
        if let Some(place) = self.place_of(topic) {
            self.topics[place].tails.push(tail);
        }
    }

    /// Brings the peer no log for these holes, each in its topic: it was brought them often enough. To be said before the peer's
    /// hello is handed in.
    pub fn fill_no_more(&mut self, holes: &[(TopicTag, Entry)]) {
        for (topic, hole) in holes {
            if let Some(place) = self.place_of(*topic) {
                self.topics[place].rests.insert(*hole);
            }
        }
    }

    /// For which holes that the peer said to have it was brought a log, and has answered; each in its topic.
    pub fn filled(&self) -> &BTreeSet<(TopicTag, Entry)> {
        &self.filled
    }

    /// Tells the session one thing that happened. Drain [`poll`](Self::poll) before telling it more.
    ///
    /// # Errors
    /// Why the session is over. It then wants nothing more; close the pipe.
    pub fn handle(&mut self, input: Input<'_>, now: Mono) -> Result<(), SessionError> {
        self.now = self.now.max(now);
        let told = match self.phase {
            Phase::Over => return Err(SessionError::Over),
            Phase::Hello | Phase::Open => self.tell(input),
        };
        if told.is_err() {
            self.end();
            return told;
        }
        self.settle();
        Ok(())
    }

    /// The next thing the session wants; `None` when there is nothing for now.
    pub fn poll(&mut self) -> Option<Output> {
        if let Some(output) = self.poll_work() {
            return Some(output);
        }
        let said = self.next_note().or_else(|| self.next_answer()).or_else(|| self.next_pull());
        if let Some(frame) = said.or_else(|| self.next_announcement()) {
            self.owes_pong = false;
            return Some(Output::Send(frame));
        }
        if let Some(chunk) = self.next_chunk() {
            self.owes_pong = false;
            self.settle();
            return Some(Output::Send(chunk));
        }
        std::mem::take(&mut self.owes_pong).then(|| Output::Send(Frame::Pong.to_bytes()))
    }

    fn next_note(&mut self) -> Option<Vec<u8>> {
        self.notes.pop_front()
    }

    /// What is kept of what the peer said or asked for.
    pub fn held(&self) -> Kept {
        let beside = self.compare.as_ref().map_or(0, Compare::kept);
        let waiting = self.receiving.bytes().saturating_add(beside);
        let passed = self.bounds().into_iter().find(Bound::is_passed);
        Kept { named: self.named(), bytes: waiting, unsaid: self.unsaid(), passed }
    }

    /// All that the peer can make the session keep, each thing with its limit.
    pub fn bounds(&self) -> Vec<Bound> {
        let Self {
            phase: _,
            community: _,
            device: _,
            topics,
            theirs_to_ours,
            compare,
            nonce: _,
            digest: _,
            outputs,
            notes,
            answers,
            sending,
            receiving,
            progress: _,
            announce_at: _,
            gather: _,
            owing_since: _,
            now: _,
            in_step: _,
            owes_pong: _,
            skipped,
            filled,
        } = self;
        let mut of = OfTopics::default();
        topics.iter().for_each(|topic| topic.count(&mut of));
        let bound = |what, kept, limit, ours| Bound { what, kept, limit, ours };
        let mut bounds = of.bounds(topics.len());
        let said = notes.iter().map(Vec::len).fold(0, usize::saturating_add);
        let most = runs_in(limits::UNANSWERED) + 4 * limits::TOPICS;
        bounds.extend([
            bound("its topics", theirs_to_ours.len(), limits::TOPICS, 0),
            bound("what is to be done", outputs.len(), most, 0),
            bound("bytes to be said", said, limits::COMPARED + 2 * limits::FRAME, of.held * COMPARED_OF_ENTRY),
            bound("answers that it does not read", answers.len(), limits::UNHEARD_ANSWERS + 2, 0),
            bound("bytes of newer frames", *skipped, limits::SKIPPED + limits::FRAME, 0),
            bound("holes that were filled", filled.len(), limits::FILLED, 0),
        ]);
        bounds.extend(compare.iter().flat_map(Compare::bounds));
        bounds.extend(sending.bounds());
        bounds.extend(receiving.bounds());
        bounds
    }

    /// How many entries are held here, of the topics that were named.
    pub fn entries_here(&self) -> usize {
        self.topics.iter().map(|topic| topic.mine.len()).sum()
    }

    /// Bytes, about, that would be sent now if the pipe took them, but for runs.
    pub fn unsaid(&self) -> usize {
        let notes = self.notes.iter().map(Vec::len).fold(0, usize::saturating_add);
        notes.saturating_add(self.answers.len().saturating_mul(ANSWER))
    }

    /// Entries and logs that the peer named beyond what we hold, with what it asked for.
    pub(super) fn named(&self) -> usize {
        self.topics.iter().map(Topic::named).sum()
    }

    /// The next thing the session wants that is no frame: for a driver whose pipe takes no bytes now.
    pub fn poll_work(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    /// When to say [`Input::Tick`], at the latest.
    pub fn deadline(&self) -> Option<Mono> {
        let stall = self.owing_since.map(|since| Mono(since.0.saturating_add(STALL)));
        self.announce_at.into_iter().chain(stall).min()
    }

    /// How far it is.
    pub fn progress(&self) -> Progress {
        let behind = |topic: &&Topic| !topic.is_drained() || topic.owes_done || topic.awaits_done;
        Progress { topic: self.topics.iter().find(behind).map(|topic| topic.tag), ..self.progress }
    }

    /// All that the peer said to hold, or was sent: at [`Output::InStep`] it has acknowledged the latter too.
    pub fn held_by_peer(&self) -> impl Iterator<Item = Entry> {
        self.topics.iter().filter(|topic| topic.is_live()).flat_map(|topic| topic.theirs.iter())
    }

    /// The heads of one log as the peer said to hold them, or was sent them; our own until it has said so.
    pub fn heads_of_peer(&self, topic: TopicTag, log: LogId) -> impl Iterator<Item = Entry> {
        let topics = self.topics.iter().filter(move |known| known.tag == topic);
        topics.flat_map(move |topic| topic.theirs.heads(log)).filter(|entry| !entry.is_hole())
    }

    /// Whether bodies of a log are missing here, as far as this session knows.
    pub fn has_holes(&self, topic: TopicTag, log: LogId) -> bool {
        self.place_of(topic).is_some_and(|place| self.topics[place].lacking.heads(log).next().is_some())
    }

    /// The holes that the peer said to have, topic by topic, of those topics of which it has said what it has, in logs that are
    /// held here.
    pub fn holes_of_peer(&self) -> impl Iterator<Item = (TopicTag, Vec<Entry>)> {
        let of_topic = |topic: &Topic| {
            let held = |hole: &Entry| topic.mine.heads(hole.log).next().is_some();
            topic.lacks.iter().filter(held).collect()
        };
        self.topics.iter().filter(|topic| topic.is_live()).map(move |topic| (topic.tag, of_topic(topic)))
    }

    /// Whether something of a log was refused here, and it was not asked for again since.
    pub fn is_refused(&self, log: LogId) -> bool {
        self.topics.iter().any(|topic| topic.refused.contains_key(&log))
    }

    /// The logs that we hold as silenced, each with its topic.
    pub fn silenced(&self) -> impl Iterator<Item = (TopicTag, LogId)> {
        let entries = self.topics.iter().flat_map(|topic| topic.mine.iter().map(move |entry| (topic.tag, entry)));
        entries.filter(|(_, entry)| entry.is_silenced()).map(|(topic, entry)| (topic, entry.log))
    }

    /// Whether the session has ended.
    pub fn is_over(&self) -> bool {
        self.phase == Phase::Over
    }

    fn tell(&mut self, input: Input<'_>) -> Result<(), SessionError> {
        match input {
            Input::Frame(bytes) => self.hear(Frame::from_bytes(bytes)?)?,
            Input::Appended { topic, runs } => self.appended(topic, runs),
            Input::Stored { topic, heads } => self.stored(topic, heads),
            Input::Refilled { topic, log, holes } => self.refilled(topic, log, holes),
            Input::Loaded { topic, runs, done } => self.loaded(topic, runs, done)?,
            Input::Committed { last, heads } => self.committed(last, heads)?,
            Input::Refused { log, why } => self.refuse(log, why)?,
            Input::Ping => self.ping(),
            Input::Redirect { address } => self.redirect(address)?,
            Input::RosterChanged => self.ask_refused_again(),
            Input::Erased => self.ask_unnamed_again(),
            Input::Awaited { logs } => self.ask_again(&logs),
            Input::GoOn { topic, log, behind } => self.go_on(topic, log, behind),
            Input::Tick => self.expire(),
            Input::Close => self.close(Reason::Asked),
        }
        Ok(())
    }

    fn hear(&mut self, frame: Frame<'_>) -> Result<(), SessionError> {
        if let Frame::Elsewhere { address } = frame {
            self.close(Reason::Elsewhere);
            self.outputs.push_front(Output::Elsewhere { address: address.to_owned() });
            return Ok(());
        }
        let hello = self.phase == Phase::Hello;
        if hello != matches!(frame, Frame::Hello { .. }) {
            let state = if hello { "a hello is awaited" } else { "the session is open" };
            return Err(SessionError::OutOfTurn { got: frame.name(), state });
        }
        match frame {
            Frame::Hello { community, device, nonce, digest, topics, .. } => {
                self.greet(community, device, nonce, digest, &topics)?;
            }
            Frame::Compare { more, bytes } => self.hear_of_what_differs(bytes, more)?,
            Frame::Done { topic } => {
                let place = self.live("done", topic)?;
                if !std::mem::take(&mut self.topics[place].awaits_done) {
                    return Err(SessionError::OutOfTurn { got: "done", state: "nothing is awaited" });
                }
            }
            Frame::Runs { bytes } => self.runs(bytes)?,
            Frame::Part { bytes, last } => self.part(bytes, last)?,
            Frame::Ack { runs, refused } => self.acknowledged(runs, refused)?,
            // News, pulls and signs of life owe nothing: they do not put off the deadline.
            Frame::Announce { topic, entries } => return self.announced(topic, &entries),
            Frame::Pull { topic, logs } => return self.pulled(topic, logs),
            Frame::Ping => {
                self.owes_pong = true;
                return Ok(());
            }
            Frame::Pong | Frame::Elsewhere { .. } => return Ok(()),
            Frame::Newer { bytes, .. } => return self.skip(bytes),
        }
        self.owing_since = None;
        Ok(())
    }

    fn greet(
        &mut self,
        community: [u8; 16],
        device: DeviceId,
        nonce: [u8; NONCE],
        digest: Whole,
        tags: &[[u8; 4]],
    ) -> Result<(), SessionError> {
        if community != cut(self.community.as_bytes()) {
            return Err(SessionError::Community);
        }
        if device == self.device {
            return Err(SessionError::Ourselves);
        }
        self.phase = Phase::Open;
        let first = self.device < device;
        self.gather = if first { limits::ANNOUNCE_MS } else { 2 * limits::ANNOUNCE_MS };
        self.outputs.push_back(Output::Met { device });
        let place = |tag: &[u8; 4]| self.topics.iter().position(|topic| cut(topic.tag.as_bytes()) == *tag);
        self.theirs_to_ours = tags.iter().map(place).collect();
        let shared: Vec<usize> = self.theirs_to_ours.iter().copied().flatten().collect();
        if tags.len() == self.topics.len() && shared.iter().copied().eq(0..self.topics.len()) && digest == self.digest {
            for place in shared {
                let same = std::mem::take(&mut self.topics[place].theirs);
                self.topics[place].hear_vector(same);
                self.go_live(place);
            }
            return Ok(());
        }
        let mut ours = Vec::new();
        for place in shared {
            let topic = &mut self.topics[place];
            topic.stage = Stage::Comparing;
            let mut held = std::mem::take(&mut topic.theirs);
            topic.tails.iter().for_each(|tail| held.insert(*tail));
            ours.extend(held.iter().map(|entry| (place, entry)));
        }
        if self.topics.iter().any(Topic::is_comparing) {
            let (smaller, greater) = if first { (&self.nonce, &nonce) } else { (&nonce, &self.nonce) };
            let mut compare = Compare::new(key_of(smaller, greater), ours);
            if first {
                self.notes.extend(compare.begin());
            }
            self.compare = Some(compare);
        }
        Ok(())
    }

    fn hear_of_what_differs(&mut self, bytes: &[u8], more: bool) -> Result<(), SessionError> {
        let out_of_turn = SessionError::OutOfTurn { got: "compare", state: "nothing is compared" };
        let step = self.compare.as_mut().ok_or(out_of_turn)?.hear(bytes, more, &self.theirs_to_ours)?;
        self.notes.extend(step.frames);
        let Some(theirs) = step.theirs else { return Ok(()) };
        self.compare = None;
        let mut theirs: BTreeMap<usize, (Vector, bool)> = theirs.into_iter().enumerate().collect();
        for place in 0..self.topics.len() {
            let topic = &mut self.topics[place];
            if !topic.is_comparing() {
                continue;
            }
            let (vector, differs) = theirs.remove(&place).unwrap_or_default();
            topic.hear_vector(vector);
            let (owed, expected) = topic.expected();
            self.progress.sent.expected = self.progress.sent.expected.saturating_add(owed);
            self.progress.received.expected = self.progress.received.expected.saturating_add(expected);
            (topic.owes_done, topic.awaits_done) = (differs, differs);
            self.go_live(place);
        }
        Ok(())
    }

    fn go_live(&mut self, place: usize) {
        self.topics[place].stage = Stage::Live;
        self.search(place, None);
    }

    /// Our place of a topic that the peer names by its own number.
    pub(super) fn place(&self, got: &'static str, number: u8) -> Result<usize, SessionError> {
        let place = self.theirs_to_ours.get(usize::from(number)).copied().flatten();
        place.ok_or(SessionError::OutOfTurn { got, state: "the topic is not shared" })
    }

    /// The same, for what may come only once the topic has been compared.
    pub(super) fn live(&self, got: &'static str, number: u8) -> Result<usize, SessionError> {
        let place = self.place(got, number)?;
        if self.topics[place].is_live() {
            return Ok(place);
        }
        Err(SessionError::OutOfTurn { got, state: "the topic is being compared" })
    }

    /// Our place of a topic by its tag, if it is ours.
    pub(super) fn place_of(&self, tag: TopicTag) -> Option<usize> {
        self.topics.iter().position(|topic| topic.tag == tag)
    }

    fn settle(&mut self) {
        if self.phase != Phase::Open {
            return;
        }
        self.gather_news();
        self.serve();
        let owes =
            self.topics.iter().any(Topic::is_comparing) || !self.sending.is_acknowledged() || self.receiving.is_open();
        self.owing_since = owes.then(|| self.owing_since.unwrap_or(self.now));
        let behind = |topic: &Topic| !topic.is_drained() || topic.owes_done || topic.awaits_done;
        let busy = !self.sending.is_acknowledged() || !self.receiving.is_answered();
        if !self.in_step && !busy && !self.topics.iter().any(behind) {
            self.in_step = true;
            self.outputs.push_back(Output::InStep);
        }
    }

    fn expire(&mut self) {
        if self.owing_since.is_some_and(|since| self.now.since(since) >= STALL) {
            self.close(Reason::Stalled);
        }
    }

    fn ping(&mut self) {
        let ping = Frame::Ping.to_bytes();
        if self.phase == Phase::Open && !self.notes.contains(&ping) {
            self.notes.push_back(ping);
        }
    }

    fn redirect(&mut self, address: &str) -> Result<(), SessionError> {
        if address.is_empty() || address.len() > limits::ADDRESS {
            return Err(SessionError::Misuse { what: "an address that is too long, or none" });
        }
        self.close(Reason::Elsewhere);
        self.notes.push_back(Frame::Elsewhere { address }.to_bytes());
        Ok(())
    }

    fn skip(&mut self, bytes: usize) -> Result<(), SessionError> {
        self.skipped = self.skipped.saturating_add(bytes);
        if self.skipped > limits::SKIPPED {
            return Err(SessionError::TooMany { what: "bytes of newer frames", limit: limits::SKIPPED });
        }
        Ok(())
    }

    fn close(&mut self, reason: Reason) {
        self.end();
        self.outputs.push_back(Output::Close(reason));
    }

    pub(super) fn end(&mut self) {
        self.phase = Phase::Over;
        self.outputs.clear();
        self.notes.clear();
        self.answers.clear();
        self.topics.clear();
        self.compare = None;
        self.sending = Sending::default();
        self.receiving = Receiving::default();
        (self.announce_at, self.owing_since) = (None, None);
    }
}
