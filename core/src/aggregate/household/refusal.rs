//! Why what a care holder wants to do with a household is refused.

use serde::Serialize;

use crate::{
    aggregate::{Aggregate, WorldError, address::AddressError, building::NoDoor, medicine_box::Day},
    event::ItemId,
    id::{MemberId, Reference},
    time::WallMs,
    vocabulary::{Refuse, Says},
};

/// Why a command is refused, or what speaks against what is said to have happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, thiserror::Error, strum::IntoStaticStr, strum::VariantNames, Says)]
#[serde(tag = "code", rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum HouseholdRefusal {
    /// The command is about a household, and none is named.
    #[error("which household?")]
    NoHousehold,
    /// A new household is not registered on one that exists.
    #[error("a new household is not registered on an old one")]
    NotNew,
    /// It is closed.
    #[error("the household is closed")]
    Closed,
    /// Nobody of the household has agreed, or they agree no longer.
    #[error("the household has not agreed")]
    NoConsent,
    /// Their consent has ended.
    #[error("the household agreed until {until}")]
    ConsentEnded {
        /// The last day on which it held.
        until: Day,
    },
    /// They have not agreed, or no longer.
    #[error("there is no consent to withdraw")]
    NothingToWithdraw,
    /// A building, unit or room cannot be a label, or the register has none that is called so.
    #[error("{field}: {why}")]
    Label {
        /// The name of the field: `building`, `unit` or `room`.
        field: &'static str,
        /// What is wrong with the label.
        why: AddressError,
    },
    /// A needed text is empty.
    #[error("{field} is needed")]
    Missing {
        /// The name of the field, such as `name`.
        field: &'static str,
    },
    /// A text beyond the limit.
    #[error("{field} is longer than {limit} bytes")]
    TooLong {
        /// The name of the field, such as `why`.
        field: &'static str,
        /// Bytes it may have.
        limit: usize,
    },
    /// More edits than one event takes.
    #[error("{got} changes at once, at most {limit} are allowed")]
    TooMany {
        /// How many there are.
        got: usize,
        /// How many there may be.
        limit: usize,
    },
    /// More contacts than are called.
    #[error("a household has at most {limit} contacts")]
    TooManyContacts {
        /// How many there may be.
        limit: usize,
    },
    /// No such person, contact or thing to look after.
    #[error("there is no item {item}")]
    NoSuchItem {
        /// The item that was named.
        item: ItemId,
    },
    /// Nothing would change.
    #[error("nothing would change")]
    NothingChanges,
    /// Days between visits out of bounds.
    #[error("days from one visit to the next lie between 1 and {limit}")]
    Period {
        /// The most there may be.
        limit: u16,
    },
    /// No visit is due on that day.
    #[error("no visit is due on {due}")]
    NotDue {
        /// The day for which a visit was to be posted or skipped.
        due: Day,
    },
    /// No such plan stands.
    #[error("there is no plan {plan}")]
    UnknownPlan {
        /// The plan that was named.
        plan: Reference,
    },
    /// They are paired already.
    #[error("that member is paired with the household already")]
    AlreadyPaired,
    /// They are not paired.
    #[error("that member is not paired with the household")]
    NotPaired,
    /// The order for the visit cannot be written.
    #[error("the order cannot be posted: {reason}")]
    OrderRefused {
        /// Why the order is refused, as an English sentence.
        reason: String,
    },
    /// No such event, or none that can be corrected to this.
    #[error("event {event} cannot be corrected to this")]
    NotCorrectable {
        /// The event that was named.
        event: Reference,
    },
    /// Warning: nobody has agreed to visits, or no longer.
    #[error("the household has not agreed to visits; say that it happened all the same")]
    WarnNoConsent,
    /// Warning: it is closed.
    #[error("the household is closed; say that it happened all the same")]
    WarnClosed,
    /// Warning: the outcome of that order is confirmed.
    #[error("the outcome of that order is in the register already; say that it happened twice")]
    WarnConfirmed {
        /// Who confirmed it.
        by: MemberId,
        /// When, by their clock.
        when: WallMs,
    },
    /// Warning: as far as is known that order is none of this household's.
    #[error("as far as is known {order} is no order for this household; say that it is all the same")]
    WarnOtherOrder {
        /// The order that was named.
        order: Reference,
    },
    /// Warning: that day is still to come.
    #[error("{day} is still to come; say that it happened all the same")]
    WarnToCome {
        /// The day on which the visit is said to have been.
        day: Day,
    },
    /// The store could not answer.
    #[error("the store could not answer: {message}")]
    Store {
        /// What it said.
        message: String,
    },
}

impl Refuse for HouseholdRefusal {
    const BY: &'static str = super::Household::NAME;
    const WARNINGS: &'static [&'static str] =
        &["warn_no_consent", "warn_closed", "warn_confirmed", "warn_other_order", "warn_to_come"];
}

impl From<NoDoor> for HouseholdRefusal {
    fn from(none: NoDoor) -> Self {
        match none {
            NoDoor::Label(field, why) => HouseholdRefusal::Label { field, why },
            NoDoor::World(error) => error.into(),
        }
    }
}

impl From<WorldError> for HouseholdRefusal {
    fn from(error: WorldError) -> Self {
        Self::Store { message: error.0 }
    }
}
