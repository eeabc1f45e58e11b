//! The community's settings.

use linli_core::aggregate::settings::{Settings, SettingsCommand, SettingsView};

use crate::{LinliError, Phone, domain::plain::submits};

submits!(submit_settings, Settings, SettingsCommand);

#[uniffi::export]
impl Phone {
    /// The community's settings, with defaults where nobody has set anything.
    pub async fn settings(&self) -> Result<SettingsView, LinliError> {
        self.call(move |replica| replica.settings()).await
    }
}
