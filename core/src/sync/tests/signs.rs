//! Signs of life, redirects, what a peer did not take, and what a newer version says.

use std::collections::BTreeSet;

use super::{
    log::{COMMON, keys},
    sent,
    world::World,
};
use crate::{
    limits,
    sync::{
        Input, NotTaken, Output, Reason, SessionError,
        frame::{Frame, NEWER},
        frame_to_bytes,
    },
};

const PING: u8 = 10;
const PONG: u8 = 11;

#[test]
fn a_ping_is_answered_by_a_pong_or_by_whatever_else_there_was_to_say() {
    let mut world = World::of(2, 30);
    let link = world.connect(0, 1);
    world.tell(link, 0, Input::Ping);
    assert_eq!(sent(&world, link, 0, PING), 0, "before a hello it is a hello that is awaited");
    world.settle();
    let before = world.bytes(link);

    world.tell(link, 0, Input::Ping);
    world.settle();

    assert_eq!((sent(&world, link, 0, PING), sent(&world, link, 1, PONG)), (1, 1));
    assert_eq!(world.bytes(link) - before, 4, "a length and a kind each way");
    assert_eq!(world.links[link][0].session.deadline(), None, "nobody owes anything for it");

    let ping = Frame::Ping.to_bytes();
    world.links[link][1].session.handle(Input::Frame(&ping), world.now).expect("a ping is welcome");
    world.write(1, COMMON, 1, 20);
    world.settle();
    assert_eq!(sent(&world, link, 1, PONG), 1, "the event was sign enough");
    world.assert_equal();
}

#[test]
fn a_redirect_ends_the_session_with_an_address_before_or_after_the_hello() {
    for greeted in [false, true] {
        let mut world = World::of(2, 31);
        let link = world.connect(0, 1);
        if greeted {
            world.settle();
        } else {
            world.links[link][0].inbox.clear();
            world.links[link][0].said.clear();
        }

        world.tell(link, 1, Input::Redirect { address: "b.example.org:4433" });
        world.cross();

        let address = "b.example.org:4433".to_owned();
        assert!(world.heard(link, 0, &Output::Elsewhere { address }));
        assert_eq!([0, 1].map(|side| world.closed(link, side)), [Some(Reason::Elsewhere); 2]);
        assert_eq!(world.links[link][0].error, None);
    }

    let mut world = World::of(1, 31);
    let mut end = world.end(0);
    let told = end.session.handle(Input::Redirect { address: &"a".repeat(257) }, world.now);
    assert!(matches!(told, Err(SessionError::Misuse { .. })));
    world.links.clear();
}

#[test]
fn frames_of_a_newer_version_are_skipped_and_bounded() {
    let mut world = World::of(2, 32);
    let link = world.connect(0, 1);
    world.settle();

    newer(&mut world, link, 1, NEWER, 1);
    newer(&mut world, link, 1, 255, limits::FRAME);
    world.write(0, COMMON, 1, 20);
    world.settle();
    world.assert_equal();

    for _ in 0..limits::SKIPPED / limits::FRAME {
        newer(&mut world, link, 1, 200, limits::FRAME);
    }
    let limit = limits::SKIPPED;
    assert_eq!(world.links[link][1].error, Some(SessionError::TooMany { what: "bytes of newer frames", limit }));
}

#[test]
fn what_a_peer_turns_away_is_told_as_not_taken_until_it_asks_for_it() {
    let mut world = World::of(2, 33);
    let stranger = keys(77);
    world.logs[1].admitted = Some(BTreeSet::from([world.keys[1].device()]));
    world.logs[0].append(&stranger, COMMON, 40, 20);
    world.logs[0].append(&world.keys[0], COMMON, 3, 20);
    let link = world.connect(0, 1);
    world.settle();
    let not_taken = |world: &World| world.links[link][0].session.progress().not_taken;
    assert!(world.heard(link, 0, &Output::InStep));
    assert_eq!(not_taken(&world), NotTaken { stranger: 43, ..NotTaken::default() });

    world.write(0, COMMON, 2, 20);
    world.settle();
    assert_eq!(not_taken(&world).all(), 45, "what is held back now is not on its way either");

    world.logs[1].admitted = None;
    world.tell(link, 1, Input::RosterChanged);
    world.settle();
    world.assert_equal();
    assert_eq!(not_taken(&world), NotTaken::default());
}

/// A frame of a newer version, on its way to an end.
fn newer(world: &mut World, link: usize, side: usize, kind: u8, bytes: usize) {
    let frame = Frame::Newer { kind, bytes }.to_bytes();
    world.links[link][side].inbox.extend(frame_to_bytes(&frame));
    world.deliver(link, side, usize::MAX);
}
