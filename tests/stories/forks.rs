//! A forked device, withdrawn by coordinators who each know another branch: whoever heard what first, all phones end
//! with the same board (R7, R8).

use linli_core::{
    aggregate::Held,
    event::{Body, Topic},
    id::Reference,
    limits,
    roster::{Revocation, Role, Who},
    sync::Outgoing,
    time::WallMs,
};
use linli_tests::{Break, Forger, World, hand_over};
use rand::{RngExt, seq::SliceRandom};

use crate::say::{self, carry, comment, verdict};

/// Forks, cuts and orders of delivery that are tried.
const FORKS: u64 = 6;

const FOUNDER: usize = 0;
const COORDINATOR: usize = 1;
const CLONED: usize = 2;
const HONEST: usize = 3;
const RELAY: usize = 4;

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
        let lengths = (0..dice.random_range(2..4)).map(|_| [3, 33, 300, 700][dice.random_range(0..4)]);
        let lengths: Vec<usize> = lengths.collect();
        let common = dice.random_range(1..40);
        let mut happens: Vec<(usize, usize)> = vec![(9, FOUNDER), (9, COORDINATOR)];
        for branch in 0..lengths.len() {
            for phone in [FOUNDER, COORDINATOR, HONEST, RELAY] {
                if dice.random_bool(0.5) {
                    happens.push((branch, phone));
                }
            }
        }
        // To some is brought first what takes all the places before a head.
        happens.extend([HONEST, RELAY].into_iter().filter(|_| dice.random_bool(0.7)).map(|phone| (12, phone)));
        // Some meet in between.
        happens.extend([(10, HONEST), (11, RELAY), (10, RELAY)]);
        happens.shuffle(dice);
        let mut scene = Scene::made(7200 + seed, common, &lengths);
        // All that is taken because it may lead to a head, and more than is kept beyond a cut.
        let junk = [scene.junk(limits::LEADING, 1), scene.junk(20, 15), scene.junk(8, 2)].concat();
        for (what, phone) in &happens {
            match *what {
                9 => scene.withdraw(*phone),
                10 => drop(scene.world.meet(COORDINATOR, *phone, Break::Never)),
                11 => drop(scene.world.meet(HONEST, *phone, Break::Never)),
                12 => scene.bring_runs(&junk, *phone),
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
        assert!(say::submit(&mut scene.world, HONEST, Some(scene.order), say::Command::Claim).is_ok());
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
    let junk = scene.junk(500, 1);

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

/// A log that all know, and branches behind its end of which each phone is given its own.
struct Split {
    world: World,
    stem: Reference,
    branches: Vec<Vec<Outgoing>>,
}

/// Whose log it is.
const SPLIT: usize = 2;

impl Split {
    fn made(seed: u64, branches: usize) -> Self {
        let mut world = World::community(seed, 3);
        let order = say::post(&mut world, FOUNDER);
        world.settle();
        let mut forger = Forger::with_keys_of(&mut world, SPLIT);
        let stem = forger.write(&say::claim(order));
        (0..4).for_each(|_| _ = forger.write(&comment(order)));
        let runs = forger.runs();
        for phone in [FOUNDER, COORDINATOR, HONEST] {
            hand_over(&world, phone, forger.device(), world.tag(phone, Topic::Common), &runs).unwrap();
        }
        let branch = |nth: usize| {
            let mut branch = forger.twin();
            branch.write(&Body { wall: WallMs(nth as i64), ..comment(order) });
            branch.runs()
        };
        let branches = (0..branches).map(branch).collect();
        Self { world, stem, branches }
    }

    fn bring(&self, branches: std::ops::Range<usize>, to: usize) {
        let (world, tag) = (&self.world, self.world.tag(to, Topic::Common));
        for branch in &self.branches[branches] {
            hand_over(world, to, world.device(SPLIT), tag, branch).unwrap();
        }
    }

    #[track_caller]
    fn assert_silent(&self, phones: &[usize], what: &str) {
        let hash = self.world.at(phones[0]).state_hash().unwrap();
        for phone in phones {
            let stem = verdict(&self.world, *phone, self.stem);
            assert_eq!(stem, Some(Some(Held::Silenced)), "phone {phone}, {what}");
            assert_eq!(self.world.at(*phone).state_hash().unwrap(), hash, "phone {phone}, {what}");
            self.world.assert_one_truth(*phone);
        }
    }

    #[track_caller]
    fn assert_quiet(&mut self, one: usize, other: usize) {
        let again = self.world.meet(one, other, Break::Never);
        assert!(again.turns <= 2 && again.bytes < 600, "the digests are equal: {again:?}");
    }
}

/// A member forks its log and shows all branches to one phone, some of them to another.
#[test]
fn whoever_knows_that_a_log_has_too_many_branches_makes_others_know_it_r7() {
    let too_many = limits::BRANCHES + 1;
    for (seed, (knows, learns)) in [(0, 1), (1, 0)].into_iter().enumerate() {
        // Of the same branches, of others, none of them.
        for (nth, theirs) in [0..1, 0..too_many - 1, too_many..2 * too_many - 1, 0..0].into_iter().enumerate() {
            let mut split = Split::made(7300 + 10 * nth as u64 + seed as u64, 2 * too_many);
            split.bring(0..too_many, knows);
            split.bring(theirs.clone(), learns);
            assert_eq!(verdict(&split.world, learns, split.stem), Some(None), "it knows of too few");

            split.world.meet(knows, learns, Break::Never);

            split.assert_silent(&[knows, learns], &format!("{theirs:?} at phone {learns}"));
            split.assert_quiet(knows, learns);
            split.assert_quiet(learns, knows);
            split.world.meet(learns, HONEST, Break::Never);
            split.assert_silent(&[knows, learns, 3], "by somebody who was told");
        }
    }
}

#[test]
fn a_log_that_becomes_silent_while_two_are_connected_is_silent_to_both_r7() {
    let too_many = limits::BRANCHES + 1;
    for (seed, (knows, learns)) in [(0, 1), (1, 0)].into_iter().enumerate() {
        let split = Split::made(7400 + seed as u64, 2 * too_many);
        let world = &split.world;
        let mut links = [knows, learns].map(|phone| world.at(phone).link(world.device(1 - phone)).unwrap());
        carry(world, &mut links);
        split.bring(0..3, learns);
        carry(world, &mut links);
        split.bring(3..too_many, knows);
        split.bring(too_many..2 * too_many, knows);

        carry(world, &mut links);

        split.assert_silent(&[knows, learns], "announced and pulled");
        split.bring(too_many..2 * too_many, learns);
        assert_eq!(carry(world, &mut links), 0, "nothing more is said of it");
    }
}

/// What a member can heap up of this is brought once.
#[test]
fn however_many_logs_are_silent_to_both_nothing_is_said_of_them_r7() {
    let mut split = Split::made(7500, 0);
    let (device, tag) = (split.world.device(SPLIT), split.world.tag(FOUNDER, Topic::Common));
    for life in 0..20 {
        let mut stem = Forger::with_keys_of(&mut split.world, SPLIT);
        stem.write(&comment(split.stem));
        let mut runs = stem.runs();
        for wall in 0..=limits::BRANCHES as i64 {
            let mut branch = stem.twin();
            branch.write(&Body { wall: WallMs(wall), ..comment(split.stem) });
            runs.extend(branch.runs());
        }
        let known = if life % 2 == 0 { runs.len() } else { 5 };
        hand_over(&split.world, FOUNDER, device, tag, &runs).unwrap();
        hand_over(&split.world, COORDINATOR, device, tag, &runs[..known]).unwrap();
    }

    let met = split.world.meet(COORDINATOR, FOUNDER, Break::Never);

    assert!(met.bytes > 10_000, "what makes ten logs silent: {met:?}");
    assert_eq!(split.world.at(FOUNDER).state_hash().unwrap(), split.world.at(COORDINATOR).state_hash().unwrap());
    split.assert_quiet(0, 1);
}

/// One who knows a cut that names a log, and one who does not and to whom it is silent.
#[test]
fn a_silenced_log_that_a_cut_names_is_brought_in_the_session_that_brings_the_cut_r7() {
    let too_many = limits::BRANCHES + 1;
    let mut split = Split::made(7600, 2 * too_many);
    split.bring(0..3, 0);
    split.bring(3..3 + too_many, 1);
    let (id, device) = (split.world.command(), split.world.device(SPLIT));
    split.world.at(FOUNDER).revoke(id, Revocation::of(Who::Device(device))).unwrap();

    let world = &split.world;
    let mut links = [FOUNDER, COORDINATOR].map(|phone| world.at(phone).link(world.device(1 - phone)).unwrap());
    carry(world, &mut links);

    assert_eq!(verdict(&split.world, COORDINATOR, split.stem), Some(None), "it counts again");
    assert_eq!(split.world.at(FOUNDER).state_hash().unwrap(), split.world.at(COORDINATOR).state_hash().unwrap());
    split.world.assert_one_truth(COORDINATOR);
}

/// To both it was silent, to each by other branches, and the cut that names some comes from somebody else.
#[test]
fn a_log_that_was_silent_to_both_is_whole_again_in_the_session_in_which_the_cut_comes_r7() {
    let too_many = limits::BRANCHES + 1;
    for (nth, (informed, other)) in [(1, 3), (3, 1)].into_iter().enumerate() {
        let mut split = Split::made(7700 + nth as u64, 2 * too_many);
        split.bring(0..3, 0);
        split.bring(0..too_many, informed);
        split.bring(too_many..2 * too_many, other);
        let (id, device) = (split.world.command(), split.world.device(SPLIT));
        split.world.at(FOUNDER).revoke(id, Revocation::of(Who::Device(device))).unwrap();
        let world = &split.world;
        let mut links = [informed, other].map(|phone| world.at(phone).link(world.device(4 - phone)).unwrap());
        carry(world, &mut links);
        split.assert_silent(&[informed], "nobody has said which branches count");

        tell_roster(world, FOUNDER, informed);
        carry(world, &mut links);

        for phone in [informed, other] {
            assert_eq!(verdict(world, phone, split.stem), Some(None), "phone {phone}: it counts again");
            for branch in &split.branches[..3] {
                let last = branch.last().unwrap();
                let seq = last.run.first + last.run.links.len() as u64 - 1;
                let named = Reference { log: last.run.log, seq, check: last.last };
                assert_eq!(verdict(world, phone, named), Some(None), "phone {phone}: what the cut names");
            }
            world.assert_one_truth(phone);
        }
        assert_eq!(world.at(informed).state_hash().unwrap(), world.at(other).state_hash().unwrap());
    }
}

/// Two coordinators, two volunteers and a relay. The first volunteer's phone is cloned.
struct Scene {
    world: World,
    order: Reference,
    /// What the branches follow on.
    stem: Forger,
    branches: Vec<(Vec<Reference>, Vec<Outgoing>)>,
}

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

    /// So many branches, each of so many events.
    fn junk(&self, branches: usize, events: usize) -> Vec<Outgoing> {
        let branch = |nth: usize| {
            let mut branch = self.stem.twin();
            let body = Body { wall: WallMs((1_000 * events + nth) as i64), ..comment(self.order) };
            (0..events).for_each(|_| _ = branch.write(&body));
            branch.runs()
        };
        (0..branches).flat_map(branch).collect()
    }

    fn bring(&self, branch: usize, to: usize) {
        self.bring_runs(&self.branches[branch].1, to);
    }

    fn bring_runs(&self, runs: &[Outgoing], to: usize) {
        let world = &self.world;
        // Whoever has heard of the withdrawal does not talk to the clone itself.
        let from = if to == FOUNDER { HONEST } else { FOUNDER };
        hand_over(world, to, world.device(from), world.tag(to, Topic::Common), runs).unwrap();
    }

    fn tell_roster(&self, from: usize, to: usize) {
        tell_roster(&self.world, from, to);
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

/// All that one phone has of the roster comes to another, and nothing else.
fn tell_roster(world: &World, from: usize, to: usize) {
    let tag = world.tag(from, Topic::Roster);
    hand_over(world, to, world.device(from), tag, &world.runs(from, Topic::Roster, |_| true)).unwrap();
}
