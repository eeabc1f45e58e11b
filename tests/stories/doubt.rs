//! Heads that a liar invents: of what may lead there everybody counts the same, whatever of it they hear first (R8).

use linli_core::{
    event::{Body, Held, Topic},
    id::{EventId, Reference},
    keep::Rules,
    limits,
    roster::{Cut, CutHead, Grant, GrantRemoved, Granted, Revoked, Role, RosterEvent},
    store::Reader,
    sync::Outgoing,
    time::WallMs,
};
use linli_tests::{
    Break, Forger, World, hand_over,
    people::{LAN, WU},
};

use crate::say::{self, comment};

/// A place behind all that was ever written.
const FAR: u64 = 1 << 62;
/// One branch more than may lead to a head that nobody holds.
const TOO_MANY: usize = limits::BRANCHES + 1;
/// As many as anybody keeps of them, and more.
const ALL_THAT_ARE_KEPT: usize = limits::LEADING + limits::BEYOND_CUT as usize + 10;

/// What leads to one head is too much before what leads to the other is, or behind it.
#[test]
fn whatever_comes_first_of_what_may_lead_to_heads_of_two_acts_the_same_counts_r8() {
    for (seed, is_removed) in [(801, false), (802, true)] {
        let mut scene = Scene::of_remarks(seed, 2);
        let far = vec![scene.head(1), invented(FAR)];
        let far = if is_removed { scene.removal(far) } else { scene.cut(far, Vec::new()) };
        let acts = scene.say(&[far, scene.cut(vec![invented(0)], Vec::new())]);
        let (behind, beside) = (scene.branches(2, TOO_MANY), scene.branches(0, TOO_MANY));

        scene.tell(&acts, [&[behind.clone(), beside.clone()], &[beside, behind]]);

        scene.assert_same(&format!("a removal: {is_removed}"));
    }
}

/// A head comes after the cut that names it and one more, which nobody holds and to which then too much may lead.
#[test]
fn what_leads_to_a_head_that_came_counts_though_another_is_doubtful_r8() {
    let mut scene = Scene::of_remarks(806, 2);
    let acts = scene.say(&[scene.cut(vec![scene.head(1), invented(FAR)], Vec::new())]);
    let behind = [scene.branches(2, TOO_MANY)];

    scene.tell(&acts, [&behind, &behind]);

    let (log, head) = (scene.stems[0].place().0, scene.head(1));
    let named = Reference { log, seq: head.seq, check: head.id.short() };
    assert_eq!(say::verdict(&scene.world, LAN, named), Some(None));
    scene.assert_same("it is named and held");
}

/// Whoever has too much of what leads to one head takes no more, and so would never know that too much leads to the other.
#[test]
fn whoever_keeps_no_more_of_what_may_lead_to_one_head_judges_of_the_other_as_others_do_r8() {
    for (seed, is_removed) in [(803, false), (804, true)] {
        let mut scene = Scene::of_remarks(seed, 3);
        let far = vec![scene.head(2), invented(FAR)];
        let far = if is_removed { scene.removal(far) } else { scene.cut(far, Vec::new()) };
        let acts = scene.say(&[scene.cut(vec![invented(1)], Vec::new()), far]);
        let (behind, between) = (scene.branches(3, ALL_THAT_ARE_KEPT), scene.branches(1, TOO_MANY));
        scene.tell(&acts, [&[behind], &[between]]);

        scene.meet();

        scene.assert_same(&format!("a removal: {is_removed}"));
    }
}

/// In the roster a device's cuts of itself are found among what others leave, and by that no head counts which it invents.
#[test]
fn what_a_device_says_of_itself_makes_nothing_doubtful_that_others_leave_r8() {
    let mut scene = Scene::of_grants(805, 3);
    let mut own =
        Forger::with_keys_of(&mut scene.world, scene.device).in_topic(&scene.world, scene.device, Topic::Roster);
    own.roster(&scene.cut(vec![scene.head(2), invented(FAR)], Vec::new()));
    let (log, heads) = (own.place().0, vec![own.head().unwrap()]);
    let acts = scene.say(&[scene.cut(vec![invented(1)], vec![Cut { log, heads }])]);
    let acts = [acts, own.runs()].concat();
    let (behind, between) = (scene.branches(3, ALL_THAT_ARE_KEPT), scene.branches(1, TOO_MANY));
    scene.tell(&acts, [&[behind], &[between]]);

    scene.meet();

    scene.assert_same("by its own cut");
}

/// A log branches at its tenth event, and a cut names one of its events at the place before that.
#[test]
fn an_event_that_is_named_at_another_place_is_not_held_there_whatever_comes_first_r8() {
    let mut scene = Scene::of_grants(807, 70);
    let beside = scene.branches(9, 1);
    let elsewhere = CutHead { seq: 63, ..scene.head(64) };
    let acts = scene.say(&[scene.cut(vec![elsewhere], Vec::new())]);
    scene.bring(LAN, Topic::Roster, &[scene.runs.clone(), beside.clone()].concat());
    scene.bring(LAN, Topic::Roster, &acts);
    scene.bring(WU, Topic::Roster, &acts);
    scene.bring(WU, Topic::Roster, &[scene.runs.clone(), beside].concat());

    scene.assert_same("it stands elsewhere");
}

/// Somebody who looks at an earlier state of the store asks first about a head that has come since; then whoever looks at the
/// present one asks, as on any phone where one reads while another writes.
#[test]
fn a_head_that_came_since_is_not_absent_for_whoever_asks_after_one_who_looks_back_r8() {
    let mut scene = Scene::of_remarks(808, 20);
    let other = scene.world.join(LAN, Role::Coordinator);
    scene.world.settle();
    let mut other = Forger::with_keys_of(&mut scene.world, other).in_topic(&scene.world, other, Topic::Roster);
    other.roster(&scene.cut(vec![scene.head(15)], Vec::new()));
    let cut = other.runs();
    let far = scene.say(&[scene.cut(vec![invented(FAR)], Vec::new())]);
    let mut beside = scene.stems[5].twin();
    remark(&mut beside, &scene.world, scene.order, 1_000);
    let event = beside.head().unwrap();
    scene.bring(LAN, Topic::Roster, &far);
    scene.bring(LAN, Topic::Common, &[scene.runs[..10].to_vec(), beside.runs()].concat());
    let (phone, log) = (scene.world.at(LAN), scene.stems[0].place().0);
    let tags = Topic::ALL.into_iter().map(|topic| (topic, scene.world.tag(LAN, topic))).collect();
    let mut rules = Rules::new(phone.community().unwrap(), tags);

    let told = phone.look(|back| {
        rules.reload(back)?;
        let header = back.log(log)?.unwrap();
        let told = |rules: &Rules, view: &Reader| rules.against(&header, event.seq, event.id, view);
        scene.bring(LAN, Topic::Common, &scene.runs);
        scene.bring(LAN, Topic::Roster, &cut);
        phone.look(|now| {
            let first = told(&rules, now);
            rules.refresh(now)?;
            Ok([first, told(&rules, back), told(&rules, now)])
        })
    });

    assert_eq!(told.unwrap(), [None, None, Some(Held::Cut)]);
}

/// A coordinator who lies, and a log of somebody's whose keys a friend has.
struct Scene {
    world: World,
    liar: usize,
    device: usize,
    topic: Topic,
    write: fn(&mut Forger, &World, Reference, i64),
    order: Reference,
    /// The forger before each of the log's first events, and behind them.
    stems: Vec<Forger>,
    runs: Vec<Outgoing>,
}

fn remark(forger: &mut Forger, _: &World, order: Reference, nth: i64) {
    forger.write(&Body { wall: WallMs(nth), ..comment(order) });
}

fn grant(forger: &mut Forger, world: &World, _: Reference, nth: i64) {
    let grant = Grant::Leader { buildings: vec![nth.to_string()] };
    let device = world.device(WU);
    forger.roster(&RosterEvent::Granted(Granted { device, grant, after: Vec::new(), act: None }));
}

impl Scene {
    /// Of remarks about an order, so many.
    fn of_remarks(seed: u64, events: usize) -> Self {
        Self::made(seed, Role::Volunteer, Topic::Common, remark, events)
    }

    /// Of rights that are given.
    fn of_grants(seed: u64, events: usize) -> Self {
        Self::made(seed, Role::Coordinator, Topic::Roster, grant, events)
    }

    fn made(
        seed: u64,
        role: Role,
        topic: Topic,
        write: fn(&mut Forger, &World, Reference, i64),
        events: usize,
    ) -> Self {
        let mut world = World::community(seed, 1);
        let liar = world.join(LAN, Role::Coordinator);
        let device = world.join(LAN, role);
        let order = say::post(&mut world, LAN);
        world.settle();
        let mut stem = Forger::with_keys_of(&mut world, device).in_topic(&world, device, topic);
        let mut stems = vec![stem.twin()];
        let mut runs = Vec::new();
        for nth in 0..events {
            write(&mut stem, &world, order, nth as i64);
            runs.extend(stem.runs());
            stems.push(stem.twin());
        }
        Self { world, liar, device, topic, write, order, stems, runs }
    }

    /// Branches that begin at a place.
    fn branches(&self, first: usize, count: usize) -> Vec<Outgoing> {
        let branch = |nth: usize| {
            let mut branch = self.stems[first].twin();
            (self.write)(&mut branch, &self.world, self.order, (1_000 * (first + 1) + nth) as i64);
            branch.runs()
        };
        (0..count).flat_map(branch).collect()
    }

    /// The head that stands at a place.
    fn head(&self, seq: usize) -> CutHead {
        self.stems[seq + 1].head().unwrap()
    }

    /// A cut of the device that lets these logs stand up to there.
    fn cut(&self, heads: Vec<CutHead>, more: Vec<Cut>) -> RosterEvent {
        let (device, (log, _)) = (self.world.device(self.device), self.stems[0].place());
        let cuts = [vec![Cut { log, heads }], more].concat();
        RosterEvent::Revoked(Revoked { device, cuts, replaces: Vec::new(), act: None })
    }

    /// The removal of a right that nobody has, behind these heads.
    fn removal(&self, heads: Vec<CutHead>) -> RosterEvent {
        let (device, (log, _)) = (self.world.device(self.device), self.stems[0].place());
        let (grant, heads) = (Grant::Leader { buildings: vec!["3".into()] }, vec![Cut { log, heads }]);
        RosterEvent::GrantRemoved(GrantRemoved { device, grant, heads, incarnations: Vec::new(), act: None })
    }

    /// The liar says this in the roster, to whom it is brought.
    fn say(&mut self, acts: &[RosterEvent]) -> Vec<Outgoing> {
        let mut forger =
            Forger::with_keys_of(&mut self.world, self.liar).in_topic(&self.world, self.liar, Topic::Roster);
        acts.iter().for_each(|act| _ = forger.roster(act));
        forger.runs()
    }

    fn bring(&self, phone: usize, topic: Topic, runs: &[Outgoing]) {
        let tag = self.world.tag(phone, topic);
        hand_over(&self.world, phone, self.world.device(self.liar), tag, runs).unwrap();
        assert_eq!(self.world.at(phone).verify().unwrap().faults, [], "phone {phone}");
    }

    /// Two phones hear the acts and the log, and each these parts of what goes on from it.
    fn tell(&self, acts: &[Outgoing], parts: [&[Vec<Outgoing>]; 2]) {
        for (phone, parts) in parts.into_iter().enumerate() {
            self.bring(phone, Topic::Roster, acts);
            self.bring(phone, self.topic, &self.runs);
            parts.iter().for_each(|part| self.bring(phone, self.topic, part));
        }
    }

    #[track_caller]
    fn assert_same(&self, what: &str) {
        let hash = self.world.at(LAN).state_hash().unwrap();
        assert_eq!(self.world.at(WU).state_hash().unwrap(), hash, "{what}");
        [LAN, WU].into_iter().for_each(|phone| self.world.assert_one_truth(phone));
    }

    fn meet(&mut self) {
        (0..3).for_each(|_| drop(self.world.meet(LAN, WU, Break::Never)));
    }
}

fn invented(seq: u64) -> CutHead {
    CutHead { seq, id: EventId::from_bytes([(seq % 100) as u8 + 100; 32]) }
}
