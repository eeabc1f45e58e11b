//! A device in hostile hands: correctly chained and signed, it writes what no honest replica would.
//!
//! Chains and signatures are made here anew, from the format's description alone, so that nothing an author's
//! replica checks stands in the way.

use linli_core::{
    event::{Body, Compartment, Content, Entry, Header, Link as EventLink, LogHeader, Run, Topic},
    id::{DeviceId, EpochId, EventId, Incarnation, LogId, Reference, TopicTag},
    key::{DeviceKeys, EpochKey, SecretStore},
    limits::SIGNATURE_EVERY,
    net::Conversation,
    replica::LinkError,
    roster::{CutHead, Keyring, RosterEvent},
    sync::{Config, Framer, Input, Outgoing, Output, Refusal, Session, frame_to_bytes},
    time::Mono,
};
use rand::RngExt;

use crate::World;

/// Turns after which a conversation about a few runs should have ended long ago.
const TURNS: usize = 1_000;

/// Whoever has a device's keys, or knows the community's key and has keys of their own.
pub struct Forger {
    secret: Vec<u8>,
    header: LogHeader,
    key: EpochKey,
    head: Option<(u64, EventId)>,
    /// Written and not yet signed, each with its id.
    links: Vec<(EventId, EventLink)>,
}

impl Forger {
    /// With a member's stolen keys, in a log of its own.
    ///
    /// # Panics
    /// If the phone belongs to nobody.
    pub fn with_keys_of(world: &mut World, phone: usize) -> Self {
        let secret = world.secrets(phone).get("device-keys").expect("kept in memory").expect("the phone has keys");
        Self::with(world, phone, secret.to_vec())
    }

    /// With a member's stolen keys, in a log of that phone as another holds it, behind the event at `seq`: what is
    /// written there is a fork, unless it is the log's end.
    ///
    /// # Panics
    /// If the other phone does not hold that event.
    pub fn behind(world: &mut World, phone: usize, holder: usize, topic: Topic, seq: u64) -> Self {
        let (device, tag) = (world.device(phone), world.tag(holder, topic));
        let forger = Self::with_keys_of(world, phone);
        let (header, parent) = world
            .at(holder)
            .look(|reader| {
                let header = reader.logs()?.into_iter().find(|log| log.device == device && log.topic == tag);
                let header = header.expect("the phone wrote there");
                Ok((header, reader.parents_at(header.id(), seq)?[0]))
            })
            .expect("the store answers");
        Self { header, head: Some((parent.seq, parent.id)), ..forger }
    }

    /// With a member's stolen keys, in another topic.
    ///
    /// # Panics
    /// If the phone belongs to nobody.
    pub fn in_topic(self, world: &World, phone: usize, topic: Topic) -> Self {
        let header = LogHeader { topic: world.tag(phone, topic), ..self.header };
        Self { header, ..self }
    }

    /// Writes a roster event, in the clear as they stand.
    ///
    /// # Panics
    /// If it passes a limit.
    pub fn roster(&mut self, event: &RosterEvent) -> Reference {
        self.clear(event.kind(), RosterEvent::VERSION, event.encode())
    }

    /// Writes an event in the clear, as those of `roster` and `erasure` stand.
    ///
    /// # Panics
    /// If it passes a limit.
    pub fn clear(&mut self, kind: u16, version: u16, payload: Vec<u8>) -> Reference {
        let body = Body {
            aggregate: None,
            deps: Vec::new(),
            wall: crate::MORNING,
            kind,
            version,
            payload,
            edits: Vec::new(),
            salt: None,
        };
        let bytes = body.to_bytes(self.header.id()).expect("a body within the limits");
        self.raw(EpochId::ZERO, bytes)
    }

    /// Whoever has these keys, and knows what a phone knows.
    ///
    /// # Panics
    /// If the phone belongs to nobody.
    pub fn with_keys(world: &mut World, informer: usize, keys: &DeviceKeys) -> Self {
        Self::with(world, informer, keys.to_secret().to_vec())
    }

    /// Somebody who learned the community's key from a phone, but was never admitted.
    ///
    /// # Panics
    /// If the phone belongs to nobody.
    pub fn stranger(world: &mut World, informer: usize) -> Self {
        let keys = DeviceKeys::generate(&mut world.dice);
        Self::with(world, informer, keys.to_secret().to_vec())
    }

    fn with(world: &mut World, phone: usize, secret: Vec<u8>) -> Self {
        let (replica, known) = (world.at(phone), world.secrets(phone).get("device-keys"));
        let known = known.expect("kept in memory").expect("the phone has keys");
        let roster = replica.roster();
        let keyring = Keyring::open(&DeviceKeys::from_slice(&known).expect("kept whole"), &roster);
        let written = roster.writing_epoch(Compartment::Community, &keyring).and_then(|epoch| keyring.key(epoch));
        // Where whoever gave the keys is cut off at nothing, none is written under any more, and all open still.
        let held = || roster.epochs(Compartment::Community).find_map(|epoch| keyring.key_of(epoch));
        let key = written.or_else(held).expect("a key is held").clone();
        let header = LogHeader {
            community: replica.community().expect("the phone belongs somewhere"),
            topic: world.tag(phone, Topic::Common),
            device: DeviceKeys::from_slice(&secret).expect("just made").device(),
            incarnation: Incarnation::from_bytes(world.dice.random()),
        };
        Self { secret, header, key, head: None, links: Vec::new() }
    }

    /// The same device at the same place: what both write from here on is a fork.
    pub fn twin(&self) -> Self {
        let Self { secret, header, key, head, links } = self;
        Self { secret: secret.clone(), header: *header, key: key.clone(), head: *head, links: links.clone() }
    }

    /// The same device in another life: what it writes from here on stands in a log of its own.
    pub fn anew(self) -> Self {
        let [first, ..] = self.header.incarnation.as_bytes();
        let mut lives = *self.header.incarnation.as_bytes();
        lives[0] = first.wrapping_add(1);
        self.in_life(Incarnation::from_bytes(lives))
    }

    /// The same device in this life.
    pub fn in_life(mut self, incarnation: Incarnation) -> Self {
        self.header.incarnation = incarnation;
        Self { head: None, links: Vec::new(), ..self }
    }

    /// The log and the place of what is written next.
    pub fn place(&self) -> (LogId, u64) {
        (self.header.id(), self.next())
    }

    /// The last event that was written.
    pub fn head(&self) -> Option<CutHead> {
        self.head.map(|(seq, id)| CutHead { seq, id })
    }

    /// Whose keys these are.
    pub fn device(&self) -> DeviceId {
        self.header.device
    }

    /// The key under which it seals.
    pub fn key(&self) -> &EpochKey {
        &self.key
    }

    /// The same, sealing under another key that it holds.
    pub fn under(self, key: EpochKey) -> Self {
        Self { key, ..self }
    }

    /// Writes a body, sealed as it should be.
    ///
    /// # Panics
    /// If the body passes a limit.
    pub fn write(&mut self, body: &Body) -> Reference {
        self.seal(&body.to_bytes(self.header.id()).expect("a body within the limits"))
    }

    /// Seals anything in a body's place.
    pub fn seal(&mut self, plain: &[u8]) -> Reference {
        let header = Header { log: self.header, seq: self.next(), epoch: self.key.id() };
        let LogHeader { topic, device, incarnation, .. } = self.header;
        let seq = header.seq.to_be_bytes();
        let place = [device.as_bytes().as_slice(), incarnation.as_bytes(), topic.as_bytes(), &seq].concat();
        let sealed = self.key.seal(topic, &place, &header.to_bytes(), plain);
        self.raw(header.epoch, sealed)
    }

    /// Puts any bytes in a sealed body's place.
    pub fn raw(&mut self, epoch: EpochId, bytes: Vec<u8>) -> Reference {
        let (seq, content) = (self.next(), Content::Here(bytes.into()));
        let previous = self.head.map_or(EventId::ZERO, |(_, id)| id);
        let header = Header { log: self.header, seq, epoch };
        let mut hash = blake3::Hasher::new_derive_key("linli 2026 event chain v2");
        hash.update(&header.to_bytes()).update(previous.as_bytes()).update(&content.hash());
        let id = EventId::from_bytes(*hash.finalize().as_bytes());
        self.head = Some((seq, id));
        self.links.push((id, EventLink { epoch, content }));
        Reference { log: self.header.id(), seq, check: id.short() }
    }

    /// The bytes of the last event written.
    ///
    /// # Panics
    /// If nothing was written since the last run.
    pub fn last_bytes(&self) -> (EpochId, Vec<u8>) {
        let (_, last) = self.links.last().expect("something was written");
        match &last.content {
            Content::Here(bytes) => (last.epoch, bytes.to_vec()),
            Content::Erased(_) => panic!("a forger erases nothing"),
        }
    }

    /// Signs all that was written since the last time, in runs that end where a signature must stand.
    pub fn runs(&mut self) -> Vec<Outgoing> {
        let keys = DeviceKeys::from_slice(&self.secret).expect("kept whole");
        let mut first = self.next() - self.links.len() as u64;
        let mut runs = Vec::new();
        let mut left = std::mem::take(&mut self.links);
        while !left.is_empty() {
            let whole = (SIGNATURE_EVERY - first % SIGNATURE_EVERY) % SIGNATURE_EVERY + 1;
            let rest = left.split_off(left.len().min(whole as usize));
            let (ids, links): (Vec<EventId>, Vec<EventLink>) = left.into_iter().unzip();
            let last = ids[ids.len() - 1];
            let signature = keys.sign("linli event v2", last.as_bytes());
            let count = links.len() as u64;
            let run = Run { log: self.header.id(), header: Some(self.header), first, links, signature };
            runs.push(Outgoing { run, last: last.short() });
            (first, left) = (first + count, rest);
        }
        runs
    }

    fn next(&self) -> u64 {
        self.head.map_or(0, |(seq, _)| seq + 1)
    }
}

/// Hands runs of one topic to a phone, in this order, as a peer who speaks the protocol well and takes nothing in.
///
/// # Errors
/// Why the phone ended the conversation.
///
/// # Panics
/// If the phone does not keep to the protocol.
pub fn hand_over(
    world: &World,
    to: usize,
    from: DeviceId,
    topic: TopicTag,
    runs: &[Outgoing],
) -> Result<(), LinkError> {
    converse(world.at(to).link(from)?, claims(world, to, from, topic, &ends(runs)), (topic, runs))
}

/// Says to hold these ends of logs of one topic, and brings nothing.
///
/// # Errors
/// Why the phone ended the conversation.
///
/// # Panics
/// If the phone does not keep to the protocol.
pub fn say_to_hold(world: &World, to: usize, from: DeviceId, topic: TopicTag, ends: &[Entry]) -> Result<(), LinkError> {
    converse(world.at(to).link(from)?, claims(world, to, from, topic, ends), (topic, &[]))
}

/// Hands runs of one topic over in a conversation that somebody holds who keeps a community's logs. Of what this side says to
/// hold, the ends of the runs stand in place of what is claimed of their logs.
///
/// # Errors
/// Why the other side ended the conversation.
///
/// # Panics
/// If the other side does not keep to the protocol, or asks for the same without end.
pub fn hand_over_in<C: Conversation>(
    conversation: C,
    mut claims: Config,
    topic: TopicTag,
    runs: &[Outgoing],
) -> Result<(), C::Error> {
    for (_, vector) in claims.topics.iter_mut().filter(|(tag, _)| *tag == topic) {
        for end in ends(runs) {
            vector.replace(end.log, [end]);
        }
    }
    converse(conversation, claims, (topic, runs))
}

fn converse<C: Conversation>(
    mut link: C,
    claims: Config,
    (topic, runs): (TopicTag, &[Outgoing]),
) -> Result<(), C::Error> {
    let mut session = Session::new(claims, Mono(0));
    let mut framer = Framer::new();
    for _ in 0..TURNS {
        let mut quiet = true;
        while let Some(output) = session.poll() {
            quiet = false;
            match output {
                Output::Send(frame) => link.receive(&frame_to_bytes(&frame))?,
                Output::Load { topic: asked, .. } => {
                    let runs = if asked == topic { runs.to_vec() } else { Vec::new() };
                    session.handle(Input::Loaded { topic: asked, runs, done: true }, Mono(0)).expect("as asked");
                }
                Output::Received { runs, .. } => {
                    for run in runs {
                        let refused = Input::Refused { log: run.log, why: Refusal::Stranger };
                        session.handle(refused, Mono(0)).expect("in order");
                    }
                }
                Output::Close(_) => return Ok(()),
                Output::Elsewhere { address } => panic!("a phone sends nobody to {address}"),
                Output::Met { .. } | Output::Search { .. } | Output::PeerHas { .. } | Output::InStep => {}
            }
        }
        framer.push(&link.send(usize::MAX)?);
        while let Some(frame) = framer.next_frame().expect("the phone sends frames") {
            quiet = false;
            session.handle(Input::Frame(&frame), Mono(0)).expect("the phone keeps to the protocol");
        }
        if quiet {
            return Ok(());
        }
    }
    panic!("the same is asked for without end")
}

/// Where the runs of each log end.
fn ends(runs: &[Outgoing]) -> Vec<Entry> {
    let last = |outgoing: &Outgoing| outgoing.run.first + outgoing.run.links.len() as u64 - 1;
    let ends = |outgoing: &&Outgoing| {
        !runs.iter().any(|later| later.run.log == outgoing.run.log && later.run.first == last(outgoing) + 1)
    };
    let entry = |outgoing: &Outgoing| Entry { log: outgoing.run.log, seq: last(outgoing), short: outgoing.last };
    runs.iter().filter(ends).map(entry).collect()
}

/// Says to hold all that the phone holds, but of these logs these ends.
fn claims(world: &World, to: usize, from: DeviceId, topic: TopicTag, ours: &[Entry]) -> Config {
    let topics = Topic::ALL.into_iter().map(|each| {
        let tag = world.tag(to, each);
        let mut entries = world.at(to).look(|reader| reader.entries(tag)).expect("the store answers");
        if tag == topic {
            entries.retain(|entry| ours.iter().all(|ours| ours.log != entry.log));
            entries.extend(ours);
        }
        (tag, entries.into_iter().collect())
    });
    Config {
        community: world.at(to).community().expect("the phone belongs somewhere"),
        device: from,
        topics: topics.collect(),
        nonce: [5; 8],
    }
}
