//! What a person can wish of an order, in the words of the core.

use linli_core::{
    aggregate::order::{
        AttemptOutcome, Change as OrderChange, Correction as OrderCorrection, Escort, Got as GotItem,
        How as DeliveryHow, NewItem, NewOrder, Thing as EntrustedThing, Urgency, Way as OrderWay, Wish as OrderWish,
    },
    event::{ItemId, Scalar},
    id::{MemberId, Reference},
    time::WallMs,
};

/// How soon it is needed.
#[uniffi::remote(Enum)]
pub enum Urgency {
    /// Within the day.
    Normal,
    /// Within the hour.
    Urgent,
    /// Now.
    Emergency,
}

/// By which way somebody asked.
#[uniffi::remote(Enum)]
pub enum OrderWay {
    /// In the app, by the author.
    App,
    /// By telephone.
    Phone,
    /// In a chat.
    Chat,
    /// On paper, written down later.
    Paper,
}

/// What residents entrust to volunteers.
#[uniffi::remote(Enum)]
pub enum EntrustedThing {
    /// The insurance card.
    InsuranceCard,
    /// Money, with its amount.
    Cash,
    /// A key.
    Key,
    /// Something else, with a label.
    Other,
}

/// Why an attempt failed.
#[uniffi::remote(Enum)]
pub enum AttemptOutcome {
    /// Nobody answered.
    Nobody,
    /// The address is wrong.
    WrongAddress,
    /// They did not want it.
    Refused,
}

/// How something was delivered.
#[uniffi::remote(Enum)]
pub enum DeliveryHow {
    /// Into somebody's hands.
    HandedOver,
    /// Left at the door.
    LeftAtDoor,
}

/// How much of one item was bought.
#[uniffi::remote(Record)]
pub struct GotItem {
    /// The item.
    pub item: ItemId,
    /// How many, in the item's unit; from 1 to `MAX_QTY`.
    pub qty: i64,
}

/// What an event should have said.
#[uniffi::remote(Enum)]
pub enum OrderCorrection {
    /// Nothing: a mis-tap.
    Withdrawn,
    /// What it said after all.
    AsWritten,
    /// Another purchase.
    Purchased {
        /// What it cost.
        #[uniffi(default)]
        cost_cents: Option<i64>,
        /// What was got.
        #[uniffi(default)]
        got: Vec<GotItem>,
    },
    /// Delivered in another way.
    Delivered {
        /// How.
        how: DeliveryHow,
    },
    /// Something else came of the attempt.
    Attempted {
        /// What.
        outcome: AttemptOutcome,
    },
    /// Another sum was paid back.
    Reimbursed {
        /// How much.
        cents: i64,
    },
    /// Another sum of cash changed hands.
    Carried {
        /// How much.
        amount_cents: i64,
    },
}

/// An item to add.
#[uniffi::remote(Record)]
pub struct NewItem {
    /// What; needed.
    pub name: String,
    /// How many, from 1.
    #[uniffi(default)]
    pub qty: Option<i64>,
    /// Of what, such as box, kg.
    #[uniffi(default)]
    pub unit: Option<String>,
    /// The reference of a product in the catalogue.
    #[uniffi(default)]
    pub product: Option<String>,
}

/// Where to accompany somebody.
#[uniffi::remote(Record)]
pub struct Escort {
    /// The hospital.
    #[uniffi(default)]
    pub hospital: Option<String>,
    /// The department.
    #[uniffi(default)]
    pub department: Option<String>,
    /// When the appointment is.
    #[uniffi(default)]
    pub appointment: Option<WallMs>,
    /// How the person moves.
    #[uniffi(default)]
    pub mobility: Option<String>,
}

/// A new order.
#[uniffi::remote(Record)]
pub struct NewOrder {
    /// The building; needed, fixed for life.
    pub building: String,
    /// The unit.
    #[uniffi(default)]
    pub unit: Option<String>,
    /// The room.
    #[uniffi(default)]
    pub room: Option<String>,
    /// A code of the community's table of kinds; needed.
    pub kind: String,
    /// How soon.
    pub urgency: Urgency,
    /// Whom to call.
    #[uniffi(default)]
    pub contact: Option<String>,
    /// Everything else.
    #[uniffi(default)]
    pub note: Option<String>,
    /// Until when.
    #[uniffi(default)]
    pub needed_by: Option<WallMs>,
    /// What is asked for.
    #[uniffi(default)]
    pub items: Vec<NewItem>,
    /// Where to accompany somebody.
    #[uniffi(default)]
    pub escort: Escort,
    /// Who asked, if not the author.
    #[uniffi(default)]
    pub asked_by: Option<String>,
    /// By which way.
    pub way: OrderWay,
    /// When it was asked, if it is written down later.
    #[uniffi(default)]
    pub happened_at: Option<WallMs>,
}

/// A change of what people edit together. Fields are named as the schema names them.
#[uniffi::remote(Enum)]
pub enum OrderChange {
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
#[uniffi::remote(Enum)]
pub enum OrderWish {
    /// Writes an order down.
    Post(Box<NewOrder>),
    /// Changes what it says.
    Edit {
        /// The changes, made together.
        changes: Vec<OrderChange>,
    },
    /// Chooses among conflicting values of a field.
    Choose {
        /// Which field.
        field: String,
        /// The value that shall stand.
        value: Scalar,
        /// Of which item; none for a field of the order.
        #[uniffi(default)]
        item: Option<ItemId>,
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
        #[uniffi(default)]
        why: Option<String>,
    },
    /// Takes it from whoever holds it.
    TakeOver {
        /// Although their lease has not lapsed.
        #[uniffi(default)]
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
        #[uniffi(default)]
        offer: Option<Reference>,
    },
    /// Says that something was bought.
    Purchase {
        /// What it cost, if it cost anything they know of.
        #[uniffi(default)]
        cost_cents: Option<i64>,
        /// What was got.
        #[uniffi(default)]
        got: Vec<GotItem>,
        /// It happened, whatever speaks against it.
        #[uniffi(default)]
        already_happened: bool,
        /// When, if it is written down later.
        #[uniffi(default)]
        happened_at: Option<WallMs>,
    },
    /// Says that the resident entrusted something to a member.
    Entrust {
        /// What.
        thing: EntrustedThing,
        /// Its name.
        #[uniffi(default)]
        label: Option<String>,
        /// How much cash.
        #[uniffi(default)]
        amount_cents: Option<i64>,
        /// To whom; none for the author.
        #[uniffi(default)]
        to: Option<MemberId>,
        /// When, if it is written down later.
        #[uniffi(default)]
        happened_at: Option<WallMs>,
    },
    /// Says that one member gave it to another.
    PassOn {
        /// What.
        thing: EntrustedThing,
        /// To whom.
        to: MemberId,
        /// Its name.
        #[uniffi(default)]
        label: Option<String>,
        /// How much cash.
        #[uniffi(default)]
        amount_cents: Option<i64>,
        /// Who gave it; none for the author.
        #[uniffi(default)]
        from: Option<MemberId>,
        /// It happened, whatever speaks against it.
        #[uniffi(default)]
        already_happened: bool,
        /// When, if it is written down later.
        #[uniffi(default)]
        happened_at: Option<WallMs>,
    },
    /// Says that the resident has it back.
    Return {
        /// What.
        thing: EntrustedThing,
        /// Its name.
        #[uniffi(default)]
        label: Option<String>,
        /// How much cash.
        #[uniffi(default)]
        amount_cents: Option<i64>,
        /// Who gave it back; none for the author.
        #[uniffi(default)]
        from: Option<MemberId>,
        /// It happened, whatever speaks against it.
        #[uniffi(default)]
        already_happened: bool,
        /// When, if it is written down later.
        #[uniffi(default)]
        happened_at: Option<WallMs>,
    },
    /// Says that somebody went there in vain.
    Attempt {
        /// What came of it.
        outcome: AttemptOutcome,
        /// It happened, whatever speaks against it.
        #[uniffi(default)]
        already_happened: bool,
        /// When, if it is written down later.
        #[uniffi(default)]
        happened_at: Option<WallMs>,
    },
    /// Says that it is there.
    Deliver {
        /// How.
        how: DeliveryHow,
        /// It happened, whatever speaks against it.
        #[uniffi(default)]
        already_happened: bool,
        /// When, if it is written down later.
        #[uniffi(default)]
        happened_at: Option<WallMs>,
    },
    /// Says that somebody asked, and it is there.
    Confirm,
    /// Says that whoever laid out money got it back.
    Reimburse {
        /// How much.
        cents: i64,
        /// It happened, although it is more than is owed.
        #[uniffi(default)]
        already_happened: bool,
    },
    /// Ends the order.
    Cancel {
        /// Why.
        #[uniffi(default)]
        why: Option<String>,
    },
    /// Opens an ended order again.
    Reopen {
        /// Why.
        #[uniffi(default)]
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
        #[uniffi(default)]
        unit: Option<String>,
        /// The room.
        #[uniffi(default)]
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
        value: OrderCorrection,
        /// Why; needed.
        why: String,
    },
}
