//! What one device says about one thing without effect, as much as it likes: it fills its own room there, nobody else's, and
//! none any more once it counts (T4, T6).

use std::collections::BTreeSet;

use linli_core::{
    aggregate::{
        Held, encode,
        order::{Commented, kind},
    },
    event::{Body, Lacks, Topic},
    id::Reference,
    keep::Quota,
    limits,
    replica::{Options, Replica},
    sync::Outgoing,
};
use linli_tests::{
    Break, Forger, World, hand_over,
    people::{LAN, MEI, WU, ZHAO},
};

use crate::say::{self, Command, body, raise, submit, verdict};

/// Bytes of a long comment, of which a device has room for some ninety in one order.
const LONG: usize = 8_000;
/// The first that are more than has room without more ado, by whole runs.
const FEW: usize = 96;

#[test]
fn what_has_no_effect_in_one_order_fills_its_authors_room_and_no_other_t4() {
    let (mut world, order) = scene(720);
    let elsewhere = say::post(&mut world, MEI);
    world.settle();
    let mut heap = Forger::with_keys_of(&mut world, WU);
    let events: Vec<Reference> = (0..300).map(|_| heap.write(&unknown(order))).collect();

    let runs = heap.runs();
    hand(&world, &heap, &runs);

    let kept = taken(&world, &events);
    assert!((FEW..=FEW + 32).contains(&kept), "{kept} of 300, which have room by their bytes");
    // Nothing else of it is taken, but a call for help.
    let mut other = Forger::with_keys_of(&mut world, WU);
    let late = other.write(&say::comment(elsewhere));
    bring(&world, &mut other);
    let alert = raise(&mut world, WU, None);
    world.meet(WU, LAN, Break::Never);
    assert_eq!(verdict(&world, LAN, late), None);
    assert!(world.at(LAN).alert(alert).is_ok());
    // Whoever else writes there is heard, and what they build on comes with them, a part of it.
    let last = heap.write(&say::comment(order));
    let mut honest = Forger::with_keys_of(&mut world, ZHAO);
    let alone = honest.write(&say::comment(order));
    let waits = honest.write(&Body { deps: vec![last], ..say::comment(order) });
    bring(&world, &mut honest);
    assert_eq!((verdict(&world, LAN, alone), verdict(&world, LAN, waits)), (Some(None), Some(Some(Held::Parked))));
    for _ in 0..3 {
        hand(&world, &heap, &runs);
    }
    let lent = taken(&world, &events);
    assert!((kept + 1..=kept + 32).contains(&lent), "{lent} of 300: an account has an end there, too");
    world.assert_one_truth(LAN);
}

/// Whoever has a newer app says there all that has room, and is heard.
#[test]
fn as_much_of_a_newer_kind_as_may_count_in_an_order_takes_no_more_room_than_it_is_t6() {
    let (mut world, order) = scene(721);
    let mut honest = Forger::with_keys_of(&mut world, WU);
    let events: Vec<Reference> = (0..94).map(|_| honest.write(&unknown(order))).collect();
    bring(&world, &mut honest);
    assert_eq!((taken(&world, &events), beyond(&world)), (94, 0));

    let claimed = submit(&mut world, WU, Some(order), Command::Claim).unwrap().events[0];
    world.meet(WU, LAN, Break::Never);

    assert_eq!(verdict(&world, LAN, claimed), Some(None));
}

/// A phone with two rooms in each order says more than one of them holds in two orders, to one whose app is older, and to one where
/// what it builds on is not there yet: one order finds room, and of the other a part.
#[test]
fn what_comes_to_count_takes_its_authors_room_no_longer_t4_t6() {
    for waits in [false, true] {
        let (mut world, order) = scene(722);
        let other = say::post(&mut world, MEI);
        let (id, device) = (world.command(), world.device(WU));
        world.at(LAN).give_room(id, device, 1).unwrap();
        world.settle();
        let mut friend = Forger::with_keys_of(&mut world, MEI);
        let deps = if waits { vec![friend.write(&say::comment(order))] } else { Vec::new() };
        if !waits {
            lack(&mut world, BTreeSet::from([kind::COMMENTED]));
        }
        let mut honest = Forger::with_keys_of(&mut world, WU);
        let said = [order, other].map(|order| Body { deps: deps.clone(), ..long(order) });
        let events = said.map(|body| (0..165).map(|_| honest.write(&body)).collect::<Vec<_>>());
        let runs = honest.runs();

        hand(&world, &honest, &runs);
        let kept = events.each_ref().map(|events| taken(&world, events));
        assert!(kept[0] == 165 && (FEW..165).contains(&kept[1]), "{kept:?} of 165 each");
        assert!(beyond(&world) > 0);
        let before = world.heaped(LAN);

        if waits {
            bring(&world, &mut friend);
            world.catch_up(LAN);
        } else {
            lack(&mut world, BTreeSet::new());
        }
        assert_eq!(beyond(&world), 0, "what counts is not heaped up");
        hand(&world, &honest, &runs);

        assert_eq!(verdict(&world, LAN, events[1][164]), Some(None));
        assert_ne!(world.heaped(LAN), before);
        world.assert_one_truth(LAN);
    }
}

/// What a friend waits for is kept on the friend's account, before its order is there: once that came, the account is as free as
/// that makes it.
#[test]
fn what_was_lent_and_counts_since_weighs_on_an_account_no_more_than_it_is_t4() {
    let (mut world, order) = scene_of(724, 1_500_000);
    let (other, late) = (say::post(&mut world, MEI), say::post(&mut world, MEI));
    let mut full = Forger::with_keys_of(&mut world, WU);
    for order in [order, other] {
        (0..94).for_each(|_| _ = full.write(&long(order)));
    }
    bring(&world, &mut full);
    let mut lent = Forger::with_keys_of(&mut world, WU);
    let mut friend = Forger::with_keys_of(&mut world, ZHAO);
    let mut build = |world: &World, lent: &mut Forger, events: &[Reference]| {
        let waits = friend.write(&Body { deps: vec![*events.last().unwrap()], ..say::comment(order) });
        bring(world, &mut friend);
        assert_eq!(verdict(world, LAN, waits), Some(Some(Held::Parked)));
        bring(world, lent);
    };
    let first: Vec<Reference> = (0..110).map(|_| lent.write(&long(late))).collect();
    build(&world, &mut lent, &first);
    assert!(beyond(&world) > 0, "{} of 110 are kept, on the friend's account", taken(&world, &first));
    let kept = taken(&world, &first);

    world.meet(MEI, LAN, Break::Never);
    world.catch_up(LAN);
    assert_eq!(beyond(&world), 0);
    let mut again = Forger::with_keys_of(&mut world, WU);
    let more: Vec<Reference> = (0..20).map(|_| again.write(&long(other))).collect();
    build(&world, &mut again, &more);

    assert_eq!(taken(&world, &more), 20, "after {kept}");
    world.assert_one_truth(LAN);
}

/// The app of the founder's phone knows all but these kinds from now on; its quota stays.
fn lack(world: &mut World, kinds: BTreeSet<u16>) {
    world.downgrade(LAN, Lacks { kinds, ..Lacks::default() });
    world.close(LAN);
    let quota = Quota { community: 100_000_000, device: 3_000_000 };
    let replica = Replica::open(Options { quota, ..world.options(LAN) }).unwrap();
    world.put(LAN, replica);
}

/// Nobody knows yet whether the order is one: what names it is heaped up all the same, and goes with it.
#[test]
fn what_waits_for_an_order_is_heaped_up_there_before_it_comes_t4() {
    let (mut world, _) = scene(723);
    let late = say::post(&mut world, MEI);
    let mut heap = Forger::with_keys_of(&mut world, WU);
    let events: Vec<Reference> = (0..300).map(|_| heap.write(&unknown(late))).collect();
    let runs = heap.runs();

    hand(&world, &heap, &runs);
    let kept = taken(&world, &events);
    assert!((FEW..=FEW + 32).contains(&kept), "{kept} of 300");
    let (before, more) = (world.heaped(LAN), beyond(&world));
    assert_eq!(more, before.values().sum::<u64>() - limits::HELD_ROOM);

    world.meet(MEI, LAN, Break::Never);
    world.catch_up(LAN);

    assert!(world.at(LAN).order(late).is_ok());
    assert_eq!((world.heaped(LAN), taken(&world, &events)), (before, kept), "it is the same heap");
    let id = world.command();
    world.at(LAN).erase(id, &[late]).unwrap();
    world.catch_up(LAN);
    assert_eq!((beyond(&world), world.heaped(LAN).len()), (0, 0), "what is erased is read by nobody");
    world.assert_one_truth(LAN);
}

fn long(order: Reference) -> Body {
    body(order, kind::COMMENTED, encode(&Commented { text: "x".repeat(LONG) }))
}

/// The same of a kind that nobody knows.
fn unknown(order: Reference) -> Body {
    Body { kind: 0x7fff, ..long(order) }
}

/// The founder is handed some runs of a forger's.
fn hand(world: &World, forger: &Forger, runs: &[Outgoing]) {
    hand_over(world, LAN, forger.device(), world.tag(LAN, Topic::Common), runs).unwrap();
}

/// All that it wrote since.
fn bring(world: &World, forger: &mut Forger) {
    let runs = forger.runs();
    hand(world, forger, &runs);
}

/// A founder who keeps little of each device, two volunteers, and an order.
fn scene(seed: u64) -> (World, Reference) {
    scene_of(seed, 3_000_000)
}

/// The same, who keeps so many bytes.
fn scene_of(seed: u64, device: u64) -> (World, Reference) {
    let mut world = World::community(seed, 3);
    let order = say::post(&mut world, MEI);
    world.settle();
    world.close(LAN);
    let quota = Quota { community: 100_000_000, device };
    let replica = Replica::open(Options { quota, ..world.options(LAN) }).unwrap();
    world.put(LAN, replica);
    (world, order)
}

/// How many of them are stored.
fn taken(world: &World, events: &[Reference]) -> usize {
    events.iter().filter(|event| verdict(world, LAN, **event).is_some()).count()
}

/// Bytes beyond what has room without more ado, of phone 1.
fn beyond(world: &World) -> u64 {
    world.heaped(LAN);
    world.at(LAN).look(|reader| reader.held_beyond(world.device(WU))).unwrap()
}
