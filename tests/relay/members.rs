//! Who comes in at the office, and who does not.

use std::sync::Arc;

use linli_core::{
    aggregate::order::{Command, Order},
    net::{ConversationError, Dialling, Expected, NetError},
    roster::{Revocation, Role, Who},
    store::Judged,
    time::SystemClock,
};
use linli_tests::{
    Break, Ended, World,
    office::Office,
    people::{LAN, MEI, WU},
};

use super::scene::{PATIENCE, Scene, dialling, within};

#[tokio::test(flavor = "multi_thread")]
async fn a_stranger_gets_no_connection() {
    let scene = Scene::begin(11, 1).await;
    let mut elsewhere = World::seeded(12);
    let stranger = elsewhere.phone_with_clock(Arc::new(SystemClock));
    elsewhere.at(stranger).found(None).unwrap();
    let node = elsewhere.at(stranger).start_node(dialling()).unwrap();
    let record = scene.office.card().record;

    node.dial(&[scene.office.address()], Expected::Unlisted(record.device)).unwrap();

    within(PATIENCE, "it is turned away", || matches!(why(&node), Some(NetError::Refused))).await;
    assert!(node.connected().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_withdrawn_phone_is_dropped_at_once_and_never_let_in_again() {
    let mut scene = Scene::begin(13, 2).await;
    within(PATIENCE, "all are connected", || (0..3).all(|phone| scene.is_in_step(phone))).await;
    let (id, device) = (scene.world.command(), scene.world.device(MEI));

    scene.world.at(LAN).revoke(id, Revocation::of(Who::Device(device))).unwrap();

    within(PATIENCE, "its connection ends", || scene.nodes[2].connected().is_empty()).await;
    scene.poke();
    let refused = |why: Option<NetError>| {
        matches!(why, Some(NetError::Refused | NetError::Conversation(ConversationError::Withdrawn)))
    };
    within(PATIENCE, "it is turned away", || refused(why(&scene.nodes[2]))).await;
    within(PATIENCE, "the others stay", || scene.is_in_step(LAN) && scene.is_in_step(WU)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_relay_that_is_withdrawn_is_left_by_all_who_hear_of_it() {
    let mut scene = Scene::begin(14, 1).await;
    within(PATIENCE, "all are connected", || (0..2).all(|phone| scene.is_in_step(phone))).await;
    let (id, relay) = (scene.world.command(), scene.relay());

    scene.world.at(LAN).revoke(id, Revocation::of(Who::Device(relay))).unwrap();

    // It keeps that to itself: the others hear of it when they meet.
    within(PATIENCE, "the founder leaves it", || scene.nodes[0].connected().is_empty()).await;
    assert_eq!(scene.world.meet(LAN, WU, Break::Never).ended, Ended::InStep);

    within(PATIENCE, "nobody is connected with it", || scene.nodes.iter().all(|node| node.connected().is_empty()))
        .await;
    within(PATIENCE, "the founder does not dial it any more", || scene.nodes[0].dialled().is_empty()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_relay_keeps_two_communities_apart() {
    let mut scene = Scene::begin(15, 1).await;
    let mut other = World::seeded(16);
    let founder = other.phone_with_clock(Arc::new(SystemClock));
    other.at(founder).found(None).unwrap();
    let id = other.command();
    other.at(founder).admit_relay(id, scene.office.card(), None).unwrap();
    scene.office.allow(&other.at(founder).relay_pass().unwrap());
    let node = other.at(founder).start_node(dialling()).unwrap();
    within(PATIENCE, "the other community's founder is there", || !node.connected().is_empty()).await;

    let orders = vec![scene.post(LAN, "3", "noodles")];
    scene.settle(&orders).await;

    assert!(other.at(founder).order(orders[0]).is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_community_that_writes_down_anothers_founder_takes_nothing_from_it_on_their_relay() {
    let mut scene = Scene::begin(17, 1).await;
    let theirs = scene.world.at(LAN).record();
    let mut other = World::seeded(18);
    let founder = other.phone_with_clock(Arc::new(SystemClock));
    other.at(founder).found(None).unwrap();
    let id = other.command();
    other.at(founder).admit_relay(id, scene.office.card(), None).unwrap();
    // What a phone shows of itself is no secret: the others admit it, and then withdraw it.
    let id = other.command();
    other.at(founder).admit(id, theirs, Role::Volunteer, None, None).unwrap();
    scene.office.allow(&other.at(founder).relay_pass().unwrap());
    let node = other.at(founder).start_node(dialling()).unwrap();
    let in_step = || node.connected().iter().any(|one| one.in_step);
    within(PATIENCE, "the relay knows the other community", in_step).await;

    scene.poke();
    let orders = vec![scene.post(LAN, "3", "noodles")];
    scene.settle(&orders).await;
    let id = other.command();
    other.at(founder).revoke(id, Revocation::of(Who::Device(theirs.device))).unwrap();
    within(PATIENCE, "the relay knows of the withdrawal", || node.connected().iter().all(|one| one.in_step)).await;
    scene.nodes[0] = scene.world.at(LAN).start_node(dialling()).unwrap();

    within(PATIENCE, "the founder is let in all the same", || scene.is_in_step(LAN)).await;
    let orders = vec![scene.post(LAN, "3", "rice")];
    scene.settle(&orders).await;
}

/// R8: what honest phones built on somebody whose admission fell counts for whoever hears of it from a relay alone that was
/// not there before.
#[tokio::test(flavor = "multi_thread")]
async fn a_relay_set_up_after_a_cut_passes_on_whose_a_fallen_log_was() {
    let mut world = World::seeded(19);
    let founder = world.phone_with_clock(Arc::new(SystemClock));
    world.at(founder).found(None).unwrap();
    let join = |world: &mut World, by: usize, role: Role| {
        let phone = world.phone_with_clock(Arc::new(SystemClock));
        let (record, id) = (world.at(phone).record(), world.command());
        world.at(by).admit(id, record, role, None, None).unwrap();
        world.at(phone).join(&world.at(by).welcome().unwrap()).unwrap();
        world.settle();
        phone
    };
    let coordinator = join(&mut world, founder, Role::Coordinator);
    let volunteer = join(&mut world, founder, Role::Volunteer);
    let accomplice = join(&mut world, coordinator, Role::Volunteer);
    let act = |world: &mut World, phone: usize, order, command| {
        let id = world.command();
        let receipt = world.at(phone).submit::<Order>(id, order, command).unwrap();
        world.settle();
        (receipt.aggregate, receipt.events[0])
    };
    let new = linli_core::aggregate::order::NewOrder {
        building: "3".to_owned(),
        kind: "medicine".to_owned(),
        note: Some("milk".to_owned()),
        ..linli_core::aggregate::order::NewOrder::default()
    };
    let (order, _) = act(&mut world, founder, None, Command::Post(Box::new(new)));
    let (_, theirs) = act(&mut world, accomplice, Some(order), Command::Claim);
    let (_, honest) = act(&mut world, volunteer, Some(order), Command::StillNeeded);
    let (stranger, thief) = (world.device(accomplice), world.device(coordinator));
    let low = Revocation { heads: Some(Vec::new()), except: [stranger].into(), ..Revocation::of(Who::Device(thief)) };
    let id = world.command();
    world.at(founder).revoke(id, low).unwrap();

    let dir = linli_tests::somewhere();
    let office = Office::open(dir.path());
    let id = world.command();
    world.at(founder).admit_relay(id, office.card(), None).unwrap();
    office.allow(&world.at(founder).relay_pass().unwrap());
    let nodes = vec![world.at(founder).start_node(dialling()).unwrap()];
    let mut scene = Scene { world, office, nodes, dir };
    within(PATIENCE, "the founder has brought all", || scene.is_in_step(founder)).await;
    let late = scene.join().await;

    let stored = |event| scene.world.at(late).look(|reader| reader.event(event)).unwrap();
    within(PATIENCE, "what was honest counts", || stored(honest).is_some_and(|stored| stored.judged == Judged::Counts))
        .await;
    assert!(stored(theirs).is_none_or(|stored| stored.judged != Judged::Counts));
}

/// Why a node's first dialled peer is not connected, if the last attempt failed.
fn why(node: &linli_core::net::Node) -> Option<NetError> {
    node.dialled().into_iter().find_map(|dialled| match dialled.state {
        Dialling::Waiting { why, .. } => Some(why),
        Dialling::Trying | Dialling::Connected => None,
    })
}
