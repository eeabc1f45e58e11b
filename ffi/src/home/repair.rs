//! Repair: a home whose database or keys are damaged or gone, and a restored one.

use std::sync::Arc;

use linli_core::replica::{self, Replica};

use crate::{LinliError, Phone, life::Home, secrets::SecretStore};

/// What a recovery found.
#[derive(Clone, Debug, uniffi::Record)]
pub struct Recovered {
    /// Where the database lies now, if the home had one. It is never deleted: it may be the only copy of something.
    pub set_aside: Option<String>,
    /// Own events that were read out of it, or of one set aside before.
    pub events: u64,
    /// The keystore had no keys, or none that can be read, so this is a new device now: it joins anew, and `Phone.salvage` then
    /// brings what the old one had not sent. Where it had the keys alone, the same device joins again.
    pub new_device: bool,
}

use replica::Restored;

/// Sets a home's database aside and makes a new one, with what can be read of the device's own events. Everything else
/// comes back by syncing. For a home of which `Phone.open` says `Damaged`, `DatabaseLost` or `KeyLost`. The phone must be
/// closed; open it afterwards. `declarations` are those that it is opened with: else what was read of the app's own
/// aggregates is not shown until all is judged anew.
///
/// # Errors
/// `InvalidInput` for a declaration that makes no sense, and the home is left as it is; whatever keeps a home from being
/// opened beside those.
#[uniffi::export(default(declarations = []))]
pub async fn recover_home(
    home: String,
    secrets: Arc<dyn SecretStore>,
    declarations: Vec<String>,
) -> Result<Recovered, LinliError> {
    let recovered = Home::of(home, secrets, &declarations)?.recover().await?;
    Ok(Recovered {
        set_aside: recovered.set_aside.map(|file| file.display().to_string()),
        events: recovered.events as u64,
        new_device: recovered.new_device,
    })
}

#[uniffi::export]
impl Phone {
    /// Whether the database was found to be restored or copied when it was opened. Nothing is lost by it: tell the person,
    /// and sync.
    pub async fn restored(&self) -> Result<Option<Restored>, LinliError> {
        self.look(Replica::restored).await
    }

    /// Reads the files that were set aside once more: what followed on events that were damaged there fits once others have
    /// brought those back. Returns how many own events were added.
    pub async fn salvage(&self) -> Result<u64, LinliError> {
        Ok(self.call(Replica::salvage).await? as u64)
    }
}
