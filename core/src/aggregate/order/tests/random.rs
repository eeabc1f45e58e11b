//! Random stories, seeded: whatever people say in whatever ignorance, the rules hold.

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha20Rng;

use super::story::{Story, cancelled, claimed, delivered, member, purchased, released, reopened, taken_over};
use crate::aggregate::{
    Aggregate,
    order::{Assigned, Confirmation, Corrected, Correction, Fact, HandOverAccepted, HandOverOffered, Order, Resolved},
};

const PEOPLE: [char; 5] = ['a', 'b', 'c', 'd', 'l'];

#[test]
fn the_holder_stands_and_is_nobody_who_left_all_they_had() {
    for seed in 0..300 {
        let folded = random(seed, 0).0.all();
        let outcome = folded.outcome();
        let Some(holder) = outcome.holder else {
            assert!(outcome.standing.is_empty(), "seed {seed}: somebody stands, so somebody holds");
            continue;
        };
        assert!(outcome.stands(holder.member) && !outcome.contenders.iter().any(|c| c.member == holder.member));
        let since = holder.since;
        let left = folded.state.entries.iter().any(|entry| {
            matches!(entry.stands, Some(Fact::Released(_)))
                && folded.history.act(entry.at).by == holder.member
                && folded.history.knew(entry.at, since)
        });
        assert!(!left, "seed {seed}: the holder released after coming to hold it");
        for other in &outcome.contenders {
            let apart = |one, two| folded.history.concurrent(one, two);
            assert!(apart(other.since, since) || apart(other.origin, holder.origin), "seed {seed}");
        }
    }
}

#[test]
fn folding_on_equals_folding_anew() {
    for seed in 0..40 {
        let story = random(seed, 0).0;
        for (count, stage) in story.stages().into_iter().enumerate() {
            let anew = story.first(count + 1);
            assert_eq!(stage.state, anew.state, "seed {seed}");
            assert_eq!(stage.outcome(), anew.outcome(), "seed {seed}");
            assert_eq!(Order::rows(&stage.subject()), Order::rows(&anew.subject()), "seed {seed}");
        }
    }
}

#[test]
fn clocks_decide_nothing_but_what_is_shown() {
    for seed in 0..100 {
        let (right, wrong) = (random(seed, 0).0.all(), random(seed, 1 + seed).0.all());
        let (one, other) = (right.outcome(), wrong.outcome());
        assert_eq!((one.status, one.holder, one.standing), (other.status, other.holder, other.standing));
        assert_eq!((one.contenders, one.ended, one.money), (other.contenders, other.ended, other.money));
        assert_eq!(right.reviews(), wrong.reviews());
    }
}

#[test]
fn a_flood_of_claims_and_purchases_is_worked_out() {
    let mut story = Story::new();
    for act in 1..=256 {
        let by = PEOPLE[act % PEOPLE.len()];
        story.say(by, &[0], if act % 2 == 0 { claimed() } else { purchased(1) });
    }
    let outcome = story.all().outcome();

    assert!(outcome.holder.is_some() && outcome.contested());
    assert_eq!(outcome.contenders.len(), PEOPLE.len() - 1);
}

fn someone(dice: &mut ChaCha20Rng) -> char {
    PEOPLE[dice.random_range(0..PEOPLE.len())]
}

fn anything(dice: &mut ChaCha20Rng, story: &Story, told: usize) -> Fact {
    let any = story.reference(dice.random_range(0..told));
    let who = member(someone(dice));
    match dice.random_range(0..16) {
        0..=3 => claimed(),
        4 => released(),
        5 => taken_over(any),
        6 => Fact::Assigned(Assigned { member: who }),
        7 => Fact::HandOverOffered(HandOverOffered { to: who }),
        8 => Fact::HandOverAccepted(HandOverAccepted { offer: any }),
        9 => purchased(100),
        10 => delivered(dice.random()),
        11 => cancelled(),
        12 => reopened(),
        13 => Fact::Resolved(Resolved { to: who }),
        14 => Fact::Corrected(Corrected { event: any, value: Correction::Withdrawn, why: "wrong tap".into() }),
        _ => Fact::StillNeeded(Confirmation {}),
    }
}

/// A story of some acts, each by somebody who knows of a few others; `clocks` other than 0 go as they like.
fn random(seed: u64, clocks: u64) -> (Story, usize) {
    let mut dice = ChaCha20Rng::seed_from_u64(seed);
    let mut story = Story::with_dice(dice.random_range(0..=255));
    let mut clock = ChaCha20Rng::seed_from_u64(clocks);
    let told = 40;
    for act in 1..told {
        let knows: Vec<usize> = (0..dice.random_range(1..4)).map(|_| dice.random_range(0..act)).collect();
        let fact = anything(&mut dice, &story, act);
        if clocks > 0 {
            story.now = clock.random();
        }
        story.say(someone(&mut dice), &knows, fact);
    }
    (story, told)
}
