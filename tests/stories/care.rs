//! The care register (T5): who holds the grant looks after people together; nobody else reads a word of it.

use std::path::Path;

use linli_core::{
    aggregate::{
        Held, REVIEW, Select, encode,
        household::{
            Carried, Corrected, HOUSEHOLD, Household, HouseholdCommand, HouseholdRefusal, NewConsent, NewContact,
            NewHousehold, NewPerson, VisitOutcome, Why, kind,
        },
        medicine_box::Day,
        order::{AttemptOutcome, How, Status},
    },
    event::{Body, Compartment, Content, Topic, open},
    id::Reference,
    key::{DeviceKeys, KitLanguage, KitWords, SecretStore, wrap},
    replica::{EraseError, HouseholdFilter, QueryError, Receipt, ReviewFilter, SubmitError, What},
    roster::{Cut, CutHead, Grant, Keyring, KeysSealed, Role, RosterCommand, RosterEvent},
};
use linli_tests::{
    Break, Ended, Forger, World,
    disk::bytes_of,
    hand_over,
    people::{LAN, MEI, WU},
};

use crate::say::{self, Command, verdict};

const NAME: &str = "欧阳奶奶";
const WHY: &str = "独居，髋部骨折";
const PHONE: &str = "13900004321";
const CHECK: &str = "测血压";
const NOTE: &str = "钥匙在门垫下";
const SECRETS: [&str; 6] = [NAME, WHY, PHONE, CHECK, NOTE, "每日探访"];

#[test]
fn no_key_held_without_the_grant_opens_a_care_body_t5() {
    let (mut world, household) = scene(1);
    submit(
        &mut world,
        WU,
        Some(household),
        HouseholdCommand::Visit {
            outcome: VisitOutcome::NeedsHelp,
            day: None,
            due: None,
            order: None,
            by: None,
            note: Some(WHY.into()),
            already_happened: false,
        },
    )
    .unwrap();
    world.settle();

    assert_eq!(care_bodies(&world, WU), (4, 4), "the holder opens all");
    assert_eq!(care_bodies(&world, MEI), (4, 0), "the volunteer carries them and opens none");
    assert!(!finds(world.home(LAN)).is_empty(), "the search finds what is there");
    assert_eq!(finds(world.home(MEI)), [""; 0]);
    world.at(MEI).rebuild().unwrap();
    world.close(MEI);
    vacuum(world.home(MEI));
    assert_eq!(finds(world.home(MEI)), [""; 0], "in a database written anew");
    world.open(MEI);
    assert_closed(&world, MEI, household);
    let refused = submit(&mut world, MEI, Some(household), HouseholdCommand::Close { why: None }).unwrap_err();
    assert!(matches!(refused, SubmitError::NotEntitled { .. }), "{refused:?}");
    let refused = submit(&mut world, MEI, None, self::household()).unwrap_err();
    assert!(matches!(refused, SubmitError::NotEntitled { .. }), "{refused:?}");
}

/// Writes every page of a phone's database anew, as whoever has the file could.
fn vacuum(home: &Path) {
    let file = rusqlite::Connection::open(home.join("linli.db")).unwrap();
    file.execute_batch("VACUUM; PRAGMA wal_checkpoint(TRUNCATE)").unwrap();
}

#[test]
fn equal_care_bodies_cannot_be_seen_to_be_equal_t5() {
    let (mut world, household) = scene(2);
    let mut salts = Vec::new();
    for _ in 0..2 {
        let command = HouseholdCommand::Consent(NewConsent { purpose: "每日探访".into(), until: None });
        let event = submit(&mut world, LAN, Some(household), command).unwrap().events[0];
        let stored = world.at(LAN).look(|reader| reader.event(event)).unwrap().unwrap();
        let secret = world.secrets(LAN).get("device-keys").unwrap().unwrap();
        let keyring = Keyring::open(&DeviceKeys::from_slice(&secret).unwrap(), &world.at(LAN).roster());
        let Content::Here(bytes) = &stored.content else { panic!("it is here") };
        salts.push(open(&stored.header(), bytes, keyring.key(stored.epoch)).unwrap().salt.unwrap());
    }

    assert!(salts.iter().all(|salt| salt.len() == 16) && salts[0] != salts[1]);
}

#[test]
fn a_grant_given_later_opens_the_past_t5() {
    let (mut world, household) = scene(3);
    assert_closed(&world, MEI, household);

    grant(&mut world, MEI);
    world.settle();

    let detail = world.at(MEI).household(household).unwrap();
    assert_eq!(detail.view.attention[0].name, NAME);
    assert_eq!(detail.view.contacts[0].phone.as_deref(), Some(PHONE));
    assert_eq!(detail.history.len(), 3);
    assert_eq!(world.at(MEI).search("髋部", None, 10).unwrap().items.len(), 1);
    world.assert_equal();
}

/// Takes `care` from a phone, up to what the founder has of it.
fn remove_care(world: &mut World, phone: usize) {
    let (device, id) = (world.device(phone), world.command());
    let logs = world.at(LAN).look(|reader| {
        let own = reader.logs()?.into_iter().filter(|log| log.device == device);
        own.map(|log| Ok((log, reader.heads(log.id())?))).collect::<Result<Vec<_>, _>>()
    });
    let logs = logs.unwrap();
    let heads = logs.iter().map(|(log, heads)| Cut {
        log: log.id(),
        heads: heads.iter().map(|head| CutHead { seq: head.seq, id: head.id }).collect(),
    });
    let incarnations = logs.iter().map(|(log, _)| log.incarnation).collect();
    let command = RosterCommand::RemoveGrant { device, grant: Grant::Care, heads: heads.collect(), incarnations };
    world.at(LAN).change_roster(id, command).unwrap();
}

#[test]
fn a_correction_comes_behind_what_it_corrects_whatever_its_author_names() {
    let (mut world, household) = scene(21);
    let visit = HouseholdCommand::Visit {
        outcome: VisitOutcome::Well,
        day: None,
        due: None,
        order: None,
        by: None,
        note: None,
        already_happened: false,
    };
    let visited = submit(&mut world, LAN, Some(household), visit).unwrap().events[0];
    let secret = world.secrets(LAN).get("device-keys").unwrap().unwrap();
    let keyring = Keyring::open(&DeviceKeys::from_slice(&secret).unwrap(), &world.at(LAN).roster());
    let epoch = world.at(LAN).roster().writing_epoch(Compartment::Care, &keyring).unwrap();
    let key = keyring.key(epoch).unwrap().clone();
    let mut forger = Forger::with_keys_of(&mut world, LAN).in_topic(&world, LAN, Topic::Care).under(key);
    let corrected = Corrected { event: visited, outcome: Some(VisitOutcome::NeedsHelp), why: "asked again".into() };
    let corrected = forger.write(&say::body(household, kind::CORRECTED, encode(&corrected)));

    // Where the visit is not known yet, the correction waits for it.
    hand_over(&world, WU, forger.device(), world.tag(WU, Topic::Care), &forger.runs()).unwrap();
    assert_eq!(verdict(&world, WU, corrected), Some(Some(Held::Parked)));
    world.settle();

    for phone in [LAN, WU] {
        let lamport = |event| world.at(phone).look(|reader| reader.event(event)).unwrap().unwrap().lamport;
        assert_eq!(lamport(corrected), lamport(visited) + 1, "phone {phone}");
        assert_eq!(world.at(phone).household(household).unwrap().view.visits[0].outcome, VisitOutcome::NeedsHelp);
        world.assert_one_truth(phone);
    }
}

#[test]
fn a_grant_that_was_taken_away_ends_what_they_write_and_what_they_learn_t5() {
    let (mut world, household) = scene(4);
    let note = |text: &str| HouseholdCommand::Edit {
        changes: vec![linli_core::aggregate::household::HouseholdChange::Note(text.into())],
    };
    let before = submit(&mut world, WU, Some(household), note("by day")).unwrap().events[0];
    world.settle();
    let mut forger = Forger::with_keys_of(&mut world, WU).in_topic(&world, WU, Topic::Care);

    remove_care(&mut world, WU);
    // They have not heard yet, and write on.
    let after = submit(&mut world, WU, Some(household), note("by night")).unwrap().events[0];
    world.settle();

    assert_eq!((verdict(&world, LAN, before), verdict(&world, LAN, after)), (Some(None), Some(Some(Held::Cut))));
    assert_eq!(world.at(LAN).household(household).unwrap().view.note.as_deref(), Some("by day"));
    assert_closed(&world, WU, household);
    let refused = submit(&mut world, WU, Some(household), note("again")).unwrap_err();
    assert!(matches!(refused, SubmitError::NotEntitled { .. }), "{refused:?}");

    // A new key, which they do not get.
    world.at(LAN).tend().unwrap();
    submit(&mut world, LAN, Some(household), note("in the evening")).unwrap();
    world.settle();
    let held = |phone: usize| {
        let secret = world.secrets(phone).get("device-keys").unwrap().unwrap();
        let roster = world.at(LAN).roster();
        let keyring = Keyring::open(&DeviceKeys::from_slice(&secret).unwrap(), &roster);
        let own = world.secrets(LAN).get("device-keys").unwrap().unwrap();
        let own = Keyring::open(&DeviceKeys::from_slice(&own).unwrap(), &roster);
        keyring.key(roster.writing_epoch(Compartment::Care, &own).unwrap()).is_some()
    };
    assert!(held(LAN) && !held(WU));
    let (stored, opened) = care_bodies(&world, WU);
    assert_eq!(stored - opened, 1, "what was written since");

    // Whoever forges on with their keys, in a new life of the device, counts nowhere.
    let forged =
        forger.write(&Body { salt: Some([7; 16]), ..say::body(household, kind::CLOSED, encode(&Why::default())) });
    let through = world.device(WU);
    let tag = world.tag(LAN, Topic::Care);
    hand_over(&world, LAN, through, tag, &forger.runs()).unwrap();
    assert_eq!(verdict(&world, LAN, forged), Some(Some(Held::Cut)));
    assert!(world.at(LAN).household(household).unwrap().view.card.open);
}

/// Has the keys of a holder of `care` write an event that gives another phone the key of the register.
fn pass_on(world: &mut World, holder: usize, to: usize) {
    let secret = world.secrets(holder).get("device-keys").unwrap().unwrap();
    let (roster, community) = (world.at(LAN).roster(), world.at(LAN).community().unwrap());
    let keyring = Keyring::open(&DeviceKeys::from_slice(&secret).unwrap(), &roster);
    let epoch = roster.writing_epoch(Compartment::Care, &keyring).unwrap();
    let purpose = [community.as_bytes().as_slice(), &[Compartment::Care.code()], epoch.as_bytes()].concat();
    let (record, key) = (world.at(to).record(), keyring.key(epoch).unwrap());
    let given = wrap(&mut world.dice, record.device, &record.sealing, &purpose, key.as_secret()).unwrap();
    let generation = roster.epoch(Compartment::Care, epoch).unwrap().generation;
    let (compartment, parents, wraps) = (Compartment::Care, Vec::new(), vec![given]);
    let sealed = KeysSealed { compartment, generation, epoch, parents, wraps };
    let mut forger = Forger::with_keys_of(world, holder).in_topic(world, holder, Topic::Roster);
    forger.roster(&RosterEvent::KeysSealed(sealed));
    hand_over(world, LAN, forger.device(), world.tag(LAN, Topic::Roster), &forger.runs()).unwrap();
}

/// A founder who looks after somebody; a neighbour without the grant, and a holder of it in this role.
fn with_holder(role: Role) -> (World, usize, Reference) {
    let mut world = World::community(22, 1);
    let holder = world.join(LAN, role);
    grant(&mut world, holder);
    let household = submit(&mut world, LAN, None, household()).unwrap().aggregate;
    world.settle();
    assert_eq!((care_bodies(&world, holder), care_bodies(&world, WU)), ((2, 2), (2, 0)));
    (world, holder, household)
}

#[test]
fn a_coordinator_who_passes_the_key_of_care_on_passes_on_nothing_that_is_written_later_t5() {
    let (mut world, holder, household) = with_holder(Role::Coordinator);

    pass_on(&mut world, holder, WU);
    world.settle();
    assert_eq!(care_bodies(&world, WU), (2, 2), "whoever reads can have others read");
    assert_closed(&world, WU, household);
    assert_eq!(world.at(LAN).tend().unwrap().rotated, ["care"], "another coordinator sees it");
    submit(&mut world, LAN, Some(household), HouseholdCommand::Plan { from: day(1), every: Some(1) }).unwrap();
    world.settle();

    assert_eq!((care_bodies(&world, holder), care_bodies(&world, WU)), ((3, 3), (3, 2)));
    assert_closed(&world, WU, household);
    (0..world.len()).for_each(|phone| world.assert_one_truth(phone));
}

#[test]
fn a_volunteer_who_holds_care_gives_its_key_to_nobody_by_an_event_t5() {
    let (mut world, holder, _) = with_holder(Role::Volunteer);

    pass_on(&mut world, holder, WU);
    world.settle();

    assert_eq!(care_bodies(&world, WU), (2, 0));
    assert_eq!(world.at(LAN).tend().unwrap().rotated, [""; 0]);
}

#[test]
fn a_coordinator_from_whom_care_was_taken_makes_no_key_of_it_t5() {
    let (mut world, former, household) = with_holder(Role::Coordinator);
    remove_care(&mut world, former);
    world.settle();
    world.at(LAN).tend().unwrap();
    world.settle();
    let keys = |world: &World| world.at(former).roster().epochs(Compartment::Care).count();
    let before = keys(&world);

    for _ in 0..24 {
        world.pass(60);
        let tended = world.at(former).tend().unwrap();
        assert_eq!(tended.rotated, [""; 0], "whoever makes a key knows it");
    }
    world.settle();

    assert_eq!(keys(&world), before);
    assert_closed(&world, former, household);
}

#[test]
fn a_visit_goes_out_as_an_order_and_comes_back_as_a_proposal_t5() {
    let (mut world, household) = scene(5);
    let visitor = world.member(MEI);
    submit(&mut world, WU, Some(household), HouseholdCommand::Pair { member: visitor }).unwrap();
    world.settle();
    let due = world.at(LAN).due_visits(None).unwrap();
    assert_eq!((due.len(), due[0].due, due[0].agreed), (1, day(1), true));

    let order = post(&mut world, LAN, household, &[Carried::Room, Carried::Checklist]);
    assert_eq!(post(&mut world, LAN, household, &[]), order, "posted once for the day");
    world.settle();

    // The volunteer holds it, and sees the room, what to look after, and nothing else.
    let seen = world.at(MEI).order(order).unwrap();
    assert_eq!(seen.view.card.holder, Some(visitor), "the pairing repeats it");
    assert_eq!((seen.view.card.kind.as_str(), seen.view.card.room.as_deref()), ("visit", Some("1804")));
    assert_eq!(seen.view.card.items, [CHECK]);
    let shown = serde_json::to_string(&seen).unwrap();
    assert!([NAME, WHY, PHONE, NOTE].iter().all(|text| !shown.contains(text)), "{shown}");
    assert!(!shown.contains(&household.to_string()), "it names nothing of the household");
    assert_eq!(finds(world.home(MEI)), [CHECK]);
    assert_closed(&world, MEI, household);

    let at_door = Command::Attempt { outcome: AttemptOutcome::Nobody, already_happened: false, happened_at: None };
    say::submit(&mut world, MEI, Some(order), at_door).unwrap();
    world.settle();
    let proposed = world.at(WU).proposed_visits().unwrap();
    assert_eq!((proposed.len(), proposed[0].outcome, proposed[0].by), (1, VisitOutcome::Nobody, visitor));
    submit(&mut world, WU, Some(household), proposed[0].command(None)).unwrap();
    world.settle();
    assert_eq!(world.at(LAN).proposed_visits().unwrap(), []);
    assert_eq!(world.at(LAN).due_visits(None).unwrap().len(), 1, "nobody was reached");

    let word = Command::Comment { text: "血压 150".into() };
    say::submit(&mut world, MEI, Some(order), word).unwrap();
    let delivered = Command::Deliver { how: How::HandedOver, already_happened: false, happened_at: None };
    say::submit(&mut world, MEI, Some(order), delivered).unwrap();
    world.settle();
    let proposed = world.at(LAN).proposed_visits().unwrap();
    assert_eq!((proposed.len(), proposed[0].outcome, proposed[0].due), (1, VisitOutcome::Well, day(1)));
    assert_eq!(proposed[0].comments, ["血压 150"]);
    submit(&mut world, LAN, Some(household), proposed[0].command(Some("血压偏高".into()))).unwrap();
    world.settle();

    assert_eq!(world.at(WU).proposed_visits().unwrap(), []);
    assert_eq!(world.at(WU).due_visits(None).unwrap(), []);
    let visits = world.at(WU).household(household).unwrap().view.visits;
    assert_eq!(
        visits.iter().map(|visit| (visit.by, visit.counts)).collect::<Vec<_>>(),
        [(visitor, false), (visitor, true)]
    );
}

#[test]
fn two_who_confirm_at_once_converge() {
    let (mut world, household) = scene(6);
    let order = post(&mut world, LAN, household, &[Carried::Room]);
    world.settle();
    let delivered = Command::Deliver { how: How::HandedOver, already_happened: false, happened_at: None };
    say::submit(&mut world, MEI, Some(order), delivered).unwrap();
    world.settle();

    for phone in [LAN, WU] {
        let proposed = world.at(phone).proposed_visits().unwrap();
        submit(&mut world, phone, Some(household), proposed[0].command(None)).unwrap();
    }
    world.settle();

    for phone in [LAN, WU] {
        let detail = world.at(phone).household(household).unwrap();
        assert_eq!(detail.view.visits.iter().filter(|visit| visit.counts).count(), 1);
        assert_eq!(detail.view.visits.len(), 2, "both stand in the history");
        assert_eq!(detail.review, []);
        assert_eq!(world.at(phone).proposed_visits().unwrap(), []);
    }
    assert_eq!(world.at(LAN).household(household).unwrap().view, world.at(WU).household(household).unwrap().view);
}

#[test]
fn a_visit_posted_twice_at_once_is_shown_as_a_double() {
    let (mut world, household) = scene(7);
    let orders = [LAN, WU].map(|phone| post(&mut world, phone, household, &[Carried::Room]));
    world.settle();

    for phone in [LAN, WU] {
        let due = world.at(phone).due_visits(None).unwrap();
        assert!(due[0].double && orders.iter().all(|order| due[0].orders.contains(order)));
    }
    say::submit(&mut world, WU, Some(orders[1]), Command::Cancel { why: Some("twice".into()) }).unwrap();
    world.settle();

    let due = world.at(LAN).due_visits(None).unwrap();
    assert_eq!((due[0].double, &due[0].orders), (false, &vec![orders[0]]));
    assert_eq!(world.at(LAN).order(orders[0]).unwrap().view.card.status, Status::Open);
}

#[test]
fn what_nobody_did_is_overdue_by_the_clock_that_asks() {
    let (mut world, household) = scene(8);
    assert_eq!(world.at(LAN).overdue_visits().unwrap(), []);

    world.pass(3 * 24 * 60);

    let overdue = world.at(WU).overdue_visits().unwrap();
    assert_eq!(
        overdue.iter().map(|visit| (visit.due, visit.days_late)).collect::<Vec<_>>(),
        [(day(1), 3), (day(2), 2), (day(3), 1)]
    );
    assert_eq!(world.at(WU).household(household).unwrap().line.overdue, 3);
    let again = submit(&mut world, WU, Some(household), HouseholdCommand::Skip { due: day(2), why: "away".into() });
    again.unwrap();
    assert_eq!(world.at(WU).overdue_visits().unwrap().len(), 2);
    submit(&mut world, WU, Some(household), HouseholdCommand::Close { why: None }).unwrap();
    assert_eq!(world.at(WU).overdue_visits().unwrap(), []);
    assert_eq!(world.at(WU).households(&HouseholdFilter::default()).unwrap().items.len(), 0);
    let all = HouseholdFilter { closed: true, ..HouseholdFilter::default() };
    assert_eq!(world.at(WU).households(&all).unwrap().items.len(), 1);
}

#[test]
fn what_is_held_about_a_room_includes_its_household_and_is_erased_r5_t10() {
    let (mut world, household) = scene(9);
    let order = post(&mut world, LAN, household, &[]);
    world.settle();
    let third = world.join(LAN, Role::Coordinator);
    world.settle();
    assert!(world.at(third).about("3", Some("2"), "1804").unwrap().care_hidden, "a coordinator without the grant");
    assert!(matches!(world.at(WU).about("3", None, "1804"), Err(EraseError::NotEntitled { .. })));
    let bundle = {
        let mut bundle = Vec::new();
        world.at(WU).export_bundle(What::All, &mut bundle, |_| {}).unwrap();
        bundle
    };

    let about = world.at(LAN).about("3号楼", Some("2单元"), "1804室").unwrap();
    assert_eq!(about.households.len(), 1);
    assert_eq!(about.orders.iter().map(|about| about.order).collect::<Vec<_>>(), [order], "though it carries no room");
    assert!(world.at(LAN).export_about("3", None, "1804").unwrap().contains(PHONE));
    let id = world.command();
    let erased = world.at(LAN).erase_about(id, "3", None, "1804").unwrap().erased;
    assert!(erased.contains(&household) && erased.contains(&order));
    world.settle();

    for phone in [LAN, WU] {
        assert!(matches!(world.at(phone).household(household), Err(QueryError::Unknown { .. })));
        assert_eq!(world.at(phone).search(NAME, None, 10).unwrap().items, []);
    }
    world.pass(73 * 60);
    for phone in 0..world.len() {
        world.at(phone).tend().unwrap();
    }
    world.at(WU).import_bundle(&bundle[..], |_| {}).unwrap();
    for phone in 0..world.len() {
        assert_eq!(finds(world.home(phone)), [""; 0], "phone {phone}");
        assert_eq!(care_bodies(&world, phone).0, 0, "phone {phone}");
    }
}

#[test]
fn a_phone_restored_from_the_kit_reads_the_register() {
    let mut world = World::seeded(10);
    let founder = world.phone();
    let (_, kit) = world.at(founder).found_with_kit(None).unwrap();
    world.join(founder, Role::Volunteer);
    world.settle();
    let household = submit(&mut world, LAN, None, household()).unwrap().aggregate;
    world.settle();
    world.close(founder);

    let words: KitWords = kit.words(KitLanguage::English).join(" ").parse().unwrap();
    let new = world.phone();
    let recovery = world.at(new).recover_with_kit(&words, &world.at(WU).welcome().unwrap()).unwrap();
    let meeting = linli_tests::meet(recovery.kit(), world.at(WU), &mut world.dice.clone(), Break::Never);
    assert_eq!(meeting.ended, Ended::InStep);
    recovery.finish(None, None).unwrap();
    drop(recovery);
    world.meet(WU, new, Break::Never);

    assert!(world.at(new).reads_care());
    assert_eq!(world.at(new).household(household).unwrap().view.attention[0].name, NAME);
    assert_closed(&world, WU, household);
}

/// The first of April, the day of every world.
fn day(nth: u32) -> Day {
    Day::new(2022, 4, Some(nth)).unwrap()
}

fn household() -> HouseholdCommand {
    HouseholdCommand::Register(Box::new(NewHousehold {
        building: "3".into(),
        unit: Some("2".into()),
        room: Some("1804".into()),
        people: vec![NewPerson { name: NAME.into(), why: Some(WHY.into()) }],
        contacts: vec![NewContact { name: "女儿".into(), phone: Some(PHONE.into()) }],
        checklist: vec![CHECK.into()],
        note: Some(NOTE.into()),
        consent: Some(NewConsent { purpose: "每日探访".into(), until: None }),
    }))
}

fn submit(
    world: &mut World,
    phone: usize,
    target: Option<Reference>,
    command: HouseholdCommand,
) -> Result<Receipt, SubmitError<HouseholdRefusal>> {
    let id = world.command();
    world.at(phone).submit::<Household>(id, target, command)
}

fn grant(world: &mut World, phone: usize) {
    let (id, device) = (world.command(), world.device(phone));
    world.at(LAN).grant(id, device, Grant::Care).unwrap();
}

fn post(world: &mut World, phone: usize, household: Reference, carried: &[Carried]) -> Reference {
    let id = world.command();
    world.at(phone).post_visit(id, household, day(1), carried, None).unwrap().0
}

/// A founder who looks after a household, daily from today on; volunteer 1 holds `care` too, volunteer 2 does not.
fn scene(seed: u64) -> (World, Reference) {
    let mut world = World::community(seed, 2);
    grant(&mut world, WU);
    world.settle();
    let household = submit(&mut world, LAN, None, household()).unwrap().aggregate;
    submit(&mut world, LAN, Some(household), HouseholdCommand::Plan { from: day(1), every: Some(1) }).unwrap();
    world.settle();
    (world, household)
}

fn finds(home: &Path) -> Vec<&'static str> {
    let disk = bytes_of(home);
    SECRETS.into_iter().filter(|text| disk.windows(text.len()).any(|window| window == text.as_bytes())).collect()
}

/// How many care bodies a phone stores, and how many of them any key that it holds opens.
fn care_bodies(world: &World, phone: usize) -> (usize, usize) {
    let secret = world.secrets(phone).get("device-keys").unwrap().unwrap();
    let keyring = Keyring::open(&DeviceKeys::from_slice(&secret).unwrap(), &world.at(phone).roster());
    let (tag, mut stored, mut opened) = (world.tag(phone, Topic::Care), 0, 0);
    let bodies = world.at(phone).look(|reader| {
        let mut bodies = Vec::new();
        for log in reader.logs()?.into_iter().filter(|log| log.topic == tag) {
            bodies.extend(reader.events_between(log.id(), 0, u64::MAX)?);
        }
        Ok(bodies)
    });
    for event in bodies.unwrap() {
        let Content::Here(bytes) = &event.content else { continue };
        stored += 1;
        let keys = keyring.held().iter().filter_map(|epoch| keyring.key(*epoch));
        opened += usize::from(keys.into_iter().any(|key| open(&event.header(), bytes, Some(key)).is_ok()));
    }
    (stored, opened)
}

#[track_caller]
fn assert_closed(world: &World, phone: usize, household: Reference) {
    let replica = world.at(phone);
    let hidden = |error: QueryError| assert!(matches!(error, QueryError::CareHidden { .. }), "{error:?}");
    hidden(replica.households(&HouseholdFilter::default()).unwrap_err());
    hidden(replica.household(household).unwrap_err());
    hidden(replica.due_visits(None).unwrap_err());
    hidden(replica.overdue_visits().unwrap_err());
    hidden(replica.proposed_visits().unwrap_err());
    hidden(replica.select(&Select::from(HOUSEHOLD.name)).unwrap_err());
    hidden(replica.count(&Select::from("household_visit")).unwrap_err());
    hidden(replica.view::<Household, _>(household, |subject| subject.birth.clone()).unwrap_err());
    assert!(replica.history(household).is_err() && replica.permissions(household).is_err());
    assert_eq!(replica.export(household).unwrap(), None);
    for text in SECRETS {
        assert!(replica.search(text, None, 10).unwrap().items.iter().all(|hit| hit.kind != "household"), "{text}");
    }
    let queue = replica.review_queue(&ReviewFilter::default()).unwrap().items;
    assert!(queue.iter().all(|item| item.kind != "household"), "{queue:?}");
    assert_eq!(replica.count(&Select::from(REVIEW.name).is("type", "household")).unwrap(), 0);
    let lines = replica.log(None, 500).unwrap().items;
    assert!(lines.iter().filter(|line| line.topic == Some(Topic::Care)).all(|line| line.code.is_none()));
}
