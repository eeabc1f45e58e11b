//! At rest: with the feature `sqlcipher` every page of a database is encrypted and authenticated (SQLCipher 4:
//! AES-256-CBC, HMAC-SHA512, a fresh IV for each page written), under a random key that lies in the app's
//! [`SecretStore`] alone.
//!
//! Knows where the key is and whether it is a home's; the pages are SQLCipher's. A small mark beside the database
//! holds a hash of the key, so that a lost or wrong key is never taken for damage, nor damage for a wrong key.
//!
//! `cipher_memory_security` stays off, as SQLCipher has it: it would wipe and lock all memory that SQLite gives back,
//! for a good part of its speed, while the same process holds the device's keys and the opened bodies anyway.

use std::{
    fmt::Write as _,
    fs,
    io::ErrorKind,
    path::{Path, PathBuf},
    sync::{Arc, Once},
};

use rand::TryRng;
use rusqlite::Connection;
use zeroize::Zeroizing;

use super::{SEALS, StoreError, private::replace_file};
use crate::key::SecretStore;

/// The name under which the key of the database lies in the [`SecretStore`], in builds with `sqlcipher`.
pub const DATABASE_KEY: &str = "database-key";

/// How many bytes that key has.
pub const DATABASE_KEY_LEN: usize = 32;

/// Whether what all connections of the process share is set up.
static BEGUN: Once = Once::new();

/// Sets up what all connections of the process share, before any is opened: where two threads open the first ones at once, SQLite
/// hands one out to which SQLCipher cannot give a key yet.
pub(super) fn begin() {
    if SEALS {
        BEGUN.call_once(|| drop(Connection::open_in_memory()));
    }
}

const MARK: &str = "linli.sealed";
const CONTEXT: &str = "linli 2026 database key mark v1";

/// What a database file is opened with: a key, or nothing in builds that do not encrypt.
#[derive(Clone, Default)]
pub(super) struct FileKey(Option<Arc<Zeroizing<[u8; DATABASE_KEY_LEN]>>>);

impl FileKey {
    /// The key of a home that is held against everybody else. One without a database gets a new key, which is kept
    /// before anything is written under it.
    pub(super) fn of_home(dir: &Path, is_new: bool, secrets: &dyn SecretStore) -> Result<Self, StoreError> {
        let mark = read_mark(dir)?;
        if !SEALS {
            // A home that was never begun may be begun otherwise.
            return if mark.is_some() && !is_new { Err(StoreError::Encrypted) } else { Ok(Self::default()) };
        }
        let key = match (Self::kept(secrets)?, &mark) {
            (Self(None), None) if !is_new => return Ok(Self(None)),
            (Self(None), Some(_)) if !is_new => return Err(StoreError::KeyLost),
            (Self(None), _) => Self::generate(secrets)?,
            (key, Some(mark)) if !is_new && key.mark().as_ref() != Some(mark) => return Err(StoreError::KeyWrong),
            (key, _) => key,
        };
        if is_new && key.mark() != mark {
            write_mark(dir, key.mark().as_deref())?;
        }
        Ok(key)
    }

    /// The key in the secret store, for a file of which nothing more is known.
    pub(super) fn kept(secrets: &dyn SecretStore) -> Result<Self, StoreError> {
        if !SEALS {
            return Ok(Self::default());
        }
        let Some(kept) = secrets.get(DATABASE_KEY)? else { return Ok(Self(None)) };
        let mut key = Zeroizing::new([0; DATABASE_KEY_LEN]);
        if kept.len() != DATABASE_KEY_LEN {
            return Err(StoreError::KeyWrong);
        }
        key.copy_from_slice(&kept);
        Ok(Self(Some(Arc::new(key))))
    }

    fn generate(secrets: &dyn SecretStore) -> Result<Self, StoreError> {
        let mut key = Zeroizing::new([0; DATABASE_KEY_LEN]);
        let thrown = rand::rngs::SysRng.try_fill_bytes(key.as_mut_slice());
        thrown.map_err(|_| StoreError::Io(ErrorKind::Unsupported))?;
        secrets.put(DATABASE_KEY, key.as_slice())?;
        Ok(Self(Some(Arc::new(key))))
    }

    /// Whether there is one.
    pub(super) fn is_some(&self) -> bool {
        self.0.is_some()
    }

    /// Gives a fresh connection the key, before anything else is asked of it.
    pub(super) fn unlock(&self, db: &Connection) -> Result<(), StoreError> {
        let Some(key) = &self.0 else { return Ok(()) };
        let mut pragma = Zeroizing::new(String::with_capacity(96));
        pragma.push_str("PRAGMA key = \"x'");
        for byte in key.iter() {
            // A string takes everything.
            let _infallible = write!(pragma, "{byte:02x}");
        }
        pragma.push_str("'\"");
        // What SQLite says of a statement may repeat it; its number does not.
        db.execute_batch(&pragma).map_err(|error| {
            tracing::warn!(code = ?error.sqlite_error().map(|error| error.extended_code), "a database takes no key");
            StoreError::KeyWrong
        })
    }

    /// What the mark of a home with this key says.
    fn mark(&self) -> Option<String> {
        let key = self.0.as_ref()?;
        Some(blake3::Hasher::new_derive_key(CONTEXT).update(key.as_slice()).finalize().to_hex().to_string())
    }
}

/// Whether the home of a database says that it is encrypted.
pub(super) fn is_marked(database: &Path) -> Result<bool, StoreError> {
    database.parent().map_or(Ok(false), |dir| Ok(read_mark(dir)?.is_some()))
}

fn path(dir: &Path) -> PathBuf {
    dir.join(MARK)
}

fn read_mark(dir: &Path) -> Result<Option<String>, StoreError> {
    match fs::read(path(dir)) {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        // Whatever else stands there fits no key.
        read => Ok(Some(String::from_utf8_lossy(&read?).into_owned())),
    }
}

/// Durable before the database is begun.
fn write_mark(dir: &Path, mark: Option<&str>) -> Result<(), StoreError> {
    let Some(mark) = mark else { return Ok(()) };
    Ok(replace_file(&path(dir), mark.as_bytes())?)
}
