//! What screens show of an order.

use linli_core::{
    aggregate::{
        Review, Told,
        order::{
            AttemptOutcome, AttemptView, CommentView, Correction as OrderCorrection, Custody as OrderCustody,
            DeliveryView, EndView, Got as GotItem, How as DeliveryHow, ItemView, Money as OrderMoney, OfferView,
            OrderCard, OrderView, PurchaseView, Status as OrderStatus, Thing as EntrustedThing, Urgency,
            Way as OrderWay,
        },
    },
    event::ItemId,
    id::{MemberId, Reference},
    replica::{Contact as OrderContact, Likeness, OrderDetail, OrderLine},
    time::WallMs,
};

use crate::domain::plain::{Count, Fields, Names};

/// How an order stands.
#[uniffi::remote(Enum)]
pub enum OrderStatus {
    /// Nobody holds it.
    Open,
    /// Somebody holds it.
    Claimed,
    /// Somebody bought what is asked for, whether or not they still hold it.
    Purchased,
    /// It is there.
    Delivered,
    /// It is there, and somebody asked.
    Confirmed,
    /// It is not wanted any more.
    Cancelled,
    /// It goes on in another building's order.
    Moved,
    /// It is written down in another order.
    Duplicate,
}

/// Money laid out and paid back, in cents.
#[uniffi::remote(Record)]
pub struct OrderMoney {
    /// Laid out by volunteers.
    pub cost: i64,
    /// Paid back to them.
    pub reimbursed: i64,
    /// Cost less reimbursed; below 0 when more was paid back than laid out.
    pub owed: i64,
}

/// What a member has of the resident's. Below 0 when more left their hands than came into them.
#[uniffi::remote(Record)]
pub struct OrderCustody {
    /// What.
    pub thing: EntrustedThing,
    /// Its name, where there is one.
    pub label: Option<String>,
    /// Who has it.
    pub member: MemberId,
    /// Cents of cash, else how many.
    pub amount: i64,
}

/// An order in a list.
#[uniffi::remote(Record)]
pub struct OrderCard {
    /// The building.
    pub building: String,
    /// The unit, if given.
    pub unit: Option<String>,
    /// The room, if given.
    pub room: Option<String>,
    /// A code of the community's table of kinds.
    pub kind: String,
    /// How soon; the most urgent while people disagree.
    pub urgency: Urgency,
    /// How it stands.
    pub status: OrderStatus,
    /// Who holds it.
    pub holder: Option<MemberId>,
    /// Who else believes to hold it.
    pub contenders: Vec<MemberId>,
    /// Whether they still do.
    pub contested: bool,
    /// What is asked for, in short.
    pub items: Vec<String>,
    /// Whom to call, masked.
    pub contact: Option<String>,
    /// When it was asked for.
    pub opened: WallMs,
    /// When it was last said to be needed.
    pub refreshed: WallMs,
    /// Until when it is needed.
    pub needed_by: Option<WallMs>,
    /// Fields and items over which people disagree.
    pub conflicts: Count,
    /// Other things to look at.
    pub review: Count,
    /// When the holder came to hold it.
    pub claimed: Option<WallMs>,
    /// When the holder last got on with it.
    pub progress: Option<WallMs>,
    /// When it ended.
    pub ended: Option<WallMs>,
}

/// One item with all values that stand.
#[uniffi::remote(Record)]
pub struct ItemView {
    /// Its name among items.
    pub id: ItemId,
    /// Field to its values; the last is shown, more than one is a conflict.
    pub fields: Fields,
    /// Somebody removed it while somebody else changed it.
    pub removal_contested: bool,
    /// How many were bought since the last reopening, as far as was said.
    pub bought: i64,
}

/// A purchase.
#[uniffi::remote(Record)]
pub struct PurchaseView {
    /// The event.
    pub event: Reference,
    /// Who bought.
    pub by: MemberId,
    /// When: as said, else when it was written down.
    pub when: WallMs,
    /// What it cost.
    pub cost_cents: Option<i64>,
    /// What was got.
    pub got: Vec<GotItem>,
    /// What it was corrected to.
    pub corrected: Option<OrderCorrection>,
}

/// A vain attempt.
#[uniffi::remote(Record)]
pub struct AttemptView {
    /// The event.
    pub event: Reference,
    /// Who went.
    pub by: MemberId,
    /// When: as said, else when it was written down.
    pub when: WallMs,
    /// What came of it.
    pub outcome: AttemptOutcome,
}

/// A delivery.
#[uniffi::remote(Record)]
pub struct DeliveryView {
    /// The event.
    pub event: Reference,
    /// Who delivered.
    pub by: MemberId,
    /// When: as said, else when it was written down.
    pub when: WallMs,
    /// How.
    pub how: DeliveryHow,
}

/// A cancellation.
#[uniffi::remote(Record)]
pub struct EndView {
    /// The event.
    pub event: Reference,
    /// Who decided.
    pub by: MemberId,
    /// When.
    pub when: WallMs,
    /// Why.
    pub why: Option<String>,
}

/// A hand-over that can still be accepted.
#[uniffi::remote(Record)]
pub struct OfferView {
    /// The event: what accepting names.
    pub event: Reference,
    /// Who offers.
    pub from: MemberId,
    /// To whom.
    pub to: MemberId,
}

/// Part of the conversation.
#[uniffi::remote(Record)]
pub struct CommentView {
    /// Who.
    pub by: MemberId,
    /// When.
    pub when: WallMs,
    /// What.
    pub text: String,
}

/// An order in full.
#[uniffi::remote(Record)]
pub struct OrderView {
    /// What lists show of it.
    pub card: OrderCard,
    /// Who asked, if not the author.
    pub asked_by: Option<String>,
    /// By which way.
    pub way: OrderWay,
    /// Who wrote it down.
    pub written_by: MemberId,
    /// When it was written down.
    pub written: WallMs,
    /// The order in the wrong building that it goes on from.
    pub moved_from: Option<Reference>,
    /// The order in which it goes on.
    pub moved_to: Option<Reference>,
    /// The order that says the same.
    pub duplicate_of: Option<Reference>,
    /// Field to its values; the last is shown, more than one is a conflict. The contact is masked unless asked for.
    pub fields: Fields,
    /// The items.
    pub items: Vec<ItemView>,
    /// Purchases since the last reopening.
    pub purchases: Vec<PurchaseView>,
    /// Vain attempts since the last reopening.
    pub attempts: Vec<AttemptView>,
    /// Deliveries since the last reopening.
    pub deliveries: Vec<DeliveryView>,
    /// Two of them.
    pub delivered_twice: bool,
    /// Cancellations since the last reopening.
    pub cancels: Vec<EndView>,
    /// Open hand-overs.
    pub offers: Vec<OfferView>,
    /// What members have of the resident's.
    pub custody: Vec<OrderCustody>,
    /// Money.
    pub money: OrderMoney,
    /// The conversation, in order.
    pub comments: Vec<CommentView>,
}

/// An order in full.
#[uniffi::remote(Record)]
pub struct OrderDetail {
    /// What lists show of it, by this device's clock.
    pub line: OrderLine,
    /// All that stands in it. The contact is masked where `contact_shown` is false.
    pub view: OrderView,
    /// Whether this member sees the contact: they hold the order, lead its building or coordinate.
    pub contact_shown: bool,
    /// What was done, in order, in codes and parameters; then what is held, with the reason.
    pub history: Vec<Told>,
    /// What a person should look at.
    pub review: Vec<Review>,
    /// The names of members in it, where they have one and the key that seals it is held.
    pub names: Names,
}

/// Whom to call about an order, and where to go.
#[uniffi::remote(Record)]
pub struct OrderContact {
    /// The order.
    pub order: Reference,
    /// Name and number as they were written; more than one where people disagree.
    pub contact: Vec<String>,
    /// The building.
    pub building: String,
    /// The unit.
    pub unit: Option<String>,
    /// The room.
    pub room: Option<String>,
}

/// An order that likely says the same as another.
#[uniffi::remote(Record)]
pub struct Likeness {
    /// The order.
    pub line: OrderLine,
    /// The items asked for in both, as they compare.
    pub items: Vec<String>,
}
