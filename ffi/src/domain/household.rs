//! The care register, for holders of the `care` grant: everybody else is answered with `CareHidden`.

use linli_core::{
    aggregate::{
        household::{Carried as CarriedField, Household, HouseholdCommand},
        medicine_box::Day,
    },
    id::{CommandId, Reference},
    replica::{DueVisit, HouseholdDetail, HouseholdFilter, ProposedVisit, Receipt},
};

use crate::{
    LinliError, Phone,
    domain::plain::{HouseholdPage, submits},
};

/// A due visit that was posted.
#[derive(Clone, Debug, uniffi::Record)]
pub struct PostedVisit {
    /// The order on the board.
    pub order: Reference,
    /// What was written; nothing, if an order stood for that day already.
    pub receipt: Receipt,
}

submits!(submit_household, Household, HouseholdCommand);

#[uniffi::export]
impl Phone {
    /// Whether this device may look into the care register: it holds the `care` grant, and a key has arrived.
    pub async fn reads_care(&self) -> Result<bool, LinliError> {
        self.look(|replica| replica.reads_care()).await
    }

    /// A page of the register, by building and room.
    ///
    /// # Errors
    /// `CareHidden` without the grant or its key, as for all that is asked of the register.
    pub async fn households(&self, filter: HouseholdFilter) -> Result<HouseholdPage, LinliError> {
        self.call(move |replica| replica.households(&filter)).await
    }

    /// A household in full.
    pub async fn household(&self, household: Reference) -> Result<HouseholdDetail, LinliError> {
        self.call(move |replica| replica.household(household)).await
    }

    /// Visits that are due until and with a day and that nobody has made, the oldest first; without one, until today.
    #[uniffi::method(default(until = None))]
    pub async fn due_visits(&self, until: Option<Day>) -> Result<Vec<DueVisit>, LinliError> {
        self.call(move |replica| replica.due_visits(until)).await
    }

    /// The same of days before today.
    pub async fn overdue_visits(&self) -> Result<Vec<DueVisit>, LinliError> {
        self.call(move |replica| replica.overdue_visits()).await
    }

    /// Posts a due visit as an order, with what of the household it may carry. Posted again for that day while an order
    /// stands, it writes nothing.
    #[uniffi::method(default(note = None))]
    pub async fn post_visit(
        &self,
        id: CommandId,
        household: Reference,
        due: Day,
        carried: Vec<CarriedField>,
        note: Option<String>,
    ) -> Result<PostedVisit, LinliError> {
        self.call(move |replica| {
            let posted = replica.post_visit(id, household, due, &carried, note);
            posted.map(|(order, receipt)| PostedVisit { order, receipt })
        })
        .await
    }

    /// What came of orders posted for visits and is not in the register yet.
    pub async fn proposed_visits(&self) -> Result<Vec<ProposedVisit>, LinliError> {
        self.call(move |replica| replica.proposed_visits()).await
    }

    /// Puts into the register what came of an order, once a person has looked at it.
    #[uniffi::method(default(note = None))]
    pub async fn confirm_visit(
        &self,
        id: CommandId,
        proposed: ProposedVisit,
        note: Option<String>,
    ) -> Result<Receipt, LinliError> {
        let command = proposed.command(note);
        self.call(move |replica| replica.submit::<Household>(id, Some(proposed.household), command)).await
    }
}
