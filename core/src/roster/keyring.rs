//! The keyring: epoch keys that a device can open. Follows parents, so that the newest key opens all history.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    Roster,
    epoch::{key_named, purpose},
};
use crate::{
    id::EpochId,
    key::{DeviceKeys, EpochKey, unwrap},
};

/// The epoch keys of one device.
#[derive(Clone, Debug, Default)]
pub struct Keyring {
    keys: BTreeMap<EpochId, EpochKey>,
    held: BTreeSet<EpochId>,
    strange: BTreeSet<EpochId>,
}

impl Keyring {
    /// Opens all that was sealed to these keys, and what those open in turn. Costs one X25519 operation per wrap
    /// for this device.
    pub fn open(keys: &DeviceKeys, roster: &Roster) -> Self {
        let mut ring = Self::default();
        let mut open = Vec::new();
        for epoch in roster.epochs.values() {
            let purpose = purpose(roster.community(), epoch.compartment, epoch.id);
            for wrap in epoch.wraps(keys.device()) {
                let Ok(secret) = unwrap(keys, &purpose, &wrap) else { continue };
                open.extend(ring.take(epoch.id, key_named(epoch.id, &secret)));
            }
        }
        while let Some(id) = open.pop() {
            if let (Some(epoch), Some(key)) = (roster.epoch(id), ring.keys.get(&id).cloned()) {
                let parents = epoch.open_parents(&key);
                open.extend(parents.filter_map(|(parent, key)| ring.take(parent, key)));
            }
        }
        ring
    }

    /// The key of an epoch, if it is held.
    pub fn key(&self, epoch: EpochId) -> Option<&EpochKey> {
        self.keys.get(&epoch)
    }

    /// The epochs whose keys are held.
    pub fn held(&self) -> &BTreeSet<EpochId> {
        &self.held
    }

    /// Epochs for which what was sealed to this device opened to another key, or a parent's key did not open:
    /// ignored, and to be shown.
    pub fn strange(&self) -> &BTreeSet<EpochId> {
        &self.strange
    }

    /// Takes what opened for an epoch, if it is that epoch's key. Returns the epoch when the key is new.
    fn take(&mut self, epoch: EpochId, key: Option<EpochKey>) -> Option<EpochId> {
        let Some(key) = key else {
            self.strange.insert(epoch);
            return None;
        };
        self.keys.insert(epoch, key);
        self.held.insert(epoch).then_some(epoch)
    }
}
