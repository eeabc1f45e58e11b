//! The board and the round: orders in lists.

use linli_core::{
    aggregate::{
        Position,
        order::{OrderCard, Status as OrderStatus, Urgency},
    },
    id::Reference,
    replica::{
        Carry, OrderFilter, OrderLine, OrderState, Part as OrderPart, Round as MyRound, RoundOrder, Stop as RoundStop,
    },
};

use crate::domain::plain::Count;

/// Which orders a board shows.
#[uniffi::remote(Enum)]
pub enum OrderState {
    /// What is left to do: most urgent first, then who asked first.
    Open,
    /// What has ended, the last first.
    Closed,
    /// First the open ones, then the closed ones.
    All,
}

/// A member's part in an order.
#[uniffi::remote(Enum)]
pub enum OrderPart {
    /// Holds it.
    Holder,
    /// Believes to hold it too.
    Contender,
    /// Is asked to take it over.
    Offered,
    /// Wrote it down.
    Author,
}

/// What a board shows. The default is every open order, as many as a page holds.
#[uniffi::remote(Record)]
pub struct OrderFilter {
    /// Only of these buildings; none named is all.
    #[uniffi(default)]
    pub buildings: Vec<String>,
    /// Open, closed or both.
    pub state: OrderState,
    /// Only with these statuses; none named is all.
    #[uniffi(default)]
    pub statuses: Vec<OrderStatus>,
    /// Only of these kinds, by their codes; none named is all.
    #[uniffi(default)]
    pub kinds: Vec<String>,
    /// Only so urgent or more.
    #[uniffi(default)]
    pub urgency: Option<Urgency>,
    /// Only where this member has one of these parts; none named is no condition.
    #[uniffi(default)]
    pub mine: Vec<OrderPart>,
    /// Only those that nobody holds, or only those that somebody does.
    #[uniffi(default)]
    pub held: Option<bool>,
    /// Only those that several believe to hold.
    #[uniffi(default)]
    pub contested: bool,
    /// Only those with something to look at: disagreeing edits or facts.
    #[uniffi(default)]
    pub review: bool,
    /// Only those whose holder's lease has lapsed.
    #[uniffi(default)]
    pub lapsed: bool,
    /// Only those of which nobody has said for 48 hours that they are still needed.
    #[uniffi(default)]
    pub stale: bool,
    /// Only those in which all of these words are found.
    #[uniffi(default)]
    pub text: Option<String>,
    /// Where the last page ended.
    #[uniffi(default)]
    pub after: Option<Position>,
    /// As many as this; at most a page, which 0 means too.
    #[uniffi(default)]
    pub limit: Count,
}

/// An order in a list.
#[uniffi::remote(Record)]
pub struct OrderLine {
    /// The order.
    pub order: Reference,
    /// What stands in it, the contact masked.
    pub card: OrderCard,
    /// The holder's lease has lapsed, by this device's clock.
    pub lapsed: bool,
    /// Nobody has said for 48 hours that it is still needed, by this device's clock.
    pub stale: bool,
    /// It is still open past the time it was needed by, by this device's clock.
    pub overdue: bool,
    /// This member's parts in it.
    pub mine: Vec<OrderPart>,
    /// Several believe to hold it, this member among them.
    pub contested_with_me: bool,
}

/// The round of this member.
#[uniffi::remote(Record)]
pub struct MyRound {
    /// Where to go, in walking order.
    pub stops: Vec<RoundStop>,
    /// What has still to be bought, all stops together, by name.
    pub to_buy: Vec<Carry>,
    /// What was bought and has still to be delivered, all stops together, by name.
    pub to_load: Vec<Carry>,
}

/// A door.
#[uniffi::remote(Record)]
pub struct RoundStop {
    /// The building.
    pub building: String,
    /// Its name, where the register has one.
    pub building_name: Option<String>,
    /// How to get in, where the register says.
    pub entrance_note: Option<String>,
    /// The unit.
    pub unit: Option<String>,
    /// The room.
    pub room: Option<String>,
    /// What is for this door, most urgent first.
    pub orders: Vec<RoundOrder>,
}

/// An order on the round.
#[uniffi::remote(Record)]
pub struct RoundOrder {
    /// What lists show of it.
    pub line: OrderLine,
    /// What has still to be bought for it.
    pub to_buy: Vec<Carry>,
    /// What is to be handed over.
    pub to_load: Vec<Carry>,
}

/// So much of something.
#[uniffi::remote(Record)]
pub struct Carry {
    /// What, as it was first written.
    pub name: String,
    /// Of what the quantity is, such as box, kg; none where nobody said.
    pub unit: Option<String>,
    /// How many, of the orders that say so.
    pub qty: i64,
    /// In how many orders it stands without a quantity.
    pub unsaid: Count,
    /// For which orders.
    pub orders: Vec<Reference>,
}
