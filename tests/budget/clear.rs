//! What one coordinator can have count in the roster and among erasures has a bound (T4): its room is filled with one kind
//! of event after the other, and what comes then, from it and from others, keeps to the budget. So does what a cut asks.

use std::{cmp::Reverse, collections::BTreeSet};

use linli_core::{
    count::{self, Work},
    event::{Compartment, Held, LogHeader, Topic},
    id::{CommunityId, DeviceId, EpochId, EventId, Incarnation, LogId, MemberId, Reference, TopicTag},
    key::DeviceKeys,
    limits,
    roster::{
        Admitted, Chains, Cut, CutHead, Erased, ErasedAggregate, ErasedSpan, Founded, Grant, GrantRemoved, Granted,
        KeysSealed, RelayMoved, Resumed, Revocation, Revoked, Role, RoomGiven, Roster, RosterEvent, RosterFact,
        SealedParent, Who,
    },
    time::WallMs,
};
use linli_tests::{
    Forger, World, hand_over,
    people::{LAN, MEI, WU, ZHAO},
};
use rand::RngExt;

use crate::{
    feeder::Feeder,
    gauge::{self, Gauge, Meter},
    heaps::nowhere,
    make,
};

/// Events that are measured of each once the room is full.
pub(crate) const MORE: usize = 10;
/// Events that come together before that.
const TOGETHER: usize = 512;
/// The coordinator Wu, whose phone is in hostile hands.
pub(crate) const LIAR: usize = WU;
/// The other coordinator beside Lan, who founded: Mei.
pub(crate) const OTHER: usize = MEI;
/// The volunteer, Zhao.
pub(crate) const VOLUNTEER: usize = ZHAO;

#[test]
fn cuts_fill_the_roster_t4() {
    full(Gauge::begin("roster full of cuts"), town(61), |world, liar, _| {
        let event = cut_of_nobody(world);
        liar.roster(&event);
    });
}

#[test]
fn cuts_of_many_logs_fill_the_roster_t4() {
    full(Gauge::begin("roster full of cuts of many logs"), town(62), |world, liar, _| {
        let (device, cuts) = (somebody(world), cuts(world, 300));
        liar.roster(&RosterEvent::Revoked(Revoked { device, cuts, replaces: Vec::new(), act: None }));
    });
}

#[test]
fn one_cut_of_many_events_fills_the_roster_t4() {
    let gauge = Gauge::begin("roster full of one cut");
    let world = town(63);
    let device = world.device(VOLUNTEER);
    full(gauge, world, |world, liar, _| {
        let cuts = cuts(world, 300);
        liar.roster(&RosterEvent::Revoked(Revoked { device, cuts, replaces: Vec::new(), act: Some(7) }));
    });
}

#[test]
fn cuts_in_place_of_each_other_fill_the_roster_t4() {
    let gauge = Gauge::begin("roster full of cuts replaced");
    let world = town(64);
    let (device, mut last) = (world.device(VOLUNTEER), None);
    full(gauge, world, |_, liar, _| {
        let replaces: Vec<Reference> = last.into_iter().collect();
        last = Some(liar.roster(&RosterEvent::Revoked(Revoked { device, cuts: Vec::new(), replaces, act: None })));
    });
}

#[test]
fn admissions_fill_the_roster_t4() {
    full(Gauge::begin("roster full of admissions"), town(65), |world, liar, nth| {
        let keys = DeviceKeys::generate(&mut world.dice);
        let (record, member) = (keys.record(), Some(MemberId::first_device(keys.device())));
        let role = if nth % 2 == 0 { Role::Coordinator } else { Role::Volunteer };
        liar.roster(&RosterEvent::Admitted(Admitted { record, role, member, label: None, addresses: Vec::new() }));
    });
}

#[test]
fn grants_and_removals_fill_the_roster_t4() {
    let gauge = Gauge::begin("roster full of grants");
    let world = town(66);
    let (device, mut removed) = (world.device(VOLUNTEER), Vec::new());
    full(gauge, world, |_, liar, nth| {
        let grant = Grant::Care;
        if nth % 2 == 0 {
            let after = removed.iter().rev().take(300).copied().collect();
            liar.roster(&RosterEvent::Granted(Granted { device, grant, after, act: None }));
        } else {
            let incarnations = vec![Incarnation::from_bytes([nth as u8; 8])];
            let removal = GrantRemoved { device, grant, heads: Vec::new(), incarnations, act: None };
            removed.push(liar.roster(&RosterEvent::GrantRemoved(removal)));
        }
    });
}

#[test]
fn small_grants_and_removals_fill_the_roster_t4() {
    let gauge = Gauge::begin("roster full of small grants");
    let world = town(67);
    let device = world.device(VOLUNTEER);
    full(gauge, world, |_, liar, nth| {
        let grant = Grant::Leader { buildings: vec!["3".into()] };
        liar.roster(&if nth % 2 == 0 {
            RosterEvent::Granted(Granted { device, grant, after: Vec::new(), act: None })
        } else {
            let (heads, incarnations) = (Vec::new(), Vec::new());
            RosterEvent::GrantRemoved(GrantRemoved { device, grant, heads, incarnations, act: None })
        });
    });
}

/// As many buildings as one event may be about, of which no other is.
fn buildings(nth: usize) -> Grant {
    Grant::Leader { buildings: (0..limits::RIGHTS).map(|of| (nth * limits::RIGHTS + of).to_string()).collect() }
}

pub(crate) fn grant_of_many(device: DeviceId, nth: usize) -> RosterEvent {
    RosterEvent::Granted(Granted { device, grant: buildings(nth), after: Vec::new(), act: None })
}

#[test]
fn grants_of_many_buildings_fill_the_roster_t4() {
    let gauge = Gauge::begin("roster full of grants of many buildings");
    let world = town(75);
    let device = world.device(VOLUNTEER);
    full(gauge, world, |_, liar, nth| _ = liar.roster(&grant_of_many(device, nth)));
}

/// Each names the ends of hundreds of logs for each of its buildings.
#[test]
fn removals_of_many_buildings_fill_the_roster_t4() {
    let gauge = Gauge::begin("roster full of removals of many buildings");
    let world = town(76);
    let device = world.device(VOLUNTEER);
    full(gauge, world, |world, liar, nth| {
        let (grant, heads, incarnations) = (buildings(nth), cuts(world, 300), Vec::new());
        liar.roster(&RosterEvent::GrantRemoved(GrantRemoved { device, grant, heads, incarnations, act: None }));
    });
}

#[test]
fn keys_fill_the_roster_t4() {
    let gauge = Gauge::begin("roster full of keys");
    let world = town(68);
    let ours = world.device(LAN);
    full(gauge, world, |world, liar, _| {
        let somebody = somebody(world);
        liar.roster(&make::keys(&mut world.dice, [ours, somebody].into_iter()));
    });
}

/// Each goes on from the one before it, and says one thing: who has no more room has no more lives that count.
#[test]
fn lives_fill_the_roster_t4() {
    /// Nobody has heads.
    struct Nothing;

    impl Chains for Nothing {
        fn is_ancestor(&self, _: LogId, _: u64, _: EventId, _: u64, _: EventId) -> Option<bool> {
            None
        }
    }

    let mut gauge = Gauge::begin("roster full of lives");
    let mut dice = World::seeded(74).dice.clone();
    let (keys, topic, community) = (DeviceKeys::generate(&mut dice), TopicTag::from_bytes([1; 16]), [9; 32]);
    let device = keys.device();
    let mut life = LogHeader { community: CommunityId::ZERO, topic, device, incarnation: Incarnation::ZERO };
    let said = |log: LogHeader, seq: u64, id: [u8; 32], event: RosterEvent| {
        let size = event.size();
        RosterFact { log, seq, id: EventId::from_bytes(id), wall: WallMs(0), event, size }
    };
    let founded = Founded { founder: keys.record(), kit: None, care: topic, label: None };
    let mut facts = vec![said(life, 0, community, RosterEvent::Founded(founded))];
    let mut room = 0;
    while room <= limits::ROSTER_ROOM {
        let (after, incarnation) = (life.id(), Incarnation::from_bytes(dice.random()));
        life = LogHeader { community: CommunityId::from_bytes(community), incarnation, ..life };
        facts.push(said(life, 0, dice.random(), RosterEvent::Resumed(Resumed { after })));
        let gone = DeviceId::from_bytes(dice.random());
        let cut = Revoked { device: gone, cuts: Vec::new(), replaces: Vec::new(), act: None };
        facts.push(said(life, 1, dice.random(), RosterEvent::Revoked(cut)));
        room += facts.iter().rev().take(2).map(|fact| fact.event.weight()).sum::<u64>();
    }
    println!("{} lives", facts.len() / 2);
    let mut roster = Roster::default();
    for _ in 0..MORE {
        gauge.input(|| roster = Roster::fold(CommunityId::from_bytes(community), &facts, &Nothing));
        assert_eq!(roster.room_left(device), 0, "the last of them found no room");
    }
}

/// All carry the same key, each for others.
#[test]
fn one_key_of_many_events_fills_the_roster_t4() {
    let gauge = Gauge::begin("roster full of one key");
    let world = town(69);
    let epoch = EpochId::from_bytes([5; EpochId::LEN]);
    full(gauge, world, |world, liar, _| {
        let crowd: Vec<DeviceId> = (0..limits::WRAPS).map(|_| somebody(world)).collect();
        let RosterEvent::KeysSealed(sealed) = make::keys(&mut world.dice, crowd.into_iter()) else { unreachable!() };
        liar.roster(&RosterEvent::KeysSealed(KeysSealed { epoch, ..sealed }));
    });
}

/// A key opens though its giving has no room: as many of them as there would be room for come first, and as many that count
/// stand before them.
#[test]
fn keys_that_count_and_keys_that_came_first_fill_the_roster_t4() {
    let mut gauge = Gauge::begin("roster full of keys twice");
    let mut world = town(73);
    let (tag, device, ours) = (world.tag(LAN, Topic::Roster), world.device(LIAR), world.device(LAN));
    let mut lives = [0, 1].map(|_| forger(&mut world, LIAR, Topic::Roster));
    lives.sort_by_key(|life| Reverse(life.place().0));
    let next = |world: &mut World| {
        let somebody = somebody(world);
        make::keys(&mut world.dice, [ours, somebody].into_iter())
    };
    for life in &mut lives {
        let mut room = 0;
        while room <= limits::ROSTER_ROOM {
            for _ in 0..TOGETHER {
                let event = next(&mut world);
                room += event.weight();
                life.roster(&event);
            }
            let runs = life.runs();
            hand_over(&world, LAN, device, tag, &runs).unwrap();
        }
    }
    let known = world.at(LAN).roster().epochs(Compartment::Community).filter(|epoch| !epoch.counts).count();
    assert!(known > 3_000, "{known} of those that came first");
    let mut feeder = Feeder::with(&world, LAN, device);
    for life in &mut lives {
        for _ in 0..MORE {
            let event = next(&mut world);
            life.roster(&event);
            let runs = life.runs();
            gauge.input(|| feeder.bring(tag, &runs));
        }
    }
    others_go_on(&mut gauge, &mut world);
}

/// Each is said to seal as many of those before it as fit.
#[test]
fn keys_that_seal_each_other_fill_the_roster_t4() {
    let mut known: Vec<EpochId> = Vec::new();
    full(Gauge::begin("roster full of keys that seal keys"), town(70), |world, liar, _| {
        let parents: Vec<SealedParent> =
            known.iter().rev().take(64).map(|epoch| SealedParent { epoch: *epoch, sealed: vec![7; 48] }).collect();
        let gone = somebody(world);
        let RosterEvent::KeysSealed(sealed) = make::keys(&mut world.dice, [gone].into_iter()) else { unreachable!() };
        known.push(sealed.epoch);
        liar.roster(&RosterEvent::KeysSealed(KeysSealed { parents, ..sealed }));
    });
}

#[test]
fn moves_of_a_relay_fill_the_roster_t4() {
    let (mut device, mut replaces) = (None, Vec::new());
    full(Gauge::begin("roster full of moves"), town(71), |world, liar, nth| {
        let device = *device.get_or_insert_with(|| {
            let record = DeviceKeys::generate(&mut world.dice).record();
            let role = Role::Relay;
            liar.roster(&RosterEvent::Admitted(Admitted {
                record,
                role,
                member: None,
                label: None,
                addresses: vec![],
            }));
            record.device
        });
        let addresses = vec![format!("relay-{nth}.example:4433")];
        let moved = RelayMoved { device, addresses, replaces: replaces.clone() };
        let moved = liar.roster(&RosterEvent::RelayMoved(moved));
        if nth % 2 == 0 {
            replaces = vec![moved];
        }
    });
}

#[test]
fn rooms_given_fill_the_roster_t4() {
    full(Gauge::begin("roster full of rooms"), town(72), |world, liar, _| {
        let device = somebody(world);
        liar.roster(&RosterEvent::RoomGiven(RoomGiven { device, rooms: 1 }));
    });
}

/// Whoever made a thousand coordinators is cut low, and all of them are admitted again: that asks for a few folds of the
/// roster and not for one of each.
#[test]
fn a_low_cut_folds_a_few_times_however_many_are_admitted_again_t4() {
    // What is counted is counted for the whole process: nobody else measures meanwhile.
    let _alone = Meter::begin();
    let mut world = town(74);
    let (tag, device) = (world.tag(LAN, Topic::Roster), world.device(LIAR));
    let mut liar = forger(&mut world, LIAR, Topic::Roster);
    for _ in 0..1_000 {
        let keys = DeviceKeys::generate(&mut world.dice);
        let (record, member) = (keys.record(), Some(MemberId::first_device(keys.device())));
        let role = Role::Coordinator;
        liar.roster(&RosterEvent::Admitted(Admitted { record, role, member, label: None, addresses: Vec::new() }));
    }
    let runs = liar.runs();
    hand_over(&world, LAN, device, tag, &runs).unwrap();
    let (id, before) = (world.command(), count::done_here(Work::Folded));
    let low = Revocation { heads: Some(Vec::new()), ..Revocation::of(Who::Device(device)) };

    world.at(LAN).revoke(id, low).unwrap();

    let folded = count::done_here(Work::Folded) - before;
    assert!(folded < 10 * 2_100, "{folded} events folded");
    assert!(world.at(LAN).roster().devices().count() > 1_000, "they are admitted again");
}

/// Fills the liar's room among erasures, then measures what comes from it there, and what comes in the roster, by which
/// erasures are judged again.
fn full_of_erasures(name: &'static str, seed: u64, mut next: impl FnMut(&mut World) -> Erased) {
    let mut gauge = Gauge::begin(name);
    let mut world = town(seed);
    let (tag, device) = (world.tag(LAN, Topic::Erasure), world.device(LIAR));
    let mut liar = forger(&mut world, LIAR, Topic::Erasure);
    let (mut room, mut nth) = (0, 0);
    while room <= limits::ERASURE_ROOM + limits::ERASURE_ROOM / 16 {
        for _ in 0..TOGETHER / 8 {
            let erased = next(&mut world).encode();
            room += limits::EVENT_ROOM + erased.len() as u64;
            liar.clear(Erased::KIND, Erased::VERSION, erased);
            nth += 1;
        }
        let runs = liar.runs();
        hand_over(&world, LAN, device, tag, &runs).unwrap();
    }
    println!("{name}: {nth} events");
    let mut feeder = Feeder::with(&world, LAN, device);
    for _ in 0..MORE {
        let erased = next(&mut world).encode();
        liar.clear(Erased::KIND, Erased::VERSION, erased);
        let runs = liar.runs();
        gauge.input(|| feeder.bring(tag, &runs));
    }
    let held: BTreeSet<Held> = world.held(LAN).into_iter().map(|(_, held)| held).collect();
    assert!(held.contains(&Held::Crowded), "{name}: the room is not full");
    let other = world.device(OTHER);
    let mut honest = forger(&mut world, OTHER, Topic::Erasure);
    let mut feeder = Feeder::with(&world, LAN, other);
    for _ in 0..MORE {
        let erased = next(&mut world).encode();
        honest.clear(Erased::KIND, Erased::VERSION, erased);
        let runs = honest.runs();
        gauge.input(|| feeder.bring(tag, &runs));
    }
    others_go_on(&mut gauge, &mut world);
}

pub(crate) fn erased(world: &mut World, aggregates: usize, spans: usize) -> Erased {
    let aggregate = |world: &mut World| {
        let span = |world: &mut World| {
            let last = nowhere(world);
            ErasedSpan { log: last.log, first: 0, last: last.seq, check: last.check, gaps: None }
        };
        ErasedAggregate { creating: nowhere(world), spans: (0..spans).map(|_| span(world)).collect() }
    };
    Erased { aggregates: (0..aggregates).map(|_| aggregate(world)).collect(), totals: None }
}

#[test]
fn small_erasures_fill_their_room_t4() {
    full_of_erasures("full of small erasures", 81, |world| erased(world, 1, 1));
}

#[test]
fn erasures_of_many_spans_fill_their_room_t4() {
    full_of_erasures("full of erasures of spans", 82, |world| erased(world, 1, 300));
}

#[test]
fn erasures_of_many_things_fill_their_room_t4() {
    full_of_erasures("full of erasures of things", 83, |world| erased(world, 500, 0));
}

pub(crate) fn town(seed: u64) -> World {
    gauge::must_have_its_turn();
    World::of_roles(seed, &[Role::Coordinator, Role::Coordinator, Role::Volunteer])
}

fn somebody(world: &mut World) -> DeviceId {
    DeviceId::from_bytes(world.dice.random())
}

fn cuts(world: &mut World, logs: usize) -> Vec<Cut> {
    let head = CutHead { seq: 9, id: EventId::from_bytes([7; 32]) };
    (0..logs).map(|_| Cut { log: LogId::from_bytes(world.dice.random()), heads: vec![head] }).collect()
}

pub(crate) fn cut_of_nobody(world: &mut World) -> RosterEvent {
    let device = somebody(world);
    RosterEvent::Revoked(Revoked { device, cuts: Vec::new(), replaces: Vec::new(), act: None })
}

/// Whoever has the keys of a phone, in this topic.
pub(crate) fn forger(world: &mut World, phone: usize, topic: Topic) -> Forger {
    Forger::with_keys_of(world, phone).in_topic(world, phone, topic)
}

/// Fills the liar's room, then measures what comes from it and what comes from another coordinator.
fn full(mut gauge: Gauge, mut world: World, mut next: impl FnMut(&mut World, &mut Forger, usize)) {
    let name = gauge.name();
    let (tag, device) = (world.tag(LAN, Topic::Roster), world.device(LIAR));
    let mut liar = forger(&mut world, LIAR, Topic::Roster);
    let mut nth = 0;
    while world.at(LAN).roster().room_left(device) > 0 {
        for _ in 0..TOGETHER {
            next(&mut world, &mut liar, nth);
            nth += 1;
        }
        let runs = liar.runs();
        hand_over(&world, LAN, device, tag, &runs).unwrap();
    }
    println!("{name}: {nth} events");
    let mut feeder = Feeder::with(&world, LAN, device);
    for more in 0..MORE {
        next(&mut world, &mut liar, nth + more);
        let runs = liar.runs();
        gauge.input(|| feeder.bring(tag, &runs));
    }
    others_go_on(&mut gauge, &mut world);
}

/// Another coordinator's event in the roster, by which all is folded again.
pub(crate) fn others_go_on(gauge: &mut Gauge, world: &mut World) {
    let (tag, device) = (world.tag(LAN, Topic::Roster), world.device(OTHER));
    let mut other = forger(world, OTHER, Topic::Roster);
    let mut feeder = Feeder::with(world, LAN, device);
    for _ in 0..MORE {
        let event = cut_of_nobody(world);
        other.roster(&event);
        let runs = other.runs();
        let before = count::done(Work::Folded);
        gauge.input(|| feeder.bring(tag, &runs));
        assert!(count::done(Work::Folded) > before, "the roster was not folded");
    }
    assert_eq!(world.at(LAN).verify().unwrap().faults, []);
}
