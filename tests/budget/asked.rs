//! What one coordinator says of a log, thousands of times over, makes each event of that log little dearer (T4): cuts and
//! removals that name many heads of many branches.

use linli_core::{
    event::Topic,
    id::{DeviceId, MemberId, Reference},
    key::DeviceKeys,
    roster::{Admitted, Cut, CutHead, Grant, GrantRemoved, Granted, Revoked, Role, RosterEvent},
};
use linli_tests::{Forger, World, hand_over};

use crate::{
    clear::{LIAR, MORE, VOLUNTEER, cut_of_nobody, forger, others_go_on, town},
    feeder::Feeder,
    gauge::Gauge,
    make::{comment, post},
};

/// Comments of a volunteer on an order, each measured alone.
fn comments(gauge: &mut Gauge, world: &World, writer: &mut Forger, order: Reference) {
    let (device, tag) = (writer.device(), world.tag(0, Topic::Common));
    let mut feeder = Feeder::with(world, 0, device);
    for _ in 0..MORE {
        writer.write(&comment(order));
        let runs = writer.runs();
        gauge.input(|| feeder.bring(tag, &runs));
    }
}

/// A friend's log has two branches. Sixteen cuts beside each other name 63 other heads of the long one each, and the end of
/// the short one: each event of that is asked about with all of them, in each fold.
#[test]
fn cuts_of_many_heads_of_a_friend_keep_to_the_budget_t4() {
    let mut gauge = Gauge::begin("cuts of a friend's two branches");
    let mut world = town(85);
    let (tag, device) = (world.tag(0, Topic::Roster), world.device(LIAR));
    let mut liar = forger(&mut world, LIAR, Topic::Roster);
    let friend = befriended(&mut world, &mut liar);
    let mut long = Forger::with_keys(&mut world, 0, &friend).in_topic(&world, 0, Topic::Roster);
    long.roster(&cut_of_nobody(&mut world));
    let mut short = long.twin();
    let mut heads = Vec::new();
    for nth in 0..3_000 {
        long.roster(&cut_of_nobody(&mut world));
        if nth > 1_980 {
            heads.push(long.head().expect("it wrote"));
        }
    }
    for _ in 0..1_970 {
        short.roster(&cut_of_nobody(&mut world));
    }
    let (log, end) = (short.place().0, short.head().expect("it wrote"));
    for mut branch in [long, short] {
        let runs = branch.runs();
        hand_over(&world, 0, friend.device(), tag, &runs).unwrap();
    }
    let mut feeder = Feeder::with(&world, 0, device);
    for few in heads.chunks(63).take(16) {
        let heads = few.iter().copied().chain([end]).collect();
        let (device, cuts) = (friend.device(), vec![Cut { log, heads }]);
        liar.roster(&RosterEvent::Revoked(Revoked { device, cuts, replaces: Vec::new(), act: None }));
        let runs = liar.runs();
        gauge.input(|| feeder.bring(tag, &runs));
    }
    others_go_on(&mut gauge, &mut world);
}

/// Whom the liar lets in as a coordinator.
fn befriended(world: &mut World, liar: &mut Forger) -> DeviceKeys {
    let (tag, device) = (world.tag(0, Topic::Roster), world.device(LIAR));
    let keys = DeviceKeys::generate(&mut world.dice);
    let (record, member) = (keys.record(), Some(MemberId::first_device(keys.device())));
    let role = Role::Coordinator;
    liar.roster(&RosterEvent::Admitted(Admitted { record, role, member, label: None, addresses: Vec::new() }));
    let runs = liar.runs();
    hand_over(world, 0, device, tag, &runs).unwrap();
    keys
}

/// They fill the liar's room; each names 64 heads of one branch, and what is measured stands on another, before them.
#[test]
fn removals_of_many_heads_of_a_friend_keep_to_the_budget_t4() {
    let mut gauge = Gauge::begin("removals of many heads of a friend");
    let mut world = town(86);
    let order = post(&mut world);
    let (tag, device) = (world.tag(0, Topic::Roster), world.device(LIAR));
    let (friend, common) = (world.device(VOLUNTEER), world.tag(0, Topic::Common));
    let mut long = Forger::with_keys_of(&mut world, VOLUNTEER);
    long.write(&comment(order));
    let mut short = long.twin();
    let mut heads: Vec<CutHead> = Vec::new();
    for nth in 0..100 {
        long.write(&comment(order));
        if nth >= 36 {
            heads.push(long.head().expect("it wrote"));
        }
    }
    let log = long.place().0;
    let runs = long.runs();
    hand_over(&world, 0, friend, common, &runs).unwrap();
    let mut liar = forger(&mut world, LIAR, Topic::Roster);
    let removed = |device: DeviceId, heads: &[CutHead]| {
        let grant = Grant::Leader { buildings: vec!["3".into()] };
        let heads = vec![Cut { log, heads: heads.to_vec() }];
        RosterEvent::GrantRemoved(GrantRemoved { device, grant, heads, incarnations: Vec::new(), act: None })
    };
    let grant = Grant::Leader { buildings: vec!["3".into()] };
    liar.roster(&RosterEvent::Granted(Granted { device: friend, grant, after: Vec::new(), act: None }));
    for _ in 0..600 {
        liar.roster(&removed(friend, &heads));
    }
    let runs = liar.runs();
    hand_over(&world, 0, device, tag, &runs).unwrap();

    comments(&mut gauge, &world, &mut short, order);
    let mut feeder = Feeder::with(&world, 0, device);
    for _ in 0..MORE {
        liar.roster(&removed(friend, &heads));
        let runs = liar.runs();
        gauge.input(|| feeder.bring(tag, &runs));
    }
    others_go_on(&mut gauge, &mut world);
}
