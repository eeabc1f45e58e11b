//! What phones write in these stories.

use linli_core::{
    aggregate::order::{Command, NewOrder, Order},
    id::Reference,
};
use linli_tests::World;

pub(crate) fn post(world: &mut World, phone: usize) -> Reference {
    let note = Some("两盒布洛芬".into());
    let order = NewOrder { building: "3".into(), kind: "medicine".into(), note, ..NewOrder::default() };
    let id = world.command();
    world.at(phone).submit::<Order>(id, None, Command::Post(Box::new(order))).unwrap().aggregate
}

pub(crate) fn claim(world: &mut World, phone: usize, order: Reference) {
    let id = world.command();
    world.at(phone).submit::<Order>(id, Some(order), Command::Claim).unwrap();
}
