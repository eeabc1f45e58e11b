//! Aggregates that an app declares as data when it opens a phone.
//!
//! Values go in and come out as JSON, because only the app knows what they hold.

use linli_core::{
    aggregate::{Position, declared::Deed},
    id::{CommandId, Reference},
    replica::{DeclaredFilter, Receipt},
};

use crate::{
    LinliError, Phone,
    domain::plain::{Json, rows},
};

#[uniffi::export]
impl Phone {
    /// Does something to an aggregate of a declared name: `on` names it, and is left out for the event that makes one.
    /// Durable when it returns. The same `id` again, after a crash too, writes nothing and answers the same.
    ///
    /// `deed` is JSON, such as `{"kind": "lent", "says": {"until": "Friday"}, "fields": {"name": "drill"}}`; `add`,
    /// `items` and `remove` change lists of items: `{"add": {"parts": [{"name": "bit"}]}}`,
    /// `{"items": {"parts": {"ID": {"name": "long bit"}}}}`, `{"remove": {"parts": ["ID"]}}`.
    ///
    /// # Errors
    /// `Refused` by `declared` with the code of the reason; `InvalidInput` for a deed that is none, or a name that is not
    /// declared.
    #[uniffi::method(default(on = None))]
    pub async fn submit_declared(
        &self,
        id: CommandId,
        aggregate: String,
        deed: String,
        on: Option<Reference>,
    ) -> Result<Receipt, LinliError> {
        let deed: Deed = serde_json::from_str(&deed).map_err(|error| LinliError::input("deed", error))?;
        self.call(move |replica| replica.submit_declared(id, &aggregate, on, deed)).await
    }

    /// Aggregates of a declared name, the last made first, as JSON: `{"items": [{"aggregate", "status", "opened", "fields":
    /// {...}}, ...], "next": ...}`. Of one status alone, or in which a text is found, where that is said. `after` is the
    /// `next` of the page before, as JSON.
    ///
    /// # Errors
    /// `InvalidInput` for a name that is not declared, or a position that is none of this question's.
    #[uniffi::method(default(status = None, text = None, after = None, limit = 50))]
    pub async fn declared(
        &self,
        aggregate: String,
        status: Option<String>,
        text: Option<String>,
        after: Option<Position>,
        limit: u64,
    ) -> Result<Json, LinliError> {
        let filter = DeclaredFilter { status, text, after, limit: Some(rows(limit)) };
        self.call(move |replica| replica.declared(&aggregate, &filter).map(|page| json(&page))).await
    }

    /// One declared aggregate in full, as JSON: what lists show of it, all values that stand in `fields` and `items`, the
    /// events that this device `may` write to it now, its `history`, and what to `review`.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn declared_one(&self, aggregate: Reference) -> Result<Json, LinliError> {
        self.call(move |replica| replica.declared_one(aggregate).map(|detail| json(&detail))).await
    }
}

/// All that these hold can be written: names, numbers, texts.
fn json(of: &impl serde::Serialize) -> Json {
    serde_json::to_value(of).unwrap_or_default()
}
