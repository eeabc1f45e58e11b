//! Erasing, and all that is held about one room.

use linli_core::{
    aggregate::{alert::AlertView, household::HouseholdView, order::OrderView},
    id::{CommandId, Reference},
    replica::{AboutOrder, AboutRoom, ErasedRoom, TakeLine},
    time::WallMs,
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

/// Everything that is held about a room and whoever lives there, contacts in full.
#[uniffi::remote(Record)]
pub struct AboutRoom {
    /// The building.
    pub building: String,
    /// The unit, if one was asked for.
    pub unit: Option<String>,
    /// The room.
    pub room: String,
    /// Orders for it, with their comments.
    pub orders: Vec<AboutOrder>,
    /// Alerts from it, with their comments.
    pub alerts: Vec<AlertView>,
    /// What was taken for it from medicine boxes, and brought back.
    pub takes: Vec<TakeLine>,
    /// Households of it in the care register, with their visits; none where this device cannot look there.
    pub households: Vec<HouseholdView>,
    /// Whether the care register was not looked into, for want of the `care` grant or its key: who holds both should.
    pub care_hidden: bool,
}

/// An order as it is handed out.
#[uniffi::remote(Record)]
pub struct AboutOrder {
    /// The order.
    pub order: Reference,
    /// All that stands in it.
    pub view: OrderView,
}

/// Something taken from a box for a room, or brought back.
#[uniffi::remote(Record)]
pub struct TakeLine {
    /// The box.
    pub medicine_box: Reference,
    /// Whether the box is still open: then it is not erased, but first closed and carried over by a count.
    pub open: bool,
    /// The event.
    pub event: Reference,
    /// A stable code, such as `taken`.
    pub kind: String,
    /// The product.
    pub product: Option<Reference>,
    /// The effect on the box, in the lot's unit.
    pub qty: i64,
    /// The order it was for.
    pub order: Option<Reference>,
    /// When, as said, else when it was written down.
    pub wall: WallMs,
}

/// What became of everything held about a room.
#[uniffi::remote(Record)]
pub struct ErasedRoom {
    /// What was erased: orders, alerts, closed boxes, households.
    pub erased: Vec<Reference>,
    /// Open boxes that still name the room: they are closed and carried over by a count, and then erased.
    pub carry_over: Vec<Reference>,
    /// Whether the care register was not looked into.
    pub care_hidden: bool,
}
