//! Orders: what a resident asks for, from the first call to the closed door.

use linli_core::{
    aggregate::order::{Command as OrderCommand, Order},
    id::Reference,
    replica::{Contact as OrderContact, Likeness, OrderDetail, OrderFilter, Round as MyRound},
};

use crate::{
    LinliError, Phone,
    domain::plain::{OrderPage, submits},
};

submits!(submit_order, Order, OrderCommand);

#[uniffi::export]
impl Phone {
    /// A page of the board: most urgent first, oldest first among those.
    pub async fn board(&self, filter: OrderFilter) -> Result<OrderPage, LinliError> {
        self.call(move |replica| replica.board(&filter)).await
    }

    /// An order in full.
    pub async fn order(&self, order: Reference) -> Result<OrderDetail, LinliError> {
        self.call(move |replica| replica.order(order)).await
    }

    /// Whom to call about an order: for who holds it, leaders of its building and coordinators.
    ///
    /// # Errors
    /// `ContactHidden` for everybody else.
    pub async fn contact(&self, order: Reference) -> Result<OrderContact, LinliError> {
        self.call(move |replica| replica.contact(order)).await
    }

    /// What this member holds, in walking order, with what to buy first and what to carry.
    pub async fn my_round(&self) -> Result<MyRound, LinliError> {
        self.call(move |replica| replica.my_round()).await
    }

    /// Other orders of the same room that ask for one of the same items within a day of an order.
    pub async fn likely_duplicates(&self, order: Reference) -> Result<Vec<Likeness>, LinliError> {
        self.call(move |replica| replica.likely_duplicates(order)).await
    }

    /// The open orders of a room: to be looked at before another is written down for it.
    pub async fn orders_of_room(
        &self,
        building: String,
        unit: Option<String>,
        room: String,
    ) -> Result<Vec<Likeness>, LinliError> {
        self.call(move |replica| replica.orders_of_room(&building, unit.as_deref(), &room)).await
    }
}
