//! Updates: what a screen should look at again. Pulled, never pushed.

use std::{sync::Arc, time::Duration};

use linli_core::replica::{self, Update};
use tokio::{
    select,
    sync::{Mutex, watch},
    time::sleep,
};

use crate::{
    LinliError, Phone,
    life::{Life, within},
};

/// A subscription that outlasts a sleep.
pub(crate) struct Subscription {
    life: Arc<Life>,
    /// None while there is no replica to hear from.
    from: Mutex<Option<replica::Updates>>,
    closed: watch::Sender<bool>,
}

impl Subscription {
    pub(crate) fn new(life: &Arc<Life>) -> Result<Self, LinliError> {
        let from = Mutex::new(Some(life.share()?.replica()?.subscribe()));
        Ok(Self { life: life.clone(), from, closed: watch::Sender::new(false) })
    }

    /// The next update; none once it is closed. Dropping the wait loses nothing.
    async fn next(&self) -> Result<Option<Update>, LinliError> {
        let mut closed = self.closed.subscribe();
        select! {
            // Whoever closed it hears nothing any more, whatever there is.
            biased;
            _closed = closed.wait_for(|closed| *closed) => Ok(None),
            update = self.hear() => update,
        }
    }

    async fn hear(&self) -> Result<Option<Update>, LinliError> {
        let mut from = self.from.lock().await;
        let mut turns = self.life.turns();
        loop {
            turns.mark_unchanged();
            match self.life.share() {
                Ok(share) if from.is_none() => {
                    *from = Some(share.replica()?.subscribe());
                    return Ok(Some(Update::Missed));
                }
                Ok(_) => {}
                Err(LinliError::Closed) => return Ok(None),
                Err(LinliError::Suspended) => *from = None,
                Err(error) => return Err(error),
            }
            let update = async {
                match from.as_mut() {
                    Some(from) => from.next().await,
                    None => std::future::pending().await,
                }
            };
            select! {
                update = update => match update {
                    Some(update) => return Ok(Some(update)),
                    None => *from = None,
                },
                _turn = turns.changed() => {}
            }
        }
    }

    /// What is there without waiting.
    fn take(&self) -> Option<Update> {
        self.from.try_lock().ok()?.as_mut()?.take()
    }

    /// Whether something came within this time.
    pub(crate) async fn within(&self, time: Duration) -> Result<bool, LinliError> {
        let ended = within(|| sleep(time))?;
        select! {
            update = self.next() => Ok(update?.is_some()),
            () = ended => Ok(false),
        }
    }
}

/// A subscription to news from the moment it was made. A subscriber that falls far behind is told `Missed`.
#[derive(uniffi::Object)]
pub struct Updates {
    news: Subscription,
}

#[uniffi::export]
impl Phone {
    /// News from now on.
    pub fn updates(&self) -> Result<Arc<Updates>, LinliError> {
        Ok(Arc::new(Updates { news: Subscription::new(&self.life)? }))
    }
}

#[uniffi::export]
impl Updates {
    /// Waits for the next update; none once this or the phone is closed. Sleeps as long as the phone does, and then says
    /// `Missed`. Cancelling the wait loses nothing: whoever asks next hears it.
    pub async fn next_update(&self) -> Result<Option<Update>, LinliError> {
        self.news.next().await
    }

    /// The same, with whatever else is there by then, at most so many: fewer crossings where much happens. None at all
    /// once this or the phone is closed.
    pub async fn next_updates(&self, most: u32) -> Result<Vec<Update>, LinliError> {
        let mut updates = Vec::from_iter(self.news.next().await?);
        while !updates.is_empty() && updates.len() < usize::try_from(most).unwrap_or(usize::MAX) {
            match self.news.take() {
                Some(update) => updates.push(update),
                None => break,
            }
        }
        Ok(updates)
    }

    /// Hears no more: whoever waits is answered at once. Where a language cannot cancel a pending call, this does.
    pub fn close(&self) -> Result<(), LinliError> {
        self.news.closed.send_replace(true);
        Ok(())
    }
}
