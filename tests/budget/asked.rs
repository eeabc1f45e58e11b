//! What one coordinator says of a log, thousands of times over, makes each event of that log little dearer (T4): cuts and
//! removals that name many heads of many branches, erasures that name many ends; and what it costs once they count no longer.

use linli_core::{
    event::Topic,
    id::{DeviceId, EpochId, EventId, MemberId, Reference, ShortId},
    key::DeviceKeys,
    limits,
    roster::{
        Admitted, Cut, CutHead, Erased, ErasedAggregate, ErasedSpan, Gaps, Grant, GrantRemoved, Granted, Revocation,
        Revoked, Role, RosterEvent, Who,
    },
};
use linli_tests::{Forger, World, hand_over, people::LAN};
use rand::RngExt;

use crate::{
    clear::{LIAR, MORE, VOLUNTEER, cut_of_nobody, forger, grant_of_many, others_go_on, town},
    feeder::Feeder,
    gauge::Gauge,
    heaps::nowhere,
    make::{comment, post},
};

#[test]
fn erasures_whose_ends_nobody_holds_cost_the_author_of_a_log_nothing_t4() {
    let mut gauge = Gauge::begin("a log full of erasures without ends");
    let mut world = town(84);
    let order = post(&mut world);
    let mut honest = Forger::with_keys_of(&mut world, VOLUNTEER);
    let log = honest.place().0;
    let spans = erase(&mut world, |world| {
        let last = |world: &mut World| world.dice.random_range(1 << 20..1 << 40);
        let span = |world: &mut World| ErasedSpan {
            log,
            first: 0,
            last: last(world),
            check: nowhere(world).check,
            gaps: None,
        };
        (0..500).map(|_| span(world)).collect()
    });
    assert!(spans > 30_000, "{spans}");

    comments(&mut gauge, &world, &mut honest, order);

    assert_eq!(world.at(LAN).verify().unwrap().faults, []);
}

/// A friend's log has two branches. Sixteen cuts beside each other name 63 other heads of the long one each, and the end of
/// the short one: each event of that is asked about with all of them, in each fold.
#[test]
fn cuts_of_many_heads_of_a_friend_keep_to_the_budget_t4() {
    let mut gauge = Gauge::begin("cuts of a friend's two branches");
    let mut world = town(85);
    let (tag, device) = (world.tag(LAN, Topic::Roster), world.device(LIAR));
    let mut liar = forger(&mut world, LIAR, Topic::Roster);
    let friend = befriended(&mut world, &mut liar);
    let mut long = Forger::with_keys(&mut world, LAN, &friend).in_topic(&world, LAN, Topic::Roster);
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
        hand_over(&world, LAN, friend.device(), tag, &runs).unwrap();
    }
    let mut feeder = Feeder::with(&world, LAN, device);
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
    let (tag, device) = (world.tag(LAN, Topic::Roster), world.device(LIAR));
    let keys = DeviceKeys::generate(&mut world.dice);
    let (record, member) = (keys.record(), Some(MemberId::first_device(keys.device())));
    let role = Role::Coordinator;
    liar.roster(&RosterEvent::Admitted(Admitted { record, role, member, label: None, addresses: Vec::new() }));
    let runs = liar.runs();
    hand_over(world, LAN, device, tag, &runs).unwrap();
    keys
}

/// One cut of many events is replaced, all but the last of them; then others come, and the friend goes on.
#[test]
fn a_cut_that_is_replaced_but_for_one_event_keeps_to_the_budget_t4() {
    let mut gauge = Gauge::begin("cuts behind one that is replaced but for one event");
    let mut world = town(100);
    let (tag, device) = (world.tag(LAN, Topic::Roster), world.device(LIAR));
    let mut liar = forger(&mut world, LIAR, Topic::Roster);
    let friend = befriended(&mut world, &mut liar).device();
    let cut = |replaces: &[Reference], act: Option<u64>| {
        RosterEvent::Revoked(Revoked { device: friend, cuts: Vec::new(), replaces: replaces.to_vec(), act })
    };
    let parts: Vec<Reference> = (0..2_000).map(|_| liar.roster(&cut(&[], Some(7)))).collect();
    parts[..parts.len() - 1].chunks(400).for_each(|some| _ = liar.roster(&cut(some, None)));
    (0..1_000).for_each(|_| _ = liar.roster(&cut(&[], None)));
    let runs = liar.runs();
    hand_over(&world, LAN, device, tag, &runs).unwrap();
    let mut feeder = Feeder::with(&world, LAN, device);
    for _ in 0..MORE {
        liar.roster(&cut(&[], None));
        let runs = liar.runs();
        gauge.input(|| feeder.bring(tag, &runs));
    }
    assert!(world.at(LAN).roster().cuts_of(friend).any(|stands| Some(&stands) == parts.last()));
    others_go_on(&mut gauge, &mut world);
}

/// Each names 64 heads of one branch.
#[test]
fn removals_of_many_heads_of_a_friend_keep_to_the_budget_t4() {
    let mut gauge = Gauge::begin("removals of many heads of a friend");
    let mut world = town(86);
    let order = post(&mut world);
    let (tag, device) = (world.tag(LAN, Topic::Roster), world.device(LIAR));
    let (friend, common) = (world.device(VOLUNTEER), world.tag(LAN, Topic::Common));
    let mut long = Forger::with_keys_of(&mut world, VOLUNTEER);
    long.write(&comment(order));
    let mut heads: Vec<CutHead> = Vec::new();
    for nth in 0..100 {
        long.write(&comment(order));
        if nth >= 36 {
            heads.push(long.head().expect("it wrote"));
        }
    }
    let log = long.place().0;
    let runs = long.runs();
    hand_over(&world, LAN, friend, common, &runs).unwrap();
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
    hand_over(&world, LAN, device, tag, &runs).unwrap();

    let mut feeder = Feeder::with(&world, LAN, device);
    for _ in 0..MORE {
        liar.roster(&removed(friend, &heads));
        let runs = liar.runs();
        gauge.input(|| feeder.bring(tag, &runs));
    }
    others_go_on(&mut gauge, &mut world);
}

/// A cut names a head that nobody holds, so up to its place whatever stands in that log may lead there. Whoever has the keys
/// makes branches without number, and runs of which nobody knows what they follow on.
fn branches_before_an_absent_head(mut gauge: Gauge, seed: u64, topic: Topic) {
    let mut world = town(seed);
    let mut liar = forger(&mut world, LIAR, Topic::Roster);
    let friend = befriended(&mut world, &mut liar);
    let stem = Forger::with_keys(&mut world, LAN, &friend).in_topic(&world, LAN, topic);
    let (log, device) = (stem.place().0, friend.device());
    let cuts = vec![Cut { log, heads: vec![CutHead { seq: 1 << 40, id: EventId::from_bytes([9; 32]) }] }];
    liar.roster(&RosterEvent::Revoked(Revoked { device, cuts, replaces: Vec::new(), act: None }));
    let (runs, tag, bringer) = (liar.runs(), world.tag(LAN, topic), world.device(VOLUNTEER));
    hand_over(&world, LAN, world.device(LIAR), world.tag(LAN, Topic::Roster), &runs).unwrap();
    let branch = |nth: u64, events: u64| {
        let mut branch = stem.twin();
        (0..events).for_each(|_| _ = branch.raw(EpochId::ZERO, nth.to_be_bytes().to_vec()));
        branch.runs()
    };
    for nth in 0..8 {
        let runs: Vec<_> = (0..250).flat_map(|of| branch(250 * nth + of, 1)).collect();
        hand_over(&world, LAN, bringer, tag, &runs).unwrap();
    }
    let branches = world.at(LAN).look(|reader| reader.heads(log)).unwrap().len();
    let most = limits::LEADING + limits::BEYOND_CUT as usize;
    assert!((limits::LEADING..=most).contains(&branches), "{branches} branches");

    for nth in 0..MORE as u64 {
        let runs = branch(1 << 20 | nth, 2);
        let (begins, goes_on) = runs.split_at(1);
        gauge.input(|| hand_over(&world, LAN, bringer, tag, goes_on).unwrap());
        gauge.input(|| hand_over(&world, LAN, bringer, tag, begins).unwrap());
    }
    others_go_on(&mut gauge, &mut world);
}

#[test]
fn branches_before_a_head_that_nobody_holds_keep_to_the_budget_t4() {
    branches_before_an_absent_head(Gauge::begin("branches before an absent head"), 89, Topic::Common);
}

#[test]
fn roster_branches_before_a_head_that_nobody_holds_keep_to_the_budget_t4() {
    branches_before_an_absent_head(Gauge::begin("roster branches before an absent head"), 90, Topic::Roster);
}

/// Sixteen cuts beside each other name 64 heads each, every one the end of a branch of its own, and all these branches come.
#[test]
fn a_thousand_branches_that_cuts_name_keep_to_the_budget_t4() {
    let mut gauge = Gauge::begin("a thousand named branches");
    let mut world = town(91);
    let mut liar = forger(&mut world, LIAR, Topic::Roster);
    let friend = befriended(&mut world, &mut liar);
    let mut stem = Forger::with_keys(&mut world, LAN, &friend).in_topic(&world, LAN, Topic::Roster);
    stem.roster(&cut_of_nobody(&mut world));
    let mut runs = stem.runs();
    let branches: Vec<Forger> = (0..1_024)
        .map(|_| {
            let mut branch = stem.twin();
            branch.roster(&cut_of_nobody(&mut world));
            branch
        })
        .collect();
    let heads: Vec<CutHead> = branches.iter().map(|branch| branch.head().expect("it wrote")).collect();
    let (log, roster, bringer) = (stem.place().0, world.tag(LAN, Topic::Roster), world.device(VOLUNTEER));
    for heads in heads.chunks(64) {
        let (device, cuts) = (friend.device(), vec![Cut { log, heads: heads.to_vec() }]);
        liar.roster(&RosterEvent::Revoked(Revoked { device, cuts, replaces: Vec::new(), act: None }));
    }
    let cuts = liar.runs();
    hand_over(&world, LAN, world.device(LIAR), roster, &cuts).unwrap();
    let mut twins: Vec<Forger> = branches.iter().map(Forger::twin).collect();
    twins.iter_mut().for_each(|branch| runs.extend(branch.runs()));
    let (first, rest) = runs.split_at(runs.len() - MORE);
    hand_over(&world, LAN, bringer, roster, first).unwrap();
    for run in rest {
        gauge.input(|| hand_over(&world, LAN, bringer, roster, std::slice::from_ref(run)).unwrap());
    }
    let held = world.at(LAN).look(|reader| reader.heads(log)).unwrap().len();
    assert!(held > 1_000, "{held} branches");
    for mut nowhere in branches.into_iter().take(MORE) {
        nowhere.runs();
        let mut lost = nowhere.twin();
        lost.roster(&cut_of_nobody(&mut world));
        let mut runs = lost.runs();
        runs[0].run.signature = rest[0].run.signature;
        gauge.input(|| hand_over(&world, LAN, bringer, roster, &runs).unwrap());
    }
    others_go_on(&mut gauge, &mut world);
}

/// An honest log of a thousand events, and erasures that name each of them as an end.
#[test]
fn erasures_of_a_thousand_ends_that_are_held_keep_to_the_budget_t4() {
    let mut gauge = Gauge::begin("erasures of ends that are held");
    let mut world = town(92);
    let order = post(&mut world);
    let mut honest = Forger::with_keys_of(&mut world, VOLUNTEER);
    let ends: Vec<Reference> = (0..1_000).map(|_| honest.write(&comment(order))).collect();
    let (runs, log, common) = (honest.runs(), honest.place().0, world.tag(LAN, Topic::Common));
    hand_over(&world, LAN, honest.device(), common, &runs).unwrap();
    let mut liar = forger(&mut world, LIAR, Topic::Erasure);
    let (tag, device) = (world.tag(LAN, Topic::Erasure), world.device(LIAR));
    let span = |end: &Reference| ErasedSpan { log, first: 0, last: end.seq, check: end.check, gaps: None };
    let mut feeder = Feeder::with(&world, LAN, device);
    for nth in 0..3 * MORE {
        let ends = ends.iter().skip(if nth < MORE { 100 * nth } else { 0 });
        let spans =
            if nth < MORE { ends.take(100).map(span).collect() } else { ends.rev().take(500).map(span).collect() };
        let aggregates = vec![ErasedAggregate { creating: nowhere(&mut world), spans }];
        liar.clear(Erased::KIND, Erased::VERSION, Erased { aggregates, totals: None }.encode());
        let runs = liar.runs();
        gauge.input(|| feeder.bring(tag, &runs));
    }

    comments(&mut gauge, &world, &mut honest, order);
}

/// Every other place of an honest log, as many as an erasure can say; first up to ends that are held, then up to such as nobody
/// holds, until a coordinator's room is full.
#[test]
fn erasures_full_of_gaps_keep_to_the_budget_t4() {
    let mut gauge = Gauge::begin("erasures full of gaps");
    let mut world = town(96);
    let order = post(&mut world);
    let mut honest = Forger::with_keys_of(&mut world, VOLUNTEER);
    let ends: Vec<Reference> = (0..2_100).map(|_| honest.write(&comment(order))).collect();
    let (runs, log, common) = (honest.runs(), honest.place().0, world.tag(LAN, Topic::Common));
    hand_over(&world, LAN, honest.device(), common, &runs).unwrap();
    let gapped = |first: u64, check: ShortId| {
        let runs: Vec<(u64, u64)> = (first..).step_by(2).take(limits::ERASED_SPANS).map(|at| (at, at)).collect();
        let last = first + 2 * (limits::ERASED_SPANS as u64 - 1);
        ErasedSpan { log, first, last, check, gaps: Gaps::between(&runs) }
    };
    let mut liar = forger(&mut world, LIAR, Topic::Erasure);
    let (tag, device) = (world.tag(LAN, Topic::Erasure), world.device(LIAR));
    let mut feeder = Feeder::with(&world, LAN, device);
    for nth in 0..2 * MORE {
        let first = (nth * 50) as u64;
        let span = gapped(first, ends[first as usize + 2 * (limits::ERASED_SPANS - 1)].check);
        let aggregates = vec![ErasedAggregate { creating: nowhere(&mut world), spans: vec![span] }];
        liar.clear(Erased::KIND, Erased::VERSION, Erased { aggregates, totals: None }.encode());
        let runs = liar.runs();
        gauge.input(|| feeder.bring(tag, &runs));
    }
    let spans = erase(&mut world, |world| {
        let first = world.dice.random_range(0..1 << 20);
        vec![gapped(first, nowhere(world).check)]
    });
    assert!(spans > 1_000, "{spans}");

    comments(&mut gauge, &world, &mut honest, order);

    assert_eq!(world.at(LAN).verify().unwrap().faults, []);
}

/// A friend wrote thousands of events; a right is given to it and taken, again and again.
#[test]
fn removals_over_a_friends_events_keep_to_the_budget_t4() {
    let mut gauge = Gauge::begin("removals over a friend's events");
    let mut world = town(93);
    let order = post(&mut world);
    let (tag, device) = (world.tag(LAN, Topic::Roster), world.device(LIAR));
    let (friend, common) = (world.device(VOLUNTEER), world.tag(LAN, Topic::Common));
    let mut long = Forger::with_keys_of(&mut world, VOLUNTEER);
    (0..2_000).for_each(|_| _ = long.write(&comment(order)));
    let (runs, log) = (long.runs(), long.place().0);
    hand_over(&world, LAN, friend, common, &runs).unwrap();
    let mut liar = forger(&mut world, LIAR, Topic::Roster);
    let grant = || Grant::Leader { buildings: vec!["3".into()] };
    let mut feeder = Feeder::with(&world, LAN, device);
    let mut after = Vec::new();
    for nth in 0..MORE {
        let granted = Granted { device: friend, grant: grant(), after: std::mem::take(&mut after), act: None };
        liar.roster(&RosterEvent::Granted(granted));
        let runs = liar.runs();
        gauge.input(|| feeder.bring(tag, &runs));
        let heads = vec![Cut { log, heads: vec![CutHead { seq: nth as u64, id: EventId::from_bytes([8; 32]) }] }];
        let removed = GrantRemoved { device: friend, grant: grant(), heads, incarnations: Vec::new(), act: None };
        after.push(liar.roster(&RosterEvent::GrantRemoved(removed)));
        let runs = liar.runs();
        gauge.input(|| feeder.bring(tag, &runs));
    }
    others_go_on(&mut gauge, &mut world);
}

/// A friend was given buildings by the thousand, and each was taken, each time at another end of a log in which the friend goes
/// on.
#[test]
fn buildings_given_and_taken_keep_to_the_budget_t4() {
    let mut gauge = Gauge::begin("buildings given and taken");
    let mut world = town(97);
    let order = post(&mut world);
    let (tag, device) = (world.tag(LAN, Topic::Roster), world.device(LIAR));
    let (friend, common) = (world.device(VOLUNTEER), world.tag(LAN, Topic::Common));
    let mut long = Forger::with_keys_of(&mut world, VOLUNTEER);
    let log = long.place().0;
    let mut heads = Vec::new();
    for _ in 0..1_000 {
        long.write(&comment(order));
        heads.push(long.head().expect("it wrote"));
    }
    let runs = long.runs();
    hand_over(&world, LAN, friend, common, &runs).unwrap();
    let mut liar = forger(&mut world, LIAR, Topic::Roster);
    let give_and_take = |nth: usize| {
        let grant = || Grant::Leader { buildings: vec![nth.to_string()] };
        let granted = Granted { device: friend, grant: grant(), after: Vec::new(), act: None };
        let heads = vec![Cut { log, heads: vec![heads[nth % heads.len()]] }];
        let removed = GrantRemoved { device: friend, grant: grant(), heads, incarnations: Vec::new(), act: None };
        [RosterEvent::Granted(granted), RosterEvent::GrantRemoved(removed)]
    };
    (0..2_000).flat_map(give_and_take).for_each(|event| _ = liar.roster(&event));
    let runs = liar.runs();
    hand_over(&world, LAN, device, tag, &runs).unwrap();
    let mut feeder = Feeder::with(&world, LAN, device);
    for event in (2_000..2_000 + MORE).flat_map(give_and_take) {
        liar.roster(&event);
        let runs = liar.runs();
        gauge.input(|| feeder.bring(tag, &runs));
    }

    comments(&mut gauge, &world, &mut long, order);

    others_go_on(&mut gauge, &mut world);
}

/// A volunteer was given as many buildings as a liar has room for. Whoever withdraws the liar keeps them for the volunteer, or
/// gives them again.
#[test]
fn a_withdrawal_behind_grants_of_many_buildings_keeps_to_the_budget_t4() {
    let mut gauge = Gauge::begin("withdrawals behind grants of many buildings");
    for (seed, heads) in [(98, None), (99, Some(Vec::new()))] {
        let mut world = town(seed);
        let (tag, device, honest) = (world.tag(LAN, Topic::Roster), world.device(LIAR), world.device(VOLUNTEER));
        let mut liar = forger(&mut world, LIAR, Topic::Roster);
        (0..limits::ROSTER_ROOM as usize / 8_000).for_each(|nth| _ = liar.roster(&grant_of_many(honest, nth)));
        let runs = liar.runs();
        hand_over(&world, LAN, device, tag, &runs).unwrap();
        let led = |world: &World| world.at(LAN).roster().rights_of(honest).count();
        assert!(led(&world) > 4_000, "{}", led(&world));
        let (id, cut) = (world.command(), Revocation { heads, ..Revocation::of(Who::Device(device)) });

        gauge.input(|| world.at(LAN).revoke(id, cut).unwrap());

        assert!(led(&world) > 2_000, "{}", led(&world));
        assert_eq!(world.at(LAN).verify().unwrap().faults, []);
    }
}

/// Erasures until the liar's room is full.
fn erase(world: &mut World, mut spans: impl FnMut(&mut World) -> Vec<ErasedSpan>) -> usize {
    let (tag, device) = (world.tag(LAN, Topic::Erasure), world.device(LIAR));
    let mut liar = forger(world, LIAR, Topic::Erasure);
    let (mut room, mut all) = (0, 0);
    while room <= limits::ERASURE_ROOM {
        let spans = spans(world);
        all += spans.len();
        let creating = nowhere(world);
        let erased = Erased { aggregates: vec![ErasedAggregate { creating, spans }], totals: None }.encode();
        room += limits::EVENT_ROOM + erased.len() as u64;
        liar.clear(Erased::KIND, Erased::VERSION, erased);
    }
    let runs = liar.runs();
    hand_over(world, LAN, device, tag, &runs).unwrap();
    all
}

/// Comments of a volunteer on an order, each measured alone, in a conversation of its own: a peer pushes no branch of what it
/// pushed before.
fn comments(gauge: &mut Gauge, world: &World, writer: &mut Forger, order: Reference) {
    let (device, tag) = (writer.device(), world.tag(LAN, Topic::Common));
    let held = || world.at(LAN).stats().unwrap().events;
    let before = held();
    for _ in 0..MORE {
        writer.write(&comment(order));
        let runs = writer.runs();
        gauge.input(|| hand_over(world, LAN, device, tag, &runs).unwrap());
    }
    assert_eq!(held(), before + MORE as u64, "they were taken in");
}
