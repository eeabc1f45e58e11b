//! Pipes that break: what came before stays, and little of it is sent again.

use linli_core::{
    event::{Body, Topic},
    replica::LinkError,
    sync::Framer,
    time::WallMs,
};
use linli_tests::{Forger, World};
use rand::{Rng, RngExt, SeedableRng, seq::SliceRandom};
use rand_chacha::ChaCha20Rng;

use crate::{
    desk::Node,
    shelf::{Keeper, Shelf, keys, take_in},
    wire::{End, RUNS},
};

/// What a sender said into a pipe until it broke.
#[derive(Default)]
struct Said {
    framer: Framer,
    bytes: usize,
    /// Bytes of whole frames that carry no runs.
    other: usize,
}

impl Said {
    fn note(&mut self, piece: &[u8]) {
        self.bytes += piece.len();
        self.framer.push(piece);
        while let Some(frame) = self.framer.next_frame().expect("honest ends send frames") {
            if !RUNS.contains(&frame[0]) {
                self.other += frame.len() + 1 + usize::from(frame.len() > 127) + usize::from(frame.len() > 16_383);
            }
        }
    }
}

/// Lets them talk until nothing is left to say, or so many bytes came from the sender: then the pipe breaks, wherever in
/// a frame that is. The bytes that came of runs.
fn talk(
    sender: &mut dyn End,
    receiver: &mut dyn End,
    dice: &mut impl Rng,
    most: usize,
) -> Result<(usize, bool), LinkError> {
    let mut said = Said::default();
    loop {
        let answer = receiver.send(usize::MAX)?;
        sender.receive(&answer)?;
        let mut piece = sender.send(dice.random_range(1..3_000))?;
        if piece.is_empty() && answer.is_empty() {
            return Ok((said.bytes - said.other, true));
        }
        piece.truncate(most - said.bytes);
        said.note(&piece);
        receiver.receive(&piece)?;
        if said.bytes == most {
            return Ok((said.bytes - said.other, false));
        }
    }
}

/// 10,000 events in 40 logs of a device, stored a few at a time.
fn backlog(world: &mut World, author: usize) -> (Shelf, Vec<linli_core::id::LogId>) {
    let (community, tag) = (world.at(0).community().unwrap(), world.tag(0, Topic::Common));
    let mut shelf = Shelf::default();
    let mut forgers: Vec<Forger> = (0..40).map(|_| Forger::with_keys_of(world, author)).collect();
    let mut turns: Vec<usize> = (0..40 * 25).map(|turn| turn % 40).collect();
    turns.shuffle(&mut world.dice);
    for which in turns {
        for _ in 0..10 {
            let wall = WallMs(1_648_771_200_000);
            let payload = [vec![0x58, 200], vec![5; world.dice.random_range(200..201)]].concat();
            let body = Body {
                aggregate: None,
                deps: Vec::new(),
                wall,
                kind: 3,
                version: 1,
                payload,
                edits: Vec::new(),
                salt: None,
            };
            forgers[which].write(&body);
        }
        for outgoing in forgers[which].runs() {
            take_in(&mut shelf, community, tag, outgoing.run).expect("it follows on");
        }
    }
    let logs = shelf.entries(tag).into_iter().map(|entry| entry.log).collect();
    (shelf, logs)
}

#[test]
fn a_transfer_of_10_000_events_cut_at_100_points_ends_right_and_sends_a_tenth_twice_at_most() {
    let mut world = World::community(4, 1);
    let clock = world.clock.clone();
    let mut dice = ChaCha20Rng::seed_from_u64(4);
    let (community, tag) = (world.at(0).community().unwrap(), world.tag(0, Topic::Common));
    let (shelf, logs) = backlog(&mut world, 1);
    let sender = Node::new(shelf.clone(), community, keys(7).device(), vec![tag]);
    let empty = Node::new(Shelf::default(), community, keys(8).device(), vec![tag]);
    let (once, done) = talk(&mut sender.desk(&clock), &mut empty.desk(&clock), &mut dice, usize::MAX).unwrap();
    assert!(done && empty.look(Shelf::len) == 10_000);

    let phone = world.at(0);
    let mut points: Vec<usize> = (0..100).map(|_| dice.random_range(0..once)).collect();
    points.sort();
    let (mut twice, mut cuts, mut before) = (0, 0, 0);
    for point in points.into_iter().chain([usize::MAX]) {
        let most = (point - before).max(1);
        before = point;
        let mut link = phone.link(keys(7).device()).unwrap();
        let (bytes, done) = talk(&mut sender.desk(&clock), &mut link, &mut dice, most).unwrap();
        twice += bytes;
        cuts += usize::from(!done);
    }
    twice -= once;

    println!("{cuts} cuts: {twice} bytes of runs sent beside {once}");
    assert_eq!(cuts, 100);
    let (log_heads, faults) = (phone.look(|reader| reader.entries(tag)).unwrap(), phone.verify().unwrap().faults);
    assert!(shelf.entries(tag).iter().all(|entry| log_heads.contains(entry)));
    assert_eq!((logs.len(), faults.len()), (40, 0), "{faults:?}");
    assert!(twice * 10 <= once, "{twice} bytes twice, of {once}");
}
