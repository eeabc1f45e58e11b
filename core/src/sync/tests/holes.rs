//! Logs of which bodies are missing: what stands behind a hole goes from one to the other, whether both lack the body or
//! one, and who has it brings it once.

use super::{
    log::{COMMON, COMMUNITY, TOPICS, keys},
    pair::{LOG, Pair, head, wanted},
};
use crate::{
    event::{Entry, Hole},
    limits,
    sync::{Config, Input, Session},
    time::Mono,
};

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
fn what_was_brought_often_enough_rests_in_the_topic_of_its_log_alone_r5() {
    let topics = TOPICS.map(|topic| (topic, Default::default())).to_vec();
    let config = Config { community: COMMUNITY, device: keys(0).device(), topics, nonce: [0; 8] };
    let mut session = Session::new(config, Mono(1_000));

    session.fill_no_more(&[(COMMON, hole(6)), (COMMON, hole(9))]);

    let rests = session.bounds().into_iter().find(|bound| bound.what == "holes that rest");
    assert_eq!(rests.map(|rests| rests.kept), Some(2));
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
            assert!(pair.searched[1 - has].iter().all(|wanted| !wanted.have.contains(&hole(6))), "{own:?}");
            let before = pair.searched[has].len();
            for _ in 0..3 {
                pair.tell(has, Input::Refilled { topic: COMMON, log: LOG, holes: Vec::new() });
                pair.stored(1 - has, &[head(20)]);
            }
            assert_eq!(pair.searched[has].len(), before, "nobody is asked without end");
        }
    }
    let pair = Pair::of([&[head(5)], &[head(20), hole(6)]]);
    assert!(pair.searched[0].is_empty(), "what ends before the hole has nothing for it");
    let pair = Pair::of([&[head(20), hole(6)], &[head(20), stretch(4, 9)]]);
    assert_eq!(
        pair.searched[1],
        [wanted(&[head(20), hole(6)])],
        "of what is not quite the same, it is looked up what is here"
    );
}

#[test]
fn what_both_lack_keeps_nobody_from_what_one_lacks_behind_it_or_before_r5() {
    for has in [0, 1] {
        for more in [9, 4] {
            let (both, one) = ([head(20), hole(6)], [head(20), hole(6), hole(more)]);
            let mut held = [&one[..]; 2];
            held[has] = &both;

            let pair = Pair::of(held);

            assert_eq!(pair.searched[has], [wanted(&[head(20), hole(more)])]);
            assert!(pair.searched[1 - has].is_empty());
        }
    }
}

/// What is not told one by one is open: whoever has anything of it brings it.
#[test]
fn what_is_missing_beyond_what_is_told_is_looked_up_r5() {
    let open = |mark: u8| Entry::hole(LOG, Hole { first: 6, last: None, tip: [mark; Hole::TIP] });

    let pair = Pair::of([&[head(20), open(1)], &[head(20), open(2)]]);
    let same = Pair::of([&[head(20), open(1)]; 2]);

    assert_eq!(pair.searched, [[wanted(&[head(20), open(2)])], [wanted(&[head(20), open(1)])]]);
    assert!(same.searched.iter().all(Vec::is_empty) && same.sent == 2, "the same are marked alike");
}

/// T4.
#[test]
fn of_what_a_peer_says_to_lack_as_much_is_kept_as_an_honest_one_says() {
    let said: Vec<Entry> = (0..5_000).map(|nth| hole(2 * nth)).chain([head(20_000)]).collect();

    let pair = Pair::of([&[head(20_000)], &said]);

    let holes = |have: &[Entry]| have.iter().filter(|entry| entry.is_hole()).count();
    assert!(holes(&pair.searched[0][0].have) <= limits::HOLES);
    let kept: usize = pair.sessions[0].holes_of_peer().map(|(_, holes)| holes.len()).sum();
    assert!(kept <= limits::HOLES, "{kept}");
}

#[test]
fn what_comes_back_while_two_talk_goes_on_to_who_lacks_it_too_r5() {
    for has in [0, 1] {
        let mut pair = Pair::of([&[head(20), hole(6)]; 2]);

        pair.tell(has, Input::Refilled { topic: COMMON, log: LOG, holes: vec![hole(8)] });

        assert_eq!(pair.searched[has], [wanted(&[head(20), hole(6)])]);
        assert!(pair.searched[1 - has].is_empty());
    }
    let mut pair = Pair::of([&[head(20), hole(6)]; 2]);
    pair.tell(0, Input::Refilled { topic: COMMON, log: LOG, holes: vec![hole(6)] });
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

    let asked = Frame::Pull { topic: 3, logs: vec![Wanted { log: LOG, have: vec![head(20), hole(6)] }] }.to_bytes();
    pair.tell(0, Input::Frame(&asked));
    assert!(pair.searched[0].is_empty(), "what is there was said");
}

/// From one place up to another, on the one chain that these tests speak of.
fn stretch(first: u64, last: u64) -> Entry {
    Entry::hole(LOG, Hole { first, last: Some(last), tip: [8; Hole::TIP] })
}

fn hole(seq: u64) -> Entry {
    stretch(seq, seq)
}
