//! Recovery: a damaged file is set aside, and what can be read of this device's own events goes into a new one.
//!
//! Own events may be nowhere else; all others come back from peers. The new store lives under a new incarnation,
//! always: what a damaged file lost cannot be known, and a head that reads well may be an older one. So no place in
//! a log is ever written twice (R7); the salvaged events stand in the logs of the incarnation that wrote them.

use std::path::{Path, PathBuf};

use super::{
    Engine, Replica,
    open::{COMMUNITY, KEYS, OpenError, Options},
    place::Placing,
};
use crate::{
    aggregate::Registry,
    event::{Run, VerifiedRun},
    store::{Salvaged, Store, StoreError},
};

/// What a recovery found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recovered {
    /// Where the damaged file lies now. It is never deleted: it may be the only copy of something.
    pub set_aside: PathBuf,
    /// Own events that were read out of it, or of one set aside before.
    pub events: usize,
}

impl Replica {
    /// Sets the home's database aside and opens a new one, with what can be read of the device's own events and of
    /// its command ids. Everything else comes back by syncing; until a first sync has brought the roster the own
    /// events are held. For a home that [`open`](Self::open) calls damaged, or whose reads say so; also again for one
    /// that was recovered before, which reads all files set aside once more.
    ///
    /// # Errors
    /// [`OpenError::KeysLost`] without the device's keys; what [`open`](Self::open) says of a home that is in use,
    /// foreign or newer. The file is where it was then, or the next [`open`](Self::open) finishes what was begun.
    pub fn recover(options: Options) -> Result<(Self, Recovered), OpenError> {
        if options.secrets.get(KEYS)?.is_none() {
            return Err(OpenError::KeysLost);
        }
        match Store::open(&options.home, options.secrets.as_ref(), &options.registry.tables()) {
            Ok(_) | Err(StoreError::Damaged { .. }) => {}
            Err(error) => return Err(error.into()),
        }
        let set_aside = Store::set_aside(&options.home)?;
        let (replica, events) = Self::open_and_salvage(options)?;
        Ok((replica, Recovered { set_aside, events }))
    }

    /// Reads the files that were set aside once more: what followed on events that were damaged there fits once
    /// peers have brought those back. Returns how many own events were added.
    ///
    /// # Errors
    /// When the store fails; nothing is added then.
    pub fn salvage(&self) -> Result<usize, StoreError> {
        let files = Store::asides(&self.inner.home)?;
        let salvaged = files.iter().map(|file| Store::salvage(file, self.inner.secrets.as_ref(), self.device()));
        let salvaged: Vec<Salvaged> = salvaged.filter_map(Result::ok).collect();
        let events = self.with_engine(|engine| {
            let events = engine.take_over(&self.inner.registry, salvaged);
            if events.is_err() {
                engine.forget()?;
            }
            self.publish(engine);
            events
        })?;
        if events > 0 {
            let _unheard = self.inner.updates.send(super::Update::Missed);
        }
        Ok(events)
    }
}

/// Whether a home lost its database and the new one has yet to learn which community it belongs to.
pub(super) fn is_interrupted(store: &Store, home: &Path) -> Result<bool, StoreError> {
    Ok(store.meta(COMMUNITY)?.is_none() && !Store::asides(home)?.is_empty())
}

impl Engine {
    /// Verifies salvaged runs like any stranger's and adds those that follow on what is held, in one transaction.
    fn take_over(&mut self, registry: &Registry, salvaged: Vec<Salvaged>) -> Result<usize, StoreError> {
        let Some(community) = self.community.as_mut() else { return Ok(0) };
        let id = community.id;
        let mut placing = Placing::begin(&mut self.store, community, &self.keys, registry, &mut self.cache)?;
        placing.write.set_meta(COMMUNITY, id.as_bytes())?;
        let mut events = 0;
        for Salvaged { runs, commands } in salvaged {
            for command in commands {
                placing.write.remember_command(command.id, &command.digest, &command.result)?;
            }
            for run in runs {
                let Some(run) = verified(&placing, run)? else { continue };
                // What does not fit after all is left where it is.
                let Ok(stored) = placing.write.append(&run) else { continue };
                events += stored.len();
                placing.place(&stored)?;
                placing.settle_roster()?;
            }
        }
        placing.commit()?;
        Ok(events)
    }
}

/// The run on top of what is held, if it fits.
fn verified(placing: &Placing<'_>, run: Run) -> Result<Option<VerifiedRun>, StoreError> {
    let Some(header) = run.header else { return Ok(None) };
    let parents = match run.first.checked_sub(1) {
        Some(seq) => placing.write.parents_at(run.log, seq)?.into_iter().map(Some).collect(),
        None => vec![None],
    };
    Ok(parents.into_iter().find_map(|parent| run.clone().verify(header, parent).ok()))
}
