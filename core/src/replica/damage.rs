//! Damage done on purpose, so that tests can show that it is found. Not part of any app.

use super::Replica;
use crate::store::{Harm, StoreError};

impl Replica {
    /// Damages the database behind the replica's back and forgets what was folded from it. Whether there was
    /// something to damage.
    ///
    /// # Errors
    /// When the store fails.
    #[doc(hidden)]
    pub fn damage(&self, harm: Harm) -> Result<bool, StoreError> {
        self.with_engine(|engine| {
            let mut write = engine.store.write()?;
            let done = write.harm(harm)?;
            write.commit()?;
            engine.cache.clear();
            Ok(done)
        })
    }

    /// From now on the store answers so many questions, and then fails: a disk that breaks. How many more it would have
    /// answered until now.
    #[doc(hidden)]
    pub fn fail_after(&self, answers: i64) -> i64 {
        self.with_engine(|engine| engine.store.fail_after(answers))
    }
}
