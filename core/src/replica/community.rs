//! The community as a replica knows it: the rules by which it keeps logs, and its own keys, as one value that readers
//! share.

use std::{
    collections::BTreeMap,
    ops::{Deref, DerefMut},
    sync::Arc,
};

use crate::{
    event::{Compartment, Held, LogHeader, Reads, Topic},
    id::{CommunityId, DeviceId, EpochId, EventId, Incarnation, LogId, MemberId, Reference},
    keep::Rules,
    key::{DeviceKeys, EpochKey, TopicKey},
    roster::{Keyring, LogFacts, Roster, RosterEvent, RosterFact, in_order},
    store::{StoreError, View},
    time::WallMs,
};

/// Names events that are not written yet, and perhaps never will be.
const REHEARSAL: &str = "linli 2026 roster rehearsal v1";

/// A community as one device sees it.
#[derive(Clone)]
pub(super) struct Community {
    pub(super) rules: Rules,
    pub(super) me: DeviceId,
    pub(super) incarnation: Incarnation,
    pub(super) keyring: Keyring,
}

impl Deref for Community {
    type Target = Rules;

    fn deref(&self) -> &Rules {
        &self.rules
    }
}

impl DerefMut for Community {
    fn deref_mut(&mut self) -> &mut Rules {
        &mut self.rules
    }
}

impl Community {
    /// One that nothing is known of yet but its name and its tags.
    pub(super) fn new(
        id: CommunityId,
        me: DeviceId,
        incarnation: Incarnation,
        topic_key: &TopicKey,
        reads: &Reads,
    ) -> Self {
        let known = Topic::ALL.into_iter().filter(|topic| reads.topic(*topic));
        let tags: BTreeMap<_, _> = known.map(|topic| (topic, topic_key.tag(topic.name()))).collect();
        Self { rules: Rules::new(id, tags).reading(reads.clone()), me, incarnation, keyring: Keyring::default() }
    }

    /// This device's own log in a topic.
    pub(super) fn own_log(&self, topic: Topic) -> LogHeader {
        LogHeader { community: self.id, topic: self.tag(topic), device: self.me, incarnation: self.incarnation }
    }

    /// The roster log of the incarnation before this one, if this device wrote in one: the last in the order of its lives of
    /// which something counts, so that what is written now is read behind all of them.
    pub(super) fn resumes(&self) -> Option<LogId> {
        let current = self.own_log(Topic::Roster).id();
        let resumes = |facts: &LogFacts<RosterFact>| {
            let mut firsts = facts.iter().take_while(|fact| fact.seq == 0);
            firsts.find_map(|fact| fact.event.resumes())
        };
        let counts = |log: LogId, facts: &LogFacts<RosterFact>| {
            self.roster.last_place(self.me, log).is_some() && !self.is_silenced(facts.header())
        };
        let earlier = self.said().logs_of(self.me).filter(|(log, facts)| *log != current && counts(*log, facts));
        let lives: Vec<_> = earlier.map(|(log, facts)| (log, resumes(facts))).collect();
        in_order(&lives).last().and_then(|at| lives.get(*at)).map(|(log, _)| *log)
    }

    /// Whose device this is; none before the admission has arrived.
    pub(super) fn member(&self) -> Option<MemberId> {
        self.roster.member_of(self.me)
    }

    /// The key that opens bodies of a compartment sealed under an epoch. One of another compartment opens nothing here:
    /// else what an author seals under the wrong key would count for some and not for others.
    pub(super) fn key(&self, compartment: Compartment, epoch: EpochId) -> Option<&EpochKey> {
        self.keyring.key(epoch).filter(|key| key.compartment() == compartment)
    }

    /// The key to seal new bodies of a topic with; `Ok(None)` where bodies stand in the clear.
    pub(super) fn writing_key(&self, topic: Topic) -> Result<Option<&EpochKey>, NoKey> {
        let Some(compartment) = topic.compartment() else { return Ok(None) };
        let epoch = self.roster.writing_epoch(compartment, &self.keyring).ok_or(NoKey)?;
        self.key(compartment, epoch).map(Some).ok_or(NoKey)
    }

    /// The roster events that do not count, because their device was cut before them or fell.
    pub(super) fn roster_beyond(&self, view: &View) -> BTreeMap<Reference, Held> {
        let against = |fact: &RosterFact| self.against(&fact.log, fact.seq, fact.id, view);
        self.said().iter().filter_map(|fact| Some((fact.reference(), against(fact)?))).collect()
    }

    /// The roster as it would be, had this device written these events now.
    pub(super) fn after(&self, events: &[RosterEvent], view: &View) -> Result<Roster, StoreError> {
        let log = self.own_log(Topic::Roster);
        let first = view.heads(log.id())?.iter().map(|head| head.seq + 1).max().unwrap_or(0);
        let rehearsed = (first..).zip(events).map(|(seq, event)| {
            let said = [seq.to_be_bytes().as_slice(), &event.encode()].concat();
            let id = EventId::from_bytes(blake3::derive_key(REHEARSAL, &said));
            let (wall, size) = (WallMs(0), event.size());
            Arc::new(RosterFact { log, seq, id, wall, event: event.clone(), size })
        });
        Ok(self.fold(&rehearsed.collect::<Vec<_>>(), view))
    }

    /// Reads everything again.
    pub(super) fn reload(&mut self, view: &View, keys: &DeviceKeys) -> Result<(), StoreError> {
        self.rules.reload(view)?;
        self.keyring = self.keyring.open_again(keys, &self.roster);
        Ok(())
    }

    /// Reads the roster events stored since the last time and folds them all. Returns the roster as it was, if it changed.
    pub(super) fn refresh(&mut self, view: &View, keys: &DeviceKeys) -> Result<Option<Roster>, StoreError> {
        let before = self.rules.refresh(view)?;
        if before.is_some() {
            self.keyring = self.keyring.open_again(keys, &self.roster);
        }
        Ok(before)
    }
}

/// No epoch key is held to write under: the device's wrap has not arrived.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct NoKey;
