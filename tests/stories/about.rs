//! What is held about a room, whatever anybody put in its place since (T10).

use linli_core::aggregate::{
    alert::{Alert, AlertCommand},
    order::{Change, NewOrder},
};
use linli_tests::{
    World,
    people::{LAN, MEI, WU},
};

use crate::say::{self, Command};

#[test]
fn an_order_that_was_said_to_be_of_another_room_is_still_about_the_first_t10() {
    let mut world = World::community(730, 2);
    let of = |room: &str| NewOrder { room: Some(room.into()), contact: Some("13900001234".into()), ..say::order() };
    let orders = ["2306室", "2306", "1204"]
        .map(|room| say::submit(&mut world, WU, None, Command::Post(Box::new(of(room)))).unwrap().aggregate);
    let id = world.command();
    let raise = AlertCommand::Raise {
        what: "fall".into(),
        building: Some("3".into()),
        unit: None,
        room: Some("2306".into()),
        contact: None,
        text: None,
    };
    let alert = world.at(WU).submit::<Alert>(id, None, raise).unwrap().aggregate;
    world.settle();
    put(&mut world, MEI, orders[0], "room", "9999");
    put(&mut world, MEI, orders[1], "unit", "7");
    world.settle();
    put(&mut world, WU, orders[0], "room", "8888");
    let (id, elsewhere) = (world.command(), Some("9999".into()));
    let edit = AlertCommand::Edit { text: None, contact: None, unit: None, room: elsewhere };
    world.at(MEI).submit::<Alert>(id, Some(alert), edit).unwrap();
    world.settle();

    let ours = |world: &World, unit: Option<&str>, room: &str| {
        let about = world.at(LAN).about("3", unit, room).unwrap();
        let mut found: Vec<_> = about.orders.iter().map(|order| order.order).collect();
        found.sort();
        (found, about.alerts.len())
    };
    let mut both = orders[..2].to_vec();
    both.sort();
    assert_eq!(ours(&world, None, "2306"), (both.clone(), 1));
    assert_eq!(ours(&world, Some("7"), "2306").0, [orders[1]], "of the first no unit was ever said");
    assert_eq!(ours(&world, None, "9999"), (vec![orders[0]], 1));
    assert_eq!(ours(&world, None, "1204").0, [orders[2]]);

    let id = world.command();
    let erased = world.at(LAN).erase_about(id, "3", None, "2306").unwrap();
    world.settle();

    assert_eq!(erased.erased.len(), 3);
    for phone in 0..3 {
        assert!(orders[..2].iter().all(|order| world.at(phone).order(*order).is_err()), "phone {phone}");
        assert!(world.at(phone).order(orders[2]).is_ok(), "phone {phone}");
    }
    world.assert_equal();
}

fn put(world: &mut World, phone: usize, order: linli_core::id::Reference, field: &str, value: &str) {
    let change = Change::Put { field: field.into(), value: value.into() };
    say::submit(world, phone, Some(order), Command::Edit { changes: vec![change] }).unwrap();
}
