//! Rights that are given and taken without end: what an honest author says holds, and what is asked has a bound.

use std::cell::Cell;

use rand::RngExt;

use super::*;
use crate::{limits, roster::Need};

const HALL: &str = "3";

#[test]
fn a_right_is_taken_and_given_again_however_often_that_was_done_before_r8() {
    let mut world = World::seeded(31);
    let founder = world.founder.device();
    let device = world.admitted(founder, Role::Volunteer).device();
    let (mut within, mut beyond) = (Vec::new(), Vec::new());
    for nth in 0..3 * limits::RIGHT_ACTS as u8 {
        give(&mut world, founder, device);
        let log = life(&world, device, nth);
        within.push((log, world.act(&log)));
        let stand = within.iter().map(|(log, at)| Cut { log: log.id(), heads: vec![*at] }).collect();
        take(&mut world, founder, device, stand, nth + 1);
        beyond.push((log, world.act(&log)));
    }
    let taken = world.fold();
    give(&mut world, founder, device);
    let anew = life(&world, device, 200);
    let act = world.act(&anew);

    let given = world.fold();
    assert!(within.iter().all(|(log, at)| leads(&world, &given, log, *at)), "what was done with the right stands");
    assert!(!beyond.iter().any(|(log, at)| leads(&world, &given, log, *at)), "what was done without it does not");
    assert!(leads(&world, &given, &anew, act));
    assert!(!leads(&world, &taken, &anew, act), "the last removal ends it, as the first did");
}

/// Counts how often a chain is asked about.
struct Asked<'a>(&'a World, Cell<usize>);

impl Chains for Asked<'_> {
    fn is_ancestor(&self, log: LogId, seq: u64, id: EventId, head_seq: u64, head: EventId) -> Option<bool> {
        self.1.set(self.1.get() + 1);
        self.0.is_ancestor(log, seq, id, head_seq, head)
    }
}

#[test]
fn a_heap_of_removals_puts_nobody_elses_out_and_little_is_asked_for_each_event_t4() {
    let mut world = World::seeded(32);
    let founder = world.founder.device();
    let (liar, honest) = (world.admitted(founder, Role::Coordinator), world.admitted(founder, Role::Coordinator));
    let friend = world.admitted(liar.device(), Role::Volunteer).device();
    let log = life(&world, friend, 0);
    let first = world.act(&log);
    let mut aside = vec![world.chain(log.id(), Some(first))];
    let mut heads = Vec::new();
    for _ in 0..100 {
        aside.push(world.chain(log.id(), aside.last().copied()));
        heads.push(world.act(&log));
    }
    give(&mut world, liar.device(), friend);
    for _ in 0..20 * limits::RIGHT_ACTS {
        take(&mut world, liar.device(), friend, vec![Cut { log: log.id(), heads: heads.clone() }], 0);
    }
    give(&mut world, liar.device(), friend);
    let (within, beyond) = (heads[10], heads[20]);
    take(&mut world, honest.device(), friend, vec![Cut { log: log.id(), heads: vec![within] }], 1);

    let roster = world.fold();

    assert!(leads(&world, &roster, &log, within));
    assert!(!leads(&world, &roster, &log, beyond), "the honest removal counts, however many stand beside it");
    for at in [&aside[50], &beyond] {
        let asked = Asked(&world, 0.into());
        roster.standing(&log, at.seq, at.id, &About::default(), &asked);
        let asked = asked.1.get();
        assert!(asked <= (limits::RIGHT_ACTS + 1) * limits::CUT_HEADS, "{asked} times for {at:?}");
    }
}

/// So many buildings, from this one on.
fn halls(first: usize, count: usize) -> Grant {
    Grant::Leader { buildings: (first..first + count).map(|nth| nth.to_string()).collect() }
}

fn granted(device: DeviceId, grant: Grant) -> RosterEvent {
    RosterEvent::Granted(Granted { device, grant, after: Vec::new(), act: None })
}

fn removed(device: DeviceId, grant: Grant, heads: Vec<Cut>) -> RosterEvent {
    RosterEvent::GrantRemoved(GrantRemoved { device, grant, heads, incarnations: Vec::new(), act: None })
}

#[test]
fn an_event_about_several_rights_takes_the_room_of_as_many_t4() {
    let mut world = World::seeded(33);
    let founder = world.founder.device();
    let (by, device) = (world.admitted(founder, Role::Coordinator).device(), world.device().device());
    for event in [granted(device, halls(0, limits::RIGHTS)), removed(device, halls(0, limits::RIGHTS), Vec::new())] {
        let left = world.fold().room_left(by);

        world.write(by, event.clone());

        let (rights, fact) = (limits::RIGHTS as u64, world.facts.last().expect("it was written"));
        assert_eq!(left - world.fold().room_left(by), rights * (limits::EVENT_ROOM + fact.size));
        assert_eq!(event.weight(), rights * (limits::EVENT_ROOM + event.size()));
    }
}

#[test]
fn more_rights_than_one_event_may_be_about_are_given_and_taken_by_several() {
    let mut world = World::seeded(34);
    let founder = world.founder.device();
    let giver = world.admitted(founder, Role::Coordinator);
    let device = world.admitted(founder, Role::Volunteer).device();
    let grant = halls(0, 2 * limits::RIGHTS + 3);

    let gave = world.command(&giver, RosterCommand::Grant { device, grant: grant.clone() }).expect("granted");
    let led = world.fold().rights_of(device).count();
    let command = RosterCommand::RemoveGrant { device, grant, heads: Vec::new(), incarnations: Vec::new() };
    let took = world.command(&giver, command).expect("removed");

    assert_eq!((gave.len(), led), (3, 2 * limits::RIGHTS + 3));
    assert_eq!((took.len(), world.fold().rights_of(device).count()), (3, 0));
}

#[test]
fn a_right_is_given_again_after_its_own_removals_alone() {
    let mut world = World::seeded(35);
    let founder = world.founder.device();
    let giver = world.admitted(founder, Role::Coordinator);
    let device = world.admitted(founder, Role::Volunteer).device();
    world.write(giver.device(), granted(device, halls(0, 3)));
    let taken = world.write(giver.device(), removed(device, halls(1, 1), Vec::new()));

    world.command(&giver, RosterCommand::Grant { device, grant: halls(0, 3) }).expect("granted");

    let given = world.facts.iter().rev().take(2).map(|fact| &fact.event);
    let given: Vec<_> = given
        .filter_map(|event| if let RosterEvent::Granted(granted) = event { Some(granted) } else { None })
        .map(|granted| (granted.grant.rights().len(), granted.after.clone()))
        .collect();
    assert_eq!(given, [(1, vec![taken]), (2, Vec::new())]);
    assert_eq!(world.fold().rights_of(device).count(), 3);
}

#[test]
fn who_lost_every_building_led_any_by_those_that_were_given_last_t4() {
    let mut world = World::seeded(36);
    let founder = world.founder.device();
    let device = world.admitted(founder, Role::Volunteer).device();
    let log = life(&world, device, 0);
    for nth in 0..=limits::LEADS {
        world.write(founder, granted(device, halls(nth, 1)));
    }
    let early = world.act(&log);
    let at = |at: CutHead| vec![Cut { log: log.id(), heads: vec![at] }];
    world.write(founder, removed(device, halls(1, limits::LEADS), at(early)));
    let late = world.act(&log);
    let there = About { building: Some("0"), ..About::default() };

    assert!(leads(&world, &world.fold(), &log, late), "nobody took the first");

    let last = world.write(founder, removed(device, halls(0, 1), at(late)));
    let roster = world.fold();
    assert!(leads(&world, &roster, &log, early));
    assert!(!leads(&world, &roster, &log, late), "the first was given before sixteen others");
    assert!(world.standing(&log, late, &there).may(Need::ANY_LEADER), "there it is asked for");

    let again = Granted { device, grant: halls(0, 1), after: vec![last], act: None };
    world.write(founder, RosterEvent::Granted(again));
    assert!(leads(&world, &world.fold(), &log, late), "now it was given last");
}

/// An act as FORMAT.md has it: whose it is, its number or else its event, and what its events say together.
struct Plain {
    name: (DeviceId, Option<u64>, Option<Reference>),
    heads: BTreeMap<LogId, Vec<CutHead>>,
    incarnations: Vec<Incarnation>,
    /// The events of a removal; what a grant comes after.
    events: Vec<Reference>,
}

impl Plain {
    fn leaves(&self, world: &World, log: LogId, at: CutHead) -> bool {
        let reaches =
            |head: &CutHead| world.is_ancestor(log, at.seq, at.id, head.seq, head.id).unwrap_or(at.seq <= head.seq);
        self.heads.get(&log).is_some_and(|heads| heads.iter().any(reaches))
    }
}

/// The act of this name, which begins here if it is new.
fn act(acts: &mut Vec<Plain>, by: DeviceId, number: Option<u64>, event: Reference) -> &mut Plain {
    let name = (by, number, number.is_none().then_some(event));
    let at = acts.iter().position(|act| act.name == name).unwrap_or_else(|| {
        acts.push(Plain { name, heads: BTreeMap::new(), incarnations: Vec::new(), events: Vec::new() });
        acts.len() - 1
    });
    &mut acts[at]
}

/// Whether an event has the right, as the words say it. `authors` are in the order of their ranks.
fn plainly(world: &World, authors: &[DeviceId], log: &LogHeader, at: CutHead) -> bool {
    let (mut given, mut taken) = (Vec::new(), Vec::new());
    for by in authors {
        let (mut gives, mut takes) = (Vec::new(), Vec::new());
        for fact in world.facts.iter().filter(|fact| fact.log.device == *by) {
            match &fact.event {
                RosterEvent::Granted(granted) if granted.grant == leader() => {
                    act(&mut gives, *by, granted.act, fact.reference()).events.extend(&granted.after);
                }
                RosterEvent::GrantRemoved(removed) => {
                    let act = act(&mut takes, *by, removed.act, fact.reference());
                    act.events.push(fact.reference());
                    act.incarnations.extend(&removed.incarnations);
                    for cut in &removed.heads {
                        act.heads.entry(cut.log).or_default().extend(&cut.heads);
                    }
                }
                _ => {}
            }
        }
        given.extend(gives.into_iter().rev().take(16));
        for (nth, act) in takes.into_iter().enumerate() {
            if nth < 16 {
                taken.push(act);
                continue;
            }
            let last = taken.last_mut().expect("fifteen and one were before");
            for (log, heads) in act.heads {
                let lowest = last.heads.get(&log).is_none_or(|known| heads.iter().max() < known.iter().max());
                if lowest {
                    last.heads.insert(log, heads);
                }
            }
            last.incarnations.extend(act.incarnations);
            last.events.extend(act.events);
        }
    }
    let ended: Vec<&Plain> = taken.iter().filter(|act| !act.leaves(world, log.id(), at)).collect();
    let names = |given: &Plain| ended.iter().flat_map(|act| &act.events).all(|event| given.events.contains(event));
    match ended.is_empty() {
        true => !given.is_empty(),
        false => !ended.iter().any(|act| act.incarnations.contains(&log.incarnation)) && given.iter().any(names),
    }
}

#[test]
fn rights_given_and_taken_at_random_are_as_the_words_say() {
    let (mut yes, mut no) = (0, 0);
    for seed in 0..30 {
        let mut world = World::seeded(seed);
        let founder = world.founder.device();
        let other = world.admitted(founder, Role::Coordinator).device();
        let device = world.admitted(founder, Role::Volunteer).device();
        let lives = [0, 1, 2, 3].map(|nth| life(&world, device, nth));
        let (mut acts, mut removals) = (Vec::new(), Vec::new());
        for _ in 0..160 {
            let by = [founder, founder, other][world.dice.random_range(0..3)];
            let number = world.dice.random_bool(0.3).then(|| world.dice.random_range(0..30));
            let log = lives[world.dice.random_range(0..4)];
            match world.dice.random_range(0..4) {
                0 => acts.push((log, world.act(&log))),
                1 => {
                    let part = if world.dice.random_bool(0.7) { 0 } else { world.dice.random_range(0..9) };
                    let after = removals.iter().copied().skip(part.min(removals.len())).collect();
                    world.write(by, RosterEvent::Granted(Granted { device, grant: leader(), after, act: number }));
                }
                _ if acts.is_empty() => {}
                _ => {
                    let mut heads = Vec::new();
                    for log in lives.iter().filter(|_| world.dice.random_bool(0.8)) {
                        let mut ends: Vec<CutHead> =
                            acts.iter().filter(|(of, _)| of == log).map(|(_, at)| *at).collect();
                        ends.drain(..ends.len().saturating_sub(2));
                        heads.push(Cut { log: log.id(), heads: ends });
                    }
                    let incarnations = lives[..world.dice.random_range(0..3)].iter().map(|log| log.incarnation);
                    let incarnations = incarnations.collect();
                    let removed = GrantRemoved { device, grant: leader(), heads, incarnations, act: number };
                    removals.push(world.write(by, RosterEvent::GrantRemoved(removed)));
                }
            }
        }

        let roster = world.fold();

        for (log, at) in &acts {
            let got = leads(&world, &roster, log, *at);
            assert_eq!(got, plainly(&world, &[founder, other], log, *at), "seed {seed}, {at:?}");
            (yes, no) = if got { (yes + 1, no) } else { (yes, no + 1) };
        }
    }
    assert!(yes > 50 && no > 50, "{yes} have it, {no} do not");
}

fn leader() -> Grant {
    Grant::Leader { buildings: vec![HALL.to_owned()] }
}

/// A device's log of its nth life.
fn life(world: &World, device: DeviceId, nth: u8) -> LogHeader {
    LogHeader { incarnation: Incarnation::from_bytes([nth; Incarnation::LEN]), ..world.header(device, COMMON) }
}

fn leads(world: &World, roster: &Roster, log: &LogHeader, at: CutHead) -> bool {
    roster.standing(log, at.seq, at.id, &About::default(), world).may(Need::ANY_LEADER)
}

fn give(world: &mut World, by: DeviceId, device: DeviceId) {
    let right = leader().rights().remove(0);
    let after = world.fold().removals_of(device, &right).collect();
    world.write(by, RosterEvent::Granted(Granted { device, grant: leader(), after, act: None }));
}

fn take(world: &mut World, by: DeviceId, device: DeviceId, heads: Vec<Cut>, lives: u8) {
    let incarnations = (0..lives).map(|nth| Incarnation::from_bytes([nth; Incarnation::LEN])).collect();
    let removed = GrantRemoved { device, grant: leader(), heads, incarnations, act: None };
    world.write(by, RosterEvent::GrantRemoved(removed));
}
