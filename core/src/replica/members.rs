//! Members: founding a community, joining one, admitting others and giving them rights.

use std::{
    fmt,
    str::FromStr,
    sync::atomic::{AtomicBool, Ordering},
};

use zeroize::Zeroizing;

use super::{
    Engine, Replica,
    command::{AppendError, Scribe},
    community::Community,
    home::{COMMUNITY, KIT, OpenError},
    keystore::{self, Named},
    place::Placing,
    update::{News, Update},
};
use crate::{
    aggregate::Registry,
    event::{Body, Compartment, EventError, Held, LogHeader, Topic, VerifiedRun, Writer},
    id::{CommandId, CommunityId, DeviceId, MemberId, Reference},
    key::{DeviceRecord, KeyError, KitLanguage, KitWords, SecretError, TopicKey},
    limits,
    roster::{
        Device, Found, Founding, Grant, Resumed, Role, Roster, RosterCommand, RosterEvent, RosterRefusal, decide,
    },
    store::StoreError,
    time::WallMs,
};

/// What a newcomer must be handed, out of sight of others: the community's name and the key of its tags.
#[derive(Clone, PartialEq, Eq)]
pub struct Welcome {
    /// The community it joins.
    pub community: CommunityId,
    pub(super) topic_key: TopicKey,
}

impl fmt::Debug for Welcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Welcome({:?}, …)", self.community)
    }
}

impl Welcome {
    /// As text, to be carried over. It lets a stranger find the community's traffic, not read it: keep it private.
    pub fn to_text(&self) -> String {
        format!("linli:{}:{}", self.community, hex::encode(self.topic_key.as_secret()))
    }
}

impl FromStr for Welcome {
    type Err = MembersError;

    fn from_str(text: &str) -> Result<Self, MembersError> {
        let parts: Vec<&str> = text.trim().split(':').collect();
        let ["linli", community, key] = parts[..] else { return Err(MembersError::NotAWelcome) };
        let mut topic_key = [0; TopicKey::LEN];
        hex::decode_to_slice(key, &mut topic_key).map_err(|_| MembersError::NotAWelcome)?;
        let community = community.parse().map_err(|_| MembersError::NotAWelcome)?;
        Ok(Self { community, topic_key: TopicKey::from_bytes(topic_key) })
    }
}

/// Why the roster was not changed. Nothing is written then.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MembersError {
    /// The roster refuses.
    #[error(transparent)]
    Refused(#[from] RosterRefusal),
    /// This device belongs to a community already, or is about to.
    #[error("this device belongs to a community already")]
    AlreadyAMember,
    /// This device belongs to no community yet.
    #[error("this device belongs to no community yet")]
    NotAMember,
    /// The text is no welcome.
    #[error("this is not a welcome to a community")]
    NotAWelcome,
    /// The command id was used before, for something else.
    #[error("this command id was used for another command")]
    Reused,
    /// Something passes a limit.
    #[error(transparent)]
    Limit(#[from] EventError),
    /// The secret store failed.
    #[error(transparent)]
    Secret(SecretError),
    /// Stored keys are damaged.
    #[error(transparent)]
    Keys(#[from] KeyError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<SecretError> for MembersError {
    fn from(error: SecretError) -> Self {
        match error {
            SecretError::Full => Self::Store(StoreError::Full),
            error @ (SecretError::Unavailable(_) | SecretError::Lost(_)) => Self::Secret(error),
        }
    }
}

impl From<AppendError> for MembersError {
    fn from(error: AppendError) -> Self {
        match error {
            AppendError::NoKey => Self::NotAMember,
            AppendError::Limit(error) => error.into(),
            AppendError::Store(error) => error.into(),
        }
    }
}

type Runs = Vec<(Topic, VerifiedRun)>;

/// Founding or joining is under way until this goes.
struct Beginning<'a>(&'a AtomicBool);

impl Drop for Beginning<'_> {
    fn drop(&mut self) {
        self.0.store(false, Ordering::Release);
    }
}

impl Replica {
    /// Founds a community with this device as its first coordinator, without a recovery kit: nothing is above it then,
    /// so that a lost or stolen founder's phone cannot be cut.
    ///
    /// # Errors
    /// [`MembersError::AlreadyAMember`], or why nothing could be written.
    pub fn found(&self, name: Option<String>) -> Result<CommunityId, MembersError> {
        self.found_under(name, None)
    }

    /// The same with a recovery kit: its words are to be written down. Until [`confirm_kit`](Self::confirm_kit) the secret
    /// store keeps them, so that a screen which broke has not lost them; afterwards nothing does.
    ///
    /// # Errors
    /// [`MembersError::AlreadyAMember`], or why nothing could be written: the words are of no use then.
    pub fn found_with_kit(&self, name: Option<String>) -> Result<(CommunityId, KitWords), MembersError> {
        let kit = self.with_engine(|engine| KitWords::generate(&mut engine.dice));
        let community = self.found_under(name, Some(&kit))?;
        Ok((community, kit))
    }

    /// The words of this community's kit, if it was founded here and nobody said yet that they are written down. None too
    /// where they cannot be read any more.
    ///
    /// # Errors
    /// [`MembersError::NotAMember`] before founding, or when the secret store fails.
    pub fn kit_words(&self) -> Result<Option<KitWords>, MembersError> {
        self.community().ok_or(MembersError::NotAMember)?;
        let kept = keystore::spare(self.inner.secrets.as_ref(), KIT)?;
        let words = kept.as_deref().and_then(|kept| std::str::from_utf8(kept).ok()?.parse::<KitWords>().ok());
        let Some(words) = words else { return Ok(None) };
        let is_ours = self.roster().device(words.keys().device()).is_some_and(|device| device.kit);
        Ok(is_ours.then_some(words))
    }

    /// Says that the words are written down: from now on nothing keeps them.
    ///
    /// # Errors
    /// When the secret store fails.
    pub fn confirm_kit(&self) -> Result<(), MembersError> {
        Ok(self.inner.secrets.remove(KIT)?)
    }

    fn found_under(&self, name: Option<String>, kit: Option<&KitWords>) -> Result<CommunityId, MembersError> {
        let _alone = self.begin()?;
        let now = self.inner.clock.wall();
        let record = kit.map(|kit| kit.keys().record());
        let (first, rest) = self.with_engine(|engine| engine.prepare(name, record, now))?;
        if let Some(kit) = kit {
            // Before the community is: nobody is above this device but whoever has these words.
            let words = Zeroizing::new(kit.words(KitLanguage::English).join(" "));
            self.inner.secrets.put(KIT, words.as_bytes())?;
        }
        self.keep(&first.welcome, false)?;
        let (id, welcome) = (first.welcome.community, first.welcome.clone());
        let runs = self.with_engine(|engine| {
            let founded = engine.found(&self.inner.registry, first, rest, now);
            match founded {
                Ok(_) => self.publish(engine),
                Err(_) => (engine.community, _) = (None, engine.cache.clear()),
            }
            founded
        })?;
        // If that cannot be kept now, it is when the home is opened.
        let _unsettled = self.keep(&welcome, true);
        self.announce(runs, vec![Update::Roster]);
        Ok(id)
    }

    /// What a newcomer must be handed to join this community.
    ///
    /// # Errors
    /// [`MembersError::NotAMember`] before founding or joining.
    pub fn welcome(&self) -> Result<Welcome, MembersError> {
        let community = self.community().ok_or(MembersError::NotAMember)?;
        let named = keystore::named(self.inner.secrets.as_ref()).map_err(|error| match error {
            OpenError::Secret(error) => error.into(),
            OpenError::Store(error) => error.into(),
            _unreadable => MembersError::Keys(KeyError::Damaged),
        })?;
        let Named { community: kept, topic_key, .. } = named.ok_or(MembersError::NotAMember)?;
        if kept == community { Ok(Welcome { community, topic_key }) } else { Err(KeyError::Damaged.into()) }
    }

    /// Joins a community: from now on this replica syncs with it. Its first sync brings the admission and the keys.
    ///
    /// # Errors
    /// [`MembersError::AlreadyAMember`] unless it is the same community, or why nothing could be kept.
    pub fn join(&self, welcome: &Welcome) -> Result<(), MembersError> {
        let _alone = match self.begin() {
            Err(_) if self.community() == Some(welcome.community) => return Ok(()),
            begun => begun?,
        };
        self.keep(welcome, false)?;
        self.with_engine(|engine| {
            let mut write = engine.store.write()?;
            write.set_meta(COMMUNITY, welcome.community.as_bytes())?;
            write.commit()?;
            let me = engine.keys.device();
            let reads = self.registry().reads();
            let community = Community::new(welcome.community, me, engine.incarnation, &welcome.topic_key, reads);
            engine.community = Some(community);
            self.publish(engine);
            Ok::<_, MembersError>(())
        })?;
        let _unsettled = self.keep(welcome, true);
        Ok(())
    }

    /// The right to found or join, for one at a time: secrets are kept meanwhile, and no lock is held then, because
    /// whoever keeps them may call back.
    fn begin(&self) -> Result<Beginning<'_>, MembersError> {
        if self.inner.beginning.swap(true, Ordering::AcqRel) {
            return Err(MembersError::AlreadyAMember);
        }
        let alone = Beginning(&self.inner.beginning);
        if self.community().is_some() { Err(MembersError::AlreadyAMember) } else { Ok(alone) }
    }

    /// Keeps where this device is about to belong, or does: the database names it then.
    fn keep(&self, welcome: &Welcome, settled: bool) -> Result<(), MembersError> {
        let Welcome { community, topic_key } = welcome.clone();
        Ok(Named { community, topic_key, settled }.keep(self.inner.secrets.as_ref())?)
    }

    /// Admits a person's device. `member` says whose it is, if they have one here already. Give it the
    /// [`welcome`](Self::welcome) too.
    ///
    /// # Errors
    /// Why not.
    pub fn admit(
        &self,
        id: CommandId,
        record: DeviceRecord,
        role: Role,
        member: Option<MemberId>,
        name: Option<String>,
    ) -> Result<(), MembersError> {
        self.change_roster(id, RosterCommand::Admit { record, role, member, name })
    }

    /// Gives a device a right.
    ///
    /// # Errors
    /// Why not.
    pub fn grant(&self, id: CommandId, device: DeviceId, grant: Grant) -> Result<(), MembersError> {
        self.change_roster(id, RosterCommand::Grant { device, grant })
    }

    /// Gives a device room for more: as much again as each has, `rooms` times, in every aggregate, in the roster and among
    /// erasures. What was left out of what it said counts then as far as it has room. Coordinators give it to whom they could
    /// withdraw, and to themselves; it falls with what else they said when they are cut.
    ///
    /// # Errors
    /// Why not.
    pub fn give_room(&self, id: CommandId, device: DeviceId, rooms: u64) -> Result<(), MembersError> {
        self.change_roster(id, RosterCommand::GiveRoom { device, rooms })
    }

    /// Carries out any command about the roster.
    ///
    /// # Errors
    /// Why not.
    pub fn change_roster(&self, id: CommandId, command: RosterCommand) -> Result<(), MembersError> {
        let meant = digest(&command);
        self.write_roster(id, meant, |engine| engine.decide(command))
    }

    /// Writes what is decided under a command's id, unless that was done before for the same command.
    pub(super) fn write_roster(
        &self,
        id: CommandId,
        meant: [u8; 32],
        decide: impl FnOnce(&mut Engine) -> Result<Vec<RosterEvent>, MembersError>,
    ) -> Result<(), MembersError> {
        let now = self.inner.clock.wall();
        let (runs, news) = self.with_engine(|engine| {
            if let Some((digest, _)) = engine.store.command(id)? {
                return if digest == meant { Ok((Vec::new(), News::default())) } else { Err(MembersError::Reused) };
            }
            if engine.leave_fork(Topic::Roster)? {
                self.publish(engine);
            }
            let events = decide(engine)?;
            let changed = engine.write_decided(&self.inner.registry, id, meant, &events, now);
            match &changed {
                Ok(_) => self.publish(engine),
                Err(_) => engine.forget()?,
            }
            changed
        })?;
        self.announce(runs, news);
        self.finish_idly();
        Ok(())
    }

    /// The roster as it stands; nobody in it before founding or the first sync.
    pub fn roster(&self) -> Roster {
        self.snapshot().map(|community| community.roster.clone()).unwrap_or_default()
    }

    /// A device's name, where it has one and the key that seals it is held.
    pub fn name_of(&self, device: &Device) -> Option<String> {
        let label = device.label.as_ref()?;
        label.open(self.snapshot()?.keyring.label_key(label.epoch)?, device.record.device).ok()
    }
}

fn digest(command: &RosterCommand) -> [u8; 32] {
    let bytes = serde_json::to_vec(command).unwrap_or_default();
    blake3::derive_key("linli 2026 roster command digest v1", &bytes)
}

fn roster_body(event: &RosterEvent, now: WallMs) -> Body {
    Body {
        aggregate: None,
        deps: Vec::new(),
        wall: now,
        kind: event.kind(),
        version: RosterEvent::VERSION,
        payload: event.encode(),
        edits: Vec::new(),
        salt: None,
    }
}

/// A community about to be founded: its founding event, and what follows once its id is known.
struct First {
    welcome: Welcome,
    run: VerifiedRun,
}

impl Engine {
    /// Throws a community's keys and signs its founding event. Nothing is stored.
    fn prepare(
        &mut self,
        name: Option<String>,
        kit: Option<DeviceRecord>,
        now: WallMs,
    ) -> Result<(First, Founding), MembersError> {
        let topic_key = TopicKey::generate(&mut self.dice);
        let found = Found { founder: self.keys.record(), kit, care: topic_key.tag(Topic::Care.name()), name };
        let founding = Founding::new(found, &mut self.dice)?;
        let header = LogHeader {
            community: CommunityId::ZERO,
            topic: topic_key.tag(Topic::Roster.name()),
            device: self.keys.device(),
            incarnation: self.incarnation,
        };
        let mut writer = Writer::new(&self.keys, header, None);
        let first = writer.append(&roster_body(&founding.event(), now), None)?;
        let community = CommunityId::from_bytes(*first.id.as_bytes());
        // One event was added, so there is a run.
        let run = writer.finish().ok_or(EventError::Length { got: 0 })?;
        Ok((First { welcome: Welcome { community, topic_key }, run }, founding))
    }

    fn found(
        &mut self,
        registry: &Registry,
        first: First,
        founding: Founding,
        now: WallMs,
    ) -> Result<Runs, MembersError> {
        let First { welcome: Welcome { community: id, topic_key }, run } = first;
        let (me, reads) = (self.keys.device(), registry.reads());
        let community = self.community.insert(Community::new(id, me, self.incarnation, &topic_key, reads));
        let mut placing = Placing::begin(&mut self.store, community, &self.keys, registry, &mut self.cache)?;
        placing.write.set_meta(COMMUNITY, id.as_bytes())?;
        let stored = placing.write.append(&run)?;
        placing.place_run(&run, &stored)?;
        let mut runs: Runs = vec![(Topic::Roster, run)];
        let rest = founding.rest(id, &mut self.dice);
        runs.extend(write_roster(&mut placing, &self.keys, &mut self.dice, now, &rest)?.0);
        placing.commit()?;
        Ok(runs)
    }

    fn decide(&mut self, command: RosterCommand) -> Result<Vec<RosterEvent>, MembersError> {
        let community = self.community.as_ref().ok_or(MembersError::NotAMember)?;
        let gives_room = matches!(command, RosterCommand::GiveRoom { .. });
        let events = decide(&community.roster, &community.keyring, community.me, command, &mut self.dice)?;
        // The last of the room is for withdrawals: whoever could write no more of them would find out too late.
        let weight = events.iter().map(RosterEvent::weight).fold(limits::ROSTER_RESERVE, u64::saturating_add);
        if !gives_room && !events.is_empty() && weight > community.roster.room_left(community.me) {
            return Err(EventError::Crowded.into());
        }
        Ok(events)
    }

    fn write_decided(
        &mut self,
        registry: &Registry,
        id: CommandId,
        digest: [u8; 32],
        events: &[RosterEvent],
        now: WallMs,
    ) -> Result<(Runs, News), MembersError> {
        let community = self.community.as_mut().ok_or(MembersError::NotAMember)?;
        let mut placing = Placing::begin(&mut self.store, community, &self.keys, registry, &mut self.cache)?;
        let me = placing.own();
        let (runs, written) = write_roster(&mut placing, &self.keys, &mut self.dice, now, events)?;
        placing.settle_roster()?;
        let roster = &placing.community.roster;
        let crowded = written.iter().any(|event| roster.idle(*event) == Some(Held::Crowded));
        // Nor does it put out what stands behind it in the order in which they are read, in a log of another life. Who gives
        // itself room alone does not say more, and may need several rooms for what it has said.
        let gives_room = |event: &RosterEvent| matches!(event, RosterEvent::RoomGiven(given) if given.device == me);
        if crowded || (roster.room_left(me) == 0 && !events.iter().all(gives_room)) {
            return Err(EventError::Crowded.into());
        }
        let result = serde_json::to_string(&written).unwrap_or_default();
        placing.write.remember_command(id, &digest, &result)?;
        let news = placing.commit()?;
        Ok((runs, news))
    }

    /// Drops what was folded meanwhile and reads the community again: after a transaction that was rolled back. Where the
    /// store does not answer now, it is read before anything else is decided.
    pub(super) fn forget(&mut self) -> Result<(), StoreError> {
        self.cache.clear();
        self.is_stale = true;
        if let Some(community) = &mut self.community {
            community.reload(&self.store, &self.keys)?;
        }
        self.is_stale = false;
        Ok(())
    }

    /// Makes good what [`forget`](Self::forget) could not do.
    pub(super) fn refresh(&mut self) -> Result<(), StoreError> {
        if self.is_stale { self.forget() } else { Ok(()) }
    }
}

fn write_roster(
    placing: &mut Placing<'_>,
    keys: &crate::key::DeviceKeys,
    dice: &mut rand_chacha::ChaCha20Rng,
    now: WallMs,
    events: &[RosterEvent],
) -> Result<(Runs, Vec<Reference>), MembersError> {
    let log = placing.community.own_log(Topic::Roster).id();
    let first = placing.write.heads(log)?.is_empty();
    // A later incarnation names the one before it, so that the order of this device's acts is known.
    let resumed = placing.community.resumes().filter(|_| first).map(|after| RosterEvent::Resumed(Resumed { after }));
    let mut scribe = Scribe { placing, keys, dice, now, runs: Vec::new(), written: Vec::new() };
    for event in resumed.iter().chain(events) {
        scribe.append(Topic::Roster, &roster_body(event, now))?;
    }
    Ok((scribe.runs, scribe.written))
}

/// Whether the epoch keys of a compartment are held: what a newcomer waits for.
impl Replica {
    /// Whether this device can read and write: its admission and a key have arrived.
    pub fn is_ready(&self) -> bool {
        let Some(community) = self.snapshot() else { return false };
        let key = community.roster.writing_epoch(Compartment::Community, &community.keyring);
        community.member().is_some() && key.is_some()
    }
}
