//! Networks and peers that are in the way: UDP blocked, multicast missing, somebody who takes everything and reads nothing.

use linli_core::net::Conversation;
use std::time::{Duration, Instant};

use linli_core::net::{Expected, Nearby, NodeOptions, Via};
use linli_tests::people::{LAN, MEI, WU};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpSocket, TcpStream},
};

use crate::scene::{address, expect, has, here, node, post, street, within, write};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn where_udp_is_blocked_phones_sync_over_tcp() {
    let mut world = street(21, 1);
    let first = post(&mut world, LAN);
    let (listens, dials) = (node(&world, LAN), node(&world, WU));
    let began = Instant::now();

    dials.dial(&[office(address(&listens)).await], expect(&world, LAN)).unwrap();
    within(10, "what was there arrives", || has(&world, WU, first)).await;
    let second = post(&mut world, WU);
    within(5, "what is new arrives", || has(&world, LAN, second)).await;

    assert!(began.elapsed() >= Duration::from_secs(3), "QUIC is given a chance");
    assert_eq!(dials.connected()[0].via, Via::Tcp);
    assert_eq!(listens.connected()[0].device, world.device(WU));
    world.assert_equal();
    dials.shutdown().await;
    within(5, "the other notices", || listens.connected().is_empty()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_peer_that_reads_nothing_delays_no_command_and_no_other_peer() {
    let mut world = street(22, 2);
    let listens = node(&world, LAN);
    let honest = node(&world, WU);
    honest.dial(&[address(&listens)], expect(&world, LAN)).unwrap();
    let _held = stall(&world, address(&listens)).await;
    within(5, "both are connected", || listens.connected().len() == 2).await;

    let mut last = None;
    for _ in 0..300 {
        last = Some(write(&mut world, LAN, &"milk ".repeat(1_400)));
    }

    // Whoever had waited for that peer would have waited until it was given up.
    assert_eq!(listens.connected().len(), 2, "all commands were done while it read nothing");
    within(10, "the honest peer has all", || last.is_some_and(|last| has(&world, WU, last))).await;
}

/// A member that says hello and then reads nothing more.
async fn stall(world: &linli_tests::World, to: std::net::SocketAddr) -> TcpStream {
    let mut session = world.at(MEI).dial_pipe(expect(world, LAN)).unwrap();
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(4 * 1024).unwrap();
    let mut stream = socket.connect(to).await.unwrap();
    let mut piece = [0; 64];
    while !session.is_met() {
        stream.write_all(&session.send(1_000).unwrap()).await.unwrap();
        let count = stream.read(&mut piece).await.unwrap();
        session.receive(&piece[..count]).unwrap();
    }
    stream.write_all(&session.send(1_000).unwrap()).await.unwrap();
    stream
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_multicast_phones_meet_by_address() {
    let mut world = street(23, 1);
    let order = post(&mut world, LAN);
    // Bound to this machine alone, there is no network to look in.
    let [listens, dials] =
        [0, 1].map(|phone| world.at(phone).start_node(NodeOptions { nearby: true, ..here() }).unwrap());

    dials.dial(&[address(&listens)], expect(&world, LAN)).unwrap();
    within(5, "they sync", || has(&world, WU, order)).await;

    within(5, "it says so", || listens.nearby() == Nearby::NoMulticast).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_app_that_finds_phones_by_itself_knows_its_own_community() {
    let mut world = street(25, 1);
    let order = post(&mut world, LAN);
    let strangers = linli_tests::World::community(26, 0);
    let listens = world.at(LAN).start_node(here()).unwrap();
    let shown = world.at(LAN).beacon().unwrap();

    assert_ne!(shown, world.at(LAN).beacon().unwrap(), "a phone is not known again");
    assert!(!strangers.at(0).recognises(&shown));
    assert!(world.at(WU).recognises(&shown.to_string().parse().unwrap()));
    let dials = world.at(WU).start_node(here()).unwrap();
    dials.dial(&[address(&listens)], Expected::Member).unwrap();

    within(5, "they sync", || has(&world, WU, order)).await;
}

/// Whether this machine has a network, and hears its own multicast on it.
async fn multicast_works() -> bool {
    let (group, any) = (std::net::Ipv4Addr::new(239, 255, 77, 77), std::net::Ipv4Addr::UNSPECIFIED);
    let ear = tokio::net::UdpSocket::bind((any, 0)).await.unwrap();
    let mouth = tokio::net::UdpSocket::bind((any, 0)).await.unwrap();
    let to = (group, ear.local_addr().unwrap().port());
    if ear.join_multicast_v4(group, any).is_err() || mouth.send_to(b"?", to).await.is_err() {
        return false;
    }
    tokio::time::timeout(Duration::from_secs(1), ear.recv(&mut [0])).await.is_ok()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn where_there_is_multicast_phones_find_each_other() {
    let mut world = street(24, 1);
    let order = post(&mut world, LAN);
    let everywhere = || NodeOptions { listen: Some(([0, 0, 0, 0], 0).into()), nearby: true, ..here() };
    let one = world.at(LAN).start_node(everywhere()).unwrap();
    if one.local_addresses().is_empty() || !multicast_works().await {
        // Then `without_multicast_phones_meet_by_address` is this machine's case.
        return linli_tests::skipped("there is no network here that carries multicast");
    }

    let other = world.at(WU).start_node(everywhere()).unwrap();
    within(20, "they find each other", || has(&world, WU, order)).await;

    assert!(matches!(other.nearby(), Nearby::Looking { .. }));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_is_given_up_hears_that_it_is_over() {
    let world = street(27, 1);
    let door = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (mut session, at) = (world.at(LAN).accept_pipe().unwrap(), door.local_addr().unwrap());
    let (met, hears_of_it) = tokio::sync::oneshot::channel();
    let dials = node(&world, WU);
    let peer = tokio::spawn(async move {
        let (mut stream, _) = door.accept().await.unwrap();
        let (mut piece, mut met) = ([0; 4_096], Some(met));
        loop {
            stream.write_all(&session.send(65_536).unwrap()).await.unwrap();
            if session.is_in_step()
                && let Some(met) = met.take()
            {
                met.send(()).unwrap();
            }
            match stream.read(&mut piece).await.unwrap() {
                0 => return session.closed().is_some(),
                count => session.receive(&piece[..count]).unwrap(),
            }
        }
    });
    let target = dials.dial(&[at], expect(&world, LAN)).unwrap();
    hears_of_it.await.unwrap();

    dials.hang_up(target);

    assert!(peer.await.unwrap(), "the pipe ended before the session did");
    within(5, "it is dialled no more", || dials.dialled().is_empty()).await;
}

/// Lets TCP through to an address, and nothing else.
pub(crate) async fn office(to: std::net::SocketAddr) -> std::net::SocketAddr {
    let door = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = door.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut inside, _)) = door.accept().await {
            tokio::spawn(async move {
                let mut outside = TcpStream::connect(to).await.unwrap();
                drop(tokio::io::copy_bidirectional(&mut inside, &mut outside).await);
            });
        }
    });
    address
}
