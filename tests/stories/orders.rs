//! Orders on many phones: claims that cross, facts that beat decisions, edits that stand side by side.

use linli_core::{
    aggregate::order::{Command, How, NewItem, NewOrder, Order, Refusal, Status},
    event::Topic,
    id::{CommandId, Reference},
    replica::{Receipt, SubmitError},
};
use linli_tests::{
    Break, World, hand_over,
    people::{LAN, MEI, WU, ZHAO},
};

#[test]
fn two_volunteers_who_have_not_met_claim_one_order_and_both_hear_of_it() {
    let mut world = World::community(1, 2);
    let order = post(&mut world, LAN);
    world.settle();

    submit(&mut world, WU, Some(order), Command::Claim).unwrap();
    submit(&mut world, MEI, Some(order), Command::Claim).unwrap();
    let mut updates = world.at(WU).subscribe();
    world.settle();

    world.assert_equal();
    let news: Vec<_> = std::iter::from_fn(|| updates.take()).collect();
    assert!(format!("{news:?}").contains("contested"), "{news:?}");
}

#[test]
fn a_command_that_is_sent_twice_is_done_once() {
    let mut world = World::community(2, 1);
    let order = post(&mut world, LAN);
    world.settle();
    let id = CommandId::from_bytes([9; 16]);

    let first = world.at(WU).submit::<Order>(id, Some(order), Command::Claim).unwrap();
    world.close(WU);
    world.open(WU);
    let again = world.at(WU).submit::<Order>(id, Some(order), Command::Claim).unwrap();
    let reused = world.at(WU).submit::<Order>(id, Some(order), Command::StillNeeded).unwrap_err();

    assert_eq!(first, again);
    assert_eq!(reused, SubmitError::Reused);
    world.settle();
    world.assert_equal();
}

#[test]
fn rebuilding_from_the_log_changes_nothing() {
    let mut world = World::community(3, 1);
    let order = post(&mut world, LAN);
    world.settle();
    submit(&mut world, WU, Some(order), Command::Claim).unwrap();
    let before = world.at(WU).state_hash().unwrap();

    world.at(WU).rebuild().unwrap();

    assert_eq!(world.at(WU).state_hash().unwrap(), before);
    assert_eq!(world.at(WU).verify().unwrap().faults, []);
}

#[test]
fn what_waited_is_shown_when_the_rest_comes_to_a_phone_that_was_switched_on_again() {
    let mut world = World::community(14, 3);
    let order = post(&mut world, LAN);
    world.settle();
    submit(&mut world, WU, Some(order), Command::Claim).unwrap();
    world.meet(WU, MEI, Break::Never);
    let delivered = Command::Deliver { how: How::LeftAtDoor, already_happened: true, happened_at: None };
    submit(&mut world, MEI, Some(order), delivered).unwrap();
    let (from, tag) = (world.device(MEI), world.tag(ZHAO, Topic::Common));
    let [claim, delivery] =
        [WU, MEI].map(|phone| world.runs(MEI, Topic::Common, |device| device == world.device(phone)));

    hand_over(&world, ZHAO, from, tag, &delivery).unwrap();
    assert_eq!(world.at(ZHAO).order(order).unwrap().line.card.status, Status::Open, "the delivery waits for the claim");
    world.close(ZHAO);
    world.open(ZHAO);
    hand_over(&world, ZHAO, from, tag, &claim).unwrap();

    assert_eq!(world.at(ZHAO).order(order).unwrap().line.card.status, Status::Delivered);
    assert_eq!(world.at(ZHAO).verify().unwrap().faults, [], "the screens show what the log says");
    world.settle();
    world.assert_equal();
}

pub(crate) fn post(world: &mut World, phone: usize) -> Reference {
    let items =
        vec![NewItem { name: "布洛芬".into(), qty: Some(2.into()), unit: Some("盒".into()), product: None }];
    let order = NewOrder {
        building: "3".into(),
        unit: Some("2".into()),
        room: Some("1804".into()),
        kind: "medicine".into(),
        items,
        ..NewOrder::default()
    };
    submit(world, phone, None, Command::Post(Box::new(order))).unwrap().aggregate
}

pub(crate) fn submit(
    world: &mut World,
    phone: usize,
    order: Option<Reference>,
    command: Command,
) -> Result<Receipt, SubmitError<Refusal>> {
    let id = world.command();
    world.at(phone).submit::<Order>(id, order, command)
}
