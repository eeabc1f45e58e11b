//! Lies: whatever the format can express, true or not, in whatever place.

use linli_core::{
    aggregate::{Registry, encode},
    event::{self, Body, Content, Edit, Head, ItemId, LogHeader, Scalar, Topic},
    id::{DeviceId, EpochId, EventId, LogId, Reference, ShortId},
    key::{DeviceKeys, DeviceRecord, EpochKey, SecretStore},
    roster::{Erased, Keyring, Roster, RosterEvent},
    store::Pos,
    time::WallMs,
};
use linli_tests::World;
use rand::{Rng, RngExt, seq::IndexedRandom};

use super::cbor::Cbor;

/// Events of a topic that somebody looks at for ideas.
const LOOKED_AT: usize = 200;

/// What somebody has read on a phone, to take lies from.
pub(crate) struct Seen {
    /// Bodies that could be read, each with its topic.
    bodies: Vec<(Topic, Body)>,
    pub(crate) references: Vec<Reference>,
    /// Names, references and texts as they stand in payloads.
    values: Vec<Cbor>,
    pub(crate) logs: Vec<(LogHeader, Vec<Head>)>,
    /// Who belongs, as they are written down.
    pub(crate) records: Vec<DeviceRecord>,
    pub(crate) epochs: Vec<EpochId>,
    /// The keys that somebody's device opens.
    pub(crate) keys: Vec<EpochKey>,
}

impl Seen {
    /// Reads what a phone holds, as far as the keys of `reader`'s phone open it.
    pub(crate) fn on(world: &World, phone: usize, reader: usize) -> Self {
        let replica = world.at(phone);
        let roster = replica.roster();
        let keyring = keyring_of(world, reader, phone);
        let keys: Vec<EpochKey> = keyring.held().iter().filter_map(|epoch| keyring.key(*epoch)).cloned().collect();
        let records = roster.devices().map(|device| device.record).collect();
        let compartments = [event::Compartment::Community, event::Compartment::Care];
        let epochs = compartments.into_iter().flat_map(|one| roster.epochs(one).map(|epoch| epoch.id)).collect();
        let (bodies, references) = (Vec::new(), Vec::new());
        let mut seen = Self { bodies, references, values: Vec::new(), logs: Vec::new(), records, epochs, keys };
        for topic in Topic::ALL {
            let tag = world.tag(phone, topic);
            let events = replica.look(|reader| reader.events_of_topic(tag, Pos::default(), LOOKED_AT));
            for stored in events.expect("the store answers") {
                seen.references.push(stored.reference());
                let Content::Here(bytes) = &stored.content else { continue };
                let key = seen.keys.iter().find(|key| key.id() == stored.epoch);
                let key = topic.compartment().and(key);
                seen.bodies.extend(event::open(&stored.header(), bytes, key).ok().map(|body| (topic, body)));
            }
        }
        let logs = replica.look(|reader| {
            let logs = reader.logs()?.into_iter();
            logs.map(|log| Ok((log, reader.heads(log.id())?))).collect::<Result<Vec<_>, _>>()
        });
        seen.logs = logs.expect("the store answers");
        seen.gather();
        seen
    }

    /// Adds the keys that another device opens.
    pub(crate) fn open_with(&mut self, keys: &DeviceKeys, roster: &Roster) {
        let ring = Keyring::open(keys, roster);
        self.keys.extend(ring.held().iter().filter_map(|epoch| ring.key(*epoch)).cloned());
    }

    fn gather(&mut self) {
        let read = |bytes: &[u8]| Cbor::read(bytes).expect("just written");
        self.values.extend(self.references.iter().map(|found| read(&encode(found))));
        for (header, heads) in &self.logs {
            self.values.push(Cbor::Bytes(header.device.as_bytes().to_vec()));
            self.values.push(Cbor::Bytes(header.incarnation.as_bytes().to_vec()));
            self.values.push(read(&encode(&header.id())));
            self.values.extend(heads.iter().map(|head| Cbor::Bytes(head.id.as_bytes().to_vec())));
        }
        self.values.extend([Cbor::Text("3".into()), Cbor::Text(String::new()), Cbor::Null, Cbor::Int(1)]);
    }

    /// A body for this topic, to stand in this place.
    pub(crate) fn lie(&self, dice: &mut impl Rng, topic: Topic, place: (LogId, u64)) -> Body {
        let mut body = self.begin(dice, topic);
        for _ in 0..dice.random_range(0..4) {
            self.bend(dice, &mut body, place);
        }
        body
    }

    /// A roster event for the clear.
    pub(crate) fn say(&self, dice: &mut impl Rng, event: &RosterEvent, place: (LogId, u64)) -> Body {
        let mut body = empty(event.kind());
        body.payload = event.encode();
        if dice.random_bool(0.1) {
            self.bend(dice, &mut body, place);
        }
        body
    }

    /// An erasure for the clear.
    pub(crate) fn erase(&self, erased: &Erased) -> Body {
        Body { payload: erased.encode(), ..empty(Erased::KIND) }
    }

    /// Something that was said before, or any kind with nothing in it.
    fn begin(&self, dice: &mut impl Rng, topic: Topic) -> Body {
        let near: Vec<&Body> = self.bodies.iter().filter(|(of, _)| *of == topic).map(|(_, body)| body).collect();
        let far = self.bodies.choose(dice).map(|(_, body)| body);
        let found = if dice.random_bool(0.8) { near.choose(dice).copied() } else { far };
        let kind = any_kind(dice, topic);
        let mut body = found.cloned().unwrap_or_else(|| empty(kind));
        if dice.random_bool(0.15) {
            body.kind = kind;
        }
        body
    }

    /// A name for an event: one that stands, one that is near one that stands, the lie's own, or none at all.
    pub(crate) fn reference(&self, dice: &mut impl Rng, place: (LogId, u64)) -> Reference {
        let own = Reference { log: place.0, seq: place.1, check: ShortId::from_bytes(dice.random()) };
        let known = self.references.choose(dice).copied().unwrap_or(own);
        match dice.random_range(0..10) {
            0 => own,
            1 => Reference { check: ShortId::from_bytes(dice.random()), ..known },
            2 => Reference { seq: known.seq.wrapping_add(1), ..known },
            3 => Reference { seq: u64::MAX, ..known },
            4 => Reference { seq: own.seq.wrapping_add(1), ..own },
            5 => Reference { seq: own.seq.saturating_sub(1), ..own },
            _ => known,
        }
    }

    /// A device: one that belongs, or anything.
    pub(crate) fn device(&self, dice: &mut impl Rng) -> DeviceId {
        let known = self.records.choose(dice).map(|record| record.device);
        known.filter(|_| dice.random_bool(0.95)).unwrap_or_else(|| DeviceId::from_bytes(dice.random()))
    }

    fn bend(&self, dice: &mut impl Rng, body: &mut Body, place: (LogId, u64)) {
        match dice.random_range(0..12) {
            0 => body.aggregate = None,
            1 | 2 => body.aggregate = Some(self.reference(dice, place)),
            3 => body.deps = (0..dice.random_range(1..6)).map(|_| self.reference(dice, place)).collect(),
            4 => body.deps.clear(),
            5 => body.version = *[1, 1, 2, u16::MAX].choose(dice).unwrap_or(&1),
            6 => body.wall = WallMs(*[0, -1, i64::MAX, i64::MIN, 4_070_908_800_000].choose(dice).unwrap_or(&0)),
            7 => body.edits = (0..dice.random_range(1..5)).map(|_| self.edit(dice, place)).collect(),
            8 => body.salt = dice.random_bool(0.5).then_some([7; 16]),
            _ => {
                if let Some(mut payload) = Cbor::read(&body.payload) {
                    payload.change(dice, &self.values);
                    body.payload = payload.write();
                }
            }
        }
    }

    fn edit(&self, dice: &mut impl Rng, place: (LogId, u64)) -> Edit {
        let (list, field) = (dice.random_range(0..4), dice.random_range(0..13));
        let value = match dice.random_range(0..4) {
            0 => Scalar::Null,
            1 => Scalar::Int(dice.random()),
            2 => Scalar::Bool(true),
            _ => Scalar::Text("又要".into()),
        };
        let item = ItemId::new(begins_with(self.reference(dice, place).check), dice.random_range(0..3));
        match dice.random_range(0..4) {
            0 => Edit::Put { field, value },
            1 => Edit::Add { list, fields: vec![(field, value)] },
            2 => Edit::PutItem { list, item, field, value },
            _ => Edit::Remove { list, item },
        }
    }
}

/// The keys that a phone's device opens of those that another phone has heard of.
pub(crate) fn keyring_of(world: &World, phone: usize, heard: usize) -> Keyring {
    Keyring::open(&keys_of(world, phone), &world.at(heard).roster())
}

/// A phone's device keys.
pub(crate) fn keys_of(world: &World, phone: usize) -> DeviceKeys {
    let kept = world.secrets(phone).get("device-keys").expect("kept in memory").expect("the phone has keys");
    DeviceKeys::from_slice(&kept).expect("kept whole")
}

fn empty(kind: u16) -> Body {
    Body {
        aggregate: None,
        deps: Vec::new(),
        wall: linli_tests::MORNING,
        kind,
        version: 1,
        payload: vec![0xa0],
        edits: Vec::new(),
        salt: None,
    }
}

/// An event id that begins so.
fn begins_with(check: ShortId) -> EventId {
    let mut bytes = [0; EventId::LEN];
    bytes[..ShortId::LEN].copy_from_slice(check.as_bytes());
    EventId::from_bytes(bytes)
}

fn any_kind(dice: &mut impl Rng, topic: Topic) -> u16 {
    let kinds: Vec<u16> = match topic {
        // Those from 32 on are withdrawals of a later build.
        Topic::Roster => (1..=12).chain([31, 32, 40, 47, 48]).collect(),
        Topic::Erasure => vec![64, 65],
        Topic::Urgent | Topic::Common | Topic::Care => {
            Registry::default().kinds().map(|(_, spec)| spec.kind).chain([0x0fff, 0x8001]).collect()
        }
    };
    kinds.choose(dice).copied().unwrap_or(1)
}

/// Prints what a phone holds, and why.
pub(crate) fn describe(world: &World, phone: usize) {
    let keyring = keyring_of(world, phone, phone);
    for topic in [Topic::Urgent, Topic::Common, Topic::Care, Topic::Erasure] {
        let tag = world.tag(phone, topic);
        let events = world.at(phone).look(|reader| reader.events_of_topic(tag, Pos::default(), LOOKED_AT));
        for stored in events.expect("the store answers") {
            let Content::Here(bytes) = &stored.content else { continue };
            let key = topic.compartment().and(keyring.key(stored.epoch));
            let body = event::open(&stored.header(), bytes, key).map(|body| (body.kind, body.aggregate, body.deps));
            let (pos, judged, aggregate) = (stored.pos, stored.judged, stored.aggregate);
            eprintln!(
                "{topic:?} {pos:?} {} {judged:?} in {aggregate:?} at {}: {body:?}",
                stored.reference(),
                stored.lamport
            );
        }
    }
}
