//! A disk that is full.

use std::time::Duration;

use linli_core::id::Reference;
use linli_tests::{disk::Disk, office::Office};

use super::scene::{PATIENCE, Scene, dialling, within};

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_costs_nothing_that_was_acknowledged() {
    let dir = linli_tests::somewhere();
    let place = dir.path().join("disk");
    let Some(disk) = Disk::mount(place.clone(), "2m") else { return };
    let office = Office::open(&place);
    let mut scene = Scene::at(21, 2, office, linli_tests::somewhere()).await;
    let late = scene.admit();
    let mut orders = vec![scene.post(0, "3", "a note")];
    within(PATIENCE, "the office has the first", || scene.acknowledged(&orders).len() == 1).await;

    // More than the disk holds, until it takes no more.
    let note = "x".repeat(8_000);
    orders.extend((0..250).map(|nth| scene.post(nth % 3, "3", &note)));
    let mut before = 0;
    for _ in 0..30 {
        tokio::time::sleep(Duration::from_secs(1)).await;
        let now = scene.acknowledged(&orders).len();
        if now == before && now > 1 {
            break;
        }
        before = now;
    }
    let acknowledged = scene.acknowledged(&orders);
    assert!((2..orders.len()).contains(&acknowledged.len()), "{} of {}", acknowledged.len(), orders.len());

    scene.office.kill();
    disk.remount("size=100m");
    scene.nodes.clear();
    scene.office.start();
    scene.go_online(late);
    let there = |order: &Reference| scene.world.at(late).order(*order).is_ok();
    within(PATIENCE, "all that was acknowledged is there", || acknowledged.iter().all(there)).await;
    for phone in 0..late {
        scene.nodes.push(scene.world.at(phone).start_node(dialling()).unwrap());
    }
    scene.settle(&orders).await;
    drop(scene);
}

/// A relay that is started where nothing can be written: it hands out what it has, says of all else that it was not
/// taken, and takes it as soon as it can, without having been started again.
async fn serves_what_it_has(seed: u64, shut: impl Fn(&Disk), open: impl Fn(&Disk)) {
    let dir = linli_tests::somewhere();
    let place = dir.path().join("disk");
    let Some(disk) = Disk::mount(place.clone(), "8m") else { return };
    // Its log lies elsewhere.
    std::os::unix::fs::symlink(place.join("data"), dir.path().join("data")).unwrap();
    std::fs::create_dir(place.join("data")).unwrap();
    let mut scene = Scene::at(seed, 1, Office::open(dir.path()), linli_tests::somewhere()).await;
    let late = scene.admit();
    let first = [scene.post(0, "3", "milk"), scene.post(1, "5", "rice")];
    within(PATIENCE, "the office has both", || scene.acknowledged(&first).len() == 2).await;
    scene.office.stop();
    shut(&disk);
    scene.office.start();

    scene.go_online(late);
    let there = |order: &Reference| scene.world.at(late).order(*order).is_ok();
    within(PATIENCE, "it hands out what it has", || first.iter().all(there)).await;
    let second = scene.post(0, "7", "insulin");
    let not_taken = || {
        let peers = scene.world.at(0).sync_state().unwrap().peers;
        peers.iter().any(|peer| peer.not_taken.full > 0)
    };
    within(PATIENCE, "who brings something is told that it was not taken", not_taken).await;
    assert!(scene.acknowledged(&[second]).is_empty(), "nothing is acknowledged that is not durable");

    open(&disk);
    scene.settle(&[first[0], first[1], second]).await;
    drop(scene);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_relay_on_a_full_disk_serves_what_it_has_and_heals_t8() {
    serves_what_it_has(22, Disk::fill, Disk::make_room).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_relay_on_a_read_only_disk_serves_what_it_has_and_heals_t8() {
    serves_what_it_has(23, |disk| disk.remount("ro"), |disk| disk.remount("rw")).await;
}
