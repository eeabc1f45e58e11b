//! A member who says too long a hello to a relay, over a socket (T4).

use std::time::{Duration, Instant};

use linli_core::{
    limits,
    net::{Dialling, Expected, Node},
    sync::frame_to_bytes,
};
use linli_tests::{
    mute::{Mute, hello},
    people::WU,
};

use super::scene::{PATIENCE, Scene, within};

/// How long somebody who is sent away would have been there at most.
const SOON: Duration = Duration::from_secs(3);

#[tokio::test(flavor = "multi_thread")]
async fn who_says_too_long_a_hello_is_sent_away_and_whose_fits_is_listened_to_t4() {
    let mut scene = Scene::begin(93, 1).await;
    scene.nodes.remove(WU).shutdown().await;
    let says = |bytes| {
        let said = frame_to_bytes(&hello(&scene.world, WU, bytes));
        let mute = Mute::with_keys_of(&scene.world, WU, said.leak());
        mute.dials(scene.office.address(), Expected::Device(scene.relay()))
    };

    let honest = says(limits::HELLO);
    within(PATIENCE, "whose fits comes in", || is_there(&honest)).await;
    let came = Instant::now();
    while came.elapsed() < SOON {
        assert!(is_there(&honest), "what may follow is waited for");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    honest.shutdown().await;

    let liar = says(limits::HELLO + 1);
    within(PATIENCE, "the other is sent away", || {
        liar.dialled().iter().any(|one| matches!(&one.state, Dialling::Waiting { .. }))
    })
    .await;
}

fn is_there(node: &Node) -> bool {
    node.dialled().iter().any(|one| matches!(one.state, Dialling::Connected))
}
