//! What stories say over and over.

use linli_core::{
    aggregate::{
        alert::{Alert, AlertCommand},
        medicine_box::{self, Goods, MedicineBox, When},
        order::{NewItem, NewOrder, Order, Refusal},
        product::{self, Class, Product},
    },
    id::Reference,
    net::Conversation,
    replica::{Link, Receipt, SubmitError},
};
use linli_tests::World;

pub(crate) use linli_core::aggregate::order::Command;
pub(crate) use linli_tests::{
    made::{act as body, claim, comment},
    verdict,
};

/// A little more than three days, in minutes.
pub(crate) const THREE_DAYS: u64 = 73 * 60;

pub(crate) type Answer = Result<Receipt, SubmitError<Refusal>>;

/// An order of two boxes for 1804 in building 3.
pub(crate) fn order() -> NewOrder {
    let items =
        vec![NewItem { name: "布洛芬".into(), qty: Some(2.into()), unit: Some("盒".into()), product: None }];
    NewOrder { building: "3".into(), room: Some("1804".into()), kind: "medicine".into(), items, ..NewOrder::default() }
}

pub(crate) fn post(world: &mut World, phone: usize) -> Reference {
    submit(world, phone, None, Command::Post(Box::new(order()))).unwrap().aggregate
}

pub(crate) fn submit(world: &mut World, phone: usize, order: Option<Reference>, command: Command) -> Answer {
    let id = world.command();
    world.at(phone).submit::<Order>(id, order, command)
}

/// Somebody fell in building 3.
pub(crate) fn raise(world: &mut World, phone: usize, room: Option<&str>) -> Reference {
    let (what, building, room) = ("fall".into(), Some("3".into()), room.map(str::to_owned));
    let raise = AlertCommand::Raise { what, building, unit: None, room, text: None, contact: None };
    let id = world.command();
    world.at(phone).submit::<Alert>(id, None, raise).unwrap().aggregate
}

/// A medicine without prescription, a box at a place, and ten tablets in it: product, box, lot.
pub(crate) fn stocked(world: &mut World, phone: usize, name: &str, place: &str) -> [Reference; 3] {
    let details = product::Details { name: name.into(), ..product::Details::default() };
    let listed = product::Command::List { details, class: Class::OverTheCounter };
    let id = world.command();
    let product = world.at(phone).submit::<Product>(id, None, listed).unwrap().aggregate;
    let open = medicine_box::Command::Open { building: Some("3".into()), place: place.into(), note: String::new() };
    let opened = in_box(world, phone, None, open).unwrap().aggregate;
    let donate = medicine_box::Command::Donate {
        goods: Goods { product, batch: Some("a1".into()), expiry: None, unit: "tablet".into() },
        qty: 10.into(),
        origin: None,
        opened: false,
        blister_intact: true,
        when: When::default(),
    };
    let lot = in_box(world, phone, Some(opened), donate).unwrap().events[0];
    [product, opened, lot]
}

pub(crate) fn in_box(
    world: &mut World,
    phone: usize,
    medicine_box: Option<Reference>,
    command: medicine_box::Command,
) -> Result<Receipt, SubmitError<medicine_box::Refusal>> {
    let id = world.command();
    world.at(phone).submit::<MedicineBox>(id, medicine_box, command)
}

/// Carries what two phones say until both are silent, while time passes. How many bytes.
pub(crate) fn carry(world: &World, links: &mut [Link; 2]) -> usize {
    let mut bytes = 0;
    for _ in 0..5 {
        let mut quiet = false;
        while !quiet {
            quiet = true;
            for from in [0, 1] {
                let said = links[from].send(usize::MAX).unwrap();
                quiet &= said.is_empty();
                bytes += said.len();
                links[1 - from].receive(&said).unwrap();
            }
        }
        world.pass(1);
        links.iter_mut().for_each(|link| link.tick().unwrap());
    }
    bytes
}
