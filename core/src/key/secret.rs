//! Where an app keeps what must not lie in a backup: device keys, database key, incarnation token.

use std::{collections::BTreeMap, sync::Arc};

use parking_lot::Mutex;
use zeroize::Zeroizing;

/// The app's keystore did not do what was asked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SecretError {
    /// It does not answer now, or refuses; what it says, never the secret.
    #[error("the secret store failed: {0}")]
    Unavailable(String),
    /// It has something under this name that nobody will ever read again: what it was sealed under is gone, or it is damaged.
    /// What it says, never the secret. It can be replaced and forgotten.
    #[error("a secret is lost: {0}")]
    Lost(String),
    /// Where it keeps secrets there is no room, or nothing may be written.
    #[error("there is no room to keep a secret")]
    Full,
}

/// A place for small secrets that is not in backups: Keystore, Keychain, a file that only its owner reads.
///
/// Called while a replica opens and when keys change, never with a lock held.
pub trait SecretStore: Send + Sync {
    /// The secret under a name, if there is one.
    ///
    /// # Errors
    /// [`SecretError::Unavailable`] when the store cannot be read now, [`SecretError::Lost`] when what it has there never will
    /// be again; a secret that was never put is no error.
    fn get(&self, name: &str) -> Result<Option<Zeroizing<Vec<u8>>>, SecretError>;

    /// Keeps a secret under a name, in place of what was there; durable when it returns.
    ///
    /// # Errors
    /// When it could not be kept.
    fn put(&self, name: &str, secret: &[u8]) -> Result<(), SecretError>;

    /// Forgets a secret; one that was never put is no error.
    ///
    /// # Errors
    /// When it could not be forgotten.
    fn remove(&self, name: &str) -> Result<(), SecretError>;
}

impl MemorySecrets {
    /// The names of all that is kept.
    pub fn names(&self) -> Vec<String> {
        self.0.lock().keys().cloned().collect()
    }
}

type Kept = BTreeMap<String, Zeroizing<Vec<u8>>>;

/// Secrets that live as long as this value and its clones: for tests and simulations.
#[derive(Clone, Default)]
pub struct MemorySecrets(Arc<Mutex<Kept>>);

impl SecretStore for MemorySecrets {
    fn get(&self, name: &str) -> Result<Option<Zeroizing<Vec<u8>>>, SecretError> {
        Ok(self.0.lock().get(name).cloned())
    }

    fn put(&self, name: &str, secret: &[u8]) -> Result<(), SecretError> {
        self.0.lock().insert(name.to_owned(), secret.to_vec().into());
        Ok(())
    }

    fn remove(&self, name: &str) -> Result<(), SecretError> {
        self.0.lock().remove(name);
        Ok(())
    }
}
