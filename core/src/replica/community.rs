//! What a replica knows of its community: tags, roster and keys, as one value that readers share.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use super::{erasure::Term, judge::Branches};
use crate::{
    aggregate::Held,
    event::{LogHeader, Topic, open},
    id::{CommunityId, DeviceId, EpochId, EventId, Incarnation, LogId, MemberId, Reference, TopicTag},
    key::{DeviceKeys, EpochKey, TopicKey},
    limits,
    roster::{Erased, ErasureFact, Erasures, Keyring, ReadError, Roster, RosterEvent, RosterFact, Verdict},
    store::{Pos, StoreError, Stored, View},
    time::WallMs,
};

/// How many events are read from the store at a time.
const PAGE: usize = 512;

/// Names events that are not written yet, and perhaps never will be.
const REHEARSAL: &str = "linli 2026 roster rehearsal v1";

/// A community as one device sees it.
#[derive(Clone)]
pub(super) struct Community {
    pub(super) id: CommunityId,
    pub(super) me: DeviceId,
    pub(super) incarnation: Incarnation,
    pub(super) roster: Roster,
    pub(super) keyring: Keyring,
    /// What is to be forgotten.
    pub(super) erasures: Arc<Erasures>,
    /// Since when each erasure is held here.
    pub(super) terms: BTreeMap<Reference, Term>,
    tags: BTreeMap<Topic, TopicTag>,
    topics: BTreeMap<TopicTag, Topic>,
    facts: Vec<RosterFact>,
    read_up_to: Pos,
    /// Logs with more branches than count without a cut.
    crowded: BTreeSet<LogId>,
    erasure_facts: Vec<ErasureFact>,
    erasures_up_to: Pos,
}

impl Community {
    /// One that nothing is known of yet but its name and its tags.
    pub(super) fn new(id: CommunityId, me: DeviceId, incarnation: Incarnation, topic_key: &TopicKey) -> Self {
        let tags: BTreeMap<Topic, TopicTag> =
            Topic::ALL.into_iter().map(|topic| (topic, topic_key.tag(topic.name()))).collect();
        let topics = tags.iter().map(|(topic, tag)| (*tag, *topic)).collect();
        Self {
            id,
            me,
            incarnation,
            roster: Roster::empty(id),
            keyring: Keyring::default(),
            erasures: Arc::default(),
            terms: BTreeMap::new(),
            tags,
            topics,
            facts: Vec::new(),
            read_up_to: Pos::default(),
            crowded: BTreeSet::new(),
            erasure_facts: Vec::new(),
            erasures_up_to: Pos::default(),
        }
    }

    /// The tag of a topic.
    pub(super) fn tag(&self, topic: Topic) -> TopicTag {
        self.tags.get(&topic).copied().unwrap_or(TopicTag::ZERO)
    }

    /// The topic of a tag.
    pub(super) fn topic(&self, tag: TopicTag) -> Option<Topic> {
        self.topics.get(&tag).copied()
    }

    /// The topics this device may read, in the order of sync.
    pub(super) fn wanted(&self) -> Vec<(Topic, TopicTag)> {
        self.tags.iter().map(|(topic, tag)| (*topic, *tag)).collect()
    }

    /// This device's own log in a topic.
    pub(super) fn own_log(&self, topic: Topic) -> LogHeader {
        LogHeader { community: self.id, topic: self.tag(topic), device: self.me, incarnation: self.incarnation }
    }

    /// The roster log of the incarnation before this one, if this device wrote in one: the one that no other resumes.
    pub(super) fn resumes(&self) -> Option<LogId> {
        let current = self.own_log(Topic::Roster).id();
        let own = || self.facts.iter().filter(|fact| fact.log.device == self.me);
        let mut logs: BTreeSet<LogId> = own().map(|fact| fact.log.id()).filter(|log| *log != current).collect();
        for fact in own() {
            if let RosterEvent::Resumed(resumed) = &fact.event {
                logs.remove(&resumed.after);
            }
        }
        logs.pop_last()
    }

    /// Whose device this is; none before the admission has arrived.
    pub(super) fn member(&self) -> Option<MemberId> {
        self.roster.member_of(self.me)
    }

    /// The key that opens bodies sealed under an epoch.
    pub(super) fn key(&self, epoch: EpochId) -> Option<&EpochKey> {
        self.keyring.key(epoch)
    }

    /// The key to seal new bodies of a topic with; `Ok(None)` where bodies stand in the clear.
    pub(super) fn writing_key(&self, topic: Topic) -> Result<Option<&EpochKey>, NoKey> {
        let Some(compartment) = topic.compartment() else { return Ok(None) };
        let held: &BTreeSet<EpochId> = self.keyring.held();
        let epoch = self.roster.writing_epoch(compartment, held).ok_or(NoKey)?;
        self.key(epoch).map(Some).ok_or(NoKey)
    }

    /// Why the roster holds an event, if it does.
    pub(super) fn against(&self, header: &LogHeader, seq: u64, id: EventId, view: &View) -> Option<Held> {
        match self.roster.verdict(header, seq, id, &Branches(view)) {
            Verdict::Stranger => Some(Held::Stranger),
            Verdict::Cut => Some(Held::Cut),
            Verdict::Counts => self.is_silenced(header).then_some(Held::Silenced),
        }
    }

    /// Whether nothing of a log counts because it has too many branches (R7): until a cut says which of them do. The
    /// roster itself is never silenced.
    pub(super) fn is_silenced(&self, header: &LogHeader) -> bool {
        if self.crowded.is_empty() || header.topic == self.tag(Topic::Roster) {
            return false;
        }
        let log = header.id();
        self.crowded.contains(&log) && !self.roster.names_log(header.device, log)
    }

    /// Takes note of a log with too many branches. Whether that silences it now.
    pub(super) fn crowd(&mut self, header: &LogHeader) -> bool {
        self.crowded.insert(header.id()) && self.is_silenced(header)
    }

    /// The roster events that do not count, because their device was cut before them or fell.
    pub(super) fn roster_beyond(&self, view: &View) -> Vec<(Reference, Held)> {
        let beyond = |fact: &RosterFact| Some((fact.reference(), self.against(&fact.log, fact.seq, fact.id, view)?));
        self.facts.iter().filter_map(beyond).collect()
    }

    /// The roster as it would be, had this device written these events now.
    pub(super) fn after(&self, events: &[RosterEvent], view: &View) -> Result<Roster, StoreError> {
        let log = self.own_log(Topic::Roster);
        let first = view.heads(log.id())?.iter().map(|head| head.seq + 1).max().unwrap_or(0);
        let mut facts = self.facts.clone();
        facts.extend((first..).zip(events).map(|(seq, event)| {
            let id = EventId::from_bytes(blake3::derive_key(REHEARSAL, &seq.to_be_bytes()));
            RosterFact { log, seq, id, wall: WallMs(0), event: event.clone() }
        }));
        Ok(Roster::fold(self.id, &facts, &Branches(view)))
    }

    /// Reads everything again.
    pub(super) fn reload(&mut self, view: &View, keys: &DeviceKeys) -> Result<(), StoreError> {
        self.facts.clear();
        self.read_up_to = Pos::default();
        self.refresh(view, keys)?;
        self.erasure_facts.clear();
        self.terms.clear();
        self.erasures_up_to = Pos::default();
        self.refresh_erasures(view).map(drop)
    }

    /// Reads the erasures stored since the last time and folds them all by the roster as it is now. Returns them as
    /// they were.
    pub(super) fn refresh_erasures(&mut self, view: &View) -> Result<Arc<Erasures>, StoreError> {
        loop {
            let page = view.events_of_topic(self.tag(Topic::Erasure), self.erasures_up_to, PAGE)?;
            for fact in page.iter().filter_map(|stored| erasure(stored).ok()) {
                self.terms.extend(Term::of(view, fact.reference())?);
                self.erasure_facts.push(fact);
            }
            self.erasures_up_to = page.last().map_or(self.erasures_up_to, |last| last.pos);
            if page.len() < PAGE {
                break;
            }
        }
        let erasures = Erasures::fold(&self.erasure_facts, &self.roster, &Branches(view));
        Ok(std::mem::replace(&mut self.erasures, erasures))
    }

    /// All readable erasures, whether they count or not.
    pub(super) fn erasure_facts(&self) -> &[ErasureFact] {
        &self.erasure_facts
    }

    /// Reads the roster events stored since the last time and folds them all. Returns the roster as it was.
    pub(super) fn refresh(&mut self, view: &View, keys: &DeviceKeys) -> Result<Roster, StoreError> {
        loop {
            let page = view.events_of_topic(self.tag(Topic::Roster), self.read_up_to, PAGE)?;
            self.facts.extend(page.iter().filter_map(fact));
            self.read_up_to = page.last().map_or(self.read_up_to, |last| last.pos);
            if page.len() < PAGE {
                break;
            }
        }
        self.crowded = view.logs_with_branches(limits::BRANCHES)?;
        let roster = Roster::fold(self.id, &self.facts, &Branches(view));
        self.keyring = self.keyring.open_again(keys, &roster);
        Ok(std::mem::replace(&mut self.roster, roster))
    }
}

/// No epoch key is held to write under: the device's wrap has not arrived.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct NoKey;

/// A roster event as the fold takes it. What is malformed or newer is kept and forwarded and says nothing here.
fn fact(stored: &Stored) -> Option<RosterFact> {
    let crate::event::Content::Here(bytes) = &stored.content else { return None };
    let body = open(&stored.header(), bytes, None).ok()?;
    let event: Result<RosterEvent, ReadError> = RosterEvent::read(body.kind, body.version, &body.payload);
    Some(RosterFact { log: stored.log, seq: stored.seq, id: stored.id, wall: body.wall, event: event.ok()? })
}

/// An erasure as the fold takes it.
pub(super) fn erasure(stored: &Stored) -> Result<ErasureFact, ReadError> {
    let crate::event::Content::Here(bytes) = &stored.content else { return Err(ReadError::Malformed("no body")) };
    let body = open(&stored.header(), bytes, None).map_err(|_| ReadError::Malformed("no body"))?;
    let erased = Erased::read(body.kind, body.version, &body.payload)?;
    Ok(ErasureFact { log: stored.log, seq: stored.seq, id: stored.id, erased })
}
