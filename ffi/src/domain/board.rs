//! The board: orders in lists.

use linli_core::{
    aggregate::order::{NewOrder, Order, Wish},
    id::{CommandId, Reference},
    replica::{self, OrderFilter},
};

use crate::{LinliError, Phone};

/// What a command left behind.
#[derive(Clone, Debug, uniffi::Record)]
pub struct Receipt {
    /// What it was about: the first it made, else what it named.
    pub aggregate: Reference,
    /// The events it wrote, in order; none if nothing was left to do.
    pub events: Vec<Reference>,
}

impl From<replica::Receipt> for Receipt {
    fn from(receipt: replica::Receipt) -> Self {
        Self { aggregate: receipt.aggregate, events: receipt.events }
    }
}

/// An order in a list.
#[derive(Clone, Debug, uniffi::Record)]
pub struct OrderLine {
    /// The order.
    pub order: Reference,
    /// Its building.
    pub building: String,
    /// Its kind.
    pub kind: String,
}

#[uniffi::export]
impl Phone {
    /// The first page of the board.
    pub async fn board(&self) -> Result<Vec<OrderLine>, LinliError> {
        self.call(move |replica| {
            let page = replica.board(&OrderFilter::default())?;
            let line = |line: replica::OrderLine| OrderLine {
                order: line.order,
                building: line.card.building,
                kind: line.card.kind,
            };
            Ok::<_, LinliError>(page.items.into_iter().map(line).collect())
        })
        .await
    }

    /// Writes an order down.
    pub async fn post_order(
        &self,
        id: CommandId,
        building: String,
        kind: String,
        note: Option<String>,
    ) -> Result<Receipt, LinliError> {
        let order = NewOrder { building, kind, note, ..NewOrder::default() };
        self.call(move |replica| replica.submit::<Order>(id, None, Wish::Post(Box::new(order))).map(Receipt::from))
            .await
    }
}
