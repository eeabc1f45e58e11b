//! What coordinators set holds on every phone: leases, kinds of orders, how much a household takes.

use linli_core::{
    aggregate::{
        medicine_box::{self, Goods, MedicineBox, Room, What, When},
        order::{NewOrder, Refusal},
        product::{self, Class, Product},
        settings::{Settings, SettingsChange, SettingsCommand, Vocabulary},
    },
    qty::Qty,
    replica::{OrderFilter, SubmitError},
};
use linli_tests::{
    World,
    people::{LAN, MEI, WU},
};

use crate::say::{self, Command};

#[test]
fn a_claim_lapses_when_the_settings_say_so() {
    let mut world = World::community(1, 2);
    set(&mut world, vec![SettingsChange::LeaseNormalMinutes(Some(20))]);
    let order = say::post(&mut world, LAN);
    world.settle();
    say::submit(&mut world, WU, Some(order), Command::Claim).unwrap();
    world.settle();

    world.pass(19);
    let early = say::submit(&mut world, MEI, Some(order), Command::TakeOver { anyway: false });
    assert!(matches!(early, Err(SubmitError::Refused(Refusal::WarnLeaseRuns { .. }))), "{early:?}");
    assert!(!world.at(MEI).board(&OrderFilter::default()).unwrap().items[0].lapsed);

    world.pass(2);
    assert!(world.at(MEI).board(&OrderFilter::default()).unwrap().items[0].lapsed);
    say::submit(&mut world, MEI, Some(order), Command::TakeOver { anyway: false }).unwrap();
}

#[test]
fn an_order_is_of_a_kind_that_the_community_has() {
    let mut world = World::community(2, 1);
    let haircut = || Command::Post(Box::new(NewOrder { kind: "haircut".into(), ..say::order() }));

    let refused = say::submit(&mut world, WU, None, haircut()).unwrap_err();
    let SubmitError::Refused(Refusal::UnknownKind { kind, offered }) = refused else { panic!("{refused:?}") };
    assert_eq!(kind, "haircut");
    assert!(offered.contains(&"medicine".to_owned()));

    let (zh, en) = ("理发".to_owned(), "Haircut".to_owned());
    let table = Vocabulary::OrderKinds;
    set(&mut world, vec![SettingsChange::AddTerm { table, code: "haircut".into(), zh, en }]);
    say::submit(&mut world, WU, None, haircut()).unwrap();
}

#[test]
fn a_household_takes_what_the_settings_allow_unless_the_box_says_otherwise() {
    let mut world = World::community(3, 1);
    set(&mut world, vec![SettingsChange::TakeLimit(Some(3))]);
    let id = world.command();
    let details = product::Details { name: "布洛芬".into(), ..product::Details::default() };
    let listed = product::Command::List { details, class: Class::OverTheCounter };
    let product = world.at(LAN).submit::<Product>(id, None, listed).unwrap().aggregate;
    let mut command = |of, command| {
        let id = world.command();
        world.at(LAN).submit::<MedicineBox>(id, of, command)
    };
    let open = medicine_box::Command::Open { building: Some("3".into()), place: "lobby".into(), note: String::new() };
    let own = command(None, open).unwrap().aggregate;
    let donation = medicine_box::Command::Donate {
        goods: Goods { product, batch: None, expiry: None, unit: "tablet".into() },
        qty: 20.into(),
        origin: None,
        opened: false,
        blister_intact: true,
        when: When::default(),
    };
    command(Some(own), donation).unwrap();
    let take = || medicine_box::Command::Take {
        what: What::Product { product, qty: 4.into(), unit: None },
        room: Some(Room { building: "3".into(), unit: String::new(), room: "1804".into() }),
        order: None,
        override_reason: None,
        when: When::default(),
    };

    let refused = command(Some(own), take()).unwrap_err();
    let medicine_box::Refusal::OverLimit { limit, days, .. } = (match refused {
        SubmitError::Refused(refusal) => refusal,
        other => panic!("{other:?}"),
    }) else {
        panic!("a limit holds")
    };
    assert_eq!((limit, days), (Qty::whole(3), 7));

    let unlimited = medicine_box::Command::SetLimit { product: None, qty: None, days: 7 };
    command(Some(own), unlimited).unwrap();
    command(Some(own), take()).unwrap();
}

fn set(world: &mut World, changes: Vec<SettingsChange>) {
    let id = world.command();
    world.at(LAN).submit::<Settings>(id, None, SettingsCommand::Create { changes }).unwrap();
    world.settle();
}
