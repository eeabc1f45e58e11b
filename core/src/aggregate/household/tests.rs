use super::*;
use crate::{
    aggregate::{
        Content, Payload, Value, decode, encode,
        medicine_box::Day,
        order::{self, Order},
        tests::made::{Nowhere, member, reference, said},
    },
    event::{Edit, ItemId, Scalar},
    id::{DeviceId, EventId, LogId, Reference, ShortId},
    roster::{Need, Standing},
    time::WallMs,
    vocabulary::Refuse,
};

const ANNA: u8 = 1;
const BO: u8 = 2;
const WU: u8 = 3;
/// 2022-04-01 in the afternoon, in Shanghai.
const NOW: WallMs = WallMs(1_648_800_000_000);

#[test]
fn without_consent_nothing_is_planned_or_posted() {
    let mut story = Story::registered();
    let plan = || HouseholdCommand::Plan { from: day("2022-04-01"), every: Some(2) };

    assert_eq!(story.commands(ANNA, plan()).err(), Some(HouseholdRefusal::NoConsent));
    assert_eq!(story.commands(ANNA, post("2022-04-01")).err(), Some(HouseholdRefusal::NoConsent));

    let given = story.says(ANNA, &[0], agreed(Some("2022-04-01")));
    assert!(story.commands(ANNA, plan()).is_ok(), "on its last day it holds");
    story.now = WallMs(NOW.0 + 24 * 60 * 60 * 1000);
    let ended = HouseholdRefusal::ConsentEnded { until: day("2022-04-01") };
    assert_eq!(story.commands(ANNA, plan()).err(), Some(ended.clone()));
    assert_eq!(story.commands(ANNA, post("2022-04-01")).err(), Some(ended));

    story.says(ANNA, &[given], HouseholdFact::ConsentWithdrawn(Why::default()));
    assert_eq!(story.commands(ANNA, plan()).err(), Some(HouseholdRefusal::NoConsent));
}

#[test]
fn a_withdrawal_ends_a_consent_that_did_not_know_of_it() {
    let mut story = Story::registered();
    story.says(ANNA, &[0], agreed(None));
    let end = story.says(BO, &[1], HouseholdFact::ConsentWithdrawn(Why::default()));
    story.says(ANNA, &[1], agreed(Some("2022-06-01")));
    assert_eq!(story.outcome().consent, None);

    story.says(ANNA, &[end, 3], agreed(Some("2022-05-01")));

    assert_eq!(story.outcome().consent.and_then(|consent| consent.until), Some(day("2022-05-01")));
}

#[test]
fn of_two_consents_at_once_the_one_that_ends_first_holds() {
    let mut story = Story::registered();
    story.says(ANNA, &[0], agreed(None));
    story.says(BO, &[0], agreed(Some("2022-05-01")));

    assert_eq!(story.outcome().consent.and_then(|consent| consent.until), Some(day("2022-05-01")));
}

#[test]
fn what_happened_is_asked_about_and_never_refused() {
    let mut story = Story::registered();
    let well = |happened| visit(VisitOutcome::Well, None, happened);

    assert_eq!(story.commands(ANNA, well(false)).err(), Some(HouseholdRefusal::WarnNoConsent));
    assert!(story.commands(ANNA, well(true)).is_ok());
    story.says(ANNA, &[0], HouseholdFact::Closed(Why::default()));
    assert_eq!(story.commands(ANNA, well(false)).err(), Some(HouseholdRefusal::WarnClosed));
    assert!(HouseholdRefusal::WarnClosed.is_warning());
    assert!(story.commands(ANNA, well(true)).is_ok());
    let pair = HouseholdCommand::Pair { member: member(WU) };
    assert_eq!(story.commands(ANNA, pair).err(), Some(HouseholdRefusal::Closed), "a command is");
}

#[test]
fn a_visit_stands_for_all_that_was_due_until_then() {
    let mut story = Story::visited_daily();
    assert_eq!(story.due("2022-03-31"), [""; 0]);
    assert_eq!(story.due("2022-04-03"), ["2022-04-01", "2022-04-02", "2022-04-03"]);

    story.says(ANNA, &[2], HouseholdFact::Visited(visited("2022-04-02", VisitOutcome::Well)));

    assert_eq!(story.due("2022-04-03"), ["2022-04-03"]);
    assert_eq!(story.outcome().calendar.next(day("2022-04-02")), Some(day("2022-04-03")));
}

#[test]
fn a_visit_that_reached_nobody_stands_for_none() {
    let mut story = Story::visited_daily();

    story.says(ANNA, &[2], HouseholdFact::Visited(visited("2022-04-02", VisitOutcome::Nobody)));

    assert_eq!(story.due("2022-04-02"), ["2022-04-01", "2022-04-02"]);
    assert_eq!(story.reviews(), ["nobody_reached"]);
}

#[test]
fn a_clock_that_runs_ahead_hides_no_due_visit() {
    let mut story = Story::visited_daily();

    story.says(BO, &[2], HouseholdFact::Visited(visited("2099-01-01", VisitOutcome::Well)));

    assert_eq!(story.due("2022-04-01"), ["2022-04-01"]);
}

#[test]
fn a_skipped_day_is_settled_alone() {
    let mut story = Story::registered();
    story.says(ANNA, &[0], agreed(None));
    story.says(ANNA, &[1], plan("2022-04-01", Some(7)));
    story.says(ANNA, &[2], plan("2022-04-05", None));
    let skip = |due: &str| HouseholdCommand::Skip { due: day(due), why: "away".to_owned() };

    assert_eq!(
        story.commands(ANNA, skip("2022-04-02")).err(),
        Some(HouseholdRefusal::NotDue { due: day("2022-04-02") })
    );
    assert!(story.commands(ANNA, skip("2022-04-08")).is_ok());
    story.says(ANNA, &[3], HouseholdFact::Skipped(Skipped { due: day("2022-04-08"), why: "away".to_owned() }));

    assert_eq!(story.due("2022-04-15"), ["2022-04-01", "2022-04-05", "2022-04-15"]);
    story.says(ANNA, &[4], HouseholdFact::PlanEnded(PlanEnded { plan: reference(2) }));
    assert_eq!(story.due("2022-04-15"), ["2022-04-05"]);
}

#[test]
fn days_are_counted_over_leap_years_and_the_ends_of_the_calendar() {
    for text in ["1900-01-01", "1969-12-31", "1970-01-01", "2000-02-29", "2022-04-01", "2024-02-29", "2999-12-31"] {
        assert_eq!(Day::from_1970(day(text).since_1970()), Some(day(text)), "{text}");
    }
    assert_eq!(day("2024-03-01").since_1970() - day("2024-02-28").since_1970(), 2);
    assert_eq!(Day::from_1970(day("2999-12-31").since_1970() + 1), None);
    assert_eq!(Day::from_1970(i64::MIN), None);
    let last = Calendar {
        plans: vec![Plan { event: reference(0), from: day("2999-12-30"), every: Some(3) }],
        ..Calendar::default()
    };
    assert_eq!(last.due(day("2999-12-31"), day("2022-04-01")), [day("2999-12-30")]);
}

#[test]
fn a_posted_visit_is_an_order_that_does_not_name_the_household() {
    let mut story = Story::visited_daily();
    let put = |content: &mut Content, field, text: &str| {
        content.fields.insert(field, vec![Value { value: Scalar::from(text), by: [0; 16] }]);
    };
    put(&mut story.content, field::ROOM, "1804");
    put(&mut story.content, field::NOTE, "the key is under the mat");

    let command = HouseholdCommand::Post {
        due: day("2022-04-02"),
        carried: vec![Carried::Room],
        note: Some("ring twice".into()),
    };
    let mut drafts = story.commands(ANNA, command).expect("it is due tomorrow");

    assert_eq!(codes(&drafts), [("order", order::kind::POSTED), ("household", kind::POSTED)]);
    let texts: Vec<&str> = drafts[0]
        .edits
        .iter()
        .filter_map(|edit| match edit {
            Edit::Put { value, .. } => value.text(),
            _ => None,
        })
        .collect();
    assert_eq!(texts, ["visit", "normal", "1804", "ring twice"]);
    let Payload::Ready(bytes) = &drafts[0].payload else { panic!("known now") };
    assert_eq!(Order::read(order::kind::POSTED, 1, bytes).map(|fact| Order::building(&fact)), Ok(Some("3".to_owned())));
    let Payload::After(late) = drafts.remove(1).payload else { panic!("made late") };
    let posted: Posted = decode(&late(&[order_named(1)])).expect("it reads");
    assert_eq!(posted, Posted { due: day("2022-04-02"), order: order_named(1) });
}

#[test]
fn the_order_goes_to_whoever_is_paired() {
    let mut story = Story::visited_daily();
    let paired = story.says(ANNA, &[2], HouseholdFact::Paired(Visitor { member: member(WU) }));
    let given = |story: &Story, by| -> Vec<u16> {
        story.commands(by, post("2022-04-01")).expect("it is due").iter().skip(2).map(|draft| draft.kind).collect()
    };

    assert_eq!(
        given(&story, ANNA),
        [order::kind::CLAIMED, order::kind::HAND_OVER_OFFERED],
        "who may not assign, offers"
    );
    assert_eq!(given(&story, WU), [order::kind::CLAIMED], "oneself takes it");
    story.standing = story.standing.with(Need::COORDINATOR);
    assert_eq!(given(&story, ANNA), [order::kind::ASSIGNED]);
    story.says(ANNA, &[paired], HouseholdFact::Unpaired(Visitor { member: member(WU) }));
    assert_eq!(given(&story, ANNA), [0; 0]);
}

#[test]
fn posted_again_it_writes_nothing() {
    let mut story = Story::visited_daily();
    story.says(ANNA, &[2], HouseholdFact::Posted(Posted { due: day("2022-04-01"), order: order_named(1) }));

    assert_eq!(codes(&story.commands(BO, post("2022-04-01")).expect("no refusal")), []);
}

#[test]
fn of_one_order_one_visit_counts_and_reaching_somebody_comes_first() {
    let mut story = Story::visited_daily();
    let posted =
        story.says(ANNA, &[2], HouseholdFact::Posted(Posted { due: day("2022-04-01"), order: order_named(1) }));
    let of = |outcome| {
        let due = Some(day("2022-04-01"));
        HouseholdFact::Visited(Visited { order: Some(order_named(1)), due, ..visited("2022-04-01", outcome) })
    };
    let nobody = story.says(ANNA, &[posted], of(VisitOutcome::Nobody));
    assert_eq!(story.due("2022-04-01"), ["2022-04-01"]);
    let well = story.says(ANNA, &[nobody], of(VisitOutcome::Well));
    let again = story.says(BO, &[nobody], of(VisitOutcome::NeedsHelp));

    let counts: Vec<bool> = story.outcome().visits.iter().map(|visit| visit.counts).collect();
    assert_eq!(counts, [false, true, false]);
    assert_eq!(story.due("2022-04-01"), [""; 0]);
    assert_eq!(story.reviews(), ["confirmed_differently"]);
    let command = || visit(VisitOutcome::Well, Some(order_named(1)), false);
    assert!(matches!(story.commands(ANNA, command()).err(), Some(HouseholdRefusal::WarnConfirmed { .. })));

    let undo =
        |at| HouseholdFact::Corrected(Corrected { event: reference(at), outcome: None, why: "mis-tap".to_owned() });
    story.says(ANNA, &[well, again], undo(well));
    story.says(ANNA, &[6], undo(again));
    assert_eq!(story.due("2022-04-01"), ["2022-04-01"], "what did not happen stands for nothing");
}

#[test]
fn a_fourth_contact_is_refused() {
    let contact = NewContact { name: "Li".to_owned(), phone: Some("139".to_owned()) };
    let context = DecisionContext {
        by: member(ANNA),
        device: DeviceId::from_bytes([ANNA; 32]),
        standing: Standing::NONE,
        now: NOW,
        world: &Nowhere,
    };
    let new = |contacts| {
        let people = vec![NewPerson { name: "Wang".to_owned(), why: None }];
        HouseholdCommand::Register(Box::new(NewHousehold {
            building: "3".to_owned(),
            people,
            contacts,
            ..NewHousehold::default()
        }))
    };

    let refused = Household::decide(None, new(vec![contact.clone(); 4]), &context).err();
    assert_eq!(refused, Some(HouseholdRefusal::TooManyContacts { limit: 3 }));
    let drafts = Household::decide(None, new(vec![contact; 3]), &context).expect("three are enough");
    let places: Vec<i64> = drafts[0]
        .edits
        .iter()
        .filter_map(|edit| match edit {
            Edit::Add { list: field::CONTACTS, fields } => fields.last().and_then(|(_, place)| place.int()),
            _ => None,
        })
        .collect();
    assert_eq!(places, [1, 2, 3]);
}

#[test]
fn what_is_out_of_bounds_is_malformed() {
    let read = |kind, payload: Vec<u8>| Household::read(kind, 1, &payload).is_err();
    let planned = |every| encode(&Planned { from: day("2022-04-01"), every });

    assert!(read(kind::PLANNED, planned(Some(0))) && read(kind::PLANNED, planned(Some(367))));
    assert!(!read(kind::PLANNED, planned(Some(366))) && !read(kind::PLANNED, planned(None)));
    assert!(read(kind::REGISTERED, encode(&Registered { building: String::new() })));
    assert!(read(kind::CONSENTED, encode(&Consented { purpose: String::new(), until: None })));
    assert!(read(kind::SKIPPED, encode(&Skipped { due: day("2022-04-01"), why: String::new() })));
    assert!(read(kind::CLOSED, encode(&Why { why: Some(String::new()) })));
    assert!(read(0x08ff, encode(&Edited {})));
    assert!(Household::read(kind::EDITED, 2, &encode(&Edited {})).is_err());
}

#[test]
fn edits_name_items_that_are_there() {
    let story = Story::registered();
    let item = ItemId::new(EventId::from_bytes([1; 32]), 0);
    let edit = |change| story.commands(ANNA, HouseholdCommand::Edit { changes: vec![change] }).err();

    assert_eq!(edit(HouseholdChange::RemovePerson(item)), Some(HouseholdRefusal::NoSuchItem { item }));
    assert_eq!(edit(HouseholdChange::Note(" ".to_owned())), Some(HouseholdRefusal::NothingChanges));
    assert_eq!(edit(HouseholdChange::AddCheck(String::new())), Some(HouseholdRefusal::Missing { field: "checklist" }));
    assert_eq!(edit(HouseholdChange::Note("deaf".to_owned())), None);
}

fn day(text: &str) -> Day {
    text.parse().expect("a day")
}

fn order_named(nth: u64) -> Reference {
    Reference { log: LogId::from_bytes([9; 16]), seq: nth, check: ShortId::from_bytes([2; 16]) }
}

/// One household as one replica folds it. Each act names the acts its author knew of.
struct Story {
    state: HouseholdState,
    history: History,
    birth: Birth,
    content: Content,
    now: WallMs,
    standing: Standing,
}

impl Story {
    /// Anna has registered a household of building 3.
    fn registered() -> Self {
        let birth = Birth { aggregate: reference(0), author: member(ANNA), building: Some("3".to_owned()) };
        let mut story = Self {
            state: HouseholdState::default(),
            history: History::default(),
            birth,
            content: Content::default(),
            now: NOW,
            standing: Standing::NONE.with(Need::MEMBER).with(Need::CARE),
        };
        story.says(ANNA, &[], HouseholdFact::Registered(Registered { building: "3".to_owned() }));
        story
    }

    /// The same, and they agreed to daily visits from the first of April on.
    fn visited_daily() -> Self {
        let mut story = Self::registered();
        story.says(ANNA, &[0], agreed(None));
        story.says(ANNA, &[1], plan("2022-04-01", Some(1)));
        story
    }

    fn says(&mut self, by: u8, deps: &[usize], fact: HouseholdFact) -> usize {
        let at = said(&mut self.history, by, deps, self.standing, NOW);
        Household::apply(&mut self.state, &fact, at, &self.history, &self.birth);
        at
    }

    fn subject(&self) -> Subject<'_, HouseholdState> {
        Subject { birth: &self.birth, state: &self.state, content: &self.content, history: &self.history }
    }

    fn outcome(&self) -> Outcome {
        Outcome::of(&self.subject())
    }

    fn commands(&self, by: u8, command: HouseholdCommand) -> Result<Vec<Draft>, HouseholdRefusal> {
        let context = DecisionContext {
            by: member(by),
            device: DeviceId::from_bytes([by; 32]),
            standing: self.standing,
            now: self.now,
            world: &Nowhere,
        };
        Household::decide(Some(&self.subject()), command, &context)
    }

    fn due(&self, today: &str) -> Vec<String> {
        let today = day(today);
        self.outcome().calendar.due(today, today).iter().map(ToString::to_string).collect()
    }

    fn reviews(&self) -> Vec<&'static str> {
        Household::review(&self.subject()).into_iter().map(|review| review.code).collect()
    }
}

fn agreed(until: Option<&str>) -> HouseholdFact {
    HouseholdFact::Consented(Consented { purpose: "visits".to_owned(), until: until.map(day) })
}

fn plan(from: &str, every: Option<u16>) -> HouseholdFact {
    HouseholdFact::Planned(Planned { from: day(from), every })
}

fn visited(on: &str, outcome: VisitOutcome) -> Visited {
    Visited { outcome, day: day(on), due: None, order: None, by: None, note: None, already_happened: false }
}

fn visit(outcome: VisitOutcome, order: Option<Reference>, already_happened: bool) -> HouseholdCommand {
    HouseholdCommand::Visit { outcome, day: None, due: None, order, by: None, note: None, already_happened }
}

fn post(due: &str) -> HouseholdCommand {
    HouseholdCommand::Post { due: day(due), carried: Vec::new(), note: None }
}

fn codes(drafts: &[Draft]) -> Vec<(&'static str, u16)> {
    drafts.iter().map(|draft| (draft.aggregate, draft.kind)).collect()
}
