//! Outsiders who begin handshakes and never end them (T1), over TCP and QUIC, as fast as they like.

use std::{
    collections::VecDeque,
    net::{Ipv4Addr, SocketAddr},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use linli_core::{
    net::{Expected, Node, NodeOptions},
    roster::Role,
    time::SystemClock,
};
use linli_tests::{World, people::LAN};
use tokio::{
    net::{TcpSocket, TcpStream, UdpSocket},
    task::JoinSet,
    time::interval,
};

use super::scene::{PATIENCE, Scene, dialling, within};

/// Half-open connections that an attacker keeps, over TCP.
const TCP: usize = 400;
/// The same over QUIC: as many as one node dials.
const QUIC: usize = 256;
/// After how long a first word is passed on again.
const AGAIN: Duration = Duration::from_secs(5);

/// T1.
#[tokio::test(flavor = "multi_thread")]
async fn half_open_handshakes_from_four_addresses_keep_nobody_out() {
    let mut scene = Scene::begin(81, 1).await;
    let flood = Flood::begin(scene.office.address(), &[2, 3, 4, 5]).await;

    let took = [comes(&mut scene, 9).await, comes(&mut scene, 1).await];

    eprintln!("through {} half-open handshakes in {took:?}", flood.begun.load(Ordering::Relaxed) + TCP);
    let orders = vec![scene.post(LAN, "3", "soap")];
    scene.settle(&orders).await;
}

/// T1.
#[tokio::test(flavor = "multi_thread")]
async fn half_open_handshakes_from_the_buildings_own_address_keep_nobody_out() {
    let mut scene = Scene::begin(82, 1).await;
    let flood = Flood::begin(scene.office.address(), &[1]).await;

    let took = [comes(&mut scene, 1).await, comes(&mut scene, 9).await];
    scene.office.kill();
    scene.office.start();
    scene.poke();

    eprintln!("through {} half-open handshakes in {took:?}", flood.begun.load(Ordering::Relaxed) + TCP);
    within(PATIENCE, "all come back", || (0..scene.nodes.len()).all(|phone| scene.is_in_step(phone))).await;
}

fn local(host: u8) -> Ipv4Addr {
    Ipv4Addr::new(127, 0, 0, host)
}

/// An attacker at some addresses of this machine, until it goes.
struct Flood {
    /// The strangers whose first words are passed on.
    _strangers: Node,
    _world: World,
    _tasks: JoinSet<()>,
    /// Handshakes begun over QUIC.
    begun: Arc<AtomicUsize>,
}

impl Flood {
    /// Begins, and waits until it is as bad as it gets.
    async fn begin(relay: SocketAddr, hosts: &'static [u8]) -> Self {
        let mut tasks = JoinSet::new();
        let opened = Arc::new(AtomicUsize::new(0));
        tasks.spawn(silent(relay, hosts, opened.clone()));
        let mut world = World::seeded(77);
        let stranger = world.phone_with_clock(Arc::new(SystemClock));
        world.at(stranger).found(None).unwrap();
        let node = world.at(stranger).start_node(dialling()).unwrap();
        let begun = Arc::new(AtomicUsize::new(0));
        for nth in 0..QUIC {
            let inner = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
            let outer = UdpSocket::bind((local(hosts[nth % hosts.len()]), 0)).await.unwrap();
            outer.connect(relay).await.unwrap();
            node.dial(&[inner.local_addr().unwrap()], Expected::Member).unwrap();
            tasks.spawn(first_words(inner, outer, begun.clone()));
        }
        within(PATIENCE, "the flood is there", || {
            opened.load(Ordering::Relaxed) >= TCP && begun.load(Ordering::Relaxed) >= QUIC * 9 / 10
        })
        .await;
        Self { _strangers: node, _world: world, _tasks: tasks, begun }
    }
}

/// Opens a connection every few milliseconds and says nothing on it; keeps as many as are left open.
async fn silent(relay: SocketAddr, hosts: &[u8], opened: Arc<AtomicUsize>) {
    let (mut held, mut pace) = (VecDeque::<TcpStream>::new(), interval(Duration::from_millis(10)));
    for host in hosts.iter().cycle() {
        pace.tick().await;
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind((local(*host), 0).into()).unwrap();
        if let Ok(stream) = socket.connect(relay).await {
            held.push_back(stream);
            opened.fetch_add(1, Ordering::Relaxed);
        }
        if held.len() > TCP {
            held.pop_front();
        }
    }
}

/// Passes on what begins a handshake, and what an address has to prove itself; nothing of what follows.
async fn first_words(inner: UdpSocket, outer: UdpSocket, begun: Arc<AtomicUsize>) {
    let (mut out, mut back) = (vec![0; 2048], vec![0; 2048]);
    let (mut phone, mut answered) = (None, None::<Instant>);
    loop {
        tokio::select! {
            Ok((count, from)) = inner.recv_from(&mut out) => {
                phone = Some(from);
                // A long header of the type Initial (RFC 9000 §17.2.2).
                if answered.is_none_or(|at| at.elapsed() > AGAIN) && out[0] & 0xf0 == 0xc0 {
                    drop(outer.send(&out[..count]).await);
                }
            }
            Ok(count) = outer.recv(&mut back) => {
                // Of the type Retry (§17.2.5), or the answer, which nobody answers.
                match (back[0] & 0xf0 == 0xf0, phone) {
                    (true, Some(phone)) => drop(inner.send_to(&back[..count], phone).await),
                    _ if answered.is_none_or(|at| at.elapsed() > AGAIN) => {
                        answered = Some(Instant::now());
                        begun.fetch_add(1, Ordering::Relaxed);
                    }
                    _ => {}
                }
            }
        }
    }
}

/// A new phone that comes from an address of its own.
async fn comes(scene: &mut Scene, from: u8) -> Duration {
    let phone = scene.world.phone_with_clock(Arc::new(SystemClock));
    let (record, id) = (scene.world.at(phone).record(), scene.world.command());
    scene.world.at(LAN).admit(id, record, Role::Volunteer, None, None).unwrap();
    scene.world.at(phone).join(&scene.world.at(LAN).welcome().unwrap()).unwrap();
    let options = NodeOptions { listen: Some((local(from), 0).into()), ..dialling() };
    let node = scene.world.at(phone).start_node(options).unwrap();
    let record = scene.office.card().record;
    let began = Instant::now();
    node.dial(&[scene.office.address()], Expected::Unlisted(record.device)).unwrap();
    within(15, "a phone comes in", || node.connected().iter().any(|one| one.in_step)).await;
    scene.nodes.push(node);
    began.elapsed()
}
