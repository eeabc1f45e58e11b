//! Orders on many phones: claims that cross, facts that beat decisions, edits that stand side by side.

use linli_core::{
    aggregate::order::{NewItem, NewOrder, Order, Refusal, Wish},
    id::{CommandId, Reference},
    replica::{Receipt, SubmitError},
};
use linli_tests::World;

pub(crate) fn post(world: &mut World, phone: usize) -> Reference {
    let items = vec![NewItem { name: "布洛芬".into(), qty: Some(2), unit: Some("盒".into()), product: None }];
    let order = NewOrder {
        building: "3".into(),
        unit: Some("2".into()),
        room: Some("1804".into()),
        kind: "medicine".into(),
        items,
        ..NewOrder::default()
    };
    submit(world, phone, None, Wish::Post(Box::new(order))).unwrap().aggregate
}

pub(crate) fn submit(
    world: &mut World,
    phone: usize,
    order: Option<Reference>,
    wish: Wish,
) -> Result<Receipt, SubmitError<Refusal>> {
    let id = world.command();
    world.at(phone).submit::<Order>(id, order, wish)
}

#[test]
fn two_volunteers_who_have_not_met_claim_one_order_and_both_hear_of_it() {
    let mut world = World::community(1, 2);
    let order = post(&mut world, 0);
    world.settle();

    submit(&mut world, 1, Some(order), Wish::Claim).unwrap();
    submit(&mut world, 2, Some(order), Wish::Claim).unwrap();
    let mut updates = world.at(1).subscribe();
    world.settle();

    world.assert_equal();
    let news: Vec<_> = std::iter::from_fn(|| updates.take()).collect();
    assert!(format!("{news:?}").contains("contested"), "{news:?}");
}

#[test]
fn a_command_that_is_sent_twice_is_done_once() {
    let mut world = World::community(2, 1);
    let order = post(&mut world, 0);
    world.settle();
    let id = CommandId::from_bytes([9; 16]);

    let first = world.at(1).submit::<Order>(id, Some(order), Wish::Claim).unwrap();
    world.close(1);
    world.open(1);
    let again = world.at(1).submit::<Order>(id, Some(order), Wish::Claim).unwrap();
    let reused = world.at(1).submit::<Order>(id, Some(order), Wish::StillNeeded).unwrap_err();

    assert_eq!(first, again);
    assert_eq!(reused, SubmitError::Reused);
    world.settle();
    world.assert_equal();
}

#[test]
fn rebuilding_from_the_log_changes_nothing() {
    let mut world = World::community(3, 1);
    let order = post(&mut world, 0);
    world.settle();
    submit(&mut world, 1, Some(order), Wish::Claim).unwrap();
    let before = world.at(1).state_hash().unwrap();

    world.at(1).rebuild().unwrap();

    assert_eq!(world.at(1).state_hash().unwrap(), before);
    assert_eq!(world.at(1).verify().unwrap().faults, []);
}
