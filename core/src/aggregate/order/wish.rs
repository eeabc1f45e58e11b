//! What a person can wish of an order, and why it may be refused or questioned.
//!
//! A wish is refused; what is said to have happened is at most questioned: the refusal is a warning
//! ([`Refusal::is_warning`]), and the same wish with `already_happened` goes through.

use serde::{Deserialize, Serialize};

use crate::{
    aggregate::WorldError,
    event::{ItemId, Scalar},
    id::{MemberId, Reference},
    time::WallMs,
};

use super::{
    content::Urgency,
    fact::{AttemptOutcome, Correction, Got, How, Thing, Way},
    outcome::Status,
};

/// An item to add.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct NewItem {
    /// What; needed.
    pub name: String,
    /// How many, from 1.
    pub qty: Option<i64>,
    /// Of what, such as box, kg.
    pub unit: Option<String>,
    /// The reference of a product in the catalogue.
    pub product: Option<String>,
}

/// Where to accompany somebody.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Escort {
    /// The hospital.
    pub hospital: Option<String>,
    /// The department.
    pub department: Option<String>,
    /// When the appointment is.
    pub appointment: Option<WallMs>,
    /// How the person moves.
    pub mobility: Option<String>,
}

/// A new order.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct NewOrder {
    /// The building; needed, fixed for life.
    pub building: String,
    /// The unit.
    pub unit: Option<String>,
    /// The room.
    pub room: Option<String>,
    /// A code of the community's table of kinds; needed.
    pub kind: String,
    /// How soon.
    pub urgency: Urgency,
    /// Whom to call.
    pub contact: Option<String>,
    /// Everything else.
    pub note: Option<String>,
    /// Until when.
    pub needed_by: Option<WallMs>,
    /// What is asked for.
    pub items: Vec<NewItem>,
    /// Where to accompany somebody.
    pub escort: Escort,
    /// Who asked, if not the author.
    pub asked_by: Option<String>,
    /// By which way.
    pub way: Way,
    /// When it was asked, if it is written down later.
    pub happened_at: Option<WallMs>,
}

/// A change of what people edit together. Fields are named as the schema names them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    /// Puts a field; null clears it.
    Put {
        /// Which field.
        field: String,
        /// Its new value.
        value: Scalar,
    },
    /// Adds an item.
    AddItem(NewItem),
    /// Puts a field of an item; null clears it.
    PutItem {
        /// Which item.
        item: ItemId,
        /// Which field of it.
        field: String,
        /// Its new value.
        value: Scalar,
    },
    /// Removes an item.
    RemoveItem {
        /// Which item.
        item: ItemId,
    },
}

/// What a person can wish.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Wish {
    /// Writes an order down.
    Post(Box<NewOrder>),
    /// Changes what it says.
    Edit {
        /// The changes, made together.
        changes: Vec<Change>,
    },
    /// Chooses among conflicting values of a field.
    Choose {
        /// Which field.
        field: String,
        /// Of which item; none for a field of the order.
        #[serde(default)]
        item: Option<ItemId>,
        /// The value that shall stand.
        value: Scalar,
    },
    /// Chooses whether an item stays that one person removed and another changed.
    ChooseItem {
        /// Which item.
        item: ItemId,
        /// It stays.
        keep: bool,
    },
    /// Takes the order on.
    Claim,
    /// Gives it up.
    Release {
        /// Why.
        #[serde(default)]
        why: Option<String>,
    },
    /// Takes it from whoever holds it.
    TakeOver {
        /// Although their lease has not lapsed.
        #[serde(default)]
        anyway: bool,
    },
    /// Gives it to somebody.
    Assign {
        /// To whom.
        member: MemberId,
    },
    /// Offers it to somebody.
    OfferHandOver {
        /// To whom.
        to: MemberId,
    },
    /// Accepts an offer.
    AcceptHandOver {
        /// Which; none for the newest one made to the author.
        #[serde(default)]
        offer: Option<Reference>,
    },
    /// Says that something was bought.
    Purchase {
        /// What it cost, if it cost anything they know of.
        #[serde(default)]
        cost_cents: Option<i64>,
        /// What was got.
        #[serde(default)]
        got: Vec<Got>,
        /// It happened, whatever speaks against it.
        #[serde(default)]
        already_happened: bool,
        /// When, if it is written down later.
        #[serde(default)]
        happened_at: Option<WallMs>,
    },
    /// Says that the resident entrusted something to a member.
    Entrust {
        /// What.
        thing: Thing,
        /// Its name.
        #[serde(default)]
        label: Option<String>,
        /// How much cash.
        #[serde(default)]
        amount_cents: Option<i64>,
        /// To whom; none for the author.
        #[serde(default)]
        to: Option<MemberId>,
        /// When, if it is written down later.
        #[serde(default)]
        happened_at: Option<WallMs>,
    },
    /// Says that one member gave it to another.
    PassOn {
        /// What.
        thing: Thing,
        /// Its name.
        #[serde(default)]
        label: Option<String>,
        /// How much cash.
        #[serde(default)]
        amount_cents: Option<i64>,
        /// Who gave it; none for the author.
        #[serde(default)]
        from: Option<MemberId>,
        /// To whom.
        to: MemberId,
        /// It happened, whatever speaks against it.
        #[serde(default)]
        already_happened: bool,
        /// When, if it is written down later.
        #[serde(default)]
        happened_at: Option<WallMs>,
    },
    /// Says that the resident has it back.
    Return {
        /// What.
        thing: Thing,
        /// Its name.
        #[serde(default)]
        label: Option<String>,
        /// How much cash.
        #[serde(default)]
        amount_cents: Option<i64>,
        /// Who gave it back; none for the author.
        #[serde(default)]
        from: Option<MemberId>,
        /// It happened, whatever speaks against it.
        #[serde(default)]
        already_happened: bool,
        /// When, if it is written down later.
        #[serde(default)]
        happened_at: Option<WallMs>,
    },
    /// Says that somebody went there in vain.
    Attempt {
        /// What came of it.
        outcome: AttemptOutcome,
        /// It happened, whatever speaks against it.
        #[serde(default)]
        already_happened: bool,
        /// When, if it is written down later.
        #[serde(default)]
        happened_at: Option<WallMs>,
    },
    /// Says that it is there.
    Deliver {
        /// How.
        how: How,
        /// It happened, whatever speaks against it.
        #[serde(default)]
        already_happened: bool,
        /// When, if it is written down later.
        #[serde(default)]
        happened_at: Option<WallMs>,
    },
    /// Says that somebody asked, and it is there.
    Confirm,
    /// Says that whoever laid out money got it back.
    Reimburse {
        /// How much.
        cents: i64,
        /// It happened, although it is more than is owed.
        #[serde(default)]
        already_happened: bool,
    },
    /// Ends the order.
    Cancel {
        /// Why.
        #[serde(default)]
        why: Option<String>,
    },
    /// Opens an ended order again.
    Reopen {
        /// Why.
        #[serde(default)]
        why: Option<String>,
    },
    /// Says that it is still needed.
    StillNeeded,
    /// Ends the order because another says the same.
    DuplicateOf {
        /// The other.
        order: Reference,
    },
    /// Says something.
    Comment {
        /// What.
        text: String,
    },
    /// Ends the order and goes on in the right building.
    Move {
        /// The right building.
        building: String,
        /// The unit.
        #[serde(default)]
        unit: Option<String>,
        /// The room.
        #[serde(default)]
        room: Option<String>,
    },
    /// Says who of several holds it, and that what contradicts was seen.
    Resolve {
        /// Who.
        to: MemberId,
    },
    /// Says what an event should have said.
    Correct {
        /// Which.
        event: Reference,
        /// What it should have said.
        value: Correction,
        /// Why; needed.
        why: String,
    },
}

/// Why a wish is refused, or what speaks against what is said to have happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, thiserror::Error)]
#[serde(tag = "code", rename_all = "snake_case")]
pub enum Refusal {
    /// Posting makes an order, all else needs one.
    #[error("posting makes an order, every other wish needs one")]
    Target,
    /// It has ended.
    #[error("the order has ended: {}", status.code())]
    Ended {
        /// How.
        status: Status,
    },
    /// It has not ended.
    #[error("the order has not ended")]
    NotEnded,
    /// It goes on in another order.
    #[error("the order goes on as {to}")]
    GoesOn {
        /// Which.
        to: Reference,
    },
    /// Somebody else holds it.
    #[error("somebody else holds the order")]
    HeldBy {
        /// Who.
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
        /// Who.
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
        /// Which.
        field: &'static str,
    },
    /// Neither item nor note says what is asked for.
    #[error("neither item nor note says what is asked for")]
    NothingAsked,
    /// A text beyond the limit.
    #[error("{field} has {got} bytes, at most {limit} are allowed")]
    TooLong {
        /// Which.
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
    /// A quantity or a sum that is not positive, or absurdly large.
    #[error("{field} is {got}, it must lie between 1 and {limit}")]
    OutOfBounds {
        /// Which.
        field: &'static str,
        /// What it is.
        got: i64,
        /// The most it may be.
        limit: i64,
    },
    /// Cash has an amount, nothing else has.
    #[error("cash has an amount, nothing else has")]
    Amount,
    /// No such field.
    #[error("there is no field {field}")]
    UnknownField {
        /// Which.
        field: String,
    },
    /// The field does not take such a value.
    #[error("{field} does not take such a value")]
    WrongValue {
        /// Which.
        field: String,
    },
    /// No such item.
    #[error("there is no item {item}")]
    UnknownItem {
        /// Which.
        item: ItemId,
    },
    /// Nobody disagrees there.
    #[error("there is no conflict to choose in")]
    NoConflict,
    /// No such order here.
    #[error("there is no order {order}")]
    UnknownOrder {
        /// Which.
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
        /// Which.
        event: Reference,
    },
    /// The correction is not of the event's kind.
    #[error("an event of that kind cannot be corrected so")]
    DoesNotFit,
    /// Warning: it has ended.
    #[error("the order has ended: {}; say that it happened all the same", status.code())]
    WarnEnded {
        /// How.
        status: Status,
    },
    /// Warning: it is delivered.
    #[error("the order is delivered already; say that it happened twice")]
    WarnDelivered {
        /// Who delivered.
        by: MemberId,
        /// When, by their clock.
        when: WallMs,
    },
    /// Warning: somebody else holds it.
    #[error("somebody else holds the order; say that it happened all the same")]
    WarnHeldBy {
        /// Who.
        holder: MemberId,
    },
    /// Warning: somebody else bought it.
    #[error("somebody else has bought it; say that it happened twice")]
    WarnPurchased {
        /// Who.
        by: MemberId,
    },
    /// Warning: the lease of whoever holds it runs.
    #[error("the lease of whoever holds the order has not lapsed; take it over anyway")]
    WarnLeaseRuns {
        /// Who.
        holder: MemberId,
        /// Since when, by their clock.
        since: Option<WallMs>,
    },
    /// Warning: as far as is known they do not have it, or not as much.
    #[error("as far as is known that member does not have it; say that it happened all the same")]
    WarnNotEntrusted {
        /// Who.
        member: MemberId,
    },
    /// Warning: more than is owed.
    #[error("{owed} cents are owed, say that more was paid all the same")]
    WarnOverpaid {
        /// Cents owed.
        owed: i64,
    },
    /// The store could not answer.
    #[error("the store could not answer: {reason}")]
    Unanswered {
        /// What it said.
        reason: String,
    },
}

impl Refusal {
    /// Whether the same wish goes through once it says `already_happened` (a take-over: `anyway`).
    pub const fn is_warning(&self) -> bool {
        matches!(
            self,
            Refusal::WarnEnded { .. }
                | Refusal::WarnDelivered { .. }
                | Refusal::WarnHeldBy { .. }
                | Refusal::WarnPurchased { .. }
                | Refusal::WarnLeaseRuns { .. }
                | Refusal::WarnNotEntrusted { .. }
                | Refusal::WarnOverpaid { .. }
        )
    }
}

impl From<WorldError> for Refusal {
    fn from(error: WorldError) -> Self {
        Refusal::Unanswered { reason: error.0 }
    }
}
