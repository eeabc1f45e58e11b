//! A peer that says anything: a typed error or an honest result, never a panic.

use std::collections::BTreeMap;

use super::{
    log::{COMMON, COMMUNITY, Log, ROSTER, URGENT, keys},
    world::World,
};
use crate::{
    event::Entry,
    id::{CommunityId, DeviceId, LogId, ShortId},
    limits,
    sync::{
        Config, FrameError, Framer, Input, Output, Session, SessionError,
        bytes::put_varint,
        entries::{Whole, digest_of},
        frame::{Frame, VERSION, Wanted, put_entry},
        frame_to_bytes,
    },
    time::Mono,
};

#[test]
fn every_byte_of_a_conversation_may_be_flipped_dropped_or_doubled() {
    let (mut world, before) = conversation();
    let stream = world.links[0][0].said.clone();
    assert_eq!(hear(&mut world, &before, &stream), None);
    assert!(stream.len() > 1000);

    let mut errors = 0;
    for at in 0..stream.len() {
        let mut flipped = stream.clone();
        flipped[at] ^= 1 << (at % 8);
        let mut dropped = stream.clone();
        dropped.remove(at);
        let mut doubled = stream.clone();
        doubled.insert(at, stream[at]);
        for bytes in [flipped, dropped, doubled] {
            errors += usize::from(hear(&mut world, &before, &bytes).is_some());
        }
    }
    assert!(errors > stream.len() / 4, "{errors} errors");
}

#[test]
fn frames_dropped_doubled_or_swapped_are_turned_away_or_harmless() {
    let (mut world, before) = conversation();
    let (mut framer, mut frames) = (Framer::new(), Vec::new());
    framer.push(&world.links[0][0].said);
    while let Ok(Some(frame)) = framer.next_frame() {
        frames.push(frame);
    }
    let joined = |frames: &[Vec<u8>]| frames.iter().flat_map(|frame| frame_to_bytes(frame)).collect::<Vec<u8>>();

    for at in 0..frames.len() {
        let mut dropped = frames.clone();
        dropped.remove(at);
        let mut doubled = frames.clone();
        doubled.insert(at, frames[at].clone());
        let mut swapped = frames.clone();
        swapped.swap(at, 0);
        for frames in [dropped, doubled, swapped] {
            hear(&mut world, &before, &joined(&frames));
        }
    }
}

pub(super) fn session() -> Session {
    let topics = vec![(COMMON, Log::default().vector(COMMON))];
    let config = Config { community: COMMUNITY, device: keys(0).device(), topics, nonce: [0; 8] };
    let mut session = Session::new(config, Mono(0));
    while session.poll().is_some() {}
    session
}

/// A peer that speaks first when there is something to compare.
pub(super) fn peer() -> DeviceId {
    let all = (1..).map(|seed| keys(seed).device());
    all.into_iter().find(|device| *device < keys(0).device()).expect("half of all devices are smaller")
}

pub(super) fn hello(community: CommunityId, device: DeviceId, digest: Whole) -> Vec<u8> {
    let mut short = [0; 16];
    short.copy_from_slice(&community.as_bytes()[..16]);
    let topics = vec![[4; 4]];
    Frame::Hello { version: VERSION, community: short, device, nonce: [1; 8], digest, topics }.to_bytes()
}

/// Says to hold these entries of the first topic, all in one list.
pub(super) fn list(entries: &[Entry]) -> Vec<u8> {
    let mut bytes = vec![1];
    put_varint(&mut bytes, entries.len() as u64);
    for entry in entries {
        bytes.push(0);
        put_entry(&mut bytes, entry);
    }
    Frame::Compare { more: false, bytes: &bytes }.to_bytes()
}

pub(super) fn made_up(which: u64) -> Entry {
    let mut log = [0; LogId::LEN];
    log[..8].copy_from_slice(&which.to_be_bytes());
    Entry { log: LogId::from_bytes(log), seq: 0, short: ShortId::ZERO }
}

/// What the last of these frames leads to.
fn after(frames: &[Vec<u8>]) -> Result<(), SessionError> {
    let (mut session, mut told) = (session(), Ok(()));
    for frame in frames {
        told = session.handle(Input::Frame(frame), Mono(0));
        while session.poll().is_some() {}
    }
    assert_eq!(told.is_err(), session.is_over());
    told
}

#[test]
fn the_wrong_peer_and_frames_out_of_turn_have_names() {
    let greeted = || hello(COMMUNITY, peer(), [1; 16]);
    let entries = list(&[made_up(1)]);
    let done = Frame::Done { topic: 0 }.to_bytes();
    let ack = Frame::Ack { runs: 1, refused: None }.to_bytes();
    let out_of_turn = |got, state| Err(SessionError::OutOfTurn { got, state });

    assert_eq!(after(&[hello(CommunityId::ZERO, peer(), [1; 16])]), Err(SessionError::Community));
    assert_eq!(after(&[hello(COMMUNITY, keys(0).device(), [1; 16])]), Err(SessionError::Ourselves));
    assert_eq!(after(&[vec![0, 1]]), Err(SessionError::Version { ours: 2, theirs: 1 }));
    assert_eq!(after(std::slice::from_ref(&entries)), out_of_turn("compare", "a hello is awaited"));
    assert_eq!(after(&[greeted(), greeted()]), out_of_turn("hello", "the session is open"));
    assert_eq!(after(&[greeted(), done.clone()]), out_of_turn("done", "the topic is being compared"));
    assert_eq!(after(&[greeted(), entries.clone(), done.clone()]), Ok(()));
    assert_eq!(
        after(&[greeted(), entries.clone(), done.clone(), done.clone()]),
        out_of_turn("done", "nothing is awaited")
    );
    assert_eq!(after(&[greeted(), list(&[]), done]), out_of_turn("done", "nothing is awaited"), "nothing differed");
    assert_eq!(after(&[greeted(), entries.clone(), entries]), out_of_turn("compare", "nothing is compared"));
    assert_eq!(after(&[greeted(), ack]), out_of_turn("ack", "nothing is unacknowledged"));
    let elsewhere = Frame::Done { topic: 1 }.to_bytes();
    assert_eq!(after(&[greeted(), elsewhere]), out_of_turn("done", "the topic is not shared"));
}

#[test]
fn a_hello_of_a_later_version_is_met_in_ours() {
    let mut later = hello(COMMUNITY, peer(), [1; 16]);
    later[1] = 9;
    later.extend(b"what only a later version knows");
    let topics = later[1 + 1 + 16 + 32 + 8 + 16];
    assert_eq!(topics, 1);

    assert_eq!(after(&[later.clone(), list(&[made_up(1)]), Frame::Done { topic: 0 }.to_bytes()]), Ok(()));
    later[1] = 2;
    assert!(matches!(after(&[later]), Err(SessionError::Frame(FrameError::Trailing { .. }))), "our own says no more");
}

#[test]
fn topics_that_are_not_known_here_are_left_out() {
    let topics = vec![[9; 4], [4; 4], [8; 4]];
    let mut community = [0; 16];
    community.copy_from_slice(&COMMUNITY.as_bytes()[..16]);
    let hello = Frame::Hello { version: VERSION, community, device: peer(), nonce: [1; 8], digest: [1; 16], topics };
    let of_topic = |topic: u8| {
        let mut bytes = vec![1, 1, topic];
        put_entry(&mut bytes, &made_up(1));
        Frame::Compare { more: false, bytes: &bytes }.to_bytes()
    };

    assert_eq!(after(&[hello.to_bytes(), of_topic(1), Frame::Done { topic: 1 }.to_bytes()]), Ok(()));
    let not_shared = SessionError::OutOfTurn { got: "an entry", state: "the topic is not shared" };
    assert_eq!(after(&[hello.to_bytes(), of_topic(2)]), Err(not_shared));
}

#[test]
fn parts_of_the_tree_that_nobody_asked_for_end_the_session() {
    let greeted = || hello(COMMUNITY, peer(), [1; 16]);
    let say = |bytes: &[u8]| Frame::Compare { more: false, bytes }.to_bytes();
    let not_asked = SessionError::OutOfTurn { got: "a part of the tree", state: "it was not asked for" };

    assert_eq!(after(&[greeted(), say(&[2])]), Err(not_asked), "an answer to no list");
    assert_eq!(after(&[greeted(), say(&[3])]), Err(not_asked), "a part of one");
    assert_eq!(after(&[greeted(), say(&[5, 0x10, 0])]), Err(not_asked), "a child of what nobody spoke of");
    assert_eq!(after(&[greeted(), say(&[1, 0, 1, 0])]), Err(SessionError::Frame(FrameError::Order)), "the tree twice");
    let wrong = |got| Err(SessionError::Frame(FrameError::Value { what: "a part of the tree", got }));
    assert_eq!(after(&[greeted(), say(&[5, 0x11])]), wrong(5), "half a byte too much");
    assert_eq!(after(&[greeted(), say(&[29, 0, 0, 0, 0])]), wrong(29), "seven deep");
    assert_eq!(after(&[greeted(), say(&[1, 2, 0])]), Err(SessionError::Frame(FrameError::Short)));
}

#[test]
fn of_a_peer_that_names_logs_without_end_few_are_kept() {
    let (mut session, empty) = (session(), Log::default().vector(COMMON));
    let equal = hello(COMMUNITY, peer(), digest_of([(COMMON, &empty)]));
    assert_eq!(session.handle(Input::Frame(&equal), Mono(0)), Ok(()));

    for frame in 0..100_u64 {
        let entries = (0..1500).map(|which| made_up(frame * 1500 + which)).collect();
        let told = session.handle(Input::Frame(&Frame::Announce { topic: 0, entries }.to_bytes()), Mono(0));
        assert_eq!(told, Ok(()));
        while session.poll().is_some() {}
    }

    assert!(session.held().named <= limits::NAMED, "{:?}", session.held());
}

#[test]
fn a_run_without_end_and_runs_without_answer_are_cut_off() {
    let mut frames = vec![hello(COMMUNITY, peer(), [1; 16]), list(&[])];
    frames.extend((0..20).map(|_| Frame::Part { bytes: &[0; limits::CHUNK], last: false }.to_bytes()));
    let mut session = session();
    let told = frames.iter().try_for_each(|frame| session.handle(Input::Frame(frame), Mono(0)));
    assert!(matches!(told, Err(SessionError::Window { .. })));

    let mut world = World::of(1, 3);
    let runs = world.logs[0].append(&world.keys[0], COMMON, 32, 1900);
    let mut given = super::super::runs::Given::default();
    let mut session = self::session();
    let told = frames.iter().take(2).try_for_each(|frame| session.handle(Input::Frame(frame), Mono(0)));
    assert_eq!(told, Ok(()));
    let told = (0..60).try_for_each(|_| {
        let mut bytes = vec![0];
        runs.iter().for_each(|outgoing| given.write(&mut bytes, &outgoing.run, COMMUNITY));
        let told = session.handle(Input::Frame(&Frame::Runs { bytes: &bytes }.to_bytes()), Mono(0));
        while session.poll().is_some() {}
        told
    });
    assert!(matches!(told, Err(SessionError::Window { .. })));
}

#[test]
fn a_pull_of_what_is_not_there_is_answered_with_nothing() {
    let log = LogId::from_bytes([1; LogId::LEN]);
    let pull = Frame::Pull { topic: 0, logs: vec![Wanted { log, have: Vec::new() }] }.to_bytes();
    let mut session = session();
    for frame in [hello(COMMUNITY, peer(), [1; 16]), list(&[]), pull] {
        assert_eq!(session.handle(Input::Frame(&frame), Mono(0)), Ok(()));
    }
    let outputs: Vec<Output> = std::iter::from_fn(|| session.poll()).collect();
    assert!(outputs.iter().all(|output| !matches!(output, Output::Search { .. })));
}

/// Two replicas that talked to the end, and what B had before.
fn conversation() -> (World, Log) {
    let mut world = World::of(2, 1);
    world.logs[0].append(&world.keys[0], ROSTER, 2, 10);
    world.logs[0].append(&world.keys[0], COMMON, 3, 10);
    world.logs[1] = world.logs[0].clone();
    world.logs[0].append(&world.keys[0], ROSTER, 1, 10);
    world.logs[0].append(&world.keys[0], COMMON, 31, 10);
    world.logs[0].append(&keys(9), COMMON, 1, 10);
    world.logs[1].append(&world.keys[1], COMMON, 1, 10);
    let before = world.logs[1].clone();
    world.connect(0, 1);
    world.settle();
    world.write(0, URGENT, 1, 10);
    world.settle();
    world.assert_equal();
    (world, before)
}

/// Lets B, as it was, hear these bytes; it must end with an error or with nothing that A does not hold.
fn hear(world: &mut World, before: &Log, stream: &[u8]) -> Option<SessionError> {
    world.logs[1] = before.clone();
    let end = world.end(1);
    let silent = world.end(0);
    world.links = vec![[silent, end]];
    world.links[0][1].inbox.extend(stream);
    world.deliver(0, 1, stream.len());
    let honest = world.logs[0].facts();
    let known: BTreeMap<_, _> = before.facts();
    for (at, content) in world.logs[1].facts() {
        assert!(honest.get(&at).or(known.get(&at)) == Some(&content), "a forged event was taken");
    }
    world.links[0][1].error
}
