//! Clocks that are wrong: the same state on every phone, and alerts that escalate all the same (T7).

use std::{sync::Arc, time::Duration};

use linli_core::{
    aggregate::alert::{Alert, AlertWish, Escalation},
    roster::Role,
    time::{ManualClock, WallMs},
};
use linli_tests::World;

use crate::say::{self, Wish};

/// The founder, and phones whose clocks say 1970 and 2099.
fn scene(seed: u64) -> (World, [ManualClock; 2]) {
    let mut world = World::community(seed, 0);
    let clocks = [WallMs(0), WallMs(4_070_908_800_000)].map(ManualClock::at);
    for clock in &clocks {
        let phone = world.phone_with_clock(Arc::new(clock.clone()));
        let (record, id) = (world.at(phone).record(), world.command());
        world.at(0).admit(id, record, Role::Volunteer, None, None).unwrap();
        let welcome = world.at(0).welcome().unwrap();
        world.at(phone).join(&welcome).unwrap();
    }
    world.settle();
    (world, clocks)
}

#[test]
fn an_alert_escalates_on_every_phone_whatever_its_clock_says_t7() {
    let (mut world, clocks) = scene(1);
    let id = world.command();
    let (building, what) = (Some("3".to_owned()), "fall".to_owned());
    let raise = AlertWish::Raise { what, building, unit: None, room: None, text: None, contact: None };
    world.at(2).submit::<Alert>(id, None, raise).unwrap();
    world.settle();

    for clock in &clocks {
        clock.advance(Duration::from_secs(200));
    }
    world.clock.advance(Duration::from_secs(200));
    clocks[0].set_wall(WallMs(i64::MIN));
    clocks[1].set_wall(WallMs(-1));

    for phone in 0..3 {
        let alerts = world.at(phone).alerts(true).unwrap();
        assert!(alerts[0].escalation >= Escalation::TellCoordinators, "phone {phone}: {:?}", alerts[0].escalation);
    }
    world.assert_equal();
}

#[test]
fn the_first_claim_is_the_first_by_what_people_knew_r9() {
    let (mut world, _) = scene(2);
    let order = say::post(&mut world, 0);
    world.settle();

    // 2099 claims first, 1970 has heard of it and takes over.
    say::submit(&mut world, 2, Some(order), Wish::Claim).unwrap();
    world.settle();
    say::submit(&mut world, 1, Some(order), Wish::TakeOver { anyway: true }).unwrap();
    world.settle();

    for phone in 0..3 {
        assert_eq!(world.at(phone).order(order).unwrap().view.card.holder, Some(world.member(1)));
    }
    world.assert_equal();
}
