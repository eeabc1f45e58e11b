//! What is bounded of whom one dials and of what whoever dials says first (T4).

use linli_core::{
    id::DeviceId,
    limits,
    net::{Conversation, ConversationError, Dialling, Expected, NetError, NodeOptions},
    sync::frame_to_bytes,
};
use linli_tests::mute::{Mute, hello};
use linli_tests::people::{LAN, WU};

use crate::scene::{address, carry, expect, here, node, street, within};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn so_many_peers_are_dialled_and_no_more() {
    let world = street(41, 0);
    let node = world.at(LAN).start_node(NodeOptions { listen: None, ..here() }).unwrap();
    let dial = |nth: usize| {
        let [high, low] = u16::try_from(nth).unwrap().to_be_bytes();
        let mut device = [0xee; 32];
        device[..2].copy_from_slice(&[high, low]);
        node.dial(&[([127, 9, high, low], 9).into()], Expected::Device(DeviceId::from_bytes(device)))
    };

    let first = dial(0).unwrap();
    (1..limits::TARGETS).for_each(|nth| assert!(dial(nth).is_ok(), "{nth}"));

    assert!(matches!(dial(limits::TARGETS), Err(NetError::Crowded)));
    assert_eq!(node.dialled().len(), limits::TARGETS);
    assert_eq!(dial(0).unwrap(), first, "who is dialled already takes no place");
    node.hang_up(first);
    within(5, "one is given up", || node.dialled().len() < limits::TARGETS).await;
    dial(limits::TARGETS).expect("there is a place again");
    node.shutdown().await;
}

/// Two pieces of what a phone says first, and how it ends where each is carried at once, by a clock that stands.
#[test]
fn a_hello_that_is_too_long_ends_a_pipe_at_once() {
    let world = street(42, 1);
    let said = |bytes: Vec<u8>| {
        let mute = Mute::with_keys_of(&world, WU, bytes.leak());
        let mut ends = [mute.pipe(expect(&world, LAN)), world.at(LAN).accept_pipe().unwrap()];
        let ended = carry(&mut ends, 1024, &mut |_, bytes| bytes);
        (ended, ends[1].is_met())
    };
    let (fits, long) = (hello(&world, WU, limits::HELLO), hello(&world, WU, limits::HELLO + 1));

    let (ended, met) = said(frame_to_bytes(&fits));
    assert!(ended.is_ok() && met, "{ended:?}");
    for (what, bytes, hears_one) in [
        ("all of it", frame_to_bytes(&long), false),
        ("its beginning", frame_to_bytes(&long)[..200].to_vec(), false),
        ("a second one", [frame_to_bytes(&fits), frame_to_bytes(&long)].concat(), true),
    ] {
        let (ended, met) = said(bytes);
        let refused = |why: &NetError| {
            matches!(why, NetError::Conversation(ConversationError::Session(_) | ConversationError::Frame(_)))
        };
        assert!(ended.as_ref().is_err_and(|(end, why)| *end == 1 && refused(why)), "{what}: {ended:?}");
        assert!(hears_one || !met, "{what}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_says_too_long_a_hello_over_a_socket_is_sent_away_and_is_never_met() {
    let world = street(43, 1);
    let listens = node(&world, LAN);
    let (fits, long) = (hello(&world, WU, limits::HELLO), hello(&world, WU, limits::HELLO + 1));

    let honest =
        Mute::with_keys_of(&world, WU, frame_to_bytes(&fits).leak()).dials(address(&listens), expect(&world, LAN));
    within(10, "whose fits is met", || listens.connected().len() == 1).await;
    honest.shutdown().await;
    within(10, "and goes", || listens.connected().is_empty()).await;
    let liar =
        Mute::with_keys_of(&world, WU, frame_to_bytes(&long).leak()).dials(address(&listens), expect(&world, LAN));

    within(10, "the other is sent away", || {
        assert!(listens.connected().is_empty(), "it is never met");
        liar.dialled().iter().any(|one| matches!(&one.state, Dialling::Waiting { .. }))
    })
    .await;
}
