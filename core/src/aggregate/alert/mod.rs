//! Alerts: somebody needs help now. Synced before everything else.
//!
//! An alert is raised and stays open until somebody says, knowing of every time it was raised, that it is resolved:
//! where two phones disagree it errs on the side of the one who needs help. This folder knows what was said and who
//! knew of what. It refuses to know the hour: [`WallMs::age`](crate::time::WallMs::age) and [`escalation`] are told it
//! when a screen asks.
//!
//! ```
//! # use std::sync::Arc;
//! # use linli_core::{aggregate::alert::{Alert, AlertCommand, Status}, id::CommandId, key::MemorySecrets, replica::{Options, Replica}};
//! # let home = tempfile::tempdir()?;
//! # let phone = Replica::open(Options::new(home.path(), Arc::new(MemorySecrets::default())))?;
//! # phone.found(None)?;
//! # let id = |nth| CommandId::from_bytes([nth; 16]);
//! let fall = AlertCommand::Raise {
//!     what: "fall".into(), building: Some("3".into()), unit: None, room: Some("1804".into()), text: None, contact: None,
//! };
//! let alert = phone.submit::<Alert>(id(1), None, fall)?.aggregate;
//! phone.submit::<Alert>(id(2), Some(alert), AlertCommand::Respond { eta_minutes: Some(5) })?;
//! assert_eq!(phone.alerts(true)?[0].card.status, Status::Responding);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod command;
mod content;
mod decide;
mod escalation;
mod fact;
pub mod kind;
mod outcome;
mod refusal;
mod rows;
mod state;
#[cfg(test)]
mod tests;
mod words;

use super::{
    Aggregate, Birth, DecisionContext, Draft, Family, Found, History, KindSpec, Malformed, Review, RoomFields,
    RoomName, Row, Says, Schema, Subject, Table, Terms, address,
};
use crate::{event::Topic, id::Reference};

pub use command::AlertCommand;
pub use content::field;
pub use escalation::{
    ACKNOWLEDGED_MS, ARRIVED_MS, CALL_EMERGENCY_MS, ETA_MINUTES, Escalation, LED_TO_NOTHING_MS, RESPONDING_MS,
    TELL_COORDINATORS_MS, TELL_LEADERS_MS, Waits, escalation, next_escalation, quiet_ms,
};
pub use fact::{AlertFact, WHATS};
pub use outcome::{Doubtful, Outcome, Responder, Saying, Status};
pub use refusal::AlertRefusal;
pub use rows::{ALERT_CARD, AlertCard, AlertView, Comment, Finding};
pub use state::AlertState;
pub use words::{Meant, meant, words_of};

/// The alert aggregate.
pub struct Alert;

impl Aggregate for Alert {
    const NAME: &'static str = "alert";
    const TOPIC: Topic = Topic::Urgent;
    const KINDS: &'static [KindSpec] = kind::TABLE;
    const CONTENT: Schema = content::SCHEMA;
    const TABLES: &'static [Table] = &[ALERT_CARD];
    const SAYS: &'static [Terms] = AlertFact::SAYS;

    const REVIEWS: Family = Family::saying::<Finding>("review");
    const FAMILIES: &'static [Family] =
        &[Family::of::<Status>("status.alert"), Family::of::<Escalation>("escalation"), Family::plain("what", WHATS)];

    const ROOMS: Option<Table> = Some(ALERT_CARD);
    const ROOM_FIELDS: Option<RoomFields> = Some(RoomFields { unit: Some(field::UNIT), room: field::ROOM });

    type Fact = AlertFact;
    type State = AlertState;
    type Command = AlertCommand;
    type Refusal = AlertRefusal;

    fn read(kind: u16, version: u16, payload: &[u8]) -> Result<AlertFact, Malformed> {
        fact::read(kind, version, payload)
    }

    fn target(fact: &AlertFact) -> Option<Reference> {
        if let AlertFact::Corrected { event, .. } = fact { Some(*event) } else { None }
    }

    fn building(fact: &AlertFact) -> Option<String> {
        if let AlertFact::Raised { building, .. } = fact { building.clone() } else { None }
    }

    fn apply(state: &mut AlertState, fact: &AlertFact, at: usize, _history: &History, _birth: &Birth) {
        state.apply(fact, at);
    }

    fn rows(subject: &Subject<'_, AlertState>) -> Vec<Row> {
        vec![rows::card_row(subject)]
    }

    fn review(subject: &Subject<'_, AlertState>) -> Vec<Review> {
        rows::review(subject)
    }

    fn search(subject: &Subject<'_, AlertState>) -> Option<String> {
        rows::search(subject)
    }

    fn line(card: &Found) -> Vec<String> {
        let Some(card) = AlertCard::from_row(card) else { return Vec::new() };
        vec![address::short([card.building, card.unit, card.room]), card.what]
    }

    fn room(card: &Found) -> RoomName {
        let card = AlertCard::from_row(card);
        card.map(|card| RoomName { building: card.building, unit: card.unit, room: card.room }).unwrap_or_default()
    }

    fn decide(
        subject: Option<&Subject<'_, AlertState>>,
        command: AlertCommand,
        context: &DecisionContext<'_>,
    ) -> Result<Vec<Draft>, AlertRefusal> {
        decide::decide(subject, command, context)
    }
}
