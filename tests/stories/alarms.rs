//! Alarms: a phone that sleeps knows beforehand when to wake its person, and for what.

use std::{fs, time::Duration};

use linli_core::{
    aggregate::{
        alert::{Alert, AlertCommand, Escalation},
        order::{Command, NewOrder, Order},
    },
    count::{self, Work},
    id::Reference,
    limits,
    replica::{Alarm, AlarmOf},
    time::{Clock, WallMs},
};
use linli_tests::{
    World,
    people::{LAN, MEI, WU},
};

use crate::ends;

const MINUTE: i64 = limits::MINUTE_MS;

/// Since when a phone holds an alert is noted in a row of its own. It goes with the bytes of the alert (R5).
#[test]
fn nothing_is_noted_of_an_alert_whose_bytes_are_gone_r5() {
    let mut world = World::community(2, 1);
    let (what, building) = ("chest_pain".into(), Some("3".into()));
    let raise = AlertCommand::Raise { what, building, unit: None, room: None, text: None, contact: None };
    let [id, other] = [world.command(), world.command()];
    let alert = world.at(WU).submit::<Alert>(id, None, raise.clone()).unwrap().aggregate;
    let kept = world.at(WU).submit::<Alert>(other, None, raise).unwrap().aggregate;
    world.settle();
    let noted = |world: &World, phone: usize, of: Reference| {
        world.at(phone).look(|reader| reader.meta(&format!("alert-held:{of}"))).unwrap().is_some()
    };
    assert!((0..2).all(|phone| noted(&world, phone, alert)));
    let id = world.command();
    world.at(LAN).erase(id, &[alert]).unwrap();
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
    let next = |world: &World| world.at(LAN).next_alarm().unwrap();
    assert_eq!(next(&world), None);
    let order = post(&mut world, Some(began.plus(90 * MINUTE)));
    assert_eq!(next(&world), None, "nobody's own yet");

    claim(&mut world, order);
    assert_eq!(next(&world), Some(Alarm { at: began.plus(90 * MINUTE), of: AlarmOf::NeededBy { order } }));

    let (what, building) = ("chest_pain".into(), Some("3".into()));
    let raise = AlertCommand::Raise { what, building, unit: None, room: None, text: None, contact: None };
    let id = world.command();
    let alert = world.at(LAN).submit::<Alert>(id, None, raise).unwrap().aggregate;
    let louder = next(&world).unwrap();
    assert_eq!(louder.of, AlarmOf::AlertLouder { alert });
    assert!(louder.at > began && louder.at <= began.plus(MINUTE));
    let id = world.command();
    world.at(LAN).submit::<Alert>(id, Some(alert), AlertCommand::Acknowledge).unwrap();

    world.clock.advance(Duration::from_secs(90 * 60));
    let lease = began.plus(limits::LEASE_NORMAL_MS);
    assert_eq!(next(&world), Some(Alarm { at: lease, of: AlarmOf::LeaseEnds { order } }), "what has come is over");
    world.clock.advance_to(lease);
    assert_eq!(next(&world), None);
}

fn raise(world: &mut World, phone: usize) -> Reference {
    let (what, building) = ("胸痛".into(), Some("3".into()));
    let raise = AlertCommand::Raise { what, building, unit: None, room: None, text: None, contact: None };
    let id = world.command();
    world.at(phone).submit::<Alert>(id, None, raise).unwrap().aggregate
}

fn answer(world: &mut World, phone: usize, alert: Reference, answer: AlertCommand) {
    let id = world.command();
    world.at(phone).submit::<Alert>(id, Some(alert), answer).unwrap();
    world.settle();
}

#[test]
fn an_alert_stands_on_top_of_every_phone_until_somebody_answers() {
    let mut world = World::community(11, 2);
    let alert = raise(&mut world, WU);
    let on_top =
        |world: &World| -> Vec<usize> { (0..3).map(|one| world.at(one).alerts_on_top().unwrap().len()).collect() };
    assert_eq!(on_top(&world), [0, 1, 0]);
    world.settle();
    assert_eq!(on_top(&world), [1, 1, 1]);
    assert_eq!(world.at(MEI).alerts_on_top().unwrap()[0].emergency_number, "120");

    answer(&mut world, LAN, alert, AlertCommand::Acknowledge);
    assert_eq!(on_top(&world), [0, 0, 0]);

    answer(&mut world, WU, alert, AlertCommand::RaiseAgain { why: None });
    assert_eq!(on_top(&world), [1, 1, 1]);
}

#[test]
fn an_ack_that_leads_to_nothing_grows_loud_again() {
    use Escalation::{Answered, CallEmergencyNumber, TellCoordinators, TellLeaders};
    let mut world = World::community(12, 2);
    let alert = raise(&mut world, WU);
    world.settle();
    answer(&mut world, LAN, alert, AlertCommand::Acknowledge);
    let loud = |world: &World| -> Vec<Escalation> {
        (0..3).map(|phone| world.at(phone).alerts(true).unwrap()[0].escalation).collect()
    };
    let louder = Alarm { at: world.clock.wall().plus(5 * MINUTE), of: AlarmOf::AlertLouder { alert } };
    assert_eq!((loud(&world), world.at(MEI).next_alarm().unwrap()), (vec![Answered; 3], Some(louder)));

    for (minutes, step) in [(4, Answered), (1, TellLeaders), (5, TellCoordinators), (5, CallEmergencyNumber)] {
        world.pass(minutes);
        assert_eq!(loud(&world), [step; 3]);
        assert!((0..3).all(|phone| world.at(phone).alerts_on_top().unwrap().is_empty() == (step == Answered)));
    }

    answer(&mut world, MEI, alert, AlertCommand::Respond { eta_minutes: Some(3) });
    assert_eq!(loud(&world), [Answered; 3]);
    world.pass(12);
    assert_eq!(loud(&world), [Answered; 3]);
    world.pass(1);
    assert_eq!(loud(&world), [TellLeaders; 3]);

    // The clock goes back by years: what counts is how long each phone has held the answer, over a restart too.
    answer(&mut world, MEI, alert, AlertCommand::Respond { eta_minutes: None });
    world.clock.set_wall(WallMs(0));
    world.pass(15);
    assert_eq!(loud(&world), [Answered; 3]);
    world.close(LAN);
    world.open(LAN);
    world.pass(7);
    assert_eq!(loud(&world), [TellLeaders; 3]);

    answer(&mut world, LAN, alert, AlertCommand::HandToAmbulance { note: None, already_happened: false });
    world.pass(60);
    assert_eq!(loud(&world), [Answered; 3]);
}

/// T4: what one person heaps up stands on top in a few lines, and hides nobody else's.
#[test]
fn who_raises_many_has_a_few_on_top_and_hides_nobody_elses() {
    let mut world = World::community(13, 2);
    for _ in 0..limits::ALERTS_ON_TOP + 4 {
        raise(&mut world, WU);
    }
    let other = raise(&mut world, MEI);
    world.settle();

    let on_top = world.at(LAN).alerts_on_top().unwrap();

    assert_eq!(on_top.len(), limits::ALERTS_ON_TOP + 1);
    let more: Vec<u64> = on_top.iter().map(|one| one.line.more).collect();
    assert!(on_top.iter().any(|one| one.line.card.alert == other && one.line.more == 0));
    assert_eq!(more.iter().filter(|more| **more == 4).count(), limits::ALERTS_ON_TOP);
}

/// T4: what one person heaps up costs a screen no more than so many of theirs.
#[test]
fn a_heap_of_alerts_costs_what_stands_on_top_no_more() {
    let mut world = World::community(14, 1);
    let rows = |world: &World| {
        let before = count::done_here(Work::RowRead);
        assert_eq!(world.at(WU).alerts_on_top().unwrap().len(), limits::ALERTS_ON_TOP);
        count::done_here(Work::RowRead) - before
    };
    let mut read = Vec::new();
    for _ in 0..2 {
        (0..=limits::ALERTS_OF_ONE).for_each(|_| _ = raise(&mut world, WU));
        read.push(rows(&world));
    }

    assert!(read[0] < 1_000 && read[1] <= read[0] + 1, "{read:?}");
}

fn post(world: &mut World, needed_by: Option<WallMs>) -> Reference {
    let (building, kind, note) = ("3".into(), "grocery".into(), Some("milk".into()));
    let order = NewOrder { building, kind, note, needed_by, ..NewOrder::default() };
    let id = world.command();
    world.at(LAN).submit::<Order>(id, None, Command::Post(Box::new(order))).unwrap().aggregate
}

fn claim(world: &mut World, order: Reference) {
    let id = world.command();
    world.at(LAN).submit::<Order>(id, Some(order), Command::Claim).unwrap();
}
