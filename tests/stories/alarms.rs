//! Alarms: a phone that sleeps knows beforehand when to wake its person, and for what.

use std::{fs, time::Duration};

use linli_core::{
    aggregate::{
        alert::{Alert, AlertCommand},
        order::{Command, NewOrder, Order},
    },
    id::Reference,
    limits,
    replica::{Alarm, AlarmOf},
    time::{Clock, WallMs},
};
use linli_tests::World;

use crate::ends;

const MINUTE: i64 = limits::MINUTE_MS;

fn post(world: &mut World, needed_by: Option<WallMs>) -> Reference {
    let (building, kind, note) = ("3".into(), "grocery".into(), Some("milk".into()));
    let order = NewOrder { building, kind, note, needed_by, ..NewOrder::default() };
    let id = world.command();
    world.at(0).submit::<Order>(id, None, Command::Post(Box::new(order))).unwrap().aggregate
}

fn claim(world: &mut World, order: Reference) {
    let id = world.command();
    world.at(0).submit::<Order>(id, Some(order), Command::Claim).unwrap();
}

/// Since when a phone holds an alert is noted in a row of its own. It goes with the bytes of the alert (R5).
#[test]
fn nothing_is_noted_of_an_alert_whose_bytes_are_gone_r5() {
    let mut world = World::community(2, 1);
    let (what, building) = ("chest_pain".into(), Some("3".into()));
    let raise = AlertCommand::Raise { what, building, unit: None, room: None, text: None, contact: None };
    let [id, other] = [world.command(), world.command()];
    let alert = world.at(1).submit::<Alert>(id, None, raise.clone()).unwrap().aggregate;
    let kept = world.at(1).submit::<Alert>(other, None, raise).unwrap().aggregate;
    world.settle();
    let noted = |world: &World, phone: usize, of: Reference| {
        world.at(phone).look(|reader| reader.meta(&format!("alert-held:{of}"))).unwrap().is_some()
    };
    assert!((0..2).all(|phone| noted(&world, phone, alert)));
    let id = world.command();
    world.at(0).erase(id, &[alert]).unwrap();
    world.settle();

    for _ in 0..2 {
        world.pass(73 * 60);
        (0..2).for_each(|phone| _ = world.at(phone).tend().unwrap());
    }

    for phone in 0..2 {
        assert!(!noted(&world, phone, alert), "phone {phone}");
        assert!(noted(&world, phone, kept), "phone {phone}");
    }
}

/// The file is out of the way just when it would be noted since when an alert is held, and back a moment later.
#[test]
fn since_when_an_alert_is_held_is_noted_as_soon_as_it_can_be_t8() {
    let (mut world, phone) = ends::waited(6);
    let (what, building) = ("chest_pain".into(), Some("3".into()));
    let raise = AlertCommand::Raise { what, building, unit: None, room: None, text: None, contact: None };
    let id = world.command();
    let there = world.home(phone).join("linli.db");
    let away = there.with_extension("away");
    let alert = |world: &World| world.at(phone).alerts(true).unwrap().into_iter().next();
    let raised = |world: &World| world.at(phone).look(|reader| reader.stats()).unwrap().aggregates > 0;
    let act = || _ = world.at(phone).submit::<Alert>(id, None, raise).unwrap();

    ends::while_it_asks(act, || {
        if raised(&world) && there.exists() {
            fs::rename(&there, &away).unwrap();
        }
    });
    fs::rename(&away, &there).unwrap();
    let alert = alert(&world).unwrap().card.alert;
    let noted = || world.at(phone).look(|reader| reader.meta(&format!("alert-held:{alert}"))).unwrap();
    assert_eq!(noted(), None);

    world.pass(1);
    world.at(phone).tend().unwrap();

    assert!(noted().is_some());
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
    let raise = AlertCommand::Raise { what, building, unit: None, room: None, text: None, contact: None };
    let id = world.command();
    let alert = world.at(0).submit::<Alert>(id, None, raise).unwrap().aggregate;
    let louder = next(&world).unwrap();
    assert_eq!(louder.of, AlarmOf::AlertLouder { alert });
    assert!(louder.at > began && louder.at <= began.plus(MINUTE));
    let id = world.command();
    world.at(0).submit::<Alert>(id, Some(alert), AlertCommand::Acknowledge).unwrap();

    world.clock.advance(Duration::from_secs(90 * 60));
    let lease = began.plus(limits::LEASE_NORMAL_MS);
    assert_eq!(next(&world), Some(Alarm { at: lease, of: AlarmOf::LeaseEnds { order } }), "what has come is over");
    world.clock.advance_to(lease);
    assert_eq!(next(&world), None);
}
