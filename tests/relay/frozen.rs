//! A relay whose process stands still: its kernel goes on taking what phones send, over TCP.

use std::time::{Duration, Instant};

use linli_core::net::{Expected, Via};
use linli_tests::{
    office::Office,
    people::{LAN, WU},
};
use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};

use super::{
    blocked::firewall,
    scene::{PATIENCE, Scene, dialling, within},
};

#[tokio::test(flavor = "multi_thread")]
async fn a_frozen_relay_is_noticed_and_what_waited_goes_on_when_it_thaws() {
    let mut scene = Scene::begin(91, 1).await;
    let _silent = behind_a_firewall(&mut scene).await;
    // What was said last is answered.
    tokio::time::sleep(Duration::from_secs(3)).await;

    let frozen = Frozen::now(&scene.office);
    let began = Instant::now();
    let orders = vec![scene.post(LAN, "3", "soap")];
    let who = ["the one that speaks", "an idle one over QUIC", "an idle one over TCP"];
    for (phone, who) in who.into_iter().enumerate() {
        within(PATIENCE, who, || scene.nodes[phone].connected().is_empty()).await;
        eprintln!("{who} notices after {:?}", began.elapsed());
    }

    drop(frozen);
    scene.poke();
    scene.settle(&orders).await;
    within(PATIENCE, "the relay has it", || scene.acknowledged(&orders).len() == 1).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_frozen_relay_does_not_take_goes_by_another_at_once() {
    let mut scene = Scene::begin(92, 1).await;
    let other = Office::open(&scene.dir.path().join("other"));
    let id = scene.world.command();
    scene.world.at(LAN).admit_relay(id, other.card(), Some("other office".to_owned())).unwrap();
    other.allow(&scene.world.at(LAN).relay_pass().unwrap());
    let with = |scene: &Scene, office: &Office| {
        let device = office.card().record.device;
        scene.nodes.iter().all(|node| node.connected().iter().any(|one| one.device == device && one.in_step))
    };
    within(PATIENCE, "both phones know both relays", || with(&scene, &scene.office) && with(&scene, &other)).await;

    let frozen = Frozen::now(&scene.office);
    let began = Instant::now();
    let orders = vec![scene.post(LAN, "3", "soap"), scene.post(WU, "5", "rice")];
    scene.settle(&orders).await;
    let still = |scene: &Scene| {
        let device = scene.relay();
        scene.nodes.iter().filter(|node| node.connected().iter().any(|one| one.device == device)).count()
    };
    // Who had waited for it would have missed it first.
    assert_eq!(still(&scene), 2, "nobody waits for the frozen one");
    eprintln!("past the frozen relay after {:?}", began.elapsed());
    within(PATIENCE, "the frozen one is missed", || still(&scene) == 0).await;

    eprintln!("it was missed after {:?}", began.elapsed());
    assert_eq!(scene.acknowledged(&orders).len(), 2);
    drop(frozen);
    scene.poke();
    within(PATIENCE, "it takes part again", || with(&scene, &scene.office)).await;
}

/// A relay that stands still, until this goes.
struct Frozen(Pid);

impl Frozen {
    fn now(office: &Office) -> Self {
        let pid = Pid::from_raw(office.pid().try_into().unwrap());
        kill(pid, Signal::SIGSTOP).unwrap();
        Self(pid)
    }
}

impl Drop for Frozen {
    fn drop(&mut self) {
        let _gone = kill(self.0, Signal::SIGCONT);
    }
}

/// A phone that reaches the relay over TCP alone.
async fn behind_a_firewall(scene: &mut Scene) -> std::net::UdpSocket {
    let (way, silent) = firewall(scene.office.address()).await;
    let behind = scene.admit();
    let node = scene.world.at(behind).start_node(dialling()).unwrap();
    node.dial(&[way], Expected::Unlisted(scene.relay())).unwrap();
    scene.nodes.push(node);
    within(PATIENCE, "all are in step", || (0..3).all(|phone| scene.is_in_step(phone))).await;
    let vias = scene.nodes[behind].connected().iter().map(|one| one.via).collect::<Vec<_>>();
    assert_eq!(vias, [Via::Tcp]);
    silent
}
