//! Strangers who ask to be admitted while an invitation is open, get through the handshake, and say nothing (T1).

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use linli_core::{
    limits,
    net::{Conversation, Expected, Node, PipeSession},
    replica::Asked,
    roster::invite::Inviting,
};
use linli_tests::{
    World,
    mute::{Mute, connected},
    people::{LAN, WU},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    task::JoinSet,
    time::sleep,
};

use crate::{
    invite::{let_in, offer},
    scene::{address, expect, has, node, post, street, within},
    tcp::office,
};

/// Strangers over QUIC, each with a key of its own.
const QUIC: u64 = 200;
/// The same over TCP.
const TCP: u64 = 60;
/// What the first word of an asker begins with.
const FIRST: &[u8] = &[1];

#[tokio::test(flavor = "multi_thread")]
async fn hundreds_who_ask_and_say_nothing_hold_few_seats_and_keep_nobody_out() {
    let mut world = street(45, 1);
    let listens = node(&world, LAN);
    let (at, expected) = (address(&listens), inviter(&world));
    world.at(LAN).invite(offer(), vec![at]).unwrap();

    let flood: Vec<Node> = (0..QUIC).map(|nth| stranger(nth).dials(at, expected)).collect();
    sleep(Duration::from_secs(3)).await;
    let mut held = Vec::new();
    for _ in 0..20 {
        held.push(connected(&flood));
        sleep(Duration::from_millis(50)).await;
    }
    let took = honest(&mut world, at).await;

    held.sort_unstable();
    eprintln!("of {QUIC} strangers so many were connected at a time: {held:?}; a member and a newcomer took {took:?}");
    // Some learn later than others that they were sent away.
    assert!(held[5] <= 2 * limits::HANDSHAKES_PER_ADDRESS, "{held:?}");
    assert!(listens.connected().len() <= 2, "nobody of them is connected");
    listens.shutdown().await;
}

/// Asks over TCP, says nothing, and comes again when it is sent away.
async fn ask_over_tcp(stranger: Arc<Mute>, at: SocketAddr, expected: Expected, held: Arc<AtomicUsize>) {
    loop {
        if let Ok(stream) = TcpStream::connect(at).await {
            let mut session = stranger.pipe(expected);
            let counted = AtomicUsize::new(0);
            drop(hold(&mut session, stream, &held, &counted).await);
            held.fetch_sub(counted.into_inner(), Ordering::Relaxed);
        }
        sleep(Duration::from_millis(700)).await;
    }
}

/// Holds a stream until the other side ends it, and counts it from the end of its handshake.
async fn hold(
    session: &mut PipeSession,
    mut stream: TcpStream,
    held: &AtomicUsize,
    counted: &AtomicUsize,
) -> std::io::Result<()> {
    let mut piece = [0; 4096];
    loop {
        let words = session.send(4096).map_err(std::io::Error::other)?;
        stream.write_all(&words).await?;
        if session.spoken().is_some() && counted.swap(1, Ordering::Relaxed) == 0 {
            held.fetch_add(1, Ordering::Relaxed);
        }
        let count = stream.read(&mut piece).await?;
        session.receive(&piece[..count]).map_err(std::io::Error::other)?;
        if count == 0 || session.closed().is_some() {
            return Ok(());
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nor_do_those_who_ask_over_tcp() {
    let mut world = street(46, 1);
    let listens = node(&world, LAN);
    let (at, expected) = (address(&listens), inviter(&world));
    world.at(LAN).invite(offer(), vec![at]).unwrap();
    let (held, mut flood) = (Arc::new(AtomicUsize::new(0)), JoinSet::new());
    (0..TCP).for_each(|nth| drop(flood.spawn(ask_over_tcp(stranger(nth), at, expected, held.clone()))));
    sleep(Duration::from_secs(3)).await;
    let strangers = held.load(Ordering::Relaxed);

    let blocked = office(at).await;
    let took = honest(&mut world, blocked).await;

    eprintln!("of {TCP} strangers {strangers} were connected over TCP; a member and a newcomer took {took:?}");
    assert!(strangers > 4, "{strangers}: they do hold seats");
    assert!(strangers <= 2 * limits::HANDSHAKES_PER_ADDRESS);
    listens.shutdown().await;
}

#[test]
fn over_pipes_of_an_apps_own_the_first_who_says_nothing_makes_room_too() {
    let mut world = World::community(47, 0);
    world.at(LAN).invite(offer(), Vec::new()).unwrap();
    let expected = inviter(&world);
    let mut flood: Vec<[PipeSession; 2]> = Vec::new();
    for nth in 0..limits::ASKERS as u64 + 20 {
        let mut ends = [stranger(nth).pipe(expected), world.at(LAN).accept_pipe().unwrap()];
        crate::scene::carry(&mut ends, 4096, &mut |_, bytes| bytes).unwrap();
        flood.push(ends);
    }

    let new = world.phone();
    let invitation = world.at(LAN).invite(offer(), Vec::new()).unwrap();
    let asking = world.at(new).ask(invitation.to_string().parse().unwrap()).unwrap();
    let mut ends = [asking.pipe().unwrap(), world.at(LAN).accept_pipe().unwrap()];
    crate::scene::carry(&mut ends, 4096, &mut |_, bytes| bytes).unwrap();
    let stay = flood.iter_mut().filter_map(|[_, inviting]| inviting.tick().ok()).count();

    assert_eq!(stay, limits::ASKERS - 1, "and the newcomer");
    let Inviting::Comparing { digits, .. } = world.at(LAN).inviting() else { panic!("the newcomer has asked") };
    world.at(LAN).confirm(digits).unwrap();
    ends[1].tick().unwrap();
    crate::scene::carry(&mut ends, 4096, &mut |_, bytes| bytes).unwrap();
    assert!(matches!(asking.state(), Asked::Joined(_)));
}

fn inviter(world: &World) -> Expected {
    Expected::Inviter(world.device(LAN))
}

/// Of whom every second one says the first byte, and none more.
fn stranger(nth: u64) -> Arc<Mute> {
    Mute::stranger(nth, if nth.is_multiple_of(2) { &[] } else { FIRST })
}

/// A new phone is let in, and a member syncs, over this way.
async fn honest(world: &mut World, at: SocketAddr) -> [Duration; 2] {
    let began = Instant::now();
    let order = post(world, LAN);
    let member = node(world, WU);
    member.dial(&[at], expect(world, LAN)).unwrap();
    within(15, "a member syncs", || has(world, WU, order)).await;
    let synced = began.elapsed();
    let_in(world, at).await;
    member.shutdown().await;
    [synced, began.elapsed() - synced]
}
