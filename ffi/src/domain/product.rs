//! The catalogue.

use linli_core::{
    aggregate::{
        Position,
        product::{Command as ProductCommand, Product},
    },
    id::{CommandId, Reference},
    replica::Receipt,
};

use crate::{
    LinliError, Phone,
    domain::plain::{ProductPage, rows},
};

#[uniffi::export]
impl Phone {
    /// Carries out a command: `on` names the product, and is left out for the command that makes one. Durable when it
    /// returns. The same `id` again, after a crash too, writes nothing and answers the same.
    ///
    /// # Errors
    /// `Refused` with the code of the reason; where it is a warning, the same command said to have happened goes through.
    #[uniffi::method(default(on = None))]
    pub async fn submit_product(
        &self,
        id: CommandId,
        command: ProductCommand,
        on: Option<Reference>,
    ) -> Result<Receipt, LinliError> {
        self.call(move |replica| replica.submit::<Product>(id, on, command)).await
    }

    /// A page of the catalogue by name: products in whose names all words of a text are found, or all. A `limit` of 0
    /// is as many as a page holds.
    #[uniffi::method(default(text = None, after = None, limit = 0))]
    pub async fn products(
        &self,
        text: Option<String>,
        after: Option<Position>,
        limit: u64,
    ) -> Result<ProductPage, LinliError> {
        self.call(move |replica| replica.products(text.as_deref(), after.as_ref(), rows(limit))).await
    }
}
