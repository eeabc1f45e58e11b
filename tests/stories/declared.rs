//! Aggregates that an app declares as data: lent tools, on phones whose apps know of them and on phones whose apps do not.

use linli_core::{
    aggregate::{
        Held, Registry,
        declared::{Declaration, DeclarationError, Deed, Refusal, Right},
    },
    event::{Body, Edit, Scalar, Topic},
    id::Reference,
    limits,
    replica::{DeclaredDetail, DeclaredFilter, NewerWhat, QueryError, Receipt, ReviewFilter, SubmitError, Update},
    roster::Grant,
};
use linli_tests::{Break, Ended, Forger, World, hand_over};
use serde_json::{Value, json};

use crate::say;

const WU: usize = 0;
const MEI: usize = 1;
const ZHAO: usize = 2;

#[test]
fn a_declared_tool_is_lent_and_comes_back_on_every_phone() {
    let mut world = neighbours(1);

    let drill = shelve(&mut world, MEI, "冲击钻");
    world.settle();
    lend(&mut world, ZHAO, drill).unwrap();
    world.settle();

    for phone in [WU, MEI, ZHAO] {
        let away = DeclaredFilter { status: Some("away".into()), ..DeclaredFilter::default() };
        let all = DeclaredFilter { limit: Some(0), ..away.clone() };
        assert_eq!(world.at(phone).declared("tool", &all), world.at(phone).declared("tool", &away));
        let lines = world.at(phone).declared("tool", &away).unwrap().items;
        assert_eq!(lines.iter().map(|line| line.aggregate).collect::<Vec<_>>(), [drill]);
        let fields = json!({ "name": "冲击钻", "price": 200 });
        assert_eq!(serde_json::to_value(&lines[0].fields).unwrap(), fields);
        let tool = look(&world, phone, drill);
        assert_eq!(tool.history.iter().map(|told| told.code).collect::<Vec<_>>(), ["shelved", "lent"]);
        assert_eq!(tool.history[1].params, json!({ "until": "Friday" }));
        assert_eq!(tool.review, []);
    }
    assert_eq!(look(&world, MEI, drill).may, ["returned", "described", "scrapped"]);
    assert_eq!(look(&world, ZHAO, drill).may, ["returned", "described"]);
    submit(&mut world, ZHAO, Some(drill), json!({ "kind": "returned" })).unwrap();
    world.settle();
    assert_eq!(look(&world, WU, drill).line.status, "here");
    world.assert_equal();
    [WU, MEI, ZHAO].iter().for_each(|phone| world.assert_one_truth(*phone));
}

#[test]
fn a_declared_aggregate_is_at_every_door_where_the_engines_own_are() {
    let mut world = neighbours(2);
    let drill = shelve(&mut world, MEI, "drill");
    world.settle();

    let wu = world.at(WU);
    let hits = wu.search("drill", None, 10).unwrap().items;
    assert_eq!(hits.iter().map(|hit| (hit.aggregate, hit.line.as_str())).collect::<Vec<_>>(), [(drill, "drill")]);
    assert_eq!(wu.history(drill).unwrap().len(), 1);
    assert!(wu.log(None, 20).unwrap().items.iter().any(|line| line.event == drill && line.code == Some("shelved")));
    let codes: Vec<_> = wu.registry().codes().into_iter().map(|line| (line.family, line.code)).collect();
    for (family, code) in [("event.tool", "lent"), ("status.tool", "away"), ("refusal.declared", "out_of_turn")] {
        assert!(codes.contains(&(family.to_owned(), code.to_owned())), "{family} {code}");
    }

    let id = world.command();
    world.at(WU).erase(id, &[drill]).unwrap();
    world.settle();
    for phone in [WU, MEI, ZHAO] {
        assert_eq!(world.at(phone).declared("tool", &DeclaredFilter::default()).unwrap().items, []);
        assert!(matches!(world.at(phone).declared_one(drill), Err(QueryError::Unknown { .. })));
    }
}

#[test]
fn two_who_lend_one_tool_at_once_are_both_shown_until_somebody_who_knows_goes_on() {
    let mut world = neighbours(3);
    let drill = shelve(&mut world, WU, "drill");
    world.settle();

    lend(&mut world, MEI, drill).unwrap();
    lend(&mut world, ZHAO, drill).unwrap();
    world.settle();

    for phone in [WU, MEI, ZHAO] {
        let tool = look(&world, phone, drill);
        assert_eq!(tool.line.status, "away");
        let codes: Vec<_> = tool.review.iter().map(|review| review.code).collect();
        assert_eq!(codes, ["out_of_turn"]);
        let queue = world.at(phone).review_queue(&ReviewFilter::default()).unwrap().items;
        assert!(queue.iter().any(|item| item.aggregate == drill && item.code == "out_of_turn"));
    }
    submit(&mut world, MEI, Some(drill), json!({ "kind": "returned" })).unwrap();
    world.settle();
    assert_eq!(look(&world, ZHAO, drill).review, []);
    world.assert_equal();
}

#[test]
fn concurrent_values_stand_side_by_side_or_settle_by_themselves_as_declared() {
    let mut world = neighbours(4);
    let drill = shelve(&mut world, WU, "drill");
    world.settle();

    let put = |name, price| json!({ "kind": "described", "fields": { "name": name, "price": price } });
    submit(&mut world, MEI, Some(drill), put("hammer drill", 300)).unwrap();
    submit(&mut world, ZHAO, Some(drill), put("impact drill", 250)).unwrap();
    world.settle();

    for phone in [WU, MEI, ZHAO] {
        let tool = look(&world, phone, drill);
        assert_eq!(tool.fields["name"].len(), 2);
        assert_eq!(tool.fields["price"], [Scalar::Int(300)]);
        assert_eq!(tool.line.fields["price"], Scalar::Int(300));
        let codes: Vec<_> = tool.review.iter().map(|review| (review.code, review.params["field"].clone())).collect();
        assert_eq!(codes, [("conflicting_edit", json!("name"))]);
    }
    let chosen = json!({ "kind": "described", "fields": { "name": "hammer drill" } });
    submit(&mut world, WU, Some(drill), chosen).unwrap();
    assert_eq!(look(&world, WU, drill).review, []);
}

#[test]
fn items_are_added_changed_and_removed() {
    let mut world = neighbours(5);
    let drill = shelve(&mut world, WU, "drill");
    let add = json!({ "kind": "described", "add": { "parts": [{ "name": "bit" }, { "name": "case" }] } });
    submit(&mut world, WU, Some(drill), add).unwrap();
    let ids: Vec<_> = look(&world, WU, drill).items["parts"].iter().map(|item| item.id).collect();

    let change = json!({
        "kind": "described",
        "items": { "parts": { ids[0].to_string(): { "name": "long bit" } } },
        "remove": { "parts": [ids[1]] },
    });
    submit(&mut world, WU, Some(drill), change).unwrap();

    world.settle();
    let parts = look(&world, ZHAO, drill).items["parts"].clone();
    assert_eq!(parts.len(), 1);
    assert_eq!(parts[0].fields["name"], [Scalar::from("long bit")]);
}

#[test]
fn what_a_declaration_does_not_allow_is_refused_with_its_reason() {
    let mut world = neighbours(6);
    let drill = shelve(&mut world, WU, "drill");
    world.settle();
    let mut refused = |tool, of| match submit(&mut world, MEI, tool, of) {
        Err(SubmitError::Refused(refusal)) => refusal,
        other => panic!("{other:?}"),
    };

    assert_eq!(refused(None, json!({ "kind": "lent" })), Refusal::Target);
    assert_eq!(refused(Some(drill), json!({ "kind": "shelved" })), Refusal::Target);
    assert_eq!(refused(Some(drill), json!({ "kind": "sold" })), Refusal::Undeclared { name: "sold".into() });
    let unknown = json!({ "kind": "described", "fields": { "weight": 3 } });
    assert_eq!(refused(Some(drill), unknown), Refusal::Undeclared { name: "weight".into() });
    let list = json!({ "kind": "described", "add": { "handles": [{}] } });
    assert_eq!(refused(Some(drill), list), Refusal::Undeclared { name: "handles".into() });
    let said = json!({ "kind": "lent", "says": { "since": "Monday" } });
    assert_eq!(refused(Some(drill), said), Refusal::Undeclared { name: "since".into() });
    let wrong = json!({ "kind": "described", "fields": { "price": "much" } });
    assert_eq!(refused(Some(drill), wrong), Refusal::Type { name: "price".into() });
    let long = json!({ "kind": "described", "fields": { "name": "x".repeat(limits::FIELD + 1) } });
    assert!(matches!(refused(Some(drill), long), Refusal::TooLong { .. }));
    submit(&mut world, ZHAO, Some(drill), json!({ "kind": "lent" })).unwrap();
    world.settle();
    let again = Refusal::OutOfTurn { kind: "lent".into(), status: "away".into() };
    assert_eq!(lend(&mut world, MEI, drill), Err(SubmitError::Refused(again)));
    let scrap = submit(&mut world, MEI, Some(drill), json!({ "kind": "scrapped" }));
    assert!(matches!(scrap, Err(SubmitError::NotEntitled { code: "scrapped", .. })), "{scrap:?}");
    let (id, order) = (world.command(), say::post(&mut world, MEI));
    let on_an_order = world.at(MEI).submit_declared(id, "tool", Some(order), deed(json!({ "kind": "returned" })));
    assert!(matches!(on_an_order, Err(SubmitError::Unknown { kind: "tool" })));
    let nameless = world.at(MEI).submit_declared(id, "order", Some(order), Deed::default());
    assert!(matches!(nameless, Err(SubmitError::Undeclared)));
    assert_eq!(world.at(MEI).declared("order", &DeclaredFilter::default()), Err(QueryError::Undeclared));
}

#[test]
fn the_same_command_again_writes_nothing_twice() {
    let mut world = neighbours(7);
    let drill = shelve(&mut world, MEI, "drill");
    let id = world.command();
    let lent = deed(json!({ "kind": "lent" }));

    let first = world.at(MEI).submit_declared(id, "tool", Some(drill), lent.clone()).unwrap();
    world.close(MEI);
    world.open(MEI);

    assert_eq!(world.at(MEI).submit_declared(id, "tool", Some(drill), lent), Ok(first));
    let other = deed(json!({ "kind": "returned" }));
    assert_eq!(world.at(MEI).submit_declared(id, "tool", Some(drill), other), Err(SubmitError::Reused));
}

/// Nobody's tools are lost on the way through phones whose apps know none, or other ones.
#[test]
fn a_phone_without_the_declaration_or_with_another_keeps_it_as_newer_and_passes_it_on() {
    let mut other = tools();
    other.statuses.push("lost".into());
    for between in [vec![], vec![other]] {
        let mut world = World::community(8, 2);
        world.declare(WU, &[tools()]);
        world.declare(MEI, &between);
        world.declare(ZHAO, &[tools()]);
        let drill = shelve(&mut world, WU, "drill");
        let lent = lend(&mut world, WU, drill).unwrap().events[0];

        assert_eq!(world.meet(WU, MEI, Break::Never).ended, Ended::InStep);
        assert_eq!(world.meet(MEI, ZHAO, Break::Never).ended, Ended::InStep);

        assert_eq!(look(&world, ZHAO, drill).line.status, "away");
        assert_eq!(say::verdict(&world, MEI, drill), Some(Some(Held::Newer)));
        assert!(matches!(say::verdict(&world, MEI, lent), Some(Some(Held::Newer | Held::Parked))));
        let told = world.at(MEI).needs_newer_app().unwrap();
        assert!(told.iter().any(|line| line.what == NewerWhat::Other && line.device == world.device(WU)), "{told:?}");
        assert!(world.at(MEI).declared_one(drill).is_err());
        world.assert_one_truth(MEI);

        world.declare(MEI, &[tools()]);
        assert_eq!(look(&world, MEI, drill).line, look(&world, WU, drill).line);
        world.assert_equal();
    }
}

/// T4: whoever has a member's keys may write what no honest app would.
#[test]
fn forged_events_of_a_declared_tool_change_nothing_they_may_not_t4() {
    let mut world = neighbours(9);
    let drill = shelve(&mut world, MEI, "drill");
    world.settle();
    let (device, tag) = (world.device(ZHAO), world.tag(ZHAO, Topic::Common));
    let body = |kind, payload: &[u8], edits| Body { edits, ..say::body(drill, kind, payload.to_vec()) };
    let mut forger = Forger::with_keys_of(&mut world, ZHAO);
    let not_entitled = forger.write(&body(0x8004, &[0xa0], Vec::new()));
    let says_too_much = forger.write(&body(0x8002, &[0xa1, 1, 0x81, 1], Vec::new()));
    let of_another_type = forger.write(&body(0x8001, &[0xa1, 1, 0x81, 1], Vec::new()));
    let a_declaration = forger.write(&body(0x8002, &[[0xa1, 0, 0x58, 32].as_slice(), &[7; 32]].concat(), Vec::new()));
    let no_such_field = forger.write(&body(0x8003, &[0xa0], vec![Edit::put(9, "x")]));
    let unfit = forger.write(&body(0x8003, &[0xa0], vec![Edit::put(0, 12)]));
    let none_at_all = forger.write(&Body { aggregate: None, ..body(0x8000, &[0xa0], Vec::new()) });
    hand_over(&world, WU, device, tag, &forger.runs()).unwrap();

    let says_nothing = forger.write(&body(0x8002, &[0xa1, 1, 0x80], Vec::new()));
    hand_over(&world, WU, device, tag, &forger.runs()).unwrap();

    let malformed = [says_nothing, says_too_much, of_another_type, a_declaration, none_at_all];
    malformed.iter().for_each(|event| assert_eq!(say::verdict(&world, WU, *event), Some(Some(Held::Malformed))));
    assert_eq!(say::verdict(&world, WU, no_such_field), Some(Some(Held::Newer)));
    assert_eq!(say::verdict(&world, WU, not_entitled), Some(Some(Held::Unentitled)));
    assert_eq!(say::verdict(&world, WU, unfit), Some(None));
    let tool = look(&world, WU, drill);
    assert_eq!((tool.line.status.as_str(), tool.fields.get("name")), ("here", None));
    world.assert_one_truth(WU);
}

#[test]
fn whoever_leads_the_building_that_was_said_has_a_leaders_rights() {
    let mut declaration = tools();
    let leaders = &mut declaration.kinds[4];
    leaders.need = vec![Right::Leader];
    let mut world = World::community(10, 2);
    for phone in [WU, MEI, ZHAO] {
        world.declare(phone, &[declaration.clone()]);
    }
    let drill = shelve(&mut world, MEI, "drill");
    let (id, zhao) = (world.command(), world.device(ZHAO));
    world.at(WU).grant(id, zhao, Grant::Leader { buildings: vec!["3".into()] }).unwrap();
    world.settle();

    let scrap = || json!({ "kind": "scrapped" });
    assert!(matches!(submit(&mut world, MEI, Some(drill), scrap()), Err(SubmitError::NotEntitled { .. })));
    submit(&mut world, ZHAO, Some(drill), scrap()).unwrap();
    assert_eq!(look(&world, ZHAO, drill).line.status, "gone");
}

#[test]
fn whom_a_coordinator_made_its_keeper_or_gave_care_has_that_right() {
    for (seed, right) in [(19, Right::Keeper), (20, Right::Care)] {
        let mut declaration = tools();
        declaration.kinds[4].need = vec![right];
        let mut world = neighbours_with(seed, &declaration);
        let drill = shelve(&mut world, MEI, "drill");
        world.settle();
        let scrap = |world: &mut World, phone| submit(world, phone, Some(drill), json!({ "kind": "scrapped" }));
        assert!(matches!(scrap(&mut world, ZHAO), Err(SubmitError::NotEntitled { .. })));

        let (id, zhao) = (world.command(), world.device(ZHAO));
        let grant = if right == Right::Care { Grant::Care } else { Grant::Keeper { boxes: vec![drill] } };
        world.at(WU).grant(id, zhao, grant).unwrap();
        world.settle();

        assert!(matches!(scrap(&mut world, MEI), Err(SubmitError::NotEntitled { .. })));
        scrap(&mut world, ZHAO).unwrap();
        world.settle();
        assert_eq!(look(&world, WU, drill).line.status, "gone");
    }
}

#[test]
fn what_somebody_declared_of_a_room_is_handed_out_and_erased_with_it() {
    let declaration = tools_but(|tool| add_field(tool, 2, "room", "text", "last"));
    let mut world = World::community(11, 1);
    [WU, MEI].into_iter().for_each(|phone| world.declare(phone, std::slice::from_ref(&declaration)));
    let of = json!({ "kind": "shelved", "says": { "building": "3" }, "fields": { "name": "drill", "room": "1804室" } });
    let drill = submit(&mut world, MEI, None, of).unwrap().aggregate;
    world.settle();

    let others = world.at(WU).about("3", None, "1804").unwrap().others;
    assert_eq!(others.iter().map(|other| (other.aggregate, other.told.len())).collect::<Vec<_>>(), [(drill, 1)]);
    assert_eq!(world.at(WU).about("5", None, "1804").unwrap().others, []);
    let id = world.command();
    assert_eq!(world.at(WU).erase_about(id, "3", None, "1804").unwrap().erased, [drill]);
    assert!(world.at(WU).declared_one(drill).is_err());
}

/// Two scrap it at once, and there is no way on: whoever saw that can say so all the same, and nobody who did not.
#[test]
fn what_came_out_of_turn_in_a_last_status_is_answered_by_whoever_saw_it() {
    let mut world = neighbours(12);
    let drill = shelve(&mut world, MEI, "drill");
    world.settle();
    let describe = |price| json!({ "kind": "described", "fields": { "price": price } });
    for phone in [WU, MEI] {
        submit(&mut world, phone, Some(drill), json!({ "kind": "scrapped" })).unwrap();
    }
    submit(&mut world, ZHAO, Some(drill), describe(300)).unwrap();
    world.settle();
    assert_eq!(told(&world, drill), [("out_of_turn", json!("scrapped"))], "Zhao knew of neither");
    assert!(look(&world, ZHAO, drill).may.contains(&"described"));

    submit(&mut world, ZHAO, Some(drill), describe(400)).unwrap();
    world.settle();

    for phone in [WU, MEI, ZHAO] {
        assert_eq!(look(&world, phone, drill).review, []);
        assert_eq!(look(&world, phone, drill).line.status, "gone");
        world.assert_one_truth(phone);
    }
    world.assert_equal();
}

/// Where there is a way on, what leads nowhere answers nothing: a new price is no word on who has the drill.
#[test]
fn what_came_out_of_turn_elsewhere_is_answered_by_who_goes_on_alone() {
    let mut world = neighbours(13);
    let drill = shelve(&mut world, WU, "drill");
    world.settle();
    lend(&mut world, MEI, drill).unwrap();
    lend(&mut world, ZHAO, drill).unwrap();
    world.settle();

    submit(&mut world, WU, Some(drill), json!({ "kind": "described", "fields": { "price": 9 } })).unwrap();

    assert_eq!(told(&world, drill), [("out_of_turn", json!("lent"))]);
    submit(&mut world, WU, Some(drill), json!({ "kind": "returned" })).unwrap();
    assert_eq!(told(&world, drill), []);
}

#[test]
fn a_declaration_that_leaves_nobody_an_answer_is_refused() {
    let dead_end = tools_but(|tool| tool["kinds"].as_array_mut().unwrap().retain(|kind| kind["code"] != "described"));
    let with_a_decision = tools_but(|tool| {
        tool["kinds"][3] = json!({ "kind": 0x8003, "code": "looked_at", "need": ["coordinator"] });
        let row = json!({ "from": "gone", "kind": "looked_at", "to": "gone" });
        tool["transitions"].as_array_mut().unwrap().push(row);
    });

    assert_eq!(dead_end.check(), Err(DeclarationError::Unanswered("gone".into())));
    assert_eq!(with_a_decision.check(), Ok(()));
    let readme = include_str!("../../ffi/README.md");
    let shown = readme.split("```json").nth(1).and_then(|rest| rest.split("```").next()).unwrap();
    assert_eq!(shown.parse::<Declaration>().unwrap().check(), Ok(()), "the one in the bindings' README makes sense");
}

/// A turn of status says nothing new of what came out of turn before: nobody is told again, and no row is written.
#[test]
fn what_came_out_of_turn_is_news_once_t4() {
    let mut world = neighbours(14);
    let drill = shelve(&mut world, WU, "drill");
    world.settle();
    let lent: Vec<_> = [WU, MEI].into_iter().map(|phone| lend(&mut world, phone, drill).unwrap().events[0]).collect();
    world.settle();
    let before = world.at(WU).review_queue(&ReviewFilter::default()).unwrap().items;
    let out = &before[0].params["event"];
    let fitting = *lent.iter().find(|event| json!(event) != *out).unwrap();
    let mut news = world.at(WU).subscribe();

    // Zhao heard of the one that fitted alone, and gives the drill back.
    let (device, tag) = (world.device(ZHAO), world.tag(ZHAO, Topic::Common));
    let mut forger = Forger::with_keys_of(&mut world, ZHAO);
    forger.write(&Body { deps: vec![fitting], ..say::body(drill, 0x8002, vec![0xa0]) });
    hand_over(&world, WU, device, tag, &forger.runs()).unwrap();

    assert_eq!(look(&world, WU, drill).line.status, "here");
    assert_eq!(world.at(WU).review_queue(&ReviewFilter::default()).unwrap().items, before);
    let told: Vec<Update> = std::iter::from_fn(|| news.take()).collect();
    assert!(told.iter().any(|update| matches!(update, Update::Changed { kind: "tool", .. })), "{told:?}");
    assert!(!told.iter().any(|update| matches!(update, Update::Review { .. })), "{told:?}");
}

/// What names a room is found by it, or cannot be said at all.
#[test]
fn a_room_that_nobody_would_find_is_neither_declared_nor_written_r5() {
    let nowhere = |change: fn(&mut Value)| Registry::default().declare(&tools_but(change)).map(drop);
    let refused = |of| Err(DeclarationError::Nowhere(of));
    assert_eq!(nowhere(|tool| add_field(tool, 2, "room", "number", "last")), refused("room"));
    assert_eq!(
        nowhere(|tool| {
            add_field(tool, 2, "room", "text", "last");
            add_field(tool, 3, "unit", "number", "last");
        }),
        refused("unit")
    );
    assert_eq!(
        nowhere(|tool| {
            add_field(tool, 2, "room", "text", "last");
            tool["kinds"][0]["says"] = json!([]);
        }),
        refused("building")
    );
    assert_eq!(
        nowhere(|tool| {
            add_field(tool, 2, "room", "text", "last");
            tool["kinds"][0]["says"][0]["type"] = json!("number");
        }),
        refused("building")
    );
    let elsewhere = json!({ "field": 1, "name": "room", "type": "text" });
    let item = tools_but(|tool| tool["lists"][0]["fields"].as_array_mut().unwrap().push(elsewhere));
    assert_eq!(item.check(), refused("room"));
    assert_eq!(nowhere(|tool| tool["kinds"][1]["says"] = json!([{ "name": "room", "type": "text" }])), refused("room"));
    assert_eq!(nowhere(|tool| add_field(tool, 2, "unit", "number", "last")), Ok(()), "a unit of nothing is any field");

    let mut world = neighbours_with(15, &tools_but(|tool| add_field(tool, 2, "room", "text", "last")));
    let shelve = |says: Value| json!({ "kind": "shelved", "says": says, "fields": { "room": "1804" } });
    for says in [json!({}), json!({ "building": "" }), json!({ "building": "3".repeat(99) })] {
        assert_eq!(submit(&mut world, MEI, None, shelve(says)), Err(SubmitError::Refused(Refusal::NoBuilding)));
    }
    let drill = submit(&mut world, MEI, None, json!({ "kind": "shelved" })).unwrap().aggregate;
    let put = |room: &str| json!({ "kind": "described", "fields": { "room": room } });
    assert_eq!(submit(&mut world, MEI, Some(drill), put("1804")), Err(SubmitError::Refused(Refusal::NoBuilding)));
    submit(&mut world, MEI, Some(drill), put("")).unwrap();
    submit(&mut world, MEI, None, shelve(json!({ "building": "3号楼" }))).unwrap();
    world.settle();
    assert_eq!(world.at(WU).about("3", None, "1804").unwrap().others.len(), 1);
}

/// No number of a field or kind means something of its own.
#[test]
fn the_greatest_numbers_are_numbers_like_others() {
    let last = tools_but(|tool| {
        add_field(tool, 2, "room", "text", "last");
        add_field(tool, u16::MAX, "shelf", "text", "choose");
        tool["kinds"][1]["kind"] = json!(u16::MAX);
    });
    let mut world = neighbours_with(16, &last);
    let of = json!({ "kind": "shelved", "says": { "building": "3" }, "fields": { "room": "1804", "shelf": "2" } });
    let drill = submit(&mut world, MEI, None, of).unwrap().aggregate;
    lend(&mut world, MEI, drill).unwrap();
    world.settle();

    assert_eq!(world.at(WU).about("3", Some("2"), "1804").unwrap().others, [], "a shelf is no unit");
    assert_eq!(world.at(WU).about("3", None, "1804").unwrap().others.len(), 1);
    assert_eq!(look(&world, WU, drill).line.status, "away");
}

/// Nothing is no number: it is neither the least of all, nor is it shown where somebody said something.
#[test]
fn whoever_clears_a_field_puts_nothing_in_the_place_of_what_others_say() {
    let prices = tools_but(|tool| {
        add_field(tool, 2, "cheapest", "number", "least");
        add_field(tool, 3, "latest", "number", "last");
    });
    let mut world = neighbours_with(17, &prices);
    let drill = shelve(&mut world, WU, "drill");
    world.settle();
    let put = |value: Value| {
        let fields = ["name", "price", "cheapest", "latest"].map(|field| (field.to_owned(), value.clone()));
        json!({ "kind": "described", "fields": fields.into_iter().collect::<serde_json::Map<_, _>>() })
    };
    let mut five = put(Value::Null);
    five["fields"]["price"] = json!(5);
    five["fields"]["cheapest"] = json!(5);
    submit(&mut world, MEI, Some(drill), five).unwrap();
    submit(&mut world, ZHAO, Some(drill), put(Value::Null)).unwrap();
    world.settle();

    for phone in [WU, MEI, ZHAO] {
        let tool = look(&world, phone, drill);
        let five = [Scalar::Int(5)];
        assert_eq!([&tool.fields["price"][..], &tool.fields["cheapest"][..]], [&five, &five]);
        assert_eq!([&tool.line.fields["price"], &tool.line.fields["cheapest"]], [&five[0], &five[0]]);
        assert_eq!((tool.fields.get("name"), tool.fields.get("latest")), (None, None), "a lone nothing is none");
    }

    // What fits no field does not stand, and makes a lone nothing no value either.
    let (device, tag) = (world.device(ZHAO), world.tag(ZHAO, Topic::Common));
    let mut forger = Forger::with_keys_of(&mut world, ZHAO);
    let unfit = Body { edits: vec![Edit::put(0, 12), Edit::put(3, "x")], ..say::body(drill, 0x8003, vec![0xa0]) };
    forger.write(&unfit);
    hand_over(&world, WU, device, tag, &forger.runs()).unwrap();
    let tool = look(&world, WU, drill);
    assert_eq!((tool.fields.get("name"), tool.fields.get("latest")), (None, None));
    world.assert_one_truth(WU);
}

/// Whatever another app's declaration makes of the same numbers.
#[test]
fn a_phone_in_whose_declaration_another_kind_creates_keeps_it_as_newer_too() {
    let other = tools_but(|tool| {
        tool["kinds"][0]["creates"] = json!(false);
        tool["kinds"][1]["creates"] = json!(true);
        tool["transitions"] = json!([]);
    });
    let mut world = World::community(18, 1);
    world.declare(WU, &[tools()]);
    world.declare(MEI, &[other]);
    let drill = shelve(&mut world, WU, "drill");
    let lent = lend(&mut world, WU, drill).unwrap().events[0];
    world.settle();

    for event in [drill, lent] {
        assert_eq!(say::verdict(&world, MEI, event), Some(Some(Held::Newer)), "what lends here creates there");
    }
    assert!(world.at(MEI).needs_newer_app().unwrap().iter().any(|line| line.what == NewerWhat::Other));
    world.assert_one_truth(MEI);
    world.declare(MEI, &[tools()]);
    assert_eq!(look(&world, MEI, drill).line, look(&world, WU, drill).line);
    world.assert_equal();
}

fn tools() -> Declaration {
    let declaration = json!({
        "name": "tool",
        "fields": [
            { "field": 0, "name": "name", "type": "text" },
            { "field": 1, "name": "price", "type": "number", "merge": "greatest" },
        ],
        "lists": [{ "list": 0, "name": "parts", "fields": [{ "field": 0, "name": "name", "type": "text" }] }],
        "kinds": [
            { "kind": 0x8000, "code": "shelved", "creates": true, "says": [{ "name": "building", "type": "text" }] },
            { "kind": 0x8001, "code": "lent", "says": [{ "name": "until", "type": "text" }] },
            { "kind": 0x8002, "code": "returned" },
            { "kind": 0x8003, "code": "described" },
            { "kind": 0x8004, "code": "scrapped", "need": ["author", "coordinator"] },
        ],
        "statuses": ["here", "away", "gone"],
        "transitions": [
            { "from": "here", "kind": "lent", "to": "away" },
            { "from": "away", "kind": "returned", "to": "here" },
            { "from": "here", "kind": "returned", "to": "here" },
            { "from": "here", "kind": "scrapped", "to": "gone" },
            { "from": "away", "kind": "scrapped", "to": "gone" },
        ],
    });
    declaration.to_string().parse().unwrap()
}

fn deed(deed: serde_json::Value) -> Deed {
    serde_json::from_value(deed).unwrap()
}

type Answer = Result<Receipt, SubmitError<Refusal>>;

fn submit(world: &mut World, phone: usize, tool: Option<Reference>, of: serde_json::Value) -> Answer {
    let id = world.command();
    world.at(phone).submit_declared(id, "tool", tool, deed(of))
}

fn shelve(world: &mut World, phone: usize, name: &str) -> Reference {
    let of = json!({ "kind": "shelved", "says": { "building": "3" }, "fields": { "name": name, "price": 200 } });
    submit(world, phone, None, of).unwrap().aggregate
}

fn lend(world: &mut World, phone: usize, tool: Reference) -> Answer {
    submit(world, phone, Some(tool), json!({ "kind": "lent", "says": { "until": "Friday" } }))
}

fn look(world: &World, phone: usize, tool: Reference) -> DeclaredDetail {
    world.at(phone).declared_one(tool).unwrap()
}

/// A coordinator and two volunteers, in step, all of whose apps have tools.
fn neighbours(seed: u64) -> World {
    neighbours_with(seed, &tools())
}

fn neighbours_with(seed: u64, declaration: &Declaration) -> World {
    let mut world = World::community(seed, 2);
    for phone in [WU, MEI, ZHAO] {
        world.declare(phone, std::slice::from_ref(declaration));
    }
    world
}

/// The declaration of tools, changed.
fn tools_but(change: impl FnOnce(&mut Value)) -> Declaration {
    let mut declaration = serde_json::to_value(tools()).unwrap();
    change(&mut declaration);
    serde_json::from_value(declaration).unwrap()
}

fn add_field(declaration: &mut Value, field: u16, name: &str, of: &str, merge: &str) {
    let field = json!({ "field": field, "name": name, "type": of, "merge": merge });
    declaration["fields"].as_array_mut().unwrap().push(field);
}

fn told(world: &World, tool: Reference) -> Vec<(&'static str, Value)> {
    let review = look(world, WU, tool).review;
    review.into_iter().map(|review| (review.code, review.params["kind"].clone())).collect()
}
