//! Who holds an order, and who believes to.

use super::story::{Story, claimed, delivered, member, purchased, released, reopened, taken_over};
use crate::aggregate::order::{Assigned, Fact, HandOverAccepted, HandOverOffered, Resolved, Status};

#[test]
fn a_second_claim_is_shown_as_contested() {
    let mut story = Story::new();
    story.say('a', &[0], claimed());
    story.say('b', &[0], claimed());

    let folded = story.all();

    assert_eq!(folded.holder(), Some(member('a')));
    assert_eq!(folded.contenders(), [member('b')]);
    assert!(folded.outcome().contested());
    assert_eq!(folded.reviews(), ["contested"]);
}

#[test]
fn contested_ends_when_one_releases() {
    for (leaves, stays) in [('a', 'b'), ('b', 'a')] {
        let mut story = Story::new();
        let claims = [story.say('a', &[0], claimed()), story.say('b', &[0], claimed())];
        story.say(leaves, &claims, released());

        assert_eq!(story.all().holder(), Some(member(stays)));
        assert!(!story.all().outcome().contested());
    }
}

#[test]
fn a_leader_resolves_a_contest_for_what_was_known() {
    let mut story = Story::new();
    let claims = [story.say('a', &[0], claimed()), story.say('b', &[0], claimed())];
    let resolution = story.say('l', &claims, resolved('b'));

    assert_eq!(story.all().holder(), Some(member('b')));
    assert!(!story.all().outcome().contested());

    story.say('c', &[0], claimed());
    assert_eq!(story.all().contenders(), [member('c')]);

    story.say('b', &[resolution], released());
    assert_eq!(story.all().holder(), Some(member('c')), "the resolution ended the claim it knew, not the unseen one");
}

#[test]
fn a_claim_that_knew_of_another_waits_and_contests_nothing() {
    let mut story = Story::new();
    let first = story.say('a', &[0], claimed());
    let second = story.say('b', &[first], claimed());

    assert!(!story.all().outcome().contested());

    story.say('a', &[second], released());
    assert_eq!(story.all().holder(), Some(member('b')));
}

#[test]
fn a_claim_that_did_not_know_of_a_purchase_ranks_after_it() {
    let mut story = Story::new();
    let early = story.say('b', &[0], claimed());
    let late = story.say('a', &[0], claimed());
    assert_eq!(story.all().holder(), Some(member('b')));

    story.say('a', &[late], purchased(500));
    assert_eq!(story.all().holder(), Some(member('a')), "money is spent, whoever tapped first");
    assert_eq!(story.all().contenders(), [member('b')]);

    story.say('b', &[early], purchased(500));
    assert_eq!(story.all().holder(), Some(member('b')), "both spent money unseen, so the claims decide");
}

#[test]
fn a_claim_before_which_a_purchase_was_known_keeps_its_place() {
    let mut story = Story::new();
    let early = story.say('b', &[0], claimed());
    story.say('a', &[early], purchased(500));

    assert_eq!(story.all().holder(), Some(member('b')));
}

#[test]
fn the_newest_assignment_holds_until_it_ends() {
    let mut story = Story::new();
    let claim = story.say('a', &[0], claimed());
    let to_b = story.say('l', &[claim], assigned('b'));
    let to_c = story.say('l', &[to_b], assigned('c'));
    assert_eq!(story.all().holder(), Some(member('c')));
    assert!(!story.all().outcome().contested(), "the leader knew of the claim");

    story.say('c', &[to_c], released());
    assert_eq!(story.all().holder(), Some(member('a')), "an older assignment was ended by the newer one");
}

#[test]
fn two_leaders_who_assigned_apart_are_told() {
    let mut story = Story::new();
    let to_b = story.say('l', &[0], assigned('b'));
    let to_c = story.say('m', &[0], assigned('c'));
    assert_eq!(story.all().holder(), Some(member('c')));
    assert_eq!(story.all().reviews(), ["assigned_differently"]);

    story.say('l', &[to_b, to_c], assigned('c'));
    assert!(story.all().reviews().is_empty());
}

#[test]
fn a_take_over_stands_at_the_place_of_what_it_names() {
    let mut story = Story::new();
    let first = story.say('a', &[0], claimed());
    story.say('b', &[0], claimed());
    story.say('c', &[first], taken_over(story.reference(first)));

    assert_eq!(story.all().holder(), Some(member('c')));
    assert_eq!(story.all().contenders(), [member('b')], "the contest goes on with whoever stands there now");
}

#[test]
fn of_two_take_overs_the_first_stands() {
    let mut story = Story::new();
    let claim = story.say('a', &[0], claimed());
    let first = story.say('b', &[claim], taken_over(story.reference(claim)));
    let second = story.say('c', &[claim], taken_over(story.reference(claim)));

    assert_eq!(story.all().holder(), Some(member('b')));
    assert_eq!(story.all().contenders(), [member('c')]);

    story.say('b', &[first, second], released());
    assert_eq!(story.all().holder(), Some(member('c')), "the other is a claim of its own");
}

#[test]
fn a_take_over_that_did_not_know_of_a_release_stands_all_the_same() {
    let mut story = Story::new();
    let claim = story.say('a', &[0], claimed());
    let release = story.say('a', &[claim], released());
    let late = story.say('d', &[release], claimed());
    let over = story.say('b', &[claim], taken_over(story.reference(claim)));
    assert_eq!(story.all().holder(), Some(member('b')));
    assert_eq!(story.all().contenders(), [member('d')]);

    story.say('b', &[over, late], released());
    assert_eq!(story.all().holder(), Some(member('d')));
}

#[test]
fn a_take_over_of_what_was_known_to_have_ended_is_a_plain_claim() {
    let mut story = Story::new();
    let claim = story.say('a', &[0], claimed());
    let release = story.say('a', &[claim], released());
    let next = story.say('b', &[release], claimed());
    story.say('c', &[next], taken_over(story.reference(claim)));

    assert_eq!(story.all().holder(), Some(member('b')));
    assert!(!story.all().outcome().contested());
}

#[test]
fn whoever_went_on_beside_a_take_over_is_shown() {
    let mut story = Story::new();
    let claim = story.say('a', &[0], claimed());
    story.say('a', &[claim], purchased(700));
    story.say('b', &[claim], taken_over(story.reference(claim)));

    assert_eq!(story.all().holder(), Some(member('b')));
    assert_eq!(story.all().reviews(), ["went_on_beside_the_holder"]);
}

#[test]
fn an_accepted_hand_over_stands_at_the_place_of_who_offered() {
    let mut story = Story::new();
    let first = story.say('a', &[0], claimed());
    let second = story.say('b', &[first], claimed());
    let offer = story.say('a', &[second], Fact::HandOverOffered(HandOverOffered { to: member('c') }));
    assert_eq!(story.all().holder(), Some(member('a')), "an offer alone changes nothing");

    let accept = Fact::HandOverAccepted(HandOverAccepted { offer: story.reference(offer) });
    story.say('d', &[offer], accept.clone());
    assert_eq!(story.all().holder(), Some(member('a')), "only the one it was offered to can accept");

    story.say('c', &[offer], accept);
    assert_eq!(story.all().holder(), Some(member('c')));
    assert!(story.all().outcome().offers.is_empty());
}

#[test]
fn a_hand_over_ends_an_assignment_and_the_claim_behind_it() {
    let mut story = Story::new();
    let claim = story.say('a', &[0], claimed());
    let assignment = story.say('l', &[claim], assigned('a'));
    let offer = story.say('a', &[assignment], Fact::HandOverOffered(HandOverOffered { to: member('b') }));
    let accept = story.say('b', &[offer], Fact::HandOverAccepted(HandOverAccepted { offer: story.reference(offer) }));
    assert_eq!(story.all().holder(), Some(member('b')));

    story.say('b', &[accept], released());
    assert_eq!(story.all().holder(), None);
}

#[test]
fn reopening_ends_only_what_it_knew() {
    let mut story = Story::new();
    let first = story.say('a', &[0], claimed());
    let done = story.say('a', &[first], delivered(false));
    story.say('l', &[done], reopened());
    assert_eq!(story.all().outcome().status, Status::Open);
    assert_eq!(story.all().holder(), None);

    story.say('b', &[first], claimed());
    assert_eq!(story.all().outcome().status, Status::Claimed);
    assert_eq!(story.all().holder(), Some(member('b')), "the reopening did not know of this claim");
}

#[test]
fn an_unknown_reference_is_a_plain_claim() {
    let mut story = Story::new();
    story.say('b', &[0], taken_over(story.reference(77)));

    assert_eq!(story.all().holder(), Some(member('b')));
}

fn assigned(to: char) -> Fact {
    Fact::Assigned(Assigned { member: member(to) })
}

fn resolved(to: char) -> Fact {
    Fact::Resolved(Resolved { to: member(to) })
}
