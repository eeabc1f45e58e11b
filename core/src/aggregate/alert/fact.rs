//! What the events of an alert say, and how their payloads are read. Strict: what is let through counts forever.

use minicbor::{Decode, Encode};
use serde::Serialize;

use super::kind;
use crate::{
    aggregate::{Malformed, address, decode},
    event::Scalar,
    id::Reference,
    limits,
    vocabulary::Says,
};

/// What alerts are about, as codes that apps translate. A newer build may know more; any code is readable.
pub const WHATS: &[&str] = &[
    "chest_pain",
    "breathing",
    "unconscious",
    "bleeding",
    "fall",
    "labour",
    "dialysis",
    "medicine_out",
    "child_fever",
    "mental_crisis",
    "missing_person",
    "fire",
    "gas",
    "power_or_water",
    "other",
];

/// Bytes of a code.
pub(super) const CODE: usize = 32;
/// The longest time of arrival, in minutes: a day.
pub(super) const ETA: u16 = 24 * 60;

/// What an event of an alert says.
#[derive(Clone, Debug, PartialEq, Serialize, Says)]
#[serde(untagged)]
pub enum AlertFact {
    /// Somebody needs help.
    Raised {
        /// What it is about: a code.
        what: String,
        /// The building's label, if it is in or at one.
        building: Option<String>,
    },
    /// Somebody has seen it and cares for it.
    Acknowledged,
    /// Somebody is on their way.
    Responding {
        /// Minutes until they are there.
        eta_minutes: Option<u16>,
    },
    /// An ambulance has taken over.
    HandedToAmbulance {
        /// Which one, to where.
        note: Option<String>,
    },
    /// It is over.
    Resolved {
        /// How: a code, such as `helped` or `false_alarm`.
        how: String,
        /// How, in words.
        note: Option<String>,
    },
    /// It is not over, or nobody came. Ends the answers it knew of.
    RaisedAgain {
        /// The reason, in words, if one was given.
        why: Option<String>,
    },
    /// A word on it.
    Commented {
        /// What was said.
        text: String,
    },
    /// What an earlier event says is wrong.
    Corrected {
        /// The act of this alert that was wrong.
        event: Reference,
        /// What it should say: a code for `raised`, minutes for `responding`, a text for `commented`; null where it
        /// should not have been at all.
        value: Scalar,
        /// The reason, in words; never empty.
        why: String,
    },
    /// The document changed.
    Edited,
}

impl AlertFact {
    /// Whether a correction may put this value in the place of what the fact says.
    pub(super) fn accepts(&self, value: &Scalar) -> bool {
        match (self, value) {
            (Self::Raised { .. }, Scalar::Text(code)) => is_code(code),
            // An alert that should not have been is resolved as a false alarm: it has been seen.
            (Self::Raised { .. } | Self::Corrected { .. } | Self::Edited, _) => false,
            (_, Scalar::Null) => true,
            (Self::Responding { .. }, Scalar::Int(minutes)) => (0..=i64::from(ETA)).contains(minutes),
            (Self::Commented { .. }, Scalar::Text(text)) => !text.is_empty(),
            _ => false,
        }
    }
}

// Payloads: CBOR maps, one for each shape. Null and absent are one.

/// The payload of `raised`.
#[derive(Encode, Decode)]
#[cbor(map)]
pub(super) struct RaisedPayload {
    #[n(0)]
    pub what: String,
    #[n(1)]
    pub building: Option<String>,
}

/// Acknowledged and edited: nothing.
#[derive(Encode, Decode)]
#[cbor(map)]
pub(super) struct EmptyPayload {}

/// The payload of `responding`.
#[derive(Encode, Decode)]
#[cbor(map)]
pub(super) struct RespondingPayload {
    #[n(0)]
    pub eta_minutes: Option<u16>,
}

/// Handed to ambulance (a note), raised again (a reason).
#[derive(Encode, Decode)]
#[cbor(map)]
pub(super) struct NotePayload {
    #[n(0)]
    pub note: Option<String>,
}

/// The payload of `resolved`.
#[derive(Encode, Decode)]
#[cbor(map)]
pub(super) struct ResolvedPayload {
    #[n(0)]
    pub how: String,
    #[n(1)]
    pub note: Option<String>,
}

/// The payload of `commented`.
#[derive(Encode, Decode)]
#[cbor(map)]
pub(super) struct CommentedPayload {
    #[n(0)]
    pub text: String,
}

/// The payload of `corrected`.
#[derive(Encode, Decode)]
#[cbor(map)]
pub(super) struct CorrectedPayload {
    #[n(0)]
    pub event: Reference,
    #[n(1)]
    pub value: Scalar,
    #[n(2)]
    pub why: String,
}

pub(super) fn read(kind: u16, version: u16, payload: &[u8]) -> Result<AlertFact, Malformed> {
    if version != 1 {
        return Err(Malformed("no such version"));
    }
    Ok(match kind {
        kind::RAISED => {
            let RaisedPayload { what, building } = decode(payload)?;
            if building.as_deref().is_some_and(|label| !address::is_label(label)) {
                return Err(Malformed("a building's label is out of bounds"));
            }
            AlertFact::Raised { what: coded(what)?, building }
        }
        kind::ACKNOWLEDGED => decode(payload).map(|_: EmptyPayload| AlertFact::Acknowledged)?,
        kind::RESPONDING => {
            let RespondingPayload { eta_minutes } = decode(payload)?;
            if eta_minutes.is_some_and(|minutes| minutes > ETA) {
                return Err(Malformed("a time of arrival is beyond a day"));
            }
            AlertFact::Responding { eta_minutes }
        }
        kind::HANDED_TO_AMBULANCE => AlertFact::HandedToAmbulance { note: note(decode(payload)?)? },
        kind::RESOLVED => {
            let ResolvedPayload { how, note: words } = decode(payload)?;
            AlertFact::Resolved { how: coded(how)?, note: note(NotePayload { note: words })? }
        }
        kind::RAISED_AGAIN => AlertFact::RaisedAgain { why: note(decode(payload)?)? },
        kind::COMMENTED => AlertFact::Commented { text: texted(decode::<CommentedPayload>(payload)?.text)? },
        kind::CORRECTED => {
            let CorrectedPayload { event, value, why } = decode(payload)?;
            AlertFact::Corrected { event, value, why: texted(why)? }
        }
        kind::EDITED => decode(payload).map(|_: EmptyPayload| AlertFact::Edited)?,
        _ => return Err(Malformed("no such kind")),
    })
}

pub(super) fn is_code(text: &str) -> bool {
    !text.is_empty() && text.len() <= CODE && text.bytes().all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'_'))
}

fn coded(text: String) -> Result<String, Malformed> {
    if is_code(&text) { Ok(text) } else { Err(Malformed("not a code")) }
}

fn texted(text: String) -> Result<String, Malformed> {
    match text.len() {
        1..=limits::FIELD => Ok(text),
        0 => Err(Malformed("an empty text")),
        _ => Err(Malformed("a text is too long")),
    }
}

fn note(payload: NotePayload) -> Result<Option<String>, Malformed> {
    payload.note.map(texted).transpose()
}
