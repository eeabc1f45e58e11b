//! What a person can wish of an alert, and why it may be refused.

use serde::{Deserialize, Serialize};

use super::{
    Alert, AlertFact, AlertState, Picture, Status,
    fact::{
        CODE, CommentedPayload, CorrectedPayload, ETA, EmptyPayload, NotePayload, RaisedPayload, ResolvedPayload,
        RespondingPayload, WHATS, is_code,
    },
    field, kind,
    picture::Corrections,
};
use crate::{
    aggregate::{
        Aggregate, Desk, Draft, Subject, WorldError,
        address::{self, AddressError, Part},
    },
    event::{Edit, Scalar},
    id::Reference,
    limits,
    vocabulary::Refuse,
};

/// What a person can wish.
///
/// ```
/// # use std::sync::Arc;
/// # use linli_core::{aggregate::alert::{Alert, AlertWish, Status}, id::CommandId, key::MemorySecrets, replica::{Options, Replica}};
/// # let home = tempfile::tempdir()?;
/// # let phone = Replica::open(Options::new(home.path(), Arc::new(MemorySecrets::default())))?;
/// # phone.found(None)?;
/// # let id = |nth| CommandId::from_bytes([nth; 16]);
/// let fall = AlertWish::Raise {
///     what: "fall".into(), building: Some("3".into()), unit: None, room: Some("1804".into()), text: None, contact: None,
/// };
/// let alert = phone.submit::<Alert>(id(1), None, fall)?.aggregate;
/// phone.submit::<Alert>(id(2), Some(alert), AlertWish::Respond { eta_minutes: Some(5) })?;
/// assert_eq!(phone.alerts(true)?[0].card.status, Status::Responding);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AlertWish {
    /// Call for help. Nothing but `what` is needed: every further question costs time.
    Raise {
        /// What it is about: one of [`WHATS`].
        what: String,
        /// The building, as people write it.
        #[serde(default)]
        building: Option<String>,
        /// The unit.
        #[serde(default)]
        unit: Option<String>,
        /// The room, or a place in words.
        #[serde(default)]
        room: Option<String>,
        /// What is the matter, in words.
        #[serde(default)]
        text: Option<String>,
        /// Whom to call.
        #[serde(default)]
        contact: Option<String>,
    },
    /// I have seen it and care for it.
    Acknowledge,
    /// I am on my way; said again, the newest time of arrival holds.
    Respond {
        /// Minutes until I am there, at most a day.
        #[serde(default)]
        eta_minutes: Option<u16>,
    },
    /// I cannot come after all: takes back the member's answers that stand.
    StandDown {
        /// Why.
        why: String,
    },
    /// An ambulance has taken over.
    HandToAmbulance {
        /// Which one, to where.
        #[serde(default)]
        note: Option<String>,
        /// It is a fact, whatever the alert says by now.
        #[serde(default)]
        already_happened: bool,
    },
    /// It is over.
    Resolve {
        /// How: a code, such as `helped` or `false_alarm`.
        how: String,
        /// How, in words.
        #[serde(default)]
        note: Option<String>,
        /// It is a fact, whatever the alert says by now.
        #[serde(default)]
        already_happened: bool,
    },
    /// It is not over, or nobody came. Never refused.
    RaiseAgain {
        /// Why.
        #[serde(default)]
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
        /// What it should say; null where it should not have been.
        value: Scalar,
        /// Why.
        why: String,
    },
    /// Change what is not `None`; an empty text clears.
    Edit {
        /// What is the matter, in words.
        #[serde(default)]
        text: Option<String>,
        /// Whom to call.
        #[serde(default)]
        contact: Option<String>,
        /// The unit.
        #[serde(default)]
        unit: Option<String>,
        /// The room, or a place in words.
        #[serde(default)]
        room: Option<String>,
    },
}

/// Why a wish is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, Serialize, strum::IntoStaticStr, strum::VariantNames)]
#[serde(tag = "code", rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum AlertRefusal {
    /// `what` is none of [`WHATS`].
    #[error("{what} is nothing an alert can be about")]
    UnknownWhat {
        /// What was given.
        what: String,
    },
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
    /// A text is longer than [`limits::FIELD`].
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
        /// Why.
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
    /// The wish is about an alert, and none is named.
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
    const BY: &'static str = super::Alert::NAME;
    const WARNINGS: &'static [&'static str] = &["contradicts"];
}

impl From<WorldError> for AlertRefusal {
    fn from(error: WorldError) -> Self {
        AlertRefusal::Store { message: error.0 }
    }
}

pub(super) fn decide(
    subject: Option<&Subject<'_, AlertState>>,
    wish: AlertWish,
    desk: &Desk<'_>,
) -> Result<Vec<Draft>, AlertRefusal> {
    match (subject, wish) {
        (None, AlertWish::Raise { what, building, unit, room, text, contact }) => {
            raise(what, building, Changes { text, contact, unit, room }).map(|draft| vec![draft])
        }
        (None, _) => Err(AlertRefusal::NoAlert),
        (Some(_), AlertWish::Raise { .. }) => Err(AlertRefusal::NotNew),
        (Some(alert), AlertWish::StandDown { why }) => stand_down(alert, why, desk),
        (Some(alert), wish) => on_alert(alert, wish, desk).map(|draft| vec![draft]),
    }
}

/// The wishes that are one event of an alert that exists.
fn on_alert(alert: &Subject<'_, AlertState>, wish: AlertWish, desk: &Desk<'_>) -> Result<Draft, AlertRefusal> {
    let target = alert.birth.aggregate;
    match wish {
        AlertWish::Acknowledge => {
            answerable(alert, desk)?;
            Ok(Draft::on::<Alert>(target, kind::ACKNOWLEDGED, &EmptyPayload {}))
        }
        AlertWish::Respond { eta_minutes } => respond(alert, eta_minutes),
        AlertWish::HandToAmbulance { note, already_happened } => {
            warn(alert, Status::Handed, already_happened)?;
            let payload = NotePayload { note: optional("note", note)? };
            Ok(Draft::on::<Alert>(target, kind::HANDED_TO_AMBULANCE, &payload))
        }
        AlertWish::Resolve { how, note, already_happened } => {
            warn(alert, Status::Resolved, already_happened)?;
            if !is_code(&how) {
                return Err(AlertRefusal::NotACode { field: "how", limit: CODE });
            }
            let payload = ResolvedPayload { how, note: optional("note", note)? };
            Ok(Draft::on::<Alert>(target, kind::RESOLVED, &payload))
        }
        AlertWish::RaiseAgain { why } => {
            let payload = NotePayload { note: optional("why", why)? };
            Ok(Draft::on::<Alert>(target, kind::RAISED_AGAIN, &payload))
        }
        AlertWish::Comment { text } => {
            let payload = CommentedPayload { text: required("text", text)? };
            Ok(Draft::on::<Alert>(target, kind::COMMENTED, &payload))
        }
        AlertWish::Correct { event, value, why } => correct(alert, event, value, why),
        AlertWish::Edit { text, contact, unit, room } => edit(alert, Changes { text, contact, unit, room }),
        AlertWish::Raise { .. } | AlertWish::StandDown { .. } => Err(AlertRefusal::NotNew),
    }
}

/// Texts of the document: `None` leaves, empty clears.
struct Changes {
    text: Option<String>,
    contact: Option<String>,
    unit: Option<String>,
    room: Option<String>,
}

impl Changes {
    /// The new values, in the order of the fields; an empty one is null.
    fn values(self) -> Result<Vec<(u16, Scalar)>, AlertRefusal> {
        let words = |field, text: String| text_within(field, text.trim().to_owned());
        let place = |field, part, text: String| match text.trim() {
            "" => Ok(String::new()),
            text => address::part_label(part, text).map_err(|why| AlertRefusal::Label { field, why }),
        };
        let values = [
            (field::TEXT, self.text.map(|text| words("text", text)).transpose()?),
            (field::CONTACT, self.contact.map(|text| words("contact", text)).transpose()?),
            (field::UNIT, self.unit.map(|text| place("unit", Part::Unit, text)).transpose()?),
            (field::ROOM, self.room.map(|text| place("room", Part::Room, text)).transpose()?),
        ];
        let scalar = |text: String| if text.is_empty() { Scalar::Null } else { Scalar::Text(text) };
        Ok(values.into_iter().filter_map(|(field, text)| text.map(|text| (field, scalar(text)))).collect())
    }
}

fn raise(what: String, building: Option<String>, changes: Changes) -> Result<Draft, AlertRefusal> {
    if !WHATS.contains(&what.as_str()) {
        return Err(AlertRefusal::UnknownWhat { what });
    }
    let label = |text: &str| {
        address::part_label(Part::Building, text).map_err(|why| AlertRefusal::Label { field: "building", why })
    };
    let building = building.as_deref().filter(|text| !text.trim().is_empty()).map(label).transpose()?;
    let values = changes.values()?.into_iter().filter(|(_, value)| *value != Scalar::Null);
    let edits = values.map(|(field, value)| Edit::Put { field, value }).collect();
    Ok(Draft::new::<Alert>(kind::RAISED, &RaisedPayload { what, building }).edits(edits))
}

fn answerable(alert: &Subject<'_, AlertState>, desk: &Desk<'_>) -> Result<(), AlertRefusal> {
    let picture = Picture::of(alert);
    let mut answers = picture.acknowledged.iter().chain(picture.responders.iter().map(|responder| &responder.saying));
    match picture.status {
        Status::Resolved => Err(AlertRefusal::Over),
        _ if answers.any(|saying| saying.by == desk.by) => Err(AlertRefusal::AlreadyAnswered),
        _ => Ok(()),
    }
}

fn respond(alert: &Subject<'_, AlertState>, eta_minutes: Option<u16>) -> Result<Draft, AlertRefusal> {
    if !Picture::of(alert).is_open() {
        return Err(AlertRefusal::Over);
    }
    match eta_minutes {
        Some(minutes) if minutes > ETA => Err(AlertRefusal::TooLate { minutes, limit: ETA }),
        _ => Ok(Draft::on::<Alert>(alert.birth.aggregate, kind::RESPONDING, &RespondingPayload { eta_minutes })),
    }
}

/// Facts are not refused; what the alert says already is asked about once.
fn warn(alert: &Subject<'_, AlertState>, fact: Status, already_happened: bool) -> Result<(), AlertRefusal> {
    match Picture::of(alert).status {
        status if status >= fact && !already_happened => Err(AlertRefusal::Contradicts { status }),
        _ => Ok(()),
    }
}

/// One correction for each answer of the member that stands, so that both phones of a person are heard.
fn stand_down(alert: &Subject<'_, AlertState>, why: String, desk: &Desk<'_>) -> Result<Vec<Draft>, AlertRefusal> {
    let why = required("why", why)?;
    let answers = answers_of(alert, desk);
    if answers.is_empty() {
        return Err(AlertRefusal::NothingToTakeBack);
    }
    let drafts = answers.into_iter().map(|event| correction(alert, event, Scalar::Null, why.clone()));
    Ok(drafts.collect())
}

/// All answers of the member that would show if a later one were undone.
fn answers_of(alert: &Subject<'_, AlertState>, desk: &Desk<'_>) -> Vec<Reference> {
    let corrections = Corrections::of(&alert.state.said, alert.history);
    let picture = Picture::of(alert);
    let mut answering = picture.acknowledged.iter().chain(picture.responders.iter().map(|responder| &responder.saying));
    if !answering.any(|saying| saying.by == desk.by) {
        return Vec::new();
    }
    let is_answer = |fact: &AlertFact| matches!(fact, AlertFact::Acknowledged | AlertFact::Responding { .. });
    let mine = |at: &usize| alert.history.act(*at).by == desk.by && !corrections.undoes(*at);
    let said = alert.state.said.iter().filter(|(at, fact)| is_answer(fact) && mine(at));
    said.map(|(at, _)| alert.history.act(*at).reference).collect()
}

fn correct(
    alert: &Subject<'_, AlertState>,
    event: Reference,
    value: Scalar,
    why: String,
) -> Result<Draft, AlertRefusal> {
    let said = alert.history.find(event).and_then(|at| alert.state.said.get(&at));
    let fact = said.ok_or(AlertRefusal::NoSuchEvent { event })?;
    let value = match value {
        Scalar::Text(text) => Scalar::Text(text_within("value", text.trim().to_owned())?),
        value => value,
    };
    if !fact.accepts(&value) {
        return Err(AlertRefusal::NotCorrectable { event });
    }
    Ok(correction(alert, event, value, required("why", why)?))
}

fn correction(alert: &Subject<'_, AlertState>, event: Reference, value: Scalar, why: String) -> Draft {
    Draft::on::<Alert>(alert.birth.aggregate, kind::CORRECTED, &CorrectedPayload { event, value, why })
}

/// Only what differs is written, so that edits of different fields stay without conflict; a field with several
/// values is settled by writing one of them.
fn edit(alert: &Subject<'_, AlertState>, changes: Changes) -> Result<Draft, AlertRefusal> {
    let content = alert.content;
    let settles = |field: u16| content.fields.get(&field).is_some_and(|values| values.len() > 1);
    let shown = |field: u16| content.get(field).unwrap_or(&Scalar::Null);
    let values = changes.values()?.into_iter().filter(|(field, value)| shown(*field) != value || settles(*field));
    let edits: Vec<Edit> = values.map(|(field, value)| Edit::Put { field, value }).collect();
    if edits.is_empty() {
        return Err(AlertRefusal::NothingChanged);
    }
    Ok(Draft::on::<Alert>(alert.birth.aggregate, kind::EDITED, &EmptyPayload {}).edits(edits))
}

fn text_within(field: &'static str, text: String) -> Result<String, AlertRefusal> {
    if text.len() > limits::FIELD {
        return Err(AlertRefusal::TooLong { field, limit: limits::FIELD });
    }
    Ok(text)
}

fn required(field: &'static str, text: String) -> Result<String, AlertRefusal> {
    match text.trim() {
        "" => Err(AlertRefusal::Empty { field }),
        text => text_within(field, text.to_owned()),
    }
}

/// An empty note is none.
fn optional(field: &'static str, text: Option<String>) -> Result<Option<String>, AlertRefusal> {
    match text.as_deref().map(str::trim) {
        None | Some("") => Ok(None),
        Some(text) => text_within(field, text.to_owned()).map(Some),
    }
}
