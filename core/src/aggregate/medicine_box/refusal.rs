//! Why what a person wants to do with a box is refused.

use serde::Serialize;

use super::{Day, Hidden};
use crate::{
    aggregate::{Aggregate, WorldError, address::AddressError, building::NoDoor},
    id::Reference,
    qty::Qty,
    vocabulary::{Refuse, Says},
};

/// Why a command is refused. Where it [`is_warning`](Refuse::is_warning), the same command said to have `already_happened`
/// is accepted, if it is one of those that can have.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, thiserror::Error, strum::IntoStaticStr, strum::VariantNames, Says)]
#[serde(tag = "code", rename_all = "snake_case")]
#[allow(missing_docs, reason = "the fields are what the sentence names")]
#[strum(serialize_all = "snake_case")]
pub enum Refusal {
    #[error("opening makes a box, other commands need one")]
    Target,
    #[error("the box is closed")]
    Closed,
    #[error("no lot {lot} is here")]
    UnknownLot { lot: Reference },
    #[error("the product {product} is not in the catalogue")]
    UnknownProduct { product: Reference },
    #[error("the product was withdrawn from the catalogue")]
    ProductWithdrawn { product: Reference },
    #[error("needs a prescription")]
    Prescription { product: Reference },
    #[error("was good until {expiry}")]
    Expired { expiry: Day },
    #[error("the package was opened and the blister is not intact")]
    OpenedPackage,
    #[error("{qty} is not a quantity from {least} to {most}")]
    Quantity { qty: Qty, least: Qty, most: Qty },
    #[error("{unit} is not cut, and {qty} is no whole number")]
    NotCut { qty: Qty, unit: String },
    #[error("no lots, too many, or one named twice")]
    Lots,
    #[error("{field} is empty")]
    Empty { field: &'static str },
    #[error("{field}: {why}")]
    Label { field: &'static str, why: AddressError },
    #[error("{field} is longer than {limit} bytes")]
    TooLong { field: &'static str, limit: usize },
    #[error("the lot is not to be handed out")]
    Unfit { lot: Reference, why: Hidden },
    #[error("there are {there}, not {asked}")]
    MoreThanThere { lot: Reference, asked: Qty, there: Qty },
    #[error("{missing} of {asked} are missing")]
    NotEnough { asked: Qty, missing: Qty, hidden: Vec<(Reference, Hidden)> },
    #[error("there is no lot of the product to name")]
    NoLot { product: Reference },
    #[error("the household took {taken} of {limit} in {days} days already")]
    OverLimit { product: Reference, limit: Qty, days: u16, taken: Qty, asked: Qty },
    #[error("a limit holds here: say for which room")]
    RoomNeeded { product: Reference },
    #[error("the units of the product do not say how many {into} are in one {unit}")]
    UnitsUnknown { unit: String, into: String },
    #[error("there is no such box")]
    UnknownBox { to: Reference },
    #[error("the other box is closed")]
    OtherClosed { to: Reference },
    #[error("that is this box")]
    SameBox,
    #[error("the parcel is for another box")]
    NotForThisBox { to: Reference },
    #[error("the parcel was received already")]
    AlreadyReceived { receipt: Reference },
    #[error("the parcel is not known here: say what stands on it")]
    UnknownParcel { sent: Reference },
    #[error("the lot is not set aside")]
    NotQuarantined { lot: Reference },
    #[error("a limit's period has 1 to {most} days")]
    Period { most: u16 },
    #[error("{lots} lots are left in the box")]
    StillStocked { lots: usize },
    #[error("this event has nothing that could be corrected so")]
    NotCorrectable { event: Reference },
    #[error("nothing would change")]
    Nothing,
    #[error("{reason}")]
    Store { reason: String },
}

impl Refuse for Refusal {
    const BY: &'static str = super::MedicineBox::NAME;
    const WARNINGS: &'static [&'static str] = &[
        "closed",
        "not_cut",
        "unfit",
        "more_than_there",
        "not_enough",
        "over_limit",
        "room_needed",
        "other_closed",
        "already_received",
        "still_stocked",
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
        Refusal::Store { reason: error.0 }
    }
}
