//! Back doors for tests: a look into the store, a disk that is full. Apps have no use for them.

use super::Replica;
use crate::{
    aggregate::{Aggregate, Subject},
    id::Reference,
    store::{Reader, StoreError},
};

#[doc(hidden)]
impl Replica {
    /// Looks at what the store holds, without waiting for a writer.
    ///
    /// # Errors
    /// When the store fails.
    pub fn look<T>(&self, look: impl FnOnce(&Reader) -> Result<T, StoreError>) -> Result<T, StoreError> {
        self.read(look)
    }

    /// Looks at an aggregate, folded from the log; `None` if there is none of this type and name.
    ///
    /// # Errors
    /// When the store fails.
    pub fn look_at<A: Aggregate, T>(
        &self,
        aggregate: Reference,
        look: impl FnOnce(&Subject<'_, A::State>) -> T,
    ) -> Result<Option<T>, StoreError> {
        let folded = self.folded(aggregate)?;
        Ok(folded.and_then(|folded| folded.subject::<A>().map(|subject| look(&subject))))
    }

    /// Lets the database grow to so many pages only: a full disk.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn limit_pages(&self, pages: u32) -> Result<(), StoreError> {
        self.with_engine(|engine| engine.store.limit_pages(pages))
    }
}
