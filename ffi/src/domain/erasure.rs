//! Erasing, and all that is held about one room.

use linli_core::{
    id::{CommandId, Reference},
    replica::{AboutRoom, ErasedRoom},
};

use crate::{LinliError, Phone, domain::plain::Counts};

#[uniffi::export]
impl Phone {
    /// Erases whole aggregates: absent from every screen at once, here and on every phone that hears of it; their bytes
    /// go after 72 hours. Coordinators only. Gives the erasing events.
    pub async fn erase(&self, id: CommandId, aggregates: Vec<Reference>) -> Result<Vec<Reference>, LinliError> {
        self.call(move |replica| replica.erase(id, &aggregates)).await
    }

    /// Numbers kept of what was erased, by type, kind and outcome, such as `order.medicine.delivered`.
    pub async fn erased_totals(&self) -> Result<Counts, LinliError> {
        self.look(|replica| replica.erased_totals()).await
    }

    /// How many orders were closed for as long as the settings say and are left for a person to erase, as the last upkeep of a
    /// coordinator's phone found: those of one device would take more of its room than is left for all others. They are erased
    /// by hand, or by themselves once that phone is given more room.
    pub async fn erasures_waiting(&self) -> Result<u64, LinliError> {
        self.look(|replica| replica.erasures_waiting()).await
    }

    /// Everything held here about a room, contacts in full, for coordinators.
    pub async fn about_room(
        &self,
        building: String,
        unit: Option<String>,
        room: String,
    ) -> Result<AboutRoom, LinliError> {
        self.call(move |replica| replica.about(&building, unit.as_deref(), &room)).await
    }

    /// The same as one JSON document, to be handed to the person.
    pub async fn export_about_room(
        &self,
        building: String,
        unit: Option<String>,
        room: String,
    ) -> Result<String, LinliError> {
        self.call(move |replica| replica.export_about(&building, unit.as_deref(), &room)).await
    }

    /// Erases everything held about a room. The same `id` again, once it has been done, finds nothing left.
    pub async fn erase_about_room(
        &self,
        id: CommandId,
        building: String,
        unit: Option<String>,
        room: String,
    ) -> Result<ErasedRoom, LinliError> {
        self.call(move |replica| replica.erase_about(id, &building, unit.as_deref(), &room)).await
    }
}
