//! Replicas joined by pipes that cut bytes anywhere: a driver in a page, with counters.

use std::collections::{BTreeMap, VecDeque};

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha20Rng;

use super::log::{COMMUNITY, Log, TOPICS, keys};
use crate::{
    event::Entry,
    id::TopicTag,
    key::DeviceKeys,
    sync::{Config, Framer, Input, Outgoing, Output, Reason, Session, SessionError, frame_to_bytes},
    time::Mono,
};

/// One end of a link.
pub(super) struct End {
    pub(super) node: usize,
    pub(super) session: Session,
    framer: Framer,
    /// Bytes on their way to this end.
    pub(super) inbox: VecDeque<u8>,
    searches: BTreeMap<TopicTag, VecDeque<Outgoing>>,
    pub(super) said: Vec<u8>,
    pub(super) outputs: Vec<Output>,
    pub(super) error: Option<SessionError>,
}

pub(super) struct World {
    pub(super) keys: Vec<DeviceKeys>,
    pub(super) logs: Vec<Log>,
    pub(super) links: Vec<[End; 2]>,
    pub(super) now: Mono,
    pub(super) dice: ChaCha20Rng,
    /// What a load gives at most.
    pub(super) load: usize,
}

impl World {
    pub(super) fn of(count: usize, seed: u64) -> Self {
        Self {
            keys: (0..count).map(|which| keys(which as u64)).collect(),
            logs: vec![Log::default(); count],
            links: Vec::new(),
            now: Mono(1000),
            dice: ChaCha20Rng::seed_from_u64(seed),
            load: usize::MAX,
        }
    }

    pub(super) fn end(&self, node: usize) -> End {
        let topics = TOPICS.map(|topic| (topic, self.logs[node].vector(topic))).to_vec();
        let nonce = [node as u8; 8];
        let config = Config { community: COMMUNITY, device: self.keys[node].device(), topics, nonce };
        End {
            node,
            session: Session::new(config, self.now),
            framer: Framer::new(),
            inbox: VecDeque::new(),
            searches: BTreeMap::new(),
            said: Vec::new(),
            outputs: Vec::new(),
            error: None,
        }
    }

    pub(super) fn connect(&mut self, one: usize, other: usize) -> usize {
        self.links.push([self.end(one), self.end(other)]);
        let link = self.links.len() - 1;
        self.drain(link, 0);
        self.drain(link, 1);
        link
    }

    /// Writes on a node and tells its sessions.
    pub(super) fn write(&mut self, node: usize, topic: TopicTag, count: usize, size: usize) {
        let runs = self.logs[node].append(&self.keys[node], topic, count, size);
        for (link, side) in self.ends_of(node) {
            self.tell(link, side, Input::Appended { topic, runs: runs.clone() });
        }
    }

    fn ends_of(&self, node: usize) -> Vec<(usize, usize)> {
        let all = (0..self.links.len()).flat_map(|link| [(link, 0), (link, 1)]);
        all.filter(|(link, side)| self.links[*link][*side].node == node).collect()
    }

    pub(super) fn tell(&mut self, link: usize, side: usize, input: Input<'_>) {
        let end = &mut self.links[link][side];
        if end.session.is_over() {
            return;
        }
        if let Err(error) = end.session.handle(input, self.now) {
            end.error = Some(error);
        }
        self.drain(link, side);
    }

    /// Does what a session wants, until it wants nothing.
    pub(super) fn drain(&mut self, link: usize, side: usize) {
        while let Some(output) = self.links[link][side].session.poll() {
            self.links[link][side].outputs.push(output.clone());
            self.act(link, side, output);
        }
    }

    fn act(&mut self, link: usize, side: usize, output: Output) {
        let node = self.links[link][side].node;
        match output {
            Output::Send(frame) => {
                let bytes = frame_to_bytes(&frame);
                self.links[link][side].said.extend(&bytes);
                self.links[link][1 - side].inbox.extend(bytes);
            }
            Output::Search { topic, logs } => {
                let runs = self.logs[node].missing(&logs);
                self.links[link][side].searches.insert(topic, runs.into());
            }
            Output::Load { topic, bytes } => {
                let search = self.links[link][side].searches.entry(topic).or_default();
                let (mut runs, mut size) = (Vec::new(), 0);
                while size < bytes.min(self.load)
                    && let Some(outgoing) = search.pop_front()
                {
                    size += super::super::runs::estimate(&outgoing.run);
                    runs.push(outgoing);
                }
                let done = search.is_empty();
                self.tell(link, side, Input::Loaded { topic, runs, done });
            }
            Output::Received { topic, runs } => {
                for run in runs {
                    self.receive(link, side, topic, run);
                }
            }
            Output::Met { .. }
            | Output::PeerHas { .. }
            | Output::InStep
            | Output::Elsewhere { .. }
            | Output::Close(_) => {}
        }
    }

    fn receive(&mut self, link: usize, side: usize, topic: TopicTag, run: crate::event::Run) {
        let (node, log) = (self.links[link][side].node, run.log);
        match self.logs[node].commit(topic, run) {
            Err(why) => self.tell(link, side, Input::Refused { log, why }),
            Ok((last, heads)) => {
                for other in self.ends_of(node).into_iter().filter(|end| *end != (link, side)) {
                    self.tell(other.0, other.1, Input::Stored { topic, heads: heads.clone() });
                }
                self.tell(link, side, Input::Committed { last, heads });
            }
        }
    }

    /// Takes up to `count` bytes that are on their way to one end.
    pub(super) fn deliver(&mut self, link: usize, side: usize, count: usize) {
        let end = &mut self.links[link][side];
        let count = count.min(end.inbox.len());
        let bytes: Vec<u8> = end.inbox.drain(..count).collect();
        end.framer.push(&bytes);
        loop {
            let end = &mut self.links[link][side];
            match end.framer.next_frame() {
                Ok(Some(frame)) => self.tell(link, side, Input::Frame(&frame)),
                Ok(None) => return,
                Err(error) => {
                    end.error.get_or_insert(error.into());
                    let _ = end.session.handle(Input::Close, self.now);
                    return;
                }
            }
        }
    }

    /// One crossing: what is on its way now arrives, on all links. Says whether there was anything.
    pub(super) fn cross(&mut self) -> bool {
        let waiting: Vec<[usize; 2]> =
            self.links.iter().map(|ends| [ends[0].inbox.len(), ends[1].inbox.len()]).collect();
        for (link, counts) in waiting.iter().enumerate() {
            self.deliver(link, 0, counts[0]);
            self.deliver(link, 1, counts[1]);
        }
        waiting.iter().flatten().any(|count| *count > 0)
    }

    /// Lets time pass until all is quiet.
    pub(super) fn settle(&mut self) {
        for _ in 0..12 {
            while self.cross() {}
            self.pass(100);
        }
    }

    pub(super) fn pass(&mut self, ms: u64) {
        self.now = Mono(self.now.0 + ms);
        for link in 0..self.links.len() {
            for side in [0, 1] {
                if self.links[link][side].session.deadline().is_some_and(|due| due <= self.now) {
                    self.tell(link, side, Input::Tick);
                }
            }
        }
    }

    /// Random slices in random order, up to a number of them: the link may be cut then.
    pub(super) fn trickle(&mut self, link: usize, slices: usize) {
        for _ in 0..slices {
            let side = self.dice.random_range(0..2);
            let count = self.dice.random_range(1..600);
            self.deliver(link, side, count);
        }
    }

    pub(super) fn assert_equal(&self) {
        for log in &self.logs {
            assert!(log.facts() == self.logs[0].facts(), "replicas differ");
        }
        for end in self.links.iter().flatten() {
            assert_eq!(end.error, None);
        }
    }

    /// Bytes said on a link so far, both ways.
    pub(super) fn bytes(&self, link: usize) -> usize {
        self.links[link].iter().map(|end| end.said.len()).sum()
    }

    pub(super) fn heard(&self, link: usize, side: usize, wanted: &Output) -> bool {
        self.links[link][side].outputs.contains(wanted)
    }

    pub(super) fn closed(&self, link: usize, side: usize) -> Option<Reason> {
        self.links[link][side]
            .outputs
            .iter()
            .find_map(|output| if let Output::Close(why) = output { Some(*why) } else { None })
    }

    pub(super) fn peer_has(&self, link: usize, side: usize) -> Vec<Entry> {
        let entry = |output: &Output| if let Output::PeerHas { entry, .. } = output { Some(*entry) } else { None };
        self.links[link][side].outputs.iter().filter_map(entry).collect()
    }
}
