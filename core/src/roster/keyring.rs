//! The keyring: epoch keys that a device can open. Follows parents, so that the newest key opens all history.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    Epoch, Roster,
    epoch::{key_named, purpose},
};
use crate::{
    id::{CommunityId, EpochId},
    key::{Compartment, DeviceKeys, EpochKey, Wrap, unwrap},
    sabotage::Rule,
};

const WRAP_CONTEXT: &str = "linli 2026 keyring wrap v2";
const PARENT_CONTEXT: &str = "linli 2026 keyring parent v2";

/// The epoch keys of one device.
#[derive(Clone, Debug, Default)]
pub struct Keyring {
    keys: BTreeMap<EpochId, EpochKey>,
    held: BTreeSet<EpochId>,
    /// The community's keys as they were before it had an id, by the names they had then.
    unborn: BTreeMap<EpochId, EpochKey>,
    strange: BTreeSet<EpochId>,
    /// Which keys each of them opened, as they really do.
    opens: BTreeMap<EpochId, BTreeSet<EpochId>>,
    /// What came of each wrap, so that none is opened twice.
    tried: BTreeMap<[u8; 32], Tried>,
    /// What came of each parent's key under one that is held, likewise.
    parents: BTreeMap<[u8; 32], Option<EpochKey>>,
}

/// What came of opening a wrap.
#[derive(Clone, Debug)]
enum Tried {
    /// It does not open.
    Closed,
    /// It opens to another key than it says.
    Strange,
    Opened(EpochKey),
}

impl Keyring {
    /// Opens all that was sealed to these keys, and what those open in turn. Costs one X25519 operation per wrap
    /// for this device.
    pub fn open(keys: &DeviceKeys, roster: &Roster) -> Self {
        Self::default().open_again(keys, roster)
    }

    /// The same by a roster that has changed since. What was tried before costs nothing: else each event of a roster
    /// full of keys would cost as much as all before it.
    pub fn open_again(&self, keys: &DeviceKeys, roster: &Roster) -> Self {
        let mut ring = Self::default();
        let (mut open, own, community) = (Vec::new(), keys.record(), roster.community());
        for epoch in roster.epochs.values().map(|epoch| &*epoch.0) {
            let purpose = purpose(community, epoch.compartment, epoch.id);
            for wrap in epoch.wraps(own.device) {
                let mut name = blake3::Hasher::new_derive_key(WRAP_CONTEXT);
                name.update(&own.sealing).update(&purpose).update(&wrap.encapsulated).update(&wrap.sealed);
                let name = *name.finalize().as_bytes();
                let tried =
                    self.tried.get(&name).cloned().unwrap_or_else(|| Tried::open(keys, community, epoch, &wrap));
                match &tried {
                    Tried::Closed => {}
                    Tried::Strange => open.extend(ring.take(epoch.id, None)),
                    Tried::Opened(key) => open.extend(ring.take(epoch.id, Some(key.clone()))),
                }
                ring.tried.insert(name, tried);
            }
        }
        while let Some(id) = open.pop() {
            if let Some(key) = ring.keys.get(&id).cloned()
                && let Some(epoch) = roster.epoch(key.compartment(), id)
            {
                for parent in epoch.sealed_parents() {
                    let mut name = blake3::Hasher::new_derive_key(PARENT_CONTEXT);
                    name.update(&[key.compartment().code()]).update(id.as_bytes());
                    let name = *name.update(parent.epoch.as_bytes()).update(&parent.sealed).finalize().as_bytes();
                    let opened = self.parents.get(&name).cloned().unwrap_or_else(|| epoch.open_parent(&key, parent));
                    if opened.is_some() {
                        ring.opens.entry(id).or_default().insert(parent.epoch);
                    }
                    open.extend(ring.take(parent.epoch, opened.clone()));
                    ring.parents.insert(name, opened);
                }
            }
        }
        ring
    }

    /// The key of an epoch, if it is held.
    pub fn key(&self, epoch: EpochId) -> Option<&EpochKey> {
        self.keys.get(&epoch)
    }

    /// The key of an epoch as the roster knows it, if it is held and of the compartment that the roster says.
    pub fn key_of(&self, epoch: &Epoch) -> Option<&EpochKey> {
        self.key(epoch.id).filter(|key| key.compartment() == epoch.compartment)
    }

    /// The keys of a compartment that are held, by name.
    pub(super) fn of(&self, compartment: Compartment) -> impl Iterator<Item = &EpochKey> {
        self.keys.values().filter(move |key| key.compartment() == compartment)
    }

    /// The key that opens a label: the community's own, under its name or the one that it had before the community
    /// had an id.
    pub fn label_key(&self, epoch: EpochId) -> Option<&EpochKey> {
        let own = self.key(epoch).filter(|key| key.compartment() == Compartment::Community);
        own.or_else(|| self.unborn.get(&epoch))
    }

    /// The epochs whose keys are held.
    pub fn held(&self) -> &BTreeSet<EpochId> {
        &self.held
    }

    /// What these epochs' keys open, and what those open in turn.
    pub(super) fn opened_by(&self, epochs: impl Iterator<Item = EpochId>) -> BTreeSet<EpochId> {
        let (mut opened, mut open) = (BTreeSet::new(), epochs.collect::<Vec<EpochId>>());
        while let Some(id) = open.pop() {
            let parents = self.opens.get(&id).into_iter().flatten();
            open.extend(parents.filter(|parent| opened.insert(**parent)));
        }
        opened
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
        if key.compartment() == Compartment::Community {
            let unborn = key.of(CommunityId::ZERO);
            self.unborn.insert(unborn.id(), unborn);
        }
        self.keys.insert(epoch, key);
        self.held.insert(epoch).then_some(epoch)
    }
}

impl Tried {
    fn open(keys: &DeviceKeys, community: CommunityId, epoch: &Epoch, wrap: &Wrap) -> Self {
        let purpose = purpose(community, epoch.compartment, epoch.id);
        let Ok(secret) = unwrap(keys, &purpose, wrap) else { return Self::Closed };
        key_named(community, epoch.compartment, epoch.id, &secret).map_or(Self::Strange, Self::Opened)
    }
}

impl Roster {
    /// The epoch to write under, among those whose keys are held: fewest withdrawn recipients; of these one that no other
    /// opens, for what opens another came later, whatever generation either claims; then greatest (generation, id). None only
    /// if no counted epoch of the compartment is held.
    pub fn writing_epoch(&self, compartment: Compartment, held: &Keyring) -> Option<EpochId> {
        let epochs = || self.epochs(compartment).filter(|epoch| epoch.counts && held.key_of(epoch).is_some());
        let open = |epoch: &Epoch| if Rule::WritingKey.is_left_out() { 0 } else { self.withdrawn_recipients(epoch) };
        let least = epochs().map(open).min()?;
        let best: Vec<&Epoch> = epochs().filter(|epoch| open(epoch) == least).collect();
        let replaced = held.opened_by(best.iter().map(|epoch| epoch.id));
        let newest = |epochs: &mut dyn Iterator<Item = &&Epoch>| {
            epochs.max_by_key(|epoch| (epoch.generation, epoch.id)).map(|epoch| epoch.id)
        };
        // Keys that open each other in a ring, which only a liar makes, must not all be passed over.
        newest(&mut best.iter().filter(|epoch| !replaced.contains(&epoch.id))).or_else(|| newest(&mut best.iter()))
    }
}
