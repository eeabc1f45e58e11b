//! What stays of what was erased: numbers, and nothing that anybody typed.

use linli_core::aggregate::{
    order::NewOrder,
    settings::{Settings, SettingsChange, SettingsWish, Vocabulary},
};
use linli_tests::World;

use crate::say::{self, Wish};

#[test]
fn what_is_counted_of_erased_orders_says_nothing_that_was_typed_t10() {
    let mut world = World::community(7, 1);
    let kinds = ["ouyang_13900001234".to_owned(), "for_the_grandmother_of_2306".to_owned(), "visit".to_owned()];
    // A coordinator's word for a kind of order is free; a modified phone's is too.
    let id = world.command();
    let term = |code: &String| SettingsChange::AddTerm {
        table: Vocabulary::OrderKinds,
        code: code.clone(),
        zh: "求助".into(),
        en: "Help".into(),
    };
    let edit = SettingsWish::Create { changes: kinds[..2].iter().map(term).collect() };
    world.at(0).submit::<Settings>(id, None, edit).unwrap();
    world.settle();
    let orders = kinds.map(|kind| {
        let order = NewOrder { kind, ..say::order() };
        say::submit(&mut world, 1, None, Wish::Post(Box::new(order))).unwrap().aggregate
    });
    world.settle();

    let id = world.command();
    world.at(0).erase(id, &orders).unwrap();

    world.settle();
    for phone in 0..2 {
        let told: Vec<_> = world.at(phone).erased_totals().into_iter().collect();
        assert_eq!(told, [("order.other.open".to_owned(), 2), ("order.visit.open".to_owned(), 1)]);
    }
}
