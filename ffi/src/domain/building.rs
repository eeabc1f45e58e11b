//! The building register.

use linli_core::aggregate::building::{Building, BuildingCommand, BuildingView};

use crate::{LinliError, Phone, domain::plain::submits};

submits!(submit_building, Building, BuildingCommand);

#[uniffi::export]
impl Phone {
    /// The buildings of the register, in walking order; those no longer used come last.
    pub async fn buildings(&self) -> Result<Vec<BuildingView>, LinliError> {
        self.call(move |replica| replica.buildings()).await
    }
}
