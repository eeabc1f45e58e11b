//! The community's settings.

use linli_core::{
    aggregate::settings::{Settings, SettingsCommand, SettingsView},
    id::{CommandId, Reference},
    replica::Receipt,
};

use crate::{LinliError, Phone};

#[uniffi::export]
impl Phone {
    /// Carries out a command: `on` names the settings, and is left out for the command that makes one. Durable when it
    /// returns. The same `id` again, after a crash too, writes nothing and answers the same.
    ///
    /// # Errors
    /// `Refused` with the code of the reason; where it is a warning, the same command said to have happened goes through.
    #[uniffi::method(default(on = None))]
    pub async fn submit_settings(
        &self,
        id: CommandId,
        command: SettingsCommand,
        on: Option<Reference>,
    ) -> Result<Receipt, LinliError> {
        self.call(move |replica| replica.submit::<Settings>(id, on, command)).await
    }

    /// The community's settings, with defaults where nobody has set anything.
    pub async fn settings(&self) -> Result<SettingsView, LinliError> {
        self.call(move |replica| replica.settings()).await
    }
}
