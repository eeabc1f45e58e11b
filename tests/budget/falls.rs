//! What one input makes of thousands of events that were judged before: those that fall, and those that come back. However
//! many they are, nobody waits longer for the writer than for any other input (T4).

use linli_core::{
    event::{Body, Compartment, Held, Topic},
    id::Reference,
    limits,
    roster::{Erased, ErasedAggregate, ErasedSpan, Revoked, RosterCommand, RosterEvent},
    sync::Outgoing,
};
use linli_tests::{Break, Forger, World, cut_low, hand_over, held_for, people::LAN};

use crate::{
    clear::{LIAR, OTHER, VOLUNTEER, erased, forger, town},
    gauge::Gauge,
    heaps::nowhere,
    make::{comment, post, posted},
};

/// Whoever hears of it: below nobody but the founder and the liar.
const HEARER: usize = OTHER;

/// Whoever wrote thousands of orders says too much about one place of their log: nothing counts of all that they said.
#[test]
fn a_log_that_falls_silent_takes_its_orders_along_in_parts_that_keep_to_the_budget_t4() {
    let mut gauge = Gauge::begin("a log that falls silent");
    let mut world = town(95);
    let liar = orders(&mut world);
    let branches: Vec<Outgoing> = (0..limits::BRANCHES).flat_map(|_| branch(&mut world, &liar)).collect();
    hand_over(&world, HEARER, liar.device(), world.tag(LAN, Topic::Common), &branches).unwrap();
    assert_eq!(held(&world, Held::Silenced), 0);

    let last = branch(&mut world, &liar);
    heard(&mut gauge, &world, Topic::Common, VOLUNTEER, &last);

    assert_eq!(held(&world, Held::Silenced), ORDERS + limits::BRANCHES + 1);
    assert_eq!(world.at(HEARER).verify().unwrap().faults, []);
}

/// A cut of whoever wrote thousands of orders.
#[test]
fn a_cut_takes_thousands_of_orders_away_in_parts_that_keep_to_the_budget_t4() {
    let mut gauge = Gauge::begin("a cut over thousands of orders");
    let mut world = town(96);
    orders(&mut world);
    let cut = founder_cuts_low(&mut world, VOLUNTEER);

    heard(&mut gauge, &world, Topic::Roster, LAN, &cut);

    assert_eq!(held(&world, Held::Cut), ORDERS);
    assert_eq!(world.at(HEARER).verify().unwrap().faults, []);
}

/// Orders in one log of a volunteer.
const ORDERS: usize = 2_000;

fn orders(world: &mut World) -> Forger {
    let mut liar = Forger::with_keys_of(world, VOLUNTEER);
    for _ in 0..ORDERS {
        liar.write(&posted(world));
    }
    let runs = liar.runs();
    hand_over(world, HEARER, liar.device(), world.tag(LAN, Topic::Common), &runs).unwrap();
    assert_eq!(world.held(HEARER), []);
    liar
}

/// One more branch behind all of them.
fn branch(world: &mut World, liar: &Forger) -> Vec<Outgoing> {
    let mut twin = liar.twin();
    twin.write(&posted(world));
    twin.runs()
}

/// One erasure names all that a neighbour said.
#[test]
fn an_erasure_of_thousands_takes_them_away_in_parts_that_keep_to_the_budget_t4() {
    const SAID: usize = 5_000;
    let mut gauge = Gauge::begin("an erasure of thousands");
    let mut world = town(101);
    let orders: Vec<Reference> = (0..100).map(|_| post(&mut world)).collect();
    world.settle();
    let mut honest = Forger::with_keys_of(&mut world, VOLUNTEER);
    let said: Vec<Reference> = (0..SAID).map(|nth| honest.write(&comment(orders[nth % orders.len()]))).collect();
    let (device, tag, runs) = (honest.device(), world.tag(LAN, Topic::Common), honest.runs());
    hand_over(&world, HEARER, device, tag, &runs).unwrap();
    let mut liar = forger(&mut world, LIAR, Topic::Erasure);
    erase(&mut world, &mut liar, 0, said[SAID - 1]);
    let runs = liar.runs();

    heard(&mut gauge, &world, Topic::Erasure, LIAR, &runs);

    assert_eq!(held(&world, Held::Erased), SAID);
    assert_eq!(world.at(HEARER).verify().unwrap().faults, []);
}

/// So many places of logs that nobody has yet are waited for: of one of a member's, and of one that lies beyond a cut.
#[test]
fn a_log_that_thousands_wait_for_begins_within_the_budget_t4() {
    const EVENTS: usize = 1_200;
    let mut gauge = Gauge::begin("a log that is waited for begins");
    let mut world = town(97);
    // In one alone fewer find room.
    let orders: Vec<Reference> = (0..6).map(|_| post(&mut world)).collect();
    world.settle();
    let mut begins = [VOLUNTEER, LIAR].map(|phone| Forger::with_keys_of(&mut world, phone));
    for log in &begins {
        let (log, _) = log.place();
        let mut waits = Forger::with_keys_of(&mut world, VOLUNTEER);
        for nth in 0..EVENTS / 2 {
            let deps = (0..limits::DEPS).map(|_| Reference { log, ..nowhere(&mut world) }).collect();
            waits.write(&Body { deps, ..comment(orders[nth % orders.len()]) });
        }
        hand_over(&world, HEARER, waits.device(), world.tag(LAN, Topic::Common), &waits.runs()).unwrap();
    }
    let cut = founder_cuts_low(&mut world, LIAR);
    heard(&mut gauge, &world, Topic::Roster, LAN, &cut);
    assert_eq!(held(&world, Held::Parked), EVENTS);

    for log in &mut begins {
        log.write(&comment(orders[0]));
        let runs = log.runs();
        heard(&mut gauge, &world, Topic::Common, VOLUNTEER, &runs);
    }

    assert_eq!(held(&world, Held::Parked), EVENTS / 2, "for what is cut nobody waits");
    assert_eq!(world.at(HEARER).verify().unwrap().faults, []);
}

/// What stands in a log from a place up to an event is erased, as of nothing that there is.
fn erase(world: &mut World, liar: &mut Forger, first: u64, last: Reference) {
    let span = ErasedSpan { log: last.log, first, last: last.seq, check: last.check, gaps: None };
    let aggregates = vec![ErasedAggregate { creating: nowhere(world), spans: vec![span] }];
    liar.clear(Erased::KIND, Erased::VERSION, Erased { aggregates, totals: None }.encode());
}

/// A cut makes all that a device erased come back. It costs a little for each thing, once.
#[test]
fn erasures_that_fall_at_once_come_back_in_parts_that_keep_to_the_budget_t4() {
    const THINGS: usize = 2_000;
    let mut gauge = Gauge::begin("erasures that fall at once");
    let mut world = town(88);
    let orders = [post(&mut world), post(&mut world)];
    world.settle();
    let mut honest = Forger::with_keys_of(&mut world, VOLUNTEER);
    let mut liar = forger(&mut world, LIAR, Topic::Erasure);
    for nth in 0..THINGS {
        let event = honest.write(&comment(orders[nth % 2]));
        erase(&mut world, &mut liar, event.seq, event);
    }
    for (mut forger, topic) in [(honest, Topic::Common), (liar, Topic::Erasure)] {
        let (device, tag, runs) = (forger.device(), world.tag(LAN, topic), forger.runs());
        hand_over(&world, HEARER, device, tag, &runs).unwrap();
    }
    assert_eq!(held(&world, Held::Erased), THINGS);
    let cut = founder_cuts_low(&mut world, LIAR);

    heard(&mut gauge, &world, Topic::Roster, LAN, &cut);

    assert_eq!(held(&world, Held::Erased), 0);
    assert_eq!(world.at(HEARER).verify().unwrap().faults, []);
}

/// A liar cuts off whoever erased very many things, and is cut off itself.
#[test]
fn erasures_of_very_many_things_fall_and_begin_again_in_parts_that_keep_to_the_budget_t4() {
    const ERASURES: usize = 70;
    let mut gauge = Gauge::begin("erasures of very many things");
    let mut world = town(105);
    let (hearer, founder) = (VOLUNTEER, world.device(LAN));
    let mut honest = forger(&mut world, OTHER, Topic::Erasure);
    for _ in 0..ERASURES {
        let of = erased(&mut world, 300, 1).encode();
        honest.clear(Erased::KIND, Erased::VERSION, of);
    }
    hand_over(&world, hearer, honest.device(), world.tag(LAN, Topic::Erasure), &honest.runs()).unwrap();
    world.catch_up(hearer);
    let mut liar = forger(&mut world, LIAR, Topic::Roster);
    let device = world.device(OTHER);
    liar.roster(&RosterEvent::Revoked(Revoked { device, cuts: Vec::new(), replaces: Vec::new(), act: None }));
    let acts = [(liar.runs(), ERASURES), (founder_cuts_low(&mut world, LIAR), 0)];

    for (runs, cut) in acts {
        gauge.input(|| hand_over(&world, hearer, founder, world.tag(LAN, Topic::Roster), &runs).unwrap());
        let mut more = true;
        while more {
            gauge.input(|| more = world.at(hearer).go_on().unwrap());
        }
        assert_eq!(world.held(hearer).iter().filter(|(_, held)| *held == Held::Cut).count(), cut);
    }

    assert_eq!(world.at(hearer).verify().unwrap().faults, []);
}

/// A key opens what was heaped up under it before it was given.
#[test]
fn what_a_new_key_opens_is_placed_in_parts_that_keep_to_the_budget_t4() {
    let mut gauge = Gauge::begin("what a new key opens");
    let mut world = town(94);
    let order = post(&mut world);
    world.settle();
    let id = world.command();
    world.at(LAN).change_roster(id, RosterCommand::Rotate { compartment: Compartment::Community }).unwrap();
    world.meet(LAN, VOLUNTEER, Break::Never);
    let (common, device) = (world.tag(LAN, Topic::Common), world.device(VOLUNTEER));
    // Each of one log is named by one of another, which came before it.
    let (mut first, mut then) =
        (Forger::with_keys_of(&mut world, VOLUNTEER), Forger::with_keys_of(&mut world, VOLUNTEER));
    for _ in 0..1_000 {
        let said = first.write(&comment(order));
        then.write(&Body { deps: vec![said], ..comment(order) });
    }
    for runs in [then.runs(), first.runs()] {
        hand_over(&world, HEARER, device, common, &runs).unwrap();
    }
    assert_eq!(held(&world, Held::Sealed), 2_000);

    let key = world.own_runs(LAN, Topic::Roster);
    heard(&mut gauge, &world, Topic::Roster, LAN, &key);

    assert_eq!(held(&world, Held::Sealed), 0);
    assert_eq!(world.at(HEARER).verify().unwrap().faults, []);
}

fn held(world: &World, reason: Held) -> usize {
    held_for(world, HEARER, reason)
}

/// What the founder says who withdraws a phone and lets nothing stand of what it said.
fn founder_cuts_low(world: &mut World, phone: usize) -> Vec<Outgoing> {
    let device = world.device(phone);
    cut_low(world, LAN, device);
    world.own_runs(LAN, Topic::Roster)
}

/// The hearer hears of it, and goes on until nothing is due.
fn heard(gauge: &mut Gauge, world: &World, topic: Topic, from: usize, runs: &[Outgoing]) {
    gauge.input(|| hand_over(world, HEARER, world.device(from), world.tag(LAN, topic), runs).unwrap());
    let mut more = true;
    while more {
        gauge.input(|| more = world.at(HEARER).go_on().unwrap());
    }
}
