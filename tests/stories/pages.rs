//! Pages: where one ended, the next goes on, and a position that belongs to another question is refused as one.

use std::collections::BTreeSet;

use linli_core::{
    aggregate::{
        Cell, Position, Select,
        declared::{Declaration, Deed},
        household::{Household, HouseholdCommand, NewHousehold, NewPerson},
        order::{NewItem, NewOrder, ORDER_CARD},
        product::PRODUCT,
    },
    event::Topic,
    id::Reference,
    replica::{DeclaredFilter, HouseholdFilter, OrderFilter, Part, QueryError, Replica, ReviewFilter},
};
use linli_tests::{
    Forger, World, hand_over,
    people::{LAN, MEI, WU},
};
use serde_json::json;

use crate::say::{self, Command};

/// Every question that takes a position, for pages of one.
const QUESTIONS: [Asked; 11] = [
    ("order", |phone, after| {
        let select = Select { after, ..Select::from(ORDER_CARD.name).ascending("opened").limit(1) };
        Ok(phone.select(&select)?.next)
    }),
    ("product", |phone, after| Ok(phone.select(&Select { after, ..Select::from(PRODUCT.name).limit(1) })?.next)),
    ("board", |phone, after| Ok(phone.board(&OrderFilter { after, limit: 1, ..OrderFilter::default() })?.next)),
    ("own board", |phone, after| {
        Ok(phone.board(&OrderFilter { mine: vec![Part::Author], after, limit: 1, ..OrderFilter::default() })?.next)
    }),
    ("declared", |phone, after| {
        let filter = DeclaredFilter { after, limit: Some(1), ..DeclaredFilter::default() };
        Ok(phone.declared("tool", &filter)?.next)
    }),
    ("products", |phone, after| Ok(phone.products(None, after.as_ref(), 1)?.next)),
    ("review", |phone, after| {
        Ok(phone.review_queue(&ReviewFilter { after, limit: 1, ..ReviewFilter::default() })?.next)
    }),
    ("households", |phone, after| {
        Ok(phone.households(&HouseholdFilter { after, limit: 1, ..HouseholdFilter::default() })?.next)
    }),
    ("search", |phone, after| Ok(phone.search("180", after.as_ref(), 1)?.next)),
    ("log", |phone, after| Ok(phone.log(after.as_ref(), 1)?.next)),
    ("held", |phone, after| Ok(phone.held_events(None, after.as_ref(), 1)?.next)),
];

/// A wrong position is a slip of whoever asks, and never a fault of the store.
#[test]
fn a_position_of_another_question_or_none_at_all_is_refused_by_every_question() {
    let world = scene();
    let phone = world.at(LAN);
    let ended =
        QUESTIONS.map(|(asked, ask)| (asked, ask(phone, None).unwrap().unwrap_or_else(|| panic!("{asked}: one page"))));

    for (asked, ask) in QUESTIONS {
        for (other, position) in &ended {
            let answer = ask(phone, Some(position.clone()));
            if asked == *other {
                assert!(answer.is_ok(), "{asked}: {answer:?}");
            } else if !are_alike(asked, other) {
                assert_eq!(answer, Err(QueryError::Position), "{asked} asked behind {other}");
            }
        }
        let own = &ended.iter().find(|(of, _)| *of == asked).unwrap().1;
        let more = [own.keys.clone(), vec![Cell::Null]].concat();
        let unheard = Reference { seq: 77_777, ..own.aggregate };
        for made_up in [
            Position { keys: more, ..own.clone() },
            Position { keys: vec![Cell::Text("x".into()); 5], ..own.clone() },
            Position { aggregate: unheard, ..own.clone() },
        ] {
            assert_eq!(
                ask(phone, Some(made_up.clone())),
                Err(QueryError::Position),
                "{asked} asked behind {made_up:?}"
            );
        }
    }
}

#[test]
fn behind_what_was_erased_since_a_list_goes_on_r5() {
    let mut world = scene();
    let orders = |world: &World, after| {
        let page = world.at(LAN).board(&OrderFilter { after, limit: 1, ..OrderFilter::default() }).unwrap();
        (page.items.iter().map(|line| line.order).collect::<Vec<_>>(), page.next)
    };
    let (first, next) = orders(&world, None);
    let id = world.command();

    world.at(LAN).erase(id, &first).unwrap();

    let (second, _) = orders(&world, next);
    assert_eq!(second.len(), 1);
    assert_ne!(first, second);
}

/// T3: a member who writes whatever others look for fills a page, and hides nothing: it stands on the pages behind, each
/// once, up to the last.
#[test]
fn whoever_fills_a_search_hides_nothing_of_what_others_wrote_t3() {
    let mut world = World::community(33, 2);
    let item = |name: &str| NewItem { name: name.into(), qty: Some(1.into()), unit: Some("盒".into()), product: None };
    let post = |world: &mut World, phone: usize, name: &str| {
        let order = NewOrder { items: vec![item(name)], ..say::order() };
        say::submit(world, phone, None, Command::Post(Box::new(order))).unwrap().aggregate
    };
    let honest = [post(&mut world, WU, "胰岛素"), post(&mut world, WU, "胰岛素针")];
    for _ in 0..11 {
        post(&mut world, MEI, "胰岛素 胰岛素");
    }
    world.settle();
    let phone = world.at(LAN);

    for limit in [1, 4, 11, 12, 13, 0] {
        let (mut seen, mut after, mut pages) = (Vec::new(), None, 0);
        loop {
            let page = phone.search("胰岛素", after.as_ref(), limit).unwrap();
            assert!(!page.items.is_empty(), "pages of {limit}: no page tells of more where there is none");
            seen.extend(page.items.into_iter().map(|hit| hit.aggregate));
            pages += 1;
            let Some(next) = page.next else { break };
            after = Some(next);
        }
        assert_eq!(seen.len(), 13, "pages of {limit}");
        assert_eq!(seen.iter().collect::<BTreeSet<_>>().len(), 13, "each once");
        assert!(honest.iter().all(|order| seen.contains(order)));
        assert_eq!(pages, if limit == 0 { 1 } else { 13_usize.div_ceil(limit) });
    }
}

/// A question that is answered in pages, asked from somewhere on.
type Asked = (&'static str, fn(&Replica, Option<Position>) -> Result<Option<Position>, QueryError>);

fn tools() -> Declaration {
    let tool = json!({
        "name": "tool",
        "kinds": [{ "kind": 0x8000, "code": "shelved", "creates": true }],
        "statuses": ["here"],
    });
    tool.to_string().parse().unwrap()
}

/// A coordinator's phone with two of everything that a list shows.
fn scene() -> World {
    let mut world = World::community(31, 1);
    world.declare(LAN, &[tools()]);
    let orders = ["1804", "1805"].map(|room| {
        let order = say::post(&mut world, LAN);
        say::stocked(&mut world, LAN, &format!("medicine of {room}"), room);
        let (shelving, registering) = (world.command(), world.command());
        let deed = Deed { kind: "shelved".into(), ..Deed::default() };
        world.at(LAN).submit_declared(shelving, "tool", None, deed).unwrap();
        let household = NewHousehold {
            building: "3".into(),
            room: Some(room.into()),
            people: vec![NewPerson { name: "欧阳".into(), why: None }],
            ..NewHousehold::default()
        };
        world.at(LAN).submit::<Household>(registering, None, HouseholdCommand::Register(Box::new(household))).unwrap();
        order
    });
    world.settle();
    for (phone, order) in [LAN, WU].into_iter().flat_map(|phone| orders.map(|order| (phone, order))) {
        say::submit(&mut world, phone, Some(order), Command::Claim).unwrap();
    }
    world.settle();
    let (device, tag) = (world.device(WU), world.tag(WU, Topic::Common));
    let mut forger = Forger::with_keys_of(&mut world, WU);
    for order in orders {
        forger.write(&say::body(order, 0x0fff, vec![0xa0]));
    }
    hand_over(&world, LAN, device, tag, &forger.runs()).unwrap();
    world
}

/// Whether a position of one question may be one of another: of the same board, of the same log, of no column.
fn are_alike(one: &str, other: &str) -> bool {
    let alike: [&[&str]; 3] = [&["board", "own board"], &["log", "held"], &["product", "review", "search"]];
    alike.iter().any(|pair| pair.contains(&one) && pair.contains(&other))
}
