//! Ends that come late, or never, of erasures that are carried out: what stands before them goes all the same (R5, T10).

use std::{
    cell::RefCell,
    sync::{
        Arc,
        mpsc::{Receiver, Sender, channel},
    },
    thread,
};

use linli_core::{
    aggregate::Held,
    event::{Body, Content, Topic},
    id::{LogId, Reference, ShortId},
    limits,
    roster::{Erased, ErasedAggregate, ErasedSpan, Role},
    sync::Outgoing,
    time::{Clock, ManualClock, Mono, WallMs},
};
use linli_tests::{
    Forger, World, hand_over,
    people::{LAN, MEI, WU},
};
use rand::RngExt;

use crate::say;

/// One of them held a part of the log before it carried the erasure out, the other hears of that part afterwards, and the end
/// comes later still: in another conversation, or with the next run.
#[test]
fn what_stands_before_an_end_that_comes_after_three_days_goes_with_it_r5_t10() {
    let mut world = World::community(720, 2);
    let (early, late, relay) = (2, world.join(LAN, Role::Volunteer), world.join(LAN, Role::Relay));
    let order = say::post(&mut world, WU);
    world.settle();
    let mut forger = Forger::with_keys_of(&mut world, WU);
    let (first, begin) = comments(&mut forger, order, 2);
    let (_, rest) = comments(&mut forger, order, 2);
    [LAN, early, relay].iter().for_each(|phone| bring(&world, *phone, Topic::Common, &begin));
    bring(&world, LAN, Topic::Common, &rest);
    erase(&mut world, order, &[early, late, relay]);
    tend_after(&mut world, 0);
    tend_after(&mut world, say::THREE_DAYS);
    assert_eq!(
        [LAN, early].map(|phone| on_the_disk_of(&world, phone, &begin)),
        [0, 2],
        "nobody knows of what branch it is"
    );
    bring(&world, late, Topic::Common, &begin);
    assert_eq!(on_the_disk_of(&world, late, &begin), 2);

    [early, late, relay].iter().for_each(|phone| bring(&world, *phone, Topic::Common, &rest));
    tend_after(&mut world, 0);

    for phone in [LAN, early, late, relay] {
        assert_eq!(on_the_disk_of(&world, phone, &[&begin[..], &rest].concat()), 0, "phone {phone}");
        assert_eq!(say::verdict(&world, phone, first[0]), Some(Some(Held::Erased)), "phone {phone}");
        assert_eq!(world.at(phone).verify().unwrap().faults, [], "phone {phone}");
    }
    world.settle();
    world.assert_equal();
}

/// Nobody takes more of a silenced log, so who has less of it never has its end.
#[test]
fn of_a_silenced_log_each_forgets_the_part_that_it_holds_r5_t10() {
    let mut world = World::community(721, 2);
    let relay = world.join(LAN, Role::Relay);
    let order = say::post(&mut world, WU);
    world.settle();
    let mut forger = Forger::with_keys_of(&mut world, WU);
    let twins: Vec<Outgoing> = (0..=limits::BRANCHES)
        .flat_map(|nth| {
            let mut twin = forger.twin();
            twin.write(&Body { wall: WallMs(nth as i64), ..say::comment(order) });
            twin.runs()
        })
        .collect();
    let (first, begin) = comments(&mut forger, order, 2);
    let (_, rest) = comments(&mut forger, order, 2);
    [LAN, MEI, relay].iter().for_each(|phone| bring(&world, *phone, Topic::Common, &begin));
    bring(&world, LAN, Topic::Common, &rest);
    [LAN, MEI, relay].iter().for_each(|phone| bring(&world, *phone, Topic::Common, &twins));
    assert_eq!([LAN, MEI].map(|phone| say::verdict(&world, phone, first[0])), [Some(Some(Held::Silenced)); 2]);
    erase(&mut world, order, &[MEI, relay]);
    tend_after(&mut world, 0);

    tend_after(&mut world, say::THREE_DAYS);

    for phone in [LAN, MEI, relay] {
        assert_eq!(on_the_disk_of(&world, phone, &[&begin[..], &rest].concat()), 0, "phone {phone}");
        assert_eq!(world.at(phone).verify().unwrap().faults, [], "phone {phone}");
    }
    world.settle();
    world.assert_equal();
}

thread_local! {
    /// Whom this thread asks, and who answers, before it is told the time.
    static ASKS: RefCell<Option<(Sender<()>, Receiver<()>)>> = const { RefCell::new(None) };
}

/// A clock that a thread may have to wait for.
struct Waited(ManualClock);

impl Clock for Waited {
    fn wall(&self) -> WallMs {
        self.0.wall()
    }

    fn mono(&self) -> Mono {
        ASKS.with_borrow(|asks| {
            if let Some((asks, goes)) = asks {
                asks.send(()).unwrap();
                goes.recv().unwrap();
            }
        });
        self.0.mono()
    }
}

/// A phone whose time is asked of whoever waits, in a community of its own with a founder and a writer.
pub(crate) fn waited(seed: u64) -> (World, usize) {
    let mut world = World::community(seed, 1);
    let phone = world.phone_with_clock(Arc::new(Waited(world.clock.clone())));
    let (record, id) = (world.at(phone).record(), world.command());
    world.at(LAN).admit(id, record, Role::Volunteer, None, None).unwrap();
    let welcome = world.at(LAN).welcome().unwrap();
    world.at(phone).join(&welcome).unwrap();
    world.settle();
    (world, phone)
}

/// A coordinator says that these logs are erased, each up to these ends, as of nothing that there is; the phone notes that it
/// hears of it.
fn erase_up_to<'e>(world: &mut World, phone: usize, ends: impl Iterator<Item = &'e Reference>) {
    let span = |end: &Reference| ErasedSpan { log: end.log, first: 0, last: end.seq, check: end.check, gaps: None };
    let spans = ends.map(span).collect();
    let (log, check) = (LogId::from_bytes(world.dice.random()), ShortId::from_bytes(world.dice.random()));
    let aggregates = vec![ErasedAggregate { creating: Reference { log, seq: 0, check }, spans }];
    let mut eraser = Forger::with_keys_of(world, LAN).in_topic(world, LAN, Topic::Erasure);
    eraser.clear(Erased::KIND, Erased::VERSION, Erased { aggregates, totals: None }.encode());
    bring(world, phone, Topic::Erasure, &eraser.runs());
    world.at(phone).tend().unwrap();
}

/// An act, and something else each time that it asks for the time.
pub(crate) fn while_it_asks(act: impl FnOnce() + Send, mut meanwhile: impl FnMut()) {
    let ((asks, asked), (go, goes)) = (channel(), channel());
    thread::scope(|scope| {
        scope.spawn(|| {
            ASKS.set(Some((asks, goes)));
            act();
            ASKS.take();
        });
        for () in asked {
            meanwhile();
            go.send(()).unwrap();
        }
    });
}

fn tend_while(world: &World, phone: usize, meanwhile: impl FnMut()) {
    while_it_asks(|| _ = world.at(phone).tend().unwrap(), meanwhile);
}

fn bodies(world: &World, phone: usize, events: &[Reference]) -> usize {
    let phone = world.at(phone);
    let has = |event: &&Reference| {
        let stored = phone.look(|reader| reader.event(**event)).unwrap();
        stored.is_some_and(|stored| matches!(stored.content, Content::Here(_)))
    };
    events.iter().filter(has).count()
}

/// More bodies stand before it than go at once, and it comes between two parts, in a log that has been gone through.
#[test]
fn what_stands_before_an_end_that_comes_while_others_are_forgotten_goes_with_it_r5_t10() {
    const BODIES: usize = 600;
    let (mut world, phone) = waited(722);
    let mut logs = [(); 2].map(|()| Forger::with_keys_of(&mut world, WU));
    logs.sort_by_key(|forger| forger.place().0);
    let mut said = logs.each_mut().map(|forger| {
        let epoch = forger.key().id();
        (0..BODIES).map(|_| forger.raw(epoch, vec![7; 64])).collect::<Vec<_>>()
    });
    logs.iter_mut().for_each(|forger| bring(&world, phone, Topic::Common, &forger.runs()));
    let epoch = logs[0].key().id();
    said[0].push(logs[0].raw(epoch, vec![7; 64]));
    let end = logs[0].runs();
    erase_up_to(&mut world, phone, said.iter().filter_map(|said| said.last()));
    world.pass(say::THREE_DAYS);
    assert_eq!([0, 1].map(|log| bodies(&world, phone, &said[log])), [BODIES; 2]);

    let mut between = false;
    tend_while(&world, phone, || {
        if !between && (1..BODIES).contains(&bodies(&world, phone, &said[1])) {
            between = true;
            bring(&world, phone, Topic::Common, &end);
        }
    });

    assert!(between, "all went in one part");
    assert_eq!([0, 1].map(|log| bodies(&world, phone, &said[log])), [0; 2]);
    assert_eq!(world.at(phone).verify().unwrap().faults, []);
}

/// T4: so much stands before each end that it does not go at once. While very many come, one after the other, an upkeep gets to
/// its end, and the next sees to what came last.
#[test]
fn whoever_brings_one_end_after_the_other_keeps_no_upkeep_from_its_end_r5_t4() {
    const BEFORE: usize = 17_000;
    const ENDS: usize = 80;
    let (mut world, phone) = waited(723);
    let mut forger = Forger::with_keys_of(&mut world, WU);
    let epoch = forger.key().id();
    let mut said: Vec<Reference> = (0..BEFORE).map(|_| forger.raw(epoch, vec![7; 8])).collect();
    bring(&world, phone, Topic::Common, &forger.runs());
    let mut ends = Vec::new();
    for _ in 0..ENDS {
        said.push(forger.raw(epoch, vec![7; 8]));
        ends.push(forger.runs());
    }
    erase_up_to(&mut world, phone, said[BEFORE..].iter());
    world.pass(say::THREE_DAYS);
    bring(&world, phone, Topic::Common, &ends[0]);
    world.at(phone).tend().unwrap();
    assert_eq!(bodies(&world, phone, &said[..BEFORE]), 0);

    let mut come = ends.iter().skip(1);
    tend_while(&world, phone, || come.next().into_iter().for_each(|end| bring(&world, phone, Topic::Common, end)));

    let left = come.len();
    assert!(left > ENDS / 2, "{left} ends are left");
    come.for_each(|end| bring(&world, phone, Topic::Common, end));
    world.at(phone).tend().unwrap();
    assert_eq!(bodies(&world, phone, &said), 0);
    assert_eq!(world.at(phone).verify().unwrap().faults, []);
}

fn bring(world: &World, to: usize, topic: Topic, runs: &[Outgoing]) {
    hand_over(world, to, world.device(WU), world.tag(LAN, topic), runs).unwrap();
}

/// Comments on an order, and the runs in which they stand.
fn comments(forger: &mut Forger, order: Reference, times: usize) -> (Vec<Reference>, Vec<Outgoing>) {
    let events = (0..times).map(|_| forger.write(&say::comment(order))).collect();
    (events, forger.runs())
}

/// A coordinator erases, of which only those hear.
fn erase(world: &mut World, order: Reference, hear: &[usize]) {
    let id = world.command();
    world.at(LAN).erase(id, &[order]).unwrap();
    let erasures = world.own_runs(LAN, Topic::Erasure);
    hear.iter().for_each(|phone| bring(world, *phone, Topic::Erasure, &erasures));
}

fn tend_after(world: &mut World, minutes: u64) {
    world.pass(minutes);
    for phone in 0..world.len() {
        world.at(phone).tend().unwrap();
    }
}

/// The bodies that runs have, as far as they stand in the files of a phone.
fn on_the_disk_of(world: &World, phone: usize, runs: &[Outgoing]) -> usize {
    let files = std::fs::read_dir(world.home(phone)).unwrap().map(|entry| entry.unwrap().path());
    let disk: Vec<u8> = files.filter(|path| path.is_file()).flat_map(|path| std::fs::read(path).unwrap()).collect();
    let links = runs.iter().flat_map(|outgoing| &outgoing.run.links);
    let bodies =
        links.filter_map(|link| if let Content::Here(body) = &link.content { Some(&body[..24]) } else { None });
    bodies.filter(|body| disk.windows(body.len()).any(|window| window == *body)).count()
}
