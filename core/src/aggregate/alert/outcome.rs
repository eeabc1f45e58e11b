//! What was said of an alert, brought together: its status, who answers, and what people should look at.

#[cfg(feature = "uniffi")]
use crate::bindings::module_path;

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::{AlertFact, AlertState};
use crate::{
    aggregate::{History, Subject},
    event::Scalar,
    id::{MemberId, Reference},
    time::WallMs,
};

/// How far an alert has come. The order is the order of precedence.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Serialize,
    Deserialize,
    strum::IntoStaticStr,
    strum::VariantNames,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
#[cfg_attr(feature = "uniffi", derive(uniffi::Enum), uniffi(name = "AlertStatus"))]
pub enum Status {
    /// Nobody has answered since it was last raised.
    #[default]
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

impl Status {
    /// A stable code: apps translate it.
    pub fn code(self) -> &'static str {
        self.into()
    }
}

/// Who said something, and when.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record), uniffi(name = "AlertSaying"))]
pub struct Saying {
    /// The event that says it.
    pub event: Reference,
    /// The member who said it.
    pub by: MemberId,
    /// When, by their clock.
    pub wall: WallMs,
}

/// Somebody on their way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record), uniffi(name = "AlertResponder"))]
pub struct Responder {
    /// Who said so, and when.
    #[serde(flatten)]
    pub saying: Saying,
    /// Minutes from then until they are there.
    pub eta_minutes: Option<u16>,
}

/// A closing fact and a raising that did not know of each other: the alert stays open until a person looks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record), uniffi(name = "AlertDoubtful"))]
pub struct Doubtful {
    /// Who said it was handed or resolved, and when.
    #[serde(flatten)]
    pub saying: Saying,
    /// What it would be: [`Status::Handed`] or [`Status::Resolved`].
    pub status: Status,
}

/// An alert as it stands.
///
/// Facts win over decisions, and the one who needs help over facts that did not know of them: an alert is handed or
/// resolved only by an event that knew of every time it was raised again. An answer ends when a `raised_again` knew
/// of it; one that the re-raiser did not know of still stands. Its age counts from where it was left without an answer:
/// raising again what nobody answered makes it no younger.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Outcome {
    /// What it is about, as corrected.
    pub what: String,
    /// How far it has come.
    pub status: Status,
    /// The first raising and those that count after it, in order. Never empty for an alert that exists.
    pub raised: Vec<Saying>,
    /// The first raising behind the last answer that a raising ended; the first of all where none did.
    pub unanswered: Option<Saying>,
    /// Who has seen it, each member once, in order.
    pub acknowledged: Vec<Saying>,
    /// Who is on their way, each member once with the newest time of arrival.
    pub responders: Vec<Responder>,
    /// Hand-overs to an ambulance that stand.
    pub handed: Vec<Saying>,
    /// Resolutions that stand.
    pub resolved: Vec<Saying>,
    /// Closing facts that a person should look at.
    pub doubtful: Vec<Doubtful>,
    /// Events of which concurrent corrections say different things; the last one is shown.
    pub differently_corrected: Vec<Reference>,
}

impl Outcome {
    /// Brings together what was said.
    pub fn of(subject: &Subject<'_, AlertState>) -> Self {
        let (said, history) = (&subject.state.said, subject.history);
        let corrections = Corrections::of(said, history);
        let mut outcome = Self { differently_corrected: corrections.differing(history), ..Self::default() };
        let stands = |at: &usize| !corrections.undoes(*at);
        let raises: Vec<usize> =
            said.iter().filter(|(_, fact)| is_raise(fact)).map(|(at, _)| *at).filter(stands).collect();
        let (ended, all) = (history.known_to(raises.iter().copied()), history.all_of(raises.iter().copied()));
        let knew_all = |at: usize| history.knew_all(at, &all);
        let mut answer = None;
        for (&at, fact) in said.iter().filter(|(at, _)| stands(at)) {
            let over = history.is_in(&ended, at);
            answer = if over && is_answer(fact) { Some(at) } else { answer };
            outcome.add(saying(history, at), fact, corrections.of_event(at), over, || knew_all(at));
        }
        let behind = answer.and_then(|answer| {
            let mut later = raises.iter().skip(raises.partition_point(|raise| *raise < answer));
            later.find(|raise| history.knew(**raise, answer))
        });
        outcome.unanswered = behind.map(|raise| saying(history, *raise)).or_else(|| outcome.raised.first().cloned());
        outcome.settle();
        outcome
    }

    /// Since when it has been without an answer, by the raiser's clock: what its age counts from.
    pub fn since(&self) -> WallMs {
        self.unanswered.as_ref().map(|saying| saying.wall).unwrap_or_default()
    }

    /// Whether it is not over.
    pub fn is_open(&self) -> bool {
        self.status != Status::Resolved
    }

    /// Adds what an event says: `over` if a raising knew of it; `knew_all` tells whether it knew of every raising.
    fn add(
        &mut self,
        saying: Saying,
        fact: &AlertFact,
        corrected: Option<&Scalar>,
        over: bool,
        knew_all: impl Fn() -> bool,
    ) {
        match fact {
            AlertFact::Raised { what, .. } if self.raised.is_empty() => {
                self.what = corrected.and_then(Scalar::text).unwrap_or(what).to_owned();
                self.raised.push(saying);
            }
            AlertFact::RaisedAgain { .. } => self.raised.push(saying),
            _ if over => {}
            AlertFact::Acknowledged if self.acknowledged.iter().all(|other| other.by != saying.by) => {
                self.acknowledged.push(saying);
            }
            AlertFact::Responding { eta_minutes } => {
                let eta_minutes = corrected.and_then(minutes).or(*eta_minutes);
                self.responders.retain(|other| other.saying.by != saying.by);
                self.responders.push(Responder { saying, eta_minutes });
            }
            AlertFact::HandedToAmbulance { .. } if knew_all() => self.handed.push(saying),
            AlertFact::Resolved { .. } if knew_all() => self.resolved.push(saying),
            AlertFact::HandedToAmbulance { .. } => self.doubtful.push(Doubtful { saying, status: Status::Handed }),
            AlertFact::Resolved { .. } => self.doubtful.push(Doubtful { saying, status: Status::Resolved }),
            _ => {}
        }
    }

    /// Finds the status. A doubt is gone when as much is said by somebody who knew of every raising.
    fn settle(&mut self) {
        let steps = [
            (self.resolved.is_empty(), Status::Resolved),
            (self.handed.is_empty(), Status::Handed),
            (self.responders.is_empty(), Status::Responding),
            (self.acknowledged.is_empty(), Status::Acknowledged),
        ];
        self.status = steps.into_iter().find(|(none, _)| !none).map_or(Status::Raised, |(_, status)| status);
        self.doubtful.retain(|doubt| doubt.status > self.status);
    }
}

/// What corrections say of which event: by the place of the corrected event, in order.
pub(super) struct Corrections<'a>(BTreeMap<usize, Vec<(usize, &'a Scalar)>>);

impl<'a> Corrections<'a> {
    pub(super) fn of(said: &'a BTreeMap<usize, AlertFact>, history: &History) -> Self {
        let mut all: BTreeMap<usize, Vec<(usize, &Scalar)>> = BTreeMap::new();
        let mut places = BTreeMap::new();
        for (&at, fact) in said {
            // In order, so that a correction finds only what stands before it; of an unknown event it says nothing.
            if let AlertFact::Corrected { event, value, .. } = fact
                && let Some(target) = places.get(event)
                && said.get(target).is_some_and(|fact| fact.accepts(value))
            {
                all.entry(*target).or_default().push((at, value));
            }
            places.insert(history.act(at).reference, at);
        }
        Self(all)
    }

    /// The value that stands in the place of what the event at `at` says, if it is corrected.
    pub(super) fn of_event(&self, at: usize) -> Option<&'a Scalar> {
        self.0.get(&at).and_then(|values| values.last()).map(|(_, value)| *value)
    }

    /// Whether the event at `at` should not have been.
    pub(super) fn undoes(&self, at: usize) -> bool {
        self.of_event(at) == Some(&Scalar::Null)
    }

    /// Events of which the newest corrections, none of which knew of another, differ.
    fn differing(&self, history: &History) -> Vec<Reference> {
        let differ = |values: &[(usize, &Scalar)]| {
            if values.windows(2).all(|pair| matches!(pair, [one, other] if one.1 == other.1)) {
                return false;
            }
            let newest: BTreeSet<usize> = history.newest_of(values.iter().map(|(at, _)| *at)).into_iter().collect();
            let mut newest = values.iter().filter(|(at, _)| newest.contains(at)).map(|(_, value)| value);
            newest.next().is_some_and(|first| newest.any(|value| value != first))
        };
        self.0.iter().filter(|(_, values)| differ(values)).map(|(at, _)| history.act(*at).reference).collect()
    }
}

pub(super) fn saying(history: &History, at: usize) -> Saying {
    let act = history.act(at);
    Saying { event: act.reference, by: act.by, wall: act.wall }
}

fn is_raise(fact: &AlertFact) -> bool {
    matches!(fact, AlertFact::RaisedAgain { .. })
}

fn is_answer(fact: &AlertFact) -> bool {
    matches!(
        fact,
        AlertFact::Acknowledged
            | AlertFact::Responding { .. }
            | AlertFact::HandedToAmbulance { .. }
            | AlertFact::Resolved { .. }
    )
}

fn minutes(value: &Scalar) -> Option<u16> {
    value.int().and_then(|minutes| u16::try_from(minutes).ok())
}
