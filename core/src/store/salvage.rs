//! Salvage: what can still be read of a damaged file that was set aside.

use std::path::Path;

use super::{Remembered, Store, StoreError, View, at_rest::FileKey, open::connect_read_only};
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
        let view = View { db: connect_read_only(path, &FileKey::kept(secrets)?)?, tables: [].into() };
        let commands = view.commands().unwrap_or_default();
        let own = view.logs().unwrap_or_default().into_iter().filter(|log| log.device == device);
        let runs = own.flat_map(|log| view.readable(log.id())).collect();
        Ok(Salvaged { runs, commands })
    }
}
