//! Alarms: when this person's phone should make itself heard next although nothing arrives.
//!
//! A phone that sleeps is woken by its system at one instant, which must be known beforehand. What is due by day and not
//! by the hour, such as visits, is no alarm.

#[cfg(feature = "uniffi")]
use crate::bindings::module_path;

use serde::Serialize;

use super::{QueryError, Replica};
use crate::{id::Reference, time::WallMs};

/// When to look again, and for what.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct Alarm {
    /// When, by this device's clock as it is now.
    pub at: WallMs,
    /// What is due then.
    pub of: AlarmOf,
}

/// What an alarm is for, the most pressing first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(tag = "of", rename_all = "snake_case")]
#[cfg_attr(feature = "uniffi", derive(uniffi::Enum))]
pub enum AlarmOf {
    /// An open alert gets louder, because nobody has answered or an answer led to nothing.
    AlertLouder {
        /// The alert that gets louder.
        alert: Reference,
    },
    /// An order that this member holds is needed by then.
    NeededBy {
        /// The order that is needed.
        order: Reference,
    },
    /// This member's claim on an order is shown as lapsed from then on: time to say how it goes.
    LeaseEnds {
        /// The order that is held.
        order: Reference,
    },
}

impl Replica {
    /// The next instant at which time alone changes something that this person should hear of; the most pressing of
    /// those at one instant. Ask again after each change, and when it has come.
    ///
    /// # Errors
    /// [`QueryError::NotAMember`] before founding or joining, or when the store fails.
    pub fn next_alarm(&self) -> Result<Option<Alarm>, QueryError> {
        let now = self.inner.clock.wall();
        let mut alarms = Vec::new();
        for line in self.alerts(true)? {
            let louder = line.louder_in_ms.and_then(|ms| i64::try_from(ms).ok());
            alarms.extend(louder.map(|ms| (now.plus(ms), AlarmOf::AlertLouder { alert: line.card.alert })));
        }
        if self.member().is_some() {
            let viewer = self.viewer()?;
            for line in self.held()? {
                let (order, card) = (line.order, &line.card);
                let ages = self.read(|reader| viewer.ages_of(reader, &line))?;
                let needed = ages.overdue_in(card).map(|left| (now.plus(left), AlarmOf::NeededBy { order }));
                let lapses = ages.lapses_in(card, viewer.leases());
                alarms.extend(needed);
                alarms.extend(lapses.map(|left| (now.plus(left), AlarmOf::LeaseEnds { order })));
            }
        }
        let ahead = alarms.into_iter().filter(|(at, _)| *at > now);
        Ok(ahead.min().map(|(at, of)| Alarm { at, of }))
    }
}
