//! Two buildings, one relay, and what happens to it.

use std::{net::TcpStream, time::Duration};

use linli_core::roster::{Revocation, Who};
use linli_tests::{
    office::Office,
    people::{LAN, WU},
    ports::own_port,
};

use super::scene::{PATIENCE, Scene, copy, within};

#[tokio::test(flavor = "multi_thread")]
async fn two_buildings_that_never_meet_end_equal_through_the_relay() {
    let mut scene = Scene::begin(1, 3).await;

    let orders: Vec<_> = (0..40).map(|nth| scene.post(nth % 4, ["3", "5"][nth % 2], "two boxes")).collect();

    scene.settle(&orders).await;
    assert_eq!(scene.acknowledged(&orders), orders, "and all of them know that the office has it");
    assert!(scene.office.stop(), "it ends well when it is told to");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_relay_that_is_killed_twice_loses_nothing_and_phones_come_back_by_themselves() {
    let mut scene = Scene::begin(2, 3).await;
    let mut orders = Vec::new();
    for nth in 0..90 {
        orders.push(scene.post(nth % 4, ["3", "5"][nth % 2], "rice"));
        tokio::time::sleep(Duration::from_millis(10)).await;
        if nth == 30 || nth == 60 {
            scene.office.kill();
            tokio::time::sleep(Duration::from_millis(200)).await;
            scene.office.start();
        }
    }

    scene.settle(&orders).await;
}

#[test]
fn a_relay_that_starts_again_has_its_port_at_once_though_visitors_of_before_hold_on() {
    let dir = linli_tests::somewhere();
    let mut office = Office::open(dir.path());
    let mut visitors = Vec::new();

    for _ in 0..5 {
        visitors.extend((0..5).map(|_| TcpStream::connect(office.address()).unwrap()));
        office.kill();
        office.start();
        assert!(office.stop(), "it ends well, however soon it is told to");
        office.start();
    }
}

/// Events on the relay's disk, as it says itself.
fn held(scene: &Scene) -> u64 {
    let said = scene.office.run(&["communities"]);
    let said: serde_json::Value = serde_json::from_slice(&said.stdout).unwrap();
    said[0]["held"]["events"].as_u64().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn phones_notice_an_old_backup_and_give_back_what_it_lacks() {
    let mut scene = Scene::begin(4, 2).await;
    let mut orders: Vec<_> = (0..20).map(|nth| scene.post(nth % 3, "3", "salt")).collect();
    scene.settle(&orders).await;
    let backup = scene.dir.path().join("backup");
    let done = scene.office.run(&["backup", backup.to_str().unwrap()]);
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    orders.extend((0..20).map(|nth| scene.post(nth % 3, "5", "oil")));
    scene.settle(&orders).await;
    within(PATIENCE, "the relay has it all", || scene.acknowledged(&orders).len() == orders.len()).await;
    let before = held(&scene);

    assert!(scene.office.stop());
    let done = scene.office.run(&["restore", backup.to_str().unwrap()]);
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    assert!(held(&scene) < before, "it was rolled back");
    scene.office.start();

    within(PATIENCE, "it is given back what it lacks", || held(&scene) >= before).await;
    // Whoever comes now finds everything there, though all others are gone.
    let late = scene.admit();
    within(PATIENCE, "the newcomer is known", || scene.is_in_step(LAN)).await;
    scene.go_online(late);
    scene.settle(&orders).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_relay_that_moves_is_found_again() {
    let mut scene = Scene::begin(5, 1).await;
    let mut orders = vec![scene.post(WU, "5", "tea")];
    scene.settle(&orders).await;

    // Both phones hear of the new place while the old one still stands.
    let there = scene.dir.path().join("there");
    let elsewhere = own_port();
    let (id, relay) = (scene.world.command(), scene.relay());
    scene.world.at(LAN).move_relay(id, relay, vec![elsewhere.to_string()]).unwrap();
    let heard = |phone: usize| scene.world.at(phone).roster().relays()[0].addresses == [elsewhere.to_string()];
    within(PATIENCE, "both have heard of it", || heard(LAN) && heard(WU)).await;
    assert!(scene.office.stop());
    copy(&scene.office.data(), &there.join("data"));
    scene.office = Office::open_at(&there, elsewhere, Vec::new());

    orders.push(scene.post(LAN, "3", "coffee"));
    scene.settle(&orders).await;
    let reached =
        |phone: usize| scene.nodes[phone].connected().iter().any(|one| one.address.port() == elsewhere.port());
    within(PATIENCE, "they are connected there", || reached(0) && reached(1)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_relay_with_new_keys_takes_the_place_of_the_old_one() {
    let mut scene = Scene::begin(6, 1).await;
    let mut orders = vec![scene.post(WU, "5", "tea")];
    scene.settle(&orders).await;

    // While the old one still forwards, everybody hears of the new one.
    let fresh = Office::open(&scene.dir.path().join("fresh"));
    let (id, old) = (scene.world.command(), scene.relay());
    scene.world.at(LAN).admit_relay(id, fresh.card(), None).unwrap();
    fresh.allow(&scene.world.at(LAN).relay_pass().unwrap());
    let there =
        |phone: usize| scene.nodes[phone].connected().iter().any(|one| one.device == fresh.card().record.device);
    within(PATIENCE, "both have found it", || there(0) && there(1)).await;
    let id = scene.world.command();
    scene.world.at(LAN).revoke(id, Revocation::of(Who::Device(old))).unwrap();

    orders.push(scene.post(LAN, "3", "coffee"));
    let has = |phone: usize| orders.iter().all(|order| scene.world.at(phone).order(*order).is_ok());
    within(PATIENCE, "news go over the new one", || has(LAN) && has(WU)).await;
    let alone = |phone: usize| scene.nodes[phone].connected().iter().all(|one| one.device != old);
    within(PATIENCE, "both have left the old one", || alone(LAN) && alone(WU)).await;
}
