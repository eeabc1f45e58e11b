//! Bodies that came back (R5): whoever erased something was let in by a thief, and is a stranger since the thief was cut.

use linli_core::{
    aggregate::Held,
    event::Topic,
    id::Reference,
    limits,
    roster::{Erased, ErasedAggregate, ErasedSpan, Revocation, Role, Who},
};
use linli_tests::{Break, Ended, Forger, World, hand_over};

use crate::say::{self, Wish};

const FOUNDER: usize = 0;
const WRITER: usize = 1;
/// A coordinator's phone that is in hostile hands.
const THIEF: usize = 2;
/// Whom the thief let in as a coordinator.
const FRIEND: usize = 3;
/// Whoever was away while the others erased.
const AWAY: usize = 4;

/// A community, and two orders: all but one phone have forgotten the first for good, because the friend erased it.
fn forgotten(seed: u64) -> (World, Reference, Reference) {
    let mut world = World::community(seed, 1);
    assert_eq!(world.join(FOUNDER, Role::Coordinator), THIEF);
    world.settle();
    assert_eq!(world.join(THIEF, Role::Coordinator), FRIEND);
    assert_eq!(world.join(FOUNDER, Role::Volunteer), AWAY);
    world.settle();
    let order = say::post(&mut world, WRITER);
    say::submit(&mut world, WRITER, Some(order), Wish::Comment { text: "nobody at home".into() }).unwrap();
    let other = say::post(&mut world, WRITER);
    world.settle();
    let id = world.command();
    world.at(FRIEND).erase(id, &[order]).unwrap();
    let here = [FOUNDER, WRITER, THIEF, FRIEND];
    for _ in 0..2 {
        here.iter().filter(|phone| **phone != FRIEND).for_each(|phone| _ = world.meet(FRIEND, *phone, Break::Never));
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

/// The founder cuts the thief off as if it had said nothing, and leaves out whom it had let in.
fn cut(world: &mut World) {
    let (id, except) = (world.command(), [world.device(FRIEND)].into());
    let who = Who::Device(world.device(THIEF));
    let low = Revocation { heads: Some(Vec::new()), except, ..Revocation::of(who) };
    world.at(FOUNDER).revoke(id, low).unwrap();
    assert!(world.at(FOUNDER).roster().device(world.device(FRIEND)).is_none(), "the admission fell");
}

#[test]
fn what_somebody_erased_whose_admission_fell_comes_back_r5_t3() {
    let (mut world, order, other) = forgotten(641);

    cut(&mut world);
    let newcomer = world.join(FOUNDER, Role::Volunteer);
    assert_eq!(world.meet(FOUNDER, newcomer, Break::Never).ended, Ended::InStep);
    world.meet(FOUNDER, WRITER, Break::Never);
    let honest = [FOUNDER, WRITER, AWAY, newcomer];

    for phone in [FOUNDER, WRITER, newcomer] {
        assert_eq!(say::verdict(&world, phone, order), Some(Some(Held::Missing)), "phone {phone} asks for it");
        assert!(world.at(phone).order(other).is_ok(), "and holds what stands behind it: phone {phone}");
    }
    for _ in 0..2 {
        for phone in [AWAY, WRITER, newcomer] {
            assert_eq!(world.meet(FOUNDER, phone, Break::Never).ended, Ended::InStep, "phone {phone}");
        }
    }

    for phone in honest {
        let comments = world.at(phone).order(order).map(|order| order.view.comments.len());
        assert_eq!(comments, Ok(1), "phone {phone}");
        assert_eq!(world.at(phone).verify().unwrap().faults, [], "phone {phone}");
        assert_eq!(world.at(phone).state_hash().unwrap(), world.at(FOUNDER).state_hash().unwrap(), "phone {phone}");
    }
    world.pass(say::THREE_DAYS);
    assert!(honest.iter().all(|phone| world.at(*phone).tend().unwrap().forgotten == 0));
}

/// T4: what a stranger erased tells why bodies are gone, and is kept as what lies beyond a cut is.
#[test]
fn of_a_stranger_few_erasures_are_kept_that_tell_why_bodies_are_gone_r5_t4() {
    let (mut world, order, _) = forgotten(642);
    cut(&mut world);
    let newcomer = world.join(FOUNDER, Role::Volunteer);
    world.meet(FOUNDER, newcomer, Break::Never);
    let tag = world.tag(FOUNDER, Topic::Erasure);
    let of = |world: &World, phone: usize| {
        let rooms = world.at(phone).look(|reader| reader.rooms_of(world.device(FRIEND))).unwrap();
        rooms.into_iter().filter(|(topic, _)| *topic == tag).map(|(_, room)| room.events).sum::<u64>()
    };
    let before = of(&world, newcomer);
    assert!(before > 0);

    for _ in 0..4 {
        let mut forger = Forger::with_keys_of(&mut world, FRIEND).in_topic(&world, FRIEND, Topic::Erasure);
        for _ in 0..limits::SIGNATURE_EVERY * 4 {
            let spans = vec![ErasedSpan { log: order.log, first: 0, last: 1 << 40, check: order.check, gaps: None }];
            let aggregates = vec![ErasedAggregate { creating: order, spans }];
            forger.clear(Erased::KIND, Erased::VERSION, Erased { aggregates, totals: None }.encode());
        }
        hand_over(&world, newcomer, world.device(WRITER), tag, &forger.runs()).unwrap();
    }

    let kept = of(&world, newcomer);
    assert!(kept > before && kept <= limits::BEYOND_CUT, "{kept} events");
    assert!(world.at(newcomer).order(order).is_err());
}
