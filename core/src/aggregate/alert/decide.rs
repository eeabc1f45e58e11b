//! What becomes of a command: one event, or a refusal.

use super::{
    Alert, AlertCommand, AlertFact, AlertRefusal, AlertState, Outcome, Status,
    fact::{
        CODE, CommentedPayload, CorrectedPayload, ETA, EmptyPayload, NotePayload, RaisedPayload, ResolvedPayload,
        RespondingPayload, is_code,
    },
    field, kind,
    outcome::Corrections,
    words,
};
use crate::{
    aggregate::{
        DecisionContext, Draft, Subject,
        address::{self, Part},
        building::Door,
    },
    event::{Edit, Scalar},
    id::Reference,
    limits,
};

pub(super) fn decide(
    subject: Option<&Subject<'_, AlertState>>,
    command: AlertCommand,
    context: &DecisionContext<'_>,
) -> Result<Vec<Draft>, AlertRefusal> {
    match (subject, command) {
        (None, AlertCommand::Raise { what, building, unit, room, text, contact }) => {
            raise(what, building, Changes { text, contact, unit, room }, context).map(|draft| vec![draft])
        }
        (None, _) => Err(AlertRefusal::NoAlert),
        (Some(_), AlertCommand::Raise { .. }) => Err(AlertRefusal::NotNew),
        (Some(alert), AlertCommand::StandDown { why }) => stand_down(alert, why, context),
        (Some(alert), command) => on_alert(alert, command, context).map(|draft| vec![draft]),
    }
}

/// The commands that are one event of an alert that exists.
fn on_alert(
    alert: &Subject<'_, AlertState>,
    command: AlertCommand,
    context: &DecisionContext<'_>,
) -> Result<Draft, AlertRefusal> {
    let target = alert.birth.aggregate;
    match command {
        AlertCommand::Acknowledge => {
            answerable(alert, context)?;
            Ok(Draft::on::<Alert>(target, kind::ACKNOWLEDGED, &EmptyPayload {}))
        }
        AlertCommand::Respond { eta_minutes } => respond(alert, eta_minutes),
        AlertCommand::HandToAmbulance { note, already_happened } => {
            warn(alert, Status::Handed, already_happened)?;
            let payload = NotePayload { note: optional("note", note)? };
            Ok(Draft::on::<Alert>(target, kind::HANDED_TO_AMBULANCE, &payload))
        }
        AlertCommand::Resolve { how, note, already_happened } => {
            warn(alert, Status::Resolved, already_happened)?;
            if !is_code(&how) {
                return Err(AlertRefusal::NotACode { field: "how", limit: CODE });
            }
            let payload = ResolvedPayload { how, note: optional("note", note)? };
            Ok(Draft::on::<Alert>(target, kind::RESOLVED, &payload))
        }
        AlertCommand::RaiseAgain { why } => {
            let payload = NotePayload { note: optional("why", why)? };
            Ok(Draft::on::<Alert>(target, kind::RAISED_AGAIN, &payload))
        }
        AlertCommand::Comment { text } => {
            let payload = CommentedPayload { text: required("text", text)? };
            Ok(Draft::on::<Alert>(target, kind::COMMENTED, &payload))
        }
        AlertCommand::Correct { event, value, why } => correct(alert, event, value, why),
        AlertCommand::Edit { text, contact, unit, room } => edit(alert, Changes { text, contact, unit, room }),
        AlertCommand::Raise { .. } | AlertCommand::StandDown { .. } => Err(AlertRefusal::NotNew),
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

fn raise(
    said: String,
    building: Option<String>,
    mut changes: Changes,
    context: &DecisionContext<'_>,
) -> Result<Draft, AlertRefusal> {
    let meant = words::meant(&said).ok_or(AlertRefusal::Empty { field: "what" })?;
    if meant.says_more {
        changes.text = Some(beside(said.trim(), changes.text.as_deref().unwrap_or_default().trim()));
    }
    let what = meant.what.to_owned();
    let label = |text: &str| {
        address::part_label(Part::Building, text).map_err(|why| AlertRefusal::Label { field: "building", why })
    };
    let mut building = building.as_deref().filter(|text| !text.trim().is_empty()).map(label).transpose()?;
    // Whatever the register says, nobody waits for help because of it.
    if let Some(label) = &building
        && let Ok(door) = Door::named(label, changes.unit.as_deref(), changes.room.as_deref())
        && let Ok(door) = door.listed(context.world)
    {
        changes.unit = door.unit.or(changes.unit);
        building = Some(door.building);
    }
    let values = changes.values()?.into_iter().filter(|(_, value)| *value != Scalar::Null);
    let edits = values.map(|(field, value)| Edit::Put { field, value }).collect();
    Ok(Draft::new::<Alert>(kind::RAISED, &RaisedPayload { what, building }).edits(edits))
}

/// What somebody said and what they wrote beside it, once where one holds the other.
fn beside(said: &str, text: &str) -> String {
    match text {
        text if text.contains(said) => text.to_owned(),
        text if said.contains(text) => said.to_owned(),
        text => format!("{said}; {text}"),
    }
}

fn answerable(alert: &Subject<'_, AlertState>, context: &DecisionContext<'_>) -> Result<(), AlertRefusal> {
    let outcome = Outcome::of(alert);
    let mut answers = outcome.acknowledged.iter().chain(outcome.responders.iter().map(|responder| &responder.saying));
    match outcome.status {
        Status::Resolved => Err(AlertRefusal::Over),
        _ if answers.any(|saying| saying.by == context.by) => Err(AlertRefusal::AlreadyAnswered),
        _ => Ok(()),
    }
}

fn respond(alert: &Subject<'_, AlertState>, eta_minutes: Option<u16>) -> Result<Draft, AlertRefusal> {
    if !Outcome::of(alert).is_open() {
        return Err(AlertRefusal::Over);
    }
    match eta_minutes {
        Some(minutes) if minutes > ETA => Err(AlertRefusal::TooLate { minutes, limit: ETA }),
        _ => Ok(Draft::on::<Alert>(alert.birth.aggregate, kind::RESPONDING, &RespondingPayload { eta_minutes })),
    }
}

/// Facts are not refused; what the alert says already is asked about once.
fn warn(alert: &Subject<'_, AlertState>, fact: Status, already_happened: bool) -> Result<(), AlertRefusal> {
    match Outcome::of(alert).status {
        status if status >= fact && !already_happened => Err(AlertRefusal::Contradicts { status }),
        _ => Ok(()),
    }
}

/// One correction for each answer of the member that stands, so that both phones of a person are heard.
fn stand_down(
    alert: &Subject<'_, AlertState>,
    why: String,
    context: &DecisionContext<'_>,
) -> Result<Vec<Draft>, AlertRefusal> {
    let why = required("why", why)?;
    let answers = answers_of(alert, context);
    if answers.is_empty() {
        return Err(AlertRefusal::NothingToTakeBack);
    }
    let drafts = answers.into_iter().map(|event| correction(alert, event, Scalar::Null, why.clone()));
    Ok(drafts.collect())
}

/// All answers of the member that would show if a later one were undone.
fn answers_of(alert: &Subject<'_, AlertState>, context: &DecisionContext<'_>) -> Vec<Reference> {
    let corrections = Corrections::of(&alert.state.said, alert.history);
    let outcome = Outcome::of(alert);
    let mut answering = outcome.acknowledged.iter().chain(outcome.responders.iter().map(|responder| &responder.saying));
    if !answering.any(|saying| saying.by == context.by) {
        return Vec::new();
    }
    let is_answer = |fact: &AlertFact| matches!(fact, AlertFact::Acknowledged | AlertFact::Responding { .. });
    let mine = |at: &usize| alert.history.act(*at).by == context.by && !corrections.undoes(*at);
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
        Scalar::Text(text) => Scalar::Text(corrected(fact, text.trim())?),
        value => value,
    };
    if !fact.accepts(&value) {
        return Err(AlertRefusal::NotCorrectable { event });
    }
    Ok(correction(alert, event, value, required("why", why)?))
}

/// What a text should say; of what an alert is about, the code of what is meant, where that is understood.
fn corrected(fact: &AlertFact, text: &str) -> Result<String, AlertRefusal> {
    let understood = |meant: &words::Meant| meant.what != words::OTHER || !meant.says_more;
    // A code that only a newer app knows stays one.
    let asked = matches!(fact, AlertFact::Raised { .. }) && !is_code(text);
    let meant = words::meant(text).filter(|meant| asked && understood(meant));
    meant.map_or_else(|| text_within("value", text.to_owned()), |meant| Ok(meant.what.to_owned()))
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
