//! A disk that is full.

use std::{path::Path, process::Command, time::Duration};

use linli_core::id::Reference;
use linli_tests::office::Office;

use super::scene::{PATIENCE, Scene, dialling, within};

/// A small disk of its own, until this goes.
struct Disk<'a>(&'a Path);

impl<'a> Disk<'a> {
    /// None where this process may not mount one.
    fn mount(at: &'a Path, size: &str) -> Option<Self> {
        std::fs::create_dir_all(at).unwrap();
        let options = format!("size={size}");
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", &options, "tmpfs"]).arg(at);
        mount.output().is_ok_and(|done| done.status.success()).then_some(Self(at))
    }

    fn grow(&self, size: &str) {
        let options = format!("remount,size={size}");
        assert!(Command::new("mount").args(["-o", &options]).arg(self.0).status().unwrap().success());
    }
}

impl Drop for Disk<'_> {
    fn drop(&mut self) {
        let _unmounted = Command::new("umount").arg("-l").arg(self.0).status();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_costs_nothing_that_was_acknowledged() {
    let dir = linli_tests::somewhere();
    let place = dir.path().join("disk");
    let Some(disk) = Disk::mount(&place, "3m") else {
        eprintln!("skipped: no disk can be mounted here (that takes root)");
        return;
    };
    let office = Office::open(&place);
    let mut scene = Scene::at(21, 2, office, linli_tests::somewhere()).await;
    let late = scene.admit();
    let mut orders = vec![scene.post(0, "3", "a note")];
    within(PATIENCE, "the office has the first", || scene.acknowledged(&orders).len() == 1).await;

    // More than the disk holds, until it takes no more.
    let note = "x".repeat(8_000);
    orders.extend((0..600).map(|nth| scene.post(nth % 3, "3", &note)));
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
    disk.grow("100m");
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
