//! What a person can do with an alert.

#[cfg(feature = "uniffi")]
use crate::bindings::module_path;

use serde::{Deserialize, Serialize};

use crate::{event::Scalar, id::Reference};

/// What a person can do.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "uniffi", derive(uniffi::Enum))]
pub enum AlertCommand {
    /// Call for help. Nothing but `what` is needed: every further question costs time.
    Raise {
        /// What it is about: one of [`WHATS`](super::WHATS), a name of one in Chinese or English, or words of one's own, of which
        /// those that are no name are kept before `text`.
        what: String,
        /// The building, as people write it.
        #[serde(default)]
        #[cfg_attr(feature = "uniffi", uniffi(default))]
        building: Option<String>,
        /// The unit (单元), if the building has any.
        #[serde(default)]
        #[cfg_attr(feature = "uniffi", uniffi(default))]
        unit: Option<String>,
        /// The room, or a place in words.
        #[serde(default)]
        #[cfg_attr(feature = "uniffi", uniffi(default))]
        room: Option<String>,
        /// What is the matter, in words.
        #[serde(default)]
        #[cfg_attr(feature = "uniffi", uniffi(default))]
        text: Option<String>,
        /// Whom to call.
        #[serde(default)]
        #[cfg_attr(feature = "uniffi", uniffi(default))]
        contact: Option<String>,
    },
    /// I have seen it and care for it.
    Acknowledge,
    /// I am on my way; said again, the newest time of arrival holds.
    Respond {
        /// Minutes until I am there, at most a day.
        #[serde(default)]
        #[cfg_attr(feature = "uniffi", uniffi(default))]
        eta_minutes: Option<u16>,
    },
    /// I cannot come after all: takes back the member's answers that stand.
    StandDown {
        /// The reason, in words; needed.
        why: String,
    },
    /// An ambulance has taken over.
    HandToAmbulance {
        /// Which one, to where.
        #[serde(default)]
        #[cfg_attr(feature = "uniffi", uniffi(default))]
        note: Option<String>,
        /// It is a fact, whatever the alert says by now.
        #[serde(default)]
        #[cfg_attr(feature = "uniffi", uniffi(default))]
        already_happened: bool,
    },
    /// It is over.
    Resolve {
        /// How: a code, such as `helped` or `false_alarm`.
        how: String,
        /// How, in words.
        #[serde(default)]
        #[cfg_attr(feature = "uniffi", uniffi(default))]
        note: Option<String>,
        /// It is a fact, whatever the alert says by now.
        #[serde(default)]
        #[cfg_attr(feature = "uniffi", uniffi(default))]
        already_happened: bool,
    },
    /// It is not over, or nobody came. Never refused.
    RaiseAgain {
        /// The reason, in words, if one is given.
        #[serde(default)]
        #[cfg_attr(feature = "uniffi", uniffi(default))]
        why: Option<String>,
    },
    /// Say a word.
    Comment {
        /// What is to be said; never empty.
        text: String,
    },
    /// Undo a mis-tap.
    Correct {
        /// The event that is wrong.
        event: Reference,
        /// What it should say, of what it is about in words too; null where it should not have been.
        value: Scalar,
        /// The reason, in words; needed.
        why: String,
    },
    /// Change what is not `None`; an empty text clears.
    Edit {
        /// What is the matter, in words.
        #[serde(default)]
        #[cfg_attr(feature = "uniffi", uniffi(default))]
        text: Option<String>,
        /// Whom to call.
        #[serde(default)]
        #[cfg_attr(feature = "uniffi", uniffi(default))]
        contact: Option<String>,
        /// The unit (单元) to run to.
        #[serde(default)]
        #[cfg_attr(feature = "uniffi", uniffi(default))]
        unit: Option<String>,
        /// The room, or a place in words.
        #[serde(default)]
        #[cfg_attr(feature = "uniffi", uniffi(default))]
        room: Option<String>,
    },
}
