//! Links: one sync session with one peer, fed with bytes and drained of bytes by whoever owns the pipe.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::Arc,
};

use parking_lot::Mutex;
use tokio::sync::Notify;

use super::{Replica, ingest::Answer, silence, update::Update};
use crate::{
    aggregate::Held,
    event::{Content, Entry, Link as EventLink, Run, Tail, Topic, VerifiedRun},
    id::{DeviceId, LogId, TopicTag},
    limits,
    store::{Heard, Pos, Reader, Span, StoreError},
    sync::{
        Config, FrameError, Framer, Input, Outgoing, Output, Progress, Reason, Session, SessionError, frame_to_bytes,
    },
    time::Mono,
};

/// Acknowledgements gathered before they are kept, while much is on its way.
const ACKNOWLEDGED: usize = 256;

/// Missing events looked at in one go.
const MISSING: usize = 512;

/// Milliseconds of a conversation after which its end is kept as a contact of its own.
const CONTACT_MS: u64 = 60_000;

/// What a link hears from the rest of the replica.
#[derive(Clone, Debug)]
pub(super) enum Note {
    /// This device wrote.
    Appended(Vec<(Topic, VerifiedRun)>),
    /// Others' events came by another link.
    Stored { topic: TopicTag, heads: Vec<Entry> },
    /// The roster changed.
    Roster,
    /// More happened than the inbox holds.
    Lost,
}

/// Notes kept for a link that is not driven.
const INBOX: usize = 1_024;

/// Where a link's notes lie until it is driven.
#[derive(Default)]
pub(super) struct Inbox {
    notes: Mutex<Vec<Note>>,
    wake: Arc<Notify>,
}

impl Inbox {
    pub(super) fn put(&self, note: &Note) {
        let mut notes = self.notes.lock();
        // A link that nobody drives must not gather news for ever.
        match notes.len() {
            INBOX => {}
            len if len + 1 == INBOX => notes.push(Note::Lost),
            _ => notes.push(note.clone()),
        }
        drop(notes);
        self.wake.notify_one();
    }
}

/// Why a link is over. What was acknowledged stays; a new link compares again.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LinkError {
    /// The peer broke the protocol, or belongs elsewhere.
    #[error(transparent)]
    Session(#[from] SessionError),
    /// The bytes are no frames.
    #[error(transparent)]
    Frame(#[from] FrameError),
    /// The peer is another device than the transport proved.
    #[error("the peer says it is {said:?}, the transport proved {proved:?}")]
    Impostor {
        /// Who it said it is.
        said: DeviceId,
        /// Who it is.
        proved: DeviceId,
    },
    /// The peer was withdrawn.
    #[error("the peer was withdrawn")]
    Withdrawn,
    /// The link was not driven while much happened. A new one compares again.
    #[error("the link was left alone for too long")]
    LeftAlone,
    /// This device belongs to no community yet.
    #[error("this device belongs to no community yet")]
    NotAMember,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A conversation with one peer over a byte pipe of the caller's.
///
/// Call [`receive`](Self::receive) with what comes out of the pipe in pieces of any size, [`send`](Self::send) for
/// what goes into it while it takes bytes, and [`tick`](Self::tick) at the [`deadline`](Self::deadline) and after
/// each [`Update`] or when [`wake`](Self::wake) says so. There is no state to carry over: after a break, drop it and
/// make a new one. Dropping takes in what came of a frame that broke off.
pub struct Link {
    replica: Replica,
    peer: DeviceId,
    session: Session,
    framer: Framer,
    inbox: Arc<Inbox>,
    searches: BTreeMap<TopicTag, VecDeque<Span>>,
    outgoing: VecDeque<u8>,
    /// What came of a run before the last link with this peer broke, until the rest of it comes.
    tail: Option<(TopicTag, Tail)>,
    /// What the peer acknowledged and the store does not know yet.
    acknowledged: Vec<Entry>,
    /// Others' events that came from the peer, which therefore has them: kept with the next acknowledgements.
    brought: Vec<Entry>,
    /// When the peer last said something; nothing before its hello.
    heard: Option<Heard>,
    /// What of that is kept.
    noted: Option<Heard>,
    /// When a screen was last told how far this is.
    told: Option<Mono>,
    /// Whether the roster knew the peer at some time. A newcomer's does not know its first peer yet.
    welcome: bool,
    met: bool,
    /// The peer was met, and the store does not know yet.
    unnoted: bool,
    in_step: bool,
    closed: Option<Reason>,
}

impl Replica {
    /// Begins a conversation with a device that the transport has proved.
    ///
    /// # Errors
    /// [`LinkError::NotAMember`] before founding or joining, [`LinkError::Withdrawn`] for a withdrawn peer.
    pub fn link(&self, peer: DeviceId) -> Result<Link, LinkError> {
        // From here on the link hears of everything that is not in the roster and the vectors read below.
        let inbox = Arc::new(Inbox::default());
        self.inner.links.lock().push(Arc::downgrade(&inbox));
        let community = self.snapshot().ok_or(LinkError::NotAMember)?;
        if community.roster.is_withdrawn(peer) {
            return Err(LinkError::Withdrawn);
        }
        let topics = self.read(|reader| {
            let wanted = community.wanted().into_iter();
            wanted
                .map(|(_, tag)| {
                    let entries = silence::entries(reader, &community, tag)?;
                    Ok((tag, wanting(reader, entries)?.into_iter().collect()))
                })
                .collect::<Result<_, StoreError>>()
        })?;
        let config = Config { community: community.id, device: self.device(), topics };
        let mut session = Session::new(config, self.inner.clock.mono());
        let tail = self.tail_of(peer)?;
        if let Some((topic, _, tip)) = &tail {
            session.go_on_behind(*topic, *tip);
        }
        self.inner.meetings.begin(peer);
        let mut link = Link {
            replica: self.clone(),
            peer,
            session,
            framer: Framer::new(),
            inbox,
            searches: BTreeMap::new(),
            outgoing: VecDeque::new(),
            tail: tail.map(|(topic, tail, _)| (topic, tail)),
            acknowledged: Vec::new(),
            brought: Vec::new(),
            heard: None,
            noted: None,
            told: None,
            welcome: community.roster.may_connect(peer),
            met: false,
            unnoted: false,
            in_step: false,
            closed: None,
        };
        link.drive()?;
        Ok(link)
    }

    /// What came of a run before the last link with a peer broke, and where it ends, if that is still of use.
    fn tail_of(&self, peer: DeviceId) -> Result<Option<(TopicTag, Tail, Entry)>, StoreError> {
        let Some((topic, tail)) = self.inner.tails.lock().remove(&peer) else { return Ok(None) };
        self.read(|reader| {
            let Some(header) = reader.log(tail.log)?.filter(|header| header.topic == topic) else { return Ok(None) };
            let Some(before) = tail.first.checked_sub(1) else { return Ok(None) };
            let (parents, overtaken) = (reader.parents_at(tail.log, before)?, reader.parents_at(tail.log, tail.first)?);
            let [parent] = parents.as_slice() else { return Ok(None) };
            let tip = if overtaken.is_empty() { tail.tip(&header, *parent) } else { None };
            Ok(tip.map(|tip| (topic, tail, tip)))
        })
    }
}

impl Link {
    /// The peer.
    pub fn peer(&self) -> DeviceId {
        self.peer
    }

    /// Takes what came out of the pipe.
    ///
    /// # Errors
    /// Why the conversation is over: close the pipe.
    pub fn receive(&mut self, bytes: &[u8]) -> Result<(), LinkError> {
        self.framer.push(bytes);
        while let Some(frame) = self.framer.next_frame()? {
            self.tell(Input::Frame(&frame))?;
        }
        if self.heard.is_some() {
            self.heard = Some(self.hear_now());
        }
        if !self.in_step {
            self.replica.learn_of_own(&self.session)?;
        }
        if self.in_step || self.acknowledged.len() >= ACKNOWLEDGED {
            self.note_peer()?;
        }
        self.report();
        Ok(())
    }

    /// Hands out what goes into the pipe: at most `most` bytes, none when there is nothing for now.
    ///
    /// # Errors
    /// Why the conversation is over.
    pub fn send(&mut self, most: usize) -> Result<Vec<u8>, LinkError> {
        self.hear_notes()?;
        while self.outgoing.len() < most {
            let Some(output) = self.session.poll() else { break };
            self.carry_out(output)?;
        }
        self.report();
        let count = most.min(self.outgoing.len());
        Ok(self.outgoing.drain(..count).collect())
    }

    /// When to call [`tick`](Self::tick), at the latest.
    pub fn deadline(&self) -> Option<Mono> {
        self.session.deadline()
    }

    /// Lets time pass, and news of this replica in.
    ///
    /// # Errors
    /// Why the conversation is over.
    pub fn tick(&mut self) -> Result<(), LinkError> {
        self.hear_notes()?;
        self.tell(Input::Tick)
    }

    /// Is notified whenever there is news, and so perhaps something to send.
    pub fn wake(&self) -> Arc<Notify> {
        self.inbox.wake.clone()
    }

    /// Bytes of frames that are made and not yet handed out.
    pub fn unsent(&self) -> usize {
        self.outgoing.len()
    }

    /// Whether the peer has said hello: before that, nothing but its key is known of it.
    pub fn is_met(&self) -> bool {
        self.met
    }

    /// Whether everything that differed at the start has been exchanged.
    pub fn is_in_step(&self) -> bool {
        self.in_step
    }

    /// Why the conversation ended, if it has ended in peace.
    pub fn closed(&self) -> Option<Reason> {
        self.closed
    }

    /// How far it is.
    pub fn progress(&self) -> Progress {
        self.session.progress()
    }

    fn now(&self) -> Mono {
        self.replica.inner.clock.mono()
    }

    fn tell(&mut self, input: Input<'_>) -> Result<(), LinkError> {
        let now = self.now();
        self.session.handle(input, now)?;
        self.drive()
    }

    /// Carries out what the session wants; frames wait until the pipe takes bytes, so that urgent news overtakes.
    fn drive(&mut self) -> Result<(), LinkError> {
        while let Some(output) = self.session.poll_work() {
            self.carry_out(output)?;
        }
        Ok(())
    }

    fn carry_out(&mut self, output: Output) -> Result<(), LinkError> {
        match output {
            Output::Send(frame) => self.outgoing.extend(frame_to_bytes(&frame)),
            Output::Met { device } if device != self.peer => {
                return Err(LinkError::Impostor { said: device, proved: self.peer });
            }
            Output::Met { .. } => {
                (self.met, self.unnoted) = (true, true);
                self.heard = Some(self.hear_now());
            }
            Output::Search { topic, have } => {
                let found = self.replica.read(|reader| silence::missing(reader, topic, &have))?;
                self.searches.insert(topic, found.into());
            }
            Output::Load { topic, bytes } => {
                let (runs, done) = self.load(topic, bytes)?;
                let now = self.now();
                self.session.handle(Input::Loaded { topic, runs, done }, now)?;
            }
            Output::Received { topic, runs } => self.received(topic, runs)?,
            Output::PeerHas { entry, .. } => self.acknowledged.push(entry),
            Output::InStep => {
                self.in_step = true;
                self.acknowledged.extend(self.session.held_by_peer());
            }
            Output::Close(reason) => self.closed = Some(reason),
        }
        Ok(())
    }

    /// The next runs of a search: about as many bytes as wanted.
    fn load(&mut self, topic: TopicTag, wanted: usize) -> Result<(Vec<Outgoing>, bool), LinkError> {
        let spans = self.searches.entry(topic).or_default();
        let (mut runs, mut bytes) = (Vec::new(), 0);
        self.replica.read(|reader| {
            while let Some(span) = spans.front() {
                let run = reader.load(span)?;
                let heavy: usize = run.links.iter().map(weight).sum();
                if !runs.is_empty() && bytes + heavy > wanted {
                    break;
                }
                bytes += heavy;
                let last = reader.reference(span.last_pos)?.map(|last| last.check);
                spans.pop_front();
                runs.extend(last.map(|last| Outgoing { run, last }));
            }
            Ok(())
        })?;
        let done = spans.is_empty();
        if done {
            self.searches.remove(&topic);
        }
        Ok((runs, done))
    }

    fn received(&mut self, topic: TopicTag, runs: Vec<Run>) -> Result<(), LinkError> {
        let runs = runs.into_iter().map(|run| self.completed(topic, run)).collect();
        let answers = self.replica.ingest(topic, runs, &self.inbox)?;
        for answer in answers {
            let now = self.now();
            let input = match answer {
                Answer::Committed { last, heads } => {
                    // Before that, the peer's whole vector tells.
                    self.brought.extend(self.in_step.then_some(last));
                    Input::Committed { last, heads }
                }
                Answer::Refused { log, why } => Input::Refused { log, why },
            };
            self.session.handle(input, now)?;
        }
        Ok(())
    }

    /// A run with what came of it before the last link broke.
    fn completed(&mut self, topic: TopicTag, mut run: Run) -> Run {
        let goes_on = |(of, tail): &mut (TopicTag, Tail)| *of == topic && tail.goes_on(run.log, run.first);
        if let Some((_, tail)) = self.tail.take_if(goes_on) {
            run.first = tail.first;
            run.links = tail.with(run.links).links;
        }
        run
    }

    /// The pipe broke: what came of the last frame is taken in, and the beginning of its last run kept for the next
    /// link with this peer. One such tail is kept for each of a few peers.
    fn keep_rest(&mut self) -> Result<(), StoreError> {
        let Some(rest) = self.session.rest(self.framer.partial()) else { return self.keep_tail(None) };
        let topic = rest.topic;
        let runs: Vec<Run> = rest.runs.into_iter().map(|run| self.completed(topic, run)).collect();
        if !runs.is_empty() {
            self.replica.ingest(topic, runs, &self.inbox)?;
        }
        let goes_on =
            |(of, before): &mut (TopicTag, Tail), tail: &Tail| *of == topic && before.goes_on(tail.log, tail.first);
        let tail = rest.tail.map(|tail| match self.tail.take_if(|before| goes_on(before, &tail)) {
            Some((_, before)) => before.with(tail.links),
            None => tail,
        });
        self.keep_tail(tail.map(|tail| (topic, tail)))
    }

    fn keep_tail(&mut self, tail: Option<(TopicTag, Tail)>) -> Result<(), StoreError> {
        let Some(tail) = tail.or(self.tail.take()) else { return Ok(()) };
        let mut tails = self.replica.inner.tails.lock();
        tails.insert(self.peer, tail);
        if tails.len() > limits::TAILS {
            tails.pop_first();
        }
        Ok(())
    }

    fn hear_notes(&mut self) -> Result<(), LinkError> {
        let notes = std::mem::take(&mut *self.inbox.notes.lock());
        for note in notes {
            match note {
                Note::Lost => return Err(LinkError::LeftAlone),
                Note::Appended(runs) => self.push(runs)?,
                Note::Stored { topic, heads } => self.tell(Input::Stored { topic, heads })?,
                Note::Roster => {
                    self.ask_roster()?;
                    self.tell(Input::RosterChanged)?;
                }
            }
        }
        Ok(())
    }

    /// A peer that was withdrawn, or whose admission fell, is no peer any more (R8).
    fn ask_roster(&mut self) -> Result<(), LinkError> {
        let Some(community) = self.replica.snapshot() else { return Ok(()) };
        let welcome = community.roster.may_connect(self.peer);
        if community.roster.is_withdrawn(self.peer) || (self.welcome && !welcome) {
            let now = self.now();
            self.session.handle(Input::Close, now)?;
            return Err(LinkError::Withdrawn);
        }
        self.welcome = welcome;
        Ok(())
    }

    fn push(&mut self, runs: Vec<(Topic, VerifiedRun)>) -> Result<(), LinkError> {
        let Some(community) = self.replica.snapshot() else { return Ok(()) };
        for (topic, run) in runs {
            let runs = outgoing(&run);
            self.tell(Input::Appended { topic: community.tag(topic), runs })?;
        }
        Ok(())
    }
}

/// A version vector that asks again for bodies which are missing under an erasure that counts no longer (R5): of their
/// logs it knows only what stands before them.
fn wanting(reader: &Reader, mut entries: Vec<Entry>) -> Result<Vec<Entry>, StoreError> {
    let (mut after, mut firsts) = (Pos::default(), BTreeMap::<LogId, u64>::new());
    loop {
        let page = reader.held(Some(Held::Missing as u8), after, MISSING)?;
        let Some(last) = page.last() else { break };
        after = last.pos;
        for stored in page.iter().filter(|stored| matches!(stored.content, Content::Erased(_))) {
            let first = firsts.entry(stored.log.id()).or_insert(stored.seq);
            *first = stored.seq.min(*first);
        }
    }
    for (log, first) in firsts {
        let before = entries.len();
        entries.retain(|entry| entry.log != log);
        let here = entries.len() < before;
        if let (true, Some(seq)) = (here, first.checked_sub(1))
            && let [only] = reader.parents_at(log, seq)?.as_slice()
        {
            entries.push(Entry { log, seq, short: only.id.short() });
        }
    }
    entries.sort_unstable();
    Ok(entries)
}

/// Own events as they go to peers, each run with the short id of its last event.
fn outgoing(own: &VerifiedRun) -> Vec<Outgoing> {
    let ends =
        |run: &Run| own.events().iter().find(|event| Some(event.seq) == last_of(run)).map(|last| last.id.short());
    own.to_runs().into_iter().filter_map(|run| Some(Outgoing { last: ends(&run)?, run })).collect()
}

fn last_of(run: &Run) -> Option<u64> {
    run.first.checked_add(run.links.len() as u64)?.checked_sub(1)
}

/// What an event weighs on the wire, about.
fn weight(link: &EventLink) -> usize {
    match &link.content {
        Content::Here(bytes) => bytes.len() + 24,
        Content::Erased(_) => 56,
    }
}

impl Link {
    fn hear_now(&self) -> Heard {
        Heard { wall: self.replica.inner.clock.wall(), running: Some(self.replica.running()) }
    }

    /// Tells the rest of the replica how far this conversation is, and now and then whoever looks at a screen.
    fn report(&mut self) {
        let Some(heard) = self.heard else { return };
        let progress = self.session.progress();
        self.replica.inner.meetings.note(self.peer, heard, progress, self.in_step);
        let now = self.now();
        if self.told.is_none_or(|told| !self.in_step && now.since(told) >= limits::PROGRESS_MS) {
            self.told = Some(now);
            self.replica.announce(Vec::new(), vec![Update::Peer { device: self.peer }]);
        }
    }

    /// Keeps when this peer was met and what it has: one transaction for many acknowledgements.
    fn note_peer(&mut self) -> Result<(), StoreError> {
        let met = std::mem::take(&mut self.unnoted);
        let mut has = std::mem::take(&mut self.acknowledged);
        if !met && has.is_empty() {
            return Ok(());
        }
        has.append(&mut self.brought);
        let peer = self.peer;
        let has = self.replica.read(|reader| {
            let known = reader.peer_has(peer)?;
            // What it says of logs that are not held here cannot be told from idle talk.
            let held =
                |entry: &Entry| Ok((!known.contains(entry) && reader.log(entry.log)?.is_some()).then_some(*entry));
            has.iter().filter_map(|entry| held(entry).transpose()).collect::<Result<Vec<_>, StoreError>>()
        })?;
        let heard = self.heard.filter(|_| met || !has.is_empty());
        if let Some(heard) = heard {
            let running = &self.replica.inner.running;
            let clock = self.replica.inner.clock.as_ref();
            self.replica.with_engine(|engine| {
                let mut write = engine.store.write()?;
                write.set_peer_contact(peer, heard)?;
                write.note_peer_has(peer, &has)?;
                running.keep(&mut write, clock)?;
                write.commit()
            })?;
            self.noted = Some(heard);
        }
        self.replica.announce(Vec::new(), vec![Update::Peer { device: peer }]);
        Ok(())
    }
}

impl Drop for Link {
    fn drop(&mut self) {
        let running = |heard: Option<Heard>| heard.and_then(|heard| heard.running).unwrap_or(0);
        let later = running(self.heard).saturating_sub(running(self.noted)) >= CONTACT_MS;
        self.unnoted |= later || !self.brought.is_empty();
        self.report();
        self.replica.inner.meetings.end(self.peer);
        // What is lost here is learnt again at the next meeting.
        let _lost = self.note_peer().and_then(|()| self.keep_rest());
    }
}
