//! Why what a person wants to do with an alert is refused.

use serde::Serialize;

use super::{Alert, Status};
use crate::{
    aggregate::{Aggregate, WorldError, address::AddressError},
    id::Reference,
    vocabulary::{Refuse, Says},
};

/// Why a command is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, Serialize, strum::IntoStaticStr, strum::VariantNames, Says)]
#[serde(tag = "code", rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum AlertRefusal {
    /// Not lower-case letters, digits and `_`, or longer than a code.
    #[error("{field} is not a code of at most {limit} bytes")]
    NotACode {
        /// The name of the field that takes a code, as `what`.
        field: &'static str,
        /// Bytes it may have.
        limit: usize,
    },
    /// A text is needed.
    #[error("{field} is empty")]
    Empty {
        /// The name of the field that is empty.
        field: &'static str,
    },
    /// A text is longer than [`limits::FIELD`](crate::limits::FIELD).
    #[error("{field} is longer than {limit} bytes")]
    TooLong {
        /// The name of the field that holds too much.
        field: &'static str,
        /// Bytes it may have.
        limit: usize,
    },
    /// A building, unit or room cannot be a label.
    #[error("{field}: {why}")]
    Label {
        /// The name of the field: `building`, `unit` or `room`.
        field: &'static str,
        /// What is wrong with the label.
        why: AddressError,
    },
    /// A time of arrival beyond a day.
    #[error("{minutes} minutes are more than {limit}")]
    TooLate {
        /// Minutes that were given.
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
