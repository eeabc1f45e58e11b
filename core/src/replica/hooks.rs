//! Back doors for tests: a look into the store, a disk that is full. Apps have no use for them.

use super::Replica;
use crate::store::{Reader, StoreError};

#[doc(hidden)]
impl Replica {
    /// Looks at what the store holds, without waiting for a writer.
    ///
    /// # Errors
    /// When the store fails.
    pub fn look<T>(&self, look: impl FnOnce(&Reader) -> Result<T, StoreError>) -> Result<T, StoreError> {
        self.read(look)
    }

    /// Lets the database grow to so many pages only: a full disk.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn limit_pages(&self, pages: u32) -> Result<(), StoreError> {
        self.with_engine(|engine| engine.store.limit_pages(pages))
    }
}
