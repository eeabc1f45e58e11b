//! Puppets: phones without a database, so that thousands fit into one process.
//!
//! A puppet speaks the real protocol over the real transports with keys of its own. It verifies what it is sent, keeps
//! none of it but the heads, and writes sealed bodies that nobody can open.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::Arc,
    time::Instant,
};

use linli_core::{
    event::{Entry, Head, LogHeader, Run, Writer},
    id::{CommunityId, DeviceId, Incarnation, LogId, TopicTag},
    key::{Compartment, DeviceKeys, EpochKey, TlsKey},
    net::{AnyConversation, Conversation, ConversationError, ConversationState, Host},
    sync::{Config, Framer, Input, Outgoing, Output, Reason, Refusal, Session, frame_to_bytes},
    time::{Clock, Mono, SystemClock},
};
use linli_tests::made::filler;
use parking_lot::Mutex;
use tokio::sync::Notify;

/// A phone that exists for the length of a measurement.
#[derive(Clone)]
pub(crate) struct Puppet(Arc<Inner>);

struct Inner {
    keys: DeviceKeys,
    tls: TlsKey,
    community: CommunityId,
    /// In the order of sync; the fourth is `common`.
    topics: Vec<TopicTag>,
    state: Mutex<State>,
    wake: Arc<Notify>,
}

#[derive(Default)]
struct State {
    /// The heads of all logs that were heard of, by topic.
    heads: BTreeMap<TopicTag, BTreeMap<LogId, Entry>>,
    /// What runs of other logs follow on.
    logs: BTreeMap<LogId, (LogHeader, Head)>,
    own: Option<Head>,
    /// Own runs that are not to be sent yet, and the places of the last event of each write among them.
    prepared: Vec<Outgoing>,
    unpushed: Vec<u64>,
    /// Own runs that no conversation has taken yet.
    written: Vec<Outgoing>,
    /// When each own event was written whose receipt is awaited, by its place.
    awaited: BTreeMap<u64, Instant>,
    /// Milliseconds from a write to its receipt.
    receipts: Vec<f64>,
    /// Events that came from others.
    heard: u64,
}

impl std::fmt::Debug for Puppet {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Puppet({:?})", self.0.keys.device())
    }
}

impl Puppet {
    /// A phone that holds these entries already.
    pub(crate) fn new(
        keys: DeviceKeys,
        community: CommunityId,
        topics: Vec<TopicTag>,
        held: &BTreeMap<TopicTag, Vec<Entry>>,
    ) -> Self {
        let heads = held
            .iter()
            .map(|(topic, entries)| (*topic, entries.iter().map(|entry| (entry.log, *entry)).collect()))
            .collect();
        let state = Mutex::new(State { heads, ..State::default() });
        let tls = keys.tls();
        Self(Arc::new(Inner { keys, tls, community, topics, state, wake: Arc::default() }))
    }

    /// Writes events of about so many bytes in one go, and pushes them as soon as it is connected.
    pub(crate) fn write(&self, count: usize, bytes: usize) {
        self.prepare(count, bytes);
        self.push();
    }

    /// Writes events of about so many bytes in one go, for the next [`push`](Self::push).
    pub(crate) fn prepare(&self, count: usize, bytes: usize) {
        let inner = &*self.0;
        let topic = inner.topics[3];
        let header = LogHeader {
            community: inner.community,
            topic,
            device: inner.keys.device(),
            incarnation: Incarnation::from_bytes([7; 8]),
        };
        let mut state = inner.state.lock();
        let mut writer = Writer::new(&inner.keys, header, state.own);
        let key = EpochKey::from_bytes([9; 32], inner.community, Compartment::Community);
        for _ in 0..count {
            writer.append(&filler(bytes), Some(&key)).expect("a small body");
        }
        let run = writer.finish().expect("an event");
        let last = run.events().last().expect("an event");
        let head = Head { seq: last.seq, id: last.id };
        let entry = Entry { log: header.id(), seq: head.seq, short: head.id.short() };
        state.heads.entry(topic).or_default().insert(entry.log, entry);
        state.own = Some(head);
        let short = |end: u64| run.events().iter().find(|event| event.seq == end).map(|event| event.id.short());
        let pushed = run.to_runs().into_iter().filter_map(|run| {
            let end = run.first + u64::try_from(run.links.len()).ok()? - 1;
            Some(Outgoing { last: short(end)?, run })
        });
        state.prepared.extend(pushed);
        state.unpushed.push(head.seq);
    }

    /// Pushes what is prepared; from now on its receipts are awaited.
    pub(crate) fn push(&self) {
        let mut state = self.0.state.lock();
        let State { prepared, unpushed, written, awaited, .. } = &mut *state;
        let now = Instant::now();
        written.append(prepared);
        awaited.extend(unpushed.drain(..).map(|seq| (seq, now)));
        drop(state);
        self.0.wake.notify_one();
    }

    /// Milliseconds from each write to its receipt, since the last time.
    pub(crate) fn receipts(&self) -> Vec<f64> {
        std::mem::take(&mut self.0.state.lock().receipts)
    }

    /// Writes whose receipt is awaited.
    pub(crate) fn awaited(&self) -> usize {
        self.0.state.lock().awaited.len()
    }

    /// Events that came from others.
    pub(crate) fn heard(&self) -> u64 {
        self.0.state.lock().heard
    }
}

impl Host for Puppet {
    fn device(&self) -> DeviceId {
        self.0.keys.device()
    }

    fn tls(&self) -> &TlsKey {
        &self.0.tls
    }

    fn welcomes(&self, _device: DeviceId) -> bool {
        false
    }

    fn converse(&self, _peer: DeviceId) -> Result<AnyConversation, ConversationError> {
        let topics = {
            let mut state = self.0.state.lock();
            // A new conversation compares all that there is.
            state.written.clear();
            let vector = |tag: &TopicTag| state.heads.get(tag).into_iter().flatten().map(|(_, entry)| *entry).collect();
            self.0.topics.iter().map(|tag| (*tag, vector(tag))).collect()
        };
        let config = Config { community: self.0.community, device: self.device(), topics, nonce: rand::random() };
        let session = Session::new(config, self.now());
        let mut talk = Strings {
            puppet: self.clone(),
            session,
            framer: Framer::new(),
            outgoing: VecDeque::new(),
            met: false,
            in_step: false,
            closed: None,
        };
        talk.work()?;
        Ok(Box::new(talk))
    }

    fn now(&self) -> Mono {
        SystemClock.mono()
    }
}

/// One conversation of a puppet.
struct Strings {
    puppet: Puppet,
    session: Session,
    framer: Framer,
    outgoing: VecDeque<u8>,
    met: bool,
    in_step: bool,
    closed: Option<Reason>,
}

impl Strings {
    fn tell(&mut self, input: Input<'_>) -> Result<(), ConversationError> {
        self.session.handle(input, self.puppet.now())?;
        self.work()
    }

    fn work(&mut self) -> Result<(), ConversationError> {
        while let Some(output) = self.session.poll_work() {
            self.act(output)?;
        }
        Ok(())
    }

    fn act(&mut self, output: Output) -> Result<(), ConversationError> {
        let now = self.puppet.now();
        match output {
            Output::Send(frame) => self.outgoing.extend(frame_to_bytes(&frame)),
            Output::Met { .. } => self.met = true,
            Output::InStep => self.in_step = true,
            // What was written while nobody listened is lost to the measurement: it keeps no bodies.
            Output::Search { .. } => {}
            Output::Load { topic, .. } => {
                self.session.handle(Input::Loaded { topic, runs: Vec::new(), done: true }, now)?;
            }
            Output::Received { topic, runs } => {
                for run in runs {
                    let log = run.log;
                    let input = match self.puppet.take_in(topic, run) {
                        Some(last) => Input::Committed { last, heads: vec![last] },
                        None => Input::Refused { log, why: Refusal::Gap },
                    };
                    self.session.handle(input, now)?;
                }
            }
            Output::PeerHas { entry, .. } => {
                let mut state = self.puppet.0.state.lock();
                if state.own.is_some() && entry.log == self.puppet.own_log() {
                    let later = state.awaited.split_off(&(entry.seq + 1));
                    let done = std::mem::replace(&mut state.awaited, later);
                    state.receipts.extend(done.into_values().map(|began| began.elapsed().as_secs_f64() * 1e3));
                }
            }
            Output::Elsewhere { .. } => {}
            Output::Close(reason) => self.closed = Some(reason),
        }
        Ok(())
    }
}

impl Puppet {
    /// Verifies a run as a phone does, and keeps its head alone.
    fn take_in(&self, topic: TopicTag, run: Run) -> Option<Entry> {
        let mut state = self.0.state.lock();
        let (log, count) = (run.log, u64::try_from(run.links.len()).ok()?);
        let known = state.logs.get(&log).copied();
        let header = run.header.or(known.map(|(header, _)| header))?;
        let parent = if run.first == 0 { None } else { Some(known?.1) };
        let run = run.verify(header, parent).ok()?;
        let last = run.events().last()?;
        let head = Head { seq: last.seq, id: last.id };
        let entry = Entry { log, seq: head.seq, short: head.id.short() };
        state.logs.insert(log, (header, head));
        state.heads.entry(topic).or_default().insert(log, entry);
        state.heard += count;
        Some(entry)
    }

    fn own_log(&self) -> LogId {
        LogHeader {
            community: self.0.community,
            topic: self.0.topics[3],
            device: self.0.keys.device(),
            incarnation: Incarnation::from_bytes([7; 8]),
        }
        .id()
    }
}

impl Conversation for Strings {
    type Error = ConversationError;

    fn receive(&mut self, bytes: &[u8]) -> Result<(), ConversationError> {
        self.framer.push(bytes);
        while let Some(frame) = self.framer.next_frame()? {
            self.tell(Input::Frame(&frame))?;
        }
        Ok(())
    }

    fn send(&mut self, most: usize) -> Result<Vec<u8>, ConversationError> {
        let runs = std::mem::take(&mut self.puppet.0.state.lock().written);
        if !runs.is_empty() {
            let topic = self.puppet.0.topics[3];
            self.tell(Input::Appended { topic, runs })?;
        }
        while self.outgoing.len() < most {
            let Some(output) = self.session.poll() else { break };
            self.act(output)?;
        }
        let count = most.min(self.outgoing.len());
        Ok(self.outgoing.drain(..count).collect())
    }

    fn tick(&mut self) -> Result<(), ConversationError> {
        self.tell(Input::Tick)
    }

    fn wake(&self) -> Arc<Notify> {
        self.puppet.0.wake.clone()
    }

    fn state(&self) -> ConversationState {
        ConversationState {
            met: self.met,
            in_step: self.in_step,
            closed: self.closed,
            elsewhere: None,
            deadline: self.session.deadline(),
            unsent: self.outgoing.len(),
            progress: self.session.progress(),
        }
    }
}
