//! Recalls, and all they touch.

use linli_core::{
    aggregate::recall::{Command as RecallCommand, Recall},
    id::Reference,
    replica::{RecallDetail, Replica},
};

use crate::{LinliError, Phone, domain::plain::submits};

submits!(submit_recall, Recall, RecallCommand);

#[uniffi::export]
impl Phone {
    /// Recalls with all they touch now, those that stand first, the last raised first.
    pub async fn recalls(&self) -> Result<Vec<RecallDetail>, LinliError> {
        self.call(Replica::recalls).await
    }

    /// A recall in full: boxes, lots and their descendants, who took of them, parcels, orders.
    pub async fn recall(&self, recall: Reference) -> Result<RecallDetail, LinliError> {
        self.call(move |replica| replica.recall_detail(recall)).await
    }
}
