//! A member who lies: a modified app with a member's keys, which tells whatever it likes to whom it likes.
//!
//! It writes under its own name, under names that it made and perhaps under the recovery kit's, if it found the words: in
//! logs of any incarnation, forked at any place, in every topic; it signs junk, names what is not there, keeps back what it wrote,
//! and tells it later or never. It talks well, or not: in files, and in conversations in which nothing is true.

use std::collections::{BTreeMap, BTreeSet};

use linli_core::{
    event::{Content, Topic},
    id::{DeviceId, EpochId, LogId},
    key::{DeviceKeys, DeviceRecord, KitWords},
    replica::{ImportError, LinkError},
    sync::{BundleWriter, Outgoing},
};
use linli_tests::{Forger, World, hand_over, people::LAN};
use rand::{Rng, RngExt, seq::IndexedRandom};

use super::{
    decree::Pen,
    lie::{Seen, keys_of},
    office::Office,
    talk,
};

/// Places to which a liar goes back to fork, per topic and name.
const REMEMBERED: usize = 6;
/// Runs that are kept to be told again.
const KEPT: usize = 40;
/// Bytes of junk that a liar heaps up on a relay at a time: events, and what each says.
const HEAP: (usize, usize) = (16, 30_000);
/// Devices that a liar makes.
const MADE: usize = 2;

/// Where lies stand, the more often the more harm they do there.
const TOPICS: [Topic; 10] = [
    Topic::Common,
    Topic::Common,
    Topic::Common,
    Topic::Urgent,
    Topic::Roster,
    Topic::Roster,
    Topic::Roster,
    Topic::Roster,
    Topic::Erasure,
    Topic::Care,
];

/// Whose phone it was, and where they write.
pub(crate) struct Liar {
    pub(crate) phone: usize,
    /// Whether it has no more than a copy of the phone's keys: the owner goes on, and knows nothing of it.
    pub(crate) beside: bool,
    /// Whose conversations bring what it tells, once it is cut off: phones of two who take it to be true.
    pub(crate) carriers: Option<[usize; 2]>,
    /// The recovery kit's keys, if it found the words.
    kit: Option<DeviceKeys>,
    /// Devices of its own making, which somebody who may admit could admit.
    made: Vec<DeviceKeys>,
    /// Ends of what was written, newest last: each is a log, or a branch of one.
    ends: BTreeMap<(DeviceId, Topic), Vec<Forger>>,
    /// Written, and to be told later or again.
    kept: Vec<(Topic, Outgoing)>,
    /// Logs of which doubt was sown.
    pub(crate) doubted: BTreeSet<LogId>,
}

impl Liar {
    /// With the keys of a phone that belongs.
    pub(crate) fn with_keys_of(world: &mut World, phone: usize) -> Self {
        let made = (0..MADE).map(|_| DeviceKeys::generate(&mut world.dice)).collect();
        let (ends, kept, doubted) = (BTreeMap::new(), Vec::new(), BTreeSet::new());
        Self { phone, beside: false, carriers: None, kit: None, made, ends, kept, doubted }
    }

    /// It found the recovery kit's words.
    pub(crate) fn finds(&mut self, kit: &KitWords) {
        self.kit = Some(kit.keys());
    }

    /// As whom it speaks to a phone: not to the owner's as the owner's.
    fn voice(&self, world: &World, to: usize) -> DeviceId {
        let voices = self.carriers.unwrap_or([self.phone, LAN]);
        world.device(if to == voices[0] { voices[1] } else { voices[0] })
    }

    /// The devices that it made.
    pub(crate) fn made(&self) -> impl Iterator<Item = DeviceId> {
        self.made.iter().map(DeviceKeys::device)
    }

    /// The keys of those.
    pub(crate) fn keys(&self) -> Vec<DeviceKeys> {
        let copy = |keys: &DeviceKeys| DeviceKeys::from_slice(&keys.to_secret()).expect("just written");
        self.made.iter().map(copy).collect()
    }

    /// Writes some lies and tells them to a phone, or keeps them; tells what was kept.
    ///
    /// # Panics
    /// If the phone's store fails, or the phone does not keep to the protocol.
    pub(crate) fn tell(&mut self, world: &mut World, to: usize) {
        let topic = *TOPICS.choose(&mut world.dice).expect("some");
        let mut told = self.write_and_keep(world, to, topic);
        match world.dice.random_range(0..10) {
            // For now it is told to nobody.
            0 => return,
            1 => return self.give_file(world, to),
            2 | 3 => return talk::falsely(world, to, self.voice(world, to), &self.kept),
            4 => {
                let nth = world.dice.random_range(0..self.kept.len());
                let (topic, run) = self.kept[nth].clone();
                self.hand(world, to, topic, &[run]);
            }
            _ => {}
        }
        for run in &mut told {
            spoil(&mut world.dice, run);
        }
        self.hand(world, to, topic, &told);
    }

    /// Tells some lies to a relay, made of what a phone holds; perhaps with a heap of junk.
    ///
    /// # Panics
    /// If the relay fails.
    pub(crate) fn tell_relay(&mut self, world: &mut World, office: &Office, seen_on: usize) {
        let topic = *TOPICS.choose(&mut world.dice).expect("some");
        let mut told = self.write_and_keep(world, seen_on, topic);
        let (device, tag) = (world.device(self.phone), world.tag(seen_on, topic));
        match world.dice.random_range(0..10) {
            0..=3 => return talk::falsely_to_relay(world, office, seen_on, device, &self.kept),
            4 => {
                let heap = self.heap(world, topic);
                office.bring(world, tag, &heap);
            }
            5 => {
                for (topic, run) in &self.kept {
                    office.bring(world, world.tag(seen_on, *topic), std::slice::from_ref(run));
                }
            }
            _ => {}
        }
        for run in &mut told {
            spoil(&mut world.dice, run);
        }
        office.bring(world, tag, &told);
    }

    /// Much that says nothing, in a log of its own.
    fn heap(&self, world: &mut World, topic: Topic) -> Vec<Outgoing> {
        let keys = keys_of(world, self.phone);
        let mut forger = Forger::with_keys(world, self.phone, &keys).in_topic(world, self.phone, topic);
        for _ in 0..HEAP.0 {
            forger.raw(EpochId::ZERO, vec![0x55; HEAP.1]);
        }
        forger.runs()
    }

    fn write_and_keep(&mut self, world: &mut World, to: usize, topic: Topic) -> Vec<Outgoing> {
        let told = self.write(world, to, topic);
        self.keep(world, topic, &told);
        told
    }

    /// Keeps runs to tell them again, as far as there is room.
    pub(crate) fn keep(&mut self, world: &mut World, topic: Topic, told: &[Outgoing]) {
        self.kept.extend(told.iter().map(|run| (topic, run.clone())));
        while self.kept.len() > KEPT {
            let nth = world.dice.random_range(0..self.kept.len());
            self.kept.remove(nth);
        }
    }

    /// Whatever comes of it, nobody's store fails over it.
    pub(crate) fn hand(&self, world: &World, to: usize, topic: Topic, runs: &[Outgoing]) {
        if runs.is_empty() {
            return;
        }
        let told = hand_over(world, to, self.voice(world, to), world.tag(to, topic), runs);
        if let Err(LinkError::Store(error)) = told {
            panic!("a lie in {} became a failure of the store: {error}", topic.name());
        }
    }

    /// A file with some of what was written, damaged or cut short.
    fn give_file(&self, world: &mut World, to: usize) {
        let mut file = Vec::new();
        let mut writer = BundleWriter::new(world.at(to).community().expect("it belongs somewhere"), &mut file);
        for (topic, outgoing) in &self.kept {
            if world.dice.random_bool(0.7) {
                writer.run(world.tag(to, *topic), &outgoing.run, &mut file);
            }
        }
        writer.finish(&mut file);
        for _ in 0..world.dice.random_range(0..4) {
            let at = world.dice.random_range(0..file.len());
            file[at] ^= 1 << world.dice.random_range(0..8);
        }
        if world.dice.random_bool(0.3) {
            file.truncate(world.dice.random_range(0..file.len()));
        }
        if let Err(ImportError::Store(error)) = world.at(to).import_bundle(file.as_slice(), |_| {}) {
            panic!("a file became a failure of the store: {error}");
        }
    }

    fn write(&mut self, world: &mut World, to: usize, topic: Topic) -> Vec<Outgoing> {
        let own = keys_of(world, self.phone);
        let mut seen = Seen::on(world, to, self.phone);
        if let Some(kit) = &self.kit {
            seen.open_with(kit, &world.at(to).roster());
        }
        let made: Vec<DeviceRecord> = self.made.iter().map(DeviceKeys::record).collect();
        let made_up = self.made.choose(&mut world.dice).filter(|_| world.dice.random_bool(0.2));
        let found = self.kit.as_ref().filter(|_| world.dice.random_bool(0.4));
        let keys = found.or(made_up).unwrap_or(&own);
        let (device, care) = (keys.device(), world.tag(to, Topic::Care));
        let community = world.at(to).community().expect("it belongs somewhere");
        let mut forger = self.place(world, to, topic, keys);
        if let Some(key) = seen.keys.choose(&mut world.dice).filter(|_| topic == Topic::Care) {
            forger = forger.under(key.clone());
        }
        for _ in 0..world.dice.random_range(1..5) {
            let place = forger.place();
            let dice = &mut world.dice;
            let pen = Pen { seen: &seen, keys, made: &made, place, care, community };
            let body = match topic {
                Topic::Roster if dice.random_bool(0.8) => {
                    let event = pen.roster(dice);
                    seen.say(dice, &event, place)
                }
                Topic::Erasure if dice.random_bool(0.8) => {
                    let erased = pen.erased(dice);
                    seen.erase(&erased)
                }
                _ => seen.lie(dice, topic, place),
            };
            let bytes = body.to_bytes(place.0).unwrap_or_else(|_| vec![0xa0]);
            match dice.random_range(0..20) {
                0 => drop(forger.raw(EpochId::ZERO, junk(dice))),
                1 => drop(forger.raw(forger.key().id(), junk(dice))),
                2 => drop(forger.seal(&bytes)),
                _ if topic.compartment().is_some() => drop(forger.seal(&bytes)),
                _ => drop(forger.raw(EpochId::ZERO, bytes)),
            }
        }
        let runs = forger.runs();
        let ends = self.ends.entry((device, topic)).or_default();
        ends.push(forger);
        if ends.len() > REMEMBERED {
            let nth = world.dice.random_range(0..ends.len());
            ends.remove(nth);
        }
        runs
    }

    /// Where the next lie stands: at the end of the last, at the end of an earlier one, in a new log, or behind what the
    /// phone wrote while it was honest.
    fn place(&self, world: &mut World, to: usize, topic: Topic, keys: &DeviceKeys) -> Forger {
        let ends = self.ends.get(&(keys.device(), topic)).map_or(&[][..], Vec::as_slice);
        let found = match world.dice.random_range(0..10) {
            0..=4 => ends.last().map(Forger::twin),
            5 | 6 => ends.choose(&mut world.dice).map(Forger::twin),
            7 | 8 if keys.device() == world.device(self.phone) => self.behind_the_truth(world, to, topic),
            _ => None,
        };
        found.unwrap_or_else(|| Forger::with_keys(world, self.phone, keys).in_topic(world, self.phone, topic))
    }

    fn behind_the_truth(&self, world: &mut World, to: usize, topic: Topic) -> Option<Forger> {
        let (device, tag) = (world.device(self.phone), world.tag(to, topic));
        let head = world.at(to).look(|reader| {
            let log = reader.logs()?.into_iter().find(|log| log.device == device && log.topic == tag);
            log.map_or(Ok(None), |log| Ok(reader.heads(log.id())?.first().copied()))
        });
        let head = head.expect("the store answers")?;
        let seq = world.dice.random_range(0..=head.seq);
        let held = world.at(to).look(|reader| {
            let log = reader.logs()?.into_iter().find(|log| log.device == device && log.topic == tag);
            log.map_or(Ok(false), |log| Ok(!reader.parents_at(log.id(), seq)?.is_empty()))
        });
        held.expect("the store answers").then(|| Forger::behind(world, self.phone, to, topic, seq))
    }
}

/// One run in ten is not what was signed.
fn spoil(dice: &mut impl Rng, outgoing: &mut Outgoing) {
    let run = &mut outgoing.run;
    match dice.random_range(0..40) {
        0 => run.first = run.first.wrapping_add(1),
        1 => run.links.truncate(1),
        2 => {
            if let Some(link) = run.links.first_mut() {
                link.content = Content::Erased(link.content.hash());
            }
        }
        3 => {
            if let Some(link) = run.links.last_mut() {
                link.content = Content::Here(junk(dice).into());
            }
        }
        _ => {}
    }
}

fn junk(dice: &mut impl Rng) -> Vec<u8> {
    (0..dice.random_range(0..200)).map(|_| dice.random()).collect()
}
