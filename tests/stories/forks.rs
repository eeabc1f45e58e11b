//! A forked device, withdrawn by coordinators who each know another branch: whoever heard what first, all phones end
//! with the same board (R7, R8).

use linli_core::{
    aggregate::Held,
    event::{Body, Topic},
    id::Reference,
    limits,
    roster::{Revocation, Role, Who},
    store::{Span, StoreError},
    sync::Outgoing,
    time::WallMs,
};
use linli_tests::{Break, Forger, World, hand_over};
use rand::{RngExt, seq::SliceRandom};

use crate::say::{self, comment, verdict};

/// Forks, cuts and orders of delivery that are tried.
const FORKS: u64 = 6;

/// Two coordinators, two volunteers and a relay. The first volunteer's phone is cloned.
struct Scene {
    world: World,
    order: Reference,
    /// What the branches follow on.
    stem: Forger,
    branches: Vec<(Vec<Reference>, Vec<Outgoing>)>,
}

const FOUNDER: usize = 0;
const COORDINATOR: usize = 1;
const CLONED: usize = 2;
const HONEST: usize = 3;
const RELAY: usize = 4;

impl Scene {
    /// Branches of these lengths behind so many common events, which all know.
    fn made(seed: u64, common: usize, lengths: &[usize]) -> Self {
        let mut world = World::seeded(seed);
        let founder = world.phone();
        world.at(founder).found(None).unwrap();
        for role in [Role::Coordinator, Role::Volunteer, Role::Volunteer, Role::Relay] {
            world.join(founder, role);
        }
        let order = say::post(&mut world, FOUNDER);
        world.settle();
        let mut forger = Forger::with_keys_of(&mut world, CLONED);
        (0..common).for_each(|_| _ = forger.write(&comment(order)));
        let runs = forger.runs();
        for phone in [FOUNDER, COORDINATOR, HONEST, RELAY] {
            hand_over(&world, phone, world.device(CLONED), world.tag(phone, Topic::Common), &runs).unwrap();
        }
        let branches = lengths.iter().enumerate().map(|(nth, length)| {
            let mut branch = forger.twin();
            let body = Body { wall: WallMs(nth as i64), ..comment(order) };
            let events = (0..*length).map(|_| branch.write(&body)).collect();
            (events, branch.runs())
        });
        let branches = branches.collect();
        Self { world, order, stem: forger, branches }
    }

    fn bring(&self, branch: usize, to: usize) {
        let (world, (_, runs)) = (&self.world, &self.branches[branch]);
        // Whoever has heard of the withdrawal does not talk to the clone itself.
        let from = if to == FOUNDER { HONEST } else { FOUNDER };
        hand_over(world, to, world.device(from), world.tag(to, Topic::Common), runs).unwrap();
    }

    /// All that one phone has of the roster comes to another, and nothing else.
    fn tell_roster(&self, from: usize, to: usize) {
        let (world, tag) = (&self.world, self.world.tag(from, Topic::Roster));
        let told = world.at(from).look(|reader| {
            let outgoing = |span: Span| -> Result<_, StoreError> {
                let last = reader.reference(span.last_pos)?.expect("it is stored").check;
                Ok(Outgoing { run: reader.load(&span)?, last })
            };
            reader.missing(tag, &[])?.into_iter().map(outgoing).collect::<Result<Vec<_>, _>>()
        });
        hand_over(world, to, world.device(from), tag, &told.unwrap()).unwrap();
    }

    fn withdraw(&mut self, by: usize) {
        let (id, device) = (self.world.command(), self.world.device(CLONED));
        // Who heard of the other cut already may be told that it is done.
        let _known = self.world.at(by).revoke(id, Revocation::of(Who::Device(device)));
    }

    /// All but the clone meet until nothing is new.
    fn gather(&mut self) {
        for _ in 0..3 {
            for phone in [COORDINATOR, HONEST, RELAY] {
                self.world.meet(FOUNDER, phone, Break::Never);
            }
        }
    }

    fn assert_agreed(&self, what: &str) {
        let hash = self.world.at(FOUNDER).state_hash().unwrap();
        for phone in [COORDINATOR, HONEST] {
            assert_eq!(self.world.at(phone).state_hash().unwrap(), hash, "phone {phone}, {what}");
        }
        for phone in [FOUNDER, COORDINATOR, HONEST] {
            self.world.assert_one_truth(phone);
            for (events, _) in &self.branches {
                for event in events {
                    let verdict = verdict(&self.world, phone, *event);
                    assert!(matches!(verdict, None | Some(Some(Held::Cut))), "phone {phone}, {what}: {verdict:?}");
                }
            }
        }
    }
}

#[test]
fn two_who_withdraw_a_forked_device_by_different_branches_end_with_one_board() {
    let far = limits::BEYOND_CUT as usize + 60;
    let mut scene = Scene::made(720, 4, &[far, far]);
    scene.bring(0, FOUNDER);
    scene.bring(1, COORDINATOR);
    scene.withdraw(FOUNDER);
    scene.withdraw(COORDINATOR);

    scene.gather();

    scene.assert_agreed("each cut names the head of another branch");
    for phone in [FOUNDER, COORDINATOR, HONEST] {
        for (events, _) in &scene.branches {
            assert!(verdict(&scene.world, phone, events[far - 1]).is_some(), "phone {phone} holds both heads");
        }
    }
}

#[test]
fn whatever_branches_there_are_and_whoever_cuts_which_first_all_end_with_one_board() {
    for seed in 0..FORKS {
        let mut world = World::seeded(seed);
        let dice = &mut world.dice;
        let lengths: Vec<usize> = (0..dice.random_range(2..4)).map(|_| [3, 33, 300][dice.random_range(0..3)]).collect();
        let common = dice.random_range(1..40);
        let mut happens: Vec<(usize, usize)> = vec![(9, FOUNDER), (9, COORDINATOR)];
        for branch in 0..lengths.len() {
            for phone in [FOUNDER, COORDINATOR, HONEST, RELAY] {
                if dice.random_bool(0.5) {
                    happens.push((branch, phone));
                }
            }
        }
        // Some meet in between.
        happens.extend([(10, HONEST), (11, RELAY), (10, RELAY)]);
        happens.shuffle(dice);
        let mut scene = Scene::made(7200 + seed, common, &lengths);
        for (what, phone) in &happens {
            match *what {
                9 => scene.withdraw(*phone),
                10 => drop(scene.world.meet(COORDINATOR, *phone, Break::Never)),
                11 => drop(scene.world.meet(HONEST, *phone, Break::Never)),
                branch => scene.bring(branch, *phone),
            }
        }

        scene.gather();

        let hash = scene.world.at(FOUNDER).state_hash().unwrap();
        for phone in [COORDINATOR, HONEST] {
            let what = format!("seed {seed}: {happens:?}, {common} and {lengths:?}");
            assert_eq!(scene.world.at(phone).state_hash().unwrap(), hash, "phone {phone}, {what}");
        }
        for phone in [FOUNDER, COORDINATOR, HONEST] {
            scene.world.assert_one_truth(phone);
        }
        assert!(say::submit(&mut scene.world, HONEST, Some(scene.order), say::Wish::Claim).is_ok());
    }
}

/// Whoever has the clone's keys and heard of the cut first fills the place before the head that it names.
#[test]
fn what_leads_to_a_named_head_comes_in_however_many_branches_stood_before_it_t4() {
    let mut scene = Scene::made(721, 4, &[40]);
    let common = scene.world.tag(HONEST, Topic::Common);
    scene.bring(0, FOUNDER);
    scene.withdraw(FOUNDER);
    scene.tell_roster(FOUNDER, HONEST);
    let mut junk = Vec::new();
    for nth in 0..500 {
        let mut branch = scene.stem.twin();
        branch.write(&Body { wall: WallMs(1_000 + nth), ..comment(scene.order) });
        junk.extend(branch.runs());
    }

    hand_over(&scene.world, HONEST, scene.world.device(FOUNDER), common, &junk).unwrap();

    let (log, last) = (scene.stem.place().0, *scene.branches[0].0.last().unwrap());
    let branches = scene.world.at(HONEST).look(|reader| reader.heads(log)).unwrap().len();
    let most = limits::LEADING + limits::BEYOND_CUT as usize;
    assert!((limits::LEADING..=most).contains(&branches), "{branches} branches");
    assert_eq!(verdict(&scene.world, HONEST, last), None, "the head is not here yet");
    scene.world.meet(FOUNDER, HONEST, Break::Never);
    assert_eq!(verdict(&scene.world, HONEST, last), Some(None), "it came, and counts");
    let hash = scene.world.at(FOUNDER).state_hash().unwrap();
    assert_eq!(scene.world.at(HONEST).state_hash().unwrap(), hash);
}

/// What a phone knows of a log's branches it knows again when it is opened.
#[test]
fn a_silenced_log_is_silenced_when_the_phone_is_opened_again_r7() {
    let lengths = [1; limits::BRANCHES + 1];
    let Scene { mut world, branches, .. } = Scene::made(72, 2, &lengths);
    let (thief, tag) = (world.device(CLONED), world.tag(HONEST, Topic::Common));
    let (all, known) = (branches.iter(), branches[0].0[0]);
    let runs: Vec<Outgoing> = all.flat_map(|(_, runs)| runs.clone()).collect();
    hand_over(&world, HONEST, thief, tag, &runs).unwrap();
    assert_eq!(verdict(&world, HONEST, known), Some(Some(Held::Silenced)));

    world.close(HONEST);
    world.open(HONEST);

    assert_eq!(verdict(&world, HONEST, known), Some(Some(Held::Silenced)));
    world.assert_one_truth(HONEST);
}
