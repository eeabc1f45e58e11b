//! Heaps: one more than a bound of the rules allows, of whatever may be heaped up.
//!
//! Told to two phones in unequal parts, so that one of them stands behind the bound and the other before it.

use linli_core::{
    event::Topic,
    id::{EpochId, EventId, Incarnation},
    limits::{BEYOND_CUT, BRANCHES, RIGHTS},
    roster::{Cut, CutHead, Grant, GrantRemoved, Granted, Resumed, Revoked, RoomGiven, RosterEvent},
    sync::Outgoing,
};
use linli_tests::{Forger, World};
use rand::{Rng, RngExt, seq::IndexedRandom};
use rand_chacha::ChaCha20Rng;

use super::{liar::Liar, lie::Seen};

/// Cuts of one author about one device that count, heads that a cut may name, acts of one author about one right.
const FEW: usize = 16;
const HEADS: usize = 64;
/// Events of a log before it branches.
const STEM: u64 = 193;
/// Logs of one device in the roster, one for each life.
const LIVES: u64 = 129;

/// What is heaped up.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Bound {
    /// Branches of one log, behind a few events.
    Branches(Topic),
    /// Roster logs of one device.
    Lives,
    /// Cuts of one device.
    Cuts,
    /// Heads that one cut names.
    Heads,
    /// Grants to one device, of many buildings each.
    Grants,
    /// Removals of many buildings of one device, each at more heads than count.
    Removals,
    /// Rooms for one device.
    Rooms,
    /// Events of one log, so many that not all are kept where they lie beyond a cut, and a branch of them.
    Beyond(Topic),
    /// Branches of a log of which several acts name heads that nobody holds.
    Doubt(Topic),
}

impl Bound {
    pub(crate) fn any(dice: &mut impl Rng) -> Self {
        let topic = *[Topic::Common, Topic::Common, Topic::Urgent, Topic::Roster, Topic::Erasure]
            .choose(dice)
            .unwrap_or(&Topic::Common);
        match dice.random_range(0..17) {
            0..=4 => Self::Branches(topic),
            5 => Self::Lives,
            6 => Self::Cuts,
            7 => Self::Heads,
            8 => Self::Grants,
            9 => Self::Removals,
            10 => Self::Rooms,
            _ => Self::Doubt(topic),
        }
    }

    fn topic(self) -> Topic {
        match self {
            Self::Branches(topic) | Self::Beyond(topic) | Self::Doubt(topic) => topic,
            _ => Topic::Roster,
        }
    }
}

impl Liar {
    /// Heaps one more up than a bound allows, and gives all to the first phone and some to the second. How many runs
    /// that were.
    pub(crate) fn heap_up(&mut self, world: &mut World, bound: Bound, [to, some_to]: [usize; 2]) -> u64 {
        if let Bound::Doubt(topic) = bound {
            return self.sow_doubt(world, topic, [to, some_to]);
        }
        let forger = Forger::with_keys_of(world, self.phone).in_topic(world, self.phone, bound.topic());
        let parts = match bound {
            Bound::Branches(topic) => self.branches(world, to, topic, forger),
            Bound::Lives => lives(forger),
            Bound::Beyond(_) => beyond(forger),
            _ => vec![self.acts(world, to, bound, forger)],
        };
        let some = world.dice.random_range(0..=parts.len());
        let (all, some) = (parts.concat(), parts[..some].concat());
        self.hand(world, to, bound.topic(), &all);
        self.hand(world, some_to, bound.topic(), &some);
        self.keep(world, bound.topic(), &all);
        (all.len() + some.len()) as u64
    }

    /// A stem, and what goes on from its end in too many ways.
    fn branches(&self, world: &mut World, to: usize, topic: Topic, mut forger: Forger) -> Vec<Vec<Outgoing>> {
        let seen = Seen::on(world, to, self.phone);
        let mut stem = Vec::new();
        for _ in 0..world.dice.random_range(0..4) {
            stem.extend(lie_once(world, &seen, topic, &mut forger));
        }
        let mut parts: Vec<_> = (0..=BRANCHES).map(|_| lie_once(world, &seen, topic, &mut forger.twin())).collect();
        parts[0] = [stem, std::mem::take(&mut parts[0])].concat();
        parts
    }

    /// Acts of one author that the rules count.
    fn acts(&self, world: &mut World, to: usize, bound: Bound, mut forger: Forger) -> Vec<Outgoing> {
        let seen = Seen::on(world, to, self.phone);
        let device = seen.device(&mut world.dice);
        let log = seen.logs.iter().find(|(log, _)| log.device == device).map_or(forger.place().0, |(log, _)| log.id());
        let head =
            |dice: &mut ChaCha20Rng| CutHead { seq: dice.random_range(0..9), id: EventId::from_bytes(dice.random()) };
        let many = |dice: &mut ChaCha20Rng| (0..=HEADS).map(|_| head(dice)).collect::<Vec<_>>();
        for nth in 0..=FEW as u64 {
            let event = match bound {
                Bound::Heads => {
                    let heads = many(&mut world.dice);
                    RosterEvent::Revoked(Revoked {
                        device,
                        cuts: vec![Cut { log, heads }],
                        replaces: Vec::new(),
                        act: None,
                    })
                }
                Bound::Cuts => {
                    let heads = vec![head(&mut world.dice)];
                    RosterEvent::Revoked(Revoked {
                        device,
                        cuts: vec![Cut { log, heads }],
                        replaces: Vec::new(),
                        act: None,
                    })
                }
                Bound::Rooms => RosterEvent::RoomGiven(RoomGiven { device, rooms: nth.max(1) }),
                Bound::Removals => {
                    let grant = Grant::Leader { buildings: (0..RIGHTS).map(|building| building.to_string()).collect() };
                    let heads = vec![Cut { log, heads: many(&mut world.dice) }];
                    let incarnations = vec![Incarnation::from_bytes(world.dice.random())];
                    RosterEvent::GrantRemoved(GrantRemoved { device, grant, heads, incarnations, act: None })
                }
                _ => {
                    let buildings = (0..RIGHTS as u64).map(|building| (nth * 9 + building).to_string()).collect();
                    let grant = Grant::Leader { buildings };
                    RosterEvent::Granted(Granted { device, grant, after: Vec::new(), act: None })
                }
            };
            forger.roster(&event);
            if matches!(bound, Bound::Heads) {
                break;
            }
        }
        forger.runs()
    }
}

/// One lie, and the run in which it stands.
pub(crate) fn lie_once(world: &mut World, seen: &Seen, topic: Topic, forger: &mut Forger) -> Vec<Outgoing> {
    let place = forger.place();
    let body = seen.lie(&mut world.dice, topic, place).to_bytes(place.0).unwrap_or_else(|_| vec![0xa0]);
    match topic.compartment() {
        Some(_) => forger.seal(&body),
        None => forger.raw(EpochId::ZERO, body),
    };
    forger.runs()
}

/// A stem of whole runs, and two branches of it that are as long as what is kept beyond a cut.
fn beyond(mut forger: Forger) -> Vec<Vec<Outgoing>> {
    let stem = write_much(&mut forger, STEM, 0);
    let branches = [1, 2].map(|which| write_much(&mut forger.twin(), BEYOND_CUT, which));
    [vec![stem], branches.to_vec()].concat()
}

/// So many events that say nothing.
fn write_much(forger: &mut Forger, events: u64, what: u8) -> Vec<Outgoing> {
    (0..events).for_each(|_| _ = forger.raw(EpochId::ZERO, vec![what; 8]));
    forger.runs()
}

/// One log for each life.
fn lives(mut forger: Forger) -> Vec<Vec<Outgoing>> {
    let mut parts = Vec::new();
    for nth in 0..LIVES {
        let after = forger.place().0;
        forger = forger.in_life(Incarnation::from_bytes(incarnation(nth)));
        forger.roster(&RosterEvent::Resumed(Resumed { after }));
        parts.push(forger.runs());
    }
    parts
}

fn incarnation(nth: u64) -> [u8; Incarnation::LEN] {
    let mut bytes = [0x11; Incarnation::LEN];
    bytes[..8].copy_from_slice(&nth.to_le_bytes());
    bytes
}
