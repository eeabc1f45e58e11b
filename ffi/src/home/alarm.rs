//! Alarms: the one instant at which the system should wake this phone, and for what.

use linli_core::replica::{Alarm, Replica};

use crate::{LinliError, Phone};

#[uniffi::export]
impl Phone {
    /// The next instant at which time alone changes something that this person should hear of: for one alarm of the system.
    /// Ask again after each change, before the phone sleeps, and when it has come; set the alarm anew each time.
    pub async fn next_reminder(&self) -> Result<Option<Alarm>, LinliError> {
        self.call(Replica::next_alarm).await
    }
}
