use rand::{RngExt, seq::SliceRandom};

use super::*;
use crate::roster::affected;

#[test]
fn the_same_facts_give_the_same_roster_in_any_order_and_any_number() {
    for seed in 0..100 {
        let (mut world, _) = history(seed);
        let expected = world.fold();
        let mut facts = world.facts.clone();
        for _ in 0..5 {
            facts.push(facts[world.dice.random_range(0..facts.len())].clone());
            facts.shuffle(&mut world.dice);

            let roster = Roster::fold(world.community, &facts, &world);

            assert_eq!(roster.digest(), expected.digest(), "seed {seed}");
            assert_eq!(roster, expected);
        }
    }
}

#[test]
fn nobody_below_removes_anybody_above() {
    for seed in 0..100 {
        let (world, devices) = history(seed);
        let roster = world.fold();
        let kit = roster.device(world.kit.device()).expect("admitted by the founding event");

        assert_eq!(kit.rank, 0, "seed {seed}");
        assert!(roster.device(world.founder.device()).is_some(), "seed {seed}");
        let by_the_kit = |fact: &&RosterFact| fact.log.device == kit.record.device;
        let withdrew_itself = world.facts.iter().filter(by_the_kit).any(|fact| match &fact.event {
            RosterEvent::Revoked(revoked) => revoked.device == kit.record.device,
            event => *event == RosterEvent::Left,
        });
        assert!(roster.may_connect(kit.record.device) || withdrew_itself, "seed {seed}");
        let mut ranks: Vec<u32> = roster.devices().map(|device| device.rank).collect();
        ranks.sort_unstable();
        assert!(ranks.iter().zip(0..).all(|(rank, place)| *rank == place), "seed {seed}");
        assert!(devices.len() >= ranks.len());
    }
}

#[test]
fn whoever_is_judged_differently_is_among_the_affected() {
    for seed in 0..50 {
        let (mut world, devices) = history(seed);
        let cut = world.dice.random_range(1..world.facts.len());
        let old = Roster::fold(world.community, &world.facts[..cut], &world);
        let new = world.fold();
        let changed = affected(&old, &new);
        for device in devices {
            for topic in [ROSTER, COMMON, CARE] {
                let header = world.header(device, topic);
                let at = world.act(&header);
                let about = About::default();
                let judge = |roster: &Roster| {
                    let verdict = roster.verdict(&header, at.seq, at.id, &world);
                    (verdict, roster.standing(&header, at.seq, at.id, &about, &world))
                };

                assert!(judge(&old) == judge(&new) || changed.contains(&device), "seed {seed}");
            }
        }
    }
}

/// A few dozen acts by devices of every rank, cut, raised and forked at random.
fn history(seed: u64) -> (World, Vec<DeviceId>) {
    let mut world = World::seeded(seed);
    let mut devices = vec![world.kit.device(), world.founder.device()];
    for _ in 0..40 {
        let by = devices[world.dice.random_range(0..devices.len())];
        let target = devices[world.dice.random_range(0..devices.len())];
        let event = match world.dice.random_range(0..10) {
            0..4 => {
                let record = world.device().record();
                devices.push(record.device);
                let roles = [Role::Coordinator, Role::Coordinator, Role::Volunteer, Role::Relay];
                admission(record, roles[world.dice.random_range(0..roles.len())])
            }
            4..6 => {
                let known: Vec<_> = world.facts.iter().map(RosterFact::reference).collect();
                let replaces = vec![known[world.dice.random_range(0..known.len())]];
                RosterEvent::Revoked(Revoked {
                    device: target,
                    cuts: vec![world.cut_now(target, ROSTER)],
                    replaces,
                    act: None,
                })
            }
            6 => RosterEvent::Granted(Granted { device: target, grant: Grant::Care, after: Vec::new(), act: None }),
            7 => {
                let heads = vec![world.cut_now(target, CARE)];
                RosterEvent::GrantRemoved(GrantRemoved {
                    device: target,
                    grant: Grant::Care,
                    heads,
                    incarnations: Vec::new(),
                    act: None,
                })
            }
            8 => RosterEvent::Revoked(Revoked { device: target, cuts: Vec::new(), replaces: Vec::new(), act: None }),
            _ => RosterEvent::Left,
        };
        let header = world.header(by, ROSTER);
        if world.dice.random_bool(0.1) {
            let fork = world.chain(header.id(), None);
            world.write_at(header, fork, event);
        } else {
            world.write_in(header, event);
        }
    }
    (world, devices)
}
