//! Random concurrent histories: whatever the order, the batches and the repeats, the fold is the same (R1, R9).

pub(super) mod made;

use std::collections::{BTreeMap, BTreeSet};

use minicbor::{Decode, Encode};
use rand::{RngExt, SeedableRng, seq::SliceRandom};
use rand_chacha::ChaCha20Rng;
use serde::{Deserialize, Serialize};

use super::*;
use crate::{
    event::{Body, ItemId, LogHeader, Scalar},
    id::{CommunityId, EventId, Incarnation, TopicTag},
    limits,
    qty::Qty,
    roster::About,
};

const CREATED: u16 = 0x8000;
const PINNED: u16 = 0x8001;
const LEADERS: u16 = 0x8002;
const TITLE: u16 = 1;
const SLIPS: u16 = 1;
const TEXT: u16 = 1;

#[test]
fn any_order_of_the_same_events_folds_to_the_same_state_and_the_same_automerge_hashes() {
    for seed in 0..2_000 {
        let mut world = World::new(seed);
        for _ in 0..24 {
            world.step();
        }

        let whole = world.load(&world.judge());
        let (one, other) = (world.feed(), world.feed());

        for folded in [&one, &other] {
            assert_eq!(folded.digest(), whole.digest(), "R9, seed {seed}");
            assert_eq!(folded.document().change_hashes(), whole.document().change_hashes(), "R1, seed {seed}");
        }
        for folded in [&one, &whole] {
            assert_eq!(plain(folded.content()), plain(&folded.document().content()), "R1, seed {seed}");
        }
        let saved = one.document().save();
        let loaded = automerge::Automerge::load(&saved).unwrap_or_else(|error| panic!("seed {seed}: {error}"));
        let mut heads: Vec<_> = loaded.get_heads().into_iter().map(|head| head.0).collect();
        heads.sort_unstable();
        assert_eq!(heads, whole.document().change_hashes(), "R1, seed {seed}");
    }
}

/// Of each device the first events in the order have an effect, as far as its room goes, in whatever order they came.
#[test]
fn any_order_of_what_finds_no_room_folds_to_the_same_state() {
    let mut left_out = 0;
    for seed in 0..300 {
        let mut world = World { crowded: true, ..World::new(seed) };
        for _ in 0..32 {
            world.step();
        }

        let whole = world.load(&world.judge());
        let (one, other) = (world.feed(), world.feed());

        for folded in [&one, &other] {
            assert_eq!(folded.digest(), whole.digest(), "T4, seed {seed}");
            assert_eq!(folded.document().change_hashes(), whole.document().change_hashes(), "R1, seed {seed}");
            assert_eq!(plain(folded.content()), plain(&whole.document().content()), "R1, seed {seed}");
        }
        for filed in &world.events {
            let placed = [&one, &other, &whole].map(|folded| folded.placed(filed.reference));
            assert_eq!(placed, [placed[0]; 3], "T4, seed {seed}");
            left_out += usize::from(placed[0] == Some(&Placed::Held(Held::Crowded)));
        }
    }
    assert!(left_out > 300, "{left_out}");
}

#[test]
fn a_document_that_nobody_edited_concurrently_shows_what_automerge_would() {
    for seed in 0..500 {
        let mut world = World::new(seed);
        for _ in 0..24 {
            let (by, all) = (world.dice.random_range(0..3), 0..world.events.len());
            world.authors[by].seen.extend(all);
            let last = world.events.last().unwrap().reference;
            let edits = world.edits(by);
            world.write(by, PINNED, vec![last], edits);
        }

        let (whole, fed) = (world.load(&world.judge()), world.feed());

        assert_eq!(plain(whole.content()), plain(&whole.document().content()), "R1, seed {seed}");
        assert_eq!(fed.digest(), whole.digest(), "R1, seed {seed}");
        assert_eq!(fed.document().change_hashes(), whole.document().change_hashes(), "R1, seed {seed}");
    }
}

#[test]
fn an_event_waits_for_what_it_builds_on_and_no_longer() {
    let mut world = World::new(1);
    let root = world.events[0].reference;
    let first = world.write(1, PINNED, vec![root], vec![]);
    let first = world.events[first].clone();
    let second = world.write(2, PINNED, vec![first.reference], vec![]);
    let second = world.events[second].clone();
    let mut judge = world.judge();
    judge.stored.remove(&first.reference);
    let mut folded = Folded::create(&world.registry, world.events[0].clone(), &judge).unwrap();

    let parked = folded.add(&world.registry, second.clone(), &judge, usize::MAX).unwrap();
    judge.stored.insert(first.reference);
    let freed = folded.add(&world.registry, first.clone(), &judge, usize::MAX).unwrap();

    assert_eq!(parked, [(second.reference, Placed::Parked(vec![first.reference]))]);
    assert_eq!(freed, [(first.reference, Placed::Counts(2)), (second.reference, Placed::Counts(3))]);
}

#[test]
fn a_dep_that_can_never_count_is_void_and_one_without_the_right_is_followed_through() {
    let mut world = World::new(1);
    let root = world.events[0].reference;
    let pinned = world.write(0, PINNED, vec![root], vec![]);
    let pinned = world.events[pinned].reference;
    let ruled = world.write(1, LEADERS, vec![pinned], vec![]);
    let ruled = world.events[ruled].reference;
    let strange = world.write(3, PINNED, vec![pinned], vec![]);
    let strange = world.events[strange].reference;
    let last = world.write(2, PINNED, vec![ruled, strange], vec![]);
    let last = world.events[last].reference;
    let mut judge = world.judge();
    judge.strangers.insert(world.authors[3].log.device);

    let folded = world.load(&judge);

    assert_eq!(folded.lamport(ruled), None, "volunteers do not rule");
    assert_eq!(folded.lamport(strange), None);
    assert_eq!(folded.lamport(last), Some(3), "through the unentitled one to what it built on");
    assert_eq!(folded.heads(), [last]);
}

#[test]
fn a_removal_and_a_concurrent_edit_of_an_item_stand_side_by_side() {
    let mut world = World::new(1);
    let root = world.events[0].reference;
    let add = Edit::Add { list: SLIPS, fields: vec![(TEXT, "rice".into())] };
    let added = world.write(0, PINNED, vec![root], vec![add]);
    let item = ItemId::new(world.events[added].id, 0);
    let added = world.events[added].reference;
    world.write(1, PINNED, vec![added], vec![Edit::Remove { list: SLIPS, item }]);
    let edit = Edit::PutItem { list: SLIPS, item, field: TEXT, value: "noodles".into() };
    world.write(2, PINNED, vec![added], vec![edit]);

    let folded = world.load(&world.judge());

    let slip = &folded.content().lists[&SLIPS][&item];
    assert_eq!(slip.text(TEXT), Some("noodles"));
    assert!(slip.removal_contested);
    assert!(folded.review().iter().any(|review| review.code == "conflicting_removal"));
}

#[test]
fn equal_concurrent_values_are_no_conflict_and_different_ones_both_stand() {
    let mut world = World::new(1);
    let root = world.events[0].reference;
    for (by, title) in [(1, "same"), (2, "same")] {
        world.write(by, PINNED, vec![root], vec![Edit::put(TITLE, title)]);
    }
    assert_eq!(world.load(&world.judge()).content().fields[&TITLE].len(), 1);

    world.write(3, PINNED, vec![root], vec![Edit::put(TITLE, "other")]);

    assert_eq!(world.load(&world.judge()).content().fields[&TITLE].len(), 2);
}

#[test]
fn a_choice_stands_whatever_it_repeats_and_whoever_edits_meanwhile() {
    for chosen in ["one", "other"] {
        let mut world = World::new(2);
        let root = world.events[0].reference;
        let both: Vec<Reference> = [(1, "one"), (2, "other")]
            .map(|(by, title)| world.write(by, PINNED, vec![root], vec![Edit::put(TITLE, title)]))
            .map(|at| world.events[at].reference)
            .to_vec();
        world.write(0, PINNED, both.clone(), vec![Edit::put(TITLE, chosen)]);
        world.write(3, PINNED, both, vec![Edit::put(TITLE, "meanwhile")]);

        let folded = world.load(&world.judge());

        for content in [folded.content(), &folded.document().content()] {
            let mut stand: Vec<_> = content.fields[&TITLE].iter().filter_map(|value| value.value.text()).collect();
            stand.sort_unstable();
            let mut expected = [chosen, "meanwhile"];
            expected.sort_unstable();
            assert_eq!(stand, expected, "R1: neither is lost in silence");
        }
    }
}

#[test]
fn a_value_that_stands_already_is_put_anew() {
    let mut world = World::new(3);
    let root = world.events[0].reference;
    world.write(1, PINNED, vec![root], vec![Edit::put(TITLE, "first")]);
    world.write(2, PINNED, vec![root], vec![Edit::put(TITLE, "second")]);

    let folded = world.load(&world.judge());

    for content in [folded.content(), &folded.document().content()] {
        assert_eq!(content.fields[&TITLE].len(), 2, "R1: who confirmed the first value did not know of the second");
    }
}

#[test]
fn a_chosen_removal_stands_beside_an_edit_made_meanwhile() {
    let mut world = World::new(4);
    let root = world.events[0].reference;
    let add = Edit::Add { list: SLIPS, fields: vec![(TEXT, "rice".into())] };
    let added = world.write(0, PINNED, vec![root], vec![add]);
    let item = ItemId::new(world.events[added].id, 0);
    let added = world.events[added].reference;
    let edit = |text: &str| Edit::PutItem { list: SLIPS, item, field: TEXT, value: text.into() };
    let removed = world.write(1, PINNED, vec![added], vec![Edit::Remove { list: SLIPS, item }]);
    let edited = world.write(2, PINNED, vec![added], vec![edit("noodles")]);
    let both: Vec<Reference> = [removed, edited].map(|at| world.events[at].reference).to_vec();
    world.write(0, PINNED, both.clone(), vec![Edit::Remove { list: SLIPS, item }]);
    world.write(3, PINNED, both, vec![edit("oats")]);

    let folded = world.load(&world.judge());

    for content in [folded.content(), &folded.document().content()] {
        assert!(content.lists[&SLIPS][&item].removal_contested, "R1");
    }
}

#[test]
fn a_document_never_ends_whoever_edits_it_how_often() {
    let mut world = World::new(1);
    let mut last = world.events[0].reference;
    for nth in 1..1_200 {
        let at = world.write(1, PINNED, vec![last], vec![Edit::put(TITLE, nth)]);
        last = world.events[at].reference;
    }
    world.write(2, PINNED, vec![last], vec![Edit::put(TITLE, "the last word")]);

    assert_eq!(world.load(&world.judge()).content().text(TITLE), Some("the last word"));
}

/// Whoever acts next names what it knows, at most so many events: a crowd of one device's does not hide what others said.
#[test]
fn a_heap_of_one_device_leaves_the_others_among_the_heads_t4() {
    let mut world = World::new(6);
    let root = world.events[0].reference;
    let honest = world.write(1, PINNED, vec![root], vec![]);
    let honest = world.events[honest].reference;
    for life in 0..200 {
        let log =
            LogHeader { incarnation: Incarnation::from_bytes([life + 1; Incarnation::LEN]), ..world.authors[3].log };
        world.authors.push(Author { log, seq: 0, seen: BTreeSet::new() });
        let by = world.authors.len() - 1;
        let first = world.write(by, PINNED, vec![root], vec![]);
        let first = world.events[first].reference;
        world.write(by, PINNED, vec![first], vec![]);
    }

    let heads = world.load(&world.judge()).heads();

    assert_eq!(heads.len(), limits::DEPS);
    assert!(heads.contains(&honest));
}

#[test]
fn many_lives_of_one_device_do_not_hide_what_others_put() {
    let mut world = World::new(5);
    let root = world.events[0].reference;
    world.write(1, PINNED, vec![root], vec![Edit::put(TITLE, "honest")]);
    for life in 0..40 {
        let log =
            LogHeader { incarnation: Incarnation::from_bytes([life + 1; Incarnation::LEN]), ..world.authors[3].log };
        world.authors.push(Author { log, seq: 0, seen: BTreeSet::new() });
        let by = world.authors.len() - 1;
        world.write(by, PINNED, vec![root], vec![Edit::put(TITLE, i64::from(life))]);
    }

    let folded = world.load(&world.judge());

    let values = &folded.content().fields[&TITLE];
    assert_eq!(values.len(), limits::VALUES + 1);
    assert!(values.iter().any(|value| value.value.text() == Some("honest")));
}

/// References that no chain of hashes could make, to what there is and is not: each event is placed once, and the walk
/// ends. In whatever order they come, the same is made of them.
#[test]
fn whatever_references_there_are_parking_ends_and_any_order_is_the_same() {
    for seed in 0..1_000 {
        let mut world = World::new(seed);
        for _ in 0..12 {
            let by = world.dice.random_range(0..4);
            world.write(by, PINNED, Vec::new(), Vec::new());
        }
        let all: Vec<Reference> = world.events.iter().map(|filed| filed.reference).collect();
        for at in 1..world.events.len() {
            let deps = (0..world.dice.random_range(0..3)).map(|_| {
                let some = all[world.dice.random_range(0..all.len())];
                match world.dice.random_range(0..5) {
                    0 => Reference { check: crate::id::ShortId::from_bytes([1; crate::id::ShortId::LEN]), ..some },
                    1 => Reference { seq: some.seq + 1, ..some },
                    _ => some,
                }
            });
            let deps: Vec<Reference> = deps.collect();
            world.events[at].body.deps = deps;
        }

        let (one, other) = (world.feed(), world.feed());

        assert_eq!(one.digest(), world.load(&world.judge()).digest(), "seed {seed}");
        assert_eq!(one.digest(), other.digest(), "seed {seed}");
    }
}

/// A board on which people pin slips: enough of everything a fold can meet.
struct Board;

#[derive(Clone, Debug, Encode, Decode, Serialize, Deserialize)]
#[cbor(map)]
struct Pinned {
    #[n(0)]
    number: u64,
}

#[derive(Debug, Serialize, Says, thiserror::Error)]
#[error("refused")]
struct Refused;

impl Coded for Refused {
    const CODES: &'static [&'static str] = &["refused"];

    fn code(&self) -> &'static str {
        "refused"
    }
}

impl Refuse for Refused {
    const BY: &'static str = Board::NAME;
}

impl From<WorldError> for Refused {
    fn from(_: WorldError) -> Self {
        Refused
    }
}

impl Aggregate for Board {
    const NAME: &'static str = "board";
    const TOPIC: Topic = Topic::Common;
    const KINDS: &'static [KindSpec] = &[
        KindSpec::new(CREATED, "created", Need::MEMBER).creating(),
        KindSpec::new(PINNED, "pinned", Need::MEMBER),
        KindSpec::new(LEADERS, "ruled", Need::LEADER),
    ];
    const CONTENT: Schema = Schema {
        fields: &[FieldSpec { field: TITLE, name: "title" }],
        lists: &[ListSpec { list: SLIPS, name: "slips", fields: &[FieldSpec { field: TEXT, name: "text" }] }],
    };
    const TABLES: &'static [Table] = &[Table { name: "board", columns: &["sum"], indexes: &[] }];

    type Fact = Pinned;
    /// Numbers in order, with how many earlier acts each author knew.
    type State = Vec<(u64, usize)>;
    type Command = ();
    type Refusal = Refused;

    fn read(_: u16, _: u16, payload: &[u8]) -> Result<Pinned, Malformed> {
        minicbor::decode(payload).map_err(|_| Malformed("pinned"))
    }

    fn apply(state: &mut Self::State, fact: &Pinned, at: usize, history: &History, _: &Birth) {
        state.push((fact.number, (0..at).filter(|earlier| history.knew(at, *earlier)).count()));
    }

    fn rows(subject: &Subject<'_, Self::State>) -> Vec<Row> {
        vec![Row { table: "board", cells: vec![serde_json::to_string(subject.state).unwrap().into()] }]
    }

    fn decide(_: Option<&Subject<'_, Self::State>>, _: (), _: &DecisionContext<'_>) -> Result<Vec<Draft>, Refused> {
        Err(Refused)
    }
}

/// Storage and roster as far as these stories need them.
#[derive(Default)]
struct TestJudge {
    stored: BTreeSet<Reference>,
    authors: BTreeMap<crate::id::LogId, DeviceId>,
    strangers: BTreeSet<DeviceId>,
}

impl Judge for TestJudge {
    fn against(&self, filed: &Filed) -> Option<Held> {
        self.strangers.contains(&filed.log.device).then_some(Held::Stranger)
    }

    fn standing(&self, filed: &Filed, _: &About<'_>) -> Standing {
        let leader = filed.log.device.as_bytes()[0] == 0;
        Standing::NONE.with(Need::MEMBER).with_if(leader, Need::LEADER)
    }

    fn rooms(&self, _: DeviceId) -> u64 {
        1
    }

    fn member(&self, device: DeviceId) -> Option<MemberId> {
        (!self.strangers.contains(&device)).then(|| MemberId::first_device(device))
    }

    fn author(&self, reference: Reference) -> Option<MemberId> {
        self.member(*self.authors.get(&reference.log)?)
    }

    fn stored(&self, reference: Reference) -> bool {
        self.stored.contains(&reference)
    }

    fn comes_later(&self, _: Reference, _: Reference) -> bool {
        false
    }

    fn void(&self, reference: Reference) -> bool {
        self.authors.get(&reference.log).is_some_and(|device| self.strangers.contains(device))
    }

    fn precedes(&self, (earlier, _): (Reference, EventId), later: &Filed) -> bool {
        earlier.log == later.reference.log && earlier.seq < later.reference.seq
    }
}

/// One writer with what they have seen.
struct Author {
    log: LogHeader,
    seq: u64,
    seen: BTreeSet<usize>,
}

struct World {
    dice: ChaCha20Rng,
    registry: Registry,
    authors: Vec<Author>,
    events: Vec<Filed>,
    /// Whether events are so large that a device has no room for many.
    crowded: bool,
}

impl World {
    fn new(seed: u64) -> Self {
        let log = |nth: u8| LogHeader {
            community: CommunityId::from_bytes([7; 32]),
            topic: TopicTag::from_bytes([7; 16]),
            device: DeviceId::from_bytes([nth; 32]),
            incarnation: Incarnation::ZERO,
        };
        let authors = (0..4).map(|nth| Author { log: log(nth), seq: 0, seen: BTreeSet::new() }).collect();
        let registry = Registry::empty().with::<Board>().unwrap();
        let (dice, events) = (ChaCha20Rng::seed_from_u64(seed), Vec::new());
        let mut world = Self { dice, registry, authors, events, crowded: false };
        world.write(0, CREATED, Vec::new(), vec![Edit::put(TITLE, "first")]);
        world
    }

    fn judge(&self) -> TestJudge {
        TestJudge {
            stored: self.events.iter().map(|filed| filed.reference).collect(),
            authors: self.authors.iter().map(|author| (author.log.id(), author.log.device)).collect(),
            strangers: BTreeSet::new(),
        }
    }

    fn write(&mut self, by: usize, kind: u16, deps: Vec<Reference>, edits: Vec<Edit>) -> usize {
        let author = &mut self.authors[by];
        let body = Body {
            aggregate: self.events.first().map(|filed| filed.reference),
            deps,
            wall: WallMs(self.dice.random_range(0..1_000_000)),
            kind,
            version: 1,
            payload: encode(&Pinned { number: self.dice.random_range(0..100) }),
            edits,
            salt: None,
        };
        let id = EventId::from_bytes(self.dice.random());
        let reference = Reference { log: author.log.id(), seq: author.seq, check: id.short() };
        let at = self.events.len();
        author.seq += self.dice.random_range(1..3);
        author.seen.insert(at);
        let size = if self.crowded { self.dice.random_range(1..limits::AGGREGATE_ROOM / 3) } else { 100 };
        self.events.push(Filed { reference, id, log: author.log, body, size });
        at
    }

    /// Somebody learns of something, or acts on what they know: on some of the heads, with gaps.
    fn step(&mut self) {
        let by = self.dice.random_range(0..self.authors.len());
        if self.dice.random_bool(0.4) {
            let at = self.dice.random_range(0..self.events.len());
            self.learn(by, at);
            return;
        }
        let deps: Vec<Reference> =
            self.authors[by].seen.iter().rev().take(3).map(|at| self.events[*at].reference).collect();
        let kind = if self.dice.random_bool(0.2) { LEADERS } else { PINNED };
        let edits = self.edits(by);
        self.write(by, kind, deps, edits);
    }

    fn learn(&mut self, by: usize, at: usize) {
        let mut open = vec![at];
        while let Some(at) = open.pop() {
            if self.authors[by].seen.insert(at) {
                let deps = self.events[at].body.deps.clone();
                open.extend(deps.iter().filter_map(|dep| self.events.iter().position(|e| e.reference == *dep)));
            }
        }
    }

    fn edits(&mut self, by: usize) -> Vec<Edit> {
        let items: Vec<ItemId> = self.authors[by]
            .seen
            .iter()
            .flat_map(|at| (0..2).map(move |nth| (*at, nth)))
            .map(|(at, nth)| ItemId::new(self.events[at].id, nth))
            .collect();
        let count = self.dice.random_range(0..3);
        (0..count)
            .map(|_| {
                let value = match self.dice.random_range(0..4) {
                    0 => Scalar::Null,
                    1 => Scalar::Fraction(Qty::of_thousandths(1_500)),
                    number => Scalar::Int(number),
                };
                let item = items.get(self.dice.random_range(0..items.len().max(1))).copied();
                match (self.dice.random_range(0..4), item) {
                    (0, Some(item)) => Edit::Remove { list: SLIPS, item },
                    (1, Some(item)) => Edit::PutItem { list: SLIPS, item, field: TEXT, value },
                    (2, _) => Edit::Add { list: SLIPS, fields: vec![(TEXT, value)] },
                    _ => Edit::Put { field: TITLE, value },
                }
            })
            .collect()
    }

    fn load(&self, judge: &TestJudge) -> Folded {
        let aggregate = self.events[0].reference;
        let (mut folded, _) = Folded::load(&self.registry, aggregate, self.events.clone(), judge).unwrap();
        folded.settle(&self.registry);
        folded
    }

    /// Feeds all but the creating event in a random order, some twice, looking in between now and then.
    fn feed(&mut self) -> Folded {
        let mut judge = TestJudge { authors: self.judge().authors, ..TestJudge::default() };
        judge.stored.insert(self.events[0].reference);
        let mut folded = Folded::create(&self.registry, self.events[0].clone(), &judge).unwrap();
        let mut order: Vec<usize> = (1..self.events.len()).collect();
        order.shuffle(&mut self.dice);
        for at in order {
            let filed = self.events[at].clone();
            judge.stored.insert(filed.reference);
            folded.add(&self.registry, filed.clone(), &judge, usize::MAX).unwrap();
            if self.dice.random_bool(0.3) {
                assert_eq!(folded.add(&self.registry, filed, &judge, usize::MAX), Ok(Vec::new()));
            }
            if self.dice.random_bool(0.3) {
                folded.settle(&self.registry);
            }
        }
        folded.settle(&self.registry);
        folded
    }
}

/// A document's values without who wrote them, each field's in an order of its own.
fn plain(content: &Content) -> Content {
    let mut plain = content.clone();
    let items = plain.lists.values_mut().flat_map(BTreeMap::values_mut);
    for values in plain.fields.values_mut().chain(items.flat_map(|item| item.fields.values_mut())) {
        values.iter_mut().for_each(|value| value.by = [0; 16]);
        values.sort_by(|one, other| one.value.cmp(&other.value));
    }
    plain
}
