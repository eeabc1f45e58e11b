//! What a person can do with an order.

#[cfg(feature = "uniffi")]
use crate::bindings::module_path;

use serde::{Deserialize, Serialize};

use crate::{
    event::{ItemId, Scalar},
    id::{MemberId, Reference},
    time::WallMs,
};

use super::{
    content::{NewItem, NewOrder},
    fact::{AttemptOutcome, Correction, Got, How, Thing},
};

/// A change of what people edit together. Fields are named as the schema names them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "uniffi", derive(uniffi::Enum), uniffi(name = "OrderChange"))]
pub enum Change {
    /// Puts a field; null clears it.
    Put {
        /// The field's name, such as `note`.
        field: String,
        /// Its new value.
        value: Scalar,
    },
    /// Adds an item.
    AddItem(NewItem),
    /// Puts a field of an item; null clears it.
    PutItem {
        /// The item to change, as views of the order name it.
        item: ItemId,
        /// Which field of it.
        field: String,
        /// Its new value.
        value: Scalar,
    },
    /// Removes an item.
    RemoveItem {
        /// The item to remove, as views of the order name it.
        item: ItemId,
    },
}

/// What a person can do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "uniffi", derive(uniffi::Enum), uniffi(name = "OrderCommand"))]
pub enum Command {
    /// Writes an order down.
    Post(Box<NewOrder>),
    /// Changes what it says.
    Edit {
        /// The changes, made together.
        changes: Vec<Change>,
    },
    /// Chooses among conflicting values of a field.
    Choose {
        /// The name of the field about which people disagree.
        field: String,
        /// The value that shall stand.
        value: Scalar,
        /// Of which item; none for a field of the order.
        #[serde(default)]
        #[cfg_attr(feature = "uniffi", uniffi(default))]
        item: Option<ItemId>,
    },
    /// Chooses whether an item stays that one person removed and another changed.
    ChooseItem {
        /// The item about which people disagree, as views of the order name it.
        item: ItemId,
        /// Whether it stays.
        keep: bool,
    },
    /// Takes the order on.
    Claim,
    /// Gives it up.
    Release {
        /// The reason, in words, if one is given.
        #[serde(default)]
        #[cfg_attr(feature = "uniffi", uniffi(default))]
        why: Option<String>,
    },
    /// Takes it from whoever holds it.
    TakeOver {
        /// Although their lease has not lapsed.
        #[serde(default)]
        #[cfg_attr(feature = "uniffi", uniffi(default))]
        anyway: bool,
    },
    /// Gives it to somebody.
    Assign {
        /// Who is to hold the order.
        member: MemberId,
    },
    /// Offers it to somebody.
    OfferHandOver {
        /// Who may accept it.
        to: MemberId,
    },
    /// Accepts an offer.
    AcceptHandOver {
        /// Which; none for the newest one made to the author.
        #[serde(default)]
        #[cfg_attr(feature = "uniffi", uniffi(default))]
        offer: Option<Reference>,
    },
    /// Says that something was bought.
    Purchase {
        /// What it cost, if it cost anything they know of.
        #[serde(default)]
        #[cfg_attr(feature = "uniffi", uniffi(default))]
        cost_cents: Option<i64>,
        /// What was got.
        #[serde(default)]
        #[cfg_attr(feature = "uniffi", uniffi(default))]
        got: Vec<Got>,
        /// It happened, whatever speaks against it.
        #[serde(default)]
        #[cfg_attr(feature = "uniffi", uniffi(default))]
        already_happened: bool,
        /// When, if it is written down later.
        #[serde(default)]
        #[cfg_attr(feature = "uniffi", uniffi(default))]
        happened_at: Option<WallMs>,
    },
    /// Says that the resident entrusted something to a member.
    Entrust {
        /// The kind of thing.
        thing: Thing,
        /// What to call it, where the kind does not say it.
        #[serde(default)]
        #[cfg_attr(feature = "uniffi", uniffi(default))]
        label: Option<String>,
        /// How much cash.
        #[serde(default)]
        #[cfg_attr(feature = "uniffi", uniffi(default))]
        amount_cents: Option<i64>,
        /// To whom; none for the author.
        #[serde(default)]
        #[cfg_attr(feature = "uniffi", uniffi(default))]
        to: Option<MemberId>,
        /// When, if it is written down later.
        #[serde(default)]
        #[cfg_attr(feature = "uniffi", uniffi(default))]
        happened_at: Option<WallMs>,
    },
    /// Says that one member gave it to another.
    PassOn {
        /// The kind of thing.
        thing: Thing,
        /// Who has it now.
        to: MemberId,
        /// What to call it, where the kind does not say it.
        #[serde(default)]
        #[cfg_attr(feature = "uniffi", uniffi(default))]
        label: Option<String>,
        /// How much cash.
        #[serde(default)]
        #[cfg_attr(feature = "uniffi", uniffi(default))]
        amount_cents: Option<i64>,
        /// Who gave it; none for the author.
        #[serde(default)]
        #[cfg_attr(feature = "uniffi", uniffi(default))]
        from: Option<MemberId>,
        /// It happened, whatever speaks against it.
        #[serde(default)]
        #[cfg_attr(feature = "uniffi", uniffi(default))]
        already_happened: bool,
        /// When, if it is written down later.
        #[serde(default)]
        #[cfg_attr(feature = "uniffi", uniffi(default))]
        happened_at: Option<WallMs>,
    },
    /// Says that the resident has it back.
    Return {
        /// The kind of thing.
        thing: Thing,
        /// What to call it, where the kind does not say it.
        #[serde(default)]
        #[cfg_attr(feature = "uniffi", uniffi(default))]
        label: Option<String>,
        /// How much cash.
        #[serde(default)]
        #[cfg_attr(feature = "uniffi", uniffi(default))]
        amount_cents: Option<i64>,
        /// Who gave it back; none for the author.
        #[serde(default)]
        #[cfg_attr(feature = "uniffi", uniffi(default))]
        from: Option<MemberId>,
        /// It happened, whatever speaks against it.
        #[serde(default)]
        #[cfg_attr(feature = "uniffi", uniffi(default))]
        already_happened: bool,
        /// When, if it is written down later.
        #[serde(default)]
        #[cfg_attr(feature = "uniffi", uniffi(default))]
        happened_at: Option<WallMs>,
    },
    /// Says that somebody went there in vain.
    Attempt {
        /// What came of it.
        outcome: AttemptOutcome,
        /// It happened, whatever speaks against it.
        #[serde(default)]
        #[cfg_attr(feature = "uniffi", uniffi(default))]
        already_happened: bool,
        /// When, if it is written down later.
        #[serde(default)]
        #[cfg_attr(feature = "uniffi", uniffi(default))]
        happened_at: Option<WallMs>,
    },
    /// Says that it is there.
    Deliver {
        /// Into somebody's hands, or left at the door.
        how: How,
        /// It happened, whatever speaks against it.
        #[serde(default)]
        #[cfg_attr(feature = "uniffi", uniffi(default))]
        already_happened: bool,
        /// When, if it is written down later.
        #[serde(default)]
        #[cfg_attr(feature = "uniffi", uniffi(default))]
        happened_at: Option<WallMs>,
    },
    /// Says that somebody asked, and it is there.
    Confirm,
    /// Says that whoever laid out money got it back.
    Reimburse {
        /// How much was paid back, in cents.
        cents: i64,
        /// It happened, although it is more than is owed.
        #[serde(default)]
        #[cfg_attr(feature = "uniffi", uniffi(default))]
        already_happened: bool,
    },
    /// Ends the order.
    Cancel {
        /// The reason, in words, if one is given.
        #[serde(default)]
        #[cfg_attr(feature = "uniffi", uniffi(default))]
        why: Option<String>,
    },
    /// Opens an ended order again.
    Reopen {
        /// The reason, in words, if one is given.
        #[serde(default)]
        #[cfg_attr(feature = "uniffi", uniffi(default))]
        why: Option<String>,
    },
    /// Says that it is still needed.
    StillNeeded,
    /// Ends the order because another says the same.
    DuplicateOf {
        /// The other, which goes on.
        order: Reference,
    },
    /// Says a word on it.
    Comment {
        /// The words; needed.
        text: String,
    },
    /// Ends the order and goes on in the right building.
    Move {
        /// The right building.
        building: String,
        /// The unit (单元) there, if one is named.
        #[serde(default)]
        #[cfg_attr(feature = "uniffi", uniffi(default))]
        unit: Option<String>,
        /// The room there, if one is named.
        #[serde(default)]
        #[cfg_attr(feature = "uniffi", uniffi(default))]
        room: Option<String>,
    },
    /// Says who of several holds it, and that what contradicts was seen.
    Resolve {
        /// The member who holds it from now on.
        to: MemberId,
    },
    /// Says what an event should have said.
    Correct {
        /// The event that says something wrong.
        event: Reference,
        /// What it should have said.
        value: Correction,
        /// Why the event was wrong; never empty.
        why: String,
    },
}
