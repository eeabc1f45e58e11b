//! A relay that lies (T2): it drops, reorders, replays, rolls back, changes bodies, shows two faces. It reads nothing,
//! forges nothing, removes nothing that another way brings, and what it keeps back is seen to be lacking.

use linli_core::{
    aggregate::Held,
    event::{Content, Entry, Head, LogHeader, Topic, VerifiedRun},
    id::{DeviceId, LogId, Reference, TopicTag},
    net::Conversation,
    replica::PeerState,
    roster::{Keyring, Role},
    store::{Span, Store},
    sync::{Outgoing, Refusal},
};
use linli_tests::{
    Break, World,
    people::{LAN, MEI, WU},
    somewhere,
};
use rand::RngExt;

use crate::{
    conversation::{Node, NodeConversation},
    memory::{Keeper, MemoryLogs, keys},
    say::{claim, post},
};

#[test]
fn whatever_a_relay_does_it_forges_nothing_and_removes_nothing_t2() {
    for seed in 0..4 {
        let (mut world, relay) = scene(seed);
        let (mut orders, mut copies) = (vec![post(&mut world, LAN)], Vec::new());
        world.settle();
        for _ in 0..30 {
            let phone = world.dice.random_range(0..3);
            let lies = [Lie::None, Lie::Drops(world.device(WU)), Lie::Reorders, Lie::Replays, Lie::Changes];
            let lie = lies[world.dice.random_range(0..lies.len())];
            match world.dice.random_range(0..6) {
                0 => orders.push(post(&mut world, phone)),
                1 => copies.push(relay.look(Liar::clone)),
                // Rolled back to what it once was.
                2 if !copies.is_empty() => {
                    let old = copies[world.dice.random_range(0..copies.len())].clone();
                    relay.change(|relay| *relay = old);
                }
                _ => {}
            }
            let before = stored(&world, phone);
            relay.change(|relay| relay.lie = lie);
            visit(&world, phone, &relay);
            assert!(stored(&world, phone) >= before, "seed {seed}: {lie:?} took something away");
        }
        (0..3).for_each(|phone| assert_nobody_else_wrote(&world, phone));

        // Another way brings what the relay kept back.
        world.settle();
        world.assert_equal();
        assert!(orders.iter().all(|order| (0..3).all(|phone| world.at(phone).order(*order).is_ok())), "seed {seed}");
    }
}

#[test]
fn an_honest_relay_between_lies_is_enough_t2() {
    let (mut world, relay) = scene(20);
    let orders: Vec<Reference> = (0..3).map(|phone| post(&mut world, phone)).collect();
    for lie in [Lie::Changes, Lie::Reorders, Lie::Replays, Lie::None, Lie::None] {
        relay.change(|relay| relay.lie = lie);
        (0..3).for_each(|phone| visit(&world, phone, &relay));
    }

    world.assert_equal();
    assert!(orders.iter().all(|order| world.at(MEI).order(*order).is_ok()));
}

#[test]
fn what_a_relay_keeps_back_is_seen_to_be_lacking_t2() {
    let (mut world, relay) = scene(21);
    post(&mut world, WU);
    world.settle();
    let order = post(&mut world, WU);
    world.meet(WU, MEI, Break::Never);
    claim(&mut world, MEI, order);
    for phone in [WU, MEI] {
        visit(&world, phone, &relay);
    }
    let silent = world.device(WU);
    relay.change(|relay| relay.lie = Lie::Drops(silent));

    visit(&world, LAN, &relay);

    let waits = world.at(LAN).held_events(Some(Held::Parked), None, 10).unwrap().items;
    assert_eq!(waits.len(), 1, "the claim waits for its order");
    assert_eq!((waits[0].aggregate, waits[0].device), (Some(order), world.device(MEI)));
    let shown = peer(&world, LAN, keys(99).device());
    assert!(shown.ahead >= 1, "it said to have what it does not send: {shown:?}");
    world.meet(LAN, WU, Break::Never);
    assert_eq!(peer(&world, LAN, keys(99).device()).ahead, 0);
    assert_eq!(world.at(LAN).held_events(Some(Held::Parked), None, 10).unwrap().items, []);
    assert_eq!(world.at(LAN).order(order).unwrap().view.card.holder, Some(world.member(MEI)));
}

#[test]
fn two_faces_of_a_relay_are_one_town_again_when_phones_meet_t2() {
    let (mut world, one_face) = scene(22);
    let other_face = Node::new(
        Liar::default(),
        world.at(LAN).community().unwrap(),
        keys(99).device(),
        Topic::ALL.map(|topic| world.tag(LAN, topic)).to_vec(),
    );
    let (here, there) = (post(&mut world, LAN), post(&mut world, WU));
    for _ in 0..2 {
        visit(&world, LAN, &one_face);
        visit(&world, WU, &other_face);
    }
    assert!(world.at(WU).order(here).is_err() && world.at(LAN).order(there).is_err());

    // One phone that is shown both faces is enough: the relay cannot take back what it passed on.
    for face in [&one_face, &other_face, &one_face] {
        visit(&world, MEI, face);
    }
    world.settle();

    world.assert_equal();
    assert!((0..3).all(|phone| world.at(phone).order(here).is_ok() && world.at(phone).order(there).is_ok()));
}

#[test]
fn a_relay_has_no_key_and_keeps_no_word_that_people_wrote_t2() {
    let mut world = World::community(23, 1);
    let relay = world.join(LAN, Role::Relay);
    let order = post(&mut world, LAN);
    world.settle();
    claim(&mut world, WU, order);
    world.settle();
    let home = somewhere();
    let mut store = Store::open(home.path(), &linli_core::key::MemorySecrets::default(), &[]).unwrap();
    for topic in Topic::ALL {
        let tag = world.tag(relay, topic);
        for span in world.at(LAN).look(|reader| reader.missing(tag, &[])).unwrap() {
            let run = world.at(LAN).look(|reader| reader.load(&span)).unwrap();
            crate::memory::take_in(&mut store, world.at(LAN).community().unwrap(), tag, run).unwrap();
        }
    }
    drop(store);

    let words = ["布洛芬", "medicine", "两盒"];
    let bytes_of = |home: &std::path::Path| -> Vec<u8> {
        let files = std::fs::read_dir(home).unwrap().map(|file| file.unwrap().path()).filter(|path| path.is_file());
        files.flat_map(|path| std::fs::read(path).unwrap()).collect()
    };
    let holds = |home: &std::path::Path| {
        let bytes = bytes_of(home);
        words.iter().any(|word| bytes.windows(word.len()).any(|window| window == word.as_bytes()))
    };
    assert!(holds(world.home(LAN)), "the search finds what is there");
    assert!(!holds(home.path()), "logs alone");
    assert!(!holds(world.home(relay)), "a relay's whole home");
    let secret = linli_core::key::SecretStore::get(world.secrets(relay).as_ref(), "device-keys").unwrap().unwrap();
    let keys = linli_core::key::DeviceKeys::from_slice(&secret).unwrap();
    assert!(Keyring::open(&keys, &world.at(LAN).roster()).held().is_empty());
    assert!(world.at(relay).order(order).is_err());
}

/// What a relay does with what it keeps.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Lie {
    #[default]
    None,
    /// Says that it has what this device wrote, and never sends it.
    Drops(DeviceId),
    /// Sends the newest first.
    Reorders,
    /// Sends everything again, whatever the other has.
    Replays,
    /// Changes a byte of every body.
    Changes,
}

#[derive(Clone, Default)]
struct Liar {
    kept: MemoryLogs,
    lie: Lie,
}

impl Keeper for Liar {
    fn entries(&self, topic: TopicTag) -> Vec<Entry> {
        Keeper::entries(&self.kept, topic)
    }

    fn missing(&self, topic: TopicTag, have: &[Entry]) -> Vec<Span> {
        let mut spans = Keeper::missing(&self.kept, topic, if self.lie == Lie::Replays { &[] } else { have });
        match self.lie {
            Lie::Drops(device) => spans.retain(|span| self.header(span.log).is_none_or(|log| log.device != device)),
            Lie::Reorders => spans.reverse(),
            Lie::None | Lie::Replays | Lie::Changes => {}
        }
        spans
    }

    fn load(&self, span: &Span) -> Outgoing {
        let mut outgoing = Keeper::load(&self.kept, span);
        for link in outgoing.run.links.iter_mut().filter(|_| self.lie == Lie::Changes) {
            if let Content::Here(bytes) = &link.content {
                let mut bytes = bytes.to_vec();
                bytes[0] ^= 1;
                link.content = Content::Here(bytes.into());
            }
        }
        outgoing
    }

    fn header(&self, log: LogId) -> Option<LogHeader> {
        self.kept.header(log)
    }

    fn heads(&self, log: LogId) -> Vec<Head> {
        Keeper::heads(&self.kept, log)
    }

    fn parents_at(&self, log: LogId, seq: u64) -> Vec<Head> {
        Keeper::parents_at(&self.kept, log, seq)
    }

    fn append(&mut self, run: &VerifiedRun) -> Result<(), Refusal> {
        self.kept.append(run)
    }
}

/// A founder and two volunteers who know each other, and a relay that all know.
fn scene(seed: u64) -> (World, Node<Liar>) {
    let mut world = World::community(seed, 2);
    let record = keys(99).record();
    world.admit_relay(LAN, record);
    world.settle();
    let topics = Topic::ALL.map(|topic| world.tag(LAN, topic)).to_vec();
    let relay = Node::new(Liar::default(), world.at(LAN).community().unwrap(), record.device, topics);
    (world, relay)
}

/// Phone and relay talk until both are silent, or one has had enough.
fn visit(world: &World, phone: usize, relay: &Node<Liar>) {
    let mut conversation: NodeConversation<Liar> = relay.conversation(&world.clock);
    let mut link = world.at(phone).link(keys(99).device()).unwrap();
    loop {
        let here = link.send(usize::MAX).unwrap_or_default();
        let Ok(there) = conversation.receive(&here).and_then(|()| conversation.send(usize::MAX)) else { return };
        if link.receive(&there).is_err() || (here.is_empty() && there.is_empty()) {
            return;
        }
    }
}

fn peer(world: &World, phone: usize, device: DeviceId) -> PeerState {
    let state = world.at(phone).sync_state().unwrap();
    state.peers.into_iter().find(|peer| peer.device == device).unwrap()
}

fn stored(world: &World, phone: usize) -> u64 {
    world.at(phone).stats().unwrap().events
}

/// Everything that a phone holds stands so with its author too.
fn assert_nobody_else_wrote(world: &World, phone: usize) {
    for topic in Topic::ALL {
        let tag = world.tag(phone, topic);
        for Entry { log, seq, short } in world.at(phone).look(|reader| reader.entries(tag)).unwrap() {
            let device = world.at(phone).look(|reader| reader.log(log)).unwrap().unwrap().device;
            let author = (0..world.len()).find(|author| world.device(*author) == device).unwrap();
            let reference = Reference { log, seq, check: short };
            assert!(world.at(author).look(|reader| reader.has(reference)).unwrap(), "phone {phone} holds {reference}");
        }
    }
    assert_eq!(world.at(phone).verify().unwrap().faults, [], "phone {phone}");
}
