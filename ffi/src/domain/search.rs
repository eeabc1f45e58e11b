//! Search over everything at once.

use linli_core::aggregate::Position;

use crate::{
    LinliError, Phone,
    domain::plain::{SearchPage, rows},
};

#[uniffi::export]
impl Phone {
    /// A page of the aggregates of all types in whose text all words are found, those that came here last first. Any part of
    /// a word will do, in any script; width and case make no difference. A `limit` of 0 is as many as a page holds.
    #[uniffi::method(default(after = None, limit = 50))]
    pub async fn search(&self, text: String, after: Option<Position>, limit: u64) -> Result<SearchPage, LinliError> {
        self.call(move |replica| replica.search(&text, after.as_ref(), rows(limit))).await
    }
}
