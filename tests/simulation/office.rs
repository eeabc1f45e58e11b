//! An office with a relay: the real one, which keeps two communities. Liars of the one talk to it and
//! heap up junk; the honest of both meet over it all the same.

use std::sync::Arc;

use linli_core::{
    aggregate::order::{self, NewOrder, Order},
    id::{DeviceId, Reference, TopicTag},
    keep::{Answer, Holder, Inbox, weight},
    key::DeviceRecord,
    limits,
    net::{AnyConversation, Conversation, ConversationError, Host},
    replica::LinkError,
    roster::Role,
    store::Room,
    sync::Outgoing,
};
use linli_relay::{Communities, CommunityStore, Home, Quota, Speed};
use linli_tests::{
    World,
    people::{LAN, WU},
    somewhere,
};
use rand::RngExt;
use tempfile::TempDir;

use super::step::answer;

/// What the relay keeps: little, so that junk soon fills what one device may use.
const QUOTA: Quota = Quota { community: 8_000_000 + 8 * BRANCHES, device: 400_000 + BRANCHES };
/// Room for as many branches of logs as phones make that live again and again.
const BRANCHES: u64 = 64 * limits::BRANCH_ROOM;
/// Whoever is admitted may use so much in the clear, for the roster and erasures.
const CLEAR: u64 = limits::CLEAR_ROOM + QUOTA.device;
/// Turns after which a conversation should have ended long ago.
const TURNS: usize = 1_000;

/// A relay, and another community on it.
pub(crate) struct Office {
    communities: Communities,
    /// What it was admitted with.
    pub(crate) record: DeviceRecord,
    next_door: World,
    _home: TempDir,
}

/// How a visit ended.
#[derive(Debug)]
pub(crate) enum Visited {
    InStep,
    /// One of both holds the other for withdrawn.
    Withdrawn,
    Failed(String),
}

impl Office {
    /// A relay that Lan has admitted in this world, and the founder of another community.
    pub(crate) fn open(world: &mut World) -> Self {
        let dir = somewhere();
        let home = Home::new(dir.path());
        let record = home.keys().expect("a new home has keys").record();
        let mut next_door = World::seeded(world.dice.random());
        next_door.phone();
        next_door.at(LAN).found(None).expect("nothing stands against founding");
        next_door.join(LAN, Role::Volunteer);
        for world in [world, &mut next_door] {
            home.allow(&world.admit_relay(LAN, record)).expect("a pass is kept");
        }
        let clock = Arc::new(next_door.clock.clone());
        let communities = Communities::open(home, QUOTA, Speed::default(), clock).expect("the relay opens");
        Self { communities, record, next_door, _home: dir }
    }

    /// The relay's device.
    pub(crate) fn device(&self) -> DeviceId {
        self.communities.device()
    }

    /// The store of this community.
    pub(crate) fn store(&self, world: &World) -> CommunityStore {
        let community = world.at(LAN).community();
        self.communities.stores().into_iter().find(|store| Some(store.community()) == community).expect("it is allowed")
    }

    /// A conversation as the relay holds it with a peer.
    pub(crate) fn converse(&self, peer: DeviceId) -> Result<AnyConversation, ConversationError> {
        self.communities.converse(peer)
    }

    /// A phone and the relay talk until both are silent.
    pub(crate) fn visit(&self, world: &World, phone: usize) -> Visited {
        match carry(self, world, phone) {
            Ok(()) => Visited::InStep,
            Err(Over::Withdrawn) => Visited::Withdrawn,
            Err(Over::Other(why)) => Visited::Failed(why),
        }
    }

    /// Runs that somebody brings. Whatever comes of it, the relay does not fail.
    pub(crate) fn bring(&self, world: &World, tag: TopicTag, runs: &[Outgoing]) -> Vec<Answer> {
        let runs = runs.iter().map(|outgoing| outgoing.run.clone()).collect();
        self.store(world).ingest(tag, runs, &Arc::<Inbox>::default()).expect("a relay does not fail over a lie")
    }

    /// It is well, and nobody uses more than may be used.
    pub(crate) fn assert_well(&self) {
        for store in self.communities.stores() {
            assert!(store.is_well(), "{:?}", store.community());
            let (quota, rules) = (QUOTA, store.rules());
            let (mut all, mut own) = (0, std::collections::BTreeMap::<DeviceId, u64>::new());
            for (device, _, room) in store.read(|reader| reader.rooms()).expect("the store answers") {
                // In the clear those who are no coordinators pay for events alone.
                let events = weight(Room { branches: 0, ..room });
                *own.entry(device).or_default() += events;
                all += events;
            }
            let writers = rules.roster.devices().count() as u64;
            assert!(all <= quota.community + writers * CLEAR, "{all} bytes of {writers} devices");
            for (device, bytes) in own {
                assert!(bytes <= quota.device + CLEAR, "{bytes} bytes of {device:?}");
            }
        }
        assert_eq!(self.communities.shut().len(), 0);
    }

    /// An order next door goes from one phone to the other over the relay, whatever was heaped up here.
    pub(crate) fn serves_next_door(&mut self) {
        let order = post(&mut self.next_door, LAN);
        for phone in [LAN, WU] {
            let visited = self.visit(&self.next_door, phone);
            assert!(matches!(visited, Visited::InStep), "next door, phone {phone}: {visited:?}");
        }
        assert!(has(&self.next_door, WU, order), "an order next door");
    }
}

/// Somebody posts an order.
pub(crate) fn post(world: &mut World, phone: usize) -> Reference {
    try_to_post(world, phone).expect("a member posts")
}

/// Somebody posts an order, if they may.
pub(crate) fn try_to_post(world: &mut World, phone: usize) -> Option<Reference> {
    let new =
        NewOrder { building: "3".into(), kind: "grocery".into(), note: Some("milk".into()), ..NewOrder::default() };
    let id = world.command();
    let posted = world.at(phone).submit::<Order>(id, None, order::Command::Post(Box::new(new)));
    answer::<Order>(posted).ok().map(|receipt| receipt.events[0])
}

/// Whether a phone holds an event.
pub(crate) fn has(world: &World, phone: usize, event: Reference) -> bool {
    world.at(phone).look(|reader| reader.has(event)).expect("the store answers")
}

enum Over {
    Withdrawn,
    Other(String),
}

impl From<LinkError> for Over {
    fn from(why: LinkError) -> Self {
        match why {
            LinkError::Withdrawn => Self::Withdrawn,
            why => Self::Other(format!("the phone ended it: {why}")),
        }
    }
}

impl From<ConversationError> for Over {
    fn from(why: ConversationError) -> Self {
        match why {
            ConversationError::Withdrawn => Self::Withdrawn,
            why => Self::Other(format!("the relay ended it: {why}")),
        }
    }
}

fn carry(office: &Office, world: &World, phone: usize) -> Result<(), Over> {
    let mut theirs = office.converse(world.device(phone))?;
    let mut ours = world.at(phone).link(office.device())?;
    for _ in 0..TURNS {
        let (said, answered) = (ours.send(usize::MAX)?, theirs.send(usize::MAX)?);
        if said.is_empty() && answered.is_empty() {
            let ends = [ours.closed(), theirs.closed()];
            return match ours.is_in_step() && theirs.is_in_step() {
                true => Ok(()),
                false => Err(Over::Other(format!("silent and not in step: {ends:?}"))),
            };
        }
        theirs.receive(&said)?;
        ours.receive(&answered)?;
    }
    Err(Over::Other("no end".into()))
}
