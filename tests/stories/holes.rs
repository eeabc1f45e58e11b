//! Bodies behind such as nobody has any more (R5): a coordinator's phone in hostile hands had them erased before it was cut, and
//! from then on any member may bring what the writer says without bodies.

use std::{process::Command, time::Duration};

use linli_core::{
    aggregate::{Held, alert::Escalation},
    event::{Content, Entry, Hole, Topic},
    id::{EpochId, Reference, ShortId},
    limits,
    net::Conversation,
    replica::{Link, Options, Replica},
    roster::{Erased, ErasedAggregate, ErasedSpan, Role},
    store::lacks_any,
    sync::{Config, Outgoing},
};
use linli_tests::{Break, Ended, Forger, World, cut_low, disk::Disk, hand_over, hand_over_in};

use crate::say;

const FOUNDER: usize = 0;
const WRITER: usize = 1;
const OTHER: usize = 2;
/// A coordinator's phone that is in hostile hands.
const THIEF: usize = 3;

/// Nobody lies but whoever erased.
#[test]
fn what_one_phone_has_comes_behind_a_body_that_nobody_has_r5_t3() {
    let mut world = World::community(651, 2);
    assert_eq!(world.join(FOUNDER, Role::Coordinator), THIEF);
    world.settle();
    let (first, then) = (say::post(&mut world, WRITER), say::post(&mut world, WRITER));
    world.settle();
    let id = world.command();
    world.at(THIEF).erase(id, &[first]).unwrap();
    world.settle();
    let id = world.command();
    world.at(THIEF).erase(id, &[then]).unwrap();
    for phone in [FOUNDER, WRITER, FOUNDER, WRITER] {
        world.meet(THIEF, phone, Break::Never);
    }
    for minutes in [0, say::THREE_DAYS] {
        world.pass(minutes);
        [FOUNDER, WRITER, OTHER].iter().for_each(|phone| _ = world.at(*phone).tend().unwrap());
    }
    cut(&mut world);
    meet(&mut world, FOUNDER, WRITER);
    assert!([FOUNDER, WRITER].iter().all(|phone| is_missing(&world, *phone, then)));

    meet(&mut world, FOUNDER, OTHER);
    meet(&mut world, FOUNDER, WRITER);

    for phone in [FOUNDER, WRITER, OTHER] {
        assert!(is_missing(&world, phone, first), "nobody has it");
        assert!(world.at(phone).order(then).is_ok(), "phone {phone}");
        assert_eq!(world.at(phone).verify().unwrap().faults, [], "phone {phone}");
    }
}

#[test]
fn news_come_behind_a_body_that_nobody_has_r5_t3() {
    let (mut world, _) = nobody_has(652, |world| vec![say::post(world, WRITER)]);
    let news = say::post(&mut world, WRITER);
    [FOUNDER, OTHER].iter().for_each(|phone| bring_hollow(&world, Topic::Common, *phone));
    assert!(is_missing(&world, OTHER, news));

    meet(&mut world, FOUNDER, OTHER);
    assert!(!knows(&world, FOUNDER, OTHER, news) && !knows(&world, OTHER, FOUNDER, news), "neither has the body");
    meet(&mut world, WRITER, OTHER);

    assert!(world.at(OTHER).order(news).is_ok());
    meet(&mut world, FOUNDER, OTHER);
    assert!(world.at(FOUNDER).order(news).is_ok(), "and goes on from there");
    assert!(knows(&world, FOUNDER, OTHER, news));
    let bytes = world.meet(FOUNDER, OTHER, Break::Never).bytes;
    assert!(bytes < 300, "who lack the same say nothing of it: {bytes} bytes");
}

#[test]
fn an_alert_that_came_without_its_body_was_heard_by_nobody_r5_t3() {
    let (mut world, _) = nobody_has(653, |world| vec![say::raise(world, WRITER, None)]);
    let alert = say::raise(&mut world, WRITER, Some("1804"));
    bring_hollow(&world, Topic::Urgent, OTHER);
    world.clock.advance(std::time::Duration::from_millis(limits::NOBODY_HAS_IT_MS));
    let line = |world: &World, phone: usize| world.at(phone).alert(alert).map(|alert| alert.line);
    assert!(line(&world, OTHER).is_err());

    meet(&mut world, WRITER, OTHER);

    assert!(line(&world, OTHER).is_ok(), "it was brought");
    let before = line(&world, WRITER).unwrap();
    assert_eq!(
        (before.on_other_devices, before.escalation),
        (0, Escalation::NobodyHasIt),
        "the other said it lacks it"
    );
    meet(&mut world, WRITER, OTHER);
    assert_eq!(line(&world, WRITER).unwrap().on_other_devices, 1, "and says so no more");
}

/// T3: whoever has a copy of the writer's keys makes a fork, of which nobody has the body, at the place of the news.
#[test]
fn news_come_beside_a_body_that_nobody_has_r5_t3() {
    let (mut world, dead) = nobody_has(654, |world| vec![say::post(world, WRITER)]);
    let mut twin = Forger::behind(&mut world, WRITER, FOUNDER, Topic::Common, dead[0].seq);
    let news = say::post(&mut world, WRITER);
    twin.raw(EpochId::ZERO, vec![7; 40]);
    let mut fork = twin.runs();
    for link in &mut fork[0].run.links {
        link.content = Content::Erased(link.content.hash());
    }
    bring_hollow(&world, Topic::Common, OTHER);
    for phone in [FOUNDER, WRITER, OTHER] {
        let from = world.device(beside(phone));
        hand_over(&world, phone, from, world.tag(phone, Topic::Common), &fork).unwrap();
    }
    assert!(is_missing(&world, OTHER, news));

    meet(&mut world, WRITER, OTHER);

    assert!(world.at(OTHER).order(news).is_ok());
    meet(&mut world, WRITER, OTHER);
    assert!(knows(&world, WRITER, OTHER, news), "what it lacks there is another event");
}

#[test]
fn news_come_behind_more_bodies_that_nobody_has_than_are_told_r5_t3() {
    let every_second = |world: &mut World| {
        let orders: Vec<_> = (0..2 * limits::HOLES + 4).map(|_| say::post(world, WRITER)).collect();
        orders.into_iter().step_by(2).collect()
    };
    let (mut world, _) = nobody_has(655, every_second);
    let news = say::post(&mut world, WRITER);
    bring_hollow(&world, Topic::Common, OTHER);
    assert!(is_missing(&world, OTHER, news));

    meet(&mut world, WRITER, OTHER);

    assert!(world.at(OTHER).order(news).is_ok());
    let bytes = world.meet(WRITER, OTHER, Break::Never).bytes;
    assert!(bytes < 300, "who lack the same say nothing of it: {bytes} bytes");
}

/// Two phones say what they have to say.
fn talk(here: &mut Link, there: &mut Link) {
    loop {
        let (said, answered) = (here.send(usize::MAX).unwrap(), there.send(usize::MAX).unwrap());
        if said.is_empty() && answered.is_empty() {
            return;
        }
        there.receive(&said).unwrap();
        here.receive(&answered).unwrap();
    }
}

/// T8: it is said once in a conversation, which may begin where nothing can be written.
#[test]
fn what_a_peer_lacks_is_kept_as_soon_as_there_is_room_r5_t8() {
    let dir = linli_tests::somewhere();
    let Some(disk) = Disk::mount(dir.path().join("disk"), "6m") else { return };
    let (mut world, _) = nobody_has(656, |world| vec![say::post(world, WRITER)]);
    let news = say::post(&mut world, WRITER);
    [FOUNDER, OTHER].iter().for_each(|phone| bring_hollow(&world, Topic::Common, *phone));
    world.close(FOUNDER);
    let home = disk.at().join("home");
    assert!(Command::new("cp").arg("-r").args([world.home(FOUNDER), &home]).status().unwrap().success());
    disk.fill();
    let options = Options { home, ..world.options(FOUNDER) };
    world.put(FOUNDER, Replica::open(options).unwrap());
    assert!(world.at(FOUNDER).reads_alone());
    let mut here = world.at(FOUNDER).link(world.device(OTHER)).unwrap();
    let mut there = world.at(OTHER).link(world.device(FOUNDER)).unwrap();
    talk(&mut here, &mut there);

    disk.make_room();
    world.clock.advance(Duration::from_millis(limits::HEAL_MS));
    let mut more = Forger::behind(&mut world, WRITER, FOUNDER, Topic::Common, news.seq);
    let behind = more.raw(EpochId::ZERO, vec![7; 40]);
    hand_over(&world, FOUNDER, world.device(WRITER), world.tag(FOUNDER, Topic::Common), &more.runs()).unwrap();
    talk(&mut here, &mut there);
    world.clock.advance(Duration::from_millis(2 * limits::ANNOUNCE_MS));
    [&mut here, &mut there].into_iter().for_each(|link| link.tick().unwrap());
    talk(&mut here, &mut there);

    assert!(knows(&world, FOUNDER, OTHER, behind), "it was brought");
    assert!(!knows(&world, FOUNDER, OTHER, news), "and said that it lacks this");
}

/// T8: a meeting may last for days.
#[test]
fn a_bounded_part_of_what_a_peer_has_waits_for_room_t8() {
    let dir = linli_tests::somewhere();
    let Some(disk) = Disk::mount(dir.path().join("disk"), "24m") else { return };
    let mut world = World::community(658, 2);
    let mut runs = Vec::new();
    for _ in 0..limits::UNNOTED + 300 {
        let mut writer = Forger::with_keys_of(&mut world, WRITER);
        writer.raw(EpochId::ZERO, vec![7; 20]);
        runs.extend(writer.runs());
    }
    for phone in [FOUNDER, OTHER] {
        hand_over(&world, phone, world.device(WRITER), world.tag(phone, Topic::Common), &runs).unwrap();
    }
    world.close(FOUNDER);
    let home = disk.at().join("home");
    assert!(Command::new("cp").arg("-r").args([world.home(FOUNDER), &home]).status().unwrap().success());
    disk.fill();
    let options = Options { home, ..world.options(FOUNDER) };
    world.put(FOUNDER, Replica::open(options).unwrap());
    assert!(world.at(FOUNDER).reads_alone());
    let mut here = world.at(FOUNDER).link(world.device(OTHER)).unwrap();
    let mut there = world.at(OTHER).link(world.device(FOUNDER)).unwrap();

    talk(&mut here, &mut there);

    assert!(here.is_in_step());
    let (held, most) = (here.held().bytes, limits::UNNOTED * size_of::<Entry>());
    assert!((most..most + 4_096).contains(&held), "{held} bytes, {most} of them for what waits");
}

/// A peer meets the founder and says to hold all that is there of so many topics, without these bodies.
fn say_to_lack(world: &World, topics: &[Topic], holes: &[Entry]) {
    let phone = world.at(FOUNDER);
    let vector = |topic: &Topic| {
        let tag = world.tag(FOUNDER, *topic);
        let holes = holes.iter().filter(|_| *topic == Topic::Common).copied();
        (tag, phone.look(|reader| reader.entries(tag)).unwrap().into_iter().chain(holes).collect())
    };
    let (community, device) = (phone.community().unwrap(), world.device(OTHER));
    let config = Config { community, device, topics: topics.iter().map(vector).collect(), nonce: [5; 8] };
    hand_over_in(phone.link(device).unwrap(), config, world.tag(FOUNDER, Topic::Roster), &[]).unwrap();
}

#[test]
fn a_peer_that_lacks_too_much_to_tell_lacks_it_where_that_was_not_spoken_of_r5() {
    let mut world = World::community(657, 2);
    let common = world.tag(FOUNDER, Topic::Common);
    let mut runs = Vec::new();
    for _ in 0..=limits::LACKED {
        let mut writer = Forger::with_keys_of(&mut world, WRITER);
        writer.raw(EpochId::ZERO, vec![7; 20]);
        runs.extend(writer.runs());
    }
    hand_over(&world, FOUNDER, world.device(WRITER), common, &runs).unwrap();
    let hole = |last: &Outgoing| {
        let tip = Hole::tip_of(&[&last.last.as_bytes()[..], &[0; 16]].concat().try_into().unwrap());
        Entry::hole(last.run.log, Hole { first: 0, last: Some(0), tip })
    };
    let lacked: Vec<Entry> = runs.iter().map(hole).collect();
    let kept = |world: &World| world.at(FOUNDER).look(|reader| reader.peer_lacks(world.device(OTHER))).unwrap();

    say_to_lack(&world, &Topic::ALL, &[]);
    say_to_lack(&world, &Topic::ALL, &lacked);
    assert_eq!(kept(&world), [lacks_any()].into());
    say_to_lack(&world, &[Topic::Roster], &[]);
    assert_eq!(kept(&world), [lacks_any()].into(), "of the others it said nothing");
    say_to_lack(&world, &Topic::ALL, &lacked[..1]);
    assert_eq!(kept(&world), [lacked[0]].into());
}

/// A community of which all have forgotten for good what the writer wrote first. What erased it named the writer's log up to an
/// end that nobody has, too.
fn nobody_has(seed: u64, write: impl Fn(&mut World) -> Vec<Reference>) -> (World, Vec<Reference>) {
    let mut world = World::community(seed, 2);
    assert_eq!(world.join(FOUNDER, Role::Coordinator), THIEF);
    world.settle();
    let dead = write(&mut world);
    world.settle();
    let erased = |of: &Reference| {
        let span = |last, check| ErasedSpan { log: of.log, first: of.seq, last, check, gaps: None };
        let invented = span(1 << 40, ShortId::from_bytes([9; ShortId::LEN]));
        let spans = [span(of.seq, of.check)].into_iter().chain((*of == dead[0]).then_some(invented));
        ErasedAggregate { creating: *of, spans: spans.collect() }
    };
    let aggregates = dead.iter().map(erased).collect();
    let mut forger = Forger::with_keys_of(&mut world, THIEF).in_topic(&world, THIEF, Topic::Erasure);
    forger.clear(Erased::KIND, Erased::VERSION, Erased { aggregates, totals: None }.encode());
    let erasure = forger.runs();
    for phone in [FOUNDER, WRITER, OTHER] {
        let tag = world.tag(phone, Topic::Erasure);
        hand_over(&world, phone, world.device(THIEF), tag, &erasure).unwrap();
    }
    for minutes in [0, say::THREE_DAYS] {
        world.pass(minutes);
        [FOUNDER, WRITER, OTHER].iter().for_each(|phone| _ = world.at(*phone).tend().unwrap());
    }
    cut(&mut world);
    for phone in [WRITER, OTHER] {
        world.meet(FOUNDER, phone, Break::Never);
    }
    for phone in [FOUNDER, WRITER, OTHER] {
        assert!(dead.iter().all(|of| say::verdict(&world, phone, *of) == Some(Some(Held::Missing))), "phone {phone}");
    }
    (world, dead)
}

/// The founder cuts the thief off as if it had said nothing.
fn cut(world: &mut World) {
    let thief = world.device(THIEF);
    cut_low(world, FOUNDER, thief);
}

/// A phone is brought what the writer has written in a topic, without bodies.
fn bring_hollow(world: &World, topic: Topic, phone: usize) {
    let mut runs = world.own_runs(WRITER, topic);
    let links = runs.iter_mut().flat_map(|outgoing| &mut outgoing.run.links);
    links.for_each(|link| link.content = Content::Erased(link.content.hash()));
    hand_over(world, phone, world.device(beside(phone)), world.tag(phone, topic), &runs).unwrap();
}

/// Another phone, that may have brought it.
fn beside(phone: usize) -> usize {
    if phone == FOUNDER { OTHER } else { FOUNDER }
}

fn is_missing(world: &World, phone: usize, event: Reference) -> bool {
    say::verdict(world, phone, event) == Some(Some(Held::Missing))
}

/// Whether one phone knows another to have an event.
fn knows(world: &World, phone: usize, has: usize, event: Reference) -> bool {
    world.at(phone).who_has(event).unwrap().devices.contains(&world.device(has))
}

fn meet(world: &mut World, one: usize, other: usize) {
    assert_eq!(world.meet(one, other, Break::Never).ended, Ended::InStep, "phones {one} and {other}");
}
