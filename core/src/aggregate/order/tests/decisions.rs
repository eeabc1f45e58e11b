//! Commands, granted and refused.

use super::story::{HOUR, Story, cancelled, claimed, delivered, member, purchase};
use crate::{
    aggregate::{
        Aggregate, Draft, Payload, Value,
        order::{
            Change, Command, Correction, Fact, Got, ITEMS, MAX_QTY, Moved, NewItem, NewOrder, Order, Refusal, Status,
            Thing, field, kind,
        },
    },
    event::{Edit, ItemId, Scalar},
    id::{EventId, Reference},
    limits,
    qty::Qty,
    vocabulary::Refuse,
};

#[test]
fn claiming_what_is_held_or_has_ended_is_refused() {
    let mut story = Story::new();
    let claim = story.hear('a', &[0], Command::Claim).expect("free");
    assert!(
        matches!(refused(&story, 'b', &[claim], Command::Claim), Refusal::HeldBy { holder, .. } if holder == member('a'))
    );
    assert_eq!(refused(&story, 'a', &[claim], Command::Claim), Refusal::AlreadyYours);

    let cancel = story.say('p', &[claim], cancelled());
    assert_eq!(refused(&story, 'b', &[cancel], Command::Claim), Refusal::Ended { status: Status::Cancelled });
    let done = story.say('a', &[claim], delivered(false));
    assert_eq!(refused(&story, 'b', &[done], Command::Claim), Refusal::Ended { status: Status::Delivered });
    assert_eq!(
        refused(&story, 'b', &[done], Command::Cancel { why: None }),
        Refusal::Ended { status: Status::Delivered }
    );
}

#[test]
fn only_who_stands_can_release_or_hand_over() {
    let mut story = Story::new();
    let claim = story.hear('a', &[0], Command::Claim).expect("free");

    assert_eq!(refused(&story, 'b', &[claim], Command::Release { why: None }), Refusal::NotYours);
    assert_eq!(refused(&story, 'b', &[claim], Command::OfferHandOver { to: member('c') }), Refusal::NotYours);
    assert_eq!(refused(&story, 'a', &[claim], Command::OfferHandOver { to: member('a') }), Refusal::ToOneself);
    let offer = story.hear('a', &[claim], Command::OfferHandOver { to: member('b') }).expect("theirs to offer");
    assert_eq!(refused(&story, 'c', &[offer], Command::AcceptHandOver { offer: None }), Refusal::NoOffer);
    let accept = story.hear('b', &[offer], Command::AcceptHandOver { offer: None }).expect("offered");
    assert_eq!(story.known(&[accept]).holder(), Some(member('b')));
}

#[test]
fn taking_over_before_the_lease_lapsed_is_questioned() {
    let mut story = Story::new();
    assert_eq!(refused(&story, 'b', &[0], Command::TakeOver { anyway: false }), Refusal::NotHeld);
    let claim = story.hear('a', &[0], Command::Claim).expect("free");
    assert!(refused(&story, 'b', &[claim], Command::TakeOver { anyway: false }).is_warning());

    story.now += 7 * HOUR;
    let over = story.hear('b', &[claim], Command::TakeOver { anyway: false }).expect("lapsed");
    assert_eq!(story.known(&[over]).holder(), Some(member('b')));
}

#[test]
fn quantities_and_sums_are_positive_and_texts_within_bounds() {
    let story = Story::new();
    for cost in [0, -1, i64::MIN, i64::MAX] {
        let refusal = refused(&story, 'a', &[0], purchase(cost, true));
        assert!(matches!(refusal, Refusal::OutOfBounds { field: "cost_cents", .. }) && !refusal.is_warning());
    }
    let got = |item, qty: i64| Command::Purchase {
        cost_cents: None,
        got: vec![Got { item, qty: qty.into() }],
        already_happened: true,
        happened_at: None,
    };
    let folded = story.all();
    let item = *folded.content.items(ITEMS).next().expect("one item").0;
    assert_eq!(refused(&story, 'a', &[0], got(item, 0)), Refusal::Quantity { got: Qty::ZERO, limit: MAX_QTY });
    let nobody = ItemId::new(EventId::ZERO, 7);
    assert_eq!(refused(&story, 'a', &[0], got(nobody, 1)), Refusal::UnknownItem { item: nobody });
    let long = "长".repeat(limits::FIELD);
    assert!(matches!(refused(&story, 'a', &[0], Command::Comment { text: long }), Refusal::TooLong { .. }));
    assert_eq!(refused(&story, 'a', &[0], Command::Comment { text: " ".into() }), Refusal::Missing { field: "text" });
    let key = Command::Entrust { thing: Thing::Key, label: None, amount_cents: Some(1), to: None, happened_at: None };
    assert_eq!(refused(&story, 'a', &[0], key), Refusal::Amount);
}

#[test]
fn an_order_says_what_it_asks_for() {
    let nothing = |kind: &str| {
        Command::Post(Box::new(NewOrder { building: "3".into(), kind: kind.into(), ..NewOrder::default() }))
    };
    let decide = |command| Story::decide_new(command);

    assert_eq!(decide(nothing("grocery")).err(), Some(Refusal::NothingAsked));
    assert!(decide(nothing("escort")).is_ok());
    assert_eq!(decide(nothing("")).err(), Some(Refusal::Missing { field: "kind" }));
    assert!(matches!(decide(nothing("haircut")), Err(Refusal::UnknownKind { .. })));
    let many = NewOrder {
        building: "3".into(),
        kind: "grocery".into(),
        items: vec![NewItem { name: "rice".into(), ..NewItem::default() }; 300],
        ..NewOrder::default()
    };
    assert!(matches!(decide(Command::Post(Box::new(many))).err(), Some(Refusal::TooMany { .. })));
    assert_eq!(decide(Command::Claim).err(), Some(Refusal::Target));
}

#[test]
fn an_edit_that_changes_nothing_is_refused_and_a_wrong_value_too() {
    let story = Story::new();
    let put = |field: &str, value: Scalar| Command::Edit { changes: vec![Change::Put { field: field.into(), value }] };

    assert_eq!(refused(&story, 'a', &[0], put("note", "ring twice".into())), Refusal::NothingChanges);
    assert_eq!(
        refused(&story, 'a', &[0], put("colour", "red".into())),
        Refusal::UnknownField { field: "colour".into() }
    );
    assert_eq!(
        refused(&story, 'a', &[0], put("urgency", "soon".into())),
        Refusal::WrongValue { field: "urgency".into() }
    );
    let drafts = story.decide('a', &[0], put("urgency", "urgent".into())).expect("fine");
    assert_eq!(drafts[0].edits, [Edit::put(field::URGENCY, "urgent")]);
}

#[test]
fn choosing_needs_a_conflict_and_writes_over_all_values() {
    let story = Story::new();
    let choose = || Command::Choose { field: "note".into(), item: None, value: "2 a day".into() };
    assert_eq!(refused(&story, 'a', &[0], choose()), Refusal::NoConflict);

    let mut folded = story.all();
    let value = |text: &str| Value { value: text.into(), by: [0; 16] };
    folded.content.fields.insert(field::NOTE, vec![value("2 a day"), value("3 a day")]);
    let drafts = Story::decide_on(&folded, 'a', choose()).expect("two values stand");
    assert_eq!(drafts[0].edits, [Edit::put(field::NOTE, "2 a day")]);
}

#[test]
fn a_move_writes_the_order_down_in_the_right_building_and_names_it() {
    let mut story = Story::new();
    let to = |building: &str| Command::Move { building: building.into(), unit: None, room: Some("201".into()) };
    assert_eq!(refused(&story, 'p', &[0], to("3")), Refusal::SameBuilding);

    let mut drafts = story.decide('p', &[0], to("5")).expect("fine").into_iter();
    let (repost, moved) = (drafts.next().expect("a repost"), drafts.next().expect("a move"));
    let Payload::Ready(payload) = &repost.payload else { panic!("a repost is known at once") };
    let Ok(Fact::Posted(posted)) = Order::read(repost.kind, 1, payload) else { panic!("a posting") };
    assert_eq!((posted.building.as_str(), posted.moved_from), ("5", Some(story.reference(0))));
    assert!(repost.target.is_none());
    assert!(repost.edits.contains(&Edit::put(field::NOTE, "ring twice")));
    assert!(
        repost.edits.contains(&Edit::put(field::ROOM, "201")) && !repost.edits.contains(&Edit::put(field::UNIT, "2"))
    );
    assert!(repost.edits.iter().any(|edit| matches!(edit, Edit::Add { list: ITEMS, .. })));

    let new = Reference { seq: 42, ..story.reference(0) };
    let (Draft { payload: Payload::After(late), .. }, kind::MOVED) = (moved, kind::MOVED) else { panic!("made late") };
    let fact = Order::read(kind::MOVED, 1, &late(&[new])).expect("a move");
    assert_eq!(fact, Fact::Moved(Moved { to: new }));
    let ended = story.say('p', &[0], fact);
    assert_eq!(refused(&story, 'a', &[ended], Command::Reopen { why: None }), Refusal::GoesOn { to: new });
}

#[test]
fn a_duplicate_names_another_order_that_is_here() {
    let mut story = Story::new();
    let other = Reference { seq: 99, ..story.reference(0) };
    let unknown = Reference { seq: 98, ..story.reference(0) };
    let own = story.reference(0);

    assert_eq!(refused(&story, 'p', &[0], Command::DuplicateOf { order: own }), Refusal::SameOrder);
    assert_eq!(
        refused(&story, 'p', &[0], Command::DuplicateOf { order: unknown }),
        Refusal::UnknownOrder { order: unknown }
    );
    story.hear('p', &[0], Command::DuplicateOf { order: other }).expect("it is here");
    assert_eq!(story.all().outcome().status, Status::Duplicate);
}

#[test]
fn a_resolution_and_a_correction_must_fit() {
    let mut story = Story::new();
    let one = story.say('a', &[0], claimed());
    assert_eq!(refused(&story, 'l', &[one], Command::Resolve { to: member('a') }), Refusal::NotContested);
    let both = [one, story.say('b', &[0], claimed())];
    let stranger = Command::Resolve { to: member('z') };
    assert_eq!(refused(&story, 'l', &both, stranger), Refusal::NotAClaimant { member: member('z') });
    story.decide('l', &both, Command::Resolve { to: member('b') }).expect("a contender");

    let correct = |act, value| Command::Correct { event: story.reference(act), value, why: "wrong tap".into() };
    let wrong = Correction::Reimbursed { cents: 1 };
    assert_eq!(refused(&story, 'a', &both, correct(one, wrong)), Refusal::DoesNotFit);
    let event = story.reference(0);
    assert_eq!(refused(&story, 'a', &both, correct(0, Correction::Withdrawn)), Refusal::UnknownEvent { event });
    story.decide('a', &both, correct(one, Correction::Withdrawn)).expect("their own tap");
}

#[test]
fn commands_and_refusals_survive_json() {
    let text = r#"{"deliver":{"how":"left_at_door"}}"#;
    let command: Command = serde_json::from_str(text).expect("defaults fill the rest");
    assert_eq!(command, super::story::deliver(false));
    assert_eq!(serde_json::from_str::<Command>(r#""claim""#).expect("a bare word"), Command::Claim);

    let refusal = serde_json::to_value(Refusal::WarnHeldBy { holder: member('a') }).expect("plain data");
    assert_eq!(refusal["code"], "warn_held_by");
}

fn refused(story: &Story, by: char, knows: &[usize], command: Command) -> Refusal {
    story.decide(by, knows, command).err().expect("it should be refused")
}
