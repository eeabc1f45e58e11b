//! What leads to a head that a cut names is taken by a relay whatever stood there before (R8).

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that cannot go on ends")]

use std::sync::Arc;

use linli_core::{
    event::{Run, Topic},
    id::{EpochId, Reference},
    keep::{Answer, Holder, Inbox, Quota, SyncConversation, Tracks},
    limits,
    net::Conversation,
    roster::{Revocation, Who},
    sync::{Outgoing, Refusal},
};
use linli_relay::{Communities, CommunityStore, Home, Speed};
use linli_tests::{Forger, World, hand_over};

const FOUNDER: usize = 0;
const CLONED: usize = 1;
const OTHER: usize = 2;
/// Turns after which a conversation should have ended long ago.
const TURNS: usize = 100;

#[test]
fn a_relay_takes_a_long_chain_to_a_named_head_whatever_stood_there_before_r8() {
    for (seed, bytes) in [(71, 30), (72, 2_300)] {
        let scene = Scene::begin(seed, 600, bytes);
        scene.crowd();

        scene.visit();
        scene.visit();

        assert!(scene.holds_head(), "{bytes} bytes each");
    }
}

/// What may lead there fills all the room that the cut leaves the device.
#[test]
fn a_relay_takes_a_chain_to_a_named_head_whatever_room_the_rest_took_before_r8() {
    let scene = Scene::begin(73, 600, 30);
    let is_full =
        |answers: &[Answer]| answers.iter().any(|answer| matches!(answer, Answer::Refused { why: Refusal::Full, .. }));
    // Fewer branches than may lead there.
    let answers = scene.bring(Topic::Common, scene.junk(20, 300, 30_000));
    assert!(is_full(&answers), "no room is left");

    scene.visit();
    scene.visit();

    assert!(scene.holds_head());
}

/// Whoever has the keys knows the chain, and brings something else that begins as it does.
#[test]
fn nothing_but_the_chain_itself_is_taken_for_what_leads_to_a_named_head_r8() {
    let scene = Scene::begin(74, 600, 30);
    scene.crowd();
    let mut tracks = Tracks::default();
    scene.follow(&scene.runs, &mut tracks);
    let mut beside = scene.beside.twin();
    (0..400).for_each(|_| _ = beside.raw(EpochId::ZERO, vec![0xee; 30]));
    let is_taken = |answer: &Answer| matches!(answer, Answer::Committed { .. });

    let others = scene.follow(&beside.runs(), &mut tracks);
    let chain = scene.follow(&scene.runs, &mut tracks);

    assert!(!others.iter().any(is_taken), "{others:?}");
    assert!(chain.iter().all(is_taken), "{chain:?}");
    assert!(scene.holds_head());
}

/// A relay that has heard of a cut and holds the beginning of a log, and a founder who holds a chain up to the head that it names.
struct Scene {
    world: World,
    store: CommunityStore,
    stem: Forger,
    /// What follows on the first event of the chain.
    beside: Forger,
    runs: Vec<Outgoing>,
    chain: Vec<Reference>,
    _kept: (Communities, tempfile::TempDir),
}

impl Scene {
    fn begin(seed: u64, events: usize, bytes: usize) -> Self {
        let dir = linli_tests::somewhere();
        let home = Home::new(dir.path());
        let mut world = World::community(seed, 2);
        home.allow(&world.admit_relay(FOUNDER, home.keys().unwrap().record())).unwrap();
        world.settle();
        let communities =
            Communities::open(home, Quota::default(), Speed::default(), Arc::new(world.clock.clone())).unwrap();
        let store = communities.stores().pop().unwrap();
        let mut stem = Forger::with_keys_of(&mut world, CLONED);
        (0..4).for_each(|nth| _ = stem.raw(EpochId::ZERO, vec![nth; 30]));
        let before = stem.runs();
        let mut forger = stem.twin();
        let first = forger.raw(EpochId::ZERO, vec![0; bytes]);
        let beside = forger.twin();
        let rest = (1..events).map(|nth| forger.raw(EpochId::ZERO, vec![nth as u8; bytes]));
        let chain = [first].into_iter().chain(rest).collect();
        let runs = forger.runs();
        let (id, tag, other) = (world.command(), world.tag(FOUNDER, Topic::Common), world.device(OTHER));
        hand_over(&world, FOUNDER, other, tag, &[before.clone(), runs.clone()].concat()).unwrap();
        let device = world.device(CLONED);
        world.at(FOUNDER).revoke(id, Revocation::of(Who::Device(device))).unwrap();
        let scene = Self { world, store, stem, beside, runs, chain, _kept: (communities, dir) };
        scene.bring(Topic::Roster, scene.world.runs(FOUNDER, Topic::Roster, |_| true));
        scene.bring(Topic::Common, before);
        scene
    }

    /// Branches of so many events that follow on the beginning.
    fn junk(&self, branches: usize, events: usize, bytes: usize) -> Vec<Outgoing> {
        let branch = |nth: usize| {
            let mut forger = self.stem.twin();
            let body = [nth.to_be_bytes().to_vec(), vec![0x55; bytes]].concat();
            (0..events).for_each(|_| _ = forger.raw(EpochId::ZERO, body.clone()));
            forger.runs()
        };
        (0..branches).flat_map(branch).collect()
    }

    fn bring(&self, topic: Topic, runs: Vec<Outgoing>) -> Vec<Answer> {
        let runs: Vec<Run> = runs.into_iter().map(|outgoing| outgoing.run).collect();
        self.store.ingest(self.world.tag(FOUNDER, topic), runs, &Arc::<Inbox>::default()).unwrap()
    }

    /// The same, one by one, from somebody whose runs are followed.
    fn follow(&self, runs: &[Outgoing], tracks: &mut Tracks) -> Vec<Answer> {
        let tag = self.world.tag(FOUNDER, Topic::Common);
        let follow = |outgoing: &Outgoing| {
            self.store.ingest_following(tag, vec![outgoing.run.clone()], tracks, &Arc::<Inbox>::default()).unwrap()
        };
        runs.iter().flat_map(follow).collect()
    }

    /// More than may lead there, and as much as is kept beside.
    fn crowd(&self) {
        for (branches, events) in [(limits::LEADING, 1), (10, 28), (10, 2)] {
            self.bring(Topic::Common, self.junk(branches, events, 30 + events));
        }
    }

    /// The founder and the relay talk until both are silent.
    fn visit(&self) {
        let mut theirs = SyncConversation::begin(self.store.clone(), self.world.device(FOUNDER)).unwrap();
        let mut ours = self.world.at(FOUNDER).link(self.store.device()).unwrap();
        for _ in 0..TURNS {
            let (said, answered) = (ours.send(usize::MAX).unwrap(), theirs.send(usize::MAX).unwrap());
            if said.is_empty() && answered.is_empty() {
                return;
            }
            theirs.receive(&said).unwrap();
            ours.receive(&answered).unwrap();
        }
        panic!("they talk without end");
    }

    fn holds_head(&self) -> bool {
        self.store.read(|reader| reader.event(*self.chain.last().unwrap())).unwrap().is_some()
    }
}
