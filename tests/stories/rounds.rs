//! What is heard between two parts of something longer: a round of looks comes to its end whatever comes meanwhile, and what it
//! took away comes back whole where it counts again (R5, R8).

use std::{
    collections::BTreeMap,
    sync::atomic::{AtomicBool, Ordering},
};

use linli_core::{
    aggregate::Held,
    count::{self, Work},
    event::{Body, Topic},
    id::{EventId, LogId, Reference, ShortId, TopicTag},
    roster::{
        Cut, CutHead, Erased, ErasedAggregate, ErasedSpan, Grant, GrantRemoved, Granted, Revocation, Revoked, Role,
        RosterEvent, Who,
    },
    sync::Outgoing,
};
use linli_tests::{
    Break, Forger, World, cut_low, hand_over, held_for,
    made::{posted, revoked},
};
use rand::RngExt;

use crate::say;

const FOUNDER: usize = 0;
/// Whose phone is looked at.
const WU: usize = 1;
/// Whose orders come and go.
const VOLUNTEER: usize = 2;
/// A coordinator in hostile hands.
const THIEF: usize = 3;
/// A coordinator whom the thief can cut off, where there is one.
const CLERK: usize = 4;
/// More than goes away or comes back in one part.
const ORDERS: usize = 1_500;

/// Erasures of what there is not that take many parts to be looked at.
const MANY: usize = 80;

#[test]
fn what_a_cut_takes_away_in_parts_comes_back_whole_though_it_falls_between_two_r8() {
    let mut scene = Scene::begin(6);
    let (cut, fall) = (scene.cut_of_volunteer(), scene.cut_of_thief());

    scene.bring(scene.roster, &cut);
    let taken = scene.held(Held::Cut);
    assert!(taken > 0 && scene.world.at(WU).go_on().unwrap(), "{taken} are held, and more is due");
    scene.bring(scene.roster, &fall);
    scene.world.close(WU);
    scene.world.open(WU);
    scene.world.catch_up(WU);

    assert_eq!(scene.held(Held::Cut), 0);
    scene.assert_whole();
}

#[test]
fn what_an_erasure_takes_away_in_parts_comes_back_whole_though_it_falls_between_two_r5() {
    let mut scene = Scene::begin(7);
    let orders = scene.orders.clone();
    let erasures = scene.say(Topic::Erasure, |forger| {
        orders.chunks(250).for_each(|some| erase(forger, some.iter().copied().map(erased).collect()));
    });
    let fall = scene.cut_of_thief();

    scene.bring(scene.erasures, &erasures);
    assert!(scene.held(Held::Erased) > 0 && scene.world.at(WU).go_on().unwrap(), "more is due");
    scene.bring(scene.roster, &fall);
    scene.world.close(WU);
    scene.world.open(WU);
    scene.world.catch_up(WU);

    assert_eq!((scene.held(Held::Erased), scene.held(Held::Cut)), (0, 6), "the thief's erasures alone");
    scene.assert_whole();
}

/// T4: a few bytes, again and again, which could only mean what is gone already.
#[test]
fn an_erasure_up_to_an_end_that_nobody_holds_has_nobody_look_at_what_is_here_r5_t4() {
    let mut scene = Scene::begin(11);
    let order = scene.orders[0];

    for nth in 0..3 {
        let check = ShortId::from_bytes([nth; ShortId::LEN]);
        let spans = vec![ErasedSpan { log: order.log, first: 0, last: 1 << 40, check, gaps: None }];
        let creating = Reference { log: order.log, seq: 1 << 40, check };
        let erasure =
            scene.say(Topic::Erasure, |forger| erase(forger, vec![ErasedAggregate { creating, spans: spans.clone() }]));
        scene.bring_unnoticed(scene.erasures, &erasure);
    }
    scene.assert_whole();
}

/// T4: each is an end for somebody, but there is no other branch of which it would say anything.
#[test]
fn heads_that_come_one_by_one_have_nobody_look_at_a_log_that_was_not_forked_r8_t4() {
    let mut scene = Scene::begin(13);
    let (log, _) = scene.volunteer.place();
    let (mut heads, mut parts) = (Vec::new(), Vec::new());
    for _ in 0..4 {
        let body = posted(&mut scene.world);
        scene.orders.push(scene.volunteer.write(&body));
        heads.extend(scene.volunteer.head());
        parts.push(scene.volunteer.runs());
    }
    let (device, grant) = (scene.world.device(VOLUNTEER), Grant::Leader { buildings: vec!["3".into()] });
    let heads = vec![Cut { log, heads }];
    let removed = GrantRemoved { device, grant, heads, incarnations: Vec::new(), act: None };
    let removal = scene.say(Topic::Roster, |forger| _ = forger.roster(&RosterEvent::GrantRemoved(removed)));
    scene.bring(scene.roster, &removal);
    scene.world.catch_up(WU);

    for part in parts {
        scene.bring_unnoticed(scene.world.tag(WU, Topic::Common), &part);
    }
    scene.assert_whole();
}

/// T4: a coordinator in hostile hands has something more to say of the same device before each part.
#[test]
fn whoever_says_more_and_more_keeps_no_cut_from_its_end_r8_t4() {
    let mut scene = Scene::begin(14);
    let (id, who) = (scene.world.command(), Who::Device(scene.world.device(VOLUNTEER)));
    let low = Revocation { heads: Some(Vec::new()), ..Revocation::of(who) };
    scene.world.at(FOUNDER).revoke(id, low).unwrap();
    let cut = scene.world.own_runs(FOUNDER, Topic::Roster);
    let mut more = scene.more_and_more();
    scene.bring(scene.roster, &cut);

    let shown = |scene: &Scene| scene.orders.iter().filter(|order| scene.world.at(WU).order(**order).is_ok()).count();
    let enough = 2 * (ORDERS / 100);
    for _ in 0..enough {
        scene.bring(scene.roster, &more.next().unwrap());
        scene.world.at(WU).go_on().unwrap();
    }

    assert_eq!(shown(&scene), 0, "after {enough} parts");
}

/// T4: many events come at once, for each of which somebody waits, while there is always more to be looked at.
#[test]
fn whoever_says_more_and_more_keeps_nobody_waiting_for_what_has_come_r8_t4() {
    const FIRST: usize = 400;
    const EACH: usize = 40;
    let mut scene = Scene::begin(17);
    let order = say::post(&mut scene.world, FOUNDER);
    scene.world.meet(FOUNDER, WU, Break::Never);
    let mut late = Forger::with_keys_of(&mut scene.world, FOUNDER);
    let mut waits = Forger::with_keys_of(&mut scene.world, FOUNDER);
    let named: Vec<Reference> = (0..=EACH).map(|_| late.write(&say::comment(order))).collect();
    for dep in std::iter::repeat_n(named[0], FIRST).chain(named[1..].iter().copied()) {
        waits.write(&Body { deps: vec![dep], ..say::comment(order) });
    }
    let common = scene.world.tag(WU, Topic::Common);
    scene.bring(common, &waits.runs());
    assert_eq!(scene.held(Held::Parked), FIRST + EACH);
    let mut more = scene.more_and_more();
    scene.bring(scene.roster, &more.next().unwrap());
    scene.bring(common, &late.runs());
    assert!(scene.held(Held::Parked) > EACH, "they are due");

    let enough = 4 * (ORDERS / 100);
    for _ in 0..enough {
        scene.bring(scene.roster, &more.next().unwrap());
        scene.world.at(WU).go_on().unwrap();
    }

    assert_eq!(scene.held(Held::Parked), 0, "after {enough} parts");
}

/// T4: what comes late is named though something is due all the time.
#[test]
fn whoever_says_more_and_more_keeps_nobody_from_naming_what_came_late_r5_t4() {
    let mut scene = Scene::of(18, 300);
    scene.world.settle();
    let order = scene.orders[0];
    let id = scene.world.command();
    scene.world.at(FOUNDER).erase(id, &[order]).unwrap();
    scene.volunteer.write(&say::comment(order));
    let (from, common) = (scene.volunteer.device(), scene.world.tag(FOUNDER, Topic::Common));
    hand_over(&scene.world, FOUNDER, from, common, &scene.volunteer.runs()).unwrap();
    let (mut more, world, done) = (scene.more_and_more(), &scene.world, AtomicBool::new(false));
    let (thief, roster) = (world.device(THIEF), scene.roster);
    let mut say = || hand_over(world, FOUNDER, thief, roster, &more.next().unwrap()).unwrap();
    say();

    let tended = std::thread::scope(|scope| {
        scope.spawn(|| {
            while !done.load(Ordering::Relaxed) {
                say();
            }
        });
        let tended = world.at(FOUNDER).tend();
        done.store(true, Ordering::Relaxed);
        tended
    });

    assert_eq!(tended.unwrap().stragglers, 1);
}

/// Its author hears of another branch than whom it cuts, by a removal and a cut that name heads which nobody holds.
#[test]
fn a_removal_that_makes_a_log_of_erasures_doubtful_has_them_judged_again_r8() {
    let mut world = World::community(9, 2);
    world.join(FOUNDER, Role::Coordinator);
    let order = say::post(&mut world, FOUNDER);
    world.settle();
    let mut stem = Forger::with_keys_of(&mut world, VOLUNTEER).in_topic(&world, VOLUNTEER, Topic::Erasure);
    let erased = |forger: &mut Forger, nth: u64| {
        let span = ErasedSpan { log: order.log, first: nth, last: nth, check: order.check, gaps: None };
        erase(forger, vec![ErasedAggregate { creating: order, spans: vec![span] }]);
    };
    let (log, _) = stem.place();
    let twins_at = BTreeMap::from([(3, 10), (8, 8)]);
    let mut runs = Vec::new();
    for nth in 0..12 {
        for twin in 0..twins_at.get(&nth).copied().unwrap_or(0) {
            let mut branch = stem.twin();
            erased(&mut branch, 1_000 + 100 * nth + twin);
            runs.extend(branch.runs());
        }
        erased(&mut stem, nth);
        runs.extend(stem.runs());
    }
    let head = |seq: u64| vec![Cut { log, heads: vec![CutHead { seq, id: EventId::from_bytes([7; 32]) }] }];
    let mut thief = Forger::with_keys_of(&mut world, THIEF).in_topic(&world, THIEF, Topic::Roster);
    let device = world.device(VOLUNTEER);
    thief.roster(&RosterEvent::Revoked(Revoked { device, cuts: head(5), replaces: Vec::new(), act: None }));
    let cut = thief.runs();
    let (grant, heads) = (Grant::Leader { buildings: vec!["3".into()] }, head(100));
    let removed = GrantRemoved { device, grant, heads, incarnations: Vec::new(), act: None };
    thief.roster(&RosterEvent::GrantRemoved(removed));
    let removal = thief.runs();

    let bring = |topic, runs: &[Outgoing]| {
        hand_over(&world, WU, world.device(THIEF), world.tag(WU, topic), runs).unwrap();
        world.catch_up(WU);
    };
    bring(Topic::Roster, &cut);
    bring(Topic::Erasure, &runs);
    assert!(world.held(WU).iter().any(|(_, held)| *held == Held::Unentitled), "some stand before the head");
    bring(Topic::Roster, &removal);

    assert!(world.held(WU).iter().all(|(_, held)| *held == Held::Cut));
    world.assert_one_truth(WU);
}

/// What comes back waits for something that is not here, and what its author wrote behind it waits for that.
#[test]
fn what_comes_back_and_waits_for_its_authors_own_event_waits_on_in_the_store_r8() {
    let mut world = World::community(15, 2);
    world.join(FOUNDER, Role::Coordinator);
    let order = say::post(&mut world, FOUNDER);
    world.settle();
    let mut absent = Forger::with_keys_of(&mut world, FOUNDER);
    let named = absent.write(&say::comment(order));
    let mut volunteer = Forger::with_keys_of(&mut world, VOLUNTEER);
    volunteer.write(&Body { deps: vec![named], ..say::comment(order) });
    volunteer.write(&say::comment(order));
    let mut thief = Forger::with_keys_of(&mut world, THIEF).in_topic(&world, THIEF, Topic::Roster);
    let device = world.device(VOLUNTEER);
    thief.roster(&revoked(device, Vec::new()));
    let (id, who) = (world.command(), Who::Device(world.device(THIEF)));
    world.at(FOUNDER).revoke(id, Revocation { heads: Some(Vec::new()), ..Revocation::of(who) }).unwrap();
    let fall = world.own_runs(FOUNDER, Topic::Roster);

    let bring = |world: &World, topic, runs: &[Outgoing]| {
        hand_over(world, WU, world.device(FOUNDER), world.tag(WU, topic), runs).unwrap();
        world.catch_up(WU);
    };
    bring(&world, Topic::Common, &volunteer.runs());
    bring(&world, Topic::Roster, &thief.runs());
    assert!(world.held(WU).iter().any(|(_, held)| *held == Held::Cut), "it is taken away");
    bring(&world, Topic::Roster, &fall);
    assert_eq!(world.held(WU).iter().filter(|(_, held)| *held == Held::Parked).count(), 2, "it is back, and waits");
    world.close(WU);
    world.open(WU);
    bring(&world, Topic::Common, &absent.runs());

    assert_eq!(world.held(WU), []);
    assert_eq!(world.at(WU).order(order).unwrap().view.comments.len(), 3);
    world.assert_one_truth(WU);
}

/// What comes while they count is held as erased, in no aggregate, though what they named is not yet gone through.
#[test]
fn what_comes_while_erasures_count_for_a_moment_is_back_once_they_fall_r5() {
    let mut scene = Scene::of_clerk(19);
    let [order, other] = [scene.orders[0], scene.orders[1]];
    let late = [order, other].map(|of| scene.volunteer.write(&say::comment(of)));
    let place = ErasedAggregate { creating: nowhere(&mut scene.world), spans: vec![span(late[1])] };
    let erasures = scene.erased_by_clerk(vec![erased(order), place]);
    let [fall, rise, fall_again] =
        [(THIEF, CLERK), (FOUNDER, THIEF), (FOUNDER, CLERK)].map(|(by, whom)| scene.cut_off(by, whom));
    for (topic, runs, shown) in [(scene.erasures, &erasures, false), (scene.roster, &fall, true)] {
        scene.bring(topic, runs);
        scene.world.catch_up(WU);
        assert_eq!(scene.world.at(WU).order(order).is_ok(), shown);
    }

    scene.bring(scene.roster, &rise);
    scene.bring_orders();
    assert_eq!(say::verdict(&scene.world, WU, order), Some(None), "that is not yet gone through");
    assert_eq!(late.map(|event| say::verdict(&scene.world, WU, event)), [Some(Some(Held::Erased)); 2]);
    scene.bring(scene.roster, &fall_again);
    scene.world.catch_up(WU);

    assert_eq!(late.map(|event| say::verdict(&scene.world, WU, event)), [Some(None); 2]);
    scene.assert_whole();
}

/// What comes while they do not count is shown, though what they named is not yet gone through.
#[test]
fn what_comes_while_erasures_do_not_count_for_a_moment_is_gone_once_they_do_r5() {
    let mut scene = Scene::of_clerk(20);
    let other = scene.orders[1];
    let late = [posted(&mut scene.world), say::comment(other)].map(|body| scene.volunteer.write(&body));
    let place = ErasedAggregate { creating: nowhere(&mut scene.world), spans: vec![span(late[1])] };
    let erasures = scene.erased_by_clerk(vec![erased(late[0]), place]);
    let [fall, rise] = [(THIEF, CLERK), (FOUNDER, THIEF)].map(|(by, whom)| scene.cut_off(by, whom));
    scene.bring(scene.erasures, &erasures);
    scene.world.catch_up(WU);

    scene.bring(scene.roster, &fall);
    scene.bring_orders();
    assert_eq!(late.map(|event| say::verdict(&scene.world, WU, event)), [Some(None); 2]);
    assert!(scene.is_due(), "what fell is not yet gone through");
    scene.bring(scene.roster, &rise);
    scene.world.catch_up(WU);

    assert_eq!(late.map(|event| say::verdict(&scene.world, WU, event)), [Some(Some(Held::Erased)); 2]);
    scene.assert_whole();
}

/// It leaves to them to take away what is to go by both.
#[test]
fn what_is_erased_while_other_erasures_count_for_a_moment_is_gone_once_they_fall_r5() {
    let mut scene = Scene::of_clerk(23);
    let order = scene.orders.remove(0);
    let erasures = scene.erased_by_clerk(vec![erased(order)]);
    let [fall, rise, fall_again] =
        [(THIEF, CLERK), (FOUNDER, THIEF), (FOUNDER, CLERK)].map(|(by, whom)| scene.cut_off(by, whom));
    let whole = ErasedAggregate { creating: order, spans: vec![span(nowhere(&mut scene.world))] };
    let mut forger = Forger::with_keys_of(&mut scene.world, FOUNDER).in_topic(&scene.world, FOUNDER, Topic::Erasure);
    erase(&mut forger, vec![whole]);
    for (topic, runs, shown) in [(scene.erasures, &erasures, false), (scene.roster, &fall, true)] {
        scene.bring(topic, runs);
        scene.world.catch_up(WU);
        assert_eq!(scene.world.at(WU).order(order).is_ok(), shown);
    }

    scene.bring(scene.roster, &rise);
    scene.bring(scene.erasures, &forger.runs());
    assert_eq!(say::verdict(&scene.world, WU, order), Some(None), "that is not yet gone through");
    scene.bring(scene.roster, &fall_again);
    scene.world.catch_up(WU);

    assert_eq!(say::verdict(&scene.world, WU, order), Some(Some(Held::Erased)));
    scene.assert_whole();
}

/// A community in which somebody has posted many orders, all of which one phone holds.
struct Scene {
    world: World,
    volunteer: Forger,
    orders: Vec<Reference>,
    roster: TopicTag,
    erasures: TopicTag,
}

impl Scene {
    fn begin(seed: u64) -> Self {
        Self::of(seed, ORDERS)
    }

    fn of(seed: u64, orders: usize) -> Self {
        let mut world = World::community(seed, 2);
        assert_eq!(world.join(FOUNDER, Role::Coordinator), THIEF);
        world.settle();
        let mut volunteer = Forger::with_keys_of(&mut world, VOLUNTEER);
        let orders = (0..orders).map(|_| volunteer.write(&posted(&mut world))).collect();
        let (roster, erasures) = (world.tag(WU, Topic::Roster), world.tag(WU, Topic::Erasure));
        let mut scene = Self { world, volunteer, orders, roster, erasures };
        scene.bring_orders();
        scene.world.catch_up(WU);
        assert_eq!(scene.world.held(WU), []);
        scene
    }

    /// What the volunteer wrote since.
    fn bring_orders(&mut self) {
        let runs = self.volunteer.runs();
        hand_over(&self.world, WU, self.volunteer.device(), self.world.tag(WU, Topic::Common), &runs).unwrap();
    }

    /// What the thief says in the clear.
    fn say(&mut self, topic: Topic, say: impl FnOnce(&mut Forger)) -> Vec<Outgoing> {
        let mut forger = Forger::with_keys_of(&mut self.world, THIEF).in_topic(&self.world, THIEF, topic);
        say(&mut forger);
        forger.runs()
    }

    fn bring(&self, topic: TopicTag, runs: &[Outgoing]) {
        hand_over(&self.world, WU, self.world.device(FOUNDER), topic, runs).unwrap();
    }

    /// The founder cuts the thief off as if it had said nothing.
    fn cut_of_thief(&mut self) -> Vec<Outgoing> {
        let thief = self.world.device(THIEF);
        cut_low(&mut self.world, FOUNDER, thief);
        self.world.own_runs(FOUNDER, Topic::Roster)
    }

    /// The thief cuts off the volunteer as if it had said nothing.
    fn cut_of_volunteer(&mut self) -> Vec<Outgoing> {
        self.cut_off(THIEF, VOLUNTEER)
    }

    /// One cuts off another as if it had said nothing.
    fn cut_off(&mut self, by: usize, whom: usize) -> Vec<Outgoing> {
        let mut forger = Forger::with_keys_of(&mut self.world, by).in_topic(&self.world, by, Topic::Roster);
        let device = self.world.device(whom);
        forger.roster(&revoked(device, Vec::new()));
        forger.runs()
    }

    /// A few orders, and a clerk.
    fn of_clerk(seed: u64) -> Self {
        let mut scene = Self::of(seed, 2);
        assert_eq!(scene.world.join(FOUNDER, Role::Coordinator), CLERK);
        scene.world.settle();
        scene
    }

    /// The clerk erases many things that there are not, and behind them these.
    fn erased_by_clerk(&mut self, last: Vec<ErasedAggregate>) -> Vec<Outgoing> {
        let mut forger = Forger::with_keys_of(&mut self.world, CLERK).in_topic(&self.world, CLERK, Topic::Erasure);
        for _ in 0..MANY {
            erase(&mut forger, (0..300).map(|_| erased(nowhere(&mut self.world))).collect());
        }
        erase(&mut forger, last);
        forger.runs()
    }

    /// The thief has always something more to say of the volunteer, by which all that this one wrote is looked at again.
    fn more_and_more(&mut self) -> impl Iterator<Item = Vec<Outgoing>> + Send + use<> {
        let device = self.world.device(VOLUNTEER);
        let mut thief = Forger::with_keys_of(&mut self.world, THIEF).in_topic(&self.world, THIEF, Topic::Roster);
        (0..).map(move |nth: u32| {
            let grant = Grant::Leader { buildings: vec![format!("{nth}")] };
            thief.roster(&RosterEvent::Granted(Granted { device, grant, after: Vec::new(), act: None }));
            thief.runs()
        })
    }

    /// Brings something by which nobody is to look at what is here.
    fn bring_unnoticed(&self, topic: TopicTag, runs: &[Outgoing]) {
        let before = count::done_here(Work::RowRead);
        self.bring(topic, runs);
        let read = count::done_here(Work::RowRead) - before;
        assert!(read < ORDERS as u64 / 2, "{read} rows");
        assert!(!self.is_due());
    }

    /// Whether anything is to be gone on with.
    fn is_due(&self) -> bool {
        self.world.at(WU).look(|reader| reader.is_due()).unwrap()
    }

    fn held(&self, reason: Held) -> usize {
        held_for(&self.world, WU, reason)
    }

    fn assert_whole(&mut self) {
        assert_eq!(self.world.at(WU).verify().unwrap().faults, []);
        assert!(self.orders.iter().all(|order| self.world.at(WU).order(*order).is_ok()));
        self.world.assert_one_truth(WU);
    }
}

fn erase(forger: &mut Forger, aggregates: Vec<ErasedAggregate>) {
    forger.clear(Erased::KIND, Erased::VERSION, Erased { aggregates, totals: None }.encode());
}

fn nowhere(world: &mut World) -> Reference {
    let (log, check) = (LogId::from_bytes(world.dice.random()), ShortId::from_bytes(world.dice.random()));
    Reference { log, seq: 0, check }
}

fn span(of: Reference) -> ErasedSpan {
    ErasedSpan { log: of.log, first: of.seq, last: of.seq, check: of.check, gaps: None }
}

/// An aggregate is erased, and its creating event named.
fn erased(creating: Reference) -> ErasedAggregate {
    ErasedAggregate { creating, spans: vec![span(creating)] }
}
