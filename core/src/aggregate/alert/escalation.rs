//! How old an alert is, and whom that concerns. Pure: the hour, the monotonic time and who has it are arguments.

#[cfg(feature = "uniffi")]
use crate::bindings::module_path;

use serde::{Deserialize, Serialize};

use super::Status;
use crate::limits;

/// Milliseconds without an answer after which the leaders of the building are told: long enough for a neighbour who
/// has the phone in hand, short enough for a heart.
pub const TELL_LEADERS_MS: u64 = 60_000;
/// Milliseconds without an answer after which the coordinators are told.
pub const TELL_COORDINATORS_MS: u64 = 3 * 60_000;
/// Milliseconds without an answer after which the emergency number is to be called whatever else happens.
pub const CALL_EMERGENCY_MS: u64 = 10 * 60_000;

/// How loud an alert is now.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Serialize,
    Deserialize,
    strum::IntoStaticStr,
    strum::VariantNames,
)]
#[serde(tag = "code", rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
#[cfg_attr(feature = "uniffi", derive(uniffi::Enum), uniffi(name = "AlertEscalation"))]
pub enum Escalation {
    /// Somebody answered, or it is over.
    Answered,
    /// Raised a moment ago.
    Fresh,
    /// Unanswered for [`TELL_LEADERS_MS`].
    TellLeaders,
    /// Unanswered for [`TELL_COORDINATORS_MS`].
    TellCoordinators,
    /// Unanswered for [`CALL_EMERGENCY_MS`].
    CallEmergencyNumber,
    /// On no other phone after [`limits::NOBODY_HAS_IT_MS`]: call the emergency number, knock.
    NobodyHasIt,
}

impl Escalation {
    /// From 0, nothing to do, to 3, help from outside.
    pub const fn level(self) -> u8 {
        match self {
            Escalation::Answered | Escalation::Fresh => 0,
            Escalation::TellLeaders => 1,
            Escalation::TellCoordinators => 2,
            Escalation::CallEmergencyNumber | Escalation::NobodyHasIt => 3,
        }
    }

    /// A stable code: apps translate it.
    pub fn code(self) -> &'static str {
        self.into()
    }
}

/// How loud an alert of this age and status is. `on_other_devices` is the number of other devices known to have it.
pub fn escalation(age_ms: u64, status: Status, on_other_devices: usize) -> Escalation {
    if status != Status::Raised {
        return Escalation::Answered;
    }
    match age_ms {
        limits::NOBODY_HAS_IT_MS.. if on_other_devices == 0 => Escalation::NobodyHasIt,
        CALL_EMERGENCY_MS.. => Escalation::CallEmergencyNumber,
        TELL_COORDINATORS_MS.. => Escalation::TellCoordinators,
        TELL_LEADERS_MS.. => Escalation::TellLeaders,
        _ => Escalation::Fresh,
    }
}

/// Milliseconds until time alone makes it louder, if it will: when to wake up.
pub fn next_escalation(age_ms: u64, status: Status, on_other_devices: usize) -> Option<u64> {
    let now = escalation(age_ms, status, on_other_devices);
    [limits::NOBODY_HAS_IT_MS, TELL_LEADERS_MS, TELL_COORDINATORS_MS, CALL_EMERGENCY_MS]
        .into_iter()
        .filter(|at| *at > age_ms && escalation(*at, status, on_other_devices) != now)
        .min()
        .map(|at| at - age_ms)
}
