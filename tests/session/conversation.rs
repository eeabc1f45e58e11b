//! A driver in a page: a session over a keeper of logs, with no opinions of its own.

use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet, VecDeque},
    rc::{Rc, Weak},
    sync::Arc,
};

use linli_core::{
    event::Entry,
    id::{CommunityId, DeviceId, LogId, TopicTag},
    key::DeviceKeys,
    net::{Conversation, ConversationState},
    replica::LinkError,
    store::Span,
    sync::{Config, Framer, Input, Outgoing, Output, Session, frame_to_bytes},
    time::{Clock, ManualClock},
};

use crate::memory::{COMMUNITY, Keeper, MemoryLogs, TOPICS, keys, take_in};

#[derive(Clone)]
enum Note {
    Appended(TopicTag, Vec<Outgoing>),
    Stored(TopicTag, Vec<Entry>),
}

type Inbox = Rc<RefCell<Vec<Note>>>;

/// One device that keeps logs, whatever it talks to.
#[derive(Clone)]
pub(crate) struct Node<K>(Rc<RefCell<Inner<K>>>);

struct Inner<K> {
    keeper: K,
    community: CommunityId,
    device: DeviceId,
    topics: Vec<TopicTag>,
    inboxes: Vec<Weak<RefCell<Vec<Note>>>>,
}

impl<K: Keeper> Node<K> {
    pub(crate) fn new(keeper: K, community: CommunityId, device: DeviceId, topics: Vec<TopicTag>) -> Self {
        Self(Rc::new(RefCell::new(Inner { keeper, community, device, topics, inboxes: Vec::new() })))
    }

    /// Looks at what it keeps.
    pub(crate) fn look<T>(&self, look: impl FnOnce(&K) -> T) -> T {
        look(&self.0.borrow().keeper)
    }

    /// Changes what it keeps; its conversations are not told.
    pub(crate) fn change<T>(&self, change: impl FnOnce(&mut K) -> T) -> T {
        change(&mut self.0.borrow_mut().keeper)
    }

    /// Begins a conversation.
    pub(crate) fn conversation(&self, clock: &ManualClock) -> NodeConversation<K> {
        let inbox = Inbox::default();
        let mut inner = self.0.borrow_mut();
        inner.inboxes.push(Rc::downgrade(&inbox));
        let topics = inner.topics.iter().map(|tag| (*tag, inner.keeper.entries(*tag).into_iter().collect()));
        let nonce = [7; 8];
        let config = Config { community: inner.community, device: inner.device, topics: topics.collect(), nonce };
        NodeConversation {
            node: Self(Rc::clone(&self.0)),
            session: Session::new(config, clock.mono()),
            framer: Framer::new(),
            inbox,
            searches: BTreeMap::new(),
            outgoing: VecDeque::new(),
            clock: clock.clone(),
            in_step: false,
        }
    }

    fn tell(&self, note: &Note, but: Option<&Inbox>) {
        let mut inner = self.0.borrow_mut();
        inner.inboxes.retain(|inbox| inbox.strong_count() > 0);
        for inbox in inner.inboxes.iter().filter_map(Weak::upgrade) {
            if but.is_none_or(|but| !Rc::ptr_eq(but, &inbox)) {
                inbox.borrow_mut().push(note.clone());
            }
        }
    }
}

impl Node<MemoryLogs> {
    /// A device of the made-up community.
    pub(crate) fn of(memory: MemoryLogs, seed: u64) -> Self {
        Self::new(memory, COMMUNITY, keys(seed).device(), TOPICS.to_vec())
    }

    /// Writes events in its own log, and tells its sessions.
    pub(crate) fn write(&self, own: &DeviceKeys, topic: TopicTag, count: usize, bytes: usize) {
        let runs = self.0.borrow_mut().keeper.write(own, topic, count, bytes);
        self.tell(&Note::Appended(topic, runs), None);
    }
}

/// One conversation of a node.
pub(crate) struct NodeConversation<K> {
    node: Node<K>,
    session: Session,
    framer: Framer,
    inbox: Inbox,
    searches: BTreeMap<TopicTag, VecDeque<Span>>,
    outgoing: VecDeque<u8>,
    clock: ManualClock,
    in_step: bool,
}

impl<K: Keeper> NodeConversation<K> {
    fn tell(&mut self, input: Input<'_>) -> Result<(), LinkError> {
        self.session.handle(input, self.clock.mono())?;
        self.work()
    }

    fn work(&mut self) -> Result<(), LinkError> {
        while let Some(output) = self.session.poll_work() {
            self.act(output)?;
        }
        Ok(())
    }

    fn act(&mut self, output: Output) -> Result<(), LinkError> {
        match output {
            Output::Send(frame) => self.outgoing.extend(frame_to_bytes(&frame)),
            Output::Search { topic, logs } => {
                // Keepers are asked as whoever writes a bundle asks: of all other logs nothing is missing.
                let named: BTreeSet<LogId> = logs.iter().map(|wanted| wanted.log).collect();
                let have: Vec<Entry> = logs.into_iter().flat_map(|wanted| wanted.have).collect();
                let mut found = self.node.look(|keeper| keeper.missing(topic, &have));
                found.retain(|span| named.contains(&span.log));
                self.searches.insert(topic, found.into());
            }
            Output::Load { topic, bytes } => {
                let (runs, done) = self.load(topic, bytes);
                self.session.handle(Input::Loaded { topic, runs, done }, self.clock.mono())?;
            }
            Output::Received { topic, runs } => {
                for run in runs {
                    let log = run.log;
                    let mut inner = self.node.0.borrow_mut();
                    let community = inner.community;
                    let taken = take_in(&mut inner.keeper, community, topic, run);
                    drop(inner);
                    let input = match taken {
                        Err(why) => Input::Refused { log, why },
                        Ok((last, heads)) => {
                            self.node.tell(&Note::Stored(topic, heads.clone()), Some(&self.inbox));
                            Input::Committed { last, heads }
                        }
                    };
                    self.session.handle(input, self.clock.mono())?;
                }
            }
            Output::InStep => self.in_step = true,
            Output::Met { .. } | Output::PeerHas { .. } | Output::Elsewhere { .. } | Output::Close(_) => {}
        }
        Ok(())
    }

    fn load(&mut self, topic: TopicTag, wanted: usize) -> (Vec<Outgoing>, bool) {
        let spans = self.searches.entry(topic).or_default();
        let (mut runs, mut bytes) = (Vec::new(), 0);
        while bytes < wanted
            && let Some(span) = spans.pop_front()
        {
            let outgoing = self.node.look(|keeper| keeper.load(&span));
            bytes += outgoing.run.links.iter().map(weight).sum::<usize>();
            runs.push(outgoing);
        }
        (runs, spans.is_empty())
    }
}

fn weight(link: &linli_core::event::Link) -> usize {
    match &link.content {
        linli_core::event::Content::Here(bytes) => bytes.len() + 24,
        linli_core::event::Content::Erased(_) => 56,
    }
}

impl<K: Keeper> Conversation for NodeConversation<K> {
    type Error = LinkError;

    fn receive(&mut self, bytes: &[u8]) -> Result<(), LinkError> {
        self.framer.push(bytes);
        while let Some(frame) = self.framer.next_frame()? {
            self.tell(Input::Frame(&frame))?;
        }
        Ok(())
    }

    fn send(&mut self, most: usize) -> Result<Vec<u8>, LinkError> {
        let notes = std::mem::take(&mut *self.inbox.borrow_mut());
        for note in notes {
            match note {
                Note::Appended(topic, runs) => self.tell(Input::Appended { topic, runs })?,
                Note::Stored(topic, heads) => self.tell(Input::Stored { topic, heads })?,
            }
        }
        while self.outgoing.len() < most {
            match self.session.poll() {
                Some(output) => self.act(output)?,
                None => break,
            }
        }
        let count = most.min(self.outgoing.len());
        Ok(self.outgoing.drain(..count).collect())
    }

    fn tick(&mut self) -> Result<(), LinkError> {
        self.tell(Input::Tick)
    }

    fn wake(&self) -> Arc<tokio::sync::Notify> {
        Arc::default() // nobody waits: tests look at each step
    }

    fn state(&self) -> ConversationState {
        let (deadline, progress) = (self.session.deadline(), self.session.progress());
        let (met, in_step, unsent) = (true, self.in_step, self.outgoing.len());
        ConversationState { met, in_step, deadline, unsent, progress, ..ConversationState::default() }
    }
}
