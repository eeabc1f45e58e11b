//! How this phone stands to the others, and who has what.

use linli_core::{
    id::Reference,
    replica::{Replica, SyncState, WhoHas},
};

use crate::{LinliError, Phone};

#[uniffi::export]
impl Phone {
    /// When the others were last heard from, how far apart they are, and what is on its way. Ask again after each
    /// `Update.Peer`, and as time passes.
    pub async fn sync_state(&self) -> Result<SyncState, LinliError> {
        self.call(Replica::sync_state).await
    }

    /// Who is known to hold an event, or what an event made, beside this device.
    pub async fn who_has(&self, event: Reference) -> Result<WhoHas, LinliError> {
        self.call(move |replica| replica.who_has(event)).await
    }
}
