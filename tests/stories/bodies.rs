//! Bodies that came back (R5): whoever erased something was let in by a thief, and is a stranger since the thief was cut.

use linli_core::{
    aggregate::Held,
    event::Topic,
    id::{EpochId, Reference},
    limits,
    replica::Replica,
    roster::{Erased, ErasedAggregate, ErasedSpan, Revocation, Role, Who},
};
use linli_tests::{Break, Ended, Forger, World, hand_over};

use crate::say::{self, Command};

const FOUNDER: usize = 0;
const WRITER: usize = 1;
/// A coordinator's phone that is in hostile hands.
const THIEF: usize = 2;
/// Whom the thief let in as a coordinator.
const FRIEND: usize = 3;
/// Whoever was away while the others erased.
const AWAY: usize = 4;
/// Whom the friend let in as a coordinator, where anybody.
const FURTHER: usize = 5;

#[test]
fn what_somebody_erased_whose_admission_fell_comes_back_r5_t3() {
    let (mut world, order, other) = forgotten(641);

    comes_back(&mut world, &[FRIEND], order, other);
}

/// No newcomer knew whoever erased it before they heard what a stranger had said in the roster.
#[test]
fn what_somebody_erased_whom_a_stranger_let_in_comes_back_r5_t3() {
    let (mut world, order, other) = forgotten_by(646, FURTHER);

    comes_back(&mut world, &[FRIEND, FURTHER], order, other);
}

fn comes_back(world: &mut World, friends: &[usize], order: Reference, other: Reference) {
    cut(world, friends);
    let newcomer = world.join(FOUNDER, Role::Volunteer);
    assert_eq!(world.meet(FOUNDER, newcomer, Break::Never).ended, Ended::InStep);
    world.meet(FOUNDER, WRITER, Break::Never);
    let honest = [FOUNDER, WRITER, AWAY, newcomer];

    for phone in [FOUNDER, WRITER, newcomer] {
        assert_eq!(say::verdict(world, phone, order), Some(Some(Held::Missing)), "phone {phone} asks for it");
        assert!(world.at(phone).order(other).is_ok(), "and holds what stands behind it: phone {phone}");
    }
    for _ in 0..2 {
        for phone in [AWAY, WRITER, newcomer] {
            assert_eq!(world.meet(FOUNDER, phone, Break::Never).ended, Ended::InStep, "phone {phone}");
        }
    }

    assert_whole(world, &honest, order);
    world.pass(say::THREE_DAYS);
    assert!(honest.iter().all(|phone| world.at(*phone).tend().unwrap().forgotten == 0));
}

/// These phones show all of the order, and agree.
fn assert_whole(world: &World, phones: &[usize], order: Reference) {
    for phone in phones {
        let comments = world.at(*phone).order(order).map(|order| order.view.comments.len());
        assert_eq!(comments, Ok(1), "phone {phone}");
        assert_eq!(world.at(*phone).verify().unwrap().faults, [], "phone {phone}");
        assert_eq!(world.at(*phone).state_hash().unwrap(), world.at(FOUNDER).state_hash().unwrap(), "phone {phone}");
    }
}

/// T4: what a stranger erased tells why bodies are gone, and is kept as what lies beyond a cut is.
#[test]
fn of_a_stranger_few_erasures_are_kept_that_tell_why_bodies_are_gone_r5_t4() {
    let (mut world, order, _) = forgotten(642);
    cut(&mut world, &[FRIEND]);
    let newcomer = world.join(FOUNDER, Role::Volunteer);
    world.meet(FOUNDER, newcomer, Break::Never);
    let before = kept(&world, newcomer, &[FRIEND]);
    assert!(before > 0);

    for _ in 0..4 {
        heap(&mut world, FRIEND, newcomer, &erased(order, 0), limits::SIGNATURE_EVERY * 4);
    }

    let kept = kept(&world, newcomer, &[FRIEND]);
    assert!(kept > before && kept <= limits::BEYOND_CUT, "{kept} events");
    assert!(world.at(newcomer).order(order).is_err());
}

/// Each is as long as an event may be: few of them are more than a phone keeps of what others say in the clear.
#[test]
fn what_strangers_erased_at_length_tells_why_bodies_are_gone_r5() {
    let (mut world, order, _) = forgotten(645);
    cut(&mut world, &[FRIEND]);
    let newcomer = world.join(FOUNDER, Role::Volunteer);
    world.meet(FOUNDER, newcomer, Break::Never);
    let before = kept(&world, newcomer, &[FRIEND]);

    heap(&mut world, FRIEND, newcomer, &erased(order, limits::ERASED_SPANS as u64 - 1), limits::SIGNATURE_EVERY);

    assert_eq!(kept(&world, newcomer, &[FRIEND]), before + limits::SIGNATURE_EVERY);
}

/// T4: however many a thief let in, and whom these let in, they share the room of one.
#[test]
fn all_whom_a_thief_let_in_share_a_room_for_what_they_erased_r5_t4() {
    let mut world = World::community(643, 1);
    assert_eq!(world.join(FOUNDER, Role::Coordinator), THIEF);
    world.settle();
    let mut friends: Vec<usize> = (0..6).map(|_| world.join(THIEF, Role::Coordinator)).collect();
    for friend in friends.clone() {
        world.meet(THIEF, friend, Break::Never);
        friends.push(world.join(friend, Role::Coordinator));
        world.meet(friend, friends[friends.len() - 1], Break::Never);
        world.meet(THIEF, friend, Break::Never);
    }
    let order = say::post(&mut world, WRITER);
    world.meet(FOUNDER, WRITER, Break::Never);
    world.meet(FOUNDER, THIEF, Break::Never);
    cut(&mut world, &friends);

    for friend in &friends {
        heap(&mut world, *friend, FOUNDER, &erased(order, 0), limits::BEYOND_CUT + limits::SIGNATURE_EVERY);
    }

    let kept = kept(&world, FOUNDER, &friends);
    assert!((limits::BEYOND_CUT - limits::SIGNATURE_EVERY..=limits::BEYOND_CUT).contains(&kept), "{kept} events");
    assert!(world.at(FOUNDER).order(order).is_ok());
}

/// T4: that room is full of junk before anything comes that tells why a body is gone.
#[test]
fn what_fills_the_room_of_strangers_keeps_nothing_honest_away_r5_t4() {
    let (mut world, order, other) = forgotten(644);
    cut(&mut world, &[FRIEND]);
    let newcomer = newcomer_who_knows_the_roster(&mut world);
    let mut junk = Forger::with_keys_of(&mut world, FRIEND).in_topic(&world, FRIEND, Topic::Erasure);
    (0..limits::BEYOND_CUT).for_each(|_| _ = junk.raw(EpochId::ZERO, vec![0x55; 30]));
    let tag = world.tag(FOUNDER, Topic::Erasure);
    hand_over(&world, newcomer, world.device(WRITER), tag, &junk.runs()).unwrap();
    assert_eq!(kept(&world, newcomer, &[FRIEND]), limits::BEYOND_CUT);

    assert_eq!(world.meet(FOUNDER, newcomer, Break::Never).ended, Ended::InStep);

    assert_eq!(kept(&world, newcomer, &[FRIEND]), limits::BEYOND_CUT, "no erasure found room");
    misses_nothing_behind(&mut world, newcomer, order, other);
}

/// T4: the founder withdraws a coordinator, and a thief of its key heaps up junk beyond that before a newcomer hears of what it
/// had erased.
#[test]
fn what_fills_the_room_beyond_a_cut_keeps_nothing_honest_away_r5_t4() {
    let (mut world, order, other) = forgotten(647);
    let (id, who) = (world.command(), Who::Device(world.device(FRIEND)));
    world.at(FOUNDER).revoke(id, Revocation { heads: Some(Vec::new()), ..Revocation::of(who) }).unwrap();
    let newcomer = newcomer_who_knows_the_roster(&mut world);
    let mut junk = Forger::with_keys_of(&mut world, FRIEND).in_topic(&world, FRIEND, Topic::Erasure);
    (0..limits::BEYOND_CUT).for_each(|_| _ = junk.raw(EpochId::ZERO, vec![0x55; 30]));
    hand_over(&world, newcomer, world.device(WRITER), world.tag(FOUNDER, Topic::Erasure), &junk.runs()).unwrap();

    assert_eq!(world.meet(FOUNDER, newcomer, Break::Never).ended, Ended::InStep);

    assert_eq!(kept(&world, newcomer, &[FRIEND]), limits::BEYOND_CUT, "no erasure found room");
    misses_nothing_behind(&mut world, newcomer, order, other);
}

/// T4: a thief of a coordinator's key makes so many branches of the log in which it had erased that a newcomer takes no more of
/// it.
#[test]
fn what_silences_the_log_of_an_erasure_keeps_nothing_honest_away_r5_t4() {
    let (mut world, order, other) = forgotten(648);
    let newcomer = newcomer_who_knows_the_roster(&mut world);
    let twins: Vec<_> = (0..=limits::BRANCHES as u8)
        .flat_map(|nth| {
            let mut twin = beginning_of_erasures(&mut world, FRIEND);
            twin.raw(EpochId::ZERO, vec![0x55, nth]);
            twin.runs()
        })
        .collect();
    hand_over(&world, newcomer, world.device(WRITER), world.tag(FOUNDER, Topic::Erasure), &twins).unwrap();

    assert_eq!(world.meet(FOUNDER, newcomer, Break::Never).ended, Ended::InStep);
    world.meet(FOUNDER, newcomer, Break::Never);

    misses_nothing_behind(&mut world, newcomer, order, other);
}

/// Whoever the founder lets in now, and has heard of nothing else.
fn newcomer_who_knows_the_roster(world: &mut World) -> usize {
    let newcomer = world.join(FOUNDER, Role::Volunteer);
    let roster = world.runs(FOUNDER, Topic::Roster, |_| true);
    hand_over(world, newcomer, world.device(WRITER), world.tag(FOUNDER, Topic::Roster), &roster).unwrap();
    newcomer
}

/// With the keys of a phone, at the beginning of the log in which it erased.
fn beginning_of_erasures(world: &mut World, phone: usize) -> Forger {
    let tag = world.tag(FOUNDER, Topic::Erasure);
    let logs = world.at(FOUNDER).look(|reader| reader.logs()).unwrap();
    let log = logs.into_iter().find(|log| log.device == world.device(phone) && log.topic == tag).unwrap();
    Forger::with_keys_of(world, phone).in_topic(world, phone, Topic::Erasure).in_life(log.incarnation)
}

/// A newcomer holds an order without its body, and what stands behind it; and has the body from whoever was away.
fn misses_nothing_behind(world: &mut World, newcomer: usize, order: Reference, other: Reference) {
    assert_eq!(say::verdict(world, newcomer, order), Some(Some(Held::Missing)));
    assert!(world.at(newcomer).order(other).is_ok(), "what stands behind it is here");
    for _ in 0..2 {
        for phone in [newcomer, FOUNDER, WRITER] {
            assert_eq!(world.meet(AWAY, phone, Break::Never).ended, Ended::InStep, "phone {phone}");
        }
    }
    assert_whole(world, &[FOUNDER, WRITER, AWAY, newcomer], order);
}

/// What counts anew is held anew: its 72 hours begin again, also where it fell and counted again between two upkeeps.
#[test]
fn an_erasure_that_fell_waits_anew_once_it_counts_again_r5_t3() {
    waits_anew(651, |_| ());
}

/// In between all is read anew, with the terms as they were noted last.
#[test]
fn an_erasure_that_fell_before_all_was_read_anew_waits_anew_too_r5_t3() {
    waits_anew(652, |phone| phone.rebuild().unwrap());
}

fn waits_anew(seed: u64, once_it_fell: impl Fn(&Replica)) {
    const OTHER: usize = 2;
    const ERASER: usize = 3;
    let mut world = World::community(seed, 1);
    [OTHER, ERASER].iter().for_each(|phone| assert_eq!(world.join(FOUNDER, Role::Coordinator), *phone));
    world.settle();
    let order = say::post(&mut world, WRITER);
    world.settle();
    let id = world.command();
    world.at(ERASER).erase(id, &[order]).unwrap();
    world.settle();
    world.pass(71 * 60);
    assert_eq!(world.at(OTHER).tend().unwrap().forgotten, 0);

    // One of them cuts off whoever erased it as if nothing had been said, and is cut off like that itself.
    for (by, whom) in [(OTHER, ERASER), (FOUNDER, OTHER)] {
        let (id, who) = (world.command(), Who::Device(world.device(whom)));
        world.at(by).revoke(id, Revocation { heads: Some(Vec::new()), ..Revocation::of(who) }).unwrap();
        assert!(world.at(OTHER).order(order).is_ok(), "it fell");
    }
    once_it_fell(world.at(OTHER));
    let cut = world.own_runs(FOUNDER, Topic::Roster);
    hand_over(&world, OTHER, world.device(WRITER), world.tag(OTHER, Topic::Roster), &cut).unwrap();
    assert!(world.at(OTHER).order(order).is_err(), "it counts again");

    world.pass(2 * 60);
    assert_eq!(world.at(OTHER).tend().unwrap().forgotten, 0);
    assert!(has_body(&world, OTHER, order));
    world.pass(71 * 60);
    assert!(world.at(OTHER).tend().unwrap().forgotten > 0);
}

/// A community, and two orders: all but one phone have forgotten the first for good, because the friend erased it.
fn forgotten(seed: u64) -> (World, Reference, Reference) {
    forgotten_by(seed, FRIEND)
}

/// The same, erased by the friend or by whom the friend let in.
fn forgotten_by(seed: u64, eraser: usize) -> (World, Reference, Reference) {
    let mut world = World::community(seed, 1);
    assert_eq!(world.join(FOUNDER, Role::Coordinator), THIEF);
    world.settle();
    assert_eq!(world.join(THIEF, Role::Coordinator), FRIEND);
    assert_eq!(world.join(FOUNDER, Role::Volunteer), AWAY);
    world.settle();
    if eraser == FURTHER {
        assert_eq!(world.join(FRIEND, Role::Coordinator), FURTHER);
        world.meet(FRIEND, FURTHER, Break::Never);
        world.settle();
    }
    let order = say::post(&mut world, WRITER);
    say::submit(&mut world, WRITER, Some(order), Command::Comment { text: "nobody at home".into() }).unwrap();
    let other = say::post(&mut world, WRITER);
    world.settle();
    let id = world.command();
    world.at(eraser).erase(id, &[order]).unwrap();
    let here: Vec<usize> = [FOUNDER, WRITER, THIEF, FRIEND].into_iter().filter(|phone| *phone != eraser).collect();
    for _ in 0..2 {
        here.iter().for_each(|phone| _ = world.meet(eraser, *phone, Break::Never));
    }
    for minutes in [0, say::THREE_DAYS] {
        world.pass(minutes);
        here.iter().for_each(|phone| _ = world.at(*phone).tend().unwrap());
    }
    assert!(here.iter().all(|phone| !has_body(&world, *phone, order)), "it was carried out");
    (world, order, other)
}

fn has_body(world: &World, phone: usize, event: Reference) -> bool {
    let stored = world.at(phone).look(|reader| reader.event(event)).unwrap();
    matches!(stored.map(|stored| stored.content), Some(linli_core::event::Content::Here(_)))
}

/// The founder cuts the thief off as if it had said nothing, and leaves out whom it had let in, and whom these had.
fn cut(world: &mut World, friends: &[usize]) {
    let (id, except) = (world.command(), friends.iter().map(|friend| world.device(*friend)).collect());
    let who = Who::Device(world.device(THIEF));
    let low = Revocation { heads: Some(Vec::new()), except, ..Revocation::of(who) };
    world.at(FOUNDER).revoke(id, low).unwrap();
    let roster = world.at(FOUNDER).roster();
    let fell = |friend: &usize| roster.fell_under(world.device(*friend)) == Some(world.device(THIEF));
    assert!(friends.iter().all(fell), "the admissions fell");
}

/// How many events a phone keeps of what these have erased.
fn kept(world: &World, phone: usize, friends: &[usize]) -> u64 {
    let tag = world.tag(phone, Topic::Erasure);
    let of = |friend: &usize| world.at(phone).look(|reader| reader.room_in(world.device(*friend), tag)).unwrap().events;
    friends.iter().map(of).sum()
}

/// Of an order, whatever its author may come to write, and of as many things more as one erasure names.
fn erased(order: Reference, more: u64) -> Erased {
    let span = |first| ErasedSpan { log: order.log, first, last: 1 << 40, check: order.check, gaps: None };
    Erased {
        aggregates: vec![ErasedAggregate { creating: order, spans: (0..=more).map(span).collect() }],
        totals: None,
    }
}

/// A friend erases it that often in a new log, and somebody brings that to a phone.
fn heap(world: &mut World, friend: usize, to: usize, erased: &Erased, times: u64) {
    let mut forger = Forger::with_keys_of(world, friend).in_topic(world, friend, Topic::Erasure);
    for _ in 0..times {
        forger.clear(Erased::KIND, Erased::VERSION, erased.encode());
    }
    hand_over(world, to, world.device(WRITER), world.tag(to, Topic::Erasure), &forger.runs()).unwrap();
}
