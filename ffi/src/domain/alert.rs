//! Alerts: somebody needs help now.

use std::time::Duration;

use linli_core::{
    aggregate::{
        Review, Told,
        alert::{
            Alert, AlertCard, AlertView, AlertWish, Comment as AlertComment, Doubtful as AlertDoubtful,
            Escalation as AlertEscalation, Responder as AlertResponder, Saying as AlertSaying, Status as AlertStatus,
        },
    },
    event::Scalar,
    id::{CommandId, MemberId, Reference},
    replica::{AlertDetail, AlertLine, Receipt},
    time::WallMs,
};

use crate::{
    LinliError, Phone,
    domain::plain::{Count, Names},
};

#[uniffi::export]
impl Phone {
    /// Carries out a wish: `on` names the alert, and is left out for the wish that makes one. Durable when it returns.
    /// The same `id` again, after a crash too, writes nothing and answers the same.
    ///
    /// # Errors
    /// `Refused` with the code of the reason; where it is a warning, the same wish said to have happened goes through.
    #[uniffi::method(default(on = None))]
    pub async fn submit_alert(
        &self,
        id: CommandId,
        wish: AlertWish,
        on: Option<Reference>,
    ) -> Result<Receipt, LinliError> {
        self.call(move |replica| replica.submit::<Alert>(id, on, wish)).await
    }

    /// Alerts that are not over, the loudest first, the oldest first among those; or those that are over, the last
    /// raised first. Of each raiser at most 50: `more` says how many there are beside.
    #[uniffi::method(default(open = true))]
    pub async fn alerts(&self, open: bool) -> Result<Vec<AlertLine>, LinliError> {
        self.call(move |replica| replica.alerts(open)).await
    }

    /// An alert in full.
    pub async fn alert(&self, alert: Reference) -> Result<AlertDetail, LinliError> {
        self.call(move |replica| replica.alert(alert)).await
    }

    /// In how many milliseconds to look at alerts again although nothing arrives: time makes one of them louder then.
    pub async fn next_escalation_ms(&self) -> Result<Option<u64>, LinliError> {
        self.call(move |replica| {
            let in_ms = |wait: Duration| u64::try_from(wait.as_millis()).unwrap_or(u64::MAX);
            replica.next_escalation().map(|soonest| soonest.map(in_ms))
        })
        .await
    }
}

/// What a person can wish.
#[uniffi::remote(Enum)]
pub enum AlertWish {
    /// Call for help. Nothing but `what` is needed: every further question costs time.
    Raise {
        /// What it is about: one of `WHATS`.
        what: String,
        /// The building, as people write it.
        #[uniffi(default)]
        building: Option<String>,
        /// The unit.
        #[uniffi(default)]
        unit: Option<String>,
        /// The room, or a place in words.
        #[uniffi(default)]
        room: Option<String>,
        /// What is the matter, in words.
        #[uniffi(default)]
        text: Option<String>,
        /// Whom to call.
        #[uniffi(default)]
        contact: Option<String>,
    },
    /// I have seen it and care for it.
    Acknowledge,
    /// I am on my way; said again, the newest time of arrival holds.
    Respond {
        /// Minutes until I am there, at most a day.
        #[uniffi(default)]
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
        #[uniffi(default)]
        note: Option<String>,
        /// It is a fact, whatever the alert says by now.
        #[uniffi(default)]
        already_happened: bool,
    },
    /// It is over.
    Resolve {
        /// How: a code, such as `helped` or `false_alarm`.
        how: String,
        /// How, in words.
        #[uniffi(default)]
        note: Option<String>,
        /// It is a fact, whatever the alert says by now.
        #[uniffi(default)]
        already_happened: bool,
    },
    /// It is not over, or nobody came. Never refused.
    RaiseAgain {
        /// Why.
        #[uniffi(default)]
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
        #[uniffi(default)]
        text: Option<String>,
        /// Whom to call.
        #[uniffi(default)]
        contact: Option<String>,
        /// The unit.
        #[uniffi(default)]
        unit: Option<String>,
        /// The room, or a place in words.
        #[uniffi(default)]
        room: Option<String>,
    },
}

/// How far an alert has come. The order is the order of precedence.
#[uniffi::remote(Enum)]
pub enum AlertStatus {
    /// Nobody has answered since it was last raised.
    Raised,
    /// Somebody has seen it.
    Acknowledged,
    /// Somebody is on their way.
    Responding,
    /// An ambulance has taken over. Still open.
    Handed,
    /// It is over.
    Resolved,
}

/// Who said something, and when.
#[uniffi::remote(Record)]
pub struct AlertSaying {
    /// The event.
    pub event: Reference,
    /// Who.
    pub by: MemberId,
    /// When, by their clock.
    pub wall: WallMs,
}

/// Somebody on their way.
#[uniffi::remote(Record)]
pub struct AlertResponder {
    /// Who said so, and when.
    pub saying: AlertSaying,
    /// Minutes from then until they are there.
    pub eta_minutes: Option<u16>,
}

/// A closing fact and a raising that did not know of each other: the alert stays open until a person looks.
#[uniffi::remote(Record)]
pub struct AlertDoubtful {
    /// Who said it was handed or resolved, and when.
    pub saying: AlertSaying,
    /// What it would be: `Status::Handed` or `Status::Resolved`.
    pub status: AlertStatus,
}

/// An alert in a list: what a responder needs to decide whether to run.
#[uniffi::remote(Record)]
pub struct AlertCard {
    /// The alert.
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
    pub status: AlertStatus,
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
    pub times_raised: Count,
    /// Who has seen it.
    pub acknowledged: Vec<MemberId>,
    /// Who is on their way.
    pub responders: Vec<AlertResponder>,
    /// Whom to call, masked: the whole is in the `AlertView`.
    pub contact_masked: Option<String>,
    /// Whether a person should look at contradicting facts.
    pub doubtful: bool,
}

/// A word on an alert.
#[uniffi::remote(Record)]
pub struct AlertComment {
    /// Who and when.
    pub saying: AlertSaying,
    /// The word, as corrected.
    pub text: String,
}

/// An alert with all that was said, for who opens it.
#[uniffi::remote(Record)]
pub struct AlertView {
    /// What lists show.
    pub card: AlertCard,
    /// What is the matter, in words.
    pub text: Option<String>,
    /// Whom to call.
    pub contact: Option<String>,
    /// Each time it was raised.
    pub raised: Vec<AlertSaying>,
    /// Who has seen it.
    pub acknowledged: Vec<AlertSaying>,
    /// Hand-overs that stand.
    pub handed: Vec<AlertSaying>,
    /// Resolutions that stand.
    pub resolved: Vec<AlertSaying>,
    /// Facts that a person should look at.
    pub doubtful: Vec<AlertDoubtful>,
    /// The conversation, in order.
    pub comments: Vec<AlertComment>,
}

/// How loud an alert is now.
#[uniffi::remote(Enum)]
pub enum AlertEscalation {
    /// Somebody answered, or it is over.
    Answered,
    /// Raised a moment ago.
    Fresh,
    /// Unanswered for `TELL_LEADERS_MS`.
    TellLeaders,
    /// Unanswered for `TELL_COORDINATORS_MS`.
    TellCoordinators,
    /// Unanswered for `CALL_EMERGENCY_MS`.
    CallEmergencyNumber,
    /// On no other phone after `limits::NOBODY_HAS_IT_MS`: call the emergency number, knock.
    NobodyHasIt,
}

/// An alert in a list.
#[uniffi::remote(Record)]
pub struct AlertLine {
    /// What stands in it, the contact masked.
    pub card: AlertCard,
    /// Milliseconds since it was left without an answer: the greater of what the clocks say and of the time for which
    /// this replica has held that raising while it was running.
    pub age_ms: u64,
    /// Other people's devices that are known to have it.
    pub on_other_devices: Count,
    /// Whether a relay has it.
    pub on_a_relay: bool,
    /// How loud it is now.
    pub escalation: AlertEscalation,
    /// Milliseconds until time alone makes it louder, if it will.
    pub louder_in_ms: Option<u64>,
    /// How many more alerts of whoever raised it, as open or as over as this one, are in no line of the list.
    pub more: u64,
}

/// An alert in full.
#[uniffi::remote(Record)]
pub struct AlertDetail {
    /// What lists show of it.
    pub line: AlertLine,
    /// All that was said.
    pub view: AlertView,
    /// What was done, in order, in codes and parameters; then what is held, with the reason.
    pub history: Vec<Told>,
    /// What a person should look at.
    pub review: Vec<Review>,
    /// The names of members, where they have one and the key that seals it is held.
    pub names: Names,
}
