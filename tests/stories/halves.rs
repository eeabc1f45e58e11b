//! Halves: what is not whole is taken, counted, bought and shown as people write it, on every phone alike.

use automerge::{Automerge, ReadDoc};
use linli_core::{
    aggregate::{
        Held, encode,
        medicine_box::{
            self, Ask, Goods, LimitSet, Part, Portion, Refusal, Room, Taken, What, When,
            kind::{LIMIT_SET, TAKEN},
        },
        order::{Change, Got, NewItem, NewOrder, Refusal as OrderRefusal},
    },
    event::{Scalar, Topic},
    id::Reference,
    qty::Qty,
    replica::SubmitError,
    vocabulary::Refuse,
};
use linli_tests::{
    Forger, World, hand_over,
    people::{LAN, WU},
};

use crate::say::{self, Command, body, in_box, stocked, verdict};

#[test]
fn half_a_tablet_is_taken_counted_and_shown() {
    let mut world = World::community(31, 1);
    let [product, shelf, lot] = stocked(&mut world, LAN, "华法林", "大厅");
    world.settle();

    in_box(&mut world, WU, Some(shelf), take(lot, "0.5", When::default())).unwrap();
    let limit = medicine_box::Command::SetLimit { days: 7, product: None, qty: Some(qty("1.5")) };
    in_box(&mut world, LAN, Some(shelf), limit).unwrap();
    world.settle();
    let beyond = in_box(&mut world, WU, Some(shelf), take(lot, "1.25", When::default())).unwrap_err();
    let SubmitError::Refused(Refusal::OverLimit { limit, taken, asked, .. }) = beyond else { panic!("{beyond:?}") };
    assert_eq!([limit, taken, asked], ["1.5", "0.5", "1.25"].map(qty));
    let parts = vec![Portion { lot, qty: qty("9.25") }];
    let count = medicine_box::Command::Count { parts, blind: false, when: When::default() };
    in_box(&mut world, LAN, Some(shelf), count).unwrap();
    in_box(&mut world, LAN, Some(shelf), take(lot, "0.75", When::default())).unwrap();
    let low = medicine_box::Command::SetRestock { product, unit: "tablet".into(), below: Some(qty("8.501")) };
    in_box(&mut world, LAN, Some(shelf), low).unwrap();
    world.settle();
    // What is read from the disk again is the same.
    world.close(WU);
    world.open(WU);

    world.assert_equal();
    for phone in 0..2 {
        let replica = world.at(phone);
        let detail = replica.box_detail(shelf).unwrap();
        let balance = detail.balance;
        assert_eq!(
            [balance.donated, balance.taken, balance.adjusted, balance.stock],
            ["10", "1.25", "-0.25", "8.5"].map(qty)
        );
        assert!(balance.holds() && replica.ledger_totals().unwrap().holds());
        let json = serde_json::to_value(&detail.lots[0]).unwrap();
        assert_eq!((&json["qty"], &json["ledger"][0]["effect"]), (&8.5.into(), &10.into()), "JSON says a number");
        assert_eq!(detail.line.low, 1, "8.5 are less than 8.501");
        let offer = replica.offer(shelf, &Ask { product, qty: qty("8.75"), unit: None, overridden: false }).unwrap();
        assert_eq!((&offer.picks[..], offer.missing), (&[Part { lot, qty: qty("8.5") }][..], qty("0.25")));
        let told: Vec<String> = detail.history.iter().map(|told| told.params.to_string()).collect();
        assert!(told.iter().any(|params| params.contains(r#""qty":0.5"#)), "{told:?}");
        world.assert_one_truth(phone);
    }
}

#[test]
fn a_bag_and_a_half_is_asked_for_bought_in_part_and_disagreed_about() {
    let mut world = World::community(32, 1);
    let rice = NewItem { name: "大米".into(), qty: Some(qty("1.5")), unit: Some("袋".into()), product: None };
    let post = NewOrder { items: vec![rice], kind: "grocery".into(), ..say::order() };
    let order = say::submit(&mut world, LAN, None, Command::Post(Box::new(post))).unwrap().aggregate;
    say::submit(&mut world, LAN, Some(order), Command::Claim).unwrap();
    world.settle();
    let item = world.at(WU).order(order).unwrap().view.items[0].id;
    let put =
        |much: Scalar| Command::Edit { changes: vec![Change::PutItem { item, field: "qty".into(), value: much }] };

    let unchanged = say::submit(&mut world, WU, Some(order), put(Scalar::Fraction(qty("1.500")))).unwrap_err();
    assert!(matches!(unchanged, SubmitError::Refused(OrderRefusal::NothingChanges)), "{unchanged:?}");
    say::submit(&mut world, LAN, Some(order), put(Scalar::Fraction(qty("2")))).unwrap();
    say::submit(&mut world, WU, Some(order), put(Scalar::Fraction(qty("2.5")))).unwrap();
    world.settle();
    let values =
        |world: &World, phone: usize| world.at(phone).order(order).unwrap().view.items[0].fields["qty"].clone();
    let mut both = values(&world, WU);
    both.sort_unstable();
    assert_eq!(both, [Scalar::Int(2), Scalar::Fraction(qty("2.5"))], "one number has one form");
    let value = Scalar::Fraction(qty("2.5"));
    say::submit(&mut world, WU, Some(order), Command::Choose { field: "qty".into(), item: Some(item), value }).unwrap();
    let got = vec![Got { item, qty: qty("0.75") }];
    let bought = Command::Purchase { cost_cents: None, got, already_happened: false, happened_at: None };
    say::submit(&mut world, LAN, Some(order), bought).unwrap();
    world.settle();

    world.assert_equal();
    for phone in 0..2 {
        let view = world.at(phone).order(order).unwrap().view;
        assert_eq!(view.card.items, ["大米 2.5 袋"]);
        assert_eq!((view.items[0].bought, values(&world, phone)), (qty("0.75"), vec![Scalar::Fraction(qty("2.5"))]));
        let doc = Automerge::load(&world.at(phone).export(order).unwrap().unwrap()).unwrap();
        let (_, items) = doc.get(automerge::ROOT, "items").unwrap().unwrap();
        let (_, rice) = doc.get(&items, item.to_string()).unwrap().unwrap();
        let (shown, _) = doc.get(&rice, "qty").unwrap().unwrap();
        assert_eq!(shown.as_f64(), Some(2.5));
        world.assert_one_truth(phone);
    }
    let round = world.at(LAN).my_round().unwrap();
    assert_eq!((round.to_buy[0].qty, round.to_load[0].qty), (qty("1.75"), qty("0.75")));
}

#[test]
fn a_capsule_is_not_cut_unless_it_was() {
    let mut world = World::community(33, 0);
    let [product, shelf, _] = stocked(&mut world, LAN, "奥美拉唑", "大厅");
    let donate = |much: &str, when| medicine_box::Command::Donate {
        goods: Goods { product, batch: None, expiry: None, unit: "粒".into() },
        qty: qty(much),
        origin: None,
        opened: false,
        blister_intact: false,
        when,
    };
    let happened = When { already_happened: true, happened_at: None };

    let lot = in_box(&mut world, LAN, Some(shelf), donate("10", When::default())).unwrap().events[0];
    for command in [donate("1.5", When::default()), take(lot, "0.5", When::default())] {
        let refused = in_box(&mut world, LAN, Some(shelf), command).unwrap_err();
        let SubmitError::Refused(why @ Refusal::NotCut { .. }) = refused else { panic!("{refused:?}") };
        assert!(why.is_warning());
    }
    in_box(&mut world, LAN, Some(shelf), take(lot, "0.5", happened)).unwrap();

    let detail = world.at(LAN).box_detail(shelf).unwrap();
    assert_eq!(detail.lots.iter().find(|one| one.lot == lot).unwrap().qty, qty("9.5"));
}

#[test]
fn what_is_less_than_nothing_or_too_much_is_malformed_in_whatever_part_of_a_unit() {
    let mut world = World::community(34, 1);
    let [_, shelf, lot] = stocked(&mut world, LAN, "布洛芬", "gate");
    world.settle();
    let mut forger = Forger::with_keys_of(&mut world, LAN);
    let taken = |qty| {
        let parts = vec![Part { lot, qty }];
        encode(&Taken { parts, room: None, order: None, override_reason: None, happened_at: None })
    };
    let limit = |qty| encode(&LimitSet { product: None, qty: Some(qty), days: 7 });
    let most = Qty::whole(1_000_000);
    let [counts, malformed] = [
        vec![(TAKEN, taken(Qty::LEAST)), (TAKEN, taken(most)), (LIMIT_SET, limit(Qty::ZERO))],
        vec![
            (TAKEN, taken(Qty::ZERO)),
            (TAKEN, taken(qty("-0.5"))),
            (TAKEN, taken(most.saturating_add(Qty::LEAST))),
            (LIMIT_SET, limit(qty("-0.5"))),
            (LIMIT_SET, limit(Qty::of_thousandths(i64::MAX))),
        ],
    ]
    .map(|all| all.into_iter().map(|(kind, payload)| forger.write(&body(shelf, kind, payload))).collect::<Vec<_>>());
    hand_over(&world, WU, forger.device(), world.tag(WU, Topic::Common), &forger.runs()).unwrap();
    world.settle();

    let verdicts = |events: &[Reference]| events.iter().map(|event| verdict(&world, LAN, *event)).collect::<Vec<_>>();
    assert_eq!(verdicts(&counts), [Some(None); 3]);
    assert_eq!(verdicts(&malformed), [Some(Some(Held::Malformed)); 5]);
    assert_eq!(world.at(LAN).box_detail(shelf).unwrap().balance.taken, qty("1000000.001"));
}

fn qty(text: &str) -> Qty {
    text.parse().unwrap()
}

fn take(lot: Reference, much: &str, when: When) -> medicine_box::Command {
    let what = What::Lots(vec![Portion { lot, qty: qty(much) }]);
    let room = Some(Room { building: "3".into(), unit: String::new(), room: "1804".into() });
    medicine_box::Command::Take { what, room, order: None, override_reason: None, when }
}
