//! The harness: a small community of real replicas on one virtual clock.
//!
//! A [`World`] holds phones with real databases in a temporary directory. They meet over in-memory pipes that deliver
//! bytes in pieces of any size and break wherever told. One seed replays everything: keys, pieces, breaks.
// This is test code: what cannot be set up ends the test.
#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used)]

pub mod cpu;
pub mod disk;
mod forger;
mod looks;
pub mod loud;
pub mod made;
#[cfg(target_os = "linux")]
pub mod moments;
pub mod mute;
pub mod office;
pub mod people;
mod pipe;
pub mod ports;
pub mod price;
pub mod program;
mod skip;
pub mod trace;
#[cfg(target_os = "linux")]
pub mod watched;
#[cfg(target_os = "linux")]
pub mod worn;

use std::{collections::BTreeMap, path::PathBuf, sync::Arc, time::Duration};

use linli_core::{
    aggregate::{Registry, declared::Declaration},
    event::{Held, Lacks, Reads, Topic},
    id::{CommandId, DeviceId, EventId, MemberId, Reference, TopicTag},
    key::{DeviceKeys, DeviceRecord, MemorySecrets, SecretStore, TopicKey},
    limits,
    replica::{Options, Replica},
    roster::{RelayPass, Role, RosterCommand},
    store::{Pos, Reader, Readers},
    sync::Outgoing,
    time::{Clock, ManualClock, WallMs},
};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha20Rng;
use tempfile::TempDir;

pub use forger::{Forger, hand_over, hand_over_in, say_to_hold};
pub use looks::{cut_low, epochs, held_for, held_in_roster, revoke, verdict};
pub use pipe::{Break, Ended, Meeting, Tamper, carry, meet};
pub use skip::skipped;

/// When every world begins: a morning in spring, by every phone's clock.
pub const MORNING: WallMs = WallMs(1_648_771_200_000);

/// Phones, a clock and dice.
pub struct World {
    /// The one clock of all phones, unless one was given its own.
    pub clock: ManualClock,
    /// What decides everything that is left to chance.
    pub dice: ChaCha20Rng,
    phones: Vec<Phone>,
    dir: TempDir,
}

struct Phone {
    replica: Option<Replica>,
    secrets: Arc<MemorySecrets>,
    clock: Arc<dyn Clock>,
    home: PathBuf,
    seed: u64,
    /// What its build knows of the format.
    reads: Reads,
    /// What its app declares.
    declared: Vec<Declaration>,
}

fn registry(reads: &Reads, declared: &[Declaration]) -> Registry {
    let all = declared.iter().try_fold(Registry::default(), Registry::declare);
    all.expect("the declarations make sense").reading(reads.clone())
}

/// A directory that cleans up after itself: in memory where the machine has such a place, because every commit waits
/// for the disk (R6) and what is tested is not the disk.
///
/// # Panics
/// When the machine gives none.
pub fn somewhere() -> TempDir {
    let memory = tempfile::tempdir_in("/dev/shm");
    memory.or_else(|_| tempfile::tempdir()).expect("a temporary directory")
}

/// What a phone keeps outside its database, copied: what a clone of the whole phone has.
///
/// # Panics
/// Never; what is in memory can be read.
pub fn copied(secrets: &MemorySecrets) -> MemorySecrets {
    let copy = MemorySecrets::default();
    for name in secrets.names() {
        if let Some(secret) = secrets.get(&name).expect("kept in memory") {
            copy.put(&name, &secret).expect("kept in memory");
        }
    }
    copy
}

fn held(replica: &Replica) -> Vec<(Reference, Held)> {
    let held = replica.look(|reader| reader.held(&Held::ALL, Pos::default(), usize::MAX)).expect("the store answers");
    let mut held: Vec<_> = held.iter().filter_map(|event| Some((event.reference(), event.judged.reason()?))).collect();
    held.sort_unstable();
    held
}

impl World {
    /// An empty world.
    ///
    /// # Panics
    /// When the machine gives no temporary directory.
    pub fn seeded(seed: u64) -> Self {
        Self {
            clock: ManualClock::at(MORNING),
            dice: ChaCha20Rng::seed_from_u64(seed),
            phones: Vec::new(),
            dir: somewhere(),
        }
    }

    /// A world with a founder and so many more volunteers, all admitted and all in step. Phone 0 is the founder's.
    pub fn community(seed: u64, volunteers: usize) -> Self {
        Self::of_roles(seed, &vec![Role::Volunteer; volunteers])
    }

    /// The same with these roles behind the founder, in the order of their phones. Each is admitted by the founder.
    pub fn of_roles(seed: u64, roles: &[Role]) -> Self {
        let mut world = Self::seeded(seed);
        let founder = world.phone();
        world.at(founder).found(None).expect("nothing stands against founding");
        for role in roles {
            world.join(founder, *role);
        }
        world.settle();
        world
    }

    /// A new phone that belongs to nobody.
    pub fn phone(&mut self) -> usize {
        let clock = Arc::new(self.clock.clone());
        self.phone_with_clock(clock)
    }

    /// A new phone with a clock of its own.
    pub fn phone_with_clock(&mut self, clock: Arc<dyn Clock>) -> usize {
        let at = self.phones.len();
        let home = self.dir.path().join(format!("phone-{at}"));
        let seed = self.dice.random();
        self.phones.push(Phone {
            replica: None,
            secrets: Arc::default(),
            clock,
            home,
            seed,
            reads: Reads::default(),
            declared: Vec::new(),
        });
        self.open(at);
        at
    }

    /// A phone with keys that somebody else made: the recovery kit's.
    ///
    /// # Panics
    /// Never; what is in memory can be written.
    pub fn phone_of(&mut self, keys: &DeviceKeys) -> usize {
        let at = self.phones.len();
        let (home, seed) = (self.dir.path().join(format!("phone-{at}")), self.dice.random());
        let secrets = MemorySecrets::default();
        secrets.put("device-keys", &keys.to_secret()).expect("kept in memory");
        let clock = Arc::new(self.clock.clone());
        self.phones.push(Phone {
            replica: None,
            secrets: Arc::new(secrets),
            clock,
            home,
            seed,
            reads: Reads::default(),
            declared: Vec::new(),
        });
        self.open(at);
        at
    }

    /// A new phone, admitted by another; what it was admitted with it has yet to hear.
    pub fn join(&mut self, by: usize, role: Role) -> usize {
        let at = self.phone();
        let (record, id) = (self.at(at).record(), self.command());
        let command = match role {
            Role::Relay => RosterCommand::AdmitRelay { record, addresses: Vec::new(), name: None },
            Role::Coordinator | Role::Volunteer | Role::Later => {
                RosterCommand::Admit { record, role, member: None, name: None }
            }
        };
        self.at(by).change_roster(id, command).expect("a coordinator admits");
        let welcome = self.at(by).welcome().expect("a member can welcome");
        self.at(at).join(&welcome).expect("a new phone joins");
        at
    }

    /// A relay is admitted by a coordinator; what it is told of the community.
    pub fn admit_relay(&mut self, by: usize, record: DeviceRecord) -> RelayPass {
        let command = RosterCommand::AdmitRelay { record, addresses: Vec::new(), name: None };
        let id = self.command();
        self.at(by).change_roster(id, command).expect("a coordinator admits");
        self.at(by).relay_pass().expect("a member knows what a relay is told")
    }

    /// A phone's replica.
    ///
    /// # Panics
    /// If it is switched off.
    pub fn at(&self, phone: usize) -> &Replica {
        self.phones[phone].replica.as_ref().expect("the phone is switched on")
    }

    /// A phone goes on until nothing is due.
    ///
    /// # Panics
    /// If its store does not answer.
    pub fn catch_up(&self, phone: usize) {
        while self.at(phone).go_on().expect("the store answers") {}
    }

    /// A phone's home directory.
    pub fn home(&self, phone: usize) -> &std::path::Path {
        &self.phones[phone].home
    }

    /// What a phone keeps outside its database.
    pub fn secrets(&self, phone: usize) -> &Arc<MemorySecrets> {
        &self.phones[phone].secrets
    }

    /// What a phone's topic is called on the wire.
    ///
    /// # Panics
    /// If the phone belongs to no community.
    pub fn tag(&self, phone: usize, topic: Topic) -> TopicTag {
        let welcome = self.at(phone).welcome().expect("the phone belongs somewhere").to_text();
        let key = welcome.rsplit(':').next().and_then(|key| key.parse::<EventId>().ok());
        TopicKey::from_bytes(*key.expect("a welcome ends with the key").as_bytes()).tag(topic.name())
    }

    /// A phone's options, to open it otherwise than [`open`](Self::open) does.
    pub fn options(&self, phone: usize) -> Options {
        let Phone { secrets, clock, home, seed, reads, declared, .. } = &self.phones[phone];
        let registry = registry(reads, declared);
        Options { registry, clock: clock.clone(), seed: Some(seed ^ (1 << 63)), ..Options::new(home, secrets.clone()) }
    }

    /// Puts a replica, opened otherwise, into a phone.
    pub fn put(&mut self, phone: usize, replica: Replica) {
        self.phones[phone].replica = Some(replica);
    }

    /// Whose phone it is.
    pub fn member(&self, phone: usize) -> MemberId {
        self.at(phone).member().expect("the phone's admission has arrived")
    }

    /// A phone's device.
    pub fn device(&self, phone: usize) -> DeviceId {
        self.at(phone).device()
    }

    /// How many phones there are.
    pub fn len(&self) -> usize {
        self.phones.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.phones.is_empty()
    }

    /// Switches a phone off: everything not durable is gone.
    pub fn close(&mut self, phone: usize) {
        self.phones[phone].replica = None;
    }

    /// Switches a phone on.
    pub fn open(&mut self, phone: usize) {
        let Phone { replica, secrets, clock, home, seed, reads, declared } = &mut self.phones[phone];
        *seed += 1; // dice must not fall twice the same
        let registry = registry(reads, declared);
        let options =
            Options { registry, clock: clock.clone(), seed: Some(*seed), ..Options::new(&*home, secrets.clone()) };
        *replica = Some(Replica::open(options).expect("the home opens"));
    }

    /// A phone goes on with an older build, which lacks this.
    pub fn downgrade(&mut self, phone: usize, lacks: Lacks) {
        self.close(phone);
        self.phones[phone].reads = Reads::without(lacks);
        self.open(phone);
    }

    /// A phone's app goes on with these aggregates of its own, and no others.
    pub fn declare(&mut self, phone: usize, declarations: &[Declaration]) {
        self.close(phone);
        self.phones[phone].declared = declarations.to_vec();
        self.open(phone);
    }

    /// A phone goes on with this build.
    pub fn update(&mut self, phone: usize) {
        self.downgrade(phone, Lacks::default());
    }

    /// A new command id.
    pub fn command(&mut self) -> CommandId {
        CommandId::from_bytes(self.dice.random())
    }

    /// Time passes on the one clock.
    pub fn pass(&self, minutes: u64) {
        self.clock.advance(Duration::from_secs(60 * minutes));
    }

    /// Two phones meet and sync until nothing is left to say, or the pipe breaks.
    pub fn meet(&mut self, one: usize, other: usize, end: Break) -> Meeting {
        let mut dice = ChaCha20Rng::seed_from_u64(self.dice.random());
        meet(self.at(one), self.at(other), &mut dice, end)
    }

    /// All phones meet, in turn, until every one has heard everything.
    ///
    /// # Panics
    /// If a meeting fails.
    pub fn settle(&mut self) {
        for _ in 0..2 {
            for phone in 1..self.phones.len() {
                let meeting = self.meet(0, phone, Break::Never);
                assert_eq!(meeting.ended, Ended::InStep, "phone {phone}");
            }
        }
    }

    /// What a phone wrote in a topic, as it would hand it to somebody with whom it does not sync.
    ///
    /// # Panics
    /// If the store does not answer.
    pub fn own_runs(&self, phone: usize, topic: Topic) -> Vec<Outgoing> {
        let own = self.device(phone);
        self.runs(phone, topic, |device| device == own)
    }

    /// What a phone holds in a topic of these devices, as it would hand it over.
    ///
    /// # Panics
    /// If the store does not answer.
    pub fn runs(&self, phone: usize, topic: Topic, of: impl Fn(DeviceId) -> bool) -> Vec<Outgoing> {
        let tag = self.tag(phone, topic);
        let held = self.at(phone).look(|reader| {
            let mut held = Vec::new();
            for span in reader.missing(tag, &[])? {
                if reader.log(span.log)?.is_some_and(|log| of(log.device)) {
                    let last = reader.reference(span.last_pos)?.expect("it is stored").check;
                    held.push(Outgoing { run: reader.load(&span)?, last });
                }
            }
            Ok(held)
        });
        held.expect("the store answers")
    }

    /// Every event that a phone holds back, with its reason.
    ///
    /// # Panics
    /// If the store does not answer.
    pub fn held(&self, phone: usize) -> Vec<(Reference, Held)> {
        held(self.at(phone))
    }

    /// Holds a phone to what it would make of everything, had it known all from the start: the same state, and each
    /// event held for the same reason.
    ///
    /// # Panics
    /// If what it decided depends on the order in which it heard.
    pub fn assert_one_truth(&self, phone: usize) {
        let replica = self.at(phone);
        let (before, held) = (replica.state_hash().expect("the store answers"), self.held(phone));
        assert_eq!(replica.verify().expect("the store answers").faults, [], "phone {phone}");
        let heaped = self.heaped(phone);
        replica.rebuild().expect("the store answers");
        assert_eq!(self.held(phone), held, "phone {phone}");
        assert_eq!(self.heaped(phone), heaped, "phone {phone}");
        assert_eq!(replica.state_hash().expect("the store answers"), before, "phone {phone}");
        assert_eq!(replica.verify().expect("the store answers").faults, [], "phone {phone}");
    }

    /// The same of a copy of the phone, which goes on as it is: what it has folded bit by bit lives on.
    ///
    /// # Panics
    /// If what it decided depends on the order in which it heard.
    pub fn assert_as_a_copy_made_anew(&self, phone: usize) {
        let Phone { secrets, clock, home: original, seed, reads, declared, .. } = &self.phones[phone];
        let replica = self.at(phone);
        let before = (replica.state_hash().expect("the store answers"), self.held(phone));
        let home = somewhere();
        let reader = Readers::of(original, secrets.as_ref(), &[]).and_then(|readers| readers.open());
        reader.and_then(|reader| reader.copy_to(home.path())).expect("there is room");
        let options = Options {
            registry: registry(reads, declared),
            clock: clock.clone(),
            seed: Some(*seed),
            ..Options::new(home.path(), Arc::new(copied(secrets)))
        };
        let copy = Replica::open(options).expect("the copy opens");
        copy.rebuild().expect("the store answers");
        let after = (copy.state_hash().expect("the store answers"), held(&copy));
        assert_eq!(after, before, "phone {phone} and its copy");
    }

    /// Holds every phone to the same state and each to itself.
    ///
    /// # Panics
    /// If two differ or one does not verify.
    pub fn assert_equal(&self) {
        let hash = self.at(0).state_hash().expect("the store answers");
        for phone in 0..self.phones.len() {
            assert_eq!(self.at(phone).state_hash().expect("the store answers"), hash, "phone {phone}");
            let verified = self.at(phone).verify().expect("the store answers");
            assert_eq!(verified.faults, [], "phone {phone}");
            self.heaped(phone);
        }
    }

    /// Bytes of room of what is held of a device in an aggregate, named by its creating event, as it is noted on a phone.
    ///
    /// # Panics
    /// If it is noted otherwise than the events say.
    pub fn heaped(&self, phone: usize) -> BTreeMap<(Reference, DeviceId), u64> {
        let noted = |reader: &Reader| {
            let heaped = reader.heaped()?;
            assert_eq!(heaped, reader.heaped_by_events()?, "phone {phone}");
            let mut beyond: BTreeMap<DeviceId, u64> = BTreeMap::new();
            for ((_, device), room) in &heaped {
                *beyond.entry(*device).or_default() += room.saturating_sub(limits::HELD_ROOM);
            }
            for (device, beyond) in beyond {
                assert_eq!(reader.held_beyond(device)?, beyond, "phone {phone}");
            }
            Ok(heaped)
        };
        self.at(phone).look(noted).expect("the store answers")
    }
}
