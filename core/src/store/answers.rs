//! Whether the store answered everything it was asked.
//!
//! Much of what asks the store cannot fail by its own nature: a fold, a decision, a verdict on a chain. It takes a
//! question that the store failed to answer as if nothing were held, and goes on. So the connection itself remembers
//! the first failure, and whoever asked for the whole is told of it, whatever came out. A transaction with such a
//! failure is never committed, and a question that met one answers with it.

use std::cell::RefCell;

#[cfg(feature = "sabotage")]
use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

use super::{StoreError, View, unopened::of_database};

/// The first question since it was last looked at that the store failed to answer.
#[derive(Default)]
pub(super) struct Answers {
    failed: RefCell<Option<StoreError>>,
    trip: Trip,
}

impl Answers {
    pub(super) fn with(trip: Trip) -> Self {
        Self { failed: RefCell::default(), trip }
    }
}

/// After how many answers a store of these tests fails, shared by all connections to it. In an app it never does.
#[derive(Clone)]
pub(super) struct Trip(#[cfg(feature = "sabotage")] Arc<AtomicI64>);

impl Default for Trip {
    fn default() -> Self {
        Self(
            #[cfg(feature = "sabotage")]
            Arc::new(AtomicI64::new(i64::MAX)),
        )
    }
}

impl Trip {
    #[cfg(not(feature = "sabotage"))]
    fn pass(&self) -> Result<(), StoreError> {
        Ok(())
    }

    #[cfg(feature = "sabotage")]
    fn pass(&self) -> Result<(), StoreError> {
        let left = self.0.fetch_sub(1, Ordering::Relaxed);
        if left > 0 {
            return Ok(());
        }
        Err(StoreError::Sqlite { code: rusqlite::ffi::SQLITE_IOERR_READ, message: "a planted failure".to_owned() })
    }

    /// From now on so many answers are given, and then none; how many more would have been given until now.
    #[cfg(feature = "sabotage")]
    pub(super) fn set(&self, answers: i64) -> i64 {
        self.0.swap(answers, Ordering::Relaxed)
    }
}

impl View {
    /// Asks the database and keeps a failure in mind.
    pub(super) fn ask<T>(&self, ask: impl FnOnce() -> Result<T, StoreError>) -> Result<T, StoreError> {
        let answer = self.answers.trip.pass().and_then(|()| ask()).map_err(|error| self.why(error));
        if let Err(error) = &answer {
            self.answers.failed.borrow_mut().get_or_insert_with(|| error.clone());
        }
        answer
    }

    /// An error of this connection, with what its database tells of it.
    pub(super) fn why(&self, error: StoreError) -> StoreError {
        match self.db.path() {
            Some(path) => of_database(error, path.as_ref()),
            None => error,
        }
    }

    /// What a statement came to, a failure with what the database tells of it.
    pub(super) fn told<T>(&self, done: rusqlite::Result<T>) -> Result<T, StoreError> {
        done.map_err(|error| self.why(error.into()))
    }

    /// Whether everything was answered since this was last known.
    ///
    /// # Errors
    /// The first failure.
    pub fn answered(&self) -> Result<(), StoreError> {
        self.answers.failed.borrow().clone().map_or(Ok(()), Err)
    }

    /// Forgets failures: what is asked from now on stands for itself.
    pub(super) fn begin_answers(&self) {
        self.answers.failed.take();
    }

    /// Does something that asks questions, and fails if one of them was not answered, whatever came out.
    ///
    /// # Errors
    /// The first failure, else what it answers itself.
    pub fn checked<T, E: From<StoreError>>(&self, ask: impl FnOnce() -> Result<T, E>) -> Result<T, E> {
        let before = self.answers.failed.take();
        let done = ask();
        let failed = self.answered();
        if before.is_some() {
            self.answers.failed.replace(before);
        }
        failed?;
        done
    }
}
