//! Erasure obeyed (R5): after 72 hours of running time the relay holds nothing of what was erased.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use linli_core::{
    aggregate::order::{Command, NewOrder, Order},
    limits,
    net::{Expected, Node, NodeOptions},
    roster::{RelayCard, Role},
    time::{ManualClock, SystemClock},
};
use linli_relay::{Communities, Home, Quota, Speed};
use linli_tests::{MORNING, World};

use super::scene::{PATIENCE, dialling, within};

#[tokio::test(flavor = "multi_thread")]
async fn what_is_erased_is_gone_from_the_relay_after_three_days_of_running() {
    let dir = linli_tests::somewhere();
    let (home, clock) = (Home::new(dir.path()), ManualClock::at(MORNING));
    let record = home.keys().unwrap().record();
    let mut world = World::seeded(31);
    let founder = world.phone_with_clock(Arc::new(SystemClock));
    world.at(founder).found(None).unwrap();
    home.allow(&world.at(founder).relay_pass().unwrap()).unwrap();
    let quota = Quota { community: u64::MAX, device: u64::MAX };
    let communities = Arc::new(Communities::open(home, quota, Speed::default(), Arc::new(clock.clone())).unwrap());
    let listen = Some(SocketAddr::from(([127, 0, 0, 1], 0)));
    let relay =
        Node::start(communities.clone(), NodeOptions { listen, nearby: false, ..NodeOptions::default() }).unwrap();
    let at = SocketAddr::from(([127, 0, 0, 1], relay.port()));
    let id = world.command();
    let card = RelayCard { record, addresses: vec![at.to_string()] };
    world.at(founder).admit_relay(id, card, None).unwrap();
    let phone = world.at(founder).start_node(dialling()).unwrap();

    let note = "a note that is long enough to be missed when it is gone. ".repeat(40);
    let order = NewOrder { building: "3".into(), kind: "medicine".into(), note: Some(note), ..NewOrder::default() };
    let id = world.command();
    let order = world.at(founder).submit::<Order>(id, None, Command::Post(Box::new(order))).unwrap().aggregate;
    let has = || world.at(founder).who_has(order).is_ok_and(|who| who.relay);
    within(PATIENCE, "the relay has it", has).await;
    let store = communities.stores().remove(0);

    let id = world.command();
    let events = store.usage().unwrap().events;
    world.at(founder).erase(id, &[order]).unwrap();
    within(PATIENCE, "the relay hears of the erasure", || store.usage().unwrap().events > events).await;
    let before = store.usage().unwrap();
    // While others may yet bring what it names, the words of the erasure alone are not enough.
    clock.advance(Duration::from_millis(limits::FORGET_MS - 60_000));
    assert_eq!(communities.tend().unwrap(), 0);
    clock.advance(Duration::from_millis(120_000));
    assert!(communities.tend().unwrap() > 0, "it forgets");
    let after = store.usage().unwrap();
    assert!(after.bytes + 2_000 < before.bytes, "{} bytes before, {} after", before.bytes, after.bytes);

    // Somebody new hears of the erasure there, and of nothing that it names.
    phone.shutdown().await;
    let late = world.phone_with_clock(Arc::new(SystemClock));
    let (newcomer, id) = (world.at(late).record(), world.command());
    world.at(founder).admit(id, newcomer, Role::Volunteer, None, None).unwrap();
    let welcome = world.at(founder).welcome().unwrap();
    world.at(late).join(&welcome).unwrap();
    let phone = world.at(founder).start_node(dialling()).unwrap();
    let newcomer = world.at(late).start_node(dialling()).unwrap();
    newcomer.dial(&[at], Expected::Unlisted(record.device)).unwrap();
    within(PATIENCE, "it is in step", || newcomer.connected().iter().any(|one| one.in_step)).await;
    assert!(world.at(late).order(order).is_err());
    drop((phone, newcomer, relay));
}
