//! What the events of an order say. What of it is let through stands in `read`.

#[cfg(feature = "uniffi")]
use crate::bindings::module_path;

use minicbor::{Decode, Encode};
use serde::{Deserialize, Serialize};

use crate::{
    event::ItemId,
    id::{MemberId, Reference},
    qty::Qty,
    time::WallMs,
    vocabulary::Says,
};

/// The most cents that one event may speak of.
pub const MAX_CENTS: i64 = 1_000_000_000;
/// The most of an item that one event may speak of.
pub const MAX_QTY: Qty = Qty::whole(1_000_000);

/// By which way somebody asked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[cbor(index_only)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "uniffi", derive(uniffi::Enum), uniffi(name = "OrderWay"))]
pub enum Way {
    /// In the app, by the author.
    #[default]
    #[n(0)]
    App,
    /// Over the telephone.
    #[n(1)]
    Phone,
    /// In a chat.
    #[n(2)]
    Chat,
    /// On paper, written down later.
    #[n(3)]
    Paper,
}

/// What residents entrust to volunteers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Encode, Decode, Serialize, Deserialize)]
#[cbor(index_only)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "uniffi", derive(uniffi::Enum), uniffi(name = "EntrustedThing"))]
pub enum Thing {
    /// The insurance card.
    #[n(0)]
    InsuranceCard,
    /// Money, with its amount.
    #[n(1)]
    Cash,
    /// A key, such as that of the door.
    #[n(2)]
    Key,
    /// Something else, with a label.
    #[n(3)]
    Other,
}

/// Why an attempt failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[cbor(index_only)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "uniffi", derive(uniffi::Enum))]
pub enum AttemptOutcome {
    /// Nobody answered at the door.
    #[n(0)]
    Nobody,
    /// The address is wrong.
    #[n(1)]
    WrongAddress,
    /// They did not want it.
    #[n(2)]
    Refused,
}

/// How something was delivered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[cbor(index_only)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "uniffi", derive(uniffi::Enum), uniffi(name = "DeliveryHow"))]
pub enum How {
    /// Into somebody's hands.
    #[n(0)]
    HandedOver,
    /// Left at the door.
    #[n(1)]
    LeftAtDoor,
}

/// An order was written down. What people may change of it is in the edits of the same event.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Says)]
#[cbor(map)]
pub struct Posted {
    /// The building, fixed for life.
    #[n(0)]
    pub building: String,
    /// Who asked, if not the author.
    #[n(1)]
    pub asked_by: Option<String>,
    /// By which way.
    #[n(2)]
    pub way: Way,
    /// When it was asked, if it was written down later.
    #[n(3)]
    pub happened_at: Option<WallMs>,
    /// The order in the wrong building that this one goes on from.
    #[n(4)]
    pub moved_from: Option<Reference>,
}

/// Nothing but that it happened.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode, Serialize, Says)]
#[cbor(map)]
pub struct Confirmation {}

/// A decision with its reason.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode, Serialize, Says)]
#[cbor(map)]
pub struct Reason {
    /// Why, in the author's words.
    #[n(0)]
    pub why: Option<String>,
}

/// The author stands where somebody else stood.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Says)]
#[cbor(map)]
pub struct TakenOver {
    /// The claim, assignment, take-over or accepted hand-over that is replaced.
    #[n(0)]
    pub claim: Reference,
}

/// A leader gave the order to somebody.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Says)]
#[cbor(map)]
pub struct Assigned {
    /// Who is to hold the order.
    #[n(0)]
    pub member: MemberId,
}

/// The author wants to pass the order on.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Says)]
#[cbor(map)]
pub struct HandOverOffered {
    /// Who may accept it.
    #[n(0)]
    pub to: MemberId,
}

/// The other takes it.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Says)]
#[cbor(map)]
pub struct HandOverAccepted {
    /// What was offered.
    #[n(0)]
    pub offer: Reference,
}

/// How much of one item was bought.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize, Says)]
#[cbor(map)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record), uniffi(name = "GotItem"))]
pub struct Got {
    /// The item, as the order names it.
    #[n(0)]
    pub item: ItemId,
    /// How much, in the item's unit: more than nothing, to [`MAX_QTY`].
    #[n(1)]
    pub qty: Qty,
}

/// Something was bought.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Says)]
#[cbor(map)]
pub struct Purchased {
    /// What it cost the author, if it cost anything they know of; from 1 to [`MAX_CENTS`].
    #[n(0)]
    pub cost_cents: Option<i64>,
    /// What was got, where it is worth saying.
    #[cbor(n(1), default, skip_if = "Vec::is_empty")]
    pub got: Vec<Got>,
    /// When, if it is written down later.
    #[n(2)]
    pub happened_at: Option<WallMs>,
    /// Said although it contradicts what the author saw.
    #[cbor(n(3), default)]
    pub already_happened: bool,
}

/// Something of the resident's changed hands: entrusted to a member, passed on between members, or returned.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Says)]
#[cbor(map)]
pub struct Carried {
    /// The kind of thing.
    #[n(0)]
    pub thing: Thing,
    /// Its name, where the kind of thing does not say enough.
    #[n(1)]
    pub label: Option<String>,
    /// How much, of cash and of nothing else; from 1 to [`MAX_CENTS`].
    #[n(2)]
    pub amount_cents: Option<i64>,
    /// The member who no longer has it; none when the resident entrusts it.
    #[n(3)]
    pub from: Option<MemberId>,
    /// The member who has it now; none when it goes back to the resident.
    #[n(4)]
    pub to: Option<MemberId>,
    /// When, if it is written down later.
    #[n(5)]
    pub happened_at: Option<WallMs>,
    /// Said although it contradicts what the author saw.
    #[cbor(n(6), default)]
    pub already_happened: bool,
}

/// Somebody went there in vain. The claim stays.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Says)]
#[cbor(map)]
pub struct Attempted {
    /// What came of it.
    #[n(0)]
    pub outcome: AttemptOutcome,
    /// When, if it is written down later.
    #[n(1)]
    pub happened_at: Option<WallMs>,
    /// Said although it contradicts what the author saw.
    #[cbor(n(2), default)]
    pub already_happened: bool,
}

/// It is there.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Says)]
#[cbor(map)]
pub struct Delivered {
    /// Into somebody's hands, or left at the door.
    #[n(0)]
    pub how: How,
    /// When, if it is written down later.
    #[n(1)]
    pub happened_at: Option<WallMs>,
    /// Said although it contradicts what the author saw.
    #[cbor(n(2), default)]
    pub already_happened: bool,
}

/// Whoever laid out money got it back.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Says)]
#[cbor(map)]
pub struct Reimbursed {
    /// How much; from 1 to [`MAX_CENTS`].
    #[n(0)]
    pub cents: i64,
}

/// The same need is written down in another order.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Says)]
#[cbor(map)]
pub struct DuplicateOf {
    /// The other order, which goes on.
    #[n(0)]
    pub order: Reference,
}

/// Part of the conversation.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Says)]
#[cbor(map)]
pub struct Commented {
    /// What was said.
    #[n(0)]
    pub text: String,
}

/// It stood in the wrong building and goes on in another order.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Says)]
#[cbor(map)]
pub struct Moved {
    /// The order in the right building.
    #[n(0)]
    pub to: Reference,
}

/// A leader says who of several holds the order, and has seen what contradicts.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Says)]
#[cbor(map)]
pub struct Resolved {
    /// The member who holds it.
    #[n(0)]
    pub to: MemberId,
}

/// What an event should have said.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "uniffi", derive(uniffi::Enum), uniffi(name = "OrderCorrection"))]
pub enum Correction {
    /// Nothing: a mis-tap.
    #[n(0)]
    Withdrawn,
    /// What it said after all.
    #[n(1)]
    AsWritten,
    /// A purchase, with other costs or goods.
    #[n(2)]
    Purchased {
        /// What it cost.
        #[n(0)]
        #[serde(default)]
        #[cfg_attr(feature = "uniffi", uniffi(default))]
        cost_cents: Option<i64>,
        /// What was got.
        #[cbor(n(1), default)]
        #[serde(default)]
        #[cfg_attr(feature = "uniffi", uniffi(default))]
        got: Vec<Got>,
    },
    /// Delivered in another way.
    #[n(3)]
    Delivered {
        /// Into somebody's hands, or left at the door.
        #[n(0)]
        how: How,
    },
    /// Something else came of the attempt.
    #[n(4)]
    Attempted {
        /// What came of the attempt.
        #[n(0)]
        outcome: AttemptOutcome,
    },
    /// Another sum was paid back.
    #[n(5)]
    Reimbursed {
        /// The sum that it should have been, in cents.
        #[n(0)]
        cents: i64,
    },
    /// Another sum of cash changed hands.
    #[n(6)]
    Carried {
        /// The sum that it should have been, in cents.
        #[n(0)]
        amount_cents: i64,
    },
}

/// An event of this order should have said something else. History shows both.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Says)]
#[cbor(map)]
pub struct Corrected {
    /// The event that was wrong.
    #[n(0)]
    pub event: Reference,
    /// What it should have said.
    #[n(1)]
    pub value: Correction,
    /// The reason, in words; never empty.
    #[n(2)]
    pub why: String,
}

/// What an event of an order says. Serialized, its parameters; the kind's code says the rest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Says)]
#[serde(untagged)]
#[allow(missing_docs)] // each variant is the kind of that name; its payload is documented
pub enum Fact {
    Posted(Posted),
    Edited(Confirmation),
    Claimed(Confirmation),
    Released(Reason),
    TakenOver(TakenOver),
    Assigned(Assigned),
    HandOverOffered(HandOverOffered),
    HandOverAccepted(HandOverAccepted),
    Purchased(Purchased),
    Entrusted(Carried),
    PassedOn(Carried),
    Returned(Carried),
    Attempted(Attempted),
    Delivered(Delivered),
    Confirmed(Confirmation),
    Reimbursed(Reimbursed),
    Cancelled(Reason),
    Reopened(Reason),
    StillNeeded(Confirmation),
    DuplicateOf(DuplicateOf),
    Commented(Commented),
    Moved(Moved),
    Resolved(Resolved),
    Corrected(Corrected),
}

impl Fact {
    /// What it says once corrected: `None` when withdrawn. A correction that does not fit is as if not made.
    pub(super) fn with(&self, correction: &Correction) -> Option<Fact> {
        let mut fact = self.clone();
        match (&mut fact, correction) {
            (_, Correction::Withdrawn) => return None,
            (Fact::Purchased(purchased), Correction::Purchased { cost_cents, got }) => {
                purchased.cost_cents = *cost_cents;
                purchased.got.clone_from(got);
            }
            (Fact::Delivered(delivered), Correction::Delivered { how }) => delivered.how = *how,
            (Fact::Attempted(attempted), Correction::Attempted { outcome }) => attempted.outcome = *outcome,
            (Fact::Reimbursed(reimbursed), Correction::Reimbursed { cents }) => reimbursed.cents = *cents,
            (
                Fact::Entrusted(carried) | Fact::PassedOn(carried) | Fact::Returned(carried),
                Correction::Carried { amount_cents },
            ) if carried.thing == Thing::Cash => carried.amount_cents = Some(*amount_cents),
            _ => {}
        }
        Some(fact)
    }

    /// Whether a correction of this shape can be made of it.
    pub(super) fn fits(&self, correction: &Correction) -> bool {
        match (self, correction) {
            (Fact::Posted(_) | Fact::Edited(_) | Fact::Corrected(_), _) => false,
            (_, Correction::Withdrawn | Correction::AsWritten)
            | (Fact::Purchased(_), Correction::Purchased { .. })
            | (Fact::Delivered(_), Correction::Delivered { .. })
            | (Fact::Attempted(_), Correction::Attempted { .. })
            | (Fact::Reimbursed(_), Correction::Reimbursed { .. }) => true,
            (
                Fact::Entrusted(carried) | Fact::PassedOn(carried) | Fact::Returned(carried),
                Correction::Carried { .. },
            ) => carried.thing == Thing::Cash,
            _ => false,
        }
    }
}
