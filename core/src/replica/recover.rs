//! Recovery: a database that does not open is set aside, and what can be read of this device's own events goes into a
//! new one.
//!
//! Own events may be nowhere else; all others come back from peers. The new store lives under a new incarnation,
//! always: what a damaged file lost cannot be known, and a head that reads well may be an older one. So no place in
//! a log is ever written twice (R7); the salvaged events stand in the logs of the incarnation that wrote them.

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
};

use super::{
    Engine, Replica,
    command::written,
    home::{COMMUNITY, DEVICE, OpenError},
    keystore,
    open::{Options, open_store},
    place::Placing,
};
use crate::{
    aggregate::Registry,
    event::{Run, VerifiedRun},
    id::{CommunityId, DeviceId},
    store::{Remembered, Salvaged, Store, StoreError},
};

/// What a recovery found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recovered {
    /// Where the database lies now, if the home had one. It is never deleted: it may be the only copy of something.
    pub set_aside: Option<PathBuf>,
    /// Own events that were read out of it, or of one set aside before.
    pub events: usize,
    /// The secret store had no keys, or none that can be read, so this is a new device now, which belongs nowhere until it is
    /// admitted. A device that has its keys alone, and of its community nothing, joins again as what it is. Once it has,
    /// [`Replica::salvage`] brings what was written here and not sent.
    pub new_device: bool,
}

impl Replica {
    /// Sets the home's database aside and opens a new one, with what can be read of the device's own events, and the ids
    /// of the commands whose events all were: what is lost may be done again under its id. Everything else comes back by
    /// syncing; until a first sync has brought the roster the own events are held. For a home that [`open`](Self::open)
    /// calls damaged, whose database it calls lost, another device's or from before it came to its community, whose keys it
    /// calls lost or cannot read, or whose reads say that it is damaged; also again for one that was recovered before, which
    /// reads all files set aside once more. What cannot be read of the secrets makes way for new ones. The registry is the
    /// one that the app opens the home with: what it lacks is judged as newer, and judged anew when the home is opened with it.
    ///
    /// # Errors
    /// What [`open`](Self::open) says of a home that is in use, foreign or newer. The file is where it was then, or the
    /// next [`open`](Self::open) finishes what was begun.
    pub fn recover(options: Options) -> Result<(Self, Recovered), OpenError> {
        let secrets = options.secrets.as_ref();
        Store::resume_recovery(&options.home)?;
        if Store::is_there(&options.home) {
            let belonged = keystore::belonged(secrets)?;
            match open_store(&options.home, secrets, &options.registry, belonged) {
                Ok(_) => {}
                Err(OpenError::Store(StoreError::Damaged { .. } | StoreError::KeyLost | StoreError::KeyWrong)) => {}
                Err(error) if error.is_unreadable() => {}
                Err(error) => return Err(error),
            }
        }
        let new_device = keystore::make_way(secrets)?;
        let set_aside = Store::begin_recovery(&options.home)?;
        let (replica, events) = Self::open_and_salvage(options)?;
        Ok((replica, Recovered { set_aside, events, new_device }))
    }

    /// Reads the files that were set aside once more: what followed on events that were damaged there fits once
    /// peers have brought those back. Returns how many own events were added.
    ///
    /// # Errors
    /// When the store fails; nothing is added then.
    pub fn salvage(&self) -> Result<usize, StoreError> {
        let files = Store::asides(&self.inner.home)?;
        let mut salvaged = Vec::new();
        for file in files {
            let of_file = self.whose(&file).and_then(|devices| {
                let secrets = self.inner.secrets.as_ref();
                devices.into_iter().map(|device| Store::salvage(&file, secrets, device)).collect::<Result<Vec<_>, _>>()
            });
            match of_file {
                Ok(of_file) => salvaged.extend(of_file),
                // It says something about this moment, not about the file.
                Err(error) if error.is_passing() => return Err(error),
                Err(_unreadable) => {}
            }
        }
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

    /// Whose logs a file set aside may hold that nobody else has: this device's, and the device's whose file it was,
    /// where that lost its keys.
    fn whose(&self, file: &Path) -> Result<BTreeSet<DeviceId>, StoreError> {
        let named = Store::kept_aside(file, self.inner.secrets.as_ref(), DEVICE)?;
        Ok(named.and_then(|id| DeviceId::from_slice(&id)).into_iter().chain([self.device()]).collect())
    }
}

impl Engine {
    /// Verifies salvaged runs like any stranger's and adds those that follow on what is held, in one transaction.
    fn take_over(&mut self, registry: &Registry, salvaged: Vec<Salvaged>) -> Result<usize, StoreError> {
        let Some(community) = self.community.as_mut() else { return Ok(0) };
        let id = community.id;
        let mut placing = Placing::begin(&mut self.store, community, &self.keys, registry, &mut self.cache)?;
        placing.write.set_meta(COMMUNITY, id.as_bytes())?;
        let (mut events, mut commands) = (0, Vec::new());
        for Salvaged { runs, commands: of_file } in salvaged {
            commands.extend(of_file);
            for run in runs {
                let of = run.header.map(|header| header.community);
                if of.is_some_and(|of| of != id && of != CommunityId::ZERO) {
                    continue;
                }
                let Some(mut run) = verified(&placing, run)? else { continue };
                placing.forgetting(&mut run);
                let stored = match placing.write.append(&run) {
                    Ok(stored) => stored,
                    // What does not fit after all is left where it is.
                    Err(error) if error.is_misfit() => continue,
                    Err(error) => return Err(error),
                };
                events += stored.len();
                placing.place_run(&run, &stored)?;
                placing.settle_roster()?;
            }
        }
        for command in commands {
            if is_done(&placing, &command)? {
                placing.write.remember_command(command.id, &command.digest, &command.result)?;
            }
        }
        placing.commit()?;
        Ok(events)
    }
}

/// Whether all that a command wrote is here. What was lost of it may be done again, under the same id; so may what wrote
/// nothing, for that rested on what was there.
fn is_done(placing: &Placing<'_>, command: &Remembered) -> Result<bool, StoreError> {
    let Some(written) = written(&command.result).filter(|written| !written.is_empty()) else { return Ok(false) };
    for event in written {
        if !placing.write.has(event)? {
            return Ok(false);
        }
    }
    Ok(true)
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
