//! Alerts: somebody needs help now.

use std::time::Duration;

use linli_core::{
    aggregate::alert::{Alert, AlertCommand},
    id::Reference,
    replica::{AlertDetail, AlertLine, AlertOnTop},
};

use crate::{LinliError, Phone, domain::plain::submits};

submits!(submit_alert, Alert, AlertCommand);

#[uniffi::export]
impl Phone {
    /// Alerts that are not over, the loudest first, the oldest first among those; or those that are over, the last
    /// raised first. Of each raiser at most 50: `more` says how many there are beside.
    #[uniffi::method(default(open = true))]
    pub async fn alerts(&self, open: bool) -> Result<Vec<AlertLine>, LinliError> {
        self.call(move |replica| replica.alerts(open)).await
    }

    /// What stands above every screen until somebody acknowledges it: alerts that nobody has answered, and those whose answers
    /// led to nothing in their time. The loudest first; of each raiser at most 3, of which `line.more` says how many more there
    /// are. Read it again when an alert changes, and after `next_escalation_ms`.
    pub async fn alerts_on_top(&self) -> Result<Vec<AlertOnTop>, LinliError> {
        self.call(|replica| replica.alerts_on_top()).await
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
