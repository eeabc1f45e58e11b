//! Where a relay keeps its things: its keys, and a directory for each community with the pass that allowed it.
//!
//! It knows names of files. It refuses to know what the files of a community hold.

use std::{
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
};

use anyhow::bail;
use linli_core::{
    id::CommunityId,
    key::{DeviceKeys, SecretError, SecretStore},
    roster::RelayPass,
    store::{DirSecrets, Store, StoreError, make_dir, replace_file, sync_dir},
};
use zeroize::Zeroizing;

use crate::{last_step::settle, no_room::NoRoom};

/// Where the secrets lie.
pub(crate) const KEYS: &str = "keys";
/// Where the communities lie, each in a directory of its own.
pub(crate) const COMMUNITIES: &str = "communities";
const DEVICE_KEYS: &str = "device-keys";
pub(crate) const PASS: &str = "pass";
/// Beside the pass once there was a database: where that is gone then, it is lost, and not yet to be made.
pub(crate) const OPENED: &str = "opened";

/// Why a community is not served. The others are.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WhyShut {
    /// Its database does not open.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Its pass cannot be understood.
    #[error("its pass is damaged; give it again with `linli-relay allow`")]
    PassDamaged,
    /// There is its database, and no pass.
    #[error("its database is here, its pass is not; give it again with `linli-relay allow`")]
    PassLost,
    /// There is its pass, and not the database that was there.
    #[error(
        "its database is gone; put a copy back with `linli-relay restore`, or begin anew with `linli-relay allow` and a pass \
         from a coordinator's phone, which gives back what it has"
    )]
    DatabaseLost,
    /// Its directory, or what lies in it, cannot be read.
    #[error("its directory cannot be read: {0}")]
    Unreadable(io::ErrorKind),
}

/// Where a relay keeps its things.
#[derive(Clone, Debug)]
pub struct Home(PathBuf);

impl Home {
    /// A directory, made when it is first needed.
    pub fn new(dir: impl Into<PathBuf>) -> Self {
        Self(dir.into())
    }

    /// The directory it is.
    pub fn dir(&self) -> &Path {
        &self.0
    }

    /// This relay's keys, made the first time.
    ///
    /// # Errors
    /// [`NoRoom`]; when they cannot be read or kept, or are gone where communities are kept already: new ones would be
    /// another relay, that no phone knows.
    pub fn keys(&self) -> anyhow::Result<DeviceKeys> {
        self.keys_or_new().map_err(NoRoom::or)
    }

    fn keys_or_new(&self) -> anyhow::Result<DeviceKeys> {
        settle(&self.0)?;
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
    pub fn secrets(&self, community: CommunityId) -> Result<FileSecrets, SecretError> {
        Ok(FileSecrets { all: DirSecrets::open(&self.0.join(KEYS))?, community })
    }

    pub(crate) fn communities(&self) -> PathBuf {
        self.0.join(COMMUNITIES)
    }

    /// Where one community is kept.
    pub fn community(&self, community: CommunityId) -> PathBuf {
        self.communities().join(hex::encode(community.as_bytes()))
    }

    /// Allows a community. Whether that is new; a running relay takes it in by itself. One whose database is lost begins anew.
    ///
    /// # Errors
    /// [`NoRoom`], or what the file system says.
    pub fn allow(&self, pass: &RelayPass) -> anyhow::Result<bool> {
        self.keep_pass(pass).map_err(NoRoom::or)
    }

    fn keep_pass(&self, pass: &RelayPass) -> io::Result<bool> {
        let dir = self.community(pass.community);
        make_dir(&dir)?;
        let file = dir.join(PASS);
        let text = pass.to_string();
        let begins_anew = self.has_lost(pass.community) && remove(&dir.join(OPENED))?;
        if fs::read_to_string(&file).is_ok_and(|kept| kept == text) {
            return Ok(begins_anew);
        }
        replace_file(&file, text.as_bytes())?;
        // Of the directories that were made on the way, too, a power cut must leave nothing out.
        sync_dir(&self.communities())?;
        sync_dir(&self.0)?;
        Ok(true)
    }

    /// Whether a community had a database here, and has none.
    fn has_lost(&self, community: CommunityId) -> bool {
        let dir = self.community(community);
        dir.join(OPENED).exists() && !Store::is_there(&dir)
    }

    /// Notes that a community has a database here, so that it is missed when it is lost.
    pub(crate) fn note_opened(&self, community: CommunityId) -> io::Result<()> {
        let note = self.community(community).join(OPENED);
        if note.exists() { Ok(()) } else { replace_file(&note, b"") }
    }

    /// The communities that are here: the pass of each, or why it cannot be served.
    ///
    /// # Errors
    /// When the directory of all cannot be listed.
    pub fn each_pass(&self) -> io::Result<Vec<(CommunityId, Result<RelayPass, WhyShut>)>> {
        let entries = match fs::read_dir(self.communities()) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            entries => entries?,
        };
        let mut passes = BTreeMap::new();
        for entry in entries {
            let entry = entry?;
            // What is called otherwise, nobody here put there.
            let Some(community) = entry.file_name().to_str().and_then(|name| name.parse().ok()) else { continue };
            let pass = match fs::read(entry.path().join(PASS)) {
                Ok(_) if self.has_lost(community) => Err(WhyShut::DatabaseLost),
                Ok(text) => String::from_utf8_lossy(&text).parse::<RelayPass>().map_err(|_| WhyShut::PassDamaged),
                Err(error) if error.kind() == io::ErrorKind::NotFound => {
                    let was_here = entry.path().join(OPENED).exists() || Store::is_there(&entry.path());
                    if !was_here {
                        // A kill came between the directory and its pass.
                        continue;
                    }
                    Err(WhyShut::PassLost)
                }
                Err(error) => Err(WhyShut::Unreadable(error.kind())),
            };
            passes.insert(community, pass);
        }
        Ok(passes.into_iter().collect())
    }
}

/// Whether there was such a file.
fn remove(file: &Path) -> io::Result<bool> {
    match fs::remove_file(file) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        removed => removed.map(|()| true),
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
