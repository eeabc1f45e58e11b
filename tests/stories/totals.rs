//! What stays of what was erased: numbers, and nothing that anybody typed.

use linli_core::{
    aggregate::{
        order::NewOrder,
        settings::{Settings, SettingsChange, SettingsCommand, Vocabulary},
    },
    roster::Role,
};
use linli_tests::{
    World,
    people::{LAN, WU},
};

use crate::say::{self, Command};

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
    let edit = SettingsCommand::Create { changes: kinds[..2].iter().map(term).collect() };
    world.at(LAN).submit::<Settings>(id, None, edit).unwrap();
    world.settle();
    let orders = kinds.map(|kind| {
        let order = NewOrder { kind, ..say::order() };
        say::submit(&mut world, WU, None, Command::Post(Box::new(order))).unwrap().aggregate
    });
    world.settle();

    let id = world.command();
    world.at(LAN).erase(id, &orders).unwrap();

    world.settle();
    for phone in 0..2 {
        let told: Vec<_> = world.at(phone).erased_totals().into_iter().collect();
        assert_eq!(told, [("order.other.open".to_owned(), 2), ("order.visit.open".to_owned(), 1)]);
    }
}

/// What two erased who did not hear of each other is one thing, and counts as one of them says, the same everywhere.
#[test]
fn what_two_erase_apart_is_counted_once() {
    let mut world = World::community(8, 1);
    let other = world.join(LAN, Role::Coordinator);
    world.settle();
    let orders: Vec<_> = (0..3).map(|_| say::post(&mut world, WU)).collect();
    world.settle();
    // One of them knows that it was cancelled.
    say::submit(&mut world, other, Some(orders[1]), Command::Cancel { why: None }).unwrap();
    for (phone, erased) in [(0, &orders[..2]), (other, &orders[1..])] {
        let id = world.command();
        world.at(phone).erase(id, erased).unwrap();
    }

    world.settle();

    let told = |phone: usize| world.at(phone).erased_totals();
    assert_eq!(told(LAN).values().sum::<u64>(), 3, "{:?}", told(LAN));
    assert!([WU, other].iter().all(|phone| told(*phone) == told(LAN)));
}
