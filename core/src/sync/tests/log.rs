//! A log in memory with real signed runs: what the store is to the driver, in a page.

use std::collections::{BTreeMap, BTreeSet};

use rand::SeedableRng;

use crate::{
    event::{Body, Entry, Head, LogHeader, Run, Verified, VerifiedRun, Writer},
    id::{CommunityId, DeviceId, EventId, Incarnation, LogId, TopicTag},
    key::{Compartment, DeviceKeys, EpochKey},
    limits,
    sync::{Outgoing, Refusal, Vector, frame::Wanted},
    time::WallMs,
};

pub(super) const COMMUNITY: CommunityId = CommunityId::from_bytes([0xc0; 32]);
pub(super) const ROSTER: TopicTag = TopicTag::from_bytes([1; 16]);
pub(super) const URGENT: TopicTag = TopicTag::from_bytes([2; 16]);
pub(super) const ERASURE: TopicTag = TopicTag::from_bytes([3; 16]);
pub(super) const COMMON: TopicTag = TopicTag::from_bytes([4; 16]);
pub(super) const CARE: TopicTag = TopicTag::from_bytes([5; 16]);
pub(super) const TOPICS: [TopicTag; 5] = [ROSTER, URGENT, ERASURE, COMMON, CARE];

pub(super) fn keys(seed: u64) -> DeviceKeys {
    DeviceKeys::generate(&mut rand_chacha::ChaCha20Rng::seed_from_u64(seed))
}

pub(super) fn header(keys: &DeviceKeys, topic: TopicTag) -> LogHeader {
    let incarnation = Incarnation::from_bytes([7; 8]);
    LogHeader { community: COMMUNITY, topic, device: keys.device(), incarnation }
}

const LAST: EventId = EventId::from_bytes([0xff; 32]);

#[derive(Clone, Debug, PartialEq, Eq)]
struct Kept {
    parent: Option<Head>,
    event: Verified,
    at: u64,
}

#[derive(Clone, Debug, Default)]
pub(super) struct Log {
    /// Devices whose logs are taken; all if none.
    pub(super) admitted: Option<BTreeSet<DeviceId>>,
    events: BTreeMap<(LogId, u64, EventId), Kept>,
    headers: BTreeMap<LogId, LogHeader>,
    /// Runs in the order in which they were committed, and whether they were new.
    pub(super) committed: Vec<(TopicTag, LogId, bool)>,
}

fn place(log: LogId, head: &Head) -> (LogId, u64, EventId) {
    (log, head.seq, head.id)
}

impl Log {
    /// Writes events of `size` payload bytes at the end of a device's log; sealed but in roster and erasure.
    pub(super) fn append(&mut self, keys: &DeviceKeys, topic: TopicTag, count: usize, size: usize) -> Vec<Outgoing> {
        let header = header(keys, topic);
        let head = self.heads_of(header.id()).into_iter().next();
        let key = (topic != ROSTER && topic != ERASURE)
            .then(|| EpochKey::from_bytes([9; 32], COMMUNITY, Compartment::Community));
        let mut writer = Writer::new(keys, header, head);
        for _ in 0..count {
            let body = Body {
                aggregate: None,
                deps: Vec::new(),
                wall: WallMs(1_584_000_000_000),
                kind: 3,
                version: 1,
                payload: payload(size),
                edits: Vec::new(),
                salt: None,
            };
            writer.append(&body, key.as_ref()).expect("a small body");
        }
        let run = writer.finish().expect("some events");
        let log = header.id();
        let before = head.map(|head| head.entry(log));
        self.keep(&run);
        self.missing(&[Wanted { log, have: before.into_iter().collect() }])
    }

    fn keep(&mut self, run: &VerifiedRun) -> bool {
        let log = run.header().id();
        self.headers.insert(log, *run.header());
        let (mut parent, mut new) = (run.parent(), false);
        for event in run.events() {
            let head = Head { seq: event.seq, id: event.id };
            let at = self.events.len() as u64;
            let kept = Kept { parent, event: event.clone(), at };
            let known = self.events.entry(place(log, &head)).or_insert_with(|| {
                new = true;
                kept
            });
            known.event.signature = known.event.signature.or(event.signature);
            parent = Some(head);
        }
        new
    }

    pub(super) fn commit(&mut self, topic: TopicTag, run: Run) -> Result<(Entry, Vec<Entry>), Refusal> {
        let header = run.header.or(self.headers.get(&run.log).copied()).ok_or(Refusal::Gap)?;
        if header.topic != topic {
            return Err(Refusal::Invalid { author: Some(header.device) });
        }
        if self.admitted.as_ref().is_some_and(|admitted| !admitted.contains(&header.device)) {
            return Err(Refusal::Stranger);
        }
        let parents: Vec<Option<Head>> = match run.first.checked_sub(1) {
            None => vec![None],
            Some(seq) => self
                .events
                .range((run.log, seq, EventId::ZERO)..=(run.log, seq, LAST))
                .map(|((_, seq, id), _)| Some(Head { seq: *seq, id: *id }))
                .collect(),
        };
        let log = run.log;
        let verified =
            parents.into_iter().find_map(|parent| run.clone().verify(header, parent).ok()).ok_or(Refusal::Gap)?;
        let last = verified.events().last().expect("a run has events");
        let last = Entry { log, seq: last.seq, short: last.id.short() };
        let new = self.keep(&verified);
        self.committed.push((topic, log, new));
        Ok((last, self.entries_of(log)))
    }

    fn heads_of(&self, log: LogId) -> Vec<Head> {
        let of_log = || self.events.range((log, 0, EventId::ZERO)..=(log, u64::MAX, LAST));
        let parents: BTreeSet<EventId> = of_log().filter_map(|(_, kept)| kept.parent.map(|head| head.id)).collect();
        of_log()
            .filter(|((_, _, id), _)| !parents.contains(id))
            .map(|((_, seq, id), _)| Head { seq: *seq, id: *id })
            .collect()
    }

    pub(super) fn entries_of(&self, log: LogId) -> Vec<Entry> {
        self.heads_of(log).into_iter().map(|head| head.entry(log)).collect()
    }

    pub(super) fn vector(&self, topic: TopicTag) -> Vector {
        let of_topic = self.headers.iter().filter(|(_, header)| header.topic == topic);
        of_topic.flat_map(|(log, _)| self.entries_of(*log)).collect()
    }

    /// What is lacking of these logs, in runs, by when their last events were stored.
    pub(super) fn missing(&self, logs: &[Wanted]) -> Vec<Outgoing> {
        let mut had = BTreeSet::new();
        for entry in logs.iter().flat_map(|wanted| &wanted.have) {
            let mut branches = self
                .events
                .range((entry.log, entry.seq, EventId::ZERO)..=(entry.log, entry.seq, LAST))
                .map(|(at, _)| *at);
            let mut next = branches.find(|(_, _, id)| id.short() == entry.short);
            while let Some(at) = next.filter(|at| had.insert(*at)) {
                next = self.events[&at].parent.map(|head| place(at.0, &head));
            }
        }
        let mut runs: Vec<(u64, Outgoing)> = Vec::new();
        for (log, header) in logs.iter().filter_map(|wanted| self.headers.get_key_value(&wanted.log)) {
            for head in self.heads_of(*log) {
                let (mut chain, mut next) = (Vec::new(), Some(place(*log, &head)));
                while let Some(at) = next.filter(|at| had.insert(*at)) {
                    chain.push(&self.events[&at]);
                    next = self.events[&at].parent.map(|head| place(*log, &head));
                }
                chain.reverse();
                while !chain.is_empty() {
                    let signed = chain.iter().position(|kept| kept.event.seq % limits::SIGNATURE_EVERY == 0);
                    let rest = chain.split_off(signed.map_or(chain.len(), |at| at + 1));
                    runs.push(outgoing(*log, header, &chain));
                    chain = rest;
                }
            }
        }
        runs.sort_by_key(|(at, _)| *at);
        runs.into_iter().map(|(_, outgoing)| outgoing).collect()
    }

    /// All events with their bodies; equal replicas have equal ones.
    pub(super) fn facts(&self) -> BTreeMap<(LogId, u64, EventId), crate::event::Content> {
        self.events.iter().map(|(at, kept)| (*at, kept.event.content.clone())).collect()
    }
}

/// Bytes that are a CBOR byte string.
fn payload(size: usize) -> Vec<u8> {
    minicbor::to_vec(minicbor::bytes::ByteVec::from(vec![5; size.min(8000)])).expect("a vector takes any length")
}

fn outgoing(log: LogId, header: &LogHeader, chain: &[&Kept]) -> (u64, Outgoing) {
    let last = chain.last().expect("a run has events");
    let links =
        chain.iter().map(|kept| crate::event::Link { epoch: kept.event.epoch, content: kept.event.content.clone() });
    let run = Run {
        log,
        header: Some(*header),
        first: chain[0].event.seq,
        links: links.collect(),
        signature: last.event.signature.expect("heads and every 32nd are signed"),
    };
    (last.at, Outgoing { run, last: last.event.id.short() })
}
