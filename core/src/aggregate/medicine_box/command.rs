//! What a person can do with a box.

#[cfg(feature = "uniffi")]
use crate::bindings::module_path;

use serde::{Deserialize, Serialize};

use super::{Correction, Goods, Room};
use crate::{id::Reference, qty::Qty, time::WallMs};

/// Whether an act lies in the past. What has happened is accepted beside what it contradicts, and shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record), uniffi(name = "BoxWhen"))]
pub struct When {
    /// It has happened; warnings are passed over.
    #[cfg_attr(feature = "uniffi", uniffi(default))]
    pub already_happened: bool,
    /// When, where it stood on paper first; it has happened then.
    #[cfg_attr(feature = "uniffi", uniffi(default))]
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
#[cfg_attr(feature = "uniffi", derive(uniffi::Record), uniffi(name = "LotPortion"))]
pub struct Portion {
    /// The lot it is from.
    pub lot: Reference,
    /// How much, in its unit.
    pub qty: Qty,
}

/// What to take.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "uniffi", derive(uniffi::Enum), uniffi(name = "BoxTake"))]
pub enum What {
    /// From these lots.
    Lots(Vec<Portion>),
    /// So much of a product, first to expire first.
    Product {
        /// The product, of any of its lots.
        product: Reference,
        /// How much of it, in `unit`.
        qty: Qty,
        /// In which unit; `None` is the unit of the lot that goes first.
        #[serde(default)]
        #[cfg_attr(feature = "uniffi", uniffi(default))]
        unit: Option<String>,
    },
}

/// What is found unfit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "uniffi", derive(uniffi::Enum), uniffi(name = "UnfitGoods"))]
pub enum Unfit {
    /// Part of a lot.
    Lot(Reference),
    /// Goods nobody had written down.
    Goods(Goods),
}

/// What stands on a parcel whose `sent` is not here yet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct Parcel {
    /// The box it comes from.
    pub from: Reference,
    /// The box it is for.
    pub to: Reference,
    /// The lot it comes from, if it says so.
    #[serde(default)]
    #[cfg_attr(feature = "uniffi", uniffi(default))]
    pub lot: Option<Reference>,
    /// What is in it.
    pub goods: Goods,
    /// How much should be in it.
    pub qty: Qty,
}

/// What a person can do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the fields are those of the event of that name")]
#[cfg_attr(feature = "uniffi", derive(uniffi::Enum), uniffi(name = "BoxCommand"))]
pub enum Command {
    /// Sets up a box.
    Open {
        /// The building, if it belongs to one; fixed for life.
        #[serde(default)]
        #[cfg_attr(feature = "uniffi", uniffi(default))]
        building: Option<String>,
        /// Where it stands.
        #[serde(default)]
        #[cfg_attr(feature = "uniffi", uniffi(default))]
        place: String,
        /// A word about it.
        #[serde(default)]
        #[cfg_attr(feature = "uniffi", uniffi(default))]
        note: String,
    },
    /// Says where it hangs, or a word about it.
    Edit {
        /// Where it stands; an empty text clears.
        #[serde(default)]
        #[cfg_attr(feature = "uniffi", uniffi(default))]
        place: Option<String>,
        /// A word about it; an empty text clears.
        #[serde(default)]
        #[cfg_attr(feature = "uniffi", uniffi(default))]
        note: Option<String>,
    },
    /// Puts given goods into the box.
    Donate {
        /// What stands on the package.
        goods: Goods,
        /// How much, in its unit.
        qty: Qty,
        /// Where it comes from.
        #[serde(default)]
        #[cfg_attr(feature = "uniffi", uniffi(default))]
        origin: Option<String>,
        /// The package was opened before.
        #[serde(default)]
        #[cfg_attr(feature = "uniffi", uniffi(default))]
        opened: bool,
        /// Of an opened package: every blister is whole.
        #[serde(default)]
        #[cfg_attr(feature = "uniffi", uniffi(default))]
        blister_intact: bool,
        /// Whether it lies in the past.
        #[serde(flatten)]
        #[cfg_attr(feature = "uniffi", uniffi(default))]
        when: When,
    },
    /// Takes goods out for somebody.
    Take {
        /// From which lots, or of which product.
        what: What,
        /// For whom: the room, never a name.
        #[serde(default)]
        #[cfg_attr(feature = "uniffi", uniffi(default))]
        room: Option<Room>,
        /// The order it is for.
        #[serde(default)]
        #[cfg_attr(feature = "uniffi", uniffi(default))]
        order: Option<Reference>,
        /// Given by a keeper, it passes over limit and missing class.
        #[serde(default)]
        #[cfg_attr(feature = "uniffi", uniffi(default))]
        override_reason: Option<String>,
        /// Whether it lies in the past.
        #[serde(flatten)]
        #[cfg_attr(feature = "uniffi", uniffi(default))]
        when: When,
    },
    /// Brings goods back into their lots.
    Return {
        /// Which lots, and how much of each.
        parts: Vec<Portion>,
        /// From which room.
        #[serde(default)]
        #[cfg_attr(feature = "uniffi", uniffi(default))]
        room: Option<Room>,
        /// Whether it lies in the past.
        #[serde(flatten)]
        #[cfg_attr(feature = "uniffi", uniffi(default))]
        when: When,
    },
    /// Splits part of a lot into a smaller unit; without `into_qty` the product's units say how much that is.
    Split {
        /// The lot that is opened.
        lot: Reference,
        /// How much of it, in its unit.
        qty: Qty,
        /// The smaller unit.
        into_unit: String,
        /// How much that is in the smaller unit.
        #[serde(default)]
        #[cfg_attr(feature = "uniffi", uniffi(default))]
        into_qty: Option<Qty>,
        /// Whether it lies in the past.
        #[serde(flatten)]
        #[cfg_attr(feature = "uniffi", uniffi(default))]
        when: When,
    },
    /// Says how much there is of lots after looking.
    Count {
        /// Which lots, and how much there is of each.
        parts: Vec<Portion>,
        /// Whoever counted was not shown what should be there.
        #[serde(default)]
        #[cfg_attr(feature = "uniffi", uniffi(default))]
        blind: bool,
        /// Whether it lies in the past.
        #[serde(flatten)]
        #[cfg_attr(feature = "uniffi", uniffi(default))]
        when: When,
    },
    /// Writes down unfit goods.
    Find {
        /// The part of a lot, or the goods, that are unfit.
        unfit: Unfit,
        /// How much of it is unfit, in the unit of the lot or of the goods.
        qty: Qty,
        /// What is wrong with it.
        #[serde(default)]
        #[cfg_attr(feature = "uniffi", uniffi(default))]
        why: String,
        /// Whether it lies in the past.
        #[serde(flatten)]
        #[cfg_attr(feature = "uniffi", uniffi(default))]
        when: When,
    },
    /// Throws goods away.
    Discard {
        /// The lot it is from.
        lot: Reference,
        /// How much, in its unit.
        qty: Qty,
        /// The reason, in words; may be empty.
        #[serde(default)]
        #[cfg_attr(feature = "uniffi", uniffi(default))]
        why: String,
        /// Whether it lies in the past.
        #[serde(flatten)]
        #[cfg_attr(feature = "uniffi", uniffi(default))]
        when: When,
    },
    /// Sends goods to another box.
    Send {
        /// The other box.
        to: Reference,
        /// The lot it is from.
        lot: Reference,
        /// How much, in its unit.
        qty: Qty,
        /// Whether it lies in the past.
        #[serde(flatten)]
        #[cfg_attr(feature = "uniffi", uniffi(default))]
        when: When,
    },
    /// Receives a parcel, counted. `parcel` is what stands on it, needed where its `sent` is not here yet.
    Receive {
        /// The event by which the other box sent it.
        sent: Reference,
        /// How much was counted.
        qty: Qty,
        /// What stands on the parcel.
        #[serde(default)]
        #[cfg_attr(feature = "uniffi", uniffi(default))]
        parcel: Option<Parcel>,
        /// Whether it lies in the past.
        #[serde(flatten)]
        #[cfg_attr(feature = "uniffi", uniffi(default))]
        when: When,
    },
    /// Sets a lot aside.
    Quarantine { lot: Reference, why: String },
    /// Lets a lot go again.
    LiftQuarantine { lot: Reference, why: String },
    /// Asks for more.
    AskRestock {
        /// The product that is wanted.
        product: Reference,
        /// How much more is wanted, in `unit`.
        qty: Qty,
        /// In which unit.
        unit: String,
        /// A word on why.
        #[serde(default)]
        #[cfg_attr(feature = "uniffi", uniffi(default))]
        note: String,
    },
    /// Says below which stock a product is low; `None` ends it.
    SetRestock {
        /// The product of which enough must be there.
        product: Reference,
        /// In which unit.
        unit: String,
        /// Below how much it is low.
        #[cfg_attr(feature = "uniffi", uniffi(default))]
        below: Option<Qty>,
    },
    /// Says how much a household may take; `qty` `None` ends it.
    SetLimit {
        /// In how many days, from 1 to 366.
        days: u16,
        /// Of which product; without one, of all others.
        #[serde(default)]
        #[cfg_attr(feature = "uniffi", uniffi(default))]
        product: Option<Reference>,
        /// How much, in the lots' own units.
        #[cfg_attr(feature = "uniffi", uniffi(default))]
        qty: Option<Qty>,
    },
    /// Counts what is left, closes the box and carries it over into another.
    CarryOver {
        /// The other box.
        into: Reference,
        /// What is left of each lot.
        counted: Vec<Portion>,
        /// The reason, in words; may be empty.
        #[serde(default)]
        #[cfg_attr(feature = "uniffi", uniffi(default))]
        why: String,
    },
    /// Closes the box; `anyway` although something is left in it.
    Close {
        /// The reason, in words; may be empty.
        #[serde(default)]
        #[cfg_attr(feature = "uniffi", uniffi(default))]
        why: String,
        /// Although something is left in it.
        #[serde(default)]
        #[cfg_attr(feature = "uniffi", uniffi(default))]
        anyway: bool,
    },
    /// Undoes a slip.
    Correct { event: Reference, value: Correction, why: String },
}
