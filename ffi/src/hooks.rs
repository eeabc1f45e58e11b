//! What the tests of the languages need. Never in an app.

#![allow(clippy::panic, reason = "a panic at will is what this is for")]

use std::{sync::mpsc, time::Duration};

use crate::{LinliError, Phone, net::pipe::Pipe};

#[uniffi::export]
impl Phone {
    /// Panics inside a call, as a fault in the engine would.
    pub async fn provoke_panic(&self) -> Result<(), LinliError> {
        self.call(|_| -> Result<(), LinliError> { std::panic::panic_any("provoked by a test") }).await
    }

    /// Writes a call for help in a way that only a later version reads, as that would on this phone.
    pub async fn provoke_newer(&self) -> Result<(), LinliError> {
        self.call(|replica| {
            replica.write_as_later().map(drop).map_err(|error| LinliError::Internal { detail: error.to_string() })
        })
        .await
    }
}

#[uniffi::export]
impl Pipe {
    /// Takes the pipe for stalled after so many milliseconds, as it would be after many more.
    pub fn provoke_stall(&self, ms: u64) -> Result<(), LinliError> {
        self.stall_after(Duration::from_millis(ms))
    }
}

impl Phone {
    /// A call that says when it is under way, and goes on until it is told to end, or nobody can tell it any more. For
    /// tests in Rust.
    pub async fn dawdle(&self, begun: mpsc::Sender<()>, until: mpsc::Receiver<()>) -> Result<(), LinliError> {
        self.call(move |_| {
            // Nobody may wait for it, or tell it.
            let _unheard = begun.send(());
            let _told = until.recv();
            Ok::<_, LinliError>(())
        })
        .await
    }
}
