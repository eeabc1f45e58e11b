//! What stories say over and over.

use linli_core::{
    aggregate::order::{NewItem, NewOrder, Order, Refusal},
    id::Reference,
    replica::{Receipt, SubmitError},
};
use linli_tests::World;

pub(crate) use linli_core::aggregate::order::Wish;

pub(crate) type Answer = Result<Receipt, SubmitError<Refusal>>;

/// An order of two boxes for 1804 in building 3.
pub(crate) fn order() -> NewOrder {
    let items = vec![NewItem { name: "布洛芬".into(), qty: Some(2), unit: Some("盒".into()), product: None }];
    NewOrder { building: "3".into(), room: Some("1804".into()), kind: "medicine".into(), items, ..NewOrder::default() }
}

pub(crate) fn post(world: &mut World, phone: usize) -> Reference {
    submit(world, phone, None, Wish::Post(Box::new(order()))).unwrap().aggregate
}

pub(crate) fn submit(world: &mut World, phone: usize, order: Option<Reference>, wish: Wish) -> Answer {
    let id = world.command();
    world.at(phone).submit::<Order>(id, order, wish)
}
