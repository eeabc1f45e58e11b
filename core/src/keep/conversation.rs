//! Conversations: one sync session with one peer, answered from the logs that somebody keeps.

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    sync::Arc,
};

use tokio::sync::Notify;

use super::{Answer, Holder, Inbox, Note, Rules, Tracks, Unchecked, missing, silence, vectors};
use crate::{
    event::{Content, Entry, Link as EventLink, Run, Tail, Topic, VerifiedRun},
    id::{DeviceId, LogId, TopicTag},
    key::Signature,
    limits,
    net::{Conversation, ConversationError, ConversationState},
    roster::Role,
    sabotage::Rule,
    store::{Missing, StoreError},
    sync::{
        Bound, Config, FrameError, Framer, Input, Kept, Outgoing, Output, Reason, Refusal, Session, SessionError,
        frame_to_bytes,
    },
};

/// Why a conversation is over. What was acknowledged stays; a new one compares again.
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
    /// The conversation was not driven while much happened. A new one compares again.
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
/// There is no state to carry over: after a break, drop it and make a new one. Dropping takes in what came of a frame that
/// broke off.
pub struct SyncConversation<H: Holder> {
    holder: H,
    peer: DeviceId,
    session: Session,
    framer: Framer,
    inbox: Arc<Inbox>,
    /// Runs that came and are not all checked, frame by frame.
    unchecked: VecDeque<Batch>,
    searches: BTreeMap<TopicTag, Missing>,
    outgoing: VecDeque<u8>,
    /// What came of a run before the last conversation with this peer broke, until the rest of it comes.
    tail: Option<(TopicTag, Tail)>,
    /// What it brought that was turned away and is followed.
    tracks: Tracks,
    /// Where the peer said that the community is kept, if it is a relay.
    elsewhere: Option<String>,
    /// How many waited for a log that was refused when it was asked for again last, until something of it is stored.
    waited: BTreeMap<LogId, usize>,
    /// What the peer acknowledged, until its owner asks.
    acknowledged: BTreeSet<Entry>,
    /// Others' events that came from the peer, which therefore has them, until its owner asks.
    brought: BTreeSet<Entry>,
    /// Whether the roster knew the peer at some time. A newcomer's does not know its first peer yet.
    welcome: bool,
    met: bool,
    in_step: bool,
    closed: Option<Reason>,
}

/// The runs of one frame.
struct Batch {
    topic: TopicTag,
    runs: Unchecked,
    /// Of each its log, and whether it lacks a body.
    came: Vec<(LogId, bool)>,
    /// To the first of them. They are given together, so that what ends the session keeps none of them away.
    answers: Vec<Answer>,
}

impl<H: Holder> SyncConversation<H> {
    /// Begins with a device that the transport has proved.
    ///
    /// # Errors
    /// [`LinkError::NotAMember`] before there is a community, [`LinkError::Withdrawn`] for a withdrawn peer.
    pub fn begin(holder: H, peer: DeviceId) -> Result<Self, LinkError> {
        // From here on it hears of everything that is not in the roster and the vectors read below.
        let inbox = holder.shared().inboxes.open();
        let known = holder.with_rules(|rules| {
            if rules.roster.is_withdrawn(peer) {
                return Err(LinkError::Withdrawn);
            }
            let wanted = rules.wanted().into_iter().map(|(_, tag)| tag);
            let vectors = holder.read(|reader| vectors(reader, rules, holder.device(), wanted))?.into_iter();
            let topics = vectors.map(|(tag, entries)| (tag, entries.into_iter().collect())).collect();
            let welcome = rules.roster.may_connect(peer);
            let nonce = holder.nonce();
            Ok((Config { community: rules.id, device: holder.device(), topics, nonce }, welcome))
        });
        let (config, welcome) = known.ok_or(LinkError::NotAMember)??;
        let mut session = Session::new(config, holder.now());
        session.fill_no_more(&holder.shared().fills.resting(peer, holder.now()));
        let tail = tail_of(&holder, peer)?;
        if let Some((topic, _, tip)) = &tail {
            session.go_on_behind(*topic, *tip);
        }
        let mut tracks = holder.shared().tracked.take(peer);
        for end in tracks.broken_off() {
            if let Some(header) = holder.read(|reader| reader.log(end.log))? {
                session.go_on_behind(header.topic, end);
            }
        }
        let mut conversation = Self {
            holder,
            peer,
            session,
            framer: Framer::for_hello(),
            inbox,
            unchecked: VecDeque::new(),
            searches: BTreeMap::new(),
            outgoing: VecDeque::new(),
            tail: tail.map(|(topic, tail, _)| (topic, tail)),
            tracks,
            elsewhere: None,
            waited: BTreeMap::new(),
            acknowledged: BTreeSet::new(),
            brought: BTreeSet::new(),
            welcome,
            met: false,
            in_step: false,
            closed: None,
        };
        conversation.drive()?;
        Ok(conversation)
    }

    /// The device it is with.
    pub fn peer(&self) -> DeviceId {
        self.peer
    }

    /// Whose logs it is about.
    pub fn holder(&self) -> &H {
        &self.holder
    }

    /// The session, to look at.
    pub fn session(&self) -> &Session {
        &self.session
    }

    /// What the peer acknowledged since the last time.
    pub fn acknowledged(&mut self) -> &mut BTreeSet<Entry> {
        &mut self.acknowledged
    }

    /// Others' events that the peer has brought since it is in step, and therefore has.
    pub fn brought(&mut self) -> &mut BTreeSet<Entry> {
        &mut self.brought
    }

    /// Ends by saying that the community is kept at this address, 1 to 256 bytes; hand out what
    /// [`send`](Conversation::send) says then.
    ///
    /// # Errors
    /// When the address is none, or the conversation was over.
    pub fn redirect(&mut self, address: &str) -> Result<(), LinkError> {
        self.tell(Input::Redirect { address })
    }

    /// What is kept of what the peer said or asked for; every part of it has a bound.
    pub fn held(&self) -> Kept {
        let kept = self.session.held();
        let tail = self.tail.as_ref().map_or(0, |(_, tail)| tail.links.iter().map(weight).sum());
        let lists = (self.acknowledged.len() + self.brought.len()) * size_of::<Entry>()
            + self.waited.len() * size_of::<(LogId, usize)>();
        let bytes = [self.framer.held(), tail, lists].into_iter().fold(kept.bytes, usize::saturating_add);
        let passed = self.bounds().into_iter().find(Bound::is_passed);
        Kept { bytes, unsaid: self.unsent(), passed, ..kept }
    }

    /// All that the peer can make the conversation keep, each thing with its limit.
    pub fn bounds(&self) -> Vec<Bound> {
        let Self {
            holder: _,
            peer: _,
            session,
            framer,
            inbox,
            unchecked,
            searches,
            outgoing,
            tail,
            tracks,
            elsewhere,
            waited,
            acknowledged,
            brought,
            welcome: _,
            met: _,
            in_step: _,
            closed: _,
        } = self;
        let mut bounds = session.bounds();
        // Of a session that is over nobody knows any more how much was held here.
        let ours = if session.is_over() { usize::MAX } else { session.entries_here() };
        let runs = unchecked.iter().map(|batch| batch.came.len()).sum();
        let branches = searches.values().map(Missing::width).sum();
        let tail = tail.as_ref().map_or(0, |(_, tail)| tail.links.iter().map(weight).sum());
        let elsewhere = elsewhere.as_ref().map_or(0, String::len);
        let bound = |what, kept, limit, ours| Bound { what, kept, limit, ours };
        bounds.extend([
            // What is behind a whole frame lies there until more comes.
            bound("bytes heard", framer.held(), limits::FRAME + limits::WINDOW as usize, 0),
            bound("runs that are not checked", runs, limits::UNANSWERED / Signature::LEN, 0),
            bound("searches", searches.len(), limits::TOPICS, 0),
            bound("branches searched", branches, 0, ours.saturating_mul(limits::LEADING + limits::BRANCHES)),
            bound("bytes that the pipe has not taken", outgoing.len(), 2 * limits::FRAME, 0),
            bound("bytes of a run that broke off", tail, limits::RUN, 0),
            bound("logs of which is followed what was turned away", tracks.len(), limits::TRACKS, 0),
            bound("ends of runs that are followed", tracks.ends(), limits::TRACK_ENDS, 0),
            bound("bytes of an address", elsewhere, limits::ADDRESS, 0),
            bound("logs that were awaited", waited.len(), limits::NAMED, 0),
            bound("what it acknowledged", acknowledged.len(), limits::NAMED, ours.saturating_mul(limits::NAMED_HEADS)),
            bound("what it brought", brought.len(), limits::NAMED, 0),
        ]);
        bounds.extend(inbox.bounds());
        bounds
    }

    fn tell(&mut self, input: Input<'_>) -> Result<(), LinkError> {
        let now = self.holder.now();
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
            Output::Met { device } if device != self.peer && !Rule::ProvedPeer.is_left_out() => {
                return Err(LinkError::Impostor { said: device, proved: self.peer });
            }
            Output::Met { .. } => self.met = true,
            Output::Search { topic, mut logs } => {
                for wanted in &mut logs {
                    let held = self.tracks.held_by(wanted.log, &wanted.have);
                    wanted.have.extend(held);
                }
                let named = logs.iter().map(|wanted| (wanted.log, wanted.have.as_slice()));
                let search = |rules: &Rules| {
                    self.holder.read(|reader| {
                        let first = |log, last| silence::first(reader, rules, log, last);
                        reader.search_first(named, first)
                    })
                };
                let found = self.holder.with_rules(search).transpose()?;
                self.searches.insert(topic, found.unwrap_or_default());
            }
            Output::Load { topic, bytes } => {
                let (runs, done) = self.load(topic, bytes)?;
                let now = self.holder.now();
                self.session.handle(Input::Loaded { topic, runs, done }, now)?;
            }
            Output::Received { topic, runs } => self.received(topic, runs)?,
            Output::PeerHas { entry, .. } => {
                // Whose owner does not ask for it learns it at the next meeting.
                if self.acknowledged.len() < limits::NAMED {
                    self.acknowledged.insert(entry);
                }
            }
            Output::InStep => {
                self.in_step = true;
                self.acknowledged.extend(self.session.held_by_peer());
            }
            Output::Elsewhere { address } => {
                let peer = self.peer;
                let is_relay =
                    |rules: &Rules| rules.roster.device(peer).is_some_and(|device| device.role == Role::Relay);
                if self.holder.with_rules(is_relay) == Some(true) {
                    self.elsewhere = Some(address);
                }
            }
            Output::Close(reason) => self.closed = Some(reason),
        }
        Ok(())
    }

    /// The next runs of a search: about as many bytes as wanted.
    fn load(&mut self, topic: TopicTag, wanted: usize) -> Result<(Vec<Outgoing>, bool), LinkError> {
        let missing = self.searches.entry(topic).or_default();
        let (mut runs, mut bytes) = (Vec::new(), 0);
        self.holder.read(|reader| {
            while let Some(span) = missing.peek().copied() {
                let run = reader.load(&span)?;
                let heavy: usize = run.links.iter().map(weight).sum();
                if !runs.is_empty() && bytes + heavy > wanted {
                    break;
                }
                bytes += heavy;
                let last = reader.reference(span.last_pos)?.map(|last| last.check);
                missing.advance(reader)?;
                runs.extend(last.map(|last| Outgoing { run, last }));
            }
            Ok(())
        })?;
        let done = missing.peek().is_none();
        if done {
            self.searches.remove(&topic);
        }
        Ok((runs, done))
    }

    fn received(&mut self, topic: TopicTag, runs: Vec<Run>) -> Result<(), LinkError> {
        let runs: Vec<Run> = runs.into_iter().map(|run| self.completed(topic, run)).collect();
        let hollow = |run: &Run| run.links.iter().any(|link| matches!(link.content, Content::Erased(_)));
        let came = runs.iter().map(|run| (run.log, hollow(run))).collect();
        self.unchecked.push_back(Batch { topic, runs: Unchecked::new(topic, runs), came, answers: Vec::new() });
        // What came before is checked first, each time this is driven a part.
        if self.unchecked.len() == 1 { self.check_some() } else { Ok(()) }
    }

    /// Checks of the oldest frame as many runs as one go may cost.
    fn check_some(&mut self) -> Result<(), LinkError> {
        let Some(batch) = self.unchecked.front_mut() else { return Ok(()) };
        match self.holder.ingest_some(&mut batch.runs, &mut self.tracks, &self.inbox) {
            Ok(answers) => batch.answers.extend(answers),
            // Whoever has no room for more still hands out what it has.
            Err(error) if error.is_unwritable() => {
                let rest = batch.came.iter().skip(batch.answers.len());
                batch.answers.extend(rest.map(|(log, _)| Answer::Refused { log: *log, why: Refusal::Full }));
                batch.runs.clear();
            }
            Err(error) => return Err(error.into()),
        }
        if !batch.runs.is_empty() {
            return Ok(());
        }
        self.unchecked.pop_front().map_or(Ok(()), |batch| self.answer(batch))
    }

    fn answer(&mut self, Batch { topic, came, answers, .. }: Batch) -> Result<(), LinkError> {
        let logs: BTreeSet<LogId> = came.iter().map(|(log, _)| *log).collect();
        for (answer, (_, hollow)) in answers.into_iter().zip(came) {
            let now = self.holder.now();
            if let Answer::Committed { last, .. } = &answer {
                self.waited.remove(&last.log);
                // Before that, the peer's whole vector tells; and of what came without a body, that of the next meeting.
                if self.in_step && !hollow && self.brought.len() < limits::NAMED {
                    self.brought.insert(*last);
                }
            }
            self.session.handle(answer.into_input(), now)?;
        }
        for log in logs {
            // Whoever refuses a run of a log is sent no more of it.
            if let Some(behind) = self.tracks.ask(log, self.session.heads_of_peer(topic, log)) {
                self.session.handle(Input::GoOn { topic, log, behind }, self.holder.now())?;
            }
        }
        Ok(())
    }

    /// Goes on with what came before, and hears what happened meanwhile once none of it is half answered.
    fn go_on(&mut self) -> Result<(), LinkError> {
        if self.session.is_over() {
            self.unchecked.clear();
        }
        if !self.unchecked.is_empty() {
            self.check_some()?;
            self.drive()?;
        }
        let is_half = self.unchecked.front().is_some_and(|batch| !batch.answers.is_empty());
        if is_half { Ok(()) } else { self.hear_notes() }
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
            let mut runs = Unchecked::new(topic, runs);
            match self.holder.ingest_some(&mut runs, &mut self.tracks, &self.inbox) {
                Err(error) if !error.is_unwritable() => return Err(error),
                _ => {}
            }
        }
        let goes_on =
            |(of, before): &mut (TopicTag, Tail), tail: &Tail| *of == topic && before.goes_on(tail.log, tail.first);
        let tail = rest.tail.map(|tail| match self.tail.take_if(|before| goes_on(before, &tail)) {
            Some((_, before)) => before.with(tail.links),
            None => tail,
        });
        self.keep_tail(tail.filter(is_part_of_a_run).map(|tail| (topic, tail)))
    }

    fn keep_tail(&mut self, tail: Option<(TopicTag, Tail)>) -> Result<(), StoreError> {
        if let Some((topic, tail)) = tail.or(self.tail.take()) {
            self.holder.shared().tails.keep(self.peer, topic, tail);
        }
        Ok(())
    }

    fn hear_notes(&mut self) -> Result<(), LinkError> {
        for note in self.inbox.take() {
            match note {
                Note::Lost => return Err(LinkError::LeftAlone),
                Note::Appended(runs) => self.push(runs)?,
                Note::Stored { topic, heads } => {
                    let logs: BTreeSet<LogId> = heads.iter().map(|head| head.log).collect();
                    self.waited.retain(|log, _| !logs.contains(log));
                    self.tell(Input::Stored { topic, heads })?;
                }
                Note::Refilled { topic, logs } => self.look_for_bodies(topic, logs)?,
                Note::Awaited(logs) => self.ask_for_awaited(logs)?,
                Note::Erased => self.tell(Input::Erased)?,
                Note::Roster => {
                    self.waited.clear();
                    self.ask_roster()?;
                    self.end_silence()?;
                    self.tell(Input::RosterChanged)?;
                }
            }
        }
        Ok(())
    }

    /// What was refused of these logs may be taken now, on the account of somebody whose events have come to wait for it. Where
    /// nobody has who did not when it was asked for last, and nothing of the log came since, there is no more room than then:
    /// else whoever writes small events that wait would have it brought with each of them.
    fn ask_for_awaited(&mut self, awaited: BTreeSet<LogId>) -> Result<(), LinkError> {
        let refused = awaited.into_iter().filter(|log| self.session.is_refused(*log));
        let logs = self.holder.read(|reader| {
            let mut logs = BTreeSet::new();
            for log in refused {
                let waiting = reader.waiters_of(log)?;
                let known = self.waited.get(&log);
                let has_room = known.is_some() || self.waited.len() < limits::NAMED;
                if has_room && known.is_none_or(|known| waiting > *known) {
                    self.waited.insert(log, waiting);
                    logs.insert(log);
                }
            }
            Ok(logs)
        })?;
        if logs.is_empty() { Ok(()) } else { self.tell(Input::Awaited { logs }) }
    }

    /// A peer that was withdrawn, or whose admission fell, is no peer any more (R8).
    fn ask_roster(&mut self) -> Result<(), LinkError> {
        let peer = self.peer;
        let asked = self.holder.with_rules(|rules| (rules.roster.may_connect(peer), rules.roster.is_withdrawn(peer)));
        let Some((welcome, withdrawn)) = asked else { return Ok(()) };
        if withdrawn || (self.welcome && !welcome) {
            self.session.handle(Input::Close, self.holder.now())?;
            return Err(LinkError::Withdrawn);
        }
        self.welcome = welcome;
        Ok(())
    }

    /// Logs that were silenced when this began have heads again once a cut names what of them counts.
    fn end_silence(&mut self) -> Result<(), LinkError> {
        let silenced: Vec<(TopicTag, LogId)> = self.session.silenced().collect();
        if silenced.is_empty() {
            return Ok(());
        }
        let over = self.holder.with_rules(|rules| {
            self.holder.read(|reader| {
                let mut over = Vec::new();
                for (topic, log) in silenced {
                    if reader.log(log)?.is_some_and(|header| !rules.is_silenced(&header)) {
                        over.push((topic, reader.heads(log)?.into_iter().map(|head| head.entry(log)).collect()));
                    }
                }
                Ok(over)
            })
        });
        for (topic, heads) in over.transpose()?.unwrap_or_default() {
            self.tell(Input::Stored { topic, heads })?;
        }
        Ok(())
    }

    /// Bodies of these logs came back that may have been missing when this began.
    fn look_for_bodies(&mut self, topic: TopicTag, mut logs: BTreeSet<LogId>) -> Result<(), LinkError> {
        logs.retain(|log| self.session.has_holes(topic, *log));
        let own = self.holder.device();
        let found = self.holder.with_rules(|rules| {
            self.holder.read(|reader| {
                let mut left = limits::MISSING_IN_ALL;
                let holes = |log: LogId| Ok((log, missing::holes(reader, rules, own, log, &mut left)?));
                logs.into_iter().map(holes).collect::<Result<Vec<_>, StoreError>>()
            })
        });
        for (log, holes) in found.transpose()?.unwrap_or_default() {
            self.tell(Input::Refilled { topic, log, holes })?;
        }
        Ok(())
    }

    fn push(&mut self, runs: Vec<(Topic, VerifiedRun)>) -> Result<(), LinkError> {
        for (topic, run) in runs {
            let Some(topic) = self.holder.with_rules(|rules| rules.tag(topic)) else { return Ok(()) };
            let runs = outgoing(&run);
            self.tell(Input::Appended { topic, runs })?;
        }
        Ok(())
    }
}

impl<H: Holder> Drop for SyncConversation<H> {
    fn drop(&mut self) {
        // What is lost here comes again with the next conversation.
        if let Err(error) = self.keep_rest() {
            tracing::debug!(%error, "what came of a run that broke off is not kept");
        }
        self.holder.shared().tracked.keep(self.peer, std::mem::take(&mut self.tracks));
        self.holder.shared().fills.note(self.peer, self.session.filled(), self.holder.now());
    }
}

/// Whether these events can stand in one run before its last: no more is ever kept, however often it breaks off.
fn is_part_of_a_run(tail: &Tail) -> bool {
    let whole = tail.first.checked_next_multiple_of(limits::SIGNATURE_EVERY);
    let most = whole.map(|last| last.saturating_sub(tail.first));
    most.is_some_and(|most| tail.links.len() as u64 <= most)
}

/// What came of a run before the last conversation with a peer broke, and where it ends, if that is still of use.
fn tail_of(holder: &impl Holder, peer: DeviceId) -> Result<Option<(TopicTag, Tail, Entry)>, StoreError> {
    let Some((topic, tail)) = holder.shared().tails.take(peer) else { return Ok(None) };
    holder.read(|reader| {
        let Some(header) = reader.log(tail.log)?.filter(|header| header.topic == topic) else { return Ok(None) };
        let Some(before) = tail.first.checked_sub(1) else { return Ok(None) };
        let (parents, overtaken) = (reader.parents_at(tail.log, before)?, reader.parents_at(tail.log, tail.first)?);
        let [parent] = parents.as_slice() else { return Ok(None) };
        let tip = if overtaken.is_empty() { tail.tip(&header, *parent) } else { None };
        Ok(tip.map(|tip| (topic, tail, tip)))
    })
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

impl<H: Holder> Conversation for SyncConversation<H> {
    type Error = LinkError;

    fn receive(&mut self, bytes: &[u8]) -> Result<(), LinkError> {
        self.framer.push(bytes);
        while let Some(frame) = self.framer.next_frame()? {
            self.tell(Input::Frame(&frame))?;
        }
        Ok(())
    }

    fn send(&mut self, most: usize) -> Result<Vec<u8>, LinkError> {
        self.go_on()?;
        while self.outgoing.len() < most {
            let Some(output) = self.session.poll() else { break };
            self.carry_out(output)?;
        }
        let count = most.min(self.outgoing.len());
        // Whoever has nothing to say has time for what is due, a little each time.
        if !self.unchecked.is_empty() || (count == 0 && self.holder.goes_on()) {
            self.inbox.wake().notify_one();
        }
        Ok(self.outgoing.drain(..count).collect())
    }

    fn tick(&mut self) -> Result<(), LinkError> {
        self.go_on()?;
        self.tell(Input::Tick)
    }

    fn ping(&mut self) -> Result<(), LinkError> {
        self.tell(Input::Ping)
    }

    fn wake(&self) -> Arc<Notify> {
        self.inbox.wake()
    }

    fn is_met(&self) -> bool {
        self.met
    }

    fn is_in_step(&self) -> bool {
        self.in_step
    }

    /// What is unsent are frames: runs are read as the pipe takes them.
    fn state(&self) -> ConversationState {
        ConversationState {
            met: self.met,
            in_step: self.in_step,
            closed: self.closed,
            elsewhere: self.elsewhere.clone(),
            deadline: self.session.deadline(),
            unsent: self.outgoing.len().saturating_add(self.session.unsaid()),
            progress: self.session.progress(),
        }
    }
}

impl From<LinkError> for ConversationError {
    fn from(error: LinkError) -> Self {
        match error {
            LinkError::Session(error) => Self::Session(error),
            LinkError::Frame(error) => Self::Frame(error),
            LinkError::Impostor { said, proved } => Self::Impostor { said, proved },
            LinkError::Withdrawn => Self::Withdrawn,
            error @ (LinkError::LeftAlone | LinkError::NotAMember | LinkError::Store(_)) => Self::Ours(Arc::new(error)),
        }
    }
}
