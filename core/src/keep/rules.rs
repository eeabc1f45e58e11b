//! The rules of a community, as its events in the clear say them: the roster, the erasures, and which logs have too
//! many branches.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use super::{
    Branches, Term,
    admissions::Admissions,
    chains::Followed,
    ends::{Both, Ends},
    kept::Kept,
    term::Going,
};
use crate::{
    count::{self, Work},
    event::{Body, Content, Held, LogHeader, Reads, Topic, open},
    id::{CommunityId, DeviceId, EventId, LogId, Reference, TopicTag},
    limits,
    roster::{
        Erased, ErasedSpan, ErasureFact, Erasures, Later, Named, ReadError, Role, Roster, RosterEvent, RosterFact,
        Said, Verdict,
    },
    sabotage::Rule,
    store::{Pos, StoreError, Stored, View},
};

/// How many events are read from the store at a time.
const PAGE: usize = 512;

/// What stands in the clear: it says what holds for all else.
pub(super) const CLEAR: [Topic; 2] = [Topic::Roster, Topic::Erasure];

/// What holds for all events of a community, by those that stand in the clear and are held here.
#[derive(Clone)]
pub struct Rules {
    /// The community whose rules they are.
    pub id: CommunityId,
    /// Who belongs, and up to where.
    pub roster: Roster,
    /// What is to be forgotten.
    pub erasures: Arc<Erasures>,
    /// Since when each erasure is held here.
    pub(super) terms: BTreeMap<Reference, Term>,
    reads: Reads,
    /// Whether no body is opened here, so that nobody knows what the events wait for.
    blind: bool,
    tags: BTreeMap<Topic, TopicTag>,
    topics: BTreeMap<TopicTag, Topic>,
    said: Said<RosterFact>,
    /// Where devices are let in, by whoever it may be.
    admissions: Admissions,
    read_up_to: Pos,
    /// Logs with more branches than count without a cut.
    crowded: BTreeSet<LogId>,
    /// Those of them that stand in the clear.
    crowded_clear: BTreeSet<LogId>,
    /// Those of them that a cut names and that are doubtful: to which of the acts that are asked together.
    doubtful: BTreeMap<LogId, Vec<bool>>,
    /// How many of them there were when the roster was folded: with one more all is folded again.
    silent: usize,
    /// Chains that were followed before.
    followed: Followed,
    /// What is kept of those whose admission fell.
    pub(super) kept: Kept,
    erased: Said<ErasureFact>,
    /// What all erasures name, whosever they are.
    named: Named,
    /// What those name that count and are carried out, or are about to be.
    pub(super) forgotten: Named,
    /// Those that are about to be.
    pub(super) carried: BTreeSet<Reference>,
    /// What of that is left.
    pub(super) going: Going,
    /// Those of which an end came late: they are to be carried out once more.
    pub(super) late: BTreeSet<Reference>,
    /// Whether what is carried out now is that.
    pub(super) again: bool,
    /// Those that fell of which it is not noted yet that their terms did.
    pub(super) fell: BTreeSet<Reference>,
    /// Of what they name, what is held.
    pub(super) ends: Ends,
    erasures_up_to: Pos,
}

/// What became of erasures when they were folded anew.
pub struct Turned {
    /// What they said before.
    pub before: Arc<Erasures>,
    /// Those of which something else is to be said: new ones, and those that began to count or ceased to.
    pub erasures: Vec<Arc<ErasureFact>>,
    /// How many of these are new: the first.
    pub new: usize,
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
            reads: Reads::default(),
            blind: false,
            tags,
            topics,
            said: Said::default(),
            admissions: Admissions::default(),
            read_up_to: Pos::default(),
            crowded: BTreeSet::new(),
            crowded_clear: BTreeSet::new(),
            doubtful: BTreeMap::new(),
            silent: 0,
            followed: Followed::default(),
            kept: Kept::default(),
            erased: Said::default(),
            named: Named::default(),
            forgotten: Named::default(),
            carried: BTreeSet::new(),
            going: Going::default(),
            late: BTreeSet::new(),
            again: false,
            fell: BTreeSet::new(),
            ends: Ends::default(),
            erasures_up_to: Pos::default(),
        }
    }

    /// The same, read by a build that knows this of the format.
    #[must_use]
    pub fn reading(self, reads: Reads) -> Self {
        Self { reads, ..self }
    }

    /// The same, for whoever opens no body.
    #[must_use]
    pub fn blind(self) -> Self {
        Self { blind: true, ..self }
    }

    /// Whether no body is opened here.
    pub(super) fn is_blind(&self) -> bool {
        self.blind
    }

    /// Whether nobody can tell here that no event waits for a part of a log of this topic: no body is opened, and what
    /// stands in the clear waits for nothing.
    pub fn is_blind_to(&self, topic: TopicTag) -> bool {
        self.blind && !self.is_clear(topic)
    }

    /// Whether a topic stands in the clear.
    pub(super) fn is_clear(&self, topic: TopicTag) -> bool {
        CLEAR.iter().any(|clear| self.tag(*clear) == topic)
    }

    /// Whether somebody's events wait for a part of a log, or may.
    ///
    /// # Errors
    /// When the store fails.
    pub fn may_be_awaited(&self, header: &LogHeader, view: &View) -> Result<bool, StoreError> {
        Ok(self.is_blind_to(header.topic) || view.is_awaited(header.id())?)
    }

    /// What of the format is known.
    pub fn reads(&self) -> &Reads {
        &self.reads
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

    /// Chains as a store keeps them, to ask the roster about its events.
    pub fn chains<'a>(&'a self, view: &'a View) -> Branches<'a> {
        Branches::of(view, &self.followed)
    }

    /// Why the roster holds an event, if it does.
    pub fn against(&self, header: &LogHeader, seq: u64, id: EventId, view: &View) -> Option<Held> {
        self.against_by(header, seq, id, &self.chains(view))
    }

    /// The same, for whoever asks about many events.
    pub fn against_by(&self, header: &LogHeader, seq: u64, id: EventId, chains: &Branches<'_>) -> Option<Held> {
        match self.roster.verdict(header, seq, id, chains) {
            Verdict::Stranger => Some(Held::Stranger),
            Verdict::Cut => Some(Held::Cut),
            Verdict::Counts => self.is_silenced(header).then_some(Held::Silenced),
        }
    }

    /// Whether an event lies beyond what cuts leave, so that few of its kind are kept.
    pub(super) fn is_beyond(&self, header: &LogHeader, seq: u64, id: EventId, view: &View) -> bool {
        self.roster.is_beyond(header, seq, id, |log| self.crowded.contains(&log), &self.chains(view))
    }

    /// Whether nothing of a log counts because it has too many branches (R7): until a cut says which of them do.
    ///
    /// In the roster too: whoever forks a log holds its device's key, and with that could as well withdraw the device with
    /// nothing left standing, by one event. So nobody loses by it what they would keep otherwise, and what a cut from above
    /// names stands again. Nobody else's events are touched, and the founding stands always. In how many logs a device
    /// writes silences none: an honest one begins another with each session that was not closed.
    pub fn is_silenced(&self, header: &LogHeader) -> bool {
        if self.crowded.is_empty() || header.community == CommunityId::ZERO || Rule::Silence.is_left_out() {
            return false;
        }
        let log = header.id();
        self.crowded.contains(&log) && !self.roster.names_log(header.device, log)
    }

    /// Whether nothing of some log counts that stands in the clear, because it has too many branches.
    ///
    /// # Errors
    /// When the store fails.
    pub(super) fn is_some_clear_silenced(&self, view: &View) -> Result<bool, StoreError> {
        for log in &self.crowded_clear {
            if view.log(*log)?.is_some_and(|header| self.is_silenced(&header)) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Takes note of how many branches a log has. Whether its events are to be judged again for that: they are too many, and it is
    /// silenced now; or more of them than before, or fewer, may lead to a head that is not held.
    ///
    /// # Errors
    /// When the store fails.
    pub fn crowd(&mut self, header: &LogHeader, branches: usize, view: &View) -> Result<bool, StoreError> {
        let log = header.id();
        if branches <= limits::BRANCHES {
            return Ok(false);
        }
        self.crowded_clear.extend(self.is_clear(header.topic).then_some(log));
        let silenced = self.crowded.insert(log) && self.is_silenced(header);
        let doubt = self.doubt(header, view)?;
        Ok(silenced | self.note_doubt(log, doubt))
    }

    /// To which of the acts that are asked together a log is doubtful, if to any. A silent one is to none.
    fn doubt(&self, header: &LogHeader, view: &View) -> Result<Option<Vec<bool>>, StoreError> {
        let log = header.id();
        if !self.roster.names_log(header.device, log) {
            return Ok(None);
        }
        let chains = self.chains(view);
        let asked = self.roster.asked_together(header);
        let doubt = asked.iter().map(|acts| chains.doubts(log, acts)).collect::<Result<Vec<_>, _>>()?;
        Ok(doubt.contains(&true).then_some(doubt))
    }

    /// Asks again which logs are doubtful, of all devices or of those that cuts and removals say something else of than they did
    /// in this roster.
    fn doubt_again(&mut self, before: Option<&Roster>, view: &View) -> Result<(), StoreError> {
        let (mut alike, mut turned) = (BTreeMap::new(), Vec::new());
        for log in &self.crowded {
            let Some(header) = view.log(*log)? else { continue };
            let device = header.device;
            let same = || before.is_some_and(|before| self.roster.ends_alike(before, device));
            if !*alike.entry(device).or_insert_with(same) {
                turned.push((*log, self.doubt(&header, view)?));
            }
        }
        for (log, doubt) in turned {
            self.note_doubt(log, doubt);
        }
        Ok(())
    }

    /// Whether that is otherwise than before.
    fn note_doubt(&mut self, log: LogId, doubt: Option<Vec<bool>>) -> bool {
        let before = match doubt.clone() {
            Some(doubt) => self.doubtful.insert(log, doubt),
            None => self.doubtful.remove(&log),
        };
        before != doubt
    }

    /// All readable roster events, whether they count or not.
    pub fn said(&self) -> &Said<RosterFact> {
        &self.said
    }

    /// Whether somebody who could then admitted a device, though that may count no longer.
    pub fn was_admitted(&self, device: DeviceId) -> bool {
        let mut admissions = self.admissions.of(device);
        admissions.any(|event| {
            count::note(Work::Asked, 1);
            self.roster.idle(event) != Some(Held::Unentitled)
        })
    }

    /// Whether a log is of erasures whose author was a coordinator, and is a stranger since that admission fell, or of what
    /// they said in the roster: it tells why bodies are gone, and whom else they let in who may tell it. So a few of its events
    /// are kept as of what lies beyond a cut.
    pub(super) fn explains(&self, header: &LogHeader) -> bool {
        let is_clear = self.is_clear(header.topic) && header.community == self.id;
        is_clear && self.roster.fell_under(header.device).is_some()
    }

    /// All readable erasures, whether they count or not.
    pub fn erased(&self) -> &Said<ErasureFact> {
        &self.erased
    }

    /// Reads everything again.
    ///
    /// # Errors
    /// When the store fails.
    pub fn reload(&mut self, view: &View) -> Result<(), StoreError> {
        (self.said, self.admissions) = (Said::default(), Admissions::default());
        self.followed = Followed::default();
        self.kept.clear();
        self.read_up_to = Pos::default();
        self.crowded = view.logs_with_branches(limits::BRANCHES)?;
        self.crowded_clear.clear();
        for log in &self.crowded {
            let clear = view.log(*log)?.is_some_and(|header| self.is_clear(header.topic));
            self.crowded_clear.extend(clear.then_some(*log));
        }
        self.doubtful.clear();
        // Whatever was folded may be of what is no more: nothing is spared.
        self.silent = usize::MAX;
        self.refresh(view)?;
        self.erased = Said::default();
        (self.named, self.forgotten, self.ends) = (Named::default(), Named::default(), Ends::default());
        self.erasures = Arc::default();
        self.terms.clear();
        (self.carried, self.going) = (BTreeSet::new(), Going::default());
        (self.late, self.again, self.fell) = (BTreeSet::new(), false, BTreeSet::new());
        self.erasures_up_to = Pos::default();
        self.refresh_erasures(view).map(drop)
    }

    /// Reads the erasures stored since the last time and folds them all by the roster as it is now.
    ///
    /// # Errors
    /// When the store fails.
    pub fn refresh_erasures(&mut self, view: &View) -> Result<Turned, StoreError> {
        let mut erasures = Vec::new();
        loop {
            let page = view.events_of_topic(self.tag(Topic::Erasure), self.erasures_up_to, PAGE)?;
            for fact in page.iter().filter_map(|stored| read_erasure(stored, &self.reads).ok()).map(Arc::new) {
                self.terms.extend(Term::of(view, fact.reference())?);
                if self.erased.add(fact.clone()) {
                    self.named.add(&fact);
                    erasures.push(fact);
                }
            }
            self.erasures_up_to = page.last().map_or(self.erasures_up_to, |last| last.pos);
            if page.len() < PAGE {
                break;
            }
        }
        let silenced = |log: &LogHeader| self.is_silenced(log);
        let (said, roster) = (&self.erased, &self.roster);
        let fold = || Erasures::fold(said, &erasures, roster, silenced, &self.chains(view), &self.erasures);
        let now = view.checked(|| Ok::<_, StoreError>(fold()))?;
        let before = std::mem::replace(&mut self.erasures, now);
        let turned = before.counted().symmetric_difference(self.erasures.counted());
        let new: BTreeSet<Reference> = erasures.iter().map(|fact: &Arc<ErasureFact>| fact.reference()).collect();
        let turned = turned.filter(|event| !new.contains(event));
        let turned: Vec<_> = turned.filter_map(|event| self.erased.find(*event).cloned()).collect();
        let spans = erasures.iter().flat_map(|fact| {
            let counts = self.erasures.counted().contains(&fact.reference());
            fact.erased.spans().map(move |span| (span, counts))
        });
        self.ends.learn(view, self.both(), spans)?;
        if !turned.is_empty() {
            self.ends.lay_again(self.erasures.named_ends());
        }
        // Of one that is read anew a term may be noted from before it fell.
        let all = new.iter().copied().chain(turned.iter().map(|fact| fact.reference()));
        let fell: Vec<_> = all.filter(|erasure| !self.erasures.counted().contains(erasure)).collect();
        fell.into_iter().for_each(|erasure| self.end_term(erasure));
        let is_done = |fact: &Arc<ErasureFact>| self.terms.get(&fact.reference()).is_some_and(|term| term.done);
        if !turned.is_empty() || erasures.iter().any(is_done) {
            self.forgotten = self.carried_out();
        }
        let new = erasures.len();
        erasures.extend(turned);
        Ok(Turned { before, erasures, new })
    }

    /// All ends that erasures name, and those of erasures that count.
    pub(super) fn both(&self) -> Both<'_> {
        Both { named: &self.named, counted: self.erasures.named_ends() }
    }

    /// The places that erasures which count name up to an event that is held, and what lies between those that are near each
    /// other: whoever looks at them asks of each whether it is named.
    pub fn named_before(&self, log: LogId, seq: u64, id: EventId) -> Vec<(u64, u64)> {
        self.ends.named_before(self.erasures.named_ends(), log, seq, id.short())
    }

    /// Whether this end of a span is held.
    pub fn is_end_held(&self, span: &ErasedSpan) -> bool {
        self.ends.holds(span.log, span.last, span.check)
    }

    /// Takes note of terms that turned.
    pub fn note_terms(&mut self, turned: Vec<(Reference, Term)>) {
        let was_done = |erasure: &Reference| self.terms.get(erasure).is_some_and(|term| term.done);
        let differs = turned.iter().any(|(erasure, term)| term.done || was_done(erasure));
        for (erasure, _) in &turned {
            self.carried.remove(erasure);
            self.fell.remove(erasure);
        }
        self.terms.extend(turned);
        if differs {
            self.forgotten = self.carried_out();
        }
    }

    /// What is named by erasures that count and are carried out, or are about to be.
    pub(super) fn carried_out(&self) -> Named {
        let done = self.terms.iter().filter(|(_, term)| term.done).map(|(erasure, _)| erasure);
        let done = done.chain(&self.carried).filter(|erasure| self.erasures.counted().contains(erasure));
        Named::of(done.filter_map(|erasure| self.erased.find(*erasure)).map(|fact| &**fact))
    }

    /// Reads the roster events stored since the last time and folds them all. Returns the roster as it was; `None` if what
    /// came changes nothing.
    ///
    /// # Errors
    /// When the store fails.
    pub fn refresh(&mut self, view: &View) -> Result<Option<Roster>, StoreError> {
        let mut new = Vec::new();
        // Until this is through, nothing is spared.
        let (before, mut cut) = (std::mem::replace(&mut self.silent, usize::MAX), false);
        loop {
            let page = view.events_of_topic(self.tag(Topic::Roster), self.read_up_to, PAGE)?;
            let facts = page.iter().filter_map(|stored| fact(stored, &self.reads).ok()).map(Arc::new);
            for fact in facts.filter(|fact| self.said.add(fact.clone())) {
                if let RosterEvent::Admitted(admitted) = &fact.event {
                    self.admissions.add(admitted.record.device, fact.reference());
                }
                new.push(fact);
            }
            for stored in &page {
                // It may be a head that a cut names, whatever it says.
                cut |= self.roster.has_ends(stored.log.device);
            }
            self.read_up_to = page.last().map_or(self.read_up_to, |last| last.pos);
            if page.len() < PAGE {
                break;
            }
        }
        let silent = self.crowded.len();
        // Most of what a member can heap up is not theirs to say; it costs no fold.
        if !cut && before == silent && self.roster.take_idle(&new, &self.crowded) {
            self.silent = silent;
            return Ok(None);
        }
        let roster = view.checked(|| Ok::<_, StoreError>(self.fold(&[], view)))?;
        let old = std::mem::replace(&mut self.roster, roster);
        self.kept.clear();
        self.doubt_again(Some(&old).filter(|_| before != usize::MAX), view)?;
        self.silent = silent;
        Ok(Some(old))
    }

    /// The roster that follows from what is held, and from these events beside it.
    /// A store that does not answer is the caller's to ask.
    pub fn fold(&self, more: &[Arc<RosterFact>], view: &View) -> Roster {
        let mut said = self.said.clone();
        for fact in more {
            said.add(fact.clone());
        }
        let chains = Branches::whole(view, &self.followed);
        Roster::fold_without(self.id, &said, &self.crowded, &chains, &self.roster)
    }
}

/// A roster event as the fold takes it. What is malformed is kept and forwarded and says nothing here; of what only a later
/// build reads whole, what can be read.
///
/// # Errors
/// What is malformed.
pub fn fact(stored: &Stored, reads: &Reads) -> Result<RosterFact, ReadError> {
    let body = in_the_clear(stored, reads)?;
    let event = match RosterEvent::read(body.kind, body.version, &body.payload) {
        Ok(RosterEvent::Admitted(admitted)) if !reads.role(number(admitted.role)) => Err(ReadError::Newer),
        read => read,
    };
    let event = match event {
        Err(ReadError::Kind { .. } | ReadError::Version { .. } | ReadError::Newer) => {
            RosterEvent::Later(Later::read(body.kind, &body.payload))
        }
        read => read?,
    };
    Ok(RosterFact {
        log: stored.log,
        seq: stored.seq,
        id: stored.id,
        wall: body.wall,
        event,
        size: stored.content.stored_len() as u64,
    })
}

fn number(role: Role) -> u8 {
    match role {
        Role::Coordinator => 0,
        Role::Volunteer => 1,
        Role::Relay => 2,
        Role::Later => u8::MAX,
    }
}

/// What an event says in the clear, as a build reads it that knows this of the format.
fn in_the_clear(stored: &Stored, reads: &Reads) -> Result<Body, ReadError> {
    let Content::Here(bytes) = &stored.content else { return Err(ReadError::Malformed("no body")) };
    let body = open(&stored.header(), bytes, None).map_err(|_| ReadError::Malformed("no body"))?;
    let version = reads.version(body.kind, body.version, stored.reference());
    // A kind of which nothing is known has no number here.
    let kind = if reads.kind(body.kind) { body.kind } else { 0 };
    Ok(Body { kind, version, ..body })
}

/// An erasure as the fold takes it. A later version of it is obeyed as far as it can be read.
///
/// # Errors
/// Why it is none.
pub fn read_erasure(stored: &Stored, reads: &Reads) -> Result<ErasureFact, ReadError> {
    let body = in_the_clear(stored, reads)?;
    let (erased, newer) = match Erased::read(body.kind, body.version, &body.payload) {
        Err(ReadError::Version { .. }) => (Erased::read_in_part(&body.payload)?, true),
        read => (read?, false),
    };
    let size = stored.content.stored_len() as u64;
    Ok(ErasureFact { log: stored.log, seq: stored.seq, id: stored.id, erased, newer, size })
}
