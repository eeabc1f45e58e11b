//! Alarms: the one instant at which the system should wake this phone, and for what.

use linli_core::{
    id::Reference,
    replica::{Alarm, AlarmOf, Replica},
    time::WallMs,
};

use crate::{LinliError, Phone};

/// When to look again, and for what.
#[uniffi::remote(Record)]
pub struct Alarm {
    /// When, by this device's clock as it is now.
    pub at: WallMs,
    /// For what.
    pub of: AlarmOf,
}

/// What an alarm is for.
#[uniffi::remote(Enum)]
pub enum AlarmOf {
    /// An open alert gets louder, because nobody has answered.
    AlertLouder {
        /// Which.
        alert: Reference,
    },
    /// An order that this member holds is needed by then.
    NeededBy {
        /// Which.
        order: Reference,
    },
    /// This member's claim on an order is shown as lapsed from then on: time to say how it goes.
    LeaseEnds {
        /// Which.
        order: Reference,
    },
}

#[uniffi::export]
impl Phone {
    /// The next instant at which time alone changes something that this person should hear of: for one alarm of the system.
    /// Ask again after each change, before the phone sleeps, and when it has come; set the alarm anew each time.
    pub async fn next_reminder(&self) -> Result<Option<Alarm>, LinliError> {
        self.call(Replica::next_alarm).await
    }
}
