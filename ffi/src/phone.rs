//! A phone: the one object that an app opens.

use std::{sync::Arc, time::Duration};

use linli_core::replica::Replica;

use crate::{
    LinliError,
    life::{Home, Life},
    secrets::SecretStore,
};

/// How long closing waits for calls under way.
const CLOSING: Duration = Duration::from_secs(10);

/// A phone's replica: everything it keeps and does. One per home; share it within the app.
#[derive(uniffi::Object)]
pub struct Phone {
    pub(crate) life: Arc<Life>,
}

impl Phone {
    /// Does something with the replica, on a thread that may wait for the disk.
    pub(crate) async fn call<T, E>(
        &self,
        work: impl FnOnce(&Replica) -> Result<T, E> + Send + 'static,
    ) -> Result<T, LinliError>
    where
        T: Send + 'static,
        E: Into<LinliError>,
    {
        self.life.call(work).await
    }

    /// The same for what cannot fail by itself.
    pub(crate) async fn look<T: Send + 'static>(
        &self,
        look: impl FnOnce(&Replica) -> T + Send + 'static,
    ) -> Result<T, LinliError> {
        self.life.look(look).await
    }
}

#[uniffi::export]
impl Phone {
    /// Opens a home, making it and the device's keys if it is new. `home` is a directory of the app's own that no backup
    /// contains. A home that is just being let go is waited for, for two seconds. `declarations` are aggregates of the app's
    /// own, each as JSON; `core/src/aggregate/declared` says what stands in one.
    ///
    /// # Errors
    /// `InvalidInput` for a declaration that makes no sense; whatever keeps a home from being opened.
    #[uniffi::constructor(default(declarations = []))]
    pub async fn open(
        home: String,
        secrets: Arc<dyn SecretStore>,
        declarations: Vec<String>,
    ) -> Result<Arc<Self>, LinliError> {
        Ok(Arc::new(Self { life: Life::open(Home::of(home, secrets, &declarations)?).await? }))
    }

    /// Closes for good: stops what runs, waits for calls under way, lets go of every file. Closing twice is no error.
    ///
    /// # Errors
    /// `HomeInUse` when a call is still under way after ten seconds: it goes on, and lets go of the files when it ends. The
    /// phone is closed all the same; to close once more is to wait on.
    pub async fn close(&self) -> Result<(), LinliError> {
        let free = self.life.rest(LinliError::Closed, CLOSING).await?;
        if free { Ok(()) } else { Err(LinliError::HomeInUse) }
    }

    /// Goes to sleep, so that the system finds no file locked: stops nodes and pipes, waits for calls under way as long as
    /// the deadline says, closes the database. True when no file is held any more; false when a call took longer, which
    /// then lets go by itself when it ends. What is asked meanwhile is answered with `Suspended`.
    pub async fn suspend(&self, deadline_ms: u64) -> Result<bool, LinliError> {
        self.life.rest(LinliError::Suspended, Duration::from_millis(deadline_ms)).await
    }

    /// Wakes up after `suspend`; no error if awake. Nodes and pipes are to be started again, subscriptions go on.
    pub async fn resume(&self) -> Result<(), LinliError> {
        self.life.wake().await
    }
}
