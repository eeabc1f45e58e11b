//! Acts by the thousand about one log, of one author and of all whom a liar let in: each event of that log, each act more and
//! each fold keeps to the budget (T4), however many there are.

use linli_core::{
    event::{LogHeader, Topic},
    id::{CommunityId, DeviceId, EpochId, EventId, Incarnation, LogId, MemberId, Reference, TopicTag},
    key::DeviceKeys,
    roster::{
        Admitted, Chains, Cut, CutHead, Founded, Grant, GrantRemoved, Granted, Revoked, Role, Roster, RosterEvent,
        RosterFact,
    },
    sync::Outgoing,
    time::WallMs,
};
use linli_tests::{Forger, World, hand_over, made::revoked, people::LAN};
use rand::{Rng, RngExt};

use crate::{
    clear::{LIAR, MORE, VOLUNTEER, cut_of_nobody, forger, others_go_on, town},
    feeder::Feeder,
    gauge::Gauge,
    make::{comment, post},
};

/// Whom a liar lets in beside each other.
const FRIENDS: usize = 64;
/// Removals that a grant names.
const NAMED: usize = 64;
/// Removals of as many buildings.
const REMOVALS: usize = 600;

/// A log of which nobody knows how it goes on: a cut names a head that nobody holds, and so does each of as many removals
/// as there is room for, 64 each.
#[test]
fn branches_before_the_heads_of_thousands_of_removals_keep_to_the_budget_t4() {
    let mut gauge = Gauge::begin("branches before removals' absent heads");
    let mut world = town(401);
    let (tag, device, bringer) = (world.tag(LAN, Topic::Common), world.device(VOLUNTEER), world.device(LIAR));
    let mut liar = forger(&mut world, LIAR, Topic::Roster);
    let stem = Forger::with_keys_of(&mut world, VOLUNTEER);
    let log = stem.place().0;
    liar.roster(&cut(device, log, invented(&mut world.dice, 1)));
    for building in 0..REMOVALS {
        liar.roster(&removal(device, building, log, invented(&mut world.dice, 64)));
    }
    say(&world, &mut liar, Topic::Roster);
    let branch = |nth: u64, events: u64| -> Vec<Outgoing> {
        let mut branch = stem.twin();
        (0..events).for_each(|_| _ = branch.raw(EpochId::ZERO, nth.to_be_bytes().to_vec()));
        branch.runs()
    };
    let many: Vec<Outgoing> = (0..100).flat_map(|nth| branch(nth, 1)).collect();
    hand_over(&world, LAN, bringer, tag, &many).unwrap();
    let branches = world.at(LAN).look(|reader| reader.heads(log)).unwrap().len();
    assert!(branches >= 64, "{branches} branches");

    let mut feeder = Feeder::with(&world, LAN, bringer);
    for nth in 0..MORE {
        liar.roster(&removal(device, REMOVALS + nth, log, invented(&mut world.dice, 64)));
        let runs = liar.runs();
        gauge.input(|| feeder.bring(world.tag(LAN, Topic::Roster), &runs));
        let runs = branch(1 << 20 | nth as u64, 2);
        let (begins, goes_on) = runs.split_at(1);
        gauge.input(|| hand_over(&world, LAN, bringer, tag, goes_on).unwrap());
        gauge.input(|| hand_over(&world, LAN, bringer, tag, begins).unwrap());
    }
    others_go_on(&mut gauge, &mut world);
}

/// A friend wrote two thousand events and led one building; thousands of others were taken at heads that nobody holds. Now
/// that one is taken too.
#[test]
fn a_removal_behind_thousands_of_others_of_one_log_keeps_to_the_budget_t4() {
    let mut gauge = Gauge::begin("a removal behind thousands");
    let mut world = town(402);
    let order = post(&mut world);
    let (tag, device, roster) = (world.tag(LAN, Topic::Common), world.device(VOLUNTEER), world.tag(LAN, Topic::Roster));
    let mut long = long(&mut world, order, 2_000);
    let log = long.place().0;
    let mut liar = forger(&mut world, LIAR, Topic::Roster);
    for building in 1..4_500 {
        liar.roster(&removal(device, building, log, invented(&mut world.dice, 1)));
    }
    say(&world, &mut liar, Topic::Roster);
    let mut feeder = Feeder::with(&world, LAN, world.device(LIAR));
    for nth in 0..MORE {
        let grant = Grant::Leader { buildings: vec![format!("a{nth}")] };
        liar.roster(&RosterEvent::Granted(Granted { device, grant: grant.clone(), after: Vec::new(), act: None }));
        let heads = vec![Cut { log, heads: invented(&mut world.dice, 1) }];
        let (incarnations, act) = (Vec::new(), None);
        liar.roster(&RosterEvent::GrantRemoved(GrantRemoved { device, grant, heads, incarnations, act }));
        let runs = liar.runs();
        gauge.input(|| feeder.bring(roster, &runs));
        long.write(&comment(order));
        let runs = long.runs();
        gauge.input(|| hand_over(&world, LAN, device, tag, &runs).unwrap());
    }
    others_go_on(&mut gauge, &mut world);
}

/// Each of as many friends cuts one of them sixteen times beside each other, each time at other heads of its long branch and
/// at the end of its short one.
#[test]
fn cuts_by_all_whom_a_liar_let_in_keep_to_the_budget_t4() {
    let mut gauge = Gauge::begin("cuts by a liar's friends");
    let mut world = town(403);
    let roster = world.tag(LAN, Topic::Roster);
    let mut liar = forger(&mut world, LIAR, Topic::Roster);
    let mut friends = befriended(&mut world, &mut liar, FRIENDS + 1);
    let target = friends.pop().unwrap();
    let device = target.device();
    let mut long = Forger::with_keys(&mut world, LAN, &target).in_topic(&world, LAN, Topic::Roster);
    long.roster(&cut_of_nobody(&mut world));
    let mut short = long.twin();
    let mut heads = Vec::new();
    for _ in 0..1_200 {
        long.roster(&cut_of_nobody(&mut world));
        heads.push(long.head().expect("it wrote"));
    }
    (0..800).for_each(|_| _ = short.roster(&cut_of_nobody(&mut world)));
    let (log, end) = (short.place().0, short.head().expect("it wrote"));
    for branch in [&mut long, &mut short] {
        say(&world, branch, Topic::Roster);
    }
    let act = |nth: usize, absent: CutHead| {
        let some = (0..62).map(|of| heads[(nth * 7 + of * 13) % heads.len()]);
        cut(device, log, some.chain([end, absent]).collect())
    };
    let mut said = Vec::new();
    for (nth, friend) in friends.iter().enumerate() {
        let mut friend = Forger::with_keys(&mut world, LAN, friend).in_topic(&world, LAN, Topic::Roster);
        for of in 0..16 {
            let absent = invented(&mut world.dice, 1)[0];
            friend.roster(&act(16 * nth + of, absent));
        }
        said.push(friend);
    }
    let (last, before) = said.split_last_mut().unwrap();
    let runs: Vec<Outgoing> = before.iter_mut().flat_map(Forger::runs).collect();
    hand_over(&world, LAN, world.device(LIAR), roster, &runs).unwrap();
    let runs = last.runs();
    gauge.input(|| hand_over(&world, LAN, world.device(LIAR), roster, &runs).unwrap());
    let mut feeder = Feeder::with(&world, LAN, world.device(LIAR));
    for _ in 0..MORE {
        short.roster(&cut_of_nobody(&mut world));
        let runs = short.runs();
        gauge.input(|| feeder.bring(roster, &runs));
    }
    others_go_on(&mut gauge, &mut world);
}

/// Whoever found the kit lets thousands in, and withdraws the founder as often.
#[test]
fn a_kit_that_lets_thousands_in_and_cuts_the_founder_as_often_keeps_to_the_budget_t4() {
    /// Nobody has heads.
    struct Nothing;

    impl Chains for Nothing {
        fn is_ancestor(&self, _: LogId, _: u64, _: EventId, _: u64, _: EventId) -> Option<bool> {
            None
        }
    }

    let mut gauge = Gauge::begin("a kit's admissions and cuts of the founder");
    let mut dice = World::seeded(405).dice.clone();
    let (founder, kit) = (DeviceKeys::generate(&mut dice), DeviceKeys::generate(&mut dice));
    let (topic, community) = (TopicTag::from_bytes([1; 16]), CommunityId::from_bytes([9; 32]));
    let said = |log: LogHeader, seq: u64, id: [u8; 32], event: RosterEvent| {
        let size = event.size();
        RosterFact { log, seq, id: EventId::from_bytes(id), wall: WallMs(0), event, size }
    };
    let origin =
        LogHeader { community: CommunityId::ZERO, topic, device: founder.device(), incarnation: Incarnation::ZERO };
    let founded = Founded {
        founder: founder.record(),
        kit: Some(kit.record()),
        care: TopicTag::from_bytes([2; 16]),
        label: None,
    };
    let mut facts = vec![said(origin, 0, *community.as_bytes(), RosterEvent::Founded(founded))];
    let lives = [0, 1].map(|life| {
        let incarnation = Incarnation::from_bytes([life; 8]);
        LogHeader { community, topic, device: kit.device(), incarnation }
    });
    for nth in 0..1_500 {
        let keys = DeviceKeys::generate(&mut dice);
        let (record, member) = (keys.record(), Some(MemberId::first_device(keys.device())));
        let role = Role::Coordinator;
        let admitted = Admitted { record, role, member, label: None, addresses: Vec::new() };
        facts.push(said(lives[0], nth, dice.random(), RosterEvent::Admitted(admitted)));
        let cuts = vec![Cut { log: LogId::from_bytes([3; LogId::LEN]), heads: Vec::new() }];
        // One act of many events, which all are looked at.
        let cut = Revoked { device: founder.device(), cuts, replaces: Vec::new(), act: Some(7) };
        facts.push(said(lives[1], nth, dice.random(), RosterEvent::Revoked(cut)));
    }
    let mut roster = Roster::default();
    for _ in 0..MORE {
        gauge.input(|| roster = Roster::fold(community, &facts, &Nothing));
    }
    assert_eq!(roster.devices().count(), 1_502);
}

/// Each of as many friends takes one right of a volunteer sixteen times, and gives it again as often behind some of what all
/// took.
#[test]
fn a_right_given_and_taken_by_all_whom_a_liar_let_in_keeps_to_the_budget_t4() {
    let mut gauge = Gauge::begin("a right given and taken by friends");
    let mut world = town(404);
    let order = post(&mut world);
    let (tag, device, roster) = (world.tag(LAN, Topic::Common), world.device(VOLUNTEER), world.tag(LAN, Topic::Roster));
    let mut long = long(&mut world, order, 500);
    let log = long.place().0;
    let mut liar = forger(&mut world, LIAR, Topic::Roster);
    let friends = befriended(&mut world, &mut liar, FRIENDS);
    let with_keys = |world: &mut World, keys| Forger::with_keys(world, LAN, keys).in_topic(world, LAN, Topic::Roster);
    let mut said: Vec<Forger> = friends.iter().map(|keys| with_keys(&mut world, keys)).collect();
    let mut taken = Vec::new();
    for friend in &mut said {
        (0..16).for_each(|_| taken.push(friend.roster(&removal(device, 3, log, invented(&mut world.dice, 1)))));
    }
    let give = |friend: &mut Forger, from: usize| {
        let after = taken.iter().cycle().skip(from).take(NAMED).copied().collect();
        let grant = Grant::Leader { buildings: vec!["3".into()] };
        friend.roster(&RosterEvent::Granted(Granted { device, grant, after, act: None }));
    };
    for (nth, friend) in said.iter_mut().enumerate() {
        (0..16).for_each(|of| give(friend, 16 * nth + of));
    }
    let runs: Vec<Outgoing> = said.iter_mut().flat_map(Forger::runs).collect();
    hand_over(&world, LAN, world.device(LIAR), roster, &runs).unwrap();

    let mut feeder = Feeder::with(&world, LAN, world.device(LIAR));
    for (nth, friend) in said.iter_mut().enumerate().take(MORE) {
        give(friend, nth);
        let runs = friend.runs();
        gauge.input(|| feeder.bring(roster, &runs));
        long.write(&comment(order));
        let runs = long.runs();
        gauge.input(|| hand_over(&world, LAN, device, tag, &runs).unwrap());
    }
    others_go_on(&mut gauge, &mut world);
}

/// So many heads of a log that nobody holds.
fn invented(dice: &mut impl Rng, heads: usize) -> Vec<CutHead> {
    let mut head = |_| CutHead { seq: dice.random_range(1..1 << 30), id: EventId::from_bytes(dice.random()) };
    (0..heads).map(&mut head).collect()
}

fn removal(device: DeviceId, building: usize, log: LogId, heads: Vec<CutHead>) -> RosterEvent {
    let (grant, heads) = (Grant::Leader { buildings: vec![building.to_string()] }, vec![Cut { log, heads }]);
    RosterEvent::GrantRemoved(GrantRemoved { device, grant, heads, incarnations: Vec::new(), act: None })
}

fn cut(device: DeviceId, log: LogId, heads: Vec<CutHead>) -> RosterEvent {
    revoked(device, vec![Cut { log, heads }])
}

fn say(world: &World, forger: &mut Forger, topic: Topic) {
    let runs = forger.runs();
    hand_over(world, LAN, forger.device(), world.tag(LAN, topic), &runs).unwrap();
}

/// A log in which the volunteer comments so often on one order.
fn long(world: &mut World, order: Reference, events: usize) -> Forger {
    let mut long = Forger::with_keys_of(world, VOLUNTEER);
    (0..events).for_each(|_| _ = long.write(&comment(order)));
    say(world, &mut long, Topic::Common);
    long
}

/// Coordinators whom the liar lets in.
pub(crate) fn befriended(world: &mut World, liar: &mut Forger, count: usize) -> Vec<DeviceKeys> {
    let mut befriend = |_| {
        let keys = DeviceKeys::generate(&mut world.dice);
        let (record, member) = (keys.record(), Some(MemberId::first_device(keys.device())));
        let role = Role::Coordinator;
        liar.roster(&RosterEvent::Admitted(Admitted { record, role, member, label: None, addresses: Vec::new() }));
        keys
    };
    let friends = (0..count).map(&mut befriend).collect();
    say(world, liar, Topic::Roster);
    friends
}
