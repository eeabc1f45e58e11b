//! Opening a home: lock, keys, roster, and whatever of the read model is out of date.

use std::{path::PathBuf, sync::Arc};

use parking_lot::{FairMutex, Mutex, RwLock};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha20Rng;
use tokio::sync::broadcast;

use super::{
    Engine, Inner, Replica, Welcome,
    community::Community,
    forks::{self, Lacking},
    invite::Invites,
    meetings::Meetings,
    place::Cache,
    recover::is_interrupted,
    running::Running,
    update::BEHIND,
};
use crate::{
    aggregate::Registry,
    id::{CommunityId, Incarnation},
    keep::{Inboxes, Tails},
    key::{DeviceKeys, KeyError, SecretError, SecretStore},
    store::{DATABASE_KEY, Store, StoreError},
    time::{Clock, SystemClock},
};

pub(super) const KEYS: &str = "device-keys";
/// The community's id and its topic key, so that a device whose database is lost still knows where it belongs.
pub(super) const WELCOME: &str = "welcome";
/// Everything that a replica keeps in the secret store.
pub(super) const SECRETS: [&str; 4] = [KEYS, WELCOME, forks::TOKEN, DATABASE_KEY];
const DEVICE: &str = "device";
pub(super) const COMMUNITY: &str = "community";
pub(super) const INCARNATION: &str = "incarnation";

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
}

impl Options {
    /// The usual: the machine's clock and randomness, Linli's own aggregates.
    pub fn new(home: impl Into<PathBuf>, secrets: Arc<dyn SecretStore>) -> Self {
        Self { home: home.into(), secrets, clock: Arc::new(SystemClock), registry: Registry::default(), seed: None }
    }
}

/// Why a home does not open. The files are as they were.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OpenError {
    /// The store does not open: in use, damaged, foreign, newer.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The secret store failed.
    #[error(transparent)]
    Secret(#[from] SecretError),
    /// The kept keys are damaged.
    #[error(transparent)]
    Keys(#[from] KeyError),
    /// The database belongs to a device whose keys are not in the secret store: a copy, or a lost keystore.
    #[error("the keys of this home's device are not in the secret store")]
    KeysLost,
    /// The machine gave no randomness.
    #[error("the machine gives no randomness")]
    NoRandomness,
}

impl Replica {
    /// Opens a home, making it and the device's keys if it is new.
    ///
    /// # Errors
    /// Why not; nothing is changed then.
    pub fn open(options: Options) -> Result<Self, OpenError> {
        Self::open_and_salvage(options).map(|(replica, _)| replica)
    }

    /// Opens a home; where its database was set aside and the new one is still empty, salvages what is readable.
    pub(super) fn open_and_salvage(options: Options) -> Result<(Self, usize), OpenError> {
        let Options { home, secrets, clock, registry, seed } = options;
        let mut dice = match seed {
            Some(seed) => ChaCha20Rng::seed_from_u64(seed),
            None => ChaCha20Rng::try_from_rng(&mut rand::rngs::SysRng).map_err(|_| OpenError::NoRandomness)?,
        };
        let mut store = Store::open(&home, secrets.as_ref(), &registry.tables())?;
        let keys = device_keys(&mut store, secrets.as_ref(), &mut dice)?;
        let restored = forks::renew_token(&mut store, secrets.as_ref(), &mut dice)?;
        let incarnation = incarnation(&mut store, &mut dice)?;
        let interrupted = is_interrupted(&store, &home)?;
        let community = load_community(&store, &keys, secrets.as_ref(), incarnation, interrupted)?;
        let (record, tls) = (keys.record(), keys.tls());
        let shared = RwLock::new(community.clone().map(Arc::new));
        let sources = store.readers();
        let running = Running::begin(&store, clock.as_ref())?;
        let mut nonces = dice.clone();
        nonces.set_stream(1);
        let engine =
            Engine { store, keys, dice, community, incarnation, cache: Cache::default(), lacking: Lacking::default() };
        let replica = Self {
            inner: Arc::new(Inner {
                home,
                registry,
                clock,
                secrets,
                record,
                tls,
                readers: Mutex::new(Vec::new()),
                sources,
                engine: FairMutex::new(engine),
                waiting: 0.into(),
                beginning: false.into(),
                community: shared,
                updates: broadcast::channel(BEHIND).0,
                running,
                inboxes: Inboxes::default(),
                meetings: Meetings::default(),
                tails: Tails::default(),
                people: Mutex::default(),
                nonces: Mutex::new(nonces),
                tending: Mutex::default(),
                invites: Invites::default(),
                restored,
            }),
        };
        let stale = replica.inner.engine.lock().store.read_model_stale()?;
        if stale {
            replica.rebuild()?;
        }
        let salvaged = if interrupted { replica.salvage()? } else { 0 };
        replica.recall_alerts()?;
        replica.begin_terms()?;
        replica.forget_due()?;
        Ok((replica, salvaged))
    }
}

fn device_keys(store: &mut Store, secrets: &dyn SecretStore, dice: &mut ChaCha20Rng) -> Result<DeviceKeys, OpenError> {
    let known = store.meta(DEVICE)?;
    let keys = match secrets.get(KEYS)? {
        Some(kept) => DeviceKeys::from_slice(&kept)?,
        None if known.is_some() => return Err(OpenError::KeysLost),
        None => {
            let keys = DeviceKeys::generate(dice);
            secrets.put(KEYS, &keys.to_secret())?;
            keys
        }
    };
    match known {
        Some(known) if known != keys.device().as_bytes() => Err(OpenError::KeysLost),
        Some(_) => Ok(keys),
        None => {
            set_meta(store, DEVICE, keys.device().as_bytes())?;
            Ok(keys)
        }
    }
}

fn incarnation(store: &mut Store, dice: &mut ChaCha20Rng) -> Result<Incarnation, OpenError> {
    if let Some(known) = store.meta(INCARNATION)?.and_then(|known| Incarnation::from_slice(&known)) {
        return Ok(known);
    }
    let mut bytes = [0; Incarnation::LEN];
    dice.fill_bytes(&mut bytes);
    set_meta(store, INCARNATION, &bytes)?;
    Ok(Incarnation::from_bytes(bytes))
}

fn set_meta(store: &mut Store, key: &str, value: &[u8]) -> Result<(), StoreError> {
    let mut write = store.write()?;
    write.set_meta(key, value)?;
    write.commit()
}

/// The community the database names; after a recovery the one the secrets name.
fn load_community(
    store: &Store,
    keys: &DeviceKeys,
    secrets: &dyn SecretStore,
    incarnation: Incarnation,
    interrupted: bool,
) -> Result<Option<Community>, OpenError> {
    let named = store.meta(COMMUNITY)?.and_then(|id| CommunityId::from_slice(&id));
    if named.is_none() && !interrupted {
        return Ok(None);
    }
    let Some(welcome) = welcome(secrets)? else {
        return if named.is_some() { Err(OpenError::KeysLost) } else { Ok(None) };
    };
    if named.is_some_and(|named| named != welcome.community) {
        return Err(OpenError::KeysLost);
    }
    let mut community = Community::new(welcome.community, keys.device(), incarnation, &welcome.topic_key);
    community.refresh(store, keys)?;
    community.refresh_erasures(store)?;
    Ok(Some(community))
}

/// The community that the secrets name, with its topic key.
pub(super) fn welcome(secrets: &dyn SecretStore) -> Result<Option<Welcome>, OpenError> {
    let Some(kept) = secrets.get(WELCOME)? else { return Ok(None) };
    Welcome::from_secret(&kept).map(Some).ok_or(OpenError::Keys(KeyError::Damaged))
}
