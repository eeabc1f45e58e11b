//! A device that floods is slowed, and nothing of it is lost.

#![allow(clippy::expect_used, clippy::panic, reason = "a test that cannot go on ends")]

use std::{sync::Arc, time::Duration};

use linli_core::{
    aggregate::order::{Command, NewOrder, Order},
    limits,
    net::{AnyConversation, Conversation, Host},
    replica::Link,
    time::Clock,
};
use linli_relay::{Communities, Home, Quota, Speed};
use linli_tests::{World, people::LAN};

#[test]
fn a_phone_that_brings_too_much_at_once_waits_and_all_of_it_comes() {
    const ORDERS: u64 = 300;
    let (speed, dir) = (Speed { per_second: 50, burst: 100 }, linli_tests::somewhere());
    let mut world = World::seeded(51);
    world.phone();
    world.at(LAN).found(None).expect("a community begins");
    let home = Home::new(dir.path());
    let record = home.keys().expect("keys").record();
    home.allow(&world.admit_relay(LAN, record)).expect("a file");
    for _ in 0..ORDERS {
        let note = Some("milk ".repeat(200));
        let order = NewOrder { building: "3".into(), kind: "grocery".into(), note, ..NewOrder::default() };
        let id = world.command();
        world.at(LAN).submit::<Order>(id, None, Command::Post(Box::new(order))).expect("anybody posts");
    }
    let founder = world.at(LAN).record();
    let quota = Quota { community: 1 << 30, device: 1 << 30 };
    let communities = Communities::open(home, quota, speed, Arc::new(world.clock.clone())).expect("it opens");
    let store = communities.stores().pop().expect("one community");

    let mut phone = world.at(LAN).link(record.device).expect("a member");
    let mut relay = communities.converse(founder.device).expect("welcome");
    let (began, mut slowed) = (world.clock.mono(), 0);
    while !(phone.is_in_step() && relay.is_in_step()) {
        carry(&mut phone, &mut relay);
        slowed += u32::from(relay.unsent() >= limits::UNSENT);
        world.clock.advance(Duration::from_millis(20));
        phone.tick().expect("the phone goes on");
        relay.tick().expect("the relay goes on");
        assert!(world.clock.mono().since(began) < 60_000, "it never ends");
    }

    let took = world.clock.mono().since(began);
    let events = store.usage().expect("it answers").events;
    assert!(events >= ORDERS);
    assert!(slowed > 10, "it was slowed {slowed} times");
    // All but the burst at the rate, less the last piece, for which nobody waits any more.
    let least = (events - speed.burst) * 1000 / speed.per_second;
    assert!((least / 2..least + 2_000).contains(&took), "{events} events took {took} ms, {least} expected");
    assert_eq!(store.meter().refused.load(std::sync::atomic::Ordering::Relaxed), 0);
}

/// Carries bytes until both are silent or the relay reads no more; whether there were any.
fn carry(phone: &mut Link, relay: &mut AnyConversation) -> bool {
    let mut any = false;
    loop {
        let reading = relay.unsent() < limits::UNSENT;
        let up = if reading { phone.send(4096).expect("the phone goes on") } else { Vec::new() };
        if !up.is_empty() {
            relay.receive(&up).expect("the relay goes on");
        }
        let down = relay.send(4096).expect("the relay goes on");
        if !down.is_empty() {
            phone.receive(&down).expect("the phone goes on");
        }
        if up.is_empty() && down.is_empty() {
            return any;
        }
        any = true;
    }
}
