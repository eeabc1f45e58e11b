//! Logs of which bodies are missing: what stands behind a hole goes from one to the other, whether both lack the body or
//! one, and who has it brings it once.

use super::{
    log::COMMON,
    pair::{LOG, Pair, head, wanted},
};
use crate::{event::Entry, sync::Input};

fn hole(seq: u64) -> Entry {
    Entry::hole(LOG, seq)
}

#[test]
fn two_who_lack_the_same_body_bring_each_other_what_stands_behind_it_r5() {
    for more in [0, 1] {
        let mut held = [[head(20), hole(6)]; 2];
        held[more] = [head(22), hole(6)];

        let pair = Pair::of([&held[0], &held[1]]);

        assert_eq!(pair.searched[more], [wanted(&[head(20)])], "from the head on, not from the hole");
        assert!(pair.searched[1 - more].is_empty());
    }
    let pair = Pair::of([&[head(20), hole(0)], &[]]);
    assert_eq!(pair.searched[0], [wanted(&[])], "a log whose first body is missing");
}

#[test]
fn who_lack_the_same_and_hold_the_same_say_nothing_of_it_r5() {
    let held = [head(20), hole(6)];

    let mut pair = Pair::of([&held; 2]);

    assert!(pair.searched.iter().all(Vec::is_empty));
    assert_eq!(pair.sent, 2, "the hellos");
    pair.stored(0, &[head(21)]);
    assert_eq!(pair.searched[0], [wanted(&[head(20)])], "and what comes is brought as of any log");
}

#[test]
fn whoever_has_bodies_from_a_hole_on_brings_them_once_r5() {
    for has in [0, 1] {
        // All of them; all up to another hole; all, and others have more behind it.
        for own in [&[head(20)][..], &[head(20), hole(9)], &[head(18)]] {
            let lacks = [head(20), hole(6)];
            let mut held = [&lacks[..]; 2];
            held[has] = own;

            let mut pair = Pair::of(held);

            assert_eq!(pair.searched[has].len(), 1, "{own:?}");
            assert!(pair.searched[has][0].have.contains(&hole(6)), "{own:?}");
            assert!(pair.searched[1 - has].iter().all(|wanted| !wanted.have.iter().any(Entry::is_hole)), "{own:?}");
            let before = pair.searched[has].len();
            for _ in 0..3 {
                pair.tell(has, Input::Refilled { topic: COMMON, log: LOG, hole: None });
                pair.stored(1 - has, &[head(20)]);
            }
            assert_eq!(pair.searched[has].len(), before, "nobody is asked without end");
        }
    }
    let pair = Pair::of([&[head(5)], &[head(20), hole(6)]]);
    assert!(pair.searched[0].is_empty(), "what ends before the hole has nothing for it");
    let pair = Pair::of([&[head(20), hole(4)], &[head(20), hole(6)]]);
    assert!(pair.searched[0].is_empty(), "nor has what has one before");
}

#[test]
fn what_comes_back_while_two_talk_goes_on_to_who_lacks_it_too_r5() {
    for has in [0, 1] {
        let mut pair = Pair::of([&[head(20), hole(6)]; 2]);

        pair.tell(has, Input::Refilled { topic: COMMON, log: LOG, hole: Some(8) });

        assert_eq!(pair.searched[has], [wanted(&[head(20), hole(6)])]);
        assert!(pair.searched[1 - has].is_empty());
    }
    let mut pair = Pair::of([&[head(20), hole(6)]; 2]);
    pair.tell(0, Input::Refilled { topic: COMMON, log: LOG, hole: Some(6) });
    assert!(pair.searched[0].is_empty(), "another body than the first");
}

/// Only a vector says so: whoever says it of an announcement or of what they ask for is told and asked as anybody.
#[test]
fn a_hole_that_is_announced_or_asked_from_is_none() {
    use crate::sync::frame::{Frame, Wanted};
    let mut pair = Pair::of([&[head(20)]; 2]);
    let announced = Frame::Announce { topic: 3, entries: vec![hole(6)] }.to_bytes();
    pair.tell(0, Input::Frame(&announced));
    assert_eq!(pair.sent, 2, "nothing is asked for");

    let asked = Frame::Pull { topic: 3, logs: vec![Wanted { log: LOG, have: vec![hole(6), head(20)] }] }.to_bytes();
    pair.tell(0, Input::Frame(&asked));
    assert!(pair.searched[0].is_empty(), "what is there was said");
}
