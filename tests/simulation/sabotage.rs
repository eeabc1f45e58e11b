//! Sabotage: each of the rules is left out once, and something must notice.
//!
//! Of each there is a scenario that holds with the rule and fails without it. They run one after the other in the build
//! that all tests share; which rule is left out is chosen at run time, on the thread that plays the scenario.

use std::panic::{AssertUnwindSafe, catch_unwind};

use linli_core::{
    aggregate::{
        Held, encode,
        medicine_box::{self, Goods, MedicineBox, When},
        order::{Assigned, Change, Command, NewItem, NewOrder, Order, kind},
        product::{self, Class, Product},
    },
    event::{Body, Compartment, Content, Entry, Topic},
    id::{EpochId, EventId, LogId, Reference, ShortId},
    key::{DeviceKeys, DeviceRecord, EpochKey, wrap},
    limits,
    net::Conversation,
    qty::Qty,
    replica::{Duty, LinkError},
    roster::{
        Admitted, Cut, CutHead, Erased, ErasedAggregate, KeyRotated, Keyring, KeysSealed, Revocation, Revoked, Role,
        RosterCommand, RosterEvent, Who,
    },
    sabotage::Rule,
    sync::{BundleWriter, Config, Outgoing, Session, frame::Frame, frame_to_bytes},
    time::{ManualClock, Mono, WallMs},
};
use linli_tests::{
    Break, Ended, Forger, World, hand_over,
    made::comment,
    people::{LAN, MEI, WU, ZHAO},
};

use super::lie::{keyring_of, keys_of};

pub(crate) use linli_tests::{made::act as body, verdict};

/// Each rule, and what fails without it.
pub(crate) const SABOTAGES: [(Rule, Scenario); 30] = [
    (Rule::Signature, what_is_not_signed_is_not_taken),
    (Rule::EpochName, a_key_under_another_name_is_no_key),
    (Rule::RecordProof, a_record_that_its_device_did_not_sign_admits_nobody),
    (Rule::SealingKey, a_key_that_cannot_be_sealed_to_is_not_taken),
    (Rule::Cut, what_is_beyond_a_cut_does_not_count),
    (Rule::Rank, nobody_withdraws_the_founder),
    (Rule::KitRank, the_kit_withdraws_the_founder),
    (Rule::RosterTable, a_volunteer_admits_nobody),
    (Rule::Need, a_volunteer_assigns_nobody),
    (Rule::ErasureNeed, a_volunteer_has_nothing_forgotten),
    (Rule::CareGrant, nobody_is_given_the_key_to_care_without_the_grant),
    (Rule::Silence, a_log_with_too_many_branches_is_silent),
    (Rule::BeyondCut, little_is_kept_beyond_a_cut),
    (Rule::NamedHead, whatever_leads_to_a_named_head_is_kept),
    (Rule::Doubt, nothing_counts_by_an_invented_head_to_which_too_much_may_lead),
    (Rule::Free, what_waited_counts_when_what_it_waited_for_comes),
    (Rule::JudgeAnew, what_counted_before_a_cut_came_is_judged_again),
    (Rule::OneOrder, an_erasure_whose_author_is_cut_before_it_leaves_no_trace),
    (Rule::WritingKey, nothing_is_written_under_a_key_of_the_withdrawn),
    (Rule::ProvedPeer, a_peer_is_the_device_whose_key_was_proved),
    (Rule::NamedBody, a_body_that_no_erasure_names_is_not_missing),
    (Rule::AskOnce, what_fits_nowhere_is_asked_for_once),
    (Rule::Named, what_a_peer_names_has_a_bound),
    (Rule::Resync, what_is_whole_behind_a_hole_counts),
    (Rule::Age, a_claim_of_a_clock_in_2099_lapses),
    (Rule::Choice, whoever_puts_what_is_shown_chooses_it),
    (Rule::FirstReceipt, a_count_of_two_receipts_counts_one_parcel),
    (Rule::Admitted, a_strangers_log_is_not_taken_in),
    (Rule::WholeName, another_event_at_a_place_is_not_the_one_that_is_named),
    (Rule::OneMeant, a_name_that_two_have_means_neither),
];

#[test]
fn whichever_rule_is_left_out_something_notices() {
    let (mut unnoticed, mut failed) = (Vec::new(), Vec::new());
    for (rule, scenario) in SABOTAGES {
        if catch_unwind(scenario).is_err() {
            failed.push(rule);
        }
        if catch_unwind(AssertUnwindSafe(|| rule.left_out(scenario))).is_ok() {
            unnoticed.push(rule);
        }
    }
    assert_eq!(failed, [], "these hold with the rule");
    assert_eq!(unnoticed, [], "nothing notices that these are left out");
}

/// Lan, the coordinator Wu, and the volunteers Mei and Zhao, with an order that all know, and whoever has the keys of Mei.
pub(crate) fn scene() -> (World, Reference, Forger) {
    let mut world = World::of_roles(7, &[Role::Coordinator, Role::Volunteer, Role::Volunteer]);
    let order = post(&mut world, LAN);
    world.settle();
    let forger = Forger::with_keys_of(&mut world, MEI);
    (world, order, forger)
}

fn post(world: &mut World, phone: usize) -> Reference {
    let items = vec![NewItem { name: "insulin".into(), qty: Some(2.into()), ..NewItem::default() }];
    let new = NewOrder { building: "3".into(), kind: "medicine".into(), items, ..NewOrder::default() };
    submit(world, phone, None, Command::Post(Box::new(new)))
}

fn submit(world: &mut World, phone: usize, order: Option<Reference>, command: Command) -> Reference {
    let id = world.command();
    world.at(phone).submit::<Order>(id, order, command).unwrap().events[0]
}

pub(crate) fn hand(world: &World, to: usize, topic: Topic, runs: &[Outgoing]) -> Result<(), LinkError> {
    // A third brings it: whose it is does not matter.
    hand_over(world, to, world.device(if to == ZHAO { LAN } else { ZHAO }), world.tag(to, topic), runs)
}

/// Whoever has the keys of a phone, in the roster.
fn in_roster(world: &mut World, phone: usize) -> Forger {
    Forger::with_keys_of(world, phone).in_topic(world, phone, Topic::Roster)
}

fn withdraw(world: &mut World, by: usize, who: usize, heads: Option<Vec<Cut>>) {
    let (id, device) = (world.command(), world.device(who));
    world.at(by).revoke(id, Revocation { heads, ..Revocation::of(Who::Device(device)) }).unwrap();
}

fn what_is_not_signed_is_not_taken() {
    let (world, order, mut forger) = scene();
    let mut other = forger.twin();
    let event = forger.write(&comment(order));
    other.write(&Body { wall: WallMs(1), ..comment(order) });
    let (mut runs, others) = (forger.runs(), other.runs());
    runs[0].run.signature = others[0].run.signature;
    let _ended = hand(&world, LAN, Topic::Common, &runs);
    assert_eq!(verdict(&world, LAN, event), None);
}

/// A coordinator gives out a key under a name that is not its own.
fn a_key_under_another_name_is_no_key() {
    let (mut world, ..) = scene();
    let (community, epoch) = (world.at(LAN).community().unwrap(), EpochId::from_bytes([9; 16]));
    let key = EpochKey::generate(&mut world.dice, community, Compartment::Community);
    let own = world.at(LAN).record();
    let purpose = [community.as_bytes().as_slice(), &[Compartment::Community.code()], epoch.as_bytes()].concat();
    let wraps = vec![wrap(&mut world.dice, own.device, &own.sealing, &purpose, key.as_secret()).unwrap()];
    let (compartment, parents) = (Compartment::Community, Vec::new());
    let mut forger = in_roster(&mut world, WU);
    forger.roster(&RosterEvent::KeysSealed(KeysSealed { compartment, generation: 1, epoch, parents, wraps }));
    hand(&world, LAN, Topic::Roster, &forger.runs()).unwrap();
    assert!(!keyring_of(&world, LAN, LAN).held().contains(&epoch));
}

fn admission(record: DeviceRecord) -> RosterEvent {
    let member = Some(linli_core::id::MemberId::first_device(record.device));
    RosterEvent::Admitted(Admitted { record, role: Role::Volunteer, member, label: None, addresses: Vec::new() })
}

fn a_record_that_its_device_did_not_sign_admits_nobody() {
    let (mut world, ..) = scene();
    let somebody = DeviceKeys::generate(&mut world.dice).record();
    let record = DeviceRecord { sealing: world.at(WU).record().sealing, ..somebody };
    let mut forger = in_roster(&mut world, WU);
    forger.roster(&admission(record));
    hand(&world, LAN, Topic::Roster, &forger.runs()).unwrap();
    assert!(world.at(LAN).roster().device(record.device).is_none());
}

fn a_key_that_cannot_be_sealed_to_is_not_taken() {
    let (mut world, ..) = scene();
    let record = keys_of(&world, MEI).record_of([0; 32]);
    let mut forger = in_roster(&mut world, MEI);
    forger.roster(&RosterEvent::KeyRotated(KeyRotated { record }));
    hand(&world, LAN, Topic::Roster, &forger.runs()).unwrap();
    assert_ne!(world.at(LAN).roster().device(record.device).unwrap().record.sealing, [0; 32]);
}

fn what_is_beyond_a_cut_does_not_count() {
    let (mut world, order, mut forger) = scene();
    withdraw(&mut world, LAN, MEI, None);
    let event = forger.write(&comment(order));
    hand(&world, LAN, Topic::Common, &forger.runs()).unwrap();
    assert_eq!(verdict(&world, LAN, event), Some(Some(Held::Cut)));
}

fn nobody_withdraws_the_founder() {
    let (mut world, ..) = scene();
    let device = world.device(LAN);
    let mut forger = in_roster(&mut world, WU);
    forger.roster(&RosterEvent::Revoked(Revoked { device, cuts: Vec::new(), replaces: Vec::new(), act: None }));
    hand(&world, MEI, Topic::Roster, &forger.runs()).unwrap();
    assert!(world.at(MEI).roster().may_connect(device));
}

fn the_kit_withdraws_the_founder() {
    let mut world = World::seeded(8);
    let founder = world.phone();
    let (_, words) = world.at(founder).found_with_kit(None).unwrap();
    world.join(founder, Role::Volunteer);
    world.settle();
    let kit = world.phone_of(&words.keys());
    world.at(kit).join(&world.at(WU).welcome().unwrap()).unwrap();
    world.meet(kit, WU, Break::Never);
    let device = world.device(founder);
    let mut forger = in_roster(&mut world, kit);
    forger.roster(&RosterEvent::Revoked(Revoked { device, cuts: Vec::new(), replaces: Vec::new(), act: None }));
    hand_over(&world, WU, world.device(kit), world.tag(WU, Topic::Roster), &forger.runs()).unwrap();
    assert!(!world.at(WU).roster().may_connect(device));
}

fn a_volunteer_admits_nobody() {
    let (mut world, ..) = scene();
    let record = DeviceKeys::generate(&mut world.dice).record();
    let mut forger = in_roster(&mut world, MEI);
    forger.roster(&admission(record));
    hand(&world, LAN, Topic::Roster, &forger.runs()).unwrap();
    assert!(world.at(LAN).roster().device(record.device).is_none());
}

fn a_volunteer_assigns_nobody() {
    let (world, order, mut forger) = scene();
    let event = forger.write(&body(order, kind::ASSIGNED, encode(&Assigned { member: world.member(ZHAO) })));
    hand(&world, LAN, Topic::Common, &forger.runs()).unwrap();
    assert_eq!(verdict(&world, LAN, event), Some(Some(Held::Unentitled)));
}

fn erasure(order: Reference) -> Vec<u8> {
    let erased = ErasedAggregate { creating: order, spans: Vec::new() };
    Erased { aggregates: vec![erased], totals: None }.encode()
}

/// Writes an erasure in the clear.
pub(crate) fn erase(world: &World, phone: usize, forger: Forger, order: Reference) -> Forger {
    let mut forger = forger.in_topic(world, phone, Topic::Erasure);
    let body = Body { aggregate: None, ..body(order, Erased::KIND, erasure(order)) };
    forger.raw(EpochId::ZERO, body.to_bytes(forger.place().0).unwrap());
    forger
}

fn a_volunteer_has_nothing_forgotten() {
    let (world, order, forger) = scene();
    let mut forger = erase(&world, MEI, forger, order);
    hand(&world, LAN, Topic::Erasure, &forger.runs()).unwrap();
    assert_eq!(verdict(&world, LAN, order), Some(None));
}

fn nobody_is_given_the_key_to_care_without_the_grant() {
    let (mut world, ..) = scene();
    let id = world.command();
    let _nobody_lacks_any = world.at(LAN).change_roster(id, RosterCommand::WrapLacking);
    world.settle();
    let roster = world.at(LAN).roster();
    let care = roster.epochs(Compartment::Care).map(|epoch| epoch.id).collect::<Vec<_>>();
    let ring = Keyring::open(&keys_of(&world, MEI), &roster);
    assert!(care.iter().all(|epoch| !ring.held().contains(epoch)));
}

fn a_log_with_too_many_branches_is_silent() {
    let (world, order, mut forger) = scene();
    let first = forger.write(&comment(order));
    hand(&world, LAN, Topic::Common, &forger.runs()).unwrap();
    for wall in 0..=limits::BRANCHES as i64 {
        let mut branch = forger.twin();
        branch.write(&Body { wall: WallMs(wall), ..comment(order) });
        hand(&world, LAN, Topic::Common, &branch.runs()).unwrap();
    }
    assert_eq!(verdict(&world, LAN, first), Some(Some(Held::Silenced)));
}

fn little_is_kept_beyond_a_cut() {
    let (mut world, order, mut forger) = scene();
    withdraw(&mut world, LAN, MEI, None);
    let written: Vec<Reference> = (0..limits::BEYOND_CUT + 40).map(|_| forger.write(&comment(order))).collect();
    hand(&world, LAN, Topic::Common, &forger.runs()).unwrap();
    assert_eq!(verdict(&world, LAN, written[written.len() - 1]), None);
}

/// A coordinator's cut ends the log at its beginning, the founder's at an event far behind.
fn whatever_leads_to_a_named_head_is_kept() {
    let (mut world, order, mut forger) = scene();
    let written = (0..limits::BEYOND_CUT + 40).map(|_| forger.write(&comment(order))).collect::<Vec<_>>();
    let runs = forger.runs();
    hand(&world, LAN, Topic::Common, &runs).unwrap();
    withdraw(&mut world, LAN, MEI, None);
    withdraw(&mut world, WU, MEI, Some(Vec::new()));
    assert_eq!(world.meet(LAN, WU, Break::Never).ended, Ended::InStep);
    assert_eq!(world.meet(LAN, WU, Break::Never).ended, Ended::InStep);
    assert!(verdict(&world, WU, written[written.len() - 1]).is_some());
}

/// A coordinator's cut names a head that is invented, far behind all that was ever written.
fn nothing_counts_by_an_invented_head_to_which_too_much_may_lead() {
    let (mut world, order, mut forger) = scene();
    let (device, (log, _)) = (world.device(MEI), forger.place());
    let heads = vec![CutHead { seq: 1 << 62, id: EventId::from_bytes([7; 32]) }];
    let cuts = vec![Cut { log, heads }];
    let mut liar = in_roster(&mut world, WU);
    liar.roster(&RosterEvent::Revoked(Revoked { device, cuts, replaces: Vec::new(), act: None }));
    hand(&world, LAN, Topic::Roster, &liar.runs()).unwrap();
    let first = forger.write(&comment(order));
    hand(&world, LAN, Topic::Common, &forger.runs()).unwrap();
    assert_eq!(verdict(&world, LAN, first), Some(None));
    for wall in 0..=limits::BRANCHES as i64 {
        let mut branch = forger.twin();
        branch.write(&Body { wall: WallMs(wall), ..comment(order) });
        hand(&world, LAN, Topic::Common, &branch.runs()).unwrap();
    }
    assert_eq!(verdict(&world, LAN, first), Some(Some(Held::Cut)));
}

fn what_waited_counts_when_what_it_waited_for_comes() {
    let (mut world, _, mut forger) = scene();
    let late = post(&mut world, ZHAO);
    let early = forger.write(&comment(late));
    hand(&world, LAN, Topic::Common, &forger.runs()).unwrap();
    assert_eq!(verdict(&world, LAN, early), Some(Some(Held::Parked)));
    assert_eq!(world.meet(LAN, ZHAO, Break::Never).ended, Ended::InStep);
    assert_eq!(verdict(&world, LAN, early), Some(None));
}

fn what_counted_before_a_cut_came_is_judged_again() {
    let (mut world, order, mut forger) = scene();
    let event = forger.write(&comment(order));
    hand(&world, LAN, Topic::Common, &forger.runs()).unwrap();
    assert_eq!(verdict(&world, LAN, event), Some(None));
    withdraw(&mut world, LAN, MEI, Some(Vec::new()));
    assert_eq!(verdict(&world, LAN, event), Some(Some(Held::Cut)));
}

fn an_erasure_whose_author_is_cut_before_it_leaves_no_trace() {
    let (mut world, order, _) = scene();
    let forger = Forger::with_keys_of(&mut world, WU);
    let mut forger = erase(&world, WU, forger, order);
    hand(&world, LAN, Topic::Erasure, &forger.runs()).unwrap();
    assert_eq!(verdict(&world, LAN, order), Some(Some(Held::Erased)));
    withdraw(&mut world, LAN, WU, Some(Vec::new()));
    assert_eq!(verdict(&world, LAN, order), Some(None));
    world.assert_one_truth(LAN);
}

fn nothing_is_written_under_a_key_of_the_withdrawn() {
    let (mut world, ..) = scene();
    withdraw(&mut world, LAN, MEI, None);
    // A coordinator who has not heard gives the withdrawn one a key of a generation beyond all others.
    let (community, compartment) = (world.at(LAN).community().unwrap(), Compartment::Community);
    let key = EpochKey::generate(&mut world.dice, community, compartment);
    let purpose = [community.as_bytes().as_slice(), &[compartment.code()], key.id().as_bytes()].concat();
    let records = [0, 2].map(|phone| world.at(phone).record());
    let wraps = records.map(|it| wrap(&mut world.dice, it.device, &it.sealing, &purpose, key.as_secret()).unwrap());
    let (wraps, parents, epoch) = (wraps.to_vec(), Vec::new(), key.id());
    let mut other = in_roster(&mut world, WU);
    other.roster(&RosterEvent::KeysSealed(KeysSealed { compartment, generation: 99, epoch, parents, wraps }));
    hand(&world, LAN, Topic::Roster, &other.runs()).unwrap();
    assert!(keyring_of(&world, LAN, LAN).held().contains(&epoch));
    let writes = world.at(LAN).roster().writing_epoch(compartment, &keyring_of(&world, LAN, LAN)).unwrap();
    assert!(!keyring_of(&world, MEI, LAN).held().contains(&writes));
}

fn a_peer_is_the_device_whose_key_was_proved() {
    let (world, ..) = scene();
    let config = Config {
        community: world.at(LAN).community().unwrap(),
        device: world.device(WU),
        topics: Topic::ALL.map(|topic| (world.tag(LAN, topic), Default::default())).to_vec(),
        nonce: [5; 8],
    };
    let mut session = Session::new(config, Mono(0));
    let mut link = world.at(LAN).link(world.device(MEI)).unwrap();
    let Some(linli_core::sync::Output::Send(hello)) = session.poll() else { panic!("a hello comes first") };
    let heard = link.receive(&frame_to_bytes(&hello));
    assert!(matches!(heard, Err(LinkError::Impostor { .. })), "{heard:?}");
}

fn a_body_that_no_erasure_names_is_not_missing() {
    let (world, order, mut forger) = scene();
    let event = forger.write(&comment(order));
    let mut runs = forger.runs();
    for link in &mut runs[0].run.links {
        link.content = Content::Erased(link.content.hash());
    }
    hand(&world, LAN, Topic::Common, &runs).unwrap();
    assert_eq!(verdict(&world, LAN, event), None);
}

fn what_fits_nowhere_is_asked_for_once() {
    let (world, order, mut forger) = scene();
    forger.write(&comment(order));
    let held = forger.runs();
    hand(&world, LAN, Topic::Common, &held).unwrap();
    forger.write(&comment(order));
    let mut astray = forger.runs();
    astray[0].run.signature = held[0].run.signature;
    hand(&world, LAN, Topic::Common, &[held, astray].concat()).unwrap();
}

fn what_a_peer_names_has_a_bound() {
    let (world, ..) = scene();
    let config = Config {
        community: world.at(LAN).community().unwrap(),
        device: world.device(WU),
        topics: Topic::ALL
            .map(|topic| {
                let tag = world.tag(LAN, topic);
                (tag, world.at(LAN).look(|reader| reader.entries(tag)).unwrap().into_iter().collect())
            })
            .to_vec(),
        nonce: [5; 8],
    };
    let mut session = Session::new(config, Mono(0));
    let mut link = world.at(LAN).link(world.device(WU)).unwrap();
    let Some(linli_core::sync::Output::Send(hello)) = session.poll() else { panic!("a hello comes first") };
    link.receive(&frame_to_bytes(&hello)).unwrap();
    for part in 0..limits::NAMED as u64 / 500 {
        let made_up = |nth: u64| {
            let mut log = [7; LogId::LEN];
            log[..8].copy_from_slice(&(part * 1_000 + nth).to_be_bytes());
            Entry { log: LogId::from_bytes(log), seq: 1, short: ShortId::from_bytes([1; 16]) }
        };
        let frame = Frame::Announce { topic: 3, entries: (0..1_000).map(made_up).collect() };
        link.receive(&frame_to_bytes(&frame.to_bytes())).unwrap();
    }
    assert!(link.held().named <= limits::NAMED, "{:?}", link.held());
}

fn what_is_whole_behind_a_hole_counts() {
    let (world, order, mut forger) = scene();
    let mut file = Vec::new();
    let mut writer = BundleWriter::new(world.at(LAN).community().unwrap(), &mut file);
    let (begins, mut last) = (file.len(), order);
    for _ in 0..2 {
        last = forger.write(&comment(order));
        for outgoing in forger.runs() {
            writer.run(world.tag(LAN, Topic::Common), &outgoing.run, &mut file);
        }
        forger = forger.anew();
    }
    writer.finish(&mut file);
    // Where the first record begins.
    file[begins] ^= 1;
    world.at(LAN).import_bundle(file.as_slice(), |_| {}).unwrap();
    assert_eq!(verdict(&world, LAN, last), Some(None));
}

fn a_claim_of_a_clock_in_2099_lapses() {
    let mut world = World::seeded(9);
    world.phone();
    let ahead = ManualClock::at(WallMs(4_070_908_800_000));
    world.phone_with_clock(std::sync::Arc::new(ahead));
    world.at(LAN).found(None).unwrap();
    let (record, id) = (world.at(WU).record(), world.command());
    world.at(LAN).admit(id, record, Role::Volunteer, None, None).unwrap();
    world.at(WU).join(&world.at(LAN).welcome().unwrap()).unwrap();
    world.settle();
    let order = post(&mut world, LAN);
    world.settle();
    submit(&mut world, WU, Some(order), Command::Claim);
    world.settle();
    world.pass(8 * 60);
    let lines = world.at(LAN).board(&linli_core::replica::OrderFilter::default()).unwrap().items;
    assert!(lines[0].lapsed);
}

fn whoever_puts_what_is_shown_chooses_it() {
    for chosen in ["one", "other"] {
        let (mut world, order, _) = scene();
        let note =
            |text: &str| Command::Edit { changes: vec![Change::Put { field: "note".into(), value: text.into() }] };
        submit(&mut world, LAN, Some(order), note("one"));
        submit(&mut world, WU, Some(order), note("other"));
        world.meet(LAN, WU, Break::Never);
        submit(
            &mut world,
            LAN,
            Some(order),
            Command::Choose { field: "note".into(), item: None, value: chosen.into() },
        );
        assert_eq!(world.at(LAN).order(order).unwrap().view.card.conflicts, 0, "a choice stands alone");
    }
}

fn a_count_of_two_receipts_counts_one_parcel() {
    let mut world = World::community(10, 1);
    let details = product::Details { name: "布洛芬".into(), ..product::Details::default() };
    let id = world.command();
    let listed = product::Command::List { details, class: Class::OverTheCounter };
    let product = world.at(LAN).submit::<Product>(id, None, listed).unwrap().aggregate;
    let act = |world: &mut World, phone: usize, of: Option<Reference>, command: medicine_box::Command| {
        let id = world.command();
        world.at(phone).submit::<MedicineBox>(id, of, command).unwrap()
    };
    let open = |place: &str| medicine_box::Command::Open { building: None, place: place.into(), note: String::new() };
    let from = act(&mut world, LAN, None, open("lobby")).aggregate;
    let to = act(&mut world, LAN, None, open("gate")).aggregate;
    let goods = Goods { product, batch: None, expiry: None, unit: "box".into() };
    let donate = medicine_box::Command::Donate {
        goods,
        qty: 9.into(),
        origin: None,
        opened: false,
        blister_intact: true,
        when: When::default(),
    };
    let lot = act(&mut world, LAN, Some(from), donate).events[0];
    let sent = medicine_box::Command::Send { to, lot, qty: 5.into(), when: When::default() };
    let sent = act(&mut world, LAN, Some(from), sent).events[0];
    world.settle();
    let receive = || medicine_box::Command::Receive { sent, qty: 5.into(), parcel: None, when: When::default() };
    for phone in [LAN, WU] {
        act(&mut world, phone, Some(to), receive());
    }
    world.settle();
    let detail = world.at(LAN).box_detail(to).unwrap();
    let stock: Qty = detail.lots.iter().map(|lot| lot.qty).sum();
    assert_eq!(stock, 5, "{:?}", detail.lots);
    assert!(world.at(LAN).ledger_totals().unwrap().holds());
}

fn a_strangers_log_is_not_taken_in() {
    let (mut world, order, _) = scene();
    let mut stranger = Forger::stranger(&mut world, MEI);
    let event = stranger.write(&comment(order));
    hand(&world, LAN, Topic::Common, &stranger.runs()).unwrap();
    assert_eq!(verdict(&world, LAN, event), None);
}

fn another_event_at_a_place_is_not_the_one_that_is_named() {
    let (mut world, order, mut forger) = scene();
    let stands = forger.write(&comment(order));
    hand(&world, LAN, Topic::Common, &forger.runs()).unwrap();
    let absent = Reference { check: ShortId::from_bytes([7; 16]), ..stands };
    let mut other = Forger::with_keys_of(&mut world, ZHAO);
    let waits = other.write(&Body { deps: vec![absent], ..comment(order) });
    hand(&world, LAN, Topic::Common, &other.runs()).unwrap();
    assert_eq!(verdict(&world, LAN, waits), Some(Some(Held::Parked)));
}

fn a_name_that_two_have_means_neither() {
    let mut world = World::seeded(11);
    let founder = world.phone();
    world.at(founder).found(None).unwrap();
    for _ in 0..2 {
        let phone = world.phone();
        let (record, id) = (world.at(phone).record(), world.command());
        world.at(founder).admit(id, record, Role::Volunteer, None, Some("Mei".into())).unwrap();
    }
    let meant = world.at(founder).people().device("Mei", Duty::Active);
    assert!(meant.is_err(), "{meant:?}");
}

type Scenario = fn();
