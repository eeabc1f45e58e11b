//! A log that is silenced to one and has places to the other: whoever knows brings what makes it silent to both.

use std::slice;

use super::pair::{LOG, Pair, head, wanted};
use crate::event::Entry;

#[test]
fn whoever_knows_a_log_for_silenced_looks_up_what_a_peer_lacks_of_it_and_the_peer_nothing() {
    let silenced = Entry::silenced(LOG);
    for knows in [0, 1] {
        for theirs in [&[][..], &[head(0)], &[head(5)], &[head(4), head(5)]] {
            let mut held = [theirs; 2];
            held[knows] = slice::from_ref(&silenced);

            let pair = Pair::of(held);

            assert_eq!(pair.searched[knows], [wanted(theirs)], "{theirs:?}");
            assert!(pair.searched[1 - knows].is_empty());
        }
    }
    assert!(Pair::of([slice::from_ref(&silenced); 2]).searched.iter().all(Vec::is_empty));
}

#[test]
fn what_becomes_silent_is_announced_once_and_asked_for() {
    let silenced = Entry::silenced(LOG);
    for knows in [0, 1] {
        let mut pair = Pair::of([&[head(5)]; 2]);

        pair.stored(knows, slice::from_ref(&silenced));

        assert_eq!(pair.searched[knows], [wanted(&[head(5)])]);
        let sent = pair.sent;
        for more in [&[head(5), head(6)][..], slice::from_ref(&silenced)] {
            pair.stored(1 - knows, more);
        }
        assert_eq!(pair.sent, sent, "the one who knows needs no more of it");
        assert!(pair.searched[1 - knows].is_empty());
    }
}

#[test]
fn what_is_silent_no_more_is_announced_and_answered() {
    let mut pair = Pair::of([&[head(5)]; 2]);
    pair.stored(0, &[Entry::silenced(LOG)]);
    pair.stored(1, &[head(5), head(7)]);
    assert!(pair.searched[1].is_empty());

    // A cut that only this one had not heard of names what counts.
    pair.stored(0, &[head(5), head(6)]);

    assert_eq!(pair.searched[0][1..], [wanted(&[head(5), head(7)])]);
    assert_eq!(pair.searched[1], [wanted(&[head(5), head(6)])]);
}

/// Both had it silenced, and each hears of the cut from somebody else.
#[test]
fn what_was_silent_to_both_goes_on_when_it_is_silent_no_more() {
    for first in [0, 1] {
        let silenced = Entry::silenced(LOG);
        let mut pair = Pair::of([slice::from_ref(&silenced); 2]);
        let heads = [[head(5), head(6)], [head(5), head(7)]];

        pair.stored(first, &heads[first]);
        pair.stored(1 - first, &heads[1 - first]);

        for which in [0, 1] {
            let last = pair.searched[which].last();
            assert_eq!(last, Some(&wanted(&heads[1 - which])), "{which} of {:?}", pair.searched);
        }
        let sent = pair.sent;
        pair.stored(first, &[head(5), head(8)]);
        assert!(pair.sent > sent, "and what comes later is announced");
    }
}
