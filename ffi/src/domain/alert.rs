//! Alerts: somebody needs help now.

use std::time::Duration;

use linli_core::{
    aggregate::alert::{Alert, AlertCommand},
    id::{CommandId, Reference},
    replica::{AlertDetail, AlertLine, Receipt},
};

use crate::{LinliError, Phone};

#[uniffi::export]
impl Phone {
    /// Carries out a command: `on` names the alert, and is left out for the command that makes one. Durable when it returns.
    /// The same `id` again, after a crash too, writes nothing and answers the same.
    ///
    /// # Errors
    /// `Refused` with the code of the reason; where it is a warning, the same command said to have happened goes through.
    #[uniffi::method(default(on = None))]
    pub async fn submit_alert(
        &self,
        id: CommandId,
        command: AlertCommand,
        on: Option<Reference>,
    ) -> Result<Receipt, LinliError> {
        self.call(move |replica| replica.submit::<Alert>(id, on, command)).await
    }

    /// Alerts that are not over, the loudest first, the oldest first among those; or those that are over, the last
    /// raised first. Of each raiser at most 50: `more` says how many there are beside.
    #[uniffi::method(default(open = true))]
    pub async fn alerts(&self, open: bool) -> Result<Vec<AlertLine>, LinliError> {
        self.call(move |replica| replica.alerts(open)).await
    }

    /// An alert in full.
    pub async fn alert(&self, alert: Reference) -> Result<AlertDetail, LinliError> {
        self.call(move |replica| replica.alert(alert)).await
    }

    /// In how many milliseconds to look at alerts again although nothing arrives: time makes one of them louder then.
    pub async fn next_escalation_ms(&self) -> Result<Option<u64>, LinliError> {
        self.call(move |replica| {
            let in_ms = |wait: Duration| u64::try_from(wait.as_millis()).unwrap_or(u64::MAX);
            replica.next_escalation().map(|soonest| soonest.map(in_ms))
        })
        .await
    }
}
