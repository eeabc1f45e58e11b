//! A home: the names under which a replica keeps things in its database and its secret store, what it owes, and why it
//! does not open.

use std::thread::{self, ThreadId};

use crate::{
    aggregate::Registry,
    key::{KeyError, SecretError},
    limits,
    store::{DATABASE_KEY, Store, StoreError},
    time::Mono,
};

pub(super) const KEYS: &str = "device-keys";
/// The community's id and its topic key, so that a device whose database is lost still knows where it belongs.
pub(super) const WELCOME: &str = "welcome";
/// The words of a recovery kit that a person has yet to write down.
pub(super) const KIT: &str = "recovery-kit";
/// What tells a restored database from the one that was left.
pub(super) const TOKEN: &str = "incarnation-token";
/// Where what could not be read of these is kept in case that somebody can. The last of each is.
pub(super) const ASIDE: [(&str, &str); 3] =
    [(KEYS, "device-keys-aside"), (WELCOME, "welcome-aside"), (DATABASE_KEY, "database-key-aside")];
/// Everything that a replica keeps in the secret store.
pub(super) const SECRETS: [&str; 8] = [KEYS, KIT, WELCOME, TOKEN, DATABASE_KEY, ASIDE[0].1, ASIDE[1].1, ASIDE[2].1];
pub(super) const DEVICE: &str = "device";
pub(super) const COMMUNITY: &str = "community";
pub(super) const INCARNATION: &str = "incarnation";
/// What of the format the build knew that judged all that is stored. Another judges it anew.
pub(super) const READS: &str = "reads";

/// Whether what was made of all that is stored is not what this build makes of it.
pub(super) fn is_outdated(store: &Store, registry: &Registry) -> Result<bool, StoreError> {
    Ok(store.read_model_stale()? || store.meta(READS)?.as_deref() != Some(&registry.mark()))
}

/// What is to be made good before anything else is written.
#[derive(Default)]
pub(super) struct Owes {
    /// Why that failed last; none where nothing is owed.
    pub(super) why: Option<StoreError>,
    /// When that was; none where nobody tried since the home was opened.
    pub(super) tried: Option<Mono>,
    /// Who makes it good now, and writes for it.
    pub(super) by: Option<ThreadId>,
}

impl Owes {
    pub(super) fn for_want(of: Option<StoreError>, tried: Option<Mono>) -> Self {
        Self { why: of, tried, by: None }
    }

    /// Whether it may be tried again for somebody who does not wait for it.
    pub(super) fn is_to_be_tried(&self, now: Mono) -> bool {
        self.tried.is_none_or(|tried| now.since(tried) >= limits::HEAL_MS)
    }

    /// Why whoever asks may not write now.
    pub(super) fn bars(&self) -> Option<StoreError> {
        self.why.clone().filter(|_| self.by != Some(thread::current().id()))
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
    Secret(SecretError),
    /// What is kept of the keys, or of where this device belongs, cannot be read.
    /// [`Replica::recover`](super::Replica::recover) sets it aside with the database: without its keys this is a new device,
    /// without the rest it belongs nowhere until it joins.
    #[error(transparent)]
    Keys(#[from] KeyError),
    /// The secret store knows a device and its community, and the home has no database: the app was installed anew
    /// where the secret store outlived it, or the home's files were removed. [`Replica::recover`](super::Replica::recover)
    /// goes on as the same device, under a new incarnation; what was not sent to others is lost.
    #[error("the database of this device is not in its home")]
    DatabaseLost,
    /// The secret store knows a device and its community, and the home's database is from before the device came there: an
    /// old copy was brought back, or another first database of the same device. [`Replica::recover`](super::Replica::recover)
    /// sets it aside and goes on as for [`DatabaseLost`](Self::DatabaseLost).
    #[error("the database of this device is from before it came to its community")]
    DatabaseEarlier,
    /// The home has a database, and the secret store has no keys: a restored or copied database, or a lost secret
    /// store. [`Replica::recover`](super::Replica::recover) sets it aside and begins as a new device, to be admitted anew.
    #[error("the keys of this home's device are not in the secret store")]
    KeysLost,
    /// The database belongs to another device than the keys in the secret store.
    /// [`Replica::recover`](super::Replica::recover) sets it aside and goes on as the device of the keys.
    #[error("the database of this home belongs to another device than the keys in the secret store")]
    OtherDevice,
    /// The machine gave no randomness.
    #[error("the machine gives no randomness")]
    NoRandomness,
}

impl OpenError {
    /// Whether nothing can be written where the home or its secrets lie.
    pub(super) fn is_no_room(&self) -> bool {
        matches!(self, Self::Store(error) if error.is_unwritable())
    }

    /// Whether what the secret store has there will never be read again.
    pub(super) fn is_unreadable(&self) -> bool {
        matches!(
            self,
            Self::Keys(_) | Self::Secret(SecretError::Lost(_)) | Self::Store(StoreError::Secret(SecretError::Lost(_)))
        )
    }
}

impl From<SecretError> for OpenError {
    fn from(error: SecretError) -> Self {
        match error {
            SecretError::Full => Self::Store(StoreError::Full),
            error @ (SecretError::Unavailable(_) | SecretError::Lost(_)) => Self::Secret(error),
        }
    }
}
