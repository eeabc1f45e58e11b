//! Search over everything at once.

use linli_core::{id::Reference, replica::Hit as SearchHit};

use crate::{LinliError, Phone, domain::plain::rows};

#[uniffi::export]
impl Phone {
    /// Aggregates of all types in whose text all words are found, those made last first. Any part of a word will do, in
    /// any script; width and case make no difference.
    #[uniffi::method(default(limit = 50))]
    pub async fn search(&self, text: String, limit: u64) -> Result<Vec<SearchHit>, LinliError> {
        self.call(move |replica| replica.search(&text, rows(limit))).await
    }
}

/// Something found.
#[uniffi::remote(Record)]
pub struct SearchHit {
    /// The aggregate.
    pub aggregate: Reference,
    /// Its type, such as `order`.
    pub kind: String,
    /// What it is, in a few words of the people who wrote it, without contacts; empty for integrators' types.
    pub line: String,
}
