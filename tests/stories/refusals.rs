//! What is refused says why and changes nothing; what has happened is never refused.

use linli_core::{
    aggregate::{
        Aggregate,
        medicine_box::{self, Day, Goods, MedicineBox, When},
        order::{Change, How, NewItem, NewOrder, Order, Refusal},
        product::{self, Class, Details, Product},
    },
    event::Scalar,
    id::Reference,
    limits,
    qty::Qty,
    replica::SubmitError,
    roster::{Role, RosterCommand, RosterRefusal},
    vocabulary::Refuse,
};
use linli_tests::{
    World,
    people::{LAN, MEI, WU},
};

use crate::say::{self, Command};

#[test]
fn what_somebody_holds_cannot_be_claimed() {
    let (mut world, order) = scene(1);
    say::submit(&mut world, WU, Some(order), Command::Claim).unwrap();
    world.settle();
    let holder = world.member(WU);

    let why = refused(&mut world, MEI, Some(order), Command::Claim);

    assert!(matches!(why, Refusal::HeldBy { holder: by, .. } if by == holder), "{why:?}");
    assert_eq!(refused(&mut world, WU, Some(order), Command::Claim), Refusal::AlreadyYours);
}

#[test]
fn a_command_id_stands_for_one_command() {
    let (mut world, order) = scene(2);
    let id = world.command();
    let first = world.at(WU).submit::<Order>(id, Some(order), Command::Claim).unwrap();

    let again = unchanged(&mut world, WU, |world| world.at(WU).submit::<Order>(id, Some(order), Command::Claim));
    let other = unchanged(&mut world, WU, |world| world.at(WU).submit::<Order>(id, Some(order), Command::StillNeeded));
    let roster = unchanged(&mut world, WU, |world| world.at(WU).change_roster(id, RosterCommand::WrapLacking));

    assert_eq!(again, Ok(first));
    assert_eq!(other, Err(SubmitError::Reused));
    assert_eq!(roster, Err(linli_core::replica::MembersError::Reused));
}

#[test]
fn a_refused_command_leaves_its_id_free() {
    let (mut world, order) = scene(3);
    let id = world.command();
    let release = |world: &World| world.at(WU).submit::<Order>(id, Some(order), Command::Release { why: None });
    assert_eq!(release(&world), Err(SubmitError::Refused(Refusal::NotYours)));
    say::submit(&mut world, WU, Some(order), Command::Claim).unwrap();

    assert!(release(&world).is_ok());
}

#[test]
fn quantities_are_more_than_nothing() {
    let (mut world, order) = scene(4);
    for sum in [0, -1, i64::MIN, i64::MAX] {
        let qty = Qty::of_thousandths(sum);
        let item = NewItem { name: "米".into(), qty: Some(qty), ..NewItem::default() };
        let post = NewOrder { items: vec![item.clone()], ..say::order() };
        let why = refused(&mut world, LAN, None, Command::Post(Box::new(post)));
        assert!(matches!(why, Refusal::Quantity { got, .. } if got == qty), "{why:?}");

        let why = refused(&mut world, LAN, Some(order), Command::Edit { changes: vec![Change::AddItem(item)] });
        assert!(matches!(why, Refusal::Quantity { .. }), "{why:?}");
        let paid = Command::Reimburse { cents: sum, already_happened: true };
        assert!(matches!(refused(&mut world, LAN, Some(order), paid), Refusal::OutOfBounds { field: "cents", .. }));
    }
}

#[test]
fn texts_and_lists_have_limits() {
    let (mut world, order) = scene(5);
    let long = "长".repeat(limits::FIELD);

    let post = NewOrder { note: Some(long.clone()), ..say::order() };
    let why = refused(&mut world, LAN, None, Command::Post(Box::new(post)));
    assert!(matches!(why, Refusal::TooLong { limit: limits::FIELD, .. }), "{why:?}");

    let put = Change::Put { field: "note".into(), value: Scalar::Text(long.clone()) };
    let why = refused(&mut world, LAN, Some(order), Command::Edit { changes: vec![put] });
    assert!(matches!(why, Refusal::TooLong { .. }), "{why:?}");

    let items = vec![NewItem { name: "盐".into(), ..NewItem::default() }; limits::EDITS + 1];
    let why = refused(&mut world, LAN, None, Command::Post(Box::new(NewOrder { items, ..say::order() })));
    assert!(matches!(why, Refusal::TooMany { limit: limits::EDITS, .. }), "{why:?}");

    // What is not checked by the aggregate is checked where events are written.
    let comment = Command::Comment { text: long };
    let answer = unchanged(&mut world, LAN, |world| say::submit(world, LAN, Some(order), comment));
    assert!(matches!(answer, Err(SubmitError::Refused(_) | SubmitError::Limit(_))), "{answer:?}");
}

#[test]
fn what_is_not_known_here_is_named() {
    let (mut world, order) = scene(6);
    let nowhere = Reference { seq: 4_711, ..order };

    let answer = unchanged(&mut world, WU, |world| say::submit(world, WU, Some(nowhere), Command::Claim));
    assert_eq!(answer, Err(SubmitError::Unknown { kind: "order" }));

    let id = world.command();
    let command = medicine_box::Command::Close { why: String::new(), anyway: true };
    let answer = unchanged(&mut world, LAN, |world| world.at(LAN).submit::<MedicineBox>(id, Some(order), command));
    assert_eq!(answer.unwrap_err(), SubmitError::Unknown { kind: MedicineBox::NAME }, "an order is no box");

    let duplicate = Command::DuplicateOf { order: nowhere };
    assert_eq!(refused(&mut world, LAN, Some(order), duplicate), Refusal::UnknownOrder { order: nowhere });

    let id = world.command();
    let device = linli_core::id::DeviceId::from_bytes([9; 32]);
    let grant = linli_core::roster::Grant::Care;
    let answer = unchanged(&mut world, LAN, |world| world.at(LAN).grant(id, device, grant));
    assert_eq!(answer, Err(RosterRefusal::UnknownDevice { device }.into()));
}

#[test]
fn nobody_is_admitted_twice() {
    let (mut world, _) = scene(7);
    let (record, id) = (world.at(WU).record(), world.command());

    let answer = unchanged(&mut world, LAN, |world| world.at(LAN).admit(id, record, Role::Coordinator, None, None));

    assert_eq!(answer, Err(RosterRefusal::AlreadyAdmitted { device: record.device }.into()));
}

#[test]
fn a_box_takes_no_prescriptions_and_nothing_expired() {
    let (mut world, _) = scene(8);
    let list = |world: &mut World, name: &str, class| {
        let (id, details) = (world.command(), Details { name: name.into(), ..Details::default() });
        let command = product::Command::List { details, class };
        world.at(LAN).submit::<Product>(id, None, command).unwrap().aggregate
    };
    let (strong, mild) = (list(&mut world, "吗啡", Class::Prescription), list(&mut world, "酒精", Class::Supply));
    let id = world.command();
    let open = medicine_box::Command::Open { building: Some("3".into()), place: "大门".into(), note: String::new() };
    let medicine_box = world.at(LAN).submit::<MedicineBox>(id, None, open).unwrap().aggregate;
    let donate = |product, expiry: Option<Day>, qty: i64| medicine_box::Command::Donate {
        goods: Goods { product, batch: None, expiry, unit: "盒".into() },
        qty: qty.into(),
        origin: None,
        opened: false,
        blister_intact: false,
        when: When::default(),
    };
    let mut give = |command| {
        let id = world.command();
        unchanged(&mut world, LAN, |world| world.at(LAN).submit::<MedicineBox>(id, Some(medicine_box), command))
            .unwrap_err()
    };

    let prescription = give(donate(strong, None, 1));
    let expired = give(donate(mild, Day::new(2020, 1, Some(31)), 1));
    let nothing = [0, -3, i64::MAX].map(|qty| give(donate(mild, None, qty)));

    let refusal = medicine_box::Refusal::Prescription { product: strong };
    assert_eq!(prescription, SubmitError::Refused(refusal));
    assert!(matches!(expired, SubmitError::Refused(medicine_box::Refusal::Expired { .. })), "{expired:?}");
    let quantity = |error: &_| matches!(error, SubmitError::Refused(medicine_box::Refusal::Quantity { .. }));
    assert!(nothing.iter().all(quantity), "{nothing:?}");
}

#[test]
fn what_has_happened_is_accepted_beside_what_it_contradicts() {
    let (mut world, order) = scene(9);
    say::submit(&mut world, WU, Some(order), Command::Claim).unwrap();
    world.settle();
    let deliver = |already_happened| Command::Deliver { how: How::LeftAtDoor, already_happened, happened_at: None };

    let warned = refused(&mut world, MEI, Some(order), deliver(false));
    let accepted = say::submit(&mut world, MEI, Some(order), deliver(true)).unwrap();
    say::submit(&mut world, WU, Some(order), deliver(false)).unwrap();
    world.settle();

    assert!(matches!(warned, Refusal::WarnHeldBy { .. }) && warned.is_warning(), "{warned:?}");
    assert_eq!(accepted.events.len(), 1);
    let detail = world.at(LAN).order(order).unwrap();
    assert!(detail.view.delivered_twice, "{detail:?}");
    assert!(!detail.review.is_empty());
    world.assert_equal();
}

#[test]
fn a_phone_that_belongs_to_nobody_writes_nothing() {
    let mut world = World::seeded(10);
    let phone = world.phone();

    let answer = unchanged(&mut world, phone, |world| say::submit(world, phone, None, Command::Post(Box::default())));

    assert_eq!(answer, Err(SubmitError::NotAMember));
}

/// Does something that must leave a phone as it was, in state and in storage.
#[track_caller]
fn unchanged<T>(world: &mut World, phone: usize, act: impl FnOnce(&mut World) -> T) -> T {
    let look = |world: &World| {
        let replica = world.at(phone);
        (replica.state_hash().unwrap(), replica.look(|reader| reader.stats()).unwrap().events)
    };
    let before = look(world);
    let answer = act(world);
    assert_eq!(look(world), before);
    answer
}

/// A command on an order that must be refused, and why it was.
#[track_caller]
fn refused(world: &mut World, phone: usize, order: Option<Reference>, command: Command) -> Refusal {
    match unchanged(world, phone, |world| say::submit(world, phone, order, command)) {
        Err(SubmitError::Refused(refusal)) => refusal,
        other => panic!("{other:?}"),
    }
}

fn scene(seed: u64) -> (World, Reference) {
    let mut world = World::community(seed, 2);
    let order = say::post(&mut world, LAN);
    world.settle();
    (world, order)
}
