//! Upkeep: what a replica does by itself once in a while, without anybody asking.
//!
//! One call does all of it, and a running node makes that call. The parts for keys and for forgetting know what is to
//! be done. This module knows only when. Where one part fails, the other goes on.

mod keys;

use std::{sync::atomic::Ordering, time::Duration};

use serde::Serialize;
use tokio::time::{sleep, timeout};

use super::{EraseError, MembersError, Replica, Update, Updates};
use crate::{id::Reference, limits, store::StoreError};

/// What an upkeep did.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Tended {
    /// Compartments whose key was replaced.
    pub rotated: Vec<&'static str>,
    /// Whether keys were given to devices that lacked them.
    pub wrapped: bool,
    /// Closed orders that were erased now; they are shown nowhere any more.
    pub erased: Vec<Reference>,
    /// Closed orders that are left for a person to erase: [`erasures_waiting`](Replica::erasures_waiting).
    pub waiting: u64,
    /// Events of erased aggregates that came late and were named now.
    pub stragglers: u64,
    /// Bodies that were forgotten now, for good.
    pub forgotten: u64,
}

/// Why an upkeep did not get to its end. What it did stands, and the next one goes on.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TendError {
    /// The keys could not be looked after.
    #[error("the keys could not be looked after: {0}")]
    Keys(#[from] MembersError),
    /// Something could not be erased.
    #[error("something could not be erased: {0}")]
    Erasure(#[from] EraseError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Replica {
    /// Does what is due: on every phone, places what waited for something that has come ([`go_on`](Self::go_on)), and forgets
    /// what was erased 72 hours of running time ago. A coordinator's replica
    /// also replaces keys that somebody withdrawn can open or that are 90 days old, gives them to who lacks them, names
    /// events of erased aggregates that came late, and erases orders that are closed for as many days as the settings
    /// say, with nothing owed, entrusted or to be looked at, and no take for them within 90 days.
    ///
    /// A [`Node`](crate::net::Node) calls it by itself. Who runs none calls it when the app is opened, after an
    /// [`Update::Roster`], and every few minutes; it is cheap where nothing is to do.
    ///
    /// # Errors
    /// [`TendError`]; what was done before stands.
    pub fn tend(&self) -> Result<Tended, TendError> {
        let mut left_out = self.inner.tending.lock();
        self.mark_reached();
        self.keep_running_time();
        let mut tended = Tended::default();
        let caught_up = self.catch_up();
        let keys = self.tend_keys(&mut tended);
        let forgotten = self.begin_terms().and_then(|()| self.forget_due());
        let erases = self.is_coordinator() && self.is_ready();
        let erased = if erases { self.tend_erasures(&mut left_out) } else { Ok((0, Vec::new())) };
        self.inner.erasures_waiting.store(left_out.waiting, Ordering::Relaxed);
        caught_up?;
        keys?;
        tended.forgotten = forgotten?;
        (tended.stragglers, tended.erased) = erased?;
        tended.waiting = left_out.waiting;
        Ok(tended)
    }

    /// Tends for as long as it is polled: at once, then now and then, and soon after the roster changed.
    pub(super) async fn keep_tending(self) {
        let mut updates = self.subscribe();
        loop {
            let replica = self.clone();
            match tokio::task::spawn_blocking(move || replica.tend()).await {
                Ok(Ok(_)) => {}
                Ok(Err(error)) => tracing::warn!(%error, "the upkeep did not get to its end"),
                Err(error) => tracing::error!(%error, "the upkeep broke off"),
            }
            // Who is not the first coordinator waits for a turn: what is due later is found by looking again.
            let _nothing_new = timeout(Duration::from_millis(limits::TEND_MS), roster_changes(&mut updates)).await;
            sleep(Duration::from_millis(limits::TEND_SOON_MS)).await;
        }
    }
}

/// Waits until the roster changed, or may have.
async fn roster_changes(updates: &mut Updates) {
    loop {
        match updates.next().await {
            Some(Update::Roster | Update::Missed) => return,
            Some(_) => {}
            // Closed: nothing will change any more, and whoever waits ends by its own time.
            None => std::future::pending().await,
        }
    }
}
