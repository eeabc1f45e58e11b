//! What the tests of the languages need. Never in an app.

#![allow(clippy::panic, reason = "a panic at will is what this is for")]

use crate::{LinliError, Phone};

#[uniffi::export]
impl Phone {
    /// Panics inside a call, as a fault in the engine would.
    pub async fn provoke_panic(&self) -> Result<(), LinliError> {
        self.call(|_| -> Result<(), LinliError> { std::panic::panic_any("provoked by a test") }).await
    }

    /// A call that takes so long.
    pub async fn dawdle(&self, ms: u64) -> Result<(), LinliError> {
        self.call(move |_| {
            std::thread::sleep(std::time::Duration::from_millis(ms));
            Ok::<_, LinliError>(())
        })
        .await
    }
}
