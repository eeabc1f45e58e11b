//! The roster, exhaustively: every short history over a small alphabet, in every order of delivery, against a plain
//! reference.
//!
//! Three coordinators, two volunteers, the kit and whom it admits act; what each phone makes of what has reached it must be
//! what the words of the design say of exactly that, whatever came first. Longer histories are thrown with seeded dice.
// This is test code: what does not fit ends the test.
#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used)]

mod alphabet;
mod reference;

use std::collections::{BTreeMap, BTreeSet};

use alphabet::{ACTS, Act, Town};
use linli_core::{
    id::{DeviceId, EventId, LogId, ShortId},
    roster::{Chains, Right, Role, Roster, Verdict},
};
use rand::{RngExt, SeedableRng, seq::SliceRandom};
use rand_chacha::ChaCha20Rng;

#[test]
fn the_alphabet_is_small_and_every_act_does_something() {
    assert!(ACTS.len() <= 29);
    let all = |history: &[Act]| {
        let town = Town::after(history);
        let held = town.base.iter().chain(&town.written).copied().collect();
        reference::view(&town, &held)
    };
    // Wu and Zoe can do nothing before being admitted.
    let admitted = [Act::BoAdmitsWuAsCoordinator, Act::KitAdmitsZoe];
    let before = all(&admitted);
    for act in ACTS {
        assert_ne!(all(&[admitted[0], admitted[1], act]), before, "{act:?}");
    }
}

#[test]
fn every_history_of_up_to_three_acts_folds_as_the_reference_says_in_every_order_r8() {
    let mut steps = 0;
    for first in ACTS {
        steps += check_all_orders(&[first]);
        for second in ACTS {
            steps += check_all_orders(&[first, second]);
            // The third act is tried wherever optimised code makes that a matter of seconds.
            for third in ACTS.into_iter().filter(|_| !cfg!(debug_assertions) || first as u8 % 9 == second as u8 % 9) {
                steps += check_all_orders(&[first, second, third]);
            }
        }
    }
    println!("{steps} steps of delivery");
}

#[test]
fn twenty_thousand_histories_of_six_acts_fold_as_the_reference_says() {
    let histories = if cfg!(debug_assertions) { 1_000 } else { 20_000 };
    for seed in 0..histories {
        let mut dice = ChaCha20Rng::seed_from_u64(seed);
        let history: Vec<Act> = (0..6).map(|_| ACTS[dice.random_range(0..ACTS.len())]).collect();
        let town = Town::after(&history);
        let mut order = town.written.clone();
        order.shuffle(&mut dice);
        // What is chained to something later in the order waits for it.
        let mut arrived: Vec<EventId> = Vec::new();
        while arrived.len() < order.len() {
            let fits = |id: &&EventId| {
                !arrived.contains(id)
                    && town.chain(**id).skip(1).all(|it| arrived.contains(&it) || !order.contains(&it))
            };
            let next = *order.iter().find(fits).expect("chains have no circles");
            arrived.push(next);
        }
        println!("seed {seed}");
        deliver(&town, &arrived, &mut BTreeMap::new());
    }
}

/// What is decided about everybody.
#[derive(Debug, PartialEq, Eq)]
struct View {
    /// Coordinators, by rank.
    coordinators: Vec<DeviceId>,
    others: BTreeSet<DeviceId>,
    /// Who was revoked or has left.
    gone: BTreeSet<DeviceId>,
    care: BTreeSet<DeviceId>,
    /// Events that count, of whatever topic.
    counts: BTreeSet<EventId>,
    requests: BTreeSet<ShortId>,
    fallen: BTreeSet<ShortId>,
    /// Roster events for which there is no room.
    crowded: BTreeSet<ShortId>,
    /// How many rooms each of the people has.
    rooms: Vec<u64>,
}

/// Chains as a phone knows them that holds these events.
struct HeldChains<'a> {
    town: &'a Town,
    held: &'a BTreeSet<EventId>,
}

impl Chains for HeldChains<'_> {
    fn is_ancestor(&self, _: LogId, _: u64, id: EventId, _: u64, head: EventId) -> Option<bool> {
        self.held.contains(&head).then(|| self.town.chain(head).any(|ancestor| ancestor == id))
    }
}

/// The engine's answers, in the reference's words. `order` says in which order the events came.
fn engine(town: &Town, order: &[EventId]) -> View {
    let held: BTreeSet<EventId> = order.iter().copied().collect();
    let facts: Vec<_> = order.iter().filter_map(|id| town.fact(*id)).collect();
    let chains = HeldChains { town, held: &held };
    let roster = Roster::fold(town.community, &facts, &chains);
    let mut coordinators: Vec<_> = roster.devices().filter(|device| device.role == Role::Coordinator).collect();
    coordinators.sort_by_key(|device| device.rank);
    let verdict = |id: &EventId| {
        let event = &town.events[id];
        (*id, roster.verdict(&event.log, event.at.seq, *id, &chains) == Verdict::Counts)
    };
    let is_crowded = |id: &&EventId| {
        let counts = town.events[*id].says.is_some() && verdict(id).1;
        counts && roster.idle(town.reference(**id)) == Some(linli_core::event::Held::Crowded)
    };
    View {
        coordinators: coordinators.into_iter().map(|device| device.record.device).collect(),
        others: roster
            .devices()
            .filter(|device| device.role != Role::Coordinator)
            .map(|device| device.record.device)
            .collect(),
        gone: town.people().into_iter().filter(|device| roster.is_withdrawn(*device)).collect(),
        care: town
            .people()
            .into_iter()
            .filter(|device| roster.rights_of(*device).any(|right| *right == Right::Care))
            .collect(),
        counts: held.iter().map(verdict).filter(|(_, counts)| *counts).map(|(id, _)| id).collect(),
        requests: roster.requests().map(|request| request.event.check).collect(),
        fallen: roster.fallen().map(|fallen| fallen.event.check).collect(),
        crowded: held.iter().filter(|id| is_crowded(id)).map(EventId::short).collect(),
        rooms: town.people().into_iter().map(|device| roster.rooms_of(device)).collect(),
    }
}

/// Holds the engine to the reference at every step of a delivery; what was looked at before is passed over.
fn deliver(town: &Town, order: &[EventId], seen: &mut BTreeMap<BTreeSet<EventId>, View>) -> usize {
    let base: Vec<EventId> = town.base.clone();
    for arrived in 1..=order.len() {
        let held: Vec<EventId> = base.iter().chain(&order[..arrived]).copied().collect();
        let set: BTreeSet<EventId> = held.iter().copied().collect();
        let expected = seen.entry(set).or_insert_with_key(|set| reference::view(town, set));
        let got = engine(town, &held);
        assert_eq!(got, *expected, "{:?}, of which arrived {:?}", town.history, &order[..arrived]);
    }
    order.len()
}

/// Every order in which what was written can arrive: nothing before what it is chained to.
fn orders(town: &Town, left: &[EventId], done: &mut Vec<EventId>, all: &mut Vec<Vec<EventId>>) {
    if left.is_empty() {
        return all.push(done.clone());
    }
    for (at, id) in left.iter().enumerate() {
        if town.chain(*id).skip(1).any(|ancestor| left.contains(&ancestor)) {
            continue;
        }
        let rest: Vec<EventId> = left[..at].iter().chain(&left[at + 1..]).copied().collect();
        done.push(*id);
        orders(town, &rest, done, all);
        done.pop();
    }
}

fn check_all_orders(history: &[Act]) -> usize {
    let town = Town::after(history);
    let (mut all, mut seen) = (Vec::new(), BTreeMap::new());
    orders(&town, &town.written, &mut Vec::new(), &mut all);
    all.iter().map(|order| deliver(&town, order, &mut seen)).sum()
}
