//! What comes in parts, late or again: what a phone takes does not hang on how it was cut, what came first, and what else
//! there is (R5, R8).

use linli_core::{
    event::{Body, Content, Topic},
    id::{EventId, Reference},
    replica::What,
    roster::{Cut, CutHead, Revoked, Role, RosterEvent},
    sync::Outgoing,
    time::WallMs,
};
use linli_tests::{
    Break, Forger, World, hand_over,
    people::{LAN, MEI, WU},
};

use crate::say::{self, Command, carry, comment, verdict};

#[test]
fn an_alert_behind_what_was_erased_comes_at_the_first_meeting() {
    let mut world = away(1);
    let alert = say::raise(&mut world, WU, Some("1804"));

    world.meet(WU, MEI, Break::Never);

    assert!(world.at(MEI).alert(alert).is_ok());
}

#[test]
fn an_alert_that_is_raised_while_two_are_connected_comes_behind_what_was_erased() {
    let mut world = away(2);
    let mut links = [WU, MEI].map(|phone| world.at(phone).link(world.device(3 - phone)).unwrap());
    carry(&world, &mut links);
    let alert = say::raise(&mut world, WU, Some("1804"));

    carry(&world, &mut links);

    assert!(world.at(MEI).alert(alert).is_ok());
}

#[test]
fn a_bundle_with_what_was_erased_is_taken_in_whole_at_once() {
    let mut world = away(3);
    let alert = say::raise(&mut world, WU, Some("1804"));
    let mut file = Vec::new();
    world.at(WU).export_bundle(What::All, &mut file, |_| {}).unwrap();

    let read = world.at(MEI).import_bundle(file.as_slice(), |_| {}).unwrap();

    assert_eq!(read.refused.unnamed, 0);
    assert!(world.at(MEI).alert(alert).is_ok());
}

/// A volunteer leaves out a body where an erasure has a span, and hands out what is built on it apart.
#[test]
fn what_is_taken_in_parts_is_taken_whole_r5() {
    let mut world = World::community(4, 2);
    let (order, other) = (say::post(&mut world, WU), say::post(&mut world, LAN));
    for text in ["one", "two"] {
        say::submit(&mut world, WU, Some(order), Command::Comment { text: text.into() }).unwrap();
    }
    world.settle();
    let id = world.command();
    world.at(LAN).erase(id, &[order]).unwrap();
    world.settle();
    let mut forger = Forger::behind(&mut world, WU, LAN, Topic::Common, 0);
    let tag = world.tag(MEI, Topic::Common);
    forger.write(&comment(other));
    let mut runs = forger.runs();
    runs[0].run.links[0].content = Content::Erased(runs[0].run.links[0].content.hash());
    let last = [forger.write(&comment(other)), forger.write(&comment(other))][1];
    runs.extend(forger.runs());
    hand_over(&world, MEI, world.device(WU), tag, &runs).unwrap();
    assert_eq!(verdict(&world, MEI, last), Some(None), "it counts here");

    world.settle();

    assert_eq!(verdict(&world, LAN, last), Some(None), "and so it does there");
    world.assert_equal();
}

/// More branches than anybody keeps of them, each of one event about an order.
fn branches(stem: &Forger, order: Reference, count: usize) -> Vec<Vec<Outgoing>> {
    let branch = |nth: usize| {
        let mut branch = stem.twin();
        branch.write(&Body { wall: WallMs(nth as i64), ..comment(order) });
        branch.runs()
    };
    (0..count).map(branch).collect()
}

/// A coordinator cuts a friend's phone at a head that is invented, far behind all that was ever written. So all that the
/// friend writes would count; and of more branches than anybody keeps, others came first to others.
#[test]
fn of_what_may_lead_to_an_invented_head_everybody_counts_the_same_r8() {
    const MANY: usize = 330;
    let mut world = World::community(5, 2);
    let liar = world.join(LAN, Role::Coordinator);
    let order = say::post(&mut world, LAN);
    world.settle();
    let mut stem = Forger::with_keys_of(&mut world, MEI);
    stem.write(&comment(order));
    let (log, _) = stem.place();
    let first = stem.runs();
    let mut forger = Forger::with_keys_of(&mut world, liar).in_topic(&world, liar, Topic::Roster);
    let nowhere = CutHead { seq: 1 << 62, id: EventId::from_bytes([7; 32]) };
    let cuts = vec![Cut { log, heads: vec![nowhere] }];
    forger.roster(&RosterEvent::Revoked(Revoked { device: world.device(MEI), cuts, replaces: Vec::new(), act: None }));
    let cut = forger.runs();
    let all = branches(&stem, order, 2 * MANY);
    for (phone, own) in [(0, &all[..MANY]), (1, &all[MANY..])] {
        hand_over(&world, phone, world.device(liar), world.tag(phone, Topic::Roster), &cut).unwrap();
        let tag = world.tag(phone, Topic::Common);
        hand_over(&world, phone, world.device(liar), tag, &first).unwrap();
        for run in own {
            hand_over(&world, phone, world.device(liar), tag, run).unwrap();
        }
        world.assert_one_truth(phone);
    }

    for _ in 0..3 {
        world.meet(LAN, WU, Break::Never);
    }

    assert_eq!(world.at(LAN).state_hash().unwrap(), world.at(WU).state_hash().unwrap());
    [LAN, WU].into_iter().for_each(|phone| world.assert_one_truth(phone));
}

/// Phone 2 was away while an alert was raised, erased and forgotten.
fn away(seed: u64) -> World {
    let mut world = World::community(seed, 2);
    world.settle();
    say::raise(&mut world, WU, Some("2306"));
    world.meet(LAN, WU, Break::Never);
    let id = world.command();
    world.at(LAN).erase_about(id, "3", None, "2306").unwrap();
    world.meet(LAN, WU, Break::Never);
    world.pass(say::THREE_DAYS);
    for phone in 0..2 {
        assert_eq!(world.at(phone).tend().unwrap().forgotten, 1);
    }
    world
}
