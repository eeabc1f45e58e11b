//! Bodies that are missing by the thousand (R5): each conversation that begins, each peer that says what it lacks and each run
//! that is signed in vain keeps to the budget (T4), however much there is.

use std::{pin::pin, sync::Arc};

use linli_core::{
    aggregate::order::{Command, Order},
    count::{self, Work},
    event::{Content, Entry, Hole, Topic},
    id::{DeviceId, EpochId, LogId, Reference, ShortId},
    keep::{Answer, Holder, Inbox, SyncConversation, vectors},
    key::DeviceKeys,
    limits,
    net::{Conversation, ConversationState},
    replica::{Link, LinkError},
    roster::{Erased, ErasedAggregate, ErasedSpan, Revocation, Who},
    sync::{Config, Outgoing},
};
use linli_relay::{Communities, CommunityStore, Home, Quota, Speed};
use linli_tests::{Forger, World, cut_low, hand_over, hand_over_in, people::LAN, somewhere};
use rand::RngExt;
use tempfile::TempDir;
use tokio::sync::Notify;

use crate::{
    acts::befriended,
    clear::{LIAR, OTHER, VOLUNTEER, forger, town},
    feeder::Feeder,
    gauge::{Gauge, Meter},
    heaps::nowhere,
    make::post,
    upkeep::of,
};

/// Logs that are looked at whole when a conversation begins.
const LOGS: usize = limits::MISSING_IN_ALL / limits::MISSING;
/// The founder's phone.
const HERE: usize = LAN;

/// On a phone and on a relay, which asks of each log what of it is cut.
#[test]
fn conversations_where_every_second_body_is_missing_keep_to_the_budget_t4() {
    let mut gauge = Gauge::begin("conversations where every second body is missing");
    let mut world = town(411);
    let (relay, peer, device) = (Relay::open(&mut world), world.device(OTHER), world.device(VOLUNTEER));
    let mut writers: Vec<Forger> = (0..LOGS).map(|_| Forger::with_keys_of(&mut world, VOLUNTEER)).collect();
    let logs: Vec<LogId> = writers.iter().map(|writer| writer.place().0).collect();
    let erasure = erasure(&mut world, &logs);
    hand_over(&world, HERE, world.device(LIAR), world.tag(HERE, Topic::Erasure), &erasure).unwrap();
    cut(&mut world);
    relay.bring(&world, Topic::Roster, &world.runs(HERE, Topic::Roster, |_| true));
    relay.bring(&world, Topic::Erasure, &erasure);
    let mut back = Vec::new();
    for writer in &mut writers {
        (0..2 * limits::MISSING + 2).for_each(|_| _ = writer.raw(EpochId::ZERO, vec![7; 20]));
        let mut runs = writer.runs();
        back.extend(runs.get(1).cloned());
        hollow(&mut runs, |seq| seq % 2 == 1);
        hand_over(&world, HERE, device, world.tag(HERE, Topic::Common), &runs).unwrap();
        relay.bring(&world, Topic::Common, &runs);
    }
    for lacking in
        [world.at(HERE).look(|reader| reader.lacking_logs()), relay.store.read(|reader| reader.lacking_logs())]
    {
        assert_eq!(lacking.unwrap().len(), LOGS);
    }
    let said = relay.store.read(|reader| {
        let (rules, common) = (relay.store.rules(), world.tag(HERE, Topic::Common));
        vectors(reader, &rules, relay.store.device(), [common])
    });
    let of_first = said.unwrap().remove(0).1.into_iter().filter(|entry| entry.log == logs[0]);
    let holes: Vec<Hole> = of_first.filter_map(|entry| entry.as_hole()).collect();
    let own = Hole::tip_of(relay.store.device().as_bytes());
    let open = Hole { first: holes[limits::HOLES - 1].first, last: None, tip: own };
    assert_eq!((holes.len(), holes[limits::HOLES - 1]), (limits::HOLES, open), "more than are looked at");

    let mut link = world.at(HERE).link(peer).unwrap();
    let mut conversation = SyncConversation::begin(relay.store.clone(), peer).unwrap();
    gauge.input(|| drop(world.at(HERE).link(peer).unwrap()));
    gauge.input(|| drop(SyncConversation::begin(relay.store.clone(), peer).unwrap()));
    hand_over(&world, HERE, device, world.tag(HERE, Topic::Common), &back).unwrap();
    relay.bring(&world, Topic::Common, &back);
    gauge.input(|| drop(link.send(usize::MAX).unwrap()));
    gauge.input(|| drop(conversation.send(usize::MAX).unwrap()));
}

/// Rows that a relay writes at once where a liar is cut who erased the first event of each of so many logs.
fn fallen(seed: u64, logs: usize) -> u64 {
    let mut meter = Meter::begin();
    let mut world = town(seed);
    let relay = Relay::open(&mut world);
    let (mut runs, mut spans) = (Vec::new(), Vec::new());
    for nth in 0..logs {
        // One alone has no room for so many.
        let mut writer = Forger::with_keys_of(&mut world, [HERE, VOLUNTEER, OTHER][nth % 3]);
        let Reference { log, check, .. } = writer.raw(EpochId::ZERO, vec![7; 20]);
        spans.push(ErasedSpan { log, first: 0, last: 0, check, gaps: None });
        runs.extend(writer.runs());
    }
    let mut liar = forger(&mut world, LIAR, Topic::Erasure);
    for spans in spans.chunks(100) {
        let aggregates = vec![ErasedAggregate { creating: nowhere(&mut world), spans: spans.to_vec() }];
        liar.clear(Erased::KIND, Erased::VERSION, Erased { aggregates, totals: None }.encode());
    }
    hollow(&mut runs, |_| true);
    relay.bring(&world, Topic::Roster, &world.runs(HERE, Topic::Roster, |_| true));
    relay.bring(&world, Topic::Erasure, &liar.runs());
    relay.bring(&world, Topic::Common, &runs);
    let lacking = || relay.store.read(|reader| reader.lacking_logs()).unwrap().len();
    assert_eq!(lacking(), 0);
    cut(&mut world);

    meter.input(|| relay.bring(&world, Topic::Roster, &world.own_runs(HERE, Topic::Roster)));

    relay.store.tend().unwrap();
    assert_eq!(lacking(), logs);
    of(meter.sum, Work::RowWritten)
}

#[test]
fn what_was_erased_in_very_many_logs_falls_on_a_relay_in_parts_t4() {
    // As many as one transaction notes, and more.
    let [few, many] = [(413, 2_200), (414, 3_000)].map(|(seed, logs)| fallen(seed, logs));

    assert!(many < few + 200, "{few} rows for 2,200 logs, {many} for 3,000");
}

/// Rows that a phone reads where a peer that has so many logs acknowledges one event more.
fn acknowledged(seed: u64, logs: usize) -> u64 {
    let mut meter = Meter::begin();
    let mut world = town(seed);
    let order = post(&mut world);
    world.settle();
    let mut runs = Vec::new();
    for _ in 0..logs {
        let mut writer = Forger::with_keys_of(&mut world, VOLUNTEER);
        writer.raw(EpochId::ZERO, vec![7; 20]);
        runs.extend(writer.runs());
    }
    let (common, device, peer) = (world.tag(HERE, Topic::Common), world.device(VOLUNTEER), world.device(OTHER));
    [HERE, OTHER].iter().for_each(|phone| hand_over(&world, *phone, device, common, &runs).unwrap());
    let mut here = world.at(HERE).link(peer).unwrap();
    let mut there = world.at(OTHER).link(world.device(HERE)).unwrap();
    let mut talk = |hear: &mut dyn FnMut(&mut Link, &[u8])| {
        let mut said = here.send(usize::MAX).unwrap();
        while !said.is_empty() {
            there.receive(&said).unwrap();
            hear(&mut here, &there.send(usize::MAX).unwrap());
            said = here.send(usize::MAX).unwrap();
        }
    };
    talk(&mut |here, answer| here.receive(answer).unwrap());
    let id = world.command();
    world.at(HERE).submit::<Order>(id, Some(order), Command::Claim).unwrap();

    talk(&mut |here, answer| meter.input(|| here.receive(answer).unwrap()));

    let has = world.at(HERE).look(|reader| reader.peer_has(peer)).unwrap();
    assert!(has.len() > logs, "{} logs", has.len());
    of(meter.sum, Work::RowRead)
}

#[test]
fn what_a_peer_acknowledges_costs_the_same_however_much_it_has_t4() {
    let [few, many] = [(415, 100), (416, 600)].map(|(seed, logs)| acknowledged(seed, logs));

    assert!(many < few + 50, "{few} rows beside 100 logs, {many} beside 600");
}

/// A peer says of a thousand logs that it lacks bodies, as many stretches as anybody says, and at its next meeting others.
#[test]
fn a_peer_that_lacks_thousands_of_bodies_keeps_to_the_budget_t4() {
    let mut gauge = Gauge::begin("a peer that lacks thousands of bodies");
    let mut world = town(412);
    let (common, device, peer) = (world.tag(HERE, Topic::Common), world.device(VOLUNTEER), world.device(OTHER));
    let mut runs = Vec::new();
    for _ in 0..limits::NAMED / limits::HOLES {
        let mut writer = Forger::with_keys_of(&mut world, VOLUNTEER);
        writer.raw(EpochId::ZERO, vec![7; 20]);
        runs.extend(writer.runs());
    }
    hand_over(&world, HERE, device, common, &runs).unwrap();
    let mut lacks = |seen: u64| {
        let of = |log: LogId| (0..limits::HOLES as u64).map(move |nth| (log, 100 * seen + 2 * nth));
        let tip = world.dice.random();
        let hole = |(log, first): (LogId, u64)| Entry::hole(log, Hole { first, last: Some(first), tip });
        runs.iter().flat_map(|outgoing| of(outgoing.run.log)).map(hole).collect::<Vec<_>>()
    };
    let said = [lacks(1), lacks(2)];

    for holes in said {
        gauge.input(|| drop(Feeder::saying(&world, HERE, peer, (common, &holes))));
    }

    let kept = world.at(HERE).look(|reader| reader.peer_lacks(peer)).unwrap().len();
    assert!((1..=limits::LACKED).contains(&kept), "{kept} stretches");
}

/// A member forks a log of its own, and signs runs for none of its branches; and others of which nobody has the bodies.
#[test]
fn runs_that_are_signed_in_vain_keep_to_the_budget_t4() {
    let mut gauge = Gauge::begin("runs signed in vain");
    let mut world = town(413);
    let (common, device) = (world.tag(HERE, Topic::Common), world.device(VOLUNTEER));
    let stem = Forger::with_keys_of(&mut world, VOLUNTEER);
    let branches: Vec<Outgoing> = (0..limits::BRANCHES as u8)
        .flat_map(|nth| {
            let mut branch = stem.twin();
            branch.raw(EpochId::ZERO, vec![nth; 20]);
            branch.runs()
        })
        .collect();
    hand_over(&world, HERE, device, common, &branches).unwrap();
    let mut last = branches[0].clone();
    last.run.first = 1;
    let forged: Vec<Outgoing> = (0..600_u32)
        .map(|nth| {
            let mut forged = last.clone();
            forged.run.links[0].content = Content::Here(nth.to_be_bytes().repeat(4).into());
            forged
        })
        .collect();
    let mut lone = Forger::with_keys_of(&mut world, VOLUNTEER);
    lone.raw(EpochId::ZERO, vec![7; 20]);
    hand_over(&world, HERE, device, common, &lone.runs()).unwrap();
    let mut hollow: Vec<Outgoing> = (0..600_u32)
        .flat_map(|nth| {
            let mut branch = lone.twin();
            branch.raw(EpochId::ZERO, nth.to_be_bytes().repeat(5));
            branch.runs()
        })
        .collect();
    self::hollow(&mut hollow, |_| true);
    let mut own = Forger::with_keys_of(&mut world, OTHER);
    own.raw(EpochId::ZERO, vec![7; 20]);
    hand_over(&world, HERE, world.device(OTHER), common, &own.runs()).unwrap();
    let honest = own.raw(EpochId::ZERO, vec![7; 20]);
    let signed = own.runs();
    let behind = |nth: u32| {
        let mut forged = signed[0].clone();
        forged.run.links[0].content = Content::Here(nth.to_be_bytes().repeat(2).into());
        forged
    };
    let beside: Vec<Outgoing> = (0..400).map(behind).chain(signed.iter().cloned()).collect();

    for runs in [&forged, &hollow, &beside] {
        let link = world.at(HERE).link(device).unwrap();
        let mut measured = Measured { link, gauge: &mut gauge, most: 0 };
        hand_over_in(&mut measured, claims(&world, device), common, runs).unwrap();
        let most = (limits::TRIES + limits::BRANCHES) as u64;
        assert!(measured.most <= most, "{} signatures, {most} at most", measured.most);
    }
    let is_held = world.at(HERE).look(|reader| reader.has(honest)).unwrap();
    assert!(is_held, "nothing beside it keeps it away");
}

/// A phone's conversation of which each input is measured.
struct Measured<'a> {
    link: Link,
    gauge: &'a mut Gauge,
    /// Signatures that one input cost at most.
    most: u64,
}

impl Measured<'_> {
    fn input(&mut self, give: impl FnOnce(&mut Link)) {
        let before = count::done(Work::Signature);
        self.gauge.input(|| give(&mut self.link));
        self.most = self.most.max(count::done(Work::Signature) - before);
    }
}

impl Conversation for &mut Measured<'_> {
    type Error = LinkError;

    fn receive(&mut self, bytes: &[u8]) -> Result<(), LinkError> {
        let mut done = Ok(());
        self.input(|link| done = link.receive(bytes));
        done
    }

    /// Again and again, as who drives it does while it is woken.
    fn send(&mut self, most: usize) -> Result<Vec<u8>, LinkError> {
        let mut said = Vec::new();
        loop {
            let mut more = Ok(Vec::new());
            self.input(|link| more = link.send(most));
            said.extend(more?);
            let wake = self.link.wake();
            if !pin!(wake.notified()).enable() {
                return Ok(said);
            }
        }
    }

    fn tick(&mut self) -> Result<(), LinkError> {
        self.link.tick()
    }

    fn wake(&self) -> Arc<Notify> {
        self.link.wake()
    }

    fn state(&self) -> ConversationState {
        self.link.state()
    }
}

/// A peer that holds what the phone holds.
fn claims(world: &World, device: DeviceId) -> Config {
    let vector = |topic| {
        let tag = world.tag(HERE, topic);
        (tag, world.at(HERE).look(|reader| reader.entries(tag)).unwrap().into_iter().collect())
    };
    let community = world.at(HERE).community().unwrap();
    Config { community, device, topics: Topic::ALL.into_iter().map(vector).collect(), nonce: [5; 8] }
}

/// A liar let a thousand in, each of whom said something in the clear, and was cut: with each run of theirs that comes it is asked
/// how much of all these is kept.
#[test]
fn runs_of_those_who_fell_with_a_thousand_others_keep_to_the_budget_t4() {
    let mut gauge = Gauge::begin("runs of those who fell");
    let mut world = town(414);
    let (bringer, clear) = (world.device(LIAR), world.tag(HERE, Topic::Erasure));
    let mut liar = forger(&mut world, LIAR, Topic::Roster);
    let friends = befriended(&mut world, &mut liar, 1_000);
    let junk = |world: &mut World, keys: &DeviceKeys, runs: usize| -> Vec<Outgoing> {
        let mut friend = Forger::with_keys(world, HERE, keys).in_topic(world, HERE, Topic::Erasure);
        let mut one = |_| {
            friend.raw(EpochId::ZERO, vec![0x55; 30]);
            friend.runs()
        };
        (0..runs).flat_map(&mut one).collect()
    };
    let said: Vec<Outgoing> = friends.iter().flat_map(|keys| junk(&mut world, keys, 1)).collect();
    hand_over(&world, HERE, bringer, clear, &said).unwrap();
    let (id, except) = (world.command(), friends.iter().map(|keys| keys.device()).collect());
    let who = Who::Device(bringer);
    world.at(HERE).revoke(id, Revocation { heads: Some(Vec::new()), except, ..Revocation::of(who) }).unwrap();
    let fell = |keys: &DeviceKeys| world.at(HERE).roster().fell_under(keys.device()).is_some();
    assert!(friends.iter().all(fell));
    let more = junk(&mut world, &friends[0], 200);

    let runs = more.iter().map(|outgoing| outgoing.run.clone()).collect();
    gauge.input(|| drop(world.at(HERE).ingest(clear, runs, &Arc::<Inbox>::default()).unwrap()));
}

/// A relay that this town's founder has admitted.
struct Relay {
    store: CommunityStore,
    _kept: (Communities, TempDir),
}

impl Relay {
    fn open(world: &mut World) -> Self {
        let dir = somewhere();
        let home = Home::new(dir.path());
        home.allow(&world.admit_relay(HERE, home.keys().unwrap().record())).unwrap();
        let communities =
            Communities::open(home, Quota::default(), Speed::default(), Arc::new(world.clock.clone())).unwrap();
        let store = communities.stores().pop().unwrap();
        Self { store, _kept: (communities, dir) }
    }

    fn bring(&self, world: &World, topic: Topic, runs: &[Outgoing]) {
        let runs = runs.iter().map(|outgoing| outgoing.run.clone()).collect();
        let answers = self.store.ingest(world.tag(HERE, topic), runs, &Arc::<Inbox>::default()).unwrap();
        assert!(answers.iter().all(|answer| matches!(answer, Answer::Committed { .. })), "{:?}", answers.last());
    }
}

/// Of these logs the liar says that all is erased, up to an end that nobody holds.
fn erasure(world: &mut World, logs: &[LogId]) -> Vec<Outgoing> {
    let mut liar = forger(world, LIAR, Topic::Erasure);
    let check = ShortId::from_bytes([9; ShortId::LEN]);
    let span = |log: &LogId| ErasedSpan { log: *log, first: 0, last: 1 << 40, check, gaps: None };
    let aggregates = vec![ErasedAggregate { creating: nowhere(world), spans: logs.iter().map(span).collect() }];
    liar.clear(Erased::KIND, Erased::VERSION, Erased { aggregates, totals: None }.encode());
    liar.runs()
}

/// The founder cuts the liar off as if it had said nothing.
fn cut(world: &mut World) {
    let liar = world.device(LIAR);
    cut_low(world, HERE, liar);
}

/// Each event without its body that stands at a place of which this is said.
fn hollow(runs: &mut [Outgoing], is_gone: impl Fn(u64) -> bool) {
    for Outgoing { run, .. } in runs {
        let links = (run.first..).zip(&mut run.links).filter(|(seq, _)| is_gone(*seq));
        links.for_each(|(_, link)| link.content = Content::Erased(link.content.hash()));
    }
}
