//! Keepers of logs: what a session's driver asks, answered from memory or from a real store without any key.
//!
//! Neither opens a body, folds a roster or knows an aggregate: this is all a relay needs.

use std::collections::{BTreeMap, BTreeSet};

use linli_core::{
    event::{Entry, Head, Link as EventLink, LogHeader, Run, Verified, VerifiedRun, Writer},
    id::{CommunityId, Incarnation, LogId, TopicTag},
    key::{Compartment, DeviceKeys, EpochKey, MemorySecrets},
    limits::SIGNATURE_EVERY,
    store::{Pos, Span, Store, StoreError},
    sync::{Outgoing, Refusal},
};
use linli_tests::made::filler;
use rand::SeedableRng;
use rand_chacha::ChaCha20Rng;

pub(crate) const COMMUNITY: CommunityId = CommunityId::from_bytes([0xc0; 32]);
pub(crate) const ROSTER: TopicTag = TopicTag::from_bytes([1; 16]);
pub(crate) const URGENT: TopicTag = TopicTag::from_bytes([2; 16]);
pub(crate) const COMMON: TopicTag = TopicTag::from_bytes([4; 16]);
pub(crate) const TOPICS: [TopicTag; 5] =
    [ROSTER, URGENT, TopicTag::from_bytes([3; 16]), COMMON, TopicTag::from_bytes([5; 16])];

/// Keeps logs and serves them.
pub(crate) trait Keeper {
    fn entries(&self, topic: TopicTag) -> Vec<Entry>;
    fn missing(&self, topic: TopicTag, have: &[Entry]) -> Vec<Span>;
    fn load(&self, span: &Span) -> Outgoing;
    fn header(&self, log: LogId) -> Option<LogHeader>;
    fn heads(&self, log: LogId) -> Vec<Head>;
    fn parents_at(&self, log: LogId, seq: u64) -> Vec<Head>;
    fn append(&mut self, run: &VerifiedRun) -> Result<(), Refusal>;
}

/// Verifies a run on what is kept, and keeps it: its last event and all heads of its log.
pub(crate) fn take_in(
    keeper: &mut dyn Keeper,
    community: CommunityId,
    topic: TopicTag,
    run: Run,
) -> Result<(Entry, Vec<Entry>), Refusal> {
    let log = run.log;
    let mut header = run.header.or(keeper.header(log)).ok_or(Refusal::Gap)?;
    if header.topic != topic {
        return Err(Refusal::Invalid { author: Some(header.device) });
    }
    if run.first > 0 {
        header.community = community; // only the founding event is of none
    }
    let parents: Vec<Option<Head>> = match run.first.checked_sub(1) {
        None => vec![None],
        Some(seq) => keeper.parents_at(log, seq).into_iter().map(Some).collect(),
    };
    let run = parents.into_iter().find_map(|parent| run.clone().verify(header, parent).ok()).ok_or(Refusal::Gap)?;
    keeper.append(&run)?;
    let last = run.events().last().expect("a verified run has events");
    let entry = |seq, id: linli_core::id::EventId| Entry { log, seq, short: id.short() };
    Ok((entry(last.seq, last.id), keeper.heads(log).into_iter().map(|head| entry(head.seq, head.id)).collect()))
}

/// A store in an empty home that holds what a memory holds: keys, roster and aggregates it knows nothing of.
pub(crate) fn stocked(memory: &MemoryLogs, home: &std::path::Path) -> Store {
    let mut store = Store::open(home, &MemorySecrets::default(), &[]).expect("an empty home opens");
    for topic in TOPICS {
        for span in Keeper::missing(memory, topic, &[]) {
            take_in(&mut store, COMMUNITY, topic, Keeper::load(memory, &span).run).expect("it follows on");
        }
    }
    store
}

/// Logs without forks, in memory.
#[derive(Clone, Default)]
pub(crate) struct MemoryLogs {
    logs: BTreeMap<LogId, Kept>,
    stored: i64,
}

#[derive(Clone)]
struct Kept {
    header: LogHeader,
    /// Each with when it was stored.
    events: Vec<(i64, Verified)>,
}

pub(crate) fn keys(seed: u64) -> DeviceKeys {
    DeviceKeys::generate(&mut ChaCha20Rng::seed_from_u64(seed))
}

fn header(keys: &DeviceKeys, topic: TopicTag) -> LogHeader {
    LogHeader { community: COMMUNITY, topic, device: keys.device(), incarnation: Incarnation::from_bytes([7; 8]) }
}

impl MemoryLogs {
    /// Writes so many events of one transaction at the end of a device's log, each of about so many bytes.
    pub(crate) fn write(&mut self, keys: &DeviceKeys, topic: TopicTag, count: usize, bytes: usize) -> Vec<Outgoing> {
        let header = header(keys, topic);
        let head = self.heads(header.id()).pop();
        let key = (topic != ROSTER).then(|| EpochKey::from_bytes([9; 32], COMMUNITY, Compartment::Community));
        let mut writer = Writer::new(keys, header, head);
        for _ in 0..count {
            writer.append(&filler(bytes), key.as_ref()).expect("a small body");
        }
        let run = writer.finish().expect("some events");
        self.append(&run).expect("it follows on");
        let last = |run: &Run| run.first + run.links.len() as u64 - 1;
        let short = |run: &Run| self.logs[&header.id()].events[last(run) as usize].1.id.short();
        run.to_runs().into_iter().map(|run| Outgoing { last: short(&run), run }).collect()
    }

    /// The same without so many of the newest events of these logs, or a few more: a log ends with a transaction.
    pub(crate) fn without(&self, logs: &BTreeMap<LogId, usize>) -> Self {
        let mut less = Self { stored: self.stored, ..Self::default() };
        for (log, kept) in &self.logs {
            let mut most = kept.events.len().saturating_sub(logs.get(log).copied().unwrap_or_default());
            while most > 0 && kept.events[most - 1].1.signature.is_none() {
                most -= 1;
            }
            less.logs.insert(*log, Kept { header: kept.header, events: kept.events[..most].to_vec() });
        }
        less.logs.retain(|_, kept| !kept.events.is_empty());
        less
    }

    /// The log of every event.
    pub(crate) fn logs_of_events(&self) -> Vec<LogId> {
        self.logs.iter().flat_map(|(log, kept)| std::iter::repeat_n(*log, kept.events.len())).collect()
    }

    /// Events of one topic.
    pub(crate) fn len_of(&self, topic: TopicTag) -> usize {
        self.logs.values().filter(|kept| kept.header.topic == topic).map(|kept| kept.events.len()).sum()
    }

    /// Bytes of bodies, and one signature for each log, of what another lacks.
    pub(crate) fn own_bytes_beyond(&self, other: &Self) -> usize {
        let mut bytes = 0;
        for (log, kept) in &self.logs {
            let had = other.logs.get(log).map_or(0, |kept| kept.events.len());
            let fresh = kept.events.get(had..).unwrap_or_default();
            bytes +=
                fresh.iter().map(|(_, event)| weight(event)).sum::<usize>() + if fresh.is_empty() { 0 } else { 64 };
        }
        bytes
    }

    pub(crate) fn len(&self) -> usize {
        self.logs.values().map(|kept| kept.events.len()).sum()
    }
}

fn weight(event: &Verified) -> usize {
    match &event.content {
        linli_core::event::Content::Here(body) => body.len(),
        linli_core::event::Content::Erased(hash) => hash.len(),
    }
}

impl Keeper for MemoryLogs {
    fn entries(&self, topic: TopicTag) -> Vec<Entry> {
        let of_topic = self.logs.iter().filter(|(_, kept)| kept.header.topic == topic);
        of_topic.flat_map(|(log, kept)| kept.events.last().map(|(_, last)| entry(*log, last))).collect()
    }

    fn missing(&self, topic: TopicTag, have: &[Entry]) -> Vec<Span> {
        let mut spans = Vec::new();
        for (log, kept) in self.logs.iter().filter(|(_, kept)| kept.header.topic == topic) {
            let theirs: BTreeSet<Entry> = have.iter().filter(|entry| entry.log == *log).copied().collect();
            let here = |at: usize| theirs.contains(&entry(*log, &kept.events[at].1));
            let most = kept.events.len();
            if theirs.iter().any(|entry| entry.seq >= most as u64) {
                continue;
            }
            let mut first = (0..most).rev().find(|at| here(*at)).map_or(0, |at| at + 1);
            while first < most {
                let signed = first.next_multiple_of(SIGNATURE_EVERY as usize).min(most - 1);
                let (first_seq, last) = (first as u64, signed as u64);
                let last_pos = Pos(kept.events[signed].0);
                spans.push(Span { log: *log, first: first_seq, last, last_pos, known_log: !theirs.is_empty() });
                first = signed + 1;
            }
        }
        spans.sort_by_key(|span| span.last_pos);
        spans
    }

    fn load(&self, span: &Span) -> Outgoing {
        let kept = &self.logs[&span.log];
        // The log may have grown since: then the signature that is kept stands further on.
        let signed = (span.last as usize..kept.events.len()).find(|at| kept.events[*at].1.signature.is_some());
        let signed = signed.expect("the head is signed");
        let events = &kept.events[span.first as usize..=signed];
        let links = events.iter().map(|(_, event)| EventLink { epoch: event.epoch, content: event.content.clone() });
        let last = &events[events.len() - 1].1;
        let signature = last.signature.expect("just found");
        let (log, header, first) = (span.log, Some(kept.header), span.first);
        Outgoing { run: Run { log, header, first, links: links.collect(), signature }, last: last.id.short() }
    }

    fn header(&self, log: LogId) -> Option<LogHeader> {
        self.logs.get(&log).map(|kept| kept.header)
    }

    fn heads(&self, log: LogId) -> Vec<Head> {
        let last = self.logs.get(&log).and_then(|kept| kept.events.last());
        last.map(|(_, last)| Head { seq: last.seq, id: last.id }).into_iter().collect()
    }

    fn parents_at(&self, log: LogId, seq: u64) -> Vec<Head> {
        let kept = self.logs.get(&log).and_then(|kept| kept.events.get(seq as usize));
        kept.map(|(_, event)| Head { seq, id: event.id }).into_iter().collect()
    }

    fn append(&mut self, run: &VerifiedRun) -> Result<(), Refusal> {
        let kept = Kept { header: *run.header(), events: Vec::new() };
        let kept = self.logs.entry(run.header().id()).or_insert(kept);
        let fresh: Vec<&Verified> = run.events().iter().filter(|new| new.seq as usize >= kept.events.len()).collect();
        if fresh.is_empty() {
            return Ok(());
        }
        for event in fresh {
            self.stored += 1;
            kept.events.push((self.stored, event.clone()));
        }
        Ok(())
    }
}

fn entry(log: LogId, event: &Verified) -> Entry {
    Entry { log, seq: event.seq, short: event.id.short() }
}

impl Keeper for Store {
    fn entries(&self, topic: TopicTag) -> Vec<Entry> {
        linli_core::store::View::entries(self, topic).expect("the store answers")
    }

    fn missing(&self, topic: TopicTag, have: &[Entry]) -> Vec<Span> {
        linli_core::store::View::missing(self, topic, have).expect("the store answers")
    }

    fn load(&self, span: &Span) -> Outgoing {
        let run = linli_core::store::View::load(self, span).expect("the span is this store's");
        let last = run.first + run.links.len() as u64 - 1;
        let heads = linli_core::store::View::parents_at(self, span.log, last).expect("the store answers");
        let reference = self.reference(span.last_pos).expect("the store answers").expect("it is held");
        let last = heads.iter().find(|head| head.id.short() == reference.check).or(heads.first());
        Outgoing { last: last.expect("it is held").id.short(), run }
    }

    fn header(&self, log: LogId) -> Option<LogHeader> {
        self.log(log).expect("the store answers")
    }

    fn heads(&self, log: LogId) -> Vec<Head> {
        linli_core::store::View::heads(self, log).expect("the store answers")
    }

    fn parents_at(&self, log: LogId, seq: u64) -> Vec<Head> {
        linli_core::store::View::parents_at(self, log, seq).expect("the store answers")
    }

    fn append(&mut self, run: &VerifiedRun) -> Result<(), Refusal> {
        let mut write = self.write().expect("the store answers");
        match write.append(run) {
            Ok(_) => write.commit().map_err(|why| panic!("{why}")),
            Err(StoreError::Gap { .. }) => Err(Refusal::Gap),
            Err(_) => Err(Refusal::Invalid { author: Some(run.header().device) }),
        }
    }
}
