//! What a person can do with an alert, and why it may be refused.

#[cfg(feature = "uniffi")]
use crate::bindings::module_path;

use serde::{Deserialize, Serialize};

use super::{Alert, Status};
use crate::{
    aggregate::{Aggregate, WorldError, address::AddressError},
    event::Scalar,
    id::Reference,
    vocabulary::Refuse,
};

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
        /// The unit.
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
        /// The word.
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
        /// The unit.
        #[serde(default)]
        #[cfg_attr(feature = "uniffi", uniffi(default))]
        unit: Option<String>,
        /// The room, or a place in words.
        #[serde(default)]
        #[cfg_attr(feature = "uniffi", uniffi(default))]
        room: Option<String>,
    },
}

/// Why a command is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, Serialize, strum::IntoStaticStr, strum::VariantNames)]
#[serde(tag = "code", rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum AlertRefusal {
    /// Not lower-case letters, digits and `_`, or longer than a code.
    #[error("{field} is not a code of at most {limit} bytes")]
    NotACode {
        /// Which field.
        field: &'static str,
        /// Bytes it may have.
        limit: usize,
    },
    /// A text is needed.
    #[error("{field} is empty")]
    Empty {
        /// Which field.
        field: &'static str,
    },
    /// A text is longer than [`limits::FIELD`](crate::limits::FIELD).
    #[error("{field} is longer than {limit} bytes")]
    TooLong {
        /// Which field.
        field: &'static str,
        /// Bytes it may have.
        limit: usize,
    },
    /// A building, unit or room cannot be a label.
    #[error("{field}: {why}")]
    Label {
        /// Which field.
        field: &'static str,
        /// What is wrong with the label.
        why: AddressError,
    },
    /// A time of arrival beyond a day.
    #[error("{minutes} minutes are more than {limit}")]
    TooLate {
        /// Minutes given.
        minutes: u16,
        /// Minutes it may be.
        limit: u16,
    },
    /// It has been resolved. Who thinks otherwise raises it again.
    #[error("the alert is resolved")]
    Over,
    /// A warning: the alert says so already. With `already_happened` the fact is accepted beside it.
    #[error("the alert is {} already", status.code())]
    Contradicts {
        /// How far the alert has come.
        status: Status,
    },
    /// The member has acknowledged it, or is on their way.
    #[error("this member has answered")]
    AlreadyAnswered,
    /// The member has no answer that stands.
    #[error("this member has no answer to take back")]
    NothingToTakeBack,
    /// The corrected event is not here.
    #[error("no event {event} of this alert is here")]
    NoSuchEvent {
        /// The event named.
        event: Reference,
    },
    /// The event cannot say this.
    #[error("event {event} cannot be corrected to this")]
    NotCorrectable {
        /// The event named.
        event: Reference,
    },
    /// Nothing is to be changed.
    #[error("nothing is to be changed")]
    NothingChanged,
    /// The command is about an alert, and none is named.
    #[error("which alert?")]
    NoAlert,
    /// A new alert is raised on its own, not on one that exists.
    #[error("a new alert is not raised on an old one")]
    NotNew,
    /// The store could not answer.
    #[error("{message}")]
    Store {
        /// What it said.
        message: String,
    },
}

impl Refuse for AlertRefusal {
    const BY: &'static str = Alert::NAME;
    const WARNINGS: &'static [&'static str] = &["contradicts"];
}

impl From<WorldError> for AlertRefusal {
    fn from(error: WorldError) -> Self {
        AlertRefusal::Store { message: error.0 }
    }
}
