//! A disk that is full.

use std::{path::Path, process::Command, sync::Arc, time::Duration};

use linli_core::{id::Reference, time::SystemClock};
use linli_relay::{Communities, Home, Quota, Speed, copies};
use linli_tests::{
    disk::Disk,
    office::{Office, any_pass, relay_program},
    people::{LAN, WU},
};

use super::scene::{PATIENCE, Scene, dialling, within};

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_costs_nothing_that_was_acknowledged() {
    let dir = linli_tests::somewhere();
    let place = dir.path().join("disk");
    let Some(disk) = Disk::mount(place.clone(), "2m") else { return };
    let office = Office::open(&place);
    let mut scene = Scene::at(21, 2, office, linli_tests::somewhere()).await;
    let late = scene.admit();
    let mut orders = vec![scene.post(LAN, "3", "a note")];
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
    let first = [scene.post(LAN, "3", "milk"), scene.post(WU, "5", "rice")];
    within(PATIENCE, "the office has both", || scene.acknowledged(&first).len() == 2).await;
    scene.office.stop();
    shut(&disk);
    scene.office.start();

    scene.go_online(late);
    let there = |order: &Reference| scene.world.at(late).order(*order).is_ok();
    within(PATIENCE, "it hands out what it has", || first.iter().all(there)).await;
    let second = scene.post(LAN, "7", "insulin");
    let not_taken = || {
        let peers = scene.world.at(LAN).sync_state().unwrap().peers;
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

/// Runs a command of the relay, no file of which may grow beyond so many blocks: its exit code, and the code it says.
fn bounded(blocks: &str, data: &Path, words: &[&str]) -> (Option<i32>, String) {
    let said = Command::new("sh")
        .args(["-c", r#"trap "" XFSZ; ulimit -f "$1"; shift; exec "$@""#, "sh", blocks])
        .arg(relay_program())
        .args(["--json", "--data"])
        .arg(data)
        .args(words)
        .output()
        .unwrap();
    let error: serde_json::Value = serde_json::from_slice(&said.stderr).unwrap_or_default();
    (said.status.code(), error["code"].as_str().unwrap_or_default().to_owned())
}

fn no_room() -> (Option<i32>, String) {
    (Some(3), "disk_full".to_owned())
}

fn done() -> (Option<i32>, String) {
    (Some(0), String::new())
}

/// A relay with a community, and a copy of it beside.
fn with_a_copy(place: &Path) {
    let home = Home::new(place.join("data"));
    home.keys().unwrap();
    home.allow(&any_pass(1)).unwrap();
    let quota = Quota { community: 1 << 30, device: 1 << 30 };
    let opened = Communities::open(home.clone(), quota, Speed::default(), Arc::new(SystemClock)).unwrap();
    assert_eq!(opened.stores().len(), 1);
    drop(opened);
    copies::backup(&home, &place.join("copy")).unwrap();
}

#[test]
fn whatever_a_command_of_the_relay_has_no_room_for_it_says_so_in_one_way_t8() {
    let place = linli_tests::somewhere();
    with_a_copy(place.path());
    let (data, new) = (place.path().join("data"), place.path().join("new"));
    let path = |name: &str| place.path().join(name).display().to_string();
    let pass = any_pass(2).to_string();

    assert_eq!(bounded("0", &new, &["card"]), no_room(), "keys");
    assert_eq!(bounded("0", &data, &["allow", &pass]), no_room());
    assert_eq!(bounded("0", &data, &["backup", &path("another")]), no_room(), "its keys");
    assert_eq!(bounded("4", &data, &["backup", &path("another")]), no_room(), "its database");
    assert_eq!(bounded("4", &data, &["restore", &path("copy")]), no_room());

    for half in ["another", "another.unfinished", "data.unfinished"] {
        assert!(!place.path().join(half).exists(), "{half} takes no room");
    }
    assert_eq!(bounded("unlimited", &data, &["allow", &pass]), done());
    assert_eq!(bounded("unlimited", &data, &["backup", &path("another")]), done());
    assert_eq!(bounded("unlimited", &data, &["restore", &path("copy")]), done());
    assert_eq!(bounded("unlimited", &new, &["card"]), done());
}

#[test]
fn on_a_full_or_read_only_disk_a_command_of_the_relay_says_the_same_t8() {
    let dir = linli_tests::somewhere();
    let Some(disk) = Disk::mount(dir.path().join("disk"), "8m") else { return };
    with_a_copy(disk.at());
    let (data, pass) = (disk.at().join("data"), any_pass(2).to_string());
    let another = disk.at().join("another").display().to_string();
    let refused = |how: &str| {
        for words in [&["allow", &pass][..], &["backup", &another]] {
            assert_eq!(bounded("unlimited", &data, words), no_room(), "{how}: {words:?}");
        }
    };

    disk.fill();
    refused("full");
    disk.make_room();
    disk.remount("ro");
    refused("read-only");
    let elsewhere = dir.path().join("elsewhere").display().to_string();
    assert_eq!(bounded("unlimited", &data, &["backup", &elsewhere]), done(), "what is there can be read");
    disk.remount("rw");

    assert_eq!(bounded("unlimited", &data, &["allow", &pass]), done());
    assert_eq!(bounded("unlimited", &data, &["backup", &another]), done());
}
