//! Doubt: a liar who may, withdraws a device of their own making by several acts beside each other, which name heads that
//! nobody holds, and branches its log on all sides of them.
//!
//! Each of two phones hears of the branches in an order of its own, and one of them not of all.

use std::collections::BTreeSet;

use linli_core::{
    event::Topic,
    id::{EventId, LogId, MemberId},
    keep::Rules,
    key::DeviceKeys,
    limits::BRANCHES,
    roster::{Admitted, Cut, CutHead, Grant, GrantRemoved, Revoked, Role, RosterEvent},
    store::Pos,
    sync::Outgoing,
};
use linli_tests::{Forger, World};
use rand::{
    Rng, RngExt,
    seq::{IndexedRandom, SliceRandom},
};

use super::{heap::lie_once, liar::Liar, lie::Seen};

/// Events of the log before it branches for the last time.
const STEM: usize = 3;
/// A place behind all that was ever written.
const FAR: u64 = 1 << 62;
/// More events than a town has of one topic.
const MANY: usize = 100_000;
/// Places at which it branches.
const SIDES: usize = 2;
/// Acts beside each other.
const ACTS: std::ops::RangeInclusive<usize> = 2..=3;

/// The log, as it grew.
struct Stem {
    /// Before each of its events, and behind them.
    places: Vec<Forger>,
    runs: Vec<Outgoing>,
}

impl Liar {
    /// Sows doubt of a log of this topic. How many runs that were.
    pub(crate) fn sow_doubt(&mut self, world: &mut World, topic: Topic, phones: [usize; 2]) -> u64 {
        let seen = Seen::on(world, phones[0], self.phone);
        let keys = self.keys();
        let keys = keys.choose(&mut world.dice).expect("some were made");
        let forger = Forger::with_keys(world, self.phone, keys).in_topic(world, self.phone, topic);
        let stem = Stem::made(world, &seen, topic, forger);
        let acts = self.acts_beside(world, keys, &stem);
        let places: Vec<usize> = (0..=STEM).collect();
        let places: Vec<usize> = places.sample(&mut world.dice, SIDES).copied().collect();
        let mut parts: Vec<Vec<Outgoing>> =
            places.into_iter().map(|place| stem.branches(world, &seen, topic, place)).collect();
        self.doubted.insert(stem.places[0].place().0);
        let (all, mut told) = (parts.len(), 0);
        for (phone, most) in phones.into_iter().zip([all, world.dice.random_range(1..=all)]) {
            parts.shuffle(&mut world.dice);
            self.hand(world, phone, Topic::Roster, &acts);
            self.hand(world, phone, topic, &stem.runs);
            told += acts.len() + stem.runs.len();
            for part in &parts[..most] {
                self.hand(world, phone, topic, part);
                told += part.len();
            }
        }
        self.keep(world, Topic::Roster, &acts);
        told as u64
    }

    /// The device is let in, and withdrawn, or loses a right, by acts that name some of its log and some that is not there.
    fn acts_beside(&self, world: &mut World, keys: &DeviceKeys, stem: &Stem) -> Vec<Outgoing> {
        let (device, log) = (keys.device(), stem.places[0].place().0);
        let mut forger = Forger::with_keys_of(world, self.phone).in_topic(world, self.phone, Topic::Roster);
        let role = *[Role::Coordinator, Role::Volunteer].choose(&mut world.dice).expect("two");
        let member = Some(MemberId::first_device(device));
        let record = keys.record();
        forger.roster(&RosterEvent::Admitted(Admitted { record, role, member, label: None, addresses: Vec::new() }));
        for nth in 0..world.dice.random_range(ACTS) {
            let heads = vec![Cut { log, heads: stem.heads(&mut world.dice) }];
            // One at least says which branches count.
            forger.roster(&if nth > 0 && world.dice.random_bool(0.3) {
                let grant = Grant::Leader { buildings: vec!["3".into()] };
                RosterEvent::GrantRemoved(GrantRemoved { device, grant, heads, incarnations: Vec::new(), act: None })
            } else {
                RosterEvent::Revoked(Revoked { device, cuts: heads, replaces: Vec::new(), act: None })
            });
        }
        forger.runs()
    }
}

/// What cuts let stand of these logs, as a phone holds them that knows nothing but the roster.
pub(crate) fn standing(world: &World, phone: usize, logs: &BTreeSet<LogId>) -> BTreeSet<EventId> {
    let community = world.at(phone).community().expect("it belongs somewhere");
    let tags = Topic::ALL.map(|topic| (topic, world.tag(phone, topic)));
    let mut rules = Rules::new(community, tags.into());
    let standing = world.at(phone).look(|reader| {
        rules.reload(reader)?;
        let mut standing = BTreeSet::new();
        for header in logs.iter().map(|log| reader.log(*log)).filter_map(Result::transpose) {
            let header = header?;
            for stored in reader.events_of_topic(header.topic, Pos::default(), MANY)? {
                let counts = || rules.against(&stored.log, stored.seq, stored.id, reader).is_none();
                if stored.log == header && counts() {
                    standing.insert(stored.id);
                }
            }
        }
        Ok(standing)
    });
    standing.expect("the store answers")
}

impl Stem {
    fn made(world: &mut World, seen: &Seen, topic: Topic, mut forger: Forger) -> Self {
        let (mut places, mut runs) = (vec![forger.twin()], Vec::new());
        for _ in 0..STEM {
            runs.extend(lie_once(world, seen, topic, &mut forger));
            places.push(forger.twin());
        }
        Self { places, runs }
    }

    /// One that is held, perhaps, and one that is not.
    fn heads(&self, dice: &mut impl Rng) -> Vec<CutHead> {
        let held = self.places.choose(dice).and_then(Forger::head).filter(|_| dice.random_bool(0.5));
        let seq = *[0, 1, 2, FAR].choose(dice).expect("some");
        held.into_iter().chain([CutHead { seq, id: EventId::from_bytes(dice.random()) }]).collect()
    }

    /// One branch too many that begin at a place.
    fn branches(&self, world: &mut World, seen: &Seen, topic: Topic, place: usize) -> Vec<Outgoing> {
        (0..=BRANCHES).flat_map(|_| lie_once(world, seen, topic, &mut self.places[place].twin())).collect()
    }
}
