//! Opening a home: lock, keys, roster, and whatever of the read model is out of date.

use std::{
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use parking_lot::{FairMutex, Mutex, RwLock};
use rand::SeedableRng;
use rand_chacha::ChaCha20Rng;
use tokio::sync::broadcast;

use super::{
    Engine, Inner, Replica,
    community::Community,
    forks::{self, Lacking, Life},
    home::{COMMUNITY, DEVICE, INCARNATION, KEYS, OpenError, Owes, READS, is_outdated},
    invite::Invites,
    keystore::{self, Named},
    meetings::Meetings,
    relays::Moves,
    running::Running,
    warm::Cache,
};
use crate::{
    aggregate::Registry,
    event::Reads,
    id::{CommunityId, Incarnation},
    keep::{Quota, Shared},
    key::{DeviceKeys, SecretStore},
    limits,
    store::{Store, StoreError},
    time::{Clock, SystemClock},
};

/// What is said of a home whose database does not even begin as one.
const OVERWRITTEN: &str = "what lies in its place is no database of this app";

/// How to open a replica.
pub struct Options {
    /// The directory that holds the database; made if absent.
    pub home: PathBuf,
    /// Where the app keeps secrets.
    pub secrets: Arc<dyn SecretStore>,
    /// What tells the time.
    pub clock: Arc<dyn Clock>,
    /// The aggregates to know.
    pub registry: Registry,
    /// Dice that replay, for simulations; none for the machine's own randomness.
    pub seed: Option<u64>,
    /// How much of others' is kept.
    pub quota: Quota,
}

impl Options {
    /// The usual: the machine's clock and randomness, Linli's own aggregates.
    pub fn new(home: impl Into<PathBuf>, secrets: Arc<dyn SecretStore>) -> Self {
        Self {
            home: home.into(),
            secrets,
            clock: Arc::new(SystemClock),
            registry: Registry::default(),
            seed: None,
            quota: Quota::default(),
        }
    }
}

impl Replica {
    /// Opens a home, making it and the device's keys if it is new.
    ///
    /// # Errors
    /// Why not; nothing is changed then.
    pub fn open(options: Options) -> Result<Self, OpenError> {
        let replica = Self::open_as_it_is(options)?;
        if !replica.reads_alone() {
            match replica.settle_in() {
                Err(OpenError::Store(error)) if OpenError::Store(error.clone()).is_no_room() => {
                    // Rows of other tables say nothing to this build.
                    if replica.inner.engine.lock().store.read_model_stale()? {
                        return Err(error.into());
                    }
                    *replica.inner.owes.lock() = Owes::for_want(Some(error), None);
                }
                settled => return settled.map(|_| replica),
            }
        }
        // What is known of them is known; what would have to be noted is noted with the first write.
        if let Err(error) = replica.recall_alerts() {
            tracing::warn!(%error, "since when alerts are held is not noted");
        }
        Ok(replica)
    }

    /// Opens a home whose database was set aside, and salvages what is readable; how many events.
    pub(super) fn open_and_salvage(options: Options) -> Result<(Self, usize), OpenError> {
        let replica = Self::open_as_it_is(options)?;
        if replica.reads_alone() {
            return Err(StoreError::Full.into());
        }
        let salvaged = replica.settle_in()?;
        Ok((replica, salvaged))
    }

    /// Opens a home as it is: what it owes is not made good.
    fn open_as_it_is(options: Options) -> Result<Self, OpenError> {
        let Options { home, secrets, clock, registry, seed, quota } = options;
        let mut dice = match seed {
            Some(seed) => ChaCha20Rng::seed_from_u64(seed),
            None => ChaCha20Rng::try_from_rng(&mut rand::rngs::SysRng).map_err(|_| OpenError::NoRandomness)?,
        };
        let begun = match Begun::to_write(&home, secrets.as_ref(), &registry, &mut dice) {
            Err(OpenError::Store(why)) if why.is_unwritable() => {
                Begun::to_read(&home, secrets.as_ref(), &registry, why.clone())
                    .map_err(|other| if other.is_no_room() { why.into() } else { other })?
            }
            begun => begun?,
        };
        let Begun { store, keys, life, belongs, reads_alone } = begun;
        let Life { incarnation, restored, lacking } = life;
        let community = load_community(&store, &keys, incarnation, belongs, registry.reads())?;
        let (record, tls) = (keys.record(), keys.tls());
        let shared = RwLock::new(community.clone().map(Arc::new));
        let sources = store.readers();
        let running = Running::begin(&store, clock.as_ref())?;
        let mut nonces = dice.clone();
        nonces.set_stream(1);
        let cache = Cache::default();
        let (due, rounds) = (cache.due.clone(), cache.rounds.clone());
        due.store(store.is_due()?, Ordering::Relaxed);
        let engine = Engine { store, keys, dice, community, incarnation, cache, lacking, is_stale: false };
        Ok(Self {
            inner: Arc::new(Inner {
                home,
                registry,
                clock,
                secrets,
                record,
                tls,
                readers: Mutex::new(Vec::new()),
                sources: RwLock::new(sources),
                reads_alone: reads_alone.is_some().into(),
                owes: Mutex::new(Owes::for_want(reads_alone, None)),
                healing: Mutex::default(),
                engine: FairMutex::new(engine),
                waiting: 0.into(),
                due,
                rounds,
                beginning: false.into(),
                community: shared,
                updates: broadcast::channel(limits::UPDATES_BEHIND).0,
                running,
                meetings: Meetings::default(),
                shared: Shared::default(),
                people: Mutex::default(),
                nonces: Mutex::new(nonces),
                tending: Mutex::default(),
                erasures_waiting: AtomicU64::default(),
                keys_refused: false.into(),
                invites: Invites::default(),
                moves: Moves::default(),
                restored,
                quota,
            }),
        })
    }

    /// Makes good what a home that is written to again owes: a read model of this build, the end of a recovery that was
    /// begun, what is to be noted and to be forgotten. How many own events were salvaged.
    pub(super) fn settle_in(&self) -> Result<usize, OpenError> {
        let stale = is_outdated(&self.inner.engine.lock().store, self.registry())?;
        if stale {
            self.rebuild()?;
        }
        let mut salvaged = 0;
        if Store::is_recovering(&self.inner.home)? {
            salvaged = self.salvage()?;
            Store::end_recovery(&self.inner.home)?;
        }
        self.recall_alerts()?;
        self.begin_terms()?;
        self.forget_due()?;
        let _more = self.goes_on_idly();
        Ok(salvaged)
    }
}

/// A home whose database is open, and as whom.
struct Begun {
    store: Store,
    keys: DeviceKeys,
    life: Life,
    belongs: Option<Named>,
    /// Why nothing can be written, where that is so.
    reads_alone: Option<StoreError>,
}

impl Begun {
    fn to_write(
        home: &Path,
        secrets: &dyn SecretStore,
        registry: &Registry,
        dice: &mut ChaCha20Rng,
    ) -> Result<Self, OpenError> {
        let interrupted = Store::resume_recovery(home)?;
        let belongs = keystore::named(secrets)?.is_some_and(|named| named.settled);
        if !Store::is_there(home) {
            // Nothing is made where the person is to be told something first.
            keystore::keys(secrets)?;
            if belongs && !interrupted {
                return Err(OpenError::DatabaseLost);
            }
        }
        let mut store = open_store(home, secrets, registry, belongs)?;
        let kept = keys_for(&store, secrets)?;
        let named = community_for(&store, secrets, interrupted)?;
        let keys = own_keys(&mut store, kept, secrets, dice)?;
        let belongs = named.map(|mut named| {
            if !named.settled && !interrupted {
                named.settled = true;
                // A kill came in between; if it cannot be kept now either, it is the next time.
                let _unsettled = named.keep(secrets);
            }
            named
        });
        if store.meta(READS)?.is_none() && store.events_before(None, 1)?.is_empty() {
            set_meta(&mut store, READS, &registry.mark())?;
        }
        let life = forks::renew_token(&mut store, secrets, dice)?;
        Ok(Self { store, keys, life, belongs, reads_alone: None })
    }

    /// The same where nothing can be written: nothing is renewed, and nothing is written under what is read.
    fn to_read(
        home: &Path,
        secrets: &dyn SecretStore,
        registry: &Registry,
        why: StoreError,
    ) -> Result<Self, OpenError> {
        let interrupted = Store::is_recovering(home)?;
        let store = Store::open_to_read(home, secrets, &registry.tables())?;
        // Without keys the database is new, and nobody's yet.
        let keys = keys_for(&store, secrets)?.ok_or(StoreError::Full)?;
        let belongs = community_for(&store, secrets, interrupted)?;
        let incarnation = store.meta(INCARNATION)?.and_then(|known| Incarnation::from_slice(&known));
        let incarnation = incarnation.ok_or(StoreError::Full)?;
        let restored = forks::restored(&store, secrets)?;
        // What is told until something can be written holds if it then goes on under this.
        let life = Life { incarnation, restored, lacking: Lacking::of(true) };
        Ok(Self { store, keys, life, belongs, reads_alone: Some(why) })
    }
}

/// Opens the database of a home. Whose it is, is told by file and secret store together: where the secret store knows
/// a device that belongs somewhere, a file that is none of ours is that device's, damaged.
pub(super) fn open_store(
    home: &Path,
    secrets: &dyn SecretStore,
    registry: &Registry,
    belongs: bool,
) -> Result<Store, OpenError> {
    match Store::open(home, secrets, &registry.tables()) {
        Err(StoreError::Foreign) if belongs => Err(StoreError::Damaged { detail: OVERWRITTEN.to_owned() }.into()),
        opened => Ok(opened?),
    }
}

/// The keys that the secret store has for a database; none for one that is nobody's yet.
pub(super) fn keys_for(store: &Store, secrets: &dyn SecretStore) -> Result<Option<DeviceKeys>, OpenError> {
    match (store.meta(DEVICE)?, keystore::keys(secrets)?) {
        (Some(_), None) => Err(OpenError::KeysLost),
        (Some(known), Some(keys)) if known != keys.device().as_bytes() => Err(OpenError::OtherDevice),
        (_, keys) => Ok(keys),
    }
}

/// These keys, or new ones; the database is theirs from now on.
pub(super) fn own_keys(
    store: &mut Store,
    kept: Option<DeviceKeys>,
    secrets: &dyn SecretStore,
    dice: &mut ChaCha20Rng,
) -> Result<DeviceKeys, OpenError> {
    let keys = match kept {
        Some(keys) => keys,
        None => {
            let keys = DeviceKeys::generate(dice);
            secrets.put(KEYS, &keys.to_secret())?;
            keys
        }
    };
    if store.meta(DEVICE)?.is_none() {
        set_meta(store, DEVICE, keys.device().as_bytes())?;
    }
    Ok(keys)
}

/// The community that database and secrets name; after a recovery the one that the secrets name. A kill while a device came
/// to belong somewhere leaves one of which the secrets alone speak: it does not yet. If they speak of one that was settled, the
/// database is not the one that knows of it.
fn community_for(store: &Store, secrets: &dyn SecretStore, interrupted: bool) -> Result<Option<Named>, OpenError> {
    let by_file = store.meta(COMMUNITY)?.and_then(|id| CommunityId::from_slice(&id));
    match (by_file, keystore::named(secrets)?) {
        (Some(_), None) => Err(OpenError::KeysLost),
        (Some(id), Some(named)) if named.community != id => Err(OpenError::KeysLost),
        (None, Some(named)) if !interrupted && named.settled => Err(OpenError::DatabaseEarlier),
        (None, Some(_)) if !interrupted => Ok(None),
        (_, named) => Ok(named),
    }
}

fn set_meta(store: &mut Store, key: &str, value: &[u8]) -> Result<(), StoreError> {
    let mut write = store.write()?;
    write.set_meta(key, value)?;
    write.commit()
}

fn load_community(
    store: &Store,
    keys: &DeviceKeys,
    incarnation: Incarnation,
    belongs: Option<Named>,
    reads: &Reads,
) -> Result<Option<Community>, OpenError> {
    let Some(named) = belongs else { return Ok(None) };
    let mut community = Community::new(named.community, keys.device(), incarnation, &named.topic_key, reads);
    community.reload(store, keys)?;
    Ok(Some(community))
}
