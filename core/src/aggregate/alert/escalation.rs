//! Escalation: how long an alert has waited, for what, and whom that concerns.
//!
//! Everything is pure: ages, and who has the alert, are arguments.

#[cfg(feature = "uniffi")]
use crate::bindings::module_path;

use serde::{Deserialize, Serialize};

use super::Status;
use crate::limits::{self, MINUTE_MS};

/// Milliseconds without an answer after which the leaders of the building are told: long enough for a neighbour who
/// has the phone in hand, short enough for a heart.
pub const TELL_LEADERS_MS: u64 = 60_000;
/// Milliseconds without an answer after which the coordinators are told.
pub const TELL_COORDINATORS_MS: u64 = 3 * 60_000;
/// Milliseconds without an answer after which the emergency number is to be called whatever else happens.
pub const CALL_EMERGENCY_MS: u64 = 10 * 60_000;

/// Milliseconds for which it is quiet once somebody has seen it: time to look who is there, not to wait for them.
pub const ACKNOWLEDGED_MS: u64 = 5 * 60_000;
/// Milliseconds for which it is quiet once somebody is on their way and has not said for how long.
pub const RESPONDING_MS: u64 = 20 * 60_000;
/// Milliseconds behind the time of arrival that somebody said, within which they say how it stands.
pub const ARRIVED_MS: u64 = 10 * 60_000;
/// The most minutes until an arrival that keep it quiet: who comes in the evening is no help now.
pub const ETA_MINUTES: u16 = 60;
/// Milliseconds between two steps where an answer led to nothing: the leaders, the coordinators, the emergency number.
pub const LED_TO_NOTHING_MS: u64 = 5 * 60_000;

/// What an alert waits for, and for how long already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Waits {
    /// For somebody to answer.
    ForAnAnswer {
        /// Milliseconds since it was left without one.
        for_ms: u64,
    },
    /// For what somebody who answered said that they would do.
    ForHelp {
        /// Milliseconds since they answered.
        for_ms: u64,
        /// Milliseconds that it may take.
        quiet_ms: u64,
    },
    /// For nothing: an ambulance has it, or it is over.
    ForNothing,
}

impl Waits {
    /// What an alert of this status waits for, unanswered for so many milliseconds. Of each answer that stands, milliseconds
    /// since it was given and milliseconds that what it says may take: the one that keeps it quiet for longest counts.
    pub fn of(status: Status, for_ms: u64, answers: impl IntoIterator<Item = (u64, u64)>) -> Self {
        let left = |(for_ms, quiet_ms): &(u64, u64)| i128::from(*quiet_ms) - i128::from(*for_ms);
        let help = |(for_ms, quiet_ms)| Waits::ForHelp { for_ms, quiet_ms };
        match status {
            Status::Raised => Waits::ForAnAnswer { for_ms },
            Status::Acknowledged | Status::Responding => {
                answers.into_iter().max_by_key(left).map_or(Waits::ForAnAnswer { for_ms }, help)
            }
            Status::Handed | Status::Resolved => Waits::ForNothing,
        }
    }
}

/// Milliseconds for which somebody on their way keeps it quiet.
pub fn quiet_ms(eta_minutes: Option<u16>) -> u64 {
    let until = |minutes: u16| u64::from(minutes.min(ETA_MINUTES)) * MINUTE_MS.unsigned_abs() + ARRIVED_MS;
    eta_minutes.map_or(RESPONDING_MS, until)
}

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
    /// Somebody answered and what they do may take as long as it has, or it is over.
    Answered,
    /// Raised a moment ago.
    Fresh,
    /// Unanswered for [`TELL_LEADERS_MS`], or an answer led to nothing in its time.
    TellLeaders,
    /// Unanswered for [`TELL_COORDINATORS_MS`], or [`LED_TO_NOTHING_MS`] later.
    TellCoordinators,
    /// Unanswered for [`CALL_EMERGENCY_MS`], or twice [`LED_TO_NOTHING_MS`] later.
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

/// When it gets how loud, in milliseconds of waiting, the first step first.
fn steps(waits: Waits, on_other_devices: usize) -> [Option<(u64, Escalation)>; 3] {
    use Escalation::{CallEmergencyNumber, NobodyHasIt, TellCoordinators, TellLeaders};
    match waits {
        Waits::ForNothing => [None; 3],
        Waits::ForAnAnswer { .. } if on_other_devices == 0 => {
            [Some((limits::NOBODY_HAS_IT_MS, NobodyHasIt)), None, None]
        }
        Waits::ForAnAnswer { .. } => [
            Some((TELL_LEADERS_MS, TellLeaders)),
            Some((TELL_COORDINATORS_MS, TellCoordinators)),
            Some((CALL_EMERGENCY_MS, CallEmergencyNumber)),
        ],
        Waits::ForHelp { quiet_ms, .. } => [
            Some((quiet_ms, TellLeaders)),
            Some((quiet_ms.saturating_add(LED_TO_NOTHING_MS), TellCoordinators)),
            Some((quiet_ms.saturating_add(2 * LED_TO_NOTHING_MS), CallEmergencyNumber)),
        ],
    }
}

fn waited(waits: Waits) -> u64 {
    match waits {
        Waits::ForAnAnswer { for_ms } | Waits::ForHelp { for_ms, .. } => for_ms,
        Waits::ForNothing => 0,
    }
}

/// How loud an alert is that waits for this. `on_other_devices` is the number of other devices known to have it.
pub fn escalation(waits: Waits, on_other_devices: usize) -> Escalation {
    let quiet = if matches!(waits, Waits::ForAnAnswer { .. }) { Escalation::Fresh } else { Escalation::Answered };
    let mut come = steps(waits, on_other_devices).into_iter().flatten().filter(|(at, _)| *at <= waited(waits));
    come.next_back().map_or(quiet, |(_, step)| step)
}

/// Milliseconds until time alone makes it louder, if it will: when to wake up.
pub fn next_escalation(waits: Waits, on_other_devices: usize) -> Option<u64> {
    let mut steps = steps(waits, on_other_devices).into_iter().flatten();
    steps.find(|(at, _)| *at > waited(waits)).map(|(at, _)| at - waited(waits))
}
