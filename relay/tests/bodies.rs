//! Bodies that a relay lacks: it asks for them until somebody brings them, unless an erasure that counts names them (R5).

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that cannot go on ends")]

use std::sync::{Arc, atomic::Ordering};

use linli_core::{
    aggregate::order::{Command, NewOrder, Order},
    event::{Body, Content, Entry, Held, LogHeader, Run, Topic},
    id::{EpochId, LogId, Reference, ShortId},
    keep::{Answer, Holder, Inbox, Quota, SyncConversation, vectors},
    limits,
    net::Conversation,
    replica::{Link, Options, Replica},
    roster::{Cut, CutHead, Erased, ErasedAggregate, ErasedSpan, Revocation, Role, Who},
};
use linli_relay::{Communities, CommunityStore, Home, Speed};
use linli_tests::{Break, Forger, MORNING, World};

const FOUNDER: usize = 0;
const WRITER: usize = 1;
/// A coordinator whose phone is in hostile hands.
const LIAR: usize = 2;
/// Turns after which a conversation should have ended long ago.
const TURNS: usize = 100;

#[test]
fn what_came_hollow_before_an_end_that_nobody_holds_is_asked_for_and_taken_r5() {
    let mut scene = Scene::begin(64);
    let order = scene.post(WRITER);
    scene.bring(Topic::Common, vec![scene.hollow(WRITER, order)]);
    assert!(!scene.has_body(order));

    scene.visit(WRITER);

    assert!(scene.has_body(order), "the writer brought it once more");
    scene.visit(FOUNDER);
    assert!(scene.world.at(FOUNDER).order(order).is_ok(), "and others get it there");
}

#[test]
fn what_came_hollow_is_taken_after_the_cut_of_whoever_said_that_it_is_erased_r5() {
    let mut scene = Scene::begin(65);
    let order = scene.post(WRITER);
    scene.bring(Topic::Common, vec![scene.hollow(WRITER, order)]);
    let (id, device) = (scene.world.command(), scene.world.device(LIAR));
    let low = Revocation { heads: Some(Vec::new()), ..Revocation::of(Who::Device(device)) };
    scene.world.at(FOUNDER).revoke(id, low).unwrap();
    scene.visit(FOUNDER);
    assert!(!scene.has_body(order));

    scene.visit(WRITER);

    assert!(scene.has_body(order));
}

/// It had forgotten them for good, by an erasure that counted for three days.
#[test]
fn what_a_relay_forgot_is_taken_again_once_the_erasure_counts_no_longer_r5() {
    let mut scene = Scene::begin(66);
    let order = scene.post(WRITER);
    scene.visit(WRITER);
    let spans = vec![ErasedSpan { log: order.log, first: order.seq, last: order.seq, check: order.check, gaps: None }];
    scene.erase(LIAR, order, spans);
    scene.world.pass(73 * 60);
    scene.store.tend().unwrap();
    assert!(!scene.has_body(order), "the erasure was carried out");
    scene.visit(WRITER);
    assert!(!scene.has_body(order), "and nothing brings it back while it counts");
    let (id, device) = (scene.world.command(), scene.world.device(LIAR));
    let low = Revocation { heads: Some(Vec::new()), ..Revocation::of(Who::Device(device)) };
    scene.world.at(FOUNDER).revoke(id, low).unwrap();

    scene.visit(FOUNDER);
    scene.visit(WRITER);

    assert!(scene.has_body(order));
}

/// Whoever erased it was let in by the liar, and is a stranger then. Newcomers take what the relay has, and ask for the body.
#[test]
fn what_a_relay_forgot_is_taken_again_once_the_admission_of_whoever_erased_it_fell_r5() {
    let (mut scene, ..) = Scene::without_erasures(69);
    let friend = scene.world.join(LIAR, Role::Coordinator);
    scene.world.meet(LIAR, friend, Break::Never);
    scene.visit(LIAR);
    let order = scene.post(WRITER);
    scene.visit(WRITER);
    let spans = vec![ErasedSpan { log: order.log, first: order.seq, last: order.seq, check: order.check, gaps: None }];
    scene.erase(friend, order, spans);
    scene.world.pass(73 * 60);
    scene.store.tend().unwrap();
    assert!(!scene.has_body(order), "the erasure was carried out");
    scene.world.meet(FOUNDER, LIAR, Break::Never);
    let except = [scene.world.device(friend)].into();
    let (id, device) = (scene.world.command(), scene.world.device(LIAR));
    let low = Revocation { heads: Some(Vec::new()), except, ..Revocation::of(Who::Device(device)) };
    scene.world.at(FOUNDER).revoke(id, low).unwrap();
    scene.visit(FOUNDER);
    assert!(scene.store.rules().roster.device(scene.world.device(friend)).is_none(), "the admission fell");
    assert!(!scene.has_body(order));
    let newcomer = scene.world.join(FOUNDER, Role::Volunteer);
    scene.visit(FOUNDER);
    scene.visit(newcomer);
    let stored = scene.world.at(newcomer).look(|reader| reader.event(order)).unwrap();
    assert_eq!(stored.and_then(|stored| stored.judged.reason()), Some(Held::Missing), "the newcomer asks for it");

    scene.visit(WRITER);

    assert!(scene.has_body(order));
    scene.visit(newcomer);
    assert!(scene.world.at(newcomer).order(order).is_ok(), "and others get it there");
}

/// T4: a relay, which judges nothing, keeps of all whom a thief let in no more than of one.
#[test]
fn all_whom_a_thief_let_in_share_a_room_on_a_relay_for_what_they_erased_r5_t4() {
    let (mut scene, own, _) = Scene::without_erasures(73);
    let mut friends: Vec<usize> = (0..3).map(|_| scene.world.join(LIAR, Role::Coordinator)).collect();
    for friend in friends.clone() {
        scene.world.meet(LIAR, friend, Break::Never);
        friends.push(scene.world.join(friend, Role::Coordinator));
        scene.world.meet(friend, friends[friends.len() - 1], Break::Never);
        scene.world.meet(LIAR, friend, Break::Never);
    }
    scene.visit(LIAR);
    scene.world.meet(FOUNDER, LIAR, Break::Never);
    let (id, liar) = (scene.world.command(), scene.world.device(LIAR));
    let except = friends.iter().map(|friend| scene.world.device(*friend)).collect();
    let low = Revocation { heads: Some(Vec::new()), except, ..Revocation::of(Who::Device(liar)) };
    scene.world.at(FOUNDER).revoke(id, low).unwrap();
    scene.visit(FOUNDER);
    let tag = scene.world.tag(FOUNDER, Topic::Erasure);

    for friend in &friends {
        let mut forger =
            Forger::with_keys_of(&mut scene.world, *friend).in_topic(&scene.world, *friend, Topic::Erasure);
        for _ in 0..limits::BEYOND_CUT {
            let aggregates = vec![ErasedAggregate { creating: own, spans: Vec::new() }];
            forger.clear(Erased::KIND, Erased::VERSION, Erased { aggregates, totals: None }.encode());
        }
        let runs = forger.runs().into_iter().map(|outgoing| outgoing.run).collect();
        scene.store.ingest(tag, runs, &Arc::<Inbox>::default()).unwrap();
    }

    let of =
        |friend: &usize| scene.store.read(|reader| reader.room_in(scene.world.device(*friend), tag)).unwrap().events;
    let kept: u64 = friends.iter().map(of).sum();
    assert!((limits::BEYOND_CUT - limits::SIGNATURE_EVERY..=limits::BEYOND_CUT).contains(&kept), "{kept} events");
}

/// It held a part of what an erasure names when it carried it out, and nothing told it which branch was meant.
#[test]
fn what_stands_before_an_end_that_comes_after_three_days_goes_with_it_r5_t10() {
    let (mut scene, own, _) = Scene::without_erasures(72);
    let mut forger = Forger::with_keys_of(&mut scene.world, WRITER);
    let events: Vec<Reference> = (0..2).map(|_| forger.raw(EpochId::ZERO, vec![7; 40])).collect();
    let begin = forger.runs().into_iter().map(|outgoing| outgoing.run).collect();
    let last = (0..2).map(|_| forger.raw(EpochId::ZERO, vec![7; 40])).last().unwrap();
    let rest = forger.runs().into_iter().map(|outgoing| outgoing.run).collect();
    scene.bring(Topic::Common, begin);
    scene.erase(LIAR, own, vec![ErasedSpan { log: last.log, first: 0, last: last.seq, check: last.check, gaps: None }]);
    scene.world.pass(73 * 60);
    scene.store.tend().unwrap();
    assert!(events.iter().all(|event| scene.has_body(*event)), "the end is not here");

    scene.bring(Topic::Common, rest);

    assert!(events.iter().all(|event| !scene.has_body(*event)));
    assert_eq!(missing(&scene, last.log), 0);
}

/// A relay that comes to hear of an order together with its erasure has nothing to ask for.
#[test]
fn what_is_erased_up_to_an_end_that_is_held_is_not_asked_for_r5() {
    let mut scene = Scene::begin(67);
    let order = scene.post(WRITER);
    let spans = vec![ErasedSpan { log: order.log, first: order.seq, last: order.seq, check: order.check, gaps: None }];
    scene.erase(LIAR, order, spans);
    scene.bring(Topic::Common, vec![scene.hollow(WRITER, order)]);

    let vector = scene.vector();

    assert!(vector.iter().any(|entry| (entry.log, entry.seq) == (order.log, order.seq)), "{vector:?}");
    assert!(!vector.iter().any(Entry::is_hole), "{vector:?}");
}

/// Neither the relay nor the phone has a body, and each may hold what was written behind it.
#[test]
fn what_stands_behind_a_body_that_a_relay_and_a_phone_lack_goes_both_ways_r5() {
    let mut scene = Scene::begin(68);
    let order = scene.post(WRITER);
    let hollow = scene.hollow(WRITER, order);
    scene.bring(Topic::Common, vec![hollow.clone()]);
    scene.visit(FOUNDER);
    assert!(scene.world.at(FOUNDER).order(order).is_err(), "it came hollow there as well");
    let later = scene.post(WRITER);
    let mut run = scene.hollow(WRITER, later);
    run.links.drain(..run.links.len() - 1);
    run.first = later.seq;
    run.links[0].content = scene.body(WRITER, later);
    scene.bring(Topic::Common, vec![run]);

    scene.visit(FOUNDER);

    assert!(scene.world.at(FOUNDER).order(later).is_ok(), "from the relay to the phone");
    let bytes = scene.visit(FOUNDER);
    assert!(bytes < 300, "and nothing more is said of it: {bytes} bytes");
    let mut open = scene.meet(FOUNDER);
    talk(&mut open);
    scene.visit(WRITER);
    talk(&mut open);
    assert!(scene.world.at(FOUNDER).order(order).is_ok(), "the body goes on to whoever is connected and lacks it");
}

/// How many bodies of a log the relay knows to be missing.
fn missing(scene: &Scene, log: LogId) -> usize {
    scene.store.read(|reader| reader.held_between(log, 0, u64::MAX >> 1, Held::Missing)).unwrap().len()
}

/// T4: whoever erases a thousand events and is cut costs nobody one long transaction.
#[test]
fn what_is_missing_at_once_is_noted_in_parts_r5() {
    const EVENTS: usize = 1_000;
    let (mut scene, own, _) = Scene::without_erasures(70);
    let mut forger = Forger::with_keys_of(&mut scene.world, WRITER);
    for _ in 0..EVENTS {
        forger.raw(EpochId::ZERO, vec![7; 8]);
    }
    let outgoing = forger.runs();
    let ((log, next), check) = (forger.place(), outgoing.last().unwrap().last);
    scene.bring(Topic::Common, outgoing.into_iter().map(|outgoing| outgoing.run).collect());
    scene.erase(LIAR, own, vec![ErasedSpan { log, first: 0, last: next - 1, check, gaps: None }]);
    scene.world.pass(73 * 60);
    assert_eq!(scene.store.tend().unwrap(), EVENTS as u64);
    let (id, device) = (scene.world.command(), scene.world.device(LIAR));
    let low = Revocation { heads: Some(Vec::new()), ..Revocation::of(Who::Device(device)) };
    scene.world.at(FOUNDER).revoke(id, low).unwrap();
    let cut: Vec<Run> = scene.world.own_runs(FOUNDER, Topic::Roster).into_iter().map(|own| own.run).collect();

    let commits = || scene.store.meter().commits.load(Ordering::Relaxed);
    let before = commits();
    scene.bring(Topic::Roster, cut);

    let (noted, commits) = (missing(&scene, log), usize::try_from(commits() - before).unwrap());
    assert!(noted > 0 && noted <= limits::FREED * commits, "{noted} in {commits} transactions");
    scene.store.tend().unwrap();
    assert_eq!(missing(&scene, log), EVENTS);
}

/// R7: nobody is told of its branches once they are too many.
#[test]
fn a_relay_knows_at_once_that_a_log_has_too_many_branches_r7() {
    let (mut scene, ..) = Scene::without_erasures(71);
    let forger = Forger::with_keys_of(&mut scene.world, WRITER);
    let mut runs = Vec::new();
    for nth in 0..=limits::BRANCHES as u8 {
        let mut twin = forger.twin();
        twin.raw(EpochId::ZERO, vec![nth; 8]);
        runs.extend(twin.runs().into_iter().map(|outgoing| outgoing.run));
    }
    let (log, _) = forger.place();
    scene.bring(Topic::Common, runs);

    let vector = scene.vector();

    let of_log: Vec<_> = vector.into_iter().filter(|entry| entry.log == log).collect();
    assert_eq!(of_log, [Entry::silenced(log)]);
}

/// The writer's phone is in hostile hands too: at a place that the liar's erasure names there is another event, without a body,
/// and nobody ever has one. Beside it stands much that all hold.
fn with_a_hole_for_good(seed: u64) -> Scene {
    let mut scene = Scene::begin(seed);
    let orders: Vec<Reference> = (0..20).map(|_| scene.post(WRITER)).collect();
    scene.visit(WRITER);
    scene.visit(FOUNDER);
    let mut twin = Forger::behind(&mut scene.world, WRITER, WRITER, Topic::Common, 0);
    twin.write(&Body {
        aggregate: Some(orders[0]),
        deps: Vec::new(),
        wall: MORNING,
        kind: 0x0110,
        version: 1,
        payload: Vec::new(),
        edits: Vec::new(),
        salt: None,
    });
    let mut run = twin.runs().remove(0).run;
    run.links[0].content = Content::Erased(run.links[0].content.hash());
    scene.bring(Topic::Common, vec![run]);
    scene
}

/// The phone has no room left for the writer: so it never holds what has no body, and does not say that it lacks one too.
#[test]
fn what_nobody_can_fill_is_brought_a_few_times_and_no_more_r5() {
    let mut scene = with_a_hole_for_good(70);
    scene.world.close(FOUNDER);
    let quota = Quota { community: 4_000, device: 1_000 };
    let full = Replica::open(Options { quota, ..scene.world.options(FOUNDER) }).unwrap();
    scene.world.put(FOUNDER, full);

    let brought: Vec<usize> = (0..8).map(|_| scene.visit(FOUNDER)).collect();

    let (first, later) = brought.split_at(usize::from(limits::FILLS));
    assert!(first.iter().all(|bytes| *bytes > 1_000), "somebody may have it: {brought:?}");
    assert!(later.iter().all(|bytes| *bytes < 1_000), "{brought:?}");
}

#[test]
fn what_is_missing_on_a_branch_that_is_cut_is_not_asked_for_r5() {
    let mut scene = with_a_hole_for_good(71);
    scene.visit(FOUNDER);
    let (id, device) = (scene.world.command(), scene.world.device(WRITER));
    let tag = scene.world.tag(FOUNDER, Topic::Common);
    let heads = scene.world.at(WRITER).look(|reader| {
        let of_writer = |log: &LogHeader| log.device == device && log.topic == tag;
        let log = reader.logs()?.into_iter().find(of_writer).expect("it wrote").id();
        Ok((log, reader.heads(log)?))
    });
    let (log, heads) = heads.unwrap();
    let heads = heads.into_iter().map(|head| CutHead { seq: head.seq, id: head.id }).collect();
    let cut = Cut { log, heads };
    let named = Revocation { heads: Some(vec![cut]), ..Revocation::of(Who::Device(device)) };
    scene.world.at(FOUNDER).revoke(id, named).unwrap();
    scene.visit(FOUNDER);

    let asked = scene.vector();

    assert!(asked.iter().all(|entry| !entry.is_hole()), "it is beyond the cut");
}

/// T3: what a coordinator had erased before it was cut, nobody has any more; what the writer says from then on was brought to the
/// relay without bodies.
#[test]
fn what_came_hollow_behind_a_body_that_nobody_has_is_asked_for_and_taken_r5_t3() {
    let (mut scene, _, before) = Scene::without_erasures(74);
    let span = |last, check| ErasedSpan { log: before.log, first: before.seq, last, check, gaps: None };
    let spans = vec![span(before.seq, before.check), span(1 << 40, ShortId::from_bytes([7; ShortId::LEN]))];
    scene.erase(LIAR, before, spans);
    [FOUNDER, WRITER].iter().for_each(|phone| _ = scene.visit(*phone));
    for minutes in [0, 73 * 60] {
        scene.world.pass(minutes);
        scene.store.tend().unwrap();
        [FOUNDER, WRITER].iter().for_each(|phone| _ = scene.world.at(*phone).tend().unwrap());
    }
    let (id, device) = (scene.world.command(), scene.world.device(LIAR));
    let low = Revocation { heads: Some(Vec::new()), ..Revocation::of(Who::Device(device)) };
    scene.world.at(FOUNDER).revoke(id, low).unwrap();
    [FOUNDER, WRITER].iter().for_each(|phone| _ = scene.visit(*phone));
    let news = scene.post(WRITER);
    scene.bring(Topic::Common, vec![scene.hollow(WRITER, news)]);
    scene.visit(FOUNDER);
    assert!(!scene.has_body(before) && !scene.has_body(news));
    let knows = |scene: &Scene, phone: usize| scene.world.at(phone).who_has(news).unwrap().relay;
    assert!(!knows(&scene, FOUNDER), "the relay has said that it lacks it");

    scene.visit(WRITER);

    assert!(scene.has_body(news), "the writer brought it");
    assert!(!scene.has_body(before), "nobody has it");
    scene.visit(FOUNDER);
    assert!(scene.world.at(FOUNDER).order(news).is_ok(), "and others get it there");
    scene.visit(WRITER);
    assert!(knows(&scene, WRITER));
    let bytes = scene.visit(WRITER);
    assert!(bytes < 300, "and nothing more is said of it: {bytes} bytes");
}

/// A relay that has heard of an order and of an erasure: the liar's, of an order of its own, which also names the writer's
/// log up to an end that nobody holds.
struct Scene {
    world: World,
    store: CommunityStore,
    _kept: (Communities, tempfile::TempDir),
}

impl Scene {
    fn begin(seed: u64) -> Self {
        let (mut scene, own, before) = Self::without_erasures(seed);
        let check = ShortId::from_bytes([7; ShortId::LEN]);
        let invented = ErasedSpan { log: before.log, first: 0, last: 1 << 40, check, gaps: None };
        scene.erase(LIAR, own, vec![invented]);
        scene
    }

    /// The same before anybody erased anything; an order of the liar's, and one of the writer's.
    fn without_erasures(seed: u64) -> (Self, Reference, Reference) {
        let dir = linli_tests::somewhere();
        let home = Home::new(dir.path());
        let mut world = World::community(seed, 1);
        world.join(FOUNDER, Role::Coordinator);
        home.allow(&world.admit_relay(FOUNDER, home.keys().unwrap().record())).unwrap();
        world.settle();
        let communities =
            Communities::open(home, Quota::default(), Speed::default(), Arc::new(world.clock.clone())).unwrap();
        let store = communities.stores().pop().unwrap();
        let mut scene = Self { world, store, _kept: (communities, dir) };
        let (own, before) = (scene.post(LIAR), scene.post(WRITER));
        scene.world.settle();
        for phone in [FOUNDER, LIAR, WRITER] {
            scene.visit(phone);
        }
        (scene, own, before)
    }

    fn post(&mut self, phone: usize) -> Reference {
        let order =
            NewOrder { building: "3".into(), kind: "grocery".into(), note: Some("milk".into()), ..NewOrder::default() };
        let id = self.world.command();
        self.world.at(phone).submit::<Order>(id, None, Command::Post(Box::new(order))).unwrap().events[0]
    }

    /// A phone says so, and brings it to the relay.
    fn erase(&mut self, phone: usize, creating: Reference, spans: Vec<ErasedSpan>) {
        let mut forger = Forger::with_keys_of(&mut self.world, phone).in_topic(&self.world, phone, Topic::Erasure);
        let aggregates = vec![ErasedAggregate { creating, spans }];
        forger.clear(Erased::KIND, Erased::VERSION, Erased { aggregates, totals: None }.encode());
        let runs = forger.runs().into_iter().map(|outgoing| outgoing.run).collect();
        self.bring(Topic::Erasure, runs);
    }

    /// Runs that somebody brings: they are taken.
    fn bring(&self, topic: Topic, runs: Vec<Run>) {
        let answers = self.store.ingest(self.world.tag(FOUNDER, topic), runs, &Arc::<Inbox>::default()).unwrap();
        let taken = |answer: &Answer| matches!(answer, Answer::Committed { .. });
        assert!(answers.iter().all(taken), "{answers:?}");
    }

    /// The run in which an event stands, as a phone has it, without bodies.
    fn hollow(&self, phone: usize, event: Reference) -> Run {
        let tag = self.world.tag(phone, Topic::Common);
        let runs = self.world.at(phone).look(|reader| {
            let spans = reader.missing(tag, &[])?;
            spans.iter().map(|span| reader.load(span)).collect::<Result<Vec<_>, _>>()
        });
        let stands = |run: &Run| run.log == event.log && run.first <= event.seq;
        let mut run = runs.unwrap().into_iter().rfind(stands).unwrap();
        for link in &mut run.links {
            link.content = Content::Erased(link.content.hash());
        }
        run
    }

    fn meet(&self, phone: usize) -> (Link, SyncConversation<CommunityStore>) {
        let theirs = SyncConversation::begin(self.store.clone(), self.world.device(phone)).unwrap();
        (self.world.at(phone).link(self.store.device()).unwrap(), theirs)
    }

    /// A phone and the relay talk until both are silent. How many bytes.
    fn visit(&self, phone: usize) -> usize {
        talk(&mut self.meet(phone))
    }

    /// What the relay says to hold, and to lack, of what is said of orders.
    fn vector(&self) -> Vec<Entry> {
        let tag = self.world.tag(FOUNDER, Topic::Common);
        self.store.read(|reader| vectors(reader, &self.store.rules(), self.store.device(), [tag])).unwrap().remove(0).1
    }

    fn body(&self, phone: usize, event: Reference) -> Content {
        self.world.at(phone).look(|reader| reader.event(event)).unwrap().expect("it is held").content
    }

    /// Whether the relay holds an event's body.
    fn has_body(&self, event: Reference) -> bool {
        let stored = self.store.read(|reader| reader.event(event)).unwrap().expect("the event is held");
        matches!(stored.content, Content::Here(_))
    }
}

fn talk((ours, theirs): &mut (Link, SyncConversation<CommunityStore>)) -> usize {
    let mut bytes = 0;
    for _ in 0..TURNS {
        let (said, answered) = (ours.send(usize::MAX).unwrap(), theirs.send(usize::MAX).unwrap());
        if said.is_empty() && answered.is_empty() {
            return bytes;
        }
        bytes += said.len() + answered.len();
        theirs.receive(&said).unwrap();
        ours.receive(&answered).unwrap();
    }
    panic!("they talk without end");
}
