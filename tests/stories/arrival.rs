//! Order of arrival: whatever an event names, and whenever what it rests on comes, is cut or is erased, a phone ends
//! where it would have ended, had it known all from the start (R8, R9).

use std::collections::BTreeSet;

use linli_core::{
    aggregate::Held,
    event::{Body, Topic},
    id::{LogId, Reference, ShortId},
    roster::{Cut, Revocation, Who, Withdrawal},
    sync::Outgoing,
};
use linli_tests::{
    Break, Forger, World, hand_over,
    people::{LAN, MEI, WU, ZHAO},
};
use rand::{
    RngExt,
    seq::{IndexedRandom, SliceRandom},
};

use crate::say::{self, Command, claim, comment, verdict};

/// Random histories that are tried.
const HISTORIES: u64 = 6;

#[test]
fn an_event_that_names_its_own_place_with_another_id_holds_up_nobody() {
    let mut world = World::community(700, 2);
    let order = say::post(&mut world, LAN);
    world.settle();
    let mut forger = Forger::with_keys_of(&mut world, WU);

    let (log, seq) = forger.place();
    let own = other(Reference { log, seq, check: ShortId::ZERO });
    let dep = forger.write(&Body { deps: vec![own], ..claim(order) });
    bring(&world, MEI, LAN, &forger.runs());
    let (log, seq) = forger.place();
    let own = other(Reference { log, seq, check: ShortId::ZERO });
    let aggregate = forger.write(&claim(own));
    bring(&world, MEI, LAN, &forger.runs());
    let honest = forger.write(&comment(order));
    bring(&world, MEI, LAN, &forger.runs());

    assert_eq!(verdict(&world, MEI, dep), Some(Some(Held::Parked)));
    assert_eq!(verdict(&world, MEI, aggregate), Some(Some(Held::Parked)));
    assert_eq!(verdict(&world, MEI, honest), Some(Some(Held::Parked)), "it follows on one that waits");
    world.assert_one_truth(MEI);
    assert!(say::submit(&mut world, MEI, Some(order), Command::Claim).is_ok());
}

#[test]
fn of_two_twins_one_does_not_stand_in_for_the_other() {
    let mut world = World::community(701, 2);
    let order = say::post(&mut world, LAN);
    world.settle();
    let mut forger = Forger::with_keys_of(&mut world, WU);
    forger.write(&comment(order));
    bring(&world, MEI, LAN, &forger.runs());
    let mut twin = forger.twin();

    let absent = twin.write(&comment(order));
    let mut bystander = Forger::with_keys_of(&mut world, LAN);
    let waits = bystander.write(&Body { deps: vec![absent], ..claim(order) });
    let shown = forger.write(&Body { deps: vec![waits], ..comment(order) });
    assert_eq!((shown.log, shown.seq), (absent.log, absent.seq), "the other twin stands where the absent one would");
    bring(&world, MEI, LAN, &bystander.runs());
    bring(&world, MEI, LAN, &forger.runs());

    assert_eq!(verdict(&world, MEI, waits), Some(Some(Held::Parked)));
    assert_eq!(verdict(&world, MEI, shown), Some(Some(Held::Parked)));
    world.assert_one_truth(MEI);

    bring(&world, MEI, LAN, &twin.runs());
    assert_eq!([absent, waits, shown].map(|event| verdict(&world, MEI, event)), [Some(None); 3]);
    world.assert_one_truth(MEI);
}

/// Withdraws a phone; its logs stand up to these heads.
fn withdraw(world: &mut World, phone: usize, heads: &[Cut]) {
    let (id, device) = (world.command(), world.device(phone));
    let heads = Some(heads.to_vec());
    world.at(LAN).revoke(id, Revocation { heads, ..Revocation::of(Who::Device(device)) }).unwrap();
}

#[test]
fn what_is_erased_and_then_cut_is_cut() {
    let mut world = World::community(702, 2);
    let order = say::post(&mut world, LAN);
    world.settle();
    let (heads, _) = world.at(LAN).cut_at(world.device(WU), &[]).unwrap();
    let act = say::submit(&mut world, WU, Some(order), Command::Claim).unwrap().events[0];
    world.settle();

    let id = world.command();
    world.at(LAN).erase(id, &[order]).unwrap();
    assert_eq!(verdict(&world, LAN, act), Some(Some(Held::Erased)));
    withdraw(&mut world, WU, &heads);

    assert_eq!(verdict(&world, LAN, act), Some(Some(Held::Cut)));
    world.assert_one_truth(LAN);
}

#[test]
fn what_waits_beyond_a_cut_is_cut_and_holds_up_nobody() {
    let mut world = World::community(703, 2);
    let order = say::post(&mut world, LAN);
    world.settle();
    let (heads, _) = world.at(LAN).cut_at(world.device(WU), &[]).unwrap();
    let absent = Reference { log: LogId::from_bytes([9; LogId::LEN]), seq: 3, check: ShortId::ZERO };
    let mut thief = Forger::with_keys_of(&mut world, WU);
    let waits = thief.write(&Body { deps: vec![absent], ..claim(order) });
    let mut honest = Forger::with_keys_of(&mut world, MEI);
    let names = honest.write(&Body { deps: vec![waits], ..comment(order) });
    bring(&world, LAN, MEI, &thief.runs());
    bring(&world, LAN, MEI, &honest.runs());
    assert_eq!([waits, names].map(|event| verdict(&world, LAN, event)), [Some(Some(Held::Parked)); 2]);
    world.assert_one_truth(LAN);

    withdraw(&mut world, WU, &heads);

    assert_eq!(verdict(&world, LAN, waits), Some(Some(Held::Cut)), "told as what it is");
    assert_eq!(verdict(&world, LAN, names), Some(None), "nothing is waited for that can never count");
    world.assert_one_truth(LAN);
}

/// R6: what was too much to be placed with the event that it waited for stands in the store until somebody goes on with it,
/// and counts for nobody before.
#[test]
fn what_one_event_frees_is_gone_on_with_whoever_asks_next_and_after_a_restart() {
    let mut world = World::community(704, 2);
    let order = say::post(&mut world, LAN);
    world.settle();
    let mut kept = Forger::with_keys_of(&mut world, WU);
    let awaited = kept.write(&comment(order));
    let mut crowd = Forger::with_keys_of(&mut world, WU);
    let waiting: Vec<Reference> =
        (0..1_200).map(|_| crowd.write(&Body { deps: vec![awaited], ..comment(order) })).collect();
    bring(&world, MEI, LAN, &crowd.runs());
    let counted = |world: &World| waiting.iter().filter(|event| verdict(world, MEI, **event) == Some(None)).count();
    assert_eq!(counted(&world), 0);

    bring(&world, MEI, LAN, &kept.runs());
    assert_eq!(verdict(&world, MEI, awaited), Some(None));
    let at_first = counted(&world);
    assert!(at_first > 0 && at_first < waiting.len(), "{at_first} at first");

    world.close(MEI);
    world.open(MEI);
    // What somebody does meanwhile is done at once.
    let claimed = say::submit(&mut world, MEI, Some(order), Command::Claim).unwrap().events[0];
    assert_eq!(verdict(&world, MEI, claimed), Some(None));
    assert!(counted(&world) < waiting.len());
    world.at(MEI).tend().unwrap();

    assert_eq!(counted(&world), waiting.len());
    assert_eq!(world.at(MEI).go_on(), Ok(false), "nothing is due any more");
    world.assert_one_truth(MEI);
}

/// R6, T8: what is due may put out what counted, for want of its author's room. That is written down with it, whether the
/// phone was killed between two parts or the store failed and what was in memory was forgotten.
#[test]
fn what_is_due_puts_out_what_counted_and_nothing_between_two_parts_loses_that_t8() {
    for killed in [true, false] {
        let mut world = World::community(705, 2);
        let order = say::post(&mut world, LAN);
        world.settle();
        let mut heap = Forger::with_keys_of(&mut world, WU);
        (0..3_000).for_each(|_| _ = heap.write(&comment(order)));
        let mut kept = Forger::with_keys_of(&mut world, WU);
        let awaited = kept.write(&comment(order));
        let mut crowd = Forger::with_keys_of(&mut world, WU);
        (0..1_200).for_each(|_| _ = crowd.write(&Body { deps: vec![awaited], ..comment(order) }));
        let (heap, kept, crowd) = (heap.runs(), kept.runs(), crowd.runs());
        let held = |world: &World, phone: usize, reason: Held| {
            world.held(phone).iter().filter(|(_, held)| *held == reason).count()
        };
        [&kept, &crowd, &heap].iter().for_each(|runs| bring(&world, LAN, WU, runs));
        [&heap, &crowd].iter().for_each(|runs| bring(&world, MEI, LAN, runs));
        let crowded = held(&world, MEI, Held::Crowded);

        bring(&world, MEI, LAN, &kept);
        let due = held(&world, MEI, Held::Parked);
        assert!((1..1_200).contains(&due), "{due} are due");
        if killed {
            world.close(MEI);
            world.open(MEI);
        } else {
            world.at(MEI).fail_after(0);
            say::submit(&mut world, MEI, Some(order), Command::Claim).unwrap_err();
            world.at(MEI).fail_after(i64::MAX);
        }
        assert!(held(&world, MEI, Held::Parked) > 0, "something is due still");
        world.at(MEI).tend().unwrap();

        assert_eq!(held(&world, MEI, Held::Parked), 0);
        assert!(held(&world, MEI, Held::Crowded) > crowded + 100, "there is no room for all");
        assert_eq!(world.at(MEI).verify().unwrap().faults, []);
        assert_eq!(world.at(MEI).state_hash(), world.at(LAN).state_hash(), "who heard it in another order");
        world.assert_one_truth(MEI);
    }
}

/// A few forgers' events with whatever references, and all that one could name.
struct Babel {
    world: World,
    forgers: Vec<Forger>,
    known: Vec<Reference>,
    orders: Vec<Reference>,
    runs: Vec<Vec<Outgoing>>,
}

impl Babel {
    fn built(seed: u64) -> Self {
        let mut world = World::community(seed, 3);
        let orders = vec![say::post(&mut world, LAN), say::post(&mut world, MEI)];
        let [product, medicine_box, lot] = say::stocked(&mut world, LAN, "布洛芬", "3号楼");
        world.settle();
        let known = [orders.clone(), vec![product, medicine_box, lot]].concat();
        let forgers = vec![Forger::with_keys_of(&mut world, WU), Forger::with_keys_of(&mut world, ZHAO)];
        Self { world, forgers, known, orders, runs: Vec::new() }
    }

    /// Any reference at all: to what there is, to its absent twin, to the writer's own place or one to come, to a log
    /// that nobody knows.
    fn anything(&mut self, forger: usize) -> Reference {
        let (log, seq) = self.forgers[forger].place();
        let dice = &mut self.world.dice;
        let some = *self.known.choose(dice).unwrap();
        match dice.random_range(0..9) {
            0 => other(some),
            1 => Reference { log, seq, check: ShortId::ZERO },
            2 => Reference { log, seq: seq + dice.random_range(1..4), check: ShortId::ZERO },
            3 => Reference { log: LogId::from_bytes([7; LogId::LEN]), ..some },
            4 => Reference { seq: u64::MAX, ..some },
            _ => some,
        }
    }

    fn write(&mut self) {
        if self.world.dice.random_bool(0.15) {
            let one = self.world.dice.random_range(0..self.forgers.len());
            let twin = self.forgers[one].twin();
            self.forgers.push(twin);
        }
        let forger = self.world.dice.random_range(0..self.forgers.len());
        let aggregate = if self.world.dice.random_bool(0.7) {
            *self.orders.choose(&mut self.world.dice).unwrap()
        } else {
            self.anything(forger)
        };
        let deps = (0..self.world.dice.random_range(0..3)).map(|_| self.anything(forger)).collect();
        let act = if self.world.dice.random() { claim(aggregate) } else { comment(aggregate) };
        let written = self.forgers[forger].write(&Body { deps, ..act });
        self.known.push(written);
        let runs = self.forgers[forger].runs();
        self.runs.push(runs);
    }
}

#[test]
fn whatever_events_name_and_in_whatever_order_they_come_each_phone_ends_where_all_do() {
    for seed in 0..HISTORIES {
        let mut babel = Babel::built(7000 + seed);
        let device = babel.world.device(WU);
        let (heads, _) = babel.world.at(LAN).cut_at(device, &[]).unwrap();
        for _ in 0..16 {
            babel.write();
        }
        let Babel { mut world, mut runs, orders, .. } = babel;
        let (cut, raised) = (world.dice.random_range(0..24), world.dice.random_range(24..48));
        let erased = world.dice.random_range(0..48);
        for round in 0..3 {
            runs.shuffle(&mut world.dice);
            for (nth, run) in runs.iter().enumerate() {
                let to = [0, 2][world.dice.random_range(0..2)];
                bring(&world, to, 2 - to, run);
                let at = round * runs.len() + nth;
                if at == cut {
                    withdraw(&mut world, WU, &heads);
                }
                if at == raised {
                    let (id, except, restate) = (world.command(), BTreeSet::new(), BTreeSet::new());
                    world.at(LAN).withdraw(id, Withdrawal::Recut { device, heads: None, except, restate }).unwrap();
                }
                if at == erased {
                    let id = world.command();
                    world.at(LAN).erase(id, &orders[..1]).unwrap();
                }
                if world.dice.random_bool(0.1) {
                    world.meet(LAN, MEI, Break::Never);
                    world.assert_one_truth(2 - to);
                }
                world.assert_one_truth(to);
            }
        }
        for _ in 0..3 {
            world.meet(LAN, MEI, Break::Never);
        }
        world.assert_one_truth(LAN);
        world.assert_one_truth(MEI);
        let hashes = [LAN, MEI].map(|phone| world.at(phone).state_hash().unwrap());
        assert_eq!(hashes[0], hashes[1], "history {seed}");
        assert_eq!(world.held(LAN), world.held(MEI), "history {seed}");
    }
}

/// What a forger has written so far, for one phone, from the founder.
fn bring(world: &World, to: usize, from: usize, runs: &[Outgoing]) {
    hand_over(world, to, world.device(from), world.tag(to, Topic::Common), runs).unwrap();
}

/// The same place, another event.
fn other(reference: Reference) -> Reference {
    Reference { check: ShortId::from_bytes([0xab; ShortId::LEN]), ..reference }
}
