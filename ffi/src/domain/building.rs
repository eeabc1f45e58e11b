//! The building register.

use linli_core::{
    aggregate::building::{Building, BuildingCommand, BuildingView},
    id::{CommandId, Reference},
    replica::Receipt,
};

use crate::{LinliError, Phone};

#[uniffi::export]
impl Phone {
    /// Carries out a command: `on` names the building, and is left out for the command that makes one. Durable when it
    /// returns. The same `id` again, after a crash too, writes nothing and answers the same.
    ///
    /// # Errors
    /// `Refused` with the code of the reason; where it is a warning, the same command said to have happened goes through.
    #[uniffi::method(default(on = None))]
    pub async fn submit_building(
        &self,
        id: CommandId,
        command: BuildingCommand,
        on: Option<Reference>,
    ) -> Result<Receipt, LinliError> {
        self.call(move |replica| replica.submit::<Building>(id, on, command)).await
    }

    /// The buildings of the register, in walking order; those no longer used come last.
    pub async fn buildings(&self) -> Result<Vec<BuildingView>, LinliError> {
        self.call(move |replica| replica.buildings()).await
    }
}
