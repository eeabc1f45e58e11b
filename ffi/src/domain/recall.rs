//! Recalls, and all they touch.

use linli_core::{
    aggregate::recall::{Command as RecallCommand, Recall},
    id::{CommandId, Reference},
    replica::{RecallDetail, Receipt, Replica},
};

use crate::{LinliError, Phone};

#[uniffi::export]
impl Phone {
    /// Carries out a command: `on` names the recall, and is left out for the command that makes one. Durable when it returns.
    /// The same `id` again, after a crash too, writes nothing and answers the same.
    ///
    /// # Errors
    /// `Refused` with the code of the reason; where it is a warning, the same command said to have happened goes through.
    #[uniffi::method(default(on = None))]
    pub async fn submit_recall(
        &self,
        id: CommandId,
        command: RecallCommand,
        on: Option<Reference>,
    ) -> Result<Receipt, LinliError> {
        self.call(move |replica| replica.submit::<Recall>(id, on, command)).await
    }

    /// Recalls with all they touch now, those that stand first, the last raised first.
    pub async fn recalls(&self) -> Result<Vec<RecallDetail>, LinliError> {
        self.call(Replica::recalls).await
    }

    /// A recall in full: boxes, lots and their descendants, who took of them, parcels, orders.
    pub async fn recall(&self, recall: Reference) -> Result<RecallDetail, LinliError> {
        self.call(move |replica| replica.recall_detail(recall)).await
    }
}
