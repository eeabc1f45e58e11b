//! What counts hangs on what counts alone. With more or less of what lies beyond cuts, stands in silent logs or is a stranger's,
//! of which each phone holds another part, everybody and everything is judged as before.

use std::{collections::BTreeSet, ops::Range, sync::Arc};

use rand::{RngExt, seq::SliceRandom};

use super::*;
use crate::{event::Held, limits};

const SEEDS: u64 = 300;
/// Lives of each device in which something is said from the beginning, and those in which something may be said besides.
const LIVES: Range<u8> = 0..4;
const MORE_LIVES: Range<u8> = 0..7;
/// Two of these fill a room.
const HEAVY: u64 = limits::ROSTER_ROOM * 3 / 5;

#[test]
fn less_of_what_does_not_count_changes_nothing_r8() {
    let mut without = 0;
    for seed in 0..SEEDS {
        let mut history = RandomHistory::seeded(seed);
        let all = history.world.facts.clone();
        let roster = history.fold(&all);
        let (spare, counted): (Vec<_>, Vec<_>) = all.into_iter().partition(|fact| history.is_spare(&roster, fact));
        without += spare.len();
        let expected = history.judged(&roster, &counted);
        for share in [0.0, 0.3, 0.7] {
            let kept = spare.iter().filter(|_| history.world.dice.random_bool(share));
            let mut held: Vec<RosterFact> = kept.chain(&counted).cloned().collect();
            held.shuffle(&mut history.world.dice);

            assert_eq!(history.judged(&history.fold(&held), &counted), expected, "seed {seed}, {share}");
        }
    }
    assert!(without > 10 * SEEDS as usize, "{without} events are left out");
}

#[test]
fn more_of_what_does_not_count_changes_nothing_r8() {
    let mut with = 0;
    for seed in 0..SEEDS {
        let mut history = RandomHistory::seeded(seed);
        let known = history.world.facts.clone();
        let roster = history.fold(&known);
        let expected = history.judged(&roster, &known);
        let people = history.people.clone();
        for _ in 0..60 {
            let by = history.somebody();
            history.say(by, MORE_LIVES);
        }
        let written = history.world.facts.split_off(known.len());
        let junk: Vec<RosterFact> = written.into_iter().filter(|fact| history.is_spare(&roster, fact)).collect();
        history.people = people;
        with += junk.len();
        let mut held = [known.clone(), junk].concat();
        held.shuffle(&mut history.world.dice);

        assert_eq!(history.judged(&history.fold(&held), &known), expected, "seed {seed}");
    }
    assert!(with > 10 * SEEDS as usize, "{with} events are added");
}

/// What is no volunteer's to say is taken in without a fold, and is judged as by one: until there is no room, and not in a
/// silent log.
#[test]
fn what_costs_no_fold_is_judged_as_by_one() {
    for is_silent in [false, true] {
        let mut world = World::seeded(1);
        let founder = world.founder.device();
        let volunteer = world.admitted(founder, Role::Volunteer).device();
        let silent = BTreeSet::from_iter(is_silent.then(|| world.header(volunteer, ROSTER).id()));
        let fold = |world: &World| {
            let mut said = Said::default();
            world.facts.iter().for_each(|fact| _ = said.add(Arc::new(fact.clone())));
            Roster::fold_without(world.community, &said, &silent, world, &Roster::empty(world.community))
        };
        let mut roster = fold(&world);
        let (mut spared, mut held) = (0, Vec::new());
        for _ in 0..4 {
            let event = world.revoke(volunteer, founder, Vec::new());
            let fact = world.facts.last_mut().expect("just written");
            fact.size = limits::ROSTER_ROOM * 2 / 5;
            let fact = Arc::new(fact.clone());
            if roster.take_idle(&[fact], &silent) {
                spared += 1;
            } else {
                roster = fold(&world);
            }
            assert_eq!(roster, fold(&world), "after {spared} that were spared one");
            held.push(roster.idle(event));
        }
        if is_silent {
            assert_eq!((spared, held[0]), (0, Some(Held::Silenced)));
        } else {
            assert_eq!(
                (spared, held),
                (2, vec![Some(Held::Unentitled), Some(Held::Unentitled), Some(Held::Crowded), Some(Held::Crowded)])
            );
        }
    }
}

/// What is made of each event, and whether it has an effect; the room that each has left; what only a later build reads; and all
/// that is decided.
type Judged = (Vec<(Verdict, Option<Option<Held>>)>, Vec<u64>, Vec<Unread>, [u8; 32]);

/// What people of every rank said, in lives that go on from each other in every way, in branches, about each other and
/// themselves.
struct RandomHistory {
    world: World,
    people: Vec<DeviceId>,
    places: BTreeMap<LogId, Vec<CutHead>>,
    silent: BTreeSet<LogId>,
}

impl RandomHistory {
    fn seeded(seed: u64) -> Self {
        let world = World::seeded(seed);
        let people = vec![world.kit.device(), world.founder.device()];
        let mut history = Self { world, people, places: BTreeMap::new(), silent: BTreeSet::new() };
        for fact in &history.world.facts {
            history.places.entry(fact.log.id()).or_default().push(CutHead { seq: fact.seq, id: fact.id });
        }
        for _ in 0..3 {
            let (founder, role) = (history.world.founder.device(), Role::Coordinator);
            let (record, log) = (history.newcomer(), history.world.header(founder, ROSTER));
            history.put(log, false, admission(record, role), 100);
        }
        for _ in 0..45 {
            let by = history.somebody();
            history.say(by, LIVES);
        }
        let silent: Vec<LogId> =
            history.places.keys().copied().filter(|_| history.world.dice.random_bool(0.1)).collect();
        history.silent.extend(silent);
        history
    }

    fn somebody(&mut self) -> DeviceId {
        self.people[self.world.dice.random_range(0..self.people.len())]
    }

    fn newcomer(&mut self) -> DeviceRecord {
        // The fold believes what was read.
        let record =
            DeviceRecord { device: DeviceId::from_bytes(self.world.dice.random()), ..self.world.founder.record() };
        self.people.push(record.device);
        record
    }

    fn life(&mut self, of: DeviceId, lives: Range<u8>) -> LogHeader {
        let incarnation = Incarnation::from_bytes([self.world.dice.random_range(lives); 8]);
        LogHeader { incarnation, ..self.world.header(of, ROSTER) }
    }

    fn put(&mut self, log: LogHeader, anew: bool, event: RosterEvent, size: u64) {
        let places = self.places.entry(log.id()).or_default();
        let aside = self.world.dice.random_bool(0.2).then(|| self.world.dice.random_range(0..=places.len()));
        let parent = places.get(aside.unwrap_or(places.len().saturating_sub(1))).copied().filter(|_| !anew);
        let at = self.world.chain(log.id(), parent);
        self.places.entry(log.id()).or_default().push(at);
        self.world.write_at(log, at, event);
        self.world.facts.last_mut().expect("just written").size = size;
    }

    /// Where some of a device's logs end, as somebody says who knows some.
    fn ends(&mut self, of: DeviceId) -> Vec<Cut> {
        let mut cuts = Vec::new();
        for life in LIVES {
            let incarnation = Incarnation::from_bytes([life; 8]);
            let log = LogHeader { incarnation, ..self.world.header(of, ROSTER) }.id();
            let Some(places) = self.places.get(&log).filter(|_| self.world.dice.random_bool(0.6)) else { continue };
            let heads = (0..self.world.dice.random_range(1..3)).map(|_| {
                if self.world.dice.random_bool(0.1) {
                    return CutHead { seq: 1, id: EventId::from_bytes(self.world.dice.random()) };
                }
                places[self.world.dice.random_range(0..places.len())]
            });
            let heads = BTreeSet::from_iter(heads).into_iter().collect();
            cuts.push(Cut { log, heads });
        }
        cuts
    }

    fn say(&mut self, by: DeviceId, lives: Range<u8>) {
        let log = self.life(by, lives);
        let anew = !self.places.contains_key(&log.id()) || self.world.dice.random_bool(0.1);
        let device = if self.world.dice.random_bool(0.4) { by } else { self.somebody() };
        let event = match self.world.dice.random_range(0..10) {
            _ if anew && self.world.dice.random_bool(0.7) => {
                RosterEvent::Resumed(Resumed { after: self.life(by, MORE_LIVES).id() })
            }
            0..3 => {
                let roles = [Role::Coordinator, Role::Coordinator, Role::Volunteer, Role::Later];
                let role = roles[self.world.dice.random_range(0..roles.len())];
                admission(self.newcomer(), role)
            }
            3..6 => {
                let known = self.world.dice.random_range(0..self.world.facts.len());
                let replaces = if self.world.dice.random_bool(0.3) {
                    vec![self.world.facts[known].reference()]
                } else {
                    Vec::new()
                };
                RosterEvent::Revoked(Revoked { device, cuts: self.ends(device), replaces, act: None })
            }
            6 => RosterEvent::RoomGiven(RoomGiven { device, rooms: 1 }),
            7 => RosterEvent::Granted(Granted { device, grant: Grant::Care, after: Vec::new(), act: None }),
            8 => RosterEvent::GrantRemoved(GrantRemoved {
                device,
                grant: Grant::Care,
                heads: Vec::new(),
                incarnations: Vec::new(),
                act: None,
            }),
            _ => RosterEvent::Later(Later { kind: 33, gist: Gist::Withdraws(Some(device)) }),
        };
        let size = if self.world.dice.random_bool(0.15) { HEAVY } else { 100 };
        self.put(log, anew, event, size);
    }

    fn fold(&self, facts: &[RosterFact]) -> Roster {
        let mut said = Said::default();
        for fact in facts {
            said.add(Arc::new(fact.clone()));
        }
        let community = self.world.community;
        Roster::fold_without(community, &said, &self.silent, &self.world, &Roster::empty(community))
    }

    fn is_silent(&self, roster: &Roster, fact: &RosterFact) -> bool {
        let log = fact.log.id();
        self.silent.contains(&log) && !roster.names_log(fact.log.device, log)
    }

    /// Whether a phone may do without an event, by what it holds: it is of those of which few are kept.
    fn is_spare(&self, roster: &Roster, fact: &RosterFact) -> bool {
        let RosterFact { log, seq, id, .. } = fact;
        let crowded = |log| self.silent.contains(&log);
        let spare = roster.device(log.device).is_none() || self.is_silent(roster, fact);
        log.community != CommunityId::ZERO && (spare || roster.is_beyond(log, *seq, *id, crowded, &self.world))
    }

    /// What is decided, and what is made of each of these events.
    fn judged(&self, roster: &Roster, facts: &[RosterFact]) -> Judged {
        let judged = facts.iter().map(|fact| {
            let verdict = roster.verdict(&fact.log, fact.seq, fact.id, &self.world);
            let counts = verdict == Verdict::Counts && !self.is_silent(roster, fact);
            (verdict, counts.then(|| roster.idle(fact.reference())))
        });
        let rooms: Vec<u64> = self.people.iter().map(|device| roster.room_left(*device)).collect();
        let unread: Vec<Unread> = roster.unread().copied().collect();
        (judged.collect::<Vec<_>>(), rooms, unread, roster.digest())
    }
}
