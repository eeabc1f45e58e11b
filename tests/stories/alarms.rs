//! Alarms: a phone that sleeps knows beforehand when to wake its person, and for what.

use std::time::Duration;

use linli_core::{
    aggregate::{
        alert::{Alert, AlertWish},
        order::{NewOrder, Order, Wish},
    },
    id::Reference,
    limits,
    replica::{Alarm, AlarmOf},
    time::{Clock, WallMs},
};
use linli_tests::World;

const MINUTE: i64 = limits::MINUTE_MS;

fn post(world: &mut World, needed_by: Option<WallMs>) -> Reference {
    let (building, kind, note) = ("3".into(), "grocery".into(), Some("milk".into()));
    let order = NewOrder { building, kind, note, needed_by, ..NewOrder::default() };
    let id = world.command();
    world.at(0).submit::<Order>(id, None, Wish::Post(Box::new(order))).unwrap().aggregate
}

fn claim(world: &mut World, order: Reference) {
    let id = world.command();
    world.at(0).submit::<Order>(id, Some(order), Wish::Claim).unwrap();
}

#[test]
fn the_next_alarm_is_known_beforehand() {
    let mut world = World::community(1, 0);
    let began = world.clock.wall();
    let next = |world: &World| world.at(0).next_alarm().unwrap();
    assert_eq!(next(&world), None);
    let order = post(&mut world, Some(began.plus(90 * MINUTE)));
    assert_eq!(next(&world), None, "nobody's own yet");

    claim(&mut world, order);
    assert_eq!(next(&world), Some(Alarm { at: began.plus(90 * MINUTE), of: AlarmOf::NeededBy { order } }));

    let (what, building) = ("chest_pain".into(), Some("3".into()));
    let raise = AlertWish::Raise { what, building, unit: None, room: None, text: None, contact: None };
    let id = world.command();
    let alert = world.at(0).submit::<Alert>(id, None, raise).unwrap().aggregate;
    let louder = next(&world).unwrap();
    assert_eq!(louder.of, AlarmOf::AlertLouder { alert });
    assert!(louder.at > began && louder.at <= began.plus(MINUTE));
    let id = world.command();
    world.at(0).submit::<Alert>(id, Some(alert), AlertWish::Acknowledge).unwrap();

    world.clock.advance(Duration::from_secs(90 * 60));
    let lease = began.plus(limits::LEASE_NORMAL_MS);
    assert_eq!(next(&world), Some(Alarm { at: lease, of: AlarmOf::LeaseEnds { order } }), "what has come is over");
    world.clock.advance_to(lease);
    assert_eq!(next(&world), None);
}
