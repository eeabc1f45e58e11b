//! The keyring: epoch keys that a device can open. Follows parents, so that the newest key opens all history.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    Roster,
    epoch::{Epoch, parent_place, purpose},
};
use crate::{
    id::{CommunityId, EpochId, TopicTag},
    key::{DeviceKeys, EpochKey, unwrap},
};

/// The epoch keys of one device.
#[derive(Debug, Default)]
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
                open.extend(ring.take(epoch.id, &secret));
            }
        }
        while let Some(id) = open.pop() {
            if let (Some(epoch), Some(key)) = (roster.epoch(id), ring.keys.get(&id).cloned()) {
                open.extend(ring.follow(epoch, &key));
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

    /// Epochs for which something sealed to this device opened to another key: ignored, and to be shown.
    pub fn strange(&self) -> &BTreeSet<EpochId> {
        &self.strange
    }

    /// Takes a key, if it is the one its name says. Returns it when it is new.
    fn take(&mut self, epoch: EpochId, secret: &[u8]) -> Option<EpochId> {
        let key = <[u8; EpochKey::LEN]>::try_from(secret).ok().map(EpochKey::from_bytes);
        let Some(key) = key.filter(|key| key.id() == epoch) else {
            self.strange.insert(epoch);
            return None;
        };
        self.keys.insert(epoch, key);
        self.held.insert(epoch).then_some(epoch)
    }

    fn follow(&mut self, epoch: &Epoch, key: &EpochKey) -> Vec<EpochId> {
        let mut new = Vec::new();
        for parent in &epoch.parents {
            let place = parent_place(epoch.id, parent.epoch);
            // A parent's key is the same in every community it could belong to, so only its place is bound.
            if let Ok(secret) = key.open(CommunityId::ZERO, TopicTag::ZERO, &place, &place, &parent.sealed) {
                new.extend(self.take(parent.epoch, &zeroize::Zeroizing::new(secret)));
            }
        }
        new
    }
}
