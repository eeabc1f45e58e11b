//! What a person can wish of a medicine box, in the words of the core.

use linli_core::{
    aggregate::medicine_box::{
        Correction as BoxCorrection, Day, Goods, Parcel, Part as LotPart, Portion as LotPortion, Room as BoxRoom,
        Unfit as UnfitGoods, What as BoxTake, When as BoxWhen, Wish as BoxWish,
    },
    id::Reference,
    time::WallMs,
};

/// What stands on a package.
#[uniffi::remote(Record)]
pub struct Goods {
    /// The product of the catalogue.
    pub product: Reference,
    /// The batch as printed; `None` is unknown.
    #[uniffi(default)]
    pub batch: Option<String>,
    /// The last day it is good; `None` is unknown.
    #[uniffi(default)]
    pub expiry: Option<Day>,
    /// What quantities of it are counted in, such as `box`, `strip`, `tablet`.
    pub unit: String,
}

/// Where a household lives. Never a name.
#[uniffi::remote(Record)]
pub struct BoxRoom {
    /// Building id.
    pub building: String,
    /// Unit (单元); may be empty.
    #[uniffi(default)]
    pub unit: String,
    /// Room.
    pub room: String,
}

/// So much of a lot.
#[uniffi::remote(Record)]
pub struct LotPart {
    /// The lot, named by the event that made it.
    pub lot: Reference,
    /// How much, in the lot's unit.
    pub qty: u32,
}

/// What a corrected event should have said. What its kind does not have is without effect.
#[uniffi::remote(Record)]
pub struct BoxCorrection {
    /// It did not happen. A later correction that says something else takes this back.
    pub undone: bool,
    /// The quantity.
    #[uniffi(default)]
    pub qty: Option<u32>,
    /// The lots and their quantities.
    #[uniffi(default)]
    pub parts: Option<Vec<LotPart>>,
    /// What stands on the package.
    #[uniffi(default)]
    pub goods: Option<Goods>,
    /// A split's quantity in the new unit.
    #[uniffi(default)]
    pub into_qty: Option<u32>,
}

/// Whether an act lies in the past. What has happened is accepted beside what it contradicts, and shown.
#[uniffi::remote(Record)]
pub struct BoxWhen {
    /// It has happened; warnings are passed over.
    #[uniffi(default)]
    pub already_happened: bool,
    /// When, where it stood on paper first; it has happened then.
    #[uniffi(default)]
    pub happened_at: Option<WallMs>,
}

/// So much of a lot, unchecked.
#[uniffi::remote(Record)]
pub struct LotPortion {
    /// The lot.
    pub lot: Reference,
    /// How much, in its unit.
    pub qty: i64,
}

/// What to take.
#[uniffi::remote(Enum)]
pub enum BoxTake {
    /// From these lots.
    Lots(Vec<LotPortion>),
    /// So much of a product, first to expire first.
    Product {
        /// The product.
        product: Reference,
        /// How much.
        qty: i64,
        /// In which unit; `None` is the unit of the lot that goes first.
        #[uniffi(default)]
        unit: Option<String>,
    },
}

/// What is found unfit.
#[uniffi::remote(Enum)]
pub enum UnfitGoods {
    /// Part of a lot.
    Lot(Reference),
    /// Goods nobody had written down.
    Goods(Goods),
}

/// What stands on a parcel whose `sent` is not here yet.
#[uniffi::remote(Record)]
pub struct Parcel {
    /// The box it comes from.
    pub from: Reference,
    /// The box it is for.
    pub to: Reference,
    /// The lot it comes from, if it says so.
    #[uniffi(default)]
    pub lot: Option<Reference>,
    /// What is in it.
    pub goods: Goods,
    /// How much should be in it.
    pub qty: i64,
}

/// What a person can wish.
#[uniffi::remote(Enum)]
pub enum BoxWish {
    /// Sets up a box.
    Open {
        /// The building, if it belongs to one; fixed for life.
        #[uniffi(default)]
        building: Option<String>,
        /// Where it stands.
        #[uniffi(default)]
        place: String,
        /// A word about it.
        #[uniffi(default)]
        note: String,
    },
    /// Says where it hangs, or a word about it.
    Edit {
        /// Where it stands; an empty text clears.
        #[uniffi(default)]
        place: Option<String>,
        /// A word about it; an empty text clears.
        #[uniffi(default)]
        note: Option<String>,
    },
    /// Gives goods.
    Donate {
        /// What stands on the package.
        goods: Goods,
        /// How much, in its unit.
        qty: i64,
        /// Where it comes from.
        #[uniffi(default)]
        origin: Option<String>,
        /// The package was opened before.
        #[uniffi(default)]
        opened: bool,
        /// Of an opened package: every blister is whole.
        #[uniffi(default)]
        blister_intact: bool,
        /// Whether it lies in the past.
        #[uniffi(default)]
        when: BoxWhen,
    },
    /// Takes goods.
    Take {
        /// From which lots, or of which product.
        what: BoxTake,
        /// For whom: the room, never a name.
        #[uniffi(default)]
        room: Option<BoxRoom>,
        /// The order it is for.
        #[uniffi(default)]
        order: Option<Reference>,
        /// Given by a keeper, it passes over limit and missing class.
        #[uniffi(default)]
        override_reason: Option<String>,
        /// Whether it lies in the past.
        #[uniffi(default)]
        when: BoxWhen,
    },
    /// Brings goods back into their lots.
    Return {
        /// Which lots, and how much of each.
        parts: Vec<LotPortion>,
        /// From which room.
        #[uniffi(default)]
        room: Option<BoxRoom>,
        /// Whether it lies in the past.
        #[uniffi(default)]
        when: BoxWhen,
    },
    /// Splits part of a lot into a smaller unit; without `into_qty` the product's units say how much that is.
    Split {
        /// The lot.
        lot: Reference,
        /// How much of it, in its unit.
        qty: i64,
        /// The smaller unit.
        into_unit: String,
        /// How much that is in the smaller unit.
        #[uniffi(default)]
        into_qty: Option<i64>,
        /// Whether it lies in the past.
        #[uniffi(default)]
        when: BoxWhen,
    },
    /// Counts lots.
    Count {
        /// Which lots, and how much there is of each.
        parts: Vec<LotPortion>,
        /// Whoever counted was not shown what should be there.
        #[uniffi(default)]
        blind: bool,
        /// Whether it lies in the past.
        #[uniffi(default)]
        when: BoxWhen,
    },
    /// Writes down unfit goods.
    Find {
        /// What.
        unfit: UnfitGoods,
        /// How much.
        qty: i64,
        /// What is wrong with it.
        #[uniffi(default)]
        why: String,
        /// Whether it lies in the past.
        #[uniffi(default)]
        when: BoxWhen,
    },
    /// Throws goods away.
    Discard {
        /// The lot.
        lot: Reference,
        /// How much, in its unit.
        qty: i64,
        /// Why.
        #[uniffi(default)]
        why: String,
        /// Whether it lies in the past.
        #[uniffi(default)]
        when: BoxWhen,
    },
    /// Sends goods to another box.
    Send {
        /// The other box.
        to: Reference,
        /// The lot.
        lot: Reference,
        /// How much, in its unit.
        qty: i64,
        /// Whether it lies in the past.
        #[uniffi(default)]
        when: BoxWhen,
    },
    /// Receives a parcel, counted. `parcel` is what stands on it, needed where its `sent` is not here yet.
    Receive {
        /// The event by which the other box sent it.
        sent: Reference,
        /// How much was counted.
        qty: i64,
        /// What stands on the parcel.
        #[uniffi(default)]
        parcel: Option<Parcel>,
        /// Whether it lies in the past.
        #[uniffi(default)]
        when: BoxWhen,
    },
    /// Sets a lot aside.
    Quarantine { lot: Reference, why: String },
    /// Lets a lot go again.
    LiftQuarantine { lot: Reference, why: String },
    /// Asks for more.
    AskRestock {
        /// Of what.
        product: Reference,
        /// How much.
        qty: i64,
        /// In which unit.
        unit: String,
        /// A word on why.
        #[uniffi(default)]
        note: String,
    },
    /// Says below which stock a product is low; `None` ends it.
    SetRestock {
        /// The product.
        product: Reference,
        /// In which unit.
        unit: String,
        /// Below how much it is low.
        #[uniffi(default)]
        below: Option<i64>,
    },
    /// Says how much a household may take; `qty` `None` ends it.
    SetLimit {
        /// In how many days, from 1 to 366.
        days: u16,
        /// Of which product; without one, of all others.
        #[uniffi(default)]
        product: Option<Reference>,
        /// How much, in the lots' own units.
        #[uniffi(default)]
        qty: Option<i64>,
    },
    /// Counts what is left, closes the box and carries it over into another.
    CarryOver {
        /// The other box.
        into: Reference,
        /// What is left of each lot.
        counted: Vec<LotPortion>,
        /// Why.
        #[uniffi(default)]
        why: String,
    },
    /// Closes the box; `anyway` although something is left in it.
    Close {
        /// Why.
        #[uniffi(default)]
        why: String,
        /// Although something is left in it.
        #[uniffi(default)]
        anyway: bool,
    },
    /// Undoes a slip.
    Correct { event: Reference, value: BoxCorrection, why: String },
}
