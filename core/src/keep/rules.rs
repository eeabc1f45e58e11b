//! The rules of a community, as its events in the clear say them: roster, erasures, and logs with too many branches.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use super::Term;
use crate::{
    event::{BodyError, Content, EventError, Held, LogHeader, Topic, open},
    id::{CommunityId, EventId, LogId, Reference, TopicTag},
    limits,
    roster::{Chains, Erased, ErasureFact, Erasures, ReadError, Roster, RosterEvent, RosterFact, Verdict},
    store::{Pos, StoreError, Stored, View},
};

/// How many events are read from the store at a time.
const PAGE: usize = 512;

/// Chains as the store keeps them.
pub struct Branches<'a>(pub &'a View);

impl Chains for Branches<'_> {
    fn is_ancestor(&self, log: LogId, seq: u64, id: EventId, head_seq: u64, head_id: EventId) -> Option<bool> {
        // A question that is not answered is known to the view: nothing that was judged without it is written or shown.
        self.0.is_ancestor(log, seq, id, head_seq, head_id).ok().flatten()
    }
}

/// What holds for all events of a community, by those that stand in the clear and are held here.
#[derive(Clone)]
pub struct Rules {
    /// The community.
    pub id: CommunityId,
    /// Who belongs, and up to where.
    pub roster: Roster,
    /// What is to be forgotten.
    pub erasures: Arc<Erasures>,
    /// Since when each erasure is held here.
    pub terms: BTreeMap<Reference, Term>,
    tags: BTreeMap<Topic, TopicTag>,
    topics: BTreeMap<TopicTag, Topic>,
    facts: Vec<RosterFact>,
    read_up_to: Pos,
    /// Logs with more branches than count without a cut.
    crowded: BTreeSet<LogId>,
    erasure_facts: Vec<ErasureFact>,
    erasures_up_to: Pos,
}

impl Rules {
    /// Those of a community of which nothing is known yet but its name and what its topics are called on the wire.
    pub fn new(id: CommunityId, tags: BTreeMap<Topic, TopicTag>) -> Self {
        let topics = tags.iter().map(|(topic, tag)| (*tag, *topic)).collect();
        Self {
            id,
            roster: Roster::empty(id),
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
    pub fn tag(&self, topic: Topic) -> TopicTag {
        self.tags.get(&topic).copied().unwrap_or(TopicTag::ZERO)
    }

    /// The topic of a tag.
    pub fn topic(&self, tag: TopicTag) -> Option<Topic> {
        self.topics.get(&tag).copied()
    }

    /// All topics, in the order of sync.
    pub fn wanted(&self) -> Vec<(Topic, TopicTag)> {
        self.tags.iter().map(|(topic, tag)| (*topic, *tag)).collect()
    }

    /// Why the roster holds an event, if it does.
    pub fn against(&self, header: &LogHeader, seq: u64, id: EventId, view: &View) -> Option<Held> {
        match self.roster.verdict(header, seq, id, &Branches(view)) {
            Verdict::Stranger => Some(Held::Stranger),
            Verdict::Cut => Some(Held::Cut),
            Verdict::Counts => self.is_silenced(header).then_some(Held::Silenced),
        }
    }

    /// Whether nothing of a log counts because it has too many branches (R7): until a cut says which of them do. The
    /// roster itself is never silenced.
    pub fn is_silenced(&self, header: &LogHeader) -> bool {
        if self.crowded.is_empty() || header.topic == self.tag(Topic::Roster) {
            return false;
        }
        let log = header.id();
        self.crowded.contains(&log) && !self.roster.names_log(header.device, log)
    }

    /// Takes note of a log with too many branches. Whether that silences it now.
    pub fn crowd(&mut self, header: &LogHeader) -> bool {
        self.crowded.insert(header.id()) && self.is_silenced(header)
    }

    /// All readable roster events, whether they count or not.
    pub fn facts(&self) -> &[RosterFact] {
        &self.facts
    }

    /// All readable erasures, whether they count or not.
    pub fn erasure_facts(&self) -> &[ErasureFact] {
        &self.erasure_facts
    }

    /// Reads everything again.
    ///
    /// # Errors
    /// When the store fails.
    pub fn reload(&mut self, view: &View) -> Result<(), StoreError> {
        self.facts.clear();
        self.read_up_to = Pos::default();
        self.refresh(view)?;
        self.erasure_facts.clear();
        self.terms.clear();
        self.erasures_up_to = Pos::default();
        self.refresh_erasures(view).map(drop)
    }

    /// Reads the erasures stored since the last time and folds them all by the roster as it is now. Returns them as
    /// they were.
    ///
    /// # Errors
    /// When the store fails.
    pub fn refresh_erasures(&mut self, view: &View) -> Result<Arc<Erasures>, StoreError> {
        loop {
            let page = view.events_of_topic(self.tag(Topic::Erasure), self.erasures_up_to, PAGE)?;
            for fact in page.iter().filter_map(|stored| read_erasure(stored).ok()) {
                self.terms.extend(Term::of(view, fact.reference())?);
                self.erasure_facts.push(fact);
            }
            self.erasures_up_to = page.last().map_or(self.erasures_up_to, |last| last.pos);
            if page.len() < PAGE {
                break;
            }
        }
        let fold = || Ok::<_, StoreError>(Erasures::fold(&self.erasure_facts, &self.roster, &Branches(view)));
        let erasures = view.checked(fold)?;
        Ok(std::mem::replace(&mut self.erasures, erasures))
    }

    /// Reads the roster events stored since the last time and folds them all. Returns the roster as it was.
    ///
    /// # Errors
    /// When the store fails.
    pub fn refresh(&mut self, view: &View) -> Result<Roster, StoreError> {
        loop {
            let page = view.events_of_topic(self.tag(Topic::Roster), self.read_up_to, PAGE)?;
            self.facts.extend(page.iter().filter_map(fact));
            self.read_up_to = page.last().map_or(self.read_up_to, |last| last.pos);
            if page.len() < PAGE {
                break;
            }
        }
        self.crowded = view.logs_with_branches(limits::BRANCHES)?;
        let fold = || Ok::<_, StoreError>(Roster::fold(self.id, &self.facts, &Branches(view)));
        let roster = view.checked(fold)?;
        Ok(std::mem::replace(&mut self.roster, roster))
    }
}

/// A roster event as the fold takes it. What is malformed or newer is kept and forwarded and says nothing here.
fn fact(stored: &Stored) -> Option<RosterFact> {
    let Content::Here(bytes) = &stored.content else { return None };
    let body = open(&stored.header(), bytes, None).ok()?;
    let event: Result<RosterEvent, ReadError> = RosterEvent::read(body.kind, body.version, &body.payload);
    Some(RosterFact { log: stored.log, seq: stored.seq, id: stored.id, wall: body.wall, event: event.ok()? })
}

/// An erasure as the fold takes it.
///
/// # Errors
/// Why it is none.
pub fn read_erasure(stored: &Stored) -> Result<ErasureFact, ReadError> {
    let Content::Here(bytes) = &stored.content else { return Err(ReadError::Malformed("no body")) };
    let body = open(&stored.header(), bytes, None).map_err(|error| match error {
        EventError::Body(BodyError::Newer(_)) => ReadError::Newer,
        _ => ReadError::Malformed("no body"),
    })?;
    let erased = Erased::read(body.kind, body.version, &body.payload)?;
    Ok(ErasureFact { log: stored.log, seq: stored.seq, id: stored.id, erased })
}
