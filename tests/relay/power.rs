//! The power goes: what is left is what the disk was told, and nothing that only the kernel knew.

use std::{
    fs::File,
    path::{Path, PathBuf},
    process::Command,
};

use linli_core::id::Reference;
use linli_tests::{office::Office, people::LAN};
use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};

use super::scene::{PATIENCE, Scene, dialling, within};

/// Bytes of the disk: the least on which ext4 keeps a journal of its own is well below that.
const SIZE: u64 = 64 << 20;

#[tokio::test(flavor = "multi_thread")]
async fn a_power_cut_costs_nothing_that_was_acknowledged() {
    let dir = linli_tests::somewhere();
    let Some(disk) = Disk::make(dir.path().join("disk.img"), dir.path().join("disk")) else {
        linli_tests::skipped("no disk can be mounted here (that takes root, mkfs.ext4 and a loop device)");
        return;
    };
    let mut scene = Scene::at(3, 2, Office::open(&disk.at), linli_tests::somewhere()).await;
    let late = scene.admit();
    within(PATIENCE, "the relay knows of the newcomer", || scene.is_in_step(LAN)).await;
    let mut orders = vec![scene.post(LAN, "3", "milk")];
    within(PATIENCE, "the office has the first", || scene.acknowledged(&orders).len() == 1).await;
    orders.extend((0..90).map(|nth| scene.post(nth % 3, "3", "milk")));
    within(PATIENCE, "it has some more", || scene.acknowledged(&orders).len() > 20).await;
    // It stands still while the device is copied: else the copy would be of no one moment.
    let pid = Pid::from_raw(scene.office.pid().try_into().unwrap());
    kill(pid, Signal::SIGSTOP).unwrap();
    let acknowledged = scene.acknowledged(&orders);
    let after = disk.after_a_cut(dir.path());
    kill(pid, Signal::SIGCONT).unwrap();
    orders.extend((0..30).map(|nth| scene.post(nth % 3, "5", "bread")));
    scene.office.kill();

    // Somebody who was never there comes to what is left of the disk, and nobody else.
    scene.nodes.clear();
    scene.office = Office::open_at(&after.at, scene.office.address(), Vec::new());
    scene.go_online(late);
    let there = |order: &Reference| scene.world.at(late).order(*order).is_ok();
    within(PATIENCE, "all that was acknowledged is there", || acknowledged.iter().all(there)).await;
    for phone in 0..late {
        scene.nodes.push(scene.world.at(phone).start_node(dialling()).unwrap());
    }
    scene.settle(&orders).await;
    drop(scene);
}

/// A disk with a file system of its own, mounted until this goes. Its image holds what was written to the device: not
/// what waits in the kernel to be written.
struct Disk {
    image: PathBuf,
    at: PathBuf,
}

impl Disk {
    /// None where this process may not mount one.
    fn make(image: PathBuf, at: PathBuf) -> Option<Self> {
        File::create(&image).and_then(|file| file.set_len(SIZE)).unwrap();
        done(Command::new("mkfs.ext4").arg("-qF").arg(&image)).then_some(())?;
        Self::mount(image, at)
    }

    fn mount(image: PathBuf, at: PathBuf) -> Option<Self> {
        std::fs::create_dir_all(&at).unwrap();
        // The kernel writes only what it is asked to make durable, not by the way every few seconds.
        done(Command::new("mount").args(["-o", "loop,commit=300"]).args([&image, &at])).then_some(Self { image, at })
    }

    /// The same device as it is at this moment, in a machine that starts again.
    fn after_a_cut(&self, beside: &Path) -> Self {
        let image = beside.join("after.img");
        std::fs::copy(&self.image, &image).unwrap();
        Self::mount(image, beside.join("after")).expect("its journal is whole")
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let _unmounted = done(Command::new("umount").arg("-l").arg(&self.at));
    }
}

fn done(command: &mut Command) -> bool {
    command.output().is_ok_and(|done| done.status.success())
}
