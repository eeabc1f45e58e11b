//! A cut names the end of a long chain, and whoever has the keys of the phone that was cut fills the places before it on
//! phones that do not hold that end: whatever they heard first, all take the chain (R8).

use linli_core::{
    aggregate::{
        encode,
        order::{Commented, kind},
    },
    event::{Body, Topic},
    id::{EventId, Reference},
    limits,
    replica::What,
    roster::{Cut, CutHead, Revocation, Revoked, Role, RosterEvent, Who},
    sync::Outgoing,
    time::WallMs,
};
use linli_tests::{Break, Forger, World, hand_over};

use crate::say::{self, body, verdict};

const FOUNDER: usize = 0;
const CLONED: usize = 1;
const PHONE: usize = 2;
const OTHER: usize = 3;
/// Orders that the chains are about, so that each has room.
const ORDERS: usize = 4;
/// Remarks, and bytes of each: together more than one frame of a session.
const SMALL: (usize, usize) = (600, 200);
/// The same: more than is on the way at once.
const LARGE: (usize, usize) = (300, 4_500);

/// Meetings that break off, until all should be there.
const MEETINGS: usize = 30;

#[test]
fn a_long_chain_to_a_named_head_comes_in_whatever_stood_there_before_r8() {
    for (seed, remarks) in [(9_001, SMALL), (9_002, LARGE)] {
        let mut scene = Scene::begin(seed);
        let chain = scene.chain(&scene.stem, 0, remarks);
        scene.cut(&chain);
        scene.bring(PHONE, &scene.crowd(1_000_000));

        scene.meet(2);

        scene.assert_taken(PHONE, &chain, &format!("{remarks:?}"));
    }
}

/// Each time the pipe breaks long before all of it was there, once the phone is closed as well, and between the meetings somebody
/// goes on behind what has come with something else.
#[test]
fn a_long_chain_to_a_named_head_goes_on_where_it_broke_off_r8() {
    for (seed, remarks, break_after) in [(9_003, SMALL, 160_000), (9_004, LARGE, 700_000)] {
        let mut scene = Scene::begin(seed);
        let chain = scene.chain(&scene.stem, 0, remarks);
        scene.cut(&chain);
        scene.bring(PHONE, &scene.crowd(1_000_000));

        scene.meet_until_whole(&chain, break_after);
        scene.meet(1);
        scene.assert_taken(PHONE, &chain, &format!("{remarks:?}, in pieces"));
    }
    let mut scene = Scene::begin(9_005);
    let chain = scene.chain(&scene.stem, 0, LARGE);
    scene.cut(&chain);
    scene.bring(PHONE, &scene.crowd(1_000_000));
    for break_after in [700_000, 1_700_000] {
        scene.world.meet(FOUNDER, PHONE, Break::After(break_after));
        scene.world.close(PHONE);
        scene.world.open(PHONE);
        for stem in (0..chain.events.len()).step_by(64) {
            let mut beside = scene.stem.twin();
            (0..stem).for_each(|nth| _ = beside.write(&remark(scene.orders[nth % ORDERS], nth, LARGE.1)));
            beside.runs();
            scene.bring(PHONE, &scene.junk(&beside, 50_000, 1, 3));
        }
    }

    scene.meet(2);

    scene.assert_taken(PHONE, &chain, "in pieces, with others between");
}

/// Two coordinators cut behind different chains: both lead to a named head.
#[test]
fn two_long_chains_to_named_heads_come_in_whatever_stood_there_before_r8() {
    for (seed, remarks) in [(9_006, SMALL), (9_007, LARGE)] {
        let mut scene = Scene::begin(seed);
        let chains = [0, 5_000].map(|from| scene.chain(&scene.stem, from, remarks));
        let (log, device) = (scene.stem.place().0, scene.world.device(CLONED));
        let heads = chains.iter().map(|chain| chain.head).collect();
        let cut = Revoked { device, cuts: vec![Cut { log, heads }], replaces: Vec::new(), act: None };
        let mut forger = Forger::with_keys_of(&mut scene.world, FOUNDER).in_topic(&scene.world, FOUNDER, Topic::Roster);
        forger.roster(&RosterEvent::Revoked(cut));
        let cut = forger.runs();
        for phone in [FOUNDER, PHONE] {
            let tag = scene.world.tag(phone, Topic::Roster);
            let from = scene.world.device(if phone == FOUNDER { OTHER } else { FOUNDER });
            hand_over(&scene.world, phone, from, tag, &cut).unwrap();
        }
        chains.iter().for_each(|chain| scene.bring(FOUNDER, &chain.runs));
        scene.bring(PHONE, &scene.crowd(1_000_000));

        scene.meet(2);

        chains.iter().for_each(|chain| scene.assert_taken(PHONE, chain, &format!("{remarks:?}")));
    }
}

/// A file cannot be asked: it is taken in once more.
#[test]
fn a_long_chain_to_a_named_head_comes_in_by_a_file_that_is_taken_in_twice_r8() {
    let mut scene = Scene::begin(9_008);
    let chain = scene.chain(&scene.stem, 0, LARGE);
    scene.cut(&chain);
    scene.bring(PHONE, &scene.crowd(1_000_000));
    let mut file = Vec::new();
    scene.world.at(FOUNDER).export_bundle(What::All, &mut file, |_| {}).unwrap();

    for _ in 0..2 {
        scene.world.at(PHONE).import_bundle(file.as_slice(), |_| {}).unwrap();
    }

    scene.assert_taken(PHONE, &chain, "by a file");
}

/// Nobody holds the head: whoever keeps more of what may lead there brings it to others, who turn it away, each time for the same.
#[test]
fn what_leads_nowhere_is_followed_once_r8() {
    let mut scene = Scene::begin(9_009);
    let (log, device) = (scene.stem.place().0, scene.world.device(CLONED));
    let heads = vec![CutHead { seq: 3_000, id: EventId::from_bytes([7; 32]) }];
    let cut = Revoked { device, cuts: vec![Cut { log, heads }], replaces: Vec::new(), act: None };
    let liar = scene.world.join(FOUNDER, Role::Coordinator);
    scene.world.settle();
    let mut forger = Forger::with_keys_of(&mut scene.world, liar).in_topic(&scene.world, liar, Topic::Roster);
    forger.roster(&RosterEvent::Revoked(cut));
    let cut = forger.runs();
    for (phone, from) in [(FOUNDER, 1_000_000), (PHONE, 9_000_000)] {
        let tag = scene.world.tag(phone, Topic::Roster);
        hand_over(&scene.world, phone, forger.device(), tag, &cut).unwrap();
        scene.bring(phone, &scene.junk(&scene.stem, from, limits::LEADING, 20));
        scene.bring(phone, &scene.crowd(from + 2_000_000));
    }

    let met: Vec<_> = (0..4).map(|_| scene.world.meet(FOUNDER, PHONE, Break::Never)).collect();

    let most = met[3].bytes + met[3].bytes / 50;
    assert!(met[1].bytes <= most && met[2].bytes <= most, "the same each time: {met:?}");
    assert!(met[0].bytes <= 2 * most, "and little more once: {met:?}");
    let hash = scene.world.at(FOUNDER).state_hash().unwrap();
    assert_eq!(scene.world.at(PHONE).state_hash().unwrap(), hash);
}

struct Scene {
    world: World,
    orders: Vec<Reference>,
    /// What the chains follow on, and how it came to be.
    stem: Forger,
    before: Vec<Outgoing>,
}

/// A chain, and its events.
struct Chain {
    runs: Vec<Outgoing>,
    events: Vec<Reference>,
    head: CutHead,
}

fn remark(order: Reference, nth: usize, bytes: usize) -> Body {
    let said = body(order, kind::COMMENTED, encode(&Commented { text: "x".repeat(bytes) }));
    Body { wall: WallMs(nth as i64), ..said }
}

impl Scene {
    /// A founder, a volunteer whose phone is cloned, and two more.
    fn begin(seed: u64) -> Self {
        let mut world = World::community(seed, 3);
        let orders: Vec<Reference> = (0..ORDERS).map(|_| say::post(&mut world, FOUNDER)).collect();
        world.settle();
        let mut stem = Forger::with_keys_of(&mut world, CLONED);
        (0..4).for_each(|nth| _ = stem.write(&remark(orders[0], nth, SMALL.1)));
        let before = stem.runs();
        let scene = Self { world, orders, stem, before };
        [FOUNDER, PHONE, OTHER].into_iter().for_each(|phone| scene.bring(phone, &scene.before));
        scene
    }

    /// A chain that follows on a place; `from` tells it from others.
    fn chain(&self, stem: &Forger, from: usize, (events, bytes): (usize, usize)) -> Chain {
        let mut forger = stem.twin();
        let remark = |nth: usize| remark(self.orders[nth % ORDERS], from + nth, bytes);
        let events = (0..events).map(|nth| forger.write(&remark(nth))).collect();
        Chain { runs: forger.runs(), events, head: forger.head().unwrap() }
    }

    /// Branches of some events that follow on a place.
    fn junk(&self, stem: &Forger, from: usize, branches: usize, events: usize) -> Vec<Outgoing> {
        (0..branches).flat_map(|nth| self.chain(stem, from + 1_000 * nth, (events, SMALL.1)).runs).collect()
    }

    /// All the branches that may lead to a head and are taken, and as much as is kept beside, and more.
    fn crowd(&self, from: usize) -> Vec<Outgoing> {
        let beside = limits::BEYOND_CUT as usize / 28 + 1;
        let parts = [(limits::LEADING, 1), (beside, 28), (10, 1)];
        parts
            .iter()
            .zip(0..)
            .flat_map(|((branches, events), nth)| self.junk(&self.stem, from + 100_000 * nth, *branches, *events))
            .collect()
    }

    fn bring(&self, phone: usize, runs: &[Outgoing]) {
        let tag = self.world.tag(phone, Topic::Common);
        let from = if phone == FOUNDER { OTHER } else { FOUNDER };
        hand_over(&self.world, phone, self.world.device(from), tag, runs).unwrap();
    }

    /// The founder has heard all of a chain and cuts the clone off behind it; the others hear of the cut alone.
    fn cut(&mut self, chain: &Chain) {
        self.bring(FOUNDER, &chain.runs);
        let (id, device) = (self.world.command(), self.world.device(CLONED));
        self.world.at(FOUNDER).revoke(id, Revocation::of(Who::Device(device))).unwrap();
        self.tell(PHONE);
        self.tell(OTHER);
    }

    fn tell(&self, phone: usize) {
        let tag = self.world.tag(phone, Topic::Roster);
        let runs = self.world.runs(FOUNDER, Topic::Roster, |_| true);
        hand_over(&self.world, phone, self.world.device(FOUNDER), tag, &runs).unwrap();
    }

    /// No more bytes than this come over at each of some meetings, until the end of the chain is there.
    #[track_caller]
    fn meet_until_whole(&mut self, chain: &Chain, bytes: usize) {
        let last = *chain.events.last().unwrap();
        let is_there = |scene: &mut Self| {
            scene.world.meet(FOUNDER, PHONE, Break::After(bytes));
            verdict(&scene.world, PHONE, last).is_some()
        };
        assert!((0..MEETINGS).any(|_| is_there(self)), "{bytes} bytes at each meeting");
    }

    fn meet(&mut self, times: usize) {
        (0..times).for_each(|_| drop(self.world.meet(FOUNDER, PHONE, Break::Never)));
    }

    #[track_caller]
    fn assert_taken(&self, phone: usize, chain: &Chain, what: &str) {
        let last = *chain.events.last().unwrap();
        assert_eq!(verdict(&self.world, phone, last), Some(None), "phone {phone}, {what}");
        let hash = self.world.at(FOUNDER).state_hash().unwrap();
        assert_eq!(self.world.at(phone).state_hash().unwrap(), hash, "phone {phone}, {what}");
        self.world.assert_one_truth(phone);
        assert_eq!(self.world.at(phone).verify().unwrap().faults, [], "phone {phone}, {what}");
    }
}
