//! Stories about the roster, told over logs whose chains are kept by the test itself.

mod commands;
mod cuts;
mod erasure;
mod events;
mod keys;
mod later;
mod order;
mod random;
mod ranks;
mod rights;
mod withdrawals;

use std::collections::BTreeMap;

use rand::SeedableRng;
use rand_chacha::ChaCha20Rng;

use super::*;
use crate::{
    event::LogHeader,
    id::{CommunityId, DeviceId, EventId, Incarnation, LogId, MemberId, Reference, TopicTag},
    key::{DeviceKeys, DeviceRecord},
    time::WallMs,
};

pub(super) const ROSTER: TopicTag = TopicTag::from_bytes([1; 16]);
pub(super) const COMMON: TopicTag = TopicTag::from_bytes([2; 16]);
pub(super) const CARE: TopicTag = TopicTag::from_bytes([3; 16]);

/// All logs of a community, as one who holds everything sees them.
pub(super) struct World {
    pub(super) dice: ChaCha20Rng,
    pub(super) community: CommunityId,
    pub(super) facts: Vec<RosterFact>,
    pub(super) founder: DeviceKeys,
    pub(super) kit: DeviceKeys,
    heads: BTreeMap<LogId, CutHead>,
    parents: BTreeMap<EventId, EventId>,
}

impl Chains for World {
    fn is_ancestor(&self, _: LogId, _: u64, id: EventId, _: u64, head: EventId) -> Option<bool> {
        self.parents.contains_key(&head).then(|| {
            std::iter::successors(Some(head), |at| self.parents.get(at).copied()).any(|ancestor| ancestor == id)
        })
    }
}

impl World {
    /// A community just founded, with a recovery kit and its first keys.
    pub(super) fn seeded(seed: u64) -> Self {
        let mut dice = ChaCha20Rng::seed_from_u64(seed);
        let (founder, kit) = (DeviceKeys::generate(&mut dice), DeviceKeys::generate(&mut dice));
        let found =
            Found { founder: founder.record(), kit: Some(kit.record()), care: CARE, name: Some("founder".to_owned()) };
        let founding = Founding::new(found, &mut dice).expect("a short name");
        let mut world = World {
            dice,
            community: CommunityId::ZERO,
            facts: Vec::new(),
            heads: BTreeMap::new(),
            parents: BTreeMap::new(),
            founder,
            kit,
        };
        world.write(world.founder.device(), founding.event());
        world.community = CommunityId::from_bytes(*world.facts[0].id.as_bytes());
        for event in founding.rest(world.community, &mut world.dice) {
            world.write(world.founder.device(), event);
        }
        world
    }

    pub(super) fn header(&self, device: DeviceId, topic: TopicTag) -> LogHeader {
        LogHeader { community: self.community, topic, device, incarnation: Incarnation::from_bytes([0; 8]) }
    }

    /// Chains one event on `parent` and keeps it in mind.
    pub(super) fn chain(&mut self, log: LogId, parent: Option<CutHead>) -> CutHead {
        let before = parent.map_or(EventId::ZERO, |parent| parent.id);
        let mut hash = blake3::Hasher::new();
        hash.update(log.as_bytes()).update(before.as_bytes()).update(&self.parents.len().to_be_bytes());
        let id = EventId::from_bytes(*hash.finalize().as_bytes());
        self.parents.insert(id, before);
        CutHead { seq: parent.map_or(0, |parent| parent.seq + 1), id }
    }

    /// An act at the end of a log of another topic.
    pub(super) fn act(&mut self, header: &LogHeader) -> CutHead {
        let at = self.chain(header.id(), self.heads.get(&header.id()).copied());
        self.heads.insert(header.id(), at);
        at
    }

    /// A roster event at the end of a device's roster log.
    pub(super) fn write(&mut self, by: DeviceId, event: RosterEvent) -> Reference {
        self.write_in(self.header(by, ROSTER), event)
    }

    pub(super) fn write_in(&mut self, log: LogHeader, event: RosterEvent) -> Reference {
        let at = self.act(&log);
        self.write_at(log, at, event)
    }

    pub(super) fn write_at(&mut self, log: LogHeader, at: CutHead, event: RosterEvent) -> Reference {
        let fact = RosterFact { log, seq: at.seq, id: at.id, wall: WallMs(self.facts.len() as i64), event, size: 100 };
        self.facts.push(fact);
        self.facts[self.facts.len() - 1].reference()
    }

    pub(super) fn head(&self, device: DeviceId, topic: TopicTag) -> Option<CutHead> {
        self.heads.get(&self.header(device, topic).id()).copied()
    }

    /// What stands of a device's log when it is cut now.
    pub(super) fn cut_now(&self, device: DeviceId, topic: TopicTag) -> Cut {
        let log = self.header(device, topic).id();
        Cut { log, heads: self.head(device, topic).into_iter().collect() }
    }

    pub(super) fn fold(&self) -> Roster {
        Roster::fold(self.community, &self.facts, self)
    }

    pub(super) fn device(&mut self) -> DeviceKeys {
        DeviceKeys::generate(&mut self.dice)
    }

    /// Decides a command with the asker's keys, and writes what comes of it.
    pub(super) fn command(&mut self, by: &DeviceKeys, command: RosterCommand) -> Result<Vec<Reference>, RosterRefusal> {
        let roster = self.fold();
        let ring = Keyring::open(by, &roster);
        let events = decide(&roster, &ring, by.device(), command, &mut self.dice)?;
        Ok(events.into_iter().map(|event| self.write(by.device(), event)).collect())
    }

    /// A device admitted by another without more ado.
    pub(super) fn admitted(&mut self, by: DeviceId, role: Role) -> DeviceKeys {
        let keys = self.device();
        self.write(by, admission(keys.record(), role));
        keys
    }

    pub(super) fn revoke(&mut self, by: DeviceId, device: DeviceId, cuts: Vec<Cut>) -> Reference {
        self.write(by, RosterEvent::Revoked(Revoked { device, cuts, replaces: Vec::new(), act: None }))
    }

    pub(super) fn verdict(&self, header: &LogHeader, at: CutHead) -> Verdict {
        self.fold().verdict(header, at.seq, at.id, self)
    }

    pub(super) fn standing(&self, header: &LogHeader, at: CutHead, about: &About<'_>) -> Standing {
        self.fold().standing(header, at.seq, at.id, about, self)
    }
}

pub(super) fn admission(record: DeviceRecord, role: Role) -> RosterEvent {
    let member = (role != Role::Relay).then(|| MemberId::first_device(record.device));
    RosterEvent::Admitted(Admitted { record, role, member, label: None, addresses: Vec::new() })
}
