//! Invitations over real sockets.

use std::{net::SocketAddr, sync::Arc};

use linli_core::{
    net::{Dialling, NetError, NodeOptions},
    replica::{AskError, Asked, Asking},
    roster::{
        Role,
        invite::{Inviting, Offer, Turned},
    },
    time::SystemClock,
};
use linli_tests::{World, people::LAN};

use crate::{
    scene::{address, has, node, post, street, within},
    tcp::office,
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_newcomer_is_let_in_over_quic() {
    let mut world = street(41, 0);
    let listens = node(&world, LAN);

    let at = address(&listens);
    let_in(&mut world, at).await;

    listens.shutdown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_newcomer_is_let_in_where_udp_is_blocked() {
    let mut world = street(42, 0);
    let listens = node(&world, LAN);

    let at = office(address(&listens)).await;
    let_in(&mut world, at).await;

    listens.shutdown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_is_refused_is_told_and_asks_no_more() {
    let mut world = street(43, 0);
    let listens = node(&world, LAN);
    let (new, asking) = newcomer(&mut world, address(&listens));
    let asks = asking.start_node(&[]).unwrap();
    compare(&world, &asking).await;
    assert!(listens.connected().is_empty(), "who asks is not connected");

    world.at(LAN).refuse_invited();

    let refused = Asked::Failed(AskError::Turned(Turned::Refused));
    within(5, "the no arrives", || asking.state() == refused).await;
    within(5, "it gives up", || asks.dialled().is_empty()).await;
    assert!(world.at(LAN).roster().device(world.device(new)).is_none());
    asks.shutdown().await;
    listens.shutdown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn where_nobody_is_invited_an_unknown_key_is_refused_in_the_handshake() {
    let mut world = street(44, 0);
    let listens = node(&world, LAN);
    let (_, asking) = newcomer(&mut world, address(&listens));
    world.at(LAN).cancel_invitation();

    let asks = asking.start_node(&[]).unwrap();

    let refused = |state: &Dialling| matches!(state, Dialling::Waiting { why: NetError::Refused, .. });
    within(5, "it is refused", || asks.dialled().iter().any(|one| refused(&one.state))).await;
    assert_eq!(asking.state(), Asked::Reaching);
    asks.shutdown().await;
    listens.shutdown().await;
}

pub(crate) fn offer() -> Offer {
    Offer { role: Role::Volunteer, member: None, name: None }
}

/// A new phone that was shown an invitation with this address.
fn newcomer(world: &mut World, at: SocketAddr) -> (usize, Asking) {
    let new = world.phone_with_clock(Arc::new(SystemClock));
    let invitation = world.at(LAN).invite(offer(), vec![at]).unwrap();
    let asking = world.at(new).ask(invitation.to_string().parse().unwrap()).unwrap();
    (new, asking)
}

async fn compare(world: &World, asking: &Asking) {
    within(10, "both screens show digits", || {
        matches!(world.at(LAN).inviting(), Inviting::Comparing { .. }) && matches!(asking.state(), Asked::Comparing(_))
    })
    .await;
    let (Inviting::Comparing { digits, .. }, Asked::Comparing(shown)) = (world.at(LAN).inviting(), asking.state())
    else {
        panic!("they do no more");
    };
    assert_eq!(digits, shown);
}

/// Asks, is confirmed, and syncs.
pub(crate) async fn let_in(world: &mut World, at: SocketAddr) {
    let order = post(world, LAN);
    let (new, asking) = newcomer(world, at);
    let asks = asking.start_node(&[]).unwrap();
    compare(world, &asking).await;
    let Inviting::Comparing { digits, .. } = world.at(LAN).inviting() else { panic!("somebody asks") };

    world.at(LAN).confirm(digits).unwrap();
    within(5, "the welcome arrives", || matches!(asking.state(), Asked::Joined(_))).await;
    asks.shutdown().await;
    let quiet = NodeOptions { listen: None, nearby: false, ..NodeOptions::default() };
    let syncs = world.at(new).start_node(quiet).unwrap();
    syncs.dial(&[at], asking.peer()).unwrap();

    within(10, "the first sync brings everything", || world.at(new).is_ready() && has(world, new, order)).await;
    syncs.shutdown().await;
}
