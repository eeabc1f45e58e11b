//! The app's keystore, as core asks for it.

use std::sync::Arc;

use linli_core::key;
use zeroize::Zeroizing;

/// Why a secret could not be read, kept or forgotten.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, uniffi::Error)]
pub enum SecretError {
    /// The keystore does not answer now, as before the first unlock of a phone. Trying again later may help.
    #[error("the keystore is not available: {reason}")]
    Unavailable {
        /// What it says; never the secret.
        reason: String,
    },
    /// There is something under this name that nobody will ever read again: the key under which it was sealed was replaced, or
    /// its file is damaged. Not for a keystore that is locked. `recover_home` is the way out, and replaces it.
    #[error("a secret is lost: {reason}")]
    Lost {
        /// What it says; never the secret.
        reason: String,
    },
    /// Where it keeps secrets there is no room, or nothing may be written.
    #[error("there is no room to keep a secret")]
    Full,
}

impl From<uniffi::UnexpectedUniFFICallbackError> for SecretError {
    fn from(error: uniffi::UnexpectedUniFFICallbackError) -> Self {
        Self::Unavailable { reason: error.reason }
    }
}

/// A place for small secrets that is in no backup: the Keystore of Android, the Keychain of iOS, a file that only its
/// owner reads. Written by the app.
///
/// Called while a phone opens and when keys change, on threads of the engine and never with a lock held. A secret that
/// was never put is no error. What was put must be durable when the call returns.
#[uniffi::export(with_foreign)]
pub trait SecretStore: Send + Sync {
    /// The secret under a name, if there is one. `Lost` for one that is there and can never be read again.
    fn get(&self, name: String) -> Result<Option<Vec<u8>>, SecretError>;

    /// Keeps a secret under a name, in place of what was there.
    fn put(&self, name: String, secret: Vec<u8>) -> Result<(), SecretError>;

    /// Forgets a secret.
    fn remove(&self, name: String) -> Result<(), SecretError>;
}

/// The app's keystore in core's words.
pub(crate) struct AppSecrets(pub(crate) Arc<dyn SecretStore>);

impl key::SecretStore for AppSecrets {
    fn get(&self, name: &str) -> Result<Option<Zeroizing<Vec<u8>>>, key::SecretError> {
        Ok(self.0.get(name.to_owned()).map_err(said)?.map(Zeroizing::new))
    }

    fn put(&self, name: &str, secret: &[u8]) -> Result<(), key::SecretError> {
        self.0.put(name.to_owned(), secret.to_vec()).map_err(said)
    }

    fn remove(&self, name: &str) -> Result<(), key::SecretError> {
        self.0.remove(name.to_owned()).map_err(said)
    }
}

fn said(error: SecretError) -> key::SecretError {
    match error {
        SecretError::Unavailable { reason } => key::SecretError::Unavailable(reason),
        SecretError::Lost { reason } => key::SecretError::Lost(reason),
        SecretError::Full => key::SecretError::Full,
    }
}
