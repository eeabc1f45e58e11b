//! What the events of a box say.

#[cfg(feature = "uniffi")]
use crate::bindings::module_path;

use minicbor::{Decode, Encode};
use serde::Serialize;

use super::{Goods, Part, Room};
use crate::{id::Reference, qty::Qty, time::WallMs, vocabulary::Says};

/// The greatest quantity of one act, in a lot's unit.
pub const QTY: Qty = Qty::whole(1_000_000);
/// Lots one act names at most.
pub const PARTS: usize = 512;
/// Days of the longest limit period.
pub const PERIOD_DAYS: u16 = 366;

/// A box is set up. Its place and note are edits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Encode, Decode, Says)]
#[cbor(map)]
pub struct Opened {
    /// The building it belongs to, for life.
    #[n(0)]
    pub building: Option<String>,
}

/// Place or note change, by edits alone.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Encode, Decode, Says)]
#[cbor(map)]
pub struct Edited {}

/// Somebody gives goods: a new lot.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Encode, Decode, Says)]
#[cbor(map)]
pub struct Donated {
    /// What stands on the packages.
    #[n(0)]
    pub goods: Goods,
    /// How much: more than nothing, to [`QTY`].
    #[n(1)]
    pub qty: Qty,
    /// Where it comes from, such as a building or a shop. Never a name.
    #[n(2)]
    pub origin: Option<String>,
    /// The package had been opened.
    #[cbor(n(3), default)]
    pub opened: bool,
    /// The blister is intact.
    #[cbor(n(4), default)]
    pub blister_intact: bool,
    /// When, where it was written on paper first.
    #[n(5)]
    pub happened_at: Option<WallMs>,
}

/// Somebody takes goods.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Encode, Decode, Says)]
#[cbor(map)]
pub struct Taken {
    /// For which household.
    #[n(0)]
    pub room: Option<Room>,
    /// For which order.
    #[n(1)]
    pub order: Option<Reference>,
    /// From which lots.
    #[n(2)]
    pub parts: Vec<Part>,
    /// Why a keeper let it pass the limit or the missing class; only, and always, in the override kind.
    #[n(3)]
    pub override_reason: Option<String>,
    /// When, where it was written on paper first.
    #[n(4)]
    pub happened_at: Option<WallMs>,
}

/// Goods taken come back into their lots.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Encode, Decode, Says)]
#[cbor(map)]
pub struct Returned {
    /// From which household.
    #[n(0)]
    pub room: Option<Room>,
    /// Into which lots.
    #[n(1)]
    pub parts: Vec<Part>,
    /// When, where it was written on paper first.
    #[n(2)]
    pub happened_at: Option<WallMs>,
}

/// Part of a lot becomes a new lot in a smaller unit, of the same lineage.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Encode, Decode, Says)]
#[cbor(map)]
pub struct Split {
    /// The lot split.
    #[n(0)]
    pub lot: Reference,
    /// How much of it, in its unit.
    #[n(1)]
    pub qty: Qty,
    /// The unit it was counted in.
    #[n(2)]
    pub unit: String,
    /// How much that is in the new unit.
    #[n(3)]
    pub into_qty: Qty,
    /// The new lot's unit.
    #[n(4)]
    pub into_unit: String,
    /// When, where it was written on paper first.
    #[n(5)]
    pub happened_at: Option<WallMs>,
}

/// Somebody counted what is there; 0 is a count too.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Encode, Decode, Says)]
#[cbor(map)]
pub struct Counted {
    /// Each lot counted, once.
    #[n(0)]
    pub parts: Vec<Part>,
    /// The counter was not shown what should be there.
    #[cbor(n(1), default)]
    pub blind: bool,
    /// When, where it was written on paper first.
    #[n(2)]
    pub happened_at: Option<WallMs>,
}

/// Unfit goods are discovered: a new lot in quarantine, out of a lot or, where nobody had written them down, new.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Encode, Decode, Says)]
#[cbor(map)]
pub struct Found {
    /// The lot they are part of. Exactly one of this and `goods`.
    #[n(0)]
    pub lot: Option<Reference>,
    /// What they are.
    #[n(1)]
    pub goods: Option<Goods>,
    /// How much of it is unfit, in the unit of the lot or of the goods.
    #[n(2)]
    pub qty: Qty,
    /// What is wrong with them.
    #[n(3)]
    pub why: String,
    /// When, where it was written on paper first.
    #[n(4)]
    pub happened_at: Option<WallMs>,
}

/// Goods are thrown away.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Encode, Decode, Says)]
#[cbor(map)]
pub struct Discarded {
    /// From which lot.
    #[n(0)]
    pub lot: Reference,
    /// How much is gone, in the unit of its lot.
    #[n(1)]
    pub qty: Qty,
    /// The reason, in words; may be empty.
    #[n(2)]
    pub why: String,
    /// When, where it was written on paper first.
    #[n(3)]
    pub happened_at: Option<WallMs>,
}

/// Goods leave for another box.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Encode, Decode, Says)]
#[cbor(map)]
pub struct Sent {
    /// The box they go to.
    #[n(0)]
    pub to: Reference,
    /// From which lot.
    #[n(1)]
    pub lot: Reference,
    /// What stands on the parcel.
    #[n(2)]
    pub goods: Goods,
    /// How much was sent, in the unit of its lot.
    #[n(3)]
    pub qty: Qty,
    /// When, where it was written on paper first.
    #[n(4)]
    pub happened_at: Option<WallMs>,
}

/// Goods from another box arrive: a new lot of the same lineage. The first receipt of a `sent` counts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Encode, Decode, Says)]
#[cbor(map)]
pub struct Received {
    /// The `sent` that sent them.
    #[n(0)]
    pub sent: Reference,
    /// The box they come from.
    #[n(1)]
    pub from: Reference,
    /// The box that `sent` names. Another box than this one: the receipt does not count.
    #[n(2)]
    pub to: Reference,
    /// The lot they come from.
    #[n(3)]
    pub lot: Option<Reference>,
    /// What stands on the parcel.
    #[n(4)]
    pub goods: Goods,
    /// How much was sent, as carried with the parcel.
    #[n(5)]
    pub sent_qty: Qty,
    /// How much was there when counted; 0 where nothing was.
    #[n(6)]
    pub qty: Qty,
    /// When, where it was written on paper first.
    #[n(7)]
    pub happened_at: Option<WallMs>,
}

/// A lot is set aside, or let go again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Encode, Decode, Says)]
#[cbor(map)]
pub struct Quarantine {
    /// Which lot; what was split off it goes with it.
    #[n(0)]
    pub lot: Reference,
    /// The reason, in words; may be empty.
    #[n(1)]
    pub why: String,
}

/// Somebody asks for more of a product. Ended by what comes in of it later.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Encode, Decode, Says)]
#[cbor(map)]
pub struct RestockAsked {
    /// The product that is wanted.
    #[n(0)]
    pub product: Reference,
    /// How much more is wanted, in `unit`.
    #[n(1)]
    pub qty: Qty,
    /// In which unit.
    #[n(2)]
    pub unit: String,
    /// A word on why; may be empty.
    #[cbor(n(3), default)]
    pub note: String,
}

/// From which stock on the box should be filled up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Encode, Decode, Says)]
#[cbor(map)]
pub struct RestockSet {
    /// The product of which there should be enough.
    #[n(0)]
    pub product: Reference,
    /// In which unit.
    #[n(1)]
    pub unit: String,
    /// Less than this is low; `None` ends the limit.
    #[n(2)]
    pub below: Option<Qty>,
}

/// How much one household may take.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Encode, Decode, Says)]
#[cbor(map)]
pub struct LimitSet {
    /// Of which product; `None` of every one that has no limit of its own, each for itself.
    #[n(0)]
    pub product: Option<Reference>,
    /// How much, in the lots' own units; `None` ends the limit.
    #[n(1)]
    pub qty: Option<Qty>,
    /// In how many days, 1 to [`PERIOD_DAYS`].
    #[n(2)]
    pub days: u16,
}

/// The box is given up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Encode, Decode, Says)]
#[cbor(map)]
pub struct Closed {
    /// Why; may be empty.
    #[n(0)]
    pub why: String,
    /// The box that takes over what is left.
    #[n(1)]
    pub into: Option<Reference>,
    /// What it takes over.
    #[cbor(n(2), default)]
    pub parts: Vec<Part>,
}

/// What was left in a closed box goes on here: a new lot.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Encode, Decode, Says)]
#[cbor(map)]
pub struct CarriedOver {
    /// The closed box.
    #[n(0)]
    pub from: Reference,
    /// The lot there.
    #[n(1)]
    pub lot: Reference,
    /// What it is.
    #[n(2)]
    pub goods: Goods,
    /// How much was counted.
    #[n(3)]
    pub qty: Qty,
    /// It was in quarantine.
    #[cbor(n(4), default)]
    pub quarantined: bool,
}

/// An earlier event was a slip. Folds use what is said here, history shows both; later corrections add up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Encode, Decode, Says)]
#[cbor(map)]
pub struct Corrected {
    /// The event corrected.
    #[n(0)]
    pub event: Reference,
    /// What it should have said.
    #[n(1)]
    pub value: Correction,
    /// The reason, in words; may be empty.
    #[n(2)]
    pub why: String,
}

/// What a corrected event should have said. What its kind does not have is without effect.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, serde::Deserialize, Encode, Decode, Says)]
#[serde(default)]
#[cbor(map)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record), uniffi(name = "BoxCorrection"))]
pub struct Correction {
    /// It did not happen. A later correction that says something else takes this back.
    #[cbor(n(0), default)]
    pub undone: bool,
    /// What the quantity was, where it was written wrong.
    #[n(1)]
    #[cfg_attr(feature = "uniffi", uniffi(default))]
    pub qty: Option<Qty>,
    /// The lots and their quantities.
    #[n(2)]
    #[cfg_attr(feature = "uniffi", uniffi(default))]
    pub parts: Option<Vec<Part>>,
    /// What stands on the package.
    #[n(3)]
    #[cfg_attr(feature = "uniffi", uniffi(default))]
    pub goods: Option<Goods>,
    /// A split's quantity in the new unit.
    #[n(4)]
    #[cfg_attr(feature = "uniffi", uniffi(default))]
    pub into_qty: Option<Qty>,
}

/// What an event of a box says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Says)]
#[serde(untagged)]
#[allow(missing_docs, reason = "each is named after its payload, documented there")]
pub enum Fact {
    Opened(Opened),
    Edited(Edited),
    Donated(Donated),
    #[says(also = "taken_by_override")]
    Taken(Taken),
    Returned(Returned),
    Split(Split),
    Counted(Counted),
    Found(Found),
    Discarded(Discarded),
    Sent(Sent),
    Received(Received),
    Quarantined(Quarantine),
    QuarantineLifted(Quarantine),
    RestockAsked(RestockAsked),
    RestockSet(RestockSet),
    LimitSet(LimitSet),
    Closed(Closed),
    CarriedOver(CarriedOver),
    Corrected(Corrected),
}

impl Fact {
    /// When it happened by the paper it was written on, if it was.
    pub fn happened_at(&self) -> Option<WallMs> {
        match self {
            Fact::Donated(Donated { happened_at, .. })
            | Fact::Taken(Taken { happened_at, .. })
            | Fact::Returned(Returned { happened_at, .. })
            | Fact::Split(Split { happened_at, .. })
            | Fact::Counted(Counted { happened_at, .. })
            | Fact::Found(Found { happened_at, .. })
            | Fact::Discarded(Discarded { happened_at, .. })
            | Fact::Sent(Sent { happened_at, .. })
            | Fact::Received(Received { happened_at, .. }) => *happened_at,
            Fact::Opened(_)
            | Fact::Edited(_)
            | Fact::Quarantined(_)
            | Fact::QuarantineLifted(_)
            | Fact::RestockAsked(_)
            | Fact::RestockSet(_)
            | Fact::LimitSet(_)
            | Fact::Closed(_)
            | Fact::CarriedOver(_)
            | Fact::Corrected(_) => None,
        }
    }
}
