//! Salvage: what can still be read of a damaged file that was set aside.

use std::path::Path;

use super::{Remembered, Store, StoreError, View, answers::Answers, at_rest::FileKey, open::connect_read_only};
use crate::{event::Run, id::DeviceId, key::SecretStore};

/// What was got out of a damaged file. Runs are not believed: they are verified like any stranger's.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Salvaged {
    /// Runs of the device's own logs that could be read, each after what it follows on, so far as that was read.
    pub runs: Vec<Run>,
    /// Commands that were carried out.
    pub commands: Vec<Remembered>,
}

impl Store {
    /// Reads what a damaged file still holds of a device's own logs, and its commands. Best effort: what cannot be read
    /// is left out. The file is not written to; it opens with the key that its home has.
    ///
    /// # Errors
    /// When there is no file, or it cannot be opened at all.
    pub fn salvage(path: &Path, secrets: &dyn SecretStore, device: DeviceId) -> Result<Salvaged, StoreError> {
        let view = look_into(path, secrets)?;
        let commands = readable(view.commands())?.unwrap_or_default();
        let logs = readable(view.logs())?.unwrap_or_default();
        let mut runs = Vec::new();
        for log in logs.into_iter().filter(|log| log.device == device) {
            runs.extend(view.readable(log.id())?);
        }
        Ok(Salvaged { runs, commands })
    }

    /// What a file that was set aside keeps under a key, if that can be read.
    ///
    /// # Errors
    /// As [`salvage`](Self::salvage).
    pub fn kept_aside(path: &Path, secrets: &dyn SecretStore, key: &str) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(readable(look_into(path, secrets)?.meta(key))?.flatten())
    }
}

fn look_into(path: &Path, secrets: &dyn SecretStore) -> Result<View, StoreError> {
    Ok(View { db: connect_read_only(path, &FileKey::kept(secrets)?)?, tables: [].into(), answers: Answers::default() })
}

/// What was read; nothing where the file is damaged there. What only failed at this moment fails.
pub(super) fn readable<T>(read: Result<T, StoreError>) -> Result<Option<T>, StoreError> {
    match read {
        Err(error) if error.is_passing() => Err(error),
        read => Ok(read.ok()),
    }
}
