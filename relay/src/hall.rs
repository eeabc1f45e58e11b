//! The hall: all communities of a relay behind one door.
//!
//! It asks each community whether a device belongs to it and hands whoever comes to that community's [`Shelf`]. It refuses to know
//! what is said.

use std::{
    collections::BTreeMap,
    fmt, fs, io,
    path::{Path, PathBuf},
    sync::Arc,
};

use anyhow::{Context, bail};
use linli_core::{
    id::{CommunityId, DeviceId},
    keep::{Conversation, Holder, LinkError, Quota},
    key::{DeviceKeys, SecretError, SecretStore, TlsKey},
    net::{Host, Talk, TalkError},
    roster::{CodeError, RelayPass},
    store::{DirSecrets, Store, StoreError, close_to_others, make_dir, replace_file, sync_dir},
    sync::{Framer, Progress, Reason, is_for},
    time::{Clock, Mono, WallMs},
};
use parking_lot::RwLock;
use tokio::sync::Notify;
use zeroize::Zeroizing;

use crate::{copies, lock::Lock, pace::Speed, shelf::Shelf, visit::Visit};

/// Where the secrets lie.
pub(crate) const KEYS: &str = "keys";
/// Where the communities lie, each in a directory of its own.
pub(crate) const COMMUNITIES: &str = "communities";
const DEVICE_KEYS: &str = "device-keys";
const PASS: &str = "pass";
const DAMAGED_PASS: &str = "its pass is damaged; give it again with `linli-relay allow`";
/// After how long it is tried again to open a community that could not be opened.
const AGAIN: std::time::Duration = std::time::Duration::from_secs(60);

/// Where a relay keeps its things.
#[derive(Clone, Debug)]
pub struct Home(PathBuf);

impl Home {
    /// A directory, made when it is first needed.
    pub fn new(dir: impl Into<PathBuf>) -> Self {
        Self(dir.into())
    }

    /// The directory.
    pub fn dir(&self) -> &Path {
        &self.0
    }

    /// This relay's keys, made the first time.
    ///
    /// # Errors
    /// When they cannot be read or kept, or are gone where communities are kept already: new ones would be another relay,
    /// that no phone knows.
    pub fn keys(&self) -> anyhow::Result<DeviceKeys> {
        copies::settle(&self.0)?;
        let secrets = DirSecrets::open(&self.0.join(KEYS))?;
        if let Some(kept) = secrets.get(DEVICE_KEYS)? {
            return Ok(DeviceKeys::from_slice(&kept)?);
        }
        if let Some(kept) =
            self.each_pass()?.into_iter().map(|(id, _)| self.community(id)).find(|dir| Store::is_there(dir))
        {
            bail!(
                "the keys of this relay are gone, but {} is there; put a copy back with `linli-relay restore`, or begin in an \
                 empty directory and have a coordinator add the new relay",
                kept.display()
            );
        }
        let keys = DeviceKeys::generate(&mut rand::rng());
        secrets.put(DEVICE_KEYS, &keys.to_secret())?;
        Ok(keys)
    }

    /// The secrets of one community's file, in builds that encrypt files.
    ///
    /// # Errors
    /// When the directory of secrets cannot be made.
    pub fn secrets(&self, community: CommunityId) -> anyhow::Result<FileSecrets> {
        Ok(FileSecrets { all: DirSecrets::open(&self.0.join(KEYS))?, community })
    }

    fn communities(&self) -> PathBuf {
        self.0.join(COMMUNITIES)
    }

    /// Where one community is kept.
    pub fn community(&self, community: CommunityId) -> PathBuf {
        self.communities().join(hex::encode(community.as_bytes()))
    }

    /// Allows a community. Whether that is new; a running relay takes it in by itself.
    ///
    /// # Errors
    /// What the file system says.
    pub fn allow(&self, pass: &RelayPass) -> io::Result<bool> {
        let dir = self.community(pass.community);
        make_dir(&dir)?;
        let file = dir.join(PASS);
        let text = pass.to_string();
        if fs::read_to_string(&file).is_ok_and(|kept| kept == text) {
            return Ok(false);
        }
        replace_file(&file, text.as_bytes())?;
        // Of the directories that were made on the way, too, a power cut must leave nothing out.
        sync_dir(&self.communities())?;
        sync_dir(&self.0)?;
        Ok(true)
    }

    /// The communities that are allowed.
    ///
    /// # Errors
    /// What the file system says, or that a pass is damaged.
    pub fn passes(&self) -> anyhow::Result<Vec<RelayPass>> {
        copies::settle(&self.0)?;
        let all = self.each_pass()?.into_iter();
        all.map(|(community, pass)| pass.with_context(|| self.community(community).join(PASS).display().to_string()))
            .collect()
    }

    /// The communities that are allowed, the pass of each if it is whole.
    fn each_pass(&self) -> io::Result<Vec<(CommunityId, Result<RelayPass, CodeError>)>> {
        let entries = match fs::read_dir(self.communities()) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            entries => entries?,
        };
        let mut passes = BTreeMap::new();
        for entry in entries {
            let entry = entry?;
            // What is called otherwise, nobody here put there.
            let Some(community) = entry.file_name().to_str().and_then(|name| name.parse().ok()) else { continue };
            match fs::read(entry.path().join(PASS)) {
                Ok(text) => drop(passes.insert(community, String::from_utf8_lossy(&text).parse())),
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(error),
            }
        }
        Ok(passes.into_iter().collect())
    }
}

/// The secrets of one community's file among all of a relay's.
#[derive(Debug)]
pub struct FileSecrets {
    all: DirSecrets,
    community: CommunityId,
}

impl FileSecrets {
    fn name(&self, name: &str) -> String {
        format!("{}:{name}", hex::encode(self.community.as_bytes()))
    }
}

impl SecretStore for FileSecrets {
    fn get(&self, name: &str) -> Result<Option<Zeroizing<Vec<u8>>>, SecretError> {
        self.all.get(&self.name(name))
    }

    fn put(&self, name: &str, secret: &[u8]) -> Result<(), SecretError> {
        self.all.put(&self.name(name), secret)
    }

    fn remove(&self, name: &str) -> Result<(), SecretError> {
        self.all.remove(&self.name(name))
    }
}

/// All communities of a running relay.
pub struct Hall {
    home: Home,
    me: DeviceId,
    tls: TlsKey,
    quota: Quota,
    speed: Speed,
    clock: Arc<dyn Clock>,
    shelves: RwLock<BTreeMap<CommunityId, Shelf>>,
    /// Communities that could not be opened: when to try again, and why not.
    shut: RwLock<BTreeMap<CommunityId, (Mono, StoreError)>>,
    _lock: Lock,
}

impl fmt::Debug for Hall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Hall({:?})", self.me)
    }
}

impl Hall {
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
        let (shelves, shut) = (RwLock::default(), RwLock::default());
        let hall = Self { home, me, tls, quota, speed, clock, shelves, shut, _lock: lock };
        hall.look_for_new()?;
        Ok(hall)
    }

    /// Tries again to write to what could only be read, and takes in communities that were allowed since. How many.
    ///
    /// # Errors
    /// What cannot be read of the passes. A store that cannot be opened is noted, and tried again after a minute.
    pub fn look_for_new(&self) -> anyhow::Result<usize> {
        let mut new = 0;
        for (community, pass) in self.home.each_pass()? {
            let here = self.shelves.read().get(&community).cloned();
            if let Some(shelf) = here {
                if shelf.may_heal()
                    && let Err(error) = shelf.heal(&self.home.secrets(community)?)
                {
                    tracing::error!(?community, %error, "a community can only be read");
                }
                continue;
            }
            let now = self.clock.mono();
            if self.shut.read().get(&community).is_some_and(|(again, _)| now < *again) {
                continue;
            }
            match self.open_shelf(community, pass)? {
                Ok(shelf) => {
                    self.shut.write().remove(&community);
                    self.shelves.write().insert(community, shelf);
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

    fn open_shelf(
        &self,
        community: CommunityId,
        pass: Result<RelayPass, CodeError>,
    ) -> anyhow::Result<Result<Shelf, StoreError>> {
        let Ok(pass) = pass else { return Ok(Err(StoreError::Damaged { detail: DAMAGED_PASS.to_owned() })) };
        let (dir, secrets) = (self.home.community(community), self.home.secrets(community)?);
        close_to_others(&dir, |name| name == PASS)?;
        let shelf = Shelf::open(&dir, &secrets, pass, self.me, self.quota, self.clock.clone());
        Ok(shelf.inspect(|shelf| shelf.set_speed(self.speed)))
    }

    /// All communities.
    pub fn shelves(&self) -> Vec<Shelf> {
        self.shelves.read().values().cloned().collect()
    }

    /// Communities that cannot be opened, and why.
    pub fn shut(&self) -> Vec<(CommunityId, StoreError)> {
        self.shut.read().iter().map(|(community, (_, why))| (*community, why.clone())).collect()
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
        for shelf in self.shelves() {
            match shelf.tend() {
                Ok(bodies) => forgotten = forgotten.saturating_add(bodies),
                Err(error) => fault = Err(error),
            }
        }
        fault.map(|()| forgotten)
    }
}

impl Host for Hall {
    fn device(&self) -> DeviceId {
        self.me
    }

    fn tls(&self) -> &TlsKey {
        &self.tls
    }

    fn welcomes(&self, device: DeviceId) -> bool {
        self.shelves.read().values().any(|shelf| shelf.welcomes(device))
    }

    fn talk(&self, peer: DeviceId) -> Result<Box<dyn Talk>, TalkError> {
        let mut welcome: Vec<Shelf> = self.shelves().into_iter().filter(|shelf| shelf.welcomes(peer)).collect();
        match (welcome.pop(), welcome.is_empty()) {
            (Some(shelf), true) => Ok(Box::new(Visit::new(Conversation::begin(shelf, peer)?))),
            (Some(shelf), false) => {
                welcome.push(shelf);
                Ok(Box::new(Door::new(welcome, peer, self.clock.mono())))
            }
            (None, _) => Err(LinkError::Withdrawn.into()),
        }
    }

    fn now(&self) -> Mono {
        self.clock.mono()
    }
}

/// Bytes that are heard of a hello until it is whole.
const HELLO: usize = 4 * 1024;
/// What somebody who belongs to several communities gets to say which one this is about.
const PATIENCE_MS: u64 = 20_000;

/// Waits for the hello of somebody whose key several communities know, and goes on with the one it names. No
/// coordinator can so keep a device of another community away from its own.
struct Door {
    shelves: Vec<Shelf>,
    peer: DeviceId,
    framer: Framer,
    heard: Vec<u8>,
    until: Mono,
    wake: Arc<Notify>,
    talk: Option<Visit>,
}

impl Door {
    fn new(shelves: Vec<Shelf>, peer: DeviceId, now: Mono) -> Self {
        let until = now.plus(std::time::Duration::from_millis(PATIENCE_MS));
        Self { shelves, peer, framer: Framer::new(), heard: Vec::new(), until, wake: Arc::default(), talk: None }
    }

    /// Begins the one conversation that the hello is for, once that is whole.
    fn listen(&mut self, bytes: &[u8]) -> Result<(), TalkError> {
        self.heard.extend(bytes);
        self.framer.push(bytes);
        let Some(hello) = self.framer.next_frame()? else {
            let more = self.heard.len() <= HELLO;
            return if more { Ok(()) } else { Err(LinkError::NotAMember.into()) };
        };
        for shelf in &self.shelves {
            if is_for(&hello, shelf.community())? {
                let mut talk = Conversation::begin(shelf.clone(), self.peer)?;
                talk.receive(&std::mem::take(&mut self.heard))?;
                self.talk = Some(Visit::new(talk));
                return Ok(());
            }
        }
        Err(LinkError::NotAMember.into())
    }
}

impl Talk for Door {
    fn receive(&mut self, bytes: &[u8]) -> Result<(), TalkError> {
        if let Some(talk) = &mut self.talk {
            return talk.receive(bytes);
        }
        self.listen(bytes)
    }

    fn send(&mut self, most: usize) -> Result<Vec<u8>, TalkError> {
        self.talk.as_mut().map_or(Ok(Vec::new()), |talk| talk.send(most))
    }

    fn tick(&mut self) -> Result<(), TalkError> {
        match &mut self.talk {
            Some(talk) => talk.tick(),
            None if self.shelves.first().is_none_or(|shelf| shelf.now() >= self.until) => {
                Err(LinkError::NotAMember.into())
            }
            None => Ok(()),
        }
    }

    fn deadline(&self) -> Option<Mono> {
        self.talk.as_ref().map_or(Some(self.until), Visit::deadline)
    }

    fn wake(&self) -> Arc<Notify> {
        self.talk.as_ref().map_or_else(|| self.wake.clone(), Visit::wake)
    }

    fn unsent(&self) -> usize {
        self.talk.as_ref().map_or(0, Visit::unsent)
    }

    fn is_met(&self) -> bool {
        self.talk.is_some()
    }

    fn is_in_step(&self) -> bool {
        self.talk.as_ref().is_some_and(Visit::is_in_step)
    }

    fn closed(&self) -> Option<Reason> {
        self.talk.as_ref().and_then(Visit::closed)
    }

    fn ping(&mut self) -> Result<(), TalkError> {
        self.talk.as_mut().map_or(Ok(()), Talk::ping)
    }

    fn progress(&self) -> Progress {
        self.talk.as_ref().map_or_else(Progress::default, Visit::progress)
    }
}
