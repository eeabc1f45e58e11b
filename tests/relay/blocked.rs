//! Networks that let no UDP through: phones come over TCP.

use std::{
    net::{SocketAddr, UdpSocket},
    process::Command,
};

use linli_core::net::{Expected, Via};
use linli_tests::{
    office::Office,
    people::{LAN, WU},
    ports::own_port,
};
use tokio::net::{TcpListener, TcpStream};

use super::scene::{PATIENCE, Scene, dialling, within};

#[tokio::test(flavor = "multi_thread")]
async fn a_phone_whose_network_drops_udp_syncs_over_tcp() {
    let mut scene = Scene::begin(51, 1).await;
    let (way, _silent) = firewall(scene.office.address()).await;
    let behind = scene.admit();
    let node = scene.world.at(behind).start_node(dialling()).unwrap();
    let record = scene.office.card().record;

    node.dial(&[way], Expected::Unlisted(record.device)).unwrap();

    within(PATIENCE, "it is connected", || node.connected().iter().any(|one| one.in_step)).await;
    assert_eq!(node.connected()[0].via, Via::Tcp);
    let orders = vec![scene.post(LAN, "3", "soap")];
    scene.nodes.push(node);
    scene.settle(&orders).await;
}

/// Two networks with a router between them that drops UDP, until this goes.
struct Networks {
    names: [String; 3],
}

const RELAY: &str = "192.0.2.5:4433";

impl Networks {
    /// None where this process may not make any.
    fn make() -> Option<Self> {
        let names = ["phone", "router", "relay"].map(|name| format!("linli-{}-{name}", std::process::id()));
        let [phone, router, relay] = &names;
        let made = Self { names: names.clone() };
        let mut lines = Vec::new();
        lines.extend(names.iter().map(|name| format!("netns add {name}")));
        lines.extend(names.iter().map(|name| format!("-n {name} link set lo up")));
        for (side, cable, host, gate) in [(phone, "a", 1, 2), (relay, "b", 5, 6)] {
            lines.push(format!("link add {cable} netns {side} type veth peer name {cable} netns {router}"));
            lines.push(format!("-n {side} addr add 192.0.2.{host}/30 dev {cable}"));
            lines.push(format!("-n {router} addr add 192.0.2.{gate}/30 dev {cable}"));
            lines.push(format!("-n {side} link set {cable} up"));
            lines.push(format!("-n {router} link set {cable} up"));
            lines.push(format!("-n {side} route add default via 192.0.2.{gate}"));
        }
        lines.push(format!("netns exec {router} sysctl -q -w net.ipv4.ip_forward=1"));
        lines.push(format!("-n {router} rule add pref 1 ipproto udp blackhole"));
        lines.iter().all(|line| ip(line)).then_some(made)
    }

    fn inside(&self, nth: usize) -> Vec<String> {
        ["ip", "netns", "exec", &self.names[nth]].map(str::to_owned).to_vec()
    }
}

fn ip(line: &str) -> bool {
    Command::new("ip").args(line.split_whitespace()).output().is_ok_and(|done| done.status.success())
}

impl Drop for Networks {
    fn drop(&mut self) {
        for name in &self.names {
            let _deleted = ip(&format!("netns del {name}"));
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_router_between_two_networks_that_drops_udp_keeps_nobody_away() {
    let Some(networks) = Networks::make() else {
        linli_tests::skipped("no networks can be made here (that takes root and `ip netns`)");
        return;
    };
    let dir = linli_tests::somewhere();
    let office = Office::open_at(dir.path(), RELAY.parse().unwrap(), networks.inside(2));
    let netns = format!("/run/netns/{}", networks.names[0]);
    // The phones live in a thread of their own, because a thread belongs to one network; all it starts does too.
    let phones = std::thread::spawn(move || {
        let there = std::fs::File::open(netns).unwrap();
        nix::sched::setns(there, nix::sched::CloneFlags::CLONE_NEWNET).unwrap();
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        runtime.block_on(async {
            let mut scene = Scene::at(52, 1, office, dir).await;
            let orders = vec![scene.post(LAN, "3", "soap"), scene.post(WU, "5", "rice")];
            scene.settle(&orders).await;
            scene.nodes.iter().flat_map(|node| node.connected()).map(|one| one.via).collect::<Vec<_>>()
        })
    });

    let vias = phones.join().unwrap();

    assert!(!vias.is_empty() && vias.iter().all(|via| *via == Via::Tcp), "{vias:?}");
}

/// A way to the relay on which TCP passes and UDP goes nowhere.
pub(crate) async fn firewall(relay: SocketAddr) -> (SocketAddr, UdpSocket) {
    let tcp = TcpListener::bind(own_port()).await.unwrap();
    let address = tcp.local_addr().unwrap();
    // Bound and never read: what comes is lost without a word.
    let udp = UdpSocket::bind(address).unwrap();
    tokio::spawn(async move {
        while let Ok((mut phone, _)) = tcp.accept().await {
            tokio::spawn(async move {
                let mut office = TcpStream::connect(relay).await.unwrap();
                let _ended = tokio::io::copy_bidirectional(&mut phone, &mut office).await;
            });
        }
    });
    (address, udp)
}
