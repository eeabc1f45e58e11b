//! Bytes that were flipped, dropped, doubled or moved on their way into a replica: a typed error or no harm, and the
//! log holds nothing that nobody wrote.

use std::{fs, path::Path};

use linli_core::{
    aggregate::order::{Command, NewOrder, Order},
    event::Topic,
    id::{CommandId, Reference},
    net::Conversation,
    replica::{LinkError, Options, Replica},
    roster::Grant,
    sync::{Framer, frame_to_bytes},
};
use linli_tests::{
    World,
    people::{LAN, MEI, WU},
    somewhere,
};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha20Rng;
use tempfile::TempDir;

use crate::wire::{FAST, Wire, settle};

#[test]
fn every_byte_flipped_dropped_or_doubled_gives_a_typed_error_or_no_harm() {
    let recording = Recording::make(false);
    let stream = &recording.stream;
    let (replica, _home) = recording.hearer();
    // What it wrote itself keeps it from being equal: so it compares, and verifies every run each time.
    post(&replica);
    let mut errors = 0;
    for at in 0..stream.len() {
        let told = recording.hear(&replica, &harmed(stream, at, at % 3));
        errors += usize::from(told.is_err());
        if at % 200 == 0 {
            recording.assert_intact(&replica, &format!("byte {at}"));
        }
    }
    recording.assert_intact(&replica, "the end");
    println!("{} bytes, {errors} typed errors", stream.len());
    assert!(stream.len() > 500 && errors * 4 > stream.len(), "{errors} errors of {}", stream.len());
    assert_eq!(recording.hear(&replica, stream), Ok(()), "an honest conversation goes on");
}

#[test]
fn a_fresh_replica_that_hears_one_wrong_byte_keeps_an_intact_log() {
    let recording = Recording::make(true);
    let mut dice = ChaCha20Rng::seed_from_u64(7);
    for _ in 0..90 {
        let (replica, _home) = recording.hearer();
        let (at, how) = (dice.random_range(0..recording.stream.len()), dice.random_range(0..3));
        let _told = recording.hear(&replica, &harmed(&recording.stream, at, how));
        recording.assert_intact(&replica, &format!("byte {at}, harm {how}"));
        post(&replica);
    }
}

#[test]
fn frames_dropped_doubled_or_reordered_give_a_typed_error_or_no_harm() {
    let recording = Recording::make(true);
    let frames = recording.frames();
    let joined = |frames: &[Vec<u8>]| frames.iter().flat_map(|frame| frame_to_bytes(frame)).collect::<Vec<u8>>();
    for at in 0..frames.len() {
        let mut dropped = frames.clone();
        dropped.remove(at);
        let mut doubled = frames.clone();
        doubled.insert(at, frames[at].clone());
        let mut swapped = frames.clone();
        swapped.swap(at, (at + 1) % frames.len());
        for (what, frames) in [("dropped", dropped), ("doubled", doubled), ("swapped", swapped)] {
            let (replica, _home) = recording.hearer();
            let _told = recording.hear(&replica, &joined(&frames));
            recording.assert_intact(&replica, &format!("frame {at} {what}"));
        }
    }
}

/// What one phone said to another in a whole conversation, and the other's home as it was before.
struct Recording {
    world: World,
    stream: Vec<u8>,
    home: TempDir,
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let to = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() { copy(&entry.path(), &to) } else { drop(fs::copy(entry.path(), to)) }
    }
}

impl Recording {
    /// With or without a change of the roster in it.
    fn make(roster: bool) -> Self {
        // The one that is recorded speaks first when they compare, so that what it says does not hang on what it hears.
        let mut worlds = (7..).map(|seed| World::community(seed, 2));
        let mut world = worlds.find(|world| world.device(LAN) < world.device(WU)).unwrap();
        let order = |world: &mut World, phone: usize| {
            let note = Some("两盒布洛芬".into());
            let order = NewOrder { building: "3".into(), kind: "medicine".into(), note, ..NewOrder::default() };
            let id = world.command();
            world.at(phone).submit::<Order>(id, None, Command::Post(Box::new(order))).unwrap().aggregate
        };
        let first: Reference = order(&mut world, LAN);
        world.settle();
        world.close(WU);
        let home = somewhere();
        copy(world.home(WU), home.path());
        world.open(WU);

        if roster {
            let (id, device) = (world.command(), world.device(MEI));
            world.at(LAN).grant(id, device, Grant::Leader { buildings: vec!["3".to_owned()] }).unwrap();
        }
        let id = world.command();
        world.at(MEI).submit::<Order>(id, Some(first), Command::Claim).unwrap();
        for phone in [LAN, LAN, LAN, MEI] {
            order(&mut world, phone);
        }
        world.meet(LAN, MEI, linli_tests::Break::Never);
        let clock = world.clock.clone();
        let links = [(0, 1), (1, 0)].map(|(here, there)| world.at(here).link(world.device(there)).unwrap());
        let [one, other] = links;
        let mut wires = [Wire::new(one, other, FAST)];
        settle(&clock, &mut wires);
        order(&mut world, LAN);
        settle(&clock, &mut wires);
        let stream = std::mem::take(&mut wires[0].ways[0].said);
        drop(wires);
        Self { world, stream, home }
    }

    fn frames(&self) -> Vec<Vec<u8>> {
        let (mut framer, mut frames) = (Framer::new(), Vec::new());
        framer.push(&self.stream);
        while let Some(frame) = framer.next_frame().unwrap() {
            frames.push(frame);
        }
        frames
    }

    /// The hearer as it was before the conversation.
    fn hearer(&self) -> (Replica, TempDir) {
        let home = somewhere();
        copy(self.home.path(), home.path());
        let options = self.world.options(WU);
        let replica = Replica::open(Options { home: home.path().into(), ..options }).unwrap();
        (replica, home)
    }

    /// Lets a replica hear a stream, piece by piece.
    fn hear(&self, replica: &Replica, stream: &[u8]) -> Result<(), LinkError> {
        let mut link = replica.link(self.world.device(LAN))?;
        for piece in stream.chunks(50) {
            link.receive(piece)?;
            link.send(usize::MAX)?;
        }
        Ok(())
    }

    /// Nothing is in the log that the honest phone does not hold, and all of it verifies.
    fn assert_intact(&self, replica: &Replica, what: &str) {
        let honest = self.world.at(LAN);
        for topic in Topic::ALL {
            for entry in replica.look(|reader| reader.entries(self.world.tag(LAN, topic))).unwrap() {
                let header = replica.look(|reader| reader.log(entry.log)).unwrap().unwrap();
                if header.device == replica.device() {
                    continue;
                }
                let reference = Reference { log: entry.log, seq: entry.seq, check: entry.short };
                assert!(honest.look(|reader| reader.has(reference)).unwrap(), "{what}: {entry:?} is nobody's");
            }
        }
        assert_eq!(replica.verify().unwrap().faults, [], "{what}");
    }
}

/// Somebody writes an order down.
fn post(replica: &Replica) {
    let note = Some("两盒布洛芬".into());
    let order = NewOrder { building: "3".into(), kind: "medicine".into(), note, ..NewOrder::default() };
    replica.submit::<Order>(CommandId::from_bytes([1; 16]), None, Command::Post(Box::new(order))).unwrap();
}

/// A stream with one byte flipped, dropped or doubled.
fn harmed(stream: &[u8], at: usize, how: usize) -> Vec<u8> {
    let mut bytes = stream.to_vec();
    match how {
        0 => bytes[at] ^= 1 << (at % 8),
        1 => drop(bytes.remove(at)),
        _ => bytes.insert(at, stream[at]),
    }
    bytes
}
