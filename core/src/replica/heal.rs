//! Healing: a home on a full disk or a read-only one is read, and heals by itself.
//!
//! Reading needs no writing. So a home that cannot be opened to write is opened to read alone, and whatever would write
//! is refused, as on a disk that filled up later. Each such try of a person opens the home anew, which succeeds as soon
//! as there is room. For peers that is tried once a minute. Whoever reads meanwhile is waited for, and then sees what
//! is written from then on.
//!
//! A home may owe something before anything else is written: the end of a recovery, or what this build makes of all
//! events. Where there is room for a line but not for that, the home is read alone too. Nothing is written over what it
//! owes.

use std::{sync::atomic::Ordering, thread, time::Duration};

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha20Rng;

use super::{
    Replica,
    forks::{self, Life},
    home::{OpenError, Owes},
    open::{keys_for, own_keys},
};
use crate::store::{Store, StoreError};

/// How long readers are held up at a time.
const BRIEFLY: Duration = Duration::from_millis(100);

impl Replica {
    /// Whether the home was opened where nothing can be written, or not as much as it takes to go on, and that is so since.
    /// It is tried again with every write of a person, and once a minute with what peers bring.
    pub fn reads_alone(&self) -> bool {
        self.inner.owes.lock().why.is_some()
    }

    pub(super) fn heal_if_it_reads_alone(&self) {
        // Who comes while somebody tries is answered by how things are.
        if self.reads_alone()
            && let Some(_alone) = self.inner.healing.try_lock()
        {
            self.inner.owes.lock().by = Some(thread::current().id());
            // Why not is told by the write itself.
            let healed = self.heal();
            *self.inner.owes.lock() = Owes::for_want(healed.err(), Some(self.inner.clock.mono()));
        }
    }

    /// The same for whoever does not wait for it. What is owed may be all that is stored, judged anew: a peer that keeps
    /// sending must not have all of it tried again with each piece.
    pub(super) fn heal_now_and_then(&self) {
        let now = self.inner.clock.mono();
        if self.inner.owes.lock().is_to_be_tried(now) {
            self.heal_if_it_reads_alone();
        }
    }

    fn heal(&self) -> Result<(), StoreError> {
        if self.inner.reads_alone.load(Ordering::Acquire) {
            self.open_to_write().map_err(why)?;
        }
        // Where reading it all failed the last time, nobody was shown yet as whom this device goes on.
        let mut engine = self.inner.engine.lock();
        engine.refresh()?;
        self.publish(&engine);
        drop(engine);
        self.settle_in().map(drop).map_err(why)
    }

    fn open_to_write(&self) -> Result<(), OpenError> {
        let secrets = self.inner.secrets.as_ref();
        // No lock is held while secrets are kept: the app may ask meanwhile.
        let mut seed = [0; 32];
        let lock = {
            let mut engine = self.inner.engine.lock();
            engine.dice.fill_bytes(&mut seed);
            engine.store.share_lock()?
        };
        let mut store = Store::open_under(lock, &self.inner.home, secrets, &self.inner.registry.tables())?;
        let mut dice = ChaCha20Rng::from_seed(seed);
        let kept = keys_for(&store, secrets)?;
        let keys = own_keys(&mut store, kept, secrets, &mut dice)?;
        let Life { incarnation, lacking, .. } = forks::renew_token(&mut store, secrets, &mut dice)?;
        let mut engine = self.inner.engine.lock();
        // Who reads may ask again before they are done, and must not wait for who waits for them.
        let mut sources = loop {
            if let Some(sources) = self.inner.sources.try_write_for(BRIEFLY) {
                break sources;
            }
        };
        self.inner.readers.lock().clear();
        (engine.store, engine.keys, engine.incarnation) = (store, keys, incarnation);
        engine.lacking.go_on(lacking);
        if let Some(community) = &mut engine.community {
            community.incarnation = incarnation;
        }
        *sources = engine.store.readers();
        self.inner.reads_alone.store(false, Ordering::Release);
        drop(sources);
        Ok(engine.forget()?)
    }
}

/// Why a home cannot be written to yet.
fn why(error: OpenError) -> StoreError {
    match error {
        OpenError::Store(error) => error,
        _ => StoreError::Full,
    }
}
