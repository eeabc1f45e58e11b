//! What screens ask: boards, rounds, alerts, boxes; who sees which contact; and that nobody waits for a writer.

use std::{
    sync::{Mutex, mpsc},
    time::Duration,
};

use linli_core::{
    aggregate::{
        Aggregate, Birth, Coded, DecisionContext, Draft, Held, History, KindSpec, Malformed, Refuse, Registry, Row,
        Says, Schema, Select, Subject, Table, WorldError,
        alert::{Alert, AlertCommand, Escalation},
        building::{Building, BuildingChange, BuildingCommand},
        medicine_box::{self, Ask, Goods, Hidden, MedicineBox, Portion, What, When},
        order::{Command, NewItem, NewOrder, Order, Status, Urgency},
        product::{self, Class, Product},
        recall::{self, Recall, Scope},
    },
    event::Topic,
    id::{CommandId, Reference},
    key::MemorySecrets,
    replica::{Age, Carry, Options, OrderFilter, OrderState, Part, QueryError, Replica, ReviewFilter, Round},
    roster::{Grant, Need, Role},
    time::{ManualClock, WallMs},
};
use linli_tests::{
    World,
    people::{LAN, MEI, WU, ZHAO},
};
use serde::{Deserialize, Serialize};

const HOUR: u64 = 60;

#[test]
fn a_contact_is_masked_for_all_but_who_holds_the_order_leads_its_building_or_coordinates() {
    let mut world = World::community(1, 3);
    let order = post(&mut world, WU, "3-2-1804", vec![item("rice", 1, "bag")], |_| {});
    let (id, leader) = (world.command(), world.device(ZHAO));
    world.at(LAN).grant(id, leader, Grant::Leader { buildings: vec!["3".into()] }).unwrap();
    world.settle();

    command(&mut world, MEI, order, Command::Claim);
    world.settle();

    let whole = "王 13812345678".to_owned();
    for phone in [LAN, MEI, ZHAO] {
        assert_eq!(world.at(phone).contact(order).unwrap().contact, std::slice::from_ref(&whole), "phone {phone}");
    }
    assert!(matches!(world.at(WU).contact(order), Err(QueryError::ContactHidden { .. })));
    for phone in 0..4 {
        let replica = world.at(phone);
        let lists = serde_json::to_string(&(
            replica.board(&OrderFilter::default()).unwrap(),
            replica.search("rice", None, 10).unwrap(),
            replica.review_queue(&ReviewFilter::default()).unwrap(),
        ));
        assert!(!lists.unwrap().contains("13812345678"), "phone {phone}");
        let detail = replica.order(order).unwrap();
        assert_eq!(detail.contact_shown, phone != WU);
        assert_eq!(serde_json::to_string(&detail).unwrap().contains("13812345678"), phone != WU, "phone {phone}");
    }
}

#[test]
fn a_contact_over_which_people_disagree_is_masked_in_the_review_queue() {
    let mut world = World::community(2, 2);
    let order = post(&mut world, LAN, "3-2-1804", vec![], |_| {});
    world.settle();
    for (phone, number) in [(1, "李 13987654321"), (2, "李 13987654322")] {
        let changes = serde_json::json!([{ "put": { "field": "contact", "value": number } }]);
        command(&mut world, phone, order, Command::Edit { changes: serde_json::from_value(changes).unwrap() });
    }
    world.settle();

    let queue =
        world.at(WU).review_queue(&ReviewFilter { code: Some("conflicting_edit".into()), ..Default::default() });
    let queue = queue.unwrap().items;

    assert_eq!((queue.len(), queue[0].aggregate, queue[0].kind.as_str()), (1, order, "order"));
    assert!(!serde_json::to_string(&queue).unwrap().contains("1398765"));
    assert!(!serde_json::to_string(&world.at(WU).order(order).unwrap()).unwrap().contains("1398765"));
}

#[test]
fn pages_of_the_board_never_overlap_and_leave_nothing_out() {
    let mut world = World::community(3, 1);
    let urgencies = [Urgency::Normal, Urgency::Urgent, Urgency::Emergency];
    let mut posted = Vec::new();
    for nth in 0..23_usize {
        let urgency = urgencies[nth % 3];
        posted.push((urgency, post(&mut world, LAN, "3-1-101", vec![], |order| order.urgency = urgency)));
        world.pass(u64::from(nth % 2 == 0));
    }
    for (_, order) in &posted[..5] {
        command(&mut world, LAN, *order, Command::Claim);
        command(&mut world, LAN, *order, Command::Cancel { why: None });
    }
    for mine in [vec![], vec![Part::Author]] {
        for state in [OrderState::Open, OrderState::Closed, OrderState::All] {
            let mut filter = OrderFilter { mine: mine.clone(), state, limit: 4, ..OrderFilter::default() };
            let whole = world.at(LAN).board(&OrderFilter { limit: 0, ..filter.clone() }).unwrap();

            let (mut paged, mut pages) = (Vec::new(), 0);
            loop {
                let page = world.at(LAN).board(&filter).unwrap();
                assert!(page.items.len() <= 4);
                paged.extend(page.items);
                pages += 1;
                let Some(next) = page.next else { break };
                filter.after = Some(next);
            }

            assert_eq!(paged, whole.items);
            let expected: usize = match state {
                OrderState::Open => 18,
                OrderState::Closed => 5,
                OrderState::All => 23,
            };
            assert_eq!((paged.len(), pages), (expected, expected.div_ceil(4)));
            let open = paged.iter().filter(|line| line.card.status.is_open());
            let keys: Vec<_> = open.map(|line| (std::cmp::Reverse(line.card.urgency), line.card.opened)).collect();
            assert!(keys.is_sorted(), "{keys:?}");
        }
    }
}

#[test]
fn a_board_shows_only_what_is_asked_for() {
    let mut world = World::community(4, 2);
    let rice = post(&mut world, LAN, "3-2-1804", vec![item("大米", 1, "袋")], |_| {});
    let pills = post(&mut world, LAN, "12-1-301", vec![item("布洛芬缓释胶囊", 2, "盒")], |order| {
        (order.kind, order.urgency) = ("medicine".into(), Urgency::Urgent);
    });
    world.pass(1);
    let parcel = post(&mut world, WU, "7-1-101", vec![], |order| order.kind = "parcel".into());
    world.settle();
    command(&mut world, WU, pills, Command::Claim);
    command(&mut world, MEI, pills, Command::Claim);
    world.settle();
    let replica = world.at(WU);
    let filter = OrderFilter::default;

    assert_eq!(board(replica, filter()), [pills, rice, parcel]);
    assert_eq!(board(replica, OrderFilter { buildings: vec!["3".into()], ..filter() }), [rice]);
    assert_eq!(board(replica, OrderFilter { buildings: vec!["3".into(), "7".into()], ..filter() }), [rice, parcel]);
    assert_eq!(board(replica, OrderFilter { kinds: vec!["medicine".into()], ..filter() }), [pills]);
    assert_eq!(board(replica, OrderFilter { urgency: Some(Urgency::Urgent), ..filter() }), [pills]);
    assert_eq!(board(replica, OrderFilter { statuses: vec![Status::Claimed], ..filter() }), [pills]);
    assert_eq!(board(replica, OrderFilter { held: Some(false), ..filter() }), [rice, parcel]);
    assert_eq!(board(replica, OrderFilter { contested: true, ..filter() }), [pills]);
    assert_eq!(board(replica, OrderFilter { review: true, ..filter() }), [pills]);
    assert_eq!(board(replica, OrderFilter { text: Some("洛芬".into()), ..filter() }), [pills]);
    assert_eq!(board(replica, OrderFilter { mine: vec![Part::Author], ..filter() }), [parcel]);
    assert_eq!(board(replica, OrderFilter { state: OrderState::Closed, ..filter() }), []);
    let parts = [WU, MEI].map(|phone| {
        let lines = world.at(phone).board(&filter()).unwrap().items;
        assert!(lines[0].contested_with_me);
        lines[0].mine.clone()
    });
    assert!(parts.contains(&vec![Part::Holder]) && parts.contains(&vec![Part::Contender]), "{parts:?}");
}

#[test]
fn a_lease_lapses_and_a_need_goes_stale_by_the_clock_alone() {
    let mut world = World::community(5, 1);
    let urgent = post(&mut world, LAN, "3-1-101", vec![], |order| order.urgency = Urgency::Urgent);
    let normal = post(&mut world, LAN, "3-1-102", vec![], |_| {});
    world.settle();
    command(&mut world, WU, urgent, Command::Claim);
    command(&mut world, WU, normal, Command::Claim);
    let lapsed = |world: &World| board(world.at(WU), OrderFilter { lapsed: true, ..OrderFilter::default() });
    let stale = |world: &World| board(world.at(WU), OrderFilter { stale: true, ..OrderFilter::default() });

    assert!(lapsed(&world).is_empty() && stale(&world).is_empty());
    world.pass(HOUR + 1);
    assert_eq!(lapsed(&world), [urgent]);
    world.pass(5 * HOUR);
    assert_eq!(lapsed(&world), [urgent, normal]);
    world.pass(43 * HOUR);
    assert_eq!(stale(&world), [urgent, normal]);
    command(&mut world, LAN, urgent, Command::StillNeeded);
    world.settle();

    assert_eq!(stale(&world), [normal]);
}

fn list(world: &mut World, label: &str, walk: i64) {
    let changes = vec![BuildingChange::WalkOrder(Some(walk)), BuildingChange::EntranceNote(format!("code {label}"))];
    let id = world.command();
    world.at(LAN).submit::<Building>(id, None, BuildingCommand::List { label: label.into(), changes }).unwrap();
}

fn doors(round: &Round) -> Vec<String> {
    let door = |stop: &linli_core::replica::Stop| {
        [Some(stop.building.clone()), stop.unit.clone(), stop.room.clone()].into_iter().flatten().collect::<Vec<_>>()
    };
    round.stops.iter().map(|stop| door(stop).join("-")).collect()
}

fn sums(carries: &[Carry]) -> Vec<(&str, i64)> {
    carries.iter().map(|carry| (carry.name.as_str(), carry.qty.units().expect("whole ones"))).collect()
}

#[test]
fn a_round_goes_the_way_people_walk_and_says_what_to_buy_and_to_load() {
    let mut world = World::community(6, 2);
    for (label, walk) in [("10", 1), ("2", 2), ("3", 3)] {
        list(&mut world, label, walk);
    }
    let far = post(&mut world, LAN, "3-2-1804", vec![item("大米", 2, "袋"), item("milk", 1, "box")], |_| {});
    let high = post(&mut world, LAN, "10-1-1001", vec![item("大米", 1, "袋")], |_| {});
    let low = post(&mut world, LAN, "10-1-201", vec![item("Ｍilk", 3, "box")], |_| {});
    let same = post(&mut world, LAN, "3-2-1804", vec![item("salt", 1, "bag")], |order| order.urgency = Urgency::Urgent);
    let others = post(&mut world, LAN, "2-1-101", vec![item("大米", 9, "袋")], |_| {});
    world.settle();
    for order in [far, high, low, same] {
        command(&mut world, WU, order, Command::Claim);
    }
    command(&mut world, MEI, others, Command::Claim);
    command(
        &mut world,
        WU,
        low,
        Command::Purchase { cost_cents: Some(3000), got: vec![], already_happened: false, happened_at: None },
    );
    let rice = world
        .at(WU)
        .order(far)
        .unwrap()
        .view
        .items
        .iter()
        .find(|item| item.fields["unit"][0].text() == Some("袋"))
        .unwrap()
        .id;
    let got = vec![linli_core::aggregate::order::Got { item: rice, qty: 1.into() }];
    command(
        &mut world,
        WU,
        far,
        Command::Purchase { cost_cents: None, got, already_happened: false, happened_at: None },
    );

    let round = world.at(WU).my_round().unwrap();

    assert_eq!(doors(&round), ["10-1-201", "10-1-1001", "3-2-1804"]);
    assert_eq!(round.stops[0].entrance_note.as_deref(), Some("code 10"));
    let together: Vec<_> = round.stops[2].orders.iter().map(|order| order.line.order).collect();
    assert_eq!(together, [same, far]);
    // Of the far order one bag of rice was bought; the other, the milk, and what the others lack are still to be.
    assert_eq!(sums(&round.to_buy), [("milk", 1), ("salt", 1), ("大米", 2)]);
    assert_eq!(sums(&round.to_load), [("Ｍilk", 3), ("大米", 1)]);
    assert_eq!(doors(&world.at(MEI).my_round().unwrap()), ["2-1-101"]);
}

#[test]
fn search_finds_parts_of_words_in_everything() {
    let mut world = World::community(7, 1);
    let pills = post(&mut world, LAN, "3-2-1804", vec![item("布洛芬", 2, "盒")], |_| {});
    let herbs = post(&mut world, LAN, "5-1-101", vec![item("连花清瘟胶囊", 1, "盒")], |_| {});
    let alert = raise(&mut world, LAN, "fall");
    let product = medicine(&mut world, "布洛芬缓释胶囊");
    world.settle();
    let found = |text: &str| {
        let page = world.at(WU).search(text, None, 10).unwrap();
        let mut hits: Vec<_> = page.items.into_iter().map(|hit| hit.aggregate).collect();
        hits.sort_unstable();
        hits
    };
    let sorted = |mut all: Vec<Reference>| {
        all.sort_unstable();
        all
    };

    assert_eq!(found("布洛"), sorted(vec![pills, product]));
    assert_eq!(found("清瘟"), [herbs]);
    assert_eq!(found("3号"), sorted(vec![pills, alert]));
    assert_eq!(found("1804"), sorted(vec![pills, alert]));
    assert_eq!(found("…"), []);
    let hits = world.at(WU).search("布洛", None, 10).unwrap().items;
    let order = hits.iter().find(|hit| hit.kind == "order").unwrap();
    assert_eq!(order.line, "3-2-1804 布洛芬 2 盒");
}

#[test]
fn the_same_need_written_down_twice_is_pointed_out() {
    let mut world = World::community(8, 1);
    let one = post(&mut world, LAN, "3-2-1804", vec![item("Rice", 1, "bag"), item("salt", 1, "bag")], |_| {});
    world.pass(HOUR);
    let again = post(&mut world, WU, "3-2-1804", vec![item("ｒice", 2, "bag")], |_| {});
    post(&mut world, LAN, "3-2-1805", vec![item("rice", 1, "bag")], |_| {});
    world.settle();
    world.pass(30 * HOUR);
    let later = post(&mut world, LAN, "3-2-1804", vec![item("rice", 1, "bag")], |_| {});

    let like = world.at(LAN).likely_duplicates(one).unwrap();

    assert_eq!(like.iter().map(|like| like.line.order).collect::<Vec<_>>(), [again]);
    assert_eq!(like[0].items, ["rice"]);
    let room = world.at(LAN).orders_of_room("3", Some("2"), "1804").unwrap();
    assert_eq!(room.iter().map(|like| like.line.order).collect::<Vec<_>>(), [one, again, later]);
}

#[test]
fn an_alert_grows_louder_with_any_clock_and_over_restarts() {
    let mut world = World::community(9, 1);
    let alert = raise(&mut world, WU, "chest_pain");
    let line = |world: &World, phone: usize| world.at(phone).alerts(true).unwrap().remove(0);

    assert_eq!((line(&world, WU).card.alert, line(&world, WU).escalation), (alert, Escalation::Fresh));
    assert_eq!(world.at(WU).next_escalation().unwrap(), Some(Duration::from_secs(10)));
    world.clock.advance(Duration::from_secs(11));
    assert_eq!(line(&world, WU).escalation, Escalation::NobodyHasIt);
    world.settle();
    assert_eq!(line(&world, WU).on_other_devices, 1);
    assert_eq!(line(&world, LAN).escalation, Escalation::Fresh);

    // The battery dies and the clock goes back by years; what counts is how long the phone has held it.
    world.clock.advance(Duration::from_secs(50));
    world.clock.set_wall(WallMs(0));
    assert_eq!(line(&world, LAN).escalation, Escalation::Fresh);
    world.clock.advance(Duration::from_secs(20));
    assert_eq!(line(&world, LAN).escalation, Escalation::TellLeaders);
    world.close(LAN);
    world.open(LAN);
    world.clock.advance(Duration::from_secs(110));
    assert_eq!(line(&world, LAN).escalation, Escalation::TellCoordinators);

    let id = world.command();
    world.at(LAN).submit::<Alert>(id, Some(alert), AlertCommand::Acknowledge).unwrap();
    assert_eq!(line(&world, LAN).escalation, Escalation::Answered);
    assert!(!serde_json::to_string(&world.at(LAN).alerts(true).unwrap()).unwrap().contains("13812345678"));
    assert_eq!(world.at(LAN).alert(alert).unwrap().view.contact.as_deref(), Some("13812345678"));
}

#[test]
fn who_has_an_event_is_known_after_a_meeting() {
    let mut world = World::community(10, 2);
    let order = post(&mut world, WU, "3-2-1804", vec![], |_| {});
    assert_eq!(world.at(WU).who_has(order).unwrap().devices, []);

    world.settle();

    let office = world.device(LAN);
    assert!(world.at(WU).who_has(order).unwrap().devices.contains(&office));
    assert!(world.at(MEI).who_has(order).unwrap().devices.contains(&world.device(WU)), "its author has it");
    let ages = |world: &World| {
        world.at(WU).sync_state().unwrap().peers.iter().map(|peer| (peer.device, peer.age)).collect::<Vec<_>>()
    };
    assert_eq!(ages(&world), [(office, Age::Fresh), (world.device(MEI), Age::Never)]);
    world.pass(73 * HOUR);
    assert_eq!(ages(&world)[0].1, Age::OverThreeDays);
    let stranger = Reference::from_bytes([7; 40]);
    assert!(matches!(world.at(WU).who_has(stranger), Err(QueryError::Unknown { .. })));
}

#[test]
fn what_an_app_greys_out_is_what_would_be_refused() {
    let mut world = World::community(11, 2);
    let order = post(&mut world, WU, "3-2-1804", vec![], |_| {});
    world.settle();
    let may = |world: &World, phone: usize, code: &str| {
        let all = world.at(phone).permissions(order).unwrap();
        all.iter().find(|permission| permission.code == code).unwrap().may
    };

    assert_eq!([LAN, WU, MEI].map(|phone| may(&world, phone, "claimed")), [true; 3]);
    assert_eq!([LAN, WU, MEI].map(|phone| may(&world, phone, "cancelled")), [true, true, false]);
    assert_eq!([LAN, WU, MEI].map(|phone| may(&world, phone, "assigned")), [true, false, false]);
    assert!(world.at(LAN).standing_toward(order).unwrap().may(Need::COORDINATOR));
    assert!(!world.at(MEI).may_create("building", None).unwrap()[0].may);
    let table = world.at(LAN).table();
    assert!(table.iter().any(|row| (row.kind, row.code) == ("roster", "revoked")));
    assert!(
        table.iter().any(|row| (row.kind, row.code) == ("order", "assigned") && row.needs.contains(&"coordinator"))
    );
}

#[test]
fn the_log_tells_the_newest_first_in_codes_and_what_is_held() {
    let mut world = World::community(12, 1);
    let order = post(&mut world, LAN, "3-2-1804", vec![], |_| {});
    world.settle();
    command(&mut world, WU, order, Command::Claim);
    world.settle();

    let page = world.at(LAN).log(None, 2).unwrap();
    let rest = world.at(LAN).log(page.next.as_ref(), 0).unwrap();

    let codes: Vec<_> = page.items.iter().map(|line| line.code.unwrap()).collect();
    assert_eq!(codes, ["claimed", "posted"]);
    assert_eq!((page.items[0].aggregate, page.items[0].by), (Some(order), Some(world.member(WU))));
    assert!(rest.items.iter().all(|line| line.kind == Some("roster")) && rest.next.is_none());
    let held = world.at(LAN).held_events(Some(Held::Malformed), None, 0).unwrap();
    assert_eq!(held.items, []);
    let told = world.at(LAN).history(order).unwrap();
    assert_eq!(told.iter().map(|told| told.code).collect::<Vec<_>>(), ["posted", "claimed"]);
    assert_eq!(world.at(LAN).stats().unwrap().aggregates, 1);
}

#[test]
fn a_device_without_a_community_asks_in_vain_and_politely() {
    let mut world = World::seeded(13);
    let phone = world.phone();
    let order = Reference::from_bytes([1; 40]);

    assert_eq!(world.at(phone).board(&OrderFilter::default()).unwrap().items, []);
    assert_eq!(world.at(phone).my_round(), Err(QueryError::NotAMember));
    assert_eq!(world.at(phone).contact(order), Err(QueryError::NotAMember));
    assert_eq!(world.at(phone).members(), []);
    let founded = World::community(14, 0);
    assert_eq!(founded.at(0).order(order), Err(QueryError::Unknown { kind: "order", reference: order }));
    assert_eq!(founded.at(0).members()[0].role, Role::Coordinator);
}

fn medicine(world: &mut World, name: &str) -> Reference {
    let details = product::Details { name: name.into(), ..product::Details::default() };
    let id = world.command();
    let listed = product::Command::List { details, class: Class::OverTheCounter };
    world.at(LAN).submit::<Product>(id, None, listed).unwrap().aggregate
}

fn in_box(world: &mut World, phone: usize, of: Option<Reference>, command: medicine_box::Command) -> Reference {
    let id = world.command();
    let receipt = world.at(phone).submit::<MedicineBox>(id, of, command).unwrap();
    if of.is_some() { receipt.events[0] } else { receipt.aggregate }
}

#[test]
fn a_box_shows_lots_ledgers_parcels_and_what_a_recall_touches() {
    let mut world = World::community(15, 1);
    let product = medicine(&mut world, "布洛芬");
    let open = |place: &str| medicine_box::Command::Open {
        building: Some("3".into()),
        place: place.into(),
        note: String::new(),
    };
    let lobby = in_box(&mut world, LAN, None, open("lobby"));
    let gate = in_box(&mut world, LAN, None, open("gate"));
    let donate = |batch: &str, qty: i64| medicine_box::Command::Donate {
        goods: Goods { product, batch: Some(batch.into()), expiry: None, unit: "tablet".into() },
        qty: qty.into(),
        origin: None,
        opened: false,
        blister_intact: false,
        when: When::default(),
    };
    let good = in_box(&mut world, LAN, Some(lobby), donate("A1", 20));
    let bad = in_box(&mut world, LAN, Some(lobby), donate("B2", 10));
    let what = What::Lots(vec![Portion { lot: bad, qty: 2.into() }]);
    let take =
        medicine_box::Command::Take { what, room: None, order: None, override_reason: None, when: When::default() };
    in_box(&mut world, LAN, Some(lobby), take);
    let send = medicine_box::Command::Send { to: gate, lot: good, qty: 5.into(), when: When::default() };
    let sent = in_box(&mut world, LAN, Some(lobby), send);
    world.settle();
    let id = world.command();
    let scope = Scope::Batches(vec!["B2".into()]);
    let raise = recall::Command::Raise { product, scope, reason: "impure".into(), issuer: "NMPA".into() };
    let recall = world.at(LAN).submit::<Recall>(id, None, raise).unwrap().aggregate;
    world.settle();
    let replica = world.at(WU);

    let boxes = replica.boxes(Some("3")).unwrap();
    assert_eq!(boxes.iter().map(|line| line.place.as_deref().unwrap()).collect::<Vec<_>>(), ["gate", "lobby"]);
    let detail = replica.box_detail(lobby).unwrap();
    assert!(detail.balance.holds());
    let balance = detail.balance;
    assert_eq!([balance.donated, balance.taken, balance.sent, balance.stock], [30, 2, 5, 23]);
    let lot = |name| detail.lots.iter().find(|lot| lot.lot == name).unwrap();
    assert_eq!([lot(good).qty, lot(good).ledger.last().unwrap().running], [15, 15]);
    assert_eq!(lot(bad).qty, 8);
    assert_eq!([&lot(good).hidden, &lot(bad).hidden], [&None, &Some(Hidden::Recalled { recall })]);
    assert_eq!((detail.transfers.len(), detail.transfers[0].sent, detail.transfers[0].received), (1, sent, None));
    let offer = replica.offer(lobby, &Ask { product, qty: 20.into(), unit: None, overridden: false }).unwrap();
    assert_eq!((offer.picks.len(), offer.hidden.len()), (1, 1));
    assert_eq!(offer.missing, 5);
    let touched = replica.recall_detail(recall).unwrap().touched;
    assert_eq!((touched.lots.len(), touched.takes.len(), touched.transfers.len()), (1, 1, 0));
    assert_eq!(replica.recalls().unwrap().len(), 1);
    assert_eq!(replica.products(Some("布洛"), None, 0).unwrap().items[0].product, product);
    let totals = replica.ledger_totals().unwrap();
    assert!(totals.holds(), "{totals:?}");
    assert_eq!((totals.boxes, totals.lots), (2, 2));
    assert_eq!([totals.transfers.sent, totals.transfers.in_transit], [5, 5]);
}

/// An integrator's aggregate whose decision takes as long as the test likes.
struct Slow;

static GO: Mutex<Option<(mpsc::Sender<()>, mpsc::Receiver<()>)>> = Mutex::new(None);

#[derive(Serialize, Deserialize)]
struct Begin;

#[derive(Debug, thiserror::Error, Serialize, Says)]
#[error("no")]
struct No;

impl Coded for No {
    const CODES: &'static [&'static str] = &["no"];

    fn code(&self) -> &'static str {
        "no"
    }
}

impl Refuse for No {
    const BY: &'static str = Slow::NAME;
}

impl From<WorldError> for No {
    fn from(_: WorldError) -> Self {
        No
    }
}

impl Aggregate for Slow {
    const NAME: &'static str = "slow";
    const TOPIC: Topic = Topic::Common;
    const KINDS: &'static [KindSpec] = &[KindSpec::new(0x8000, "begun", Need::MEMBER).creating()];
    const CONTENT: Schema = Schema::EMPTY;
    const TABLES: &'static [Table] = &[Table { name: "slow", columns: &["word"], indexes: &[&["word"]] }];

    type Fact = ();
    type State = ();
    type Command = Begin;
    type Refusal = No;

    fn read(_: u16, _: u16, _: &[u8]) -> Result<(), Malformed> {
        Ok(())
    }

    fn apply(_: &mut (), _: &(), _: usize, _: &History, _: &Birth) {}

    fn rows(_: &Subject<'_, ()>) -> Vec<Row> {
        vec![Row { table: "slow", cells: vec!["done".into()] }]
    }

    fn decide(_: Option<&Subject<'_, ()>>, _: Begin, _: &DecisionContext<'_>) -> Result<Vec<Draft>, No> {
        if let Some((begun, go_on)) = GO.lock().unwrap().take() {
            begun.send(()).unwrap();
            go_on.recv().unwrap();
        }
        Ok(vec![Draft::new::<Slow>(0x8000, &0_u8)])
    }
}

#[test]
fn reads_go_on_while_a_long_write_holds_the_engine() {
    let home = tempfile::tempdir().unwrap();
    let options = Options {
        clock: std::sync::Arc::new(ManualClock::at(linli_tests::MORNING)),
        registry: Registry::default().with::<Slow>().unwrap(),
        seed: Some(1),
        ..Options::new(home.path(), std::sync::Arc::new(MemorySecrets::default()))
    };
    let replica = Replica::open(options).unwrap();
    replica.found(None).unwrap();
    let posting = Command::Post(Box::new(NewOrder {
        building: "3".into(),
        kind: "meal".into(),
        note: Some("soup".into()),
        ..NewOrder::default()
    }));
    let order = replica.submit::<Order>(CommandId::from_bytes([1; 16]), None, posting).unwrap().aggregate;
    let (begun, has_begun) = mpsc::channel();
    let (go_on, may_go_on) = mpsc::channel();
    *GO.lock().unwrap() = Some((begun, may_go_on));

    let writer = std::thread::spawn({
        let replica = replica.clone();
        move || replica.submit::<Slow>(CommandId::from_bytes([2; 16]), None, Begin).unwrap()
    });
    has_begun.recv().unwrap();
    // The writer is in the middle of its transaction and stays there until all of these have answered.
    let readers: Vec<_> = (0..3)
        .map(|_| {
            let replica = replica.clone();
            std::thread::spawn(move || {
                assert_eq!(replica.board(&OrderFilter::default()).unwrap().items.len(), 1);
                assert_eq!(replica.order(order).unwrap().line.order, order);
                assert_eq!(replica.alerts(true).unwrap(), []);
                assert!(replica.my_round().unwrap().stops.is_empty());
                assert_eq!(replica.log(None, 1).unwrap().items[0].event, order);
                assert_eq!(replica.select(&Select::from("slow")).unwrap().items, []);
            })
        })
        .collect();
    for reader in readers {
        reader.join().unwrap();
    }
    go_on.send(()).unwrap();

    let slow = writer.join().unwrap().aggregate;
    assert_eq!(replica.select(&Select::from("slow").is("word", "done")).unwrap().items[0].aggregate, slow);
    assert_eq!(replica.view::<Slow, _>(slow, |subject| subject.birth.aggregate), Ok(slow));
    assert!(matches!(replica.view::<Slow, _>(order, |_| ()), Err(QueryError::Unknown { kind: "slow", .. })));
}

fn command(world: &mut World, phone: usize, order: Reference, command: Command) {
    let id = world.command();
    world.at(phone).submit::<Order>(id, Some(order), command).unwrap();
}

fn item(name: &str, qty: i64, unit: &str) -> NewItem {
    NewItem { name: name.into(), qty: Some(qty.into()), unit: Some(unit.into()), product: None }
}

/// An order for a door such as `3-2-1804`.
fn post(
    world: &mut World,
    phone: usize,
    door: &str,
    items: Vec<NewItem>,
    change: impl FnOnce(&mut NewOrder),
) -> Reference {
    let mut parts = door.split('-').map(str::to_owned);
    let mut order = NewOrder {
        building: parts.next().unwrap(),
        unit: parts.next(),
        room: parts.next(),
        kind: "grocery".into(),
        items,
        contact: Some("王 13812345678".into()),
        note: Some("ring twice".into()),
        ..NewOrder::default()
    };
    change(&mut order);
    let id = world.command();
    world.at(phone).submit::<Order>(id, None, Command::Post(Box::new(order))).unwrap().aggregate
}

fn raise(world: &mut World, phone: usize, what: &str) -> Reference {
    let command = AlertCommand::Raise {
        what: what.into(),
        building: Some("3".into()),
        unit: None,
        room: Some("1804".into()),
        text: None,
        contact: Some("13812345678".into()),
    };
    let id = world.command();
    world.at(phone).submit::<Alert>(id, None, command).unwrap().aggregate
}

fn board(replica: &Replica, filter: OrderFilter) -> Vec<Reference> {
    replica.board(&filter).unwrap().items.into_iter().map(|line| line.order).collect()
}
