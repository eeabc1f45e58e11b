//! All communities of a relay.
//!
//! They say whether a device belongs to one of them, and hand whoever comes to its community's [`CommunityStore`]. They
//! refuse to know what is said.

use std::{collections::BTreeMap, fmt, sync::Arc};

use linli_core::{
    id::{CommunityId, DeviceId},
    keep::{LinkError, Quota, SyncConversation},
    key::TlsKey,
    limits,
    net::{AnyConversation, Carried, ConversationError, Host},
    roster::RelayPass,
    store::{StoreError, close_to_others},
    time::{Clock, Mono, WallMs},
};
use parking_lot::{Mutex, RwLock};

use crate::{
    community::CommunityStore,
    hello::Hello,
    home::{Home, OPENED, PASS, WhyShut},
    lock::Lock,
    pace::Speed,
    visit::Visit,
};

/// After how long it is tried again to open a community that could not be opened.
const AGAIN: std::time::Duration = std::time::Duration::from_secs(60);

/// For how long it is believed that all is well once that was found: whoever looks has not come through since then.
const BELIEVED: std::time::Duration = std::time::Duration::from_secs(300);

/// All communities of a running relay.
pub struct Communities {
    home: Home,
    me: DeviceId,
    tls: TlsKey,
    quota: Quota,
    speed: Speed,
    clock: Arc<dyn Clock>,
    stores: RwLock<BTreeMap<CommunityId, CommunityStore>>,
    /// Communities that are not served: when to try again, and why not.
    shut: RwLock<BTreeMap<CommunityId, (Mono, WhyShut)>>,
    /// When all were found well last, if they were when they were looked at last.
    well: Mutex<Option<Mono>>,
    _lock: Lock,
}

impl fmt::Debug for Communities {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Communities({:?})", self.me)
    }
}

impl Communities {
    /// Takes the home's lock, opens the keys and every community. One that cannot be opened keeps the others from
    /// nothing: see [`shut`](Self::shut).
    ///
    /// # Errors
    /// Who holds the home, or what cannot be read of it.
    pub fn open(home: Home, quota: Quota, speed: Speed, clock: Arc<dyn Clock>) -> anyhow::Result<Self> {
        let lock = Lock::take(home.dir())?;
        if home.communities().is_dir() {
            close_to_others(&home.communities(), |name| name.parse::<CommunityId>().is_ok())?;
        }
        let keys = home.keys()?;
        let (me, tls) = (keys.device(), keys.tls());
        let (stores, shut) = (RwLock::default(), RwLock::default());
        let well = Mutex::default();
        let communities = Self { home, me, tls, quota, speed, clock, stores, shut, well, _lock: lock };
        communities.look_for_new()?;
        communities.note_health();
        Ok(communities)
    }

    /// Tries again to write to what could only be read, and takes in communities that were allowed since. How many.
    ///
    /// # Errors
    /// When the communities cannot be listed. One that cannot be opened is noted, and tried again after a minute.
    pub fn look_for_new(&self) -> anyhow::Result<usize> {
        let mut new = 0;
        for (community, pass) in self.home.each_pass()? {
            let here = self.stores.read().get(&community).cloned();
            if let Some(store) = here {
                if store.may_heal()
                    && let Err(error) = store.heal(&self.home.secrets(community)?)
                {
                    tracing::error!(?community, %error, "a community can only be read");
                }
                continue;
            }
            let now = self.clock.mono();
            if self.shut.read().get(&community).is_some_and(|(again, _)| now < *again) {
                continue;
            }
            match self.open_store(community, pass) {
                Ok(store) => {
                    self.shut.write().remove(&community);
                    self.stores.write().insert(community, store);
                    new += 1;
                }
                Err(error) => {
                    tracing::error!(?community, %error, "a community cannot be opened");
                    self.shut.write().insert(community, (now.plus(AGAIN), error));
                }
            }
        }
        Ok(new)
    }

    fn open_store(&self, community: CommunityId, pass: Result<RelayPass, WhyShut>) -> Result<CommunityStore, WhyShut> {
        let (pass, dir) = (pass?, self.home.community(community));
        let secrets = self.home.secrets(community).map_err(StoreError::from)?;
        close_to_others(&dir, |name| [PASS, OPENED].contains(&name))
            .map_err(|error| WhyShut::Unreadable(error.kind()))?;
        let store = CommunityStore::open(&dir, &secrets, pass, self.me, self.quota, self.clock.clone())?;
        if let Err(error) = self.home.note_opened(community) {
            // Where there is no room, it is noted at the next start.
            tracing::warn!(?community, %error, "that its database is here is not noted");
        }
        store.set_speed(self.speed);
        Ok(store)
    }

    /// The stores of all communities that are open.
    pub fn stores(&self) -> Vec<CommunityStore> {
        self.stores.read().values().cloned().collect()
    }

    /// Communities that are not served, and why.
    pub fn shut(&self) -> Vec<(CommunityId, WhyShut)> {
        self.shut.read().iter().map(|(community, (_, why))| (*community, why.clone())).collect()
    }

    /// Asks every store whether it answers, for [`is_well`](Self::is_well).
    pub fn note_health(&self) {
        let well = self.shut.read().is_empty() && self.stores().iter().all(CommunityStore::is_well);
        *self.well.lock() = well.then(|| self.clock.mono());
    }

    /// Whether every community is served, every store answered and took what came, when they were last asked, and that is not
    /// long ago. It costs the same however many there are, and waits for none of them.
    pub fn is_well(&self) -> bool {
        let believed = |asked: Mono| self.clock.mono() <= asked.plus(BELIEVED);
        self.well.lock().is_some_and(believed)
    }

    /// What the wall clock claims.
    pub fn wall(&self) -> WallMs {
        self.clock.wall()
    }

    /// Does what is due in each community. How many bodies were forgotten.
    ///
    /// # Errors
    /// When a store fails; the others are tended.
    pub fn tend(&self) -> Result<u64, StoreError> {
        let (mut forgotten, mut fault) = (0_u64, Ok(()));
        for store in self.stores() {
            match store.tend() {
                Ok(bodies) => forgotten = forgotten.saturating_add(bodies),
                Err(error) => fault = Err(error),
            }
        }
        fault.map(|()| forgotten)
    }
}

impl Host for Communities {
    fn device(&self) -> DeviceId {
        self.me
    }

    fn tls(&self) -> &TlsKey {
        &self.tls
    }

    fn welcomes(&self, device: DeviceId) -> bool {
        self.stores.read().values().any(|store| store.welcomes(device))
    }

    fn communities(&self, device: DeviceId) -> Vec<CommunityId> {
        let stores = self.stores.read();
        stores.iter().filter(|(_, store)| store.welcomes(device)).map(|(community, _)| *community).collect()
    }

    fn met(&self) -> Vec<(DeviceId, Option<CommunityId>)> {
        let stores = self.stores();
        // No community takes the room of another's here either.
        let most = limits::MET_DEVICES / stores.len().max(1);
        let of = |store: &CommunityStore| {
            let community = store.community();
            store.met(most).into_iter().map(move |device| (device, Some(community)))
        };
        stores.iter().flat_map(of).collect()
    }

    fn converse(&self, peer: DeviceId) -> Result<AnyConversation, ConversationError> {
        let mut welcome: Vec<CommunityStore> = self.stores().into_iter().filter(|store| store.welcomes(peer)).collect();
        match (welcome.pop(), welcome.is_empty()) {
            (Some(store), true) => Ok(Box::new(Carried(Visit::new(SyncConversation::begin(store, peer)?)))),
            (Some(store), false) => {
                welcome.push(store);
                Ok(Box::new(Carried(Hello::new(welcome, peer, self.clock.mono()))))
            }
            (None, _) => Err(LinkError::Withdrawn.into()),
        }
    }

    fn now(&self) -> Mono {
        self.clock.mono()
    }
}
