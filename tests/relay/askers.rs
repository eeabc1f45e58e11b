//! A member's phone that asks a relay to be admitted, hundreds of times at once, and says nothing (T4). A relay admits nobody.

use linli_tests::people::{LAN, WU};
use std::time::{Duration, Instant};

use linli_core::net::{Expected, Node};
use linli_tests::mute::{Mute, connected};
use tokio::time::sleep;

use super::scene::{PATIENCE, Scene, within};

const COUNT: usize = 200;

#[tokio::test(flavor = "multi_thread")]
async fn who_asks_a_relay_to_be_admitted_is_sent_away_at_once() {
    let mut scene = Scene::begin(83, 1).await;
    let (at, expected) = (scene.office.address(), Expected::Inviter(scene.relay()));
    let mute = Mute::with_keys_of(&scene.world, WU, &[]);

    let flood: Vec<Node> = (0..COUNT).map(|_| mute.dials(at, expected)).collect();
    sleep(Duration::from_secs(3)).await;
    let mut held = Vec::new();
    for _ in 0..20 {
        held.push(connected(&flood));
        sleep(Duration::from_millis(50)).await;
    }
    let began = Instant::now();
    let phone = scene.join().await;
    let orders = vec![scene.post(phone, "3", "soap"), scene.post(LAN, "4", "rice")];
    scene.settle(&orders).await;

    held.sort_unstable();
    eprintln!("of {COUNT} so many were connected at a time: {held:?}; a new phone took {:?}", began.elapsed());
    assert!(held[10] <= COUNT / 8, "{held:?}");
    within(PATIENCE, "who syncs stays connected", || (0..scene.nodes.len()).all(|phone| scene.is_in_step(phone))).await;
}
