//! What the events of a household say, and how their payloads are read. Strict: what is let through counts forever.

#[cfg(feature = "uniffi")]
use crate::bindings::module_path;

use minicbor::{Decode, Encode};
use serde::{Deserialize, Serialize};

use super::kind;
use crate::{
    aggregate::{Malformed, address, choice, decode, medicine_box::Day},
    id::{MemberId, Reference},
    limits,
    vocabulary::Says,
};

/// The most days from one visit of a plan to the next.
pub const MOST_DAYS: u16 = 366;

/// What came of a visit.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Encode,
    Decode,
    Serialize,
    Deserialize,
    strum::IntoStaticStr,
    strum::VariantNames,
)]
#[cbor(index_only)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
#[cfg_attr(feature = "uniffi", derive(uniffi::Enum))]
pub enum VisitOutcome {
    /// They were met, and all is well.
    #[n(0)]
    Well,
    /// They were met, and something is to be done.
    #[n(1)]
    NeedsHelp,
    /// They were reached and want no visit.
    #[n(2)]
    Refused,
    /// Nobody answered at the door.
    #[n(3)]
    Nobody,
    /// They do not live there.
    #[n(4)]
    WrongAddress,
}

impl VisitOutcome {
    /// All of them.
    pub const ALL: [VisitOutcome; 5] = [Self::Well, Self::NeedsHelp, Self::Refused, Self::Nobody, Self::WrongAddress];

    /// A stable code, such as `nobody`.
    pub fn code(self) -> &'static str {
        self.into()
    }

    /// The outcome with this code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|outcome| outcome.code() == code)
    }

    /// Whether somebody of the household was reached: only then a due visit is done.
    pub const fn reached(self) -> bool {
        matches!(self, Self::Well | Self::NeedsHelp | Self::Refused)
    }
}

/// A household was put into the register. Who it is about stands in the edits of the same event.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Says)]
#[cbor(map)]
pub struct Registered {
    /// The building's label, fixed for life.
    #[n(0)]
    pub building: String,
}

/// Nothing but that the document changed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode, Serialize, Says)]
#[cbor(map)]
pub struct Edited {}

/// Somebody of the household agreed to be in the register and to be visited.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Says)]
#[cbor(map)]
pub struct Consented {
    /// What for, in words.
    #[n(0)]
    pub purpose: String,
    /// The last day on which it holds; none while nobody takes it back.
    #[n(1)]
    pub until: Option<Day>,
}

/// A decision with its reason: consent withdrawn, the household closed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode, Serialize, Says)]
#[cbor(map)]
pub struct Why {
    /// Why, in words.
    #[n(0)]
    pub why: Option<String>,
}

/// Visits were planned: on one day, or every so many days from it.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Says)]
#[cbor(map)]
pub struct Planned {
    /// The first day.
    #[n(0)]
    pub from: Day,
    /// Days from one visit to the next, from 1 to [`MOST_DAYS`]; none for one visit.
    #[n(1)]
    pub every: Option<u16>,
}

/// A plan is over.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Says)]
#[cbor(map)]
pub struct PlanEnded {
    /// The event that planned the visits.
    #[n(0)]
    pub plan: Reference,
}

/// A due visit stands on the board as an order, which says nothing of the household but what was chosen.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Says)]
#[cbor(map)]
pub struct Posted {
    /// The day it was due.
    #[n(0)]
    pub due: Day,
    /// The order that stands on the board for it.
    #[n(1)]
    pub order: Reference,
}

/// Somebody was there.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Says)]
#[cbor(map)]
pub struct Visited {
    /// What came of it.
    #[n(0)]
    pub outcome: VisitOutcome,
    /// On which day, as the author says: a claim.
    #[n(1)]
    pub day: Day,
    /// The due visit that it was, where it was one.
    #[n(2)]
    pub due: Option<Day>,
    /// The order whose outcome it is; of one order one visit counts.
    #[n(3)]
    pub order: Option<Reference>,
    /// Who was there, if not the author.
    #[n(4)]
    pub by: Option<MemberId>,
    /// What is to be kept of it, in words.
    #[n(5)]
    pub note: Option<String>,
    /// Said although it contradicts what the author saw.
    #[cbor(n(6), default)]
    pub already_happened: bool,
}

/// A due visit was left out.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Says)]
#[cbor(map)]
pub struct Skipped {
    /// The day it was due.
    #[n(0)]
    pub due: Day,
    /// Why, in words.
    #[n(1)]
    pub why: String,
}

/// A visitor is paired with the household, or is no more.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Says)]
#[cbor(map)]
pub struct Visitor {
    /// The visitor, by their member id.
    #[n(0)]
    pub member: MemberId,
}

/// An earlier event said something wrong.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Says)]
#[cbor(map)]
pub struct Corrected {
    /// The event that says something wrong.
    #[n(0)]
    pub event: Reference,
    /// What came of the visit after all; none where the event should not have been.
    #[cbor(n(1), with = "choice", has_nil)]
    pub outcome: Option<VisitOutcome>,
    /// Why, in words.
    #[n(2)]
    pub why: String,
}

/// What an event of a household says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Says)]
#[serde(untagged)]
#[allow(missing_docs)] // each is the payload of that name
pub enum HouseholdFact {
    Registered(Registered),
    Edited(Edited),
    Consented(Consented),
    ConsentWithdrawn(Why),
    Planned(Planned),
    PlanEnded(PlanEnded),
    Posted(Posted),
    Visited(Visited),
    Skipped(Skipped),
    Paired(Visitor),
    Unpaired(Visitor),
    Closed(Why),
    Corrected(Corrected),
}

impl HouseholdFact {
    /// Whether a correction may say this of it.
    pub(super) fn accepts(&self, outcome: Option<VisitOutcome>) -> bool {
        match self {
            Self::Visited(_) => true,
            Self::Planned(_) | Self::Posted(_) | Self::Skipped(_) | Self::Closed(_) => outcome.is_none(),
            _ => false,
        }
    }
}

pub(super) fn read(kind: u16, version: u16, payload: &[u8]) -> Result<HouseholdFact, Malformed> {
    if version != 1 {
        return Err(Malformed("no such version"));
    }
    let fact = match kind {
        kind::REGISTERED => HouseholdFact::Registered(decode(payload)?),
        kind::EDITED => HouseholdFact::Edited(decode(payload)?),
        kind::CONSENTED => HouseholdFact::Consented(decode(payload)?),
        kind::CONSENT_WITHDRAWN => HouseholdFact::ConsentWithdrawn(decode(payload)?),
        kind::PLANNED => HouseholdFact::Planned(decode(payload)?),
        kind::PLAN_ENDED => HouseholdFact::PlanEnded(decode(payload)?),
        kind::POSTED => HouseholdFact::Posted(decode(payload)?),
        kind::VISITED => HouseholdFact::Visited(decode(payload)?),
        kind::SKIPPED => HouseholdFact::Skipped(decode(payload)?),
        kind::PAIRED => HouseholdFact::Paired(decode(payload)?),
        kind::UNPAIRED => HouseholdFact::Unpaired(decode(payload)?),
        kind::CLOSED => HouseholdFact::Closed(decode(payload)?),
        kind::CORRECTED => HouseholdFact::Corrected(decode(payload)?),
        _ => return Err(Malformed("no such kind")),
    };
    check(&fact)?;
    Ok(fact)
}

/// The bounds that types do not hold.
fn check(fact: &HouseholdFact) -> Result<(), Malformed> {
    match fact {
        HouseholdFact::Registered(Registered { building }) if !address::is_label(building) => {
            Err(Malformed("a building's label is out of bounds"))
        }
        HouseholdFact::Consented(consented) => present(&consented.purpose),
        HouseholdFact::ConsentWithdrawn(Why { why: Some(why) }) | HouseholdFact::Closed(Why { why: Some(why) }) => {
            present(why)
        }
        HouseholdFact::Planned(Planned { every: Some(days), .. }) if !(1..=MOST_DAYS).contains(days) => {
            Err(Malformed("days between visits are out of bounds"))
        }
        HouseholdFact::Visited(Visited { note: Some(note), .. }) => present(note),
        HouseholdFact::Skipped(Skipped { why, .. }) | HouseholdFact::Corrected(Corrected { why, .. }) => present(why),
        _ => Ok(()),
    }
}

fn present(text: &str) -> Result<(), Malformed> {
    match text.len() {
        1..=limits::FIELD => Ok(()),
        0 => Err(Malformed("an empty text")),
        _ => Err(Malformed("a text is too long")),
    }
}
