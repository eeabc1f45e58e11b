//! What a person can wish of a box, and why it may be refused.

use serde::{Deserialize, Serialize};

use super::{Correction, Day, Goods, Hidden, Room};
use crate::{
    aggregate::{Aggregate, WorldError},
    id::Reference,
    time::WallMs,
    vocabulary::Refuse,
};

/// Whether an act lies in the past. What has happened is accepted beside what it contradicts, and shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct When {
    /// It has happened; warnings are passed over.
    pub already_happened: bool,
    /// When, where it stood on paper first; it has happened then.
    pub happened_at: Option<WallMs>,
}

impl When {
    /// Whether it has happened.
    pub fn happened(self) -> bool {
        self.already_happened || self.happened_at.is_some()
    }
}

/// So much of a lot, unchecked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Portion {
    /// The lot.
    pub lot: Reference,
    /// How much, in its unit.
    pub qty: i64,
}

/// What to take.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum What {
    /// From these lots.
    Lots(Vec<Portion>),
    /// So much of a product, first to expire first.
    Product {
        /// The product.
        product: Reference,
        /// How much.
        qty: i64,
        /// In which unit; `None` is the unit of the lot that goes first.
        #[serde(default)]
        unit: Option<String>,
    },
}

/// What is found unfit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unfit {
    /// Part of a lot.
    Lot(Reference),
    /// Goods nobody had written down.
    Goods(Goods),
}

/// What stands on a parcel whose `sent` is not here yet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Parcel {
    /// The box it comes from.
    pub from: Reference,
    /// The box it is for.
    pub to: Reference,
    /// The lot it comes from, if it says so.
    #[serde(default)]
    pub lot: Option<Reference>,
    /// What is in it.
    pub goods: Goods,
    /// How much should be in it.
    pub qty: i64,
}

/// What a person can wish.
///
/// ```
/// # use std::sync::Arc;
/// # use linli_core::aggregate::{medicine_box::{Goods, MedicineBox, What, When, Wish}, product::{self, Class, Details, Product}};
/// # use linli_core::{id::CommandId, key::MemorySecrets, replica::{Options, Replica}};
/// # let home = tempfile::tempdir()?;
/// # let phone = Replica::open(Options::new(home.path(), Arc::new(MemorySecrets::default())))?;
/// # phone.found(None)?;
/// # let id = |nth| CommandId::from_bytes([nth; 16]);
/// let details = Details { name: "ibuprofen".into(), ..Details::default() };
/// let listed = product::Wish::List { details, class: Class::OverTheCounter };
/// let product = phone.submit::<Product>(id(1), None, listed)?.aggregate;
/// let open = Wish::Open { building: Some("3".into()), place: "lobby".into(), note: String::new() };
/// let shelf = phone.submit::<MedicineBox>(id(2), None, open)?.aggregate;
/// let goods = Goods { product, batch: Some("230501".into()), expiry: Some("2999-12".parse()?), unit: "box".into() };
/// let given = Wish::Donate { goods, qty: 3, origin: None, opened: false, blister_intact: false, when: When::default() };
/// phone.submit::<MedicineBox>(id(3), Some(shelf), given)?;
/// let what = What::Product { product, qty: 2, unit: None }; // first to expire first
/// let taken = Wish::Take { what, room: None, order: None, override_reason: None, when: When::default() };
/// phone.submit::<MedicineBox>(id(4), Some(shelf), taken)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the fields are those of the event of that name")]
pub enum Wish {
    /// Sets up a box.
    Open {
        #[serde(default)]
        building: Option<String>,
        #[serde(default)]
        place: String,
        #[serde(default)]
        note: String,
    },
    /// Says where it hangs, or a word about it.
    Edit {
        #[serde(default)]
        place: Option<String>,
        #[serde(default)]
        note: Option<String>,
    },
    /// Gives goods.
    Donate {
        goods: Goods,
        qty: i64,
        #[serde(default)]
        origin: Option<String>,
        #[serde(default)]
        opened: bool,
        #[serde(default)]
        blister_intact: bool,
        #[serde(flatten)]
        when: When,
    },
    /// Takes goods.
    Take {
        what: What,
        #[serde(default)]
        room: Option<Room>,
        #[serde(default)]
        order: Option<Reference>,
        /// Given by a keeper, it passes over limit and missing class.
        #[serde(default)]
        override_reason: Option<String>,
        #[serde(flatten)]
        when: When,
    },
    /// Brings goods back into their lots.
    Return {
        parts: Vec<Portion>,
        #[serde(default)]
        room: Option<Room>,
        #[serde(flatten)]
        when: When,
    },
    /// Splits part of a lot into a smaller unit; without `into_qty` the product's units say how much that is.
    Split {
        lot: Reference,
        qty: i64,
        #[serde(default)]
        into_qty: Option<i64>,
        into_unit: String,
        #[serde(flatten)]
        when: When,
    },
    /// Counts lots.
    Count {
        parts: Vec<Portion>,
        #[serde(default)]
        blind: bool,
        #[serde(flatten)]
        when: When,
    },
    /// Writes down unfit goods.
    Find {
        unfit: Unfit,
        qty: i64,
        #[serde(default)]
        why: String,
        #[serde(flatten)]
        when: When,
    },
    /// Throws goods away.
    Discard {
        lot: Reference,
        qty: i64,
        #[serde(default)]
        why: String,
        #[serde(flatten)]
        when: When,
    },
    /// Sends goods to another box.
    Send {
        to: Reference,
        lot: Reference,
        qty: i64,
        #[serde(flatten)]
        when: When,
    },
    /// Receives a parcel, counted. `parcel` is what stands on it, needed where its `sent` is not here yet.
    Receive {
        sent: Reference,
        qty: i64,
        #[serde(default)]
        parcel: Option<Parcel>,
        #[serde(flatten)]
        when: When,
    },
    /// Sets a lot aside.
    Quarantine { lot: Reference, why: String },
    /// Lets a lot go again.
    LiftQuarantine { lot: Reference, why: String },
    /// Asks for more.
    AskRestock {
        product: Reference,
        qty: i64,
        unit: String,
        #[serde(default)]
        note: String,
    },
    /// Says below which stock a product is low; `None` ends it.
    SetRestock { product: Reference, unit: String, below: Option<i64> },
    /// Says how much a household may take; `qty` `None` ends it.
    SetLimit {
        #[serde(default)]
        product: Option<Reference>,
        qty: Option<i64>,
        days: u16,
    },
    /// Counts what is left, closes the box and carries it over into another.
    CarryOver {
        into: Reference,
        counted: Vec<Portion>,
        #[serde(default)]
        why: String,
    },
    /// Closes the box; `anyway` although something is left in it.
    Close {
        #[serde(default)]
        why: String,
        #[serde(default)]
        anyway: bool,
    },
    /// Undoes a slip.
    Correct { event: Reference, value: Correction, why: String },
}

/// Why a wish is refused. Where it [`is_warning`](Refuse::is_warning), the same wish said to have `already_happened`
/// is accepted, if it is one of those that can have.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, thiserror::Error, strum::IntoStaticStr, strum::VariantNames)]
#[serde(tag = "code", rename_all = "snake_case")]
#[allow(missing_docs, reason = "the fields are what the sentence names")]
#[strum(serialize_all = "snake_case")]
pub enum Refusal {
    #[error("opening makes a box, other wishes need one")]
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
    Quantity { qty: i64, least: u32, most: u32 },
    #[error("no lots, too many, or one named twice")]
    Lots,
    #[error("{field} is empty")]
    Empty { field: &'static str },
    #[error("{field} is longer than {limit} bytes")]
    TooLong { field: &'static str, limit: usize },
    #[error("the lot is not to be handed out")]
    Unfit { lot: Reference, why: Hidden },
    #[error("there are {there}, not {asked}")]
    MoreThanThere { lot: Reference, asked: i64, there: i64 },
    #[error("{missing} of {asked} are missing")]
    NotEnough { asked: i64, missing: i64, hidden: Vec<(Reference, Hidden)> },
    #[error("there is no lot of the product to name")]
    NoLot { product: Reference },
    #[error("the household took {taken} of {limit} in {days} days already")]
    OverLimit { product: Reference, limit: u32, days: u16, taken: i64, asked: i64 },
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

impl From<WorldError> for Refusal {
    fn from(error: WorldError) -> Self {
        Refusal::Store { reason: error.0 }
    }
}
