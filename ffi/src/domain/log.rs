//! The log: every event, what is held and why, forks, histories, what is to be looked at.

use linli_core::{
    aggregate::{Held, Position, Told},
    id::Reference,
    replica::{ForkLine, LogLine, NewerLine, ReviewFilter},
    store::Stats as StoreStats,
};

use crate::{
    LinliError, Phone,
    domain::plain::{LogPage, ReviewPage, rows},
};

#[uniffi::export]
impl Phone {
    /// What was done with an aggregate, in order, in codes and parameters; then what is held, with the reason.
    pub async fn history(&self, aggregate: Reference) -> Result<Vec<Told>, LinliError> {
        self.call(move |replica| replica.history(aggregate)).await
    }

    /// A page of what a person should look at: contested, delivered twice, conflicting edits.
    pub async fn review_queue(&self, filter: ReviewFilter) -> Result<ReviewPage, LinliError> {
        self.call(move |replica| replica.review_queue(&filter)).await
    }

    /// A page of all events, those that arrived here last first. A `limit` of 0 is as many as a page holds.
    #[uniffi::method(default(after = None, limit = 0))]
    pub async fn log(&self, after: Option<Position>, limit: u64) -> Result<LogPage, LinliError> {
        self.call(move |replica| replica.log(after.as_ref(), rows(limit))).await
    }

    /// A page of the events that do not count, for one reason or any, in the order in which they arrived here.
    #[uniffi::method(default(reason = None, after = None, limit = 0))]
    pub async fn held_events(
        &self,
        reason: Option<Held>,
        after: Option<Position>,
        limit: u64,
    ) -> Result<LogPage, LinliError> {
        self.call(move |replica| replica.held_events(reason, after.as_ref(), rows(limit))).await
    }

    /// What is held here because only a newer app reads it whole, what protects people first: who wrote it, and about
    /// whom. Empty on a phone that is up to date; else say aloud that the app must be brought up to date.
    pub async fn needs_newer_app(&self) -> Result<Vec<NewerLine>, LinliError> {
        self.call(move |replica| replica.needs_newer_app()).await
    }

    /// Events beyond a cut, of strangers and in silenced logs, for coordinators: a cut may have been too low.
    pub async fn beyond_cuts(&self) -> Result<Vec<LogLine>, LinliError> {
        self.call(move |replica| replica.beyond_cuts()).await
    }

    /// Every fork that is held here.
    pub async fn forks(&self) -> Result<Vec<ForkLine>, LinliError> {
        self.call(move |replica| replica.forks()).await
    }

    /// How much is stored here. Looks at every event, so not for every screen.
    pub async fn stats(&self) -> Result<StoreStats, LinliError> {
        self.call(move |replica| replica.stats()).await
    }
}
