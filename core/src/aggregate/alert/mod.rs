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
mod decide;
mod escalation;
mod fact;
mod picture;
mod rows;
#[cfg(test)]
mod tests;
mod words;

use std::collections::BTreeMap;

use super::{
    Aggregate, Birth, Coded, DecisionContext, Draft, Family, FieldSpec, Found, History, KindSpec, Malformed, Review,
    RoomFields, RoomName, Row, Schema, Subject, Table, address,
};
use crate::{event::Topic, id::Reference, roster::Need};

pub use command::{AlertCommand, AlertRefusal};
pub use escalation::{
    ACKNOWLEDGED_MS, ARRIVED_MS, CALL_EMERGENCY_MS, ETA_MINUTES, Escalation, LED_TO_NOTHING_MS, RESPONDING_MS,
    TELL_COORDINATORS_MS, TELL_LEADERS_MS, Waits, escalation, next_escalation, quiet_ms,
};
pub use fact::{AlertFact, WHATS};
pub use picture::{Doubtful, Picture, Responder, Saying, Status};
pub use rows::{ALERT_CARD, AlertCard, AlertView, Comment, Finding};
pub use words::{Meant, meant, words_of};

/// Numbers of the document's fields.
pub mod field {
    /// What is the matter, in words.
    pub const TEXT: u16 = 1;
    /// Whom to call, and under which number.
    pub const CONTACT: u16 = 2;
    /// The unit of the building.
    pub const UNIT: u16 = 3;
    /// The room, or a place in words.
    pub const ROOM: u16 = 4;
}

/// Numbers of the events.
pub mod kind {
    /// Somebody needs help.
    pub const RAISED: u16 = 0x0500;
    /// Somebody has seen it.
    pub const ACKNOWLEDGED: u16 = 0x0501;
    /// Somebody is on their way.
    pub const RESPONDING: u16 = 0x0502;
    /// An ambulance has taken over.
    pub const HANDED_TO_AMBULANCE: u16 = 0x0503;
    /// It is over.
    pub const RESOLVED: u16 = 0x0504;
    /// It is not over, or nobody came.
    pub const RAISED_AGAIN: u16 = 0x0505;
    /// A word on it.
    pub const COMMENTED: u16 = 0x0506;
    /// A mis-tap undone.
    pub const CORRECTED: u16 = 0x0507;
    /// The text, the contact, the unit or the room changed.
    pub const EDITED: u16 = 0x0508;
}

/// The alert aggregate.
pub struct Alert;

/// What was said of one alert, by place in its history. What it comes to is a [`Picture`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AlertState {
    said: BTreeMap<usize, AlertFact>,
}

const fn row(kind: u16, code: &'static str, need: Need) -> KindSpec {
    KindSpec { kind, version: 1, code, need, creates: kind == kind::RAISED }
}

impl Aggregate for Alert {
    const NAME: &'static str = "alert";
    const TOPIC: Topic = Topic::Urgent;
    const KINDS: &'static [KindSpec] = &[
        row(kind::RAISED, "raised", Need::MEMBER),
        row(kind::ACKNOWLEDGED, "acknowledged", Need::MEMBER),
        row(kind::RESPONDING, "responding", Need::MEMBER),
        row(kind::HANDED_TO_AMBULANCE, "handed_to_ambulance", Need::MEMBER),
        row(kind::RESOLVED, "resolved", Need::MEMBER),
        row(kind::RAISED_AGAIN, "raised_again", Need::MEMBER),
        row(kind::COMMENTED, "commented", Need::MEMBER),
        row(kind::CORRECTED, "corrected", Need::TARGET_AUTHOR.or(Need::LEADER).or(Need::COORDINATOR)),
        row(kind::EDITED, "edited", Need::MEMBER),
    ];
    const CONTENT: Schema = Schema {
        fields: &[
            FieldSpec { field: field::TEXT, name: "text" },
            FieldSpec { field: field::CONTACT, name: "contact" },
            FieldSpec { field: field::UNIT, name: "unit" },
            FieldSpec { field: field::ROOM, name: "room" },
        ],
        lists: &[],
    };
    const TABLES: &'static [Table] = &[ALERT_CARD];

    const REVIEWS: &'static [&'static str] = Finding::CODES;
    const FAMILIES: &'static [Family] = &[
        Family::of::<Status>("status.alert"),
        Family::of::<Escalation>("escalation"),
        Family { name: "what", codes: WHATS },
    ];

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
        // Who knew of what is asked when a picture is made, because a correction may undo a `raised_again`, and with
        // it all that it ended.
        state.said.insert(at, fact.clone());
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
