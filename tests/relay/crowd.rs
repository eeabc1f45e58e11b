//! A community with more devices than a relay has room for takes no room of another's (T4).

use std::sync::Arc;

use linli_core::{
    net::{Expected, Node},
    roster::Role,
    time::SystemClock,
};
use linli_tests::{
    World,
    office::Office,
    people::{LAN, MEI, WU},
    ports::own_port,
};

use super::scene::{PATIENCE, Scene, dialling, within};

/// Connections that the relay has room for.
const ROOM: usize = 8;
/// Devices of the community that takes what it gets.
const MANY: usize = 14;

#[tokio::test(flavor = "multi_thread")]
async fn a_community_of_many_devices_takes_no_room_of_anothers_on_their_relay() {
    let dir = linli_tests::somewhere();
    let settings = ["env".to_owned(), format!("LINLI_RELAY_CONNECTIONS={ROOM}")];
    let office = Office::open_at(dir.path(), own_port(), settings.to_vec());
    let (_world, many) = crowd(&office).await;
    within(PATIENCE, "they have all of its room", || met(&many) == ROOM).await;

    let mut scene = Scene::at(84, 2, office, dir).await;
    let orders = vec![scene.post(WU, "3", "soap"), scene.post(MEI, "4", "rice")];
    scene.settle(&orders).await;

    within(PATIENCE, "all three are there", || (0..3).all(|phone| scene.is_in_step(phone))).await;
    within(PATIENCE, "and the others have the rest", || met(&many) == ROOM - 3).await;
}

/// A founder who has let in devices by the dozen, all of which dial the relay.
async fn crowd(office: &Office) -> (World, Vec<Node>) {
    let mut world = World::seeded(85);
    let phones: Vec<usize> = (0..MANY).map(|_| world.phone_with_clock(Arc::new(SystemClock))).collect();
    world.at(LAN).found(None).unwrap();
    let id = world.command();
    world.at(LAN).admit_relay(id, office.card(), None).unwrap();
    for phone in phones.iter().skip(1) {
        let (record, id) = (world.at(*phone).record(), world.command());
        world.at(LAN).admit(id, record, Role::Volunteer, None, None).unwrap();
        world.at(*phone).join(&world.at(LAN).welcome().unwrap()).unwrap();
    }
    world.settle();
    office.allow(&world.at(LAN).relay_pass().unwrap());
    let expected = Expected::Unlisted(office.card().record.device);
    let dial = |phone: usize| {
        let node = world.at(phone).start_node(dialling()).unwrap();
        node.dial(&[office.address()], expected).unwrap();
        node
    };
    // The relay hears of the others from the founder.
    let mut nodes = vec![dial(LAN)];
    within(PATIENCE, "the founder is in step", || nodes[0].connected().iter().any(|one| one.in_step)).await;
    nodes.extend(phones.into_iter().skip(1).map(dial));
    (world, nodes)
}

fn met(nodes: &[Node]) -> usize {
    nodes.iter().filter(|node| !node.connected().is_empty()).count()
}
