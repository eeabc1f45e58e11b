//! Back doors for tests: a look into the store, a disk that is full. Apps have no use for them.

use super::Replica;
#[cfg(feature = "older")]
use super::{
    SubmitError,
    command::{AppendError, Scribe},
    place::Placing,
};
use crate::store::{Reader, StoreError};
#[cfg(feature = "older")]
use crate::{
    event::{Body, Topic},
    id::Reference,
};

/// A kind that no build has.
#[cfg(feature = "older")]
const OF_LATER: u16 = 60_000;

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

#[cfg(feature = "older")]
#[doc(hidden)]
impl Replica {
    /// Writes an urgent event of a kind that this build does not know, as a later build on this device would.
    ///
    /// # Errors
    /// As for any command.
    pub fn write_as_later(&self) -> Result<Reference, SubmitError<std::convert::Infallible>> {
        let now = self.inner.clock.wall();
        let (reference, runs, news) = self.with_engine(|engine| {
            engine.refresh()?;
            let community = engine.community.as_mut().ok_or(SubmitError::NotAMember)?;
            let (store, keys, cache) = (&mut engine.store, &engine.keys, &mut engine.cache);
            let mut placing = Placing::begin(store, community, keys, &self.inner.registry, cache)?;
            let (runs, written) = (Vec::new(), Vec::new());
            let mut scribe = Scribe { placing: &mut placing, keys, dice: &mut engine.dice, now, runs, written };
            let body = Body {
                aggregate: None,
                deps: Vec::new(),
                wall: now,
                kind: OF_LATER,
                version: 1,
                payload: Vec::new(),
                edits: Vec::new(),
                salt: None,
            };
            let reference = scribe.append(Topic::Urgent, &body).map_err(AppendError::into_submit)?;
            let runs = scribe.runs;
            Ok::<_, SubmitError<_>>((reference, runs, placing.commit()?))
        })?;
        self.announce(runs, news);
        Ok(reference)
    }
}
