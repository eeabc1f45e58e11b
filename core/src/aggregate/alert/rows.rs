//! What screens see of alerts: a card in lists, with the contact masked, and the whole for who opens it.

#[cfg(feature = "uniffi")]
use crate::bindings::module_path;

use serde::{Deserialize, Serialize};

use super::{
    ACKNOWLEDGED_MS, AlertFact, AlertState, Doubtful, Outcome, Responder, Saying, Status, field,
    outcome::{Corrections, saying},
    quiet_ms,
};
use crate::{
    aggregate::{Cell, Found, Review, Row, Subject, Table, address},
    event::Scalar,
    id::{MemberId, Reference},
    label, limits,
    time::WallMs,
    vocabulary::Says,
};

/// Characters of what is the matter that stand above screens.
const WORDS: usize = 160;

/// One row for each alert: open ones by building, and by who raised them. `building` is its label as it is compared.
pub const ALERT_CARD: Table = Table {
    name: "alert_card",
    columns: &[
        "building",
        "status",
        "open",
        "what",
        "raised_by",
        "raised_at",
        "since",
        "acknowledged",
        "responders",
        "words",
        "card",
    ],
    indexes: &[&["open", "raised_by", "status"], &["open", "raised_by", "since"], &["building", "open", "since"]],
};

/// An alert in a list: what a responder needs to decide whether to run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct AlertCard {
    /// The alert, by its creating event.
    pub alert: Reference,
    /// The building, fixed when it was raised.
    pub building: Option<String>,
    /// The unit shown.
    pub unit: Option<String>,
    /// The room shown, or a place in words.
    pub room: Option<String>,
    /// What it is about: a code.
    pub what: String,
    /// How far it has come.
    pub status: Status,
    /// Who raised it.
    pub raised_by: MemberId,
    /// When it was first raised, by the raiser's clock.
    pub raised_at: WallMs,
    /// Since when it has been without an answer, by the raiser's clock: its age counts from here. Raising again what
    /// nobody answered changes nothing of it.
    pub since: WallMs,
    /// The raising that is: what "first held" refers to.
    pub since_event: Option<Reference>,
    /// How often it was raised.
    pub times_raised: usize,
    /// Who has seen it.
    pub acknowledged: Vec<MemberId>,
    /// Who of them said so last, and when.
    pub acknowledged_last: Option<Saying>,
    /// Who is on their way.
    pub responders: Vec<Responder>,
    /// Whom to call, masked: the whole is in the [`AlertView`].
    pub contact_masked: Option<String>,
    /// Whether a person should look at contradicting facts.
    pub doubtful: bool,
}

/// A word on an alert.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record), uniffi(name = "AlertComment"))]
pub struct Comment {
    /// Who and when.
    #[serde(flatten)]
    pub saying: Saying,
    /// The word, as corrected.
    pub text: String,
}

/// An alert with all that was said, for who opens it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct AlertView {
    /// What lists show.
    pub card: AlertCard,
    /// What is the matter, in words.
    pub text: Option<String>,
    /// Whom to call.
    pub contact: Option<String>,
    /// Each time it was raised.
    pub raised: Vec<Saying>,
    /// Who has seen it.
    pub acknowledged: Vec<Saying>,
    /// Hand-overs that stand.
    pub handed: Vec<Saying>,
    /// Resolutions that stand.
    pub resolved: Vec<Saying>,
    /// Facts that a person should look at.
    pub doubtful: Vec<Doubtful>,
    /// The conversation, in order.
    pub comments: Vec<Comment>,
}

impl AlertCard {
    /// The card of a folded alert.
    pub fn of(subject: &Subject<'_, AlertState>) -> Self {
        Self::from_outcome(subject, &Outcome::of(subject))
    }

    /// The card out of a row of [`ALERT_CARD`], if the row is one.
    pub fn from_row(found: &Found) -> Option<Self> {
        serde_json::from_str(ALERT_CARD.cell(found, "card").text()?).ok()
    }

    /// The answers that keep it quiet, and the milliseconds for which each does: the last acknowledgement, and of whoever is
    /// on the way the [`ALERT_ANSWERS`](crate::limits::ALERT_ANSWERS) that said so last.
    pub fn answers(&self) -> impl Iterator<Item = (&Saying, u64)> {
        let seen = self.acknowledged_last.iter().map(|saying| (saying, ACKNOWLEDGED_MS));
        let coming = self.responders.iter().rev().take(limits::ALERT_ANSWERS);
        seen.chain(coming.map(|responder| (&responder.saying, quiet_ms(responder.eta_minutes))))
    }

    fn from_outcome(subject: &Subject<'_, AlertState>, outcome: &Outcome) -> Self {
        let text = |field| subject.content.text(field).map(str::to_owned);
        Self {
            alert: subject.birth.aggregate,
            building: subject.birth.building.clone(),
            unit: text(field::UNIT),
            room: text(field::ROOM),
            what: outcome.what.clone(),
            status: outcome.status,
            raised_by: subject.birth.author,
            raised_at: outcome.raised.first().map(|saying| saying.wall).unwrap_or_default(),
            since: outcome.since(),
            since_event: outcome.unanswered.as_ref().map(|saying| saying.event),
            times_raised: outcome.raised.len(),
            acknowledged: outcome.acknowledged.iter().map(|saying| saying.by).collect(),
            acknowledged_last: outcome.acknowledged.last().cloned(),
            responders: outcome.responders.clone(),
            contact_masked: subject.content.text(field::CONTACT).map(masked),
            doubtful: !outcome.doubtful.is_empty(),
        }
    }
}

impl AlertView {
    /// The whole of a folded alert.
    pub fn of(subject: &Subject<'_, AlertState>) -> Self {
        let outcome = Outcome::of(subject);
        let text = |field| subject.content.text(field).map(str::to_owned);
        Self {
            card: AlertCard::from_outcome(subject, &outcome),
            text: text(field::TEXT),
            contact: text(field::CONTACT),
            raised: outcome.raised,
            acknowledged: outcome.acknowledged,
            handed: outcome.handed,
            resolved: outcome.resolved,
            doubtful: outcome.doubtful,
            comments: comments(subject),
        }
    }
}

fn comments(subject: &Subject<'_, AlertState>) -> Vec<Comment> {
    let corrections = Corrections::of(&subject.state.said, subject.history);
    let comment = |(at, fact): (&usize, &AlertFact)| match fact {
        AlertFact::Commented { text } if !corrections.undoes(*at) => Some(Comment {
            saying: saying(subject.history, *at),
            text: corrections.of_event(*at).and_then(Scalar::text).unwrap_or(text).to_owned(),
        }),
        _ => None,
    };
    subject.state.said.iter().filter_map(comment).collect()
}

pub(super) fn card_row(subject: &Subject<'_, AlertState>) -> Row {
    let card = AlertCard::of(subject);
    let count = |length: usize| Cell::Int(i64::try_from(length).unwrap_or(i64::MAX));
    let cells = vec![
        card.building.as_deref().map(label::building).into(),
        card.status.code().into(),
        (card.status != Status::Resolved).into(),
        card.what.as_str().into(),
        Cell::Bytes(card.raised_by.as_bytes().to_vec()),
        card.raised_at.0.into(),
        card.since.0.into(),
        count(card.acknowledged.len()),
        count(card.responders.len()),
        // What people wrote stands beside the card: it is shown of what is on top alone.
        subject.content.text(field::TEXT).map(shortened).into(),
        // Plain structs with text keys always have a JSON form.
        serde_json::to_string(&card).unwrap_or_default().into(),
    ];
    Row { table: ALERT_CARD.name, cells }
}

/// What of an alert a person should look at: a code of the review queue.
#[derive(Debug, Serialize, strum::IntoStaticStr, strum::VariantNames, Says)]
#[serde(tag = "code", rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
#[allow(missing_docs, reason = "the fields are what the sentence names")]
pub enum Finding {
    /// Who said that it is over did not know that it had been raised again.
    ResolvedWhileRaisedAgain { event: Reference, by: MemberId, wall: WallMs },
    /// Who handed it over did not know that it had been raised again.
    HandedWhileRaisedAgain { event: Reference, by: MemberId, wall: WallMs },
    /// It was corrected in different ways.
    CorrectionsDiffer { event: Reference },
}

pub(super) fn review(subject: &Subject<'_, AlertState>) -> Vec<Review> {
    let outcome = Outcome::of(subject);
    let doubtful = outcome.doubtful.iter().map(|doubt| {
        let Saying { event, by, wall, .. } = doubt.saying;
        match doubt.status {
            Status::Resolved => Finding::ResolvedWhileRaisedAgain { event, by, wall },
            _ => Finding::HandedWhileRaisedAgain { event, by, wall },
        }
    });
    let differently = outcome.differently_corrected.iter();
    let corrected = differently.map(|event| Finding::CorrectionsDiffer { event: *event });
    doubtful.chain(corrected).map(|finding| Review::found(&finding)).collect()
}

pub(super) fn search(subject: &Subject<'_, AlertState>) -> Option<String> {
    let text = |field| subject.content.text(field);
    let what = Outcome::of(subject).what;
    let building = subject.birth.building.as_deref();
    let searched = address::searched(building, text(field::UNIT), text(field::ROOM));
    let words = [
        Some(what.as_str()),
        building,
        Some(searched.as_str()),
        text(field::UNIT),
        text(field::ROOM),
        text(field::TEXT),
    ];
    Some(words.into_iter().flatten().collect::<Vec<_>>().join(" "))
}

/// The beginning of what is the matter, as it stands above screens.
fn shortened(text: &str) -> String {
    match text.char_indices().nth(WORDS) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text.to_owned(),
    }
}

/// All but the last four characters hidden; of a short contact, all.
fn masked(contact: &str) -> String {
    let length = contact.chars().count();
    let hidden = if length >= 8 { length - 4 } else { length };
    let shown: String = contact.chars().skip(hidden).collect();
    format!("****{shown}")
}
