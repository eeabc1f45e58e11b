//! Pipes that break: what came before stays, and little of it is sent again.

use linli_core::{
    event::{Body, Topic},
    net::Conversation,
    replica::LinkError,
    sync::Framer,
};
use linli_tests::{
    Forger, World,
    made::filler,
    people::{LAN, WU},
};
use rand::{Rng, RngExt, SeedableRng, seq::SliceRandom};
use rand_chacha::ChaCha20Rng;

use crate::{
    conversation::Node,
    memory::{Keeper, MemoryLogs, keys, take_in},
    wire::{End, RUNS},
};

#[test]
fn a_transfer_of_10_000_events_cut_at_100_points_ends_right_and_sends_a_tenth_twice_at_most() {
    let mut world = World::community(4, 1);
    let clock = world.clock.clone();
    let mut dice = ChaCha20Rng::seed_from_u64(4);
    let (community, tag) = (world.at(LAN).community().unwrap(), world.tag(LAN, Topic::Common));
    let (memory, logs) = backlog(&mut world, WU);
    let sender = Node::new(memory.clone(), community, keys(7).device(), vec![tag]);
    let empty = Node::new(MemoryLogs::default(), community, keys(8).device(), vec![tag]);
    let (once, done) =
        talk(&mut sender.conversation(&clock), &mut empty.conversation(&clock), &mut dice, usize::MAX).unwrap();
    assert!(done && empty.look(MemoryLogs::len) == 10_000);

    let phone = world.at(LAN);
    let mut points: Vec<usize> = (0..100).map(|_| dice.random_range(0..once)).collect();
    points.sort();
    let (mut twice, mut cuts, mut before) = (0, 0, 0);
    for point in points.into_iter().chain([usize::MAX]) {
        let most = (point - before).max(1);
        before = point;
        let mut link = phone.link(keys(7).device()).unwrap();
        let (bytes, done) = talk(&mut sender.conversation(&clock), &mut link, &mut dice, most).unwrap();
        twice += bytes;
        cuts += usize::from(!done);
    }
    twice -= once;

    println!("{cuts} cuts: {twice} bytes of runs sent beside {once}");
    assert_eq!(cuts, 100);
    let (log_heads, faults) = (phone.look(|reader| reader.entries(tag)).unwrap(), phone.verify().unwrap().faults);
    assert!(memory.entries(tag).iter().all(|entry| log_heads.contains(entry)));
    assert_eq!((logs.len(), faults.len()), (40, 0), "{faults:?}");
    assert!(twice * 10 <= once, "{twice} bytes twice, of {once}");
}

#[test]
fn a_pipe_may_break_at_any_byte_of_the_last_run_even_in_its_signature() {
    let mut world = World::community(5, 1);
    let (clock, mut dice) = (world.clock.clone(), ChaCha20Rng::seed_from_u64(5));
    let (community, tag) = (world.at(LAN).community().unwrap(), world.tag(LAN, Topic::Common));
    let sender = Node::new(MemoryLogs::default(), community, keys(7).device(), vec![tag]);
    let mut resumed = 0;

    for back in 0..120 {
        let mut forger = Forger::with_keys_of(&mut world, WU);
        (0..12).for_each(|_| _ = forger.write(&filler(240)));
        for outgoing in forger.runs() {
            sender
                .change(|memory: &mut MemoryLogs| take_in(memory, community, tag, outgoing.run))
                .expect("it follows on");
        }
        let phone = world.at(LAN);
        let before = phone.look(|reader| reader.entries(tag)).unwrap();
        let mut rehearsal = phone.link(keys(7).device()).unwrap();
        let silent = sender.conversation(&clock);
        let whole = length(silent, &mut rehearsal);
        assert_eq!(phone.look(|reader| reader.entries(tag)).unwrap(), before, "a rehearsal leaves nothing behind");
        drop(rehearsal);

        let mut link = phone.link(keys(7).device()).unwrap();
        talk(&mut sender.conversation(&clock), &mut link, &mut dice, whole - back).unwrap();
        drop(link);
        let mut link = phone.link(keys(7).device()).unwrap();
        let (bytes, done) = talk(&mut sender.conversation(&clock), &mut link, &mut dice, usize::MAX).unwrap();

        resumed += usize::from((1..1_500).contains(&bytes));
        assert!(done && link.is_in_step());
        let held = phone.look(|reader| reader.entries(tag)).unwrap();
        assert!(
            sender.look(|memory| memory.entries(tag)).iter().all(|entry| held.contains(entry)),
            "{back} bytes early"
        );
    }

    assert!(resumed > 60, "only {resumed} times the peer went on where the pipe broke");
}

/// Bytes that a sender says until the runs are out, not one of which arrives whole.
fn length(mut sender: impl Conversation<Error = LinkError> + 'static, receiver: &mut End) -> usize {
    let mut said = Said::default();
    loop {
        sender.receive(&receiver.send(usize::MAX).unwrap()).unwrap();
        let piece = sender.send(usize::MAX).unwrap();
        said.note(&piece);
        if said.bytes > said.other {
            return said.bytes;
        }
        receiver.receive(&piece).unwrap();
    }
}

#[test]
fn a_tail_that_was_made_up_costs_its_maker_a_few_bytes_and_harms_nobody() {
    let mut world = World::community(6, 1);
    let (clock, mut dice) = (world.clock.clone(), ChaCha20Rng::seed_from_u64(6));
    let (community, tag) = (world.at(LAN).community().unwrap(), world.tag(LAN, Topic::Common));
    let (mut honest, mut liar) = (MemoryLogs::default(), MemoryLogs::default());
    let mut forger = Forger::with_keys_of(&mut world, WU);
    forger.write(&filler(240));
    let first = forger.runs().remove(0).run;
    let mut twin = forger.twin();
    (0..30).for_each(|_| _ = forger.write(&filler(240)));
    (0..30).for_each(|_| _ = twin.write(&Body { kind: 4, ..filler(240) }));
    for (memory, forger) in [(&mut honest, &mut forger), (&mut liar, &mut twin)] {
        take_in(memory, community, tag, first.clone()).expect("the first of its log");
        for outgoing in forger.runs() {
            take_in(memory, community, tag, outgoing.run).expect("it follows on");
        }
    }
    let phone = world.at(LAN);
    let node = |memory: &MemoryLogs| Node::new(memory.clone(), community, keys(7).device(), vec![tag]);

    let mut link = phone.link(keys(7).device()).unwrap();
    let (_, done) = talk(&mut node(&liar).conversation(&clock), &mut link, &mut dice, 3_000).unwrap();
    assert!(!done, "the liar leaves in the middle of a run");
    drop(link);
    let mut link = phone.link(keys(7).device()).unwrap();
    talk(&mut node(&honest).conversation(&clock), &mut link, &mut dice, usize::MAX).unwrap();

    assert!(link.is_in_step());
    let held = phone.look(|reader| reader.entries(tag)).unwrap();
    assert!(honest.entries(tag).iter().all(|entry| held.contains(entry)));
    assert_eq!(phone.verify().unwrap().faults, []);
}

#[test]
fn a_run_that_breaks_off_again_and_again_is_kept_no_longer_than_a_run() {
    let mut world = World::community(8, 1);
    let (clock, mut dice) = (world.clock.clone(), ChaCha20Rng::seed_from_u64(8));
    let (community, tag) = (world.at(LAN).community().unwrap(), world.tag(LAN, Topic::Common));
    let mut forger = Forger::with_keys_of(&mut world, WU);
    forger.write(&filler(240));
    let first = forger.runs().remove(0).run;
    let (log, mut memory) = (first.log, MemoryLogs::default());
    take_in(&mut memory, community, tag, first).expect("the first of its log");
    let node = Node::new(memory, community, keys(7).device(), vec![tag]);
    let (phone, mut most) = (world.at(LAN), 0);

    for round in 0..40_u16 {
        let mut link = phone.link(keys(7).device()).unwrap();
        most = most.max(link.held().bytes);
        assert_eq!(link.held().passed, None);
        talk(&mut node.conversation(&clock), &mut link, &mut dice, usize::MAX).unwrap();
        // The first 31 of 32 events in the clear, of 1,000 bytes each, that go on where the last ones broke off.
        let at = 1 + 31 * round;
        let seq = if at < 128 { vec![at as u8] } else { vec![at as u8 | 0x80, (at >> 7) as u8] };
        let mut frame = [vec![5, 0, 0], log.as_bytes().to_vec(), seq, vec![0x80, 0x01]].concat();
        for _ in 0..31 {
            frame.extend([&[1, 0xd0, 0x0f][..], &[5; 1_000]].concat());
        }
        link.receive(&linli_core::sync::frame_to_bytes(&frame)).unwrap();
    }

    println!("{most} bytes kept of a run that never ends");
    assert!((30_000..100_000).contains(&most), "{most} bytes");
    assert_eq!(phone.verify().unwrap().faults, []);
}

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
fn talk(sender: &mut End, receiver: &mut End, dice: &mut impl Rng, most: usize) -> Result<(usize, bool), LinkError> {
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
fn backlog(world: &mut World, author: usize) -> (MemoryLogs, Vec<linli_core::id::LogId>) {
    let (community, tag) = (world.at(LAN).community().unwrap(), world.tag(LAN, Topic::Common));
    let mut memory = MemoryLogs::default();
    let mut forgers: Vec<Forger> = (0..40).map(|_| Forger::with_keys_of(world, author)).collect();
    let mut turns: Vec<usize> = (0..40 * 25).map(|turn| turn % 40).collect();
    turns.shuffle(&mut world.dice);
    for which in turns {
        for _ in 0..10 {
            forgers[which].write(&filler(240));
        }
        for outgoing in forgers[which].runs() {
            take_in(&mut memory, community, tag, outgoing.run).expect("it follows on");
        }
    }
    let logs = memory.entries(tag).into_iter().map(|entry| entry.log).collect();
    (memory, logs)
}
