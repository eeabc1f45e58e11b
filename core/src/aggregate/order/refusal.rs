//! Why a command is refused, or what speaks against what is said to have happened.
//!
//! A command is refused; what is said to have happened is at most questioned: the refusal is a warning
//! ([`Refuse::is_warning`]), and the same command with `already_happened` goes through.

use serde::Serialize;

use crate::{
    aggregate::{Aggregate, WorldError, address::AddressError, building::NoDoor},
    event::ItemId,
    id::{MemberId, Reference},
    qty::Qty,
    time::WallMs,
    vocabulary::{Refuse, Says},
};

use super::outcome::Status;

/// Why a command is refused, or what speaks against what is said to have happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, thiserror::Error, strum::IntoStaticStr, strum::VariantNames, Says)]
#[serde(tag = "code", rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Refusal {
    /// Posting makes an order, all else needs one.
    #[error("posting makes an order, every other command needs one")]
    Target,
    /// It has ended.
    #[error("the order has ended: {}", status.code())]
    Ended {
        /// The status in which it ended.
        status: Status,
    },
    /// It has not ended.
    #[error("the order has not ended")]
    NotEnded,
    /// It goes on in another order.
    #[error("the order goes on as {to}")]
    GoesOn {
        /// The order in which it goes on.
        to: Reference,
    },
    /// Somebody else holds it.
    #[error("somebody else holds the order")]
    HeldBy {
        /// The member who holds it.
        holder: MemberId,
        /// Since when, by their clock.
        since: Option<WallMs>,
    },
    /// The author does not hold it.
    #[error("you do not hold the order")]
    NotYours,
    /// The author holds it already.
    #[error("you hold the order already")]
    AlreadyYours,
    /// Nobody holds it.
    #[error("nobody holds the order; claim it")]
    NotHeld,
    /// One cannot hand something to oneself.
    #[error("that would be handed to the same person")]
    ToOneself,
    /// No such offer stands.
    #[error("no such hand-over is offered to you")]
    NoOffer,
    /// Nothing to resolve.
    #[error("nobody contests the order")]
    NotContested,
    /// They neither hold nor contest it.
    #[error("that member does not claim the order")]
    NotAClaimant {
        /// The member who was named.
        member: MemberId,
    },
    /// It is not delivered.
    #[error("the order is not delivered")]
    NotDelivered,
    /// Nothing would change.
    #[error("nothing would change")]
    NothingChanges,
    /// A needed text is empty.
    #[error("{field} is needed")]
    Missing {
        /// The name of the field, such as `why`.
        field: &'static str,
    },
    /// A building, unit or room cannot be a label, or the register has none that is called so.
    #[error("{field}: {why}")]
    Label {
        /// The name of the field, such as `building`.
        field: &'static str,
        /// What is wrong with the label.
        why: AddressError,
    },
    /// The community has no such kind of order, or offers it no longer.
    #[error("no kind of order is called {kind}; there are {}", offered.join(", "))]
    UnknownKind {
        /// The code that was asked for.
        kind: String,
        /// What there is.
        offered: Vec<String>,
    },
    /// Neither item nor note says what is asked for.
    #[error("neither item nor note says what is asked for")]
    NothingAsked,
    /// A text beyond the limit.
    #[error("{field} has {got} bytes, at most {limit} are allowed")]
    TooLong {
        /// The name of the field, such as `note`.
        field: String,
        /// Bytes it has.
        got: usize,
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
    /// A sum that is not positive, or absurdly large.
    #[error("{field} is {got}, it must lie between 1 and {limit}")]
    OutOfBounds {
        /// The name of the field, such as `qty`.
        field: &'static str,
        /// What it is.
        got: i64,
        /// The most it may be.
        limit: i64,
    },
    /// A quantity that is nothing or less, or absurdly large.
    #[error("{got} is no quantity above 0, up to {limit}")]
    Quantity {
        /// What it is.
        got: Qty,
        /// The most it may be.
        limit: Qty,
    },
    /// Cash has an amount, nothing else has.
    #[error("cash has an amount, nothing else has")]
    Amount,
    /// No such field.
    #[error("there is no field {field}")]
    UnknownField {
        /// The name that was given.
        field: String,
    },
    /// The field does not take such a value.
    #[error("{field} does not take such a value")]
    WrongValue {
        /// The name of the field, such as `urgency`.
        field: String,
    },
    /// No such item.
    #[error("there is no item {item}")]
    UnknownItem {
        /// The item that was named.
        item: ItemId,
    },
    /// Nobody disagrees there.
    #[error("there is no conflict to choose in")]
    NoConflict,
    /// No such order here.
    #[error("there is no order {order}")]
    UnknownOrder {
        /// The order that was named.
        order: Reference,
    },
    /// An order is no duplicate of itself.
    #[error("an order is no duplicate of itself")]
    SameOrder,
    /// Within a building the address is edited.
    #[error("the order stands in that building already; edit the address")]
    SameBuilding,
    /// No such event, or none that can be corrected.
    #[error("there is no event {event} to correct")]
    UnknownEvent {
        /// The event that was named.
        event: Reference,
    },
    /// The correction is not of the event's kind.
    #[error("an event of that kind cannot be corrected so")]
    DoesNotFit,
    /// Warning: it has ended.
    #[error("the order has ended: {}; say that it happened all the same", status.code())]
    WarnEnded {
        /// The status in which it ended.
        status: Status,
    },
    /// Warning: it is delivered.
    #[error("the order is delivered already; say that it happened twice")]
    WarnDelivered {
        /// The member who delivered.
        by: MemberId,
        /// When, by their clock.
        when: WallMs,
    },
    /// Warning: somebody else holds it.
    #[error("somebody else holds the order; say that it happened all the same")]
    WarnHeldBy {
        /// The member who holds it.
        holder: MemberId,
    },
    /// Warning: somebody else bought it.
    #[error("somebody else has bought it; say that it happened twice")]
    WarnPurchased {
        /// The member who bought it.
        by: MemberId,
    },
    /// Warning: the lease of whoever holds it runs.
    #[error("the lease of whoever holds the order has not lapsed; take it over anyway")]
    WarnLeaseRuns {
        /// The member who holds it.
        holder: MemberId,
        /// Since when, by their clock.
        since: Option<WallMs>,
    },
    /// Warning: as far as is known they do not have it, or not as much.
    #[error("as far as is known that member does not have it; say that it happened all the same")]
    WarnNotEntrusted {
        /// The member who would have had it.
        member: MemberId,
    },
    /// Warning: more than is owed.
    #[error("{owed} cents are owed, say that more was paid all the same")]
    WarnOverpaid {
        /// Cents that are owed.
        owed: i64,
    },
    /// The store could not answer.
    #[error("the store could not answer: {reason}")]
    Unanswered {
        /// What it said.
        reason: String,
    },
}

impl Refuse for Refusal {
    const BY: &'static str = super::Order::NAME;
    const WARNINGS: &'static [&'static str] = &[
        "warn_ended",
        "warn_delivered",
        "warn_held_by",
        "warn_purchased",
        "warn_lease_runs",
        "warn_not_entrusted",
        "warn_overpaid",
    ];
}

impl From<NoDoor> for Refusal {
    fn from(none: NoDoor) -> Self {
        match none {
            NoDoor::Label(field, why) => Refusal::Label { field, why },
            NoDoor::World(error) => error.into(),
        }
    }
}

impl From<WorldError> for Refusal {
    fn from(error: WorldError) -> Self {
        Refusal::Unanswered { reason: error.0 }
    }
}
