//! Erasure (R5, T10): absent from every screen at once, gone from every disk after three days, brought back by nobody;
//! and a thief who erases everything has destroyed nothing.

use linli_core::{
    aggregate::{
        Held,
        alert::{Alert, AlertCommand},
        order::{NewOrder, Order},
    },
    event::{Body, Content, Entry, LogHeader, Topic, Writer},
    id::{CommandId, Incarnation, Reference, ShortId},
    key::{DeviceKeys, SecretStore},
    limits,
    replica::{EraseError, OrderFilter, QueryError, What},
    roster::{Cut, CutHead, Erased, ErasedAggregate, ErasedSpan, Role, RosterEvent},
    store::Pos,
    sync::Outgoing,
};
use linli_tests::{
    Break, Ended, Forger, MORNING, World,
    disk::bytes_of,
    hand_over,
    made::revoked,
    people::{LAN, MEI, WU},
};

use crate::say::{self, Command};

const NAME: &str = "欧阳阿姨";
const PHONE: &str = "13900001234";
const ADDRESS: &str = "2306室";
const NOTE: &str = "每天两片，放门口";

#[test]
fn what_is_erased_is_absent_from_every_screen_at_once_r5_t10() {
    let (mut world, order) = scene(1);
    let mut news = world.at(MEI).subscribe();

    let events = erase(&mut world, LAN, &[order]).unwrap();

    assert_eq!(events.len(), 1);
    assert_absent(&world, LAN, order);
    world.settle();
    for phone in 0..3 {
        assert_absent(&world, phone, order);
        assert_eq!(held(&world, phone, order), Some(Held::Erased));
    }
    let told: Vec<_> = std::iter::from_fn(|| news.take()).collect();
    assert!(told.iter().any(|update| matches!(
        update,
        linli_core::replica::Update::Changed { kind: "order", aggregate, .. } if *aggregate == order
    )));
    assert_eq!(world.at(WU).erased_totals().get("order.medicine.open"), Some(&1), "{:?}", world.at(WU).erased_totals());
    world.assert_equal();
    let before = world.at(MEI).state_hash().unwrap();
    world.at(MEI).rebuild().unwrap();
    assert_eq!(world.at(MEI).state_hash().unwrap(), before);
}

#[test]
fn three_days_of_running_time_later_no_byte_is_left_t10() {
    let (mut world, order) = scene(2);
    let bodies = bodies(&world, LAN, order);
    assert_eq!(bodies.len(), 4);
    erase(&mut world, LAN, &[order]).unwrap();
    world.settle();
    assert!(!traces(&world, WU, &bodies).is_empty(), "the search finds what is there");

    // Time for which a phone is switched off does not count.
    world.close(MEI);
    world.pass(say::THREE_DAYS);
    world.open(MEI);
    let forgotten: Vec<u64> = (0..3).map(|phone| world.at(phone).tend().unwrap().forgotten).collect();

    assert_eq!(forgotten, [4, 4, 0]);
    assert_eq!(traces(&world, LAN, &bodies), [""; 0]);
    assert_eq!(traces(&world, WU, &bodies), [""; 0]);
    assert_eq!(traces(&world, MEI, &bodies).iter().filter(|found| found.starts_with("a body")).count(), 4);
    three_days(&mut world);
    assert_eq!(traces(&world, MEI, &bodies), [""; 0]);
    world.assert_equal();
    world.settle();
}

#[test]
fn a_stale_phone_and_an_old_bundle_bring_nothing_back_r5() {
    let (mut world, order) = scene(3);
    let bodies = bodies(&world, LAN, order);
    let mut bundle = Vec::new();
    world.at(MEI).export_bundle(What::All, &mut bundle, |_| {}).unwrap();
    // Phone 2 is away, and goes on to work on what it has.
    erase(&mut world, LAN, &[order]).unwrap();
    world.meet(LAN, WU, Break::Never);
    world.pass(say::THREE_DAYS);
    for phone in 0..2 {
        assert_eq!(world.at(phone).tend().unwrap().forgotten, 4);
    }
    comment(&mut world, MEI, order);
    let late = self::bodies(&world, MEI, order).pop().unwrap();
    let newcomer = world.join(LAN, Role::Volunteer);
    world.at(WU).import_bundle(&bundle[..], |_| {}).unwrap();
    world.at(newcomer).import_bundle(&bundle[..], |_| {}).unwrap();
    assert_eq!(world.meet(newcomer, MEI, Break::Never).ended, Ended::InStep);
    world.settle();

    for phone in 0..4 {
        assert_absent(&world, phone, order);
    }
    world.assert_equal();
    assert_eq!(traces(&world, WU, &bodies), [""; 0], "what was forgotten is not written down again");
    // What came late is named by a coordinator, and goes like the rest.
    assert_eq!(world.at(LAN).tend().unwrap().stragglers, 1);
    world.settle();
    three_days(&mut world);
    let all = [bodies, vec![late]].concat();
    for phone in 0..4 {
        assert_eq!(traces(&world, phone, &all), [""; 0], "phone {phone}");
    }
    assert_eq!(world.at(LAN).tend().unwrap().stragglers, 0);
    world.settle();
    world.assert_equal();
}

#[test]
fn a_relay_that_reads_nothing_forgets_like_the_others() {
    let (mut world, order) = scene(10);
    let relay = world.join(LAN, Role::Relay);
    let mut bundle = Vec::new();
    world.at(MEI).export_bundle(What::All, &mut bundle, |_| {}).unwrap();
    world.settle();
    let bodies = bodies(&world, LAN, order);
    assert_eq!(held(&world, relay, order), Some(Held::Sealed));
    assert!(!traces(&world, relay, &bodies).is_empty());

    erase(&mut world, LAN, &[order]).unwrap();
    world.settle();
    assert_eq!(held(&world, relay, order), Some(Held::Erased));
    three_days(&mut world);
    world.at(relay).import_bundle(&bundle[..], |_| {}).unwrap();

    assert_eq!(traces(&world, relay, &bodies), [""; 0]);
    let newcomer = world.join(LAN, Role::Volunteer);
    world.meet(LAN, relay, Break::Never);
    assert_eq!(world.meet(relay, newcomer, Break::Never).ended, Ended::InStep);
    assert_absent(&world, newcomer, order);
    assert_eq!(traces(&world, newcomer, &bodies), [""; 0]);
    assert_eq!(world.at(newcomer).board(&OrderFilter::default()).unwrap().items.len(), 1);
}

#[test]
fn a_newcomer_takes_in_logs_whose_bodies_are_gone() {
    let (mut world, order) = scene(4);
    erase(&mut world, LAN, &[order]).unwrap();
    world.settle();
    three_days(&mut world);

    let newcomer = world.join(LAN, Role::Volunteer);
    world.settle();

    assert_absent(&world, newcomer, order);
    assert_eq!(world.at(newcomer).board(&OrderFilter::default()).unwrap().items.len(), 1);
    world.assert_equal();
    // From a file too, and when the caches are made anew.
    let mut bundle = Vec::new();
    world.at(newcomer).export_bundle(What::All, &mut bundle, |_| {}).unwrap();
    let other = world.join(LAN, Role::Volunteer);
    world.meet(LAN, newcomer, Break::Never);
    world.at(other).import_bundle(&bundle[..], |_| {}).unwrap();
    world.settle();
    world.at(other).rebuild().unwrap();
    world.assert_equal();
}

#[test]
fn a_body_may_be_gone_only_where_an_erasure_names_it() {
    let (mut world, order) = scene(5);
    let newcomer = world.join(LAN, Role::Volunteer);
    let mut bundle = Vec::new();
    world.at(WU).export_bundle(What::All, &mut bundle, |_| {}).unwrap();
    // Somebody hands on a log with a hole in it that nobody erased.
    let (tag, community) = (world.tag(WU, Topic::Common), world.at(WU).community().unwrap());
    let mut runs = world
        .at(WU)
        .look(|reader| reader.missing(tag, &[])?.iter().map(|span| reader.load(span)).collect::<Result<Vec<_>, _>>())
        .unwrap();
    let holed = runs.iter_mut().find(|run| run.log == order.log).unwrap();
    let (log, events) = (holed.log, holed.links.len() as u64);
    holed.links[0].content = Content::Erased(holed.links[0].content.hash());
    let (mut file, mut writer) = (Vec::new(), None);
    let writer = writer.get_or_insert_with(|| linli_core::sync::BundleWriter::new(community, &mut file));
    let roster = world.tag(WU, Topic::Roster);
    let members = world.at(WU).look(|reader| {
        reader.missing(roster, &[])?.iter().map(|span| reader.load(span)).collect::<Result<Vec<_>, _>>()
    });
    for run in members.unwrap() {
        writer.run(roster, &run, &mut file);
    }
    for run in runs {
        writer.run(tag, &run, &mut file);
    }
    let end = linli_core::sync::BundleWriter::finish;
    let mut tail = Vec::new();
    end(std::mem::replace(writer, linli_core::sync::BundleWriter::new(community, &mut Vec::new())), &mut tail);
    file.extend(tail);

    let taken = world.at(newcomer).import_bundle(&file[..], |_| {}).unwrap();

    assert_eq!(taken.refused.unnamed, events, "{taken:?}");
    assert_eq!(world.at(newcomer).look(|reader| reader.heads(log)).unwrap(), []);
    // Another has it.
    world.at(newcomer).import_bundle(&bundle[..], |_| {}).unwrap();
    world.settle();
    world.assert_equal();
}

/// Cuts a device off at these heads, as the founder's replica would write it, and hands the cut to the founder.
fn cut(world: &mut World, device: usize, cuts: Vec<Cut>) {
    let founder = world.secrets(LAN).get("device-keys").unwrap().unwrap();
    let keys = DeviceKeys::from_slice(&founder).unwrap();
    let event = revoked(world.device(device), cuts);
    let body = Body {
        aggregate: None,
        deps: Vec::new(),
        wall: MORNING,
        kind: event.kind(),
        version: RosterEvent::VERSION,
        payload: event.encode(),
        edits: Vec::new(),
        salt: None,
    };
    let header = LogHeader {
        community: world.at(LAN).community().unwrap(),
        topic: world.tag(LAN, Topic::Roster),
        device: world.device(LAN),
        incarnation: Incarnation::from_bytes([9; 8]),
    };
    let mut writer = Writer::new(&keys, header, None);
    writer.append(&body, None).unwrap();
    let run = writer.finish().unwrap();
    let last = run.events()[0].id.short();
    let runs: Vec<Outgoing> = run.to_runs().into_iter().map(|run| Outgoing { run, last }).collect();
    hand_over(world, LAN, world.device(WU), header.topic, &runs).unwrap();
}

/// The ends of a device's logs as a phone holds them.
fn heads_of(world: &World, phone: usize, device: usize) -> Vec<Cut> {
    let device = world.device(device);
    let logs = world.at(phone).look(|reader| {
        let logs = reader.logs()?.into_iter().filter(|log| log.device == device);
        logs.map(|log| Ok((log.id(), reader.heads(log.id())?))).collect::<Result<Vec<_>, _>>()
    });
    let head = |head: linli_core::event::Head| CutHead { seq: head.seq, id: head.id };
    logs.unwrap().into_iter().map(|(log, heads)| Cut { log, heads: heads.into_iter().map(head).collect() }).collect()
}

#[test]
fn a_stolen_coordinators_phone_that_erases_everything_has_destroyed_nothing_t3_t10() {
    let mut world = World::community(6, 2);
    let thief = world.join(LAN, Role::Coordinator);
    let order = post(&mut world, WU);
    world.settle();
    for phone in 0..3 {
        comment(&mut world, phone, order);
    }
    let other = say::post(&mut world, MEI);
    world.settle();
    let before = world.at(WU).order(order).unwrap().view;
    let trusted = heads_of(&world, LAN, thief);
    let events = [order, other];

    erase(&mut world, thief, &events).unwrap();
    // The thief waits for three days before anybody hears of it, and then meets a phone that has nothing yet.
    world.pass(say::THREE_DAYS);
    assert!(world.at(thief).tend().unwrap().forgotten > 0);
    let newcomer = world.join(LAN, Role::Volunteer);
    world.meet(LAN, thief, Break::Never);
    assert_eq!(world.meet(thief, newcomer, Break::Never).ended, Ended::InStep);
    world.meet(LAN, WU, Break::Never);
    world.meet(LAN, MEI, Break::Never);
    for phone in [LAN, WU, MEI, newcomer] {
        assert_absent(&world, phone, order);
    }
    world.pass(71 * 60);
    for phone in [LAN, WU, MEI, newcomer] {
        assert_eq!(world.at(phone).tend().unwrap().forgotten, 0, "not for three days");
    }
    cut(&mut world, thief, trusted);

    let honest = [0, 1, 2, newcomer];
    for _ in 0..2 {
        for phone in [WU, MEI, newcomer] {
            assert_eq!(world.meet(LAN, phone, Break::Never).ended, Ended::InStep);
        }
    }

    for phone in honest {
        assert_eq!(world.at(phone).order(order).unwrap().view.comments, before.comments, "phone {phone}");
        assert_eq!(world.at(phone).order(order).unwrap().view.fields["note"], before.fields["note"]);
        assert!(world.at(phone).order(other).is_ok(), "phone {phone}");
        assert_eq!(world.at(phone).verify().unwrap().faults, [], "phone {phone}");
        assert_eq!(world.at(phone).state_hash().unwrap(), world.at(LAN).state_hash().unwrap(), "phone {phone}");
    }
    world.pass(say::THREE_DAYS);
    for phone in honest {
        assert_eq!(world.at(phone).tend().unwrap().forgotten, 0);
        assert!(world.at(phone).order(order).is_ok());
    }
}

#[test]
fn only_coordinators_erase_and_what_the_community_rests_on_stays() {
    let (mut world, order) = scene(7);

    let EraseError::NotEntitled { .. } = erase(&mut world, WU, &[order]).unwrap_err() else { panic!("a volunteer") };
    let nothing = Reference { seq: 99, ..order };
    assert_eq!(erase(&mut world, LAN, &[order, nothing]), Err(EraseError::Unknown(nothing)));
    let id = world.command();
    let first = world.at(LAN).erase(id, &[order]).unwrap();
    assert_eq!(world.at(LAN).erase(id, &[order]).unwrap(), first, "the same id writes nothing twice");
    let other = say::post(&mut world, LAN);
    assert_eq!(world.at(LAN).erase(id, &[other]), Err(EraseError::Reused));
    let medicine_box = world
        .at(LAN)
        .submit::<linli_core::aggregate::medicine_box::MedicineBox>(
            CommandId::from_bytes([9; 16]),
            None,
            linli_core::aggregate::medicine_box::Command::Open {
                building: Some("3".into()),
                place: "大厅".into(),
                note: String::new(),
            },
        )
        .unwrap()
        .aggregate;
    let EraseError::Kept { .. } = erase(&mut world, LAN, &[medicine_box]).unwrap_err() else { panic!("an open box") };
    world.settle();
    world.assert_equal();
}

#[test]
fn everything_about_a_room_is_shown_handed_out_and_erased() {
    let (mut world, order) = scene(8);
    let id = world.command();
    let raise = AlertCommand::Raise {
        what: "fall".into(),
        building: Some("3".into()),
        unit: None,
        room: Some("2306室".into()),
        contact: Some(PHONE.into()),
        text: None,
    };
    let alert = world.at(WU).submit::<Alert>(id, None, raise).unwrap().aggregate;
    world.settle();

    let about = world.at(LAN).about("3", None, "2306室").unwrap();
    let document = world.at(LAN).export_about("3", None, "２３０６室").unwrap();

    assert_eq!(about.orders.iter().map(|order| order.order).collect::<Vec<_>>(), [order]);
    assert_eq!(about.orders[0].view.comments.len(), 3);
    assert_eq!(about.alerts.len(), 1);
    assert!([NAME, PHONE, NOTE].iter().all(|text| document.contains(text)), "{document}");
    assert!(matches!(world.at(WU).about("3", None, "2306室"), Err(EraseError::NotEntitled { .. })));
    let id = world.command();
    let erased = world.at(LAN).erase_about(id, "3", None, "2306室").unwrap();
    assert_eq!(erased.erased.len(), 2);
    world.settle();
    assert_absent(&world, MEI, order);
    assert!(world.at(MEI).alert(alert).is_err());
    assert_eq!(world.at(LAN).about("3", None, "2306室").unwrap().orders, []);
    assert_eq!(world.at(MEI).board(&OrderFilter::default()).unwrap().items.len(), 1, "its neighbour's order stands");
    world.assert_equal();
}

#[test]
fn closed_orders_are_erased_by_themselves_after_two_weeks() {
    let mut world = World::community(9, 1);
    let [open, closed, owed] = [0, 1, 2].map(|_| post(&mut world, WU));
    let bought =
        Command::Purchase { cost_cents: Some(900), got: Vec::new(), already_happened: true, happened_at: None };
    say::submit(&mut world, WU, Some(owed), bought).unwrap();
    for order in [closed, owed] {
        say::submit(&mut world, WU, Some(order), Command::Cancel { why: None }).unwrap();
    }
    comment(&mut world, WU, open);
    world.settle();
    assert_eq!(world.at(LAN).tend().unwrap().erased, []);
    world.pass(13 * 24 * 60);
    assert_eq!(world.at(LAN).tend().unwrap().erased, []);
    world.pass(2 * 24 * 60);

    let tended = world.at(LAN).tend().unwrap();

    assert_eq!(tended.erased, [closed], "neither what is open nor what is owed");
    assert!(world.at(LAN).order(open).is_ok() && world.at(LAN).order(owed).is_ok());
    assert_eq!(world.at(WU).tend().unwrap().erased, [], "a volunteer's phone erases nothing by itself");
    assert_eq!(world.at(LAN).tend().unwrap().erased, []);
    world.settle();
    assert_absent(&world, WU, closed);
    world.assert_equal();
    let _kept = world.at(LAN).submit::<Order>(CommandId::from_bytes([1; 16]), Some(open), Command::Claim).unwrap();
}

#[test]
fn a_clock_of_2099_erases_nothing_that_was_closed_lately_t7() {
    let mut world = World::community(10, 1);
    let orders = [0, 1].map(|_| post(&mut world, WU));
    for order in orders {
        say::submit(&mut world, WU, Some(order), Command::Cancel { why: None }).unwrap();
    }
    world.settle();
    let erased = |world: &World| world.at(LAN).tend().unwrap().erased.len();
    assert_eq!(erased(&world), 0);

    world.clock.set_wall(linli_core::time::WallMs(4_070_908_800_000));
    for _day in 0..13 {
        assert_eq!(erased(&world), 0, "held for days, whatever the clock says");
        world.pass(24 * 60);
        world.close(LAN);
        world.open(LAN);
    }
    // Something about one of them came late: that it was dated long ago does not make it old.
    comment(&mut world, WU, orders[1]);
    world.settle();
    assert_eq!(erased(&world), 0);
    world.pass(24 * 60);

    assert_eq!(world.at(LAN).tend().unwrap().erased, [orders[0]], "for fourteen days by either clock");
    world.settle();
    world.assert_equal();
}

/// R7.
#[test]
fn what_a_silenced_log_erases_comes_back_r5() {
    let mut world = World::community(61, 0);
    world.join(LAN, Role::Coordinator);
    world.settle();
    let order = post(&mut world, LAN);
    world.settle();
    let (thief, tag) = (world.device(WU), world.tag(LAN, Topic::Erasure));
    let mut forger = Forger::with_keys_of(&mut world, WU).in_topic(&world, WU, Topic::Erasure);
    let say = |forger: &mut Forger, creating: Reference| {
        let aggregates = vec![ErasedAggregate { creating, spans: Vec::new() }];
        forger.clear(Erased::KIND, Erased::VERSION, Erased { aggregates, totals: None }.encode());
        hand_over(&world, LAN, thief, tag, &forger.runs()).unwrap();
    };

    say(&mut forger, order);
    assert!(world.at(LAN).order(order).is_err(), "a coordinator erases");
    for nth in 0..=limits::BRANCHES as u8 {
        say(&mut forger.twin(), Reference { check: ShortId::from_bytes([nth; ShortId::LEN]), ..order });
    }

    assert!(world.at(LAN).order(order).is_ok(), "a log with so many branches says nothing any more");
    assert_eq!(world.at(LAN).verify().unwrap().faults, []);
    let before = world.at(LAN).state_hash().unwrap();
    world.at(LAN).rebuild().unwrap();
    assert_eq!(world.at(LAN).state_hash().unwrap(), before);
}

/// A coordinator whose phone is in hostile hands says that an order of its own is erased, and names beside it somebody's
/// log up to an end that nobody holds. All hear of it.
fn erase_up_to_nowhere(world: &mut World, thief: usize, own: Reference, theirs: Reference) {
    let mut forger = Forger::with_keys_of(world, thief).in_topic(world, thief, Topic::Erasure);
    let check = ShortId::from_bytes([7; ShortId::LEN]);
    let invented = ErasedSpan { log: theirs.log, first: 0, last: 1 << 40, check, gaps: None };
    let aggregates = vec![ErasedAggregate { creating: own, spans: vec![invented] }];
    forger.clear(Erased::KIND, Erased::VERSION, Erased { aggregates, totals: None }.encode());
    hand_over(world, LAN, world.device(thief), world.tag(LAN, Topic::Erasure), &forger.runs()).unwrap();
    world.settle();
}

/// The thief brings a phone the last event of the first volunteer, without its body.
fn bring_hollow(world: &World, thief: usize, event: Reference, to: usize) {
    let tag = world.tag(WU, Topic::Common);
    let before = Entry { log: event.log, seq: event.seq - 1, short: before_of(world, event) };
    let mut run = world.at(WU).look(|reader| {
        let lacking = reader.search([(event.log, [before].as_slice())])?;
        reader.load(lacking.peek().expect("it is written"))
    });
    for link in &mut run.as_mut().unwrap().links {
        link.content = Content::Erased(link.content.hash());
    }
    hand_over(world, to, world.device(thief), tag, &[Outgoing { run: run.unwrap(), last: event.check }]).unwrap();
}

/// What the first volunteer wrote right before an event.
fn before_of(world: &World, event: Reference) -> ShortId {
    let before = world.at(WU).look(|reader| reader.parents_at(event.log, event.seq - 1)).unwrap();
    before[0].id.short()
}

/// An erasure may name an end that is not here yet. What came without its body before such an end is asked for, and not taken
/// for erased, until that end is held: else whoever invents one could empty what others write.
#[test]
fn an_end_that_nobody_holds_takes_no_body_out_of_what_others_write_r5() {
    let mut world = World::community(62, 2);
    let thief = world.join(LAN, Role::Coordinator);
    world.settle();
    let (own, before) = (post(&mut world, thief), post(&mut world, WU));
    world.settle();
    erase_up_to_nowhere(&mut world, thief, own, before);
    let order = post(&mut world, WU);

    bring_hollow(&world, thief, order, MEI);

    assert_eq!(held(&world, MEI, order), Some(Held::Missing), "it is asked for");
    world.meet(WU, MEI, Break::Never);
    assert!(world.at(MEI).order(order).is_ok(), "and comes from whoever has it");
    world.settle();
    world.assert_equal();
}

#[test]
fn what_comes_late_is_named_once_whatever_came_before_it_t4() {
    let (mut world, order) = scene(11);
    let other = post(&mut world, LAN);
    world.settle();
    erase(&mut world, LAN, &[order]).unwrap();
    let mut forger = Forger::with_keys_of(&mut world, WU);
    let hand = |world: &World, forger: &mut Forger| {
        hand_over(world, LAN, forger.device(), world.tag(LAN, Topic::Common), &forger.runs()).unwrap();
    };
    for _ in 0..60 {
        forger.write(&say::comment(order));
        forger.write(&say::comment(other));
    }
    hand(&world, &mut forger);
    assert_eq!(world.at(LAN).tend().unwrap().stragglers, 60);

    let mut bytes = Vec::new();
    for _ in 0..3 {
        forger.write(&say::comment(order));
        hand(&world, &mut forger);
        assert_eq!(world.at(LAN).tend().unwrap().stragglers, 1);
        let tag = world.tag(LAN, Topic::Erasure);
        let written = world.at(LAN).look(|reader| reader.events_of_topic(tag, Pos::default(), 512)).unwrap();
        let Some(Content::Here(last)) = written.last().map(|last| &last.content) else { panic!("it was just written") };
        bytes.push(last.len());
    }

    assert!(bytes.iter().all(|bytes| *bytes < 200), "{bytes:?}");
    assert_eq!(world.at(LAN).tend().unwrap().stragglers, 0);
    world.settle();
    world.assert_equal();
}

/// What stands behind a body that nobody has any more is brought as all else, by whoever has it to whoever has not.
#[test]
fn two_who_lack_the_same_body_bring_each_other_what_was_written_behind_it_r5() {
    for (seed, (ahead, behind)) in [(2, 3), (3, 2)].into_iter().enumerate() {
        let mut world = World::community(630 + seed as u64, 3);
        let thief = world.join(LAN, Role::Coordinator);
        world.settle();
        let (own, before) = (post(&mut world, thief), post(&mut world, WU));
        world.settle();
        erase_up_to_nowhere(&mut world, thief, own, before);
        let order = post(&mut world, WU);
        for phone in [ahead, behind] {
            bring_hollow(&world, thief, order, phone);
        }
        let later = post(&mut world, WU);
        let tag = world.tag(WU, Topic::Common);
        let written = world.at(WU).look(|reader| {
            let before = [Entry { log: order.log, seq: order.seq, short: order.check }];
            let lacking = reader.search([(order.log, before.as_slice())])?;
            reader.load(lacking.peek().expect("it is written"))
        });
        let outgoing = Outgoing { run: written.unwrap(), last: later.check };
        hand_over(&world, ahead, world.device(WU), tag, &[outgoing]).unwrap();
        assert_eq!(held(&world, behind, order), Some(Held::Missing));

        world.meet(behind, ahead, Break::Never);

        assert!(world.at(behind).order(later).is_ok(), "phone {behind} has what phone {ahead} has");
        assert_eq!(held(&world, behind, order), Some(Held::Missing), "nobody has it here");
        let again = world.meet(ahead, behind, Break::Never);
        assert!(again.turns <= 2 && again.bytes < 600, "and nothing more is said of it: {again:?}");
        world.meet(WU, behind, Break::Never);
        assert!(world.at(behind).order(order).is_ok(), "until somebody comes who has it");
        world.meet(behind, ahead, Break::Never);
        assert!(world.at(ahead).order(order).is_ok(), "and who got it brings it on");
        world.settle();
        world.assert_equal();
    }
}

/// An order that says who, where and how to call.
fn personal() -> NewOrder {
    NewOrder {
        room: Some(ADDRESS.into()),
        contact: Some(format!("{NAME} {PHONE}")),
        note: Some(NOTE.into()),
        ..say::order()
    }
}

fn post(world: &mut World, phone: usize) -> Reference {
    say::submit(world, phone, None, Command::Post(Box::new(personal()))).unwrap().aggregate
}

fn comment(world: &mut World, phone: usize, order: Reference) {
    say::submit(world, phone, Some(order), Command::Comment { text: format!("{NAME}家没人") }).unwrap();
}

fn erase(world: &mut World, phone: usize, aggregates: &[Reference]) -> Result<Vec<Reference>, EraseError> {
    let id = world.command();
    world.at(phone).erase(id, aggregates)
}

/// Three phones that know an order about a person, commented by each.
fn scene(seed: u64) -> (World, Reference) {
    let mut world = World::community(seed, 2);
    let order = post(&mut world, WU);
    world.settle();
    for phone in 0..3 {
        comment(&mut world, phone, order);
    }
    say::post(&mut world, MEI);
    world.settle();
    (world, order)
}

/// What of the person is in a phone's files: in the clear, as the search has it, and the sealed bodies themselves.
fn traces(world: &World, phone: usize, bodies: &[Vec<u8>]) -> Vec<String> {
    let disk = bytes_of(world.home(phone));
    let holds = |what: &[u8]| disk.windows(what.len()).any(|window| window == what);
    let mut found: Vec<String> =
        [NAME, PHONE, ADDRESS, NOTE, "2306", "欧阳", "阳阿"].into_iter().map(str::to_owned).collect();
    found.retain(|text| holds(text.as_bytes()));
    found.extend(bodies.iter().filter(|body| holds(&body[..24])).map(|body| format!("a body of {}", body.len())));
    found
}

/// The sealed bodies of an aggregate as a phone holds them.
fn bodies(world: &World, phone: usize, aggregate: Reference) -> Vec<Vec<u8>> {
    let events = world.at(phone).look(|reader| match reader.aggregate(aggregate)? {
        Some((id, _)) => reader.events_of(id),
        None => Ok(Vec::new()),
    });
    let body = |content: Content| if let Content::Here(body) = content { Some(body.to_vec()) } else { None };
    events.unwrap().into_iter().filter_map(|event| body(event.content)).collect()
}

#[track_caller]
fn assert_absent(world: &World, phone: usize, order: Reference) {
    let replica = world.at(phone);
    let board = replica.board(&OrderFilter::default()).unwrap();
    assert!(board.items.iter().all(|line| line.order != order), "phone {phone}");
    for text in [NAME, PHONE, "2306室", "放门口"] {
        let found = replica.search(text, None, 10).unwrap().items;
        assert!(found.iter().all(|hit| hit.aggregate != order), "phone {phone}: {text}");
    }
    assert!(matches!(replica.order(order), Err(QueryError::Unknown { .. })), "phone {phone}");
    assert!(matches!(replica.history(order), Err(QueryError::Unknown { .. })), "phone {phone}");
    assert_eq!(replica.export(order).unwrap(), None, "phone {phone}");
}

fn held(world: &World, phone: usize, event: Reference) -> Option<Held> {
    say::verdict(world, phone, event).flatten()
}

/// Three days of running time pass, and every phone does its upkeep.
fn three_days(world: &mut World) {
    world.pass(say::THREE_DAYS);
    for phone in 0..world.len() {
        world.at(phone).tend().unwrap();
    }
}
