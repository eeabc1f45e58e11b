//! What a hostile input may cost (T4): work that comes to 50 ms at fixed prices, and 64 MiB of memory, however it is made.
//!
//! An input is what is judged at once: a run, a frame, a piece of a file. Each is made as costly as the limits allow, and
//! handed to a real replica; the costliest counts, and the sum of all. What is counted is the same on every machine and in
//! every build: signatures, rows, steps of SQLite, events folded, bytes allocated. A case is one test that begins a
//! [`Gauge`], and two lines in `figures.txt`.
// A budget that cannot be measured is not kept.
#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used)]

mod acts;
mod anew;
mod asked;
mod clear;
mod falls;
mod feeder;
mod figures;
mod full;
mod gauge;
mod heaps;
mod lacks;
mod make;
mod upkeep;
mod wire;

use feeder::Feeder;
use gauge::{Gauge, Meter};
use linli_core::{
    event::{Body, Content, Entry, Topic},
    id::{DeviceId, LogId, Reference, ShortId},
    limits,
    net::Conversation,
    replica::Link,
    roster::Role,
    sync::{
        frame::{Frame, Wanted},
        frame_to_bytes,
    },
    time::WallMs,
};
use linli_tests::{
    Forger, World, hand_over,
    people::{LAN, MEI, WU},
};
use make::{act, claim, comment, edited, post};
use rand::RngExt;

/// Events of a case. What is heaped up in one aggregate makes what comes later dearer: `core/DESIGN.md` says how much, and
/// cases take a part of it where more would pass the budget.
const MANY: usize = 2_000;

#[test]
fn what_looks_at_all_that_is_held_for_each_input_does_not_pass() {
    let then = comments(false);
    let figures = ["input", "sum"].map(|what| {
        let cost = if what == "sum" { &then.sum } else { &then.input };
        figures::line("comments", what, cost)
    });
    let figures = figures.join("\n");
    drop(then);

    let again = comments(false);
    assert_eq!(figures::dearer(&figures, "comments", &again.input, &again.sum), Vec::<String>::new());
    drop(again);
    let planted = comments(true);

    assert!(!figures::dearer(&figures, "comments", &planted.input, &planted.sum).is_empty());
}

#[test]
fn large_bodies_keep_to_the_budget_t4() {
    let mut gauge = Gauge::begin("large bodies");
    let (mut world, order, mut forger) = scene(1);
    for _ in 0..30 {
        forger.write(&edited(order, make::texts(limits::EDITS, 110)));
        forger.write(&edited(order, make::texts(3, limits::FIELD)));
        forger.write(&edited(order, make::items(60)));
    }
    feed(&mut gauge, &world, &mut forger, Topic::Common);
    go_on(&mut gauge, &mut world, order, 90);
}

#[test]
fn bodies_that_lie_about_their_shape_keep_to_the_budget_t4() {
    let mut gauge = Gauge::begin("garbled bodies");
    let (mut world, order, mut forger) = scene(2);
    for plain in make::garbled(order) {
        forger.seal(&plain);
    }
    feed(&mut gauge, &world, &mut forger, Topic::Common);
    go_on(&mut gauge, &mut world, order, 20);
}

#[test]
fn whoever_brings_the_same_again_and_again_keeps_to_the_budget_t4() {
    let mut gauge = Gauge::begin("the same again");
    let (world, order, mut forger) = scene(15);
    let (device, tag) = (forger.device(), world.tag(LAN, Topic::Common));
    let mut feeder = Feeder::with(&world, LAN, device);
    forger.write(&comment(order));
    feeder.bring(tag, &forger.runs());
    (0..MANY).for_each(|_| gauge.input(|| feeder.say_again()));
    // But for the numbers that names have in a conversation, which end somewhere too.
    assert!(feeder.held() < 128 * 1024, "what is the same is kept once: {}", feeder.held());
    gauge.input(|| drop(feeder));
}

#[test]
fn deps_that_are_nowhere_keep_to_the_budget_t4() {
    let mut gauge = Gauge::begin("absent deps");
    let (mut world, order, mut forger) = scene(3);
    for _ in 0..MANY / 5 {
        let nowhere = |dice: &mut rand_chacha::ChaCha20Rng| Reference {
            log: LogId::from_bytes(dice.random()),
            seq: dice.random_range(0..1 << 40),
            check: ShortId::from_bytes(dice.random()),
        };
        let deps = (0..limits::DEPS).map(|_| nowhere(&mut world.dice)).collect();
        forger.write(&Body { deps, ..comment(order) });
    }
    feed(&mut gauge, &world, &mut forger, Topic::Common);
    go_on(&mut gauge, &mut world, order, MANY / 5);
}

#[test]
fn deps_that_fan_out_keep_to_the_budget_t4() {
    let mut gauge = Gauge::begin("deps fan out");
    let (mut world, order, mut forger) = scene(4);
    let mut written: Vec<Reference> = Vec::new();
    for nth in 0..MANY / 4 {
        let deps = written.iter().rev().step_by(7).take(limits::DEPS).copied().collect();
        // Every other one is of a kind that no build knows: it is followed through.
        let body = if nth % 2 == 0 { comment(order) } else { act(order, 0x7fff, vec![0xa0]) };
        written.push(forger.write(&Body { deps, ..body }));
    }
    feed(&mut gauge, &world, &mut forger, Topic::Common);
    go_on(&mut gauge, &mut world, order, MANY / 4);
}

#[test]
fn held_events_that_gather_what_others_know_keep_to_the_budget_t4() {
    let mut gauge = Gauge::begin("deps of held events");
    let (mut world, order, _) = scene(5);
    // Concurrent comments, each in a log of its own, and layers of unreadable events that know more and more of them.
    let mut below: Vec<Reference> = Vec::new();
    for _ in 0..MANY / 4 {
        let mut alone = Forger::with_keys_of(&mut world, WU);
        below.push(alone.write(&comment(order)));
        feed(&mut gauge, &world, &mut alone, Topic::Common);
    }
    for _ in 0..4 {
        let mut layer = Vec::new();
        for nth in 0..limits::DEPS {
            let mut alone = Forger::with_keys_of(&mut world, WU);
            let deps = below.iter().cycle().skip(nth * limits::DEPS).take(limits::DEPS.min(below.len())).copied();
            let deps = deps.collect();
            layer.push(alone.write(&Body { deps, ..act(order, 0x7fff, vec![0xa0]) }));
            feed(&mut gauge, &world, &mut alone, Topic::Common);
        }
        below = layer;
    }
    go_on(&mut gauge, &mut world, order, MANY / 4 + 4 * limits::DEPS);
}

#[test]
fn a_long_chain_and_what_comes_beside_it_keep_to_the_budget_t4() {
    let mut gauge = Gauge::begin("long chain");
    let (mut world, order, mut forger) = scene(6);
    let mut beside: Vec<Forger> = (0..8).map(|_| Forger::with_keys_of(&mut world, WU)).collect();
    (0..MANY).for_each(|_| _ = forger.write(&comment(order)));
    feed(&mut gauge, &world, &mut forger, Topic::Common);
    for late in &mut beside {
        late.write(&comment(order));
        feed(&mut gauge, &world, late, Topic::Common);
    }
    go_on(&mut gauge, &mut world, order, MANY + 8);
}

#[test]
fn a_crowd_of_claims_and_purchases_keeps_to_the_budget_t4() {
    let mut gauge = Gauge::begin("claims and purchases");
    let (mut world, order, _) = scene(7);
    for nth in 0..MANY / 16 {
        let mut alone = Forger::with_keys_of(&mut world, [WU, MEI][nth % 2]);
        alone.write(&claim(order));
        alone.write(&make::attempted(order));
        feed(&mut gauge, &world, &mut alone, Topic::Common);
    }
    go_on(&mut gauge, &mut world, order, MANY / 16 * 2);
}

#[test]
fn a_document_full_of_edits_and_what_comes_beside_it_keep_to_the_budget_t4() {
    let mut gauge = Gauge::begin("full document");
    let (mut world, order, mut forger) = scene(8);
    let mut beside: Vec<Forger> = (0..4).map(|_| Forger::with_keys_of(&mut world, WU)).collect();
    (0..MANY / 4).for_each(|_| _ = forger.write(&edited(order, make::texts(limits::EDITS, 2))));
    feed(&mut gauge, &world, &mut forger, Topic::Common);
    for late in &mut beside {
        late.write(&edited(order, make::texts(limits::EDITS, 2)));
        feed(&mut gauge, &world, late, Topic::Common);
    }
    go_on(&mut gauge, &mut world, order, MANY / 4 + 4);
}

#[test]
fn sixteen_branches_of_many_events_keep_to_the_budget_t4() {
    let mut gauge = Gauge::begin("branches");
    let (mut world, order, mut forger) = scene(9);
    forger.write(&comment(order));
    feed(&mut gauge, &world, &mut forger, Topic::Common);
    let mut branches: Vec<Forger> = (0..20).map(|_| forger.twin()).collect();
    for (nth, branch) in branches.iter_mut().enumerate() {
        for _ in 0..16 {
            branch.write(&Body { wall: WallMs(nth as i64), ..comment(order) });
        }
        // A part of a branch is taken for what is held already: all of it at once.
        let (device, runs) = (branch.device(), branch.runs());
        gauge.input(|| {
            let _refused = hand_over(&world, LAN, device, world.tag(LAN, Topic::Common), &runs);
        });
    }
    go_on(&mut gauge, &mut world, order, 16 * 16);
}

#[test]
fn runs_whose_bodies_were_changed_keep_to_the_budget_t4() {
    let mut gauge = Gauge::begin("changed runs");
    let (mut world, order, mut forger) = scene(10);
    for _ in 0..256 {
        forger.write(&edited(order, make::texts(3, limits::FIELD)));
    }
    let (device, tag) = (forger.device(), world.tag(LAN, Topic::Common));
    for mut run in forger.runs() {
        let Content::Here(bytes) = &run.run.links[0].content else { panic!("it was just written") };
        let mut bytes = bytes.to_vec();
        bytes[0] ^= 1;
        run.run.links[0].content = Content::Here(bytes.into());
        gauge.input(|| {
            let _refused = hand_over(&world, LAN, device, tag, std::slice::from_ref(&run));
        });
    }
    go_on(&mut gauge, &mut world, order, 0);
}

#[test]
fn a_roster_full_of_keys_keeps_to_the_budget_t4() {
    let mut gauge = Gauge::begin("roster");
    let mut world = World::of_roles(11, &[Role::Coordinator]);
    let order = post(&mut world);
    let ours = world.device(LAN);
    // Keys that are all for one device are none; of others each costs who is named an attempt to open it.
    let crowd: Vec<DeviceId> = (1..limits::WRAPS).map(|_| DeviceId::from_bytes(world.dice.random())).collect();
    let named = || std::iter::once(ours).chain(crowd.iter().copied());
    for _ in 0..MANY / 200 {
        let mut forger = Forger::with_keys_of(&mut world, WU).in_topic(&world, WU, Topic::Roster);
        forger.roster(&make::keys(&mut world.dice, std::iter::repeat(ours)));
        forger.roster(&make::keys(&mut world.dice, named()));
        feed(&mut gauge, &world, &mut forger, Topic::Roster);
    }
    let mut forger = Forger::with_keys_of(&mut world, WU).in_topic(&world, WU, Topic::Roster);
    (0..17).for_each(|_| _ = forger.roster(&make::keys(&mut world.dice, named())));
    feed(&mut gauge, &world, &mut forger, Topic::Roster);
    go_on(&mut gauge, &mut world, order, MANY / 100 + 17);
}

#[test]
fn files_of_garbage_keep_to_the_budget_t4() {
    let mut gauge = Gauge::begin("files");
    let (mut world, order, mut forger) = scene(12);
    forger.write(&edited(order, make::texts(3, limits::FIELD)));
    let run = forger.runs().remove(0).run;
    let community = world.at(LAN).community().unwrap();
    let tag = world.tag(LAN, Topic::Common);
    for file in wire::files(&mut world.dice, community, tag, &run) {
        gauge.input(|| {
            let _refused = world.at(LAN).import_bundle(file.as_slice(), |_| {});
        });
    }
    go_on(&mut gauge, &mut world, order, 1);
}

#[test]
fn frames_that_promise_too_much_keep_to_the_budget_t4() {
    let mut gauge = Gauge::begin("frames");
    let (mut world, order, _) = scene(13);
    let (community, peer) = (world.at(LAN).community().unwrap(), world.device(WU));
    let mut ours = world.at(WU).link(world.device(LAN)).unwrap();
    let hello = ours.send(usize::MAX).unwrap();
    for frame in wire::frames(&mut world.dice, community) {
        let mut link = world.at(LAN).link(peer).unwrap();
        gauge.input(|| {
            let _refused = link.receive(&hello).and_then(|()| link.receive(&frame));
            let _answer = link.send(usize::MAX);
        });
    }
    drop(ours);
    go_on(&mut gauge, &mut world, order, 0);
}

#[test]
fn pulls_behind_invented_news_keep_to_the_budget_t4() {
    let mut gauge = Gauge::begin("pulls");
    let (mut world, order, _) = scene(14);
    (0..MANY / 4).for_each(|_| comment_honestly(&mut world, order));
    let tag = world.tag(LAN, Topic::Common);
    let mut heads: Vec<Entry> = world.at(LAN).look(|reader| reader.entries(tag)).unwrap();
    heads.sort_by_key(|head| head.seq);
    let (small, large) = (heads[0], heads[heads.len() - 1]);
    let mut link = in_step(&world);

    for time in 0..40_u64 {
        let mut invent = |which: u64| {
            let short = ShortId::from_bytes(world.dice.random());
            Entry { seq: (time * 1_500 + which) % (large.seq + 1), short, ..large }
        };
        let mut entries: Vec<Entry> = (0..1_500).map(&mut invent).collect();
        entries.sort_unstable();
        let frame = frame_to_bytes(&Frame::Announce { topic: COMMON, entries }.to_bytes());
        gauge.input(|| link.receive(&frame).unwrap());
    }
    for log in [small.log, large.log].into_iter().cycle().take(100) {
        let pull = Frame::Pull { topic: COMMON, logs: vec![Wanted { log, have: Vec::new() }] };
        let frame = frame_to_bytes(&pull.to_bytes());
        gauge.input(|| {
            link.receive(&frame).unwrap();
            link.send(usize::MAX).unwrap();
        });
    }

    println!("kept: {:?}", link.held());
    drop(link);
    go_on(&mut gauge, &mut world, order, MANY / 4);
}

/// The place of the topic in every hello.
const COMMON: u8 = 3;

/// Lan's end of a conversation with Wu that is in step; nothing of it is heard there any more.
fn in_step(world: &World) -> Link {
    let mut link = world.at(LAN).link(world.device(WU)).unwrap();
    let mut peer = world.at(WU).link(world.device(LAN)).unwrap();
    loop {
        let (here, there) = (link.send(usize::MAX).unwrap(), peer.send(usize::MAX).unwrap());
        if here.is_empty() && there.is_empty() {
            return link;
        }
        link.receive(&there).unwrap();
        peer.receive(&here).unwrap();
    }
}

/// A community of three, an order that all know, and whoever has the keys of Wu.
fn scene(seed: u64) -> (World, Reference, Forger) {
    gauge::must_have_its_turn();
    let mut world = World::community(seed, 2);
    let order = post(&mut world);
    world.settle();
    let forger = Forger::with_keys_of(&mut world, WU);
    (world, order, forger)
}

/// Hands what a forger wrote to the founder, run by run, each measured alone.
fn feed(gauge: &mut Gauge, world: &World, forger: &mut Forger, topic: Topic) {
    let (device, tag) = (forger.device(), world.tag(LAN, topic));
    for run in forger.runs() {
        gauge.input(|| {
            let _refused = hand_over(world, LAN, device, tag, std::slice::from_ref(&run));
        });
    }
}

/// After all that, which was really taken in, the honest go on at the same price.
fn go_on(gauge: &mut Gauge, world: &mut World, order: Reference, taken: usize) {
    let events = world.at(LAN).stats().unwrap().events;
    assert!(events >= taken as u64, "{events} of {taken} events were taken in");
    gauge.input(|| comment_honestly(world, order));
    assert_eq!(world.at(LAN).verify().unwrap().faults, []);
}

fn comment_honestly(world: &mut World, order: Reference) {
    comment_by(world, LAN, order);
}

fn comment_by(world: &mut World, phone: usize, order: Reference) {
    let id = world.command();
    let command = linli_core::aggregate::order::Command::Comment { text: "还在".into() };
    world.at(phone).submit::<linli_core::aggregate::order::Order>(id, Some(order), command).unwrap();
}

/// What a hundred comments cost, and whether each looks at all that is held, as it must not.
fn comments(looks_at_all: bool) -> Meter {
    let mut meter = Meter::begin();
    let (world, order, mut forger) = scene(14);
    let (device, tag) = (forger.device(), world.tag(LAN, Topic::Common));
    for _ in 0..100 {
        forger.write(&comment(order));
        let run = forger.runs();
        meter.input(|| {
            let _refused = hand_over(&world, LAN, device, tag, &run);
            if looks_at_all {
                let _all = world.at(LAN).order(order);
            }
        });
    }
    meter
}
