//! The catalogue, as other languages see it.

use linli_core::aggregate::{
    Position,
    product::{Command as ProductCommand, Product},
};

use crate::{
    LinliError, Phone,
    domain::plain::{ProductPage, rows, submits},
};

submits!(submit_product, Product, ProductCommand);

#[uniffi::export]
impl Phone {
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
