//! Two phones over QUIC.

use linli_core::net::Via;

use crate::scene::{address, expect, has, node, post, street, within};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_phones_sync_over_quic_and_go_on_live() {
    let mut world = street(1, 1);
    let first = post(&mut world, 0);
    let (listens, dials) = (node(&world, 0), node(&world, 1));

    dials.dial(&[address(&listens)], expect(&world, 0)).unwrap();
    within(5, "what was there arrives", || has(&world, 1, first)).await;
    let second = post(&mut world, 1);
    within(5, "what is new arrives", || has(&world, 0, second)).await;

    assert_eq!(listens.connected()[0].device, world.device(1));
    assert_eq!(dials.connected()[0].via, Via::Quic);
    within(5, "both are in step", || listens.connected()[0].in_step && dials.connected()[0].in_step).await;
    world.assert_equal();
    assert_eq!(world.at(1).last_addresses().unwrap(), [(world.device(0), address(&listens))]);
    dials.shutdown().await;
    within(5, "the other notices", || listens.connected().is_empty()).await;
}
